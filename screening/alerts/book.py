"""Where alerts are kept, and what is still to be sent about them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Protocol

from screening.alerts.alerts import Alert, Finding
from screening.alerts.unusual import DayCounts

CLAIMED_FOR = timedelta(minutes=3)
"""Whoever sends has so long to do it; then another process may. Longer than any try takes."""
LONGEST_PAUSE = timedelta(hours=1)
"""Between two tries. What seems to be due later than that was put off by a clock that was wrong."""
CLAIMED_AT_ONCE = 5
KEPT_FOR = timedelta(days=90)
"""What is over stays so long among the alerts; the log keeps its rows."""


class Occasion(StrEnum):
    """What a message tells: that an alert was raised, or that it is over."""

    RAISED = "raised"
    OVER = "over"


class MessageChannel(StrEnum):
    """How somebody is reached who looks at no page."""

    MAIL = "mail"
    HOOK = "hook"


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertMessage:
    """One thing to be sent; ``tries`` counts this one."""

    alert: Alert
    occasion: Occasion
    channel: MessageChannel
    tries: int = 1

    @property
    def message_id(self) -> str:
        """The same at each try, and another for everything else that this office sends."""
        return f"{self.alert.alert_id}-{self.occasion}"

    @property
    def at(self) -> datetime:
        """When it happened."""
        over_at = self.alert.over_at
        return self.alert.raised_at if self.occasion is Occasion.RAISED or not over_at else over_at


class AlertBook(Protocol):
    """The alerts of a site. Each change is a row of the log. Every method may raise RecordError."""

    def open_alerts(self) -> list[Alert]:
        """Those that are not over, oldest first."""

    def alert(self, alert_id: int) -> Alert | None:
        """One of them, also one that is over, for as long as it is kept."""

    def raise_(
        self, finding: Finding, *, at: datetime, channels: Collection[MessageChannel] = ()
    ) -> Alert | None:
        """Tell it, on these channels too; None where it is told already, whoever found it."""

    def acknowledge(self, alert_id: int, *, by: str, at: datetime) -> Alert | None:
        """Somebody takes care of it. Who was first stays; None where there is no such open one."""

    def end(
        self, alert_id: int, *, at: datetime, channels: Collection[MessageChannel] = ()
    ) -> Alert | None:
        """It is over, which is told on these channels; None where it is not open."""

    def claim(self, channels: Collection[MessageChannel], *, at: datetime) -> list[AlertMessage]:
        """What is due on these channels, in order, for the caller alone for ``CLAIMED_FOR``.

        At most ``CLAIMED_AT_ONCE``.
        That an alert is over is due only once it was told that it was raised.
        """

    def settle(self, message: AlertMessage, *, at: datetime) -> None:
        """It was sent, or is given up: nobody tries again."""

    def put_off(self, message: AlertMessage, *, until: datetime) -> None:
        """It is to be tried again then."""

    def day_counts(self, since: date, before: date) -> list[DayCounts]:
        """Admissions, refusals and referrals of the days in [since, before) that had any."""
