"""A record that has its tables already: making them is most of the time of a short test."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from functools import cache, partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Protocol

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, inspect

from dashboard.backup.sealed_file import SealedWriter
from screening.accounts import Accounts
from screening.alerts.book import AlertBook
from screening.clock import FakeClock
from screening.decision import Check
from screening.figures.roll_ups import Figures
from screening.log_search import LogSearch
from screening.office.changes import OfficeBook
from screening.office.services import Service
from screening.queue.book import QueueBook
from screening.receipts.claims import ReceiptBook
from screening.record import Record
from screening.registration.registrar import BookingBook
from screening.repeats import KeptAnswers
from screening.survey.book import SurveyBook
from screening.temperature.instrument.commissioning import ThermometerLog
from screening.visits import LogEntry, Visit, VisitLog
from screening.waiting_room.leaving import LeavingBook
from screening.waiting_room.line import LineBook
from screening.waiting_room.plan import SeatPlan
from tests.contracts.builders import NOON, SITE, ZONE


def put_new_record(file: Path) -> Path:
    """The file as ``Record.open`` makes it for the tests' site; left alone if it is there."""
    if not file.exists():
        file.write_bytes(_new_record())
    return file


@cache
def _new_record() -> bytes:
    with TemporaryDirectory() as folder:
        file = Path(folder) / "new.sqlite3"
        Record.open(file, site=SITE, zone=ZONE, plan=SeatPlan(4, 5), clock=FakeClock(NOON)).close()
        return file.read_bytes()


@contextmanager
def migrated_once() -> Iterator[None]:
    """Meanwhile the migrations run for the first new SQLite file; others get what came of it."""
    migrate = command.upgrade
    made: list[str] = []

    def upgrade(config: Config, revision: str) -> None:
        connection: Connection = config.attributes["connection"]
        if connection.dialect.name != "sqlite" or inspect(connection).get_table_names():
            migrate(config, revision)
        elif made:
            for statement in made:
                connection.exec_driver_sql(statement)
        else:
            migrate(config, revision)
            driver: Any = connection.connection.dbapi_connection
            made.extend(line for line in driver.iterdump() if line not in _OF_A_DUMP)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(command, "upgrade", upgrade)
        yield


_OF_A_DUMP = ("BEGIN TRANSACTION;", "COMMIT;")


@contextmanager
def sealed_quickly() -> Iterator[None]:
    """Meanwhile a backup, like a guess at its passphrase, costs next to nothing."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("dashboard.backup.archive.SealedWriter", partial(SealedWriter, work=1))
        yield


class OfficeFactsBook(OfficeBook, Protocol):
    """What an office's first start, and what other processes changed, ask of it besides."""

    def take_over(
        self,
        *,
        operator: str,
        at: datetime,
        gates_of_an_empty_office: Mapping[str, frozenset[Check] | None],
    ) -> LogEntry | None: ...

    def refresh(self) -> None: ...


class Visits(VisitLog, Protocol):
    """The whole log, with what ends the days that are over."""

    def close_day(self, at: datetime) -> list[Visit]: ...


class Services(Protocol):
    """What the office offers."""

    def services(self) -> dict[str, Service]: ...

    def service(self, code: str) -> Service | None: ...

    def put(self, service: Service) -> None: ...


class AnyRecord(Protocol):
    """A record of whatever kind, each part by its port."""

    @property
    def visits(self) -> Visits: ...

    @property
    def facts(self) -> OfficeFactsBook: ...

    @property
    def services(self) -> Services: ...

    @property
    def accounts(self) -> Accounts: ...

    @property
    def receipts(self) -> ReceiptBook: ...

    @property
    def kept_answers(self) -> KeptAnswers: ...

    @property
    def bookings(self) -> BookingBook: ...

    @property
    def queue(self) -> QueueBook: ...

    @property
    def leaving(self) -> LeavingBook: ...

    @property
    def alerts(self) -> AlertBook: ...

    @property
    def line(self) -> LineBook: ...

    @property
    def roll_ups(self) -> Figures: ...

    @property
    def survey(self) -> SurveyBook: ...

    @property
    def log_search(self) -> LogSearch: ...

    @property
    def thermometers(self) -> ThermometerLog: ...

    def close(self) -> None: ...


OpenRecord = Callable[..., AnyRecord]
"""``open_record(capacity=...)``: the same database again, or a new fake."""
OpenDatabase = Callable[..., Record]
"""The same where the fake does not come in."""
