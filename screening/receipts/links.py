"""The address of a receipt's own page: its number, and a key that only its holder is told.

The key is made of the token's id and a secret of the record, so that receipts issued before there
were links have one too, and every process and every restored backup makes the same.
"""

from __future__ import annotations

import hmac
from base64 import b32encode
from collections.abc import Callable
from hashlib import sha256

from screening.receipts.claims import ReceiptBook, ReceiptClaims
from screening.receipts.number import parse_number
from screening.receipts.token import TOKEN_ID_BYTES

SECRET_BYTES = 32
KEY_CHARACTERS = 26
"""Of base32, five bits each: more than the 128 bits of the token's id."""
MAX_NUMBER_CHARACTERS = 24
"""Longer than any number as people write it."""

_NOBODY = bytes(TOKEN_ID_BYTES)


def link_key(secret: bytes, token_id: bytes) -> str:
    """The key of the receipt with this token's id, in small letters and digits."""
    digest = hmac.new(secret, token_id, sha256).digest()
    return b32encode(digest).decode()[:KEY_CHARACTERS].lower()


def is_link(number: str, key: str) -> bool:
    """Whether these may be a receipt's number and key, by their form alone."""
    return (
        len(number) <= MAX_NUMBER_CHARACTERS
        and len(key) == KEY_CHARACTERS
        and key.isascii()
        and parse_number(number) is not None
    )


class ReceiptLinks:
    """Links of the receipts that ``issuer`` issued. ``secret`` is asked each time."""

    def __init__(self, *, secret: Callable[[], bytes], book: ReceiptBook, issuer: str) -> None:
        self._secret = secret
        self._book = book
        self._issuer = issuer

    def path(self, claims: ReceiptClaims) -> str:
        """The path of its page, such as ``/r/7KQ2M9XV4T/…``."""
        return f"/r/{claims.number}/{link_key(self._secret(), claims.token_id)}"

    def claims_of(self, number: str, key: str) -> ReceiptClaims | None:
        """The receipt behind a link; None for a wrong number as for a wrong key.

        How long it takes does not tell which of the two was wrong. Raises RecordError.
        """
        if not is_link(number, key):
            return None
        number = parse_number(number) or ""
        token_id = self._book.token_id(self._issuer, number)
        expected = link_key(self._secret(), _NOBODY if token_id is None else token_id)
        if not hmac.compare_digest(expected, key.lower()) or token_id is None:
            return None
        return self._book.by_number(self._issuer, number)
