"""One frozen dataclass per template: everything a page shows, worded and formatted already.

The builders below turn views, figures and log rows into them; they decide nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from markupsafe import Markup

from dashboard.language import Language
from dashboard.thermal_picture import HIGHEST_CELSIUS, LOWEST_CELSIUS, scale_stops
from dashboard.thermal_words import MEASURED, REFUSALS, first_told, is_fault
from dashboard.words import (
    ADMISSIONS,
    CHANNELS,
    CHECK_STATES,
    CHECKED,
    CHECKS,
    CLOCKS,
    CORRECTIONS,
    DEVICES,
    ENTRIES,
    KEPT_FREE,
    MODES,
    READY,
    REASONS,
    VERDICTS,
    WITHOUT_DEVICE,
    care_wording,
)
from screening.accounts import Role
from screening.gate.clock_watch import ClockWarning
from screening.gate.decision import Check, DecisionKind, Reason
from screening.gate.thermal import ThermalView
from screening.gate.view import (
    AsideView,
    CheckState,
    CheckView,
    DeviceView,
    GateMode,
    GateView,
    HoldView,
    VerdictView,
)
from screening.readings import DeviceKind
from screening.services.catalogue import Channel, Service
from screening.temperature.care import CareState, ThermometerView
from screening.visits import DayFigures, EntryKind, LogEntry, SeatState


@dataclass(frozen=True, slots=True, kw_only=True)
class Shell:
    """What every page has around it. ``theme`` is light, dark or auto (the device's own)."""

    site: str
    language: Language
    languages: tuple[tuple[str, str], ...]
    theme: str
    path: str
    csrf_token: str
    is_demo: bool
    zone: ZoneInfo
    time: str
    day: str
    user: str | None
    role: Role | None
    role_word: str
    sees_gates: bool
    sees_room: bool

    @property
    def manages(self) -> bool:
        """Whether the managers' pages are open to whoever looks."""
        return self.role in {Role.MANAGER, Role.ADMINISTRATOR}


# --- a gate ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class VerdictCard:
    """The one verdict on show; ``state`` is a decision or ``ready``. ``key`` changes with it."""

    state: str
    key: str
    word: str
    headline: str
    say: str
    hint: str
    picture: str
    seat: str | None
    ticket: str | None
    until_ready_s: int | None
    barrier: str | None
    attempt_id: str | None
    needs_confirmation: bool
    can_annul: bool


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
    """Raw, each correction, and their sum, apart; already written as numbers with degC.

    ``uncertainty`` is twice the standard one: 95 of 100 visitors are within it. ``first`` is the
    visitor's first reading where this is of the second.
    """

    raw: str
    corrections: tuple[tuple[str, str], ...]
    corrected: str
    uncertainty: str | None
    limit: str
    first: str | None
    entered_by: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitorCard:
    """Who stands in front, as far as the receipt tells."""

    holder: str | None
    receipt: str | None
    service: str | None
    place: int
    party_size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceLine:
    """One device in plain words; ``state`` is up, down or absent."""

    kind: str
    word: str
    state: str
    since: str
    error: str | None
    instead: str
    faults: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AsideLine:
    """Somebody who waits aside for the second reading."""

    attempt_id: str
    label: str
    service: str | None
    until_ready_s: int
    has_receipt: bool


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
class GateLive:
    """The part of the guard's page and the kiosk that changes by itself.

    ``is_open``: a session runs, so a guard's entries mean something.
    """

    gate: str
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
    camera: DeviceLine | None
    aside: tuple[AsideLine, ...]
    entries: tuple[EntryLine, ...]
    occupancy: int
    capacity: int
    is_full: bool
    is_open: bool
    clock_warning: str | None
    care: CareNotice | None
    hold: HoldNotice | None


@dataclass(frozen=True, slots=True, kw_only=True)
class GatePage:
    """``gate/console.html``. ``nonce`` makes a scan without scripts count once."""

    shell: Shell
    live: GateLive
    nonce: str
    notice: str | None
    services_without_receipt: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class GateLivePart:
    """``gate/stream.html``: the changing parts alone."""

    shell: Shell
    live: GateLive


@dataclass(frozen=True, slots=True, kw_only=True)
class GateChoice:
    """``gate/choose.html``."""

    shell: Shell
    gates: tuple[GateLive, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruler:
    """A drawn scale of 400 units: the good range, open to the right or not, and the value."""

    good_from: int
    good_to: int
    is_open: bool
    value: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraRow:
    """One measured item of a camera; ``state`` is good, bad or none (nothing to judge)."""

    item: str
    name: str
    state: str
    verdict: str
    value: str
    good: str
    ruler: Ruler


@dataclass(frozen=True, slots=True, kw_only=True)
class NotedValue:
    """One line of the note that an installer keeps."""

    name: str
    value: str
    good: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraNote:
    """What was measured in ten good seconds, and when."""

    at: str
    values: tuple[NotedValue, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraLive:
    """How well a gate's camera sees who stands in front; ``state`` colours the advice.

    ``good_s`` whole seconds were good so far and ``left_s`` more are needed.
    """

    gate: str
    camera: DeviceLine | None
    state: str
    headline: str
    advice: str
    good_s: int
    left_s: int
    rows: tuple[CameraRow, ...]
    note: CameraNote | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraPage:
    """``gate/camera.html``."""

    shell: Shell
    live: CameraLive


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraPart:
    """``gate/camera_live.html``: the changing part alone."""

    shell: Shell
    live: CameraLive


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
    """``gate/thermometer.html``."""

    shell: Shell
    live: ThermometerLive
    notice: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ThermometerPart:
    """``gate/thermometer_live.html``: the changing part alone."""

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
    """``gate/thermometer_report.html``; ``css`` makes the file whole without a server."""

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where somebody stood, in a picture of 400 x 300 units."""

    x: int
    y: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ThermalResult:
    """What the places gave; ``line`` is the setting, None where they do not fit together."""

    line: str | None
    values: tuple[NotedValue, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ThermalSetup:
    """Finding the camera's faces in the thermal array; ``state`` colours the advice.

    ``still`` counts up to 100 while a place is being taken.
    """

    gate: str
    camera: DeviceLine | None
    thermal: ThermalCard | None
    follows_face: bool
    state: str
    headline: str
    advice: str
    places: tuple[Place, ...]
    places_needed: int
    still: int
    result: ThermalResult | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ThermalPage:
    """``gate/thermal.html``."""

    shell: Shell
    live: ThermalSetup


@dataclass(frozen=True, slots=True, kw_only=True)
class ThermalPart:
    """``gate/thermal_live.html``: the changing part alone."""

    shell: Shell
    live: ThermalSetup


@dataclass(frozen=True, slots=True, kw_only=True)
class KioskPage:
    """``kiosk/page.html``."""

    shell: Shell
    live: GateLive


@dataclass(frozen=True, slots=True, kw_only=True)
class KioskPart:
    """``kiosk/live.html``: the changing part alone."""

    shell: Shell
    live: GateLive


# --- the room ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """One seat on the plan; ``state`` is free, taken or sealed. ``x`` and ``y`` in plan units."""

    label: str
    x: int
    y: int
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SeatPlan:
    """The plan with its size in plan units."""

    seats: tuple[Seat, ...]
    width: int
    height: int
    free: int
    taken: int
    sealed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """How often a reason came up today; ``share`` of the most frequent one, 0 to 100."""

    state: str
    words: str
    count: int
    share: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HourBar:
    """One hour: counts, and bar heights from 0 to 100."""

    label: str
    admitted: int
    refused: int
    admitted_height: int
    refused_height: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomFigures:
    """The numbers of the room and of the day."""

    occupancy: int
    capacity: int
    free: int
    percent: int
    level: str
    admitted: int
    refused: int
    waiting_outside: int
    refusals: tuple[Refusal, ...]
    since: str
    updated: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Referral:
    """Somebody an officer still has to measure."""

    attempt_id: str
    time: str
    gate: str
    receipt: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SpotPerson:
    """Somebody inside, by seat (empty where there was none) and ticket; nobody's name."""

    attempt_id: str
    seat: str
    ticket: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SpotCheck:
    """People whom an officer may measure though they were let in; the lot fell on the first."""

    people: tuple[SpotPerson, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomPart:
    """``dashboard/room.html``: the room alone, drawn again at each change."""

    shell: Shell
    figures: RoomFigures
    plan: SeatPlan


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryPart:
    """``dashboard/entry.html``: one row of the list of last visits."""

    shell: Shell
    entry: EntryLine


@dataclass(frozen=True, slots=True, kw_only=True)
class DayPart:
    """``dashboard/day.html``: what is read again every minute and after each entry."""

    shell: Shell
    hours: tuple[HourBar, ...]
    gates: tuple[GateLive, ...]
    waiting_aside: int
    referrals: tuple[Referral, ...]
    spot: SpotCheck | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DashboardPage:
    """``dashboard/page.html``. ``last_entry_id`` is where the stream goes on."""

    shell: Shell
    figures: RoomFigures
    plan: SeatPlan
    hours: tuple[HourBar, ...]
    gates: tuple[GateLive, ...]
    waiting_aside: int
    referrals: tuple[Referral, ...]
    spot: SpotCheck | None
    entries: tuple[EntryLine, ...]
    last_entry_id: int
    notice: str | None


# --- how the gates measured --------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomePerson:
    """One drawn figure on a sheet of 240 units; ``kind`` is elevated, normal or unmeasured."""

    kind: str
    x: int
    y: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeGroup:
    """What an officer found of one side's visitors."""

    kind: str
    word: str
    count: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeSide:
    """The referred or those let pass; each of ``people`` stands for ``each`` visitors at most.

    ``flow`` is the way from the gate to them, a path on a sheet of 100 by 100 units.
    """

    state: str
    word: str
    count: str
    share: str
    measured: str
    groups: tuple[OutcomeGroup, ...]
    people: tuple[OutcomePerson, ...]
    height: int
    each: str
    flow: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeFigure:
    """A share in words and on a scale of 0 to 564; ``unknown`` says why there is none.

    ``at`` is None where only the interval can be told.
    """

    words: str
    name: str
    value: str
    interval: str
    counted: str
    low: int
    high: int
    at: int | None
    unknown: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeGate:
    """One gate's row of the table; a figure that is not known is a dash."""

    gate: str
    visitors: str
    referred: str
    referred_measured: str
    passed_measured: str
    figures: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomesShown:
    """A month's outcomes; ``before`` and ``after`` are months to look at, e.g. 2026-10."""

    month: str
    month_code: str
    before: str
    before_word: str
    after: str | None
    after_word: str
    is_running: bool
    counted_at: str
    visitors: str
    sides: tuple[OutcomeSide, ...]
    figures: tuple[OutcomeFigure, ...]
    gates: tuple[OutcomeGate, ...]
    needs_spot_checks: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomesPage:
    """``dashboard/outcomes.html``."""

    shell: Shell
    outcomes: OutcomesShown


# --- everyone ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceGroup:
    """The services of one channel and what the channel means."""

    channel: str
    title: str
    explanation: str
    services: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicPage:
    """``public/home.html``. ``figures`` None while the record cannot be read."""

    shell: Shell
    figures: RoomFigures | None
    groups: tuple[ServiceGroup, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptShown:
    """``public/receipt.html``. ``qr`` is an SVG path with its size in modules."""

    shell: Shell
    number: str
    service: str
    party_size: int
    first_day: str
    expires: str
    is_revoked: bool
    qr_path: str
    qr_size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginPage:
    """``login.html``. ``following`` is the local address to go to afterwards."""

    shell: Shell
    name: str
    following: str
    problem: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MessagePage:
    """``message.html``: what happened, what was kept, and what to try."""

    shell: Shell
    status: int
    title: str
    happened: str
    kept: str
    attempt: str
    link: str
    link_text: str


# --- builders ----------------------------------------------------------------------------------


_THERMAL_TICKS = tuple(
    (round(100 * (degrees - LOWEST_CELSIUS) / (HIGHEST_CELSIUS - LOWEST_CELSIUS)), str(degrees))
    for degrees in range(round(LOWEST_CELSIUS), round(HIGHEST_CELSIUS) + 1, 4)
)


WAITS_WHILE_KEPT_FREE = {Reason.GUARD_MEASURES, Reason.GUARD_CHECKS_MASK}
"""What is asked of a visitor who waits for the devices, as long as no guard does their work."""


@dataclass(frozen=True, slots=True)
class Words:
    """Writes values in one language, in the site's zone, with the office's service names."""

    language: Language
    zone: ZoneInfo
    services: tuple[Service, ...]

    def service(self, code: str | None) -> str | None:
        """The name of a service; its code when the office does not have it."""
        for service in self.services:
            if service.code == code:
                return service.name_id if self.language.code == "id" else service.name_en
        return code

    def gate(self, view: GateView, entries: Iterable[LogEntry] = ()) -> GateLive:
        """A gate's view in words."""
        say = self.language.say
        devices = tuple(self._device(device) for device in view.devices)
        return GateLive(
            gate=view.gate,
            version=view.version,
            mode=view.mode.value,
            mode_word=say(MODES[view.mode]),
            verdict=self._verdict(view),
            checks=self._checks(view),
            temperature=self._temperature(view),
            thermal=None if view.thermal is None else self.thermal(view.thermal),
            visitor=None
            if view.visitor is None
            else VisitorCard(
                holder=view.visitor.holder,
                receipt=view.visitor.receipt_number,
                service=self.service(view.visitor.service),
                place=view.visitor.place,
                party_size=view.visitor.party_size,
            ),
            devices=devices,
            missing=tuple(
                device
                for device in devices
                if device.state == "down" and not _is_failed(device, view.thermometer)
            ),
            camera=next((line for line in devices if line.kind == DeviceKind.CAMERA), None),
            aside=tuple(self._aside(aside) for aside in view.aside),
            entries=tuple(self.entry(entry) for entry in entries),
            occupancy=view.occupancy,
            capacity=view.capacity,
            is_full=view.occupancy >= view.capacity,
            is_open=_is_open(view),
            clock_warning=self._clock(view.clock_warning),
            care=self._care(view.thermometer),
            hold=self.hold(view.hold),
        )

    def hold(self, hold: HoldView | None) -> HoldNotice | None:
        """Who keeps a gate free, and until when."""
        if hold is None:
            return None
        say = self.language.say
        if hold.is_ending:
            words = say("The check is over. Step away from the devices: visitors are next.")
        else:
            words = say("%(by)s keeps the gate free, until %(time)s at most.") % {
                "by": hold.by,
                "time": self.language.time(hold.until, self.zone),
            }
        return HoldNotice(is_ending=hold.is_ending, words=words)

    def entry(self, entry: LogEntry) -> EntryLine:
        """A row of the log in words; it never carries a name of a visitor."""
        is_attempt = entry.kind is EntryKind.ATTEMPT
        word = ENTRIES[entry.kind]
        if is_attempt and entry.reason is not None:
            word = ADMISSIONS.get(entry.reason) or REASONS[entry.reason].headline
        elif entry.kind is EntryKind.THERMOMETER_CHECKED and entry.results:
            word = CHECKED.get(entry.results[0].outcome, word)
        return EntryLine(
            entry_id=entry.entry_id,
            state=entry.decision.value if is_attempt and entry.decision else entry.kind.value,
            time=self.language.seconds(entry.at, self.zone),
            gate=entry.gate or "",
            word=self.language.say(word),
            service=self.service(entry.service) or "",
            receipt=entry.receipt_number or "",
            operator=entry.operator or "",
            remark=entry.remark or "",
        )

    def figures(self, figures: DayFigures) -> RoomFigures:
        """The numbers of the room and of the day."""
        percent = min(100, round(100 * figures.occupancy / figures.capacity))
        refusals = sorted(figures.refused_by_reason.items(), key=lambda item: (-item[1], item[0]))
        most = refusals[0][1] if refusals else 1
        return RoomFigures(
            occupancy=figures.occupancy,
            capacity=figures.capacity,
            free=max(0, figures.capacity - figures.occupancy),
            percent=percent,
            level="full" if figures.occupancy >= figures.capacity else _level(percent),
            admitted=figures.admitted,
            refused=figures.refused,
            waiting_outside=figures.waiting_outside,
            refusals=tuple(
                Refusal(
                    state=_decision_of(reason).value,
                    words=self.language.say(REASONS[reason].headline),
                    count=count,
                    share=round(100 * count / most),
                )
                for reason, count in refusals
                if count
            ),
            since=self.language.time(figures.since, self.zone),
            updated=self.language.seconds(figures.updated_at, self.zone),
        )

    def hours(self, hours: Sequence[tuple[datetime, int, int]]) -> tuple[HourBar, ...]:
        """Bars of the day's hours; the tallest one is 100."""
        tallest = max((admitted + refused for _, admitted, refused in hours), default=0) or 1
        return tuple(
            HourBar(
                label=self.language.time(start, self.zone)[:2],
                admitted=admitted,
                refused=refused,
                admitted_height=round(100 * admitted / tallest),
                refused_height=round(100 * refused / tallest),
            )
            for start, admitted, refused in hours
        )

    def groups(self) -> tuple[ServiceGroup, ...]:
        """The services by the way to them."""
        say = self.language.say
        return tuple(
            ServiceGroup(
                channel=channel.value,
                title=say(title),
                explanation=say(explanation),
                services=tuple(
                    self.service(service.code) or service.code
                    for service in self.services
                    if service.channel is channel
                ),
            )
            for channel, (title, explanation) in CHANNELS.items()
            if any(service.channel is channel for service in self.services)
        )

    def without_receipt(self) -> tuple[tuple[str, str], ...]:
        """Code and name of the services that need no receipt."""
        return tuple(
            (service.code, self.service(service.code) or service.code)
            for service in self.services
            if service.channel in (Channel.EMERGENCY, Channel.WALK_IN)
        )

    def referral(self, entry: LogEntry) -> Referral:
        """A referral that waits for its clinical reading."""
        return Referral(
            attempt_id=entry.attempt_id or "",
            time=self.language.time(entry.at, self.zone),
            gate=entry.gate or "",
            receipt=entry.receipt_number or "",
        )

    def _checks(self, view: GateView) -> tuple[CheckTile, ...]:
        """The running session's checks; those to come while the lane is free, none afterwards."""
        checks = view.checks
        if not checks and view.verdict is None:
            checks = tuple(
                CheckView(check=check, state=CheckState.PENDING) for check in view.checks_required
            )
        return tuple(
            CheckTile(
                check=check.check.value,
                word=self.language.say(CHECKS[check.check]),
                state=check.state.value,
                state_word=self.language.say(CHECK_STATES[check.state]),
                entered_by=check.entered_by,
            )
            for check in checks
        )

    def _verdict(self, view: GateView) -> VerdictCard:
        say, verdict = self.language.say, view.verdict
        if view.hold is not None and (verdict is None or verdict.reason in WAITS_WHILE_KEPT_FREE):
            return self._kept_free(verdict)
        wording = READY if verdict is None else REASONS[verdict.reason]
        barrier = None
        if verdict is not None and verdict.barrier_opened is not None:
            is_open = verdict.barrier_opened
            barrier = say("The barrier has opened.") if is_open else say("Open the way by hand.")
        return VerdictCard(
            state="ready" if verdict is None else verdict.kind.value,
            key="ready" if verdict is None else f"{verdict.attempt_id} {verdict.reason.value}",
            word=say("Next, please") if verdict is None else say(VERDICTS[verdict.kind]),
            headline=say(wording.headline),
            say=say(wording.visitor),
            hint=say(wording.guard),
            picture=wording.picture,
            seat=verdict.seat if verdict else None,
            ticket=verdict.ticket if verdict else None,
            until_ready_s=_whole_seconds(verdict.until_ready_s) if verdict else None,
            barrier=barrier,
            attempt_id=verdict.attempt_id if verdict else None,
            needs_confirmation=verdict.needs_confirmation if verdict else False,
            can_annul=verdict.can_annul if verdict else False,
        )

    def _kept_free(self, verdict: VerdictView | None) -> VerdictCard:
        """Nobody is measured now; ``verdict`` is of a visitor who waits for it."""
        say, attempt_id = self.language.say, None if verdict is None else verdict.attempt_id
        return VerdictCard(
            state=DecisionKind.WAIT.value,
            key=f"{attempt_id or ''} kept_free",
            word=say(VERDICTS[DecisionKind.WAIT]),
            headline=say(KEPT_FREE.headline),
            say=say(KEPT_FREE.visitor),
            hint=say(KEPT_FREE.guard),
            picture=KEPT_FREE.picture,
            seat=None,
            ticket=None,
            until_ready_s=None,
            barrier=None,
            attempt_id=attempt_id,
            needs_confirmation=False,
            can_annul=False,
        )

    def _temperature(self, view: GateView) -> TemperatureCard | None:
        shown = view.temperature
        if shown is None:
            return None
        return TemperatureCard(
            raw=self.language.decimal(shown.raw_celsius, 2),
            corrections=tuple(
                (
                    self.language.say(CORRECTIONS.get(name, name)),
                    self.language.signed(size, 2),
                )
                for name, size in shown.corrections
            ),
            corrected=self.language.decimal(shown.corrected_celsius, 2),
            uncertainty=None
            if shown.standard_uncertainty_celsius is None
            else self.language.decimal(2 * shown.standard_uncertainty_celsius, 2),
            limit=self.language.decimal(shown.threshold_celsius, 2),
            first=None
            if shown.first_celsius is None
            else self.language.decimal(shown.first_celsius, 2),
            entered_by=shown.entered_by,
        )

    def _device(self, device: DeviceView) -> DeviceLine:
        state = "absent" if not device.is_configured else "up" if device.is_available else "down"
        return DeviceLine(
            kind=device.kind.value,
            word=self.language.say(DEVICES[device.kind]),
            state=state,
            since=self.language.time(device.since, self.zone),
            error=device.last_error,
            instead=self.language.say(WITHOUT_DEVICE[device.kind]),
            faults=device.faults,
        )

    def _care(self, thermometer: ThermometerView | None) -> CareNotice | None:
        wording = None if thermometer is None else care_wording(thermometer)
        if thermometer is None or wording is None:
            return None
        return CareNotice(
            is_failed=thermometer.state is CareState.FAILED,
            headline=self.language.say(wording.headline),
            advice=self.language.say(wording.guard),
        )

    def thermal(self, seen: ThermalView) -> ThermalCard:
        """What an array sees, or why it tells no temperature."""
        say, refusal = self.language.say, first_told(seen.refusals)
        state, words, act = "measured", MEASURED, ""
        if refusal is not None:
            state = "fault" if is_fault(refusal) else "none"
            words, act = REFUSALS[refusal].why, REFUSALS[refusal].act
        return ThermalCard(
            state=state,
            words=say(words),
            act=say(act),
            scale=ThermalScale(stops=scale_stops(), ticks=_THERMAL_TICKS),
        )

    def _clock(self, warning: str | None) -> str | None:
        if warning is None:
            return None
        return self.language.say(CLOCKS[ClockWarning(warning)])

    def _aside(self, aside: AsideView) -> AsideLine:
        return AsideLine(
            attempt_id=aside.attempt_id,
            label=aside.receipt_number or self.language.say("without a receipt"),
            service=self.service(aside.service),
            until_ready_s=_whole_seconds(aside.until_ready_s) or 0,
            has_receipt=aside.receipt_number is not None,
        )


def plan_of(seats: Sequence[SeatState]) -> SeatPlan:
    """The seats as a drawing: one unit a seat."""
    drawn = tuple(
        Seat(
            label=seat.label,
            x=seat.column,
            y=seat.row,
            state="sealed" if seat.is_sealed else "free" if seat.visit_id is None else "taken",
        )
        for seat in seats
    )
    return SeatPlan(
        seats=drawn,
        width=1 + max((seat.x for seat in drawn), default=0),
        height=1 + max((seat.y for seat in drawn), default=0),
        free=sum(seat.state == "free" for seat in drawn),
        taken=sum(seat.state == "taken" for seat in drawn),
        sealed=sum(seat.state == "sealed" for seat in drawn),
    )


def is_troubled(gate: GateLive) -> bool:
    """Whether a gate needs somebody's attention."""
    return bool(gate.missing or gate.clock_warning) or gate.mode == GateMode.MANUAL


def _is_failed(device: DeviceLine, thermometer: ThermometerView | None) -> bool:
    """Whether it is a thermometer that is there but may not be relied on."""
    is_there = thermometer is not None and thermometer.since is not None
    return device.kind == DeviceKind.THERMOMETER and is_there


def _is_open(view: GateView) -> bool:
    if view.verdict is None:
        return view.visitor is not None or Check.RECEIPT not in view.checks_required
    return view.verdict.kind is DecisionKind.FIX


def _whole_seconds(seconds: float | None) -> int | None:
    return None if seconds is None else max(0, -int(-seconds // 1))


def _level(percent: int) -> str:
    return "busy" if percent >= 80 else "calm"


def _decision_of(reason: Reason) -> DecisionKind:
    return DecisionKind.REFER if reason is Reason.ELEVATED_TWICE else DecisionKind.DENY
