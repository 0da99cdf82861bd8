"""A serial line in memory with its own time: what hangs at it, its rate, and what it answers."""

from __future__ import annotations

from collections.abc import Mapping

from screening.errors import DeviceUnavailable
from tests.drivers.support import SettableClock

_BITS_A_BYTE = 10


class Line:
    """``stream`` repeats every ``every_s`` from ``silent_s`` after the port was opened.

    At another rate than the device's own it comes out as noise, and no question is understood.
    """

    def __init__(
        self,
        *,
        baud_rate: int = 9600,
        stream: bytes = b"",
        every_s: float = 0.1,
        silent_s: float = 0.0,
        answers: Mapping[bytes, bytes] | None = None,
    ) -> None:
        self.clock = SettableClock()
        self.baud_rate = baud_rate
        self.asked: list[tuple[int, bytes]] = []
        self.opened: list[int] = []
        self.is_open = False
        self._stream, self._every_s, self._silent_s = stream, every_s, silent_s
        self._answers = dict(answers or {})

    def connect(self, baud_rate: int) -> LineLink:
        assert not self.is_open, "a port is opened by one at a time"
        self.is_open = True
        self.opened.append(baud_rate)
        return LineLink(self, baud_rate)

    def sent_until(self, seconds: float) -> int:
        """Bytes of the stream so far after the port was opened."""
        if not self._stream or seconds < self._silent_s:
            return 0
        whole, part_s = divmod(seconds - self._silent_s, self._every_s)
        begun = min(int(part_s * self.baud_rate / _BITS_A_BYTE), len(self._stream))
        return int(whole) * len(self._stream) + begun

    def byte(self, at: int) -> int:
        return self._stream[at % len(self._stream)]

    def answer(self, wire: bytes) -> bytes:
        return self._answers.get(wire, b"")


class LineLink:
    """One opening of the line."""

    port = "/dev/ttyUSB9"

    def __init__(self, line: Line, baud_rate: int) -> None:
        self._line = line
        self._baud_rate = baud_rate
        self._opened_s = line.clock()
        self._taken = 0
        self._waiting = b""

    def open(self) -> None:
        """Open from the beginning."""

    def read_chunk(self, timeout_s: float) -> bytes:
        """Takes the whole of its time, as a slow reader does, unless an answer waits."""
        if self._waiting:
            chunk, self._waiting = self._waiting, b""
            self._line.clock.now_s += 0.01
            return chunk
        self._line.clock.now_s += max(timeout_s, 0.001)
        sent = self._line.sent_until(self._line.clock() - self._opened_s)
        wire = bytes(self._line.byte(at) for at in range(self._taken, sent))
        self._taken = sent
        return wire if self._is_right else bytes((byte * 7 + 3) & 0xFC for byte in wire)

    def write(self, wire: bytes) -> None:
        if not self._line.is_open:
            raise DeviceUnavailable("closed", device="thermometer", port=self.port)
        self._line.asked.append((self._baud_rate, wire))
        if self._is_right:
            self._waiting += self._line.answer(wire)

    def close(self) -> None:
        self._line.is_open = False

    @property
    def _is_right(self) -> bool:
        return self._baud_rate == self._line.baud_rate
