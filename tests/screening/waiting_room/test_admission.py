"""Who comes in, and with which place, ticket and seat."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from screening.decision import DecisionKind, Reason
from screening.receipts.rules import SlotWindow
from screening.visits import Attempt, ExitHow
from screening.waiting_room.admission import (
    Admission,
    OpenWait,
    Outcome,
    Situation,
    TakenPlace,
    begun_wait,
    key_of,
    outcome_of,
)
from screening.waiting_room.plan import Sealed, SeatPlan
from tests.screening.receipts.builders import claims

MIDNIGHT = datetime(2026, 3, 9, 17, 0, tzinfo=UTC)
NOON = datetime(2026, 3, 10, 5, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def attempt(**changes: Any) -> Attempt:
    values: dict[str, Any] = {
        "attempt_id": "a",
        "gate": "utama",
        "at": NOON,
        "decision": DecisionKind.ADMIT,
        "reason": Reason.ADMITTED,
    }
    return Attempt(**{**values, **changes})


def situation(**changes: Any) -> Situation:
    values: dict[str, Any] = {
        "day_began": MIDNIGHT,
        "plan": SeatPlan(1, 6, Sealed.NONE),
        "capacity": 9,
    }
    return Situation(**{**values, **changes})


def taken(place: int = 1, *, left_at: datetime | None = None, **changes: Any) -> TakenPlace:
    values: dict[str, Any] = {
        "place": place,
        "visit_id": 10 + place,
        "entered_at": NOON - timedelta(hours=1),
        "left_at": left_at,
        "left_how": None if left_at is None else ExitHow.SCAN,
        "queue": "KTP",
        "ticket_number": place,
    }
    return TakenPlace(**{**values, **changes})


def admitted(outcome: Outcome) -> Admission:
    assert outcome.admission is not None, outcome.reason
    return outcome.admission


def told(outcome: Outcome) -> tuple[DecisionKind, Reason]:
    return outcome.decision, outcome.reason


def test_without_a_receipt_somebody_takes_the_first_place_and_redeems_nothing() -> None:
    came = admitted(outcome_of(attempt(service="KK"), situation(queue="F", last_ticket=6)))
    assert came == Admission(
        place=1, redeems=False, continues=None, seat="A1", queue="F", ticket_number=7
    )


@pytest.mark.parametrize("is_return_allowed", [True, False])
@pytest.mark.parametrize("was_used", [True, False])
def test_a_revoked_receipt_lets_nobody_in(*, is_return_allowed: bool, was_used: bool) -> None:
    places = (taken(left_at=NOON - SECOND),) if was_used else ()
    met = situation(is_revoked=True, taken=places)
    one = attempt(receipt=claims(), is_return_allowed=is_return_allowed)
    assert told(outcome_of(one, met)) == (DecisionKind.DENY, Reason.REVOKED)


def test_a_person_lets_in_on_a_revoked_receipt_and_it_stays_unused() -> None:
    one = attempt(receipt=claims(), reason=Reason.OVERRIDE)
    came = admitted(outcome_of(one, situation(is_revoked=True)))
    assert (came.place, came.redeems) == (0, False)


@pytest.mark.parametrize(
    ("left_at", "reason"),
    [(MIDNIGHT - SECOND, Reason.ALREADY_USED), (MIDNIGHT, Reason.RETURNED)],
    ids=["before", "at the stroke"],
)
def test_who_left_at_midnight_left_today(left_at: datetime, reason: Reason) -> None:
    met = situation(taken=(taken(left_at=left_at, entered_at=MIDNIGHT - timedelta(hours=1)),))
    assert outcome_of(attempt(receipt=claims()), met).reason is reason


@pytest.mark.parametrize(
    ("entered_at", "reason"),
    [(MIDNIGHT - SECOND, Reason.ALREADY_USED), (MIDNIGHT, Reason.ALREADY_INSIDE)],
    ids=["before", "at the stroke"],
)
def test_who_came_at_midnight_is_inside_today(entered_at: datetime, reason: Reason) -> None:
    met = situation(taken=(taken(entered_at=entered_at),))
    assert outcome_of(attempt(receipt=claims()), met).reason is reason


def test_whom_the_closing_let_out_does_not_return() -> None:
    met = situation(taken=(taken(left_at=NOON, left_how=ExitHow.CLOSING),))
    assert outcome_of(attempt(receipt=claims()), met).reason is Reason.ALREADY_USED


def test_where_nobody_returns_a_party_is_told_that_somebody_of_it_is_inside() -> None:
    met = situation(taken=(taken(1), taken(2, left_at=NOON - SECOND)))
    one = attempt(receipt=claims(party_size=2), is_return_allowed=False)
    assert told(outcome_of(one, met)) == (DecisionKind.DENY, Reason.ALREADY_INSIDE)


@pytest.mark.parametrize("order", [(1, 2, 3), (3, 2, 1)], ids=str)
def test_who_returns_takes_up_the_lowest_place_that_is_out(order: tuple[int, ...]) -> None:
    left = {1: None, 2: NOON - SECOND, 3: NOON - 2 * SECOND}
    met = situation(taken=tuple(taken(place, left_at=left[place]) for place in order))
    came = admitted(outcome_of(attempt(receipt=claims(party_size=3)), met))
    assert (came.place, came.continues, came.ticket_number) == (2, 12, 2)


def test_who_returns_keeps_queue_and_number_whatever_is_asked_for_now() -> None:
    met = situation(taken=(taken(left_at=NOON - SECOND, queue="KK", ticket_number=4),))
    outcome = outcome_of(attempt(receipt=claims(service="KTP")), met)
    came = admitted(outcome)
    assert outcome.reason is Reason.RETURNED
    assert (came.queue, came.ticket_number, came.redeems) == ("KK", 4, False)


def test_a_party_of_two_sits_together() -> None:
    party = claims(party_size=2)
    met = situation(taken=(taken(),), seated={"A3": key_of(party)})
    assert admitted(outcome_of(attempt(receipt=party), met)).seat == "A2"


@pytest.mark.parametrize(
    "receipt", [None, claims(), claims(party_size=2)], ids=["none", "single", "party"]
)
def test_strangers_sit_apart(receipt: Any) -> None:
    seated = {"A1": ("JKT", "OTHER"), "A2": None}
    assert admitted(outcome_of(attempt(receipt=receipt), situation(seated=seated))).seat == "A6"


def test_who_is_let_in_on_another_s_receipt_sits_apart_from_its_holder() -> None:
    single = claims()
    met = situation(taken=(taken(),), seated={"A1": key_of(single)})
    override = attempt(receipt=single, reason=Reason.OVERRIDE)
    assert admitted(outcome_of(override, met)).seat == "A6"


def test_the_last_one_who_fits_comes_in() -> None:
    assert outcome_of(attempt(), situation(capacity=3, inside=2)).decision is DecisionKind.ADMIT
    full = outcome_of(attempt(), situation(capacity=3, inside=3))
    assert told(full) == (DecisionKind.WAIT, Reason.ROOM_FULL)


@pytest.mark.parametrize("whose", ["daily_quota", "service_quota"])
def test_a_quota_is_used_up_to_its_last_one(whose: str) -> None:
    counted = {"daily_quota": "admitted", "service_quota": "admitted_for_service"}[whose]
    last = situation(**{whose: 3, counted: 2})
    assert outcome_of(attempt(), last).decision is DecisionKind.ADMIT
    over = outcome_of(attempt(), situation(**{whose: 3, counted: 3}))
    assert told(over) == (DecisionKind.DENY, Reason.QUOTA_REACHED)


def test_a_pause_keeps_when_it_ends_and_whose_it_is() -> None:
    pause = attempt(
        decision=DecisionKind.WAIT,
        reason=Reason.SECOND_READING_PAUSE,
        ready_at=NOON + timedelta(minutes=5),
    )
    outcome = outcome_of(pause, situation())
    wait = OpenWait(
        attempt_id="a",
        entry_id=3,
        reason=Reason.SECOND_READING_PAUSE,
        at=NOON,
        ready_at=NOON + timedelta(minutes=5),
    )
    assert begun_wait(pause, outcome, 3) == wait
    party = claims(party_size=4)
    full = Outcome(decision=DecisionKind.WAIT, reason=Reason.ROOM_FULL)
    begun = begun_wait(attempt(receipt=party), full, 3)
    assert begun is not None
    assert (begun.receipt, begun.party_size) == (key_of(party), 4)


@pytest.mark.parametrize(
    ("decision", "is_over"),
    [
        (DecisionKind.ADMIT, True),
        (DecisionKind.REFER, True),
        (DecisionKind.DENY, True),
        (DecisionKind.FIX, False),
        (DecisionKind.WAIT, False),
    ],
)
def test_a_pause_is_over_with_whatever_ends_the_visit_and_nothing_else(
    *, decision: DecisionKind, is_over: bool
) -> None:
    wait = OpenWait(attempt_id="b", entry_id=3, reason=Reason.SECOND_READING_PAUSE, at=NOON)
    one = attempt(decision=decision, resumes="b")
    assert outcome_of(one, situation(waits=(wait,))).ended == ((wait,) if is_over else ())


@pytest.mark.parametrize("reason", [Reason.EMERGENCY, Reason.OVERRIDE])
def test_a_person_lets_in_past_quota_and_capacity_without_a_seat(reason: Reason) -> None:
    met = situation(daily_quota=1, admitted=1, capacity=1, inside=1)
    outcome = outcome_of(attempt(reason=reason), met)
    assert (outcome.reason, admitted(outcome).seat) == (reason, None)


WINDOW = SlotWindow(NOON - timedelta(minutes=15), NOON + timedelta(minutes=30))


def test_who_booked_the_day_comes_in_past_its_quota() -> None:
    full = situation(daily_quota=1, admitted=1, service_quota=1, admitted_for_service=1)
    one = attempt(receipt=claims())
    assert told(outcome_of(one, full)) == (DecisionKind.DENY, Reason.QUOTA_REACHED)
    assert outcome_of(one, replace(full, is_booked=True)).reason is Reason.ADMITTED


def test_who_booked_the_day_waits_as_others_for_a_full_room() -> None:
    full = situation(capacity=0, is_booked=True)
    assert told(outcome_of(attempt(receipt=claims()), full)) == (
        DecisionKind.WAIT,
        Reason.ROOM_FULL,
    )


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"window": WINDOW}, Reason.ADMITTED),
        ({"window": SlotWindow(NOON, NOON)}, Reason.ADMITTED),
        ({"window": SlotWindow(NOON + SECOND, NOON + SECOND)}, Reason.TOO_EARLY_FOR_SLOT),
        ({"window": SlotWindow(NOON - SECOND, NOON - SECOND)}, Reason.SLOT_MISSED),
        (
            {"window": SlotWindow(NOON - SECOND, NOON - SECOND), "has_waited": True},
            Reason.ADMITTED,
        ),
        ({"is_outside_hours": True}, Reason.OUTSIDE_HOURS),
        ({"is_outside_hours": True, "window": WINDOW}, Reason.ADMITTED),
        ({"not_good": Reason.NOT_YET_VALID, "window": WINDOW}, Reason.NOT_YET_VALID),
    ],
    ids=[
        "in time",
        "at the stroke",
        "early",
        "late",
        "late, and waited",
        "closed",
        "before it opens, by a booked time",
        "moved to another day",
    ],
)
def test_a_time_is_asked_for_of_whoever_comes_first(
    changes: dict[str, Any], reason: Reason
) -> None:
    met = situation(**changes, is_booked=True)
    assert outcome_of(attempt(receipt=claims()), met).reason is reason
    by_hand = outcome_of(attempt(receipt=claims(), reason=Reason.OVERRIDE), met)
    assert by_hand.reason is Reason.OVERRIDE
    out = replace(met, taken=(taken(left_at=NOON - SECOND),))
    assert outcome_of(attempt(receipt=claims()), out).reason is Reason.RETURNED


def test_the_time_counts_when_the_receipt_was_shown() -> None:
    met = situation(window=SlotWindow(NOON - SECOND, NOON - SECOND))
    shown = attempt(receipt=claims(), shown_at=NOON - SECOND)
    assert outcome_of(shown, met).reason is Reason.ADMITTED
