"""``gerbang thermometer decode``: what is in captured bytes."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from io import BufferedReader
from pathlib import Path
from typing import Annotated, cast

import typer

from dashboard.commands.shared import UsageError
from drivers.thermometer.models import MODELS, decode_stream
from drivers.thermometer.register_maps import find_map
from screening.errors import ScreeningError

CHUNK_BYTES = 4096
_SHOWN_BYTES = 32  # to a person; --json tells all

ModelOption = Annotated[str, typer.Option("--model", help=f"One of: {', '.join(sorted(MODELS))}.")]

RegisterMapOption = Annotated[
    str | None,
    typer.Option("--register-map", help="For modbus: a known register map, or a TOML file."),
]


def decode(
    file: Annotated[str, typer.Argument(help="Captured bytes, or - for standard input.")],
    model: ModelOption,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
    register_map: RegisterMapOption = None,
) -> None:
    """Tell each reading and each malformed piece of a captured byte stream.

    Example: gerbang thermometer decode --model gy-mcu90614 capture.bin --json
    """
    if model not in MODELS:
        raise UsageError(f"unknown model {model!r}; one of: {', '.join(sorted(MODELS))}")
    registers = None if register_map is None else find_map(register_map)
    with _open(file) as stream:
        for item in decode_stream(model, _chunks(stream, file), registers):
            print(json.dumps(item) if as_json else sentence(item))


def _open(file: str) -> BufferedReader:
    if not file:
        raise UsageError("name a file of captured bytes, or - for standard input")
    if file == "-":
        if sys.stdin is None:
            raise UsageError("standard input is closed")
        return cast(BufferedReader, sys.stdin.buffer)
    try:
        return Path(file).open("rb")
    except OSError as error:
        raise UsageError(f"{file}: {error.strerror}") from error


def _chunks(stream: BufferedReader, file: str) -> Iterator[bytes]:
    while chunk := _read(stream, file):
        yield chunk


def _read(stream: BufferedReader, file: str) -> bytes:
    try:
        return stream.read1(CHUNK_BYTES)
    except OSError as error:
        raise ScreeningError(f"{file}: {error.strerror}") from error


def sentence(item: dict[str, object]) -> str:
    """One reading or malformed piece for a person."""
    ambient = item.get("ambient_celsius")
    told = "not told" if ambient is None else f"{ambient} degC"
    if "rows" in item:
        return (
            f"{item['rows']} x {item['columns']} pixels, {item['min_celsius']} to"
            f" {item['max_celsius']} degC, sensor {told}"
        )
    if item["kind"] == "reading":
        return f"object {item['object_celsius']} degC, ambient {told}"
    raw = str(item["bytes"])
    begin, count = raw[: 2 * _SHOWN_BYTES], len(raw) // 2
    rest = f"... {count} bytes" if count > _SHOWN_BYTES else ""
    return f"malformed ({item['reason']}): {begin}{rest}"
