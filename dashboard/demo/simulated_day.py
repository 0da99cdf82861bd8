"""A drawn day in a real office: its gate, record and room, with a clock that jumps to each event.

Who comes, when counters are free and who leaves is the model's. Who is let in, with which seat and
ticket, who is called to which counter, and who may leave is decided by the rules that run in every
office, and written to a record.
"""

from __future__ import annotations

import math
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from datetime import time as dt_time
from pathlib import Path
from statistics import fmean, median, quantiles

from dashboard.bootstrap import RunningOffice
from dashboard.demo.papers import Yesterday
from dashboard.demo.scenarios import NAMES
from dashboard.storage import open_desk, open_registrar
from screening.clock import FakeClock, start_of_day
from screening.decision import Check, DecisionKind, Reason
from screening.errors import ScreeningError
from screening.figures.day_model import DayHabits, DayPlan, PlannedCounter, Visitor, plan_day
from screening.figures.day_run import PlayedDay, Stay, play_day
from screening.gate.commands import ExitScan, GateControl, Scan
from screening.office.changes import with_changed_counter, with_counter, with_settings
from screening.office.services import Booking
from screening.queue.queue import Order
from screening.queue.tickets import Act, QueueRefusal, Ticket
from screening.readings import CodeSource
from screening.receipts.desk import IssuedReceipt
from screening.registration.bookings import Request
from screening.settings import GateSettings, RoomSettings, Settings
from screening.visits import EntryKind

DAY = date(2026, 11, 24)
"""The day that is played: a Tuesday, and no holiday. The two weeks before it have none either."""

MOST_DAYS_BEFORE = 10
"""Working days that an office may be played before that day, to know its visitors."""

LOOK_EVERY_S = 300.0
"""How sure the number inside is, is asked so often while a day goes on."""

LOOKS_AFTER_S = 1800.0
"""And so long after the doors are closed."""

NARROW = 3
NARROW_SHARE = 0.1
"""A range is narrow up to so many people, or up to this share of the number."""

GATE = "utama"
OFFICER = "simulation"
"""Who acts at the counters."""

_FRIDAY = 4
_OTHER_DAYS = 100_000
"""Seeds of the days before are far from those that anybody types."""

_SEATS_A_ROW = 10
_VISITS_A_SEAT = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberTold:
    """How good the number of people inside was, as a page shows it ("42 ± 3"), through a day.

    ``told`` of the ``looks`` had a range: none has one before enough visits are known.
    ``hit_rate`` is how often the true number was in it, ``narrow_rate`` how often it was at most 3
    or a tenth of the number wide either way, ``give_or_take`` its mean half-width; None where
    nothing was told. ``exact_rate``: the number itself was the true one.
    """

    days_before: int
    looks: int
    told: int
    hit_rate: float | None
    narrow_rate: float | None
    give_or_take: float | None
    exact_rate: float | None


@dataclass(frozen=True, slots=True)
class _Look:
    at_s: float
    people: int
    give_or_take: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DayFound:
    """What a simulated day came to. Waits are minutes from the gate to the call.

    ``told_full`` is how often somebody was told to wait outside. ``left_unseen`` have gone, and
    the record counts them inside at the day's end (``occupancy``). ``problems`` is what should
    never be. ``called_in_vain`` had left without being seen; they are among ``missed_calls``.
    ``rows`` are the log's of that day, by their kind. ``number_told`` is None where no day was
    played before it.
    """

    visits: int
    seed: int
    receipts: int
    no_shows: int
    entries: int
    exits: int
    unmatched_exits: int
    occupancy: int
    most_inside: int
    seats: int
    told_full: int
    served: int
    missed_calls: int
    called_in_vain: int
    gave_up: int
    parties: int
    wait_minutes: dict[str, float]
    served_by_service: dict[str, int]
    hours: dict[str, dict[str, int]]
    counters: int
    last_left: str
    log_entries: int
    rows: dict[str, int]
    problems: tuple[str, ...]
    number_told: NumberTold | None
    seconds: float


def simulate_day(
    visits: int, seed: int, *, room: RoomSettings | None = None, days_before: int = 0
) -> DayFound:
    """Play a day of so many visits in an office of its own, in a temporary folder.

    Without a ``room`` it has a seat for every tenth visit. With ``days_before`` (at most
    MOST_DAYS_BEFORE) other days of the same size are played before it, whoever is done or has gone
    unseen is seen out as in every office, and how sure the number inside is is asked all day.

    The same arguments come to the same. Raises ScreeningError.
    """
    began_s = time.perf_counter()
    habits = DayHabits.of(visits)
    days = _working_days_until(DAY, days_before + 1)
    sees_out = days_before > 0
    with _office(room or _room_for(visits), days[0], sees_out=sees_out) as running:
        for number, day in enumerate(days[:-1], start=1):
            before = plan_day(habits, seed + _OTHER_DAYS + number)
            house = DeployedHouse(running, before, day, sees_out=sees_out)
            play_day(before, house)
            running.record.visits.close_day(_morning(running, day) + timedelta(days=1))
        plan = plan_day(habits, seed)
        house = DeployedHouse(running, plan, DAY, sees_out=sees_out)
        played = play_day(plan, house)
        house.look_until(habits.closes_s + LOOKS_AFTER_S)
        told = _number_told(house.looks, played, days_before) if sees_out else None
        seconds = time.perf_counter() - began_s
        return _found(running, house, played, seed=seed, told=told, seconds=seconds)


class DeployedHouse:
    """A running office, which has its own clock: its gate, its queue and its counters.

    Its counters are those of the plan. Raises ScreeningError where the office refuses what the
    people of a day may do.
    """

    def __init__(
        self,
        running: RunningOffice,
        plan: DayPlan,
        day: date = DAY,
        *,
        sees_out: bool = False,
    ) -> None:
        self._running = running
        self._day = day
        self._queue = running.record.queue
        self._clock = _clock_of(running)
        self._gate: GateControl = running.gates.get(GATE)
        self._clock.move_to(max(self._clock.now(), _morning(running, day)))
        self._began = start_of_day(self._clock.now(), running.settings.site.zone)
        self.first_entry = running.record.visits.head() + 1
        self.looks: list[_Look] = []
        self._sees_out = sees_out
        self._next_look_s = plan.habits.opens_s if sees_out else math.inf
        self._receipts = self._register(plan)
        self._add_counters(plan)
        self._holders: dict[str, Visitor] = {}
        self.receipts = len(self._receipts) + plan.no_shows
        self.entries = self.exits = self.unmatched_exits = self.told_full = 0
        self.problems: list[str] = []

    def enter(self, visitor: Visitor, at_s: float) -> bool:
        """Show the receipt at the gate; whoever slips past it shows nothing."""
        if not visitor.entry_is_seen:
            return True
        self._move_to(at_s)
        answer = self._gate.do(
            Scan(
                code=self._receipts[visitor.party].token,
                source=CodeSource.STATION,
                nonce=f"{visitor.number}-{at_s:.3f}",
            )
        )
        if answer.decision is DecisionKind.ADMIT:
            self.entries += 1
            if answer.ticket is None:
                self.problems.append(f"visitor {visitor.number} has no ticket")
            else:
                self._holders[answer.ticket] = visitor
            return True
        if answer.reason is Reason.ROOM_FULL:
            self.told_full += 1
            return False
        raise ScreeningError(f"visitor {visitor.number} was refused: {answer.reason}")

    def call_next(self, counter: PlannedCounter, at_s: float) -> Visitor | None:
        """Press the counter's key."""
        ticket = self._act(Act.CALL_NEXT, counter, at_s)
        return None if ticket is None else self._holders[ticket.label]

    def arrived(self, counter: PlannedCounter, visitor: Visitor, at_s: float) -> None:
        """Whom the counter called stands before it."""
        self._act(Act.ARRIVED, counter, at_s, of=visitor)

    def done(self, counter: PlannedCounter, visitor: Visitor, at_s: float) -> None:
        """Served."""
        self._act(Act.DONE, counter, at_s, of=visitor)

    def missed(self, counter: PlannedCounter, visitor: Visitor, at_s: float) -> None:
        """Called, and did not come."""
        self._act(Act.MISSED, counter, at_s, of=visitor)

    def leave(self, visitor: Visitor, at_s: float) -> None:
        """Show the receipt on the way out, unless they forget.

        A party has one receipt: where the record ends another one's ticket, that one goes on with
        the leaver's. Whoever slipped in has no part in it.
        """
        has_receipt = visitor.entry_is_seen or visitor.party_size == 1
        if not visitor.exit_is_seen or not has_receipt:
            return
        self._move_to(at_s)
        if not self._gate.do(ExitScan(code=self._receipts[visitor.party].token)):
            self.unmatched_exits += 1
            return
        self.exits += 1
        if visitor.party_size == 1:
            return
        ended = self._ended(visitor)
        own = next(label for label, holder in self._holders.items() if holder is visitor)
        self._holders[own] = self._holders[ended]
        self._holders[ended] = visitor

    def _ended(self, visitor: Visitor) -> str:
        """The ticket of the party that the record ended last."""
        claims = self._receipts[visitor.party].claims
        visits = self._running.record.visits.visits_of(claims.issuer, claims.number)
        left = [(one.left_at, one.ticket) for one in visits if one.left_at is not None]
        return max(left)[1]

    def _act(
        self, act: Act, counter: PlannedCounter, at_s: float, *, of: Visitor | None = None
    ) -> Ticket | None:
        self._move_to(at_s)
        order = Order(act=act, counter=counter.name, by=OFFICER)
        answer = self._queue.act(order, at=self._clock.now())
        if isinstance(answer, QueueRefusal):
            raise ScreeningError(f"counter {counter.name}, {act}: {answer}")
        if of is not None and (answer is None or self._holders[answer.label] is not of):
            raise ScreeningError(f"counter {counter.name}, {act}: somebody else is there")
        return answer

    def _register(self, plan: DayPlan) -> dict[int, IssuedReceipt]:
        """Each party registers the day before; its receipt by the party's number."""
        clock = Yesterday(self._clock)
        desk = open_desk(
            self._running.settings, self._running.record, keys=self._running.keys, clock=clock
        )
        registrar = open_registrar(self._running.record, desk, clock, link=self._running.links.path)
        services = self._running.record.facts.current().services
        return {
            one.party: registrar.register(
                Request(
                    service=one.service,
                    day=None if services[one.service].booking is Booking.NONE else self._day,
                    name=NAMES[one.party % len(NAMES)],
                    party_size=one.party_size,
                    has_priority=one.is_priority,
                )
            ).receipt
            for one in plan.visitors
            if one.number == one.party
        }

    def _add_counters(self, plan: DayPlan) -> None:
        there = self._running.record.facts.current().counters
        for one in plan.counters:
            values = {"services": ",".join(sorted(one.services))}
            edit = (with_changed_counter if one.name in there else with_counter)(one.name, values)
            self._running.record.facts.change(edit, operator=OFFICER, at=self._clock.now())

    def look_until(self, at_s: float) -> None:
        """See out whom nobody saw leave, and note the number inside, up to that moment."""
        while self._next_look_s <= at_s:
            look_s = self._next_look_s
            self._next_look_s += LOOK_EVERY_S
            self._clock.move_to(self._began + timedelta(seconds=look_s))
            self._running.leaving.look()
            people = self._running.room.refresh().figures.occupancy
            self.looks.append(_Look(look_s, people, self._running.leaving.give_or_take))

    def _move_to(self, at_s: float) -> None:
        self.look_until(at_s)
        self._clock.move_to(self._began + timedelta(seconds=at_s))
        if self._sees_out:
            self._running.record.leaving.see_out(at=self._clock.now())


def _room_for(visits: int) -> RoomSettings:
    rows = max(1, math.ceil(visits / _VISITS_A_SEAT / _SEATS_A_ROW))
    return RoomSettings(rows=rows, columns=_SEATS_A_ROW, sealed="none")


def _working_days_until(last: date, count: int) -> list[date]:
    days = [last]
    while len(days) < count:
        day = days[0] - timedelta(days=1)
        while day.weekday() > _FRIDAY:
            day -= timedelta(days=1)
        days.insert(0, day)
    return days


def _morning(running: RunningOffice, day: date) -> datetime:
    return datetime.combine(day, dt_time(6), tzinfo=running.settings.site.zone)


def _number_told(looks: list[_Look], day: PlayedDay, days_before: int) -> NumberTold:
    found = [
        (day.truly_inside(one.at_s), one.people, one.give_or_take)
        for one in looks
        if one.give_or_take is not None
    ]

    def share(is_so: list[bool]) -> float | None:
        return round(fmean(is_so), 3) if is_so else None

    return NumberTold(
        days_before=days_before,
        looks=len(looks),
        told=len(found),
        hit_rate=share([abs(truly - people) <= reach for truly, people, reach in found]),
        narrow_rate=share(
            [reach <= max(NARROW, NARROW_SHARE * people) for _, people, reach in found]
        ),
        give_or_take=round(fmean(reach for *_, reach in found), 1) if found else None,
        exact_rate=share([truly == people for truly, people, _ in found]),
    )


@contextmanager
def _office(room: RoomSettings, day: date, *, sees_out: bool) -> Iterator[RunningOffice]:
    """An office in everyday mode, as its day begins.

    Who has left unseen is looked for at moments of the day; else it would depend on how fast it is
    played.
    """
    with tempfile.TemporaryDirectory(prefix="gerbang-day-") as folder:
        settings = Settings(
            _env_file=None,
            data=Path(folder),
            room=room,
            gates=(GateSettings(name=GATE, checks=(Check.RECEIPT,)),),
        )
        morning = datetime.combine(day, dt_time(6), tzinfo=settings.site.zone)
        with RunningOffice.open(settings, clock=FakeClock(morning)) as running:
            running.leaving.close()
            if not sees_out:
                by_hand = with_settings({"walking_minutes": "none", "stay_minutes": "none"})
                running.record.facts.change(by_hand, operator="simulate", at=morning)
            yield running


def _clock_of(running: RunningOffice) -> FakeClock:
    if not isinstance(running.clock, FakeClock):
        raise TypeError("a day is simulated in an office whose clock can be moved")
    return running.clock


def _found(
    running: RunningOffice,
    house: DeployedHouse,
    day: PlayedDay,
    *,
    seed: int,
    told: NumberTold | None,
    seconds: float,
) -> DayFound:
    room = running.room.refresh()
    report = running.record.visits.verify()
    stays = day.stays
    waits = [_wait_minutes(stay) for stay in stays if _was_called_inside(stay)]
    written = running.record.visits.export()
    rows = Counter(one.kind for one in written if one.entry_id >= house.first_entry)
    left = rows[EntryKind.EXIT] + rows[EntryKind.ESTIMATED_EXIT]
    problems = [*house.problems]
    if not report.is_intact:
        problems.append(f"the log is broken at {report.first_bad_entry}: {report.problem}")
    if room.figures.occupancy != house.entries - left:
        problems.append("the occupancy is not what came in less what left")
    if running.record.queue.view(at=running.clock.now()).waiting:
        problems.append("somebody still waits to be called")
    if room.figures.admitted != house.entries:
        problems.append("the day's figures do not count everybody who was let in")
    looks = [minute * 60.0 for minute in range(24 * 60)]
    last_s = max((stay.left_s or 0.0 for stay in stays), default=0.0)
    return DayFound(
        visits=len(stays),
        seed=seed,
        receipts=house.receipts,
        no_shows=day.plan.no_shows,
        entries=house.entries,
        exits=house.exits,
        unmatched_exits=house.unmatched_exits,
        occupancy=room.figures.occupancy,
        most_inside=max(day.truly_inside(at_s) for at_s in looks),
        seats=len(room.seats),
        told_full=house.told_full,
        served=sum(stay.done_s is not None for stay in stays),
        missed_calls=sum(stay.missed_s is not None for stay in stays),
        called_in_vain=sum(
            stay.called_s is not None and not _was_called_inside(stay) for stay in stays
        ),
        gave_up=sum(stay.called_s is None for stay in stays if stay.visitor.entry_is_seen),
        parties=sum(one.number == one.party and one.party_size > 1 for one in day.plan.visitors),
        wait_minutes=_summary(waits),
        served_by_service=dict(
            sorted(Counter(one.visitor.service for one in stays if one.done_s is not None).items())
        ),
        hours=_hours(stays),
        counters=len(day.plan.counters),
        last_left=f"{int(last_s // 3600):02}:{int(last_s % 3600 // 60):02}",
        log_entries=rows.total(),
        rows=dict(sorted(rows.items())),
        problems=tuple(problems),
        number_told=told,
        seconds=round(seconds, 1),
    )


def _was_called_inside(stay: Stay) -> bool:
    left_s = math.inf if stay.left_s is None else stay.left_s
    return stay.called_s is not None and stay.called_s < left_s


def _wait_minutes(stay: Stay) -> float:
    return ((stay.called_s or 0.0) - (stay.entered_s or 0.0)) / 60


def _summary(waits: list[float]) -> dict[str, float]:
    if len(waits) < 2:
        return {}
    return {
        "mean": round(fmean(waits), 1),
        "median": round(median(waits), 1),
        "p90": round(quantiles(waits, n=10)[8], 1),
        "longest": round(max(waits), 1),
    }


def _hours(stays: tuple[Stay, ...]) -> dict[str, dict[str, int]]:
    """What happened in each hour of the day that had anything."""
    moments = {
        "entered": [stay.entered_s for stay in stays],
        "called": [stay.called_s for stay in stays],
        "left": [stay.left_s for stay in stays],
    }
    counted = {
        name: Counter(int(at_s // 3600) for at_s in found if at_s is not None)
        for name, found in moments.items()
    }
    hours = sorted({hour for one in counted.values() for hour in one})
    return {f"{hour:02}:00": {name: one[hour] for name, one in counted.items()} for hour in hours}
