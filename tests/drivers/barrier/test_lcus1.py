from __future__ import annotations

import pytest

from drivers.barrier.lcus1 import Lcus1Board, decode, encode
from screening.errors import DeviceUnavailable
from tests.drivers.support import ScriptedLink, lost

COMMANDS = [
    pytest.param("A0 01 01 A2", 1, True, id="on"),
    pytest.param("A0 01 00 A1", 1, False, id="off"),
    pytest.param("A0 08 01 A9", 8, True, id="channel-8"),
]


@pytest.mark.parametrize(("wire", "channel", "is_on"), COMMANDS)
def test_encodes_and_decodes_every_command(wire: str, channel: int, is_on: bool) -> None:
    assert encode(channel, is_on=is_on) == bytes.fromhex(wire)
    assert decode(bytes.fromhex(wire)) == (channel, is_on)


@pytest.mark.parametrize("wire", ["A0 01 01 A3", "A1 01 01 A3", "A0 01 02 A3", "A0 01 01", ""])
def test_understands_nothing_else(wire: str) -> None:
    assert decode(bytes.fromhex(wire)) is None


def test_is_there_as_long_as_its_port_can_be_read() -> None:
    board = Lcus1Board(channel=1, pulse_s=0.7)
    board.check(ScriptedLink([b""]))
    with pytest.raises(DeviceUnavailable):
        board.check(ScriptedLink([lost()]))
