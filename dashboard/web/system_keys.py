"""Makes keys by which other systems call the interface."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from datetime import datetime

from dashboard.web.auth import hash_token
from screening.accounts import Scope, SystemKey
from screening.errors import AccountError

KEY_BYTES = 32
KEY_PREFIX = "gerbang_"
"""Programs that look for leaked secrets find it by this."""
LONGEST_NAME = 40


def require_key_name(name: str) -> str:
    """A key's name without spaces around it. Raises AccountError."""
    name = name.strip()
    if not 0 < len(name) <= LONGEST_NAME or not name.isprintable():
        raise AccountError(f"a key's name has 1 to {LONGEST_NAME} printable characters")
    return name


def make_key(name: str, scopes: Collection[Scope], at: datetime) -> tuple[SystemKey, str]:
    """A new key, and its secret, which is kept nowhere. Raises AccountError."""
    secret = f"{KEY_PREFIX}{secrets.token_urlsafe(KEY_BYTES)}"
    key = SystemKey(
        name=require_key_name(name),
        scopes=frozenset(scopes),
        key_hash=hash_token(secret),
        created_at=at,
    )
    return key, secret
