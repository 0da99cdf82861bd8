"""What people change of the office's facts: pure edits, and what differs afterwards.

An edit makes new facts of those that hold when it is their turn, so that two people who change
different things at once both get what they asked for. Edits raise OfficeError, in one line.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Protocol, TypeVar

from screening.decision import Check
from screening.errors import OfficeError
from screening.office.counters import Counter, CounterSwitch, QueueOrder
from screening.office.facts import Mode, OfficeFacts, SecondFactor, WordsAt
from screening.office.hours import (
    CLOSED,
    USUAL_WEEK,
    WEEKDAYS,
    Hours,
    Spans,
    SpecialDay,
    read_spans,
    told_spans,
)
from screening.office.issuers import told_key
from screening.office.services import (
    LETTER_WITHOUT_SERVICE,
    SEED_SERVICES,
    Booking,
    Channel,
    Question,
    Service,
    free_letter,
)
from screening.office.speakers import Speaker
from screening.receipts.keys import TrustedKey
from screening.visits import LogEntry
from screening.waiting_room.chairs import Near
from screening.waiting_room.plan import ChosenPlan, Sealed

Edit = Callable[[OfficeFacts], OfficeFacts]
Changes = dict[str, tuple[Any, Any]]
"""By key what was and what is, as plain JSON; None is what was not there, or is not any more."""

NONE = "none"
ALL = "all"
"""A counter's services where it takes every one."""
MOST_STEPS = 6
OF_THE_MODE = "mode"
"""A gate's checks where it takes the mode's."""
OF_THE_SEATS = "seats"
"""A capacity that follows the open seats."""

MOST_ROWS = 40
"""Also columns; a larger room is several."""
MOST_PEOPLE = 100_000
LONGEST_NAME = 60
LONGEST_TEXT = 300
"""Characters of an address, and of what to bring in one language."""
LONGEST_WORDS: Mapping[WordsAt, int] = {
    WordsAt.WELCOME: LONGEST_TEXT,
    WordsAt.KIOSK: 90,
    WordsAt.RECEIPT: 200,
    WordsAt.FAREWELL: 200,
}
"""A kiosk's are read from two metres, a receipt's stand on a page of A6."""
MOST_DAYS_AHEAD = 365
MOST_MINUTES = 24 * 60

FIRST_START = "first_start"
"""How far the walk through a new office is."""

ALERT_LIMITS: Mapping[str, int] = {
    "queue_alert_waiting": 10_000,
    "outside_alert_waiting": 10_000,
    "full_alert_percent": 100,
    "wait_target_minutes": MOST_MINUTES,
    "abandoned_alert_minutes": MOST_MINUTES,
}
"""What somebody is told of, each with its largest limit; NONE: never."""

RETENTION = ("readings_days", "names_days", "remarks_days", "reports_days")
"""For how many days something about persons is kept."""
LONGEST_KEPT_DAYS = 3650
"""The law names no number but the purpose; nobody's purpose at an entrance lasts longer."""

_GATE = re.compile(r"[a-z0-9-]{1,24}")
_COUNTER = re.compile(r"[A-Za-z0-9-]{1,24}")
_ROOM = re.compile(r"[a-z0-9-]{1,24}")
_SERVICE = re.compile(r"[A-Z0-9-]{1,10}")
"""Ten characters is what a receipt's token has room for."""

_LETTER = re.compile(r"[A-Z]{1,2}")
_TELEPHONE = re.compile(r"[+(]?[0-9][0-9 ()./-]{1,28}[0-9]")
_LINK = re.compile(r"https?://[^\s\"'<>\\]{1,300}")

NAME = "name_"
"""Of a service, before the code of the name's language."""
BRINGS = "brings_"
"""What to bring, before the code of its language."""
WHY = "closed_why_"
"""Why a service is closed, before a language."""
QUESTION = "question_"
"""What is asked of whoever registers, before the question's code and a language or REQUIRED."""
REQUIRED = "required"
MOST_QUESTIONS = 5
"""Whoever registers does so on a small phone."""
_LANGUAGE = r"[a-z]{2,3}(_[A-Za-z]{2,8})*"
_WORDS = re.compile(f"(?P<where>{'|'.join(WordsAt)})_(?P<language>{_LANGUAGE})")
_NAMES = re.compile(f"{NAME}{_LANGUAGE}")
_BRINGS = re.compile(f"{BRINGS}{_LANGUAGE}")
_WHYS = re.compile(f"{WHY}{_LANGUAGE}")
_QUESTION = re.compile(
    f"{QUESTION}(?P<code>[a-z][a-z0-9]{{0,15}})_(?P<what>{REQUIRED}|{_LANGUAGE})"
)

HOURS = "hours_"
"""Of a service, before the weekday."""
AS_THE_OFFICE = "office"
"""A weekday's hours where the service takes the office's."""

_Member = TypeVar("_Member", bound=StrEnum)
_Key = TypeVar("_Key")
_Value = TypeVar("_Value")


@dataclass(frozen=True, slots=True, kw_only=True)
class Former:
    """What a change replaced and its row of the log has no room for. ``plan`` is None where the
    seats stood in rows."""

    plan: ChosenPlan | None = None
    issuer_keys: tuple[TrustedKey, ...] = ()
    speakers: Mapping[str, Speaker] = field(default_factory=dict)


def former(before: OfficeFacts, changes: Changes) -> Former | None:
    """What is to be kept of what these changes replace; None where their row tells all of it."""
    lost = (key for key, (old, _) in changes.items() if old is not None)
    is_speaker_lost = any(key.startswith(OF_SPEAKERS) for key in lost)
    if not (is_speaker_lost or any(key.startswith((OF_SEATS, OF_ISSUERS)) for key in changes)):
        return None
    return Former(
        plan=before.chosen, issuer_keys=before.issuer_keys, speakers=dict(before.speakers)
    )


OF_SEATS, OF_ISSUERS, OF_SPEAKERS = "seats.", "issuers.", "speakers."
"""Before the keys of the plan of seats, of other issuers' keys, and of browsers that may speak."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficeChange:
    """One row of the log about changed facts. ``changes`` are before and after by key.

    ``why`` is the reason in words, empty where none was given. ``former`` is what the row has no
    room for, None where there is nothing, or where it was not kept.
    """

    entry_id: int
    at: datetime
    operator: str
    changes: Changes
    why: str = ""
    former: Former | None = None


class OfficeBook(Protocol):
    """Where the office's facts are kept."""

    def current(self) -> OfficeFacts:
        """What holds now, from memory; at most two seconds old."""

    def change(self, edit: Edit, *, operator: str, at: datetime, why: str = "") -> LogEntry | None:
        """Change them and write one row, with the reason if given; None where nothing differs.

        Raises OfficeError where it cannot be, RecordError where it cannot be written.
        """

    def note(
        self, key: str, *, before: str | None, after: str, operator: str, at: datetime
    ) -> LogEntry:
        """One row about what is kept outside of the facts. Raises RecordError."""

    def changed(self, *, before: int | None = None, limit: int = 50) -> list[OfficeChange]:
        """The newest changes first, only rows before ``before`` if given. Raises RecordError."""

    def accepted_since(self, issuer: str, entry_id: int) -> bool:
        """Whether somebody came in with a receipt of this issuer after that row of the log. Raises
        RecordError."""


def in_mode(mode: Mode) -> Edit:
    """The office in this mode."""
    return lambda facts: replace(facts, mode=mode)


def with_settings(values: Mapping[str, str]) -> Edit:
    """Facts as they are typed, by key. Raises OfficeError at once for what cannot be read."""
    fields = _read(values, _SETTINGS)

    def change(facts: OfficeFacts) -> OfficeFacts:
        after = replace(facts, **fields)
        if after.sealed is Sealed.CHOSEN:
            _require_chosen(after, fields)
        return after

    return change


def with_words(values: Mapping[str, str]) -> Edit:
    """The office's own words, by place and language such as ``receipt_id``; empty: none.

    Raises OfficeError at once for what cannot be read.
    """
    found = {key: place for key in values if (place := _WORDS.fullmatch(key)) is not None}
    typed: dict[str, str | None] = _read(
        values,
        {
            key: (key, _or_none(_text_of(LONGEST_WORDS[WordsAt(place["where"])])))
            for key, place in found.items()
        },
    )

    def change(facts: OfficeFacts) -> OfficeFacts:
        words = {where: dict(texts) for where, texts in facts.words.items()}
        for key, text in typed.items():
            texts = words.setdefault(WordsAt(found[key]["where"]), {})
            texts.pop(found[key]["language"], None)
            if text is not None:
                texts[found[key]["language"]] = text
        return replace(facts, words={where: texts for where, texts in words.items() if texts})

    return change


def with_chosen_plan(plan: ChosenPlan, *, rows: int | None = None, columns: int = 1) -> Edit:
    """The office's seats are this plan's from now on, sealed as it says in an outbreak.

    ``rows`` and ``columns``: what it was made of, where that is so.
    """

    def change(facts: OfficeFacts) -> OfficeFacts:
        after = replace(facts, chosen=plan, sealed=Sealed.CHOSEN)
        return after if rows is None else replace(after, rows=rows, columns=columns)

    return change


def at_first_step(step: str) -> Edit:
    """The walk through a new office goes on at this step."""
    return lambda facts: replace(facts, first_start=step)


def with_only_services(codes: Collection[str], *, adding: int = 0) -> Edit:
    """The office offers these of its own, and of those that every office begins with.

    It raises OfficeError where none is left and none is added afterwards.
    """

    def keep(facts: OfficeFacts) -> OfficeFacts:
        every = {**{one.code: one for one in SEED_SERVICES}, **facts.services}
        kept = {code: service for code, service in every.items() if code in codes}
        if not kept and not adding:
            raise OfficeError("an office offers at least one service")
        return replace(facts, services=kept)

    return keep


def with_service(code: str, values: Mapping[str, str]) -> Edit:
    """One more service; ``channel`` must be given, ``name_id`` and the like name it."""
    if _SERVICE.fullmatch(code) is None:
        raise OfficeError(f"{code!r}: a service's code has 1 to 10 of A-Z, 0-9 and -")
    typed = _read_service(values)
    if "channel" not in typed.fields:
        raise OfficeError(f"say how the service is reached: channel={'|'.join(Channel)}")

    def add(facts: OfficeFacts) -> OfficeFacts:
        if code in facts.services:
            raise OfficeError(f"there is a service {code} already; gerbang service set changes it")
        letter = free_letter(code, {service.queue for service in facts.services.values()})
        new = Service(code=code, channel=Channel.CLOSED, names={}, letter=letter)
        return _with(facts, typed.applied_to(new))

    return add


def with_changed_service(code: str, values: Mapping[str, str]) -> Edit:
    """Some of a service's values changed."""
    typed = _read_service(values)
    return lambda facts: _with(facts, typed.applied_to(known_service(facts, code)))


def with_closings(before: OfficeFacts, after: OfficeFacts, *, today: date) -> OfficeFacts:
    """``after`` with the day from which on a service is closed, where nobody told another one.

    Of a service that is open again nothing is told any more.
    """

    def dated(service: Service) -> Service:
        if service.channel is not Channel.CLOSED:
            return replace(service, closed_since=None, closed_why={})
        was = before.services.get(service.code)
        is_new = was is not None and was.channel is not Channel.CLOSED
        is_told = service.closed_since is not None
        return replace(service, closed_since=today) if is_new and not is_told else service

    return replace(after, services={code: dated(one) for code, one in after.services.items()})


def without_service(code: str) -> Edit:
    """The office does not offer it any more."""

    def remove(facts: OfficeFacts) -> OfficeFacts:
        known_service(facts, code)
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


def with_counter(name: str, values: Mapping[str, str]) -> Edit:
    """One more counter, open, at a place named like it unless ``values`` say otherwise."""
    if _COUNTER.fullmatch(name) is None:
        raise OfficeError("a counter's name has 1 to 24 of the characters A-Z, a-z, 0-9 and -")
    fields = _read(values, _COUNTER_KEYS)

    def add(facts: OfficeFacts) -> OfficeFacts:
        for other in facts.counters:
            if other.lower() == name.lower():
                raise OfficeError(
                    f"there is a counter {other!r} already; gerbang counter set changes it"
                )
        return _with_counter(facts, replace(Counter(name=name, place=name), **fields))

    return add


def with_changed_counter(name: str, values: Mapping[str, str]) -> Edit:
    """Some of a counter's values changed."""
    fields = _read(values, _COUNTER_KEYS)
    return lambda facts: _with_counter(facts, replace(known_counter(facts, name), **fields))


def without_counter(name: str) -> Edit:
    """The counter is gone."""

    def remove(facts: OfficeFacts) -> OfficeFacts:
        known_counter(facts, name)
        kept = {key: counter for key, counter in facts.counters.items() if key != name}
        return replace(facts, counters=kept)

    return remove


def plain(facts: OfficeFacts) -> dict[str, Any]:
    """All that a person may change, by key, as plain JSON."""
    values = {
        **plain_office(facts),
        FIRST_START: facts.first_start,
        **_plain_hours(facts.hours),
    }
    if facts.chosen is not None:
        values |= {f"seats.{key}": told for key, told in _plain_plan(facts.chosen)}
    for where, texts in facts.words.items():
        values |= {f"words.{where}_{language}": text for language, text in texts.items()}
    for name, checks in facts.gates.items():
        values[f"gates.{name}.checks"] = OF_THE_MODE if checks is None else in_order(checks)
    for name, title in facts.gate_titles.items():
        values[f"gates.{name}.title"] = title
    for key in facts.issuer_keys:
        values[f"issuers.{key.issuer}.{key.kid.hex()}"] = told_key(key)
    for issuer, count in facts.imported.items():
        values[f"imported.{issuer}"] = count
    for name, counter in facts.counters.items():
        values |= {f"counters.{name}.{key}": value for key, value in plain_counter(counter)}
    for name, speaker in facts.speakers.items():
        values[f"{OF_SPEAKERS}{name}"] = speaker.place
    for code, service in facts.services.items():
        values |= {f"services.{code}.{key}": value for key, value in _plain_service(service)}
    return values


def plain_office(facts: OfficeFacts) -> dict[str, Any]:
    """What can be set of the office itself, by key, as plain JSON."""
    return {
        "mode": facts.mode.value,
        "capacity": facts.set_capacity,
        "daily_quota": facts.daily_quota,
        "rows": facts.rows,
        "columns": facts.columns,
        "sealed": facts.sealed.value,
        "everyday_checks": in_order(facts.everyday_checks),
        "outbreak_checks": in_order(facts.outbreak_checks),
        "name": facts.name,
        "address": facts.address,
        "telephone": facts.telephone,
        "map_link": facts.map_link,
        "slot_early_minutes": facts.slot_early_minutes,
        "slot_late_minutes": facts.slot_late_minutes,
        "hold_minutes": facts.hold_minutes,
        "desk_for_guards": facts.desk_for_guards,
        "second_factor": facts.second_factor.value,
        "queue_order": facts.queue_order.value,
        "queue_overtakes": facts.queue_overtakes,
        "walking_minutes": facts.walking_minutes,
        "stay_minutes": facts.stay_minutes,
        "call_in_minutes": facts.call_in_minutes,
        "message": facts.message,
        "quiet_hours": told_spans(facts.quiet_hours) if facts.quiet_hours else None,
        **{key: getattr(facts, key) for key in (*ALERT_LIMITS, *RETENTION)},
    }


def plain_counter(counter: Counter) -> Iterator[tuple[str, Any]]:
    """What can be set of a counter, by key, as plain JSON."""
    yield "services", list(counter.services) or ALL
    yield "place", counter.place
    yield "room", counter.room or None
    yield "open", counter.is_open
    yield "help", counter.wants_help


def _plain_hours(hours: Hours) -> dict[str, Any]:
    week = USUAL_WEEK if hours.week is None else hours.week
    return {
        **{f"hours.{name}": told_spans(week.get(day, ())) for day, name in enumerate(WEEKDAYS)},
        **{f"hours.{day}": _told_day(special) for day, special in hours.days.items()},
        **{f"hours.leave_{day}": CLOSED for day in hours.leave},
    }


def _plain_plan(plan: ChosenPlan) -> Iterator[tuple[str, Any]]:
    """The digest stands for where each chair is: a row of the log has no room for 400 places."""
    where_they_are = dict(zip(plan.numbers, plan.places.T.tolist(), strict=True))
    digest = hashlib.sha256(repr(where_they_are).encode()).hexdigest()[:8]
    rooms = [room for room in plan.rooms_by_name if room]
    where = f" in {', '.join(rooms)}" if rooms else ""
    yield "chairs", f"{len(plan.chairs)}{where} ({digest})"
    yield "distance_m", plan.distance_m
    yield "open", " ".join(chair.label for chair in plan.chairs if chair.label in plan.open_labels)
    marks = {
        "pinned": [chair for chair in plan.chairs if chair.is_pinned],
        "wheelchair": [chair for chair in plan.chairs if chair.is_wheelchair],
        **{f"near_{near}": [c for c in plan.chairs if c.near is near] for near in Near},
    }
    for mark, chairs in marks.items():
        if chairs:
            yield mark, " ".join(chair.label for chair in chairs)
    families: dict[str, list[str]] = {}
    for chair in plan.chairs:
        if chair.family is not None:
            families.setdefault(chair.family, []).append(chair.label)
    if families:
        yield "families", "; ".join(" ".join(labels) for labels in families.values())


def _plain_service(service: Service) -> Iterator[tuple[str, Any]]:
    yield "channel", service.channel.value
    yield "booking", service.booking.value
    for key in ("letter", "link", *_NUMBERS, "gate_checks_hours"):
        yield key, getattr(service, key)
    if service.steps:
        yield "steps", list(service.steps)
    if service.closed_since is not None:
        yield "closed_since", service.closed_since.isoformat()
    texts = {NAME: service.names, BRINGS: service.brings, WHY: service.closed_why}
    for kind, by_language in texts.items():
        for language, text in by_language.items():
            yield f"{kind}{language}", text
    for question in service.questions:
        for language, text in question.texts.items():
            yield f"{QUESTION}{question.code}_{language}", text
        yield f"{QUESTION}{question.code}_{REQUIRED}", question.is_required
    for weekday, spans in (service.hours.week or {}).items():
        yield f"{HOURS}{WEEKDAYS[weekday]}", told_spans(spans)
    for day, special in service.hours.days.items():
        yield f"{HOURS}{day}", _told_day(special)


def _told_day(special: SpecialDay) -> str:
    hours = told_spans(special.spans)
    told = f"{hours} ({special.note})" if special.note else hours
    notes = sorted(special.notes.items())
    return told + "".join(f" [{language}: {text}]" for language, text in notes)


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> Changes:
    """What differs between two plain forms, in order of key."""
    return {
        key: (before.get(key), after.get(key))
        for key in sorted(before.keys() | after.keys())
        if before.get(key) != after.get(key) or (key in before) != (key in after)
    }


def switched(
    before: Mapping[str, Any], after: Mapping[str, Any], *, at: datetime
) -> Iterator[CounterSwitch]:
    """The counters that a change of plain values opened or closed."""
    for key, is_open in after.items():
        parts = key.split(".")
        is_switch = parts[0] == "counters" and parts[-1] == "open"
        if is_switch and bool(is_open) != bool(before.get(key)):
            yield CounterSwitch(at=at, counter=parts[1], is_open=bool(is_open))


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


def _whole_or(word: str, most: int = MOST_PEOPLE) -> Callable[[str], int | None]:
    number = _whole(1, most)

    def read(text: str) -> int | None:
        if text in (word, NONE):
            return None
        try:
            return number(text)
        except OfficeError as error:
            raise OfficeError(f"{error}, or {word}") from error

    return read


def _limit(most: int) -> Callable[[str], int | None]:
    number = _whole(1, most)

    def read(text: str) -> int | None:
        return None if text.lower() == NONE else number(text)

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


def _text_of(longest: int) -> Callable[[str], str]:
    def read(text: str) -> str:
        if not 0 < len(text) <= longest or not text.isprintable():
            raise OfficeError(f"it has 1 to {longest} printable characters, or is {NONE}")
        return text

    return read


def _text(text: str) -> str:
    return _text_of(LONGEST_TEXT)(text)


def _lines(text: str) -> str:
    """A list, a line each, without empty ones; however its lines ended before."""
    lines = filter(None, (" ".join(line.split()) for line in text.splitlines()))
    whole = "\n".join(map(_text, lines))
    if not 0 < len(whole) <= LONGEST_TEXT:
        raise OfficeError(f"it has 1 to {LONGEST_TEXT} printable characters, or is {NONE}")
    return whole


def _telephone(text: str) -> str:
    if _TELEPHONE.fullmatch(text) is None:
        raise OfficeError(f"{text!r} is no telephone number; write e.g. +62 251 8321-075")
    return text


def _link(text: str) -> str:
    if _LINK.fullmatch(text) is None or not text.isprintable():
        raise OfficeError(f"{text!r} is no link; it begins with https:// or http://")
    return text


def _or_none(read: Callable[[str], _Value]) -> Callable[[str], _Value | None]:
    return lambda text: None if text in ("", NONE) else read(text)


def _letter(text: str) -> str:
    letter = text.upper()
    if _LETTER.fullmatch(letter) is None:
        raise OfficeError(f"{text!r} is not one or two of the letters A-Z")
    if letter == LETTER_WITHOUT_SERVICE:
        raise OfficeError(f"{letter} is for visitors without a service")
    return letter


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise OfficeError(f"{text!r} is no day; write e.g. 2026-12-01") from error


def _yes(text: str) -> bool:
    try:
        return {"yes": True, "no": False}[text.lower()]
    except KeyError as error:
        raise OfficeError(f"{text!r} is neither yes nor no") from error


def _codes(text: str) -> tuple[str, ...]:
    """Codes of services as they are typed, each once."""
    codes = tuple(part.strip().upper() for part in text.split(",") if part.strip())
    wrong = [code for code in codes if _SERVICE.fullmatch(code) is None]
    if not codes or wrong:
        raise OfficeError(f"{text!r} is not a list of services; write e.g. KTP,KK")
    return tuple(dict.fromkeys(codes))


def _taken_services(text: str) -> tuple[str, ...]:
    return () if text.lower() in ("", ALL) else _codes(text)


def _steps(text: str) -> tuple[str, ...]:
    steps = () if text.lower() in ("", NONE) else _codes(text)
    if len(steps) > MOST_STEPS:
        raise OfficeError(f"a visit has at most {MOST_STEPS} steps")
    return steps


def _room(text: str) -> str:
    if text in ("", NONE):
        return ""
    if _ROOM.fullmatch(text) is None:
        raise OfficeError("a room's name has 1 to 24 of the characters a-z, 0-9 and -")
    return text


def _quiet(text: str) -> Spans:
    return () if text.lower() in ("", NONE) else read_spans(text)


def _own_spans(text: str) -> Spans | None:
    return None if text.lower() == AS_THE_OFFICE else read_spans(text)


_SETTINGS: Mapping[str, tuple[str, Callable[[str], Any]]] = {
    "mode": ("mode", _member(Mode)),
    "capacity": ("set_capacity", _whole_or(OF_THE_SEATS)),
    "daily_quota": ("daily_quota", _whole_or(NONE)),
    "rows": ("rows", _whole(1, MOST_ROWS)),
    "columns": ("columns", _whole(1, MOST_ROWS)),
    "sealed": ("sealed", _member(Sealed)),
    "everyday_checks": ("everyday_checks", _everyday),
    "outbreak_checks": ("outbreak_checks", read_checks),
    "name": ("name", _or_none(_name)),
    "address": ("address", _or_none(_text)),
    "telephone": ("telephone", _or_none(_telephone)),
    "map_link": ("map_link", _or_none(_link)),
    "slot_early_minutes": ("slot_early_minutes", _whole(0, MOST_MINUTES)),
    "slot_late_minutes": ("slot_late_minutes", _whole(0, MOST_MINUTES)),
    "hold_minutes": ("hold_minutes", _whole(1, 60)),
    "desk_for_guards": ("desk_for_guards", _yes),
    "second_factor": ("second_factor", _member(SecondFactor)),
    "queue_order": ("queue_order", _member(QueueOrder)),
    "queue_overtakes": ("queue_overtakes", _whole(0, 100)),
    "walking_minutes": ("walking_minutes", _whole_or(NONE, MOST_MINUTES)),
    "stay_minutes": ("stay_minutes", _whole_or(NONE, MOST_MINUTES)),
    "call_in_minutes": ("call_in_minutes", _whole(1, 60)),
    "message": ("message", _or_none(_text)),
    "quiet_hours": ("quiet_hours", _quiet),
    **{key: (key, _limit(most)) for key, most in ALERT_LIMITS.items()},
    **{key: (key, _whole(0, LONGEST_KEPT_DAYS)) for key in RETENTION},
}
_NUMBERS: Mapping[str, Callable[[str], int | None]] = {
    "daily_quota": _whole_or(NONE),
    "priority_quota": _whole(0, MOST_PEOPLE),
    "slot_minutes": _whole(5, 8 * 60),
    "slot_places": _whole(1, MOST_PEOPLE),
    "lead_days": _whole(0, MOST_DAYS_AHEAD),
    "days_ahead": _whole(0, MOST_DAYS_AHEAD),
    "latest_minutes": _whole(0, MOST_MINUTES),
}
_SERVICE_KEYS: Mapping[str, tuple[str, Callable[[str], Any]]] = {
    "channel": ("channel", _member(Channel)),
    "letter": ("letter", _letter),
    "link": ("link", _or_none(_link)),
    "booking": ("booking", _member(Booking)),
    **{name: (name, read) for name, read in _NUMBERS.items()},
    "quota": ("daily_quota", _NUMBERS["daily_quota"]),
    "gate_checks_hours": ("gate_checks_hours", _yes),
    "steps": ("steps", _steps),
    "closed_since": ("closed_since", _or_none(_day)),
}
_COUNTER_KEYS: Mapping[str, tuple[str, Callable[[str], Any]]] = {
    "services": ("services", _taken_services),
    "place": ("place", _name),
    "room": ("room", _room),
    "open": ("is_open", _yes),
    "help": ("wants_help", _yes),
}
COUNTER_KEYS = tuple(_COUNTER_KEYS)
_WEEK_KEYS = {f"{HOURS}{name}": weekday for weekday, name in enumerate(WEEKDAYS)}
SETTINGS = tuple(_SETTINGS)


def service_keys(languages: Iterable[str]) -> tuple[str, ...]:
    """What can be set of a service, where its pages speak these languages."""
    texts = [f"{kind}{language}" for kind in (NAME, BRINGS, WHY) for language in languages]
    return (*_SERVICE_KEYS, *texts, *_WEEK_KEYS)


def is_question_key(key: str, languages: Iterable[str]) -> bool:
    """Whether it sets a question's text in one of these languages, or whether it is required."""
    found = _QUESTION.fullmatch(key)
    return found is not None and found["what"] in (REQUIRED, *languages)


@dataclass(frozen=True, slots=True)
class _TypedQuestion:
    """What somebody typed of a question; ``is_required`` is None where they said nothing of it."""

    texts: Mapping[str, str | None]
    is_required: bool | None


@dataclass(frozen=True, slots=True)
class _TypedService:
    """What somebody typed of a service. None takes a text or a weekday's own hours away."""

    fields: Mapping[str, Any]
    names: Mapping[str, str | None]
    brings: Mapping[str, str | None]
    whys: Mapping[str, str | None]
    week: Mapping[int, Spans | None]
    questions: Mapping[str, _TypedQuestion]

    def applied_to(self, service: Service) -> Service:
        week = _kept(service.hours.week or {}, self.week)
        return replace(
            service,
            names=_kept(service.names, self.names),
            brings=_kept(service.brings, self.brings),
            closed_why=_kept(service.closed_why, self.whys),
            hours=replace(service.hours, week=week or None),
            questions=_with_typed(service.questions, self.questions),
            **self.fields,
        )


def _read_service(values: Mapping[str, str]) -> _TypedService:
    """Raises OfficeError naming the key."""
    if "quota" in values and "daily_quota" in values:
        raise OfficeError("quota and daily_quota are the same; give one of them")
    names = [key for key in values if _NAMES.fullmatch(key)]
    brings = [key for key in values if _BRINGS.fullmatch(key)]
    whys = [key for key in values if _WHYS.fullmatch(key)]
    asked = {key: key.endswith(f"_{REQUIRED}") for key in values if _QUESTION.fullmatch(key)}
    fields = _read(
        values,
        {
            **_SERVICE_KEYS,
            **{key: (key, _title) for key in names},
            **{key: (key, _or_none(_lines)) for key in brings},
            **{key: (key, _or_none(_text)) for key in whys},
            **{key: (key, _own_spans) for key in _WEEK_KEYS},
            **{key: (key, _yes if is_yes else _or_none(_text)) for key, is_yes in asked.items()},
        },
    )
    questions = _questions({key: fields.pop(key) for key in asked})
    return _TypedService(
        names={key.removeprefix(NAME): fields.pop(key) for key in names},
        brings={key.removeprefix(BRINGS): fields.pop(key) for key in brings},
        whys={key.removeprefix(WHY): fields.pop(key) for key in whys},
        week={day: fields.pop(key) for key, day in _WEEK_KEYS.items() if key in values},
        questions=questions,
        fields=fields,
    )


def _questions(typed: Mapping[str, Any]) -> dict[str, _TypedQuestion]:
    """By code, from what was read of each key."""
    texts: dict[str, dict[str, str | None]] = {}
    required: dict[str, bool] = {}
    for key, value in typed.items():
        found = _QUESTION.fullmatch(key)
        assert found is not None
        of_it = texts.setdefault(found["code"], {})
        if found["what"] == REQUIRED:
            required[found["code"]] = value
        else:
            of_it[found["what"]] = value
    return {code: _TypedQuestion(of_it, required.get(code)) for code, of_it in texts.items()}


def _with_typed(
    before: tuple[Question, ...], typed: Mapping[str, _TypedQuestion]
) -> tuple[Question, ...]:
    """The questions as they are then, in the order in which they were added.

    One without any text is no more. Raises OfficeError.
    """
    questions = {question.code: question for question in before}
    for code, change in typed.items():
        old = questions.get(code, Question(code=code, texts={}))
        is_required = old.is_required if change.is_required is None else change.is_required
        texts = _kept(old.texts, change.texts)
        if not texts and code not in questions:
            raise OfficeError(f"{QUESTION}{code}_{REQUIRED}: give the question's text first")
        questions[code] = Question(code=code, texts=texts, is_required=is_required)
    asked = tuple(question for question in questions.values() if question.texts)
    if len(asked) > MOST_QUESTIONS:
        raise OfficeError(f"a service asks at most {MOST_QUESTIONS} questions")
    return asked


def _kept(old: Mapping[_Key, _Value], changed: Mapping[_Key, _Value | None]) -> dict[_Key, _Value]:
    return {key: value for key, value in {**old, **changed}.items() if value is not None}


def _with(facts: OfficeFacts, service: Service) -> OfficeFacts:
    """The office with this service, in its place or as the last one. Raises OfficeError."""
    for other in facts.services.values():
        if other.code != service.code and other.queue == service.queue:
            raise OfficeError(f"letter {service.queue} is on the tickets of {other.code} already")
    quota = service.daily_quota
    if quota is None and service.priority_quota:
        raise OfficeError("priority_quota is a part of the day's quota; give quota as well")
    if quota is not None and service.priority_quota > quota:
        raise OfficeError(
            f"priority_quota {service.priority_quota} is more than the {quota} of the day"
        )
    if service.lead_days > service.days_ahead:
        raise OfficeError(
            f"lead_days {service.lead_days} is after the last day, days_ahead {service.days_ahead}"
        )
    for step in service.steps:
        if step != service.code:
            known_service(facts, step)
    if service.channel is Channel.COLLECTION and service.lead_days == 0:
        raise OfficeError("a collection is never for the same day; lead_days is at least 1")
    return replace(facts, services={**facts.services, service.code: service})


def _with_counter(facts: OfficeFacts, counter: Counter) -> OfficeFacts:
    before = facts.counters.get(counter.name)
    for code in counter.services:
        if before is None or code not in before.services:
            known_service(facts, code)
    return replace(facts, counters={**facts.counters, counter.name: counter})


def known_counter(facts: OfficeFacts, name: str) -> Counter:
    """Raises OfficeError naming those there are."""
    counter = facts.counters.get(name)
    if counter is None:
        known = ", ".join(facts.counters) or "none"
        raise OfficeError(f"there is no counter {name!r}; known: {known}")
    return counter


def known_service(facts: OfficeFacts, code: str) -> Service:
    """Raises OfficeError naming those there are."""
    service = facts.services.get(code)
    if service is None:
        raise OfficeError(f"there is no service {code!r}; known: {', '.join(facts.services)}")
    return service


def _require_chosen(facts: OfficeFacts, fields: Mapping[str, Any]) -> None:
    if facts.chosen is None:
        raise OfficeError("no plan was taken over yet: gerbang plan seats … --take-over")
    if "rows" in fields or "columns" in fields:
        raise OfficeError(
            "the seats are those of the plan that was taken over; with sealed=checkerboard, columns"
            " or none they are rows and columns"
        )


def _require_gate(facts: OfficeFacts, name: str) -> None:
    if name not in facts.gates:
        raise OfficeError(f"there is no gate {name!r}; known: {', '.join(facts.gates) or 'none'}")
