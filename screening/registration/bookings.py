"""A booking: somebody who comes on a day, perhaps at a time, and the place it takes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from enum import StrEnum

from screening.errors import ScreeningError
from screening.receipts.claims import ReceiptClaims


class PriorityGroup(StrEnum):
    """Whom the law gives special treatment (UU 25/2009, article 29), by their own word."""

    ELDERLY = "elderly"
    DISABILITY = "disability"
    PREGNANT = "pregnant"
    SMALL_CHILD = "small_child"
    DISASTER_VICTIM = "disaster_victim"


class BookingRefusal(StrEnum):
    """Why a place cannot be had; these codes are part of the HTTP interface."""

    SLOT_FULL = "slot_full"
    QUOTA_REACHED = "quota_reached"
    SERVICE_CLOSED = "service_closed"
    ONLINE_ONLY = "online_only"
    NOT_BOOKABLE = "not_bookable"


class OfferStatus(StrEnum):
    """Whether a day or time can be booked now; FULL also where the day's quota is reached."""

    OPEN = "open"
    FULL = "full"
    CLOSED = "closed"
    NOT_YET = "not_yet"
    PAST = "past"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """What a booking takes a place of. ``start`` is None where only the day is booked."""

    service: str
    day: date
    start: time | None = None
    end: time | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A day, or a time of it, as it can be booked. ``capacity`` and ``left`` count people; None
    without a limit."""

    place: Place
    status: OfferStatus
    capacity: int | None
    left: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What somebody asks for. ``name`` is whole, as it was typed; ``contact`` is an e-mail address
    or a telephone number; ``answers`` are by the question's code. ``has_priority``: of some
    priority group, where nobody noted of which."""

    service: str
    day: date | None
    start: time | None = None
    name: str
    party_size: int = 1
    group: PriorityGroup | None = None
    has_priority: bool = False
    contact: str | None = None
    answers: Mapping[str, str] = field(default_factory=dict)
    language: str = "id"

    @property
    def is_priority(self) -> bool:
        """Whether they are of a priority group."""
        return self.has_priority or self.group is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Booking:
    """A booking as the record knows it, found by its receipt's number. ``name``, ``group``,
    ``contact`` and ``answers`` are empty once they are forgotten; ``is_priority`` stays.
    ``booked_by`` is a person's log-in, the ``actor`` of another system's key, or empty for the
    visitor.
    """

    number: str
    place: Place
    party_size: int
    is_priority: bool
    name: str
    group: PriorityGroup | None
    contact: str | None
    answers: Mapping[str, str]
    language: str
    booked_at: datetime
    booked_by: str
    cancelled_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """A place kept for whoever types, until ``until`` (exclusive)."""

    hold_id: str
    place: Place
    party_size: int
    until: datetime
    is_priority: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """A receipt and who registered for it; ``booking`` is None where nothing is booked.

    ``name`` is whole, and empty once it is forgotten or where the receipt was issued without
    registering; so are ``contact`` and ``answers``, which are those of ``Booking``. ``by`` is who
    registered for them, as ``Booking.booked_by``.
    """

    claims: ReceiptClaims
    booking: Booking | None
    name: str = ""
    is_priority: bool = False
    by: str = ""
    contact: str | None = None
    answers: Mapping[str, str] = field(default_factory=dict)


class ActKind(StrEnum):
    """What was done with a receipt."""

    GIVEN = "given"
    MOVED = "moved"
    CANCELLED = "cancelled"
    REPLACED = "replaced"


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """What a person did with a receipt: ``number``, in place of ``replaces`` where it was replaced.

    ``before`` and ``after`` are the booked places where it was moved. ``is_newest``: nothing has
    happened with the receipt since, so that it can be undone.
    """

    entry_id: int
    kind: ActKind
    at: datetime
    number: str
    service: str
    before: Place | None = None
    after: Place | None = None
    replaces: str | None = None
    is_newest: bool = False


class NotBookable(ScreeningError):
    """The place cannot be had; ``alternatives`` are up to three that can, of other days too."""

    def __init__(self, code: BookingRefusal, alternatives: tuple[Offer, ...] = ()) -> None:
        super().__init__(f"this place cannot be booked: {code.replace('_', ' ')}")
        self.code = code
        self.alternatives = alternatives


class BadRequest(ScreeningError):
    """What was typed cannot be taken; ``problems`` tells what is wrong with which field.

    Fields are those of ``Request``, and ``answers.CODE`` of one question. Problems: missing,
    too_long, not_a_name, not_a_number, too_many, unknown, not_a_contact.
    """

    def __init__(self, problems: Mapping[str, str]) -> None:
        told = ", ".join(f"{name}: {what.replace('_', ' ')}" for name, what in problems.items())
        super().__init__(told)
        self.problems = dict(problems)
