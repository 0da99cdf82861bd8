"""The figures of every preset, baseline and measuring site, as Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from screening.studies.temperature.dataset import Subject, read_subjects
from screening.studies.temperature.evaluation import Evaluation, ShareOf, evaluate, fit
from screening.temperature.presets import PRESETS, TWO_STAGE
from screening.temperature.sites import SITES, MeasuringSite
from screening.temperature.statistics import Interval

BASELINES = {"fixed": False, "rolling": True}
HEADING = "| preset | baseline | sensitivity | specificity | referred per 350 |"
HELD_OUT_HEADING = (
    "| constants fitted on | offset | slope | replayed on | sensitivity | specificity |"
)


def tables(file: Path) -> str:
    """One section a site: presets and baselines, then constants fitted on people left out.

    Raises EvaluationError for a file that is not such a table.
    """
    return "\n".join(line for site in SITES.values() for line in _section(file, site))


def _section(file: Path, site: MeasuringSite) -> Iterator[str]:
    subjects = read_subjects(file, site)
    results = {
        (preset, baseline): evaluate(subjects, site, thresholds, is_rolling=is_rolling)
        for preset, thresholds in PRESETS.items()
        for baseline, is_rolling in BASELINES.items()
    }
    any_result = next(iter(results.values()))
    yield f"### {site.name}"
    yield ""
    yield _people(any_result)
    yield ""
    yield from _headed(HEADING)
    for (preset, baseline), result in results.items():
        referred = ShareOf(count=result.referred.count, total=result.referred.total)
        yield (
            f"| {preset} | {baseline} | {_share(result.sensitivity)} | "
            f"{_share(result.specificity)} | {(referred.value or 0) * 350:.1f} |"
        )
    yield ""
    yield f"Held out, preset {TWO_STAGE.name}, fixed baseline:"
    yield ""
    yield from _held_out(subjects, site)
    yield ""


def _held_out(subjects: Sequence[Subject], site: MeasuringSite) -> Iterator[str]:
    half = len(subjects) // 2
    parts = {
        "odd rows": subjects[::2],
        "even rows": subjects[1::2],
        "first half": subjects[:half],
        "second half": subjects[half:],
    }
    others = {
        "odd rows": "even rows",
        "even rows": "odd rows",
        "first half": "second half",
        "second half": "first half",
    }
    yield from _headed(HELD_OUT_HEADING)
    for fitted_on, replayed_on in others.items():
        fitted = fit(parts[fitted_on]).at(site)
        result = evaluate(parts[replayed_on], fitted, TWO_STAGE)
        yield (
            f"| {fitted_on} | {fitted.offset_celsius:.2f} | {fitted.room.slope:.2f} | "
            f"{replayed_on} | {_share(result.sensitivity)} | {_share(result.specificity)} |"
        )


def _headed(heading: str) -> tuple[str, str]:
    return heading, "|---" * (heading.count("|") - 1) + "|"


def _people(result: Evaluation) -> str:
    area = (
        "not to be told"
        if result.auc is None
        else f"{result.auc:.3f}{_bounds(result.auc_interval)}"
    )
    return (
        f"{result.referred.total} subjects, {result.sensitivity.total} febrile; "
        f"area under the curve of the first reading {area}."
    )


def _share(share: ShareOf) -> str:
    return "-" if share.value is None else f"{share.value:.3f}{_bounds(share.interval)}"


def _bounds(interval: Interval | None) -> str:
    return "" if interval is None else f" [{interval[0]:.3f}, {interval[1]:.3f}]"
