"""What every record promises of tickets and counters: who is called where, once, and when not."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from screening.clock import FakeClock
from screening.decision import Reason
from screening.figures import live_waits
from screening.figures.live_waits import LiveWaits, days_before
from screening.figures.waits import LEAST_DAYS, Interval
from screening.office.changes import (
    with_changed_counter,
    with_changed_service,
    with_counter,
    with_service,
    without_counter,
)
from screening.queue.book import Answered
from screening.queue.queue import Order, QueueView
from screening.queue.tickets import Act, QueueRefusal, Seconds, Ticket, TicketState, can_undo
from screening.registration.bookings import PriorityGroup, Registration, Request
from screening.repeats import Answer, AnsweredBefore, Asked
from screening.visits import EntryKind, ExitHow, Visit
from tests.contracts.builders import NOON, ZONE, attempt, receipt, the
from tests.records import AnyRecord
from tests.records import OpenRecord as Open

pytestmark = pytest.mark.parametrize("open_record", ["sqlite", "postgresql", "fake"], indirect=True)


def after(minutes: float) -> datetime:
    return NOON + timedelta(minutes=minutes)


def opened(open_record: Open, **counters: str) -> AnyRecord:
    """An office with these counters, each with its services; one that takes all where none is."""
    record = open_record(capacity=100)
    for name, services in (counters or {"1": "all"}).items():
        add = with_counter(name, {"services": services})
        record.facts.change(add, operator="siti", at=NOON)
    return record


def come(record: AnyRecord, service: str = "LEGALISIR", at: datetime = NOON) -> Visit:
    written = record.visits.write(attempt(service=service, at=at))
    return the(written.visit)


def come_registered(
    record: AnyRecord, at: datetime = NOON, group: PriorityGroup | None = None
) -> Visit:
    claims = receipt()
    request = Request(service="KTP", day=None, name="Sari", group=group)
    found = record.bookings.register(claims, request, by="", hold_id=None, at=NOON)
    assert isinstance(found, Registration)
    return the(record.visits.write(attempt(receipt=claims, at=at)).visit)


def act(
    record: AnyRecord,
    act: Act,
    counter: str = "1",
    *,
    at: datetime = NOON,
    ticket: str | None = None,
    service: str = "",
    outcome: str = "",
) -> Answered:
    order = Order(
        act=act, counter=counter, by="rina", ticket=ticket, service=service, outcome=outcome
    )
    return record.queue.act(order, at=at)


def done(record: AnyRecord, what: Act, *args: str, **changes: Any) -> Ticket:
    found = act(record, what, *args, **changes)
    assert isinstance(found, Ticket), found
    return found


def view(record: AnyRecord, at: datetime = NOON) -> QueueView:
    found = record.queue.view(at=at)
    assert record.queue.glance(at=at) in (None, found)
    return found


def waiting(record: AnyRecord, at: datetime = NOON) -> list[str]:
    return [ticket.label for ticket in view(record, at).waiting]


def test_whoever_is_let_in_waits_and_is_called_in_turn(open_record: Open) -> None:
    record = opened(open_record)
    first, second = come(record), come(record, at=after(1))
    assert waiting(record) == [first.ticket, second.ticket]

    called = done(record, Act.CALL_NEXT, at=after(5))

    assert (called.label, called.counter, called.state) == (first.ticket, "1", TicketState.CALLED)
    assert called.seconds.waiting == 300
    assert waiting(record) == [second.ticket]
    assert record.visits.figures(since=NOON - timedelta(hours=12), at=NOON).queue_waiting == 1


def test_nobody_is_called_where_nobody_waits(open_record: Open) -> None:
    record = opened(open_record)
    assert act(record, Act.CALL_NEXT) is None
    come(record)
    assert act(record, Act.CALL_NEXT, "7") is QueueRefusal.UNKNOWN_COUNTER


def test_each_act_is_a_row_with_who_and_when(open_record: Open) -> None:
    record = opened(open_record)
    visit = come_registered(record)
    before = record.visits.head()
    done(record, Act.CALL_NEXT, at=after(1))
    done(record, Act.ARRIVED, at=after(2))
    done(record, Act.DONE, at=after(7), outcome="selesai")

    rows = record.visits.entries(after=before)
    assert [(row.kind, row.operator, row.at) for row in rows] == [
        (EntryKind.QUEUE, "rina", after(minutes)) for minutes in (1, 2, 7)
    ]
    assert {row.receipt_number for row in rows} == {visit.receipt_number}
    assert [row.remark for row in rows] == [
        f"{visit.ticket}: waiting → called (1)",
        f"{visit.ticket}: called → serving (1)",
        f"{visit.ticket}: serving → done (1)",
    ]
    assert record.visits.verify().is_intact


def test_of_a_party_whoever_is_done_goes_out_and_who_waits_is_called(open_record: Open) -> None:
    record = opened(open_record)
    party = receipt(party_size=3)
    visits = [
        the(record.visits.write(attempt(receipt=party, at=after(minute))).visit)
        for minute in range(3)
    ]
    done(record, Act.CALL, ticket=visits[1].ticket, at=after(4))
    done(record, Act.DONE, at=after(5))

    def leaves(minutes: float) -> Visit:
        return the(
            record.visits.leave(
                receipt=party, how=ExitHow.SCAN, gate="utama", operator=None, at=after(minutes)
            )
        )

    assert leaves(6).ticket == visits[1].ticket
    assert done(record, Act.CALL_NEXT, at=after(7)).label == visits[0].ticket
    assert leaves(8).ticket == visits[2].ticket
    assert leaves(9).ticket == visits[0].ticket
    assert record.visits.verify().is_intact


def test_whom_a_guard_sees_out_is_somebody_who_is_done(open_record: Open) -> None:
    record = opened(open_record)
    first, second, third = (come(record, at=after(minute)) for minute in range(3))
    for minutes, visit in ((4, third), (6, second)):
        done(record, Act.CALL, ticket=visit.ticket, at=after(minutes))
        done(record, Act.DONE, at=after(minutes + 1))

    def leaves(minutes: float) -> str:
        left = record.visits.leave(
            receipt=None, how=ExitHow.BUTTON, gate="utama", operator="budi", at=after(minutes)
        )
        return the(left).ticket

    assert [leaves(minutes) for minutes in (8, 9, 10)] == [
        third.ticket,
        second.ticket,
        first.ticket,
    ]


def test_whoever_a_guard_finds_to_have_priority_is_called_first(open_record: Open) -> None:
    record = opened(open_record)
    come(record)
    written = record.visits.write(
        attempt(service="LEGALISIR", at=after(1), group=PriorityGroup.PREGNANT, operator="budi")
    )
    assert written.is_priority

    assert done(record, Act.CALL_NEXT, at=after(2)).label == the(written.visit).ticket
    assert record.visits.verify().is_intact


def test_whoever_is_inside_is_given_priority_and_it_is_taken_back(open_record: Open) -> None:
    record = opened(open_record)
    first, second = come(record), come(record, at=after(1))

    def give(group: PriorityGroup | None, minutes: float) -> Visit | None:
        return record.visits.give_priority(
            second.attempt_id, group=group, operator="budi", at=after(minutes)
        )

    assert the(give(PriorityGroup.ELDERLY, 2)).visit_id == second.visit_id
    assert done(record, Act.CALL_NEXT, at=after(3)).label == second.ticket
    done(record, Act.UNDO, at=after(4))
    assert [one.is_priority for one in view(record).waiting] == [False, True]
    give(None, 5)
    assert done(record, Act.CALL_NEXT, at=after(6)).label == first.ticket

    rows = [row for row in record.visits.entries() if row.kind is EntryKind.PRIORITY]
    assert [(row.operator, row.attempt_id) for row in rows] == [("budi", second.attempt_id)] * 2
    assert "elderly" not in str(rows)
    assert record.visits.verify().is_intact


def test_nobody_outside_is_given_priority(open_record: Open) -> None:
    record = opened(open_record)
    visit = come(record)
    record.visits.annul(visit.attempt_id, operator="budi", remark="turned round", at=after(1))
    before = record.visits.head()

    for attempt_id in (visit.attempt_id, "nobody"):
        assert (
            record.visits.give_priority(
                attempt_id, group=PriorityGroup.ELDERLY, operator="budi", at=after(2)
            )
            is None
        )
    assert record.visits.head() == before


def test_a_counter_with_somebody_calls_nobody_else(open_record: Open) -> None:
    record = opened(open_record)
    come(record), come(record)
    done(record, Act.CALL_NEXT)
    assert act(record, Act.CALL_NEXT) is QueueRefusal.COUNTER_BUSY
    done(record, Act.ARRIVED)
    assert act(record, Act.CALL_NEXT) is QueueRefusal.COUNTER_BUSY
    done(record, Act.DONE)
    assert isinstance(act(record, Act.CALL_NEXT), Ticket)


def test_a_closed_counter_calls_nobody_and_finishes_whom_it_has(open_record: Open) -> None:
    record = opened(open_record)
    come(record), come(record)
    done(record, Act.CALL_NEXT)
    record.facts.change(with_changed_counter("1", {"open": "no"}), operator="siti", at=NOON)

    assert done(record, Act.DONE).state is TicketState.DONE
    assert act(record, Act.CALL_NEXT) is QueueRefusal.COUNTER_CLOSED


def test_two_counters_never_call_the_same_person(open_record: Open) -> None:
    record = opened(open_record, **{"1": "all", "2": "all"})
    visit = come(record)
    done(record, Act.CALL_NEXT)

    assert act(record, Act.CALL_NEXT, "2") is None
    assert act(record, Act.CALL, "2", ticket=visit.ticket) is QueueRefusal.NOT_NOW
    assert act(record, Act.DONE, "2", ticket=visit.ticket) is QueueRefusal.NOT_NOW


def test_a_counter_calls_for_its_services_only(open_record: Open) -> None:
    record = opened(open_record, **{"1": "KTP", "2": "LEGALISIR,AKTA"})
    visit = come(record)
    assert act(record, Act.CALL_NEXT) is None
    assert done(record, Act.CALL_NEXT, "2").visit_id == visit.visit_id


def test_an_officer_may_call_a_chosen_one(open_record: Open) -> None:
    record = opened(open_record)
    come(record)
    second = come(record)
    assert done(record, Act.CALL, ticket=second.ticket).visit_id == second.visit_id
    assert act(record, Act.CALL, ticket="X-999") is QueueRefusal.COUNTER_BUSY
    done(record, Act.DONE)
    assert act(record, Act.CALL, ticket="X-999") is QueueRefusal.UNKNOWN_TICKET


@pytest.mark.parametrize("how", ["scan", "annulled", "closing"])
def test_whoever_is_not_inside_can_never_be_called(open_record: Open, how: str) -> None:
    record = opened(open_record)
    visit = come_registered(record)
    at = NOON
    if how == "annulled":
        record.visits.annul(visit.attempt_id, operator="budi", remark="nobody", at=NOON)
    elif how == "closing":
        at = NOON + timedelta(days=1)
        record.visits.close_day(at)
    else:
        record.visits.leave(receipt=None, how=ExitHow.SCAN, gate="utama", operator=None, at=NOON)

    assert act(record, Act.CALL_NEXT, at=at) is None
    assert act(record, Act.CALL, at=at, ticket=visit.ticket) is QueueRefusal.UNKNOWN_TICKET
    assert waiting(record, at) == []
    assert record.visits.verify().is_intact


def test_whoever_was_forgotten_yesterday_is_not_called_today(open_record: Open) -> None:
    record = opened(open_record)
    come(record)
    tomorrow = NOON + timedelta(days=1)
    today = come(record, at=tomorrow)

    assert done(record, Act.CALL_NEXT, at=tomorrow).visit_id == today.visit_id


def test_whoever_was_refused_has_no_ticket(open_record: Open) -> None:
    record = open_record(capacity=0)
    record.facts.change(with_counter("1", {}), operator="siti", at=NOON)
    written = record.visits.write(attempt(service="LEGALISIR"))
    assert written.reason is Reason.ROOM_FULL
    assert act(record, Act.CALL_NEXT) is None


def test_who_leaves_while_called_frees_the_counter(open_record: Open) -> None:
    record = opened(open_record)
    come(record)
    second = come(record, at=after(1))
    done(record, Act.CALL_NEXT, at=after(2))
    record.visits.leave(
        receipt=None, how=ExitHow.BUTTON, gate="utama", operator="budi", at=after(3)
    )

    assert act(record, Act.ARRIVED, at=after(4)) is QueueRefusal.NOBODY_HERE
    assert act(record, Act.UNDO, at=after(4)) is QueueRefusal.NOTHING_TO_UNDO
    assert done(record, Act.CALL_NEXT, at=after(4)).visit_id == second.visit_id


def test_parked_and_missed_people_are_not_called_by_themselves(open_record: Open) -> None:
    record = opened(open_record, **{"1": "all", "2": "all"})
    come(record), come(record)
    parked = done(record, Act.CALL_NEXT)
    done(record, Act.PARK)
    missed = done(record, Act.CALL_NEXT)
    done(record, Act.MISSED)

    assert act(record, Act.CALL_NEXT) is None
    assert act(record, Act.CALL_NEXT, "2") is None  # the officer has changed place
    seen = view(record)
    assert [one.label for one in seen.parked] == [parked.label]
    assert [one.label for one in seen.missed] == [missed.label]
    assert done(record, Act.CALL, "2", ticket=missed.label).counter == "2"
    assert done(record, Act.TAKE_BACK, ticket=parked.label).since == NOON
    assert done(record, Act.CALL_NEXT).label == parked.label


def test_a_repeated_call_changes_nobody_s_place(open_record: Open) -> None:
    record = opened(open_record)
    come(record)
    done(record, Act.CALL_NEXT, at=after(1))
    again = done(record, Act.RECALL, at=after(2))

    assert (again.calls, again.called_at, again.recalled_at) == (2, after(1), after(2))
    missed = done(record, Act.MISSED, at=after(3))  # "cancel" at the second call loses nobody
    assert [one.label for one in view(record).missed] == [missed.label]


def test_sent_on_keeps_the_time_of_arrival(open_record: Open) -> None:
    record = opened(open_record, **{"1": "LEGALISIR", "2": "AKTA"})
    first = come(record)
    other = come(record, "AKTA", at=after(1))
    done(record, Act.CALL_NEXT, at=after(2))
    assert act(record, Act.FORWARD, service="XYZ") is QueueRefusal.UNKNOWN_SERVICE
    done(record, Act.FORWARD, at=after(3), service="AKTA")

    assert waiting(record) == [first.ticket, other.ticket]
    assert act(record, Act.CALL_NEXT, at=after(4)) is None
    called = done(record, Act.CALL_NEXT, "2", at=after(4))
    assert (called.label, called.steps) == (first.ticket, ("AKTA",))


def test_a_service_of_several_steps_calls_to_each(open_record: Open) -> None:
    record = opened(open_record)
    for edit in (
        with_service("FOTO", {"channel": "closed"}),
        with_changed_service("LEGALISIR", {"steps": "FOTO,LEGALISIR"}),
        with_counter("foto", {"services": "FOTO"}),
        with_counter("4", {"services": "LEGALISIR"}),
    ):
        record.facts.change(edit, operator="siti", at=NOON)
    visit = come(record)

    assert act(record, Act.CALL_NEXT, "4") is None
    assert done(record, Act.CALL_NEXT, "foto").steps == ("FOTO", "LEGALISIR")
    done(record, Act.DONE, "foto")
    assert done(record, Act.CALL_NEXT, "4").visit_id == visit.visit_id
    assert done(record, Act.DONE, "4").state is TicketState.DONE
    assert waiting(record) == []
    assert record.visits.verify().is_intact


def test_lawful_priority_goes_first_but_overtakes_nobody_too_often(open_record: Open) -> None:
    record = opened(open_record)
    labels = [come(record).ticket]
    labels += [
        come_registered(record, after(n), group=PriorityGroup.ELDERLY).ticket for n in range(1, 6)
    ]
    called = []
    for _ in labels:
        called.append(done(record, Act.CALL_NEXT, at=after(10)).label)
        done(record, Act.DONE, at=after(10))

    assert called == [labels[1], labels[2], labels[3], labels[0], labels[4], labels[5]]
    assert record.visits.verify().is_intact


def test_finished_steps_are_told_with_their_times(open_record: Open) -> None:
    record = opened(open_record, **{"1": "all", "2": "all"})
    come(record), come(record)
    done(record, Act.CALL_NEXT, at=after(5))
    done(record, Act.ARRIVED, at=after(6))
    done(record, Act.CALL_NEXT, "2", at=after(7))
    done(record, Act.DONE, at=after(10), outcome="selesai")
    for _ in range(2):
        record.visits.leave(
            receipt=None, how=ExitHow.BUTTON, gate="utama", operator=None, at=after(12)
        )

    served, gone = record.queue.finished(since=NOON)
    assert (served.counter, served.outcome, served.seconds) == (
        "1", "selesai", Seconds(waiting=300, walking=60, serving=240),
    )  # fmt: skip
    assert (gone.counter, gone.state, gone.ended) == ("2", TicketState.GONE, after(12))
    assert record.queue.finished(since=after(11)) == [gone]
    assert record.queue.ended_since(1) == record.queue.ended_since(2) == after(12)
    assert record.queue.ended_since(3) is None


def test_undo_puts_the_ticket_back_once(open_record: Open) -> None:
    record = opened(open_record)
    normal = come(record)
    priority = come_registered(record, after(1), group=PriorityGroup.DISABILITY)
    assert act(record, Act.UNDO) is QueueRefusal.NOTHING_TO_UNDO
    assert done(record, Act.CALL_NEXT, at=after(2)).visit_id == priority.visit_id
    assert view(record).waiting[0].overtaken == 1

    back = done(record, Act.UNDO, at=after(3))

    assert (back.state, back.seconds) == (TicketState.WAITING, Seconds())
    assert waiting(record) == [normal.ticket, priority.ticket]
    assert {one.overtaken for one in view(record).waiting} == {0}
    assert act(record, Act.UNDO, at=after(4)) is QueueRefusal.NOTHING_TO_UNDO
    assert done(record, Act.CALL_NEXT, at=after(5)).visit_id == priority.visit_id
    assert record.visits.verify().is_intact


def test_done_pressed_by_mistake_is_undone(open_record: Open) -> None:
    record = opened(open_record)
    come(record)
    done(record, Act.CALL_NEXT, at=after(1))
    served = done(record, Act.ARRIVED, at=after(2))
    done(record, Act.DONE, at=after(3))

    assert replace(done(record, Act.UNDO, at=after(4)), previous=None) == replace(
        served, previous=None
    )
    assert done(record, Act.DONE, at=after(7)).finished[0].seconds.serving == 300


def test_done_on_the_wrong_person_is_taken_back_after_the_next_call(open_record: Open) -> None:
    record = opened(open_record)
    first, second = come(record), come(record, at=after(1))
    done(record, Act.CALL_NEXT, at=after(2))
    done(record, Act.ARRIVED, at=after(3))
    done(record, Act.DONE, at=after(5), outcome="selesai")
    done(record, Act.CALL_NEXT, at=after(6))
    (over,) = view(record).done
    assert (over.label, can_undo(over, "1"), can_undo(over, "2")) == (first.ticket, True, False)

    back = done(record, Act.UNDO, at=after(8), ticket=first.ticket)

    assert (back.state, back.since, back.finished) == (TicketState.WAITING, NOON, ())
    assert (back.seconds, back.counter) == (Seconds(waiting=120, walking=60), None)
    assert waiting(record) == [first.ticket]
    assert view(record).done == ()
    assert [one.label for one in view(record).called] == [second.ticket]  # nobody is sent away
    assert act(record, Act.UNDO, at=after(9), ticket=first.ticket) is QueueRefusal.NOTHING_TO_UNDO
    assert done(record, Act.UNDO, at=after(9)).label == second.ticket
    assert record.visits.verify().is_intact
    assert record.queue.finished(since=NOON) == []


def test_done_is_taken_back_to_the_counter_while_nobody_else_is_there(open_record: Open) -> None:
    record = opened(open_record)
    visit = come(record)
    other = come(record, at=after(1))
    for minute in (2, 4):
        done(record, Act.CALL_NEXT, at=after(minute))
        done(record, Act.DONE, at=after(minute + 1))

    assert done(record, Act.UNDO, at=after(6), ticket=visit.ticket).state is TicketState.CALLED
    assert [one.label for one in view(record).called] == [visit.ticket]
    assert done(record, Act.UNDO, at=after(7), ticket=other.ticket).state is TicketState.WAITING
    assert act(record, Act.UNDO, at=after(8)) is QueueRefusal.NOTHING_TO_UNDO
    assert record.visits.verify().is_intact


@pytest.mark.parametrize("what", [Act.FORWARD, Act.PARK, Act.MISSED])
def test_any_last_act_of_a_counter_is_taken_back_after_the_next_call(
    open_record: Open, what: Act
) -> None:
    record = opened(open_record, **{"1": "LEGALISIR"})
    visit = come(record)
    come(record, at=after(1))
    done(record, Act.CALL_NEXT, at=after(2))
    done(record, what, at=after(3), service="AKTA" if what is Act.FORWARD else "")
    done(record, Act.CALL_NEXT, at=after(4))

    back = done(record, Act.UNDO, at=after(5), ticket=visit.ticket)
    assert (back.state, back.since, back.service) == (TicketState.WAITING, NOON, "LEGALISIR")
    assert record.visits.verify().is_intact


def test_another_counter_s_done_is_not_taken_back(open_record: Open) -> None:
    record = opened(open_record, **{"1": "all", "2": "all"})
    visit = come(record)
    done(record, Act.CALL_NEXT)
    done(record, Act.DONE)
    assert act(record, Act.UNDO, "2", ticket=visit.ticket) is QueueRefusal.NOTHING_TO_UNDO
    assert act(record, Act.UNDO, ticket="X-999") is QueueRefusal.UNKNOWN_TICKET


def test_whoever_was_seen_out_and_put_back_can_be_served_after_all(open_record: Open) -> None:
    record = opened(open_record)
    visit = come(record)
    done(record, Act.CALL_NEXT, at=after(1))
    done(record, Act.DONE, at=after(2))
    record.visits.leave(
        receipt=None, how=ExitHow.BUTTON, gate="utama", operator="budi", at=after(5)
    )
    record.leaving.put_back(visit.attempt_id, operator="budi", at=after(6))

    back = done(record, Act.UNDO, at=after(7), ticket=visit.ticket)
    assert (back.state, back.since, back.seconds.waiting) == (TicketState.WAITING, NOON, 60)
    assert record.visits.verify().is_intact


def test_how_it_ended_is_changed_later(open_record: Open) -> None:
    record = opened(open_record, **{"1": "all", "2": "all"})
    visit = come(record)
    come(record, at=after(1))
    done(record, Act.CALL_NEXT, at=after(2))
    done(record, Act.DONE, at=after(3), outcome="selesai")
    done(record, Act.CALL_NEXT, at=after(4))

    def change(counter: str, outcome: str) -> Answered:
        return act(
            record,
            Act.CHANGE_OUTCOME,
            counter,
            at=after(5),
            ticket=visit.ticket,
            outcome=outcome,
        )

    assert change("2", "nothing") is QueueRefusal.NOT_NOW
    changed = change("1", "documents missing")
    assert isinstance(changed, Ticket)
    assert [one.outcome for one in changed.finished] == ["documents missing"]
    assert [one.outcome for one in record.queue.finished(since=NOON)] == ["documents missing"]
    back = done(record, Act.UNDO, at=after(6), ticket=visit.ticket)
    assert (back.state, back.finished) == (TicketState.WAITING, ())
    assert change("1", "again") is QueueRefusal.NOT_NOW
    assert record.visits.verify().is_intact


def test_what_another_counter_went_on_with_is_not_undone(open_record: Open) -> None:
    record = opened(open_record, **{"1": "all", "2": "all"})
    visit = come(record)
    done(record, Act.CALL_NEXT)
    done(record, Act.PARK)
    done(record, Act.CALL, "2", ticket=visit.ticket)

    assert act(record, Act.UNDO) is QueueRefusal.NOTHING_TO_UNDO
    assert done(record, Act.UNDO, "2").state is TicketState.PARKED


def test_a_counter_that_is_taken_away_loses_nobody(open_record: Open) -> None:
    record = opened(open_record, **{"1": "all", "2": "all"})
    visit = come(record)
    done(record, Act.CALL_NEXT)
    record.facts.change(without_counter("1"), operator="siti", at=NOON)

    assert act(record, Act.DONE) is QueueRefusal.UNKNOWN_COUNTER
    assert done(record, Act.CALL, "2", ticket=visit.ticket).counter == "2"
    assert record.visits.verify().is_intact


def test_whose_counter_is_gone_is_listed_for_every_other_one_as_parked(open_record: Open) -> None:
    record = opened(open_record, **{"1": "all", "2": "all"})
    visit = come(record)
    done(record, Act.CALL_NEXT)
    done(record, Act.ARRIVED)
    record.facts.change(without_counter("1"), operator="siti", at=NOON)

    seen = view(record)
    assert seen.called == ()
    assert [one.label for one in seen.parked] == [visit.ticket]
    assert done(record, Act.TAKE_BACK, "2", ticket=visit.ticket).state is TicketState.WAITING
    assert waiting(record) == [visit.ticket]
    assert record.visits.verify().is_intact


def test_called_ahead_to_the_inner_chairs_is_still_waiting(open_record: Open) -> None:
    record = opened(open_record)
    visit = come(record)
    assert done(record, Act.CALL_AHEAD, ticket=visit.ticket).is_called_ahead
    assert waiting(record) == [visit.ticket]
    assert not done(record, Act.CALL_NEXT).is_called_ahead


def test_whoever_steps_out_goes_on_with_the_same_ticket(open_record: Open) -> None:
    record = opened(open_record)
    claims = receipt()
    first = the(record.visits.write(attempt(receipt=claims)).visit)
    come(record, at=after(1))
    record.visits.leave(receipt=claims, how=ExitHow.SCAN, gate="utama", operator=None, at=after(2))
    assert len(waiting(record)) == 1
    record.visits.write(attempt(receipt=claims, at=after(5)))

    called = done(record, Act.CALL_NEXT, at=after(6))
    assert (called.label, called.since) == (first.ticket, NOON)
    assert record.visits.verify().is_intact


def test_an_act_that_is_sent_twice_is_done_once(open_record: Open) -> None:
    record = opened(open_record)
    come(record), come(record)

    def told(answer: Answered) -> Answer:
        assert isinstance(answer, Ticket)
        return Answer(200, answer.label.encode())

    asked = Asked(caller="pemanggil", key="1", digest="d", answer=told)
    order = Order(act=Act.CALL_NEXT, counter="1", by="pemanggil")
    called = record.queue.act(order, at=NOON, asked=asked)
    assert isinstance(called, Ticket)
    with pytest.raises(AnsweredBefore) as before:
        record.queue.act(order, at=NOON, asked=asked)
    assert before.value.answer == Answer(200, called.label.encode())
    assert len(waiting(record)) == 1


def test_the_queue_is_the_same_for_whoever_opens_the_record_next(open_record: Open) -> None:
    record = opened(open_record)
    come(record)
    come_registered(record, after(1), group=PriorityGroup.ELDERLY)
    come(record, at=after(2))
    done(record, Act.CALL_NEXT, at=after(3))
    done(record, Act.ARRIVED, at=after(4))
    seen = view(record)
    if type(record).__name__ == "FakeRecord":
        return
    other = open_record(capacity=100)
    assert other.queue.glance(at=NOON) is None

    found = other.queue.view(at=NOON)
    assert [one.label for one in found.waiting] == [one.label for one in seen.waiting]
    assert [replace(one, previous=None) for one in (*found.waiting, *found.called)] == [
        replace(one, previous=None) for one in (*seen.waiting, *seen.called)
    ]
    back = other.queue.act(Order(act=Act.UNDO, counter="1", by="rina"), at=after(5))
    assert isinstance(back, Ticket)
    assert back.state is TicketState.CALLED


def test_when_counters_were_opened_and_closed_is_known(open_record: Open) -> None:
    record = opened(open_record)

    def change(name: str, is_open: str, minutes: float) -> None:
        edit = with_changed_counter(name, {"open": is_open})
        record.facts.change(edit, operator="rina", at=after(minutes))

    change("1", "no", 10)
    record.facts.change(
        with_changed_counter("1", {"place": "lantai 2"}), operator="rina", at=after(12)
    )
    change("1", "yes", 40)
    record.facts.change(without_counter("1"), operator="rina", at=after(60))

    found = record.queue.switches(since=after(0))
    assert [(one.counter, one.at, one.is_open) for one in found] == [
        ("1", after(0), True), ("1", after(10), False), ("1", after(40), True),
        ("1", after(60), False),
    ]  # fmt: skip
    assert [one.at for one in record.queue.switches(since=after(40))] == [after(40), after(60)]


def test_a_finished_step_tells_whether_its_visitor_was_priority(open_record: Open) -> None:
    record = opened(open_record)
    come(record, at=after(0))
    come_registered(record, at=after(1), group=PriorityGroup.ELDERLY)
    for minutes in (2, 4):
        done(record, Act.CALL_NEXT, at=after(minutes))
        done(record, Act.DONE, at=after(minutes + 1))

    found = record.queue.finished(since=after(0))
    assert [(one.service, one.is_priority) for one in found] == [
        ("KTP", True), ("LEGALISIR", False),
    ]  # fmt: skip


def test_waits_are_learnt_from_the_days_of_the_record_of_a_large_office_from_fewer(
    open_record: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = opened(open_record)
    for day in range(LEAST_DAYS + 1):
        for number in range(6):
            came = after(24 * 60 * day + 5 * number)
            come(record, at=came)
            done(record, Act.CALL_NEXT, at=came)
            done(record, Act.DONE, at=came + timedelta(minutes=5))
    now = after(24 * 60 * (LEAST_DAYS + 1))
    facts = record.facts.current()
    days = days_before(now.astimezone(ZONE).date(), record.queue, facts, ZONE)
    assert len(days) == LEAST_DAYS + 1
    monkeypatch.setattr(live_waits, "ENOUGH_TICKETS", 12)
    monkeypatch.setattr(live_waits, "LEAST_READ_DAYS", 3)
    some = days_before(now.astimezone(ZONE).date(), record.queue, facts, ZONE)
    assert some == days[-3:]
    monkeypatch.undo()
    visits = [come(record, at=now) for _ in range(3)]
    live = LiveWaits(record.queue, record.facts.current, FakeClock(now), ZONE)

    waits = live.current()
    assert waits.moments(visits[0].visit_id) == (now, now + timedelta(minutes=1))
    last = waits.tickets[visits[2].visit_id]
    assert isinstance(last, Interval)
    assert last.mid_s == pytest.approx(600, abs=30)
    assert waits.anybody == waits.newcomers["LEGALISIR"]
