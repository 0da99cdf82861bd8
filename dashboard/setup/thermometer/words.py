"""What people read of a thermometer's care, problems and outcomes, in words to translate."""

from __future__ import annotations

from dashboard.web.words import N_
from screening.decision import Reason
from screening.temperature import uncertainty
from screening.temperature.instrument.commissioning import CheckOutcome
from screening.temperature.instrument.distance_fit import DistanceProblem
from screening.temperature.instrument.fitting import CommissioningProblem
from screening.temperature.instrument.normaliser import LinearityVerdict
from screening.temperature.sites import FACE_MAX, FOREHEAD_SPOT

PROBLEMS: dict[CommissioningProblem, str] = {
    CommissioningProblem.TOO_FEW_PEOPLE: N_("At least five people are needed."),
    CommissioningProblem.ROOM: N_(
        "The room must have 18 to 28 °C. Wait, or cool it, and measure everybody again."
    ),
    CommissioningProblem.NOT_WELL: N_(
        "Somebody had 37.5 or more on the clinical thermometer. Take that person out."
    ),
    CommissioningProblem.NOT_A_BODY: N_(
        "A clinical reading cannot be a person's. Take that line out and measure again."
    ),
    CommissioningProblem.OFFSET_TOO_LARGE: N_(
        "The device is too far off. Check its distance, its lens and its model, then start again."
    ),
    CommissioningProblem.SPREAD_TOO_WIDE: N_(
        "People differ too much. Measure those again that stand far from the line, at the same"
        " distance and without sun or sweat on the face."
    ),
    CommissioningProblem.NOT_A_NUMBER: N_("A value is no number. Take that line out."),
    CommissioningProblem.ONE_VALUE: N_(
        "The device showed everybody the same value: it stands still or makes it up. Take it from"
        " its power for a moment and measure everybody again."
    ),
    CommissioningProblem.SPREAD_TOO_SMALL: N_(
        "The device's values are too much alike to be of different people. Measure different"
        " people; if it stays so, do not use this device."
    ),
    CommissioningProblem.NOT_A_FLASK: N_("A flask must have 30 to 45 °C to tell anything."),
}

DISTANCE_PROBLEMS: dict[DistanceProblem, str] = {
    DistanceProblem.TOO_FEW_DISTANCES: N_("At least three distances are needed."),
    DistanceProblem.NOT_A_DISTANCE: N_("A distance must be 5 to 400 cm. Take that line out."),
    DistanceProblem.NOT_A_READING: N_("A value cannot be a face's. Take that line out."),
    DistanceProblem.NOT_A_FACE: N_(
        "The camera saw no whole face at one distance. Measure there again."
    ),
    DistanceProblem.NO_REFERENCE: N_("Nobody stood on the mark. Measure there first."),
    DistanceProblem.TOO_CLOSE_TOGETHER: N_(
        "The distances are too close together. Go on until the last is a third further than the"
        " first."
    ),
    DistanceProblem.CAMERA_DISAGREES: N_(
        "Camera and tape disagree. Measure from the thermometer to the face, with the camera beside"
        " it, and let one person walk the whole way."
    ),
    DistanceProblem.RISES: N_(
        "The device reads more from further away. Measure that distance again, without sun or lamp"
        " behind it."
    ),
    DistanceProblem.TOO_LARGE: N_(
        "More than 3 °C would be added. Bring the mark closer to the device, and walk less far."
    ),
}

LINEARITIES: dict[LinearityVerdict, str] = {
    LinearityVerdict.HONEST: N_("Honest: it rises as much as what is measured."),
    LinearityVerdict.NORMALISES: N_(
        "It hides warmth: it rises less than what is measured. Do not use this device."
    ),
    LinearityVerdict.NOT_LINEAR: N_(
        "It does not follow what is measured. Do not use this device before it was looked at."
    ),
    LinearityVerdict.TOO_FEW_POINTS: N_(
        "More temperatures are needed to tell: four or more over 3 °C, one of 37.0 to 37.5 and one"
        " of 38 or more."
    ),
}

MEASURING_SITES: dict[str, str] = {
    FACE_MAX.name: N_("hottest point of the face"),
    FOREHEAD_SPOT.name: N_("middle of the forehead"),
}

NO_VALUES: dict[Reason, str] = {
    Reason.STAND_STILL: N_("not steady: stand still before the device"),
    Reason.STEP_CLOSER: N_("too cold for a face: step closer"),
    Reason.HOT_OBJECT: N_("hotter than a face: take it out of the way"),
    Reason.GUARD_MEASURES: N_("the device gives nothing"),
}
NO_VALUE = N_("no steady value")

OUTCOMES: dict[CheckOutcome, tuple[str, str]] = {
    CheckOutcome.PASSED: ("admit", N_("passed")),
    CheckOutcome.OFF: ("deny", N_("too far off: the gate is manual")),
    CheckOutcome.ROOM: ("deny", N_("the room is unsuitable: the gate is manual")),
}
"""The colour and the word of a daily check's end."""

UNCERTAINTIES: dict[str, str] = {
    uncertainty.PERSON: N_("Difference of one person from another"),
    uncertainty.OFFSET: N_("Offset, found with so few people"),
    uncertainty.CLINICAL: N_("Clinical thermometer that it was found with"),
    uncertainty.ROOM: N_("Room temperature"),
    uncertainty.DISTANCE: N_("Distance of the face"),
    uncertainty.BASELINE: N_("Drift of the sensor"),
    uncertainty.REPEATABILITY: N_("The device's own values while somebody stands still"),
}
"""Names of what is not known of a temperature; an unknown one is shown as it is."""
