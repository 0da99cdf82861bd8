from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from drivers.barrier import lcus1, modbus_relay
from drivers.link import SerialLink
from drivers.modbus import seal
from drivers.simulated.relay import SimulatedLcus1, SimulatedRelay
from drivers.simulated.scanner import SimulatedScanner
from tests.drivers.support import PATIENCE_S, SettableClock


def open_link(port: str) -> SerialLink:
    link = SerialLink(port, 9600, device="barrier")
    link.open()
    return link


def ask(port: str, command: bytes, length: int) -> bytes:
    link = open_link(port)
    link.write(command)
    answer = b""
    while len(answer) < length:
        chunk = link.read_chunk(PATIENCE_S)
        assert chunk
        answer += chunk
    link.close()
    return answer


@pytest.fixture
def clock() -> SettableClock:
    return SettableClock()


@pytest.fixture
def relay(clock: SettableClock) -> Iterator[SimulatedRelay]:
    with SimulatedRelay(clock) as board:
        yield board


class TestTheModbusBoard:
    def test_ends_a_pulse_by_itself(self, relay: SimulatedRelay, clock: SettableClock) -> None:
        command = modbus_relay.encode_pulse(1, 0, 0.7)
        assert ask(relay.path, command, 8) == command
        assert relay.is_on()
        clock.now_s += 0.8
        assert not relay.is_on()

    def test_tells_whether_a_relay_is_on(self, relay: SimulatedRelay) -> None:
        on = seal(bytes.fromhex("01 05 00 01 FF 00"))
        ask(relay.path, on, 8)
        answer = ask(relay.path, modbus_relay.encode_question(1, 1), 6)
        assert answer[:4] == bytes.fromhex("01 01 01 01")
        ask(relay.path, modbus_relay.encode_off(1, 1), 8)
        assert not relay.is_on(2)

    def test_refuses_what_it_does_not_know(self, relay: SimulatedRelay) -> None:
        unknown = seal(bytes.fromhex("01 06 00 00 00 01"))
        assert ask(relay.path, unknown, 5) == seal(bytes.fromhex("01 86 01"))

    def test_passes_over_noise_and_other_units(self, relay: SimulatedRelay) -> None:
        command = modbus_relay.encode_pulse(1, 0, 0.7)
        other = modbus_relay.encode_pulse(2, 0, 0.7)
        assert ask(relay.path, b"\x00\x01\x05" + other + command, 8) == command
        assert [told.raw for told in relay.pulses()] == [command]


def test_the_lcus_board_switches_each_channel_by_itself() -> None:
    with SimulatedLcus1(time.monotonic) as board:
        link = open_link(board.path)
        link.write(lcus1.encode(1, is_on=True) + lcus1.encode(2, is_on=True))
        link.write(b"\xff" + lcus1.encode(1, is_on=False))
        assert board.wait_for(lambda commands: len(commands) == 3, PATIENCE_S)
        assert (board.is_on(1), board.is_on(2)) == (False, True)
        link.close()


class TestPlugging:
    def test_twice_the_same_way_changes_nothing(self) -> None:
        with SimulatedScanner() as device:
            node = os.path.realpath(device.path)
            device.plug_in()
            assert os.path.realpath(device.path) == node
            device.unplug()
            device.unplug()
            assert not Path(device.path).exists()

    def test_what_is_sent_while_unplugged_is_lost(self) -> None:
        with SimulatedScanner() as device:
            device.unplug()
            device.scan("K-204")
            device.plug_in()
            link = open_link(device.path)
            assert link.read_chunk(0) == b""
            link.close()

    def test_a_device_that_nobody_reads_does_not_wait(self) -> None:
        with SimulatedScanner() as device:
            for _ in range(40):
                device.inject(b"x" * 1000)

    def test_nothing_is_left_behind_after_closing(self) -> None:
        device = SimulatedScanner()
        folder = Path(device.path).parent
        device.close()
        device.close()
        assert not folder.exists()
