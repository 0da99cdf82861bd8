"""The running gates, each built of its configuration and its devices."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial

from drivers import building
from screening.accounts import Gate, KnownAccounts
from screening.clock import Clock
from screening.decision import Check
from screening.errors import EvaluationError, SettingsError, UnknownGate
from screening.gate.lane import Lane
from screening.gate.parts import LaneParts
from screening.gate.policy import Policy
from screening.gate.runner import GateRunner
from screening.gate.thermal import ThermalSight
from screening.ports import Barrier, Camera, Device
from screening.record import Record
from screening.settings import GateSettings, Settings
from screening.temperature.affine_mapping import AffineMapping
from screening.temperature.care import Instrument, ThermometerCare
from screening.temperature.commissioning import ThermometerLog
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

CameraSource = Callable[[Clock], Camera]


class GateRegistry:
    """The running gates. One that was added while the office runs is built when first asked for."""

    def __init__(
        self,
        settings: Settings,
        record: Record,
        known: KnownAccounts,
        parts: LaneParts,
        cameras: Mapping[str, CameraSource],
    ) -> None:
        self._settings = settings
        self._record = record
        self._known = known
        self._parts = parts
        self._cameras = cameras
        self._lock = threading.Lock()
        self._runners: dict[str, GateRunner] = {}
        self._watches: dict[str, _Watch] = {}
        self._thermals: dict[str, ThermalSight] = {}
        self._closed = False

    def names(self) -> list[str]:
        """Every gate of the office, in order of name."""
        return [gate.name for gate in self._known.gates()]

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

    def running(self, name: str) -> GateRunner | None:
        """The gate if it runs already; never waits."""
        return self._runners.get(name)

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
        checks = partial(self._checks_of, gate.name)
        return build_gate(
            settings,
            policy=Policy.of(self._settings.policy, checks()),
            checks=checks,
            parts=replace(self._parts, thermal=thermal),
            watch=watch,
            thermometers=self._record.thermometers,
            camera_source=self._cameras.get(gate.name),
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
