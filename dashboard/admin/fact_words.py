"""Puts the office's facts into words: what a key means, and what stands behind it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, time
from typing import Any

from dashboard.admin.contexts import Difference
from dashboard.web.language import Language
from dashboard.web.words import CHECKS, N_, ROLES
from screening.accounts import Scope
from screening.office.changes import Changes
from screening.office.facts import OfficeFacts, WordsAt
from screening.office.hours import CLOSED, WEEKDAYS
from screening.office.services import Booking, Channel

KEYS: dict[str, str] = {
    "mode": N_("Mode"),
    "capacity": N_("People inside at most"),
    "daily_quota": N_("Visits a day at most"),
    "rows": N_("Rows of seats"),
    "columns": N_("Seats in a row"),
    "sealed": N_("Sealed in an outbreak"),
    "everyday_checks": N_("Asked for every day"),
    "outbreak_checks": N_("Asked for in an outbreak"),
    "name": N_("Name of the office"),
    "address": N_("Address"),
    "telephone": N_("Telephone"),
    "map_link": N_("Link to a map"),
    "slot_early_minutes": N_("Minutes before a booked time"),
    "slot_late_minutes": N_("Minutes after a booked time"),
    "hold_minutes": N_("Minutes a place is held for whoever registers"),
    "desk_for_guards": N_("Guards work at the desk, too"),
    "second_factor": N_("Second factor of managers and administrators"),
    "queue_order": N_("Order of the queue"),
    "queue_overtakes": N_("Overtaken by priority at most"),
    "message": N_("Message on the displays"),
    "quiet_hours": N_("Hours without a voice"),
    "channel": N_("How it is reached"),
    "booking": N_("What is booked"),
    "letter": N_("Letter of its tickets"),
    "link": N_("Link to go to instead"),
    "priority_quota": N_("Of these kept for priority"),
    "slot_minutes": N_("Minutes of a time"),
    "slot_places": N_("Places at each time"),
    "lead_days": N_("Booked so many days before"),
    "days_ahead": N_("Bookable so many days ahead"),
    "latest_minutes": N_("Minutes before a time, at the latest"),
    "gate_checks_hours": N_("The gate asks for its hours"),
    "steps": N_("Counters of a visit, in order"),
    "closed_since": N_("Closed since"),
    "checks": N_("what it asks for"),
    "title": N_("name"),
    "services": N_("services"),
    "place": N_("place"),
    "room": N_("waiting room"),
    "open": N_("open"),
    "help": N_("asks for help"),
    "chairs": N_("chairs"),
    "distance_m": N_("metres between people"),
    "pinned": N_("always open"),
    "wheelchair": N_("for wheelchairs"),
    "near_door": N_("near the door"),
    "near_counter": N_("near the counters"),
    "families": N_("for families"),
    "distance": N_("Metres between people"),
    "pitch_x": N_("Metres from seat to seat"),
    "pitch_y": N_("Metres from row to row"),
    "token": N_("station's token"),
    "backup": N_("Backup"),
    "first_start": N_("First start"),
    "readings_days": N_("Days that degrees of visits are kept"),
    "names_days": N_("Days that names, contacts and priority groups are kept"),
    "remarks_days": N_("Days that remarks are kept"),
    "reports_days": N_("Days that reports of commissionings are kept"),
}
"""What a person calls a key of ``screening.office.changes.plain``."""

OWN_WORDS: dict[WordsAt, str] = {
    WordsAt.WELCOME: N_("Welcome"),
    WordsAt.KIOSK: N_("At the gate"),
    WordsAt.RECEIPT: N_("Foot of the receipt"),
    WordsAt.FAREWELL: N_("After the visit"),
}
OWN_WORDS_WHERE: dict[WordsAt, str] = {
    WordsAt.WELCOME: N_("On the first page, and above the services of whoever registers."),
    WordsAt.KIOSK: N_("On the screen at a gate while nobody is checked, read from two metres."),
    WordsAt.RECEIPT: N_("On the receipt's page, in its PDF and on paper."),
    WordsAt.FAREWELL: N_("On the receipt's page once its holder has gone out."),
}
OWN_WORDS_EXAMPLES: dict[WordsAt, str] = {
    WordsAt.WELCOME: N_("Such as: the lift is out of order, come to the ground floor."),
    WordsAt.KIOSK: N_("Such as: have your receipt ready."),
    WordsAt.RECEIPT: N_("Such as: bring your old card."),
    WordsAt.FAREWELL: N_("Such as: your card is sent to you within a week."),
}
_OWN = re.compile(f"(?P<where>{'|'.join(WordsAt)})_(?P<language>[a-z_A-Z]+)")
_TEXTS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"name_(?P<of>[a-z_A-Z]+)"), N_("name, %(of)s")),
    (re.compile(r"brings_(?P<of>[a-z_A-Z]+)"), N_("what to bring, %(of)s")),
    (re.compile(r"closed_why_(?P<of>[a-z_A-Z]+)"), N_("why closed, %(of)s")),
    (re.compile(r"question_(?P<of>[a-z0-9]+)_required"), N_("question %(of)s must be answered")),
    (re.compile(r"question_(?P<of>[a-z0-9]+_[a-z_A-Z]+)"), N_("question %(of)s")),
    (re.compile(r"hours_(?P<of>.+)"), N_("hours, %(of)s")),
)
"""Keys of a service that end in a language, a weekday or a day."""

CHANNELS: dict[Channel, str] = {
    Channel.COLLECTION: N_("Register online, collect here"),
    Channel.WALK_IN: N_("Come straight here"),
    Channel.EMERGENCY: N_("Urgent matters"),
    Channel.ONLINE_ONLY: N_("Online only"),
    Channel.CLOSED: N_("Closed for now"),
}
BOOKINGS: dict[Booking, str] = {
    Booking.NONE: N_("Nothing"),
    Booking.DAY: N_("A day"),
    Booking.SLOT: N_("A time of a day"),
}
_VALUES: dict[str, dict[str, str]] = {
    "channel": {channel.value: word for channel, word in CHANNELS.items()},
    "booking": {booking.value: word for booking, word in BOOKINGS.items()},
    "mode": {"everyday": N_("Everyday"), "outbreak": N_("Outbreak")},
    "sealed": {
        "none": N_("nothing"),
        "checkerboard": N_("every other seat"),
        "columns": N_("every other column"),
        "chosen": N_("as the plan says"),
    },
    "queue_order": {"booked_time": N_("by booked time"), "arrival": N_("by arrival")},
    "checks": {"mode": N_("as the mode asks")},
    "services": {"all": N_("all")},
    "token": {"renewed": N_("renewed")},
    "backup": {"made": N_("made, to be taken along")},
    "first_start": {
        "office": N_("Office"),
        "hours": N_("Hours"),
        "services": N_("Services"),
        "seats": N_("Seats"),
        "gates": N_("Gate"),
        "receipt": N_("First receipt"),
        "done": N_("at its end"),
    },
}
"""Words of values, by the last part of the key."""
_LEAVE = "leave_"
_CLOCK = re.compile(r"([0-9]{2}):([0-9]{2})")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


SCOPES: dict[Scope, str] = {
    Scope.REGISTRATIONS: N_("books, cancels and revokes"),
    Scope.STATUS: N_("reads how full it is"),
    Scope.QUEUE: N_("reads and works the queue"),
    Scope.FIGURES: N_("reads figures"),
}
"""What another system may do by its key."""

_OF_PERSON: dict[str, str] = {
    "role": N_("Role"),
    "password": N_("Password"),
    "locked": N_("Locked"),
    "second_factor": N_("Second factor"),
    "recovery_codes": N_("Recovery codes"),
    "passkeys": N_("Passkeys"),
    "passkey_copied": N_("Passkey that may have been copied"),
    "sessions": N_("Open log-ins"),
}
_OF_PEOPLE, _OF_KEYS = "users.", "keys."
_PERSON_VALUES: dict[str, str] = {
    "new": N_("chosen anew"),
    "link": N_("a new link"),
    **{role.value: word for role, word in ROLES.items()},
}
"""What the log says of people, who are no facts of the office."""

_PARTS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"services\.(?P<name>[^.]+)\.(?P<key>.+)"), N_("Service %(name)s: %(key)s")),
    (re.compile(r"gates\.(?P<name>[^.]+)\.(?P<key>.+)"), N_("Gate %(name)s: %(key)s")),
    (re.compile(r"counters\.(?P<name>[^.]+)\.(?P<key>.+)"), N_("Counter %(name)s: %(key)s")),
    (re.compile(r"speakers\.(?P<name>.+)(?P<key>)"), N_("Screen that may speak (%(name)s)")),
    (re.compile(r"hours\.(?P<name>.+)(?P<key>)"), N_("Hours, %(name)s")),
    (re.compile(r"words\.(?P<key>.+)(?P<name>)"), N_("Own words: %(key)s")),
    (re.compile(r"seats\.(?P<key>.+)(?P<name>)"), N_("Seat plan: %(key)s")),
    (re.compile(r"issuers\.(?P<name>[^.]+)\.(?P<key>.+)"), N_("Issuer %(name)s: key %(key)s")),
    (re.compile(r"keys\.(?P<name>.+)(?P<key>)"), N_("Interface key %(name)s")),
    (re.compile(r"imported\.(?P<name>.+)(?P<key>)"), N_("Receipts of %(name)s on its list")),
)


@dataclass(frozen=True, slots=True)
class FactWords:
    """Writes facts in one language."""

    language: Language
    facts: OfficeFacts

    def differences(self, changes: Changes) -> tuple[Difference, ...]:
        """Each thing that differs."""
        return tuple(
            Difference(
                what=self.key(key), before=self.value(key, before), after=self.value(key, after)
            )
            for key, (before, after) in changes.items()
        )

    def key(self, key: str) -> str:
        """What a person calls it."""
        say = self.language.say
        if key in KEYS:
            return say(KEYS[key])
        if key.startswith(_OF_PEOPLE):
            name, _, what = key.removeprefix(_OF_PEOPLE).rpartition(".")
            return f"{name}: {say(_OF_PERSON.get(what, what))}"
        for pattern, sentence in _PARTS:
            found = pattern.fullmatch(key)
            if found is not None:
                return say(sentence) % {
                    "name": self.name(found["name"]),
                    "key": self.called(found["key"]),
                }
        return key

    def value(self, key: str, value: Any) -> str:
        """What stands there."""
        say = self.language.say
        match value:
            case None:
                is_of_office = not key.startswith((_OF_PEOPLE, _OF_KEYS))
                return say(N_("not set")) if is_of_office else "–"
            case bool():
                return say(N_("yes")) if value else say(N_("no"))
            case int():
                return self.language.whole(value)
            case float():
                return self.language.decimal(value, 2)
            case list():
                return ", ".join(self._part(part) for part in value) or say(N_("nothing"))
            case _:
                return self._text(key, "; ".join(str(value).splitlines()))

    def hours(self, told: str) -> str:
        """Hours as ``told_spans`` writes them, with what may stand behind."""
        if told.startswith(CLOSED):
            return self.language.say(N_("closed")) + told.removeprefix(CLOSED)
        written = _CLOCK.sub(lambda at: self.language.clock(time(int(at[1]), int(at[2]))), told)
        return written.replace("-", "–").replace(",", ", ")

    def _text(self, key: str, text: str) -> str:
        if key.startswith("hours.") or ".hours_" in key:
            return self.hours(text)
        is_person = key.startswith(_OF_PEOPLE)
        words = _PERSON_VALUES if is_person else _VALUES.get(key.rpartition(".")[2], {})
        return self.language.say(words.get(text, text))

    def called(self, key: str) -> str:
        """What a person calls a key of a service, a gate or a counter."""
        say = self.language.say
        if key in KEYS:
            return say(KEYS[key])
        own = _OWN.fullmatch(key)
        if own is not None:
            return f"{say(OWN_WORDS[WordsAt(own['where'])])}, {own['language']}"
        for pattern, sentence in _TEXTS:
            found = pattern.fullmatch(key)
            if found is not None:
                return say(sentence) % {"of": self.name(found["of"])}
        return key

    def _part(self, part: object) -> str:
        known = {
            **{check.value: word for check, word in CHECKS.items()},
            **{scope.value: word for scope, word in SCOPES.items()},
        }
        return self.language.say(known.get(str(part), str(part)))

    def name(self, name: str) -> str:
        """What a person calls a weekday, a day, a service or a gate."""
        if name in WEEKDAYS:
            return self.language.weekday(WEEKDAYS.index(name))
        if name.startswith(_LEAVE):
            day = self.name(name.removeprefix(_LEAVE))
            return self.language.say(N_("collective leave %(day)s")) % {"day": day}
        if _DAY.fullmatch(name):
            return self.language.near_day(date.fromisoformat(name), date.min)
        if name in self.facts.services:
            return self.facts.services[name].name(self.language.code, default=name)
        return self.facts.gate_titles.get(name, name)
