from __future__ import annotations

import binascii
import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.scanner.gm65 import ACKNOWLEDGEMENT, PAUSES, Gm65Decoder, encode

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


def test_a_token_that_is_sent_twice_in_one_is_one() -> None:
    token = TOKEN * 6
    assert decode(f"{token}{token}\r".encode()) == [token]


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


class TestAPauseInTheMiddle:
    def decoder(self) -> Gm65Decoder:
        decoder = Gm65Decoder()
        assert decoder.feed(b"K-203\r") == ["K-203"]
        return decoder

    def test_of_a_code_whose_end_is_known_is_waited_through(self) -> None:
        decoder = self.decoder()
        assert decoder.feed(b"K-2") == []
        assert [decoder.idle() for _ in range(5)] == [[]] * 5
        assert decoder.feed(b"04\r") == ["K-204"]

    def test_is_waited_through_after_a_reconnection_as_well(self) -> None:
        decoder = self.decoder()
        decoder.feed(b"K-2")
        decoder.restart()
        decoder.feed(b"K-2")
        assert decoder.idle() == []
        assert decoder.feed(b"05\r") == ["K-205"]

    def test_that_does_not_end_gives_what_there_is(self) -> None:
        decoder = self.decoder()
        decoder.feed(b"K-204")
        told = [code for _ in range(PAUSES + 1) for code in decoder.idle()]
        assert told == ["K-204"]

    def test_a_scanner_that_was_set_to_send_no_end_is_waited_for_twice_at_most(self) -> None:
        decoder = self.decoder()
        for _ in range(2):
            decoder.feed(b"K-204")
            for _ in range(PAUSES + 1):
                decoder.idle()
        decoder.feed(b"K-205")
        assert decoder.idle() == ["K-205"]

    def test_is_waited_through_from_the_first_code_where_it_is_known_to_be_cut(self) -> None:
        decoder = Gm65Decoder(is_cut=lambda code: code.startswith("GB1:") and len(code) < 10)
        decoder.feed(b"GB1:AB")
        assert decoder.idle() == []
        decoder.feed(b"CDEF")
        assert decoder.idle() == ["GB1:ABCDEF"]


def sealed_answer(data: bytes) -> bytes:
    body = bytes((0, len(data))) + data
    return b"\x02\x00" + body + binascii.crc_hqx(body, 0).to_bytes(2, "big")


def test_the_module_seals_its_answers_as_its_manual_shows() -> None:
    assert sealed_answer(b"\x00") == ACKNOWLEDGEMENT


@settings(deadline=None)
@given(st.binary(max_size=32), st.sampled_from([b"", b"\r", b"\r\n"]))
def test_any_sealed_answer_is_no_part_of_a_code(data: bytes, end: bytes) -> None:
    answer = sealed_answer(data)
    assert decode(answer + b"K-204" + end) == ["K-204"]
    assert decode(b"K-204" + end + answer + answer + b"K-205" + end) == ["K-204", "K-205"]
    decoder = Gm65Decoder()
    told = decoder.feed(answer[:5])
    told += decoder.idle()
    told += decoder.feed(answer[5:] + b"K-204")
    assert told + decoder.idle() == ["K-204"]


@settings(deadline=None)
@given(st.binary(max_size=8).map(lambda raw: bytes(b & 0x1F | 0x80 for b in raw)))
def test_noise_before_behind_and_between_codes_is_cut_off(noise: bytes) -> None:
    wire = noise + b"K-204\r" + noise + ACKNOWLEDGEMENT + noise + b"K-205\r" + noise
    assert decode(wire) == ["K-204", "K-205"]
