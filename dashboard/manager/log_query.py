"""What somebody looks for in the log, read from an address, and the address of what is found."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from fastapi import Query

from dashboard.web.words import N_
from screening.decision import DecisionKind, Reason
from screening.figures.roll_ups import FIRST_DAY, LAST_DAY
from screening.log_search import LogQuery
from screening.receipts.number import foreign_number, parse_number
from screening.visits import EntryKind, known

LOG = "/dashboard/log"
NUMBER_DAYS = 400
"""A number is looked for in the rows of so many days where no day is named."""

NO_DAY = N_("Choose the days as a year, a month and a day, for example %(example)s.")
NO_NUMBER = N_("This is neither the number of a receipt nor a ticket such as K-012.")

_TICKET = re.compile(r"([A-Z0-9_]{0,39}[A-Z_])[- ]?(\d{1,4})")
_LONGEST = 80


class NotUnderstood(Exception):
    """Something that was typed has no meaning; the argument says so."""


@dataclass(frozen=True, slots=True)
class Sought:
    """What is looked for, as it stands in the address; days as ISO 8601, ``hour`` 0 to 23.

    ``what`` is a decision, or a kind of row. Where no day is named it is today, or the last
    ``NUMBER_DAYS`` for a number.
    """

    number: str = ""
    first: Annotated[str, Query(alias="from")] = ""
    last: Annotated[str, Query(alias="to")] = ""
    hour: str = ""
    what: str = ""
    reason: str = ""
    gate: str = ""
    service: str = ""
    person: str = ""

    def within(self, today: date) -> Sought:
        """The same without blanks around it, and with both days."""
        values = {one.name: getattr(self, one.name).strip()[:_LONGEST] for one in fields(self)}
        sought = Sought(**values)
        if not sought.first and not sought.last:
            since = today - timedelta(days=NUMBER_DAYS) if sought.number else today
            return replace(sought, first=since.isoformat(), last=today.isoformat())
        first, last = sought.first or sought.last, sought.last or sought.first
        return replace(sought, first=min(first, last), last=max(first, last))

    def query(self, zone: ZoneInfo) -> LogQuery:
        """What the record is asked. Raises NotUnderstood."""
        first, last = _day(self.first), _day(self.last)
        number, ticket = _numbers(self.number) if self.number else (None, None)
        since, until = _began(first, zone), _began(last + timedelta(days=1), zone)
        if first == last and self.hour.isdecimal() and int(self.hour) < 24:
            since = datetime.combine(first, time(int(self.hour)), zone).astimezone(UTC)
            until = min(until, since + timedelta(hours=1))
        decision = known(DecisionKind, self.what)
        kind: EntryKind | str | None = known(EntryKind, self.what) if self.what else None
        if isinstance(decision, DecisionKind):
            kind = EntryKind.ATTEMPT
        return LogQuery(
            since=since,
            until=until,
            number=number,
            ticket=ticket,
            decision=decision if isinstance(decision, DecisionKind) else None,
            kind=kind,
            reason=known(Reason, self.reason) if self.reason else None,
            gate=self.gate or None,
            service=self.service or None,
            operator=self.person or None,
        )

    def address(self, path: str = LOG, **more: object) -> str:
        """Where the same is found."""
        return address_of({**_named(asdict(self)), **more}, path)


def address_of(sought: Mapping[str, object], path: str = LOG) -> str:
    """Where that is found; names without a value are left out."""
    query = urlencode({name: value for name, value in sought.items() if value not in ("", None)})
    return f"{path}?{query}" if query else path


def _named(values: dict[str, object]) -> dict[str, object]:
    aliases = {"first": "from", "last": "to"}
    return {aliases.get(name, name): value for name, value in values.items()}


def _day(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise NotUnderstood(NO_DAY) from error
    if not FIRST_DAY <= day < LAST_DAY:
        raise NotUnderstood(NO_DAY)
    return day


def _began(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time.min, zone).astimezone(UTC)


def _numbers(typed: str) -> tuple[str | None, str | None]:
    """A receipt's number as it is stored, and a ticket's label: which of them it can be.

    Raises NotUnderstood.
    """
    number = parse_number(typed)
    if number is not None:
        return number, None
    label = _TICKET.fullmatch(typed.upper())
    ticket = None if label is None else f"{label[1]}-{int(label[2]):03d}"
    number = foreign_number(typed)
    if number is None and ticket is None:
        raise NotUnderstood(NO_NUMBER)
    return number, ticket
