"""People who log in, gates that call the API, and the keys of other systems."""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from screening.clock import Clock
from screening.decision import Check
from screening.trouble import Trouble

_log = logging.getLogger(__name__)


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


class Scope(StrEnum):
    """What another system may do by its key."""

    REGISTRATIONS = "registrations"
    STATUS = "status"
    QUEUE = "queue"
    FIGURES = "figures"


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemKey:
    """What another system calls the API with: ``key_hash`` is the SHA-256 hex of its bearer key.

    ``used_at`` is when it was last used, up to ``USE_KEPT_EVERY`` too early; None for never.
    """

    name: str
    scopes: frozenset[Scope]
    key_hash: str
    created_at: datetime
    used_at: datetime | None = None

    @property
    def actor(self) -> str:
        """How the log and bookings name it; no person is called so."""
        return f"{KEY_ACTOR}{self.name}"


KEY_ACTOR = "key:"
"""Before the name of another system's key, wherever it stands for who did something."""


class Accounts(Protocol):
    """Users, gates, log-in sessions and other systems' keys."""

    def add_user(self, user: User) -> None:
        """Raises AccountError when the name is taken."""

    def change_password(self, name: str, password_hash: str) -> None:
        """The old password and every open log-in of this user are worthless from now on;
        other processes know it within ``KNOWN_FOR_S``.

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
        """The old token is worthless from now on; other processes know it within ``KNOWN_FOR_S``.

        Raises AccountError for no such gate.
        """

    def gate(self, name: str) -> Gate | None: ...

    def gates(self) -> list[Gate]: ...

    def open_session(self, session: WebSession) -> None: ...

    def session(self, token_hash: str, *, at: datetime) -> WebSession | None:
        """The session, unless it has expired or was closed."""

    def sessions(self, *, at: datetime) -> list[WebSession]:
        """Every session that has not expired."""

    def close_session(self, token_hash: str) -> None: ...

    def add_key(self, key: SystemKey, *, operator: str) -> None:
        """Written to the log by name and scopes. Raises AccountError when the name is taken."""

    def revoke_key(self, name: str, *, operator: str, at: datetime) -> None:
        """The key is worthless from now on, and the answers kept for it are erased; other
        processes know it within ``KNOWN_FOR_S``. Written to the log.

        Raises AccountError for no such key.
        """

    def system_keys(self) -> list[SystemKey]:
        """All keys by name."""

    def note_keys_used(self, used: Mapping[str, datetime]) -> None:
        """When keys were last used, by name; nothing for one that is gone. No row of the log."""


KNOWN_FOR_S = 2.0
"""What the record said longer ago is asked again: a token or log-in that was taken away is
worthless within this time, in every process."""

USE_KEPT_EVERY = timedelta(minutes=10)
"""The record learns of a key's use at most this often."""

LOOK_S = 1.0
UNKNOWN_S = 0.2
"""A token that is not known is looked for in the record at most this often."""


class KnownAccounts:
    """Log-in sessions, stations' tokens and systems' keys as the record last told them.

    Once started, a thread of its own keeps them fresh, so that a known one is told from memory and
    never waits for the record; while the record cannot be read, what was known goes on being known.
    Not started, it asks again whatever is older than ``KNOWN_FOR_S``.
    """

    def __init__(self, accounts: Accounts, clock: Clock) -> None:
        self._accounts = accounts
        self._clock = clock
        self._gates: dict[str, Gate] = {}
        self._stations: dict[str, str] = {}
        self._gates_read_s = float("-inf")
        self._looked_s = float("-inf")
        self._sessions: dict[str, tuple[WebSession, float]] = {}
        self._keys: dict[str, SystemKey] = {}
        self._keys_read_s = self._looked_for_key_s = float("-inf")
        self._looking_for_key = threading.Lock()
        self._used: dict[str, datetime] = {}
        self._closing = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Read everything, and keep it fresh from now on. Raises RecordError."""
        self.refresh()
        self._thread = threading.Thread(target=self._watch, name="accounts", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop; a look that hangs in the record is not waited for."""
        self._closing.set()

    def gates(self) -> list[Gate]:
        """All gates by name. Raises RecordError."""
        if self._is_old(self._gates_read_s):
            self._read_gates()
        return [self._gates[name] for name in sorted(self._gates)]

    def known_station(self, token_hash: str) -> str | None:
        """The gate whose station has this token, from memory; None where it must be looked up."""
        return None if self._is_old(self._gates_read_s) else self._stations.get(token_hash)

    def station(self, token_hash: str) -> str | None:
        """The gate whose station has this token. Raises RecordError."""
        known = self.known_station(token_hash)
        if known is None and self._may_look(self._looked_s):
            self._looked_s = self._clock.monotonic_s()
            self._read_gates()
        return self._stations.get(token_hash)

    def known_key(self, key_hash: str) -> SystemKey | None:
        """The key with this digest, from memory; None where it must be looked up."""
        return None if self._is_old(self._keys_read_s) else self._keys.get(key_hash)

    def key(self, key_hash: str) -> SystemKey | None:
        """The key with this digest, unless it was revoked. Raises RecordError."""
        with self._looking_for_key:  # of many at once, the others get what the first one reads
            if self.known_key(key_hash) is None and self._may_look(self._looked_for_key_s):
                self._looked_for_key_s = self._clock.monotonic_s()
                self._read_keys()
            return self._keys.get(key_hash)

    def note_use(self, key: SystemKey) -> None:
        """It was used now; the record learns of it at a later look."""
        self._used[key.name] = self._clock.now()

    def known_session(self, token_hash: str) -> WebSession | None:
        """The session, from memory; None where it must be looked up."""
        found = self._sessions.get(token_hash)
        if found is None or self._is_old(found[1]):
            return None
        session = found[0]
        return session if self._clock.now() < session.expires_at else None

    def session(self, token_hash: str) -> WebSession | None:
        """The session, unless it has expired or was closed. Raises RecordError."""
        known = self.known_session(token_hash)
        if known is not None:
            return known
        session = self._accounts.session(token_hash, at=self._clock.now())
        if session is None:
            self._sessions.pop(token_hash, None)
        else:
            self._sessions[token_hash] = (session, self._clock.monotonic_s())
        return session

    def forget_session(self, token_hash: str) -> None:
        """It was closed here."""
        self._sessions.pop(token_hash, None)

    def refresh(self) -> None:
        """Read everything again. Raises RecordError; what was known stays then."""
        self._read_gates()
        self._read_keys()
        now_s = self._clock.monotonic_s()
        found = self._accounts.sessions(at=self._clock.now())
        opened_since = {key: known for key, known in self._sessions.items() if known[1] >= now_s}
        self._sessions = {
            **{session.token_hash: (session, now_s) for session in found},
            **opened_since,
        }
        self._keep_use()

    def _is_old(self, read_s: float) -> bool:
        if self._thread is not None:
            return read_s == float("-inf")
        return self._clock.monotonic_s() - read_s >= KNOWN_FOR_S

    def _may_look(self, looked_s: float) -> bool:
        """Whether an unknown token is looked for: those that nobody has are not looked up one by
        one. What the watch read a moment ago does not count, a gate may be newer."""
        return self._thread is None or self._clock.monotonic_s() - looked_s >= UNKNOWN_S

    def _read_gates(self) -> None:
        gates = self._accounts.gates()
        self._gates = {gate.name: gate for gate in gates}
        self._stations = {
            gate.token_hash: gate.name for gate in gates if gate.token_hash is not None
        }
        self._gates_read_s = self._clock.monotonic_s()

    def _read_keys(self) -> None:
        self._keys = {key.key_hash: key for key in self._accounts.system_keys()}
        self._keys_read_s = self._clock.monotonic_s()

    def _keep_use(self) -> None:
        due = {
            key.name: used
            for key in self._keys.values()
            if (used := self._used.get(key.name)) is not None
            and (key.used_at is None or used - key.used_at >= USE_KEPT_EVERY)
        }
        if due:
            self._accounts.note_keys_used(due)

    def _watch(self) -> None:
        trouble = Trouble(
            _log,
            "log-ins and stations are known as they were",
            over="log-ins and stations can be read again",
        )
        while not self._closing.wait(LOOK_S):
            with trouble.told_once():
                self.refresh()
