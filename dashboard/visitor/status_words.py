"""Writes how the office stands for visitors: in words first, numbers after."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import groupby
from urllib.parse import urlsplit

from dashboard.visitor.status_contexts import (
    Badge,
    BadgePicture,
    Board,
    Count,
    HoursLine,
    Now,
    Seats,
    ServiceGroup,
    ServiceLine,
    Sign,
)
from dashboard.visitor.words import CHANNELS, closed_words
from dashboard.web.hours_words import told_closures, told_day, told_hours
from dashboard.web.office_words import Words
from dashboard.web.queue_words import told_wait
from dashboard.web.shell import Shell
from dashboard.web.words import N_
from screening.figures.waits import WaitEstimate
from screening.office.facts import OfficeFacts
from screening.office.hours import Because, Hours, OpenDay, Spans, open_day
from screening.office.services import Service
from screening.office.standing import Advice, Crowd, Door, Standing, hours_of
from screening.registration.bookings import Offer, Place

HEADLINES: dict[Crowd, str] = {
    Crowd.CALM: N_("There is room for you"),
    Crowd.BUSY: N_("The office is nearly full"),
    Crowd.WAITING: N_("Others are waiting outside"),
    Crowd.FULL: N_("The office is full just now"),
    Crowd.UNKNOWN: N_("How full it is cannot be told just now"),
}

SIGNS: dict[Advice, str] = {
    Advice.GO_IN: N_("Please come in"),
    Advice.WAIT: N_("Please wait"),
    Advice.SPENT: N_("Full for today"),
    Advice.BREAK: N_("Break"),
    Advice.CLOSED: N_("Closed"),
    Advice.ASK: N_("Ask the guard"),
}
"""What the sign at the door says, in a word or two."""

STATES: dict[Advice, tuple[str, str]] = {
    Advice.GO_IN: ("admit", "open"),
    Advice.WAIT: ("wait", "full"),
    Advice.SPENT: ("deny", "calendar"),
    Advice.BREAK: ("rest", "rest"),
    Advice.CLOSED: ("rest", "closed"),
    Advice.ASK: ("fix", "officer"),
}
"""The state whose colour and sign each has, and its drawing."""

WITH_A_BOOKING = N_("With a booking for today, or in an emergency, ask the guard.")

GROUNDS = {
    "light": ("#fffdf9", "#17242b", "#4d5b62"),
    "dark": ("#182226", "#edf1ee", "#a8b6ba"),
}
"""Ground, ink and soft ink of the badge, whose picture has no style sheet."""

INKS = {
    "light": {
        "admit": "#00634a",
        "wait": "#1d5ba6",
        "deny": "#a8320c",
        "rest": "#0f4450",
        "fix": "#7a5200",
    },
    "dark": {
        "admit": "#49c79f",
        "wait": "#7db4f2",
        "deny": "#ff8f72",
        "rest": "#8fd0da",
        "fix": "#f6c648",
    },
}
"""The colour of each state on that ground."""

LARGEST_DRAWN = 360
"""More seats than these are no longer told apart on a phone."""
CLOSURES_DAYS = 7
SIGN_DAYS = 2
"""So far ahead whoever reads the page, or stands at the door, is told what is closed."""
SPECIAL_DAYS_AHEAD = 30
SPECIAL_DAYS_SHOWN = 4

_SEAT = "M{x} {y}m3 0h4a2 2 0 0 1 2 2v3h1v4h-10v-4h1v-3a2 2 0 0 1 2-2z"
_PERSON = "M{x} {y}m5 0a2 2 0 1 1-.01 0zm-3 9v-2a3 3 0 0 1 6 0v2z"
_CELL = 12
_MONDAY = date(2024, 1, 1)
"""Any Monday: a week that nothing makes different is the same as all others."""


@dataclass(frozen=True, slots=True)
class StatusWords:
    """Writes a standing in the language of ``words``."""

    words: Words
    facts: OfficeFacts
    holidays: Mapping[date, str]

    def now(
        self,
        standing: Standing,
        wait: WaitEstimate | None,
        *,
        registers: bool,
        offers: Mapping[str, Offer],
    ) -> Now:
        """What moves on the public page; ``wait`` is that of whoever comes now."""
        state, drawing = STATES[standing.advice]
        return Now(
            advice=standing.advice.value,
            door=standing.door.value,
            level=standing.crowd.value,
            state=state,
            drawing=drawing,
            headline=self.headline(standing),
            hours=self.hours(standing),
            because=self.because(standing.today)
            if standing.door is Door.CLOSED
            else ". ".join(self.closures(standing.at.date())),
            count=self.count(standing) if standing.door is Door.OPEN else None,
            at=self._seconds(standing.at),
            since=self._since(standing),
            facts=tuple(self._facts(standing, wait, offers)),
            registers=registers,
        )

    def sign(self, standing: Standing, others: Sequence[Words]) -> Sign:
        """The sign at the door."""
        state, drawing = STATES[standing.advice]
        word = SIGNS[standing.advice]
        say, hint = self._told(standing)
        if not hint:
            hint = " ".join(self.closures(standing.at.date(), days=SIGN_DAYS)[:1])
        return Sign(
            advice=standing.advice.value,
            state=state,
            drawing=drawing,
            word=self._say(word),
            others=tuple((one.language.code, one.language.say(word)) for one in others),
            say=say,
            hint=hint,
            count=self._inside(standing),
            at=self._seconds(standing.at),
        )

    def badge(self, shell: Shell, standing: Standing, theme: str) -> Badge:
        """For other sites' pages."""
        title, line = self.headline(standing), self.hours(standing)
        if standing.door is Door.OPEN:
            count = self.count(standing)
            is_known = count is not None and standing.crowd is not Crowd.UNKNOWN
            title, line = line, " · ".join([title, *([count.told] if count and is_known else [])])
        return Badge(
            shell=shell,
            advice=standing.advice.value,
            state=STATES[standing.advice][0],
            title=title,
            line=line,
            at=self.words.language.time(standing.at, self.words.zone),
            theme=theme,
        )

    def badge_picture(self, badge: Badge) -> BadgePicture:
        """The same as a picture."""
        ground, ink, soft_ink = GROUNDS[badge.theme]
        return BadgePicture(
            badge=badge,
            site=badge.shell.site,
            language=badge.shell.language.code,
            ground=ground,
            ink=ink,
            soft_ink=soft_ink,
            colour=INKS[badge.theme][badge.state],
        )

    def headline(self, standing: Standing) -> str:
        """The one sentence that tells most."""
        if standing.door is Door.BREAK:
            return self._say(N_("The office has a break"))
        if standing.door is Door.CLOSED:
            is_all_day = standing.today.is_closed
            return self._say(N_("Closed today") if is_all_day else N_("Closed now"))
        if standing.advice is Advice.SPENT:
            return self._say(N_("Today's numbers are given out"))
        return self._say(HEADLINES[standing.crowd])

    def hours(self, standing: Standing) -> str:
        """Until when it is open, or when it opens next."""
        return told_hours(standing, self.words.language)

    def closures(self, today: date, *, days: int = CLOSURES_DAYS) -> tuple[str, ...]:
        """What is closed in the coming days, and why."""
        return told_closures(self.facts, today, self.words.language, days=days)

    def because(self, day: OpenDay) -> str:
        """Why the day is different, empty where it is like others."""
        if day.because is Because.HOLIDAY:
            return self._say(N_("Public holiday: %(name)s")) % {"name": day.note}
        if day.because is Because.COLLECTIVE_LEAVE:
            return day.note or self._say(N_("Collective leave"))
        return day.in_language(self.words.language.code).note

    def count(self, standing: Standing) -> Count | None:
        """How full it is, in numbers and as a room of seats."""
        figures, whole = standing.figures, self.words.language.whole
        if figures is None:
            return None
        inside, capacity = figures.occupancy, figures.capacity
        after, told = N_("of %(capacity)s people are inside now"), N_("%(inside)s of %(capacity)s")
        if inside > capacity:
            after = N_("people are inside, and there are places for %(capacity)s")
            told = N_("%(inside)s inside, places for %(capacity)s")
        elif standing.crowd is Crowd.UNKNOWN:
            after = N_("of %(capacity)s people were inside")
        numbers = {"inside": whole(inside), "capacity": whole(capacity)}
        return Count(
            inside=inside,
            after=self._say(after) % numbers,
            told=self._say(told) % numbers,
            capacity=capacity,
            percent=min(100, round(100 * inside / max(1, capacity))),
            seats=_seats(inside, capacity),
        )

    def offer(self, place: Place, today: date) -> str:
        """A day, and a time where one is booked."""
        day = self._day(place.day, today)
        if place.start is None:
            return day
        told = self._say(N_("%(day)s at %(time)s"))
        return told % {"day": day, "time": self.words.language.clock(place.start)}

    def groups(self, today: date, offers: Mapping[str, Offer]) -> tuple[ServiceGroup, ...]:
        """The services by the way to them."""
        offered = tuple(self.facts.services.values())
        return tuple(
            ServiceGroup(
                channel=channel.value,
                title=self._say(title),
                explanation=self._say(explanation),
                services=tuple(
                    self._service(service, today, offers)
                    for service in offered
                    if service.channel is channel
                ),
            )
            for channel, (title, explanation) in CHANNELS.items()
            if any(service.channel is channel for service in offered)
        )

    def board(self, today: date) -> Board:
        """Where the office is and when it is open."""
        facts = self.facts
        telephone = facts.telephone or ""
        return Board(
            address=tuple(filter(None, (part.strip() for part in _lines(facts.address)))),
            telephone=telephone,
            dials="".join(mark for mark in telephone if mark.isdigit() or mark == "+"),
            map_link=_web_link(facts.map_link),
            week=tuple(self._week(today.weekday())),
            special=tuple(self._special(today)),
        )

    def _seconds(self, moment: datetime) -> str:
        return self.words.language.seconds(moment, self.words.zone)

    def _since(self, standing: Standing) -> str:
        """Since when nothing was counted, empty while it is."""
        is_old = standing.door is Door.OPEN and standing.crowd is Crowd.UNKNOWN
        if standing.figures is None or not is_old:
            return ""
        return self._seconds(standing.figures.updated_at)

    def _inside(self, standing: Standing) -> str:
        """How many are inside, on the sign; empty while it is closed or not counted."""
        count = self.count(standing)
        if count is None or standing.door is not Door.OPEN or standing.crowd is Crowd.UNKNOWN:
            return ""
        if count.inside > count.capacity:
            return count.told
        return self._say(N_("Inside: %(people)s")) % {"people": count.told}

    def _facts(
        self, standing: Standing, wait: WaitEstimate | None, offers: Mapping[str, Offer]
    ) -> Iterator[tuple[str, str]]:
        language, figures = self.words.language, standing.figures
        told = told_wait(wait, language)
        if told:
            yield self._say(N_("Waiting time now")), told
        if standing.door is Door.OPEN and standing.crowd is not Crowd.UNKNOWN:
            if figures is not None and figures.waiting_outside:
                waiting = language.count(
                    "%(num)d person", "%(num)d people", figures.waiting_outside
                )
                yield self._say(N_("Waiting outside")), waiting
            if standing.left_today is not None:
                yield self._say(N_("Numbers left today")), language.whole(standing.left_today)
        if offers:
            first = min(offers.values(), key=_begins)
            yield self._say(N_("Next free day")), self.offer(first.place, standing.at.date())

    def _told(self, standing: Standing) -> tuple[str, str]:
        """What stands below the sign's word: a line, and a smaller one."""
        language, figures, advice = self.words.language, standing.figures, standing.advice
        if advice in {Advice.CLOSED, Advice.BREAK}:
            return self.hours(standing), self.because(standing.today)
        if advice is Advice.ASK or figures is None:
            return self._say(HEADLINES[Crowd.UNKNOWN]), ""
        if advice is Advice.SPENT:
            return self._say(N_("Today's numbers are given out")), self._say(WITH_A_BOOKING)
        waiting = figures.waiting_outside
        outside = language.count(
            "%(num)d person is waiting outside", "%(num)d people are waiting outside", waiting
        )
        if advice is Advice.WAIT:
            call = self._say(N_("We call you when a place is free."))
            full = self._say(N_("Every place is taken"))
            return (outside if waiting else full), call
        free = language.count(
            "%(num)d place is free",
            "%(num)d places are free",
            figures.capacity - figures.places_taken - waiting,
        )
        return free, outside if waiting else ""

    def _service(self, service: Service, today: date, offers: Mapping[str, Offer]) -> ServiceLine:
        default, code = self.words.site_language, self.words.language.code
        offer = offers.get(service.code)
        own = ""
        if service.hours.week is not None:
            own = "; ".join(self._own_hours(service))
        return ServiceLine(
            code=service.code,
            name=service.name(code, default=default),
            brings=service.brings.get(code) or service.brings.get(default, ""),
            hours=own,
            closed=closed_words(self.words, service, today),
            free=self.offer(offer.place, today) if offer is not None else "",
            link=_web_link(service.link),
        )

    def _own_hours(self, service: Service) -> Iterator[str]:
        """The weekdays on which a service is given, those with the same hours together."""
        hours = self._usual_week(service)
        for spans in dict.fromkeys(filter(None, hours)):
            days = [day for day in range(7) if hours[day] == spans]
            yield f"{self._days(days)} {self._spans(spans)}"

    def _usual_week(self, service: Service | None = None) -> list[Spans]:
        """The hours from Monday to Sunday, where nothing makes a day different."""
        office = Hours(week=self.facts.hours.week)
        own = None if service is None else Hours(week=service.hours.week)
        days = (_MONDAY + timedelta(days=ahead) for ahead in range(7))
        return [open_day(day, office, {}, own).spans for day in days]

    def _week(self, today: int) -> Iterator[HoursLine]:
        """Weekdays one after another that have the same hours, in one line."""
        hours = self._usual_week()
        for spans, same in groupby(range(7), hours.__getitem__):
            days = tuple(same)
            yield HoursLine(days=self._days(days), hours=self._spans(spans), is_today=today in days)

    def _days(self, days: Sequence[int]) -> str:
        """``Monday – Friday``, ``Tuesday, Thursday``."""
        names = [self.words.language.weekday(day) for day in days]
        is_run = len(days) > 2 and days[-1] - days[0] == len(days) - 1
        return f"{names[0]} – {names[-1]}" if is_run else ", ".join(names)

    def _spans(self, spans: Spans) -> str:
        clock = self.words.language.clock
        told = (f"{clock(span.start)} – {clock(span.end)}" for span in spans)
        return ", ".join(told) or self._say(N_("closed"))

    def _special(self, today: date) -> Iterator[HoursLine]:
        """The next days that are not as their weekday usually is."""
        day_of = hours_of(self.facts, self.holidays)
        week, shown = self._usual_week(), 0
        for ahead in range(SPECIAL_DAYS_AHEAD + 1):
            day = today + timedelta(days=ahead)
            hours = day_of(day)
            is_as_usual = hours.spans == week[day.weekday()] and not (hours.spans and hours.note)
            if hours.because is Because.WEEK or is_as_usual:
                continue
            yield HoursLine(
                days=self.words.language.near_day(day, today),
                hours=self._spans(hours.spans),
                is_today=not ahead,
                note=self.because(hours),
            )
            shown += 1
            if shown == SPECIAL_DAYS_SHOWN:
                return

    def _day(self, day: date, today: date) -> str:
        return told_day(day, today, self.words.language)

    def _say(self, message: str) -> str:
        return self.words.language.say(message)


def _begins(offer: Offer) -> tuple[date, time]:
    return offer.place.day, offer.place.start or time.min


def _lines(text: str | None) -> list[str]:
    """An address in lines, as it was written or parted at its commas."""
    if not text:
        return []
    return text.splitlines() if "\n" in text else text.split(", ")


def _web_link(link: str | None) -> str:
    """A link that leads to the web, empty where it would lead anywhere else."""
    return link if link and urlsplit(link).scheme in {"http", "https"} else ""


def _seats(inside: int, capacity: int) -> Seats | None:
    """A seat for each place, and somebody standing for each person without one."""
    shown = max(inside, capacity)
    if not 0 < capacity <= LARGEST_DRAWN or shown > 2 * LARGEST_DRAWN:
        return None
    columns = 12 if shown <= 36 else 15 if shown <= 75 else 20 if shown <= 120 else 30
    cells = [
        {"x": number % columns * _CELL + 1, "y": number // columns * _CELL + 1}
        for number in range(shown)
    ]
    return Seats(
        width=columns * _CELL,
        height=-(-shown // columns) * _CELL,
        taken="".join(_SEAT.format(**cell) for cell in cells[: min(inside, capacity)]),
        free="".join(_SEAT.format(**cell) for cell in cells[inside:capacity]),
        over="".join(_PERSON.format(**cell) for cell in cells[capacity:]),
    )
