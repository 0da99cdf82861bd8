"""The survey on a receipt's own page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient

from dashboard.app import create_app
from screening.decision import DecisionKind, Reason
from screening.receipts.claims import ReceiptUse
from screening.survey.index import ELEMENTS, Answer, Marks, Quarter, Source
from screening.visits import Attempt
from tests.dashboard.conftest import token_in
from tests.dashboard.fakes import NOON, FakeOffice
from tests.dashboard.visitor.test_receipt import CLAIMS, INSIDE, LINK, RECEIPT, Shelf

Q4 = Quarter(2026, 4)
ALL = {element.value: "4" for element in ELEMENTS}
LEFT = replace(RECEIPT, use=ReceiptUse(places_used=2, out_today=2))

Phone = Callable[[], TestClient]


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


@pytest.fixture
def phone(fake: FakeOffice, shelf: Shelf) -> TestClient:
    shelf.receipt = LEFT
    office = replace(fake.office, receipt_page=shelf.page)
    return TestClient(create_app(office), follow_redirects=False)


def come(fake: FakeOffice, decision: DecisionKind = DecisionKind.ADMIT) -> None:
    reason = Reason.ADMITTED if decision is DecisionKind.ADMIT else Reason.ELEVATED_TWICE
    fake.record.visits.write(
        Attempt(
            attempt_id="a-1",
            gate="utama",
            at=NOON,
            decision=decision,
            reason=reason,
            receipt=CLAIMS,
        )
    )


def send(phone: TestClient, **marks: str) -> int:
    token = token_in(phone.get(f"{LINK}?as=survey").text)
    answer = phone.post(LINK, data={"csrf_token": token, "act": "survey", **ALL, **marks})
    return answer.status_code


def test_who_has_left_is_asked_once(phone: TestClient, fake: FakeOffice) -> None:
    come(fake)
    assert phone.get(LINK).context["survey"] == "yes"

    assert send(phone) == 303

    page = phone.get(LINK)
    assert page.context["survey"] == "answered"
    assert phone.get(f"{LINK}?as=survey").headers["location"] == LINK
    (only,) = fake.record.survey.counted(Q4, Q4)
    assert only.answer == Answer(
        marks=Marks.parse("444444444"), quarter=Q4, service="KTP", source=Source.RECEIPT
    )


def test_a_second_answer_changes_nothing(phone: TestClient, fake: FakeOffice) -> None:
    come(fake)
    token = token_in(phone.get(f"{LINK}?as=survey").text)
    for mark in "41":
        marks = dict.fromkeys(ALL, mark)
        phone.post(LINK, data={"csrf_token": token, "act": "survey", **marks})

    (only,) = fake.record.survey.counted(Q4, Q4)
    assert str(only.answer.marks) == "444444444"


def test_who_was_refused_is_told_that_it_counts(
    phone: TestClient, fake: FakeOffice, shelf: Shelf
) -> None:
    shelf.receipt = RECEIPT
    come(fake, DecisionKind.REFER)

    assert phone.get(f"{LINK}?as=survey").context["was_refused"]
    assert send(phone) == 303
    (only,) = fake.record.survey.counted(Q4, Q4)
    assert only.answer.was_refused


def test_what_is_missing_is_said(phone: TestClient, fake: FakeOffice) -> None:
    come(fake)

    assert send(phone, conduct="") == 422
    assert fake.record.survey.counted(Q4, Q4) == []


def test_nobody_is_asked_before_inside_or_after_a_week(
    phone: TestClient, fake: FakeOffice, shelf: Shelf
) -> None:
    shelf.receipt = RECEIPT
    assert phone.get(LINK).context["survey"] == "no"
    come(fake)
    shelf.receipt = INSIDE
    assert phone.get(LINK).context["survey"] == "no"
    shelf.receipt = LEFT
    fake.clock.move_to(NOON + timedelta(days=7))
    assert phone.get(LINK).context["survey"] == "yes"
    fake.clock.move_to(NOON + timedelta(days=8))
    assert phone.get(LINK).context["survey"] == "no"
    assert phone.get(f"{LINK}?as=survey").status_code == 303


def test_no_link_of_the_page_tells_the_receipts_address(
    phone: TestClient, fake: FakeOffice
) -> None:
    come(fake)
    assert LINK not in phone.get(f"{LINK}?as=survey").text
