"""A history that nobody lived, written in bulk: what measures how a record bears its age.

The rows are those that a gate, a desk and counters would have written, chained and counted in the
same way, but no visitor is decided about, and some days go with one commit that waits for no disk.
For an empty record on SQLite alone, where no gate runs. What may be erased (names, degrees) stands
with the rows of the newest days only, as in an office whose nightly runs have kept up.
"""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from screening.decision import DecisionKind, Reason
from screening.queue.tickets import Act, FinishedStep, Seconds, Ticket, TicketState
from screening.receipts.claims import ReceiptClaims
from screening.record.book import receipt_columns
from screening.record.bookings import searched
from screening.record.chain import Detail, DetailContents, canonical, chained
from screening.record.days import Day, day_columns
from screening.record.office import RecordedOffice
from screening.record.record import Record
from screening.record.tables import (
    Base,
    DayRow,
    DetailRow,
    EntryRow,
    HolderRow,
    ReceiptRow,
    RedemptionRow,
    SeriesRow,
    SurveyAnswerRow,
    TicketRow,
    VisitRow,
)
from screening.record.tickets import write_ticket
from screening.registration.bookings import Place
from screening.survey.index import ELEMENTS, Quarter, Source
from screening.visits import EntryKind, ExitHow

OPENS, OPEN_MINUTES = time(8), 8 * 60
BOOKED, NO_SHOW, REFUSED, ANSWERED = 0.3, 0.1, 0.08, 0.05
"""Shares of visits that were booked, of bookings nobody came for, of refusals beside visits, and of
visits that answered the survey."""
SLOTS = 16
_CACHE_KB = 400_000
_COMMITTED = 10
"""Days with one commit: many rows go to a place by chance, and so to the same pages again."""
_ACTS = (Act.CALL_NEXT, Act.ARRIVED, Act.DONE)
_STATES = (TicketState.WAITING, TicketState.CALLED, TicketState.SERVING, TicketState.DONE)
_ID_BITS = 64
_FILLED: tuple[type[Base], ...] = (
    DayRow,
    ReceiptRow,
    HolderRow,
    VisitRow,
    TicketRow,
    RedemptionRow,
    EntryRow,
    DetailRow,
    SeriesRow,
    SurveyAnswerRow,
)
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
    """Write it; ``told`` is called after each day. Raises RecordError.

    A power cut meanwhile may cost the file.
    """
    draw = random.Random(made.seed)
    with record.filling() as connection:
        connection.execute(f"PRAGMA cache_size=-{_CACHE_KB}")
        indexes = _drop_indexes(connection)
        rows = _Rows(connection, record.office.site)
        connection.execute("BEGIN IMMEDIATE")
        for number in range(made.days):
            day = made.until - timedelta(days=made.days - number)
            count = made.visits * (number + 1) // made.days - made.visits * number // made.days
            _Day(made, day, count, draw, record.office, rows).write()
            rows.save()
            if number % _COMMITTED == _COMMITTED - 1:
                connection.execute("COMMIT")
                connection.execute("BEGIN IMMEDIATE")
            told(day)
        connection.execute("COMMIT")
        for statement in indexes:
            connection.execute(statement)


def _drop_indexes(connection: sqlite3.Connection) -> list[str]:
    """How they are made again: in one go, which takes a tenth of the time."""
    names = [table.__tablename__ for table in _FILLED]
    found = connection.execute(
        "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
        f" AND tbl_name IN ({', '.join('?' * len(names))}) ORDER BY name",
        names,
    ).fetchall()
    for name, _ in found:
        connection.execute(f'DROP INDEX "{name}"')
    return [statement for _, statement in found]


class _Rows:
    """Rows on their way into the file, those of the log numbered and chained.

    Times are given as ``_told`` writes them.
    """

    def __init__(self, connection: sqlite3.Connection, site: str) -> None:
        self._connection = connection
        self._site = site
        self._entry_id, self._hash = connection.execute(
            "SELECT head_entry_id, head_hash FROM sites WHERE code = ?", (site,)
        ).fetchone()
        newest = connection.execute("SELECT max(visit_id) FROM visits").fetchone()[0]
        self._visit_id: int = newest or 0
        self._inserts = {table: _insert(table) for table in _FILLED}
        self._pending: dict[type[Base], list[Mapping[str, Any]]] = {one: [] for one in _FILLED}

    def number_visit(self) -> int:
        """The next visit's number."""
        self._visit_id += 1
        return self._visit_id

    def add(self, table: type[Base], row: Mapping[str, Any]) -> None:
        """A row of this site, with every column as SQLite keeps it."""
        self._pending[table].append(row)

    def append(self, columns: Mapping[str, Any], details: Mapping[str, Any] | None = None) -> None:
        """A row of the log; details that are None are left out."""
        contents = DetailContents.of(details)
        self._entry_id += 1
        row = chained(
            columns,
            site=self._site,
            entry_id=self._entry_id,
            previous_hash=self._hash,
            details=contents,
        )
        self._hash = row["hash"]
        row["at"] = _kept(row["at"])
        self._pending[EntryRow].append(row)
        if details:
            self._pending[DetailRow] += contents.rows(row)

    def save(self) -> None:
        """Write them, and the head of the chain."""
        for table, rows in self._pending.items():
            self._connection.executemany(self._inserts[table], rows)
            rows.clear()
        self._connection.execute(
            "UPDATE sites SET head_entry_id = ?, head_hash = ? WHERE code = ?",
            (self._entry_id, self._hash, self._site),
        )


def _insert(table: type[Base]) -> str:
    names = [column.name for column in table.__table__.columns]
    values = ", ".join(f":{name}" for name in names)
    return f"INSERT INTO {table.__tablename__} ({', '.join(names)}) VALUES ({values})"


def _told(at: datetime) -> str:
    """A time in UTC as the log's rows are hashed with it."""
    return at.isoformat(timespec="microseconds")


def _kept(told: str) -> str:
    """The same as SQLite keeps it: without its zone."""
    return f"{told[:10]} {told[11:26]}"


class _Day:
    def __init__(
        self,
        made: MadeHistory,
        day: date,
        count: int,
        draw: random.Random,
        office: RecordedOffice,
        rows: _Rows,
    ) -> None:
        self._made, self._day, self._count = made, day, count
        self._draw, self._office, self._rows = draw, office, rows
        self._began = datetime.combine(day, OPENS, office.zone)
        self._began_utc = self._began.astimezone(UTC)
        self._figures = Day()
        self._tickets: dict[str, int] = {}
        self._hours: dict[int, tuple[int, str]] = {}
        self._keeps = (made.until - day).days <= made.kept_days

    def write(self) -> None:
        for number, receipt in enumerate(self._bookings()):
            minutes = OPEN_MINUTES * (number + 0.5) / max(1, self._count)
            at = self._began_utc + timedelta(minutes=minutes)
            self._visit(at, receipt)
            if self._draw.random() < REFUSED:
                self._refuse(at)
        self._answer()
        figures = day_columns(self._figures, canonical)
        self._rows.add(DayRow, {"site": self._office.site, "day": self._day.isoformat(), **figures})

    def _bookings(self) -> Iterator[ReceiptClaims | None]:
        """Each visitor's receipt, or none; whoever booked and does not come is in none of them."""
        for number in range(self._count):
            if self._draw.random() >= BOOKED:
                yield None
                continue
            claims = self._book(number)
            while self._draw.random() < NO_SHOW:
                self._book(number)
            yield claims

    def _book(self, number: int) -> ReceiptClaims:
        service, site = self._draw.choice(self._made.services), self._office.site
        at_minutes = number * SLOTS // max(1, self._count) * OPEN_MINUTES // SLOTS
        start = self._began + timedelta(minutes=at_minutes)
        end = start + timedelta(minutes=OPEN_MINUTES // SLOTS)
        claims = ReceiptClaims(
            issuer=site,
            number=f"{self._draw.getrandbits(48):012X}",
            token_id=self._draw.randbytes(16),
            site=site,
            service=service,
            party_size=1,
            holder="Made" if self._keeps else "",
            issued_at=self._began_utc,
            not_before=self._began_utc,
            expires=self._began_utc + timedelta(days=1),
            slot=f"{start:%H:%M}",
        )
        place = Place(service=service, day=self._day, start=start.time(), end=end.time())
        self._figures.book(place, 1, is_priority=False)
        day, slot_end = self._day.isoformat(), f"{end:%H:%M}"
        times = {
            name: _kept(_told(getattr(claims, name)))
            for name in ("issued_at", "not_before", "expires")
        }
        self._rows.add(
            ReceiptRow, {**receipt_columns(claims), **times, "day": day, "slot_end": slot_end}
        )
        if self._keeps:
            self._rows.add(HolderRow, _holder(claims))
        facts = {
            "day": day,
            "start": claims.slot,
            "end": slot_end,
            "people": 1,
            "priority": False,
        }
        row = {"kind": EntryKind.BOOKED.value, "at": _told(self._began_utc), "service": service}
        self._rows.append({**row, **_of(claims), "facts": canonical(facts)})
        return claims

    def _visit(self, at: datetime, receipt: ReceiptClaims | None) -> None:
        draw, rows, site = self._draw, self._rows, self._office.site
        visit_id, gate = rows.number_visit(), self._gate()
        service = draw.choice(self._made.services) if receipt is None else receipt.service
        number = self._tickets[service] = self._tickets.get(service, 0) + 1
        label, place = f"{service}-{number:03d}", 0 if receipt is None else 1
        (hour, hour_began), told = self._hour(at), _told(at)
        whose = {"gate": gate, "attempt_id": self._id(), "service": service, **_of(receipt)}
        celsius = round(draw.gauss(36.5, 0.2), 1)
        facts = {
            "visit": visit_id,
            "place": place,
            "seat": None,
            "ticket": label,
            "continues": None,
            "steps": [service],
        }
        kept: dict[str, Any] = {
            Detail.HOLDER: None if receipt is None else receipt.holder,
            Detail.DEGREES: [[celsius, [], celsius, None, 0.2, 37.3]],
        }
        rows.append(
            {**_ADMITTED, **whose, "at": told, "facts": canonical(facts)},
            kept if self._keeps else None,
        )
        rows.add(
            SeriesRow,
            {
                "series_id": draw.getrandbits(_ID_BITS - 1),
                "site": site,
                "gate": gate,
                "hour": hour_began,
                "raw_celsius": celsius,
                "corrected_celsius": celsius,
                "unshifted_celsius": None,
            },
        )
        ticket = self._serve(visit_id, label, service, receipt, at)
        left = _told(ticket.state_since + timedelta(seconds=draw.uniform(20, 120)))
        rows.add(
            VisitRow,
            {
                **whose,
                "site": site,
                "visit_id": visit_id,
                "entered_at": _kept(told),
                "day": self._day.isoformat(),
                "place": place,
                "seat": None,
                "queue": service,
                "ticket_number": number,
                "returned_from": None,
                "left_at": _kept(left),
                "left_how": ExitHow.SCAN.value,
                "annulled_at": None,
            },
        )
        rows.add(
            TicketRow,
            {
                "visit_id": visit_id,
                "site": site,
                "ended_at": _kept(left),
                "overtaken": 0,
                "ticket": write_ticket(ticket),
            },
        )
        facts = {"visit": visit_id, "how": ExitHow.SCAN.value}
        rows.append({"kind": EntryKind.EXIT.value, "at": left, **whose, "facts": canonical(facts)})
        if receipt is not None:
            taken = {"place": place, "visit_id": visit_id, "site": site}
            rows.add(RedemptionRow, {**_of(receipt), **taken})
        self._figures.admit(
            service=service,
            queue=service,
            ticket=number,
            is_return=False,
            hour=hour,
            is_booked=receipt is not None,
        )
        self._figures.let_out(visit_id, entered_at=at, how=ExitHow.SCAN)

    def _serve(
        self,
        visit_id: int,
        label: str,
        service: str,
        receipt: ReceiptClaims | None,
        at: datetime,
    ) -> Ticket:
        """Called, served and done, at one of the counters."""
        draw, counter = self._draw, self._draw.choice(self._made.counters)
        spans = (draw.expovariate(1 / 900), draw.uniform(15, 60), draw.lognormvariate(5.6, 0.5))
        waiting, walking, serving = (float(round(min(one, 3 * 3600))) for one in spans)
        called = at + timedelta(seconds=waiting)
        arrived = called + timedelta(seconds=walking)
        done = arrived + timedelta(seconds=serving)
        row = {"kind": EntryKind.QUEUE.value, "operator": "bench", **_of(receipt)}
        spent = {"waiting": waiting, "walking": walking, "serving": serving}
        for place, (act, moment) in enumerate(zip(_ACTS, (called, arrived, done), strict=True)):
            facts: dict[str, Any] = {
                "act": act.value,
                "counter": counter,
                "visit": visit_id,
                "ticket": label,
                "from": _STATES[place].value,
                "to": _STATES[place + 1].value,
            }
            if act is Act.DONE:
                facts["seconds"] = spent
            self._rows.append(
                {**row, "service": service, "at": _told(moment), "facts": canonical(facts)}
            )
        step = FinishedStep(
            service=service,
            counter=counter,
            began=at,
            ended=done,
            seconds=Seconds(waiting, walking, serving),
        )
        return Ticket(
            visit_id=visit_id,
            label=label,
            steps=(service,),
            since=at,
            step_since=at,
            state_since=done,
            state=TicketState.DONE,
            receipt=None if receipt is None else (receipt.issuer, receipt.number),
            counter=counter,
            called_at=called,
            recalled_at=called,
            calls=1,
            finished=(step,),
            acted_at=counter,
        )

    def _refuse(self, at: datetime) -> None:
        reason, (hour, _) = self._draw.choice(REASONS), self._hour(at)
        self._rows.append(
            {
                "kind": EntryKind.ATTEMPT.value,
                "at": _told(at),
                "gate": self._gate(),
                "attempt_id": self._id(),
                "decision": DecisionKind.DENY.value,
                "reason": reason.value,
                "service": self._draw.choice(self._made.services),
            }
        )
        self._figures.count_attempt(DecisionKind.DENY, reason.value, hour=hour)

    def _answer(self) -> None:
        """What some of them said in the survey."""
        draw = self._draw
        for _ in range(self._count):
            if draw.random() >= ANSWERED:
                continue
            self._rows.add(
                SurveyAnswerRow,
                {
                    "answer_id": draw.getrandbits(_ID_BITS - 1),
                    "site": self._office.site,
                    "quarter": str(Quarter.of(self._day)),
                    "service": draw.choice(self._made.services),
                    "source": Source.RECEIPT.value,
                    "was_refused": False,
                    "marks": "".join(draw.choices("234", (1, 4, 5), k=len(ELEMENTS))),
                },
            )

    def _hour(self, at: datetime) -> tuple[int, str]:
        """Minutes from the start of the day to the hour's, and when it began as SQLite keeps it."""
        number = (at - self._began_utc) // timedelta(hours=1)
        if number not in self._hours:
            began = _kept(_told(self._office.hour_began(at)))
            self._hours[number] = (self._office.hour_of_day(at), began)
        return self._hours[number]

    def _gate(self) -> str:
        return self._draw.choice(self._made.gates)

    def _id(self) -> str:
        return f"{self._draw.getrandbits(_ID_BITS):016x}"


_ADMITTED = {
    "kind": EntryKind.ATTEMPT.value,
    "decision": DecisionKind.ADMIT.value,
    "reason": Reason.ADMITTED.value,
}


def _holder(claims: ReceiptClaims) -> dict[str, Any]:
    return {
        "issuer": claims.issuer,
        "number": claims.number,
        "site": claims.site,
        "name": claims.holder,
        "searched": searched(claims.holder),
        "priority_group": None,
        "contact": None,
        "answers": canonical({}),
    }


def _of(receipt: ReceiptClaims | None) -> dict[str, Any]:
    """Columns that name it."""
    if receipt is None:
        return {"issuer": None, "receipt_number": None}
    return {"issuer": receipt.issuer, "receipt_number": receipt.number}
