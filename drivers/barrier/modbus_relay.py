"""Modbus-RTU relay boards (Waveshare and the many boards that copy it).

Wire (8N1, 9600 baud, unit 1 as delivered), CRC-16/MODBUS low byte first behind every frame::

    01 05 00 00 FF 00 8C 3A    relay 0 on                 01 05 00 00 00 00 CD CA    relay 0 off
    01 05 02 00 00 07 8D B0    relay 0 on for 7 x 100 ms, timed by the board itself
    01 01 00 00 00 01 FD CA    is relay 0 on?  ->  01 01 01 0s CRC

The answer to function 05 repeats the command; ``unit 85 code CRC`` (81 for function 01) refuses it.
The timed pulse is the only way we open: when the computer dies in the middle the gate still closes.
A command without an answer may have been carried out, so it is never sent a second time.
"""

from __future__ import annotations

from drivers.modbus import REFUSED, is_sealed, seal
from drivers.wire import Link
from screening.errors import DeviceProtocolError, DeviceTimeout

BAUD_RATE = 9600
_READ_COILS = 0x01
_WRITE_COIL = 0x05
_PULSE_ADDRESS = 0x0200
_PULSE_STEP_S = 0.1
_LONGEST_PULSE = 0x7FFF
_ANSWER_S = 0.5  # boards answer within 20 ms; RS-485 adapters add their own 16 ms
_REFUSAL_LENGTH = 5


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
    """One relay of a board; no answer is a DeviceTimeout, a wrong one a DeviceProtocolError."""

    def __init__(self, *, unit: int, channel: int, pulse_s: float) -> None:
        self._unit = unit
        self._relay = channel - 1
        self._pulse_s = pulse_s

    def switch_off(self, link: Link) -> None:
        self._ask(link, encode_off(self._unit, self._relay), length=8)

    def pulse(self, link: Link) -> float | None:
        """None: the board ends the pulse itself."""
        self._ask(link, encode_pulse(self._unit, self._relay, self._pulse_s), length=8)
        return None

    def check(self, link: Link) -> None:
        """It answers; boards that refuse the question are there as well."""
        try:
            self._ask(link, encode_question(self._unit, self._relay), length=6)
        except RelayRefused:
            return

    def _ask(self, link: Link, command: bytes, *, length: int) -> None:
        link.read_chunk(0)  # a late answer to an earlier command is no answer to this one
        link.write(command)
        answer = b""
        while len(answer) < length:
            chunk = link.read_chunk(_ANSWER_S)
            if not chunk:
                raise DeviceTimeout(
                    f"the relay board did not answer ({len(answer)} of {length} bytes)",
                    device="barrier",
                    port=link.port,
                )
            answer += chunk
            if _is_refusal(answer, command):
                raise RelayRefused(
                    f"the relay board refused the command (code {answer[2]})",
                    device="barrier",
                    port=link.port,
                )
        right = is_sealed(answer) and answer[:2] == command[:2]
        if not right or (command[1] == _WRITE_COIL and answer != command):
            raise DeviceProtocolError(
                f"the relay board answered {answer.hex(' ')}", device="barrier", port=link.port
            )


class RelayRefused(DeviceProtocolError):
    """The board is there and does not do what was asked."""


def _is_refusal(answer: bytes, command: bytes) -> bool:
    return (
        len(answer) == _REFUSAL_LENGTH
        and answer[:2] == bytes((command[0], command[1] | REFUSED))
        and is_sealed(answer)
    )
