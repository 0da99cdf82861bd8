"""Times that can be booked, and what another system books and cancels by its key."""

from __future__ import annotations

import json
import re
import shlex
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response

from dashboard.app import create_app
from dashboard.bootstrap import RunningOffice
from dashboard.web.auth import SESSION_COOKIE, hash_token
from screening.accounts import Scope, SystemKey
from screening.clock import FakeClock
from screening.decision import Reason
from screening.office.services import Booking as Books
from screening.office.services import Channel, Question, Service
from screening.receipts.desk import ReceiptDesk
from screening.receipts.keys import open_keys
from screening.receipts.links import ReceiptLinks
from screening.registration.bookings import Request
from screening.registration.registrar import Registrar
from screening.settings import Settings
from screening.visits import EntryKind
from tests.dashboard.api.test_api import assert_problem
from tests.dashboard.fakes import NOON, FakeOffice, open_session

TODAY = date(2026, 11, 24)
TOMORROW = "2026-11-25"
KEYS = {"portal": "gerbang_of-the-portal", "desa": "gerbang_of-the-village"}
ADDRESS = "/api/v1/registrations"
SITI = {"service": "KK", "date": TOMORROW, "start": "09:00", "name": "Siti Aminah"}


def service(code: str, **changes: Any) -> Service:
    values: dict[str, Any] = {
        "code": code,
        "channel": Channel.COLLECTION,
        "names": {"id": code, "en": code},
        "booking": Books.DAY,
    }
    return Service(**{**values, **changes})


SERVICES = (
    service("KTP", letter="K", daily_quota=2),
    service("KK", letter="F", booking=Books.SLOT, slot_minutes=30, slot_places=2),
    service("LEGALISIR", letter="L", channel=Channel.WALK_IN, booking=Books.NONE),
    service("SPPT", letter="S", channel=Channel.ONLINE_ONLY),
)


@pytest.fixture
def registrar(fake: FakeOffice, tmp_path: Path) -> Registrar:
    """Of that office, whose services are those above."""
    record, site = fake.record, fake.office.settings.site
    for one in SERVICES:
        record.services.put(one)
    for name, key in KEYS.items():
        scopes = frozenset({Scope.REGISTRATIONS})
        record.accounts.add_key(
            SystemKey(name=name, scopes=scopes, key_hash=hash_token(key), created_at=NOON),
            operator="dewi",
        )
    desk = ReceiptDesk(
        keys=open_keys(tmp_path / "keys", site.code),
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


@pytest.fixture
def client(fake: FakeOffice, registrar: Registrar) -> TestClient:
    office = replace(fake.office, registrar=registrar, offers=registrar.offers)
    return TestClient(create_app(office), follow_redirects=False)


def of(name: str = "portal", once: str | None = None) -> dict[str, str]:
    """The headers of that key's requests."""
    more = {} if once is None else {"Idempotency-Key": once}
    return {"Authorization": f"Bearer {KEYS[name]}", **more}


def book(client: TestClient, *, once: str | None = None, **changes: Any) -> Response:
    asked = {key: value for key, value in {**SITI, **changes}.items() if value is not None}
    return client.post(ADDRESS, json=asked, headers=of(once=once))


def slots(client: TestClient, service: str = "KK", **query: Any) -> list[dict[str, Any]]:
    asked = {"from": TOMORROW, "days": 1, **query}
    answer = client.get(f"/api/v1/services/{service}/slots", params=asked)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["slots"]
    return found


def left(client: TestClient, start: str = "09:00") -> int:
    (slot,) = [one for one in slots(client) if one["start"] == start]
    count: int = slot["left"]
    return count


def where(answer: Response) -> list[str]:
    body: Any = assert_problem(answer, 422)
    return [error["where"] for error in body["errors"]]


class TestSlots:
    def test_are_told_to_everyone_with_what_is_left_of_each(self, client: TestClient) -> None:
        found = slots(client)
        assert found[0] == {
            "date": TOMORROW, "start": "08:00", "end": "08:30",
            "capacity": 2, "left": 2, "status": "open",
        }  # fmt: skip
        assert len(found) == 14
        assert found[-1]["end"] == "15:00"

    def test_of_a_service_booked_by_day_have_no_time(self, client: TestClient) -> None:
        assert slots(client, "KTP", **{"from": TODAY, "days": 3}) == [
            {"date": day, "start": None, "end": None, "capacity": 2, "left": 2, "status": status}
            for day, status in [
                ("2026-11-24", "past"), ("2026-11-25", "open"), ("2026-11-26", "open"),
            ]
        ]  # fmt: skip

    def test_begin_today_and_are_told_for_two_weeks(self, client: TestClient) -> None:
        days = [one["date"] for one in client.get("/api/v1/services/KTP/slots").json()["slots"]]
        assert (days[0], len(days)) == ("2026-11-24", 14)

    def test_say_why_a_day_cannot_be_booked(self, client: TestClient) -> None:
        found = slots(client, "KTP", **{"from": "2026-11-28", "days": 30})
        status = {one["date"]: one["status"] for one in found}
        assert (status["2026-11-28"], status["2026-12-15"]) == ("closed", "not_yet")

    def test_of_a_service_that_is_not_booked_are_none(self, client: TestClient) -> None:
        assert slots(client, "LEGALISIR") == []

    def test_of_more_days_than_there_may_be_end_early(self, client: TestClient) -> None:
        assert len(slots(client, "KTP", days=10**30)) == 62

    @pytest.mark.parametrize(
        "query",
        [
            {"from": "tomorrow"},
            {"from": "2026-02-30"},
            {"from": "20261125"},
            {"from": "1764028800"},
            {"from": "2026-11-25T00:00"},
            {"from": "9999-12-31"},
            {"from": "0001-01-01"},
            {"days": "0"},
            {"days": "x"},
        ],
        ids=lambda query: "-".join(*query.items()),
    )
    def test_are_not_told_of_days_that_are_none(
        self, client: TestClient, query: dict[str, str]
    ) -> None:
        answer = client.get("/api/v1/services/KK/slots", params=query)
        assert where(answer) == [f"query.{next(iter(query))}"]

    def test_of_a_service_that_there_is_not_are_no_page(self, client: TestClient) -> None:
        assert_problem(client.get("/api/v1/services/PASPOR/slots"), 404)

    def test_may_be_read_by_scripts_of_other_sites_and_kept_for_a_second(
        self, client: TestClient
    ) -> None:
        headers = client.get("/api/v1/services/KK/slots").headers
        assert headers["access-control-allow-origin"] == "*"
        assert headers["cache-control"] == "public, max-age=1"

    def test_tell_at_once_what_was_booked_and_given_back_here(self, client: TestClient) -> None:
        assert left(client) == 2
        number = book(client).json()["number"]
        assert left(client) == 1
        client.delete(f"{ADDRESS}/{number}", headers=of())
        assert left(client) == 2


class TestBooking:
    def test_gives_the_receipt_and_what_was_booked(
        self, client: TestClient, fake: FakeOffice, registrar: Registrar
    ) -> None:
        answer = book(client)
        assert answer.status_code == 201
        told = answer.json()
        number = told["number"]
        assert {key: told[key] for key in ("valid_from", "expires", "slot")} == {
            "valid_from": "2026-11-25T00:00:00+07:00",
            "expires": "2026-11-26T00:00:00+07:00",
            "slot": {"date": TOMORROW, "start": "09:00", "end": "09:30"},
        }
        assert list(told) == ["number", "token", "link", "valid_from", "expires", "slot"]
        assert told["link"].startswith(f"/r/{number}/")
        booking = registrar.booking(number)
        assert booking is not None
        assert (booking.name, booking.booked_by, booking.language) == (
            "Siti Aminah",
            "key:portal",
            "id",
        )
        row = fake.record.visits.latest(limit=1)[0]
        assert (row.kind, row.operator) == (EntryKind.BOOKED, "key:portal")

    def test_keeps_all_that_was_told(self, client: TestClient, registrar: Registrar) -> None:
        more = {
            "party_size": 2, "priority": "elderly", "contact": "+62 812 3456 789",
            "answers": {"family": "5"}, "language": "en",
        }  # fmt: skip
        booking = registrar.booking(book(client, **more).json()["number"])
        assert booking is not None
        assert (booking.party_size, booking.group, booking.contact) == (
            2,
            "elderly",
            more["contact"],
        )
        assert (booking.answers, booking.language) == ({"family": "5"}, "en")

    def test_of_a_day_has_no_time(self, client: TestClient) -> None:
        told = book(client, service="KTP", start=None).json()
        assert told["slot"] == {"date": TOMORROW, "start": None, "end": None}
        assert told["expires"] == "2026-12-02T00:00:00+07:00"

    def test_of_nothing_gives_a_receipt_all_the_same(self, client: TestClient) -> None:
        told = book(client, service="LEGALISIR", date=None, start=None).json()
        assert (told["slot"], told["valid_from"]) == (None, "2026-11-25T00:00:00+07:00")
        assert client.delete(f"{ADDRESS}/{told['number']}", headers=of()).status_code == 200

    def test_s_link_has_the_office_s_public_address(
        self, fake: FakeOffice, registrar: Registrar
    ) -> None:
        settings = Settings(_env_file=None, web={"public_url": "https://gerbang.example"})
        office = replace(fake.office, registrar=registrar, settings=settings)
        told = book(TestClient(create_app(office))).json()
        assert told["link"].startswith(f"https://gerbang.example/r/{told['number']}/")

    @pytest.mark.parametrize(
        ("changes", "code", "alternatives"),
        [
            ({"start": "09:00"}, "slot_full", ["11-25 08:30", "11-25 09:30", "11-26 09:00"]),
            ({"start": "09:10"}, "not_bookable", ["11-25 09:30", "11-25 08:30", "11-26 09:00"]),
            (
                {"date": "2026-11-28"},
                "service_closed",
                ["11-27 09:00", "11-27 08:30", "11-27 09:30"],
            ),
            ({"date": "2026-11-24"}, "not_bookable", ["11-25 08:30", "11-25 09:30", "11-25 08:00"]),
            ({"service": "SPPT", "start": None}, "online_only", []),
            ({"service": "LEGALISIR", "start": None}, "not_bookable", []),
        ],
        ids=["full", "no such time", "weekend", "today", "online", "walk-in"],
    )
    def test_of_what_cannot_be_had_is_refused_with_what_can(
        self, client: TestClient, changes: dict[str, Any], code: str, alternatives: list[str]
    ) -> None:
        assert book(client, party_size=2).status_code == 201
        body: Any = assert_problem(book(client, **changes), 409, "not-bookable")
        assert body["code"] == code
        found = body["alternatives"]
        assert [f"{one['date'][5:]} {one['start']}" for one in found] == alternatives
        for one in found:
            assert one in slots(client, **{"from": one["date"]})
            again = book(client, date=one["date"], start=one["start"])
            assert again.status_code == 201

    def test_of_more_people_than_places_offers_room_for_all(self, client: TestClient) -> None:
        for start in ("08:30", "09:00"):
            assert book(client, start=start).status_code == 201
        body: Any = assert_problem(book(client, party_size=2), 409, "not-bookable")
        starts = [(one["date"], one["start"]) for one in body["alternatives"]]
        assert starts == [(TOMORROW, "09:30"), (TOMORROW, "08:00"), ("2026-11-26", "09:00")]

    def test_of_a_full_day_is_told_from_a_full_time(self, client: TestClient) -> None:
        day = {"service": "KTP", "start": None}
        assert book(client, **day, party_size=2).status_code == 201
        body: Any = assert_problem(book(client, **day), 409, "not-bookable")
        assert body["code"] == "quota_reached"
        assert [one["date"] for one in body["alternatives"]] == [
            "2026-11-26", "2026-11-27", "2026-11-30",
        ]  # fmt: skip

    @pytest.mark.parametrize(
        ("changes", "fields"),
        [
            ({"service": "PASPOR"}, ["service"]),
            ({"name": None}, ["name"]),
            ({"name": " \u202e "}, ["name"]),
            ({"name": "x" * 121}, ["name"]),
            ({"date": None}, ["date"]),
            ({"date": "25-11-2026"}, ["date"]),
            ({"date": 1764028800}, ["date"]),
            ({"start": "9"}, ["start"]),
            ({"start": None}, ["start"]),
            ({"party_size": 0}, ["party_size"]),
            ({"party_size": 21}, ["party_size"]),
            ({"party_size": "2"}, ["party_size"]),
            ({"priority": "rich"}, ["priority"]),
            ({"contact": "somebody"}, ["contact"]),
            ({"answers": {"family": "x" * 301}}, ["answers"]),
            ({"answers": {"family": 5}}, ["answers.family"]),
            ({"language": "x"}, ["language"]),
            ({"nik": "3201"}, ["nik"]),
            ({"name": "", "contact": "x", "party_size": 0}, ["name", "party_size", "contact"]),
        ],
        ids=str,
    )
    def test_of_what_is_wrong_names_the_field(
        self, client: TestClient, changes: dict[str, Any], fields: list[str]
    ) -> None:
        answer = book(client, **changes)
        assert where(answer) == [f"body.{field}" for field in fields]

    def test_names_the_questions_of_the_office_that_are_not_answered(
        self, client: TestClient, fake: FakeOffice
    ) -> None:
        asked = Question(code="nomor", texts={"id": "Nomor pengajuan"}, is_required=True)
        also = Question(code="catatan", texts={"en": "Note"})
        fake.record.services.put(replace(SERVICES[1], questions=(asked, also)))
        told = {one["code"]: one for one in client.get("/api/v1/services").json()["services"]}
        assert told["KTP"]["questions"] == []
        assert told["KK"]["questions"] == [
            {"code": "nomor", "texts": {"id": "Nomor pengajuan"}, "is_required": True},
            {"code": "catatan", "texts": {"en": "Note"}, "is_required": False},
        ]
        assert where(book(client)) == ["body.answers.nomor"]
        assert book(client, answers={"nomor": "12"}).status_code == 201

    def test_needs_a_key_with_the_scope(self, client: TestClient, fake: FakeOffice) -> None:
        assert_problem(client.post(ADDRESS, json=SITI), 401)
        status = SystemKey(
            name="screen",
            scopes=frozenset({Scope.STATUS}),
            key_hash=hash_token("gerbang_screen"),
            created_at=NOON,
        )
        fake.record.accounts.add_key(status, operator="dewi")
        key = {"Authorization": "Bearer gerbang_screen"}
        assert_problem(client.post(ADDRESS, json=SITI, headers=key), 403)
        assert_problem(client.delete(f"{ADDRESS}/7KQ2M9XV4T", headers=key), 403)

    def test_has_no_limit_of_an_address(self, client: TestClient, fake: FakeOffice) -> None:
        fake.record.services.put(replace(SERVICES[1], slot_places=500))
        assert {book(client).status_code for _ in range(150)} == {201}


class TestOnce:
    def test_a_booking_sent_again_gets_the_first_answer(self, client: TestClient) -> None:
        first = book(client, once="a-1")
        again = book(client, once="a-1")
        assert (first.status_code, again.status_code) == (201, 201)
        assert first.content == again.content
        assert left(client) == 1
        assert book(client, once="a-2").json()["number"] != first.json()["number"]

    def test_another_body_under_the_same_key_is_refused(self, client: TestClient) -> None:
        assert book(client, once="a-1").status_code == 201
        answer = book(client, once="a-1", start="10:00")
        assert_problem(answer, 422, "idempotency-key-reused")
        assert left(client, "10:00") == 2

    def test_a_refusal_sent_again_is_the_same(self, client: TestClient) -> None:
        number = book(client, party_size=2).json()["number"]
        refused = book(client, once="a-1")
        client.delete(f"{ADDRESS}/{number}", headers=of())
        again = book(client, once="a-1")
        assert (again.status_code, again.content) == (409, refused.content)
        assert again.headers["content-type"] == "application/problem+json"

    def test_what_is_over_by_now_still_has_its_answer(
        self, client: TestClient, fake: FakeOffice
    ) -> None:
        first = book(client, once="a-1")
        assert first.status_code == 201
        fake.clock.move_to(NOON + timedelta(hours=22))  # the time is over, and not bookable
        assert book(client, once="a-1").content == first.content

    def test_what_was_wrong_can_be_mended_under_the_same_key(self, client: TestClient) -> None:
        assert book(client, once="a-1", name="").status_code == 422
        assert book(client, once="a-1").status_code == 201


class TestCancelling:
    def test_frees_the_place_at_once_and_twice_is_once(
        self, client: TestClient, fake: FakeOffice, registrar: Registrar
    ) -> None:
        told = book(client, party_size=2).json()
        assert book(client).status_code == 409
        for number in (told["number"], f"{told['number'][:5]}-{told['number'][5:]}".lower()):
            answer = client.delete(f"{ADDRESS}/{number}", headers=of())
            assert answer.status_code == 200
            assert answer.json() == {"number": told["number"], "cancelled": True}
        assert book(client, party_size=2).status_code == 201
        verified = registrar._desk.verify(told["token"], at=NOON + timedelta(hours=21))
        assert verified.reason is Reason.REVOKED
        rows = [row for row in fake.record.visits.latest(limit=9) if row.kind is EntryKind.REVOKE]
        assert [row.operator for row in rows] == ["key:portal"]

    def test_is_not_another_key_s(self, client: TestClient) -> None:
        number = book(client).json()["number"]
        theirs = client.delete(f"{ADDRESS}/{number}", headers=of("desa"))
        unknown = client.delete(f"{ADDRESS}/7KQ2M9XV4T", headers=of("desa"))
        assert_problem(theirs, 404)
        assert theirs.content == unknown.content
        assert left(client) == 1

    def test_is_not_a_key_s_that_is_called_like_who_booked(
        self, client: TestClient, fake: FakeOffice, registrar: Registrar
    ) -> None:
        wanted = Request(service="KTP", day=date(2026, 11, 26), name="Budi")
        number = registrar.register(wanted, by="portal").receipt.number
        assert_problem(client.delete(f"{ADDRESS}/{number}", headers=of()), 404)
        theirs = book(client).json()["number"]
        assert [act.number for act in registrar.acts("portal")] == [number]
        assert client.delete(f"{ADDRESS}/{theirs}", headers=of()).status_code == 200

    def test_is_an_officer_s_by_their_log_in(self, client: TestClient, fake: FakeOffice) -> None:
        number = book(client).json()["number"]
        client.cookies.set(SESSION_COOKIE, open_session(fake, "rina"), domain="testserver.local")
        own = {"Sec-Fetch-Site": "same-origin"}
        for from_elsewhere in (
            {},
            {"Sec-Fetch-Site": "cross-site"},
            {"Sec-Fetch-Site": "same-site"},
            {"Origin": "https://evil.example"},
            {"Origin": "null"},
            {"X-CSRF-Token": "guessed"},
        ):
            assert_problem(client.delete(f"{ADDRESS}/{number}", headers=from_elsewhere), 403)
        assert client.delete(f"{ADDRESS}/{number}", headers=own).status_code == 200
        assert left(client) == 2
        assert fake.record.visits.latest(limit=1)[0].operator == "rina"
        assert_problem(client.delete(f"{ADDRESS}/7KQ2M9XV4T", headers=own), 404)

    def test_is_nobody_else_s(self, client: TestClient, fake: FakeOffice) -> None:
        number = book(client).json()["number"]
        assert_problem(client.delete(f"{ADDRESS}/{number}"), 401)
        client.cookies.set(SESSION_COOKIE, open_session(fake, "budi"), domain="testserver.local")
        assert_problem(client.delete(f"{ADDRESS}/{number}"), 403)
        wrong = {"Authorization": "Bearer guessed"}
        assert_problem(client.delete(f"{ADDRESS}/{number}", headers=wrong), 401)
        assert left(client) == 1


def examples() -> list[tuple[str, Any]]:
    """The calls of the documentation, each with the answer that it tells."""
    page = (Path(__file__).parents[3] / "docs" / "registration.md").read_text("utf-8")
    calls = re.findall(r"```\n(curl .*?)\n```\s+```json\n(.*?)\n```", page, re.DOTALL)
    return [(call.replace("\\\n", ""), json.loads(answer)) for call, answer in calls]


def is_as_told(told: Any, found: Any) -> bool:
    """The same, where a dash of three dots stands for anything; of a list the first are told."""
    if isinstance(told, dict):
        is_same = isinstance(found, dict) and list(told) == list(found)
        return is_same and all(
            key == "title" or is_as_told(value, found[key]) for key, value in told.items()
        )
    if isinstance(told, list):
        return len(told) <= len(found) and all(map(is_as_told, told, found))
    if isinstance(told, str) and told.endswith("…"):
        return isinstance(found, str) and found.startswith(told[:-1])
    return bool(told == found)


def test_the_documentation_s_calls_are_answered_as_it_tells(
    client: TestClient, fake: FakeOffice
) -> None:
    asked = Question(code="nomor", texts={"id": "Nomor pengajuan"}, is_required=True)
    names = {"id": "Kartu keluarga", "en": "Family card"}
    family = replace(SERVICES[1], slot_places=10, names=names, questions=(asked,))
    fake.record.facts.put(services={"KK": family})
    number, calls = "", examples()
    assert len(calls) == 6
    for call, told in calls:
        words = shlex.split(call.replace("KEY", KEYS["portal"], 1).replace("NUMBER", number))
        options = dict(zip(words[2::2], words[3::2], strict=True))
        headers = dict(one.split(": ", 1) for one in words[3::2] if ": " in one and "{" not in one)
        method = options.get("--request", "POST" if "--json" in options else "GET")
        body = json.loads(options["--json"]) if "--json" in options else None
        path = words[1].removeprefix("https://gerbang.example:8443")
        answer = client.request(method, path, headers=headers, json=body)
        assert is_as_told(told, answer.json()), (call, answer.text)
        number = answer.json().get("number", number)


def test_the_interface_is_described_as_it_is(client: TestClient) -> None:
    described = client.get("/api/v1/openapi.json").json()
    paths, schemas = described["paths"], described["components"]["schemas"]
    posted = paths["/api/v1/registrations"]["post"]
    assert posted["security"] == [{"key": []}]
    assert {"201", "401", "403", "409", "422", "503"} <= set(posted["responses"])
    assert list(schemas["Registered"]["required"]) == [
        "number", "token", "link", "valid_from", "expires", "slot",
    ]  # fmt: skip
    refusal = posted["responses"]["409"]["content"]["application/problem+json"]["schema"]
    (_, more) = refusal["allOf"]
    assert more["properties"]["code"]["enum"] == [
        "slot_full", "quota_reached", "service_closed", "online_only", "not_bookable",
    ]  # fmt: skip
    assert more["properties"]["alternatives"]["items"]["$ref"].rpartition("/")[2] in schemas
    cancelled = paths["/api/v1/registrations/{number}"]["delete"]
    assert cancelled["security"] == [{"key": []}, {"session": []}]
    asked = paths["/api/v1/services/{code}/slots"]["get"]
    assert asked["security"] == []
    assert [one["name"] for one in asked["parameters"]] == ["code", "from", "days"]


@pytest.fixture
def running_client(tmp_path: Path) -> Any:
    """The same office on a real database."""
    settings = Settings(_env_file=None, data=tmp_path / "data")
    with RunningOffice.open(settings, clock=FakeClock(NOON)) as running:
        for one in SERVICES:
            running.record.services.put(one)
        key = SystemKey(
            name="portal",
            scopes=frozenset({Scope.REGISTRATIONS}),
            key_hash=hash_token(KEYS["portal"]),
            created_at=NOON,
        )
        running.record.accounts.add_key(key, operator="dewi")
        with TestClient(create_app(running.office())) as client:
            yield client


def at_once(client: TestClient, requests: list[dict[str, Any]]) -> list[Response]:
    """All sent together."""
    together = Barrier(len(requests))

    def send(asked: dict[str, Any]) -> Response:
        together.wait()
        return book(client, **asked)

    with ThreadPoolExecutor(len(requests)) as threads:
        return list(threads.map(send, requests))


def test_a_booking_sent_many_times_at_once_is_one(running_client: TestClient) -> None:
    answers = at_once(running_client, [{"once": "a-1"}] * 8)
    assert [answer.text for answer in answers if answer.status_code != 201] == []
    assert len({answer.content for answer in answers}) == 1
    assert left(running_client) == 1


def test_the_last_places_go_to_as_many_as_there_are(running_client: TestClient) -> None:
    starts = ("09:00", "09:30", "10:00")
    asked = [{"start": starts[n % 3], "once": f"a-{n}"} for n in range(32)]
    answers = at_once(running_client, asked)
    given = [one.json()["slot"]["start"] for one in answers if one.status_code == 201]
    assert sorted(given) == sorted(starts * 2)
    refused = [one.json() for one in answers if one.status_code == 409]
    assert len(refused) == 26
    assert {one["code"] for one in refused} == {"slot_full"}
    assert [left(running_client, start) for start in starts] == [0, 0, 0]
    last = refused[-1]["alternatives"]
    assert last
    free = book(running_client, date=last[-1]["date"], start=last[-1]["start"])
    assert free.status_code == 201
