"""A serial code scanner at a gate, supervised."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from drivers.health import Backoff
from drivers.link import SerialAddress
from drivers.scanner import gm65
from drivers.supervision import SupervisedDevice
from drivers.wire import Link
from screening.readings import CodeScanned, CodeSource, DeviceKind, Reading

_BAUD_RATE = 9600
_TRIGGER_AGAIN_S = 3.0  # one command reads one code, and the module gives up after some seconds


class SerialScanner(SupervisedDevice):
    """Hands on CodeScanned, once for each time a code is shown.

    A scanner says nothing until it sees a code: it is available while its port is open. With
    ``is_triggered`` the scanner is told to read by command; without, it is set to continuous or
    sensing mode by the sheet of codes that comes with it.
    """

    def __init__(
        self,
        *,
        port: str | None = None,
        usb: str | None = None,
        is_triggered: bool = False,
        monotonic_s: Callable[[], float],
        wait: Callable[[float], bool] | None = None,
        backoff: Backoff | None = None,
    ) -> None:
        address = SerialAddress.parse(device="scanner", port=port, usb=usb)
        super().__init__(
            kind=DeviceKind.SCANNER,
            name=f"scanner {port or usb}",
            connect=lambda: address.connect(_BAUD_RATE),
            conversation=ScannerConversation(monotonic_s, is_triggered=is_triggered),
            silence_s=None,
            monotonic_s=monotonic_s,
            wait=wait,
            backoff=backoff,
        )


class ScannerConversation:
    """Listens for codes and holds repeats back."""

    def __init__(self, monotonic_s: Callable[[], float], *, is_triggered: bool) -> None:
        self._monotonic_s = monotonic_s
        self._is_triggered = is_triggered
        self._decoder = gm65.Gm65Decoder()
        self._repeats = gm65.RepeatFilter()
        self._trigger_due_s = monotonic_s()

    def begin(self, link: Link) -> None:
        self._decoder = gm65.Gm65Decoder()
        self._trigger_due_s = self._monotonic_s()

    def step(self, link: Link) -> Sequence[Reading]:
        chunk = link.read_chunk(gm65.QUIET_S)
        codes = self._decoder.feed(chunk) if chunk else self._decoder.idle()
        now_s = self._monotonic_s()
        if self._is_triggered and (codes or now_s >= self._trigger_due_s):
            link.write(gm65.TRIGGER)
            self._trigger_due_s = now_s + _TRIGGER_AGAIN_S
        return [
            CodeScanned(code, CodeSource.SERIAL_SCANNER, now_s)
            for code in codes
            if self._repeats.is_new(code, now_s)
        ]

    def end(self, link: Link) -> None:
        """A scanner needs no goodbye."""
