"""What is kept of a receipt's holder, on the receipt's page, in a whole office."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from dashboard.app import create_app
from dashboard.bootstrap import RunningOffice
from screening.clock import FakeClock
from screening.registration.bookings import PriorityGroup, Request
from screening.settings import Settings
from tests.dashboard.conftest import token_in
from tests.dashboard.fakes import NOON
from tests.records import put_new_record


@pytest.fixture
def running(tmp_path: Path) -> Iterator[RunningOffice]:
    settings = Settings(_env_file=None, data=tmp_path)
    put_new_record(tmp_path / "gerbang.sqlite3")
    with RunningOffice.open(settings, clock=FakeClock(NOON)) as running:
        yield running


@pytest.fixture
def link(running: RunningOffice) -> str:
    request = Request(
        service="LEGALISIR",
        day=None,
        name="Siti Aminah Putri",
        contact="siti@example.id",
        group=PriorityGroup.PREGNANT,
    )
    return running.registrar.register(request, by="").link


@pytest.fixture
def phone(running: RunningOffice) -> TestClient:
    return TestClient(create_app(running.office()), follow_redirects=False)


def test_its_holder_sees_what_is_kept_and_takes_it_along(phone: TestClient, link: str) -> None:
    assert phone.get(link).context["has_data"]
    page = phone.get(f"{link}?as=mine")

    values = [value for _, value in page.context["kept"]]
    assert values[:2] == ["Siti Aminah Putri", "siti@example.id"]
    assert page.context["ends"]
    assert link not in page.text
    file = phone.get(f"{link}?as=data")
    assert file.json()["holder"][0]["priority_group"] == "pregnant"
    assert "attachment" in file.headers["content-disposition"]


def test_erased_it_is_gone_at_once(phone: TestClient, link: str, running: RunningOffice) -> None:
    token = token_in(phone.get(f"{link}?as=mine").text)

    done = phone.post(link, data={"csrf_token": token, "act": "erase"})

    assert done.status_code == 303
    page = phone.get(f"{link}?as=mine")
    assert (page.status_code, page.context["kept"]) == (200, ())
    for wanted in (link, f"{link}?as=data", f"{link}?as=mine"):
        assert "Siti" not in phone.get(wanted).text
    assert phone.get(link).context["live"].stage == "cancelled"
    assert running.record.visits.verify().is_intact


def test_a_form_of_another_site_erases_nothing(phone: TestClient, link: str) -> None:
    phone.get(link)
    assert phone.post(link, data={"csrf_token": "x", "act": "erase"}).status_code == 403
    assert phone.get(f"{link}?as=mine").context["kept"]
