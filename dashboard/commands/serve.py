"""``gerbang serve``: the web, the gates and the record in one process."""

from __future__ import annotations

import logging
import socket
from typing import Annotated

import typer

from dashboard.bootstrap import RunningOffice
from dashboard.commands.shared import ConfigOption, DataOption, UsageError, settings_for
from dashboard.gates import ALL, CONFIGURED, GateChoice
from dashboard.server import listening_at, run_server
from screening.clock import SystemClock
from screening.errors import ScreeningError, UnknownGate
from screening.settings import Settings

_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}
"""Where a browser on this machine finds a process that listens on all addresses."""
DEMO_MARKER = "DEMO"
"""A file in the data folder: its log-ins are public, so it is never served as a real office."""


def serve(
    port: Annotated[
        int | None, typer.Option("--port", min=0, max=65535, help="Port to listen on.")
    ] = None,
    host: Annotated[str | None, typer.Option("--host", help="Address to listen on.")] = None,
    gates: Annotated[
        str | None,
        typer.Option(
            "--gates",
            help="Gates that this process runs: all, none or NAME,…"
            " [default: the configuration's; where it names none, all].",
        ),
    ] = None,
    rehearse: Annotated[
        bool,
        typer.Option(
            "--rehearse",
            help="The configuration's gates on simulated devices; nothing is opened or kept.",
        ),
    ] = False,
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """Run the office until Ctrl-C. Gates without devices work in manual.

    A gate that another process runs is left to it, and taken over when that one ends.

    Example: gerbang serve --config gerbang.toml
    """
    chosen = parse_gates(gates)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    logging.getLogger("alembic").setLevel(logging.WARNING)
    settings = with_address(settings_for(data, config), host, port)
    if rehearse:
        _rehearse(settings, chosen)
        return
    if (settings.data / DEMO_MARKER).exists():
        raise ScreeningError(f"{settings.data} belongs to the demo (public log-ins): use another")
    try:
        with (
            listening_at(settings.web) as listening,
            RunningOffice.open(settings, gates=chosen) as running,
        ):
            for line in running.setup_advice():
                print(line, flush=True)
            tell_first_start(running, listening)
            run_server(running, listening)
    except UnknownGate as error:
        raise UsageError(f"--gates: {error}") from error


def tell_first_start(running: RunningOffice, listening: socket.socket) -> None:
    """Print the address by which somebody becomes the first administrator, where there is none."""
    path = running.first_token.renew()
    if path is None:
        return
    web, port = running.settings.web, listening.getsockname()[1]
    scheme = "http" if web.tls_certificate is None else "https"
    host = _EVERYWHERE.get(web.host, web.host)
    base = web.public_url or f"{scheme}://{f'[{host}]' if ':' in host else host}:{port}"
    print(
        "Nobody administers this office yet. Open this address in a browser; it is good once, until"
        f" the next start:\n  {base}{path}\nOr: gerbang user add NAME --role administrator",
        flush=True,
    )


def _rehearse(settings: Settings, gates: GateChoice) -> None:
    from dashboard.demo.rehearsal import rehearsal  # what it draws with takes long to load

    clock = SystemClock()
    try:
        with (
            listening_at(settings.web) as listening,
            rehearsal(settings, clock) as rehearsed,
            RunningOffice.open(
                rehearsed.settings,
                clock=clock,
                cameras=rehearsed.cameras,
                is_rehearsal=True,
                gates=gates,
            ) as house,
        ):
            rehearsed.begin(house)
            run_server(house, listening)
    except UnknownGate as error:
        raise UsageError(f"--gates: {error}") from error


def parse_gates(text: str | None) -> GateChoice:
    """``all``, ``none``, or names with commas between. Raises UsageError."""
    if text is None:
        return CONFIGURED
    if text.strip() == "all":
        return ALL
    if text.strip() == "none":
        return GateChoice()
    names = frozenset(name.strip() for name in text.split(",") if name.strip())
    if not names:
        raise UsageError("--gates: write all, none, or names with commas between")
    return GateChoice(names)


def with_address(settings: Settings, host: str | None, port: int | None) -> Settings:
    """The settings with the address given on the command line, where one was given."""
    given = {"host": host, "port": port}
    changed = {name: value for name, value in given.items() if value is not None}
    return settings.model_copy(update={"web": settings.web.model_copy(update=changed)})
