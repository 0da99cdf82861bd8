"""A people counter's own side of the wire."""

from __future__ import annotations

from drivers.people_counter.beam_lines import Totals, encode
from drivers.simulated.pseudo_terminal import SimulatedDevice

_LINE_EVERY_S = 1.0


class SimulatedPeopleCounter(SimulatedDevice):
    """Counts whom it is told of and tells its totals, at once and every second."""

    def __init__(self) -> None:
        self._totals = Totals(0, 0)
        super().__init__("people-counter", period_s=_LINE_EVERY_S)

    def go(self, *, entered: int = 0, left: int = 0) -> None:
        """So many people pass."""
        with self._lock:
            before = self._totals
            self._totals = Totals(before.entered + entered, before.left + left)
            self.inject(encode(self._totals))

    def restart(self) -> None:
        """The board loses its power and begins at 0."""
        with self._lock:
            self._totals = Totals(0, 0)
            self.inject(encode(self._totals))

    def _tick(self) -> None:
        with self._lock:
            self.inject(encode(self._totals))
