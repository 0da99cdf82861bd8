"""Whose visit is over, how sure the number inside is, and what counts as too little to know."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from screening.clock import FakeClock
from screening.errors import OutcomeUnknown, RecordError
from screening.figures.occupancy import LEAST_VISITS, EndedVisit
from screening.office.counters import Counter
from screening.office.facts import Mode, OfficeFacts
from screening.queue.tickets import TicketState, new_ticket
from screening.visits import HeadCount, Visit
from screening.waiting_room.leaving import (
    EndedVisits,
    InsideVisit,
    Learnt,
    LeavingWatch,
    RoomNow,
    inside_visits,
    walked_out,
)
from screening.waiting_room.plan import SeatPlan
from tests.fakes.leaving import FakeLeaving
from tests.fakes.record import FakeRecord

ZONE = ZoneInfo("Asia/Jakarta")
NOON = datetime(2026, 11, 24, 12, tzinfo=ZONE)
WITH_COUNTER = OfficeFacts(mode=Mode.EVERYDAY, counters={"1": Counter(name="1", place="1")})


def after(minutes: float) -> datetime:
    return NOON + timedelta(minutes=minutes)


def inside(number: int, *, minutes: float = 0, **changes: object) -> InsideVisit:
    """Somebody who came so long after noon."""
    values = {"service": "KTP", "is_expected": False, **changes}
    return InsideVisit(visit_id=number, entered_at=after(minutes), **values)  # type: ignore[arg-type]


def stays(
    service: str, shortest: float, longest: float, *, forgotten: int = 0
) -> dict[str, list[EndedVisit]]:
    """A day on which people stayed from so many minutes to so many, and some forgot to sign out."""
    step = (longest - shortest) / LEAST_VISITS
    seen = [
        EndedVisit(entered_s=36_000, over_s=None, left_s=36_000 + 60 * (shortest + step * number))
        for number in range(LEAST_VISITS + 1)
    ]
    return {service: seen + [EndedVisit(entered_s=36_000, over_s=None, left_s=None)] * forgotten}


def learnt(*days: dict[str, list[EndedVisit]]) -> Learnt:
    return Learnt.of(EndedVisits(days))


def over(
    known: Learnt, *visits: InsideVisit, at: datetime, facts: OfficeFacts = WITH_COUNTER
) -> list[int]:
    return known.over(RoomNow(visits=visits), facts, ZONE, at=at)


@pytest.mark.parametrize(
    ("minutes", "out"), [(2.9, False), (3, True)], ids=["still-walking", "walked-out"]
)
def test_who_is_done_is_out_after_the_time_to_walk(minutes: float, out: bool) -> None:
    visit = inside(1, minutes=-30, over_at=NOON, is_done=True)
    assert bool(walked_out([visit], 3, at=after(minutes))) is out
    assert not walked_out([visit], None, at=after(600))


def test_who_missed_the_call_is_not_walked_out() -> None:
    assert not walked_out([inside(1, over_at=NOON)], 3, at=after(60))


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (TicketState.WAITING, True),
        (TicketState.CALLED, True),
        (TicketState.SERVING, True),
        (TicketState.PARKED, True),
        (TicketState.MISSED, False),
        (TicketState.DONE, False),
    ],
)
def test_a_counter_expects_whoever_waits_walks_is_served_or_is_parked(
    state: TicketState, expected: bool
) -> None:
    ticket = new_ticket(visit_id=1, label="K-001", steps=("KTP",), at=NOON)
    (visit,) = inside_visits([replace(ticket, state=state)], {}, WITH_COUNTER)
    assert visit.is_expected is expected


def test_nobody_is_expected_where_there_is_no_counter() -> None:
    ticket = new_ticket(visit_id=1, label="K-001", steps=("KTP",), at=NOON)
    (visit,) = inside_visits([ticket], {}, OfficeFacts())
    assert not visit.is_expected


def test_too_few_past_visits_leave_it_to_the_office() -> None:
    nothing = Learnt()
    visit, waits = inside(1), inside(2, is_expected=True)
    assert over(nothing, visit, waits, at=after(239)) == []
    assert over(nothing, visit, waits, at=after(240)) == [1]
    never = OfficeFacts(stay_minutes=None)
    assert over(nothing, visit, at=after(2000), facts=never) == []
    assert nothing.give_or_take(RoomNow(visits=(visit,)), ZONE, at=after(1)) is None


def test_a_stay_longer_than_others_is_over() -> None:
    known = learnt(stays("KTP", 20, 40, forgotten=10))
    visit, waits = inside(1), inside(2, is_expected=True)
    assert over(known, visit, waits, at=after(30)) == []
    assert over(known, visit, waits, at=after(60)) == [1]


def test_each_service_has_its_own_stay() -> None:
    known = learnt(stays("KTP", 10, 20), stays("SKCK", 100, 200))
    short, long = inside(1), inside(2, service="SKCK")
    assert over(known, short, long, at=after(60)) == [1]
    assert over(known, short, long, at=after(300)) == [1, 2]


def test_whoever_was_seen_here_begins_to_stay_anew() -> None:
    known = learnt(stays("KTP", 20, 40))
    visit = inside(1, here_at=after(50))
    assert over(known, visit, at=after(60)) == []
    assert over(known, visit, at=after(95)) == [1]


def test_the_doubt_grows_with_those_who_may_have_left() -> None:
    known = learnt(stays("KTP", 20, 40, forgotten=20))
    new = RoomNow(visits=tuple(inside(number) for number in range(10)))
    assert known.give_or_take(new, ZONE, at=after(1)) == 0
    doubt = known.give_or_take(new, ZONE, at=after(39))
    assert doubt is not None
    assert doubt > 0
    expected = RoomNow(visits=tuple(inside(number, is_expected=True) for number in range(10)))
    assert known.give_or_take(expected, ZONE, at=after(39)) == 0


def test_who_was_concluded_to_be_out_may_be_inside() -> None:
    known = learnt(stays("KTP", 20, 40))
    concluded = tuple(inside(number) for number in range(3))
    assert known.give_or_take(RoomNow(concluded=concluded), ZONE, at=after(5)) == 3
    assert known.give_or_take(RoomNow(concluded=concluded), ZONE, at=after(60)) == 0


def test_a_head_count_ends_the_doubt_of_those_before() -> None:
    known = learnt(stays("KTP", 20, 40, forgotten=20))
    visits = tuple(inside(number) for number in range(10))
    counted = HeadCount(people=10, at=after(39), by="budi", extra=0, still_open=10)
    room = RoomNow(visits=visits, counted=counted, occupancy=10)
    assert known.give_or_take(room, ZONE, at=after(39)) == 0


class _Book(FakeLeaving):
    """Tells a room as the test sets it, and fails when told to."""

    def __init__(self) -> None:
        record = FakeRecord(site="x", zone=ZONE, plan=SeatPlan(2, 2), clock=FakeClock(NOON))
        super().__init__(record.visits)
        self.past = EndedVisits()
        self.now = RoomNow()
        self.error: RecordError | None = None
        self.learnings = 0
        self.written: list[tuple[str, int, int]] = []
        self.estimated: list[int] = []

    def ended(self, *, since: datetime, until: datetime, every: int = 1) -> EndedVisits:
        self.learnings += 1
        return self.past

    def room(self, *, at: datetime) -> RoomNow:
        return self.now

    def crossed(self, gate: str, *, entered: int, left: int, at: datetime) -> None:
        if self.error is not None:
            raise self.error
        self.written.append((gate, entered, left))

    def estimate(
        self, visit_ids: Collection[int], *, at: datetime, operator: str | None = None
    ) -> list[Visit]:
        self.estimated += visit_ids
        return []


def watch(book: _Book, clock: FakeClock, **changes: bool) -> LeavingWatch:
    return LeavingWatch(book, clock, ZONE, lambda: WITH_COUNTER, **changes)


def test_it_is_learnt_once_a_day() -> None:
    book, clock = _Book(), FakeClock(NOON)
    leaving = watch(book, clock)
    leaving.look()
    leaving.look()
    assert book.learnings == 1
    clock.move_to(after(24 * 60))
    leaving.look()
    assert book.learnings == 2


def test_where_every_door_has_a_counter_the_doubt_covers_what_it_saw() -> None:
    book, clock = _Book(), FakeClock(NOON)
    book.past = EndedVisits((stays("KTP", 20, 40),))
    book.now = RoomNow(
        visits=tuple(inside(number) for number in range(9)), occupancy=9, crossings=(12, 7)
    )
    for counts_every_door, told in ((False, 0), (True, 4)):
        leaving = watch(book, clock, counts_every_door=counts_every_door)
        leaving.look()
        assert leaving.give_or_take == told


def test_an_exit_that_only_the_beams_saw_ends_the_visit_that_is_done_longest() -> None:
    book, clock = _Book(), FakeClock(after(31))
    book.past = EndedVisits((stays("KTP", 20, 40),))
    done = [inside(1), inside(2, minutes=-5), inside(3, minutes=12)]
    waits = inside(4, minutes=-20, is_expected=True)
    book.now = RoomNow(visits=(*done, waits), occupancy=4, crossings=(7, 5))
    leaving = watch(book, clock, counts_every_door=True)
    leaving.look()
    assert book.estimated == []  # somebody may stand between gate and beams
    leaving.look()
    assert book.estimated == [2, 1]
    assert leaving.give_or_take == 2


@pytest.mark.parametrize("why", ["one door has no counter", "heads were counted", "fits"])
def test_beams_end_no_visit_where_they_do_not_tell(why: str) -> None:
    book, clock = _Book(), FakeClock(after(31))
    book.past = EndedVisits((stays("KTP", 20, 40),))
    counted = HeadCount(people=1, at=after(20), by="budi", extra=0, still_open=1)
    book.now = RoomNow(
        visits=(inside(1),),
        occupancy=1,
        crossings=(7, 6) if why == "fits" else (7, 7),
        counted=counted if why == "heads were counted" else None,
    )
    leaving = watch(book, clock, counts_every_door=why != "one door has no counter")
    leaving.look()
    leaving.look()
    assert book.estimated == []


def test_beams_end_no_visit_whose_holder_is_more_likely_inside() -> None:
    book, clock = _Book(), FakeClock(after(5))
    book.past = EndedVisits((stays("KTP", 20, 40),))
    book.now = RoomNow(visits=(inside(1),), occupancy=1, crossings=(7, 7))
    leaving = watch(book, clock, counts_every_door=True)
    leaving.look()
    leaving.look()
    assert book.estimated == []


def test_crossings_that_cannot_be_written_are_kept_but_never_counted_twice() -> None:
    book, clock = _Book(), FakeClock(NOON)
    leaving = watch(book, clock)
    leaving.crossed("utama", 2, 1)
    book.error = RecordError("no")
    with pytest.raises(RecordError):
        leaving.look()
    leaving.crossed("utama", 1, 0)
    book.error = OutcomeUnknown("who knows")
    with pytest.raises(OutcomeUnknown):
        leaving.look()
    book.error = None
    leaving.crossed("utama", 0, 4)
    leaving.look()
    leaving.look()
    assert book.written == [("utama", 0, 4)]


def test_crossings_wait_for_a_record_that_is_down() -> None:
    book, clock = _Book(), FakeClock(NOON)
    leaving = watch(book, clock)
    leaving.crossed("utama", 2, 1)
    book.error = RecordError("no")
    with pytest.raises(RecordError):
        leaving.look()
    book.error = None
    leaving.crossed("utama", 1, 0)
    leaving.look()
    assert book.written == [("utama", 3, 1)]
