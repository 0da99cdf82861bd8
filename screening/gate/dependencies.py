"""The ready-made collaborators a lane is put together from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from screening.clock import Clock
from screening.gate.thermal import ThermalSight
from screening.hub import Hub
from screening.office.services import Service
from screening.ports import Barrier
from screening.receipts.desk import ReceiptDesk
from screening.visits import VisitLog
from screening.waiting_room.live import LiveRoom


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneDependencies:
    """Whatever an office gives its lanes; ``on_next_visitor`` empties the camera's evidence.

    ``on_crossing`` is told the gate, and how many people its counter saw go in and out.
    """

    log: VisitLog
    desk: ReceiptDesk
    room: LiveRoom
    hub: Hub
    clock: Clock
    zone: ZoneInfo
    services: Callable[[], Mapping[str, Service]]
    barrier: Barrier | None = None
    thermal: ThermalSight = field(default_factory=ThermalSight)
    on_next_visitor: Callable[[], None] = lambda: None
    on_crossing: Callable[[str, int, int], None] = lambda *_: None
