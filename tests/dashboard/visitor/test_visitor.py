"""A visitor's own receipt, and how everybody chooses language and colours."""

from __future__ import annotations

from dataclasses import replace

from fastapi.testclient import TestClient

from dashboard.app import create_app
from tests.dashboard.fakes import FakeOffice


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
