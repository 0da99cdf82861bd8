"""Writes services as an administrator sees them: their days, and the fields of their form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from dashboard.admin.contexts import Field
from dashboard.admin.fact_words import BOOKINGS, CHANNELS, KEYS
from dashboard.admin.service_contexts import (
    ChannelGroup,
    DayBar,
    Option,
    QuestionFields,
    ServiceCard,
)
from dashboard.admin.typed import TypedForm
from dashboard.web.language import Language
from dashboard.web.words import N_
from screening.office.changes import (
    BRINGS,
    HOURS,
    LONGEST_NAME,
    LONGEST_TEXT,
    MOST_QUESTIONS,
    NAME,
    QUESTION,
    REQUIRED,
    WHY,
)
from screening.office.hours import WEEKDAYS, told_spans
from screening.office.services import Booking, Channel, Service
from screening.registration.rules import UNTAKEN, Calendar, DayTaken

DAYS_SHOWN = 14

CHANNEL_MEANINGS: dict[Channel, str] = {
    Channel.COLLECTION: N_("Booked beforehand; its receipt opens the gate from that day on."),
    Channel.WALK_IN: N_("Nobody needs a receipt: the guard lets them in."),
    Channel.EMERGENCY: N_("Let in at once, whatever the day's quota says."),
    Channel.ONLINE_ONLY: N_("The pages lead elsewhere; the gate refuses."),
    Channel.CLOSED: N_("Not given: the pages say since when and why."),
}
BOOKING_MEANINGS: dict[Booking, str] = {
    Booking.NONE: N_("Whoever comes is taken in turn."),
    Booking.DAY: N_("The visitor chooses a day."),
    Booking.SLOT: N_("The visitor chooses a time, such as half past nine."),
}
BOOKED: dict[Booking, str] = {
    Booking.NONE: N_("not booked"),
    Booking.DAY: N_("booked by the day"),
    Booking.SLOT: N_("booked by the time"),
}
_HINTS: dict[str, str] = {
    "letter": N_("One or two letters, of no other service."),
    "link": N_("Where visitors go instead of coming."),
    "closed_since": N_("As 2026-11-20. Empty: the day of the change."),
    "slot_minutes": N_("From 5 to 480."),
    "slot_places": N_("People, not bookings."),
    "daily_quota": N_("Booked and others together. Empty: without a limit."),
    "priority_quota": N_("Free for everybody when the day has come."),
    "lead_days": N_("0: also for today. 1: from tomorrow."),
    "days_ahead": N_("So far the calendar reaches."),
    "latest_minutes": N_("Then a time can be booked no more."),
    "steps": N_("Codes of services, such as FOTO, KTP. Empty: this one alone."),
}


@dataclass(frozen=True, slots=True)
class ServiceWords:
    """Writes services in one language; ``languages`` are names of the pages' own, by code."""

    language: Language
    languages: Mapping[str, str]
    default: str

    def groups(
        self, services: Mapping[str, Service], calendar: Calendar, taken: Mapping[date, DayTaken]
    ) -> tuple[ChannelGroup, ...]:
        """All services, by how they are reached."""
        say = self.language.say
        return tuple(
            ChannelGroup(
                channel=channel.value,
                title=say(title),
                words=say(CHANNEL_MEANINGS[channel]),
                services=tuple(
                    self.card(one, calendar, taken)
                    for one in services.values()
                    if one.channel is channel
                ),
            )
            for channel, title in CHANNELS.items()
        )

    def card(
        self, service: Service, calendar: Calendar, taken: Mapping[date, DayTaken]
    ) -> ServiceCard:
        """One in the list."""
        say, used = self.language.say, self.used(service, calendar.today, taken)
        quota = service.daily_quota
        return ServiceCard(
            code=service.code,
            name=service.name(self.language.code, default=self.default),
            letter=service.queue,
            path=f"/admin/services/{service.code}",
            booking=say(BOOKED[service.booking]),
            quota=say(N_("no limit")) if quota is None else self.language.whole(quota),
            booked=self.language.whole(used),
            left="" if quota is None else self.language.whole(max(0, quota - used)),
            days=self.days(service, calendar, taken),
        )

    def used(self, service: Service, day: date, taken: Mapping[date, DayTaken]) -> int:
        """People who use one of its places that day."""
        return taken.get(day, UNTAKEN).used_of(service.code)

    def days(
        self, service: Service, calendar: Calendar, taken: Mapping[date, DayTaken]
    ) -> tuple[DayBar, ...]:
        """The coming days as a strip: how much of the quota is used."""
        if service.channel in {Channel.CLOSED, Channel.ONLINE_ONLY}:
            return ()
        coming = [calendar.today + timedelta(days=ahead) for ahead in range(DAYS_SHOWN)]
        most = max(1, *(self.used(service, day, taken) for day in coming))
        return tuple(self._bar(service, day, calendar, taken, most) for day in coming)

    def _bar(
        self,
        service: Service,
        day: date,
        calendar: Calendar,
        taken: Mapping[date, DayTaken],
        most: int,
    ) -> DayBar:
        used, quota = self.used(service, day, taken), service.daily_quota
        is_closed = calendar.hours(service, day).is_closed
        named, whole = self.language.near_day(day, calendar.today), self.language.whole
        if is_closed and not used:
            told = self.language.say(N_("%(day)s: closed")) % {"day": named}
        elif quota is None:
            told = self.language.say(N_("%(day)s: %(used)s")) % {"day": named, "used": whole(used)}
        else:
            told = self.language.say(N_("%(day)s: %(used)s of %(quota)s")) % {
                "day": named,
                "used": whole(used),
                "quota": whole(quota),
            }
        is_full = quota is not None and used >= quota
        return DayBar(
            day=str(day.day),
            state="closed" if is_closed else "full" if is_full else "open",
            height=min(100, round(100 * used / (quota or most))),
            words=told,
        )

    def channels(self, chosen: str) -> tuple[Option, ...]:
        """The ways to a service."""
        return tuple(
            self._option(channel.value, title, CHANNEL_MEANINGS[channel], chosen)
            for channel, title in CHANNELS.items()
        )

    def bookings(self, chosen: str) -> tuple[Option, ...]:
        """What can be booked."""
        return tuple(
            self._option(booking.value, title, BOOKING_MEANINGS[booking], chosen)
            for booking, title in BOOKINGS.items()
        )

    def _option(self, value: str, title: str, words: str, chosen: str) -> Option:
        say = self.language.say
        return Option(value=value, title=say(title), words=say(words), is_chosen=value == chosen)

    def texts(self, kind: str, typed: TypedForm, *, is_long: bool = False) -> tuple[Field, ...]:
        """A text in each of the pages' languages."""
        return tuple(
            Field(
                name=f"{kind}{code}",
                label=name,
                value=typed.text(f"{kind}{code}"),
                kind="area" if is_long else "text",
                most=LONGEST_TEXT if is_long else LONGEST_NAME,
            )
            for code, name in self.languages.items()
        )

    def fields(self, typed: TypedForm, *keys: str, kind: str = "number") -> tuple[Field, ...]:
        """Fields of these keys, as they were typed."""
        say = self.language.say
        return tuple(
            Field(
                name=key,
                label=say(KEYS[key]),
                value=typed.text(key),
                hint=say(_HINTS[key]),
                kind=kind,
            )
            for key in keys
        )

    def hours(self, typed: TypedForm) -> tuple[Field, ...]:
        """Hours of its own, by weekday."""
        return tuple(
            Field(
                name=f"{HOURS}{name}",
                label=self.language.weekday(number),
                value=typed.text(f"{HOURS}{name}"),
            )
            for number, name in enumerate(WEEKDAYS)
        )

    def questions(self, typed: TypedForm) -> tuple[QuestionFields, ...]:
        """The questions that there are, and an empty one where there may be more."""
        codes = asked_codes(typed)
        if len(codes) < MOST_QUESTIONS:
            free = (code for number in range(1, 99) if (code := f"q{number}") not in codes)
            codes.append(next(free))
        return tuple(
            QuestionFields(
                code=code,
                texts=self.texts(f"{QUESTION}{code}_", typed),
                is_required=typed.text(f"{QUESTION}{code}_{REQUIRED}") == "yes",
            )
            for code in codes
        )


def asked_codes(typed: TypedForm) -> list[str]:
    """Codes of the questions that have a text in a form."""
    found: dict[str, None] = {}
    for name in typed.fields:
        code, _, what = name.removeprefix(QUESTION).partition("_")
        if name.startswith(QUESTION) and what != REQUIRED and typed.text(name):
            found[code] = None
    return list(found)


def as_typed(service: Service) -> TypedForm:
    """A service as its form would send it."""
    values: dict[str, str] = {
        "channel": service.channel.value,
        "booking": service.booking.value,
        "letter": service.letter or "",
        "link": service.link or "",
        "daily_quota": "" if service.daily_quota is None else str(service.daily_quota),
        "gate_checks_hours": "yes" if service.gate_checks_hours else "",
        "steps": ", ".join(service.steps),
        "closed_since": service.closed_since.isoformat() if service.closed_since else "",
        **{key: str(getattr(service, key)) for key in NUMBERS},
        **{f"{NAME}{code}": text for code, text in service.names.items()},
        **{f"{BRINGS}{code}": text for code, text in service.brings.items()},
        **{f"{WHY}{code}": text for code, text in service.closed_why.items()},
        **{
            f"{HOURS}{WEEKDAYS[weekday]}": told_spans(spans)
            for weekday, spans in (service.hours.week or {}).items()
        },
    }
    for question in service.questions:
        for code, text in question.texts.items():
            values[f"{QUESTION}{question.code}_{code}"] = text
        values[f"{QUESTION}{question.code}_{REQUIRED}"] = "yes" if question.is_required else ""
    return TypedForm({name: (text,) for name, text in values.items()})


NUMBERS = (
    "priority_quota",
    "slot_minutes",
    "slot_places",
    "lead_days",
    "days_ahead",
    "latest_minutes",
)
"""Keys whose value is always a number."""
