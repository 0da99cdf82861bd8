"""Words and drawing of the page on which a gate's thermometer is set up and checked."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from statistics import median
from zoneinfo import ZoneInfo

from markupsafe import Markup

from dashboard.contexts.building import Words
from dashboard.contexts.thermometer import (
    CheckForm,
    ComparedRow,
    FoundValue,
    InForce,
    Instrument,
    Plot,
    SetupStep,
    Sheet,
    TakenValue,
    ThermometerLive,
    ThermometerReport,
    ThermometerSetup,
    Typed,
    UncertaintyPart,
    WalkedRow,
    WalkForm,
    WarmUp,
)
from dashboard.language import Language
from dashboard.thermometer.plots import difference, differences_plot, distance_plot, linearity_plot
from dashboard.thermometer.words import (
    DISTANCE_PROBLEMS,
    LINEARITIES,
    MEASURING_SITES,
    NO_VALUE,
    NO_VALUES,
    OUTCOMES,
    PROBLEMS,
)
from dashboard.words import N_, UNCERTAINTIES, care_wording
from screening.clock import start_of_day
from screening.gate.decision import Check
from screening.gate.view import DeviceView, GateView
from screening.readings import DeviceKind
from screening.temperature.care import (
    MEASURABLE_CELSIUS,
    CareReason,
    CareState,
    ThermometerView,
)
from screening.temperature.commissioning import (
    Commissioning,
    Comparison,
    ThermometerCheck,
)
from screening.temperature.distance import DistanceTable
from screening.temperature.distance_fit import MIN_DISTANCES, DistanceError
from screening.temperature.drafts import Draft, Point, Purpose, Stood, Taken
from screening.temperature.fitting import (
    MIN_STAFF,
    ROOM_CELSIUS,
    CommissioningError,
    fit_commissioning,
)
from screening.temperature.normaliser import LinearityVerdict, linearity
from screening.temperature.today import budget_of
from screening.temperature.uncertainty import DISTANCE
from screening.temperature.warmth import WARM_UP_S

SCALE_UNITS = 400
"""Length of the instrument's scale in the units of its drawing."""
WARM_UP_PARTS = 6
"""Five minutes each."""
NOTHING_TYPED = Typed()


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """All that the page is made of; ``reports`` are file names with their times (aware UTC).

    ``report_deleted_at`` is when the report of the commissioning in force is due for deletion.
    """

    view: GateView
    draft: Draft
    commissioning: Commissioning | None
    check: ThermometerCheck | None
    reports: Sequence[tuple[str, datetime]]
    reports_kept_days: int
    report_deleted_at: datetime | None
    now: datetime
    can_commission: bool
    sees_gate: bool
    by: str

    @property
    def is_setting_up(self) -> bool:
        """Whether the steps are shown."""
        is_wanted = self.commissioning is None or not self.draft.is_empty
        return self.can_commission and is_wanted and self.view.thermometer is not None


def is_warm(thermometer: ThermometerView, now: datetime) -> bool:
    """Whether it has been on for half an hour."""
    since = thermometer.since
    return since is not None and now - since >= timedelta(seconds=WARM_UP_S)


def room_of(draft: Draft) -> float:
    """The room's temperature; one that nobody measured is no room to measure in."""
    return math.nan if draft.room_celsius is None else draft.room_celsius


def must_be_kept_free(view: GateView) -> bool:
    """Whether whoever stands there now for a check would be taken for a visitor."""
    is_held = view.hold is not None and not view.hold.is_ending
    return Check.RECEIPT not in view.checks_required and not is_held


@dataclass(frozen=True, slots=True)
class ThermometerWords:
    """Writes a thermometer's commissioning in one language, in the site's zone."""

    language: Language
    zone: ZoneInfo

    def live(self, standing: Standing, typed: Typed = NOTHING_TYPED) -> ThermometerLive:
        """The page as it stands."""
        thermometer = standing.view.thermometer
        setup = None
        if thermometer is not None and standing.is_setting_up:
            setup = self._setup(standing, thermometer)
        state, headline, advice = self._advice(standing, setup)
        return ThermometerLive(
            gate=standing.view.gate,
            state=state,
            headline=headline,
            advice=advice,
            instrument=None
            if thermometer is None
            else self._instrument(thermometer, standing.commissioning),
            warm_up=None if thermometer is None else self._warm_up(thermometer, standing.now),
            people=min(len(standing.draft.staff), MIN_STAFF) if setup is not None else MIN_STAFF,
            people_needed=MIN_STAFF,
            hold=Words(self.language, self.zone, ()).hold(standing.view.hold),
            must_be_kept_free=must_be_kept_free(standing.view),
            setup=setup,
            check=None if thermometer is None else self._check(standing, thermometer),
            in_force=self._in_force(standing),
            can_commission=standing.can_commission,
            sees_gate=standing.sees_gate,
            typed=typed,
        )

    def report(
        self,
        commissioning: Commissioning,
        draft: Draft,
        *,
        site: str,
        css: str,
        deleted_at: datetime,
    ) -> ThermometerReport:
        """What is printed and kept of a commissioning: people by size, not as they came."""
        staff = sorted(draft.staff, key=lambda point: difference(point.comparison))
        budget = budget_of(commissioning, room_celsius=commissioning.room_celsius, visitors=0)
        table = commissioning.distance
        if table is not None:
            unsure = table.uncertainty_celsius(table.reference_cm)
            budget = budget.with_component(DISTANCE, unsure)
        steps = [point.comparison for point in draft.steps]
        return ThermometerReport(
            shell=Sheet(site=site, language=self.language),
            css=Markup(css),
            gate=commissioning.gate,
            at=self.language.moment(commissioning.at, self.zone),
            kept_through=self._last_day(deleted_at),
            by=commissioning.by,
            model=commissioning.model,
            measured_at=self._measuring_site(commissioning.site),
            found=self._found(commissioning),
            staff_rows=self._rows(staff),
            staff_plot=differences_plot(
                self.language,
                [point.comparison for point in staff],
                offset_celsius=commissioning.offset_celsius,
                uncertainty_celsius=commissioning.offset_uncertainty_celsius,
            ),
            steps_rows=self._rows(draft.steps),
            steps_plot=linearity_plot(self.language, steps) if len(steps) > 1 else None,
            steps_words=self._linearity(steps) if steps else "",
            walk_rows=() if table is None else self._walked(draft.walk),
            walk_plot=None if table is None else distance_plot(self.language, table),
            uncertainties=self._uncertainties(budget.named()),
            combined=self.language.decimal(2 * budget.combined_celsius()),
        )

    def dishonesty(self, draft: Draft) -> str | None:
        """What the known temperatures say against the device; None when they say nothing."""
        steps = [point.comparison for point in draft.steps]
        return self._linearity(steps) if is_dishonest(steps) else None

    def problems(self, error: CommissioningError) -> tuple[str, ...]:
        """Why constants were refused."""
        return tuple(self.language.say(PROBLEMS[problem]) for problem in error.problems)

    def distance_problems(self, error: DistanceError) -> tuple[str, ...]:
        """Why a walk makes no table."""
        return tuple(self.language.say(DISTANCE_PROBLEMS[problem]) for problem in error.problems)

    # --- what is on top ------------------------------------------------------------------------

    def _advice(self, standing: Standing, setup: ThermometerSetup | None) -> tuple[str, str, str]:
        say, thermometer = self.language.say, standing.view.thermometer
        if thermometer is None:
            return (
                "ready",
                say("This gate has no thermometer"),
                say("Name one as thermometer.model in gerbang.toml."),
            )
        if thermometer.since is None:
            device = _device(standing.view)
            since = "" if device is None else self.language.time(device.since, self.zone)
            return (
                "deny",
                say("The thermometer cannot be reached"),
                say("Nothing comes since %(time)s. Check its cable.") % {"time": since},
            )
        if setup is not None:
            return self._next_step(standing, setup)
        care = care_wording(thermometer)
        if care is None:
            return self._ready(standing)
        state = {CareState.FAILED: "deny", CareState.IN_DOUBT: "fix"}.get(thermometer.state, "wait")
        advice = care.guard
        if thermometer.reasons[0] is CareReason.NOT_COMMISSIONED and not standing.can_commission:
            advice = N_("Ask a manager or the administrator to set it up.")
            if thermometer.state is CareState.FAILED:
                advice = N_("Measure by hand. Ask a manager or the administrator to set it up.")
        return state, say(care.headline), say(advice)

    def _ready(self, standing: Standing) -> tuple[str, str, str]:
        say = self.language.say
        newest = [one.at for one in (standing.commissioning, standing.check) if one is not None]
        if not newest:
            return (
                "ready",
                say("The thermometer measures"),
                say("It was never compared with a clinical thermometer."),
            )
        advice = say("It was compared on %(at)s and holds.") % {
            "at": self.language.moment(max(newest), self.zone)
        }
        if max(newest) >= start_of_day(standing.now, self.zone):
            advice = say("It was compared today and holds.")
        return "admit", say("The thermometer is ready"), advice

    def _next_step(self, standing: Standing, setup: ThermometerSetup) -> tuple[str, str, str]:
        say = self.language.say
        if setup.warm_up.state != "done":
            return (
                "wait",
                say("The thermometer is warming up"),
                say("Leave it switched on. Measure the room meanwhile."),
            )
        if setup.room.state != "done":
            return (
                "fix" if setup.room.state == "bad" else "wait",
                say("Measure the room"),
                say("Type what a room thermometer beside the device shows."),
            )
        if setup.staff_taken is not None:
            return (
                "wait",
                say("The device's value is taken"),
                say("Now type the clinical reading of the same person."),
            )
        if setup.staff_needed:
            return (
                "wait",
                say("Person %(number)s of %(needed)s")
                % {"number": len(setup.staff_rows) + 1, "needed": MIN_STAFF},
                say("Let somebody who is well stand before the device, then take its value."),
            )
        if setup.problems:
            return "fix", say("This cannot be used"), setup.problems[0]
        return (
            "admit",
            say("Everything is measured"),
            say("Look at the drawing, then use these constants."),
        )

    def _instrument(
        self, thermometer: ThermometerView, commissioning: Commissioning | None
    ) -> Instrument:
        say, value = self.language.say, thermometer.raw_celsius
        if value is not None:
            state, words = "steady", say("steady, not corrected")
        else:
            state = "away" if thermometer.since is None else "moving"
            why = None if thermometer.no_value is None else NO_VALUES.get(thermometer.no_value)
            words = say(why or NO_VALUE)
        return Instrument(
            state=state,
            value=None if value is None else self.language.decimal(value, 2),
            words=words,
            face=None
            if commissioning is None or commissioning.distance is None
            else self._face(thermometer.distance_cm),
            model=f"{thermometer.model} · {self._measuring_site(thermometer.measuring_site)}",
            place=None if value is None else _on_scale(value),
        )

    def _face(self, distance_cm: float | None) -> str:
        if distance_cm is None:
            return self.language.say("the camera sees no face")
        return self.language.say("the face is at %(distance)s cm") % {
            "distance": round(distance_cm)
        }

    def _measuring_site(self, name: str) -> str:
        return self.language.say(MEASURING_SITES.get(name, name))

    def _warm_up(self, thermometer: ThermometerView, now: datetime) -> WarmUp | None:
        if thermometer.since is None:
            return None
        gone = now - thermometer.since
        share = gone / timedelta(seconds=WARM_UP_S)
        is_done = share >= 1
        until = thermometer.since + timedelta(seconds=WARM_UP_S)
        words = (
            self.language.say("The sensor is warm.")
            if is_done
            else self.language.say("The sensor is warming up until %(until)s.")
        )
        return WarmUp(
            is_done=is_done,
            parts=min(WARM_UP_PARTS, max(0, int(WARM_UP_PARTS * share))),
            words=words % {"until": self.language.time(until, self.zone)},
        )

    # --- the steps -----------------------------------------------------------------------------

    def _setup(self, standing: Standing, thermometer: ThermometerView) -> ThermometerSetup:
        draft, say = standing.draft, self.language.say
        warm_up = self._warm_up(thermometer, standing.now)
        is_warm_now = warm_up is not None and warm_up.is_done
        table, walk_problems = self._table(draft)
        fitted = _fit(standing, thermometer)
        if isinstance(fitted, Commissioning):
            fitted = replace(fitted, distance=table)
        found = self._found(fitted) if isinstance(fitted, Commissioning) else ()
        problems = () if isinstance(fitted, Commissioning) else self.problems(fitted)
        staff = [point.comparison for point in draft.staff]
        steps = [point.comparison for point in draft.steps]
        needed = max(0, MIN_STAFF - len(staff))
        lie = self.dishonesty(draft)
        if lie is not None:
            problems = (lie, *problems)
        if walk_problems:
            problems = (say("Finish the walk, or take its lines out."), *problems)
        is_fitted = isinstance(fitted, Commissioning) and not walk_problems
        is_ready = is_fitted and is_warm_now and lie is None
        room = self._room_step(draft.room_celsius)
        return ThermometerSetup(
            warm_up=SetupStep(
                name=say("Warm up for half an hour"),
                state="done" if is_warm_now else "now",
                words=say("warm") if is_warm_now else say("not warm yet"),
            ),
            room=room,
            steady=SetupStep(
                name=say("Known temperatures"),
                state=_linearity_state(steps),
                words=self._linearity(steps) if steps else say("May be left out."),
            ),
            distance=self._distance_step(standing, table, walk_problems),
            staff=SetupStep(
                name=say("Five people who are well"),
                state="done" if not needed else "now" if is_warm_now else "later",
                words=self.language.count(
                    "%(num)d person compared", "%(num)d people compared", len(staff)
                ),
            ),
            use=SetupStep(
                name=say("Use the constants"),
                state="now" if is_ready else "later",
                words=say("All is measured.") if is_ready else say("When all is measured."),
            ),
            room_celsius=""
            if draft.room_celsius is None
            else self.language.decimal(draft.room_celsius),
            staff_taken=self._taken(draft.waiting(Purpose.STAFF)),
            staff_rows=self._rows(draft.staff),
            staff_plot=self._staff_plot(staff, fitted),
            staff_needed=needed,
            steps_taken=self._taken(draft.waiting(Purpose.STEPS)),
            steps_rows=self._rows(draft.steps),
            steps_plot=linearity_plot(self.language, steps) if len(steps) > 1 else None,
            walk=self._walk_form(standing, table, walk_problems, is_warm_now=is_warm_now),
            found=found,
            # While measurements are missing, that they are missing is told by their steps.
            problems=() if needed or draft.room_celsius is None else problems,
            is_ready=is_ready,
            can_be_given_up=not draft.is_empty,
        )

    def _room_step(self, celsius: float | None) -> SetupStep:
        say = self.language.say
        limits = {"low": round(ROOM_CELSIUS.low), "high": round(ROOM_CELSIUS.high)}
        if celsius is None:
            state, words = "now", say("good: %(low)s to %(high)s °C") % limits
        elif celsius in ROOM_CELSIUS:
            state, words = (
                "done",
                say("%(room)s °C, good") % {"room": self.language.decimal(celsius)},
            )
        else:
            state = "bad"
            words = say("%(room)s °C; good: %(low)s to %(high)s °C") % {
                "room": self.language.decimal(celsius),
                **limits,
            }
        return SetupStep(name=say("Measure the room"), state=state, words=words)

    def _table(self, draft: Draft) -> tuple[DistanceTable | None, tuple[str, ...]]:
        """What the walk gives so far, or why it gives none."""
        try:
            return draft.distance_table(), ()
        except DistanceError as error:
            return None, self.distance_problems(error)

    def _distance_step(
        self, standing: Standing, table: DistanceTable | None, problems: Sequence[str]
    ) -> SetupStep:
        say, walked = self.language.say, len(standing.draft.walk)
        state, words = "optional", say("May be left out.")
        if not has_camera(standing.view):
            words = say("Needs a camera at this gate.")
        elif table is not None:
            state = "done"
            words = say("%(nearest)s to %(furthest)s cm, the mark at %(mark)s") % _ends(table)
        elif walked >= MIN_DISTANCES:
            state, words = "bad", say("Does not fit together.")
        elif problems:
            state = "now"
            words = self.language.count(
                "%(num)d distance measured", "%(num)d distances measured", walked
            )
        return SetupStep(name=say("Distance of the face"), state=state, words=words)

    def _walk_form(
        self,
        standing: Standing,
        table: DistanceTable | None,
        problems: Sequence[str],
        *,
        is_warm_now: bool,
    ) -> WalkForm:
        thermometer, walk = standing.view.thermometer, standing.draft.walk
        width = None if thermometer is None else thermometer.face_width
        return WalkForm(
            has_camera=has_camera(standing.view),
            can_take=is_warm_now,
            face=None if width is None else self.language.percent(width, 1),
            rows=self._walked(walk),
            plot=None if table is None else distance_plot(self.language, table),
            # Before the third distance its own step says how many are missing.
            problems=tuple(problems) if len(walk) >= MIN_DISTANCES else (),
        )

    def _walked(self, walk: Sequence[Stood]) -> tuple[WalkedRow, ...]:
        """As they stood; the first is what the others are compared with."""
        return tuple(
            WalkedRow(
                key=one.key,
                distance=f"{one.point.tape_cm:g}",
                raw=self.language.decimal(one.point.raw_celsius, 2),
                face=self.language.percent(one.point.face_width, 1),
                added=self.language.signed(walk[0].point.raw_celsius - one.point.raw_celsius, 2),
                is_mark=one is walk[0],
            )
            for one in walk
        )

    def _found_distance(self, table: DistanceTable) -> FoundValue:
        low, high = table.reach_celsius
        say, ends = self.language.say, _ends(table)
        return FoundValue(
            name=say("Distance of the face"),
            value=f"{self.language.signed(low, 2)} … {self.language.signed(high, 2)} °C",
            meaning=say("from %(nearest)s to %(furthest)s cm, 0 at the mark of %(mark)s") % ends,
        )

    def _staff_plot(
        self, staff: Sequence[Comparison], fitted: Commissioning | CommissioningError
    ) -> Plot | None:
        if not staff:
            return None
        if isinstance(fitted, Commissioning):
            offset = fitted.offset_celsius
            uncertainty: float | None = fitted.offset_uncertainty_celsius
        else:
            offset, uncertainty = median(difference(one) for one in staff), None
        return differences_plot(
            self.language, staff, offset_celsius=offset, uncertainty_celsius=uncertainty
        )

    def _linearity(self, steps: Sequence[Comparison]) -> str:
        return self.language.say(LINEARITIES[linearity(steps).verdict])

    def _taken(self, taken: Taken | None) -> TakenValue | None:
        if taken is None:
            return None
        return TakenValue(
            key=taken.key,
            value=self.language.decimal(taken.raw_celsius, 2),
            words=self.language.say("taken at %(time)s")
            % {"time": self.language.seconds(taken.at, self.zone)},
        )

    def _rows(self, points: Sequence[Point]) -> tuple[ComparedRow, ...]:
        return tuple(
            ComparedRow(
                key=point.key,
                number=number,
                raw=self.language.decimal(point.comparison.raw_celsius, 2),
                reference=self.language.decimal(point.comparison.reference_celsius, 1),
                difference=self.language.signed(difference(point.comparison), 2),
            )
            for number, point in enumerate(points, start=1)
        )

    def _found(self, found: Commissioning) -> tuple[FoundValue, ...]:
        say, language = self.language.say, self.language
        distances = () if found.distance is None else (self._found_distance(found.distance),)
        return (
            FoundValue(
                name=say("Offset"),
                value=f"{language.signed(found.offset_celsius, 2)} °C",
                meaning=say("is added to every value of the device"),
            ),
            FoundValue(
                name=say("How sure of it"),
                value=f"± {language.decimal(2 * found.offset_uncertainty_celsius, 2)} °C",
                meaning=say("95 % sure: twice the standard uncertainty"),
            ),
            FoundValue(
                name=say("One person from another"),
                value=f"± {language.decimal(found.person_spread_celsius, 2)} °C",
                meaning=say("standard deviation; no correction can take it away"),
            ),
            FoundValue(
                name=say("Well people here"),
                value=f"{language.decimal(found.median_celsius, 2)} °C",
                meaning=say("middle of the clinical readings; drift is counted from it"),
            ),
            FoundValue(
                name=say("Room"),
                value=f"{language.decimal(found.room_celsius)} °C",
                meaning=say("what it was while measuring"),
            ),
            FoundValue(
                name=say("People"),
                value=str(found.staff),
                meaning=say("staff who were well, without names"),
            ),
            *distances,
        )

    def _uncertainties(
        self, components: Sequence[tuple[str, float]]
    ) -> tuple[UncertaintyPart, ...]:
        """Largest first; what nobody has measured yet is left out."""
        largest = components[0][1]
        return tuple(
            UncertaintyPart(
                name=self.language.say(UNCERTAINTIES.get(name, name)),
                size=self.language.decimal(size, 2),
                share=round(100 * size / largest),
            )
            for name, size in components
            if size > 0
        )

    # --- every day -----------------------------------------------------------------------------

    def _check(self, standing: Standing, thermometer: ThermometerView) -> CheckForm | None:
        if standing.commissioning is None:
            return None
        say, last, state, words = self.language.say, standing.check, "ready", None
        if last is not None:
            state, outcome = OUTCOMES[last.outcome]
            words = say("%(at)s, %(by)s: %(difference)s °C, %(outcome)s") % {
                "at": self.language.moment(last.at, self.zone),
                "by": last.by,
                "difference": self.language.signed(last.difference_celsius, 2),
                "outcome": say(outcome),
            }
        is_warm_now = is_warm(thermometer, standing.now)
        return CheckForm(
            taken=self._taken(standing.draft.waiting(Purpose.CHECK)),
            last=words,
            last_state=state,
            can_be_made=is_warm_now,
            why_not="" if is_warm_now else say("Possible once the device is warm."),
        )

    def _in_force(self, standing: Standing) -> InForce | None:
        found = standing.commissioning
        if found is None:
            return None
        return InForce(
            words=self.language.say("since %(at)s, set up by %(by)s")
            % {"at": self.language.moment(found.at, self.zone), "by": found.by},
            found=self._found(found),
            reports=tuple(
                (name, self.language.moment(at, self.zone)) for name, at in standing.reports
            ),
            reports_note=self._reports_note(standing) if standing.can_commission else "",
        )

    def _reports_note(self, standing: Standing) -> str:
        """How long reports are kept, or that the one of these constants is not there any more."""
        say, deleted_at = self.language.say, standing.report_deleted_at
        if deleted_at is not None and deleted_at <= standing.now:
            return say(
                "The report was deleted after %(day)s, since it held people's degrees."
                " The constants stay in the log."
            ) % {"day": self._last_day(deleted_at)}
        return self.language.count(
            "A report is deleted %(num)d day after it was made, since it holds people's degrees."
            " Print it before. The constants stay in the log.",
            "A report is deleted %(num)d days after it was made, since it holds people's degrees."
            " Print it before. The constants stay in the log.",
            standing.reports_kept_days,
        )

    def _last_day(self, deleted_at: datetime) -> str:
        """The day before the one at whose start something is deleted."""
        return self.language.day(deleted_at - timedelta(hours=12), self.zone)


def _fit(standing: Standing, thermometer: ThermometerView) -> Commissioning | CommissioningError:
    """What the draft comes to so far."""
    draft = standing.draft
    try:
        return fit_commissioning(
            [point.comparison for point in draft.staff],
            gate=draft.gate,
            at=standing.now,
            by=standing.by,
            model=thermometer.model,
            site=thermometer.measuring_site,
            room_celsius=room_of(draft),
        )
    except CommissioningError as error:
        return error


def has_camera(view: GateView) -> bool:
    """Whether one is configured at this gate."""
    return any(device.kind is DeviceKind.CAMERA and device.is_configured for device in view.devices)


def _ends(table: DistanceTable) -> dict[str, int]:
    return {
        "nearest": round(table.nearest_cm),
        "furthest": round(table.furthest_cm),
        "mark": round(table.reference_cm),
    }


def is_dishonest(steps: Sequence[Comparison]) -> bool:
    """Whether a run over known temperatures forbids to measure by this device."""
    return linearity(steps).verdict in {LinearityVerdict.NORMALISES, LinearityVerdict.NOT_LINEAR}


def _linearity_state(steps: Sequence[Comparison]) -> str:
    if not steps:
        return "optional"
    if is_dishonest(steps):
        return "bad"
    return "done" if linearity(steps).verdict is LinearityVerdict.HONEST else "now"


def _on_scale(celsius: float) -> int:
    scale = MEASURABLE_CELSIUS
    share = (min(max(celsius, scale.low), scale.high) - scale.low) / (scale.high - scale.low)
    return round(SCALE_UNITS * share)


def _device(view: GateView) -> DeviceView | None:
    found = (device for device in view.devices if device.kind is DeviceKind.THERMOMETER)
    return next(found, None)
