"""The record of one site: its log, accounts, receipts and services on one database."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Self, TypeVar
from zoneinfo import ZoneInfo

from screening.clock import Clock, SystemClock
from screening.errors import RecordError
from screening.gate.ownership import GateOwners, Owner
from screening.office.facts import OfficeFacts
from screening.office.services import SEED_SERVICES, Service
from screening.record.accounts import SqlAccounts
from screening.record.alerts import SqlAlerts
from screening.record.book import SqlReceiptBook
from screening.record.bookings import SqlBookings
from screening.record.closings import SqlClosings
from screening.record.engine import Database
from screening.record.facts import SqlOfficeFacts
from screening.record.kept_answers import SqlKeptAnswers
from screening.record.leaving import SqlLeaving
from screening.record.line import SqlLine
from screening.record.log_search import SqlLogSearch
from screening.record.office import KnownFacts, RecordedOffice
from screening.record.ownership import owners_of
from screening.record.person import SqlPersons
from screening.record.queue import SqlQueue
from screening.record.retention import Forgetting
from screening.record.roll_ups import SqlRollUps
from screening.record.schema import upgrade
from screening.record.services import SqlServiceCatalogue
from screening.record.survey import SqlSurvey
from screening.record.thermometers import SqlThermometerLog
from screening.record.visits import SqlVisitLog
from screening.record.writer import Writer
from screening.registration.rules import Holidays
from screening.visits import LogEntry
from screening.waiting_room.plan import SeatPlan

_T = TypeVar("_T")


class Record:
    """Open it with ``Record.open``; every part may be used from any thread, by many processes."""

    def __init__(self, database: Database, office: RecordedOffice) -> None:
        self._database = database
        self.office = office
        self._writer = Writer(database, office)
        self.facts = SqlOfficeFacts(database, office, self._writer)
        self.visits = SqlVisitLog(database, office, self._writer)
        self.thermometers = SqlThermometerLog(database, office, self._writer)
        self.accounts = SqlAccounts(database, self.facts, self._writer)
        self.receipts = SqlReceiptBook(database, self._writer)
        self.kept_answers = SqlKeptAnswers(database, self._writer)
        self.bookings = SqlBookings(database, self._writer)
        self.closings = SqlClosings(
            database, office, facts=self.facts, bookings=self.bookings, writer=self._writer
        )
        self.queue = SqlQueue(database, office, self._writer)
        self.leaving = SqlLeaving(database, office, self._writer)
        self.alerts = SqlAlerts(database, self._writer)
        self.line = SqlLine(database, office, self._writer)
        self.services = SqlServiceCatalogue(database, self.facts)
        self.survey = SqlSurvey(database, office, self._writer, self.receipts.link_secret)
        self.persons = SqlPersons(database, office, self._writer)
        self.retention = Forgetting(database, office)
        self.roll_ups = SqlRollUps(database, office)
        self.log_search = SqlLogSearch(database, office)

    @classmethod
    def open(
        cls,
        where: str | Path,
        *,
        site: str,
        zone: ZoneInfo,
        plan: SeatPlan,
        capacity: int | None = None,
        daily_quota: int | None = None,
        first: OfficeFacts | None = None,
        clock: Clock | None = None,
        seed: Sequence[Service] = SEED_SERVICES,
        holidays: Holidays = lambda year: {},
    ) -> Self:
        """Open (and on first use make) the database: an SQLite file, or a PostgreSQL URL.

        ``plan``, ``capacity`` (None follows the open seats) and ``daily_quota`` stand, as what
        ``first`` says besides, as long as the record was not told otherwise. ``holidays`` are the
        public ones, by year. Raises RecordError.
        """
        facts = replace(
            first or OfficeFacts(),
            rows=plan.rows,
            columns=plan.columns,
            sealed=plan.sealed,
            set_capacity=capacity,
            daily_quota=daily_quota,
        )
        office = RecordedOffice(
            site=site,
            zone=zone,
            clock=clock or SystemClock(),
            facts=KnownFacts(facts),
            holidays=holidays,
        )
        if isinstance(where, Path):
            _make_private(where)
        database = Database(where, site, office.clock.monotonic_s)
        try:
            upgrade(database.for_writing, office, seed)
            return cls(database, office)
        except RecordError:
            database.close()
            raise

    def has_answered_since(self, monotonic_s: float) -> bool:
        """Whether a question was answered that anybody asked after that moment of the clock."""
        return self._database.has_answered_since(monotonic_s)

    def listen(self, told: Callable[[Sequence[LogEntry]], None]) -> None:
        """Have every row of the log told once it is committed by this process, in order.

        ``told`` is called by a thread of the writer's, after the answers, and must not wait.
        """
        self._writer.on_commit = told

    @contextmanager
    def counting_statements(self) -> Iterator[Callable[[], int]]:
        """Counts the SQL statements of this record meanwhile, less those that begin and end."""
        with self._database.counting_statements() as counted:
            yield counted

    def drop_erased(self) -> bool:
        """Leave nothing of what was erased beside SQLite's file; False where that has to wait for
        somebody who reads or writes just now. Nobody waits for it."""
        return self._database.drop_erased()

    @contextmanager
    def filling(self) -> Iterator[sqlite3.Connection]:
        """SQLite's file for a history that is made up: ``Database.filling``. Raises RecordError."""
        with self._database.filling() as connection:
            yield connection

    def together(self, function: Callable[[], _T]) -> _T:
        """Do it, and commit all that it writes at its end: many acts of a time that is over.

        It must not ask the record for what it wrote itself. Raises RecordError; then nothing of it
        is written.
        """
        return self._writer.together(function)

    @property
    def unfinished_writes(self) -> int:
        """What was handed in to be written and has not been answered yet."""
        return self._writer.unfinished

    def gate_owners(self, me: Owner, *, data: Path | None = None) -> GateOwners:
        """Who runs which gate; ``me`` describes this process to the others.

        With a folder ``data`` that outlives it, its next start need not wait for a killed one.
        """
        return owners_of(self._database, me, self.office.clock.monotonic_s, data)

    def close(self) -> None:
        """Give the connections back; the record must not be used afterwards."""
        self.facts.close()
        self._writer.close()
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _make_private(file: Path) -> None:
    """Make the file, if it is not there, for its owner only; SQLite's others beside it follow."""
    folder = file.parent
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise RecordError(f"{folder} cannot be made: {error.strerror}") from error
    try:
        os.close(os.open(file, os.O_RDWR | os.O_CREAT, 0o600))
    except OSError as error:
        raise RecordError(f"{file} cannot be opened: {error.strerror}") from error
