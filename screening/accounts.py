"""People who log in, gates that call the API, and the keys of other systems."""

from __future__ import annotations

import logging
import threading
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from screening.clock import Clock
from screening.decision import Check
from screening.loop import Loop, Trouble
from screening.office.changes import Edit

_log = logging.getLogger(__name__)


class Role(StrEnum):
    """What a person may do; the order is not a ranking."""

    GUARD = "guard"
    OFFICER = "officer"
    MANAGER = "manager"
    ADMINISTRATOR = "administrator"


STRONG_ROLES = frozenset({Role.MANAGER, Role.ADMINISTRATOR})
"""Whose log-in opens the most: where the office says so, they need a second factor."""

NO_PASSWORD = ""
"""In place of a password's hash: nothing that anybody types fits it."""


@dataclass(frozen=True, slots=True)
class User:
    """A person. ``password_hash`` is an argon2id string, or ``NO_PASSWORD`` until one is chosen.

    ``locked_at``: they cannot log in since then. ``code_secret`` is the base32 secret from which
    their authenticator makes codes (RFC 6238), None where it makes none. ``passkeys`` is how many
    they have, also of those that open nothing any more.
    """

    name: str
    role: Role
    password_hash: str
    created_at: datetime
    locked_at: datetime | None = None
    last_login_at: datetime | None = None
    code_secret: str | None = field(default=None, repr=False)
    passkeys: int = 0

    @property
    def has_second_factor(self) -> bool:
        """Whether the password alone does not let them in."""
        return self.code_secret is not None or self.passkeys > 0


PASSKEYS_AT_MOST = 10
"""Of one person: a browser is asked which of them it has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Passkey:
    """A key that lies in a person's device and is their second factor (WebAuthn, level 2).

    ``credential_id`` is base64url without padding, ``public_key`` a COSE key. ``label`` is what the
    person calls it. A browser gives it out at pages of ``site_name`` (the RP ID) alone.
    ``sign_count`` is how often the device says that it was used, 0 where it does not count.
    ``copied_at``: the count did not go on then, as that of a copy would not; it opens nothing now.
    """

    user: str
    credential_id: str
    public_key: bytes = field(repr=False)
    label: str
    site_name: str
    created_at: datetime
    sign_count: int = 0
    transports: tuple[str, ...] = ()
    used_at: datetime | None = None
    copied_at: datetime | None = None

    def is_ahead(self, sign_count: int) -> bool:
        """Whether the device itself can say this count next (section 6.1.1)."""
        return sign_count > self.sign_count or sign_count == self.sign_count == 0


@dataclass(frozen=True, slots=True)
class Invitation:
    """A link by which a person chooses a password: ``token_hash`` is its SHA-256 hex.

    It is good once, and until ``expires_at``.
    """

    user: str
    token_hash: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Gate:
    """A gate: ``token_hash`` is the SHA-256 hex of the station's bearer token, None without one.

    ``checks`` are its own, None where it takes those of the office's mode.
    """

    name: str
    checks: frozenset[Check] | None
    token_hash: str | None


SESSION_NUMBER_LENGTH = 16


@dataclass(frozen=True, slots=True)
class WebSession:
    """A server-side log-in session; the cookie holds the token, the record only its SHA-256 hex.

    ``browser`` is what it was opened in, in a word, empty where nobody can tell. ``seen_at`` is
    when it was last used, up to ``SEEN_KEPT_EVERY`` too early; None for never.
    """

    token_hash: str
    user: str
    role: Role
    csrf_token: str
    created_at: datetime
    expires_at: datetime
    browser: str = ""
    seen_at: datetime | None = None

    @property
    def number(self) -> str:
        """Names it on a page; nobody can log in by it."""
        return self.token_hash[:SESSION_NUMBER_LENGTH]


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

    def add_user(self, user: User, *, operator: str | None = None) -> None:
        """Written to the log where an operator is named. Raises AccountError: the name is taken."""

    def add_first_administrator(self, user: User, *, also: Edit) -> bool:
        """Add an administrator where there is none, and change the office's facts with it; False
        where there is one. Written to the log as done by themselves.

        Raises AccountError: the name is taken.
        """

    def change_password(
        self, name: str, password_hash: str, *, operator: str, at: datetime
    ) -> None:
        """The old password, an open invitation and every open log-in of this user are worthless
        from now on; other processes know it within ``KNOWN_FOR_S``. Written to the log.

        Raises AccountError for no such user.
        """

    def remove_user(self, name: str, *, operator: str, at: datetime) -> None:
        """This user and their open log-ins are gone; what they did stays in the log.

        Raises AccountError for no such user, and for the last administrator who can log in.
        """

    def change_role(self, name: str, role: Role, *, operator: str, at: datetime) -> None:
        """They may do something else from now on, and have to log in again. Written to the log.

        Raises AccountError for no such user, and for the last administrator who can log in.
        """

    def set_locked(self, name: str, *, is_locked: bool, operator: str, at: datetime) -> None:
        """They cannot log in, and their open log-ins end; or they can again. Written to the log.

        Raises AccountError for no such user, and for the last administrator who can log in.
        """

    def invite(self, invitation: Invitation, *, operator: str, at: datetime) -> None:
        """The user chooses a password by this link; what they had before, their password, second
        factors, open log-ins and an older link, is worthless from now on. Written to the log.

        Raises AccountError for no such user, and for the last administrator who can log in.
        """

    def invitation(self, token_hash: str, *, at: datetime) -> Invitation | None:
        """The invitation, unless it was used, replaced, or has expired."""

    def invitations(self, *, at: datetime) -> list[Invitation]:
        """All that are open, by the user's name."""

    def accept(self, token_hash: str, password_hash: str, *, at: datetime) -> User:
        """The invited user has this password from now on; the link is worthless. Written to the
        log as done by themselves.

        Raises AccountError where there is no such open invitation.
        """

    def set_code_secret(
        self,
        name: str,
        secret: str | None,
        recovery_hashes: Collection[str],
        *,
        operator: str,
        at: datetime,
        needs_factor: bool = False,
    ) -> None:
        """Let a user log in with codes, and with these recovery codes alone, or without codes:
        the recovery codes stay then only where a passkey does. Written to the log without its
        secret.

        Raises AccountError for no such user, and with ``needs_factor`` for taking the last second
        factor away.
        """

    def drop_second_factor(self, name: str, *, operator: str, at: datetime) -> None:
        """The password alone lets a user in: no codes, no passkeys, no recovery codes. Written to
        the log. Raises AccountError for no such user.
        """

    def set_recovery_codes(
        self, name: str, hashes: Collection[str], *, operator: str, at: datetime
    ) -> None:
        """These and no others. Written to the log by their number. Raises AccountError for no such
        user."""

    def use_code(self, name: str, step: int) -> bool:
        """Whether the code of this step of time was not used before, nor a later one; it is now."""

    def use_recovery_code(self, name: str, code_hash: str, *, at: datetime) -> bool:
        """Whether this is one of the user's recovery codes, which is used up now. Written to the
        log."""

    def recovery_codes_left(self, name: str) -> int: ...

    def passkeys(self, name: str) -> list[Passkey]:
        """The user's, the oldest first."""

    def add_passkey(self, passkey: Passkey, *, at: datetime) -> None:
        """Written to the log by its label, as done by its user.

        Raises AccountError for no such user, for a key that somebody has already, for a label that
        another one of theirs has, and for more than ``PASSKEYS_AT_MOST``.
        """

    def remove_passkey(
        self, name: str, credential_id: str, *, needs_factor: bool, at: datetime
    ) -> None:
        """Recovery codes go with the last second factor. Written to the log as done by its user.

        Raises AccountError where they have no such key, and with ``needs_factor`` for the last
        second factor.
        """

    def use_passkey(self, name: str, credential_id: str, sign_count: int, *, at: datetime) -> bool:
        """Whether the device itself says so often that its key was used; noted now.

        Where a copy may have said so, the key opens nothing from now on, and the log says it.
        """

    def take_challenge(self, digest: str, *, expires_at: datetime, at: datetime) -> bool:
        """Whether this question to a passkey was not answered before; it is now. Those that have
        expired are forgotten, so an answer after ``expires_at`` is none."""

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

    def open_session(self, session: WebSession, *, of: User | None = None) -> None:
        """Keeps with the user when they logged in last.

        ``of`` is the user whose password was looked at. Raises AccountError where they have been
        locked or removed since, or have another role or password.
        """

    def session(self, token_hash: str, *, at: datetime) -> WebSession | None:
        """The session, unless it has expired or was closed."""

    def sessions(self, *, at: datetime) -> list[WebSession]:
        """Every session that has not expired."""

    def close_session(self, token_hash: str) -> None: ...

    def end_sessions(
        self, user: str, *, number: str | None = None, operator: str, at: datetime
    ) -> list[str]:
        """End the open log-ins of a user, or only that of a number; their digests. Other processes
        know it within ``KNOWN_FOR_S``. Written to the log where there were any."""

    def note_sessions_seen(self, seen: Mapping[str, datetime]) -> None:
        """When log-ins were last used, by digest; nothing for one that is gone. No row of the
        log."""

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

SEEN_KEPT_EVERY = timedelta(minutes=5)
"""The record learns of a log-in's use at most this often."""

ENDED_KEPT_S = 60.0
"""A question to the record never takes so long that it could bring an ended log-in back later."""

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
        self._ended: dict[str, tuple[int, float]] = {}
        self._endings = 0
        self._keys: dict[str, SystemKey] = {}
        self._keys_read_s = self._looked_for_key_s = float("-inf")
        self._looking_for_key = threading.Lock()
        self._used: dict[str, datetime] = {}
        self._seen: dict[str, datetime] = {}
        self._loop = Loop(
            "accounts",
            self.refresh,
            trouble=Trouble(
                _log,
                "log-ins and stations are known as they were",
                over="log-ins and stations can be read again",
            ),
            every_s=LOOK_S,
            at_once=False,
        )

    def start(self) -> None:
        """Read everything, and keep it fresh from now on. Raises RecordError."""
        self.refresh()
        self._loop.start()

    def close(self) -> None:
        """Stop; a look that hangs in the record is not waited for."""
        self._loop.close(0)

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

    def note_seen(self, session: WebSession) -> None:
        """It was used now; the record learns of it at a later look."""
        self._seen[session.token_hash] = self._clock.now()

    def seen_at(self, session: WebSession) -> datetime | None:
        """When it was last used, as far as this process and the record know."""
        moments = (session.seen_at, self._seen.get(session.token_hash))
        return max((one for one in moments if one is not None), default=None)

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
        endings = self._endings
        session = self._accounts.session(token_hash, at=self._clock.now())
        if session is None or self._has_ended(token_hash, endings):
            self._sessions.pop(token_hash, None)
            return None
        self._sessions[token_hash] = (session, self._clock.monotonic_s())
        return session

    def forget_session(self, token_hash: str) -> None:
        """It was closed here; what was read of it before counts no more."""
        self._endings += 1
        self._ended[token_hash] = (self._endings, self._clock.monotonic_s())
        self._sessions.pop(token_hash, None)

    def forget_sessions_of(self, user: str) -> None:
        """They were all closed here."""
        for token_hash, (session, _) in list(self._sessions.items()):
            if session.user == user:
                self.forget_session(token_hash)

    def refresh(self) -> None:
        """Read everything again. Raises RecordError; what was known stays then."""
        self._read_gates()
        self._read_keys()
        now_s, endings = self._clock.monotonic_s(), self._endings
        found = self._accounts.sessions(at=self._clock.now())
        opened_since = {key: known for key, known in self._sessions.items() if known[1] >= now_s}
        self._sessions = {
            **{session.token_hash: (session, now_s) for session in found},
            **opened_since,
        }
        for token_hash, (_, ended_s) in list(self._ended.items()):
            if self._has_ended(token_hash, endings):
                self._sessions.pop(token_hash, None)
            elif now_s - ended_s > ENDED_KEPT_S:
                self._ended.pop(token_hash, None)
        self._keep_use()
        self._keep_seen(found)

    def _has_ended(self, token_hash: str, endings: int) -> bool:
        """Whether it was closed here after so many had been: what was read before is older."""
        return self._ended.get(token_hash, (0, 0.0))[0] > endings

    def _is_old(self, read_s: float) -> bool:
        if self._loop.is_started:
            return read_s == float("-inf")
        return self._clock.monotonic_s() - read_s >= KNOWN_FOR_S

    def _may_look(self, looked_s: float) -> bool:
        """Whether an unknown token is looked for: those that nobody has are not looked up one by
        one. What the watch read a moment ago does not count, a gate may be newer."""
        return not self._loop.is_started or self._clock.monotonic_s() - looked_s >= UNKNOWN_S

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

    def _keep_seen(self, sessions: Sequence[WebSession]) -> None:
        due = {
            one.token_hash: seen
            for one in sessions
            if (seen := self._seen.get(one.token_hash)) is not None
            and (one.seen_at is None or seen - one.seen_at >= SEEN_KEPT_EVERY)
        }
        open_now = {one.token_hash for one in sessions} | self._sessions.keys()
        for token_hash in self._seen.keys() - open_now:
            self._seen.pop(token_hash, None)
        if due:
            self._accounts.note_sessions_seen(due)
