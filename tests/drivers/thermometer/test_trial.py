"""A short trial of every codec, and of codecs that must not pass it."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from drivers.thermometer.frames import Decoded, DecodedTemperature, MalformedFrame
from drivers.thermometer.gy_mcu90614 import GyMcu90614Decoder
from drivers.thermometer.models import MODELS, ThermometerModel
from drivers.thermometer.trial import Trial, TrialReport

SHORT = 30_000
GY = MODELS["gy-mcu90614"]


def short(seed: int) -> Trial:
    return Trial(GY, seed=seed, round_bytes=SHORT)


@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS.keys())
def test_reads_on_behind_any_garbage_however_it_is_cut_and_holds_little(
    model: ThermometerModel,
) -> None:
    report = Trial(model, seed=4, round_bytes=SHORT).run(SHORT)
    assert report.failures == ()
    assert report.fed_bytes >= SHORT
    assert report.good_frames > 0
    assert report.malformed > 0
    assert 0 < report.held_bytes <= report.allowed_bytes


def test_the_same_seed_makes_the_same_rounds() -> None:
    assert short(4).round(0) == short(4).round(0)
    assert short(4).round(0) != short(4).round(1)
    assert short(4).round(0) != short(5).round(0)


class _Deaf(GyMcu90614Decoder):
    """Loses what comes in the same chunk behind a frame."""

    def feed(self, chunk: bytes) -> list[Decoded]:
        decoded = super().feed(chunk)
        if decoded:
            self._buffer.clear()
        return decoded[:1]


class _Hoarder(GyMcu90614Decoder):
    def __init__(self) -> None:
        super().__init__()
        self._seen: list[bytes] = []

    def feed(self, chunk: bytes) -> list[Decoded]:
        self._seen.append(bytes(100) + chunk)
        return super().feed(chunk)


class _Breaking(GyMcu90614Decoder):
    def feed(self, chunk: bytes) -> list[Decoded]:
        if len(chunk) > 20:  # two frames are shorter
            raise ValueError("too much")
        return super().feed(chunk)


class _Unknowing(GyMcu90614Decoder):
    def feed(self, chunk: bytes) -> list[Decoded]:
        return [
            DecodedTemperature(math.nan, None) if isinstance(one, MalformedFrame) else one
            for one in super().feed(chunk)
        ]


def tried(decoder: type[GyMcu90614Decoder]) -> TrialReport:
    return Trial(replace(GY, decoder=decoder), seed=4, round_bytes=SHORT).run(SHORT)


def test_finds_a_codec_that_loses_frames_and_depends_on_chunks() -> None:
    failures = tried(_Deaf).failures
    assert "round 0: the result depends on how the stream was cut" in failures
    assert any("was not read" in failure for failure in failures)


def test_finds_a_codec_that_makes_a_reading_of_what_is_no_number() -> None:
    assert "round 0: a reading is no number" in tried(_Unknowing).failures


def test_finds_a_codec_that_hoards() -> None:
    assert any("of memory were held" in failure for failure in tried(_Hoarder).failures)


def test_says_in_which_round_a_codec_raised() -> None:
    with pytest.raises(ValueError, match="too much") as caught:
        tried(_Breaking)
    assert caught.value.__notes__ == ["fuzzing gy-mcu90614, seed 4, round 0"]
