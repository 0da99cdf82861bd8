"""Where a gate's thermometer stands: what its page is made of, and what may be done by now."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from screening.decision import Check
from screening.gate.view import GateView
from screening.readings import DeviceKind
from screening.temperature.instrument.care_view import ThermometerView
from screening.temperature.instrument.commissioning import Commissioning, ThermometerCheck
from screening.temperature.instrument.drafts import Draft
from screening.temperature.instrument.warmth import WARM_UP_S


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """All that the page is made of; ``reports`` are file names with their times (aware UTC).

    ``report_deleted_at`` is when the report of the commissioning in force is due for deletion.
    """

    view: GateView
    draft: Draft
    commissioning: Commissioning | None
    check: ThermometerCheck | None
    reports: Sequence[tuple[str, datetime]]
    reports_kept_days: int
    report_deleted_at: datetime | None
    now: datetime
    can_commission: bool
    sees_gate: bool
    by: str

    @property
    def is_setting_up(self) -> bool:
        """Whether the steps are shown."""
        is_wanted = self.commissioning is None or not self.draft.is_empty
        return self.can_commission and is_wanted and self.view.thermometer is not None


def is_warm(thermometer: ThermometerView, now: datetime) -> bool:
    """Whether it has been on for half an hour."""
    since = thermometer.since
    return since is not None and now - since >= timedelta(seconds=WARM_UP_S)


def room_of(draft: Draft) -> float:
    """The room's temperature; one that nobody measured is no room to measure in."""
    return math.nan if draft.room_celsius is None else draft.room_celsius


def must_be_kept_free(view: GateView) -> bool:
    """Whether whoever stands there now for a check would be taken for a visitor."""
    is_held = view.hold is not None and not view.hold.is_ending
    return Check.RECEIPT not in view.checks_required and not is_held


def has_camera(view: GateView) -> bool:
    """Whether one is configured at this gate."""
    return any(device.kind is DeviceKind.CAMERA and device.is_configured for device in view.devices)
