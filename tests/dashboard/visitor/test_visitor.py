"""A visitor's own receipt, and how everybody chooses language and colours."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from fastapi.testclient import TestClient

from dashboard.app import create_app
from dashboard.visitor.routes import MISSES_ALLOWED
from dashboard.web.office import ReceiptPage
from tests.dashboard.fakes import NOON, FakeOffice

RECEIPT = ReceiptPage(
    number="K7M2-9QXD",
    token="GB1:" + "ABC123" * 30,
    service="KTP",
    party_size=2,
    not_before=NOON + timedelta(hours=12),
    expires=NOON + timedelta(days=8),
)


def test_a_receipt_has_a_page_with_its_qr_and_the_mask_warning(house: FakeOffice) -> None:
    office = replace(
        house.office, receipt_page=lambda number: RECEIPT if number == RECEIPT.number else None
    )
    client = TestClient(create_app(office))
    answer = client.get("/r/k7m2-9qxd")
    assert answer.status_code == 200
    assert answer.context["qr_size"] >= 21
    assert answer.context["qr_path"].startswith("M")
    assert "Rabu, 25 November 2026" in answer.text
    assert "masker wajib" in answer.text
    assert client.get("/r/NOPE").status_code == 404


def test_numbers_are_not_guessed_at_leisure(house: FakeOffice) -> None:
    find = {RECEIPT.number: RECEIPT}.get
    app = create_app(replace(house.office, receipt_page=find))
    stranger, visitor = (
        TestClient(app, follow_redirects=False, client=(address, 1))
        for address in ("10.0.0.1", "10.0.0.2")
    )
    for _ in range(2 * MISSES_ALLOWED):
        assert visitor.get("/r/K7M2-9QXD").status_code == 200
    for number in range(MISSES_ALLOWED):
        assert stranger.get(f"/r/X{number}").status_code == 404
    refused = stranger.get("/r/K7M2-9QXD")
    assert refused.status_code == 429
    assert 0 < int(refused.headers["retry-after"]) <= 60
    assert visitor.get("/r/K7M2-9QXD").status_code == 200
    house.clock.move_to(house.clock.now() + timedelta(seconds=61))
    assert stranger.get("/r/K7M2-9QXD").status_code == 200


def test_without_receipts_there_are_no_receipt_pages(client: TestClient) -> None:
    assert client.get("/r/K7M2-9QXD").status_code == 404


def test_the_demo_says_that_it_is_one(house: FakeOffice) -> None:
    assert "simulasi" not in TestClient(create_app(house.office)).get("/").text
    demo = TestClient(create_app(replace(house.office, is_demo=True)))
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
