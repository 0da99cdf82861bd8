"""Modbus-RTU relay boards (Waveshare and the many boards that copy it).

Wire (8N1, 9600 baud, unit 1 as delivered), CRC-16/MODBUS low byte first behind every frame::

    01 05 00 00 FF 00 8C 3A    relay 0 on                 01 05 00 00 00 00 CD CA    relay 0 off
    01 05 02 00 00 07 8D B0    relay 0 on for 7 x 100 ms, timed by the board itself
    01 01 00 00 00 01 FD CA    is relay 0 on?  ->  01 01 01 0s CRC

The answer to function 05 repeats the command; ``unit 85 code CRC`` (81 for function 01) refuses it.
What stands around a sealed answer is noise, or a frame of another unit, and is passed over.

Some RS-485 adapters echo what is sent, and an echoed function 05 looks like its answer. The answer
to function 01 is shorter than its question. So each new line is asked that once: where the question
comes back, every command is done only when its echo *and* its answer have come.

The timed pulse is the only way we open: when the computer dies in the middle the gate still closes.
A command without an answer may have been carried out, so it is never sent a second time.
"""

from __future__ import annotations

from collections.abc import Callable

from drivers.modbus import REFUSED, find_sealed, seal
from drivers.wire import ECHO_ADVICE, Link
from screening.errors import AdapterEchoes, DeviceProtocolError, DeviceTimeout

BAUD_RATE = 9600
_READ_COILS = 0x01
_WRITE_COIL = 0x05
_PULSE_ADDRESS = 0x0200
_PULSE_STEP_S = 0.1
_LONGEST_PULSE = 0x7FFF
_ANSWER_S = 0.5  # boards answer within 20 ms; RS-485 adapters add their own 16 ms
_LONGEST_WAIT_S = 1.5  # for one answer, however much noise comes instead
_MOST_NOISE = 256  # bytes around one answer; a quarter of a second of nothing else
_TOLD_BYTES = 16
_REFUSAL_LENGTH = 5
_STATE_LENGTH = 6


def encode_off(unit: int, relay: int) -> bytes:
    """Switch a relay (from 0) off."""
    return seal(bytes((unit, _WRITE_COIL, 0, relay, 0, 0)))


def encode_pulse(unit: int, relay: int, pulse_s: float) -> bytes:
    """Switch a relay (from 0) on for ``pulse_s``, rounded to tenths of a second, one at least."""
    steps = min(max(1, round(pulse_s / _PULSE_STEP_S)), _LONGEST_PULSE)
    address = _PULSE_ADDRESS + relay
    return seal(bytes((unit, _WRITE_COIL)) + address.to_bytes(2, "big") + steps.to_bytes(2, "big"))


def encode_question(unit: int, relay: int) -> bytes:
    """Ask whether a relay (from 0) is on."""
    return seal(bytes((unit, _READ_COILS, 0, relay, 0, 1)))


class ModbusRelayBoard:
    """One relay of a board. Without an answer DeviceTimeout is raised, for noise in its place
    DeviceProtocolError; RelayRefused and AdapterEchoes are of these kinds.

    ``monotonic_s`` ends the wait on a line that is never quiet.
    """

    def __init__(
        self,
        *,
        unit: int,
        channel: int,
        pulse_s: float,
        monotonic_s: Callable[[], float] = lambda: 0.0,
    ) -> None:
        self._unit = unit
        self._relay = channel - 1
        self._pulse_s = pulse_s
        self._monotonic_s = monotonic_s
        self._line: Link | None = None
        self._has_echo = False
        self._is_never_read = False

    @property
    def has_echo(self) -> bool:
        """Whether the line that was met last repeats what is sent."""
        return self._has_echo

    def switch_off(self, link: Link) -> None:
        """Also finds out, on a line it has not met before, whether that echoes."""
        is_new = link is not self._line
        if is_new:
            self._line, self._has_echo, self._is_never_read = link, False, False
        off = encode_off(self._unit, self._relay)
        self._write(link, off)
        if is_new:
            self._meet(link)
            if self._has_echo:
                self._write(link, off)  # what seemed to answer the first one was its echo

    def pulse(self, link: Link) -> float | None:
        """None: the board ends the pulse itself."""
        self._write(link, encode_pulse(self._unit, self._relay, self._pulse_s))
        return None

    def check(self, link: Link) -> None:
        """It answers; boards that refuse the question, or have never known it, are there too."""
        try:
            self._read(link)
        except RelayRefused:
            self._is_never_read = False
        except (_Silence, AdapterEchoes):
            if not self._is_never_read:
                raise
        else:
            self._is_never_read = False

    def _meet(self, link: Link) -> None:
        """Some boards never answer this question. Nothing at all tells that nothing echoes."""
        try:
            self._read(link)
        except RelayRefused:
            return
        except (_Silence, AdapterEchoes):
            self._is_never_read = True

    def _write(self, link: Link, command: bytes) -> None:
        self._ask(link, command, lambda heard: heard.count(command) >= (2 if self._has_echo else 1))

    def _read(self, link: Link) -> None:
        question = encode_question(self._unit, self._relay)
        begin = question[:2] + b"\x01"
        self._ask(
            link, question, lambda heard: find_sealed(heard, begin, _STATE_LENGTH) is not None
        )

    def _ask(self, link: Link, command: bytes, is_answer: Callable[[bytes], bool]) -> None:
        # A late answer to an earlier command is no answer to this one.
        self._look_for_echo(link.read_chunk(0))
        link.write(command)
        heard = self._listen(link, command, is_answer)
        if is_answer(heard):
            return
        if self._has_echo and command in heard:
            raise AdapterEchoes(
                f"the relay board does not answer, and {ECHO_ADVICE}; then look at the board's"
                " power, wiring and unit",
                device="barrier",
                port=link.port,
            )
        if not heard:
            raise _Silence("the relay board did not answer", device="barrier", port=link.port)
        if len(heard) < _STATE_LENGTH:
            raise DeviceTimeout(
                f"the relay board did not answer ({len(heard)} bytes came)",
                device="barrier",
                port=link.port,
            )
        raise DeviceProtocolError(
            f"the relay board answered {heard[-_TOLD_BYTES:].hex(' ')}",
            device="barrier",
            port=link.port,
        )

    def _look_for_echo(self, heard: bytes) -> None:
        """The question is no answer to anything, so whoever sends it repeats it."""
        if encode_question(self._unit, self._relay) in heard:
            self._has_echo = True

    def _listen(self, link: Link, command: bytes, is_answer: Callable[[bytes], bool]) -> bytes:
        """All that is heard until the answer is there. Raises RelayRefused."""
        began_s = self._monotonic_s()
        refusing = bytes((command[0], command[1] | REFUSED))
        heard = b""
        while not is_answer(heard) and len(heard) <= _MOST_NOISE:
            chunk = link.read_chunk(_ANSWER_S)
            heard += chunk
            self._look_for_echo(heard)
            refusal = find_sealed(heard, refusing, _REFUSAL_LENGTH)
            if refusal is not None:
                raise RelayRefused(
                    f"the relay board refused the command (code {refusal[2]})",
                    device="barrier",
                    port=link.port,
                )
            if not chunk or self._monotonic_s() - began_s > _LONGEST_WAIT_S:
                break
        return heard


class RelayRefused(DeviceProtocolError):
    """The board is there and does not do what was asked."""


class _Silence(DeviceTimeout):
    """Not a byte came back."""
