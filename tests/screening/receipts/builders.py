"""Receipts, keys and a book for the tests of this folder."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from screening.receipts.claims import ReceiptClaims
from screening.receipts.keys import SigningKey, TrustedKeys

NOW = datetime(2026, 3, 10, 5, 0, tzinfo=UTC)
"""Noon in Jakarta."""

OURS = SigningKey("BGR", Ed25519PrivateKey.generate())
THEIRS = SigningKey("JKT", ec.generate_private_key(ec.SECP256R1()))
STRANGER = SigningKey("BGR", Ed25519PrivateKey.generate())
TRUSTED = TrustedKeys([OURS.trusted(), THEIRS.trusted()])


def claims(**changes: Any) -> ReceiptClaims:
    values: dict[str, Any] = {
        "issuer": "BGR",
        "number": "7KQ2M9XV4T",
        "token_id": bytes(range(16)),
        "site": "BGR",
        "service": "KTP",
        "party_size": 1,
        "holder": "Sari P.",
        "issued_at": NOW - timedelta(days=1),
        "not_before": NOW - timedelta(hours=12),
        "expires": NOW + timedelta(days=6),
    }
    return ReceiptClaims(**{**values, **changes})
