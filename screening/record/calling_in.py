"""The line outside within a transaction: who is called in, and the rows that say so."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from screening.office.facts import OfficeFacts
from screening.record.chain import canonical
from screening.record.text import clean
from screening.record.writer import Transaction
from screening.visits import EntryKind
from screening.waiting_room.admission import line_of, places_of
from screening.waiting_room.line import LineAct, Place, Room, called_in, due_calls


def line_places(transaction: Transaction, at: datetime) -> list[Place]:
    """The day's places in the line."""
    waits = transaction.state.waits.values()
    return places_of(waits, since=transaction.office.day_began(at))


def call_in(transaction: Transaction, at: datetime) -> list[Place]:
    """Call in whoever fits in now; a row each."""
    room, called = room_of(transaction, at), []
    if room.free == 0:
        return []
    for one in due_calls(line_places(transaction, at), room, at):
        overtaken = [replace(other, overtaken=other.overtaken + 1) for other in one.overtakes]
        _put(transaction, overtaken, at)
        after = called_in(one.place, room, at)
        overtook = [other.number for other in overtaken]
        write_change(transaction, one.place, after, LineAct.CALL_IN, at=at, overtook=overtook)
        called.append(after)
    return called


def room_of(transaction: Transaction, at: datetime) -> Room:
    """The room's places as they are in this transaction."""
    return room_with(transaction.facts, transaction.inside(at))


def room_with(facts: OfficeFacts, inside: int) -> Room:
    """The room's places while these facts hold."""
    return Room(
        capacity=facts.capacity,
        inside=inside,
        most_overtakes=facts.queue_overtakes,
        call_in=timedelta(minutes=facts.call_in_minutes),
    )


def _put(transaction: Transaction, places: list[Place], at: datetime) -> None:
    line = line_of(transaction.state.waits.values(), since=transaction.office.day_began(at))
    transaction.change_waits(replace(line[one.receipt], place=one) for one in places)


def write_change(
    transaction: Transaction,
    before: Place,
    after: Place,
    act: LineAct,
    *,
    at: datetime,
    by: str | None = None,
    overtook: list[str] | None = None,
) -> None:
    """The place as it is now, and the row of the log; nobody's name in it: it was due."""
    _put(transaction, [after], at)
    facts: dict[str, Any] = {
        "act": act.value,
        "from": before.state(at).value,
        "to": after.state(at).value,
        "people": after.people,
    }
    if after.called_until is not None:
        facts["until"] = after.called_until
    if overtook:
        facts["overtook"] = overtook
    issuer, number = after.receipt
    transaction.append(
        {
            "kind": EntryKind.LINE,
            "at": at,
            "operator": clean(by),
            "issuer": issuer,
            "receipt_number": number,
            "service": after.service,
            "facts": canonical(facts),
        }
    )
