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

_SECRETS = {"database_url", "passphrase"}
"""Keys whose values are never printed, whatever is wrong with them."""

_SHOWN = 40
_LINE = re.compile(r"\(at line (\d+), column \d+\)")
_CURLY = re.compile("[\u2018-\u201f\u00ab\u00bb\u2039\u203a\u2032\u2033\u0060\u00b4]")
_COMMA = re.compile(r"=\s*([+-]?\d+),(\d+)\s*(?:#.*)?$")
_DECIMAL_COMMA = re.compile(r"\s*([+-]?\d+),(\d+)\s*")
_VALUE = re.compile(r"^\s*[\w.\-]+\s*=\s*(?P<value>[^#]*)")
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
    found = _LINE.search(message)
    if found is None:
        return f": {message}"
    number = int(found[1])
    line = (text.split("\n")[number - 1 :] or [""])[0].strip()
    cause = _cause(line)
    told = message[: found.start()].strip()
    return f", line {number}: {told}" + (f"; {cause}" if cause else "")


def _cause(line: str) -> str | None:
    if _CURLY.search(_unquoted(line)):
        return 'write straight quotation marks: "'
    comma = _COMMA.search(line)
    if comma is not None:
        return f"write a decimal point: {comma[1]}.{comma[2]}"
    value = _VALUE.match(line)
    if value is None:
        return None
    written = value["value"].strip()
    if written.count('"') % 2 or (written.startswith("'") and written.count("'") % 2):
        return "a quotation mark is missing"
    if written and written[0] not in "\"'" and not _PLAIN.fullmatch(written):
        return f'write text in quotation marks: "{_cut(written)}"'
    return None


def _unquoted(line: str) -> str:
    """Without what stands in straight quotes, where any sign may be meant."""
    return re.sub(r"\"[^\"]*\"", "", line)


def problems_in_words(
    errors: Sequence[ErrorDetails], model: type[BaseModel], given: Mapping[str, Any]
) -> list[str]:
    """Each problem in one line: where, what, and what was written.

    ``given`` is what the file says, which names the gates.
    """
    return [_problem(error, model, given) for error in errors]


def _problem(error: ErrorDetails, model: type[BaseModel], given: Mapping[str, Any]) -> str:
    where = error["loc"]
    if error["type"] == "extra_forbidden":
        return f"{_place(where, given)}: {_unknown(where, error['input'], model)}"
    message = error["msg"].removeprefix("Value error, ")
    if where == ("gates",) and isinstance(error["input"], Mapping):
        message = "write [[gates]] with two brackets, once for each gate"
    elif not _SECRETS & set(where):
        message += _what_was_written(error)
    return f"{_place(where, given)}: {message}"


def _place(where: Sequence[int | str], given: Mapping[str, Any]) -> str:
    """``policy.preset``; behind a gate its name, as far as it has one."""
    parts = [str(part) for part in where]
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


def _what_was_written(error: ErrorDetails) -> str:
    written = error["input"]
    comma = _DECIMAL_COMMA.fullmatch(written) if isinstance(written, str) else None
    if comma is not None and "number" in error["msg"]:
        return f", not {written.strip()!r}: write a decimal point, {comma[1]}.{comma[2]}"
    if isinstance(written, (str, int, float, bool)):
        return f", not {_cut(repr(written))}"
    return ""


def _cut(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}\u2026"
