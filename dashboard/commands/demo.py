"""``gerbang demo``: the whole office on simulated hardware, with visitors."""

from __future__ import annotations

import logging
import random
import threading
from contextlib import ExitStack
from datetime import timedelta
from typing import Annotated

import typer

from dashboard.bootstrap import RunningOffice
from dashboard.commands.serve import DEMO_MARKER, with_address
from dashboard.commands.shared import ConfigOption, DataOption, UsageError, settings_for
from dashboard.demo.coach import Coach
from dashboard.demo.counter_staff import PLAYED as STAFFED
from dashboard.demo.counter_staff import YOURS as YOUR_COUNTER
from dashboard.demo.counter_staff import CounterStaff, add_counters
from dashboard.demo.director import Director
from dashboard.demo.hardware import SKIN_TO_BODY_CELSIUS, GateHardware
from dashboard.demo.morning import Morning
from dashboard.demo.papers import BookedAhead, book_ahead, open_doors
from dashboard.demo.past_month import DAYS, past_month
from dashboard.server import listening_at, run_server
from dashboard.storage import open_record
from dashboard.web.passwords import hash_password
from drivers.simulated.portrait import portrait
from screening.accounts import Role, User
from screening.clock import SystemClock
from screening.decision import Check
from screening.errors import ScreeningError
from screening.receipts.qr import qr_terminal
from screening.settings import GateSettings, RoomSettings, Settings

LOGINS: tuple[tuple[str, str, Role], ...] = (
    ("satpam", "satpam-demo", Role.GUARD),
    ("petugas", "petugas-demo", Role.OFFICER),
    ("kepala", "kepala-demo", Role.MANAGER),
    ("admin", "admin-demo", Role.ADMINISTRATOR),
)
DEMO_ROOM = RoomSettings(rows=4, columns=6)
"""Twelve open seats: a room that is full within minutes, with the arrivals of one gate."""

TRY_AS = {
    Role.GUARD: "Guard",
    Role.OFFICER: "Officer at counter and desk",
    Role.MANAGER: "Manager",
    Role.ADMINISTRATOR: "Administrator",
}

ROOM = "utama"
"""What the screen of the waiting room is called in its address; there is one room."""

PLAYED, YOURS = "utama", "dua"
"""The gate where visitors come by themselves, and the one to try by hand."""


def run_demo(
    port: Annotated[
        int | None, typer.Option("--port", min=0, max=65535, help="Port [default: 8000].")
    ] = None,
    speed: Annotated[
        float, typer.Option("--speed", help="Arrivals and legal pauses go this much faster.")
    ] = 1.0,
    seed: Annotated[int | None, typer.Option("--seed", help="The same visitors again.")] = None,
    past: Annotated[
        int,
        typer.Option(
            "--past", min=0, max=92, help="A new folder begins with so many simulated days."
        ),
    ] = DAYS,
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """Run the whole office on simulated hardware until Ctrl-C; visitors come by themselves.

    Example: gerbang demo --speed 20
    """
    if not 0 < speed <= 1000:
        raise UsageError("--speed is a number above 0 and up to 1000")
    portrait()  # before any device; it may not be installed
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(message)s")
    settings = with_address(settings_for(data, config), None, port)
    clock, chance = SystemClock(), random.Random(seed)
    with ExitStack() as stack:
        listening = stack.enter_context(listening_at(settings.web))
        settings = with_address(settings, None, listening.getsockname()[1])
        is_new = claim_folder(settings)
        gates = [stack.enter_context(hardware) for hardware in build_hardware(clock, chance)]
        settings = demo_settings(settings, [gate.settings() for gate in gates], speed)
        if is_new and past:
            play_past(settings, clock, days=past, seed=seed)
        running = stack.enter_context(
            RunningOffice.open(
                settings,
                clock=clock,
                cameras={gate.name: gate.camera for gate in gates},
                is_demo=True,
            )
        )
        add_logins(running)
        open_the_doors(running, gates)
        open_doors(running)
        ahead = book_ahead(running, chance)
        add_counters(running)
        director = Director(running, gates[0], speed=speed, chance=chance, booked=ahead.tokens)
        staff = CounterStaff(running, director, speed=speed, chance=chance)
        print(welcome(running, speed, ahead), flush=True)
        coach = Coach(running, gates[1], (director, staff), chance=chance)
        running.training = coach
        director.start()
        stack.callback(director.close)
        staff.start()
        stack.callback(staff.close)
        coach.start()
        stack.callback(coach.close)
        run_server(running, listening)


def open_the_doors(running: RunningOffice, gates: list[GateHardware]) -> None:
    """Commission every thermometer, all at once; then somebody stands at the gate to try."""
    print("The staff stand before the thermometers: some seconds ...", flush=True)
    mornings = [
        threading.Thread(target=Morning(running, gate).commission, daemon=True) for gate in gates
    ]
    for morning in mornings:
        morning.start()
    for morning in mornings:
        morning.join()
    gates[1].stand_in_front("mask", 36.4)


def play_past(settings: Settings, clock: SystemClock, *, days: int, seed: int | None) -> None:
    """Give a new folder the days before today, so that figures have something to show."""
    print(f"The {days} days before today are played: some seconds ...", flush=True)
    chosen = random.randrange(10_000) if seed is None else seed
    past_month(settings, until=clock.now(), seed=chosen, days=days)


def claim_folder(settings: Settings) -> bool:
    """Mark the data folder as the demonstration's; whether it is a new one.

    Raises ScreeningError for a real office's.
    """
    if settings.database_url is not None:
        raise ScreeningError("the demo keeps to its own folder: unset GERBANG_DATABASE_URL")
    marker = settings.data / DEMO_MARKER
    is_used = has_visits(settings)
    if not marker.exists():
        if is_used:
            raise ScreeningError(
                f"{settings.data} holds a real office's visits; choose another --data for the demo"
            )
        marker.write_text("The log-ins of this folder are public: never serve it as an office.\n")
    return not is_used


def has_visits(settings: Settings) -> bool:
    """Whether anything was ever written to the log of this folder."""
    with open_record(settings) as record:
        return bool(record.visits.latest(limit=1))


def build_hardware(clock: SystemClock, chance: random.Random) -> list[GateHardware]:
    """Two gates with different devices: one is played, one is for trying by hand.

    The second one's thermometer is a thermal array, whose picture the guard's page shows.
    """
    return [
        GateHardware(
            PLAYED,
            thermometer="gy-mcu90614",
            barrier="lcus-1",
            checks=(Check.RECEIPT, Check.TEMPERATURE, Check.MASK),
            clock=clock,
            chance=chance,
        ),
        GateHardware(
            YOURS,
            thermometer="gy-mcu90640",
            barrier="modbus-relay",
            checks=None,  # the mode's
            clock=clock,
            chance=chance,
        ),
    ]


def demo_settings(settings: Settings, gates: list[GateSettings], speed: float) -> Settings:
    """The office with simulated gates and a small room; the pause is shortened by ``speed``."""
    policy = settings.policy.model_copy(
        update={
            "preset": "own",
            "pause_s": 300 / speed,
            "offset_celsius": SKIN_TO_BODY_CELSIUS,
        }
    )
    return settings.model_copy(update={"gates": tuple(gates), "policy": policy, "room": DEMO_ROOM})


def add_logins(running: RunningOffice) -> None:
    """The public log-ins, on first use of the folder."""
    for name, password, role in LOGINS:
        if running.record.accounts.user(name) is None:
            running.record.accounts.add_user(
                User(name, role, hash_password(password), running.clock.now())
            )


def welcome(running: RunningOffice, speed: float, ahead: BookedAhead) -> str:
    """What the terminal shows: pages, log-ins and a receipt that is good today."""
    web = running.settings.web
    base = f"http://{web.host}:{web.port}"
    today = running.clock.now().astimezone(running.settings.site.zone).date()
    receipt = running.desk.issue("KTP", "Siti Aminah", issued_on=today - timedelta(days=1))
    pages = (
        ("Guard, gate with visitors", f"{base}/gate/{PLAYED}"),
        ("Guard, gate to try yourself", f"{base}/gate/{YOURS}"),
        ("Kiosk for visitors", f"{base}/kiosk/{PLAYED}"),
        ("Screen of the waiting room", f"{base}/display/{ROOM}"),
        *((f"Counter {name}, an officer works", f"{base}/counter/{name}") for name in STAFFED),
        (f"Counter {YOUR_COUNTER} to try yourself", f"{base}/counter/{YOUR_COUNTER}"),
        ("Desk for visitors' questions", f"{base}/desk"),
        ("The room, for managers", f"{base}/dashboard"),
        ("Practise as guard or officer", f"{base}/training"),
        ("Public page", f"{base}/"),
        ("Register for a day or time", f"{base}/register"),
        ("Sign at the door", f"{base}/sign"),
        ("A visitor's receipt", f"{base}{running.links.path(receipt.claims)}"),
        *([("Somebody who booked a time", f"{base}{ahead.link}")] if ahead.link else []),
    )
    lines = [
        r"    ___",
        r"  _/___\_    Gerbang - demonstration on simulated hardware",
        r"   |   |     " + f"speed {speed:g}; data in {running.settings.data}",
        "",
        *(f"  {name:<28}{address}" for name, address in pages),
        "",
        "  Log-ins, name / password:",
        *(f"  {TRY_AS[role]:<28}{name} / {password}" for name, password, role in LOGINS),
        "",
        f"  A receipt that is good today, number {receipt.number}; scan it at gate {YOURS}:",
        qr_terminal(receipt.token),
        f"  {receipt.token}",
        "",
        "  Stop with Ctrl-C.",
    ]
    return "\n".join(lines)
