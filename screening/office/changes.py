"""What people change of the office's facts: pure edits, and what differs afterwards.

An edit makes new facts of those that hold when it is their turn, so that two people who change
different things at once both get what they asked for. Edits raise OfficeError, in one line.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol, TypeVar

from screening.decision import Check
from screening.errors import OfficeError
from screening.office.facts import Mode, OfficeFacts
from screening.office.issuers import told_key
from screening.office.services import Channel, Service
from screening.visits import LogEntry
from screening.waiting_room.plan import Sealed

Edit = Callable[[OfficeFacts], OfficeFacts]
Changes = dict[str, tuple[Any, Any]]
"""By key what was and what is, as plain JSON; None is what was not there, or is not any more."""

NONE = "none"
OF_THE_MODE = "mode"
"""A gate's checks where it takes the mode's."""
OF_THE_SEATS = "seats"
"""A capacity that follows the open seats."""

MOST_ROWS = 40
"""Also columns; a larger room is several."""
MOST_PEOPLE = 100_000
LONGEST_NAME = 60

_GATE = re.compile(r"[a-z0-9-]{1,24}")
_SERVICE = re.compile(r"[A-Z0-9-]{1,10}")
"""Ten characters is what a receipt's token has room for."""

NAME = "name_"
"""Of a service, before the code of the name's language."""
_NAMES = re.compile(rf"{NAME}[a-z]{{2,3}}(_[A-Za-z]{{2,8}})*")

_Member = TypeVar("_Member", bound=StrEnum)


class OfficeBook(Protocol):
    """Where the office's facts are kept."""

    def current(self) -> OfficeFacts:
        """What holds now, from memory; at most two seconds old."""

    def change(self, edit: Edit, *, operator: str, at: datetime) -> LogEntry | None:
        """Change them and write one row; None where nothing differs.

        Raises OfficeError where it cannot be, RecordError where it cannot be written.
        """


def in_mode(mode: Mode) -> Edit:
    """The office in this mode."""
    return lambda facts: replace(facts, mode=mode)


def with_settings(values: Mapping[str, str]) -> Edit:
    """Facts as they are typed, by key. Raises OfficeError at once for what cannot be read."""
    fields = _read(values, _SETTINGS)
    return lambda facts: replace(facts, **fields)


def with_service(code: str, values: Mapping[str, str]) -> Edit:
    """One more service; ``channel`` must be given, ``name_id`` and the like name it."""
    if _SERVICE.fullmatch(code) is None:
        raise OfficeError(f"{code!r}: a service's code has 1 to 10 of A-Z, 0-9 and -")
    fields, names = _read_service(values)
    if "channel" not in fields:
        raise OfficeError(f"say how the service is reached: channel={'|'.join(Channel)}")
    service = Service(code=code, names=_named({}, names), **fields)

    def add(facts: OfficeFacts) -> OfficeFacts:
        if code in facts.services:
            raise OfficeError(f"there is a service {code} already; gerbang service set changes it")
        return replace(facts, services={**facts.services, code: service})

    return add


def with_changed_service(code: str, values: Mapping[str, str]) -> Edit:
    """Some of a service's values changed."""
    fields, names = _read_service(values)

    def change(facts: OfficeFacts) -> OfficeFacts:
        service = _known_service(facts, code)
        changed = replace(service, names=_named(service.names, names), **fields)
        return replace(facts, services={**facts.services, code: changed})

    return change


def without_service(code: str) -> Edit:
    """The office does not offer it any more."""

    def remove(facts: OfficeFacts) -> OfficeFacts:
        _known_service(facts, code)
        kept = {key: service for key, service in facts.services.items() if key != code}
        return replace(facts, services=kept)

    return remove


def with_gate(name: str, checks: frozenset[Check] | None) -> Edit:
    """One more gate, with checks of its own or (None) the mode's."""
    if _GATE.fullmatch(name) is None:
        raise OfficeError("a gate's name has 1 to 24 of the characters a-z, 0-9 and -")

    def add(facts: OfficeFacts) -> OfficeFacts:
        if name in facts.gates:
            raise OfficeError(f"there is a gate {name!r} already")
        return replace(facts, gates={**facts.gates, name: checks})

    return add


def with_changed_gate(name: str, checks: frozenset[Check] | None) -> Edit:
    """A gate that asks for these checks in both modes, or (None) for the mode's."""

    def change(facts: OfficeFacts) -> OfficeFacts:
        _require_gate(facts, name)
        return replace(facts, gates={**facts.gates, name: checks})

    return change


def with_gate_title(name: str, title: str | None) -> Edit:
    """What people call the gate; None: by its name."""

    def change(facts: OfficeFacts) -> OfficeFacts:
        _require_gate(facts, name)
        titles = {key: kept for key, kept in facts.gate_titles.items() if key != name}
        return replace(facts, gate_titles=titles if title is None else {**titles, name: title})

    return change


def in_turn(*edits: Edit) -> Edit:
    """All of them, in one change."""

    def change(facts: OfficeFacts) -> OfficeFacts:
        for edit in edits:
            facts = edit(facts)
        return facts

    return change


def without_gate(name: str) -> Edit:
    """The gate is gone."""

    def remove(facts: OfficeFacts) -> OfficeFacts:
        _require_gate(facts, name)
        kept = {key: checks for key, checks in facts.gates.items() if key != name}
        titles = {key: title for key, title in facts.gate_titles.items() if key != name}
        return replace(facts, gates=kept, gate_titles=titles)

    return remove


def plain(facts: OfficeFacts) -> dict[str, Any]:
    """All that a person may change, by key, as plain JSON."""
    values: dict[str, Any] = {
        "mode": facts.mode.value,
        "capacity": facts.set_capacity,
        "daily_quota": facts.daily_quota,
        "rows": facts.rows,
        "columns": facts.columns,
        "sealed": facts.sealed.value,
        "everyday_checks": in_order(facts.everyday_checks),
        "outbreak_checks": in_order(facts.outbreak_checks),
    }
    for name, checks in facts.gates.items():
        values[f"gates.{name}.checks"] = OF_THE_MODE if checks is None else in_order(checks)
    for name, title in facts.gate_titles.items():
        values[f"gates.{name}.title"] = title
    for key in facts.issuer_keys:
        values[f"issuers.{key.issuer}.{key.kid.hex()}"] = told_key(key)
    for issuer, count in facts.imported.items():
        values[f"imported.{issuer}"] = count
    for code, service in facts.services.items():
        values |= {
            f"services.{code}.channel": service.channel.value,
            f"services.{code}.daily_quota": service.daily_quota,
            **{f"services.{code}.{NAME}{key}": name for key, name in service.names.items()},
        }
    return values


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> Changes:
    """What differs between two plain forms, in order of key."""
    return {
        key: (before.get(key), after.get(key))
        for key in sorted(before.keys() | after.keys())
        if before.get(key) != after.get(key) or (key in before) != (key in after)
    }


def in_order(checks: Iterable[Check]) -> list[str]:
    """The checks' codes in the order in which they are asked for."""
    chosen = frozenset(checks)
    return [check.value for check in Check if check in chosen]


def read_checks(text: str) -> frozenset[Check]:
    """``receipt,mask`` as checks; ``none`` asks for nothing. Raises OfficeError."""
    names = [part.strip() for part in text.split(",") if part.strip()]
    if names == [NONE]:
        return frozenset()
    unknown = [name for name in names if name not in list(Check)]
    if unknown or not names:
        told = f"unknown check {', '.join(unknown)}" if unknown else "name at least one check"
        raise OfficeError(f"{told}; known: {', '.join(Check)}")
    return frozenset(Check(name) for name in names)


def read_gate(values: Mapping[str, str]) -> frozenset[Check] | None:
    """A gate's own checks as they are typed, None for the mode's. Raises OfficeError."""
    checks: frozenset[Check] | None = _read(values, {"checks": ("checks", _gate_checks)})["checks"]
    return checks


def read_gate_title(text: str) -> str | None:
    """A gate's title as it is typed, None for its name. Raises OfficeError."""
    title: str | None = _read({"title": text}, {"title": ("title", _title)})["title"]
    return title


def _title(text: str) -> str | None:
    return None if text in ("", NONE) else _name(text)


def _gate_checks(text: str) -> frozenset[Check] | None:
    return None if text == OF_THE_MODE else read_checks(text)


def _read(
    values: Mapping[str, str], keys: Mapping[str, tuple[str, Callable[[str], Any]]]
) -> dict[str, Any]:
    """The fields that these keys set. Raises OfficeError naming the key."""
    fields = {}
    for key, text in values.items():
        if key not in keys:
            raise OfficeError(f"unknown key {key!r}; known: {', '.join(keys)}")
        field, read = keys[key]
        try:
            fields[field] = read(text.strip())
        except OfficeError as error:
            raise OfficeError(f"{key}: {error}") from error
    return fields


def _whole(least: int, most: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        number = int(text) if re.fullmatch(r"[0-9]{1,9}", text) else -1
        if not least <= number <= most:
            raise OfficeError(f"{text!r} is not a whole number from {least} to {most}")
        return number

    return read


def _whole_or(word: str) -> Callable[[str], int | None]:
    number = _whole(1, MOST_PEOPLE)

    def read(text: str) -> int | None:
        if text in (word, NONE):
            return None
        try:
            return number(text)
        except OfficeError as error:
            raise OfficeError(f"{error}, or {word}") from error

    return read


def _member(kind: type[_Member]) -> Callable[[str], _Member]:
    def read(text: str) -> _Member:
        try:
            return kind(text.lower())
        except ValueError as error:
            raise OfficeError(f"{text!r} is none of {', '.join(kind)}") from error

    return read


def _everyday(text: str) -> frozenset[Check]:
    checks = read_checks(text)
    if Check.RECEIPT not in checks:
        raise OfficeError("an everyday gate always asks for the receipt; add it")
    return checks


def _name(text: str) -> str:
    if not 0 < len(text) <= LONGEST_NAME or not text.isprintable():
        raise OfficeError(f"a name has 1 to {LONGEST_NAME} printable characters")
    return text


_SETTINGS: Mapping[str, tuple[str, Callable[[str], Any]]] = {
    "mode": ("mode", _member(Mode)),
    "capacity": ("set_capacity", _whole_or(OF_THE_SEATS)),
    "daily_quota": ("daily_quota", _whole_or(NONE)),
    "rows": ("rows", _whole(1, MOST_ROWS)),
    "columns": ("columns", _whole(1, MOST_ROWS)),
    "sealed": ("sealed", _member(Sealed)),
    "everyday_checks": ("everyday_checks", _everyday),
    "outbreak_checks": ("outbreak_checks", read_checks),
}
_SERVICE_KEYS: Mapping[str, tuple[str, Callable[[str], Any]]] = {
    "channel": ("channel", _member(Channel)),
    "daily_quota": ("daily_quota", _whole_or(NONE)),
}
SETTINGS = tuple(_SETTINGS)


def service_keys(languages: Iterable[str]) -> tuple[str, ...]:
    """What can be set of a service, where its pages speak these languages."""
    return (*_SERVICE_KEYS, *(f"{NAME}{language}" for language in languages))


def _read_service(values: Mapping[str, str]) -> tuple[dict[str, Any], dict[str, str | None]]:
    """Its fields, and its names by language; None for one that is taken away."""
    languages = [key.removeprefix(NAME) for key in values if _NAMES.fullmatch(key)]
    keys = {f"{NAME}{language}": (f"{NAME}{language}", _title) for language in languages}
    fields = _read(values, {**_SERVICE_KEYS, **keys})
    return fields, {language: fields.pop(f"{NAME}{language}") for language in languages}


def _named(names: Mapping[str, str], changed: Mapping[str, str | None]) -> dict[str, str]:
    return {language: name for language, name in {**names, **changed}.items() if name is not None}


def _known_service(facts: OfficeFacts, code: str) -> Service:
    service = facts.services.get(code)
    if service is None:
        raise OfficeError(f"there is no service {code!r}; known: {', '.join(facts.services)}")
    return service


def _require_gate(facts: OfficeFacts, name: str) -> None:
    if name not in facts.gates:
        raise OfficeError(f"there is no gate {name!r}; known: {', '.join(facts.gates) or 'none'}")
