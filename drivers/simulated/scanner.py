"""A GM65 scanner's own side of the wire."""

from __future__ import annotations

from drivers.scanner import gm65
from drivers.simulated.pseudo_terminal import SimulatedDevice


class SimulatedScanner(SimulatedDevice):
    """Reads the codes it is shown; answers the trigger command as the module does."""

    def __init__(self) -> None:
        super().__init__("scanner", period_s=0.01)

    def scan(self, text: str) -> None:
        """A code is held before the window."""
        self.inject(gm65.encode(text))

    def _tick(self) -> None:
        if gm65.TRIGGER in self._received():
            self.inject(gm65.ACKNOWLEDGEMENT)
