"""The log of visits: one transaction decides and writes, and what it answers is committed.

A repeated nonce of the same gate, or a repeated attempt id, answers what the first one came to;
that also makes a write safe to try again when the connection broke before the answer.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from screening.decision import Check, DecisionKind, Reason
from screening.errors import RecordError
from screening.receipts.claims import ReceiptClaims
from screening.record import pauses, presence, room
from screening.record.admission import Refused, admit, service_of
from screening.record.chain import Detail, append, canonical
from screening.record.engine import Conflict, Database
from screening.record.office import Office
from screening.record.rows import (
    details_of,
    load_entries,
    ticket_of,
    to_entry,
    to_visit,
    write_results,
    write_temperatures,
)
from screening.record.tables import EntryRow, SiteRow, VisitRow
from screening.record.text import clean, clean_remark
from screening.record.verify import verify_chain
from screening.visits import (
    Attempt,
    ChainReport,
    CheckResult,
    DayFigures,
    EntryKind,
    EvidenceSource,
    ExitHow,
    LogEntry,
    MeasuredTemperature,
    PendingPause,
    SeatState,
    Visit,
    WrittenAttempt,
)

EXPORT_BATCH = 500


class SqlVisitLog:
    """VisitLog on a database; safe to use from any thread."""

    def __init__(self, database: Database, office: Office) -> None:
        self._database = database
        self._office = office

    def write(self, attempt: Attempt) -> WrittenAttempt:
        """Decide under a lock and commit; the same gate and nonce return the first answer."""
        try:
            return self._write(attempt)
        except Conflict:
            # Somebody else wrote it, or took the place, where no lock could tell us (two sites with
            # one receipt): now that is there to be read.
            return self._write(attempt)

    def confirm(
        self, attempt_id: str, *, operator: str, remark: str | None, at: datetime
    ) -> LogEntry:
        """A person stands by the machine's refusal or referral; a second time answers the first."""
        with self._database.writing() as (session, head):
            attempt = self._attempt(session, attempt_id)
            first = session.scalars(
                select(EntryRow).where(
                    EntryRow.site == self._office.site,
                    EntryRow.attempt_id == attempt_id,
                    EntryRow.kind == EntryKind.CONFIRMATION,
                )
            ).first()
            row = first or append(
                session,
                head,
                _about(attempt, EntryKind.CONFIRMATION, operator=operator, at=at),
                {Detail.REMARK: clean_remark(remark)},
            )
            return _loaded(session, row)

    def record_clinical(
        self, attempt_id: str, *, celsius: float, outcome: str, operator: str, at: datetime
    ) -> LogEntry:
        """The officer's clinical reading closes a referral, or checks on one who was admitted.

        The outcome is kept; the degrees only where the site keeps readings.
        """
        result = CheckResult(
            check=Check.TEMPERATURE, source=EvidenceSource.GUARD, outcome=clean(outcome) or ""
        )
        keeps = self._office.retention.readings_days > 0
        with self._database.writing() as (session, head):
            row = _about(
                self._attempt(session, attempt_id), EntryKind.CLINICAL, operator=operator, at=at
            )
            row.results = write_results([result])
            read = MeasuredTemperature(
                raw_celsius=celsius, corrections=(), corrected_celsius=celsius, entered_by=operator
            )
            degrees = write_temperatures([read]) if keeps else None
            return _loaded(session, append(session, head, row, {Detail.DEGREES: degrees}))

    def leave(
        self,
        *,
        receipt: ReceiptClaims | None,
        how: ExitHow,
        gate: str,
        operator: str | None,
        at: datetime,
    ) -> Visit | None:
        """A receipt's holder leaves, or without one whoever is longest inside."""
        with self._database.writing() as (session, head):
            presence.close_earlier_days(session, head, self._office, at)
            visit = presence.longest_inside(session, self._office.site, receipt)
            if visit is None:
                return None
            presence.let_out(session, head, visit, how=how, gate=gate, operator=operator, at=at)
            return to_visit(visit)

    def close_day(self, at: datetime) -> list[Visit]:
        """Those still inside from earlier days are logged as left; degrees of their pauses go."""
        with self._database.writing() as (session, head):
            closed = presence.close_earlier_days(session, head, self._office, at)
            pauses.forget_before(session, head, self._office, at)
            return [to_visit(visit) for visit in closed]

    def annul(self, attempt_id: str, *, operator: str, remark: str, at: datetime) -> Visit | None:
        """Nobody walked through: the seat is free, the receipt unused again."""
        with self._database.writing() as (session, head):
            visit = self._visit_of(session, attempt_id)
            if visit is None or visit.annulled_at is not None:
                return None
            presence.annul(session, visit, at)
            row = _about(
                self._attempt(session, attempt_id), EntryKind.ANNUL, operator=operator, at=at
            )
            row.facts = canonical({"visit": visit.visit_id})
            append(session, head, row, {Detail.REMARK: clean_remark(remark)})
            return to_visit(visit)

    def hand_over(self, *, gate: str, from_user: str, to_user: str, at: datetime) -> LogEntry:
        """The shift changes on a shared tablet."""
        row = EntryRow(
            kind=EntryKind.HANDOVER,
            at=at,
            gate=clean(gate),
            operator=clean(to_user),
            facts=canonical({"from": clean(from_user), "to": clean(to_user)}),
        )
        with self._database.writing() as (session, head):
            return _loaded(session, append(session, head, row))

    def pauses(self, *, since: datetime) -> list[PendingPause]:
        """Those who still wait for their second reading, oldest first."""
        with self._database.reading() as session:
            return pauses.pending(session, self._office.site, since=since)

    def figures(self, *, since: datetime, at: datetime) -> DayFigures:
        """Counts since ``since``; who came in before is not counted as inside."""
        with self._database.reading() as session:
            return room.figures(session, self._office, since=since, at=at)

    def seats(self) -> list[SeatState]:
        """Every seat of the plan in reading order, with today's visit on it."""
        with self._database.reading() as session:
            return room.seats(session, self._office)

    def visits_inside(self) -> list[Visit]:
        """Who came in today and has not left, longest inside first."""
        with self._database.reading() as session:
            return [to_visit(row) for row in room.inside(session, self._office)]

    def attempt(self, attempt_id: str) -> LogEntry | None:
        """The row of that attempt."""
        with self._database.reading() as session:
            found = load_entries(session, self._attempts(attempt_id))
            return found[0] if found else None

    def referral(self, receipt: ReceiptClaims, *, since: datetime) -> LogEntry | None:
        """The receipt's newest referral since then, or the clinical reading that closed it."""
        query = (
            self._rows()
            .where(
                EntryRow.at >= since,
                EntryRow.issuer == receipt.issuer,
                EntryRow.receipt_number == receipt.number,
                EntryRow.decision == DecisionKind.REFER,
                EntryRow.kind.in_((EntryKind.ATTEMPT, EntryKind.CLINICAL)),
            )
            .order_by(EntryRow.entry_id.desc())
            .limit(1)
        )
        with self._database.reading() as session:
            found = load_entries(session, query)
            return found[0] if found else None

    def entries(self, *, after: int = 0, limit: int = 100) -> list[LogEntry]:
        """Rows above ``after`` in order, for replay."""
        with self._database.reading() as session:
            query = self._rows().where(EntryRow.entry_id > after).order_by(EntryRow.entry_id)
            return load_entries(session, query.limit(limit))

    def latest(self, *, limit: int = 20) -> list[LogEntry]:
        """Newest first."""
        with self._database.reading() as session:
            query = self._rows().order_by(EntryRow.entry_id.desc())
            return load_entries(session, query.limit(limit))

    def hourly(self, *, since: datetime) -> list[tuple[datetime, int, int]]:
        """(start of the site's hour as UTC, admitted, refused), oldest first."""
        with self._database.reading() as session:
            return room.hourly(session, self._office, since=since)

    def verify(self, *, expect: tuple[int, str] | None = None) -> ChainReport:
        """Walk the whole chain; ``expect`` is a row's number and hash that was noted earlier."""
        with self._database.reading() as session:
            return verify_chain(session, self._office.site, expect=expect)

    def export(self) -> Iterator[LogEntry]:
        """Every row in order, in short transactions: writers never wait for a slow reader."""
        after = 0
        while batch := self.entries(after=after, limit=EXPORT_BATCH):
            yield from batch
            after = batch[-1].entry_id

    def _write(self, attempt: Attempt) -> WrittenAttempt:
        with self._database.writing() as (session, head):
            first = self._first_answer(session, attempt)
            if first is not None:
                return _answer(first, self._visit_of(session, first.attempt_id), is_repeat=True)
            presence.close_earlier_days(session, head, self._office, attempt.at)
            outcome: VisitRow | Refused | None = None
            if attempt.decision is DecisionKind.ADMIT:
                outcome = admit(session, self._office, attempt)
            row = self._append(session, head, attempt, outcome)
            return _answer(row, outcome if isinstance(outcome, VisitRow) else None)

    def _append(
        self,
        session: Session,
        head: SiteRow,
        attempt: Attempt,
        outcome: VisitRow | Refused | None,
    ) -> EntryRow:
        row = _attempt_row(attempt)
        if isinstance(outcome, Refused):
            row.decision, row.reason = outcome.decision, outcome.reason
        elif outcome is not None:
            row.reason = _reason_of(attempt, outcome)
            row.facts = canonical(_facts(outcome))
        ended = pauses.ended_by(session, self._office, row)
        pauses.add_to_series(session, self._office, attempt, known=ended)
        keeps = self._office.retention.readings_days > 0 or pauses.is_pause(row)
        details = {
            Detail.HOLDER: attempt.receipt.holder if attempt.receipt is not None else None,
            Detail.REMARK: clean_remark(attempt.remark),
            Detail.DEGREES: (write_temperatures(attempt.temperatures) or None) if keeps else None,
        }
        append(session, head, row, details)
        pauses.forget(session, head, self._office, ended, at=attempt.at)
        return row

    def _first_answer(self, session: Session, attempt: Attempt) -> EntryRow | None:
        # Two queries, since each has its index; one with OR would read the whole log.
        first = session.scalars(self._attempts(attempt.attempt_id)).one_or_none()
        if first is not None or attempt.nonce is None:
            return first
        gate, nonce = clean(attempt.gate), clean(attempt.nonce)
        query = self._rows().where(EntryRow.gate == gate, EntryRow.nonce == nonce)
        return session.scalars(query).one_or_none()

    def _attempt(self, session: Session, attempt_id: str) -> EntryRow:
        row = session.scalars(self._attempts(attempt_id)).one_or_none()
        if row is None:
            raise RecordError(f"there is no attempt {attempt_id!r}")
        return row

    def _visit_of(self, session: Session, attempt_id: str | None) -> VisitRow | None:
        query = select(VisitRow).where(
            VisitRow.site == self._office.site, VisitRow.attempt_id == clean(attempt_id)
        )
        return session.scalars(query).one_or_none()

    def _attempts(self, attempt_id: str) -> Select[EntryRow]:
        return self._rows().where(
            EntryRow.attempt_id == clean(attempt_id), EntryRow.kind == EntryKind.ATTEMPT
        )

    def _rows(self) -> Select[EntryRow]:
        return select(EntryRow).where(EntryRow.site == self._office.site)


def _attempt_row(attempt: Attempt) -> EntryRow:
    receipt = attempt.receipt
    return EntryRow(
        kind=EntryKind.ATTEMPT,
        at=attempt.at,
        gate=clean(attempt.gate),
        operator=clean(attempt.operator),
        decision=attempt.decision,
        reason=attempt.reason,
        attempt_id=clean(attempt.attempt_id),
        nonce=clean(attempt.nonce),
        issuer=receipt.issuer if receipt is not None else None,
        receipt_number=receipt.number if receipt is not None else None,
        service=service_of(attempt),
        ready_at=attempt.ready_at,
        resumes=clean(attempt.resumes),
        results=write_results(attempt.results),
    )


def _about(attempt: EntryRow, kind: EntryKind, *, operator: str, at: datetime) -> EntryRow:
    """A later row about an attempt."""
    return EntryRow(
        kind=kind,
        at=at,
        gate=attempt.gate,
        operator=clean(operator),
        decision=attempt.decision,
        reason=attempt.reason,
        attempt_id=attempt.attempt_id,
        issuer=attempt.issuer,
        receipt_number=attempt.receipt_number,
        service=attempt.service,
    )


def _reason_of(attempt: Attempt, visit: VisitRow) -> Reason:
    if attempt.reason in (Reason.ADMITTED, Reason.RETURNED):
        return Reason.RETURNED if visit.returned_from is not None else Reason.ADMITTED
    return attempt.reason


def _facts(visit: VisitRow) -> dict[str, object]:
    return {
        "visit": visit.visit_id,
        "place": visit.place,
        "seat": visit.seat,
        "ticket": ticket_of(visit),
        "continues": visit.returned_from,
    }


def _answer(row: EntryRow, visit: VisitRow | None, *, is_repeat: bool = False) -> WrittenAttempt:
    return WrittenAttempt(
        entry_id=row.entry_id,
        attempt_id=row.attempt_id or "",
        at=row.at,
        decision=DecisionKind(row.decision or ""),
        reason=Reason(row.reason or ""),
        visit=to_visit(visit) if visit is not None else None,
        is_repeat=is_repeat,
    )


def _loaded(session: Session, row: EntryRow) -> LogEntry:
    return to_entry(row, details_of(session, [row]).get(row.entry_id, {}))
