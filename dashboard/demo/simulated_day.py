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
from screening.office.changes import with_counter, with_settings
from screening.office.services import Booking
from screening.queue.queue import Order
from screening.queue.tickets import Act, QueueRefusal, Ticket
from screening.readings import CodeSource
from screening.receipts.desk import IssuedReceipt
from screening.registration.bookings import Request
from screening.settings import GateSettings, RoomSettings, Settings

DAY = date(2026, 11, 24)
"""The day that is played: a Tuesday, and no holiday."""

GATE = "utama"
OFFICER = "simulation"
"""Who acts at the counters."""

_SEATS_A_ROW = 10
_VISITS_A_SEAT = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class DayFound:
    """What a simulated day came to. Waits are minutes from the gate to the call.

    ``told_full`` is how often somebody was told to wait outside. ``left_unseen`` have gone, and
    the record counts them inside at the day's end (``occupancy``). ``problems`` is what should
    never be. ``called_in_vain`` had left without being seen; they are among ``missed_calls``.
    ``rows`` are the log's, by their kind.
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
    seconds: float


def simulate_day(visits: int, seed: int, *, room: RoomSettings | None = None) -> DayFound:
    """Play a day of so many visits in an office of its own, in a temporary folder.

    Without a ``room`` it has a seat for every tenth visit.

    The same visits and seed come to the same. Raises ScreeningError.
    """
    began_s = time.perf_counter()
    plan = plan_day(DayHabits.of(visits), seed)
    with _office(room or _room_for(visits)) as running:
        house = DeployedHouse(running, plan)
        day = play_day(plan, house)
        return _found(running, house, day, seed=seed, seconds=time.perf_counter() - began_s)


class DeployedHouse:
    """A running office, which has its own clock: its gate, its queue and its counters.

    Its counters are those of the plan. Raises ScreeningError where the office refuses what the
    people of a day may do.
    """

    def __init__(self, running: RunningOffice, plan: DayPlan) -> None:
        self._running = running
        self._queue = running.record.queue
        self._clock = _clock_of(running)
        self._gate: GateControl = running.gates.get(GATE)
        self._began = start_of_day(self._clock.now(), running.settings.site.zone)
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
                    day=None if services[one.service].booking is Booking.NONE else DAY,
                    name=NAMES[one.party % len(NAMES)],
                    party_size=one.party_size,
                    has_priority=one.is_priority,
                )
            ).receipt
            for one in plan.visitors
            if one.number == one.party
        }

    def _add_counters(self, plan: DayPlan) -> None:
        for one in plan.counters:
            edit = with_counter(one.name, {"services": ",".join(sorted(one.services))})
            self._running.record.facts.change(edit, operator=OFFICER, at=self._clock.now())

    def _move_to(self, at_s: float) -> None:
        self._clock.move_to(self._began + timedelta(seconds=at_s))


def _room_for(visits: int) -> RoomSettings:
    rows = max(1, math.ceil(visits / _VISITS_A_SEAT / _SEATS_A_ROW))
    return RoomSettings(rows=rows, columns=_SEATS_A_ROW, sealed="none")


@contextmanager
def _office(room: RoomSettings) -> Iterator[RunningOffice]:
    """An office in everyday mode, as its day begins."""
    with tempfile.TemporaryDirectory(prefix="gerbang-day-") as folder:
        settings = Settings(
            _env_file=None,
            data=Path(folder),
            room=room,
            gates=(GateSettings(name=GATE, checks=(Check.RECEIPT,)),),
        )
        morning = datetime.combine(DAY, dt_time(6), tzinfo=settings.site.zone)
        with RunningOffice.open(settings, clock=FakeClock(morning)) as running:
            # Its clock jumps: when nobody sees who left would depend on how fast it is played.
            by_hand = with_settings({"walking_minutes": "none", "stay_minutes": "none"})
            running.record.facts.change(by_hand, operator="simulate", at=morning)
            yield running


def _clock_of(running: RunningOffice) -> FakeClock:
    if not isinstance(running.clock, FakeClock):
        raise TypeError("a day is simulated in an office whose clock can be moved")
    return running.clock


def _found(
    running: RunningOffice, house: DeployedHouse, day: PlayedDay, *, seed: int, seconds: float
) -> DayFound:
    room = running.room.refresh()
    report = running.record.visits.verify()
    stays = day.stays
    waits = [_wait_minutes(stay) for stay in stays if _was_called_inside(stay)]
    rows = Counter(entry.kind for entry in running.record.visits.export())
    problems = [*house.problems]
    if not report.is_intact:
        problems.append(f"the log is broken at {report.first_bad_entry}: {report.problem}")
    if room.figures.occupancy != house.entries - house.exits:
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
        log_entries=report.entries,
        rows=dict(sorted(rows.items())),
        problems=tuple(problems),
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
