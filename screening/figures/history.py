"""A range of days seen from all sides: by day, by any key, over the week, and how long it took."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from screening.figures.comparison import Change, DayPart, Measure, compare
from screening.figures.roll_ups import (
    COLUMNS,
    FIRST_DAY,
    LAST_DAY,
    By,
    FigureRow,
    Figures,
    Kept,
    figure_rows,
    spread_of,
    sums_of,
    total_of,
)

MOST_DAYS, MOST_DAYS_BY_HOUR = 3660, 366
"""Ten years; one where hours are counted."""
USUAL_WEEKS = 8
"""A day is compared with the same day of so many weeks before."""
_ONE_DAY = timedelta(days=1)
_CAME = COLUMNS.index("came")


class Side(StrEnum):
    """What the rows of a history are about."""

    HOUR = "hour"
    WEEKDAY = "weekday"
    SERVICE = "service"
    GATE = "gate"
    COUNTER = "counter"
    REASON = "reason"


class Other(StrEnum):
    """Which days a range is compared with."""

    NONE = "none"
    PREVIOUS = "previous"
    LAST_MONTH = "month"
    LAST_YEAR = "year"
    CHOSEN = "chosen"


@dataclass(frozen=True, slots=True)
class Range:
    """Both days and all between."""

    first: date
    last: date

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    @property
    def is_month(self) -> bool:
        """Whether it is one whole calendar month."""
        ends = (self.last + _ONE_DAY).day == 1
        same = (self.first.year, self.first.month) == (self.last.year, self.last.month)
        return self.first.day == 1 and ends and same

    @classmethod
    def month_of(cls, day: date) -> Range:
        """The calendar month in which that day is."""
        first = day.replace(day=1)
        return cls(first, (first + timedelta(days=31)).replace(day=1) - _ONE_DAY)

    def compared(self, other: Other, begins: date | None = None) -> Range | None:
        """The days to compare with; None where there are none.

        Before a whole month is the month before, before a single day the same weekday, before any
        other range are as many days. The same
        of last month or year has the same dates, the last of a month where there is no such date.
        Days that somebody chose begin with ``begins`` and are as many.
        """
        try:
            found = self._compared(other, begins)
        except (ValueError, OverflowError):
            return None
        return found if found and FIRST_DAY <= found.first <= found.last <= LAST_DAY else None

    def _compared(self, other: Other, begins: date | None) -> Range | None:
        if other is Other.NONE or (other is Other.CHOSEN and begins is None):
            return None
        if self.is_month and other is not Other.CHOSEN:
            months = 12 if other is Other.LAST_YEAR else 1
            return Range.month_of(_months_before(self.first, months))
        if other is Other.LAST_MONTH or other is Other.LAST_YEAR:
            months = 12 if other is Other.LAST_YEAR else 1
            return Range(_months_before(self.first, months), _months_before(self.last, months))
        before = 7 if self.days == 1 else self.days
        start = begins if other is Other.CHOSEN and begins else self.first - before * _ONE_DAY
        return Range(start, start + (self.days - 1) * _ONE_DAY)


@dataclass(frozen=True, slots=True)
class Row:
    """Figures of one key; ``walked_in`` are people who came without a booking of this office.

    They are those who came less the booked who did: not known while a day is not over, nor by keys
    that a booking does not name.
    """

    figures: FigureRow
    walked_in: int | None


@dataclass(frozen=True, slots=True)
class History:
    """What happened on the days of a range.

    ``groups`` are by each side that was asked for; hours have keys like ``08:00``, weekdays ``0``
    (Monday) to ``6``.
    ``week`` tells for a weekday and an hour how many people came on average, over the days of that
    weekday on which anybody stood at a gate; None for a range too long to count hours.
    ``waits`` and ``services`` are distributions as ``spread_of`` has them. ``parts`` are the sums
    of each day that is over.
    """

    range: Range
    days: list[Row]
    groups: dict[Side, list[Row]]
    total: Row
    week: dict[tuple[int, str], float] | None
    waits: tuple[int, ...]
    services: tuple[int, ...]
    parts: dict[Measure, list[DayPart]]

    @property
    def open_days(self) -> int:
        """Days on which anybody stood at a gate."""
        return sum(map(_is_open, (row.figures for row in self.days)))


def look_back(figures: Figures, asked: Range, sides: Iterable[Side], *, today: date) -> History:
    """The history of a range. Raises RecordError.

    By hours where the range is longer than ``MOST_DAYS_BY_HOUR`` there are no groups.
    """
    cells = figures.cells(asked.first, asked.last, By.DAY)
    days = [_day_row(row, today) for row in figure_rows(cells)]
    has_hours = asked.days <= MOST_DAYS_BY_HOUR
    hours = figures.cells(asked.first, asked.last, By.HOUR) if has_hours else []
    groups: dict[Side, list[Row]] = {}
    for side in sides:
        if side is Side.HOUR:
            groups[side] = [Row(row, None) for row in figure_rows(_renamed(hours, _hour))]
        elif side is Side.WEEKDAY:
            groups[side] = _weekdays(cells, days)
        else:
            knows = side is Side.SERVICE and asked.last < today
            rows = figures.rows(asked.first, asked.last, By(side.value))
            groups[side] = [Row(row, _walked_in(row) if knows else None) for row in rows]
    return History(
        range=asked,
        days=days,
        groups=groups,
        total=Row(total_of(cells), _sum_of_known(days)),
        week=_week(hours, days) if has_hours else None,
        waits=spread_of([one.waits for one in cells]),
        services=spread_of([one.services for one in cells]),
        parts=_parts(cells, days, today),
    )


def changes(figures: Figures, now: History, before: History | None, *, today: date) -> list[Change]:
    """Each measure of a range beside that of the days it is compared with; nothing without any.

    A single day stands beside its usual ones, the same weekday of the ``USUAL_WEEKS`` before.
    Raises RecordError.
    """
    if before is None:
        return []
    is_one = now.range.days == before.range.days == 1
    parts = usual_days(figures, now.range.first, today=today) if is_one else before.parts
    return [compare(measure, now.parts[measure], parts[measure]) for measure in Measure]


def usual_days(figures: Figures, day: date, *, today: date) -> dict[Measure, list[DayPart]]:
    """The parts of the same weekday of the weeks before."""
    first = max(FIRST_DAY, day - USUAL_WEEKS * 7 * _ONE_DAY)
    cells = [
        one
        for one in figures.cells(first, max(first, day - _ONE_DAY), By.DAY)
        if date.fromisoformat(one.key).weekday() == day.weekday()
    ]
    rows = [_day_row(row, today) for row in figure_rows(cells)]
    return _parts(cells, rows, today)


def _months_before(day: date, months: int) -> date:
    number = day.year * 12 + day.month - 1 - months
    last = Range.month_of(date(number // 12, number % 12 + 1, 1)).last
    return last.replace(day=min(day.day, last.day))


def _is_open(row: FigureRow) -> bool:
    return row.admitted + row.refused + row.referred > 0


def _day_row(row: FigureRow, today: date) -> Row:
    is_over = date.fromisoformat(row.key) < today
    return Row(row, _walked_in(row) if is_over else None)


def _walked_in(row: FigureRow) -> int:
    return max(0, row.came - (row.booked - row.no_show))


def _sum_of_known(rows: Sequence[Row]) -> int | None:
    known = [row.walked_in for row in rows if row.walked_in is not None]
    return sum(known) if known else None


def _weekdays(cells: Sequence[Kept], days: Sequence[Row]) -> list[Row]:
    of_weekday: dict[str, list[Row]] = {}
    for row in days:
        of_weekday.setdefault(_weekday(row.figures.key), []).append(row)
    rows = figure_rows(_renamed(cells, _weekday))
    return [Row(row, _sum_of_known(of_weekday[row.key])) for row in rows]


def _renamed(cells: Iterable[Kept], name: Callable[[str], str]) -> list[Kept]:
    renamed = [Kept(name(one.key), one.numbers, one.waits, one.services) for one in cells]
    return sorted(renamed, key=lambda one: one.key)


def _hour(key: str) -> str:
    return key[11:16]


def _weekday(key: str) -> str:
    return str(date.fromisoformat(key).weekday())


def _week(hours: Sequence[Kept], days: Sequence[Row]) -> dict[tuple[int, str], float]:
    """Of each weekday with open days every hour in which anybody came on any day."""
    open_days = [0] * 7
    for day in days:
        if _is_open(day.figures):
            open_days[date.fromisoformat(day.figures.key).weekday()] += 1
    came: dict[tuple[int, str], int] = {}
    for cell in hours:
        people = cell.numbers[_CAME]
        if people:
            key = (date.fromisoformat(cell.key[:10]).weekday(), _hour(cell.key))
            came[key] = came.get(key, 0) + people
    all_hours = sorted({hour for _, hour in came})
    return {
        (weekday, hour): round(came.get((weekday, hour), 0) / count, 1)
        for weekday, count in enumerate(open_days)
        if count
        for hour in all_hours
    }


def _parts(cells: Sequence[Kept], rows: Sequence[Row], today: date) -> dict[Measure, list[DayPart]]:
    found: dict[Measure, list[DayPart]] = {measure: [] for measure in Measure}
    for row in rows:
        one = row.figures
        if date.fromisoformat(one.key) >= today:
            continue
        weekday = date.fromisoformat(one.key).weekday()
        attempts = one.admitted + one.refused + one.referred
        found[Measure.VISITORS].append(DayPart(one.came, _is_open(one), weekday))
        found[Measure.REFUSED].append(DayPart(one.refused, attempts, weekday))
        found[Measure.REFERRED].append(DayPart(one.referred, attempts, weekday))
        found[Measure.NO_SHOW].append(DayPart(one.no_show, one.booked, weekday))
    over = [one for one in cells if date.fromisoformat(one.key) < today]
    weekdays = [date.fromisoformat(one.key).weekday() for one in over]
    for measure, packed in (
        (Measure.WAIT, [one.waits for one in over]),
        (Measure.SERVICE, [one.services for one in over]),
    ):
        for (count, minutes), weekday in zip(sums_of(packed), weekdays, strict=True):
            found[measure].append(DayPart(minutes, count, weekday))
    return found
