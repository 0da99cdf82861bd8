"""Values the contract tests are made of; every keyword can be replaced."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from screening.decision import Check, DecisionKind, Reason
from screening.receipts.claims import ReceiptClaims
from screening.temperature.commissioning import Commissioning, ThermometerCheck
from screening.visits import Attempt, CheckResult, EvidenceSource, MeasuredTemperature
from tests.commissionings import daily_check, of_a_spot

SITE = "BGR"
ZONE = ZoneInfo("Asia/Jakarta")
NOON = datetime(2026, 3, 10, 5, 0, tzinfo=UTC)
"""Noon in Jakarta."""
MIDNIGHT = datetime(2026, 3, 9, 17, 0, tzinfo=UTC)
"""Its start of the day."""

_numbers = itertools.count(1)

PASSED = (
    CheckResult(check=Check.TEMPERATURE, source=EvidenceSource.DEVICE, outcome="passed"),
    CheckResult(check=Check.MASK, source=EvidenceSource.GUARD, outcome="mask"),
)


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


def commissioning(**changes: Any) -> Commissioning:
    return of_a_spot(**{"at": NOON, **changes})


def thermometer_check(**changes: Any) -> ThermometerCheck:
    return daily_check(**{"at": NOON + timedelta(minutes=1), **changes})
