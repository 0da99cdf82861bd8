"""What to do next about a thermometer: the colour, the headline and the advice on top."""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from dashboard.setup.thermometer.contexts import ThermometerSetup
from dashboard.setup.thermometer.standing import Standing
from dashboard.web.gate.care_words import care_wording
from dashboard.web.language import Language
from dashboard.web.words import N_
from screening.clock import start_of_day
from screening.gate.view import DeviceView, GateView
from screening.readings import DeviceKind
from screening.temperature.instrument.care_view import CareReason, CareState
from screening.temperature.instrument.fitting import MIN_STAFF


@dataclass(frozen=True, slots=True)
class Advice:
    """How things stand and what to do about it, in words; ``state`` is its colour."""

    state: str
    headline: str
    advice: str


@dataclass(frozen=True, slots=True)
class AdviceWords:
    """Writes the next thing to do in one language, in the site's zone."""

    language: Language
    zone: ZoneInfo

    def advice(self, standing: Standing, setup: ThermometerSetup | None) -> Advice:
        """What comes first; ``setup`` None: nobody is setting it up."""
        say, thermometer = self.language.say, standing.view.thermometer
        if thermometer is None:
            return Advice(
                "ready",
                say("This gate has no thermometer"),
                say("Name one as thermometer.model in gerbang.toml."),
            )
        if thermometer.since is None:
            device = _device(standing.view)
            since = "" if device is None else self.language.time(device.since, self.zone)
            return Advice(
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
        return Advice(state, say(care.headline), say(advice))

    def _ready(self, standing: Standing) -> Advice:
        say = self.language.say
        newest = [one.at for one in (standing.commissioning, standing.check) if one is not None]
        if not newest:
            return Advice(
                "ready",
                say("The thermometer measures"),
                say("It was never compared with a clinical thermometer."),
            )
        advice = say("Compared with a clinical thermometer on %(at)s: still right.") % {
            "at": self.language.moment(max(newest), self.zone)
        }
        if max(newest) >= start_of_day(standing.now, self.zone):
            advice = say("Compared with a clinical thermometer today: still right.")
        return Advice("admit", say("The thermometer is ready"), advice)

    def _next_step(self, standing: Standing, setup: ThermometerSetup) -> Advice:
        say = self.language.say
        if setup.warm_up.state != "done":
            return Advice(
                "wait",
                say("The thermometer is warming up"),
                say("Leave it switched on. Measure the room meanwhile."),
            )
        if setup.room.state != "done":
            return Advice(
                "fix" if setup.room.state == "bad" else "wait",
                say("Measure the room"),
                say("Type what a room thermometer beside the device shows."),
            )
        if setup.staff_taken is not None:
            return Advice(
                "wait",
                say("The device's value is taken"),
                say("Now type the clinical reading of the same person."),
            )
        if setup.staff_needed:
            return Advice(
                "wait",
                say("Person %(number)s of %(needed)s")
                % {"number": len(setup.staff_rows) + 1, "needed": MIN_STAFF},
                say("Let somebody who is well stand before the device, then take its value."),
            )
        if setup.problems:
            return Advice("fix", say("This cannot be used"), setup.problems[0])
        return Advice(
            "admit",
            say("Everything is measured"),
            say("Look at the drawing, then use these constants."),
        )


def _device(view: GateView) -> DeviceView | None:
    found = (device for device in view.devices if device.kind is DeviceKind.THERMOMETER)
    return next(found, None)
