from __future__ import annotations

import itertools
import struct

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from drivers.thermometer.frames import Decoded, DecodedTemperature, MalformedFrame
from drivers.thermometer.gy_mcu90614 import GyMcu90614Decoder, encode
from screening.readings import FaultReason

DOCUMENTED = bytes.fromhex("5A 5A 45 04 0C 78 0D 19 A7")
DOCUMENTED_VALUES = DecodedTemperature(31.92, 33.53)


def sealed(body: str) -> bytes:
    raw = bytes.fromhex(body)
    return raw + bytes((sum(raw) & 0xFF,))


def decode(*chunks: bytes) -> list[Decoded]:
    decoder = GyMcu90614Decoder()
    return [item for chunk in chunks for item in decoder.feed(chunk)] + decoder.flush()


FRAMES = [
    pytest.param(DOCUMENTED, DOCUMENTED_VALUES, id="documented"),
    pytest.param(sealed("5A5A4504 FF38 FC18"), DecodedTemperature(-2.0, -10.0), id="negative"),
    pytest.param(
        sealed("5A5A4504 5A5A 0AB0"), DecodedTemperature(231.3, 27.36), id="header-inside"
    ),
    pytest.param(sealed("5A5A4504 0E50 09FB"), DecodedTemperature(36.64, 25.55), id="sum-5f"),
    pytest.param(sealed("5A5A4504 0E4B 09FB"), DecodedTemperature(36.59, 25.55), id="sum-is-5a"),
    pytest.param(sealed("5A5A4504 7FFF 30D4"), DecodedTemperature(327.67, 125.0), id="hottest"),
]


@pytest.mark.parametrize(("wire", "frame"), FRAMES)
class TestEveryFrame:
    def test_is_decoded_whole(self, wire: bytes, frame: DecodedTemperature) -> None:
        assert decode(wire) == [frame]

    def test_is_decoded_byte_by_byte(self, wire: bytes, frame: DecodedTemperature) -> None:
        assert decode(*(bytes((byte,)) for byte in wire)) == [frame]

    def test_is_decoded_twice_from_one_chunk(self, wire: bytes, frame: DecodedTemperature) -> None:
        assert decode(wire + wire) == [frame, frame]

    def test_is_decoded_after_noise(self, wire: bytes, frame: DecodedTemperature) -> None:
        noise = bytes.fromhex("00 FF 5A 12")
        assert decode(noise + wire) == [MalformedFrame(FaultReason.BAD_HEADER, noise), frame]

    def test_comes_out_with_its_last_byte(self, wire: bytes, frame: DecodedTemperature) -> None:
        assert GyMcu90614Decoder().feed(bytes.fromhex("5A5A4508") + wire)[-1] == frame

    def test_is_encoded(self, wire: bytes, frame: DecodedTemperature) -> None:
        assert encode(frame) == wire


def test_the_checksum_byte_of_that_case_equals_the_header_byte() -> None:
    assert sealed("5A5A4504 0E4B 09FB")[-1] == 0x5A


@pytest.mark.parametrize(
    ("wire", "reason"),
    [
        pytest.param(DOCUMENTED[:-1] + b"\x00", FaultReason.BAD_CHECKSUM, id="bad-sum"),
        pytest.param(bytes.fromhex("5A5A45FF"), FaultReason.BAD_LENGTH, id="length-too-long"),
        pytest.param(sealed("5A5A4502 0E50"), FaultReason.BAD_LENGTH, id="length-too-short"),
        pytest.param(sealed("5A5A4704 0E50 09FB"), FaultReason.BAD_HEADER, id="unknown-type"),
        pytest.param(sealed("5A5A4504 FFFF FFFF"), FaultReason.SENSOR_ERROR, id="all-ones"),
        pytest.param(
            sealed("5A5A4504 954B 954B"), FaultReason.OUT_OF_DEVICE_RANGE, id="1037.55-wrapped"
        ),
        pytest.param(
            sealed("5A5A4504 E4A7 09FB"), FaultReason.OUT_OF_DEVICE_RANGE, id="object-too-cold"
        ),
        pytest.param(
            sealed("5A5A4504 0E50 30D5"), FaultReason.OUT_OF_DEVICE_RANGE, id="ambient-too-hot"
        ),
        pytest.param(DOCUMENTED[:-1], FaultReason.TRUNCATED, id="cut-by-one"),
        pytest.param(b"\x5a", FaultReason.TRUNCATED, id="cut-after-one"),
    ],
)
def test_reports_what_is_not_a_temperature_as_one_item(wire: bytes, reason: FaultReason) -> None:
    assert decode(wire) == [MalformedFrame(reason, wire)]


def test_reports_two_broken_frames_as_two_items_and_keeps_the_good_one_behind() -> None:
    broken = DOCUMENTED[:-1] + b"\x00"
    assert decode(broken + broken + DOCUMENTED) == [
        MalformedFrame(FaultReason.BAD_CHECKSUM, broken),
        MalformedFrame(FaultReason.BAD_CHECKSUM, broken),
        DOCUMENTED_VALUES,
    ]


def test_loses_one_byte_only_so_the_good_frame_behind_a_lost_byte_is_read() -> None:
    lost = DOCUMENTED[:5] + DOCUMENTED[6:]
    assert decode(lost + DOCUMENTED) == [
        MalformedFrame(FaultReason.BAD_CHECKSUM, lost),
        DOCUMENTED_VALUES,
    ]


def test_finds_the_good_frame_inside_a_frame_that_claims_to_be_longer() -> None:
    assert decode(bytes.fromhex("5A5A4508") + DOCUMENTED)[-1] == DOCUMENTED_VALUES


@pytest.mark.parametrize("body", ["5A5A2501 5F", "5A5A3502 0000"], ids=["emissivity", "offset"])
def test_passes_over_answers_to_settings(body: str) -> None:
    assert decode(sealed(body) + DOCUMENTED) == [DOCUMENTED_VALUES]


def test_reads_the_longer_payload_of_a_second_version_board_by_its_length() -> None:
    assert decode(sealed("5A5A4505 0C78 0D19 01") + DOCUMENTED) == [DOCUMENTED_VALUES] * 2


def test_reports_pending_noise_when_the_line_is_quiet() -> None:
    decoder = GyMcu90614Decoder()
    assert decoder.feed(b"\x00\x01") == []
    assert decoder.idle() == [MalformedFrame(FaultReason.BAD_HEADER, b"\x00\x01")]
    assert decoder.idle() == []


def test_reports_endless_noise_in_pieces() -> None:
    assert decode(b"\x00" * 100) == [
        MalformedFrame(FaultReason.BAD_HEADER, b"\x00" * 64),
        MalformedFrame(FaultReason.BAD_HEADER, b"\x00" * 36),
    ]


def test_an_ambient_that_was_not_told_is_sent_as_a_room() -> None:
    assert decode(encode(DecodedTemperature(36.5, None))) == [DecodedTemperature(36.5, 25.0)]


noisy_wire = st.lists(
    st.one_of(
        st.binary(max_size=12),
        st.sampled_from([b"\x5a", b"\x5a\x5a", b"\x5a\x5a\x45", b"\x5a\x5a\x45\x04", DOCUMENTED]),
    ),
    max_size=20,
).map(b"".join)
object_centi = st.integers(-7000, 32767)
ambient_centi = st.integers(-4000, 12500)


@settings(deadline=None)
@given(noisy_wire, st.lists(st.integers(0, 200)))
def test_result_does_not_depend_on_chunking(wire: bytes, cuts: list[int]) -> None:
    edges = [0, *sorted(min(cut, len(wire)) for cut in cuts), len(wire)]
    pieces = [wire[a:b] for a, b in itertools.pairwise(edges)]
    assert decode(*pieces) == decode(wire)


@settings(deadline=None)
@given(object_centi, ambient_centi)
def test_round_trip(found: int, ambient: int) -> None:
    assume((found, ambient) != (-1, -1))  # all bits set: a dead sensor, not -0.01 degC twice
    frame = DecodedTemperature(found / 100, ambient / 100)
    assert decode(encode(frame)) == [frame]
    assert encode(frame)[4:8] == struct.pack(">hh", found, ambient)


@settings(deadline=None)
@given(noisy_wire)
def test_every_byte_is_either_read_or_reported(wire: bytes) -> None:
    decoded = decode(wire)
    reported = b"".join(item.raw for item in decoded if isinstance(item, MalformedFrame))
    assert len(reported) <= len(wire)
    if (
        not any(isinstance(item, DecodedTemperature) for item in decoded)
        and b"\x5a\x5a" not in wire
    ):
        assert reported == wire


@settings(deadline=None)
@given(st.binary(max_size=2000))
def test_hoards_nothing(wire: bytes) -> None:
    decoder = GyMcu90614Decoder()
    for byte in wire:
        decoder.feed(bytes((byte,)))
    held = sum(len(item.raw) for item in decoder.flush() if isinstance(item, MalformedFrame))
    # A whole frame that waits for the one that begins two bytes before its end.
    assert held <= 64 + 11 + 13


@settings(deadline=None)
@given(st.binary(max_size=60), st.integers(0, 6000), st.integers(0, 6000))
def test_reads_the_first_frame_behind_any_garbage(garbage: bytes, found: int, ambient: int) -> None:
    frame = DecodedTemperature(found / 100, ambient / 100)
    assert decode(garbage + encode(frame))[-1] == frame


@pytest.mark.parametrize("kept", range(1, 9))
@pytest.mark.parametrize("good_ambient", [23.45, 23.94])
def test_reads_the_good_frame_behind_a_cut_one(kept: int, good_ambient: float) -> None:
    for centi in range(3000, 4201):
        good = DecodedTemperature(centi / 100, good_ambient)
        for cut in (encode(good), DOCUMENTED):
            assert decode(cut[:kept] + encode(good))[-1] == good


@pytest.mark.parametrize(
    "cut",
    [
        pytest.param("5A5A4504 0E", id="sum-is-the-length"),
        pytest.param("5A5A4504 0E86", id="sum-is-the-type"),
        pytest.param("5A5A4504 0EEC 09", id="sum-is-a-header-byte"),
    ],
)
def test_a_cut_frame_whose_sum_matches_by_chance_is_no_reading(cut: str) -> None:
    assert decode(bytes.fromhex(cut) + sealed("5A5A4504 0E1C 0929")) == [
        MalformedFrame(FaultReason.BAD_CHECKSUM, bytes.fromhex(cut)),
        DecodedTemperature(36.12, 23.45),
    ]


def test_a_lost_sum_that_the_next_header_stands_in_for_costs_neither_frame() -> None:
    whole = sealed("5A5A4504 0E4B 09FB")
    assert decode(whole[:-1] + DOCUMENTED) == [
        DecodedTemperature(36.59, 25.55),
        DOCUMENTED_VALUES,
    ]


def test_a_frame_that_ends_like_a_header_waits_for_one_byte_more() -> None:
    wire = sealed("5A5A4504 0EEC 095A")
    decoder = GyMcu90614Decoder()
    assert wire[-2:] == b"\x5a\x5a"
    assert decoder.feed(wire) == []
    assert decoder.feed(wire[:1]) == [DecodedTemperature(38.2, 23.94)]
    assert decoder.feed(wire[1:]) == []
    assert decoder.flush() == [DecodedTemperature(38.2, 23.94)]
