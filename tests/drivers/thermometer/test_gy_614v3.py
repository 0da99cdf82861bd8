from __future__ import annotations

import pytest

from drivers.thermometer.frames import DecodedTemperature, MalformedFrame
from drivers.thermometer.gy_614v3 import CONTINUOUS_COMMAND, encode
from screening.readings import FaultReason
from tests.drivers.thermometer.spots import decode


def sealed(body: str) -> bytes:
    raw = bytes.fromhex(body)
    return raw + bytes((sum(raw) & 0xFF,))


GOOD = sealed("A4 03 07 07 62 0E42 09F0 0E60")
VALUES = DecodedTemperature(36.5, 25.44)


@pytest.mark.parametrize(
    ("wire", "frame"),
    [
        pytest.param(GOOD, VALUES, id="streamed"),
        pytest.param(sealed("A4030707 62 FF38 FC18 0E60"), DecodedTemperature(-2.0, -10.0), id="-"),
        pytest.param(sealed("A4 03 08 06 0E42 09F0 0E60"), VALUES, id="answer-from-to-on"),
        pytest.param(sealed("A4 03 08 04 0E42 09F0"), VALUES, id="answer-without-bo"),
        pytest.param(sealed("A4030707 62 A403 09F0 0E60"), None, id="too-cold-and-like-a-header"),
    ],
)
def test_reads_the_measured_object_and_never_the_estimate_of_the_body(
    wire: bytes, frame: DecodedTemperature | None
) -> None:
    expected = frame or MalformedFrame(FaultReason.OUT_OF_DEVICE_RANGE, wire)
    assert decode("gy-614v3", wire) == [expected]


@pytest.mark.parametrize(
    "body", ["A4 06 03 01", "A4 06 01 06", "A4 03 07 01 62", "A4 03 0C 02 0E60"]
)
def test_passes_over_answers_that_tell_no_object(body: str) -> None:
    assert decode("gy-614v3", sealed(body) + GOOD) == [VALUES]


@pytest.mark.parametrize(("command", "total"), [("A4060301", 0xAE), ("A4060106", 0xB1)])
def test_sums_as_the_documented_commands_do(command: str, total: int) -> None:
    assert sealed(command)[-1] == total
    assert sealed(CONTINUOUS_COMMAND[:-1].hex()) == CONTINUOUS_COMMAND


@pytest.mark.parametrize(
    ("wire", "reason"),
    [
        pytest.param(GOOD[:-1] + b"\x00", FaultReason.BAD_CHECKSUM, id="bad-sum"),
        pytest.param(bytes.fromhex("A4030711"), FaultReason.BAD_LENGTH, id="too-long"),
        pytest.param(sealed("A4030707 62 FFFF FFFF FFFF"), FaultReason.SENSOR_ERROR, id="dead"),
        pytest.param(GOOD[:-1], FaultReason.TRUNCATED, id="cut"),
        pytest.param(sealed("A6030707 62 0E42 09F0 0E60"), FaultReason.BAD_HEADER, id="other-id"),
    ],
)
def test_reports_what_is_no_temperature(wire: bytes, reason: FaultReason) -> None:
    assert decode("gy-614v3", wire) == [MalformedFrame(reason, wire)]


def test_a_room_is_sent_where_none_is_told() -> None:
    assert decode("gy-614v3", encode(DecodedTemperature(36.5, None))) == [
        DecodedTemperature(36.5, 25.0)
    ]


@pytest.mark.parametrize(
    "noise",
    [
        pytest.param("A4 06 7D 7D", id="its-sum-is-the-first-byte-of-the-frame"),
        pytest.param("A4 03 C1 0E 0E 03 C1 07 50 0E 62 92 09 03", id="the-frame-is-its-payload"),
    ],
)
def test_an_answer_made_of_noise_gives_way_to_the_temperature_that_begins_inside_it(
    noise: str,
) -> None:
    good = sealed("A4 03 07 07 62 0DFC 0992 0DFC")
    told = decode("gy-614v3", bytes.fromhex(noise) + good)
    assert told[-1] == DecodedTemperature(35.8, 24.5)
