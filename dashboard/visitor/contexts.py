"""What anybody may read without logging in."""

from __future__ import annotations

from dataclasses import dataclass

from dashboard.web.figures import RoomFigures
from dashboard.web.shell import Shell


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceGroup:
    """The services of one channel and what the channel means."""

    channel: str
    title: str
    explanation: str
    services: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicPage:
    """``visitor/home.html``. ``figures`` None while the record cannot be read.

    ``checks`` are the codes of what a visitor has to be ready for.
    """

    shell: Shell
    figures: RoomFigures | None
    groups: tuple[ServiceGroup, ...]
    checks: tuple[str, ...]
