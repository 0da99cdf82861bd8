"""What the pages of gates, counters, screens and the mode show."""

from __future__ import annotations

from dataclasses import dataclass

from dashboard.admin.contexts import Around
from dashboard.web.gate.contexts import DeviceLine
from dashboard.web.shell import Shell


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """One of several that can be ticked."""

    value: str
    word: str
    is_ticked: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class GateCard:
    """A gate: what it is called, what it asks for, and how its devices are.

    ``runs`` tells where, where that is not here. ``asks`` are the checks that hold now, ``own``
    those it would have as its own.
    """

    name: str
    title: str
    typed_title: str
    asks: str
    has_own: bool
    own: tuple[Tick, ...]
    has_token: bool
    runs: str
    devices: tuple[DeviceLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class GatesPage:
    """``admin/gates.html``. ``mode_asks`` is what a gate without checks of its own asks for.

    ``new_name`` and ``new_title`` are what was typed of one more.
    """

    shell: Shell
    around: Around
    gates: tuple[GateCard, ...]
    mode_asks: str
    new_name: str
    new_title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceCard:
    """A device: how it is, and what somebody does about it.

    ``state`` is up, down, distrusted, troubled, silent or absent. ``wire`` is where it is plugged
    in, ``error`` its own message, ``setup`` the page on which it is set up; each may be empty.
    """

    kind: str
    icon: str
    word: str
    state: str
    told: str
    heard: str
    wire: str
    faults: int
    error: str
    advice: str
    setup: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GateDevices:
    """A gate's devices, those that need somebody first.

    ``runs`` tells where, and ``link`` leads there, where it is not here.
    """

    name: str
    title: str
    is_here: bool
    runs: str
    link: str | None
    devices: tuple[DeviceCard, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenLine:
    """A screen or a counter; ``state`` is open, closed or never."""

    kind: str
    title: str
    path: str
    state: str
    told: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DevicesPage:
    """``admin/devices.html``. ``is_fine``: nothing needs somebody."""

    shell: Shell
    around: Around
    summary: str
    is_fine: bool
    gates: tuple[GateDevices, ...]
    screens: tuple[OpenLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenPage:
    """``admin/token.html``: a station's new token, told this once."""

    shell: Shell
    around: Around
    gate: str
    title: str
    token: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CounterCard:
    """A counter. ``ticket`` is who is there."""

    name: str
    place: str
    room: str
    is_open: bool
    takes_all: bool
    services: tuple[Tick, ...]
    takes: str
    ticket: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Screen:
    """An address for a screen, and what is seen there. ``kind`` draws it; ``lines`` stand on it."""

    kind: str
    title: str
    words: str
    path: str
    address: str
    lines: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CountersPage:
    """``admin/counters.html``. ``new`` is one more counter, as far as it was typed."""

    shell: Shell
    around: Around
    counters: tuple[CounterCard, ...]
    new: CounterCard
    new_name: str
    screens: tuple[Screen, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ModeSide:
    """One of the two modes: what gates ask for then, and which seats are open."""

    mode: str
    word: str
    meaning: str
    is_now: bool
    checks: tuple[Tick, ...]
    seats: int
    open_seats: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ModesPage:
    """``admin/mode.html``. ``own`` are the gates that ask for checks of their own in both."""

    shell: Shell
    around: Around
    sides: tuple[ModeSide, ...]
    own: tuple[str, ...]
