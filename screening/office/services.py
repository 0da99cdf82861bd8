"""The services, their channels and quotas, and the office every installation starts from."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from itertools import chain, product
from string import ascii_uppercase

from screening.office.hours import Hours


class Channel(StrEnum):
    """How a service is reached."""

    ONLINE_ONLY = "online_only"
    COLLECTION = "collection"
    WALK_IN = "walk_in"
    EMERGENCY = "emergency"
    CLOSED = "closed"


class Booking(StrEnum):
    """What a visitor books: nothing, a day, or a time of a day."""

    NONE = "none"
    DAY = "day"
    SLOT = "slot"


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What the office asks whoever registers for a service; ``texts`` are by language."""

    code: str
    texts: Mapping[str, str]
    is_required: bool = False

    def text(self, language: str, *, default: str) -> str:
        """In such a language as a service's name."""
        texts = self.texts
        return texts.get(language) or texts.get(default) or next(iter(texts.values()), self.code)


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """One service. ``names`` and ``brings`` (what to bring) are by language, such as ``id``.

    ``letter`` (one or two) begins its tickets and is no other service's; None: by its code.
    ``link`` is where to go instead of coming. ``daily_quota`` counts people a day, booked and
    others, None without a limit of its own; ``priority_quota`` of them are kept for priority
    groups until the day comes. A slot has ``slot_places``. It may be booked from ``lead_days``
    after today until ``days_ahead``, and a slot until ``latest_minutes`` before it begins.
    ``closed_since`` and ``closed_why`` (by language) tell of one whose channel is closed, where
    somebody said. ``hours`` are its own where it has any. ``questions`` are put when somebody
    registers.
    ``steps`` are the services whose counters a visitor is called to, in order, such as a photo
    before the counter; none: this one alone.
    """

    code: str
    channel: Channel
    names: Mapping[str, str]
    brings: Mapping[str, str] = field(default_factory=dict)
    letter: str | None = None
    link: str | None = None
    booking: Booking = Booking.NONE
    slot_minutes: int = 30
    slot_places: int = 10
    daily_quota: int | None = None
    priority_quota: int = 0
    lead_days: int = 1
    days_ahead: int = 14
    latest_minutes: int = 60
    gate_checks_hours: bool = False
    hours: Hours = field(default_factory=Hours)
    questions: tuple[Question, ...] = ()
    steps: tuple[str, ...] = ()
    closed_since: date | None = None
    closed_why: Mapping[str, str] = field(default_factory=dict)

    def name(self, language: str, *, default: str) -> str:
        """In this language, else in the office's ``default``, else in any; its code without one."""
        names = self.names
        return names.get(language) or names.get(default) or next(iter(names.values()), self.code)

    def to_bring(self, language: str, *, default: str) -> str:
        """What to bring, in such a language as its name; empty where nobody said."""
        brings = self.brings
        return brings.get(language) or brings.get(default) or next(iter(brings.values()), "")

    def why_closed(self, language: str, *, default: str) -> str:
        """Why it is closed, in such a language as its name; empty where nobody said."""
        whys = self.closed_why
        return whys.get(language) or whys.get(default) or next(iter(whys.values()), "")

    @property
    def queue(self) -> str:
        """What its tickets begin with."""
        return self.letter or self.code


LETTER_WITHOUT_SERVICE = "U"
"""Of the tickets of those who came for no service that the gate knows; no service's."""


def free_letter(code: str, taken: Collection[str]) -> str:
    """A letter for the tickets of this service: one of its code's, else another, else two."""
    own = (letter for letter in code if letter in ascii_uppercase)
    pairs = (first + second for first, second in product(ascii_uppercase, repeat=2))
    reserved = {*taken, LETTER_WITHOUT_SERVICE}
    return next(letter for letter in chain(own, ascii_uppercase, pairs) if letter not in reserved)


def is_booked_otherwise(before: Service, after: Service) -> bool:
    """Whether a day that is booked already would have other places or quotas."""

    def rules(service: Service) -> tuple[object, ...]:
        return (
            service.booking,
            service.slot_minutes,
            service.slot_places,
            service.daily_quota,
            service.priority_quota,
        )

    return rules(before) != rules(after)


SEED_SERVICES: tuple[Service, ...] = (
    Service(
        code="KTP",
        letter="K",
        channel=Channel.COLLECTION,
        booking=Booking.DAY,
        names={"id": "KTP elektronik", "en": "Electronic identity card"},
    ),
    Service(
        code="KK",
        letter="F",
        channel=Channel.COLLECTION,
        booking=Booking.DAY,
        names={"id": "Kartu keluarga", "en": "Family card"},
    ),
    Service(
        code="AKTA",
        letter="A",
        channel=Channel.COLLECTION,
        booking=Booking.DAY,
        names={"id": "Akta kelahiran", "en": "Birth certificate"},
    ),
    Service(
        code="PINDAH",
        letter="P",
        channel=Channel.COLLECTION,
        booking=Booking.DAY,
        names={"id": "Surat pindah", "en": "Change of address"},
    ),
    Service(
        code="LEGALISIR",
        letter="L",
        channel=Channel.WALK_IN,
        names={
            "id": "Legalisasi dokumen (TNI/Polri)",
            "en": "Document legalisation (army and police recruitment)",
        },
    ),
    Service(
        code="DARURAT",
        letter="D",
        channel=Channel.EMERGENCY,
        names={"id": "Darurat (rumah sakit, BPJS)", "en": "Emergency (hospital, health insurance)"},
    ),
    Service(
        code="REKAM",
        letter="R",
        channel=Channel.CLOSED,
        names={"id": "Perekaman KTP reguler", "en": "Regular ID recording"},
    ),
)
