"""The receipt as a string: claims, signed, behind ``GB1:``.

    GB1: + base45( 18([ protected {1: alg, 4: kid}, unprotected {}, payload, signature ]) )

The payload is a CWT claims map: 1 issuer, 2 receipt number, 4 expires, 5 not before, 6 issued at
(whole seconds), 7 token id (16 bytes), and the private claim -65537 (RFC 8392 leaves integers below
-65536 to private use): ``[site, service, party size, holder]``, with the slot as a fifth item where
there is one. A list under one key, because five keys of that size would not fit: at its longest the
string has ``MAX_TOKEN_CHARACTERS``, a version-10 QR at level M.

A token without tag 18, or with the CWT tag 61 around it, is read as well: the signature covers the
same bytes. Claims that are not known here are ignored.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import base45
import cbor2
from cwt import COSE, CWTError

from screening.decision import Reason
from screening.errors import ReceiptError
from screening.receipts.claims import ReceiptClaims
from screening.receipts.keys import SigningKey, TrustedKey, TrustedKeys

PREFIX: Final = "GB1:"
MAX_TOKEN_CHARACTERS: Final = 311
"""ISO/IEC 18004 table 7: alphanumeric capacity of version 10 at level M."""
MAX_CODE_CHARACTERS: Final = 1024
"""Longer input is not looked at; the largest token of an outside issuer is far below."""

MAX_ISSUER, MAX_NUMBER, MAX_HOLDER = 16, 12, 16
MAX_SITE, MAX_SERVICE, MAX_SLOT = 8, 10, 5
MAX_PARTY = 20
TOKEN_ID_BYTES = 16
SIGNATURE_BYTES = 64
"""Of Ed25519 (RFC 8032) and of ES256 (RFC 9053 section 2.1) alike."""

ISS, SUB, EXP, NBF, IAT, CTI = 1, 2, 4, 5, 6, 7  # RFC 8392 section 4
RECEIPT: Final = -65537
ALG, CRIT, KID = 1, 2, 4  # RFC 9052 section 3.1
COSE_SIGN1_TAG, CWT_TAG = 18, 61
LATEST = int(datetime(2100, 1, 1, tzinfo=UTC).timestamp())

# What cbor2 raises for bytes nobody should have sent: besides its own error, tagged numbers
# overflow (ArithmeticError) and containers become keys they cannot be (TypeError).
_UNDECODABLE = (
    cbor2.CBORDecodeError,
    ValueError,
    TypeError,
    ArithmeticError,
    LookupError,
    RecursionError,
    MemoryError,
)

_TO_UPPER = {lower: lower - 32 for lower in range(ord("a"), ord("z") + 1)}
_AROUND = " \t\r\n\v\f\0\x02\x03\x04\ufeff\u200b"


def normalise(code: str) -> str:
    """The code without what scanners put around it, in the case its alphabet has.

    A keyboard-wedge scanner types letters in the wrong case while Caps Lock is on, and ends with
    Enter; some put an AIM symbology identifier (``]Q1``) in front. Spaces inside belong to base45;
    at either end a token cannot have one (the last digit of a base45 group is at most ``W``). A
    host keyboard layout other than the scanner's (both are US unless set otherwise) changes ``:``,
    ``/``, ``$`` and more: that cannot be undone here and is told as unreadable.
    """
    code = code.strip(_AROUND)
    if len(code) > 3 and code[0] == "]" and code[1] in "Qq" and code[2].isdigit():
        code = code[3:].strip(_AROUND)
    return code.translate(_TO_UPPER)


def is_token(code: str) -> bool:
    """Whether a normalised code claims to be a signed receipt (and not a typed number)."""
    return code.startswith(PREFIX)


def is_whole(code: str) -> bool:
    """Whether there is a signed message in a code, by its form: nobody's signature is checked."""
    if len(code) > MAX_CODE_CHARACTERS:
        return False
    message = _open(code)
    # A torn token may look like one by chance, with some bytes of its signature for all of it.
    return message is not None and len(message.signature) == SIGNATURE_BYTES


def length_of(data: bytes) -> int | None:
    """How many bytes at the beginning of ``data`` are one item of CBOR; None where there is none.

    A message tells its own length, so what stands behind a token can be told from it.
    """
    stream = io.BytesIO(data)
    try:
        cbor2.CBORDecoder(stream).decode()
    except _UNDECODABLE:
        return None
    return stream.tell()


def sign(claims: ReceiptClaims, key: SigningKey) -> str:
    """The token with its prefix. Raises ReceiptError where a field is too long or not its kind."""
    payload = _payload(claims)
    problem = _problem(payload)
    if problem is not None:
        raise ReceiptError(f"this receipt cannot be signed: {problem}")
    if claims.issuer != key.issuer:
        raise ReceiptError(f"the key of {key.issuer!r} does not sign for {claims.issuer!r}")
    signed = COSE.new().encode_and_sign(
        cbor2.dumps(payload),
        key.cose_key(),
        protected={ALG: key.algorithm.value, KID: key.kid},
    )
    token: str = PREFIX + base45.b45encode(signed).decode("ascii")
    if len(token) > MAX_TOKEN_CHARACTERS:
        raise ReceiptError(
            "this receipt does not fit its QR code: shorten the name, the slot or the service code"
        )
    return token


def read(code: str, trusted: TrustedKeys, *, at: datetime | None = None) -> ReceiptClaims | Reason:
    """The claims of a genuine receipt, or why it is not one; never raises for any input.

    RECEIPT_UNREADABLE: not a token at all. UNKNOWN_ISSUER: no trusted key has its key id, or not
    yet at ``at``; ISSUER_KEY_EXPIRED: not any more. BAD_SIGNATURE: altered, signed by an algorithm
    that is not the key's, or with another issuer's key. Whether the receipt is good today is for
    ``rules``.
    """
    message = _open(code) if len(code) <= MAX_CODE_CHARACTERS else None
    if message is None:
        return Reason.RECEIPT_UNREADABLE
    keys = trusted.by_kid(message.kid)
    if not keys:
        return Reason.UNKNOWN_ISSUER
    signers = [key for key in keys if _is_signed_by(key, message)]
    if not signers:
        return Reason.BAD_SIGNATURE
    payload = _loads(message.payload)
    if not isinstance(payload, dict) or _problem(payload) is not None:
        return Reason.RECEIPT_UNREADABLE
    signers = [key for key in signers if key.issuer == payload[ISS]]
    return _mistrust(signers, at) or _claims(payload)


def is_cut(code: str) -> bool:
    """Whether this is the beginning of a token whose end is still to come."""
    begin = code.upper().rfind(PREFIX)
    return begin != -1 and len(code) <= MAX_CODE_CHARACTERS and _open(code[begin:]) is None


@dataclass(frozen=True, slots=True)
class _Message:
    """A COSE_Sign1 whose parts have the right types; ``protected`` is what the signature covers."""

    algorithm: int
    kid: bytes
    protected: bytes
    payload: bytes
    signature: bytes


def _open(code: str) -> _Message | None:
    plain = normalise(code)
    if not is_token(plain):
        return None
    try:
        item = _loads(base45.b45decode(plain[len(PREFIX) :]))
    except ValueError:
        return None
    for tag in (CWT_TAG, COSE_SIGN1_TAG):
        if isinstance(item, cbor2.CBORTag) and item.tag == tag:
            item = item.value
    if not isinstance(item, list) or len(item) != 4 or not isinstance(item[1], dict):
        return None
    protected, unprotected, payload, signature = item
    if not all(isinstance(part, bytes) for part in (protected, payload, signature)):
        return None
    headers = _headers(protected, unprotected)
    return _Message(*headers, protected, payload, signature) if headers is not None else None


def _headers(protected: bytes, unprotected: dict[Any, Any]) -> tuple[int, bytes] | None:
    """Algorithm and key id; the key id may stand outside the signature, since it is only a hint."""
    headers = _loads(protected)
    # An algorithm outside the signature could be swapped, and a critical header must be understood.
    if not isinstance(headers, dict) or ALG in unprotected or CRIT in {*headers, *unprotected}:
        return None
    algorithm, kid = headers.get(ALG), headers.get(KID, unprotected.get(KID))
    if not isinstance(algorithm, int) or isinstance(algorithm, bool) or not isinstance(kid, bytes):
        return None
    return algorithm, kid


def _is_signed_by(key: TrustedKey, message: _Message) -> bool:
    # The key says which algorithm it is for; the token only has to agree.
    if message.algorithm != key.algorithm.value:
        return False
    try:
        # Only what is signed goes to the library, under the tag that says how it is signed.
        parts = [message.protected, {}, message.payload, message.signature]
        COSE.new().decode(cbor2.CBORTag(COSE_SIGN1_TAG, parts), key.cose_key())
    except (CWTError, *_UNDECODABLE):
        return False
    return True


def _mistrust(signers: list[TrustedKey], at: datetime | None) -> Reason | None:
    """Why none of the keys that the signature fits is believed, or None."""
    if not signers:
        return Reason.BAD_SIGNATURE
    if any(key.is_good(at) for key in signers):
        return None
    is_over = any(key.is_over(at) for key in signers)
    return Reason.ISSUER_KEY_EXPIRED if is_over else Reason.UNKNOWN_ISSUER


def _loads(data: bytes) -> Any:
    """The one CBOR item in ``data``; None where there is none, or anything after it."""
    stream = io.BytesIO(data)
    try:
        item = cbor2.CBORDecoder(stream).decode()
    except _UNDECODABLE:
        return None
    return item if stream.tell() == len(data) else None


def _payload(claims: ReceiptClaims) -> dict[int, Any]:
    receipt: list[Any] = [claims.site, claims.service, claims.party_size, claims.holder]
    if claims.slot is not None:
        receipt.append(claims.slot)
    return {
        ISS: claims.issuer,
        SUB: claims.number,
        EXP: int(claims.expires.timestamp()),
        NBF: int(claims.not_before.timestamp()),
        IAT: int(claims.issued_at.timestamp()),
        CTI: claims.token_id,
        RECEIPT: receipt,
    }


def _claims(payload: dict[Any, Any]) -> ReceiptClaims:
    site, service, party_size, holder, *more = payload[RECEIPT]
    return ReceiptClaims(
        issuer=payload[ISS],
        number=payload[SUB],
        token_id=payload[CTI],
        site=site,
        service=service,
        party_size=party_size,
        holder=holder,
        issued_at=datetime.fromtimestamp(payload[IAT], UTC),
        not_before=datetime.fromtimestamp(payload[NBF], UTC),
        expires=datetime.fromtimestamp(payload[EXP], UTC),
        slot=more[0] if more else None,
    )


def _problem(payload: dict[Any, Any]) -> str | None:
    """The first thing in a claims map that no receipt has; None where it can be taken as it is."""
    receipt = payload.get(RECEIPT)
    if not isinstance(receipt, list) or len(receipt) < 4:
        return "the receipt's own claims are missing"
    site, service, party_size, holder, *more = receipt
    texts = [
        ("issuer", payload.get(ISS), MAX_ISSUER),
        ("number", payload.get(SUB), MAX_NUMBER),
        ("site", site, MAX_SITE),
        ("service", service, MAX_SERVICE),
        ("holder", holder, MAX_HOLDER),
        *([("slot", more[0], MAX_SLOT)] if more else []),
    ]
    for name, text, limit in texts:
        if not _is_text(text, limit):
            return f"{name} must be 1 to {limit} printable characters"
    if not _is_whole(party_size, 1, MAX_PARTY):
        return f"the party must be 1 to {MAX_PARTY} people"
    token_id = payload.get(CTI)
    if not isinstance(token_id, bytes) or len(token_id) != TOKEN_ID_BYTES:
        return f"the token id must have {TOKEN_ID_BYTES} bytes"
    times = [payload.get(claim) for claim in (IAT, NBF, EXP)]
    if not all(_is_whole(moment, 0, LATEST) for moment in times):
        return "its times must be whole seconds between 1970 and 2100"
    return None if payload[NBF] < payload[EXP] else "it expires before it begins"


def _is_text(value: object, limit: int) -> bool:
    return isinstance(value, str) and 0 < len(value) <= limit and value.isprintable()


def _is_whole(value: object, low: int, high: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and low <= value <= high
