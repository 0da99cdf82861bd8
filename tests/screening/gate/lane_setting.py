"""A lane over a real record, with a clock and devices that the test moves."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from screening.clock import FakeClock
from screening.decision import Check
from screening.errors import DeviceUnavailable, NotRecorded, RecordError
from screening.events import EntryWritten
from screening.gate.dependencies import LaneDependencies
from screening.gate.lane import Lane
from screening.gate.ownership import OwnedBarrier, OwnedLog, Ownership
from screening.gate.policy import Policy
from screening.gate.view import ScanAnswer, VerdictView
from screening.hub import Hub
from screening.ports import AvailabilityListener, ReadingListener
from screening.readings import (
    Availability,
    CodeSource,
    DeviceKind,
    MaskAdvice,
    MaskLabel,
    MaskReading,
    TemperatureReading,
)
from screening.receipts.desk import ReceiptDesk
from screening.receipts.keys import open_keys
from screening.record import Record
from screening.settings import PolicySettings
from screening.temperature.calibration import Calibration
from screening.temperature.instrument.care import Instrument, ThermometerCare
from screening.temperature.instrument.commissioning import CheckOutcome, Commissioning
from screening.visits import Attempt, LogEntry, VisitLog, WrittenAttempt
from screening.waiting_room.live import LiveRoom
from screening.waiting_room.plan import SeatPlan
from tests.commissionings import daily_check
from tests.records import put_new_record

ZONE = ZoneInfo("Asia/Jakarta")
NINE = datetime(2026, 11, 24, 9, tzinfo=ZONE)
ARRAY = Instrument(gate="utama", model="gy-mcu90640", calibration=Calibration(0.0))
ALL_CHECKS = frozenset(Check)
ALL_DEVICES = frozenset(DeviceKind)


class FakeBarrier:
    """Remembers for which decisions it opened; ``is_broken`` makes it unavailable."""

    kind = DeviceKind.BARRIER

    def __init__(self) -> None:
        self.opened: list[str] = []
        self.is_broken = False
        self.availability = Availability(DeviceKind.BARRIER, True, 0.0)

    def start(self, on_reading: ReadingListener, on_availability: AvailabilityListener) -> None:
        """Nothing to start."""

    def close(self) -> None:
        """Nothing to close."""

    def open_once(self, decision_id: str) -> None:
        if self.is_broken:
            raise DeviceUnavailable("the relay is gone", device="barrier")
        if decision_id not in self.opened:
            self.opened.append(decision_id)


class StoppableLog:
    """The real log, until ``is_down`` (no row is written) or ``cannot_be_read``."""

    def __init__(self, log: VisitLog) -> None:
        self._log = log
        self.is_down = False
        self.cannot_be_read = False

    def attempt(self, attempt_id: str) -> LogEntry | None:
        if self.cannot_be_read:
            raise RecordError("the database went away")
        return self._log.attempt(attempt_id)

    def submit(self, attempt: Attempt) -> Future[WrittenAttempt]:
        if not self.is_down:
            return self._log.submit(attempt)
        failed: Future[WrittenAttempt] = Future()
        failed.set_exception(NotRecorded("the disk is full; nothing moved"))
        return failed

    def __getattr__(self, name: str) -> object:
        return getattr(self._log, name)


@dataclass
class Asked:
    """What the office asks of visitors now; a test may switch it."""

    checks: frozenset[Check]


@dataclass
class Setting:
    """Everything around one lane."""

    lane: Lane
    record: Record
    log: StoppableLog
    desk: ReceiptDesk
    room: LiveRoom
    clock: FakeClock
    barrier: FakeBarrier
    hub: Hub
    asked: Asked

    def receipt(
        self, service: str = "KTP", *, party_size: int = 1, issued_on: date | None = None
    ) -> str:
        """A new receipt's token, good today unless issued today."""
        issued_on = issued_on or (self.clock.now().astimezone(ZONE).date() - timedelta(days=1))
        return self.desk.issue(
            service, "Siti Aminah", issued_on=issued_on, party_size=party_size
        ).token

    def scan(self, token: str, nonce: str | None = None) -> ScanAnswer:
        return self.lane.entrance.scan(
            token, source=CodeSource.STATION, nonce=nonce or secrets.token_hex(8)
        )

    def wait(self, seconds: float) -> None:
        self.clock.move_to(self.clock.now() + timedelta(seconds=seconds))
        self.lane.tick()

    def sees(self, label: MaskLabel | None, advice: MaskAdvice | None = None) -> None:
        now_s = self.clock.monotonic_s()
        self.lane.device_reading(MaskReading(label, advice, 0.95, 5, now_s))

    def measures(self, celsius: float, *, looks: MaskLabel = MaskLabel.MASK) -> None:
        """Three seconds in front of the thermometer and the camera."""
        for _ in range(15):
            self.wait(0.2)
            now_s = self.clock.monotonic_s()
            self.lane.device_reading(TemperatureReading(celsius, 25.0, now_s))
            self.sees(looks)

    def write_check(self, outcome: CheckOutcome = CheckOutcome.PASSED) -> None:
        """The day's check, written by a page or by another process."""
        self.record.thermometers.write_check(daily_check(at=self.clock.now(), outcome=outcome))

    def leaves(self) -> None:
        """The thermometer sees the wall again."""
        self.wait(0.2)
        now_s = self.clock.monotonic_s()
        self.lane.device_reading(TemperatureReading(24.0, 25.0, now_s))

    def passes(self, celsius: float = 36.5) -> None:
        """Hands, temperature and mask of a visitor whose receipt was scanned."""
        self.lane.guard.hands_cleaned(operator="siti")
        self.measures(celsius)

    @property
    def verdict(self) -> VerdictView | None:
        return self.lane.view().verdict


@contextmanager
def lane_setting(
    folder: Path,
    *,
    checks: frozenset[Check] = ALL_CHECKS,
    devices: frozenset[DeviceKind] = ALL_DEVICES,
    capacity: int | None = None,
    now: datetime = NINE,
    thermometer: Instrument | None = None,
    commissioning: Commissioning | None = None,
    ownership: Ownership | None = None,
) -> Iterator[Setting]:
    """A lane at nine o'clock with all its devices there; ``thermometer`` is then looked after.

    ``ownership`` is asked before each act, where it is given.
    """
    clock = FakeClock(now.astimezone(UTC))
    plan = SeatPlan(4, 5)
    file = put_new_record(folder / "record.sqlite3")
    with Record.open(
        file, site="BGR", zone=ZONE, plan=plan, capacity=capacity, clock=clock
    ) as record:
        log = StoppableLog(record.visits)
        desk = ReceiptDesk(
            keys=open_keys(folder / "keys", "BGR"),
            book=record.receipts,
            services=record.services.services,
            clock=clock,
            zone=ZONE,
            site="BGR",
        )
        hub = Hub()
        room = LiveRoom(record.visits, hub, clock, ZONE)

        def tell(entries: Sequence[LogEntry]) -> None:
            for entry in entries:
                hub.publish(EntryWritten(entry))

        record.listen(tell)
        room.refresh()
        barrier = FakeBarrier()
        if commissioning is not None:
            record.thermometers.write_commissioning(commissioning)
        care = None
        if thermometer is not None:
            care = ThermometerCare(thermometer, log=record.thermometers, clock=clock, zone=ZONE)
        asked = Asked(checks)
        lane = Lane(
            "utama",
            policy=Policy.of(PolicySettings(offset_celsius=0.0), checks),
            configured=devices,
            dependencies=LaneDependencies(
                log=log if ownership is None else OwnedLog.of(log, ownership),  # type: ignore[arg-type]
                desk=desk,
                room=room,
                hub=hub,
                clock=clock,
                zone=ZONE,
                services=record.services.services,
                barrier=barrier if ownership is None else OwnedBarrier(barrier, ownership),
            ),
            care=care,
            checks=lambda: asked.checks,
        )
        for kind in devices:
            lane.availability_changed(Availability(kind, True, clock.monotonic_s()))
        yield Setting(lane, record, log, desk, room, clock, barrier, hub, asked)
