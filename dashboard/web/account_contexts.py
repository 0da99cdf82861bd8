"""What the pages about somebody's own log-in show."""

from __future__ import annotations

from dataclasses import dataclass

from dashboard.web.shell import Shell


@dataclass(frozen=True, slots=True, kw_only=True)
class CodePage:
    """``login_code.html``: the code of the second factor, or a recovery code."""

    shell: Shell
    name: str
    following: str
    problem: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SetUpPage:
    """``second_factor.html``: a second factor is set up.

    ``qr_path`` is an SVG path of the code's dark modules, ``qr_size`` its side in modules;
    ``secret`` is the same to be typed. ``fields`` are sent with the code to ``action``;
    ``needs_password``: with the password, too. ``is_required``: there is no way around it.
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
    """``account.html``: somebody's own log-in. ``done`` is what was just done."""

    shell: Shell
    sessions: tuple[SessionLine, ...]
    has_second_factor: bool
    recovery_left: int
    is_required: bool
    done: str
    problem: str
