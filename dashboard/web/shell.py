"""What every page has around it, and the pages that are little more."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote, urlencode
from zoneinfo import ZoneInfo

from dashboard.web.language import Language
from screening.accounts import Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Shell:
    """What every page has around it. ``theme`` is light, dark or auto (the device's own).

    ``titles`` are what people call the gates, by their names. ``path`` is the page's own, where a
    choice of language or colours leads back to; empty on a page that takes the choice itself,
    since its address is told to nobody. ``can_practise``: lessons are taken here by whoever looks.
    ``trainee`` is the log-in that takes one now, empty where nobody does.
    """

    site: str
    language: Language
    languages: tuple[tuple[str, str], ...]
    theme: str
    path: str
    csrf_token: str
    is_demo: bool
    is_rehearsal: bool
    zone: ZoneInfo
    time: str
    day: str
    user: str | None
    role: Role | None
    role_word: str
    sees_gates: bool
    sees_room: bool
    sees_desk: bool
    titles: Mapping[str, str]
    can_practise: bool = False
    trainee: str = ""

    def gate(self, name: str) -> str:
        """What people call a gate."""
        return self.titles.get(name, name)

    def choosing(self, what: str, value: str) -> str:
        """The address that chooses a ``language`` or a ``theme``."""
        chosen = urlencode({what: value})
        if not self.path:
            return f"?{chosen}"
        return f"/preferences?{chosen}&back={quote(self.path)}"

    @property
    def administers(self) -> bool:
        """Whether the administrators' pages are open to whoever looks."""
        return self.role is Role.ADMINISTRATOR

    @property
    def manages(self) -> bool:
        """Whether the managers' pages are open to whoever looks."""
        return self.role in {Role.MANAGER, Role.ADMINISTRATOR}


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginPage:
    """``login.html``. ``following`` is the local address to go to afterwards. ``is_new``: nobody
    can log in yet."""

    shell: Shell
    name: str
    following: str
    problem: str | None
    is_new: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MessagePage:
    """``message.html``: what happened, what was kept, and what to try."""

    shell: Shell
    status: int
    title: str
    happened: str
    kept: str
    attempt: str
    link: str
    link_text: str
