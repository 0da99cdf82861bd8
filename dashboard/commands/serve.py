"""``gerbang serve``: the web, the gates and the record in one process."""

from __future__ import annotations

import logging
from typing import Annotated

import typer

from dashboard.bootstrap import House
from dashboard.commands.shared import ConfigOption, DataOption, settings_for
from dashboard.server import listening_at, run_server
from screening.errors import ScreeningError
from screening.settings import Settings

DEMO_MARKER = "DEMO"
"""A file in the data folder: its log-ins are public, so it is never served as a real office."""


def serve(
    port: Annotated[int | None, typer.Option("--port", help="Port to listen on.")] = None,
    host: Annotated[str | None, typer.Option("--host", help="Address to listen on.")] = None,
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """Run the office until Ctrl-C. Gates without devices work in manual.

    Example: gerbang serve --config gerbang.toml
    """
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    logging.getLogger("alembic").setLevel(logging.WARNING)
    settings = with_address(settings_for(data, config), host, port)
    if (settings.data / DEMO_MARKER).exists():
        raise ScreeningError(f"{settings.data} belongs to the demo (public log-ins): use another")
    with listening_at(settings.web) as listening, House.open(settings) as house:
        for line in house.setup_advice():
            print(line, flush=True)
        run_server(house, listening)


def with_address(settings: Settings, host: str | None, port: int | None) -> Settings:
    """The settings with the address given on the command line, where one was given."""
    given = {"host": host, "port": port}
    changed = {name: value for name, value in given.items() if value is not None}
    return settings.model_copy(update={"web": settings.web.model_copy(update=changed)})
