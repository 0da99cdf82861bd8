from __future__ import annotations

import struct

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from drivers.thermometer.frames import Decoded, DecodedArray, MalformedFrame
from drivers.thermometer.gy_mcu90640 import (
    CONTINUOUS_COMMAND,
    FOUR_A_SECOND_COMMAND,
    GyMcu90640Decoder,
    encode,
    encode_emissivity,
)
from screening.readings import FaultReason
from tests.drivers.thermometer import arrays

PICTURE = arrays.picture(24, 32)
OTHER = arrays.picture(24, 32, seed=2, ambient=-3.25)
WIRE = encode(PICTURE)


def by_hand(pixels: list[int], ambient: int) -> bytes:
    """The frame as the manual describes it, made without the codec."""
    words = [0x5A5A, 0x0602, *(value & 0xFFFF for value in pixels), ambient & 0xFFFF]
    return struct.pack("<772H", *words, sum(words) & 0xFFFF)


def decode(*chunks: bytes) -> list[Decoded]:
    return arrays.decode(GyMcu90640Decoder, *chunks)


def test_the_frame_of_the_manual_is_read_mirrored_and_signed() -> None:
    (read,) = decode(by_hand([3655, -250, *range(2000, 2766)], -125))
    assert isinstance(read, DecodedArray)
    assert read.shape == (24, 32)
    assert read.ambient_celsius == -1.25
    assert read.celsius[0, 31] == np.float32(36.55)
    assert read.celsius[0, 30] == np.float32(-2.5)
    assert read.celsius[1, 31] == np.float32(20.30)
    assert read.celsius[23, 0] == np.float32(27.65)
    assert not read.celsius.flags.writeable


def test_a_byte_sum_is_no_checksum() -> None:
    body = WIRE[:-2]
    assert decode(body + struct.pack("<H", sum(body) & 0xFFFF)) != [PICTURE]


def test_is_decoded_whole_byte_by_byte_and_twice_from_one_chunk() -> None:
    assert decode(WIRE) == [PICTURE]
    assert decode(*(bytes((byte,)) for byte in WIRE)) == [PICTURE]
    assert decode(WIRE + encode(OTHER)) == [PICTURE, OTHER]


def test_comes_out_with_its_last_byte() -> None:
    decoder = GyMcu90640Decoder()
    assert decoder.feed(WIRE[:-1]) == []
    assert decoder.feed(WIRE[-1:]) == [PICTURE]


@pytest.mark.parametrize("percent", [1, 2, 6, 90, 95, 100])
def test_the_answer_about_emissivity_is_no_frame_and_costs_none(percent: int) -> None:
    answer = encode_emissivity(percent)
    assert decode(answer + WIRE + answer + WIRE) == [PICTURE, PICTURE]
    assert decode(*(bytes((byte,)) for byte in answer + WIRE)) == [PICTURE]


def test_knows_the_documented_answer_and_commands() -> None:
    assert encode_emissivity(95) == bytes.fromhex("5A 5A 5F 13")
    for command in (CONTINUOUS_COMMAND, FOUR_A_SECOND_COMMAND):
        assert sum(command[:3]) & 0xFF == command[3]


def test_an_emissivity_above_one_is_noise() -> None:
    noise = encode_emissivity(101)
    assert decode(noise + WIRE) == [MalformedFrame(FaultReason.BAD_HEADER, noise), PICTURE]


def test_a_broken_frame_is_told_once_and_the_next_is_read() -> None:
    broken = bytearray(WIRE)
    broken[700] ^= 1
    assert decode(bytes(broken) + WIRE) == [
        MalformedFrame(FaultReason.BAD_CHECKSUM, bytes(broken)),
        PICTURE,
    ]


@pytest.mark.parametrize("lost", [4, 5, 700, 1542, 1543])
def test_one_lost_byte_costs_one_frame_at_most(lost: int) -> None:
    assert decode(WIRE[:lost] + WIRE[lost + 1 :] + WIRE)[-1] == PICTURE


@pytest.mark.parametrize("kept", [1, 2, 3, 4, 5, 100, 770, 1540, 1541, 1542, 1543])
def test_reads_the_good_frame_behind_a_cut_one(kept: int) -> None:
    for seed in range(20):
        good = arrays.picture(24, 32, seed=seed)
        assert decode(WIRE[:kept] + encode(good))[-1] == good


def test_a_lost_last_byte_that_the_next_header_stands_in_for_costs_neither_frame() -> None:
    short = by_hand([0, *[2500] * 767], 2900)
    missing = 0x5A00 - int.from_bytes(short[-2:], "little")
    wire = by_hand([missing, *[2500] * 767], 2900)
    assert wire[-1] == 0x5A
    first = decode(wire)
    assert decode(wire[:-1] + WIRE) == [*first, PICTURE]
    assert decode(wire + WIRE) == [*first, PICTURE]


def test_a_frame_gives_way_to_a_frame_that_begins_inside_it() -> None:
    # A cut frame whose sum is right by chance once it has eaten the beginning of the good one.
    def glued(pixel: int) -> bytes:
        return by_hand([pixel, *[2500] * 767], 2900)[:1000] + WIRE

    words = np.frombuffer(glued(0)[:1544], "<u2").astype(int)
    outer = glued(int(words[-1] - words[:-1].sum()))
    assert len(decode(outer[:1544])) == 1
    assert isinstance(decode(outer[:1544])[0], DecodedArray)
    assert decode(outer)[-1] == PICTURE
    assert decode(*(bytes((byte,)) for byte in outer))[-1] == PICTURE


def test_a_frame_with_no_pixel_inside_the_range_is_a_fault() -> None:
    wire = by_hand([0x7FFF] * 768, 2900)
    assert decode(wire) == [MalformedFrame(FaultReason.OUT_OF_DEVICE_RANGE, wire)]


@pytest.mark.parametrize("words", [(0, 0), (-1, -1), (0, -1)])
def test_a_frame_of_nothing_is_a_fault(words: tuple[int, int]) -> None:
    wire = by_hand([*words] * 384, 2900)
    assert decode(wire) == [MalformedFrame(FaultReason.SENSOR_ERROR, wire)]


def test_a_pixel_outside_the_range_is_not_known_and_the_others_are() -> None:
    (read,) = decode(by_hand([0x7FFF, -0x8000, 30001, -4001, 30000, -4000, *[2500] * 762], 2900))
    assert isinstance(read, DecodedArray)
    assert np.isnan(read.celsius[0, 28:]).all()
    assert np.isnan(read.celsius).sum() == 4
    assert (read.coldest_celsius, read.hottest_celsius) == (-40.0, 300.0)
    (again,) = decode(encode(read))
    assert again == read


def test_a_sensor_s_temperature_that_no_chip_has_is_not_told() -> None:
    (read,) = decode(by_hand([2500] * 768, -0x8000))
    assert isinstance(read, DecodedArray)
    assert read.ambient_celsius is None


def test_a_cut_frame_at_the_end_is_told_as_truncated() -> None:
    assert decode(WIRE[:900]) == [MalformedFrame(FaultReason.TRUNCATED, WIRE[:900])]


def test_refuses_to_encode_another_size() -> None:
    with pytest.raises(ValueError, match="24 x 32"):
        encode(arrays.picture(62, 80))


parts = [WIRE, encode_emissivity(95), bytes.fromhex("5A5A0206"), b"\x5a", b"\x5a\x5a"]


@settings(deadline=None, max_examples=60)
@given(arrays.noisy(parts), st.lists(st.integers(0, 6000), max_size=30))
def test_result_does_not_depend_on_chunking(wire: bytes, cuts: list[int]) -> None:
    assert decode(*arrays.pieces(wire, cuts)) == decode(wire)


@settings(deadline=None, max_examples=60)
@given(arrays.noisy(parts))
def test_reads_the_first_frame_behind_any_garbage(garbage: bytes) -> None:
    assert decode(garbage + encode(OTHER))[-1] == OTHER


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 2**32), st.integers(-4000, 8500))
def test_round_trip(seed: int, ambient: int) -> None:
    pixels = np.random.default_rng(seed).integers(-4000, 30000, 768, endpoint=True)
    wire = by_hand(pixels.tolist(), ambient)
    (read,) = decode(wire)
    assert isinstance(read, DecodedArray)
    assert encode(read) == wire


@settings(deadline=None, max_examples=60)
@given(arrays.noisy(parts))
def test_hoards_nothing(wire: bytes) -> None:
    decoder = GyMcu90640Decoder()
    for piece in arrays.pieces(wire, range(0, len(wire), 7)):
        decoder.feed(piece)
    held = sum(len(item.raw) for item in decoder.flush() if isinstance(item, MalformedFrame))
    assert held <= 3 * 1544


@settings(deadline=None, max_examples=20)
@given(
    st.lists(st.sampled_from([b"\x5a\x5a\x02\x06", b"\x5a", b"\x00", b"\xff\xff"]), max_size=400),
    st.integers(0, 1543),
)
@example([b"\x00", b"\x5a", b"\x5a", b"\x00"], 0)
def test_a_frame_among_headers_is_found_all_at_once_as_byte_by_byte(
    garbage: list[bytes], lost: int
) -> None:
    headers = b"".join(garbage)
    wire = headers + WIRE[lost:] + WIRE + headers + WIRE + headers
    told = decode(wire)
    assert [one for one in told if isinstance(one, DecodedArray)][-2:] == [PICTURE, PICTURE]
    assert decode(*(bytes((byte,)) for byte in wire)) == told
