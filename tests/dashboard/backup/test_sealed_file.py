"""What was sealed comes back whole, or is told: cut, changed, swapped, or another passphrase."""

from __future__ import annotations

import io
import secrets

import pytest

from dashboard.backup.sealed_file import MAGIC, PIECE_BYTES, WORK, SealedReader, SealedWriter
from screening.errors import BackupError

PASSPHRASE = "empat kata yang panjang"
HEAD = len(MAGIC) + 1 + 16 + 16
SEALED_PIECE = PIECE_BYTES + 16


def seal(content: bytes) -> bytes:
    file = io.BytesIO()
    with SealedWriter(file, PASSPHRASE, work=2) as sealed:
        for start in range(0, len(content), 100_000):
            sealed.write(content[start : start + 100_000])
    return file.getvalue()


def unseal(sealed: bytes, passphrase: str = PASSPHRASE) -> bytes:
    reader = SealedReader(io.BytesIO(sealed), passphrase)
    found = bytearray()
    while content := reader.read(70_000):
        found += content
    reader.finish()
    return bytes(found)


@pytest.mark.parametrize("size", [0, 1, PIECE_BYTES - 1, PIECE_BYTES, PIECE_BYTES + 1])
def test_comes_back_as_it_was(size: int) -> None:
    content = secrets.token_bytes(size)
    assert unseal(seal(content)) == content


def test_nothing_shows_and_the_same_is_sealed_otherwise_each_time() -> None:
    content = b"-----BEGIN PRIVATE KEY-----"
    first, second = seal(content), seal(content)
    assert content not in first
    assert first[len(MAGIC) + 1 :] != second[len(MAGIC) + 1 :]


@pytest.mark.parametrize("place", [0, len(MAGIC), HEAD - 20, HEAD - 1, HEAD, HEAD + 5, -1])
def test_a_changed_byte_is_told(place: int) -> None:
    sealed = bytearray(seal(b"record" * 100))
    sealed[place] ^= 4
    with pytest.raises(BackupError):
        unseal(bytes(sealed))


@pytest.mark.parametrize("length", [0, 5, HEAD - 1, HEAD, HEAD + 10, HEAD + SEALED_PIECE, -1])
def test_a_file_that_was_cut_short_is_told(length: int) -> None:
    sealed = seal(bytes(PIECE_BYTES + 1000))
    with pytest.raises(BackupError):
        unseal(sealed[:length])


def test_pieces_that_changed_places_or_came_twice_are_told() -> None:
    sealed = seal(bytes(3 * PIECE_BYTES))
    head, pieces = (
        sealed[:HEAD],
        [sealed[HEAD:][n * SEALED_PIECE :][:SEALED_PIECE] for n in (0, 1, 2)],
    )
    assert unseal(head + b"".join(pieces)) == bytes(3 * PIECE_BYTES)
    for order in ((1, 0, 2), (0, 0, 2), (0, 1, 2, 2), (0, 1)):
        with pytest.raises(BackupError, match="cut short or changed"):
            unseal(head + b"".join(pieces[number] for number in order))


def test_another_passphrase_is_told_as_such() -> None:
    with pytest.raises(BackupError, match="passphrase"):
        unseal(seal(b"record"), "tiga kata saja")


def test_a_file_that_asks_for_all_memory_is_refused() -> None:
    sealed = bytearray(seal(b"record"))
    sealed[len(MAGIC)] = 40
    with pytest.raises(BackupError):
        unseal(bytes(sealed))


def test_a_guess_takes_the_work_that_is_said_when_nothing_else_is_asked_for() -> None:
    file = io.BytesIO()
    SealedWriter(file, PASSPHRASE).close()
    assert file.getvalue()[len(MAGIC)] == WORK >= 16
    file.seek(0)
    SealedReader(file, PASSPHRASE).finish()
