"""Users, gates, log-in sessions and other systems' keys, on a database."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    CursorResult,
    Row,
    Select,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)

from screening.accounts import (
    NO_PASSWORD,
    PASSKEYS_AT_MOST,
    Gate,
    Invitation,
    Passkey,
    Role,
    Scope,
    SystemKey,
    User,
    WebSession,
)
from screening.errors import AccountError
from screening.office.changes import Edit, differences, plain
from screening.record.engine import Conflict, Database
from screening.record.facts import SqlOfficeFacts, change_row, write_facts
from screening.record.facts_rows import checks_column, checks_of
from screening.record.tables import (
    GateRow,
    InvitationRow,
    KeptAnswerRow,
    PasskeyRow,
    RecoveryCodeRow,
    SystemKeyRow,
    TakenChallengeRow,
    UserRow,
    WebSessionRow,
)

if TYPE_CHECKING:
    from screening.record.writer import Transaction, Writer


class SqlAccounts:
    """Accounts on a database; safe to use from any thread."""

    def __init__(self, database: Database, facts: SqlOfficeFacts, writer: Writer) -> None:
        self._database = database
        self._facts = facts
        self._writer = writer

    def add_user(self, user: User, *, operator: str | None = None) -> None:
        """Written to the log where an operator is named. Raises AccountError: the name is taken."""

        def add(transaction: Transaction) -> None:
            transaction.look(user.created_at)
            self._insert_user(transaction, user, operator)

        self._writer.do(add)

    def add_first_administrator(self, user: User, *, also: Edit) -> bool:
        """False where there is one. Raises AccountError: the name is taken."""
        found = select(UserRow.name).where(
            UserRow.site == self._database.site, UserRow.role == Role.ADMINISTRATOR
        )

        def add(transaction: Transaction) -> bool:
            transaction.look(user.created_at)
            if transaction.connection.execute(found).first() is not None:
                return False
            self._insert_user(transaction, user, user.name)
            before = transaction.facts
            after = also(before)
            changes = differences(plain(before), plain(after))
            if changes:
                write_facts(transaction, after, changes, operator=user.name, at=user.created_at)
            return True

        is_added = self._writer.do(add)
        self._facts.wake()
        return is_added

    def _insert_user(self, transaction: Transaction, user: User, operator: str | None) -> None:
        columns = {
            "site": self._database.site,
            "name": user.name,
            "role": user.role,
            "password_hash": user.password_hash,
            "created_at": user.created_at,
            "locked_at": user.locked_at,
            "last_login_at": user.last_login_at,
            "code_secret": user.code_secret,
        }

        found = select(UserRow.name).where(*self._is(user.name))
        if transaction.connection.execute(found).first() is not None:
            raise AccountError(f"there is a user {user.name!r} already")
        transaction.connection.execute(insert(UserRow).values(columns))
        if operator is not None:
            changes = {f"users.{user.name}.role": (None, user.role.value)}
            transaction.append(change_row(changes, operator=operator, at=user.created_at))

    def change_password(
        self, name: str, password_hash: str, *, operator: str, at: datetime
    ) -> None:
        """The old password and every open log-in of this user are worthless from now on."""

        def change(person: _Person) -> None:
            person.set(password_hash=password_hash)
            person.forget_invitation()
            person.close_sessions()
            person.note("password", None, NEW)

        self._change(name, change, operator=operator, at=at)

    def remove_user(self, name: str, *, operator: str, at: datetime) -> None:
        """Raises AccountError for no such user, and for the last administrator."""

        def remove(person: _Person) -> None:
            person.require_another_administrator()
            person.forget_invitation()
            person.forget_recovery_codes()
            person.forget_passkeys()
            person.close_sessions()
            person.remove()
            person.note("role", person.user.role.value, None)

        self._change(name, remove, operator=operator, at=at)

    def change_role(self, name: str, role: Role, *, operator: str, at: datetime) -> None:
        """They have to log in again. Raises AccountError, also for the last administrator."""

        def change(person: _Person) -> None:
            if role is person.user.role:
                return
            if role is not Role.ADMINISTRATOR:
                person.require_another_administrator()
            person.set(role=role)
            person.close_sessions()
            person.note("role", person.user.role.value, role.value)

        self._change(name, change, operator=operator, at=at)

    def set_locked(self, name: str, *, is_locked: bool, operator: str, at: datetime) -> None:
        """Raises AccountError for no such user, and for the last administrator."""

        def change(person: _Person) -> None:
            was_locked = person.user.locked_at is not None
            if is_locked is was_locked:
                return
            if is_locked:
                person.require_another_administrator()
                person.close_sessions()
            person.set(locked_at=at if is_locked else None)
            person.note("locked", was_locked, is_locked)

        self._change(name, change, operator=operator, at=at)

    def invite(self, invitation: Invitation, *, operator: str, at: datetime) -> None:
        """What they logged in by before is worthless. Raises AccountError."""
        columns = {
            "site": self._database.site,
            "user_name": invitation.user,
            "token_hash": invitation.token_hash,
            "expires_at": invitation.expires_at,
        }

        def change(person: _Person) -> None:
            person.require_another_administrator()
            person.set(password_hash=NO_PASSWORD, code_secret=None, code_step=None)
            person.forget_recovery_codes()
            person.forget_passkeys()
            person.forget_invitation()
            person.close_sessions()
            person.connection.execute(insert(InvitationRow).values(columns))
            person.note("password", None, LINK)

        self._change(invitation.user, change, operator=operator, at=at)

    def invitation(self, token_hash: str, *, at: datetime) -> Invitation | None:
        """The invitation, unless it was used, replaced, or has expired."""
        open_ones = self.invitations(at=at)
        return next((one for one in open_ones if one.token_hash == token_hash), None)

    def invitations(self, *, at: datetime) -> list[Invitation]:
        """All that are open, by the user's name."""
        query = select(InvitationRow).where(
            InvitationRow.site == self._database.site, InvitationRow.expires_at > at
        )
        with self._database.reading() as session:
            rows = session.scalars(query.order_by(InvitationRow.user))
            return [Invitation(row.user, row.token_hash, row.expires_at) for row in rows]

    def accept(self, token_hash: str, password_hash: str, *, at: datetime) -> User:
        """The invited user has this password from now on. Raises AccountError."""
        query = select(InvitationRow.user).where(
            InvitationRow.site == self._database.site,
            InvitationRow.token_hash == token_hash,
            InvitationRow.expires_at > at,
        )

        def accept(transaction: Transaction) -> User:
            transaction.look(at)
            name = transaction.connection.execute(query).scalar()
            if name is None:
                raise AccountError("this link was used already, or its time is over")
            person = self._person(transaction, name)
            person.set(password_hash=password_hash)
            person.forget_invitation()
            person.note("password", LINK, NEW)
            person.write(operator=name, at=at)
            return replace(person.user, password_hash=password_hash)

        return self._writer.do(accept)

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
        """Let a user log in with codes, or without. Raises AccountError, also for the last one."""

        def change(person: _Person) -> None:
            if needs_factor and secret is None and person.user.passkeys == 0:
                raise AccountError(f"{name!r} needs a second factor, and has no other one")
            person.set(code_secret=secret, code_step=None)
            if secret is not None or person.user.passkeys == 0:
                person.forget_recovery_codes()
                person.add_recovery_codes(recovery_hashes)
            person.note("second_factor", person.user.code_secret is not None, secret is not None)

        self._change(name, change, operator=operator, at=at)

    def drop_second_factor(self, name: str, *, operator: str, at: datetime) -> None:
        """The password alone lets a user in. Raises AccountError for no such user."""

        def change(person: _Person) -> None:
            person.set(code_secret=None, code_step=None)
            person.forget_recovery_codes()
            person.forget_passkeys()
            person.note("second_factor", person.user.has_second_factor, after=False)

        self._change(name, change, operator=operator, at=at)

    def set_recovery_codes(
        self, name: str, hashes: Collection[str], *, operator: str, at: datetime
    ) -> None:
        """These and no others. Raises AccountError for no such user."""

        def change(person: _Person) -> None:
            before = person.forget_recovery_codes()
            person.add_recovery_codes(hashes)
            person.note("recovery_codes", before, len(hashes))

        self._change(name, change, operator=operator, at=at)

    def use_code(self, name: str, step: int) -> bool:
        """Whether the code of this step was not used before, nor a later one; it is now."""
        is_new = or_(UserRow.code_step.is_(None), UserRow.code_step < step)
        with self._database.writing() as (session, _):
            used = session.execute(
                update(UserRow).where(*self._is(name), is_new).values(code_step=step)
            )
            assert isinstance(used, CursorResult)
            return used.rowcount == 1

    def use_recovery_code(self, name: str, code_hash: str, *, at: datetime) -> bool:
        """Whether this is one of the user's recovery codes, which is used up now."""
        of_user = (RecoveryCodeRow.site == self._database.site, RecoveryCodeRow.user == name)

        def use(transaction: Transaction) -> bool:
            transaction.look(at)
            is_it = delete(RecoveryCodeRow).where(*of_user, RecoveryCodeRow.code_hash == code_hash)
            found = is_it.returning(RecoveryCodeRow.code_hash)
            if transaction.connection.execute(found).first() is None:
                return False
            count = select(func.count()).select_from(RecoveryCodeRow).where(*of_user)
            left = transaction.connection.execute(count).scalar_one()
            changes = {f"users.{name}.recovery_codes": (left + 1, left)}
            transaction.append(change_row(changes, operator=name, at=at))
            return True

        return self._writer.do(use)

    def recovery_codes_left(self, name: str) -> int:
        """How many of them are not used yet."""
        of_user = (RecoveryCodeRow.site == self._database.site, RecoveryCodeRow.user == name)
        with self._database.reading() as session:
            query = select(func.count()).select_from(RecoveryCodeRow).where(*of_user)
            return session.scalar(query) or 0

    def passkeys(self, name: str) -> list[Passkey]:
        """The user's, the oldest first."""
        with self._database.reading() as session:
            return _passkeys(session.connection(), self._database.site, name)

    def add_passkey(self, passkey: Passkey, *, at: datetime) -> None:
        """Written to the log by its label. Raises AccountError where it cannot be theirs."""
        columns = {
            "site": self._database.site,
            "credential_id": passkey.credential_id,
            "user_name": passkey.user,
            "public_key": passkey.public_key,
            "label": passkey.label,
            "site_name": passkey.site_name,
            "created_at": passkey.created_at,
            "sign_count": passkey.sign_count,
            "transports": ",".join(passkey.transports),
            "used_at": None,
            "copied_at": None,
        }
        taken = select(PasskeyRow.user).where(
            PasskeyRow.site == self._database.site,
            PasskeyRow.credential_id == passkey.credential_id,
        )

        def add(person: _Person) -> None:
            labels = [one.label for one in person.passkeys()]
            if person.connection.execute(taken).first() is not None:
                raise AccountError("this passkey is somebody's already")
            if passkey.label in labels:
                raise AccountError(f"there is a passkey {passkey.label!r} already")
            if len(labels) >= PASSKEYS_AT_MOST:
                raise AccountError(f"nobody has more than {PASSKEYS_AT_MOST} passkeys")
            person.connection.execute(insert(PasskeyRow).values(columns))
            person.note("passkeys", labels, [*labels, passkey.label])

        self._change(passkey.user, add, operator=passkey.user, at=at)

    def remove_passkey(
        self, name: str, credential_id: str, *, needs_factor: bool, at: datetime
    ) -> None:
        """Raises AccountError where they have no such key, or need it."""

        def remove(person: _Person) -> None:
            keys = person.passkeys()
            left = [one for one in keys if one.credential_id != credential_id]
            if len(left) == len(keys):
                raise AccountError(f"{name!r} has no such passkey")
            if not left and person.user.code_secret is None:
                if needs_factor:
                    raise AccountError(f"{name!r} needs a second factor, and has no other one")
                person.forget_recovery_codes()
            person.forget_passkeys(credential_id)
            person.note("passkeys", [one.label for one in keys], [one.label for one in left])

        self._change(name, remove, operator=name, at=at)

    def use_passkey(self, name: str, credential_id: str, sign_count: int, *, at: datetime) -> bool:
        """Whether the device itself says so; of a copy the log tells."""
        site = self._database.site

        def use(transaction: Transaction) -> bool:
            transaction.look(at)
            connection = transaction.connection
            keys = _passkeys(connection, site, name)
            key = next((one for one in keys if one.credential_id == credential_id), None)
            if key is None or key.copied_at is not None:
                return False
            is_own = key.is_ahead(sign_count)
            noted: dict[str, object] = {"used_at": at, "sign_count": sign_count}
            if not is_own:
                noted = {"copied_at": at}
                changes = {f"users.{name}.passkey_copied": (None, key.label)}
                transaction.append(change_row(changes, operator=name, at=at))
            is_it = (PasskeyRow.site == site, PasskeyRow.credential_id == credential_id)
            connection.execute(update(PasskeyRow).where(*is_it).values(noted))
            return is_own

        return self._writer.do(use)

    def take_challenge(self, digest: str, *, expires_at: datetime, at: datetime) -> bool:
        """Whether it was not answered before; it is now."""
        row = TakenChallengeRow(site=self._database.site, digest=digest, expires_at=expires_at)
        expired = (
            TakenChallengeRow.site == self._database.site,
            TakenChallengeRow.expires_at <= at,
        )
        try:
            with self._database.writing() as (session, _):
                session.execute(delete(TakenChallengeRow).where(*expired))
                session.add(row)
        except Conflict:
            return False
        return True

    def user(self, name: str) -> User | None:
        with self._database.reading() as session:
            row = session.execute(_users(self._database.site).where(UserRow.name == name)).first()
            return _user(row) if row is not None else None

    def users(self) -> list[User]:
        """All users by name."""
        with self._database.reading() as session:
            rows = session.execute(_users(self._database.site).order_by(UserRow.name))
            return [_user(row) for row in rows]

    def add_gate(self, gate: Gate) -> None:
        """Raises AccountError when the name is taken."""
        row = GateRow(
            site=self._database.site,
            name=gate.name,
            checks=checks_column(gate.checks),
            token_hash=gate.token_hash,
        )
        self._add(row, f"there is a gate {gate.name!r} already")
        self._facts.refresh()

    def renew_gate_token(self, name: str, token_hash: str) -> None:
        """The old token is worthless from now on. Raises AccountError for no such gate."""
        with self._database.writing() as (session, _):
            row = session.get(GateRow, (self._database.site, name))
            if row is None:
                raise AccountError(f"there is no gate {name!r}")
            row.token_hash = token_hash

    def gate(self, name: str) -> Gate | None:
        with self._database.reading() as session:
            row = session.get(GateRow, (self._database.site, name))
            return _gate(row) if row is not None else None

    def gates(self) -> list[Gate]:
        """All gates by name."""
        query = select(GateRow).where(GateRow.site == self._database.site).order_by(GateRow.name)
        with self._database.reading() as session:
            return [_gate(row) for row in session.scalars(query)]

    def open_session(self, session: WebSession, *, of: User | None = None) -> None:
        """Keeps with the user when they logged in last. Raises AccountError where ``of`` is not
        true any more."""
        row = WebSessionRow(
            token_hash=session.token_hash,
            site=self._database.site,
            user=session.user,
            role=session.role,
            csrf_token=session.csrf_token,
            created_at=session.created_at,
            expires_at=session.expires_at,
            browser=session.browser,
            seen_at=session.seen_at,
        )
        self._add(row, "this log-in session is open already", of=of)

    def session(self, token_hash: str, *, at: datetime) -> WebSession | None:
        """The session, unless it has expired or was closed."""
        with self._database.reading() as session:
            row = session.get(WebSessionRow, token_hash)
            if row is None or row.site != self._database.site or row.expires_at <= at:
                return None
            return _session(row)

    def sessions(self, *, at: datetime) -> list[WebSession]:
        """Every session that has not expired."""
        query = select(WebSessionRow).where(
            WebSessionRow.site == self._database.site, WebSessionRow.expires_at > at
        )
        with self._database.reading() as session:
            return [_session(row) for row in session.scalars(query)]

    def close_session(self, token_hash: str) -> None:
        """Closing an unknown session does nothing."""
        with self._database.writing() as (session, _):
            session.execute(
                delete(WebSessionRow).where(
                    WebSessionRow.token_hash == token_hash,
                    WebSessionRow.site == self._database.site,
                )
            )

    def end_sessions(
        self, user: str, *, number: str | None = None, operator: str, at: datetime
    ) -> list[str]:
        """End the open log-ins of a user, or only that of a number; their digests."""
        site = self._database.site
        of_user = (WebSessionRow.site == site, WebSessionRow.user == user)
        meant = (
            of_user if number is None else (*of_user, WebSessionRow.token_hash.startswith(number))
        )

        def end(transaction: Transaction) -> list[str]:
            transaction.look(at)
            connection = transaction.connection
            hashes = connection.execute(select(WebSessionRow.token_hash).where(*meant)).scalars()
            ended = list(hashes)
            if ended:
                connection.execute(delete(WebSessionRow).where(*meant))
                left = select(func.count()).select_from(WebSessionRow).where(*of_user)
                still = connection.execute(left).scalar_one()
                changes = {f"users.{user}.sessions": (still + len(ended), still)}
                transaction.append(change_row(changes, operator=operator, at=at))
            return ended

        return self._writer.do(end)

    def note_sessions_seen(self, seen: Mapping[str, datetime]) -> None:
        """When log-ins were last used, by digest; nothing for one that is gone."""
        with self._database.writing() as (session, _):
            for token_hash, at in seen.items():
                is_it = WebSessionRow.token_hash == token_hash
                session.execute(
                    update(WebSessionRow)
                    .where(WebSessionRow.site == self._database.site, is_it)
                    .values(seen_at=at)
                )

    def add_key(self, key: SystemKey, *, operator: str) -> None:
        """Written to the log by name and scopes. Raises AccountError when the name is taken."""
        columns = {
            "site": self._database.site,
            "name": key.name,
            "key_hash": key.key_hash,
            "scopes": ",".join(sorted(key.scopes)),
            "created_at": key.created_at,
            "used_at": None,
        }

        def add(transaction: Transaction) -> None:
            transaction.look(key.created_at)
            if transaction.connection.execute(_one_key(self._database.site, key.name)).first():
                raise AccountError(f"there is a key {key.name!r} already")
            transaction.connection.execute(insert(SystemKeyRow).values(columns))
            changes = {f"keys.{key.name}": (None, sorted(key.scopes))}
            transaction.append(change_row(changes, operator=operator, at=key.created_at))

        self._writer.do(add)

    def revoke_key(self, name: str, *, operator: str, at: datetime) -> None:
        """The key is worthless from now on. Raises AccountError for no such key."""
        site = self._database.site

        def revoke(transaction: Transaction) -> None:
            transaction.look(at)
            found = transaction.connection.execute(_one_key(site, name)).first()
            if found is None:
                raise AccountError(f"there is no key {name!r}")
            is_it = (SystemKeyRow.site == site, SystemKeyRow.name == name)
            transaction.connection.execute(delete(SystemKeyRow).where(*is_it))
            answers = (KeptAnswerRow.site == site, KeptAnswerRow.caller == name)
            transaction.connection.execute(delete(KeptAnswerRow).where(*answers))
            changes = {f"keys.{name}": (found.scopes.split(","), None)}
            transaction.append(change_row(changes, operator=operator, at=at))

        self._writer.do(revoke)

    def system_keys(self) -> list[SystemKey]:
        """All keys by name."""
        query = select(SystemKeyRow).where(SystemKeyRow.site == self._database.site)
        with self._database.reading() as session:
            return [_key(row) for row in session.scalars(query.order_by(SystemKeyRow.name))]

    def note_keys_used(self, used: Mapping[str, datetime]) -> None:
        """When keys were last used, by name; nothing for one that is gone."""
        with self._database.writing() as (session, _):
            for name, at in used.items():
                is_it = (SystemKeyRow.site == self._database.site, SystemKeyRow.name == name)
                session.execute(update(SystemKeyRow).where(*is_it).values(used_at=at))

    def _is(self, name: str) -> tuple[ColumnElement[bool], ...]:
        return (UserRow.site == self._database.site, UserRow.name == name)

    def _still(self, user: User) -> Select[Any]:
        """Finds the user where nobody has locked or changed them since."""
        return select(UserRow.name).where(
            *self._is(user.name),
            UserRow.role == user.role,
            UserRow.password_hash == user.password_hash,
            UserRow.locked_at.is_(None),
        )

    def _person(self, transaction: Transaction, name: str) -> _Person:
        query = _users(self._database.site).where(UserRow.name == name)
        row = transaction.connection.execute(query).first()
        if row is None:
            raise AccountError(f"there is no user {name!r}")
        return _Person(self._database.site, _user(row), transaction)

    def _change(
        self, name: str, change: Callable[[_Person], None], *, operator: str, at: datetime
    ) -> None:
        def do(transaction: Transaction) -> None:  # two who remove each other take turns
            transaction.look(at)
            person = self._person(transaction, name)
            change(person)
            person.write(operator=operator, at=at)

        self._writer.do(do)

    def _add(self, row: GateRow | WebSessionRow, taken: str, *, of: User | None = None) -> None:
        try:
            with self._database.writing() as (session, head):
                if of is not None and session.execute(self._still(of)).first() is None:
                    raise AccountError(f"{of.name!r} may not log in as they could a moment ago")
                session.add(row)
                session.flush()
                if isinstance(row, GateRow):
                    head.facts_version += 1
                else:
                    logged_in = update(UserRow).where(*self._is(row.user))
                    session.execute(logged_in.values(last_login_at=row.created_at))
        except Conflict as error:
            raise AccountError(taken) from error


NEW, LINK = "new", "link"
"""What the log says of a password: that there is another one, or a link to choose one."""


class _Person:
    """A user inside a transaction that changes something of theirs, and what the log says of it."""

    def __init__(self, site: str, user: User, transaction: Transaction) -> None:
        self.site = site
        self.user = user
        self._transaction = transaction
        self._changes: dict[str, tuple[object, object]] = {}

    @property
    def connection(self) -> Connection:
        return self._transaction.connection

    def set(self, **columns: object) -> None:
        self.connection.execute(update(UserRow).where(*self._is).values(columns))

    def remove(self) -> None:
        self.connection.execute(delete(UserRow).where(*self._is))

    def require_another_administrator(self) -> None:
        """Raises AccountError where nobody else could log in as one."""
        if self.user.role is not Role.ADMINISTRATOR or not _can_log_in(self.user):
            return
        others = select(func.count()).where(
            UserRow.site == self.site,
            UserRow.name != self.user.name,
            UserRow.role == Role.ADMINISTRATOR,
            UserRow.locked_at.is_(None),
            UserRow.password_hash != NO_PASSWORD,
        )
        if self.connection.execute(others).scalar_one() == 0:
            raise AccountError(
                f"{self.user.name!r} is the only administrator; add another one first"
            )

    def forget_invitation(self) -> None:
        is_it = (InvitationRow.site == self.site, InvitationRow.user == self.user.name)
        self.connection.execute(delete(InvitationRow).where(*is_it))

    def forget_recovery_codes(self) -> int:
        """How many there were."""
        is_it = (RecoveryCodeRow.site == self.site, RecoveryCodeRow.user == self.user.name)
        gone = delete(RecoveryCodeRow).where(*is_it).returning(RecoveryCodeRow.code_hash)
        return len(self.connection.execute(gone).all())

    def add_recovery_codes(self, hashes: Collection[str]) -> None:
        for code_hash in hashes:
            columns = {"site": self.site, "user_name": self.user.name, "code_hash": code_hash}
            self.connection.execute(insert(RecoveryCodeRow).values(columns))

    def passkeys(self) -> list[Passkey]:
        return _passkeys(self.connection, self.site, self.user.name)

    def forget_passkeys(self, credential_id: str | None = None) -> None:
        """All of them, or this one."""
        meant = [PasskeyRow.site == self.site, PasskeyRow.user == self.user.name]
        if credential_id is not None:
            meant.append(PasskeyRow.credential_id == credential_id)
        self.connection.execute(delete(PasskeyRow).where(*meant))

    def close_sessions(self) -> None:
        is_it = (WebSessionRow.site == self.site, WebSessionRow.user == self.user.name)
        self.connection.execute(delete(WebSessionRow).where(*is_it))

    def note(self, what: str, before: object, after: object) -> None:
        self._changes[f"users.{self.user.name}.{what}"] = (before, after)

    def write(self, *, operator: str, at: datetime) -> None:
        if self._changes:
            self._transaction.append(change_row(self._changes, operator=operator, at=at))

    @property
    def _is(self) -> tuple[ColumnElement[bool], ...]:
        return (UserRow.site == self.site, UserRow.name == self.user.name)


def _can_log_in(user: User) -> bool:
    return user.locked_at is None and user.password_hash != NO_PASSWORD


def _session(row: WebSessionRow) -> WebSession:
    return WebSession(
        token_hash=row.token_hash,
        user=row.user,
        role=Role(row.role),
        csrf_token=row.csrf_token,
        created_at=row.created_at,
        expires_at=row.expires_at,
        browser=row.browser or "",
        seen_at=row.seen_at,
    )


def _users(site: str) -> Select[Any]:
    passkeys = (
        select(func.count())
        .select_from(PasskeyRow)
        .where(PasskeyRow.site == UserRow.site, PasskeyRow.user == UserRow.name)
        .scalar_subquery()
        .label("passkeys")
    )
    return select(UserRow.__table__, passkeys).where(UserRow.site == site)


def _passkeys(connection: Connection, site: str, user: str) -> list[Passkey]:
    table = PasskeyRow
    query = select(table.__table__).where(table.site == site, table.user == user)
    return [
        Passkey(
            user=user,
            credential_id=row.credential_id,
            public_key=row.public_key,
            label=row.label,
            site_name=row.site_name,
            created_at=row.created_at,
            sign_count=row.sign_count,
            transports=tuple(filter(None, row.transports.split(","))),
            used_at=row.used_at,
            copied_at=row.copied_at,
        )
        for row in connection.execute(query.order_by(table.created_at, table.credential_id))
    ]


def _user(row: Row[Any]) -> User:
    return User(
        name=row.name,
        role=Role(row.role),
        password_hash=row.password_hash,
        created_at=row.created_at,
        locked_at=row.locked_at,
        last_login_at=row.last_login_at,
        code_secret=row.code_secret,
        passkeys=row.passkeys,
    )


def _gate(row: GateRow) -> Gate:
    return Gate(row.name, checks_of(row.checks), row.token_hash)


def _one_key(site: str, name: str) -> Select[str]:
    return select(SystemKeyRow.scopes).where(SystemKeyRow.site == site, SystemKeyRow.name == name)


def _key(row: SystemKeyRow) -> SystemKey:
    return SystemKey(
        name=row.name,
        scopes=frozenset(Scope(scope) for scope in row.scopes.split(",")),
        key_hash=row.key_hash,
        created_at=row.created_at,
        used_at=row.used_at,
    )
