"""Codes that a scanner or the camera sees: visitors' receipts, and whatever else hangs there.

Devices see a code for as long as it is there; a visitor means it once. What is no receipt may be a
poster in the picture: it never takes the place of anybody, and one that stays is told once.
"""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Callable

from screening.clock import Clock
from screening.decision import Check, Reason
from screening.gate.current_visit import CurrentVisit
from screening.gate.devices import GateDevices
from screening.gate.entrance import Entrance
from screening.readings import (
    CodeScanned,
    CodeSource,
    CodeStays,
    DeviceFlood,
    DeviceKind,
    DeviceTrouble,
)
from screening.receipts.desk import ReceiptDesk, Verification
from screening.receipts.token import normalise
from screening.sights import Sighting, Sights

SIGHT_GAP_S = 2.5
"""A code that was away for longer is shown anew; readers miss a picture or two."""

STAYS_AFTER_S = 20.0
"""Nobody holds up for so long what is no receipt."""

SHOWN_AGAIN_S = 60.0
"""What was told to be no receipt is not told again within this time."""

REMEMBERED_POSTERS = 64

_ADVICE = {
    DeviceTrouble.FLOOD: "it sends more than anybody can mean; unplug it, and look at its settings",
    DeviceTrouble.POSTER: "a code that is no receipt stays before it; cover it or turn the device",
}

_log = logging.getLogger(__name__)


class ShownCodes:
    """Brings each code to the entrance once a sight; every call may raise RecordError."""

    def __init__(
        self,
        gate: str,
        *,
        checks: Callable[[], frozenset[Check]],
        visit: CurrentVisit,
        entrance: Entrance,
        desk: ReceiptDesk,
        devices: GateDevices,
        clock: Clock,
    ) -> None:
        self._gate = gate
        self._checks = checks
        self._visit = visit
        self._entrance = entrance
        self._desk = desk
        self._devices = devices
        self._clock = clock
        self._sights = Sights(SIGHT_GAP_S)
        self._uncounted: set[str] = set()
        self._not_receipts: OrderedDict[str, float] = OrderedDict()

    def scanned(self, scan: CodeScanned) -> None:
        """A device sees a code that it did not see before."""
        check = self._desk.examine(scan.text)
        shown = _name(check, scan.text)
        is_new = self._sights.see(shown, self._clock.monotonic_s()) is Sighting.NEW
        if not is_new and shown not in self._uncounted:
            return
        self._uncounted.discard(shown)
        if check.reason is Reason.RECEIPT_UNREADABLE and not self._is_news(shown):
            return
        answer = self._entrance.scan(scan.text, source=scan.source)
        if answer.reason is Reason.LANE_BUSY:
            self._uncounted.add(shown)

    def stays(self, code: CodeStays) -> None:
        """It is still there."""
        check = self._desk.examine(code.text)
        shown = _name(check, code.text)
        now_s = self._clock.monotonic_s()
        self._sights.see(shown, now_s)
        began_s = self._sights.began_s(shown)
        if check.reason is None or began_s is None or now_s - began_s < STAYS_AFTER_S:
            return
        self._remember(shown, now_s)
        self._trouble(_device_of(code.source), DeviceTrouble.POSTER)

    def shown_elsewhere(self, code: str) -> None:
        """It was taken on the way out: who still holds it up does not come in with it."""
        self._sights.see(_name(self._desk.examine(code), code), self._clock.monotonic_s())

    def flooded(self, flood: DeviceFlood) -> None:
        """A device sends more than anybody can mean; what it sent newest was kept."""
        self._devices.count_fault(flood.device, flood.dropped)
        self._trouble(flood.device, DeviceTrouble.FLOOD)

    def tick(self) -> None:
        """Time passes: a trouble that is over is not shown any more."""
        now_s = self._clock.monotonic_s()
        for kind in self._devices.tick(now_s):
            _log.info("gate %s, %s: that is over", self._gate, kind)
        self._uncounted = {code for code in self._uncounted if self._sights.began_s(code)}

    def _is_news(self, shown: str) -> bool:
        """Whether somebody seems to show this, who is no visitor yet and keeps nobody waiting."""
        now_s = self._clock.monotonic_s()
        told_s = self._not_receipts.get(shown)
        if told_s is not None and now_s - told_s < SHOWN_AGAIN_S:
            self._remember(shown, now_s)
            return False
        is_free = self._visit.session is None and self._visit.verdict is None
        if Check.RECEIPT not in self._checks() or not is_free:
            return False
        self._remember(shown, now_s)
        return True

    def _remember(self, shown: str, now_s: float) -> None:
        self._not_receipts[shown] = now_s
        self._not_receipts.move_to_end(shown)
        while len(self._not_receipts) > REMEMBERED_POSTERS:
            self._not_receipts.popitem(last=False)

    def _trouble(self, kind: DeviceKind, trouble: DeviceTrouble) -> None:
        if self._devices.notice(kind, trouble, self._clock.monotonic_s()):
            _log.warning("gate %s, %s: %s", self._gate, kind, _ADVICE[trouble])


def _name(check: Verification, code: str) -> str:
    """The same for the same receipt, whichever device read it."""
    return check.claims.number if check.claims is not None else normalise(code)


def _device_of(source: CodeSource) -> DeviceKind:
    return DeviceKind.CAMERA if source is CodeSource.CAMERA else DeviceKind.SCANNER
