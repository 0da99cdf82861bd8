"""The visitor's screen."""

from __future__ import annotations

from datetime import time, timedelta

import pytest
from fastapi.testclient import TestClient

from dashboard.web.speakers import VOICE_COOKIE
from screening.decision import DecisionKind, Reason
from screening.errors import NotOwner
from screening.gate.view import CheckState, TemperatureView
from screening.office.changes import with_chosen_plan
from screening.office.hours import Span
from screening.waiting_room.chairs import Chair
from screening.waiting_room.plan import ChosenPlan
from tests.dashboard.conftest import Browse, send
from tests.dashboard.fakes import (
    NOON,
    VISITOR,
    FakeGateControl,
    FakeOffice,
    checks,
    verdict,
    view_of,
)


def test_the_kiosk_is_open_and_tells_the_next_step(
    client: TestClient, gate: FakeGateControl
) -> None:
    gate.shown = view_of(
        "utama",
        checks=checks(receipt=CheckState.PASSED),
        verdict=verdict(DecisionKind.FIX, Reason.PUT_MASK_ON),
    )
    answer = client.get("/kiosk/utama")
    assert answer.status_code == 200
    assert answer.context["live"].verdict.headline == "Pakai masker"
    assert 'data-state="fix"' in answer.text


def test_the_kiosk_shows_a_seat_and_a_ticket_but_nothing_about_the_person(
    client: TestClient, gate: FakeGateControl
) -> None:
    gate.shown = view_of(
        "utama",
        visitor=VISITOR,
        temperature=TemperatureView(
            raw_celsius=34.62, corrections=(), corrected_celsius=36.43, threshold_celsius=37.3
        ),
        verdict=verdict(DecisionKind.ADMIT, Reason.ADMITTED, seat="B7", ticket="KTP-014"),
    )
    html = client.get("/kiosk/utama").text
    assert "B7" in html
    assert "KTP-014" in html
    for private in ("Siti", "K7M2-9QXD", "36,4", "34,6", "picture.jpg"):
        assert private not in html


def test_the_kiosk_shows_where_the_seat_is(
    client: TestClient, fake: FakeOffice, gate: FakeGateControl
) -> None:
    gate.shown = view_of(
        "utama", verdict=verdict(DecisionKind.ADMIT, Reason.ADMITTED, seat="B7", ticket="K-014")
    )
    answer = client.get("/kiosk/utama")
    seats = answer.context["way"].seats
    assert [seat.label for seat in seats if seat.state == "wanted"] == ["B7"]
    assert len(seats) == 60, "every seat with its label"
    chairs = (Chair(label="B7", x=0, y=0, room="Samping"), Chair(label="A1", x=0, y=0, room="Aula"))
    plan = ChosenPlan(chairs=chairs, open_labels=frozenset({"B7"}), distance_m=1.0)
    fake.record.facts.change(with_chosen_plan(plan), operator="rina", at=NOON)
    answer = client.get("/kiosk/utama")
    assert [seat.label for seat in answer.context["way"].seats] == ["B7"]
    assert "Kursi · Samping" in answer.text


def test_a_seat_that_is_no_longer_on_the_plan_is_still_told(
    client: TestClient, gate: FakeGateControl
) -> None:
    gate.shown = view_of("utama", verdict=verdict(DecisionKind.ADMIT, Reason.ADMITTED, seat="Z9"))
    answer = client.get("/kiosk/utama")
    assert answer.context["way"] is None
    assert "<dd>Z9</dd>" in answer.text


def test_the_pause_is_counted_down(client: TestClient, gate: FakeGateControl) -> None:
    gate.shown = view_of(
        "utama",
        verdict=verdict(DecisionKind.WAIT, Reason.SECOND_READING_PAUSE, until_ready_s=287.4),
    )
    html = client.get("/kiosk/utama").text
    assert 'data-countdown="288"' in html
    assert "4:48" in html


def test_the_stream_needs_no_log_in_and_ends_with_the_hub(
    client: TestClient, fake: FakeOffice, gate: FakeGateControl
) -> None:
    gate.on_view = fake.hub.close
    answer = client.get("/kiosk/utama/events")
    assert answer.status_code == 200
    assert 'data: <div id="live" class="kiosk-stage"' in answer.text


def test_an_unknown_gate_has_no_kiosk(client: TestClient) -> None:
    assert client.get("/kiosk/loteng").status_code == 404
    assert client.get("/kiosk/loteng/events").status_code == 404


def test_the_kiosk_of_a_gate_that_runs_elsewhere_is_calm_and_leads_there(
    client: TestClient, fake: FakeOffice
) -> None:
    fake.gates.elsewhere["utama"] = NotOwner(
        "utama", machine="pc-2", address="https://pc-2.example:8443"
    )
    answer = client.get("/kiosk/utama")
    assert answer.status_code == 421
    assert answer.template.name == "kiosk/elsewhere.html"
    assert 'href="https://pc-2.example:8443/kiosk/utama"' in answer.text
    assert client.get("/kiosk/utama/events").status_code == 421


@pytest.fixture
def speaker(client: TestClient, logged_in: Browse) -> TestClient:
    """A browser without a log-in that a guard let speak at the gate."""
    guard = logged_in("budi")
    assert send(guard, "/kiosk/utama", "/kiosk/utama/let-speak").status_code == 303
    key = guard.cookies[VOICE_COOKIE]
    client.cookies.set(VOICE_COOKIE, key, domain="testserver.local", path="/kiosk/utama")
    return client


def ask(client: TestClient, screen: str = "a" * 8, **fields: str) -> list[list[dict[str, str]]]:
    """What the gate's screen is told to say."""
    answer = send(client, "/kiosk/utama", "/kiosk/utama/voice", screen=screen, **fields)
    assert answer.status_code == 200
    said: list[list[dict[str, str]]] = answer.json()["say"]
    return said


def test_the_kiosk_says_seat_and_number_once_in_both_languages(
    speaker: TestClient, gate: FakeGateControl
) -> None:
    admitted = verdict(DecisionKind.ADMIT, Reason.ADMITTED, seat="B7", ticket="K-014")
    gate.shown = view_of("utama", visitor=VISITOR, verdict=admitted)

    ((indonesian, english),) = ask(speaker)

    assert "Kursi Anda B7. Nomor antrean Anda K, nol satu empat." in indonesian["text"]
    assert "Your seat is B7. Your queue number is K, zero one four." in english["text"]
    assert "Siti" not in indonesian["text"] + english["text"]
    assert ask(speaker) == []
    assert ask(speaker, "b" * 8) == []


def test_the_kiosk_says_what_is_to_be_done(speaker: TestClient, gate: FakeGateControl) -> None:
    gate.shown = view_of("utama", verdict=verdict(DecisionKind.FIX, Reason.PUT_MASK_ON))
    ((indonesian, _),) = ask(speaker)
    assert indonesian["text"].startswith("Pakai masker.")


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        (DecisionKind.REFER, Reason.ELEVATED_TWICE),
        (DecisionKind.WAIT, Reason.SECOND_READING_PAUSE),
    ],
)
def test_nothing_about_health_is_said_aloud(
    speaker: TestClient, gate: FakeGateControl, kind: DecisionKind, reason: Reason
) -> None:
    gate.shown = view_of("utama", verdict=verdict(kind, reason))
    assert ask(speaker) == []


def test_the_kiosk_is_silent_in_quiet_hours_and_while_nobody_is_there(
    speaker: TestClient, fake: FakeOffice, gate: FakeGateControl
) -> None:
    assert ask(speaker) == []
    fake.record.facts.put(quiet_hours=(Span(time(0), time(23, 59)),))
    gate.shown = view_of("utama", verdict=verdict(DecisionKind.ADMIT, Reason.ADMITTED))
    assert ask(speaker) == []


def test_only_a_browser_that_somebody_of_the_office_let_speak_is_the_gates_voice(
    client: TestClient, gate: FakeGateControl, logged_in: Browse
) -> None:
    gate.shown = view_of("utama", verdict=verdict(DecisionKind.FIX, Reason.PUT_MASK_ON))
    page = client.get("/kiosk/utama")
    assert 'id="voice"' not in page.text
    assert 'id="let-speak"' not in page.text
    asked = send(client, "/login", "/kiosk/utama/voice", screen="b" * 8)
    assert asked.status_code == 403
    assert 'id="let-speak"' in logged_in("budi").get("/kiosk/utama").text


def test_a_guard_takes_a_screen_s_voice_back(
    speaker: TestClient, gate: FakeGateControl, logged_in: Browse
) -> None:
    gate.shown = view_of("utama", verdict=verdict(DecisionKind.FIX, Reason.PUT_MASK_ON))
    assert len(ask(speaker)) == 1
    guard = logged_in("budi")
    (line,) = guard.get("/kiosk/utama").context["speakers"]
    assert (line.by, line.is_this) == ("budi", False)
    send(guard, "/kiosk/utama", "/kiosk/utama/take-back", name=line.name)
    assert guard.get("/kiosk/utama").context["speakers"] == ()
    asked = send(speaker, "/login", "/kiosk/utama/voice", screen="a" * 8)
    assert asked.status_code == 403


def test_a_kiosk_in_use_keeps_its_voice_for_longer_than_a_year(
    speaker: TestClient, fake: FakeOffice
) -> None:
    fake.clock.move_to(fake.clock.now() + timedelta(days=300))
    for answer in (
        speaker.get("/kiosk/utama"),
        send(speaker, "/login", "/kiosk/utama/voice", screen="a" * 8),
    ):
        (kept,) = (one for one in answer.headers.get_list("set-cookie") if VOICE_COOKIE in one)
        assert "Max-Age=31536000; Path=/kiosk/utama" in kept


def test_a_browser_that_is_let_speak_twice_is_one_speaker(
    client: TestClient, logged_in: Browse
) -> None:
    guard = logged_in("budi")
    send(guard, "/kiosk/utama", "/kiosk/utama/let-speak")
    given = guard.cookies[VOICE_COOKIE]
    guard.cookies.set(VOICE_COOKIE, given, domain="testserver.local", path="/kiosk/utama")
    send(guard, "/kiosk/utama", "/kiosk/utama/let-speak")
    (line,) = guard.get("/kiosk/utama").context["speakers"]
    assert line.is_this
