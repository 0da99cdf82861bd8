"""``gerbang issuer``: whose receipts are taken besides the office's own."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer

from dashboard.commands.asking import confirm
from dashboard.commands.shared import (
    ConfigOption,
    DataOption,
    JsonOption,
    OperatorOption,
    UsageError,
    ValuesArgument,
    YesOption,
    answer,
    change_office,
    iso,
    office_record,
    parse_time,
    parse_values,
    settings_for,
    wrong_usage,
)
from dashboard.storage import open_site_keys
from screening.clock import SystemClock
from screening.errors import ReceiptError
from screening.office.changes import NONE
from screening.office.facts import OfficeFacts
from screening.office.issuers import (
    chosen,
    require_issuer,
    with_issuer_key,
    with_key_times,
    without_issuer,
)
from screening.receipts.keys import TrustedKey
from screening.receipts.public_keys import read_public_key

TIMES = ("from", "until")

NameArgument = Annotated[
    str, typer.Argument(help="The issuer, as its receipts name it: at most 16 characters.")
]
KidOption = Annotated[
    str | None, typer.Option("--kid", help="Key id in hexadecimal, where it is not the usual one.")
]
WhichOption = Annotated[
    str | None, typer.Option("--kid", help="Which of its keys, as gerbang issuer list tells.")
]

app = typer.Typer(help="Other systems whose receipts are taken.", no_args_is_help=True)


@app.command("add")
def add(
    name: NameArgument,
    key: Annotated[
        Path, typer.Option("--key", help="Its public key: PEM, JWK or COSE key, Ed25519 or P-256.")
    ],
    kid: KidOption = None,
    begins: Annotated[
        str | None, typer.Option("--from", help="Not trusted before this day or time.")
    ] = None,
    ends: Annotated[
        str | None, typer.Option("--until", help="Not trusted from this day or time on.")
    ] = None,
    operator: OperatorOption = None,
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Trust an issuer's key, within two seconds and at every gate. It may have several at a time.

    To replace one, add the new key, and give the old one an end with gerbang issuer set.

    Example: gerbang issuer add PORTAL --key portal.jwk --until 2027-12-31
    """
    settings = settings_for(data, config)
    zone = settings.site.zone
    try:
        handed = read_public_key(key.read_bytes())
    except OSError as error:
        raise UsageError(f"{key} cannot be read: {error.strerror}") from error
    except ReceiptError as error:
        raise UsageError(f"{key}: {error}") from error
    trusted = TrustedKey(
        issuer=name,
        kid=_kid(kid) or handed.kid,
        public_key=handed.public_key,
        not_before=None if begins is None else parse_time(begins, zone),
        not_after=None if ends is None else parse_time(ends, zone),
    )
    with wrong_usage():
        require_issuer(name, ours=settings.site.code)
        edit = with_issuer_key(trusted)
    with office_record(settings) as record:
        changed = change_office(record, edit, operator)
    values = _values(trusted, "record", zone)
    answer({**values, **changed}, _text(values), as_json=as_json)


@app.command("set")
def set_times(
    name: NameArgument,
    values: ValuesArgument = None,
    kid: WhichOption = None,
    operator: OperatorOption = None,
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Change from when and until when a key is trusted; none takes the limit away.

    Example: gerbang issuer set PORTAL until=2027-01-31 --kid 0123456789abcdef
    """
    settings = settings_for(data, config)
    zone = settings.site.zone
    typed = parse_values(values)
    unknown = [one for one in typed if one not in TIMES]
    if unknown or not typed:
        raise UsageError(f"say what to set, KEY=VALUE; keys: {', '.join(TIMES)}")
    times = {one: None if text == NONE else parse_time(text, zone) for one, text in typed.items()}
    which = _kid(kid)
    with office_record(settings) as record:
        changed = change_office(record, with_key_times(name, which, times), operator)
        (key,) = chosen(record.facts.current(), name, which, several=False)
    told = _values(key, "record", zone)
    answer({**told, **changed}, _text(told), as_json=as_json)


@app.command("list")
def list_issuers(
    data: DataOption = None, config: ConfigOption = None, as_json: JsonOption = False
) -> None:
    """Tell whose receipts are taken: each key with its days, and lists that were imported.

    Where it stands: office (its own key), file (keys/trusted-issuers.toml, read at the start),
    record (gerbang issuer add), list (gerbang receipt import).

    Example: gerbang issuer list --json
    """
    settings = settings_for(data, config)
    with office_record(settings) as record:
        keys = open_site_keys(settings, record)
        facts = record.facts.current()
    for values in _listed(keys.trusted.keys, keys.signing.kid, facts, settings.site.zone):
        answer(values, _text(values), as_json=as_json)


@app.command("remove")
def remove(
    name: NameArgument,
    kid: WhichOption = None,
    operator: OperatorOption = None,
    yes: YesOption = False,
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Trust an issuer no more, or one of its keys: what it signed is refused within two seconds.

    The numbers that were imported from it are refused too, unless one key is named.

    Example: gerbang issuer remove PORTAL --kid 0123456789abcdef --yes
    """
    edit = without_issuer(name, _kid(kid))
    with office_record(settings_for(data, config)) as record:
        edit(record.facts.current())  # OfficeError before anything is asked
        confirm(f"Receipts of {name} will be refused from now on. Go on?", is_agreed=yes)
        changed = change_office(record, edit, operator)
    answer(
        {"issuer": name, "removed": True, **changed}, f"{name} is trusted no more", as_json=as_json
    )


def _kid(text: str | None) -> bytes | None:
    try:
        return None if text is None else bytes.fromhex(text)
    except ValueError as error:
        raise UsageError(f"--kid {text!r} is not hexadecimal") from error


def _listed(
    own: tuple[TrustedKey, ...], signing: bytes, facts: OfficeFacts, zone: ZoneInfo
) -> Iterator[dict[str, Any]]:
    for key in own:
        yield _values(key, "office" if key.kid == signing else "file", zone)
    for key in facts.issuer_keys:
        yield _values(key, "record", zone)
    for issuer, count in facts.imported.items():
        yield {"issuer": issuer, "source": "list", "receipts": count}


def _values(key: TrustedKey, source: str, zone: ZoneInfo) -> dict[str, Any]:
    now = SystemClock().now()
    state = "over" if key.is_over(now) else "good" if key.is_good(now) else "not_yet"
    return {
        "issuer": key.issuer,
        "source": source,
        "kid": key.kid.hex(),
        "algorithm": key.algorithm.name_in_cose,
        "from": _moment(key.not_before, zone),
        "until": _moment(key.not_after, zone),
        "state": state,
    }


def _moment(moment: datetime | None, zone: ZoneInfo) -> str | None:
    return None if moment is None else iso(moment, zone)


def _text(values: dict[str, Any]) -> str:
    if values["source"] == "list":
        return f"{values['issuer']}\tlist\t{values['receipts']} receipts"
    days = f"from {values['from'] or '-'}\tuntil {values['until'] or '-'}"
    shown = ("issuer", "source", "kid", "algorithm", "state")
    return "\t".join([*(values[key] for key in shown), days])
