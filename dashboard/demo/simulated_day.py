"""A drawn day in a real office: its gate, record and room, with a clock that jumps to each event.

Who comes, when counters are free and who leaves is the model's; who is let in, with which seat and
ticket, and who may leave is decided by the rules that run at every gate, and written to a record.
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
from dashboard.demo.scenarios import NAMES
from screening.clock import FakeClock, start_of_day
from screening.decision import Check, DecisionKind, Reason
from screening.errors import ScreeningError
from screening.figures.day_model import DayHabits, DayPlan, Visitor, plan_day
from screening.figures.day_run import PlainHouse, PlayedDay, Stay, play_day
from screening.gate.commands import ExitScan, GateControl, Scan
from screening.office.changes import with_settings
from screening.readings import CodeSource
from screening.settings import GateSettings, RoomSettings, Settings

DAY = date(2026, 11, 24)
"""The day that is played: a Tuesday, and no holiday."""

GATE = "utama"
_SEATS_A_ROW = 10
_VISITS_A_SEAT = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class DayFound:
    """What a simulated day came to. Waits are minutes from the gate to the call.

    ``told_full`` is how often somebody was told to wait outside. ``left_unseen`` have gone, and
    the record counts them inside at the day's end (``occupancy``). ``problems`` is what should
    never be.
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
    gave_up: int
    wait_minutes: dict[str, float]
    served_by_service: dict[str, int]
    hours: dict[str, dict[str, int]]
    counters: int
    last_left: str
    log_entries: int
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


class DeployedHouse(PlainHouse):
    """Lets people in and out at a gate of a running office, which has its own clock.

    Whom the record has given a ticket waits for the counters of the model.
    """

    def __init__(self, running: RunningOffice, plan: DayPlan) -> None:
        super().__init__()
        self._running = running
        self._clock = _clock_of(running)
        self._gate: GateControl = running.gates.get(GATE)
        self._began = start_of_day(self._clock.now(), running.settings.site.zone)
        self._codes = self._issue(plan)
        self._seated: dict[str, int] = {}
        self.receipts = len(set(self._codes.values())) + plan.no_shows
        self.entries = self.exits = self.unmatched_exits = self.told_full = 0
        self.problems: list[str] = []

    def enter(self, visitor: Visitor, at_s: float) -> bool:
        """Show the receipt at the gate; whoever slips past it shows nothing."""
        if not visitor.entry_is_seen:
            return True
        self._move_to(at_s)
        answer = self._gate.do(
            Scan(
                code=self._codes[visitor.party],
                source=CodeSource.STATION,
                nonce=f"{visitor.number}-{at_s:.3f}",
            )
        )
        if answer.decision is DecisionKind.ADMIT:
            self.entries += 1
            if answer.ticket is None:
                self.problems.append(f"visitor {visitor.number} has no ticket")
            return super().enter(visitor, at_s)
        if answer.reason is Reason.ROOM_FULL:
            self.told_full += 1
            return False
        raise ScreeningError(f"visitor {visitor.number} was refused: {answer.reason}")

    def leave(self, visitor: Visitor, at_s: float) -> None:
        """Show the receipt on the way out, unless they forget."""
        super().leave(visitor, at_s)
        if not visitor.exit_is_seen:
            return
        self._move_to(at_s)
        if self._gate.do(ExitScan(code=self._codes[visitor.party])):
            self.exits += 1
        else:
            self.unmatched_exits += 1

    def _issue(self, plan: DayPlan) -> dict[int, str]:
        """A receipt for each party, given out the day before; its code by the party's number."""
        leaders = [one for one in plan.visitors if one.number == one.party]
        issued_on = DAY - timedelta(days=1)
        return {
            one.party: self._running.desk.issue(
                one.service,
                NAMES[one.party % len(NAMES)],
                issued_on=issued_on,
                party_size=one.party_size,
            ).token
            for one in leaders
        }

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
    waits = [_wait_minutes(stay) for stay in stays if stay.called_s is not None]
    problems = [*house.problems]
    if not report.is_intact:
        problems.append(f"the log is broken at {report.first_bad_entry}: {report.problem}")
    if room.figures.occupancy != house.entries - house.exits:
        problems.append("the occupancy is not what came in less what left")
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
        gave_up=sum(stay.called_s is None for stay in stays if stay.visitor.entry_is_seen),
        wait_minutes=_summary(waits),
        served_by_service=dict(
            sorted(Counter(one.visitor.service for one in stays if one.done_s is not None).items())
        ),
        hours=_hours(stays),
        counters=len(day.plan.counters),
        last_left=f"{int(last_s // 3600):02}:{int(last_s % 3600 // 60):02}",
        log_entries=report.entries,
        problems=tuple(problems),
        seconds=round(seconds, 1),
    )


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
