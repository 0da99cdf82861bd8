"""What another system may do by its key, and what a key that is not good is told."""

from __future__ import annotations

from datetime import timedelta

import pytest
from fastapi.testclient import TestClient

from dashboard.web.auth import hash_token, is_of_somebody_known
from screening.accounts import KNOWN_FOR_S, UNKNOWN_S, USE_KEPT_EVERY, Scope, SystemKey
from tests.contracts.builders import receipt
from tests.dashboard.api.test_api import assert_problem
from tests.dashboard.fakes import NOON, STATION_TOKEN, FakeOffice

KEY = "gerbang_of-the-portal"
PORTAL = {"Authorization": f"Bearer {KEY}"}
WHY = {"reason": "registered twice"}


def add_key(fake: FakeOffice, *scopes: Scope, name: str = "portal", key: str = KEY) -> None:
    fake.record.accounts.add_key(
        SystemKey(name=name, scopes=frozenset(scopes), key_hash=hash_token(key), created_at=NOON),
        operator="dewi",
    )


def number_of_a_receipt(fake: FakeOffice, **changes: str) -> str:
    claims = receipt(issuer=fake.office.settings.site.code, **changes)
    fake.record.receipts.add(claims)
    return claims.number


def address(number: str) -> str:
    return f"/api/v1/receipts/{number}/revoke"


def test_a_key_revokes_a_receipt_and_the_log_has_its_name(
    client: TestClient, fake: FakeOffice
) -> None:
    add_key(fake, Scope.REGISTRATIONS)
    number = number_of_a_receipt(fake)
    for _ in range(2):  # once more does no harm
        answer = client.post(address(number), json=WHY, headers=PORTAL)
        assert answer.status_code == 200
        assert answer.json() == {
            "number": number, "issuer": fake.office.settings.site.code, "revoked": True,
        }  # fmt: skip
    row = list(fake.record.visits.export())[-1]
    assert (row.kind, row.operator, row.remark) == ("revoke", "key:portal", "registered twice")


def test_a_number_with_a_slash_in_it_is_one(client: TestClient, fake: FakeOffice) -> None:
    add_key(fake, Scope.REGISTRATIONS)
    number = number_of_a_receipt(fake, number="470/12/2026")
    for written in (number, number.replace("/", "%2F")):
        assert client.post(address(written), json=WHY, headers=PORTAL).json()["number"] == number


def test_a_receipt_that_is_not_here_is_told(client: TestClient, fake: FakeOffice) -> None:
    add_key(fake, Scope.REGISTRATIONS)
    assert_problem(client.post(address("7KQ2M9XV4T"), json=WHY, headers=PORTAL), 404)


@pytest.mark.parametrize("body", [{}, {"reason": ""}, {"reason": "x" * 201}, {"because": "x"}])
def test_a_revocation_needs_a_reason(
    client: TestClient, fake: FakeOffice, body: dict[str, str]
) -> None:
    add_key(fake, Scope.REGISTRATIONS)
    assert_problem(client.post(address("X"), json=body, headers=PORTAL), 422)


@pytest.mark.parametrize(
    "header",
    [None, "Bearer", "Bearer ", f"Basic {KEY}", "Bearer guessed", f"Bearer {STATION_TOKEN}"],
)
def test_whoever_has_no_key_is_asked_for_one(
    client: TestClient, fake: FakeOffice, header: str | None
) -> None:
    add_key(fake, Scope.REGISTRATIONS)
    headers = {} if header is None else {"Authorization": header}
    answer = client.post(address("X"), json=WHY, headers=headers)
    assert_problem(answer, 401)
    assert answer.headers["www-authenticate"].startswith("Bearer")


def test_a_key_without_the_scope_is_refused(client: TestClient, fake: FakeOffice) -> None:
    add_key(fake, Scope.STATUS, Scope.QUEUE, Scope.FIGURES)
    answer = client.post(address("X"), json=WHY, headers=PORTAL)
    body = assert_problem(answer, 403)
    assert "registrations" in str(body["detail"])
    assert 'error="insufficient_scope"' in answer.headers["www-authenticate"]


def test_a_revoked_key_is_worthless_within_two_seconds(
    client: TestClient, fake: FakeOffice
) -> None:
    add_key(fake, Scope.REGISTRATIONS)
    number = number_of_a_receipt(fake)
    assert client.post(address(number), json=WHY, headers=PORTAL).status_code == 200
    fake.record.accounts.revoke_key("portal", operator="dewi", at=NOON)
    fake.clock.move_to(NOON + timedelta(seconds=KNOWN_FOR_S))
    assert_problem(client.post(address(number), json=WHY, headers=PORTAL), 401)


def test_a_key_that_was_made_a_moment_ago_is_good(client: TestClient, fake: FakeOffice) -> None:
    number = number_of_a_receipt(fake)
    assert_problem(client.post(address(number), json=WHY, headers=PORTAL), 401)
    add_key(fake, Scope.REGISTRATIONS)
    fake.clock.move_to(NOON + timedelta(seconds=UNKNOWN_S))
    fake.office.known.refresh()
    assert client.post(address(number), json=WHY, headers=PORTAL).status_code == 200


def test_the_last_use_is_written_once_in_a_while(client: TestClient, fake: FakeOffice) -> None:
    add_key(fake, Scope.REGISTRATIONS)
    number = number_of_a_receipt(fake)
    seen = []
    for wait in (timedelta(), timedelta(minutes=1), USE_KEPT_EVERY):
        fake.clock.move_to(fake.clock.now() + wait)
        client.post(address(number), json=WHY, headers=PORTAL)
        fake.office.known.refresh()
        (key,) = fake.record.accounts.system_keys()
        assert key.used_at is not None
        seen.append(key.used_at - NOON)
    assert seen == [timedelta(), timedelta(), USE_KEPT_EVERY + timedelta(minutes=1)]


def test_whoever_has_a_key_is_known_to_the_server(fake: FakeOffice) -> None:
    add_key(fake, Scope.STATUS)
    fake.office.known.refresh()
    header = (b"authorization", PORTAL["Authorization"].encode())
    assert is_of_somebody_known([header], fake.office.known)


def test_the_interface_tells_that_it_wants_a_key(client: TestClient) -> None:
    described = client.get("/api/v1/openapi.json").json()
    (revoke,) = described["paths"]["/api/v1/receipts/{number}/revoke"].values()
    assert revoke["security"] == [{"key": []}]
    assert described["components"]["securitySchemes"]["key"]["scheme"] == "bearer"
    assert {"401", "403", "404", "422", "503"} <= set(revoke["responses"])


def test_a_write_sent_again_gets_the_first_answer_byte_for_byte(
    client: TestClient, fake: FakeOffice
) -> None:
    add_key(fake, Scope.REGISTRATIONS)
    number = number_of_a_receipt(fake)
    once = {**PORTAL, "Idempotency-Key": "k-1"}
    first = client.post(address(number), json=WHY, headers=once)
    assert first.status_code == 200
    fake.record.receipts._receipts.clear()  # the answer was kept, and is not made anew
    again = client.post(address(number), json=WHY, headers=once)
    assert (again.status_code, again.content) == (200, first.content)
    assert again.headers["content-type"] == first.headers["content-type"]
    assert_problem(client.post(address(number), json=WHY, headers=PORTAL), 404)


def test_another_request_under_a_used_key_is_refused(client: TestClient, fake: FakeOffice) -> None:
    add_key(fake, Scope.REGISTRATIONS)
    number, other = number_of_a_receipt(fake), number_of_a_receipt(fake)
    once = {**PORTAL, "Idempotency-Key": "k-1"}
    assert client.post(address(number), json=WHY, headers=once).status_code == 200
    for path, body in ((address(number), {"reason": "lost"}), (address(other), WHY)):
        answer = client.post(path, json=body, headers=once)
        assert_problem(answer, 422, "idempotency-key-reused")


def test_each_system_has_idempotency_keys_of_its_own(client: TestClient, fake: FakeOffice) -> None:
    add_key(fake, Scope.REGISTRATIONS)
    add_key(fake, Scope.REGISTRATIONS, name="other", key="gerbang_other")
    number = number_of_a_receipt(fake)
    for key in (KEY, "gerbang_other"):
        headers = {"Authorization": f"Bearer {key}", "Idempotency-Key": "k-1"}
        reason = {"reason": f"as {key} says"}
        assert client.post(address(number), json=reason, headers=headers).status_code == 200


@pytest.mark.parametrize("sent", ["", "a b", "x" * 129])
def test_an_idempotency_key_is_short_and_plain(
    client: TestClient, fake: FakeOffice, sent: str
) -> None:
    add_key(fake, Scope.REGISTRATIONS)
    headers = {**PORTAL, "Idempotency-Key": sent}
    assert_problem(client.post(address("X"), json=WHY, headers=headers), 422)
