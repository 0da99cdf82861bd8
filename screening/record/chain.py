"""The hash chain over the log, and the salted digests of what may be erased from it.

    digest(detail) = SHA-256( salt || canonical content )              salt: 16 random bytes
    hash(n)        = SHA-256( canonical columns of row n, with the digests and hash(n - 1) )

Canonical means JSON with sorted keys, no spaces, UTC times with microseconds and nulls left out (so
that a column added later leaves old hashes as they are). Erasing a detail deletes content and salt;
the digest stays in the row, and without the salt nobody can try values against it.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Self

from sqlalchemy import delete
from sqlalchemy.orm import Session

from screening.record.tables import DetailRow, EntryRow, SiteRow
from screening.visits import EntryKind

GENESIS = "0" * 64
"""What the first row chains to."""

SALT_BYTES = 16
_COLUMNS = tuple(column.name for column in EntryRow.__table__.columns)
_HASHED = tuple(name for name in _COLUMNS if name != "hash")
_EMPTY: Mapping[str, Any] = dict.fromkeys(_COLUMNS)


class Detail:
    """The kinds of detail, each erased by its own rule."""

    DEGREES = "degrees"
    GROUP = "group"
    HOLDER = "holder"
    REMARK = "remark"


@dataclass(frozen=True, slots=True)
class DetailContents:
    """What may be erased of one row: by kind the content, its canonical text and its salt."""

    contents: Mapping[str, Any]
    _sealed: tuple[tuple[str, str, bytes], ...]

    @classmethod
    def of(cls, details: Mapping[str, Any] | None) -> Self:
        """Salted; details that are None are left out."""
        kept = {kind: content for kind, content in (details or {}).items() if content is not None}
        sealed = (
            (kind, canonical(content), secrets.token_bytes(SALT_BYTES))
            for kind, content in sorted(kept.items())
        )
        return cls(kept, tuple(sealed))

    @property
    def digests(self) -> str | None:
        """What the log's row holds of them."""
        found = {kind: _digest(salt, text) for kind, text, salt in self._sealed}
        return canonical(found) if found else None

    def rows(self, entry: Mapping[str, Any]) -> list[dict[str, Any]]:
        """The columns of their own rows."""
        return [
            {
                "site": entry["site"],
                "entry_id": entry["entry_id"],
                "kind": kind,
                "at": entry["at"],
                "salt": salt,
                "content": text,
            }
            for kind, text, salt in self._sealed
        ]


def chained(
    columns: Mapping[str, Any],
    *,
    site: str,
    entry_id: int,
    previous_hash: str,
    details: DetailContents,
) -> dict[str, Any]:
    """The whole row of the log that these columns make after the row with ``previous_hash``."""
    row = {
        **_EMPTY,
        **columns,
        "site": site,
        "entry_id": entry_id,
        "previous_hash": previous_hash,
        "digests": details.digests,
    }
    row["hash"] = _hash(row)
    return row


def append(
    session: Session, head: SiteRow, row: EntryRow, details: Mapping[str, Any] | None = None
) -> EntryRow:
    """Number, chain and add ``row``; ``details`` that are None are left out. ``head`` is locked."""
    row.site = head.code
    row.entry_id = head.head_entry_id + 1
    row.previous_hash = head.head_hash
    kept = {kind: content for kind, content in (details or {}).items() if content is not None}
    rows = [_detail(row, kind, content) for kind, content in sorted(kept.items())]
    if rows:
        row.digests = canonical({detail.kind: digest_of(detail) for detail in rows})
    row.hash = hash_of(row)
    session.add(row)
    session.flush()
    session.add_all(rows)
    head.head_entry_id, head.head_hash = row.entry_id, row.hash
    session.flush()
    return row


def erase(
    session: Session, head: SiteRow, details: list[tuple[int, str]], *, at: datetime, why: str
) -> EntryRow | None:
    """Delete details, given by entry and kind, and log which; None where there are none."""
    if not details:
        return None
    erased: dict[str, list[int]] = {}
    for entry_id, kind in sorted(details):
        erased.setdefault(kind, []).append(entry_id)
    for kind, entry_ids in erased.items():
        session.execute(
            delete(DetailRow).where(
                DetailRow.site == head.code,
                DetailRow.entry_id.in_(entry_ids),
                DetailRow.kind == kind,
            )
        )
    row = EntryRow(kind=EntryKind.ERASURE, at=at, facts=canonical({"erased": erased, "why": why}))
    return append(session, head, row)


def hash_of(row: EntryRow) -> str:
    """The hash this row must have, hexadecimal."""
    return _hash({name: getattr(row, name) for name in _HASHED})


def _hash(columns: Mapping[str, Any]) -> str:
    kept = {name: columns[name] for name in _HASHED if columns[name] is not None}
    return hashlib.sha256(canonical(kept).encode()).hexdigest()


def digest_of(detail: DetailRow) -> str:
    """The digest that commits to a detail, hexadecimal."""
    return _digest(detail.salt, detail.content)


def _digest(salt: bytes, text: str) -> str:
    return hashlib.sha256(salt + text.encode()).hexdigest()


def canonical(value: Any) -> str:
    """One text for one value."""
    return _ENCODER.encode(value)


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    raise TypeError(f"{type(value).__name__} has no canonical form")


_ENCODER = json.JSONEncoder(
    sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=_plain
)


def _detail(row: EntryRow, kind: str, content: Any) -> DetailRow:
    return DetailRow(
        site=row.site,
        entry_id=row.entry_id,
        kind=kind,
        at=row.at,
        salt=secrets.token_bytes(SALT_BYTES),
        content=canonical(content),
    )
