"""Who is called next. Pure.

Those who wait stand in one order, by booked time or by arrival as the office chose. A counter calls
the first of those it serves, but whoever has lawful priority goes before the others: elderly,
disabled, pregnant, with a small child, a disaster victim. Nobody is overtaken so more often than
the office's limit: where a call by priority would overtake somebody who has reached it, the first
in order is called instead, which overtakes nobody.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from screening.office.counters import Counter, QueueOrder
from screening.queue.tickets import Ticket, TicketState

Standing = tuple[datetime, datetime, int]
"""Whoever has the smaller one stands before the other."""


@dataclass(frozen=True, slots=True)
class Call:
    """Whom to call, and who is overtaken by it because of priority."""

    ticket: Ticket
    overtakes: tuple[Ticket, ...] = ()


def standing(order: QueueOrder) -> Callable[[Ticket], Standing]:
    """What tickets are sorted by."""
    if order is QueueOrder.ARRIVAL:
        return lambda ticket: (ticket.since, ticket.since, ticket.visit_id)
    return lambda ticket: (ticket.booked_for or ticket.since, ticket.since, ticket.visit_id)


def next_call(
    tickets: Iterable[Ticket], counter: Counter, *, order: QueueOrder, most_overtakes: int
) -> Call | None:
    """Whom this counter calls next; None where nobody waits for it."""
    stands = standing(order)
    served = [
        ticket
        for ticket in tickets
        if ticket.state is TicketState.WAITING and counter.takes(ticket.service)
    ]
    if not served:
        return None
    first = min(served, key=stands)
    preferred = min((one for one in served if one.is_priority), key=stands, default=first)
    if preferred is first or most_overtakes == 0:
        return Call(first)
    place = stands(preferred)
    overtaken = tuple(ticket for ticket in served if stands(ticket) < place)
    if any(ticket.overtaken >= most_overtakes for ticket in overtaken):
        return Call(first)
    return Call(preferred, overtaken)


def call_order(in_order: Sequence[Ticket], *, most_overtakes: int) -> list[Ticket]:
    """Those who wait, handed in as they stand, in the order of being called if nobody else came.

    As if one counter called them all: who is overtaken by whom at several is not known before.
    """
    waiting, found = list(in_order), list[Ticket]()
    times = [ticket.overtaken for ticket in waiting]
    while waiting:
        place = next((number for number, one in enumerate(waiting) if one.is_priority), None)
        if place is None or most_overtakes == 0:
            return [*found, *waiting]
        bound = [number for number in range(place) if times[number] >= most_overtakes]
        if bound:
            found += waiting[: bound[-1] + 1]
            del waiting[: bound[-1] + 1], times[: bound[-1] + 1]
        else:
            found.append(waiting.pop(place))
            del times[place]
            times[:place] = [one + 1 for one in times[:place]]
    return found
