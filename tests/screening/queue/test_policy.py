"""Who is called next, and that nobody is overtaken too often."""

from __future__ import annotations

from collections import Counter as Tally
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from screening.office.counters import Counter, QueueOrder
from screening.office.facts import OfficeFacts
from screening.office.services import Channel, Service
from screening.queue.policy import call_order, next_call
from screening.queue.queue import Done, Order, Queue, obey
from screening.queue.tickets import Act, Ticket, TicketState, new_ticket

NINE = datetime(2026, 3, 10, 2, 0, tzinfo=UTC)
SERVICES = ("KTP", "KK", "AKTA")


def minutes(number: float) -> datetime:
    return NINE + timedelta(minutes=number)


def ticket(
    number: int, service: str = "KTP", *, booked_for: datetime | None = None, priority: bool = False
) -> Ticket:
    return new_ticket(
        visit_id=number,
        label=f"K-{number:03d}",
        steps=(service,),
        at=minutes(number),
        booked_for=booked_for,
        is_priority=priority,
    )


def calls(
    tickets: list[Ticket], *, order: QueueOrder = QueueOrder.BOOKED_TIME, most: int = 3
) -> list[int]:
    """Everybody in the order in which one counter calls them."""
    facts = office(Counter(name="1"), order=order, most=most)
    queue, called = Queue({one.visit_id: one for one in tickets}), []
    while True:
        done = obey(queue, Order(act=Act.CALL_NEXT, counter="1", by="rina"), facts, at=NINE)
        if done is None:
            return called
        assert isinstance(done, Done)
        called.append(done.after.visit_id)
        queue = queue.with_done("1", done).without(done.after.visit_id)


def office(
    *counters: Counter, order: QueueOrder = QueueOrder.BOOKED_TIME, most: int = 3
) -> OfficeFacts:
    return OfficeFacts(
        counters={one.name: one for one in counters},
        services={code: Service(code=code, channel=Channel.WALK_IN, names={}) for code in SERVICES},
        queue_order=order,
        queue_overtakes=most,
    )


def test_without_priority_they_come_in_the_order_of_arrival() -> None:
    assert calls([ticket(3), ticket(1), ticket(2)]) == [1, 2, 3]


def test_a_booked_time_stands_for_the_arrival() -> None:
    tickets = [ticket(10), ticket(20, booked_for=minutes(5)), ticket(1, booked_for=minutes(30))]

    assert calls(tickets) == [20, 10, 1]
    assert calls(tickets, order=QueueOrder.ARRIVAL) == [1, 10, 20]


def test_priority_goes_first_until_somebody_was_overtaken_often_enough() -> None:
    tickets = [ticket(1), ticket(2)] + [ticket(n, priority=True) for n in range(10, 16)]

    assert calls(tickets, most=2) == [10, 11, 1, 2, 12, 13, 14, 15]


def test_priority_can_be_switched_off() -> None:
    assert calls([ticket(1), ticket(2, priority=True)], most=0) == [1, 2]


def test_a_counter_calls_only_for_its_services_and_for_those_without_one() -> None:
    counter = Counter(name="1", services=("KK",))

    def called(*tickets: Ticket) -> Ticket | None:
        found = next_call(tickets, counter, order=QueueOrder.BOOKED_TIME, most_overtakes=3)
        return None if found is None else found.ticket

    assert called(ticket(1)) is None
    assert called(ticket(1), ticket(2, "KK")) == ticket(2, "KK")
    assert called(ticket(1, "")) == ticket(1, "")


@pytest.mark.parametrize("state", set(TicketState) - {TicketState.WAITING})
def test_nobody_is_called_next_who_does_not_wait(state: TicketState) -> None:
    assert calls([replace(ticket(1), state=state)]) == []


def test_an_officer_s_choice_overtakes_nobody() -> None:
    tickets = [ticket(1), ticket(2, priority=True)]
    queue = Queue({one.visit_id: one for one in tickets})
    order = Order(act=Act.CALL, counter="1", by="rina", ticket="K-002")
    done = obey(queue, order, office(Counter(name="1")), at=NINE)

    assert isinstance(done, Done)
    assert (done.after.visit_id, done.overtook) == (2, ())
    assert queue.with_done("1", done).tickets[1].overtaken == 0


_counter = st.integers(0, 2)
_events = st.one_of(
    st.tuples(st.just("come"), st.sampled_from(SERVICES), st.booleans(), st.integers(-30, 60)),
    st.tuples(st.just("urgent"), st.just("KK"), st.just(True), st.just(0)),
    st.tuples(st.just("serve"), _counter),
    st.tuples(st.just("serve"), _counter),
    st.tuples(st.sampled_from(["call", "park", "done", "undo"]), _counter),
    st.tuples(st.sampled_from(["back", "leave"]), st.integers(1, 20)),
)
_ACTS = {
    "serve": [Act.CALL_NEXT, Act.DONE],
    "call": [Act.CALL_NEXT],
    "park": [Act.PARK],
    "done": [Act.DONE],
    "undo": [Act.UNDO],
    "back": [Act.TAKE_BACK],
}


class _Office:
    """Three counters that share services, and who was overtaken there as anybody could see it."""

    def __init__(self, order: QueueOrder, most: int) -> None:
        self.facts = office(
            Counter(name="0", services=("KTP", "KK")),
            Counter(name="1", services=("KK", "AKTA")),
            Counter(name="2"),
            order=order,
            most=most,
        )
        self.queue = Queue()
        self.overtaken = Tally[int]()
        self._jumped: dict[str, tuple[int, ...]] = {}
        self._arrived = 0

    def come(self, service: str, is_priority: bool, ahead: int, at: datetime) -> None:
        self._arrived += 1
        new = new_ticket(
            visit_id=self._arrived,
            label=f"K-{self._arrived:03d}",
            steps=(service,),
            at=at,
            booked_for=at + timedelta(minutes=ahead),
            is_priority=is_priority,
        )
        self.queue = self.queue.with_tickets([new])

    def leave(self, number: int) -> None:
        self.queue = self.queue.without(number)

    def act(self, act: Act, number: int, at: datetime) -> None:
        name = str(number % 3)
        label = f"K-{number:03d}" if act is Act.TAKE_BACK else None
        order = Order(act=act, counter=name, by="rina", ticket=label)
        done = obey(self.queue, order, self.facts, at=at)
        if not isinstance(done, Done):
            return
        if act is Act.CALL_NEXT:
            before = self._before(done.before, name)
            assert not before or done.after.is_priority
            self.overtaken.update(before)
            self._jumped[name] = before
        else:
            jumped = self._jumped.pop(name, ())
            self.overtaken.subtract(jumped if act is Act.UNDO else ())
        self.queue = self.queue.with_done(name, done)

    def _before(self, called: Ticket, counter: str) -> tuple[int, ...]:
        """Who stood before the one who was called and could have been served there."""

        def place(one: Ticket) -> tuple[datetime, datetime, int]:
            is_by_arrival = self.facts.queue_order is QueueOrder.ARRIVAL
            came = one.since if is_by_arrival or one.booked_for is None else one.booked_for
            return came, one.since, one.visit_id

        return tuple(
            one.visit_id
            for one in self.queue.tickets.values()
            if one.state is TicketState.WAITING
            and self.facts.counters[counter].takes(one.service)
            and place(one) < place(called)
        )


@settings(max_examples=150)
@given(st.lists(_events, max_size=60), st.integers(0, 2), st.sampled_from(QueueOrder))
def test_nobody_is_overtaken_by_priority_more_often_than_the_limit(
    events: list[tuple[Any, ...]], most: int, order: QueueOrder
) -> None:
    there, now = _Office(order, most), NINE
    for what, *values in events:
        now += timedelta(minutes=1)
        if what in {"come", "urgent"}:
            there.come(*values, now)
        elif what == "leave":
            there.leave(*values)
        else:
            for act in _ACTS[what]:
                there.act(act, *values, now)
        assert all(count <= most for count in there.overtaken.values())
        at_counters = [one.counter for one in there.queue.tickets.values() if one.is_at_a_counter]
        assert len(at_counters) == len(set(at_counters))


@given(
    st.lists(st.booleans(), max_size=12),
    st.integers(min_value=0, max_value=4),
)
def test_the_order_of_being_called_is_that_in_which_one_counter_calls(
    priority: list[bool], most: int
) -> None:
    line = [ticket(number, priority=one) for number, one in enumerate(priority, start=1)]

    assert [one.visit_id for one in call_order(line, most_overtakes=most)] == calls(line, most=most)
