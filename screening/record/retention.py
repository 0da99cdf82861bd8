"""Forgetting: erase what is kept longer than the site's rules say, and log that it was done.

Each time is a row of its own, also when nothing was due: so it can be shown that it ran.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import CursorResult, and_, delete, exists, func, select, update
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

    def forget(self, at: datetime) -> Forgotten:
        """Erase everything that is due at ``at`` in one transaction."""
        rules = self._office.facts.newest
        with self._database.writing() as (session, head):
            due = {
                kind: self._due(session, kind, self._days_ago(at, days))
                for kind, days in (
                    (Detail.DEGREES, rules.readings_days),
                    (Detail.HOLDER, rules.names_days),
                    (Detail.GROUP, rules.names_days),
                    (Detail.REMARK, rules.remarks_days),
                )
            }
            details = [(entry_id, kind) for kind, ids in due.items() for entry_id in ids]
            erase(session, head, details, at=at, why="retention")
            self._coarsen_series(session, at)
            forgotten = Forgotten(
                degrees=len(due[Detail.DEGREES]),
                holders=len(due[Detail.HOLDER]),
                groups=len(due[Detail.GROUP]),
                remarks=len(due[Detail.REMARK]),
                receipts=self._forget_receipts(session, self._days_ago(at, rules.names_days)),
                sessions=self._forget_sessions(session, at),
                answers=self._forget_answers(session, at),
                marks=self._forget_marks(session, at),
            )
            self._note_run(session, forgotten, at)
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

    def _due(self, session: Session, kind: str, before: datetime) -> list[int]:
        query = select(DetailRow.entry_id).where(
            DetailRow.site == self._office.site, DetailRow.kind == kind, DetailRow.at < before
        )
        return list(session.scalars(query))

    def _coarsen_series(self, session: Session, at: datetime) -> None:
        today = self._office.day_began(at)
        thin = (
            select(SeriesRow.gate, SeriesRow.hour)
            .where(SeriesRow.site == self._office.site, SeriesRow.hour < today)
            .group_by(SeriesRow.gate, SeriesRow.hour)
            .having(func.count() < CROWD)
        )
        for gate, hour in session.execute(thin).all():
            session.execute(
                update(SeriesRow)
                .where(
                    SeriesRow.site == self._office.site,
                    SeriesRow.gate == gate,
                    SeriesRow.hour == hour,
                )
                .values(hour=self._office.day_began(hour))
            )

    def _forget_receipts(self, session: Session, before: datetime) -> int:
        is_due = and_(ReceiptRow.site == self._office.site, ReceiptRow.expires < before)
        due = exists().where(
            is_due, ReceiptRow.issuer == HolderRow.issuer, ReceiptRow.number == HolderRow.number
        )
        session.execute(delete(HolderRow).where(HolderRow.site == self._office.site, due))
        result = session.execute(
            update(ReceiptRow).where(is_due, ReceiptRow.holder != "").values(holder="")
        )
        assert isinstance(result, CursorResult)
        return result.rowcount

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
