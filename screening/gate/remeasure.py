"""What a visitor has to do where a thermal array gives no value of the face."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from screening.decision import Reason
from screening.temperature.array import Refusal

ASKED: Mapping[Refusal, Reason] = {
    Refusal.SEVERAL_FACES: Reason.ONE_AT_A_TIME,
    Refusal.TOO_FEW_PICTURES: Reason.STAND_STILL,
    # The array's own faults: on the mark the next visitor's face lies under them too.
    Refusal.BROKEN_PICTURE: Reason.GUARD_MEASURES,
    Refusal.STUCK_COLUMN_AT_MAXIMUM: Reason.GUARD_MEASURES,
    Refusal.DEAD_PIXELS_AT_MAXIMUM: Reason.GUARD_MEASURES,
    Refusal.OUTSIDE_ARRAY: Reason.STAND_IN_MIDDLE,
    Refusal.TOO_FEW_PIXELS: Reason.STEP_CLOSER,
    Refusal.HOT_OBJECT: Reason.HOT_OBJECT,
    Refusal.GLASSES: Reason.TAKE_GLASSES_OFF,
}
"""The first that holds is asked for; the guard's page says more of each."""


def asked_for(refusals: Sequence[Refusal]) -> Reason | None:
    """What to tell the visitor, or None where nothing was refused."""
    return next((reason for refusal, reason in ASKED.items() if refusal in refusals), None)
