"""What a site keeps, opened as its settings say: the record, the keys, and files beside them."""

from __future__ import annotations

import getpass
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime
from functools import partial
from pathlib import Path

from dashboard.database_file import (
    WHAT_TO_DO_ON_A_SERVER,
    DatabaseProblem,
    database_problem,
    set_aside,
)
from dashboard.replacing import finish
from dashboard.start_checks import certificate_problems
from screening.clock import Clock, SystemClock
from screening.errors import BackupError, ReceiptError, RecordError, ScreeningError
from screening.office.facts import Mode, OfficeFacts
from screening.office.holidays import public_holidays
from screening.receipts.claims import ReceiptClaims
from screening.receipts.desk import ReceiptDesk
from screening.receipts.keys import (
    ReceiptKeys,
    Renewed,
    has_keys,
    key_problems,
    open_keys,
    renew,
    retiring_key,
)
from screening.receipts.links import ReceiptLinks
from screening.record import Record
from screening.record.book import peek_issued
from screening.record.engine import reach
from screening.record.facts import peek_facts
from screening.record.schema import peek_site
from screening.registration.closer import Closer
from screening.registration.registrar import Registrar
from screening.registration.rules import Calendar
from screening.settings import Settings
from screening.temperature.instrument.drafts import Drafts
from screening.temperature.instrument.report_files import ReportFiles
from screening.waiting_room.plan import Sealed, SeatPlan

DATABASE_FILE = "gerbang.sqlite3"
KEYS_FOLDER = "keys"
THERMOMETERS_FOLDER = "thermometers"


@contextmanager
def open_record(settings: Settings, clock: Clock | None = None) -> Iterator[Record]:
    """The record, made and filled with the seed office on first use. Raises RecordError."""
    if settings.database_url is None:
        make_folder(settings.data)
    problem = _database_problem(settings)
    if problem is not None:
        raise RecordError(problem.text)
    with _open(settings, clock) as record:
        yield record


def begin_anew(settings: Settings, *, operator: str) -> list[Path]:
    """An empty record in place of a lost one; what is left of an embedded one, by its new names.

    Raises RecordError where the database is not lost, or cannot be moved.
    """
    require_lost(settings)
    now = SystemClock().now()
    is_embedded = settings.database_url is None
    moved = set_aside(settings.data / DATABASE_FILE, now) if is_embedded else []
    with _open(settings, None) as record:
        before = ", ".join(file.name for file in moved) or None
        record.facts.note("record", before=before, after="empty", operator=operator, at=now)
    return moved


def require_lost(settings: Settings) -> None:
    """Raises RecordError where the record is there, or never was."""
    problem = _database_problem(settings)
    if problem is None:
        raise RecordError("the record is not lost: nothing was done")
    if not problem.is_lost:
        raise RecordError(f"nothing was done: {problem.text}")


def database_loss(settings: Settings) -> str | None:
    """What is wrong with the embedded database, in one line. Raises ReceiptError, BackupError."""
    problem = _database_problem(settings)
    return None if problem is None else problem.text


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
        **settings.retention.model_dump(),
    )


def facts_on_record(settings: Settings) -> OfficeFacts | None:
    """What the record says, changing nothing; None where there is none of this version."""
    if not _can_be_asked(settings):
        return None
    return peek_facts(_database(settings), settings.site.code, first_facts(settings))


def system_user() -> str:
    """Who runs this program, as the log names them."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # no such name, and nothing in the environment
        return f"uid {os.getuid()}"


def start_problems(settings: Settings) -> list[str]:
    """What the office could not start with: its folder, database, keys or certificate."""
    problems = []
    try:
        make_folder(settings.data)
        finish(settings.data)
    except BackupError as error:  # half of it is in its place, so nothing else can be told
        return [str(error)]
    except ScreeningError as error:
        problems.append(str(error))
    try:
        problem = _database_problem(settings)
        if problem is not None:
            problems.append(f"database: {problem.text}")
        elif _can_be_asked(settings):  # otherwise it is made on first use
            reach(_database(settings))
    except RecordError as error:
        problems.append(f"database: {error}")
    except ReceiptError:  # told below
        pass
    problems += key_problems(
        settings.data / KEYS_FOLDER, settings.site.code, is_new=lambda: not _has_issued(settings)
    )
    return problems + certificate_problems(settings.web)


def make_folder(folder: Path) -> None:
    """Make the data folder for its owner only. Raises ScreeningError where that cannot be."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise ScreeningError(f"{folder}: cannot keep data here: {error.strerror}") from error


def thermometer_files(
    settings: Settings, facts: Callable[[], OfficeFacts]
) -> tuple[Drafts, ReportFiles]:
    """Where unfinished and finished commissionings of thermometers are kept."""
    folder = settings.data / THERMOMETERS_FOLDER
    reports = ReportFiles(folder, zone=settings.site.zone, kept_days=lambda: facts().reports_days)
    return Drafts(folder), reports


def open_site_keys(settings: Settings, record: Record) -> ReceiptKeys:
    """This site's signing key (made on first use) and trusted issuers.

    Raises ReceiptError, also where the record shows that a key is lost.
    """
    make_folder(settings.data)
    issuer = settings.site.code
    return open_keys(
        settings.data / KEYS_FOLDER,
        issuer,
        is_new=lambda: not record.receipts.has_issued(issuer),
    )


def renew_site_key(settings: Settings, *, old_until: datetime | None = None) -> Renewed:
    """A new signing key whatever became of the old one, which is trusted until then.

    Raises ReceiptError.
    """
    return renew(settings.data / KEYS_FOLDER, settings.site.code, not_after=old_until)


def site_key_is_known(settings: Settings) -> bool:
    """Whether receipts printed before can still be checked once the key is new."""
    return retiring_key(settings.data / KEYS_FOLDER, settings.site.code) is not None


def open_desk(
    settings: Settings,
    record: Record,
    *,
    keys: ReceiptKeys | None = None,
    clock: Clock | None = None,
) -> ReceiptDesk:
    """The receipts' desk of this site. Raises ReceiptError."""
    return ReceiptDesk(
        keys=keys or open_site_keys(settings, record),
        book=record.receipts,
        services=lambda: record.facts.current().services,
        clock=clock or SystemClock(),
        zone=settings.site.zone,
        site=settings.site.code,
        issuer_keys=lambda: record.facts.current().issuer_keys,
        imported=lambda: record.facts.current().imported,
        calendar=partial(_calendar, record),
    )


def open_registrar(
    record: Record, desk: ReceiptDesk, clock: Clock, *, link: Callable[[ReceiptClaims], str]
) -> Registrar:
    """The registrar of this site; ``link`` tells the path of a receipt's own page."""
    return Registrar(
        desk=desk,
        book=record.bookings,
        calendar=partial(_calendar, record),
        clock=clock,
        link=link,
    )


def open_closer(record: Record, desk: ReceiptDesk, clock: Clock) -> Closer:
    """What closes days of this site, and moves whoever booked them."""
    return Closer(book=record.closings, desk=desk, calendar=partial(_calendar, record), clock=clock)


def _calendar(record: Record, at: datetime) -> Calendar:
    return record.office.calendar(record.facts.current(), at)


def open_links(settings: Settings, record: Record) -> ReceiptLinks:
    """The links of receipts that this site issued."""
    book = record.receipts
    return ReceiptLinks(secret=book.link_secret, book=book, issuer=settings.site.code)


def _open(settings: Settings, clock: Clock | None) -> Record:
    room = settings.room
    return Record.open(
        _database(settings),
        site=settings.site.code,
        zone=settings.site.zone,
        plan=SeatPlan(room.rows, room.columns, Sealed(room.sealed)),
        capacity=room.capacity,
        daily_quota=room.daily_quota,
        first=first_facts(settings),
        clock=clock,
        holidays=holidays_of,
    )


def holidays_of(year: int) -> Mapping[date, str]:
    """The public holidays of a year, on which nothing is booked unless the office says so."""
    return public_holidays(year, "id")


def _database_problem(settings: Settings) -> DatabaseProblem | None:
    """What is wrong with the embedded database's file, or that a server's holds no record.

    A restoring that was interrupted is finished before. Raises ReceiptError, and RecordError where
    a server does not answer.
    """
    finish(settings.data)
    keys, issuer = settings.data / KEYS_FOLDER, settings.site.code
    if settings.database_url is not None:
        if not has_keys(keys, issuer) or peek_site(_database(settings), issuer):
            return None
        problem = f"the database of database_url holds no record of {issuer}"
        return DatabaseProblem(f"{problem}, though {keys} {WHAT_TO_DO_ON_A_SERVER}", is_lost=True)
    return database_problem(
        settings.data / DATABASE_FILE, is_office_in_use=lambda: has_keys(keys, issuer)
    )


def _can_be_asked(settings: Settings) -> bool:
    """Whether there is a database that a look leaves as it is."""
    if settings.database_url is not None:
        return True
    try:
        problem = _database_problem(settings)
    except ReceiptError:
        return False
    return problem is None and (settings.data / DATABASE_FILE).exists()


def _has_issued(settings: Settings) -> bool:
    """False as well where the database cannot be asked, which is told by itself."""
    if not _can_be_asked(settings):
        return False
    try:
        return peek_issued(_database(settings), settings.site.code)
    except RecordError:
        return False


def _database(settings: Settings) -> str | Path:
    url = settings.database_url
    return settings.data / DATABASE_FILE if url is None else url.get_secret_value()
