from __future__ import annotations

import pytest

from drivers.thermometer.frames import DecodedTemperature, MalformedFrame
from drivers.thermometer.models import find_model
from drivers.thermometer.optris import HUNDREDTHS, TENTHS, at_address, encode_burst
from screening.readings import FaultReason
from tests.drivers.thermometer.spots import decode

DOCUMENTED = DecodedTemperature(23.5, None)


@pytest.mark.parametrize(
    ("model", "wire", "frame"),
    [
        pytest.param("optris", "04 D3", DOCUMENTED, id="documented"),
        pytest.param("optris-hs", "30 3E", DOCUMENTED, id="documented-high-resolution"),
        pytest.param("optris", "03 E8", DecodedTemperature(0.0, None), id="zero"),
        pytest.param("optris", "01 F4", DecodedTemperature(-50.0, None), id="coldest"),
        pytest.param("optris", "29 FE", DecodedTemperature(975.0, None), id="hottest"),
    ],
)
def test_reads_the_answer_by_the_scale_of_its_head(
    model: str, wire: str, frame: DecodedTemperature
) -> None:
    raw = bytes.fromhex(wire)
    assert decode(model, raw) == [frame]
    assert (HUNDREDTHS if model == "optris-hs" else TENTHS).encode(frame) == raw


def test_the_two_scales_are_never_mixed_up() -> None:
    assert DOCUMENTED not in decode("optris", bytes.fromhex("30 3E"))
    assert DOCUMENTED not in decode("optris-hs", bytes.fromhex("04 D3"))


def test_a_word_that_no_head_can_mean_loses_one_byte() -> None:
    assert decode("optris", bytes.fromhex("D3 04 D3 04 D3")) == [
        MalformedFrame(FaultReason.OUT_OF_DEVICE_RANGE, b"\xd3"),
        DOCUMENTED,
        DOCUMENTED,
    ]


def test_half_an_answer_is_told_as_cut() -> None:
    assert decode("optris", b"\x04") == [MalformedFrame(FaultReason.TRUNCATED, b"\x04")]


def test_the_documented_question_to_address_5() -> None:
    assert at_address(5, b"\x01") == bytes.fromhex("B5 01")


class TestBurst:
    def test_reads_the_documented_string_when_the_next_begins(self) -> None:
        documented = bytes.fromhex("AA AA 03 B8")
        assert encode_burst(DecodedTemperature(-4.8, None)) == documented
        decoder = find_model("optris-burst").decoder()
        assert decoder.feed(documented) == []
        assert decoder.feed(documented) == [DecodedTemperature(-4.8, None)]

    def test_a_value_that_ends_like_a_sync_costs_nothing(self) -> None:
        wire = bytes.fromhex("AA AA 04 AA")
        told = decode("optris-burst", wire * 4)
        assert told[:3] == [DecodedTemperature(19.4, None)] * 3

    def test_a_string_of_more_than_one_value_is_never_a_reading(self) -> None:
        two = bytes.fromhex("AA AA 05 51 04 D3")
        told = decode("optris-burst", two * 20)
        assert told[0] == MalformedFrame(FaultReason.BAD_LENGTH, two)
        assert all(isinstance(one, MalformedFrame) for one in told)

    def test_the_last_string_may_be_the_beginning_of_a_longer_one(self) -> None:
        wire = bytes.fromhex("AA AA 05 51")
        assert decode("optris-burst", wire) == [MalformedFrame(FaultReason.TRUNCATED, wire)]
