"""What a receipt says, and what the record knows of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptClaims:
    """The content of one receipt; times are aware UTC with whole seconds.

    Limits keep the token in a version-10 QR at level M: issuer 16, number 12, holder 16 characters.
    ``not_before`` is inclusive, ``expires`` exclusive. ``slot`` is a site's own slot code, if any.
    """

    issuer: str
    number: str
    token_id: bytes
    site: str
    service: str
    party_size: int
    holder: str
    issued_at: datetime
    not_before: datetime
    expires: datetime
    slot: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptUse:
    """What happened to a receipt so far.

    ``places_used`` counts redeemed places out of the party, ``inside`` those inside now and
    ``out_today`` those who left today and may come back. ``waited`` are the moments of today when
    its holder was told to wait.
    """

    revoked: bool = False
    places_used: int = 0
    inside: int = 0
    out_today: int = 0
    waited: tuple[datetime, ...] = ()


class ReceiptState(StrEnum):
    """Where a receipt stands, for whoever lists them. GOOD: it lets somebody in."""

    GOOD = "good"
    NOT_YET_VALID = "not_yet_valid"
    USED = "used"
    EXPIRED = "expired"
    REVOKED = "revoked"


def state_of(claims: ReceiptClaims, use: ReceiptUse, *, at: datetime) -> ReceiptState:
    """The first that is true: revoked, used by the whole party, expired, not yet valid, good."""
    if use.revoked:
        return ReceiptState.REVOKED
    if use.places_used >= claims.party_size:
        return ReceiptState.USED
    if at >= claims.expires:
        return ReceiptState.EXPIRED
    return ReceiptState.NOT_YET_VALID if at < claims.not_before else ReceiptState.GOOD


class ReceiptBook(Protocol):
    """The receipts this office issued or registered."""

    def add(self, claims: ReceiptClaims) -> None:
        """Raises ReceiptError when the number is taken."""

    def add_all(self, claims: Sequence[ReceiptClaims]) -> None:
        """All of them or none. Raises ReceiptError when a number is taken."""

    def import_all(
        self, issuer: str, claims: Sequence[ReceiptClaims], *, operator: str, at: datetime
    ) -> None:
        """Register the receipts of another issuer's list, all or none, with one row of the log.

        Raises ReceiptError where one is known already.
        """

    def known_numbers(self, issuer: str, numbers: Sequence[str]) -> frozenset[str]:
        """Which of these numbers of the issuer are registered already."""

    def by_number(self, issuer: str, number: str) -> ReceiptClaims | None:
        """The receipt with this number, for a typed number."""

    def token_id(self, issuer: str, number: str) -> bytes | None:
        """The id of its token alone, for a link's key. As quick where there is no such receipt."""

    def revoke(self, issuer: str, number: str, *, reason: str, operator: str, at: datetime) -> None:
        """Raises UnknownReceipt; revoking twice keeps the first. Written to the log."""

    def use_of(self, issuer: str, number: str, *, since: datetime) -> ReceiptUse:
        """Its use; ``since`` is the start of the site's day (for ``out_today``)."""

    def link_secret(self) -> bytes:
        """What keys of this site's links are made of, the same for ever. Raises RecordError."""
