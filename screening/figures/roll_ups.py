"""Figures of whole days by hour, service, gate, reason and counter. Pure.

A day is counted from its visits, refusals and bookings into cells; the record keeps the cells of
days that are over, and any range of days is the sum of theirs. What each column means stands at
``Counts``. Waiting and service times are kept as how often each value of a grid occurred, so that
those of many days can be put together: tenths of a minute up to ten, half minutes up to an hour,
five minutes up to eight hours. Whole minutes of the first hour are exact.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from screening.decision import DecisionKind
from screening.queue.tickets import FinishedStep, TicketState


class By(StrEnum):
    """What a row of figures is about; these codes are part of the HTTP interface."""

    HOUR = "hour"
    DAY = "day"
    SERVICE = "service"
    GATE = "gate"
    REASON = "reason"
    COUNTER = "counter"


FIRST_DAY, LAST_DAY = date(1970, 1, 1), date(2999, 12, 31)
"""Days that can be asked for: each has a beginning in every zone."""

COLUMNS = ("booked", "came", "admitted", "refused", "referred", "served", "no_show")

_FINE, _MIDDLE, _COARSE = 100, 100, 84
_PLACES = _FINE + _MIDDLE + _COARSE + 1
_GRID = np.concatenate(
    [np.arange(_FINE) / 10, 10 + np.arange(_MIDDLE) / 2, 60 + np.arange(_COARSE + 1) * 5.0]
)
_PAIR = np.dtype("<u4")
_FEW = 100
"""So many rows are added up in a table of all values; of more, what there is of each is sorted."""
WHOLE_DAY = "0000"
"""The hour of what is booked for no time: the one in which the day begins."""


@dataclass(slots=True)
class Counts:
    """A cell. ``waits`` and ``services`` count the places of the grid.

    ``booked`` are people with a booking that was not given up; ``no_show`` those of them who never
    came, once the day is over; both by service and time, since a booking names no gate.
    ``admitted`` are admissions that were not annulled. ``came`` are the people admitted: whoever
    returns counts once, where they came in first. ``refused`` and ``referred`` are attempts.
    ``served`` are people whose last step was done, in the hour and at the counter where it was.
    Waiting and service times are of steps that were done, by the step's own service, in the hour in
    which it ended. All of a visit counts on the day on which it began.
    """

    booked: int = 0
    came: int = 0
    admitted: int = 0
    refused: int = 0
    referred: int = 0
    served: int = 0
    no_show: int = 0
    waits: dict[int, int] = field(default_factory=dict)
    services: dict[int, int] = field(default_factory=dict)


Cells = dict[tuple[By, str], Counts]


@dataclass(frozen=True, slots=True)
class Step:
    """A step of a visit that was done. ``hour`` is that of its end, in minutes of the day."""

    hour: int
    service: str
    counter: str
    wait_s: float
    service_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class CountedVisit:
    """What counts of an admission. ``hour`` is in minutes from the start of the day.

    ``steps`` are those done in this visit, not in the one that it continues; ``is_done``: the last
    of them was the visitor's last.
    """

    visit_id: int
    hour: int
    service: str
    gate: str
    reason: str
    returned_from: int | None = None
    receipt: tuple[str, str] | None = None
    place: int = 0
    is_annulled: bool = False
    steps: tuple[Step, ...] = ()
    is_done: bool = False


def steps_of(
    finished: Iterable[FinishedStep], *, inherited: int, hour_of: Callable[[datetime], int]
) -> tuple[Step, ...]:
    """What counts of a ticket's steps; the first ``inherited`` ones are of an earlier visit.

    Where nobody noted that the visitor was there, service began with the call.
    """
    done = [step for step in finished if step.state is TicketState.DONE]
    return tuple(
        Step(
            hour_of(step.ended),
            step.service,
            step.counter or "",
            step.seconds.waiting,
            step.seconds.serving or step.seconds.walking,
        )
        for step in done[inherited:]
    )


class DayCount:
    """A day being counted; a visit that is put again replaces what it was before."""

    def __init__(self) -> None:
        self._cells: defaultdict[tuple[By, str], Counts] = defaultdict(Counts)
        self._people: dict[int, dict[int, CountedVisit]] = {}
        self._person_of: dict[int, int] = {}
        self._with_receipt: dict[tuple[str, str], set[int]] = {}

    def put(self, visit: CountedVisit) -> None:
        """Count somebody who was let in; the visit that this one continues is put before it."""
        before = self._person_of.get(visit.visit_id)
        person = self._person_of.get(visit.returned_from or 0, visit.visit_id)
        if before is not None:
            person = before
        self._person_of[visit.visit_id] = person
        visits = self._people.setdefault(person, {})
        if visits:
            self._count(visits.values(), -1)
        visits[visit.visit_id] = visit
        self._count(visits.values(), 1)
        if visit.receipt is not None:
            self._with_receipt.setdefault(visit.receipt, set()).add(visit.visit_id)

    def refuse(self, *, hour: int, service: str, gate: str, reason: str, decision: str) -> None:
        """Count an attempt that was denied or referred."""
        for key in _keys(hour, service, gate, reason):
            cell = self._cells[key]
            if decision == DecisionKind.REFER:
                cell.referred += 1
            else:
                cell.refused += 1

    def book(
        self, *, hour: str, service: str, people: int, receipt: tuple[str, str] | None = None
    ) -> None:
        """Count a booking of this day; with its receipt, once the day is over and all are put."""
        no_show = 0 if receipt is None else max(0, people - self._came_with(receipt, service))
        for key in ((By.DAY, ""), (By.HOUR, hour), (By.SERVICE, service)):
            cell = self._cells[key]
            cell.booked += people
            cell.no_show += no_show

    def cells(self) -> Cells:
        """What has been counted; cells without anything are left out."""
        return {key: cell for key, cell in self._cells.items() if cell != _NOTHING}

    def _came_with(self, receipt: tuple[str, str], service: str) -> int:
        visits = (
            self._people[self._person_of[visit_id]][visit_id]
            for visit_id in self._with_receipt.get(receipt, ())
        )
        return len(
            {
                one.place
                for one in visits
                if one.place > 0 and one.service == service and not one.is_annulled
            }
        )

    def _count(self, visits: Iterable[CountedVisit], sign: int) -> None:
        has_come = is_served = False
        for visit in visits:
            if visit.is_annulled:
                continue
            for key in _keys(visit.hour, visit.service, visit.gate, visit.reason):
                cell = self._cells[key]
                cell.admitted += sign
                if not has_come:
                    cell.came += sign
            has_come = True
            for step in visit.steps:
                self._count_step(visit, step, sign)
            if visit.is_done and not is_served:
                is_served = True
                done = visit.steps[-1]
                for key in _step_keys(visit, done, visit.service):
                    self._cells[key].served += sign

    def _count_step(self, visit: CountedVisit, step: Step, sign: int) -> None:
        wait, service = grid_place(step.wait_s), grid_place(step.service_s)
        for key in _step_keys(visit, step, step.service):
            cell = self._cells[key]
            _add(cell.waits, wait, sign)
            _add(cell.services, service, sign)


_NOTHING = Counts()


def hour_key(minutes: int) -> str:
    """An hour's key in the cells: minutes from the start of the day, sorted as text."""
    return f"{minutes:04d}"


def _keys(hour: int, service: str, gate: str, reason: str) -> tuple[tuple[By, str], ...]:
    return (
        (By.DAY, ""),
        (By.HOUR, hour_key(hour)),
        (By.SERVICE, service),
        (By.GATE, gate),
        (By.REASON, reason),
    )


def _step_keys(visit: CountedVisit, step: Step, service: str) -> tuple[tuple[By, str], ...]:
    return (
        *_keys(step.hour, service, visit.gate, visit.reason),
        (By.COUNTER, step.counter),
    )


def _add(places: dict[int, int], place: int, sign: int) -> None:
    count = places.get(place, 0) + sign
    if count:
        places[place] = count
    else:
        del places[place]


def grid_place(seconds: float) -> int:
    """The place of the grid nearest to so many seconds."""
    minutes = seconds / 60
    if minutes < 10:
        return round(minutes * 10)
    if minutes < 60:
        return _FINE + round((minutes - 10) * 2)
    return min(_FINE + _MIDDLE + round((minutes - 60) / 5), _PLACES - 1)


@dataclass(frozen=True, slots=True)
class Kept:
    """A cell as it is kept: ``numbers`` in the order of ``COLUMNS``, times packed.

    Packed are pairs of a place of the grid and how often it occurred, each four bytes, little end
    first, in order.
    """

    key: str
    numbers: tuple[int, ...]
    waits: bytes = b""
    services: bytes = b""


def kept(key: str, cell: Counts) -> Kept:
    """That cell as it is kept."""
    numbers = tuple(getattr(cell, name) for name in COLUMNS)
    return Kept(key, numbers, _packed(cell.waits), _packed(cell.services))


def kept_of(cells: Cells) -> dict[By, list[Kept]]:
    """A day's cells as they are kept, in order of their keys."""
    found: dict[By, list[Kept]] = {by: [] for by in By}
    for (by, key), cell in sorted(cells.items()):
        found[by].append(kept(key, cell))
    return found


def _packed(places: Mapping[int, int]) -> bytes:
    return np.array(sorted(places.items()), _PAIR).tobytes()


@dataclass(frozen=True, slots=True)
class Minutes:
    """The smallest value of the grid that half, or nine tenths, of the times do not exceed."""

    p50: float
    p90: float


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureRow:
    """Figures of one key; ``Counts`` says what they mean. Times are None where nothing was done."""

    key: str
    booked: int
    came: int
    admitted: int
    refused: int
    referred: int
    served: int
    no_show: int
    wait_minutes: Minutes | None
    service_minutes: Minutes | None

    def to_json(self) -> dict[str, Any]:
        """As the HTTP interface tells it."""
        values: dict[str, Any] = {"key": self.key}
        for name in COLUMNS:
            values[name] = getattr(self, name)
        for name, minutes in (
            ("wait_minutes", self.wait_minutes),
            ("service_minutes", self.service_minutes),
        ):
            values[name] = None if minutes is None else {"p50": minutes.p50, "p90": minutes.p90}
        return values


def figure_rows(cells: Sequence[Kept]) -> list[FigureRow]:
    """A row for each key, in the order in which the keys come first."""
    places: dict[str, int] = {}
    of_row = np.array([places.setdefault(one.key, len(places)) for one in cells], np.int64)
    if not places:
        return []
    numbers = np.zeros((len(places), len(COLUMNS)), np.int64)
    np.add.at(numbers, of_row, np.array([one.numbers for one in cells], np.int64))
    waits = _quantiles([one.waits for one in cells], of_row, len(places))
    services = _quantiles([one.services for one in cells], of_row, len(places))
    return [
        FigureRow(
            key=key,
            **dict(zip(COLUMNS, values, strict=True)),
            wait_minutes=wait,
            service_minutes=service,
        )
        for key, values, wait, service in zip(
            places, numbers.tolist(), waits, services, strict=True
        )
    ]


def _quantiles(
    packed: Sequence[bytes], of_row: NDArray[np.int64], rows: int
) -> list[Minutes | None]:
    pairs = np.frombuffer(b"".join(packed), _PAIR).reshape(-1, 2).astype(np.int64)
    if not len(pairs):
        return [None] * rows
    lengths = np.array([len(one) // (2 * _PAIR.itemsize) for one in packed], np.int64)
    at, counts = np.repeat(of_row, lengths) * _PLACES + pairs[:, 0], pairs[:, 1]
    if rows <= _FEW:
        counted = np.bincount(at, weights=counts)
        at = np.flatnonzero(counted)
        counts = counted[at].astype(np.int64)
    elif (at[1:] < at[:-1]).any():
        order = np.argsort(at, kind="stable")
        at, counts = at[order], counts[order]
    reached = counts.cumsum()
    ends = np.searchsorted(at, (np.arange(rows) + 1) * _PLACES)
    after = np.concatenate([[0], reached])[ends]
    before = np.concatenate([[0], after[:-1]])
    number = after - before

    def nth(rank: NDArray[np.int64]) -> list[float]:
        """The value of each row that is so many-th of its values in order."""
        found = np.minimum(np.searchsorted(reached, before + rank), len(at) - 1)
        values: list[float] = _GRID[at[found] % _PLACES].tolist()
        return values

    return [
        Minutes(p50, p90) if count else None
        for count, p50, p90 in zip(
            number.tolist(), nth((number + 1) // 2), nth((9 * number + 9) // 10), strict=True
        )
    ]


BIN_MINUTES, BINS = 5, 13
"""Of a distribution: twelve bins of an hour, and one for whatever took longer."""


def spread_of(packed: Sequence[bytes]) -> tuple[int, ...]:
    """How many of the times are below 5 minutes, from there to below 10 and so on; the last bin
    has those of an hour and longer."""
    pairs = np.frombuffer(b"".join(packed), _PAIR).reshape(-1, 2).astype(np.int64)
    bins = np.minimum(_GRID[pairs[:, 0]] // BIN_MINUTES, BINS - 1).astype(np.int64)
    found = np.bincount(bins, weights=pairs[:, 1], minlength=BINS)
    return tuple(int(count) for count in found)


def sums_of(packed: Sequence[bytes]) -> list[tuple[int, float]]:
    """Of each how many times there are, and all of them together in minutes."""
    pairs = np.frombuffer(b"".join(packed), _PAIR).reshape(-1, 2).astype(np.int64)
    lengths = [len(one) // (2 * _PAIR.itemsize) for one in packed]
    of_row = np.repeat(np.arange(len(packed)), lengths)
    counts = np.bincount(of_row, pairs[:, 1], len(packed))
    minutes = np.bincount(of_row, _GRID[pairs[:, 0]] * pairs[:, 1], len(packed))
    return [(int(count), sum_) for count, sum_ in zip(counts, minutes.tolist(), strict=True)]


def total_of(cells: Iterable[Kept]) -> FigureRow:
    """Everything in one row, whose key is empty."""
    nothing = Kept("", (0,) * len(COLUMNS))
    all_of_it = [Kept("", one.numbers, one.waits, one.services) for one in cells]
    (total,) = figure_rows([nothing, *all_of_it])
    return total


@dataclass(frozen=True, slots=True)
class FiguresRun:
    """The newest nightly run: when it ended, how many days it counted and compared with the log,
    and how many of these differed."""

    ended: datetime
    rolled: int
    checked: int
    differing: int


class Figures(Protocol):
    """Figures of any range of the site's days. Any method may raise RecordError."""

    def rows(self, first: date, last: date, by: By) -> list[FigureRow]:
        """Those of both days and all between, today as of the newest commit.

        By hour (of the site's time, as ISO 8601) and by day they are in order, each day is there;
        by anything else they are in order of their codes, "" without one. Of a day that has not
        come there are only bookings.
        """

    def total(self, first: date, last: date) -> FigureRow:
        """All of those days in one row, whose key is empty."""

    def cells(self, first: date, last: date, by: By) -> list[Kept]:
        """What ``rows`` are made of, in the same order: one or more cells for each key and day."""

    def newest_run(self) -> FiguresRun | None:
        """The newest nightly run that is known here, None before; a memory read."""
