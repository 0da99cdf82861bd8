"""What everybody in a waiting room reads and hears; a number is all that it tells of a person."""

from __future__ import annotations

from dataclasses import dataclass

from dashboard.web.shell import Shell
from dashboard.web.speakers import SpeakerLine

MOST_CHARACTERS = 40
"""So many fit in the three lines at the foot, in letters that are read at eight metres."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallLine:
    """A number and where it is called to. ``key`` is another one for each call, ``at`` its time."""

    key: str
    label: str
    place: str
    at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """What takes turns at the foot of the screen: a ``symbol`` and a sentence, or a part of one."""

    symbol: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Display:
    """A room's screen. ``newest`` is None while nobody is called, ``others`` are the last few.

    ``ahead`` are numbers asked to the inner chairs. ``free`` is None where the room cannot be
    counted. ``keys`` are those of all calls, for the voice; ``quiet`` is why it is silent, empty
    while it speaks.
    """

    room: str
    newest: CallLine | None
    others: tuple[CallLine, ...]
    ahead: tuple[str, ...]
    free: int | None
    waiting: int
    turns: tuple[Turn, ...]
    keys: str
    quiet: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DisplayPart:
    """``display/live.html``."""

    shell: Shell
    live: Display


@dataclass(frozen=True, slots=True, kw_only=True)
class DisplayPage:
    """``display/page.html``. ``query`` keeps the language of the address.

    ``voices`` are the languages in which it speaks, by their codes, the first one first;
    ``has_clips``: the server has a voice for that one, where the browser has none. ``may_speak``:
    somebody of the office has let this browser speak; ``can_let_speak``: whoever looks may do so,
    and take it back from ``speakers``, which are told to nobody else.
    """

    shell: Shell
    live: Display
    query: str
    voices: tuple[str, ...]
    has_clips: bool
    may_speak: bool
    can_let_speak: bool
    speakers: tuple[SpeakerLine, ...]
