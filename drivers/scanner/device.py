"""A serial code scanner at a gate, supervised."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from drivers.health import Backoff, Brake
from drivers.link import SerialAddress
from drivers.scanner import gm65
from drivers.supervision import SupervisedDevice
from drivers.wire import Link
from screening.readings import (
    CodeScanned,
    CodeSource,
    CodeStays,
    DeviceFlood,
    DeviceKind,
    Reading,
)
from screening.sights import Sighting, Sights

_BAUD_RATE = 9600
_TRIGGER_AGAIN_S = 3.0  # one command reads one code, and the module gives up after some seconds
_MOST_CODES = 8  # at once; people show one at a time, a poster wall a few
_MOST_AGAIN = 100  # the same code in one look; a minute's worth of a scanner that never rests
_CODES_A_SECOND = 5.0
_MOST_BYTES = 4096  # of one look: a dozen of the longest tokens
_REST_S = 0.1  # between two looks at a scanner gone mad, so that it does not take the processor


def _never_cut(code: str) -> bool:
    return False


class SerialScanner(SupervisedDevice):
    """Hands on CodeScanned, once for each time a code is shown.

    A scanner says nothing until it sees a code: it is available while its port is open. With
    ``is_triggered`` the scanner is told to read by command; without, it is set to continuous or
    sensing mode by the sheet of codes that comes with it. ``is_cut`` tells of a text that is the
    beginning of a longer code: the rest is waited for.
    """

    def __init__(
        self,
        *,
        port: str | None = None,
        usb: str | None = None,
        is_triggered: bool = False,
        is_cut: Callable[[str], bool] = _never_cut,
        monotonic_s: Callable[[], float],
        wait: Callable[[float], bool] | None = None,
        backoff: Backoff | None = None,
    ) -> None:
        address = SerialAddress.parse(device="scanner", port=port, usb=usb)
        super().__init__(
            kind=DeviceKind.SCANNER,
            name=f"scanner {port or usb}",
            connect=lambda: address.connect(_BAUD_RATE),
            conversation=ScannerConversation(monotonic_s, is_triggered=is_triggered, is_cut=is_cut),
            silence_s=None,
            monotonic_s=monotonic_s,
            wait=wait,
            backoff=backoff,
        )


class ScannerConversation:
    """Listens for codes; holds back repeats, and more codes than people can show."""

    def __init__(
        self,
        monotonic_s: Callable[[], float],
        *,
        is_triggered: bool,
        is_cut: Callable[[str], bool] = _never_cut,
        rest: Callable[[float], object] = time.sleep,
    ) -> None:
        self._monotonic_s = monotonic_s
        self._is_triggered = is_triggered
        self._rest = rest
        self._decoder = gm65.Gm65Decoder(is_cut=is_cut)
        self._sights = Sights(gm65.SAME_SCAN_S)
        self._brake: Brake[Reading] = Brake(most=_MOST_CODES, a_second=_CODES_A_SECOND)
        self._trigger_due_s = monotonic_s()

    def begin(self, link: Link) -> None:
        self._decoder.restart()
        self._trigger_due_s = self._monotonic_s()

    def step(self, link: Link) -> Sequence[Reading]:
        chunk = link.read_chunk(gm65.QUIET_S)
        codes = self._decoder.feed(self._newest(chunk)) if chunk else self._decoder.idle()
        now_s = self._monotonic_s()
        if self._is_triggered and (codes or now_s >= self._trigger_due_s):
            link.write(gm65.TRIGGER)
            self._trigger_due_s = now_s + _TRIGGER_AGAIN_S
        seen = [one for code in codes if (one := self._seen(code, now_s)) is not None]
        readings = self._brake.let_through(seen, now_s)
        if len(codes) > _MOST_CODES:
            self._rest(_REST_S)
        if len(codes) > _MOST_AGAIN:
            self._brake.drop(len(codes) - len(seen))
        dropped = self._brake.take_dropped(now_s)
        if dropped:
            readings.append(DeviceFlood(DeviceKind.SCANNER, dropped, now_s))
        return readings

    def end(self, link: Link) -> None:
        """A scanner needs no goodbye."""

    def _newest(self, chunk: bytes) -> bytes:
        """Of more than can be meant the last whole codes."""
        if len(chunk) <= _MOST_BYTES:
            return chunk
        self._decoder.restart()
        thrown_away, kept = chunk[:-_MOST_BYTES], chunk[-_MOST_BYTES:]
        self._brake.drop(max(1, thrown_away.count(b"\r") or thrown_away.count(b"\n")))
        begin = min((at for at in (kept.find(b"\r"), kept.find(b"\n")) if at != -1), default=0)
        return kept[begin:]

    def _seen(self, code: str, now_s: float) -> Reading | None:
        match self._sights.see(code, now_s):
            case Sighting.NEW:
                return CodeScanned(code, CodeSource.SERIAL_SCANNER)
            case Sighting.STILL:
                return CodeStays(code, CodeSource.SERIAL_SCANNER)
        return None
