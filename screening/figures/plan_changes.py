"""What a person may change of what is assumed, and what a plan would change of the office. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from screening.figures.assumptions import Assumptions, Comes, Estimate, Source, Time, given
from screening.figures.planned_day import MOST_COUNTERS, with_counters
from screening.figures.planner import Plan, Question
from screening.office.changes import Edit, in_turn, with_changed_service, with_settings
from screening.office.facts import OfficeFacts
from screening.office.services import Booking

MOST_PEOPLE = 3000
SERVICE = "service."
"""Begins the names of how long services take, before their code."""

_ESTIMATES = {
    "no_show": ("no_show", 100.0, 0),
    "walk_ins": ("walk_ins", 1.0, 0),
    "early_minutes": ("early_minutes", 1.0, 0),
    "turning": ("turning_s", 1.0, 0),
    "break": ("break_minutes", 1.0, 0),
    "gate": ("gate_s", 1.0, 0),
}
"""Which number of the assumptions it is, what its unit is of it, and digits."""

_TIMES = frozenset({"leaving", "stay"})
_RANGES: dict[str, tuple[float, float]] = {
    "capacity": (1, MOST_PEOPLE),
    "risk": (0.1, 50),
    "counters": (1, MOST_COUNTERS),
    "no_show": (0, 90),
    "walk_ins": (0, MOST_PEOPLE),
    "early_minutes": (0, 120),
    "turning": (0, 1800),
    "break": (0, 240),
    "leaving": (0.1, 120),
    "stay": (1, 480),
    "gate": (1, 600),
}
_SERVICE_RANGE = (0.5, 240.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A number that may be changed, in the unit in which people type it."""

    name: str
    value: float
    low: float
    high: float
    source: Source
    days: int
    digits: int


def choices(question: Question) -> list[Choice]:
    """All of them, as they are assumed."""
    asked = question.assumptions
    found = [
        _plain("capacity", question.capacity),
        _plain("risk", 100 * question.risk, digits=0),
    ]
    if asked.counters:
        found.append(_plain("counters", len(asked.counters)))
    for name, (field, unit, digits) in _ESTIMATES.items():
        if name == "early_minutes" and asked.comes is not Comes.BOOKED_TIME:
            continue
        if name in {"turning", "break"} and not asked.counters:
            continue
        found.append(_estimated(name, getattr(asked, field), unit, digits))
    if asked.counters:
        found.append(_timed("leaving", asked.leaving))
        found += [_timed(f"{SERVICE}{one.code}", one.serving) for one in asked.services]
    else:
        found.append(_timed("stay", asked.stay))
    return found


def range_of(name: str) -> tuple[float, float]:
    """What may be typed for it, both ends included."""
    return _SERVICE_RANGE if name.startswith(SERVICE) else _RANGES[name]


def changed(question: Question, values: Mapping[str, float], comes: Comes) -> Question:
    """The question with these numbers in place of what was assumed. Raises OfficeError."""
    asked = replace(question.assumptions, comes=comes)
    if "counters" in values:
        asked = with_counters(asked, round(values["counters"]))
    numbers: dict[str, Any] = {
        field: given(values[name] / unit)
        for name, (field, unit, _) in _ESTIMATES.items()
        if name in values
    }
    for name in _TIMES & values.keys():
        numbers[name] = getattr(asked, name).with_minutes(values[name])
    services = tuple(
        replace(one, serving=one.serving.with_minutes(values[f"{SERVICE}{one.code}"]))
        if f"{SERVICE}{one.code}" in values
        else one
        for one in asked.services
    )
    asked = replace(asked, services=services, **numbers)
    return replace(
        question,
        assumptions=asked,
        capacity=round(values.get("capacity", question.capacity)),
        risk=values["risk"] / 100 if "risk" in values else question.risk,
    )


def quota_edit(facts: OfficeFacts, question: Question, plan: Plan) -> Edit:
    """The plan's quota as the office keeps it: places of each slot by what people come for, and
    visits a day at most, of which those without a booking are part."""
    asked = question.assumptions
    others = math.ceil(max(0.0, asked.walk_ins.value))
    edits = [with_settings({"daily_quota": str(plan.booked + others)})]
    slotted = [one for one in facts.services.values() if one.booking is Booking.SLOT]
    if asked.comes is Comes.BOOKED_TIME and slotted:
        each = min(plan.quota.values())
        shares = _shares(asked, [one.code for one in slotted])
        for one in slotted:
            places = each * shares[one.code] * one.slot_minutes / asked.slot_minutes
            edits.append(with_changed_service(one.code, {"slot_places": str(max(1, int(places)))}))
    return in_turn(*edits)


def _shares(asked: Assumptions, codes: list[str]) -> dict[str, float]:
    by_code = {one.code: one.share for one in asked.services}
    total = sum(by_code.get(code, 0.0) for code in codes)
    if not total:
        return dict.fromkeys(codes, 1 / len(codes))
    return {code: by_code.get(code, 0.0) / total for code in codes}


def _plain(name: str, value: float, digits: int = 0) -> Choice:
    return Choice(
        name=name, value=value, low=value, high=value, source=Source.GIVEN, days=0, digits=digits
    )


def _estimated(name: str, one: Estimate, unit: float, digits: int) -> Choice:
    low, high = one.interval
    return Choice(
        name=name,
        value=unit * one.value,
        low=unit * low,
        high=unit * high,
        source=one.source,
        days=one.days,
        digits=digits,
    )


def _timed(name: str, one: Time) -> Choice:
    low, high = one.interval
    return Choice(
        name=name,
        value=one.minutes,
        low=low,
        high=high,
        source=one.log_mean.source,
        days=one.log_mean.days,
        digits=1,
    )
