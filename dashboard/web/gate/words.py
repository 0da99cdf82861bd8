"""Turns what a gate shows into words and drawings for its pages; decides nothing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from fastapi import Request

from dashboard.web.auth import office_of
from dashboard.web.gate.care_words import care_wording
from dashboard.web.gate.contexts import (
    ActLine,
    AsideLine,
    BackupLine,
    CareNotice,
    CheckTile,
    DeviceLine,
    GateElsewhere,
    GateLive,
    HoldNotice,
    NextWaiting,
    OutsideLine,
    TemperatureCard,
    ThermalCard,
    ThermalScale,
    VerdictCard,
    VisitorCard,
)
from dashboard.web.gate.next_act import (
    BUTTONS,
    Act,
    by_hand,
    can_have_priority,
    is_open,
    next_act,
    other_acts,
)
from dashboard.web.gate.thermal_picture import HIGHEST_CELSIUS, LOWEST_CELSIUS, scale_stops
from dashboard.web.gate.thermal_refusals import MEASURED, REFUSALS, first_told, is_fault
from dashboard.web.language import Language
from dashboard.web.office_words import Words, words_of
from dashboard.web.queue_words import told_wait, told_wait_inside, told_wait_outside
from dashboard.web.words import (
    CHECK_STATES,
    CHECKS,
    CLOCK_SET_BACK,
    CLOCKS,
    CORRECTIONS,
    DEVICES,
    KEPT_FREE,
    MODES,
    N_,
    NEXT_PLEASE,
    READY,
    REASONS,
    ROOM_IS_FULL,
    TROUBLES,
    VERDICTS,
    WITHOUT_DEVICE,
)
from screening.decision import Check, DecisionKind, Reason
from screening.errors import NotOwner
from screening.figures.live_waits import ExpectedWaits
from screening.figures.waits import Interval, NoCounter, WaitEstimate
from screening.gate.clock_watch import ClockWarning
from screening.gate.thermal import ThermalView
from screening.gate.view import (
    AsideView,
    CheckState,
    CheckView,
    DeviceView,
    GateView,
    HoldView,
    OutsideView,
    VerdictView,
)
from screening.readings import DeviceKind
from screening.receipts.number import show_number
from screening.temperature.instrument.care_view import CareState, ThermometerView
from screening.visits import LogEntry
from screening.waiting_room.line import LineAct, LineView, Place, PlaceState
from screening.waiting_room.plan import Seating

_THERMAL_TICKS = tuple(
    (round(100 * (degrees - LOWEST_CELSIUS) / (HIGHEST_CELSIUS - LOWEST_CELSIUS)), str(degrees))
    for degrees in range(round(LOWEST_CELSIUS), round(HIGHEST_CELSIUS) + 1, 4)
)

SMALLEST_SHOWN_CELSIUS = 0.005
"""A correction that would be written as nothing is not shown."""

WAITS_WHILE_KEPT_FREE = {Reason.GUARD_MEASURES, Reason.GUARD_CHECKS_MASK}
"""What is asked of a visitor who waits for the devices, as long as no guard does their work."""


@dataclass(frozen=True, slots=True)
class GateWords:
    """Writes a gate in the language of ``words``, which writes services and rows of the log.

    ``plan`` are the seats as they are now, ``waits`` is what is told of waiting for a counter.
    """

    words: Words
    plan: Seating
    waits: ExpectedWaits | None = None

    @property
    def language(self) -> Language:
        """What it is written in."""
        return self.words.language

    @property
    def zone(self) -> ZoneInfo:
        """The site's."""
        return self.words.zone

    def gate(
        self,
        view: GateView,
        entries: Iterable[LogEntry] | None = (),
        *,
        line: LineView | None = None,
        busy_since: datetime | None = None,
        backup: BackupLine | None = None,
    ) -> GateLive:
        """A gate's view in words; ``entries`` and ``line`` None where they cannot be read."""
        say = self.language.say
        outside = self._line(view, line)
        devices = tuple(self._device(device, view.thermometer) for device in view.devices)
        return GateLive(
            gate=view.gate,
            title=self.words.gate(view.gate),
            version=view.version,
            mode=view.mode.value,
            mode_word=say(MODES[view.mode]),
            verdict=self._verdict(view, line),
            checks=self._checks(view),
            temperature=self._temperature(view),
            thermal=None if view.thermal is None else self._thermal(view.thermal),
            visitor=None
            if view.visitor is None
            else VisitorCard(
                holder=view.visitor.holder,
                receipt=view.visitor.receipt_number,
                service=self.words.service(view.visitor.service),
                place=view.visitor.place,
                party_size=view.visitor.party_size,
                is_priority=view.visitor.is_priority,
                can_have_priority=can_have_priority(view),
            ),
            devices=devices,
            missing=tuple(device for device in devices if device.state == "down"),
            troubled=tuple(one for one in devices if one.trouble and one.state != "down"),
            camera=next((line for line in devices if line.kind == DeviceKind.CAMERA), None),
            measures=_measures(view),
            aside=tuple(self._aside(aside) for aside in view.aside),
            outside=outside,
            gave_up=None
            if line is None or line.gave_up is None
            else self._in_line(line.gave_up, line, view),
            next_waiting=self._next_waiting(view, outside),
            by_hand=tuple(self._act(act) for act in by_hand(view)),
            entries=None
            if entries is None
            else tuple(self.words.entry(entry) for entry in entries),
            occupancy=view.occupancy,
            capacity=view.capacity,
            is_full=_is_full(view),
            is_open=is_open(view),
            clock_warning=self._clock(view),
            care=self._care(view.thermometer),
            hold=hold_notice(view.hold, self.language, self.zone),
            unused=tuple(say(DEVICES[kind]) for kind in view.unused_devices),
            backup=backup,
            busy_since=None if busy_since is None else self.language.time(busy_since, self.zone),
        )

    def elsewhere(self, error: NotOwner, path: str) -> GateElsewhere:
        """A gate that runs in another process; ``path`` is its page there."""
        say, machine, title = self.language.say, error.machine, self.words.gate(error.gate)
        if machine is None:
            words = say("No computer runs gate %(gate)s just now.") % {"gate": title}
        else:
            words = say("Gate %(gate)s is run by the computer %(machine)s.") % {
                "gate": title,
                "machine": machine,
            }
        return GateElsewhere(
            gate=error.gate,
            title=title,
            words=words,
            link=None if error.address is None else error.address + path,
            is_run=machine is not None,
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

    def _verdict(self, view: GateView, line: LineView | None) -> VerdictCard:
        say, verdict = self.language.say, view.verdict
        if view.hold is not None and (verdict is None or verdict.reason in WAITS_WHILE_KEPT_FREE):
            return self._kept_free(view)
        if verdict is None and _is_full(view) and not is_open(view):
            return self._room_is_full()
        wording = READY if verdict is None else REASONS[verdict.reason]
        barrier = None
        if verdict is not None and verdict.barrier_opened is not None:
            has_opened = verdict.barrier_opened
            barrier = say(
                N_("The barrier has opened.") if has_opened else N_("Open the way by hand.")
            )
        return VerdictCard(
            state="ready" if verdict is None else verdict.kind.value,
            key="ready" if verdict is None else f"{verdict.attempt_id} {verdict.reason.value}",
            word=say(NEXT_PLEASE) if verdict is None else say(VERDICTS[verdict.kind]),
            headline=say(wording.headline),
            say=self._stands(view, line) or say(wording.visitor),
            hint=say(wording.guard),
            picture=wording.picture,
            seat=verdict.seat if verdict else None,
            room=self.plan.room_of(verdict.seat if verdict else None),
            ticket=verdict.ticket if verdict else None,
            wait="" if verdict is None else self._wait(verdict),
            until_ready_s=_whole_seconds(verdict.until_ready_s) if verdict else None,
            barrier=barrier,
            attempt_id=verdict.attempt_id if verdict else None,
            main=self._act(next_act(view)),
            others=tuple(self._act(act) for act in other_acts(view)),
        )

    def _wait(self, verdict: VerdictView) -> str:
        """How long until the number that was given is called, or what waits behind a full room."""
        if self.waits is None:
            return ""
        if verdict.kind is DecisionKind.ADMIT:
            wait = self.waits.of_label(verdict.ticket)
            if isinstance(wait, NoCounter):
                return self.language.say(N_("No counter for your service is open now."))
            return self._of_wait(N_("Until your number is called: %(wait)s."), wait)
        return self._wait_inside() if verdict.reason is Reason.ROOM_FULL else ""

    def _wait_inside(self) -> str:
        wait = None if self.waits is None else self.waits.anybody
        return told_wait_inside(wait, self.language)

    def _of_wait(self, words: str, wait: WaitEstimate | None) -> str:
        if not isinstance(wait, Interval):
            return ""
        return self.language.say(words) % {"wait": told_wait(wait, self.language)}

    def _stands(self, view: GateView, line: LineView | None) -> str:
        """Where the visitor on show stands in the line outside; empty where they do not."""
        verdict = view.verdict
        if verdict is None or verdict.reason is not Reason.ROOM_FULL or line is None:
            return ""
        shown = [one for one in view.outside if one.attempt_id == verdict.attempt_id]
        own = [one for one in line.places if shown and one.number == shown[0].receipt_number]
        if not own:
            return ""
        place = {"place": self.language.whole(line.before(own[0]) + 1)}
        words = self.language.say(
            N_("You are number %(place)s in the line outside. Please wait there; we will call you.")
        )
        outside = None if self.waits is None else self.waits.outside.get(own[0].receipt)
        told = told_wait_outside(outside, None, self.language)
        return " ".join(filter(None, [words % place, told]))

    def _room_is_full(self) -> VerdictCard:
        """Nobody is being checked, and whoever comes will have to wait."""
        say = self.language.say
        return VerdictCard(
            state=DecisionKind.WAIT.value,
            key="room_full",
            word=say(VERDICTS[DecisionKind.WAIT]),
            headline=say(ROOM_IS_FULL.headline),
            say=say(ROOM_IS_FULL.visitor),
            hint=say(ROOM_IS_FULL.guard),
            picture=ROOM_IS_FULL.picture,
            seat=None,
            room="",
            ticket=None,
            wait=told_wait_outside(
                None if self.waits is None else self.waits.newcomer_outside,
                None if self.waits is None else self.waits.anybody,
                self.language,
            ),
            until_ready_s=None,
            barrier=None,
            attempt_id=None,
            main=self._act(Act.SCAN),
            others=(),
        )

    def _act(self, act: Act) -> ActLine:
        button = BUTTONS[act]
        return ActLine(
            act=act.value,
            word=self.language.say(button.word),
            symbol=button.symbol,
            key=button.key,
            path=button.path,
            panel=button.panel,
        )

    def _kept_free(self, view: GateView) -> VerdictCard:
        """Nobody is measured now; a verdict is of a visitor who waits for it."""
        say, verdict = self.language.say, view.verdict
        attempt_id = None if verdict is None else verdict.attempt_id
        return VerdictCard(
            state=DecisionKind.WAIT.value,
            key=f"{attempt_id or ''} kept_free",
            word=say(VERDICTS[DecisionKind.WAIT]),
            headline=say(KEPT_FREE.headline),
            say=say(KEPT_FREE.visitor),
            hint=say(KEPT_FREE.guard),
            picture=KEPT_FREE.picture,
            seat=None,
            room="",
            ticket=None,
            wait="",
            until_ready_s=None,
            barrier=None,
            attempt_id=attempt_id,
            main=self._act(next_act(view)),
            others=tuple(self._act(act) for act in other_acts(view)),
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
                if abs(size) >= SMALLEST_SHOWN_CELSIUS
            ),
            corrected=self.language.decimal(shown.corrected_celsius, 2),
            known=self.language.decimal(shown.corrected_celsius, 1),
            uncertainty=None
            if shown.standard_uncertainty_celsius is None
            else self.language.decimal(2 * shown.standard_uncertainty_celsius, 2),
            known_within=None
            if shown.standard_uncertainty_celsius is None
            else self.language.decimal(2 * shown.standard_uncertainty_celsius, 1),
            limit=self.language.decimal(shown.threshold_celsius, 2),
            first=None
            if shown.first_celsius is None
            else self.language.decimal(shown.first_celsius, 2),
            entered_by=shown.entered_by,
        )

    def _device(self, device: DeviceView, thermometer: ThermometerView | None) -> DeviceLine:
        state = "absent" if not device.is_configured else "up" if device.is_available else "down"
        if state == "down" and _is_distrusted(device, thermometer):
            state = "distrusted"
        return DeviceLine(
            kind=device.kind.value,
            word=self.language.say(DEVICES[device.kind]),
            state=state,
            since=self.language.time(device.since, self.zone),
            error=device.last_error,
            instead=self.language.say(WITHOUT_DEVICE[device.kind]),
            faults=device.faults,
            trouble=self.language.say(TROUBLES[device.trouble]) if device.trouble else None,
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

    def _thermal(self, seen: ThermalView) -> ThermalCard:
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

    def _clock(self, view: GateView) -> str | None:
        if view.clock_warning is None:
            return None
        warning, jump_s = ClockWarning(view.clock_warning), view.clock_jump_s
        if warning is not ClockWarning.JUMPED:
            return self.language.say(CLOCKS[warning])
        words = self.language.say(CLOCKS[warning] if jump_s >= 0 else CLOCK_SET_BACK)
        return words % {"time": self.language.duration(abs(jump_s))}

    def _aside(self, aside: AsideView) -> AsideLine:
        return AsideLine(
            attempt_id=aside.attempt_id,
            name=aside.holder or aside.receipt_number or self.language.say("Without a receipt"),
            receipt=aside.receipt_number if aside.holder else None,
            service=self.words.service(aside.service),
            until_ready_s=_whole_seconds(aside.until_ready_s) or 0,
            can_resume=aside.can_resume or aside.receipt_number is None,
        )

    def _next_waiting(self, view: GateView, line: tuple[OutsideLine, ...]) -> NextWaiting | None:
        """Whose pause is over, else who may come in, else whose pause ends first."""
        aside = min(
            (self._aside(one) for one in view.aside),
            key=lambda one: one.until_ready_s,
            default=None,
        )
        is_over = aside is not None and aside.until_ready_s == 0
        say, is_full = self.language.say, _is_full(view)
        if line and not is_over and (aside is None or not is_full):
            return self._next_outside(line, is_full=is_full)
        if aside is None:
            return None
        label = say("Call back: %(name)s") % {"name": aside.name}
        return NextWaiting(
            attempt_id=aside.attempt_id,
            name=aside.name,
            where=say("aside"),
            call_word=say("Call back") if aside.can_resume else None,
            call_label=label if aside.can_resume else None,
            until_ready_s=aside.until_ready_s,
        )

    def _next_outside(self, line: tuple[OutsideLine, ...], *, is_full: bool) -> NextWaiting:
        """Who was called in, else who stands first."""
        say = self.language.say
        one = next((one for one in line if one.state == PlaceState.CALLED), line[0])
        word, act = say("Call in"), LineAct.CALL_IN.value if one.place else ""
        can_call = one.can_call if one.place else not is_full
        if one.state == PlaceState.CALLED:
            word, act = say("Came"), LineAct.CAME.value
        until = say("called in, until %(time)s") % {"time": one.until} if one.until else ""
        return NextWaiting(
            attempt_id=one.attempt_id,
            name=one.name,
            where=until or say("outside"),
            call_word=word if can_call else None,
            call_label=f"{word}: {one.name}" if can_call else None,
            until_ready_s=None,
            place=one.place,
            act=act,
        )

    def _line(self, view: GateView, line: LineView | None) -> tuple[OutsideLine, ...]:
        """Who waits outside the office; what this gate knows of it where nobody can tell."""
        if line is None:
            return tuple(self._outside(outside) for outside in view.outside)
        return tuple(self._in_line(place, line, view) for place in line.places)

    def _in_line(self, place: Place, line: LineView, view: GateView) -> OutsideLine:
        shown = [one for one in view.outside if one.receipt_number == place.number]
        state = place.state(line.at)
        until = place.called_until if state is PlaceState.CALLED else None
        return OutsideLine(
            attempt_id=shown[-1].attempt_id if shown else "",
            name=place.holder or show_number(place.number),
            receipt=show_number(place.number),
            service=self.words.service(place.service),
            since=self.language.time(place.since, self.zone),
            place=place.first,
            state=state.value,
            until="" if until is None else self.language.time(until, self.zone),
            can_call=line.can_call(place),
            expected=""
            if self.waits is None
            else told_wait(self.waits.outside.get(place.receipt), self.language),
        )

    def _outside(self, outside: OutsideView) -> OutsideLine:
        return OutsideLine(
            attempt_id=outside.attempt_id,
            name=outside.holder or outside.receipt_number,
            receipt=outside.receipt_number,
            service=self.words.service(outside.service),
            since=self.language.time(outside.since, self.zone),
        )


def gate_words_of(request: Request) -> GateWords:
    """The writer of gates for this request's language."""
    office = office_of(request)
    return GateWords(words_of(request), office.facts.current().plan, office.waits.current())


def hold_notice(hold: HoldView | None, language: Language, zone: ZoneInfo) -> HoldNotice | None:
    """Who keeps a gate free, and until when."""
    if hold is None:
        return None
    say = language.say
    if hold.is_ending:
        words = say("The check is over. Step away from the devices: visitors are next.")
    else:
        words = say("%(by)s keeps the gate free, until %(time)s at most.") % {
            "by": hold.by,
            "time": language.time(hold.until, zone),
        }
    return HoldNotice(is_ending=hold.is_ending, words=words)


def _is_distrusted(device: DeviceView, thermometer: ThermometerView | None) -> bool:
    """Whether it is a thermometer that is there but may not be relied on."""
    is_there = thermometer is not None and thermometer.since is not None
    return device.kind == DeviceKind.THERMOMETER and is_there


def _measures(view: GateView) -> bool:
    """Whether temperature or mask are asked for here, or a device for them is there."""
    return bool(
        {Check.TEMPERATURE, Check.MASK}
        & {*view.checks_required, *(one.check for one in view.checks)}
        or any(
            one.is_configured and one.kind in {DeviceKind.CAMERA, DeviceKind.THERMOMETER}
            for one in view.devices
        )
    )


def _is_full(view: GateView) -> bool:
    """Not while the room's figures are still unknown."""
    return view.occupancy >= view.capacity > 0


def _whole_seconds(seconds: float | None) -> int | None:
    return None if seconds is None else max(0, -int(-seconds // 1))
