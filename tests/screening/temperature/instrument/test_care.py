"""One thermometer through its days: due, failed, in doubt, and what its readings get."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from screening.clock import FakeClock, start_of_day
from screening.decision import Check, DecisionKind, Reason
from screening.errors import RecordError
from screening.readings import Box, MaskAdvice, MaskLabel, MaskReading, TemperatureReading
from screening.temperature.calibration import Calibration
from screening.temperature.cases import ClinicalCase
from screening.temperature.distance import DistanceTable
from screening.temperature.instrument.care import Instrument, ThermometerCare
from screening.temperature.instrument.care_view import CareReason, CareState
from screening.temperature.instrument.commissioning import (
    CheckOutcome,
    Commissioning,
    FirstReading,
    ThermometerCheck,
)
from screening.visits import (
    Attempt,
    CheckResult,
    EvidenceSource,
    MeasuredTemperature,
    PendingPause,
)
from tests.commissionings import daily_check, of_an_array

ZONE = ZoneInfo("Asia/Jakarta")
NINE = datetime(2026, 11, 24, 9, tzinfo=ZONE)
INSTRUMENT = Instrument(gate="utama", model="gy-mcu90640", calibration=Calibration(1.5))
COMMISSIONING = of_an_array()


@dataclass
class FakeThermometerLog:
    """What the record knows of one thermometer."""

    found: Commissioning | None = None
    check: ThermometerCheck | None = None
    is_down: bool = False
    visitors: Sequence[FirstReading] | None = ()
    asked_since: datetime | None = None

    def write_commissioning(self, commissioning: Commissioning) -> None:
        self.found, self.check = commissioning, None

    def write_check(self, check: ThermometerCheck) -> None:
        self.check = check

    def commissioning(self, gate: str) -> Commissioning | None:
        if self.is_down:
            raise RecordError("the database went away")
        return self.found

    def newest_check(self, gate: str) -> ThermometerCheck | None:
        return self.check

    def cases(self, *, since: datetime, until: datetime) -> Sequence[ClinicalCase]:
        return ()

    def first_readings(
        self, gate: str, *, since: datetime, until: datetime, limit: int
    ) -> Sequence[FirstReading]:
        if self.visitors is None:
            raise RecordError("the database went away")
        self.asked_since = since
        return self.visitors[-limit:]


class Day:
    """A thermometer, its clock and its log."""

    def __init__(
        self,
        commissioning: Commissioning | None = COMMISSIONING,
        instrument: Instrument = INSTRUMENT,
        now: datetime = NINE,
    ) -> None:
        self.clock = FakeClock(now)
        self.log = FakeThermometerLog(commissioning)
        self.care = ThermometerCare(instrument, log=self.log, clock=self.clock, zone=ZONE)
        self.care.device_changed(is_available=True)

    def wait(self, **span: float) -> None:
        self.clock.move_to(self.clock.now() + timedelta(**span))

    def checks(self, outcome: CheckOutcome, room_celsius: float = 24.0) -> None:
        at = self.clock.now()
        self.log.write_check(daily_check(at=at, room_celsius=room_celsius, outcome=outcome))
        self.care.refresh()

    def sees(self, *celsius: float) -> None:
        for value in celsius:
            self.wait(seconds=0.5)
            self.care.add(TemperatureReading(value, None, self.clock.monotonic_s()))

    def visited(self, raw_celsius: float, pause: PendingPause | None = None, **more: Any) -> None:
        first = self.care.calibration.correct(raw_celsius)
        self.care.visited(attempt(first, **more), pause)

    @property
    def state(self) -> CareState:
        return self.care.view().state

    @property
    def reasons(self) -> tuple[CareReason, ...]:
        return self.care.view().reasons

    @property
    def baseline(self) -> float | None:
        return self.care.calibration.baseline_celsius


def attempt(first: MeasuredTemperature, **more: Any) -> Attempt:
    passed = CheckResult(check=Check.TEMPERATURE, source=EvidenceSource.DEVICE, outcome="passed")
    about: dict[str, Any] = {
        "attempt_id": "attempt",
        "gate": "utama",
        "at": NINE,
        "decision": DecisionKind.ADMIT,
        "reason": Reason.ADMITTED,
        "results": (passed,),
        "temperatures": (first,),
    }
    return Attempt(**(about | more))


PAUSED: dict[str, Any] = {
    "decision": DecisionKind.WAIT,
    "reason": Reason.SECOND_READING_PAUSE,
    "results": (
        CheckResult(check=Check.TEMPERATURE, source=EvidenceSource.DEVICE, outcome="elevated"),
    ),
}
REFERRED = PAUSED | {"decision": DecisionKind.REFER, "reason": Reason.ELEVATED_TWICE}


def pause_of(first: MeasuredTemperature, gate: str = "utama") -> PendingPause:
    return PendingPause(
        attempt_id="before",
        gate=gate,
        at=NINE,
        ready_at=NINE,
        receipt_number=None,
        service=None,
        first=first,
    )


# What is due, and what has failed


def test_a_thermometer_commissioned_today_is_ready() -> None:
    day = Day()

    assert (day.state, day.reasons) == (CareState.READY, ())
    assert not day.care.view().is_due
    assert day.care.view().commissioned_at == COMMISSIONING.at


def test_the_next_day_of_the_site_s_zone_asks_for_a_check() -> None:
    day = Day()
    day.wait(hours=14.9)
    assert day.state is CareState.READY

    day.wait(hours=0.2)
    assert (day.state, day.reasons) == (CareState.DUE, (CareReason.CHECK_DUE,))
    assert day.care.view().is_due
    assert not day.care.is_failed


def test_a_check_that_passed_settles_the_day() -> None:
    day = Day()
    day.wait(days=1)
    day.checks(CheckOutcome.PASSED)

    assert day.state is CareState.READY
    assert day.care.view().checked_at == day.clock.now()


@pytest.mark.parametrize(
    ("outcome", "reason"),
    [(CheckOutcome.OFF, CareReason.CHECK_OFF), (CheckOutcome.ROOM, CareReason.CHECK_ROOM)],
)
def test_a_check_that_failed_holds_until_one_passes(
    outcome: CheckOutcome, reason: CareReason
) -> None:
    day = Day()
    day.checks(outcome)
    assert (day.state, day.reasons) == (CareState.FAILED, (reason,))

    day.wait(days=2)
    assert day.care.is_failed

    day.checks(CheckOutcome.PASSED)
    assert not day.care.is_failed


def test_commissioning_anew_ends_a_failure() -> None:
    day = Day()
    day.checks(CheckOutcome.OFF)
    day.log.write_commissioning(of_an_array(offset_celsius=1.9))
    day.care.refresh()

    assert day.state is CareState.READY
    assert day.care.calibration.offset_celsius == 1.9


def test_constants_of_another_model_are_not_relied_on() -> None:
    day = Day(of_an_array(model="senxor"))

    assert day.care.is_failed
    assert day.reasons == (CareReason.OTHER_MODEL,)


def test_one_that_was_never_commissioned_is_used_as_configured_and_said_to_be_due() -> None:
    day = Day(None)
    for _ in range(40):
        day.visited(35.0)

    assert day.care.calibration == Calibration(1.5)
    assert CareReason.NOT_COMMISSIONED in day.reasons
    assert day.care.view().is_due
    assert not day.care.is_failed


@pytest.mark.parametrize("is_checked_daily", [True, False])
def test_one_with_neither_a_commissioning_nor_a_stated_offset_is_not_relied_on(
    is_checked_daily: bool,
) -> None:
    instrument = replace(
        INSTRUMENT, calibration=Calibration(None), is_checked_daily=is_checked_daily
    )
    day = Day(None, instrument)
    assert day.care.is_failed
    assert day.reasons[0] is CareReason.NOT_COMMISSIONED

    day.sees(35.7, 35.7, 35.7)
    assert day.care.view().raw_celsius == 35.7

    day.log.write_commissioning(COMMISSIONING)
    day.care.refresh()
    assert not day.care.is_failed
    assert day.care.calibration.offset_celsius == 1.2


def test_an_offset_of_zero_is_a_stated_one() -> None:
    day = Day(None, replace(INSTRUMENT, calibration=Calibration(0.0)))

    assert day.state is CareState.DUE
    assert CareReason.NOT_COMMISSIONED in day.reasons


def test_where_nobody_checks_daily_nothing_is_ever_due() -> None:
    instrument = replace(INSTRUMENT, is_checked_daily=False)
    assert Day(None, instrument).state is CareState.READY

    day = Day(instrument=instrument)
    day.wait(days=3)
    assert day.state is CareState.READY
    assert not day.care.view().is_due


def test_a_check_that_is_due_says_that_the_thermometer_is_still_warming_up() -> None:
    day = Day(None)
    assert CareReason.WARMING_UP in day.reasons

    day.wait(minutes=30)
    assert CareReason.WARMING_UP not in day.reasons

    day.care.device_changed(is_available=False)
    assert CareReason.WARMING_UP not in day.reasons
    day.wait(hours=1)
    day.care.device_changed(is_available=True)
    assert CareReason.WARMING_UP in day.reasons


@pytest.mark.parametrize(
    ("away_s", "warm_after_s"), [(1.5, 0), (29, 0), (60, 390), (300, 1240), (1800, 1770)]
)
def test_a_thermometer_that_was_away_warms_up_as_long_as_it_cooled(
    away_s: float, warm_after_s: float
) -> None:
    day = Day(None)
    day.wait(hours=3)
    day.care.device_changed(is_available=False)
    day.wait(seconds=away_s)
    day.care.device_changed(is_available=True)
    if warm_after_s:
        day.wait(seconds=warm_after_s - 15)
        assert CareReason.WARMING_UP in day.reasons
        day.wait(seconds=30)
    assert CareReason.WARMING_UP not in day.reasons


def test_one_that_was_without_power_after_today_s_check_is_warming_up_again() -> None:
    day = Day(of_an_array(at=NINE.astimezone(UTC) - timedelta(days=3)))
    day.wait(hours=1)
    day.checks(CheckOutcome.PASSED)
    assert day.reasons == ()

    day.care.device_changed(is_available=False)
    day.wait(hours=2)
    day.care.device_changed(is_available=True)
    assert day.reasons == (CareReason.WARMING_UP,)
    day.wait(minutes=30)
    assert day.reasons == ()


def test_one_that_keeps_its_power_is_warm_when_the_service_starts() -> None:
    day = Day(None, replace(INSTRUMENT, keeps_power=True))
    assert CareReason.WARMING_UP not in day.reasons

    day.care.device_changed(is_available=False)
    day.wait(minutes=5)
    day.care.device_changed(is_available=True)
    assert CareReason.WARMING_UP in day.reasons


def test_one_that_was_cold_when_it_went_away_is_not_warm_when_it_comes_back() -> None:
    day = Day(None)
    day.wait(minutes=10)
    for _ in range(20):
        day.care.device_changed(is_available=False)
        day.wait(seconds=2)
        day.care.device_changed(is_available=True)
        day.wait(seconds=2)
    assert CareReason.WARMING_UP in day.reasons
    day.wait(minutes=19)
    assert CareReason.WARMING_UP in day.reasons
    day.wait(minutes=3)
    assert CareReason.WARMING_UP not in day.reasons


def test_of_a_thermometer_that_is_still_cold_this_is_told_before_the_check_it_cannot_have_yet() -> (
    None
):
    day = Day()
    day.care.device_changed(is_available=False)
    day.wait(days=1)
    day.care.device_changed(is_available=True)
    assert day.reasons == (CareReason.WARMING_UP, CareReason.CHECK_DUE)
    day.wait(minutes=30)
    assert day.reasons == (CareReason.CHECK_DUE,)


def test_what_another_process_wrote_is_found_within_half_a_minute() -> None:
    day = Day(None)
    day.log.write_commissioning(COMMISSIONING)
    day.wait(seconds=29)
    day.care.refresh_if_due()
    assert day.care.view().commissioned_at is None

    day.wait(seconds=1)
    day.care.refresh_if_due()
    assert day.care.view().commissioned_at == COMMISSIONING.at


def test_what_was_known_stays_while_the_record_cannot_be_read() -> None:
    day = Day()
    day.checks(CheckOutcome.OFF)
    day.log.is_down = True
    day.log.check = None
    day.care.refresh()

    assert day.care.is_failed


# What stands before it


def test_tells_the_stable_raw_value_of_whatever_stands_there() -> None:
    day = Day()
    assert day.care.view().no_value is Reason.STAND_STILL
    assert day.care.view().resolution_celsius is None

    day.sees(35.71, 35.73, 35.71)
    view = day.care.view()
    assert (view.raw_celsius, view.no_value) == (35.71, None)
    assert view.resolution_celsius == pytest.approx(0.02)

    day.sees(22.5)
    assert day.care.view().no_value is Reason.STEP_CLOSER


def test_without_the_device_there_is_no_value_and_an_old_one_does_not_come_back() -> None:
    day = Day()
    day.sees(35.7, 35.7, 35.7)
    day.care.device_changed(is_available=False)
    view = day.care.view()
    assert (view.raw_celsius, view.no_value, view.since) == (None, Reason.GUARD_MEASURES, None)

    day.wait(seconds=0.1)
    day.care.device_changed(is_available=True)
    assert day.care.view().raw_celsius is None
    assert day.care.view().since is not None


# What today's readings get


def test_readings_get_the_commissioned_offset_and_the_second_one_its_own() -> None:
    today = Day().care.calibration

    assert today.corrections == (
        ("offset", 1.2),
        ("room_temperature", 0.0),
        ("rolling_baseline", 0.0),
    )
    assert today.second_celsius == -0.15
    assert today.budget is not None


def test_what_the_configuration_says_of_a_second_reading_goes_before_what_is_published() -> None:
    instrument = replace(INSTRUMENT, calibration=Calibration(1.5, second_celsius=-0.3))

    assert Day(instrument=instrument).care.calibration.second_celsius == -0.3


def test_today_s_check_tells_the_room() -> None:
    day = Day()
    day.wait(days=1)
    assert day.care.calibration.room_celsius is None

    day.checks(CheckOutcome.PASSED, room_celsius=27.0)
    assert day.care.calibration.room_celsius == pytest.approx(-0.24)

    day.wait(days=1)
    assert day.care.calibration.room_celsius is None


def test_the_configuration_tells_the_room_where_nobody_measured_it_today() -> None:
    day = Day(instrument=replace(INSTRUMENT, room_celsius=26.0))
    assert day.care.calibration.room_celsius == 0.0

    day.wait(days=1)
    assert day.care.calibration.room_celsius == pytest.approx(-0.16)


def test_visitors_tell_of_a_sensor_that_drifts_after_the_first_ten() -> None:
    day = Day()
    for _ in range(9):
        day.visited(35.2)
    assert day.baseline == 0.0

    day.visited(35.2)
    assert day.baseline == pytest.approx(0.5)
    for _ in range(30):
        day.visited(35.2)
    assert day.baseline == pytest.approx(0.5)
    assert day.care.calibration.correct(35.2).corrected_celsius == 36.9


def test_a_new_day_begins_with_the_commissioning_s_baseline() -> None:
    day = Day()
    for _ in range(30):
        day.visited(35.2)
    day.wait(days=1)

    assert day.baseline == 0.0


def test_a_visitor_in_the_pause_counts_by_the_first_reading_once_the_second_is_known() -> None:
    day = Day()
    for _ in range(10):
        day.visited(35.7)
    high = day.care.calibration.correct(36.4)
    for _ in range(11):
        day.care.visited(attempt(high, **PAUSED), None)
    assert day.baseline == 0.0

    for _ in range(11):
        day.care.visited(attempt(day.care.calibration.correct(35.9)), pause_of(high))
    assert day.baseline == pytest.approx(-0.7)


def test_who_was_referred_does_not_move_the_baseline() -> None:
    day = Day()
    for _ in range(10):
        day.visited(35.7)
    high = day.care.calibration.correct(37.4)
    for _ in range(20):
        day.care.visited(attempt(high, **REFERRED), pause_of(high))

    assert day.baseline == 0.0


def test_what_another_gate_or_a_person_measured_tells_nothing_of_this_sensor() -> None:
    day = Day()
    elsewhere = pause_of(day.care.calibration.correct(34.0), gate="dua")
    by_hand = MeasuredTemperature(
        raw_celsius=36.5, corrections=(), corrected_celsius=36.5, entered_by="budi"
    )
    for _ in range(12):
        day.visited(34.0, elsewhere)
        day.care.visited(attempt(by_hand), None)
        day.care.visited(attempt(by_hand, temperatures=()), None)

    assert day.baseline == 0.0


def begun_again(day: Day) -> ThermometerCare:
    """What a process that starts now makes of the same record."""
    return ThermometerCare(INSTRUMENT, log=day.log, clock=day.clock, zone=ZONE)


def test_a_process_that_starts_again_goes_on_with_today_s_visitors() -> None:
    day = Day()
    day.log.visitors = [FirstReading(35.2, 36.4)] * 9
    assert begun_again(day).calibration.baseline_celsius == 0.0

    day.log.visitors = [FirstReading(35.2, 36.4)] * 10
    assert begun_again(day).calibration.baseline_celsius == pytest.approx(0.5)


@pytest.mark.parametrize("celsius", [math.nan, math.inf, -math.inf])
def test_what_is_no_number_leaves_the_page_as_it_is(celsius: float) -> None:
    day = Day()
    at_s = day.clock.monotonic_s()
    for place, value in enumerate((35.1, celsius, 35.2)):
        day.care.add(TemperatureReading(value, 25.0, at_s + place))
    assert day.care.view().resolution_celsius == 0.1


def test_only_visitors_after_the_newest_check_are_taken_up_again() -> None:
    day = Day(of_an_array(at=NINE.astimezone(UTC) - timedelta(days=3)))
    begun_again(day)
    assert day.log.asked_since == start_of_day(NINE, ZONE)

    day.wait(hours=2)
    day.checks(CheckOutcome.PASSED)
    begun_again(day)
    assert day.log.asked_since == day.clock.now()


def test_a_passed_check_leaves_what_visitors_add_for_a_sensor_that_reads_low() -> None:
    day = Day()
    for _ in range(30):
        day.visited(35.0)
    day.checks(CheckOutcome.PASSED)
    assert day.baseline == pytest.approx(0.7)

    for _ in range(30):
        day.visited(35.7)
    assert day.baseline == 0.0


def test_a_passed_check_ends_what_visitors_take_off_for_a_sensor_that_reads_high() -> None:
    day = Day()
    for _ in range(30):
        day.visited(36.2)
    assert day.baseline == pytest.approx(-0.5)

    day.checks(CheckOutcome.PASSED)
    assert day.baseline == 0.0


def test_visitors_that_the_record_cannot_tell_are_begun_anew(
    caplog: pytest.LogCaptureFixture,
) -> None:
    day = Day()
    day.log.visitors = None
    assert begun_again(day).calibration.baseline_celsius == 0.0
    assert "today's visitors" in caplog.text


def test_who_left_unmeasured_or_was_let_in_against_the_machine_tells_nothing() -> None:
    day = Day()
    for _ in range(12):
        day.visited(36.9, results=(), reason=Reason.OVERRIDE)

    assert day.baseline == 0.0


# What visitors tell


def test_a_sensor_too_far_off_to_correct_has_failed_until_somebody_checks_it() -> None:
    day = Day()
    for _ in range(10):
        day.visited(37.4)
    assert (day.state, day.reasons) == (CareState.FAILED, (CareReason.DRIFT,))
    assert day.care.is_failed

    day.checks(CheckOutcome.PASSED)
    assert day.state is CareState.READY


def test_values_that_look_made_up_put_it_in_doubt() -> None:
    day = Day(instrument=replace(INSTRUMENT, is_checked_daily=False))
    chance = random.Random(5)
    for _ in range(100):
        day.visited(chance.choice((35.5, 35.6, 35.7)))

    assert day.state is CareState.IN_DOUBT
    assert CareReason.SPREAD_TOO_SMALL in day.reasons
    assert not day.care.is_failed


def test_a_commissioned_thermometer_that_stands_still_has_failed_until_it_was_checked() -> None:
    day = Day()
    for _ in range(10):
        day.visited(35.7)
    assert day.state is CareState.READY

    day.visited(35.7)
    assert (day.state, day.reasons) == (CareState.FAILED, (CareReason.VALUE_REPEATED,))

    day.checks(CheckOutcome.PASSED)
    assert day.state is CareState.READY


def test_no_check_speaks_for_a_thermometer_that_goes_on_saying_one_value() -> None:
    day = Day()
    for _ in range(11):
        day.visited(35.7)
    day.sees(*[35.7] * 100)
    day.checks(CheckOutcome.PASSED)
    assert day.care.is_failed

    day.sees(35.8)
    day.checks(CheckOutcome.PASSED)
    assert day.state is CareState.READY


def test_where_nobody_can_check_it_one_that_stands_still_is_told() -> None:
    day = Day(None, replace(INSTRUMENT, is_checked_daily=False))
    for _ in range(11):
        day.visited(35.7)

    assert (day.state, day.reasons) == (CareState.IN_DOUBT, (CareReason.VALUE_REPEATED,))


def test_of_several_signs_the_one_that_stops_the_gate_is_told_first() -> None:
    day = Day()
    for _ in range(100):
        day.visited(35.7)

    assert day.state is CareState.FAILED
    assert day.reasons == (CareReason.VALUE_REPEATED, CareReason.SPREAD_TOO_SMALL)


def test_a_failed_check_weighs_more_than_doubt_and_doubt_more_than_what_is_due() -> None:
    day = Day()
    day.wait(days=1)
    chance = random.Random(5)
    for _ in range(100):
        day.visited(chance.choice((35.5, 35.6, 35.7)))
    assert (day.reasons[0], day.reasons[-1]) == (CareReason.SPREAD_TOO_SMALL, CareReason.CHECK_DUE)
    assert day.state is CareState.IN_DOUBT

    day.checks(CheckOutcome.OFF)
    assert day.state is CareState.FAILED


# A clock that is wrong, and set


class SetClock(FakeClock):
    """Its time of day can be set; its monotonic seconds go on as before."""

    off = timedelta(0)

    def now(self) -> datetime:
        return super().now() + self.off


class WrongDay(Day):
    """A day whose clock is wrong at first."""

    def __init__(self, **more: Any) -> None:
        super().__init__(**more)
        self.clock: SetClock = SetClock(NINE)
        self.care = ThermometerCare(INSTRUMENT, log=self.log, clock=self.clock, zone=ZONE)
        self.care.device_changed(is_available=True)


@pytest.mark.parametrize("days", [-1, 1, 400])
def test_a_clock_that_is_set_warms_no_thermometer_up(days: int) -> None:
    day = WrongDay(commissioning=None)
    day.clock.off = timedelta(days=days)
    came = day.care.view().since
    assert came == NINE + day.clock.off
    assert CareReason.WARMING_UP in day.reasons

    day.clock.move_to(NINE + timedelta(minutes=31))
    assert CareReason.WARMING_UP not in day.reasons
    assert day.care.view().since == came


def test_a_check_of_a_day_that_has_not_come_settles_nothing() -> None:
    day = WrongDay(commissioning=of_an_array(at=NINE - timedelta(days=1)))
    day.clock.off = timedelta(days=400)
    day.checks(CheckOutcome.PASSED)
    assert not day.care.view().is_due

    day.clock.off = timedelta(0)
    assert day.care.view().is_due


def test_visitors_of_a_wrong_day_do_not_correct_those_of_the_right_one() -> None:
    day = WrongDay()
    day.clock.off = timedelta(days=2)
    for _ in range(20):
        day.visited(35.2)
    assert day.baseline

    day.clock.off = timedelta(0)
    assert not day.baseline


def test_a_clock_that_is_ahead_for_a_moment_costs_no_correction() -> None:
    day = WrongDay()
    for _ in range(20):
        day.visited(35.2)
    before = day.baseline
    assert before == pytest.approx(0.5)

    day.log.visitors = [FirstReading(35.2, 36.4)] * 20
    day.clock.off = timedelta(days=1)
    assert day.baseline == 0.0
    day.clock.off = timedelta(0)
    assert day.baseline == before
    assert day.log.asked_since == COMMISSIONING.at


def test_a_day_that_begins_asks_nothing_of_the_record() -> None:
    day = Day()
    asked = day.log.asked_since
    day.log.visitors = [FirstReading(35.2, 36.4)] * 20
    day.wait(days=1)
    assert day.baseline == 0.0
    assert day.log.asked_since == asked


def test_the_room_of_a_day_that_has_not_come_is_not_today_s() -> None:
    day = WrongDay(commissioning=replace(COMMISSIONING, at=NINE - timedelta(days=1)))
    day.clock.off = timedelta(days=400)
    day.checks(CheckOutcome.PASSED, room_celsius=19.0)
    assert day.care.calibration.room_celsius

    day.clock.off = timedelta(0)
    assert day.care.calibration.room_celsius is None


def test_the_camera_tells_how_far_away_somebody_stands() -> None:
    table = DistanceTable.of_points(15.0, [(50.0, 0.0), (100.0, 0.8)])
    day = Day(of_an_array(distance=table))
    assert (day.care.view().face_width, day.care.view().distance_cm) == (None, None)

    day.wait(seconds=1)
    at_s = day.clock.monotonic_s()
    day.care.saw(MaskReading(MaskLabel.MASK, None, 0.9, 5, at_s, Box(0.4, 0.2, 0.25, 0.4)))
    assert (day.care.view().face_width, day.care.view().distance_cm) == (0.25, 60.0)

    day.care.saw(MaskReading(None, MaskAdvice.TWO_FACES, 0.0, 5, at_s, Box(0.4, 0.2, 0.3, 0.4)))
    assert day.care.view().face_width is None


def test_without_a_table_the_width_of_a_face_is_no_distance() -> None:
    day = Day()
    day.care.saw(
        MaskReading(MaskLabel.MASK, None, 0.9, 5, day.clock.monotonic_s(), Box(0.4, 0.2, 0.25, 0.4))
    )
    assert (day.care.view().face_width, day.care.view().distance_cm) == (0.25, None)
