"""What a site asks of a visitor: checks, thresholds, and the limits nobody may turn off."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol, Self

from screening.decision import Check
from screening.temperature.calibration import Calibration
from screening.temperature.presets import PRESETS, Thresholds, own_thresholds
from screening.temperature.window import CelsiusRange

MAX_MASK_AGE_S = 3.0
"""An older mask result must be seen again: a mask is off in a moment, and another person may have
stepped in front. Several results of the slowest camera fit in it."""

SKIN_CELSIUS = CelsiusRange(30.0, 43.0)
"""What the skin of a face can have indoors, as a device sees it before any correction: below is a
wall, a fringe or a far face; above is a lamp or a cup."""

BODY_CELSIUS = CelsiusRange(34.5, 43.0)
"""What a corrected value can be of somebody who walks in: hypothermia begins below 35.0, less
half a degree for the sensor. Guards are known to have let people in on readings of 34 and 27."""

ENTERED_CELSIUS = CelsiusRange(34.5, 45.0)
"""What a person may type from a handheld thermometer: the same floor, and the top of its scale."""


class PolicyNumbers(Protocol):
    """The part of the configuration that a policy is made of (``PolicySettings`` is one)."""

    @property
    def preset(self) -> str: ...
    @property
    def first_threshold_celsius(self) -> float: ...
    @property
    def second_threshold_celsius(self) -> float: ...
    @property
    def pause_s(self) -> float: ...
    @property
    def offset_celsius(self) -> float | None: ...
    @property
    def second_offset_celsius(self) -> float | None: ...
    @property
    def checks(self) -> tuple[Check, ...]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What one gate asks for. ``checks`` may be empty: then the gate only counts."""

    checks: frozenset[Check]
    thresholds: Thresholds
    calibration: Calibration

    @classmethod
    def of(cls, settings: PolicyNumbers, checks: Iterable[Check] | None = None) -> Self:
        """The policy of a gate; ``checks`` are the gate's own, the site's when None."""
        if settings.preset in PRESETS:
            thresholds = PRESETS[settings.preset]
        else:
            thresholds = own_thresholds(
                first_celsius=settings.first_threshold_celsius,
                second_celsius=settings.second_threshold_celsius,
                pause_s=settings.pause_s,
            )
        return cls(
            checks=frozenset(settings.checks if checks is None else checks),
            thresholds=thresholds,
            calibration=Calibration(
                settings.offset_celsius, second_celsius=settings.second_offset_celsius
            ),
        )

    @property
    def plausible_raw_celsius(self) -> CelsiusRange:
        """The raw values that are skin before the correction and a body after it.

        Of somebody where staff were compared: what the distance adds is not in it.
        """
        added = self.calibration.total_celsius
        return CelsiusRange(
            max(SKIN_CELSIUS.low, BODY_CELSIUS.low - added),
            min(SKIN_CELSIUS.high, BODY_CELSIUS.high - added),
        )

    def can_be_a_face(self, raw_celsius: float) -> bool:
        """Whether a device that reads this looks at somebody."""
        return raw_celsius in self.plausible_raw_celsius.before(*self.calibration.reach_celsius)
