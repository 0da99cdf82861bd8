"""``gerbang waits``: how often what visitors were told of their wait held."""

from __future__ import annotations

from typing import Any

from dashboard.commands.shared import (
    ConfigOption,
    DataOption,
    JsonOption,
    answer,
    office_record,
    settings_for,
)
from screening.clock import SystemClock
from screening.figures.live_waits import days_before, services_of
from screening.figures.told_waits import HeldWaits, held_waits, tell_again
from screening.figures.waits import LEAST_DAYS

EVERY_SERVICE = "all"


def waits(
    data: DataOption = None, config: ConfigOption = None, as_json: JsonOption = False
) -> None:
    """How often the told waits of the last weeks held, by week and service; 80 % is aimed at.

    Past days are gone through again with what was known then: an even sample of their visitors.

    Example: gerbang waits --json
    """
    settings = settings_for(data, config)
    with office_record(settings) as record:
        facts, zone = record.facts.current(), settings.site.zone
        today = SystemClock().now().astimezone(zone).date()
        days = days_before(today, record.queue, facts, zone)
    told = [one for day in tell_again(days, services_of(facts)) for one in day]
    held = held_waits(told)
    values = {
        "days": len(days),
        "weeks": [_values(one) for one in held],
    }
    answer(values, "\n".join(map(_line, held)) or _nothing(len(days)), as_json=as_json)


def _values(one: HeldWaits) -> dict[str, Any]:
    return {
        "week": one.week.isoformat(),
        "service": one.service or None,
        "told": one.told,
        "held": one.held,
        "rate": round(one.rate, 3),
    }


def _line(one: HeldWaits) -> str:
    return (
        f"week of {one.week}  {one.service or EVERY_SERVICE:10}  {one.rate:4.0%} of {one.told} held"
    )


def _nothing(days: int) -> str:
    return (
        f"nothing can be told yet: {days} days with finished visits,"
        f" and waits are told after {LEAST_DAYS}"
    )
