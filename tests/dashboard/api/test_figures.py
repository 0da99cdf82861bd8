"""``GET /api/v1/figures``: who may ask, what comes in which form, and what cannot be asked."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from starlette.testclient import TestClient

from dashboard.app import create_app
from dashboard.web.auth import SESSION_COOKIE, hash_token
from screening.accounts import Scope, SystemKey
from screening.decision import DecisionKind, Reason
from screening.office.changes import with_counter
from screening.queue.queue import Order
from screening.queue.tickets import Act
from tests.contracts.builders import attempt
from tests.contracts.test_bookings import book, service
from tests.dashboard.fakes import NOON, FakeOffice, make_office, open_session

TODAY = "2026-11-24"
HEADER = [
    *("key", "booked", "came", "admitted", "refused", "referred", "served", "no_show"),
    *("wait_minutes_p50", "wait_minutes_p90", "service_minutes_p50", "service_minutes_p90"),
]
NOTHING = {
    **dict.fromkeys(HEADER[1:8], 0),
    "wait_minutes": None,
    "service_minutes": None,
}


@pytest.fixture
def fake() -> FakeOffice:
    made = make_office()
    for name, scope in (("portal", Scope.FIGURES), ("other", Scope.STATUS)):
        made.record.accounts.add_key(
            SystemKey(
                name=name,
                scopes=frozenset({scope}),
                key_hash=hash_token(f"key-of-{name}"),
                created_at=NOON,
            ),
            operator="admin",
        )
    return made


@pytest.fixture
def client(fake: FakeOffice) -> Iterator[TestClient]:
    with TestClient(create_app(fake.office)) as client:
        yield client


def ask(client: TestClient, *, key: str | None = "portal", accept: str = "", **query: Any) -> Any:
    headers = {"accept": accept}
    if key is not None:
        headers["authorization"] = f"Bearer key-of-{key}"
    days = {"from": TODAY, "to": TODAY}
    return client.get("/api/v1/figures", params={**days, **query}, headers=headers)


def rows(client: TestClient, **query: Any) -> dict[str, Any]:
    answer = ask(client, **query)
    assert answer.status_code == 200, answer.text
    return {row.pop("key"): row for row in answer.json()["rows"]}


def serve_one(fake: FakeOffice) -> None:
    """Somebody waits ten minutes, is served for five, and another one is refused."""
    fake.record.facts.change(with_counter("1", {"services": "all"}), operator="s", at=NOON)
    fake.record.visits.write(attempt(service="KTP", at=NOON))
    denied = {"decision": DecisionKind.DENY, "reason": Reason.EXPIRED}
    fake.record.visits.write(attempt(service="KTP", at=NOON, **denied))
    for minutes, act in ((10, Act.CALL_NEXT), (10, Act.ARRIVED), (15, Act.DONE)):
        order = Order(act=act, counter="1", by="rina")
        fake.record.queue.act(order, at=NOON + timedelta(minutes=minutes))


def test_tells_what_happened_by_each_key(fake: FakeOffice, client: TestClient) -> None:
    serve_one(fake)
    served = {
        **NOTHING,
        "came": 1,
        "admitted": 1,
        "refused": 1,
        "served": 1,
        "wait_minutes": {"p50": 10.0, "p90": 10.0},
        "service_minutes": {"p50": 5.0, "p90": 5.0},
    }
    assert rows(client) == {TODAY: served}
    assert rows(client, by="hour") == {f"{TODAY}T12:00+07:00": served}
    assert rows(client, by="service") == {"KTP": served}
    assert rows(client, by="gate") == {"utama": served}
    assert rows(client, by="reason") == {
        "admitted": {**served, "refused": 0},
        "expired": {**NOTHING, "refused": 1},
    }


def test_tells_each_day_also_one_with_nothing(client: TestClient) -> None:
    found = rows(client, **{"from": "2026-11-22"})
    assert found == {"2026-11-22": NOTHING, "2026-11-23": NOTHING, TODAY: NOTHING}
    assert rows(client, by="service") == {}


def test_comes_as_csv_with_the_same_columns(fake: FakeOffice, client: TestClient) -> None:
    serve_one(fake)
    answer = ask(client, format="csv", by="service")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert list(csv.reader(io.StringIO(answer.text))) == [
        HEADER,
        ["KTP", "0", "1", "1", "1", "0", "1", "0", "10.0", "10.0", "5.0", "5.0"],
    ]


def test_comes_as_a_workbook_with_typed_cells(fake: FakeOffice, client: TestClient) -> None:
    serve_one(fake)
    answer = ask(client, format="xlsx")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as book:
        page = book.read("xl/worksheets/sheet1.xml").decode()
        texts = book.read("xl/sharedStrings.xml").decode()
    assert "<f>" not in page
    assert all(f"<t>{name}</t>" in texts for name in HEADER)
    day = (date.fromisoformat(TODAY) - date(1899, 12, 30)).days
    assert f"<v>{day}</v>" in page
    assert TODAY not in texts


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("", "application/json"),
        ("*/*", "application/json"),
        ("text/csv", "text/csv; charset=utf-8"),
        ("text/html, text/csv;q=0.9", "text/csv; charset=utf-8"),
        (
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        ),
    ],
)
def test_comes_as_what_is_accepted(client: TestClient, accept: str, kind: str) -> None:
    assert ask(client, accept=accept).headers["content-type"] == kind


def test_no_cell_is_a_formula(fake: FakeOffice, client: TestClient) -> None:
    fake.record.visits.write(attempt(gate="=1+1", at=NOON))
    assert ask(client, by="gate", format="csv").text.splitlines()[1].startswith("'=1+1,")
    workbook = ask(client, by="gate", format="xlsx").content
    with zipfile.ZipFile(io.BytesIO(workbook)) as book:
        assert "<f>" not in book.read("xl/worksheets/sheet1.xml").decode()


@pytest.mark.parametrize(
    ("query", "where"),
    [
        ({"from": "tomorrow"}, "query.from"),
        ({"from": "2026-02-30"}, "query.from"),
        ({"to": "20261124"}, "query.to"),
        ({"from": "2026-11-25"}, "query.to"),
        ({"from": "0001-01-01"}, "query.from"),
        ({"to": "9999-12-31"}, "query.to"),
        ({"from": "2016-01-01"}, "query.to"),
        ({"from": "2025-11-23", "by": "hour"}, "query.to"),
        ({"by": "weather"}, "query.by"),
        ({"format": "pdf"}, "query.format"),
    ],
)
def test_says_what_is_wrong_with_a_question(
    client: TestClient, query: dict[str, str], where: str
) -> None:
    answer = ask(client, **query)
    assert answer.status_code == 422
    assert [error["where"] for error in answer.json()["errors"]] == [where]


def test_is_for_keys_with_the_scope_and_for_managers(fake: FakeOffice, client: TestClient) -> None:
    assert ask(client, key=None).status_code == 401
    assert ask(client, key="nobody").status_code == 401
    assert ask(client, key="other").status_code == 403
    for name, status in (("dewi", 200), ("admin", 200), ("rina", 403), ("budi", 403)):
        client.cookies.set(SESSION_COOKIE, open_session(fake, name))
        assert ask(client, key=None).status_code == status


def test_booked_people_are_told_for_days_to_come(fake: FakeOffice, client: TestClient) -> None:
    fake.record.services.put(replace(service(), letter="K"))
    book(fake.record, date(2026, 11, 25), at=NOON, party_size=2)
    found = rows(client, to="2026-11-26")
    assert [found[day]["booked"] for day in sorted(found)] == [0, 2, 0]
