"""``gerbang person``: what is kept of a receipt's holder, told and erased."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from dashboard.commands.shared import (
    ConfigOption,
    DataOption,
    JsonOption,
    OperatorOption,
    answer,
    office_record,
    operator_or_user,
    settings_for,
)
from dashboard.storage import open_links
from screening.clock import SystemClock
from screening.errors import ScreeningError
from screening.receipts.claims import ReceiptClaims
from screening.record import Record
from screening.settings import Settings

app = typer.Typer(
    help="What is kept of a receipt's holder: tell it, erase it.", no_args_is_help=True
)
NumberArgument = Annotated[str, typer.Argument(help="Number of the receipt.")]
KeyArgument = Annotated[str, typer.Argument(help="The key at the end of its link.")]


@app.command("export")
def export(
    number: NumberArgument,
    key: KeyArgument,
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Print all that is kept with a receipt as JSON, for its holder.

    The key shows that they are the holder: it stands at the end of the receipt's link.

    Example: gerbang person export 7KQ2M-9XV4T 3fk…q2a > mine.json
    """
    settings = settings_for(data, config)
    with office_record(settings) as record:
        claims = _claims(record, settings, number, key)
        told = record.persons.export(claims.issuer, claims.number)
    answer(told, json.dumps(told, ensure_ascii=False, indent=2), as_json=as_json)


@app.command("erase")
def erase(
    number: NumberArgument,
    key: KeyArgument,
    operator: OperatorOption = None,
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Erase name, contact, priority group, answers, remarks and degrees kept with a receipt.

    It cannot be undone. A receipt that could still be used is worthless afterwards. The log notes
    that it was done, and stays valid. Backups hold it until they are deleted.

    Example: gerbang person erase 7KQ2M-9XV4T 3fk…q2a --operator rina
    """
    settings = settings_for(data, config)
    with office_record(settings) as record:
        claims = _claims(record, settings, number, key)
        erased = record.persons.erase(
            claims.issuer, claims.number, by=operator_or_user(operator), at=SystemClock().now()
        )
    told = ", ".join(f"{kind}: {many}" for kind, many in erased.items()) or "nothing was left"
    answer({"number": claims.number, "erased": erased}, told, as_json=as_json)


def _claims(record: Record, settings: Settings, number: str, key: str) -> ReceiptClaims:
    """Raises ScreeningError for a wrong number as for a wrong key."""
    found = open_links(settings, record).claims_of(number, key)
    if found is None:
        raise ScreeningError("no receipt has this number and this key")
    return found
