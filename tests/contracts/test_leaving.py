"""What every record promises of exits that nobody saw, head counts and crossings."""

from __future__ import annotations

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from operator import attrgetter
from typing import Any

import pytest

from screening.clock import FakeClock
from screening.decision import DecisionKind, Reason
from screening.figures.occupancy import LearntStays
from screening.office.changes import in_mode, with_counter, with_service, with_settings
from screening.office.facts import Mode
from screening.queue.queue import Order
from screening.queue.tickets import Act, Ticket, TicketState
from screening.receipts.claims import ReceiptClaims
from screening.visits import EntryKind, ExitHow, Visit
from screening.waiting_room.leaving import LeavingWatch
from tests.contracts.builders import MIDNIGHT, NOON, ZONE, attempt, receipt, the
from tests.records import AnyRecord
from tests.records import OpenRecord as Open

pytestmark = pytest.mark.parametrize("open_record", ["sqlite", "postgresql", "fake"], indirect=True)

NOTHING_LEARNT = LearntStays()


def after(minutes: float) -> datetime:
    return NOON + timedelta(minutes=minutes)


def opened(open_record: Open, *, counters: bool = True, **options: Any) -> AnyRecord:
    """An everyday office with one counter that takes everything."""
    record = open_record(**{"capacity": 100, **options})
    edits = [in_mode(Mode.EVERYDAY)]
    if counters:
        edits.append(with_counter("1", {}))
    for edit in edits:
        record.facts.change(edit, operator="siti", at=NOON)
    return record


def come(record: AnyRecord, at: datetime = NOON, claims: ReceiptClaims | None = None) -> Visit:
    given = {"receipt": claims} if claims is not None else {"service": "LEGALISIR"}
    return the(record.visits.write(attempt(at=at, **given)).visit)


def serve(record: AnyRecord, at: datetime, *acts: Act) -> Ticket:
    """Call the next one and do these acts, all at that time."""
    found: Any = None
    for act in (Act.CALL_NEXT, *acts):
        found = record.queue.act(Order(act=act, counter="1", by="rina"), at=at)
    assert isinstance(found, Ticket)
    return found


def inside(record: AnyRecord, at: datetime = NOON) -> int:
    figures = record.visits.figures(since=MIDNIGHT, at=at)
    return figures.occupancy


def told(record: AnyRecord, kind: EntryKind) -> int:
    return Counter(row.kind for row in record.visits.export())[kind]


def check(record: AnyRecord) -> None:
    """The rows account for who is inside, and the log for every row."""
    report = record.visits.verify()
    assert report.is_intact, report.problem
    rows = Counter(row.kind for row in record.visits.export())
    entries = sum(
        row.kind is EntryKind.ATTEMPT and row.decision is DecisionKind.ADMIT
        for row in record.visits.export()
    )
    exits = rows[EntryKind.EXIT] + rows[EntryKind.ESTIMATED_EXIT] - rows[EntryKind.EXIT_UNDONE]
    figures = record.visits.figures(since=MIDNIGHT, at=after(600))
    extra = 0 if figures.counted is None else figures.counted.extra
    assert figures.occupancy == entries - exits - rows[EntryKind.ANNUL] + extra
    assert len(record.visits.visits_inside()) == figures.occupancy - extra


def test_who_is_done_is_out_after_walking_and_the_seat_is_free(open_record: Open) -> None:
    record = opened(open_record)
    visit = come(record)
    serve(record, after(10), Act.ARRIVED, Act.DONE)

    assert record.leaving.see_out(at=after(12.9)) == []
    (gone,) = record.leaving.see_out(at=after(13))
    again = record.leaving.see_out(at=after(14))

    assert (gone.visit_id, gone.left_how) == (visit.visit_id, ExitHow.SERVED)
    assert again == []
    assert inside(record) == 0
    assert come(record, after(15)).seat == visit.seat
    check(record)


def test_nobody_is_out_while_another_step_waits(open_record: Open) -> None:
    record = opened(open_record)
    steps = {"channel": "walk_in", "steps": "LEGALISIR,FOTO"}
    record.facts.change(with_service("FOTO", {"channel": "walk_in"}), operator="siti", at=NOON)
    record.facts.change(with_service("DUA", steps), operator="siti", at=NOON)
    record.visits.write(attempt(service="DUA"))
    ticket = serve(record, after(1), Act.ARRIVED, Act.DONE)
    assert ticket.state is TicketState.WAITING

    assert record.leaving.see_out(at=after(60)) == []
    assert record.leaving.estimate([ticket.visit_id], at=after(300)) == []
    assert inside(record) == 1


def test_nobody_is_out_by_that_where_the_office_does_not_want_it(open_record: Open) -> None:
    record = opened(open_record)
    edit = with_settings({"walking_minutes": "none"})
    record.facts.change(edit, operator="siti", at=NOON)
    come(record)
    serve(record, after(1), Act.ARRIVED, Act.DONE)
    assert record.leaving.see_out(at=after(300)) == []


def test_a_scan_after_that_tells_when_they_truly_left_and_lets_nobody_else_out(
    open_record: Open,
) -> None:
    record, claims = opened(open_record), receipt()
    visit = come(record, claims=claims)
    come(record)
    serve(record, after(1), Act.ARRIVED, Act.DONE)
    record.leaving.see_out(at=after(5))

    def scan(at: datetime, nonce: str) -> Visit | None:
        return record.visits.leave(
            receipt=claims, how=ExitHow.SCAN, gate="utama", operator=None, at=at, nonce=nonce
        )

    seen = the(scan(after(7), "a"))
    assert (seen.visit_id, seen.left_at, seen.left_how) == (
        visit.visit_id,
        after(7),
        ExitHow.SCAN,
    )
    assert scan(after(7), "a") == seen
    assert scan(after(8), "b") is None
    assert inside(record) == 1
    assert told(record, EntryKind.EXIT_SEEN) == 1
    check(record)


def test_of_a_party_whoever_is_done_is_seen_out_and_not_who_is_served(open_record: Open) -> None:
    record, claims = opened(open_record), receipt(party_size=2)
    first, second = (come(record, claims=claims) for _ in range(2))
    serve(record, after(1), Act.ARRIVED, Act.DONE)
    serve(record, after(2), Act.ARRIVED)
    record.leaving.see_out(at=after(5))

    def scan(at: datetime) -> Visit | None:
        return record.visits.leave(
            receipt=claims, how=ExitHow.SCAN, gate="utama", operator=None, at=at
        )

    assert the(scan(after(6))).visit_id == first.visit_id
    assert [one.visit_id for one in record.visits.visits_inside()] == [second.visit_id]
    assert told(record, EntryKind.EXIT_SEEN) == 1
    assert the(scan(after(7))).visit_id == second.visit_id
    check(record)


def test_whoever_came_in_again_is_let_out_and_not_their_first_visit(open_record: Open) -> None:
    record, claims = opened(open_record), receipt()
    come(record, claims=claims)
    serve(record, after(1), Act.ARRIVED, Act.DONE)
    record.leaving.see_out(at=after(5))
    back = the(record.visits.write(attempt(receipt=claims, at=after(9))).visit)
    out = record.visits.leave(
        receipt=claims, how=ExitHow.SCAN, gate="utama", operator=None, at=after(12)
    )
    assert the(out).visit_id == back.visit_id
    assert inside(record) == 0
    check(record)


def test_whoever_was_taken_to_be_out_may_come_in_again(open_record: Open) -> None:
    record, claims = opened(open_record), receipt()
    visit = come(record, claims=claims)
    record.facts.change(in_mode(Mode.EVERYDAY), operator="siti", at=NOON)
    serve(record, after(1), Act.ARRIVED, Act.DONE)
    record.leaving.estimate([visit.visit_id], at=after(90))
    back = record.visits.write(attempt(receipt=claims, at=after(95)))
    assert (back.decision, back.reason) == (DecisionKind.ADMIT, Reason.RETURNED)
    assert record.leaving.put_back(visit.attempt_id, operator="budi", at=after(96)) is None
    assert inside(record) == 1
    check(record)


@pytest.mark.parametrize("acts", [(), (Act.ARRIVED,), (Act.PARK,)], ids=["walks", "served", "park"])
def test_nobody_is_estimated_out_whom_a_counter_expects(
    open_record: Open, acts: tuple[Act, ...]
) -> None:
    record = opened(open_record)
    first, second = come(record), come(record, after(1))
    serve(record, after(2), *acts)
    assert record.leaving.estimate([first.visit_id, second.visit_id], at=after(400)) == []
    assert inside(record) == 2


def test_in_an_outbreak_only_a_person_says_that_somebody_has_left(open_record: Open) -> None:
    record = opened(open_record)
    visit = come(record)
    serve(record, after(1), Act.MISSED)
    record.facts.change(in_mode(Mode.OUTBREAK), operator="siti", at=NOON)

    assert record.leaving.estimate([visit.visit_id], at=after(300)) == []
    (gone,) = record.leaving.estimate([visit.visit_id], at=after(300), operator="budi")

    assert gone.left_how is ExitHow.ESTIMATED
    (row,) = [one for one in record.visits.export() if one.kind is EntryKind.ESTIMATED_EXIT]
    assert (row.operator, row.at) == ("budi", after(300))
    check(record)


def test_an_exit_is_taken_back_with_seat_and_ticket(open_record: Open) -> None:
    record = opened(open_record)
    visit = come(record)
    record.visits.leave(
        receipt=None, how=ExitHow.BUTTON, gate="utama", operator="budi", at=after(1)
    )
    assert inside(record) == 0

    back = the(record.leaving.put_back(visit.attempt_id, operator="budi", at=after(2)))

    assert (back.seat, back.left_at) == (visit.seat, None)
    assert inside(record) == 1
    assert record.leaving.put_back(visit.attempt_id, operator="budi", at=after(2)) is None
    assert serve(record, after(3)).label == visit.ticket
    check(record)


def test_whose_seat_is_taken_meanwhile_comes_back_without(open_record: Open) -> None:
    record = opened(open_record)
    visit = come(record)
    record.visits.leave(
        receipt=None, how=ExitHow.BUTTON, gate="utama", operator="budi", at=after(1)
    )
    assert come(record, after(2)).seat == visit.seat
    back = the(record.leaving.put_back(visit.attempt_id, operator="budi", at=after(3)))
    assert back.seat is None
    assert inside(record) == 2
    check(record)


def test_whoever_is_said_to_be_here_is_not_walked_out_at_once(open_record: Open) -> None:
    record = opened(open_record)
    visit = come(record)
    serve(record, after(1), Act.ARRIVED, Act.DONE)
    record.leaving.see_out(at=after(5))
    record.leaving.put_back(visit.attempt_id, operator="budi", at=after(6))
    assert record.leaving.see_out(at=after(8)) == []
    assert record.leaving.still_here(visit.visit_id, operator="budi", at=after(8))
    assert record.leaving.see_out(at=after(10)) == []
    assert len(record.leaving.see_out(at=after(11))) == 1
    assert not record.leaving.still_here(visit.visit_id, operator="budi", at=after(12))
    check(record)


def test_fewer_heads_than_rows_end_the_visits_that_are_over(open_record: Open) -> None:
    record = opened(open_record, counters=False)
    first, second = come(record), come(record, after(1))
    come(record, after(2))

    count = record.leaving.count_heads(
        2, learnt=NOTHING_LEARNT, operator="budi", gate="utama", at=after(30)
    )

    assert (count.people, count.by, count.extra) == (2, "budi", 0)
    assert inside(record) == 2
    (gone,) = [one for one in record.visits.export() if one.kind is EntryKind.EXIT]
    assert gone.attempt_id == first.attempt_id
    check(record)

    assert record.leaving.undo_count(operator="rina", at=after(31))

    assert inside(record) == 3
    assert second.visit_id in {one.visit_id for one in record.visits.visits_inside()}
    assert not record.leaving.undo_count(operator="rina", at=after(32))
    check(record)


def test_a_count_never_ends_a_visit_that_a_counter_expects(open_record: Open) -> None:
    record = opened(open_record, capacity=3)
    for _ in range(3):
        come(record)
    count = record.leaving.count_heads(1, learnt=NOTHING_LEARNT, operator="budi", at=after(30))
    assert (count.extra, inside(record)) == (-2, 1)
    refused = record.visits.write(attempt(service="LEGALISIR", at=after(31)))
    assert refused.reason is Reason.ROOM_FULL
    check(record)


def test_heads_nobody_saw_come_in_leave_no_room_for_others(open_record: Open) -> None:
    record = opened(open_record, capacity=3)
    come(record)
    record.leaving.count_heads(3, learnt=NOTHING_LEARNT, operator="budi", at=after(1))
    assert inside(record) == 3
    refused = record.visits.write(attempt(service="LEGALISIR", at=after(2)))
    assert refused.reason is Reason.ROOM_FULL
    record.leaving.undo_count(operator="budi", at=after(3))
    assert come(record, after(4))
    check(record)


def test_a_count_wears_off_with_the_visits_it_found_missing(open_record: Open) -> None:
    record = opened(open_record)
    visits = [come(record, after(number / 10)) for number in range(4)]
    record.leaving.count_heads(2, learnt=NOTHING_LEARNT, operator="budi", at=after(1))
    assert inside(record) == 2
    for _ in visits:
        serve(record, after(2), Act.MISSED)

    record.leaving.estimate([visits[0].visit_id], at=after(90))
    assert inside(record) == 2  # the count had taken that one off
    record.visits.leave(
        receipt=None, how=ExitHow.BUTTON, gate="utama", operator="budi", at=after(91)
    )
    assert inside(record) == 1  # this one was seen to go
    record.leaving.estimate([one.visit_id for one in visits], at=after(92))
    assert inside(record) == 0
    check(record)


def test_an_older_count_holds_again_once_the_newer_is_undone(open_record: Open) -> None:
    record = opened(open_record)
    come(record)
    record.leaving.count_heads(2, learnt=NOTHING_LEARNT, operator="budi", at=after(1))
    record.leaving.count_heads(9, learnt=NOTHING_LEARNT, operator="budi", at=after(2))
    record.leaving.undo_count(operator="rina", at=after(3))
    counted = the(record.visits.figures(since=MIDNIGHT, at=after(3)).counted)
    assert (counted.people, inside(record)) == (2, 2)
    check(record)


def test_the_night_forgets_the_count_and_says_who_was_closed(open_record: Open) -> None:
    record = opened(open_record)
    come(record)
    record.leaving.count_heads(4, learnt=NOTHING_LEARNT, operator="budi", at=after(1))
    tomorrow = NOON + timedelta(days=1)
    (closed,) = record.visits.close_day(tomorrow)
    figures = record.visits.figures(since=MIDNIGHT + timedelta(days=1), at=tomorrow)
    assert (closed.left_how, figures.occupancy, figures.counted) == (ExitHow.CLOSING, 0, None)
    assert record.visits.verify().is_intact


def test_crossings_are_rows_and_counted_for_the_day(open_record: Open) -> None:
    record = opened(open_record)
    record.leaving.crossed("utama", entered=3, left=1, at=after(1))
    record.leaving.crossed("utama", entered=0, left=2, at=after(2))
    assert record.leaving.room(at=after(3)).crossings == (3, 3)
    assert told(record, EntryKind.CROSSINGS) == 2
    check(record)


def test_another_process_and_a_restart_know_the_same(
    open_record: Open, request: pytest.FixtureRequest
) -> None:
    record = opened(open_record)
    is_alone = "fake" in request.node.callspec.params.values()
    other = record if is_alone else open_record(capacity=100)
    for number in range(6):
        come(record, after(number))
        serve(record, after(number), Act.ARRIVED, Act.DONE)
    record.leaving.count_heads(5, learnt=NOTHING_LEARNT, operator="budi", at=after(6))
    assert inside(other) == 5
    both = threading.Barrier(8)

    def see_out(number: int) -> int:
        both.wait()
        return len((record, other)[number % 2].leaving.see_out(at=after(20)))

    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(see_out, range(8)))

    assert sum(found) == 5
    assert told(other, EntryKind.EXIT) == 6
    again = record if is_alone else open_record(capacity=100)
    assert inside(again) == 0
    check(again)


def test_past_days_tell_how_long_people_stay(open_record: Open) -> None:
    record = opened(open_record)
    served, forgot = come(record), come(record, after(1))
    serve(record, after(10), Act.ARRIVED, Act.DONE)
    record.visits.leave(
        receipt=None, how=ExitHow.BUTTON, gate="utama", operator="budi", at=after(12)
    )
    tomorrow = MIDNIGHT + timedelta(days=1)
    record.visits.close_day(tomorrow + timedelta(hours=3))
    (day,) = record.leaving.ended(since=MIDNIGHT, until=tomorrow).days
    one, other = sorted(day["LEGALISIR"], key=attrgetter("entered_s"))
    assert served.visit_id != forgot.visit_id
    noon_s = (NOON - MIDNIGHT).total_seconds()
    assert (one.entered_s, one.over_s, one.left_s) == (noon_s, noon_s + 600, noon_s + 720)
    assert (other.over_s, other.left_s) == (None, None)
    (some,) = record.leaving.ended(since=MIDNIGHT, until=tomorrow, every=2).days
    assert len(some["LEGALISIR"]) == 1


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(NOON)


def asked(leaving: LeavingWatch) -> list[int]:
    return [one.visit_id for one in leaving.asked]


def watch(record: AnyRecord, clock: FakeClock) -> LeavingWatch:
    return LeavingWatch(record.leaving, clock, ZONE, record.facts.current)


def test_a_forgotten_exit_is_closed_by_the_typed_stay_until_enough_is_learnt(
    open_record: Open, clock: FakeClock
) -> None:
    record = opened(open_record, clock=clock)
    visit, waits = come(record), come(record)
    serve(record, NOON, Act.MISSED)
    clock.move_to(after(239))
    watch(record, clock).look()
    assert inside(record) == 2
    clock.move_to(after(240))
    watch(record, clock).look()
    watch(record, clock).look()
    assert [one.visit_id for one in record.visits.visits_inside()] == [waits.visit_id]
    assert told(record, EntryKind.ESTIMATED_EXIT) == 1
    assert come(record, after(241)).seat == visit.seat
    check(record)


def test_a_guard_is_asked_in_an_outbreak(open_record: Open, clock: FakeClock) -> None:
    record, claims = opened(open_record, counters=False, clock=clock), receipt()
    first, second = come(record, claims=claims), come(record, after(1))
    record.facts.change(in_mode(Mode.OUTBREAK), operator="siti", at=NOON)
    clock.move_to(after(300))
    leaving = watch(record, clock)
    leaving.look()
    assert [(one.visit_id, one.name, one.label) for one in leaving.asked] == [
        (first.visit_id, "Sari P.", first.ticket),
        (second.visit_id, None, second.ticket),
    ]
    assert inside(record) == 2

    assert leaving.has_left(first.visit_id, operator="budi")
    assert leaving.still_here(second.visit_id, operator="budi")
    assert asked(leaving) == []
    leaving.look()

    assert (asked(leaving), inside(record)) == ([], 1)
    clock.move_to(after(541))
    leaving.look()
    assert asked(leaving) == [second.visit_id]
    check(record)


def test_what_a_counter_at_the_door_saw_is_written_once_a_look(
    open_record: Open, clock: FakeClock
) -> None:
    record = opened(open_record, clock=clock)
    leaving = watch(record, clock)
    for _ in range(3):
        leaving.crossed("utama", 1, 0)
    leaving.crossed("utama", 0, 1)
    leaving.crossed("utama", 0, 0)
    leaving.look()
    leaving.look()
    assert record.leaving.room(at=NOON).crossings == (3, 1)
    assert told(record, EntryKind.CROSSINGS) == 1


def test_who_leaves_without_having_been_seen_to_come_in_is_a_row_once(open_record: Open) -> None:
    record, stranger, known = opened(open_record), receipt(), receipt()
    come(record, claims=known)
    record.leaving.count_heads(3, learnt=NOTHING_LEARNT, operator="budi", at=after(1))

    def scan(claims: ReceiptClaims, at: datetime, nonce: str) -> Visit | None:
        return record.visits.leave(
            receipt=claims, how=ExitHow.SCAN, gate="utama", operator=None, at=at, nonce=nonce
        )

    assert scan(stranger, after(2), "a") is None
    assert scan(stranger, after(2), "a") is None
    assert scan(stranger, after(3), "b") is None
    assert scan(known, after(4), "c") is not None
    assert scan(known, after(5), "d") is None
    assert told(record, EntryKind.EXIT_UNMATCHED) == 1
    assert inside(record) == 1
    found = record.leaving.ended(since=MIDNIGHT, until=MIDNIGHT + timedelta(days=1))
    assert found.unmatched_exits == 1
    check(record)
