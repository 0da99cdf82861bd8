"""The plan of a day on the managers' page: what is assumed, and what comes of it."""

from __future__ import annotations

from dataclasses import dataclass

from dashboard.web.shell import Shell


@dataclass(frozen=True, slots=True, kw_only=True)
class AssumptionField:
    """A number that is assumed and may be changed. ``source`` is its code, ``told`` says where it
    comes from and how sure it is. ``problem`` is empty where the value can be used."""

    name: str
    label: str
    value: str
    unit: str
    source: str
    told: str
    problem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AssumptionGroup:
    """Fields that belong together."""

    title: str
    fields: tuple[AssumptionField, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanForm:
    """What is asked. ``comes_choices`` are codes and words of when people come; ``first`` and
    ``last`` are days that can be planned. ``problem`` says why nothing can be."""

    date: str
    day: str
    first: str
    last: str
    comes: str
    comes_choices: tuple[tuple[str, str], ...]
    groups: tuple[AssumptionGroup, ...]
    problem: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanBar:
    """A slot's places as a bar: ``height`` is from 0 to 100."""

    label: str
    count: int
    height: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanMark:
    """A mark of an axis."""

    at: float
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomDrawing:
    """How full the room gets: areas of a usual day and of one in twenty, and how many may be in.

    ``table`` are the same numbers: moment, usual, one day in twenty.
    """

    usual: str
    seldom: str
    limit: float
    limit_label: str
    hours: tuple[PlanMark, ...]
    people: tuple[PlanMark, ...]
    table: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitLine:
    """Waits with so many counters: bars are in hundredths of the longest."""

    label: str
    half: str
    most: str
    half_width: int
    most_width: int
    between: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomLine:
    """What a distance costs: seats and people a day."""

    distance: str
    seats: int
    booked: int
    width: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanAnswer:
    """What comes of the day, in sentences and drawings."""

    headline: str
    risk: str
    bars: tuple[PlanBar, ...]
    drawing: RoomDrawing
    waits: tuple[WaitLine, ...]
    saves: str
    rooms: tuple[RoomLine, ...]
    distance: str
    gate: str
    overbooked: str
    runs: str
    take_over: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanProgress:
    """``manager/plan_progress.html``: how far it is. ``state`` is running, done or failed; or
    reading, while the past days are read before anything can be asked."""

    shell: Shell
    state: str
    percent: int
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanPage:
    """``manager/plan.html``. ``job`` is the plan's number, empty before one was asked for.

    ``is_taken``: its quota has just become the office's. ``state`` is that of the progress, or
    ``none``.
    """

    shell: Shell
    form: PlanForm
    job: str
    state: str
    percent: int
    words: str
    is_taken: bool
    answer: PlanAnswer | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanDifference:
    """One thing that the quota would change."""

    what: str
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanLookPage:
    """``manager/plan_look.html``: what taking the quota over would change, before it is done.

    ``seen`` tells what was shown, so that a change made meanwhile is noticed; ``why`` is what the
    log will say.
    """

    shell: Shell
    job: str
    day: str
    differences: tuple[PlanDifference, ...]
    why: str
    seen: str
    is_late: bool
    problem: str
