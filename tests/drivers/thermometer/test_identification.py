from __future__ import annotations

import pytest

from drivers.modbus import seal
from drivers.thermometer import gy_614v3, gy_mcu90614, gy_mcu90640, modbus, senxor
from drivers.thermometer.frames import DecodedTemperature
from drivers.thermometer.identification import LONGEST_S, RATES, Identification, identify
from drivers.thermometer.models import MODELS
from tests.drivers.thermometer.lines import Line

WARM = DecodedTemperature(36.5, 24.5)
STREAMED = [
    (name, model.baud_rate)
    for name, model in MODELS.items()
    if not model.poll_command and name != "senxor"
]


def identified(line: Line) -> Identification:
    return identify(line.connect, monotonic_s=line.clock)


@pytest.mark.parametrize(("name", "baud_rate"), STREAMED)
def test_names_a_device_that_talks_with_its_rate_and_what_it_told(
    name: str, baud_rate: int
) -> None:
    wire = MODELS[name].encode(WARM)
    found = identified(Line(baud_rate=baud_rate, stream=wire, every_s=0.25))
    assert found.finding is not None
    assert (found.finding.model, found.finding.baud_rate) == (name, baud_rate)
    assert found.finding.good >= 2
    assert not found.finding.is_asked
    assert found.finding.malformed_bytes <= len(wire)  # it was cut where listening began


@pytest.mark.parametrize("baud_rate", [rate for rate in RATES if rate not in (9600, 115200)])
def test_finds_a_rate_that_somebody_has_set(baud_rate: int) -> None:
    wire = gy_614v3.encode(WARM)
    found = identified(Line(baud_rate=baud_rate, stream=wire, every_s=1.0))
    assert found.finding is not None
    assert (found.finding.model, found.finding.baud_rate) == ("gy-614v3", baud_rate)


def test_waits_for_a_board_that_restarts_when_its_port_is_opened() -> None:
    wire = MODELS["arduino-mlx90614"].encode(WARM)
    found = identified(Line(stream=wire, every_s=0.5, silent_s=2.2))
    assert found.finding is not None
    assert found.finding.model == "arduino-mlx90614"


def test_a_device_that_talks_is_never_asked() -> None:
    line = Line(stream=MODELS["gy-mcu90614"].encode(WARM))
    identified(line)
    assert line.asked == []


@pytest.mark.parametrize(
    ("model", "baud_rate", "answers"),
    [
        pytest.param("raytek-mi3", 9600, {b"?T\r": b"!T036.5\r\n"}, id="raytek-mi3"),
        pytest.param(
            "optris",
            115200,
            {b"\x01": bytes.fromhex("04D3"), b"\x0e": b"\1\2\3", b"\x0f": b"\1\2"},
            id="optris",
        ),
        pytest.param(
            "optris-hs",
            115200,
            {b"\x01": bytes.fromhex("303E"), b"\x0e": b"\1\2\3", b"\x0f": b"\1\2"},
            id="optris-hs",
        ),
        pytest.param("gd60914", 9600, {b"\xaa": b"00365\r\n"}, id="gd60914"),
        pytest.param(
            "gy-614v3", 9600, {bytes.fromhex("A4030707B5"): gy_614v3.encode(WARM)}, id="gy-614v3"
        ),
        pytest.param(
            "gy-mcu90614",
            9600,
            {bytes.fromhex("A515BA"): gy_mcu90614.encode(WARM)},
            id="gy-mcu90614-silent",
        ),
        pytest.param(
            "gy-mcu90640",
            115200,
            {bytes.fromhex("A55501FB"): gy_mcu90640.encode_emissivity(95)},
            id="gy-mcu90640-silent",
        ),
        pytest.param(
            "senxor",
            115200,
            {b"   #000ARREGB1XXXX": senxor.encode_message(b"RREG", b"00")},
            id="senxor-silent",
        ),
    ],
)
def test_asks_a_silent_device_what_costs_it_nothing(
    model: str, baud_rate: int, answers: dict[bytes, bytes]
) -> None:
    found = identified(Line(baud_rate=baud_rate, answers=answers))
    assert found.finding is not None
    assert (found.finding.model, found.finding.baud_rate) == (model, baud_rate)
    assert found.finding.is_asked


@pytest.mark.parametrize(
    ("kind", "name"),
    [(21, "calex-pyrousb"), (23, "calex-pyrousb"), (16, "calex-pyrominibus")],
)
def test_a_modbus_device_names_its_register_map_by_its_type(kind: int, name: str) -> None:
    registers = modbus.MAPS[name]
    answers = {
        modbus.TYPE_QUESTION: modbus.type_answer(kind),
        registers.question: registers.answer(WARM),
    }
    found = identified(Line(answers=answers))
    assert found.finding is not None
    assert found.finding.model == "modbus"
    assert found.finding.register_map == name


@pytest.mark.parametrize("answer", [bytes((1, 3, 2, 0, 99)), bytes((1, 0x83, 2))])
def test_a_modbus_device_of_another_kind_needs_a_register_map(answer: bytes) -> None:
    found = identified(Line(answers={modbus.TYPE_QUESTION: seal(answer)}))
    assert found.finding is not None
    assert (found.finding.model, found.finding.register_map) == ("modbus", None)
    assert found.finding.reading is None


def test_an_ascii_box_that_took_other_questions_for_the_beginning_of_a_line() -> None:
    class Box(Line):
        line = b""

        def answer(self, wire: bytes) -> bytes:
            self.line += wire
            if not self.line.endswith(b"\r"):
                return b""
            whole, self.line = self.line, b""
            return b"!T036.5\r\n" if whole == b"?T\r" else b"*Syntax Error\r\n"

    found = identified(Box())
    assert found.finding is not None
    assert found.finding.model == "raytek-mi3"


def test_two_bytes_alone_are_no_proof_of_an_optris() -> None:
    found = identified(Line(baud_rate=115200, answers={b"\x01": bytes.fromhex("04D3")}))
    assert found.finding is None


def test_an_echo_of_every_question_is_nobody() -> None:
    class Echo(Line):
        def answer(self, wire: bytes) -> bytes:
            return wire

    assert identified(Echo()).finding is None


@pytest.mark.parametrize("model", ["raytek-mi3", "modbus"])
def test_an_adapter_that_echoes_hides_nobody(model: str) -> None:
    known = {
        "raytek-mi3": {b"?T\r": b"!T036.5\r\n"},
        "modbus": {modbus.TYPE_QUESTION: modbus.type_answer(22)},
    }

    class Echo(Line):
        def answer(self, wire: bytes) -> bytes:
            return wire + known[model].get(wire, b"")

    found = identified(Echo())
    assert found.finding is not None
    assert found.finding.model == model


def test_says_nobody_and_what_it_heard_of_an_unknown_talker() -> None:
    line = Line(stream=b"\x55hello\x01\x02", every_s=0.2)
    found = identified(line)
    assert found.finding is None
    assert [one.baud_rate for one in found.heard] == list(RATES)
    assert found.heard[0].count > 20
    assert b"hello" in found.heard[0].sample
    assert line.asked == []


def test_says_nobody_of_a_dead_line_within_its_time() -> None:
    line = Line()
    begun_s = line.clock()
    found = identified(line)
    assert found.finding is None
    assert all(one.count == 0 for one in found.heard)
    assert line.clock() - begun_s <= LONGEST_S
    assert not line.is_open


def test_an_unknown_talker_takes_no_longer_than_told() -> None:
    line = Line(stream=b"\x55hello", every_s=0.2)
    begun_s = line.clock()
    identified(line)
    assert line.clock() - begun_s <= LONGEST_S


def test_no_question_writes_a_setting() -> None:
    line = Line()
    identified(line)
    asked = {wire for _, wire in line.asked}
    assert asked
    writes = (
        lambda wire: wire[:2] == b"\xa4\x06",  # GY-614V3: write a register
        lambda wire: wire[:1] == b"\xa5" and wire[:2] not in (b"\xa5\x15", b"\xa5\x55"),
        lambda wire: wire[:2] == b"\xa5\x15" and len(wire) > 3,  # GY-MCU90640: set the rate
        lambda wire: wire[:1] in b"\x82\x83\x84\x85\xad" and wire != b"",  # Optris: set
        lambda wire: b"=" in wire or b"WREG" in wire,  # MI3, SenXor: set
        lambda wire: len(wire) > 6 and wire[1] in (0x05, 0x06, 0x10) and wire == seal(wire[:-2]),
        lambda wire: wire[:1] in (b"\xa1", b"\xa9"),  # GD60914: mode, calibration
        lambda wire: wire[:2] in (b"\x00\x52", b"\x00\x51", b"\x66\x66"),  # Terabee, CJMCU
    )
    assert not [wire for wire in asked if any(is_write(wire) for is_write in writes)]


def test_the_byte_that_could_be_a_setting_to_another_is_asked_last() -> None:
    line = Line()
    identified(line)
    at_9600 = [wire for rate, wire in line.asked if rate == 9600]
    assert at_9600[-1] == b"\xaa"
