"""Verify a site's log: walk the chain, check what may be erased, and compare today's state with it.

Found are rows that were changed, removed (also the last), added or reordered, values that cannot be
read any more, details that were changed, added or are gone without an ERASURE row, and visits or
redemptions that the log does not account for.

Whoever can write to the database can also remove the newest rows together with all they led to, set
the head back and leave a shorter log that is sound in itself, or write the whole log anew. Nothing
inside the database can show that: note the head elsewhere and give it as ``expect``.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, TypeVar

from sqlalchemy import Select, and_, func, select
from sqlalchemy.exc import DataError, OperationalError
from sqlalchemy.orm import Session

from screening.queue.tickets import (
    Act,
    QueueRefusal,
    Ticket,
    TicketState,
    acted,
    left,
    new_ticket,
    put_back,
    taken_up,
    with_priority,
)
from screening.record.chain import GENESIS, digest_of, hash_of
from screening.record.days import Day, read_count
from screening.record.office import RecordedOffice
from screening.record.roll_ups import FiguresReplay
from screening.record.rows import place_of, read_time, ticket_of
from screening.record.tables import (
    DayRow,
    DetailRow,
    EntryRow,
    ReceiptRow,
    RedemptionRow,
    SiteRow,
    TicketRow,
    VisitRow,
)
from screening.record.tickets import read_ticket, write_ticket
from screening.registration.bookings import Place
from screening.visits import ChainReport, EntryKind
from screening.waiting_room.admission import REFUSED

BATCH = 500

_EXITS = (EntryKind.EXIT, EntryKind.ESTIMATED_EXIT)
_OF_LEAVING = (
    *_EXITS,
    EntryKind.EXIT_SEEN,
    EntryKind.EXIT_UNDONE,
    EntryKind.EXIT_UNMATCHED,
    EntryKind.STILL_HERE,
    EntryKind.HEAD_COUNT,
    EntryKind.HEAD_COUNT_UNDONE,
    EntryKind.CROSSINGS,
)

_UNREADABLE = (ValueError, TypeError, AttributeError, LookupError, RecursionError, DataError)
"""What comes of a column that holds what this program never wrote there."""

Loaded = TypeVar("Loaded")


class _Unreadable(Exception):
    """The row that follows the one with key ``after`` cannot be read."""

    def __init__(self, after: int | None) -> None:
        super().__init__(after)
        self.after = after


class Break(Exception):
    """The earliest thing that does not fit; never leaves this module."""

    def __init__(self, entry_id: int, problem: str) -> None:
        super().__init__(problem)
        self.entry_id = entry_id
        self.problem = problem


def verify_chain(
    session: Session, office: RecordedOffice, *, expect: tuple[int, str] | None = None
) -> ChainReport:
    """``expect`` is an entry's number and hash noted earlier; a log rewritten whole fails it."""
    site = office.site
    walk = _Walk(expect)
    replay, queue = _Replay(office), _QueueReplay(office)
    figures = FiguresReplay(office, ticket=queue.ticket, entered_at=replay.entered_at)
    try:
        for row, details in _rows(session, site):
            number = walk.entries + 1
            with _broken_at(number, f"entry {number} was changed and cannot be read"):
                walk.step(row, details)
                figures.step(row)
                replay.step(row)
                queue.step(row)
        with _broken_at(walk.entries, "the head of the log was changed and cannot be read"):
            walk.finish(session.get(SiteRow, site))
        _find_stray_detail(session, site)
        replay.compare(session, site)
        queue.compare(session, site)
        with _broken_at(walk.entries, "the figures of a day were changed and cannot be read"):
            replay.compare_days(session, site, walk.entries)
            _compare_figures(figures, session, walk.entries)
    except Break as broken:
        return ChainReport(
            is_intact=False,
            entries=walk.entries,
            head=walk.head,
            first_bad_entry=broken.entry_id,
            problem=broken.problem,
        )
    return ChainReport(is_intact=True, entries=walk.entries, head=walk.head)


class _Walk:
    """The chain itself and its details."""

    def __init__(self, expect: tuple[int, str] | None) -> None:
        self.entries = 0
        self.head = GENESIS
        self._expect = expect
        self._missing: set[tuple[int, str]] = set()

    def step(self, row: EntryRow, details: dict[str, DetailRow]) -> None:
        number = self.entries + 1
        if row.entry_id != number:
            raise Break(number, f"entry {number} was removed")
        if row.previous_hash != self.head:
            raise Break(number, f"entry {number} does not follow the one before it")
        if row.hash != hash_of(row):
            raise Break(number, f"entry {number} was changed")
        if self._expect is not None and self._expect[0] == number and self._expect[1] != row.hash:
            raise Break(number, f"entry {number} is not the one that was noted")
        self._check_details(row, details)
        self._note_erasure(row)
        self.entries, self.head = number, row.hash

    def finish(self, head: SiteRow | None) -> None:
        if head is None:
            raise Break(self.entries, "the head of the log was removed")
        if head.head_entry_id > self.entries:
            raise Break(self.entries + 1, f"entries after {self.entries} were removed")
        if (head.head_entry_id, head.head_hash) != (self.entries, self.head):
            raise Break(self.entries, "entries were added that the head does not know")
        if self._expect is not None and self._expect[0] > self.entries:
            raise Break(self.entries + 1, f"the noted entry {self._expect[0]} is gone")
        if self._missing:
            entry_id, kind = min(self._missing)
            raise Break(entry_id, f"the {kind} of entry {entry_id} is gone without an erasure")

    def _check_details(self, row: EntryRow, details: dict[str, DetailRow]) -> None:
        digests = json.loads(row.digests) if row.digests is not None else {}
        for kind in sorted(details.keys() - digests.keys(), key=repr):
            raise Break(row.entry_id, f"a {kind} was added to entry {row.entry_id}")
        for kind, digest in digests.items():
            detail = details.get(kind)
            if detail is None:
                self._missing.add((row.entry_id, kind))
            elif digest_of(detail) != digest:
                raise Break(row.entry_id, f"the {kind} of entry {row.entry_id} was changed")

    def _note_erasure(self, row: EntryRow) -> None:
        if row.kind == EntryKind.ERASURE:
            for kind, entry_ids in json.loads(row.facts or "{}")["erased"].items():
                self._missing.difference_update((entry_id, kind) for entry_id in entry_ids)


@dataclass(frozen=True, slots=True)
class _BookedReceipt:
    """A booking as the log tells it; ``entry_id`` is its newest row."""

    entry_id: int
    place: Place
    people: int
    is_priority: bool
    is_over: bool = False


class _Replay:
    """What visits and redemptions must be, if the log is all that happened."""

    def __init__(self, office: RecordedOffice) -> None:
        self._office = office
        self._days: defaultdict[date, Day] = defaultdict(Day)
        self._visits: dict[int, dict[str, Any]] = {}
        self._redemptions: dict[tuple[str, str, int], int] = {}
        self._entry_of: dict[int, int] = {}
        self._revoked: dict[tuple[str, str], tuple[int, datetime]] = {}
        self._bookings: dict[tuple[str, str], _BookedReceipt] = {}

    def step(self, row: EntryRow) -> None:
        key = (str(row.issuer), str(row.receipt_number))
        if row.kind == EntryKind.REVOKE:
            self._revoked[key] = (row.entry_id, row.at)
            if key in self._bookings:
                self._bookings[key] = replace(self._bookings[key], is_over=True)
        facts = json.loads(row.facts) if row.facts is not None else {}
        visit_id = facts.get("visit")
        if row.kind == EntryKind.ATTEMPT:
            if visit_id is not None:
                self._admit(row, facts)
            elif row.decision in REFUSED:
                day = self._days[self._office.local_day(row.at)]
                day.count_attempt(row.decision, row.reason, hour=self._office.hour_of_day(row.at))
        elif row.kind in _OF_LEAVING:
            self._leave(row, visit_id, facts)
        elif row.kind == EntryKind.ANNUL and visit_id in self._visits:
            self._annul(visit_id, row.at)
        elif row.kind in (EntryKind.BOOKED, EntryKind.ISSUED, EntryKind.BOOKING_CHANGED):
            self._give(key, row, facts.get("after", facts))

    def _leave(self, row: EntryRow, visit_id: int | None, facts: dict[str, Any]) -> None:
        """Somebody left, had not left, was said to be here; heads were counted."""
        today = self._days[self._office.local_day(row.at)] if visit_id is None else None
        if today is not None:
            if row.kind == EntryKind.CROSSINGS:
                today.cross(facts["in"], facts["out"])
            elif row.kind == EntryKind.EXIT_UNMATCHED:
                today.leave_unmatched()
            elif "count" in facts:
                today.counted = read_count(facts["count"])
            return
        visit = self._visits.get(visit_id or 0)
        if visit is None:
            return
        day = self._days[self._office.local_day(visit["entered_at"])]
        entered_at, number = visit["entered_at"], visit_id or 0
        if row.kind in _EXITS:
            visit.update(left_at=row.at, left_how=facts["how"])
            day.let_out(number, entered_at=entered_at, how=facts["how"])
        elif row.kind == EntryKind.EXIT_SEEN:
            visit.update(left_at=row.at, left_how=facts["how"])
        elif row.kind == EntryKind.EXIT_UNDONE:
            visit.update(left_at=None, left_how=None, seat=facts["seat"])
            day.put_back(number, entered_at=entered_at, at=row.at)
        else:
            day.here[number] = row.at

    def entered_at(self, visit_id: int) -> datetime | None:
        """When that visit began; None where the log knows none."""
        visit = self._visits.get(visit_id)
        return None if visit is None else visit["entered_at"]

    def _give(self, key: tuple[str, str], row: EntryRow, facts: dict[str, Any]) -> None:
        self._revoked.pop(key, None)  # one that was revoked by mistake is good again
        if "day" in facts:
            self._bookings[key] = _booking(row, facts)

    def compare_days(self, session: Session, site: str, newest: int) -> None:
        """The running figures of each day."""
        kept = {row.day: Day.read(row) for row in session.scalars(_of_site(DayRow, site))}
        for day in sorted(kept.keys() | self._days.keys()):
            if kept.get(day, Day()) != self._days.get(day, Day()):
                raise Break(newest, f"the figures of {day} are not what the log says")

    def compare(self, session: Session, site: str) -> None:
        self._count_bookings()
        self._compare_bookings(session, site)
        self._compare_visits(session, site)
        self._compare_redemptions(session, site)
        for (issuer, number), (entry_id, at) in self._revoked.items():
            with _broken_at(entry_id, f"receipt {number} was changed and cannot be read"):
                receipt = session.get(ReceiptRow, (issuer, number))
                if receipt is None or receipt.revoked_at != at:
                    raise Break(entry_id, f"receipt {number} is not revoked as the log says")

    def _count_bookings(self) -> None:
        """Whom the bookings that are not over brought, and who has a place by them."""
        for booking in self._bookings.values():
            if not booking.is_over:
                day = self._days[booking.place.day]
                day.book(booking.place, booking.people, is_priority=booking.is_priority)
        for visit in self._visits.values():
            found = self._bookings.get((visit["issuer"], visit["receipt_number"]))
            day_of_visit = self._office.local_day(visit["entered_at"])
            if (
                found is not None
                and not found.is_over
                and (found.place.day, found.place.service) == (day_of_visit, visit["service"])
                and visit["place"] > 0
                and visit["returned_from"] is None
                and visit["annulled_at"] is None
            ):
                self._days[day_of_visit].count_booked(found.place.service)

    def _compare_bookings(self, session: Session, site: str) -> None:
        query = select(ReceiptRow.__table__).where(
            ReceiptRow.site == site, ReceiptRow.day.is_not(None)
        )
        missing = dict(self._bookings)
        with _broken_at(0, "a booking was changed and cannot be read"):
            for row in session.execute(query, execution_options={"yield_per": BATCH}):
                found = missing.pop((row.issuer, row.number), None)
                if found is None:
                    raise Break(0, f"the booking of receipt {row.number} is not in the log")
                kept = (place_of(row), row.party_size, row.is_priority)
                if kept != (found.place, found.people, found.is_priority):
                    problem = f"the booking of receipt {row.number} differs from its entry"
                    raise Break(found.entry_id, f"{problem} {found.entry_id}")
        for (_, number), booking in sorted(missing.items()):
            raise Break(booking.entry_id, f"the booking of receipt {number} was removed")

    def _compare_visits(self, session: Session, site: str) -> None:
        try:
            for visit in _visits(session, site):
                self._compare_visit(visit)
        except _Unreadable as unreadable:
            query = select(func.min(VisitRow.visit_id)).where(VisitRow.site == site)
            if unreadable.after is not None:
                query = query.where(VisitRow.visit_id > unreadable.after)
            bad = session.scalar(query) or 0
            problem = f"visit {bad} was changed and cannot be read"
            raise Break(self._entry_of.get(bad, 0), problem) from unreadable
        if self._visits:
            visit_id = min(self._visits)
            raise Break(self._entry_of[visit_id], f"visit {visit_id} was removed")

    def _compare_visit(self, visit: VisitRow) -> None:
        expected = self._visits.pop(visit.visit_id, None)
        entry_id = self._entry_of.get(visit.visit_id, 0)
        if expected is None:
            raise Break(entry_id, f"visit {visit.visit_id} is not in the log")
        with _broken_at(entry_id, f"visit {visit.visit_id} was changed and cannot be read"):
            if expected != _state(visit):
                raise Break(entry_id, f"visit {visit.visit_id} differs from its entry {entry_id}")

    def _compare_redemptions(self, session: Session, site: str) -> None:
        query = select(RedemptionRow).where(RedemptionRow.site == site)
        with _broken_at(0, "a redemption was changed and cannot be read"):
            found = {
                (row.issuer, row.receipt_number, row.place): row.visit_id
                for row in session.scalars(query)
            }
        differing = found.items() ^ self._redemptions.items()
        for (_, number, place), visit_id in sorted(differing, key=repr):
            raise Break(
                self._entry_of.get(visit_id, 0),
                f"place {place} of receipt {number} is not redeemed as the log says",
            )

    def _admit(self, row: EntryRow, facts: dict[str, Any]) -> None:
        visit_id = facts["visit"]
        self._entry_of[visit_id] = row.entry_id
        self._visits[visit_id] = {
            "attempt_id": row.attempt_id,
            "gate": row.gate,
            "entered_at": row.at,
            "service": row.service,
            "issuer": row.issuer,
            "receipt_number": row.receipt_number,
            "place": facts["place"],
            "seat": facts["seat"],
            "ticket": facts["ticket"],
            "returned_from": facts["continues"],
            "left_at": None,
            "left_how": None,
            "annulled_at": None,
        }
        queue, _, number = facts["ticket"].rpartition("-")
        self._days[self._office.local_day(row.at)].admit(
            service=row.service,
            queue=queue,
            ticket=int(number),
            is_return=facts["continues"] is not None,
            hour=self._office.hour_of_day(row.at),
        )
        if row.issuer is not None and row.receipt_number is not None and facts["place"] > 0:
            self._redemptions[row.issuer, row.receipt_number, facts["place"]] = visit_id

    def _annul(self, visit_id: int, at: datetime) -> None:
        visit = self._visits[visit_id]
        visit["annulled_at"] = at
        self._days[self._office.local_day(visit["entered_at"])].annul(
            service=visit["service"],
            is_return=visit["returned_from"] is not None,
            was_inside=visit["left_at"] is None,
            visit_id=visit_id,
            entered_at=visit["entered_at"],
            hour=self._office.hour_of_day(visit["entered_at"]),
        )
        key = (visit["issuer"], visit["receipt_number"], visit["place"])
        if self._redemptions.get(key) != visit_id:
            return
        if visit["returned_from"] is not None:
            self._redemptions[key] = visit["returned_from"]
        else:
            del self._redemptions[key]


class _QueueReplay:
    """What tickets must be. Those of visits that an older version let in need not be there."""

    def __init__(self, office: RecordedOffice) -> None:
        self._office = office
        self._inside: dict[int, Ticket] = {}
        self._left_today: dict[int, Ticket] = {}
        self._today: date | None = None
        self._kept: dict[int, str] = {}
        self._entry_of: dict[int, int] = {}
        self._unsure: set[int] = set()

    def step(self, row: EntryRow) -> None:
        facts = json.loads(row.facts) if row.facts is not None else {}
        visit_id = facts.get("visit")
        if not isinstance(visit_id, int):
            return
        if row.kind == EntryKind.ATTEMPT:
            self._come_in(row, visit_id, facts)
        elif row.kind in (*_EXITS, EntryKind.ANNUL):
            self._leave(visit_id, row.at)
        elif row.kind == EntryKind.EXIT_UNDONE:
            self._put_back(visit_id, row.at)
        elif row.kind == EntryKind.QUEUE:
            self._act(row, visit_id, facts)
        elif row.kind == EntryKind.PRIORITY:
            self._give_priority(visit_id, is_priority=facts["priority"])
        else:
            return
        self._entry_of[visit_id] = row.entry_id

    def ticket(self, visit_id: int) -> Ticket | None:
        """A visit's ticket while its day goes on; None where nobody can say."""
        if visit_id in self._unsure:
            return None
        return self._inside.get(visit_id) or self._left_today.get(visit_id)

    def compare(self, session: Session, site: str) -> None:
        """The rows with what the log says."""
        for visit_id, ticket in self._inside.items():
            self._kept[visit_id] = _digested(ticket, None)
        missing = self._kept
        with _broken_at(0, "a ticket was changed and cannot be read"):
            for row in _tickets(session, site):
                self._compare(row, missing.pop(row.visit_id, None))
        for visit_id in sorted(missing.keys() - self._unsure):
            raise Break(self._entry_of[visit_id], f"the ticket of visit {visit_id} was removed")

    def _compare(self, row: TicketRow, expected: str | None) -> None:
        if row.visit_id in self._unsure:
            return
        entry_id = self._entry_of.get(row.visit_id, 0)
        if expected is None:
            raise Break(entry_id, f"the ticket of visit {row.visit_id} is not in the log")
        problem = f"the ticket of visit {row.visit_id} differs from its entry {entry_id}"
        with _broken_at(entry_id, problem):
            ticket = read_ticket(row.ticket, visit_id=row.visit_id, overtaken=row.overtaken)
            if _digested(ticket, row.ended_at) != expected:
                raise Break(entry_id, problem)

    def _come_in(self, row: EntryRow, visit_id: int, facts: dict[str, Any]) -> None:
        day = self._office.local_day(row.at)
        if day != self._today:
            self._today = day
            self._left_today.clear()
        steps, continues = facts.get("steps"), facts["continues"]
        before = None if continues in self._unsure else self._left_today.get(continues)
        if before is not None:
            ticket = taken_up(before, visit_id=visit_id, at=row.at)
            is_priority = ticket.is_priority or facts.get("priority", False)
            self._inside[visit_id] = with_priority(ticket, is_priority=is_priority)
        else:
            self._inside[visit_id] = new_ticket(
                visit_id=visit_id,
                label=facts["ticket"],
                steps=tuple(steps or (row.service or "",)),
                at=row.at,
                receipt=_receipt_of(row),
                booked_for=_moment(facts.get("booked_for")),
                is_priority=facts.get("priority", False),
            )
        if steps is None or (continues is not None and before is None):
            self._unsure.add(visit_id)

    def _give_priority(self, visit_id: int, *, is_priority: bool) -> None:
        ticket = self._inside.get(visit_id)
        if ticket is None:
            self._unsure.add(visit_id)
            return
        self._inside[visit_id] = with_priority(ticket, is_priority=is_priority)

    def _leave(self, visit_id: int, at: datetime) -> None:
        ticket = self._inside.pop(visit_id, None)
        if ticket is None:
            return
        self._left_today[visit_id] = ended = left(ticket, at)
        self._kept[visit_id] = _digested(ended, at)

    def _put_back(self, visit_id: int, at: datetime) -> None:
        ended = self._left_today.pop(visit_id, None)
        if ended is None:
            self._unsure.add(visit_id)
            return
        self._kept.pop(visit_id, None)
        self._inside[visit_id] = put_back(ended, at)

    def _act(self, row: EntryRow, visit_id: int, facts: dict[str, Any]) -> None:
        before = self._inside.get(visit_id)
        if before is None or facts["act"] not in list(Act):
            self._unsure.add(visit_id)  # a newer version wrote it
            return
        act = Act(facts["act"])
        if act is not Act.UNDO:
            # Whose counter is gone is called as somebody who was parked.
            before = replace(before, state=TicketState(facts["from"]))
        after = acted(
            before,
            act,
            at=row.at,
            counter=facts["counter"],
            service=facts.get("service", ""),
            outcome=facts.get("outcome", ""),
            is_taken=facts["to"] == TicketState.WAITING,
        )
        if isinstance(after, QueueRefusal):
            raise Break(row.entry_id, f"entry {row.entry_id} cannot follow those before it")
        self._inside[visit_id] = after
        for one in facts.get("overtook", ()):
            other = self._inside.get(one)
            if other is not None:
                count = max(0, other.overtaken + (-1 if act is Act.UNDO else 1))
                self._inside[one] = replace(other, overtaken=count)


def _compare_figures(figures: FiguresReplay, session: Session, newest: int) -> None:
    """The kept figures of days that are over."""
    day = figures.differing(session)
    if day is not None:
        raise Break(newest, f"the kept figures of {day} are not what the log says")


def _digested(ticket: Ticket, ended_at: datetime | None) -> str:
    """A ticket in few bytes: a long log has many."""
    text = f"{ended_at}{ticket.overtaken}{write_ticket(ticket)}"
    return hashlib.sha256(text.encode()).hexdigest()


def _receipt_of(row: EntryRow) -> tuple[str, str] | None:
    if row.issuer is None or row.receipt_number is None:
        return None
    return row.issuer, row.receipt_number


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _booking(row: EntryRow, facts: dict[str, Any]) -> _BookedReceipt:
    place = Place(
        service=str(row.service),
        day=date.fromisoformat(facts["day"]),
        start=read_time(facts["start"]),
        end=read_time(facts["end"]),
    )
    return _BookedReceipt(row.entry_id, place, facts["people"], facts["priority"])


def _state(visit: VisitRow) -> dict[str, Any]:
    return {
        "attempt_id": visit.attempt_id,
        "gate": visit.gate,
        "entered_at": visit.entered_at,
        "service": visit.service,
        "issuer": visit.issuer,
        "receipt_number": visit.receipt_number,
        "place": visit.place,
        "seat": visit.seat,
        "ticket": ticket_of(visit.queue, visit.ticket_number),
        "returned_from": visit.returned_from,
        "left_at": visit.left_at,
        "left_how": visit.left_how,
        "annulled_at": visit.annulled_at,
    }


def _of_site(table: type[DayRow], site: str) -> Select[DayRow]:
    return select(table).where(table.site == site)


def _rows(session: Session, site: str) -> Iterator[tuple[EntryRow, dict[str, DetailRow]]]:
    def load(after: int | None, size: int) -> list[tuple[EntryRow, dict[str, DetailRow]]]:
        session.expunge_all()  # a long log must not pile up in memory
        query = select(EntryRow).where(EntryRow.site == site).order_by(EntryRow.entry_id)
        if after is not None:
            query = query.where(EntryRow.entry_id > after)
        rows = session.scalars(query.limit(size)).all()
        found: dict[int, dict[str, DetailRow]] = {row.entry_id: {} for row in rows}
        wanted = select(DetailRow).where(
            DetailRow.site == site, DetailRow.entry_id.in_(found.keys())
        )
        for detail in session.scalars(wanted):
            found[detail.entry_id][detail.kind] = detail
        return [(row, found[row.entry_id]) for row in rows]

    number = 1
    try:
        for row, details in _each(load, lambda loaded: loaded[0].entry_id):
            yield row, details
            number += 1
    except _Unreadable as unreadable:
        problem = f"entry {number} or a detail of it was changed and cannot be read"
        raise Break(number, problem) from unreadable


def _visits(session: Session, site: str) -> Iterator[VisitRow]:
    """In order of number; Unreadable tells the last one that could be read."""

    def load(after: int | None, size: int) -> Sequence[VisitRow]:
        session.expunge_all()
        query = select(VisitRow).where(VisitRow.site == site).order_by(VisitRow.visit_id)
        if after is not None:
            query = query.where(VisitRow.visit_id > after)
        return session.scalars(query.limit(size)).all()

    return _each(load, lambda visit: visit.visit_id)


def _tickets(session: Session, site: str) -> Iterator[TicketRow]:
    def load(after: int | None, size: int) -> Sequence[TicketRow]:
        session.expunge_all()
        query = select(TicketRow).where(TicketRow.site == site).order_by(TicketRow.visit_id)
        if after is not None:
            query = query.where(TicketRow.visit_id > after)
        return session.scalars(query.limit(size)).all()

    try:
        yield from _each(load, lambda ticket: ticket.visit_id)
    except _Unreadable as unreadable:
        after = unreadable.after or 0
        raise Break(
            0, f"the ticket after visit {after} was changed and cannot be read"
        ) from unreadable


def _each(
    load: Callable[[int | None, int], Sequence[Loaded]], key: Callable[[Loaded], int]
) -> Iterator[Loaded]:
    """Load batch after batch, and row by row where one cannot be read, so that it is found."""
    after, size = None, BATCH
    while True:
        try:
            batch = load(after, size)
        except (*_UNREADABLE, OperationalError) as error:
            if not _is_unreadable(error):
                raise
            if size == 1:
                raise _Unreadable(after) from error
            size = 1
            continue
        if not batch:
            return
        yield from batch
        after = key(batch[-1])


def _find_stray_detail(session: Session, site: str) -> None:
    is_its_entry = and_(EntryRow.site == DetailRow.site, EntryRow.entry_id == DetailRow.entry_id)
    query = (
        select(DetailRow.entry_id)
        .outerjoin(EntryRow, is_its_entry)
        .where(DetailRow.site == site, EntryRow.entry_id.is_(None))
        .order_by(DetailRow.entry_id)
    )
    with _broken_at(0, "a detail was changed and cannot be read"):
        entry_id = session.scalars(query.limit(1)).first()
    if entry_id is not None:
        raise Break(entry_id, f"there is a detail of entry {entry_id}, which is not in the log")


@contextmanager
def _broken_at(entry_id: int, problem: str) -> Iterator[None]:
    """Judging these rows fails only where somebody wrote what this program never does."""
    try:
        yield
    except (*_UNREADABLE, OperationalError) as error:
        if not _is_unreadable(error):
            raise
        raise Break(entry_id, problem) from error


def _is_unreadable(error: Exception) -> bool:
    """Not so where the database itself fails: a lost connection is no tampering."""
    return not isinstance(error, OperationalError) or "decode to UTF-8" in str(error.orig)
