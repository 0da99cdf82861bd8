"""The ``gerbang`` command. Exit status: 0 fine, 1 the check failed, 2 wrong usage."""

from __future__ import annotations

import os
import sys

import typer

from dashboard.commands import (
    account,
    bench,
    config,
    demo,
    gate,
    log,
    mask,
    receipt,
    serve,
    thermometer,
)
from dashboard.commands.shared import UsageError, fail
from screening.errors import ScreeningError, SettingsError

app = typer.Typer(
    name="gerbang",
    help="Entrance screening and visitor log of an office.",
    no_args_is_help=True,
    rich_markup_mode=None,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command("demo")(demo.run_demo)
app.command("serve")(serve.serve)
app.command("bench")(bench.bench)
for name, group in (
    ("config", config.app),
    ("user", account.app),
    ("gate", gate.app),
    ("receipt", receipt.app),
    ("mask", mask.app),
    ("thermometer", thermometer.app),
    ("log", log.app),
):
    app.add_typer(group, name=name)


def run(arguments: list[str]) -> int:
    """Run one command and return its exit status; errors become one line on standard error."""
    command = typer.main.get_command(app)
    try:
        status = command.main(args=arguments, prog_name="gerbang", standalone_mode=False)
    except typer.TyperException as error:
        message = error.format_message()
        if message.startswith("Usage:"):  # called without a sub-command: the help itself
            print(message, file=sys.stderr)
        else:
            fail(f"{message} (try --help)")
        return 2
    except UsageError as error:
        fail(str(error))
        return 2
    except SettingsError as error:
        for problem in error.problems:
            fail(problem)
        return 1
    except ScreeningError as error:
        fail(str(error))
        return 1
    except BrokenPipeError:  # the reader of a pipe went away: nothing left to tell
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except (KeyboardInterrupt, typer.Abort):
        return 130
    return status if isinstance(status, int) else 0


def main() -> None:
    """Entry point of the installed command."""
    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
