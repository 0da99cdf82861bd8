"""What a thermal picture tells a guard in words, and its drawn scale."""

from __future__ import annotations

from dataclasses import dataclass

from dashboard.web.words import N_
from screening.temperature.array import FAULTS, Refusal

MEASURED = N_("The cross is on the hottest spot inside the line.")


@dataclass(frozen=True, slots=True)
class RefusalWording:
    """Why there is no temperature, and what the guard does about it."""

    why: str
    act: str


REFUSALS: dict[Refusal, RefusalWording] = {
    Refusal.SEVERAL_FACES: RefusalWording(
        N_("More than one face is in front."),
        N_("One person at a time, please."),
    ),
    Refusal.TOO_FEW_PICTURES: RefusalWording(
        N_("The thermal camera has just begun."),
        N_("Wait a few seconds."),
    ),
    Refusal.OUTSIDE_ARRAY: RefusalWording(
        N_("The face is not wholly in the thermal picture."),
        N_("Ask the visitor to stand in the middle."),
    ),
    Refusal.TOO_FEW_PIXELS: RefusalWording(
        N_("The face is too small in the thermal picture."),
        N_("Ask the visitor to come closer."),
    ),
    Refusal.HOT_OBJECT: RefusalWording(
        N_("Something hotter than any body is there: a lamp, the sun, a drink."),
        N_("Take it out of the picture."),
    ),
    Refusal.GLASSES: RefusalWording(
        N_("Glasses hide the warm spot at the eyes."),
        N_("Ask the visitor to take them off for a moment."),
    ),
    Refusal.DEAD_PIXELS_AT_MAXIMUM: RefusalWording(
        N_("A dead pixel may hide the face's hottest spot."),
        N_("Ask the visitor to move a little aside."),
    ),
    Refusal.STUCK_COLUMN_AT_MAXIMUM: RefusalWording(
        N_("A stuck column of pixels may hide the face's hottest spot."),
        N_("Ask the visitor to move a little aside, or measure by hand."),
    ),
    Refusal.BROKEN_PICTURE: RefusalWording(
        N_("Too many pixels of the thermal camera show nothing."),
        N_("Measure by hand and call the administrator."),
    ),
}
"""In the order in which they are told: the first one that holds."""


def first_told(refusals: tuple[Refusal, ...]) -> Refusal | None:
    """The one of several reasons to act on first."""
    return next((why for why in REFUSALS if why in refusals), None)


def is_fault(refusal: Refusal) -> bool:
    """Whether it is the device's own, not the visitor's place."""
    return refusal in FAULTS
