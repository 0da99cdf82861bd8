from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.people_counter.beam_lines import (
    BeamLineDecoder,
    MalformedLine,
    Totals,
    decode,
    encode,
    seal,
)

CASES = [
    pytest.param(b"$PGBPC,0,0*46\r\n", Totals(0, 0), id="switched-on"),
    pytest.param(b"$PGBPC,12,9*7C\r\n", Totals(12, 9), id="some"),
    pytest.param(b"$PGBPC,999999999,1*4E\r\n", Totals(999_999_999, 1), id="most"),
]


def sealed(body: bytes) -> bytes:
    """A line with the right seal."""
    return b"$%s*%02X" % (body, seal(body))


@pytest.mark.parametrize(("wire", "totals"), CASES)
def test_a_line_is_read_and_written(wire: bytes, totals: Totals) -> None:
    assert encode(totals) == wire
    assert BeamLineDecoder().feed(wire) == [totals]
    pieces = BeamLineDecoder()
    assert [one for byte in wire for one in pieces.feed(bytes([byte]))] == [totals]
    assert BeamLineDecoder().feed(wire + wire) == [totals, totals]


@pytest.mark.parametrize(("wire", "totals"), CASES)
def test_noise_before_a_line_costs_nothing_of_it(wire: bytes, totals: Totals) -> None:
    found = BeamLineDecoder().feed(b"\xff\x00C,1" + wire)
    assert found == [MalformedLine(b"\xff\x00C,1"), totals]


@pytest.mark.parametrize(
    "line",
    [
        b"$PGBPC,12,9*7D",
        b"$PGBPC,12,9",
        sealed(b"PGBPC,-1,9"),
        sealed(b"PGBPC,12"),
        sealed(b"GPGGA,12,9"),
        sealed(b"PGBPC,12,9")[1:],
        sealed(b"PGBPC,1234567890,1"),
    ],
    ids=["seal", "unsealed", "sign", "one-total", "other-sentence", "begin", "too-long"],
)
def test_what_is_no_line_is_malformed(line: bytes) -> None:
    assert decode(line) == MalformedLine(line)


def test_a_lost_end_does_not_swallow_the_next_line() -> None:
    found = BeamLineDecoder().feed(b"$PGBPC,12,9*7" + encode(Totals(13, 9)))
    assert found == [MalformedLine(b"$PGBPC,12,9*7"), Totals(13, 9)]


@given(st.integers(0, 10**9 - 1), st.integers(0, 10**9 - 1))
def test_every_total_comes_back(entered: int, left: int) -> None:
    assert BeamLineDecoder().feed(encode(Totals(entered, left))) == [Totals(entered, left)]


@given(st.binary(max_size=300), st.lists(st.integers(0, 300), max_size=5))
def test_how_it_arrives_in_pieces_changes_nothing(wire: bytes, cuts: list[int]) -> None:
    whole = BeamLineDecoder().feed(wire)
    pieces, found = BeamLineDecoder(), []
    edges = [0, *sorted(min(cut, len(wire)) for cut in cuts), len(wire)]
    for begin, end in pairwise(edges):
        found += pieces.feed(wire[begin:end])
    assert found == whole


@given(st.binary(max_size=2000))
def test_noise_without_end_is_not_hoarded(noise: bytes) -> None:
    decoder = BeamLineDecoder()
    for one in decoder.feed(noise):
        assert isinstance(one, Totals) or len(one.raw) <= 65
    assert decoder.feed(b"\n" + encode(Totals(1, 2)))[-1] == Totals(1, 2)
