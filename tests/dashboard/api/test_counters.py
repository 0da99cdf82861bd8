"""What a counter asks for by an interface, and the queue that displays read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response

from screening.accounts import Scope
from screening.office.changes import with_changed_counter, with_counter
from screening.visits import Visit
from tests.contracts.builders import attempt, receipt, the
from tests.dashboard.api.test_api import assert_problem
from tests.dashboard.api.test_receipts import PORTAL, add_key
from tests.dashboard.conftest import Browse
from tests.dashboard.fakes import NOON, FakeOffice

REFUSED = "queue-refused"


@pytest.fixture(autouse=True)
def _counters(fake: FakeOffice) -> None:
    for name in ("1", "Loket-2"):
        fake.record.facts.change(with_counter(name, {}), operator="siti", at=NOON)
    add_key(fake, Scope.QUEUE, Scope.STATUS)


def come(fake: FakeOffice, number: str | None = None, service: str = "KTP") -> Visit:
    claims = None if number is None else receipt(number=number, service=service)
    return the(fake.record.visits.write(attempt(receipt=claims, service=service, at=NOON)).visit)


def ask(
    client: TestClient,
    act: str,
    counter: str = "1",
    *,
    key: str | None = None,
    body: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] = PORTAL,
) -> Response:
    sent = {**headers, **({} if key is None else {"Idempotency-Key": key})}
    address = f"/api/v1/counters/{counter}/{act}"
    if body is None:
        return client.post(address, headers=sent)
    return client.post(address, headers=sent, json=dict(body))


def test_the_next_visitor_is_called(client: TestClient, fake: FakeOffice) -> None:
    visit = come(fake, "7KQ2M9XV4T")
    answer = ask(client, "next", key="1")

    assert answer.status_code == 200
    assert answer.json() == {
        "ticket": visit.ticket, "service": "KTP", "receipt_number": "7KQ2M9XV4T",
        "steps": ["KTP"], "called_at": NOON.isoformat().replace("+00:00", "Z"),
    }  # fmt: skip
    row = list(fake.record.visits.export())[-1]
    assert (row.kind, row.operator) == ("queue", "key:portal")


def test_a_counter_is_found_in_letters_of_either_case_as_its_page_is(
    client: TestClient, fake: FakeOffice
) -> None:
    visit = come(fake)
    assert ask(client, "next", "loket-2").json()["ticket"] == visit.ticket
    (called,) = client.get("/api/v1/queue", headers=PORTAL).json()["called"]
    assert called["counter"] == "Loket-2"
    assert ask(client, "done", "LOKET-2").status_code == 200


def test_nobody_waits_is_an_empty_answer(client: TestClient) -> None:
    answer = ask(client, "next", key="1")
    assert (answer.status_code, answer.content) == (204, b"")


def test_the_same_key_calls_nobody_else(client: TestClient, fake: FakeOffice) -> None:
    come(fake), come(fake)
    first = ask(client, "next", key="1")
    assert ask(client, "next", key="1").content == first.content
    assert_problem(ask(client, "park", key="1"), 422, "idempotency-key-reused")
    assert client.get("/api/v1/status").json()["queue_waiting"] == 1


def test_a_counter_that_is_busy_is_told_so(client: TestClient, fake: FakeOffice) -> None:
    come(fake), come(fake)
    ask(client, "next", key="1")
    answer = ask(client, "next", key="2")
    assert_problem(answer, 409, REFUSED)
    assert answer.json()["code"] == "counter_busy"
    assert ask(client, "next", key="2").json() == answer.json()


@pytest.mark.parametrize(
    ("acts", "state"),
    [
        (["recall"], "called"),
        (["arrived"], "serving"),
        (["park"], "parked"),
        (["missed"], "missed"),
        (["arrived", "park"], "parked"),
        (["done"], "done"),
        (["arrived", "done"], "done"),
        (["done", "undo"], "called"),
        (["undo"], "waiting"),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, list) else value,
)
def test_what_follows_a_call(
    client: TestClient, fake: FakeOffice, acts: list[str], state: str
) -> None:
    visit = come(fake)
    ask(client, "next", "Loket-2", key="0")
    for number, act in enumerate(acts, 1):
        answer = ask(client, act, "Loket-2", key=str(number))
        assert answer.status_code == 200
    assert (answer.json()["ticket"], answer.json()["state"]) == (visit.ticket, state)


def test_done_keeps_the_outcome_in_the_officer_s_words(
    client: TestClient, fake: FakeOffice
) -> None:
    come(fake)
    ask(client, "next")
    assert ask(client, "done", body={"outcome": "selesai"}).json()["state"] == "done"


def test_done_is_taken_back_or_ends_another_way_after_the_next_call(
    client: TestClient, fake: FakeOffice
) -> None:
    first, second = come(fake).ticket, come(fake).ticket
    ask(client, "next")
    ask(client, "done", body={"outcome": "selesai"})
    ask(client, "next", key="2")
    changed = ask(client, "outcome", body={"ticket": first, "outcome": "berkas kurang"})
    assert (changed.status_code, changed.json()["state"]) == (200, "done")
    assert [one.outcome for one in fake.record.queue.finished(since=NOON)] == ["berkas kurang"]
    assert ask(client, "undo", body={"ticket": first}).json()["state"] == "waiting"
    assert_problem(ask(client, "undo", body={"ticket": first}, key="3"), 409, REFUSED)
    assert ask(client, "undo", key="4").json()["ticket"] == second


def test_a_visitor_is_sent_on_to_another_service(client: TestClient, fake: FakeOffice) -> None:
    come(fake)
    ask(client, "next")
    assert_problem(ask(client, "forward", body={"service": "XYZ"}), 422, REFUSED)
    assert_problem(ask(client, "forward", body={}), 422)
    sent = ask(client, "forward", body={"service": "kk"}).json()
    assert (sent["service"], sent["steps"], sent["state"]) == ("KK", ["KK"], "waiting")


def test_a_chosen_one_is_called_and_taken_back(client: TestClient, fake: FakeOffice) -> None:
    come(fake)
    chosen = come(fake).ticket
    assert ask(client, "call-ahead", body={"ticket": chosen}).json()["state"] == "waiting"
    assert ask(client, "call", body={"ticket": chosen}).json()["ticket"] == chosen
    ask(client, "missed")
    assert ask(client, "take-back", body={"ticket": chosen}).json()["state"] == "waiting"


@pytest.mark.parametrize(
    ("act", "counter", "body", "status", "code"),
    [
        ("next", "9", None, 404, "unknown_counter"),
        ("recall", "1", None, 409, "nobody_here"),
        ("done", "1", None, 409, "nobody_here"),
        ("undo", "1", None, 409, "nothing_to_undo"),
        ("call", "1", {"ticket": "X-1"}, 404, "unknown_ticket"),
    ],
)
def test_what_cannot_be_done_is_told_by_a_code(
    client: TestClient, act: str, counter: str, body: dict[str, str] | None, status: int, code: str
) -> None:
    answer = ask(client, act, counter, body=body)
    assert_problem(answer, status, REFUSED)
    assert answer.json()["code"] == code


def test_a_closed_counter_calls_nobody(client: TestClient, fake: FakeOffice) -> None:
    come(fake)
    close = with_changed_counter("1", {"open": "no"})
    fake.record.facts.change(close, operator="siti", at=NOON)
    assert ask(client, "next").json()["code"] == "counter_closed"


def test_a_key_needs_the_scope(client: TestClient, fake: FakeOffice) -> None:
    add_key(fake, Scope.STATUS, name="display", key="gerbang_of-the-display")
    display = {"Authorization": "Bearer gerbang_of-the-display"}
    assert_problem(ask(client, "next", headers=display), 403)
    assert_problem(ask(client, "next", headers={}), 401)
    assert client.get("/api/v1/queue", headers=display).status_code == 200
    assert_problem(client.get("/api/v1/queue"), 401)


def test_an_officer_who_has_logged_in_may_call(logged_in: Browse, fake: FakeOffice) -> None:
    come(fake)
    browser = logged_in("rina")
    for from_elsewhere in (
        {},
        {"Sec-Fetch-Site": "cross-site"},
        {"Origin": "https://evil.example"},
        {"X-CSRF-Token": "guessed"},
    ):
        assert_problem(ask(browser, "next", headers=from_elsewhere), 403)
    token = {"X-CSRF-Token": "form-token-of-rina", "Origin": "http://other.name"}
    assert ask(browser, "next", headers=token).status_code == 200
    assert list(fake.record.visits.export())[-1].operator == "rina"
    own = {"Origin": "http://testserver", "Sec-Fetch-Site": "same-origin"}
    assert ask(browser, "done", headers=own).status_code == 200
    assert_problem(ask(logged_in("budi"), "next", headers=token), 403)


def test_the_queue_is_told_in_order(client: TestClient, fake: FakeOffice) -> None:
    first, second = come(fake), come(fake, service="LEGALISIR")
    ask(client, "next")
    assert client.get("/api/v1/queue", headers=PORTAL).json() == {
        "waiting": [
            {
                "ticket": second.ticket, "service": "LEGALISIR",
                "since": NOON.isoformat().replace("+00:00", "Z"),
                "priority": False, "expected": None,
            }
        ],
        "called": [
            {
                "ticket": first.ticket, "service": "KTP", "counter": "1", "state": "called",
                "called_at": NOON.isoformat().replace("+00:00", "Z"),
                "recalled_at": NOON.isoformat().replace("+00:00", "Z"), "calls": 1,
            }
        ],
        "counters": [
            {
                "name": "1", "place": "1", "room": None, "services": [], "open": True,
                "ticket": first.ticket,
            },
            {
                "name": "Loket-2", "place": "Loket-2", "room": None, "services": [], "open": True,
                "ticket": None,
            },
        ],
    }  # fmt: skip
