"""The queue on a database: an order is decided and written in one transaction."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select

from screening.office.changes import switched
from screening.office.counters import CounterSwitch
from screening.queue.book import Answered
from screening.queue.queue import Done, Order, QueueView, obey, view_of
from screening.queue.tickets import Act, FinishedStep, QueueRefusal
from screening.record.chain import canonical
from screening.record.engine import Database
from screening.record.figures import newest_state, remembered_state
from screening.record.journal import make_room_for_today
from screening.record.kept_answers import once
from screening.record.office import RecordedOffice
from screening.record.state import State
from screening.record.tables import EntryRow, TicketRow, is_kind_by_index
from screening.record.text import clean
from screening.record.tickets import read_ticket
from screening.record.writer import Transaction, Writer
from screening.repeats import Asked
from screening.visits import EntryKind

HAS_FINISHED = '"finished":'
"""What every ticket has in it that finished a step; most of those who wait have not."""


class SqlQueue:
    """QueueBook on a database; safe to use from any thread."""

    def __init__(self, database: Database, office: RecordedOffice, writer: Writer) -> None:
        self._database = database
        self._office = office
        self._writer = writer

    def act(self, order: Order, *, at: datetime, asked: Asked[Answered] | None = None) -> Answered:
        """Do what a counter asks; with ``asked`` once, however often it is sent."""

        order = replace(order, outcome=clean(order.outcome) or "")

        def act(transaction: Transaction) -> Answered:
            transaction.look(at)
            if asked is None:
                return _act(transaction, order, at)
            return once(transaction, asked, lambda: _act(transaction, order, at), at=at)

        return self._writer.submit(act, may_repeat=asked is not None).result()

    def view(self, *, at: datetime) -> QueueView:
        """The queue of the day as of the newest commit of any process."""
        return self._view(newest_state(self._database, self._office, self._writer, at), at)

    def glance(self, *, at: datetime) -> QueueView | None:
        """The same as of this process's last commit; None before its first one of that day."""
        state = remembered_state(self._office, self._writer, at)
        return None if state is None else self._view(state, at)

    def finished(self, *, since: datetime) -> list[FinishedStep]:
        """Steps that ended since then, in order of their end."""
        query = select(TicketRow.ticket).where(
            TicketRow.site == self._office.site,
            or_(TicketRow.ended_at >= since, TicketRow.ended_at.is_(None)),
            TicketRow.ticket.contains(HAS_FINISHED, autoescape=True),
        )
        with self._database.reading() as session:
            texts = session.scalars(query).all()
        found = [
            step
            for text in texts
            for step in read_ticket(text, visit_id=0, overtaken=0).finished
            if step.ended >= since
        ]
        return sorted(found, key=lambda step: step.ended)

    def ended_since(self, tickets: int) -> datetime | None:
        """Since when so many tickets have ended; None where fewer have."""
        query = (
            select(TicketRow.ended_at)
            .where(TicketRow.site == self._office.site, TicketRow.ended_at.is_not(None))
            .order_by(TicketRow.ended_at.desc())
            .offset(tickets - 1)
            .limit(1)
        )
        with self._database.reading() as session:
            return session.scalar(query)

    def switches(self, *, since: datetime) -> list[CounterSwitch]:
        """Which counters were opened and closed since then, in order."""
        query = (
            select(EntryRow.at, EntryRow.facts)
            .where(
                EntryRow.site == self._office.site,
                EntryRow.at >= since,
                EntryRow.kind == EntryKind.OFFICE_CHANGED,
                is_kind_by_index(EntryRow),
            )
            .order_by(EntryRow.entry_id)
        )
        with self._database.reading() as session:
            rows = session.execute(query).all()
        return [one for row in rows for one in _switched(row.at, row.facts)]

    def _view(self, state: State, at: datetime) -> QueueView:
        today = state.queue.since(self._office.day_began(at))
        return view_of(today, self._office.facts.newest)


def _switched(at: datetime, facts: str | None) -> Iterator[CounterSwitch]:
    if facts is not None and '"counters.' in facts:
        values = json.loads(facts)
        yield from switched(values["before"], values["after"], at=at)


def _act(transaction: Transaction, order: Order, at: datetime) -> Answered:
    make_room_for_today(transaction, at)
    today = transaction.state.queue.since(transaction.office.day_began(at))
    done = obey(today, order, transaction.facts, at=at)
    if done is None or isinstance(done, QueueRefusal):
        return done
    transaction.put_done(order.counter, done)
    transaction.append(_row(order, done, at))
    return done.after


def _row(order: Order, done: Done, at: datetime) -> dict[str, Any]:
    before, after = done.before, done.after
    facts: dict[str, Any] = {
        "act": order.act.value,
        "counter": order.counter,
        "visit": after.visit_id,
        "ticket": after.label,
        "from": before.state.value,
        "to": after.state.value,
    }
    if order.act is Act.FORWARD:
        facts["service"] = order.service
    if order.act is Act.CHANGE_OUTCOME or (order.act is Act.DONE and order.outcome):
        facts["outcome"] = order.outcome
    if done.overtook:
        facts["overtook"] = list(done.overtook)
    if len(after.finished) > len(before.finished):
        spent = after.finished[-1].seconds
        facts["seconds"] = {
            "waiting": spent.waiting,
            "walking": spent.walking,
            "serving": spent.serving,
        }
    issuer, number = after.receipt or (None, None)
    return {
        "kind": EntryKind.QUEUE,
        "at": at,
        "operator": clean(order.by),
        "issuer": issuer,
        "receipt_number": number,
        "service": after.service or None,
        "facts": canonical(facts),
    }
