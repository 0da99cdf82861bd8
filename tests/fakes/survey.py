"""FakeSurvey: the survey in memory, held to the same contract as the databases."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from screening.decision import DecisionKind
from screening.survey.book import FollowUp, SurveyBook, SurveyedVisit
from screening.survey.index import Answer, Counted, Marks, Quarter, Source, Tally
from screening.visits import Attempt, EntryKind, WrittenAttempt

if TYPE_CHECKING:
    from tests.fakes.record import FakeVisitLog

_ANSWERING = (DecisionKind.ADMIT, DecisionKind.DENY, DecisionKind.REFER)


class FakeSurvey(SurveyBook):
    """SurveyBook in memory, about the attempts of a log in memory."""

    def __init__(self, log: FakeVisitLog, zone: ZoneInfo) -> None:
        self._log = log
        self._zone = zone
        self._lock = threading.RLock()
        self._answers: Counter[Answer] = Counter()
        self._marks: set[str] = set()
        self._follow_ups: list[FollowUp] = []

    def visit_of_receipt(self, issuer: str, number: str, *, at: datetime) -> SurveyedVisit | None:
        for attempt, written in reversed(self._counted()):
            receipt = attempt.receipt
            if receipt is None or (receipt.issuer, receipt.number) != (issuer, number):
                continue
            visit = self._visit(attempt, written)
            return visit if self._day(at) <= visit.last_day else None
        return None

    def visit_of_ticket(self, ticket: str, *, at: datetime) -> SurveyedVisit | None:
        for attempt, written in self._counted():
            visit = written.visit
            if (
                visit is not None
                and visit.ticket == ticket.strip().upper()
                and self._day(written.at) == self._day(at)
            ):
                return self._visit(attempt, written)
        return None

    def has_answered(self, visit: SurveyedVisit) -> bool:
        return visit.mark in self._marks

    def answer(self, marks: Marks, visit: SurveyedVisit, *, source: Source, at: datetime) -> bool:
        with self._lock:
            if visit.mark in self._marks or self._day(at) > visit.last_day:
                return False
            self._marks.add(visit.mark)
            self.answer_unnamed(
                Answer(
                    marks=marks,
                    quarter=Quarter.of(visit.day),
                    service=visit.service,
                    source=source,
                    was_refused=visit.was_refused,
                )
            )
            return True

    def kiosk_key(self, place: str) -> str:
        return f"key of {place}"

    def answer_unnamed(self, answer: Answer) -> None:
        with self._lock:
            self._answers[answer] += 1

    def add_paper(self, answers: Sequence[Answer], *, by: str, at: datetime) -> None:
        if not answers:
            return
        told = ", ".join(sorted({str(one.quarter) for one in answers}))
        self._append(f"paper: {len(answers)}, {told}", by, at)
        with self._lock:
            self._answers.update(answers)

    def counted(self, first: Quarter, last: Quarter) -> list[Counted]:
        return [
            Counted(answer, people)
            for answer, people in self._answers.items()
            if first <= answer.quarter <= last
        ]

    def tallies(self, first: Quarter, last: Quarter) -> list[Tally]:
        return [
            Tally(
                quarter=one.quarter,
                service=one.service,
                source=one.source,
                was_refused=one.was_refused,
                people=one.people,
                sums=one.sums,
                squares=one.squares,
            )
            for one in self.counted(first, last)
        ]

    def follow_ups(self) -> list[FollowUp]:
        return sorted(
            self._follow_ups,
            key=lambda one: (one.done_on is not None, one.until, one.follow_up_id),
        )

    def note_follow_up(self, follow_up: FollowUp, *, by: str, at: datetime) -> FollowUp:
        with self._lock:
            number = len(self._follow_ups) + 1
            noted = replace(follow_up, follow_up_id=number, noted_by=by)
            self._follow_ups.append(noted)
        self._append(f"noted: {number}, {noted.element}", by, at)
        return noted

    def close_follow_up(
        self, follow_up_id: int, *, result: str, by: str, at: datetime
    ) -> FollowUp | None:
        for place, one in enumerate(self._follow_ups):
            if one.follow_up_id == follow_up_id and one.done_on is None:
                done = replace(one, done_on=self._day(at), done_by=by, result=result)
                self._follow_ups[place] = done
                self._append(f"done: {follow_up_id}, {one.element}", by, at)
                return done
        return None

    def _counted(self) -> list[tuple[Attempt, WrittenAttempt]]:
        return [pair for pair in self._log.attempts() if self._may_count(pair[1])]

    def _may_count(self, written: WrittenAttempt) -> bool:
        if written.decision not in _ANSWERING:
            return False
        return not any(
            row.visit.attempt_id == written.attempt_id and row.visit.annulled_at is not None
            for row in self._log.rows()
        )

    def _visit(self, attempt: Attempt, written: WrittenAttempt) -> SurveyedVisit:
        day = self._day(written.at)
        key: Iterable[Any] = (attempt.attempt_id,)
        if attempt.receipt is not None:
            key = (attempt.receipt.issuer, attempt.receipt.number)
        return SurveyedVisit(
            mark=" ".join((*key, day.isoformat())),
            day=day,
            service=attempt.service or (attempt.receipt.service if attempt.receipt else None),
            was_refused=written.decision is not DecisionKind.ADMIT,
        )

    def _append(self, told: str, by: str, at: datetime) -> None:
        self._log.append(EntryKind.SURVEY, at, operator=by, remark=told)

    def _day(self, at: datetime) -> Any:
        return at.astimezone(self._zone).date()
