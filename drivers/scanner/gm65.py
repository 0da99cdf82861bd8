"""GM65, GM805 and GM861 code scanners (Grow; also sold as Waveshare Barcode Scanner Module).

Wire (8N1, 9600 baud; vendor's manual): the text of a code, ended by CR, LF or CRLF as configured,
or by nothing at all, in which case 80 ms of silence end it. After a trigger command

    7E 00 08 01 00 02 01 AB CD        (AB CD stands in for the CRC: "not checked")

the module answers ``02 00 00 01 00 33 31`` right before the text. The answer is glued to the code
and is no part of it; it may arrive in pieces, with a pause inside.

Text passes unchanged: a receipt token is written in the QR alphanumeric set (0-9 A-Z space
$ % * + - . / :). Bytes that no keyboard has are line noise: around a code they are cut off, inside
one the whole code is dropped, for a receipt number with a letter missing is another number.
"""

from __future__ import annotations

import re

TRIGGER = bytes.fromhex("7E 00 08 01 00 02 01 AB CD")
ACKNOWLEDGEMENT = bytes.fromhex("02 00 00 01 00 33 31")

QUIET_S = 0.08  # at 9600 baud a byte takes 1 ms; the module pauses less than 10 ms inside a code
SAME_SCAN_S = 2.0  # a phone held before the scanner is read again and again

_MAX_CODE = 512  # our longest token has 311 characters
_END = re.compile(rb"[\r\n]|" + re.escape(ACKNOWLEDGEMENT))
_NOISE = b"".join(bytes((byte,)) for byte in range(256) if not 0x20 <= byte <= 0x7E)


class Gm65Decoder:
    """Bytes of the scanner to texts. ``dropped`` counts what was no code."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._is_too_long = False
        self.dropped = 0

    def feed(self, chunk: bytes) -> list[str]:
        """The codes that ``chunk`` completes."""
        codes: list[str] = []
        for byte in chunk:
            self._buffer.append(byte)
            if end := _END.search(self._buffer, max(0, len(self._buffer) - len(ACKNOWLEDGEMENT))):
                del self._buffer[end.start() :]
                self._end_code(codes)
            elif len(self._buffer) > _MAX_CODE + len(ACKNOWLEDGEMENT):
                # Keep what may be the beginning of an answer that ends it.
                del self._buffer[: -len(ACKNOWLEDGEMENT)]
                self._is_too_long = True
        return codes

    def idle(self) -> list[str]:
        """The line has been quiet for QUIET_S: what is there is a whole code, or half an answer."""
        codes: list[str] = []
        if not (self._buffer and ACKNOWLEDGEMENT.startswith(self._buffer)):
            self._end_code(codes)
        return codes

    def _end_code(self, codes: list[str]) -> None:
        code = bytes(self._buffer).strip(_NOISE)
        came = bool(self._buffer) or self._is_too_long
        self._buffer.clear()
        too_long, self._is_too_long = self._is_too_long, False
        if too_long or len(code) > _MAX_CODE or code.translate(None, _NOISE) != code:
            self.dropped += 1
        elif code.strip():
            codes.append(code.decode("ascii"))
        elif came:
            self.dropped += 1


class RepeatFilter:
    """Tells the first sight of a code from the scanner reading the same one again."""

    def __init__(self) -> None:
        self._last: str | None = None
        self._seen_s = 0.0

    def is_new(self, code: str, now_s: float) -> bool:
        """False within SAME_SCAN_S of the last time this code was seen; each sight starts anew."""
        is_new = code != self._last or now_s - self._seen_s > SAME_SCAN_S
        self._last, self._seen_s = code, now_s
        return is_new


def encode(code: str, *, end: bytes = b"\r", triggered: bool = False) -> bytes:
    """What the module sends for a code; ``triggered`` puts the answer to the command before it."""
    return (ACKNOWLEDGEMENT if triggered else b"") + code.encode("ascii") + end
