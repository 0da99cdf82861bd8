"""The queue of a day, and what an order from a counter does to it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from screening.office.counters import Counter
from screening.office.facts import OfficeFacts
from screening.queue.policy import Call, next_call, standing
from screening.queue.tickets import Act, QueueRefusal, Ticket, TicketState, acted, undone

_LEAVING_ORDER = (
    TicketState.DONE,
    TicketState.GONE,
    TicketState.MISSED,
    TicketState.PARKED,
    TicketState.WAITING,
    TicketState.CALLED,
    TicketState.SERVING,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What somebody at a counter asks for. ``by`` is a log-in or the name of an interface's key.

    ``ticket`` names one by its label; without it the act is for whoever is at the counter, and
    undoing for the last act there.
    ``service`` is what a visitor is sent on to, ``outcome`` the officer's word for how it ended.
    """

    act: Act
    counter: str
    by: str
    ticket: str | None = None
    service: str = ""
    outcome: str = ""


@dataclass(frozen=True, slots=True)
class LastAct:
    """What was done last at a counter: on which visit, and which visits it overtook."""

    visit_id: int
    overtook: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What an order came to: the ticket ``before`` and ``after``, and all tickets that change.

    ``overtook`` are the visits that a call overtook by priority, or that an undone call had.
    """

    before: Ticket
    after: Ticket
    changed: tuple[Ticket, ...]
    last: LastAct | None
    overtook: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Queue:
    """Tickets of those inside by visit, and what was done last by counter."""

    tickets: Mapping[int, Ticket] = field(default_factory=dict)
    last_acts: Mapping[str, LastAct] = field(default_factory=dict)

    def since(self, day_began: datetime) -> Queue:
        """Without those who came on an earlier day and never left."""
        if all(ticket.since >= day_began for ticket in self.tickets.values()):
            return self
        kept = {key: one for key, one in self.tickets.items() if one.since >= day_began}
        return Queue(kept, self.last_acts)

    def with_tickets(self, tickets: Iterable[Ticket]) -> Queue:
        """With these, each in the place of its older self."""
        return Queue(
            {**self.tickets, **{one.visit_id: one for one in tickets}},
            self.last_acts,
        )

    def without(self, visit_id: int) -> Queue:
        """Somebody is not inside any more."""
        kept = dict(self.tickets)
        kept.pop(visit_id, None)
        return Queue(kept, self.last_acts)

    def with_done(self, counter: str, done: Done) -> Queue:
        """After an order of this counter."""
        last = {**self.last_acts}
        last.pop(counter, None)
        if done.last is not None:
            last[counter] = done.last
        return Queue(self.with_tickets(done.changed).tickets, last)

    def at(self, counter: str) -> Ticket | None:
        """Who is called to this counter, or served there."""
        return next(
            (
                ticket
                for ticket in self.tickets.values()
                if ticket.counter == counter and ticket.is_at_a_counter
            ),
            None,
        )

    def labelled(self, label: str) -> Ticket | None:
        """The ticket of that label."""
        return next((one for one in self.tickets.values() if one.label == label), None)

    def first_to_leave(self, visits: Iterable[int]) -> int:
        """Who of a party is taken to go when its receipt is shown at the exit.

        Whoever is done goes before who is missed or parked, who waits, who is called or served;
        then, as where there are no tickets, the first of ``visits``, of which there must be one.
        """

        def place(visit_id: int) -> int:
            ticket = self.tickets.get(visit_id)
            return 0 if ticket is None else _LEAVING_ORDER.index(ticket.state)

        return min(visits, key=place)

    def is_done(self, visit_id: int) -> bool:
        """Whether that visit is inside and its ticket done."""
        ticket = self.tickets.get(visit_id)
        return ticket is not None and ticket.state is TicketState.DONE

    def longest_done(self) -> int | None:
        """The visit of those inside that has waited for nothing for the longest time."""
        done = [one for one in self.tickets.values() if one.state is TicketState.DONE]
        first = min(done, key=lambda one: (one.state_since, one.visit_id), default=None)
        return None if first is None else first.visit_id

    def count_waiting(self, day_began: datetime) -> int:
        """Who has come since then and waits to be called."""
        return sum(
            ticket.state is TicketState.WAITING and ticket.since >= day_began
            for ticket in self.tickets.values()
        )


def obey(
    queue: Queue, order: Order, facts: OfficeFacts, *, at: datetime
) -> Done | QueueRefusal | None:
    """What the order comes to; None where nobody waits to be called next."""
    counter = facts.counters.get(order.counter)
    if counter is None:
        return QueueRefusal.UNKNOWN_COUNTER
    match order.act:
        case Act.UNDO:
            return _undo(queue, order, at)
        case Act.CALL_NEXT | Act.CALL:
            return _call(queue, order, counter, facts, at)
        case _:
            return _do(queue, order, facts, at)


def _call(
    queue: Queue, order: Order, counter: Counter, facts: OfficeFacts, at: datetime
) -> Done | QueueRefusal | None:
    if not counter.is_open:
        return QueueRefusal.COUNTER_CLOSED
    if queue.at(counter.name) is not None:
        return QueueRefusal.COUNTER_BUSY
    call: Call | None
    if order.act is Act.CALL:
        ticket = queue.labelled(order.ticket or "")
        if ticket is None:
            return QueueRefusal.UNKNOWN_TICKET
        call = Call(_freed(ticket, facts))
    else:
        call = next_call(
            queue.tickets.values(),
            counter,
            order=facts.queue_order,
            most_overtakes=facts.queue_overtakes,
        )
    if call is None:
        return None
    after = acted(call.ticket, order.act, at=at, counter=counter.name)
    if isinstance(after, QueueRefusal):
        return after
    overtook = tuple(ticket.visit_id for ticket in call.overtakes)
    return Done(
        before=call.ticket,
        after=after,
        changed=(after, *(_overtaken(ticket, 1) for ticket in call.overtakes)),
        last=LastAct(after.visit_id, overtook),
        overtook=overtook,
    )


def _freed(ticket: Ticket, facts: OfficeFacts) -> Ticket:
    """One whose counter is gone is parked: any other counter can call it, or take it back."""
    if not ticket.is_at_a_counter or ticket.counter in facts.counters:
        return ticket
    return replace(ticket, state=TicketState.PARKED)


def _do(queue: Queue, order: Order, facts: OfficeFacts, at: datetime) -> Done | QueueRefusal:
    if order.ticket is None:
        ticket = queue.at(order.counter)
        if ticket is None:
            return QueueRefusal.NOBODY_HERE
    else:
        named = queue.labelled(order.ticket)
        if named is None:
            return QueueRefusal.UNKNOWN_TICKET
        ticket = _freed(named, facts)
    if ticket.is_at_a_counter and ticket.counter != order.counter:
        return QueueRefusal.NOT_NOW  # it is with somebody else
    if order.act is Act.FORWARD and order.service not in facts.services:
        return QueueRefusal.UNKNOWN_SERVICE
    after = acted(
        ticket,
        order.act,
        at=at,
        counter=order.counter,
        service=order.service,
        outcome=order.outcome,
    )
    if isinstance(after, QueueRefusal):
        return after
    last: LastAct | None = LastAct(after.visit_id)
    if order.act is Act.CHANGE_OUTCOME:
        last = queue.last_acts.get(order.counter)
    return Done(before=ticket, after=after, changed=(after,), last=last)


def _undo(queue: Queue, order: Order, at: datetime) -> Done | QueueRefusal:
    """Once, and only while nobody else has done anything with the ticket.

    Nobody who came to the counter meanwhile is sent away for it.
    """
    counter = order.counter
    last = queue.last_acts.get(counter)
    if order.ticket is None:
        ticket = None if last is None else queue.tickets.get(last.visit_id)
        if ticket is None:
            return QueueRefusal.NOTHING_TO_UNDO
    else:
        ticket = queue.labelled(order.ticket)
        if ticket is None:
            return QueueRefusal.UNKNOWN_TICKET
    there = queue.at(counter)
    is_taken = there is not None and there.visit_id != ticket.visit_id
    after = undone(ticket, counter=counter, at=at, is_taken=is_taken)
    if isinstance(after, QueueRefusal):
        return after
    is_last = last is not None and last.visit_id == ticket.visit_id
    overtook = last.overtook if last is not None and is_last else ()
    freed = [queue.tickets[one] for one in overtook if one in queue.tickets]
    return Done(
        before=ticket,
        after=after,
        changed=(after, *(_overtaken(one, -1) for one in freed)),
        last=None if is_last else last,
        overtook=overtook,
    )


def _overtaken(ticket: Ticket, by: int) -> Ticket:
    return replace(ticket, overtaken=max(0, ticket.overtaken + by))


def _state_since(ticket: Ticket) -> datetime:
    return ticket.state_since


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueView:
    """The queue as people may see it. ``waiting`` are in order, ``called`` the newest call first.

    ``called`` are those at a counter, walking there or served. ``parked`` and ``missed`` are in
    order, too. ``done`` are those inside who are, the newest first. ``counters`` are all, each with
    who is there.
    """

    waiting: tuple[Ticket, ...]
    called: tuple[Ticket, ...]
    parked: tuple[Ticket, ...]
    missed: tuple[Ticket, ...]
    done: tuple[Ticket, ...]
    counters: tuple[tuple[Counter, Ticket | None], ...]


def view_of(queue: Queue, facts: OfficeFacts) -> QueueView:
    """What a queue looks like while these facts hold. Whose counter is gone is parked."""
    stands = standing(facts.queue_order)
    in_order = sorted((_freed(one, facts) for one in queue.tickets.values()), key=stands)

    def those(state: TicketState) -> tuple[Ticket, ...]:
        return tuple(ticket for ticket in in_order if ticket.state is state)

    called = [ticket for ticket in in_order if ticket.is_at_a_counter]
    called.sort(key=lambda ticket: ticket.recalled_at or ticket.since, reverse=True)
    by_counter = {ticket.counter: ticket for ticket in called}
    return QueueView(
        waiting=those(TicketState.WAITING),
        called=tuple(called),
        parked=those(TicketState.PARKED),
        missed=those(TicketState.MISSED),
        done=tuple(sorted(those(TicketState.DONE), key=_state_since, reverse=True)),
        counters=tuple((one, by_counter.get(one.name)) for one in facts.counters.values()),
    )
