"""Undoes what chats, mail, spreadsheets and paper do to a text on its way."""

from __future__ import annotations

import html
import re
import unicodedata
from typing import Final
from urllib.parse import unquote

LONG_DASH: Final = "\u2014"
"""Stays: a keyboard that corrects writes it for one hyphen, or for two."""

_LONG_DASHES = LONG_DASH + "\u2015\u2e3a\u2e3b\u301c"
_DASHES = "\u02d7\u2043\u2212\u30fc"  # hyphens by their look only; category Pd has all others
_UNSEEN = ("Cf", "Cs", "Co", "Cn", "Mn", "Me")
"""Joiners, direction marks, byte-order marks; lines through a letter, ways to draw it."""
_PLAIN = {"Zs": " ", "Cc": "\n"}
_TAGS = r"/?(?:a|b|code|div|em|font|i|p|s|span|strong|tt|u)(?:\s[^<>]*)?/?"
_LINE_TAG = re.compile(r"<(?:br|wbr)\s*/?>", re.IGNORECASE)
_TAG = re.compile(rf"<{_TAGS}>", re.IGNORECASE)
_ADDRESS = re.compile(r"GB1%3A\S*", re.IGNORECASE)
_ADDRESS_BAR = re.compile(r"GB1:(?=[^\s%]*%2[05])(?:[^\s%]|%2[05]){96,}", re.IGNORECASE)
"""A token in which only blanks and ``%`` are written as an address has them."""
_ESCAPES = re.compile(r"\\(?:([nrt])|u([0-9A-Fa-f]{4}))")
_MOST_LAYERS = 3
"""So often a text was made HTML of, one in the other."""
_FANCY = re.compile(r"LATIN (?:LETTER SMALL CAPITAL|CAPITAL LETTER) ([A-Z])$")
_LOOKS: Final = str.maketrans(
    "\u0410\u0412\u0415\u041a\u041c\u041d\u041e\u0420\u0421\u0422\u0425\u0423\u0406\u0408\u0405\u051a\u051c\u0474"
    "\u0430\u0432\u0435\u043a\u043c\u043d\u043e\u0440\u0441\u0442\u0445\u0443\u0456\u0458\u0455\u051b\u051d\u0475"
    "\u0391\u0392\u0395\u0396\u0397\u0399\u039a\u039c\u039d\u039f\u03a1\u03a4\u03a5\u03a7"
    "\u03b1\u03b2\u03b5\u03b6\u03b7\u03b9\u03ba\u03bc\u03bd\u03bf\u03c1\u03c4\u03c5\u03c7",
    "ABEKMHOPCTXYIJSQWV" * 2 + "ABEZHIKMNOPTYX" * 2,
)
"""Cyrillic and Greek letters whose capitals look like Latin ones, on keyboards that have both."""
_WORD = re.compile(r"[^\W_]+")
_PART = re.compile(r"\s?[(\[](?:[1-9]|10)/(?:[2-9]|10)[)\]]\s?")
"""``(1/2)``, which networks write before each part of a long SMS."""
_QUOTED = re.compile(r"(?<=[^\s\"'])=(20|3D|C2=A0|E2=80=9[0-9A-F]|E2=88=92)(?![0-9]{4})")
_SOFT_BREAK = re.compile(r"=[ \t]*\n")
_QUOTE_MARKS = re.compile(r"(^|\n)[ \t]*(?:[>|][ \t]*)+")
_BREAK = re.compile(r"\r\n|[\r\v\f\x85\u2028\u2029]")


def clean(text: str) -> str:
    """The text in plain characters: no invisible ones, ``-`` for every hyphen, lines end in LF.

    Full-width letters become plain ones, and so do Cyrillic and Greek letters that look like them;
    marks of the parts of an SMS are ends of lines; tags and entities of HTML, soft ends of lines of
    quoted-printable, marks of a quoted mail and escapes of Markdown go. Marks that may belong to
    a code (``*``, a hyphen, blanks) stay.
    """
    for _ in range(_MOST_LAYERS):
        text = html.unescape(text)
    text = _ADDRESS.sub(lambda found: unquote(found[0].replace("+", " ")), text)
    text = _ADDRESS_BAR.sub(lambda found: unquote(found[0]), text)
    text = _ESCAPES.sub(lambda found: chr(int(found[2], 16)) if found[2] else "\n", text)
    text = _BREAK.sub("\n", unicodedata.normalize("NFKC", _TAG.sub("", _LINE_TAG.sub("\n", text))))
    text = _SOFT_BREAK.sub("\n", _QUOTED.sub(_unquoted, text))
    text = _PART.sub("\n", "".join(map(_plain, text)))
    if not text.isascii():
        text = _WORD.sub(_in_latin_letters, text)
    return _QUOTE_MARKS.sub(r"\1", text)


def _in_latin_letters(word: re.Match[str]) -> str:
    """A word of which each letter looks like a Latin one; another stays in its own script."""
    latin = word[0].translate(_LOOKS)
    return latin if latin.isascii() else word[0]


def _unquoted(found: re.Match[str]) -> str:
    return bytes.fromhex(found[1].replace("=", "")).decode("utf-8", "replace")


def _plain(character: str) -> str:
    if character.isascii():
        return _plain_ascii(character)
    category = unicodedata.category(character)
    if category == "Pd" or character in _DASHES or character in _LONG_DASHES:
        return LONG_DASH if character in _LONG_DASHES else "-"
    if category in _UNSEEN or "\ufe00" <= character <= "\ufe0f":
        return ""
    if category == "Nd":
        return str(unicodedata.decimal(character))
    fancy = _FANCY.search(unicodedata.name(character, ""))
    return fancy[1] if fancy else _PLAIN.get(category, character)


def _plain_ascii(character: str) -> str:
    if character == "\t":
        return " "
    if not character.isprintable():
        return "\n"  # a scanner's own marks, such as GS, stand between codes
    return "" if character == "\\" else character
