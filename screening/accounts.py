"""People who log in and gates that call the API."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from screening.decision import Check


class Role(StrEnum):
    """What a person may do; the order is not a ranking."""

    GUARD = "guard"
    OFFICER = "officer"
    MANAGER = "manager"
    ADMINISTRATOR = "administrator"


@dataclass(frozen=True, slots=True)
class User:
    """A person. ``password_hash`` is an argon2id string."""

    name: str
    role: Role
    password_hash: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Gate:
    """A gate: ``token_hash`` is the SHA-256 hex of the station's bearer token, None without one.

    ``checks`` are its own, None where it takes those of the office's mode.
    """

    name: str
    checks: frozenset[Check] | None
    token_hash: str | None


@dataclass(frozen=True, slots=True)
class WebSession:
    """A server-side log-in session; the cookie holds the token, the record only its SHA-256 hex."""

    token_hash: str
    user: str
    role: Role
    csrf_token: str
    created_at: datetime
    expires_at: datetime


class Accounts(Protocol):
    """Users, gates and log-in sessions."""

    def add_user(self, user: User) -> None:
        """Raises AccountError when the name is taken."""

    def change_password(self, name: str, password_hash: str) -> None:
        """The old password and every open log-in of this user are worthless from now on.

        Raises AccountError for no such user.
        """

    def remove_user(self, name: str) -> None:
        """This user and their open log-ins are gone; what they did stays in the log.

        Raises AccountError for no such user, and for the only administrator.
        """

    def user(self, name: str) -> User | None: ...

    def users(self) -> list[User]: ...

    def add_gate(self, gate: Gate) -> None:
        """Raises AccountError when the name is taken."""

    def renew_gate_token(self, name: str, token_hash: str) -> None:
        """The old token is worthless from now on. Raises AccountError for no such gate."""

    def gate(self, name: str) -> Gate | None: ...

    def gates(self) -> list[Gate]: ...

    def open_session(self, session: WebSession) -> None: ...

    def session(self, token_hash: str, *, at: datetime) -> WebSession | None:
        """The session, unless it has expired or was closed."""

    def close_session(self, token_hash: str) -> None: ...
