from __future__ import annotations

import pytest

from drivers.thermometer.frames import DecodedTemperature, MalformedFrame
from drivers.thermometer.optris import HUNDREDTHS, TENTHS
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
