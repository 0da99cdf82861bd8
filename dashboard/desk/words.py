"""Says at the desk who comes when, what was done and why something could not be done."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, time, timedelta
from urllib.parse import quote

from dashboard.desk.contexts import (
    ActLine,
    FoundLine,
    PlaceChoice,
    PlaceDay,
    ServiceChoice,
)
from dashboard.visitor.receipt_words import shown_name
from dashboard.visitor.words import problem
from dashboard.web.office import ReceiptPage
from dashboard.web.office_words import Words
from dashboard.web.words import N_
from screening.accounts import KEY_ACTOR
from screening.office.services import Booking as Books
from screening.office.services import Channel, Service
from screening.receipts.claims import ReceiptClaims
from screening.receipts.number import show_number
from screening.registration.bookings import (
    Act,
    ActKind,
    Offer,
    OfferStatus,
    Place,
    Registration,
)
from screening.registration.rules import refusal_of_service

KEYS = "123456789"
"""The first services are chosen by one key."""

_GOOD_TODAY = frozenset({Channel.WALK_IN, Channel.EMERGENCY})
_TICK = timedelta(microseconds=1)

ACTS: dict[ActKind, str] = {
    ActKind.GIVEN: N_("Receipt given out"),
    ActKind.MOVED: N_("Moved"),
    ActKind.CANCELLED: N_("Cancelled"),
    ActKind.REPLACED: N_("Replaced"),
}
DONE: dict[ActKind, str] = {
    ActKind.GIVEN: N_("Registered. Print the receipt and hand it over."),
    ActKind.MOVED: N_("Moved. Print it again: the paper tells the new time."),
    ActKind.CANCELLED: N_("Cancelled. The place is free again."),
    ActKind.REPLACED: N_("This is the new receipt. The old one lets nobody in any more."),
}
TAKEN_BACK = "undone"
UNDONE = N_("Taken back: the receipt is as it was before.")

CANNOT_UNDO = N_("It cannot be taken back: something has happened with the receipt since.")
CANNOT_UNDO_FULL = N_("It cannot be taken back: others have the place by now.")
CANNOT_CHANGE = N_("Nothing was changed: the receipt was used or cancelled meanwhile.")

CODE_SCANNED = "code_scanned"
"""What is wrong with a name that is none, besides what a ``BadRequest`` tells."""

_NO_VISIT: dict[Channel, str] = {
    Channel.ONLINE_ONLY: N_("online only, nobody has to come"),
    Channel.CLOSED: N_("closed at present"),
}
_PROBLEMS: dict[tuple[str, str], str] = {
    ("name", "missing"): N_("Type the name; one name is enough."),
    ("name", CODE_SCANNED): N_("A receipt was scanned here. Type the name."),
    ("party_size", "not_a_number"): N_("Type how many people come, at least one."),
    ("party_size", "too_many"): N_("So many do not fit on one receipt. Register them in groups."),
    ("day", "missing"): N_("Choose a day or a time."),
    ("start", "missing"): N_("Choose a day or a time."),
}
"""What is told otherwise to whoever types for somebody else."""


def contact_link(contact: str) -> str:
    """What a tap on an e-mail address or a telephone number opens."""
    if "@" in contact:
        return f"mailto:{quote(contact, safe='@')}"
    return "tel:" + "".join(one for one in contact if one.isdigit() or one == "+")


def is_good_today(service: Service) -> bool:
    """Whether its receipts let in on the day they are given out; a collection never does."""
    return service.booking is Books.NONE and service.channel in _GOOD_TODAY


@dataclass(frozen=True, slots=True)
class DeskWords:
    """Words for the desk in one language, on the site's clock; it is ``today`` there."""

    words: Words
    today: date

    def say(self, message: str) -> str:
        """The sentence in this language."""
        return self.words.language.say(message)

    def problems(self, problems: Mapping[str, str]) -> dict[str, str]:
        """What is wrong with which field of the form; a time's is told at the place."""
        fields = {"day": "place", "start": "place"}
        return {
            fields.get(field, field): self.say(_PROBLEMS[field, what])
            if (field, what) in _PROBLEMS
            else problem(self.words.language, field, what)
            for field, what in problems.items()
        }

    def found(self, one: Registration) -> FoundLine:
        """A line of what was found."""
        claims, booking = one.claims, one.booking
        is_cancelled = booking is not None and booking.cancelled_at is not None
        return FoundLine(
            number=claims.number,
            shown=show_number(claims.number),
            name=shown_name(one.name or claims.holder),
            service=self._service(claims.service),
            when=self._days(claims) if booking is None else self.place(booking.place),
            people=self.people(claims.party_size),
            is_priority=one.is_priority,
            state=self.say(N_("Cancelled")) if is_cancelled else "",
        )

    def act(self, act: Act, one: Registration | None) -> ActLine:
        """A line of what the person did; ``one`` is the receipt, if it is still there."""
        detail = ""
        if act.before is not None and act.after is not None:
            detail = f"{self.place(act.before)} → {self.place(act.after)}"
        language, zone = self.words.language, self.words.zone
        return ActLine(
            entry_id=act.entry_id,
            time=language.time(act.at, zone),
            word=self.say(ACTS[act.kind]),
            number=act.number,
            shown=show_number(act.number),
            name="" if one is None else shown_name(one.name or one.claims.holder),
            service=self._service(act.service),
            detail=detail,
            can_undo=act.is_newest,
        )

    def services(self, services: Iterable[Service]) -> tuple[ServiceChoice, ...]:
        """Those that one registers for."""
        open_ones = [one for one in services if refusal_of_service(one) is None]
        return tuple(
            self._choice(one, KEYS[at] if at < len(KEYS) else "")
            for at, one in enumerate(open_ones)
        )

    def others(self, services: Iterable[Service]) -> tuple[ServiceChoice, ...]:
        """Those that nobody comes for."""
        return tuple(self._choice(one, "") for one in services if refusal_of_service(one))

    def when(self, service: Service) -> str:
        """How long a receipt without a booking is good."""
        if is_good_today(service):
            return self.say(N_("good from today"))
        tomorrow = self.today + timedelta(days=1)
        words = self.say(N_("good from %(day)s"))
        return words % {"day": self.words.language.near_day(tomorrow, self.today)}

    def places(
        self,
        offers: Iterable[Offer],
        for_priority: Iterable[Offer],
        *,
        chosen: str,
        without: Place | None = None,
        people: int = 1,
    ) -> tuple[PlaceDay, ...]:
        """What can be booked, the first one chosen unless another is.

        ``for_priority`` are the same as a priority group has them; ``without`` is theirs already,
        or was refused.
        """
        days: dict[date, list[PlaceChoice]] = {}
        for offer, other in zip(offers, for_priority, strict=True):
            is_kept = not _has_room(offer, people)
            place = offer.place
            if (is_kept and not _has_room(other, people)) or (
                without is not None and (place.day, place.start) == (without.day, without.start)
            ):
                continue
            choice = self._place_choice(other if is_kept else offer, is_kept, chosen)
            days.setdefault(place.day, []).append(choice)
        if all(len(choices) == 1 and "T" not in choices[0].value for choices in days.values()):
            alone = tuple(choice for choices in days.values() for choice in choices)
            return (PlaceDay(words="", choices=alone),) if alone else ()
        return tuple(
            PlaceDay(words=self.words.language.near_day(day, self.today), choices=tuple(choices))
            for day, choices in days.items()
        )

    def place(self, place: Place) -> str:
        """A day, perhaps with its time."""
        day = self.words.language.near_day(place.day, self.today)
        if place.start is None:
            return day
        words = self.say(N_("%(day)s, %(time)s"))
        return words % {"day": day, "time": self._span(place.start, place.end)}

    def given(self, found: ReceiptPage) -> str:
        """When it was given out, and who did."""
        language, booking = self.words.language, found.booking
        told = {"when": language.moment(found.claims.issued_at, self.words.zone)}
        if booking is None or not booking.booked_by:
            return self.say(N_("Registered %(when)s")) % told
        who = booking.booked_by
        if who.startswith(KEY_ACTOR):
            words = self.say(N_("Registered %(when)s by another system: %(who)s"))
            return words % {**told, "who": who.removeprefix(KEY_ACTOR)}
        return self.say(N_("Registered %(when)s by %(who)s")) % {**told, "who": who}

    def people(self, number: int) -> str:
        """How many come together."""
        return self.words.language.count("%(num)d person", "%(num)d people", number)

    def _place_choice(self, offer: Offer, is_kept: bool, chosen: str) -> PlaceChoice:
        place = offer.place
        value = place.day.isoformat()
        words = self.words.language.near_day(place.day, self.today)
        if place.start is not None:
            value = f"{value}T{place.start:%H:%M}"
            words = self.place(place)
        left = ""
        if offer.left is not None:
            left = self.words.language.count("%(num)d left", "%(num)d left", offer.left)
        notes = [left, self.say(N_("for priority only")) if is_kept else ""]
        told = ", ".join(note for note in notes if note)
        return PlaceChoice(
            value=value, words=f"{words} · {told}" if told else words, is_chosen=value == chosen
        )

    def _choice(self, service: Service, key: str) -> ServiceChoice:
        note = self.say(_NO_VISIT.get(service.channel, ""))
        when = ""
        if service.booking is not Books.NONE:
            when = self.say(N_("by day") if service.booking is Books.DAY else N_("by time"))
        elif is_good_today(service):
            when = self.say(N_("good from today"))
        return ServiceChoice(
            code=service.code,
            name=self._service(service.code),
            key=key,
            when=when,
            note=note,
            link=service.link or "",
        )

    def _service(self, code: str) -> str:
        return self.words.service(code) or code

    def _days(self, claims: ReceiptClaims) -> str:
        zone, language = self.words.zone, self.words.language
        words = self.say(N_("%(first)s until %(last)s"))
        return words % {
            "first": language.near_day(claims.not_before.astimezone(zone).date(), self.today),
            "last": language.near_day((claims.expires - _TICK).astimezone(zone).date(), self.today),
        }

    def _span(self, start: time, end: time | None) -> str:
        clock = self.words.language.clock
        return clock(start) if end is None else f"{clock(start)}–{clock(end)}"


def _has_room(offer: Offer, people: int) -> bool:
    has_places = offer.left is None or offer.left >= people
    return offer.status is OfferStatus.OPEN and has_places
