"""What a guard may do about the visitor in front, each by name and in the log."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from dashboard.guard.console import (
    HIGHEST_CELSIUS,
    LOWEST_CELSIUS,
    console,
    live_drawing,
    temperature_range,
)
from dashboard.guard.keyboard import has_wrong_layout, tidy
from dashboard.web.auth import GuardSession, check_form, office_of, open_session
from dashboard.web.gate.control import LIVE_HEADER, Control
from dashboard.web.login import Successor, TurnedAway
from dashboard.web.rendering import renderer_of
from dashboard.web.typed_numbers import RowNumber, typed_count, typed_number
from dashboard.web.words import CONFLICTS, N_, NO_COUNT, NOTHING_COUNTED, REASONS
from screening.accounts import Role
from screening.decision import DecisionKind
from screening.errors import LaneConflict, OfficeError
from screening.gate.commands import (
    AdmitEmergency,
    CleanHands,
    Clear,
    Command,
    Confirm,
    Dismiss,
    EnterMask,
    EnterTemperature,
    ExemptMask,
    ExitButton,
    ExitScan,
    GateControl,
    GivePriority,
    HandOver,
    OpenAgain,
    Override,
    Resume,
    Scan,
    Undo,
)
from screening.office.changes import with_changed_counter
from screening.readings import CodeSource, MaskLabel
from screening.receipts.codes import find_codes
from screening.registration.bookings import PriorityGroup
from screening.waiting_room.line import LineAct, LineOrder, LineRefusal

router = APIRouter(
    prefix="/gate/{gate}", include_in_schema=False, dependencies=[Depends(check_form)]
)

REMARK_LIMIT = 200
FIELD_HEADER = "x-gerbang-field"
"""Names the field of the form that a refusal is about."""

NO_REMARK = N_("Write down why: the log needs a reason.")
REMARK_TOO_LONG = N_("The reason is too long; 200 characters at most.")
WRONG_LAYOUT = N_(
    "The scanner types with another keyboard layout. Set the scanner to the US layout; "
    "until then type the receipt number."
)
NO_CODE = N_("Nothing was scanned.")
NO_NUMBER = N_("Type the temperature as a number, for example 36.7.")
NOT_A_FACE = N_("That cannot be a visitor's temperature. Measure again.")
NOBODY_INSIDE = N_("Nobody is inside, so nobody can go out.")
HOLDER_NOT_INSIDE = N_("The holder of this receipt is not inside.")
NOT_FOUND_INSIDE = N_("A counter expects this visitor, or the visit is over already.")
CANNOT_GO_ON = N_("This exit cannot be undone: the visitor came in again, or is inside already.")
NOT_A_GUARD = N_("Name or password is wrong, or this person may not work at a gate.")
NOT_DONE_IN_LINE = {
    LineRefusal.NOT_IN_LINE: N_("This visitor is not in the line any more."),
    LineRefusal.NOT_NOW: N_("That has been done already."),
    LineRefusal.NO_ROOM: N_("There is no free place for this visitor yet."),
}
_ALSO_AT_THE_GATE: dict[LineAct, type[Resume] | type[Dismiss]] = {
    LineAct.CAME: Resume,
    LineAct.GAVE_UP: Dismiss,
}


Remark = Annotated[str, Form()]
NONE: Literal["none"] = "none"
"""Of no priority group."""
Group = Annotated[PriorityGroup | Literal["none"], Form()]


def _shown_visitor(attempt_id: Annotated[str, Form()] = "") -> str | None:
    """The visitor whom the page showed; None when it showed nobody."""
    return attempt_id or None


Shown = Annotated[str | None, Depends(_shown_visitor)]


@router.post("/scan")
def scan(
    request: Request,
    session: GuardSession,
    control: Control,
    code: Annotated[str, Form()] = "",
    nonce: Annotated[str, Form()] = "",
    way: Annotated[str, Form()] = "in",
) -> Response:
    """A receipt typed or scanned into the page, on the way in or out."""
    tidy_code = tidy(code)
    if not tidy_code or (has_wrong_layout(tidy_code) and find_codes(code).is_empty):
        return _refused(request, control, WRONG_LAYOUT if tidy_code else NO_CODE)
    if way == "out":
        return _scan_out(request, control, tidy_code, operator=session.user)
    return _scan_in(request, control, tidy_code, nonce=nonce[:64] or None, operator=session.user)


@router.post("/exit")
def someone_left(request: Request, session: GuardSession, control: Control) -> Response:
    """Somebody went out without a scan."""
    if not control.do(ExitButton(operator=session.user)):
        return _refused(request, control, NOBODY_INSIDE)
    office_of(request).leaving.wake()
    return _done(request, control)


@router.post("/emergency")
def without_receipt(
    request: Request,
    session: GuardSession,
    control: Control,
    service: Annotated[str, Form()] = "",
    group: Group = NONE,
    remark: Remark = "",
) -> Response:
    """An emergency or a walk-in service."""
    return _act_with_remark(
        request,
        control,
        remark,
        lambda why: AdmitEmergency(
            service=service, operator=session.user, remark=why, group=_group(group)
        ),
    )


@router.post("/priority")
def priority(
    request: Request, session: GuardSession, control: Control, shown: Shown, group: Group
) -> Response:
    """The visitor has priority by law, or has none."""
    return _act(
        request,
        control,
        GivePriority(group=_group(group), operator=session.user, attempt_id=shown),
    )


@router.post("/hands")
def hands(request: Request, session: GuardSession, control: Control, shown: Shown) -> Response:
    """The guard saw the hands being cleaned."""
    return _act(
        request,
        control,
        CleanHands(operator=session.user, attempt_id=shown),
    )


@router.post("/temperature")
def temperature(
    request: Request,
    session: GuardSession,
    control: Control,
    shown: Shown,
    celsius: Annotated[str, Form()] = "",
) -> Response:
    """A reading of the guard's own thermometer; comma and point both count."""
    value = typed_number(celsius)
    if value is None:
        return _refused(request, control, NO_NUMBER, field="celsius")
    if not LOWEST_CELSIUS <= value <= HIGHEST_CELSIUS:
        language = renderer_of(request).language(request)
        why = f"{language.say(NOT_A_FACE)} {temperature_range(language)}"
        return _notice(request, control, why, status=409, field="celsius")
    return _act(
        request,
        control,
        EnterTemperature(celsius=value, operator=session.user, attempt_id=shown),
    )


@router.post("/mask")
def mask(
    request: Request,
    session: GuardSession,
    control: Control,
    shown: Shown,
    label: Annotated[MaskLabel, Form()],
) -> Response:
    """What the guard sees."""
    return _act(
        request,
        control,
        EnterMask(label=label, operator=session.user, attempt_id=shown),
    )


@router.post("/exempt")
def exempt(
    request: Request, session: GuardSession, control: Control, shown: Shown, remark: Remark = ""
) -> Response:
    """A private check or a medical exemption."""
    return _act_with_remark(
        request,
        control,
        remark,
        lambda why: ExemptMask(operator=session.user, remark=why, attempt_id=shown),
    )


@router.post("/override")
def override(
    request: Request,
    session: GuardSession,
    control: Control,
    shown: Shown,
    decision: Annotated[DecisionKind, Form()],
    remark: Remark = "",
) -> Response:
    """The guard decides against the machine, by name and with a reason."""
    return _act_with_remark(
        request,
        control,
        remark,
        lambda why: Override(kind=decision, operator=session.user, remark=why, attempt_id=shown),
    )


@router.post("/confirm")
def confirm(
    request: Request, session: GuardSession, control: Control, shown: Shown, remark: Remark = ""
) -> Response:
    """A person stands by the machine's refusal or referral."""
    return _act(
        request,
        control,
        Confirm(
            operator=session.user,
            remark=remark.strip()[:REMARK_LIMIT] or None,
            attempt_id=shown,
        ),
    )


@router.post("/clear")
def clear(request: Request, session: GuardSession, control: Control, shown: Shown) -> Response:
    """The next visitor, please."""
    return _act(request, control, Clear(operator=session.user, attempt_id=shown))


@router.post("/undo")
def undo(
    request: Request,
    session: GuardSession,
    control: Control,
    attempt_id: Annotated[str, Form()] = "",
    remark: Remark = "",
) -> Response:
    """Nobody walked through."""
    return _act_with_remark(
        request,
        control,
        remark,
        lambda why: Undo(attempt_id=attempt_id, operator=session.user, remark=why),
    )


@router.post("/resume")
def resume(
    request: Request,
    session: GuardSession,
    control: Control,
    attempt_id: Annotated[str, Form()] = "",
) -> Response:
    """Somebody who waits aside or outside is called."""
    return _act(request, control, Resume(attempt_id=attempt_id, operator=session.user))


@router.post("/dismiss")
def dismiss(
    request: Request,
    session: GuardSession,
    control: Control,
    attempt_id: Annotated[str, Form()] = "",
) -> Response:
    """Somebody who waited outside went away."""
    return _act(request, control, Dismiss(attempt_id=attempt_id, operator=session.user))


@router.post("/line")
def line(
    request: Request,
    session: GuardSession,
    control: Control,
    act: Annotated[LineAct, Form()],
    place: Annotated[RowNumber, Form()],
    attempt_id: Annotated[str, Form()] = "",
) -> Response:
    """Somebody in the line outside is called in, came, or gave up; or that is taken back.

    Who came is presented at once where this gate knows what they showed and nobody stands there.
    """
    office = office_of(request)
    now = office.clock.now()
    seen = office.line.view(at=now)
    known = (*seen.places, *(() if seen.gave_up is None else (seen.gave_up,)))
    receipt = next((one.receipt for one in known if one.first == place), ("", ""))
    done = office.line.act(LineOrder(act=act, receipt=receipt, by=session.user), at=now)
    if isinstance(done, LineRefusal):
        return _refused(request, control, NOT_DONE_IN_LINE[done])
    if attempt_id and act in _ALSO_AT_THE_GATE:
        with suppress(LaneConflict):
            control.do(_ALSO_AT_THE_GATE[act](attempt_id=attempt_id, operator=session.user))
    return _done(request, control)


@router.post("/helped")
def helped(
    request: Request,
    session: GuardSession,
    control: Control,
    counter: Annotated[str, Form()] = "",
) -> Response:
    """A counter's call for help is over; one that is gone asks for none."""
    office = office_of(request)
    with suppress(OfficeError):
        edit = with_changed_counter(counter, {"help": "no"})
        office.facts.change(edit, operator=session.user, at=office.clock.now())
    return _done(request, control)


@router.post("/left")
def has_left(
    request: Request, session: GuardSession, control: Control, visit: Annotated[RowNumber, Form()]
) -> Response:
    """Somebody who stayed longer than others is out."""
    if not office_of(request).leaving.has_left(visit, operator=session.user):
        return _refused(request, control, NOT_FOUND_INSIDE)
    return _done(request, control)


@router.post("/here")
def still_here(
    request: Request, session: GuardSession, control: Control, visit: Annotated[RowNumber, Form()]
) -> Response:
    """Somebody who stayed longer than others is still inside."""
    if not office_of(request).leaving.still_here(visit, operator=session.user):
        return _refused(request, control, NOT_FOUND_INSIDE)
    return _done(request, control)


@router.post("/not-left")
def not_left(
    request: Request,
    session: GuardSession,
    control: Control,
    attempt_id: Annotated[str, Form()] = "",
) -> Response:
    """An exit that was none: the visitor is inside again."""
    if office_of(request).leaving.put_back(attempt_id, operator=session.user) is None:
        return _refused(request, control, CANNOT_GO_ON)
    return _done(request, control)


@router.post("/count")
def count_heads(
    request: Request,
    session: GuardSession,
    control: Control,
    people: Annotated[str, Form()] = "",
) -> Response:
    """How many people are truly inside, counted by the guard."""
    number = typed_count(people)
    if number is None:
        return _refused(request, control, NO_COUNT, field="people")
    office_of(request).leaving.count_heads(number, operator=session.user, gate=control.view().gate)
    return _done(request, control)


@router.post("/undo-count")
def undo_count(request: Request, session: GuardSession, control: Control) -> Response:
    """The last head count was wrong."""
    if not office_of(request).leaving.undo_count(operator=session.user):
        return _refused(request, control, NOTHING_COUNTED)
    return _done(request, control)


@router.post("/open-again")
def open_again(request: Request, session: GuardSession, control: Control) -> Response:
    """The thermometer's check is over: visitors are measured again."""
    return _act(request, control, OpenAgain())


@router.post("/hand-over")
def hand_over(
    request: Request,
    session: GuardSession,
    control: Control,
    found: Successor,
) -> Response:
    """The shift changes on a shared tablet: the next guard's session replaces this one."""
    if isinstance(found, TurnedAway):
        words = found.words(renderer_of(request).language(request))
        return _notice(request, control, words, status=found.status, field="password")
    if found is None or found.role not in (Role.GUARD, Role.ADMINISTRATOR):
        return _refused(request, control, NOT_A_GUARD, status=403, field="password")
    control.do(HandOver(from_user=session.user, to_user=found.name))
    response = RedirectResponse(request.url_for("show_gate", gate=control.view().gate), 303)
    open_session(request, response, found)
    return response


def words_of(conflict: LaneConflict) -> str:
    """The sentence for a conflict's code; its own text where the code has none."""
    return CONFLICTS.get(conflict.code, str(conflict))


def _group(typed: PriorityGroup | Literal["none"]) -> PriorityGroup | None:
    return typed if isinstance(typed, PriorityGroup) else None


def _scan_in(
    request: Request, control: GateControl, code: str, *, nonce: str | None, operator: str
) -> Response:
    try:
        answer = control.do(
            Scan(code=code, source=CodeSource.KEYBOARD_SCANNER, nonce=nonce, operator=operator)
        )
    except LaneConflict as conflict:
        return _refused(request, control, words_of(conflict))
    shown = control.view().verdict
    if answer.decision is DecisionKind.WAIT and (shown is None or shown.reason != answer.reason):
        # The lane shows somebody else, so the page says what this scan came to.
        return _refused(request, control, REASONS[answer.reason].guard)
    return _done(request, control)


def _scan_out(request: Request, control: GateControl, code: str, *, operator: str) -> Response:
    if not control.do(ExitScan(code=code, operator=operator)):
        return _refused(request, control, HOLDER_NOT_INSIDE)
    return _done(request, control)


def _act_with_remark(
    request: Request, control: GateControl, remark: str, act: Callable[[str], Command[None]]
) -> Response:
    why = remark.strip()
    if not why:
        return _refused(request, control, NO_REMARK, field="remark")
    if len(why) > REMARK_LIMIT:
        return _refused(request, control, REMARK_TOO_LONG, field="remark")
    return _act(request, control, act(why))


def _act(request: Request, control: GateControl, act: Command[None]) -> Response:
    try:
        control.do(act)
    except LaneConflict as conflict:
        return _refused(request, control, words_of(conflict))
    return _done(request, control)


def _done(request: Request, control: GateControl) -> Response:
    if LIVE_HEADER in request.headers:
        return HTMLResponse(live_drawing(request, control)())
    return RedirectResponse(request.url_for("show_gate", gate=control.view().gate), 303)


def _refused(
    request: Request,
    control: GateControl,
    message: str,
    *,
    status: int = 409,
    field: str | None = None,
) -> Response:
    notice = renderer_of(request).language(request).say(message)
    return _notice(request, control, notice, status=status, field=field)


def _notice(
    request: Request, control: GateControl, notice: str, *, status: int, field: str | None = None
) -> Response:
    """``field`` is the form's field that has to be mended; the page says it there."""
    if LIVE_HEADER in request.headers:
        headers = {} if field is None else {FIELD_HEADER: field}
        return Response(notice, status_code=status, media_type="text/plain", headers=headers)
    return console(request, control, notice=notice, status=status)
