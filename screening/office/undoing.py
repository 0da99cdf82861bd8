"""Taking a change back: the edit that brings the values of before again, if nothing has touched
them since.

What a row of the log does not hold whole (where each chair stands, an issuer's key) is set again by
hand.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from screening.errors import OfficeError
from screening.office.changes import (
    AS_THE_OFFICE,
    FIRST_START,
    HOURS,
    NONE,
    OF_THE_MODE,
    OF_THE_SEATS,
    SETTINGS,
    Changes,
    Edit,
    in_turn,
    plain,
    read_checks,
    with_changed_counter,
    with_changed_gate,
    with_changed_service,
    with_counter,
    with_gate,
    with_gate_title,
    with_service,
    with_settings,
    with_words,
    without_counter,
    without_gate,
    without_service,
)
from screening.office.facts import OfficeFacts
from screening.office.hours import CLOSED, WEEKDAYS, SpecialDay, read_spans
from screening.office.hours_changes import with_days, with_leave, with_week

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_SPECIAL = re.compile(
    r"(?P<spans>[^(\[]*?)(?: \((?P<note>.*?)\))?(?P<notes>(?: \[[A-Za-z-]+: [^\]]*\])*)", re.DOTALL
)
_NOTE = re.compile(r" \[(?P<language>[A-Za-z-]+): (?P<text>[^\]]*)\]")
_LEAVE = "leave_"


def can_undo(changes: Changes, facts: OfficeFacts) -> bool:
    """Whether ``undoing`` would bring back what was."""
    try:
        undoing(changes)(facts)
    except OfficeError:
        return False
    return True


def undoing(changes: Changes) -> Edit:
    """The edit that takes these changes back.

    It raises OfficeError where something has changed since, or what was is not known whole. How far
    the walk through a new office is stays as it is.
    """
    changes = {key: pair for key, pair in changes.items() if key != FIRST_START}

    def undo(facts: OfficeFacts) -> OfficeFacts:
        if not changes:
            raise OfficeError("there is nothing to take back")
        now = plain(facts)
        if any(now.get(key) != after for key, (_, after) in changes.items()):
            raise OfficeError("this has been changed again since; set it as it should be")
        after = in_turn(*_edits(changes))(facts)
        then = plain(after)
        if any(then.get(key) != before for key, (before, _) in changes.items()):
            raise OfficeError("this cannot be taken back by itself; set it as it should be")
        return after

    return undo


def _edits(changes: Changes) -> Iterator[Edit]:
    things: defaultdict[tuple[str, str], dict[str, tuple[Any, Any]]] = defaultdict(dict)
    settings, hours, words = {}, {}, {}
    for key, pair in changes.items():
        kind, _, rest = key.partition(".")
        if key in SETTINGS:
            settings[key] = _typed(key, pair[0])
        elif kind == "hours":
            hours[rest] = pair[0]
        elif kind == "words":
            words[rest] = pair[0] or NONE
        elif kind in _THINGS:
            name, _, what = rest.partition(".")
            things[kind, name][what] = pair
        else:
            raise OfficeError("this cannot be taken back by itself; set it as it should be")
    for (kind, name), pairs in things.items():
        yield from _THINGS[kind](name, pairs)
    if settings:
        yield with_settings(settings)
    if words:
        yield with_words(words)
    yield from _hours(hours)


def _service(code: str, pairs: Mapping[str, tuple[Any, Any]]) -> Iterator[Edit]:
    if _is_new(pairs, "channel"):
        yield without_service(code)
        return
    days = {
        key.removeprefix(HOURS): before
        for key, (before, _) in pairs.items()
        if _DAY.fullmatch(key.removeprefix(HOURS))
    }
    typed = {
        key: _typed(key, before)
        for key, (before, after) in pairs.items()
        if key.removeprefix(HOURS) not in days and (before, after) != (None, None)
    }
    if _was_removed(pairs, "channel"):
        kept = {key: text for key, text in typed.items() if pairs[key][0] is not None}
        yield with_service(code, kept)
    elif typed:
        yield with_changed_service(code, typed)
    for day, before in days.items():
        yield with_days([date.fromisoformat(day)], _special(before), service=code)


def _gate(name: str, pairs: Mapping[str, tuple[Any, Any]]) -> Iterator[Edit]:
    if _is_new(pairs, "checks"):
        yield without_gate(name)
        return
    if "checks" in pairs:
        before = pairs["checks"][0]
        checks = None if before == OF_THE_MODE else read_checks(",".join(before) or NONE)
        is_gone = _was_removed(pairs, "checks")
        yield with_gate(name, checks) if is_gone else with_changed_gate(name, checks)
    if "title" in pairs:
        yield with_gate_title(name, pairs["title"][0])


def _counter(name: str, pairs: Mapping[str, tuple[Any, Any]]) -> Iterator[Edit]:
    if _is_new(pairs, "place"):
        yield without_counter(name)
        return
    typed = {key: _typed(key, before) for key, (before, _) in pairs.items()}
    is_gone = _was_removed(pairs, "place")
    yield with_counter(name, typed) if is_gone else with_changed_counter(name, typed)


_THINGS = {"services": _service, "gates": _gate, "counters": _counter}


def _hours(before: Mapping[str, Any]) -> Iterator[Edit]:
    week = {key: text for key, text in before.items() if key in WEEKDAYS}
    if week:
        yield with_week(week)
    leave = {
        date.fromisoformat(key.removeprefix(_LEAVE)): text is not None
        for key, text in before.items()
        if key.startswith(_LEAVE)
    }
    if leave:
        yield with_leave(leave)
    for key, text in before.items():
        if _DAY.fullmatch(key):
            yield with_days([date.fromisoformat(key)], _special(text))


def _special(told: str | None) -> SpecialDay | None:
    if told is None:
        return None
    found = _SPECIAL.fullmatch(told)
    assert found is not None
    spans = () if found["spans"] == CLOSED else read_spans(found["spans"])
    notes = {one["language"]: one["text"] for one in _NOTE.finditer(found["notes"])}
    return SpecialDay(spans, found["note"] or "", notes)


def _is_new(pairs: Mapping[str, tuple[Any, Any]], always: str) -> bool:
    return always in pairs and pairs[always][0] is None


def _was_removed(pairs: Mapping[str, tuple[Any, Any]], always: str) -> bool:
    return always in pairs and pairs[always][1] is None


def _typed(key: str, value: Any) -> str:
    """As a person would type it."""
    match value:
        case None if key == "capacity":
            return OF_THE_SEATS
        case None if key.startswith(HOURS):
            return AS_THE_OFFICE
        case None | []:
            return NONE
        case bool():
            return "yes" if value else "no"
        case list():
            return ",".join(value)
        case _:
            return str(value)
