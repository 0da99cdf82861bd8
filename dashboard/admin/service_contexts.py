"""What the pages of services show."""

from __future__ import annotations

from dataclasses import dataclass

from dashboard.admin.contexts import Around, Field
from dashboard.web.shell import Shell


@dataclass(frozen=True, slots=True, kw_only=True)
class DayBar:
    """A day of the strip: how full it is. ``state`` is open, full, closed or free of a limit.

    ``height`` is of 100; ``words`` tell day and numbers.
    """

    day: str
    state: str
    height: int
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceCard:
    """A service in the list. ``left`` is empty where nothing limits it."""

    code: str
    name: str
    letter: str
    path: str
    booking: str
    quota: str
    booked: str
    left: str
    days: tuple[DayBar, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelGroup:
    """The services that are reached in one way."""

    channel: str
    title: str
    words: str
    services: tuple[ServiceCard, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ServicesPage:
    """``admin/services.html``."""

    shell: Shell
    around: Around
    groups: tuple[ChannelGroup, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One of several that a person chooses; ``words`` say what comes of it."""

    value: str
    title: str
    words: str
    is_chosen: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionFields:
    """A question's text in each language, and whether it must be answered."""

    code: str
    texts: tuple[Field, ...]
    is_required: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ServicePage:
    """``admin/service.html``: one service, or (``is_new``) one that is to be added.

    ``today`` tells what is booked and left, ``closing`` is what removing it would lose.
    """

    shell: Shell
    around: Around
    is_new: bool
    code: str
    name: str
    action: str
    today: str
    days: tuple[DayBar, ...]
    channels: tuple[Option, ...]
    bookings: tuple[Option, ...]
    names: tuple[Field, ...]
    brings: tuple[Field, ...]
    reached: tuple[Field, ...]
    closed: tuple[Field, ...]
    times: tuple[Field, ...]
    places: tuple[Field, ...]
    ahead: tuple[Field, ...]
    hours: tuple[Field, ...]
    gate_checks_hours: bool
    steps: Field
    questions: tuple[QuestionFields, ...]
