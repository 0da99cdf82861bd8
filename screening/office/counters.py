"""Counters: where visitors are called to, and in which order."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class QueueOrder(StrEnum):
    """Who is before whom: by the booked time (without one by arrival), or by arrival alone."""

    BOOKED_TIME = "booked_time"
    ARRIVAL = "arrival"


@dataclass(frozen=True, slots=True, kw_only=True)
class Counter:
    """A counter. ``services`` are the codes it takes, none for all of them.

    ``place`` is where a visitor finds it, as it is written there. ``room`` is the waiting room that
    it calls from, empty where there is one. One that is not open calls nobody. ``wants_help``: its
    officer has asked the others and the guard to come.
    """

    name: str
    services: tuple[str, ...] = ()
    place: str = ""
    room: str = ""
    is_open: bool = True
    wants_help: bool = False

    def takes(self, service: str) -> bool:
        """Whether it serves this service. Every counter takes a visitor without a service ("")."""
        return not self.services or not service or service in self.services

    def calls_into(self, room: str) -> bool:
        """Whether who waits in this room is called to it."""
        return self.room in ("", room)


@dataclass(frozen=True, slots=True)
class CounterSwitch:
    """A counter was opened or closed at a moment. One that was added or removed is closed on the
    other side of it."""

    at: datetime
    counter: str
    is_open: bool
