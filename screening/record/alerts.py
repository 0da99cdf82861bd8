"""Alerts on a database: each change with its row of the log, in one transaction."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, delete, insert, select, update

from screening.alerts.alerts import Alert, AlertKind, Finding
from screening.alerts.book import (
    CLAIMED_AT_ONCE,
    CLAIMED_FOR,
    KEPT_FOR,
    LONGEST_PAUSE,
    AlertMessage,
    MessageChannel,
    Occasion,
)
from screening.alerts.unusual import DayCounts
from screening.decision import Reason
from screening.record.chain import canonical
from screening.record.engine import Database
from screening.record.tables import AlertMessageRow, AlertRow, DayRow
from screening.record.text import clean
from screening.record.writer import Transaction, Writer
from screening.visits import EntryKind, known


class SqlAlerts:
    """AlertBook on a database; safe to use from any thread."""

    def __init__(self, database: Database, writer: Writer) -> None:
        self._database = database
        self._writer = writer

    def open_alerts(self) -> list[Alert]:
        """Those that are not over, oldest first."""
        query = self._alerts().where(AlertRow.over_at.is_(None)).order_by(AlertRow.alert_id)
        with self._database.reading() as session:
            return [_alert(row) for row in session.execute(query)]

    def alert(self, alert_id: int) -> Alert | None:
        """One of them, also one that is over."""
        query = self._alerts().where(AlertRow.alert_id == alert_id)
        with self._database.reading() as session:
            row = session.execute(query).first()
            return None if row is None else _alert(row)

    def raise_(
        self, finding: Finding, *, at: datetime, channels: Collection[MessageChannel] = ()
    ) -> Alert | None:
        """Tell it; None where it is told already."""
        subject, detail = clean(finding.subject) or "", clean(finding.detail) or ""
        same = (AlertRow.kind == finding.kind, AlertRow.subject == subject)
        is_told = self._alerts().where(*same, AlertRow.over_at.is_(None))

        def raise_(transaction: Transaction) -> Alert | None:
            transaction.look(at)
            if transaction.connection.execute(is_told).first() is not None:
                return None
            facts = {
                "act": Occasion.RAISED.value,
                "kind": finding.kind.value,
                "subject": subject,
                "value": finding.value,
                "limit": finding.limit,
                "detail": detail,
            }
            entry = transaction.append(_row(facts, at=at))
            columns = {
                "site": self._database.site,
                "alert_id": entry.entry_id,
                "kind": finding.kind.value,
                "subject": subject,
                "value": finding.value,
                "limit_value": finding.limit,
                "detail": detail,
                "raised_at": at,
            }
            transaction.execute(insert(AlertRow), [columns])
            self._add_messages(transaction, entry.entry_id, Occasion.RAISED, channels, at)
            self._forget(transaction, at)
            return Alert(
                alert_id=entry.entry_id,
                kind=finding.kind,
                subject=subject,
                value=finding.value,
                limit=finding.limit,
                detail=detail,
                raised_at=at,
            )

        return self._writer.do(raise_)

    def acknowledge(self, alert_id: int, *, by: str, at: datetime) -> Alert | None:
        """Somebody takes care of it; who was first stays."""

        def acknowledge(transaction: Transaction) -> Alert | None:
            found = self._look(transaction, alert_id, at)
            if found is None or found.acknowledged_by is not None:
                return found
            taken = replace(found, acknowledged_by=clean(by), acknowledged_at=at)
            transaction.connection.execute(
                self._change(alert_id).values(
                    acknowledged_by=taken.acknowledged_by, acknowledged_at=at
                )
            )
            transaction.append(_row(_facts("acknowledged", found), at=at, operator=by))
            return taken

        return self._writer.do(acknowledge)

    def end(
        self, alert_id: int, *, at: datetime, channels: Collection[MessageChannel] = ()
    ) -> Alert | None:
        """It is over; None where it is not open."""

        def end(transaction: Transaction) -> Alert | None:
            found = self._look(transaction, alert_id, at)
            if found is None:
                return None
            transaction.connection.execute(self._change(alert_id).values(over_at=at))
            transaction.append(_row(_facts(Occasion.OVER.value, found), at=at))
            self._add_messages(transaction, alert_id, Occasion.OVER, channels, at)
            return replace(found, over_at=at)

        return self._writer.do(end)

    def claim(self, channels: Collection[MessageChannel], *, at: datetime) -> list[AlertMessage]:
        """What is due, in order, for the caller alone for ``CLAIMED_FOR``."""
        with self._database.reading() as session:  # most of the time there is nothing
            if not _due(session.execute(self._unsettled(channels)).all(), at):
                return []

        def claim(transaction: Transaction) -> list[AlertMessage]:
            rows = _due(transaction.connection.execute(self._unsettled(channels)).all(), at)
            for row in rows:
                taken = self._message(row.alert_id, row.occasion, row.channel)
                values = {"due_at": at + CLAIMED_FOR, "tries": row.tries + 1}
                transaction.connection.execute(taken.values(**values))
            return [
                AlertMessage(
                    alert=_alert(row),
                    occasion=Occasion(row.occasion),
                    channel=MessageChannel(row.channel),
                    tries=row.tries + 1,
                )
                for row in rows
            ]

        return self._writer.do(claim)

    def settle(self, message: AlertMessage, *, at: datetime) -> None:
        """It was sent, or is given up."""
        self._set(message, settled_at=at)

    def put_off(self, message: AlertMessage, *, until: datetime) -> None:
        """It is to be tried again then."""
        self._set(message, due_at=until)

    def day_counts(self, since: date, before: date) -> list[DayCounts]:
        """Admissions, refusals and referrals of these days."""
        query = (
            select(DayRow.day, DayRow.admitted, DayRow.refusals)
            .where(DayRow.site == self._database.site, DayRow.day >= since, DayRow.day < before)
            .order_by(DayRow.day)
        )
        with self._database.reading() as session:
            counted = [
                DayCounts(row.day, row.admitted, _by_reason(row.refusals))
                for row in session.execute(query)
            ]
        return [one for one in counted if one.visitors]

    def _look(self, transaction: Transaction, alert_id: int, at: datetime) -> Alert | None:
        """An open alert, while nobody else of the site writes."""
        transaction.look(at)
        query = self._alerts().where(AlertRow.alert_id == alert_id, AlertRow.over_at.is_(None))
        row = transaction.connection.execute(query).first()
        return None if row is None else _alert(row)

    def _add_messages(
        self,
        transaction: Transaction,
        alert_id: int,
        occasion: Occasion,
        channels: Collection[MessageChannel],
        at: datetime,
    ) -> None:
        rows = [
            {
                "site": self._database.site,
                "alert_id": alert_id,
                "occasion": occasion.value,
                "channel": channel.value,
                "due_at": at,
                "tries": 0,
                "settled_at": None,
            }
            for channel in sorted(channels)
        ]
        if rows:
            transaction.execute(insert(AlertMessageRow), rows)

    def _forget(self, transaction: Transaction, at: datetime) -> None:
        """What was over long ago leaves these tables."""
        is_old = (AlertRow.site == self._database.site) & (AlertRow.over_at < at - KEPT_FOR)
        ids = select(AlertRow.alert_id).where(is_old)
        transaction.connection.execute(
            delete(AlertMessageRow).where(
                AlertMessageRow.site == self._database.site, AlertMessageRow.alert_id.in_(ids)
            )
        )
        transaction.connection.execute(delete(AlertRow).where(is_old))

    def _set(self, message: AlertMessage, **values: Any) -> None:
        statement = self._message(message.alert.alert_id, message.occasion, message.channel)

        def set_(transaction: Transaction) -> None:
            transaction.connection.execute(statement.values(**values))

        self._writer.do(set_)

    def _alerts(self) -> Select[Any]:
        return select(AlertRow.__table__).where(AlertRow.site == self._database.site)

    def _unsettled(self, channels: Collection[MessageChannel]) -> Select[Any]:
        """Messages with their alerts, in the order in which they are to be sent."""
        return (
            select(
                AlertRow.__table__,
                AlertMessageRow.occasion,
                AlertMessageRow.channel,
                AlertMessageRow.due_at,
                AlertMessageRow.tries,
            )
            .join(
                AlertMessageRow,
                (AlertMessageRow.site == AlertRow.site)
                & (AlertMessageRow.alert_id == AlertRow.alert_id),
            )
            .where(
                AlertMessageRow.site == self._database.site,
                AlertMessageRow.settled_at.is_(None),
                AlertMessageRow.channel.in_([channel.value for channel in channels]),
            )
            .order_by(AlertRow.alert_id, AlertMessageRow.occasion.desc())  # raised before over
        )

    def _change(self, alert_id: int) -> Any:
        return update(AlertRow).where(
            AlertRow.site == self._database.site, AlertRow.alert_id == alert_id
        )

    def _message(self, alert_id: int, occasion: str, channel: str) -> Any:
        return update(AlertMessageRow).where(
            AlertMessageRow.site == self._database.site,
            AlertMessageRow.alert_id == alert_id,
            AlertMessageRow.occasion == str(occasion),
            AlertMessageRow.channel == str(channel),
        )


def _due(rows: Any, at: datetime) -> list[Any]:
    """Of unsettled messages, those whose turn it is."""
    due, behind = [], set()
    for row in rows:
        key = (row.alert_id, row.channel)
        if key not in behind and (row.due_at <= at or row.due_at > at + LONGEST_PAUSE):
            due.append(row)
        behind.add(key)
    return due[:CLAIMED_AT_ONCE]


def _alert(row: Any) -> Alert:
    return Alert(
        alert_id=row.alert_id,
        kind=known(AlertKind, row.kind),
        subject=row.subject,
        value=row.value,
        limit=row.limit_value,
        detail=row.detail,
        raised_at=row.raised_at,
        acknowledged_by=row.acknowledged_by,
        acknowledged_at=row.acknowledged_at,
        over_at=row.over_at,
    )


def _row(facts: dict[str, Any], *, at: datetime, operator: str | None = None) -> dict[str, Any]:
    return {
        "kind": EntryKind.ALERT,
        "at": at,
        "operator": clean(operator),
        "facts": canonical(facts),
    }


def _facts(act: str, alert: Alert) -> dict[str, Any]:
    return {
        "act": act,
        "alert": alert.alert_id,
        "kind": str(alert.kind),
        "subject": alert.subject,
    }


def _by_reason(refusals: str) -> dict[Reason | str, int]:
    return {known(Reason, reason): count for reason, count in json.loads(refusals).items()}
