"""The daily check: one value of the device beside one that is known."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from fastapi import Form, Response

from dashboard.setup.thermometer.contexts import Typed
from dashboard.setup.thermometer.routes.desk import WHERE, GateDesk, form_routes, number_in
from dashboard.setup.thermometer.routes.mark import configured_table, off_the_mark
from dashboard.setup.thermometer.routes.refusals import (
    NO_CLINICAL_NUMBER,
    NO_KNOWN_NUMBER,
    NO_ROOM_NUMBER,
    NOT_SET_UP,
    NOT_WAITING,
)
from screening.gate.commands import RefreshThermometer
from screening.temperature.instrument.drafts import Draft, Purpose
from screening.temperature.instrument.fitting import (
    FLASK_CELSIUS,
    TYPED_BODY_CELSIUS,
    TYPED_ROOM_CELSIUS,
    CommissioningError,
    Reference,
    check_thermometer,
)

forms = form_routes()


class _NoCheck(Exception):
    """Why the value cannot be compared, as a sentence: it was dropped, is too old, was used by the
    same form before, or is of somebody who stood elsewhere than staff did."""


@forms.post("/check")
def check(
    desk: GateDesk,
    key: Annotated[str, Form()] = "",
    room: Annotated[str, Form()] = "",
    reference: Annotated[str, Form()] = "",
    kind: Annotated[Reference, Form()] = Reference.PERSON,
) -> Response:
    """Today's check: one value of the device, its reference, and the room."""
    office = desk.office
    typed = Typed(check=reference, check_room=room, check_kind=kind.value)
    found = office.thermometers.commissioning(desk.control.view().gate)
    if found is None:
        return desk.refused(NOT_SET_UP, typed)
    room_celsius = number_in(room, TYPED_ROOM_CELSIUS)
    if room_celsius is None:
        return desk.refused(NO_ROOM_NUMBER, typed)
    is_person = kind is Reference.PERSON
    celsius = number_in(reference, TYPED_BODY_CELSIUS if is_person else FLASK_CELSIUS)
    if celsius is None:
        problem = NO_CLINICAL_NUMBER if is_person else NO_KNOWN_NUMBER
        return desk.refused(problem, typed)
    now = office.clock.now()

    def write(draft: Draft) -> Draft:
        taken = draft.waiting(Purpose.CHECK)
        if taken is None or taken.key != key:
            raise _NoCheck(desk.language.say(NOT_WAITING))
        table = found.distance or configured_table(desk, found.gate)
        off = off_the_mark(desk, table, taken.face_width) if is_person else None
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
                by=desk.session.user,
                reference=kind,
            )
            office.thermometers.write_check(replace(done, value_key=key))
        return draft.drop(Purpose.CHECK)

    try:
        desk.change(write)
    except _NoCheck as why_not:
        return desk.notice(str(why_not), typed)
    except CommissioningError as error:
        return desk.notice(" ".join(desk.figures.problems(error)), typed)
    finally:
        # Also where only forgetting the draft failed: a check that is in the log holds at once.
        desk.control.do(RefreshThermometer())
    return desk.done(WHERE[Purpose.CHECK])
