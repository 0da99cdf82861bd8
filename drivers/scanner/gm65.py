"""GM65, GM805 and GM861 code scanners (Grow; also sold as Waveshare Barcode Scanner Module).

Wire (8N1, 9600 baud; vendor's manual): the text of a code, ended by CR, LF or CRLF as configured,
or by nothing at all, in which case 80 ms of silence end it. Once an end was seen it is waited for:
a module that pauses inside a code would make two wrong codes of it.

To a command, such as the one that triggers a reading,

    7E 00 08 01 00 02 01 AB CD        (AB CD stands in for the CRC: "not checked")

the module answers ``02 00 type length data CRC`` (CRC-16/XMODEM over type, length and data), here
``02 00 00 01 00 33 31``, right before the text. An answer is glued to the code and is no part of
it; it may arrive in pieces, with a pause inside.

Text passes unchanged: a receipt token is written in the QR alphanumeric set (0-9 A-Z space
$ % * + - . / :). Bytes that no keyboard has are line noise: around a code they are cut off, inside
one the whole code is dropped, for a receipt number with a letter missing is another number.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Callable

TRIGGER = bytes.fromhex("7E 00 08 01 00 02 01 AB CD")
ACKNOWLEDGEMENT = bytes.fromhex("02 00 00 01 00 33 31")

QUIET_S = 0.08  # at 9600 baud a byte takes 1 ms; the module pauses less than 10 ms inside a code
PAUSES = 12
"""Silences of QUIET_S that a code without its end is waited for: about a second."""

SAME_SCAN_S = 2.0
"""A phone held before the scanner is read again and again; away for longer it was shown anew."""

_MAX_CODE = 512  # our longest token has 311 characters
_MAX_DATA = 32  # of an answer; a version or a serial number is shorter
_ANSWER = b"\x02\x00"
_ANSWER_OVERHEAD = 6
_MOST_BYTES = 2 * _MAX_CODE + 2 * _MAX_DATA  # of a code that is sent twice, with noise around
_LEARNT_WRONG = 2  # so many codes in a row without the end mark: it was set to send none
_MARK = re.compile(rb"[\r\n\x02]")
_NOISE = b"".join(bytes((byte,)) for byte in range(256) if not 0x20 <= byte <= 0x7E)


def _never_cut(code: str) -> bool:
    return False


class Gm65Decoder:
    """Bytes of the scanner to texts. ``dropped`` counts what was no code.

    ``is_cut`` tells of a text that more must follow.
    """

    def __init__(self, *, is_cut: Callable[[str], bool] = _never_cut) -> None:
        self._is_cut = is_cut
        self._buffer = bytearray()
        self._looked_at = 0  # so many first bytes of the buffer end no code
        self._thrown_away = 0  # bytes of this code that were too many to be kept
        self._sends_end = False
        self._without_end = 0
        self._pauses = 0
        self.dropped = 0

    def restart(self) -> None:
        """The line was lost: what was half there is gone, what is known of the scanner stays."""
        self._buffer.clear()
        self._looked_at = self._thrown_away = self._pauses = 0

    def feed(self, chunk: bytes) -> list[str]:
        """The codes that ``chunk`` completes."""
        codes: list[str] = []
        self._buffer += chunk
        self._pauses = 0
        while (mark := _MARK.search(self._buffer, self._looked_at)) is not None:
            at = mark.start()
            if self._buffer[at] != _ANSWER[0]:
                self._sends_end |= at > 0
                self._without_end = 0
                self._end_code(at, codes, behind=at + 1)
                continue
            length = _answer_length(self._buffer, at)
            if length is None:
                self._looked_at = at
                break
            if length:
                self._end_code(at, codes, behind=at + length)
            else:
                self._looked_at = at + 1
        else:
            self._looked_at = len(self._buffer)
        self._cap()
        return codes

    def idle(self) -> list[str]:
        """The line has been quiet for QUIET_S: what is there may be a whole code."""
        codes: list[str] = []
        if not self._buffer and not self._thrown_away:
            return codes
        text = bytes(self._buffer[: self._looked_at]).strip(_NOISE)
        is_half_an_answer = self._looked_at < len(self._buffer)
        self._pauses += 1
        if self._pauses <= PAUSES and (
            (is_half_an_answer and not text)
            or (self._sends_end and not is_half_an_answer)
            or self._is_cut(text.decode("latin-1"))
        ):
            return codes
        if is_half_an_answer and self._pauses <= PAUSES:
            self._end_code(self._looked_at, codes, behind=self._looked_at)
            return codes
        if self._sends_end:
            self._without_end += 1
            self._sends_end = self._without_end < _LEARNT_WRONG
        self._end_code(len(self._buffer), codes, behind=len(self._buffer))
        return codes

    def _cap(self) -> None:
        """Noise without end is not hoarded; how it arrived does not change what is told of it."""
        if self._looked_at > _MOST_BYTES:
            too_many = self._looked_at - _MOST_BYTES
            del self._buffer[:too_many]
            self._thrown_away += too_many
            self._looked_at = _MOST_BYTES

    def _end_code(self, end: int, codes: list[str], *, behind: int) -> None:
        came = end + self._thrown_away
        code = _once(bytes(self._buffer[:end]).strip(_NOISE))
        del self._buffer[:behind]
        self._looked_at = self._thrown_away = 0
        is_too_long = came > _MOST_BYTES or len(code) > _MAX_CODE
        if is_too_long or code.translate(None, _NOISE) != code:
            self.dropped += 1
        elif code.strip():
            codes.append(code.decode("ascii"))
        elif came:
            self.dropped += 1


def _once(code: bytes) -> bytes:
    """Some scanners are set to send each code twice; that is told of one too long to be a code."""
    half = len(code) // 2
    return code[:half] if len(code) > _MAX_CODE and code[:half] == code[half:] else code


def _answer_length(buffer: bytearray, at: int) -> int | None:
    """Bytes of the sealed answer that begins there, 0 where none does, None while it may yet."""
    head = bytes(buffer[at : at + 4])
    if not head.startswith(_ANSWER[: len(head)]):
        return 0
    if len(head) < 4:
        return None
    length = head[3] + _ANSWER_OVERHEAD
    if head[3] > _MAX_DATA:
        return 0
    frame = bytes(buffer[at : at + length])
    if len(frame) < length:
        return None
    return length if binascii.crc_hqx(frame[2:-2], 0) == int.from_bytes(frame[-2:], "big") else 0


def encode(code: str, *, end: bytes = b"\r", triggered: bool = False) -> bytes:
    """What the module sends for a code; ``triggered`` puts the answer to the command before it."""
    return (ACKNOWLEDGEMENT if triggered else b"") + code.encode("ascii") + end
