"""What every record promises of the survey: once a visit, and no way from an answer to a person."""

from __future__ import annotations

from datetime import date, timedelta
from threading import Barrier, Thread

import pytest
from sqlalchemy import text

from screening.decision import Reason
from screening.record import Record
from screening.survey.book import FollowUp
from screening.survey.index import (
    Answer,
    Element,
    Marks,
    Quarter,
    Source,
    SurveyResult,
    by_quarter,
    by_service,
    pooled,
)
from screening.visits import EntryKind
from tests.contracts.builders import NOON, attempt, pause, receipt, refusal, the
from tests.records import AnyRecord
from tests.records import OpenRecord as Open

EVERY_KIND = pytest.mark.parametrize("open_record", ["sqlite", "postgresql", "fake"], indirect=True)
DATABASES = pytest.mark.parametrize("open_record", ["sqlite", "postgresql"], indirect=True)

Q1, Q2 = Quarter(2026, 1), Quarter(2026, 2)
GOOD, BAD = Marks.parse("444433444"), Marks.parse("221222122")
DAY = timedelta(days=1)


def survey_rows(record: AnyRecord) -> list[tuple[str | None, str | None]]:
    return [
        (one.operator, one.remark)
        for one in record.visits.entries(limit=1000)
        if one.kind is EntryKind.SURVEY
    ]


@EVERY_KIND
def test_a_visit_answers_once(open_record: Open) -> None:
    record, claims = open_record(), receipt()
    record.receipts.add(claims)
    record.visits.write(attempt(receipt=claims))

    visit = the(record.survey.visit_of_receipt(claims.issuer, claims.number, at=NOON + DAY))

    assert (visit.service, visit.was_refused, visit.day) == ("KTP", False, date(2026, 3, 10))
    assert not record.survey.has_answered(visit)
    assert record.survey.answer(GOOD, visit, source=Source.RECEIPT, at=NOON + DAY)
    assert record.survey.has_answered(visit)
    assert not record.survey.answer(BAD, visit, source=Source.KIOSK, at=NOON + DAY)
    (only,) = record.survey.counted(Q1, Q1)
    assert (only.people, only.answer) == (
        1,
        Answer(marks=GOOD, quarter=Q1, service="KTP", source=Source.RECEIPT),
    )


@EVERY_KIND
def test_who_was_refused_is_asked_too(open_record: Open) -> None:
    record, claims = open_record(), receipt()
    record.receipts.add(claims)
    record.visits.write(refusal(Reason.ELEVATED_TWICE, receipt=claims))

    visit = the(record.survey.visit_of_receipt(claims.issuer, claims.number, at=NOON))

    assert visit.was_refused
    assert record.survey.answer(BAD, visit, source=Source.RECEIPT, at=NOON)
    (only,) = record.survey.counted(Q1, Q1)
    assert only.answer.was_refused


@EVERY_KIND
def test_who_only_waits_or_never_came_is_not_asked(open_record: Open) -> None:
    record, waits, annulled, unused = open_record(), receipt(), receipt(), receipt()
    record.receipts.add_all([waits, annulled, unused])
    record.visits.write(pause(receipt=waits))
    written = record.visits.write(attempt(receipt=annulled))
    record.visits.annul(written.attempt_id, operator="budi", remark="ran off", at=NOON)

    for claims in (waits, annulled, unused):
        assert record.survey.visit_of_receipt(claims.issuer, claims.number, at=NOON) is None


@EVERY_KIND
def test_it_is_asked_for_seven_days(open_record: Open) -> None:
    record, claims = open_record(), receipt()
    record.receipts.add(claims)
    record.visits.write(attempt(receipt=claims))
    key = (claims.issuer, claims.number)

    visit = the(record.survey.visit_of_receipt(*key, at=NOON + 7 * DAY))

    assert record.survey.visit_of_receipt(*key, at=NOON + 8 * DAY) is None
    assert not record.survey.answer(GOOD, visit, source=Source.RECEIPT, at=NOON + 8 * DAY)
    assert record.survey.counted(Q1, Q1) == []


@EVERY_KIND
def test_a_ticket_and_its_receipt_are_one_visit(open_record: Open) -> None:
    record, claims = open_record(), receipt()
    record.receipts.add(claims)
    ticket = the(record.visits.write(attempt(receipt=claims)).visit).ticket

    by_ticket = the(record.survey.visit_of_ticket(f" {ticket.lower()} ", at=NOON))
    by_receipt = the(record.survey.visit_of_receipt(claims.issuer, claims.number, at=NOON))

    assert by_ticket.mark == by_receipt.mark
    assert record.survey.answer(GOOD, by_ticket, source=Source.KIOSK, at=NOON)
    assert not record.survey.answer(GOOD, by_receipt, source=Source.RECEIPT, at=NOON)


@EVERY_KIND
@pytest.mark.parametrize("typed", ["", "-", "KTP", "KTP-999", "KTP-x", "-001", "KTP-1e3", "9" * 40])
def test_other_tickets_lead_nowhere(open_record: Open, typed: str) -> None:
    record = open_record()
    record.visits.write(attempt(service="KTP"))

    assert record.survey.visit_of_ticket(typed, at=NOON) is None


@EVERY_KIND
def test_who_came_without_a_receipt_has_a_ticket_of_today(open_record: Open) -> None:
    record = open_record()
    ticket = the(record.visits.write(attempt(service="KTP")).visit).ticket

    assert the(record.survey.visit_of_ticket(ticket, at=NOON)).service == "KTP"
    assert record.survey.visit_of_ticket(ticket, at=NOON + DAY) is None


@DATABASES
def test_of_two_at_once_one_answer_is_kept(open_record: Open) -> None:
    record, claims = open_record(), receipt()
    record.receipts.add(claims)
    record.visits.write(attempt(receipt=claims))
    visit = the(record.survey.visit_of_receipt(claims.issuer, claims.number, at=NOON))
    barrier, kept = Barrier(4), list[bool]()

    def answer() -> None:
        barrier.wait()
        kept.append(record.survey.answer(GOOD, visit, source=Source.RECEIPT, at=NOON))

    threads = [Thread(target=answer) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(kept) == [False, False, False, True]
    assert sum(one.people for one in record.survey.counted(Q1, Q1)) == 1


@DATABASES
def test_nothing_kept_joins_an_answer_to_a_visit(open_record: Open) -> None:
    record = open_record()
    assert isinstance(record, Record)
    people = [receipt() for _ in range(20)]
    record.receipts.add_all(people)
    for number, claims in enumerate(people):
        record.visits.write(refusal(Reason.ELEVATED_TWICE, receipt=claims))
        visit = the(record.survey.visit_of_receipt(claims.issuer, claims.number, at=NOON))
        own = Marks.parse(f"{number:09b}".replace("0", "3").replace("1", "4"))
        record.survey.answer(own, visit, source=Source.RECEIPT, at=NOON)

    with record._database.reading() as session:
        answers = session.execute(text("SELECT * FROM survey_answers ORDER BY answer_id")).all()
        visits = session.execute(text("SELECT * FROM surveyed_visits")).mappings().all()

    told = {str(cell) for row in answers for cell in row}
    secrets = {str(row["mark"]) for row in visits}
    assert not told & secrets
    assert set(visits[0]) == {"site", "mark", "until"}
    assert not any(claims.number in cell for cell in told | secrets for claims in people)
    in_order = [int(str(row.marks).replace("3", "0").replace("4", "1"), 2) for row in answers]
    assert in_order != sorted(in_order)  # by chance once in 20!
    assert survey_rows(record) == []


@EVERY_KIND
def test_paper_is_added_with_a_row_that_says_who(open_record: Open) -> None:
    record = open_record()
    sheets = [
        Answer(marks=marks, quarter=Q1, service=None, source=Source.PAPER)
        for marks in (GOOD, GOOD, BAD)
    ]

    record.survey.add_paper(sheets, by="rina", at=NOON)
    record.survey.add_paper([], by="rina", at=NOON)
    record.survey.answer_unnamed(
        Answer(marks=BAD, quarter=Q2, service="KK", source=Source.KIOSK, was_refused=True)
    )

    assert survey_rows(record) == [("rina", "paper: 3, 2026-Q1")]
    assert SurveyResult.of(record.survey.counted(Q1, Q1)).n == 3
    assert SurveyResult.of(record.survey.counted(Q2, Q2)).n == 1
    assert SurveyResult.of(record.survey.counted(Q1, Q2)).n == 4
    assert record.visits.verify().is_intact


@EVERY_KIND
def test_answers_added_up_come_to_what_each_of_them_does_also_after_another_one(
    open_record: Open,
) -> None:
    record = open_record()

    def say(marks: Marks, service: str | None, quarter: Quarter = Q1) -> None:
        record.survey.answer_unnamed(
            Answer(marks=marks, quarter=quarter, service=service, source=Source.KIOSK)
        )

    def check() -> None:
        each, added = record.survey.counted(Q1, Q2), record.survey.tallies(Q1, Q2)
        assert SurveyResult.of(added) == SurveyResult.of(each)
        assert by_quarter(added) == by_quarter(each)
        assert by_service(pooled(added)) == by_service(pooled(each))

    for marks in (GOOD, GOOD, BAD, GOOD, BAD):
        say(marks, "KTP")
    say(BAD, "KK", Q2)
    say(GOOD, None)
    check()
    say(BAD, "KK", Q2)
    say(BAD, "KTP")
    check()
    assert SurveyResult.of(record.survey.tallies(Q2, Q2)).n == 2


@EVERY_KIND
def test_follow_ups_are_noted_and_done_each_with_a_row(open_record: Open) -> None:
    record = open_record()
    late = FollowUp(
        quarter=Q1,
        element=Element.TIME,
        service="KTP",
        found="waits of two hours",
        action="a second counter on Mondays",
        who="Rina",
        until=date(2026, 4, 30),
    )
    soon = FollowUp(
        quarter=Q1,
        element=Element.FACILITIES,
        service=None,
        found="no chairs for the elderly",
        action="ten chairs",
        who="Dewi",
        until=date(2026, 3, 20),
    )

    first = record.survey.note_follow_up(late, by="dewi", at=NOON)
    second = record.survey.note_follow_up(soon, by="dewi", at=NOON)
    assert [one.follow_up_id for one in record.survey.follow_ups()] == [
        second.follow_up_id,
        first.follow_up_id,
    ]
    done = the(
        record.survey.close_follow_up(
            second.follow_up_id, result="bought", by="rina", at=NOON + DAY
        )
    )

    assert (done.done_on, done.done_by, done.result) == (date(2026, 3, 11), "rina", "bought")
    assert record.survey.follow_ups() == [first, done]
    again = record.survey.close_follow_up(second.follow_up_id, result="", by="x", at=NOON)
    assert again is None
    assert record.survey.close_follow_up(99, result="", by="x", at=NOON) is None
    assert survey_rows(record) == [
        ("dewi", "noted: 1, time"),
        ("dewi", "noted: 2, facilities"),
        ("rina", "done: 2, facilities"),
    ]
    assert record.visits.verify().is_intact
