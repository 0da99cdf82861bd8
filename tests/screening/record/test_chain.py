"""The chain's format: once written it must be read the same for ever."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from screening.record.chain import GENESIS, canonical, digest_of, hash_of
from screening.record.tables import DetailRow, EntryRow
from screening.record.text import clean, clean_remark

FIRST_VERSION_HASH = "646723f759df1923dff740b99190472cc51fdb6ffa993da689bbbd9eb7b4a774"
FIRST_VERSION_DIGEST = "531a3b98a446aa5c3cbe4fe28d399adcfbe64da477ad0cda12897c3edcecd79c"

AT = datetime(2026, 3, 10, 12, 0, 0, 250000, tzinfo=timezone(timedelta(hours=7)))


def row(**changes: object) -> EntryRow:
    values = {
        "site": "BGR",
        "entry_id": 1,
        "kind": "attempt",
        "at": AT,
        "gate": "utama",
        "decision": "admit",
        "reason": "admitted",
        "attempt_id": "a1",
        "previous_hash": GENESIS,
    }
    return EntryRow(**{**values, **changes})


def test_the_hash_of_a_row_is_what_it_was_in_the_first_version() -> None:
    assert hash_of(row()) == FIRST_VERSION_HASH


def test_the_digest_of_a_detail_is_what_it_was_in_the_first_version() -> None:
    detail = DetailRow(salt=bytes(16), content=canonical("Sari P."))
    assert digest_of(detail) == FIRST_VERSION_DIGEST


@pytest.mark.parametrize(
    "changes",
    [
        {"site": "JKT"},
        {"entry_id": 2},
        {"at": AT + timedelta(microseconds=1)},
        {"gate": None},
        {"operator": "ani"},
        {"attempt_id": "a2"},
        {"nonce": ""},
        {"digests": "{}"},
        {"previous_hash": "1" * 64},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_every_column_counts(changes: dict[str, object]) -> None:
    assert hash_of(row(**changes)) != hash_of(row())


def test_the_same_moment_in_another_zone_is_the_same_row() -> None:
    assert hash_of(row(at=AT.astimezone(timezone.utc))) == hash_of(row())  # noqa: UP017


def test_a_column_of_a_later_version_leaves_old_rows_as_they_are() -> None:
    assert hash_of(row(nonce=None)) == hash_of(row())


def test_canonical_text_does_not_depend_on_order() -> None:
    assert canonical({"b": 1, "a": [1.5, "é"]}) == canonical({"a": [1.5, "é"], "b": 1})
    assert canonical({"b": 1, "a": [1.5, "é"]}) == '{"a":[1.5,"é"],"b":1}'
    with pytest.raises(TypeError):
        canonical({"a": object()})


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        (None, None),
        ("kursi roda 📷", "kursi roda 📷"),
        ("a\0b", "a\ufffdb"),
        ("\ud800", "?"),
        ("di\u202eterima\u202c", "diterima"),
        ("\u2067salah\u2069\u200f\u061c", "salah"),
        ("ke\u200bliru\xad \x1b[31mmerah\x07", "keliru [31mmerah"),
        ("dua\r\nbaris\tdan\u2028tiga", "dua baris dan tiga"),
        ("می\u200cخواهم", "می\u200cخواهم"),
    ],
)
def test_text_is_made_fit_for_every_database(text: str | None, kept: str | None) -> None:
    assert clean(text) == clean_remark(text) == kept
