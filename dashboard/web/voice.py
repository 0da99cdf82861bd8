"""One voice a room: which of its screens speaks, and which calls were spoken already.

Several screens hang in one room, and each call is to be heard once. The screens whose sound works
ask again and again; one of them is the room's voice while it asks, and is told every call once. A
screen that has a voice for the language goes before one that has only the chime.

This is known to one process: the screens of a room have to be opened at the same one.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from screening.clock import Clock

LEASE_S = 12.0
"""A screen that has not asked for so long is no voice any more: it asks every four seconds."""
FRESH = timedelta(seconds=30)
"""Nobody is called aloud later than this: they are there, or are called once more."""
MOST_ROOMS = 64


@dataclass(frozen=True, slots=True)
class Spoken:
    """A call to be spoken. ``key`` is another one for each time that a number is called."""

    key: str
    at: datetime


@dataclass(slots=True)
class _Room:
    said: dict[str, datetime] = field(default_factory=dict)
    screen: str = ""
    has_words: bool = False
    until_s: float = float("-inf")


class Voices:
    """The voices of all rooms; safe to use from any thread."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._rooms: dict[str, _Room] = {}
        self._lock = threading.Lock()

    def ask(
        self,
        room: str,
        screen: str,
        calls: Sequence[Spoken],
        *,
        has_words: bool,
        is_quiet: bool = False,
    ) -> tuple[str, ...]:
        """The keys of those among the room's ``calls`` that this screen speaks now, oldest first.

        It is told each of them once, and no other screen is. While ``is_quiet`` nobody speaks, and
        what was called then is not spoken later.
        """
        with self._lock:
            state = self._room(room)
            if not self._is_voice(state, screen, has_words=has_words):
                return ()
            now = self._clock.now()
            due = sorted(
                (call for call in calls if call.key not in state.said and now - call.at <= FRESH),
                key=lambda call: call.at,
            )
            said = {**state.said, **{call.key: call.at for call in calls}}
            state.said = {key: at for key, at in said.items() if now - at <= FRESH}
            return () if is_quiet else tuple(call.key for call in due)

    def leave(self, room: str, screen: str) -> None:
        """This screen is closed: another one may be the room's voice at once."""
        with self._lock:
            state = self._rooms.get(room)
            if state is not None and state.screen == screen:
                state.until_s = float("-inf")

    def _room(self, name: str) -> _Room:
        if name not in self._rooms and len(self._rooms) >= MOST_ROOMS:
            del self._rooms[min(self._rooms, key=lambda one: self._rooms[one].until_s)]
        return self._rooms.setdefault(name, _Room())

    def _is_voice(self, state: _Room, screen: str, *, has_words: bool) -> bool:
        now_s = self._clock.monotonic_s()
        is_free = now_s >= state.until_s or (has_words and not state.has_words)
        if state.screen != screen and not is_free:
            return False
        state.screen, state.has_words, state.until_s = screen, has_words, now_s + LEASE_S
        return True
