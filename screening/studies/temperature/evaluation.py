"""How the gate's own decision would have done on people whose oral temperature is known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from screening.errors import EvaluationError
from screening.studies.temperature.dataset import Subject
from screening.studies.temperature.replay import ReplayedGate, steady
from screening.temperature.baseline import RollingBaseline
from screening.temperature.presets import Thresholds
from screening.temperature.sites import REFERENCE_ROOM_CELSIUS, MeasuringSite
from screening.temperature.statistics import Interval, area_under_curve, wilson_interval

FEBRILE_CELSIUS = 38.0
"""Oral temperature from which a subject is febrile."""

WELL_BELOW_CELSIUS = 37.5
"""Oral temperature below which a subject is surely well, as staff are at commissioning."""

DAILY_VISITORS = 350


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareOf:
    """``count`` of ``total`` people; the share and its interval are None where there were none."""

    count: int
    total: int

    @property
    def value(self) -> float | None:
        return self.count / self.total if self.total else None

    @property
    def interval(self) -> Interval | None:
        return wilson_interval(self.count, self.total) if self.total else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """What a replay gave. ``auc`` is of the raw first reading, as published ones are."""

    site: str
    sensitivity: ShareOf
    specificity: ShareOf
    auc: float | None
    auc_interval: Interval | None

    @property
    def referred(self) -> ShareOf:
        """Those a person has to measure, febrile or not."""
        missed_well = self.specificity.total - self.specificity.count
        total = self.sensitivity.total + self.specificity.total
        return ShareOf(count=self.sensitivity.count + missed_well, total=total)

    def to_json(self) -> dict[str, Any]:
        """Plain numbers, null where there was nobody to tell it; the 95 % intervals apart."""
        referred, bounds = self.referred, self.referred.interval
        return {
            "site": self.site,
            "n": referred.total,
            "febrile": self.sensitivity.total,
            "auc": _rounded(self.auc),
            "sensitivity": _rounded(self.sensitivity.value),
            "specificity": _rounded(self.specificity.value),
            "referred_per_350": _rounded((referred.value or 0.0) * DAILY_VISITORS, 1),
            "intervals": {
                "auc": _both(self.auc_interval),
                "sensitivity": _both(self.sensitivity.interval),
                "specificity": _both(self.specificity.interval),
                "referred_per_350": bounds and [round(b * DAILY_VISITORS, 1) for b in bounds],
            },
        }


def evaluate(
    subjects: Sequence[Subject],
    site: MeasuringSite,
    thresholds: Thresholds,
    *,
    is_rolling: bool = False,
) -> Evaluation:
    """Replay ``subjects`` in their order through one gate, each as a visitor of its own."""
    gate = ReplayedGate(thresholds, RollingBaseline(site.median_celsius) if is_rolling else None)
    referred = np.array(
        [
            gate.visit(
                [steady(celsius) for celsius in subject.readings_celsius],
                site.calibration(subject.room_celsius),
            )
            for subject in subjects
        ]
    )
    is_febrile = np.array([subject.oral_celsius >= FEBRILE_CELSIUS for subject in subjects])
    first = np.array([subject.readings_celsius[0] for subject in subjects], dtype=np.float64)
    febrile, total = int(is_febrile.sum()), len(subjects)
    area: tuple[float | None, Interval | None] = (None, None)
    if 0 < febrile < total:
        area = area_under_curve(first[is_febrile], first[~is_febrile])
    return Evaluation(
        site=site.name,
        sensitivity=ShareOf(count=int(referred[is_febrile].sum()), total=febrile),
        specificity=ShareOf(count=int((~referred[~is_febrile]).sum()), total=total - febrile),
        auc=area[0],
        auc_interval=area[1],
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class FittedConstants:
    """What ``fit`` finds (degC); ``MeasuringSite`` holds them rounded to hundredths."""

    offset_celsius: float
    second_celsius: float
    room_slope: float
    median_celsius: float

    def at(self, site: MeasuringSite) -> MeasuringSite:
        """The site with these constants."""
        return replace(
            site,
            offset_celsius=round(self.offset_celsius, 2),
            second_celsius=round(self.second_celsius, 2),
            median_celsius=round(self.median_celsius, 2),
            room=replace(site.room, slope=round(self.room_slope, 2)),
        )


def fit(subjects: Sequence[Subject]) -> FittedConstants:
    """The constants of a measuring site, from afebrile subjects' first and second readings.

    The room's slope is the least-squares line of what a reading lacks to the oral temperature over
    the room: over the room only, never over the reading. An offset is the median oral temperature
    less the median reading, taken to the reference room; the second reading has its own. Raises
    EvaluationError where fewer than ten well subjects were in rooms that are known.
    """
    afebrile = [
        (subject.oral_celsius, *subject.readings_celsius[:2], subject.room_celsius)
        for subject in subjects
        if subject.oral_celsius < FEBRILE_CELSIUS and subject.room_celsius is not None
    ]
    if sum(row[0] < WELL_BELOW_CELSIUS for row in afebrile) < 10:
        raise EvaluationError("a fit needs ten well subjects in rooms that are known")
    oral, first, second, room = np.array(afebrile).T
    away = room - REFERENCE_ROOM_CELSIUS
    spread = float(np.var(away))
    slope = -float(np.cov(away, oral - first, ddof=0)[0, 1]) / spread if spread else 0.0
    first, second = first - slope * away, second - slope * away
    offset = float(np.median(oral) - np.median(first))
    return FittedConstants(
        offset_celsius=offset,
        second_celsius=float(np.median(first) - np.median(second)),
        room_slope=slope,
        median_celsius=float(np.median(first[oral < WELL_BELOW_CELSIUS])) + offset,
    )


def _rounded(value: float | None, digits: int = 4) -> float | None:
    return None if value is None else round(value, digits)


def _both(interval: Interval | None) -> list[float] | None:
    return None if interval is None else [round(bound, 4) for bound in interval]
