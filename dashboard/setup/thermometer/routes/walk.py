"""The walk towards and away from the device, one distance after the other."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import Form, Response

from dashboard.setup.thermometer.contexts import Typed
from dashboard.setup.thermometer.routes.desk import ManagerDesk, form_routes
from dashboard.setup.thermometer.routes.refusals import (
    NO_CAMERA,
    NO_DISTANCE,
    NO_FACE,
    NO_STEADY_VALUE,
    NO_THERMOMETER,
    NOT_KEPT_FREE,
    NOT_WARM,
)
from dashboard.setup.thermometer.standing import has_camera, is_warm, must_be_kept_free
from dashboard.web.typed_numbers import typed_number
from screening.gate.view import GateView
from screening.temperature.distance import FURTHEST_CM, NEAREST_CM
from screening.temperature.instrument.distance_fit import WalkPoint

forms = form_routes()
WHERE_WALKED = "#step-distance"


@forms.post("/walk")
def walk(desk: ManagerDesk, tape: Annotated[str, Form()] = "") -> Response:
    """One distance of the walk: the device's steady value and the width of the face of now."""
    view = desk.control.view()
    point = _stands_at(view, tape, now=desk.office.clock.now())
    if isinstance(point, str):
        return desk.refused(point, Typed(walk=tape))
    desk.keep_on(view)
    model = view.thermometer.model if view.thermometer is not None else ""
    desk.change(lambda draft: draft.of_model(model).stand(point))
    return desk.done(WHERE_WALKED)


@forms.post("/unwalk")
def unwalk(desk: ManagerDesk, key: Annotated[str, Form()] = "") -> Response:
    """Take a distance of the walk out."""
    desk.change(lambda draft: draft.unstand(key))
    return desk.done(WHERE_WALKED)


def _stands_at(view: GateView, tape: str, *, now: datetime) -> WalkPoint | str:
    """Who stands there at the distance that was typed, or what is missing."""
    thermometer, tape_cm = view.thermometer, typed_number(tape)
    if tape_cm is None or not NEAREST_CM <= tape_cm <= FURTHEST_CM:
        return NO_DISTANCE
    if thermometer is None or not has_camera(view):
        return NO_THERMOMETER if thermometer is None else NO_CAMERA
    if not is_warm(thermometer, now):
        return NOT_WARM
    if must_be_kept_free(view):
        return NOT_KEPT_FREE
    if thermometer.raw_celsius is None or thermometer.face_width is None:
        return NO_STEADY_VALUE if thermometer.raw_celsius is None else NO_FACE
    return WalkPoint(tape_cm, thermometer.raw_celsius, thermometer.face_width)
