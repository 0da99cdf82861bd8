"""A receipt's page is found by number and key together."""

from __future__ import annotations

import secrets
from dataclasses import replace

import pytest

from screening.receipts.claims import ReceiptBook, ReceiptClaims
from screening.receipts.links import KEY_CHARACTERS, ReceiptLinks, link_key
from screening.receipts.number import new_number, show_number
from tests.contracts.builders import receipt

SECRET = bytes(range(32))


class Book(ReceiptBook):
    """One receipt, and how often it was asked."""

    def __init__(self, claims: ReceiptClaims) -> None:
        self._claims = claims
        self.asked = self.read = 0

    def by_number(self, issuer: str, number: str) -> ReceiptClaims | None:
        self.read += 1
        is_it = (issuer, number) == (self._claims.issuer, self._claims.number)
        return self._claims if is_it else None

    def token_id(self, issuer: str, number: str) -> bytes | None:
        self.asked += 1
        is_it = (issuer, number) == (self._claims.issuer, self._claims.number)
        return self._claims.token_id if is_it else None


@pytest.fixture
def claims() -> ReceiptClaims:
    return receipt(number=new_number(), token_id=secrets.token_bytes(16))


@pytest.fixture
def book(claims: ReceiptClaims) -> Book:
    return Book(claims)


@pytest.fixture
def links(book: Book, claims: ReceiptClaims) -> ReceiptLinks:
    return ReceiptLinks(secret=lambda: SECRET, book=book, issuer=claims.issuer)


def test_a_link_leads_to_its_receipt(links: ReceiptLinks, claims: ReceiptClaims) -> None:
    _, letter, number, key = links.path(claims).split("/")
    assert (letter, number) == ("r", claims.number)
    assert len(key) == KEY_CHARACTERS
    assert key.isascii()
    assert key.isalnum()
    assert key == key.lower()
    assert links.claims_of(number, key) == claims
    assert links.claims_of(show_number(number).lower(), key.upper()) == claims


def test_the_key_is_the_same_in_every_process_and_needs_the_secret(claims: ReceiptClaims) -> None:
    key = link_key(SECRET, claims.token_id)
    assert link_key(bytes(SECRET), bytes(claims.token_id)) == key
    assert link_key(bytes(32), claims.token_id) != key
    assert link_key(SECRET, secrets.token_bytes(16)) != key


def test_another_receipt_s_key_opens_nothing(
    links: ReceiptLinks, book: Book, claims: ReceiptClaims
) -> None:
    other = replace(claims, number=new_number(), token_id=secrets.token_bytes(16))
    key = links.path(other).rsplit("/", 1)[1]
    assert links.claims_of(claims.number, key) is None
    assert links.claims_of(other.number, key) is None
    assert (book.asked, book.read) == (2, 0), "a wrong number takes the same way as a wrong key"


def test_ten_thousand_guesses_open_nothing(links: ReceiptLinks, claims: ReceiptClaims) -> None:
    for at in range(10_000):
        number = claims.number if at % 2 else new_number()
        assert links.claims_of(number, link_key(secrets.token_bytes(32), claims.token_id)) is None


def test_a_number_that_nobody_has_is_opened_by_no_key(links: ReceiptLinks) -> None:
    assert links.claims_of(new_number(), link_key(SECRET, bytes(16))) is None


@pytest.mark.parametrize(
    ("number", "key"),
    [
        ("", ""),
        ("NOPE", "a" * KEY_CHARACTERS),
        ("7" * 200, "a" * KEY_CHARACTERS),
        (None, "a"),
        (None, "a" * 10_000),
        (None, "ä" * KEY_CHARACTERS),
    ],
    ids=["nothing", "no number", "endless number", "short key", "endless key", "no letters"],
)
def test_what_is_no_link_is_not_looked_up(
    links: ReceiptLinks, book: Book, claims: ReceiptClaims, number: str | None, key: str
) -> None:
    assert links.claims_of(claims.number if number is None else number, key) is None
    assert book.asked == 0
