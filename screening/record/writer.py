"""The one writer of a process: takes what its gates hand in and commits what waits together.

No thread of its own stands between a gate and its row: whoever waits for a job first commits all
that wait, the others wait for them.

A transaction chains and counts its rows in memory and sends them in few statements. Jobs that
waited for the same commit share it. When one of them fails, all are rolled back and each is done
again in a transaction of its own, so each stands or falls alone; where the database itself is the
trouble, all fail with it. Where the connection broke during the commit, what may be repeated is
asked for again and so finds what it wrote; of the rest nobody can say.

Between processes the site's lock orders the writers: on SQLite the file's, on PostgreSQL the site's
row. There it is asked for with the first question, and all that is written goes with the commit: an
admission waits twice.
"""

from __future__ import annotations

import logging
import queue
import secrets
import threading
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import date, datetime
from itertools import islice
from typing import Any, Generic, TypeVar

from sqlalchemy import Connection, Executable, bindparam, delete, insert, select, update
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from screening.decision import DecisionKind
from screening.errors import NotRecorded, OutcomeUnknown, RecordError, ScreeningError
from screening.queue.queue import Done
from screening.queue.tickets import Ticket, left
from screening.record.chain import DetailContents, canonical, chained
from screening.record.days import Day, day_columns, total_inside
from screening.record.engine import (
    DEFERRED,
    Conflict,
    Database,
    Locked,
    Prepared,
    Unusable,
    commit_told_honestly,
    translated,
)
from screening.record.facts_rows import load_facts
from screening.record.office import RecordedOffice
from screening.record.places import write_place
from screening.record.rows import entry_of
from screening.record.state import Known, Seated, State, gather
from screening.record.tables import (
    CounterActRow,
    DayRow,
    DetailRow,
    EntryRow,
    HolderRow,
    ReceiptRow,
    RedemptionRow,
    SeriesRow,
    SiteRow,
    TicketRow,
    VisitRow,
    WaitRow,
)
from screening.record.tickets import write_ticket
from screening.registration.bookings import Hold
from screening.visits import Attempt, EntryKind, LogEntry
from screening.waiting_room.admission import OpenWait, key_of, waits_outside
from screening.waiting_room.line import ReceiptKey

MOST_TOGETHER = 64
"""Jobs in one transaction: more would let the last ones wait longer without saving anything."""
MOST_FORESEEN = 16
"""Attempts that are looked up in one statement."""

_log = logging.getLogger(__name__)
_T = TypeVar("_T")

_INSERTED = (
    ReceiptRow,
    HolderRow,
    VisitRow,
    TicketRow,
    RedemptionRow,
    EntryRow,
    DetailRow,
    WaitRow,
    SeriesRow,
)
"""In this order, since each may refer to one before it."""

_INSERTS = {table: Prepared(insert(table)) for table in _INSERTED}
_HEAD = (
    update(SiteRow)
    .where(SiteRow.code == bindparam("b_site"))
    .values(head_entry_id=bindparam("b_entry_id"), head_hash=bindparam("b_hash"))
)
_COLUMNS_OF_A_DAY = (
    "inside",
    "admitted",
    "refused",
    "refusals",
    "services",
    "tickets",
    "hours",
    "bookings",
    "leaving",
)
_FIGURES = (
    update(DayRow)
    .where(DayRow.site == bindparam("b_site"), DayRow.day == bindparam("b_day"))
    .values({name: bindparam(f"b_{name}") for name in _COLUMNS_OF_A_DAY})
)
_SET_HEAD, _SET_DAY = Prepared(_HEAD), Prepared(_FIGURES)
_SET_HEAD_AND_DAY = Prepared(_FIGURES.add_cte(_HEAD.cte("head")))
"""Both in one statement, which SQLite does not know."""
_ADD_DAY = Prepared(insert(DayRow))
_LOCK = select(SiteRow.code).where(SiteRow.code == bindparam("b_site")).with_for_update()
_MOVE_PLACE = Prepared(
    update(RedemptionRow)
    .where(
        RedemptionRow.issuer == bindparam("b_issuer"),
        RedemptionRow.receipt_number == bindparam("b_number"),
        RedemptionRow.place == bindparam("b_place"),
    )
    .values(visit_id=bindparam("b_visit"))
)
_END_WAIT = Prepared(
    delete(WaitRow).where(
        WaitRow.site == bindparam("b_site"), WaitRow.attempt_id == bindparam("b_attempt")
    )
)
_SET_LINE = Prepared(
    update(WaitRow)
    .where(WaitRow.site == bindparam("b_site"), WaitRow.attempt_id == bindparam("b_attempt"))
    .values(line=bindparam("b_line"))
)
_SET_TICKET = Prepared(
    update(TicketRow)
    .where(TicketRow.visit_id == bindparam("b_visit"))
    .values(ticket=bindparam("b_ticket"), ended_at=bindparam("b_ended"))
)
_SET_OVERTAKEN = Prepared(
    update(TicketRow)
    .where(TicketRow.visit_id == bindparam("b_visit"))
    .values(overtaken=bindparam("b_overtaken"))
)
_ADD_COUNTER_ACT = insert(CounterActRow)
_IS_COUNTER = (
    CounterActRow.site == bindparam("b_site"),
    CounterActRow.counter == bindparam("b_counter"),
)
_SET_COUNTER_ACT = (
    update(CounterActRow)
    .where(*_IS_COUNTER)
    .values(visit_id=bindparam("b_visit"), overtook=bindparam("b_overtook"))
)
_DROP_COUNTER_ACT = delete(CounterActRow).where(*_IS_COUNTER)
_DROP_DETAIL = Prepared(
    delete(DetailRow).where(
        DetailRow.site == bindparam("b_site"),
        DetailRow.entry_id == bindparam("b_entry_id"),
        DetailRow.kind == bindparam("b_kind"),
    )
)


class Transaction:
    """A site's open transaction. Whatever reads the tables itself calls ``flush`` before.

    ``facts`` are those that hold in it once it has looked, ``has_heard`` tells whether the database
    has answered it. ``held`` are the places held on the days that were asked for. ``coming`` are
    the attempts of its jobs, in their order: they are looked up together.
    """

    def __init__(
        self,
        connection: Connection,
        office: RecordedOffice,
        remembered: State | None,
        *,
        coming: Iterable[Attempt] = (),
    ) -> None:
        self.office = office
        self.facts = self.facts_before = office.facts.newest
        self.written: list[LogEntry] = []
        self.has_heard = False
        self.held: dict[date, dict[str, Hold]] = {}
        self._connection = connection
        self._needs_lock = self._joins_head = connection.dialect.name == "postgresql"
        self._remembered = remembered
        self._state: State | None = None
        self._pending: dict[type[Any], list[dict[str, Any]]] = {table: [] for table in _INSERTED}
        self._moved: list[dict[str, Any]] = []
        self._ended: list[dict[str, Any]] = []
        self._dropped: list[dict[str, Any]] = []
        self._places: dict[str, dict[str, Any]] = {}
        self._tickets: dict[int, dict[str, Any]] = {}
        self._overtaken: dict[int, dict[str, Any]] = {}
        self._touched: set[tuple[str, ...]] = set()
        self._changed_days: set[date] = set()
        self._last_visit_id = 0
        self._coming = deque(coming)
        self._foreseen: deque[tuple[Attempt, Known]] = deque()
        self._has_appended = False

    @property
    def connection(self) -> Connection:
        """The database, where nobody else of the site writes until the end."""
        self._foreseen.clear()
        if self._needs_lock:
            self._needs_lock = False
            locked = self._connection.execute(_LOCK, {"b_site": self.office.site})
            if locked.first() is None:
                raise NotRecorded(f"the database has no site {self.office.site!r}")
            self.has_heard = True
        return self._connection

    def look(self, at: datetime, attempt: Attempt | None = None) -> Known:
        """Gather the state of the day of ``at`` and what is known of the attempt.

        What is known of the attempts that come next is gathered with it. It is gathered anew where
        something was sent to the database meanwhile.
        """
        day = self.office.local_day(at)
        if attempt is not None:
            self._come_to(attempt)
        needs_state = self._needs_state(day)
        if needs_state and self._state is not None:
            self.save()
        if attempt is None:
            self._gather(day, [], with_state=needs_state)
            return Known()
        if needs_state or not self._foreseen:
            attempts = [attempt, *self._next_of(day)]
            known = self._gather(day, attempts, with_state=needs_state)
            self._foreseen = deque(zip(attempts, known, strict=True))
        _, found = self._foreseen.popleft()
        return self._numbered(found, attempt)

    def _come_to(self, attempt: Attempt) -> None:
        """Leave the attempts before it behind; what they wrote about it is sent.

        Two may have the same id, so each is told from the others by itself.
        """
        while self._coming and self._coming[0] is not attempt:
            self._coming.popleft()
        while self._foreseen and self._foreseen[0][0] is not attempt:
            self._foreseen.popleft()
        if not self._touched.isdisjoint(_keys(attempt)):
            self.flush()

    def _gather(
        self, day: date, attempts: Sequence[Attempt], *, with_state: bool
    ) -> tuple[Known, ...]:
        if self._needs_lock:
            self._needs_lock = False
            self._connection.execute(
                _LOCK, {"b_site": self.office.site}, execution_options=DEFERRED
            )
        found = gather(
            self._connection,
            self.office.site,
            day,
            attempts=attempts,
            with_state=with_state,
            numbers_visits=any(one.decision is DecisionKind.ADMIT for one in attempts),
        )
        self.has_heard = True
        if found.head.facts_version != self.facts.version:
            self.facts = load_facts(self._connection, self.office.site, self.office.facts.first)
        if with_state:
            self._state = found.state
        elif self._state is None:
            assert self._remembered is not None
            if self._remembered.head.hash != found.head.hash:
                self._remembered = None  # another process wrote meanwhile
                return self._gather(day, attempts, with_state=True)
            self._state = self._remembered.copy()
        return found.known

    def _next_of(self, day: date) -> list[Attempt]:
        """Attempts that come after the one that is looked up, as far as they are of that day."""
        found: list[Attempt] = []
        for attempt in islice(self._coming, 1, MOST_FORESEEN):
            if self.office.local_day(attempt.at) != day:
                break
            found.append(attempt)
        return found

    def _numbered(self, known: Known, attempt: Attempt) -> Known:
        """With the number that its visit has, should it come in."""
        if attempt.decision is not DecisionKind.ADMIT:
            return known
        self._last_visit_id = max(known.visit_id, self._last_visit_id + 1)
        return replace(known, visit_id=self._last_visit_id)

    @property
    def state(self) -> State:
        """The room as it is with everything that was added here; ``look`` first."""
        assert self._state is not None
        return self._state

    def day(self, key: date) -> Day:
        """The figures of that day, to be counted on; they are saved in the end."""
        figures = self.figures(key)
        self._changed_days.add(key)
        return figures

    def figures(self, key: date) -> Day:
        """The figures of that day, to be read."""
        if key not in self.state.known_days:
            self._load_day(key)
        return self.state.day(key)

    def inside(self, at: datetime) -> int:
        """People inside who came on the day of ``at`` or later."""
        return total_inside(self.state.days, self.office.local_day(at))

    def append(
        self, columns: Mapping[str, Any], details: Mapping[str, Any] | None = None
    ) -> LogEntry:
        """Number, chain and add a row of the log; details that are None are left out."""
        state = self.state
        contents = DetailContents.of(details)
        row = chained(
            columns,
            site=self.office.site,
            entry_id=state.head.entry_id + 1,
            previous_hash=state.head.hash,
            details=contents,
        )
        self._pending[EntryRow].append(row)
        self._pending[DetailRow] += contents.rows(row)
        state.head = replace(state.head, entry_id=row["entry_id"], hash=row["hash"], at=row["at"])
        self._has_appended = True
        self._touch(row)
        entry = entry_of(row, contents.contents)
        self.written.append(entry)
        return entry

    def add_receipt(self, receipt: Mapping[str, Any], holder: Mapping[str, Any] | None) -> None:
        """Somebody registered; both have the columns of their table."""
        self._pending[ReceiptRow].append(dict(receipt))
        if holder is not None:
            self._pending[HolderRow].append(dict(holder))

    def add_visit(self, columns: Mapping[str, Any], seated: Seated | None) -> None:
        """Somebody came in."""
        self._pending[VisitRow].append(
            {
                "site": self.office.site,
                "left_at": None,
                "left_how": None,
                "annulled_at": None,
                **columns,
            }
        )
        if seated is not None:
            self.state.seated[columns["seat"]] = seated

    def add_ticket(self, ticket: Ticket) -> None:
        """Somebody who came in waits to be called."""
        self._pending[TicketRow].append(
            {
                "visit_id": ticket.visit_id,
                "site": self.office.site,
                "ended_at": None,
                "overtaken": ticket.overtaken,
                "ticket": write_ticket(ticket),
            }
        )
        self.state.queue = self.state.queue.with_tickets([ticket])

    def put_ticket(self, ticket: Ticket) -> None:
        """The ticket of somebody inside changed, maybe of a visit that had ended."""
        self._put_ticket(ticket, ended_at=None)
        self.state.queue = self.state.queue.with_tickets([ticket])

    def end_ticket(self, visit_id: int, at: datetime) -> None:
        """A visit is over: its ticket is called no more. Nothing where it has none."""
        ticket = self.state.queue.tickets.get(visit_id)
        if ticket is None:
            return
        self._put_ticket(left(ticket, at), ended_at=at)
        self.state.queue = self.state.queue.without(visit_id)

    def put_done(self, counter: str, done: Done) -> None:
        """What an order from a counter came to."""
        queue, site = self.state.queue, self.office.site
        for ticket in done.changed:
            if ticket is done.after:
                self._put_ticket(ticket, ended_at=None)
            else:
                changed = {"b_visit": ticket.visit_id, "b_overtaken": ticket.overtaken}
                self._overtaken[ticket.visit_id] = changed
        key = {"b_site": site, "b_counter": counter}
        if done.last is None:
            self.execute(_DROP_COUNTER_ACT, [key])
        else:
            visit_id, overtook = done.last.visit_id, canonical(list(done.last.overtook))
            if counter in queue.last_acts:
                values = {**key, "b_visit": visit_id, "b_overtook": overtook}
                self.execute(_SET_COUNTER_ACT, [values])
            else:
                row = {"site": site, "counter": counter, "visit_id": visit_id, "overtook": overtook}
                self.execute(_ADD_COUNTER_ACT, [row])
        self.state.queue = queue.with_done(counter, done)

    def _put_ticket(self, ticket: Ticket, *, ended_at: datetime | None) -> None:
        self._tickets[ticket.visit_id] = {
            "b_visit": ticket.visit_id,
            "b_ticket": write_ticket(ticket),
            "b_ended": ended_at,
        }

    def redeem(self, columns: Mapping[str, Any]) -> None:
        """Take a place of a receipt; the primary key refuses a second taker."""
        self._pending[RedemptionRow].append({"site": self.office.site, **columns})

    def move_place(self, issuer: str, number: str, place: int, visit_id: int) -> None:
        """A redeemed place is held by another visit from now on."""
        self._moved.append(
            {"b_issuer": issuer, "b_number": number, "b_place": place, "b_visit": visit_id}
        )

    def begin_wait(self, wait: OpenWait) -> None:
        """Somebody was told to wait."""
        issuer, number = wait.receipt or (None, None)
        self._pending[WaitRow].append(
            {
                "site": self.office.site,
                "attempt_id": wait.attempt_id,
                "entry_id": wait.entry_id,
                "reason": wait.reason,
                "at": wait.at,
                "ready_at": wait.ready_at,
                "issuer": issuer,
                "receipt_number": number,
                "party_size": wait.party_size,
                "line": None if wait.place is None else write_place(wait.place),
            }
        )
        self.state.waits[wait.attempt_id] = wait

    def change_waits(self, waits: Iterable[OpenWait]) -> None:
        """They have another place in the line outside, or it stands otherwise."""
        for wait in waits:
            self.state.waits[wait.attempt_id] = wait
            self._places[wait.attempt_id] = {
                "b_site": self.office.site,
                "b_attempt": wait.attempt_id,
                "b_line": None if wait.place is None else write_place(wait.place),
            }

    def end_waits(self, waits: Iterable[OpenWait]) -> None:
        """They are not waiting any more."""
        for wait in waits:
            self.state.waits.pop(wait.attempt_id, None)
            self._ended.append({"b_site": self.office.site, "b_attempt": wait.attempt_id})

    def leave_line(self, receipt: ReceiptKey) -> None:
        """Nobody comes in with this receipt today: its place in the line outside is over."""
        self.end_waits(waits_outside(self.state.waits.values(), receipt))

    def add_series(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """Temperatures without a name."""
        self._pending[SeriesRow] += [
            {"series_id": secrets.randbelow(2**63), "site": self.office.site, **row} for row in rows
        ]

    def erase(self, details: Sequence[tuple[int, str]], *, at: datetime, why: str) -> None:
        """Delete details, given by entry and kind, and log which; nothing where there are none."""
        if not details:
            return
        erased: dict[str, list[int]] = {}
        for entry_id, kind in sorted(details):
            erased.setdefault(kind, []).append(entry_id)
        self.drop_details(details)
        facts = canonical({"erased": erased, "why": why})
        self.append({"kind": EntryKind.ERASURE, "at": at, "facts": facts})

    def drop_details(self, details: Iterable[tuple[int, str]]) -> None:
        """Delete details, given by entry and kind; whoever does it logs which."""
        site = self.office.site
        self._dropped += [
            {"b_site": site, "b_entry_id": entry_id, "b_kind": kind} for entry_id, kind in details
        ]

    def execute(self, statement: Executable, values: Sequence[Mapping[str, Any]]) -> None:
        """Something that has no row of the log."""
        self.connection.execute(statement, values)

    def flush(self) -> None:
        """Send what was added, so that statements see it."""
        for table in _INSERTED:
            rows = self._pending[table]
            if rows:
                _INSERTS[table].execute(self.connection, rows)
                self._pending[table] = []
        for statement, values in (
            (_SET_TICKET, list(self._tickets.values())),
            (_SET_OVERTAKEN, list(self._overtaken.values())),
            (_MOVE_PLACE, self._moved),
            (_END_WAIT, self._ended),
            (_SET_LINE, list(self._places.values())),
            (_DROP_DETAIL, self._dropped),
        ):
            if values:
                statement.execute(self.connection, values)
                values.clear()
        self._tickets.clear()
        self._overtaken.clear()
        self._places.clear()
        self._touched.clear()

    def save(self) -> None:
        """Send everything, the head and the figures of the days too."""
        self.flush()
        state = self._state
        if state is None or not self._has_appended:
            return
        site = self.office.site
        head = {"b_site": site, "b_entry_id": state.head.entry_id, "b_hash": state.head.hash}
        is_head_set = False
        for key in sorted(self._changed_days):
            columns = day_columns(state.day(key), canonical)
            if key not in state.written_days:
                _ADD_DAY.execute(self.connection, {"site": site, "day": key, **columns})
                state.written_days.add(key)
                continue
            values = {"b_day": key, **{f"b_{name}": value for name, value in columns.items()}}
            if self._joins_head and not is_head_set:
                _SET_HEAD_AND_DAY.execute(self.connection, {**head, **values})
                is_head_set = True
            else:
                _SET_DAY.execute(self.connection, {"b_site": site, **values})
        if not is_head_set:
            _SET_HEAD.execute(self.connection, head)
        self._changed_days.clear()

    @property
    def result(self) -> State | None:
        """What holds once this is committed; None where nothing was looked at."""
        return self._state

    def _needs_state(self, day: date) -> bool:
        if self._state is not None:
            return day not in self._state.known_days
        return self._remembered is None or day not in self._remembered.known_days

    def _load_day(self, key: date) -> None:
        """A day without anybody inside that a late row counts on."""
        row = self.connection.execute(
            select(DayRow.__table__).where(DayRow.site == self.office.site, DayRow.day == key)
        ).first()
        self.state.known_days.add(key)
        if row is not None:
            self.state.days[key] = Day.read(row)
            self.state.written_days.add(key)

    def _touch(self, row: Mapping[str, Any]) -> None:
        self._touched.add(("attempt", row["attempt_id"] or ""))
        if row["nonce"] is not None:
            self._touched.add(("nonce", row["gate"] or "", row["nonce"]))
        if row["receipt_number"] is not None:
            self._touched.add(("receipt", row["issuer"] or "", row["receipt_number"]))


def _keys(attempt: Attempt) -> set[tuple[str, ...]]:
    """What an attempt has in common with the rows that may decide about it."""
    keys: set[tuple[str, ...]] = {("attempt", attempt.attempt_id)}
    if attempt.nonce is not None:
        keys.add(("nonce", attempt.gate, attempt.nonce))
    receipt = key_of(attempt.receipt)
    if receipt is not None:
        keys.add(("receipt", *receipt))
    return keys


class _Awaited(Future[_T]):
    """A job's answer; whoever waits for it sees to it that it is written."""

    def __init__(self, see_to: Callable[[Future[Any]], None]) -> None:
        super().__init__()
        self._see_to = see_to

    def result(self, timeout: float | None = None) -> _T:
        self._see_to(self)
        return super().result(timeout)

    def exception(self, timeout: float | None = None) -> BaseException | None:
        self._see_to(self)
        return super().exception(timeout)


class _Job(Generic[_T]):
    def __init__(
        self,
        function: Callable[[Transaction], _T],
        see_to: Callable[[Future[Any]], None],
        *,
        may_repeat: bool,
        attempt: Attempt | None,
    ) -> None:
        self.may_repeat = may_repeat
        self.attempt = attempt
        self._function = function
        self.future: Future[_T] = _Awaited(see_to)
        self._result: list[_T] = []

    def run(self, transaction: Transaction) -> None:
        """Do it; what an earlier run found counts no more."""
        self._result = [self._function(transaction)]

    def succeed(self) -> None:
        """Tell what was found: it is committed."""
        (result,) = self._result
        self.future.set_result(result)

    def fail(self, error: BaseException) -> None:
        self.future.set_exception(error)


class Writer:
    """Does jobs in the order in which they were handed in; see the module's header.

    A thread tells of committed rows afterwards, so that nobody's answer waits for the pages.
    """

    def __init__(self, database: Database, office: RecordedOffice) -> None:
        self._database = database
        self._office = office
        self._jobs: deque[_Job[Any]] = deque()
        self._is_led = False
        self._leader: int | None = None
        self._led_or_done = threading.Condition()
        self._connection: Connection | None = None
        self._connected = ExitStack()
        self._remembered: State | None = None
        self._starting = threading.Lock()
        self._told: queue.SimpleQueue[Sequence[LogEntry] | None] = queue.SimpleQueue()
        self._teller: threading.Thread | None = None
        self._is_closed = False
        self._being_done = 0
        self._joined: Transaction | None = None
        self.on_commit: Callable[[Sequence[LogEntry]], None] = lambda _: None

    @property
    def remembered(self) -> State | None:
        """The room as of the last commit of this process; not to be changed."""
        return self._remembered

    @property
    def unfinished(self) -> int:
        """Jobs that wait or are being done."""
        return len(self._jobs) + self._being_done

    def submit(
        self,
        function: Callable[[Transaction], _T],
        *,
        may_repeat: bool = False,
        attempt: Attempt | None = None,
    ) -> Future[_T]:
        """Have it done in a transaction with whatever else waits.

        It is done at the latest when the answer is asked for: ``result`` may raise NotRecorded, or
        OutcomeUnknown where it was written or not. ``may_repeat``: done twice it writes once, and
        finds what it wrote. ``attempt`` is the one that it looks up, if any.
        """
        job = _Job(function, self._see_to, may_repeat=may_repeat, attempt=attempt)
        if self._joined is not None and self._leader == threading.get_ident():
            self._joined.flush()  # a job reads what those before it wrote
            job.run(self._joined)
            job.succeed()
            return job.future
        with self._starting:
            if self._is_closed:
                raise NotRecorded("the record is closed")
            self._jobs.append(job)
        return job.future

    def do(self, function: Callable[[Transaction], _T]) -> _T:
        """The same, and wait for it. Raises RecordError."""
        return self.submit(function).result()

    def together(self, function: Callable[[], _T]) -> _T:
        """Whatever ``function`` has this thread write is committed with one commit at its end.

        Each of its jobs is done and answered at once, and none of it counts when one fails. Nothing
        but jobs sees meanwhile what was written. Raises RecordError.
        """

        def joined(transaction: Transaction) -> _T:
            self._joined = transaction
            try:
                return function()
            finally:
                self._joined = None

        return self.do(joined)

    def close(self) -> None:
        """Finish what was handed in and stop; safe to call twice."""
        with self._starting:
            self._is_closed = True
            teller, self._teller = self._teller, None
        self._leads(lambda: False)
        try:
            while self._jobs:
                self._do_waiting()
            self._give_back()
        finally:
            self._step_back()
        if teller is not None:
            self._told.put(None)
            teller.join()

    def _see_to(self, future: Future[Any]) -> None:
        while self._leads(future.done):
            try:
                self._do_waiting()
            finally:
                self._step_back()

    def _leads(self, is_done: Callable[[], bool]) -> bool:
        """Wait until it is done (False) or nobody else writes: this thread does so now (True)."""
        if self._leader == threading.get_ident() and not is_done():
            raise RuntimeError("a job asked for another job's answer, which can only come after it")
        with self._led_or_done:
            self._led_or_done.wait_for(lambda: is_done() or not self._is_led)
            if is_done():
                return False
            self._is_led, self._leader = True, threading.get_ident()
            return True

    def _step_back(self) -> None:
        with self._led_or_done:
            self._is_led, self._leader = False, None
            self._led_or_done.notify_all()

    def _do_waiting(self) -> None:
        jobs: list[_Job[Any]] = []
        while self._jobs and len(jobs) < MOST_TOGETHER:
            jobs.append(self._jobs.popleft())
        # Whoever gave up while waiting wants nothing done behind their back.
        wanted = [one for one in jobs if one.future.set_running_or_notify_cancel()]
        self._being_done = len(wanted)
        try:
            self._do(wanted)
        finally:
            self._being_done = 0
            for job in wanted:
                if not job.future.done():  # this thread is being ended
                    job.fail(OutcomeUnknown("the program ended while it wrote; look at the log"))

    def _do(self, jobs: list[_Job[Any]]) -> None:
        doubt: OutcomeUnknown | None = None
        if len(jobs) > 1:
            try:
                written = self._commit(jobs)
            except OutcomeUnknown as error:
                doubt = error
            except Unusable as error:
                self._refuse(jobs, error)
                return
            except Exception:  # noqa: BLE001 - each is done again alone, its own error told there
                _log.debug("written one by one", exc_info=True)
            else:
                self._finish(jobs, written)
                return
        self._do_one_by_one(jobs, doubt)

    def _do_one_by_one(self, jobs: list[_Job[Any]], doubt: OutcomeUnknown | None) -> None:
        for number, job in enumerate(jobs):
            try:
                written = self._written_alone(job, doubt)
            except Unusable as error:
                self._refuse(jobs[number:], error)
                return
            except Exception as error:  # noqa: BLE001 - told to whoever handed it in
                if not isinstance(error, ScreeningError):
                    _log.exception("a fault in the program while writing")
                self._fail([job], error)
            else:
                self._finish([job], written)
            with self._led_or_done:  # the next one may hang
                self._led_or_done.notify_all()

    def _written_alone(self, job: _Job[Any], doubt: OutcomeUnknown | None) -> Sequence[LogEntry]:
        """What it wrote; ``doubt`` is why it may be written already."""
        if doubt is None:
            try:
                return self._commit([job])
            except Conflict:
                # Somebody else took the place where no lock could tell us (two sites with one
                # receipt): now that is there to be read.
                return self._commit([job])
            except OutcomeUnknown as error:
                doubt = error
        if not job.may_repeat:
            raise doubt
        try:
            return self._commit([job])
        except RecordError as error:
            raise doubt from error

    def _finish(self, jobs: list[_Job[Any]], written: Sequence[LogEntry]) -> None:
        for job in jobs:
            job.succeed()
        if written:
            self._told.put(written)
            self._need_teller()

    def _refuse(self, jobs: list[_Job[Any]], error: Unusable) -> None:
        """Of a file that is held, also what came meanwhile: nothing of it was written, and it would
        wait as long again."""
        came = list(jobs)
        while isinstance(error, Locked) and self._jobs:
            job = self._jobs.popleft()
            if job.future.set_running_or_notify_cancel():
                came.append(job)
        self._fail(came, error)

    def _fail(self, jobs: list[_Job[Any]], error: BaseException) -> None:
        for job in jobs:
            job.fail(error)

    def _need_teller(self) -> None:
        if self._teller is None:
            with self._starting:
                if not self._is_closed:
                    self._teller = threading.Thread(target=self._tell, name="teller", daemon=True)
                    self._teller.start()

    def _tell(self) -> None:
        while (written := self._told.get()) is not None:
            try:
                self.on_commit(written)
            except Exception:  # noqa: BLE001 - whoever listens must not end the telling
                _log.exception("a fault while telling of committed rows")

    def _commit(self, jobs: list[_Job[Any]]) -> Sequence[LogEntry]:
        try:
            return self._commit_once(jobs)
        except _LostBefore:
            return self._commit_once(jobs)

    def _commit_once(self, jobs: list[_Job[Any]]) -> Sequence[LogEntry]:
        remembered, self._remembered = self._remembered, None
        with (
            translated(NotRecorded),
            self._database.one_writer,
            commit_told_honestly() as commit_begins,
            self._writing() as connection,
        ):
            coming = (job.attempt for job in jobs if job.attempt is not None)
            transaction = Transaction(connection, self._office, remembered, coming=coming)
            try:
                with connection.begin():
                    for job in jobs:
                        job.run(transaction)
                    transaction.save()
                    commit_begins()
            except DBAPIError as error:
                is_old = remembered is not None and error.connection_invalidated
                if is_old and not transaction.has_heard:
                    raise _LostBefore from error
                raise
        self._remembered = transaction.result or remembered
        if transaction.facts is not transaction.facts_before:
            self._office.facts.adopt(transaction.facts)
        return transaction.written

    @contextmanager
    def _writing(self) -> Any:
        if self._connection is None:
            connecting = self._database.connected_for_writing()
            self._connection = self._connected.enter_context(connecting)
        try:
            yield self._connection
        except BaseException:
            self._give_back()
            raise

    def _give_back(self) -> None:
        self._connection = None
        try:
            self._connected.close()
        except SQLAlchemyError as error:
            _log.debug("a broken connection was given back: %s", error)


class _LostBefore(Exception):
    """The connection had gone before anything was asked of it."""
