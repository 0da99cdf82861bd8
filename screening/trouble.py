"""What goes wrong in a loop that must not end: told when it begins and when it is over."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType

from screening.errors import RecordError


class Trouble:
    """The trouble of one loop. ``what`` tells what cannot be done, ``over`` that it can again.

    For the thread of that loop alone.
    """

    def __init__(self, log: logging.Logger, what: str, *, over: str) -> None:
        self._log = log
        self._what = what
        self._over = over
        self._told: set[object] = set()

    @contextmanager
    def told_once(self) -> Iterator[None]:
        """Run one turn of the loop; an exception ends this turn and is not raised.

        Until a turn succeeds, a RecordError is told once, as a warning, and a fault of the program
        once for each place it comes from, with its traceback. The turn that succeeds is told too.
        """
        try:
            yield
        except RecordError as error:
            if self._is_new(RecordError):
                self._log.warning("%s: %s", self._what, error)
        except Exception as error:  # noqa: BLE001 - a fault must not end a loop unnoticed
            # By its place, not its text: that may name another visitor each time.
            if self._is_new((type(error), _place(error.__traceback__))):
                self._log.exception("%s: a fault in the program", self._what)
        else:
            if self._told:
                self._log.info(self._over)
                self._told.clear()

    def _is_new(self, kind: object) -> bool:
        is_new = kind not in self._told
        self._told.add(kind)
        return is_new


def _place(traceback: TracebackType | None) -> tuple[str, int] | None:
    """The file and line that raised."""
    if traceback is None:
        return None
    while traceback.tb_next is not None:
        traceback = traceback.tb_next
    return traceback.tb_frame.f_code.co_filename, traceback.tb_lineno
