"""``gerbang simulate``: days of an office that nobody has to live through."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

import typer

from dashboard.commands.bench_http import own_configuration
from dashboard.commands.shared import JsonOption, answer
from dashboard.demo.simulated_day import MOST_DAYS_BEFORE, DayFound, NumberTold, simulate_day
from screening.errors import ScreeningError
from screening.figures.evaluation import (
    LineScore,
    OccupancyScore,
    WaitScore,
    evaluate_line,
    evaluate_occupancy,
    evaluate_waits,
)

VISITS_A_PLACE = 15
"""A room that is full for part of a day: whoever stands outside is told how long that takes."""

app = typer.Typer(help="Simulated days of an office.", no_args_is_help=True)

SeedOption = Annotated[int, typer.Option("--seed", min=0, help="The same seed is the same day.")]
VisitsOption = Annotated[int, typer.Option("--visits", min=1, max=5000, help="Visits a day.")]


@app.callback()
def simulate() -> None:
    """Simulated days of an office."""


@app.command("day")
def day(
    visits: VisitsOption = 350,
    seed: SeedOption = 1,
    days_before: Annotated[
        int,
        typer.Option(
            "--days-before",
            min=0,
            max=MOST_DAYS_BEFORE,
            help="Other days that the office is played before it, to know its visitors.",
        ),
    ] = 1,
    as_json: JsonOption = False,
) -> None:
    """Play a day through the gate, the rules and the record of an office in a temporary folder.

    Somebody is late, forgets to sign out, slips in, gives up or does not answer the call, as in an
    office. Tells how often the shown number of people inside held the true one. Fails where the log
    or a figure does not agree with what happened.

    Example: gerbang simulate day --visits 350 --seed 1 --days-before 3 --json
    """
    with own_configuration():
        found = simulate_day(visits, seed, days_before=days_before)
    answer(asdict(found), _told(found), as_json=as_json)
    if found.problems:
        raise ScreeningError("; ".join(found.problems))


@app.command("evaluate")
def evaluate(
    visits: Annotated[
        list[int] | None,
        typer.Option("--visits", min=1, max=5000, help="Visits a day [default: 350 and 1000]."),
    ] = None,
    days: Annotated[int, typer.Option("--days", min=1, max=365, help="Days that count.")] = 30,
    seed: SeedOption = 1,
    every: Annotated[
        int, typer.Option("--every", min=1, max=100, help="Ask for every so-many-th ticket only.")
    ] = 1,
    as_json: JsonOption = False,
) -> None:
    """Measure on simulated days how often told waits and numbers of people hold.

    The days were not learnt from. Takes some minutes.

    Example: gerbang simulate evaluate --visits 350 --days 30 --every 5
    """
    values: dict[str, Any] = {}
    lines: list[str] = []
    for number in visits or [350, 1000]:
        waits = evaluate_waits(number, days=days, seed=seed, every=every)
        people = {
            "with_tickets": evaluate_occupancy(number, days=days, seed=seed),
            "without_tickets": evaluate_occupancy(number, days=days, seed=seed, has_tickets=False),
        }
        outside = evaluate_line(
            number, capacity=max(1, number // VISITS_A_PLACE), days=days, seed=seed
        )
        values[str(number)] = {
            "waits": _rounded(asdict(waits)),
            "outside": _rounded(asdict(outside)),
            **{name: _rounded(asdict(score)) for name, score in people.items()},
        }
        lines += [_told_waits(waits), _told_outside(outside)]
        lines += [*(_told_people(*pair) for pair in people.items())]
    answer(values, "\n".join(lines), as_json=as_json)


def _rounded(values: dict[str, Any]) -> dict[str, Any]:
    return {
        name: round(value, 3) if isinstance(value, float) else value
        for name, value in values.items()
    }


def _told(found: DayFound) -> str:
    waits = ", ".join(f"{name} {minutes:g} min" for name, minutes in found.wait_minutes.items())
    hours = [
        f"  {hour}  " + ", ".join(f"{name} {number}" for name, number in one.items())
        for hour, one in found.hours.items()
    ]
    return "\n".join(
        [
            f"{found.entries} of {found.visits} let in, {found.no_shows} did not come, "
            f"{found.served} served at {found.counters} counters, the last left {found.last_left}",
            f"waits: {waits}",
            f"most inside {found.most_inside} on {found.seats} seats; {found.told_full} times full",
            f"{found.occupancy} never signed out; {found.log_entries} rows in {found.seconds:g} s",
            *([] if found.number_told is None else [_told_number(found.number_told)]),
            *hours,
        ]
    )


def _told_number(told: NumberTold) -> str:
    if not told.told:
        return "how sure the number inside is was not told: too few visits of days before are known"
    return (
        f"number inside: {told.hit_rate:.0%} of {told.told} ranges held the true one, "
        f"± {told.give_or_take:g} on average; {told.exact_rate:.0%} were exact"
    )


def _told_waits(score: WaitScore) -> str:
    return (
        f"{score.visits} visits, waits of {score.mean_wait_minutes:.0f} min on average: "
        f"{score.hit_rate:.0%} of {score.told} intervals held, {score.width_minutes:.1f} min wide; "
        f"the typed average's {score.baseline_hit_rate:.0%}, "
        f"{score.baseline_width_minutes:.1f} min wide"
    )


def _told_outside(score: LineScore) -> str:
    if score.hit_rate is None:
        return (
            f"{score.visits} visits, outside a room for {score.capacity}: nobody was told anything"
        )
    return (
        f"{score.visits} visits, outside a room for {score.capacity}: {score.hit_rate:.0%} of "
        f"{score.told} intervals until the call in held, {score.width_minutes:.1f} min wide; "
        f"waits of {score.mean_wait_minutes:.0f} min on average"
    )


def _told_people(name: str, score: OccupancyScore) -> str:
    return (
        f"{score.visits} visits, people inside {name.replace('_', ' ')}: {score.hit_rate:.0%} of "
        f"{score.told} ranges held the true number, ± {score.give_or_take:.1f} on average"
    )
