"""The survey on a database: answers without names, and apart from them who has answered.

Both are written together and hold nothing in common: an answer has a random number, its quarter
and its service; a visit that has answered is a keyed digest.
"""

from __future__ import annotations

import functools
import hmac
import operator
import secrets
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import Integer, Row, cast, exists, func, insert, select, update
from sqlalchemy.orm import Session

from screening.decision import DecisionKind
from screening.record.chain import canonical
from screening.record.engine import Database
from screening.record.office import RecordedOffice
from screening.record.tables import (
    EntryRow,
    FollowUpRow,
    SurveyAnswerRow,
    SurveyedVisitRow,
    VisitRow,
    is_attempt,
)
from screening.record.text import clean
from screening.record.writer import Transaction, Writer
from screening.survey.book import FollowUp, SurveyedVisit
from screening.survey.index import (
    ELEMENTS,
    Answer,
    Counted,
    Element,
    Marks,
    Quarter,
    Source,
    Tally,
)
from screening.visits import EntryKind

REFUSED = (DecisionKind.DENY.value, DecisionKind.REFER.value)
ANSWERING = (DecisionKind.ADMIT.value, *REFUSED)
"""How an attempt ends that may be asked about."""

_IS_ANNULLED = exists().where(
    VisitRow.site == EntryRow.site,
    VisitRow.attempt_id == EntryRow.attempt_id,
    VisitRow.annulled_at.is_not(None),
)


class SqlSurvey:
    """SurveyBook on a database; safe to use from any thread. ``secret`` keys the digests."""

    def __init__(
        self,
        database: Database,
        office: RecordedOffice,
        writer: Writer,
        secret: Callable[[], bytes],
    ) -> None:
        self._database = database
        self._office = office
        self._writer = writer
        self._secret = secret
        self._tallies: dict[str, tuple[int, list[Tally]]] = {}

    def visit_of_receipt(self, issuer: str, number: str, *, at: datetime) -> SurveyedVisit | None:
        """The receipt's newest visit, let in or refused, while it may answer; None without one."""
        query = (
            select(EntryRow.at, EntryRow.decision, EntryRow.service)
            .where(
                EntryRow.site == self._database.site,
                EntryRow.issuer == issuer,
                EntryRow.receipt_number == number,
                is_attempt(EntryRow),
                EntryRow.decision.in_(ANSWERING),
                ~_IS_ANNULLED,
            )
            .order_by(EntryRow.entry_id.desc())
            .limit(1)
        )
        with self._database.reading() as session:
            row = session.execute(query).first()
        if row is None:
            return None
        day = self._office.local_day(row.at)
        visit = SurveyedVisit(
            mark=self._mark("receipt", issuer, number, day.isoformat()),
            day=day,
            service=row.service,
            was_refused=row.decision in REFUSED,
        )
        return visit if self._may_answer(visit, at) else None

    def visit_of_ticket(self, ticket: str, *, at: datetime) -> SurveyedVisit | None:
        """The visit of today with this ticket, such as ``L-012``; None without one."""
        queue, _, number = ticket.strip().upper().rpartition("-")
        if not queue or not (number.isascii() and number.isdigit()) or len(number) > len("99999"):
            return None
        day = self._office.local_day(at)
        query = select(
            VisitRow.issuer, VisitRow.receipt_number, VisitRow.attempt_id, VisitRow.service
        ).where(
            VisitRow.site == self._database.site,
            VisitRow.day == day,
            VisitRow.queue == queue,
            VisitRow.ticket_number == int(number),
            VisitRow.returned_from.is_(None),
            VisitRow.annulled_at.is_(None),
        )
        with self._database.reading() as session:
            row = session.execute(query).first()
        if row is None:
            return None
        key: tuple[str, ...] = ("attempt", row.attempt_id)
        if row.receipt_number is not None:
            key = ("receipt", row.issuer, row.receipt_number)
        return SurveyedVisit(
            mark=self._mark(*key, day.isoformat()), day=day, service=row.service, was_refused=False
        )

    def has_answered(self, visit: SurveyedVisit) -> bool:
        """Whether somebody answered for this visit."""
        with self._database.reading() as session:
            return session.execute(self._marked(visit)).first() is not None

    def answer(self, marks: Marks, visit: SurveyedVisit, *, source: Source, at: datetime) -> bool:
        """Keep the answer and, apart from it, that this visit has answered."""
        answer = Answer(
            marks=marks,
            quarter=Quarter.of(visit.day),
            service=visit.service,
            source=source,
            was_refused=visit.was_refused,
        )

        def keep(transaction: Transaction) -> bool:
            if transaction.connection.execute(self._marked(visit)).first() is not None:
                return False
            mark = {"site": self._database.site, "mark": visit.mark, "until": visit.last_day}
            transaction.execute(insert(SurveyedVisitRow), [mark])
            transaction.execute(insert(SurveyAnswerRow), [self._columns(answer)])
            return True

        return self._may_answer(visit, at) and self._writer.do(keep)

    def kiosk_key(self, place: str) -> str:
        """What a browser shows that is the kiosk of a gate or a room."""
        return self._mark("kiosk", place)

    def answer_unnamed(self, answer: Answer) -> None:
        """Keep an answer of somebody who told no number."""
        row = self._columns(answer)
        self._writer.do(lambda transaction: transaction.execute(insert(SurveyAnswerRow), [row]))

    def add_paper(self, answers: Sequence[Answer], *, by: str, at: datetime) -> None:
        """Keep answers from paper, all or none; a row of the log says how many and who."""
        rows = [self._columns(answer) for answer in answers]
        if not rows:
            return
        told = sorted({row["quarter"] for row in rows})

        def add(transaction: Transaction) -> None:
            transaction.look(at)
            facts = {"act": "paper", "answers": len(rows), "quarter": ", ".join(told)}
            _append(transaction, facts, by=by, at=at)
            transaction.execute(insert(SurveyAnswerRow), rows)

        self._writer.do(add)

    def counted(self, first: Quarter, last: Quarter) -> list[Counted]:
        """The answers of these quarters, equal ones together."""
        row = SurveyAnswerRow
        columns = (row.quarter, row.service, row.source, row.was_refused, row.marks)
        query = (
            select(*columns, func.count())
            .where(
                row.site == self._database.site,
                row.quarter >= str(first),
                row.quarter <= str(last),
            )
            .group_by(*columns)
        )
        with self._database.reading() as session:
            return [
                Counted(
                    Answer(
                        marks=Marks.parse(marks),
                        quarter=Quarter.parse(quarter),
                        service=service,
                        source=Source(source),
                        was_refused=was_refused,
                    ),
                    people,
                )
                for quarter, service, source, was_refused, marks, people in session.execute(query)
            ]

    def tallies(self, first: Quarter, last: Quarter) -> list[Tally]:
        """The same, added up. Of a quarter that nobody answered in since the last time, kept."""
        row = SurveyAnswerRow
        query = (
            select(row.quarter, func.count())
            .where(
                row.site == self._database.site,
                row.quarter >= str(first),
                row.quarter <= str(last),
            )
            .group_by(row.quarter)
            .order_by(row.quarter)
        )
        found: list[Tally] = []
        with self._database.reading() as session:
            for quarter, people in session.execute(query).all():
                kept = self._tallies.get(quarter)
                if kept is None or kept[0] != people:
                    kept = self._tallies[quarter] = (people, self._added_up(session, quarter))
                found += kept[1]
        return found

    def _added_up(self, session: Session, quarter: str) -> list[Tally]:
        row = SurveyAnswerRow
        marks = [
            cast(func.substr(row.marks, place + 1, 1), Integer) for place in range(len(ELEMENTS))
        ]
        kind = (row.service, row.source, row.was_refused)
        own = select(*kind, *(mark.label(f"m{place}") for place, mark in enumerate(marks))).where(
            row.site == self._database.site, row.quarter == quarter
        )
        one = own.subquery()
        each = [one.c[f"m{place}"] for place in range(len(ELEMENTS))]
        whole = functools.reduce(operator.add, each)
        grouped = (one.c.service, one.c.source, one.c.was_refused)
        query = select(
            *grouped, func.count(), func.sum(whole * whole), *(func.sum(mark) for mark in each)
        ).group_by(*grouped)
        return [
            Tally(
                quarter=Quarter.parse(quarter),
                service=service,
                source=Source(source),
                was_refused=was_refused,
                people=people,
                sums=tuple(map(int, sums)),
                squares=int(squares),
            )
            for service, source, was_refused, people, squares, *sums in session.execute(query)
        ]

    def follow_ups(self) -> list[FollowUp]:
        """The whole register: open ones first, by their last day."""
        row = FollowUpRow
        query = (
            select(row.__table__)
            .where(row.site == self._database.site)
            .order_by(row.done_on.is_not(None), row.until, row.follow_up_id)
        )
        with self._database.reading() as session:
            return [_to_follow_up(one) for one in session.execute(query)]

    def note_follow_up(self, follow_up: FollowUp, *, by: str, at: datetime) -> FollowUp:
        """Add one; a row of the log says who."""

        def note(transaction: Transaction) -> FollowUp:
            transaction.look(at)
            newest = select(func.max(FollowUpRow.follow_up_id)).where(
                FollowUpRow.site == self._database.site
            )
            number = (transaction.connection.scalar(newest) or 0) + 1
            noted = replace(follow_up, follow_up_id=number, noted_by=clean(by) or "")
            transaction.execute(insert(FollowUpRow), [self._follow_up_columns(noted)])
            _append(transaction, _about(noted, "noted"), by=by, at=at)
            return noted

        return self._writer.do(note)

    def close_follow_up(
        self, follow_up_id: int, *, result: str, by: str, at: datetime
    ) -> FollowUp | None:
        """It is done; a row of the log says who. None where there is no open one."""
        is_it = (
            FollowUpRow.site == self._database.site,
            FollowUpRow.follow_up_id == follow_up_id,
            FollowUpRow.done_on.is_(None),
        )

        def close(transaction: Transaction) -> FollowUp | None:
            transaction.look(at)
            found = transaction.connection.execute(
                select(FollowUpRow.__table__).where(*is_it)
            ).first()
            if found is None:
                return None
            done = replace(
                _to_follow_up(found),
                done_on=self._office.local_day(at),
                done_by=clean(by) or "",
                result=result,
            )
            changed = {"done_on": done.done_on, "done_by": done.done_by, "result": done.result}
            transaction.connection.execute(update(FollowUpRow).where(*is_it).values(changed))
            _append(transaction, _about(done, "done"), by=by, at=at)
            return done

        return self._writer.do(close)

    def _marked(self, visit: SurveyedVisit) -> Any:
        return select(SurveyedVisitRow.mark).where(
            SurveyedVisitRow.site == self._database.site, SurveyedVisitRow.mark == visit.mark
        )

    def _mark(self, *parts: str) -> str:
        told = canonical(["survey", *parts]).encode()
        return hmac.new(self._secret(), told, sha256).hexdigest()

    def _may_answer(self, visit: SurveyedVisit, at: datetime) -> bool:
        return self._office.local_day(at) <= visit.last_day

    def _columns(self, answer: Answer) -> dict[str, Any]:
        return {
            "answer_id": secrets.randbelow(2**63),
            "site": self._database.site,
            "quarter": str(answer.quarter),
            "service": answer.service,
            "source": answer.source.value,
            "was_refused": answer.was_refused,
            "marks": str(answer.marks),
        }

    def _follow_up_columns(self, one: FollowUp) -> dict[str, Any]:
        return {
            "site": self._database.site,
            "follow_up_id": one.follow_up_id,
            "quarter": str(one.quarter),
            "element": one.element.value,
            "service": one.service,
            "found": one.found,
            "action": one.action,
            "who": one.who,
            "until": one.until,
            "noted_by": one.noted_by,
            "done_on": one.done_on,
            "done_by": one.done_by,
            "result": one.result,
        }


def _append(transaction: Transaction, facts: dict[str, Any], *, by: str, at: datetime) -> None:
    transaction.append(
        {
            "kind": EntryKind.SURVEY,
            "at": at,
            "operator": clean(by),
            "facts": canonical(facts),
        }
    )


def _about(one: FollowUp, act: str) -> dict[str, Any]:
    """What a row of the log says of it: all of it, since the register itself can be changed."""
    return {
        "act": act,
        "follow_up": one.follow_up_id,
        "quarter": str(one.quarter),
        "element": one.element.value,
        "service": one.service,
        "found": one.found,
        "action": one.action,
        "who": one.who,
        "until": one.until.isoformat(),
        "result": one.result,
    }


def _to_follow_up(row: Row[Any]) -> FollowUp:
    return FollowUp(
        follow_up_id=row.follow_up_id,
        quarter=Quarter.parse(row.quarter),
        element=Element(row.element),
        service=row.service,
        found=row.found,
        action=row.action,
        who=row.who,
        until=row.until,
        noted_by=row.noted_by,
        done_on=row.done_on,
        done_by=row.done_by,
        result=row.result,
    )
