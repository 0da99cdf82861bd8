from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.barrier.modbus_relay import (
    ModbusRelayBoard,
    RelayRefused,
    encode_off,
    encode_pulse,
    encode_question,
)
from drivers.modbus import is_sealed, seal
from screening.errors import DeviceProtocolError, DeviceTimeout
from tests.drivers.support import ScriptedLink

PULSE = bytes.fromhex("01 05 02 00 00 07 8D B0")


@pytest.mark.parametrize(
    "frame",
    ["01 05 00 00 FF 00 8C 3A", "01 05 00 00 00 00 CD CA", "01 05 02 00 00 07 8D B0"],
    ids=["on", "off", "pulse"],
)
def test_the_crc_is_that_of_the_documented_frames(frame: str) -> None:
    raw = bytes.fromhex(frame)
    assert seal(raw[:-2]) == raw
    assert is_sealed(raw)
    assert not is_sealed(raw[:-1] + b"\x00")


def test_encodes_the_documented_commands() -> None:
    assert encode_off(1, 0) == bytes.fromhex("01 05 00 00 00 00 CD CA")
    assert encode_pulse(1, 0, 0.7) == PULSE
    assert encode_question(1, 0) == bytes.fromhex("01 01 00 00 00 01 FD CA")


@pytest.mark.parametrize(("pulse_s", "steps"), [(0.01, 1), (0.1, 1), (0.25, 2), (10, 100)])
def test_a_pulse_is_timed_in_tenths_of_a_second(pulse_s: float, steps: int) -> None:
    assert int.from_bytes(encode_pulse(1, 0, pulse_s)[4:6], "big") == steps


@settings(deadline=None)
@given(st.binary(min_size=1, max_size=20), st.integers(0, 159))
def test_one_wrong_bit_never_passes(body: bytes, bit: int) -> None:
    frame = bytearray(seal(body))
    bit %= len(frame) * 8
    frame[bit // 8] ^= 1 << (bit % 8)
    assert not is_sealed(bytes(frame))


def board() -> ModbusRelayBoard:
    return ModbusRelayBoard(unit=1, channel=1, pulse_s=0.7)


def test_accepts_the_command_as_its_own_answer_also_in_pieces() -> None:
    link = ScriptedLink([b"", PULSE[:3], PULSE[3:]])
    assert board().pulse(link) is None
    assert link.written == [PULSE]


def test_throws_away_a_late_answer_before_it_asks() -> None:
    link = ScriptedLink([bytes.fromhex("01 05 00 00 00 00 CD CA"), PULSE])
    board().pulse(link)


def test_the_second_channel_is_relay_one_on_the_wire() -> None:
    command = encode_pulse(1, 1, 0.7)
    link = ScriptedLink([b"", command])
    ModbusRelayBoard(unit=1, channel=2, pulse_s=0.7).pulse(link)
    assert link.written == [command]
    assert command[2:4] == bytes.fromhex("02 01")


@pytest.mark.parametrize("answer", [b"", PULSE[:5]], ids=["nothing", "half"])
def test_no_whole_answer_is_a_timeout(answer: bytes) -> None:
    link = ScriptedLink([b"", answer, b""] if answer else [b"", b""])
    with pytest.raises(DeviceTimeout, match="did not answer"):
        board().pulse(link)
    assert link.written == [PULSE]


def test_a_refusal_is_told_with_its_code() -> None:
    with pytest.raises(RelayRefused, match="code 2"):
        board().pulse(ScriptedLink([b"", seal(bytes.fromhex("01 85 02"))]))


@pytest.mark.parametrize(
    "answer",
    ["01 05 02 00 00 07 8D B1", "02 05 02 00 00 07 8D 83", "01 05 00 00 00 00 CD CA"],
    ids=["bad-crc", "other-unit", "other-command"],
)
def test_an_answer_to_something_else_is_told_as_it_came(answer: str) -> None:
    with pytest.raises(DeviceProtocolError, match="answered 0"):
        board().switch_off(ScriptedLink([b"", bytes.fromhex(answer)[:-1] + b"\x00"]))


class TestCheck:
    def test_is_content_with_the_state_of_the_relay(self) -> None:
        board().check(ScriptedLink([b"", seal(bytes.fromhex("01 01 01 00"))]))

    def test_is_content_with_a_board_that_does_not_know_the_question(self) -> None:
        board().check(ScriptedLink([b"", seal(bytes.fromhex("01 81 01"))]))

    def test_is_not_content_with_silence(self) -> None:
        with pytest.raises(DeviceTimeout):
            board().check(ScriptedLink([b"", b""]))

    def test_is_not_content_with_noise(self) -> None:
        with pytest.raises(DeviceProtocolError):
            board().check(ScriptedLink([b"", b"\x00" * 6]))
