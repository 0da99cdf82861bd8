"""The office's own words: set from a page, seen where visitors read them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from fastapi.testclient import TestClient

from screening.decision import DecisionKind, Reason
from screening.office.facts import WordsAt
from tests.dashboard.admin.forms import filled, look_and_change
from tests.dashboard.conftest import Browse, token_in
from tests.dashboard.fakes import FakeGateControl, FakeOffice, verdict

PAGE = "/admin/words"
TOLD = "Lift rusak: datang ke lantai dasar"


@pytest.fixture
def admin(logged_in: Browse) -> TestClient:
    return logged_in("admin")


def test_words_are_looked_over_noted_and_taken_back(admin: TestClient, fake: FakeOffice) -> None:
    assert admin.post(PAGE, data=filled(admin, PAGE)).context["differences"] == ()
    looked = look_and_change(admin, PAGE, receipt_id="Bawa kartu lama", receipt_en="Old card")
    lines = {one.what: (one.before, one.after) for one in looked.context["differences"]}
    assert list(lines.values()) == [
        ("belum diatur", "Old card"),
        ("belum diatur", "Bawa kartu lama"),
    ]

    facts = fake.record.facts.current()
    assert facts.words == {WordsAt.RECEIPT: {"id": "Bawa kartu lama", "en": "Old card"}}
    receipt = next(one for one in admin.get(PAGE).context["places"] if one.kind == "receipt")
    assert receipt.preview == (("id", "Bawa kartu lama"), ("en", "Old card"))

    newest = admin.get("/admin/changes").context["lines"][0]
    assert (newest.who, newest.can_undo) == ("admin", True)
    undo = f"/admin/changes/{newest.entry_id}/undo"
    token = {"csrf_token": token_in(admin.get(PAGE).text)}
    seen = admin.post(undo, data=token).context["seen"]
    admin.post(undo, data=token | {"step": "change", "seen": seen})
    assert fake.record.facts.current().words == {}


def test_what_is_too_long_is_refused_and_kept(admin: TestClient, fake: FakeOffice) -> None:
    answer = admin.post(PAGE, data=filled(admin, PAGE) | {"kiosk_id": "a" * 91})
    assert answer.status_code == 422
    assert "a" * 91 in answer.text
    assert "90" in answer.context["around"].problem
    assert fake.record.facts.current().words == {}


def test_words_are_plain_text_on_one_line(admin: TestClient, client: TestClient) -> None:
    look_and_change(admin, PAGE, welcome_id="<b>Lift</b>\r\n  rusak")
    page = client.get("/")
    assert page.context["welcome"] == "<b>Lift</b> rusak"
    assert "&lt;b&gt;Lift&lt;/b&gt; rusak" in page.text


def test_the_first_page_and_registering_begin_with_the_welcome(
    admin: TestClient, client: TestClient
) -> None:
    assert "own-words" not in client.get("/").text
    look_and_change(admin, PAGE, welcome_id=TOLD)
    assert TOLD in client.get("/").text
    client.cookies.set("gerbang_language", "en")  # there are no words in it
    assert TOLD in client.get("/").text


def test_the_kiosk_says_it_while_nobody_is_checked(
    admin: TestClient, client: TestClient, gate: FakeGateControl
) -> None:
    look_and_change(admin, PAGE, kiosk_id="Siapkan bukti daftar", kiosk_en="Receipt ready?")
    assert "Siapkan bukti daftar" in client.get("/kiosk/utama").text
    assert "Receipt ready?" in client.get("/kiosk/utama?language=en").text
    shown = verdict(DecisionKind.DENY, Reason.RECEIPT_UNREADABLE)
    gate.shown = replace(gate.shown, verdict=shown)
    assert "Siapkan bukti daftar" not in client.get("/kiosk/utama").text
