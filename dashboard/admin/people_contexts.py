"""What the pages about people and keys show."""

from __future__ import annotations

from dataclasses import dataclass

from dashboard.admin.contexts import Around
from dashboard.web.account_contexts import PasskeyLine, SessionLine
from dashboard.web.shell import Shell


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonLine:
    """A person in the list. ``state`` is open, locked, invited or lapsed (the link's time is over,
    or there is none); ``note`` says it."""

    name: str
    address: str
    role_word: str
    last_login: str
    state: str
    note: str
    has_second_factor: bool
    is_yourself: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PeoplePage:
    """``admin/people.html``. ``roles`` are codes, words and what each may do; ``typed`` are the
    name and the role of an invitation that was refused."""

    shell: Shell
    around: Around
    people: tuple[PersonLine, ...]
    roles: tuple[tuple[str, str, str], ...]
    typed: tuple[str, str]
    is_factor_required: bool
    done: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonPage:
    """``admin/person.html``. ``role`` is a code of ``roles``."""

    shell: Shell
    around: Around
    person: PersonLine
    role: str
    roles: tuple[tuple[str, str, str], ...]
    sessions: tuple[SessionLine, ...]
    has_code: bool
    passkeys: tuple[PasskeyLine, ...]
    recovery_left: int
    done: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretPage:
    """``admin/secret.html``: a link or a key that is shown once. ``told`` says what it is for."""

    shell: Shell
    around: Around
    title: str
    told: str
    secret: str
    is_link: bool
    back: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyLine:
    """Another system's key. ``scopes`` are words."""

    name: str
    scopes: tuple[str, ...]
    created: str
    used: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuerLine:
    """A key of another issuer. ``state`` is good, early or over; ``note`` says until when."""

    issuer: str
    kid: str
    algorithm: str
    state: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KeysPage:
    """``admin/keys.html``. ``scopes`` are codes, words and whether they are chosen; ``typed`` is
    what was typed into the two forms by its field; ``imported`` are issuers with how many receipts
    they handed in as a list."""

    shell: Shell
    around: Around
    keys: tuple[KeyLine, ...]
    issuers: tuple[IssuerLine, ...]
    imported: tuple[tuple[str, str], ...]
    scopes: tuple[tuple[str, str, bool], ...]
    typed: dict[str, str]
    done: str
