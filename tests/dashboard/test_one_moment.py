"""Letters, seats, numbers and waits in one moment: every page and interface tells the same."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime
from html import unescape
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from dashboard.app import create_app
from dashboard.web.language import LANGUAGE_COOKIE
from dashboard.web.office import ReceiptPage
from screening.accounts import Scope
from screening.decision import DecisionKind, Reason
from screening.queue.tickets import Act
from screening.receipts.claims import ReceiptUse
from screening.visits import Visit
from tests.contracts.builders import attempt, receipt, the
from tests.dashboard.api.test_receipts import PORTAL, add_key
from tests.dashboard.conftest import Browse
from tests.dashboard.desk.test_desk import open_desk
from tests.dashboard.fakes import FakeGateControl, FakeOffice, verdict, view_of
from tests.dashboard.tickets import act, know_the_past, open_counters, wait
from tests.dashboard.visitor.test_receipt import LINK

MINUTES = {"id": r"sekitar (\d+)–(\d+) menit", "en": r"about (\d+)–(\d+) minutes"}
CLOCK = {"id": r"sekitar (\d\d\.\d\d)–(\d\d\.\d\d)", "en": r"about (\d\d:\d\d)–(\d\d:\d\d)"}

OF = {"id": "dari", "en": "of"}
FREE = {"id": "tempat kosong", "en": "places are free"}
SEAT, NUMBER = {"id": "Kursi", "en": "Seat"}, {"id": "Nomor", "en": "Number"}
BEFORE = {"id": "orang di depan Anda", "en": "people before you"}


@pytest.fixture
def visits(fake: FakeOffice) -> list[Visit]:
    """Six people of one service came in, the first one is called; whoever comes now waits."""
    open_counters(fake, "1")
    know_the_past(fake)
    add_key(fake, Scope.STATUS)
    wait(fake, 3600)
    found = []
    for number in range(6):
        wait(fake, 60)
        claims = receipt(number=f"7KQ2M9XV4{number}", service="KTP")
        written = fake.record.visits.write(attempt(receipt=claims, at=fake.clock.now()))
        found.append(the(written.visit))
    act(fake, Act.CALL_NEXT, "1")
    return found


def phone_of(fake: FakeOffice, visit: Visit) -> TestClient:
    """The phone of whoever came with the receipt of this visit."""
    claims = receipt(number=visit.receipt_number, service=visit.service)
    use = ReceiptUse(places_used=1, inside=1)
    found = ReceiptPage(claims=claims, token="", use=use, visits=(visit,))
    office = replace(fake.office, receipt_page=lambda *_: found)
    return TestClient(create_app(office), follow_redirects=False)


def text_of(client: TestClient, address: str, language: str) -> str:
    client.cookies.set(LANGUAGE_COOKIE, language)
    answer = client.get(address)
    assert answer.status_code == 200, address
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text)))


@pytest.mark.parametrize("language", ["id", "en"])
def test_every_place_tells_the_same(
    app: FastAPI,
    fake: FakeOffice,
    gate: FakeGateControl,
    visits: list[Visit],
    logged_in: Browse,
    tmp_path: Path,
    language: str,
) -> None:
    open_desk(fake, tmp_path)
    street = TestClient(app, follow_redirects=False)
    officer, guard, manager = logged_in("rina"), logged_in("budi"), logged_in("dewi")
    last = visits[-1]
    status = street.get("/api/v1/status").json()
    queue = street.get("/api/v1/queue", headers=PORTAL).json()
    gate.shown = view_of(
        "utama",
        verdict=verdict(DecisionKind.ADMIT, Reason.ADMITTED, seat=last.seat, ticket=last.ticket),
    )
    kiosk = text_of(street, f"/kiosk/utama?language={language}", language)
    gate.shown = view_of("utama", verdict=verdict(DecisionKind.WAIT, Reason.ROOM_FULL))
    guards = text_of(guard, "/gate/utama", language)
    counter = text_of(officer, "/counter/1", language)
    display = text_of(street, f"/display/utama?language={language}", language)
    public = text_of(street, "/now", language)
    desk = text_of(officer, "/desk", language)
    room = text_of(manager, "/dashboard", language)
    sign = text_of(street, f"/sign?language={language}", language)
    phone = text_of(phone_of(fake, last), LINK, language)

    waiting = [visit.ticket for visit in visits[1:]]
    assert [one["ticket"] for one in queue["waiting"]] == waiting
    assert status["queue_waiting"] == len(waiting)
    assert all(number in counter for number in waiting)
    assert visits[0].ticket in display
    assert str(last.seat) in kiosk
    assert str(last.ticket) in kiosk
    assert f"{SEAT[language]} {last.seat}" in phone
    assert f"{NUMBER[language]} {last.ticket}" in phone
    assert f"{len(waiting) - 1} {BEFORE[language]}" in phone

    inside = f"{status['occupancy']} {OF[language]} {status['capacity']}"
    free = status["capacity"] - status["occupancy"]
    assert inside in sign
    assert f"{free} {FREE[language]}" in sign
    assert inside in public

    newcomer = tuple(status["expected_wait_minutes"])
    assert newcomer[0] > 0
    for place, told in {
        "guard": guards, "counter": counter, "display": display, "public": public,
        "desk": desk, "manager": room,
    }.items():  # fmt: skip
        found = re.findall(MINUTES[language], told)
        assert {tuple(map(int, one)) for one in found} == {newcomer}, place

    zone = fake.office.settings.site.zone
    between = "." if language == "id" else ":"
    in_the_queue = [
        tuple(
            datetime.fromisoformat(moment).astimezone(zone).strftime(f"%H{between}%M")
            for moment in one["expected"]
        )
        for one in queue["waiting"]
    ]
    assert re.findall(CLOCK[language], counter) == in_the_queue
    assert re.findall(CLOCK[language], phone) == in_the_queue[-1:]
    ((low, high),) = set(re.findall(MINUTES[language], kiosk))
    begins, ends = map(datetime.fromisoformat, queue["waiting"][-1]["expected"])
    now = fake.clock.now()
    assert ((begins - now).total_seconds() / 60, (ends - now).total_seconds() / 60) == (
        int(low),
        int(high),
    )


def test_nothing_is_told_where_nothing_was_learnt(
    client: TestClient, fake: FakeOffice, logged_in: Browse, visits: list[Visit]
) -> None:
    fake.record.queue.past.clear()
    officer = logged_in("rina")

    assert client.get("/api/v1/status").json()["expected_wait_minutes"] is None
    queue = client.get("/api/v1/queue", headers=PORTAL).json()
    assert {one["expected"] for one in queue["waiting"]} == {None}
    assert "menit" not in text_of(client, "/now", "id")
    assert "0 dari 5 hari" in text_of(officer, "/counter/1", "id")


def test_that_no_counter_is_open_is_said(
    client: TestClient, fake: FakeOffice, visits: list[Visit]
) -> None:
    fake.record.queue.past.clear()
    open_counters(fake, "1", is_open=False)

    assert client.get("/api/v1/status").json()["expected_wait_minutes"] is None
    assert "tidak ada loket yang buka sekarang" in text_of(client, "/now", "id")
