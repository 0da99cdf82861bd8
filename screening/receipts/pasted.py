"""Undoes what chats, mail, spreadsheets and paper do to a text on its way."""

from __future__ import annotations

import html
import re
import unicodedata
from typing import Final
from urllib.parse import unquote

LONG_DASH: Final = "\u2014"
"""Stays: a keyboard that corrects writes it for one hyphen, or for two."""

_LONG_DASHES = "\u2015\u2e3a\u2e3b\u301c"
_DASHES = "\u02d7\u2043\u2212\u30fc"  # hyphens by their look only; category Pd has all others
_TAGS = r"/?(?:a|b|code|div|em|font|i|p|s|span|strong|tt|u)(?:\s[^<>]*)?/?"
_LINE_TAG = re.compile(r"<(?:br|wbr)\s*/?>", re.IGNORECASE)
_TAG = re.compile(rf"<{_TAGS}>", re.IGNORECASE)
_ADDRESS = re.compile(r"GB1%3A\S*", re.IGNORECASE)
_QUOTED = re.compile(r"(?<=[^\s\"'])=(20|3D|C2=A0|E2=80=9[0-9A-F]|E2=88=92)(?![0-9]{4})")
_SOFT_BREAK = re.compile(r"=[ \t]*\n")
_QUOTE_MARKS = re.compile(r"(^|\n)[ \t]*(?:[>|][ \t]*)+")
_BREAK = re.compile(r"\r\n|[\r\v\f\x85\u2028\u2029]")


def clean(text: str) -> str:
    """The text in plain characters: no invisible ones, ``-`` for every hyphen, lines end in LF.

    Full-width letters become plain ones; tags and entities of HTML, soft ends of lines of
    quoted-printable, marks of a quoted mail and escapes of Markdown go. Marks that may belong to
    a code (``*``, a hyphen, blanks) stay.
    """
    text = _ADDRESS.sub(lambda found: unquote(found[0]), html.unescape(text))
    text = _BREAK.sub("\n", unicodedata.normalize("NFKC", _TAG.sub("", _LINE_TAG.sub("\n", text))))
    text = _SOFT_BREAK.sub("\n", _QUOTED.sub(_unquoted, text))
    text = "".join(map(_plain, text))
    return _QUOTE_MARKS.sub(r"\1", text)


def _unquoted(found: re.Match[str]) -> str:
    return bytes.fromhex(found[1].replace("=", "")).decode("utf-8", "replace")


def _plain(character: str) -> str:
    category = unicodedata.category(character)
    if character in _LONG_DASHES or character == LONG_DASH:
        return LONG_DASH
    if category == "Pd" or character in _DASHES:
        return "-"
    if category in ("Cf", "Cs", "Co", "Cn") or "\ufe00" <= character <= "\ufe0f":
        return ""  # joiners, direction marks, byte-order marks, ways to draw the one before
    if category == "Zs" or character == "\t":
        return " "
    if category == "Cc":
        return "\n"  # a scanner's own marks, such as GS, stand between codes
    return "" if character == "\\" else character
