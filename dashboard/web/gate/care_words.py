"""What a guard reads about a thermometer that should be looked after."""

from __future__ import annotations

from dataclasses import dataclass

from dashboard.web.words import N_
from screening.temperature.instrument.care_view import CareReason, CareState, ThermometerView


@dataclass(frozen=True, slots=True)
class CareWording:
    """What is the matter with a thermometer, and what the guard does about it."""

    headline: str
    guard: str


_MADE_UP = N_(
    "It may be making numbers up. Measure by hand where you doubt it, and call the administrator."
)

CARE: dict[CareReason, CareWording] = {
    CareReason.NOT_COMMISSIONED: CareWording(
        N_("The thermometer was never set up"),
        N_("Set it up here with five people who are well."),
    ),
    CareReason.WARMING_UP: CareWording(
        N_("The thermometer is warming up"),
        N_("Leave it switched on; it is steady after half an hour."),
    ),
    CareReason.CHECK_DUE: CareWording(
        N_("The thermometer was not checked today"),
        N_("Compare it with a clinical thermometer on one person who is well."),
    ),
    CareReason.DRIFT: CareWording(
        N_("The thermometer has drifted"),
        N_("Measure by hand until it was checked. Sun, draught or a dirty lens may be the cause."),
    ),
    CareReason.SPREAD_TOO_SMALL: CareWording(
        N_("Its values are too much alike"),
        _MADE_UP,
    ),
    CareReason.DIGITS_UNEVEN: CareWording(
        N_("Its last digits are not those of a real measurement"),
        _MADE_UP,
    ),
    CareReason.VALUE_REPEATED: CareWording(
        N_("It gives the same value again and again"),
        _MADE_UP,
    ),
    CareReason.CHECK_OFF: CareWording(
        N_("The thermometer failed its check"),
        N_("Measure by hand. Clean the lens, wait ten minutes, then check again."),
    ),
    CareReason.CHECK_ROOM: CareWording(
        N_("The room is too cold or too warm for the thermometer"),
        N_("Measure by hand. Check again when the room has 18 to 28 °C."),
    ),
    CareReason.OTHER_MODEL: CareWording(
        N_("This is another thermometer than the one that was set up"),
        N_("Measure by hand until this one is set up."),
    ),
}

CARE_WHERE_FAILED: dict[CareReason, CareWording] = {
    CareReason.NOT_COMMISSIONED: CareWording(
        N_("The thermometer was never set up"),
        N_(
            "Measure by hand: nobody knows yet how far its values are from the body's."
            " Set it up with five people who are well."
        ),
    ),
    CareReason.VALUE_REPEATED: CareWording(
        N_("It gives the same value again and again"),
        N_(
            "Measure by hand until it was checked. It may stand still: take it from its power for"
            " a moment first."
        ),
    ),
}
"""Where a reason that elsewhere is only told makes the gate manual."""


def care_wording(thermometer: ThermometerView) -> CareWording | None:
    """What is the matter with a thermometer, the gravest first; None when nothing is."""
    if not thermometer.reasons:
        return None
    reason = thermometer.reasons[0]
    if thermometer.state is CareState.FAILED and reason in CARE_WHERE_FAILED:
        return CARE_WHERE_FAILED[reason]
    return CARE[reason]
