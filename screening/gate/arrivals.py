"""Who begins a check without asking: at a gate without receipts, a face or a skin temperature."""

from __future__ import annotations

from collections.abc import Callable

from screening.decision import Check
from screening.gate.current_visit import CurrentVisit
from screening.gate.hold import CheckHold
from screening.gate.policy import Policy
from screening.gate.verdict import Visitor
from screening.readings import MaskAdvice, MaskReading, Reading, TemperatureReading


class Arrivals:
    """Begins the next session when somebody new stands there; ``policy`` is asked each time."""

    def __init__(self, visit: CurrentVisit, policy: Callable[[], Policy], hold: CheckHold) -> None:
        self._visit = visit
        self._policy = policy
        self._hold = hold

    def see(self, reading: Reading) -> None:
        """Begin a session when ``reading`` shows the next visitor and the lane is free."""
        policy = self._policy()
        is_somebody = _shows_somebody(reading, policy)
        if is_somebody is not None:
            self._hold.saw(is_somebody=is_somebody)
        if Check.RECEIPT in policy.checks or self._visit.session is not None:
            return
        if is_somebody is False:
            self._visit.left()
        elif is_somebody and self._is_next:
            self._visit.begin(Visitor())

    @property
    def _is_next(self) -> bool:
        """Whether somebody who stands there would be the next visitor."""
        is_kept_free = self._hold.view is not None
        is_taken = self._visit.may_still_stand_there or self._visit.is_unconfirmed
        return not is_kept_free and not is_taken


def _shows_somebody(reading: Reading, policy: Policy) -> bool | None:
    """None where this gate does not go by such a reading."""
    if isinstance(reading, MaskReading):
        return reading.advice is not MaskAdvice.NO_FACE
    if isinstance(reading, TemperatureReading) and Check.MASK not in policy.checks:
        return policy.can_be_a_face(reading.object_celsius)
    return None
