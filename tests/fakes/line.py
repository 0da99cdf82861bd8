"""FakeLine: the line outside in memory, held to the same contract as the databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from screening.visits import EntryKind
from screening.waiting_room.admission import line_of, places_of
from screening.waiting_room.line import (
    LineBook,
    LineOrder,
    LineRefusal,
    LineView,
    Place,
    Room,
    acted,
    called_in,
    due_calls,
    view_of,
)

if TYPE_CHECKING:
    from tests.fakes.record import FakeVisitLog


class FakeLine(LineBook):
    """LineBook over the waits of a FakeVisitLog."""

    def __init__(self, log: FakeVisitLog) -> None:
        self._log = log

    def act(self, order: LineOrder, *, at: datetime) -> Place | LineRefusal:
        with self._log.lock:
            places = self._places(at)
            after = acted(places, order.receipt, order.act, self._room(at), at)
            if isinstance(after, Place):
                before = next(one for one in places if one.receipt == order.receipt)
                self._put(after, at)
                self._note(before, after, at, operator=order.by)
            return after

    def call_due(self, *, at: datetime) -> list[Place]:
        with self._log.lock:
            room, called = self._room(at), []
            for call in due_calls(self._places(at), room, at):
                for one in call.overtakes:
                    self._put(replace(one, overtaken=one.overtaken + 1), at)
                after = called_in(call.place, room, at)
                self._put(after, at)
                self._note(call.place, after, at, operator=None)
                called.append(after)
            return called

    def view(self, *, at: datetime) -> LineView:
        with self._log.lock:
            return view_of(self._places(at), self._room(at), at)

    def left(self, *, since: datetime) -> list[datetime]:
        exits = (EntryKind.EXIT, EntryKind.ESTIMATED_EXIT)
        return [one.at for one in self._log.entries() if one.kind in exits and one.at >= since]

    def glance(self, *, at: datetime) -> LineView | None:
        return self.view(at=at)

    def _places(self, at: datetime) -> list[Place]:
        return places_of(self._log.waits.values(), since=self._log.day_began(at))

    def _room(self, at: datetime) -> Room:
        facts = self._log.facts.current()
        return Room(
            capacity=facts.capacity,
            inside=self._log.count_inside(self._log.day_began(at)),
            most_overtakes=facts.queue_overtakes,
            call_in=timedelta(minutes=facts.call_in_minutes),
        )

    def _put(self, place: Place, at: datetime) -> None:
        wait = line_of(self._log.waits.values(), since=self._log.day_began(at))[place.receipt]
        self._log.waits[wait.attempt_id] = replace(wait, place=place)

    def _note(self, before: Place, after: Place, at: datetime, *, operator: str | None) -> None:
        self._log.append(
            EntryKind.LINE,
            at,
            operator=operator,
            receipt_number=after.number,
            service=after.service,
            remark=f"{before.state(at)} → {after.state(at)}",
        )
