"""Where the queue is kept: what a counter may ask of it, and what a display shows of it."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from screening.office.counters import CounterSwitch
from screening.queue.queue import Order, QueueView
from screening.queue.tickets import FinishedStep, QueueRefusal, Ticket
from screening.repeats import Asked

Answered = Ticket | QueueRefusal | None
"""The ticket after the act; why nothing was done; or nobody waits to be called next."""


class QueueBook(Protocol):
    """The queue of a site. Who is called where is decided in one transaction.

    Every act that changes anything is a row of the log, with who did it and when.
    """

    def act(self, order: Order, *, at: datetime, asked: Asked[Answered] | None = None) -> Answered:
        """Do what a counter asks. With ``asked`` it is done once however often it is sent.

        Raises AnsweredBefore where it was done already, KeyReused, RecordError, and OutcomeUnknown
        where nobody can say whether it was done.
        """

    def view(self, *, at: datetime) -> QueueView:
        """The queue of the day as of the newest commit of any process. Raises RecordError."""

    def finished(self, *, since: datetime) -> list[FinishedStep]:
        """Steps that ended since then, also those of whoever left before they were done.

        In order of their end. Raises RecordError.
        """

    def ended_since(self, tickets: int) -> datetime | None:
        """Since when so many tickets have ended; None where fewer have. Raises RecordError."""

    def switches(self, *, since: datetime) -> list[CounterSwitch]:
        """Which counters were opened and closed since then, in order. Raises RecordError."""

    def glance(self, *, at: datetime) -> QueueView | None:
        """The same as of this process's last commit, without asking the database.

        None before its first commit of that day.
        """
