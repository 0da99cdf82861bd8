from __future__ import annotations

import struct

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.thermometer.frames import Decoded, DecodedArray, MalformedFrame
from drivers.thermometer.terabee_evo_thermal import (
    ACKNOWLEDGED,
    REFUSED,
    START_COMMAND,
    TerabeeEvoThermalDecoder,
    crc32_mpeg2,
    encode,
)
from screening.readings import FaultReason
from tests.drivers.thermometer import arrays


def decode(*chunks: bytes) -> list[Decoded]:
    return arrays.decode(TerabeeEvoThermalDecoder, *chunks)


def crc_bit_by_bit(checked: bytes, *, bits: int, polynomial: int, first: int) -> int:
    crc = first
    for byte in checked:
        crc ^= byte << (bits - 8)
        for _ in range(8):
            crc = (crc << 1) ^ (polynomial if crc >> (bits - 1) else 0)
            crc &= (1 << bits) - 1
    return crc


def by_hand(pixels: list[int], ptat: int) -> bytes:
    """The frame as the vendor's driver reads it, made without the codec."""
    body = struct.pack("<1032H", *pixels, ptat, *[0] * 7)
    crc = crc_bit_by_bit(body, bits=32, polynomial=0x04C11DB7, first=0xFFFFFFFF)
    return b"\x0d\x00" + body + struct.pack("<HH", crc >> 16, crc & 0xFFFF)


WIRE = by_hand([2957 + index % 110 for index in range(1024)], 3042)
(PICTURE,) = decode(WIRE)
assert isinstance(PICTURE, DecodedArray)


def test_the_frame_of_the_vendor_s_driver_is_read() -> None:
    assert PICTURE.shape == (32, 32)
    assert PICTURE.ambient_celsius == 31.05
    assert PICTURE.celsius[0, 0] == np.float32(22.55)
    assert PICTURE.celsius[1, 0] == np.float32(22.55 + 3.2)
    assert encode(PICTURE) == WIRE


def test_the_checksum_is_crc_32_mpeg_2() -> None:
    assert crc32_mpeg2(b"123456789") == 0x0376E6E7  # the catalogued check value


def test_commands_and_answers_carry_their_crc_8() -> None:
    for message in (START_COMMAND, ACKNOWLEDGED, REFUSED):
        assert crc_bit_by_bit(message[:-1], bits=8, polynomial=0x07, first=0) == message[-1]


def test_is_decoded_byte_by_byte_and_twice_from_one_chunk() -> None:
    assert decode(*(bytes((byte,)) for byte in WIRE)) == [PICTURE]
    assert decode(WIRE + WIRE) == [PICTURE, PICTURE]


def test_comes_out_with_its_last_byte_also_where_the_header_occurs_inside() -> None:
    wire = by_hand([13] * 512 + [3000] * 512, 0x0D42)
    decoder = TerabeeEvoThermalDecoder()
    assert decoder.feed(wire[:-1]) == []
    assert len(decoder.feed(wire[-1:])) == 1
    assert decoder.flush() == []


@pytest.mark.parametrize("answer", [ACKNOWLEDGED, REFUSED])
def test_passes_over_acknowledgements_between_frames(answer: bytes) -> None:
    assert decode(answer + WIRE + answer + WIRE) == [PICTURE, PICTURE]


def test_an_acknowledgement_inside_a_frame_costs_that_frame_only() -> None:
    decoded = decode(WIRE[:900] + ACKNOWLEDGED + WIRE[900:] + WIRE)
    assert [item for item in decoded if isinstance(item, DecodedArray)] == [PICTURE]
    assert decoded[-1] == PICTURE


def test_the_low_word_of_the_crc_first_is_wrong() -> None:
    swapped = WIRE[:-4] + WIRE[-2:] + WIRE[-4:-2]
    assert decode(swapped + WIRE) == [
        MalformedFrame(FaultReason.BAD_CHECKSUM, swapped),
        PICTURE,
    ]


@pytest.mark.parametrize("words", [(0, 0), (0xFFFF, 0xFFFF), (0, 0xFFFF)])
def test_a_frame_of_nothing_is_a_fault(words: tuple[int, int]) -> None:
    wire = by_hand([*words] * 512, 3042)
    assert decode(wire) == [MalformedFrame(FaultReason.SENSOR_ERROR, wire)]


def test_a_pixel_of_nothing_is_not_known_and_the_others_are() -> None:
    (read,) = decode(by_hand([0, 0xFFFF, 3096, *[2957] * 1021], 3042))
    assert isinstance(read, DecodedArray)
    assert np.isnan(read.celsius[0, :2]).all()
    assert np.isnan(read.celsius).sum() == 2
    assert (read.coldest_celsius, read.hottest_celsius) == (22.55, 36.45)


@pytest.mark.parametrize("ptat", [0, 0xFFFF])
def test_a_sensor_s_temperature_that_no_chip_has_is_not_told(ptat: int) -> None:
    (read,) = decode(by_hand([2957] * 1024, ptat))
    assert isinstance(read, DecodedArray)
    assert read.ambient_celsius is None


@pytest.mark.parametrize("kept", [1, 2, 3, 100, 2050, 2067, 2068, 2069])
def test_reads_the_good_frame_behind_a_cut_one(kept: int) -> None:
    assert decode(WIRE[:kept] + WIRE)[-1] == PICTURE


@pytest.mark.parametrize("lost", [0, 1, 2, 900, 2068, 2069])
def test_one_lost_byte_costs_one_frame_at_most(lost: int) -> None:
    assert decode(WIRE[:lost] + WIRE[lost + 1 :] + WIRE)[-1] == PICTURE


def test_a_cut_frame_at_the_end_is_told_as_truncated() -> None:
    assert decode(WIRE[:900])[0] == MalformedFrame(FaultReason.TRUNCATED, WIRE[:900])


def test_refuses_to_encode_another_size() -> None:
    with pytest.raises(ValueError, match="32 x 32"):
        encode(arrays.picture(24, 32))


parts = [WIRE, ACKNOWLEDGED, REFUSED, b"\x0d\x00", b"\x0d", b"\x14\x05", b"\x14", b"\x0d\x00" * 9]


@settings(deadline=None, max_examples=30)
@given(arrays.noisy(parts), st.lists(st.integers(0, 8000), max_size=30))
def test_result_does_not_depend_on_chunking(wire: bytes, cuts: list[int]) -> None:
    assert decode(*arrays.pieces(wire, cuts)) == decode(wire)


@settings(deadline=None, max_examples=30)
@given(arrays.noisy(parts))
def test_reads_the_first_frame_behind_any_garbage(garbage: bytes) -> None:
    assert decode(garbage + WIRE)[-1] == PICTURE


@settings(deadline=None, max_examples=15)
@given(st.integers(0, 2**32), st.integers(2332, 3981))
def test_round_trip(seed: int, ptat: int) -> None:
    pixels = np.random.default_rng(seed).integers(1, 0xFFFF, 1024)
    wire = by_hand(pixels.tolist(), ptat)
    (read,) = decode(wire)
    assert isinstance(read, DecodedArray)
    assert encode(read) == wire


@settings(deadline=None, max_examples=40)
@given(arrays.noisy(parts))
def test_hoards_nothing(wire: bytes) -> None:
    decoder = TerabeeEvoThermalDecoder()
    for piece in arrays.pieces(wire, range(0, len(wire), 7)):
        decoder.feed(piece)
    held = sum(len(item.raw) for item in decoder.flush() if isinstance(item, MalformedFrame))
    assert held <= 3 * 2070


@settings(deadline=None, max_examples=20)
@given(
    st.lists(st.sampled_from([b"\x0d\x00", b"\x0d", b"\x00", b"\xb3", ACKNOWLEDGED]), max_size=500),
    st.integers(0, 2069),
)
def test_a_frame_among_headers_is_found_all_at_once_as_byte_by_byte(
    garbage: list[bytes], lost: int
) -> None:
    headers = b"".join(garbage)
    wire = headers + WIRE[lost:] + WIRE + headers + WIRE + headers
    told = decode(wire)
    assert [one for one in told if isinstance(one, DecodedArray)][-2:] == [PICTURE, PICTURE]
    assert decode(*(bytes((byte,)) for byte in wire)) == told
