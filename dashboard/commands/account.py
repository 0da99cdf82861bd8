"""``gerbang user``: the people who log in."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from dashboard.commands.shared import (
    ConfigOption,
    DataOption,
    JsonOption,
    OperatorOption,
    UsageError,
    answer,
    iso,
    operator_or_user,
    settings_for,
)
from dashboard.storage import open_record
from dashboard.web.invitations import invite, renew, require_name
from dashboard.web.passwords import hash_password, weakness
from screening.accounts import Role, User
from screening.clock import SystemClock
from screening.errors import AccountError
from screening.settings import Settings

NameArgument = Annotated[str, typer.Argument(help="Log-in name.")]
PasswordStdinOption = Annotated[
    bool, typer.Option("--password-stdin", help="Read the password from standard input.")
]

app = typer.Typer(help="People who log in.", no_args_is_help=True)


@app.command("add")
def add(
    name: NameArgument,
    role: Annotated[Role, typer.Option("--role", help="What this person may do.")],
    password_stdin: PasswordStdinOption = False,
    operator: OperatorOption = None,
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Add a person; the password comes from standard input or is asked for.

    Example: echo "a long password" | gerbang user add siti --role guard --password-stdin
    """
    name = _name(name)
    password = _password(name, from_stdin=password_stdin)
    user = User(name, role, hash_password(password), SystemClock().now())
    with open_record(settings_for(data, config)) as record:
        record.accounts.add_user(user, operator=operator_or_user(operator))
    answer({"user": name, "role": role.value}, f"{name} may log in as {role}", as_json=as_json)


@app.command("password")
def change_password(
    name: NameArgument,
    password_stdin: PasswordStdinOption = False,
    operator: OperatorOption = None,
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
        record.accounts.change_password(
            name,
            hash_password(password),
            operator=operator_or_user(operator),
            at=SystemClock().now(),
        )
    answer({"user": name}, f"{name} has a new password", as_json=as_json)


@app.command("invite")
def invite_user(
    name: NameArgument,
    role: Annotated[Role, typer.Option("--role", help="What this person may do.")],
    operator: OperatorOption = None,
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Add a person who chooses the password; print the link for it, which is shown only now.

    The link is good once, for three days.

    Example: gerbang user invite siti --role guard
    """
    name, settings = _name(name), settings_for(data, config)
    by = operator_or_user(operator)
    with open_record(settings) as record:
        path = invite(record.accounts, name, role, operator=by, at=SystemClock().now())
    _tell_link(name, path, settings, as_json=as_json)


@app.command("reset")
def reset(
    name: NameArgument,
    operator: OperatorOption = None,
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take a person's password and second factor away; print the link for another password.

    Whoever is logged in by this name is not any more. The only administrator keeps the password;
    gerbang user password gives another one.

    Example: gerbang user reset siti
    """
    settings = settings_for(data, config)
    by = operator_or_user(operator)
    with open_record(settings) as record:
        path = renew(record.accounts, name, operator=by, at=SystemClock().now())
    _tell_link(name, path, settings, as_json=as_json)


@app.command("role")
def change_role(
    name: NameArgument,
    role: Annotated[Role, typer.Argument(help="What this person may do from now on.")],
    operator: OperatorOption = None,
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Give a person another role; whoever is logged in by this name has to log in again.

    Example: gerbang user role siti officer
    """
    by, at = operator_or_user(operator), SystemClock().now()
    with open_record(settings_for(data, config)) as record:
        record.accounts.change_role(name, role, operator=by, at=at)
    answer({"user": name, "role": role.value}, f"{name} may log in as {role}", as_json=as_json)


@app.command("lock")
def lock(
    name: NameArgument,
    operator: OperatorOption = None,
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Let a person log in no more, until gerbang user unlock; open log-ins end.

    Example: gerbang user lock siti
    """
    by, at = operator_or_user(operator), SystemClock().now()
    with open_record(settings_for(data, config)) as record:
        record.accounts.set_locked(name, is_locked=True, operator=by, at=at)
    answer({"user": name, "locked": True}, f"{name} cannot log in", as_json=as_json)


@app.command("unlock")
def unlock(
    name: NameArgument,
    operator: OperatorOption = None,
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Let a person log in again by the password they had.

    Example: gerbang user unlock siti
    """
    by, at = operator_or_user(operator), SystemClock().now()
    with open_record(settings_for(data, config)) as record:
        record.accounts.set_locked(name, is_locked=False, operator=by, at=at)
    answer({"user": name, "locked": False}, f"{name} can log in again", as_json=as_json)


@app.command("no-code")
def take_second_factor_away(
    name: NameArgument,
    operator: OperatorOption = None,
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take the second factor of a person away whose phone, passkeys and recovery codes are lost.

    Example: gerbang user no-code rina
    """
    by, at = operator_or_user(operator), SystemClock().now()
    with open_record(settings_for(data, config)) as record:
        record.accounts.drop_second_factor(name, operator=by, at=at)
    answer(
        {"user": name, "second_factor": False}, f"{name} logs in by password alone", as_json=as_json
    )


@app.command("remove")
def remove(
    name: NameArgument,
    operator: OperatorOption = None,
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take a person's log-in away within two seconds; the log keeps their name.

    The only administrator stays.

    Example: gerbang user remove siti
    """
    with open_record(settings_for(data, config)) as record:
        record.accounts.remove_user(
            name, operator=operator_or_user(operator), at=SystemClock().now()
        )
    answer({"user": name}, f"{name} can log in no more", as_json=as_json)


def _name(name: str) -> str:
    try:
        return require_name(name)
    except AccountError as error:
        raise UsageError(str(error)) from error


def _tell_link(name: str, path: str, settings: Settings, *, as_json: bool) -> None:
    web = settings.web
    scheme = "http" if web.tls_certificate is None else "https"
    base = web.public_url or f"{scheme}://{web.host}:{web.port}"
    link = f"{base}{path}"
    answer({"user": name, "link": link}, f"{name} chooses a password at {link}", as_json=as_json)


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
    """Tell who may log in, when they did last, and who is locked or has yet to choose a password.

    Example: gerbang user list
    """
    settings, now = settings_for(data, config), SystemClock().now()
    zone = settings.site.zone
    with open_record(settings) as record:
        invited = {one.user for one in record.accounts.invitations(at=now)}
        for user in record.accounts.users():
            last = None if user.last_login_at is None else iso(user.last_login_at, zone)
            values = {
                "user": user.name,
                "role": user.role.value,
                "locked": user.locked_at is not None,
                "invited": user.name in invited,
                "second_factor": user.has_second_factor,
                "last_login": last,
            }
            notes = [key for key in ("locked", "invited", "second_factor") if values[key]]
            told = [user.name, user.role.value, last or "never logged in", *notes]
            answer(values, "\t".join(told), as_json=as_json)
