"""A ticket is in one state, keeps its time of arrival, and can be put back as it was."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screening.queue.tickets import (
    ALLOWED,
    Act,
    QueueRefusal,
    Seconds,
    Ticket,
    TicketState,
    acted,
    left,
    new_ticket,
    taken_up,
    undone,
)

NINE = datetime(2026, 3, 10, 2, 0, tzinfo=UTC)


def minutes(number: float) -> datetime:
    return NINE + timedelta(minutes=number)


def ticket(*steps: str) -> Ticket:
    return new_ticket(visit_id=1, label="K-001", steps=steps or ("KTP",), at=NINE)


def after(one: Ticket, act: Act, at: float, **more: str) -> Ticket:
    found = acted(one, act, at=minutes(at), **{"counter": "1", **more})
    assert isinstance(found, Ticket), found
    return found


def in_state(state: TicketState) -> Ticket:
    ways = {
        TicketState.WAITING: [],
        TicketState.CALLED: [Act.CALL_NEXT],
        TicketState.SERVING: [Act.CALL_NEXT, Act.ARRIVED],
        TicketState.PARKED: [Act.CALL_NEXT, Act.PARK],
        TicketState.MISSED: [Act.CALL_NEXT, Act.MISSED],
        TicketState.DONE: [Act.CALL_NEXT, Act.DONE],
        TicketState.GONE: [],
    }
    one = ticket()
    for act in ways[state]:
        one = after(one, act, 1)
    return left(one, NINE) if state is TicketState.GONE else one


def test_waiting_walking_and_serving_are_kept_apart() -> None:
    called = after(ticket(), Act.CALL_NEXT, 10)
    served = after(called, Act.ARRIVED, 12)
    done = after(served, Act.DONE, 20, outcome="selesai")

    (step,) = done.finished
    assert step.seconds == Seconds(waiting=600, walking=120, serving=480)
    assert (step.counter, step.outcome, done.state) == ("1", "selesai", TicketState.DONE)


def test_walking_is_counted_from_the_first_call_however_often_it_is_repeated() -> None:
    called = after(ticket(), Act.CALL_NEXT, 10)
    again = after(after(called, Act.RECALL, 11), Act.RECALL, 12)

    assert (again.called_at, again.recalled_at, again.calls) == (minutes(10), minutes(12), 3)
    assert after(again, Act.ARRIVED, 13).seconds.walking == 180


def test_done_right_after_the_call_counts_as_walking() -> None:
    (step,) = after(after(ticket(), Act.CALL_NEXT, 10), Act.DONE, 14).finished

    assert step.seconds == Seconds(waiting=600, walking=240)


def test_time_parked_is_neither_waiting_nor_serving() -> None:
    parked = after(after(ticket(), Act.CALL_NEXT, 10), Act.PARK, 11)
    back = after(parked, Act.TAKE_BACK, 60)

    assert back.seconds == Seconds(waiting=600, walking=60)
    assert after(back, Act.CALL_NEXT, 65).seconds.waiting == 900


@pytest.mark.parametrize("way", [Act.PARK, Act.MISSED])
def test_whoever_is_taken_back_keeps_the_time_of_arrival(way: Act) -> None:
    aside = after(after(ticket(), Act.CALL_NEXT, 10), way, 12)
    back = after(aside, Act.TAKE_BACK, 30)

    assert (back.state, back.since, back.counter) == (TicketState.WAITING, NINE, None)


def test_a_missed_visitor_can_be_called_at_once_to_another_counter() -> None:
    missed = after(after(ticket(), Act.CALL_NEXT, 10), Act.MISSED, 12)
    called = after(missed, Act.CALL, 20, counter="2")

    assert (called.state, called.counter, called.calls) == (TicketState.CALLED, "2", 1)


def test_several_steps_follow_each_other_with_the_time_of_arrival() -> None:
    photo = after(after(ticket("FOTO", "KTP"), Act.CALL_NEXT, 5), Act.DONE, 8)

    assert (photo.state, photo.service, photo.since) == (TicketState.WAITING, "KTP", NINE)
    assert photo.step_since == minutes(8)
    done = after(after(photo, Act.CALL_NEXT, 20, counter="4"), Act.DONE, 25)
    assert done.state is TicketState.DONE
    assert [(one.service, one.seconds.waiting) for one in done.finished] == [
        ("FOTO", 300),
        ("KTP", 720),
    ]


def test_sent_on_before_being_served_is_a_change_of_queue() -> None:
    called = after(ticket(), Act.CALL_NEXT, 10)
    sent = after(called, Act.FORWARD, 11, service="KK")

    assert (sent.state, sent.steps, sent.since) == (TicketState.WAITING, ("KK",), NINE)
    assert (sent.finished, sent.seconds.waiting) == ((), 600)


def test_sent_on_while_being_served_is_one_more_step() -> None:
    served = after(after(ticket("KTP", "FOTO"), Act.CALL_NEXT, 10), Act.ARRIVED, 11)
    sent = after(served, Act.FORWARD, 15, service="KK")

    assert (sent.steps, sent.service, sent.since) == (("KTP", "KK", "FOTO"), "KK", NINE)
    assert [one.seconds.serving for one in sent.finished] == [240]


@pytest.mark.parametrize("state", [TicketState.DONE, TicketState.GONE])
@pytest.mark.parametrize("act", ALLOWED)
def test_whoever_is_done_or_gone_is_called_and_served_no_more(state: TicketState, act: Act) -> None:
    assert acted(in_state(state), act, at=NINE, counter="1") is QueueRefusal.NOT_NOW


@pytest.mark.parametrize("state", TicketState)
@pytest.mark.parametrize("act", ALLOWED)
def test_only_what_the_table_allows_can_be_done(state: TicketState, act: Act) -> None:
    found = acted(in_state(state), act, at=minutes(30), counter="1", service="KK")

    assert isinstance(found, Ticket) == (state in ALLOWED[act])


@pytest.mark.parametrize("state", set(TicketState) - {TicketState.DONE})
def test_whoever_left_is_gone(state: TicketState) -> None:
    assert left(in_state(state), minutes(40)).state is TicketState.GONE


def test_leaving_after_being_done_changes_nothing_that_is_told() -> None:
    done = in_state(TicketState.DONE)

    assert replace(left(done, minutes(40)), previous=done.previous) == done


def test_a_clock_that_is_set_back_adds_nothing() -> None:
    assert after(ticket(), Act.CALL_NEXT, -5).seconds.waiting == 0


def test_whoever_steps_out_for_a_moment_goes_on_with_time_and_step() -> None:
    photo = after(after(ticket("FOTO", "KTP"), Act.CALL_NEXT, 5), Act.DONE, 8)
    back = taken_up(left(photo, minutes(10)), visit_id=2, at=minutes(15))

    assert (back.state, back.service, back.since) == (TicketState.WAITING, "KTP", NINE)
    assert (back.visit_id, back.label, len(back.finished)) == (2, "K-001", 1)


def test_whoever_was_done_and_comes_back_waits_anew() -> None:
    back = taken_up(in_state(TicketState.DONE), visit_id=2, at=minutes(90))

    assert (back.state, back.since, back.step) == (TicketState.WAITING, minutes(90), 0)


acts = st.lists(
    st.tuples(
        st.sampled_from([*ALLOWED, Act.UNDO]),
        st.sampled_from(["1", "2"]),
        st.floats(0, 600),
        st.sampled_from(["KTP", "KK"]),
    ),
    max_size=30,
)


@given(acts)
def test_undo_restores_whatever_was_done_before(acts: list[tuple[Act, str, float, str]]) -> None:
    one, now = ticket("FOTO", "KTP"), NINE
    for act, counter, waited_s, service in acts:
        now += timedelta(seconds=waited_s)
        found = acted(one, act, at=now, counter=counter, service=service)
        if isinstance(found, QueueRefusal):
            continue
        assert found.since == NINE
        assert found.service in {"FOTO", "KTP", "KK"}
        if act is not Act.UNDO:
            assert undone(found, counter=counter, at=now) == replace(one, previous=None)
            again = undone(found, counter=counter, at=now, is_taken=True)
            assert isinstance(again, Ticket)
            assert not again.is_at_a_counter
            assert again.since == NINE
            assert undone(found, counter="3", at=now) is QueueRefusal.NOTHING_TO_UNDO
            times = [step.seconds for step in found.finished] + [found.seconds]
            total = sum(s.waiting + s.walking + s.serving for s in times)
            assert total <= (now - NINE).total_seconds() + 1e-6
        one = found
