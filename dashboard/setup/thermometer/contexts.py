"""The page on which a thermometer is set up and checked, and the report of it."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from dashboard.web.gate.contexts import HoldNotice
from dashboard.web.language import Language
from dashboard.web.shell import Shell


@dataclass(frozen=True, slots=True, kw_only=True)
class Instrument:
    """What a thermometer shows now; ``state`` is steady, moving or away, ``words`` say why.

    ``place`` is where the value stands on the drawn scale, ``value`` is without a unit. ``face``
    tells its distance, None where there is no distance table.
    """

    state: str
    value: str | None
    words: str
    face: str | None
    model: str
    place: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WarmUp:
    """How long the thermometer has been on; ``parts`` of six, five minutes each, are over."""

    is_done: bool
    parts: int
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenValue:
    """A value of the device that waits for its reference."""

    key: str
    value: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedRow:
    """One comparison, written as numbers; ``key`` takes it back."""

    key: str
    number: int
    raw: str
    reference: str
    difference: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlotMark:
    """A labelled place on an axis, in units of the drawing."""

    at: int
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlotPoint:
    """A point of a plot; ``label`` says it in words."""

    x: int
    y: int
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Plot:
    """A drawing of 640 by 300 units; ``line`` is its bends, ``band`` its top and height.

    ``alternative`` tells the same to who cannot see it.
    """

    title: str
    alternative: str
    across: tuple[PlotMark, ...]
    down: tuple[PlotMark, ...]
    across_name: str
    points: tuple[PlotPoint, ...]
    line: tuple[tuple[int, int], ...]
    line_name: str
    band: tuple[int, int] | None
    band_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SetupStep:
    """One step: ``state`` is done, now, later or optional; ``words`` say how it stands."""

    name: str
    state: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundValue:
    """One constant that was found, with what it means."""

    name: str
    value: str
    meaning: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """What was typed and could not be taken, to be mended in its field."""

    room: str = ""
    staff: str = ""
    steps: str = ""
    walk: str = ""
    check: str = ""
    check_room: str = ""
    check_kind: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class WalkedRow:
    """Somebody stood at ``distance``; the first stands on the mark. ``key`` takes it back."""

    key: str
    distance: str
    raw: str
    face: str
    added: str
    is_mark: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class WalkForm:
    """The walk for a distance table; ``face`` is what the camera sees now, None for no face.

    ``can_take``: the device is warm and there is a camera.
    """

    has_camera: bool
    can_take: bool
    face: str | None
    rows: tuple[WalkedRow, ...]
    plot: Plot | None
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ThermometerSetup:
    """The steps of a commissioning.

    ``is_ready``: all was measured and can be used. ``problems`` is what still speaks against it.
    """

    warm_up: SetupStep
    room: SetupStep
    steady: SetupStep
    distance: SetupStep
    staff: SetupStep
    use: SetupStep
    room_celsius: str
    staff_taken: TakenValue | None
    staff_rows: tuple[ComparedRow, ...]
    staff_plot: Plot | None
    staff_needed: int
    steps_taken: TakenValue | None
    steps_rows: tuple[ComparedRow, ...]
    steps_plot: Plot | None
    walk: WalkForm
    found: tuple[FoundValue, ...]
    problems: tuple[str, ...]
    is_ready: bool
    can_be_given_up: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckForm:
    """Today's check; ``last_state`` is the colour of the newest one."""

    taken: TakenValue | None
    last: str | None
    last_state: str
    can_be_made: bool
    why_not: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InForce:
    """The commissioning in force; ``reports`` are file names with their times, newest first.

    ``reports_note`` says when they are deleted, or that its own was; empty for who may not see
    them.
    """

    words: str
    found: tuple[FoundValue, ...]
    reports: tuple[tuple[str, str], ...]
    reports_note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ThermometerLive:
    """A gate's thermometer; ``state`` colours the advice. ``people`` of ``people_needed`` measured.

    ``instrument`` None: this gate has none. ``hold`` None: the gate is not kept free, and
    ``must_be_kept_free`` says that no value is taken before it is. ``setup`` None: nobody is
    setting it up, or somebody looks who may not.
    """

    gate: str
    state: str
    headline: str
    advice: str
    instrument: Instrument | None
    warm_up: WarmUp | None
    people: int
    people_needed: int
    hold: HoldNotice | None
    must_be_kept_free: bool
    setup: ThermometerSetup | None
    check: CheckForm | None
    in_force: InForce | None
    can_commission: bool
    sees_gate: bool
    typed: Typed


@dataclass(frozen=True, slots=True, kw_only=True)
class ThermometerPage:
    """``setup/thermometer.html``."""

    shell: Shell
    live: ThermometerLive
    notice: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ThermometerPart:
    """``setup/thermometer_live.html``: the changing part alone."""

    shell: Shell
    live: ThermometerLive


@dataclass(frozen=True, slots=True, kw_only=True)
class UncertaintyPart:
    """One thing that is not known of a visitor's temperature; ``share`` of the largest, 0-100."""

    name: str
    size: str
    share: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """What a printed page has around it."""

    site: str
    language: Language


@dataclass(frozen=True, slots=True, kw_only=True)
class ThermometerReport:
    """``setup/thermometer_report.html``; ``css`` makes the file whole without a server."""

    shell: Sheet
    css: Markup
    gate: str
    at: str
    kept_through: str
    by: str
    model: str
    measured_at: str
    found: tuple[FoundValue, ...]
    staff_rows: tuple[ComparedRow, ...]
    staff_plot: Plot
    steps_rows: tuple[ComparedRow, ...]
    steps_plot: Plot | None
    steps_words: str
    walk_rows: tuple[WalkedRow, ...]
    walk_plot: Plot | None
    uncertainties: tuple[UncertaintyPart, ...]
    combined: str
