"""What everybody may see."""

from __future__ import annotations

from dataclasses import replace

from fastapi.testclient import TestClient

from dashboard.app import create_app
from screening.decision import DecisionKind, Reason
from screening.errors import RecordError
from screening.visits import Attempt
from tests.dashboard.fakes import NOON, FakeOffice


def test_the_first_page_answers_is_it_full(client: TestClient, fake: FakeOffice) -> None:
    assert "Masih ada tempat" in client.get("/").text
    for number in range(30):
        fake.record.visits.write(
            Attempt(
                attempt_id=f"a-{number}",
                gate="utama",
                at=NOON,
                decision=DecisionKind.ADMIT,
                reason=Reason.ADMITTED,
            )
        )
    answer = client.get("/")
    assert answer.template.name == "visitor/home.html"
    assert answer.context["figures"].level == "full"
    assert "Kantor sedang penuh" in answer.text


def test_services_are_grouped_by_the_way_to_them(client: TestClient) -> None:
    groups = {group.channel: group.services for group in client.get("/").context["groups"]}
    assert groups["walk_in"] == ("Legalisasi dokumen (TNI/Polri)",)
    assert "KTP elektronik" in groups["collection"]
    assert groups["closed"] == ("Perekaman KTP reguler",)


def test_the_rules_are_shown_while_the_record_is_away(client: TestClient, fake: FakeOffice) -> None:
    def away(**_: object) -> None:
        raise RecordError("the database is away")

    fake.record.visits.figures = away  # type: ignore[assignment,method-assign]
    answer = client.get("/")
    assert answer.status_code == 200
    assert answer.context["figures"] is None
    assert "Pakai masker" in answer.text


def test_the_demo_says_that_it_is_one(fake: FakeOffice) -> None:
    assert "simulasi" not in TestClient(create_app(fake.office)).get("/").text
    demo = TestClient(create_app(replace(fake.office, is_demo=True)))
    assert "hanya simulasi" in demo.get("/").text


def test_preferences_are_kept_and_lead_back(client: TestClient) -> None:
    answer = client.get("/preferences?language=en&theme=dark&back=/login")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/login"
    page = client.get("/login").text
    assert '<html lang="en" data-theme="dark">' in page


def test_unknown_preferences_change_nothing(client: TestClient) -> None:
    answer = client.get("/preferences?language=xx&theme=pink&back=//evil.example")
    assert answer.headers["location"] == "/"
    assert "set-cookie" not in answer.headers
    client.cookies.set("gerbang_theme", '"><script>')
    assert 'data-theme="auto"' in client.get("/").text
