"""What looking through the log promises: in memory, on SQLite and on PostgreSQL."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from screening.clock import FakeClock
from screening.decision import DecisionKind, Reason
from screening.log_search import LogQuery
from screening.office.changes import with_counter
from screening.queue.queue import Order
from screening.queue.tickets import Act, Ticket
from screening.visits import EntryKind, ExitHow, LogEntry
from tests.contracts.builders import MIDNIGHT, NOON, PASSED, attempt, receipt, refusal, the
from tests.records import AnyRecord
from tests.records import OpenRecord as Open

pytestmark = pytest.mark.parametrize("open_record", ["sqlite", "postgresql", "fake"], indirect=True)

DAY = timedelta(days=1)


def at(minutes: float) -> datetime:
    return NOON + timedelta(minutes=minutes)


def query(**changes: Any) -> LogQuery:
    return LogQuery(**{"since": MIDNIGHT, "until": MIDNIGHT + DAY, **changes})


def found(record: AnyRecord, **changes: Any) -> list[LogEntry]:
    return list(record.log_search.find(query(**changes)).entries)


def ids(record: AnyRecord, **changes: Any) -> list[int]:
    return [one.entry_id for one in found(record, **changes)]


def act(record: AnyRecord, what: Act, minutes: float) -> Ticket:
    told = record.queue.act(Order(act=what, counter="1", by="rina"), at=at(minutes))
    assert isinstance(told, Ticket), told
    return told


def served(record: AnyRecord, claims: Any) -> str:
    """Somebody comes in, is called and done; which attempt that was."""
    record.facts.change(with_counter("1", {"services": "all"}), operator="siti", at=NOON)
    came = record.visits.write(attempt(receipt=claims, results=PASSED))
    act(record, Act.CALL_NEXT, 5)
    act(record, Act.DONE, 9)
    return came.attempt_id


def test_rows_of_a_day_are_found_newest_first_and_of_no_other_day(open_record: Open) -> None:
    record = open_record()
    for when in (MIDNIGHT - timedelta(seconds=1), MIDNIGHT, at(0), MIDNIGHT + DAY):
        record.visits.write(refusal(Reason.EXPIRED, at=when))
    assert ids(record) == [3, 2]
    assert ids(record, since=MIDNIGHT - DAY) == [3, 2, 1]


def test_rows_that_a_wrong_clock_wrote_stand_where_their_time_is(open_record: Open) -> None:
    record = open_record()
    record.visits.write(refusal(Reason.EXPIRED, at=at(10)))
    record.visits.write(refusal(Reason.EXPIRED, at=at(5)))
    record.visits.write(refusal(Reason.EXPIRED, at=at(10)))
    assert ids(record) == [3, 1, 2]
    assert ids(record, reason=Reason.EXPIRED) == [3, 1, 2]
    second = record.log_search.find(query(), before=3, limit=1)
    assert [one.entry_id for one in second.entries] == [1]


@pytest.mark.parametrize(
    ("asked", "rows"),
    [
        ({"reason": Reason.EXPIRED}, [1]),
        ({"reason": Reason.ADMITTED}, [5, 2]),
        ({"reason": "nobody_knows"}, []),
        ({"decision": DecisionKind.DENY, "kind": EntryKind.ATTEMPT}, [3, 1]),
        ({"gate": "timur"}, [3, 2]),
        ({"gate": "timur", "reason": Reason.GUARD_REFUSED}, [3]),
        ({"service": "KK"}, [5, 2]),
        ({"service": "KK", "gate": "utama"}, [5]),
        ({"operator": "budi"}, [4, 3]),
        ({"operator": "budi", "kind": EntryKind.HANDOVER}, [4]),
        ({"operator": "budi", "reason": Reason.GUARD_REFUSED}, [3]),
        ({"kind": EntryKind.HANDOVER}, [4]),
        ({"kind": EntryKind.ATTEMPT}, [5, 3, 2, 1]),
        ({"kind": EntryKind.ANNUL}, []),
    ],
)
def test_rows_are_found_by_what_they_say(
    open_record: Open, asked: dict[str, Any], rows: list[int]
) -> None:
    record = open_record()
    record.visits.write(refusal(Reason.EXPIRED))
    record.visits.write(attempt(service="KK", gate="timur"))
    record.visits.write(refusal(Reason.GUARD_REFUSED, gate="timur", operator="budi", at=at(1)))
    record.visits.hand_over(gate="utama", from_user="sari", to_user="budi", at=at(2))
    record.visits.write(attempt(service="KK", at=at(3)))
    assert ids(record, **asked) == rows


def test_a_row_about_an_attempt_is_no_attempt_of_that_reason(open_record: Open) -> None:
    record = open_record()
    referred = record.visits.write(refusal(Reason.ELEVATED_TWICE))
    record.visits.confirm(referred.attempt_id, operator="budi", remark=None, at=at(1))
    assert ids(record, reason=Reason.ELEVATED_TWICE) == [1]


def test_pages_follow_each_other_without_gap_or_repeat(open_record: Open) -> None:
    record = open_record()
    for number in range(7):
        record.visits.write(refusal(Reason.EXPIRED, at=at(number // 3)))
    pages, before = [], None
    while True:
        page = record.log_search.find(query(), before=before, limit=3)
        pages.append([one.entry_id for one in page.entries])
        before = page.older
        if before is None:
            break
    assert pages == [[7, 6, 5], [4, 3, 2], [1]]
    assert record.log_search.find(query(), before=99).entries == ()


def test_a_receipt_s_rows_are_found_whoever_issued_it(open_record: Open) -> None:
    record = open_record()
    for issuer in ("BGR", "JKT"):
        record.visits.write(attempt(receipt=receipt(issuer=issuer, number="SAME")))
    record.visits.write(attempt(receipt=receipt()))
    assert ids(record, number="SAME") == [2, 1]
    assert ids(record, number="SAME", since=MIDNIGHT - DAY, until=MIDNIGHT) == []
    assert ids(record, number="SAME", decision=DecisionKind.DENY) == []


@pytest.mark.parametrize("has_receipt", [True, False])
def test_a_ticket_finds_all_that_happened_to_its_holder(
    open_record: Open, has_receipt: bool
) -> None:
    record = open_record(capacity=9, clock=FakeClock(at(30)))
    attempt_id = served(record, receipt() if has_receipt else None)
    visit = the(next(one for one in record.visits.visits_inside() if one.attempt_id == attempt_id))
    record.visits.leave(receipt=None, how=ExitHow.BUTTON, gate="utama", operator=None, at=at(12))
    kinds = [one.kind for one in found(record, ticket=visit.ticket)]
    assert kinds == [EntryKind.EXIT, EntryKind.QUEUE, EntryKind.QUEUE, EntryKind.ATTEMPT]
    assert ids(record, ticket="Z-001") == []
    assert len(found(record, ticket=visit.ticket, kind=EntryKind.QUEUE)) == 2
    either = found(record, number=visit.ticket, ticket=visit.ticket)
    assert [one.kind for one in either] == kinds


def test_a_row_tells_what_later_rows_say_about_it(open_record: Open) -> None:
    record = open_record()
    came = record.visits.write(attempt(receipt=receipt(), remark="tanpa antre"))
    record.visits.annul(came.attempt_id, operator="budi", remark="tidak masuk", at=at(1))
    story = the(record.log_search.story(came.entry_id))
    assert story.entry.remark == "tanpa antre"
    assert [one.kind for one in story.later] == [EntryKind.ANNUL]
    assert the(story.visit).annulled_at == at(1)
    assert not story.can_be_annulled
    annulment = the(record.log_search.story(story.later[0].entry_id))
    assert annulment.entry.remark == "tidak masuk"
    assert the(annulment.attempt).entry_id == came.entry_id
    assert annulment.later == ()
    page = record.log_search.find(query())
    assert page.annulled == {came.attempt_id}


def test_who_was_served_cannot_be_taken_never_to_have_come(open_record: Open) -> None:
    record = open_record(capacity=9, clock=FakeClock(at(30)))
    came = record.visits.write(attempt(at=at(-1), service="KK"))
    served(record, receipt())
    first, second = (the(record.log_search.story(number)) for number in (1, 3))
    assert (first.entry.attempt_id, second.entry.kind) == (came.attempt_id, EntryKind.ATTEMPT)
    assert [one.can_be_annulled for one in (first, second)] == [False, True]


def test_a_refusal_was_nobody_s_coming(open_record: Open) -> None:
    record = open_record()
    refused = record.visits.write(refusal(Reason.EXPIRED))
    story = the(record.log_search.story(refused.entry_id))
    assert (story.visit, story.later, story.can_be_annulled) == (None, (), False)


@pytest.mark.parametrize("entry_id", [0, -1, 99, 2**63])
def test_there_is_no_row_of_that_number(open_record: Open, entry_id: int) -> None:
    record = open_record()
    record.visits.write(refusal(Reason.EXPIRED))
    assert record.log_search.story(entry_id) is None
    assert record.log_search.find(query(), before=entry_id).entries == ()
