"""What anybody may read of how the office stands, without logging in."""

from __future__ import annotations

from dataclasses import dataclass

from dashboard.web.shell import Shell


@dataclass(frozen=True, slots=True, kw_only=True)
class Seats:
    """The room as a field of seats: SVG paths of those taken, those free, and of people for whom
    there is none, in a view of ``width`` by ``height``."""

    width: int
    height: int
    taken: str
    free: str
    over: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """How full it is. ``after`` follows the number of people in large type, ``told`` is the same in
    one line; both say it where more people are inside than there are places. ``seats`` is None for
    a room that is too large to draw, and ``percent`` at most 100."""

    inside: int
    capacity: int
    after: str
    told: str
    percent: int
    seats: Seats | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Now:
    """What moves on the public page.

    ``advice``, ``door`` and ``level`` are codes; ``state`` colours them and ``drawing`` goes with
    them. ``facts`` are names with their values. ``count`` is None before the first count, and
    ``since`` is set where it is old; all else is as of ``at``.
    """

    advice: str
    door: str
    level: str
    state: str
    drawing: str
    headline: str
    hours: str
    because: str
    count: Count | None
    at: str
    since: str
    facts: tuple[tuple[str, str], ...]
    registers: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class NowPart:
    """``visitor/now.html``."""

    shell: Shell
    now: Now


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceLine:
    """A service, by name. ``hours`` only where they are its own, ``closed`` tells since when and
    why it is not given, ``free`` is its next free day and time, ``link`` leads to where it is given
    instead."""

    code: str
    name: str
    brings: str
    hours: str
    closed: str
    free: str
    link: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceGroup:
    """The services of one channel and what the channel means."""

    channel: str
    title: str
    explanation: str
    services: tuple[ServiceLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class HoursLine:
    """Days and their hours; ``is_today`` marks the line of today, ``note`` says why."""

    days: str
    hours: str
    is_today: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """The office's board: where it is and when it is open; ``special`` are near days that are
    different. ``dials`` is the telephone number as a telephone takes it."""

    address: tuple[str, ...]
    telephone: str
    dials: str
    map_link: str
    week: tuple[HoursLine, ...]
    special: tuple[HoursLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicPage:
    """``visitor/home.html``. ``checks`` are the codes of what a visitor has to be ready for,
    ``welcome`` the office's own words, empty without any."""

    shell: Shell
    now: Now
    board: Board
    groups: tuple[ServiceGroup, ...]
    welcome: str
    checks: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sign:
    """Go in, wait, or closed. ``others`` is the word in the office's
    other languages, by their codes."""

    advice: str
    state: str
    drawing: str
    word: str
    others: tuple[tuple[str, str], ...]
    say: str
    hint: str
    count: str
    at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SignPart:
    """``visitor/sign_live.html``."""

    shell: Shell
    live: Sign


@dataclass(frozen=True, slots=True, kw_only=True)
class SignPage:
    """``visitor/sign.html``. ``query`` keeps the language of the address."""

    shell: Shell
    live: Sign
    query: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Badge:
    """``visitor/badge.html``, for a frame in other sites' pages."""

    shell: Shell
    advice: str
    state: str
    title: str
    line: str
    at: str
    theme: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BadgePicture:
    """``visitor/badge.svg``: the same, with its colours, since a picture has no style sheet."""

    badge: Badge
    site: str
    language: str
    ground: str
    ink: str
    soft_ink: str
    colour: str
