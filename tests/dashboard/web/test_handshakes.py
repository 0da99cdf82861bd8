"""TLS is begun where the first message is there, and for few at a time."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator

import pytest

from dashboard.commands.bench_siege import client_hello
from dashboard.web import handshakes
from dashboard.web.handshakes import AT_ONCE, MANY, Handshakes

pytestmark = pytest.mark.anyio

PATIENCE_S = 30


@pytest.fixture
def anyio_backend() -> tuple[str, dict[str, bool]]:
    """The event loop that the office runs on."""
    return "asyncio", {"use_uvloop": True}


class Guests:
    """Connections, seen from both ends."""

    def __init__(self) -> None:
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._ours: list[socket.socket] = [self._listening]

    def come(self, begun: bytes) -> tuple[socket.socket, socket.socket]:
        """The guest's end, which has sent that, and the door's."""
        guest = socket.create_connection(self._listening.getsockname())
        accepted, _ = self._listening.accept()
        accepted.setblocking(False)
        self._ours += [guest, accepted]
        guest.sendall(begun)
        return guest, accepted

    def leave(self) -> None:
        for one in self._ours:
            one.close()


@pytest.fixture
def guests() -> Iterator[Guests]:
    made = Guests()
    yield made
    made.leave()


async def has_gone_on(turn: asyncio.Task[None]) -> bool:
    """Whether it is through when the event loop has looked at everything some times."""
    for _ in range(20):
        await asyncio.sleep(0)
    return turn.done()


async def test_a_message_in_pieces_is_waited_for(guests: Guests) -> None:
    hello = client_hello()
    guest, accepted = guests.come(hello[:3])
    turn = asyncio.create_task(Handshakes().turn(accepted))
    for piece in (hello[3:7], hello[7:100], hello[100:-1]):
        assert not await has_gone_on(turn)
        guest.sendall(piece)
    assert not await has_gone_on(turn)
    guest.sendall(hello[-1:])
    await asyncio.wait_for(turn, PATIENCE_S)
    assert accepted.recv(len(hello) + 1) == hello


async def test_what_is_no_tls_is_not_waited_for(guests: Guests) -> None:
    _, accepted = guests.come(b"G")
    await asyncio.wait_for(Handshakes().turn(accepted), PATIENCE_S)


async def test_a_guest_that_is_gone_is_told(guests: Guests) -> None:
    guest, accepted = guests.come(b"")
    guest.close()
    with pytest.raises(OSError, match="nothing was sent"):
        await asyncio.wait_for(Handshakes().turn(accepted), PATIENCE_S)


class TestManyAtOnce:
    @pytest.fixture
    def accepted(self, guests: Guests) -> list[socket.socket]:
        """As many as are begun at once, and as many besides as are many."""
        return [guests.come(client_hello())[1] for _ in range(AT_ONCE + MANY)]

    async def test_wait_for_their_turn(
        self, accepted: list[socket.socket], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(handshakes, "PAUSE_S", 3600.0)
        door = Handshakes()
        turns = [asyncio.create_task(door.turn(one)) for one in accepted]
        async with asyncio.timeout(PATIENCE_S):
            while not door.are_many:  # noqa: ASYNC110 - it tells nobody
                await asyncio.sleep(0.01)
        assert sum(turn.done() for turn in turns) == AT_ONCE
        door.close()
        for turn in turns:
            turn.cancel()

    async def test_all_get_one(self, accepted: list[socket.socket]) -> None:
        door = Handshakes()
        turns = [door.turn(one) for one in accepted]
        await asyncio.wait_for(asyncio.gather(*turns), PATIENCE_S)
        assert not door.are_many
        door.close()
