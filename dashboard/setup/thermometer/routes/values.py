"""Values of the device that are taken, and what each is compared with."""

from __future__ import annotations

from typing import Annotated

from fastapi import Form, Response

from dashboard.setup.thermometer.contexts import Typed
from dashboard.setup.thermometer.routes.desk import (
    WHERE,
    Desk,
    GateDesk,
    ManagerDesk,
    form_routes,
    number_in,
)
from dashboard.setup.thermometer.routes.mark import off_the_mark, table_of_draft
from dashboard.setup.thermometer.routes.refusals import (
    NO_CLINICAL_NUMBER,
    NO_KNOWN_NUMBER,
    NO_STEADY_VALUE,
    NO_THERMOMETER,
    NOT_KEPT_FREE,
    NOT_WAITING,
    NOT_WARM,
    NOT_WELL,
)
from dashboard.setup.thermometer.standing import is_warm, must_be_kept_free
from screening.temperature.instrument.drafts import Purpose
from screening.temperature.instrument.fitting import FLASK_CELSIUS, TYPED_BODY_CELSIUS, WELL_CELSIUS

forms = form_routes()


@forms.post("/take")
def take(desk: GateDesk, purpose: Annotated[Purpose, Form()]) -> Response:
    """The device's steady value of now; it waits for its reference."""
    desk.require(purpose)
    view = desk.control.view()
    thermometer = view.thermometer
    if thermometer is None:
        return desk.refused(NO_THERMOMETER)
    if not is_warm(thermometer, desk.office.clock.now()):
        return desk.refused(NOT_WARM)
    if must_be_kept_free(view):
        return desk.refused(NOT_KEPT_FREE)
    raw = thermometer.raw_celsius
    if raw is None:
        return desk.refused(NO_STEADY_VALUE)
    desk.keep_on(view)
    width, model = thermometer.face_width, thermometer.model
    now = desk.office.clock.now()
    if purpose is Purpose.STAFF:
        off = off_the_mark(desk, table_of_draft(desk, model), width)
        if off is not None:
            return desk.notice(off)
    desk.change(lambda draft: draft.of_model(model).take(purpose, raw, at=now, face_width=width))
    return desk.done(WHERE[purpose])


@forms.post("/drop")
def drop(desk: GateDesk, purpose: Annotated[Purpose, Form()]) -> Response:
    """The value that waits was of nobody or of somebody else."""
    desk.require(purpose)
    desk.change(lambda draft: draft.drop(purpose))
    return desk.done(WHERE[purpose])


@forms.post("/staff")
def compare_staff(
    desk: ManagerDesk,
    key: Annotated[str, Form()] = "",
    reference: Annotated[str, Form()] = "",
) -> Response:
    """The clinical reading of the person whose value waits."""
    celsius = number_in(reference, TYPED_BODY_CELSIUS)
    typed = Typed(staff=reference)
    if celsius is None:
        return desk.refused(NO_CLINICAL_NUMBER, typed)
    if celsius >= WELL_CELSIUS.high:
        return desk.refused(NOT_WELL, typed)
    return _compare(desk, Purpose.STAFF, key=key, celsius=celsius)


@forms.post("/steps")
def compare_step(
    desk: ManagerDesk,
    key: Annotated[str, Form()] = "",
    reference: Annotated[str, Form()] = "",
) -> Response:
    """What the black body or the thermos flask is known to have."""
    celsius = number_in(reference, FLASK_CELSIUS)
    if celsius is None:
        return desk.refused(NO_KNOWN_NUMBER, Typed(steps=reference))
    return _compare(desk, Purpose.STEPS, key=key, celsius=celsius)


@forms.post("/remove")
def remove(
    desk: ManagerDesk,
    purpose: Annotated[Purpose, Form()],
    key: Annotated[str, Form()] = "",
) -> Response:
    """Take a comparison out."""
    desk.change(lambda draft: draft.remove(purpose, key))
    return desk.done(WHERE[purpose])


def _compare(desk: Desk, purpose: Purpose, *, key: str, celsius: float) -> Response:
    """A form sent twice finds its comparison there and changes nothing."""
    draft = desk.change(lambda draft: draft.compare(purpose, key, celsius))
    points = draft.staff if purpose is Purpose.STAFF else draft.steps
    if key not in {point.key for point in points}:
        return desk.refused(NOT_WAITING, Typed(**{purpose.value: f"{celsius:g}"}))
    return desk.done(WHERE[purpose])
