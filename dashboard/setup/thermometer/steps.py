"""The steps of setting a thermometer up, from the warm device to its constants."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import median
from zoneinfo import ZoneInfo

from dashboard.setup.thermometer.contexts import Plot, SetupStep, ThermometerSetup, WarmUp
from dashboard.setup.thermometer.figures import FigureWords, is_dishonest
from dashboard.setup.thermometer.plots import difference, differences_plot, linearity_plot
from dashboard.setup.thermometer.standing import Standing, room_of
from dashboard.setup.thermometer.walk import WalkWords
from dashboard.web.language import Language
from screening.temperature.instrument.care_view import ThermometerView
from screening.temperature.instrument.commissioning import Commissioning, Comparison
from screening.temperature.instrument.drafts import Purpose
from screening.temperature.instrument.fitting import (
    MIN_STAFF,
    ROOM_CELSIUS,
    CommissioningError,
    fit_commissioning,
)
from screening.temperature.instrument.normaliser import LinearityVerdict, linearity


@dataclass(frozen=True, slots=True)
class StepWords:
    """Writes in one language, in the site's zone, how far a commissioning has come."""

    language: Language
    zone: ZoneInfo

    def setup(
        self, standing: Standing, thermometer: ThermometerView, warm_up: WarmUp | None
    ) -> ThermometerSetup:
        """Every step, with what it has brought; ``warm_up`` None: nothing comes from the device."""
        draft, say = standing.draft, self.language.say
        figures, walk = FigureWords(self.language, self.zone), WalkWords(self.language)
        is_warm_now = warm_up is not None and warm_up.is_done
        table, walk_problems = walk.table(draft)
        fitted = _fit(standing, thermometer)
        if isinstance(fitted, Commissioning):
            fitted = replace(fitted, distance=table)
        found = figures.constants(fitted) if isinstance(fitted, Commissioning) else ()
        problems = () if isinstance(fitted, Commissioning) else figures.problems(fitted)
        staff = [point.comparison for point in draft.staff]
        steps = [point.comparison for point in draft.steps]
        needed = max(0, MIN_STAFF - len(staff))
        lie = figures.dishonesty(draft)
        if lie is not None:
            problems = (lie, *problems)
        if walk_problems:
            problems = (say("Finish the walk, or take its lines out."), *problems)
        is_fitted = isinstance(fitted, Commissioning) and not walk_problems
        is_ready = is_fitted and is_warm_now and lie is None
        return ThermometerSetup(
            warm_up=SetupStep(
                name=say("Warm up for half an hour"),
                state="done" if is_warm_now else "now",
                words=say("warm") if is_warm_now else say("not warm yet"),
            ),
            room=self._room_step(draft.room_celsius),
            steady=SetupStep(
                name=say("Known temperatures"),
                state=_linearity_state(steps),
                words=figures.honesty(steps) if steps else say("May be left out."),
            ),
            distance=walk.step(standing, table, walk_problems),
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
            staff_taken=figures.taken(draft.waiting(Purpose.STAFF)),
            staff_rows=figures.rows(draft.staff),
            staff_plot=self._staff_plot(staff, fitted),
            staff_needed=needed,
            steps_taken=figures.taken(draft.waiting(Purpose.STEPS)),
            steps_rows=figures.rows(draft.steps),
            steps_plot=linearity_plot(self.language, steps) if len(steps) > 1 else None,
            walk=walk.form(standing, table, walk_problems, is_warm_now=is_warm_now),
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


def _linearity_state(steps: Sequence[Comparison]) -> str:
    if not steps:
        return "optional"
    if is_dishonest(steps):
        return "bad"
    return "done" if linearity(steps).verdict is LinearityVerdict.HONEST else "now"
