"""Sends what is due on one channel, beside everything else, until it was taken.

Each channel has a thread of its own, so that a dead mail server delays no hook. The record hands
each message to one process at a time; what fails is tried again with growing pauses, by whichever
process comes first. A message that was taken just before its process was killed is sent once more,
under the same id.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta

from screening.alerts.book import AlertBook, AlertMessage, MessageChannel
from screening.clock import Clock
from screening.errors import DeliveryError
from screening.loop import Loop, Trouble

LOOK_S = 5.0
CLOSING_S = 2.0
FIRST_PAUSE = timedelta(seconds=30)
LONGEST_PAUSE = timedelta(minutes=30)
GIVEN_UP_AFTER = timedelta(hours=24)
"""What is older is on the pages and in the log, and news to nobody."""

_log = logging.getLogger(__name__)

Send = Callable[[AlertMessage], None]
"""Hands a message over. Raises DeliveryError."""


class Messenger:
    """One channel's messages."""

    def __init__(self, book: AlertBook, channel: MessageChannel, send: Send, clock: Clock) -> None:
        self._book = book
        self._channel = channel
        self._send = send
        self._clock = clock
        self._trouble: str | None = None
        self._loop = Loop(
            f"alerts-{channel}",
            self.send_due,
            trouble=Trouble(
                _log,
                f"what is to be sent by {channel} is not known",
                over=f"what is to be sent by {channel} is known again",
            ),
            every_s=LOOK_S,
        )

    def start(self) -> None:
        """Begin to send."""
        self._loop.start()

    def close(self) -> None:
        """Stop; what is under way may still be sent."""
        self._loop.close(CLOSING_S)

    def send_due(self) -> int:
        """Send what is due; how many were taken. Raises RecordError."""
        taken = 0
        messages = self._book.claim({self._channel}, at=self._clock.now())
        for number, message in enumerate(messages):
            at = self._clock.now()
            if at - message.at > GIVEN_UP_AFTER:
                _log.warning("%s of %s is given up", message.message_id, self._channel)
                self._book.settle(message, at=at)
                continue
            try:
                self._send(message)
            except DeliveryError as error:
                self._note(str(error))
                for left in messages[number:]:  # the same server, just now
                    self._book.put_off(left, until=self._clock.now() + pause(left.tries))
                break
            self._note(None)
            self._book.settle(message, at=self._clock.now())
            taken += 1
        return taken

    def _note(self, trouble: str | None) -> None:
        """A channel that is down is told once, and so is its coming back."""
        if trouble is not None and self._trouble is None:
            _log.warning("alerts cannot be sent by %s: %s", self._channel, trouble)
        elif trouble is None and self._trouble is not None:
            _log.info("alerts can be sent by %s again", self._channel)
        self._trouble = trouble


def pause(tries: int) -> timedelta:
    """Until the next try: twice as long each time, up to ``LONGEST_PAUSE``."""
    doubled: int = 2 ** min(tries - 1, 10)
    return min(LONGEST_PAUSE, FIRST_PAUSE * doubled)
