from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from screening.decision import Check, DecisionKind, Reason
from screening.gate.view import DeviceView
from screening.readings import (
    CodeScanned,
    CodeSource,
    CodeStays,
    DeviceFlood,
    DeviceKind,
    DeviceTrouble,
)
from tests.screening.gate.lane_setting import Setting, lane_setting

WIFI = "WIFI:S:kantor;T:WPA;P:rahasia;;"
CAMERA, SCANNER = CodeSource.CAMERA, CodeSource.SERIAL_SCANNER


@pytest.fixture
def gate(tmp_path: Path) -> Iterator[Setting]:
    with lane_setting(tmp_path, checks=frozenset({Check.RECEIPT})) as setting:
        yield setting


def scanned(gate: Setting, code: str, source: CodeSource = CAMERA) -> None:
    gate.lane.device_reading(CodeScanned(code, source))


def stays(gate: Setting, code: str, seconds: int, source: CodeSource = CAMERA) -> None:
    for _ in range(seconds):
        gate.wait(1)
        gate.lane.device_reading(CodeStays(code, source))


def reasons(gate: Setting) -> list[Reason | str | None]:
    """Of the rows so far, oldest first."""
    return [
        entry.reason for entry in reversed(gate.record.visits.latest(limit=50)) if entry.decision
    ]


def device(gate: Setting, kind: DeviceKind) -> DeviceView:
    return next(one for one in gate.lane.view().devices if one.kind is kind)


def test_a_poster_beside_a_receipt_takes_nothing_from_the_admitted(gate: Setting) -> None:
    token = gate.receipt()
    scanned(gate, token)
    for _ in range(10):
        scanned(gate, WIFI)
        gate.lane.device_reading(CodeStays(token, CAMERA))
        gate.wait(0.4)
    assert gate.verdict is not None
    assert gate.verdict.kind is DecisionKind.ADMIT
    assert reasons(gate) == [Reason.ADMITTED]


def test_the_same_receipt_in_the_same_sight_is_one_visitor_whichever_device_reads_it(
    gate: Setting,
) -> None:
    token = gate.receipt()
    scanned(gate, token, SCANNER)
    for _ in range(5):
        scanned(gate, token, CAMERA)
        scanned(gate, f"]Q1{token}", SCANNER)
        gate.wait(1)
    assert reasons(gate) == [Reason.ADMITTED]
    gate.wait(4)
    scanned(gate, token, CAMERA)
    assert reasons(gate) == [Reason.ADMITTED, Reason.ALREADY_INSIDE]


def test_the_others_of_a_party_show_the_receipt_again(gate: Setting) -> None:
    token = gate.receipt(party_size=2)
    scanned(gate, token)
    gate.wait(4)
    scanned(gate, token)
    assert reasons(gate) == [Reason.ADMITTED, Reason.ADMITTED]


def test_who_leaves_with_the_receipt_still_held_up_does_not_come_in_again(gate: Setting) -> None:
    token = gate.receipt()
    scanned(gate, token)
    gate.wait(60)
    assert gate.lane.exits.scan(token, operator="siti")
    gate.wait(1)
    scanned(gate, token)
    assert reasons(gate) == [Reason.ADMITTED]
    gate.wait(5)
    scanned(gate, token)
    assert reasons(gate) == [Reason.ADMITTED, Reason.RETURNED]


def test_a_code_that_is_no_receipt_is_told_to_whoever_shows_it_once(gate: Setting) -> None:
    scanned(gate, WIFI)
    assert gate.verdict is not None
    assert gate.verdict.reason is Reason.RECEIPT_UNREADABLE
    gate.wait(25)
    scanned(gate, WIFI)
    assert reasons(gate) == [Reason.RECEIPT_UNREADABLE]


def test_posters_that_stay_are_told_once_with_what_to_do(
    gate: Setting, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "screening.gate.shown_codes"):
        for poster in (WIFI, "https://kantor.example/menu", "GB1:CONTOH"):
            scanned(gate, poster)
            stays(gate, poster, 25)
    assert device(gate, DeviceKind.CAMERA).trouble is DeviceTrouble.POSTER
    assert device(gate, DeviceKind.SCANNER).trouble is None
    told = [line for line in caplog.messages if "cover it" in line]
    assert len(told) == 1
    assert WIFI not in caplog.text


def test_a_poster_that_was_taken_down_is_not_shown_any_more(gate: Setting) -> None:
    scanned(gate, WIFI)
    stays(gate, WIFI, 25)
    gate.wait(61)
    assert device(gate, DeviceKind.CAMERA).trouble is None


def test_a_good_receipt_held_up_for_long_is_no_poster(gate: Setting) -> None:
    token = gate.receipt()
    scanned(gate, token)
    stays(gate, token, 40)
    assert device(gate, DeviceKind.CAMERA).trouble is None
    assert reasons(gate) == [Reason.ADMITTED]


def test_what_is_no_receipt_disturbs_nobody_who_is_being_checked(tmp_path: Path) -> None:
    with lane_setting(tmp_path) as gate:
        scanned(gate, gate.receipt())
        scanned(gate, WIFI, SCANNER)
        view = gate.lane.view()
        assert view.visitor is not None
        assert view.visitor.receipt_number is not None
        assert reasons(gate) == []


def test_a_gate_that_asks_for_no_receipt_takes_no_poster_for_a_visitor(tmp_path: Path) -> None:
    with lane_setting(tmp_path, checks=frozenset({Check.TEMPERATURE})) as gate:
        scanned(gate, WIFI, SCANNER)
        assert gate.lane.view().verdict is None


def test_a_receipt_that_was_told_to_wait_may_be_shown_again_at_once(tmp_path: Path) -> None:
    with lane_setting(tmp_path) as gate:
        scanned(gate, gate.receipt())
        second = gate.receipt()
        scanned(gate, second, SCANNER)
        gate.lane.guard.clear(operator="siti")
        scanned(gate, second, SCANNER)
        assert gate.lane.view().visitor is not None


def test_a_flood_is_counted_and_told_once_until_it_is_over(
    gate: Setting, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "screening.gate.shown_codes"):
        for _ in range(5):
            gate.wait(1)
            flood = DeviceFlood(DeviceKind.SCANNER, 1000, gate.clock.monotonic_s())
            gate.lane.device_reading(flood)
        shown = device(gate, DeviceKind.SCANNER)
        assert (shown.trouble, shown.faults) == (DeviceTrouble.FLOOD, 5000)
        gate.wait(timedelta(minutes=2).total_seconds())
    assert device(gate, DeviceKind.SCANNER).trouble is None
    assert [line for line in caplog.messages if "unplug it" in line] == caplog.messages[:1]
    assert len(caplog.messages) == 2
