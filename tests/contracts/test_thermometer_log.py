"""What every ThermometerLog promises: in memory, on SQLite and on PostgreSQL."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from screening.decision import Check, DecisionKind, Reason
from screening.temperature.cases import ClinicalCase, ClinicalOutcome
from screening.temperature.distance import DistanceTable
from screening.temperature.instrument.commissioning import CheckOutcome
from screening.visits import CheckResult, EntryKind, EvidenceSource, MeasuredTemperature
from tests.contracts.builders import (
    MIDNIGHT,
    NOON,
    PASSED,
    attempt,
    commissioning,
    pause,
    receipt,
    refusal,
    the,
    thermometer_check,
    warm,
)
from tests.records import AnyRecord
from tests.records import OpenRecord as Open

pytestmark = pytest.mark.parametrize("open_record", ["sqlite", "postgresql", "fake"], indirect=True)

TOMORROW = MIDNIGHT + timedelta(days=1)
ELEVATED = (CheckResult(check=Check.TEMPERATURE, source=EvidenceSource.DEVICE, outcome="elevated"),)


def at(minutes: float) -> datetime:
    return NOON + timedelta(minutes=minutes)


def cases(
    record: AnyRecord, since: datetime = MIDNIGHT, until: datetime = TOMORROW
) -> list[ClinicalCase]:
    return list(record.thermometers.cases(since=since, until=until))


def clinical(record: AnyRecord, attempt_id: str, outcome: str, when: datetime = NOON) -> None:
    record.visits.record_clinical(
        attempt_id, celsius=36.9, outcome=outcome, operator="rina", at=when
    )


def test_a_gate_that_was_never_commissioned_has_neither(open_record: Open) -> None:
    thermometers = open_record().thermometers
    assert thermometers.commissioning("utama") is None
    assert thermometers.newest_check("utama") is None


def test_a_commissioning_comes_back_as_it_was_written(open_record: Open) -> None:
    thermometers = open_record().thermometers
    thermometers.write_commissioning(commissioning())
    assert thermometers.commissioning("utama") == commissioning()


def test_the_commissioning_written_last_holds(open_record: Open) -> None:
    thermometers = open_record().thermometers
    thermometers.write_commissioning(commissioning())
    again = commissioning(at=at(30), offset_celsius=1.2, model="terabee-evo-thermal")
    thermometers.write_commissioning(again)
    assert thermometers.commissioning("utama") == again


def test_each_gate_has_its_own(open_record: Open) -> None:
    thermometers = open_record().thermometers
    thermometers.write_commissioning(commissioning())
    thermometers.write_commissioning(commissioning(gate="belakang", offset_celsius=0.3))
    thermometers.write_check(thermometer_check(gate="belakang"))
    assert thermometers.commissioning("utama") == commissioning()
    assert thermometers.newest_check("utama") is None
    assert thermometers.newest_check("belakang") == thermometer_check(gate="belakang")


def test_what_they_were_made_of_comes_back_by_its_key(open_record: Open) -> None:
    record = open_record()
    record.thermometers.write_commissioning(commissioning(draft_key="5f0c"))
    record.thermometers.write_check(thermometer_check(value_key="a1b2"))
    assert the(record.thermometers.commissioning("utama")).draft_key == "5f0c"
    assert the(record.thermometers.newest_check("utama")).value_key == "a1b2"
    assert record.visits.verify().problem is None


@pytest.mark.parametrize("outcome", CheckOutcome)
def test_a_check_comes_back_as_it_was_written(open_record: Open, outcome: CheckOutcome) -> None:
    thermometers = open_record().thermometers
    thermometers.write_commissioning(commissioning())
    thermometers.write_check(thermometer_check(at=at(-60)))
    thermometers.write_check(thermometer_check(outcome=outcome))
    assert thermometers.newest_check("utama") == thermometer_check(outcome=outcome)


def test_a_check_before_the_newest_commissioning_is_worth_nothing(open_record: Open) -> None:
    thermometers = open_record().thermometers
    thermometers.write_commissioning(commissioning())
    thermometers.write_check(thermometer_check())
    thermometers.write_commissioning(commissioning(at=at(2)))
    assert thermometers.newest_check("utama") is None


def test_both_are_rows_of_the_log_that_say_what_was_found(open_record: Open) -> None:
    record = open_record()
    record.thermometers.write_commissioning(commissioning())
    record.thermometers.write_check(
        thermometer_check(outcome=CheckOutcome.OFF, difference_celsius=0.62)
    )
    first, second = record.visits.entries()
    assert (first.kind, first.at, first.gate, first.operator) == (
        EntryKind.COMMISSIONED,
        NOON,
        "utama",
        "rina",
    )
    assert first.remark == "gy-mcu90614: +2.38 ± 0.21 °C, n = 7"
    assert (second.kind, second.gate, second.operator) == (
        EntryKind.THERMOMETER_CHECKED,
        "utama",
        "budi",
    )
    assert second.remark == "+0.62 °C"
    assert [(r.check, r.outcome) for r in second.results] == [(Check.TEMPERATURE, "off")]
    assert list(record.visits.export()) == [first, second]
    assert record.visits.verify().problem is None


def test_a_distance_table_is_kept_with_its_commissioning(open_record: Open) -> None:
    record = open_record()
    table = DistanceTable(
        fills_picture_cm=16.4, reference_cm=50.0, points=((40.0, -0.21), (50.0, 0.0), (80.0, 0.67))
    )
    record.thermometers.write_commissioning(commissioning(distance=table))

    assert record.thermometers.commissioning("utama") == commissioning(distance=table)
    (entry,) = record.visits.entries()
    assert entry.remark == "gy-mcu90614: +2.38 ± 0.21 °C, n = 7, 40–80 cm"
    assert record.visits.verify().problem is None


def test_the_days_figures_do_not_count_them(open_record: Open) -> None:
    record = open_record()
    record.thermometers.write_commissioning(commissioning())
    record.thermometers.write_check(thermometer_check())
    figures = record.visits.figures(since=MIDNIGHT, at=NOON)
    assert (figures.admitted, figures.refused) == (0, 0)
    assert cases(record) == []


def test_a_case_tells_what_the_gate_decided_and_what_was_found(open_record: Open) -> None:
    record = open_record()
    passed = record.visits.write(attempt(results=PASSED))
    referred = record.visits.write(
        refusal(Reason.ELEVATED_TWICE, at=at(1), results=ELEVATED, gate="belakang")
    )
    assert [case.outcome for case in cases(record)] == [None, None]
    clinical(record, passed.attempt_id, "normal", at(2))
    clinical(record, referred.attempt_id, "elevated", at(3))
    assert cases(record) == [
        ClinicalCase(gate="utama", at=NOON, is_referred=False, outcome=ClinicalOutcome.NORMAL),
        ClinicalCase(gate="belakang", at=at(1), is_referred=True, outcome=ClinicalOutcome.ELEVATED),
    ]


def test_an_officer_may_correct_the_outcome(open_record: Open) -> None:
    record = open_record()
    referred = record.visits.write(refusal(Reason.ELEVATED_TWICE, results=ELEVATED))
    clinical(record, referred.attempt_id, "elevated")
    clinical(record, referred.attempt_id, "normal", at(1))
    assert [case.outcome for case in cases(record)] == [ClinicalOutcome.NORMAL]


def test_an_outcome_in_other_words_is_not_counted(open_record: Open) -> None:
    record = open_record()
    referred = record.visits.write(refusal(Reason.ELEVATED_TWICE, results=ELEVATED))
    clinical(record, referred.attempt_id, "passed")
    assert [case.outcome for case in cases(record)] == [None]


def test_an_outcome_belongs_to_the_time_of_its_attempt(open_record: Open) -> None:
    record = open_record()
    referred = record.visits.write(refusal(Reason.ELEVATED_TWICE, results=ELEVATED))
    clinical(record, referred.attempt_id, "normal", NOON + timedelta(days=2))
    assert [case.outcome for case in cases(record)] == [ClinicalOutcome.NORMAL]


def test_cases_are_those_of_the_time_asked_for(open_record: Open) -> None:
    record = open_record()
    for when in (MIDNIGHT - timedelta(seconds=1), MIDNIGHT, NOON, TOMORROW):
        record.visits.write(attempt(at=when, results=PASSED))
    assert [case.at for case in cases(record)] == [MIDNIGHT, NOON]


def test_only_what_the_device_decided_is_a_case(open_record: Open) -> None:
    record = open_record()
    by_hand = replace(ELEVATED[0], source=EvidenceSource.GUARD)
    first = record.visits.write(pause(results=ELEVATED))
    record.visits.write(attempt(at=at(1)))
    record.visits.write(refusal(Reason.ELEVATED_TWICE, at=at(2), results=(by_hand,)))
    record.visits.write(
        attempt(at=at(3), decision=DecisionKind.FIX, reason=Reason.ABANDONED, results=PASSED)
    )
    record.visits.write(attempt(at=at(4), reason=Reason.OVERRIDE, operator="ani", results=ELEVATED))
    assert cases(record) == []
    record.visits.write(
        attempt(at=at(6), results=PASSED, resumes=first.attempt_id, temperatures=(warm(36.5),))
    )
    record.visits.write(refusal(Reason.MASK_DECLINED, at=at(7), results=PASSED))
    assert [(case.at, case.is_referred) for case in cases(record)] == [
        (at(6), False),
        (at(7), False),
    ]


def test_who_was_referred_found_in_order_and_scanned_again_is_one_case(open_record: Open) -> None:
    record, held = open_record(), receipt()
    referred = record.visits.write(
        refusal(Reason.ELEVATED_TWICE, results=ELEVATED, receipt=held, gate="belakang")
    )
    clinical(record, referred.attempt_id, "normal", at(5))
    record.visits.write(attempt(at=at(6), results=PASSED, receipt=held))
    assert cases(record) == [
        ClinicalCase(gate="belakang", at=NOON, is_referred=True, outcome=ClinicalOutcome.NORMAL)
    ]
    assert cases(record, since=at(3)) == []


def test_somebody_elses_admission_is_a_case_of_its_own(open_record: Open) -> None:
    record, held = open_record(), receipt()
    referred = record.visits.write(refusal(Reason.ELEVATED_TWICE, results=ELEVATED, receipt=held))
    record.visits.write(attempt(at=at(1), results=PASSED, receipt=receipt()))
    record.visits.write(attempt(at=at(2), results=PASSED))
    clinical(record, referred.attempt_id, "normal", at(5))
    record.visits.write(attempt(at=at(6), results=PASSED, receipt=receipt()))
    record.visits.write(attempt(at=at(7), results=PASSED))
    assert [case.is_referred for case in cases(record)] == [True, False, False, False, False]


def test_a_party_of_two_is_two_cases_also_when_one_was_referred(open_record: Open) -> None:
    record, held = open_record(), receipt(party_size=2)
    referred = record.visits.write(refusal(Reason.ELEVATED_TWICE, results=ELEVATED, receipt=held))
    record.visits.write(attempt(at=at(1), results=PASSED, receipt=held))
    clinical(record, referred.attempt_id, "normal", at(5))
    record.visits.write(attempt(at=at(6), results=PASSED, receipt=held))
    assert [case.is_referred for case in cases(record)] == [True, False]


def test_a_second_referral_of_the_same_visitor_belongs_to_the_first(open_record: Open) -> None:
    record, held = open_record(), receipt()
    first = record.visits.write(refusal(Reason.ELEVATED_TWICE, results=ELEVATED, receipt=held))
    clinical(record, first.attempt_id, "normal", at(5))
    again = record.visits.write(
        refusal(Reason.ELEVATED_TWICE, at=at(6), results=ELEVATED, receipt=held)
    )
    clinical(record, again.attempt_id, "elevated", at(9))
    assert [(case.at, case.outcome) for case in cases(record)] == [(NOON, ClinicalOutcome.ELEVATED)]


def test_who_comes_back_on_another_day_is_measured_anew(open_record: Open) -> None:
    record, held = open_record(), receipt()
    referred = record.visits.write(refusal(Reason.ELEVATED_TWICE, results=ELEVATED, receipt=held))
    clinical(record, referred.attempt_id, "normal", at(5))
    record.visits.write(attempt(at=NOON + timedelta(days=1), results=PASSED, receipt=held))
    found = cases(record, until=TOMORROW + timedelta(days=1))
    assert [case.is_referred for case in found] == [True, False]


def test_an_annulled_admission_is_no_case(open_record: Open) -> None:
    record, held = open_record(), receipt()
    nobody = record.visits.write(attempt(results=PASSED, receipt=held))
    record.visits.annul(nobody.attempt_id, operator="siti", remark="turned round", at=at(1))
    assert cases(record) == []

    record.visits.write(attempt(at=at(2), results=PASSED, receipt=held))
    assert [case.at for case in cases(record)] == [at(2)]


def test_an_annulled_admission_after_a_referral_leaves_the_referral(open_record: Open) -> None:
    record, held = open_record(), receipt()
    referred = record.visits.write(refusal(Reason.ELEVATED_TWICE, results=ELEVATED, receipt=held))
    clinical(record, referred.attempt_id, "normal", at(5))
    nobody = record.visits.write(attempt(at=at(6), results=PASSED, receipt=held))
    record.visits.annul(nobody.attempt_id, operator="siti", remark="turned round", at=at(7))
    record.visits.write(attempt(at=at(8), results=PASSED, receipt=held))
    assert [(case.at, case.is_referred) for case in cases(record)] == [(NOON, True)]


def test_an_outcome_counts_where_the_clock_was_set_back_before_it(open_record: Open) -> None:
    record = open_record()
    referred = record.visits.write(refusal(Reason.ELEVATED_TWICE, results=ELEVATED))
    clinical(record, referred.attempt_id, "normal", MIDNIGHT - timedelta(hours=3))
    assert [case.outcome for case in cases(record)] == [ClinicalOutcome.NORMAL]


def test_an_admission_is_annulled_where_the_clock_was_set_back_before(open_record: Open) -> None:
    record, held = open_record(), receipt()
    nobody = record.visits.write(attempt(results=PASSED, receipt=held))
    before = MIDNIGHT - timedelta(hours=3)
    record.visits.annul(nobody.attempt_id, operator="siti", remark="turned round", at=before)
    assert cases(record) == []


def test_a_visitor_is_one_case_where_the_clock_was_set_back_meanwhile(open_record: Open) -> None:
    record, held = open_record(), receipt()
    referred = record.visits.write(refusal(Reason.ELEVATED_TWICE, results=ELEVATED, receipt=held))
    clinical(record, referred.attempt_id, "normal", at(-120))
    record.visits.write(attempt(at=at(-118), results=PASSED, receipt=held))
    record.visits.write(attempt(at=at(-110), results=PASSED, receipt=receipt()))
    assert [(case.at, case.is_referred) for case in cases(record)] == [
        (at(-110), False),
        (NOON, True),
    ]


def readings(
    record: AnyRecord, since: datetime = MIDNIGHT, limit: int = 100
) -> list[tuple[float, float]]:
    found = record.thermometers.first_readings("utama", since=since, until=TOMORROW, limit=limit)
    return [(one.raw_celsius, one.unshifted_celsius) for one in found]


def test_first_readings_come_back_without_the_rolling_baseline(open_record: Open) -> None:
    record = open_record()
    shifted = MeasuredTemperature(
        raw_celsius=35.2,
        corrections=(("offset", 1.2), ("rolling_baseline", 0.5)),
        corrected_celsius=36.9,
    )
    record.visits.write(attempt(temperatures=(shifted,)))
    assert readings(record) == [(35.2, 36.4)]


def test_second_readings_other_gates_and_what_people_typed_are_no_first_readings(
    open_record: Open,
) -> None:
    record = open_record()
    first = record.visits.write(pause(temperatures=(warm(38.0),)))
    record.visits.write(attempt(at=at(6), temperatures=(warm(36.4),), resumes=first.attempt_id))
    record.visits.write(attempt(gate="belakang", temperatures=(warm(36.5),)))
    record.visits.write(attempt(temperatures=(replace(warm(36.6), entered_by="budi"),)))
    assert [unshifted for _, unshifted in readings(record)] == [38.0]


def test_the_newest_first_readings_come_hour_after_hour(open_record: Open) -> None:
    record = open_record()
    for hour in range(3):
        record.visits.write(attempt(at=at(60 * hour + 20), temperatures=(warm(36.0 + hour),)))
    assert [unshifted for _, unshifted in readings(record)] == [36.0, 37.0, 38.0]
    assert [unshifted for _, unshifted in readings(record, limit=2)] == [37.0, 38.0]


def test_readings_of_a_day_that_has_not_come_are_left_out(open_record: Open) -> None:
    record = open_record()
    for days in (0, 1, 400):  # written while the clock was wrong
        when = NOON + timedelta(days=days)
        record.visits.write(attempt(at=when, temperatures=(warm(36.0 + days / 1000),)))
    assert [unshifted for _, unshifted in readings(record)] == [36.0]


def test_an_hour_that_began_before_is_left_out_as_a_whole(open_record: Open) -> None:
    record = open_record()
    for minutes in (40, 80):
        record.visits.write(attempt(at=at(minutes), temperatures=(warm(36.0 + minutes / 100),)))
    assert [unshifted for _, unshifted in readings(record, since=at(20))] == [36.8]
    assert [unshifted for _, unshifted in readings(record, since=at(60))] == [36.8]
