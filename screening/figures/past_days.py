"""What the record knows of finished days, in the form that waits are learnt from. Pure.

Times of a day are seconds since the site's midnight; where clocks are set for summer, a day has an
hour more or less. What a clock that was set makes impossible is left out: a step that ends before
it is called, or is called before its visitor came.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from screening.figures.spans import Span
from screening.figures.waits import PastDay, StepTimes
from screening.office.counters import CounterSwitch
from screening.queue.tickets import FinishedStep, TicketState

_WAITED_S = 120.0
"""Whoever waited so long before the first call of a counter waited for it to be opened."""


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """When the site's day begins, as aware UTC."""
    return datetime.combine(day, time.min, tzinfo=zone).astimezone(UTC)


def step_times(steps: Iterable[FinishedStep], began: datetime) -> tuple[StepTimes, ...]:
    """Of the day that began then: the steps that a counter finished on it, in order of their end.

    Whoever left without being served is none of them.
    """
    found = []
    for step in steps:
        if step.counter is None or step.state is not TicketState.DONE:
            continue
        kept = timedelta(seconds=step.seconds.walking + step.seconds.serving)
        called = step.ended - kept
        if not began <= step.began <= called <= step.ended < began + timedelta(days=1):
            continue
        found.append(
            StepTimes(
                service=step.service,
                counter=step.counter,
                since_s=(step.began - began).total_seconds(),
                called_s=(called - began).total_seconds(),
                ended_s=(step.ended - began).total_seconds(),
                is_priority=step.is_priority,
            )
        )
    return tuple(sorted(found, key=lambda step: step.ended_s))


def past_days(
    steps: Iterable[FinishedStep],
    switches: Sequence[CounterSwitch],
    open_now: Mapping[str, bool],
    *,
    before: date,
    zone: ZoneInfo,
) -> list[PastDay]:
    """The days before ``before`` on which anything was finished, in order.

    ``switches`` are all since the first of them, in order; ``open_now`` says which counters there
    are, and which are open.
    """
    by_day: dict[date, list[FinishedStep]] = defaultdict(list)
    for step in steps:
        by_day[step.ended.astimezone(zone).date()].append(step)
    found = []
    for day, finished in sorted(by_day.items()):
        times = step_times(finished, midnight(day, zone)) if day < before else ()
        if times:
            spans = _open_spans(switches, open_now, day, zone)
            found.append(PastDay(day=day, steps=times, open=_worked(spans, times)))
    return found


def _open_spans(
    switches: Sequence[CounterSwitch], open_now: Mapping[str, bool], day: date, zone: ZoneInfo
) -> dict[str, tuple[Span, ...]]:
    """When each counter was open that day, as its officers said."""
    began, ends = midnight(day, zone), midnight(day + timedelta(days=1), zone)
    whole_s = (ends - began).total_seconds()
    found: dict[str, tuple[Span, ...]] = {}
    for name in sorted(open_now.keys() | {one.counter for one in switches}):
        own = [one for one in switches if one.counter == name and one.at >= began]
        is_open = not own[0].is_open if own else open_now.get(name, False)
        from_s, spans = 0.0, []
        for one in own:
            at_s = (one.at - began).total_seconds()
            if at_s >= whole_s:
                break
            if is_open and not one.is_open and at_s > from_s:
                spans.append(Span(from_s, at_s))
            from_s, is_open = max(from_s, at_s), one.is_open
        if is_open:
            spans.append(Span(from_s, whole_s))
        if spans:
            found[name] = tuple(spans)
    return found


def _worked(
    spans: Mapping[str, tuple[Span, ...]], steps: Sequence[StepTimes]
) -> dict[str, tuple[Span, ...]]:
    """The same as far as somebody worked there: counters are often left open over night.

    One that called nobody all day was not there. Whoever waited for the first call of a counter
    waited for it to open; another was there from the first call of the office on. After the day's
    last end none is open.
    """
    first_s, last_s = steps[0].called_s, max(step.ended_s for step in steps)
    first: dict[str, StepTimes] = {}
    for step in sorted(steps, key=lambda one: one.called_s):
        first_s = min(first_s, step.called_s)
        first.setdefault(step.counter, step)
    found = {}
    for name, step in first.items():
        has_waited = step.called_s - step.since_s > _WAITED_S
        from_s = step.called_s if has_waited else first_s
        own = spans.get(name, (Span(0.0, last_s),))
        cut = [Span(max(one.from_s, from_s), min(one.to_s, last_s)) for one in own]
        kept = tuple(one for one in cut if one.from_s < one.to_s)
        if kept:
            found[name] = kept
    return found
