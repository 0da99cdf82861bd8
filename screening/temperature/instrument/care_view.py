"""A gate's thermometer as pages show it: its value, whether to rely on it, and why not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from screening.decision import Reason


class CareState(StrEnum):
    """Whether a thermometer may be relied on. Published: add, never rename."""

    READY = "ready"
    DUE = "due"
    IN_DOUBT = "in_doubt"
    FAILED = "failed"


class CareReason(StrEnum):
    """Why it is not ready. Published: add, never rename."""

    NOT_COMMISSIONED = "not_commissioned"
    WARMING_UP = "warming_up"
    CHECK_DUE = "check_due"
    DRIFT = "drift"
    SPREAD_TOO_SMALL = "spread_too_small"
    DIGITS_UNEVEN = "digits_uneven"
    VALUE_REPEATED = "value_repeated"
    CHECK_OFF = "check_off"
    CHECK_ROOM = "check_room"
    OTHER_MODEL = "other_model"


@dataclass(frozen=True, slots=True, kw_only=True)
class ThermometerView:
    """A gate's thermometer now.

    ``raw_celsius`` is its newest stable raw value of whatever stands before it, uncorrected;
    without one ``no_value`` says why: STAND_STILL (nothing agrees yet), STEP_CLOSER (too cold for
    a face), HOT_OBJECT or GUARD_MEASURES (the device is away). ``since`` is when the device came,
    from which warming up counts, or as if it had come then where it was away for a short time
    (``warmth.py``); None while it is away. ``face_width`` is the share of the camera's
    picture that a face takes across, ``distance_cm`` how far away that is by the distance table;
    None where no face is seen or there is no table. ``resolution_celsius`` is the smallest step
    of its values so far; None before two. ``is_due`` says that today's check is still to be made.
    """

    model: str
    measuring_site: str
    raw_celsius: float | None
    no_value: Reason | None
    since: datetime | None
    resolution_celsius: float | None
    state: CareState
    reasons: tuple[CareReason, ...]
    is_due: bool
    commissioned_at: datetime | None
    checked_at: datetime | None
    face_width: float | None = None
    distance_cm: float | None = None
