"""What one line of text tells of a temperature, in the spellings that boards print.

The degree sign may be any bytes above 7F (B0, C2 B0, C3 82 C2 B0), ``*``, ``&deg;``, a word or
nothing; the unit C, F or K is required: 97.02 without a unit could be either. Banners, the
emissivity and blank lines are no measurements and are passed over. ``nan``, ``inf`` and Arduino's
``ovf`` are faults, so is 1037.55, which is what the library makes of the raw word FFFF
(0xFFFF x 0.02 - 273.15) when the sensor does not answer.

A good line may be glued behind noise or behind a line that was cut: ``Ambient = 23.Ambient = ...``.
Where a line as a whole cannot be read, it is read from its first known label behind which
everything can; what stands before is reported as noise. A word of its own before the label makes it
another quantity (``Max object``, ``Chip body``) and no noise.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
from types import MappingProxyType

from drivers.thermometer.complaints import is_complaint, without_room_sensor
from drivers.thermometer.frames import MLX90614_RANGE, DecodedTemperature
from screening.readings import FaultReason

# What libraries make of a sensor that does not answer: the raw word FFFF of an MLX90614, and the
# value that means "disconnected" to the DS18B20's. The first is also seen a little lower.
_DEAD_FROM_CELSIUS = 1000.0
_DISCONNECTED_CELSIUS = -127.0
_SAME_VALUE_CELSIUS = 0.3  # a value printed in two units agrees this well, also without decimals

_AMBIENT = re.compile(
    r"(?:t?amb(?:ien[ts]?|iente|iance|iante?)?|ta|lingkungan|ruang(?:an)?|kamar|room|sekitar(?:nya)?"
    r"|udara|bilik|persekitaran|umgebung(?:stemperatur)?|entorno)"
)
_OBJECT = re.compile(
    r"(?:t?obj(?:e[ck]?to?|ek|et)?|obyek|objekttemperatur|oggetto|to|target|sasaran|tubuh|badan|body"
    r"|dahi|kening|forehead|kulit|skin|wajah|face|orang|manusia|pengunjung|pasien)"
)
# Languages that put the noun first: alone it means the object, and no label ends with it.
_NOUN_FIRST = re.compile(r"(?:suhu|temperatura)")
_FILLER = re.compile(
    r"(?:temp(?:erature?|eratur)?|t|ir|mlx|sensor|the|of|is|anda|adalah|pada|d[aeio]|del|della|der"
    r"|des|du|l[aeo]|el|il)"
)

# Labels in Chinese and full-width marks become letters and marks of the same length in bytes.
_FOREIGN = MappingProxyType(
    {
        word.encode(encoding): meant.ljust(len(word.encode(encoding))).encode("ascii")
        for meant, words in {
            "Tobj": (
                "\u7269\u4f53\u6e29\u5ea6",  # temperature of the object
                "\u76ee\u6807\u6e29\u5ea6",  # of the target
                "\u4eba\u4f53\u6e29\u5ea6",  # of the person
                "\u4f53\u6e29",  # of the body
                "\u989d\u6e29",  # of the forehead
            ),
            "Tamb": (
                "\u73af\u5883\u6e29\u5ea6",  # of the surroundings
                "\u5ba4\u6e29",  # of the room
            ),
            ":": ("\uff1a",),
            "=": ("\uff1d",),
            ",": ("\uff0c",),
        }.items()
        for word in words
        for encoding in ("utf-8", "gbk")
    }
)
_FOREIGN_WORD = re.compile(b"|".join(map(re.escape, _FOREIGN)))

# A sign of one byte, of two in UTF-8, or of four where those two were encoded once more. The last
# two units are the single characters for degC and degF, U+2103 and U+2109, in UTF-8 and GBK: bytes
# that as letters would have a second case.
_UNIT = (
    r" {0,2}(?:[*'^?]|[\x80-\xff]{1,4}|&deg;|deg(?:rees?)?|derajat|o(?=[CFK]))? {0,2}"
    r"(cel[sc]ius|fahrenheit|kelvin|[CFK]|(?-i:\xe2\x84[\x83\x89]|\xa1\xe6))(?![A-Za-z])"
)
_UNIT_SIGN = re.compile(r"cel[sc]ius|fahrenheit|[CF](?![A-Za-z])", re.IGNORECASE)
_NUMBERS = re.compile(r"[+-]?\d+(?:[.,]\d+)?")
_SINGLE_CHARACTER = {"\xe2\x84\x83": "C", "\xe2\x84\x89": "F", "\xa1\xe6": "C"}
_NUMBER = r"[+-]?\d+(?:[.,]\d+)?(?![0-9]|[.,][0-9])"
_NOT_A_NUMBER = r"[+-]?(?:nan|inf|ovf)(?![A-Za-z])"
_VALUE = rf"(?:{_NUMBER}{_UNIT}|{_NOT_A_NUMBER}(?:{_UNIT})?)"
_MEASURED = re.compile(
    r"([A-Za-z][A-Za-z _./-]{0,30}?)\s{0,4}[=:]?\s{0,4}"
    rf"({_VALUE}(?:[\s/|,;(]+{_VALUE}\)?)*)",
    re.IGNORECASE,
)
_ONE_VALUE = re.compile(rf"(?:({_NUMBER}){_UNIT}|{_NOT_A_NUMBER}(?:{_UNIT})?)", re.IGNORECASE)
_UNLABELLED = re.compile(rf"(?<![A-Za-z0-9.,]){_NUMBER}{_UNIT}", re.IGNORECASE)
_LABEL_WITHOUT_VALUE = re.compile(
    r"([A-Za-z][A-Za-z _./-]{0,30}?)\"?\s{0,4}(?:[(\[][^)\]]{1,4}[)\]]\s{0,4})?[=:]"
)
# Where a label may begin behind noise; the short ones only where no letter or blank leads to them.
_LABEL_BEGINS = re.compile(
    r"(?=t?amb|t?obj|oby|ogg|lingk|ruang|kamar|room|sekitar|umgebung|entorno|udara|bilik|persekit"
    r"|target|sasaran|tubuh|badan|body|dahi|kening|forehead|kulit|skin|wajah|face|orang|manusia"
    r"|pengunjung|pasien|suhu|temperatura)|(?<![A-Za-z _./-])(?=t[oa](?![a-z]))",
    re.IGNORECASE,
)
_OTHER_QUANTITY = re.compile(
    r"(?:\b[A-Za-z][a-z]{2,}[ _./-]+(?:[A-Za-z]{1,2}[ _./-]+)*"
    r"|(?i:min|max|avg|mean|average|set|chip|cpu|board|raw|delta|diff|offset|last|limit|alarm)"
    r"[ _./-]*)$"
)
_RULER = re.compile(r"[\s=\-_*#.~+]*")
_NOISE = re.compile(r"[^\t\x20-\x7e]")
_MONITOR_TIME = re.compile(r"\s*\d\d:\d\d:\d\d(?:[.,]\d+)?\s*->\s*")  # a log of the Arduino monitor


@dataclass(frozen=True, slots=True)
class Measured:
    """What one line tells; both None for a line that is no measurement.

    ``is_bare``: the object's label says *temperature* and not of what. ``is_of_room``: a sensor of
    the room told something on this line.
    """

    object_celsius: float | None = None
    ambient_celsius: float | None = None
    is_bare: bool = False
    is_of_room: bool = False


def read_line(line: bytes, *, ended: bool) -> tuple[bytes, Measured | FaultReason]:
    """Noise glued before the first label (or b""), and what the rest of the line tells.

    The noise is as long as it stands in ``line``. ``ended``: the stream ended in this line.
    """
    line = _FOREIGN_WORD.sub(lambda found: _FOREIGN[found[0]], line)
    beside = without_room_sensor(line)
    if beside is not None:
        if is_complaint(beside) and not is_complaint(line):
            return b"", Measured(is_of_room=True)  # the room's sensor is the one that fails
        return b"", _read_beside_room(beside, ended=ended)
    noise, told = _read_whole(line, ended=ended)
    if told is FaultReason.UNPARSABLE or told is FaultReason.TRUNCATED:
        behind = _read_behind_noise(line, ended=ended)
        if behind is not None:
            return behind
        if told is FaultReason.UNPARSABLE and is_complaint(line):
            return noise, FaultReason.SENSOR_ERROR
    return noise, told


def wording(line: bytes) -> str:
    """The line without its numbers."""
    return _NUMBERS.sub("", line.decode("latin-1"))


def is_again(line: bytes, told: Measured, before: bytes, told_before: Measured) -> bool:
    """Whether two lines tell the same values, one in degC and the other in degF."""
    pairs = (
        (told.object_celsius, told_before.object_celsius),
        (told.ambient_celsius, told_before.ambient_celsius),
    )
    text, text_before = wording(line), wording(before)
    return (
        text != text_before
        and _UNIT_SIGN.sub("", text) == _UNIT_SIGN.sub("", text_before)
        and all((a is None) == (b is None) for a, b in pairs)
        and all(a is None or b is None or _are_one(a, b) for a, b in pairs)
    )


def _read_beside_room(line: bytes, *, ended: bool) -> Measured | FaultReason:
    """What is labelled as object or ambient on a line that also tells of the room."""
    labelled = _MEASURED.sub(
        lambda found: found[0] if _role(found[1]) and not _is_bare(found[1]) else " ",
        line.decode("latin-1"),
    )
    _, told = _read_whole(labelled.encode("latin-1"), ended=ended)
    if told is FaultReason.UNPARSABLE and not _holds_value(labelled):
        told = Measured()
    return replace(told, is_of_room=True) if isinstance(told, Measured) else told


def _read_behind_noise(line: bytes, *, ended: bool) -> tuple[bytes, Measured] | None:
    """The longest end of ``line`` that begins with a label and tells an object temperature."""
    text = line.decode("latin-1")
    if _contradicts_itself(text):
        return None
    for label in _LABEL_BEGINS.finditer(text):
        start = label.start()
        first = _MEASURED.match(text, start)
        if first is None or _is_other_quantity(text[:start]):
            continue
        noise, told = _read_whole(line[start:], ended=ended)
        if not noise and isinstance(told, Measured) and told.object_celsius is not None:
            return line[:start], told
    return None


def _contradicts_itself(text: str) -> bool:
    """Nothing but labelled values, and still no measurement: which of them is wrong is unknown."""
    matches = list(_MEASURED.finditer(text))
    return not _MEASURED.sub("", text).strip(" \t,;") and all(_role(m[1]) for m in matches)


def _is_other_quantity(before: str) -> bool:
    found = _OTHER_QUANTITY.search(before)
    return found is not None and _role(found[0]) is None and not _is_cut_label(found[0])


def _is_cut_label(text: str) -> bool:
    return _ends_in_label(text) or text.strip().lower().startswith(("amb", "obj"))


def _read_whole(line: bytes, *, ended: bool) -> tuple[bytes, Measured | FaultReason]:
    text = line.decode("latin-1")
    stamp = _MONITOR_TIME.match(text)
    text = text[stamp.end() :] if stamp else text
    matches = list(_MEASURED.finditer(text))
    if not matches:
        told = _read_other(text, line)
        if ended and told == Measured() and _ends_in_label(text):
            told = FaultReason.TRUNCATED
        return b"", _at_end(told, ended=ended)
    before = text[: matches[0].start()]
    between = _MEASURED.sub("\n", text[matches[0].start() :])
    if _holds_value(before) or _holds_value(between) or _NOISE.search(between.replace("\n", "")):
        return b"", _at_end(FaultReason.UNPARSABLE, ended=ended)
    if ended and _ends_in_label(between):
        return b"", FaultReason.TRUNCATED
    noise = before.encode("latin-1") if _NOISE.search(before) else b""
    return noise, _at_end(_read_values(matches), ended=ended)


def _read_values(matches: list[re.Match[str]]) -> Measured | FaultReason:
    values: dict[re.Pattern[str], list[float]] = {_OBJECT: [], _AMBIENT: []}
    for match in matches:
        role = _role(match[1])
        if role is None:
            return FaultReason.UNPARSABLE
        for value in _ONE_VALUE.finditer(match[2]):
            celsius = _celsius(value)
            if not math.isfinite(celsius):
                return FaultReason.NOT_A_NUMBER
            values[role].append(celsius)
    if any(map(_is_dead, (value for found in values.values() for value in found))):
        return FaultReason.SENSOR_ERROR
    if not all(_are_one(min(found), max(found)) for found in values.values() if found):
        return FaultReason.UNPARSABLE
    found_celsius, ambient_celsius = (
        round(found[0], 2) if found else None for found in values.values()
    )
    is_bare = all(_role(one[1]) is _AMBIENT or _is_bare(one[1]) for one in matches)
    told = Measured(found_celsius, ambient_celsius, is_bare=is_bare and found_celsius is not None)
    # An ambient on a line of its own is judged as if its object were in range.
    measured = DecodedTemperature(told.object_celsius or 0.0, told.ambient_celsius)
    return told if MLX90614_RANGE.contains(measured) else FaultReason.OUT_OF_DEVICE_RANGE


def _is_dead(celsius: float) -> bool:
    return celsius >= _DEAD_FROM_CELSIUS or abs(celsius - _DISCONNECTED_CELSIUS) < 0.1


def _tells_dead_sensor(text: str) -> bool:
    """Its value needs no unit."""
    return any(_is_dead(float(number.replace(",", "."))) for number in _NUMBERS.findall(text))


def _are_one(celsius: float, other: float) -> bool:
    return abs(celsius - other) <= _SAME_VALUE_CELSIUS


def _celsius(value: re.Match[str]) -> float:
    if value[1] is None:
        return math.nan
    number = float(value[1].replace(",", "."))
    return {"C": number, "F": (number - 32) / 1.8, "K": number - 273.15}[_unit(value)]


def _unit(value: re.Match[str]) -> str:
    return _SINGLE_CHARACTER.get(value[2], value[2][0].upper())


def _read_other(text: str, line: bytes) -> Measured | FaultReason:
    """A line without a measurement: a banner, the board's complaint, or noise."""
    if is_complaint(line) or (_holds_value(text) and _tells_dead_sensor(text)):
        return FaultReason.SENSOR_ERROR
    if _holds_value(text) or re.search(r"[\x00-\x08\x0b-\x1f\x7f]", text):
        return FaultReason.UNPARSABLE
    if _RULER.fullmatch(text):
        return Measured()
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return FaultReason.UNPARSABLE
    return Measured() if re.search(r"[A-Za-z]{2}", text) else FaultReason.UNPARSABLE


def _holds_value(text: str) -> bool:
    """A measurement was meant here: a number with a unit, or a known label before = or :."""
    return _UNLABELLED.search(text) is not None or any(
        _role(label[1]) is not None for label in _LABEL_WITHOUT_VALUE.finditer(text)
    )


def _ends_in_label(text: str) -> bool:
    words = re.findall(r"[a-z]+", text.lower())
    return bool(words) and any(
        label.startswith(words[-1]) for label in ("object", "objeto", "ambient", "ambiente", "suhu")
    )


def _at_end(told: Measured | FaultReason, *, ended: bool) -> Measured | FaultReason:
    """What cannot be read because the stream ended in the middle of the line was cut off."""
    return FaultReason.TRUNCATED if ended and told is FaultReason.UNPARSABLE else told


def _is_bare(label: str) -> bool:
    words = re.findall(r"[a-z]+", label.lower())
    return _role(label) is _OBJECT and not any(_OBJECT.fullmatch(word) for word in words)


def _role(label: str) -> re.Pattern[str] | None:
    """_OBJECT or _AMBIENT; None unless every word of the label is known.

    Two labels in one are a cut line and the next (``AmbObject``), so None as well.
    """
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", label)
    words = re.findall(r"[a-z]+", spaced.lower())
    known = (_AMBIENT, _OBJECT, _NOUN_FIRST, _FILLER)
    if not all(any(kind.fullmatch(word) for kind in known) for word in words):
        return None
    told = [
        kind
        for kind in (_AMBIENT, _OBJECT, _NOUN_FIRST)
        if any(kind.fullmatch(word) for word in words)
    ]
    if not told or {_AMBIENT, _OBJECT} <= set(told):
        return None
    return _OBJECT if told[0] is _NOUN_FIRST else told[0]
