"""The line outside on a database: who is called in is decided and written in one transaction."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from screening.record.calling_in import call_in, line_places, room_of, room_with, write_change
from screening.record.days import total_inside
from screening.record.engine import Database
from screening.record.figures import newest_state, remembered_state
from screening.record.journal import make_room_for_today
from screening.record.office import RecordedOffice
from screening.record.state import State
from screening.record.tables import EntryRow
from screening.record.writer import Transaction, Writer
from screening.visits import EntryKind
from screening.waiting_room.admission import places_of
from screening.waiting_room.line import LineOrder, LineRefusal, LineView, Place, acted, view_of


class SqlLine:
    """LineBook on a database; safe to use from any thread."""

    def __init__(self, database: Database, office: RecordedOffice, writer: Writer) -> None:
        self._database = database
        self._office = office
        self._writer = writer

    def act(self, order: LineOrder, *, at: datetime) -> Place | LineRefusal:
        """Do what the guard asks."""

        def act(transaction: Transaction) -> Place | LineRefusal:
            _look(transaction, at)
            places = line_places(transaction, at)
            after = acted(places, order.receipt, order.act, room_of(transaction, at), at)
            if isinstance(after, LineRefusal):
                return after
            before = next(one for one in places if one.receipt == order.receipt)
            write_change(transaction, before, after, order.act, by=order.by, at=at)
            return after

        return self._writer.do(act)

    def call_due(self, *, at: datetime) -> list[Place]:
        """Call in whoever fits in now; a second time at once calls nobody."""

        def call(transaction: Transaction) -> list[Place]:
            _look(transaction, at)
            return call_in(transaction, at)

        return self._writer.submit(call, may_repeat=True).result()

    def view(self, *, at: datetime) -> LineView:
        """The line as of the newest commit of any process."""
        return self._view(newest_state(self._database, self._office, self._writer, at), at)

    def glance(self, *, at: datetime) -> LineView | None:
        """The same as of this process's last commit; None before its first one of that day."""
        state = remembered_state(self._office, self._writer, at)
        return None if state is None else self._view(state, at)

    def left(self, *, since: datetime) -> list[datetime]:
        """When people left since then, in order."""
        query = (
            select(EntryRow.at)
            .where(
                EntryRow.site == self._office.site,
                EntryRow.at >= since,
                EntryRow.kind.in_((EntryKind.EXIT.value, EntryKind.ESTIMATED_EXIT.value)),
            )
            .order_by(EntryRow.at)
        )
        with self._database.reading() as session:
            return list(session.scalars(query))

    def _view(self, state: State, at: datetime) -> LineView:
        places = places_of(list(state.waits.values()), since=self._office.day_began(at))
        inside = total_inside(state.days, self._office.local_day(at))
        return view_of(places, room_with(self._office.facts.newest, inside), at)


def _look(transaction: Transaction, at: datetime) -> None:
    """See what is there, once whoever forgot to leave yesterday is out."""
    transaction.look(at)
    make_room_for_today(transaction, at)
