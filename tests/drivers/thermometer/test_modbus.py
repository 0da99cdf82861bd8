from __future__ import annotations

from pathlib import Path

import pytest

from drivers.modbus import seal
from drivers.thermometer.frames import Decoded, DecodedTemperature, MalformedFrame
from drivers.thermometer.modbus import MAPS, ModbusDecoder, Register, RegisterMap
from drivers.thermometer.models import find_model
from drivers.thermometer.register_maps import find_map
from screening.errors import SettingsError
from screening.readings import FaultReason
from tests.drivers.thermometer.spots import decode

VALUES = DecodedTemperature(36.5, 24.5)
ANSWER = seal(bytes.fromhex("01 03 0E 0169 0150 0180 016D 016E 00F5 0000"))


def told(registers: RegisterMap, wire: bytes) -> list[Decoded]:
    decoder = ModbusDecoder(registers)
    return decoder.feed(wire) + decoder.flush()


def test_asks_the_pyrousb_as_its_manual_s_registers_say() -> None:
    model = find_model("modbus")
    assert model.poll_command == bytes.fromhex("01 03 00 0F 00 07 34 0B")


def test_reads_the_filtered_object_and_the_sensor_s_own_temperature() -> None:
    assert decode("modbus", ANSWER) == [VALUES]


def test_passes_over_the_echo_of_its_own_question() -> None:
    assert decode("modbus", find_model("modbus").poll_command + ANSWER) == [VALUES]


@pytest.mark.parametrize("name", MAPS)
def test_every_known_map_reads_what_its_device_answers(name: str) -> None:
    registers = MAPS[name]
    assert told(registers, registers.answer(VALUES)) == [VALUES]
    assert find_map(name) is registers


@pytest.mark.parametrize("bit", range(5))
def test_a_status_bit_of_the_device_makes_its_value_a_fault(bit: int) -> None:
    wire = seal(ANSWER[:-4] + bytes((0, 1 << bit)))
    assert decode("modbus", wire) == [MalformedFrame(FaultReason.SENSOR_ERROR, wire)]


@pytest.mark.parametrize(
    ("wire", "reason"),
    [
        pytest.param(seal(b"\x01\x83\x02"), FaultReason.SENSOR_ERROR, id="refused"),
        pytest.param(ANSWER[:-1] + b"\x00", FaultReason.BAD_CHECKSUM, id="bad-crc"),
        pytest.param(ANSWER[:-1], FaultReason.TRUNCATED, id="cut"),
        pytest.param(b"\x02" + ANSWER[1:2], FaultReason.BAD_HEADER, id="another-unit"),
    ],
)
def test_reports_what_is_no_temperature(wire: bytes, reason: FaultReason) -> None:
    assert decode("modbus", wire) == [MalformedFrame(reason, wire)]


@pytest.mark.parametrize(
    ("register", "words"),
    [
        pytest.param(Register(0, "int16", 0.1), "016D", id="tenths"),
        pytest.param(Register(0, "uint16", 0.01), "0E42", id="hundredths"),
        pytest.param(Register(0, "int32", 0.001), "00008E94", id="long"),
        pytest.param(Register(0, "uint32", 0.001, "little"), "8E940000", id="long-low-word-first"),
        pytest.param(Register(0, "float32", 1.0), "42120000", id="float"),
        pytest.param(Register(0, "float32", 1.0, "little"), "00004212", id="float-low-word-first"),
    ],
)
def test_reads_every_kind_of_register(register: Register, words: str) -> None:
    wire = bytes.fromhex(words)
    assert register.read(wire) == 36.5
    assert register.write(36.5) == wire


def test_a_float_that_is_no_number_is_a_fault() -> None:
    registers = RegisterMap(Register(0, "float32", 1.0))
    wire = seal(bytes.fromhex("01 03 04 7FC00000"))
    assert told(registers, wire) == [MalformedFrame(FaultReason.NOT_A_NUMBER, wire)]


def test_a_site_s_own_map_is_read_from_its_file(tmp_path: Path) -> None:
    file = tmp_path / "map.toml"
    file.write_text(
        "unit = 5\nfunction = 4\n"
        'object = { address = 2, scale = 0.01 }\nambient = { address = 0, kind = "int16" }\n'
    )
    registers = find_map(str(file))
    assert registers.question == seal(bytes.fromhex("05 04 0000 0003"))
    assert told(registers, seal(bytes.fromhex("05 04 06 00F5 0000 0E42"))) == [VALUES]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("unit = 300\nobject = {address = 1}", "unit: a whole number from 1 to 247"),
        ("unit = 1", "object: a table such as"),
        ("object = {}", "object.address: is missing"),
        ("object = {address = 1, kind = 'bcd'}", "object.kind: one of int16"),
        ("object = {address = 1, scale = 0}", "object.scale: a number above 0"),
        ("object = {address = 1, word_order = 'odd'}", "object.word_order: big or little"),
        ("object = {address = 1, adress = 2}", "object.adress: not known"),
        ("object = {address = 1}\nambient = {address = 99}", "the registers lie 99 apart"),
        ("colour = 1\nobject = {address = 1}", "colour: not known"),
        ("object = ", "no readable file"),
    ],
)
def test_a_map_that_cannot_be_used_says_why(tmp_path: Path, text: str, problem: str) -> None:
    file = tmp_path / "map.toml"
    file.write_text(text)
    with pytest.raises(SettingsError) as raised:
        find_map(str(file))
    assert problem in str(raised.value)


def test_a_register_map_is_for_no_other_model() -> None:
    with pytest.raises(SettingsError, match="for the model modbus"):
        find_model("optris", MAPS["calex-pyrousb"])
