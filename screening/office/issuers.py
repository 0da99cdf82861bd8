"""Whose receipts the office believes besides its own, and edits of that. Pure.

An issuer has a key, with which it signs its receipts, or hands in lists of receipts with numbers of
its own, or both. Where its keys are replaced it has several; each may have a day from which and one
until which it is believed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from screening.errors import OfficeError
from screening.office.facts import OfficeFacts
from screening.receipts.keys import TrustedKey, key_id

Edit = Callable[[OfficeFacts], OfficeFacts]

MAX_ISSUER = 16
"""Characters; a token has no room for more."""
MAX_KEY_ID_BYTES = 64


def require_issuer(name: str, *, ours: str) -> str:
    """The name of another issuer. Raises OfficeError."""
    if not 0 < len(name) <= MAX_ISSUER or not name.isprintable() or name != name.strip():
        raise OfficeError(f"an issuer's name has 1 to {MAX_ISSUER} printable characters")
    if name == ours:
        raise OfficeError(
            f"{name} is this office, whose key lies in its own folder; gerbang receipt new-key"
            " replaces it"
        )
    return name


def with_issuer_key(key: TrustedKey) -> Edit:
    """Believe one more key of an issuer."""
    _require_order(key)
    if not 0 < len(key.kid) <= MAX_KEY_ID_BYTES:
        raise OfficeError(f"a key id has 1 to {MAX_KEY_ID_BYTES} bytes")

    def add(facts: OfficeFacts) -> OfficeFacts:
        if any((one.issuer, one.kid) == (key.issuer, key.kid) for one in facts.issuer_keys):
            raise OfficeError(
                f"{key.issuer} has a key {key.kid.hex()} already; gerbang issuer set changes from"
                " when and until when it is believed"
            )
        return replace(facts, issuer_keys=(*facts.issuer_keys, key))

    return add


def with_key_times(issuer: str, kid: bytes | None, times: Mapping[str, datetime | None]) -> Edit:
    """``from`` and ``until`` of a key, one or both; None takes the limit away.

    ``kid`` may be None where the issuer has one key.
    """

    def change(facts: OfficeFacts) -> OfficeFacts:
        (old,) = chosen(facts, issuer, kid, several=False)
        new = replace(
            old,
            not_before=times.get("from", old.not_before),
            not_after=times.get("until", old.not_after),
        )
        _require_order(new)
        keys = tuple(new if one is old else one for one in facts.issuer_keys)
        return replace(facts, issuer_keys=keys)

    return change


def without_issuer(issuer: str, kid: bytes | None) -> Edit:
    """Believe a key no more, or none of the issuer's: its imported numbers, too."""

    def remove(facts: OfficeFacts) -> OfficeFacts:
        if kid is None and issuer in facts.imported:
            imported = {name: count for name, count in facts.imported.items() if name != issuer}
            facts = replace(facts, imported=imported)
            gone: Sequence[TrustedKey] = [one for one in facts.issuer_keys if one.issuer == issuer]
        else:
            gone = chosen(facts, issuer, kid, several=True)
        return replace(facts, issuer_keys=tuple(k for k in facts.issuer_keys if k not in gone))

    return remove


def chosen(
    facts: OfficeFacts, issuer: str, kid: bytes | None, *, several: bool
) -> list[TrustedKey]:
    """The keys that are meant, at least one. Raises OfficeError."""
    keys = [one for one in facts.issuer_keys if one.issuer == issuer]
    if not keys:
        known = ", ".join(sorted({one.issuer for one in facts.issuer_keys})) or "none"
        raise OfficeError(f"there is no key of an issuer {issuer!r}; known: {known}")
    meant = [one for one in keys if kid is None or one.kid == kid]
    if not meant or (len(meant) > 1 and not several):
        ids = ", ".join(one.kid.hex() for one in keys)
        raise OfficeError(f"say which key of {issuer} is meant, --kid; it has {ids}")
    return meant


def told_key(key: TrustedKey) -> str:
    """A key in one line: how it signs, the beginning of its digest, and its days."""
    parts = [key.algorithm.name_in_cose, key_id(key.public_key).hex()]
    for word, moment in (("from", key.not_before), ("until", key.not_after)):
        if moment is not None:
            parts += [word, moment.astimezone(UTC).isoformat(timespec="seconds")]
    return " ".join(parts)


def _require_order(key: TrustedKey) -> None:
    if key.not_before and key.not_after and key.not_before >= key.not_after:
        raise OfficeError("a key must be believed from before it ends")
