"""Scans that wait behind one another: written together, and each answered as if it came alone."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path

import pytest

from screening.decision import Check, Reason
from screening.errors import LaneConflict, NotRecorded, ScreeningError
from screening.gate.commands import Scan
from screening.gate.view import ScanAnswer
from screening.readings import CodeSource
from screening.visits import Attempt, WrittenAttempt
from tests.screening.gate.lane_setting import Setting, lane_setting

RECEIPT_ONLY = frozenset({Check.RECEIPT})


@pytest.fixture
def gate(tmp_path: Path) -> Iterator[Setting]:
    with lane_setting(tmp_path, checks=RECEIPT_ONLY, devices=frozenset()) as setting:
        yield setting


def station(code: str, nonce: str | None = None) -> Scan:
    return Scan(code=code, source=CodeSource.STATION, nonce=nonce)


def together(gate: Setting, *scans: Scan) -> list[ScanAnswer | ScreeningError]:
    """The answers in order, or why there is none."""
    answers: list[ScanAnswer | ScreeningError] = []
    for end in gate.lane.entrance.begin_together(scans):
        try:
            answers.append(end())
        except ScreeningError as error:
            answers.append(error)
    return answers


def answered(gate: Setting, *scans: Scan) -> list[ScanAnswer]:
    answers = together(gate, *scans)
    assert all(isinstance(answer, ScanAnswer) for answer in answers)
    return [answer for answer in answers if isinstance(answer, ScanAnswer)]


def holder_and_reason(gate: Setting) -> tuple[str | None, Reason]:
    view = gate.lane.view()
    assert view.visitor is not None
    assert view.verdict is not None
    return view.visitor.receipt_number, view.verdict.reason


def test_all_are_handed_in_before_the_first_barrier_moves(
    gate: Setting, monkeypatch: pytest.MonkeyPatch
) -> None:
    happened: list[str] = []
    submit, opens = gate.log.submit, gate.barrier.open_once

    def noted_submit(attempt: Attempt) -> Future[WrittenAttempt]:
        happened.append("handed in")
        return submit(attempt)

    def noted_open(attempt_id: str) -> None:
        assert gate.record.visits.attempt(attempt_id) is not None
        happened.append("opened")
        opens(attempt_id)

    monkeypatch.setattr(gate.log, "submit", noted_submit)
    monkeypatch.setattr(gate.barrier, "open_once", noted_open)
    answered(gate, *(station(gate.receipt()) for _ in range(3)))
    assert happened == ["handed in"] * 3 + ["opened"] * 3


def test_everybody_gets_their_own_answer_and_the_last_one_is_on_show(gate: Setting) -> None:
    codes = [gate.receipt(service) for service in ("KTP", "KK", "KTP", "KK")]
    numbers = [gate.desk.verify(code).claims.number for code in codes]  # type: ignore[union-attr]
    answers = answered(gate, *(station(code) for code in codes))
    assert [answer.receipt_number for answer in answers] == numbers
    assert [answer.service for answer in answers] == ["KTP", "KK", "KTP", "KK"]
    assert len({answer.seat for answer in answers}) == 4
    assert gate.barrier.opened == [answer.attempt_id for answer in answers]
    assert holder_and_reason(gate) == (numbers[-1], Reason.ADMITTED)


def test_one_receipt_held_to_two_readers_lets_one_in(gate: Setting) -> None:
    code = gate.receipt()
    first, second = answered(gate, station(code, "n-1"), station(code, "n-2"))
    assert (first.reason, second.reason) == (Reason.ADMITTED, Reason.ALREADY_INSIDE)
    assert gate.barrier.opened == [first.attempt_id]


def test_a_station_that_asks_twice_in_one_go_hears_the_same_twice(gate: Setting) -> None:
    code = gate.receipt()
    first, second = answered(gate, station(code, "n-1"), station(code, "n-1"))
    assert second == first
    assert gate.barrier.opened == [first.attempt_id]
    assert len(gate.record.visits.entries()) == 1


@pytest.mark.parametrize("is_receipt", [True, False])
def test_a_nonce_used_with_another_code_leaves_the_first_visitor_on_show(
    gate: Setting, is_receipt: bool
) -> None:
    first, other = gate.receipt(), gate.receipt() if is_receipt else "no receipt"
    answer, refused = together(gate, station(first, "n-1"), station(other, "n-1"))
    assert isinstance(answer, ScanAnswer)
    assert isinstance(refused, LaneConflict)
    assert holder_and_reason(gate) == (answer.receipt_number, Reason.ADMITTED)
    assert len(gate.record.visits.entries()) == 1


def test_a_nonce_used_with_two_unreadable_codes_is_told_too(gate: Setting) -> None:
    answer, refused = together(gate, station("hello", "n-1"), station("world", "n-1"))
    assert isinstance(answer, ScanAnswer)
    assert isinstance(refused, LaneConflict)
    assert len(gate.record.visits.entries()) == 1


def test_one_row_that_cannot_be_written_is_one_visitors_matter(
    gate: Setting, monkeypatch: pytest.MonkeyPatch
) -> None:
    submit, calls = gate.log.submit, iter(range(3))

    def second_fails(attempt: Attempt) -> Future[WrittenAttempt]:
        if next(calls) != 1:
            return submit(attempt)
        failed: Future[WrittenAttempt] = Future()
        failed.set_exception(NotRecorded("the disk is full; nothing moved"))
        return failed

    monkeypatch.setattr(gate.log, "submit", second_fails)
    first, second, third = together(gate, *(station(gate.receipt()) for _ in range(3)))
    assert isinstance(first, ScanAnswer)
    assert isinstance(second, NotRecorded)
    assert isinstance(third, ScanAnswer)
    assert gate.barrier.opened == [first.attempt_id, third.attempt_id]


def test_when_the_record_is_closed_nobody_gets_anothers_answer(
    gate: Setting, monkeypatch: pytest.MonkeyPatch
) -> None:
    def is_closed(attempt: Attempt) -> Future[WrittenAttempt]:
        raise NotRecorded("the record is closed")

    monkeypatch.setattr(gate.log, "submit", is_closed)
    assert all(
        isinstance(answer, NotRecorded)
        for answer in together(gate, *(station(gate.receipt()) for _ in range(2)))
    )
    verdict = gate.lane.view().verdict
    assert verdict is not None
    assert verdict.reason is Reason.RECORD_UNAVAILABLE


def test_a_mode_that_changes_between_two_visitors_mixes_no_answers_up(
    gate: Setting, monkeypatch: pytest.MonkeyPatch
) -> None:
    codes = [gate.receipt(service) for service in ("KTP", "KK")]
    submit = gate.log.submit

    def switched_after_the_first(attempt: Attempt) -> Future[WrittenAttempt]:
        gate.asked.checks = frozenset(Check)
        return submit(attempt)

    monkeypatch.setattr(gate.log, "submit", switched_after_the_first)
    answers = answered(gate, *(station(code) for code in codes))
    assert [(one.status, one.service) for one in answers] == [("ok", "KTP"), ("ok", "KK")]
    (third,) = answered(gate, station(gate.receipt()))
    assert (third.status, third.reason) == ("pending", Reason.CLEAN_HANDS)
