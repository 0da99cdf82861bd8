"""What the hub carries: facts (committed rows) and telemetry (latest wins)."""

from __future__ import annotations

from dataclasses import dataclass

from screening.alerts.alerts import Alert
from screening.visits import DayFigures, LogEntry, SeatState


@dataclass(frozen=True, slots=True)
class EntryWritten:
    """A fact: this row is committed. Its ``entry_id`` is the event id of the stream."""

    entry: LogEntry


@dataclass(frozen=True, slots=True)
class RoomChanged:
    """Telemetry: the room as it is now."""

    figures: DayFigures
    seats: tuple[SeatState, ...]


@dataclass(frozen=True, slots=True)
class GateChanged:
    """Telemetry: the gate's view has changed; ``version`` grows with each change."""

    gate: str
    version: int


@dataclass(frozen=True, slots=True)
class LogGrown:
    """Telemetry: the log has rows up to this number, also by other processes."""

    entry_id: int


@dataclass(frozen=True, slots=True)
class AlertsChanged:
    """Telemetry: the open alerts as they are now."""

    alerts: tuple[Alert, ...]


Fact = EntryWritten
Telemetry = RoomChanged | GateChanged | LogGrown | AlertsChanged
Event = Fact | Telemetry
