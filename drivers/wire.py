"""What a driver needs of a connection, so that codecs and conversations need no serial library."""

from __future__ import annotations

from typing import Protocol

ECHO_ADVICE = (
    "the adapter echoes what is sent: switch its local echo off (a jumper or switch on it), or use"
    " an adapter without echo"
)


class Link(Protocol):
    """A way to a device. Every method but ``close`` raises DeviceUnavailable when it is gone."""

    @property
    def port(self) -> str: ...

    def open(self) -> None: ...

    def read_chunk(self, timeout_s: float) -> bytes:
        """All bytes that are there, waiting for the first; b"" after ``timeout_s``."""

    def write(self, wire: bytes) -> None: ...

    def close(self) -> None:
        """Never raises; safe to call twice."""
