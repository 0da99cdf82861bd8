"""Places in the line outside, as the rows of waits hold them."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from screening.record.chain import canonical
from screening.waiting_room.line import Place, ReceiptKey


def write_place(place: Place) -> str:
    """As canonical JSON, without the receipt and the name. What is as in a new one is left out."""
    values: dict[str, Any] = {"first": place.first, "since": place.since, "people": place.people}
    others = {
        "service": place.service,
        "is_priority": place.is_priority,
        "overtaken": place.overtaken,
        "called_at": place.called_at,
        "called_until": place.called_until,
        "gave_up_at": place.gave_up_at,
    }
    return canonical(values | {key: value for key, value in others.items() if value})


def read_place(
    text: str | None,
    receipt: ReceiptKey,
    *,
    entry_id: int,
    at: datetime,
    people: int,
    holder: str | None,
) -> Place:
    """The same again; a wait of before there was a line has none, and stands where it was written.

    ``holder`` is the detail of the wait's row as it is kept.
    """
    values = {} if text is None else json.loads(text)
    since = _time(values.get("since"))
    return Place(
        receipt=receipt,
        first=values.get("first", entry_id),
        since=at if since is None else since,
        people=values.get("people", people),
        service=values.get("service"),
        holder=None if holder is None else str(json.loads(holder)),
        is_priority=values.get("is_priority", False),
        overtaken=values.get("overtaken", 0),
        called_at=_time(values.get("called_at")),
        called_until=_time(values.get("called_until")),
        gave_up_at=_time(values.get("gave_up_at")),
    )


def _time(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
