"""Writes a counter's page in a language; which acts there are is told by the ticket's state."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from dashboard.counter.contexts import (
    ActButton,
    CounterLine,
    CounterLive,
    HandledLine,
    LetterLine,
    Moment,
    Person,
    QueueLine,
    ServiceChoice,
    StepLine,
)
from dashboard.web.office_words import Words
from dashboard.web.queue_words import (
    STATES,
    counter_place,
    helps_of,
    told_call,
    told_wait,
    why_untold,
)
from dashboard.web.words import N_
from screening.figures.live_waits import ExpectedWaits
from screening.figures.waits import Interval
from screening.office.counters import Counter
from screening.office.facts import OfficeFacts
from screening.queue.queue import QueueView
from screening.queue.tickets import Act, QueueRefusal, Ticket, TicketState, can_undo

WAITING_SHOWN = 6
HANDLED_SHOWN = 4
"""A mistake is noticed within the next few people."""

NEXT = ActButton(
    path=Act.CALL_NEXT, word=N_("Call the next one"), symbol="speakerphone", key="N", kind="strong"
)
RECALL = ActButton(path=Act.RECALL, word=N_("Call again"), symbol="repeat", key="R")
ARRIVED = ActButton(
    path=Act.ARRIVED, word=N_("Is here"), symbol="user-check", key="A", kind="strong"
)
MISSED = ActButton(path=Act.MISSED, word=N_("Did not come"), symbol="user-off", key="M")
PARK = ActButton(path=Act.PARK, word=N_("Park"), symbol="player-pause", key="P")
DONE = ActButton(path=Act.DONE, word=N_("Done"), symbol="check", key="D")
UNDO = ActButton(path=Act.UNDO, word=N_("Undo"), symbol="arrow-back-up", key="U")
OPEN = ActButton(
    path="open", word=N_("Open this counter"), symbol="door-enter", key="O", kind="strong"
)

REFUSALS: dict[QueueRefusal, str] = {
    QueueRefusal.UNKNOWN_COUNTER: N_("This counter does not exist any more."),
    QueueRefusal.COUNTER_CLOSED: N_("This counter is closed. Open it first."),
    QueueRefusal.COUNTER_BUSY: N_("Somebody is still called here. Finish with them first."),
    QueueRefusal.NOBODY_HERE: N_("Nobody is at this counter."),
    QueueRefusal.UNKNOWN_TICKET: N_("This number is not inside any more."),
    QueueRefusal.UNKNOWN_SERVICE: N_("This service does not exist any more."),
    QueueRefusal.NOT_NOW: N_("That cannot be done with this number now. Look at the newest state."),
    QueueRefusal.NOTHING_TO_UNDO: N_("There is nothing to undo here."),
}
NOBODY_WAITS = N_("Nobody waits for this counter.")


def acts_of(counter: Counter, ticket: Ticket | None) -> tuple[ActButton, ...]:
    """What may be done now, the usual act first."""
    if ticket is None:
        return (NEXT if counter.is_open else OPEN, UNDO)
    if ticket.state is TicketState.CALLED:
        return (ARRIVED, DONE, RECALL, MISSED, PARK, UNDO)
    return (_strong(DONE), PARK, UNDO)


def _strong(act: ActButton) -> ActButton:
    return ActButton(path=act.path, word=act.word, symbol=act.symbol, key=act.key, kind="strong")


def next_ahead(view: QueueView, counter: Counter) -> str:
    """The first of those it serves who was not asked to the inner chairs; empty where none is."""
    waiting = (one for one in view.waiting if counter.takes(one.service))
    return next((one.label for one in waiting if not one.is_called_ahead), "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """What a counter is told of who registered for ``service``; empty where nobody knows them."""

    name: str = ""
    service: str = ""
    answers: Mapping[str, str] = field(default_factory=dict)


UNKNOWN = Holder()


def handled_at(view: QueueView, counter: Counter) -> list[Ticket]:
    """What was finished or sent on there, the newest first, while nobody else went on with it."""
    found = [
        one
        for one in (*view.done, *view.waiting)
        if can_undo(one, counter.name)
        and (one.state is TicketState.DONE or (one.previous and one.previous.is_at_a_counter))
    ]
    return sorted(found, key=lambda one: one.state_since, reverse=True)


@dataclass(frozen=True, slots=True)
class CounterWords:
    """Writes in the language of ``words``."""

    words: Words
    facts: OfficeFacts

    def live(
        self, counter: Counter, view: QueueView, waits: ExpectedWaits, *, holder: Holder
    ) -> CounterLive:
        """The counter now; ``holder`` is whoever is there."""
        ticket = at_counter(view, counter)
        served = [one for one in view.waiting if counter.takes(one.service)]
        return CounterLive(
            name=counter.name,
            title=counter_place(counter, self.words.language),
            is_open=counter.is_open,
            wants_help=counter.wants_help,
            helps=helps_of(self.facts, self.words.language, without=counter.name),
            person=None if ticket is None else self._person(ticket, holder),
            acts=tuple(self._said(act) for act in acts_of(counter, ticket)),
            waiting=tuple(self._line(one, waits) for one in served[:WAITING_SHOWN]),
            waiting_count=len(served),
            wait=self._wait(counter, waits),
            letters=tuple(self._letters(view.waiting)),
            parked=tuple(self._line(one, waits) for one in view.parked),
            missed=tuple(self._line(one, waits) for one in view.missed),
            handled=tuple(self._handled(one) for one in handled_at(view, counter)[:HANDLED_SHOWN]),
            ahead=next_ahead(view, counter),
        )

    def choice(self, view: QueueView) -> tuple[CounterLine, ...]:
        """Every counter of the office."""
        every = self._say(N_("every service"))
        return tuple(
            CounterLine(
                name=counter.name,
                title=counter_place(counter, self.words.language),
                is_open=counter.is_open,
                wants_help=counter.wants_help,
                services=", ".join(self.words.service(one) or one for one in counter.services)
                or every,
                at=ticket.label if ticket else "",
            )
            for counter, ticket in view.counters
        )

    def services(self, counter: Counter) -> tuple[ServiceChoice, ...]:
        """Every service of the office; the first nine have a key."""
        return tuple(
            ServiceChoice(
                code=code,
                name=self.words.service(code) or code,
                is_taken=code in counter.services,
                key=str(number) if number <= 9 else "",
            )
            for number, code in enumerate(self.facts.services, start=1)
        )

    def refusal(self, why: QueueRefusal | None) -> str:
        """Why nothing was done."""
        return self._say(NOBODY_WAITS if why is None else REFUSALS[why])

    def _person(self, ticket: Ticket, holder: Holder) -> Person:
        booked = ticket.booked_for
        return Person(
            label=ticket.label,
            state=ticket.state.value,
            word=self._say(STATES[ticket.state]),
            name=holder.name,
            answers=self.words.answers(holder.service, holder.answers),
            receipt=ticket.receipt[1] if ticket.receipt else "",
            service=self.words.service(ticket.service) or "",
            steps=tuple(self._steps(ticket)) if len(ticket.steps) > 1 else (),
            is_priority=ticket.is_priority,
            booked="" if booked is None else self.words.language.time(booked, self.words.zone),
            came=self._moment(ticket.since),
            since=self._moment(ticket.state_since),
            calls=ticket.calls,
        )

    def _steps(self, ticket: Ticket) -> Iterator[StepLine]:
        for number, code in enumerate(ticket.steps):
            is_over = number < ticket.step
            outcome = ""
            if is_over and number < len(ticket.finished):
                outcome = ticket.finished[number].outcome
            state = "done" if is_over else "now" if number == ticket.step else "later"
            yield StepLine(name=self.words.service(code) or code, state=state, outcome=outcome)

    def _wait(self, counter: Counter, waits: ExpectedWaits) -> str:
        """Of what it takes, the service with the longest wait; why none is known where none is."""
        language = self.words.language
        own = [wait for code, wait in waits.newcomers.items() if counter.takes(code)]
        known = [wait for wait in own if isinstance(wait, Interval)]
        if known:
            return told_wait(max(known, key=lambda wait: wait.high_s), language)
        return next(filter(None, (why_untold(wait, language) for wait in own)), "")

    def _line(self, ticket: Ticket, waits: ExpectedWaits) -> QueueLine:
        return QueueLine(
            label=ticket.label,
            service=self.words.service(ticket.service) or "",
            since=self._moment(ticket.since),
            is_priority=ticket.is_priority,
            is_called_ahead=ticket.is_called_ahead,
            expected=told_call(
                waits.moments(ticket.visit_id), self.words.language, self.words.zone
            ),
        )

    def _handled(self, ticket: Ticket) -> HandledLine:
        is_done = ticket.state is TicketState.DONE
        if is_done:
            how = ticket.finished[-1].outcome or self._say(STATES[TicketState.DONE])
        else:
            service = self.words.service(ticket.service) or ticket.service
            how = self._say(N_("sent on to %(service)s")) % {"service": service}
        return HandledLine(
            label=ticket.label, how=how, since=self._moment(ticket.state_since), is_done=is_done
        )

    def _letters(self, waiting: Iterable[Ticket]) -> Iterator[LetterLine]:
        by_letter: dict[str, list[Ticket]] = {}
        for ticket in waiting:
            by_letter.setdefault(ticket.label.rpartition("-")[0], []).append(ticket)
        for letter, tickets in sorted(by_letter.items()):
            longest = min(ticket.since for ticket in tickets)
            yield LetterLine(letter=letter, count=len(tickets), longest=self._moment(longest))

    def _moment(self, at: datetime) -> Moment:
        text = self.words.language.time(at, self.words.zone)
        return Moment(text=text, epoch=int(at.timestamp()))

    def _said(self, act: ActButton) -> ActButton:
        return ActButton(
            path=act.path, word=self._say(act.word), symbol=act.symbol, key=act.key, kind=act.kind
        )

    def _say(self, message: str) -> str:
        return self.words.language.say(message)


def at_counter(view: QueueView, counter: Counter) -> Ticket | None:
    """Who is called there or served."""
    return next((ticket for one, ticket in view.counters if one.name == counter.name), None)
