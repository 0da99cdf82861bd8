"""FakeGates: gates in memory whose views a test sets, and that note what they were asked to do."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from argon2 import PasswordHasher

from dashboard.web.auth import hash_token
from dashboard.web.first_token import FirstToken
from dashboard.web.office import Office
from screening.accounts import Gate, KnownAccounts, Role, User, WebSession
from screening.alerts.live import LiveAlerts
from screening.alerts.rules import Situation
from screening.clock import FakeClock
from screening.decision import Check, DecisionKind, Reason
from screening.errors import LaneConflict, NotOwner, ScreeningError, UnknownGate
from screening.events import EntryWritten
from screening.feed import Feed
from screening.figures.live_waits import LiveWaits
from screening.gate.commands import (
    Command,
    Dismiss,
    ExitButton,
    ExitScan,
    GateControl,
    Gates,
    Resume,
    Scan,
    Undo,
)
from screening.gate.view import (
    CheckState,
    CheckView,
    DeviceView,
    GateMode,
    GateView,
    ScanAnswer,
    VerdictView,
    VisitorView,
)
from screening.hub import Hub
from screening.readings import DeviceKind
from screening.receipts.claims import ReceiptClaims
from screening.settings import Settings
from screening.temperature.instrument.drafts import Drafts
from screening.temperature.instrument.report_files import ReportFiles
from screening.visits import LogEntry
from screening.waiting_room.leaving import LeavingWatch
from screening.waiting_room.live import LiveRoom
from screening.waiting_room.plan import Sealed, SeatPlan
from tests.fakes.record import FakeRecord

NOON = datetime(2026, 11, 24, 5, 0, tzinfo=UTC)
"""Twelve o'clock in Jakarta."""

NOWHERE = Path("/dev/null/nowhere")
PASSWORD = "masker-dulu"
STATION_TOKEN = "station-of-utama"
USERS = {
    "budi": Role.GUARD,
    "sari": Role.GUARD,
    "rina": Role.OFFICER,
    "dewi": Role.MANAGER,
    "admin": Role.ADMINISTRATOR,
}
_HASH = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)


def devices(*missing: DeviceKind) -> tuple[DeviceView, ...]:
    """All devices of a gate, the named ones lost half an hour ago."""
    return tuple(
        DeviceView(
            kind=kind,
            is_configured=True,
            is_available=kind not in missing,
            since=NOON - timedelta(minutes=30),
            last_error="/dev/ttyUSB0: unplugged" if kind in missing else None,
            faults=3 if kind is DeviceKind.THERMOMETER else 0,
        )
        for kind in DeviceKind
    )


def view_of(gate: str, **changes: Any) -> GateView:
    """A free lane with every device there, changed as told."""
    view = GateView(
        gate=gate,
        version=1,
        at=NOON,
        mode=GateMode.AUTOMATIC,
        checks_required=tuple(Check),
        devices=devices(),
        visitor=None,
        checks=(),
        temperature=None,
        verdict=None,
        aside=(),
        occupancy=12,
        capacity=30,
    )
    return replace(view, **changes)


def verdict(kind: DecisionKind, reason: Reason, **more: Any) -> VerdictView:
    """A verdict on show since noon."""
    shown = VerdictView(kind=kind, reason=reason, attempt_id=f"attempt-{reason}", since=NOON)
    return replace(shown, **more)


def checks(**states: CheckState) -> tuple[CheckView, ...]:
    """The four checks, pending unless told otherwise."""
    return tuple(
        CheckView(check=check, state=states.get(check.value, CheckState.PENDING)) for check in Check
    )


VISITOR = VisitorView(
    holder="Siti R.", receipt_number="K7M2-9QXD", service="KTP", place=2, party_size=4
)


NAMES_AN_ATTEMPT = (Undo, Resume, Dismiss)
"""Acts about somebody who does not stand in front."""


@dataclass
class FakeGateControl(GateControl):
    """A gate that shows ``shown`` and remembers in ``done`` what it was told to do.

    ``conflict`` and ``trouble`` make it fail.
    """

    shown: GateView
    answer: ScanAnswer = field(
        default_factory=lambda: ScanAnswer(
            status="ok",
            decision=DecisionKind.ADMIT,
            reason=Reason.ADMITTED,
            attempt_id="attempt-1",
            receipt_number="K7M2-9QXD",
            service="KTP",
            seat="B7",
            ticket="KTP-001",
            place=1,
            party_size=1,
        )
    )
    jpeg: bytes | None = None
    conflict: str | None = None
    trouble: Exception | None = None
    is_holder_inside: bool = True
    busy: datetime | None = None
    done: list[Command[Any]] = field(default_factory=list)
    on_view: Callable[[], None] = lambda: None
    on_scan: Callable[[], None] = lambda: None

    def view(self) -> GateView:
        if self.trouble is not None:
            raise self.trouble
        self.on_view()
        return self.shown

    def picture(self) -> bytes | None:
        return self.jpeg

    def busy_since(self) -> datetime | None:
        return self.busy

    def do(self, command: Command[Any]) -> Any:
        if self.trouble is not None:
            raise self.trouble
        if self.conflict is not None:
            raise LaneConflict("as the test says", code=self.conflict)
        standing = self.shown.verdict.attempt_id if self.shown.verdict else None
        meant_for = None if isinstance(command, NAMES_AN_ATTEMPT) else _meant_for(command)
        if meant_for is not None and meant_for != standing:
            raise LaneConflict("another visitor stands there by now", code="other_visitor")
        self.done.append(command)
        if isinstance(command, Scan):
            self.on_scan()
            return self.answer
        return self.is_holder_inside if isinstance(command, ExitScan | ExitButton) else None

    def post(self, command: Command[Any]) -> Future[Any]:
        future: Future[Any] = Future()
        try:
            future.set_result(self.do(command))
        except ScreeningError as error:
            future.set_exception(error)
        return future


def _meant_for(command: Command[Any]) -> str | None:
    attempt_id: str | None = getattr(command, "attempt_id", None)
    return attempt_id


class FakeGates(Gates):
    """Gates by name; those in ``elsewhere`` run in another process."""

    def __init__(self, *names: str) -> None:
        self.controls = {name: FakeGateControl(view_of(name)) for name in names}
        self.elsewhere: dict[str, NotOwner] = {}

    def names(self) -> list[str]:
        return sorted(self.controls)

    def running(self, name: str) -> FakeGateControl | None:
        return None if name in self.elsewhere else self.controls.get(name)

    def get(self, name: str) -> FakeGateControl:
        if name in self.elsewhere:
            raise self.elsewhere[name]
        if name not in self.controls:
            raise UnknownGate(f"no gate is called {name!r}")
        return self.controls[name]


@dataclass
class FakeOffice:
    """An office in memory and the handles a test pulls."""

    clock: FakeClock
    record: FakeRecord
    gates: FakeGates
    hub: Hub
    office: Office

    def tell(self, *rows: LogEntry) -> None:
        """These rows are committed, as the record tells it."""
        self.office.feed.wake(rows)
        for row in rows:
            self.hub.publish(EntryWritten(row))


def make_office(
    *gates: str, settings: Settings | None = None, folder: Path = NOWHERE
) -> FakeOffice:
    """An office with its people, the gate "utama" unless others are named, and a station.

    What is kept in files lies in ``folder``; without one nothing can be kept in files.
    """
    settings = settings or Settings(_env_file=None)
    clock = FakeClock(NOON)
    room = settings.room
    record = FakeRecord(
        site=settings.site.code,
        zone=settings.site.zone,
        plan=SeatPlan(room.rows, room.columns, Sealed(room.sealed)),
        clock=clock,
    )
    for name, role in USERS.items():
        record.accounts.add_user(User(name, role, _HASH, NOON))
    names = gates or ("utama",)
    for name in names:
        token_hash = hash_token(STATION_TOKEN if name == "utama" else f"station-of-{name}")
        record.accounts.add_gate(Gate(name, frozenset(Check), token_hash))
    fake_gates = FakeGates(*names)
    hub = Hub()
    leaving = LeavingWatch(record.leaving, clock, settings.site.zone, record.facts.current)
    office = Office(
        settings=settings,
        clock=clock,
        log=record.visits,
        accounts=record.accounts,
        known=KnownAccounts(record.accounts, clock),
        room=LiveRoom(
            record.visits, hub, clock, settings.site.zone, how_sure=lambda: leaving.give_or_take
        ),
        gates=fake_gates,
        hub=hub,
        feed=Feed(record.visits, clock),
        thermometers=record.thermometers,
        drafts=Drafts(folder),
        facts=record.facts,
        reports=ReportFiles(folder, zone=settings.site.zone),
        kept_answers=record.kept_answers,
        queue=record.queue,
        waits=LiveWaits(record.queue, record.facts.current, clock, settings.site.zone, record.line),
        leaving=leaving,
        alerts=LiveAlerts(record.alerts, _no_look, hub, clock),
        line=record.line,
        roll_ups=record.roll_ups,
        survey=record.survey,
        log_search=record.log_search,
        first_token=FirstToken(record.accounts),
        revoke_receipt=lambda number, reason, operator: _revoke(
            record, settings.site.code, number, reason, operator
        ),
    )
    return FakeOffice(clock, record, fake_gates, hub, office)


def _no_look() -> Situation:
    raise AssertionError("a test raises its own alerts")


def _revoke(
    record: FakeRecord, issuer: str, number: str, reason: str, operator: str
) -> ReceiptClaims:
    record.receipts.revoke(issuer, number, reason=reason, operator=operator, at=NOON)
    claims = record.receipts.by_number(issuer, number)
    assert claims is not None
    return claims


def open_session(fake: FakeOffice, name: str) -> str:
    """A log-in session of this person; what comes back belongs into the cookie."""
    token = f"session-of-{name}"
    fake.record.accounts.open_session(
        WebSession(
            token_hash=hash_token(token),
            user=name,
            role=USERS[name],
            csrf_token=f"form-token-of-{name}",
            created_at=NOON,
            expires_at=NOON + timedelta(hours=12),
        )
    )
    return token
