"""What another system may do by its key for those who registered there: book, and cancel."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, time
from typing import Annotated, Any, NoReturn

from fastapi import APIRouter, HTTPException, Path, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field, StrictInt

from dashboard.api.problems import MEDIA_TYPE, described, problem
from dashboard.api.repeats import IdempotencyKey, asked_of, written
from dashboard.api.services import IsoDate, told_slot
from dashboard.web.auth import KeyOrOfficer, RegistrationsKey, office_of
from screening.accounts import SystemKey
from screening.errors import UnknownReceipt
from screening.receipts.token import MAX_PARTY
from screening.registration.bookings import (
    BadRequest,
    BookingRefusal,
    NotBookable,
    PriorityGroup,
    Registration,
)
from screening.registration.bookings import Request as BookingRequest
from screening.registration.registrar import (
    MAX_ANSWER,
    MAX_CONTACT,
    MAX_NAME,
    MOST_ANSWERS,
    Registrar,
)
from screening.registration.registrar import Registered as Given
from screening.repeats import Answer, Asked
from screening.settings import Settings

router = APIRouter(prefix="/registrations", tags=["registrations"])

_SCHEMAS = "#/components/schemas"
_REFUSAL = {
    "allOf": [
        {"$ref": f"{_SCHEMAS}/Problem"},
        {
            "type": "object",
            "required": ["code", "alternatives"],
            "properties": {
                "code": {"enum": [code.value for code in BookingRefusal]},
                "alternatives": {
                    "description": "The nearest that have room for these people",
                    "type": "array",
                    "maxItems": 3,
                    "items": {"$ref": f"{_SCHEMAS}/Slot"},
                },
            },
        },
    ]
}
_REFUSED: dict[int | str, dict[str, Any]] = {
    409: {
        "description": "The place cannot be had; `code` says why.",
        "content": {MEDIA_TYPE: {"schema": _REFUSAL}},
    }
}

FIELDS = {"day": "date", "group": "priority"}
"""Those of a request that are called otherwise here."""

WORDS = {
    "missing": "This is needed",
    "too_long": "This is too long",
    "not_a_name": "There is no letter of a name in it",
    "not_a_number": "At least one comes",
    "too_many": "These are too many",
    "unknown": "This is not known here",
    "not_a_contact": "This is neither an e-mail address nor a telephone number",
}


class Wanted(BaseModel):
    """Who wants to come, when, and for what."""

    model_config = ConfigDict(extra="forbid")

    service: str = Field(description="Its code")
    date: IsoDate | None = Field(None, description="Needed where the service is booked")
    start: str | None = Field(
        None,
        pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$",
        description="HH:MM, where the service is booked by time",
    )
    name: str = Field(
        description=f"Whole, as they write it: up to {MAX_NAME} characters; one name is enough"
    )
    party_size: StrictInt = Field(1, description=f"How many come together, up to {MAX_PARTY}")
    priority: PriorityGroup | None = Field(None, description="By their own word")
    contact: str | None = Field(
        None,
        description=f"E-mail address or telephone number, up to {MAX_CONTACT} characters",
    )
    answers: dict[str, str] = Field(
        default_factory=dict,
        description=f"To the office's questions, by their codes: up to {MOST_ANSWERS} of up to"
        f" {MAX_ANSWER} characters",
    )
    language: str | None = Field(
        None, description="In which they are told of changes, such as id; the office's by itself"
    )

    def request(self, language: str) -> BookingRequest:
        """The same for the registrar; ``language`` where none was chosen."""
        return BookingRequest(
            service=self.service,
            day=self.date,
            start=None if self.start is None else time.fromisoformat(self.start),
            name=self.name,
            party_size=self.party_size,
            group=self.priority,
            contact=self.contact,
            answers=self.answers,
            language=language if self.language is None else self.language,
        )


class BookedSlot(BaseModel):
    """What was booked. ``start`` and ``end`` (HH:MM) are null where it is the whole day."""

    date: date
    start: str | None
    end: str | None


class Registered(BaseModel):
    """The receipt. ``valid_from`` and ``expires`` (exclusive) are in the site's time."""

    number: str
    token: str = Field(description="What its QR code says")
    link: str = Field(description="Its own page; a path where the office has no public address")
    valid_from: str
    expires: str
    slot: BookedSlot | None = Field(description="Null where the service is not booked")

    @classmethod
    def of(cls, given: Given, settings: Settings) -> Registered:
        """What is told of a registration."""
        zone, receipt = settings.site.zone, given.receipt
        return cls(
            number=receipt.number,
            token=receipt.token,
            link=f"{settings.web.public_url or ''}{given.link}",
            valid_from=receipt.valid_from.astimezone(zone).isoformat(timespec="seconds"),
            expires=receipt.expires.astimezone(zone).isoformat(timespec="seconds"),
            slot=None if given.booking is None else _slot(given),
        )


class Cancelled(BaseModel):
    """The registration is over, and its place is free."""

    number: str
    cancelled: bool = True


@router.post(
    "",
    status_code=201,
    response_model=Registered,
    responses=described(400, 401, 403, 408, 413, 422, 503) | _REFUSED,
)
def register(
    body: Wanted, request: Request, key: RegistrationsKey, idempotency_key: IdempotencyKey = None
) -> Response:
    """Book a place and issue the receipt that goes with it.

    A place is given to one alone. The same ``Idempotency-Key`` with the same body books once, also
    where the first answer was lost.
    """
    office = office_of(request)

    def told(given: Given) -> Answer:
        return Answer(201, Registered.of(given, office.settings).model_dump_json().encode())

    asked = asked_of(request, key, idempotency_key, body, told)
    wanted = body.request(office.settings.site.language)
    try:
        given = _registrar(request).register(wanted, by=key.actor, asked_by=asked)
    except NotBookable as refusal:
        return written(_kept(request, asked, _refused(refusal)))
    except BadRequest as error:
        first = None if asked is None else office.kept_answers.kept(asked, at=office.clock.now())
        if first is not None:  # what it asks for could be had then
            return written(first)
        _invalid(error.problems)
    return written(told(given))


@router.delete(
    "/{number}",
    responses=described(401, 403, 404, 422, 503),
    openapi_extra={"security": [{"session": []}]},
)
def cancel(
    number: Annotated[str, Path(max_length=64)], request: Request, caller: KeyOrOfficer
) -> Cancelled:
    """Give the place back, which is free at once, and make the receipt worthless.

    For the key that booked it, and for officers by their log-in. Once more does no harm.
    """
    registrar = _registrar(request)
    found = registrar.registration(number)
    if found is None or not _is_theirs(found, caller):
        raise HTTPException(404, "No registration of yours has this number.")
    by = caller.actor if isinstance(caller, SystemKey) else caller.user
    try:
        over = registrar.withdraw(found.claims.number, by=by)
    except UnknownReceipt as error:
        raise HTTPException(404, "No registration of yours has this number.") from error
    return Cancelled(number=over.claims.number)


def _registrar(request: Request) -> Registrar:
    registrar = office_of(request).registrar
    if registrar is None:
        raise HTTPException(404, "Nobody registers at this office.")
    return registrar


def _is_theirs(found: Registration, caller: object) -> bool:
    """A key knows of no other registrations than its own."""
    return not isinstance(caller, SystemKey) or found.by == caller.actor


def _slot(given: Given) -> BookedSlot | None:
    if given.booking is None:
        return None
    place = given.booking.place
    start, end = place.start, place.end
    return BookedSlot(
        date=place.day,
        start=None if start is None else f"{start:%H:%M}",
        end=None if end is None else f"{end:%H:%M}",
    )


def _refused(refusal: NotBookable) -> Answer:
    alternatives = [told_slot(offer) for offer in refusal.alternatives]
    answer = problem(
        409,
        f"{str(refusal).capitalize()}.",
        kind="not-bookable",
        code=refusal.code,
        alternatives=alternatives,
    )
    return Answer(409, bytes(answer.body))


def _kept(request: Request, asked: Asked[Given] | None, answer: Answer) -> Answer:
    """The first answer to the same request."""
    if asked is None:
        return answer
    office = office_of(request)
    return office.kept_answers.keep(asked, answer, at=office.clock.now())


def _invalid(problems: Mapping[str, str]) -> NoReturn:
    """Told as everything else that is wrong with a request."""
    raise RequestValidationError(
        [
            {"loc": ("body", *FIELDS.get(field, field).split(".", 1)), "msg": WORDS.get(what, what)}
            for field, what in problems.items()
        ]
    )
