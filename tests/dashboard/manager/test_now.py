"""What the dashboard tells of the queue, the usual day, bookings, and who is referred."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient

from dashboard.manager.log_query import LOG
from screening.decision import DecisionKind, Reason
from screening.office.changes import with_settings
from screening.registration.bookings import Offer, OfferStatus, Place
from screening.visits import LEFT_UNMEASURED, EntryKind
from tests.contracts.builders import receipt
from tests.dashboard.conftest import Browse, send
from tests.dashboard.fakes import NOON, FakeOffice
from tests.dashboard.manager.test_room import write
from tests.dashboard.tickets import open_counters

TOMORROW = date(2026, 11, 25)


@pytest.fixture
def manager(logged_in: Browse) -> TestClient:
    return logged_in("dewi")


def refer(fake: FakeOffice, number: int, **changes: object) -> None:
    referred = {"decision": DecisionKind.REFER, "reason": Reason.ELEVATED_TWICE}
    write(fake, number, **{**referred, **changes})


def test_the_queue_is_told_by_service_the_longest_wait_first(
    manager: TestClient, fake: FakeOffice
) -> None:
    open_counters(fake, "1")
    for number, service in enumerate(("KK", "KTP", "KK", "KK")):
        when = NOON - timedelta(minutes=40 - 10 * number)
        write(fake, number, service=service, at=when)
    queue = manager.get("/dashboard").context["queue"]
    told = [(line.service, line.waiting, line.longest) for line in queue.lines]
    assert told == [("Kartu keluarga", 3, "40 menit"), ("KTP elektronik", 1, "30 menit")]
    assert (queue.waiting, queue.at_counters) == (4, 0)


def test_today_stands_beside_the_same_weekday_of_the_last_weeks(
    manager: TestClient, fake: FakeOffice
) -> None:
    number = 0
    fake.record.facts.change(with_settings({"capacity": "999"}), operator="dewi", at=NOON)
    for weeks in range(6):
        for hour in (-3, -2, 2):
            for _ in range(weeks + 2):
                number += 1
                write(fake, number, at=NOON + timedelta(hours=hour, weeks=-weeks))
    context = manager.get("/dashboard").context
    bars = {bar.label: bar for bar in context["hours"]}
    assert [(label, bar.admitted) for label, bar in bars.items()] == [
        ("09", 2),
        ("10", 2),
        ("14", 2),
    ]
    assert bars["09"].usual == "biasanya 4 sampai 6"
    assert bars["09"].usual_high > bars["09"].usual_low > bars["09"].admitted_height
    assert context["usual"].startswith(
        "Sampai pukul 12.00 datang 4 orang; biasanya pada hari Selasa"
    )
    assert "8 sampai 12" in context["usual"]


def test_hours_that_have_not_come_yet_show_what_is_usual(
    manager: TestClient, fake: FakeOffice
) -> None:
    for number in range(4):
        write(fake, number, at=NOON + timedelta(hours=3) - timedelta(weeks=number + 1))
    (bar,) = manager.get("/dashboard").context["hours"]
    assert (bar.label, bar.admitted, bar.usual_high) == ("15", 0, 100)


def test_too_few_days_say_nothing_of_what_is_usual(manager: TestClient, fake: FakeOffice) -> None:
    write(fake, 1, at=NOON - timedelta(weeks=1))
    write(fake, 2)
    answer = manager.get("/dashboard")
    assert "baru 1 dari 4 hari" in answer.context["usual"]
    assert [bar.usual for bar in answer.context["hours"]] == [""]
    assert 'data-state="usual"' not in answer.text


def offers(*found: tuple[OfferStatus, int | None]) -> Any:
    """The same of every service, on the day asked for."""

    def told(service: str, first: date, days: int) -> list[Offer]:
        assert (first, days) == (TOMORROW, 1)
        place = Place(service=service, day=first)
        return [Offer(place=place, status=s, capacity=left, left=left) for s, left in found]

    return told


def test_quota_and_bookings_of_today_and_tomorrow(manager: TestClient, fake: FakeOffice) -> None:
    fake.record.facts.change(with_settings({"daily_quota": "20"}), operator="dewi", at=NOON)
    object.__setattr__(fake.office, "offers", offers((OfferStatus.OPEN, 5), (OfferStatus.FULL, 0)))
    for number in range(5):
        write(fake, number)
    bookings = manager.get("/dashboard").context["bookings"]
    assert (bookings.came, bookings.quota, bookings.percent) == (5, 20, 25)
    assert bookings.day == "Rabu, 25 November 2026"
    assert (bookings.tomorrow[0].booked, bookings.tomorrow[0].places) == (0, 5)
    assert bookings.full == ""


def test_a_day_that_is_full_tomorrow_is_told(manager: TestClient, fake: FakeOffice) -> None:
    full, closed = offers((OfferStatus.FULL, 0)), offers((OfferStatus.CLOSED, None))

    def told(service: str, *asked: Any) -> list[Offer]:
        found: list[Offer] = (full if service == "KTP" else closed)(service, *asked)
        return found

    object.__setattr__(fake.office, "offers", told)
    answer = manager.get("/dashboard")
    assert answer.context["bookings"].full == "KTP elektronik"
    assert "Penuh: KTP elektronik." in answer.text
    assert [line.service for line in answer.context["bookings"].tomorrow] == ["KTP elektronik"]


def test_who_is_referred_is_told_by_name_to_those_who_call_people(
    logged_in: Browse, fake: FakeOffice
) -> None:
    refer(fake, 1, receipt=receipt(holder="Siti R."))
    for name, shown in (("dewi", True), ("rina", True), ("admin", False)):
        assert ("Siti R." in logged_in(name).get("/dashboard").text) is shown, name


def test_more_than_three_who_are_referred_do_not_push_everything_down(
    manager: TestClient, fake: FakeOffice
) -> None:
    for number in range(5):
        refer(fake, number)
    text = manager.get("/dashboard").text
    assert "2 lagi yang menunggu" in text
    assert text.count('value="left"') == 5
    assert text.index("referrals-more") > text.index('value="a-2"')


def test_who_has_left_is_referred_no_longer(manager: TestClient, fake: FakeOffice) -> None:
    refer(fake, 1)
    for _ in range(2):
        form = {"attempt_id": "a-1", "outcome": LEFT_UNMEASURED}
        answer = send(manager, "/dashboard", "/dashboard/clinical", **form)
        assert (answer.status_code, answer.headers["location"]) == (303, "/dashboard")
    rows = fake.record.visits.entries()
    assert [row.kind for row in rows] == [EntryKind.ATTEMPT, EntryKind.CLINICAL]
    assert rows[1].operator == "dewi"
    page = manager.get("/dashboard")
    assert page.context["referrals"] == ()
    assert "Pergi sebelum diukur" in page.text
    unknown = send(manager, "/dashboard", "/dashboard/clinical", attempt_id="x", outcome="left")
    assert unknown.status_code == 404


def test_each_figure_leads_a_manager_to_its_rows_and_an_officer_nowhere(
    logged_in: Browse, fake: FakeOffice
) -> None:
    write(fake, 1)
    write(fake, 2, decision=DecisionKind.DENY, reason=Reason.EXPIRED)
    manager, links = (
        logged_in("dewi"),
        {
            f"{LOG}?what=admit": [1],
            f"{LOG}?what=deny": [2],
            f"{LOG}?reason=expired": [2],
            f"{LOG}?from=2026-11-24&amp;to=2026-11-24&amp;hour=12&amp;what=attempt": [2, 1],
            f"{LOG}?gate=utama": [2, 1],
        },
    )
    text = manager.get("/dashboard").text
    for link, rows in links.items():
        assert f'href="{link}"' in text, link
        lines = manager.get(link.replace("&amp;", "&")).context["lines"]
        assert [line.entry.entry_id for line in lines] == rows, link
    assert f'href="{LOG}/2"' in text
    assert LOG not in logged_in("rina").get("/dashboard").text
