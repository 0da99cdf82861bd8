"""The director against a gate that answers at once; its waiting only moves a clock on."""

from __future__ import annotations

import logging
import random
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, cast

import pytest

from dashboard.bootstrap import RunningOffice
from dashboard.demo.director import Director
from dashboard.demo.hardware import GateHardware
from dashboard.demo.scenarios import OPENING, SCENARIOS, by_name
from screening.decision import DecisionKind, Reason
from screening.errors import ReceiptError
from screening.gate.commands import AdmitEmergency, Clear, Command, ExitButton, ExitScan

CAPACITY = 12
NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
PATIENCE_S = 60.0


@dataclass
class FakeTime:
    """Both the clock and the event to wait on: a wait takes no time but moves the clock."""

    now_s: float = 0.0

    def monotonic_s(self) -> float:
        return self.now_s


class JumpingEvent(threading.Event):
    def __init__(self, time: FakeTime) -> None:
        super().__init__()
        self._time = time

    def wait(self, timeout: float | None = None) -> bool:
        self._time.now_s += timeout or 0.0
        return self.is_set()


@dataclass
class FakeGate:
    """Admits everybody for whom there is room, whatever they bring."""

    verdict: SimpleNamespace | None = None
    occupancy: int = 0
    verdicts: int = 0
    told: list[Reason] = field(default_factory=list)
    history: list[int] = field(default_factory=list)
    watch: Callable[[FakeGate], None] = lambda gate: None

    def view(self) -> SimpleNamespace:
        return SimpleNamespace(verdict=self.verdict, occupancy=self.occupancy, capacity=CAPACITY)

    def scan(self, token: str) -> None:
        has_room = self.occupancy < CAPACITY
        self.occupancy += has_room
        self.verdicts += 1
        self.verdict = SimpleNamespace(
            attempt_id=str(self.verdicts),
            kind=DecisionKind.ADMIT if has_room else DecisionKind.WAIT,
            reason=Reason.ADMITTED if has_room else Reason.ROOM_FULL,
            until_ready_s=None,
            ticket=f"A-{self.verdicts:03}" if has_room else None,
        )
        self._happened()

    def do(self, command: Command[Any]) -> bool | None:
        if isinstance(command, AdmitEmergency):
            self.scan("")
        elif isinstance(command, Clear):
            self.verdict = None
        elif isinstance(command, ExitScan | ExitButton):
            self.occupancy -= 1
            self._happened()
            return True
        return None

    def _happened(self) -> None:
        if self.verdict is not None:
            self.told.append(self.verdict.reason)
        self.history.append(self.occupancy)
        self.watch(self)


class FakeDesk:
    """Issues receipts, after the troubles it was given."""

    def __init__(self, *troubles: Exception) -> None:
        self._troubles = list(troubles)

    def issue(self, *_: object, **__: object) -> SimpleNamespace:
        if self._troubles:
            raise self._troubles.pop(0)
        return SimpleNamespace(token="GB1:000000", number="1", claims=SimpleNamespace(issuer="DKC"))


def director(
    gate: FakeGate, desk: FakeDesk, *, speed: float = 1.0, time: FakeTime | None = None
) -> Director:
    time = time or FakeTime()

    def nothing(*_: object) -> None: ...

    device = SimpleNamespace(unplug=nothing, plug_in=nothing, scan=gate.scan)
    hardware = SimpleNamespace(
        name="utama",
        scanner=device,
        thermometer=device,
        stand_in_front=nothing,
        change_looks=nothing,
        leave=nothing,
    )
    running = SimpleNamespace(
        clock=SimpleNamespace(monotonic_s=time.monotonic_s, now=lambda: NOW),
        settings=SimpleNamespace(site=SimpleNamespace(zone=UTC)),
        gates=SimpleNamespace(get=lambda name: gate),
        desk=desk,
        record=SimpleNamespace(receipts=SimpleNamespace(revoke=lambda *_, **__: None)),
    )
    return Director(
        cast(RunningOffice, running),
        cast(GateHardware, hardware),
        speed=speed,
        chance=random.Random(1),
        closing=JumpingEvent(time),
    )


@pytest.mark.parametrize("speed", [0.5, 1.0, 20.0, 1000.0])
def test_the_room_fills_turns_people_away_and_empties_again_at_any_speed(speed: float) -> None:
    gate, enough = FakeGate(), threading.Event()

    def watch(gate: FakeGate) -> None:
        if CAPACITY in gate.history:
            later = gate.history[gate.history.index(CAPACITY) :]
            low = [place for place, inside in enumerate(later) if inside <= CAPACITY // 3]
            if low and CAPACITY in later[low[0] :]:
                enough.set()

    gate.watch = watch
    play = director(gate, FakeDesk(), speed=speed)
    play.start()
    try:
        assert enough.wait(PATIENCE_S)
    finally:
        play.close()
    assert Reason.ROOM_FULL in gate.told
    assert gate.history.index(CAPACITY) < 40


def test_people_from_before_a_restart_are_seen_out_when_the_room_is_full() -> None:
    gate, enough = FakeGate(occupancy=CAPACITY), threading.Event()
    gate.watch = lambda gate: enough.set() if Reason.ADMITTED in gate.told else None
    play = director(gate, FakeDesk())
    play.start()
    try:
        assert enough.wait(PATIENCE_S)
    finally:
        play.close()


def test_the_show_goes_on_after_any_error(caplog: pytest.LogCaptureFixture) -> None:
    gate, enough = FakeGate(), threading.Event()
    gate.watch = lambda gate: enough.set()
    troubles = (TimeoutError("no answer"), ReceiptError("not today"), KeyError("a bug"))
    play = director(gate, FakeDesk(*troubles))
    with caplog.at_level(logging.WARNING):
        play.start()
        try:
            assert enough.wait(PATIENCE_S)
        finally:
            play.close()
    told = [record.exc_info[0] for record in caplog.records if record.exc_info]
    assert told[:2] == [TimeoutError, KeyError]


def test_every_kind_of_visitor_of_the_opening_is_known() -> None:
    assert {by_name(name) for name in OPENING} <= set(SCENARIOS)


def test_while_it_is_paused_nobody_comes() -> None:
    gate, again, time = FakeGate(), threading.Event(), FakeTime()
    play = director(gate, FakeDesk(), time=time)
    play.start()
    try:
        play.pause()
        came, later_s = gate.verdicts, time.now_s + 1000
        while time.now_s < later_s:
            pass
        assert gate.verdicts == came
        gate.watch = lambda gate: again.set()
        play.resume()
        assert again.wait(PATIENCE_S)
    finally:
        play.close()
