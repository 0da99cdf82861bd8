"""What only a database has of looking through the log: erasing, a bounded look, indexes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from screening.clock import FakeClock
from screening.decision import Reason
from screening.log_search import LogQuery
from screening.record import log_search
from screening.visits import EntryKind, ExitHow
from tests.contracts.builders import MIDNIGHT, NOON, attempt, receipt, refusal, the
from tests.records import OpenDatabase as Open

pytestmark = pytest.mark.parametrize("open_record", ["sqlite", "postgresql"], indirect=True)

DAY = timedelta(days=1)


def query(**changes: Any) -> LogQuery:
    return LogQuery(**{"since": MIDNIGHT, "until": MIDNIGHT + DAY, **changes})


def test_a_row_tells_what_of_it_was_erased_and_by_which_row(open_record: Open) -> None:
    record = open_record(clock=FakeClock(NOON))
    for number in range(12):
        record.visits.write(attempt(receipt=receipt(), remark="satu" if number == 10 else None))
    record.retention.forget(NOON + 400 * DAY)
    story = the(record.log_search.story(11))
    assert (story.entry.holder, story.entry.remark) == (None, None)
    assert story.erased == ("holder", "remark")
    assert the(story.erased_by).kind is EntryKind.ERASURE
    kept = the(record.log_search.story(the(story.erased_by).entry_id))
    assert (kept.erased, kept.facts["why"]) == ((), "retention")


def test_a_long_search_ends_early_and_says_from_where_it_goes_on(
    open_record: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_search, "FIRST_WINDOW", 2)
    monkeypatch.setattr(log_search, "WINDOW", 4)
    record = open_record()
    for number in range(10):
        when = NOON + timedelta(minutes=number)
        record.visits.write(refusal(Reason.EXPIRED, at=when, gate="timur" if number == 2 else "u"))
    pages, before = [], None
    while True:
        page = record.log_search.find(query(gate="timur"), before=before)
        pages.append(([one.entry_id for one in page.entries], page.looked_back_to, page.older))
        before = page.older
        if before is None:
            break
    assert pages == [
        ([], NOON + timedelta(minutes=6), 7),
        ([3], NOON + timedelta(minutes=2), 3),
        ([], None, None),
    ]


def test_a_ticket_of_many_days_is_found_day_after_day(
    open_record: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_search, "TICKETS", 2)
    record = open_record()
    for number in range(5):
        written = record.visits.write(attempt(service="KK", at=NOON + number * DAY))
    ticket = the(written.visit).ticket
    wanted = query(ticket=ticket, until=NOON + 9 * DAY, kind=EntryKind.ATTEMPT)
    found, before = [], None
    while True:
        page = record.log_search.find(wanted, before=before)
        found += [one.at for one in page.entries]
        before = page.older
        if before is None:
            break
    assert found == [NOON + number * DAY for number in (4, 3, 2, 1, 0)]


def test_a_ticket_finds_its_holder_s_return_as_well(open_record: Open) -> None:
    record, claims = open_record(), receipt()
    came = record.visits.write(attempt(receipt=claims))
    record.visits.leave(
        receipt=claims, how=ExitHow.SCAN, gate="utama", operator=None, at=NOON + timedelta(hours=1)
    )
    back = record.visits.write(attempt(receipt=claims, at=NOON + timedelta(hours=2)))
    ticket = the(came.visit).ticket
    assert the(back.visit).ticket == ticket
    found = record.log_search.find(query(ticket=ticket)).entries
    assert [one.entry_id for one in found] == [3, 2, 1]
