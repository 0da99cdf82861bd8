"""What the pages of the first start show."""

from __future__ import annotations

from dataclasses import dataclass

from dashboard.admin.hours_contexts import WeekdayRow
from dashboard.visitor.receipt_contexts import ReceiptCard
from dashboard.web.seat_drawing import SeatDrawing
from dashboard.web.shell import Shell


@dataclass(frozen=True, slots=True, kw_only=True)
class Stone:
    """One step of the walk. ``state`` is done, now or open; only what is done leads somewhere."""

    path: str
    word: str
    icon: str
    state: str
    is_shown: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Walk:
    """How far the walk is. ``number`` is that of the step on show, ``built`` how many are done.

    ``problem`` says why the step was not kept.
    """

    stones: tuple[Stone, ...]
    number: int
    built: int
    word: str
    action: str
    problem: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BeginPage:
    """``first_start/begin.html``: who becomes administrator; ``is_open``: the link is good."""

    shell: Shell
    is_open: bool
    name: str
    problem: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficeStep:
    """``first_start/office.html``."""

    shell: Shell
    walk: Walk
    name: str
    address: str
    telephone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HoursStep:
    """``first_start/hours.html``. ``hours`` are the drawing's full hours with where they stand."""

    shell: Shell
    walk: Walk
    week: tuple[WeekdayRow, ...]
    hours: tuple[tuple[int, str], ...]
    width: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceTick:
    """A service that is kept where it is ticked; ``how`` says how people get it."""

    code: str
    letter: str
    name: str
    how: str
    is_ticked: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ServicesStep:
    """``first_start/services.html``. ``others`` are more of them as typed, a line each."""

    shell: Shell
    walk: Walk
    services: tuple[ServiceTick, ...]
    others: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SeatsStep:
    """``first_start/seats.html``: sizes as typed, and the room that comes of them.

    ``drawing`` is None where nothing can be drawn; ``told`` says how many sit.
    """

    shell: Shell
    walk: Walk
    rows: str
    columns: str
    distance: str
    drawing: SeatDrawing | None
    told: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GateName:
    """A gate and what people call it, as typed."""

    name: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ModeChoice:
    """What gates may ask for; ``checks`` are the checks in words."""

    value: str
    title: str
    words: str
    checks: tuple[str, ...]
    is_chosen: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class GatesStep:
    """``first_start/gates.html``."""

    shell: Shell
    walk: Walk
    gates: tuple[GateName, ...]
    modes: tuple[ModeChoice, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptStep:
    """``first_start/receipt.html``. ``card`` is None until the first receipt is issued.

    ``number`` leads to it at the desk, ``gate`` is where it is tried and ``title`` what people call
    that. ``state`` and ``word`` tell what has become of it; ``advice`` says when it lets in.
    """

    shell: Shell
    walk: Walk
    card: ReceiptCard | None
    number: str
    state: str
    word: str
    has_come: bool
    advice: str
    gate: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """A page that somebody works with from now on; ``words`` say who, where and what for."""

    path: str
    icon: str
    title: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DonePage:
    """``first_start/done.html``: the pages of the people who work here, and what comes next."""

    shell: Shell
    doors: tuple[Door, ...]
    following: tuple[Door, ...]
