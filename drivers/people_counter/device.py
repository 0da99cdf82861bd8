"""A counter of people at a gate, supervised."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

from drivers.health import Backoff
from drivers.link import SerialAddress
from drivers.people_counter.beam_lines import BAUD_RATE, BeamLineDecoder, Totals
from drivers.supervision import SupervisedDevice
from drivers.wire import Link
from screening.readings import DeviceKind, PeopleCrossed, Reading

_WAIT_S = 0.2
_SILENCE_S = 5.0  # the board sends a line every second
_MOST_A_SECOND = 3.0  # one door lets no more people through, both ways together
_SPARE = 10  # who passes together, and what the clocks differ by

_LOG = logging.getLogger(__name__)


class SerialPeopleCounter(SupervisedDevice):
    """Hands on PeopleCrossed, one for each line; most say that nobody passed."""

    def __init__(
        self,
        *,
        port: str | None = None,
        usb: str | None = None,
        is_reversed: bool = False,
        monotonic_s: Callable[[], float],
        wait: Callable[[float], bool] | None = None,
        backoff: Backoff | None = None,
    ) -> None:
        address = SerialAddress.parse(device="people counter", port=port, usb=usb)
        super().__init__(
            kind=DeviceKind.PEOPLE_COUNTER,
            name=f"people counter {port or usb}",
            connect=lambda: address.connect(BAUD_RATE),
            conversation=CounterConversation(monotonic_s, is_reversed=is_reversed),
            silence_s=_SILENCE_S,
            monotonic_s=monotonic_s,
            wait=wait,
            backoff=backoff,
        )


class CounterConversation:
    """Makes crossings of totals.

    The first line only tells where the board stands. A total that fell shows that the board was
    switched off: it has counted from 0 since. More people than can have passed since the last line
    are another board's totals, and nobody's crossing. ``is_reversed``: mounted the other way round.
    """

    def __init__(self, monotonic_s: Callable[[], float], *, is_reversed: bool = False) -> None:
        self._monotonic_s = monotonic_s
        self._is_reversed = is_reversed
        self._decoder = BeamLineDecoder()
        self._known: tuple[Totals, float] | None = None
        self.malformed = 0

    def begin(self, link: Link) -> None:
        self._decoder.restart()

    def step(self, link: Link) -> Sequence[Reading]:
        lines = self._decoder.feed(link.read_chunk(_WAIT_S))
        totals = [line for line in lines if isinstance(line, Totals)]
        self.malformed += len(lines) - len(totals)
        return [self._crossed(one) for one in totals]

    def end(self, link: Link) -> None:
        """A counter needs no goodbye."""

    def _crossed(self, totals: Totals) -> PeopleCrossed:
        now_s = self._monotonic_s()
        known, self._known = self._known, (totals, now_s)
        if known is None:
            return PeopleCrossed(0, 0, now_s)
        before, since_s = known
        if totals.entered < before.entered or totals.left < before.left:
            before = Totals(0, 0)
        entered, left = totals.entered - before.entered, totals.left - before.left
        if entered + left > _SPARE + _MOST_A_SECOND * (now_s - since_s):
            _LOG.warning("the people counter jumped to %d in, %d out", totals.entered, totals.left)
            return PeopleCrossed(0, 0, now_s)
        if self._is_reversed:
            entered, left = left, entered
        return PeopleCrossed(entered, left, now_s)
