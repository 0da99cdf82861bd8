"""The coach before a real office: what happens in a lesson, and which of the acts it sees."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from dashboard.bootstrap import RunningOffice
from dashboard.demo.coach import BETWEEN_S, TRAINER, Coach
from dashboard.demo.counter_staff import YOURS, add_counters
from dashboard.demo.hardware import GateHardware
from dashboard.storage import DATABASE_FILE
from screening.clock import FakeClock
from screening.decision import Check, DecisionKind
from screening.gate.commands import (
    AdmitEmergency,
    Clear,
    Command,
    Override,
    Resume,
    Scan,
)
from screening.office.changes import with_changed_counter
from screening.queue.queue import Order
from screening.queue.tickets import Act, Ticket
from screening.readings import CodeSource
from screening.settings import GateSettings, RoomSettings, Settings
from screening.training.classroom import Attendance, Stage
from screening.training.judging import Mark
from screening.training.lessons import Deed
from tests.records import put_new_record

NOON = datetime(2026, 11, 24, 5, 0, tzinfo=UTC)
GATE = "dua"


class Setting:
    """An office in which nothing but the receipt is asked for, and a trainee in it."""

    def __init__(self, running: RunningOffice, clock: FakeClock) -> None:
        self._running = running
        self._clock = clock
        hardware = SimpleNamespace(
            name=GATE,
            thermometer=SimpleNamespace(plug_in=_nothing, unplug=_nothing),
            scanner=SimpleNamespace(scan=self._scanned),
            stand_in_front=_nothing,
            change_looks=_nothing,
            leave=_nothing,
        )
        self.coach = Coach(running, cast(GateHardware, hardware), (), chance=random.Random(1))

    def begin(self, code: str, trainee: str = "rina") -> None:
        """Until its first step begins."""
        assert self.coach.begin(code, trainee)
        self.coach.look()
        self.wait(BETWEEN_S)

    def wait(self, seconds: float) -> None:
        """So long, looked at as often as its thread does."""
        for _ in range(max(1, round(seconds * 4))):
            self._clock.move_to(self._clock.now() + timedelta(seconds=0.25))
            self.coach.look()

    def at_counter(self, act: Act, ticket: str | None = None, **more: str) -> Ticket:
        order = Order(act=act, counter=YOURS, by="rina", ticket=ticket, **more)
        done = self._running.record.queue.act(order, at=self._clock.now())
        assert isinstance(done, Ticket)
        self.wait(BETWEEN_S + 1)
        return done

    def at_gate(self, command: Command[Any]) -> None:
        self._running.gates.get(GATE).do(command)
        self.wait(BETWEEN_S + 1)

    def change(self, **values: str) -> None:
        edit = with_changed_counter(YOURS, values)
        self._running.record.facts.change(edit, operator="rina", at=self._clock.now())
        self.wait(BETWEEN_S + 1)

    def now(self, trainee: str = "rina") -> Attendance:
        found = self.coach.last_of(trainee)
        assert found is not None
        return found

    def marks(self) -> list[Mark]:
        return [one.mark for one in self.now().progress.marks]

    @property
    def waiting(self) -> tuple[Ticket, ...]:
        return self._running.record.queue.view(at=self._clock.now()).waiting

    @property
    def occupancy(self) -> int:
        return self._running.room.refresh().figures.occupancy

    @property
    def shown(self) -> str:
        """Of the visitor in the lane."""
        verdict = self._running.gates.get(GATE).view().verdict
        assert verdict is not None
        return verdict.attempt_id

    def _scanned(self, token: str) -> None:
        self._running.gates.get(GATE).do(Scan(code=token, source=CodeSource.STATION))


def _nothing(*_: object) -> None: ...


@pytest.fixture
def setting(tmp_path: Path) -> Iterator[Setting]:
    settings = Settings(
        _env_file=None,
        data=tmp_path,
        room=RoomSettings(rows=2, columns=2, sealed="none"),
        gates=(GateSettings(name=GATE, checks=(Check.RECEIPT,)),),
    )
    put_new_record(tmp_path / DATABASE_FILE)
    clock = FakeClock(NOON)
    with RunningOffice.open(settings, clock=clock) as running:
        add_counters(running)
        yield Setting(running, clock)


def test_who_has_priority_is_called_first(setting: Setting) -> None:
    setting.begin("priority")
    assert len(setting.waiting) == 3
    for act in (Act.CALL_NEXT, Act.ARRIVED, Act.DONE):
        setting.at_counter(act)
    assert setting.marks() == [Mark.RIGHT] * 3
    assert setting.now().stage is Stage.OVER
    assert setting.coach.under_way() is None


def test_to_choose_somebody_else_is_wrong(setting: Setting) -> None:
    setting.begin("priority")
    first = next(one for one in setting.waiting if not one.is_priority)
    setting.at_counter(Act.CALL, first.label)
    assert setting.marks() == [Mark.WRONG, Mark.NOT_REACHED, Mark.NOT_REACHED]


def test_who_does_not_come_is_called_again_before_they_are_given_up(setting: Setting) -> None:
    setting.begin("missed")
    label = setting.at_counter(Act.CALL_NEXT).label
    setting.at_counter(Act.RECALL)
    setting.at_counter(Act.MISSED)
    setting.at_counter(Act.TAKE_BACK, label)
    assert setting.marks() == [Mark.RIGHT] * 4
    setting.begin("missed")
    setting.at_counter(Act.CALL_NEXT)
    setting.at_counter(Act.MISSED)
    assert setting.marks()[:2] == [Mark.RIGHT, Mark.WRONG]


def test_what_was_done_by_mistake_is_undone(setting: Setting) -> None:
    setting.begin("wrong_done")
    setting.at_counter(Act.CALL_NEXT)
    setting.at_counter(Act.ARRIVED)
    setting.at_counter(Act.UNDO)
    setting.at_counter(Act.DONE)
    assert setting.marks() == [Mark.RIGHT] * 4


def test_who_needs_another_service_is_sent_on(setting: Setting) -> None:
    setting.begin("sent_on")
    setting.at_counter(Act.CALL_NEXT)
    setting.at_counter(Act.ARRIVED)
    setting.at_counter(Act.FORWARD, service="KK")
    assert setting.marks() == [Mark.RIGHT] * 3


def test_help_is_asked_for_and_ended(setting: Setting) -> None:
    setting.begin("help")
    setting.at_counter(Act.CALL_NEXT)
    setting.at_counter(Act.ARRIVED)
    setting.change(help="yes")
    setting.wait(30)
    setting.change(help="no")
    assert setting.marks() == [Mark.RIGHT, Mark.RIGHT, Mark.RIGHT, Mark.LATE]


def test_whoever_does_nothing_misses_the_step(setting: Setting) -> None:
    setting.begin("sent_on")
    setting.wait(85)
    assert setting.marks() == [Mark.MISSED, Mark.NOT_REACHED, Mark.NOT_REACHED]


@pytest.mark.parametrize("is_quick", [False, True], ids=["slow", "quick"])
@pytest.mark.parametrize("code", ["forged", "tomorrow"])
def test_who_cannot_come_in_is_told_and_the_gate_is_freed(
    setting: Setting, code: str, is_quick: bool
) -> None:
    setting.begin(code)
    if not is_quick:  # before the coach looked again
        setting.wait(1)
    setting.at_gate(Clear(operator="rina"))
    assert setting.marks() == [Mark.RIGHT]


@pytest.mark.parametrize(
    ("act", "deed"),
    [
        pytest.param(
            lambda shown: Override(
                kind=DecisionKind.ADMIT, operator="rina", remark="kasihan", attempt_id=shown
            ),
            Deed.OVERRIDDEN,
            id="let in",
        ),
        pytest.param(None, Deed.LEFT_STANDING, id="told nothing"),
    ],
)
def test_a_forged_receipt_lets_nobody_in(
    setting: Setting, act: Callable[[str], Command[Any]] | None, deed: Deed
) -> None:
    setting.begin("forged")
    if act is None:
        setting.wait(25)
    else:
        setting.at_gate(act(setting.shown))
    (judged,) = setting.now().progress.marks
    assert (judged.mark, judged.deed) == (Mark.WRONG, deed)


def test_a_full_room_lets_in_who_waited_once_somebody_leaves(setting: Setting) -> None:
    setting.begin("room_full")
    assert setting.occupancy == 4
    waits = setting.shown
    setting.wait(BETWEEN_S + 1)
    assert setting.occupancy == 3
    setting.at_gate(Resume(attempt_id=waits, operator="rina"))
    assert setting.marks() == [Mark.RIGHT] * 2


def test_an_emergency_needs_no_receipt(setting: Setting) -> None:
    setting.begin("emergency")
    setting.at_gate(AdmitEmergency(service="DARURAT", operator="rina", remark="ayah dirawat"))
    assert setting.marks() == [Mark.RIGHT]


def test_every_lesson_begins_with_an_empty_room(setting: Setting) -> None:
    setting.begin("room_full")
    setting.begin("ordinary")
    assert setting.occupancy == 1  # who shows the receipt just now
    setting.wait(1)
    assert setting.marks() == [Mark.RIGHT]


def test_only_one_takes_a_lesson_at_a_time(setting: Setting) -> None:
    setting.begin("help")
    assert not setting.coach.begin("ordinary", "budi")
    assert setting.coach.last_of("budi") is None
    setting.coach.leave("budi")
    assert setting.now().progress.lesson.code == "help"
    setting.coach.leave("rina")
    assert setting.coach.under_way() is None
    assert setting.coach.begin("ordinary", "budi")


def test_what_the_trainer_does_is_the_trainers_in_the_log(setting: Setting) -> None:
    setting.begin("wrong_done")
    setting.at_counter(Act.CALL_NEXT)
    setting.at_counter(Act.ARRIVED)
    log = setting._running.record.visits
    mine = [row for row in log.latest(limit=20) if row.operator == TRAINER]
    assert {row.kind for row in mine} >= {"attempt", "queue"}
