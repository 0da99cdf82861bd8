"""Lets simulated visitors come to a gate, one after the other, and behave as their scenario says.

The director only touches what a person at the entrance could: it stands visitors before the
simulated devices and, where no human guard acts within a moment, taps what a guard would tap.
``speed`` makes visitors arrive and react faster; devices keep their own pace. The waiting room
fills until somebody was turned away, is emptied by the counters, and fills again: counted in
visitors, not in minutes, so that a full room is seen at any speed.
"""

from __future__ import annotations

import heapq
import logging
import random
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import count

from dashboard.bootstrap import RunningOffice
from dashboard.demo.hardware import GateHardware
from dashboard.demo.papers import OPERATOR, PaperPress
from dashboard.demo.scenarios import Paper, Scenario, next_scenario
from screening.decision import DecisionKind, Reason
from screening.errors import ScreeningError
from screening.gate.commands import (
    AdmitEmergency,
    CleanHands,
    Clear,
    Confirm,
    EnterTemperature,
    ExitButton,
    ExitScan,
    GateControl,
)
from screening.gate.view import VerdictView
from screening.queue.tickets import Ticket

STANDS_CM = (52.0, 72.0)
"""Nobody's feet are just on the mark."""

ARRIVAL_S = 9.0
"""A visitor every nine seconds on average: a lane can do about twice as many."""

TURNED_AWAY = 2
"""After so many found the room full, the counters hurry until the room is down to a third.

Nobody comes meanwhile.
"""

UNCALLED_S = 15.0
"""Where nobody leaves for so long meanwhile, somebody was forgotten, whom the guard sees out."""

FULL_ROOM_RETRY_S = 45.0
"""Whoever found the room full comes again."""

SHORT_ERRAND_S = 40.0
"""Somebody goes out to make a photocopy, and comes back."""

REACTION_S = 2.5
"""Somebody is told to pull the mask up, and does."""

GUARD_PATIENCE_S = 6.0
"""A human guard at a browser gets this long before the demonstration's own guard acts."""

SHOW_AGAIN_S = 3.0
"""Nothing happened: the receipt is held before the scanner again (it holds quick repeats back)."""

LEAST_S = 0.5
"""However fast the demonstration runs, a person needs this long."""

LOOK_S = 0.15
PATIENCE_S = 45.0

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Guest:
    """A visitor with a receipt in hand; ``turn`` counts how often they have come to the gate.

    ``differs_celsius`` is how far this person is from others of the same scenario.
    """

    scenario: Scenario
    token: str
    turn: int = 0
    place: int = 1
    differs_celsius: float = 0.0

    @property
    def body_celsius(self) -> float:
        """What they have this time."""
        return self.scenario.body_celsius[min(self.turn, 1)] + self.differs_celsius


@dataclass(order=True)
class _Plan:
    at_s: float
    order: int
    guest: Guest = field(compare=False)
    leaves: bool = field(compare=False)


class Director:
    """Plays one gate in a thread of its own until closed. ``booked`` are tokens of its visitors."""

    def __init__(
        self,
        running: RunningOffice,
        hardware: GateHardware,
        *,
        speed: float,
        chance: random.Random,
        booked: Sequence[str] = (),
        closing: threading.Event | None = None,
    ) -> None:
        self._running = running
        self._hardware = hardware
        self._speed = speed
        self._chance = chance
        self._papers = PaperPress(running, chance, booked)
        self._plans: list[_Plan] = []
        self._order = count()
        self._arrived = 0
        self._admitted = 0
        self._holders: dict[str, Guest] = {}
        self._next_arrival_s = 0.0
        self._turned_away = 0
        self._fewest_inside = 0
        self._fewer_since_s = 0.0
        self._is_emptying = False
        self._closing = closing or threading.Event()
        self._is_paused = False
        self._rests = threading.Event()
        self._thread = threading.Thread(target=self._play, name="director", daemon=True)

    def start(self) -> None:
        """Open the doors."""
        self._next_arrival_s = self._now_s() + LEAST_S
        self._thread.start()

    def close(self) -> None:
        """The last visitor is sent away."""
        self._closing.set()
        self._thread.join()

    def pause(self) -> None:
        """Nobody comes any more; returns once the lane is empty, or after ``PATIENCE_S``."""
        self._rests.clear()
        self._is_paused = True
        self._rests.wait(PATIENCE_S)

    def resume(self) -> None:
        """Visitors come again; whoever was inside has left meanwhile."""
        for guest in self._holders.values():
            self._papers.has_left(guest.token)
        self._holders.clear()
        self._is_emptying = False
        self._turned_away = 0
        self._is_paused = False

    @property
    def admitted(self) -> int:
        """How many were let in so far."""
        return self._admitted

    @property
    def is_emptying(self) -> bool:
        """Whether people were turned away, so that the counters hurry."""
        return self._is_emptying

    def see_out(self, ticket: Ticket) -> None:
        """Whose ticket this is goes out of the door. Safe to use from any thread."""
        guest = self._holders.pop(ticket.label, None)
        if guest is not None and guest.token:
            self._walk_out(guest)
        elif ticket.receipt is not None:
            _, number = ticket.receipt
            self._gate.do(ExitScan(code=number))
        else:
            self._gate.do(ExitButton(operator=OPERATOR))

    # The day

    def _play(self) -> None:
        while not self._closing.is_set():
            try:
                self._next_thing()
                continue
            except ScreeningError as error:
                _log.info("demonstration: %s", error)
            except Exception:  # noqa: BLE001 (supervisor: whatever it was, the show goes on)
                _log.exception("demonstration: this visitor came to nothing, the next one comes")
            self._rest(REACTION_S)

    def _next_thing(self) -> None:
        now_s = self._now_s()
        if self._is_paused:
            self._rests.set()
            self._closing.wait(LOOK_S)
        elif self._is_emptying:
            self._closing.wait(LOOK_S)
            self._watch_the_room_empty()
        elif self._plans and self._plans[0].at_s <= now_s:
            plan = heapq.heappop(self._plans)
            if plan.leaves:
                self._goes_on_an_errand(plan.guest)
            else:
                self._visit(plan.guest)
        elif now_s >= self._next_arrival_s:
            self._next_arrival_s = now_s + self._scaled(self._chance.uniform(0.5, 1.5) * ARRIVAL_S)
            self._visit(self._newcomer())
        else:
            self._closing.wait(LOOK_S)

    def _newcomer(self) -> Guest:
        scenario = next_scenario(self._arrived, self._chance)
        self._arrived += 1
        differs = scenario.differs_celsius(self._chance)
        if scenario.paper is Paper.NONE:
            return Guest(scenario, token="", differs_celsius=differs)
        token = self._papers.print(scenario.paper, party_size=scenario.party_size)
        return Guest(scenario, token, differs_celsius=differs)

    def _watch_the_room_empty(self) -> None:
        view, now_s = self._gate.view(), self._now_s()
        if view.occupancy <= view.capacity // 3:
            self._is_emptying = False
        elif view.occupancy < self._fewest_inside:
            self._fewest_inside, self._fewer_since_s = view.occupancy, now_s
        elif now_s >= self._fewer_since_s + self._scaled(UNCALLED_S):
            self._gate.do(ExitButton(operator=OPERATOR))

    def _goes_on_an_errand(self, guest: Guest) -> None:
        label = next((one for one, holder in self._holders.items() if holder is guest), None)
        if label is None:
            return  # served meanwhile, and gone
        del self._holders[label]
        self._walk_out(guest)
        self._plan(REACTION_S * 4, replace(guest, turn=1))

    def _walk_out(self, guest: Guest) -> None:
        self._papers.has_left(guest.token)
        self._gate.do(ExitScan(code=guest.token))

    # One visitor at the gate

    def _visit(self, guest: Guest) -> None:
        try:
            distance_cm = self._chance.uniform(*STANDS_CM)
            self._hardware.stand_in_front(guest.scenario.looks, guest.body_celsius, distance_cm)
            self._rest(LEAST_S)
            before = self._gate.view().verdict
            self._step_up(guest)
            self._go_along(guest, before.attempt_id if before else None)
        finally:
            self._hardware.thermometer.plug_in()
            self._hardware.leave()

    def _step_up(self, guest: Guest) -> None:
        if guest.token:
            self._hardware.scanner.scan(guest.token)
        else:
            self._gate.do(
                AdmitEmergency(
                    service="DARURAT", operator=OPERATOR, remark="keluarga dirawat di rumah sakit"
                )
            )
        if guest.scenario.unplugs_thermometer:
            self._hardware.thermometer.unplug()

    def _go_along(self, guest: Guest, before: str | None) -> None:
        """Do as the gate says; ``before`` is the last visitor's verdict, which may still show."""
        until_s = self._now_s() + PATIENCE_S
        told: Reason | None = None
        told_at_s = shown_at_s = self._now_s()
        while not (self._closing.is_set() or self._is_paused) and self._now_s() < until_s:
            self._closing.wait(LOOK_S)
            verdict = self._gate.view().verdict
            if verdict is None and told is not None:
                return  # somebody cleared the lane, or confirmed the referral
            if verdict is None or verdict.attempt_id == before:
                if guest.token and self._now_s() > shown_at_s + SHOW_AGAIN_S:
                    shown_at_s = self._now_s()
                    self._hardware.scanner.scan(guest.token)
                continue
            if verdict.reason is not told:
                told, told_at_s = verdict.reason, self._now_s()
            if self._is_over(guest, verdict):
                return
            self._react(guest, verdict, self._now_s() - told_at_s)
        self._gate.do(Clear(operator=OPERATOR))

    def _is_over(self, guest: Guest, verdict: VerdictView) -> bool:
        """Whether the visitor leaves the lane with this verdict; plans what comes next."""
        if verdict.kind is DecisionKind.ADMIT:
            self._rest(REACTION_S)
            self._is_inside(guest, verdict.ticket)
        elif verdict.kind is DecisionKind.DENY:
            self._rest(REACTION_S)
        elif verdict.reason is Reason.SECOND_READING_PAUSE:
            self._rest(REACTION_S)
            pause_s = (verdict.until_ready_s or 0.0) + LEAST_S
            self._plan(pause_s, replace(guest, turn=1), is_scaled=False)
        elif verdict.reason is Reason.ROOM_FULL:
            self._rest(REACTION_S)
            self._found_it_full(guest)
        else:
            return False
        return True

    def _is_inside(self, guest: Guest, ticket: str | None) -> None:
        if guest.token:
            self._papers.was_used(guest.token)
        if ticket is not None:
            self._holders[ticket] = guest
        if guest.scenario.comes_back and guest.turn == 0:
            self._plan(SHORT_ERRAND_S, guest, leaves=True)
        self._admitted += 1
        if guest.place < guest.scenario.party_size:
            self._plan(0.0, replace(guest, place=guest.place + 1))

    def _found_it_full(self, guest: Guest) -> None:
        self._plan(FULL_ROOM_RETRY_S, guest)
        self._turned_away += 1
        if self._turned_away >= TURNED_AWAY:
            self._turned_away = 0
            self._fewest_inside, self._fewer_since_s = self._gate.view().occupancy, self._now_s()
            self._is_emptying = True

    def _react(self, guest: Guest, verdict: VerdictView, for_s: float) -> None:
        gate, reason = self._gate, verdict.reason
        if reason in (Reason.PUT_MASK_ON, Reason.COVER_NOSE, Reason.ONE_AT_A_TIME):
            if for_s > self._scaled(REACTION_S):
                self._hardware.change_looks(guest.scenario.then)
                if guest.scenario.walks_away:
                    self._hardware.leave()
                    gate.do(Clear(operator=OPERATOR))
        elif for_s <= self._scaled(GUARD_PATIENCE_S):
            return
        elif reason is Reason.CLEAN_HANDS:
            gate.do(CleanHands(operator=OPERATOR))
        elif reason in (Reason.GUARD_MEASURES, Reason.READINGS_DISAGREE):
            gate.do(EnterTemperature(celsius=round(guest.body_celsius, 1), operator=OPERATOR))
        elif reason is Reason.ELEVATED_TWICE and verdict.needs_confirmation:
            gate.do(Confirm(operator=OPERATOR, remark="diukur petugas dengan termometer klinis"))

    # Time

    @property
    def _gate(self) -> GateControl:
        return self._running.gates.get(self._hardware.name)

    def _now_s(self) -> float:
        return self._running.clock.monotonic_s()

    def _scaled(self, seconds: float) -> float:
        return max(LEAST_S, seconds / self._speed)

    def _rest(self, seconds: float) -> None:
        self._closing.wait(self._scaled(seconds))

    def _plan(
        self, in_s: float, guest: Guest, *, leaves: bool = False, is_scaled: bool = True
    ) -> None:
        at_s = self._now_s() + (in_s / self._speed if is_scaled else in_s)
        heapq.heappush(self._plans, _Plan(at_s, next(self._order), guest, leaves))
