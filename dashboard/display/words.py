"""Writes a waiting room's screen in a language; decides nothing about the queue."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from textwrap import wrap

from dashboard.display.contexts import MOST_CHARACTERS, CallLine, Display, Turn
from dashboard.web.hours_words import told_closures, told_hours
from dashboard.web.office_words import Words
from dashboard.web.queue_words import counter_place, told_wait
from dashboard.web.speech import quiet_span
from dashboard.web.words import N_
from screening.figures.live_waits import ExpectedWaits
from screening.figures.waits import Interval
from screening.office.counters import Counter
from screening.office.facts import Mode, OfficeFacts
from screening.office.standing import Door, Standing
from screening.queue.queue import QueueView
from screening.queue.tickets import Ticket
from screening.visits import SeatState

OTHERS_SHOWN = 4
"""Two less where somebody is asked to the inner chairs."""
AHEAD_SHOWN = 6
_GOES_ON = " …"
CLOSURES_DAYS = 7
"""Whoever sits here may have booked one of the next days."""
WAITS_SHOWN = 4
"""Of more services the turns would take too long to come round."""

RULES: dict[Mode, tuple[tuple[str, str], ...]] = {
    Mode.EVERYDAY: (
        ("armchair", N_("Please sit until your number is called.")),
        ("volume", N_("Your number is shown here and called aloud.")),
    ),
    Mode.OUTBREAK: (
        ("armchair", N_("Please sit on your own seat. Sealed seats stay empty.")),
        ("face-mask", N_("Keep the mask over your nose and mouth.")),
        ("users-group", N_("Do not stand at the counters. You will be called.")),
    ),
}
"""The room's rules by mode, each with its drawing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomCall:
    """A call that is heard in a room."""

    key: str
    at: datetime
    ticket: Ticket
    counter: Counter


def calls_in(view: QueueView, room: str) -> tuple[RoomCall, ...]:
    """Who is called to a counter of this room, the newest call first."""
    counters = {counter.name: counter for counter, _ in view.counters if counter.calls_into(room)}
    return tuple(
        RoomCall(
            key=f"{ticket.visit_id}-{ticket.recalled_at.timestamp():.3f}",
            at=ticket.recalled_at,
            ticket=ticket,
            counter=counters[ticket.counter],
        )
        for ticket in view.called
        if ticket.counter in counters and ticket.recalled_at is not None
    )


def in_parts(turn: Turn) -> Iterator[Turn]:
    """The same in parts that fit, each but the last with an ellipsis; words stay whole as far as
    they fit in one."""
    if len(turn.text) <= MOST_CHARACTERS:
        yield turn
        return
    room = MOST_CHARACTERS - len(_GOES_ON)
    *parts, last = wrap(turn.text, room, break_on_hyphens=False)
    for part in parts:
        yield Turn(symbol=turn.symbol, text=part + _GOES_ON)
    yield Turn(symbol=turn.symbol, text=last)


@dataclass(frozen=True, slots=True)
class DisplayWords:
    """Writes in the language of ``words``."""

    words: Words
    facts: OfficeFacts

    def display(
        self,
        room: str,
        view: QueueView,
        standing: Standing,
        seats: Sequence[SeatState] | None,
        waits: ExpectedWaits,
    ) -> Display:
        """The room's screen now; ``seats`` is None where they are not known."""
        calls, view = calls_in(view, room), self._of_room(view, room)
        lines = [self._line(call) for call in calls]
        free = None
        if seats is not None:
            free = sum(not seat.is_sealed and seat.visit_id is None for seat in seats)
        ahead = tuple(one.label for one in view.waiting if one.is_called_ahead)[:AHEAD_SHOWN]
        shown = OTHERS_SHOWN - 2 * bool(ahead)
        quiet = self._quiet(standing)
        return Display(
            room=room,
            newest=lines[0] if lines else None,
            others=tuple(lines[1 : 1 + shown]),
            ahead=ahead,
            free=free,
            waiting=len(view.waiting),
            turns=tuple(
                part
                for turn in self._turns(room, view, standing, waits, quiet=quiet, free=free)
                for part in in_parts(turn)
            ),
            keys=" ".join(call.key for call in calls),
            quiet=quiet,
        )

    def _quiet(self, standing: Standing) -> str:
        span = quiet_span(self.facts, standing.at)
        if span is None:
            return ""
        told = self._say(N_("No sound until %(time)s"))
        return told % {"time": self.words.language.clock(span.end)}

    def _of_room(self, view: QueueView, room: str) -> QueueView:
        """Without those whom only counters of other rooms call; all where no counter is known."""
        counters = self.facts.counters.values()
        own = [one for one in counters if one.calls_into(room)]

        def is_here(ticket: Ticket) -> bool:
            callers = [one for one in counters if one.takes(ticket.service)]
            return not callers or any(one in own for one in callers)

        return replace(
            view,
            waiting=tuple(filter(is_here, view.waiting)),
            missed=tuple(filter(is_here, view.missed)),
        )

    def _line(self, call: RoomCall) -> CallLine:
        return CallLine(
            key=call.key,
            label=call.ticket.label,
            place=counter_place(call.counter, self.words.language),
            at=self.words.language.time(call.at, self.words.zone),
        )

    def _turns(
        self,
        room: str,
        view: QueueView,
        standing: Standing,
        waits: ExpectedWaits,
        *,
        quiet: str,
        free: int | None,
    ) -> Iterator[Turn]:
        language, today = self.words.language, standing.at.date()
        if quiet:
            yield Turn(symbol="volume-off", text=quiet)
        if free is None:
            text = self._say(N_("Free seats cannot be counted now"))
            yield Turn(symbol="armchair-off", text=text)
        for text in told_closures(self.facts, today, language, days=CLOSURES_DAYS):
            yield Turn(symbol="calendar-off", text=text)
        if self.facts.message:
            yield Turn(symbol="info-circle", text=self.facts.message)
        if view.missed:
            missed = ", ".join(ticket.label for ticket in view.missed[:AHEAD_SHOWN])
            told = self._say(N_("Called and not there: %(numbers)s. Please tell an officer."))
            yield Turn(symbol="speakerphone", text=told % {"numbers": missed})
        if standing.door is Door.OPEN:
            for text in self._waits(room, waits):
                yield Turn(symbol="hourglass", text=text)
        for symbol, rule in RULES[self.facts.mode]:
            yield Turn(symbol=symbol, text=self._say(rule))
        yield Turn(symbol="clock-hour-8", text=told_hours(standing, self.words.language))

    def _waits(self, room: str, waits: ExpectedWaits) -> Iterator[str]:
        """How long who comes now waits for services whose counters call into this room."""
        counters = [one for one in self.facts.counters.values() if one.calls_into(room)]
        told = [
            (self.words.service(code) or code, told_wait(wait, self.words.language))
            for code, wait in waits.newcomers.items()
            if isinstance(wait, Interval) and any(one.takes(code) for one in counters)
        ]
        words = self._say(N_("%(service)s, who comes now: %(wait)s"))
        for service, wait in told[:WAITS_SHOWN]:
            yield words % {"service": service, "wait": wait}

    def _say(self, message: str) -> str:
        return self.words.language.say(message)
