from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.scanner.gm65 import ACKNOWLEDGEMENT, Gm65Decoder, RepeatFilter, encode

QR_ALPHANUMERIC = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
TOKEN = "GB1:" + QR_ALPHANUMERIC + "  "


def decode(*chunks: bytes) -> list[str]:
    decoder = Gm65Decoder()
    return [code for chunk in chunks for code in decoder.feed(chunk)] + decoder.idle()


def byte_by_byte(wire: bytes) -> list[bytes]:
    return [bytes((byte,)) for byte in wire]


WIRES = [
    pytest.param(b"K-204\r", id="carriage-return"),
    pytest.param(b"K-204\n", id="line-feed"),
    pytest.param(b"K-204\r\n", id="both"),
    pytest.param(b"K-204", id="no-end-but-silence"),
    pytest.param(ACKNOWLEDGEMENT + b"K-204\r", id="answer-glued-before"),
    pytest.param(ACKNOWLEDGEMENT + ACKNOWLEDGEMENT + b"K-204", id="two-answers"),
    pytest.param(b"K-204" + ACKNOWLEDGEMENT, id="answer-to-the-next-command-glued-behind"),
    pytest.param(b"\x00\xffK-204\x00\r", id="noise-around"),
    pytest.param(b"\r\n\r\nK-204\r\n\r\n", id="empty-lines"),
]


@pytest.mark.parametrize("wire", WIRES)
class TestEveryEnd:
    def test_is_decoded_whole(self, wire: bytes) -> None:
        assert decode(wire) == ["K-204"]

    def test_is_decoded_byte_by_byte(self, wire: bytes) -> None:
        assert decode(*byte_by_byte(wire)) == ["K-204"]


def test_every_character_of_a_token_passes_unchanged() -> None:
    assert decode(encode(TOKEN, triggered=True)) == [TOKEN]


def test_two_codes_in_one_chunk_are_two_codes() -> None:
    assert decode(b"A1\rB2\r") == ["A1", "B2"]


def test_silence_in_the_middle_of_the_answer_does_not_make_a_code_of_it() -> None:
    decoder = Gm65Decoder()
    assert decoder.feed(ACKNOWLEDGEMENT[:3]) == []
    assert decoder.idle() == []
    assert decoder.feed(ACKNOWLEDGEMENT[3:] + b"K-204") == []
    assert decoder.idle() == ["K-204"]
    assert decoder.dropped == 0


def test_a_code_is_not_told_twice_when_its_end_comes_after_the_silence() -> None:
    decoder = Gm65Decoder()
    decoder.feed(b"K-204")
    assert decoder.idle() == ["K-204"]
    assert decoder.feed(b"\r\n") == []


@pytest.mark.parametrize(
    "wire",
    [
        pytest.param(b"K-2\xff04\r", id="noise-inside"),
        pytest.param(b"\x00\xfe\r", id="noise-only"),
        pytest.param(b"X" * 513 + b"\r", id="one-too-long"),
        pytest.param(b"X" * 5000 + b"\r", id="endless"),
        pytest.param(b"   \r", id="blank"),
    ],
)
def test_drops_and_counts_what_is_no_code_and_reads_the_next(wire: bytes) -> None:
    decoder = Gm65Decoder()
    assert decoder.feed(wire + b"K-204\r") == ["K-204"]
    assert decoder.dropped == 1


def test_the_longest_code_passes() -> None:
    assert decode(b"X" * 512 + b"\r") == ["X" * 512]


pieces = st.one_of(
    st.binary(max_size=8),
    st.sampled_from([ACKNOWLEDGEMENT, ACKNOWLEDGEMENT[:4], b"K-204", b"\r\n", b"Z" * 300]),
)


@settings(deadline=None)
@given(st.lists(pieces, max_size=12).map(b"".join), st.lists(st.integers(0, 600)))
def test_result_does_not_depend_on_chunking(wire: bytes, cuts: list[int]) -> None:
    edges = [0, *sorted(min(cut, len(wire)) for cut in cuts), len(wire)]
    assert decode(*(wire[a:b] for a, b in itertools.pairwise(edges))) == decode(wire)


@settings(deadline=None)
@given(st.text(alphabet=QR_ALPHANUMERIC, min_size=1, max_size=311).filter(str.strip))
def test_round_trip(code: str) -> None:
    assert decode(encode(code)) == [code]
    assert decode(encode(code, end=b"", triggered=True)) == [code]


class TestRepeats:
    def test_the_same_code_within_two_seconds_is_the_same_scan(self) -> None:
        repeats = RepeatFilter()
        assert repeats.is_new("A", 10.0)
        assert not repeats.is_new("A", 12.0)

    def test_a_code_held_before_the_window_stays_one_scan(self) -> None:
        repeats = RepeatFilter()
        assert [repeats.is_new("A", now_s) for now_s in (0, 1.5, 3.0, 4.5)] == [True] + [False] * 3

    def test_shown_again_later_is_a_new_scan(self) -> None:
        repeats = RepeatFilter()
        assert repeats.is_new("A", 10.0)
        assert repeats.is_new("A", 12.5)

    def test_another_code_is_new_at_once(self) -> None:
        repeats = RepeatFilter()
        assert [repeats.is_new(code, 10.0) for code in "ABA"] == [True] * 3
