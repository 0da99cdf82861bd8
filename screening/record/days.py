"""A site's running figures of one day, counted on with each row of the log."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Self

from screening.decision import DecisionKind

Hours = dict[int, tuple[int, int, int]]


@dataclass(slots=True)
class Day:
    """``inside`` are people who came that day and have not left; a return is no new admission.

    ``refused`` counts DENY and REFER by reason, ``services`` the quota used, ``tickets`` holds the
    last number of each queue. ``hours`` are admitted, refused and referred by the start of the
    hour, in minutes from the start of the day.
    """

    inside: int = 0
    admitted: int = 0
    refused: dict[str, int] = field(default_factory=dict)
    services: dict[str, int] = field(default_factory=dict)
    tickets: dict[str, int] = field(default_factory=dict)
    hours: Hours = field(default_factory=dict)

    @classmethod
    def read(cls, row: Any) -> Self:
        """From a row of the table ``days``."""
        return cls(
            inside=row.inside,
            admitted=row.admitted,
            refused=json.loads(row.refusals),
            services=json.loads(row.services),
            tickets=json.loads(row.tickets),
            hours=read_hours(row.hours),
        )

    def copy(self) -> Day:
        """One that can be counted on without changing this one."""
        return Day(
            inside=self.inside,
            admitted=self.admitted,
            refused=dict(self.refused),
            services=dict(self.services),
            tickets=dict(self.tickets),
            hours=dict(self.hours),
        )

    def admit(
        self, *, service: str | None, queue: str, ticket: int, is_return: bool, hour: int
    ) -> None:
        """Somebody came in."""
        self.inside += 1
        if is_return:
            return
        self.admitted += 1
        self._count_hour(hour, admitted=1)
        self.tickets[queue] = max(ticket, self.tickets.get(queue, 0))
        if service is not None:
            self.services[service] = self.services.get(service, 0) + 1

    def refuse(self, reason: str, *, hour: int, is_referral: bool = False) -> None:
        """Somebody was refused or referred."""
        if is_referral:
            self._count_hour(hour, referred=1)
        else:
            self._count_hour(hour, refused=1)
        self.refused[reason] = self.refused.get(reason, 0) + 1

    def let_out(self) -> None:
        """Somebody who came that day left."""
        self.inside -= 1

    def annul(self, *, service: str | None, is_return: bool, was_inside: bool, hour: int) -> None:
        """An admission of that day and hour is undone; its ticket is not given again."""
        if was_inside:
            self.inside -= 1
        if is_return:
            return
        self.admitted -= 1
        self._count_hour(hour, admitted=-1)
        if service is not None:
            self.services[service] -= 1
            if not self.services[service]:
                del self.services[service]

    def count_attempt(self, decision: str | None, reason: str | None, *, hour: int) -> None:
        """An attempt that admitted nobody."""
        if decision in (DecisionKind.DENY, DecisionKind.REFER):
            is_referral = decision == DecisionKind.REFER
            self.refuse(reason or "", hour=hour, is_referral=is_referral)

    def _count_hour(
        self, hour: int, *, admitted: int = 0, refused: int = 0, referred: int = 0
    ) -> None:
        before = self.hours.get(hour, (0, 0, 0))
        counts = (before[0] + admitted, before[1] + refused, before[2] + referred)
        if any(counts):
            self.hours[hour] = counts
        else:
            self.hours.pop(hour, None)


Days = dict[date, Day]


def read_hours(text: str) -> Hours:
    """From a column of the table ``days``."""
    return {
        int(hour): (admitted, refused, referred)
        for hour, (admitted, refused, referred) in json.loads(text).items()
    }


def total_inside(days: Days, since: date) -> int:
    """People inside who came on ``since`` or later (a clock may have been ahead)."""
    return sum(day.inside for key, day in days.items() if key >= since)


def day_columns(day: Day, canonical: Callable[[Any], str]) -> dict[str, Any]:
    """Its columns in the table ``days``."""
    return {
        "inside": day.inside,
        "admitted": day.admitted,
        "refused": sum(day.refused.values()),
        "refusals": canonical(day.refused),
        "services": canonical(day.services),
        "tickets": canonical(day.tickets),
        "hours": canonical({str(hour): counts for hour, counts in day.hours.items()}),
    }
