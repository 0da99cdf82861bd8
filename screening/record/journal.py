"""What gates write: one transaction decides and writes, and what it answers is committed.

A repeated nonce of the same gate, or a repeated attempt id, answers what the first one came to;
that also makes a write safe to try again when the connection broke before the answer.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, delete, exists, select, update
from sqlalchemy.orm import Session, aliased

from screening.decision import Check, DecisionKind, Reason
from screening.errors import LaneConflict, NotRecorded, RecordError
from screening.office.services import Channel
from screening.queue.tickets import Ticket, new_ticket, taken_up, with_priority
from screening.receipts.claims import ReceiptClaims
from screening.receipts.rules import SlotWindow, slot_window
from screening.record.calling_in import call_in
from screening.record.chain import Detail, canonical
from screening.record.engine import Database
from screening.record.office import RecordedOffice
from screening.record.rows import (
    load_entries,
    read_temperatures,
    read_text,
    ticket_of,
    to_visit,
    write_results,
    write_temperatures,
)
from screening.record.state import IS_INSIDE, Known, KnownReceipt, Seated
from screening.record.tables import (
    DetailRow,
    EntryRow,
    ReceiptRow,
    RedemptionRow,
    VisitRow,
    WaitRow,
    is_attempt,
    is_later_about_an_attempt,
)
from screening.record.text import clean, clean_remark
from screening.record.writer import Transaction, Writer
from screening.registration.bookings import PriorityGroup
from screening.temperature.baseline import first_of_device, without_baseline
from screening.visits import (
    CONCLUDED_TODAY,
    Attempt,
    CheckResult,
    EntryKind,
    EvidenceSource,
    ExitHow,
    LogEntry,
    MeasuredTemperature,
    PendingPause,
    Visit,
    WrittenAttempt,
)
from screening.waiting_room.admission import (
    REFUSED,
    Admission,
    OpenWait,
    Outcome,
    Situation,
    begun_wait,
    key_of,
    outcome_of,
    queue_of,
    service_of,
)


class SqlJournal:
    """Journal on a database; safe to use from any thread."""

    def __init__(self, database: Database, office: RecordedOffice, writer: Writer) -> None:
        self._database = database
        self._office = office
        self._writer = writer

    def submit(self, attempt: Attempt) -> Future[WrittenAttempt]:
        """Decide and commit together with whatever else waits for a commit."""
        if attempt.at.tzinfo is None:
            raise ValueError("a time without its zone cannot be recorded")
        cleaned = _cleaned(attempt)
        return self._writer.submit(_Write(cleaned).run, may_repeat=True, attempt=cleaned)

    def write(self, attempt: Attempt) -> WrittenAttempt:
        """Decide under a lock and commit; the same gate and nonce return the first answer."""
        return self.submit(attempt).result()

    def confirm(
        self, attempt_id: str, *, operator: str, remark: str | None, at: datetime
    ) -> LogEntry:
        """A person stands by the machine's refusal or referral; a second time answers the first."""

        def confirm(transaction: Transaction) -> LogEntry:
            begin(transaction, at)
            attempt = _attempt(transaction, attempt_id)
            first = _loaded(transaction, _rows_of(attempt_id, EntryKind.CONFIRMATION))
            if first is not None:
                return first
            columns = _about(attempt, EntryKind.CONFIRMATION, operator=operator, at=at)
            return transaction.append(columns, {Detail.REMARK: clean_remark(remark)})

        return self._writer.do(confirm)

    def record_clinical(
        self, attempt_id: str, *, celsius: float | None, outcome: str, operator: str, at: datetime
    ) -> LogEntry:
        """The officer's clinical reading closes a referral, or checks on one who was admitted.

        The outcome is kept; the degrees only where the site keeps readings.
        """
        result = CheckResult(
            check=Check.TEMPERATURE, source=EvidenceSource.GUARD, outcome=clean(outcome) or ""
        )
        read = () if celsius is None else (_typed(celsius, operator),)
        keeps = bool(read) and self._office.facts.newest.readings_days > 0

        def record(transaction: Transaction) -> LogEntry:
            begin(transaction, at)
            columns = _about(
                _attempt(transaction, attempt_id), EntryKind.CLINICAL, operator=operator, at=at
            )
            columns["results"] = write_results([result])
            degrees = write_temperatures(read) if keeps else None
            return transaction.append(columns, {Detail.DEGREES: degrees})

        return self._writer.do(record)

    def leave(
        self,
        *,
        receipt: ReceiptClaims | None,
        how: ExitHow,
        gate: str,
        operator: str | None,
        at: datetime,
        nonce: str | None = None,
    ) -> Visit | None:
        """A receipt's holder leaves, or without one whoever is done, else who is longest inside.

        Of a party whoever is done goes first, also who was seen out as done already, and whoever is
        called or served last. The same gate and nonce return the first answer. Raises LaneConflict
        where the nonce was used with another receipt.
        """

        def leave(transaction: Transaction) -> Visit | None:
            begin(transaction, at)
            if nonce is not None:
                first = _exit_of(transaction, gate, nonce)
                if first is not None:
                    return _left_before(transaction, first, receipt)
            make_room_for_today(transaction, at)
            transaction.flush()
            inside = _inside(self._office.site, first_of=self._office.day_began(at))
            if receipt is None:
                done = transaction.state.queue.longest_done()
                inside = (
                    inside.limit(1) if done is None else inside.where(VisitRow.visit_id == done)
                )
            else:
                inside = inside.where(
                    VisitRow.issuer == receipt.issuer, VisitRow.receipt_number == receipt.number
                )
            found = {row.visit_id: row for row in transaction.connection.execute(inside)}
            first_id = transaction.state.queue.first_to_leave(found) if found else 0
            if receipt is not None and not transaction.state.queue.is_done(first_id):
                gone = _concluded(transaction, receipt, at)
                if gone is not None:
                    return _seen_after_all(
                        transaction, gone, how=how, gate=gate, operator=operator, at=at, nonce=nonce
                    )
            if not found:
                if receipt is not None:
                    _left_unmatched(
                        transaction, receipt, gate=gate, operator=operator, at=at, nonce=nonce
                    )
                return None
            visit = found[first_id]
            return let_out(
                transaction, visit, how=how, gate=gate, operator=operator, at=at, nonce=nonce
            )

        return self._writer.do(leave)

    def close_day(self, at: datetime) -> list[Visit]:
        """Those still inside from earlier days are logged as left; degrees of their pauses go."""

        def close(transaction: Transaction) -> list[Visit]:
            begin(transaction, at)
            closed = close_earlier_days(transaction, at)
            _forget_pauses_before(transaction, self._office.day_began(at), at)
            return closed

        return self._writer.do(close)

    def annul(self, attempt_id: str, *, operator: str, remark: str, at: datetime) -> Visit | None:
        """Nobody walked through: the seat is free, the receipt unused again."""

        def annul(transaction: Transaction) -> Visit | None:
            begin(transaction, at)
            visit = visit_of(transaction, attempt_id)
            if visit is None or visit.annulled_at is not None:
                return None
            _annul(transaction, visit, at)
            columns = _about(
                _attempt(transaction, attempt_id), EntryKind.ANNUL, operator=operator, at=at
            )
            columns["facts"] = canonical({"visit": visit.visit_id})
            transaction.append(columns, {Detail.REMARK: clean_remark(remark)})
            return to_visit(visit, annulled_at=at)

        return self._writer.do(annul)

    def give_priority(
        self, attempt_id: str, *, group: PriorityGroup | None, operator: str, at: datetime
    ) -> Visit | None:
        """Somebody inside is called as one of this priority group, or with None of none."""

        def give(transaction: Transaction) -> Visit | None:
            begin(transaction, at)
            visit = visit_of(transaction, attempt_id)
            if visit is None or visit.annulled_at is not None or visit.left_at is not None:
                return None
            ticket = transaction.state.queue.tickets.get(visit.visit_id)
            if ticket is None:
                return None
            is_priority = group is not None
            transaction.put_ticket(with_priority(ticket, is_priority=is_priority))
            columns = _about(
                _attempt(transaction, attempt_id), EntryKind.PRIORITY, operator=operator, at=at
            )
            columns["facts"] = canonical(
                {"visit": visit.visit_id, "ticket": ticket.label, "priority": is_priority}
            )
            transaction.append(columns, {Detail.GROUP: group})
            return to_visit(visit)

        return self._writer.do(give)

    def hand_over(self, *, gate: str, from_user: str, to_user: str, at: datetime) -> LogEntry:
        """The shift changes on a shared tablet."""

        def hand_over(transaction: Transaction) -> LogEntry:
            begin(transaction, at)
            return transaction.append(
                {
                    "kind": EntryKind.HANDOVER,
                    "at": at,
                    "gate": clean(gate),
                    "operator": clean(to_user),
                    "facts": canonical({"from": clean(from_user), "to": clean(to_user)}),
                }
            )

        return self._writer.do(hand_over)

    def pauses(self, *, since: datetime) -> list[PendingPause]:
        """Those who still wait for their second reading, oldest first."""
        name, group = aliased(DetailRow), aliased(DetailRow)
        query = (
            select(EntryRow, DetailRow, name, group)
            .join(
                WaitRow, and_(WaitRow.site == EntryRow.site, WaitRow.entry_id == EntryRow.entry_id)
            )
            .join(
                DetailRow,
                and_(DetailRow.site == WaitRow.site, DetailRow.entry_id == WaitRow.entry_id),
            )
            .outerjoin(
                name,
                and_(
                    name.site == WaitRow.site,
                    name.entry_id == WaitRow.entry_id,
                    name.kind == Detail.HOLDER,
                ),
            )
            .outerjoin(
                group,
                and_(
                    group.site == WaitRow.site,
                    group.entry_id == WaitRow.entry_id,
                    group.kind == Detail.GROUP,
                ),
            )
            # All of the few who wait; what is asked of the log itself would have it read instead.
            .where(
                WaitRow.site == self._office.site,
                WaitRow.at >= since,
                WaitRow.reason == Reason.SECOND_READING_PAUSE,
                DetailRow.kind == Detail.DEGREES,
            )
            .order_by(WaitRow.entry_id)
        )
        with self._database.reading() as session:
            return [_pause(*found) for found in session.execute(query)]

    def referral(self, receipt: ReceiptClaims, *, since: datetime) -> LogEntry | None:
        """The receipt's newest referral since then, or the clinical reading that closed it."""
        # A receipt has few rows. Asked for a time or an order as well, SQLite would read the day's
        # rows or the whole log instead.
        query = select(EntryRow).where(
            EntryRow.site == self._office.site,
            EntryRow.issuer == receipt.issuer,
            EntryRow.receipt_number == receipt.number,
            EntryRow.decision == DecisionKind.REFER,
            EntryRow.kind.in_((EntryKind.ATTEMPT, EntryKind.CLINICAL)),
        )
        with self._database.reading() as session:
            found = [row for row in load_entries(session, query) if row.at >= since]
            return max(found, key=lambda row: row.entry_id, default=None)


class _Write:
    """One attempt: gather what it meets, let the rules decide, write the outcome."""

    def __init__(self, attempt: Attempt) -> None:
        self._attempt = attempt
        self._has_written = False

    def run(self, transaction: Transaction) -> WrittenAttempt:
        attempt = self._attempt
        known = transaction.look(attempt.at, attempt)
        if known.first_entry_id is not None:
            first = _first_answer(transaction, known.first_entry_id)
            # It may be this very attempt's own row, where the answer to its commit was lost.
            is_own = self._has_written and first.attempt_id == attempt.attempt_id
            return replace(first, is_repeat=not is_own)
        self._has_written = True
        make_room_for_today(transaction, attempt.at)
        outcome = outcome_of(attempt, _situation(transaction, attempt, known))
        visit = None
        if outcome.admission is not None:
            visit = _come_in(transaction, attempt, outcome.admission, known)
        elif outcome.decision in REFUSED:
            day = transaction.day(transaction.office.local_day(attempt.at))
            hour = transaction.office.hour_of_day(attempt.at)
            day.count_attempt(outcome.decision, outcome.reason, hour=hour)
        entry = self._append(transaction, outcome, visit)
        begun = begun_wait(attempt, outcome, entry.entry_id)
        if begun is not None:
            transaction.begin_wait(begun)
        if outcome.reason is Reason.ROOM_FULL:
            # Places are free where others are to come in first.
            call_in(transaction, attempt.at)
        return WrittenAttempt(
            entry_id=entry.entry_id,
            attempt_id=attempt.attempt_id,
            at=attempt.at,
            decision=outcome.decision,
            reason=outcome.reason,
            visit=visit,
            entry=entry,
            name=known.receipt.name if known.receipt is not None else None,
            is_priority=_is_priority(attempt, known)
            or (outcome.admission is not None and outcome.admission.is_priority),
        )

    def _append(self, transaction: Transaction, outcome: Outcome, visit: Visit | None) -> LogEntry:
        attempt, office = self._attempt, transaction.office
        columns = _attempt_columns(attempt, outcome)
        if outcome.admission is not None and visit is not None:
            ticket = transaction.state.queue.tickets[visit.visit_id]
            columns["facts"] = canonical(_facts(visit, outcome.admission, ticket))
        degrees = _degrees_of(transaction, outcome.ended)
        transaction.add_series(_series(office, attempt, degrees))
        is_pause = outcome.reason is Reason.SECOND_READING_PAUSE
        keeps = transaction.facts.readings_days > 0 or is_pause
        entry = transaction.append(
            columns,
            {
                Detail.HOLDER: attempt.receipt.holder if attempt.receipt is not None else None,
                Detail.GROUP: attempt.group,
                Detail.REMARK: clean_remark(attempt.remark),
                Detail.DEGREES: (write_temperatures(attempt.temperatures) or None)
                if keeps
                else None,
            },
        )
        transaction.end_waits(outcome.ended)
        transaction.change_waits(outcome.changed)
        if transaction.facts.readings_days == 0:
            forgotten = [(entry_id, Detail.DEGREES) for entry_id in degrees]
            transaction.erase(forgotten, at=attempt.at, why="second reading taken")
        return entry


def make_room_for_today(transaction: Transaction, at: datetime) -> None:
    """Let out whoever came on an earlier day; while today is not believed, only whose seat is
    needed, and nobody after the clock has jumped: they may have come today."""
    office, state = transaction.office, transaction.state
    if office.days.is_sure():
        close_earlier_days(transaction, at)
        return
    today = office.local_day(at)
    if office.days.was_set() or not any(
        day.inside for key, day in state.days.items() if key < today
    ):
        return
    is_free = any(seat.label not in state.seated for seat in office.plan.open_seats)
    earlier = [
        (one.entered_at, one.visit_id)
        for one in state.seated.values()
        if office.local_day(one.entered_at) < today
    ]
    if is_free or not earlier:
        return
    transaction.flush()
    _, visit_id = min(earlier)
    query = select(VisitRow.__table__).where(VisitRow.visit_id == visit_id)
    for visit in transaction.connection.execute(query):
        let_out(transaction, visit, how=ExitHow.CLOSING, gate=None, operator=None, at=at)


def close_earlier_days(transaction: Transaction, at: datetime) -> list[Visit]:
    """Let out, as CLOSING, everybody who came in before the day of ``at``.

    Also whoever came while the clock was ahead, once the log shows that this was an earlier day:
    else they would be inside until that time has come, and all its day. Nobody of either kind can
    be there while the day goes on and no other day has people inside.
    """
    office, state = transaction.office, transaction.state
    today = office.local_day(at)
    is_same_day = state.head.at is None or office.local_day(state.head.at) == today
    others = any(day.inside for key, day in state.days.items() if key != today)
    if is_same_day and not others:
        return []
    transaction.flush()
    day_began = office.day_began(at)
    inside = _inside(office.site)
    connection = transaction.connection
    forgotten = list(connection.execute(inside.where(VisitRow.entered_at < day_began)))
    to_come = inside.where(VisitRow.entered_at > at)
    if connection.execute(to_come.limit(1)).first() is not None:  # only where a clock was wrong
        forgotten += connection.execute(to_come.where(_is_before_a_row_of(day_began)))
    transaction.end_waits(
        [w for w in state.waits.values() if w.at < day_began and w.reason is Reason.ROOM_FULL]
    )
    return [
        let_out(transaction, visit, how=ExitHow.CLOSING, gate=None, operator=None, at=at)
        for visit in forgotten
    ]


def let_out(
    transaction: Transaction,
    visit: Row[Any],
    *,
    how: ExitHow,
    gate: str | None,
    operator: str | None,
    at: datetime,
    nonce: str | None = None,
) -> Visit:
    """End a visit and log it."""
    transaction.connection.execute(
        update(VisitRow)
        .where(VisitRow.visit_id == visit.visit_id)
        .values(left_at=at, left_how=how.value)
    )
    # The day as it is counted: the office's zone may be another than when they came.
    transaction.day(transaction.office.local_day(visit.entered_at)).let_out(
        visit.visit_id, entered_at=visit.entered_at, how=how
    )
    if visit.seat is not None:
        transaction.state.seated.pop(visit.seat, None)
    transaction.end_ticket(visit.visit_id, at)
    kind = EntryKind.ESTIMATED_EXIT if how is ExitHow.ESTIMATED else EntryKind.EXIT
    facts = {"visit": visit.visit_id, "how": how.value}
    row = row_of_visit(visit, kind, facts, gate=gate, operator=operator, at=at)
    transaction.append({**row, "nonce": clean(nonce)})
    return to_visit(visit, left_at=at, left_how=how)


def row_of_visit(
    visit: Row[Any],
    kind: EntryKind,
    facts: Mapping[str, object],
    *,
    gate: str | None,
    operator: str | None,
    at: datetime,
) -> dict[str, Any]:
    """The columns of a later row about a visit."""
    return {
        "kind": kind,
        "at": at,
        "gate": clean(gate),
        "operator": clean(operator),
        "attempt_id": visit.attempt_id,
        "issuer": visit.issuer,
        "receipt_number": visit.receipt_number,
        "service": visit.service,
        "facts": canonical(facts),
    }


def _concluded(transaction: Transaction, receipt: ReceiptClaims, at: datetime) -> Row[Any] | None:
    """The first visit of today with this receipt whose exit was concluded, and whose holder has not
    come in again."""
    query = select(VisitRow.__table__).where(
        VisitRow.site == transaction.office.site,
        VisitRow.issuer == receipt.issuer,
        VisitRow.receipt_number == receipt.number,
        VisitRow.annulled_at.is_(None),
    )
    day_began = transaction.office.day_began(at)
    rows = transaction.connection.execute(query).all()
    came_again = {row.returned_from for row in rows}
    concluded = [
        row
        for row in rows
        if row.left_how in CONCLUDED_TODAY
        and row.entered_at >= day_began
        and row.visit_id not in came_again
    ]
    return min(concluded, key=lambda row: row.left_at, default=None)


def _seen_after_all(
    transaction: Transaction,
    visit: Row[Any],
    *,
    how: ExitHow,
    gate: str,
    operator: str | None,
    at: datetime,
    nonce: str | None,
) -> Visit:
    """Whose exit was concluded is seen to go: the visit keeps the true time, nobody else is let
    out."""
    transaction.connection.execute(
        update(VisitRow)
        .where(VisitRow.visit_id == visit.visit_id)
        .values(left_at=at, left_how=how.value)
    )
    facts = {"visit": visit.visit_id, "how": how.value, "was": visit.left_how}
    row = row_of_visit(visit, EntryKind.EXIT_SEEN, facts, gate=gate, operator=operator, at=at)
    transaction.append({**row, "nonce": clean(nonce)})
    return to_visit(visit, left_at=at, left_how=how)


def _left_unmatched(
    transaction: Transaction,
    receipt: ReceiptClaims,
    *,
    gate: str,
    operator: str | None,
    at: datetime,
    nonce: str | None,
) -> None:
    """Somebody leaves whom nobody saw come in, as far as the receipt tells; once a day and receipt.

    How many slip in is learnt from it.
    """
    query = select(EntryRow.at, EntryRow.kind, EntryRow.decision).where(
        EntryRow.site == transaction.office.site,
        EntryRow.issuer == receipt.issuer,
        EntryRow.receipt_number == receipt.number,
    )
    day_began = transaction.office.day_began(at)
    came = {EntryKind.EXIT.value, EntryKind.EXIT_UNMATCHED.value}
    for row in transaction.connection.execute(query):
        is_admission = row.kind == EntryKind.ATTEMPT and row.decision == DecisionKind.ADMIT
        if row.at >= day_began and (is_admission or row.kind in came):
            return
    transaction.day(transaction.office.local_day(at)).leave_unmatched()
    transaction.append(
        {
            "kind": EntryKind.EXIT_UNMATCHED,
            "at": at,
            "gate": clean(gate),
            "operator": clean(operator),
            "nonce": clean(nonce),
            "issuer": receipt.issuer,
            "receipt_number": receipt.number,
            "service": receipt.service,
        }
    )


def _exit_of(transaction: Transaction, gate: str, nonce: str) -> Row[Any] | None:
    query: Any = select(EntryRow.attempt_id, EntryRow.issuer, EntryRow.receipt_number).where(
        EntryRow.site == transaction.office.site,
        EntryRow.gate == clean(gate),
        EntryRow.nonce == clean(nonce),
    )
    found: Row[Any] | None = transaction.connection.execute(query).first()
    return found


def _left_before(
    transaction: Transaction, first: Row[Any], receipt: ReceiptClaims | None
) -> Visit | None:
    if receipt is not None and (first.issuer, first.receipt_number) != key_of(receipt):
        raise LaneConflict("this nonce was used with another code", code="nonce_reused")
    visit = visit_of(transaction, first.attempt_id)
    return None if visit is None else to_visit(visit)


def begin(transaction: Transaction, at: datetime) -> None:
    """For whoever reads the tables: everything is there to be read."""
    transaction.look(at)
    transaction.flush()


def _situation(transaction: Transaction, attempt: Attempt, known: Known) -> Situation:
    office, state, facts = transaction.office, transaction.state, transaction.facts
    today = office.local_day(attempt.at)
    day = state.day(today)
    taken = day.taken().of_offered(facts.services)
    service, queue = service_of(attempt), queue_of(attempt, facts.services)
    offered = facts.services.get(service or "")
    is_emergency = offered is not None and offered.channel is Channel.EMERGENCY
    window = _window(transaction, attempt, known)
    return Situation(
        day_began=office.day_began(attempt.at),
        plan=facts.plan,
        capacity=facts.capacity,
        daily_quota=None if is_emergency else facts.daily_quota,
        service_quota=known.service_quota,
        inside=transaction.inside(attempt.at),
        admitted=taken.used
        + sum(people for code, people in known.held.items() if code in facts.services),
        admitted_for_service=taken.used_of(service or "") + known.held.get(service or "", 0),
        queue=queue,
        last_ticket=day.tickets.get(queue, 0),
        taken=known.taken,
        is_revoked=known.is_revoked,
        is_booked=known.receipt is not None and known.receipt.covers(service, today),
        not_good=_why_not_today(known.receipt, attempt.at, today),
        window=window,
        has_waited=window is not None and _has_waited(transaction, attempt, window),
        is_outside_hours=_is_outside_hours(transaction, attempt),
        is_priority=_is_priority(attempt, known),
        has_disability=PriorityGroup.DISABILITY
        in (attempt.group, known.receipt and known.receipt.group),
        seated={seat: seated.receipt for seat, seated in state.seated.items()},
        waits=tuple(state.waits.values()),
        most_overtakes=facts.queue_overtakes,
        call_in=timedelta(minutes=facts.call_in_minutes),
    )


def _why_not_today(receipt: KnownReceipt | None, at: datetime, today: date) -> Reason | None:
    """By the days that the record knows: a token that was signed before a change tells others."""
    if receipt is None or receipt.day is None:
        return None
    if today < receipt.day:
        return Reason.NOT_YET_VALID
    return Reason.EXPIRED if at >= receipt.expires else None


def _window(transaction: Transaction, attempt: Attempt, known: Known) -> SlotWindow | None:
    """Of the time that was booked last; what the token says where this site knows nothing of it."""
    facts, slot = transaction.facts, None
    if known.receipt is not None:
        slot = known.receipt.slot
    elif attempt.receipt is not None:
        slot = attempt.receipt.slot
    return slot_window(
        slot,
        at=attempt.at,
        early_minutes=facts.slot_early_minutes,
        late_minutes=facts.slot_late_minutes,
        zone=transaction.office.zone,
    )


def _has_waited(transaction: Transaction, attempt: Attempt, window: SlotWindow) -> bool:
    """Whether the holder was told to wait when the booked time let in; asked only when it matters.

    Nobody is told so before that time or after it, so any such row of the day is one.
    """
    receipt, shown_at = attempt.receipt, attempt.shown_at or attempt.at
    if receipt is None or attempt.decision is not DecisionKind.ADMIT or shown_at <= window.closes:
        return False
    query = select(EntryRow.at).where(
        EntryRow.site == transaction.office.site,
        EntryRow.issuer == receipt.issuer,
        EntryRow.receipt_number == receipt.number,
        EntryRow.decision == DecisionKind.WAIT.value,
    )
    return any(at >= window.opens for (at,) in transaction.connection.execute(query))


def _is_outside_hours(transaction: Transaction, attempt: Attempt) -> bool:
    shown_at = attempt.shown_at or attempt.at
    calendar = transaction.office.calendar(transaction.facts, shown_at)
    return calendar.closes_the_gate_to(service_of(attempt))


def _come_in(
    transaction: Transaction, attempt: Attempt, admission: Admission, known: Known
) -> Visit:
    day = transaction.office.local_day(attempt.at)
    receipt = attempt.receipt
    service = service_of(attempt)
    transaction.add_visit(
        {
            "visit_id": known.visit_id,
            "attempt_id": attempt.attempt_id,
            "gate": attempt.gate,
            "entered_at": attempt.at,
            "day": day,
            "service": service,
            "issuer": receipt.issuer if receipt is not None else None,
            "receipt_number": receipt.number if receipt is not None else None,
            "place": admission.place,
            "seat": admission.seat,
            "queue": admission.queue,
            "ticket_number": admission.ticket_number,
            "returned_from": admission.continues,
        },
        None if admission.seat is None else Seated(known.visit_id, key_of(receipt), attempt.at),
    )
    transaction.add_ticket(_ticket(transaction, attempt, admission, known))
    transaction.day(day).admit(
        service=service,
        queue=admission.queue,
        ticket=admission.ticket_number,
        is_return=admission.continues is not None,
        hour=transaction.office.hour_of_day(attempt.at),
        is_booked=admission.redeems
        and known.receipt is not None
        and known.receipt.covers(service, day),
    )
    if receipt is not None and admission.redeems:
        transaction.redeem(
            {
                "issuer": receipt.issuer,
                "receipt_number": receipt.number,
                "place": admission.place,
                "visit_id": known.visit_id,
            }
        )
    elif receipt is not None and admission.continues is not None:
        transaction.move_place(receipt.issuer, receipt.number, admission.place, known.visit_id)
    return Visit(
        visit_id=known.visit_id,
        attempt_id=attempt.attempt_id,
        gate=attempt.gate,
        entered_at=attempt.at,
        service=service,
        receipt_number=receipt.number if receipt is not None else None,
        place=admission.place,
        seat=admission.seat,
        ticket=ticket_of(admission.queue, admission.ticket_number),
    )


def _ticket(
    transaction: Transaction, attempt: Attempt, admission: Admission, known: Known
) -> Ticket:
    """What the visitor waits with; whoever comes back goes on with the ticket of before."""
    before = known.tickets.get(admission.continues or 0)
    if before is not None:
        ticket = taken_up(before, visit_id=known.visit_id, at=attempt.at)
        return ticket if attempt.group is None else with_priority(ticket, is_priority=True)
    service = service_of(attempt)
    offered = transaction.facts.services.get(service or "")
    steps = () if offered is None else offered.steps
    return new_ticket(
        visit_id=known.visit_id,
        label=ticket_of(admission.queue, admission.ticket_number),
        steps=steps or (service or "",),
        at=attempt.at,
        receipt=key_of(attempt.receipt),
        booked_for=_booked_for(transaction, attempt, known),
        is_priority=admission.is_priority,
    )


def _is_priority(attempt: Attempt, known: Known) -> bool:
    """By what the guard noted, or by what the visitor registered as."""
    return attempt.group is not None or (known.receipt is not None and known.receipt.is_priority)


def _booked_for(transaction: Transaction, attempt: Attempt, known: Known) -> datetime | None:
    """When the booked time of today begins, where one was booked."""
    window = _window(transaction, attempt, known)
    early = timedelta(minutes=transaction.facts.slot_early_minutes)
    return None if window is None else window.opens + early


def _annul(transaction: Transaction, visit: Row[Any], at: datetime) -> None:
    """Undo a visit: its place is free, or again held by the visit it continued."""
    connection = transaction.connection
    connection.execute(
        update(VisitRow).where(VisitRow.visit_id == visit.visit_id).values(annulled_at=at)
    )
    is_return = visit.returned_from is not None
    day = transaction.office.local_day(visit.entered_at)
    transaction.day(day).annul(
        service=visit.service,
        is_booked=_is_booked(transaction, visit, day),
        is_return=is_return,
        was_inside=visit.left_at is None,
        hour=transaction.office.hour_of_day(visit.entered_at),
        visit_id=visit.visit_id,
        entered_at=visit.entered_at,
    )
    if visit.seat is not None and visit.left_at is None:
        transaction.state.seated.pop(visit.seat, None)
    transaction.end_ticket(visit.visit_id, at)
    holds = and_(RedemptionRow.visit_id == visit.visit_id, RedemptionRow.place == visit.place)
    if is_return:
        connection.execute(update(RedemptionRow).where(holds).values(visit_id=visit.returned_from))
    else:
        connection.execute(delete(RedemptionRow).where(holds))


def _is_booked(transaction: Transaction, visit: Row[Any], day: date) -> bool:
    """Whether it is of a booking of that day."""
    if visit.receipt_number is None or not visit.place:
        return False
    query = select(ReceiptRow.number).where(
        ReceiptRow.issuer == visit.issuer,
        ReceiptRow.number == visit.receipt_number,
        ReceiptRow.site == transaction.office.site,
        ReceiptRow.service == visit.service,
        ReceiptRow.day == day,
        ReceiptRow.revoked_at.is_(None),
    )
    return transaction.connection.execute(query).first() is not None


def _first_answer(transaction: Transaction, entry_id: int) -> WrittenAttempt:
    transaction.flush()
    site = transaction.office.site
    query = select(EntryRow).where(EntryRow.site == site, EntryRow.entry_id == entry_id)
    entry = _loaded(transaction, query)
    assert entry is not None
    visit = visit_of(transaction, entry.attempt_id or "")
    if not isinstance(entry.decision, DecisionKind) or not isinstance(entry.reason, Reason):
        raise NotRecorded("a newer version of this program answered that attempt")
    return WrittenAttempt(
        entry_id=entry.entry_id,
        attempt_id=entry.attempt_id or "",
        at=entry.at,
        decision=entry.decision,
        reason=entry.reason,
        visit=None if visit is None else to_visit(visit),
        is_repeat=True,
        entry=entry,
    )


def _degrees_of(
    transaction: Transaction, ended: Sequence[OpenWait]
) -> dict[int, list[MeasuredTemperature]]:
    """What is still kept of the pauses that end, by their entry."""
    wanted = [wait.entry_id for wait in ended if wait.reason is Reason.SECOND_READING_PAUSE]
    if not wanted:
        return {}
    transaction.flush()
    found = transaction.connection.execute(
        select(DetailRow.entry_id, DetailRow.content).where(
            DetailRow.site == transaction.office.site,
            DetailRow.entry_id.in_(wanted),
            DetailRow.kind == Detail.DEGREES,
        )
    )
    return {entry_id: read_temperatures(content) for entry_id, content in found}


def _series(
    office: RecordedOffice, attempt: Attempt, known: dict[int, list[MeasuredTemperature]]
) -> list[dict[str, Any]]:
    """The attempt's temperatures for the series, less those that its pause put there."""
    counted = Counter(temperature for read in known.values() for temperature in read)
    first = first_of_device(attempt)
    rows = []
    for temperature in attempt.temperatures:
        if counted[temperature] > 0:
            counted[temperature] -= 1
            continue
        rows.append(
            {
                "gate": attempt.gate,
                "hour": office.hour_began(attempt.at),
                "raw_celsius": temperature.raw_celsius,
                "corrected_celsius": temperature.corrected_celsius,
                "unshifted_celsius": without_baseline(first) if temperature is first else None,
            }
        )
    return rows


def _forget_pauses_before(transaction: Transaction, day_began: datetime, at: datetime) -> None:
    """Erase the degrees of pauses of earlier days, unless the site keeps readings."""
    state = transaction.state
    transaction.end_waits([wait for wait in state.waits.values() if wait.at < day_began])
    if transaction.facts.readings_days > 0:
        return
    transaction.flush()
    found = transaction.connection.execute(
        select(DetailRow.entry_id).where(
            DetailRow.site == transaction.office.site,
            DetailRow.kind == Detail.DEGREES,
            DetailRow.at < day_began,
        )
    )
    details = [(entry_id, Detail.DEGREES) for (entry_id,) in found]
    transaction.erase(details, at=at, why="the day is over")


def _inside(site: str, *, first_of: datetime | None = None) -> Select[Any]:
    """Visits that go on, longest inside first; those of the day of ``first_of`` before others."""
    query = select(VisitRow.__table__).where(VisitRow.site == site, IS_INSIDE)
    if first_of is not None:
        query = query.order_by(VisitRow.entered_at < first_of)
    return query.order_by(VisitRow.entered_at, VisitRow.visit_id)


def _is_before_a_row_of(day_began: datetime) -> ColumnElement[bool]:
    """Whether the VisitRow of a query was written before a row of before ``day_began``."""
    written, later = aliased(EntryRow), aliased(EntryRow)
    return exists().where(
        written.site == VisitRow.site,
        written.attempt_id == VisitRow.attempt_id,
        written.kind == EntryKind.ATTEMPT,
        later.site == VisitRow.site,
        later.entry_id > written.entry_id,
        later.at < day_began,
    )


def visit_of(transaction: Transaction, attempt_id: str) -> Row[Any] | None:
    query = select(VisitRow.__table__).where(
        VisitRow.site == transaction.office.site, VisitRow.attempt_id == clean(attempt_id)
    )
    return transaction.connection.execute(query).first()


def _rows_of(attempt_id: str, kind: EntryKind) -> Select[EntryRow]:
    by_index = is_attempt if kind is EntryKind.ATTEMPT else is_later_about_an_attempt
    return select(EntryRow).where(
        EntryRow.attempt_id == clean(attempt_id), by_index(EntryRow), EntryRow.kind == kind.value
    )


def _attempt(transaction: Transaction, attempt_id: str) -> EntryRow:
    query = _rows_of(attempt_id, EntryKind.ATTEMPT).where(EntryRow.site == transaction.office.site)
    with Session(transaction.connection) as session:
        row = session.scalars(query).one_or_none()
    if row is None:
        raise RecordError(f"there is no attempt {attempt_id!r}")
    return row


def _loaded(transaction: Transaction, query: Select[EntryRow]) -> LogEntry | None:
    query = query.where(EntryRow.site == transaction.office.site)
    with Session(transaction.connection) as session:
        found = load_entries(session, query.limit(1))
    return found[0] if found else None


def _cleaned(attempt: Attempt) -> Attempt:
    """Names every database takes."""
    return Attempt(
        attempt_id=clean(attempt.attempt_id) or "",
        gate=clean(attempt.gate) or "",
        at=attempt.at,
        decision=attempt.decision,
        reason=attempt.reason,
        nonce=clean(attempt.nonce),
        receipt=attempt.receipt,
        service=attempt.service,
        operator=clean(attempt.operator),
        remark=attempt.remark,
        results=attempt.results,
        temperatures=attempt.temperatures,
        ready_at=attempt.ready_at,
        resumes=clean(attempt.resumes),
        is_return_allowed=attempt.is_return_allowed,
        shown_at=attempt.shown_at,
        group=attempt.group,
    )


def _attempt_columns(attempt: Attempt, outcome: Outcome) -> dict[str, Any]:
    receipt = attempt.receipt
    return {
        "kind": EntryKind.ATTEMPT,
        "at": attempt.at,
        "gate": attempt.gate,
        "operator": attempt.operator,
        "decision": outcome.decision,
        "reason": outcome.reason,
        "attempt_id": attempt.attempt_id,
        "nonce": attempt.nonce,
        "issuer": receipt.issuer if receipt is not None else None,
        "receipt_number": receipt.number if receipt is not None else None,
        "service": service_of(attempt),
        "ready_at": attempt.ready_at,
        "resumes": attempt.resumes,
        "results": write_results(attempt.results),
    }


def _typed(celsius: float, operator: str) -> MeasuredTemperature:
    return MeasuredTemperature(
        raw_celsius=celsius, corrections=(), corrected_celsius=celsius, entered_by=operator
    )


def _about(attempt: EntryRow, kind: EntryKind, *, operator: str, at: datetime) -> dict[str, Any]:
    """A later row about an attempt."""
    return {
        "kind": kind,
        "at": at,
        "gate": attempt.gate,
        "operator": clean(operator),
        "decision": attempt.decision,
        "reason": attempt.reason,
        "attempt_id": attempt.attempt_id,
        "issuer": attempt.issuer,
        "receipt_number": attempt.receipt_number,
        "service": attempt.service,
    }


def _facts(visit: Visit, admission: Admission, ticket: Ticket) -> dict[str, object]:
    facts: dict[str, object] = {
        "visit": visit.visit_id,
        "place": visit.place,
        "seat": visit.seat,
        "ticket": visit.ticket,
        "continues": admission.continues,
        "steps": list(ticket.steps),
    }
    if ticket.booked_for is not None:
        facts["booked_for"] = ticket.booked_for
    if ticket.is_priority:
        facts["priority"] = True
    return facts


def _pause(
    row: EntryRow, degrees: DetailRow, name: DetailRow | None, group: DetailRow | None
) -> PendingPause:
    return PendingPause(
        attempt_id=row.attempt_id or "",
        gate=row.gate or "",
        at=row.at,
        ready_at=row.ready_at or row.at,
        issuer=row.issuer,
        receipt_number=row.receipt_number,
        service=row.service,
        holder=read_text(name),
        first=read_temperatures(degrees.content)[0],
        group=_group(group),
    )


def _group(noted: DetailRow | None) -> PriorityGroup | None:
    """None also of one that a newer version knows."""
    text = read_text(noted)
    return PriorityGroup(text) if text in list(PriorityGroup) else None
