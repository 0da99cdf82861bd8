"""A history that nobody lived, written in bulk: what measures how a record bears its age.

The rows are those that a gate, a desk and counters would have written, chained and counted in the
same way, but no visitor is decided about, and all of a day goes with one commit. For an empty
record on SQLite alone, where no gate runs. What may be erased (names, degrees) stands with the rows
of the newest days only, as in an office whose nightly runs have kept up.
"""

from __future__ import annotations

import random
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Connection, Index, func, insert, select

from screening.decision import DecisionKind, Reason
from screening.queue.tickets import (
    Act,
    FinishedStep,
    Seconds,
    Ticket,
    TicketState,
    left,
    new_ticket,
)
from screening.receipts.claims import ReceiptClaims
from screening.record.book import receipt_columns
from screening.record.bookings import searched
from screening.record.chain import Detail, canonical
from screening.record.record import Record
from screening.record.tables import Base, EntryRow, SurveyAnswerRow, VisitRow
from screening.record.writer import Transaction
from screening.registration.bookings import Place
from screening.survey.index import ELEMENTS, Quarter, Source
from screening.visits import EntryKind, ExitHow

OPENS, OPEN_MINUTES = time(8), 8 * 60
BOOKED, NO_SHOW, REFUSED, ANSWERED = 0.3, 0.1, 0.08, 0.05
"""Shares of visits that were booked, of bookings nobody came for, of refusals beside visits, and of
visits that answered the survey."""
SLOTS = 16
_ASKED = frozenset({"ix_visits_inside"})
"""Every day asks who is inside when it begins."""
_CACHE_KB = 200_000
_ACTS = (Act.CALL_NEXT, Act.ARRIVED, Act.DONE)
REASONS = (Reason.EXPIRED, Reason.ALREADY_USED, Reason.OUTSIDE_HOURS, Reason.QUOTA_REACHED)


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeHistory:
    """``visits`` over ``days`` that end the day before ``until``, each at one of these gates,
    counters and services. The last ``kept_days`` have names and degrees."""

    visits: int
    days: int
    until: date
    gates: tuple[str, ...]
    counters: tuple[str, ...]
    services: tuple[str, ...]
    kept_days: int = 0
    seed: int = 1


def write_history(
    record: Record, made: MadeHistory, *, told: Callable[[date], None] = lambda _: None
) -> None:
    """Write it; ``told`` is called after each day. Raises RecordError."""
    draw = random.Random(made.seed)
    record.write_past(lambda transaction: _drop_indexes(transaction.connection))
    for number in range(made.days):
        day = made.until - timedelta(days=made.days - number)
        count = made.visits * (number + 1) // made.days - made.visits * number // made.days
        record.write_past(_Day(made, day, count, draw).write)
        told(day)
    record.write_past(lambda transaction: _make_indexes(transaction.connection))


def _indexes() -> list[Index]:
    """Those that nothing asks for meanwhile; made in one go they take a tenth of the time."""
    tables = Base.metadata.tables
    found = [one for row in (EntryRow, VisitRow) for one in tables[row.__tablename__].indexes]
    return sorted((one for one in found if one.name not in _ASKED), key=lambda one: str(one.name))


def _drop_indexes(connection: Connection) -> None:
    for index in _indexes():
        index.drop(connection)


def _make_indexes(connection: Connection) -> None:
    for index in _indexes():
        index.create(connection)


class _Day:
    def __init__(self, made: MadeHistory, day: date, count: int, draw: random.Random) -> None:
        self._made, self._day, self._count, self._draw = made, day, count, draw
        self._tickets: dict[str, int] = {}
        self._keeps = (made.until - day).days <= made.kept_days

    def write(self, transaction: Transaction) -> None:
        office = transaction.office
        transaction.connection.exec_driver_sql(f"PRAGMA cache_size=-{_CACHE_KB}")
        began = datetime.combine(self._day, OPENS, office.zone)
        transaction.look(began)
        newest = transaction.connection.scalar(select(func.max(VisitRow.visit_id))) or 0
        for number, receipt in enumerate(self._bookings(transaction, began)):
            at = began + timedelta(minutes=OPEN_MINUTES * (number + 0.5) / max(1, self._count))
            self._visit(transaction, newest + number + 1, at, receipt)
            if self._draw.random() < REFUSED:
                self._refuse(transaction, at)
        self._answer(transaction)

    def _bookings(
        self, transaction: Transaction, began: datetime
    ) -> Iterator[ReceiptClaims | None]:
        """Each visitor's receipt, or none; whoever booked and does not come is in none of them."""
        for number in range(self._count):
            if self._draw.random() >= BOOKED:
                yield None
                continue
            claims = self._book(transaction, began, number)
            while self._draw.random() < NO_SHOW:
                self._book(transaction, began, number)
            yield claims

    def _book(self, transaction: Transaction, began: datetime, number: int) -> ReceiptClaims:
        service = self._draw.choice(self._made.services)
        at_minutes = number * SLOTS // max(1, self._count) * OPEN_MINUTES // SLOTS
        start = began + timedelta(minutes=at_minutes)
        end = start + timedelta(minutes=OPEN_MINUTES // SLOTS)
        claims = ReceiptClaims(
            issuer=transaction.office.site,
            number=secrets.token_hex(6).upper(),
            token_id=secrets.token_bytes(16),
            site=transaction.office.site,
            service=service,
            party_size=1,
            holder="Made" if self._keeps else "",
            issued_at=began,
            not_before=began,
            expires=began + timedelta(days=1),
            slot=f"{start:%H:%M}",
        )
        place = Place(service=service, day=self._day, start=start.time(), end=end.time())
        booked = {"day": self._day, "slot_end": f"{end:%H:%M}"}
        transaction.add_receipt({**receipt_columns(claims), **booked}, self._holder(claims))
        transaction.day(self._day).book(place, 1, is_priority=False)
        facts = {
            "day": self._day.isoformat(),
            "start": claims.slot,
            "end": booked["slot_end"],
            "people": 1,
            "priority": False,
        }
        row = {"kind": EntryKind.BOOKED, "at": began, "service": service}
        transaction.append_past({**row, **_of(claims), "facts": canonical(facts)})
        return claims

    def _visit(
        self,
        transaction: Transaction,
        visit_id: int,
        at: datetime,
        receipt: ReceiptClaims | None,
    ) -> None:
        draw, office = self._draw, transaction.office
        service = draw.choice(self._made.services) if receipt is None else receipt.service
        number = self._tickets[service] = self._tickets.get(service, 0) + 1
        label, attempt_id, gate = f"{service}-{number:03d}", secrets.token_hex(8), self._gate()
        place = 0 if receipt is None else 1
        ticket = new_ticket(
            visit_id=visit_id,
            label=label,
            steps=(service,),
            at=at,
            receipt=None if receipt is None else (receipt.issuer, receipt.number),
        )
        whose = {"gate": gate, "attempt_id": attempt_id, "service": service, **_of(receipt)}
        decided = {"decision": DecisionKind.ADMIT, "reason": Reason.ADMITTED}
        facts = {
            "visit": visit_id,
            "place": place,
            "seat": None,
            "ticket": label,
            "continues": None,
            "steps": [service],
        }
        attempt = {"kind": EntryKind.ATTEMPT, "at": at, **whose, **decided}
        celsius = round(draw.gauss(36.5, 0.2), 1)
        series = {"gate": gate, "hour": office.hour_began(at)}
        values = {"raw_celsius": celsius, "corrected_celsius": celsius, "unshifted_celsius": None}
        transaction.add_series([{**series, **values}])
        kept: dict[str, Any] = {
            Detail.HOLDER: None if receipt is None else receipt.holder,
            Detail.DEGREES: [[celsius, [], celsius, None, 0.2, 37.3]],
        }
        transaction.append_past(
            {**attempt, "facts": canonical(facts)}, kept if self._keeps else None
        )
        ticket = self._serve(transaction, ticket, at)
        leaves = ticket.state_since + timedelta(seconds=draw.uniform(20, 120))
        visit = {
            **whose,
            "visit_id": visit_id,
            "entered_at": at,
            "day": self._day,
            "place": place,
            "seat": None,
            "queue": service,
            "ticket_number": number,
            "returned_from": None,
            "left_at": leaves,
            "left_how": ExitHow.SCAN.value,
        }
        transaction.add_past_visit(visit, left(ticket, leaves), leaves)
        facts = {"visit": visit_id, "how": ExitHow.SCAN.value}
        transaction.append_past(
            {"kind": EntryKind.EXIT, "at": leaves, **whose, "facts": canonical(facts)}
        )
        if receipt is not None:
            taken = {"place": place, "visit_id": visit_id}
            transaction.redeem({**_of(receipt), **taken})
        day = transaction.day(self._day)
        day.admit(
            service=service,
            queue=service,
            ticket=number,
            is_return=False,
            hour=office.hour_of_day(at),
            is_booked=receipt is not None,
        )
        day.let_out(visit_id, entered_at=at, how=ExitHow.SCAN)

    def _serve(self, transaction: Transaction, ticket: Ticket, at: datetime) -> Ticket:
        """Called, served and done, at one of the counters."""
        draw, counter = self._draw, self._draw.choice(self._made.counters)
        spans = (draw.expovariate(1 / 900), draw.uniform(15, 60), draw.lognormvariate(5.6, 0.5))
        waiting, walking, serving = (float(round(min(one, 3 * 3600))) for one in spans)
        called = at + timedelta(seconds=waiting)
        arrived = called + timedelta(seconds=walking)
        done = arrived + timedelta(seconds=serving)
        issuer, number = ticket.receipt or (None, None)
        whose = {"issuer": issuer, "receipt_number": number, "service": ticket.service}
        row = {"kind": EntryKind.QUEUE, "operator": "bench", **whose}
        spent = {"waiting": waiting, "walking": walking, "serving": serving}
        states = (TicketState.WAITING, TicketState.CALLED, TicketState.SERVING, TicketState.DONE)
        for place, (act, moment) in enumerate(zip(_ACTS, (called, arrived, done), strict=True)):
            facts: dict[str, Any] = {
                "act": act.value,
                "counter": counter,
                "visit": ticket.visit_id,
                "ticket": ticket.label,
                "from": states[place].value,
                "to": states[place + 1].value,
            }
            if act is Act.DONE:
                facts["seconds"] = spent
            transaction.append_past({**row, "at": moment, "facts": canonical(facts)})
        step = FinishedStep(
            service=ticket.service,
            counter=counter,
            began=at,
            ended=done,
            seconds=Seconds(waiting, walking, serving),
        )
        return replace(
            ticket,
            state=TicketState.DONE,
            state_since=done,
            counter=counter,
            called_at=called,
            recalled_at=called,
            calls=1,
            finished=(step,),
            acted_at=counter,
        )

    def _refuse(self, transaction: Transaction, at: datetime) -> None:
        reason = self._draw.choice(REASONS)
        transaction.append_past(
            {
                "kind": EntryKind.ATTEMPT,
                "at": at,
                "gate": self._gate(),
                "attempt_id": secrets.token_hex(8),
                "decision": DecisionKind.DENY,
                "reason": reason,
                "service": self._draw.choice(self._made.services),
            }
        )
        hour = transaction.office.hour_of_day(at)
        transaction.day(self._day).count_attempt(DecisionKind.DENY, reason, hour=hour)

    def _holder(self, claims: ReceiptClaims) -> dict[str, Any] | None:
        if not self._keeps:
            return None
        named = {"name": claims.holder, "searched": searched(claims.holder)}
        nothing = {"priority_group": None, "contact": None, "answers": canonical({})}
        return {
            "issuer": claims.issuer,
            "number": claims.number,
            "site": claims.site,
            **named,
            **nothing,
        }

    def _answer(self, transaction: Transaction) -> None:
        """What some of them said in the survey."""
        draw = self._draw
        rows = [
            {
                "answer_id": secrets.randbelow(2**63),
                "site": transaction.office.site,
                "quarter": str(Quarter.of(self._day)),
                "service": draw.choice(self._made.services),
                "source": Source.RECEIPT.value,
                "was_refused": False,
                "marks": "".join(draw.choices("234", (1, 4, 5), k=len(ELEMENTS))),
            }
            for _ in range(self._count)
            if draw.random() < ANSWERED
        ]
        if rows:
            transaction.execute(insert(SurveyAnswerRow), rows)

    def _gate(self) -> str:
        return self._draw.choice(self._made.gates)


def _of(receipt: ReceiptClaims | None) -> dict[str, Any]:
    """Columns that name it."""
    if receipt is None:
        return {"issuer": None, "receipt_number": None}
    return {"issuer": receipt.issuer, "receipt_number": receipt.number}
