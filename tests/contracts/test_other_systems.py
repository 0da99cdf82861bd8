"""What every record promises of other systems' keys, and of what they were answered."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from threading import Barrier, Thread
from typing import Any

import pytest

from screening.accounts import Scope, SystemKey
from screening.decision import DecisionKind
from screening.errors import AccountError, ReceiptError
from screening.office.issuers import with_issuer_key, with_key_times, without_issuer
from screening.record import Record
from screening.record.kept_answers import once
from screening.record.writer import Transaction
from screening.repeats import KEPT_FOR, Answer, AnsweredBefore, Asked, KeyReused
from tests.contracts.builders import NOON, attempt, receipt
from tests.records import OpenRecord as Open
from tests.screening.receipts.builders import OURS, THEIRS

EVERY_KIND = pytest.mark.parametrize("open_record", ["sqlite", "postgresql", "fake"], indirect=True)
DATABASES = pytest.mark.parametrize("open_record", ["sqlite", "postgresql"], indirect=True)

PORTAL = SystemKey(
    name="portal",
    scopes=frozenset({Scope.REGISTRATIONS, Scope.STATUS}),
    key_hash="ab" * 32,
    created_at=NOON,
)


def asked(**changes: Any) -> Asked[str]:
    values: dict[str, Any] = {
        "caller": "portal",
        "key": "request-1",
        "digest": "d1",
        "answer": lambda result: Answer(201, result.encode()),
    }
    return Asked(**{**values, **changes})


@EVERY_KIND
def test_keeps_keys_by_name_and_tells_the_log_who_made_and_revoked_them(open_record: Open) -> None:
    record = open_record()
    later = replace(PORTAL, name="antrean", scopes=frozenset({Scope.QUEUE}), key_hash="cd" * 32)
    record.accounts.add_key(PORTAL, operator="dewi")
    record.accounts.add_key(later, operator="dewi")
    assert record.accounts.system_keys() == [later, PORTAL]
    with pytest.raises(AccountError, match="a key 'portal' already"):
        record.accounts.add_key(replace(PORTAL, key_hash="ef" * 32), operator="dewi")
    record.accounts.revoke_key("portal", operator="rina", at=NOON)
    assert record.accounts.system_keys() == [later]
    with pytest.raises(AccountError, match="no key 'portal'"):
        record.accounts.revoke_key("portal", operator="rina", at=NOON)
    rows = list(record.visits.export())
    assert [(row.operator, row.remark) for row in rows] == [
        ("dewi", "keys.portal: – → registrations+status"),
        ("dewi", "keys.antrean: – → queue"),
        ("rina", "keys.portal: registrations+status → –"),
    ]
    assert PORTAL.key_hash not in repr(rows)


@EVERY_KIND
def test_the_use_of_a_key_is_kept_without_a_row_of_the_log(open_record: Open) -> None:
    record = open_record()
    record.accounts.add_key(PORTAL, operator="dewi")
    record.accounts.note_keys_used({"portal": NOON, "revoked meanwhile": NOON})
    assert record.accounts.system_keys() == [replace(PORTAL, used_at=NOON)]
    assert len(list(record.visits.export())) == 1


@EVERY_KIND
def test_the_first_answer_is_given_for_a_day(open_record: Open) -> None:
    answers = open_record().kept_answers
    first = Answer(409, b'{"code":"slot_full"}')
    assert answers.kept(asked(), at=NOON) is None
    assert answers.keep(asked(), first, at=NOON) == first
    assert answers.keep(asked(), Answer(409, b"{}"), at=NOON) == first
    almost = NOON + KEPT_FOR - timedelta(seconds=1)
    assert answers.kept(asked(), at=almost) == first
    assert answers.kept(asked(key="request-2"), at=almost) is None
    assert answers.kept(asked(caller="another"), at=almost) is None
    assert answers.kept(asked(), at=NOON + KEPT_FOR) is None
    second = Answer(409, b"anew")
    assert answers.keep(asked(), second, at=NOON + KEPT_FOR) == second


@EVERY_KIND
def test_a_key_used_for_another_request_is_told(open_record: Open) -> None:
    answers = open_record().kept_answers
    answers.keep(asked(), Answer(201, b"1"), at=NOON)
    with pytest.raises(KeyReused):
        answers.kept(asked(digest="d2"), at=NOON)
    with pytest.raises(KeyReused):
        answers.keep(asked(digest="d2"), Answer(201, b"2"), at=NOON)


def booked(record: Record, name: str, request: Asked[str]) -> str:
    """A write that stands for any other: a fact about the office, noted in the log."""

    def work(transaction: Transaction) -> str:
        def write() -> str:
            transaction.look(NOON)
            transaction.append({"kind": "office_changed", "at": NOON, "facts": FACTS})
            return name

        return once(transaction, request, write, at=NOON)

    return record._writer.submit(work, may_repeat=True).result()


FACTS = '{"after":{"booked":"yes"},"before":{"booked":null}}'


@DATABASES
def test_of_requests_sent_at_once_one_is_done_and_all_get_its_answer(open_record: Open) -> None:
    record, other = open_record(), open_record()
    assert isinstance(record, Record)
    assert isinstance(other, Record)
    together, answers = Barrier(8), []

    def send(number: int) -> None:
        together.wait()
        try:
            name = booked(record if number % 2 else other, f"visitor {number}", asked())
            answers.append(Answer(201, name.encode()))
        except AnsweredBefore as before:
            answers.append(before.answer)

    threads = [Thread(target=send, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 8
    assert len(set(answers)) == 1
    assert len(list(record.visits.export())) == 1
    assert record.kept_answers.kept(asked(), at=NOON) == answers[0]


@DATABASES
def test_what_failed_is_not_taken_for_done(open_record: Open) -> None:
    record = open_record()
    assert isinstance(record, Record)

    def fail(_: str) -> Answer:
        raise AccountError("no answer can be made")

    with pytest.raises(AccountError):
        booked(record, "visitor", asked(answer=fail))
    assert list(record.visits.export()) == []
    assert booked(record, "visitor", asked()) == "visitor"


@DATABASES
def test_answers_are_erased_after_a_day_and_with_their_key(open_record: Open) -> None:
    record = open_record()
    assert isinstance(record, Record)
    record.accounts.add_key(PORTAL, operator="dewi")
    record.kept_answers.keep(asked(), Answer(201, b"Siti"), at=NOON)
    assert record.retention.forget(NOON + timedelta(hours=23)).answers == 0
    assert record.retention.forget(NOON + KEPT_FOR).answers == 1
    record.kept_answers.keep(asked(), Answer(201, b"Siti"), at=NOON)
    record.accounts.revoke_key("portal", operator="dewi", at=NOON)
    assert record.kept_answers.kept(asked(), at=NOON) is None


@EVERY_KIND
def test_a_list_of_receipts_comes_in_whole_with_one_row_of_the_log(open_record: Open) -> None:
    record = open_record()
    first = [receipt(issuer="PORTAL", number=f"470/{n}") for n in range(1200)]
    record.receipts.import_all("PORTAL", first, operator="dewi", at=NOON)
    assert record.facts.current().imported == {"PORTAL": 1200}
    assert record.receipts.by_number("PORTAL", "470/7") == first[7]
    assert record.receipts.known_numbers("PORTAL", ["470/7", "470/1199", "480/1"]) == {
        "470/7", "470/1199",
    }  # fmt: skip
    assert record.receipts.known_numbers("BGR", ["470/7"]) == frozenset()
    again = [receipt(issuer="PORTAL", number="480/1"), first[7]]
    with pytest.raises(ReceiptError, match="nothing was imported: 470/7"):
        record.receipts.import_all("PORTAL", again, operator="dewi", at=NOON)
    assert record.receipts.by_number("PORTAL", "480/1") is None
    record.receipts.import_all("PORTAL", again[:1], operator="rina", at=NOON)
    assert [(row.operator, row.remark) for row in record.visits.export()] == [
        ("dewi", "imported.PORTAL: – → 1200"),
        ("rina", "imported.PORTAL: 1200 → 1201"),
    ]


@EVERY_KIND
def test_an_imported_receipt_lets_in_once_and_not_when_revoked(open_record: Open) -> None:
    record = open_record()
    good, bad = (receipt(issuer="PORTAL", number=number) for number in ("470/1", "470/2"))
    record.receipts.import_all("PORTAL", [good, bad], operator="dewi", at=NOON)
    decided = [record.visits.write(attempt(receipt=good)).decision for _ in range(2)]
    assert decided == [DecisionKind.ADMIT, DecisionKind.DENY]
    record.receipts.revoke("PORTAL", "470/2", reason="x", operator="ani", at=NOON)
    assert record.visits.write(attempt(receipt=bad)).decision is DecisionKind.DENY


@DATABASES
def test_another_process_knows_whom_to_believe(open_record: Open) -> None:
    record, other = open_record(), open_record()
    key = THEIRS.trusted()
    record.facts.change(with_issuer_key(key), operator="dewi", at=NOON)
    other.facts.refresh()
    assert other.facts.current().issuer_keys == (key,)
    limited = with_key_times("JKT", None, {"from": NOON, "until": NOON + timedelta(days=1)})
    other.facts.change(limited, operator="dewi", at=NOON)
    second = replace(OURS.trusted(), issuer="JKT")
    other.facts.change(with_issuer_key(second), operator="dewi", at=NOON)
    changed = replace(key, not_before=NOON, not_after=NOON + timedelta(days=1))
    assert open_record().facts.current().issuer_keys == (changed, second)
    record.receipts.import_all("PORTAL", [receipt(issuer="PORTAL")], operator="dewi", at=NOON)
    record.facts.change(without_issuer("JKT", None), operator="dewi", at=NOON)
    facts = open_record().facts.current()
    assert (facts.issuer_keys, facts.imported) == ((), {"PORTAL": 1})
