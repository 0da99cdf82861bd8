"""Plays lessons before a trainee at the demonstration's own pages, and sees what they do.

The demonstration's visitors and officers wait meanwhile, and the room is emptied before and after,
so that a lesson is the same each time. The coach touches what a person at the entrance could; who
stands inside when a lesson begins is admitted by the record as on any day.
"""

from __future__ import annotations

import logging
import random
import secrets
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Protocol

from dashboard.bootstrap import RunningOffice
from dashboard.demo.counter_staff import YOURS as COUNTER
from dashboard.demo.hardware import GateHardware
from dashboard.demo.papers import tampered
from dashboard.demo.scenarios import NAMES, WARM_CELSIUS, WELL_CELSIUS
from drivers.simulated.portrait import Appearance
from screening.accounts import Role
from screening.decision import Check, DecisionKind, Reason
from screening.errors import ScreeningError
from screening.gate.commands import Clear, GateControl
from screening.gate.current_visit import VERDICT_SHOWN_S
from screening.office.changes import with_changed_counter
from screening.queue.queue import Order
from screening.queue.tickets import Act
from screening.receipts.desk import IssuedReceipt
from screening.registration.bookings import PriorityGroup
from screening.training.classroom import Attendance, Stage
from screening.training.judging import Progress, Seen
from screening.training.lessons import ELDERLY, FIRST, LESSONS, Deed, Lesson
from screening.visits import Attempt, EntryKind, EvidenceSource, ExitHow, LogEntry

TRAINER = "pelatih"
"""Who acts for the lesson in the log."""

LOOK_S = 0.2
BETWEEN_S = 2.0
"""From a step's end until the next thing happens."""

COVERS_NOSE_S = 6.0
SHOW_AGAIN_S = 3.0
LEAVES_AFTER_S = 3.0
"""A visitor who was let in, or sent aside, has walked on."""

_ROWS = 200
_QUEUE_DEEDS = {
    Act.CALL_NEXT: Deed.CALLED,
    Act.CALL: Deed.CALLED,
    Act.RECALL: Deed.RECALLED,
    Act.ARRIVED: Deed.ARRIVED,
    Act.PARK: Deed.PARKED,
    Act.MISSED: Deed.MISSED,
    Act.TAKE_BACK: Deed.TAKEN_BACK,
    Act.FORWARD: Deed.FORWARDED,
    Act.DONE: Deed.DONE,
    Act.UNDO: Deed.UNDONE,
}

_AFTER_PAUSE = frozenset({"warm_again", "party_back"})
_COVERS = frozenset({Reason.COVER_NOSE, Reason.PUT_MASK_ON})
_WALKS_ON = frozenset({Reason.SECOND_READING_PAUSE, Reason.ROOM_FULL})

_log = logging.getLogger(__name__)


class Cast(Protocol):
    """Those who play when no lesson is on."""

    def pause(self) -> None:
        """Begin nothing more; returns once nothing is under way."""

    def resume(self) -> None:
        """Go on; whoever was inside has left."""


class Coach:
    """Classroom at one gate and one counter, in a thread of its own until closed."""

    def __init__(
        self,
        running: RunningOffice,
        hardware: GateHardware,
        cast: Sequence[Cast],
        *,
        chance: random.Random,
    ) -> None:
        self.gate, self.counter = hardware.name, COUNTER
        self.pause_s = running.settings.policy.pause_s
        self._running = running
        self._hardware = hardware
        self._cast = cast
        self._chance = chance
        self._lock = threading.Lock()
        self._attendance: Attendance | None = None
        self._last: dict[str, Attendance] = {}
        self._play: _Play | None = None
        self._wanted = threading.Event()
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._teach, name="coach", daemon=True)

    def start(self) -> None:
        """Be there for whoever wants to learn."""
        self._thread.start()

    def close(self) -> None:
        """The lesson is over."""
        self._closing.set()
        self._wanted.set()
        self._thread.join()

    def begin(self, code: str, trainee: str) -> bool:
        """Begin this lesson; False while somebody else takes one."""
        with self._lock:
            now = self._attendance
            if now is not None and now.trainee != trainee:
                return False
            progress = Progress(lesson=LESSONS[code])
            self._attendance = Attendance(trainee=trainee, progress=progress, stage=Stage.PREPARED)
            self._last[trainee] = self._attendance
            self._play = None
        self._wanted.set()
        return True

    def leave(self, trainee: str) -> None:
        """This trainee stops."""
        with self._lock:
            if self._attendance is not None and self._attendance.trainee == trainee:
                self._attendance = None
                self._last.pop(trainee, None)

    def under_way(self) -> Attendance | None:
        """The lesson that is being taken."""
        return self._attendance

    def last_of(self, trainee: str) -> Attendance | None:
        """The lesson that this trainee takes, or took last."""
        return self._last.get(trainee)

    def _teach(self) -> None:
        while not self._closing.is_set():
            self._wanted.wait()
            self._wanted.clear()
            if self._attendance is None:
                continue
            for one in self._cast:
                one.pause()
            while self._attendance is not None and not self._closing.is_set():
                self._safely(self.look)
                self._closing.wait(LOOK_S)
            self._closing.wait(BETWEEN_S)  # the last verdict can be read
            self._safely(self._tidy_up)
            for one in self._cast:
                one.resume()

    def _safely(self, act: Callable[[], None]) -> None:
        try:
            act()
        except ScreeningError as error:
            _log.info("training: %s", error)
        except Exception:  # noqa: BLE001 (supervisor: the lesson ends, the demonstration goes on)
            _log.exception("training: this lesson came to nothing")
            self._attendance = None

    def look(self) -> None:
        """Do what is due in the lesson under way. Raises ScreeningError."""
        attendance = self._attendance
        if attendance is None:
            return
        if attendance.stage is Stage.PREPARED:
            self._tidy_up()
            play = _Play(self._running, self._hardware, attendance.progress.lesson, self._chance)
            play.prepare()
            self._play = play
            self._put(attendance, replace(attendance, stage=Stage.RUNNING, person=play.person))
            return
        if self._play is None:
            return
        progress = self._play.look(attendance.progress)
        stage = Stage.OVER if progress.is_over else Stage.RUNNING
        self._put(attendance, replace(attendance, progress=progress, stage=stage))

    def _put(self, before: Attendance, after: Attendance) -> None:
        """Unless somebody began anew, or left, meanwhile."""
        with self._lock:
            if self._attendance is not before:
                return
            self._last[after.trainee] = after
            self._attendance = None if after.stage is Stage.OVER else after

    def _tidy_up(self) -> None:
        """The lane is free, nobody is inside, and the devices work."""
        running, now = self._running, self._running.clock.now()
        self._hardware.thermometer.plug_in()
        self._hardware.leave()
        gate = running.gates.get(self.gate)
        gate.do(Clear(operator=TRAINER))
        while running.record.visits.leave(
            receipt=None, how=ExitHow.BUTTON, gate=self.gate, operator=TRAINER, at=now
        ):
            pass
        counter = running.record.facts.current().counters.get(self.counter)
        if counter is not None and (counter.wants_help or not counter.is_open):
            ready = with_changed_counter(self.counter, {"help": "no", "open": "yes"})
            running.record.facts.change(ready, operator=TRAINER, at=now)


class _Play:
    """One lesson being played."""

    def __init__(
        self,
        running: RunningOffice,
        hardware: GateHardware,
        lesson: Lesson,
        chance: random.Random,
    ) -> None:
        self._running = running
        self._hardware = hardware
        self._lesson = lesson
        self._chance = chance
        self._seen: list[Seen] = []
        self._head = running.record.visits.head()
        self._about: dict[str, str] = {}
        self._wanted_help = False
        self._begins_at_s = 0.0
        self._token = ""
        self._stands_since_s: float | None = None
        self._shown_at_s = 0.0
        self._before: str | None = None
        self._told: tuple[str, float] | None = None
        self.person = chance.choice(NAMES)
        self._cues: dict[str, Callable[[], None]] = {
            "good_comes": lambda: self._comes(self._receipt()),
            "nose_comes": lambda: self._comes(self._receipt(), looks="incorrect"),
            "forged_comes": lambda: self._comes(tampered(self._receipt().token)),
            "early_comes": lambda: self._comes(self._receipt(days_ago=0)),
            "warm_comes": lambda: self._comes(self._receipt(), celsius=WARM_CELSIUS[0]),
            "warm_again": lambda: self._comes(self._token, celsius=WARM_CELSIUS[1]),
            "party_first": lambda: self._comes(self._receipt(people=3)),
            "party_warm": lambda: self._comes(self._token, celsius=WARM_CELSIUS[0]),
            "party_third": lambda: self._comes(self._token),
            "party_back": lambda: self._comes(self._token),
            "unmeasured_comes": self._comes_without_thermometer,
            "hospital_comes": lambda: self._comes(""),
            "full_comes": lambda: self._comes(self._receipt()),
            "place_frees": self._frees_a_place,
            "was_ended": self._ends_by_mistake,
        }

    def prepare(self) -> None:
        """Whoever has to be inside before."""
        if self._lesson.code == "room_full":
            capacity = self._gate.view().capacity
            for _ in range(capacity):
                self._is_inside("")
        elif self._lesson.code == "priority":
            for about in (FIRST, "", ELDERLY):
                self._is_inside(about)
        elif self._lesson.role is Role.OFFICER:
            self._is_inside(FIRST)
        self._begins_at_s = self._now_s() + BETWEEN_S

    def look(self, progress: Progress) -> Progress:
        """See what was done, and let happen what is due."""
        self._see_rows()
        self._see_help()
        self._see_the_lane()
        now_s = self._now_s()
        judged = progress.look(self._seen, now_s)
        if len(judged.judged) > len(progress.judged):
            self._begins_at_s = now_s + BETWEEN_S
            return judged
        step = judged.step
        if step is None or judged.begun_s is not None or now_s < self._begins_at_s:
            return judged
        if step.code in _AFTER_PAUSE and not self._is_pause_over():
            return judged
        self._cues.get(step.code, _nothing)()
        return judged.begin_step(now_s)

    # What happens

    def _comes(
        self,
        shown: IssuedReceipt | str,
        *,
        looks: Appearance = "mask",
        celsius: float = WELL_CELSIUS,
    ) -> None:
        self._token = shown if isinstance(shown, str) else shown.token
        verdict = self._gate.view().verdict
        self._before = None if verdict is None else verdict.attempt_id
        self._hardware.stand_in_front(looks, celsius)
        if self._token:
            self._hardware.scanner.scan(self._token)
        self._stands_since_s = self._shown_at_s = self._now_s()
        self._told = None

    def _comes_without_thermometer(self) -> None:
        self._hardware.thermometer.unplug()
        self._comes(self._receipt())

    def _frees_a_place(self) -> None:
        """Somebody leaves, and who waits outside stands ready, without showing anything again."""
        self._comes("")
        self._running.record.visits.leave(
            receipt=None,
            how=ExitHow.BUTTON,
            gate=self._hardware.name,
            operator=TRAINER,
            at=self._running.clock.now(),
        )

    def _ends_by_mistake(self) -> None:
        order = Order(act=Act.DONE, counter=COUNTER, by=TRAINER)
        self._running.record.queue.act(order, at=self._running.clock.now())

    def _is_inside(self, about: str) -> None:
        receipt = self._receipt()
        written = self._running.record.visits.write(
            Attempt(
                attempt_id=secrets.token_hex(8),
                gate=self._hardware.name,
                at=self._running.clock.now(),
                decision=DecisionKind.ADMIT,
                reason=Reason.ADMITTED,
                receipt=receipt.claims,
                operator=TRAINER,
                group=PriorityGroup.ELDERLY if about == ELDERLY else None,
            )
        )
        if about and written.visit is not None:
            self._about[written.visit.ticket] = about

    def _receipt(self, *, days_ago: int = 1, people: int = 1) -> IssuedReceipt:
        running = self._running
        today = running.clock.now().astimezone(running.settings.site.zone).date()
        return running.desk.issue(
            "KTP", self.person, issued_on=today - timedelta(days=days_ago), party_size=people
        )

    def _is_pause_over(self) -> bool:
        waiting = self._gate.view().aside
        return all(one.ready_at <= self._running.clock.now() for one in waiting)

    # What was done

    def _see_rows(self) -> None:
        now_s, now = self._now_s(), self._running.clock.now()
        rows = self._running.record.visits.entries(after=self._head, limit=_ROWS)
        for row in rows:
            self._head = row.entry_id
            if row.operator == TRAINER:
                continue
            at_s = now_s - (now - row.at).total_seconds()
            found = self._queue_deed(row) if row.kind is EntryKind.QUEUE else (_gate_deed(row), "")
            if row.gate not in (None, self._hardware.name):
                continue
            if found[0] is not None:
                self._seen.append(Seen(found[0], at_s, found[1]))
            was_refused = row.kind is EntryKind.ATTEMPT and row.decision is DecisionKind.DENY
            if was_refused and self._told is None and self._stands_since_s is not None:
                self._told = (DecisionKind.DENY, at_s)  # a quick guard may have freed the gate

    def _queue_deed(self, row: LogEntry) -> tuple[Deed | None, str]:
        story = self._running.record.log_search.story(row.entry_id)
        facts = {} if story is None else story.facts
        if facts.get("counter") != COUNTER:
            return None, ""
        return (
            _QUEUE_DEEDS.get(Act(str(facts["act"]))),
            self._about.get(str(facts.get("ticket")), ""),
        )

    def _see_help(self) -> None:
        counter = self._running.record.facts.current().counters.get(COUNTER)
        wants_help = counter is not None and counter.wants_help
        if wants_help != self._wanted_help:
            self._wanted_help = wants_help
            self._seen.append(Seen(Deed.HELP if wants_help else Deed.HELP_OVER, self._now_s()))

    def _see_the_lane(self) -> None:
        """Whoever stands there does as the gate says, and walks on in the end."""
        if self._stands_since_s is None:
            return
        now_s, view = self._now_s(), self._gate.view()
        verdict = view.verdict
        if self._told is not None and self._told[0] == DecisionKind.DENY:
            if now_s - self._told[1] >= VERDICT_SHOWN_S - LOOK_S:
                self._ends_refused(Deed.LEFT_STANDING)  # the gate frees itself now
                return
            if verdict is None:
                self._ends_refused(Deed.CLEARED)
                return
        if verdict is None or verdict.attempt_id == self._before:
            if self._told is None and self._token and now_s > self._shown_at_s + SHOW_AGAIN_S:
                self._shown_at_s = now_s
                self._hardware.scanner.scan(self._token)
            return
        told = verdict.kind if verdict.kind is DecisionKind.DENY else verdict.reason
        if self._told is None or self._told[0] != told:
            self._told = (told, now_s)
        for_s = now_s - self._told[1]
        if verdict.reason in _COVERS and for_s > COVERS_NOSE_S:
            self._hardware.change_looks("mask")
            return
        has_gone = verdict.kind is DecisionKind.ADMIT or verdict.reason in _WALKS_ON
        if has_gone and for_s > LEAVES_AFTER_S:
            self._walks_on()

    def _ends_refused(self, deed: Deed) -> None:
        self._seen.append(Seen(deed, self._now_s()))
        self._walks_on()

    def _walks_on(self) -> None:
        self._hardware.leave()
        self._stands_since_s = None

    @property
    def _gate(self) -> GateControl:
        return self._running.gates.get(self._hardware.name)

    def _now_s(self) -> float:
        return self._running.clock.monotonic_s()


def _gate_deed(row: LogEntry) -> Deed | None:
    """What a row about somebody at a gate says that was done."""
    if row.kind is EntryKind.CONFIRMATION:
        return Deed.CONFIRMED
    if row.kind is not EntryKind.ATTEMPT:
        return None
    if row.decision is DecisionKind.ADMIT:
        if row.reason is Reason.OVERRIDE:
            return Deed.OVERRIDDEN
        if row.reason is Reason.EMERGENCY:
            return Deed.EMERGENCY
        is_said = any(
            one.check is Check.MASK and one.source is EvidenceSource.GUARD for one in row.results
        )
        return Deed.MASK_SAID if is_said else Deed.ADMITTED
    return (
        {
            Reason.SECOND_READING_PAUSE: Deed.SENT_ASIDE,
            Reason.ROOM_FULL: Deed.WAITS_OUTSIDE,
            Reason.GUARD_REFUSED: Deed.TURNED_AWAY,
            Reason.MASK_DECLINED: Deed.TURNED_AWAY,
        }.get(Reason(row.reason))
        if row.reason in set(Reason)
        else None
    )


def _nothing() -> None:
    """What begins such a step is told in words alone."""
