"""The demonstration's officers before a real queue: whom they call, and who leaves."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from dashboard.bootstrap import RunningOffice
from dashboard.demo.counter_staff import (
    SERVED_EVERY,
    YOURS,
    CounterStaff,
    add_counters,
)
from screening.clock import FakeClock
from screening.gate.commands import AdmitEmergency
from screening.queue.queue import Order, QueueView
from screening.queue.tickets import Act, Ticket, TicketState
from screening.settings import GateSettings, RoomSettings, Settings

NOON = datetime(2026, 11, 24, 5, 0, tzinfo=UTC)


class Setting:
    """An office with the demonstration's counters, and what its door saw."""

    def __init__(self, running: RunningOffice, clock: FakeClock) -> None:
        self.admitted = 0
        self.is_emptying = False
        self.left: list[str] = []
        self._running = running
        self._clock = clock
        self.staff = self._staff = CounterStaff(running, self, speed=1.0, chance=random.Random(1))

    def see_out(self, ticket: Ticket) -> None:
        self.left.append(ticket.label)

    def come(self, people: int) -> None:
        gate = self._running.gates.get("utama")
        for _ in range(people):
            gate.do(AdmitEmergency(service="DARURAT", operator="budi", remark="keluarga"))
        self.admitted += people

    def act(self, act: Act, counter: str) -> Ticket:
        order = Order(act=act, counter=counter, by="petugas")
        ticket = self._running.record.queue.act(order, at=self._clock.now())
        assert isinstance(ticket, Ticket)
        return ticket

    def view(self) -> QueueView:
        return self._running.record.queue.view(at=self._clock.now())

    def pass_time(self, seconds: float) -> None:
        """Second by second, as its thread looks."""
        for _ in range(int(seconds)):
            self._clock.move_to(self._clock.now() + timedelta(seconds=1))
            self._staff.look()


@pytest.fixture
def setting(tmp_path: Path) -> Iterator[Setting]:
    settings = Settings(
        _env_file=None,
        data=tmp_path,
        room=RoomSettings(rows=4, columns=6, sealed="none"),
        gates=(GateSettings(name="utama"),),
    )
    clock = FakeClock(NOON)
    with RunningOffice.open(settings, clock=clock) as running:
        add_counters(running)
        yield Setting(running, clock)


def test_while_the_room_fills_few_are_called_and_who_is_done_leaves(setting: Setting) -> None:
    setting.come(2 * SERVED_EVERY)

    setting.pass_time(60)

    assert len(setting.left) == 2
    assert len(setting.view().waiting) == 2 * SERVED_EVERY - 2


def test_everybody_is_served_once_people_were_turned_away(setting: Setting) -> None:
    setting.come(12)
    setting.is_emptying = True

    setting.pass_time(200)

    assert len(set(setting.left)) == len(setting.left) == 12
    assert _everybody(setting.view()) == []


def test_nobody_calls_to_the_counter_that_is_there_to_be_tried(setting: Setting) -> None:
    setting.come(3 * SERVED_EVERY)

    called = setting.act(Act.CALL_NEXT, YOURS)
    setting.pass_time(60)

    assert _at(setting, YOURS) == called
    setting.act(Act.DONE, YOURS)
    setting.pass_time(10)
    assert called.label in setting.left


def test_whoever_does_not_come_is_called_again_then_missed_and_waits_anew(
    setting: Setting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dashboard.demo.counter_staff.MISSES", 1.0)
    setting.come(SERVED_EVERY)
    states = []
    for _ in range(80):
        setting.pass_time(1)
        view = setting.view()
        states += [ticket.state for ticket in (*view.called, *view.missed)]
        states += [TicketState.WAITING] if len(view.waiting) == SERVED_EVERY else []

    assert list(dict.fromkeys(states)) == [
        TicketState.CALLED,
        TicketState.MISSED,
        TicketState.WAITING,
    ]


def _at(setting: Setting, name: str) -> Ticket | None:
    return next(ticket for counter, ticket in setting.view().counters if counter.name == name)


def _everybody(view: QueueView) -> list[Ticket]:
    return [*view.waiting, *view.called, *view.missed, *view.parked]


def test_while_they_are_paused_nobody_is_called_nor_seen_out(setting: Setting) -> None:
    setting.is_emptying = True
    setting.come(3)
    setting.pass_time(1)
    called = [ticket.label for ticket in setting.view().called]
    setting.staff.pause()
    setting.pass_time(120)
    assert [ticket.label for ticket in setting.view().called] == called
    assert setting.left == []
    setting.staff.resume()
    setting.pass_time(120)
    assert len(setting.left) == 3
