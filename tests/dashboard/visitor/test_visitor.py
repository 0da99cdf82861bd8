"""What everybody may see."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from fastapi.testclient import TestClient

from dashboard.app import create_app
from dashboard.visitor.routes import MISSES_ALLOWED
from dashboard.web.office import ReceiptPage
from screening.decision import DecisionKind, Reason
from screening.errors import RecordError
from screening.visits import Attempt
from tests.dashboard.fakes import NOON, FakeOffice

RECEIPT = ReceiptPage(
    number="K7M2-9QXD",
    token="GB1:" + "ABC123" * 30,
    service="KTP",
    party_size=2,
    not_before=NOON + timedelta(hours=12),
    expires=NOON + timedelta(days=8),
)


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


def test_a_receipt_has_a_page_with_its_qr_and_the_mask_warning(fake: FakeOffice) -> None:
    office = replace(
        fake.office, receipt_page=lambda number: RECEIPT if number == RECEIPT.number else None
    )
    client = TestClient(create_app(office))
    answer = client.get("/r/k7m2-9qxd")
    assert answer.status_code == 200
    assert answer.context["qr_size"] >= 21
    assert answer.context["qr_path"].startswith("M")
    assert "Rabu, 25 November 2026" in answer.text
    assert "masker wajib" in answer.text
    assert client.get("/r/NOPE").status_code == 404


def test_numbers_are_not_guessed_at_leisure(fake: FakeOffice) -> None:
    find = {RECEIPT.number: RECEIPT}.get
    app = create_app(replace(fake.office, receipt_page=find))
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
    fake.clock.move_to(fake.clock.now() + timedelta(seconds=61))
    assert stranger.get("/r/K7M2-9QXD").status_code == 200


def test_without_receipts_there_are_no_receipt_pages(client: TestClient) -> None:
    assert client.get("/r/K7M2-9QXD").status_code == 404


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
