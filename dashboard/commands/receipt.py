"""``gerbang receipt``: issue receipts and tell whether one is good."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer

from dashboard.commands.asking import confirm
from dashboard.commands.shared import (
    AtOption,
    ConfigOption,
    DataOption,
    JsonOption,
    LimitOption,
    OperatorOption,
    UsageError,
    YesOption,
    answer,
    iso,
    office_record,
    operator_or_user,
    parse_time,
    settings_for,
    wrong_usage,
)
from dashboard.storage import (
    open_desk,
    open_links,
    open_record,
    renew_site_key,
    site_key_is_known,
)
from screening.clock import SystemClock
from screening.decision import Reason
from screening.errors import UnknownReceipt
from screening.office.issuers import require_issuer
from screening.receipts.claims import ReceiptClaims, state_of
from screening.receipts.csv_list import ListReader, ReceiptList
from screening.receipts.desk import IssuedReceipt
from screening.receipts.qr import qr_terminal, save_qr
from screening.settings import Settings

ISSUED_TOGETHER = 200
SHOWN = 3
"""Receipts of a list that are shown before it is imported."""

REFUSALS = {
    Reason.RECEIPT_UNREADABLE: "this is not a receipt of ours: neither its code nor its number,"
    " which has ten letters and digits such as 7KQ2M-9XV4T",
    Reason.BAD_SIGNATURE: "its signature does not fit: it was changed or forged",
    Reason.UNKNOWN_ISSUER: "this is not a receipt of ours: nobody whom this office trusts has"
    " signed it",
    Reason.ISSUER_KEY_EXPIRED: "it is genuine, but the key that signed it is trusted no more;"
    " gerbang issuer list tells until when",
    Reason.UNKNOWN_RECEIPT: "no receipt with this number was issued here",
    Reason.WRONG_SITE: "it was made for another office",
    Reason.NOT_YET_VALID: "its first day has not come",
    Reason.EXPIRED: "its last day is over",
    Reason.REVOKED: "the office has revoked it",
    Reason.ALREADY_USED: "everybody on it has come in already",
    Reason.ALREADY_INSIDE: "its holder is inside now",
    Reason.SERVICE_UNKNOWN: "the office does not offer its service",
    Reason.SERVICE_CLOSED: "its service is closed at present",
    Reason.SERVICE_ONLINE_ONLY: "its service is done online and needs no visit",
    Reason.QUOTA_REACHED: "the day's limit is reached",
    Reason.TOO_EARLY_FOR_SLOT: "its booked time has not come",
    Reason.SLOT_MISSED: "its booked time is over",
    Reason.OUTSIDE_HOURS: "its service is not open at this time",
}

app = typer.Typer(help="Issue and verify receipts.", no_args_is_help=True)


@app.command("issue")
def issue(
    service: Annotated[str, typer.Option("--service", help="Service code, e.g. KTP.")],
    name: Annotated[str, typer.Option("--name", help="Holder; kept shortened.")],
    issued: Annotated[
        str | None, typer.Option("--issued", help="Day or time of issue [default: now].")
    ] = None,
    party: Annotated[int, typer.Option("--party", help="How many people come together.")] = 1,
    count: Annotated[
        int, typer.Option("--count", min=1, max=100_000, help="So many, a line each.")
    ] = 1,
    today: Annotated[
        bool,
        typer.Option("--today", help="Good from the day of issue: walk-in and emergency only."),
    ] = False,
    qr: Annotated[
        Path | None, typer.Option("--qr", help="Write the QR here (.png or .svg).")
    ] = None,
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Sign and register a receipt, good from the day after issue for seven days.

    Example: gerbang receipt issue --service KTP --name "Siti Aminah" --qr receipt.png --json

    Example: gerbang receipt issue --service LEGALISIR --name Budi --today
    """
    if count > 1 and qr is not None:
        raise UsageError("--qr writes one receipt; leave --count away")
    settings = settings_for(data, config)
    zone = settings.site.zone
    issued_on = None if issued is None else parse_time(issued, zone)
    with open_record(settings) as record:
        desk, links = open_desk(settings, record), open_links(settings, record)
        receipts = [
            (receipt, _link(settings, links.path(receipt.claims)))
            for some in _portions(count)
            for receipt in desk.issue_many(
                service,
                name,
                count=some,
                issued_on=issued_on,
                party_size=party,
                is_good_today=today,
            )
        ]
    if count > 1:
        for receipt, link in receipts:
            text = f"{receipt.number} {receipt.token} {link}"
            answer(_issued(receipt, link, zone), text, as_json=as_json)
        return
    ((receipt, link),) = receipts
    if qr is not None:
        save_qr(receipt.token, qr)
    values = _issued(receipt, link, zone)
    text = (
        f"{qr_terminal(receipt.token)}\nReceipt {receipt.number}\n{receipt.token}\n"
        f"good from {values['valid_from']} until {values['expires']}\n"
        f"its page: {link}"
    )
    answer(values, text, as_json=as_json)


@app.command("verify")
def verify(
    token: Annotated[str, typer.Argument(help="GB1: token or receipt number.")],
    at: AtOption = None,
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Tell whether a receipt would let its holder in; never redeems it. Exit 1 when it would not.

    Example: gerbang receipt verify "GB1:..." --at 2026-11-25T09:00 --json
    """
    settings = settings_for(data, config)
    zone = settings.site.zone
    moment: datetime = SystemClock().now() if at is None else parse_time(at, zone)
    with office_record(settings) as record:
        found = open_desk(settings, record).verify(token, at=moment)
    reason = None if found.reason is None else found.reason.value
    values = {
        "valid": found.valid,
        "reason": reason,
        "claims": None if found.claims is None else _claims(found.claims, zone),
    }
    text = "good" if found.reason is None else f"refused: {_told(found.reason, found.claims, zone)}"
    answer(values, text, as_json=as_json)
    if not found.valid:
        raise typer.Exit(1)


@app.command("list")
def list_receipts(
    limit: LimitOption = 20,
    service: Annotated[
        str | None, typer.Option("--service", help="Only of this service, e.g. KTP.")
    ] = None,
    at: AtOption = None,
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Tell which receipts were issued and where each stands, newest first, one a line.

    States: good, not_yet_valid, used (by the whole party), expired, revoked.

    Example: gerbang receipt list --service KTP --limit 50
    """
    settings = settings_for(data, config)
    zone = settings.site.zone
    moment = SystemClock().now() if at is None else parse_time(at, zone)
    code = None if service is None else service.strip().upper()
    with office_record(settings) as record:
        receipts = record.receipts.newest(limit=limit, service=code)
        links = {
            claims.number: _link(settings, open_links(settings, record).path(claims))
            for claims, _ in receipts
            if claims.issuer == settings.site.code
        }
    for claims, use in receipts:
        values = {
            "number": claims.number,
            "issuer": claims.issuer,
            "service": claims.service,
            "holder": claims.holder or None,  # forgotten names are empty
            "party_size": claims.party_size,
            "places_used": use.places_used,
            "valid_from": iso(claims.not_before, zone),
            "expires": iso(claims.expires, zone),
            "state": state_of(claims, use, at=moment).value,
            "link": links.get(claims.number),
        }
        shown = ("number", "service", "holder", "valid_from", "expires", "state")
        text = "\t".join(str(values[key] or "-") for key in shown)
        answer(values, text, as_json=as_json)


@app.command("import")
def import_list(
    file: Annotated[Path, typer.Argument(help="The list: CSV, as a spreadsheet saves it.")],
    issuer: Annotated[
        str, typer.Option("--issuer", help="Which system gave the receipts, e.g. PORTAL.")
    ],
    preview: Annotated[
        bool, typer.Option("--preview", help="Only tell what would be imported.")
    ] = False,
    operator: OperatorOption = None,
    yes: YesOption = False,
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Register the receipts that another system gave, under its own numbers: all of them or none.

    The first line names the columns, in English or Indonesian: number, service, valid_from, and
    where wanted valid_until (the last day), name and party_size. Each line that cannot be used is
    told, and then nothing is imported (exit 1). Without --yes it asks first.

    Example: gerbang receipt import portal.csv --issuer PORTAL --preview
    """
    settings = settings_for(data, config)
    with wrong_usage():
        require_issuer(issuer, ours=settings.site.code)
    try:
        content = file.read_bytes()
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror}") from error
    zone, now = settings.site.zone, SystemClock().now()
    with office_record(settings) as record:
        facts, ours = record.facts.current(), settings.site.code
        reader = ListReader(issuer=issuer, site=ours, zone=zone, services=facts.services, now=now)
        found = reader.read(content)
        claims = list(found.receipts.values())
        numbers = [one.number for one in claims]
        for other in {ours, issuer, *facts.imported}:  # a number says whose it is by itself alone
            found = found.without_known(record.receipts.known_numbers(other, numbers))
        if found.is_good and not preview:
            confirm(f"{_told_list(found, zone)}\nImport them?", is_agreed=yes)
            record.receipts.import_all(issuer, claims, operator=operator_or_user(operator), at=now)
    is_imported = found.is_good and not preview
    values = {
        "issuer": issuer,
        "receipts": len(claims),
        "imported": is_imported,
        "ignored_columns": list(found.ignored),
        "problems": [asdict(problem) for problem in found.problems],
    }
    if found.problems:
        text = "\n".join([*map(str, found.problems), "nothing was imported"])
    else:
        text = (
            f"{len(claims)} receipts of {issuer} imported"
            if is_imported
            else _told_list(found, zone)
        )
    answer(values, text, as_json=as_json)
    if found.problems:
        raise typer.Exit(1)


@app.command("revoke")
def revoke(
    number: Annotated[str, typer.Argument(help="Receipt number or token.")],
    reason: Annotated[str, typer.Option("--reason", help="Why; written to the log.")],
    operator: Annotated[str, typer.Option("--operator", help="Who revokes it.")],
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make a receipt worthless, for instance after a wrong registration.

    Example: gerbang receipt revoke 7K2M-9QXA --reason "registered twice" --operator rina
    """
    settings = settings_for(data, config)
    with office_record(settings) as record:
        desk = open_desk(settings, record)
        claims = desk.read(number)
        if isinstance(claims, Reason):
            raise UnknownReceipt(f"{number}: {_told(claims, None, settings.site.zone)}")
        desk.revoke(number, reason=reason, operator=operator)
    answer({"number": claims.number, "revoked": True}, f"{claims.number} revoked", as_json=as_json)


def _told_list(found: ReceiptList, zone: ZoneInfo) -> str:
    """What would be imported: how many of which service, the first lines, what is left out."""
    claims = found.receipts.values()
    services = Counter(one.service for one in claims)
    many = "1 receipt" if len(claims) == 1 else f"{len(claims)} receipts"
    lines = [f"{many}: " + ", ".join(f"{n} {code}" for code, n in services.items())]
    lines += [
        f"  {one.number}  {one.service}  {one.holder or '-'}"
        f"  {one.not_before.astimezone(zone).date()} to"
        f" {(one.expires - timedelta(seconds=1)).astimezone(zone).date()}"
        for one in list(claims)[:SHOWN]
    ]
    if len(claims) > SHOWN:
        lines.append(f"  … and {len(claims) - SHOWN} more")
    if found.ignored:
        lines.append(f"columns that are left out: {', '.join(found.ignored)}")
    return "\n".join(lines)


def _portions(count: int) -> Iterator[int]:
    """So many at once: a gate's scans never wait long behind them."""
    while count > 0:
        yield min(count, ISSUED_TOGETHER)
        count -= ISSUED_TOGETHER


def _link(settings: Settings, path: str) -> str:
    """The address of a receipt's page; its path alone where nobody said what comes before."""
    return f"{settings.web.public_url or ''}{path}"


def _issued(receipt: IssuedReceipt, link: str, zone: ZoneInfo) -> dict[str, str]:
    return {
        "number": receipt.number,
        "token": receipt.token,
        "valid_from": iso(receipt.valid_from, zone),
        "expires": iso(receipt.expires, zone),
        "link": link,
    }


@app.command("new-key")
def new_key(
    old_until: Annotated[
        str | None,
        typer.Option("--old-until", help="Until when the old key is trusted [default: always]."),
    ] = None,
    operator: OperatorOption = None,
    yes: YesOption = False,
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Sign with a new key from now on, where the old one is lost, damaged, or old enough.

    Receipts that are printed stay good as long as the old public key is known (keys/issuer.pub),
    and until the time that is told. A service that runs takes the new key when it is started again.

    Example: gerbang receipt new-key --operator rina
    """
    settings = settings_for(data, config)
    until = None if old_until is None else parse_time(old_until, settings.site.zone)
    with open_record(settings) as record:
        if not site_key_is_known(settings) and record.receipts.has_issued(settings.site.code):
            confirm(
                "The old public key is lost as well: every receipt that is printed will be refused."
                " Go on?",
                is_agreed=yes,
            )
        renewed = renew_site_key(settings, old_until=until)
        kid = renewed.keys.signing.kid.hex()
        retired = None if renewed.retired is None else renewed.retired.kid.hex()
        record.facts.note(
            "signing_key",
            before=retired,
            after=kid,
            operator=operator_or_user(operator),
            at=SystemClock().now(),
        )
    kept = "" if retired is None else f"; receipts signed with {retired} stay good"
    kept += f" until {iso(until, settings.site.zone)}" if kept and until is not None else ""
    answer(
        {"kid": kid, "retired": retired},
        f"new key {kid}{kept}; start the service again",
        as_json=as_json,
    )


def _told(reason: Reason, claims: ReceiptClaims | None, zone: ZoneInfo) -> str:
    """The reason as a sentence, with its code behind."""
    sentence = REFUSALS.get(reason, "")
    if claims is not None and reason is Reason.NOT_YET_VALID:
        sentence = f"it is good from {iso(claims.not_before, zone)}"
    elif claims is not None and reason is Reason.EXPIRED:
        sentence = f"it was good until {iso(claims.expires, zone)}"
    return f"{sentence} ({reason.value})" if sentence else reason.value


def _claims(claims: ReceiptClaims, zone: ZoneInfo) -> dict[str, Any]:
    return {
        "issuer": claims.issuer,
        "number": claims.number,
        "token_id": claims.token_id.hex(),
        "site": claims.site,
        "service": claims.service,
        "party_size": claims.party_size,
        "holder": claims.holder,
        "slot": claims.slot,
        "issued_at": iso(claims.issued_at, zone),
        "not_before": iso(claims.not_before, zone),
        "expires": iso(claims.expires, zone),
    }
