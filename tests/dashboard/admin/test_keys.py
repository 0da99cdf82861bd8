"""Keys of the interface and of other issuers, from a page."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from fastapi.testclient import TestClient
from httpx2 import Response

from dashboard.web.auth import hash_token
from screening.accounts import Scope
from tests.dashboard.conftest import Browse, send
from tests.dashboard.fakes import FakeOffice

KEYS = "/admin/keys"


def pem() -> str:
    key = Ed25519PrivateKey.generate().public_key()
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def do(client: TestClient, path: str, **fields: str) -> Response:
    seen = send(client, KEYS, f"{KEYS}/{path}", **fields).context["seen"]
    return send(client, KEYS, f"{KEYS}/{path}", **fields, step="change", seen=seen)


def told(fake: FakeOffice) -> list[str | None]:
    return [row.remark for row in fake.record.visits.export()]


def test_a_key_is_made_shown_once_used_and_revoked(
    logged_in: Browse, client: TestClient, fake: FakeOffice
) -> None:
    admin = logged_in("admin")
    shown = send(admin, KEYS, f"{KEYS}/make", name="portal", scopes="figures")
    secret = shown.context["secret"]
    (key,) = fake.record.accounts.system_keys()
    assert (key.name, key.scopes, key.key_hash) == (
        "portal",
        frozenset({Scope.FIGURES}),
        hash_token(secret),
    )
    assert secret not in admin.get(KEYS).text
    figures = "/api/v1/figures?from=2026-11-24&to=2026-11-24&by=day"
    bearer = {"Authorization": f"Bearer {secret}"}
    assert client.get(figures, headers=bearer).status_code == 200
    fake.office.known.refresh()
    (line,) = admin.get(KEYS).context["keys"]
    assert "24" in line.used
    done = do(admin, "revoke", name="portal")
    assert done.headers["location"] == f"{KEYS}?done=revoked"
    assert fake.record.accounts.system_keys() == []
    assert told(fake) == ["keys.portal: – → figures", "keys.portal: figures → –"]
    assert send(admin, KEYS, f"{KEYS}/revoke", name="portal").status_code == 404


@pytest.mark.parametrize(
    "fields", [{"name": "portal"}, {"name": "", "scopes": "status"}, {"scopes": "everything"}]
)
def test_a_key_without_name_or_purpose_is_not_made(
    logged_in: Browse, fake: FakeOffice, fields: dict[str, str]
) -> None:
    answer = send(logged_in("admin"), KEYS, f"{KEYS}/make", **fields)
    assert answer.status_code == 422
    assert fake.record.accounts.system_keys() == []


def test_an_issuers_key_is_pasted_given_an_end_and_removed(
    logged_in: Browse, fake: FakeOffice
) -> None:
    admin = logged_in("admin")
    looked = send(admin, KEYS, f"{KEYS}/issuers/add", issuer="PORTAL", key=pem(), ends="2027-12-31")
    assert len(looked.context["differences"]) == 1
    assert fake.record.facts.current().issuer_keys == ()
    text = pem()
    do(admin, "issuers/add", issuer="PORTAL", key=text, ends="2027-12-31")
    (key,) = fake.record.facts.current().issuer_keys
    assert (key.issuer, key.not_after) == ("PORTAL", datetime(2027, 12, 30, 17, tzinfo=UTC))
    (line,) = admin.get(KEYS).context["issuers"]
    assert (line.state, line.kid) == ("good", key.kid.hex())
    do(admin, "issuers/until", issuer="PORTAL", kid=line.kid, ends="2026-11-24")
    (line,) = admin.get(KEYS).context["issuers"]
    assert line.state == "over"
    do(admin, "issuers/until", issuer="PORTAL", kid=line.kid, ends="")
    assert fake.record.facts.current().issuer_keys[0].not_after is None
    do(admin, "issuers/remove", issuer="PORTAL", kid=line.kid)
    assert fake.record.facts.current().issuer_keys == ()


@pytest.mark.parametrize(
    "fields",
    [
        {"key": "nonsense"},
        {"key": json.dumps({"kty": "OKP", "crv": "Ed25519", "d": "x", "x": "x"})},
        {"issuer": "A name that is far too long"},
        {"issuer": ""},
        {"ends": "tomorrow"},
        {"begins": "2027-01-01", "ends": "2026-01-01"},
    ],
    ids=["no key", "a private key", "a long name", "no name", "no day", "backwards"],
)
def test_what_is_no_issuers_key_is_told_and_kept(
    logged_in: Browse, fake: FakeOffice, fields: dict[str, str]
) -> None:
    form = {"issuer": "PORTAL", "key": pem()} | fields
    answer = send(logged_in("admin"), KEYS, f"{KEYS}/issuers/add", **form)
    assert answer.status_code == 422
    assert answer.context["around"].problem
    assert answer.context["typed"]["key"] == form["key"]
    assert fake.record.facts.current().issuer_keys == ()


def test_a_list_of_receipts_is_trusted_no_more(logged_in: Browse, fake: FakeOffice) -> None:
    fake.record.facts.put(imported={"OLD": 120})
    admin = logged_in("admin")
    assert admin.get(KEYS).context["imported"] == (("OLD", "120"),)
    do(admin, "issuers/remove", issuer="OLD")
    assert fake.record.facts.current().imported == {}


def test_what_is_not_there_cannot_be_ended(logged_in: Browse) -> None:
    admin = logged_in("admin")
    for path in ("issuers/until", "issuers/remove"):
        answer = send(admin, KEYS, f"{KEYS}/{path}", issuer="NOBODY", kid="zz")
        assert answer.status_code == 422
