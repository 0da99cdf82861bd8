"""People are invited, given roles, locked, reset and removed from a page."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response

from dashboard.web.auth import hash_token
from dashboard.web.passwords import is_password_of
from screening.accounts import NO_PASSWORD, Role, User
from screening.office.facts import SecondFactor
from tests.dashboard.conftest import Browse, log_in, send, token_in
from tests.dashboard.fakes import NOON, PASSWORD, FakeOffice

PEOPLE = "/admin/people"


def person(fake: FakeOffice, name: str) -> User:
    found = fake.record.accounts.user(name)
    assert found is not None
    return found


def page_of(name: str) -> str:
    return f"{PEOPLE}/person?name={name}"


def look(client: TestClient, act: str, name: str, **fields: str) -> Response:
    return send(client, PEOPLE, f"{PEOPLE}/{act}", name=name, **fields)


def do(client: TestClient, act: str, name: str, **fields: str) -> Response:
    """Look it over, then do it."""
    seen = look(client, act, name, **fields).context["seen"]
    return look(client, act, name, **fields, step="change", seen=seen)


def told(fake: FakeOffice) -> list[tuple[str | None, str | None]]:
    return [(row.operator, row.remark) for row in fake.record.visits.export()]


def test_somebody_is_invited_by_a_link_that_is_shown_once(
    logged_in: Browse, client: TestClient, fake: FakeOffice
) -> None:
    admin = logged_in("admin")
    page = send(admin, PEOPLE, f"{PEOPLE}/invite", name=" tono ", role="officer")
    link = page.context["secret"]
    assert link.startswith("http://testserver/join/")
    (line,) = [one for one in admin.get(PEOPLE).context["people"] if one.name == "tono"]
    assert (line.state, line.last_login) == ("invited", "belum pernah")
    assert link not in admin.get(PEOPLE).text
    path = urlsplit(link).path
    send(client, path, path, password="sepeda biru di atap", again="sepeda biru di atap")
    assert log_in(client, "tono", "sepeda biru di atap").status_code == 303
    assert told(fake) == [
        ("admin", "users.tono.role: – → officer"),
        ("admin", "users.tono.password: – → link"),
        ("tono", "users.tono.password: link → new"),
    ]
    (line,) = [one for one in admin.get(PEOPLE).context["people"] if one.name == "tono"]
    assert (line.state, line.note) == ("open", "")


@pytest.mark.parametrize(
    ("name", "role"), [("budi", "guard"), ("", "guard"), ("key:x", "guard"), ("tono", "king")]
)
def test_what_cannot_be_invited_is_told_and_kept(
    logged_in: Browse, fake: FakeOffice, name: str, role: str
) -> None:
    answer = send(logged_in("admin"), PEOPLE, f"{PEOPLE}/invite", name=name, role=role)
    assert answer.status_code == 422
    assert answer.context["typed"][0] == name
    assert told(fake) == []


def test_a_role_is_looked_over_and_changed(logged_in: Browse, fake: FakeOffice) -> None:
    admin, rina = logged_in("admin"), logged_in("rina")
    looked = look(admin, "role", "rina", role="manager")
    (difference,) = looked.context["differences"]
    assert (difference.before, difference.after) == ("Petugas", "Kepala layanan")
    assert person(fake, "rina").role is Role.OFFICER
    done = do(admin, "role", "rina", role="manager")
    assert done.headers["location"] == f"{page_of('rina')}&done=role"
    assert person(fake, "rina").role is Role.MANAGER
    assert rina.get("/account").status_code == 303
    assert told(fake) == [("admin", "users.rina.role: officer → manager")]


def test_what_changed_meanwhile_is_looked_over_again(logged_in: Browse, fake: FakeOffice) -> None:
    admin = logged_in("admin")
    seen = look(admin, "role", "rina", role="manager").context["seen"]
    fake.record.accounts.change_role("rina", Role.GUARD, operator="other", at=NOON)
    again = look(admin, "role", "rina", role="manager", step="change", seen=seen)
    assert again.context["is_late"]
    assert person(fake, "rina").role is Role.GUARD


def test_somebody_is_locked_and_let_in_again(
    logged_in: Browse, client: TestClient, fake: FakeOffice
) -> None:
    admin, budi = logged_in("admin"), logged_in("budi")
    assert budi.get("/gate/utama").status_code == 200
    do(admin, "lock", "budi", locked="true")
    assert budi.get("/gate/utama").status_code == 303
    assert log_in(client, "budi").status_code == 403
    (line,) = [one for one in admin.get(PEOPLE).context["people"] if one.name == "budi"]
    assert line.state == "locked"
    do(admin, "lock", "budi", locked="false")
    assert log_in(client, "budi").status_code == 303


def test_a_new_link_makes_the_password_of_before_worthless(
    logged_in: Browse, fake: FakeOffice
) -> None:
    admin = logged_in("admin")
    assert is_password_of(person(fake, "sari"), PASSWORD)
    shown = do(admin, "reset", "sari")
    assert "/join/" in shown.context["secret"]
    assert person(fake, "sari").password_hash == NO_PASSWORD


def test_somebody_is_removed(logged_in: Browse, fake: FakeOffice) -> None:
    admin = logged_in("admin")
    done = do(admin, "remove", "sari")
    assert done.headers["location"] == f"{PEOPLE}?done=removed"
    assert fake.record.accounts.user("sari") is None
    assert admin.get(page_of("sari")).status_code == 404


def test_a_lost_phone_is_no_longer_asked_for(logged_in: Browse, fake: FakeOffice) -> None:
    fake.record.accounts.set_code_secret("dewi", "JBSWY3DP", ["1"], operator="dewi", at=NOON)
    do(logged_in("admin"), "no-code", "dewi")
    assert person(fake, "dewi").code_secret is None
    assert told(fake)[-1] == ("admin", "users.dewi.second_factor: True → False")


@pytest.mark.parametrize(
    ("act", "fields"),
    [
        ("role", {"role": "guard"}),
        ("lock", {"locked": "true"}),
        ("reset", {}),
        ("remove", {}),
        ("no-code", {}),
    ],
)
def test_nobody_does_it_to_themselves_by_accident(
    logged_in: Browse, fake: FakeOffice, act: str, fields: dict[str, str]
) -> None:
    client = logged_in("admin")
    before = person(fake, "admin")
    answer = look(client, act, "admin", **fields)
    assert answer.status_code == 409
    assert answer.context["around"].problem
    assert person(fake, "admin") == before


@pytest.mark.parametrize("act", ["role", "lock", "reset", "remove"])
def test_the_last_administrator_who_can_log_in_stays(
    logged_in: Browse, fake: FakeOffice, act: str
) -> None:
    client = logged_in("admin")
    fake.record.accounts.add_user(User("lain", Role.ADMINISTRATOR, "x", NOON))
    fields = {"role": "guard"} if act == "role" else {}
    looked = look(client, act, "lain", **fields)
    fake.record.accounts.set_locked("admin", is_locked=True, operator="lain", at=NOON)
    # Their log-in of before is still known for a moment, and the record refuses all the same.
    token = looked.text.split('name="csrf_token" value="')[1].split('"')[0]
    form = {"csrf_token": token, "name": "lain", **fields, "step": "change"}
    answer = client.post(f"{PEOPLE}/{act}", data=form | {"seen": looked.context["seen"]})
    assert answer.status_code == 409
    lain = person(fake, "lain")
    assert (lain.role, lain.locked_at, lain.password_hash) == (Role.ADMINISTRATOR, None, "x")


def test_log_ins_of_others_are_seen_and_ended(logged_in: Browse, fake: FakeOffice) -> None:
    admin, budi = logged_in("admin"), logged_in("budi")
    assert budi.get("/gate/utama").status_code == 200
    (line,) = admin.get(page_of("budi")).context["sessions"]
    answer = look(admin, f"sessions/{line.number}/end", "budi")
    assert answer.headers["location"] == f"{page_of('budi')}&done=ended"
    assert budi.get("/gate/utama").status_code == 303
    assert told(fake) == [("admin", "users.budi.sessions: 1 → 0")]
    assert fake.record.accounts.session(hash_token("session-of-admin"), at=NOON) is not None


def test_the_second_factor_is_asked_for_from_a_page(logged_in: Browse, fake: FakeOffice) -> None:
    admin = logged_in("admin")
    form = {"csrf_token": token_in(admin.get(PEOPLE).text), "wanted": "required"}
    looked = admin.post(f"{PEOPLE}/second-factor", data=form)
    form |= {"step": "change", "seen": looked.context["seen"]}
    admin.post(f"{PEOPLE}/second-factor", data=form)
    assert fake.record.facts.current().second_factor is SecondFactor.REQUIRED
    assert admin.get(PEOPLE).context["is_factor_required"]


def test_changes_of_people_stand_among_the_changes(logged_in: Browse, fake: FakeOffice) -> None:
    admin = logged_in("admin")
    do(admin, "role", "rina", role="manager")
    (line,) = admin.get("/admin/changes").context["lines"]
    (difference,) = line.differences
    assert (difference.what, difference.before, difference.after) == (
        "rina: Tugas",
        "Petugas",
        "Kepala layanan",
    )
    assert not line.can_undo
