"""Tickets as their rows hold them."""

from __future__ import annotations

import json
from datetime import datetime
from functools import lru_cache
from typing import Any

from screening.queue.tickets import FinishedStep, Seconds, Ticket, TicketState
from screening.record.chain import canonical


def write_ticket(ticket: Ticket) -> str:
    """As canonical JSON, without its visit's number and how often it was overtaken.

    What is as it is of a new ticket is left out.
    """
    return canonical(_values(ticket))


def read_ticket(text: str, *, visit_id: int, overtaken: int) -> Ticket:
    """The same again."""
    return _ticket(json.loads(text), visit_id, overtaken)


def read_finished(text: str) -> tuple[list[FinishedStep], bool]:
    """The steps that are over, and whether the visitor is done; all else is left unread."""
    values = json.loads(text)
    is_priority = values.get("is_priority", False)
    finished = [_read_step(*one, is_priority=is_priority) for one in values.get("finished", ())]
    return finished, values.get("state") == TicketState.DONE


def read_lines(lines: str | None) -> list[Ticket]:
    """Tickets by visit; a line each, with visit and ``overtaken`` before it."""
    if lines is None:
        return []
    return sorted(map(_read_line, lines.split("\n")), key=lambda ticket: ticket.visit_id)


@lru_cache(maxsize=8192)
def _read_line(line: str) -> Ticket:
    """Kept, since most tickets are as they were when they were read last."""
    visit_id, overtaken, text = line.split(" ", 2)
    return read_ticket(text, visit_id=int(visit_id), overtaken=int(overtaken))


def _values(ticket: Ticket) -> dict[str, Any]:
    values: dict[str, Any] = {
        "label": ticket.label,
        "steps": list(ticket.steps),
        "since": ticket.since,
        "step_since": ticket.step_since,
        "state_since": ticket.state_since,
    }
    others: dict[str, Any] = {
        "step": ticket.step,
        "state": None if ticket.state is TicketState.WAITING else ticket.state.value,
        "receipt": None if ticket.receipt is None else list(ticket.receipt),
        "booked_for": ticket.booked_for,
        "is_priority": ticket.is_priority,
        "is_called_ahead": ticket.is_called_ahead,
        "counter": ticket.counter,
        "called_at": ticket.called_at,
        "recalled_at": ticket.recalled_at,
        "calls": ticket.calls,
        "seconds": None if ticket.seconds == Seconds() else _written(ticket.seconds),
        "finished": [_step(one) for one in ticket.finished],
        "acted_at": ticket.acted_at,
        "previous": None if ticket.previous is None else _values(ticket.previous),
    }
    return values | {key: value for key, value in others.items() if value}


def _step(one: FinishedStep) -> list[Any]:
    return [
        one.service,
        one.counter,
        one.began,
        one.ended,
        _written(one.seconds),
        one.outcome,
        one.state.value,
    ]


def _written(seconds: Seconds) -> list[float]:
    return [seconds.waiting, seconds.walking, seconds.serving]


def _ticket(values: dict[str, Any], visit_id: int, overtaken: int) -> Ticket:
    previous = values.get("previous")
    receipt = values.get("receipt")
    return Ticket(
        visit_id=visit_id,
        label=values["label"],
        steps=tuple(values["steps"]),
        since=datetime.fromisoformat(values["since"]),
        step_since=datetime.fromisoformat(values["step_since"]),
        state_since=datetime.fromisoformat(values["state_since"]),
        step=values.get("step", 0),
        state=TicketState(values.get("state", TicketState.WAITING)),
        receipt=None if receipt is None else (receipt[0], receipt[1]),
        booked_for=_time(values.get("booked_for")),
        is_priority=values.get("is_priority", False),
        is_called_ahead=values.get("is_called_ahead", False),
        counter=values.get("counter"),
        called_at=_time(values.get("called_at")),
        recalled_at=_time(values.get("recalled_at")),
        calls=values.get("calls", 0),
        seconds=Seconds(*values.get("seconds", ())),
        finished=tuple(
            _read_step(*one, is_priority=values.get("is_priority", False))
            for one in values.get("finished", ())
        ),
        overtaken=overtaken,
        acted_at=values.get("acted_at"),
        previous=None if previous is None else _ticket(previous, visit_id, overtaken),
    )


def _read_step(
    service: str,
    counter: str | None,
    began: str,
    ended: str,
    seconds: list[float],
    outcome: str,
    state: str,
    *,
    is_priority: bool,
) -> FinishedStep:
    return FinishedStep(
        service=service,
        counter=counter,
        began=datetime.fromisoformat(began),
        ended=datetime.fromisoformat(ended),
        seconds=Seconds(*seconds),
        outcome=outcome,
        state=TicketState(state),
        is_priority=is_priority,
    )


def _time(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
