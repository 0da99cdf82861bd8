"""FakeRecord: a site's record in memory, held to the same contract as the databases.

Slow and simple on purpose: dictionaries under one lock, everything recounted at each call.
"""

from __future__ import annotations

import hashlib
import secrets
import threading
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from screening.accounts import (
    NO_PASSWORD,
    PASSKEYS_AT_MOST,
    Accounts,
    Gate,
    Invitation,
    Passkey,
    Role,
    SystemKey,
    User,
    WebSession,
)
from screening.clock import Clock, SystemClock, start_of_day
from screening.decision import Check, DecisionKind, Reason
from screening.errors import AccountError, LaneConflict, ReceiptError, RecordError, UnknownReceipt
from screening.office.changes import Edit
from screening.office.facts import OfficeFacts
from screening.office.services import SEED_SERVICES, Channel, Service
from screening.receipts.claims import ReceiptBook, ReceiptClaims, ReceiptUse
from screening.receipts.links import SECRET_BYTES
from screening.receipts.rules import slot_window
from screening.registration.bookings import Booking, Hold, PriorityGroup, Registration
from screening.registration.rules import Calendar, DayRules, DayTaken, Holidays
from screening.repeats import KEPT_FOR, Answer, Asked, KeptAnswers, KeyReused
from screening.temperature.baseline import first_of_device, without_baseline
from screening.temperature.cases import ClinicalCase, ClinicalOutcome, Decided, Found, cases_of
from screening.temperature.distance import DistanceTable
from screening.temperature.instrument.commissioning import (
    Commissioning,
    FirstReading,
    ThermometerCheck,
    ThermometerLog,
)
from screening.visits import (
    CONCLUDED_TODAY,
    Attempt,
    ChainReport,
    CheckResult,
    DayFigures,
    EntryKind,
    EvidenceSource,
    ExitHow,
    HeadCount,
    LogEntry,
    PendingPause,
    SeatState,
    Visit,
    VisitLog,
    WrittenAttempt,
)
from screening.waiting_room.admission import (
    FINAL,
    REFUSED,
    Admission,
    OpenWait,
    Situation,
    TakenPlace,
    begun_wait,
    count_waiting,
    key_of,
    outcome_of,
    queue_of,
    service_of,
    use_of,
    waits_outside,
)
from screening.waiting_room.line import ReceiptKey
from screening.waiting_room.plan import SeatPlan
from tests.fakes.alerts import FakeAlerts
from tests.fakes.bookings import FakeBookings
from tests.fakes.facts import FakeOfficeFacts
from tests.fakes.figures import FakeFigures
from tests.fakes.leaving import FakeLeaving
from tests.fakes.line import FakeLine
from tests.fakes.log_search import FakeLogSearch
from tests.fakes.queue import FakeQueue
from tests.fakes.survey import FakeSurvey


class FakeRecord:
    """The same parts as ``screening.record.Record``."""

    def __init__(
        self,
        *,
        site: str,
        zone: ZoneInfo,
        plan: SeatPlan,
        capacity: int | None = None,
        daily_quota: int | None = None,
        first: OfficeFacts | None = None,
        clock: Clock | None = None,
        seed: Sequence[Service] = SEED_SERVICES,
        holidays: Holidays = lambda year: {},
        **_: Any,
    ) -> None:
        self.site = site
        facts = replace(
            first or OfficeFacts(),
            rows=plan.rows,
            columns=plan.columns,
            sealed=plan.sealed,
            set_capacity=capacity,
            daily_quota=daily_quota,
            services={service.code: service for service in seed},
        )
        self.visits = FakeVisitLog(
            zone=zone, clock=clock or SystemClock(), first=facts, holidays=holidays
        )
        self.facts = self.visits.facts
        self.services = FakeServiceCatalogue(self.facts)
        self.accounts = FakeAccounts(self.facts)
        self.receipts = FakeReceiptBook(self.visits)
        self.kept_answers = FakeKeptAnswers()
        self.bookings = FakeBookings(self.visits, self.receipts, self.kept_answers)
        self.queue = self.visits.queue
        self.line = self.visits.line
        self.queue.answers = self.kept_answers
        self.thermometers = FakeThermometerLog(self.visits)
        self.leaving = FakeLeaving(self.visits)
        self.alerts = FakeAlerts(self.visits.append, self.visits.export, zone)
        self.roll_ups = FakeFigures(self.visits, zone)
        self.survey = FakeSurvey(self.visits, zone)
        self.log_search = FakeLogSearch(self.visits)

    def close(self) -> None:
        """Nothing to give back."""


@dataclass
class VisitInMemory:
    """A visit and what the public value does not tell."""

    visit: Visit
    receipt: ReceiptClaims | None
    queue: str
    ticket_number: int
    continues: int | None = None

    @property
    def is_inside(self) -> bool:
        return self.visit.left_at is None and self.visit.annulled_at is None


class FakeVisitLog(VisitLog):
    """VisitLog in memory."""

    def __init__(
        self,
        *,
        zone: ZoneInfo,
        clock: Clock,
        first: OfficeFacts,
        holidays: Holidays = lambda year: {},
    ) -> None:
        self.zone, self._clock = zone, clock
        self._holidays = holidays
        self.registrations: dict[ReceiptKey, Registration] = {}
        self.rules: dict[tuple[str, date], DayRules] = {}
        self.held: dict[str, Hold] = {}
        self.facts = FakeOfficeFacts(first, self.append, zone=zone)
        self.lock = threading.RLock()
        self.revoked: set[tuple[str, str]] = set()
        self._log: list[LogEntry] = []
        self.facts.accepted = self._accepted_since
        self._attempts: dict[str, tuple[Attempt, WrittenAttempt]] = {}
        self._nonces: dict[tuple[str, str], str] = {}
        self._rows: dict[int, VisitInMemory] = {}
        self._places: dict[tuple[str, str, int], int] = {}
        self.waits: dict[str, OpenWait] = {}
        self._exits: dict[tuple[str, str], int] = {}
        self.counts: dict[datetime, HeadCount | None] = {}
        self.queue = FakeQueue(
            self.facts.current, self.append, lambda at: start_of_day(at, self.zone)
        )
        self.queue.close_earlier = self._close_earlier
        self.queue.switched = self.facts.switches
        self.line = FakeLine(self)

    def write(self, attempt: Attempt) -> WrittenAttempt:
        with self.lock:
            key = (attempt.gate, attempt.nonce or "")
            first = self._nonces.get(key) if attempt.nonce is not None else None
            if first is not None or attempt.attempt_id in self._attempts:
                written = self._attempts[first or attempt.attempt_id][1]
                visit = next(
                    (
                        row.visit
                        for row in self._rows.values()
                        if row.visit.attempt_id == written.attempt_id
                    ),
                    None,
                )
                return replace(written, visit=visit, is_repeat=True)
            self._close_earlier(attempt.at)
            outcome = outcome_of(attempt, self._situation(attempt))
            decision, reason = outcome.decision, outcome.reason
            admission = outcome.admission
            registered = self.registrations.get(key_of(attempt.receipt) or ("", ""))
            row = None if admission is None else self._come_in(attempt, admission)
            entry = self.append(
                EntryKind.ATTEMPT,
                attempt.at,
                gate=attempt.gate,
                decision=decision,
                reason=reason,
                receipt_number=attempt.receipt.number if attempt.receipt else None,
                service=service_of(attempt),
                operator=attempt.operator,
                remark=attempt.remark,
                holder=attempt.receipt.holder if attempt.receipt else None,
                attempt_id=attempt.attempt_id,
                results=attempt.results,
            )
            written = WrittenAttempt(
                entry_id=entry.entry_id,
                attempt_id=attempt.attempt_id,
                at=attempt.at,
                decision=decision,
                reason=reason,
                visit=row.visit if row else None,
                entry=entry,
                name=None if registered is None else registered.name or None,
                is_priority=attempt.group is not None
                or (registered is not None and registered.is_priority)
                or (outcome.admission is not None and outcome.admission.is_priority),
            )
            for wait in outcome.ended:
                del self.waits[wait.attempt_id]
            for wait in outcome.changed:
                self.waits[wait.attempt_id] = wait
            begun = begun_wait(attempt, outcome, entry.entry_id)
            if begun is not None:
                self.waits[attempt.attempt_id] = begun
            if reason is Reason.ROOM_FULL:
                self.line.call_due(at=attempt.at)
            self._attempts[attempt.attempt_id] = (attempt, written)
            if attempt.nonce is not None:
                self._nonces[key] = attempt.attempt_id
            return written

    def submit(self, attempt: Attempt) -> Future[WrittenAttempt]:
        done: Future[WrittenAttempt] = Future()
        done.set_result(self.write(attempt))
        return done

    def confirm(
        self, attempt_id: str, *, operator: str, remark: str | None, at: datetime
    ) -> LogEntry:
        with self.lock:
            for entry in self._log:
                if entry.kind is EntryKind.CONFIRMATION and entry.attempt_id == attempt_id:
                    return entry
            return self._about(
                attempt_id, EntryKind.CONFIRMATION, operator=operator, remark=remark, at=at
            )

    def record_clinical(
        self, attempt_id: str, *, celsius: float | None, outcome: str, operator: str, at: datetime
    ) -> LogEntry:
        result = CheckResult(check=Check.TEMPERATURE, source=EvidenceSource.GUARD, outcome=outcome)
        with self.lock:
            return self._about(
                attempt_id, EntryKind.CLINICAL, operator=operator, at=at, results=(result,)
            )

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
        with self.lock:
            first = self._exits.get((gate, nonce or ""))
            if first is not None:
                before = self._rows[first]
                if receipt is not None and key_of(before.receipt) != key_of(receipt):
                    raise LaneConflict("another code", code="nonce_reused")
                return before.visit
            self._close_earlier(at)
            rows = [
                row
                for row in self._inside()
                if receipt is None or (row.receipt and _key(row.receipt) == _key(receipt))
            ]
            row = self._first_to_leave(rows, receipt)
            is_done = row is not None and self.queue.is_done(row.visit.visit_id)
            if receipt is not None and not is_done:
                gone = self._seen_after_all(receipt, how, gate, operator, at, nonce)
                if gone is not None:
                    return gone
            if row is None:
                if receipt is not None:
                    self._left_unmatched(receipt, gate, operator, at)
                return None
            if nonce is not None:
                self._exits[gate, nonce] = row.visit.visit_id
            return self.let_out(row, how, gate, operator, at)

    def _first_to_leave(
        self, rows: list[VisitInMemory], receipt: ReceiptClaims | None
    ) -> VisitInMemory | None:
        if not rows:
            return None
        if receipt is not None:
            return self._rows[self.queue.first_to_leave([one.visit.visit_id for one in rows])]
        done = self.queue.longest_done()
        return rows[0] if done is None else self._rows[done]

    def _seen_after_all(
        self,
        receipt: ReceiptClaims,
        how: ExitHow,
        gate: str,
        operator: str | None,
        at: datetime,
        nonce: str | None,
    ) -> Visit | None:
        came_again = {row.continues for row in self._rows.values()}
        concluded = [
            row
            for row in self._rows.values()
            if key_of(row.receipt) == key_of(receipt)
            and row.visit.visit_id not in came_again
            and row.visit.left_how in CONCLUDED_TODAY
            and row.visit.annulled_at is None
            and row.visit.entered_at >= self.day_began(at)
        ]
        if not concluded:
            return None
        row = min(concluded, key=lambda one: one.visit.left_at or at)
        row.visit = replace(row.visit, left_at=at, left_how=how)
        if nonce is not None:
            self._exits[gate, nonce] = row.visit.visit_id
        self.append(
            EntryKind.EXIT_SEEN,
            at,
            gate=gate,
            operator=operator,
            attempt_id=row.visit.attempt_id,
            receipt_number=row.visit.receipt_number,
            service=row.visit.service,
        )
        return row.visit

    def _left_unmatched(
        self, receipt: ReceiptClaims, gate: str, operator: str | None, at: datetime
    ) -> None:
        today = self.day_began(at)
        came = any(
            key_of(row.receipt) == key_of(receipt) and row.visit.entered_at >= today
            for row in self._rows.values()
        )
        told = any(
            entry.kind is EntryKind.EXIT_UNMATCHED
            and entry.at >= today
            and entry.receipt_number == receipt.number
            for entry in self._log
        )
        if came or told:
            return
        counted = self.counted_on(at)
        if counted is not None:
            self.counts[today] = counted.after_unmatched_exit()
        self.append(
            EntryKind.EXIT_UNMATCHED,
            at,
            gate=gate,
            operator=operator,
            receipt_number=receipt.number,
            service=receipt.service,
        )

    def rows(self) -> list[VisitInMemory]:
        """Every visit, first entered first."""
        return sorted(
            self._rows.values(), key=lambda row: (row.visit.entered_at, row.visit.visit_id)
        )

    def day_began(self, at: datetime) -> datetime:
        """The midnight before."""
        return start_of_day(at, self.zone)

    def counted_on(self, at: datetime) -> HeadCount | None:
        """The newest head count of that day."""
        return self.counts.get(self.day_began(at))

    def _extra(self, since: datetime) -> int:
        counted = self.counts.get(since)
        return 0 if counted is None else counted.extra

    def counts_return(self, entered_at: datetime) -> None:
        """A visit goes on after all."""
        counted = self.counted_on(entered_at)
        if counted is not None:
            self.counts[self.day_began(entered_at)] = counted.after_return(entered_at)

    def _counts_exit(self, row: VisitInMemory, how: ExitHow | None) -> None:
        entered_at = row.visit.entered_at
        counted = self.counted_on(entered_at)
        if counted is not None:
            self.counts[self.day_began(entered_at)] = counted.after_exit(entered_at, how)

    def close_day(self, at: datetime) -> list[Visit]:
        with self.lock:
            return self._close_earlier(at)

    def annul(self, attempt_id: str, *, operator: str, remark: str, at: datetime) -> Visit | None:
        with self.lock:
            row = next((r for r in self._rows.values() if r.visit.attempt_id == attempt_id), None)
            if row is None or row.visit.annulled_at is not None:
                return None
            if row.is_inside:
                self._counts_exit(row, None)
            row.visit = replace(row.visit, annulled_at=at)
            self.queue.leave(row.visit.visit_id, at)
            if row.receipt is not None:
                key = (*_key(row.receipt), row.visit.place)
                if self._places.get(key) == row.visit.visit_id:
                    del self._places[key]
                    if row.continues is not None:
                        self._places[key] = row.continues
            self._about(attempt_id, EntryKind.ANNUL, operator=operator, remark=remark, at=at)
            return row.visit

    def give_priority(
        self, attempt_id: str, *, group: PriorityGroup | None, operator: str, at: datetime
    ) -> Visit | None:
        with self.lock:
            row = next((r for r in self._rows.values() if r.visit.attempt_id == attempt_id), None)
            if row is None or not row.is_inside:
                return None
            self.queue.give_priority(row.visit.visit_id, is_priority=group is not None)
            told = f"{row.visit.ticket}: {'–' if group is None else '✓'}"
            self._about(attempt_id, EntryKind.PRIORITY, operator=operator, remark=told, at=at)
            return row.visit

    def hand_over(self, *, gate: str, from_user: str, to_user: str, at: datetime) -> LogEntry:
        return self.append(
            EntryKind.HANDOVER, at, gate=gate, operator=to_user, remark=f"{from_user} → {to_user}"
        )

    def pauses(self, *, since: datetime) -> list[PendingPause]:
        with self.lock:
            return [
                PendingPause(
                    attempt_id=attempt.attempt_id,
                    gate=attempt.gate,
                    at=attempt.at,
                    ready_at=attempt.ready_at or attempt.at,
                    issuer=attempt.receipt.issuer if attempt.receipt else None,
                    receipt_number=attempt.receipt.number if attempt.receipt else None,
                    service=service_of(attempt),
                    holder=attempt.receipt.holder if attempt.receipt else None,
                    first=attempt.temperatures[0],
                    group=attempt.group,
                )
                for wait in self.waits.values()
                if wait.reason is Reason.SECOND_READING_PAUSE and wait.at >= since
                if (attempt := self._attempts[wait.attempt_id][0]).temperatures
            ]

    def first_readings(self, gate: str, since: datetime, until: datetime) -> list[FirstReading]:
        with self.lock:
            return [
                FirstReading(first.raw_celsius, without_baseline(first))
                for attempt, _ in self._attempts.values()
                if attempt.gate == gate and since <= self._hour(attempt.at) <= until
                if (first := first_of_device(attempt)) is not None
            ]

    def referral(self, receipt: ReceiptClaims, *, since: datetime) -> LogEntry | None:
        with self.lock:
            about = (EntryKind.ATTEMPT, EntryKind.CLINICAL)
            mine = [
                entry
                for entry in self._log
                if entry.at >= since
                and entry.kind in about
                and entry.decision is DecisionKind.REFER
                and self._key_of_attempt(entry.attempt_id) == key_of(receipt)
            ]
            return mine[-1] if mine else None

    def figures(self, *, since: datetime, at: datetime) -> DayFigures:
        with self.lock:
            refused: Counter[Reason | str] = Counter(
                w.reason
                for a, w in self._attempts.values()
                if a.at >= since and w.decision in REFUSED
            )
            return DayFigures(
                since=since,
                occupancy=max(
                    0,
                    sum(row.visit.entered_at >= since for row in self._inside())
                    + self._extra(since),
                ),
                counted=self.counts.get(since),
                capacity=self.facts.current().capacity,
                admitted=sum(row.visit.entered_at >= since for row in self._counted()),
                refused=refused.total(),
                refused_by_reason=dict(refused),
                waiting_outside=count_waiting(
                    self.waits.values(),
                    day_began=since,
                    since=max(since, at - timedelta(hours=1)),
                    at=at,
                ),
                queue_waiting=self.queue.count_waiting(since),
                still_to_come=self._still_to_come(self._day(since)),
                updated_at=at,
            )

    def seats(self) -> list[SeatState]:
        taken = {visit.seat: visit.visit_id for visit in self.visits_inside()}
        return [
            SeatState(
                label=seat.label,
                x=seat.chair.x,
                y=seat.chair.y,
                room=seat.chair.room,
                kind=seat.kind,
                is_sealed=seat.is_sealed,
                visit_id=taken.get(seat.label),
            )
            for seat in self.facts.current().plan.seats
        ]

    def glance(self, *, at: datetime) -> tuple[DayFigures, list[SeatState]] | None:
        return self.figures(since=start_of_day(at, self.zone), at=at), self.seats()

    def visits_inside(self) -> list[Visit]:
        with self.lock:
            today = start_of_day(self._clock.now(), self.zone)
            return [row.visit for row in self._inside() if row.visit.entered_at >= today]

    def visits_of(self, issuer: str, number: str) -> list[Visit]:
        with self.lock:
            return [
                row.visit
                for row in self._rows.values()
                if key_of(row.receipt) == (issuer, number) and row.visit.annulled_at is None
            ]

    def attempt(self, attempt_id: str) -> LogEntry | None:
        return next(
            (
                entry
                for entry in self._log
                if entry.kind is EntryKind.ATTEMPT and entry.attempt_id == attempt_id
            ),
            None,
        )

    def now(self) -> datetime:
        return self._clock.now()

    def attempts(self) -> list[tuple[Attempt, WrittenAttempt]]:
        return list(self._attempts.values())

    def reason(self, attempt_id: str) -> Reason:
        return self._attempts[attempt_id][1].reason

    def head(self) -> int:
        return len(self._log)

    def entries(self, *, after: int = 0, limit: int = 100) -> list[LogEntry]:
        return self._log[max(0, after) :][:limit]

    def latest(
        self, *, limit: int = 20, gate: str | None = None, without: Collection[EntryKind] = ()
    ) -> list[LogEntry]:
        return [
            entry
            for entry in self._log[::-1]
            if gate in (None, entry.gate) and entry.kind not in without
        ][:limit]

    def open_referrals(self, *, since: datetime) -> list[LogEntry]:
        return [
            entry
            for entry in self._log[::-1]
            if entry.at >= since
            and entry.kind is EntryKind.ATTEMPT
            and entry.decision is DecisionKind.REFER
            and not self._is_measured(entry.attempt_id)
        ]

    def unmeasured(self) -> list[Visit]:
        passed = CheckResult(
            check=Check.TEMPERATURE, source=EvidenceSource.DEVICE, outcome="passed"
        )
        with self.lock:
            return [
                visit
                for visit in self.visits_inside()
                if passed in self._attempts[visit.attempt_id][0].results
                and not self._is_measured(visit.attempt_id)
            ]

    def hourly(self, *, since: datetime) -> list[tuple[datetime, int, int, int]]:
        with self.lock:
            came = Counter(
                self._hour(row.visit.entered_at)
                for row in self._counted()
                if row.visit.entered_at >= since
            )
            refused, referred = (
                Counter(
                    self._hour(a.at)
                    for a, w in self._attempts.values()
                    if a.at >= since and w.decision is decision
                )
                for decision in (DecisionKind.DENY, DecisionKind.REFER)
            )
            return [
                (hour, came[hour], refused[hour], referred[hour])
                for hour in sorted({*came, *refused, *referred})
            ]

    def verify(self, *, expect: tuple[int, str] | None = None) -> ChainReport:
        head = self._log[-1].hash if self._log else "0" * 64
        return ChainReport(is_intact=True, entries=len(self._log), head=head)

    def _accepted_since(self, issuer: str, entry_id: int) -> bool:
        own = {
            attempt.attempt_id
            for attempt, _ in self._attempts.values()
            if attempt.receipt is not None and attempt.receipt.issuer == issuer
        }
        return any(
            entry.entry_id > entry_id
            and entry.decision is DecisionKind.ADMIT
            and entry.attempt_id in own
            for entry in self._log
        )

    def export(self) -> Iterator[LogEntry]:
        yield from list(self._log)

    def append(self, kind: EntryKind, at: datetime, **columns: Any) -> LogEntry:
        """Add a row to the log; columns that are not given are empty."""
        with self.lock:
            empty: dict[str, Any] = dict.fromkeys(
                (
                    "gate",
                    "decision",
                    "reason",
                    "receipt_number",
                    "service",
                    "operator",
                    "remark",
                    "attempt_id",
                )
            )
            before = self._log[-1].hash if self._log else ""
            digest = hashlib.sha256(f"{before}{kind}{at}{columns}".encode()).hexdigest()
            entry = LogEntry(
                entry_id=len(self._log) + 1,
                kind=kind,
                at=at,
                hash=digest,
                **{"results": (), **empty, **columns},
            )
            self._log.append(entry)
            return entry

    def leave_line(self, receipt: ReceiptKey) -> None:
        for wait in waits_outside(self.waits.values(), receipt):
            del self.waits[wait.attempt_id]

    def use_of(self, key: tuple[str, str], since: datetime) -> ReceiptUse:
        with self.lock:
            waited = sorted(
                attempt.at
                for attempt, written in self._attempts.values()
                if key_of(attempt.receipt) == key
                and attempt.at >= since
                and written.decision is DecisionKind.WAIT
            )
            use = use_of(self._taken(key), is_revoked=key in self.revoked, since=since)
            return replace(use, waited=tuple(waited))

    def _situation(self, attempt: Attempt) -> Situation:
        today, service = start_of_day(attempt.at, self.zone), service_of(attempt)
        key = key_of(attempt.receipt)
        facts = self.facts.current()
        offered = facts.services.get(service or "")
        queue = queue_of(attempt, facts.services)
        day = attempt.at.astimezone(self.zone).date()
        used = self.taken(day, at=attempt.at).of_offered(facts.services)
        is_emergency = offered is not None and offered.channel is Channel.EMERGENCY
        registered = self.registrations.get(key or ("", ""))
        booking = None if registered is None else registered.booking
        claims = attempt.receipt if registered is None else registered.claims
        shown_at = attempt.shown_at or attempt.at
        window = slot_window(
            None if claims is None else claims.slot,
            at=attempt.at,
            early_minutes=facts.slot_early_minutes,
            late_minutes=facts.slot_late_minutes,
            zone=self.zone,
        )
        calendar = self.calendar(shown_at)
        is_open = offered is None or calendar.hours(offered, calendar.today).is_open_at(
            calendar.now.time()
        )
        return Situation(
            day_began=today,
            plan=facts.plan,
            capacity=facts.capacity,
            daily_quota=None if is_emergency else facts.daily_quota,
            service_quota=None if offered is None else offered.daily_quota,
            inside=sum(row.visit.entered_at >= today for row in self._inside())
            + max(0, self._extra(today)),
            admitted=used.used,
            admitted_for_service=used.used_of(service or ""),
            is_booked=booking is not None and _covers(booking, service, day),
            not_good=_why_not_today(booking, claims, attempt.at, day),
            window=window,
            has_waited=window is not None
            and any(
                other.receipt is not None
                and key_of(other.receipt) == key
                and written.decision is DecisionKind.WAIT
                and other.at >= window.opens
                for other, written in self._attempts.values()
            ),
            is_outside_hours=offered is not None and offered.gate_checks_hours and not is_open,
            queue=queue,
            last_ticket=self._last_ticket(queue, attempt.at),
            taken=() if key is None else tuple(self._taken(key)),
            is_revoked=key in self.revoked,
            is_priority=attempt.group is not None
            or (registered is not None and registered.is_priority),
            has_disability=PriorityGroup.DISABILITY in (attempt.group, booking and booking.group),
            seated={
                row.visit.seat: key_of(row.receipt) for row in self._inside() if row.visit.seat
            },
            waits=tuple(self.waits.values()),
            most_overtakes=facts.queue_overtakes,
            call_in=timedelta(minutes=facts.call_in_minutes),
        )

    def calendar(self, at: datetime) -> Calendar:
        return Calendar(
            facts=self.facts.current(), holidays=self._holidays, now=at.astimezone(self.zone)
        )

    def taken(self, day: date, *, at: datetime, without: Sequence[str | None] = ()) -> DayTaken:
        """Counted anew; ``without`` these receipts' numbers and holds."""
        taken = DayTaken()
        for registration in self.registrations.values():
            booking = registration.booking
            if booking is None or booking.place.day != day or booking.number in without:
                continue
            if booking.cancelled_at is None:
                taken = taken.with_people(
                    booking.place, booking.party_size, is_priority=booking.is_priority
                )
        with_rules = {
            code: replace(booked, rules=self.rules.get((code, day)))
            for code, booked in taken.booked.items()
        }
        taken = replace(taken, booked=with_rules)
        for hold in self.held.values():
            if hold.place.day == day and hold.until > at and hold.hold_id not in without:
                taken = taken.with_people(hold.place, hold.party_size, is_priority=hold.is_priority)
        rows = [row for row in self._counted() if self._day(row.visit.entered_at) == day]
        others = [row for row in rows if not self._is_booked(row)]
        came = Counter(row.visit.service for row in rows if self._is_booked(row))
        booked = {code: replace(one, came=came[code]) for code, one in taken.booked.items()}
        taken = replace(taken, booked=booked)
        by_service = Counter(row.visit.service for row in others if row.visit.service)
        return replace(taken, others=dict(by_service), all_others=len(others))

    def _still_to_come(self, day: object) -> int:
        booked = [one.booking for one in self.registrations.values() if one.booking is not None]
        offered = self.facts.current().services
        booked = [one for one in booked if one.place.service in offered]
        people = sum(
            one.party_size for one in booked if one.place.day == day and one.cancelled_at is None
        )
        came = sum(
            self._day(row.visit.entered_at) == day and self._is_booked(row)
            for row in self._counted()
            if row.visit.service in offered
        )
        return people - came

    def _is_booked(self, row: VisitInMemory) -> bool:
        found = self.registrations.get(key_of(row.receipt) or ("", ""))
        if found is None or found.booking is None or row.visit.place == 0:
            return False
        return _covers(found.booking, row.visit.service, self._day(row.visit.entered_at))

    def _taken(self, key: ReceiptKey) -> list[TakenPlace]:
        found = []
        for (issuer, number, place), visit_id in self._places.items():
            if (issuer, number) == key:
                row = self._rows[visit_id]
                found.append(
                    TakenPlace(
                        place=place,
                        visit_id=visit_id,
                        entered_at=row.visit.entered_at,
                        left_at=row.visit.left_at,
                        left_how=row.visit.left_how,
                        queue=row.queue,
                        ticket_number=row.ticket_number,
                    )
                )
        return found

    def _come_in(self, attempt: Attempt, admission: Admission) -> VisitInMemory:
        visit = Visit(
            visit_id=len(self._rows) + 1,
            attempt_id=attempt.attempt_id,
            gate=attempt.gate,
            entered_at=attempt.at,
            service=service_of(attempt),
            receipt_number=attempt.receipt.number if attempt.receipt else None,
            place=admission.place,
            seat=admission.seat,
            ticket=f"{admission.queue}-{admission.ticket_number:03d}",
        )
        row = VisitInMemory(
            visit, attempt.receipt, admission.queue, admission.ticket_number, admission.continues
        )
        self._rows[visit.visit_id] = row
        if attempt.receipt is not None and admission.place > 0:
            self._places[*_key(attempt.receipt), admission.place] = visit.visit_id
        self._queue_up(attempt, row, is_priority=admission.is_priority)
        return row

    def _queue_up(self, attempt: Attempt, row: VisitInMemory, *, is_priority: bool) -> None:
        registered = self.registrations.get(key_of(attempt.receipt) or ("", ""))
        claims = attempt.receipt if registered is None else registered.claims
        window = slot_window(
            None if claims is None else claims.slot,
            at=attempt.at,
            early_minutes=0,
            late_minutes=0,
            zone=self.zone,
        )
        self.queue.come_in(
            row.visit.visit_id,
            row.visit.ticket,
            service=service_of(attempt),
            at=attempt.at,
            receipt=key_of(attempt.receipt),
            booked_for=None if window is None else window.opens,
            is_priority=is_priority,
            continues=row.continues,
        )

    def _is_measured(self, attempt_id: str | None) -> bool:
        return any(
            entry.kind is EntryKind.CLINICAL and entry.attempt_id == attempt_id
            for entry in self._log
        )

    def _last_ticket(self, queue: str, at: datetime) -> int:
        numbers = (
            row.ticket_number
            for row in self._rows.values()
            if row.queue == queue and self._day(row.visit.entered_at) == self._day(at)
        )
        return max(numbers, default=0)

    def _key_of_attempt(self, attempt_id: str | None) -> ReceiptKey | None:
        return key_of(self._attempts[attempt_id or ""][0].receipt)

    def _about(self, attempt_id: str, kind: EntryKind, *, at: datetime, **columns: Any) -> LogEntry:
        attempt = self.attempt(attempt_id)
        if attempt is None:
            raise RecordError(f"there is no attempt {attempt_id!r}")
        return self.append(
            kind,
            at,
            gate=attempt.gate,
            decision=attempt.decision,
            reason=attempt.reason,
            receipt_number=attempt.receipt_number,
            service=attempt.service,
            attempt_id=attempt_id,
            **columns,
        )

    def let_out(
        self, row: VisitInMemory, how: ExitHow, gate: str | None, operator: str | None, at: datetime
    ) -> Visit:
        row.visit = replace(row.visit, left_at=at, left_how=how)
        self.queue.leave(row.visit.visit_id, at)
        self._counts_exit(row, how)
        self.append(
            EntryKind.ESTIMATED_EXIT if how is ExitHow.ESTIMATED else EntryKind.EXIT,
            at,
            gate=gate,
            operator=operator,
            attempt_id=row.visit.attempt_id,
            receipt_number=row.visit.receipt_number,
            service=row.visit.service,
        )
        return row.visit

    def _close_earlier(self, at: datetime) -> list[Visit]:
        today = start_of_day(at, self.zone)
        newest = max((e.entry_id for e in self._log if e.at < today), default=0)
        written = {e.attempt_id: e.entry_id for e in self._log if e.kind is EntryKind.ATTEMPT}
        return [
            self.let_out(row, ExitHow.CLOSING, None, None, at)
            for row in self._inside()
            if row.visit.entered_at < today
            or (row.visit.entered_at > at and written[row.visit.attempt_id] < newest)
        ]

    def count_inside(self, since: datetime) -> int:
        """Who has come since then and is inside."""
        return sum(row.visit.entered_at >= since for row in self._inside())

    def _inside(self) -> list[VisitInMemory]:
        rows = [row for row in self._rows.values() if row.is_inside]
        return sorted(rows, key=lambda row: (row.visit.entered_at, row.visit.visit_id))

    def _counted(self) -> list[VisitInMemory]:
        return [
            row
            for row in self._rows.values()
            if row.continues is None and row.visit.annulled_at is None
        ]

    def _day(self, at: datetime) -> date:
        return at.astimezone(self.zone).date()

    def _hour(self, at: datetime) -> datetime:
        local = at.astimezone(self.zone)
        return local.replace(minute=0, second=0, microsecond=0).astimezone(UTC)


class FakeThermometerLog(ThermometerLog):
    """ThermometerLog in memory; what it is given also goes to the log it was made with."""

    def __init__(self, log: FakeVisitLog) -> None:
        self._log = log
        self._commissionings: dict[str, Commissioning] = {}
        self._checks: dict[str, ThermometerCheck] = {}

    def write_commissioning(self, commissioning: Commissioning) -> None:
        with self._log.lock:
            self._commissionings[commissioning.gate] = commissioning
            self._checks.pop(commissioning.gate, None)
            offset, spread = (
                f"{commissioning.offset_celsius:+.2f}",
                f"{commissioning.offset_uncertainty_celsius:.2f}",
            )
            self._log.append(
                EntryKind.COMMISSIONED,
                commissioning.at,
                gate=commissioning.gate,
                operator=commissioning.by,
                remark=f"{commissioning.model}: {offset} ± {spread} °C, n = {commissioning.staff}"
                f"{_span(commissioning.distance)}",
            )

    def write_check(self, check: ThermometerCheck) -> None:
        found = CheckResult(
            check=Check.TEMPERATURE, source=EvidenceSource.DEVICE, outcome=check.outcome
        )
        with self._log.lock:
            self._checks[check.gate] = check
            self._log.append(
                EntryKind.THERMOMETER_CHECKED,
                check.at,
                gate=check.gate,
                operator=check.by,
                remark=f"{check.difference_celsius:+.2f} °C",
                results=(found,),
            )

    def commissioning(self, gate: str) -> Commissioning | None:
        return self._commissionings.get(gate)

    def newest_check(self, gate: str) -> ThermometerCheck | None:
        return self._checks.get(gate)

    def first_readings(
        self, gate: str, *, since: datetime, until: datetime, limit: int
    ) -> list[FirstReading]:
        return self._log.first_readings(gate, since, until)[-limit:]

    def cases(self, *, since: datetime, until: datetime) -> list[ClinicalCase]:
        with self._log.lock:
            log = list(self._log.export())
        decided = (
            Decided(
                order=entry.entry_id,
                attempt_id=entry.attempt_id or "",
                visitor=entry.receipt_number
                and (entry.receipt_number, entry.at.astimezone(self._log.zone).date()),
                is_admitted=entry.decision is DecisionKind.ADMIT,
                case=ClinicalCase(
                    gate=entry.gate or "",
                    at=entry.at,
                    is_referred=entry.reason is Reason.ELEVATED_TWICE,
                    outcome=None,
                ),
            )
            for entry in log
            if entry.kind is EntryKind.ATTEMPT
            and entry.at < until
            and entry.decision in FINAL
            and _is_decided_by_device(entry)
        )
        found = (
            Found(
                order=entry.entry_id,
                attempt_id=entry.attempt_id or "",
                outcome=ClinicalOutcome(entry.results[0].outcome),
            )
            for entry in log
            if entry.kind is EntryKind.CLINICAL
            and entry.results[0].outcome in list(ClinicalOutcome)
        )
        annulled = (entry.attempt_id or "" for entry in log if entry.kind is EntryKind.ANNUL)
        cases = cases_of(decided, found=found, annulled=annulled)
        return sorted((case for case in cases if case.at >= since), key=lambda case: case.at)


class FakeReceiptBook(ReceiptBook):
    """ReceiptBook in memory; revocations go to the log it was made with."""

    def __init__(self, log: FakeVisitLog) -> None:
        self._log = log
        self._receipts: dict[tuple[str, str], ReceiptClaims] = {}
        self._link_secret = secrets.token_bytes(SECRET_BYTES)

    def add(self, claims: ReceiptClaims) -> None:
        if _key(claims) in self._receipts:
            raise ReceiptError(f"receipt number {claims.number} is taken; issue again")
        self._receipts[_key(claims)] = claims

    def add_all(self, claims: Sequence[ReceiptClaims]) -> None:
        for one in claims:
            self.add(one)

    def import_all(
        self, issuer: str, claims: Sequence[ReceiptClaims], *, operator: str, at: datetime
    ) -> None:
        known = self.known_numbers(issuer, [one.number for one in claims])
        if known:
            raise ReceiptError(f"nothing was imported: {', '.join(known)} is known already")
        self.add_all(claims)

        def count(facts: OfficeFacts) -> OfficeFacts:
            now = facts.imported.get(issuer, 0) + len(claims)
            return replace(facts, imported={**facts.imported, issuer: now})

        self._log.facts.change(count, operator=operator, at=at)

    def known_numbers(self, issuer: str, numbers: Sequence[str]) -> frozenset[str]:
        return frozenset(number for number in numbers if (issuer, number) in self._receipts)

    def by_number(self, issuer: str, number: str) -> ReceiptClaims | None:
        return self._receipts.get((issuer, number))

    def token_id(self, issuer: str, number: str) -> bytes | None:
        claims = self.by_number(issuer, number)
        return None if claims is None else claims.token_id

    def revoke(self, issuer: str, number: str, *, reason: str, operator: str, at: datetime) -> None:
        receipt = self.by_number(issuer, number)
        if receipt is None:
            raise UnknownReceipt(f"there is no receipt {number!r} here")
        with self._log.lock:
            if (issuer, number) not in self._log.revoked:
                self._log.revoked.add((issuer, number))
                self._log.leave_line((issuer, number))
                self._end_booking((issuer, number), at)
                self._log.append(
                    EntryKind.REVOKE,
                    at,
                    operator=operator,
                    receipt_number=number,
                    service=receipt.service,
                    remark=reason,
                )

    def _end_booking(self, key: ReceiptKey, at: datetime) -> None:
        found = self._log.registrations.get(key)
        if found is not None and found.booking is not None:
            over = replace(found.booking, cancelled_at=at)
            self._log.registrations[key] = replace(found, booking=over)

    def put(self, claims: ReceiptClaims) -> None:
        """In place of the one with this number."""
        self._receipts[_key(claims)] = claims

    def all(self) -> list[ReceiptClaims]:
        return list(self._receipts.values())

    def use_of(self, issuer: str, number: str, *, since: datetime) -> ReceiptUse:
        return self._log.use_of((issuer, number), since)

    def link_secret(self) -> bytes:
        return self._link_secret


class FakeAccounts(Accounts):
    """Accounts in memory."""

    def __init__(self, facts: FakeOfficeFacts) -> None:
        self._facts = facts
        self._users: dict[str, User] = {}
        self._tokens: dict[str, str | None] = {}
        self._sessions: dict[str, WebSession] = {}
        self._invitations: dict[str, Invitation] = {}
        self._recovery: dict[str, set[str]] = {}
        self._steps: dict[str, int] = {}
        self._passkeys: dict[str, Passkey] = {}
        self._taken: dict[str, datetime] = {}
        self._keys: dict[str, SystemKey] = {}
        self._adding = threading.Lock()
        self._changing_factors = threading.Lock()

    def add_user(self, user: User, *, operator: str | None = None) -> None:
        if user.name in self._users:
            raise AccountError(f"there is a user {user.name!r} already")
        self._users[user.name] = user
        if operator is not None:
            self._note(user.name, "role", None, user.role.value, operator, user.created_at)

    def add_first_administrator(self, user: User, *, also: Edit) -> bool:
        with self._adding:
            if any(one.role is Role.ADMINISTRATOR for one in self._users.values()):
                return False
            self.add_user(user, operator=user.name)
            self._facts.change(also, operator=user.name, at=user.created_at)
            return True

    def change_password(
        self, name: str, password_hash: str, *, operator: str, at: datetime
    ) -> None:
        self._users[name] = replace(self._known(name), password_hash=password_hash)
        self._invitations.pop(name, None)
        self._close_sessions_of(name)
        self._note(name, "password", None, "new", operator, at)

    def remove_user(self, name: str, *, operator: str, at: datetime) -> None:
        user = self._known(name)
        self._require_another_administrator(user)
        del self._users[name]
        self._invitations.pop(name, None)
        self._forget_factors(name)
        self._close_sessions_of(name)
        self._note(name, "role", user.role.value, None, operator, at)

    def change_role(self, name: str, role: Role, *, operator: str, at: datetime) -> None:
        user = self._known(name)
        if role is user.role:
            return
        if role is not Role.ADMINISTRATOR:
            self._require_another_administrator(user)
        self._users[name] = replace(user, role=role)
        self._close_sessions_of(name)
        self._note(name, "role", user.role.value, role.value, operator, at)

    def set_locked(self, name: str, *, is_locked: bool, operator: str, at: datetime) -> None:
        user = self._known(name)
        if is_locked is (user.locked_at is not None):
            return
        if is_locked:
            self._require_another_administrator(user)
            self._close_sessions_of(name)
        self._users[name] = replace(user, locked_at=at if is_locked else None)
        self._note(name, "locked", not is_locked, is_locked, operator, at)

    def invite(self, invitation: Invitation, *, operator: str, at: datetime) -> None:
        user = self._known(invitation.user)
        self._require_another_administrator(user)
        self._users[user.name] = replace(
            user, password_hash=NO_PASSWORD, code_secret=None, passkeys=0
        )
        self._forget_factors(user.name)
        self._invitations[user.name] = invitation
        self._close_sessions_of(user.name)
        self._note(user.name, "password", None, "link", operator, at)

    def invitation(self, token_hash: str, *, at: datetime) -> Invitation | None:
        return next((one for one in self.invitations(at=at) if one.token_hash == token_hash), None)

    def invitations(self, *, at: datetime) -> list[Invitation]:
        return [one for _, one in sorted(self._invitations.items()) if at < one.expires_at]

    def accept(self, token_hash: str, password_hash: str, *, at: datetime) -> User:
        invitation = self.invitation(token_hash, at=at)
        if invitation is None:
            raise AccountError("this link was used already, or its time is over")
        name = invitation.user
        self._users[name] = replace(self._known(name), password_hash=password_hash)
        del self._invitations[name]
        self._note(name, "password", "link", "new", name, at)
        return self._users[name]

    def set_code_secret(
        self,
        name: str,
        secret: str | None,
        recovery_hashes: Collection[str],
        *,
        operator: str,
        at: datetime,
        needs_factor: bool = False,
    ) -> None:
        with self._changing_factors:
            user = self._known(name)
            if needs_factor and secret is None and not user.passkeys:
                raise AccountError(f"{name!r} needs a second factor, and has no other one")
            self._users[name] = replace(user, code_secret=secret)
            if secret is not None or not user.passkeys:
                self._recovery[name] = set(recovery_hashes)
            self._steps.pop(name, None)
            before, after = user.code_secret is not None, secret is not None
            self._note(name, "second_factor", before, after, operator, at)

    def drop_second_factor(self, name: str, *, operator: str, at: datetime) -> None:
        user = self._known(name)
        self._users[name] = replace(user, code_secret=None, passkeys=0)
        self._forget_factors(name)
        self._note(name, "second_factor", user.has_second_factor, False, operator, at)

    def set_recovery_codes(
        self, name: str, hashes: Collection[str], *, operator: str, at: datetime
    ) -> None:
        before = self.recovery_codes_left(self._known(name).name)
        self._recovery[name] = set(hashes)
        self._note(name, "recovery_codes", before, len(hashes), operator, at)

    def passkeys(self, name: str) -> list[Passkey]:
        own = [one for one in self._passkeys.values() if one.user == name]
        return sorted(own, key=lambda one: (one.created_at, one.credential_id))

    def add_passkey(self, passkey: Passkey, *, at: datetime) -> None:
        user = self._known(passkey.user)
        labels = [one.label for one in self.passkeys(user.name)]
        if passkey.credential_id in self._passkeys:
            raise AccountError("this passkey is somebody's already")
        if passkey.label in labels:
            raise AccountError(f"there is a passkey {passkey.label!r} already")
        if len(labels) >= PASSKEYS_AT_MOST:
            raise AccountError(f"nobody has more than {PASSKEYS_AT_MOST} passkeys")
        self._passkeys[passkey.credential_id] = passkey
        self._users[user.name] = replace(user, passkeys=len(labels) + 1)
        self._note(user.name, "passkeys", labels, [*labels, passkey.label], user.name, at)

    def remove_passkey(
        self, name: str, credential_id: str, *, needs_factor: bool, at: datetime
    ) -> None:
        with self._changing_factors:
            user, keys = self._known(name), self.passkeys(name)
            left = [one for one in keys if one.credential_id != credential_id]
            if len(left) == len(keys):
                raise AccountError(f"{name!r} has no such passkey")
            if not left and user.code_secret is None:
                if needs_factor:
                    raise AccountError(f"{name!r} needs a second factor, and has no other one")
                self._recovery.pop(name, None)
            del self._passkeys[credential_id]
            self._users[name] = replace(user, passkeys=len(left))
            before, after = [one.label for one in keys], [one.label for one in left]
            self._note(name, "passkeys", before, after, name, at)

    def use_passkey(self, name: str, credential_id: str, sign_count: int, *, at: datetime) -> bool:
        key = self._passkeys.get(credential_id)
        if key is None or key.user != name or key.copied_at is not None:
            return False
        is_own = key.is_ahead(sign_count)
        noted = (
            replace(key, used_at=at, sign_count=sign_count)
            if is_own
            else replace(key, copied_at=at)
        )
        self._passkeys[credential_id] = noted
        if not is_own:
            self._note(name, "passkey_copied", None, key.label, name, at)
        return is_own

    def take_challenge(self, digest: str, *, expires_at: datetime, at: datetime) -> bool:
        self._taken = {key: end for key, end in self._taken.items() if at < end}
        is_new = digest not in self._taken
        self._taken.setdefault(digest, expires_at)
        return is_new

    def _forget_factors(self, name: str) -> None:
        self._recovery.pop(name, None)
        self._steps.pop(name, None)
        self._passkeys = {key: one for key, one in self._passkeys.items() if one.user != name}

    def use_code(self, name: str, step: int) -> bool:
        is_new = name in self._users and step > self._steps.get(name, -1)
        if is_new:
            self._steps[name] = step
        return is_new

    def use_recovery_code(self, name: str, code_hash: str, *, at: datetime) -> bool:
        codes = self._recovery.get(name, set())
        if code_hash not in codes:
            return False
        codes.remove(code_hash)
        self._note(name, "recovery_codes", len(codes) + 1, len(codes), name, at)
        return True

    def recovery_codes_left(self, name: str) -> int:
        return len(self._recovery.get(name, ()))

    def _require_another_administrator(self, user: User) -> None:
        able = [
            one.name
            for one in self._users.values()
            if one.role is Role.ADMINISTRATOR
            and one.locked_at is None
            and one.password_hash != NO_PASSWORD
        ]
        if able == [user.name]:
            raise AccountError(f"{user.name!r} is the only administrator; add another one first")

    def _note(
        self, name: str, what: str, before: object, after: object, operator: str, at: datetime
    ) -> None:
        key = f"users.{name}.{what}"
        self._facts.note(key, before=before, after=after, operator=operator, at=at)

    def _known(self, name: str) -> User:
        if name not in self._users:
            raise AccountError(f"there is no user {name!r}")
        return self._users[name]

    def _close_sessions_of(self, name: str) -> None:
        self._sessions = {
            key: session for key, session in self._sessions.items() if session.user != name
        }

    def user(self, name: str) -> User | None:
        return self._users.get(name)

    def users(self) -> list[User]:
        return [self._users[name] for name in sorted(self._users)]

    def add_gate(self, gate: Gate) -> None:
        gates = self._facts.current().gates
        if gate.name in gates:
            raise AccountError(f"there is a gate {gate.name!r} already")
        self._facts.put(gates={**gates, gate.name: gate.checks})
        self._tokens[gate.name] = gate.token_hash

    def renew_gate_token(self, name: str, token_hash: str) -> None:
        if name not in self._facts.current().gates:
            raise AccountError(f"there is no gate {name!r}")
        self._tokens[name] = token_hash

    def gate(self, name: str) -> Gate | None:
        return next((gate for gate in self.gates() if gate.name == name), None)

    def gates(self) -> list[Gate]:
        return [
            Gate(name, checks, self._tokens.get(name))
            for name, checks in sorted(self._facts.current().gates.items())
        ]

    def open_session(self, session: WebSession, *, of: User | None = None) -> None:
        if of is not None:
            now = self._users.get(of.name)
            if now is None or now.locked_at is not None:
                raise AccountError(f"{of.name!r} may not log in as they could a moment ago")
            if (now.role, now.password_hash) != (of.role, of.password_hash):
                raise AccountError(f"{of.name!r} may not log in as they could a moment ago")
        self._sessions[session.token_hash] = session
        if session.user in self._users:
            user = self._users[session.user]
            self._users[user.name] = replace(user, last_login_at=session.created_at)

    def session(self, token_hash: str, *, at: datetime) -> WebSession | None:
        session = self._sessions.get(token_hash)
        return session if session is not None and at < session.expires_at else None

    def sessions(self, *, at: datetime) -> list[WebSession]:
        return [session for session in self._sessions.values() if at < session.expires_at]

    def close_session(self, token_hash: str) -> None:
        self._sessions.pop(token_hash, None)

    def end_sessions(
        self, user: str, *, number: str | None = None, operator: str, at: datetime
    ) -> list[str]:
        own = [key for key, session in self._sessions.items() if session.user == user]
        ended = [key for key in own if number is None or key.startswith(number)]
        for key in ended:
            del self._sessions[key]
        if ended:
            self._note(user, "sessions", len(own), len(own) - len(ended), operator, at)
        return ended

    def note_sessions_seen(self, seen: Mapping[str, datetime]) -> None:
        for token_hash, at in seen.items():
            if token_hash in self._sessions:
                self._sessions[token_hash] = replace(self._sessions[token_hash], seen_at=at)

    def add_key(self, key: SystemKey, *, operator: str) -> None:
        if key.name in self._keys:
            raise AccountError(f"there is a key {key.name!r} already")
        self._keys[key.name] = key
        self._note_key(key, None, sorted(key.scopes), operator, key.created_at)

    def revoke_key(self, name: str, *, operator: str, at: datetime) -> None:
        if name not in self._keys:
            raise AccountError(f"there is no key {name!r}")
        key = self._keys.pop(name)
        self._note_key(key, sorted(key.scopes), None, operator, at)

    def _note_key(
        self, key: SystemKey, before: object, after: object, operator: str, at: datetime
    ) -> None:
        name = f"keys.{key.name}"
        self._facts.note(name, before=before, after=after, operator=operator, at=at)

    def system_keys(self) -> list[SystemKey]:
        return [self._keys[name] for name in sorted(self._keys)]

    def note_keys_used(self, used: Mapping[str, datetime]) -> None:
        for name, at in used.items():
            if name in self._keys:
                self._keys[name] = replace(self._keys[name], used_at=at)


class FakeKeptAnswers(KeptAnswers):
    """KeptAnswers in memory."""

    def __init__(self) -> None:
        self._answers: dict[tuple[str, str], tuple[str, Answer, datetime]] = {}

    def kept(self, asked: Asked[Any], *, at: datetime) -> Answer | None:
        digest, answer, since = self._answers.get((asked.caller, asked.key), ("", None, at))
        if answer is None or at - since >= KEPT_FOR:
            return None
        if digest != asked.digest:
            raise KeyReused
        return answer

    def keep(self, asked: Asked[Any], answer: Answer, *, at: datetime) -> Answer:
        first = self.kept(asked, at=at)
        if first is None:
            self._answers[asked.caller, asked.key] = (asked.digest, answer, at)
        return first or answer


class FakeServiceCatalogue:
    """The services in memory, in their order."""

    def __init__(self, facts: FakeOfficeFacts) -> None:
        self._facts = facts

    def services(self) -> dict[str, Service]:
        return dict(self._facts.current().services)

    def service(self, code: str) -> Service | None:
        return self._facts.current().services.get(code)

    def put(self, service: Service) -> None:
        self._facts.put(services={**self.services(), service.code: service})


def _covers(booking: Booking, service: str | None, day: object) -> bool:
    is_it = (booking.place.day, booking.place.service) == (day, service)
    return is_it and booking.cancelled_at is None


def _why_not_today(
    booking: Booking | None, claims: ReceiptClaims | None, at: datetime, today: date
) -> Reason | None:
    if booking is None or claims is None:
        return None
    if today < booking.place.day:
        return Reason.NOT_YET_VALID
    return Reason.EXPIRED if at >= claims.expires else None


def _key(receipt: ReceiptClaims) -> tuple[str, str]:
    return receipt.issuer, receipt.number


def _span(table: DistanceTable | None) -> str:
    if table is None:
        return ""
    return f", {table.nearest_cm:.0f}–{table.furthest_cm:.0f} cm"


def _is_decided_by_device(entry: LogEntry) -> bool:
    return any(
        result.check is Check.TEMPERATURE
        and result.source is EvidenceSource.DEVICE
        and (result.outcome == "passed" or entry.reason is Reason.ELEVATED_TWICE)
        for result in entry.results
    )
