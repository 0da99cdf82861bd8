"""Values the contract tests are made of; every keyword can be replaced."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy import text

from screening.decision import Check, DecisionKind, Reason
from screening.receipts.claims import ReceiptClaims
from screening.record.chain import canonical
from screening.record.writer import Transaction
from screening.temperature.instrument.commissioning import Commissioning, ThermometerCheck
from screening.visits import (
    Attempt,
    CheckResult,
    EntryKind,
    EvidenceSource,
    MeasuredTemperature,
)
from tests.commissionings import daily_check, of_a_spot

SITE = "BGR"
ZONE = ZoneInfo("Asia/Jakarta")
NOON = datetime(2026, 3, 10, 5, 0, tzinfo=UTC)
"""Noon in Jakarta."""
MIDNIGHT = datetime(2026, 3, 9, 17, 0, tzinfo=UTC)
"""Its start of the day."""

Kind = TypeVar("Kind")

_numbers = itertools.count(1)

PASSED = (
    CheckResult(check=Check.TEMPERATURE, source=EvidenceSource.DEVICE, outcome="passed"),
    CheckResult(check=Check.MASK, source=EvidenceSource.GUARD, outcome="mask"),
)


def the(value: Kind | None) -> Kind:
    """The value, which a test expects to be there."""
    assert value is not None
    return value


def receipt(**changes: Any) -> ReceiptClaims:
    values: dict[str, Any] = {
        "issuer": "BGR",
        "number": f"N{next(_numbers):09d}",
        "token_id": bytes(range(16)),
        "site": SITE,
        "service": "KTP",
        "party_size": 1,
        "holder": "Sari P.",
        "issued_at": NOON - timedelta(days=2),
        "not_before": NOON - timedelta(days=1),
        "expires": NOON + timedelta(days=6),
    }
    return ReceiptClaims(**{**values, **changes})


def attempt(**changes: Any) -> Attempt:
    values: dict[str, Any] = {
        "attempt_id": f"attempt-{next(_numbers)}",
        "gate": "utama",
        "at": NOON,
        "decision": DecisionKind.ADMIT,
        "reason": Reason.ADMITTED,
    }
    return Attempt(**{**values, **changes})


def warm(celsius: float = 38.1) -> MeasuredTemperature:
    return MeasuredTemperature(
        raw_celsius=celsius - 2, corrections=(("distance", 2.0),), corrected_celsius=celsius
    )


def pause(**changes: Any) -> Attempt:
    """A visitor sent aside for the second reading."""
    values: dict[str, Any] = {
        "decision": DecisionKind.WAIT,
        "reason": Reason.SECOND_READING_PAUSE,
        "temperatures": (warm(),),
        "ready_at": changes.get("at", NOON) + timedelta(minutes=5),
    }
    return attempt(**{**values, **changes})


def refusal(reason: Reason, **changes: Any) -> Attempt:
    decision = DecisionKind.REFER if reason is Reason.ELEVATED_TWICE else DecisionKind.DENY
    return attempt(decision=decision, reason=reason, **changes)


def write_as_newer_version(record: Any, *, at: datetime = NOON) -> None:
    """Three rows that a version to come might write, beside a visit that left in a new way."""
    visit = record.visits.write(attempt(at=at, results=PASSED)).visit

    def write(transaction: Transaction) -> None:
        transaction.look(at)
        transaction.flush()
        left = {"how": "by_lift", "visit": visit.visit_id}
        transaction.connection.execute(
            text("UPDATE visits SET left_at = entered_at, left_how = :how WHERE visit_id = :visit"),
            left,
        )
        day = transaction.day(transaction.office.local_day(at))
        day.let_out(visit.visit_id, entered_at=visit.entered_at, how="teleported")
        transaction.end_ticket(visit.visit_id, at)
        day.refuse("from_the_future", hour=transaction.office.hour_of_day(at))
        seen = canonical([["iris", "drone", "seen"]])
        whose = {"attempt_id": visit.attempt_id, "gate": "utama", "at": at}
        facts = canonical({"visit": visit.visit_id, "how": "by_lift"})
        transaction.append({**whose, "kind": EntryKind.EXIT, "facts": facts})
        transaction.append({**whose, "kind": "called", "decision": "ponder", "results": seen})
        refused = {"kind": "attempt", "decision": "deny", "reason": "from_the_future"}
        transaction.append({**whose, **refused, "attempt_id": "to-come", "results": seen})

    record._writer.do(write)


def commissioning(**changes: Any) -> Commissioning:
    return of_a_spot(**{"at": NOON, **changes})


def thermometer_check(**changes: Any) -> ThermometerCheck:
    return daily_check(**{"at": NOON + timedelta(minutes=1), **changes})
