"""Words and drawing of the page on which a gate's camera is set up."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, log
from typing import Literal

from dashboard.setup.camera_contexts import CameraLive, CameraNote, CameraRow, NotedValue, Ruler
from dashboard.web.gate.contexts import DeviceLine
from dashboard.web.language import Language
from dashboard.web.words import N_
from screening.vision.commissioning import (
    ACROSS,
    FACE_BRIGHTNESS,
    FACE_SIDE_PX,
    FACE_TO_SURROUND,
    MOST_CLIPPED,
    SCALES,
    SHARPNESS,
    STEADY_S,
    Finding,
    GoodRange,
    Item,
    Measure,
    Report,
)

RULER_UNITS = 400
"""Length of a scale in the units of its drawing."""


@dataclass(frozen=True, slots=True)
class Saying:
    """``short`` beside a scale, ``headline`` and ``advice`` when it is the first thing to mend."""

    short: str
    headline: str
    advice: str


ITEMS = {
    Item.EXPOSURE: N_("Brightness of the face"),
    Item.LIGHT: N_("Direction of the light"),
    Item.FOCUS: N_("Focus"),
    Item.DISTANCE: N_("Distance"),
    Item.MIDDLE: N_("One face in the middle"),
}

_NOT_YET = N_("not measured yet")

SAYINGS = {
    Finding.GOOD: Saying(
        N_("good"),
        N_("All is good"),
        N_("Stay where you are until the gate is complete."),
    ),
    Finding.NO_PICTURE: Saying(
        _NOT_YET,
        N_("No picture"),
        N_("Wait for the next picture. If none comes, check the camera's cable."),
    ),
    Finding.NO_FACE: Saying(
        _NOT_YET,
        N_("Nobody is in front"),
        N_("Stand 1 m in front of the camera and look at it."),
    ),
    Finding.BACKLIT: Saying(
        N_("light from behind"),
        N_("Light from behind"),
        N_("Move the camera so that the light of the door is not behind the visitor."),
    ),
    Finding.TOO_DARK: Saying(
        N_("too dark"),
        N_("The face is too dark"),
        N_("Switch on a lamp in front of the face."),
    ),
    Finding.TOO_BRIGHT: Saying(
        N_("too bright"),
        N_("The face is too bright"),
        N_("Turn the lamp away from the face, or shade the sun."),
    ),
    Finding.TOO_FAR: Saying(
        N_("too far"),
        N_("The face is too small"),
        N_("Step closer, or bring the camera closer to where visitors stand."),
    ),
    Finding.TOO_NEAR: Saying(
        N_("too near"),
        N_("The face is too large"),
        N_("Step back, or move the camera away from where visitors stand."),
    ),
    Finding.SEVERAL: Saying(
        N_("more than one face"),
        N_("More than one face"),
        N_("Only one person in front of the camera, please."),
    ),
    Finding.LEFT: Saying(
        N_("too far left"),
        N_("The face is at the left edge"),
        N_("Turn the camera until the face is in the middle of the picture."),
    ),
    Finding.RIGHT: Saying(
        N_("too far right"),
        N_("The face is at the right edge"),
        N_("Turn the camera until the face is in the middle of the picture."),
    ),
    Finding.HIGH: Saying(
        N_("too high"),
        N_("The face is at the upper edge"),
        N_("Tilt the camera up, or hang it higher."),
    ),
    Finding.LOW: Saying(
        N_("too low"),
        N_("The face is at the lower edge"),
        N_("Tilt the camera down, or hang it lower."),
    ),
    Finding.BLURRED: Saying(
        N_("blurred"),
        N_("The face is not sharp"),
        N_("Clean the lens or set its focus."),
    ),
    Finding.NOT_JUDGED: Saying(
        N_("needs light first"),
        N_("The face is too dark"),
        N_("Switch on a lamp in front of the face."),
    ),
}

MEASURING = Saying(
    _NOT_YET,
    N_("The camera is measured"),
    N_("Stand 1 m in front of the camera and look at it."),
)
"""Instead of a missing picture while the camera itself is there."""


@dataclass(frozen=True, slots=True)
class CameraWords:
    """Writes what was measured in one language."""

    language: Language

    def live(self, gate: str, report: Report, *, camera: DeviceLine | None, at: str) -> CameraLive:
        """The changing part of the page; ``at`` is the moment that goes on the note."""
        say = self.language.say
        saying = SAYINGS[report.advice]
        if report.advice is Finding.NO_PICTURE and camera is not None and camera.state == "up":
            saying = MEASURING
        is_done = report.measured is not None
        return CameraLive(
            gate=gate,
            camera=camera,
            state=_state(report, is_done=is_done),
            headline=say("The camera is set up") if is_done else say(saying.headline),
            advice=say("Print the values or write them down. You may go.")
            if is_done
            else say(saying.advice),
            good_s=report.good_s,
            left_s=STEADY_S - report.good_s,
            rows=tuple(self._row(measure) for measure in report.measures),
            note=None
            if report.measured is None
            else CameraNote(
                at=at,
                values=tuple(
                    NotedValue(
                        name=say(ITEMS[measure.item]),
                        value=self._value(measure),
                        good=self._good(measure.item),
                    )
                    for measure in report.measured
                ),
            ),
        )

    def _row(self, measure: Measure) -> CameraRow:
        state: Literal["good", "bad", "none"] = "good" if measure.is_good else "bad"
        if measure.value is None or measure.finding is Finding.NOT_JUDGED:
            state = "none"
        return CameraRow(
            item=measure.item.value,
            name=self.language.say(ITEMS[measure.item]),
            state=state,
            verdict=self.language.say(SAYINGS[measure.finding].short),
            value=self._value(measure),
            good=self._good(measure.item),
            ruler=ruler_of(measure),
        )

    def _value(self, measure: Measure) -> str:
        say, value = self.language.say, measure.value
        if value is None:
            return "–"
        match measure.item:
            case Item.EXPOSURE:
                white = self.language.percent(measure.beside or 0.0)
                return say("%(bright)s, of it white %(white)s") % {
                    "bright": self.language.percent(value),
                    "white": white,
                }
            case Item.LIGHT:
                return say("%(share)s of the light around it") % {
                    "share": self.language.percent(value)
                }
            case Item.FOCUS:
                return say("sharpness %(number)s") % {"number": _sharpness(value)}
            case Item.DISTANCE:
                return say("face of %(side)s px in 640") % {"side": round(value)}
            case Item.MIDDLE:
                return say("%(across)s from the left, %(down)s from above") % {
                    "across": self.language.percent(value),
                    "down": self.language.percent(measure.beside or 0.0),
                }

    def _good(self, item: Item) -> str:
        say = self.language.say
        match item:
            case Item.EXPOSURE:
                return say("good: %(low)s to %(high)s, white at most %(white)s") % {
                    "low": self.language.percent(FACE_BRIGHTNESS.low),
                    "high": self.language.percent(FACE_BRIGHTNESS.high),
                    "white": self.language.percent(MOST_CLIPPED),
                }
            case Item.LIGHT:
                low = self.language.percent(FACE_TO_SURROUND.low)
            case Item.FOCUS:
                low = str(_sharpness(SHARPNESS.low))
            case Item.DISTANCE:
                return say("good: %(low)s to %(high)s") % {
                    "low": round(FACE_SIDE_PX.low),
                    "high": round(FACE_SIDE_PX.high),
                }
            case Item.MIDDLE:
                return say("good: %(low)s to %(high)s") % {
                    "low": self.language.percent(ACROSS.low),
                    "high": self.language.percent(ACROSS.high),
                }
        return say("good: at least %(low)s") % {"low": low}


def ruler_of(measure: Measure) -> Ruler:
    """Where the good range and the value lie on a scale of ``RULER_UNITS``."""
    scale = SCALES[measure.item]
    is_open = scale.high == inf
    return Ruler(
        good_from=_place(scale, scale.low, measure.item),
        good_to=RULER_UNITS if is_open else _place(scale, scale.high, measure.item),
        is_open=is_open,
        value=None if measure.value is None else _place(scale, measure.value, measure.item),
    )


def _place(scale: GoodRange, value: float, item: Item) -> int:
    """Sharpness spans two powers of ten and is drawn by its logarithm."""
    kept = min(max(value, scale.scale_from), scale.scale_to)
    if item is Item.FOCUS:
        share = log(kept / scale.scale_from) / log(scale.scale_to / scale.scale_from)
    else:
        share = (kept - scale.scale_from) / (scale.scale_to - scale.scale_from)
    return round(RULER_UNITS * share)


def _sharpness(value: float) -> int:
    """In hundredths: people read whole numbers."""
    return round(100 * value)


def _state(report: Report, *, is_done: bool) -> str:
    """The colour: done is admit, steady good wait, nobody ready, anything to mend fix."""
    if is_done:
        return "admit"
    if report.advice is Finding.GOOD:
        return "wait"
    return "ready" if report.advice in (Finding.NO_FACE, Finding.NO_PICTURE) else "fix"
