"""Visitors for a simulated day: drawn from a small model of the published data, or from its people.

A visitor's two readings (degC of skin, at the reference room) are

    reading = oral - offset + mean + slope * (oral - middle) + person + noise    (+ later, second)

with the oral temperature drawn from the published quantiles, ``person`` the same for both readings
and ``noise`` new in each. The numbers are those of ``fit_group`` on the data set of ``dataset.py``.
Between well (oral below 37.5) and febrile (38.0 or more) nobody is drawn: whom to refer of them is
a matter of the threshold, not of the sensor.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from screening.errors import EvaluationError
from screening.studies.temperature.dataset import Subject
from screening.studies.temperature.evaluation import FEBRILE_CELSIUS, WELL_BELOW_CELSIUS
from screening.temperature.sites import FACE_MAX, FOREHEAD_SPOT, MeasuringSite

QUANTILES = (0.0, 0.05, 0.25, 0.5, 0.75, 0.95, 1.0)


class People(Protocol):
    """Where a simulated day takes its visitors from."""

    def draw(self, random: np.random.Generator, *, is_febrile: bool) -> tuple[float, float]:
        """The first and the second reading of a visitor, as a sensor without error reads them."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupModel:
    """Well or febrile people at one measuring site; see the module's header."""

    oral_celsius: tuple[float, ...]
    mean: float
    slope: float
    middle: float
    person_sd: float
    noise_sd: float
    later: float


@dataclass(frozen=True, slots=True)
class ModelPeople:
    """People of the model; ``site`` gives the offset between mouth and skin."""

    site: MeasuringSite
    well: GroupModel
    febrile: GroupModel

    def draw(self, random: np.random.Generator, *, is_febrile: bool) -> tuple[float, float]:
        group = self.febrile if is_febrile else self.well
        oral = float(np.interp(random.random(), QUANTILES, group.oral_celsius))
        skin = oral - self.site.offset_celsius + group.mean + group.slope * (oral - group.middle)
        skin += random.normal(0, group.person_sd)
        first, second = skin + random.normal(0, group.noise_sd, 2)
        return float(first), float(second + group.later)


class ResampledPeople:
    """The people of a table, drawn with replacement. Raises EvaluationError without any febrile."""

    def __init__(self, subjects: Sequence[Subject], site: MeasuringSite) -> None:
        self._well = [_at_reference(s, site) for s in subjects if is_well(s)]
        self._febrile = [_at_reference(s, site) for s in subjects if is_febrile(s)]
        if not self._well or not self._febrile:
            raise EvaluationError("a simulated day needs both well and febrile people in the table")

    def draw(self, random: np.random.Generator, *, is_febrile: bool) -> tuple[float, float]:
        group = self._febrile if is_febrile else self._well
        return group[int(random.integers(len(group)))]


WELL_ORAL_CELSIUS = (35.54, 36.44, 36.74, 36.89, 37.09, 37.34, 37.49)
FEBRILE_ORAL_CELSIUS = (38.04, 38.09, 38.29, 38.52, 38.86, 39.62, 40.34)

MODEL_PEOPLE = {
    FACE_MAX.name: ModelPeople(
        site=FACE_MAX,
        well=GroupModel(
            oral_celsius=WELL_ORAL_CELSIUS,
            mean=0.02,
            slope=-0.32,
            middle=36.89,
            person_sd=0.25,
            noise_sd=0.16,
            later=0.15,
        ),
        febrile=GroupModel(
            oral_celsius=FEBRILE_ORAL_CELSIUS,
            mean=-0.21,
            slope=-0.40,
            middle=38.67,
            person_sd=0.29,
            noise_sd=0.13,
            later=0.13,
        ),
    ),
    FOREHEAD_SPOT.name: ModelPeople(
        site=FOREHEAD_SPOT,
        well=GroupModel(
            oral_celsius=WELL_ORAL_CELSIUS,
            mean=-0.11,
            slope=-0.29,
            middle=36.89,
            person_sd=0.59,
            noise_sd=0.21,
            later=0.16,
        ),
        febrile=GroupModel(
            oral_celsius=FEBRILE_ORAL_CELSIUS,
            mean=-0.60,
            slope=-0.37,
            middle=38.67,
            person_sd=0.72,
            noise_sd=0.22,
            later=0.06,
        ),
    ),
}
"""By the name of the measuring site."""


def is_well(subject: Subject) -> bool:
    """Whether the subject counts as one who must not be referred."""
    return subject.oral_celsius < WELL_BELOW_CELSIUS


def is_febrile(subject: Subject) -> bool:
    """Whether the subject counts as one who must be."""
    return subject.oral_celsius >= FEBRILE_CELSIUS


def fit_group(subjects: Sequence[Subject], site: MeasuringSite) -> GroupModel:
    """The model of these people, at least three of them."""
    if len(subjects) < 3:
        raise EvaluationError("a model of people needs three of them")
    oral = np.array([subject.oral_celsius for subject in subjects])
    first, second = np.array([_at_reference(subject, site) for subject in subjects]).T
    away = (first + site.offset_celsius) - oral
    slope, mean = np.polyfit(oral - oral.mean(), away, 1)
    residual_variance = float(np.var(away - mean - slope * (oral - oral.mean()), ddof=2))
    noise_variance = float(np.var(second - first, ddof=1)) / 2
    return GroupModel(
        oral_celsius=tuple(np.quantile(oral, QUANTILES).round(2).tolist()),
        mean=round(float(mean), 2),
        slope=round(float(slope), 2),
        middle=round(float(oral.mean()), 2),
        person_sd=round(float(np.sqrt(max(0.0, residual_variance - noise_variance))), 2),
        noise_sd=round(float(np.sqrt(noise_variance)), 2),
        later=round(float(np.mean(second - first)), 2),
    )


def _at_reference(subject: Subject, site: MeasuringSite) -> tuple[float, float]:
    room = subject.room_celsius
    added = 0.0 if room is None else site.room.correction_celsius(room)
    return subject.readings_celsius[0] + added, subject.readings_celsius[1] + added
