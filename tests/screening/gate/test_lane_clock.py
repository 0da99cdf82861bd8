"""One gate whose wall clock is set while it works, or while it is switched off."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from screening.decision import Check, DecisionKind, Reason
from screening.errors import LaneConflict
from screening.readings import MaskAdvice
from tests.screening.gate.lane_setting import NINE, Setting, lane_setting

PAUSE_S = 300.0
SETS = [
    pytest.param(timedelta(minutes=20), id="20 minutes ahead"),
    pytest.param(timedelta(hours=3), id="3 hours ahead"),
    pytest.param(timedelta(minutes=-20), id="20 minutes back"),
    pytest.param(timedelta(hours=-3), id="3 hours back"),
    pytest.param(timedelta(hours=-14), id="back over midnight"),
    pytest.param(timedelta(days=-2), id="two days back"),
]


@pytest.fixture
def gate(tmp_path: Path) -> Iterator[Setting]:
    with lane_setting(tmp_path) as setting:
        yield setting


def set_clock(gate: Setting, by: timedelta) -> None:
    gate.clock.set_wall(gate.clock.now() + by)


@pytest.mark.parametrize("by", SETS)
def test_a_pause_is_as_long_as_it_is_whatever_the_clock_is_set_to(
    gate: Setting, by: timedelta
) -> None:
    token = gate.receipt(issued_on=(NINE - timedelta(days=3)).date())
    gate.scan(token)
    gate.passes(37.8)
    gate.wait(PAUSE_S / 2)
    set_clock(gate, by)
    gate.lane.refresh_aside()
    assert gate.lane.view().aside[0].until_ready_s == pytest.approx(PAUSE_S / 2, abs=5)
    assert gate.scan(token).reason is Reason.SECOND_READING_PAUSE
    gate.wait(PAUSE_S / 2 + 1)
    assert gate.scan(token).reason is Reason.CLEAN_HANDS
    gate.passes(36.9)
    assert gate.verdict is not None
    assert gate.verdict.kind is DecisionKind.ADMIT


@pytest.mark.parametrize("by", SETS)
def test_a_pause_without_a_receipt_is_as_long_whatever_the_clock_is_set_to(
    tmp_path: Path, by: timedelta
) -> None:
    with lane_setting(tmp_path, checks=frozenset({Check.TEMPERATURE, Check.MASK})) as gate:
        gate.measures(37.9)
        gate.sees(None, MaskAdvice.NO_FACE)
        gate.lane.refresh_aside()
        waiting = gate.lane.view().aside[0].attempt_id
        set_clock(gate, by)
        with pytest.raises(LaneConflict) as caught:
            gate.lane.guard.resume(waiting, operator="siti")
        assert caught.value.code == "pause_not_over"
        gate.wait(PAUSE_S)
        gate.lane.guard.resume(waiting, operator="siti")
        gate.measures(37.9)
        assert gate.verdict is not None
        assert gate.verdict.reason is Reason.ELEVATED_TWICE


@pytest.mark.parametrize(
    "by", [pytest.param(timedelta(hours=-3)), pytest.param(timedelta(hours=-14))], ids=str
)
def test_who_rests_is_not_kept_for_hours_where_the_clock_goes_back_at_a_restart(
    tmp_path: Path, by: timedelta
) -> None:
    with lane_setting(tmp_path) as before:
        token = before.receipt()
        before.scan(token)
        before.passes(37.8)
        later = before.clock.now()
    with lane_setting(tmp_path, now=later + by) as after:
        after.lane.refresh_aside()
        assert after.lane.view().aside[0].until_ready_s <= PAUSE_S
        after.wait(PAUSE_S)
        after.lane.refresh_aside()
        assert after.lane.view().aside[0].until_ready_s == 0


def test_who_rested_while_the_clock_was_days_ahead_does_not_wait_for_that_day(
    tmp_path: Path,
) -> None:
    with lane_setting(tmp_path) as before:
        before.scan(before.receipt())
        before.passes(37.8)
        later = before.clock.now()
    with lane_setting(tmp_path, now=later - timedelta(days=30)) as after:
        after.lane.refresh_aside()
        assert after.lane.view().aside == ()


def test_who_rests_is_measured_a_second_time_where_the_clock_goes_ahead_at_a_restart(
    tmp_path: Path,
) -> None:
    with lane_setting(tmp_path) as before:
        token = before.receipt()
        before.scan(token)
        before.passes(37.8)
        later = before.clock.now()
    with lane_setting(tmp_path, now=later + timedelta(hours=2)) as after:
        after.scan(token)
        after.passes(37.9)
        assert after.verdict is not None
        assert after.verdict.reason is Reason.ELEVATED_TWICE


def test_pages_are_not_told_of_a_pause_that_only_goes_by(gate: Setting) -> None:
    gate.scan(gate.receipt())
    gate.passes(37.8)
    gate.lane.refresh_aside()
    before = gate.lane.view().aside[0].ready_at
    gate.wait(2.0)
    gate.lane.refresh_aside()
    assert gate.lane.view().aside[0].ready_at == before
