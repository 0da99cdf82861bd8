"""Whose turn it is, for a visitor's own phone: in the line outside, and inside until they are done.

All phones follow one source: what is written is read once for all of them, and each reader makes of
it what its own receipt needs.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from anyio import to_thread
from fastapi.sse import format_sse_event

from dashboard.web.language import Language
from dashboard.web.queue_words import (
    come_now,
    counter_place,
    told_call,
    told_wait,
    told_wait_outside,
)
from dashboard.web.shell import Shell
from dashboard.web.sse import DRAWN_EVERY_S, LOOK_S, RETRY_MS, Source
from dashboard.web.words import N_
from screening.events import EntryWritten, LogGrown
from screening.figures.waits import NoCounter, WaitEstimate
from screening.hub import Hub, Subscription
from screening.office.counters import Counter
from screening.office.facts import OfficeFacts
from screening.queue.queue import QueueView
from screening.queue.tickets import Ticket, TicketState
from screening.waiting_room.line import LineView, Place, PlaceState, ReceiptKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """Where one number, or a receipt in the line outside, stands; ``kind`` is a code.

    ``label`` is the number that is called, empty outside. ``call`` tells one call from another,
    empty where nobody calls; ``since_s`` is how long ago it was. ``expected`` is in words, empty
    where nobody can tell yet: when it is called, that no counter is open for it, or outside how
    long until the call in, and then inside.
    """

    kind: str
    label: str
    headline: str
    detail: str
    expected: str = ""
    call: str = ""
    since_s: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnPart:
    """``visitor/receipt_turn.html``: what a stream sends of them."""

    shell: Shell
    turns: tuple[Turn, ...]


@dataclass(frozen=True, slots=True)
class Moment:
    """Queue and line as they were at one time."""

    queue: QueueView
    line: LineView
    at: datetime
    of_receipts: Mapping[ReceiptKey, tuple[Ticket, ...]]


def moment_of(queue: QueueView, line: LineView, at: datetime) -> Moment:
    """The same, with each receipt's tickets at hand."""
    found: dict[ReceiptKey, tuple[Ticket, ...]] = {}
    for ticket in (*queue.called, *queue.waiting, *queue.parked, *queue.missed):
        if ticket.receipt is not None:
            found[ticket.receipt] = (*found.get(ticket.receipt, ()), ticket)
    return Moment(queue, line, at, found)


class TurnWords:
    """Writes turns in one language.

    ``expected`` is when a ticket is called, None as yet. ``newcomer`` is how long whoever comes in
    now waits, ``outside`` how long until a receipt in the line outside is called in.
    """

    def __init__(
        self,
        language: Language,
        zone: ZoneInfo,
        facts: OfficeFacts,
        expected: Callable[[Ticket], tuple[datetime, datetime] | None],
        newcomer: WaitEstimate | None,
        outside: Mapping[ReceiptKey, WaitEstimate],
    ) -> None:
        self._language = language
        self._zone = zone
        self._facts = facts
        self._expected = expected
        self._newcomer = newcomer
        self._until_in = outside

    def turns(
        self, receipt: ReceiptKey, moment: Moment, inside: Iterable[str] = ()
    ) -> tuple[Turn, ...]:
        """Of a receipt; ``inside`` are the numbers of its visits that go on.

        Nothing of those inside where the office has no counters: then nobody is called.
        """
        place = moment.line.of(receipt)
        outside = () if place is None else (self._outside(place, moment),)
        if not self._facts.counters:
            return outside
        tickets = moment.of_receipts.get(receipt, ())
        known = {ticket.label for ticket in tickets}
        done = (self._done(label) for label in sorted(inside) if label not in known)
        return (*outside, *(self._inside(one, moment) for one in tickets), *done)

    def _outside(self, place: Place, moment: Moment) -> Turn:
        say = self._language.say
        state = place.state(moment.at)
        if state is PlaceState.WAITING or place.called_at is None or place.called_until is None:
            return Turn(
                kind="outside",
                label="",
                headline=self._before(moment.line.before(place)),
                detail=say(N_("You are in the line outside. We call you in here and at the door.")),
                expected=told_wait_outside(
                    self._until_in.get(place.receipt), self._newcomer, self._language
                ),
            )
        if state is PlaceState.CALLED:
            until = {"time": self._language.time(place.called_until, self._zone)}
            return Turn(
                kind="called_in",
                label="",
                headline=say(N_("You can come in now")),
                detail=say(N_("Until %(time)s. Show this receipt at the door.")) % until,
                call=f"in {place.called_at.isoformat()}",
                since_s=_seconds(place.called_at, moment.at),
            )
        called = {"time": self._language.time(place.called_at, self._zone)}
        return Turn(
            kind="missed",
            label="",
            headline=say(N_("You were called in at %(time)s")) % called,
            detail=say(N_("Show your receipt at the door: your place in the line is kept.")),
        )

    def _inside(self, ticket: Ticket, moment: Moment) -> Turn:
        say, called_at = self._language.say, ticket.recalled_at or ticket.since
        called = {"time": self._language.time(called_at, self._zone)}
        counter = self._facts.counters.get(ticket.counter or "")
        kind, headline, detail, call = ticket.state.value, "", "", ""
        match ticket.state:
            case TicketState.CALLED if counter is not None:
                headline = come_now(counter, self._language)
                detail = say(N_("Called at %(time)s.")) % called
                call = f"{ticket.label} {called_at.isoformat()}"
            case TicketState.SERVING if counter is not None:
                headline = say(N_("It is your turn"))
                detail = counter_place(counter, self._language)
            case TicketState.PARKED:
                headline = say(N_("Your number is set aside"))
                detail = say(N_("You are called again. Ask an officer if it takes long."))
            case TicketState.MISSED:
                headline = say(N_("You were called at %(time)s")) % called
                detail = say(N_("Tell an officer that you are here."))
            case _ if ticket.is_called_ahead:
                kind, headline = "ahead", say(N_("Come to the chairs before the counters"))
                detail = say(N_("You are called soon."))
                call = f"{ticket.label} ahead"
            case _:
                kind, headline = "waiting", self._before(self._ahead_of(ticket, moment.queue))
                detail = say(N_("Sit down until your number is called."))
        return Turn(
            kind=kind,
            label=ticket.label,
            headline=headline,
            detail=detail,
            expected=self._about(ticket, moment.queue) if kind == "waiting" else "",
            call=call,
            since_s=_seconds(called_at, moment.at) if kind != "ahead" else 0,
        )

    def _done(self, label: str) -> Turn:
        say = self._language.say
        return Turn(
            kind="done",
            label=label,
            headline=say(N_("You are done. Thank you.")),
            detail=say(N_("Show this receipt again when you go out.")),
        )

    def _before(self, count: int) -> str:
        if count == 0:
            return self._language.say(N_("You are next"))
        return self._language.count("%(num)d person before you", "%(num)d people before you", count)

    def _about(self, ticket: Ticket, queue: QueueView) -> str:
        expected = self._expected(ticket)
        if expected is None and not any(_calls(one, ticket.service) for one, _ in queue.counters):
            return told_wait(NoCounter(), self._language)
        return told_call(expected, self._language, self._zone)

    def _ahead_of(self, ticket: Ticket, queue: QueueView) -> int:
        """Those before it whom a counter may call that could call this one."""
        counters = [one for one, _ in queue.counters if _calls(one, ticket.service)]
        count = 0
        for other in queue.waiting:
            if other.visit_id == ticket.visit_id:
                return count
            is_rival = any(_calls(one, other.service) for one in counters)
            count += is_rival or other.service == ticket.service
        return count


def _calls(counter: Counter, service: str) -> bool:
    return counter.is_open and counter.takes(service)


def _seconds(since: datetime, at: datetime) -> int:
    return max(0, int((at - since).total_seconds()))


class Turns(Source):
    """Follows queue and line for all phones; ``read`` runs in a thread and may wait."""

    def __init__(self, hub: Hub, read: Callable[[], Moment], look: Callable[[], Hashable]) -> None:
        super().__init__(hub, "the visitors' turns")
        self._read = read
        self._look = look
        self.newest: Moment | None = None
        self.version = 0

    def _begin(self) -> None:
        self.newest = None

    async def _follow(self, subscription: Subscription) -> None:
        loop = asyncio.get_running_loop()
        while not subscription.has_ended:
            seen, begun_s = self._look(), loop.time()
            self.newest = await to_thread.run_sync(self._read)
            self.version += 1
            if self._is_beat_due():
                self.beats += 1
            await self._wake()
            while not subscription.has_ended:
                events = await subscription.all(LOOK_S)
                is_news = any(isinstance(event, EntryWritten | LogGrown) for event in events)
                if is_news or self._look() != seen or self._is_beat_due():
                    break
            else:
                return
            while not subscription.has_ended and loop.time() < begun_s + DRAWN_EVERY_S:
                await subscription.all(begun_s + DRAWN_EVERY_S - loop.time())
            await subscription.all(0)


class TurnReader:
    """Takes the turns of one receipt, drawn, whenever they are others than before.

    Where numbers come or go the page is told to ask how the receipt stands, at first too.
    """

    def __init__(
        self,
        source: Turns,
        tell: Callable[[Moment], tuple[Turn, ...]],
        draw: Callable[[tuple[Turn, ...]], str],
    ) -> None:
        self.source = source
        self._tell = tell
        self._draw = draw
        self._version: int | None = None
        self._turns: tuple[Turn, ...] | None = None
        self._beats = source.beats

    async def take(self) -> bytes:
        """The turns, or a sign of life."""
        moment, version, beats = self.source.newest, self.source.version, self.source.beats
        if moment is None:
            return b""
        if version != self._version:
            self._version = version
            turns, before = self._tell(moment), self._turns
            if turns != before:
                self._turns, self._beats = turns, beats
                if before is None or _shape(turns) != _shape(before):
                    return format_sse_event(data_str="1", event="again", retry=RETRY_MS)
                return format_sse_event(data_str=self._draw(turns), event="turn", retry=RETRY_MS)
        if beats != self._beats:
            self._beats = beats
            return format_sse_event(data_str="0", event="beat")
        return b""


def _shape(turns: tuple[Turn, ...]) -> tuple[str, ...]:
    return tuple(turn.label for turn in turns)
