"""``gerbang backup``: the whole office in one sealed file, and back."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from dashboard.backup.archive import (
    NOT_INSIDE,
    RESTORED_CONFIGURATION,
    BackupSource,
    create_backup,
    holds_an_office,
    put_back,
    unpacked_backup,
    verify_backup,
)
from dashboard.backup.jobs import PG_DUMP, BackupReport
from dashboard.backup.passphrase import GOOD_LENGTH, known_passphrase, read_passphrase
from dashboard.commands.asking import confirm
from dashboard.commands.shared import (
    ConfigOption,
    DataOption,
    JsonOption,
    OperatorOption,
    UsageError,
    YesOption,
    answer,
    fail,
    iso,
    operator_or_user,
    settings_for,
)
from dashboard.replacing import finish
from dashboard.storage import database_loss, make_folder
from screening.clock import SystemClock
from screening.errors import BackupError
from screening.settings import Settings

FileArgument = Annotated[Path, typer.Argument(metavar="FILE", help="The backup.")]
PassphraseOption = Annotated[
    Path | None,
    typer.Option(
        "--passphrase-file",
        help="File whose first line is the passphrase [default: the configuration's"
        " backup.passphrase_file, GERBANG_BACKUP__PASSPHRASE, or asked for].",
    ),
]

app = typer.Typer(
    help="The whole office in one file that only a passphrase opens.", no_args_is_help=True
)


@app.command("create")
def create(
    file: FileArgument,
    passphrase_file: PassphraseOption = None,
    yes: YesOption = False,
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Copy record, keys and configuration while the office works, and verify the copy.

    Exit 1 where what was copied is damaged itself; it is written all the same. Without the
    passphrase nobody can open the file, you neither: keep it on paper in a safe place.

    Example: gerbang backup create /media/usb/gerbang.backup --passphrase-file passphrase.txt
    """
    settings = settings_for(data, config)
    lost = database_loss(settings)
    if lost is not None:
        raise BackupError(lost)
    if file.is_dir():
        raise UsageError(f"{file} is a folder: name a file in it")
    if file.exists():
        confirm(f"{file} is there already and would be replaced. Go on?", is_agreed=yes)
    passphrase = _passphrase(settings, passphrase_file, is_new=True)
    report = create_backup(
        BackupSource.of(settings), file, passphrase=passphrase, at=SystemClock().now()
    )
    _tell(settings, file, report, f"{file}: written and verified", as_json=as_json)


@app.command("verify")
def verify(
    file: FileArgument,
    passphrase_file: PassphraseOption = None,
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Open a backup, walk the chain of its log and read its keys; exit 1 where something is wrong.

    Example: gerbang backup verify gerbang.backup --passphrase-file passphrase.txt
    """
    settings = settings_for(data, config)
    passphrase = _passphrase(settings, passphrase_file)
    report = verify_backup(file, passphrase=passphrase, beside=settings.data)
    _tell(settings, file, report, f"{file}: whole", as_json=as_json)


@app.command("restore")
def restore(
    file: FileArgument,
    passphrase_file: PassphraseOption = None,
    operator: OperatorOption = None,
    yes: YesOption = False,
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Put a backup into the data folder; stop the service before. All of it, or nothing.

    What is there already is kept beside it under another name. Log-ins that were open are ended.

    Example: gerbang backup restore gerbang.backup --data /var/lib/gerbang
    """
    settings = settings_for(data, config)
    make_folder(settings.data)
    finish(settings.data)
    passphrase = _passphrase(settings, passphrase_file)
    with unpacked_backup(file, passphrase=passphrase, settings=settings) as (folder, report):
        if report.problems:
            confirm(
                f"The backup itself is damaged: {'; '.join(report.problems)}. Go on?", is_agreed=yes
            )
        if holds_an_office(settings):
            confirm(
                f"The office in {settings.data} is replaced by the one of"
                f" {iso(report.at, settings.site.zone)}: what happened since then is not in it, and"
                " a receipt used since then lets in once more. Go on?",
                is_agreed=yes,
            )
        kept = put_back(
            folder, report, settings, operator=operator_or_user(operator), at=SystemClock().now()
        )
    lines = [
        f"the office of {iso(report.at, settings.site.zone)} is back in {settings.data}",
        *([] if kept is None else [f"what was there is kept in {kept}"]),
        *(
            [f"its configuration lies in {settings.data / RESTORED_CONFIGURATION}"]
            if report.configuration
            else []
        ),
        "look through users and gates' tokens: what was changed since then is as it was",
        "then: gerbang config check, and start the service",
    ]
    values = _values(settings, file, report) | {
        "restored": True,
        "kept": None if kept is None else str(kept),
    }
    answer(values, "\n".join(lines), as_json=as_json)


def _tell(
    settings: Settings, file: Path, report: BackupReport, text: str, *, as_json: bool
) -> None:
    values = _values(settings, file, report)
    lines = [text, f"inside: {', '.join(report.inside) or 'nothing'}"]
    if report.chain is None:
        lines.append(
            f"NOT inside: the record, which is in PostgreSQL: {PG_DUMP} (docs/operating.md)"
        )
    elif report.chain.is_intact:
        lines.append(f"the log is intact: head to note {values['noted']}")
    lines.append(f"not inside: {'; '.join(NOT_INSIDE)}")
    answer(values, "\n".join(lines), as_json=as_json)
    for problem in report.problems:
        fail(problem)
    if report.problems:
        raise typer.Exit(1)


def _values(settings: Settings, file: Path, report: BackupReport) -> dict[str, Any]:
    chain = report.chain
    return {
        "file": str(file),
        "at": iso(report.at, settings.site.zone),
        "site": report.site,
        "inside": list(report.inside),
        "not_inside": [*([] if chain else ["the record (PostgreSQL)"]), *NOT_INSIDE],
        "configuration": list(report.configuration),
        "intact": None if chain is None else chain.is_intact,
        "entries": None if chain is None else chain.entries,
        "noted": f"{chain.entries}:{chain.head}" if chain and chain.is_intact else None,
        "problems": list(report.problems),
    }


def _passphrase(settings: Settings, file: Path | None, *, is_new: bool = False) -> str:
    known = read_passphrase(file) if file is not None else known_passphrase(settings.backup)
    if known is None:
        if sys.stdin is None or not sys.stdin.isatty():
            raise UsageError(
                "backups are sealed with a passphrase: give --passphrase-file, or set"
                " backup.passphrase_file or GERBANG_BACKUP__PASSPHRASE"
            )
        known = str(typer.prompt("Passphrase", hide_input=True, confirmation_prompt=is_new))
    if is_new and len(known) < GOOD_LENGTH:
        fail(f"a passphrase below {GOOD_LENGTH} characters can be guessed: take four words")
    return known
