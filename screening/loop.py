"""Threads that look again and again, and what goes wrong in a loop that must not end."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
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


class Loop:
    """Takes one turn after the other in a thread of its own, until it is closed.

    The next turn comes after ``every_s``, or as soon as somebody has woken it, but no sooner than
    ``rest_s`` after the one before. ``at_once``: the first one comes at the start. ``trouble``
    tells what a turn raises.
    """

    def __init__(
        self,
        name: str,
        turn: Callable[[], object],
        *,
        trouble: Trouble,
        every_s: float,
        rest_s: float = 0.0,
        at_once: bool = True,
    ) -> None:
        self.was_woken = False
        """Whether this turn came because somebody wanted it."""
        self._turn = turn
        self._trouble = trouble
        self._every_s = every_s
        self._rest_s = rest_s
        self._at_once = at_once
        self._woken = threading.Event()
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    @property
    def is_started(self) -> bool:
        """Whether turns are, or were, taken."""
        return self._thread.ident is not None

    @property
    def is_closing(self) -> bool:
        """Whether no further turn comes."""
        return self._closing.is_set()

    def start(self) -> None:
        """Begin; once."""
        self._thread.start()

    def wake(self) -> None:
        """Have the next turn taken soon. From any thread; never waits."""
        self._woken.set()

    def rest(self, seconds: float) -> bool:
        """Within a turn: wait so long. True as soon as it is to end."""
        return self._closing.wait(seconds)

    def close(self, patience_s: float | None = None) -> None:
        """Take no further turn, and wait for the one that is being taken, if need be for so long.

        Safe to call twice, and before the start.
        """
        self._closing.set()
        self._woken.set()
        if self.is_started:
            self._thread.join(patience_s)

    def _run(self) -> None:
        if not self._at_once:
            self._listen()
        while not self._closing.is_set():
            with self._trouble.told_once():
                self._turn()
            if not self._closing.wait(self._rest_s):
                self._listen()

    def _listen(self) -> None:
        self.was_woken = self._woken.wait(self._every_s)
        self._woken.clear()


def _place(traceback: TracebackType | None) -> tuple[str, int] | None:
    """The file and line that raised."""
    if traceback is None:
        return None
    while traceback.tb_next is not None:
        traceback = traceback.tb_next
    return traceback.tb_frame.f_code.co_filename, traceback.tb_lineno
