"""``gerbang temperature``: how the decision does on published people, and did on the office's.

What studies it is imported when a study is asked for: no other command waits for it.
"""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from dashboard.commands.shared import (
    ConfigOption,
    DataOption,
    JsonOption,
    UsageError,
    answer,
    iso,
    office_record,
    settings_for,
)
from dashboard.manager.temperature_words import FIGURES, UNKNOWN
from screening.clock import SystemClock
from screening.month import Month
from screening.temperature.outcomes import Figure, Outcomes, judge, tallies
from screening.temperature.presets import PRESETS, TWO_STAGE, Thresholds
from screening.temperature.sites import FACE_MAX, SITES, MeasuringSite

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
    from screening.studies.temperature.dataset import read_subjects
    from screening.studies.temperature.evaluation import evaluate
    from screening.studies.temperature.tables import tables

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
    from screening.studies.temperature.dataset import read_subjects
    from screening.studies.temperature.people import MODEL_PEOPLE, People, ResampledPeople
    from screening.studies.temperature.simulation import DayPlan, SensorError, simulate_days

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


@app.command("outcomes")
def show_outcomes(
    month: Annotated[
        str | None, typer.Option("--month", help="Such as 2026-11 [default: the month that runs].")
    ] = None,
    as_json: JsonOption = False,
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """Tell how the gates did in a month, from what officers found with a clinical thermometer.

    Intervals are 95 %. How many of the elevated were referred is only known where some of those let
    pass were measured too.

    Example: gerbang temperature outcomes --month 2026-11
    """
    settings = settings_for(data, config)
    zone = settings.site.zone
    chosen = Month.of(SystemClock().now(), zone) if month is None else _month(month)
    since, until = chosen.began(zone), chosen.ended(zone)
    with office_record(settings) as record:
        counted = tallies(record.thermometers.cases(since=since, until=until))
    total = judge(counted.all)
    gates = {gate: judge(tally) for gate, tally in counted.by_gate.items()}
    values = {
        "month": str(chosen),
        "since": iso(since, zone),
        "until": iso(until, zone),
        **total.to_json(),
        "gates": {gate: found.to_json() for gate, found in gates.items()},
    }
    parts = [_told(f"{chosen}, all gates", total)]
    parts += [_told(f"gate {gate}", found) for gate, found in gates.items() if len(gates) > 1]
    answer(values, "\n\n".join(parts), as_json=as_json)


def _told(title: str, found: Outcomes) -> str:
    tally = found.tally
    lines = [
        f"{title}: {tally.visitors} measured at the gate, {tally.referred} referred",
        f"  an officer measured {tally.referred_measured} of the {tally.referred} referred"
        f" and {tally.passed_measured} of the {tally.passed} let pass",
    ]
    for name, words in FIGURES.items():
        figure: Figure = getattr(found, name)
        lines.append(f"  {words} ({name})".ljust(46) + _figure(figure))
    return "\n".join(lines)


def _figure(figure: Figure) -> str:
    if figure.value is None or figure.interval is None:
        return f"not known: {UNKNOWN[figure.unknown]}" if figure.unknown else "not known"
    low, high = (f"{100 * bound:.1f} %" for bound in figure.interval)
    if figure.is_bound:
        return f"at least {low}" if figure.value else f"at most {high}"
    return f"{100 * figure.value:5.1f} %   {low} to {high}"


def _month(text: str) -> Month:
    try:
        return Month.parse(text)
    except ValueError as error:
        raise UsageError(str(error)) from error


def _site(name: str) -> MeasuringSite:
    if name not in SITES:
        raise UsageError(f"unknown site {name!r}; one of: {', '.join(SITES)}")
    return SITES[name]


def _preset(name: str) -> Thresholds:
    if name not in PRESETS:
        raise UsageError(f"unknown preset {name!r}; one of: {', '.join(PRESETS)}")
    return PRESETS[name]
