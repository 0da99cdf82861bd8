"""Closing a day from the page: the look, the press, the receipt, the desk's calls, and back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from httpx2 import Response

from dashboard.app import create_app
from dashboard.bootstrap import RunningOffice
from dashboard.web.auth import SESSION_COOKIE, hash_token
from dashboard.web.language import LANGUAGE_COOKIE
from screening.accounts import Role, User, WebSession
from screening.clock import FakeClock
from screening.registration.bookings import Request
from screening.registration.closing import Told
from screening.registration.registrar import Registered
from screening.settings import Settings
from tests.dashboard.conftest import token_in
from tests.dashboard.fakes import NOON

WEDNESDAY, THURSDAY = date(2026, 11, 25), date(2026, 11, 26)
PHONE = "0812 3456 789"


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(NOON)


@pytest.fixture
def running(tmp_path: Path, clock: FakeClock) -> Iterator[RunningOffice]:
    settings = Settings(_env_file=None, data=tmp_path / "data")
    with RunningOffice.open(settings, clock=clock) as running:
        yield running


@pytest.fixture
def pages(running: RunningOffice) -> FastAPI:
    return create_app(running.office())


@pytest.fixture
def visitor(pages: FastAPI) -> TestClient:
    return TestClient(pages, follow_redirects=False)


def browser(running: RunningOffice, pages: FastAPI, name: str, role: Role) -> TestClient:
    accounts = running.record.accounts
    accounts.add_user(User(name, role, "x", NOON))
    accounts.open_session(
        WebSession(
            token_hash=hash_token(name),
            user=name,
            role=role,
            csrf_token="form",
            created_at=NOON,
            expires_at=NOON + timedelta(days=30),
        )
    )
    client = TestClient(pages, follow_redirects=False)
    client.cookies.set(SESSION_COOKIE, name, domain="testserver.local")
    return client


@pytest.fixture
def admin(running: RunningOffice, pages: FastAPI) -> TestClient:
    return browser(running, pages, "admin", Role.ADMINISTRATOR)


@pytest.fixture
def officer(running: RunningOffice, pages: FastAPI) -> TestClient:
    return browser(running, pages, "rina", Role.OFFICER)


def registered(running: RunningOffice, **changes: Any) -> Registered:
    values: dict[str, Any] = {"service": "KTP", "day": WEDNESDAY, "name": "Siti Aminah"}
    return running.registrar.register(Request(**{**values, **changes}))


def send(admin: TestClient, **typed: str) -> Response:
    form = {"when": "days", "first": WEDNESDAY.isoformat(), "why_id": "Banjir", "why_en": "Flood"}
    token = token_in(admin.get("/admin/closing").text)
    return admin.post("/admin/closing", data={"csrf_token": token, **form, **typed})


def close(admin: TestClient, **typed: str) -> Response:
    looked = send(admin, **typed)
    fields = dict(looked.context["fields"])
    return send(admin, **fields, step="change", seen=looked.context["seen"])


def day_of(running: RunningOffice, one: Registered) -> date:
    booking = running.registrar.booking(one.receipt.number)
    assert booking is not None
    return booking.place.day


def test_nothing_is_closed_before_a_look(running: RunningOffice, admin: TestClient) -> None:
    one = registered(running, party_size=2)
    looked = send(admin)
    assert (looked.status_code, looked.context["bookings"], looked.context["people"]) == (200, 1, 2)
    assert [line.after for line in looked.context["moves"]] == ["Kamis, 26 November"]
    assert day_of(running, one) == WEDNESDAY
    other = registered(running)
    late = send(admin, **dict(looked.context["fields"]), step="change", seen=looked.context["seen"])
    assert late.context["is_late"]
    assert day_of(running, other) == WEDNESDAY
    assert close(admin).headers["location"] == "/admin/closing#closing-1"
    assert day_of(running, one) == day_of(running, other) == THURSDAY


@pytest.mark.parametrize(
    "typed",
    [
        {"first": "2026-11-20"},
        {"first": "soon"},
        {"until": "2026-11-24"},
        {"until": "2029-11-24"},
        {"why_id": "", "why_en": ""},
        {"why_id": "x" * 200},
        {"why_id": "[banjir]"},
        {"service": "NONE"},
    ],
    ids=str,
)
def test_what_cannot_be_closed_is_told_and_what_was_typed_stays(
    admin: TestClient, typed: dict[str, str]
) -> None:
    answer = send(admin, **{"why_en": "Flood in the hall", **typed})
    assert answer.status_code == 422
    assert answer.context["around"].problem
    if "why_en" not in typed:
        assert "Flood in the hall" in answer.text


def test_the_receipt_tells_and_its_holder_agrees(
    running: RunningOffice, admin: TestClient, visitor: TestClient
) -> None:
    link = registered(running).link
    close(admin)
    page = visitor.get(link)
    moved = page.context["live"].moved
    assert moved.closed == "Kantor tutup pada Rabu, 25 November: Banjir"
    assert moved.when == "Kamis, 26 November"
    form = {"csrf_token": token_in(page.text), "act": "agree"}
    assert visitor.post(link, data=form).status_code == 303
    assert visitor.get(link).context["live"].moved is None
    assert running.closer.moved(1)[0].told is Told.AGREED


def test_the_receipt_tells_until_its_holder_chooses(
    running: RunningOffice, admin: TestClient, visitor: TestClient
) -> None:
    link = registered(running).link
    close(admin)
    token = token_in(visitor.get(link).text)
    visitor.post(link, data={"csrf_token": token, "act": "move", "choice": "2026-11-27"})
    page = visitor.get(link)
    assert page.context["live"].moved is None
    assert page.context["card"].when == "Jumat, 27 November"


def test_the_desk_calls_whoever_left_a_contact(
    running: RunningOffice, admin: TestClient, officer: TestClient
) -> None:
    one = registered(running, contact=PHONE)
    registered(running, name="Budi")
    assert not officer.get("/desk").context["closed"]
    close(admin)
    (line,) = officer.get("/desk").context["closed"]
    assert (line.calls, line.why) == (1, "Banjir")
    page = officer.get("/desk/closings/1")
    (call,) = page.context["open_calls"]
    assert (call.name, call.contact, call.link) == ("Siti Aminah", PHONE, "tel:08123456789")
    assert [one.name for one in page.context["others"]] == ["Budi"]
    form = {"csrf_token": token_in(page.text), "number": one.receipt.number, "told": "not_reached"}
    officer.post("/desk/closings/1", data=form)
    (call,) = officer.get("/desk/closings/1").context["open_calls"]
    assert (call.told, call.by) == ("not_reached", "rina")
    officer.post("/desk/closings/1", data=form | {"told": "agreed"})
    page = officer.get("/desk/closings/1").context
    assert (page["open_calls"], len(page["done"])) == ((), 1)
    assert officer.get("/desk/closings/9").status_code == 404
    assert officer.post("/desk/closings/1", data=form | {"number": "X"}).status_code == 404


def test_opening_again_takes_it_back(
    running: RunningOffice, admin: TestClient, visitor: TestClient
) -> None:
    one = registered(running)
    close(admin)
    token = token_in(admin.get("/admin/closing").text)
    admin.post("/admin/closing/1/reopen", data={"csrf_token": token})
    assert day_of(running, one) == WEDNESDAY
    assert visitor.get(one.link).context["live"].moved is None
    assert admin.get("/admin/closing").context["closed"][0].is_open_again
    answer = admin.post("/admin/closing/7/reopen", data={"csrf_token": token})
    assert answer.status_code == 404
    assert running.record.visits.verify().is_intact


def test_every_public_page_says_so_in_its_language(
    running: RunningOffice, admin: TestClient, visitor: TestClient, clock: FakeClock
) -> None:
    close(admin)
    slots = visitor.get("/api/v1/services/KTP/slots?from=2026-11-25&days=1").json()["slots"]
    assert [slot["status"] for slot in slots] == ["closed"]
    for path in ("/", "/register", "/sign"):
        assert "Banjir" in visitor.get(path).text, path
    clock.move_to(datetime(2026, 11, 25, 2, tzinfo=UTC))
    for language, why in (("id", "Banjir"), ("en", "Flood")):
        visitor.cookies.set(LANGUAGE_COOKIE, language, domain="testserver.local")
        for path in ("/", "/register", f"/sign?language={language}"):
            assert why in visitor.get(path).text, (path, language)
        assert why in visitor.get(f"/display/ruang?language={language}").text
    services = visitor.get("/api/v1/services").json()["services"]
    assert {one["note"] for one in services} == {"Banjir"}


def test_the_rest_of_today_closes_from_this_minute(
    running: RunningOffice, admin: TestClient, visitor: TestClient
) -> None:
    close(admin, when="rest")
    assert running.closer.closing(1).closing.from_time is not None
    assert "Banjir" in visitor.get("/sign").text
