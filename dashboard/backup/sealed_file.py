"""A file that only a passphrase opens, written and read as a stream.

    GERBANG BACKUP 1\\n | work factor (1 byte) | salt (16) | check (16) | pieces

The key (AES-256) and the check come of the passphrase by scrypt (RFC 7914). A piece is 1 MiB,
the last one shorter, sealed by AES-GCM with its number and whether it is the last as nonce and the
file's head beside it: nothing can be cut off, swapped or added without being told.
"""

from __future__ import annotations

import hmac
import secrets
from types import TracebackType
from typing import BinaryIO, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from screening.errors import BackupError

MAGIC = b"GERBANG BACKUP 1\n"
PIECE_BYTES = 1024 * 1024
_TAG_BYTES = 16
_SALT_BYTES = 16
_KEY_BYTES = 32
_CHECK_BYTES = 16
_HEAD_BYTES = len(MAGIC) + 1 + _SALT_BYTES + _CHECK_BYTES
WORK = 16
"""2 to the power of this is scrypt's N. With blocks of 8 a guess takes 64 MiB and 0.1 s."""
_MOST_WORK = 20
"""A file that asks for more than 1 GiB is none of ours."""


class SealedWriter:
    """Seals what is written; the file is whole only after ``close``."""

    def __init__(self, file: BinaryIO, passphrase: str, *, work: int = WORK) -> None:
        salt = secrets.token_bytes(_SALT_BYTES)
        key, check = _derive(passphrase, salt, work)
        self._file = file
        self._head = MAGIC + bytes([work]) + salt + check
        self._cipher = AESGCM(key)
        self._number = 0
        self._waiting = bytearray()
        file.write(self._head)

    def write(self, content: bytes) -> int:
        """Take it all; what does not fill a piece waits for more."""
        self._waiting += content
        while len(self._waiting) > PIECE_BYTES:
            self._seal(bytes(self._waiting[:PIECE_BYTES]), is_last=False)
            del self._waiting[:PIECE_BYTES]
        return len(content)

    def close(self) -> None:
        """Write the last piece."""
        self._seal(bytes(self._waiting), is_last=True)
        self._waiting.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        if kind is None:
            self.close()

    def _seal(self, piece: bytes, *, is_last: bool) -> None:
        nonce = _nonce(self._number, is_last=is_last)
        self._file.write(self._cipher.encrypt(nonce, piece, self._head))
        self._number += 1


class SealedReader:
    """Reads what was sealed. Raises BackupError where the file is not whole or not ours.

    Only what was read to the end is known to be whole: ``finish`` reads the rest.
    """

    def __init__(self, file: BinaryIO, passphrase: str) -> None:
        head = file.read(_HEAD_BYTES)
        if not head.startswith(MAGIC):
            raise BackupError("it is no backup of Gerbang")
        work = head[len(MAGIC)] if len(head) == _HEAD_BYTES else 0
        if not 1 <= work <= _MOST_WORK:
            raise BackupError(_NOT_WHOLE)
        salt, check = head[len(MAGIC) + 1 :][:_SALT_BYTES], head[-_CHECK_BYTES:]
        key, expected = _derive(passphrase, salt, work)
        if not hmac.compare_digest(check, expected):
            raise BackupError("the passphrase does not fit")
        self._file = file
        self._head = head
        self._cipher = AESGCM(key)
        self._number = 0
        self._next = file.read(PIECE_BYTES + _TAG_BYTES)
        self._opened = bytearray()
        self._has_ended = False

    def read(self, size: int) -> bytes:
        """So many bytes, fewer only at the end."""
        while len(self._opened) < size and not self._has_ended:
            self._open_piece()
        content = bytes(self._opened[:size])
        del self._opened[:size]
        return content

    def finish(self) -> None:
        """Read what is left."""
        while not self._has_ended:
            self._opened.clear()
            self._open_piece()

    def _open_piece(self) -> None:
        piece, self._next = self._next, self._file.read(PIECE_BYTES + _TAG_BYTES)
        self._has_ended = not self._next
        nonce = _nonce(self._number, is_last=self._has_ended)
        try:
            self._opened += self._cipher.decrypt(nonce, piece, self._head)
        except (InvalidTag, ValueError) as error:
            raise BackupError(_NOT_WHOLE) from error
        self._number += 1


_NOT_WHOLE = "it was cut short or changed"


def _nonce(number: int, *, is_last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([is_last])


def _derive(passphrase: str, salt: bytes, work: int) -> tuple[bytes, bytes]:
    derived = Scrypt(salt=salt, length=_KEY_BYTES + _CHECK_BYTES, n=2**work, r=8, p=1).derive(
        passphrase.encode()
    )
    return derived[:_KEY_BYTES], derived[_KEY_BYTES:]
