from __future__ import annotations

import math

import pytest

from screening.decision import Decision, DecisionKind, Reason
from screening.errors import LaneConflict
from screening.readings import TemperatureReading
from screening.temperature.calibration import Calibration, entered_by_hand
from screening.temperature.presets import KMK_382, TWO_STAGE, Thresholds, own_thresholds
from screening.temperature.two_readings import TwoReadings
from screening.temperature.window import CelsiusRange
from screening.visits import MeasuredTemperature

STAND_STILL = Decision(DecisionKind.FIX, Reason.STAND_STILL)
REFERRED = Decision(DecisionKind.REFER, Reason.ELEVATED_TWICE)


def pause_until(ready_at_s: float) -> Decision:
    return Decision(DecisionKind.WAIT, Reason.SECOND_READING_PAUSE, ready_at_s)


def rule(
    *,
    thresholds: Thresholds = KMK_382,
    offset_celsius: float = 0.0,
    from_s: float = 0.0,
    is_second: bool = False,
    first: MeasuredTemperature | None = None,
) -> TwoReadings:
    return TwoReadings(
        thresholds=thresholds,
        calibration=Calibration(offset_celsius),
        plausible=CelsiusRange(30.0, 43.0),
        enterable=CelsiusRange(34.5, 45.0),
        from_s=from_s,
        is_second=is_second,
        first=first,
    )


def measure(readings: TwoReadings, celsius: float, *, from_s: float) -> float:
    """Three lines of a slow board; returns when the last one was taken."""
    for half in range(3):
        readings.add(TemperatureReading(celsius, None, from_s + half / 2))
    return from_s + 1.0


def test_a_stable_value_at_the_threshold_passes() -> None:
    readings = rule()
    now_s = measure(readings, 37.3, from_s=0.0)

    assert readings.judge(now_s) is None
    passing = readings.passing(now_s)
    assert passing is not None
    assert passing.corrected_celsius == 37.3
    assert readings.not_passed == ()


def test_a_value_above_the_threshold_begins_the_pause() -> None:
    readings = rule()
    now_s = measure(readings, 37.30001, from_s=0.0)

    assert readings.judge(now_s) == pause_until(301.0)
    assert readings.is_elevated(now_s)
    assert readings.passing(now_s) is None
    assert [m.corrected_celsius for m in readings.not_passed] == [37.30001]


def test_the_offset_is_applied_before_judging() -> None:
    readings = rule(offset_celsius=1.5)

    assert readings.judge(measure(readings, 36.0, from_s=0.0)) == pause_until(301.0)


def test_readings_taken_in_the_pause_never_count() -> None:
    readings = rule()
    readings.judge(measure(readings, 38.0, from_s=0.0))
    measure(readings, 36.5, from_s=299.5)

    assert readings.judge(300.9) == pause_until(301.0)
    assert readings.judge(301.0) == STAND_STILL


def test_a_second_value_above_refers() -> None:
    readings = rule()
    readings.judge(measure(readings, 38.0, from_s=0.0))
    now_s = measure(readings, 37.4, from_s=301.0)

    assert readings.judge(now_s) == REFERRED
    assert readings.is_elevated(now_s)
    assert [m.corrected_celsius for m in readings.not_passed] == [38.0, 37.4]


def test_a_second_value_that_is_not_above_passes() -> None:
    readings = rule()
    readings.judge(measure(readings, 38.0, from_s=0.0))

    assert readings.judge(measure(readings, 37.2, from_s=301.0)) is None


def test_the_second_reading_has_its_own_threshold() -> None:
    own = own_thresholds(first_celsius=37.3, second_celsius=37.8, pause_s=10)
    readings = rule(thresholds=own)
    assert readings.threshold_celsius(0.0) == 37.3
    first_s = measure(readings, 37.5, from_s=0.0)
    assert readings.judge(first_s) == pause_until(11.0)
    assert readings.threshold_celsius(first_s) == 37.3
    assert readings.threshold_celsius(12.0) == 37.3

    second_s = measure(readings, 37.5, from_s=20.0)

    assert readings.judge(second_s) is None
    assert readings.threshold_celsius(second_s) == 37.8


def test_the_referral_names_the_second_threshold() -> None:
    own = own_thresholds(first_celsius=37.3, second_celsius=37.8, pause_s=10)
    readings = rule(thresholds=own)
    readings.judge(measure(readings, 37.5, from_s=0.0))
    now_s = measure(readings, 38.0, from_s=20.0)

    assert readings.judge(now_s) == REFERRED
    assert readings.threshold_celsius(now_s) == 37.8


def test_a_pause_of_zero_still_wants_new_readings() -> None:
    readings = rule(thresholds=own_thresholds(first_celsius=37.3, second_celsius=37.3, pause_s=0))
    now_s = measure(readings, 38.0, from_s=0.0)
    assert readings.judge(now_s) == pause_until(now_s)
    readings.add(TemperatureReading(38.0, None, now_s))

    assert readings.judge(now_s) == STAND_STILL
    assert readings.judge(measure(readings, 38.0, from_s=now_s + 0.5)) == REFERRED


def test_a_resumed_visitor_is_at_the_second_reading() -> None:
    readings = rule(is_second=True)

    assert readings.judge(measure(readings, 37.4, from_s=0.0)) == REFERRED


def test_a_visitor_who_comes_back_early_goes_on_waiting() -> None:
    readings = rule(from_s=120.0, is_second=True)
    measure(readings, 36.5, from_s=0.0)

    assert readings.judge(1.0) == pause_until(120.0)
    assert readings.judge(120.0) == STAND_STILL


def test_a_measured_value_is_asked_for_again_when_it_is_old() -> None:
    readings = rule()
    now_s = measure(readings, 36.5, from_s=0.0)
    assert readings.judge(now_s) is None

    assert readings.judge(now_s + 2.5) is None
    assert readings.judge(now_s + 2.6) == STAND_STILL
    assert readings.passing(now_s + 2.6) is None


def test_a_value_passes_while_the_next_one_is_not_stable_yet() -> None:
    readings = rule()
    now_s = measure(readings, 36.5, from_s=0.0)
    readings.judge(now_s)
    readings.add(TemperatureReading(37.2, None, now_s + 0.5))

    assert readings.judge(now_s + 0.5) is None


def test_a_newer_elevated_value_outweighs_an_older_one_that_passed() -> None:
    readings = rule()
    assert readings.judge(measure(readings, 37.2, from_s=0.0)) is None

    now_s = measure(readings, 37.5, from_s=1.5)

    assert readings.judge(now_s) == pause_until(now_s + 300)


def test_a_handheld_value_does_not_grow_old_and_gets_no_offset() -> None:
    readings = rule(offset_celsius=1.0)
    readings.enter(37.0, by="Ani", now_s=0.0)

    assert readings.judge(0.0) is None
    assert readings.judge(1000.0) is None
    passing = readings.passing(1000.0)
    assert passing is not None
    assert (passing.corrected_celsius, passing.entered_by) == (37.0, "Ani")


def test_a_handheld_value_outweighs_the_device() -> None:
    readings = rule()
    readings.enter(36.8, by="Ani", now_s=0.0)

    assert readings.judge(measure(readings, 38.5, from_s=0.0)) is None


def test_an_elevated_handheld_value_begins_the_pause_when_it_is_judged() -> None:
    readings = rule()
    readings.enter(38.0, by="Ani", now_s=0.0)
    assert readings.passing(0.0) is None

    assert readings.judge(5.0) == pause_until(305.0)
    assert readings.not_passed[0].entered_by == "Ani"
    assert readings.judge(305.0) == STAND_STILL


def test_two_elevated_handheld_values_refer() -> None:
    readings = rule()
    readings.enter(38.0, by="Ani", now_s=0.0)
    readings.judge(0.0)
    readings.enter(37.9, by="Budi", now_s=300.0)

    assert readings.judge(300.0) == REFERRED


def test_no_handheld_value_is_taken_in_the_pause() -> None:
    readings = rule()
    readings.enter(38.0, by="Ani", now_s=0.0)
    readings.judge(0.0)

    with pytest.raises(LaneConflict, match="60 s") as conflict:
        readings.enter(36.5, by="Ani", now_s=240.0)

    assert conflict.value.code == "pause_not_over"
    assert readings.judge(300.0) == STAND_STILL


@pytest.mark.parametrize("celsius", [27.0, 34.0, 34.49, 45.1, 98.6, math.nan, math.inf, -math.inf])
def test_a_handheld_value_nobody_can_have_is_not_taken(celsius: float) -> None:
    readings = rule()

    with pytest.raises(LaneConflict, match="measure again"):
        readings.enter(celsius, by="Ani", now_s=0.0)

    assert readings.judge(0.0) == STAND_STILL


def test_forgetting_the_device_keeps_a_persons_entry() -> None:
    measured, entered = rule(), rule()
    now_s = measure(measured, 36.5, from_s=0.0)
    measured.judge(now_s)
    entered.enter(36.5, by="Ani", now_s=now_s)

    measured.forget_device(until_s=now_s)
    entered.forget_device(until_s=now_s)

    assert measured.judge(now_s) == STAND_STILL
    assert entered.judge(now_s) is None


def test_the_device_is_asked_unless_there_is_an_entry_or_a_pause() -> None:
    readings = rule()
    assert readings.needs_device(0.0)
    readings.enter(38.0, by="Ani", now_s=0.0)
    assert not readings.needs_device(0.0)
    readings.judge(0.0)
    assert not readings.needs_device(299.0)
    assert readings.needs_device(300.0)
    readings.judge(measure(readings, 38.0, from_s=300.0))
    assert not readings.needs_device(301.0)


@pytest.mark.parametrize(
    ("second_celsius", "is_referred"),
    [pytest.param(37.59, False, id="mean 37.795"), pytest.param(37.6, True, id="mean 37.8")],
)
def test_two_stages_judge_the_mean_of_both_readings(
    second_celsius: float, is_referred: bool
) -> None:
    readings = rule(thresholds=TWO_STAGE)
    readings.judge(measure(readings, 38.0, from_s=0.0))
    now_s = measure(readings, second_celsius, from_s=301.0)

    assert (readings.judge(now_s) == REFERRED) is is_referred
    judged = readings.not_passed[-1] if is_referred else readings.passing(now_s)
    assert judged is not None
    assert judged.raw_celsius == second_celsius
    assert judged.corrections[-1] == ("mean_of_two", round((38.0 - second_celsius) / 2, 4))


def test_the_mean_survives_a_pause_in_an_earlier_session() -> None:
    first = Calibration(1.0).correct(37.4)
    readings = rule(thresholds=TWO_STAGE, offset_celsius=1.0, is_second=True, first=first)

    assert readings.judge(measure(readings, 36.3, from_s=0.0)) == REFERRED
    assert readings.not_passed[-1].corrected_celsius == 37.85


def test_without_the_first_reading_the_second_stands_alone() -> None:
    readings = rule(thresholds=TWO_STAGE, is_second=True)

    assert readings.judge(measure(readings, 37.8, from_s=0.0)) == REFERRED


def test_a_handheld_value_and_a_skin_reading_are_never_averaged() -> None:
    by_hand_first = rule(
        thresholds=TWO_STAGE, is_second=True, first=entered_by_hand(39.0, entered_by="Ani")
    )
    assert by_hand_first.judge(measure(by_hand_first, 37.0, from_s=0.0)) is None

    by_hand_second = rule(thresholds=TWO_STAGE)
    by_hand_second.judge(measure(by_hand_second, 38.5, from_s=0.0))
    by_hand_second.enter(37.7, by="Ani", now_s=301.0)
    assert by_hand_second.judge(301.0) is None


def second_after(
    first_celsius: float, second_celsius: float, *, thresholds: Thresholds = TWO_STAGE
) -> tuple[TwoReadings, Decision | None, float]:
    """The rule after two readings of a face, and when the second one was taken."""
    readings = rule(
        thresholds=thresholds, is_second=True, first=Calibration().correct(first_celsius)
    )
    now_s = measure(readings, second_celsius, from_s=0.0)
    return readings, readings.judge(now_s), now_s


@pytest.mark.parametrize(
    ("first_celsius", "second_celsius", "is_referred"),
    [
        pytest.param(37.3, 38.15, True, id="a fever that rises"),
        pytest.param(37.3, 38.06, False, id="as far apart as one face's readings are"),
        pytest.param(37.3, 38.07, True, id="a hundredth further"),
        pytest.param(38.15, 37.3, True, id="a fall to the first threshold"),
        pytest.param(38.2, 37.29, False, id="a fall below it"),
    ],
)
def test_two_readings_too_far_apart_are_not_averaged_away(
    first_celsius: float, second_celsius: float, is_referred: bool
) -> None:
    readings, decision, now_s = second_after(first_celsius, second_celsius)

    assert decision == (REFERRED if is_referred else None)
    judged = readings.judged(now_s)[-1]
    if is_referred:
        assert (judged.corrected_celsius, judged.limit_celsius) == (second_celsius, 37.3)
        assert readings.threshold_celsius(now_s) == 37.3
    else:
        assert judged.limit_celsius == readings.threshold_celsius(now_s) == 37.8


@pytest.mark.parametrize("thresholds", [TWO_STAGE, KMK_382], ids=["two-stage", "kmk-382"])
def test_a_second_reading_far_below_the_first_is_left_to_a_person(thresholds: Thresholds) -> None:
    disagree = Decision(DecisionKind.FIX, Reason.READINGS_DISAGREE)
    readings, decision, now_s = second_after(38.6, 36.05, thresholds=thresholds)
    assert decision == disagree
    assert readings.disagrees
    assert readings.passing(now_s) is None
    assert [m.raw_celsius for m in readings.judged(now_s)] == [36.05]

    now_s = measure(readings, 36.65, from_s=now_s + 0.5)
    assert readings.judge(now_s) == disagree
    readings.forget_device(until_s=now_s + 60)
    assert readings.judge(now_s + 60) == disagree

    readings.enter(36.7, by="Ani", now_s=now_s + 60)
    assert readings.judge(now_s + 60) is None
    assert [m.entered_by for m in readings.judged(now_s + 60)] == [None, "Ani"]


def test_after_readings_that_disagree_a_high_one_still_refers() -> None:
    readings, _, now_s = second_after(39.2, 36.05)

    assert readings.judge(measure(readings, 38.9, from_s=now_s + 0.5)) == REFERRED


def test_a_fall_of_two_degrees_is_believed_and_what_a_person_typed_is_not_compared() -> None:
    assert second_after(38.0, 36.0, thresholds=KMK_382)[1] is None

    by_hand = rule(is_second=True, first=entered_by_hand(39.5, entered_by="Ani"))
    assert by_hand.judge(measure(by_hand, 36.0, from_s=0.0)) is None


def test_each_judged_temperature_keeps_what_it_was_compared_with() -> None:
    readings = rule(thresholds=TWO_STAGE)
    now_s = measure(readings, 37.5, from_s=0.0)
    readings.judge(now_s)
    assert readings.threshold_celsius(now_s) == 37.3
    readings.enter(37.7, by="Ani", now_s=301.0)
    readings.judge(301.0)

    assert [m.limit_celsius for m in readings.judged(301.0)] == [37.3, 37.8]
