"""The way into an office that nobody administers yet: an address that its process tells once."""

from __future__ import annotations

import hashlib
import hmac
import secrets

from screening.accounts import Accounts, Role

TOKEN_BYTES = 24
SETUP = "/setup"
"""The walk through a new office begins here."""


class FirstToken:
    """A token whose digest is in memory alone, so that another start means another one.

    It is worthless once somebody has become administrator by it, or there is one otherwise. Safe to
    use from any thread.
    """

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts
        self._digest: bytes | None = None

    def renew(self) -> str | None:
        """The path of another one, which is told only now; None where there is an administrator.

        Raises RecordError.
        """
        if self._is_administered():
            return None
        token = secrets.token_urlsafe(TOKEN_BYTES)
        self._digest = _digest_of(token)
        return f"{SETUP}/{token}"

    def is_good(self) -> bool:
        """Whether somebody may still become administrator here; from memory once nobody may.

        Raises RecordError.
        """
        if self._digest is not None and self._is_administered():
            self.end()
        return self._digest is not None

    def opens(self, token: str) -> bool:
        """Whether somebody may become administrator by it. Raises RecordError."""
        digest = self._digest
        if digest is None or not hmac.compare_digest(_digest_of(token), digest):
            return False
        return self.is_good()

    def end(self) -> None:
        """There is an administrator."""
        self._digest = None

    def _is_administered(self) -> bool:
        return any(user.role is Role.ADMINISTRATOR for user in self._accounts.users())


def _digest_of(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
