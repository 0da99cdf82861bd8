"""``gerbang plan``: what to do before anybody comes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from dashboard.commands.office import change_facts
from dashboard.commands.shared import (
    ConfigOption,
    DataOption,
    JsonOption,
    OperatorOption,
    UsageError,
    YesOption,
    answer,
    office_record,
    parse_day,
    settings_for,
    wrong_usage,
)
from dashboard.manager.seat_sheets import seat_sheets
from dashboard.web.language import Languages
from screening.clock import SystemClock
from screening.errors import OfficeError
from screening.figures.assumptions import Source
from screening.figures.plan_values import plan_values, told_assumptions, told_moment
from screening.figures.planned_day import MOST_COUNTERS, question_of
from screening.figures.planner import Plan, Question
from screening.figures.planner import plan as plan_of_day
from screening.office.changes import MOST_ROWS, with_chosen_plan
from screening.waiting_room.chairs import Chair, Near, in_rows, marked, pinned, read_chairs
from screening.waiting_room.plan import ChosenPlan
from screening.whole_files import write_whole

app = typer.Typer(help="Plan the room and the day.", no_args_is_help=True)
_LARGEST_M = 100.0


@app.callback()
def plan() -> None:
    """Plan the room and the day."""


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
    pin: Annotated[str, typer.Option(help="Seats that stay open in any case, e.g. A1,B7.")] = "",
    wheelchair: Annotated[str, typer.Option(help="Places for wheelchairs; they stay open.")] = "",
    near_door: Annotated[
        str, typer.Option(help="Seats near the door, for visitors with priority.")
    ] = "",
    near_counter: Annotated[
        str, typer.Option(help="Seats near the counters, for visitors with priority.")
    ] = "",
    family: Annotated[
        list[str] | None,
        typer.Option(
            help="Seats that one household shares, e.g. C1,C2,C3; they stay open. Once for each."
        ),
    ] = None,
    csv: Annotated[
        Path | None,
        typer.Option(
            help="Instead of rows: a table with label, x, y in metres, and room, kind "
            "(seat, wheelchair, pinned), family, near (door, counter) where wanted."
        ),
    ] = None,
    take_over: Annotated[
        bool, typer.Option("--take-over", help="Make this the office's plan of seats.")
    ] = False,
    operator: OperatorOption = None,
    yes: YesOption = False,
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Propose which seats stay open so that the most people sit at the distance.

    A distance of exactly --distance is allowed. Where it is not proved in two seconds that no plan
    has more, the best one found is told with the bound that none exceeds. With --take-over these
    are the office's seats from the next visitor on: all open every day, and in an outbreak those
    that are proposed.

    Example: gerbang plan seats --rows 6 --columns 10 --pitch-x 0.55 --pitch-y 0.9 --distance 1

    Example: gerbang plan seats --csv seats.csv --distance 1 --take-over --operator rina
    """
    from screening.waiting_room.optimum import most_open  # not above: the solver takes time to load

    for name, metres in (("pitch-x", pitch_x), ("pitch-y", pitch_y), ("distance", distance)):
        if not 0 < metres <= _LARGEST_M:
            raise UsageError(f"--{name}: {metres:g} is not between 0 and {_LARGEST_M:g} metres")
    with wrong_usage():
        chairs = (
            read_chairs(_text(csv))
            if csv is not None
            else in_rows(*_room(rows, columns), pitch_x=pitch_x, pitch_y=pitch_y)
        )
        chairs = pinned(chairs, _labels(pin))
        chairs = marked(chairs, _labels(wheelchair), is_pinned=True, is_wheelchair=True)
        chairs = marked(chairs, _labels(near_door), near=Near.DOOR)
        chairs = marked(chairs, _labels(near_counter), near=Near.COUNTER)
        chairs = _with_families(chairs, family or [])
        found = most_open(chairs, distance)
    told = {
        "open": list(found.open_labels),
        "count": found.count,
        "optimal": found.is_optimal,
        "bound": found.bound,
        "seconds": found.seconds,
    }
    proof = "no plan has more" if found.is_optimal else f"no plan has more than {found.bound}"
    text = (
        f"{found.count} of {len(chairs)} seats stay open ({proof}): {' '.join(found.open_labels)}"
    )
    if take_over:
        chosen = ChosenPlan(
            chairs=tuple(chairs), open_labels=frozenset(found.open_labels), distance_m=distance
        )
        edit = with_chosen_plan(
            chosen, rows=None if csv is not None else rows, columns=columns or 1
        )
        with office_record(settings_for(data, config)) as record:
            told |= change_facts(record, edit, operator, yes=yes)
        text += "\nThe office has these seats from the next visitor on."
    answer(told, text, as_json=as_json)


@app.command("day")
def day(
    on: Annotated[str, typer.Option("--date", help="The day, e.g. 2026-12-01.")],
    counters: Annotated[
        int | None,
        typer.Option(min=1, max=MOST_COUNTERS, help="Counters that work [default: as usual]."),
    ] = None,
    distance: Annotated[
        float | None,
        typer.Option(help="Metres between people [default: as many inside as the office lets in]."),
    ] = None,
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say how many to book in each slot so that the room is full on fewer than one day in twenty.

    The day is played some thousand times with what past days tell of arrivals, of those who do not
    come, and of how long each part takes; what they do not tell is assumed as usual. Waits are in
    minutes. What stands between low and high is sure in nine of ten cases, the risk and the
    assumptions in nineteen of twenty.

    Example: gerbang plan day --date 2026-12-01 --counters 5 --json
    """
    if distance is not None and not 0 < distance <= _LARGEST_M:
        raise UsageError(f"--distance: {distance:g} is not between 0 and {_LARGEST_M:g} metres")
    settings = settings_for(data, config)
    zone, chosen = settings.site.zone, parse_day(on)
    with office_record(settings) as record:
        question = question_of(
            chosen,
            today=SystemClock().now().astimezone(zone).date(),
            facts=record.facts.current(),
            ended=record.leaving.ended,
            figures=record.roll_ups,
            queue=record.queue,
            zone=zone,
            counters=counters,
            distance_m=distance,
        )
    found = plan_of_day(question)
    answer(plan_values(question, found), _told_plan(question, found), as_json=as_json)


@app.command("print")
def print_plan(
    file: Annotated[Path, typer.Argument(help="The PDF to write.")],
    labels: Annotated[
        bool, typer.Option(help="Also sheets of labels, to be cut out and stuck on the seats.")
    ] = True,
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write the office's seats as a PDF: each room to scale, then a label for each seat.

    Sealed seats are those of an outbreak; their labels say so.

    Example: gerbang plan print seats.pdf
    """
    settings = settings_for(data, config)
    with office_record(settings) as record:
        facts = record.facts.current()
    languages = Languages()
    chosen = languages.choose(None, settings.site.language)
    content = seat_sheets(
        facts,
        [chosen, *(one for one in languages.values() if one is not chosen)],
        office=facts.name or settings.site.name,
        zone=settings.site.zone,
        made_at=SystemClock().now(),
        with_labels=labels,
    )
    try:
        write_whole(file, content)
    except OSError as error:
        raise OfficeError(f"{file} cannot be written: {error.strerror or error}") from error
    count = len(facts.plan.seats)
    answer({"file": str(file), "seats": count}, f"{file}: {count} seats", as_json=as_json)


def _told_plan(question: Question, found: Plan) -> str:
    slots = "  ".join(f"{told_moment(at)} {number}" for at, number in found.quota.items())
    risk, lines = found.full_risk, [f"{found.booked} booked: {slots}"]
    lines.append(
        f"the room ({found.capacity}) is full on {risk.value:.1%} of such days"
        f" ({risk.low:.1%} to {risk.high:.1%})"
    )
    if found.overbooked:
        lines.append(f"{found.overbooked} of them because not everybody comes")
    if found.waits is not None and found.more_waits is not None:
        now, then = found.waits, found.more_waits
        number = len(question.assumptions.counters)
        lines.append(
            f"waits with {number} counters: half up to {now.p50.value:.0f} minutes, nine of ten up"
            f" to {now.p90.value:.0f}; with one more {then.p50.value:.0f} and {then.p90.value:.0f}"
        )
    lines += [
        f"at {room.distance_m:g} m: {room.seats} inside, {room.booked} booked"
        for room in found.rooms
    ]
    if found.second_gate is not None:
        begins, ends = map(told_moment, found.second_gate)
        lines.append(f"a second gate from {begins} to {ends}")
    usual = [name for name, one in told_assumptions(question).items() if _is_usual(one)]
    if usual:
        lines.append(f"assumed as usual, since past days do not tell: {', '.join(usual)}")
    return "\n".join(lines)


def _is_usual(told: object) -> bool:
    return isinstance(told, dict) and told.get("source") == Source.DEFAULT


def _labels(typed: str) -> list[str]:
    return [label.strip() for label in typed.split(",") if label.strip()]


def _with_families(chairs: Sequence[Chair], families: Sequence[str]) -> list[Chair]:
    """Each family has a name of its own, which no table gave another one."""
    known, found = {chair.family for chair in chairs}, list(chairs)
    names = (name for number in range(1, MOST_ROWS**2) if (name := str(number)) not in known)
    for typed in families:
        found = marked(found, _labels(typed), is_pinned=True, family=next(names))
    return found


def _room(rows: int | None, columns: int | None) -> tuple[int, int]:
    if rows is None or columns is None:
        raise UsageError("say how many seats there are: --rows and --columns, or --csv FILE")
    return rows, columns


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise OfficeError(f"{file} cannot be read: {error}") from error
