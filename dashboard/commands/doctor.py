"""``gerbang doctor``: does everything work this morning? In plain words, a line each."""

from __future__ import annotations

import json
import shutil
import ssl
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any

import typer
from cryptography import x509

from dashboard.backup.folder import backup_advice, backup_problems, trouble_of
from dashboard.commands.shared import ConfigOption, DataOption, JsonOption, answer, settings_for
from dashboard.storage import DATABASE_FILE, open_record, start_problems
from dashboard.web.print_letters import font_with
from dashboard.web.speech import SYNTHESISER, installed_synthesiser
from screening.clock import SystemClock
from screening.errors import ScreeningError, SettingsError
from screening.settings import Settings

ANSWER_S = 10
MUCH_DISK, LITTLE_DISK = 2 * 2**30, 2**29
SOON = timedelta(days=30)
SCRIPTS = {"Javanese": "ꦗ", "Arabic": "م", "Chinese": "王", "Cyrillic": "Ж", "Tamil": "ச"}
"""A letter of each, which no reader of PDF brings along."""


class State(StrEnum):
    """WRONG makes the command fail; LOOK is for a person to weigh."""

    FINE = "fine"
    LOOK = "LOOK"
    WRONG = "WRONG"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line."""

    state: State
    text: str


def doctor(
    at: Annotated[
        str | None,
        typer.Option("--url", help="Where the service answers [default: as configured]."),
    ] = None,
    quick: Annotated[
        bool, typer.Option("--quick", help="Do not read the whole record, which may take minutes.")
    ] = False,
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Tell whether all works: service, gates, record, keys, backup, disk, certificate and clock.

    It changes nothing, and may be asked while the office works. Exit 1 where something is wrong.

    Example: gerbang doctor --config /etc/gerbang/gerbang.toml
    """
    now = SystemClock().now()
    try:
        settings = settings_for(data, config)
    except SettingsError as error:
        findings = [Finding(State.WRONG, f"the configuration: {text}") for text in error.problems]
    else:
        findings = [
            Finding(State.FINE, f"the configuration can be used: {settings.file or 'no file'}"),
            *_start(settings),
            *_record(settings, is_quick=quick),
            *_service(at or _address(settings)),
            *_backup(settings, now),
            *_disk(settings.data),
            *_certificate(settings.web.tls_certificate, now),
            *_clock(),
            *_voice(),
            *_letters(),
        ]
    is_fine = all(finding.state is not State.WRONG for finding in findings)
    lines = [f"{finding.state:<6}{finding.text}" for finding in findings]
    lines.append("Everything works." if is_fine else "Something is wrong: see the lines above.")
    told = [{"state": finding.state.lower(), "text": finding.text} for finding in findings]
    answer({"fine": is_fine, "findings": told}, "\n".join(lines), as_json=as_json)
    if not is_fine:
        raise typer.Exit(1)


def _start(settings: Settings) -> Iterator[Finding]:
    problems = start_problems(settings)
    yield from (Finding(State.WRONG, problem) for problem in problems)
    if not problems:
        yield Finding(State.FINE, "the database answers, and the signing key can be used")


def _record(settings: Settings, *, is_quick: bool) -> Iterator[Finding]:
    if settings.database_url is None and not (settings.data / DATABASE_FILE).exists():
        yield Finding(State.LOOK, "there is no record yet: the first gerbang serve makes it")
        return
    try:
        with open_record(settings) as record:
            if not record.accounts.users():
                yield Finding(
                    State.LOOK,
                    "nobody can log in yet: gerbang user add NAME --role administrator",
                )
            if is_quick:
                return
            report = record.visits.verify()
    except ScreeningError as error:
        yield Finding(State.WRONG, str(error))
        return
    if report.is_intact:
        yield Finding(State.FINE, f"the record is sound: {report.entries} entries, none changed")
    else:
        yield Finding(State.WRONG, f"the record is not sound: {report.problem} (docs/failures.md)")


def _service(address: str) -> Iterator[Finding]:
    try:
        ready = _ask(f"{address}/readyz")
    except (OSError, ValueError) as error:
        reason = getattr(error, "reason", error)
        yield Finding(
            State.WRONG,
            f"the service does not answer at {address} ({reason}): sudo systemctl start gerbang,"
            " and journalctl -u gerbang tells why it stopped",
        )
        return
    if "gates" not in ready:
        yield Finding(State.WRONG, f"the service is not ready: {ready.get('detail', ready)}")
        return
    yield Finding(State.FINE, f"the service answers at {address}")
    if not ready["gates"]:
        yield Finding(State.LOOK, "there is no gate yet: gerbang gate add NAME")
    for name, gate in ready["gates"].items():
        yield from (
            Finding(finding.state, f"gate {name}: {finding.text}") for finding in _gate(gate)
        )


def _gate(gate: dict[str, Any]) -> Iterator[Finding]:
    if gate["mode"] == "elsewhere":
        owner = gate["owner"]
        where = f"another process runs it{f', at {owner}' if owner else ''}"
        yield Finding(State.LOOK, f"{where}: ask there")
        return
    if gate["clock_warning"]:
        yield Finding(State.WRONG, "the clock jumped or is wrong: timedatectl")
    if gate["busy_since"]:
        yield Finding(State.WRONG, f"it hangs since {gate['busy_since']}: the disk or the database")
    wired = {kind: device for kind, device in gate["devices"].items() if device["configured"]}
    lost = {kind: device for kind, device in wired.items() if not device["available"]}
    for kind, device in lost.items():
        why = f" ({device['last_error']})" if device["last_error"] else ""
        yield Finding(State.WRONG, f"its {kind} does not answer since {device['since']}{why}")
    works = [kind for kind in wired if kind not in lost]
    if works:
        yield Finding(State.FINE, f"{', '.join(works)} answer")
    if not wired:
        yield Finding(State.FINE, "no device is wired: the guard does everything by hand")


def _ask(address: str) -> dict[str, Any]:
    """The JSON answer, also one of an error. OSError or ValueError where there is none."""
    context = ssl.create_default_context()
    # The certificate is looked at by itself; its name is the tablets' and not this machine's.
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    try:
        with urllib.request.urlopen(address, timeout=ANSWER_S, context=context) as opened:
            found = json.load(opened)
    except urllib.error.HTTPError as error:
        with error:
            found = json.load(error)
    if not isinstance(found, dict):
        raise ValueError("something else answers there")  # noqa: TRY004 - no caller's mistake
    return found


def _address(settings: Settings) -> str:
    web = settings.web
    scheme = "http" if web.tls_certificate is None else "https"
    host = web.host
    try:
        found = ip_address(host)
    except ValueError:
        return f"{scheme}://{host}:{web.port}"
    if found.is_unspecified:  # every address of this machine, its own among them
        host = "127.0.0.1" if found.version == 4 else "::1"
    return f"{scheme}://{f'[{host}]' if ':' in host else host}:{web.port}"


def _backup(settings: Settings, now: datetime) -> Iterator[Finding]:
    problems = backup_problems(settings.backup)
    try:
        advice = [] if problems else backup_advice(settings, now)
    except OSError as error:
        problems = [f"backup.folder {trouble_of(error)}"]
        advice = []
    yield from (Finding(State.WRONG, text) for text in (*problems, *advice))
    if settings.backup.folder is None:
        yield Finding(
            State.LOOK, "no backup is made by itself: set backup.folder (docs/operating.md)"
        )
    elif not problems and not advice:
        yield Finding(State.FINE, f"there is a fresh backup in {settings.backup.folder}")
    if settings.database_url is not None and settings.backup.dumps is None:
        yield Finding(
            State.LOOK,
            "the record is in PostgreSQL: set backup.dumps, where pg_dump writes, to be told when"
            " its backup is old (docs/operating.md)",
        )
    elif settings.backup.dumps is not None and not problems and not advice:
        yield Finding(State.FINE, f"there is a fresh file in {settings.backup.dumps}")


def _disk(folder: Path) -> Iterator[Finding]:
    try:
        free = shutil.disk_usage(folder).free
    except OSError:  # told by what cannot start
        return
    state = State.FINE if free > MUCH_DISK else State.LOOK if free > LITTLE_DISK else State.WRONG
    yield Finding(state, f"{free / 2**30:.1f} GB are free on the disk of {folder}")


def _certificate(file: Path | None, now: datetime) -> Iterator[Finding]:
    if file is None:
        return
    try:
        ends = x509.load_pem_x509_certificate(file.read_bytes()).not_valid_after_utc
    except (OSError, ValueError):  # told by what cannot start
        return
    state = State.WRONG if ends <= now else State.LOOK if ends <= now + SOON else State.FINE
    word = "has ended" if ends <= now else "ends"
    yield Finding(state, f"the certificate {word} on {ends:%d %B %Y}")


def _voice() -> Iterator[Finding]:
    if installed_synthesiser() is not None:
        yield Finding(State.FINE, f"screens without a voice of their own speak by {SYNTHESISER}")
    else:
        yield Finding(
            State.LOOK,
            "screens whose browser has no voice for the language only ring:"
            f" apt install {SYNTHESISER} gives them one",
        )


def _letters() -> Iterator[Finding]:
    """In which letters names can stand on a receipt's PDF."""
    can = [name for name, letter in SCRIPTS.items() if font_with(letter) is not None]
    cannot = [name for name in SCRIPTS if name not in can]
    if can:
        yield Finding(State.FINE, f"names can be printed in PDFs in {', '.join(can)} letters, too")
    if cannot:
        yield Finding(
            State.LOOK,
            f"PDFs leave names in {', '.join(cannot)} letters to the receipt's page:"
            " apt install fontconfig fonts-noto-core fonts-noto-cjk brings them",
        )


def _clock() -> Iterator[Finding]:
    """Nothing where the system does not tell."""
    program = shutil.which("timedatectl")
    if program is None:
        return
    command = [program, "show", "--property=NTPSynchronized", "--value"]
    try:
        told = subprocess.run(
            command, capture_output=True, text=True, timeout=ANSWER_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return
    if told.stdout.strip() == "yes":
        yield Finding(State.FINE, "the clock is set over the network")
    elif told.stdout.strip() == "no":
        yield Finding(State.LOOK, "the clock is not set over the network: timedatectl set-ntp true")
