"""The running gates, each built of its configuration and its devices."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from drivers import building
from screening.accounts import KnownAccounts
from screening.clock import Clock
from screening.decision import Check
from screening.errors import EvaluationError, NotOwner, SettingsError, UnknownGate
from screening.events import GateChanged
from screening.gate.claims import Claims
from screening.gate.dependencies import LaneDependencies
from screening.gate.lane import Lane
from screening.gate.ownership import GateOwners, OwnedBarrier, OwnedLog, Ownership
from screening.gate.policy import Policy
from screening.gate.runner import GateRunner
from screening.gate.thermal import ThermalSight
from screening.office.facts import OfficeFacts
from screening.ports import Barrier, Camera, Device
from screening.receipts.token import is_cut
from screening.record import Record
from screening.settings import GateSettings, Settings
from screening.temperature.affine_mapping import AffineMapping
from screening.temperature.instrument.care import Instrument, ThermometerCare
from screening.temperature.instrument.commissioning import ThermometerLog
from screening.vision.check import MaskCheck
from screening.vision.commissioning import Look
from screening.vision.last_layer import LastLayer
from screening.vision.masks import shipped_last_layer
from screening.vision.watcher import CameraWatcher
from screening.vision.window import MaskWindow

NOT_OF_THE_DEVICE = {
    "distance_table",
    "face_fills_picture_cm",
    "face_mapping",
    "is_checked_daily",
    "keeps_power",
    "room_celsius",
}
"""What the configuration says of a thermometer that its driver need not know."""

CLOSING_S = 5.0
"""Gates may finish for so long what they have begun: as long as another holds SQLite's file."""

CameraSource = Callable[[Clock], Camera]


@dataclass(frozen=True, slots=True)
class GateChoice:
    """Which gates a process wants to run: the named ones, or ALL, or CONFIGURED."""

    named: frozenset[str] = frozenset()
    is_all: bool = False
    is_configured: bool = False

    def of(self, settings: Settings) -> Collection[str] | None:
        """Their names, None for every gate: CONFIGURED is that where no gate is configured."""
        if self.is_all or (self.is_configured and not settings.gates):
            return None
        return {gate.name for gate in settings.gates} if self.is_configured else self.named


ALL = GateChoice(is_all=True)
CONFIGURED = GateChoice(is_configured=True)


class GateRegistry:
    """The gates of the office. Those that this process wants and has got run here.

    ``wanted`` None wants every gate; one that was added while the office runs is taken when first
    asked for.
    """

    def __init__(
        self,
        settings: Settings,
        record: Record,
        known: KnownAccounts,
        dependencies: LaneDependencies,
        cameras: Mapping[str, CameraSource],
        *,
        owners: GateOwners,
        wanted: Collection[str] | None,
    ) -> None:
        self._settings = settings
        self._record = record
        self._known = known
        self._dependencies = dependencies
        self._cameras = cameras
        self._owners = owners
        self._wanted = wanted
        self._claims = Claims(owners, begin=self._begin, end=self._end)
        self._runners: dict[str, GateRunner] = {}
        self._watches: dict[str, _Watch] = {}
        self._thermals: dict[str, ThermalSight] = {}

    def check_wanted(self) -> None:
        """Raises UnknownGate where a gate is wanted that does not exist."""
        names = self.names()
        unknown = sorted(set(self._wanted or ()).difference(names))
        if unknown:
            known = ", ".join(names) or "none"
            raise UnknownGate(f"there is no gate {', '.join(unknown)}; known: {known}")

    def start(self) -> None:
        """Begin the wanted gates that nobody runs, and wait for the others."""
        for name in self.names():
            if self._is_wanted(name):
                self._claims.add(name)
        self._claims.start()

    def names(self) -> list[str]:
        """Every gate of the office, in order of name."""
        return [gate.name for gate in self._known.gates()]

    def unwanted(self) -> list[str]:
        """Gates of the office that this process leaves to others, in order of name."""
        return [name for name in self.names() if not self._is_wanted(name)]

    def get(self, name: str) -> GateRunner:
        """The running gate. Raises UnknownGate, NotOwner, and RecordError.

        Only of a gate that runs here the answer comes without asking the record.
        """
        runner = self._runners.get(name)
        if runner is None:
            self._require(name)
            if self._is_wanted(name):
                self._claims.add(name)
                runner = self._runners.get(name)
        if runner is not None:
            return runner
        owner = self._owners.owner(name)
        if owner is None:
            raise NotOwner(name)
        raise NotOwner(name, machine=owner.machine, address=owner.address)

    def running(self, name: str) -> GateRunner | None:
        """The gate where it runs in this process; never waits."""
        return self._runners.get(name)

    def looks(self, name: str) -> Sequence[Look]:
        """What the camera of a running gate showed in the last seconds; nothing without one."""
        watch = self._watches.get(name)
        return () if watch is None else watch.looks()

    def pictures_judged(self, name: str) -> int:
        """How many pictures of a running gate's camera the mask check has looked at."""
        watch = self._watches.get(name)
        return 0 if watch is None else watch.pictures_judged()

    def thermal_sight(self, name: str) -> ThermalSight | None:
        """What a running gate's thermal array sees."""
        return self._thermals.get(name)

    def stop_removed(self, facts: OfficeFacts) -> None:
        """Stop the gates that the office does not have any more."""
        for name in self._runners.keys() - facts.gates.keys():
            self._claims.drop(name)

    def close(self) -> None:
        """Stop every gate, and then let other processes take them.

        A gate that hangs in the record is given up after ``CLOSING_S``, its devices are closed.
        """
        self._claims.stop()
        for runner in self._runners.values():
            runner.stop()
        until_s = time.monotonic() + CLOSING_S
        for runner in self._runners.values():
            runner.close(max(0.0, until_s - time.monotonic()))
        self._runners.clear()
        self._claims.release()

    def _is_wanted(self, name: str) -> bool:
        return self._wanted is None or name in self._wanted

    def _require(self, name: str) -> None:
        facts = self._record.facts
        if name not in facts.current().gates:
            facts.refresh()  # it may have been added just now
            if name not in facts.current().gates:
                raise UnknownGate(f"there is no gate {name!r}")

    def _begin(self, name: str, ownership: Ownership) -> None:
        self._require(name)
        runner = self._build(name, ownership)
        runner.start()
        self._runners[name] = runner

    def _end(self, name: str) -> None:
        runner = self._runners.pop(name)
        version = runner.view().version
        runner.abandon()
        # Pages that follow it look again, and find it gone.
        self._dependencies.hub.publish(GateChanged(name, version + 1))

    def _build(self, name: str, ownership: Ownership) -> GateRunner:
        configured = self._configured(name)
        settings = GateSettings(name=name) if configured is None else configured
        watch = self._watches[name] = _Watch()
        thermal = self._thermals[name] = ThermalSight(face_mapping(settings))
        checks = partial(self._checks_of, name)
        return build_gate(
            settings,
            policy=Policy.of(self._settings.policy, checks()),
            checks=checks,
            dependencies=replace(
                self._dependencies,
                thermal=thermal,
                log=OwnedLog.of(self._dependencies.log, ownership),
            ),
            ownership=ownership,
            watch=watch,
            thermometers=self._record.thermometers,
            camera_source=self._cameras.get(name),
        )

    def _configured(self, name: str) -> GateSettings | None:
        return next((found for found in self._settings.gates if found.name == name), None)

    def _checks_of(self, name: str) -> frozenset[Check]:
        """What the gate asks for now."""
        return self._record.facts.current().checks_of(name)


def build_gate(
    settings: GateSettings,
    *,
    policy: Policy,
    checks: Callable[[], frozenset[Check]],
    dependencies: LaneDependencies,
    ownership: Ownership,
    watch: _Watch,
    thermometers: ThermometerLog,
    camera_source: CameraSource | None = None,
) -> GateRunner:
    """One gate with its devices, not started; ``camera_source`` replaces the configured one."""
    clock = dependencies.clock
    devices: list[Device] = []
    barrier: Barrier | None = None
    if settings.thermometer is not None:
        thermometer = settings.thermometer.model_dump(exclude=NOT_OF_THE_DEVICE)
        devices.append(building.thermometer(**thermometer, monotonic_s=clock.monotonic_s))
    if settings.scanner is not None and settings.scanner.model != "keyboard":
        scanner = settings.scanner.model_dump()
        devices.append(building.scanner(**scanner, is_cut=is_cut, monotonic_s=clock.monotonic_s))
    if settings.barrier is not None:
        relay = settings.barrier.model_dump()
        relays = building.barrier(**relay, monotonic_s=clock.monotonic_s)
        barrier = OwnedBarrier(relays, ownership)
        devices.append(barrier)
    if settings.people_counter is not None:
        counter = settings.people_counter.model_dump()
        devices.append(building.people_counter(**counter, monotonic_s=clock.monotonic_s))
    camera = _camera(settings, clock, camera_source)
    if camera is not None:
        devices.append(camera)
    lane = Lane(
        settings.name,
        policy=policy,
        configured=frozenset(device.kind for device in devices),
        dependencies=replace(dependencies, barrier=barrier, on_next_visitor=watch.next_visitor),
        care=care_of(settings, policy, dependencies, thermometers),
        checks=checks,
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
            reads_codes=lambda: Check.RECEIPT in checks(),
        )
    return runner


def care_of(
    settings: GateSettings, policy: Policy, dependencies: LaneDependencies, log: ThermometerLog
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
    return ThermometerCare(instrument, log=log, clock=dependencies.clock, zone=dependencies.zone)


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

    def pictures_judged(self) -> int:
        return 0 if self.watcher is None else self.watcher.pictures_judged
