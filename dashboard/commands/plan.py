"""``gerbang plan``: what to do before anybody comes."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from dashboard.commands.shared import JsonOption, UsageError, answer, wrong_usage
from screening.errors import OfficeError
from screening.office.changes import MOST_ROWS
from screening.waiting_room.chairs import in_rows, pinned, read_chairs
from screening.waiting_room.optimum import most_open

app = typer.Typer(help="Plan the room.", no_args_is_help=True)
_LARGEST_M = 100.0


@app.callback()
def plan() -> None:
    """Plan the room."""


@app.command("seats")
def seats(
    rows: Annotated[int | None, typer.Option(min=1, max=MOST_ROWS, help="Rows of seats.")] = None,
    columns: Annotated[
        int | None, typer.Option(min=1, max=MOST_ROWS, help="Seats in a row.")
    ] = None,
    pitch_x: Annotated[
        float, typer.Option(help="Metres from seat to seat along a row, between centres.")
    ] = 0.55,
    pitch_y: Annotated[float, typer.Option(help="Metres from row to row, between centres.")] = 0.9,
    distance: Annotated[float, typer.Option(help="Metres between people, at least.")] = 1.0,
    pin: Annotated[
        str, typer.Option(help="Seats that stay open, e.g. A1,B7 (places for wheelchairs).")
    ] = "",
    csv: Annotated[
        Path | None,
        typer.Option(
            help="Instead of rows: a table with label, x, y in metres, and room, kind "
            "(seat, wheelchair, pinned), family where wanted."
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Propose which seats stay open so that the most people sit at the distance.

    A distance of exactly --distance is allowed. Where it is not proved in two seconds that no plan
    has more, the best one found is told with the bound that none exceeds.

    Example: gerbang plan seats --rows 6 --columns 10 --pitch-x 0.55 --pitch-y 0.9 --distance 1
    """
    for name, metres in (("pitch-x", pitch_x), ("pitch-y", pitch_y), ("distance", distance)):
        if not 0 < metres <= _LARGEST_M:
            raise UsageError(f"--{name}: {metres:g} is not between 0 and {_LARGEST_M:g} metres")
    with wrong_usage():
        chairs = (
            read_chairs(_text(csv))
            if csv is not None
            else in_rows(*_room(rows, columns), pitch_x=pitch_x, pitch_y=pitch_y)
        )
        labels = [label.strip().upper() for label in pin.split(",") if label.strip()]
        found = most_open(pinned(chairs, labels), distance)
    told = {
        "open": list(found.open_labels),
        "count": found.count,
        "optimal": found.is_optimal,
        "bound": found.bound,
        "seconds": found.seconds,
    }
    proof = "no plan has more" if found.is_optimal else f"no plan has more than {found.bound}"
    answer(
        told,
        f"{found.count} of {len(chairs)} seats stay open ({proof}): {' '.join(found.open_labels)}",
        as_json=as_json,
    )


def _room(rows: int | None, columns: int | None) -> tuple[int, int]:
    if rows is None or columns is None:
        raise UsageError("say how many seats there are: --rows and --columns, or --csv FILE")
    return rows, columns


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise OfficeError(f"{file} cannot be read: {error}") from error
