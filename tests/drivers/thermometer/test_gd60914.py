from __future__ import annotations

import pytest

from drivers.thermometer.frames import DecodedTemperature, MalformedFrame
from drivers.thermometer.gd60914 import encode
from screening.readings import FaultReason
from tests.drivers.thermometer.spots import decode, readings

BODY_WARM = DecodedTemperature(36.5, None)


@pytest.mark.parametrize(
    "wire",
    [
        pytest.param(b"0000365", id="seven-digits"),
        pytest.param(b"00365\r\n", id="line-end"),
        pytest.param(b"000365\r", id="carriage-return"),
        pytest.param(b"000365\n", id="line-feed"),
        pytest.param(b"365\x00\x00\x00\x00", id="filled-with-nul"),
        pytest.param(b"365    ", id="filled-with-blanks"),
        pytest.param(b"    365\r\n", id="blanks-before"),
        pytest.param(b"+000365", id="sign"),
    ],
)
def test_reads_seven_bytes_however_they_are_filled_and_ended(wire: bytes) -> None:
    assert decode("gd60914", wire) == [BODY_WARM]
    assert decode("gd60914", wire + wire) == [BODY_WARM] * 2
    assert decode("gd60914", b"\xff\xfe" + wire)[-1] == BODY_WARM


def test_seven_digits_without_an_end_fall_into_step_behind_a_stray_digit() -> None:
    assert readings(decode("gd60914", b"5" + b"0000365" * 3)) == [BODY_WARM] * 3


@pytest.mark.parametrize(
    ("wire", "reason"),
    [
        pytest.param(b"0010375\r", FaultReason.OUT_OF_DEVICE_RANGE, id="dead-sensor"),
        pytest.param(b"10375\r\n", FaultReason.OUT_OF_DEVICE_RANGE, id="dead-sensor-and-line-end"),
        pytest.param(b"00099\r\n", FaultReason.OUT_OF_DEVICE_RANGE, id="too-cold"),
        pytest.param(b"-0365\r\n", FaultReason.OUT_OF_DEVICE_RANGE, id="negative"),
        pytest.param(b"-\r", FaultReason.UNPARSABLE, id="sign-alone"),
        pytest.param(b"003", FaultReason.TRUNCATED, id="cut"),
    ],
)
def test_reports_what_is_no_temperature_and_searches_no_number_inside(
    wire: bytes, reason: FaultReason
) -> None:
    raw = wire.rstrip(b"\r\n")
    assert decode("gd60914", wire) == [MalformedFrame(reason, raw)]


def test_a_decimal_point_is_not_what_this_board_sends() -> None:
    assert readings(decode("gd60914", b"36.5\r\n")) == []


def test_sends_five_digits_and_a_line_end() -> None:
    assert encode(BODY_WARM) == b"00365\r\n"
