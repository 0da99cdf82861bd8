"""Puts the office's facts into words: what a key means, and what stands behind it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from dashboard.admin.contexts import Difference
from dashboard.web.language import Language
from dashboard.web.words import CHECKS, N_, ROLES
from screening.accounts import Scope
from screening.office.changes import Changes
from screening.office.facts import OfficeFacts
from screening.office.hours import WEEKDAYS

KEYS: dict[str, str] = {
    "mode": N_("Mode"),
    "capacity": N_("People inside at most"),
    "daily_quota": N_("Visits a day at most"),
    "rows": N_("Rows of seats"),
    "columns": N_("Seats in a row"),
    "sealed": N_("Sealed in an outbreak"),
    "everyday_checks": N_("Asked for every day"),
    "outbreak_checks": N_("Asked for in an outbreak"),
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
}
"""What a person calls a key of ``screening.office.changes.plain``."""

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
    (re.compile(r"hours\.(?P<name>.+)(?P<key>)"), N_("Hours, %(name)s")),
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
                    "name": self._name(found["name"]),
                    "key": say(KEYS.get(found["key"], found["key"])),
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
                words = _PERSON_VALUES if key.startswith(_OF_PEOPLE) else {}
                return say(words[value]) if value in words else str(value)

    def _part(self, part: object) -> str:
        known = {
            **{check.value: word for check, word in CHECKS.items()},
            **{scope.value: word for scope, word in SCOPES.items()},
        }
        return self.language.say(known.get(str(part), str(part)))

    def _name(self, name: str) -> str:
        if name in WEEKDAYS:
            return self.language.weekday(WEEKDAYS.index(name))
        return self.facts.gate_titles.get(name, name)
