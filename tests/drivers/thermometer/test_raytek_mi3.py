from __future__ import annotations

import pytest

from drivers.thermometer.frames import DecodedTemperature, MalformedFrame
from drivers.thermometer.raytek_mi3 import RaytekMi3Decoder, at_address, encode, encode_burst
from screening.readings import FaultReason
from tests.drivers.thermometer.spots import decode

BODY_WARM = DecodedTemperature(36.5, None)


@pytest.mark.parametrize(
    ("line", "frame"),
    [
        pytest.param(b"!T036.5", BODY_WARM, id="documented"),
        pytest.param(b"!T36.5", BODY_WARM, id="fewer-digits"),
        pytest.param(b"!T0036.50", BODY_WARM, id="more-digits"),
        pytest.param(b"!1T036.5", BODY_WARM, id="one-of-several-heads"),
        pytest.param(b"024!T036.5", BODY_WARM, id="box-on-a-shared-line"),
        pytest.param(b"!T-012.5", DecodedTemperature(-12.5, None), id="negative"),
    ],
)
def test_reads_an_answer_in_any_format_of_numbers(line: bytes, frame: DecodedTemperature) -> None:
    assert decode("raytek-mi3", line + b"\r\n") == [frame]
    assert decode("raytek-mi3", line + b"\r" + line + b"\n") == [frame, frame]


def test_an_instrument_that_tells_fahrenheit_is_converted_until_it_tells_celsius() -> None:
    wire = b"!UF\r\n!T097.7\r\n!UC\r\n!T036.5\r\n"
    assert decode("raytek-mi3", wire) == [BODY_WARM, BODY_WARM]


@pytest.mark.parametrize("line", [b"!E0.975", b"!I025.1", b"!XI1", b"!UC", b""])
def test_passes_over_answers_to_other_questions(line: bytes) -> None:
    assert decode("raytek-mi3", line + b"\r\n!T036.5\r\n") == [BODY_WARM]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        pytest.param(b"*Syntax Error", FaultReason.UNPARSABLE, id="refused"),
        pytest.param(b"T036.5", FaultReason.UNPARSABLE, id="first-byte-lost"),
        pytest.param(b"!T0x6.5", FaultReason.NOT_A_NUMBER, id="damaged-digit"),
        pytest.param(b"!T>>>>>", FaultReason.NOT_A_NUMBER, id="no-number"),
        pytest.param(b"!T", FaultReason.NOT_A_NUMBER, id="nothing"),
        pytest.param(b"!T601.0", FaultReason.OUT_OF_DEVICE_RANGE, id="too-hot"),
        pytest.param(b"!T036.5 C", FaultReason.NOT_A_NUMBER, id="something-behind"),
    ],
)
def test_reports_what_is_no_temperature_with_its_line(line: bytes, reason: FaultReason) -> None:
    assert decode("raytek-mi3", line + b"\r\n") == [MalformedFrame(reason, line)]


def test_reads_the_answer_glued_behind_noise_or_a_cut_one() -> None:
    assert decode("raytek-mi3", b"\xff!T03!T036.5\r\n") == [
        MalformedFrame(FaultReason.UNPARSABLE, b"\xff!T03"),
        BODY_WARM,
    ]


def test_an_answer_without_its_line_end_may_lack_digits() -> None:
    assert decode("raytek-mi3", b"!T036.5") == [MalformedFrame(FaultReason.TRUNCATED, b"!T036.5")]


def test_reads_the_answer_at_the_end_of_a_line_that_is_too_long() -> None:
    decoded = decode("raytek-mi3", b"x" * 100 + b"!T036.5\r\n")
    assert decoded[-1] == BODY_WARM
    assert decoded[0] == MalformedFrame(FaultReason.OVERFLOW, b"x" * 65)


def test_answers_with_the_digits_of_the_manual() -> None:
    assert encode(BODY_WARM) == b"!T036.5\r\n"
    assert encode(DecodedTemperature(-2.5, None)) == b"!T-002.5\r\n"


def test_asks_one_box_by_three_digits() -> None:
    assert at_address(24, b"?E\r") == b"024?E\r"


@pytest.mark.parametrize(
    ("line", "told"),
    [
        pytest.param(b"024!T036.5", [BODY_WARM], id="ours"),
        pytest.param(b"025!T036.5", [], id="another-box"),
        pytest.param(b"024?T", [], id="echo-of-the-question"),
        pytest.param(
            b"!T036.5", [MalformedFrame(FaultReason.UNPARSABLE, b"!T036.5")], id="nobody-s"
        ),
        pytest.param(
            b"UC T0036.5 I0024.0",
            [MalformedFrame(FaultReason.UNPARSABLE, b"UC T0036.5 I0024.0")],
            id="burst-on-a-shared-line",
        ),
    ],
)
def test_with_an_address_only_its_own_box_counts(line: bytes, told: list[object]) -> None:
    decoder = RaytekMi3Decoder(24)
    assert decoder.feed(line + b"\r\n") == told


class TestBurst:
    @pytest.mark.parametrize(
        ("line", "frame"),
        [
            pytest.param(b"UC T0036.5 I0024.0 E0.950", DecodedTemperature(36.5, 24.0), id="UTIE"),
            pytest.param(b"T0036.5 I0024.0 XT00", DecodedTemperature(36.5, 24.0), id="TIXT"),
            pytest.param(b"UF T0097.7 I0075.2", DecodedTemperature(36.5, 24.0), id="fahrenheit"),
            pytest.param(b"T0036.5 E0.950", BODY_WARM, id="no-head"),
            pytest.param(b"T-012.5 E0.950", DecodedTemperature(-12.5, None), id="negative"),
        ],
    )
    def test_reads_a_line_by_the_letters_of_its_values(
        self, line: bytes, frame: DecodedTemperature
    ) -> None:
        assert decode("raytek-mi3", line + b"\r\n") == [frame]

    @pytest.mark.parametrize(
        "line",
        [
            pytest.param(b"0036.5 0024.0 00", id="no-letters"),
            pytest.param(b"T0036.5 T0037.5", id="two-heads"),
            pytest.param(b"1T0036.5 1I0024.0 2T0037.0", id="numbered-heads"),
            pytest.param(b"I0024.0 E0.950", id="no-object"),
            pytest.param(b"T0036.5I0024.0", id="glued"),
        ],
    )
    def test_a_line_that_does_not_tell_whose_value_it_holds_is_malformed(self, line: bytes) -> None:
        assert decode("raytek-mi3", line + b"\r\n") == [
            MalformedFrame(FaultReason.UNPARSABLE, line)
        ]

    def test_a_damaged_value_is_a_fault(self) -> None:
        line = b"UC T00.36.5 I0024.0"
        assert decode("raytek-mi3", line + b"\r\n") == [
            MalformedFrame(FaultReason.NOT_A_NUMBER, line)
        ]

    def test_encodes_what_it_reads(self) -> None:
        frame = DecodedTemperature(36.5, 24.0)
        assert encode_burst(frame) == b"UC T0036.5 I0024.0 E0.980\r\n"
        assert decode("raytek-mi3", encode_burst(frame)) == [frame]
