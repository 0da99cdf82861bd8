"""The hours from a page: the week, single days, holidays and collective leave."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from dashboard.app import create_app
from dashboard.web.auth import SESSION_COOKIE
from screening.office.hours import Span, SpecialDay
from screening.office.hours_changes import with_days
from screening.registration.bookings import Request
from screening.registration.registrar import Registrar
from tests.dashboard.admin.forms import filled, look_and_change
from tests.dashboard.conftest import token_in
from tests.dashboard.fakes import NOON, FakeOffice, open_session
from tests.dashboard.visitor.test_register import registrar_of

PAGE, WEEK, DAY, LEAVE = (f"/admin/hours{part}" for part in ("", "/week", "/day", "/leave"))
FRIDAY = date(2026, 11, 27)


@pytest.fixture
def registrar(fake: FakeOffice, tmp_path: Path) -> Registrar:
    return registrar_of(fake, tmp_path)


@pytest.fixture
def admin(fake: FakeOffice, registrar: Registrar) -> TestClient:
    app = create_app(replace(fake.office, registrar=registrar))
    client = TestClient(app, follow_redirects=False)
    client.cookies.set(SESSION_COOKIE, open_session(fake, "admin"), domain="testserver.local")
    return client


def test_the_week_is_drawn_with_its_breaks_and_changed(admin: TestClient, fake: FakeOffice) -> None:
    nothing = admin.post(WEEK, data=filled(admin, PAGE, WEEK))
    assert nothing.context["differences"] == ()
    look_and_change(admin, PAGE, WEEK, fri="8.00–11.00, 13:00-15:00", sat="08:00-12:00", mon="")
    week = fake.record.facts.current().hours.week or {}
    assert week[4] == (Span(time(8), time(11)), Span(time(13), time(15)))
    assert (week[5], week[0]) == ((Span(time(8), time(12)),), ())
    rows = admin.get(PAGE).context["week"]
    assert [(bar.x, bar.width) for bar in rows[4].bars] == [(60, 180), (360, 120)]
    assert [row.typed for row in rows[4:6]] == ["08.00–11.00, 13.00–15.00", "08.00–12.00"]


def test_hours_that_overlap_are_refused_and_kept(admin: TestClient) -> None:
    form = filled(admin, PAGE, WEEK) | {"fri": "08:00-12:00,11:00-15:00"}
    answer = admin.post(WEEK, data=form)
    assert answer.status_code == 422
    assert "08:00-12:00" in answer.context["around"].problem
    assert "08:00-12:00,11:00-15:00" in answer.text


def test_a_closed_day_tells_how_many_have_booked_it(
    admin: TestClient, registrar: Registrar, fake: FakeOffice
) -> None:
    registrar.register(Request(service="KTP", day=FRIDAY, name="Siti Aminah", party_size=3))
    looked = look_and_change(admin, PAGE, DAY, first=FRIDAY.isoformat(), note="Banjir")
    assert any(": 3" in note for note in looked.context["notes"])
    assert fake.record.facts.current().hours.days == {FRIDAY: SpecialDay((), "Banjir")}
    page = admin.get(PAGE)
    assert [(one.day, one.note, one.booked) for one in page.context["days"]] == [
        ("2026-11-27", "Banjir", 3)
    ]
    assert f"/admin/closing?day={FRIDAY}" in page.text


def test_a_day_is_as_usual_again(admin: TestClient, fake: FakeOffice) -> None:
    facts = fake.record.facts
    facts.change(with_days([FRIDAY], SpecialDay(), service="KTP"), operator="dewi", at=NOON)
    form = {
        "csrf_token": token_in(admin.get(PAGE).text),
        "first": FRIDAY.isoformat(),
        "hours": "usual",
        "service": "KTP",
    }
    looked = admin.post(DAY, data=form)
    admin.post(DAY, data=form | {"step": "change", "seen": looked.context["seen"]})
    assert facts.current().services["KTP"].hours.days == {}


def test_days_that_are_over_are_not_in_the_way(admin: TestClient, fake: FakeOffice) -> None:
    edit = with_days([date(2026, 1, 5)], SpecialDay())
    fake.record.facts.change(edit, operator="dewi", at=NOON)
    assert admin.get(PAGE).context["days"] == ()


def test_collective_leave_is_ticked_by_the_day(admin: TestClient, fake: FakeOffice) -> None:
    days = [one.day for one in admin.get(PAGE).context["leave"]]
    look_and_change(admin, PAGE, LEAVE, **{f"leave_{days[-1]}": "yes"})
    assert fake.record.facts.current().hours.leave == {date.fromisoformat(days[-1])}
    look_and_change(admin, PAGE, LEAVE, **{f"leave_{days[-1]}": None})
    assert fake.record.facts.current().hours.leave == frozenset()


def test_holidays_have_their_names_in_the_readers_language(admin: TestClient) -> None:
    names = {one.day: one.name for one in admin.get(f"{PAGE}?year=2026").context["holidays"]}
    assert names["2026-08-17"] == "Hari Kemerdekaan Republik Indonesia"
    assert admin.get(f"{PAGE}?year=2027").context["year"] == 2027


def test_a_day_that_is_none_is_refused(admin: TestClient) -> None:
    form = filled(admin, PAGE, DAY) | {"first": "Jumat"}
    answer = admin.post(DAY, data=form)
    assert answer.status_code == 422
    assert "Jumat" in answer.context["around"].problem
