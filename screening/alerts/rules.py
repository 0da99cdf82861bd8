"""The rules: what is found of the office as it is now. Pure.

Each rule has a limit at which it tells and a lower one at which it is fine again; between the two
nothing changes, so that a line of 24, 25, 24 people is told once. What a rule finds has to last
before anything is told (``AFTER_S``), and to be fine for ``FINE_FOR_S`` before it is over.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from screening.alerts.alerts import Alert, AlertKind, Finding, Level
from screening.alerts.unusual import FEWEST_CASES, GROUPS, DayCounts, compare
from screening.gate.view import GateView
from screening.office.facts import OfficeFacts
from screening.queue.queue import QueueView
from screening.queue.tickets import FinishedStep, Ticket, TicketState
from screening.visits import DayFigures

FINE_AGAIN = 0.8
"""A line or a wait is fine again at this share of its limit."""
FULL_AGAIN_POINTS = 5
"""The room is fine again so many per cent below its limit."""
GONE_WITHIN = timedelta(hours=1)
GONE_FEWEST, GONE_SHARE = 5, 0.3
"""So many of the last hour's tickets, and this share of them, went without having been served."""
GONE_FINE_SHARE = 0.2
BUSY_COUNTERS = 2
"""Where every counter has somebody, nobody is called for longer before the queue is abandoned."""
BACKUP_HOURS = 36
"""A day, and half of one for a machine that is off at night."""
FINE_FOR_S = 120.0
AFTER_S: Mapping[AlertKind, float] = {
    AlertKind.QUEUE_LONG: 60.0,
    AlertKind.OUTSIDE_LONG: 60.0,
    AlertKind.NEARLY_FULL: 30.0,
    AlertKind.WAIT_LONG: 60.0,
    AlertKind.QUEUE_ABANDONED: 0.0,  # its limit is a time already
    AlertKind.LEFT_UNSERVED: 60.0,
    AlertKind.DEVICE_DOWN: 60.0,  # a cable that is put in again is nobody's concern
    AlertKind.CLOCK_WRONG: 30.0,
    AlertKind.BACKUP_OLD: 300.0,  # the first look after the start makes today's
    AlertKind.UNUSUAL_REFUSALS: 60.0,
}
"""Seconds for which a rule has to find it before it is told."""
_BY_THE_CLOCK = frozenset(
    {AlertKind.WAIT_LONG, AlertKind.QUEUE_ABANDONED, AlertKind.LEFT_UNSERVED, AlertKind.BACKUP_OLD}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupAge:
    """The daily backup: when the newest was made, and whether a person should look after it."""

    machine: str
    newest: datetime | None
    is_old: bool
    problem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """The office as a process sees it.

    ``finished`` are steps that ended within ``GONE_WITHIN``. ``gates`` are all of the office, None
    where another process runs it. ``backup`` is None where none is made here; ``machine`` names
    this computer. ``days`` are earlier days, ``is_open`` is False outside the office's hours.
    """

    at: datetime
    zone: ZoneInfo
    facts: OfficeFacts
    figures: DayFigures
    queue: QueueView
    is_open: bool = True
    finished: Sequence[FinishedStep] = ()
    gates: Mapping[str, GateView | None] = field(default_factory=dict)
    machine: str = ""
    backup: BackupAge | None = None
    days: Sequence[DayCounts] = ()


Rule = Callable[[Situation], Iterator[Finding]]


def findings(situation: Situation) -> list[Finding]:
    """What every rule finds now.

    While a gate's clock is wrong nothing begins or ends that is told by the time of day.
    """
    found = [finding for rule in RULES for finding in rule(situation)]
    views = filter(None, situation.gates.values())
    if all(view.clock_warning is None for view in views):
        return found
    return [
        replace(one, level=Level.BETWEEN) if one.kind in _BY_THE_CLOCK else one for one in found
    ]


def is_settled_by_absence(alert: Alert, situation: Situation) -> bool:
    """Whether an alert that no rule speaks of any more is over.

    Of a gate that another process runs, and of another machine's backups, nothing is known here.
    """
    if alert.gate is not None:
        return situation.gates.get(alert.gate, None) is not None or (
            alert.gate not in situation.gates
        )
    return alert.kind != AlertKind.BACKUP_OLD or alert.subject == situation.machine


def lines(situation: Situation) -> Iterator[Finding]:
    """How many wait inside for each service."""
    limit = situation.facts.queue_alert_waiting
    if limit is None:
        return
    waiting = Counter(ticket.service for ticket in situation.queue.waiting)
    for service, count in waiting.items():
        level = _level(count, limit, fine_at=FINE_AGAIN * limit)
        yield _finding(AlertKind.QUEUE_LONG, service, level, count, limit)


def outside(situation: Situation) -> Iterator[Finding]:
    """How many were told to wait outside."""
    limit = situation.facts.outside_alert_waiting
    if limit is None:
        return
    count = situation.figures.waiting_outside
    level = _level(count, limit, fine_at=FINE_AGAIN * limit)
    yield _finding(AlertKind.OUTSIDE_LONG, "", level, count, limit)


def fullness(situation: Situation) -> Iterator[Finding]:
    """How full the room is, in per cent."""
    limit, figures = situation.facts.full_alert_percent, situation.figures
    if limit is None:
        return
    percent = 100 * figures.occupancy / max(1, figures.capacity)
    level = _level(percent, limit, fine_at=limit - FULL_AGAIN_POINTS)
    yield _finding(AlertKind.NEARLY_FULL, "", level, percent, limit)


def waits(situation: Situation) -> Iterator[Finding]:
    """How many minutes the one who waits longest for each service has waited.

    Whoever came before their booked time waits from that time on.
    """
    limit = situation.facts.wait_target_minutes
    if limit is None:
        return
    longest: dict[str, float] = {}
    for ticket in situation.queue.waiting:
        minutes = (situation.at - _waits_since(ticket)).total_seconds() / 60
        longest[ticket.service] = max(minutes, longest.get(ticket.service, 0.0))
    for service, minutes in longest.items():
        level = _level(minutes, limit, fine_at=FINE_AGAIN * limit)
        yield _finding(AlertKind.WAIT_LONG, service, level, minutes, limit)


def abandoned(situation: Situation) -> Iterator[Finding]:
    """For how many minutes nobody was called while somebody waited for a counter that is open."""
    limit = situation.facts.abandoned_alert_minutes
    if limit is None:
        return
    queue = situation.queue
    counters = [(one, ticket) for one, ticket in queue.counters if one.is_open]
    waiting = [
        ticket
        for ticket in queue.waiting
        if any(counter.takes(ticket.service) for counter, _ in counters)
    ]
    if not waiting or not situation.is_open:
        return
    is_free = any(
        there is None and any(counter.takes(one.service) for one in waiting)
        for counter, there in counters
    )
    limit = limit if is_free else BUSY_COUNTERS * limit
    calls = [
        ticket.recalled_at
        for ticket in (*queue.called, *queue.parked, *queue.missed, *queue.waiting)
        if ticket.recalled_at is not None
    ]
    ends = [step.ended for step in situation.finished if step.counter is not None]
    newest = max([min(map(_waits_since, waiting)), *calls, *ends])
    minutes = max(0.0, (situation.at - newest).total_seconds() / 60)
    level = Level.ABOVE if minutes >= limit else Level.FINE
    yield _finding(AlertKind.QUEUE_ABANDONED, "", level, minutes, limit)


def unserved(situation: Situation) -> Iterator[Finding]:
    """Which share of the last hour's tickets went without having been served, in per cent."""
    recent = [one for one in situation.finished if one.ended > situation.at - GONE_WITHIN]
    gone = sum(step.state is TicketState.GONE for step in recent)
    share = gone / len(recent) if recent else 0.0
    level = Level.BETWEEN
    if gone >= GONE_FEWEST and share >= GONE_SHARE:
        level = Level.ABOVE
    elif gone < GONE_FEWEST - 1 or share <= GONE_FINE_SHARE:
        level = Level.FINE
    yield _finding(AlertKind.LEFT_UNSERVED, "", level, 100 * share, 100 * GONE_SHARE)


def devices(situation: Situation) -> Iterator[Finding]:
    """For how many minutes a device of a gate that runs here has not answered."""
    for gate, view in situation.gates.items():
        for device in () if view is None else view.devices:
            if not device.is_configured:
                continue
            away = (situation.at - device.since).total_seconds() / 60
            yield Finding(
                kind=AlertKind.DEVICE_DOWN,
                subject=f"{gate}/{device.kind}",
                level=Level.FINE if device.is_available else Level.ABOVE,
                value=0.0 if device.is_available else max(0.0, away),
                limit=AFTER_S[AlertKind.DEVICE_DOWN] / 60,
                detail=device.last_error or "",
            )


def clocks(situation: Situation) -> Iterator[Finding]:
    """Whether the clock of a gate that runs here is wrong."""
    for gate, view in situation.gates.items():
        if view is not None:
            level = Level.FINE if view.clock_warning is None else Level.ABOVE
            wrong = view.clock_warning or ""
            yield Finding(
                kind=AlertKind.CLOCK_WRONG,
                subject=gate,
                level=level,
                value=0,
                limit=0,
                detail=wrong,
            )


def backups(situation: Situation) -> Iterator[Finding]:
    """How many hours old this machine's newest daily backup is; 0 where there is none."""
    backup = situation.backup
    if backup is None:
        return
    age = timedelta() if backup.newest is None else situation.at - backup.newest
    yield Finding(
        kind=AlertKind.BACKUP_OLD,
        subject=backup.machine,
        level=Level.ABOVE if backup.is_old or backup.problem else Level.FINE,
        value=age.total_seconds() / 3600,
        limit=BACKUP_HOURS,
        detail=backup.problem,
    )


def unusual(situation: Situation) -> Iterator[Finding]:
    """Which share of today's visitors ended for a group of reasons, in per cent (EARS C2)."""
    figures = situation.figures
    day = situation.at.astimezone(situation.zone).date()
    today = DayCounts(day, figures.admitted, figures.refused_by_reason)
    for group in GROUPS:
        found = compare(situation.days, today, group)
        if found is None:
            continue
        level = Level.BETWEEN
        if found.share > found.threshold and today.cases(group) >= FEWEST_CASES:
            level = Level.ABOVE
        elif found.share <= (found.mean + found.threshold) / 2:
            level = Level.FINE
        yield _finding(
            AlertKind.UNUSUAL_REFUSALS, group, level, 100 * found.share, 100 * found.threshold
        )


RULES: tuple[Rule, ...] = (
    lines,
    outside,
    fullness,
    waits,
    abandoned,
    unserved,
    devices,
    clocks,
    backups,
    unusual,
)


def _waits_since(ticket: Ticket) -> datetime:
    return max(ticket.step_since, ticket.booked_for or ticket.step_since)


def _level(value: float, limit: float, *, fine_at: float) -> Level:
    if value >= limit:
        return Level.ABOVE
    return Level.FINE if value <= fine_at else Level.BETWEEN


def _finding(kind: AlertKind, subject: str, level: Level, value: float, limit: float) -> Finding:
    return Finding(
        kind=kind, subject=subject, level=level, value=round(value, 1), limit=round(limit, 1)
    )
