"""What the pages about somebody's own log-in show."""

from __future__ import annotations

from dataclasses import dataclass

from dashboard.web.shell import Shell


@dataclass(frozen=True, slots=True, kw_only=True)
class PasskeyQuestion:
    """What the browser is asked for: ``options`` are JSON, whose challenge is sent along."""

    options: str
    challenge: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CodePage:
    """``login_code.html``: a passkey, a code of the authenticator (``has_code``), or a recovery
    code. ``no_passkey`` says why theirs cannot be asked for here, ``passkey_address`` where."""

    shell: Shell
    name: str
    following: str
    has_code: bool
    passkey: PasskeyQuestion | None
    no_passkey: str
    passkey_address: str
    problem: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PasskeyPage:
    """``passkey.html``: the browser makes a passkey, which is sent with ``fields`` to ``action``.
    ``back`` is where whoever leaves goes."""

    shell: Shell
    name: str
    label: str
    question: PasskeyQuestion
    action: str
    fields: tuple[tuple[str, str], ...]
    back: str
    is_required: bool
    problem: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PasskeyLine:
    """A passkey that somebody has. ``note`` is why it opens nothing here, empty where it does."""

    credential_id: str
    label: str
    since: str
    used: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SetUpPage:
    """``second_factor.html``: a second factor is set up.

    ``qr_path`` is an SVG path of the code's dark modules, ``qr_size`` its side in modules;
    ``secret`` is the same to be typed. ``fields`` are sent with the code to ``action``;
    ``needs_password``: with the password, too. ``is_required``: there is no way around it.
    ``passkey_way`` is the address of the other way, empty where there is none.
    """

    shell: Shell
    name: str
    qr_path: str
    qr_size: int
    secret: str
    action: str
    fields: tuple[tuple[str, str], ...]
    needs_password: bool
    is_required: bool
    passkey_way: str
    problem: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryPage:
    """``recovery_codes.html``: shown once. ``following`` is where to go on."""

    shell: Shell
    codes: tuple[str, ...]
    following: str


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinPage:
    """``join.html``: whoever was invited chooses a password; ``name`` is empty where the link is
    worthless."""

    shell: Shell
    name: str
    role_word: str
    until: str
    problem: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionLine:
    """An open log-in. ``is_this``: the one that the page is looked at with."""

    number: str
    browser: str
    since: str
    seen: str
    is_this: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountPage:
    """``account.html``: somebody's own log-in. ``done`` is what was just done.

    ``has_code``: they log in with codes of an authenticator. ``label`` is what a new passkey may be
    called. ``no_passkeys`` says why none can be added here, ``passkey_address`` where to go then.
    """

    shell: Shell
    sessions: tuple[SessionLine, ...]
    has_second_factor: bool
    has_code: bool
    passkeys: tuple[PasskeyLine, ...]
    label: str
    no_passkeys: str
    passkey_address: str
    recovery_left: int
    is_required: bool
    done: str
    problem: str
