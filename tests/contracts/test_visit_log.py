"""What every VisitLog promises: in memory, on SQLite and on PostgreSQL."""

from __future__ import annotations

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from screening.clock import FakeClock
from screening.decision import Check, DecisionKind, Reason
from screening.errors import LaneConflict, RecordError
from screening.office.changes import with_chosen_plan
from screening.office.services import Channel, Service
from screening.receipts.claims import ReceiptClaims
from screening.visits import (
    LEFT_UNMEASURED,
    Attempt,
    CheckResult,
    EntryKind,
    EvidenceSource,
    ExitHow,
    Visit,
    WrittenAttempt,
)
from screening.waiting_room.chairs import Chair, Near
from screening.waiting_room.plan import ChosenPlan, Sealed, SeatPlan
from tests.contracts.builders import (
    MIDNIGHT,
    NOON,
    PASSED,
    attempt,
    pause,
    receipt,
    refusal,
    the,
    warm,
)
from tests.records import AnyRecord
from tests.records import OpenRecord as Open

pytestmark = pytest.mark.parametrize("open_record", ["sqlite", "postgresql", "fake"], indirect=True)
THREADS = 16


def at(minutes: float) -> datetime:
    return NOON + timedelta(minutes=minutes)


def leave(
    record: AnyRecord, claims: ReceiptClaims | None = None, when: datetime = NOON
) -> Visit | None:
    return record.visits.leave(
        receipt=claims, how=ExitHow.SCAN, gate="utama", operator=None, at=when
    )


def outcome(written: WrittenAttempt) -> tuple[DecisionKind, Reason]:
    return written.decision, written.reason


def test_admits_and_gives_place_seat_and_ticket(open_record: Open) -> None:
    record, claims = open_record(), receipt()
    written = record.visits.write(attempt(receipt=claims, results=PASSED, nonce="n"))
    assert outcome(written) == (DecisionKind.ADMIT, Reason.ADMITTED)
    assert not written.is_repeat
    visit = the(written.visit)
    assert (visit.receipt_number, visit.place, visit.service) == (claims.number, 1, "KTP")
    assert (visit.seat, visit.ticket, visit.left_at) == ("A1", "K-001", None)
    entry = the(record.visits.attempt(written.attempt_id))
    assert (entry.entry_id, entry.kind) == (written.entry_id, EntryKind.ATTEMPT)
    assert (entry.results, entry.holder) == (PASSED, "Sari P.")
    assert record.visits.visits_inside() == [visit]


def test_every_attempt_is_a_row_also_when_refused(open_record: Open) -> None:
    record = open_record()
    record.visits.write(refusal(Reason.EXPIRED, receipt=receipt(), remark="sudah lewat"))
    record.visits.write(attempt(decision=DecisionKind.FIX, reason=Reason.ABANDONED))
    rows = record.visits.entries()
    assert [(row.decision, row.reason) for row in rows] == [
        (DecisionKind.DENY, Reason.EXPIRED),
        (DecisionKind.FIX, Reason.ABANDONED),
    ]
    assert rows[0].remark == "sudah lewat"
    assert record.visits.visits_inside() == []


def test_a_repeated_nonce_gets_the_first_answer(open_record: Open) -> None:
    record, claims = open_record(), receipt()
    first = record.visits.write(attempt(receipt=claims, nonce="n"))
    again = record.visits.write(attempt(receipt=claims, nonce="n", at=at(1)))
    assert again.is_repeat
    assert (again.attempt_id, again.entry_id, again.visit) == (
        first.attempt_id,
        first.entry_id,
        first.visit,
    )
    assert len(record.visits.entries()) == 1


def test_a_repeated_attempt_gets_the_first_answer(open_record: Open) -> None:
    record, same = open_record(), attempt(receipt=receipt())
    first = record.visits.write(same)
    again = record.visits.write(same)
    assert (again.is_repeat, again.entry_id) == (True, first.entry_id)


def test_the_same_nonce_of_another_gate_is_another_scan(open_record: Open) -> None:
    record = open_record()
    record.visits.write(attempt(nonce="n", gate="utama"))
    assert not record.visits.write(attempt(nonce="n", gate="belakang")).is_repeat


def test_a_receipt_lets_in_once(open_record: Open) -> None:
    record, claims = open_record(), receipt()
    record.visits.write(attempt(receipt=claims))
    second = record.visits.write(attempt(receipt=claims))
    assert outcome(second) == (DecisionKind.DENY, Reason.ALREADY_INSIDE)
    assert second.visit is None
    assert the(record.visits.attempt(second.attempt_id)).reason is Reason.ALREADY_INSIDE


def test_equal_numbers_of_two_issuers_are_two_receipts(open_record: Open) -> None:
    record = open_record()
    for issuer in ("BGR", "JKT"):
        written = record.visits.write(attempt(receipt=receipt(issuer=issuer, number="SAME")))
        assert written.decision is DecisionKind.ADMIT


def test_a_revoked_receipt_leaves_another_issuer_s_of_that_number_good(open_record: Open) -> None:
    record, ours = open_record(), receipt(number="SAME")
    record.receipts.add(ours)
    record.receipts.revoke(ours.issuer, ours.number, reason="x", operator="ani", at=NOON)
    assert record.visits.write(attempt(receipt=ours)).reason is Reason.REVOKED
    theirs = record.visits.write(attempt(receipt=receipt(issuer="JKT", number="SAME")))
    assert theirs.decision is DecisionKind.ADMIT


def test_who_came_while_the_clock_was_ahead_takes_a_place_in_the_room(open_record: Open) -> None:
    record = open_record(capacity=1)
    record.visits.write(attempt(at=NOON + timedelta(days=1)))
    assert record.visits.write(attempt()).reason is Reason.ROOM_FULL


def test_a_party_enters_one_by_one_and_sits_together(open_record: Open) -> None:
    record, claims = open_record(plan=SeatPlan(6, 10)), receipt(party_size=3)
    party = [record.visits.write(attempt(receipt=claims)) for _ in range(4)]
    assert [w.decision for w in party] == [DecisionKind.ADMIT] * 3 + [DecisionKind.DENY]
    assert [the(w.visit).place for w in party[:3]] == [1, 2, 3]
    assert [the(w.visit).seat for w in party[:3]] == ["A1", "B2", "A3"]
    assert party[3].reason is Reason.ALREADY_INSIDE


def test_a_household_sits_on_family_seats_and_priority_visitors_by_the_counter(
    open_record: Open,
) -> None:
    chairs = (
        Chair(label="A1", x=0, y=0, near=Near.COUNTER),
        Chair(label="A2", x=3, y=0),
        Chair(label="A3", x=6, y=0),
        *(Chair(label=f"F{n}", x=n / 2, y=5, room="Samping", family="1") for n in (1, 2, 3)),
    )
    labels = frozenset(chair.label for chair in chairs)
    plan = ChosenPlan(chairs=chairs, open_labels=labels, distance_m=1.5)
    record, claims = open_record(), receipt(party_size=2)
    record.facts.change(with_chosen_plan(plan), operator="rina", at=NOON)
    written = [
        record.visits.write(attempt(receipt=one))
        for one in (receipt(), claims, receipt(), claims, receipt())
    ]
    assert [the(w.visit).seat for w in written] == ["A2", "F1", "A3", "F2", "A1"]
    assert {seat.room for seat in record.visits.seats()} == {"", "Samping"}
    no_seat = record.visits.write(attempt(receipt=receipt()))
    assert (no_seat.decision, the(no_seat.visit).seat) == (DecisionKind.ADMIT, None)


def test_who_left_today_may_come_back_and_keeps_the_ticket(open_record: Open) -> None:
    record, claims = open_record(), receipt()
    first = the(record.visits.write(attempt(receipt=claims)).visit)
    record.visits.write(attempt(service="KTP"))
    left = the(leave(record, claims, at(5)))
    assert (left.visit_id, left.left_at, left.left_how) == (first.visit_id, at(5), ExitHow.SCAN)
    back = record.visits.write(attempt(receipt=claims, at=at(10)))
    assert outcome(back) == (DecisionKind.ADMIT, Reason.RETURNED)
    assert the(back.visit).visit_id != first.visit_id
    assert (the(back.visit).place, the(back.visit).ticket) == (1, first.ticket)
    assert record.visits.write(attempt(receipt=claims, at=at(11))).reason is Reason.ALREADY_INSIDE


def test_nobody_comes_back_where_the_site_does_not_allow_it(open_record: Open) -> None:
    record, claims = open_record(), receipt()
    record.visits.write(attempt(receipt=claims))
    leave(record, claims)
    back = record.visits.write(attempt(receipt=claims, is_return_allowed=False))
    assert outcome(back) == (DecisionKind.DENY, Reason.ALREADY_USED)


def test_nobody_comes_back_on_another_day(open_record: Open) -> None:
    record, claims = open_record(), receipt()
    record.visits.write(attempt(receipt=claims))
    leave(record, claims)
    later = record.visits.write(attempt(receipt=claims, at=NOON + timedelta(days=1)))
    assert outcome(later) == (DecisionKind.DENY, Reason.ALREADY_USED)


def test_a_refusal_leaves_the_receipt_unused(open_record: Open) -> None:
    record, claims = open_record(), receipt()
    record.visits.write(refusal(Reason.MASK_DECLINED, receipt=claims))
    record.visits.write(pause(receipt=claims))
    assert record.receipts.use_of(claims.issuer, claims.number, since=MIDNIGHT).places_used == 0
    assert record.visits.write(attempt(receipt=claims)).decision is DecisionKind.ADMIT


def test_a_full_room_turns_an_admission_into_waiting(open_record: Open) -> None:
    record, claims = open_record(capacity=1), receipt()
    record.visits.write(attempt())
    waiting = record.visits.write(attempt(receipt=claims))
    assert outcome(waiting) == (DecisionKind.WAIT, Reason.ROOM_FULL)
    leave(record)
    assert record.visits.write(attempt(receipt=claims)).decision is DecisionKind.ADMIT


@pytest.mark.parametrize("reason", [Reason.EMERGENCY, Reason.OVERRIDE])
def test_a_person_may_let_in_past_a_full_room_but_without_a_seat(
    open_record: Open, reason: Reason
) -> None:
    record = open_record(capacity=1, daily_quota=1)
    record.visits.write(attempt())
    written = record.visits.write(
        attempt(reason=reason, service="DARURAT", operator="ani", remark="rumah sakit")
    )
    assert outcome(written) == (DecisionKind.ADMIT, reason)
    assert the(written.visit).seat is None
    assert record.visits.figures(since=MIDNIGHT, at=NOON).occupancy == 2


def test_an_override_of_a_used_receipt_redeems_nothing(open_record: Open) -> None:
    record, claims = open_record(), receipt()
    record.visits.write(attempt(receipt=claims))
    written = record.visits.write(
        attempt(receipt=claims, reason=Reason.OVERRIDE, operator="ani", remark="lupa tas")
    )
    assert outcome(written) == (DecisionKind.ADMIT, Reason.OVERRIDE)
    assert the(written.visit).place == 0
    assert record.receipts.use_of(claims.issuer, claims.number, since=MIDNIGHT).places_used == 1


def test_the_office_quota_ends_the_day_but_not_for_those_who_return(open_record: Open) -> None:
    record, claims = open_record(daily_quota=2), receipt()
    record.visits.write(attempt(receipt=claims))
    annulled = record.visits.write(attempt())
    record.visits.annul(annulled.attempt_id, operator="ani", remark="salah", at=NOON)
    assert record.visits.write(attempt()).decision is DecisionKind.ADMIT
    refused = record.visits.write(attempt(receipt=receipt()))
    assert outcome(refused) == (DecisionKind.DENY, Reason.QUOTA_REACHED)
    leave(record, claims)
    assert record.visits.write(attempt(receipt=claims)).reason is Reason.RETURNED
    tomorrow = attempt(at=NOON + timedelta(days=1))
    assert record.visits.write(tomorrow).decision is DecisionKind.ADMIT


def test_a_service_has_its_own_quota(open_record: Open) -> None:
    record = open_record()
    record.services.put(
        Service(
            code="KTP", channel=Channel.COLLECTION, names={"id": "KTP", "en": "ID"}, daily_quota=1
        )
    )
    record.visits.write(attempt(service="KTP"))
    assert record.visits.write(attempt(service="KTP")).reason is Reason.QUOTA_REACHED
    assert record.visits.write(attempt(service="KK")).decision is DecisionKind.ADMIT


def test_tickets_have_the_service_s_letter_and_count_for_each_day(
    open_record: Open,
) -> None:
    record = open_record()
    tomorrow = NOON + timedelta(days=1)
    asked = [("KTP", NOON), ("KK", NOON), ("KTP", NOON), (None, NOON), ("KTP", tomorrow)]
    tickets = [the(record.visits.write(attempt(service=s, at=t)).visit).ticket for s, t in asked]
    assert tickets == ["K-001", "F-001", "K-002", "U-001", "K-001"]


def test_sealed_seats_stay_empty(open_record: Open) -> None:
    record = open_record(plan=SeatPlan(2, 4, Sealed.COLUMNS), capacity=6)
    seats = [the(record.visits.write(attempt()).visit).seat for _ in range(5)]
    assert sorted(seat or "" for seat in seats) == ["", "A1", "A3", "B1", "B3"]
    states = record.visits.seats()
    assert [(s.label, s.x, s.y) for s in states][3:6] == [
        ("A4", 3, 0),
        ("B1", 0, 1),
        ("B2", 1, 1),
    ]
    assert [s.label for s in states if s.is_sealed] == ["A2", "A4", "B2", "B4"]
    assert all((s.visit_id is None) == s.is_sealed for s in states)


def test_leaving_frees_the_seat(open_record: Open) -> None:
    record = open_record()
    visit = the(record.visits.write(attempt()).visit)
    assert the(leave(record)).visit_id == visit.visit_id
    assert all(seat.visit_id is None for seat in record.visits.seats())
    assert record.visits.entries()[-1].kind is EntryKind.EXIT


def test_the_exit_button_lets_out_whoever_is_longest_inside(open_record: Open) -> None:
    record = open_record()
    second = the(record.visits.write(attempt(at=at(1))).visit)
    first = the(record.visits.write(attempt(at=at(0))).visit)
    left = [leave(record), leave(record), leave(record)]
    assert [visit and visit.visit_id for visit in left] == [first.visit_id, second.visit_id, None]


def test_one_exit_that_is_told_twice_lets_one_out(open_record: Open) -> None:
    record, claims = open_record(), receipt(party_size=3)
    for _ in range(3):
        record.visits.write(attempt(receipt=claims))
    told: dict[str, Any] = {
        "receipt": claims,
        "how": ExitHow.SCAN,
        "gate": "utama",
        "operator": None,
    }
    first = the(record.visits.leave(**told, at=at(1), nonce="exit 1"))
    again = the(record.visits.leave(**told, at=at(2), nonce="exit 1"))
    assert (again.visit_id, again.left_at) == (first.visit_id, at(1))
    assert record.visits.figures(since=MIDNIGHT, at=at(3)).occupancy == 2
    with pytest.raises(LaneConflict) as caught:
        record.visits.leave(**{**told, "receipt": receipt()}, at=at(3), nonce="exit 1")
    assert caught.value.code == "nonce_reused"
    assert the(record.visits.leave(**told, at=at(4), nonce="exit 2")).visit_id != first.visit_id


def test_the_same_nonce_of_another_gate_is_another_exit(open_record: Open) -> None:
    record = open_record()
    visits = [the(record.visits.write(attempt(at=at(minute))).visit) for minute in range(2)]
    told: dict[str, Any] = {
        "receipt": None,
        "how": ExitHow.BUTTON,
        "operator": None,
        "at": at(3),
        "nonce": "n",
    }
    left = [the(record.visits.leave(**told, gate=gate)) for gate in ("utama", "belakang", "utama")]
    ids = [visit.visit_id for visit in visits]
    assert [visit.visit_id for visit in left] == [ids[0], ids[1], ids[0]]


def test_who_is_inside_is_told_in_the_order_of_coming(open_record: Open) -> None:
    record = open_record()
    came = [(m, record.visits.write(attempt(at=at(m), results=PASSED)).visit) for m in (5, 1, 5, 1)]
    in_order = [came[1][1], came[3][1], came[0][1], came[2][1]]
    assert record.visits.visits_inside() == record.visits.unmeasured() == in_order


def test_who_came_at_midnight_is_inside_that_day(open_record: Open) -> None:
    record = open_record()
    visit = record.visits.write(attempt(at=MIDNIGHT, results=PASSED)).visit
    assert record.visits.visits_inside() == record.visits.unmeasured() == [visit]


def test_nobody_leaves_with_a_receipt_that_is_not_inside(open_record: Open) -> None:
    record = open_record()
    record.visits.write(attempt(receipt=receipt()))
    assert leave(record, receipt()) is None


def test_annulling_frees_seat_and_receipt(open_record: Open) -> None:
    record, claims = open_record(), receipt()
    written = record.visits.write(attempt(receipt=claims))
    annulled = the(
        record.visits.annul(written.attempt_id, operator="ani", remark="pergi", at=at(1))
    )
    assert annulled.annulled_at == at(1)
    assert record.visits.visits_inside() == []
    row = record.visits.entries()[-1]
    assert (row.kind, row.attempt_id, row.operator, row.remark) == (
        EntryKind.ANNUL,
        written.attempt_id,
        "ani",
        "pergi",
    )
    again = record.visits.write(attempt(receipt=claims))
    assert outcome(again) == (DecisionKind.ADMIT, Reason.ADMITTED)
    assert the(again.visit).seat == the(written.visit).seat


def test_annulling_one_of_several_leaves_the_others_inside(open_record: Open) -> None:
    record = open_record()
    visits = [the(record.visits.write(attempt()).visit) for _ in range(4)]
    record.visits.annul(visits[1].attempt_id, operator="ani", remark="pergi", at=at(1))
    figures = record.visits.figures(since=MIDNIGHT, at=at(1))
    assert (figures.occupancy, figures.admitted) == (3, 3)


def test_annulling_who_has_left_disturbs_nobody_who_sits_there_now(open_record: Open) -> None:
    record = open_record()
    first = the(record.visits.write(attempt()).visit)
    leave(record, when=at(1))
    second = the(record.visits.write(attempt(at=at(2))).visit)
    assert second.seat == first.seat
    annulled = the(record.visits.annul(first.attempt_id, operator="ani", remark="x", at=at(3)))
    assert annulled.left_at == at(1)
    third = the(record.visits.write(attempt(at=at(4))).visit)
    assert third.seat != second.seat
    taken = {seat.visit_id for seat in record.visits.seats()} - {None}
    assert taken == {second.visit_id, third.visit_id}
    figures = record.visits.figures(since=MIDNIGHT, at=at(5))
    assert (figures.occupancy, figures.admitted) == (2, 2)


def test_annulling_gives_one_of_the_service_s_quota_back(open_record: Open) -> None:
    record = open_record()
    record.services.put(
        Service(
            code="KTP", channel=Channel.COLLECTION, names={"id": "KTP", "en": "ID"}, daily_quota=3
        )
    )
    visits = [the(record.visits.write(attempt(service="KTP")).visit) for _ in range(3)]
    record.visits.annul(visits[1].attempt_id, operator="ani", remark="pergi", at=NOON)
    assert record.visits.write(attempt(service="KTP")).reason is Reason.ADMITTED
    assert record.visits.write(attempt(service="KTP")).reason is Reason.QUOTA_REACHED


def test_annulling_a_return_leaves_the_holder_out_and_free_to_return(open_record: Open) -> None:
    record, claims = open_record(), receipt()
    record.visits.write(attempt(receipt=claims))
    leave(record, claims, at(1))
    back = record.visits.write(attempt(receipt=claims, at=at(2)))
    record.visits.annul(back.attempt_id, operator="ani", remark="pergi", at=at(3))
    use = record.receipts.use_of(claims.issuer, claims.number, since=MIDNIGHT)
    assert (use.places_used, use.inside, use.out_today) == (1, 0, 1)
    assert record.visits.write(attempt(receipt=claims, at=at(4))).reason is Reason.RETURNED


def test_only_an_admission_can_be_annulled_and_only_once(open_record: Open) -> None:
    record = open_record()
    refused = record.visits.write(refusal(Reason.EXPIRED))
    admitted = record.visits.write(attempt())
    annul: dict[str, Any] = {"operator": "ani", "remark": "salah", "at": NOON}
    assert record.visits.annul(refused.attempt_id, **annul) is None
    assert record.visits.annul("unheard of", **annul) is None
    assert record.visits.annul(admitted.attempt_id, **annul) is not None
    assert record.visits.annul(admitted.attempt_id, **annul) is None


def test_a_person_confirms_a_refusal_once(open_record: Open) -> None:
    record = open_record()
    refused = record.visits.write(refusal(Reason.ELEVATED_TWICE))
    row = record.visits.confirm(refused.attempt_id, operator="ani", remark="ya", at=at(1))
    assert (row.kind, row.reason, row.operator) == (
        EntryKind.CONFIRMATION,
        Reason.ELEVATED_TWICE,
        "ani",
    )
    again = record.visits.confirm(refused.attempt_id, operator="budi", remark=None, at=at(2))
    assert again == row
    with pytest.raises(RecordError):
        record.visits.confirm("unheard of", operator="ani", remark=None, at=NOON)


def test_a_clinical_reading_keeps_its_outcome(open_record: Open) -> None:
    record = open_record()
    referred = record.visits.write(refusal(Reason.ELEVATED_TWICE))
    row = record.visits.record_clinical(
        referred.attempt_id, celsius=36.9, outcome="passed", operator="ani", at=at(9)
    )
    assert (row.kind, row.results[0].outcome, row.operator) == (EntryKind.CLINICAL, "passed", "ani")


def test_who_left_before_a_clinical_reading_is_not_referred_any_more(open_record: Open) -> None:
    record, claims = open_record(), receipt()
    referred = record.visits.write(refusal(Reason.ELEVATED_TWICE, receipt=claims))
    row = record.visits.record_clinical(
        referred.attempt_id, celsius=None, outcome=LEFT_UNMEASURED, operator="rina", at=at(9)
    )
    assert [result.outcome for result in row.results] == [LEFT_UNMEASURED]
    assert record.visits.open_referrals(since=MIDNIGHT) == []
    assert record.thermometers.cases(since=MIDNIGHT, until=at(60)) == []
    assert record.visits.verify().problem is None


def test_a_hand_over_names_both_guards(open_record: Open) -> None:
    row = open_record().visits.hand_over(gate="utama", from_user="ani", to_user="budi", at=NOON)
    assert (row.kind, row.operator) == (EntryKind.HANDOVER, "budi")
    assert "ani" in the(row.remark)


def test_a_pause_is_pending_until_the_same_receipt_is_decided(open_record: Open) -> None:
    record, claims = open_record(), receipt()
    sent = record.visits.write(pause(receipt=claims))
    (pending,) = record.visits.pauses(since=MIDNIGHT)
    assert (pending.attempt_id, pending.receipt_number) == (sent.attempt_id, claims.number)
    assert (pending.issuer, pending.holder) == (claims.issuer, claims.holder)
    assert (pending.ready_at, pending.first) == (at(5), warm())
    record.visits.write(attempt(receipt=receipt(), at=at(2)))
    assert len(record.visits.pauses(since=MIDNIGHT)) == 1
    record.visits.write(attempt(receipt=claims, at=at(6)))
    assert record.visits.pauses(since=MIDNIGHT) == []


def test_a_pause_tells_how_sure_its_first_reading_was_and_its_limit(open_record: Open) -> None:
    record = open_record()
    first = replace(warm(), standard_uncertainty_celsius=0.31, limit_celsius=37.3)
    record.visits.write(pause(temperatures=(first,)))
    assert [pending.first for pending in record.visits.pauses(since=MIDNIGHT)] == [first]


def test_a_pause_without_receipt_is_ended_by_what_resumes_it(open_record: Open) -> None:
    record = open_record()
    first, second = (record.visits.write(pause(at=at(n))) for n in range(2))
    record.visits.write(refusal(Reason.ELEVATED_TWICE, at=at(6), resumes=first.attempt_id))
    assert [p.attempt_id for p in record.visits.pauses(since=MIDNIGHT)] == [second.attempt_id]


def test_a_pause_goes_on_when_the_room_was_full_in_the_end(open_record: Open) -> None:
    record, claims = open_record(capacity=0), receipt()
    record.visits.write(pause(receipt=claims))
    record.visits.write(attempt(receipt=claims, at=at(6)))
    assert len(record.visits.pauses(since=MIDNIGHT)) == 1


def test_of_a_party_only_the_one_who_was_resumed_is_done(open_record: Open) -> None:
    record, claims = open_record(), receipt(party_size=2)
    first, second = (record.visits.write(pause(receipt=claims, at=at(n))) for n in range(2))
    record.visits.write(attempt(receipt=claims, at=at(6), resumes=second.attempt_id))
    assert [p.attempt_id for p in record.visits.pauses(since=MIDNIGHT)] == [first.attempt_id]


@pytest.mark.parametrize("issuer", ["BGR", "OUTSIDE"])
@pytest.mark.parametrize("is_registered", [True, False], ids=["registered", "not registered"])
def test_the_pause_of_one_of_a_party_outlasts_another_one_s_admission(
    open_record: Open, issuer: str, is_registered: bool
) -> None:
    record, claims = open_record(), receipt(issuer=issuer, party_size=2)
    if is_registered:
        record.receipts.add(claims)
    sent = record.visits.write(pause(receipt=claims, temperatures=(warm(38.5),)))
    record.visits.write(attempt(receipt=claims, at=at(1)))
    (pending,) = record.visits.pauses(since=MIDNIGHT)
    assert (pending.attempt_id, pending.first) == (sent.attempt_id, warm(38.5))
    record.visits.write(attempt(receipt=claims, at=at(6), resumes=sent.attempt_id))
    assert record.visits.pauses(since=MIDNIGHT) == []


def test_who_waited_for_a_seat_and_for_the_second_reading_is_done_when_let_in(
    open_record: Open,
) -> None:
    record, claims = open_record(capacity=1), receipt()
    record.visits.write(attempt())
    sent = record.visits.write(pause(receipt=claims))
    record.visits.write(attempt(receipt=claims, at=at(6), resumes=sent.attempt_id))
    assert record.visits.figures(since=MIDNIGHT, at=at(7)).waiting_outside == 1
    leave(record, when=at(8))
    record.visits.write(attempt(receipt=claims, at=at(9), resumes=sent.attempt_id))
    assert record.visits.figures(since=MIDNIGHT, at=at(9)).waiting_outside == 0


def test_a_referral_is_found_by_issuer_and_number(open_record: Open) -> None:
    record, claims = open_record(), receipt(issuer="JKT", number="SAME")
    record.visits.write(refusal(Reason.ELEVATED_TWICE, receipt=claims))
    assert record.visits.referral(receipt(issuer="BGR", number="SAME"), since=MIDNIGHT) is None
    assert the(record.visits.referral(claims, since=MIDNIGHT)).reason is Reason.ELEVATED_TWICE
    assert record.visits.referral(claims, since=at(1)) is None


def test_of_several_referrals_the_newest_is_told_or_the_reading_that_closed_it(
    open_record: Open,
) -> None:
    record, claims = open_record(), receipt()
    first, second = (
        record.visits.write(refusal(Reason.ELEVATED_TWICE, receipt=claims, at=at(minute)))
        for minute in range(2)
    )
    record.visits.write(refusal(Reason.MASK_DECLINED, receipt=claims, at=at(2)))
    told = the(record.visits.referral(claims, since=MIDNIGHT))
    assert (told.attempt_id, told.kind) == (second.attempt_id, EntryKind.ATTEMPT)
    record.visits.confirm(second.attempt_id, operator="ani", remark=None, at=at(3))
    record.visits.record_clinical(
        first.attempt_id, celsius=36.9, outcome="normal", operator="rina", at=at(4)
    )
    told = the(record.visits.referral(claims, since=MIDNIGHT))
    assert (told.attempt_id, told.kind) == (first.attempt_id, EntryKind.CLINICAL)


def test_pauses_are_told_oldest_first(open_record: Open) -> None:
    record = open_record()
    sent = [record.visits.write(pause(attempt_id=name, receipt=receipt())) for name in "cab"]
    pauses = record.visits.pauses(since=MIDNIGHT)
    assert [one.attempt_id for one in pauses] == [one.attempt_id for one in sent]


def test_whom_the_night_s_closing_let_out_does_not_come_back(open_record: Open) -> None:
    record, claims = open_record(), receipt()
    record.visits.write(attempt(receipt=claims))
    tomorrow = NOON + timedelta(days=1)
    assert len(record.visits.close_day(tomorrow - timedelta(hours=3))) == 1
    back = record.visits.write(attempt(receipt=claims, at=tomorrow))
    assert outcome(back) == (DecisionKind.DENY, Reason.ALREADY_USED)


def test_what_was_written_is_told_without_another_look(open_record: Open) -> None:
    record, claims = open_record(), receipt()
    for made in (attempt(receipt=claims, remark="kursi roda", results=PASSED), pause()):
        written = record.visits.write(made)
        assert written.entry == record.visits.attempt(written.attempt_id)
    repeated = record.visits.write(made)
    assert (repeated.is_repeat, repeated.entry) == (True, written.entry)


def test_attempts_handed_in_together_are_all_decided_in_their_order(open_record: Open) -> None:
    record, claims = open_record(capacity=3), receipt()
    made = [
        attempt(receipt=claims, nonce="1"),
        attempt(receipt=claims, nonce="2"),
        attempt(receipt=claims, nonce="1"),
        refusal(Reason.EXPIRED, receipt=receipt()),
        *(attempt(receipt=receipt()) for _ in range(3)),
    ]
    futures = [record.visits.submit(one) for one in made]
    written = [future.result() for future in futures]
    assert [w.reason for w in written] == [
        Reason.ADMITTED,
        Reason.ALREADY_INSIDE,
        Reason.ADMITTED,
        Reason.EXPIRED,
        Reason.ADMITTED,
        Reason.ADMITTED,
        Reason.ROOM_FULL,
    ]
    assert written[2].is_repeat
    assert [w.entry_id for w in written if not w.is_repeat] == [1, 2, 3, 4, 5, 6]
    assert record.visits.figures(since=MIDNIGHT, at=NOON).occupancy == 3
    assert record.visits.verify().problem is None


def test_pauses_of_earlier_days_are_over(open_record: Open) -> None:
    record = open_record()
    record.visits.write(pause(at=NOON - timedelta(days=1)))
    assert record.visits.pauses(since=MIDNIGHT) == []


def test_figures_count_the_day(open_record: Open) -> None:
    record, claims = open_record(capacity=3), receipt()
    record.visits.write(attempt(at=NOON - timedelta(days=1)))
    record.visits.write(attempt(receipt=claims))
    leave(record, claims)
    record.visits.write(attempt(receipt=claims))
    annulled = record.visits.write(attempt())
    record.visits.annul(annulled.attempt_id, operator="ani", remark="salah", at=NOON)
    record.visits.write(refusal(Reason.EXPIRED))
    record.visits.write(refusal(Reason.EXPIRED))
    record.visits.write(refusal(Reason.ELEVATED_TWICE))
    record.visits.write(pause())
    figures = record.visits.figures(since=MIDNIGHT, at=NOON)
    assert (figures.since, figures.updated_at, figures.capacity) == (MIDNIGHT, NOON, 3)
    assert (figures.occupancy, figures.admitted, figures.refused) == (1, 1, 3)
    assert figures.refused_by_reason == {Reason.EXPIRED: 2, Reason.ELEVATED_TWICE: 1}
    assert figures.waiting_outside == 1


def test_a_glance_shows_what_was_just_written(open_record: Open) -> None:
    record = open_record(capacity=2)
    record.visits.write(attempt(at=NOON - timedelta(days=1)))
    visits = [the(record.visits.write(attempt()).visit) for _ in range(2)]
    record.visits.write(attempt())
    record.visits.write(refusal(Reason.EXPIRED, at=at(1)))
    leave(record, when=at(2))
    figures, seats = the(record.visits.glance(at=at(2)))
    assert figures == record.visits.figures(since=MIDNIGHT, at=at(2))
    assert (figures.since, figures.occupancy, figures.waiting_outside) == (MIDNIGHT, 1, 1)
    assert seats == record.visits.seats()
    assert {seat.label for seat in seats if seat.visit_id is not None} == {visits[1].seat}


def test_who_waits_outside_is_counted_once_and_not_for_ever(open_record: Open) -> None:
    record, claims = open_record(capacity=0), receipt()
    for minute in (0, 1, 2):
        record.visits.write(attempt(receipt=claims, at=at(minute)))
    assert record.visits.figures(since=MIDNIGHT, at=at(3)).waiting_outside == 1
    assert record.visits.figures(since=MIDNIGHT, at=at(63)).waiting_outside == 1
    tomorrow = MIDNIGHT + timedelta(days=1)
    assert record.visits.figures(since=tomorrow, at=tomorrow).waiting_outside == 0


def test_who_waits_outside_without_a_receipt_is_not_counted_for_ever(open_record: Open) -> None:
    record = open_record(capacity=0)
    record.visits.write(attempt())
    assert record.visits.figures(since=MIDNIGHT, at=at(3)).waiting_outside == 1
    assert record.visits.figures(since=MIDNIGHT, at=at(63)).waiting_outside == 0


def test_hours_are_the_site_s_own(open_record: Open) -> None:
    record = open_record()
    for minute in (0, 59, 61):
        record.visits.write(attempt(at=at(minute)))
    record.visits.write(refusal(Reason.EXPIRED, at=at(70)))
    for minute in (80, 90):
        record.visits.write(
            attempt(decision=DecisionKind.REFER, reason=Reason.ELEVATED_TWICE, at=at(minute))
        )
    hours = record.visits.hourly(since=MIDNIGHT)
    assert hours == [(at(0), 2, 0, 0), (at(60), 1, 1, 2)]
    assert hours[0][0].utcoffset() == timedelta(0)


def test_an_hour_does_not_count_who_came_back_or_did_not_come_in(open_record: Open) -> None:
    record, claims = open_record(), receipt()
    record.visits.write(attempt(receipt=claims))
    leave(record, claims, at(10))
    record.visits.write(attempt(receipt=claims, at=at(70), reason=Reason.RETURNED))
    nobody = record.visits.write(attempt(at=at(130)))
    record.visits.annul(nobody.attempt_id, operator="ani", remark="pergi", at=at(190))
    assert record.visits.hourly(since=MIDNIGHT) == [(at(0), 1, 0, 0)]


def test_a_quiet_gate_shows_its_own_last_rows(open_record: Open) -> None:
    record = open_record(capacity=90)
    quiet = record.visits.write(attempt(gate="belakang"))
    for _ in range(30):
        record.visits.write(attempt())
    assert [row.entry_id for row in record.visits.latest(limit=6, gate="belakang")] == [
        quiet.entry_id
    ]
    assert [row.gate for row in record.visits.latest(limit=6, gate="utama")] == ["utama"] * 6
    assert record.visits.latest(limit=6, gate="tidak ada") == []


@pytest.mark.parametrize("after", [2**63, 2**200, 10**19, 2])
def test_nothing_follows_a_number_above_the_log(open_record: Open, after: int) -> None:
    record = open_record()
    record.visits.write(attempt())
    record.visits.write(attempt())
    assert record.visits.head() == 2
    assert record.visits.entries(after=after) == []


def test_every_row_follows_a_number_below_the_log(open_record: Open) -> None:
    record = open_record()
    assert record.visits.head() == 0
    record.visits.write(attempt())
    assert [row.entry_id for row in record.visits.entries(after=-(2**70))] == [1]


def test_a_referral_is_open_until_a_clinical_reading(open_record: Open) -> None:
    record = open_record()
    record.visits.write(refusal(Reason.ELEVATED_TWICE, at=MIDNIGHT - timedelta(minutes=1)))
    first, second, third = (
        record.visits.write(refusal(Reason.ELEVATED_TWICE, at=at(minute))) for minute in range(3)
    )
    record.visits.write(refusal(Reason.EXPIRED))
    record.visits.confirm(first.attempt_id, operator="budi", remark=None, at=at(3))
    assert [row.attempt_id for row in record.visits.open_referrals(since=MIDNIGHT)] == [
        third.attempt_id,
        second.attempt_id,
        first.attempt_id,
    ]
    record.visits.record_clinical(
        second.attempt_id, celsius=36.9, outcome="normal", operator="rina", at=at(4)
    )
    assert [row.attempt_id for row in record.visits.open_referrals(since=MIDNIGHT)] == [
        third.attempt_id,
        first.attempt_id,
    ]


def test_unmeasured_is_who_was_let_in_by_a_device_and_is_still_inside(open_record: Open) -> None:
    record, claims = open_record(), receipt()
    by_hand = CheckResult(check=Check.TEMPERATURE, source=EvidenceSource.GUARD, outcome="passed")
    passed = [the(record.visits.write(attempt(at=at(m), results=PASSED)).visit) for m in range(3)]
    record.visits.write(attempt(results=(by_hand,)))
    record.visits.write(attempt())
    record.visits.write(attempt(results=PASSED, receipt=claims))
    leave(record, claims, at(5))
    record.visits.annul(passed[0].attempt_id, operator="ani", remark="pergi", at=at(6))
    record.visits.record_clinical(
        passed[1].attempt_id, celsius=36.6, outcome="normal", operator="rina", at=at(7)
    )
    assert record.visits.unmeasured() == [passed[2]]


def test_yesterday_s_visitors_are_not_inside_today(open_record: Open) -> None:
    clock = FakeClock(NOON)
    record, claims = open_record(clock=clock, capacity=1), receipt()
    seat = the(record.visits.write(attempt(receipt=claims, results=PASSED)).visit).seat
    tomorrow = NOON + timedelta(days=1)
    clock.move_to(tomorrow)
    since = MIDNIGHT + timedelta(days=1)
    assert record.visits.figures(since=since, at=tomorrow).occupancy == 0
    assert record.visits.visits_inside() == record.visits.unmeasured() == []
    assert all(state.visit_id is None for state in record.visits.seats())
    written = record.visits.write(attempt(at=tomorrow))
    assert (written.decision, the(written.visit).seat) == (DecisionKind.ADMIT, seat)
    assert [row.kind for row in record.visits.entries(after=1)] == [
        EntryKind.EXIT,
        EntryKind.ATTEMPT,
    ]


def test_closing_the_day_lets_out_who_forgot_to_leave(open_record: Open) -> None:
    record, claims = open_record(), receipt()
    record.visits.write(attempt(receipt=claims))
    tomorrow = NOON + timedelta(days=1)
    assert record.visits.close_day(NOON) == []
    (closed,) = record.visits.close_day(tomorrow)
    assert (closed.left_at, closed.left_how) == (tomorrow, ExitHow.CLOSING)
    assert record.visits.close_day(tomorrow) == []


def test_who_came_while_the_clock_was_ahead_is_let_out_with_their_day(open_record: Open) -> None:
    record = open_record()
    tomorrow = NOON + timedelta(days=1)
    for ahead in (timedelta(days=400), timedelta(days=1)):
        record.visits.write(attempt(at=NOON + ahead))
    record.visits.write(attempt(at=at(5)))
    assert record.visits.close_day(at(6)) == []  # they came today, whatever their rows say

    closed = record.visits.close_day(tomorrow - timedelta(hours=5))
    assert len(closed) == 3
    assert record.visits.visits_inside() == []


def test_who_comes_while_the_clock_is_a_little_behind_is_not_let_out(open_record: Open) -> None:
    record = open_record()
    record.visits.write(attempt(at=NOON - timedelta(days=1)))
    record.visits.close_day(NOON)
    record.visits.write(attempt(at=at(3)))
    assert record.visits.close_day(at(1)) == []


def test_nobody_is_let_out_for_rows_of_a_day_before_they_came(open_record: Open) -> None:
    record = open_record()
    for _ in range(2):
        record.visits.write(refusal(Reason.EXPIRED, at=NOON - timedelta(days=1)))
    record.visits.write(attempt(at=NOON + timedelta(days=1)))
    record.visits.write(refusal(Reason.EXPIRED, at=MIDNIGHT))
    record.visits.write(attempt(at=at(5)))
    assert record.visits.close_day(at(3)) == []
    record.visits.write(refusal(Reason.EXPIRED, at=MIDNIGHT - timedelta(seconds=1)))
    assert len(record.visits.close_day(at(4))) == 2


def test_the_log_can_be_read_from_any_row(open_record: Open) -> None:
    record = open_record()
    ids = [record.visits.write(attempt()).entry_id for _ in range(5)]
    assert ids == [1, 2, 3, 4, 5]
    assert [row.entry_id for row in record.visits.entries(after=2, limit=2)] == [3, 4]
    assert [row.entry_id for row in record.visits.latest(limit=2)] == [5, 4]
    assert [row.entry_id for row in record.visits.export()] == ids
    assert len({row.hash for row in record.visits.export()}) == 5
    assert record.visits.attempt("unheard of") is None


def test_an_untouched_log_is_intact(open_record: Open) -> None:
    record, claims = open_record(), receipt()
    assert record.visits.verify().is_intact
    record.receipts.add(claims)
    record.visits.write(pause(receipt=claims, remark="minum"))
    record.visits.write(attempt(receipt=claims, at=at(6), remark="📷 \0 \ud800"))
    leave(record, claims, at(7))
    back = record.visits.write(attempt(receipt=claims, at=at(8)))
    record.visits.annul(back.attempt_id, operator="ani", remark="x", at=at(9))
    record.receipts.revoke(claims.issuer, claims.number, reason="x", operator="ani", at=at(9))
    record.visits.close_day(NOON + timedelta(days=1))
    report = record.visits.verify()
    assert report.problem is None
    assert (report.is_intact, report.head) == (True, record.visits.latest(limit=1)[0].hash)
    assert report.entries == record.visits.latest(limit=1)[0].entry_id


def test_sixteen_threads_redeem_a_receipt_exactly_once(open_record: Open) -> None:
    record, claims = open_record(capacity=100), receipt()
    written = _together(record, [attempt(receipt=claims, nonce=str(n)) for n in range(THREADS)])
    assert Counter(w.decision for w in written) == {DecisionKind.ADMIT: 1, DecisionKind.DENY: 15}
    assert len(record.visits.entries()) == THREADS
    assert record.visits.verify().is_intact


def test_sixteen_threads_of_a_party_take_every_place_once(open_record: Open) -> None:
    record, claims = open_record(capacity=100), receipt(party_size=4)
    written = _together(record, [attempt(receipt=claims) for _ in range(THREADS)])
    places = [w.visit.place for w in written if w.visit is not None]
    assert sorted(places) == [1, 2, 3, 4]


def test_sixteen_threads_with_one_nonce_get_one_answer(open_record: Open) -> None:
    record, claims = open_record(), receipt()
    written = _together(record, [attempt(receipt=claims, nonce="n") for _ in range(THREADS)])
    assert {(w.attempt_id, w.decision) for w in written} == {
        (written[0].attempt_id, DecisionKind.ADMIT)
    }
    assert sorted(w.is_repeat for w in written) == [False] + [True] * 15
    assert len(record.visits.entries()) == 1


def test_sixteen_threads_do_not_overfill_the_room(open_record: Open) -> None:
    record = open_record(plan=SeatPlan(2, 5, Sealed.NONE), capacity=10)
    written = _together(record, [attempt() for _ in range(THREADS)])
    seats = [w.visit.seat for w in written if w.visit is not None]
    assert len(set(seats)) == len(seats) == 10
    assert Counter(w.reason for w in written)[Reason.ROOM_FULL] == 6


def _together(record: AnyRecord, attempts: list[Attempt]) -> list[WrittenAttempt]:
    barrier = threading.Barrier(len(attempts))

    def write(one: Attempt) -> WrittenAttempt:
        barrier.wait()
        written: WrittenAttempt = record.visits.write(one)
        return written

    with ThreadPoolExecutor(len(attempts)) as threads:
        return list(threads.map(write, attempts))
