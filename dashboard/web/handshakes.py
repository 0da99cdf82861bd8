"""TLS at the door: none is begun before the client's first message is there, and few at a time.

Answering that message costs a signature, a millisecond in the event loop that answers stations.
Whoever sends nothing, or a little each second, costs nothing but a descriptor.
"""

from __future__ import annotations

import asyncio
import socket
from collections import deque

AT_ONCE = 4
"""Handshakes begun before the event loop looks at something else."""
PAUSE_S = 0.01
"""From those to the next, so 400 a second: at a millisecond and a half each, with RSA of 2048
bits, more than a third of the event loop's time is left to others."""
MANY = 32
"""Where so many wait for their turn, the next ones wait in the system."""

_HANDSHAKE = 22
_RECORD_HEAD = 5
"""Bytes: what a record is, its version, its length (RFC 8446, 5.1)."""
_PARTIAL_S = 0.1
"""Where the system does not wait for a whole record, it is looked for so often."""


class Handshakes:
    """Who may begin TLS now."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._pause: asyncio.TimerHandle | None = None
        self._begun = 0

    @property
    def are_many(self) -> bool:
        """Whether those that wait should become fewer first."""
        return len(self._waiting) >= MANY

    async def turn(self, accepted: socket.socket) -> None:
        """Wait until the client's first message is there, and for a turn.

        Raises OSError where the client is gone.
        """
        while missing := _missing(accepted):
            accepted.setsockopt(socket.SOL_SOCKET, socket.SO_RCVLOWAT, missing)
            await self._readable(accepted)
            if _missing(accepted) == missing:
                await asyncio.sleep(_PARTIAL_S)
        accepted.setsockopt(socket.SOL_SOCKET, socket.SO_RCVLOWAT, 1)
        turn: asyncio.Future[None] = self._loop.create_future()
        self._waiting.append(turn)
        self._give_turns()
        await turn

    def close(self) -> None:
        """Give no more turns."""
        if self._pause is not None:
            self._pause.cancel()

    def _give_turns(self) -> None:
        while self._waiting and self._begun < AT_ONCE:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                self._begun += 1
        if self._begun and self._pause is None:
            self._pause = self._loop.call_later(PAUSE_S, self._go_on)

    def _go_on(self) -> None:
        self._begun, self._pause = 0, None
        self._give_turns()

    async def _readable(self, accepted: socket.socket) -> None:
        readable = asyncio.Event()
        self._loop.add_reader(accepted.fileno(), readable.set)
        try:
            await readable.wait()
        finally:
            self._loop.remove_reader(accepted.fileno())


def _missing(accepted: socket.socket) -> int:
    """How many bytes must be there before more can be told; 0 where the first message is whole,
    or is none of TLS. Raises OSError where the client is gone."""
    try:
        begun = accepted.recv(_RECORD_HEAD, socket.MSG_PEEK)
    except BlockingIOError:
        return _RECORD_HEAD
    if not begun:
        raise ConnectionResetError("nothing was sent")
    if begun[0] != _HANDSHAKE:
        return 0
    if len(begun) < _RECORD_HEAD:
        return _RECORD_HEAD
    wanted = _RECORD_HEAD + int.from_bytes(begun[3:5])
    return 0 if len(accepted.recv(wanted, socket.MSG_PEEK)) == wanted else wanted
