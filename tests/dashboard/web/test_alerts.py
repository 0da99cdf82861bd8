"""What needs somebody, on the pages of whoever can do something about it."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi.testclient import TestClient

from dashboard.web.alert_words import WORDINGS, AlertLine, AlertWords
from dashboard.web.language import Languages
from dashboard.web.office_words import Words
from screening.alerts.alerts import Alert, AlertKind, Finding, Level
from screening.events import AlertsChanged
from screening.office.services import Channel, Service
from screening.readings import DeviceKind
from tests.dashboard.conftest import Browse, send, token_in
from tests.dashboard.fakes import NOON, FakeGateControl, FakeOffice, devices, view_of

LANGUAGES = Languages()


def raise_(fake: FakeOffice, kind: AlertKind, subject: str = "", **more: Any) -> Alert:
    values: dict[str, Any] = {"level": Level.ABOVE, "value": 31, "limit": 25, **more}
    found = Finding(kind=kind, subject=subject, **values)
    alert = fake.record.alerts.raise_(found, at=NOON)
    assert alert is not None
    return alert


def kinds(needs: tuple[AlertLine, ...]) -> list[str]:
    return [one.kind for one in needs]


def test_a_manager_sees_what_to_do_and_which_rule_told_it(
    logged_in: Browse, fake: FakeOffice
) -> None:
    raise_(fake, AlertKind.QUEUE_LONG, "KTP")
    page = logged_in("dewi").get("/dashboard")
    (need,) = page.context["needs"]
    assert need.headline == "31 orang menunggu KTP elektronik."
    assert (need.since, need.taken_by) == ("12.00", "")
    for visible in (need.headline, need.advice, need.rule, "Perlu penanganan", "Saya tangani"):
        assert visible in page.text


def test_nothing_to_do_shows_nothing(logged_in: Browse) -> None:
    page = logged_in("dewi").get("/dashboard")
    assert page.context["needs"] == ()
    assert (
        'id="needs" class="card needs" aria-live="polite" aria-label="Perlu penanganan" hidden'
        in (page.text)
    )


@pytest.mark.parametrize("name", ["dewi", "rina", "budi", "admin"])
def test_whoever_works_here_may_take_it_and_is_named(
    logged_in: Browse, fake: FakeOffice, name: str
) -> None:
    alert = raise_(fake, AlertKind.NEARLY_FULL, value=92, limit=90)
    page = "/gate/utama" if name == "budi" else "/dashboard"
    answer = send(logged_in(name), page, f"/alerts/{alert.alert_id}/taken", back=page)
    assert (answer.status_code, answer.headers["location"]) == (303, page)
    again = logged_in("dewi").get("/dashboard")
    assert [one.taken_by for one in again.context["needs"]] == [name]
    assert f"Ditangani oleh {name}" in again.text
    assert f'id="take-{alert.alert_id}"' not in again.text


def test_who_took_it_first_is_shown_to_who_comes_second(
    logged_in: Browse, fake: FakeOffice
) -> None:
    alert = raise_(fake, AlertKind.NEARLY_FULL)
    for name in ("dewi", "rina"):
        client = logged_in(name)
        token = f"form-token-of-{name}"
        client.post(f"/alerts/{alert.alert_id}/taken", data={"csrf_token": token})
    (open_alert,) = fake.record.alerts.open_alerts()
    assert open_alert.acknowledged_by == "dewi"


def test_one_that_is_over_leads_back_as_if_it_were_taken(
    logged_in: Browse, fake: FakeOffice
) -> None:
    manager = logged_in("dewi")
    answer = send(manager, "/dashboard/mode", "/alerts/4711/taken")
    assert (answer.status_code, answer.headers["location"]) == (303, "/dashboard")
    assert send(manager, "/dashboard/mode", f"/alerts/{2**63}/taken").status_code == 404
    answer = send(manager, "/dashboard/mode", "/alerts/4711/taken", back="//evil.example/")
    assert answer.headers["location"] == "/"


def test_without_the_forms_token_or_a_log_in_nothing_is_taken(
    client: TestClient, logged_in: Browse, fake: FakeOffice
) -> None:
    alert = raise_(fake, AlertKind.NEARLY_FULL)
    path = f"/alerts/{alert.alert_id}/taken"
    assert logged_in("dewi").post(path, data={"csrf_token": "made up"}).status_code == 403
    stranger = client.post(path, data={"csrf_token": token_in(client.get("/login").text)})
    assert stranger.headers["location"].startswith("/login")
    assert [one.acknowledged_by for one in fake.record.alerts.open_alerts()] == [None]


EVERY = (
    (AlertKind.QUEUE_LONG, "KTP"),
    (AlertKind.OUTSIDE_LONG, ""),
    (AlertKind.NEARLY_FULL, ""),
    (AlertKind.DEVICE_DOWN, "utama/scanner"),
    (AlertKind.DEVICE_DOWN, "samping/camera"),
    (AlertKind.BACKUP_OLD, "counter-pc"),
)


def test_each_role_sees_what_it_can_do_something_about(logged_in: Browse, fake: FakeOffice) -> None:
    for kind, subject in EVERY:
        raise_(fake, kind, subject)
    of_manager = logged_in("dewi").get("/dashboard").context["needs"]
    assert [(one.kind, one.about) for one in of_manager] == list(EVERY)
    of_officer = logged_in("rina").get("/dashboard").context["needs"]
    assert kinds(of_officer) == [AlertKind.QUEUE_LONG, AlertKind.NEARLY_FULL]
    of_guard = logged_in("budi").get("/gate/utama").context["needs"]
    assert [(one.kind, one.about) for one in of_guard] == [
        (AlertKind.OUTSIDE_LONG, ""),
        (AlertKind.NEARLY_FULL, ""),
        (AlertKind.DEVICE_DOWN, "utama/scanner"),
    ]


def test_a_guard_takes_a_lost_device_where_the_page_tells_of_it(
    guard: TestClient, gate: FakeGateControl, fake: FakeOffice
) -> None:
    gate.shown = view_of("utama", devices=devices(DeviceKind.SCANNER))
    alert = raise_(fake, AlertKind.DEVICE_DOWN, "utama/scanner", detail="unplugged")
    page = guard.get("/gate/utama")
    assert page.text.count(f'id="take-{alert.alert_id}"') == 1
    assert page.text.count('data-kind="device_down"') == 0, "the device's own notice tells it"
    send(guard, "/gate/utama", f"/alerts/{alert.alert_id}/taken", back="/gate/utama")
    assert "Ditangani oleh budi" in guard.get("/gate/utama").text


def test_a_devices_own_words_are_no_markup(logged_in: Browse, fake: FakeOffice) -> None:
    raise_(fake, AlertKind.DEVICE_DOWN, "utama/scanner", detail="<script>alert(1)</script>")
    page = logged_in("dewi").get("/dashboard").text
    assert "&lt;script&gt;alert(1)" in page
    assert "<script>alert(1)" not in page


SUBJECTS = {
    AlertKind.QUEUE_LONG: "KTP",
    AlertKind.WAIT_LONG: "",
    AlertKind.DEVICE_DOWN: "utama/scanner",
    AlertKind.CLOCK_WRONG: "utama",
    AlertKind.BACKUP_OLD: "counter-pc",
    AlertKind.UNUSUAL_REFUSALS: "receipts",
}


def words_in(code: str, fake: FakeOffice) -> AlertWords:
    facts = fake.record.facts.current()
    words = Words(LANGUAGES[code], "id", fake.office.settings.site.zone, lambda: facts.services)
    return AlertWords(words)


@pytest.mark.parametrize("code", ["id", "en"])
@pytest.mark.parametrize("kind", list(AlertKind))
def test_every_kind_has_its_words(fake: FakeOffice, code: str, kind: AlertKind) -> None:
    alert = raise_(fake, kind, SUBJECTS.get(kind, ""), value=12.5, limit=10)
    line = words_in(code, fake).line(alert)
    for text in (line.headline, line.advice, line.rule):
        assert text
        assert "%(" not in text
        assert "%%" not in text
    wording = WORDINGS[kind]
    if "%(value)s" in wording.headline:
        assert {"id": "12,5", "en": "12.5"}[code] in line.headline
    if "%(limit)s" in wording.rule:
        assert "10" in line.rule


def test_a_group_of_refusals_a_service_and_a_gate_go_by_their_names(fake: FakeOffice) -> None:
    service = Service(code="KK", channel=Channel.WALK_IN, names={"id": "Kartu Keluarga"})
    fake.record.facts.put(services={"KK": service})
    english = words_in("en", fake)
    lines = [
        english.line(raise_(fake, kind, subject)).headline
        for kind, subject in (
            (AlertKind.UNUSUAL_REFUSALS, "receipts"),
            (AlertKind.UNUSUAL_REFUSALS, "referrals"),
            (AlertKind.WAIT_LONG, "KK"),
            (AlertKind.WAIT_LONG, "GONE"),
            (AlertKind.DEVICE_DOWN, "utama/beam"),
        )
    ]
    assert lines == [
        "Unusually many are refused: their receipts are not good, 31 % of today's visitors.",
        "Unusually many are referred: 31 % of today's visitors.",
        "Somebody has waited 31 minutes for Kartu Keluarga.",
        "Somebody has waited 31 minutes for GONE.",
        "beam, gate utama does not answer.",
    ]


def test_what_a_newer_version_tells_is_shown_by_its_code(fake: FakeOffice) -> None:
    alert = Alert(alert_id=1, kind="roof_leaks", subject="room 2", value=1, limit=1, raised_at=NOON)
    assert "roof_leaks room 2" in words_in("en", fake).line(alert).headline


def test_an_alert_is_pushed_to_who_looks(fake: FakeOffice, logged_in: Browse) -> None:
    # The stream itself is the matter of test_room.py; here: the change is told to it.
    told: list[object] = []
    fake.hub.publish = told.append  # type: ignore[method-assign]
    alert = raise_(fake, AlertKind.NEARLY_FULL)
    send(logged_in("dewi"), "/dashboard/mode", f"/alerts/{alert.alert_id}/taken")
    (event,) = [one for one in told if isinstance(one, AlertsChanged)]
    assert [one.acknowledged_by for one in event.alerts] == ["dewi"]
