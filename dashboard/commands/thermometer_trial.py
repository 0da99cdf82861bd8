"""``gerbang thermometer fuzz`` and ``benchmark``: can the codecs be trusted, and their pace."""

from __future__ import annotations

import time
from dataclasses import asdict
from typing import Annotated, Any

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

    The garbage is the same for the same seed. Takes about two minutes a model.

    Example: gerbang thermometer fuzz --model gy-mcu90640 --bytes 1000000
    """
    reports = []
    for model in _chosen(models):
        reports.append(_trial(model, seed, least_bytes))
        if not as_json and len(reports) == 1:
            print(_FUZZ_HEAD)
        if not as_json:
            print(_fuzz_row(reports[-1]), flush=True)
        for failure in reports[-1].failures:
            fail(f"{model.name}: {failure}")
    if as_json:
        answer({"models": [asdict(report) for report in reports]}, "", as_json=True)
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

    Counts processor time, not the clock on the wall. Takes about two minutes.

    Example: gerbang thermometer benchmark --json
    """
    models_told: dict[str, Any] = {}
    for model in _chosen(models):
        paces = pace.measure(model, cpu_s=time.process_time, best_of=best_of, length=length)
        ratios = {one.stream: round(one.times_line_rate, 1) for one in paces}
        if not as_json and not models_told:
            print(_row("model", "baud", *ratios))
            print(_row(*["---"] * (len(ratios) + 2)))
        if not as_json:
            told = (f"{ratio:.0f}" for ratio in ratios.values())
            print(_row(model.name, str(model.baud_rate), *told), flush=True)
        models_told[model.name] = {"baud_rate": model.baud_rate, "times_line_rate": ratios}
    if as_json:
        slowest = min(min(told["times_line_rate"].values()) for told in models_told.values())
        values = {"models": models_told, "slowest": slowest, "machine": machine()}
        answer(values, "", as_json=True)


def _trial(model: ThermometerModel, seed: int, least_bytes: int) -> TrialReport:
    trial = Trial(model, seed=seed, round_bytes=min(ROUND_BYTES, least_bytes))
    return trial.run(least_bytes)


def _chosen(names: list[str] | None) -> list[ThermometerModel]:
    unknown = [name for name in names or () if name not in MODELS]
    if unknown:
        raise UsageError(f"unknown model {unknown[0]!r}; one of: {', '.join(sorted(MODELS))}")
    return [MODELS[name] for name in names or MODELS]


def _fuzz_row(report: TrialReport) -> str:
    return _row(
        report.model,
        f"{report.fed_bytes:,}",
        f"{report.good_frames:,}",
        f"{report.malformed:,}",
        f"{report.held_bytes // 1024}",
        str(len(report.failures)),
    )


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


_FUZZ_HEAD = "\n".join(
    (
        _row("model", "bytes", "good frames read", "malformed", "memory, KiB", "failures"),
        _row(*["---"] * 6),
    )
)
