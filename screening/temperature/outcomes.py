"""How a gate's temperature decision did, from what officers found with a clinical thermometer.

The predictive values need only the visitors who were measured. Sensitivity and specificity also
need some whom the gate let pass, since it decides itself who is sent to the officer: the share
elevated among the measured of each side is carried over to all of that side, as Begg and Greenes
did (1983, Biometrics 39:207). This is right as far as those measured on each side were picked by
chance, not by how they looked.

Its interval: the three shares it is made of (elevated among the referred, elevated among the
passed, referred) are each drawn from their posterior under Jeffreys' prior, and the middle 95 % of
what comes out is taken. The variance that Begg and Greenes gave has no value where no missed
visitor was met, which is the usual month; with many of each the two agree.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from screening.temperature.cases import ClinicalCase, ClinicalOutcome
from screening.temperature.statistics import Interval, wilson_interval

DRAWS = 20_000
"""Bounds differ by some thousandths from one seed to another."""
SEED = 1983
"""Fixed: the same counts must give the same table every time it is printed."""
_PRIOR = 0.5

Share = TypeVar("Share", float, NDArray[np.float64])


class Unknown(StrEnum):
    """Why a figure cannot be told. Published: add, never rename."""

    NOBODY_CAME = "nobody_came"
    NOBODY_REFERRED = "nobody_referred"
    NOBODY_PASSED = "nobody_passed"
    REFERRED_NOT_MEASURED = "referred_not_measured"
    PASSED_NOT_MEASURED = "passed_not_measured"
    NOBODY_ELEVATED = "nobody_elevated"
    NOBODY_NORMAL = "nobody_normal"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """Visitors the gate referred and let pass, and how many of each were found to be what."""

    referred: int = 0
    referred_elevated: int = 0
    referred_normal: int = 0
    passed: int = 0
    passed_elevated: int = 0
    passed_normal: int = 0

    @property
    def visitors(self) -> int:
        return self.referred + self.passed

    @property
    def referred_measured(self) -> int:
        return self.referred_elevated + self.referred_normal

    @property
    def passed_measured(self) -> int:
        return self.passed_elevated + self.passed_normal

    def __add__(self, other: Tally) -> Tally:
        names = [field.name for field in fields(Tally)]
        return Tally(**{name: getattr(self, name) + getattr(other, name) for name in names})


@dataclass(frozen=True, slots=True)
class Tallies:
    """The gates' own counts, by name in order, and their sum."""

    by_gate: Mapping[str, Tally]

    @property
    def all(self) -> Tally:
        return sum(self.by_gate.values(), Tally())


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A share with its 95 % interval, or the reason why it is not known.

    ``count`` of ``total`` people were counted; a corrected share is not their quotient.
    ``is_bound``: nothing but the interval can be told, since one side of the share was never met.
    """

    value: float | None = None
    interval: Interval | None = None
    count: int = 0
    total: int = 0
    is_bound: bool = False
    unknown: Unknown | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcomes:
    """What a tally tells.

    ``ppv`` is the share elevated among the referred, ``npv`` the share normal among the passed.
    """

    tally: Tally
    referral: Figure
    ppv: Figure
    npv: Figure
    sensitivity: Figure
    specificity: Figure

    def to_json(self) -> dict[str, Any]:
        """Counts and plain numbers; the 95 % intervals and what is not known apart."""
        figures = {name: getattr(self, name) for name in FIGURES}
        return {
            "visitors": self.tally.visitors,
            "referred": self.tally.referred,
            "referred_measured": self.tally.referred_measured,
            "referred_elevated": self.tally.referred_elevated,
            "passed": self.tally.passed,
            "passed_measured": self.tally.passed_measured,
            "passed_elevated": self.tally.passed_elevated,
            **{name: _rounded(figure.value) for name, figure in figures.items()},
            "intervals": {
                name: figure.interval and [_rounded(bound) for bound in figure.interval]
                for name, figure in figures.items()
            },
            "unknown": {
                name: figure.unknown.value for name, figure in figures.items() if figure.unknown
            },
        }


FIGURES = ("referral", "ppv", "npv", "sensitivity", "specificity")


def tallies(cases: Iterable[ClinicalCase]) -> Tallies:
    """Count them by gate."""
    counts: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for case in cases:
        side = "referred" if case.is_referred else "passed"
        counts[case.gate][side] += 1
        if case.outcome is not None:
            found = "elevated" if case.outcome is ClinicalOutcome.ELEVATED else "normal"
            counts[case.gate][f"{side}_{found}"] += 1
    return Tallies({gate: Tally(**counts[gate]) for gate in sorted(counts)})


def judge(tally: Tally) -> Outcomes:
    """The figures that these counts allow."""
    return Outcomes(
        tally=tally,
        referral=_share(tally.referred, tally.visitors, _why_none(tally)),
        ppv=_share(tally.referred_elevated, tally.referred_measured, _why_no_ppv(tally)),
        npv=_share(tally.passed_normal, tally.passed_measured, _why_no_npv(tally)),
        sensitivity=_corrected(tally, is_of_elevated=True),
        specificity=_corrected(tally, is_of_elevated=False),
    )


def _why_none(tally: Tally) -> Unknown | None:
    return None if tally.visitors else Unknown.NOBODY_CAME


def _why_no_ppv(tally: Tally) -> Unknown | None:
    if tally.referred == 0:
        return _why_none(tally) or Unknown.NOBODY_REFERRED
    return None if tally.referred_measured else Unknown.REFERRED_NOT_MEASURED


def _why_no_npv(tally: Tally) -> Unknown | None:
    if tally.passed == 0:
        return _why_none(tally) or Unknown.NOBODY_PASSED
    return None if tally.passed_measured else Unknown.PASSED_NOT_MEASURED


def _why_not_corrected(tally: Tally, *, is_of_elevated: bool) -> Unknown | None:
    missing = _why_no_npv(tally) or (_why_no_ppv(tally) if tally.referred else None)
    if missing is not None:
        return missing
    if is_of_elevated:
        met = tally.referred_elevated + tally.passed_elevated
        return None if met else Unknown.NOBODY_ELEVATED
    met = tally.referred_normal + tally.passed_normal
    return None if met else Unknown.NOBODY_NORMAL


def _share(count: int, total: int, unknown: Unknown | None) -> Figure:
    if unknown is not None:
        return Figure(unknown=unknown)
    interval = wilson_interval(count, total)
    return Figure(value=count / total, interval=interval, count=count, total=total)


def _corrected(tally: Tally, *, is_of_elevated: bool) -> Figure:
    """Sensitivity (of the elevated) or specificity (of the rest)."""
    unknown = _why_not_corrected(tally, is_of_elevated=is_of_elevated)
    if unknown is not None:
        return Figure(unknown=unknown)
    found, missed = tally.referred_elevated, tally.passed_elevated
    if not is_of_elevated:
        found, missed = tally.passed_normal, tally.referred_normal
    value = _told_right(
        _quotient(tally.referred_elevated, tally.referred_measured),
        _quotient(tally.passed_elevated, tally.passed_measured),
        tally.referred / tally.visitors,
        is_of_elevated=is_of_elevated,
    )
    low, high = _posterior_interval(tally, is_of_elevated=is_of_elevated)
    return Figure(
        value=value,
        # Where one side was never met, nothing speaks against the end of the scale.
        interval=(low if found else 0.0, high if missed else 1.0),
        count=found,
        total=found + missed,
        is_bound=not (found and missed),
    )


def _told_right(
    elevated_referred: Share, elevated_passed: Share, referred: Share, *, is_of_elevated: bool
) -> Share:
    """The corrected share, of numbers or of arrays of draws."""
    if is_of_elevated:
        right, wrong = referred * elevated_referred, (1 - referred) * elevated_passed
    else:
        right = (1 - referred) * (1 - elevated_passed)
        wrong = referred * (1 - elevated_referred)
    return right / (right + wrong)


def _posterior_interval(tally: Tally, *, is_of_elevated: bool) -> Interval:
    random = np.random.default_rng(SEED)

    def drawn(successes: int, failures: int) -> NDArray[np.float64]:
        return random.beta(successes + _PRIOR, failures + _PRIOR, DRAWS)

    draws = _told_right(
        drawn(tally.referred_elevated, tally.referred_normal),
        drawn(tally.passed_elevated, tally.passed_normal),
        drawn(tally.referred, tally.passed),
        is_of_elevated=is_of_elevated,
    )
    low, high = np.quantile(draws, [0.025, 0.975])
    return float(low), float(high)


def _quotient(count: int, total: int) -> float:
    return count / total if total else 0.0


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
