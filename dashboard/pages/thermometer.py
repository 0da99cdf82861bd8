"""The page on which a gate's thermometer is set up once and checked every day."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Form, HTTPException, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from dashboard.auth import GateSession, ManagerSession, RoleRefused, check_form, office_of
from dashboard.contexts.thermometer import ThermometerLive, ThermometerPage, ThermometerPart, Typed
from dashboard.pages.errors import REPORT_DELETED, error_page
from dashboard.pages.gate import LIVE_HEADER, Control
from dashboard.rendering import renderer_of
from dashboard.thermometer.figures import FigureWords
from dashboard.thermometer.page import NOTHING_TYPED, ThermometerWords
from dashboard.thermometer.report import ReportWords, write_report
from dashboard.thermometer.standing import (
    Standing,
    has_camera,
    is_warm,
    must_be_kept_free,
    room_of,
)
from dashboard.thermometer.walk import WalkWords
from dashboard.typed_numbers import typed_number
from dashboard.words import CONFLICTS, N_
from screening.accounts import Role, WebSession
from screening.errors import LaneConflict, RecordError
from screening.gate.view import GateControl, GateView
from screening.temperature.commissioning import Commissioning
from screening.temperature.distance import FURTHEST_CM, NEAREST_CM, DistanceTable
from screening.temperature.distance_fit import DistanceError, WalkPoint
from screening.temperature.drafts import Draft, Purpose
from screening.temperature.fitting import (
    FLASK_CELSIUS,
    TYPED_BODY_CELSIUS,
    TYPED_ROOM_CELSIUS,
    WELL_CELSIUS,
    CommissioningError,
    Reference,
    check_thermometer,
    fit_commissioning,
)
from screening.temperature.report_files import made_at
from screening.temperature.window import CelsiusRange

router = APIRouter(prefix="/gate/{gate}/thermometer", include_in_schema=False)
forms = APIRouter(
    prefix="/gate/{gate}/thermometer", include_in_schema=False, dependencies=[Depends(check_form)]
)

NO_THERMOMETER = N_("This gate has no thermometer.")
NOT_WARM = N_("The device is not warm yet. Wait until half an hour is over.")
NOT_KEPT_FREE = N_(
    "Keep the gate free first: otherwise whoever stands there comes in as a visitor."
)
NO_STEADY_VALUE = N_("There is no steady value now. Stand still before the device and try again.")
NOT_WAITING = N_("The value waits no more, or was used already. Take a new one.")
NO_ROOM_NUMBER = N_("Type the room's temperature as a number, for example 24.5.")
NO_CLINICAL_NUMBER = N_("Type the clinical reading of somebody well as a number, like 36.7.")
NO_KNOWN_NUMBER = N_("Type the known temperature as a number from 30 to 45, for example 37.0.")
NOT_WELL = N_("37.5 or more: this person is not well enough to set a thermometer by. Ask another.")
NOT_SET_UP = N_("The thermometer was never set up, so it cannot be checked.")

NO_DISTANCE = N_("Type the distance from the tape in cm, for example 60.")
NO_CAMERA = N_("This gate has no camera, which would tell how far away a face is.")
NO_FACE = N_("The camera sees no whole face now. Look at it, alone, and try again.")
OFF_THE_MARK = N_(
    "The camera sees the face at %(seen)s cm; the mark is at %(mark)s. Stand on the mark and take"
    " the value again."
)

MARK_MARGIN = 0.2
"""So far from the mark may a face seem to be that is compared: twice what a camera is unsure."""

WHERE = {Purpose.STAFF: "#step-staff", Purpose.STEPS: "#step-steady", Purpose.CHECK: "#check"}
_INLINE_STYLE = re.compile(r"<style>(.*?)</style>", re.DOTALL)


@router.get("")
def show_thermometer(request: Request, session: GateSession, control: Control) -> Response:
    """The whole page."""
    return _page(request, session, control)


@router.get("/live")
def show_live(request: Request, session: GateSession, control: Control) -> Response:
    """The changing part alone; the page's script asks for it every second."""
    return HTMLResponse(_part(request, session, control))


@router.get("/report/{name}")
def show_report(request: Request, session: ManagerSession, control: Control, name: str) -> Response:
    """A report as it was written; its own stylesheet inside is allowed by its digest."""
    html = office_of(request).reports.read(control.view().gate, name)
    if html is None and made_at(name) is not None:
        return error_page(request, REPORT_DELETED)
    if html is None:
        raise HTTPException(404)
    digests = " ".join(
        f"'sha256-{base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()}'"
        for style in _INLINE_STYLE.findall(html)
    )
    policy = f"default-src 'none'; style-src {digests}; frame-ancestors 'none'"
    return HTMLResponse(html, headers={"Content-Security-Policy": policy})


@forms.post("/keep-free")
def keep_free(request: Request, session: GateSession, control: Control) -> Response:
    """Whoever stands there from now on is no visitor; it ends by itself after ten minutes."""
    return _held(request, session, control, lambda: control.keep_free(operator=session.user))


@forms.post("/open-again")
def open_again(request: Request, session: GateSession, control: Control) -> Response:
    """The check is over, also where nothing came of it."""
    return _held(request, session, control, control.open_again)


@forms.post("/begin")
def begin(request: Request, session: ManagerSession, control: Control) -> Response:
    """Set it up anew; the constants in force stay until new ones are used."""
    _change(request, control, lambda draft: replace(draft, is_begun=True))
    return _done(request, session, control, "#steps")


@forms.post("/give-up")
def give_up(request: Request, session: ManagerSession, control: Control) -> Response:
    """Forget what was measured so far."""
    office_of(request).drafts.forget(control.view().gate)
    return _done(request, session, control, "")


@forms.post("/room")
def room(
    request: Request,
    session: ManagerSession,
    control: Control,
    room: Annotated[str, Form()] = "",
) -> Response:
    """The room's temperature."""
    celsius = number_in(room, TYPED_ROOM_CELSIUS)
    if celsius is None:
        return _refused(request, session, control, NO_ROOM_NUMBER, Typed(room=room))
    _change(request, control, lambda draft: replace(draft, room_celsius=celsius))
    return _done(request, session, control, "#step-room")


@forms.post("/take")
def take(
    request: Request,
    session: GateSession,
    control: Control,
    purpose: Annotated[Purpose, Form()],
) -> Response:
    """The device's steady value of now; it waits for its reference."""
    _may(session, purpose)
    view = control.view()
    thermometer = view.thermometer
    if thermometer is None:
        return _refused(request, session, control, NO_THERMOMETER)
    if not is_warm(thermometer, office_of(request).clock.now()):
        return _refused(request, session, control, NOT_WARM)
    if must_be_kept_free(view):
        return _refused(request, session, control, NOT_KEPT_FREE)
    raw = thermometer.raw_celsius
    if raw is None:
        return _refused(request, session, control, NO_STEADY_VALUE)
    _keep_on(session, control, view)
    width, model = thermometer.face_width, thermometer.model
    now = office_of(request).clock.now()
    if purpose is Purpose.STAFF:
        off = _off_the_mark(request, _table_of_draft(request, control, model), width)
        if off is not None:
            return _notice(request, session, control, off)
    _change(
        request,
        control,
        lambda draft: draft.of_model(model).take(purpose, raw, at=now, face_width=width),
    )
    return _done(request, session, control, WHERE[purpose])


@forms.post("/walk")
def walk(
    request: Request,
    session: ManagerSession,
    control: Control,
    tape: Annotated[str, Form()] = "",
) -> Response:
    """One distance of the walk: the device's steady value and the width of the face of now."""
    view = control.view()
    point = _stands_at(view, tape, now=office_of(request).clock.now())
    if isinstance(point, str):
        return _refused(request, session, control, point, Typed(walk=tape))
    _keep_on(session, control, view)
    model = view.thermometer.model if view.thermometer is not None else ""
    _change(request, control, lambda draft: draft.of_model(model).stand(point))
    return _done(request, session, control, "#step-distance")


@forms.post("/unwalk")
def unwalk(
    request: Request,
    session: ManagerSession,
    control: Control,
    key: Annotated[str, Form()] = "",
) -> Response:
    """Take a distance of the walk out."""
    _change(request, control, lambda draft: draft.unstand(key))
    return _done(request, session, control, "#step-distance")


@forms.post("/drop")
def drop(
    request: Request,
    session: GateSession,
    control: Control,
    purpose: Annotated[Purpose, Form()],
) -> Response:
    """The value that waits was of nobody or of somebody else."""
    _may(session, purpose)
    _change(request, control, lambda draft: draft.drop(purpose))
    return _done(request, session, control, WHERE[purpose])


@forms.post("/staff")
def compare_staff(
    request: Request,
    session: ManagerSession,
    control: Control,
    key: Annotated[str, Form()] = "",
    reference: Annotated[str, Form()] = "",
) -> Response:
    """The clinical reading of the person whose value waits."""
    celsius = number_in(reference, TYPED_BODY_CELSIUS)
    typed = Typed(staff=reference)
    if celsius is None:
        return _refused(request, session, control, NO_CLINICAL_NUMBER, typed)
    if celsius >= WELL_CELSIUS.high:
        return _refused(request, session, control, NOT_WELL, typed)
    return _compare(request, session, control, Purpose.STAFF, key=key, celsius=celsius)


@forms.post("/steps")
def compare_step(
    request: Request,
    session: ManagerSession,
    control: Control,
    key: Annotated[str, Form()] = "",
    reference: Annotated[str, Form()] = "",
) -> Response:
    """What the black body or the thermos flask is known to have."""
    celsius = number_in(reference, FLASK_CELSIUS)
    if celsius is None:
        return _refused(request, session, control, NO_KNOWN_NUMBER, Typed(steps=reference))
    return _compare(request, session, control, Purpose.STEPS, key=key, celsius=celsius)


@forms.post("/remove")
def remove(
    request: Request,
    session: ManagerSession,
    control: Control,
    purpose: Annotated[Purpose, Form()],
    key: Annotated[str, Form()] = "",
) -> Response:
    """Take a comparison out."""
    _change(request, control, lambda draft: draft.remove(purpose, key))
    return _done(request, session, control, WHERE[purpose])


@forms.post("/use")
def use(request: Request, session: ManagerSession, control: Control) -> Response:
    """Fit, write it down, and measure by it from now on."""
    office, view = office_of(request), control.view()
    language, zone = renderer_of(request).language(request), office.settings.site.zone
    figures = FigureWords(language, zone)
    thermometer = view.thermometer
    if thermometer is None:
        return _refused(request, session, control, NO_THERMOMETER)
    now = office.clock.now()
    if not is_warm(thermometer, now):
        return _refused(request, session, control, NOT_WARM)

    def write(newest: Draft) -> None:
        if _is_used(newest, office.thermometers.commissioning(view.gate)):
            return  # it was written before a power cut kept the draft from being deleted
        draft = newest.of_model(thermometer.model)
        found = fit_commissioning(
            [point.comparison for point in draft.staff],
            gate=view.gate,
            at=now,
            by=session.user,
            model=thermometer.model,
            site=thermometer.measuring_site,
            room_celsius=room_of(draft),
        )
        key = draft.key or None
        found = replace(found, distance=draft.distance_table(), draft_key=key)
        path = write_report(
            ReportWords(language, zone),
            found,
            draft,
            site=office.settings.site.name,
            to=office.reports,
        )
        try:
            office.thermometers.write_commissioning(found)
        except RecordError:
            path.unlink(missing_ok=True)  # nothing was set up, so nothing is reported
            raise

    kept = office.drafts.get(view.gate, now=now)
    lie = figures.dishonesty(kept.of_model(thermometer.model))
    if lie is not None:
        return _notice(request, session, control, lie)
    try:
        office.drafts.finish(view.gate, write, now=now)
    except CommissioningError as error:
        return _notice(request, session, control, " ".join(figures.problems(error)))
    except DistanceError as error:
        return _notice(request, session, control, " ".join(WalkWords(language).problems(error)))
    control.refresh_thermometer()
    return _done(request, session, control, "#in-force")


@forms.post("/check")
def check(
    request: Request,
    session: GateSession,
    control: Control,
    key: Annotated[str, Form()] = "",
    room: Annotated[str, Form()] = "",
    reference: Annotated[str, Form()] = "",
    kind: Annotated[Reference, Form()] = Reference.PERSON,
) -> Response:
    """Today's check: one value of the device, its reference, and the room."""
    office = office_of(request)
    typed = Typed(check=reference, check_room=room, check_kind=kind.value)
    found = office.thermometers.commissioning(control.view().gate)
    if found is None:
        return _refused(request, session, control, NOT_SET_UP, typed)
    room_celsius = number_in(room, TYPED_ROOM_CELSIUS)
    if room_celsius is None:
        return _refused(request, session, control, NO_ROOM_NUMBER, typed)
    is_person = kind is Reference.PERSON
    celsius = number_in(reference, TYPED_BODY_CELSIUS if is_person else FLASK_CELSIUS)
    if celsius is None:
        problem = NO_CLINICAL_NUMBER if is_person else NO_KNOWN_NUMBER
        return _refused(request, session, control, problem, typed)
    now, language = office.clock.now(), renderer_of(request).language(request)

    def write(draft: Draft) -> Draft:
        taken = draft.waiting(Purpose.CHECK)
        if taken is None or taken.key != key:
            raise _NoCheck(language.say(NOT_WAITING))
        table = found.distance or _configured_table(request, found.gate)
        off = _off_the_mark(request, table, taken.face_width) if is_person else None
        if off is not None:
            raise _NoCheck(off)
        newest = office.thermometers.newest_check(found.gate)
        if newest is None or newest.value_key != key:
            done = check_thermometer(
                found,
                raw_celsius=taken.raw_celsius,
                reference_celsius=celsius,
                room_celsius=room_celsius,
                at=now,
                by=session.user,
                reference=kind,
            )
            office.thermometers.write_check(replace(done, value_key=key))
        return draft.drop(Purpose.CHECK)

    try:
        _change(request, control, write)
    except _NoCheck as why_not:
        return _notice(request, session, control, str(why_not), typed)
    except CommissioningError as error:
        figures = FigureWords(language, office.settings.site.zone)
        sentence = " ".join(figures.problems(error))
        return _notice(request, session, control, sentence, typed)
    finally:
        # Also where only forgetting the draft failed: a check that is in the log holds at once.
        control.refresh_thermometer()
    return _done(request, session, control, WHERE[Purpose.CHECK])


class _NoCheck(Exception):
    """Why the value cannot be compared, as a sentence: it was dropped, is too old, was used by the
    same form before, or is of somebody who stood elsewhere than staff did."""


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


def number_in(text: str, limits: CelsiusRange) -> float | None:
    """The typed number, comma or point; None when it is none or outside of ``limits``."""
    value = typed_number(text)
    return value if value is not None and value in limits else None


def _configured_table(request: Request, gate: str) -> DistanceTable | None:
    """The one that the site wrote down for this gate."""
    for one in office_of(request).settings.gates:
        if one.name == gate and one.thermometer is not None:
            return one.thermometer.distances
    return None


def _table_of_draft(request: Request, control: GateControl, model: str) -> DistanceTable | None:
    """What the walk of this commissioning gives so far, or what the site wrote down."""
    office, gate = office_of(request), control.view().gate
    try:
        table = office.drafts.get(gate, now=office.clock.now()).of_model(model).distance_table()
    except DistanceError:
        table = None
    return table or _configured_table(request, gate)


def _off_the_mark(
    request: Request, table: DistanceTable | None, face_width: float | None
) -> str | None:
    """The sentence that tells so; None where the face is on the mark or nobody can tell."""
    if table is None or face_width is None:
        return None
    seen_cm = table.distance_cm(face_width)
    if abs(seen_cm / table.reference_cm - 1) <= MARK_MARGIN:
        return None
    say = renderer_of(request).language(request).say
    return say(OFF_THE_MARK) % {"seen": round(seen_cm), "mark": round(table.reference_cm)}


def _keep_on(session: WebSession, control: GateControl, view: GateView) -> None:
    """A gate that is kept free stays so for as long as the next value may take."""
    if view.hold is not None and not view.hold.is_ending:
        control.keep_free(operator=session.user)


def _held(
    request: Request, session: WebSession, control: GateControl, act: Callable[[], object]
) -> Response:
    try:
        act()
    except LaneConflict as conflict:
        return _refused(request, session, control, CONFLICTS.get(conflict.code, str(conflict)))
    return _done(request, session, control, "#kept-free")


def _is_used(draft: Draft, newest: Commissioning | None) -> bool:
    """Whether the newest commissioning was made of this draft."""
    return newest is not None and draft.key != "" and newest.draft_key == draft.key


def _may(session: WebSession, purpose: Purpose) -> None:
    if purpose is not Purpose.CHECK and not _can_commission(session):
        raise RoleRefused(session.role)


def _can_commission(session: WebSession) -> bool:
    return session.role in {Role.MANAGER, Role.ADMINISTRATOR}


def _change(request: Request, control: GateControl, change: Callable[[Draft], Draft]) -> None:
    office = office_of(request)
    office.drafts.change(control.view().gate, change, now=office.clock.now())


def _compare(
    request: Request,
    session: WebSession,
    control: GateControl,
    purpose: Purpose,
    *,
    key: str,
    celsius: float,
) -> Response:
    """A form sent twice finds its comparison there and changes nothing."""
    office = office_of(request)
    gate, now = control.view().gate, office.clock.now()
    draft = office.drafts.change(gate, lambda draft: draft.compare(purpose, key, celsius), now=now)
    points = draft.staff if purpose is Purpose.STAFF else draft.steps
    if key not in {point.key for point in points}:
        typed = Typed(**{purpose.value: f"{celsius:g}"})
        return _refused(request, session, control, NOT_WAITING, typed)
    return _done(request, session, control, WHERE[purpose])


def _live(
    request: Request,
    session: WebSession,
    control: GateControl,
    typed: Typed = NOTHING_TYPED,
) -> ThermometerLive:
    office, view = office_of(request), control.view()
    now = office.clock.now()
    draft = office.drafts.get(view.gate, now=now)
    commissioning = office.thermometers.commissioning(view.gate)
    if _is_used(draft, commissioning):
        office.drafts.forget(view.gate)
        draft = Draft(view.gate)
    if view.thermometer is not None:
        draft = draft.of_model(view.thermometer.model)
    standing = Standing(
        view=view,
        draft=draft,
        commissioning=commissioning,
        check=office.thermometers.newest_check(view.gate),
        reports=office.reports.names(view.gate) if _can_commission(session) else (),
        reports_kept_days=office.reports.kept_days,
        report_deleted_at=None
        if commissioning is None
        else office.reports.deleted_at(commissioning.at),
        now=now,
        can_commission=_can_commission(session),
        sees_gate=session.role in {Role.GUARD, Role.ADMINISTRATOR},
        by=session.user,
    )
    words = ThermometerWords(renderer_of(request).language(request), office.settings.site.zone)
    return words.live(standing, typed)


def _part(request: Request, session: WebSession, control: GateControl) -> str:
    renderer = renderer_of(request)
    context = ThermometerPart(shell=renderer.shell(request), live=_live(request, session, control))
    return renderer.part("gate/thermometer_live.html", context)


def _page(
    request: Request,
    session: WebSession,
    control: GateControl,
    *,
    notice: str | None = None,
    typed: Typed = NOTHING_TYPED,
    status: int = 200,
) -> Response:
    renderer = renderer_of(request)
    context = ThermometerPage(
        shell=renderer.shell(request),
        live=_live(request, session, control, typed),
        notice=notice,
    )
    return renderer.page(request, "gate/thermometer.html", context, status=status)


def _done(request: Request, session: WebSession, control: GateControl, where: str) -> Response:
    if LIVE_HEADER in request.headers:
        return HTMLResponse(_part(request, session, control))
    return RedirectResponse(f"/gate/{control.view().gate}/thermometer{where}", 303)


def _refused(
    request: Request,
    session: WebSession,
    control: GateControl,
    message: str,
    typed: Typed = NOTHING_TYPED,
) -> Response:
    sentence = renderer_of(request).language(request).say(message)
    return _notice(request, session, control, sentence, typed)


def _notice(
    request: Request,
    session: WebSession,
    control: GateControl,
    sentence: str,
    typed: Typed = NOTHING_TYPED,
) -> Response:
    """Nothing was done; what was typed stands in its field again."""
    if LIVE_HEADER in request.headers:
        return Response(sentence, status_code=409, media_type="text/plain")
    return _page(request, session, control, notice=sentence, typed=typed, status=409)
