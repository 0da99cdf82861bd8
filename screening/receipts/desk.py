"""The desk: issues receipts and tells whether one is good, without ever redeeming it."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from screening.clock import Clock, start_of_day
from screening.decision import Reason
from screening.errors import ReceiptError, UnknownReceipt
from screening.office.services import Channel, Service
from screening.receipts.claims import ReceiptBook, ReceiptClaims, ReceiptUse
from screening.receipts.codes import FoundCodes, find_codes
from screening.receipts.holder import shorten_holder
from screening.receipts.keys import ReceiptKeys, TrustedKey, TrustedKeys
from screening.receipts.number import foreign_number, new_number
from screening.receipts.rules import (
    check_service,
    check_slot,
    check_use,
    check_validity,
    slot_window,
    validity,
    validity_of_booking,
)
from screening.receipts.scanned import scanned_numbers
from screening.receipts.token import (
    MAX_CODE_CHARACTERS,
    TOKEN_ID_BYTES,
    is_token,
    normalise,
    read,
    sign,
)
from screening.registration.rules import Calendar

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
    """Receipts of one site.

    ``services``, other issuers' keys and the issuers whose receipts were imported are asked for
    each time, since the office may change them. Booked times and hours are checked by the
    ``calendar``, if there is one.
    """

    def __init__(
        self,
        *,
        keys: ReceiptKeys,
        book: ReceiptBook,
        services: Callable[[], Mapping[str, Service]],
        clock: Clock,
        zone: ZoneInfo,
        site: str,
        issuer_keys: Callable[[], tuple[TrustedKey, ...]] = tuple,
        imported: Callable[[], Iterable[str]] = tuple,
        calendar: Callable[[datetime], Calendar] | None = None,
    ) -> None:
        self._keys = keys
        self._book = book
        self._services = services
        self._clock = clock
        self._zone = zone
        self._site = site
        self._issuer_keys = issuer_keys
        self._imported = imported
        self._known: tuple[tuple[TrustedKey, ...], TrustedKeys] = ((), keys.trusted)
        self._calendar = calendar

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
        is_good_today: bool = False,
    ) -> IssuedReceipt:
        """Sign and register a receipt, good from the site's day after ``issued_on``, else today.

        ``is_good_today``: from the day of issue itself, which no collection is. The holder's name
        is shortened. Raises ReceiptError telling what to do instead.
        """
        (issued,) = self.issue_many(
            service,
            holder,
            count=1,
            issued_on=issued_on,
            party_size=party_size,
            slot=slot,
            is_good_today=is_good_today,
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
        is_good_today: bool = False,
    ) -> list[IssuedReceipt]:
        """Receipts that differ by number only, all or none registered. Raises ReceiptError."""
        code = service.strip().upper()
        self._open_service(code)
        issued = [
            self.prepare(
                code,
                holder,
                issued_on=issued_on,
                party_size=party_size,
                slot=slot,
                is_good_today=is_good_today,
            )
            for _ in range(count)
        ]
        self._book.add_all([one.claims for one in issued])
        return issued

    def prepare(
        self,
        service: str,
        holder: str,
        *,
        issued_on: date | None = None,
        booked: date | None = None,
        party_size: int = 1,
        slot: str | None = None,
        is_good_today: bool = False,
    ) -> IssuedReceipt:
        """A signed receipt that nobody has registered yet. Raises ReceiptError.

        Good from the ``booked`` day on, and on no other where it has a ``slot``, too; without one,
        as ``issue`` says.
        """
        if is_good_today:
            self._require_same_day(service)
        try:
            issued_at = self._issued_at(issued_on)
            not_before, expires = self._days(
                issued_at, booked=booked, slot=slot, is_good_today=is_good_today
            )
        except OverflowError as error:
            day = booked or issued_on
            raise ReceiptError(f"{day}: no receipt can be issued so early or late") from error
        return self.sign(
            ReceiptClaims(
                issuer=self._keys.signing.issuer,
                number=new_number(),
                token_id=secrets.token_bytes(TOKEN_ID_BYTES),
                site=self._site,
                service=service,
                party_size=party_size,
                holder=shorten_holder(holder),
                issued_at=issued_at,
                not_before=not_before,
                expires=expires,
                slot=slot,
            )
        )

    def rebooked(self, claims: ReceiptClaims, day: date, slot: str | None) -> IssuedReceipt:
        """The same receipt for another booking, signed anew. Raises ReceiptError."""
        try:
            not_before, expires = self._days(claims.issued_at, booked=day, slot=slot)
        except OverflowError as error:
            raise ReceiptError(f"{day}: no receipt can be so early or late") from error
        return self.sign(replace(claims, not_before=not_before, expires=expires, slot=slot))

    def reissued(self, claims: ReceiptClaims) -> IssuedReceipt:
        """The same under a new number, signed and not registered yet."""
        token_id = secrets.token_bytes(TOKEN_ID_BYTES)
        return self.sign(replace(claims, number=new_number(), token_id=token_id))

    def sign(self, claims: ReceiptClaims) -> IssuedReceipt:
        """The receipt with these claims, signed with the key of now."""
        return IssuedReceipt(
            number=claims.number,
            token=sign(claims, self._keys.signing),
            valid_from=claims.not_before.astimezone(self._zone),
            expires=claims.expires.astimezone(self._zone),
            claims=claims,
        )

    def _days(
        self,
        issued_at: datetime,
        *,
        booked: date | None,
        slot: str | None,
        is_good_today: bool = False,
    ) -> tuple[datetime, datetime]:
        if booked is not None:
            first, until = validity_of_booking(
                booked, is_for_the_day_only=slot is not None, zone=self._zone
            )
        else:
            day = issued_at.astimezone(self._zone).date()
            first, until = validity(day, self._zone, is_good_today=is_good_today)
        return first.astimezone(UTC), until.astimezone(UTC)

    def _require_same_day(self, code: str) -> None:
        service = self._services().get(code)
        if service is not None and service.channel is Channel.COLLECTION:
            raise ReceiptError(f"{code} is a collection, which is never for the same day")

    def read(self, code: str, *, at: datetime | None = None) -> ReceiptClaims | Reason:
        """The claims behind a token or a receipt number, or why they cannot be had.

        Either may stand in a text as chats, mail and spreadsheets leave it; two different receipts
        in one text are SEVERAL_RECEIPTS.
        """
        if len(code) > MAX_CODE_CHARACTERS:
            return Reason.RECEIPT_UNREADABLE
        told = self._read(code, at or self._clock.now())
        if told in (Reason.RECEIPT_UNREADABLE, Reason.UNKNOWN_RECEIPT):
            return self._read_imported(code) or told
        return told

    def _read(self, code: str, at: datetime) -> ReceiptClaims | Reason:
        plain = normalise(code)
        if is_token(plain):
            claims = read(plain, self._trusted(), at=at)
            if claims is not Reason.RECEIPT_UNREADABLE:
                return claims
        found = find_codes(code)
        scanned = scanned_numbers(code) if found.is_empty else ()
        if not scanned:
            return self._found(found, at)
        told = [self._read_number(number) for number in scanned]
        return next((claims for claims in told if isinstance(claims, ReceiptClaims)), told[0])

    def _read_imported(self, code: str) -> ReceiptClaims | None:
        """By the number that another issuer gave it; the code is nothing else than that."""
        number = foreign_number(normalise(code))
        if number is None:
            return None
        found = (self._book.by_number(issuer, number) for issuer in self._imported())
        return next((claims for claims in found if claims is not None), None)

    def _trusted(self) -> TrustedKeys:
        """Our own keys and those of other issuers, as the office has them now."""
        others = self._issuer_keys()
        if self._known[0] is not others:
            self._known = (others, TrustedKeys([*self._keys.trusted.keys, *others]))
        return self._known[1]

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
        told = [read(code, self._trusted(), at=at) for code in readings]
        return next((claims for claims in told if isinstance(claims, ReceiptClaims)), told[0])

    def _read_number(self, number: str) -> ReceiptClaims | Reason:
        claims = self._book.by_number(self._keys.signing.issuer, number)
        return claims or Reason.UNKNOWN_RECEIPT

    def examine(self, code: str, *, at: datetime | None = None) -> Verification:
        """What the code itself tells at ``at`` (default now): signature, site, days and service.

        A token is read without asking the record, unless its days are to come or over: its booking
        may have been moved. Whether it was used or revoked is not told, nor is its booked time.
        """
        at = at or self._clock.now()
        claims = self.read(code, at=at)
        if isinstance(claims, Reason):
            return Verification(valid=False, reason=claims, claims=None)
        reason = self._check(claims, at)
        if reason in (Reason.NOT_YET_VALID, Reason.EXPIRED):
            claims = self._as_recorded(claims)
            reason = self._check(claims, at)
        return Verification(valid=reason is None, reason=reason, claims=claims)

    def verify(self, code: str, *, at: datetime | None = None) -> Verification:
        """All that can be told of a receipt at ``at`` (default now), without redeeming it."""
        at = at or self._clock.now()
        found = self.examine(code, at=at)
        if found.claims is None or found.reason is not None:
            return found
        claims = self._as_recorded(found.claims)
        reason = self._check(claims, at)
        if reason is None:
            use = self.use(claims, at=at)
            reason = check_use(use, claims) or self._check_time(claims, use, at)
        return Verification(valid=reason is None, reason=reason, claims=claims)

    def _check(self, claims: ReceiptClaims, at: datetime) -> Reason | None:
        return check_validity(claims, site=self._site, at=at, services=self._services())

    def _as_recorded(self, claims: ReceiptClaims) -> ReceiptClaims:
        """As the receipt stands in the record: a booking may be moved after it was signed."""
        if claims.issuer != self.issuer:
            return claims
        known = self._book.by_number(claims.issuer, claims.number)
        return claims if known is None or known.token_id != claims.token_id else known

    def _check_time(self, claims: ReceiptClaims, use: ReceiptUse, at: datetime) -> Reason | None:
        """Why whoever comes for the first time does not come in now."""
        if self._calendar is None or use.places_used >= claims.party_size:
            return None
        calendar = self._calendar(at)
        window = slot_window(
            claims.slot,
            at=at,
            early_minutes=calendar.facts.slot_early_minutes,
            late_minutes=calendar.facts.slot_late_minutes,
            zone=self._zone,
        )
        if window is not None:
            has_waited = any(waited >= window.opens for waited in use.waited)
            return check_slot(window, shown_at=at, has_waited=has_waited)
        return Reason.OUTSIDE_HOURS if calendar.closes_the_gate_to(claims.service) else None

    def revoke(self, code: str, *, reason: str, operator: str) -> ReceiptClaims:
        """Make a receipt worthless, by token or number; revoking twice keeps the first.

        Raises UnknownReceipt, also for a genuine one of another office that is not kept here.
        """
        at = self._clock.now()
        claims = self.read(code, at=at)
        if isinstance(claims, Reason):
            raise UnknownReceipt(f"{code}: {claims.value}")
        self._book.revoke(claims.issuer, claims.number, reason=reason, operator=operator, at=at)
        return claims

    def use(self, claims: ReceiptClaims, *, at: datetime | None = None) -> ReceiptUse:
        """What happened to the receipt so far."""
        today = start_of_day(at or self._clock.now(), self._zone)
        return self._book.use_of(claims.issuer, claims.number, since=today)

    def _open_service(self, code: str) -> Service:
        services = self._services()
        service = services.get(code)
        reason = check_service(service)
        if service is not None and reason is None:
            return service
        if service is None or reason is None:
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
