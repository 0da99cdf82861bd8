"""FakeQueue: the queue in memory, held to the same contract as the databases."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from screening.office.counters import CounterSwitch
from screening.office.facts import OfficeFacts
from screening.queue.book import Answered, QueueBook
from screening.queue.queue import Order, Queue, QueueView, obey, view_of
from screening.queue.tickets import (
    FinishedStep,
    QueueRefusal,
    Ticket,
    left,
    new_ticket,
    put_back,
    taken_up,
    with_priority,
)
from screening.repeats import AnsweredBefore, Asked, KeptAnswers
from screening.visits import EntryKind, LogEntry


class FakeQueue(QueueBook):
    """QueueBook in memory; ``append`` adds a row to the log.

    ``past`` are steps of days before, ``switched`` is when counters were opened and closed.
    """

    def __init__(
        self,
        facts: Callable[[], OfficeFacts],
        append: Callable[..., LogEntry],
        day_began: Callable[[datetime], datetime],
    ) -> None:
        self._facts = facts
        self._append = append
        self._day_began = day_began
        self._queue = Queue()
        self._ended: dict[int, Ticket] = {}
        self._ended_at: dict[int, datetime] = {}
        self.switched: list[CounterSwitch] = []
        self.past: list[FinishedStep] = []
        self.answers: KeptAnswers | None = None
        self.close_earlier: Callable[[datetime], object] = lambda _: None

    def come_in(
        self,
        visit_id: int,
        label: str,
        *,
        service: str | None,
        at: datetime,
        receipt: tuple[str, str] | None,
        booked_for: datetime | None,
        is_priority: bool,
        continues: int | None,
    ) -> None:
        before = self._ended.get(continues or 0)
        offered = self._facts().services.get(service or "")
        if before is not None:
            ticket = taken_up(before, visit_id=visit_id, at=at)
            if is_priority:
                ticket = with_priority(ticket, is_priority=True)
        else:
            ticket = new_ticket(
                visit_id=visit_id,
                label=label,
                steps=(() if offered is None else offered.steps) or (service or "",),
                at=at,
                receipt=receipt,
                booked_for=booked_for,
                is_priority=is_priority,
            )
        self._queue = self._queue.with_tickets([ticket])

    def give_priority(self, visit_id: int, *, is_priority: bool) -> None:
        ticket = with_priority(self._queue.tickets[visit_id], is_priority=is_priority)
        self._queue = self._queue.with_tickets([ticket])

    def leave(self, visit_id: int, at: datetime) -> None:
        ticket = self._queue.tickets.get(visit_id)
        if ticket is not None:
            self._ended[visit_id] = left(ticket, at)
            self._ended_at[visit_id] = at
            self._queue = self._queue.without(visit_id)

    def first_to_leave(self, visits: list[int]) -> int:
        return self._queue.first_to_leave(visits)

    def is_done(self, visit_id: int) -> bool:
        return self._queue.is_done(visit_id)

    def longest_done(self) -> int | None:
        return self._queue.longest_done()

    def put_back(self, visit_id: int, at: datetime) -> None:
        """The visit goes on after all."""
        ended = self._ended.pop(visit_id, None)
        if ended is not None:
            self._queue = self._queue.with_tickets([put_back(ended, at)])

    def ended(self, visit_id: int) -> Ticket | None:
        """The ticket of a visit that ended."""
        return self._ended.get(visit_id)

    def tickets(self, *, since: datetime) -> list[Ticket]:
        """Of those inside who came since then."""
        return list(self._queue.since(since).tickets.values())

    def all_tickets(self) -> dict[int, Ticket]:
        """All there ever were."""
        return {**self._ended, **self._queue.tickets}

    def count_waiting(self, since: datetime) -> int:
        return self._queue.count_waiting(since)

    def act(self, order: Order, *, at: datetime, asked: Asked[Answered] | None = None) -> Answered:
        if asked is not None and self.answers is not None:
            kept = self.answers.kept(asked, at=at)
            if kept is not None:
                raise AnsweredBefore(kept)
        answer = self._act(order, at)
        if asked is not None and self.answers is not None:
            self.answers.keep(asked, asked.answer(answer), at=at)
        return answer

    def _act(self, order: Order, at: datetime) -> Answered:
        self.close_earlier(at)
        done = obey(self._queue.since(self._day_began(at)), order, self._facts(), at=at)
        if done is None or isinstance(done, QueueRefusal):
            return done
        self._queue = self._queue.with_done(order.counter, done)
        before, after = done.before, done.after
        self._append(
            EntryKind.QUEUE,
            at,
            operator=order.by,
            receipt_number=after.receipt[1] if after.receipt else None,
            service=after.service or None,
            remark=f"{after.label}: {before.state} → {after.state} ({order.counter})",
        )
        return after

    def view(self, *, at: datetime) -> QueueView:
        return view_of(self._queue.since(self._day_began(at)), self._facts())

    def finished(self, *, since: datetime) -> list[FinishedStep]:
        tickets = [*self._queue.tickets.values(), *self._ended.values()]
        steps = [*self.past, *(step for one in tickets for step in one.finished)]
        return sorted((step for step in steps if step.ended >= since), key=lambda step: step.ended)

    def ended_since(self, tickets: int) -> datetime | None:
        ends = sorted((self._ended_at[visit_id] for visit_id in self._ended), reverse=True)
        return ends[tickets - 1] if len(ends) >= tickets else None

    def switches(self, *, since: datetime) -> list[CounterSwitch]:
        return [one for one in self.switched if one.at >= since]

    def glance(self, *, at: datetime) -> QueueView | None:
        return self.view(at=at)
