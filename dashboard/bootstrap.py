"""The composition root: the only place that knows every part and puts them together."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Self

from dashboard.office import Office, ReceiptPage
from drivers import building
from screening.accounts import Gate
from screening.clock import Clock, SystemClock, start_of_day
from screening.errors import (
    EvaluationError,
    RecordError,
    ScreeningError,
    SettingsError,
    UnknownGate,
)
from screening.gate.decision import Check, Reason
from screening.gate.lane import Lane
from screening.gate.parts import LaneParts
from screening.gate.policy import Policy
from screening.gate.runner import GateRunner
from screening.gate.thermal import ThermalSight
from screening.hub import Hub
from screening.ports import Barrier, Camera, Device
from screening.receipts.desk import ReceiptDesk
from screening.receipts.keys import ReceiptKeys, open_keys
from screening.receipts.token import sign
from screening.record import Record
from screening.record.engine import reach
from screening.record.office import Retention
from screening.record.upkeep import DailyUpkeep
from screening.settings import GateSettings, Settings
from screening.temperature.array import AffineMapping
from screening.temperature.care import Instrument, ThermometerCare
from screening.temperature.commissioning import ThermometerLog
from screening.temperature.drafts import Drafts
from screening.temperature.report_files import ReportFiles
from screening.vision.check import MaskCheck
from screening.vision.commissioning import Look
from screening.vision.last_layer import LastLayer
from screening.vision.masks import shipped_last_layer
from screening.vision.picture_folders import PictureFolders
from screening.vision.watcher import CameraWatcher
from screening.vision.window import MaskWindow
from screening.waiting_room.live import LiveRoom
from screening.waiting_room.plan import Sealed, SeatPlan

DATABASE_FILE = "gerbang.sqlite3"
KEYS_FOLDER = "keys"
THERMOMETERS_FOLDER = "thermometers"
DRAFT_GRACE = timedelta(hours=1)
"""Whoever sets a thermometer up at midnight may finish."""
FIRST_GATE = "utama"

NOT_OF_THE_DEVICE = {
    "distance_table",
    "face_fills_picture_cm",
    "face_mapping",
    "is_checked_daily",
    "keeps_power",
    "room_celsius",
}
"""What the configuration says of a thermometer that its driver need not know."""

CameraSource = Callable[[Clock], Camera]


@contextmanager
def open_record(settings: Settings, clock: Clock | None = None) -> Iterator[Record]:
    """The record, made and filled with the seed office on first use. Raises RecordError."""
    url, room = settings.database_url, settings.room
    if url is None:
        make_folder(settings.data)
    record = Record.open(
        url.get_secret_value() if url else settings.data / DATABASE_FILE,
        site=settings.site.code,
        zone=settings.site.zone,
        plan=SeatPlan(room.rows, room.columns, Sealed(room.sealed)),
        capacity=room.capacity,
        daily_quota=room.daily_quota,
        retention=Retention(
            readings_days=settings.retention.readings_days,
            names_days=settings.retention.names_days,
            remarks_days=settings.retention.remarks_days,
        ),
        clock=clock,
    )
    with record:
        yield record


def start_problems(settings: Settings) -> list[str]:
    """What the office could not start with: its folder, database or certificate."""
    problems = []
    database = settings.data / DATABASE_FILE
    try:
        make_folder(settings.data)
    except ScreeningError as error:
        problems.append(str(error))
    try:
        if settings.database_url is not None:
            reach(settings.database_url.get_secret_value())
        elif database.exists():  # it is made on first use
            reach(database)
    except RecordError as error:
        problems.append(f"database: {error}")
    certificate, key = settings.web.tls_certificate, settings.web.tls_key
    if certificate is not None:
        try:
            # No password: a service has nobody to ask for one.
            ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate, key, lambda: "")
        except OSError as error:  # SSLError is one
            problems.append(f"web.tls_certificate {certificate} with its key: {error}")
    return problems


def make_folder(folder: Path) -> None:
    """Make the data folder for its owner only. Raises ScreeningError where that cannot be."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise ScreeningError(f"{folder}: cannot keep data here: {error.strerror}") from error


def thermometer_files(settings: Settings) -> tuple[Drafts, ReportFiles]:
    """Where unfinished and finished commissionings of thermometers are kept."""
    folder = settings.data / THERMOMETERS_FOLDER
    zone, days = settings.site.zone, settings.retention.reports_days
    return Drafts(folder), ReportFiles(folder, zone=zone, kept_days=days)


def open_site_keys(settings: Settings) -> ReceiptKeys:
    """This site's signing key (made on first use) and trusted issuers. Raises ReceiptError."""
    make_folder(settings.data)
    return open_keys(settings.data / KEYS_FOLDER, settings.site.code)


def open_desk(
    settings: Settings,
    record: Record,
    *,
    keys: ReceiptKeys | None = None,
    clock: Clock | None = None,
) -> ReceiptDesk:
    """The receipts' desk of this site. Raises ReceiptError."""
    return ReceiptDesk(
        keys=keys or open_site_keys(settings),
        book=record.receipts,
        services=record.services.services,
        clock=clock or SystemClock(),
        zone=settings.site.zone,
        site=settings.site.code,
    )


class GateRegistry:
    """The running gates. One that was added while the office runs is built when first asked for."""

    def __init__(
        self,
        settings: Settings,
        record: Record,
        parts: LaneParts,
        cameras: Mapping[str, CameraSource],
    ) -> None:
        self._settings = settings
        self._record = record
        self._parts = parts
        self._cameras = cameras
        self._lock = threading.Lock()
        self._runners: dict[str, GateRunner] = {}
        self._watches: dict[str, _Watch] = {}
        self._thermals: dict[str, ThermalSight] = {}
        self._closed = False

    def names(self) -> list[str]:
        """Every gate of the office, in order of name."""
        return sorted(gate.name for gate in self._record.accounts.gates())

    def get(self, name: str) -> GateRunner:
        """The running gate. Raises UnknownGate."""
        runner = self._runners.get(name)
        if runner is not None:
            return runner
        gate = self._record.accounts.gate(name)
        if gate is None:
            raise UnknownGate(f"there is no gate {name!r}")
        with self._lock:
            if self._closed:
                raise UnknownGate("the office is closing")
            if name not in self._runners:
                runner = self._build(gate)
                runner.start()
                self._runners[name] = runner
            return self._runners[name]

    def looks(self, name: str) -> Sequence[Look]:
        """What the camera of a running gate showed in the last seconds; nothing without one."""
        watch = self._watches.get(name)
        return () if watch is None else watch.looks()

    def thermal_sight(self, name: str) -> ThermalSight | None:
        """What a running gate's thermal array sees."""
        return self._thermals.get(name)

    def close(self) -> None:
        """Stop every gate."""
        with self._lock:
            self._closed = True
            for runner in self._runners.values():
                runner.close()
            self._runners.clear()

    def _build(self, gate: Gate) -> GateRunner:
        configured = self._configured(gate.name)
        settings = GateSettings(name=gate.name) if configured is None else configured
        watch = self._watches[gate.name] = _Watch()
        thermal = self._thermals[gate.name] = ThermalSight(face_mapping(settings))
        return build_gate(
            settings,
            policy=Policy.of(self._settings.policy, self._checks_of(gate)),
            parts=replace(self._parts, thermal=thermal),
            watch=watch,
            thermometers=self._record.thermometers,
            camera_source=self._cameras.get(gate.name),
        )

    def _configured(self, name: str) -> GateSettings | None:
        return next((found for found in self._settings.gates if found.name == name), None)

    def _checks_of(self, gate: Gate) -> Collection[Check]:
        """The configuration rules its own gates; others keep what they were added with."""
        configured = self._configured(gate.name)
        if configured is None:
            return gate.checks
        return self._settings.policy.checks if configured.checks is None else configured.checks


def build_gate(
    settings: GateSettings,
    *,
    policy: Policy,
    parts: LaneParts,
    watch: _Watch,
    thermometers: ThermometerLog,
    camera_source: CameraSource | None = None,
) -> GateRunner:
    """One gate with its devices, not started; ``camera_source`` replaces the configured one."""
    clock = parts.clock
    devices: list[Device] = []
    barrier: Barrier | None = None
    if settings.thermometer is not None:
        thermometer = settings.thermometer.model_dump(exclude=NOT_OF_THE_DEVICE)
        devices.append(building.thermometer(**thermometer, monotonic_s=clock.monotonic_s))
    if settings.scanner is not None and settings.scanner.model != "keyboard":
        scanner = settings.scanner.model_dump()
        devices.append(building.scanner(**scanner, monotonic_s=clock.monotonic_s))
    if settings.barrier is not None:
        relay = settings.barrier.model_dump()
        barrier = building.barrier(**relay, monotonic_s=clock.monotonic_s)
        devices.append(barrier)
    camera = _camera(settings, clock, camera_source)
    if camera is not None:
        devices.append(camera)
    lane = Lane(
        settings.name,
        policy=policy,
        configured=frozenset(device.kind for device in devices),
        parts=replace(parts, barrier=barrier, on_next_visitor=watch.next_visitor),
        care=care_of(settings, policy, parts, thermometers),
    )
    runner = GateRunner(lane, devices=devices, picture=watch.picture, watch=watch)
    if camera is not None:
        mask_check = MaskCheck(last_layer=tuned_layer(settings))
        watch.watcher = CameraWatcher(
            camera,
            lambda image: mask_check.check(image.pixels),
            runner.post_reading,
            on_availability=runner.post_availability,
            monotonic_s=clock.monotonic_s,
            window=MaskWindow(),
            reads_codes=Check.RECEIPT in policy.checks,
        )
    return runner


def care_of(
    settings: GateSettings, policy: Policy, parts: LaneParts, log: ThermometerLog
) -> ThermometerCare | None:
    """Who looks after this gate's thermometer, if it has one."""
    thermometer = settings.thermometer
    if thermometer is None:
        return None
    instrument = Instrument(
        gate=settings.name,
        model=thermometer.model,
        calibration=replace(policy.calibration, distance=thermometer.distances),
        room_celsius=thermometer.room_celsius,
        is_checked_daily=thermometer.is_checked_daily,
        keeps_power=thermometer.keeps_power,
    )
    return ThermometerCare(instrument, log=log, clock=parts.clock, zone=parts.zone)


def uncommissioned(gate: GateSettings) -> str:
    """What to do at a gate whose thermometer has no offset from the configuration."""
    return (
        f"gate {gate.name}: the guard measures until its thermometer is commissioned:"
        f" /gate/{gate.name}/thermometer or gerbang thermometer commission --gate {gate.name}"
    )


def may_swap(settings: Settings) -> list[str]:
    """What to do where two thermometers may stand for each other after a start."""
    gates = settings.gates_that_may_swap
    if not gates:
        return []
    names = ", ".join(gate.name for gate in gates)
    return [
        f"gates {names}: after a start their thermometers may have changed places, each with the"
        " other's offset; name their ports under /dev/serial/by-path"
    ]


def face_mapping(settings: GateSettings) -> AffineMapping | None:
    """Where the camera's faces are in this gate's array, as far as it was set up."""
    if settings.thermometer is None or settings.thermometer.face_mapping is None:
        return None
    return AffineMapping.of(settings.thermometer.face_mapping)


def tuned_layer(settings: GateSettings) -> LastLayer | None:
    """What this gate's camera was tuned with, if it was. Raises SettingsError."""
    if settings.camera is None or settings.camera.mask_tuning is None:
        return None
    try:
        return LastLayer.load(settings.camera.mask_tuning, shipped=shipped_last_layer())
    except EvaluationError as error:
        raise SettingsError([f"gate {settings.name}, camera.mask_tuning: {error}"]) from error


def _camera(settings: GateSettings, clock: Clock, source: CameraSource | None) -> Camera | None:
    if source is not None:
        return source(clock)
    if settings.camera is not None:
        return building.camera(source=settings.camera.source, monotonic_s=clock.monotonic_s)
    return None


class _Watch:
    """Ties the knot: the lane empties the watcher's evidence, the watcher reports to the lane."""

    def __init__(self) -> None:
        self.watcher: CameraWatcher | None = None

    def start(self) -> None:
        if self.watcher is not None:
            self.watcher.start()

    def close(self) -> None:
        if self.watcher is not None:
            self.watcher.close()

    def next_visitor(self) -> None:
        if self.watcher is not None:
            self.watcher.next_visitor()

    def picture(self) -> bytes | None:
        return None if self.watcher is None else self.watcher.picture()

    def looks(self) -> Sequence[Look]:
        return () if self.watcher is None else self.watcher.looks()


class House:
    """The office with everything running: record, desk, gates, room and hub."""

    def __init__(
        self,
        settings: Settings,
        record: Record,
        *,
        clock: Clock,
        cameras: Mapping[str, CameraSource],
        is_demo: bool,
    ) -> None:
        self.settings = settings
        self.record = record
        self.clock = clock
        self.hub = Hub()
        self.keys = open_site_keys(settings)
        self.desk = open_desk(settings, record, keys=self.keys, clock=clock)
        self.room = LiveRoom(record.visits, self.hub, clock, settings.site.zone)
        self.drafts, self.reports = thermometer_files(settings)
        self.upkeep = DailyUpkeep(record, clock, also=self._forget_what_is_not_in_the_record)
        self._is_demo = is_demo
        self.gates = GateRegistry(
            settings,
            record,
            LaneParts(
                log=record.visits,
                desk=self.desk,
                room=self.room,
                hub=self.hub,
                clock=clock,
                zone=settings.site.zone,
                services=record.services.services,
            ),
            cameras,
        )

    @classmethod
    @contextmanager
    def open(
        cls,
        settings: Settings,
        *,
        clock: Clock | None = None,
        cameras: Mapping[str, CameraSource] | None = None,
        is_demo: bool = False,
    ) -> Iterator[Self]:
        """Open the record, begin all gates, and close everything in the end."""
        clock = clock or SystemClock()
        with open_record(settings, clock) as record:
            house = cls(
                settings,
                record,
                clock=clock,
                cameras=cameras or {},
                is_demo=is_demo,
            )
            house._know_gates()
            try:
                house.upkeep.run_if_due()
                house.upkeep.start()
                house.room.refresh()
                house.room.start()
                for name in house.gates.names():
                    house.gates.get(name)
                yield house
            finally:
                house.hub.close()
                house.gates.close()
                house.room.close()
                house.upkeep.close()

    def office(self) -> Office:
        """What the web application needs of this house."""
        return Office(
            settings=self.settings,
            clock=self.clock,
            log=self.record.visits,
            accounts=self.record.accounts,
            gates=self.gates,
            hub=self.hub,
            thermometers=self.record.thermometers,
            drafts=self.drafts,
            reports=self.reports,
            services=tuple(self.record.services.services().values()),
            receipt_page=self._receipt_page,
            camera_looks=self.gates.looks,
            thermal_sight=self.gates.thermal_sight,
            is_demo=self._is_demo,
        )

    def setup_advice(self) -> list[str]:
        """What an installer should do next; empty when nothing is left."""
        advice = []
        if not self.record.accounts.users():
            advice.append("Nobody can log in yet: gerbang user add NAME --role administrator")
        if not self.settings.gates:
            advice.append(
                "No device is configured: gates work in manual."
                " Describe [[gates]] in gerbang.toml, then: gerbang config check"
            )
        return (
            advice
            + [
                uncommissioned(gate)
                for gate in self.settings.gates_without_offset
                if self.record.thermometers.commissioning(gate.name) is None
            ]
            + may_swap(self.settings)
        )

    def _forget_what_is_not_in_the_record(self, now: datetime) -> None:
        """Pictures whose consent is over, reports with staff's degrees, and unfinished ones.

        Raises RecordError where a file cannot be read or deleted; all others are done.
        """
        today = start_of_day(now, self.settings.site.zone)
        pictures = PictureFolders(self.settings.data)
        tasks: tuple[Callable[[], object], ...] = (
            lambda: self.drafts.forget_before(min(today, now - DRAFT_GRACE)),
            lambda: self.reports.forget(now),
            lambda: pictures.delete_expired(now),
        )
        troubles = []
        for task in tasks:
            try:
                task()
            except RecordError as error:
                troubles.append(str(error))
            except OSError as error:
                troubles.append(f"{error.filename}: {error.strerror}")
        if troubles:
            raise RecordError("; ".join(troubles))

    def _know_gates(self) -> None:
        """Write configured gates into the record; an office without any gets its first one."""
        known = {gate.name for gate in self.record.accounts.gates()}
        default = frozenset(self.settings.policy.checks)
        for gate in self.settings.gates:
            if gate.name not in known:
                checks = default if gate.checks is None else frozenset(gate.checks)
                self.record.accounts.add_gate(Gate(gate.name, checks, token_hash=None))
        if not known and not self.settings.gates:
            self.record.accounts.add_gate(Gate(FIRST_GATE, default, token_hash=None))

    def _receipt_page(self, number: str) -> ReceiptPage | None:
        """A receipt of this office by its number; its token is signed anew with today's key."""
        claims = self.desk.read(number, at=self.clock.now())
        if isinstance(claims, Reason) or claims.issuer != self.keys.signing.issuer:
            return None
        use = self.record.receipts.use_of(claims.issuer, claims.number, since=claims.not_before)
        return ReceiptPage(
            number=claims.number,
            token=sign(claims, self.keys.signing),
            service=claims.service,
            party_size=claims.party_size,
            not_before=claims.not_before,
            expires=claims.expires,
            is_revoked=use.revoked,
        )
