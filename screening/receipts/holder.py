"""A holder's name, made short: a word to call the person by, and one initial."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from screening.errors import ReceiptError
from screening.receipts.token import MAX_HOLDER

MANY_DIGITS: Final = 8
"""More digits than any name has; identity and telephone numbers do not belong on a receipt."""


def _words(*groups: str) -> frozenset[str]:
    return frozenset(" ".join(groups).split())


# Titles as they are looked for: small letters without dots and blanks.
BEFORE: Final = _words(
    # faith and pilgrimage
    "h hi hj haji hajah hajjah kh kiai kyai nyai tgh tgk teungku ust ustad ustaz ustadz ustadzah",
    "habib syekh buya gus drkh pdt pendeta pdm pdp pnt ev vik vikaris diakon rm romo rp pastor br",
    "bruder sr suster fr mgr monsinyur kardinal uskup bhante bhikkhu bhiksu biksu biksuni pandita",
    "pinandita pedanda jro jero mangku js ws xs ki nyi",
    # learning
    "dr drg drh drs dra dring diploming ir prof profesor doktor dokter insinyur apt bd bdn bidan",
    "ns ners hc",
    # rank by birth
    "r rr ra rd ray rm rt rngt raden tengku teuku tuanku tubagus tb cut nyak kanjeng kph kgph",
    "gkr gph bra kgs mgs dato datuk datin datu sultan sunan krt krat kray brm gray gbph kgpaa kgpa",
    # how people are spoken to
    "bpk bapak pak ibu bu sdr sdri sdra saudara saudari tn tuan ny nyonya nn nona mas mbak kak",
    "mr mrs ms miss mx sir madam lady alm almh almarhum almarhumah bang abang om tante cik encik",
    "puan ketua lurah camat bupati walikota gubernur kades",
    # army and police
    "jend jenderal letjen mayjen brigjen kol kolonel letkol mayor kapten kapt lettu letda peltu",
    "pelda serma serka sertu serda kopka koptu kopda praka pratu prada sersan kopral irjen kombes",
    "pol akbp kompol kopol akp iptu ipda aiptu aipda bripka brigpol brigadir briptu bripda bharada",
    "bharatu bharaka laksamana laksdya laksda laksma marsekal marsdya marsda marsma kelasi",
    "tni inf kav arm arh czi cpm ckm chb cba caj cku laut mar marinir pnb nav tek",
)
AFTER: Final = _words(
    # diploma and bachelor
    "ama amd amk amg amkeb amkep amdkeb amdkep amdkom amdak ba bsc bba beng bed llb sh se st ss sp",
    "spd spdi sag ssi skom skep skeb skm sked skg skh ssos sip sikom spsi sfarm shum sth sthi stp",
    "sst sstp str strkeb strkes sgz sak sab sap ssn sds sei she shi sud spt spi shut sptk stek",
    # master and doctor
    "mh mhum msi mm ma mba mkom mt mkes mkep mkm mkn mkeb mpd mpdi mag mak map mab mars mphil msc",
    "meng med mpsi mip mikom mei mec msos msn mfarm mfis mked mth msak llm lcl lc phd dphil edd",
    "drph dba md dds",
    # professions
    "spa span spb spbs spd spkk spkj spm spog spok spot spp sppd spptht sprad sps sptht spu spjp",
    "spkfr ners ns apt ak ca cpa cfa cfp cht pmp psikolog esq skp amkl bdn gr kons ipp ipm ipu",
    "mbbs ofm sj svd cb",
    # which one of the name
    "jr sr ii iii iv purn ret alm almh haji hajjah",
)
PARTICLES: Final = _words(
    "bin binti ibn ibnu bt van von der den de la le di da dos del el al ten ter zu ni"
)
"""Small words between names: no name by themselves."""

SHORTENED: Final = _words("moh mohd moch muh muhd mhd md abd abdl st sy ach akh")
"""Names that are written as little more than an initial, with or without a dot."""

_JOINED: Final = 4
"""Pieces between dots or blanks of the longest title."""

_LONGEST: Final = 6
"""Letters of the longest title that is told by a comma before it."""

_VOWELS = frozenset("aeiouy")
_REMARK = re.compile(r"\([^)]*\)|\[[^\]]*\]")
_WORD = re.compile(r"[^\s,;/]+")


@dataclass(frozen=True, slots=True)
class _Piece:
    """A part of the name between blanks, commas and dots."""

    text: str
    has_dot: bool
    is_glued: bool
    """Whether it stood right behind the dot of the piece before."""
    is_apart: bool
    """Whether a comma stands somewhere before it: a title, or the name after the family's."""
    is_louder: bool
    """Whether it is in capitals and the rest is not."""

    @property
    def key(self) -> str:
        return self.text.lower().replace("'", "").replace("\u2019", "")

    @property
    def is_initial(self) -> bool:
        """Whether nobody can be called by it: a letter, or a name cut short."""
        letters = self.key
        if not self.text[0].isupper() and not self.text[0].islower():
            return False  # a script without capitals: one sign may be a name
        if len(self.text) == 1 or letters in SHORTENED:
            return True
        is_latin = letters.isascii() and letters.isalpha()
        if self.has_dot and len(letters) <= 4:
            return True
        if self.is_louder and (len(letters) == 2 or not _VOWELS & set(letters[1:])):
            return True
        return is_latin and not _VOWELS & set(letters) and letters != "ng"

    @property
    def is_title(self) -> bool:
        """Whether it is one by its place and form, whatever it says: ", MBBS", ", Kons."."""
        is_short = 2 <= len(self.text) <= _LONGEST
        return self.is_apart and is_short and (self.has_dot or self.is_louder)


def shorten_holder(name: str) -> str:
    """A name to call somebody by and the last one's initial: at most 16 bytes of UTF-8.

    Titles before and after the name are left out. Where the rest is one name behind an initial,
    that initial stays before it: "M. Rizki". Raises ReceiptError where there is no name in it.
    """
    text = unicodedata.normalize("NFC", name)
    if sum(c.isdigit() for c in text) >= MANY_DIGITS:
        raise ReceiptError("the holder's name must be a name, not an identity number")
    text = "".join(_shown(c) for c in text)
    pieces = _pieces(_REMARK.sub(" ", text)) or _pieces(text)
    if not pieces:
        raise ReceiptError("the holder's name is missing")
    names = _without_titles(pieces)
    place = _place_of_the_name(names)
    called = names[place].text
    if names[place].is_initial and len(names) > 1:
        called += "."  # nothing but initials
    if place + 1 < len(names):
        before, behind = "", f" {names[-1].text[0].upper()}."
    elif place > 0 and names[0].is_initial:
        before, behind = f"{names[0].text[0].upper()}. ", ""
    else:
        before = behind = ""
    room = MAX_HOLDER - len((before + behind).encode())
    short = called.encode("utf-8", "ignore")[:room].decode("utf-8", "ignore")
    if not short:
        raise ReceiptError("the holder's name cannot be read")
    return before + short + behind


def _shown(character: str) -> str:
    """Blanks for controls; nothing for what is not seen, save what joins letters of a script."""
    if character in "\u200c\u200d" or character.isprintable():
        return character
    return "" if unicodedata.category(character) in ("Cf", "Cs") else " "


def _pieces(text: str) -> list[_Piece]:
    pieces: list[_Piece] = []
    is_loud = text.upper() == text
    for word in _WORD.finditer(text):
        parts = word[0].split(".")
        for place, part in enumerate(parts):
            bare = _bare(part)
            if bare:
                pieces.append(
                    _Piece(
                        bare,
                        has_dot=place + 1 < len(parts),
                        is_glued=place > 0,
                        is_apart="," in text[: word.start()],
                        is_louder=bare.isupper() and not is_loud,
                    )
                )
    return pieces


def _bare(word: str) -> str:
    """The word without what is no letter at its ends: quotes, brackets, little pictures."""
    letters = [place for place, c in enumerate(word) if c.isalpha()]
    if not letters:
        return ""
    end = letters[-1] + 1
    while end < len(word) and (
        unicodedata.category(word[end])[0] in "MN" or word[end] in "'\u2019"
    ):
        end += 1  # signs that are written above, below or behind the last letter
    return word[letters[0] : end]


def _without_titles(pieces: Sequence[_Piece]) -> Sequence[_Piece]:
    """The pieces between the titles; never none: who has nothing else is called by the last."""
    start, end = 0, len(pieces)
    while (size := _title_at(pieces, start)) and start + size < end:
        start += size
    while (size := _title_before(pieces, end)) and any(
        not piece.is_initial and piece.key not in PARTICLES for piece in pieces[start : end - size]
    ):
        end -= size
    return pieces[start:end]


def _title_at(pieces: Sequence[_Piece], start: int) -> int:
    """How many pieces at ``start`` are a title that stands before names; 0 where none is."""
    for size in range(min(_JOINED, len(pieces) - start), 0, -1):
        title = pieces[start : start + size]
        # "K. H." is one, but not "Dr. A.", though it reads like "Dra.".
        is_one = all(len(piece.text) == 1 for piece in title) or all(p.is_glued for p in title[1:])
        if is_one and "".join(piece.key for piece in title) in BEFORE:
            return size
    return 0


def _title_before(pieces: Sequence[_Piece], end: int) -> int:
    """How many pieces before ``end`` are a title that stands behind names; 0 where none is."""
    for size in range(min(_JOINED, end), 0, -1):
        title = pieces[end - size : end]
        joined = "".join(piece.key for piece in title)
        is_marked = any(p.has_dot or p.is_apart or p.text.isupper() for p in title)
        # In small letters, without a dot or a comma, "Ma" and "Sari" are names.
        if joined in AFTER and (is_marked or not _VOWELS & set(joined) or len(joined) > 3):
            return size
    glued = 0
    while glued + 1 < end and pieces[end - 1 - glued].is_glued:
        glued += 1
    if glued and pieces[end - 1 - glued].is_initial:
        return glued + 1
    return int(pieces[end - 1].is_title)


def _place_of_the_name(names: Sequence[_Piece]) -> int:
    """The first that somebody can be called by; the first of all where there is none."""
    for place, piece in enumerate(names):
        if not piece.is_initial and (piece.key not in PARTICLES or place == len(names) - 1):
            return place
    return 0
