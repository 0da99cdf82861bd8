"""The alerts as they are now, for everybody who shows them.

A thread of its own looks at the office every few seconds, beside gates and writer, raises what has
lasted and ends what is fine again. Every process does so: the record raises each alert once.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection

from screening.alerts.alerts import Alert
from screening.alerts.book import AlertBook, MessageChannel
from screening.alerts.rules import Situation, findings
from screening.alerts.settling import Settling
from screening.clock import Clock
from screening.events import AlertsChanged
from screening.hub import Hub
from screening.loop import Loop, Trouble

LOOK_S = 5.0
CLOSING_S = 2.0
"""A look that hangs in the record is not waited for any longer."""

_log = logging.getLogger(__name__)


class LiveAlerts:
    """Keeps the open alerts and publishes ``AlertsChanged`` when they differ from before.

    ``look`` tells the office as it is; ``channels`` are those on which each alert is sent besides.
    """

    def __init__(
        self,
        book: AlertBook,
        look: Callable[[], Situation],
        hub: Hub,
        clock: Clock,
        *,
        channels: Collection[MessageChannel] = (),
    ) -> None:
        self._book = book
        self._look = look
        self._hub = hub
        self._clock = clock
        self._channels = frozenset(channels)
        self._settling = Settling()
        self._loop = Loop(
            "live-alerts",
            self.refresh,
            trouble=Trouble(
                _log,
                "what needs somebody cannot be told",
                over="what needs somebody can be told again",
            ),
            every_s=LOOK_S,
        )
        self._newest: tuple[Alert, ...] = ()

    def current(self) -> tuple[Alert, ...]:
        """The open alerts, oldest first.

        From memory once started; before, the record is asked, which may raise RecordError.
        """
        if not self._loop.is_started:
            return tuple(self._book.open_alerts())
        return self._newest

    def acknowledge(self, alert_id: int, *, by: str) -> Alert | None:
        """Somebody takes care of it. None where it is over, or never was. Raises RecordError."""
        taken = self._book.acknowledge(alert_id, by=by, at=self._clock.now())
        self._show(self._book.open_alerts())
        return taken

    def refresh(self) -> None:
        """Look at the office now, raise and end what is due. Raises RecordError."""
        situation, known = self._look(), self._book.open_alerts()
        settled = self._settling.settle(
            findings(situation), known, situation, self._clock.monotonic_s()
        )
        for finding in settled.raised:
            raised = self._book.raise_(finding, at=situation.at, channels=self._channels)
            if raised is not None:
                _log.warning("somebody is needed: %s", told(raised))
        for alert in settled.over:
            if self._book.end(alert.alert_id, at=situation.at, channels=self._channels):
                _log.info("it is over: %s", told(alert))
        is_changed = settled.raised or settled.over
        self._show(self._book.open_alerts() if is_changed else known)

    def start(self) -> None:
        """Begin to look; what was open before is known at once where the record can be read."""
        self._loop.start()

    def close(self) -> None:
        """Stop looking."""
        self._loop.close(CLOSING_S)

    def _show(self, alerts: Collection[Alert]) -> None:
        before, self._newest = self._newest, tuple(alerts)
        if before != self._newest:
            self._hub.publish(AlertsChanged(self._newest))


def told(alert: Alert) -> str:
    """An alert in one line of the service's log."""
    about = " ".join(filter(None, (str(alert.kind), alert.subject)))
    return f"{about} ({alert.value:g}, limit {alert.limit:g})"
