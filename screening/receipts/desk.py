"""The desk: issues receipts and tells whether one is good, without ever redeeming it."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from screening.clock import Clock, start_of_day
from screening.decision import Reason
from screening.errors import ReceiptError
from screening.office.services import Service
from screening.receipts.claims import ReceiptBook, ReceiptClaims, ReceiptUse
from screening.receipts.codes import FoundCodes, find_codes
from screening.receipts.holder import shorten_holder
from screening.receipts.keys import ReceiptKeys
from screening.receipts.number import new_number
from screening.receipts.rules import check_service, check_use, check_validity, validity
from screening.receipts.scanned import scanned_numbers
from screening.receipts.token import (
    MAX_CODE_CHARACTERS,
    TOKEN_ID_BYTES,
    is_token,
    normalise,
    read,
    sign,
)

MANY_CODES = 4
"""More codes in one text are not looked up: a person shows one."""

_HOW_TO_GO_ON = {
    Reason.SERVICE_ONLINE_ONLY: "is served online only and needs no receipt",
    Reason.SERVICE_CLOSED: "is closed at present, so no receipt can be given",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuedReceipt:
    """A new receipt. ``valid_from`` inclusive, ``expires`` exclusive, both in the site's zone."""

    number: str
    token: str
    valid_from: datetime
    expires: datetime
    claims: ReceiptClaims


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """Whether a receipt lets somebody in at that time; ``claims`` whenever they can be believed."""

    valid: bool
    reason: Reason | None
    claims: ReceiptClaims | None


class ReceiptDesk:
    """Receipts of one site. ``services`` is asked each time, since the office may change them."""

    def __init__(
        self,
        *,
        keys: ReceiptKeys,
        book: ReceiptBook,
        services: Callable[[], Mapping[str, Service]],
        clock: Clock,
        zone: ZoneInfo,
        site: str,
    ) -> None:
        self._keys = keys
        self._book = book
        self._services = services
        self._clock = clock
        self._zone = zone
        self._site = site

    @property
    def issuer(self) -> str:
        """Who signs this office's receipts: theirs can be read by their numbers."""
        return self._keys.signing.issuer

    def issue(
        self,
        service: str,
        holder: str,
        *,
        issued_on: date | None = None,
        party_size: int = 1,
        slot: str | None = None,
    ) -> IssuedReceipt:
        """Sign and register a receipt, good from the site's day after ``issued_on``, else today.

        The holder's name is shortened. Raises ReceiptError telling what to do instead.
        """
        (issued,) = self.issue_many(
            service, holder, count=1, issued_on=issued_on, party_size=party_size, slot=slot
        )
        return issued

    def issue_many(
        self,
        service: str,
        holder: str,
        *,
        count: int,
        issued_on: date | None = None,
        party_size: int = 1,
        slot: str | None = None,
    ) -> list[IssuedReceipt]:
        """Receipts that differ by number only, all or none registered. Raises ReceiptError."""
        code = service.strip().upper()
        self._require_open(code)
        try:
            issued_at = self._issued_at(issued_on)
            valid_from, expires = validity(issued_at.astimezone(self._zone).date(), self._zone)
            not_before, until = valid_from.astimezone(UTC), expires.astimezone(UTC)
        except OverflowError as error:
            raise ReceiptError(f"{issued_on}: no receipt can be issued so early or late") from error
        claims = [
            ReceiptClaims(
                issuer=self._keys.signing.issuer,
                number=new_number(),
                token_id=secrets.token_bytes(TOKEN_ID_BYTES),
                site=self._site,
                service=code,
                party_size=party_size,
                holder=shorten_holder(holder),
                issued_at=issued_at,
                not_before=not_before,
                expires=until,
                slot=slot,
            )
            for _ in range(count)
        ]
        issued = [
            IssuedReceipt(
                number=one.number,
                token=sign(one, self._keys.signing),
                valid_from=valid_from,
                expires=expires,
                claims=one,
            )
            for one in claims
        ]
        self._book.add_all(claims)
        return issued

    def read(self, code: str, *, at: datetime | None = None) -> ReceiptClaims | Reason:
        """The claims behind a token or a receipt number, or why they cannot be had.

        Either may stand in a text as chats, mail and spreadsheets leave it; two different receipts
        in one text are SEVERAL_RECEIPTS.
        """
        if len(code) > MAX_CODE_CHARACTERS:
            return Reason.RECEIPT_UNREADABLE
        at = at or self._clock.now()
        plain = normalise(code)
        if is_token(plain):
            claims = read(plain, self._keys.trusted, at=at)
            if claims is not Reason.RECEIPT_UNREADABLE:
                return claims
        found = find_codes(code)
        scanned = scanned_numbers(code) if found.is_empty else ()
        if not scanned:
            return self._found(found, at)
        told = [self._read_number(number) for number in scanned]
        return next((claims for claims in told if isinstance(claims, ReceiptClaims)), told[0])

    def _found(self, found: FoundCodes, at: datetime) -> ReceiptClaims | Reason:
        if len(found.tokens) + len(found.numbers) > MANY_CODES:
            return Reason.SEVERAL_RECEIPTS
        told = [self._read_token(readings, at) for readings in found.tokens]
        if len(told) == 1 and isinstance(told[0], Reason):
            return told[0]  # a number beside it does not make a forged token good
        numbers = {claims.number for claims in told if isinstance(claims, ReceiptClaims)}
        told += [self._read_number(number) for number in found.numbers if number not in numbers]
        if len({_identity(one) for one in told}) > 1:
            return Reason.SEVERAL_RECEIPTS
        return told[0] if told else Reason.RECEIPT_UNREADABLE

    def _read_token(self, readings: Iterable[str], at: datetime) -> ReceiptClaims | Reason:
        """By the reading that its signature fits; else why the likeliest one is none."""
        told = [read(code, self._keys.trusted, at=at) for code in readings]
        return next((claims for claims in told if isinstance(claims, ReceiptClaims)), told[0])

    def _read_number(self, number: str) -> ReceiptClaims | Reason:
        claims = self._book.by_number(self._keys.signing.issuer, number)
        return claims or Reason.UNKNOWN_RECEIPT

    def examine(self, code: str, *, at: datetime | None = None) -> Verification:
        """What the code itself tells at ``at`` (default now): signature, site, days and service.

        A token is read without asking the record; whether it was used or revoked is not told.
        """
        at = at or self._clock.now()
        claims = self.read(code, at=at)
        if isinstance(claims, Reason):
            return Verification(valid=False, reason=claims, claims=None)
        reason = check_validity(claims, site=self._site, at=at, services=self._services())
        return Verification(valid=reason is None, reason=reason, claims=claims)

    def verify(self, code: str, *, at: datetime | None = None) -> Verification:
        """All that can be told of a receipt at ``at`` (default now), without redeeming it."""
        found = self.examine(code, at=at)
        if found.claims is None or found.reason is not None:
            return found
        reason = check_use(self.use(found.claims, at=at), found.claims)
        return Verification(valid=reason is None, reason=reason, claims=found.claims)

    def use(self, claims: ReceiptClaims, *, at: datetime | None = None) -> ReceiptUse:
        """What happened to the receipt so far."""
        today = start_of_day(at or self._clock.now(), self._zone)
        return self._book.use_of(claims.issuer, claims.number, since=today)

    def _require_open(self, code: str) -> None:
        services = self._services()
        reason = check_service(services.get(code))
        if reason is None:
            return
        if reason is Reason.SERVICE_UNKNOWN:
            known = ", ".join(sorted(c for c, s in services.items() if check_service(s) is None))
            raise ReceiptError(f"there is no service {code!r}; choose one of {known}")
        raise ReceiptError(f"service {code} {_HOW_TO_GO_ON[reason]}")

    def _issued_at(self, issued_on: date | None) -> datetime:
        if issued_on is None:
            return self._clock.now().replace(microsecond=0)
        if isinstance(issued_on, datetime):
            if issued_on.tzinfo is None:
                issued_on = issued_on.replace(tzinfo=self._zone)
            return issued_on.astimezone(UTC).replace(microsecond=0)
        return datetime.combine(issued_on, datetime.min.time(), tzinfo=self._zone).astimezone(UTC)


def _identity(told: ReceiptClaims | Reason) -> object:
    return (told.issuer, told.number) if isinstance(told, ReceiptClaims) else object()
