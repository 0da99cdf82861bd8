"""Cells of days that are over, kept in memory: most of what a look at a long range reads again.

A cell holds how often each wait and each time at a counter occurred, so reading it takes longer the
more people came. Which cells still hold is what the day's own row says; the log is not asked here.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from datetime import date

from screening.figures.roll_ups import By, FigureRow, Kept, figure_rows

MOST_BYTES = 24 * 2**20
"""Days asked for longest ago go first; a year by hour of a busy office takes 8 MB."""

_CELL_BYTES, _ROW_BYTES = 400, 600
"""Beside the times: what Python takes for a cell, and for a row of figures."""


@dataclass(slots=True)
class PastDay:
    """The cells of a day by one key, in order; ``rows`` once somebody asked for them.

    ``version`` is None where the cells are not to be used again.
    """

    cells: tuple[Kept, ...]
    version: Hashable | None
    rows: tuple[FigureRow, ...] | None = None

    @property
    def bytes(self) -> int:
        """About as much memory as it takes."""
        times = sum(len(one.waits) + len(one.services) for one in self.cells)
        return times + (_CELL_BYTES + _ROW_BYTES) * (len(self.cells) + 1)


class PastCells:
    """Days that were read, up to so many bytes; safe to use from any thread."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most_bytes = most_bytes
        self._bytes = 0
        self._days: OrderedDict[tuple[By, date], PastDay] = OrderedDict()
        self._lock = threading.Lock()

    @property
    def bytes(self) -> int:
        """About as much memory as all of it takes."""
        return self._bytes

    def get(self, by: By, day: date, version: Hashable | None) -> PastDay | None:
        """That day, where it was read at this version of it."""
        with self._lock:
            found = self._days.get((by, day))
            if found is None or version is None or found.version != version:
                return None
            self._days.move_to_end((by, day))
            return found

    def put(self, by: By, day: date, read: PastDay) -> None:
        """Keep a day instead of what was kept of it."""
        with self._lock:
            before = self._days.pop((by, day), None)
            self._bytes -= 0 if before is None else before.bytes
            if read.version is None:
                return
            self._days[by, day] = read
            self._bytes += read.bytes
            while self._bytes > self._most_bytes:
                _, oldest = self._days.popitem(last=False)
                self._bytes -= oldest.bytes

    def forget(self, day: date) -> None:
        """What was read of a day that is counted anew."""
        with self._lock:
            for by in By:
                before = self._days.pop((by, day), None)
                self._bytes -= 0 if before is None else before.bytes


def rows_of(days: Iterable[PastDay]) -> list[FigureRow]:
    """Of days whose keys no other day has: what is not known yet is counted in one go."""
    days = list(days)
    new = [day for day in days if day.rows is None]
    counted = iter(figure_rows([one for day in new for one in day.cells]))
    for day in new:
        day.rows = tuple(next(counted) for _ in day.cells)
    return [row for day in days for row in day.rows or ()]
