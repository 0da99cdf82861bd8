"""The line outside a full room: who stands where, who is called in, who may come in before whom.

Theory of operation. A receipt that was told to wait for a place keeps a place in the line: the
place of its first such scan, however often it is shown. When people fit in, the first in the line
is called in and so many places of the room are promised to them until ``called_until``. Whoever
does not come by then has missed the call: the promise is over and others are called, but the place
in the line is kept for ``MISSED_KEPT`` and is taken up again by a scan or by the guard. A receipt
that is cancelled, or moved to another time, has no place in it any more.

    state      begins by                               ends by
    waiting    a scan that finds no place, take back   call in, gave up
    called     call in, by itself or by the guard      coming in, take back, gave up, time is up
    missed     the time of a call is up                a scan, came, call in, gave up, MISSED_KEPT
    gave up    the guard says so                       take back, a new scan (a new place)

Somebody is called before others who came earlier for two reasons only: lawful priority, and a
party before them that does not fit in yet. Nobody is overtaken so more often than the office's
limit: then places are kept until they fit in. A newcomer is treated as the last in the line.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

MISSED_KEPT = timedelta(minutes=30)
"""Whoever missed a call has so long to come back to the same place in the line."""

TAKEN_BACK_WITHIN = timedelta(minutes=10)
"""That somebody gave up is shown for so long, so that a mistake can be taken back."""

CLOCKS_DIFFER = timedelta(minutes=1)
"""A call from further ahead than clocks of several processes differ: the clock was set back."""

ReceiptKey = tuple[str, str]
"""Issuer and number: two issuers may use the same number."""


class PlaceState(StrEnum):
    """Where somebody in the line stands."""

    WAITING = "waiting"
    CALLED = "called"
    MISSED = "missed"
    GAVE_UP = "gave_up"


class LineAct(StrEnum):
    """What is done about somebody in the line; these codes stand in the log."""

    CALL_IN = "call_in"
    CAME = "came"
    GAVE_UP = "gave_up"
    TAKE_BACK = "take_back"


class LineRefusal(StrEnum):
    """Why nothing was done."""

    NOT_IN_LINE = "not_in_line"
    NOT_NOW = "not_now"
    NO_ROOM = "no_room"


_IN_LINE = frozenset({PlaceState.WAITING, PlaceState.CALLED, PlaceState.MISSED})

ALLOWED: Mapping[LineAct, frozenset[PlaceState]] = {
    LineAct.CALL_IN: _IN_LINE,
    LineAct.CAME: frozenset({PlaceState.CALLED, PlaceState.MISSED}),
    LineAct.GAVE_UP: _IN_LINE,
    LineAct.TAKE_BACK: frozenset({PlaceState.CALLED, PlaceState.GAVE_UP}),
}
"""In which states each act may be done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A receipt's place in the line.

    ``first`` is the row of the log that began it: whoever has the smaller one stands before the
    others. ``since`` is its time. ``people`` are those of the party who are not in yet.
    ``overtaken`` counts how often somebody behind was called in before. ``holder`` is the shortened
    name, None where it is not known or is forgotten.
    """

    receipt: ReceiptKey
    first: int
    since: datetime
    people: int = 1
    service: str | None = None
    holder: str | None = None
    is_priority: bool = False
    overtaken: int = 0
    called_at: datetime | None = None
    called_until: datetime | None = None
    gave_up_at: datetime | None = None

    @property
    def number(self) -> str:
        """The receipt's number."""
        return self.receipt[1]

    def state(self, at: datetime) -> PlaceState:
        """Where they stand at that time. A call from a time to come counts as none."""
        if self.gave_up_at is not None:
            return PlaceState.GAVE_UP
        if self.called_until is None or self._is_called_after(at):
            return PlaceState.WAITING
        return PlaceState.CALLED if at < self.called_until else PlaceState.MISSED

    def is_kept(self, at: datetime) -> bool:
        """Whether they are in the line still."""
        if self.gave_up_at is not None:
            return False
        return self.called_until is None or at < self.called_until + MISSED_KEPT

    def _is_called_after(self, at: datetime) -> bool:
        return self.called_at is not None and at + CLOCKS_DIFFER < self.called_at

    def needs(self, capacity: int) -> int:
        """So many places have to be free; a party larger than the room comes in one by one."""
        return max(1, min(self.people, capacity))


@dataclass(frozen=True, slots=True)
class LineCall:
    """Somebody is called in; ``overtakes`` are those before them who are not."""

    place: Place
    overtakes: tuple[Place, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """Places of the room: all, those that are taken, and how the line is called.

    ``most_overtakes``: nobody in the line is overtaken more often. ``call_in``: so long a place is
    promised to whoever is called in.
    """

    capacity: int
    inside: int
    most_overtakes: int
    call_in: timedelta

    @property
    def free(self) -> int:
        """Places nobody has; none where more people are inside than may be."""
        return max(0, self.capacity - self.inside)


def standing(places: Iterable[Place], at: datetime) -> list[Place]:
    """Who is in the line at that time, in order."""
    return sorted((one for one in places if one.is_kept(at)), key=lambda place: place.first)


def promised(places: Iterable[Place], room: Room, at: datetime) -> int:
    """Places of the room that are kept for those who were called in."""
    return sum(
        place.needs(room.capacity) for place in places if place.state(at) is PlaceState.CALLED
    )


def due_calls(places: Iterable[Place], room: Room, at: datetime) -> list[LineCall]:
    """Who is called in now, in order. Each call reckons with those before it."""
    line = standing(places, at)
    left = room.free - promised(line, room, at)
    waiting = {one.first: one for one in line if one.state(at) is PlaceState.WAITING}
    calls = []
    while (call := _next(list(waiting.values()), left, room)) is not None:
        calls.append(call)
        left -= call.place.needs(room.capacity)
        del waiting[call.place.first]
        for one in call.overtakes:
            waiting[one.first] = replace(one, overtaken=one.overtaken + 1)
    return calls


def passage(
    places: Iterable[Place],
    room: Room,
    at: datetime,
    *,
    receipt: ReceiptKey | None,
    shown_at: datetime,
    is_priority: bool,
) -> tuple[Place, ...] | None:
    """Whom somebody at the gate overtakes by coming in now; None where they have to wait.

    Who was called in came in time if the receipt was shown in time.
    """
    if room.free == 0:
        return None
    line = standing(places, at)
    own = next((one for one in line if one.receipt == receipt), None)
    others = [one for one in line if one is not own]
    left = room.free - promised(others, room, at)
    if own is not None and own.state(max(shown_at, own.called_at or at)) is PlaceState.CALLED:
        return () if left > 0 else None
    waiting = [one for one in others if one.state(at) is PlaceState.WAITING]
    if own is None:
        last = max((one.first for one in line), default=0) + 1
        own = Place(receipt=receipt or ("", ""), first=last, since=at, is_priority=is_priority)
    # One person is at the gate; the others of a party come after.
    waiting.append(replace(_uncalled(own), people=1))
    while (call := _next(waiting, left, room)) is not None:
        if call.place.first == own.first:
            return call.overtakes
        left -= call.place.needs(room.capacity)
        waiting = [_overtaken(one, call) for one in waiting if one is not call.place]
    return None


def called_in(place: Place, room: Room, at: datetime) -> Place:
    """The place after its holder was called in."""
    return replace(place, called_at=at, called_until=at + room.call_in)


def acted(
    places: Sequence[Place], receipt: ReceiptKey, act: LineAct, room: Room, at: datetime
) -> Place | LineRefusal:
    """The place after what the guard did. Whoever gave up is in ``places`` still."""
    place = next((one for one in places if one.receipt == receipt), None)
    if place is None or not (place.is_kept(at) or place.gave_up_at is not None):
        return LineRefusal.NOT_IN_LINE
    state = place.state(at)
    if state not in ALLOWED[act]:
        return LineRefusal.NOT_NOW
    match act:
        case LineAct.CALL_IN:
            others = [one for one in places if one is not place]
            left = room.free - promised(others, room, at)
            is_again = state is PlaceState.CALLED
            fits = is_again or place.needs(room.capacity) <= left
            return called_in(place, room, at) if fits else LineRefusal.NO_ROOM
        case LineAct.GAVE_UP:
            return replace(place, gave_up_at=at)
        case LineAct.CAME if state is PlaceState.CALLED:
            return replace(place, called_until=at + room.call_in)
    is_called = place.gave_up_at is None
    return _uncalled(place) if is_called else replace(place, gave_up_at=None)


def _next(waiting: Sequence[Place], left: int, room: Room) -> LineCall | None:
    """Who of those who wait is called in while so many places are left."""
    fitting = [one for one in waiting if one.needs(room.capacity) <= left]
    if left <= 0 or not fitting:
        return None
    first = min(fitting, key=lambda place: place.first)
    preferred = min(
        (one for one in fitting if one.is_priority), key=lambda place: place.first, default=first
    )
    for place in (preferred, first):
        before = tuple(one for one in waiting if one.first < place.first)
        if all(one.overtaken < room.most_overtakes for one in before):
            return LineCall(place, before)
    return None


def _uncalled(place: Place) -> Place:
    return replace(place, called_at=None, called_until=None)


def _overtaken(place: Place, call: LineCall) -> Place:
    return replace(place, overtaken=place.overtaken + 1) if place in call.overtakes else place


@dataclass(frozen=True, slots=True, kw_only=True)
class LineOrder:
    """What a guard asks for about the receipt of a place. ``by`` is a log-in."""

    act: LineAct
    receipt: ReceiptKey
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LineView:
    """The line as people may see it, in order, and who gave up last.

    ``room`` is as of then, ``at`` the time it was asked for.
    """

    places: tuple[Place, ...]
    gave_up: Place | None
    room: Room
    at: datetime

    @property
    def left(self) -> int:
        """Places that are free and promised to nobody."""
        return max(0, self.room.free - promised(self.places, self.room, self.at))

    def of(self, receipt: ReceiptKey) -> Place | None:
        """The place of a receipt, None where it is not in the line."""
        return next((one for one in self.places if one.receipt == receipt), None)

    def before(self, place: Place) -> int:
        """How many receipts wait before this one."""
        waiting = (one for one in self.places if one.state(self.at) is PlaceState.WAITING)
        return sum(one.first < place.first for one in waiting)

    def places_until(self, place: Place | None) -> int:
        """So many places have to become free before this one is called in, in the order of coming;
        None: before somebody who would come now. 0 where they are free."""
        waiting = [one for one in self.places if one.state(self.at) is PlaceState.WAITING]
        before = [one for one in waiting if place is None or one.first <= place.first]
        needed = sum(one.needs(self.room.capacity) for one in before) + (place is None)
        return max(0, needed - self.left)

    def can_call(self, place: Place) -> bool:
        """Whether the guard may call this one in now."""
        if place.state(self.at) is PlaceState.CALLED:
            return True
        return place.needs(self.room.capacity) <= self.left


def view_of(places: Iterable[Place], room: Room, at: datetime) -> LineView:
    """What a line looks like at that time."""
    found = list(places)
    since = at - TAKEN_BACK_WITHIN
    gone = [(one.gave_up_at, one) for one in found if one.gave_up_at and one.gave_up_at > since]
    _, last = max(gone, key=lambda pair: pair[0], default=(None, None))
    return LineView(
        places=tuple(standing(found, at)),
        gave_up=last,
        room=room,
        at=at,
    )


class LineBook(Protocol):
    """The line of a site. Who is called in is decided in one transaction, and is a row of the log.

    Any method may raise RecordError.
    """

    def act(self, order: LineOrder, *, at: datetime) -> Place | LineRefusal:
        """Do what the guard asks."""

    def call_due(self, *, at: datetime) -> list[Place]:
        """Call in whoever fits in now; a second time at once calls nobody."""

    def view(self, *, at: datetime) -> LineView:
        """The line as of the newest commit of any process."""

    def glance(self, *, at: datetime) -> LineView | None:
        """The same as of this process's last commit, without asking the database.

        None before its first commit of that day.
        """

    def left(self, *, since: datetime) -> list[datetime]:
        """When people left since then, in order; also those whose exit nobody saw."""


def is_due(view: LineView) -> bool:
    """Whether somebody is to be called in."""
    return bool(due_calls(view.places, view.room, view.at))
