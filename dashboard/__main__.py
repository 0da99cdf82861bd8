"""The ``gerbang`` command. Exit status: 0 fine, 1 the check failed, 2 wrong usage."""

from __future__ import annotations

import gc
import os
import sys
from functools import cache

# All that is loaded stays. To look for garbage in it meanwhile takes a fifth of the whole time.
gc.disable()

import typer

from dashboard.commands import (
    account,
    alert,
    backup,
    bench,
    config,
    counter,
    demo,
    doctor,
    gate,
    hours,
    issuer,
    key,
    log,
    mask,
    office,
    person,
    plan,
    receipt,
    registration,
    report,
    retention,
    serve,
    service,
    simulate,
    survey,
    temperature,
    thermometer,
    thermometer_care,
    waits,
)
from dashboard.commands.shared import UsageError, fail
from screening.errors import ScreeningError, SettingsError

gc.freeze()
gc.enable()

app = typer.Typer(
    name="gerbang",
    help="Entrance screening and visitor log of an office.",
    no_args_is_help=True,
    rich_markup_mode=None,
    add_completion=False,
    pretty_exceptions_enable=False,
)
thermometer.app.command("commission")(thermometer_care.commission)
thermometer.app.command("check")(thermometer_care.check)
app.command("demo")(demo.run_demo)
app.command("serve")(serve.serve)
app.command("doctor")(doctor.doctor)
app.command("bench")(bench.bench)
app.command("register")(registration.register)
app.command("waits")(waits.waits)
for name, group in (
    ("config", config.app),
    ("office", office.app),
    ("service", service.app),
    ("hours", hours.app),
    ("user", account.app),
    ("gate", gate.app),
    ("counter", counter.app),
    ("key", key.app),
    ("issuer", issuer.app),
    ("receipt", receipt.app),
    ("registration", registration.app),
    ("mask", mask.app),
    ("temperature", temperature.app),
    ("thermometer", thermometer.app),
    ("plan", plan.app),
    ("simulate", simulate.app),
    ("alert", alert.app),
    ("report", report.app),
    ("survey", survey.app),
    ("retention", retention.app),
    ("person", person.app),
    ("log", log.app),
    ("backup", backup.app),
):
    app.add_typer(group, name=name)


WRONG_USAGE, FAILED, INTERRUPTED = 2, 1, 130

put_together = cache(typer.main.get_command)
"""The command with all its groups: to make it takes longer than most of them do."""


def run(arguments: list[str]) -> int:
    """Run one command and return its exit status; errors become one line on standard error."""
    try:
        status = put_together(app).main(args=arguments, prog_name="gerbang", standalone_mode=False)
    except (typer.TyperException, ScreeningError) as error:
        return _explain(error)
    except BrokenPipeError:  # the reader of a pipe went away: nothing left to tell
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except (KeyboardInterrupt, typer.Abort):
        return INTERRUPTED
    return status if isinstance(status, int) else 0


def _explain(error: typer.TyperException | ScreeningError) -> int:
    """Tell what went wrong, a problem a line; the exit status."""
    if isinstance(error, typer.TyperException):
        message = error.format_message()
        if message.startswith("Usage:"):  # called without a sub-command: the help itself
            print(message, file=sys.stderr)
        else:
            fail(f"{message} (try --help)")
        return WRONG_USAGE
    for problem in error.problems if isinstance(error, SettingsError) else [str(error)]:
        fail(problem)
    return WRONG_USAGE if isinstance(error, UsageError) else FAILED


def main() -> None:
    """Entry point of the installed command."""
    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
