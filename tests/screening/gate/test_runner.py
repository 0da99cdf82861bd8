"""The gate's thread does one call after the other; faults stop nobody, late calls do nothing."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import Future
from datetime import timedelta
from pathlib import Path

import pytest

from screening.decision import Check, DecisionKind, Reason
from screening.errors import LaneConflict, NotRecorded, OutcomeUnknown
from screening.events import Event, GateChanged
from screening.gate import runner as runner_module
from screening.gate.commands import ExitButton, RefreshThermometer, Scan
from screening.gate.runner import GateRunner
from screening.gate.view import ScanAnswer
from screening.ports import AvailabilityListener, ReadingListener
from screening.readings import (
    Availability,
    CodeScanned,
    CodeSource,
    DeviceKind,
    DeviceTrouble,
)
from screening.receipts.desk import Verification
from screening.visits import Attempt, WrittenAttempt
from tests.screening.gate.lane_setting import Setting, lane_setting

LONG_S = 60.0


class FakeScanner:
    """Hands over what a test scans; remembers that it was closed."""

    kind = DeviceKind.SCANNER

    def __init__(self) -> None:
        self.availability = Availability(DeviceKind.SCANNER, True, 0.0)
        self.on_reading: ReadingListener = lambda _: None
        self.is_closed = False

    def start(self, on_reading: ReadingListener, on_availability: AvailabilityListener) -> None:
        self.on_reading = on_reading
        on_availability(self.availability)

    def close(self) -> None:
        self.is_closed = True


@pytest.fixture
def gate(tmp_path: Path) -> Iterator[Setting]:
    with lane_setting(tmp_path, checks=frozenset({Check.RECEIPT}), devices=frozenset()) as setting:
        yield setting


@pytest.fixture
def scanner() -> FakeScanner:
    return FakeScanner()


@pytest.fixture
def running(gate: Setting, scanner: FakeScanner) -> Iterator[GateRunner]:
    runner = GateRunner(gate.lane, devices=[scanner])
    runner.start()
    yield runner
    runner.close()


def hold(running: GateRunner) -> threading.Event:
    """Keep the gate's thread busy until the returned event is set."""
    release, is_busy = threading.Event(), threading.Event()

    def work() -> None:
        is_busy.set()
        release.wait(LONG_S)

    running._work.put(work)
    assert is_busy.wait(LONG_S)
    return release


def test_a_devices_scan_is_done_before_a_later_look(
    gate: Setting, scanner: FakeScanner, running: GateRunner
) -> None:
    scanner.on_reading(CodeScanned(gate.receipt(), CodeSource.SERIAL_SCANNER))
    running.do(RefreshThermometer())
    assert running.view().verdict is not None
    assert len(gate.barrier.opened) == 1


def test_a_call_that_gave_up_does_nothing_later(
    gate: Setting, running: GateRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = gate.receipt()
    release = hold(running)
    monkeypatch.setattr(runner_module, "CALL_TIMEOUT_S", 0.0)
    with pytest.raises(NotRecorded, match="nothing was done"):
        running.do(Scan(code=token, source=CodeSource.STATION))
    release.set()
    monkeypatch.setattr(runner_module, "CALL_TIMEOUT_S", LONG_S)
    running.do(RefreshThermometer())
    assert running.view().verdict is None
    assert gate.barrier.opened == []


def test_a_call_that_had_begun_says_that_its_outcome_is_unknown(
    gate: Setting, running: GateRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    has_begun, release = threading.Event(), threading.Event()

    def slow_leave(**_: object) -> None:
        has_begun.set()
        release.wait(LONG_S)

    monkeypatch.setattr(gate.log, "leave", slow_leave, raising=False)
    failures: list[Exception] = []

    class ImpatientOnceBegun(runner_module.Future[bool]):
        def result(self, timeout: float | None = None) -> bool:
            assert has_begun.wait(LONG_S)
            return super().result(0.0)

    monkeypatch.setattr(runner_module, "Future", ImpatientOnceBegun)
    try:
        running.do(ExitButton(operator="siti"))
    except OutcomeUnknown as error:
        failures.append(error)
    finally:
        release.set()
    assert len(failures) == 1


def test_a_fault_in_the_program_is_logged_and_the_gate_goes_on(
    gate: Setting,
    running: GateRunner,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def broken(_: Availability) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(gate.lane, "availability_changed", broken)
    running.post_availability(Availability(DeviceKind.CAMERA, False, 0.0))
    running.do(RefreshThermometer())
    assert running.view().verdict is None
    assert "a fault in the program" in caplog.text
    assert running.do(Scan(code=gate.receipt(), source=CodeSource.TYPED)).status == "ok"


def test_what_was_asked_before_closing_is_done_with_all_devices(
    gate: Setting, scanner: FakeScanner, running: GateRunner
) -> None:
    running.post_reading(CodeScanned(gate.receipt(), CodeSource.SERIAL_SCANNER))
    running.close()
    assert len(gate.barrier.opened) == 1
    assert scanner.is_closed
    with pytest.raises(LaneConflict):
        running.do(RefreshThermometer())


def test_scans_that_wait_behind_one_another_are_each_answered(
    gate: Setting, running: GateRunner
) -> None:
    first, second = gate.receipt(), gate.receipt()
    release = hold(running)
    futures = [
        running.post(Scan(code=code, source=CodeSource.STATION, nonce=nonce))
        for code, nonce in (
            (first, "1"),
            (second, "2"),
            (first, "3"),
            ("no receipt", "4"),
            (second, "2"),
            (first, "2"),
        )
    ]
    given_up = running.post(Scan(code=gate.receipt(), source=CodeSource.STATION))
    given_up.cancel()
    release.set()
    answers = [future.result(LONG_S) for future in futures[:5]]
    assert [answer.reason for answer in answers] == [
        Reason.ADMITTED,
        Reason.ADMITTED,
        Reason.ALREADY_INSIDE,
        Reason.RECEIPT_UNREADABLE,
        Reason.ADMITTED,
    ]
    assert answers[4] == answers[1]
    with pytest.raises(LaneConflict, match="nonce"):
        futures[5].result(LONG_S)
    assert gate.barrier.opened == [answers[0].attempt_id, answers[1].attempt_id]
    assert len(gate.record.visits.entries()) == 4
    verdict = running.view().verdict
    assert verdict is not None


def test_of_scans_that_wait_together_none_moves_anything_without_its_row(
    gate: Setting, running: GateRunner
) -> None:
    release = hold(running)
    gate.log.is_down = True
    futures = [running.post(Scan(code=gate.receipt(), source=CodeSource.STATION)) for _ in range(3)]
    release.set()
    for future in futures:
        with pytest.raises(NotRecorded):
            future.result(LONG_S)
    assert gate.barrier.opened == []
    gate.log.is_down = False
    again = running.do(Scan(code=gate.receipt(), source=CodeSource.STATION))
    assert again.status == "ok"


def test_who_looks_because_the_hub_told_them_sees_the_change(
    gate: Setting, running: GateRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[int, int]] = []

    def look(event: Event) -> None:
        if isinstance(event, GateChanged):
            seen.append((event.version, running.view().version))

    monkeypatch.setattr(gate.hub, "publish", look)
    running.do(Scan(code=gate.receipt(), source=CodeSource.STATION))
    assert seen
    assert all(told == shown for told, shown in seen)


def test_whoever_is_answered_among_others_sees_what_they_all_came_to(
    gate: Setting, running: GateRunner
) -> None:
    release = hold(running)
    codes = [gate.receipt() for _ in range(3)]
    futures = [running.post(Scan(code=code, source=CodeSource.STATION)) for code in codes]
    on_show: list[str | None] = []
    for future in futures:
        future.add_done_callback(
            lambda _: on_show.append(v.attempt_id if (v := running.view().verdict) else None)
        )
    release.set()
    answers = [future.result(LONG_S) for future in futures]
    assert on_show == [answers[-1].attempt_id] * 3


def test_a_scan_that_comes_while_others_begin_is_written_with_them(
    gate: Setting, running: GateRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    happened: list[str] = []
    late: list[Future[ScanAnswer]] = []
    submit, opens = gate.log.submit, gate.barrier.open_once

    def submit_while_another_comes(attempt: Attempt) -> Future[WrittenAttempt]:
        happened.append("handed in")
        if not late:
            late.append(running.post(Scan(code=gate.receipt(), source=CodeSource.STATION)))
        return submit(attempt)

    def noted_open(attempt_id: str) -> None:
        happened.append("opened")
        opens(attempt_id)

    monkeypatch.setattr(gate.log, "submit", submit_while_another_comes)
    monkeypatch.setattr(gate.barrier, "open_once", noted_open)
    running.do(Scan(code=gate.receipt(), source=CodeSource.STATION))
    assert late[0].result(LONG_S).status == "ok"
    assert happened == ["handed in", "handed in", "opened", "opened"]


def test_a_fault_among_others_is_told_and_what_had_begun_is_written(
    gate: Setting, running: GateRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = hold(running)
    futures = [running.post(Scan(code=gate.receipt(), source=CodeSource.STATION)) for _ in range(2)]
    examine, seen = gate.desk.examine, []

    def breaks_at_the_second(code: str) -> Verification:
        seen.append(code)
        if len(seen) == 2:
            raise ZeroDivisionError
        return examine(code)

    monkeypatch.setattr(gate.desk, "examine", breaks_at_the_second)
    release.set()
    for future in futures:
        with pytest.raises(OutcomeUnknown):
            future.result(LONG_S)
    assert len(gate.record.visits.entries()) == 1
    assert gate.barrier.opened == []


def test_more_scans_than_are_written_together_are_all_answered(
    gate: Setting, running: GateRunner
) -> None:
    release = hold(running)
    scans = [
        running.post(Scan(code="GB1:NONE", source=CodeSource.STATION, nonce=str(count)))
        for count in range(runner_module.MOST_TOGETHER + 3)
    ]
    others = running.post(RefreshThermometer())
    release.set()
    others.result(LONG_S)
    assert all(scan.done() for scan in scans)
    assert len({scan.result().attempt_id for scan in scans}) == len(scans)


def test_whoever_typed_a_number_and_gave_up_costs_the_next_no_time(
    gate: Setting, running: GateRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked_up: list[str] = []
    examine = gate.desk.examine

    def noted(code: str) -> Verification:
        looked_up.append(code)
        if len(looked_up) == 1:
            last.cancel()  # the first look-up took so long
        return examine(code)

    monkeypatch.setattr(gate.desk, "examine", noted)
    release = hold(running)
    first, last = (
        running.post(Scan(code=number, source=CodeSource.STATION)) for number in ("K7M2", "9QXD")
    )
    release.set()
    assert first.result(LONG_S).status == "refused"
    running.do(RefreshThermometer())
    assert looked_up == ["K7M2"]


def test_a_fault_at_one_of_many_scans_is_that_ones_only(
    gate: Setting, running: GateRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    opens, broken = gate.barrier.open_once, iter([False, True, False])

    def faulty(attempt_id: str) -> None:
        if next(broken):
            raise ZeroDivisionError
        opens(attempt_id)

    monkeypatch.setattr(gate.barrier, "open_once", faulty)
    release = hold(running)
    codes = [gate.receipt() for _ in range(3)]
    futures = [running.post(Scan(code=code, source=CodeSource.STATION)) for code in codes]
    release.set()
    assert futures[0].result(LONG_S).status == "ok"
    with pytest.raises(ZeroDivisionError):
        futures[1].result(LONG_S)
    assert futures[2].result(LONG_S).status == "ok"
    assert len(gate.barrier.opened) == 2


def test_a_fault_before_anything_was_handed_in_answers_all_and_shows_nobody(
    gate: Setting, running: GateRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    running.do(Scan(code=gate.receipt(), source=CodeSource.STATION))

    def faulty(code: str) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(gate.desk, "examine", faulty)
    release = hold(running)
    futures = [running.post(Scan(code="GB1:ANY", source=CodeSource.STATION)) for _ in range(3)]
    on_show: list[bool] = []
    for future in futures:
        future.add_done_callback(lambda _: on_show.append(running.view().verdict is not None))
    release.set()
    for future in futures:
        with pytest.raises(OutcomeUnknown):
            future.result(LONG_S)
    assert on_show == [False] * 3


def test_a_stuck_gate_still_shows_its_last_view_and_says_since_when(
    gate: Setting, running: GateRunner
) -> None:
    running.do(Scan(code=gate.receipt(), source=CodeSource.STATION))
    begun = gate.clock.now()
    release = hold(running)
    assert running.busy_since() is None
    gate.clock.move_to(begun + timedelta(seconds=5))
    assert running.busy_since() == begun
    assert running.view().verdict is not None
    release.set()
    running.do(RefreshThermometer())
    assert running.busy_since() is None


def test_a_scanner_gone_mad_holds_nobody_up_and_its_newest_code_counts(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with lane_setting(tmp_path, checks=frozenset({Check.RECEIPT})) as gate:
        running = GateRunner(gate.lane)
        running.start()
        good = gate.receipt()
        release = hold(running)
        for number in range(20_000):
            running.post_reading(CodeScanned(f"GB1:{number}", CodeSource.SERIAL_SCANNER))
        running.post_reading(CodeScanned(good, CodeSource.SERIAL_SCANNER))
        assert running._work.qsize() <= runner_module.CODE_BACKLOG
        release.set()
        running.do(RefreshThermometer())
        running.close()
        verdict = running.view().verdict
        assert verdict is not None
        assert verdict.kind is DecisionKind.ADMIT
        scanner = next(one for one in running.view().devices if one.kind is DeviceKind.SCANNER)
        assert scanner.trouble is DeviceTrouble.FLOOD
        assert scanner.faults == 20_001 - runner_module.CODE_BACKLOG
        assert caplog.text.count("sends more than anybody can mean") == 1


def test_a_gate_that_hangs_is_given_up_and_its_devices_close(
    gate: Setting, scanner: FakeScanner, caplog: pytest.LogCaptureFixture
) -> None:
    runner = GateRunner(gate.lane, devices=[scanner])
    runner.start()
    release = hold(runner)
    runner.close(0.0)
    assert scanner.is_closed
    assert "given up while it is busy since 20" in caplog.text
    release.set()
    runner._thread.join(LONG_S)
