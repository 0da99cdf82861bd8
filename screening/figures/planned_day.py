"""What is asked of the planner for a day: the office as it is, and what past days tell. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from screening.decision import Check
from screening.errors import OfficeError
from screening.figures.assumptions import (
    USUAL_SERVING,
    Assumptions,
    Comes,
    Estimate,
    KnownDay,
    OpenCounter,
    PlannedService,
    Variation,
    given,
    learn,
    usual_counters,
)
from screening.figures.live_waits import NO_VISIT, days_before
from screening.figures.past_days import midnight
from screening.figures.planner import Question
from screening.figures.roll_ups import By, Figures
from screening.figures.waits import PastDay
from screening.office.facts import OfficeFacts
from screening.office.hours import slots_of
from screening.office.services import Booking, Service
from screening.queue.book import QueueBook
from screening.waiting_room.chairs import Chair, in_rows
from screening.waiting_room.leaving import EndedVisits

READ_DAYS = 56
"""Calendar days that are read back: eight of each weekday."""

ENOUGH_VISITS = 500
"""Of a day with more, some are read, evenly over the day."""

COMPARED_M = (1.0, 1.5)
"""Distances whose seats are told beside each other."""

PITCH_X_M, PITCH_Y_M = 0.55, 0.9
"""Between the centres of seats of which nobody measured where they stand."""

USUAL_SLOT_MINUTES = 30
MOST_COUNTERS = 60

_RECEIPT_S, _CHECKS_S = Estimate(15.0, 5.0), Estimate(45.0, 15.0)
"""A person at the gate, without health checks and with them."""

Ended = Callable[..., EndedVisits]
"""``LeavingBook.ended``."""


def known_days(
    ended: Ended,
    figures: Figures,
    *,
    day: date,
    zone: ZoneInfo,
    told: Callable[[float], None] = lambda _: None,
) -> list[KnownDay]:
    """The days before ``day`` on which anybody came or had booked. Raises RecordError.

    ``told`` hears before each day how much is done, from 0 to 1.
    """
    first, last = day - timedelta(days=READ_DAYS), day - timedelta(days=1)
    found = []
    for number, row in enumerate(figures.rows(first, last, By.DAY)):
        told(number / READ_DAYS)
        if not row.came and not row.booked:
            continue
        past = date.fromisoformat(row.key)
        began, ends = midnight(past, zone), midnight(past + timedelta(days=1), zone)
        every = -(-row.came // ENOUGH_VISITS) or 1
        visits = ended(since=began, until=ends, every=every).days
        found.append(
            KnownDay(
                day=past,
                visits=visits[0] if visits else {},
                booked=row.booked,
                no_show=row.no_show,
                came=row.came,
            )
        )
    return found


def question_of(
    day: date,
    *,
    today: date,
    facts: OfficeFacts,
    ended: Ended,
    figures: Figures,
    queue: QueueBook,
    zone: ZoneInfo,
    counters: int | None = None,
    distance_m: float | None = None,
) -> Question:
    """What is asked for that day. Raises OfficeError where it is closed, and RecordError."""
    known = known_days(ended, figures, day=min(day, today), zone=zone)
    served = days_before(min(day, today), queue, facts, zone)
    return asked(
        day, facts=facts, known=known, served=served, counters=counters, distance_m=distance_m
    )


def asked(
    day: date,
    *,
    facts: OfficeFacts,
    known: Sequence[KnownDay] = (),
    served: Sequence[PastDay] = (),
    counters: int | None = None,
    distance_m: float | None = None,
) -> Question:
    """The same, of past days that were read already. Raises OfficeError."""
    learnt = learn(_usual(day, facts), known, served, day=day)
    learnt = replace(learnt, counters=_counters(facts, served))
    if counters is not None:
        learnt = with_counters(learnt, counters)
    if not _bookable(facts):  # everybody counts for the day's quota
        learnt = replace(
            learnt,
            no_show=given(0.0),
            no_show_sigma=Variation.known(0.0),
            walk_ins=given(0.0),
        )
    return Question(
        assumptions=learnt,
        capacity=facts.capacity,
        chairs=chairs_of(facts),
        distance_m=distance_m,
        compared=COMPARED_M,
        most_inside=facts.set_capacity,
    )


def with_counters(assumptions: Assumptions, number: int) -> Assumptions:
    """With so many counters: the first ones that still take every service, or further ones that
    take all. Raises OfficeError for a number that no office has."""
    if not 0 < number <= MOST_COUNTERS:
        raise OfficeError(f"{number} counters: there may be 1 to {MOST_COUNTERS}")
    kept = list(assumptions.counters)
    while len(kept) > number:
        kept.remove(_least_missed(kept))
    more = (OpenCounter(name=f"+{place}") for place in range(1, number - len(kept) + 1))
    return replace(assumptions, counters=(*kept, *more))


def chairs_of(facts: OfficeFacts) -> tuple[Chair, ...]:
    """Where the office's seats stand; in rows of the usual kind where nobody measured them."""
    if facts.chosen is not None:
        return facts.chosen.chairs
    return tuple(in_rows(facts.rows, facts.columns, pitch_x=PITCH_X_M, pitch_y=PITCH_Y_M))


def _usual(day: date, facts: OfficeFacts) -> Assumptions:
    spans = facts.opening(day, language="id").spans
    if not spans:
        raise OfficeError(f"the office is closed on {day}")
    slotted = [one for one in _bookable(facts) if one.booking is Booking.SLOT]
    minutes = min((one.slot_minutes for one in slotted), default=USUAL_SLOT_MINUTES)
    slots = tuple(_seconds(slot.start) for slot in slots_of(spans, minutes))
    visited = [one for one in facts.services.values() if one.channel not in NO_VISIT]
    checks = facts.mode_checks - {Check.RECEIPT}
    return Assumptions(
        opens_s=_seconds(spans[0].start),
        closes_s=_seconds(spans[-1].end),
        slots=slots or (_seconds(spans[0].start),),
        slot_minutes=minutes,
        services=tuple(
            PlannedService(code=one.code, share=1.0, serving=USUAL_SERVING) for one in visited
        )
        or (PlannedService(code="", share=1.0, serving=USUAL_SERVING),),
        counters=(),
        comes=Comes.BOOKED_TIME if slotted else Comes.HABIT,
        gate_s=_CHECKS_S if checks else _RECEIPT_S,
        closed=tuple(
            (_seconds(before.end), _seconds(after.start)) for before, after in pairwise(spans)
        ),
    )


def _bookable(facts: OfficeFacts) -> list[Service]:
    return [
        one
        for one in facts.services.values()
        if one.channel not in NO_VISIT and one.booking is not Booking.NONE
    ]


def _counters(facts: OfficeFacts, served: Sequence[PastDay]) -> tuple[OpenCounter, ...]:
    """Those that usually work; where nobody knows that, all. A special one calls before others."""
    usual = [facts.counters[name] for name in usual_counters(served) if name in facts.counters]
    chosen = usual or list(facts.counters.values())
    found = [OpenCounter(name=one.name, services=frozenset(one.services)) for one in chosen]
    return tuple(sorted(found, key=lambda one: (not one.services, len(one.services))))


def _least_missed(counters: Sequence[OpenCounter]) -> OpenCounter:
    """The last one of those whose services most others take."""

    def others(counter: OpenCounter) -> int:
        takes_all = sum(not one.services for one in counters if one is not counter)
        if not counter.services:
            return takes_all
        return takes_all + min(
            sum(code in one.services for one in counters if one is not counter)
            for code in counter.services
        )

    return max(reversed(counters), key=others)


def _seconds(moment: time) -> float:
    return moment.hour * 3600.0 + moment.minute * 60.0
