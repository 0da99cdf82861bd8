"""Registering for a visit, as a browser without scripts does it."""

from __future__ import annotations

import gzip
import json
import re
import zlib
from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, time, timedelta
from html import unescape
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any

import pytest
from fastapi import Request
from fastapi.responses import RedirectResponse
from fastapi.testclient import TestClient
from httpx2 import Response
from icalendar import Calendar

from dashboard.app import create_app
from dashboard.bootstrap import RunningOffice
from dashboard.commands import log, registration
from dashboard.visitor.register import AWAY_S
from dashboard.visitor.register_draft import COOKIE, Draft, is_visit, keep_draft
from dashboard.web.auth import hash_token
from dashboard.web.guessing import NETWORK_PLACES_ALLOWED, PLACES_ALLOWED, network_of
from screening.accounts import User, WebSession
from screening.clock import FakeClock
from screening.decision import DecisionKind
from screening.office.changes import with_changed_service, with_counter
from screening.office.facts import OfficeFacts, WordsAt
from screening.office.services import Booking, Channel, Question, Service
from screening.receipts.desk import ReceiptDesk
from screening.receipts.keys import open_keys
from screening.receipts.links import ReceiptLinks
from screening.registration.bookings import PriorityGroup
from screening.registration.bookings import Request as Asked
from screening.registration.registrar import Registrar, seen_text
from screening.settings import Settings
from tests.contracts.builders import attempt as arrival
from tests.contracts.builders import the
from tests.dashboard.conftest import Browse, token_in
from tests.dashboard.fakes import NOON, USERS, FakeOffice, open_session

WEDNESDAY = date(2026, 11, 25)
THURSDAY = "2026-11-26"
WHO = {"act": "details", "at": "details", "name": "Siti Aminah", "party": "1"}
LIGHT = 60_000
"""Bytes of a screen with all that it needs, compressed."""


class Visitor:
    """A browser that fills in the forms it is shown; no script runs in it."""

    def __init__(self, client: TestClient) -> None:
        self.client = client
        self.shown: Response = client.get("/register")

    def get(self, path: str) -> Response:
        self.shown = self.client.get(path)
        while self.shown.status_code == 303:
            self.shown = self.client.get(self.shown.headers["location"])
        return self.shown

    def send(self, page: Response | None = None, **fields: str) -> Response:
        """Send the form of a page (the one that is shown), and nothing more."""
        return self.client.post("/register", data={**hidden(page or self.shown), **fields})

    def press(self, **fields: str) -> Response:
        """The same, and go where it leads; a receipt is not opened."""
        self.shown = self.send(**fields)
        while self.shown.status_code == 303 and not self.receipt:
            self.shown = self.client.get(self.shown.headers["location"])
        return self.shown

    @property
    def receipt(self) -> str:
        """The receipt's page that this browser is led to."""
        leads_to = str(self.shown.headers.get("location", ""))
        return leads_to if leads_to.startswith("/r/") else ""

    def choose(self, day: str = THURSDAY, service: str = "KTP") -> Response:
        self.get(f"/register?service={service}")
        return self.press(act="day", choice=day)

    def look_over(self, **typed: str) -> Response:
        self.choose()
        return self.press(**{**WHO, **typed})


def hidden(page: Response) -> dict[str, str]:
    """What a page's form sends by itself."""
    fields = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page.text)
    return {name: unescape(value) for name, value in fields}


@pytest.fixture
def registry(fake: FakeOffice, tmp_path: Path) -> Registrar:
    return registrar_of(fake, tmp_path)


def registrar_of(fake: FakeOffice, folder: Path) -> Registrar:
    """A registrar of that office."""
    record, site = fake.record, fake.office.settings.site
    desk = ReceiptDesk(
        keys=open_keys(folder / "keys", site.code),
        book=record.receipts,
        services=record.services.services,
        clock=fake.clock,
        zone=site.zone,
        site=site.code,
        calendar=record.visits.calendar,
    )
    links = ReceiptLinks(secret=record.receipts.link_secret, book=record.receipts, issuer=site.code)
    return Registrar(
        desk=desk,
        book=record.bookings,
        calendar=record.visits.calendar,
        clock=fake.clock,
        link=links.path,
    )


Phone = Callable[..., Visitor]


@pytest.fixture
def phone(fake: FakeOffice, registry: Registrar) -> Phone:
    """A browser at some address before an office that takes registrations."""
    app = create_app(replace(fake.office, registrar=registry))

    def browse(address: str = "10.0.0.1", user: str = "") -> Visitor:
        client = TestClient(app, follow_redirects=False, client=(address, 1))
        if user:
            client.cookies.set(
                "gerbang_session", open_session(fake, user), domain="testserver.local"
            )
        return Visitor(client)

    return browse


def set_service(fake: FakeOffice, code: str = "KTP", **changes: Any) -> None:
    """The service as it is, with these changes."""

    def changed(facts: OfficeFacts) -> OfficeFacts:
        services: Mapping[str, Service] = {
            **facts.services,
            code: replace(facts.services[code], **changes),
        }
        return replace(facts, services=services)

    fake.record.facts.change(changed, operator="ani", at=NOON)


def bookings(registry: Registrar) -> list[Any]:
    return registry.search("", limit=50)


def test_registering_begins_with_the_office_s_own_words(phone: Phone, fake: FakeOffice) -> None:
    fake.record.facts.put(words={WordsAt.WELCOME: {"en": "The lift is out of order"}})
    assert "The lift is out of order" in phone().get("/register").text


def test_a_visitor_registers_in_four_screens(phone: Phone, registry: Registrar) -> None:
    visitor = phone()
    assert 'href="/register?service=KTP"' in visitor.shown.text
    visitor.get("/register?service=KTP")
    assert "Kamis, 26 November" in visitor.shown.text
    visitor.press(act="day", choice=THURSDAY)
    assert "Siapa yang datang?" in visitor.shown.text
    visitor.press(**{**WHO, "party": "2", "group": "pregnant", "contact": "0812 3456 789"})
    for told in ("KTP elektronik", "Kamis, 26 November", "Siti Aminah", "2 orang", "Hamil"):
        assert told in visitor.shown.text
    visitor.press(act="register")
    number = visitor.receipt.split("/")[2]
    booking = registry.booking(number)
    assert booking is not None
    assert (booking.name, booking.party_size, booking.place.day) == (
        "Siti Aminah",
        2,
        date(2026, 11, 26),
    )
    assert booking.group is PriorityGroup.PREGNANT
    assert (booking.contact, booking.language, booking.booked_by) == ("0812 3456 789", "id", "")


def test_the_first_page_leads_to_it(phone: Phone) -> None:
    home = phone().client.get("/").text
    assert 'href="/register"' in home
    assert 'href="/register?service=KTP"' in home


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("LEGALISIR", "Datang langsung"),
        ("DARURAT", "langsung datang"),
        ("REKAM", "Ditutup sementara"),
    ],
)
def test_who_needs_no_receipt_is_told_what_to_do(phone: Phone, code: str, told: str) -> None:
    visitor = phone()
    page = visitor.get(f"/register?service={code}")
    assert told in page.text
    assert "Hari ini buka 08.00–15.00" in page.text or code == "REKAM"
    assert 'method="post"' not in page.text


def test_what_is_done_online_leads_there(phone: Phone, fake: FakeOffice) -> None:
    set_service(fake, channel=Channel.ONLINE_ONLY, link="https://ktp.example/")
    page = phone().get("/register?service=KTP")
    assert 'href="https://ktp.example/"' in page.text
    assert "dari rumah" in page.text


def test_an_unknown_service_shows_those_there_are(phone: Phone) -> None:
    page = phone().get("/register?service=%3Cb%3E")
    assert page.status_code == 404
    assert "KTP elektronik" in page.text
    assert "<b>&lt;" not in page.text


def test_a_walk_in_whose_time_is_booked_is_registered_for(phone: Phone, fake: FakeOffice) -> None:
    set_service(fake, "LEGALISIR", booking=Booking.SLOT, slot_places=2)
    visitor = phone()
    visitor.choose(f"{THURSDAY}T09:30", "LEGALISIR")
    assert "Kamis, 26 November pukul 09.30" in visitor.shown.text
    visitor.press(**WHO)
    visitor.press(act="register")
    assert visitor.receipt


def test_a_service_without_booking_gives_a_receipt_without_a_day(
    phone: Phone, fake: FakeOffice, registry: Registrar
) -> None:
    set_service(fake, booking=Booking.NONE)
    visitor = phone()
    assert "Rabu, 25 November" in visitor.get("/register?service=KTP").text
    visitor.press(act="day")
    visitor.press(**WHO)
    page = visitor.shown
    first, second = visitor.send(page, act="register"), visitor.send(page, act="register")
    assert first.headers["location"] == second.headers["location"]
    assert first.headers["location"].startswith("/r/")
    assert len(registry.find("", limit=9)) == 1


def test_a_full_day_is_shown_as_full_and_not_booked(
    phone: Phone, fake: FakeOffice, registry: Registrar
) -> None:
    set_service(fake, daily_quota=1)
    registry.register(Asked(service="KTP", day=date(2026, 11, 26), name="Budi"))
    fake.clock.move_to(NOON + timedelta(seconds=3))
    visitor = phone()
    page = visitor.get("/register?service=KTP")
    thursday = page.context["days"][1]
    assert (thursday.choices[0].note, thursday.is_free) == ("penuh", False)
    assert re.search(rf'value="{THURSDAY}" required\s+disabled', page.text)
    assert not re.search(r'value="2026-11-25" required\s+disabled', page.text)
    refused = visitor.press(act="day", choice=THURSDAY)
    assert refused.status_code == 409
    assert len(bookings(registry)) == 1


def test_a_full_time_is_shown_as_full_on_a_day_with_others(
    phone: Phone, fake: FakeOffice, registry: Registrar
) -> None:
    set_service(fake, booking=Booking.SLOT, slot_places=1)
    registry.register(Asked(service="KTP", day=WEDNESDAY, start=time(9), name="Budi"))
    fake.clock.move_to(NOON + timedelta(seconds=3))
    day = phone().get("/register?service=KTP").context["days"][0]
    nine = next(one for one in day.choices if one.words == "09.00")
    assert (nine.note, nine.is_free, day.is_free, day.is_open) == ("penuh", False, True, True)
    assert day.note == "13 pilihan jam"


def test_closed_days_and_today_are_not_offered(phone: Phone) -> None:
    values = re.findall(r'name="choice" value="([^"]+)"', phone().get("/register?service=KTP").text)
    assert values[0] == "2026-11-25"
    assert "2026-11-28" not in values, "a Saturday"
    assert "2026-11-24" not in values, "today"


def test_where_all_is_full_it_says_when_more_opens(
    phone: Phone, fake: FakeOffice, registry: Registrar
) -> None:
    set_service(fake, daily_quota=1, days_ahead=1)
    registry.register(Asked(service="KTP", day=WEDNESDAY, name="Budi"))
    fake.clock.move_to(NOON + timedelta(seconds=3))
    page = phone().get("/register?service=KTP")
    assert "Kamis, 26 November dapat dipesan mulai Rabu, 25 November" in page.text
    assert ">Lanjut<" not in page.text


@pytest.mark.parametrize("choice", ["", "tomorrow", "2026-11-28", "2026-11-26T09:00", "2031-01-01"])
def test_what_no_form_of_ours_sends_books_nothing(
    phone: Phone, registry: Registrar, choice: str
) -> None:
    visitor = phone()
    visitor.choose(choice)
    assert visitor.shown.status_code in {409, 422}
    assert bookings(registry) == []


def test_a_place_is_held_for_the_one_who_types(
    phone: Phone, fake: FakeOffice, registry: Registrar
) -> None:
    set_service(fake, daily_quota=1)
    first, second = phone(), phone("10.0.0.2")
    assert "12.08" in first.choose().text
    assert second.choose().status_code == 409
    first.press(**WHO)
    first.press(act="register")
    assert first.receipt
    assert len(bookings(registry)) == 1


def test_another_day_gives_the_first_place_back(
    phone: Phone, fake: FakeOffice, registry: Registrar
) -> None:
    set_service(fake, daily_quota=1)
    first, second = phone(), phone("10.0.0.2")
    first.choose()
    first.choose("2026-11-27")
    assert second.choose().status_code == 200


def test_another_service_gives_the_first_place_back(phone: Phone, fake: FakeOffice) -> None:
    set_service(fake, daily_quota=1)
    first, second = phone(), phone("10.0.0.2")
    first.choose()
    first.choose(service="KK")
    assert second.choose().status_code == 200


def test_who_stops_gives_the_place_back_and_is_forgotten(phone: Phone, fake: FakeOffice) -> None:
    set_service(fake, daily_quota=1)
    first, second = phone(), phone("10.0.0.2")
    first.look_over()
    gone = first.send(act="leave")
    assert gone.headers["location"] == "/"
    assert not [name for name in first.client.cookies if name.startswith(COOKIE)]
    assert second.choose().status_code == 200


def own(page: Response) -> dict[str, str]:
    """What a page's script sends when the page is left, or seen again."""
    sent = hidden(page)
    return {name: sent[name] for name in ("csrf_token", "visit")}


def test_whoever_closes_the_page_gives_the_place_back(phone: Phone, fake: FakeOffice) -> None:
    set_service(fake, daily_quota=1)
    first, second = phone(), phone("10.0.0.2")
    for page in (first.choose(), first.press(**WHO)):
        assert "data-held" in page.text
        for _ in range(2):
            answer = first.client.post("/register", data={**own(page), "act": "away"})
            assert (answer.status_code, answer.text) == (204, "")
        assert second.choose().status_code == 409, "a page that is only reloaded keeps it"
        fake.clock.move_to(fake.clock.now() + timedelta(seconds=AWAY_S))
        assert second.choose().status_code == 200
        second.send(act="leave")
        back = first.client.post("/register", data={**own(page), "act": "back"})
        assert back.status_code == 204
        assert second.choose().status_code == 409


def test_whoever_comes_back_too_late_is_told(phone: Phone, fake: FakeOffice) -> None:
    set_service(fake, daily_quota=1)
    first, second = phone(), phone("10.0.0.2")
    page = first.look_over()
    first.client.post("/register", data={**own(page), "act": "away"})
    fake.clock.move_to(NOON + timedelta(seconds=AWAY_S))
    second.choose()
    back = first.client.post("/register", data={**own(page), "act": "back"})
    assert back.status_code == 409
    shown = first.get("/register/check")
    assert "data-over" in shown.text
    assert "data-held" not in shown.text
    second.send(act="leave")
    first.press(act="register")
    assert first.receipt, "it is free again"


def test_no_page_keeps_a_place_longer_by_leaving_and_coming_back(
    phone: Phone, fake: FakeOffice
) -> None:
    set_service(fake, daily_quota=1)
    first, second = phone(), phone("10.0.0.2")
    page = first.look_over()
    for minute in (3, 7):
        fake.clock.move_to(NOON + timedelta(minutes=minute))
        for act, status in (("away", 204), ("back", 204)):
            answer = first.client.post("/register", data={**own(page), "act": act})
            assert answer.status_code == status
    fake.clock.move_to(NOON + timedelta(minutes=8))
    assert first.client.post("/register", data={**own(page), "act": "back"}).status_code == 409
    assert second.choose().status_code == 200


@pytest.mark.parametrize("act", ["away", "back"])
def test_leaving_a_page_asks_for_no_place_that_was_not_held(
    phone: Phone, fake: FakeOffice, registry: Registrar, act: str
) -> None:
    set_service(fake, daily_quota=3)
    done, forger, other, stopped = phone(), phone("10.0.0.2"), phone("10.0.0.3"), phone("10.0.0.4")
    page = done.look_over()
    done.press(act="register")
    with_receipt = dict(done.client.cookies)
    page_of_other = other.look_over()
    gone = stopped.look_over()
    stopped.send(act="leave")

    def left() -> int | None:
        fake.clock.move_to(fake.clock.now() + timedelta(seconds=3))
        return registry.offers("KTP", date(2026, 11, 26), 1)[0].left

    before = left()
    assert before == 1
    for visitor, sent in ((done, page), (stopped, gone), (done, page_of_other)):
        visitor.client.post("/register", data={**own(sent), "act": act})
        assert left() == before
    forger.client.cookies.update(with_receipt)
    assert forger.client.post("/register", data={"act": act}).status_code == 403
    assert left() == before


def test_a_place_that_ran_out_is_still_given_where_it_is_free(
    phone: Phone, fake: FakeOffice
) -> None:
    visitor = phone()
    visitor.look_over()
    fake.clock.move_to(NOON + timedelta(minutes=9))
    assert "data-over" in visitor.get("/register/check").text
    visitor.press(act="register")
    assert visitor.receipt


def test_who_comes_too_late_keeps_what_was_typed_and_gets_three_others(
    phone: Phone, fake: FakeOffice, registry: Registrar
) -> None:
    set_service(fake, daily_quota=1)
    visitor = phone()
    visitor.look_over(name="Ma'ruf", contact="maruf@example.id")
    fake.clock.move_to(NOON + timedelta(minutes=9))
    registry.register(Asked(service="KTP", day=date(2026, 11, 26), name="Budi"))
    visitor.press(act="register")
    assert visitor.shown.status_code == 409
    assert "sudah penuh" in visitor.shown.text
    others = re.findall(r'name="instead" value="([^"]+)"', visitor.shown.text)
    assert len(others) == 3
    assert THURSDAY not in others
    visitor.press(instead=others[0])
    assert "Ma&#39;ruf" in visitor.shown.text, "nothing is asked again"
    visitor.press(act="register")
    booking = registry.booking(visitor.receipt.split("/")[2])
    assert booking is not None
    assert (booking.name, booking.contact) == ("Ma'ruf", "maruf@example.id")
    assert booking.place.day.isoformat() == others[0]


def test_more_people_than_places_are_offered_other_days(phone: Phone, fake: FakeOffice) -> None:
    set_service(fake, daily_quota=2)
    visitor = phone()
    visitor.choose()
    page = visitor.press(**{**WHO, "party": "3"})
    assert page.status_code == 409
    assert "Tidak ada hari dengan tempat" in page.text
    assert page.context["told_who"] == "3 orang"
    visitor.press(act="day", choice=THURSDAY, party="2", group="")
    assert "Sudah benar semua?" in visitor.shown.text, "the name was typed before"


@pytest.mark.parametrize("party", ["0", "99", "", "two"])
def test_a_number_of_people_that_cannot_be_is_told_where_it_was_typed(
    phone: Phone, registry: Registrar, party: str
) -> None:
    visitor = phone()
    visitor.get("/register?service=KTP")
    page = visitor.press(act="who", at="day", party=party, group="")
    assert page.context["party_problem"]
    assert re.search(r'<details class="more" open>', page.text)
    assert "novalidate" in page.text, "a browser says nothing of what is folded away"
    page = visitor.press(act="day", choice=THURSDAY, party=party, group="")
    assert list(page.context["problems"]) == ["party_size"], "the day is kept"
    page = visitor.press(**{**WHO, "party": "2"})
    assert "Sudah benar semua?" in page.text


def test_priority_people_are_shown_the_places_kept_for_them(phone: Phone, fake: FakeOffice) -> None:
    set_service(fake, daily_quota=1, priority_quota=1)
    visitor = phone()
    days = visitor.get("/register?service=KTP").context["days"]
    assert not any(day.is_free for day in days)
    page = visitor.press(act="who", at="day", party="1", group="elderly")
    assert all(day.is_free for day in page.context["days"])
    assert "elderly" not in str(page.url)


def test_pressing_twice_registers_once(phone: Phone, registry: Registrar) -> None:
    visitor = phone()
    page = visitor.look_over()
    one, two = visitor.send(page, act="register"), visitor.send(page, act="register")
    assert one.headers["location"] == two.headers["location"]
    assert len(bookings(registry)) == 1


def test_pressing_twice_holds_the_last_place_once(phone: Phone, fake: FakeOffice) -> None:
    set_service(fake, daily_quota=1)
    visitor = phone()
    page = visitor.get("/register?service=KTP")
    before = dict(visitor.client.cookies)
    assert visitor.send(page, act="day", choice=THURSDAY).status_code == 303
    again = TestClient(visitor.client.app, follow_redirects=False, client=("10.0.0.1", 1))
    for name, value in before.items():
        again.cookies.set(name, value, domain="testserver.local")
    answer = again.post("/register", data={**hidden(page), "act": "day", "choice": THURSDAY})
    assert answer.headers["location"] == "/register/details"


def test_going_back_after_the_receipt_registers_nothing_more(
    phone: Phone, registry: Registrar
) -> None:
    visitor = phone()
    page = visitor.look_over()
    visitor.press(act="register")
    receipt = visitor.receipt
    for path in ("/register/check", "/register/details"):
        shown = visitor.get(path)
        assert "Anda sudah terdaftar" in shown.text
        assert "Siti" not in shown.text
    visitor.press(act="open")
    assert visitor.receipt == receipt
    assert visitor.send(page, act="register").headers["location"] == receipt
    assert len(bookings(registry)) == 1
    assert "Siti" not in visitor.get("/register?service=KTP").text
    visitor.press(act="day", choice=THURSDAY)
    visitor.press(**{**WHO, "name": "Budi"})
    visitor.press(act="register")
    assert visitor.receipt != receipt
    assert len(bookings(registry)) == 2


def test_two_pages_of_one_browser_confirm_what_was_seen(phone: Phone, registry: Registrar) -> None:
    visitor = phone()
    old = visitor.look_over()
    visitor.choose("2026-11-27")
    answer = visitor.send(old, act="register")
    assert answer.headers["location"] == "/register/check?newer=1"
    assert "halaman lain" in visitor.get("/register/check?newer=1").text
    assert bookings(registry) == []
    visitor.press(act="register")
    assert visitor.receipt


def test_what_was_typed_survives_an_error_a_day_a_service_and_a_language(phone: Phone) -> None:
    visitor = phone()
    visitor.choose()
    typed = {"name": "Ma'ruf", "party": "2", "group": "elderly", "contact": "not a contact"}
    wrong = visitor.press(act="details", **typed)
    assert wrong.status_code == 422
    assert "bukan alamat email" in wrong.text

    def is_kept() -> bool:
        shown = visitor.get("/register/details").text
        parts = ('value="Ma&#39;ruf"', 'value="not a contact"', 'value="elderly" selected')
        return all(part in shown for part in parts) and 'step="1" value="2"' in shown

    assert is_kept()
    visitor.press(act="other-day", **typed)
    visitor.press(act="day", choice="2026-11-27")
    assert is_kept()
    visitor.choose(service="KK")
    assert is_kept()
    english = visitor.press(language="en", at="details", **{**typed, "name": "Ma'ruf Amin"})
    assert "Who comes?" in english.text
    assert 'value="Ma&#39;ruf Amin"' in english.text


def test_colours_are_kept_and_lead_back_to_the_days(phone: Phone) -> None:
    visitor = phone()
    visitor.get("/register?service=KTP")
    page = visitor.press(theme="dark", party="3", group="")
    assert 'data-theme="dark"' in page.text
    assert page.context["told_who"] == "3 orang"


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": " \u202e\u0007 "}, "name"),
        ({"name": "N" * 121}, "name"),
        ({"name": "x" * 40_000}, "name"),
        ({"name": "!!!"}, "name"),
        ({"party": "0"}, "party_size"),
        ({"party": "21"}, "party_size"),
        ({"party": "two"}, "party_size"),
        ({"party": "\u0663"}, "party_size"),
        ({"contact": "<script>"}, "contact"),
        ({"contact": "3273010101010001"}, "contact"),
        ({"contact": "a" * 300 + "@example.id"}, "contact"),
    ],
)
def test_what_cannot_be_used_is_told_beside_its_field(
    phone: Phone, typed: dict[str, str], field: str
) -> None:
    visitor = phone()
    visitor.choose()
    page = visitor.press(**{**WHO, **typed})
    assert page.status_code == 422
    assert list(page.context["problems"]) == [field]
    assert "<script>" not in page.text.replace('<script type="module"', "")


def test_a_form_of_100_000_characters_is_refused(phone: Phone, registry: Registrar) -> None:
    visitor = phone()
    visitor.choose()
    assert visitor.send(act="details", name="x" * 100_000).status_code == 413
    assert "Siapa yang datang?" in visitor.get("/register/details").text


@pytest.mark.parametrize("charset", ["utf-7", '"UTF-7"', "unicode_escape", "undefined"])
@pytest.mark.parametrize("path", ["/register", "/login", "/r/7KQ2M9XV4C/a"])
def test_a_form_in_letters_that_no_browser_sends_is_refused(
    client: TestClient, path: str, charset: str
) -> None:
    head = 'Content-Disposition: form-data; name="csrf_token"'
    kind = f"multipart/form-data; boundary=x; charset={charset}"
    for value in ("+2AA-", "\\ud800"):
        body = f"--x\r\n{head}\r\n\r\n{value}\r\n--x--\r\n"
        answer = client.post(path, content=body, headers={"Content-Type": kind})
        assert answer.status_code == 415


def test_a_form_in_parts_is_read_as_browsers_send_it(phone: Phone, registry: Registrar) -> None:
    visitor = phone()
    form = hidden(visitor.choose()) | {"name": "Gülşen 王", "act": "details"}
    parts = {name: (None, text) for name, text in form.items()}
    answer = visitor.client.post("/register", files=parts)
    assert answer.headers["location"] == "/register/check"
    assert "Gülşen 王" in visitor.get("/register/check").text


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Ma'ruf", "Ma'ruf"),
        ("Sukarno", "Sukarno"),
        ("Prof. Dr. H. B. J. Habibie, M.Eng.", "Prof. Dr. H. B. J. Habibie, M.Eng."),
        ("  Nguyễn\tThị\u202e  ", "Nguyễn Thị"),
        ("<b>Siti</b>", "<b>Siti</b>"),
        ("=HYPERLINK(1)", "=HYPERLINK(1)"),
        ("Siti 🌺", "Siti 🌺"),
        ("山田太郎", "山田太郎"),
        ("محمد", "محمد"),
        ("N" * 120, "N" * 120),
    ],
)
def test_any_name_is_registered_and_shown_safely(
    phone: Phone, registry: Registrar, typed: str, kept: str
) -> None:
    visitor = phone()
    page = visitor.look_over(name=typed)
    assert unescape(re.findall(r"<bdi>(.*?)</bdi>", page.text)[0]) == kept
    assert "<b>Siti" not in page.text
    visitor.press(act="register")
    booking = registry.booking(visitor.receipt.split("/")[2])
    assert booking is not None
    assert booking.name == kept


def test_the_office_s_questions_are_put_and_kept(
    phone: Phone, fake: FakeOffice, registry: Registrar
) -> None:
    asked = (
        Question(code="nomor", texts={"id": "Nomor pengajuan", "en": "Number"}, is_required=True),
        Question(code="catatan", texts={"id": "Catatan"}),
    )
    set_service(fake, questions=asked)
    visitor = phone()
    assert "Nomor pengajuan" in visitor.choose().text
    missing = visitor.press(**{**WHO, "answer_nomor": "  "})
    assert missing.status_code == 422
    assert 'aria-describedby="answer_nomor-problem"' in missing.text
    long = visitor.press(**{**WHO, "answer_nomor": "9" * 301})
    assert long.status_code == 422
    page = visitor.press(**{**WHO, "answer_nomor": "=1+<i>2</i>", "answer_other": "x"})
    assert "=1+&lt;i&gt;2&lt;/i&gt;" in page.text
    visitor.press(act="register")
    booking = registry.booking(visitor.receipt.split("/")[2])
    assert booking is not None
    assert booking.answers == {"nomor": "=1+<i>2</i>"}


def test_since_when_and_why_a_service_is_closed_is_told(phone: Phone, fake: FakeOffice) -> None:
    visitor = phone()
    closed = {"channel": "closed", "closed_since": "2025-12-31", "closed_why_id": "Alat rusak"}
    fake.record.facts.change(with_changed_service("KTP", closed), operator="dewi", at=NOON)
    told = "Tutup sejak Rabu, 31 Desember 2025. Alat rusak."
    assert told in visitor.get("/register?service=KTP").text
    assert told in visitor.get("/").text
    (ktp,) = [
        one
        for one in visitor.client.get("/api/v1/services").json()["services"]
        if one["code"] == "KTP"
    ]
    assert ktp["closed_since"] == "2025-12-31"
    assert ktp["closed_why"] == {"id": "Alat rusak"}


def test_a_running_office_writes_no_name_into_its_log(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    clock, settings = FakeClock(NOON), Settings(_env_file=None, data=tmp_path / "data")
    with RunningOffice.open(settings, clock=clock) as running:
        asked = with_changed_service("KTP", {"question_no_id": "Nomor", "quota": "1"})
        running.record.facts.change(asked, operator="ani", at=NOON)
        app = create_app(running.office())
        first, second = (Visitor(TestClient(app, follow_redirects=False)) for _ in range(2))
        first.look_over(name="=1+1 Siti", contact="siti@example.id", answer_no="@SUM(1)")
        assert second.choose().status_code == 409
        first.press(act="register")
        assert "=1+1 Siti" in unescape(first.get(first.receipt).text)
        assert running.record.visits.verify().is_intact
    log.export(data=settings.data)
    written = capsys.readouterr().out
    assert "booked" in written
    assert not any(told in written for told in ("Siti", "siti@example.id", "@SUM", "=1"))


WORST = {
    "emoji": "Siti 👩‍👧‍👦🎉 x",
    "html": 'Siti <script>alert(1)</script>"><img src=x onerror=alert(1)>',
    "formula": "=cmd|' /C calc'!A0 Siti",
    "directions": "\u202eSiti\u2066\u200f\u0000\u0007\u2028 ha",
    "template": "Siti {{ 7*7 }} %s ${x}",
    "calendar": "Siti\r\nEND:VCALENDAR\r\nBEGIN:VEVENT",
    "scripts": "สมชาย 王小明 ꦱꦶꦠꦶ محمد",
}
UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u2028\u2029\u202a-\u202e\u2066-\u2069\u200e\u200f]")
MAKES_SOMETHING = re.compile(r"<script>alert|<img src=x")


@pytest.mark.parametrize("text", WORST.values(), ids=WORST)
def test_the_worst_texts_are_kept_and_shown_safely_everywhere(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str
) -> None:
    clock, settings = FakeClock(NOON), Settings(_env_file=None, data=tmp_path / "data")
    with RunningOffice.open(settings, clock=clock) as running:
        record, office = running.record, running.office()
        asked = with_changed_service("KTP", {"question_no_id": "Nomor"})
        record.facts.change(asked, operator="ani", at=NOON)
        record.facts.change(with_counter("1", {}), operator="ani", at=NOON)
        phone = Visitor(TestClient(create_app(office), follow_redirects=False))
        pages = [phone.look_over(name=text, contact="=1+1@evil.example", answer_no=text)]
        assert pages[0].status_code == 200, pages[0].text
        phone.press(act="register")
        link = phone.receipt
        pages += [phone.get(link), phone.get(f"{link}?as=state")]
        assert len(re.findall(rb"/Type /Page\b", phone.get(f"{link}?as=pdf").content)) == 1
        calendar = Calendar.from_ical(phone.get(f"{link}?as=calendar").content)
        assert len(calendar.walk("VEVENT")) == 1
        number = link.split("/")[2]
        found = the(the(office.registrar).registration(number))
        name = seen_text(text)
        assert (found.name, the(found.booking).answers) == (name, {"no": name})

        clock.move_to(NOON + timedelta(days=2))
        came = record.visits.write(arrival(receipt=found.claims, at=clock.now()))
        assert came.decision is DecisionKind.ADMIT, came.reason
        staff = {who: log_in_to(running, who) for who in ("rina", "admin")}
        search = staff["rina"].get("/desk")
        form = {"csrf_token": token_in(search.text), "text": name}
        pages.append(staff["rina"].post("/desk", data=form, follow_redirects=True))
        pages += [staff["rina"].get(path) for path in (f"/desk/{number}", "/counter/1")]
        call = {"csrf_token": token_in(pages[-1].text)}
        pages.append(staff["rina"].post("/counter/1/call_next", data=call, follow_redirects=True))
        pages += [staff["admin"].get(path) for path in ("/dashboard", "/gate", "/display/utama")]
        assert name in unescape(pages[-4].text), "the officer calls them by it"
        for page in pages:
            assert page.status_code in {200, 303, 404}, page.request.url
            assert not MAKES_SOMETHING.search(page.text), page.request.url
            assert not UNSEEN.search(page.text), page.request.url
            assert "49 %s" not in page.text
        queue = staff["rina"].get("/api/v1/status")
        assert name not in queue.text
        assert record.visits.verify().is_intact
    log.export(data=settings.data)
    written = capsys.readouterr().out
    assert "booked" in written
    for told in (name, "evil.example"):
        assert told not in written


def test_nothing_of_a_visitor_is_left_anywhere_after_its_time(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    clock, settings = FakeClock(NOON), Settings(_env_file=None, data=tmp_path / "data")
    told = ("Siti Aminah", "siti@evil.example", "nomor-4711")
    with RunningOffice.open(settings, clock=clock) as running:
        record, office = running.record, running.office()
        edit = with_changed_service("KTP", {"question_no_id": "Nomor"})
        record.facts.change(edit, operator="ani", at=NOON)
        phone = Visitor(TestClient(create_app(office), follow_redirects=False))
        phone.look_over(name=told[0], contact=told[1], answer_no=told[2], group="elderly")
        phone.press(act="register")
        link = phone.receipt
        number = link.split("/")[2]
        found = the(the(office.registrar).registration(number))
        assert found.name == told[0]
        came = record.visits.write(
            arrival(receipt=found.claims, at=NOON + timedelta(days=2), gate="utama")
        )
        assert came.decision is DecisionKind.ADMIT

        days = settings.retention.names_days
        clock.move_to(found.claims.expires + timedelta(days=days + 1))
        record.retention.forget(clock.now())
        over = the(the(office.registrar).registration(number))
        booking = the(over.booking)
        assert (over.name, booking.group, booking.contact, booking.answers) == ("", None, None, {})
        rina = log_in_to(running, "rina")
        search = {"csrf_token": token_in(rina.get("/desk").text), "text": "Siti"}
        pages = [rina.post("/desk", data=search), rina.get(f"/desk/{number}"), phone.get(link)]
        pages += [phone.get(f"{link}?as={part}") for part in ("state", "pdf", "calendar")]
        admin = log_in_to(running, "admin")
        pages += [admin.get(path) for path in ("/dashboard", "/gate")]
        for page in pages:
            assert not any(text in unescape(page.text) for text in told), page.request.url
            assert "60 tahun" not in page.text, page.request.url
        assert not pages[0].context["found"]
        assert record.visits.verify().is_intact
    for command in (log.export, registration.list_registrations):
        command(data=settings.data)
    written = capsys.readouterr().out
    assert number in written
    assert not any(text in written for text in told)
    kept = b"".join(file.read_bytes() for file in settings.data.rglob("*.sqlite3*"))
    assert not any(text.encode() in kept for text in told)


def test_a_text_without_end_is_refused_and_books_nothing(phone: Phone, registry: Registrar) -> None:
    visitor = phone()
    page = visitor.choose()
    assert visitor.send(page, **{**WHO, "name": "A" * 100_000}).status_code == 413
    long = visitor.press(**{**WHO, "name": "A" * 50_000, "contact": "b" * 9_000})
    assert long.status_code == 422
    assert len(long.text) < LIGHT
    assert bookings(registry) == []


def log_in_to(running: RunningOffice, name: str) -> TestClient:
    """The browser of somebody who works at an office that runs."""
    now, role = running.clock.now(), USERS[name]
    running.record.accounts.add_user(User(name, role, "x", now))
    session = WebSession(
        token_hash=hash_token(name),
        user=name,
        role=role,
        csrf_token="form",
        created_at=now,
        expires_at=now + timedelta(hours=12),
    )
    running.record.accounts.open_session(session)
    client = TestClient(create_app(running.office()), follow_redirects=False)
    client.cookies.set("gerbang_session", name, domain="testserver.local")
    return client


def test_nothing_personal_stands_in_an_address_or_is_read_by_scripts(phone: Phone) -> None:
    visitor = phone()
    visitor.choose()
    answer = visitor.send(**{**WHO, "contact": "siti@example.id"})
    assert answer.headers["location"] == "/register/check"
    for cookie in answer.headers.get_list("set-cookie"):
        if cookie.startswith(COOKIE):
            assert "HttpOnly" in cookie
            assert "Path=/register" in cookie
            assert "SameSite=lax" in cookie
            assert "Max-Age=2700" in cookie


def test_the_largest_form_fits_into_the_browser_s_cookies(phone: Phone, fake: FakeOffice) -> None:
    codes = ("a", "b", "c", "d", "e")
    set_service(fake, questions=tuple(Question(code=code, texts={"id": code}) for code in codes))
    visitor = phone()
    visitor.choose()
    texts = {
        f"answer_{code}": "".join(
            chr(0x4E00 + (i * 7919 + ord(code) * 131) % 20_000) for i in range(300)
        )
        for code in codes
    }
    answer = visitor.send(**{**WHO, **texts, "name": "É" * 120})
    assert answer.status_code == 303
    assert all(len(line) < 4096 for line in answer.headers.get_list("set-cookie"))
    shown = visitor.get("/register/check").text
    assert all(text in shown for text in texts.values())


@pytest.mark.parametrize("packed", ["", "x", "eJyrVkrLz1eyUkpKLFKqBQAbfQQ2", "!" * 3000, "é"])
def test_a_browser_that_brings_nonsense_begins_anew(phone: Phone, packed: str) -> None:
    visitor = phone()
    headers = {"Cookie": f"{COOKIE}_0={packed}".encode()}
    answer = visitor.client.get("/register/check", headers=headers)
    assert answer.headers["location"] == "/register"


def test_a_form_of_another_site_does_nothing(phone: Phone, registry: Registrar) -> None:
    visitor = phone()
    visitor.look_over()
    assert visitor.send(act="register", csrf_token="no").status_code == 403
    assert bookings(registry) == []


def test_whoever_asks_for_many_places_is_told_to_wait_and_nobody_else(
    phone: Phone, fake: FakeOffice
) -> None:
    greedy = phone()
    for _ in range(PLACES_ALLOWED // 20 + 1):
        greedy = phone()
        greedy.get("/register?service=KTP")
        answer = greedy.press(act="day", choice=THURSDAY, party="20", group="")
    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) <= 600
    assert "coba lagi dalam" in answer.text
    assert 'value="20"' in answer.text, "what was typed is kept"
    assert phone("10.0.0.2").choose().status_code == 200, "another address"
    assert phone(user="rina").choose().status_code == 200, "an officer at the same one"
    assert greedy.client.get("/login").status_code == 200
    fake.clock.move_to(NOON + timedelta(minutes=10))
    assert phone().choose().status_code == 200


def test_one_who_holds_a_place_is_not_stopped_by_others_behind_the_address(phone: Phone) -> None:
    visitor = phone()
    visitor.choose()
    for _ in range(PLACES_ALLOWED // 20 + 1):
        other = phone()
        other.get("/register?service=KTP")
        other.send(act="day", choice=THURSDAY, party="20", group="")
    visitor.press(**WHO)
    visitor.press(act="register")
    assert visitor.receipt


def test_what_a_browser_says_of_a_held_place_is_not_believed(
    phone: Phone, registry: Registrar
) -> None:
    visitor = phone()
    here = Request({"type": "http", "scheme": "http", "path": "/", "headers": []})
    for number in range(PLACES_ALLOWED // 20 + 2):
        forged = Draft(
            visit=f"a-visit-of-my-own-{number}",
            service="KTP",
            day=WEDNESDAY,
            until=NOON + timedelta(days=1),
            held_people=20,
            party="20",
            name="Budi",
        )
        answer = RedirectResponse("/")
        keep_draft(here, answer, forged)
        (cookie,) = SimpleCookie(answer.headers["set-cookie"]).values()
        visitor.client.cookies.set(
            cookie.key, cookie.value, path="/register", domain="testserver.local"
        )
        assert "20 orang" in visitor.get("/register/check").text
        visitor.press(act="register")
    assert visitor.shown.status_code == 429
    assert sum(one.party_size for one in bookings(registry)) <= PLACES_ALLOWED


@pytest.mark.parametrize(
    "forged",
    [
        {"held": float("inf")},
        {"until": "9999-12-31T23:59:59+00:00"},
        {"until": "0001-01-01T00:00:00+23:59"},
        {"name": "\ud800"},
        {"group": "elderly?"},
    ],
    ids=str,
)
def test_a_forged_cookie_breaks_no_page(phone: Phone, forged: dict[str, object]) -> None:
    kept = {
        "visit": "a-visit-of-my-own",
        "service": "KTP",
        "day": WEDNESDAY.isoformat(),
        "start": None,
        "until": (NOON + timedelta(minutes=3)).isoformat(),
        "held": 1,
        "priority": False,
        "party": "1",
        "group": "",
        "name": "Budi",
        "contact": "",
        "answers": {},
        "done": False,
    }
    packed = urlsafe_b64encode(zlib.compress(json.dumps({**kept, **forged}).encode())).decode()
    visitor = phone()
    for page in ("", "/details", "/check"):
        visitor.client.cookies.set(
            f"{COOKIE}_0", packed, path="/register", domain="testserver.local"
        )
        assert visitor.get(f"/register{page}").status_code in {200, 303}


def test_a_group_that_no_form_has_is_none(phone: Phone) -> None:
    visitor = phone()
    visitor.choose()
    visitor.press(**WHO, group="everybody")
    assert visitor.shown.status_code == 200
    assert visitor.shown.context["group"] == ""


def test_a_network_s_addresses_are_counted_together(phone: Phone) -> None:
    for host in range(NETWORK_PLACES_ALLOWED // 20 + 1):
        other = phone(f"10.0.0.{host}")
        other.get("/register?service=KTP")
        answer = other.press(act="day", choice=THURSDAY, party="20", group="")
    assert answer.status_code == 429
    assert phone("10.0.1.1").choose().status_code == 200


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("10.1.2.3", "10.1.2.0/24"),
        ("2001:db8:1:2::3", "2001:db8:1::/48"),
        ("::ffff:10.1.2.3", "10.1.2.0/24"),
        ("testclient", "testclient"),
    ],
)
def test_a_network_is_what_one_subscriber_has(address: str, network: str) -> None:
    assert network_of(address) == network


@pytest.mark.parametrize("language", ["id", "en"])
def test_each_screen_is_light_enough_for_a_slow_network(
    phone: Phone, fake: FakeOffice, language: str
) -> None:
    set_service(fake, booking=Booking.SLOT, slot_minutes=15, days_ahead=30)
    visitor = phone()
    visitor.client.cookies.set("gerbang_language", language, domain="testserver.local")
    screens = [visitor.get("/register"), visitor.get("/register?service=KTP")]
    screens.append(visitor.press(act="day", choice=f"{THURSDAY}T09:00"))
    screens.append(visitor.press(**WHO))
    assert visitor.press(act="register") is not None
    assert visitor.receipt
    for screen in screens:
        asked = set(re.findall(r'(?:src|href)="(/static/[^"]+)"', screen.text))
        asked.add("/static/steps.svg")
        weights = [len(gzip.compress(screen.content))]
        weights += [len(gzip.compress(visitor.client.get(path).content)) for path in asked]
        assert sum(weights) <= LIGHT, screen.url


def test_a_visit_s_name_is_no_text_of_somebody() -> None:
    assert is_visit("Abc-_0123456789xyz")
    assert not is_visit("short")
    assert not is_visit("x" * 80)
    assert not is_visit("é" * 20)
    assert Draft(party="007").people == 7
    assert Draft(party="").people == 0


def test_it_is_not_there_where_nothing_can_be_booked(fake: FakeOffice) -> None:
    client = TestClient(create_app(fake.office), follow_redirects=False)
    page = client.get("/register?service=KTP")
    assert page.status_code == 404
    token = token_in(client.get("/login").text)
    assert client.post("/register", data={"csrf_token": token, "act": "day"}).status_code == 303


def test_an_officer_s_own_log_in_may_register(phone: Phone, logged_in: Browse) -> None:
    visitor = phone(user="rina")
    visitor.look_over()
    visitor.press(act="register")
    assert visitor.receipt
