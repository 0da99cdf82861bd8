"""``gerbang thermometer``: what hangs at a port, what it tells, and whether it can be trusted."""

from __future__ import annotations

import typer

from dashboard.commands.thermometer_capture import decode
from dashboard.commands.thermometer_identify import identify_ports
from dashboard.commands.thermometer_trial import benchmark, fuzz
from dashboard.commands.thermometer_watch import watch

app = typer.Typer(help="Find, read and try thermometers.", no_args_is_help=True)
app.command("identify")(identify_ports)
app.command("watch")(watch)
app.command("decode")(decode)
app.command("fuzz")(fuzz)
app.command("benchmark")(benchmark)
