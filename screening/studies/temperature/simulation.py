"""Days at a gate whose sensor is off, drifts and is noisy, judged by the gate's own session."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from screening.studies.temperature.evaluation import DAILY_VISITORS, ShareOf
from screening.studies.temperature.people import People
from screening.studies.temperature.replay import ReplayedGate
from screening.temperature.baseline import RollingBaseline
from screening.temperature.presets import Thresholds
from screening.temperature.sites import MeasuringSite
from screening.temperature.statistics import mean_interval

FEBRILE_SHARE = 0.01

VALUES_IN_A_LOOK = 20
"""A visitor stands there for ten seconds; who gave no stable value by then is measured by hand."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SensorError:
    """How far a sensor is off, each a standard deviation (degC).

    ``bias`` is drawn for a day, ``drift`` is what is added from the day's first to its last visitor
    in a straight line, ``noise`` is drawn for each value the device sends; the gate's window of
    three and more values stands in its way, and asks to stand still until they agree.
    """

    bias: float = 0.0
    drift: float = 0.0
    noise: float = 0.0

    def __post_init__(self) -> None:
        if not all(0 <= size < float("inf") for size in (self.bias, self.drift, self.noise)):
            raise ValueError("a sensor's bias, drift and noise are numbers from 0 up")


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatedDays:
    """What came out; ``false_referrals`` has a count for each day."""

    site: str
    preset: str
    is_rolling: bool
    false_referrals: tuple[int, ...]
    sensitivity: ShareOf
    specificity: ShareOf

    def to_json(self) -> dict[str, Any]:
        """Plain numbers, null where there was nobody to tell it; the 95 % intervals apart."""
        days = np.array(self.false_referrals, dtype=np.float64)
        shares = {"sensitivity": self.sensitivity, "specificity": self.specificity}
        return {
            "site": self.site,
            "preset": self.preset,
            "baseline": "rolling" if self.is_rolling else "fixed",
            "days": len(days),
            "visitors_per_day": (self.sensitivity.total + self.specificity.total) // len(days),
            "febrile": self.sensitivity.total,
            "false_referrals_per_day": round(float(days.mean()), 2),
            **{name: s.value and round(s.value, 4) for name, s in shares.items()},
            "intervals": {
                "false_referrals_per_day": [round(b, 2) for b in mean_interval(days)],
                **{
                    name: s.interval and [round(b, 4) for b in s.interval]
                    for name, s in shares.items()
                },
            },
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class DayPlan:
    """How many days of how many visitors are drawn; the same ``seed`` draws the same days."""

    days: int = 100
    visitors: int = DAILY_VISITORS
    febrile_share: float = FEBRILE_SHARE
    seed: int = 2020


def simulate_days(
    people: People,
    site: MeasuringSite,
    thresholds: Thresholds,
    *,
    error: SensorError,
    is_rolling: bool = True,
    plan: DayPlan | None = None,
) -> SimulatedDays:
    """Each day begins at the commissioning's baseline, with a sensor that is off anew."""
    plan = plan or DayPlan()
    false_referrals: list[int] = []
    found = febrile = 0
    for day in range(plan.days):
        random = np.random.default_rng((plan.seed, day))
        baseline = RollingBaseline(site.median_celsius) if is_rolling else None
        gate = ReplayedGate(thresholds, baseline)
        is_febrile = random.random(plan.visitors) < plan.febrile_share
        off = random.normal(0, error.bias) + random.normal(0, error.drift) * np.linspace(
            0, 1, plan.visitors
        )
        noise = random.normal(0, error.noise, (plan.visitors, 2, VALUES_IN_A_LOOK))
        wrongly = 0
        for visitor in range(plan.visitors):
            readings = people.draw(random, is_febrile=bool(is_febrile[visitor]))
            shown = np.array(readings)[:, None] + off[visitor] + noise[visitor]
            is_referred = gate.visit(shown.round(2).tolist(), site.calibration())
            found += is_referred and bool(is_febrile[visitor])
            wrongly += is_referred and not is_febrile[visitor]
        febrile += int(is_febrile.sum())
        false_referrals.append(int(wrongly))
    well = plan.days * plan.visitors - febrile
    return SimulatedDays(
        site=site.name,
        preset=thresholds.name,
        is_rolling=is_rolling,
        false_referrals=tuple(false_referrals),
        sensitivity=ShareOf(count=int(found), total=febrile),
        specificity=ShareOf(count=well - sum(false_referrals), total=well),
    )
