"""What only a database can promise: constraints, the chain, forgetting, other processes."""

from __future__ import annotations

import json
import queue
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import event, insert, select, text

from screening.accounts import Role, WebSession
from screening.clock import FakeClock
from screening.decision import Check, DecisionKind, Reason
from screening.errors import NotRecorded, RecordError, UnknownReceipt
from screening.office.changes import (
    in_mode,
    in_turn,
    with_changed_service,
    with_service,
    with_settings,
)
from screening.office.facts import Mode, OfficeFacts, SecondFactor
from screening.office.hours import Span, SpecialDay
from screening.office.hours_changes import with_days, with_leave, with_week
from screening.office.services import SEED_SERVICES, Booking
from screening.record import retention
from screening.record.book import end_receipt, receipt_columns
from screening.record.engine import Conflict, make_engine
from screening.record.record import Record
from screening.record.retention import CROWD
from screening.record.tables import Base, ReceiptRow, RedemptionRow, SeriesRow
from screening.record.writer import Transaction
from screening.registration.bookings import PriorityGroup
from screening.visits import EntryKind, ExitHow
from tests.contracts.builders import (
    MIDNIGHT,
    NOON,
    PASSED,
    SITE,
    attempt,
    commissioning,
    pause,
    receipt,
    refusal,
    the,
    thermometer_check,
    warm,
    write_as_newer_version,
)
from tests.contracts.older import set_back
from tests.records import OpenDatabase as Open

pytestmark = pytest.mark.parametrize("open_record", ["sqlite", "postgresql"], indirect=True)


def sql(record: Record, statement: str, **values: Any) -> list[Any]:
    """Run a statement behind the record's back."""
    with record._database._engine.begin() as connection:
        result = connection.execute(text(statement), values)
        return list(result) if result.returns_rows else []


MORNING, AFTERNOON = Span(time(8), time(12)), Span(time(13), time(15))


def test_a_place_cannot_be_taken_twice_even_without_asking_first(open_record: Open) -> None:
    record, claims = open_record(), receipt()
    first = the(record.visits.write(attempt(receipt=claims)).visit)
    with pytest.raises(Conflict), record._database.writing() as (session, _):
        session.add(
            RedemptionRow(
                issuer=claims.issuer,
                receipt_number=claims.number,
                place=1,
                site="BGR",
                visit_id=first.visit_id,
            )
        )


def test_what_waits_together_is_looked_up_together(open_record: Open) -> None:
    record = open_record()
    record.visits.write(attempt())
    asked: list[str] = []

    @event.listens_for(record._database.for_writing, "before_cursor_execute")
    def note(_c: object, _u: object, statement: str, *_: object) -> None:
        if statement.startswith("SELECT 'head'"):
            asked.append(statement)

    futures = [record.visits.submit(attempt(receipt=receipt())) for _ in range(8)]
    visits = [the(future.result().visit) for future in futures]
    assert len(asked) == 1
    assert len({visit.visit_id for visit in visits}) == len({visit.seat for visit in visits}) == 8
    after = the(record.visits.write(attempt()).visit)
    assert after.visit_id > max(visit.visit_id for visit in visits)


def test_a_receipt_revoked_between_two_that_wait_together_is_refused(open_record: Open) -> None:
    record, claims = open_record(), receipt()
    record.receipts.add(claims)

    def revoke(transaction: Transaction) -> None:
        transaction.look(NOON)
        end_receipt(transaction, claims.issuer, claims.number, reason="x", operator="ani", at=NOON)

    first = record.visits.submit(attempt())
    revoked = record._writer.submit(revoke)
    shown = record.visits.submit(attempt(receipt=claims))
    last = record.visits.submit(attempt())
    revoked.result()
    reasons = [future.result().reason for future in (first, shown, last)]
    assert reasons == [Reason.ADMITTED, Reason.REVOKED, Reason.ADMITTED]


def test_each_of_two_with_one_id_is_decided_by_its_own_receipt(open_record: Open) -> None:
    record, good, revoked = open_record(), receipt(), receipt()
    for claims in (good, revoked):
        record.receipts.add(claims)
    record.receipts.revoke(
        revoked.issuer, revoked.number, reason="x", operator="ani", at=NOON - timedelta(days=1)
    )
    shown = (None, good, revoked)
    futures = [
        record.visits.submit(attempt(attempt_id="one" if claims else "none", receipt=claims))
        for claims in shown
    ]
    decided = [future.result() for future in futures]
    assert [one.reason for one in decided] == [Reason.ADMITTED] * 3
    assert [one.is_repeat for one in decided] == [False, False, True]
    assert record.visits.verify().is_intact


def test_a_repeat_stays_one_where_all_are_written_again_one_by_one(open_record: Open) -> None:
    record = open_record()

    def break_off(_: Transaction) -> None:
        raise UnknownReceipt("there is none")

    futures = [record.visits.submit(attempt(attempt_id="one")) for _ in range(2)]
    broken = record._writer.submit(break_off)
    assert [future.result().is_repeat for future in futures] == [False, True]
    with pytest.raises(UnknownReceipt):
        broken.result()


def test_two_offices_on_one_database_cannot_both_redeem_a_receipt(open_record: Open) -> None:
    # Each office has its own lock, so only the constraint stands between them.
    records = [open_record(site=site, capacity=100) for site in ("BGR", "JKT")]
    claims, barrier = receipt(), threading.Barrier(16)

    def write(number: int) -> DecisionKind:
        barrier.wait()
        written = records[number % 2].visits.write(attempt(receipt=claims))
        decision: DecisionKind = written.decision
        return decision

    with ThreadPoolExecutor(16) as threads:
        decisions = Counter(threads.map(write, range(16)))
    assert decisions == {DecisionKind.ADMIT: 1, DecisionKind.DENY: 15}
    assert all(record.visits.verify().is_intact for record in records)


def test_processes_that_start_together_make_one_secret_of_links(open_record: Open) -> None:
    records, barrier = [open_record() for _ in range(4)], threading.Barrier(4)

    def find(record: Record) -> bytes:
        barrier.wait()
        return record.receipts.link_secret()

    with ThreadPoolExecutor(4) as threads:
        assert len(set(threads.map(find, records))) == 1
    assert open_record(site="JKT").receipts.link_secret() != records[0].receipts.link_secret()


def test_a_contradiction_is_told_as_such_whenever_the_database_tells_it(open_record: Open) -> None:
    record, claims = open_record(), receipt()
    record.receipts.add(claims)

    def write_on(transaction: Transaction) -> None:
        for _ in range(100_000):  # a server that is not waited for tells it at any of these
            transaction.execute(insert(ReceiptRow), [receipt_columns(claims)])

    with pytest.raises(Conflict, match="contradiction"):
        record._writer.do(write_on)
    assert record.visits.write(attempt(receipt=claims)).decision is DecisionKind.ADMIT


def test_offices_on_one_database_do_not_see_each_other(open_record: Open) -> None:
    bogor, jakarta = open_record(site="BGR", capacity=1), open_record(site="JKT", capacity=1)
    assert bogor.visits.write(attempt()).entry_id == 1
    written = jakarta.visits.write(attempt())
    assert (written.entry_id, written.decision) == (1, DecisionKind.ADMIT)
    assert the(written.visit).ticket == "U-001"
    assert len(jakarta.visits.visits_inside()) == 1
    assert jakarta.visits.figures(since=MIDNIGHT, at=NOON).admitted == 1


def test_an_office_meets_none_of_another_office_s_visitors(open_record: Open) -> None:
    bogor, jakarta = open_record(site="BGR").visits, open_record(site="JKT").visits
    referred = receipt()
    came = bogor.write(attempt(results=PASSED, nonce="n"))
    bogor.write(pause())
    bogor.write(refusal(Reason.ELEVATED_TWICE, receipt=referred))
    whoever: dict[str, Any] = {
        "receipt": None,
        "how": ExitHow.BUTTON,
        "gate": "utama",
        "operator": None,
    }
    assert jakarta.leave(**whoever, at=NOON, nonce="n") is None
    assert jakarta.annul(came.attempt_id, operator="ani", remark="x", at=NOON) is None
    with pytest.raises(RecordError):
        jakarta.confirm(came.attempt_id, operator="ani", remark=None, at=NOON)
    assert jakarta.attempt(came.attempt_id) is None
    assert jakarta.referral(referred, since=MIDNIGHT) is None
    asked = (jakarta.pauses, jakarta.open_referrals, jakarta.hourly)
    assert [question(since=MIDNIGHT) for question in asked] == [[], [], []]
    assert jakarta.visits_inside() == jakarta.unmeasured() == []
    assert jakarta.latest() == []
    assert jakarta.close_day(NOON + timedelta(days=1)) == []
    figures = jakarta.figures(since=MIDNIGHT, at=NOON)
    assert (figures.occupancy, figures.refused, figures.waiting_outside) == (0, 0, 0)
    again = jakarta.write(attempt(attempt_id=came.attempt_id, nonce="n"))
    assert (again.is_repeat, the(again.visit).ticket) == (False, the(came.visit).ticket)
    assert len(bogor.visits_inside()) == 1
    assert len(bogor.pauses(since=MIDNIGHT)) == 1


def test_who_came_while_the_clock_was_ahead_is_inside_for_a_process_that_starts_later(
    open_record: Open,
) -> None:
    open_record().visits.write(attempt(at=NOON + timedelta(days=1)))
    open_record().visits.write(refusal(Reason.EXPIRED))
    started = open_record().visits
    assert started.figures(since=MIDNIGHT, at=NOON).occupancy == 1
    assert the(started.write(attempt(receipt=receipt())).visit).seat != "A1"
    tomorrow = NOON + timedelta(days=1)
    assert started.figures(since=MIDNIGHT + timedelta(days=1), at=tomorrow).occupancy == 1


def test_a_seat_freed_by_annulling_is_free_for_a_process_that_starts_later(
    open_record: Open,
) -> None:
    visits = open_record().visits
    admitted = visits.write(attempt()).visit
    assert admitted is not None
    visits.annul(admitted.attempt_id, operator="ani", remark="x", at=NOON)
    started = open_record().visits
    assert {seat.visit_id for seat in started.seats()} == {None}
    again = started.write(attempt()).visit
    assert again is not None
    assert again.seat == admitted.seat


def test_another_office_s_older_rows_let_nobody_out_here(open_record: Open) -> None:
    bogor, jakarta = open_record(site="BGR").visits, open_record(site="JKT").visits
    bogor.write(attempt(at=NOON + timedelta(days=1)))
    for _ in range(3):
        jakarta.write(refusal(Reason.EXPIRED, at=NOON - timedelta(days=1)))
    assert bogor.close_day(NOON) == []


def test_the_migrations_make_the_tables_that_the_code_names(open_record: Open) -> None:
    record = open_record()
    with record._database._engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []


def test_a_database_of_the_first_version_opens_and_keeps_everything(open_record: Open) -> None:
    record = open_record()
    written = record.visits.write(pause(remark="satu"))
    set_back(record, "0001")
    opened = open_record()
    assert the(opened.visits.attempt(written.attempt_id)).remark == "satu"
    assert opened.visits.verify().problem is None
    assert opened.thermometers.first_readings("utama", since=MIDNIGHT, until=NOON, limit=9) == []
    with opened._database._engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []


@pytest.mark.parametrize("version", ["0004", "0007"])
def test_hours_of_days_that_were_counted_without_them_are_counted_anew(
    open_record: Open, version: str
) -> None:
    record = open_record()
    record.visits.write(attempt())
    record.visits.write(refusal(Reason.EXPIRED, at=NOON + timedelta(minutes=70)))
    record.visits.write(
        attempt(
            decision=DecisionKind.REFER,
            reason=Reason.ELEVATED_TWICE,
            at=NOON + timedelta(minutes=70),
        )
    )
    record.visits.write(pause())
    set_back(record, version)
    opened = open_record()
    hours = opened.visits.hourly(since=MIDNIGHT)
    assert hours == [(NOON, 1, 0, 0), (NOON + timedelta(hours=1), 0, 1, 1)]
    assert len(opened.visits.pauses(since=MIDNIGHT)) == 1
    assert opened.visits.verify().problem is None


def test_an_upgraded_office_keeps_its_services_names_and_takes_further_ones(
    open_record: Open,
) -> None:
    record = open_record()
    set_back(record, "0007")
    sql(record, "UPDATE services SET name_id = 'KTP-el', name_en = 'ID card' WHERE code = 'KTP'")
    record.close()

    upgraded = open_record()
    ktp = the(upgraded.services.service("KTP"))
    assert ktp.names == {"id": "KTP-el", "en": "ID card"}
    edit = with_changed_service("KTP", {"name_jv": "Kertu KTP", "name_en": "none"})
    upgraded.facts.change(edit, operator="rina", at=NOON)
    assert the(upgraded.services.service("KTP")).names == {"id": "KTP-el", "jv": "Kertu KTP"}
    columns = "SELECT name_id, name_en FROM services WHERE code = 'KTP'"
    assert sql(upgraded, columns) == [("KTP-el", "KTP-el")]  # what an older version reads
    assert upgraded.visits.verify().is_intact


def test_everything_that_is_set_of_services_and_the_office_is_kept(open_record: Open) -> None:
    record = open_record()
    service = {
        "channel": "walk_in",
        "name_id": "Paspor",
        "brings_id": "KTP asli",
        "question_no_id": "Nomor pengajuan",
        "question_no_required": "yes",
        "letter": "pa",
        "link": "https://imigrasi.example/",
        "booking": "slot",
        "slot_minutes": "20",
        "slot_places": "3",
        "quota": "60",
        "priority_quota": "6",
        "lead_days": "0",
        "days_ahead": "21",
        "latest_minutes": "15",
        "gate_checks_hours": "yes",
        "hours_mon": "08:00-12:00,13:00-15:00",
        "hours_fri": "closed",
    }
    office = {
        "address": "Jl. Pajajaran 1",
        "telephone": "0251-8321075",
        "map_link": "https://peta.example/1",
        "slot_early_minutes": "10",
        "slot_late_minutes": "20",
        "hold_minutes": "5",
        "desk_for_guards": "yes",
        "second_factor": "required",
    }
    edits = (
        with_service("PASPOR", service),
        with_settings(office),
        with_week({"sat": "08:00-12:00"}),
        with_days([date(2026, 12, 24)], SpecialDay((MORNING,), "Malam Natal")),
        with_days([date(2026, 12, 23)], SpecialDay(), service="PASPOR"),
        with_leave({date(2026, 3, 18): True}),
    )
    record.facts.change(in_turn(*edits), operator="rina", at=NOON)
    changed = record.facts.current()
    assert changed.services["PASPOR"].hours.week == {0: (MORNING, AFTERNOON), 4: ()}
    assert changed.desk_for_guards
    assert changed.second_factor is SecondFactor.REQUIRED
    assert open_record().facts.current() == changed
    assert record.visits.verify().is_intact


def test_an_upgraded_office_gets_letters_and_nothing_else_is_decided_for_it(
    open_record: Open,
) -> None:
    record = open_record()
    new = {"channel": "walk_in", "name_id": "Layanan"}
    for code in ("FOTO", "UANG", "LAPOR"):
        record.facts.change(with_service(code, new), operator="rina", at=NOON)
    set_back(record, "0009")
    record.close()

    services = open_record().services.services()
    assert {code: service.letter for code, service in services.items()} == {
        **{service.code: service.letter for service in SEED_SERVICES},
        "FOTO": "O",
        "LAPOR": "B",
        "UANG": "N",
    }
    assert {service.booking for service in services.values()} == {Booking.NONE}
    seed = replace(SEED_SERVICES[0], booking=Booking.NONE)
    assert services["KTP"] == seed


def test_visits_of_another_zone_are_ended_and_undone_on_their_day_of_now(open_record: Open) -> None:
    record, late = open_record(), MIDNIGHT - timedelta(hours=1)
    claims = [receipt(number=name, not_before=late) for name in "ABC"]
    first, _, _ = [record.visits.write(attempt(receipt=one, at=late)) for one in claims]
    moved = open_record(zone=ZoneInfo("Asia/Jayapura"))  # two hours later: their next day
    assert sum(seat.visit_id is not None for seat in moved.visits.seats()) == 3
    moved.visits.annul(first.attempt_id, operator="ani", remark="salah", at=NOON)
    moved.visits.leave(receipt=claims[1], how=ExitHow.SCAN, gate="utama", operator=None, at=NOON)
    assert moved.visits.verify().problem is None
    assert moved.visits.figures(since=late, at=NOON).occupancy == 1


OLD_GATES = {"utama": "receipt,hands,temperature,mask", "dua": "receipt"}


def _of_an_older_version(record: Record, gates: dict[str, str]) -> None:
    """As a record was left by the version that knew no facts."""
    record.visits.write(attempt())
    for name, checks in gates.items():
        sql(record, "INSERT INTO gates VALUES (:site, :name, :checks, NULL)",
            site=SITE, name=name, checks=checks)  # fmt: skip
    set_back(record, "0004")


@pytest.mark.parametrize(
    ("gates", "mode"),
    [
        (OLD_GATES, Mode.OUTBREAK),
        ({"dua": "receipt", "tiga": "receipt,hands"}, Mode.EVERYDAY),
        ({"dua": "receipt,mask"}, Mode.OUTBREAK),
    ],
)
def test_an_older_record_has_the_mode_that_its_gates_ask_for(
    open_record: Open, gates: dict[str, str], mode: Mode
) -> None:
    _of_an_older_version(open_record(), gates)
    facts = open_record(first=OfficeFacts(mode=Mode.EVERYDAY)).facts
    assert facts.current().mode is mode
    facts.take_over(operator="root", at=NOON, gates_of_an_empty_office={})
    assert facts.current().mode is mode


def test_gates_of_an_older_record_keep_their_checks_or_take_the_mode_s(open_record: Open) -> None:
    _of_an_older_version(open_record(), OLD_GATES)
    facts = open_record().facts
    held = {"utama": None, "dua": frozenset({Check.RECEIPT})}
    assert facts.current().gates == held
    entry = the(facts.take_over(operator="root", at=NOON, gates_of_an_empty_office={}))
    assert "gates.utama.checks: receipt+hands+temperature+mask → mode" in the(entry.remark)
    assert "gates.dua" not in the(entry.remark)
    assert open_record().facts.current().gates == held
    assert open_record().visits.verify().problem is None


def test_the_file_ruled_the_gates_of_an_older_record(open_record: Open) -> None:
    _of_an_older_version(open_record(), OLD_GATES)
    hands = frozenset({Check.RECEIPT, Check.HANDS})
    first = OfficeFacts(gates={"utama": hands, "dua": None})
    facts = open_record(first=first).facts.current()
    assert facts.gates == {"utama": hands, "dua": None}


def test_what_one_process_changes_another_one_learns(open_record: Open) -> None:
    here, there = open_record(), open_record()
    here.facts.change(in_mode(Mode.EVERYDAY), operator="ani", at=NOON)
    assert there.facts.current().mode is Mode.OUTBREAK
    there.facts.refresh()
    assert there.facts.current() == here.facts.current()


def test_a_visitor_meets_another_process_s_facts_before_any_look(open_record: Open) -> None:
    here, there = open_record(), open_record()
    assert there.visits.write(attempt()).decision is DecisionKind.ADMIT
    here.facts.change(with_settings({"capacity": "1"}), operator="ani", at=NOON)
    assert there.visits.write(attempt()).reason is Reason.ROOM_FULL
    assert there.facts.current().capacity == 1


def test_whoever_follows_is_told_of_changes(open_record: Open) -> None:
    here, there = open_record(), open_record()
    told: queue.SimpleQueue[OfficeFacts] = queue.SimpleQueue()
    there.facts.follow(told.put)
    here.facts.change(with_settings({"daily_quota": "5"}), operator="ani", at=NOON)
    assert told.get(timeout=60).daily_quota == 5


def test_a_glance_asks_no_database_and_knows_this_process_s_commits_only(
    open_record: Open,
) -> None:
    here, there = open_record(), open_record()
    assert here.visits.glance(at=NOON) is None
    here.visits.write(attempt())
    there.visits.write(attempt())
    sql(here, "ALTER TABLE entries RENAME TO gone")
    figures, seats = the(here.visits.glance(at=NOON))
    assert figures.occupancy == 1
    assert [seat.visit_id for seat in seats if seat.visit_id is not None] == [1]
    assert here.visits.glance(at=NOON + timedelta(days=1)) is None


def test_what_is_known_of_a_thermometer_is_found_by_its_index(open_record: Open) -> None:
    record = open_record()
    if record._database._engine.dialect.name != "sqlite":
        sql(record, "SET enable_seqscan = off")
    asked = record.thermometers._newest("utama").compile(
        record._database._engine, compile_kwargs={"literal_binds": True}
    )
    explain = "EXPLAIN QUERY PLAN" if record._database._is_sqlite else "EXPLAIN"
    assert "ix_entries_thermometer" in str(sql(record, f"{explain} {asked}"))


def test_opening_again_keeps_everything(open_record: Open) -> None:
    written = open_record().visits.write(attempt(remark="satu"))
    assert the(open_record().visits.attempt(written.attempt_id)).remark == "satu"


def test_a_remark_keeps_no_national_identity_number(open_record: Open) -> None:
    record = open_record()
    remarks = {
        "NIK 3271012345678901 ok": "NIK […] ok",
        "3271 0123 4567 8901": "[…]",
        "telepon 081234567890": "telepon 081234567890",
    }
    for remark, kept in remarks.items():
        written = record.visits.write(attempt(remark=remark))
        assert the(record.visits.attempt(written.attempt_id)).remark == kept


def test_a_database_of_a_newer_version_is_left_alone(open_record: Open) -> None:
    sql(open_record(), "UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(RecordError, match="newer version"):
        open_record()


def test_a_failed_write_leaves_nothing(open_record: Open) -> None:
    record = open_record()
    sql(record, "ALTER TABLE redemptions RENAME TO gone")
    with pytest.raises(NotRecorded):
        record.visits.write(attempt(receipt=receipt()))
    assert record.visits.entries() == []
    assert record.visits.visits_inside() == []
    sql(record, "ALTER TABLE gone RENAME TO redemptions")
    assert record.visits.write(attempt(receipt=receipt())).decision is DecisionKind.ADMIT


def test_an_unusable_record_says_so_in_one_line(open_record: Open) -> None:
    record = open_record()
    sql(record, "ALTER TABLE visits RENAME TO gone")
    with pytest.raises(RecordError) as caught:
        record.visits.visits_inside()
    assert "\n" not in str(caught.value)
    assert "visits" in str(caught.value)


# --- the chain -------------------------------------------------------------------------------


def _day(record: Record) -> None:
    """A little of everything; entries 1 to 9."""
    claims = receipt(number="TAMPER")
    record.receipts.add(claims)
    record.visits.write(pause(receipt=claims, remark="minum dulu"))
    record.visits.write(attempt(receipt=claims, at=NOON + timedelta(minutes=6), operator="ani"))
    record.visits.write(refusal(Reason.EXPIRED, remark="lewat"))
    record.visits.write(attempt(service="KK"))
    record.visits.write(pause())
    record.visits.leave(receipt=claims, how=ExitHow.SCAN, gate="utama", operator=None, at=NOON)
    record.receipts.revoke("BGR", "TAMPER", reason="x", operator="ani", at=NOON)
    record.visits.hand_over(gate="utama", from_user="ani", to_user="budi", at=NOON)


def test_a_commissioning_that_was_changed_is_found(open_record: Open) -> None:
    record = open_record()
    record.visits.write(attempt())
    record.thermometers.write_commissioning(commissioning())
    record.thermometers.write_check(thermometer_check())
    sql(record, "UPDATE entries SET facts = replace(facts, '2.38', '1.38') WHERE entry_id = 2")
    report = record.visits.verify()
    assert (report.first_bad_entry, report.problem) == (2, "entry 2 was changed")


TAMPERINGS = {
    "a changed decision": ("UPDATE entries SET decision = 'admit' WHERE entry_id = 4", 4),
    "a changed time": ("UPDATE entries SET at = '2026-03-10 05:00:01' WHERE entry_id = 4", 4),
    "a changed operator": ("UPDATE entries SET operator = 'budi' WHERE entry_id = 2", 2),
    "an emptied column": ("UPDATE entries SET service = NULL WHERE entry_id = 5", 5),
    "changed check results": ("UPDATE entries SET results = '[]' WHERE entry_id = 5", 5),
    "a removed row": (
        "DELETE FROM details WHERE entry_id = 4; DELETE FROM entries WHERE entry_id = 4",
        4,
    ),
    "the last row removed": ("DELETE FROM entries WHERE entry_id = 9", 9),
    "two rows swapped": (
        "UPDATE entries SET entry_id = 99 WHERE entry_id = 7;"
        "UPDATE entries SET entry_id = 7 WHERE entry_id = 9;"
        "UPDATE entries SET entry_id = 9 WHERE entry_id = 99",
        7,
    ),
    "an added row": (
        "INSERT INTO entries (site, entry_id, kind, at, previous_hash, hash)"
        " SELECT site, 10, kind, at, hash, hash FROM entries WHERE entry_id = 9",
        10,
    ),
    "a time that cannot be read": ("UPDATE entries SET at = 'infinity' WHERE entry_id = 4", 4),
    "facts that are no facts": ("UPDATE entries SET facts = '[' WHERE entry_id = 5", 5),
    "a visit that cannot be read": (
        "UPDATE visits SET entered_at = 'infinity' WHERE visit_id = 2",
        5,
    ),
    "an added remark": (
        "INSERT INTO details (site, entry_id, kind, at, salt, content)"
        " SELECT site, 5, kind, at, salt, content FROM details"
        " WHERE entry_id = 1 AND kind = 'remark'",
        5,
    ),
    "a changed remark": ("UPDATE details SET content = '\"x\"' WHERE kind = 'remark'", 1),
    "changed degrees": ("UPDATE details SET content = '[]' WHERE kind = 'degrees'", 6),
    "a name removed without an erasure": ("DELETE FROM details WHERE kind = 'holder'", 1),
    "a visit moved to another seat": ("UPDATE visits SET seat = 'D5' WHERE visit_id = 2", 5),
    "an exit undone": ("UPDATE visits SET left_at = NULL WHERE visit_id = 1", 2),
    "a redemption removed": ("DELETE FROM redemptions", 2),
    "a visit removed": ("DELETE FROM visits WHERE visit_id = 2", 5),
    "a revocation undone": ("UPDATE receipts SET revoked_at = NULL", 8),
    "a quota given back": ("UPDATE days SET admitted = 1", 9),
    "figures of a day removed": ("DELETE FROM days", 9),
    "figures of a day added": (
        "INSERT INTO days (site, day, inside, admitted, refused, refusals, services, tickets)"
        " SELECT site, '2026-03-11', inside, admitted, refused, refusals, services, tickets"
        " FROM days",
        9,
    ),
}


@pytest.mark.parametrize(("tampering", "entry_id"), TAMPERINGS.values(), ids=TAMPERINGS.keys())
def test_verifying_finds(open_record: Open, tampering: str, entry_id: int) -> None:
    record = open_record()
    _day(record)
    assert record.visits.verify().problem is None
    for statement in tampering.split(";"):
        sql(record, statement)
    report = record.visits.verify()
    assert not report.is_intact
    assert (report.first_bad_entry, bool(report.problem)) == (entry_id, True)


def test_who_comes_back_twice_after_the_clock_was_set_back_breaks_no_log(open_record: Open) -> None:
    record, claims, yesterday = open_record(), receipt(party_size=2), NOON - timedelta(days=1)

    def pass_through(at: datetime) -> None:
        record.visits.write(attempt(receipt=claims, at=at))
        record.visits.leave(receipt=claims, how=ExitHow.SCAN, gate="utama", operator=None, at=at)

    for at in (NOON, NOON, yesterday, yesterday, yesterday):
        pass_through(at)
    assert record.visits.verify().problem is None


def test_a_log_rewritten_whole_is_found_by_a_hash_that_was_noted(open_record: Open) -> None:
    record = open_record()
    record.visits.write(attempt(remark="satu"))
    noted = record.visits.write(attempt(remark="dua"))
    hash_noted = record.visits.latest(limit=1)[0].hash
    expect = (noted.entry_id, hash_noted)
    assert record.visits.verify(expect=expect).is_intact
    record.visits.write(attempt())
    assert record.visits.verify(expect=expect).is_intact
    for table in ("redemptions", "details", "entries", "visits", "tickets", "days", "waits"):
        sql(record, f"DELETE FROM {table}")
    sql(record, "UPDATE sites SET head_entry_id = 0, head_hash = :none", none="0" * 64)
    record.visits.write(attempt(remark="satu"))
    assert record.visits.verify().is_intact
    assert not record.visits.verify(expect=expect).is_intact
    record.visits.write(attempt(remark="lain"))
    assert record.visits.verify(expect=expect).first_bad_entry == 2


# --- measure, decide, forget -----------------------------------------------------------------


def degrees(record: Record) -> list[tuple[int, Any]]:
    rows = sql(record, "SELECT entry_id, content FROM details WHERE kind = 'degrees' ORDER BY 1")
    return [(row.entry_id, json.loads(row.content)) for row in rows]


def series(record: Record) -> Counter[float]:
    return Counter(row.corrected_celsius for row in sql(record, "SELECT * FROM temperature_series"))


def test_a_decided_visit_keeps_no_degrees(open_record: Open) -> None:
    record = open_record()
    record.visits.write(attempt(receipt=receipt(), temperatures=(warm(36.5),)))
    referred = record.visits.write(refusal(Reason.ELEVATED_TWICE, temperatures=(warm(38.4),)))
    record.visits.record_clinical(
        referred.attempt_id, celsius=38.2, outcome="elevated", operator="ani", at=NOON
    )
    assert degrees(record) == []
    assert series(record) == {36.5: 1, 38.4: 1}
    everything = "".join(str(row) for row in sql(record, "SELECT * FROM entries"))
    assert not any(number in everything for number in ("36.5", "34.5", "38.4", "38.2"))


def test_the_series_knows_the_hour_and_no_visitor(open_record: Open) -> None:
    record = open_record()
    written = record.visits.write(
        attempt(at=NOON + timedelta(minutes=41), temperatures=(warm(36.5),))
    )
    (row,) = sql(record, "SELECT * FROM temperature_series")
    assert row.raw_celsius == 34.5
    assert "41:" not in str(row.hour)
    assert written.attempt_id not in str(row)


def test_a_pause_keeps_its_first_reading_only_until_it_is_decided(open_record: Open) -> None:
    record, claims = open_record(), receipt()
    record.visits.write(pause(receipt=claims))
    assert [entry_id for entry_id, _ in degrees(record)] == [1]
    record.visits.write(
        attempt(receipt=claims, at=NOON + timedelta(minutes=6), temperatures=(warm(), warm(36.9)))
    )
    assert degrees(record) == []
    assert series(record) == {38.1: 1, 36.9: 1}
    assert record.visits.latest(limit=1)[0].kind is EntryKind.ERASURE
    assert record.visits.verify().problem is None


def test_uncertainty_and_limit_are_kept_with_the_degrees(open_record: Open) -> None:
    record = open_record(first=OfficeFacts(readings_days=3))
    sure = replace(warm(36.5), standard_uncertainty_celsius=0.31, limit_celsius=37.3)
    record.visits.write(attempt(temperatures=(sure,)))
    clinical = record.visits.write(refusal(Reason.ELEVATED_TWICE))
    record.visits.record_clinical(
        clinical.attempt_id, celsius=38.2, outcome="elevated", operator="ani", at=NOON
    )
    assert degrees(record) == [
        (1, [[34.5, [["distance", 2.0]], 36.5, None, 0.31, 37.3]]),
        (3, [[38.2, [], 38.2, "ani", None, None]]),
    ]


@pytest.mark.parametrize(("written", "uncertainty"), [("null", None), ("null,0.31", 0.31)])
def test_degrees_of_before_uncertainty_and_limit_stay_readable(
    open_record: Open, written: str, uncertainty: float | None
) -> None:
    record = open_record()
    record.visits.write(pause())
    sql(record, f"UPDATE details SET content = '[[36.1,[[\"distance\",2.0]],38.1,{written}]]'")
    (pending,) = record.visits.pauses(since=MIDNIGHT)
    assert pending.first == replace(warm(), standard_uncertainty_celsius=uncertainty)


def test_a_pause_nobody_came_back_to_is_forgotten_with_its_day(open_record: Open) -> None:
    record = open_record()
    record.visits.write(pause())
    record.visits.close_day(NOON)
    assert len(degrees(record)) == 1
    record.visits.close_day(NOON + timedelta(days=1))
    assert degrees(record) == []
    assert record.visits.verify().problem is None


def test_a_pause_of_midnight_belongs_to_the_new_day(open_record: Open) -> None:
    record = open_record()
    record.visits.write(pause(at=MIDNIGHT))
    record.visits.close_day(NOON)
    assert len(degrees(record)) == len(record.visits.pauses(since=MIDNIGHT)) == 1


def test_closing_a_day_forgets_the_office_s_own_pauses_and_says_which(open_record: Open) -> None:
    bogor, jakarta = open_record(site="BGR"), open_record(site="JKT")
    for record in (bogor, jakarta, jakarta):
        record.visits.write(pause())
    bogor.visits.close_day(NOON + timedelta(days=1))
    (row,) = sql(bogor, "SELECT facts FROM entries WHERE kind = 'erasure'")
    assert json.loads(row.facts) == {"erased": {"degrees": [1]}, "why": "the day is over"}
    assert len(jakarta.visits.pauses(since=MIDNIGHT)) == 2


@pytest.mark.parametrize("days", [1, 2])
def test_a_site_that_keeps_readings_keeps_those_of_its_pauses(open_record: Open, days: int) -> None:
    record = open_record(first=OfficeFacts(readings_days=days))
    record.visits.write(pause())
    record.visits.close_day(NOON + timedelta(days=1))
    assert len(degrees(record)) == 1


def test_a_site_may_keep_readings_for_some_days(open_record: Open) -> None:
    record = open_record(first=OfficeFacts(readings_days=3))
    claims = receipt()
    record.visits.write(pause(receipt=claims))
    record.visits.write(
        attempt(receipt=claims, at=NOON + timedelta(minutes=6), temperatures=(warm(36.9),))
    )
    assert [entry_id for entry_id, _ in degrees(record)] == [1, 2]
    assert record.retention.forget(NOON + timedelta(days=3)).degrees == 0
    assert record.retention.forget(NOON + timedelta(days=4)).degrees == 2
    assert degrees(record) == []
    assert record.visits.verify().problem is None


def test_every_question_that_was_answered_shows_that_the_record_answers(
    open_record: Open,
) -> None:
    clock = FakeClock(NOON)
    record = open_record(clock=clock)
    clock.move_to(NOON + timedelta(hours=1))
    asked_s = clock.monotonic_s()
    assert not record.has_answered_since(asked_s)
    record.visits.latest(limit=1)
    assert record.has_answered_since(asked_s)
    clock.move_to(NOON + timedelta(hours=2))
    assert not record.has_answered_since(clock.monotonic_s())


def test_names_and_remarks_are_forgotten_by_their_own_rules(open_record: Open) -> None:
    record = open_record(first=OfficeFacts(names_days=2, remarks_days=10))
    claims = receipt(expires=NOON + timedelta(days=1))
    record.receipts.add(claims)
    written = record.visits.write(attempt(receipt=claims, remark="kursi roda"))

    assert record.retention.forget(NOON + timedelta(days=2)).holders == 0
    forgotten = record.retention.forget(NOON + timedelta(days=4))
    assert (forgotten.holders, forgotten.remarks, forgotten.receipts) == (1, 0, 1)
    assert sql(record, "SELECT * FROM details WHERE kind = 'holder'") == []
    assert the(record.visits.attempt(written.attempt_id)).holder is None
    assert the(record.receipts.by_number(claims.issuer, claims.number)).holder == ""
    assert the(record.visits.attempt(written.attempt_id)).remark == "kursi roda"
    assert record.retention.forget(NOON + timedelta(days=11)).remarks == 1
    assert the(record.visits.attempt(written.attempt_id)).remark is None
    assert record.visits.verify().problem is None


def test_the_night_goes_by_the_days_that_hold_then(open_record: Open) -> None:
    record = open_record(first=OfficeFacts(names_days=30))
    written = record.visits.write(attempt(receipt=receipt()))
    assert record.retention.forget(NOON + timedelta(days=4)).holders == 0
    record.facts.change(with_settings({"names_days": "3"}), operator="rina", at=NOON)
    assert record.retention.forget(NOON + timedelta(days=4)).holders == 1
    assert the(record.visits.attempt(written.attempt_id)).holder is None
    assert record.retention.runs(limit=1)[0].erased["names"] == 1


def test_degrees_are_kept_from_the_moment_that_the_office_says_so(open_record: Open) -> None:
    record = open_record()
    record.visits.write(attempt(temperatures=(warm(36.5),)))
    assert degrees(record) == []
    record.facts.change(with_settings({"readings_days": "3"}), operator="rina", at=NOON)
    record.visits.write(attempt(temperatures=(warm(36.5),)))
    assert len(degrees(record)) == 1


def test_why_somebody_has_priority_is_forgotten_with_the_name(open_record: Open) -> None:
    record = open_record(first=OfficeFacts(names_days=2))
    written = record.visits.write(attempt(group=PriorityGroup.DISABILITY))
    record.visits.give_priority(
        written.attempt_id, group=PriorityGroup.PREGNANT, operator="budi", at=NOON
    )
    told = [content for (content,) in sql(record, "SELECT content FROM details")]
    assert sorted(told) == ['"disability"', '"pregnant"']

    forgotten = record.retention.forget(NOON + timedelta(days=4))

    assert forgotten.groups == 2
    assert sql(record, "SELECT * FROM details") == []
    assert record.visits.verify().problem is None


def test_forgetting_twice_logs_once(open_record: Open) -> None:
    record = open_record(first=OfficeFacts(names_days=0))
    record.visits.write(attempt(receipt=receipt()))
    tomorrow = NOON + timedelta(days=1)
    record.retention.forget(tomorrow)
    entries = len(record.visits.entries())
    record.retention.forget(tomorrow)
    assert len(record.visits.entries()) == entries


def test_details_are_forgotten_once_their_day_is_older_than_the_rules_and_not_before(
    open_record: Open,
) -> None:
    record = open_record(first=OfficeFacts(readings_days=3, names_days=3, remarks_days=3))
    for moment in (MIDNIGHT - timedelta(seconds=1), MIDNIGHT):
        record.visits.write(
            attempt(at=moment, receipt=receipt(), remark="x", temperatures=(warm(36.5),))
        )
    kept = {entry_id for (entry_id,) in sql(record, "SELECT entry_id FROM details")}
    forgotten = record.retention.forget(NOON + timedelta(days=3))
    assert (forgotten.degrees, forgotten.holders, forgotten.remarks) == (1, 1, 1)
    left = {entry_id for (entry_id,) in sql(record, "SELECT entry_id FROM details")}
    assert left == {max(kept)}


def test_much_is_forgotten_in_pieces_between_which_others_write(
    open_record: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "PIECE", 2)
    record = open_record(first=OfficeFacts(readings_days=2, names_days=2))
    for number in range(5):
        claims = receipt(number=f"R{number}", expires=NOON)
        record.receipts.add(claims)
        record.visits.write(attempt(receipt=claims, temperatures=(warm(36.5),)))
    later = NOON + timedelta(days=4)
    written: list[str] = []

    def pause(_: float) -> bool:
        written.append(record.visits.write(attempt(at=later)).attempt_id)
        return False

    forgotten = record.retention.forget(later, pause=pause)

    assert (forgotten.degrees, forgotten.holders, forgotten.receipts) == (5, 5, 5)
    assert len(written) >= 5 + 3
    assert sql(record, "SELECT * FROM details") == []
    assert record.visits.verify().problem is None
    [run] = record.retention.runs(limit=9)
    assert (run.erased["readings"], run.erased["receipts"]) == (5, 5)


def test_forgetting_that_is_broken_off_is_done_to_its_end_by_the_next_run(
    open_record: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "PIECE", 2)
    record = open_record(first=OfficeFacts(readings_days=2))
    for _ in range(5):
        record.visits.write(attempt(temperatures=(warm(36.5),)))
    later = NOON + timedelta(days=4)
    assert record.retention.forget(later, pause=lambda _: True).degrees == 2
    assert len(degrees(record)) == 3
    assert record.retention.forget(later).degrees == 3
    [run] = record.retention.runs(limit=9)
    assert run.erased["readings"] == 5


def test_names_on_receipts_are_forgotten_once_the_day_they_ended_on_is_over(
    open_record: Open,
) -> None:
    record = open_record(first=OfficeFacts(names_days=3))
    over, ends_at_midnight = (
        receipt(expires=MIDNIGHT - timedelta(seconds=1)),
        receipt(expires=MIDNIGHT),
    )
    record.receipts.add_all([over, ends_at_midnight])
    at = NOON + timedelta(days=3)
    assert record.retention.forget(at).receipts == 1
    assert the(record.receipts.by_number(over.issuer, over.number)).holder == ""
    kept = the(record.receipts.by_number(ends_at_midnight.issuer, ends_at_midnight.number))
    assert kept.holder == "Sari P."
    assert record.retention.forget(at).receipts == 0


def test_log_ins_that_have_ended_are_forgotten(open_record: Open) -> None:
    record, elsewhere = open_record(), open_record(site="JKT")
    for office, name, ends in (
        (record, "over", NOON),
        (record, "good", NOON + timedelta(seconds=1)),
        (elsewhere, "theirs", NOON),
    ):
        office.accounts.open_session(
            WebSession(
                token_hash=name,
                user="ani",
                role=Role.GUARD,
                csrf_token="x",
                created_at=MIDNIGHT,
                expires_at=ends,
            )
        )
    assert record.retention.forget(NOON).sessions == 1
    assert {name for (name,) in sql(record, "SELECT token_hash FROM web_sessions")} == {
        "good",
        "theirs",
    }


def test_an_office_forgets_by_its_own_rules_only(open_record: Open) -> None:
    brief = open_record(site="BGR", first=OfficeFacts(readings_days=9, names_days=1))
    long = open_record(site="JKT", first=OfficeFacts(readings_days=9, names_days=300))
    claims = receipt(site="JKT", expires=NOON)
    long.receipts.add(claims)
    for record in (brief, long):
        record.visits.write(attempt(receipt=receipt(), temperatures=(warm(36.5),)))
    at = NOON + timedelta(days=9)
    forgotten = brief.retention.forget(at)
    assert (forgotten.degrees, forgotten.holders, forgotten.receipts) == (0, 1, 0)
    (entry,) = long.visits.entries()
    assert entry.holder == "Sari P."
    assert the(long.receipts.by_number(claims.issuer, claims.number)).holder == "Sari P."


def test_the_log_says_what_was_forgotten_and_why(open_record: Open) -> None:
    record = open_record(first=OfficeFacts(names_days=0))
    record.visits.write(attempt(receipt=receipt()))
    record.retention.forget(NOON + timedelta(days=1))
    assert record.visits.latest(limit=1)[0].kind is EntryKind.ERASURE
    (row,) = sql(record, "SELECT facts FROM entries WHERE kind = 'erasure'")
    assert json.loads(row.facts) == {"erased": {"holder": [1]}, "why": "retention"}


HOUR = timedelta(hours=1)


def _measured(record: Record, gate: str, *, at: datetime, people: int) -> None:
    for minute in range(people):
        record.visits.write(
            attempt(gate=gate, at=at + timedelta(minutes=minute), temperatures=(warm(36.5),))
        )


def _hours(record: Record, site: str = SITE) -> dict[tuple[str, datetime], int]:
    """How many values of the series are in each gate's hour."""
    query = select(SeriesRow.gate, SeriesRow.hour).where(SeriesRow.site == site)
    with record._database.reading() as session:
        return Counter((gate, hour) for gate, hour in session.execute(query))


def test_a_quiet_hour_of_the_series_becomes_a_day(open_record: Open) -> None:
    record = open_record(capacity=100)
    _measured(record, "utama", at=NOON, people=CROWD - 1)
    _measured(record, "utama", at=NOON + HOUR, people=CROWD)
    tomorrow = NOON + timedelta(days=1)
    _measured(record, "utama", at=tomorrow, people=1)
    record.retention.forget(tomorrow + HOUR)
    assert _hours(record) == {
        ("utama", MIDNIGHT): CROWD - 1,
        ("utama", NOON + HOUR): CROWD,
        ("utama", tomorrow): 1,  # today is not over
    }


def test_a_gate_s_quiet_hour_does_not_hide_in_another_gate_s_crowd(open_record: Open) -> None:
    record, elsewhere = open_record(capacity=100), open_record(site="JKT", capacity=100)
    _measured(record, "utama", at=NOON, people=CROWD)
    _measured(record, "belakang", at=NOON, people=1)
    _measured(elsewhere, "belakang", at=NOON, people=CROWD - 1)
    record.retention.forget(NOON + timedelta(days=1))
    assert _hours(record) == {("utama", NOON): CROWD, ("belakang", MIDNIGHT): 1}
    assert _hours(record, "JKT") == {("belakang", NOON): CROWD - 1}


def test_a_url_of_another_database_is_refused(open_record: Open) -> None:
    for where in ("mysql://x/y", "postgresql://u@h:port/x"):
        with pytest.raises(RecordError):
            make_engine(where)


def test_what_a_newer_version_wrote_is_read_as_it_is(open_record: Open) -> None:
    record = open_record()
    write_as_newer_version(record)
    for seen in (record, open_record()):
        admitted, left, called, refused = seen.visits.entries()
        assert (left.kind, called.kind, called.decision) == (EntryKind.EXIT, "called", "ponder")
        assert (refused.decision, refused.reason) == (DecisionKind.DENY, "from_the_future")
        (result,) = refused.results
        assert (result.check, result.source, result.outcome) == ("iris", "drone", "seen")
        assert seen.visits.latest(limit=4) == [refused, called, left, admitted]
        assert seen.visits.attempt("to-come") == refused
        assert list(seen.visits.export())[-1] == refused
        figures = seen.visits.figures(since=MIDNIGHT, at=NOON)
        assert (figures.refused, figures.refused_by_reason) == (1, {"from_the_future": 1})
        assert seen.visits.verify().problem is None


def test_a_visit_that_ended_in_a_new_way_can_be_read(open_record: Open) -> None:
    record = open_record()
    write_as_newer_version(record)
    admitted = record.visits.entries()[0]
    visit = the(
        record.visits.annul(the(admitted.attempt_id), operator="ani", remark="tidak masuk", at=NOON)
    )
    assert visit.left_how == "by_lift"


def test_a_newer_versions_wait_keeps_nobody_out(open_record: Open) -> None:
    record = open_record()
    record.visits.write(pause())
    sql(record, "UPDATE waits SET reason = 'from_the_future'")
    opened = open_record()
    assert opened.visits.pauses(since=MIDNIGHT) == []
    assert opened.visits.figures(since=MIDNIGHT, at=NOON).waiting_outside == 1
    assert opened.visits.write(attempt()).decision is DecisionKind.ADMIT


def test_an_attempt_that_a_newer_version_answered_is_not_answered_anew(open_record: Open) -> None:
    record = open_record()
    write_as_newer_version(record)
    with pytest.raises(NotRecorded, match="newer version"):
        record.visits.write(attempt(attempt_id="to-come"))
