"""Users, gates, log-in sessions and other systems' keys, on a database."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import Select, delete, func, insert, select, update
from sqlalchemy.orm import Session

from screening.accounts import Gate, Role, Scope, SystemKey, User, WebSession
from screening.errors import AccountError
from screening.record.engine import Conflict, Database
from screening.record.facts import SqlOfficeFacts, change_row
from screening.record.facts_rows import checks_column, checks_of
from screening.record.tables import (
    GateRow,
    KeptAnswerRow,
    SystemKeyRow,
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

    def add_user(self, user: User) -> None:
        """Raises AccountError when the name is taken."""
        row = UserRow(
            site=self._database.site,
            name=user.name,
            role=user.role,
            password_hash=user.password_hash,
            created_at=user.created_at,
        )
        self._add(row, f"there is a user {user.name!r} already")

    def change_password(self, name: str, password_hash: str) -> None:
        """The old password and every open log-in of this user are worthless from now on."""
        with self._database.writing() as (session, _):
            self._known(session, name).password_hash = password_hash
            self._close_sessions_of(session, name)

    def remove_user(self, name: str) -> None:
        """Raises AccountError for no such user, and for the only administrator."""
        administrators = select(func.count()).where(
            UserRow.site == self._database.site, UserRow.role == Role.ADMINISTRATOR
        )
        with self._database.writing() as (session, _):  # two who remove each other take turns
            row = self._known(session, name)
            if row.role == Role.ADMINISTRATOR and session.scalar(administrators) == 1:
                raise AccountError(f"{name!r} is the only administrator; add another one first")
            session.delete(row)
            self._close_sessions_of(session, name)

    def user(self, name: str) -> User | None:
        with self._database.reading() as session:
            row = session.get(UserRow, (self._database.site, name))
            return _user(row) if row is not None else None

    def users(self) -> list[User]:
        """All users by name."""
        query = select(UserRow).where(UserRow.site == self._database.site).order_by(UserRow.name)
        with self._database.reading() as session:
            return [_user(row) for row in session.scalars(query)]

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

    def open_session(self, session: WebSession) -> None:
        row = WebSessionRow(
            token_hash=session.token_hash,
            site=self._database.site,
            user=session.user,
            role=session.role,
            csrf_token=session.csrf_token,
            created_at=session.created_at,
            expires_at=session.expires_at,
        )
        self._add(row, "this log-in session is open already")

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

    def _known(self, session: Session, name: str) -> UserRow:
        row = session.get(UserRow, (self._database.site, name))
        if row is None:
            raise AccountError(f"there is no user {name!r}")
        return row

    def _close_sessions_of(self, session: Session, name: str) -> None:
        session.execute(
            delete(WebSessionRow).where(
                WebSessionRow.site == self._database.site, WebSessionRow.user == name
            )
        )

    def _add(self, row: UserRow | GateRow | WebSessionRow, taken: str) -> None:
        try:
            with self._database.writing() as (session, head):
                session.add(row)
                session.flush()
                if isinstance(row, GateRow):
                    head.facts_version += 1
        except Conflict as error:
            raise AccountError(taken) from error


def _session(row: WebSessionRow) -> WebSession:
    return WebSession(
        token_hash=row.token_hash,
        user=row.user,
        role=Role(row.role),
        csrf_token=row.csrf_token,
        created_at=row.created_at,
        expires_at=row.expires_at,
    )


def _user(row: UserRow) -> User:
    return User(row.name, Role(row.role), row.password_hash, row.created_at)


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
