"""Taking a change back: the edit that brings the values of before again, if nothing has touched
them since.

Where each chair stands, an issuer's key and who let a screen speak are kept beside the row of the
log that replaced them; a row from before that was so is set again by hand.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from screening.errors import OfficeError
from screening.office.changes import (
    AS_THE_OFFICE,
    FIRST_START,
    HOURS,
    NONE,
    OF_ISSUERS,
    OF_SEATS,
    OF_SPEAKERS,
    OF_THE_MODE,
    OF_THE_SEATS,
    REQUIRED,
    SETTINGS,
    Changes,
    Edit,
    Former,
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
from screening.office.issuers import without_issuer
from screening.office.speakers import with_speaker, without_speaker
from screening.waiting_room.plan import Sealed

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_SPECIAL = re.compile(
    r"(?P<spans>[^(\[]*?)(?: \((?P<note>.*?)\))?(?P<notes>(?: \[[A-Za-z-]+: [^\]]*\])*)", re.DOTALL
)
_NOTE = re.compile(r" \[(?P<language>[A-Za-z-]+): (?P<text>[^\]]*)\]")
_LEAVE = "leave_"


_BY_HAND = "this cannot be taken back by itself; set it as it should be"
_OF_A_PLAN = frozenset({"rows", "columns", "sealed"})
"""Settings that change with the plan of seats, and only with it while one is in use."""


def can_undo(changes: Changes, facts: OfficeFacts, former: Former | None = None) -> bool:
    """Whether ``undoing`` would bring back what was."""
    try:
        undoing(changes, former)(facts)
    except OfficeError:
        return False
    return True


def lost_seats(changed: OfficeFacts, taken: Collection[str]) -> list[str]:
    """Of the seats that somebody sits at, those that would be gone, in order of their labels."""
    labels = {seat.label for seat in changed.plan.seats}
    return sorted(label for label in taken if label not in labels)


def undoing(changes: Changes, former: Former | None = None) -> Edit:
    """The edit that takes these changes back; ``former`` is what their row has no room for.

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
        after = in_turn(*_edits(changes, former))(facts)
        then = plain(after)
        before = now | {key: old for key, (old, _) in changes.items()}
        if any(then.get(key) != before.get(key) for key in then.keys() | before.keys()):
            raise OfficeError(_BY_HAND)
        return after

    return undo


def _edits(changes: Changes, former: Former | None) -> Iterator[Edit]:
    has_plan = any(key.startswith(OF_SEATS) for key in changes)
    rest: dict[str, tuple[Any, Any]] = {}
    of_plan: dict[str, Any] = {}
    # What came goes first: where only so many fit, what had to go finds its place again.
    for key, pair in sorted(changes.items(), key=lambda one: one[1][0] is not None):
        if key.startswith(OF_ISSUERS):
            yield _issuer_key(key.removeprefix(OF_ISSUERS), pair, former)
        elif key.startswith(OF_SPEAKERS):
            yield _speaker(key.removeprefix(OF_SPEAKERS), pair, former)
        elif has_plan and key in _OF_A_PLAN:
            of_plan[key] = pair[0]
        elif not key.startswith(OF_SEATS):  # the plan is one whole
            rest[key] = pair
    if has_plan:
        yield _plan(changes, of_plan, former)
    yield from _edits_of_values(rest)


def _edits_of_values(changes: Changes) -> Iterator[Edit]:
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
            raise OfficeError(_BY_HAND)
    for (kind, name), pairs in things.items():
        yield from _THINGS[kind](name, pairs)
    if settings:
        yield with_settings(settings)
    if words:
        yield with_words(words)
    yield from _hours(hours)


def _plan(changes: Changes, of_plan: Mapping[str, Any], former: Former | None) -> Edit:
    was_none = changes.get(f"{OF_SEATS}chairs", ("", ""))[0] is None
    if former is None and not was_none:
        raise OfficeError(_BY_HAND)
    plan = None if former is None else former.plan

    def bring_back(facts: OfficeFacts) -> OfficeFacts:
        return replace(
            facts,
            chosen=plan,
            rows=of_plan.get("rows", facts.rows),
            columns=of_plan.get("columns", facts.columns),
            sealed=Sealed(of_plan.get("sealed", facts.sealed)),
        )

    return bring_back


def _issuer_key(which: str, pair: tuple[Any, Any], former: Former | None) -> Edit:
    issuer, _, kid = which.rpartition(".")
    if pair[0] is None:
        return without_issuer(issuer, bytes.fromhex(kid))
    kept = () if former is None else former.issuer_keys
    old = next((one for one in kept if (one.issuer, one.kid.hex()) == (issuer, kid)), None)
    if old is None:
        raise OfficeError(_BY_HAND)

    def bring_back(facts: OfficeFacts) -> OfficeFacts:
        keys = [one for one in facts.issuer_keys if (one.issuer, one.kid) != (issuer, old.kid)]
        return replace(facts, issuer_keys=(*keys, old))

    return bring_back


def _speaker(name: str, pair: tuple[Any, Any], former: Former | None) -> Edit:
    if pair[0] is None:
        return without_speaker(name)
    old = None if former is None else former.speakers.get(name)
    if old is None:
        raise OfficeError(_BY_HAND)
    return with_speaker(name, old)


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
        if key.removeprefix(HOURS) not in days
        and (before, after) != (None, None)
        and not (before is None and key.endswith(f"_{REQUIRED}"))  # it goes with the question
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
    if found is None:  # a note with brackets of its own
        raise OfficeError(_BY_HAND)
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
