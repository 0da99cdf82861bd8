"""By which index the record finds what it is asked.

On SQLite: PostgreSQL plans by statistics, which a new database has none of.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from screening.clock import FakeClock
from screening.decision import Reason
from screening.log_search import LogQuery
from screening.record import Record
from screening.visits import EntryKind
from screening.waiting_room.plan import SeatPlan
from tests.contracts.builders import MIDNIGHT, NOON, SITE, ZONE, attempt, receipt, the
from tests.contracts.test_persons import come, register
from tests.records import put_new_record

DAY: dict[str, Any] = {"since": MIDNIGHT, "until": MIDNIGHT + timedelta(days=1)}


@pytest.fixture
def record(tmp_path: Path) -> Iterator[Record]:
    file = put_new_record(tmp_path / "record.sqlite3")
    clock = FakeClock(NOON)
    with Record.open(file, site=SITE, zone=ZONE, plan=SeatPlan(4, 5), clock=clock) as record:
        yield record


def steps(record: Record, ask: Callable[[], object], *, of: str = "") -> list[str]:
    """How the database finds what is asked: the plans' steps of each question about that table."""
    asked: list[tuple[str, Any]] = []

    def note(_: Any, __: Any, statement: str, parameters: Any, *___: Any) -> None:
        if statement.startswith("SELECT") and f"FROM {of}" in statement:
            asked.append((statement, parameters))

    engine = record._database._engine
    event.listen(engine, "before_cursor_execute", note)
    ask()
    event.remove(engine, "before_cursor_execute", note)
    with engine.connect() as connection:
        return [
            step.detail
            for statement, parameters in asked
            for step in connection.exec_driver_sql("EXPLAIN QUERY PLAN " + statement, parameters)
        ]


@pytest.mark.parametrize(
    ("asked", "index"),
    [
        ({}, "ix_entries_at"),
        ({"gate": "utama"}, "ix_entries_at"),
        ({"reason": Reason.EXPIRED}, "ix_entries_reason"),
        ({"reason": Reason.ADMITTED}, "ix_entries_at"),
        ({"kind": EntryKind.ANNUL}, "ix_entries_kind"),
        ({"operator": "budi", "kind": EntryKind.QUEUE}, "ix_entries_operator"),
        ({"number": "N000000001"}, "ix_entries_receipt"),
    ],
)
def test_a_search_takes_the_index_that_leaves_fewest_rows(
    record: Record, asked: dict[str, Any], index: str
) -> None:
    found = steps(record, lambda: record.log_search.find(LogQuery(**{**DAY, **asked})))
    assert any(f"USING INDEX {index} " in step for step in found), found
    assert not any("SCAN entries" in step for step in found), found


def test_what_belongs_to_a_row_is_found_without_reading_the_log(record: Record) -> None:
    came = record.visits.write(attempt(receipt=receipt(), remark="x"))
    for _ in range(3):
        record.visits.record_clinical(
            came.attempt_id, celsius=36.5, outcome="passed", operator="rina", at=NOON
        )
    record.retention.forget(NOON + timedelta(days=400))

    def ask() -> None:
        record.log_search.story(came.entry_id)
        record.log_search.find(LogQuery(**DAY, ticket=the(came.visit).ticket))

    found = steps(record, ask)
    assert found
    of_all = ("SCAN entries", "SCAN visits", "(site=?)", "ix_visits_entered", "ix_visits_inside")
    assert not [one for one in found if any(part in one for part in of_all)]


def test_what_a_person_did_with_receipts_is_found_without_their_other_acts(record: Record) -> None:
    def ask() -> None:
        record.bookings.acts(SITE, "loket", since=MIDNIGHT, limit=9)

    found, *others = steps(record, ask, of="entries")
    assert found == (
        "SEARCH entries USING INDEX ix_entries_receipt_acts (site=? AND operator=? AND at>?)"
    )
    assert "USE TEMP B-TREE FOR ORDER BY" not in others


def test_a_person_s_data_are_found_without_reading_rows_about_nobody(record: Record) -> None:
    claims = receipt()
    register(record, claims)
    come(record, claims)
    found = steps(record, lambda: record.persons.export(claims.issuer, claims.number), of="entries")
    by = {step.partition(" INDEX ")[2] for step in found}
    assert by == {
        "ix_entries_receipt (site=? AND receipt_number=? AND issuer=?)",
        "ix_entries_about (site=? AND attempt_id=?)",
    }


def test_no_question_of_a_page_reads_rows_of_other_days(record: Record) -> None:
    visits, thermometers = record.visits, record.thermometers

    def ask() -> None:
        visits.figures(since=MIDNIGHT, at=NOON)
        visits.seats()
        visits.hourly(since=MIDNIGHT)
        visits.visits_inside()
        visits.unmeasured()
        visits.open_referrals(since=MIDNIGHT)
        visits.pauses(since=MIDNIGHT)
        visits.referral(receipt(), since=MIDNIGHT)
        visits.attempt("attempt-1")
        visits.latest(gate="utama")
        thermometers.cases(since=MIDNIGHT, until=NOON)
        thermometers.first_readings("utama", since=MIDNIGHT, until=NOON, limit=9)
        thermometers.newest_check("utama")

    grown = re.compile(r"^(SCAN|SEARCH) (entries|visits|details|temperature_series)(_1)?\b")
    whole = ("(site=?)", "(site=? AND entry_id>?)")
    found = [step for step in steps(record, ask) if grown.match(step)]
    assert {step.split()[1] for step in found} >= {"entries", "visits", "details"}
    assert [one for one in found if one.startswith("SCAN") or one.endswith(whole)] == []
