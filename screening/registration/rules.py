"""Which days and times can be booked, and what a request for a place comes to. Pure.

Places count people: a party of three takes three. A day's quota is used by those who booked it, by
those for whom a place is held, and by those who were let in that day without a booking for it.
Until the day comes, some of a service's daily places are kept for priority groups, who take these
first and then the others. An emergency is not stopped by the office's quota.

What is offered and what is given are told by the same limits, so that they cannot differ but by
what others took meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta

from screening.office.facts import OfficeFacts
from screening.office.hours import OpenDay, open_day, slots_of
from screening.office.services import Booking as Books
from screening.office.services import Channel, Service
from screening.registration.bookings import BookingRefusal, Offer, OfferStatus, Place

MOST_ALTERNATIVES = 3
MOST_OF_THE_SAME_DAY = 2
"""Whoever cannot come at that time may not be able to come that day."""

Holidays = Callable[[int], Mapping[date, str]]
"""The public holidays of a year, by day, and what each is called."""

_NOBODY_COMES: Mapping[Channel, BookingRefusal] = {
    Channel.ONLINE_ONLY: BookingRefusal.ONLINE_ONLY,
    Channel.CLOSED: BookingRefusal.SERVICE_CLOSED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class DayRules:
    """How a service is booked on one day: as the first booking of the day found it."""

    booking: Books
    slot_minutes: int
    slot_places: int
    daily_quota: int | None
    priority_quota: int

    @classmethod
    def of(cls, service: Service) -> DayRules:
        """As the service is booked now."""
        return cls(
            booking=service.booking,
            slot_minutes=service.slot_minutes,
            slot_places=service.slot_places,
            daily_quota=service.daily_quota,
            priority_quota=service.priority_quota,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Booked:
    """People with a place of one service on one day. ``priority`` of them are of a priority group,
    ``starts`` counts them by the time they booked, and ``came`` are those let in that day.

    ``rules`` are kept as long as anybody is booked, so that another way of booking does not mix
    with it; None follows the service.
    """

    people: int = 0
    priority: int = 0
    came: int = 0
    starts: Mapping[time, int] = field(default_factory=dict)
    rules: DayRules | None = field(default=None, compare=False)

    def with_people(self, people: int, *, start: time | None, is_priority: bool) -> Booked:
        """So many more (fewer, if negative) at that time."""
        starts = dict(self.starts)
        if start is not None:
            starts[start] = starts.get(start, 0) + people
            if not starts[start]:
                del starts[start]
        return replace(
            self,
            people=self.people + people,
            priority=self.priority + (people if is_priority else 0),
            starts=starts,
        )


NOBODY = Booked()


@dataclass(frozen=True, slots=True, kw_only=True)
class DayTaken:
    """What is taken of one day. ``booked`` is by service and counts held places, too; ``others``
    are people who were let in without a booking for that day, by service, and ``all_others`` also
    those who came for no service."""

    booked: Mapping[str, Booked] = field(default_factory=dict)
    others: Mapping[str, int] = field(default_factory=dict)
    all_others: int = 0

    @property
    def used(self) -> int:
        """Of the office's quota."""
        return sum(one.people for one in self.booked.values()) + self.all_others

    def used_of(self, service: str) -> int:
        """Of the service's quota."""
        return self.booked.get(service, NOBODY).people + self.others.get(service, 0)

    def of_offered(self, services: Collection[str]) -> DayTaken:
        """Without those who booked what is not offered any more: it uses no place of the office's,
        unless they came. Their bookings count again where the service is offered again."""
        gone = {code: one for code, one in self.booked.items() if code not in services}
        if not gone:
            return self
        return replace(
            self,
            booked={code: one for code, one in self.booked.items() if code not in gone},
            all_others=self.all_others + sum(one.came for one in gone.values()),
        )

    def with_people(self, place: Place, people: int, *, is_priority: bool) -> DayTaken:
        """So many more (fewer, if negative) with a place like that."""
        before = self.booked.get(place.service, NOBODY)
        after = before.with_people(people, start=place.start, is_priority=is_priority)
        return replace(self, booked={**self.booked, place.service: after})


UNTAKEN = DayTaken()


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """What decides when something can be booked; ``now`` is in the site's zone."""

    facts: OfficeFacts
    holidays: Holidays
    now: datetime

    @property
    def today(self) -> date:
        """The site's calendar day."""
        return self.now.date()

    def first_day(self, service: Service) -> date:
        """The first that can be booked now. A collection is never for today."""
        least = 1 if service.channel is Channel.COLLECTION else 0
        return self.today + timedelta(days=max(least, service.lead_days))

    def last_day(self, service: Service) -> date:
        """The last that can be booked now."""
        return self.today + timedelta(days=service.days_ahead)

    def hours(self, service: Service, day: date) -> OpenDay:
        """When the service is open on that day."""
        return open_day(day, self.facts.hours, self.holidays(day.year), service.hours)

    def closes_the_gate_to(self, service: str | None) -> bool:
        """Whether the gate checks the hours of this service, and it is closed now."""
        found = self.facts.services.get(service or "")
        if found is None or not found.gate_checks_hours:
            return False
        return not self.hours(found, self.today).is_open_at(self.now.time())


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A place that somebody asks for. ``people`` come together."""

    service: str
    day: date
    start: time | None = None
    people: int = 1
    is_priority: bool = False


def refusal_of_service(service: Service | None) -> BookingRefusal | None:
    """Why nobody registers for this service, or None."""
    if service is None:
        return BookingRefusal.NOT_BOOKABLE
    return _NOBODY_COMES.get(service.channel)


def may_move(place: Place, service: Service | None, *, today: date) -> bool:
    """Whether a booking of that place may be moved to another one: until its day is over, while
    the service is booked. Whoever did not come books anew, as everybody does."""
    is_booked = service is not None and service.booking is not Books.NONE
    return is_booked and refusal_of_service(service) is None and place.day >= today


def place_for(wanted: Wanted, calendar: Calendar, taken: DayTaken) -> Place | BookingRefusal:
    """The place that they get, or why not. ``taken`` is of the wanted day, without their own."""
    return _place_for(wanted, calendar, taken, is_limited=True)


def place_if_free(wanted: Wanted, calendar: Calendar, taken: DayTaken) -> Place | BookingRefusal:
    """The same where enough is left of everything that has a limit."""
    return _place_for(wanted, calendar, taken, is_limited=False)


def free_places(wanted: Wanted, calendar: Calendar, taken: DayTaken) -> list[Place]:
    """Every place of the wanted day that has room for them, in order, whatever time they asked for.

    Also of days that nobody can book yet: whoever had a place that is gone need not wait for them.
    """
    service = calendar.facts.services.get(wanted.service)
    if service is None or refusal_of_service(service) is not None:
        return []
    day = _Day(service, wanted.day, calendar, taken)
    if not day.is_booked or day.hours.is_closed or wanted.day < calendar.first_day(service):
        return []

    def has_room(place: Place) -> bool:
        limits = day.limits(place, is_priority=wanted.is_priority)
        return all(wanted.people <= left for _, left in limits)

    return [place for place in day.places() if not day.is_past(place) and has_room(place)]


def place_again(
    place: Place, wanted: Wanted, calendar: Calendar, taken: DayTaken
) -> Place | BookingRefusal:
    """A place that was theirs and that they get back: it is not too late for it before its day is
    over, but others may have taken it."""
    service = calendar.facts.services.get(wanted.service)
    refusal = refusal_of_service(service)
    if service is None or refusal is not None:
        return refusal or BookingRefusal.NOT_BOOKABLE
    if place.day < calendar.today:
        return BookingRefusal.NOT_BOOKABLE
    limits = _Day(service, place.day, calendar, taken).limits(place, is_priority=wanted.is_priority)
    return next((reached for reached, left in limits if wanted.people > left), place)


def _place_for(
    wanted: Wanted, calendar: Calendar, taken: DayTaken, *, is_limited: bool
) -> Place | BookingRefusal:
    service = calendar.facts.services.get(wanted.service)
    refusal = refusal_of_service(service)
    if service is None or refusal is not None:
        return refusal or BookingRefusal.NOT_BOOKABLE
    day = _Day(service, wanted.day, calendar, taken)
    if not day.is_booked or not day.is_between_first_and_last:
        return BookingRefusal.NOT_BOOKABLE
    if day.hours.is_closed:
        return BookingRefusal.SERVICE_CLOSED
    place = next((one for one in day.places() if one.start == wanted.start), None)
    if place is None or day.is_past(place):
        return BookingRefusal.NOT_BOOKABLE
    limits = day.limits(place, is_priority=wanted.is_priority) if is_limited else []
    return next((reached for reached, left in limits if wanted.people > left), place)


def offers_of(
    service: Service,
    days: Iterable[date],
    calendar: Calendar,
    taken: Mapping[date, DayTaken],
    *,
    is_priority: bool = False,
) -> list[Offer]:
    """What can be booked of a service, and what cannot, in order; nothing where it books nothing.

    A day on which it is closed is one offer without a time.
    """
    found: list[Offer] = []
    for one in days:
        day = _Day(service, one, calendar, taken.get(one, UNTAKEN))
        if day.is_booked:
            found += day.offers(is_priority=is_priority)
    return found


def bookable_days(service: Service, calendar: Calendar) -> list[date]:
    """Every day that can be booked now, if it is open and has room."""
    first, last = calendar.first_day(service), calendar.last_day(service)
    return [first + timedelta(days=after) for after in range((last - first).days + 1)]


def unserved_days(
    calendar: Calendar, taken: Mapping[date, DayTaken], *, service: str | None = None
) -> list[date]:
    """Days for which somebody booked a service, or a time of it, when it is closed now.

    Of one service or of all that are offered.
    """
    return sorted(unserved_people(calendar, taken, service=service))


def unserved_people(
    calendar: Calendar, taken: Mapping[date, DayTaken], *, service: str | None = None
) -> dict[date, int]:
    """The same days, and how many people booked what is closed then."""
    services = calendar.facts.services

    def unserved(code: str, day: date, booked: Booked) -> int:
        if not booked.people or code not in services or service not in (None, code):
            return 0
        hours = calendar.hours(services[code], day)
        if refusal_of_service(services[code]) is not None or hours.is_closed:
            return booked.people
        return sum(people for start, people in booked.starts.items() if not hours.is_open_at(start))

    counted = {
        day: sum(unserved(code, day, booked) for code, booked in one.booked.items())
        for day, one in taken.items()
    }
    return {day: people for day, people in counted.items() if people}


def alternatives_to(wanted: Wanted, offers: Iterable[Offer]) -> tuple[Offer, ...]:
    """The nearest that have room for these people: of the same day first, then of others."""

    def distance(offer: Offer) -> tuple[int, int, date]:
        apart = (offer.place.day - wanted.day).days
        return abs(apart), minutes_apart(offer.place.start, wanted.start), offer.place.day

    free = sorted((offer for offer in offers if _suits(offer, wanted)), key=distance)
    same = [offer for offer in free if offer.place.day == wanted.day]
    others = [offer for offer in free if offer.place.day != wanted.day]
    first = same[:MOST_OF_THE_SAME_DAY] if others else same
    return (*first, *others)[:MOST_ALTERNATIVES]


class _Day:
    """A service on one day: its places, and what is left of them."""

    def __init__(self, service: Service, day: date, calendar: Calendar, taken: DayTaken) -> None:
        booked = taken.booked.get(service.code, NOBODY)
        is_booked = booked.people > 0 and booked.rules is not None
        self.rules = booked.rules if is_booked and booked.rules else DayRules.of(service)
        self.hours = calendar.hours(service, day)
        self._service = service
        self._day = day
        self._calendar = calendar
        self._taken = taken.of_offered(calendar.facts.services)
        self._booked = booked

    @property
    def is_booked(self) -> bool:
        """Whether places are given. A service that is not booked any more gives none, also on days
        on which somebody has one."""
        return Books.NONE not in (self._service.booking, self.rules.booking)

    @property
    def is_between_first_and_last(self) -> bool:
        """Whether a booking is made neither too late nor too early for this day."""
        calendar, service = self._calendar, self._service
        return calendar.first_day(service) <= self._day <= calendar.last_day(service)

    def places(self) -> list[Place]:
        """Every place of the day, whether or not it can be had; none where it is closed."""
        code, day = self._service.code, self._day
        if self.rules.booking is Books.DAY:
            return [] if self.hours.is_closed else [Place(service=code, day=day)]
        return [
            Place(service=code, day=day, start=slot.start, end=slot.end)
            for slot in slots_of(self.hours.spans, self.rules.slot_minutes)
        ]

    def is_past(self, place: Place) -> bool:
        """Whether it is too late now for this place."""
        now = self._calendar.now.replace(tzinfo=None)
        if place.start is None:
            return place.day == now.date() and now.time() >= self.hours.spans[-1].end
        until_start = datetime.combine(place.day, place.start) - now
        return until_start < timedelta(minutes=self._service.latest_minutes)

    def limits(self, place: Place, *, is_priority: bool) -> list[tuple[BookingRefusal, int]]:
        """How many people more each limit allows, and what is told where it is reached."""
        code, rules, facts = self._service.code, self.rules, self._calendar.facts
        found: list[tuple[BookingRefusal, int]] = []
        if place.start is not None:
            left = rules.slot_places - self._booked.starts.get(place.start, 0)
            found.append((BookingRefusal.SLOT_FULL, left))
        if rules.daily_quota is not None:
            left = rules.daily_quota - self._taken.used_of(code)
            if not is_priority and place.day > self._calendar.today:
                kept = min(rules.priority_quota, rules.daily_quota)
                left -= max(0, kept - self._booked.priority)
            found.append((BookingRefusal.QUOTA_REACHED, left))
        if facts.daily_quota is not None and self._service.channel is not Channel.EMERGENCY:
            found.append((BookingRefusal.QUOTA_REACHED, facts.daily_quota - self._taken.used))
        return found

    def offers(self, *, is_priority: bool) -> list[Offer]:
        """Every place of the day with its status."""
        is_nobody_s = refusal_of_service(self._service) is not None
        if is_nobody_s or self.hours.is_closed:
            closed = Place(service=self._service.code, day=self._day)
            return [Offer(place=closed, status=OfferStatus.CLOSED, capacity=None, left=None)]
        return [self._offer(place, is_priority=is_priority) for place in self.places()]

    def _offer(self, place: Place, *, is_priority: bool) -> Offer:
        limits = [left for _, left in self.limits(place, is_priority=is_priority)]
        left = max(0, min(limits)) if limits else None
        return Offer(
            place=place, status=self._status(place, left), capacity=self._capacity, left=left
        )

    def _status(self, place: Place, left: int | None) -> OfferStatus:
        calendar, service = self._calendar, self._service
        if self._day < calendar.first_day(service) or self.is_past(place):
            return OfferStatus.PAST
        if self._day > calendar.last_day(service):
            return OfferStatus.NOT_YET
        return OfferStatus.FULL if left == 0 else OfferStatus.OPEN

    @property
    def _capacity(self) -> int | None:
        if self.rules.booking is Books.SLOT:
            return self.rules.slot_places
        is_free = self._service.channel is Channel.EMERGENCY
        office = None if is_free else self._calendar.facts.daily_quota
        quotas = [one for one in (self.rules.daily_quota, office) if one is not None]
        return min(quotas, default=None)


def _suits(offer: Offer, wanted: Wanted) -> bool:
    is_asked = (offer.place.day, offer.place.start) == (wanted.day, wanted.start)
    has_room = offer.left is None or offer.left >= wanted.people
    return offer.status is OfferStatus.OPEN and has_room and not is_asked


def minutes_apart(one: time | None, other: time | None) -> int:
    """Between two times of a day; 0 where one of them is none."""
    return 0 if one is None or other is None else abs(_minutes(one) - _minutes(other))


def _minutes(moment: time) -> int:
    return moment.hour * 60 + moment.minute
