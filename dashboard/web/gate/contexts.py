"""A gate as pages show it."""

from __future__ import annotations

from dataclasses import dataclass

from dashboard.web.shell import Shell


@dataclass(frozen=True, slots=True, kw_only=True)
class ActLine:
    """A button of the guard's: ``act`` names it, ``key`` presses it.

    It sends a form to ``path``, opens ``panel``, or leads to the scanner's field.
    """

    act: str
    word: str
    symbol: str
    key: str
    path: str | None
    panel: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class VerdictCard:
    """The one verdict on show; ``state`` is a decision or ``ready``. ``key`` changes with it.

    ``main`` is the one right act now, ``others`` what else may be done. ``room`` is the seat's,
    where the office has several. ``wait`` is how long the visitor waits for a counter, or whoever
    comes while the room is full; empty where nobody can tell.
    """

    state: str
    key: str
    word: str
    headline: str
    say: str
    hint: str
    picture: str
    seat: str | None
    room: str
    ticket: str | None
    wait: str
    until_ready_s: int | None
    barrier: str | None
    attempt_id: str | None
    main: ActLine
    others: tuple[ActLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckTile:
    """One check: its code and word, its state and word, and who said so."""

    check: str
    word: str
    state: str
    state_word: str
    entered_by: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TemperatureCard:
    """Raw, each correction that changes it, and their sum, apart; already written as numbers with
    degC.

    ``uncertainty`` is twice the standard one: 95 of 100 visitors are within it. ``known`` and
    ``known_within`` are the sum and that in tenths, as far as any thermometer knows them.
    ``first`` is the visitor's first reading where this is of the second.
    """

    raw: str
    corrections: tuple[tuple[str, str], ...]
    corrected: str
    known: str
    known_within: str | None
    uncertainty: str | None
    limit: str
    first: str | None
    entered_by: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitorCard:
    """Who stands in front, as far as the receipt tells.

    ``can_have_priority``: is being checked or was let in, so that a guard may say so.
    """

    holder: str | None
    receipt: str | None
    service: str | None
    place: int
    party_size: int
    is_priority: bool
    can_have_priority: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceLine:
    """One device in plain words; ``state`` is up, down, distrusted or absent.

    ``trouble`` is what to do about what is wrong with it.
    """

    kind: str
    word: str
    state: str
    since: str
    error: str | None
    instead: str
    faults: int
    trouble: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AsideLine:
    """Somebody who waits aside for the second reading.

    ``name`` is what to call out; ``receipt`` tells them apart. ``can_resume``: one press calls them
    back, otherwise their receipt is scanned again.
    """

    attempt_id: str
    name: str
    receipt: str | None
    service: str | None
    until_ready_s: int
    can_resume: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OutsideLine:
    """Somebody who waits outside for a place, and since when.

    ``attempt_id`` is empty where this gate does not know what they showed. ``place`` is the number
    of their place in the line, 0 where the line cannot be read; ``state`` is a PlaceState's code,
    ``until`` the end of a call, or empty. ``can_call``: there is room for them now. ``expected`` is
    how long until they are called in, empty where nobody can tell.
    """

    attempt_id: str
    name: str
    receipt: str
    service: str | None
    since: str
    place: int = 0
    state: str = "waiting"
    until: str = ""
    can_call: bool = False
    expected: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NextWaiting:
    """Who of all that wait is called next. ``call_word`` and ``call_label`` (with the name) tell
    what a press does, None where they cannot be called: the room is full, or their receipt is
    scanned again. ``until_ready_s``: the pause that is left, 0 when it is over; None outside.
    ``place`` and ``act`` are for the line outside, 0 and empty for whoever waits aside.
    """

    attempt_id: str
    name: str
    where: str
    call_word: str | None
    call_label: str | None
    until_ready_s: int | None
    place: int = 0
    act: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryLine:
    """One row of the log, without a name."""

    entry_id: int
    state: str
    time: str
    gate: str
    word: str
    service: str
    receipt: str
    operator: str
    remark: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldNotice:
    """A gate kept free: by whom and until when. ``is_ending``: the check is over."""

    is_ending: bool
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CareNotice:
    """What is the matter with the thermometer; ``is_failed``: it may not be relied on."""

    is_failed: bool
    headline: str
    advice: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ThermalScale:
    """The scale of every thermal picture: colours and degrees by their place, in hundredths."""

    stops: tuple[tuple[int, str], ...]
    ticks: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ThermalCard:
    """A thermal picture in words; ``state`` is measured, none (no value, and why) or fault."""

    state: str
    words: str
    act: str
    scale: ThermalScale


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupLine:
    """The daily backup is old or failed; ``newest`` is the day of the last one, if there is one."""

    newest: str | None
    problem: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class GateLive:
    """The part of the guard's page and the kiosk that changes by itself.

    ``is_open``: a session runs, so a guard's entries mean something. ``entries`` None: they cannot
    be read. ``backup`` None: all is well, or nobody wants any. ``busy_since``: the time since when
    the gate is in one piece of work that takes long. ``measures``: temperature or mask are asked
    for, or a device for them is there.
    """

    gate: str
    title: str
    version: int
    mode: str
    mode_word: str
    verdict: VerdictCard
    checks: tuple[CheckTile, ...]
    temperature: TemperatureCard | None
    thermal: ThermalCard | None
    visitor: VisitorCard | None
    devices: tuple[DeviceLine, ...]
    missing: tuple[DeviceLine, ...]
    troubled: tuple[DeviceLine, ...]
    camera: DeviceLine | None
    measures: bool
    aside: tuple[AsideLine, ...]
    outside: tuple[OutsideLine, ...]
    gave_up: OutsideLine | None
    next_waiting: NextWaiting | None
    by_hand: tuple[ActLine, ...]
    entries: tuple[EntryLine, ...] | None
    occupancy: int
    capacity: int
    is_full: bool
    is_open: bool
    clock_warning: str | None
    care: CareNotice | None
    hold: HoldNotice | None
    unused: tuple[str, ...]
    backup: BackupLine | None
    busy_since: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class GateElsewhere:
    """A gate that another process runs, or none does; ``link`` leads to its page there."""

    gate: str
    title: str
    words: str
    link: str | None
    is_run: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ElsewherePage:
    """``elsewhere.html`` and ``kiosk/elsewhere.html``: this gate's page is on another
    computer."""

    shell: Shell
    elsewhere: GateElsewhere
