"""What the pages of the registration show."""

from __future__ import annotations

from dataclasses import dataclass

from dashboard.visitor.status_contexts import Board, ServiceGroup
from dashboard.web.shell import Shell


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterServices:
    """``visitor/register_services.html``, the first page. ``problem`` tells why it is shown,
    ``closures`` what is closed in the coming days, ``welcome`` are the office's own words."""

    shell: Shell
    welcome: str
    groups: tuple[ServiceGroup, ...]
    problem: str
    closures: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterTold:
    """``visitor/register_told.html``: nobody registers for this service, and what to do instead.

    ``closed`` tells since when and why, ``link`` leads to where it is given, ``hours`` are those of
    today.
    """

    shell: Shell
    service: str
    channel: str
    title: str
    explanation: str
    closed: str
    hours: str
    brings: tuple[str, ...]
    link: str
    board: Board


@dataclass(frozen=True, slots=True, kw_only=True)
class DayChoice:
    """A day or a time; ``value`` is what the form sends, ``note`` how much is left."""

    value: str
    words: str
    note: str
    is_free: bool
    is_chosen: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DayShown:
    """A day with what can be chosen on it: itself, or its times."""

    words: str
    note: str
    choices: tuple[DayChoice, ...]
    has_times: bool
    is_free: bool
    is_open: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """A line of a list to choose from."""

    value: str
    words: str
    is_chosen: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """How long the place is kept: until ``time``, for ``left_s`` more."""

    time: str
    left_s: int
    is_over: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterDay:
    """``visitor/register_day.html``. ``problem`` tells why the last choice was not possible, and
    ``alternatives`` are what can be had instead.

    ``closures`` tell why days are missing; ``opens`` says when more days can be booked, where none
    is free. ``without_day``: what there is to know where the service books none.
    """

    shell: Shell
    visit: str
    service: str
    service_code: str
    days: tuple[DayShown, ...]
    alternatives: tuple[DayChoice, ...]
    problem: str
    closures: tuple[str, ...]
    opens: str
    without_day: str
    party: str
    party_problem: str
    groups: tuple[Option, ...]
    told_who: str
    telephone: str
    dials: str
    has_place: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedQuestion:
    """A question of the office; ``problem`` is what is wrong with the answer."""

    field: str
    words: str
    value: str
    is_required: bool
    problem: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterDetails:
    """``visitor/register_details.html``. The problems are by field; ``problem`` is above them."""

    shell: Shell
    visit: str
    service: str
    when: str
    kept: Kept | None
    name: str
    party: str
    contact: str
    groups: tuple[Option, ...]
    questions: tuple[AskedQuestion, ...]
    problems: dict[str, str]
    problem: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterCheck:
    """``visitor/register_check.html``: all of it once more. ``seen`` is what the form confirms."""

    shell: Shell
    visit: str
    seen: str
    service: str
    service_code: str
    when: str
    kept: Kept | None
    name: str
    people: str
    group: str
    contact: str
    answers: tuple[tuple[str, str], ...]
    brings: tuple[str, ...]
    needs_mask: bool
    problem: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterDone:
    """``visitor/register_done.html``: the receipt is there already."""

    shell: Shell
    visit: str
