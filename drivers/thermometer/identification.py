"""Which thermometer hangs at a serial port: listens first, then asks what costs nothing.

At each rate the port is opened anew and every codec hears the same bytes. A device that talks is
named by its good frames; it is never asked. Where the line is quiet, the questions are asked that
the models answer without changing anything: no settings, no modes, no start commands. A device that
is silent until it is started (TeraRanger, CJMCU in its query mode) is therefore not found.

Optris' answers have no header and no sum, so two bytes prove nothing: it is believed when the
questions for object, serial number and firmware are answered by two, three and two bytes, twice
alike where it is asked twice.

Takes ``LONGEST_S`` at most.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from drivers.modbus import REFUSED, is_sealed
from drivers.thermometer import (
    gd60914,
    gy_614v3,
    gy_mcu90614,
    gy_mcu90640,
    modbus,
    optris,
    raytek_mi3,
    senxor,
)
from drivers.thermometer.frames import Decoded, MalformedFrame, TemperatureDecoder
from drivers.thermometer.models import MODELS, find_model
from drivers.wire import Link

RATES = (9600, 115200, 57600, 460800, 38400, 19200, 230400)
"""The two that nearly everything is delivered with, then those that the modules can be set to."""

LONGEST_S = 45.0

# A GY-MCU90640 may send one picture in two seconds; opening the port restarts an Arduino board,
# which is silent for two seconds and has then to print two lines.
_LISTEN_S = 5.0
_LISTEN_ELSEWHERE_S = 4.5
_GLANCE_S = 0.2  # at the other rates, where nothing at all was heard at the usual two
_USUAL_RATES = RATES[:2]
_STEP_S = 0.1
_ANSWER_S = 0.25
_ENOUGH = 3  # good frames end the listening
_LEAST = 2  # fewer are chance
_MOST_MALFORMED = 0.34  # of what was heard: one cut frame before two good ones
_SAMPLE_BYTES = 64
# Their answers have no header: any noise holds some. They do not talk by themselves either.
_NEVER_HEARD = ("optris", "optris-hs", "gd60914", "modbus", "gy-mcu90615")


@dataclass(frozen=True, slots=True)
class Heard:
    """What came in at one rate without asking: how many bytes, and the first of them."""

    baud_rate: int
    count: int
    sample: bytes


@dataclass(frozen=True, slots=True)
class Finding:
    """A model, and why: ``good`` frames or answers out of ``heard_bytes``.

    ``reading`` is the last that was read, None where only its presence is proven.
    ``register_map`` names that of a Modbus device where its type is known.
    """

    model: str
    baud_rate: int
    is_asked: bool
    good: int
    heard_bytes: int
    malformed_bytes: int = 0
    reading: Decoded | None = field(default=None, repr=False)
    register_map: str | None = None


@dataclass(frozen=True, slots=True)
class Identification:
    """``finding`` is None where nobody was recognised; ``heard`` tells what there was."""

    finding: Finding | None
    heard: tuple[Heard, ...]


def identify(connect: Callable[[int], Link], *, monotonic_s: Callable[[], float]) -> Identification:
    """``connect`` opens the port at a rate. Raises DeviceUnavailable when the port is lost."""
    heard: list[Heard] = []
    for rate in RATES:
        link = connect(rate)
        try:
            finding, sound = _listen(link, rate, _listen_s(rate, heard), monotonic_s)
            heard.append(sound)
            if finding is None and not any(one.count for one in heard):
                finding = _ask(link, rate, monotonic_s)
        finally:
            link.close()
        if finding is not None:
            return Identification(finding, tuple(heard))
    return Identification(None, tuple(heard))


def _listen_s(rate: int, heard: Sequence[Heard]) -> float:
    """A device that talks is heard at any rate, as noise at least."""
    if rate in _USUAL_RATES:
        return _LISTEN_S
    return _LISTEN_ELSEWHERE_S if any(one.count for one in heard) else _GLANCE_S


class _Ear:
    """One codec that hears everything."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._decoder: TemperatureDecoder = MODELS[name].decoder()
        self.good = self.malformed_bytes = 0
        self.reading: Decoded | None = None

    def hear(self, chunk: bytes) -> None:
        for one in self._decoder.feed(chunk):
            if isinstance(one, MalformedFrame):
                self.malformed_bytes += len(one.raw)
            else:
                self.good += 1
                self.reading = one

    def is_sure(self, heard_bytes: int) -> bool:
        """Most of what was heard is frames of this model."""
        return self.good >= _LEAST and self.malformed_bytes <= _MOST_MALFORMED * heard_bytes


def _listen(
    link: Link, rate: int, for_s: float, monotonic_s: Callable[[], float]
) -> tuple[Finding | None, Heard]:
    ears = [_Ear(name) for name in MODELS if name not in _NEVER_HEARD]
    sample, count = b"", 0
    until_s = monotonic_s() + for_s
    while (left_s := until_s - monotonic_s()) > 0:
        chunk = link.read_chunk(min(_STEP_S, left_s))
        count += len(chunk)
        sample = (sample + chunk)[:_SAMPLE_BYTES]
        for ear in ears:
            ear.hear(chunk)
        if any(ear.good >= _ENOUGH and ear.is_sure(count) for ear in ears):
            break
    sure = [ear for ear in ears if ear.is_sure(count)]
    sound = Heard(rate, count, sample)
    if not sure:
        return None, sound
    best = max(sure, key=lambda ear: (ear.good, -ear.malformed_bytes))
    name = "gy-mcu90615" if best.name == "gy-mcu90614" and rate == 115200 else best.name
    finding = Finding(name, rate, False, best.good, count, best.malformed_bytes, best.reading)
    return finding, sound


def _ask(link: Link, rate: int, monotonic_s: Callable[[], float]) -> Finding | None:
    """Whoever answers, in an order in which no question could be a setting of one asked later."""

    def answer(question: bytes) -> bytes:
        link.read_chunk(0)  # late bytes belong to an earlier question
        link.write(question)
        told = b""
        until_s = monotonic_s() + _ANSWER_S
        while (left_s := until_s - monotonic_s()) > 0:
            told += link.read_chunk(min(_STEP_S, left_s))
        if told == question or (len(question) > 1 and told.startswith(question)):
            return told[len(question) :]  # some RS-485 adapters send back what they sent
        return told

    for asked in (_ask_optris, _ask_raytek, _ask_modbus, _ask_gy, _ask_senxor, _ask_gd60914):
        finding = asked(answer, rate)
        if finding is not None:
            return finding
    return None


_Answer = Callable[[bytes], bytes]


def _ask_optris(answer: _Answer, rate: int) -> Finding | None:
    found = answer(optris.TARGET_COMMAND)
    if len(found) != 2:
        return None
    serial, firmware = answer(optris.SERIAL_COMMAND), answer(optris.FIRMWARE_COMMAND)
    if (len(serial), len(firmware)) != (3, 2) or answer(optris.SERIAL_COMMAND) != serial:
        return None
    for name in ("optris", "optris-hs"):  # their ranges do not overlap at the warmth of a room
        reading = _only_reading(name, found)
        if reading is not None:
            return Finding(name, rate, True, 4, 10, reading=reading)
    return None


def _ask_raytek(answer: _Answer, rate: int) -> Finding | None:
    answer(raytek_mi3.UNIT_QUESTION)  # ends the line that questions to others have begun
    return _asked("raytek-mi3", raytek_mi3.OBJECT_QUESTION, answer, rate)


def _ask_modbus(answer: _Answer, rate: int) -> Finding | None:
    told = answer(modbus.TYPE_QUESTION)
    if told[:2] not in (b"\x01\x03", bytes((1, 3 | REFUSED))) or not is_sealed(told):
        return None
    name = modbus.map_of_type(told)
    if name is None:
        return Finding("modbus", rate, True, 1, len(told))
    asked = answer(modbus.MAPS[name].question)
    decoder = find_model("modbus", modbus.MAPS[name]).decoder()
    reading = _only(decoder.feed(asked) + decoder.flush())
    good = 1 if reading is None else 2
    heard = len(told) + len(asked)
    return Finding("modbus", rate, True, good, heard, reading=reading, register_map=name)


def _ask_gy(answer: _Answer, rate: int) -> Finding | None:
    """Modules that were set to speak only when spoken to."""
    finding = _asked("gy-614v3", gy_614v3.READ_QUESTION, answer, rate) or _asked(
        "gy-mcu90614", gy_mcu90614.ONE_SHOT_QUESTION, answer, rate
    )
    if finding is not None:
        return finding
    told = answer(gy_mcu90640.EMISSIVITY_QUESTION)
    if len(told) == 4 and told == gy_mcu90640.encode_emissivity(told[2]):
        return Finding("gy-mcu90640", rate, True, 1, len(told))
    return None


def _ask_senxor(answer: _Answer, rate: int) -> Finding | None:
    told = answer(senxor.MODE_QUESTION)
    decoder = senxor.SenXorDecoder()
    if not told.startswith(b"   #") or b"RREG" not in told:
        return None
    is_whole = not decoder.feed(told) + decoder.flush()
    return Finding("senxor", rate, True, 1, len(told)) if is_whole else None


def _ask_gd60914(answer: _Answer, rate: int) -> Finding | None:
    if rate != MODELS["gd60914"].baud_rate:
        return None
    return _asked("gd60914", gd60914.OBJECT_COMMAND, answer, rate)


def _asked(name: str, question: bytes, answer: _Answer, rate: int) -> Finding | None:
    """Two answers, each of them one reading and nothing else."""
    told = [answer(question)]
    readings = [_only_reading(name, told[0])]
    if readings[0] is None:
        return None
    told.append(answer(question))
    readings.append(_only_reading(name, told[1]))
    if readings[1] is None:
        return None
    return Finding(name, rate, True, 2, sum(map(len, told)), reading=readings[1])


def _only_reading(name: str, wire: bytes) -> Decoded | None:
    decoder = MODELS[name].decoder()
    return _only(decoder.feed(wire) + decoder.flush())


def _only(decoded: Sequence[Decoded]) -> Decoded | None:
    is_one = len(decoded) == 1 and not isinstance(decoded[0], MalformedFrame)
    return decoded[0] if is_one else None
