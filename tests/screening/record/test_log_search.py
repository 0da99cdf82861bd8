"""By which index the log is looked through."""

from __future__ import annotations

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
from tests.records import put_new_record


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
    tmp_path: Path, asked: dict[str, Any], index: str
) -> None:
    statements: list[tuple[str, Any]] = []

    def note(_: Any, __: Any, statement: str, parameters: Any, *___: Any) -> None:
        statements.append((statement, parameters))

    file = put_new_record(tmp_path / "record.sqlite3")
    query = LogQuery(**{"since": MIDNIGHT, "until": MIDNIGHT + timedelta(days=1), **asked})
    clock = FakeClock(NOON)
    with Record.open(file, site=SITE, zone=ZONE, plan=SeatPlan(4, 5), clock=clock) as record:
        engine = record._database._engine
        event.listen(engine, "before_cursor_execute", note)
        record.log_search.find(query)
        statement, parameters = next(one for one in statements if "entries" in one[0])
        with engine.connect() as connection:
            plan = connection.exec_driver_sql("EXPLAIN QUERY PLAN " + statement, parameters).all()
    assert any(f"USING INDEX {index} " in row[-1] for row in plan), plan
    assert not any("SCAN entries" in row[-1] for row in plan), plan


def test_what_belongs_to_a_row_is_found_without_reading_the_log(tmp_path: Path) -> None:
    statements: list[tuple[str, Any]] = []

    def note(_: Any, __: Any, statement: str, parameters: Any, *___: Any) -> None:
        statements.append((statement, parameters))

    file = put_new_record(tmp_path / "record.sqlite3")
    clock = FakeClock(NOON)
    with Record.open(file, site=SITE, zone=ZONE, plan=SeatPlan(4, 5), clock=clock) as record:
        came = record.visits.write(attempt(receipt=receipt(), remark="x"))
        for _ in range(3):
            record.visits.record_clinical(
                came.attempt_id, celsius=36.5, outcome="passed", operator="rina", at=NOON
            )
        record.retention.forget(NOON + timedelta(days=400))
        engine = record._database._engine
        event.listen(engine, "before_cursor_execute", note)
        record.log_search.story(came.entry_id)
        day = {"since": MIDNIGHT, "until": MIDNIGHT + timedelta(days=1)}
        record.log_search.find(LogQuery(**day, ticket=the(came.visit).ticket))
        event.remove(engine, "before_cursor_execute", note)
        with engine.connect() as connection:
            plans = [
                row[-1]
                for statement, parameters in statements
                if statement.startswith("SELECT")
                for row in connection.exec_driver_sql("EXPLAIN QUERY PLAN " + statement, parameters)
            ]
    assert plans
    of_all = ("SCAN entries", "SCAN visits", "(site=?)", "ix_visits_entered", "ix_visits_inside")
    assert not [one for one in plans if any(part in one for part in of_all)]
