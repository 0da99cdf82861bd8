"""Words of the page on which the camera's faces are found in a gate's thermal array."""

from __future__ import annotations

from dataclasses import dataclass

from dashboard.setup.camera_contexts import NotedValue
from dashboard.setup.thermal_contexts import Place, ThermalResult, ThermalSetup
from dashboard.web.gate.contexts import DeviceLine, ThermalCard
from dashboard.web.language import Language
from dashboard.web.words import N_
from screening.temperature.affine_mapping import AffineMapping
from screening.temperature.instrument.face_mapping import (
    PLACES,
    LevelFit,
    MappingProblem,
    Step,
    Walked,
)


@dataclass(frozen=True, slots=True)
class StepWording:
    """What has been reached, what to do next, and the colour of it."""

    state: str
    headline: str
    advice: str


_TAKEN = N_("This place is taken")

STEPS = {
    Step.COME: StepWording(
        "ready",
        N_("The camera does not see one face"),
        N_("Stand alone in front of the gate and look at the camera. Take glasses off."),
    ),
    Step.WARM: StepWording(
        "ready",
        N_("The thermal camera sees nobody"),
        N_("Nothing in its picture is as warm as a face. Turn it to where you stand."),
    ),
    Step.STAND_STILL: StepWording(
        "wait",
        N_("This place is being taken"),
        N_("Stand still for two seconds."),
    ),
    Step.GO_ASIDE: StepWording("fix", _TAKEN, N_("Take a step to the left or to the right.")),
    Step.GO_DOWN: StepWording(
        "fix", _TAKEN, N_("Bend your knees, or stand on your toes, and hold still.")
    ),
    Step.GO_ELSEWHERE: StepWording("fix", _TAKEN, N_("Stand somewhere else in the picture.")),
}

DONE = StepWording(
    "admit",
    N_("Faces are found"),
    N_("Copy the line below into gerbang.toml and start the gate again."),
)
CONTRADICTORY = StepWording(
    "fix",
    N_("The places do not fit together"),
    N_(
        "Hang camera and thermal camera level beside each other,"
        " take hot things out of the picture, and start again."
    ),
)
PROBLEMS = {
    MappingProblem.TOO_FEW: CONTRADICTORY,
    MappingProblem.TOO_NARROW: StepWording(
        "fix",
        N_("The places are too close together"),
        N_("Start again, with places further to the left and to the right."),
    ),
    MappingProblem.TOO_FLAT: StepWording(
        "fix",
        N_("The places are all at one height"),
        N_("Start again, and bend your knees in one of the places."),
    ),
}
NO_ARRAY = StepWording(
    "ready",
    N_("No thermal picture"),
    N_("The thermometer of this gate is no thermal camera, or it sends nothing now."),
)
NO_CAMERA = StepWording(
    "ready",
    N_("No camera"),
    N_("Without a camera the middle of the thermal picture is measured; nothing is to be set up."),
)


def mapping_line(mapping: AffineMapping) -> str:
    """The setting as it stands in the configuration file."""
    numbers = (f"{number:.3f}" for row in mapping.matrix for number in row)
    return f"face_mapping = [{', '.join(numbers)}]"


@dataclass(frozen=True, slots=True)
class ThermalWords:
    """Writes in one language how far the walk from place to place has come."""

    language: Language

    def setup(
        self,
        gate: str,
        walked: Walked | None,
        *,
        camera: DeviceLine | None,
        thermal: ThermalCard | None,
        follows_face: bool,
    ) -> ThermalSetup:
        """The changing part of the page. ``follows_face``: a mapping is in force already."""
        walked = walked or Walked(Step.COME, ())
        has_camera = camera is not None and camera.state != "absent"
        wording = _wording(walked)
        if thermal is None:
            wording = NO_ARRAY
        elif not has_camera:
            wording = NO_CAMERA
        return ThermalSetup(
            gate=gate,
            camera=camera,
            thermal=thermal,
            follows_face=follows_face,
            state=wording.state,
            headline=self.language.say(wording.headline),
            advice=self.language.say(wording.advice),
            places=tuple(
                Place(x=round(400 * pair.camera[0]), y=round(300 * pair.camera[1]))
                for pair in walked.pairs
            ),
            places_needed=PLACES,
            still=round(100 * walked.still),
            result=None if walked.fit is None else self._result(walked.fit),
        )

    def _result(self, fit: LevelFit) -> ThermalResult:
        say, decimal, mapping = self.language.say, self.language.decimal, fit.mapping
        pixels = say("%(number)s pixels")
        return ThermalResult(
            line=mapping_line(mapping) if fit.is_good else None,
            values=(
                self._value(N_("Places used"), str(mapping.pairs)),
                self._value(N_("Places left out because they did not fit"), str(fit.left_out)),
                self._value(
                    N_("Largest error"), pixels % {"number": decimal(mapping.largest_error_pixels)}
                ),
                self._value(
                    N_("Typical error"), pixels % {"number": decimal(mapping.rms_error_pixels)}
                ),
            ),
        )

    def _value(self, name: str, value: str) -> NotedValue:
        return NotedValue(name=self.language.say(name), value=value, good="")


def _wording(walked: Walked) -> StepWording:
    if walked.problem is not None:
        return PROBLEMS[walked.problem]
    if walked.fit is not None:
        return DONE if walked.fit.is_good else CONTRADICTORY
    return STEPS[walked.step]
