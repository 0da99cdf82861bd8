from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from drivers.barrier.device import RelayBoard, RelayConversation, SerialBarrier
from drivers.barrier.lcus1 import Lcus1Board, encode
from drivers.barrier.modbus_relay import ModbusRelayBoard, encode_pulse
from drivers.health import Backoff
from drivers.simulated.relay import SimulatedLcus1, SimulatedRelay
from drivers.wire import Link
from screening.errors import DeviceUnavailable
from screening.readings import DeviceKind
from tests.drivers.support import PATIENCE_S, Recorder, ScriptedLink, SettableClock, lost

ON, OFF = encode(1, is_on=True), encode(1, is_on=False)
PULSE_S = 0.05


def barrier(board: RelayBoard, port: str) -> SerialBarrier:
    return SerialBarrier(
        board=board,
        pulse_s=PULSE_S,
        port=port,
        monotonic_s=time.monotonic,
        backoff=Backoff(first_s=0.02, ceiling_s=0.05),
    )


class Wired:
    """A real driver on a simulated board."""

    def __init__(self, simulated: SimulatedLcus1 | SimulatedRelay, board: RelayBoard) -> None:
        self.simulated = simulated
        self.heard = Recorder()
        self.device = barrier(board, simulated.path)
        self.device.start(self.heard.on_reading, self.heard.on_availability)
        self.heard.wait_available(True)

    def close(self) -> None:
        self.device.close()
        self.simulated.close()

    def replug(self) -> None:
        downs = sum(not told.available for told in self.heard.availabilities)
        self.simulated.unplug()
        self.heard.wait_available(False, times=downs + 1)
        self.simulated.plug_in()
        self.heard.wait_available(True, times=downs + 2)

    def wait_told(self, count: int) -> list[bytes]:
        assert self.simulated.wait_for(lambda commands: len(commands) >= count, PATIENCE_S)
        return [command.raw for command in self.simulated.commands]


@pytest.fixture
def lcus() -> Iterator[Wired]:
    bench = Wired(SimulatedLcus1(time.monotonic), Lcus1Board(channel=1, pulse_s=PULSE_S))
    yield bench
    bench.close()


@pytest.fixture
def modbus() -> Iterator[Wired]:
    simulated = SimulatedRelay(time.monotonic)
    bench = Wired(simulated, ModbusRelayBoard(unit=1, channel=1, pulse_s=0.1))
    yield bench
    bench.close()


class TestLcus1:
    def test_starts_with_off_and_closes_with_off(self, lcus: Wired) -> None:
        assert lcus.wait_told(1) == [OFF]
        lcus.device.close()
        assert lcus.wait_told(2) == [OFF, OFF]

    def test_switches_on_and_off_again_for_a_decision(self, lcus: Wired) -> None:
        lcus.device.open_once("d1")
        assert lcus.wait_told(3) == [OFF, ON, OFF]
        assert not lcus.simulated.is_on()

    def test_the_same_decision_does_not_pulse_again(self, lcus: Wired) -> None:
        lcus.device.open_once("d1")
        lcus.device.open_once("d1")
        lcus.device.open_once("d2")
        assert lcus.wait_told(5) == [OFF, ON, OFF, ON, OFF]

    def test_never_repeats_the_pulse_after_a_reconnect_but_repeats_off(self, lcus: Wired) -> None:
        lcus.device.open_once("d1")
        lcus.wait_told(3)
        lcus.replug()
        lcus.device.open_once("d1")
        assert lcus.wait_told(4) == [OFF, ON, OFF, OFF]

    def test_refuses_while_unplugged_and_does_not_open_later(self, lcus: Wired) -> None:
        lcus.wait_told(1)
        lcus.simulated.unplug()
        lcus.heard.wait_available(False)
        with pytest.raises(DeviceUnavailable, match="not connected; nothing was sent"):
            lcus.device.open_once("d1")
        lcus.simulated.plug_in()
        lcus.heard.wait_available(True, times=2)
        with pytest.raises(DeviceUnavailable, match="nothing was sent"):
            lcus.device.open_once("d1")
        assert lcus.wait_told(2) == [OFF, OFF]
        lcus.device.open_once("d2")
        assert lcus.wait_told(4) == [OFF, OFF, ON, OFF]

    def test_notices_being_unplugged_though_nothing_is_said(self, lcus: Wired) -> None:
        lcus.simulated.unplug()
        lcus.heard.wait_available(False)
        assert lcus.device.kind is DeviceKind.BARRIER


class TestModbusRelay:
    def test_sends_one_timed_pulse_and_no_off_behind_it(self, modbus: Wired) -> None:
        modbus.device.open_once("d1")
        modbus.device.open_once("d1")
        assert isinstance(modbus.simulated, SimulatedRelay)
        assert [command.raw for command in modbus.simulated.pulses()] == [encode_pulse(1, 0, 0.1)]
        told = [raw[:4].hex() for raw in modbus.wait_told(3)]
        assert told == ["01050000", "01010000", "01050200"]

    def test_an_unanswered_pulse_is_told_and_never_sent_again(self, modbus: Wired) -> None:
        assert isinstance(modbus.simulated, SimulatedRelay)
        modbus.simulated.is_mute = True
        with pytest.raises(DeviceUnavailable, match="did not answer"):
            modbus.device.open_once("d1")
        modbus.heard.wait_available(False)
        modbus.simulated.is_mute = False
        modbus.heard.wait_available(True, times=2)
        with pytest.raises(DeviceUnavailable, match="did not answer"):
            modbus.device.open_once("d1")
        assert len(modbus.simulated.pulses()) == 1

    def test_never_repeats_the_pulse_after_a_reconnect(self, modbus: Wired) -> None:
        assert isinstance(modbus.simulated, SimulatedRelay)
        modbus.device.open_once("d1")
        modbus.replug()
        modbus.device.open_once("d1")
        assert len(modbus.simulated.pulses()) == 1

    def test_is_unavailable_when_the_board_behind_the_adapter_is_dead(self) -> None:
        with SimulatedRelay(time.monotonic) as simulated:
            simulated.is_mute = True
            heard = Recorder()
            device = barrier(ModbusRelayBoard(unit=1, channel=1, pulse_s=0.1), simulated.path)
            device.start(heard.on_reading, heard.on_availability)
            heard.wait_available(False)
            device.close()
            assert "did not answer" in str(device.availability.last_error)

    def test_a_dead_board_behind_an_adapter_that_echoes_is_never_available(self) -> None:
        with SimulatedRelay(time.monotonic) as simulated:
            simulated.is_mute = simulated.has_echo = True
            heard = Recorder()
            device = barrier(ModbusRelayBoard(unit=1, channel=1, pulse_s=0.1), simulated.path)
            device.start(heard.on_reading, heard.on_availability)
            heard.wait_available(False)
            with pytest.raises(DeviceUnavailable):
                device.open_once("d1")
            device.close()
            assert not any(told.available for told in heard.availabilities)
            assert "the adapter echoes what is sent" in str(device.availability.last_error)

    def test_a_board_that_works_opens_through_an_adapter_that_echoes(self) -> None:
        simulated = SimulatedRelay(time.monotonic)
        simulated.has_echo = True
        bench = Wired(simulated, ModbusRelayBoard(unit=1, channel=1, pulse_s=0.1))
        bench.device.open_once("d1")
        simulated.is_mute = True
        with pytest.raises(DeviceUnavailable, match="echoes"):
            bench.device.open_once("d2")
        bench.close()


class CountingBoard:
    """Counts; ``hold_s`` as the board's pulse tells it, ``fails`` breaks the next pulse."""

    def __init__(self, hold_s: float | None) -> None:
        self.hold_s = hold_s
        self.told: list[str] = []
        self.fails = False

    def switch_off(self, link: Link) -> None:
        self.told.append("off")

    def pulse(self, link: Link) -> float | None:
        self.told.append("pulse")
        if self.fails:
            raise lost()
        return self.hold_s

    def check(self, link: Link) -> None:
        self.told.append("check")


class TestTheConversation:
    def connected(self, board: CountingBoard) -> tuple[RelayConversation, SettableClock]:
        clock = SettableClock()
        conversation = RelayConversation(board, pulse_s=0.01, monotonic_s=clock)
        conversation.begin(ScriptedLink())
        return conversation, clock

    def test_ends_the_pulse_when_its_time_has_come(self) -> None:
        board = CountingBoard(hold_s=0.01)
        conversation, clock = self.connected(board)
        conversation.open_once("d1")
        conversation.step(ScriptedLink())
        assert board.told == ["off", "pulse"]
        clock.now_s += 0.01
        conversation.step(ScriptedLink())
        assert board.told == ["off", "pulse", "off"]

    def test_asks_the_board_now_and_then_whether_it_is_there(self) -> None:
        board = CountingBoard(hold_s=None)
        conversation, clock = self.connected(board)
        conversation.step(ScriptedLink())
        clock.now_s += 5
        conversation.step(ScriptedLink())
        conversation.step(ScriptedLink())
        assert board.told == ["off", "check"]

    def test_a_failed_pulse_ends_the_connection_and_the_next_decision_is_refused(self) -> None:
        board = CountingBoard(hold_s=None)
        conversation, _ = self.connected(board)
        board.fails = True
        with pytest.raises(DeviceUnavailable, match="lost"):
            conversation.open_once("d1")
        with pytest.raises(DeviceUnavailable, match="not connected"):
            conversation.open_once("d2")
        with pytest.raises(DeviceUnavailable, match="lost"):
            conversation.step(ScriptedLink())
        assert board.told == ["off", "pulse"]

    def test_a_decision_made_during_a_pulse_gets_a_pulse_of_its_own(self) -> None:
        board = CountingBoard(hold_s=0.01)
        conversation, clock = self.connected(board)
        conversation.open_once("d1")
        second = threading.Thread(target=conversation.open_once, args=("d2",))
        second.start()
        clock.now_s += 0.01
        conversation.step(ScriptedLink())
        second.join(PATIENCE_S)
        assert board.told == ["off", "pulse", "off", "pulse"]

    def test_a_decision_is_refused_when_the_pulse_before_does_not_end(self) -> None:
        board = CountingBoard(hold_s=60)
        conversation = RelayConversation(board, pulse_s=-1, monotonic_s=SettableClock())
        conversation.begin(ScriptedLink())
        conversation.open_once("d1")
        with pytest.raises(DeviceUnavailable, match="has not ended; nothing was sent"):
            conversation.open_once("d2")
        assert board.told == ["off", "pulse"]

    def test_many_threads_with_one_decision_make_one_pulse(self) -> None:
        board = CountingBoard(hold_s=None)
        conversation, _ = self.connected(board)
        start = threading.Barrier(8)

        def decide() -> None:
            start.wait(PATIENCE_S)
            conversation.open_once("d1")

        threads = [threading.Thread(target=decide) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(PATIENCE_S)
        assert board.told == ["off", "pulse"]

    def test_forgets_only_decisions_that_are_long_past(self) -> None:
        board = CountingBoard(hold_s=None)
        conversation, _ = self.connected(board)
        for number in range(4096):
            conversation.open_once(str(number))
        conversation.open_once("0")
        assert board.told.count("pulse") == 4096
