"""A site's running figures of one day, counted on with each row of the log."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection
from dataclasses import asdict, astuple, dataclass, field, replace
from datetime import date, datetime, time
from typing import Any, Self

from screening.decision import DecisionKind
from screening.office.services import Booking as Books
from screening.registration.bookings import Place
from screening.registration.rules import NOBODY, Booked, DayRules, DayTaken
from screening.visits import HeadCount

Hours = dict[int, tuple[int, int, int]]


@dataclass(slots=True)
class Day:
    """``inside`` are people who came that day and have not left; a return is no new admission.

    ``refused`` counts DENY and REFER by reason, ``services`` the quota used, ``tickets`` holds the
    last number of each queue. ``hours`` are admitted, refused and referred by the start of the
    hour, in minutes from the start of the day. ``bookings`` are of each service that has any.
    ``counted`` is the newest head count, ``here`` when somebody said of a visit that it goes on,
    ``crossings`` how many people counters at the doors saw go in and out.
    """

    inside: int = 0
    admitted: int = 0
    refused: dict[str, int] = field(default_factory=dict)
    services: dict[str, int] = field(default_factory=dict)
    tickets: dict[str, int] = field(default_factory=dict)
    hours: Hours = field(default_factory=dict)
    bookings: dict[str, Booked] = field(default_factory=dict)
    counted: HeadCount | None = None
    here: dict[int, datetime] = field(default_factory=dict)
    crossings: tuple[int, int] = (0, 0)

    @classmethod
    def read(cls, row: Any) -> Self:
        """From a row of the table ``days``."""
        return cls(
            inside=row.inside,
            admitted=row.admitted,
            refused=json.loads(row.refusals),
            services=json.loads(row.services),
            tickets=json.loads(row.tickets),
            hours=read_hours(row.hours),
            bookings=read_bookings(row.bookings),
            **read_leaving(row.leaving),
        )

    def copy(self) -> Day:
        """One that can be counted on without changing this one."""
        return Day(
            inside=self.inside,
            admitted=self.admitted,
            refused=dict(self.refused),
            services=dict(self.services),
            tickets=dict(self.tickets),
            hours=dict(self.hours),
            bookings=dict(self.bookings),
            counted=self.counted,
            here=dict(self.here),
            crossings=self.crossings,
        )

    @property
    def extra(self) -> int:
        """What the newest head count adds to ``inside``, or takes off."""
        return 0 if self.counted is None else self.counted.extra

    def taken(self) -> DayTaken:
        """What of the day is booked and used, without the places that are only held."""
        came = {code: booked.came for code, booked in self.bookings.items()}
        return DayTaken(
            booked=self.bookings,
            others={code: people - came.get(code, 0) for code, people in self.services.items()},
            all_others=self.admitted - sum(came.values()),
        )

    def still_to_come(self, services: Collection[str]) -> int:
        """People who booked one of these services for this day and are not in yet."""
        booked = (one for code, one in self.bookings.items() if code in services)
        return sum(max(one.people - one.came, 0) for one in booked)

    def book(
        self, place: Place, people: int, *, is_priority: bool, rules: DayRules | None = None
    ) -> None:
        """So many more are booked; ``rules`` are noted with the first of them."""
        before = self.bookings.get(place.service, NOBODY)
        after = before.with_people(people, start=place.start, is_priority=is_priority)
        if before.people == 0:
            after = replace(after, rules=rules)
        self.bookings[place.service] = after

    def unbook(self, place: Place, people: int, *, is_priority: bool, came: int = 0) -> None:
        """Their booking is over; ``came`` of them were let in this day and count as others now."""
        before = self.bookings[place.service]
        after = before.with_people(-people, start=place.start, is_priority=is_priority)
        self._put(place.service, replace(after, came=after.came - came))

    def _put(self, service: str, booked: Booked) -> None:
        if booked == NOBODY:
            self.bookings.pop(service, None)
        else:
            self.bookings[service] = booked

    def admit(
        self,
        *,
        service: str | None,
        queue: str,
        ticket: int,
        is_return: bool,
        hour: int,
        is_booked: bool = False,
    ) -> None:
        """Somebody came in; ``is_booked``: with a place of this day's bookings."""
        self.inside += 1
        if is_return:
            return
        self.admitted += 1
        self._count_hour(hour, admitted=1)
        self.tickets[queue] = max(ticket, self.tickets.get(queue, 0))
        if service is not None:
            self.services[service] = self.services.get(service, 0) + 1
            if is_booked:
                self.count_booked(service)

    def count_booked(self, service: str) -> None:
        """One of those who were let in has a place of this day's bookings."""
        booked = self.bookings.get(service, NOBODY)
        self._put(service, replace(booked, came=booked.came + 1))

    def refuse(self, reason: str, *, hour: int, is_referral: bool = False) -> None:
        """Somebody was refused or referred."""
        if is_referral:
            self._count_hour(hour, referred=1)
        else:
            self._count_hour(hour, refused=1)
        self.refused[reason] = self.refused.get(reason, 0) + 1

    def let_out(self, visit_id: int, *, entered_at: datetime, how: str | None) -> None:
        """Somebody who came that day left."""
        self.inside -= 1
        self.here.pop(visit_id, None)
        if self.counted is not None:
            self.counted = self.counted.after_exit(entered_at, how)

    def put_back(self, visit_id: int, *, entered_at: datetime, at: datetime) -> None:
        """Somebody who came that day had not left."""
        self.inside += 1
        self.here[visit_id] = at
        if self.counted is not None:
            self.counted = self.counted.after_return(entered_at)

    def leave_unmatched(self) -> None:
        """Somebody left whom nobody had seen come in."""
        if self.counted is not None:
            self.counted = self.counted.after_unmatched_exit()

    def cross(self, entered: int, left: int) -> None:
        """So many people were seen to go in and out."""
        before = self.crossings
        self.crossings = (before[0] + entered, before[1] + left)

    def annul(
        self,
        *,
        service: str | None,
        is_return: bool,
        was_inside: bool,
        hour: int,
        is_booked: bool = False,
        visit_id: int = 0,
        entered_at: datetime | None = None,
    ) -> None:
        """An admission of that day and hour is undone; its ticket is not given again."""
        if was_inside and entered_at is not None:
            self.let_out(visit_id, entered_at=entered_at, how=None)
        elif was_inside:
            self.inside -= 1
        if is_return:
            return
        self.admitted -= 1
        self._count_hour(hour, admitted=-1)
        if service is not None:
            self.services[service] -= 1
            if not self.services[service]:
                del self.services[service]
            if is_booked:
                booked = self.bookings[service]
                self._put(service, replace(booked, came=booked.came - 1))

    def count_attempt(self, decision: str | None, reason: str | None, *, hour: int) -> None:
        """An attempt that admitted nobody."""
        if decision in (DecisionKind.DENY, DecisionKind.REFER):
            is_referral = decision == DecisionKind.REFER
            self.refuse(reason or "", hour=hour, is_referral=is_referral)

    def _count_hour(
        self, hour: int, *, admitted: int = 0, refused: int = 0, referred: int = 0
    ) -> None:
        before = self.hours.get(hour, (0, 0, 0))
        counts = (before[0] + admitted, before[1] + refused, before[2] + referred)
        if any(counts):
            self.hours[hour] = counts
        else:
            self.hours.pop(hour, None)


Days = dict[date, Day]


def read_hours(text: str) -> Hours:
    """From a column of the table ``days``."""
    return {
        int(hour): (admitted, refused, referred)
        for hour, (admitted, refused, referred) in json.loads(text).items()
    }


def read_bookings(text: str) -> dict[str, Booked]:
    """From a column of the table ``days``."""
    return {code: _booked(**values) for code, values in json.loads(text).items()}


def _booked(
    *,
    people: int,
    priority: int,
    came: int,
    starts: dict[str, int],
    rules: tuple[str, int, int, int | None, int] | None = None,
) -> Booked:
    return Booked(
        people=people,
        priority=priority,
        came=came,
        starts={time.fromisoformat(start): count for start, count in starts.items()},
        rules=None if rules is None else _rules(*rules),
    )


def _rules(
    booking: str, slot_minutes: int, slot_places: int, quota: int | None, priority: int
) -> DayRules:
    return DayRules(
        booking=Books(booking),
        slot_minutes=slot_minutes,
        slot_places=slot_places,
        daily_quota=quota,
        priority_quota=priority,
    )


def _written(booked: Booked) -> dict[str, Any]:
    starts = {f"{start:%H:%M}": people for start, people in booked.starts.items()}
    written: dict[str, Any] = {
        "people": booked.people,
        "priority": booked.priority,
        "came": booked.came,
        "starts": starts,
    }
    return written if booked.rules is None else {**written, "rules": astuple(booked.rules)}


def read_leaving(text: str) -> dict[str, Any]:
    """The fields of a Day that a column of the table ``days`` holds together."""
    values = json.loads(text)
    return {
        "counted": read_count(values.get("counted")),
        "here": {int(key): datetime.fromisoformat(at) for key, at in values.get("here", ())},
        "crossings": tuple(values.get("crossings", (0, 0))),
    }


def write_count(count: HeadCount | None) -> dict[str, Any] | None:
    """As plain JSON but for its time."""
    return None if count is None else asdict(count)


def read_count(values: dict[str, Any] | None) -> HeadCount | None:
    """The same again."""
    if values is None:
        return None
    return HeadCount(**{**values, "at": datetime.fromisoformat(values["at"])})


def _written_leaving(day: Day) -> dict[str, Any]:
    written: dict[str, Any] = {}
    if day.counted is not None:
        written["counted"] = write_count(day.counted)
    if day.here:
        written["here"] = sorted(day.here.items())
    if any(day.crossings):
        written["crossings"] = day.crossings
    return written


def total_inside(days: Days, since: date) -> int:
    """People inside who came on ``since`` or later (a clock may have been ahead), for whoever lets
    in: heads that were counted add to the rows and never take off, since a seat is given back by a
    visit's end alone.
    """
    return sum(day.inside + max(0, day.extra) for key, day in days.items() if key >= since)


def day_columns(day: Day, canonical: Callable[[Any], str]) -> dict[str, Any]:
    """Its columns in the table ``days``."""
    return {
        "inside": day.inside,
        "admitted": day.admitted,
        "refused": sum(day.refused.values()),
        "refusals": canonical(day.refused),
        "services": canonical(day.services),
        "tickets": canonical(day.tickets),
        "hours": canonical({str(hour): counts for hour, counts in day.hours.items()}),
        "bookings": canonical({code: _written(one) for code, one in day.bookings.items()}),
        "leaving": canonical(_written_leaving(day)),
    }
