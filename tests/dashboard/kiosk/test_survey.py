"""The survey by the exit: once a visit, and without a number only at the kiosk."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from httpx2 import Response

from dashboard.kiosk.survey import UNNAMED_ALLOWED
from screening.decision import DecisionKind, Reason
from screening.survey.index import ELEMENTS, Quarter, Source, SurveyResult
from screening.visits import Attempt
from tests.dashboard.conftest import Browse, token_in
from tests.dashboard.fakes import NOON, FakeOffice

Q4 = Quarter(2026, 4)
PAGE = "/survey/utama"
ALL = {element.value: "3" for element in ELEMENTS}


def come_in(fake: FakeOffice, number: int = 1) -> str:
    """Somebody comes in without a receipt; the ticket."""
    written = fake.record.visits.write(
        Attempt(
            attempt_id=f"a-{number}",
            gate="utama",
            at=NOON,
            decision=DecisionKind.ADMIT,
            reason=Reason.ADMITTED,
            service="KTP",
        )
    )
    assert written.visit is not None
    return written.visit.ticket


def answer(client: TestClient, **fields: str) -> Response:
    token = token_in(client.get(PAGE).text)
    return client.post(PAGE, data={"csrf_token": token, **ALL, **fields})


def kept(fake: FakeOffice) -> list[Any]:
    return fake.record.survey.counted(Q4, Q4)


@pytest.fixture
def kiosk(client: TestClient, logged_in: Browse) -> TestClient:
    """A browser that an officer made the kiosk; nobody is logged in there any more."""
    officer = logged_in("rina")
    token = token_in(officer.get(PAGE).text)
    made = officer.post(f"{PAGE}/kiosk", data={"csrf_token": token})
    assert made.status_code == 303
    cookie = officer.cookies.get("gerbang_survey")
    assert cookie is not None
    client.cookies.set("gerbang_survey", cookie, domain="testserver.local", path="/survey")
    return client


def test_a_ticket_counts_once(client: TestClient, fake: FakeOffice) -> None:
    ticket = come_in(fake)

    first, second = answer(client, number=ticket), answer(client, number=ticket)

    assert first.status_code == 303
    assert "thanks=true" in first.headers["location"]
    thanks = client.get(first.headers["location"])
    assert thanks.context["is_thanks"]
    assert (second.status_code, bool(second.context["form"].problem)) == (409, True)
    (only,) = kept(fake)
    assert (only.people, only.answer.service, only.answer.source) == (1, "KTP", Source.KIOSK)


def test_what_was_marked_stays_while_something_is_missing(
    client: TestClient, fake: FakeOffice
) -> None:
    ticket = come_in(fake)

    page = answer(client, number=ticket, time="", cost="7")

    assert page.status_code == 422
    questions = page.context["form"].questions
    assert [one.code for one in questions if one.is_missed] == ["time", "cost"]
    assert [one.chosen for one in questions].count(3) == 7
    assert page.context["number"] == ticket
    assert kept(fake) == []


@pytest.mark.parametrize("number", ["", "KTP-777", "97KRZGVPRV", "GB1:NONSENSE"])
def test_without_a_number_of_a_visit_nothing_is_kept(
    client: TestClient, fake: FakeOffice, number: str
) -> None:
    come_in(fake)

    assert answer(client, number=number).status_code == 409
    assert kept(fake) == []


def test_at_the_kiosk_no_number_is_needed(kiosk: TestClient, fake: FakeOffice) -> None:
    come_in(fake)

    assert answer(kiosk, service="KK", is_refused="true").status_code == 303
    (only,) = kept(fake)
    assert (only.answer.service, only.answer.was_refused) == ("KK", True)
    # No more of them a day than people came.
    assert answer(kiosk).status_code == 409
    come_in(fake, 2)
    assert answer(kiosk, service="nowhere").status_code == 303
    assert SurveyResult.of(kept(fake)).n == 2


def test_the_kiosk_takes_not_many_in_a_short_time(kiosk: TestClient, fake: FakeOffice) -> None:
    for number in range(UNNAMED_ALLOWED + 5):
        fake.record.visits.write(
            Attempt(
                attempt_id=f"d-{number}",
                gate="utama",
                at=NOON,
                decision=DecisionKind.DENY,
                reason=Reason.ELEVATED_TWICE,
            )
        )
    statuses = [answer(kiosk).status_code for _ in range(UNNAMED_ALLOWED + 2)]

    assert statuses == [303] * UNNAMED_ALLOWED + [409, 409]


@pytest.mark.parametrize("name", ["budi", None])
def test_only_officers_make_a_kiosk(
    client: TestClient, logged_in: Browse, name: str | None
) -> None:
    browser = client if name is None else logged_in(name)
    page = browser.get(PAGE)

    assert not page.context["can_make_kiosk"]
    made = browser.post(f"{PAGE}/kiosk", data={"csrf_token": token_in(page.text)})
    assert made.status_code == (303 if name is None else 403)
    assert browser.cookies.get("gerbang_survey") is None


def test_a_kiosk_of_one_gate_is_none_of_another(app: FastAPI, kiosk: TestClient) -> None:
    assert kiosk.get(PAGE).context["is_kiosk"]
    kiosk.cookies.clear()
    kiosk.cookies.set("gerbang_survey", "key of elsewhere")
    assert not kiosk.get(PAGE).context["is_kiosk"]


def test_an_unknown_place_is_none(client: TestClient) -> None:
    assert client.get("/survey/nowhere").status_code == 404


def test_a_form_of_another_site_is_refused(client: TestClient, fake: FakeOffice) -> None:
    come_in(fake)
    client.get(PAGE)

    assert client.post(PAGE, data={**ALL, "csrf_token": "x"}).status_code == 403
    assert kept(fake) == []
