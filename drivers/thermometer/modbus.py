"""Infrared thermometers on Modbus RTU: Calex, Omega, and any whose registers are known.

Wire (8N1, 9600 baud), CRC-16/MODBUS low byte first behind every frame::

    01 03 00 0F 00 07 34 0B          unit 1, function 03: seven registers from 0F on
    01 03 0E <14 bytes> CRC          the answer: number of bytes, big-endian words
    01 83 02 CRC                     or a refusal with its code

An answer does not say which registers it holds, so one question is asked over and over, and only
answers of that unit, function and length are read. What they hold is told by a ``RegisterMap``: one
that is known by name, or the site's own, written as a table.

Refusals are faults, and so is an answer whose status register tells one. The question itself, which
some RS-485 adapters echo, is passed over.
"""

from __future__ import annotations

import math
import re
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from drivers.modbus import REFUSED, is_sealed, seal
from drivers.thermometer.frames import Decoded, DecodedTemperature, DeviceRange, MalformedFrame
from drivers.thermometer.resync import Found, ResyncDecoder
from screening.errors import SettingsError
from screening.readings import FaultReason

BAUD_RATE = 9600

# The widest of the heads named here (recalled, not seen in a manual).
RANGE = DeviceRange(-50.0, 1000.0, -40.0, 180.0)

_FUNCTIONS = range(3, 5)  # read holding registers, read input registers
_MOST_REGISTERS = 32  # one question; Modbus allows 125, and no thermometer spreads as far
_ADDRESS_LIMIT = 0x10000
_HIGHEST_UNIT = 247
_QUESTION_LENGTH = 8
_REFUSAL_LENGTH = 5
_OVERHEAD = 5  # unit, function, number of bytes, CRC
_FORMATS: Final = MappingProxyType(
    {"int16": "h", "uint16": "H", "int32": "i", "uint32": "I", "float32": "f"}
)
_WORD_ORDERS = ("big", "little")


@dataclass(frozen=True, slots=True)
class Register:
    """One value: its words are at ``address`` on, and ``scale`` makes degC of it."""

    address: int
    kind: str = "int16"
    scale: float = 0.1
    word_order: str = "big"

    @property
    def words(self) -> int:
        """How many registers it takes."""
        return struct.calcsize(_FORMATS[self.kind]) // 2

    def read(self, words: bytes) -> float:
        """The value of these bytes, which begin at its own address."""
        own = words[: self.words * 2]
        value: float = struct.unpack(">" + _FORMATS[self.kind], self._turned(own))[0]
        return round(value * self.scale, 2) if math.isfinite(value) else math.nan

    def write(self, celsius: float) -> bytes:
        """The bytes that ``read`` makes ``celsius`` of."""
        value = celsius / self.scale
        plain = struct.pack(
            ">" + _FORMATS[self.kind], value if self.kind == "float32" else round(value)
        )
        return self._turned(plain)

    def _turned(self, words: bytes) -> bytes:
        return words if self.word_order == "big" else words[2:] + words[:2]


@dataclass(frozen=True, slots=True)
class RegisterMap:
    """Which registers to ask one unit for, and what they hold.

    ``found`` is the object. ``status`` is a register that must have none of the bits
    ``status_mask``; ``asked_from`` is a lower address to begin the question at.
    """

    found: Register
    ambient: Register | None = None
    unit: int = 1
    function: int = 3
    status: int | None = None
    status_mask: int = 0xFFFF
    asked_from: int | None = None
    device_range: DeviceRange = RANGE

    @classmethod
    def parse(cls, table: Mapping[str, object]) -> RegisterMap:
        """From the site's own table, as in the documentation. Raises SettingsError."""
        problems: list[str] = []
        known = ("unit", "function", "object", "ambient", "status", "status_mask")
        problems += [f"{name}: not known" for name in table if name not in known]
        unit = _whole(table, "unit", 1, range(1, _HIGHEST_UNIT + 1), problems)
        function = _whole(table, "function", 3, _FUNCTIONS, problems)
        found = _register(table, "object", problems)
        ambient = _register(table, "ambient", problems) if "ambient" in table else None
        status = None
        if "status" in table:
            status = _whole(table, "status", 0, range(_ADDRESS_LIMIT), problems)
        mask = _whole(table, "status_mask", 0xFFFF, range(1, 0x10000), problems)
        made = cls(found, ambient, unit, function, status, mask)
        if not problems and made.count > _MOST_REGISTERS:
            problems.append(
                f"the registers lie {made.count} apart; one question reads {_MOST_REGISTERS}"
            )
        if problems:
            raise SettingsError([f"register map: {problem}" for problem in problems])
        return made

    @property
    def first(self) -> int:
        """The lowest address that is asked for."""
        return min(address for address, _ in self._spans())

    @property
    def count(self) -> int:
        """How many registers are asked for."""
        return max(address + words for address, words in self._spans()) - self.first

    @property
    def question(self) -> bytes:
        """The frame that asks for all of them."""
        return seal(struct.pack(">BBHH", self.unit, self.function, self.first, self.count))

    def answer(self, frame: DecodedTemperature) -> bytes:
        """The frame that a device answers with; 25 degC where no ambient is told."""
        words = bytearray(self.count * 2)
        self._put(words, self.found, frame.object_celsius)
        if self.ambient is not None:
            ambient = 25.0 if frame.ambient_celsius is None else frame.ambient_celsius
            self._put(words, self.ambient, ambient)
        return seal(bytes((self.unit, self.function, len(words))) + words)

    def _put(self, words: bytearray, register: Register, celsius: float) -> None:
        at = (register.address - self.first) * 2
        words[at : at + register.words * 2] = register.write(celsius)

    def read(self, words: bytes) -> DecodedTemperature | FaultReason:
        """What the answered registers tell."""
        if self.status is not None:
            at = (self.status - self.first) * 2
            if int.from_bytes(words[at : at + 2], "big") & self.status_mask:
                return FaultReason.SENSOR_ERROR
        found = self._value(words, self.found)
        ambient = None if self.ambient is None else self._value(words, self.ambient)
        if math.isnan(found) or (ambient is not None and math.isnan(ambient)):
            return FaultReason.NOT_A_NUMBER
        measured = DecodedTemperature(found, ambient)
        return measured if self.device_range.contains(measured) else FaultReason.OUT_OF_DEVICE_RANGE

    def _value(self, words: bytes, register: Register) -> float:
        return register.read(words[(register.address - self.first) * 2 :])

    def _spans(self) -> list[tuple[int, int]]:
        spans = [(one.address, one.words) for one in (self.found, self.ambient) if one]
        spans += [(address, 1) for address in (self.status, self.asked_from) if address is not None]
        return spans


# Addresses from the makers' manuals: filtered object, sensor's own temperature, status. The first
# map asks from the average on, as the published question does.
_STATUS_FAULTS = 0b11111  # measurement error, sensor too cold or hot, object too cold or hot
MAPS = MappingProxyType(
    {
        "calex-pyrousb": RegisterMap(
            Register(0x12),
            Register(0x14),
            status=0x15,
            status_mask=_STATUS_FAULTS,
            asked_from=0x0F,
        ),
        "calex-pyrominibus": RegisterMap(
            Register(0x0E), Register(0x10), status=0x11, status_mask=_STATUS_FAULTS
        ),
        "omega-os-mini": RegisterMap(
            Register(0x0E), Register(0x10), status=0x11, status_mask=_STATUS_FAULTS
        ),
        # The meaning of its status bits was not seen: any of them counts as a fault.
        "calex-extemp": RegisterMap(Register(0x08), Register(0x04), status=0x0C),
    }
)
DEFAULT_MAP = "calex-pyrousb"

TYPE_QUESTION = seal(bytes.fromhex("01 03 00 00 00 01"))
"""Register 0 of unit 1: these makers' devices tell their kind there; changes nothing."""

_MAP_OF_KIND = MappingProxyType(
    {
        **dict.fromkeys((21, 22, 23), "calex-pyrousb"),
        **dict.fromkeys((16, 17), "calex-pyrominibus"),
    }
)


def type_answer(kind: int) -> bytes:
    """What a device of this kind says to ``TYPE_QUESTION``."""
    return seal(bytes((1, 3, 2)) + kind.to_bytes(2, "big"))


def map_of_type(answer: bytes) -> str | None:
    """The register map's name by the whole answer to ``TYPE_QUESTION``, where we know the kind."""
    if answer[:3] != bytes((1, 3, 2)) or len(answer) != len(type_answer(0)):
        return None
    return _MAP_OF_KIND.get(int.from_bytes(answer[3:5], "big"))


class _Wire:
    is_contested = True  # a CRC of 16 bits fits by chance once in 65536 cut frames

    def __init__(self, registers: RegisterMap) -> None:
        self._map = registers
        self._question = registers.question
        self._refusal = bytes((registers.unit, registers.function | REFUSED))
        self.header = bytes((registers.unit, registers.function, registers.count * 2))
        self.longest = registers.count * 2 + _OVERHEAD
        self.begins = re.compile(
            re.escape(self.header[:1])
            + b"(?:["
            + re.escape(self.header[1:2])
            + re.escape(self._refusal[1:])
            + rb"]|\Z)",
            re.DOTALL,
        )

    def examine(self, stream: bytearray, start: int) -> Found | FaultReason | None:
        head = bytes(stream[start : start + 3])
        if self._refusal.startswith(head[:2]) and head[:2] != self.header[: len(head[:2])]:
            return self._sealed(stream, start, _REFUSAL_LENGTH)
        if self._is_question(stream, start):
            return self._sealed(stream, start, _QUESTION_LENGTH)
        if not self.header.startswith(head):
            return FaultReason.BAD_HEADER
        return self._sealed(stream, start, self.longest) if len(head) == len(self.header) else None

    def _is_question(self, stream: bytearray, start: int) -> bool:
        """Longer than the header in common, so that an answer is not taken for a cut question."""
        head = bytes(stream[start : start + _QUESTION_LENGTH])
        return len(head) > 2 and self._question.startswith(head) and head[:3] != self.header

    def _sealed(self, stream: bytearray, start: int, length: int) -> Found | FaultReason | None:
        frame = bytes(stream[start : start + length])
        if len(frame) < length:
            return None
        if not is_sealed(frame):
            return FaultReason.BAD_CHECKSUM
        if length == _QUESTION_LENGTH and frame == self._question:
            return Found(length, None)
        if frame[1] & REFUSED:
            return Found(length, MalformedFrame(FaultReason.SENSOR_ERROR, frame))
        told = self._map.read(frame[3:-2])
        decoded: Decoded = told if isinstance(told, DecodedTemperature) else _fault(told, frame)
        return Found(length, decoded)


def _fault(reason: FaultReason, frame: bytes) -> MalformedFrame:
    return MalformedFrame(reason, frame)


class ModbusDecoder(ResyncDecoder):
    """Answers to the question of one register map; see the header of this module for the wire."""

    def __init__(self, registers: RegisterMap = MAPS[DEFAULT_MAP]) -> None:
        super().__init__(_Wire(registers))


def encode(frame: DecodedTemperature) -> bytes:
    """The answer of the default map's device."""
    return MAPS[DEFAULT_MAP].answer(frame)


def _whole(
    table: Mapping[str, object], name: str, default: int, allowed: range, problems: list[str]
) -> int:
    value = table.get(name, default)
    if isinstance(value, int) and not isinstance(value, bool) and value in allowed:
        return value
    problems.append(f"{name}: a whole number from {allowed[0]} to {allowed[-1]}, not {value!r}")
    return default


def _register(table: Mapping[str, object], name: str, problems: list[str]) -> Register:
    inner = table.get(name)
    fallback = Register(0)
    if not isinstance(inner, Mapping):
        problems.append(f"{name}: a table such as {{ address = 18, scale = 0.1 }} is needed")
        return fallback
    known = ("address", "kind", "scale", "word_order")
    problems.extend(f"{name}.{key}: not known" for key in inner if key not in known)
    if "address" not in inner:
        problems.append(f"{name}.address: is missing")
    address = _whole(inner, "address", 0, range(_ADDRESS_LIMIT), problems)
    kind, order = inner.get("kind", "int16"), inner.get("word_order", "big")
    scale = inner.get("scale", 0.1)
    if kind not in _FORMATS:
        problems.append(f"{name}.kind: one of {', '.join(_FORMATS)}, not {kind!r}")
        return fallback
    if order not in _WORD_ORDERS:
        problems.append(f"{name}.word_order: big or little, not {order!r}")
        return fallback
    if isinstance(scale, bool) or not isinstance(scale, int | float) or not 0 < scale <= 1000:
        problems.append(f"{name}.scale: a number above 0, not {scale!r}")
        return fallback
    return Register(address, str(kind), float(scale), str(order))
