"""The desk: registering, finding, moving, cancelling and printing for others."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response

from dashboard.app import create_app
from dashboard.bootstrap import RunningOffice
from dashboard.web.auth import SESSION_COOKIE, hash_token
from dashboard.web.office import ReceiptPage
from screening.accounts import Role, User, WebSession
from screening.clock import FakeClock
from screening.decision import DecisionKind, Reason
from screening.office.services import Booking as Books
from screening.office.services import Question
from screening.receipts.desk import ReceiptDesk
from screening.receipts.keys import open_keys
from screening.receipts.links import ReceiptLinks
from screening.receipts.number import show_number
from screening.registration.bookings import PriorityGroup, Request
from screening.registration.registrar import Registered, Registrar
from screening.settings import Settings
from screening.visits import Attempt, EntryKind
from tests.dashboard.conftest import Browse, token_in
from tests.dashboard.fakes import NOON, FakeOffice

TODAY = date(2026, 11, 24)
WEDNESDAY, THURSDAY = date(2026, 11, 25), date(2026, 11, 26)
HOSTILE = '<script>alert(1)</script> "O\'Neil" \u202eevil =cmd|x 💠'


def open_desk(fake: FakeOffice, folder: Path) -> Registrar:
    """Give the office a registrar over its record, and the pages that go with it."""
    record, site = fake.record, fake.office.settings.site
    desk = ReceiptDesk(
        keys=open_keys(folder / "keys", site.code),
        book=record.receipts,
        services=record.services.services,
        clock=fake.clock,
        zone=site.zone,
        site=site.code,
        calendar=record.visits.calendar,
    )
    links = ReceiptLinks(secret=record.receipts.link_secret, book=record.receipts, issuer=site.code)
    registrar = Registrar(
        desk=desk,
        book=record.bookings,
        calendar=record.visits.calendar,
        clock=fake.clock,
        link=links.path,
    )

    def shown(number: str) -> ReceiptPage | None:
        found = registrar.registration(number)
        if found is None:
            return None
        return ReceiptPage(
            claims=found.claims,
            token=desk.sign(found.claims).token,
            use=desk.use(found.claims),
            booking=found.booking,
            name=found.name,
            is_priority=found.is_priority,
            answers=found.answers,
            has_contact=found.contact is not None,
        )

    object.__setattr__(fake.office, "registrar", registrar)
    object.__setattr__(fake.office, "desk_receipt", shown)
    return registrar


@pytest.fixture
def registrar(fake: FakeOffice, tmp_path: Path) -> Registrar:
    return open_desk(fake, tmp_path)


@pytest.fixture
def officer(registrar: Registrar, logged_in: Browse) -> TestClient:
    return logged_in("rina")


def registered(registrar: Registrar, *, by: str = "", **changes: Any) -> Registered:
    values: dict[str, Any] = {"service": "KTP", "day": WEDNESDAY, "name": "Siti Aminah"}
    return registrar.register(Request(**{**values, **changes}), by=by)


def fill(officer: TestClient, service: str = "KTP", **fields: str) -> Response:
    """Fill the form in and send it."""
    page = officer.get(f"/desk/book?service={service}").text
    once = re.search(r'name="once" value="([^"]+)"', page)
    first = re.search(r'<option value="([^"]+)"', page)
    form = {"service": service, "name": "Siti Aminah", "party_size": "1"}
    form |= {"csrf_token": token_in(page), "once": once[1] if once else ""}
    form |= {"place": first[1]} if first else {}
    return officer.post("/desk/book", data={**form, **fields})


def send(officer: TestClient, path: str, **fields: str) -> Response:
    return officer.post(path, data={"csrf_token": token_in(officer.get("/desk").text), **fields})


def opened(officer: TestClient, answer: Response) -> Response:
    """The page to which an answer leads."""
    assert answer.status_code == 303, answer.text
    return officer.get(answer.headers["location"])


def number_of(answer: Response) -> str:
    found = re.match(r"/desk/([0-9A-Z]{10})", answer.headers["location"])
    assert found is not None
    return found[1]


def undo_last(officer: TestClient) -> Response:
    (act, *_) = officer.get("/desk").context["acts"]
    return send(officer, "/desk/undo", entry=str(act.entry_id))


def is_good(registrar: Registrar, number: str, fake: FakeOffice) -> bool:
    found = registrar.registration(number)
    assert found is not None
    use = fake.record.receipts.use_of(found.claims.issuer, number, since=NOON)
    return not use.revoked


@pytest.mark.parametrize(
    ("user", "status"), [("rina", 200), ("dewi", 200), ("admin", 200), ("budi", 403)]
)
def test_officers_work_at_the_desk(
    registrar: Registrar, logged_in: Browse, user: str, status: int
) -> None:
    for path in ("/desk", "/desk/book"):
        assert logged_in(user).get(path).status_code == status


def test_guards_work_there_where_the_office_allows_it(
    registrar: Registrar, fake: FakeOffice, guard: TestClient
) -> None:
    assert 'href="/desk"' not in guard.get("/gate/utama").text
    fake.record.facts.put(desk_for_guards=True)
    assert guard.get("/desk").status_code == 200
    assert 'href="/desk"' in guard.get("/gate/utama").text


def test_the_desk_is_nobody_else_s(registrar: Registrar, client: TestClient) -> None:
    number = registered(registrar).receipt.number
    for path in ("/desk", "/desk/book", f"/desk/{number}", "/desk/0000000000"):
        answer = client.get(path)
        assert (answer.status_code, answer.headers["location"][:7]) == (303, "/login?")
    for path in ("/desk", "/desk/book", "/desk/undo", f"/desk/{number}"):
        answer = client.post(path, data={"act": "cancel", "entry": "1"})
        assert answer.status_code in (303, 403)
    assert registrar.search("Siti")[0].cancelled_at is None


def test_an_office_without_registration_has_no_desk(logged_in: Browse) -> None:
    rina = logged_in("rina")
    assert rina.get("/desk").status_code == 404
    assert 'href="/desk"' not in rina.get("/dashboard").text


def test_somebody_without_a_smartphone_gets_a_place_and_paper(
    officer: TestClient, registrar: Registrar, fake: FakeOffice
) -> None:
    services = officer.get("/desk/book")
    assert services.context["services"][0].code == "KTP"
    assert [one.code for one in services.context["others"]] == ["REKAM"]
    assert "sedang tutup" in services.text
    done = fill(officer, name="  Siti   Aminah ", party_size="2")
    page = opened(officer, done)
    card = page.context["card"]
    assert (card.holder, card.party_size, card.when) == ("Siti Aminah", 2, "Rabu, 25 November")
    assert "Cetak" in page.text
    assert 'class="paper-code"' in page.text
    row = fake.record.visits.latest(limit=1)[0]
    assert (row.kind, row.operator) == (EntryKind.BOOKED, "rina")
    booking = registrar.booking(number_of(done))
    assert booking is not None
    assert (booking.booked_by, booking.language) == ("rina", "id")
    assert "oleh rina" in page.text


ASKED = (Question(code="nomor", texts={"id": "Nomor pengajuan"}),)


def ask_at_registering(fake: FakeOffice) -> None:
    ktp = fake.record.services.services()["KTP"]
    fake.record.services.put(replace(ktp, questions=ASKED))


def test_what_was_answered_is_told_to_officers_and_not_to_guards(
    officer: TestClient, guard: TestClient, registrar: Registrar, fake: FakeOffice
) -> None:
    ask_at_registering(fake)
    number = registered(registrar, answers={"nomor": "A-17"}, contact="0812345678").receipt.number
    page = officer.get(f"/desk/{number}")
    assert page.context["answers"] == (("Nomor pengajuan", "A-17"),)
    assert "0812345678" not in page.text
    fake.record.facts.put(desk_for_guards=True)
    seen = guard.get(f"/desk/{number}").text
    assert "Siti Aminah" in seen
    assert not [told for told in ("A-17", "Nomor pengajuan", 'value="contact"') if told in seen]
    assert send(guard, f"/desk/{number}", act="contact").status_code == 403
    assert "0812345678" not in str(fake.record.visits.latest(limit=9))


def test_a_contact_is_shown_on_request_and_the_log_says_to_whom(
    officer: TestClient, registrar: Registrar, fake: FakeOffice
) -> None:
    number = registered(registrar, contact="+62 812-3456").receipt.number
    silent = registered(registrar).receipt.number
    assert 'value="contact"' in officer.get(f"/desk/{number}").text
    assert 'value="contact"' not in officer.get(f"/desk/{silent}").text
    page = send(officer, f"/desk/{number}", act="contact")
    assert page.status_code == 200
    assert 'href="tel:+628123456"' in page.text
    row = fake.record.visits.latest(limit=1)[0]
    assert (row.kind, row.operator, row.receipt_number) == ("contact_shown", "rina", number)
    assert send(officer, f"/desk/{silent}", act="contact").status_code == 200
    assert fake.record.visits.latest(limit=1)[0] == row
    assert "+62 812-3456" not in officer.get(f"/desk/{number}").text


def test_a_tap_on_an_address_writes_to_it_alone(officer: TestClient, registrar: Registrar) -> None:
    number = registered(registrar, contact="siti?bcc=x&body=y%0d,z@example.id").receipt.number
    page = send(officer, f"/desk/{number}", act="contact")
    assert 'href="mailto:siti%3Fbcc%3Dx%26body%3Dy%250d%2Cz@example.id"' in page.text


def test_the_desk_asks_what_the_office_needs_to_know(
    officer: TestClient, registrar: Registrar, fake: FakeOffice
) -> None:
    asked = (
        Question(code="nomor", texts={"id": "Nomor pengajuan"}, is_required=True),
        Question(code="catatan", texts={"id": "Catatan"}),
    )
    ktp = fake.record.services.services()["KTP"]
    fake.record.services.put(replace(ktp, questions=asked))
    assert "Nomor pengajuan" in officer.get("/desk/book?service=KTP").text
    missing = fill(officer, answer_catatan=HOSTILE)
    assert missing.status_code == 422
    assert 'aria-describedby="answer_nomor-wrong"' in missing.text
    assert "Bagian ini perlu diisi" in missing.text
    assert "&lt;script&gt;alert(1)" in missing.text
    booking = registrar.booking(number_of(fill(officer, answer_nomor=" 12 ", answer_x="y")))
    assert booking is not None
    assert booking.answers == {"nomor": "12"}


def test_no_link_of_a_receipt_is_left_at_the_desk(
    officer: TestClient, registrar: Registrar
) -> None:
    done = registered(registrar)
    found = opened(officer, send(officer, "/desk", text=done.receipt.number))
    for page in (found, officer.get("/desk"), opened(officer, fill(officer))):
        assert "/r/" not in page.text
        assert done.link.rpartition("/")[2] not in page.text
        assert "serviceWorker" not in page.text
        assert page.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("service", ["LEGALISIR", "DARURAT"])
def test_walk_in_and_emergency_are_good_today(
    officer: TestClient, registrar: Registrar, fake: FakeOffice, service: str
) -> None:
    form = officer.get(f"/desk/book?service={service}")
    assert form.context["places"] == ()
    assert "berlaku mulai hari ini" in form.text
    done = fill(officer, service)
    found = registrar.registration(number_of(done))
    assert found is not None
    assert found.claims.not_before <= NOON < found.claims.expires
    row = fake.record.visits.latest(limit=1)[0]
    assert (row.kind, row.operator) == (EntryKind.ISSUED, "rina")
    assert 'class="paper-code"' in opened(officer, done).text


def test_a_collection_is_never_for_today(
    officer: TestClient, registrar: Registrar, fake: FakeOffice
) -> None:
    page = officer.get("/desk/book?service=KTP").text
    assert TODAY.isoformat() not in page
    assert fill(officer, place=TODAY.isoformat()).status_code == 409
    services = dict(fake.record.facts.current().services)
    services["KTP"] = replace(services["KTP"], booking=Books.NONE)
    fake.record.facts.put(services=services)
    assert "berlaku mulai Rabu, 25 November" in officer.get("/desk/book?service=KTP").text
    found = registrar.registration(number_of(fill(officer)))
    assert found is not None
    assert found.claims.not_before > NOON


def test_the_same_form_sent_twice_registers_once(officer: TestClient, registrar: Registrar) -> None:
    first = fill(officer, once="abc")
    again = fill(officer, once="abc")
    assert first.headers["location"] == again.headers["location"]
    assert len(registrar.search("Siti")) == 1
    fill(officer, once="other")
    assert len(registrar.search("Siti")) == 2


def test_whoever_goes_back_and_chooses_another_day_gets_that_day(
    officer: TestClient, registrar: Registrar
) -> None:
    first, second = (
        number_of(fill(officer, once="abc", place=day)) for day in ("2026-11-25", "2026-11-26")
    )
    booked = [registrar.booking(number) for number in (first, second)]
    assert [one.place.day.day for one in booked if one is not None] == [25, 26]


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"name": " "}, "Ketik namanya"),
        ({"name": "x" * 121}, "terlalu panjang"),
        ({"party_size": "0"}, "Ketik berapa orang"),
        ({"party_size": "many"}, "Ketik berapa orang"),
        ({"party_size": "21"}, "Sebanyak itu"),
        ({"place": ""}, "Pilih hari"),
        ({"place": "tomorrow"}, "Pilih hari"),
    ],
    ids=str,
)
def test_what_is_wrong_is_told_and_what_was_typed_stays(
    officer: TestClient, registrar: Registrar, fields: dict[str, str], told: str
) -> None:
    typed = {"name": "Ma'ruf", "party_size": "3", "priority": "yes", "place": "2026-11-26"}
    answer = fill(officer, **{**typed, **fields})
    assert answer.status_code == 422
    assert told in answer.text
    for field, value in (("name", "Ma'ruf"), ("party_size", "3")):
        if field not in fields:
            assert answer.context[field] == value
    assert answer.context["is_priority"]
    if "place" not in fields:
        chosen = [one for day in answer.context["places"] for one in day.choices if one.is_chosen]
        assert [one.value for one in chosen] in (["2026-11-26"], [])
    assert registrar.search("") == []


def test_a_receipt_scanned_into_the_name_registers_nobody(
    officer: TestClient, registrar: Registrar
) -> None:
    done = registered(registrar, name="Budi")
    for scanned in (done.receipt.token[:120], show_number(done.receipt.number)):
        answer = fill(officer, name=scanned)
        assert answer.status_code == 422
        assert "Ketik namanya" in answer.text
        assert answer.context["name"] == ""
    assert [one.name for one in registrar.search("")] == ["Budi"]
    assert fill(officer, name="Sri Rahayu").status_code == 303


def limited(fake: FakeOffice, **changes: Any) -> None:
    services = dict(fake.record.facts.current().services)
    services["KTP"] = replace(services["KTP"], **changes)
    fake.record.facts.put(services=services)


def values_of(page: Response) -> list[str]:
    return [one.value for day in page.context["places"] for one in day.choices]


def test_a_day_that_was_taken_meanwhile_is_told_with_the_others(
    officer: TestClient, registrar: Registrar, fake: FakeOffice
) -> None:
    limited(fake, daily_quota=1)
    registered(registrar)
    answer = fill(officer, place=WEDNESDAY.isoformat(), name="Budi Santoso")
    assert answer.status_code == 409
    assert "Hari itu sudah penuh" in answer.text
    assert answer.context["name"] == "Budi Santoso"
    assert values_of(answer)[0] == THURSDAY.isoformat()


def test_what_is_kept_for_priority_groups_is_offered_as_such(
    officer: TestClient, registrar: Registrar, fake: FakeOffice
) -> None:
    limited(fake, daily_quota=1, priority_quota=1)
    first = officer.get("/desk/book?service=KTP").context["places"][0].choices[0]
    assert "hanya untuk prioritas" in first.words
    assert fill(officer, place=first.value).status_code == 409
    done = fill(officer, place=first.value, priority="yes")
    assert opened(officer, done).context["is_priority"]


def test_times_are_offered_by_day(
    officer: TestClient, registrar: Registrar, fake: FakeOffice
) -> None:
    limited(fake, booking=Books.SLOT)
    page = officer.get("/desk/book?service=KTP")
    first = page.context["places"][0]
    assert first.words == "Rabu, 25 November"
    assert first.choices[0].value == "2026-11-25T08:00"
    card = opened(officer, fill(officer, place="2026-11-25T08:30")).context["card"]
    assert card.when == "Rabu, 25 November, pukul 08.30–09.00"


def test_of_a_priority_group_only_the_word_priority_is_shown(
    officer: TestClient, registrar: Registrar
) -> None:
    done = registered(registrar, group=PriorityGroup.PREGNANT, contact="siti@example.org")
    registered(registrar, name="Siti Zubaidah")
    for page in (
        officer.get(f"/desk/{done.receipt.number}"),
        send(officer, "/desk", text="siti"),
    ):
        assert "prioritas" in page.text
        for secret in ("pregnant", "hamil", "siti@example.org"):
            assert secret not in page.text.replace('placeholder="siti@', "")


def test_somebody_is_found_by_number_code_name_and_day(
    officer: TestClient, registrar: Registrar
) -> None:
    done = registered(registrar)
    other = registered(registrar, name="Budi Santoso", day=THURSDAY)
    for text in (
        done.receipt.number,
        show_number(done.receipt.number).lower(),
        done.receipt.token,
        done.receipt.token.lower() + "\r\n",
        "aminah",
    ):
        answer = send(officer, "/desk", text=text)
        assert answer.headers["location"] == f"/desk/{done.receipt.number}"
    on_thursday = send(officer, "/desk", day=THURSDAY.isoformat())
    assert [one.number for one in on_thursday.context["found"]] == [other.receipt.number]
    assert on_thursday.context["found"][0].when == "Kamis, 26 November"
    both = send(officer, "/desk", text="a")
    assert [one.name for one in both.context["found"]] == ["Siti Aminah", "Budi Santoso"]


@pytest.mark.parametrize(
    ("text", "told"),
    [("Nobody Here", "Tidak ada yang ditemukan"), ("GB1:ABC123DEF456", "Bukan"), ("", None)],
)
def test_what_is_not_found_is_told(
    officer: TestClient, registrar: Registrar, text: str, told: str | None
) -> None:
    answer = send(officer, "/desk", text=text)
    if told is None:
        assert answer.headers["location"] == "/desk"
    else:
        assert answer.status_code == 200
        assert answer.context["problem"]
        assert answer.context["found"] in (None, ())
    assert officer.get("/desk/7KQ2M9XV4T").status_code == 404
    assert send(officer, "/desk", text="Siti", day="soon").context["problem"]


def test_many_that_fit_are_told_as_many(officer: TestClient, registrar: Registrar) -> None:
    for count in range(22):
        registered(registrar, name=f"Siti {count}")
    found = send(officer, "/desk", text="siti")
    assert len(found.context["found"]) == 20
    assert "Masih ada yang lain" in found.text


def test_a_booking_is_moved_and_moved_back(
    officer: TestClient, registrar: Registrar, fake: FakeOffice
) -> None:
    number = registered(registrar).receipt.number
    page = officer.get(f"/desk/{number}")
    assert WEDNESDAY.isoformat() not in values_of(page)
    moved = send(officer, f"/desk/{number}", act="move", place=THURSDAY.isoformat())
    page = opened(officer, moved)
    assert page.context["card"].when == "Kamis, 26 November"
    assert "Sudah dipindahkan" in page.text
    row = fake.record.visits.latest(limit=1)[0]
    assert (row.kind, row.operator) == (EntryKind.BOOKING_CHANGED, "rina")
    act = officer.get("/desk").context["acts"][0]
    assert act.detail == "Rabu, 25 November → Kamis, 26 November"
    assert act.name == "Siti Aminah"
    back = opened(officer, undo_last(officer))
    assert back.context["card"].when == "Rabu, 25 November"
    found = registrar.registration(number)
    assert found is not None
    assert found.claims.not_before < found.claims.expires <= NOON + timedelta(days=8)
    assert not officer.get("/desk").context["acts"][0].can_undo


@pytest.mark.parametrize("place", ["", "yesterday", "2026-11-24", "2026-11-28", "2026-11-26T25:00"])
def test_nobody_is_moved_to_where_there_is_nothing(
    officer: TestClient, registrar: Registrar, place: str
) -> None:
    number = registered(registrar).receipt.number
    answer = send(officer, f"/desk/{number}", act="move", place=place)
    assert answer.status_code in (409, 422)
    assert answer.context["problem"]
    assert answer.context["card"].when == "Rabu, 25 November"


@pytest.mark.parametrize(
    ("service", "day"), [("KTP", WEDNESDAY), ("LEGALISIR", None)], ids=["booked", "walk-in"]
)
def test_a_receipt_is_cancelled_and_good_again(
    officer: TestClient,
    registrar: Registrar,
    fake: FakeOffice,
    service: str,
    day: date | None,
) -> None:
    number = registered(registrar, service=service, day=day).receipt.number
    page = opened(officer, send(officer, f"/desk/{number}", act="cancel"))
    assert page.context["word"] == "Dibatalkan"
    assert page.context["slip"] is None
    assert not page.context["can_move"]
    row = fake.record.visits.latest(limit=1)[0]
    assert (row.kind, row.operator, row.remark) == (EntryKind.REVOKE, "rina", "cancelled")
    assert not is_good(registrar, number, fake)
    if day is not None:
        opened(officer, undo_last(officer))
        assert is_good(registrar, number, fake)


def test_a_stolen_receipt_is_replaced_and_the_thief_stays_outside(
    officer: TestClient, registrar: Registrar, fake: FakeOffice
) -> None:
    limited(fake, daily_quota=1)
    old = registered(registrar).receipt.number
    answer = send(officer, f"/desk/{old}", act="replace")
    new = number_of(answer)
    assert new != old
    page = opened(officer, answer)
    assert (page.context["card"].holder, page.context["card"].when) == (
        "Siti Aminah",
        "Rabu, 25 November",
    )
    assert not is_good(registrar, old, fake)
    assert is_good(registrar, new, fake)
    assert registrar.registered(new).link != registrar.registered(old).link
    opened(officer, undo_last(officer))
    assert is_good(registrar, old, fake)
    assert not is_good(registrar, new, fake)


def test_what_was_given_is_taken_back(
    officer: TestClient, registrar: Registrar, fake: FakeOffice
) -> None:
    number = number_of(fill(officer))
    page = opened(officer, undo_last(officer))
    assert "Sudah diurungkan" in page.text
    assert not is_good(registrar, number, fake)
    acts = officer.get("/desk").context["acts"]
    assert [(act.number, act.can_undo) for act in acts] == [(number, False)]


def test_nobody_takes_back_what_others_did(
    officer: TestClient, registrar: Registrar, logged_in: Browse, fake: FakeOffice
) -> None:
    number = number_of(fill(officer))
    entry = officer.get("/desk").context["acts"][0].entry_id
    dewi = logged_in("dewi")
    assert dewi.get("/desk").context["acts"] == ()
    answer = send(dewi, "/desk/undo", entry=str(entry))
    assert answer.status_code == 409
    assert is_good(registrar, number, fake)


def test_whoever_came_in_is_not_cancelled_moved_or_undone(
    officer: TestClient, registrar: Registrar, fake: FakeOffice
) -> None:
    number = number_of(fill(officer, "LEGALISIR"))
    entry = officer.get("/desk").context["acts"][0].entry_id
    found = registrar.registration(number)
    assert found is not None
    fake.record.visits.write(
        Attempt(
            attempt_id="a",
            gate="utama",
            at=NOON,
            decision=DecisionKind.ADMIT,
            reason=Reason.ADMITTED,
            receipt=found.claims,
            service="LEGALISIR",
        )
    )
    page = officer.get(f"/desk/{number}")
    assert not page.context["can_cancel"]
    for act in ("cancel", "replace", "move"):
        answer = send(officer, f"/desk/{number}", act=act, place=THURSDAY.isoformat())
        assert answer.status_code == 409
    assert send(officer, "/desk/undo", entry=str(entry)).status_code == 409
    assert not officer.get("/desk").context["acts"][0].can_undo


def test_only_the_last_ten_acts_of_a_day_are_listed(
    officer: TestClient, registrar: Registrar, fake: FakeOffice
) -> None:
    for count in range(12):
        registered(registrar, by="rina", name=f"Siti {count}")
    acts = officer.get("/desk").context["acts"]
    assert [act.name for act in acts] == [f"Siti {count}" for count in range(11, 1, -1)]
    fake.clock.move_to(NOON + timedelta(hours=25))
    assert registrar.acts("rina") == []


def test_a_hostile_name_is_shown_as_it_is(officer: TestClient, registrar: Registrar) -> None:
    done = fill(officer, name=HOSTILE)
    for page in (
        opened(officer, done),
        officer.get("/desk"),
        fill(officer, name=HOSTILE, place=""),
    ):
        assert "<script>alert" not in page.text
        assert "&lt;script&gt;" in page.text
        assert "💠" in page.text
    assert "\u202e" not in opened(officer, done).text


def test_paper_speaks_the_holder_s_language(officer: TestClient, registrar: Registrar) -> None:
    number = registered(registrar, language="en").receipt.number
    page = officer.get(f"/desk/{number}")
    assert '<html lang="id"' in page.text
    paper = page.text[page.text.index('class="paper"') :]
    assert 'lang="en"' in paper
    assert "Wednesday, November 25" in paper or "Wednesday, 25 November" in paper


def test_the_whole_is_kept_by_a_real_record(tmp_path: Path) -> None:
    clock, settings = FakeClock(NOON), Settings(_env_file=None, data=tmp_path / "data")
    with RunningOffice.open(settings, clock=clock) as running:
        officer = log_in_to(running)
        number = number_of(fill(officer))
        send(officer, f"/desk/{number}", act="move", place=THURSDAY.isoformat())
        undo_last(officer)
        new = number_of(send(officer, f"/desk/{number}", act="replace"))
        undo_last(officer)
        send(officer, f"/desk/{number}", act="cancel")
        assert "Dibatalkan" in officer.get(f"/desk/{number}").text
        opened(officer, undo_last(officer))
        walk_in = number_of(fill(officer, "LEGALISIR"))
        opened(officer, send(officer, f"/desk/{walk_in}", act="cancel"))
        opened(officer, undo_last(officer))
        assert officer.get(f"/desk/{number}").context["card"].when == "Rabu, 25 November"
        assert officer.get(f"/desk/{number}").context["can_move"]
        assert officer.get(f"/desk/{walk_in}").context["can_cancel"]
        assert not officer.get(f"/desk/{new}").context["can_cancel"]
        assert len(officer.get("/desk").context["acts"]) == 6
        assert running.record.visits.verify().is_intact


def log_in_to(running: RunningOffice) -> TestClient:
    """An officer's browser before an office that runs."""
    accounts = running.record.accounts
    accounts.add_user(User("rina", Role.OFFICER, "x", NOON))
    accounts.open_session(
        WebSession(
            token_hash=hash_token("token"),
            user="rina",
            role=Role.OFFICER,
            csrf_token="form",
            created_at=NOON,
            expires_at=NOON + timedelta(hours=12),
        )
    )
    client = TestClient(create_app(running.office()), follow_redirects=False)
    client.cookies.set(SESSION_COOKIE, "token", domain="testserver.local")
    return client
