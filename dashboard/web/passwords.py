"""Passwords: how they are kept, and which are too easy to guess."""

from __future__ import annotations

import re
import secrets
import unicodedata
from base64 import b64encode
from enum import StrEnum

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.low_level import ARGON2_VERSION

from screening.accounts import NO_PASSWORD, User

_hasher = PasswordHasher(memory_cost=19 * 1024, time_cost=2, parallelism=1)
"""The OWASP password storage cheat sheet's first choice for argon2id: 19 MiB, one lane. Hashes that
were made with other parameters stay good."""


def _hash_of_nobody() -> str:
    """Looks like a password's hash and takes as long to verify; random bytes that nothing made."""
    cost = f"m={_hasher.memory_cost},t={_hasher.time_cost},p={_hasher.parallelism}"
    salt, digest = (
        b64encode(secrets.token_bytes(length)).decode().rstrip("=")
        for length in (_hasher.salt_len, _hasher.hash_len)
    )
    return f"$argon2id$v={ARGON2_VERSION}${cost}${salt}${digest}"


_NOBODY = _hash_of_nobody()
"""Verified in place of an unknown user's hash, so that both take the same time."""

SHORTEST_PASSWORD = 8
"""As NIST SP 800-63B asks, which also asks for a look at what is tried first."""
LONGEST_PASSWORD = 256
"""No page takes more."""
FEWEST_DIFFERENT = 4
FEWEST_OF_ONES_OWN = 4
"""Characters that are left when a password's common parts are taken away."""
SHORTEST_PART = 3
SHORTEST_RUN = 3

_REPEATED = re.compile(r"(.{1,6}?)\1+.?")
_LETTERS = re.compile(r"[\W\d_]+")
_ROWS = tuple(
    row[::step]
    for row in (
        "abcdefghijklmnopqrstuvwxyz",
        "01234567890",
        "qwertyuiop[]",
        "asdfghjkl;'",
        "zxcvbnm,./",
        "!@#$%^&*()",
        "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik,9ol.",
        "1q2w3e4r5t6y7u8i9o0p",
        "q1w2e3r4t5y6u7i8o9p0",
        "aqswdefrgthyjukilo",
    )
    for step in (1, -1)
)
_LOOKS: tuple[dict[int, int], ...] = (
    {},
    str.maketrans("013457@$!|", "oieastasii"),
    str.maketrans("013457@$!|", "oleastasll"),
)
_COMMON_WORDS = """
password passwd passwort pass sandi katasandi katakunci kunci rahasia rahasiaku secret admin
administrator root user guest guru login masuk welcome selamat selamatdatang datang letmein
changeme change default ganti gantisaya test testing tester tamu coba guard satpam security
penjaga officer petugas manager manajer kepala operator staff pegawai kantor office gerbang gate
gapura pintu disdukcapil dukcapil catatansipil kelurahan kecamatan bogor jakarta bandung surabaya
medan semarang indonesia indonesiaku merdeka garuda pancasila nusantara bismillah alhamdulillah
insyaallah assalamualaikum iloveyou ilove love loveyou sayang sayangku cinta cintaku bidadari
anakku keluarga qwerty qwertz azerty asdf zxcv monkey dragon football baseball basketball soccer
hockey superman batman spiderman starwars pokemon naruto doraemon trustno sunshine princess shadow
master michael michelle jennifer jessica jordan ashley daniel danielle charlie andrew matthew
joshua anthony amanda thomas robert hunter buster killer pepper ginger flower summer winter
freedom whatever internet computer samsung google facebook access corvette mercedes ferrari
maverick midnight victoria samantha elizabeth alexander melissa nicole liverpool chelsea arsenal
manchester united persib persija arema hello halo abc abcd matrix phoenix cookie cheese banana
orange purple yellow silver golden diamond crystal angel angels lovely beautiful forever friends
family januari februari maret april mei juni juli agustus september oktober november desember
"""
_COMMON = re.compile("|".join(sorted(_COMMON_WORDS.split(), key=len, reverse=True)))


def hash_password(password: str) -> str:
    """An argon2id string for ``User.password_hash``."""
    return _hasher.hash(password)


def is_password_of(user: User | None, password: str) -> bool:
    """Whether the password fits; as slow for a user who does not exist, or has none yet."""
    hashed = _NOBODY if user is None or user.password_hash == NO_PASSWORD else user.password_hash
    try:
        _hasher.verify(hashed, password)
    except (VerificationError, InvalidHashError):
        return False
    return hashed is not _NOBODY


class Weakness(StrEnum):
    """Why a password is too easy to guess: the end of a sentence that begins with "the password".

    ``dashboard.web.account_words`` has the sentences of pages.
    """

    SHORT = f"needs at least {SHORTEST_PASSWORD} characters"
    LONG = f"has more than {LONGEST_PASSWORD} characters"
    DIGITS = "is nothing but digits: birthdays and numbers of people are tried first"
    NAME = "holds the log-in name"
    REPEATED = "repeats itself"
    NEIGHBOURS = "is a row of neighbours in the alphabet or on the keyboard"
    COMMON = "is one of those that everybody tries first"


def weakness(password: str, name: str) -> Weakness | None:
    """Why this password of the user ``name`` is too easy to guess; None where it will do."""
    plain = _plain(password)
    reasons = (
        (len(password) < SHORTEST_PASSWORD, Weakness.SHORT),
        (len(password) > LONGEST_PASSWORD, Weakness.LONG),
        (plain.isdigit(), Weakness.DIGITS),
        (
            any(part in plain or part[::-1] in plain for part in _parts_of(name)),
            Weakness.NAME,
        ),
        (
            len(set(plain)) < FEWEST_DIFFERENT or _REPEATED.fullmatch(plain) is not None,
            Weakness.REPEATED,
        ),
        (len(_without_runs(plain)) < FEWEST_OF_ONES_OWN, Weakness.NEIGHBOURS),
        (len(_without_common_words(plain)) < FEWEST_OF_ONES_OWN, Weakness.COMMON),
    )
    return next((why for is_weak, why in reasons if is_weak), None)


def _plain(text: str) -> str:
    """Small letters without marks."""
    taken_apart = unicodedata.normalize("NFKD", text).casefold()
    return "".join(one for one in taken_apart if not unicodedata.combining(one))


def _parts_of(name: str) -> list[str]:
    """The name and its words, as far as they are long enough to point at somebody."""
    plain = _plain(name)
    parts = [plain, *re.split(r"[\W_]+", plain)]
    return [part for part in parts if len(part) >= SHORTEST_PART]


def _without_runs(plain: str) -> str:
    """What is left without three or more neighbours in a row."""
    kept, start = [], 0
    for end in range(1, len(plain) + 1):
        if end < len(plain) and _is_run(plain[start : end + 1]):
            continue
        if end - start < SHORTEST_RUN:
            kept.append(plain[start:end])
        start = end
    return "".join(kept)


def _is_run(text: str) -> bool:
    return any(text in row for row in _ROWS)


def _without_common_words(plain: str) -> str:
    """The letters that are left without words of the list, also in the spelling of p@ssw0rd."""
    return min(
        (_LETTERS.sub("", _COMMON.sub("", plain.translate(look))) for look in _LOOKS), key=len
    )
