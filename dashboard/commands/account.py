"""``gerbang user``: the people who log in."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from dashboard.commands.shared import (
    ConfigOption,
    DataOption,
    JsonOption,
    UsageError,
    answer,
    settings_for,
)
from dashboard.storage import open_record
from dashboard.web.passwords import hash_password, weakness
from screening.accounts import KEY_ACTOR, Role, User
from screening.clock import SystemClock
from screening.errors import AccountError

PasswordStdinOption = Annotated[
    bool, typer.Option("--password-stdin", help="Read the password from standard input.")
]

app = typer.Typer(help="People who log in.", no_args_is_help=True)


@app.command("add")
def add(
    name: Annotated[str, typer.Argument(help="Log-in name.")],
    role: Annotated[Role, typer.Option("--role", help="What this person may do.")],
    password_stdin: PasswordStdinOption = False,
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Add a person; the password comes from standard input or is asked for.

    Example: echo "a long password" | gerbang user add siti --role guard --password-stdin
    """
    if not name.strip() or len(name) > 40 or not name.isprintable():
        raise UsageError("a log-in name has 1 to 40 printable characters")
    if name.strip().startswith(KEY_ACTOR):
        raise UsageError(f"{KEY_ACTOR} begins the names of other systems' keys in the log")
    password = _password(name.strip(), from_stdin=password_stdin)
    with open_record(settings_for(data, config)) as record:
        record.accounts.add_user(
            User(name.strip(), role, hash_password(password), SystemClock().now())
        )
    answer({"user": name, "role": role.value}, f"{name} may log in as {role}", as_json=as_json)


@app.command("password")
def change_password(
    name: Annotated[str, typer.Argument(help="Log-in name.")],
    password_stdin: PasswordStdinOption = False,
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Give a person another password; whoever is logged in by the old one has to log in again.

    Example: echo "another long password" | gerbang user password siti --password-stdin
    """
    with open_record(settings_for(data, config)) as record:
        if record.accounts.user(name) is None:  # told before a password is asked for
            raise AccountError(f"there is no user {name!r}")
        password = _password(name, from_stdin=password_stdin)
        record.accounts.change_password(name, hash_password(password))
    answer({"user": name}, f"{name} has a new password", as_json=as_json)


@app.command("remove")
def remove(
    name: Annotated[str, typer.Argument(help="Log-in name.")],
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take a person's log-in away within two seconds; the log keeps their name.

    The only administrator stays.

    Example: gerbang user remove siti
    """
    with open_record(settings_for(data, config)) as record:
        record.accounts.remove_user(name)
    answer({"user": name}, f"{name} can log in no more", as_json=as_json)


def _password(name: str, *, from_stdin: bool) -> str:
    if from_stdin:
        typed = sys.stdin.readline() if sys.stdin is not None else ""
        password = typed.rstrip("\r\n")
    else:
        password = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    why = weakness(password, name)
    if why is not None:
        raise UsageError(f"the password {why}")
    return password


@app.command("list")
def list_users(
    data: DataOption = None, config: ConfigOption = None, as_json: JsonOption = False
) -> None:
    """Tell who may log in.

    Example: gerbang user list
    """
    with open_record(settings_for(data, config)) as record:
        for user in record.accounts.users():
            answer(
                {"user": user.name, "role": user.role.value},
                f"{user.name}\t{user.role}",
                as_json=as_json,
            )
