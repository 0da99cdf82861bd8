"""What every record promises of the line outside: who is called in, and that nobody is lost."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from screening.decision import DecisionKind, Reason
from screening.office.changes import with_settings
from screening.receipts.claims import ReceiptClaims
from screening.record import Record
from screening.registration.bookings import Place as BookedPlace
from screening.registration.bookings import PriorityGroup, Registration, Request
from screening.visits import EntryKind, ExitHow
from screening.waiting_room.line import MISSED_KEPT, LineAct, LineOrder, LineRefusal, Place
from screening.waiting_room.plan import SeatPlan
from tests.contracts.builders import NOON, SITE, ZONE, attempt, receipt
from tests.records import AnyRecord, put_new_record
from tests.records import OpenRecord as Open

EVERY_RECORD = pytest.mark.parametrize(
    "open_record", ["sqlite", "postgresql", "fake"], indirect=True
)
MINUTE = timedelta(minutes=1)


def after(minutes: float) -> datetime:
    return NOON + minutes * MINUTE


def scan(record: AnyRecord, claims: ReceiptClaims | None, at: datetime = NOON) -> Reason:
    reason = record.visits.write(attempt(receipt=claims, at=at)).reason
    assert isinstance(reason, Reason)
    return reason


def leave(record: AnyRecord, at: datetime = NOON) -> None:
    record.visits.leave(receipt=None, how=ExitHow.BUTTON, gate="utama", operator="budi", at=at)


def act(
    record: AnyRecord, what: LineAct, claims: ReceiptClaims, at: datetime = NOON
) -> Place | LineRefusal:
    order = LineOrder(act=what, receipt=(claims.issuer, claims.number), by="budi")
    return record.line.act(order, at=at)


def in_line(record: AnyRecord, at: datetime = NOON) -> list[str]:
    return [place.number for place in record.line.view(at=at).places]


def called(record: AnyRecord, at: datetime = NOON) -> list[str]:
    return [place.number for place in record.line.call_due(at=at)]


def full(open_record: Open, capacity: int = 1) -> AnyRecord:
    record = open_record(capacity=capacity)
    for _ in range(capacity):
        record.visits.write(attempt(at=after(-1)))
    return record


@EVERY_RECORD
def test_who_waits_for_a_place_is_called_in_when_one_is_free(open_record: Open) -> None:
    record, first, second = full(open_record), receipt(), receipt()
    assert scan(record, first) is Reason.ROOM_FULL
    assert scan(record, second, after(1)) is Reason.ROOM_FULL
    assert scan(record, first, after(2)) is Reason.ROOM_FULL
    assert in_line(record, after(2)) == [first.number, second.number]
    assert called(record, after(3)) == []

    leave(record, after(4))
    assert called(record, after(4)) == [first.number]
    assert called(record, after(4)) == []
    place = record.line.view(at=after(4)).places[0]
    assert (place.called_at, place.called_until) == (after(4), after(9))

    assert scan(record, receipt(), after(5)) is Reason.ROOM_FULL
    assert scan(record, second, after(5)) is Reason.ROOM_FULL
    assert scan(record, first, after(5)) is Reason.ADMITTED
    assert in_line(record, after(5))[0] == second.number
    assert record.visits.verify().problem is None


@EVERY_RECORD
def test_who_does_not_come_is_passed_and_has_the_old_place_after_a_scan(open_record: Open) -> None:
    record, first, second, third = full(open_record), receipt(), receipt(), receipt()
    for claims in (first, second, third):
        scan(record, claims)
    leave(record)
    assert called(record) == [first.number]
    assert called(record, after(5)) == [second.number]
    assert scan(record, first, after(6)) is Reason.ROOM_FULL
    assert scan(record, second, after(7)) is Reason.ADMITTED
    leave(record, after(8))
    assert called(record, after(8)) == [first.number]
    kept_until = after(13) + MISSED_KEPT
    assert first.number in in_line(record, kept_until - MINUTE)
    assert first.number not in in_line(record, kept_until)


@EVERY_RECORD
def test_a_newcomer_calls_in_whoever_was_before(open_record: Open) -> None:
    record, first = full(open_record), receipt()
    scan(record, first)
    leave(record)
    newcomer = receipt()
    assert scan(record, newcomer, after(1)) is Reason.ROOM_FULL
    (place, other) = record.line.view(at=after(1)).places
    assert (place.number, place.called_at) == (first.number, after(1))
    assert (other.number, other.called_at) == (newcomer.number, None)


@EVERY_RECORD
def test_an_emergency_is_never_held(open_record: Open) -> None:
    record, first = full(open_record), receipt()
    scan(record, first)
    leave(record)
    called(record)
    let_in = record.visits.write(
        attempt(reason=Reason.EMERGENCY, service="DARURAT", operator="ani", remark="sakit")
    )
    assert let_in.decision is DecisionKind.ADMIT
    assert scan(record, first, after(1)) is Reason.ROOM_FULL
    leave(record, after(2))
    assert called(record, after(2)) == [first.number]


@EVERY_RECORD
def test_a_party_is_one_in_the_line_and_comes_in_together(open_record: Open) -> None:
    record = full(open_record, capacity=3)
    party, single = receipt(party_size=2), receipt()
    scan(record, party)
    scan(record, single)
    leave(record)
    assert called(record) == [single.number]
    assert scan(record, single, after(1)) is Reason.ADMITTED
    leave(record, after(2))
    leave(record, after(2))
    assert called(record, after(2)) == [party.number]
    assert scan(record, party, after(3)) is Reason.ADMITTED
    assert scan(record, receipt(), after(3)) is Reason.ROOM_FULL
    assert record.line.view(at=after(3)).places[0].people == 1
    assert scan(record, party, after(4)) is Reason.ADMITTED
    assert party.number not in in_line(record, after(4))


@EVERY_RECORD
def test_lawful_priority_is_called_first_with_the_bound_of_the_queue(open_record: Open) -> None:
    record, first = full(open_record), receipt()
    scan(record, first)
    for minute in range(4):
        elderly = receipt()
        request = Request(service="KTP", day=None, name="Sari", group=PriorityGroup.ELDERLY)
        found = record.bookings.register(elderly, request, by="", hold_id=None, at=NOON)
        assert isinstance(found, Registration)
        scan(record, elderly, after(minute))
        leave(record, after(minute))
        expected = elderly if minute < 3 else first
        assert called(record, after(minute)) == [expected.number]
        assert scan(record, expected, after(minute)) is Reason.ADMITTED


@EVERY_RECORD
def test_priority_noted_before_the_wait_outside_is_kept_inside(open_record: Open) -> None:
    record, claims = full(open_record), receipt()
    record.visits.write(attempt(receipt=claims, group=PriorityGroup.PREGNANT))
    leave(record, after(1))

    written = record.visits.write(attempt(receipt=claims, at=after(2)))
    assert (written.reason, written.is_priority) == (Reason.ADMITTED, True)
    (waiting,) = record.queue.view(at=after(2)).waiting
    assert waiting.is_priority
    assert record.visits.verify().problem is None


@EVERY_RECORD
def test_priority_noted_at_a_second_scan_counts_in_the_line(open_record: Open) -> None:
    record, first, second = full(open_record), receipt(), receipt()
    scan(record, first)
    scan(record, second, after(1))
    record.visits.write(attempt(receipt=second, at=after(2), group=PriorityGroup.ELDERLY))
    leave(record, after(3))
    assert called(record, after(3)) == [second.number]


@EVERY_RECORD
def test_what_the_guard_does_is_a_row_with_a_name(open_record: Open) -> None:
    record, claims = full(open_record), receipt()
    assert act(record, LineAct.CALL_IN, claims) is LineRefusal.NOT_IN_LINE
    scan(record, claims)
    assert act(record, LineAct.CALL_IN, claims) is LineRefusal.NO_ROOM
    assert isinstance(act(record, LineAct.GAVE_UP, claims), Place)
    assert in_line(record) == []
    assert record.visits.figures(since=NOON - 12 * 60 * MINUTE, at=NOON).waiting_outside == 0
    assert isinstance(act(record, LineAct.TAKE_BACK, claims), Place)
    leave(record)
    assert isinstance(act(record, LineAct.CALL_IN, claims), Place)
    assert isinstance(act(record, LineAct.CAME, claims, after(4)), Place)
    assert scan(record, claims, after(8)) is Reason.ADMITTED
    rows = [row for row in record.visits.entries() if row.kind is EntryKind.LINE]
    assert [row.operator for row in rows] == ["budi"] * 4
    assert [row.remark for row in rows] == [
        "waiting → gave_up",
        "gave_up → waiting",
        "waiting → called",
        "called → called",
    ]
    assert {row.receipt_number for row in rows} == {claims.number}
    assert record.visits.verify().problem is None


@EVERY_RECORD
def test_who_gave_up_and_comes_again_is_the_last(open_record: Open) -> None:
    record, first, second = full(open_record), receipt(), receipt()
    scan(record, first)
    scan(record, second)
    act(record, LineAct.GAVE_UP, first)
    scan(record, first, after(1))
    assert in_line(record, after(1)) == [second.number, first.number]


@EVERY_RECORD
def test_who_cancels_has_left_the_line_and_keeps_no_place_from_others(open_record: Open) -> None:
    record, first, second = full(open_record), receipt(), receipt()
    record.receipts.add(first)
    for claims in (first, second):
        scan(record, claims)
    leave(record)
    assert called(record) == [first.number]

    record.receipts.revoke(first.issuer, first.number, reason="cancelled", operator="", at=after(1))

    assert in_line(record, after(1)) == [second.number]
    assert called(record, after(1)) == [second.number]
    assert scan(record, second, after(1)) is Reason.ADMITTED


@EVERY_RECORD
def test_who_moves_to_another_day_has_left_the_line(open_record: Open) -> None:
    record = full(open_record)
    today = NOON.astimezone(ZONE).date()
    booked = Request(service="KTP", day=today, name="Sari")
    booking_day = NOON - timedelta(days=1)
    found = record.bookings.register(receipt(), booked, by="", hold_id=None, at=booking_day)
    assert isinstance(found, Registration)
    scan(record, found.claims)
    assert in_line(record) == [found.claims.number]

    tomorrow = BookedPlace(service="KTP", day=today + timedelta(days=1))
    record.bookings.change(found.claims, tomorrow, by="", hold_id=None, at=after(1))

    assert in_line(record, after(1)) == []


@EVERY_RECORD
def test_who_left_since_then_is_told_in_order(open_record: Open) -> None:
    record = full(open_record, capacity=3)
    scan(record, None), scan(record, None)
    for minutes in (1, 4):
        leave(record, after(minutes))
    assert record.line.left(since=NOON) == [after(1), after(4)]
    assert record.line.left(since=after(2)) == [after(4)]


@EVERY_RECORD
def test_the_line_ends_with_the_day(open_record: Open) -> None:
    record = full(open_record)
    scan(record, receipt())
    tomorrow = NOON + timedelta(days=1)
    assert scan(record, receipt(), tomorrow) is Reason.ADMITTED
    assert in_line(record, tomorrow) == []


@EVERY_RECORD
def test_the_bound_is_the_office_s_own(open_record: Open) -> None:
    record, first = full(open_record), receipt()
    edit = with_settings({"call_in_minutes": "12"})
    record.facts.change(edit, operator="siti", at=NOON)
    scan(record, first)
    leave(record)
    (place,) = record.line.call_due(at=NOON)
    assert place.called_until == after(12)


@pytest.mark.parametrize("open_record", ["sqlite", "postgresql"], indirect=True)
def test_another_process_and_the_next_start_know_the_line(open_record: Open) -> None:
    record, first = full(open_record), receipt()
    scan(record, first)
    leave(record)
    called(record)
    opened = open_record(capacity=1)
    (place,) = opened.line.view(at=after(1)).places
    assert place == record.line.view(at=after(1)).places[0]
    assert place.holder == "Sari P."
    assert called(opened, after(1)) == []
    assert scan(opened, receipt(), after(1)) is Reason.ROOM_FULL
    assert scan(opened, first, after(1)) is Reason.ADMITTED


@pytest.mark.parametrize("open_record", ["sqlite", "postgresql"], indirect=True)
def test_waiting_and_coming_in_take_few_statements(open_record: Open) -> None:
    record, claims = full(open_record), receipt()
    assert isinstance(record, Record)
    for one in [receipt() for _ in range(50)]:
        scan(record, one)
    with record.counting_statements() as counted:
        scan(record, claims)
    assert counted() <= 6  # five, and PostgreSQL's lock
    leave(record)
    (first,) = record.line.call_due(at=NOON)
    with record.counting_statements() as counted:
        scan(record, receipt(number=first.number))
    assert counted() <= 9  # the eight of any admission, and the end of the wait


@pytest.mark.parametrize("open_record", ["sqlite", "postgresql"], indirect=True)
def test_two_processes_call_each_in_once(open_record: Open) -> None:
    record = full(open_record, capacity=6)
    other = open_record(capacity=6)
    waiting = [receipt() for _ in range(10)]
    for claims in waiting:
        scan(record, claims)
    begin = threading.Barrier(4)

    def work(number: int) -> list[str]:
        begin.wait()
        found: list[str] = []
        for _ in range(3):
            mine = (record, other)[number % 2]
            if number < 2:
                leave(mine)
            found += called(mine)
        return found

    with ThreadPoolExecutor(4) as threads:
        names = [name for found in threads.map(work, range(4)) for name in found]
    names += called(record)
    assert sorted(names) == sorted(claims.number for claims in waiting[:6])
    assert record.visits.verify().problem is None


_EVENTS = st.sampled_from(
    (
        *("come", "come", "party", "again", "again", "leave", "leave", "call", "wait"),
        *("call_in", "came", "gave_up", "take_back", "reopen", "emergency"),
    )
)


@pytest.mark.parametrize(("kind", "examples"), [("sqlite", 10), ("postgresql", 2)])
def test_whatever_happens_nobody_is_lost_and_the_room_never_too_full(
    kind: str,
    examples: int,
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    make: Callable[[], str | Path] = lambda: put_new_record(  # noqa: E731
        tmp_path_factory.mktemp("line") / "gerbang.db"
    )
    if kind == "postgresql":
        make = request.getfixturevalue("new_postgresql_database")

    @settings(max_examples=examples, deadline=None, phases=[Phase.generate])
    @given(st.lists(st.tuples(_EVENTS, st.integers(0, 40)), min_size=10, max_size=50))
    def holds(events: list[tuple[str, int]]) -> None:
        office = _Office(make())
        try:
            for what, number in events:
                office.do(what, number)
                office.check()
            assert office.record.visits.verify().problem is None
        finally:
            office.record.close()

    holds()


class _Office:
    """An office with room for three, and who of its visitors must stand in the line."""

    def __init__(self, where: str | Path) -> None:
        self._where = where
        self.record = self._opened()
        self._now = NOON
        self._emergencies = 0
        self._claims: dict[str, ReceiptClaims] = {}
        self._in_line: set[str] = set()

    def _opened(self) -> Record:
        plan = SeatPlan(4, 5)
        return Record.open(self._where, site=SITE, zone=ZONE, plan=plan, capacity=3)

    def do(self, what: str, number: int) -> None:
        self._now += timedelta(seconds=20)
        names = sorted(self._claims)
        name = names[number % len(names)] if names else ""
        match what:
            case "come" | "party":
                claims = receipt(party_size=2 if what == "party" else 1)
                self._claims[claims.number] = claims
                self._scan(claims.number)
            case "again" if name:
                self._scan(name)
            case "leave":
                leave(self.record, self._now)
            case "emergency":
                self.record.visits.write(
                    attempt(at=self._now, reason=Reason.EMERGENCY, operator="ani", remark="-")
                )
                self._emergencies += 1
            case "call":
                called(self.record, self._now)
            case "wait":
                self._now += number * MINUTE / 4
            case "reopen":
                self.record.close()
                self.record = self._opened()
            case "call_in" | "came" | "gave_up" | "take_back" if name:
                self._act(LineAct(what), name)

    def check(self) -> None:
        view = self.record.line.view(at=self._now)
        shown = {place.number for place in view.places}
        over = {name for name in self._in_line - shown if not self._was_missed(name)}
        assert over == set()
        assert shown <= self._in_line
        assert view.room.inside <= 3 + self._emergencies
        assert all(place.overtaken <= 3 for place in view.places)

    def _was_missed(self, name: str) -> bool:
        """Whether the last call was missed too long ago; then the place is no promise any more."""
        rows = [
            row
            for row in self.record.visits.export()
            if row.receipt_number == name and row.kind is EntryKind.LINE
        ]
        is_over = bool(rows) and self._now >= rows[-1].at + 5 * MINUTE + MISSED_KEPT
        if is_over:
            self._in_line.discard(name)
        return is_over

    def _scan(self, name: str) -> None:
        before = self.record.line.view(at=self._now)
        written = self.record.visits.write(attempt(receipt=self._claims[name], at=self._now))
        if written.decision is DecisionKind.ADMIT:
            assert before.room.inside < 3
            if self.record.line.view(at=self._now).of(("BGR", name)) is None:
                self._in_line.discard(name)
        elif written.decision is DecisionKind.WAIT:
            assert before.room.inside >= 3 or before.places
            self._in_line.add(name)
        else:
            self._in_line.discard(name)

    def _act(self, what: LineAct, name: str) -> None:
        done = act(self.record, what, self._claims[name], self._now)
        if isinstance(done, LineRefusal):
            return
        if what is LineAct.GAVE_UP:
            self._in_line.discard(name)
        else:
            self._in_line.add(name)
