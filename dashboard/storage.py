"""What a site keeps, opened as its settings say: the record, the keys, and files beside them."""

from __future__ import annotations

import getpass
import os
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from screening.clock import Clock, SystemClock
from screening.errors import RecordError, ScreeningError
from screening.office.facts import Mode, OfficeFacts
from screening.receipts.desk import ReceiptDesk
from screening.receipts.keys import ReceiptKeys, open_keys
from screening.record import Record
from screening.record.engine import reach
from screening.record.facts import peek_facts
from screening.record.office import Retention
from screening.settings import Settings
from screening.temperature.drafts import Drafts
from screening.temperature.report_files import ReportFiles
from screening.waiting_room.plan import Sealed, SeatPlan

DATABASE_FILE = "gerbang.sqlite3"
KEYS_FOLDER = "keys"
THERMOMETERS_FOLDER = "thermometers"


@contextmanager
def open_record(settings: Settings, clock: Clock | None = None) -> Iterator[Record]:
    """The record, made and filled with the seed office on first use. Raises RecordError."""
    room = settings.room
    if settings.database_url is None:
        make_folder(settings.data)
    record = Record.open(
        _database(settings),
        site=settings.site.code,
        zone=settings.site.zone,
        plan=SeatPlan(room.rows, room.columns, Sealed(room.sealed)),
        capacity=room.capacity,
        daily_quota=room.daily_quota,
        first=first_facts(settings),
        retention=Retention(
            readings_days=settings.retention.readings_days,
            names_days=settings.retention.names_days,
            remarks_days=settings.retention.remarks_days,
        ),
        clock=clock,
    )
    with record:
        yield record


def first_facts(settings: Settings) -> OfficeFacts:
    """The configuration's values, which stand until the record was told otherwise."""
    return OfficeFacts(
        mode=Mode.OUTBREAK if settings.wires_health_checks else Mode.EVERYDAY,
        set_capacity=settings.room.capacity,
        daily_quota=settings.room.daily_quota,
        rows=settings.room.rows,
        columns=settings.room.columns,
        sealed=Sealed(settings.room.sealed),
        outbreak_checks=frozenset(settings.policy.checks),
        gates={
            gate.name: None if gate.checks is None else frozenset(gate.checks)
            for gate in settings.gates
        },
    )


def facts_on_record(settings: Settings) -> OfficeFacts | None:
    """What the record says, changing nothing; None where there is none of this version."""
    if settings.database_url is None and not (settings.data / DATABASE_FILE).exists():
        return None
    return peek_facts(_database(settings), settings.site.code, first_facts(settings))


def system_user() -> str:
    """Who runs this program, as the log names them."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # no such name, and nothing in the environment
        return f"uid {os.getuid()}"


def start_problems(settings: Settings) -> list[str]:
    """What the office could not start with: its folder, database or certificate."""
    problems = []
    database = settings.data / DATABASE_FILE
    try:
        make_folder(settings.data)
    except ScreeningError as error:
        problems.append(str(error))
    try:
        if settings.database_url is not None:
            reach(settings.database_url.get_secret_value())
        elif database.exists():  # it is made on first use
            reach(database)
    except RecordError as error:
        problems.append(f"database: {error}")
    certificate, key = settings.web.tls_certificate, settings.web.tls_key
    if certificate is not None:
        try:
            # No password: a service has nobody to ask for one.
            ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate, key, lambda: "")
        except OSError as error:  # SSLError is one
            problems.append(f"web.tls_certificate {certificate} with its key: {error}")
    return problems


def make_folder(folder: Path) -> None:
    """Make the data folder for its owner only. Raises ScreeningError where that cannot be."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise ScreeningError(f"{folder}: cannot keep data here: {error.strerror}") from error


def thermometer_files(settings: Settings) -> tuple[Drafts, ReportFiles]:
    """Where unfinished and finished commissionings of thermometers are kept."""
    folder = settings.data / THERMOMETERS_FOLDER
    zone, days = settings.site.zone, settings.retention.reports_days
    return Drafts(folder), ReportFiles(folder, zone=zone, kept_days=days)


def open_site_keys(settings: Settings) -> ReceiptKeys:
    """This site's signing key (made on first use) and trusted issuers. Raises ReceiptError."""
    make_folder(settings.data)
    return open_keys(settings.data / KEYS_FOLDER, settings.site.code)


def open_desk(
    settings: Settings,
    record: Record,
    *,
    keys: ReceiptKeys | None = None,
    clock: Clock | None = None,
) -> ReceiptDesk:
    """The receipts' desk of this site. Raises ReceiptError."""
    return ReceiptDesk(
        keys=keys or open_site_keys(settings),
        book=record.receipts,
        services=lambda: record.facts.current().services,
        clock=clock or SystemClock(),
        zone=settings.site.zone,
        site=settings.site.code,
    )


def _database(settings: Settings) -> str | Path:
    url = settings.database_url
    return settings.data / DATABASE_FILE if url is None else url.get_secret_value()
