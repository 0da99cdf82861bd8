"""Forgetting: erase what is kept longer than the site's rules say, and log that it was done.

Each time is a row of its own, also when nothing was due: so it can be shown that it ran. What is
due is looked for without holding up anybody, and erased in pieces, each in a short transaction, so
that a gate waits for one piece at most. A run that is broken off goes on with the next one.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import CursorResult, bindparam, delete, func, literal_column, select, update
from sqlalchemy.orm import Session

from screening.record.chain import Detail, canonical, erase
from screening.record.engine import Database
from screening.record.kept_answers import is_old_answer
from screening.record.office import RecordedOffice
from screening.record.tables import (
    DetailRow,
    HolderRow,
    KeptAnswerRow,
    ReceiptRow,
    RetentionRunRow,
    SeriesRow,
    SurveyedVisitRow,
    WebSessionRow,
)

CROWD = 5
"""An hour of the temperature series with fewer people than this could point at one of them."""

RUNS_KEPT = timedelta(days=800)
"""Two yearly evaluations can look back on them."""

PIECE = 500
"""Rows erased in one transaction: some hundredths of a second."""

PAUSE_S = 0.02
"""Between two pieces, so that other processes' gates get their turn, too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Forgotten:
    """What ``forget`` erased: details of the log, names on receipts, log-in sessions,
    other systems' answers, and marks of visits that answered the survey."""

    degrees: int
    holders: int
    remarks: int
    receipts: int
    sessions: int
    answers: int = 0
    groups: int = 0
    marks: int = 0

    def to_json(self) -> dict[str, int]:
        """Rows erased, by kind; these names are stored and published."""
        return {
            "readings": self.degrees,
            "names": self.holders,
            "priority_groups": self.groups,
            "remarks": self.remarks,
            "receipts": self.receipts,
            "sessions": self.sessions,
            "answers": self.answers,
            "survey_marks": self.marks,
        }

    def __str__(self) -> str:
        """What was erased, in words for the service's log."""
        counted = (
            (self.degrees, "visits' degrees"),
            (self.holders, "visitors' names"),
            (self.groups, "visitors' priority groups"),
            (self.remarks, "remarks"),
            (self.receipts, "names on receipts"),
            (self.sessions, "old log-ins"),
            (self.answers, "answers to other systems"),
            (self.marks, "marks of the survey"),
        )
        return ", ".join(f"{number} {what}" for number, what in counted if number) or "nothing"


@dataclass(frozen=True, slots=True)
class RetentionRun:
    """When old data were looked for, and how many rows of each kind were erased."""

    at: datetime
    erased: Mapping[str, int]


class Forgetting:
    """Applies the site's retention; run once a day (twice does no harm)."""

    def __init__(self, database: Database, office: RecordedOffice) -> None:
        self._database = database
        self._office = office

    def forget(
        self, at: datetime, *, pause: Callable[[float], bool] = lambda _: False
    ) -> Forgotten:
        """Erase everything that is due at ``at``.

        ``pause`` is called between two pieces with how long to wait; where it says True the run
        ends early. What was erased until then is noted either way.
        """
        pieces = _Pieces(pause)
        details: Counter[str] = Counter()
        while pieces.go_on():
            erased = self._erase_details(at)
            if not erased:
                break
            details.update(erased)
        while pieces.go_on() and self._forget_holders(self._names_until(at)):
            pass
        receipts = 0
        while pieces.go_on():
            unnamed = self._forget_receipts(self._names_until(at))
            if not unnamed:
                break
            receipts += unnamed
        thin = self._thin_hours(at)
        for start in range(0, len(thin), PIECE):
            if pieces.go_on():
                self._coarsen_series(thin[start : start + PIECE])
        with self._database.writing() as (session, _):
            forgotten = Forgotten(
                degrees=details[Detail.DEGREES],
                holders=details[Detail.HOLDER],
                groups=details[Detail.GROUP],
                remarks=details[Detail.REMARK],
                receipts=receipts,
                sessions=self._forget_sessions(session, at),
                answers=self._forget_answers(session, at),
                marks=self._forget_marks(session, at),
            )
            self._note_run(session, forgotten, at)
        self._database.note_erased()
        self._database.drop_erased()
        return forgotten

    def runs(self, *, limit: int) -> list[RetentionRun]:
        """The newest times, the newest first. Raises RecordError."""
        query = (
            select(RetentionRunRow)
            .where(RetentionRunRow.site == self._office.site)
            .order_by(RetentionRunRow.at.desc())
            .limit(limit)
        )
        with self._database.reading() as session:
            return [RetentionRun(row.at, json.loads(row.erased)) for row in session.scalars(query)]

    def _note_run(self, session: Session, forgotten: Forgotten, at: datetime) -> None:
        """Once more at the very same moment counts with the first."""
        site, erased = self._office.site, forgotten.to_json()
        row = session.get(RetentionRunRow, (site, at))
        if row is None:
            session.add(RetentionRunRow(site=site, at=at, erased=canonical(erased)))
        else:
            before = json.loads(row.erased)
            row.erased = canonical(
                {kind: many + before.get(kind, 0) for kind, many in erased.items()}
            )
        session.execute(
            delete(RetentionRunRow).where(
                RetentionRunRow.site == site, RetentionRunRow.at < at - RUNS_KEPT
            )
        )

    def _forget_marks(self, session: Session, at: datetime) -> int:
        result = session.execute(
            delete(SurveyedVisitRow).where(
                SurveyedVisitRow.site == self._office.site,
                SurveyedVisitRow.until < self._office.local_day(at),
            )
        )
        assert isinstance(result, CursorResult)
        return result.rowcount

    def _days_ago(self, at: datetime, days: int) -> datetime:
        """The start of the site's day, so many days back."""
        return self._office.day_began(self._office.day_began(at) - timedelta(days=days))

    def _names_until(self, at: datetime) -> datetime:
        """By the rule of this moment: somebody may change it between two pieces."""
        return self._days_ago(at, self._office.facts.newest.names_days)

    def _erase_details(self, at: datetime) -> Counter[str]:
        """Erase one piece of what is due, by kind; empty where nothing is."""
        rules = self._office.facts.newest
        due: list[tuple[int, str]] = []
        with self._database.writing() as (session, head):
            for kind, days in (
                (Detail.DEGREES, rules.readings_days),
                (Detail.HOLDER, rules.names_days),
                (Detail.GROUP, rules.names_days),
                (Detail.REMARK, rules.remarks_days),
            ):
                query = (
                    select(DetailRow.entry_id)
                    .where(
                        DetailRow.site == self._office.site,
                        DetailRow.kind == kind,
                        DetailRow.at < self._days_ago(at, days),
                    )
                    .limit(PIECE - len(due))
                )
                due += [(entry_id, kind) for entry_id in session.scalars(query)]
            erase(session, head, due, at=at, why="retention")
        return Counter(kind for _, kind in due)

    def _thin_hours(self, at: datetime) -> list[tuple[str, datetime]]:
        """Gates and hours of earlier days with so few readings that they tell of whom."""
        today = self._office.day_began(at)
        query = (
            select(SeriesRow.gate, SeriesRow.hour)
            .where(SeriesRow.site == self._office.site, SeriesRow.hour < today)
            .group_by(SeriesRow.gate, SeriesRow.hour)
            .having(func.count() < CROWD)
        )
        with self._database.reading() as session:
            found = [(gate, hour) for gate, hour in session.execute(query)]
        return [(gate, hour) for gate, hour in found if hour != self._office.day_began(hour)]

    def _coarsen_series(self, thin: Sequence[tuple[str, datetime]]) -> None:
        with self._database.writing() as (session, _):
            for gate, hour in thin:
                session.execute(
                    update(SeriesRow)
                    .where(
                        SeriesRow.site == self._office.site,
                        SeriesRow.gate == gate,
                        SeriesRow.hour == hour,
                    )
                    .values(hour=self._office.day_began(hour))
                )

    def _forget_holders(self, before: datetime) -> int:
        """Delete one piece of who registered."""
        query = (
            select(HolderRow.issuer, HolderRow.number)
            .join(
                ReceiptRow,
                (ReceiptRow.issuer == HolderRow.issuer) & (ReceiptRow.number == HolderRow.number),
            )
            .where(
                HolderRow.site == self._office.site,
                ReceiptRow.site == self._office.site,
                ReceiptRow.expires < before,
            )
            .limit(PIECE)
        )
        return self._change_each(query, delete(HolderRow).where(*_is_it(HolderRow)))

    def _forget_receipts(self, before: datetime) -> int:
        """Empty one piece of the names on receipts."""
        query = (
            select(ReceiptRow.issuer, ReceiptRow.number)
            .where(
                ReceiptRow.site == self._office.site,
                ReceiptRow.expires < before,
                ReceiptRow.holder != literal_column("''"),  # as the index on them has it
            )
            .limit(PIECE)
        )
        return self._change_each(
            query, update(ReceiptRow).where(*_is_it(ReceiptRow)).values(holder="")
        )

    def _change_each(self, query: Any, statement: Any) -> int:
        """What was found is changed; it is looked for before anybody is held up."""
        with self._database.reading() as session:
            keys = [
                {"b_issuer": issuer, "b_number": number}
                for issuer, number in session.execute(query)
            ]
        if keys:
            with self._database.writing() as (session, _):
                session.connection().execute(statement, keys)
        return len(keys)

    def _forget_sessions(self, session: Session, at: datetime) -> int:
        result = session.execute(
            delete(WebSessionRow).where(
                WebSessionRow.site == self._office.site, WebSessionRow.expires_at <= at
            )
        )
        assert isinstance(result, CursorResult)
        return result.rowcount

    def _forget_answers(self, session: Session, at: datetime) -> int:
        old = delete(KeptAnswerRow).where(is_old_answer(self._office.site, at))
        result = session.execute(old)
        assert isinstance(result, CursorResult)
        return result.rowcount


class _Pieces:
    """Whether to go on; the first piece does not wait."""

    def __init__(self, pause: Callable[[float], bool]) -> None:
        self._pause = pause
        self._is_first = True
        self._is_over = False

    def go_on(self) -> bool:
        if self._is_first:
            self._is_first = False
        else:
            self._is_over = self._is_over or self._pause(PAUSE_S)
        return not self._is_over


def _is_it(row: type[HolderRow | ReceiptRow]) -> tuple[Any, ...]:
    return row.issuer == bindparam("b_issuer"), row.number == bindparam("b_number")
