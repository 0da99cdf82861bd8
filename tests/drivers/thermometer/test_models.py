from __future__ import annotations

from collections.abc import Iterator
from typing import get_args

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.modbus import seal
from drivers.thermometer import gy_mcu90640
from drivers.thermometer.frames import DecodedArray, DecodedTemperature
from drivers.thermometer.models import MODELS, decode_stream, find_model
from screening.errors import SettingsError
from screening.settings import ArrayModel, ThermometerModelName


def test_tells_readings_and_malformed_bytes_as_json_objects() -> None:
    wire = bytes.fromhex("00 5A5A45040C780D19A7 5A5A45040C780D1900")
    assert list(decode_stream("gy-mcu90614", [wire[:5], wire[5:]])) == [
        {"kind": "malformed", "reason": "bad_header", "bytes": "00"},
        {"kind": "reading", "object_celsius": 31.92, "ambient_celsius": 33.53},
        {"kind": "malformed", "reason": "bad_checksum", "bytes": "5a5a45040c780d1900"},
    ]


def test_tells_the_last_line_of_a_file_that_has_no_line_end() -> None:
    assert list(decode_stream("arduino-mlx90614", [b"Object = 36.1*C"])) == [
        {"kind": "reading", "object_celsius": 36.1, "ambient_celsius": None}
    ]


def test_hands_on_each_reading_before_the_next_chunk_is_asked_for() -> None:
    def wire() -> Iterator[bytes]:
        yield b"Ambient = 20*C\tObject = 36.1*C\r\n"
        pytest.fail("asked for more before telling the first reading")

    assert next(decode_stream("arduino-mlx90614", wire()))["object_celsius"] == 36.1


def test_the_configuration_knows_every_model() -> None:
    assert set(get_args(ThermometerModelName)) == set(MODELS)
    arrays = {name for name, model in MODELS.items() if model.picture is not None}
    assert set(get_args(ArrayModel)) == arrays


def test_an_unknown_model_is_named_together_with_the_known_ones() -> None:
    with pytest.raises(SettingsError, match=r"tympanic.*gy-mcu90614, gy-mcu90615"):
        decode_stream("tympanic", [])


@pytest.mark.parametrize("name", MODELS)
def test_every_model_reads_what_it_encodes(name: str) -> None:
    wire = find_model(name).encode(DecodedTemperature(31.92, 25.0))
    reading = next(decode_stream(name, [wire, wire]))
    assert reading["kind"] == "reading"
    told = reading.get("object_celsius", reading.get("max_celsius"))
    assert told == pytest.approx(31.92, abs=0.051)  # some wires carry tenths of a degree


def test_an_array_tells_its_size_and_its_coldest_and_hottest_pixel() -> None:
    celsius = np.full((24, 32), 25.0, np.float32)
    celsius[3, 4], celsius[5, 6] = 36.55, -2.5
    wire = gy_mcu90640.encode(DecodedArray(celsius, 31.25))
    assert list(decode_stream("gy-mcu90640", [wire])) == [
        {
            "kind": "reading",
            "rows": 24,
            "columns": 32,
            "min_celsius": -2.5,
            "max_celsius": 36.55,
            "ambient_celsius": 31.25,
        }
    ]


@settings(deadline=None)
@given(
    name=st.sampled_from(["gy-mcu90614", "gy-614v3", "cjmcu-90614", "modbus"]),
    before=st.binary(max_size=20),
    behind=st.binary(max_size=20),
    tenths=st.integers(300, 420),
)
def test_a_sealed_frame_is_read_between_any_noise(
    name: str, before: bytes, behind: bytes, tenths: int
) -> None:
    model = MODELS[name]
    wire = model.encode(DecodedTemperature(tenths / 10, 24.5))
    expected = model.decoder().feed(wire + wire)[0]
    decoder = model.decoder()
    assert expected in decoder.feed(before + wire + behind) + decoder.idle() + decoder.flush()


def test_frames_of_others_and_refusals_are_no_reading() -> None:
    others = [
        seal(bytes.fromhex("02 03 0E") + bytes(14)),
        seal(bytes.fromhex("01 04 0E") + bytes(14)),
        seal(bytes.fromhex("01 83 02")),
        seal(bytes.fromhex("02 83 02")),
    ]
    for other in others:
        decoder = MODELS["modbus"].decoder()
        told = decoder.feed(other) + decoder.flush()
        assert not any(isinstance(one, DecodedTemperature) for one in told)
