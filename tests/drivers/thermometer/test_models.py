from __future__ import annotations

from collections.abc import Iterator

import pytest

from drivers.thermometer.models import MODELS, decode_stream, find_model
from screening.errors import SettingsError


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


def test_an_unknown_model_is_named_together_with_the_known_ones() -> None:
    with pytest.raises(SettingsError, match=r"tympanic.*gy-mcu90614, arduino-mlx90614"):
        decode_stream("tympanic", [])


@pytest.mark.parametrize("name", MODELS)
def test_every_model_reads_what_it_encodes(name: str) -> None:
    model = find_model(name)
    wire = bytes.fromhex("5A5A45040C780D19A7") if name == "gy-mcu90614" else b"Object = 31.92*C\n"
    reading = next(decode_stream(name, [wire]))
    assert reading["object_celsius"] == 31.92
    assert model.baud_rate == 9600
