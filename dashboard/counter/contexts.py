"""What an officer sees at a counter: one person, and who waits."""

from __future__ import annotations

from dataclasses import dataclass

from dashboard.web.queue_words import HelpCall
from dashboard.web.shell import Shell


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """When something began: as it is written, and in seconds since 1970 for a running clock."""

    text: str
    epoch: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StepLine:
    """A service of the visit. ``state`` is done, now or later; ``outcome`` an officer's word."""

    name: str
    state: str
    outcome: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Who is called to the counter or served there. ``name`` is empty where nobody knows it.

    ``answers`` are questions with what the holder answered at registering.
    ``receipt`` and ``booked`` are empty without a receipt or a booked time. ``calls`` counts how
    often the number was called here.
    """

    label: str
    state: str
    word: str
    name: str
    answers: tuple[tuple[str, str], ...]
    receipt: str
    service: str
    steps: tuple[StepLine, ...]
    is_priority: bool
    booked: str
    came: Moment
    since: Moment
    calls: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ActButton:
    """Something an officer may do now. ``key`` alone does it; ``kind`` is strong for the usual
    next act. ``path`` is where it is sent, below the counter's address."""

    path: str
    word: str
    symbol: str
    key: str
    kind: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueLine:
    """A number that waits, is parked or was missed.

    ``expected`` is when its call is expected, empty where nobody can tell.
    """

    label: str
    service: str
    since: Moment
    is_priority: bool
    is_called_ahead: bool
    expected: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HandledLine:
    """A number that this counter finished or sent on last, and ``how`` in words.

    ``is_done``: the way it ended can be changed.
    """

    label: str
    how: str
    since: Moment
    is_done: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterLine:
    """How many wait with this letter, and since when the longest."""

    letter: str
    count: int
    longest: Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class CounterLive:
    """A counter now. ``waiting`` are the first of those it serves, ``waiting_count`` all of them.

    ``ahead`` is the number that could be asked to the inner chairs next, empty where none is.
    ``helps`` are other counters that ask for help. ``wait`` is how long who comes now waits for one
    of its services, or why that is not known. ``handled`` are the last numbers that were finished
    or sent on here, the newest first.
    """

    name: str
    title: str
    is_open: bool
    wants_help: bool
    helps: tuple[HelpCall, ...]
    person: Person | None
    acts: tuple[ActButton, ...]
    waiting: tuple[QueueLine, ...]
    waiting_count: int
    wait: str
    letters: tuple[LetterLine, ...]
    parked: tuple[QueueLine, ...]
    missed: tuple[QueueLine, ...]
    handled: tuple[HandledLine, ...]
    ahead: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CounterPart:
    """``counter/live.html``."""

    shell: Shell
    live: CounterLive


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceChoice:
    """A service that a counter may take, or a visitor may be sent on to. ``key`` chooses it."""

    code: str
    name: str
    is_taken: bool
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CounterPage:
    """``counter/page.html``. ``now`` is the server's time in seconds since 1970."""

    shell: Shell
    live: CounterLive
    now: int
    notice: str | None
    services: tuple[ServiceChoice, ...]
    takes_all: bool
    place: str
    room: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CounterLine:
    """A counter in the choice between them; ``at`` is the number there, empty where nobody is."""

    name: str
    title: str
    is_open: bool
    wants_help: bool
    services: str
    at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CounterChoice:
    """``counter/choose.html``."""

    shell: Shell
    counters: tuple[CounterLine, ...]
