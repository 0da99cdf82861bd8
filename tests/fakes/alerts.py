"""FakeAlerts: alerts in memory, held to the same contract as the databases."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from screening.alerts.alerts import Alert, Finding
from screening.alerts.book import (
    CLAIMED_AT_ONCE,
    CLAIMED_FOR,
    LONGEST_PAUSE,
    AlertBook,
    AlertMessage,
    MessageChannel,
    Occasion,
)
from screening.alerts.unusual import DayCounts
from screening.decision import DecisionKind, Reason
from screening.visits import EntryKind, LogEntry


@dataclass
class _Unsettled:
    alert_id: int
    occasion: Occasion
    channel: MessageChannel
    due_at: datetime
    tries: int = 0


class FakeAlerts(AlertBook):
    """AlertBook in memory; ``append`` adds a row to the log that ``rows`` reads."""

    def __init__(
        self,
        append: Callable[..., LogEntry],
        rows: Callable[[], Iterable[LogEntry]],
        zone: ZoneInfo,
    ) -> None:
        self._append = append
        self._rows = rows
        self._zone = zone
        self._lock = threading.RLock()
        self._alerts: dict[int, Alert] = {}
        self._unsettled: list[_Unsettled] = []

    def open_alerts(self) -> list[Alert]:
        with self._lock:
            return [one for one in self._alerts.values() if one.over_at is None]

    def alert(self, alert_id: int) -> Alert | None:
        return self._alerts.get(alert_id)

    def raise_(
        self, finding: Finding, *, at: datetime, channels: Collection[MessageChannel] = ()
    ) -> Alert | None:
        with self._lock:
            key = (finding.kind, finding.subject)
            if key in {(one.kind, one.subject) for one in self.open_alerts()}:
                return None
            told = f"raised: {' '.join(filter(None, key))}"
            entry = self._append(EntryKind.ALERT, at, remark=told)
            alert = Alert(
                alert_id=entry.entry_id,
                kind=finding.kind,
                subject=finding.subject,
                value=finding.value,
                limit=finding.limit,
                detail=finding.detail,
                raised_at=at,
            )
            self._alerts[alert.alert_id] = alert
            self._add_messages(alert.alert_id, Occasion.RAISED, channels, at)
            return alert

    def acknowledge(self, alert_id: int, *, by: str, at: datetime) -> Alert | None:
        with self._lock:
            found = self._open(alert_id)
            if found is None or found.acknowledged_by is not None:
                return found
            told = f"acknowledged: {' '.join(filter(None, (found.kind, found.subject)))}"
            self._append(EntryKind.ALERT, at, operator=by, remark=told)
            self._alerts[alert_id] = replace(found, acknowledged_by=by, acknowledged_at=at)
            return self._alerts[alert_id]

    def end(
        self, alert_id: int, *, at: datetime, channels: Collection[MessageChannel] = ()
    ) -> Alert | None:
        with self._lock:
            found = self._open(alert_id)
            if found is None:
                return None
            told = f"over: {' '.join(filter(None, (found.kind, found.subject)))}"
            self._append(EntryKind.ALERT, at, remark=told)
            self._alerts[alert_id] = replace(found, over_at=at)
            self._add_messages(alert_id, Occasion.OVER, channels, at)
            return self._alerts[alert_id]

    def claim(self, channels: Collection[MessageChannel], *, at: datetime) -> list[AlertMessage]:
        with self._lock:
            claimed: list[AlertMessage] = []
            behind: set[tuple[int, MessageChannel]] = set()
            for one in self._unsettled:
                key = (one.alert_id, one.channel)
                is_due = one.due_at <= at or one.due_at > at + LONGEST_PAUSE
                if (
                    one.channel in channels
                    and key not in behind
                    and is_due
                    and len(claimed) < CLAIMED_AT_ONCE
                ):
                    one.due_at, one.tries = at + CLAIMED_FOR, one.tries + 1
                    claimed.append(
                        AlertMessage(
                            alert=self._alerts[one.alert_id],
                            occasion=one.occasion,
                            channel=one.channel,
                            tries=one.tries,
                        )
                    )
                behind.add(key)
            return claimed

    def settle(self, message: AlertMessage, *, at: datetime) -> None:
        with self._lock:
            self._unsettled.remove(self._of(message))

    def put_off(self, message: AlertMessage, *, until: datetime) -> None:
        with self._lock:
            self._of(message).due_at = until

    def day_counts(self, since: date, before: date) -> list[DayCounts]:
        admitted, refused = Counter[date](), dict[date, Counter[Reason | str]]()
        for row in self._rows():
            day = row.at.astimezone(self._zone).date()
            if row.kind != EntryKind.ATTEMPT or not since <= day < before:
                continue
            if row.decision is DecisionKind.ADMIT:
                admitted[day] += 1
            elif row.decision in (DecisionKind.DENY, DecisionKind.REFER) and row.reason:
                refused.setdefault(day, Counter())[row.reason] += 1
        return [
            DayCounts(day, admitted[day], dict(refused.get(day, {})))
            for day in sorted(admitted.keys() | refused.keys())
        ]

    def _open(self, alert_id: int) -> Alert | None:
        found = self._alerts.get(alert_id)
        return None if found is None or found.over_at is not None else found

    def _of(self, message: AlertMessage) -> _Unsettled:
        return next(
            one
            for one in self._unsettled
            if (one.alert_id, one.occasion, one.channel)
            == (message.alert.alert_id, message.occasion, message.channel)
        )

    def _add_messages(
        self,
        alert_id: int,
        occasion: Occasion,
        channels: Collection[MessageChannel],
        at: datetime,
    ) -> None:
        self._unsettled += [_Unsettled(alert_id, occasion, one, at) for one in sorted(channels)]
