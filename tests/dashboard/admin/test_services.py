"""Services from a page: what each is, what is booked of it, and what a change brings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from dashboard.app import create_app
from dashboard.web.auth import SESSION_COOKIE
from screening.office.services import Booking, Channel
from screening.registration.bookings import Request
from screening.registration.registrar import Registrar
from tests.dashboard.admin.forms import filled, look_and_change
from tests.dashboard.conftest import token_in
from tests.dashboard.fakes import FakeOffice, open_session
from tests.dashboard.visitor.test_register import registrar_of

KTP = "/admin/services/KTP"


@pytest.fixture
def registrar(fake: FakeOffice, tmp_path: Path) -> Registrar:
    return registrar_of(fake, tmp_path)


@pytest.fixture
def admin(fake: FakeOffice, registrar: Registrar) -> TestClient:
    app = create_app(replace(fake.office, registrar=registrar))
    client = TestClient(app, follow_redirects=False)
    client.cookies.set(SESSION_COOKIE, open_session(fake, "admin"), domain="testserver.local")
    return client


Book = Callable[..., Any]


@pytest.fixture
def book(registrar: Registrar) -> Book:
    def book(day: date, **more: Any) -> None:
        registrar.register(Request(service="KTP", day=day, name="Siti Aminah", **more))

    return book


def test_the_list_tells_what_is_booked_and_left(admin: TestClient, book: Book) -> None:
    look_and_change(admin, KTP, daily_quota="40", lead_days="1")
    book(date(2026, 11, 25), party_size=3)
    groups = admin.get("/admin/services").context["groups"]
    ktp = next(one for group in groups for one in group.services if one.code == "KTP")
    assert (ktp.booked, ktp.left, ktp.quota) == ("0", "40", "40")
    assert ktp.days[1].words == "Rabu, 25 November: 3 dari 40"
    assert [group.channel for group in groups] == [channel.value for channel in CHANNELS]


CHANNELS = (
    Channel.COLLECTION,
    Channel.WALK_IN,
    Channel.EMERGENCY,
    Channel.ONLINE_ONLY,
    Channel.CLOSED,
)


def test_what_stands_in_the_form_changes_nothing_when_it_is_sent(
    admin: TestClient, fake: FakeOffice
) -> None:
    for code in fake.record.facts.current().services:
        path = f"/admin/services/{code}"
        looked = admin.post(path, data=filled(admin, path))
        assert looked.context["differences"] == ()


def test_a_changed_way_of_booking_tells_the_days_that_are_booked(
    admin: TestClient, fake: FakeOffice, book: Book
) -> None:
    book(date(2026, 11, 26))
    looked = look_and_change(
        admin,
        KTP,
        booking="slot",
        slot_minutes="30",
        slot_places="5",
        brings_id="KTP  lama\r\n\r\nSurat\tRT\r\n",
    )
    assert any("Kamis, 26 November" in note for note in looked.context["notes"])
    service = fake.record.facts.current().services["KTP"]
    assert (service.booking, service.slot_places) == (Booking.SLOT, 5)
    assert service.brings == {"id": "KTP lama\nSurat RT"}
    changes = unescape(admin.get("/admin/changes").text)
    assert "KTP lama; Surat RT" in changes
    remark = fake.record.visits.latest(limit=1)[0].remark
    assert "KTP lama; Surat RT" in (remark or "")


def test_closing_a_service_tells_how_many_have_to_be_told(admin: TestClient, book: Book) -> None:
    book(date(2026, 11, 26), party_size=2)
    looked = admin.post(KTP, data=filled(admin, KTP) | {"channel": "closed"})
    assert any("Kamis, 26 November: 2" in note for note in looked.context["notes"])


def test_questions_are_asked_changed_and_taken_away(admin: TestClient, fake: FakeOffice) -> None:
    look_and_change(admin, KTP, question_q1_id="Nomor pengajuan", question_q1_required="yes")
    asked = fake.record.facts.current().services["KTP"].questions
    assert [(one.code, one.texts, one.is_required) for one in asked] == [
        ("q1", {"id": "Nomor pengajuan"}, True)
    ]
    codes = [one.code for one in admin.get(KTP).context["questions"]]
    assert codes == ["q1", "q2"]
    look_and_change(admin, KTP, question_q1_id="")
    assert fake.record.facts.current().services["KTP"].questions == ()


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"lead_days": "20"}, "20"),
        ({"priority_quota": "5"}, "prioritas"),
        ({"letter": "F"}, "F"),
        ({"slot_minutes": "viele"}, "viele"),
        ({"hours_mon": "12:00-08:00"}, "12:00-08:00"),
    ],
    ids=["nobody could book", "priority without quota", "letter taken", "no number", "backwards"],
)
def test_what_contradicts_is_refused_and_kept(
    admin: TestClient, fake: FakeOffice, typed: dict[str, str], told: str
) -> None:
    version = fake.record.facts.current().version
    answer = admin.post(KTP, data=filled(admin, KTP) | typed)
    assert answer.status_code == 422
    assert told in answer.context["around"].problem
    assert next(iter(typed.values())) in answer.text
    assert fake.record.facts.current().version == version


def test_a_service_is_added_and_removed(admin: TestClient, fake: FakeOffice) -> None:
    look_and_change(
        admin, "/admin/services/new", code="paspor", name_id="Paspor", channel="walk_in",
        booking="none",
    )  # fmt: skip
    added = fake.record.facts.current().services["PASPOR"]
    assert (added.names, added.channel, added.letter) == ({"id": "Paspor"}, Channel.WALK_IN, "S")
    path = "/admin/services/PASPOR"
    looked = admin.post(f"{path}/remove", data={"csrf_token": token_in(admin.get(path).text)})
    admin.post(
        f"{path}/remove",
        data={
            "csrf_token": token_in(looked.text),
            "step": "change",
            "seen": looked.context["seen"],
        },
    )
    assert "PASPOR" not in fake.record.facts.current().services
    assert admin.get(path).status_code == 404


def test_a_change_can_be_taken_back(admin: TestClient, fake: FakeOffice) -> None:
    before = fake.record.facts.current().services["KTP"]
    look_and_change(admin, KTP, daily_quota="40", hours_fri="08:00-11:00", brings_en="Old card")
    newest = admin.get("/admin/changes").context["lines"][0]
    assert newest.can_undo
    assert [one.what for one in newest.differences] == [
        "Layanan KTP elektronik: yang dibawa, en",
        "Layanan KTP elektronik: Kunjungan sehari paling banyak",
        "Layanan KTP elektronik: jam, Jumat",
    ]
    path = f"/admin/changes/{newest.entry_id}/undo"
    look_and_change(admin, "/admin/changes", path)
    assert fake.record.facts.current().services["KTP"] == before
