"""A wrong wall clock is noticed, and a clock that was set right stops warning."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from screening.gate.clock_watch import JUMP_SHOWN_S, ClockWarning, ClockWatch

NINE = datetime(2026, 11, 24, 9, tzinfo=UTC)


def test_says_nothing_while_both_clocks_agree() -> None:
    watch = ClockWatch(NINE, 0.0)
    assert watch.warning(NINE + timedelta(hours=8), 8 * 3600.0) is None


def test_warns_when_the_clock_was_set_and_stops_after_a_while() -> None:
    watch = ClockWatch(NINE, 0.0)
    later = NINE + timedelta(days=1)
    assert watch.warning(later, 10.0) is ClockWarning.JUMPED
    assert watch.warning(later + timedelta(seconds=30), 40.0) is ClockWarning.JUMPED
    after_s = JUMP_SHOWN_S + 11
    assert watch.warning(later + timedelta(seconds=after_s - 10), after_s) is None


def test_a_clock_set_back_is_noticed_too() -> None:
    watch = ClockWatch(NINE, 0.0)
    assert watch.warning(NINE - timedelta(hours=1), 5.0) is ClockWarning.JUMPED


def test_a_genuine_date_in_the_future_means_that_our_clock_is_behind() -> None:
    watch = ClockWatch(NINE, 0.0)
    watch.witnessed(NINE + timedelta(days=2))
    watch.witnessed(NINE - timedelta(days=2))
    assert watch.warning(NINE + timedelta(seconds=1), 1.0) is ClockWarning.BEHIND


def test_a_few_minutes_between_two_computers_are_no_fault() -> None:
    watch = ClockWatch(NINE, 0.0)
    watch.witnessed(NINE + timedelta(minutes=4))
    assert watch.warning(NINE + timedelta(seconds=1), 1.0) is None
