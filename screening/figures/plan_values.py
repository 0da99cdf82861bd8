"""A plan and its assumptions as plain values, under the names that other systems rely on. Pure."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from screening.figures.assumptions import Assumptions, Estimate, Time
from screening.figures.planner import Plan, Question, Waits


def plan_values(question: Question, found: Plan) -> dict[str, Any]:
    """What ``gerbang plan day --json`` tells. Waits are minutes, None without counters."""
    return {
        "quota": {told_moment(at): number for at, number in found.quota.items()},
        "booked": found.booked,
        "capacity": found.capacity,
        "full_risk": round(found.full_risk.value, 4),
        "full_risk_interval": [round(found.full_risk.low, 4), round(found.full_risk.high, 4)],
        "waits": _waits(found.waits),
        "one_more_counter": {"waits": _waits(found.more_waits), "saves": _waits(found.saved)},
        "second_gate": None
        if found.second_gate is None
        else list(map(told_moment, found.second_gate)),
        "overbooked": found.overbooked,
        "distances": [asdict(one) for one in found.rooms],
        "assumptions": told_assumptions(question),
        "runs": found.runs,
    }


def told_assumptions(question: Question) -> dict[str, Any]:
    """Each with what it lies between in nineteen of twenty cases, and where it comes from."""
    asked = question.assumptions
    return {
        "counters": [one.name for one in asked.counters],
        "comes": asked.comes.value,
        "no_show": _estimate(asked.no_show, 4),
        "walk_ins": _estimate(asked.walk_ins, 1),
        "arrivals": _arrivals(asked),
        "services": {
            one.code: {"share": round(one.share, 4), "minutes": _time(one.serving)}
            for one in asked.services
        },
        "turning_seconds": _estimate(asked.turning_s, 1),
        "break_minutes": _estimate(asked.break_minutes, 1),
        "leaving_minutes": _time(asked.leaving),
        "stay_minutes": None if asked.counters else _time(asked.stay),
        "gate_seconds": _estimate(asked.gate_s, 1),
        "risk": question.risk,
    }


def told_moment(at_s: float) -> str:
    """A moment of a day as ``08:30``."""
    return f"{int(at_s // 3600):02}:{int(at_s % 3600 // 60):02}"


def _arrivals(asked: Assumptions) -> dict[str, Any]:
    """The share of those without a booked time who come in each quarter of an hour."""
    total = sum(asked.quarters)
    shares = {
        told_moment(place * 900.0): round(number / total, 4)
        for place, number in enumerate(asked.quarters)
        if number
    }
    return {
        "quarters": shares,
        "source": asked.quarters_source.value,
        "days": asked.quarters_days,
    }


def _estimate(one: Estimate, digits: int) -> dict[str, Any]:
    low, high = one.interval
    return {
        "value": round(one.value, digits),
        "low": round(low, digits),
        "high": round(high, digits),
        "source": one.source.value,
        "days": one.days,
    }


def _time(one: Time) -> dict[str, Any]:
    low, high = one.interval
    return {
        "value": round(one.minutes, 2),
        "low": round(low, 2),
        "high": round(high, 2),
        "source": one.log_mean.source.value,
        "days": one.log_mean.days,
    }


def _waits(waits: Waits | None) -> dict[str, Any]:
    if waits is None:
        return {"p50": None, "p90": None}
    return {
        name: round(told.value, 1) for name, told in (("p50", waits.p50), ("p90", waits.p90))
    } | {
        f"{name}_interval": [round(told.low, 1), round(told.high, 1)]
        for name, told in (("p50", waits.p50), ("p90", waits.p90))
    }
