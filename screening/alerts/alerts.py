"""An alert: what a rule found, who takes care of it, and when it was over. Pure.

TOLD --somebody takes it--> ACKNOWLEDGED
TOLD, ACKNOWLEDGED --the rule finds it fine again--> OVER
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class AlertKind(StrEnum):
    """What a rule watches; these codes are stored, published and sent, and never renamed."""

    QUEUE_LONG = "queue_long"
    OUTSIDE_LONG = "outside_long"
    NEARLY_FULL = "nearly_full"
    WAIT_LONG = "wait_long"
    QUEUE_ABANDONED = "queue_abandoned"
    LEFT_UNSERVED = "left_unserved"
    DEVICE_DOWN = "device_down"
    CLOCK_WRONG = "clock_wrong"
    BACKUP_OLD = "backup_old"
    UNUSUAL_REFUSALS = "unusual_refusals"


class AlertState(StrEnum):
    """Where an alert stands; these codes are published."""

    TOLD = "told"
    ACKNOWLEDGED = "acknowledged"
    OVER = "over"


class Level(StrEnum):
    """What a rule finds: over its limit, fine, or between, where nothing changes."""

    ABOVE = "above"
    BETWEEN = "between"
    FINE = "fine"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What a rule finds of one subject now.

    ``subject`` is what it is about: a service's code, a gate, ``gate/device``, a group of reasons,
    a machine; empty where the office has one only. ``value`` and ``limit`` are in the rule's unit.
    ``detail`` is a code or a device's own message.
    """

    kind: AlertKind
    subject: str
    level: Level
    value: float
    limit: float
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """A finding that was told. ``alert_id`` is the row of the log that raised it.

    ``value`` is what was found when it was raised.
    """

    alert_id: int
    kind: AlertKind | str
    subject: str
    value: float
    limit: float
    detail: str = ""
    raised_at: datetime
    acknowledged_by: str | None = None
    acknowledged_at: datetime | None = None
    over_at: datetime | None = None

    @property
    def state(self) -> AlertState:
        """Over, whether somebody took it or not; before, taken or only told."""
        if self.over_at is not None:
            return AlertState.OVER
        return AlertState.TOLD if self.acknowledged_by is None else AlertState.ACKNOWLEDGED

    @property
    def gate(self) -> str | None:
        """The gate that it is about, None where it is about no gate."""
        if self.kind in (AlertKind.DEVICE_DOWN, AlertKind.CLOCK_WRONG):
            return self.subject.partition("/")[0]
        return None
