"""What every record promises of the facts that people change while the office runs."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, time, timedelta

import pytest

from screening.accounts import Gate
from screening.decision import Check, DecisionKind, Reason
from screening.errors import OfficeError
from screening.office.changes import (
    Edit,
    Former,
    in_mode,
    in_turn,
    with_changed_counter,
    with_changed_gate,
    with_changed_service,
    with_chosen_plan,
    with_counter,
    with_gate,
    with_gate_title,
    with_service,
    with_settings,
    with_words,
    without_gate,
    without_service,
)
from screening.office.facts import Mode, OfficeFacts, WordsAt
from screening.office.hours import Span, SpecialDay
from screening.office.hours_changes import with_days, with_leave, with_week
from screening.office.issuers import with_issuer_key, without_issuer
from screening.office.speakers import Speaker, with_speaker, without_speaker
from screening.visits import EntryKind, LogEntry
from screening.waiting_room.chairs import Chair, Near, in_rows, marked
from screening.waiting_room.plan import ChosenPlan, Sealed
from tests.contracts.builders import MIDNIGHT, NOON, attempt, receipt, the
from tests.records import AnyRecord
from tests.records import OpenRecord as Open
from tests.screening.receipts.builders import THEIRS

pytestmark = pytest.mark.parametrize("open_record", ["sqlite", "postgresql", "fake"], indirect=True)
ONLY_RECEIPT = frozenset({Check.RECEIPT})


def change(record: AnyRecord, edit: Edit, operator: str = "rina") -> LogEntry | None:
    entry: LogEntry | None = record.facts.change(edit, operator=operator, at=NOON)
    return entry


def take_over(record: AnyRecord) -> LogEntry | None:
    entry: LogEntry | None = record.facts.take_over(
        operator="root", at=NOON, gates_of_an_empty_office={"utama": None}
    )
    return entry


def test_begins_with_the_values_it_is_opened_with(open_record: Open) -> None:
    facts = open_record(capacity=7, daily_quota=9).facts.current()
    assert (facts.rows, facts.columns, facts.capacity, facts.daily_quota) == (4, 5, 7, 9)
    assert facts.mode is Mode.OUTBREAK
    assert not facts.is_taken_over
    assert next(iter(facts.services)) == "KTP"


def test_since_when_a_service_is_closed_is_a_fact_until_it_is_open_again(
    open_record: Open,
) -> None:
    record = open_record()
    change(record, with_changed_service("KTP", {"channel": "closed", "closed_why_id": "Rusak"}))
    closed = record.facts.current().services["KTP"]
    assert (closed.closed_since, closed.closed_why) == (date(2026, 3, 10), {"id": "Rusak"})
    rows = record.visits.latest(limit=1)
    assert "closed_since: – → 2026-03-10" in (rows[0].remark or "")
    change(record, with_changed_service("KTP", {"closed_since": "2026-03-02"}))
    change(record, with_changed_service("KTP", {"quota": "9"}))
    record.facts.refresh()
    assert record.facts.current().services["KTP"].closed_since == date(2026, 3, 2)
    change(record, with_changed_service("KTP", {"channel": "collection"}))
    again = record.facts.current().services["KTP"]
    assert (again.closed_since, again.closed_why) == (None, {})
    assert record.visits.verify().is_intact


def test_a_change_holds_at_once_and_is_one_row_with_before_and_after(open_record: Open) -> None:
    record = open_record()
    before = record.facts.current().version
    entry = change(record, with_settings({"capacity": "1", "daily_quota": "8"}))
    assert entry is not None
    assert (entry.kind, entry.operator, entry.at) == (EntryKind.OFFICE_CHANGED, "rina", NOON)
    assert entry.remark == "capacity: – → 1; daily_quota: – → 8"
    facts = record.facts.current()
    assert (facts.capacity, facts.daily_quota, facts.version) == (1, 8, before + 1)
    assert [row.entry_id for row in record.visits.entries()] == [entry.entry_id]
    assert record.visits.latest(limit=1)[0].remark == entry.remark
    assert record.visits.verify().is_intact


def chosen_plan(*, distance_m: float = 1.0) -> ChosenPlan:
    chairs = in_rows(1, 3, pitch_x=0.55, pitch_y=0.9)
    chairs = marked(chairs, ["A1"], near=Near.DOOR, family="Sari")
    chairs.append(Chair(label="S1", x=0, y=0, room="Samping", is_pinned=True, is_wheelchair=True))
    return ChosenPlan(
        chairs=tuple(chairs), open_labels=frozenset({"A1", "A3", "S1"}), distance_m=distance_m
    )


def test_a_plan_of_seats_is_kept_with_each_chair_as_it_was_measured(open_record: Open) -> None:
    record, plan = open_record(), chosen_plan()
    assert record.facts.current().chosen is None
    entry = the(change(record, with_chosen_plan(plan, rows=2, columns=3)))
    facts = record.facts.current()
    assert facts.chosen == plan
    assert (facts.sealed, facts.rows, facts.columns) == (Sealed.CHOSEN, 2, 3)
    assert change(record, with_chosen_plan(chosen_plan(), rows=2, columns=3)) is None
    told = the(entry.remark)
    for words in (
        "sealed: checkerboard → chosen",
        "seats.chairs: – → 4 in Samping (",
        "seats.open: – → A1 A3 S1",
        "seats.wheelchair: – → S1",
        "seats.near_door: – → A1",
        "seats.distance_m: – → 1.0",
    ):
        assert words in told
    again = the(change(record, with_chosen_plan(chosen_plan(distance_m=1.2))))
    assert again.remark == "seats.distance_m: 1.0 → 1.2"
    assert record.visits.verify().is_intact


def test_a_plan_of_seats_is_sealed_in_an_outbreak_and_open_every_day(open_record: Open) -> None:
    record = open_record()
    change(record, with_chosen_plan(chosen_plan()))
    assert record.visits.figures(since=MIDNIGHT, at=NOON).capacity == 3
    assert [seat.label for seat in record.visits.seats() if seat.is_sealed] == ["A2"]
    change(record, in_mode(Mode.EVERYDAY))
    assert record.visits.figures(since=MIDNIGHT, at=NOON).capacity == 4
    assert not any(seat.is_sealed for seat in record.visits.seats())


def test_an_office_goes_back_to_rows_and_to_its_plan_again(open_record: Open) -> None:
    record = open_record()
    with pytest.raises(OfficeError, match="no plan was taken over"):
        change(record, with_settings({"sealed": "chosen"}))
    change(record, with_chosen_plan(chosen_plan()))
    with pytest.raises(OfficeError, match="sealed=checkerboard"):
        change(record, with_settings({"rows": "3"}))
    change(record, with_settings({"sealed": "columns", "rows": "1"}))
    assert [seat.label for seat in record.visits.seats()] == ["A1", "A2", "A3", "A4", "A5"]
    change(record, with_settings({"sealed": "chosen"}))
    assert [seat.label for seat in record.visits.seats()] == ["A1", "A2", "A3", "S1"]


def test_what_changes_nothing_leaves_no_row(open_record: Open) -> None:
    record = open_record(capacity=5)
    assert change(record, with_settings({"capacity": "5"})) is None
    assert change(record, in_mode(Mode.OUTBREAK)) is None
    assert record.visits.entries() == []


def test_an_edit_that_cannot_be_leaves_nothing(open_record: Open) -> None:
    record = open_record()
    with pytest.raises(OfficeError):
        change(record, without_gate("absent"))
    assert record.visits.entries() == []
    assert record.visits.write(attempt()).decision is DecisionKind.ADMIT


def test_what_a_row_has_no_room_for_is_told_with_the_change_that_replaced_it(
    open_record: Open,
) -> None:
    record, theirs = open_record(), THEIRS.trusted()
    change(record, with_chosen_plan(chosen_plan()))
    change(record, with_issuer_key(theirs))
    change(record, with_settings({"capacity": "2"}))
    wider = chosen_plan(distance_m=1.2)
    change(record, with_chosen_plan(wider))
    change(record, without_issuer(theirs.issuer, None))
    speaker = Speaker(place="/display/utama", by="rina", since=NOON)
    change(record, with_speaker("a1", speaker))
    change(record, without_speaker("a1"))
    assert [one.former for one in record.facts.changed()] == [
        Former(plan=wider, speakers={"a1": speaker}),
        None,
        Former(plan=wider, issuer_keys=(theirs,)),
        Former(plan=chosen_plan(), issuer_keys=(theirs,)),
        None,
        Former(plan=chosen_plan()),
        Former(),
    ]


def test_tells_whether_a_receipt_of_an_issuer_let_somebody_in_since(open_record: Open) -> None:
    record = open_record(capacity=2)
    record.visits.write(attempt(receipt=receipt(issuer="JKT")))
    since = the(change(record, with_settings({"address": "Jl. Juanda 10"}))).entry_id
    assert record.facts.accepted_since("JKT", since - 1) is False
    assert record.facts.accepted_since("JKT", since - 2)
    record.visits.write(attempt(receipt=receipt(issuer="BGR")))
    denied = attempt(receipt=receipt(issuer="JKT"), decision=DecisionKind.DENY)
    record.visits.write(replace(denied, reason=Reason.ALREADY_USED))
    assert not record.facts.accepted_since("JKT", since)


def test_the_next_visitor_meets_the_new_capacity_and_nobody_is_unseated(open_record: Open) -> None:
    record = open_record(capacity=3)
    inside = [record.visits.write(attempt()) for _ in range(3)]
    change(record, with_settings({"capacity": "1"}))
    assert record.visits.figures(since=MIDNIGHT, at=NOON).capacity == 1
    assert record.visits.write(attempt()).reason is Reason.ROOM_FULL
    assert [visit.attempt_id for visit in record.visits.visits_inside()] == [
        written.attempt_id for written in inside
    ]
    change(record, with_settings({"capacity": "4"}))
    assert record.visits.write(attempt()).decision is DecisionKind.ADMIT


def test_the_next_visitor_meets_the_new_quotas(open_record: Open) -> None:
    record = open_record()
    assert record.visits.write(attempt(receipt=receipt())).decision is DecisionKind.ADMIT
    change(record, with_changed_service("KTP", {"daily_quota": "1"}))
    assert record.visits.write(attempt(receipt=receipt())).reason is Reason.QUOTA_REACHED
    change(record, with_changed_service("KTP", {"daily_quota": "none"}))
    change(record, with_settings({"daily_quota": "1"}))
    assert record.visits.write(attempt(receipt=receipt())).reason is Reason.QUOTA_REACHED


def test_switching_the_mode_opens_seats_and_seals_them_under_nobody(open_record: Open) -> None:
    record = open_record()
    change(record, in_mode(Mode.EVERYDAY))
    assert record.visits.figures(since=MIDNIGHT, at=NOON).capacity == 20
    for _ in range(20):
        assert the(record.visits.write(attempt()).visit).seat is not None
    change(record, in_mode(Mode.OUTBREAK))
    seats = record.visits.seats()
    assert sum(seat.is_sealed for seat in seats) == 10
    assert all(seat.visit_id is not None for seat in seats)
    assert record.visits.write(attempt()).reason is Reason.ROOM_FULL


def test_a_capacity_above_the_seats_admits_without_a_seat(open_record: Open) -> None:
    record = open_record(capacity=12)
    written = [record.visits.write(attempt()) for _ in range(13)]
    assert [w.decision for w in written] == [DecisionKind.ADMIT] * 12 + [DecisionKind.WAIT]
    assert [the(w.visit).seat is None for w in written[:12]] == [False] * 10 + [True] * 2


def test_gates_and_services_go_through_the_same_door(open_record: Open) -> None:
    record = open_record()
    for edit in (
        with_gate("dua", ONLY_RECEIPT),
        with_changed_gate("dua", None),
        with_gate_title("dua", "Pintu samping"),
        with_service("PASPOR", {"channel": "walk_in", "name_id": "Paspor"}),
        with_changed_service("PASPOR", {"name_jv": "Paspor Jawi"}),
    ):
        assert change(record, edit) is not None
    assert record.accounts.gate("dua") == Gate("dua", None, None)
    assert the(record.services.service("PASPOR")).names == {"id": "Paspor", "jv": "Paspor Jawi"}
    change(record, without_gate("dua"))
    change(record, without_service("PASPOR"))
    assert record.accounts.gates() == []
    assert record.services.service("PASPOR") is None
    assert [row.remark for row in record.visits.entries()][:2] == [
        "gates.dua.checks: – → receipt",
        "gates.dua.checks: receipt → mode",
    ]


def test_a_change_of_hours_is_one_row_with_what_was_and_what_is(open_record: Open) -> None:
    record, day = open_record(), date(2026, 12, 24)
    change(record, with_week({"fri": "08:00-11:00"}))
    change(record, in_turn(with_days([day], SpecialDay()), with_leave({day: True})))
    change(record, in_turn(with_days([day], None), with_leave({day: False})))
    assert change(record, with_week({"fri": "08:00-11:00"})) is None
    assert [row.remark for row in record.visits.entries()] == [
        "hours.fri: 08:00-15:00 → 08:00-11:00",
        "hours.2026-12-24: – → closed; hours.leave_2026-12-24: – → closed",
        "hours.2026-12-24: closed → –; hours.leave_2026-12-24: closed → –",
    ]
    assert record.visits.verify().is_intact


def test_rows_name_what_does_not_exist_any_more(open_record: Open) -> None:
    record = open_record()
    change(record, with_gate("dua", None))
    record.visits.write(attempt(gate="dua", receipt=receipt()))
    change(record, without_gate("dua"))
    change(record, without_service("KTP"))
    row = record.visits.entries(after=1, limit=1)[0]
    assert (row.gate, row.service) == ("dua", "KTP")
    assert record.visits.verify().is_intact


def test_two_who_change_different_things_at_once_both_get_them(open_record: Open) -> None:
    record = open_record()
    edits = [
        with_settings({"capacity": "8"}),
        with_settings({"daily_quota": "9"}),
        *(with_gate(f"g-{number}", None) for number in range(6)),
    ]
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda edit: change(record, edit), edits))
    facts = record.facts.current()
    assert (facts.capacity, facts.daily_quota, len(facts.gates)) == (8, 9, 6)
    assert len(record.visits.entries()) == 8


def test_first_values_are_taken_over_once_and_hold_from_then_on(open_record: Open) -> None:
    first = OfficeFacts(mode=Mode.EVERYDAY, gates={"satu": ONLY_RECEIPT})
    record = open_record(first=first, capacity=6)
    change(record, with_settings({"daily_quota": "77"}))
    entry = take_over(record)
    assert entry is not None
    assert entry.kind is EntryKind.OFFICE_CHANGED
    assert "mode: – → everyday" in (entry.remark or "")
    assert "gates.satu.checks: – → receipt" in (entry.remark or "")
    assert take_over(record) is None
    facts = record.facts.current()
    assert facts.is_taken_over
    assert (facts.mode, facts.capacity, facts.daily_quota) == (Mode.EVERYDAY, 6, 77)


def test_an_office_without_gates_gets_its_first_one(open_record: Open) -> None:
    record = open_record()
    take_over(record)
    assert dict(record.facts.current().gates) == {"utama": None}


def test_a_change_in_the_middle_of_a_day_keeps_the_figures_sound(open_record: Open) -> None:
    record = open_record()
    for minute in range(4):
        record.visits.write(attempt(at=NOON + timedelta(minutes=minute)))
        change(record, with_settings({"capacity": str(9 - minute)}))
    assert record.visits.figures(since=MIDNIGHT, at=NOON).occupancy == 4
    assert record.visits.verify().problem is None


def test_the_office_s_own_words_are_kept_by_place_and_language(open_record: Open) -> None:
    record = open_record()
    typed = {"receipt_id": "Bawa kartu lama", "receipt_en": "Bring your old card"}
    entry = change(record, with_words(typed))
    assert entry is not None
    record.facts.refresh()
    facts = record.facts.current()
    assert facts.says(WordsAt.RECEIPT, "en", default="id") == "Bring your old card"
    assert facts.says(WordsAt.KIOSK, "en", default="id") == ""
    assert record.facts.changed()[0].changes["words.receipt_id"] == (None, "Bawa kartu lama")

    change(record, with_words({"receipt_en": "none"}))
    record.facts.refresh()
    facts = record.facts.current()
    assert facts.says(WordsAt.RECEIPT, "en", default="id") == "Bawa kartu lama"
    assert change(record, with_words({"receipt_en": ""})) is None
    for wrong in ("a" * 91, "two\nlines", "hidden\u202e"):
        with pytest.raises(OfficeError, match="kiosk_id"):
            with_words({"kiosk_id": wrong})


def test_what_screens_say_and_when_they_are_silent_is_kept(open_record: Open) -> None:
    record = open_record()
    change(record, with_settings({"message": "Bawa KTP asli", "quiet_hours": "12:00-13:00"}))
    record.facts.refresh()
    facts = record.facts.current()
    assert facts.message == "Bawa KTP asli"
    assert facts.quiet_hours == (Span(time(12), time(13)),)
    change(record, with_settings({"message": "none", "quiet_hours": "none"}))
    assert (record.facts.current().message, record.facts.current().quiet_hours) == (None, ())
    with pytest.raises(OfficeError, match="quiet_hours"):
        with_settings({"quiet_hours": "noon"})


def test_a_counter_that_asks_for_help_is_a_row_and_so_is_its_end(open_record: Open) -> None:
    record = open_record()
    change(record, with_counter("3", {}))
    asked = change(record, with_changed_counter("3", {"help": "yes"}))
    assert asked is not None
    assert asked.remark == "counters.3.help: False → True"
    assert record.facts.current().counters["3"].wants_help
    change(record, with_changed_counter("3", {"help": "no"}), "budi")
    assert not record.facts.current().counters["3"].wants_help


def test_a_screen_that_may_speak_is_a_row_and_so_is_that_it_may_no_more(open_record: Open) -> None:
    record = open_record()
    speakers = [Speaker(place="/display/utama", by=by, since=NOON) for by in ("rina", "budi")]
    for name, speaker in zip(("aa", "bb"), speakers, strict=True):
        change(record, with_speaker(name, speaker))
    record.facts.refresh()
    assert list(record.facts.current().speakers.items()) == list(
        zip(("aa", "bb"), speakers, strict=True)
    )
    taken_back = change(record, without_speaker("aa"), "budi")
    assert taken_back is not None
    assert taken_back.remark == "speakers.aa: /display/utama → –"
    assert list(record.facts.current().speakers) == ["bb"]
    with pytest.raises(OfficeError, match="may not speak already"):
        change(record, without_speaker("aa"))


def test_the_reason_of_a_change_stands_in_its_row_and_is_told_again(open_record: Open) -> None:
    record = open_record()
    why = "the room is full on fewer than one day in twenty"
    record.facts.change(with_settings({"daily_quota": "90"}), operator="dewi", at=NOON, why=why)
    change(record, in_mode(Mode.EVERYDAY))
    assert [one.why for one in record.facts.changed()] == ["", why]
    assert record.visits.entries()[0].remark == f"daily_quota: – → 90 ({why})"


def test_changes_are_told_again_newest_first_with_before_and_after(open_record: Open) -> None:
    record = open_record()
    for capacity in ("1", "2", "seats"):
        change(record, with_settings({"capacity": capacity}))
    newest, middle, oldest = record.facts.changed()[:3]
    assert [one.changes for one in (newest, middle, oldest)] == [
        {"capacity": (2, None)},
        {"capacity": (1, 2)},
        {"capacity": (None, 1)},
    ]
    assert (newest.operator, newest.at) == ("rina", NOON)
    assert record.facts.changed(before=newest.entry_id, limit=1) == [middle]
    assert record.facts.changed(before=2**63)[0] == newest
