"""``gerbang temperature``: how the gate's decision does on published people and simulated days."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from dashboard.commands.shared import JsonOption, UsageError, answer
from screening.temperature.dataset import read_subjects
from screening.temperature.evaluation import evaluate
from screening.temperature.people import MODEL_PEOPLE, People, ResampledPeople
from screening.temperature.presets import PRESETS, TWO_STAGE, Thresholds
from screening.temperature.simulation import DayPlan, SensorError, simulate_days
from screening.temperature.sites import FACE_MAX, SITES, MeasuringSite
from screening.temperature.tables import tables

app = typer.Typer(help="Measure the temperature decision.", no_args_is_help=True)


class Baseline(StrEnum):
    """Whether the last visitors correct the sensor."""

    FIXED = "fixed"
    ROLLING = "rolling"


SiteOption = Annotated[str, typer.Option("--site", help=f"One of: {', '.join(SITES)}.")]
PresetOption = Annotated[str, typer.Option("--preset", help=f"One of: {', '.join(PRESETS)}.")]
TableFile = Annotated[
    Path, typer.Argument(help="Table of the data set, e.g. FLIR_groups1and2.csv.")
]


@app.command("evaluate")
def evaluate_table(
    file: TableFile,
    site: SiteOption = FACE_MAX.name,
    preset: PresetOption = TWO_STAGE.name,
    baseline: Annotated[Baseline, typer.Option("--baseline")] = Baseline.FIXED,
    is_table: Annotated[
        bool, typer.Option("--table", help="Every site, preset and baseline, as Markdown.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Replay published readings through the gate's own decision; oral 38.0 or more is febrile.

    Example: gerbang temperature evaluate FLIR_groups1and2.csv --site face-max --json
    """
    chosen, thresholds = _site(site), _preset(preset)
    if is_table:
        if as_json:
            raise UsageError("--table is text: leave --json out")
        print(tables(file))
        return
    result = evaluate(
        read_subjects(file, chosen),
        chosen,
        thresholds,
        is_rolling=baseline is Baseline.ROLLING,
    ).to_json()
    answer(result, "\n".join(f"{key}: {value}" for key, value in result.items()), as_json=as_json)


@app.command("simulate-day")
def simulate_day(
    bias: Annotated[float, typer.Option(min=0, max=5, help="SD from day to day, degC.")] = 0.0,
    drift: Annotated[float, typer.Option(min=0, max=5, help="SD over a day, degC.")] = 0.0,
    noise: Annotated[float, typer.Option(min=0, max=5, help="SD of each value, degC.")] = 0.0,
    site: SiteOption = FACE_MAX.name,
    preset: PresetOption = TWO_STAGE.name,
    baseline: Annotated[Baseline, typer.Option("--baseline")] = Baseline.ROLLING,
    days: Annotated[int, typer.Option(min=1, max=10_000, help="Days to average.")] = 100,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same days.")] = 2020,
    people: Annotated[
        Path | None, typer.Option("--people", help="Draw the people of this table instead.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Simulate days of 350 visitors, 1 % of them febrile, with a sensor that is off.

    Example: gerbang temperature simulate-day --bias .5 --drift .4 --noise .2 --json
    """
    chosen, thresholds = _site(site), _preset(preset)
    drawn: People = MODEL_PEOPLE[chosen.name]
    if people is not None:
        drawn = ResampledPeople(read_subjects(people, chosen), chosen)
    result = simulate_days(
        drawn,
        chosen,
        thresholds,
        error=SensorError(bias=bias, drift=drift, noise=noise),
        is_rolling=baseline is Baseline.ROLLING,
        plan=DayPlan(days=days, seed=seed),
    ).to_json()
    answer(result, "\n".join(f"{key}: {value}" for key, value in result.items()), as_json=as_json)


def _site(name: str) -> MeasuringSite:
    if name not in SITES:
        raise UsageError(f"unknown site {name!r}; one of: {', '.join(SITES)}")
    return SITES[name]


def _preset(name: str) -> Thresholds:
    if name not in PRESETS:
        raise UsageError(f"unknown preset {name!r}; one of: {', '.join(PRESETS)}")
    return PRESETS[name]
