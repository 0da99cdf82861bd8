"""``gerbang thermometer commission`` and ``check``: what the gate's page does, in a terminal."""

from __future__ import annotations

import getpass
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from dashboard.commands.asking import ask, limits_of, read_line, require_warm, take_steady, tell
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
from dashboard.commands.thermometer_steady import steady
from dashboard.commands.thermometer_tables import comparisons, number_of, walk_points
from dashboard.language import Languages
from dashboard.storage import make_folder, thermometer_files
from dashboard.thermometer.figures import is_dishonest
from dashboard.thermometer.report import ReportWords, write_report
from dashboard.typed_numbers import HOW_TO_TYPE
from screening.clock import Clock, SystemClock
from screening.errors import ScreeningError
from screening.settings import GateSettings, Settings, ThermometerSettings
from screening.temperature.commissioning import CheckOutcome, Commissioning, Comparison
from screening.temperature.distance import DistanceTable
from screening.temperature.distance_fit import DistanceError, WalkPoint, fit_distance_table
from screening.temperature.drafts import Draft, Point, Stood
from screening.temperature.fitting import (
    FLASK_CELSIUS,
    MIN_STAFF,
    ROOM_CELSIUS,
    TYPED_BODY_CELSIUS,
    TYPED_ROOM_CELSIUS,
    WELL_CELSIUS,
    CommissioningError,
    Reference,
    check_thermometer,
    fit_commissioning,
    largest_difference,
)
from screening.temperature.normaliser import linearity
from screening.temperature.sites import site_of_model

GateOption = Annotated[
    str | None, typer.Option("--gate", help="The gate; not needed where there is only one.")
]
ByOption = Annotated[str | None, typer.Option("--by", help="Who does it [default: your log-in].")]


def _degrees(text: str) -> float:
    value = number_of(text)
    if value is None:
        raise typer.BadParameter(f"{text!r} is no temperature: {HOW_TO_TYPE}")
    return value


RoomOption = Annotated[
    float | None,
    typer.Option(
        "--room",
        parser=_degrees,
        metavar="DEGC",
        help="The room's temperature; asked for otherwise.",
    ),
]
WarmOption = Annotated[
    bool,
    typer.Option(
        "--warm",
        help="You vouch that the device has been on for half an hour; asked for otherwise.",
    ),
]


def commission(
    gate: GateOption = None,
    staff: Annotated[
        Path | None,
        typer.Option("--staff", help="CSV with the columns raw,reference: one row a person."),
    ] = None,
    known: Annotated[
        Path | None,
        typer.Option(
            "--known",
            help="The same of a black body or thermos flask, 35 to 40 degC, one of 37.0 to 37.5.",
        ),
    ] = None,
    distances: Annotated[
        Path | None,
        typer.Option(
            "--distances",
            help="CSV with the columns cm,raw,face_width of one person who walks away, the mark"
            " first: tape, device, and the face's share of the camera picture's width.",
        ),
    ] = None,
    room: RoomOption = None,
    is_warm: WarmOption = False,
    by: ByOption = None,
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Find a thermometer's constant offset with five people or more who are well.

    Without --staff each person is asked for, and the device's value is taken live; the office must
    not be running then, since it holds the serial port (use the gate's page instead).

    Example: gerbang thermometer commission --gate utama --staff staff.csv --room 24.5
    """
    settings, clock = settings_for(data, config), SystemClock()
    chosen, thermometer = _gate(settings, gate)
    steps = [] if known is None else comparisons(known)
    if is_dishonest(steps):
        raise ScreeningError(
            f"over known temperatures this device is {linearity(steps).verdict.value}:"
            " nothing was written; do not use it"
        )
    if distances is not None and chosen.camera is None:
        raise UsageError(f"{chosen.name}: --distances needs a camera, which tells them of visitors")
    walk = [] if distances is None else walk_points(distances)
    table = _distance_table(walk)
    room_celsius = ask("Room", ROOM_CELSIUS) if room is None else room

    def fit(people: list[Comparison]) -> Commissioning:
        return fit_commissioning(
            people,
            gate=chosen.name,
            at=clock.now(),
            by=by or getpass.getuser(),
            model=thermometer.model,
            site=site_of_model(thermometer.model).name,
            room_celsius=room_celsius,
        )

    if staff is None:
        found, people = _fit_asking(fit, thermometer, clock, room_celsius, is_warm=is_warm)
    else:
        people = comparisons(staff)
        try:
            found = fit(people)
        except CommissioningError as error:
            raise _Refused(error) from error
    found = replace(found, distance=table)
    path, deleted_at = _write(settings, found, people, steps, walk)
    values = {
        "gate": found.gate,
        "at": iso(found.at, settings.site.zone),
        "by": found.by,
        "model": found.model,
        "site": found.site,
        "staff": found.staff,
        "room_celsius": found.room_celsius,
        "offset_celsius": found.offset_celsius,
        "offset_uncertainty_celsius": found.offset_uncertainty_celsius,
        "person_spread_celsius": found.person_spread_celsius,
        "median_celsius": found.median_celsius,
        "linearity": linearity(steps).verdict.value if steps else None,
        "distance": None if table is None else _told_table(table),
        "report": str(path),
        "report_deleted_at": iso(deleted_at, settings.site.zone),
    }
    text = (
        f"{found.gate}: offset {found.offset_celsius:+.2f} degC, standard uncertainty"
        f" {found.offset_uncertainty_celsius:.2f}, from {found.staff} people in a room of"
        f" {found.room_celsius:.1f} degC{_told_reach(table)}"
        f"\nReport: {path} (holds people's degrees; deleted at"
        f" {iso(deleted_at, settings.site.zone)}, the constants stay in the log)"
    )
    answer(values, text, as_json=as_json)


def check(
    gate: GateOption = None,
    room: RoomOption = None,
    reference: Annotated[
        float | None,
        typer.Option(
            "--reference",
            parser=_degrees,
            metavar="DEGC",
            help="What a clinical thermometer shows of a well person.",
        ),
    ] = None,
    is_flask: Annotated[
        bool, typer.Option("--flask", help="The reference is a thermos flask, not a person.")
    ] = False,
    raw: Annotated[
        float | None,
        typer.Option(
            "--raw",
            parser=_degrees,
            metavar="DEGC",
            help="The device's value once it is warm; taken live otherwise.",
        ),
    ] = None,
    is_warm: WarmOption = False,
    by: ByOption = None,
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Compare a commissioned thermometer with a reference; exit status 1 when it is off.

    Example: gerbang thermometer check --gate utama --room 24.5 --reference 36.6 --raw 34.2
    """
    settings, clock = settings_for(data, config), SystemClock()
    chosen, thermometer = _gate(settings, gate)
    with office_record(settings) as record:
        found = record.thermometers.commissioning(chosen.name)
    if found is None:
        raise ScreeningError(
            f"{chosen.name}: never commissioned; first: gerbang thermometer commission"
        )
    kind = Reference.FLASK if is_flask else Reference.PERSON
    room_celsius = ask("Room", TYPED_ROOM_CELSIUS) if room is None else room
    if raw is None:
        require_warm(is_warm=is_warm)
        with steady(thermometer, clock) as take:
            raw = take_steady(take, "Stand before the device and press Enter: ")
    if reference is None:
        reference = ask("Reference", FLASK_CELSIUS if is_flask else TYPED_BODY_CELSIUS)
    try:
        done = check_thermometer(
            found,
            raw_celsius=raw,
            reference_celsius=reference,
            room_celsius=room_celsius,
            at=clock.now(),
            by=by or getpass.getuser(),
            reference=kind,
        )
    except CommissioningError as error:
        raise _Refused(error) from error
    with office_record(settings) as record:
        record.thermometers.write_check(done)
    allowed = largest_difference(found, kind)
    values = {
        "gate": done.gate,
        "at": iso(done.at, settings.site.zone),
        "by": done.by,
        "room_celsius": done.room_celsius,
        "difference_celsius": done.difference_celsius,
        "allowed_celsius": allowed,
        "outcome": done.outcome.value,
    }
    text = (
        f"{done.gate}: {done.outcome.value}, {done.difference_celsius:+.2f} degC from the"
        f" reference; up to {allowed:.2f} is allowed"
    )
    answer(values, text, as_json=as_json)
    if done.outcome is not CheckOutcome.PASSED:
        raise typer.Exit(1)


class _Refused(ScreeningError):
    """Every reason in one line."""

    def __init__(self, error: CommissioningError | DistanceError) -> None:
        super().__init__(f"nothing was written: {'; '.join(error.sentences)}")


def _gate(settings: Settings, name: str | None) -> tuple[GateSettings, ThermometerSettings]:
    equipped = {
        gate.name: (gate, gate.thermometer)
        for gate in settings.gates
        if gate.thermometer is not None
    }
    if name is None and len(equipped) == 1:
        return next(iter(equipped.values()))
    if name not in equipped:
        names = ", ".join(sorted(equipped)) or "none is configured"
        raise UsageError(f"name a --gate that has a thermometer: {names}")
    return equipped[name]


def _write(
    settings: Settings,
    found: Commissioning,
    people: list[Comparison],
    steps: list[Comparison],
    walk: list[WalkPoint],
) -> tuple[Path, datetime]:
    """Where the report lies, and when it is deleted."""
    make_folder(settings.data)
    words = ReportWords(Languages()[settings.site.language], settings.site.zone)
    draft = Draft(
        found.gate,
        room_celsius=found.room_celsius,
        staff=tuple(Point(str(n), one) for n, one in enumerate(people)),
        steps=tuple(Point(str(n), one) for n, one in enumerate(steps)),
        walk=tuple(Stood(str(n), one) for n, one in enumerate(walk)),
    )
    _, reports = thermometer_files(settings)
    path = write_report(words, found, draft, site=settings.site.name, to=reports)
    try:
        with office_record(settings) as record:
            record.thermometers.write_commissioning(found)
    except ScreeningError:
        path.unlink(missing_ok=True)
        raise
    return path, reports.deleted_at(found.at)


def _distance_table(walk: list[WalkPoint]) -> DistanceTable | None:
    """The first of them stood on the mark."""
    if not walk:
        return None
    try:
        return fit_distance_table(walk, reference_cm=walk[0].tape_cm)
    except DistanceError as error:
        raise _Refused(error) from error


def _told_table(table: DistanceTable) -> dict[str, object]:
    return {
        "fills_picture_cm": table.fills_picture_cm,
        "reference_cm": table.reference_cm,
        "points": [{"cm": cm, "correction_celsius": celsius} for cm, celsius in table.points],
    }


def _told_reach(table: DistanceTable | None) -> str:
    if table is None:
        return ""
    low, high = table.reach_celsius
    return (
        f"\nDistance: {low:+.2f} to {high:+.2f} degC from {table.nearest_cm:g} to"
        f" {table.furthest_cm:g} cm, 0 at the mark of {table.reference_cm:g}"
    )


def _fit_asking(
    fit: Callable[[list[Comparison]], Commissioning],
    thermometer: ThermometerSettings,
    clock: Clock,
    room_celsius: float,
    *,
    is_warm: bool,
) -> tuple[Commissioning, list[Comparison]]:
    """Person after person, and again whoever does not fit; nothing is lost by a mistyped number."""
    if room_celsius not in ROOM_CELSIUS:  # told before anybody stands there
        raise ScreeningError(
            f"the room has {room_celsius:g} degC: bring it to {limits_of(ROOM_CELSIUS)}"
        )
    require_warm(is_warm=is_warm)
    tell("Nobody's name is asked for.")
    people: list[Comparison] = []
    with steady(thermometer, clock) as take:
        while True:
            _ask_people(people, take)
            try:
                return fit(people), people
            except CommissioningError as error:
                for sentence in error.sentences:
                    tell(f"  {sentence}")
                if not _took_out(people):
                    raise _Refused(error) from error


def _ask_people(people: list[Comparison], take: Callable[[], float | None]) -> None:
    while True:
        number, is_enough = len(people) + 1, len(people) >= MIN_STAFF
        ending = ", or type done" if is_enough else ""
        typed = read_line(f"Person {number}: stand before the device and press Enter{ending}: ")
        if is_enough and typed.casefold() == "done":
            return
        raw = take()
        if raw is None:
            tell("  no steady value: stand still, and closer")
            continue
        tell(f"  the device shows {raw:.2f}")
        reference = ask("  clinical thermometer", TYPED_BODY_CELSIUS)
        if reference >= WELL_CELSIUS.high:
            tell("  37.5 or more is not well enough for this: ask somebody else")
            continue
        people.append(Comparison(raw, reference))
        tell(f"  difference {reference - raw:+.2f}")


def _took_out(people: list[Comparison]) -> bool:
    for number, one in enumerate(people, start=1):
        tell(f"  {number}: {one.reference_celsius - one.raw_celsius:+.2f}")
    while typed := read_line("Number of the person to measure again, or Enter to give up: "):
        if typed.isascii() and typed.isdecimal() and 1 <= int(typed) <= len(people):
            del people[int(typed) - 1]
            return True
        tell(f"  a number from 1 to {len(people)}, please")
    return False
