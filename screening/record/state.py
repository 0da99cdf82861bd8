"""What a site's writer must know before it decides, gathered in one statement.

The state of the room (running figures of the day, taken seats, open waits) is kept in memory
between two transactions and is true as long as the chain's head is the one it was true for: nothing
of it changes without a row of the log. So whoever finds another head, because another process
wrote, gathers the state again in the same statement.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Dialect,
    Text,
    and_,
    bindparam,
    case,
    cast,
    func,
    literal_column,
    null,
    select,
    union_all,
)
from sqlalchemy.orm import InstrumentedAttribute

from screening.decision import Reason
from screening.errors import NotRecorded
from screening.queue.queue import LastAct, Queue
from screening.queue.tickets import Ticket
from screening.record.chain import Detail
from screening.record.days import Day, Days, read_bookings, read_hours, read_leaving
from screening.record.engine import Prepared
from screening.record.places import read_place
from screening.record.tables import (
    CounterActRow,
    DayRow,
    DetailRow,
    EntryRow,
    HolderRow,
    HoldRow,
    ReceiptRow,
    RedemptionRow,
    ServiceRow,
    SiteRow,
    TicketRow,
    UtcDateTime,
    VisitRow,
    WaitRow,
    is_attempt,
)
from screening.record.tickets import read_lines, read_ticket
from screening.visits import Attempt, known
from screening.waiting_room.admission import OpenWait, TakenPlace, service_of
from screening.waiting_room.line import Place, ReceiptKey

IS_INSIDE: ColumnElement[bool] = and_(VisitRow.left_at.is_(None), VisitRow.annulled_at.is_(None))


@dataclass(frozen=True, slots=True)
class Head:
    """The newest row of a site's log; ``at`` is None before the first.

    ``facts_version`` tells whether the office's facts changed meanwhile.
    """

    entry_id: int
    hash: str
    at: datetime | None
    facts_version: int


@dataclass(frozen=True, slots=True)
class Seated:
    """Who sits on a seat, and when they came."""

    visit_id: int
    receipt: ReceiptKey | None
    entered_at: datetime


@dataclass(slots=True)
class State:
    """A site's room as of one head. ``days`` are those that were asked for or have people inside.

    ``known_days`` also names days that have no figures yet.
    """

    head: Head
    days: Days = field(default_factory=dict)
    known_days: set[date] = field(default_factory=set)
    written_days: set[date] = field(default_factory=set)
    seated: dict[str, Seated] = field(default_factory=dict)
    waits: dict[str, OpenWait] = field(default_factory=dict)
    queue: Queue = field(default_factory=Queue)

    def copy(self) -> State:
        """One that a transaction may change."""
        return State(
            head=self.head,
            days={key: day.copy() for key, day in self.days.items()},
            known_days=set(self.known_days),
            written_days=set(self.written_days),
            seated=dict(self.seated),
            waits=dict(self.waits),
            queue=self.queue,
        )

    def day(self, key: date) -> Day:
        """The figures of a known day, to be counted on."""
        return self.days.setdefault(key, Day())


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownReceipt:
    """A receipt that this site registered. ``day`` is what was booked with it, if anything.

    ``name`` is whole. It and ``group`` are None once forgotten, or where nobody registered.
    """

    service: str
    day: date | None
    slot: str | None
    expires: datetime
    is_revoked: bool
    is_priority: bool
    name: str | None
    group: str | None

    def covers(self, service: str | None, day: date) -> bool:
        """Whether it has a booking of that day."""
        return self.day == day and self.service == service and not self.is_revoked


@dataclass(frozen=True, slots=True)
class Known:
    """What was found of one attempt. ``first_entry_id`` is the row that had its nonce or id.

    ``held`` counts the people for whom a place is held on its day, by service. ``tickets`` are of
    the visits in ``taken``, where they have one.
    """

    first_entry_id: int | None = None
    taken: tuple[TakenPlace, ...] = ()
    is_revoked: bool = False
    receipt: KnownReceipt | None = None
    held: Mapping[str, int] = field(default_factory=dict)
    tickets: Mapping[int, Ticket] = field(default_factory=dict)
    service_quota: int | None = None
    visit_id: int = 0


@dataclass(frozen=True, slots=True)
class Gathered:
    """One look: ``head`` always, ``state`` where it was asked for, ``known`` of each attempt."""

    head: Head
    state: State | None
    known: tuple[Known, ...]


def gather(
    connection: Connection,
    site: str,
    day: date,
    *,
    attempts: Sequence[Attempt] = (),
    with_state: bool,
    numbers_visits: bool = False,
) -> Gathered:
    """Read what is needed in one statement. Raises NotRecorded where there is no such site.

    ``attempts`` are of that day. With ``numbers_visits`` each has the number of a visit of its own
    where the database gives them out, else the next free one.
    """
    receipts = [attempt.receipt for attempt in attempts]
    services = [service_of(attempt) if numbers_visits else None for attempt in attempts]
    statement = _statement(
        attempts=len(attempts),
        has_nonce=any(attempt.nonce is not None for attempt in attempts),
        has_receipt=any(receipt is not None for receipt in receipts),
        has_service=any(service is not None for service in services),
        with_state=with_state,
        visit_number=connection.dialect.name if numbers_visits else None,
    )
    values: dict[str, Any] = {"site": site, "day": day}
    for order, (attempt, receipt, service) in enumerate(
        zip(attempts, receipts, services, strict=True)
    ):
        values |= {
            f"attempt{order}": attempt.attempt_id,
            f"gate{order}": attempt.gate,
            f"nonce{order}": attempt.nonce,
            f"issuer{order}": None if receipt is None else receipt.issuer,
            f"number{order}": None if receipt is None else receipt.number,
            f"service{order}": service,
        }
    if numbers_visits:
        values["at"] = min(attempt.at for attempt in attempts)
    rows = _found(statement, connection, values)
    return _sorted(rows, site, day, attempts=len(attempts), with_state=with_state)


def places_of(
    connection: Connection, issuer: str, number: str
) -> tuple[tuple[TakenPlace, ...], bool]:
    """The taken places of a receipt, and whether it was revoked."""
    rows = _found(_RECEIPT, connection, {"issuer0": issuer, "number0": number})
    places = tuple(_place(row) for row in rows if row.part == "place0")
    return places, any(row.part == "receipt0" and row.at is not None for row in rows)


class _Found(NamedTuple):
    """A row of a look; what its columns hold depends on its part."""

    part: str
    a: Any
    b: Any
    c: Any
    d: Any
    e: Any
    f: Any
    g: Any
    n: Any
    m: Any
    at: datetime | None
    until: datetime | None


def _found(statement: Prepared, connection: Connection, values: Mapping[str, Any]) -> list[_Found]:
    read = _reader(connection.dialect)
    return [
        found._replace(at=read(found.at), until=read(found.until))
        for found in map(_Found._make, statement.execute(connection, values))
    ]


@lru_cache
def _reader(dialect: Dialect) -> Callable[[Any], datetime | None]:
    """What makes a time of what the driver found."""
    read = UtcDateTime().dialect_impl(dialect).result_processor(dialect, None)
    assert read is not None
    return read


def _arm(part: str, **columns: Any) -> Any:
    """One part of the look; all parts have the same columns."""
    kinds: dict[str, Any] = {
        **dict.fromkeys("abcdefg", Text()),
        **dict.fromkeys("nm", BigInteger()),
        **dict.fromkeys(("at", "until"), UtcDateTime()),
    }
    return select(
        literal_column(f"'{part}'", Text()).label("part"),
        *(
            (columns[name] if name in columns else cast(null(), kind)).label(name)
            for name, kind in kinds.items()
        ),
    )


_SITE = bindparam("site", type_=Text())


def _of_holder(column: InstrumentedAttribute[Any]) -> Any:
    return (
        select(column)
        .where(HolderRow.issuer == ReceiptRow.issuer, HolderRow.number == ReceiptRow.number)
        .correlate(ReceiptRow)
        .scalar_subquery()
    )


def _head() -> Any:
    newest = (
        select(EntryRow.at)
        .where(EntryRow.site == SiteRow.code, EntryRow.entry_id == SiteRow.head_entry_id)
        .scalar_subquery()
    )
    version = cast(SiteRow.facts_version, BigInteger)
    return _arm("head", a=SiteRow.head_hash, n=SiteRow.head_entry_id, m=version, at=newest).where(
        SiteRow.code == _SITE
    )


_TICKET_LINE = (
    cast(TicketRow.visit_id, Text)
    + " "
    + cast(TicketRow.overtaken, Text)
    + " "
    + cast(TicketRow.ticket, Text)
)


_LINE_END: Any = literal_column("'\n'")

_HOLDER_OF_A_WAIT = (
    select(DetailRow.content)
    .where(
        DetailRow.site == WaitRow.site,
        DetailRow.entry_id == WaitRow.entry_id,
        DetailRow.kind == Detail.HOLDER,
    )
    .correlate(WaitRow)
    .scalar_subquery()
)


def _state_arms() -> list[Any]:
    day = bindparam("day", type_=DayRow.day.type)
    figures = _arm(
        "day",
        a=cast(DayRow.day, Text),
        b=DayRow.refusals,
        c=DayRow.services,
        d=DayRow.tickets,
        e=DayRow.hours,
        f=DayRow.bookings,
        g=DayRow.leaving,
        n=cast(DayRow.inside, BigInteger),
        m=cast(DayRow.admitted, BigInteger),
    ).where(DayRow.site == _SITE)
    return [
        figures.where(DayRow.day == day),
        figures.where(DayRow.inside != 0, DayRow.day != day),
        _arm(
            "seat",
            a=VisitRow.seat,
            b=VisitRow.issuer,
            c=VisitRow.receipt_number,
            n=VisitRow.visit_id,
            at=VisitRow.entered_at,
        ).where(VisitRow.site == _SITE, VisitRow.seat.is_not(None), IS_INSIDE),
        _arm(
            "wait",
            a=WaitRow.attempt_id,
            b=WaitRow.issuer,
            c=WaitRow.receipt_number,
            d=WaitRow.reason,
            e=WaitRow.line,
            f=_HOLDER_OF_A_WAIT,
            n=WaitRow.entry_id,
            m=cast(WaitRow.party_size, BigInteger),
            at=WaitRow.at,
            until=WaitRow.ready_at,
        ).where(WaitRow.site == _SITE),
        # One row with a line for each: two thousand rows take ten times as long to be fetched.
        _arm("tickets", a=func.aggregate_strings(_TICKET_LINE, _LINE_END)).where(
            TicketRow.site == _SITE, TicketRow.ended_at.is_(None)
        ),
        _arm(
            "act", a=CounterActRow.counter, b=CounterActRow.overtook, n=CounterActRow.visit_id
        ).where(CounterActRow.site == _SITE),
    ]


def _of_attempt(name: str, order: int) -> Any:
    return bindparam(f"{name}{order}", type_=Text())


def _receipt_arms(order: int) -> list[Any]:
    issuer, number = _of_attempt("issuer", order), _of_attempt("number", order)
    return [
        _arm(
            f"place{order}",
            a=VisitRow.queue,
            b=VisitRow.left_how,
            c=cast(VisitRow.ticket_number, Text),
            n=cast(RedemptionRow.place, BigInteger),
            m=VisitRow.visit_id,
            d=TicketRow.ticket,
            e=cast(TicketRow.overtaken, Text),
            at=VisitRow.entered_at,
            until=VisitRow.left_at,
        )
        .join_from(RedemptionRow, VisitRow, VisitRow.visit_id == RedemptionRow.visit_id)
        .outerjoin(TicketRow, TicketRow.visit_id == VisitRow.visit_id)
        .where(RedemptionRow.issuer == issuer, RedemptionRow.receipt_number == number),
        _arm(
            f"receipt{order}",
            a=ReceiptRow.service,
            b=cast(ReceiptRow.day, Text),
            c=ReceiptRow.slot,
            d=ReceiptRow.site,
            e=_of_holder(HolderRow.name),
            f=_of_holder(HolderRow.priority_group),
            n=cast(
                case((ReceiptRow.is_priority, literal_column("1")), else_=literal_column("0")),
                BigInteger,
            ),
            at=ReceiptRow.revoked_at,
            until=ReceiptRow.expires,
        ).where(ReceiptRow.issuer == issuer, ReceiptRow.number == number),
    ]


def _held() -> Any:
    """People for whom a place is held that day, by service."""
    return (
        _arm("held", a=HoldRow.service, n=cast(func.sum(HoldRow.people), BigInteger))
        .where(
            HoldRow.site == _SITE,
            HoldRow.day == bindparam("day", type_=HoldRow.day.type),
            HoldRow.until > bindparam("at", type_=UtcDateTime()),
        )
        .group_by(HoldRow.service)
    )


def _first(order: int, condition: ColumnElement[bool]) -> Any:
    return _arm(f"first{order}", n=EntryRow.entry_id).where(EntryRow.site == _SITE, condition)


_RECEIPT = Prepared(union_all(*_receipt_arms(0)))


@lru_cache
def _statement(
    *,
    attempts: int,
    has_nonce: bool,
    has_receipt: bool,
    has_service: bool,
    with_state: bool,
    visit_number: str | None,
) -> Prepared:
    arms = [_head()]
    for order in range(attempts):
        # Two parts, since each has its index; one with OR would read the whole log. The kind is
        # written out: SQLite would plan the whole look anew for each value bound to it.
        is_it = EntryRow.attempt_id == _of_attempt("attempt", order)
        arms.append(_first(order, and_(is_it, is_attempt(EntryRow))))
        if has_nonce:
            at_gate = EntryRow.gate == _of_attempt("gate", order)
            arms.append(_first(order, and_(at_gate, EntryRow.nonce == _of_attempt("nonce", order))))
        if has_receipt:
            arms += _receipt_arms(order)
        if has_service:
            quota = _arm(f"quota{order}", n=cast(ServiceRow.daily_quota, BigInteger))
            is_service = ServiceRow.code == _of_attempt("service", order)
            arms.append(quota.where(ServiceRow.site == _SITE, is_service))
        if visit_number is not None:
            arms.append(_arm(f"visit{order}", n=_VISIT_NUMBERS[visit_number]))
    if visit_number is not None:
        arms.append(_held())
    if with_state:
        arms += _state_arms()
    return Prepared(union_all(*arms))


_VISIT_NUMBERS: Mapping[str, ColumnElement[int]] = {
    "postgresql": func.nextval("visits_visit_id_seq"),
    "sqlite": func.coalesce(select(func.max(VisitRow.visit_id)).scalar_subquery(), 0) + 1,
}


def _sorted(
    rows: Iterable[Any], site: str, day: date, *, attempts: int, with_state: bool
) -> Gathered:
    parts: defaultdict[str, list[Any]] = defaultdict(list)
    for row in rows:
        parts[row.part].append(row)
    if not parts["head"]:
        raise NotRecorded(f"the database has no site {site!r}")
    (newest,) = parts["head"]
    head = Head(newest.n, newest.a, newest.at, newest.m)
    held = {row.a: row.n for row in parts["held"]}
    known = tuple(_known(parts, order, site, held) for order in range(attempts))
    if not with_state:
        return Gathered(head, None, known)
    days = {date.fromisoformat(row.a): _day(row) for row in parts["day"]}
    state = State(
        head=head,
        days=days,
        known_days={*days, day},
        written_days=set(days),
        seated={row.a: _seated(row) for row in parts["seat"]},
        waits={row.a: _wait(row) for row in parts["wait"]},
        queue=Queue(
            tickets={
                ticket.visit_id: ticket for row in parts["tickets"] for ticket in read_lines(row.a)
            },
            last_acts={row.a: LastAct(row.n, tuple(json.loads(row.b))) for row in parts["act"]},
        ),
    )
    return Gathered(head, state, known)


def _known(parts: Mapping[str, list[Any]], order: int, site: str, held: Mapping[str, int]) -> Known:
    def of(part: str) -> list[Any]:
        return parts.get(f"{part}{order}", [])

    places, receipts = of("place"), of("receipt")
    return Known(
        first_entry_id=next((row.n for row in of("first")), None),
        taken=tuple(_place(row) for row in places),
        is_revoked=any(row.at is not None for row in receipts),
        receipt=next((_receipt(row) for row in receipts if row.d == site), None),
        held=held,
        tickets={
            row.m: read_ticket(row.d, visit_id=row.m, overtaken=int(row.e))
            for row in places
            if row.d is not None
        },
        service_quota=next((row.n for row in of("quota")), None),
        visit_id=next((row.n for row in of("visit")), 0),
    )


def _receipt(row: Any) -> KnownReceipt:
    return KnownReceipt(
        service=row.a,
        day=None if row.b is None else date.fromisoformat(row.b),
        slot=row.c,
        expires=row.until,
        is_revoked=row.at is not None,
        is_priority=bool(row.n),
        name=row.e,
        group=row.f,
    )


def _seated(row: Any) -> Seated:
    receipt = (row.b, row.c) if row.c is not None else None
    return Seated(row.n, receipt, row.at)


def _place(row: Any) -> TakenPlace:
    return TakenPlace(
        place=row.n,
        visit_id=row.m,
        entered_at=row.at,
        left_at=row.until,
        left_how=row.b,
        queue=row.a,
        ticket_number=int(row.c),
    )


def _wait(row: Any) -> OpenWait:
    receipt = (row.b, row.c) if row.c is not None else None
    place: Place | None = None
    if receipt is not None and row.d == Reason.ROOM_FULL.value:
        place = read_place(row.e, receipt, entry_id=row.n, at=row.at, people=row.m, holder=row.f)
    return OpenWait(
        attempt_id=row.a,
        entry_id=row.n,
        reason=known(Reason, row.d),
        at=row.at,
        ready_at=row.until,
        receipt=receipt,
        party_size=row.m,
        place=place,
    )


def _day(row: Any) -> Day:
    refused: Mapping[str, int] = json.loads(row.b)
    return Day(
        inside=row.n,
        admitted=row.m,
        refused=dict(refused),
        services=json.loads(row.c),
        tickets=json.loads(row.d),
        hours=read_hours(row.e),
        bookings=read_bookings(row.f),
        **read_leaving(row.g),
    )
