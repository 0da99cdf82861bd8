"""Whoever may have lost a gate acts for it no more, and is told so; others wait for their turn."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from screening.decision import Check
from screening.errors import NotOwner, NotRecorded, OutcomeUnknown, RecordError, UnknownGate
from screening.gate.claims import Claims
from screening.gate.commands import ExitButton, Scan
from screening.gate.ownership import Owner, Ownership
from screening.gate.runner import GateRunner
from screening.readings import CodeScanned, CodeSource
from screening.visits import Attempt, WrittenAttempt
from tests.screening.gate.lane_setting import NINE, Setting, lane_setting
from tests.screening.gate.test_runner import FakeScanner, hold

LONG_S = 60.0


@dataclass
class FakeOwnership:
    """A gate that was taken; a test takes it away or makes it unsure."""

    is_lost: bool = False
    is_unsure: bool = False
    is_released: bool = False

    def may_act(self) -> bool:
        return not self.is_lost and not self.is_unsure

    def release(self) -> None:
        self.is_lost = self.is_released = True


@dataclass
class FakeOwners:
    """Gates that others have are in ``others``; ``is_down``: nobody can tell."""

    others: dict[str, Owner | None] = field(default_factory=dict)
    taken: dict[str, FakeOwnership] = field(default_factory=dict)
    is_down: bool = False

    def take(self, gate: str) -> Ownership | None:
        if self.is_down:
            raise RecordError("the server is away")
        if gate in self.others:
            return None
        self.taken[gate] = FakeOwnership()
        return self.taken[gate]

    def check(self) -> None:
        """A test says what is lost."""

    def owner(self, gate: str) -> Owner | None:
        return self.others.get(gate)

    def close(self) -> None:
        for ownership in self.taken.values():
            ownership.release()


ELSEWHERE = Owner(machine="pc-2", address="https://pc-2.example", since=NINE)


@dataclass
class Gates:
    """Notes which gates were begun and ended; ``trouble`` keeps them from beginning."""

    running: list[str] = field(default_factory=list)
    trouble: Exception | None = None

    def begin(self, gate: str, ownership: Ownership) -> None:
        if self.trouble is not None:
            raise self.trouble
        self.running.append(gate)

    def end(self, gate: str) -> None:
        self.running.remove(gate)


@pytest.fixture
def owners() -> FakeOwners:
    return FakeOwners()


@pytest.fixture
def gates() -> Gates:
    return Gates()


@pytest.fixture
def claims(owners: FakeOwners, gates: Gates) -> Claims:
    return Claims(owners, begin=gates.begin, end=gates.end)


def test_a_free_gate_begins_at_once_and_once(claims: Claims, gates: Gates) -> None:
    claims.add("utama")
    claims.add("utama")
    claims.look()
    assert gates.running == ["utama"]


def test_a_gate_of_another_process_is_told_once_and_taken_when_it_is_free(
    claims: Claims, gates: Gates, owners: FakeOwners, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    owners.others["utama"] = ELSEWHERE
    claims.add("utama")
    claims.look()
    claims.look()
    assert gates.running == []
    assert len(caplog.messages) == 1
    assert "utama" in caplog.text
    assert "https://pc-2.example" in caplog.text
    del owners.others["utama"]
    claims.look()
    assert gates.running == ["utama"]
    assert len(caplog.messages) == 2


def test_a_lost_gate_ends_is_told_once_and_asked_for_again(
    claims: Claims, gates: Gates, owners: FakeOwners, caplog: pytest.LogCaptureFixture
) -> None:
    claims.add("utama")
    claims.add("dua")
    owners.others["utama"] = ELSEWHERE
    owners.taken["utama"].is_lost = True
    claims.look()
    claims.look()
    assert gates.running == ["dua"]
    assert caplog.text.count("has lost it") == 1
    assert owners.taken["utama"].is_released
    del owners.others["utama"]
    claims.look()
    assert gates.running == ["dua", "utama"]


def test_a_gate_that_cannot_begin_is_given_back_and_tried_again(
    claims: Claims, gates: Gates, owners: FakeOwners, caplog: pytest.LogCaptureFixture
) -> None:
    gates.trouble = UnknownGate("there is no gate 'utama'")
    with pytest.raises(UnknownGate):
        claims.add("utama")
    assert owners.taken["utama"].is_released
    claims.look()
    claims.look()
    assert len(caplog.messages) == 1
    gates.trouble = None
    claims.look()
    assert gates.running == ["utama"]


def test_a_server_that_is_away_keeps_nobody_from_waiting(
    claims: Claims, gates: Gates, owners: FakeOwners, caplog: pytest.LogCaptureFixture
) -> None:
    owners.is_down = True
    claims.add("utama")
    claims.look()
    assert len(caplog.messages) == 1
    owners.is_down = False
    claims.look()
    assert gates.running == ["utama"]


def test_after_stopping_no_gate_is_taken_and_what_is_held_stays_until_released(
    claims: Claims, gates: Gates, owners: FakeOwners
) -> None:
    claims.start()
    claims.add("utama")
    claims.stop()
    claims.add("dua")
    assert gates.running == ["utama"]
    assert not owners.taken["utama"].is_released
    claims.release()
    assert owners.taken["utama"].is_released


# A gate whose ownership goes while it works


@pytest.fixture
def ownership() -> FakeOwnership:
    return FakeOwnership()


@pytest.fixture
def gate(tmp_path: Path, ownership: FakeOwnership) -> Iterator[Setting]:
    with lane_setting(
        tmp_path, checks=frozenset({Check.RECEIPT}), devices=frozenset(), ownership=ownership
    ) as setting:
        yield setting


@pytest.fixture
def scanner() -> FakeScanner:
    return FakeScanner()


@pytest.fixture
def running(gate: Setting, scanner: FakeScanner) -> Iterator[GateRunner]:
    runner = GateRunner(gate.lane, devices=[scanner])
    runner.start()
    yield runner
    runner.abandon()


def scan_of(gate: Setting) -> Scan:
    return Scan(code=gate.receipt(), source=CodeSource.STATION)


def test_an_owner_that_is_not_sure_writes_nothing_and_opens_nothing(
    gate: Setting, running: GateRunner, ownership: FakeOwnership
) -> None:
    assert running.do(scan_of(gate)).status == "ok"
    ownership.is_unsure = True
    with pytest.raises(NotRecorded, match="nothing was done"):
        running.do(scan_of(gate))
    with pytest.raises(NotRecorded, match="nothing was done"):
        running.do(ExitButton(operator="siti"))
    assert len(gate.barrier.opened) == 1
    assert len(gate.record.visits.entries()) == 1
    ownership.is_unsure = False
    assert running.do(scan_of(gate)).status == "ok"
    assert len(gate.barrier.opened) == 2


def test_a_gate_that_is_lost_between_the_row_and_the_pulse_opens_nothing(
    gate: Setting,
    running: GateRunner,
    ownership: FakeOwnership,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    commit = gate.log.submit

    def lose(attempt: Attempt) -> Future[WrittenAttempt]:
        written = commit(attempt)
        written.result(LONG_S)
        ownership.is_lost = True
        return written

    monkeypatch.setattr(gate.log, "submit", lose)
    running.do(scan_of(gate))
    assert gate.barrier.opened == []


def test_an_abandoned_gate_does_nothing_more_and_tells_all_who_wait(
    gate: Setting, running: GateRunner, scanner: FakeScanner
) -> None:
    running.do(scan_of(gate))
    release = hold(running)
    waiting = running.post(scan_of(gate))
    running.post_reading(CodeScanned(gate.receipt(), CodeSource.SERIAL_SCANNER))
    running.abandon()
    with pytest.raises(NotOwner, match="nothing was done"):
        waiting.result(LONG_S)
    assert scanner.is_closed
    release.set()
    running._thread.join(LONG_S)
    assert len(gate.barrier.opened) == 1
    assert len(gate.record.visits.entries()) == 1
    for ask in (running.view, lambda: running.do(scan_of(gate))):
        with pytest.raises(NotOwner):
            ask()


def test_whoever_waits_for_a_scan_that_has_begun_hears_that_its_outcome_is_unknown(
    gate: Setting,
    running: GateRunner,
    ownership: FakeOwnership,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    has_begun, release = threading.Event(), threading.Event()
    commit: Any = gate.log.submit

    def hang(attempt: Attempt) -> Future[WrittenAttempt]:
        has_begun.set()
        release.wait(LONG_S)
        written: Future[WrittenAttempt] = commit(attempt)
        return written

    monkeypatch.setattr(gate.log, "submit", hang)
    asked = running.post(scan_of(gate))
    assert has_begun.wait(LONG_S)
    ownership.is_lost = True
    running.abandon()
    with pytest.raises(OutcomeUnknown):
        asked.result(LONG_S)
    release.set()
    running._thread.join(LONG_S)
    assert gate.barrier.opened == []
