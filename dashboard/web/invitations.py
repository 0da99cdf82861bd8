"""Links by which people choose their passwords, and the names they log in by."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from dashboard.web.auth import hash_token
from screening.accounts import KEY_ACTOR, NO_PASSWORD, Accounts, Invitation, Role, User
from screening.errors import AccountError

GOOD_FOR = timedelta(days=3)
"""Over a weekend; whoever is later gets another one."""
TOKEN_BYTES = 24
LONGEST_NAME = 40


def require_name(name: str) -> str:
    """A log-in name without spaces around it. Raises AccountError."""
    name = name.strip()
    if not 0 < len(name) <= LONGEST_NAME or not name.isprintable():
        raise AccountError(f"a log-in name has 1 to {LONGEST_NAME} printable characters")
    if name.startswith(KEY_ACTOR):
        raise AccountError(f"{KEY_ACTOR} begins the names of other systems' keys in the log")
    return name


def invite(accounts: Accounts, name: str, role: Role, *, operator: str, at: datetime) -> str:
    """Add a person who has no password yet; the path of the link by which they choose one.

    Raises AccountError.
    """
    accounts.add_user(User(require_name(name), role, NO_PASSWORD, at), operator=operator)
    return renew(accounts, name.strip(), operator=operator, at=at)


def renew(accounts: Accounts, name: str, *, operator: str, at: datetime) -> str:
    """Take a person's password away; the path of the link by which they choose another one.

    Raises AccountError.
    """
    token = secrets.token_urlsafe(TOKEN_BYTES)
    invitation = Invitation(name, hash_token(token), at + GOOD_FOR)
    accounts.invite(invitation, operator=operator, at=at)
    return f"/join/{token}"
