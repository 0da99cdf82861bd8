"""What a database tells a receipt's holder of themselves, and erases when they ask."""

from __future__ import annotations

import json
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from screening.decision import Reason
from screening.errors import UnknownReceipt
from screening.office.facts import OfficeFacts
from screening.receipts.claims import ReceiptClaims
from screening.record import Record
from screening.record.retention import RUNS_KEPT
from screening.registration.bookings import PriorityGroup, Registration, Request
from screening.repeats import Answer, Asked
from screening.survey.index import Marks, Source
from screening.visits import EntryKind, ExitHow
from tests.contracts.builders import NOON, attempt, receipt, refusal, the, warm
from tests.records import OpenDatabase as Open

pytestmark = pytest.mark.parametrize("open_record", ["sqlite", "postgresql"], indirect=True)
DAY = timedelta(days=1)


def register(record: Record, claims: ReceiptClaims, **changes: Any) -> None:
    request = Request(
        service="KTP",
        day=None,
        name="Sari Puspita Dewi",
        contact="sari@example.id",
        group=PriorityGroup.PREGNANT,
        answers={"why": "lost it"},
        **changes,
    )
    asked: Asked[Registration] = Asked(
        caller="klinik",
        key=f"key of {claims.number}",
        digest="d",
        answer=lambda found: Answer(status=201, body=found.claims.number.encode()),
    )
    record.bookings.register(claims, request, by="klinik", hold_id=None, at=NOON - DAY, asked=asked)


def whole(record: Record) -> str:
    """Everything that the database holds, as one text."""
    tables = ("receipts", "holders", "entries", "details", "visits", "waits", "kept_answers")
    with record._database.reading() as session:
        return "\n".join(
            repr(tuple(row))
            for name in tables
            for row in session.execute(text(f"SELECT * FROM {name}"))
        )


def come(record: Record, claims: ReceiptClaims) -> None:
    record.visits.write(refusal(Reason.ELEVATED_TWICE, receipt=claims, temperatures=(warm(),)))
    written = record.visits.write(
        attempt(receipt=claims, remark="kursi roda", group=PriorityGroup.PREGNANT)
    )
    record.visits.record_clinical(
        written.attempt_id, celsius=36.8, outcome="normal", operator="rina", at=NOON
    )


def test_tells_all_that_is_kept(open_record: Open) -> None:
    record, claims, other = open_record(first=OfficeFacts(readings_days=9)), receipt(), receipt()
    register(record, claims)
    register(record, other)
    come(record, claims)
    come(record, other)

    told = record.persons.export(claims.issuer, claims.number)

    json.dumps(told)
    (holder,) = told["holder"]
    assert (holder["name"], holder["contact"], holder["priority_group"], holder["answers"]) == (
        "Sari Puspita Dewi",
        "sari@example.id",
        "pregnant",
        {"why": "lost it"},
    )
    (visit,) = told["visits"]
    assert visit["ticket"].endswith("-001")
    kinds = {row["kind"] for row in told["log"]}
    assert {"attempt", "clinical"} <= kinds
    details = {kind for row in told["log"] for kind in row["details"]}
    assert details == {"holder", "remark", "group", "degrees"}
    assert other.number not in json.dumps(told)
    assert record.persons.export(claims.issuer, "NOBODY") == {}


def test_erases_what_leads_to_a_person_and_the_chain_stays_valid(open_record: Open) -> None:
    record, claims, other = open_record(first=OfficeFacts(readings_days=9)), receipt(), receipt()
    register(record, claims)
    register(record, other)
    come(record, claims)
    before = the(record.visits.verify())
    assert before.is_intact, before.problem

    erased = record.persons.erase(claims.issuer, claims.number, by="", at=NOON + DAY)

    assert erased == {
        "answer": 1,
        "degrees": 2,
        "group": 1,
        "holder": 2,
        "receipt_name": 1,
        "registration": 1,
        "remark": 1,
    }
    left = whole(record)
    for secret in ("Sari P.", "Sari Puspita", "sari@", "lost it", "kursi roda", "36.8"):
        assert left.count(secret) == whole_of(other, secret)
    report = record.visits.verify()
    assert (report.is_intact, report.problem) == (True, None)
    newest = record.visits.latest(limit=1)[0]
    assert (newest.kind, newest.receipt_number) == (EntryKind.ERASURE, claims.number)
    told = record.persons.export(claims.issuer, claims.number)
    assert (told["holder"], [row["details"] for row in told["log"] if row["details"]]) == ([], [])


def test_answers_and_contact_go_with_the_name(open_record: Open) -> None:
    record, claims = open_record(first=OfficeFacts(names_days=2)), receipt(expires=NOON + DAY)
    register(record, claims)
    kept = the(record.bookings.find(claims.issuer, claims.number))
    assert (kept.contact, kept.answers) == ("sari@example.id", {"why": "lost it"})
    record.retention.forget(NOON + 4 * DAY)
    gone = the(record.bookings.find(claims.issuer, claims.number))
    assert (gone.name, gone.contact, gone.answers) == ("", None, {})
    issuer, number, later = claims.issuer, claims.number, NOON + 4 * DAY
    assert record.bookings.contact(issuer, number, by="rina", at=later) is None
    assert EntryKind.CONTACT_SHOWN not in {row.kind for row in record.visits.latest(limit=9)}


def whole_of(other: ReceiptClaims, secret: str) -> int:
    """How often the other one, who is left, has it: receipt and registration."""
    assert other.holder == "Sari P."
    return {"Sari P.": 1, "Sari Puspita": 1, "sari@": 1, "lost it": 1}.get(secret, 0)


def test_a_receipt_that_could_still_be_used_is_worthless_then(open_record: Open) -> None:
    record, claims, used = open_record(), receipt(), receipt()
    register(record, claims)
    register(record, used)
    record.visits.write(attempt(receipt=used))

    record.persons.erase(claims.issuer, claims.number, by="rina", at=NOON)
    record.persons.erase(used.issuer, used.number, by="rina", at=NOON)

    midnight = NOON - timedelta(hours=12)
    assert record.receipts.use_of(claims.issuer, claims.number, since=midnight).revoked
    assert not record.receipts.use_of(used.issuer, used.number, since=midnight).revoked
    assert record.visits.verify().is_intact


def test_erasing_twice_and_of_nothing_is_a_row_each(open_record: Open) -> None:
    record, claims = open_record(), receipt(holder="")
    record.receipts.add(claims)
    for _ in range(2):
        assert record.persons.erase(claims.issuer, claims.number, by="", at=NOON) in (
            {},
            {"remark": 1},
        )
    rows = [one for one in record.visits.entries() if one.kind is EntryKind.ERASURE]
    assert len(rows) == 2
    assert record.visits.verify().is_intact
    with pytest.raises(UnknownReceipt):
        record.persons.erase(claims.issuer, "NOBODY", by="", at=NOON)


def test_whoever_is_inside_stays_so_without_a_name_and_leaves(open_record: Open) -> None:
    record, claims = open_record(), receipt(party_size=3)
    register(record, claims)
    written = record.visits.write(attempt(receipt=claims, remark="kursi roda"))
    later = NOON + timedelta(minutes=1)

    record.persons.erase(claims.issuer, claims.number, by="", at=later)

    (inside,) = record.visits.visits_inside()
    assert (inside.seat, inside.ticket) == (the(written.visit).seat, the(written.visit).ticket)
    assert "Sari" not in whole(record)
    # The others of the party do not come in by a receipt that is worthless.
    other = record.visits.write(attempt(receipt=claims, at=later))
    assert other.reason is Reason.REVOKED
    door = partial(record.visits.leave, gate="utama", operator=None, at=later)
    assert door(receipt=claims, how=ExitHow.SCAN) is not None
    assert record.visits.visits_inside() == []
    assert record.visits.verify().is_intact


def test_what_an_erased_receipt_is_shown_for_later_can_be_erased_again(open_record: Open) -> None:
    record, claims = open_record(), receipt()
    register(record, claims)
    record.persons.erase(claims.issuer, claims.number, by="", at=NOON)
    record.visits.write(attempt(receipt=claims))
    assert record.persons.erase(claims.issuer, claims.number, by="", at=NOON) == {"holder": 1}
    assert "Sari" not in whole(record)


def test_a_replaced_receipt_is_of_the_same_person(open_record: Open) -> None:
    record, lost, new = open_record(), receipt(), receipt()
    register(record, lost)
    record.bookings.replace(new, number=lost.number, by="rina", at=NOON)

    told = record.persons.export(new.issuer, new.number)
    assert {one["number"] for one in told["receipts"]} == {lost.number, new.number}
    record.persons.erase(new.issuer, new.number, by="", at=NOON)

    assert "Sari" not in whole(record)
    assert record.visits.verify().is_intact


def test_each_night_is_a_row_also_when_nothing_was_due(open_record: Open) -> None:
    record, claims = open_record(first=OfficeFacts(names_days=2)), receipt()
    record.receipts.add(claims)
    record.visits.write(attempt(receipt=claims))
    visit = the(record.survey.visit_of_receipt(claims.issuer, claims.number, at=NOON))
    record.survey.answer(Marks.parse("333333333"), visit, source=Source.RECEIPT, at=NOON)

    record.retention.forget(NOON)
    forgotten = record.retention.forget(NOON + 8 * DAY)
    record.retention.forget(NOON + 8 * DAY)

    runs = record.retention.runs(limit=9)
    assert [run.at for run in runs] == [NOON + 8 * DAY, NOON]
    assert set(runs[1].erased.values()) == {0}
    assert runs[0].erased == forgotten.to_json()
    assert (runs[0].erased["names"], runs[0].erased["survey_marks"]) == (1, 1)
    record.retention.forget(NOON + 8 * DAY + RUNS_KEPT)
    assert [run.at for run in record.retention.runs(limit=9)] == [
        NOON + 8 * DAY + RUNS_KEPT,
        NOON + 8 * DAY,
    ]


def is_on_disk(folder: Path, secret: str) -> bool:
    """Whether a file of the record still has it, erased or not; none of a server's is there."""
    return any(secret.encode() in file.read_bytes() for file in folder.glob("gerbang.db*"))


def test_nothing_of_it_is_left_in_a_file(open_record: Open, tmp_path: Path) -> None:
    record, claims = open_record(), receipt()
    register(record, claims)
    record.persons.erase(claims.issuer, claims.number, by="", at=NOON)
    assert not is_on_disk(tmp_path, "Puspita")


def test_nothing_of_what_is_forgotten_is_left_in_a_file(open_record: Open, tmp_path: Path) -> None:
    record, claims = open_record(first=OfficeFacts(names_days=2)), receipt(expires=NOON + DAY)
    register(record, claims)
    record.retention.forget(NOON + 4 * DAY)
    assert not is_on_disk(tmp_path, "Puspita")


def test_whoever_reads_is_not_disturbed_and_the_file_is_emptied_afterwards(
    open_record: Open, tmp_path: Path
) -> None:
    record, claims = open_record(), receipt()
    register(record, claims)
    with record._database.reading() as session:
        count = text("SELECT count(*) FROM holders")
        assert session.scalar(count) == 1
        record.persons.erase(claims.issuer, claims.number, by="", at=NOON)
        record.drop_erased()
        assert session.scalar(count) == 1
    assert record.drop_erased()
    assert not is_on_disk(tmp_path, "Puspita")
    assert record.visits.verify().is_intact
