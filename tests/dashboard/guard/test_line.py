"""The line outside on the guard's page: call, came, gave up, and back again."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from fastapi.testclient import TestClient

from screening.decision import DecisionKind, Reason
from screening.gate.commands import Dismiss, Resume
from screening.gate.view import OutsideView
from screening.waiting_room.line import PlaceState
from tests.contracts.builders import attempt, receipt
from tests.dashboard.conftest import token_in
from tests.dashboard.fakes import NOON, FakeOffice, verdict

PAGE = "/gate/utama"


def wait_outside(fake: FakeOffice, **changes: Any) -> int:
    """Somebody waits in front of a full room; the number of their place."""
    if fake.record.facts.current().set_capacity is None:
        fake.record.facts.put(set_capacity=1)
        fake.record.visits.write(attempt(at=fake.clock.now()))
    claims = receipt(**changes)
    fake.record.visits.write(attempt(receipt=claims, at=fake.clock.now()))
    control = fake.gates.controls["utama"]
    shown = OutsideView(
        attempt_id=f"at-{claims.number}",
        holder=claims.holder,
        receipt_number=claims.number,
        service="KTP",
        since=NOON,
    )
    control.shown = replace(control.shown, outside=(*control.shown.outside, shown))
    return fake.record.line.view(at=fake.clock.now()).places[-1].first


def make_room(fake: FakeOffice) -> None:
    fake.record.facts.put(set_capacity=fake.record.facts.current().capacity + 1)


def do(guard: TestClient, act: str, place: int, **more: str) -> int:
    fields = {"act": act, "place": str(place), "csrf_token": token_in(guard.get(PAGE).text), **more}
    return guard.post(f"{PAGE}/line", data=fields).status_code


def states(fake: FakeOffice) -> list[PlaceState]:
    now = fake.clock.now()
    return [place.state(now) for place in fake.record.line.view(at=now).places]


def test_the_line_is_shown_in_order_with_what_can_be_done(
    guard: TestClient, fake: FakeOffice
) -> None:
    first = wait_outside(fake, holder="Siti R.")
    wait_outside(fake, holder=None, number="7KQ2M9XV4T")
    live = guard.get(PAGE).context["live"]
    assert [(one.name, one.state, one.can_call) for one in live.outside] == [
        ("Siti R.", "waiting", False),
        ("7KQ2M-9XV4T", "waiting", False),
    ]
    assert (live.next_waiting.name, live.next_waiting.call_word) == ("Siti R.", None)
    make_room(fake)
    assert do(guard, "call_in", first) == 303
    live = guard.get(PAGE).context["live"]
    assert [(one.state, one.until) for one in live.outside] == [
        ("called", "12.05"),
        ("waiting", ""),
    ]
    assert (live.next_waiting.call_word, live.next_waiting.act) == ("Sudah datang", "came")


def test_who_came_is_presented_at_the_gate(guard: TestClient, fake: FakeOffice) -> None:
    place = wait_outside(fake)
    make_room(fake)
    do(guard, "call_in", place)
    assert do(guard, "came", place, attempt_id="at-1") == 303
    (done,) = fake.gates.controls["utama"].done
    assert done == Resume(attempt_id="at-1", operator="budi")


def test_who_gave_up_can_be_taken_back(guard: TestClient, fake: FakeOffice) -> None:
    place = wait_outside(fake)
    assert do(guard, "gave_up", place, attempt_id="at-1") == 303
    assert states(fake) == []
    live = guard.get(PAGE).context["live"]
    assert (live.outside, live.gave_up.place) == ((), place)
    assert fake.gates.controls["utama"].done == [Dismiss(attempt_id="at-1", operator="budi")]
    assert do(guard, "take_back", place) == 303
    assert states(fake) == [PlaceState.WAITING]


def test_what_cannot_be_done_says_why(guard: TestClient, fake: FakeOffice) -> None:
    place = wait_outside(fake)
    assert do(guard, "call_in", place) == 409
    assert do(guard, "came", place) == 409
    assert do(guard, "gave_up", 10_000) == 409
    answer = guard.post(
        f"{PAGE}/line",
        data={
            "act": "call_in",
            "place": str(place),
            "csrf_token": token_in(guard.get(PAGE).text),
        },
    )
    assert "Belum ada tempat kosong untuk pengunjung ini." in answer.text


def test_nobody_acts_on_the_line_without_a_form_of_ours(
    guard: TestClient, fake: FakeOffice
) -> None:
    place = wait_outside(fake)
    answer = guard.post(f"{PAGE}/line", data={"act": "gave_up", "place": str(place)})
    assert answer.status_code == 403
    assert states(fake) == [PlaceState.WAITING]


def test_kiosk_and_guard_say_the_place_in_the_line(
    client: TestClient, guard: TestClient, fake: FakeOffice
) -> None:
    wait_outside(fake)
    wait_outside(fake, number="7KQ2M9XV4T")
    control = fake.gates.controls["utama"]
    control.shown = replace(
        control.shown,
        verdict=verdict(DecisionKind.WAIT, Reason.ROOM_FULL, attempt_id="at-7KQ2M9XV4T"),
    )
    words = "Anda nomor 2 di antrean luar."
    assert guard.get(PAGE).context["live"].verdict.say.startswith(words)
    assert words in client.get("/kiosk/utama").text
