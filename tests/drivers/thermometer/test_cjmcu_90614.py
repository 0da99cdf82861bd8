from __future__ import annotations

import pytest

from drivers.thermometer.cjmcu_90614 import Cjmcu90614Decoder, encode
from drivers.thermometer.frames import DecodedTemperature, MalformedFrame
from screening.readings import FaultReason
from tests.drivers.thermometer.spots import decode

VALUES = DecodedTemperature(36.5, 25.44)
OF_ALL = encode(VALUES)
OF_DATA = encode(VALUES, summed_from=4)


def test_the_frame_is_housing_then_object_behind_its_header() -> None:
    assert bytes.fromhex("66 66 01 04 09F0 0E42 1A") == OF_ALL
    assert bytes.fromhex("66 66 01 04 09F0 0E42 49") == OF_DATA


@pytest.mark.parametrize("wire", [OF_ALL, OF_DATA], ids=["sum-of-all", "sum-of-data"])
def test_both_readings_of_the_sum_are_believed_at_first(wire: bytes) -> None:
    assert decode("cjmcu-90614", wire) == [VALUES]
    queried = wire[:2] + b"\x02" + wire[3:-1]
    total = sum(queried if wire is OF_ALL else queried[4:]) & 0xFF
    assert decode("cjmcu-90614", queried + bytes((total,))) == [VALUES]


@pytest.mark.parametrize(
    ("own", "other", "summed_from"), [(OF_ALL, OF_DATA, 0), (OF_DATA, OF_ALL, 4)]
)
def test_after_twenty_frames_the_other_sum_is_wrong(
    own: bytes, other: bytes, summed_from: int
) -> None:
    decoder = Cjmcu90614Decoder()
    assert decoder.summed_from is None
    assert decoder.feed(own * 20) == [VALUES] * 20
    assert decoder.summed_from == summed_from
    assert decoder.feed(other + own) == [
        MalformedFrame(FaultReason.BAD_CHECKSUM, other),
        VALUES,
    ]


def test_a_module_that_was_changed_is_learnt_anew() -> None:
    decoder = Cjmcu90614Decoder()
    decoder.feed(OF_ALL * 20)
    decoder.feed(OF_DATA * 20)
    assert decoder.summed_from == 4
    assert decoder.feed(OF_DATA)[-1] == VALUES


@pytest.mark.parametrize(
    ("wire", "reason"),
    [
        pytest.param(OF_ALL[:-1] + b"\x00", FaultReason.BAD_CHECKSUM, id="bad-sum"),
        pytest.param(bytes.fromhex("66660105"), FaultReason.BAD_LENGTH, id="other-length"),
        pytest.param(bytes.fromhex("66660304"), FaultReason.BAD_HEADER, id="other-mode"),
        pytest.param(bytes.fromhex("66660104FFFFFFFFCD"), FaultReason.SENSOR_ERROR, id="dead"),
        pytest.param(bytes.fromhex("6666010430D50E42 26"), FaultReason.OUT_OF_DEVICE_RANGE, id="x"),
        pytest.param(OF_ALL[:-1], FaultReason.TRUNCATED, id="cut"),
    ],
)
def test_reports_what_is_no_temperature(wire: bytes, reason: FaultReason) -> None:
    assert decode("cjmcu-90614", wire) == [MalformedFrame(reason, wire)]
