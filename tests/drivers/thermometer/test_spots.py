"""What every spot thermometer's codec promises, whatever its wire looks like."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.thermometer.frames import DecodedTemperature, MalformedFrame
from drivers.thermometer.models import MODELS, find_model
from tests.drivers.thermometer.arrays import pieces
from tests.drivers.thermometer.spots import decode, noisy, readings

SPOTS = [
    name
    for name, model in MODELS.items()
    if model.picture is None and not name.startswith(("gy-mcu", "arduino", "optris-burst"))
]
TELLS_AMBIENT = ("gy-614v3", "cjmcu-90614", "modbus")
# Without a header or a sum nothing but silence tells garbage from the beginning of an answer.
FRAMED = [name for name in SPOTS if not name.startswith(("optris", "gd60914"))]
every_spot = pytest.mark.parametrize("model", SPOTS)


def sent(model: str, celsius: float = 36.5) -> tuple[bytes, DecodedTemperature]:
    ambient = 24.5 if model in TELLS_AMBIENT else None
    frame = DecodedTemperature(celsius, ambient)
    return find_model(model).encode(frame), frame


@every_spot
def test_reads_its_own_frames_one_behind_the_other(model: str) -> None:
    wire, frame = sent(model)
    other_wire, other = sent(model, 41.2)
    assert decode(model, wire + other_wire + wire) == [frame, other, frame]


@every_spot
def test_reads_a_frame_that_comes_byte_by_byte_with_its_last_byte(model: str) -> None:
    wire, frame = sent(model)
    decoder = find_model(model).decoder()
    told = [item for byte in wire for item in decoder.feed(bytes((byte,)))]
    assert told == [frame]


@every_spot
@settings(deadline=None)
@given(st.data())
def test_result_does_not_depend_on_chunking(model: str, data: st.DataObject) -> None:
    wire = data.draw(noisy([sent(model)[0], sent(model, 41.2)[0]]))
    cuts = data.draw(st.lists(st.integers(0, len(wire)), max_size=8))
    assert decode(model, *pieces(wire, cuts)) == decode(model, wire)


@every_spot
@settings(deadline=None)
@given(st.integers(150, 500))
def test_round_trip(model: str, tenths: int) -> None:
    wire, frame = sent(model, tenths / 10)
    assert decode(model, wire) == [frame]


@pytest.mark.parametrize("model", FRAMED)
@settings(deadline=None)
@given(st.data())
def test_reads_the_first_good_frame_behind_any_garbage(model: str, data: st.DataObject) -> None:
    wire, frame = sent(model)
    garbage = data.draw(noisy([sent(model, 41.2)[0]]))
    assert frame in decode(model, garbage + wire)


@pytest.mark.parametrize("model", FRAMED)
def test_reads_the_good_frame_behind_one_that_was_cut_anywhere(model: str) -> None:
    wire, frame = sent(model)
    for kept in range(1, len(wire)):
        assert readings(decode(model, wire[:kept] + wire + wire))[-2:] == [frame, frame]


@every_spot
def test_a_quiet_line_ends_what_was_cut(model: str) -> None:
    wire, frame = sent(model)
    for kept in range(1, len(wire)):
        decoder = find_model(model).decoder()
        decoder.feed(wire[:kept])
        decoder.flush()
        assert decoder.feed(wire) == [frame]


@every_spot
def test_endless_noise_is_told_and_never_hoarded(model: str) -> None:
    noise = random.Random(7).randbytes(20_000)
    decoder = find_model(model).decoder()
    for at in range(0, len(noise), 7):
        decoder.feed(noise[at : at + 7])
    left = decoder.flush()
    assert sum(len(one.raw) for one in left if isinstance(one, MalformedFrame)) <= 200
