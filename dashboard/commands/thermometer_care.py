"""``gerbang thermometer commission`` and ``check``: what the gate's page does, in a terminal."""

from __future__ import annotations

import getpass
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from dashboard.commands.asking import ask, require_warm, take_steady
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
from dashboard.commands.thermometer_staff import fit_asking
from dashboard.commands.thermometer_steady import steady
from dashboard.commands.thermometer_tables import comparisons, number_of, walk_points
from dashboard.setup.thermometer.figures import is_dishonest
from dashboard.setup.thermometer.report import ReportWords, write_down
from dashboard.storage import make_folder, thermometer_files
from dashboard.web.language import Languages
from dashboard.web.typed_numbers import HOW_TO_TYPE
from screening.clock import SystemClock
from screening.errors import ScreeningError
from screening.settings import GateSettings, Settings, ThermometerSettings
from screening.temperature.distance import DistanceTable
from screening.temperature.instrument.commissioning import CheckOutcome, Commissioning, Comparison
from screening.temperature.instrument.distance_fit import (
    DistanceError,
    WalkPoint,
    fit_distance_table,
)
from screening.temperature.instrument.drafts import Draft, Point, Stood
from screening.temperature.instrument.fitting import (
    FLASK_CELSIUS,
    ROOM_CELSIUS,
    TYPED_BODY_CELSIUS,
    TYPED_ROOM_CELSIUS,
    CommissioningError,
    Reference,
    check_thermometer,
    fit_commissioning,
    largest_difference,
)
from screening.temperature.instrument.normaliser import linearity
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

    try:
        if staff is None:
            found, people = fit_asking(fit, thermometer, clock, room_celsius, is_warm=is_warm)
        else:
            people = comparisons(staff)
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
    with office_record(settings) as record:
        _, reports = thermometer_files(settings, record.facts.current)
        path = write_down(
            words,
            found,
            draft,
            site=record.facts.current().name or settings.site.name,
            to=reports,
            log=record.thermometers,
        )
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
