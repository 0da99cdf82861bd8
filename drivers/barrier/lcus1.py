"""LCUS-1, -2, -4 and -8: USB relay boards behind a CH340.

Wire (8N1, 9600 baud)::

    A0  channel  state  sum        state 01 on, 00 off; sum = low byte of the others' sum

``A0 01 01 A2`` switches channel 1 on, ``A0 01 00 A1`` off. The one-channel board answers nothing.
There is no timed pulse: if the computer dies between on and off the relay stays on until the next
start, which is why off is sent after every opening of the port. Where that matters use a board with
timed pulses (see modbus_relay.py).
"""

from __future__ import annotations

from drivers.wire import Link

BAUD_RATE = 9600
_HEADER = 0xA0


def encode(channel: int, *, is_on: bool) -> bytes:
    """The command for a channel from 1 to 8."""
    body = bytes((_HEADER, channel, int(is_on)))
    return body + bytes((sum(body) & 0xFF,))


def decode(command: bytes) -> tuple[int, bool] | None:
    """Channel and state of one 4-byte command, None where it is none."""
    if len(command) != 4 or command[0] != _HEADER or command[2] > 1:
        return None
    return (command[1], bool(command[2])) if sum(command[:3]) & 0xFF == command[3] else None


class Lcus1Board:
    """One channel of the board; the pulse ends with ``switch_off``, which the caller owes it."""

    def __init__(self, *, channel: int, pulse_s: float) -> None:
        self._channel = channel
        self._pulse_s = pulse_s

    def switch_off(self, link: Link) -> None:
        link.write(encode(self._channel, is_on=False))

    def pulse(self, link: Link) -> float | None:
        link.write(encode(self._channel, is_on=True))
        return self._pulse_s

    def check(self, link: Link) -> None:
        """It answers nothing, but reading fails once the port has vanished."""
        link.read_chunk(0)
