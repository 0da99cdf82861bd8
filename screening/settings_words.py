"""What is wrong with a configuration file, in the words of whoever writes it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from screening.errors import SettingsError

_SECRETS = {"database_url", "passphrase", "mail_password", "hook_url", "hook_secret"}
"""Keys whose values are never printed, whatever is wrong with them."""

_SHOWN = 40
_LINE = re.compile(r"\(at line (\d+), column \d+\)")
_CURLY = re.compile("[\u2018-\u201f\u00ab\u00bb\u2039\u203a\u2032\u2033\u0060\u00b4]")
_COMMA = re.compile(r"=\s*([+-]?\d+),(\d+)\s*(?:#.*)?$")
_DECIMAL_COMMA = re.compile(r"\s*([+-]?\d+),(\d+)\s*")
_VALUE = re.compile(r"^\s*[\w.\-]+\s*=\s*(?P<value>[^#]*)")
_BLANK = re.compile("[\u00a0\u2000-\u200f\u202a-\u202f\u2060\u3000\ufeff]")
_MINUS = re.compile("^[\u2010-\u2015\u2212]")
_KEY = re.compile(r"([\w-]+)\s*:|([\w-]+)\s+[\w\"'\[]")
_YES_NO = dict.fromkeys(("true", "yes", "on", "ya", "benar", "aktif"), "true") | dict.fromkeys(
    ("false", "no", "off", "tidak", "salah", "mati"), "false"
)
_NUMBER_AND_MORE = re.compile(r"([+-]?)0*(\d+(?:\.\d+)?)\s*[A-Za-z%\u00b0\u2103]{0,3}")
_WORDS_IN_LIST = re.compile(r"[\[,]\s*[A-Za-z]")
_PLAIN = re.compile(r"true|false|[+-]?[\d_.:eTZ+\-]+|[+-]?(?:inf|nan)|[\[{].*")
_MARKS = {b"\xff\xfe": "UTF-16", b"\xfe\xff": "UTF-16"}
_SAVE = "save it as UTF-8 (in Notepad: Save as, Encoding: UTF-8)"


def read_toml(file: Path) -> dict[str, Any]:
    """The file's tables; a byte-order mark before them is passed over. Raises SettingsError."""
    try:
        data = file.read_bytes()
    except OSError as error:
        raise SettingsError([f"{file}: cannot be read: {error.strerror}"]) from error
    if data[:2] in _MARKS or b"\0" in data[:64]:
        raise SettingsError([f"{file}: it is saved as UTF-16; {_SAVE}"])
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise SettingsError([f"{file}, line {line}: not UTF-8; {_SAVE}"]) from error
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError([f"{file}{_broken(str(error), text)}"]) from error


def _broken(message: str, text: str) -> str:
    """What tomllib says, and the likely cause where the line shows it."""
    lines = text.split("\n")
    found = _LINE.search(message)
    if found is None:
        number = _open_line(lines)
        return f", line {number}: the [ or {{ is not closed" if number else f": {message}"
    number = int(found[1])
    line = (lines[number - 1 :] or [""])[0].strip()
    told = message[: found.start()].strip()
    cause = _cause(line) or _cause_of_two(told, line)
    return f", line {number}: {told}" + (f"; {cause}" if cause else "")


def _open_line(lines: Sequence[str]) -> int | None:
    """The last line on which a list or a table within a line begins and does not end."""
    begun = [n for n, line in enumerate(lines, 1) if re.search(r"=\s*[\[{][^\]}]*$", line)]
    return begun[-1] if begun else None


def _cause_of_two(message: str, line: str) -> str | None:
    if line.startswith("[[") and "overwrite" in message:
        return f"{line} comes after a table that is a part of it: put that table below"
    if "twice" in message:
        return f"{line} stands in the file already: put what is below it there"
    return "this key stands there already" if "overwrite" in message else None


def _cause(line: str) -> str | None:
    if _BLANK.search(line):
        return "there is a blank or mark that looks like none: type the line anew"
    if _CURLY.search(_unquoted(line)):
        return 'write straight quotation marks: "'
    if line.startswith(("//", ";", "--", "%", "REM ")):
        return "a remark begins with #"
    comma = _COMMA.search(line)
    if comma is not None:
        return f"write a decimal point: {comma[1]}.{comma[2]}"
    value = _VALUE.match(line)
    if value is None:
        key = _KEY.match(line)
        return None if key is None else f"write = behind {key[1] or key[2]}"
    return _cause_in_value(value["value"].strip())


def _cause_in_value(written: str) -> str | None:
    if not written:
        return "a value is missing behind ="
    if written[0] in "\"'":
        return _cause_in_text(written)
    if written.lower() in _YES_NO:
        return f"write {_YES_NO[written.lower()]}"
    number = _NUMBER_AND_MORE.fullmatch(_MINUS.sub("-", written).rstrip(",;"))
    alone = "" if number is None else f"{number[1]}{number[2]}"
    if number is not None and alone != written:
        return f"write the number alone: {alone}"
    if written[0] == "[" and _WORDS_IN_LIST.search(written):
        return 'write each text of a list in quotation marks: ["one", "two"]'
    is_plain = _PLAIN.fullmatch(written) and not re.search(r"[.:]\d+[.:]|^0\d", written)
    return None if is_plain else f'write text in quotation marks: "{_cut(written)}"'


def _cause_in_text(written: str) -> str | None:
    mark = written[0]
    if mark == '"' and "\\" in written:
        return "write \\\\ for each \\, or put the text in single quotation marks: '"
    inner = written.rstrip(",; ")
    if inner != written and inner.endswith(mark):
        return f"leave away what stands behind the last {mark}"
    other = "'" if mark == '"' else '"'
    if written.count(mark) > 2 and written.endswith(mark):
        return f"in the text there is a {mark}: put {other} before and behind the text"
    return "a quotation mark is missing" if written.count(mark) % 2 else None


def _unquoted(line: str) -> str:
    """Without what stands in straight quotes, where any sign may be meant."""
    return re.sub(r"\"[^\"]*\"", "", line)


def problems_in_words(
    errors: Sequence[ErrorDetails], model: type[BaseModel], given: Mapping[str, Any]
) -> list[str]:
    """Each problem in one line: where, what, and what was written.

    ``given`` is what the file says, which names the gates.
    """
    return list(dict.fromkeys(_problem(error, model, given) for error in errors))


def _problem(error: ErrorDetails, model: type[BaseModel], given: Mapping[str, Any]) -> str:
    where = error["loc"]
    if error["type"] == "extra_forbidden":
        return f"{_place(where, given)}: {_unknown(where, error['input'], model)}"
    message = _plainly(error)
    if where == ("gates",) and isinstance(error["input"], Mapping):
        message = "write [[gates]] with two brackets, once for each gate"
    elif not _SECRETS & set(where):
        message += _what_was_written(error, message) + _meant(error)
    return f"{_place(where, given)}: {message}"


_PLAINLY = {
    "missing": "is missing",
    "tuple_type": 'a list is needed: ["one", "two"]',
    "string_type": "text in quotation marks is needed",
    "int_type": "a number is needed",
    "int_parsing": "a number is needed",
    "float_type": "a number is needed",
    "float_parsing": "a number is needed",
    "less_than_equal": "at most {le}",
    "greater_than_equal": "at least {ge}",
    "ip_v4_network": "an address, or a network such as 10.0.0.0/24",
    "ip_v6_network": "an address, or a network such as 10.0.0.0/24",
}
"""The library's own messages, which are those of a program, in the words of the file."""


def _plainly(error: ErrorDetails) -> str:
    where = ".".join(str(part) for part in error["loc"] if isinstance(part, str))
    kind = error["type"]
    if where == "gates" and kind in ("tuple_type", "model_type"):
        return "write [[gates]], once for each gate"
    if kind == "model_type":
        return f"write [{where}]" + (
            " with one bracket" if isinstance(error["input"], list) else ""
        )
    if kind == "string_pattern_mismatch" and where == "gates.name":
        return "small letters, digits and hyphens only, 24 at most"
    if kind in ("literal_error", "enum"):
        return f"one of {', '.join(_choices(error))}"
    plainly = _PLAINLY.get(kind)
    if plainly is not None:
        return plainly.format(**error.get("ctx", {}))
    return error["msg"].removeprefix("Value error, ")


def _choices(error: ErrorDetails) -> list[str]:
    return re.findall(r"'([^']+)'", str(error.get("ctx", {}).get("expected", "")))


def _meant(error: ErrorDetails) -> str:
    near = get_close_matches(str(error["input"]).lower(), _choices(error), n=2, cutoff=0.5)
    return f"; did you mean {' or '.join(near)}?" if near else ""


def _place(where: Sequence[int | str], given: Mapping[str, Any]) -> str:
    """``policy.preset``; behind a gate its name, as far as it has one."""
    parts = [str(part) for part in where if "[" not in str(part)]  # not which kind of a union
    if len(where) < 3 or where[0] != "gates" or where[2] == "name":
        return ".".join(parts) or "settings"
    return f"gate {_gate_name(where[1], given)}, {'.'.join(parts[2:])}"


def _gate_name(index: int | str, given: Mapping[str, Any]) -> str:
    gates = given.get("gates")
    if isinstance(index, int) and isinstance(gates, (list, tuple)) and index < len(gates):
        name = gates[index].get("name") if isinstance(gates[index], Mapping) else None
        if isinstance(name, str):
            return name
    return f"number {index + 1}" if isinstance(index, int) else index


def _unknown(where: Sequence[int | str], written: Any, model: type[BaseModel]) -> str:
    key = str(where[-1])
    known = list(_fields(model, where[:-1]))
    near = get_close_matches(key.lower().replace("-", "_"), known, n=1, cutoff=0.6)
    if near:
        is_table = len(where) == 1 and isinstance(written, (list, Mapping))
        brackets = "[[{}]]" if near[0] == "gates" else "[{}]"
        return f"unknown key; did you mean {brackets.format(near[0]) if is_table else near[0]}?"
    elsewhere = [path for path, name in _all_keys(model) if name == key]
    if elsewhere:
        return f"unknown key; did you mean {elsewhere[0]}?"
    return f"unknown key; there are {', '.join(known)}"


def _fields(model: type[BaseModel], where: Sequence[int | str]) -> Iterator[str]:
    """The keys of the table at this place."""
    for part in where:
        field = None if isinstance(part, int) else model.model_fields.get(part)
        nested = None if field is None else _model_in(field.annotation)
        model = nested or model
    yield from model.model_fields


def _all_keys(model: type[BaseModel], before: str = "") -> Iterator[tuple[str, str]]:
    for name, field in model.model_fields.items():
        nested = _model_in(field.annotation)
        if nested is None:
            yield before + name, name
        else:
            yield from _all_keys(nested, f"{before}{name}.")


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    found = (_model_in(one) for one in get_args(annotation))
    return next((one for one in found if one is not None), None)


def _what_was_written(error: ErrorDetails, message: str) -> str:
    written = error["input"]
    if repr(written) in message:
        return ""
    comma = _DECIMAL_COMMA.fullmatch(written) if isinstance(written, str) else None
    if comma is not None and "number" in message:
        return f", not {written.strip()!r}: write a decimal point, {comma[1]}.{comma[2]}"
    if isinstance(written, (str, int, float, bool)):
        return f", not {_cut(repr(written))}"
    return ""


def _cut(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}\u2026"
