"""Who begins a check without asking: at a gate without receipts, a face or a skin temperature."""

from __future__ import annotations

from collections.abc import Callable

from screening.gate.decision import Check
from screening.gate.front import Front
from screening.gate.policy import Policy
from screening.gate.showing import Visitor
from screening.readings import MaskAdvice, MaskReading, Reading, TemperatureReading


class Arrivals:
    """Begins the next session when somebody new stands there; ``policy`` is asked each time."""

    def __init__(self, front: Front, policy: Callable[[], Policy]) -> None:
        self._front = front
        self._policy = policy

    def see(self, reading: Reading) -> None:
        """Begin a session when ``reading`` shows the next visitor and the lane is free."""
        if self._front.session is not None:
            return
        is_somebody = self._shows_somebody(reading)
        if is_somebody is None:
            return
        if not is_somebody:
            self._front.left()
        elif not self._front.may_still_stand_there and not self._front.is_unconfirmed:
            self._front.begin(Visitor())

    def _shows_somebody(self, reading: Reading) -> bool | None:
        """None where this gate does not go by such a reading."""
        policy = self._policy()
        if Check.RECEIPT in policy.checks:
            return None
        if isinstance(reading, MaskReading):
            return reading.advice is not MaskAdvice.NO_FACE
        if isinstance(reading, TemperatureReading) and Check.MASK not in policy.checks:
            return policy.can_be_a_face(reading.object_celsius)
        return None
