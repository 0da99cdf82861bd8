"""Visitors in the queue of the office in memory."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from screening.office.counters import Counter
from screening.queue.queue import Order
from screening.queue.tickets import Act, QueueRefusal, Ticket, new_ticket
from tests.dashboard.fakes import FakeOffice


def open_counters(fake: FakeOffice, *names: str, **fields: Any) -> None:
    """Counters at places named like them."""
    there = fake.record.facts.current().counters
    new = {name: Counter(name=name, **{"place": name, **fields}) for name in names}
    fake.record.facts.put(counters={**there, **new})


def come_in(
    fake: FakeOffice, *labels: str, service: str = "KTP", at: datetime | None = None, **more: Any
) -> None:
    """Visitors with these numbers, a minute after each other, the last one now unless told."""
    last = at or fake.clock.now()
    for number, label in enumerate(labels):
        came = last - timedelta(minutes=len(labels) - 1 - number)
        ticket = new_ticket(
            visit_id=_visit_of(label), label=label, steps=(service,), at=came, **more
        )
        fake.queue.put(ticket)


def _visit_of(label: str) -> int:
    """Another one for each label."""
    letters, _, digits = label.partition("-")
    return sum(map(ord, letters)) * 10_000 + int(digits)


def act(fake: FakeOffice, act: Act, counter: str, **more: Any) -> Ticket:
    """What an officer does there."""
    done = fake.queue.act(Order(act=act, counter=counter, by="rina", **more), at=fake.clock.now())
    assert done is not None
    assert not isinstance(done, QueueRefusal)
    return done


def wait(fake: FakeOffice, seconds: float) -> None:
    """Time passes."""
    fake.clock.move_to(fake.clock.now() + timedelta(seconds=seconds))
