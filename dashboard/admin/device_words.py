"""Says how a device is, what somebody does about it, and which screens are open."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from dashboard.admin.place_contexts import DeviceCard, OpenLine
from dashboard.web.alert_words import WORDINGS
from dashboard.web.gate.care_words import care_wording
from dashboard.web.language import Language
from dashboard.web.office import Office
from dashboard.web.open_screens import OpenScreen
from dashboard.web.words import DEVICES, N_, TROUBLES, WITHOUT_DEVICE
from screening.alerts.alerts import AlertKind
from screening.gate.view import DeviceView, GateView
from screening.readings import DeviceKind
from screening.settings import CameraSettings, GateSettings

SILENT_AFTER = timedelta(minutes=2)
"""A thermometer sends several values a second, also of the wall."""
NEEDS_SOMEBODY = frozenset({"down", "distrusted", "troubled", "silent"})

_SETUP: dict[DeviceKind, str] = {
    DeviceKind.THERMOMETER: "thermometer",
    DeviceKind.CAMERA: "camera",
}
"""Devices with a page on which they are set up."""
_ICONS: dict[DeviceKind, str] = {
    DeviceKind.THERMOMETER: "temperature",
    DeviceKind.CAMERA: "camera",
    DeviceKind.SCANNER: "scan",
    DeviceKind.BARRIER: "barrier-block",
    DeviceKind.PEOPLE_COUNTER: "walk",
}
_BY_HAND = N_("By hand: none is configured")
_STATES: dict[str, str] = {
    "up": N_("Ready since %(moment)s"),
    "down": N_("Does not answer since %(moment)s"),
    "distrusted": N_("Is there, and is not relied on"),
    "troubled": N_("Answers, with trouble"),
    "silent": N_("Answers, and sends no values"),
    "absent": _BY_HAND,
}
_SILENT = N_("See whether it has power and points at the visitor; pull its plug for a moment.")


@dataclass(frozen=True, slots=True)
class DeviceWords:
    """Says in one language how a device is, and what somebody does about it."""

    language: Language
    office: Office

    def summary(self, wrong: int, *, elsewhere: int, is_wired: bool) -> str:
        """The page in one sentence."""
        say = self.language.say
        told = (
            self.language.count(
                "One device needs somebody.", "%(num)d devices need somebody.", wrong
            )
            if wrong
            else say(N_("Every device answers."))
            if is_wired or elsewhere
            else say(N_("No device is wired: guards do everything by hand."))
        )
        more = say(N_("What another computer runs is told there.")) if elsewhere else ""
        return f"{told} {more}".strip()

    def card(self, view: GateView, device: DeviceView, gate: GateSettings | None) -> DeviceCard:
        """One device of a gate that runs here."""
        say, state = self.language.say, self._state(view, device)
        setup = _SETUP.get(device.kind)
        return DeviceCard(
            kind=device.kind.value,
            icon=_ICONS[device.kind],
            word=say(DEVICES[device.kind]),
            state=state,
            told=say(_STATES[state]) % {"moment": self.moment(device.since)},
            heard=self._heard(device),
            wire=_wire(gate, device.kind),
            faults=device.faults,
            error=device.last_error or "",
            advice=self._advice(view, device, state),
            setup=f"/gate/{view.gate}/{setup}" if setup and device.is_configured else "",
        )

    def screen(self, kind: str, title: str, path: str, seen: OpenScreen | None) -> OpenLine:
        """Whether a screen is open."""
        say = self.language.say
        if seen is None:
            state, told = "never", say(N_("not opened since the service started"))
        elif seen.browsers:
            state = "open"
            told = self.language.count(
                "open in one browser", "open in %(num)d browsers", seen.browsers
            )
            told += ", " + say(N_("since %(moment)s")) % {"moment": self.moment(seen.since)}
        else:
            state = "closed"
            told = say(N_("last seen %(moment)s")) % {"moment": self.moment(seen.since)}
        return OpenLine(kind=kind, title=title, path=path, state=state, told=told)

    def moment(self, at: datetime) -> str:
        """The time, with the day where it is not today."""
        zone, now = self.office.settings.site.zone, self.office.clock.now()
        is_today = at.astimezone(zone).date() == now.astimezone(zone).date()
        return self.language.time(at, zone) if is_today else self.language.moment(at, zone)

    def _state(self, view: GateView, device: DeviceView) -> str:
        is_thermometer = device.kind is DeviceKind.THERMOMETER
        if not device.is_configured:
            return "absent"
        if not device.is_available:
            is_there = view.thermometer is not None and view.thermometer.since is not None
            return "distrusted" if is_thermometer and is_there else "down"
        if device.trouble is not None:
            return "troubled"
        since = max(device.since, device.heard or device.since)
        is_silent = is_thermometer and self.office.clock.now() - since > SILENT_AFTER
        return "silent" if is_silent else "up"

    def _advice(self, view: GateView, device: DeviceView, state: str) -> str:
        say = self.language.say
        care = None if view.thermometer is None else care_wording(view.thermometer)
        if device.trouble is not None:
            return say(TROUBLES[device.trouble])
        if state == "down":
            return say(WORDINGS[AlertKind.DEVICE_DOWN].advice)
        if state == "silent":
            return say(_SILENT)
        if state == "absent":
            return say(WITHOUT_DEVICE[device.kind])
        if device.kind is DeviceKind.THERMOMETER and care is not None:
            return f"{say(care.headline)}. {say(care.guard)}"
        return ""

    def _heard(self, device: DeviceView) -> str:
        if device.heard is None or not device.is_configured:
            return ""
        ago_s = max(0.0, (self.office.clock.now() - device.heard).total_seconds())
        told = self.language.duration(ago_s) if ago_s >= 1 else self.language.say(N_("just now"))
        words = N_("last reading %(ago)s ago") if ago_s >= 1 else N_("last reading %(ago)s")
        return self.language.say(words) % {"ago": told}


def _wire(gate: GateSettings | None, kind: DeviceKind) -> str:
    """The port or address at which the configuration says it is; no password of one."""
    described = None if gate is None else getattr(gate, kind.value)
    if described is None:
        return ""
    if isinstance(described, CameraSettings):
        source = urlsplit(described.source)
        return f"{source.scheme}://{source.hostname}" if source.hostname else described.source
    return str(described.port or described.usb or described.model)
