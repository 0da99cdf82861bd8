"""The visits of a site: what gates write, the log of it, and the room and the day in figures."""

from __future__ import annotations

from screening.record.engine import Database
from screening.record.figures import SqlFigures
from screening.record.journal import SqlJournal
from screening.record.log import SqlLog
from screening.record.office import RecordedOffice
from screening.record.writer import Writer


class SqlVisitLog(SqlJournal, SqlLog, SqlFigures):
    """VisitLog on a database; safe to use from any thread."""

    def __init__(self, database: Database, office: RecordedOffice, writer: Writer) -> None:
        SqlJournal.__init__(self, database, office, writer)
