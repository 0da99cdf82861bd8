"""Whose turn it is, for a visitor's own phone: in the line outside, and inside until they are done.

All phones follow one source: after a change queue and line are gone through once, and how each
receipt stands is kept. A phone is sent its own turns in words, and only where they are others than
before; where one of its numbers comes or goes, the whole state of its receipt.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from anyio import CapacityLimiter, to_thread
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
from dashboard.web.sse import RETRY_MS, Watched, in_a_thread
from dashboard.web.words import N_
from screening.events import EntryWritten, Event, LogGrown
from screening.figures.live_waits import ExpectedWaits
from screening.figures.waits import NoCounter, WaitEstimate
from screening.hub import Hub
from screening.office.counters import Counter
from screening.queue.queue import QueueView
from screening.queue.tickets import TicketState
from screening.visits import EntryKind
from screening.waiting_room.line import LineView, Place, PlaceState, ReceiptKey

OTHERS_EVERY_S = 1.0
"""What is neither of the queue nor of the line outside changes few phones."""
STATES_AT_ONCE = 4
"""Whole states that are read for phones at the same time: after a start all of them come back."""


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Inside:
    """How a number stands inside.

    ``at`` is when it was called, or came while nobody has called it. ``counter`` is where it is
    called or served, None elsewhere. Of who waits, ``before`` are those whom a counter may call
    that could call this one, ``expected`` is when its own call is, None where nobody can tell, and
    ``has_counter`` whether one is open for it.
    """

    label: str
    state: TicketState
    at: datetime
    counter: Counter | None = None
    is_called_ahead: bool = False
    before: int = 0
    expected: tuple[datetime, datetime] | None = None
    has_counter: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """How a receipt stands in the line outside: ``before`` are the receipts that wait before it.

    ``until_in`` is how long until it is called in, ``newcomer`` how long whoever comes in now waits
    inside.
    """

    place: Place
    state: PlaceState
    before: int
    until_in: WaitEstimate | None
    newcomer: WaitEstimate | None


@dataclass(frozen=True, slots=True)
class Own:
    """How one receipt stands: its place in the line outside, and its numbers inside."""

    outside: Outside | None = None
    inside: tuple[Inside, ...] = ()


NOWHERE = Own()


@dataclass(frozen=True, slots=True)
class WholeState:
    """A receipt's page as it was drawn: ``own`` is how the receipt stood then."""

    drawn: str
    own: Own


@dataclass(frozen=True, slots=True)
class Moment:
    """How every receipt stood at one time. ``has_counters``: numbers are called in this office."""

    of_receipts: Mapping[ReceiptKey, Own]
    at: datetime
    has_counters: bool

    def of(self, receipt: ReceiptKey) -> Own:
        """How this one stood."""
        return self.of_receipts.get(receipt, NOWHERE)


def moment_of(queue: QueueView, line: LineView, waits: ExpectedWaits, at: datetime) -> Moment:
    """How every receipt stands; queue and line are gone through once.

    Nothing of those inside where the office has no counters: then nobody is called.
    """
    inside: dict[ReceiptKey, tuple[Inside, ...]] = {}
    for receipt, one in _inside(queue, waits) if queue.counters else ():
        inside[receipt] = (*inside.get(receipt, ()), one)
    outside, before = {}, 0
    for place in line.places:
        state = place.state(at)
        outside[place.receipt] = Outside(
            place=place,
            state=state,
            before=before,
            until_in=waits.outside.get(place.receipt),
            newcomer=waits.anybody,
        )
        before += state is PlaceState.WAITING
    receipts = {**inside, **outside}
    found = {key: Own(outside.get(key), inside.get(key, ())) for key in receipts}
    return Moment(found, at, has_counters=bool(queue.counters))


def _inside(queue: QueueView, waits: ExpectedWaits) -> Iterable[tuple[ReceiptKey, Inside]]:
    counters = {one.name: one for one, _ in queue.counters}
    before = _before(queue)
    served = {
        ticket.service
        for ticket in queue.waiting
        if any(one.is_open and one.takes(ticket.service) for one in counters.values())
    }
    for ticket in (*queue.called, *queue.waiting, *queue.parked, *queue.missed, *queue.done):
        if ticket.receipt is None:
            continue
        is_waiting = ticket.state is TicketState.WAITING
        yield (
            ticket.receipt,
            Inside(
                label=ticket.label,
                state=ticket.state,
                at=ticket.recalled_at or ticket.since,
                counter=counters.get(ticket.counter or ""),
                is_called_ahead=ticket.is_called_ahead,
                before=before.get(ticket.visit_id, 0),
                expected=waits.moments(ticket.visit_id) if is_waiting else None,
                has_counter=not is_waiting or ticket.service in served,
            ),
        )


def _before(queue: QueueView) -> dict[int, int]:
    """By visit of who waits: those before them whom a counter may call that could call them."""
    services = {ticket.service for ticket in queue.waiting}
    rivals = {service: {service} for service in services}
    for counter, _ in queue.counters:
        taken = {one for one in services if counter.is_open and counter.takes(one)}
        for service in taken:
            rivals[service] |= taken
    came: defaultdict[str, int] = defaultdict(int)
    found = {}
    for ticket in queue.waiting:
        found[ticket.visit_id] = sum(came[service] for service in rivals[ticket.service])
        came[ticket.service] += 1
    return found


@dataclass(frozen=True, slots=True)
class TurnWords:
    """Writes turns in one language."""

    language: Language
    zone: ZoneInfo

    def turns(self, own: Own, at: datetime, done: Iterable[str] = ()) -> tuple[Turn, ...]:
        """Of a receipt; ``done`` are numbers of its visits that go on though nobody calls them."""
        outside = () if own.outside is None else (self._outside(own.outside, at),)
        inside = (self._inside(one, at) for one in own.inside)
        return (*outside, *inside, *(self._done(label) for label in done))

    def _outside(self, one: Outside, at: datetime) -> Turn:
        say, place = self.language.say, one.place
        if one.state is PlaceState.WAITING or place.called_at is None or place.called_until is None:
            return Turn(
                kind="outside",
                label="",
                headline=self._before(one.before),
                detail=say(N_("You are in the line outside. We call you in here and at the door.")),
                expected=told_wait_outside(one.until_in, one.newcomer, self.language),
            )
        if one.state is PlaceState.CALLED:
            until = {"time": self.language.time(place.called_until, self.zone)}
            return Turn(
                kind="called_in",
                label="",
                headline=say(N_("You can come in now")),
                detail=say(N_("Until %(time)s. Show this receipt at the door.")) % until,
                call=f"in {place.called_at.isoformat()}",
                since_s=_seconds(place.called_at, at),
            )
        called = {"time": self.language.time(place.called_at, self.zone)}
        return Turn(
            kind="missed",
            label="",
            headline=say(N_("You were called in at %(time)s")) % called,
            detail=say(N_("Show your receipt at the door: your place in the line is kept.")),
        )

    def _inside(self, one: Inside, at: datetime) -> Turn:
        say = self.language.say
        kind, headline, detail, call = one.state.value, "", "", ""
        match one.state:
            case TicketState.DONE:
                return self._done(one.label)
            case TicketState.CALLED if one.counter is not None:
                headline = come_now(one.counter, self.language)
                detail = say(N_("Called at %(time)s.")) % self._time_of(one)
                call = f"{one.label} {one.at.isoformat()}"
            case TicketState.SERVING if one.counter is not None:
                headline = say(N_("It is your turn"))
                detail = counter_place(one.counter, self.language)
            case TicketState.PARKED:
                headline = say(N_("Your number is set aside"))
                detail = say(N_("You are called again. Ask an officer if it takes long."))
            case TicketState.MISSED:
                headline = say(N_("You were called at %(time)s")) % self._time_of(one)
                detail = say(N_("Tell an officer that you are here."))
            case _ if one.is_called_ahead:
                kind, headline = "ahead", say(N_("Come to the chairs before the counters"))
                detail = say(N_("You are called soon."))
                call = f"{one.label} ahead"
            case _:
                kind, headline = "waiting", self._before(one.before)
                detail = say(N_("Sit down until your number is called."))
        return Turn(
            kind=kind,
            label=one.label,
            headline=headline,
            detail=detail,
            expected=self._about(one) if kind == "waiting" else "",
            call=call,
            since_s=_seconds(one.at, at) if kind != "ahead" else 0,
        )

    def _time_of(self, one: Inside) -> dict[str, str]:
        return {"time": self.language.time(one.at, self.zone)}

    def _done(self, label: str) -> Turn:
        say = self.language.say
        return Turn(
            kind="done",
            label=label,
            headline=say(N_("You are done. Thank you.")),
            detail=say(N_("Show this receipt again when you go out.")),
        )

    def _before(self, count: int) -> str:
        if count == 0:
            return self.language.say(N_("You are next"))
        return self.language.count("%(num)d person before you", "%(num)d people before you", count)

    def _about(self, one: Inside) -> str:
        if one.expected is None and not one.has_counter:
            return told_wait(NoCounter(), self.language)
        return told_call(one.expected, self.language, self.zone)


def _seconds(since: datetime, at: datetime) -> int:
    return max(0, int((at - since).total_seconds()))


def _concerns(event: Event) -> bool:
    return isinstance(event, EntryWritten | LogGrown)


def _hurries(event: Event) -> bool:
    if isinstance(event, LogGrown):  # by another process, where calls are no less urgent
        return True
    return isinstance(event, EntryWritten) and event.entry.kind in {EntryKind.QUEUE, EntryKind.LINE}


class Turns(Watched):
    """Follows queue and line for all phones; ``read`` runs in a thread and may wait."""

    def __init__(
        self,
        hub: Hub,
        read: Callable[[], Moment],
        look: Callable[[], Hashable] = lambda: None,
        *,
        every_s: float = OTHERS_EVERY_S,
    ) -> None:
        super().__init__(
            hub,
            "the visitors' turns",
            concerns=_concerns,
            hurries=_hurries,
            look=look,
            every_s=every_s,
        )
        self._read = read
        self.newest: Moment | None = None
        self._states = CapacityLimiter(STATES_AT_ONCE)
        self._is_shown_newer = False

    async def whole(self, state: Callable[[], WholeState | None]) -> WholeState | None:
        """A receipt's whole state, read in its turn."""
        return await to_thread.run_sync(state, limiter=self._states)

    def shown_newer(self) -> None:
        """A state was sent in which a receipt stands otherwise than in ``newest``: all are woken by
        the next moment, even where it equals this one."""
        self._is_shown_newer = True

    def _begin(self) -> None:
        self.newest = None
        self._is_shown_newer = False

    async def _make(self) -> None:
        before, self.newest = self.newest, await in_a_thread(self._read)
        is_beat = self._is_beat_due()
        self.beats += is_beat
        is_shown_newer, self._is_shown_newer = self._is_shown_newer, False
        is_other = before is None or before.of_receipts != self.newest.of_receipts
        if is_beat or is_shown_newer or is_other:
            await self._wake(is_for_all=is_beat)


class TurnReader:
    """Takes the turns of one receipt, drawn, whenever they are others than before.

    Where numbers come or go it takes the ``whole`` state of the receipt, at first too; None of it
    means that the page has to ask. ``tell`` writes how the receipt stands, ``draw`` draws that.

    A whole state is read after the moment that asked for it, and can tell of a call that is undone
    before the next moment. So each later moment is compared with what that state told.
    """

    def __init__(
        self,
        source: Turns,
        receipt: ReceiptKey,
        *,
        tell: Callable[[Own, datetime], tuple[Turn, ...]],
        draw: Callable[[tuple[Turn, ...]], str],
        whole: Callable[[], WholeState | None],
    ) -> None:
        self.source = source
        self._receipt = receipt
        self._tell = tell
        self._draw = draw
        self._whole = whole
        self._own: Own | None = None
        self._overtaken: Moment | None = None
        self._turns: tuple[Turn, ...] = ()
        self._beats = source.beats

    async def take(self) -> bytes:
        """The turns, or a sign of life."""
        moment, beats = self.source.newest, self.source.beats
        if moment is None:
            return b""
        own, before = moment.of(self._receipt), self._own
        if own != before and moment is not self._overtaken:
            self._own = own
            turns, shown = self._tell(own, moment.at), self._turns
            self._turns = turns
            if before is None or _shape(turns) != _shape(shown):
                self._beats = beats
                return await self._everything(moment)
            if turns != shown:
                self._beats = beats
                return format_sse_event(data_str=self._draw(turns), event="turn", retry=RETRY_MS)
        if beats != self._beats:
            self._beats = beats
            return format_sse_event(data_str="0", event="beat")
        return b""

    async def _everything(self, moment: Moment) -> bytes:
        state = await self.source.whole(self._whole)
        if state is None:
            return format_sse_event(data_str="1", event="again", retry=RETRY_MS)
        if state.own != self._own:
            self._own, self._turns = state.own, self._tell(state.own, moment.at)
            self._overtaken = moment
            self.source.shown_newer()
        return format_sse_event(data_str=state.drawn, event="state", retry=RETRY_MS)


def _shape(turns: tuple[Turn, ...]) -> tuple[str, ...]:
    return tuple(turn.label for turn in turns)
