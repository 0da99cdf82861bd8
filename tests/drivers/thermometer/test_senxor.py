from __future__ import annotations

import struct
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.thermometer.frames import Decoded, DecodedArray, MalformedFrame
from drivers.thermometer.senxor import START_COMMAND, SenXorDecoder, encode, encode_message
from screening.readings import FaultReason
from tests.drivers.thermometer import arrays

MI08 = arrays.picture(62, 80, step=0.1)
MI16 = arrays.picture(120, 160, step=0.1, seed=3)
ANSWER = b"   #0008WREG01FD"


def from_the_wire(wire: bytes) -> DecodedArray:
    (read,) = decode(wire)
    assert isinstance(read, DecodedArray)
    return read


def decode(*chunks: bytes) -> list[Decoded]:
    return arrays.decode(SenXorDecoder, *chunks)


WIRE = encode(MI08)
PICTURE = from_the_wire(WIRE)


def by_hand(
    layout: tuple[int, int, int, int], die: int = 30465, first: Sequence[int] = ()
) -> bytes:
    """A picture whose pixels count up from 2732 (about 0 degC), made without the codec; the
    ``first`` ones are others."""
    rows, columns, reserved, header = layout
    words = [0] * (header // 2)
    if header:
        words[2] = die
    pixels = [2732 + index % 400 for index in range(rows * columns)]
    pixels[: len(first)] = first
    data = bytes(reserved) + struct.pack(f"<{len(words) + len(pixels)}H", *words, *pixels)
    summed = b"%04X" % (len(data) + 8) + b"GFRA" + data
    return b"   #" + summed + b"%04X" % (sum(summed) & 0xFFFF)


LAYOUTS = [
    pytest.param((62, 80, 160, 160), 10240, 31.5, id="mi08"),
    pytest.param((62, 80, 160, 0), 10080, None, id="mi08-without-header"),
    pytest.param((120, 160, 960, 320), 39680, 31.5, id="mi16"),
    pytest.param((120, 160, 960, 0), 39360, None, id="mi16-without-header"),
    pytest.param((50, 50, 200, 0), 5200, None, id="mi05"),
]


@pytest.mark.parametrize(("layout", "length", "ambient"), LAYOUTS)
def test_reads_every_size_by_the_length_of_its_data(
    layout: tuple[int, int, int, int], length: int, ambient: float | None
) -> None:
    wire = by_hand(layout)
    assert int(wire[4:8], 16) == length + 8
    read = from_the_wire(wire)
    assert read.shape == layout[:2]
    assert read.ambient_celsius == ambient
    assert read.celsius[0, 0] == np.float32(0.05)
    assert read.celsius[0, 1] == np.float32(0.15)
    assert read.celsius[1, 0] == np.float32((2732 + layout[1] % 400) / 10 - 273.15)


def test_a_die_that_no_running_chip_has_is_not_told() -> None:
    assert from_the_wire(by_hand((62, 80, 160, 160), die=0)).ambient_celsius is None


@pytest.mark.parametrize("layout", [(62, 80, 160, 160), (62, 80, 160, 0), (120, 160, 960, 320)])
def test_a_picture_of_nothing_is_a_fault_and_a_pixel_of_nothing_is_not_known(
    layout: tuple[int, int, int, int],
) -> None:
    empty = by_hand(layout, first=[0, 0xFFFF] * (layout[0] * layout[1] // 2))
    assert decode(empty) == [MalformedFrame(FaultReason.SENSOR_ERROR, empty)]
    read = from_the_wire(by_hand(layout, first=(0xFFFF, 0, 3096)))
    assert np.isnan(read.celsius[0, :2]).all()
    assert np.isnan(read.celsius).sum() == 2
    assert (read.coldest_celsius, read.hottest_celsius) == (0.05, 39.95)


@pytest.mark.parametrize("sent", [MI08, MI16], ids=["mi08", "mi16"])
def test_reads_what_it_encodes(sent: DecodedArray) -> None:
    read = from_the_wire(encode(sent))
    assert read.ambient_celsius == sent.ambient_celsius
    assert np.abs(read.celsius - sent.celsius).max() <= 0.0501  # tenths of a kelvin


def test_knows_the_documented_messages() -> None:
    assert encode_message(b"WREG", b"") == ANSWER
    assert int(START_COMMAND[4:8], 16) == len(START_COMMAND) - 8


def test_is_decoded_byte_by_byte_and_twice_from_one_chunk() -> None:
    assert decode(*(bytes((byte,)) for byte in WIRE)) == [PICTURE]
    assert decode(WIRE + WIRE) == [PICTURE, PICTURE]


def test_passes_over_answers_to_commands() -> None:
    assert decode(ANSWER + WIRE + encode_message(b"RREG", b"02") + WIRE) == [PICTURE, PICTURE]


def test_a_message_without_a_checksum_is_not_from_the_device() -> None:
    assert decode(START_COMMAND + WIRE) == [
        MalformedFrame(FaultReason.BAD_CHECKSUM, START_COMMAND),
        PICTURE,
    ]


def test_a_broken_picture_is_told_once_and_the_next_is_read() -> None:
    broken = bytearray(WIRE)
    broken[5000] ^= 4
    assert decode(bytes(broken) + WIRE) == [
        MalformedFrame(FaultReason.BAD_CHECKSUM, bytes(broken)),
        PICTURE,
    ]


@pytest.mark.parametrize(
    ("wire", "reason"),
    [
        pytest.param(b"   #00", FaultReason.TRUNCATED, id="cut"),
        pytest.param(b"   #000xGFRA", FaultReason.BAD_HEADER, id="no-hexadecimal"),
        pytest.param(b"   #0008wreg01FD", FaultReason.BAD_HEADER, id="no-command"),
        pytest.param(b"   #2800GFRA", FaultReason.BAD_LENGTH, id="unknown-size"),
        pytest.param(b"   #0007WREG", FaultReason.BAD_LENGTH, id="too-short"),
        pytest.param(b"   #FFFFRRSE", FaultReason.BAD_LENGTH, id="too-long"),
        pytest.param(
            encode_message(b"GFRA", bytes(10240)), FaultReason.SENSOR_ERROR, id="all-zero"
        ),
        pytest.param(
            encode_message(b"GFRA", b"\xff" * 10240), FaultReason.SENSOR_ERROR, id="all-ones"
        ),
    ],
)
def test_reports_what_is_no_picture_and_reads_on(wire: bytes, reason: FaultReason) -> None:
    assert decode(wire) == [MalformedFrame(reason, wire)]
    assert decode(wire + WIRE)[-1] == PICTURE


@pytest.mark.parametrize("lost", [0, 3, 5, 9, 700, 10248, 10255])
def test_one_lost_byte_costs_one_picture_at_most(lost: int) -> None:
    assert decode(WIRE[:lost] + WIRE[lost + 1 :] + WIRE)[-1] == PICTURE


def test_spaces_before_the_header_do_not_hide_it() -> None:
    assert decode(b"      " + WIRE)[-1] == PICTURE


def test_refuses_to_encode_another_size() -> None:
    with pytest.raises(ValueError, match=r"\(24, 32\)"):
        encode(arrays.picture(24, 32))


parts = [WIRE, ANSWER, b"   #2808GFRA", b"   #9B08GFRA", b"   #", b"  ", b" "]


@settings(deadline=None, max_examples=50)
@given(arrays.noisy(parts), st.lists(st.integers(0, 30000), max_size=30))
def test_result_does_not_depend_on_chunking(wire: bytes, cuts: list[int]) -> None:
    assert decode(*arrays.pieces(wire, cuts)) == decode(wire)


@settings(deadline=None, max_examples=50)
@given(arrays.noisy(parts))
def test_reads_the_first_picture_behind_any_garbage(garbage: bytes) -> None:
    assert decode(garbage + WIRE)[-1] == PICTURE


@settings(deadline=None, max_examples=30)
@given(arrays.noisy(parts))
def test_hoards_nothing(wire: bytes) -> None:
    decoder = SenXorDecoder()
    for piece in arrays.pieces(wire, range(0, len(wire), 97)):
        decoder.feed(piece)
    held = sum(len(item.raw) for item in decoder.flush() if isinstance(item, MalformedFrame))
    assert held <= 3 * 39700
