"""The page of a gate's thermometer, put together of its parts, each in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from dashboard.setup.thermometer.advice import AdviceWords
from dashboard.setup.thermometer.contexts import (
    CheckForm,
    InForce,
    Instrument,
    ThermometerLive,
    Typed,
    WarmUp,
)
from dashboard.setup.thermometer.figures import FigureWords
from dashboard.setup.thermometer.report import ReportWords
from dashboard.setup.thermometer.standing import Standing, is_warm, must_be_kept_free
from dashboard.setup.thermometer.steps import StepWords
from dashboard.setup.thermometer.words import NO_VALUE, NO_VALUES, OUTCOMES
from dashboard.web.gate.words import hold_notice
from dashboard.web.language import Language
from screening.temperature.instrument.care_view import ThermometerView
from screening.temperature.instrument.commissioning import Commissioning
from screening.temperature.instrument.drafts import Purpose
from screening.temperature.instrument.fitting import MIN_STAFF
from screening.temperature.instrument.warmth import WARM_UP_S
from screening.temperature.window import MEASURABLE_CELSIUS

SCALE_UNITS = 400
"""Length of the instrument's scale in the units of its drawing."""
WARM_UP_PARTS = 6
"""Five minutes each."""
NOTHING_TYPED = Typed()


@dataclass(frozen=True, slots=True)
class ThermometerWords:
    """Writes the page of a gate's thermometer in one language, in the site's zone."""

    language: Language
    zone: ZoneInfo

    def live(self, standing: Standing, typed: Typed = NOTHING_TYPED) -> ThermometerLive:
        """The page as it stands."""
        thermometer = standing.view.thermometer
        warm_up = None if thermometer is None else self._warm_up(thermometer, standing.now)
        setup = None
        if thermometer is not None and standing.is_setting_up:
            setup = StepWords(self.language, self.zone).setup(standing, thermometer, warm_up)
        first = AdviceWords(self.language, self.zone).advice(standing, setup)
        return ThermometerLive(
            gate=standing.view.gate,
            state=first.state,
            headline=first.headline,
            advice=first.advice,
            instrument=None
            if thermometer is None
            else self._instrument(thermometer, standing.commissioning),
            warm_up=warm_up,
            people=min(len(standing.draft.staff), MIN_STAFF) if setup is not None else MIN_STAFF,
            people_needed=MIN_STAFF,
            hold=hold_notice(standing.view.hold, self.language, self.zone),
            must_be_kept_free=must_be_kept_free(standing.view),
            setup=setup,
            check=None if thermometer is None else self._check(standing, thermometer),
            in_force=self._in_force(standing),
            can_commission=standing.can_commission,
            sees_gate=standing.sees_gate,
            typed=typed,
        )

    @property
    def _figures(self) -> FigureWords:
        return FigureWords(self.language, self.zone)

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
        site = self._figures.measuring_site(thermometer.measuring_site)
        return Instrument(
            state=state,
            value=None if value is None else self.language.decimal(value, 2),
            words=words,
            face=None
            if commissioning is None or commissioning.distance is None
            else self._face(thermometer.distance_cm),
            model=f"{thermometer.model} · {site}",
            place=None if value is None else _on_scale(value),
        )

    def _face(self, distance_cm: float | None) -> str:
        if distance_cm is None:
            return self.language.say("the camera sees no face")
        return self.language.say("the face is at %(distance)s cm") % {
            "distance": round(distance_cm)
        }

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
            taken=self._figures.taken(standing.draft.waiting(Purpose.CHECK)),
            last=words,
            last_state=state,
            can_be_made=is_warm_now,
            why_not="" if is_warm_now else say("Possible once the device is warm."),
        )

    def _in_force(self, standing: Standing) -> InForce | None:
        found = standing.commissioning
        if found is None:
            return None
        note = ReportWords(self.language, self.zone).note(standing)
        return InForce(
            words=self.language.say("since %(at)s, set up by %(by)s")
            % {"at": self.language.moment(found.at, self.zone), "by": found.by},
            found=self._figures.constants(found),
            reports=tuple(
                (name, self.language.moment(at, self.zone)) for name, at in standing.reports
            ),
            reports_note=note if standing.can_commission else "",
        )


def _on_scale(celsius: float) -> int:
    scale = MEASURABLE_CELSIUS
    share = (min(max(celsius, scale.low), scale.high) - scale.low) / (scale.high - scale.low)
    return round(SCALE_UNITS * share)
