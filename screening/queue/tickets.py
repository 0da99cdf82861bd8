"""A ticket: where a visitor stands in the queue, and what may be done with it. Pure.

    WAITING --call--> CALLED --arrived--> SERVING --done--> WAITING for the next step, or DONE
    CALLED, SERVING --park--> PARKED        CALLED --missed--> MISSED
    PARKED, MISSED --take_back--> WAITING   (a chosen call takes them back and calls them)
    any but DONE --forward--> WAITING for another service
    DONE, or what a counter did last --undo--> as before, or WAITING where that counter is taken
    any but DONE --left--> GONE             (the visitor went out, or was annulled)

``since`` is when the visitor came. It never changes, so whoever is taken back or sent on keeps
their place among those who wait.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum


class TicketState(StrEnum):
    """Where a ticket stands; these codes are written to the log and published."""

    WAITING = "waiting"
    CALLED = "called"
    SERVING = "serving"
    PARKED = "parked"
    MISSED = "missed"
    DONE = "done"
    GONE = "gone"


class Act(StrEnum):
    """What somebody at a counter does; these codes are written to the log."""

    CALL_NEXT = "call_next"
    CALL = "call"
    CALL_AHEAD = "call_ahead"
    RECALL = "recall"
    ARRIVED = "arrived"
    PARK = "park"
    MISSED = "missed"
    TAKE_BACK = "take_back"
    FORWARD = "forward"
    DONE = "done"
    CHANGE_OUTCOME = "change_outcome"
    UNDO = "undo"


class QueueRefusal(StrEnum):
    """Why nothing was done; these codes are part of the HTTP interface."""

    UNKNOWN_COUNTER = "unknown_counter"
    COUNTER_CLOSED = "counter_closed"
    COUNTER_BUSY = "counter_busy"
    NOBODY_HERE = "nobody_here"
    UNKNOWN_TICKET = "unknown_ticket"
    UNKNOWN_SERVICE = "unknown_service"
    NOT_NOW = "not_now"
    NOTHING_TO_UNDO = "nothing_to_undo"


AT_A_COUNTER = frozenset({TicketState.CALLED, TicketState.SERVING})
OVER = frozenset({TicketState.DONE, TicketState.GONE})

_CALLABLE = frozenset({TicketState.WAITING, TicketState.PARKED, TicketState.MISSED})

ALLOWED: Mapping[Act, frozenset[TicketState]] = {
    Act.CALL_NEXT: frozenset({TicketState.WAITING}),
    Act.CALL: _CALLABLE,
    Act.CALL_AHEAD: frozenset({TicketState.WAITING}),
    Act.RECALL: frozenset({TicketState.CALLED}),
    Act.ARRIVED: frozenset({TicketState.CALLED}),
    Act.PARK: AT_A_COUNTER,
    Act.MISSED: frozenset({TicketState.CALLED}),
    Act.TAKE_BACK: frozenset({TicketState.PARKED, TicketState.MISSED}),
    Act.FORWARD: _CALLABLE | AT_A_COUNTER,
    Act.DONE: AT_A_COUNTER,
}
"""In which states each act may be done. UNDO and CHANGE_OUTCOME are told by what was done last."""

_LEADS_TO: Mapping[Act, TicketState] = {
    Act.CALL_NEXT: TicketState.CALLED,
    Act.CALL: TicketState.CALLED,
    Act.ARRIVED: TicketState.SERVING,
    Act.PARK: TicketState.PARKED,
    Act.MISSED: TicketState.MISSED,
    Act.TAKE_BACK: TicketState.WAITING,
}
"""What FORWARD and DONE lead to depends on the steps; the others leave the state as it is."""


@dataclass(frozen=True, slots=True)
class Seconds:
    """Time spent on one step. Walking is from the first call until the visitor is there.

    Whoever is done without having been noted as there has been walking until then. Time parked or
    missed is none of the three.
    """

    waiting: float = 0.0
    walking: float = 0.0
    serving: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class FinishedStep:
    """A step that is over. ``counter`` is None where the visitor left before any called.

    ``began`` is when the visitor began to wait for it; ``outcome`` is the officer's word, or empty.
    """

    service: str
    counter: str | None
    began: datetime
    ended: datetime
    seconds: Seconds
    outcome: str = ""
    state: TicketState = TicketState.DONE
    is_priority: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """A visit's place in the queue. ``label`` is what is called, such as ``L-004``.

    ``steps`` are the services in their order, "" where the gate knew none; ``step`` is the place in
    them of the current one. ``state_since`` is when the current state began, ``step_since`` when
    the visitor began to wait for this step. ``called_at`` is the first call to ``counter``,
    ``recalled_at`` the newest, ``calls`` how many there were. ``overtaken`` counts how often
    somebody behind this ticket was called before it by priority. ``acted_at`` is the counter of the
    last act, ``previous`` the ticket before it, for undoing; it knows no previous one itself.
    """

    visit_id: int
    label: str
    steps: tuple[str, ...]
    since: datetime
    step_since: datetime
    state_since: datetime
    step: int = 0
    state: TicketState = TicketState.WAITING
    receipt: tuple[str, str] | None = None
    booked_for: datetime | None = None
    is_priority: bool = False
    is_called_ahead: bool = False
    counter: str | None = None
    called_at: datetime | None = None
    recalled_at: datetime | None = None
    calls: int = 0
    seconds: Seconds = Seconds()
    finished: tuple[FinishedStep, ...] = ()
    overtaken: int = 0
    acted_at: str | None = None
    previous: Ticket | None = None

    @property
    def service(self) -> str:
        """Of the current step; "" where the gate knew none."""
        return self.steps[self.step]

    @property
    def is_at_a_counter(self) -> bool:
        """Whether a counter has called this visitor and is not done."""
        return self.state in AT_A_COUNTER


def new_ticket(
    *,
    visit_id: int,
    label: str,
    steps: tuple[str, ...],
    at: datetime,
    receipt: tuple[str, str] | None = None,
    booked_for: datetime | None = None,
    is_priority: bool = False,
) -> Ticket:
    """Of a visitor who has just come in."""
    return Ticket(
        visit_id=visit_id,
        label=label,
        steps=steps,
        since=at,
        step_since=at,
        state_since=at,
        receipt=receipt,
        booked_for=booked_for,
        is_priority=is_priority,
    )


def taken_up(before: Ticket, *, visit_id: int, at: datetime) -> Ticket:
    """Of a visitor who comes back in: who was done waits anew, all others go on where they were.

    The time outside counts as none of the step's.
    """
    if before.state is TicketState.DONE:
        return replace(
            _uncalled(before),
            visit_id=visit_id,
            step=0,
            state=TicketState.WAITING,
            since=at,
            step_since=at,
            state_since=at,
            seconds=Seconds(),
            overtaken=0,
            previous=None,
        )
    return replace(
        _uncalled(before),
        visit_id=visit_id,
        state=TicketState.WAITING,
        state_since=at,
        finished=tuple(one for one in before.finished if one.state is TicketState.DONE),
        previous=None,
    )


def acted(
    ticket: Ticket,
    act: Act,
    *,
    at: datetime,
    counter: str,
    service: str = "",
    outcome: str = "",
    is_taken: bool = False,
) -> Ticket | QueueRefusal:
    """The ticket after the act; NOT_NOW where its state does not allow it.

    ``counter`` is where it is called to, ``service`` what it is sent on to. ``is_taken`` is for
    undoing: somebody else is at the counter by now.
    """
    if act is Act.UNDO:
        return undone(ticket, counter=counter, at=at, is_taken=is_taken)
    if act is Act.CHANGE_OUTCOME:
        return _with_outcome(ticket, counter, outcome)
    if ticket.state not in ALLOWED[act]:
        return QueueRefusal.NOT_NOW
    after = _after(ticket, act, at=at, counter=counter, service=service, outcome=outcome)
    return replace(after, acted_at=counter, previous=replace(ticket, previous=None))


def can_undo(ticket: Ticket, counter: str) -> bool:
    """Whether what this counter did last with the ticket can be taken back."""
    is_its_own = ticket.acted_at == counter
    return is_its_own and (ticket.previous is not None or ticket.state is TicketState.DONE)


def undone(
    ticket: Ticket, *, counter: str, at: datetime, is_taken: bool = False
) -> Ticket | QueueRefusal:
    """As it was before this counter's last act. Only what others did to it since is kept.

    Whoever was at the counter waits again with the time of arrival where it ``is_taken``, or where
    nothing is known of before but that the step was finished.
    """
    if not can_undo(ticket, counter):
        return QueueRefusal.NOTHING_TO_UNDO
    before = ticket.previous
    if before is None:
        *finished, last = ticket.finished
        before = replace(
            ticket,
            state=TicketState.SERVING,
            seconds=last.seconds,
            finished=tuple(finished),
        )
        is_taken = True
    if is_taken and before.is_at_a_counter:
        before = replace(_uncalled(before), state=TicketState.WAITING, state_since=at)
    return replace(before, overtaken=ticket.overtaken)


def _with_outcome(ticket: Ticket, counter: str, outcome: str) -> Ticket | QueueRefusal:
    """Undoing what was done since then keeps it."""
    if not ticket.finished or ticket.finished[-1].counter != counter:
        return QueueRefusal.NOT_NOW
    finished = (*ticket.finished[:-1], replace(ticket.finished[-1], outcome=outcome))
    before = ticket.previous
    if before is not None and len(before.finished) == len(finished):
        before = replace(before, finished=finished)
    return replace(ticket, finished=finished, previous=before)


def put_back(ended: Ticket, at: datetime) -> Ticket:
    """The visitor had not left after all: who was done stays so, all others wait again."""
    if ended.state is TicketState.DONE:
        return replace(ended, previous=None)
    return taken_up(ended, visit_id=ended.visit_id, at=at)


def with_priority(ticket: Ticket, *, is_priority: bool) -> Ticket:
    """With lawful priority or without; undoing an act does not change it."""
    before = ticket.previous
    return replace(
        ticket,
        is_priority=is_priority,
        previous=None if before is None else replace(before, is_priority=is_priority),
    )


def left(ticket: Ticket, at: datetime) -> Ticket:
    """The visitor is out, or was never in: nobody calls this ticket any more."""
    if ticket.state in OVER:
        return replace(ticket, previous=None)
    counted = _counted(ticket, at)
    gone = _finished(counted, at, outcome="", state=TicketState.GONE)
    return replace(
        gone, state=TicketState.GONE, state_since=at, previous=None, is_called_ahead=False
    )


def _uncalled(ticket: Ticket) -> Ticket:
    return replace(
        ticket, counter=None, called_at=None, recalled_at=None, calls=0, is_called_ahead=False
    )


def _after(
    ticket: Ticket, act: Act, *, at: datetime, counter: str, service: str, outcome: str
) -> Ticket:
    moved = _moved(ticket, _LEADS_TO.get(act, ticket.state), at)
    match act:
        case Act.CALL_AHEAD:
            after = replace(ticket, is_called_ahead=True)
        case Act.RECALL:
            after = replace(ticket, recalled_at=at, calls=ticket.calls + 1)
        case Act.CALL_NEXT | Act.CALL:
            after = replace(moved, counter=counter, called_at=at, recalled_at=at, calls=1)
        case Act.TAKE_BACK:
            after = _uncalled(moved)
        case Act.FORWARD:
            after = _forwarded(_counted(ticket, at), service, at)
        case Act.DONE:
            after = _done(_counted(ticket, at), outcome, at)
        case _:
            after = moved
    return after


def _forwarded(ticket: Ticket, service: str, at: datetime) -> Ticket:
    """Whoever was being served has finished that step, all others never began it."""
    steps, step = ticket.steps, ticket.step
    if ticket.state is not TicketState.SERVING:
        sent = replace(ticket, steps=(*steps[:step], service, *steps[step + 1 :]))
        return replace(_uncalled(sent), state=TicketState.WAITING, state_since=at)
    finished = _finished(ticket, at, outcome="", state=TicketState.DONE)
    sent = replace(finished, steps=(*steps[: step + 1], service, *steps[step + 1 :]))
    return _next_step(sent, at)


def _done(ticket: Ticket, outcome: str, at: datetime) -> Ticket:
    finished = _finished(ticket, at, outcome=outcome, state=TicketState.DONE)
    if ticket.step + 1 < len(ticket.steps):
        return _next_step(finished, at)
    return replace(
        finished,
        state=TicketState.DONE,
        state_since=at,
        seconds=Seconds(),
        is_called_ahead=False,
    )


def _next_step(ticket: Ticket, at: datetime) -> Ticket:
    return replace(
        _uncalled(ticket),
        step=ticket.step + 1,
        state=TicketState.WAITING,
        step_since=at,
        state_since=at,
        seconds=Seconds(),
    )


def _finished(ticket: Ticket, at: datetime, *, outcome: str, state: TicketState) -> Ticket:
    step = FinishedStep(
        service=ticket.service,
        counter=ticket.counter,
        began=ticket.step_since,
        ended=at,
        seconds=ticket.seconds,
        outcome=outcome,
        state=state,
        is_priority=ticket.is_priority,
    )
    return replace(ticket, finished=(*ticket.finished, step))


def _moved(ticket: Ticket, state: TicketState, at: datetime) -> Ticket:
    return replace(_counted(ticket, at), state=state, state_since=at, is_called_ahead=False)


def _counted(ticket: Ticket, at: datetime) -> Ticket:
    """With the time in the current state added. A clock that was set back adds nothing."""
    spent = max(0.0, (at - ticket.state_since).total_seconds())
    seconds = ticket.seconds
    match ticket.state:
        case TicketState.WAITING:
            seconds = replace(seconds, waiting=seconds.waiting + spent)
        case TicketState.CALLED:
            seconds = replace(seconds, walking=seconds.walking + spent)
        case TicketState.SERVING:
            seconds = replace(seconds, serving=seconds.serving + spent)
        case _:
            return ticket
    return replace(ticket, seconds=seconds)
