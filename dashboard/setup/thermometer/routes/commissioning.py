"""Setting a thermometer up: begun, given up, and its constants used."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from fastapi import Form, Response

from dashboard.setup.thermometer.contexts import Typed
from dashboard.setup.thermometer.report import ReportWords, write_down
from dashboard.setup.thermometer.routes.desk import ManagerDesk, form_routes, is_used, number_in
from dashboard.setup.thermometer.routes.refusals import NO_ROOM_NUMBER, NO_THERMOMETER, NOT_WARM
from dashboard.setup.thermometer.standing import is_warm, room_of
from dashboard.setup.thermometer.walk import WalkWords
from screening.gate.commands import RefreshThermometer
from screening.temperature.instrument.distance_fit import DistanceError
from screening.temperature.instrument.drafts import Draft
from screening.temperature.instrument.fitting import (
    TYPED_ROOM_CELSIUS,
    CommissioningError,
    fit_commissioning,
)

forms = form_routes()


@forms.post("/begin")
def begin(desk: ManagerDesk) -> Response:
    """Set it up anew; the constants in force stay until new ones are used."""
    desk.change(lambda draft: replace(draft, is_begun=True))
    return desk.done("#steps")


@forms.post("/give-up")
def give_up(desk: ManagerDesk) -> Response:
    """Forget what was measured so far."""
    desk.office.drafts.forget(desk.control.view().gate)
    return desk.done("")


@forms.post("/room")
def room(desk: ManagerDesk, room: Annotated[str, Form()] = "") -> Response:
    """The room's temperature."""
    celsius = number_in(room, TYPED_ROOM_CELSIUS)
    if celsius is None:
        return desk.refused(NO_ROOM_NUMBER, Typed(room=room))
    desk.change(lambda draft: replace(draft, room_celsius=celsius))
    return desk.done("#step-room")


@forms.post("/use")
def use(desk: ManagerDesk) -> Response:
    """Fit, write it down, and measure by it from now on."""
    office, language, view = desk.office, desk.language, desk.control.view()
    thermometer = view.thermometer
    if thermometer is None:
        return desk.refused(NO_THERMOMETER)
    now = office.clock.now()
    if not is_warm(thermometer, now):
        return desk.refused(NOT_WARM)

    def write(newest: Draft) -> None:
        if is_used(newest, office.thermometers.commissioning(view.gate)):
            return  # it was written before a power cut kept the draft from being deleted
        draft = newest.of_model(thermometer.model)
        found = fit_commissioning(
            [point.comparison for point in draft.staff],
            gate=view.gate,
            at=now,
            by=desk.session.user,
            model=thermometer.model,
            site=thermometer.measuring_site,
            room_celsius=room_of(draft),
        )
        key = draft.key or None
        found = replace(found, distance=draft.distance_table(), draft_key=key)
        write_down(
            ReportWords(language, office.settings.site.zone),
            found,
            draft,
            site=office.name,
            to=office.reports,
            log=office.thermometers,
        )

    kept = office.drafts.get(view.gate, now=now)
    lie = desk.figures.dishonesty(kept.of_model(thermometer.model))
    if lie is not None:
        return desk.notice(lie)
    try:
        office.drafts.finish(view.gate, write, now=now)
    except CommissioningError as error:
        return desk.notice(" ".join(desk.figures.problems(error)))
    except DistanceError as error:
        return desk.notice(" ".join(WalkWords(language).problems(error)))
    desk.control.do(RefreshThermometer())
    return desk.done("#in-force")
