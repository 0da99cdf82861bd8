"""FakeQueueBook: the queue in memory, decided by the same rules."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime

from screening.office.facts import OfficeFacts
from screening.queue.book import Answered, QueueBook
from screening.queue.queue import Order, Queue, QueueView, obey, view_of
from screening.queue.tickets import QueueRefusal, Ticket
from screening.repeats import Asked


class FakeQueueBook(QueueBook):
    """QueueBook in memory. ``tell`` hears of every act, as of a row that is committed."""

    def __init__(
        self, facts: Callable[[], OfficeFacts], *, tell: Callable[[Order], None] = lambda _: None
    ) -> None:
        self._facts = facts
        self._queue = Queue()
        self._lock = threading.Lock()
        self.tell = tell
        self.trouble: Exception | None = None

    def put(self, *tickets: Ticket) -> None:
        """These visitors are inside, as their tickets say."""
        with self._lock:
            self._queue = self._queue.with_tickets(tickets)

    def act(self, order: Order, *, at: datetime, asked: Asked[Answered] | None = None) -> Answered:
        if self.trouble is not None:
            raise self.trouble
        with self._lock:
            done = obey(self._queue, order, self._facts(), at=at)
            if done is None or isinstance(done, QueueRefusal):
                return done
            self._queue = self._queue.with_done(order.counter, done)
        self.tell(order)
        return done.after

    def view(self, *, at: datetime) -> QueueView:
        if self.trouble is not None:
            raise self.trouble
        return view_of(self._queue, self._facts())

    def glance(self, *, at: datetime) -> QueueView | None:
        return None if self.trouble is not None else view_of(self._queue, self._facts())
