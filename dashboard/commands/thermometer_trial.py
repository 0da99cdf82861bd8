"""``gerbang thermometer fuzz`` and ``benchmark``: can the codecs be trusted, and their pace."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import asdict
from typing import Annotated, Any, NamedTuple

import typer

from dashboard.commands.bench import machine
from dashboard.commands.shared import JsonOption, UsageError, answer, fail
from drivers.thermometer import pace
from drivers.thermometer.models import MODELS, ThermometerModel
from drivers.thermometer.trial import ROUND_BYTES, Trial, TrialReport

FUZZ_BYTES = 10_000_000

ModelsOption = Annotated[
    list[str] | None, typer.Option("--model", help="Only this one; may be given again.")
]


def fuzz(
    models: ModelsOption = None,
    least_bytes: Annotated[
        int, typer.Option("--bytes", min=1, help="At least so many for each model.")
    ] = FUZZ_BYTES,
    seed: Annotated[int, typer.Option("--seed", help="Another seed, other garbage.")] = 1,
    as_json: JsonOption = False,
) -> None:
    """Feed random and broken bytes to the codecs; exit status 1 when one does not bear it.

    The garbage is the same for the same seed. Time is the processor's. Takes about a minute
    a model.

    Example: gerbang thermometer fuzz --model gy-mcu90640 --bytes 1000000
    """
    reports: list[TrialReport] = []
    seconds: list[float] = []
    for model in _chosen(models):
        begun_s = time.process_time()
        reports.append(_trial(model, seed, least_bytes))
        seconds.append(round(time.process_time() - begun_s, 1))
        if not as_json and len(reports) == 1:
            print(_FUZZ_HEAD)
        if not as_json:
            print(_fuzz_row(reports[-1], seconds[-1]), flush=True)
        for failure in reports[-1].failures:
            fail(f"{model.name}: {failure}")
    if as_json:
        told = zip(reports, seconds, strict=True)
        values = [{**asdict(report), "cpu_s": cpu_s} for report, cpu_s in told]
        answer({"models": values}, "", as_json=True)
    if any(report.failures for report in reports):
        raise typer.Exit(1)


def benchmark(
    models: ModelsOption = None,
    best_of: Annotated[
        int, typer.Option("--best-of", min=1, help="Runs of each stream; the fastest counts.")
    ] = pace.BEST_OF,
    length: Annotated[
        int, typer.Option("--bytes", min=1000, help="Length of each stream.")
    ] = pace.STREAM_BYTES,
    as_json: JsonOption = False,
) -> None:
    """How many times the rate of its own line each codec can read, on one core.

    At the rate as delivered and at the fastest that the device offers; --json tells all of them.
    Counts processor time, not the clock on the wall. Takes about two minutes.

    Example: gerbang thermometer benchmark --json
    """
    told: dict[str, dict[int, dict[str, float]]] = {}
    for model in _chosen(models):
        paces = pace.measure(model, cpu_s=time.process_time, best_of=best_of, length=length)
        rates = sorted({model.baud_rate, *model.other_rates})
        told[model.name] = {
            rate: {one.stream: round(one.times(rate), 1) for one in paces} for rate in rates
        }
        if not as_json:
            _print_paces(model, told[model.name], with_head=len(told) == 1)
    slowest = _slowest(told)
    if as_json:
        values = {
            "models": {name: _paces(MODELS[name], ratios) for name, ratios in told.items()},
            "slowest": slowest.times,
            "slowest_at": {
                "model": slowest.model,
                "baud_rate": slowest.baud_rate,
                "stream": slowest.stream,
            },
            "limit": pace.LEAST_TIMES_LINE_RATE,
            "machine": machine(),
        }
        answer(values, "", as_json=True)
    else:
        print(
            f"\nThe slowest: {slowest.model} at {slowest.baud_rate} baud on {slowest.stream},"
            f" {slowest.times:.0f} times its line; at least {pace.LEAST_TIMES_LINE_RATE} is asked."
        )


class _Slowest(NamedTuple):
    times: float
    model: str
    baud_rate: int
    stream: str


def _slowest(told: Mapping[str, Mapping[int, Mapping[str, float]]]) -> _Slowest:
    return min(
        _Slowest(ratio, name, rate, stream)
        for name, rates in told.items()
        for rate, ratios in rates.items()
        for stream, ratio in ratios.items()
    )


def _print_paces(
    model: ThermometerModel, rates: Mapping[int, Mapping[str, float]], *, with_head: bool
) -> None:
    if with_head:
        streams = rates[model.baud_rate]
        print(_row("model", "baud", *streams, f"slowest (limit {pace.LEAST_TIMES_LINE_RATE})"))
        print(_row(*["---"] * (len(streams) + 3)))
    for rate in sorted({model.baud_rate, model.fastest_rate}):
        ratios = rates[rate].values()
        cells = (f"{ratio:.0f}" for ratio in (*ratios, min(ratios)))
        print(_row(model.name, str(rate), *cells), flush=True)


def _paces(model: ThermometerModel, rates: Mapping[int, Mapping[str, float]]) -> dict[str, Any]:
    return {
        "baud_rate": model.baud_rate,
        "times_line_rate": rates[model.baud_rate],
        "at_rates": {str(rate): ratios for rate, ratios in rates.items()},
    }


def _trial(model: ThermometerModel, seed: int, least_bytes: int) -> TrialReport:
    trial = Trial(model, seed=seed, round_bytes=min(ROUND_BYTES, least_bytes))
    return trial.run(least_bytes)


def _chosen(names: list[str] | None) -> list[ThermometerModel]:
    unknown = [name for name in names or () if name not in MODELS]
    if unknown:
        raise UsageError(f"unknown model {unknown[0]!r}; one of: {', '.join(sorted(MODELS))}")
    return [MODELS[name] for name in names or MODELS]


def _fuzz_row(report: TrialReport, cpu_s: float) -> str:
    return _row(
        report.model,
        f"{report.fed_bytes:,}",
        f"{report.good_frames:,}",
        f"{report.malformed:,}",
        f"{report.held_bytes // 1024}",
        f"{cpu_s:.0f}",
        str(len(report.failures)),
    )


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


_FUZZ_HEAD = "\n".join(
    (
        _row(
            "model", "bytes", "good frames read", "malformed", "memory, KiB", "time, s", "failures"
        ),
        _row(*["---"] * 7),
    )
)
