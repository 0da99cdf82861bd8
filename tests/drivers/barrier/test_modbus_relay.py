from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from drivers.barrier.modbus_relay import (
    ModbusRelayBoard,
    RelayRefused,
    encode_off,
    encode_pulse,
    encode_question,
)
from drivers.modbus import is_sealed, seal
from screening.errors import AdapterEchoes, DeviceProtocolError, DeviceTimeout
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


OFF = bytes.fromhex("01 05 00 00 00 00 CD CA")
QUESTION = bytes.fromhex("01 01 00 00 00 01 FD CA")
STATE = seal(bytes.fromhex("01 01 01 00"))


class Line:
    """A line that answers what is written by a rule; its bytes are read in one piece."""

    port = "/dev/ttyUSB9"

    def __init__(self, answer: Callable[[bytes], bytes], *, echoes: bool = False) -> None:
        self._answer = answer
        self._echoes = echoes
        self._waiting = b""
        self.written: list[bytes] = []

    def open(self) -> None:
        """Open from the beginning."""

    def read_chunk(self, timeout_s: float) -> bytes:
        chunk, self._waiting = self._waiting, b""
        return chunk

    def write(self, wire: bytes) -> None:
        self.written.append(wire)
        self._waiting += (wire if self._echoes else b"") + self._answer(wire)

    def close(self) -> None:
        """Nothing to close."""


def alive(command: bytes) -> bytes:
    return STATE if command[1] == 1 else command


def dead(command: bytes) -> bytes:
    return b""


def refusing(command: bytes) -> bytes:
    return seal(bytes((command[0], command[1] | 0x80, 2)))


noise = st.one_of(
    st.binary(max_size=12),
    st.lists(
        st.sampled_from(
            [
                b"\xff",
                b"\x00\x00",
                OFF[:5],
                STATE[:4],
                seal(bytes.fromhex("02 05 02 00 00 07")),
                seal(bytes.fromhex("02 85 02")),
                seal(bytes.fromhex("01 03 02 01 6D")),
                seal(bytes.fromhex("02 01 01 01")),
            ]
        ),
        max_size=4,
    ).map(b"".join),
)


class TestNoise:
    @settings(deadline=None)
    @given(before=noise, behind=noise, echoes=st.booleans())
    def test_around_a_sealed_answer_is_skipped(
        self, before: bytes, behind: bytes, echoes: bool
    ) -> None:
        def answer(command: bytes) -> bytes:
            return before + alive(command) + behind

        line, one = Line(answer, echoes=echoes), board()
        one.switch_off(line)
        one.check(line)
        one.pulse(line)
        assert line.written[0] == OFF
        assert line.written[-1] == PULSE

    @settings(deadline=None)
    @given(heard=noise, is_off_answered=st.booleans())
    def test_alone_never_opens(self, heard: bytes, is_off_answered: bool) -> None:
        def answer(command: bytes) -> bytes:
            return alive(command) if is_off_answered and command != PULSE else heard

        line, one = Line(answer), board()
        if is_off_answered:
            one.switch_off(line)
        with pytest.raises((DeviceTimeout, DeviceProtocolError)):
            one.pulse(line)

    @settings(deadline=None)
    @given(at=st.integers(1, 7), inside=st.binary(min_size=1, max_size=4))
    def test_inside_an_answer_breaks_it(self, at: int, inside: bytes) -> None:
        broken = PULSE[:at] + inside + PULSE[at:]
        assume(PULSE not in broken)
        with pytest.raises((DeviceTimeout, DeviceProtocolError)):
            board().pulse(Line(lambda _: broken))

    def test_that_never_ends_is_given_up(self) -> None:
        class Babbling(Line):
            def read_chunk(self, timeout_s: float) -> bytes:
                return b"\x55" if timeout_s else b""

        with pytest.raises(DeviceProtocolError, match="answered 55 55"):
            board().pulse(Babbling(dead))


class TestAnAdapterThatEchoes:
    def test_makes_no_dead_board_available_and_is_named_with_what_to_do(self) -> None:
        with pytest.raises(AdapterEchoes, match=r"echoes what is sent: switch its local echo off"):
            board().switch_off(Line(dead, echoes=True))

    def test_is_put_up_with_where_the_board_answers_as_well(self) -> None:
        line, one = Line(alive, echoes=True), board()
        one.switch_off(line)
        one.pulse(line)
        one.check(line)
        one.switch_off(line)

    def test_alone_is_no_answer_to_a_pulse(self) -> None:
        answers = [OFF, STATE, OFF, b""]
        line, one = Line(lambda _: answers.pop(0), echoes=True), board()
        one.switch_off(line)
        with pytest.raises(AdapterEchoes):
            one.pulse(line)

    def test_alone_is_no_answer_to_the_look_whether_the_board_is_there(self) -> None:
        with pytest.raises(AdapterEchoes):
            board().check(Line(dead, echoes=True))

    def test_late_is_noticed_when_it_comes(self) -> None:
        answers = [OFF, b"", QUESTION + PULSE]  # of a dead board; the second echo was held up
        line, one = Line(lambda _: answers.pop(0)), board()
        one.switch_off(line)
        with pytest.raises(AdapterEchoes):
            one.pulse(line)

    def test_and_a_refusal_is_a_refusal(self) -> None:
        with pytest.raises(RelayRefused):
            board().switch_off(Line(refusing, echoes=True))
        answers = [OFF, STATE, OFF, refusing(PULSE)]
        line, one = Line(lambda _: answers.pop(0), echoes=True), board()
        one.switch_off(line)
        with pytest.raises(RelayRefused):
            one.pulse(line)

    def test_that_was_replaced_by_one_that_does_not_is_noticed(self) -> None:
        one = board()
        one.switch_off(Line(alive, echoes=True))
        one.switch_off(Line(alive))
        line = Line(alive)
        one.switch_off(line)
        one.pulse(line)

    @pytest.mark.parametrize("echoes", [False, True], ids=["no-echo", "echo"])
    @pytest.mark.parametrize("reading", [dead, refusing], ids=["silent", "refused"])
    def test_is_told_from_a_board_that_knows_no_reading(
        self, reading: Callable[[bytes], bytes], echoes: bool
    ) -> None:
        state = {"answers": True}

        def answer(command: bytes) -> bytes:
            if not state["answers"]:
                return b""
            return command if command[1] == 5 else reading(command)

        line, one = Line(answer, echoes=echoes), board()
        one.switch_off(line)
        one.check(line)
        one.pulse(line)
        state["answers"] = False
        with pytest.raises(DeviceTimeout):
            one.pulse(line)


def test_a_board_that_answered_reading_once_is_missed_when_it_falls_silent() -> None:
    answers = [OFF, STATE, b""]
    line, one = Line(lambda _: answers.pop(0)), board()
    one.switch_off(line)
    with pytest.raises(DeviceTimeout):
        one.check(line)
