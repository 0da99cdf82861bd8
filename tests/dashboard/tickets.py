"""Visitors in the queue of the office in memory."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from screening.clock import start_of_day
from screening.events import LogGrown
from screening.office.counters import Counter
from screening.queue.queue import Order
from screening.queue.tickets import Act, FinishedStep, QueueRefusal, Seconds, Ticket
from tests.dashboard.fakes import FakeOffice


def open_counters(fake: FakeOffice, *names: str, **fields: Any) -> None:
    """Counters at places named like them."""
    there = fake.record.facts.current().counters
    new = {name: Counter(name=name, **{"place": name, **fields}) for name in names}
    fake.record.facts.put(counters={**there, **new})


def come_in(
    fake: FakeOffice,
    *labels: str,
    service: str = "KTP",
    receipt: tuple[str, str] | None = None,
    booked_for: datetime | None = None,
    is_priority: bool = False,
) -> None:
    """Visitors with these numbers, a minute after each other and the last one now."""
    for number, label in enumerate(labels):
        fake.record.queue.come_in(
            _visit_of(label),
            label,
            service=service,
            at=fake.clock.now() - timedelta(minutes=len(labels) - 1 - number),
            receipt=receipt,
            booked_for=booked_for,
            is_priority=is_priority,
            continues=None,
        )
    tell(fake)


def go_out(fake: FakeOffice, label: str) -> None:
    """The visitor with this number is not inside any more."""
    fake.record.queue.leave(_visit_of(label), fake.clock.now())
    tell(fake)


def act(fake: FakeOffice, act: Act, counter: str, **more: Any) -> Ticket:
    """What an officer does there."""
    order = Order(act=act, counter=counter, by="rina", **more)
    done = fake.record.queue.act(order, at=fake.clock.now())
    assert done is not None
    assert not isinstance(done, QueueRefusal)
    tell(fake)
    return done


def tell(fake: FakeOffice) -> None:
    """The pages hear that something was written."""
    fake.hub.publish(LogGrown(fake.record.visits.head()))


def know_the_past(
    fake: FakeOffice, *, days: int = 6, counter: str = "1", service: str = "KTP"
) -> None:
    """On each of the last days this counter has served somebody every five minutes, from eight to
    three, who had waited for twelve."""
    today = start_of_day(fake.clock.now(), fake.office.settings.site.zone)
    fake.record.queue.past += [
        served(
            today - timedelta(days=day) + timedelta(hours=8, minutes=5 * number), counter, service
        )
        for day in range(1, days + 1)
        for number in range(84)
    ]


def keep_a_line_waiting(fake: FakeOffice, last: str = "L-009") -> None:
    """One counter whose past is known, and nine who wait for it; the last one has this number."""
    open_counters(fake, "1")
    know_the_past(fake)
    come_in(fake, *(f"L-{number:03d}" for number in range(1, 9)), last)


def served(called: datetime, counter: str = "1", service: str = "KTP") -> FinishedStep:
    """Somebody who waited twelve minutes, and whom a counter then served for five."""
    return FinishedStep(
        service=service,
        counter=counter,
        began=called - timedelta(minutes=12),
        ended=called + timedelta(minutes=5),
        seconds=Seconds(waiting=720, walking=20, serving=280),
    )


def wait(fake: FakeOffice, seconds: float) -> None:
    """Time passes."""
    fake.clock.move_to(fake.clock.now() + timedelta(seconds=seconds))


def _visit_of(label: str) -> int:
    """Another one for each label."""
    letters, _, digits = label.partition("-")
    return sum(map(ord, letters)) * 10_000 + int(digits)
