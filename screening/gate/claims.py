"""The gates that this process wants to run: takes what is free, waits for the rest, lets go of
what it has lost."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from screening.errors import RecordError, ScreeningError
from screening.gate.ownership import GateOwners, Ownership
from screening.loop import Loop, Trouble

LOOK_S = 0.5
"""How often a gate is asked for again, and looked at for being lost."""

STOP_S = 3.0
"""A look that hangs longer than this is not waited for: ownership ends with the process anyhow."""

_IS_ANOTHERS, _IS_LOST = "is another's", "is lost"

_log = logging.getLogger(__name__)


class Claims:
    """``begin`` is called with a gate that was taken, ``end`` with one that was lost.

    Both come from one thread at a time. A ScreeningError of ``begin`` gives the gate back, to be
    tried again.
    """

    def __init__(
        self,
        owners: GateOwners,
        *,
        begin: Callable[[str, Ownership], None],
        end: Callable[[str], None],
    ) -> None:
        self._owners = owners
        self._begin = begin
        self._end = end
        self._looking = threading.Lock()
        self._held: dict[str, Ownership] = {}
        self._awaited: set[str] = set()
        self._told: dict[str, str] = {}
        self._loop = Loop(
            "gate-claims",
            self.look,
            trouble=Trouble(
                _log,
                "it is not known who runs the gates",
                over="it is known again who runs the gates",
            ),
            every_s=LOOK_S,
            at_once=False,
        )

    def add(self, gate: str) -> None:
        """Want this gate too, and try at once. Raises ScreeningError where ``begin`` does.

        Of a gate that is wanted already it returns at once.
        """
        if gate in self._held or gate in self._awaited:
            return
        with self._looking:
            if gate in self._held or gate in self._awaited or self._loop.is_closing:
                return
            self._awaited.add(gate)
            self._try(gate)

    def drop(self, gate: str) -> None:
        """Do not want this gate any more: it ends here, and is given back."""
        with self._looking:
            self._awaited.discard(gate)
            ownership = self._held.pop(gate, None)
            if ownership is not None:
                self._end(gate)
                ownership.release()

    def look(self) -> None:
        """Let go of what was lost, and try to take what is wanted (what the thread does)."""
        with self._looking:
            self._owners.check()
            for gate in [gate for gate, held in self._held.items() if held.is_lost]:
                self._let_go(gate)
            for gate in sorted(self._awaited):
                try:
                    self._try(gate)
                except ScreeningError as error:
                    self._tell(gate, f"it cannot be run: {error}")

    def start(self) -> None:
        """Begin to look again and again."""
        self._loop.start()

    def stop(self) -> None:
        """Take no gate any more; what is held stays held."""
        self._loop.close(STOP_S)

    def release(self) -> None:
        """Give every gate back, after ``stop`` and once nobody acts for them any more."""
        if self._looking.acquire(timeout=STOP_S):
            try:
                self._held.clear()
                self._owners.close()
            finally:
                self._looking.release()

    def _try(self, gate: str) -> None:
        try:
            ownership = self._owners.take(gate)
        except RecordError as error:
            self._tell(gate, f"it is not known who runs it: {error}")
            return
        if ownership is None:
            if self._told.get(gate) != _IS_ANOTHERS:
                _log.warning(
                    "gate %s: %s runs it; this process waits for it", gate, self._whoever_runs(gate)
                )
                self._told[gate] = _IS_ANOTHERS
            return
        try:
            self._begin(gate, ownership)
        except ScreeningError:
            ownership.release()
            raise
        self._awaited.discard(gate)
        self._held[gate] = ownership
        if self._told.pop(gate, None) is not None:
            _log.info("gate %s: this process runs it now", gate)

    def _let_go(self, gate: str) -> None:
        ownership = self._held.pop(gate)
        self._end(gate)
        ownership.release()
        _log.warning("gate %s: this process has lost it, and has stopped it", gate)
        self._awaited.add(gate)
        self._told[gate] = _IS_LOST

    def _tell(self, gate: str, what: str) -> None:
        if self._told.get(gate) != what:
            self._told[gate] = what
            _log.warning("gate %s: %s", gate, what)

    def _whoever_runs(self, gate: str) -> str:
        try:
            owner = self._owners.owner(gate)
        except RecordError:
            owner = None
        if owner is None:
            return "another process"
        return owner.address or f"a process on {owner.machine}"
