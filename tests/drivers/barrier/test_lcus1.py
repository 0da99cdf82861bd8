from __future__ import annotations

import pytest

from drivers.barrier.lcus1 import decode, encode

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
