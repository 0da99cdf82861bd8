"""Where answers and what is done about them are kept, and which visits may answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Protocol

from screening.survey.index import Answer, Counted, Element, Marks, Quarter, Source, Tally

ASKED_FOR = timedelta(days=7)
"""So long after their visit people are asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SurveyedVisit:
    """Somebody who came, or was refused, on ``day``; ``mark`` tells this visit from others.

    The mark is a keyed digest: it leads to no receipt and no answer.
    """

    mark: str
    day: date
    service: str | None
    was_refused: bool

    @property
    def last_day(self) -> date:
        """The last day on which they may answer."""
        return self.day + ASKED_FOR


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUp:
    """What was bad, and what is done about it: by whom, and until when. ``done_on`` is None while
    it is open, ``service`` where it is about the whole office."""

    follow_up_id: int = 0
    quarter: Quarter
    element: Element
    service: str | None
    found: str
    action: str
    who: str
    until: date
    noted_by: str = ""
    done_on: date | None = None
    done_by: str = ""
    result: str = ""


class SurveyBook(Protocol):
    """Answers without names. Any method may raise RecordError."""

    def visit_of_receipt(self, issuer: str, number: str, *, at: datetime) -> SurveyedVisit | None:
        """The receipt's newest visit, let in or refused, while it may answer; None without one."""

    def visit_of_ticket(self, ticket: str, *, at: datetime) -> SurveyedVisit | None:
        """The visit of today with this ticket, such as ``L-012``; None without one."""

    def has_answered(self, visit: SurveyedVisit) -> bool:
        """Whether somebody answered for this visit."""

    def answer(self, marks: Marks, visit: SurveyedVisit, *, source: Source, at: datetime) -> bool:
        """Keep the answer and, apart from it, that this visit has answered.

        False where it has already, or may not any more: nothing is kept then.
        """

    def kiosk_key(self, place: str) -> str:
        """What a browser shows that is the kiosk of a gate or a room."""

    def answer_unnamed(self, answer: Answer) -> None:
        """Keep an answer of somebody who told no number."""

    def add_paper(self, answers: Sequence[Answer], *, by: str, at: datetime) -> None:
        """Keep answers from paper, all or none; a row of the log says how many and who."""

    def counted(self, first: Quarter, last: Quarter) -> list[Counted]:
        """The answers of these quarters, equal ones together."""

    def tallies(self, first: Quarter, last: Quarter) -> list[Tally]:
        """The same, added up: as few as there are quarters, services and ways of answering."""

    def follow_ups(self) -> list[FollowUp]:
        """The whole register: open ones first, by their last day."""

    def note_follow_up(self, follow_up: FollowUp, *, by: str, at: datetime) -> FollowUp:
        """Add one; a row of the log says who."""

    def close_follow_up(
        self, follow_up_id: int, *, result: str, by: str, at: datetime
    ) -> FollowUp | None:
        """It is done; a row of the log says who. None where there is no open one."""
