"""Logging in with a passkey besides the password, answered by an authenticator in software."""

from __future__ import annotations

import hashlib
import html
import json
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import cbor2
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.hashes import SHA256
from fastapi import FastAPI
from fastapi.testclient import TestClient
from httpx2 import Response
from hypothesis import given
from hypothesis import strategies as st
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url

from dashboard.app import create_app
from dashboard.web.auth import SESSION_COOKIE
from dashboard.web.guessing import FAILURES_ALLOWED
from dashboard.web.passkeys import (
    GOOD_FOR,
    PasskeyPlace,
    PasskeyRefused,
    WhyNoPasskeys,
    count_of,
    made_passkey,
    new_challenge,
    place_of,
    told_passkey,
)
from dashboard.web.speech import Clips
from screening.accounts import Passkey, Role, User
from screening.office.facts import SecondFactor
from screening.settings import Settings
from tests.dashboard.conftest import log_in, send, token_in
from tests.dashboard.fakes import NOON, PASSWORD, FakeOffice, make_office, open_session
from tests.dashboard.web.test_second_factor import hidden

ORIGIN = "https://gate.example"
PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


def ask_of(page: Response) -> dict[str, Any]:
    """What the page asks the browser for."""
    found = re.search(r'data-options="([^"]+)"', page.text)
    assert found is not None, page.text
    asked: dict[str, Any] = json.loads(html.unescape(found[1]))
    return asked


@dataclass
class Authenticator:
    """A security key and the browser before it, as the specification draws them (section 6)."""

    origin: str = ORIGIN
    site_name: str = "gate.example"
    flags: int = PRESENT | VERIFIED
    counts: bool = True
    count: int = 0
    raw_id: bytes = b"a key of sixteen"
    key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )

    def make(self, asked: dict[str, Any]) -> str:
        """The answer to ``navigator.credentials.create``."""
        numbers = self.key.public_key().public_numbers()
        cose = {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32), -3: numbers.y.to_bytes(32)}
        attested = bytes(16) + len(self.raw_id).to_bytes(2) + self.raw_id + cbor2.dumps(cose)
        told = {"fmt": "none", "attStmt": {}, "authData": self._data(ATTESTED) + attested}
        return self._answer(
            clientDataJSON=self._client("webauthn.create", asked),
            attestationObject=cbor2.dumps(told),
        )

    def show(self, asked: dict[str, Any]) -> str:
        """The answer to ``navigator.credentials.get``."""
        self.count += self.counts
        client, data = self._client("webauthn.get", asked), self._data()
        signed = data + hashlib.sha256(client).digest()
        return self._answer(
            clientDataJSON=client,
            authenticatorData=data,
            signature=self.key.sign(signed, ec.ECDSA(SHA256())),
        )

    def _data(self, more: int = 0) -> bytes:
        name = hashlib.sha256(self.site_name.encode()).digest()
        return name + bytes([self.flags | more]) + self.count.to_bytes(4)

    def _client(self, kind: str, asked: dict[str, Any]) -> bytes:
        told = {"type": kind, "challenge": asked["challenge"], "origin": self.origin}
        return json.dumps(told).encode()

    def _answer(self, **response: bytes) -> str:
        told = {name: bytes_to_base64url(value) for name, value in response.items()}
        called = bytes_to_base64url(self.raw_id)
        return json.dumps({"id": called, "rawId": called, "type": "public-key", "response": told})


@pytest.fixture
def fake() -> FakeOffice:
    return make_office(settings=Settings(_env_file=None, web={"public_url": ORIGIN}))


@pytest.fixture
def client(app: FastAPI) -> TestClient:
    return TestClient(app, base_url=ORIGIN, follow_redirects=False)


def logged_in(app: FastAPI, fake: FakeOffice, name: str, origin: str = ORIGIN) -> TestClient:
    client = TestClient(app, base_url=origin, follow_redirects=False)
    client.cookies.set(SESSION_COOKIE, open_session(fake, name))
    return client


@pytest.fixture
def dewi(app: FastAPI, fake: FakeOffice) -> TestClient:
    """The manager, logged in."""
    return logged_in(app, fake, "dewi")


def add(client: TestClient, device: Authenticator, label: str = "Phone") -> Response:
    """Make a passkey on the page of somebody's own log-in."""
    page = send(client, "/account", "/account/passkeys", current=PASSWORD, label=label)
    answer = device.make(ask_of(page))
    return client.post("/account/passkeys/keep", data=hidden(page) | {"credential": answer})


@pytest.fixture
def phone(dewi: TestClient) -> Authenticator:
    """The manager's passkey."""
    device = Authenticator()
    add(dewi, device)
    return device


def half_way(client: TestClient, name: str = "dewi") -> Response:
    """The page that asks for the second factor."""
    answer = log_in(client, name, following="/dashboard/mode")
    return client.get(answer.headers["location"])


def show(client: TestClient, page: Response, device: Authenticator) -> Response:
    """Send what the device says to that page."""
    form = hidden(page) | {"credential": device.show(ask_of(page))}
    return client.post("/login/passkey", data=form)


def passkeys_of(fake: FakeOffice, name: str = "dewi") -> list[Passkey]:
    return fake.record.accounts.passkeys(name)


def remarks(fake: FakeOffice) -> list[tuple[str | None, str | None]]:
    return [(row.operator, row.remark) for row in fake.record.visits.export()]


class TestAdding:
    def test_gives_recovery_codes_with_the_first_one(
        self, dewi: TestClient, fake: FakeOffice
    ) -> None:
        done = add(dewi, Authenticator())
        assert done.template.name == "recovery_codes.html"
        assert len(done.context["codes"]) == 10
        again = add(dewi, Authenticator(raw_id=b"another key"), label="Stick")
        assert again.headers["location"] == "/account?done=passkey"
        page = dewi.get("/account?done=passkey").context
        assert [one.label for one in page["passkeys"]] == ["Phone", "Stick"]
        assert page["recovery_left"] == 10
        assert remarks(fake) == [
            ("dewi", "users.dewi.passkeys: – → Phone"),
            ("dewi", "users.dewi.recovery_codes: 0 → 10"),
            ("dewi", "users.dewi.passkeys: Phone → Phone+Stick"),
        ]

    def test_asks_for_a_person_not_a_maker_and_for_no_device_twice(
        self, dewi: TestClient, phone: Authenticator, fake: FakeOffice
    ) -> None:
        asked = ask_of(send(dewi, "/account", "/account/passkeys", current=PASSWORD))
        assert asked["rp"] == {
            "id": "gate.example",
            "name": f"Gerbang {fake.office.settings.site.name}",
        }
        assert asked["attestation"] == "none"
        assert asked["authenticatorSelection"]["userVerification"] == "required"
        assert [one["id"] for one in asked["excludeCredentials"]] == [
            bytes_to_base64url(phone.raw_id)
        ]
        assert "dewi" not in base64url_to_bytes(asked["user"]["id"]).decode("latin-1")

    def test_needs_the_password(self, dewi: TestClient) -> None:
        page = send(dewi, "/account", "/account/passkeys", current="wrong")
        assert page.status_code == 401
        assert "data-options" not in page.text

    @pytest.mark.parametrize(
        "spoilt",
        [
            Authenticator(origin="https://gate.example.evil.example"),
            Authenticator(origin="http://gate.example"),
            Authenticator(site_name="evil.example"),
            Authenticator(flags=PRESENT),
            Authenticator(flags=VERIFIED),
        ],
        ids=["another origin", "plain http", "another name", "unverified", "absent"],
    )
    def test_takes_nothing_that_was_not_made_here_by_a_person(
        self, dewi: TestClient, fake: FakeOffice, spoilt: Authenticator
    ) -> None:
        assert add(dewi, spoilt).status_code == 401
        assert passkeys_of(fake) == []

    def test_takes_an_answer_once(self, dewi: TestClient, fake: FakeOffice) -> None:
        page = send(dewi, "/account", "/account/passkeys", current=PASSWORD, label="Phone")
        form = hidden(page) | {"credential": Authenticator().make(ask_of(page))}
        assert dewi.post("/account/passkeys/keep", data=form).status_code == 200
        (made,) = passkeys_of(fake)
        fake.record.accounts.remove_passkey("dewi", made.credential_id, needs_factor=False, at=NOON)
        assert dewi.post("/account/passkeys/keep", data=form).status_code == 401
        assert passkeys_of(fake) == []

    def test_takes_no_answer_that_was_long_in_coming(
        self, dewi: TestClient, fake: FakeOffice
    ) -> None:
        page = send(dewi, "/account", "/account/passkeys", current=PASSWORD)
        fake.clock.move_to(NOON + GOOD_FOR)
        form = hidden(page) | {"credential": Authenticator().make(ask_of(page))}
        assert dewi.post("/account/passkeys/keep", data=form).status_code == 401

    def test_takes_no_answer_to_a_question_that_somebody_else_was_asked(
        self, app: FastAPI, dewi: TestClient, fake: FakeOffice
    ) -> None:
        admin = logged_in(app, fake, "admin")
        asked = send(admin, "/account", "/account/passkeys", current=PASSWORD)
        token = token_in(dewi.get("/account").text)
        form = hidden(asked) | {"credential": Authenticator().make(ask_of(asked))}
        answer = dewi.post("/account/passkeys/keep", data=form | {"csrf_token": token})
        assert answer.status_code == 401
        assert passkeys_of(fake) == []

    def test_a_key_is_one_person_s(
        self, app: FastAPI, fake: FakeOffice, phone: Authenticator
    ) -> None:
        assert add(logged_in(app, fake, "admin"), phone).status_code == 401
        assert passkeys_of(fake, "admin") == []

    def test_calls_no_two_of_them_the_same(self, dewi: TestClient, fake: FakeOffice) -> None:
        for number in range(3):
            add(dewi, Authenticator(raw_id=bytes([number])), label="Phone")
        labels = [one.label for one in passkeys_of(fake)]
        assert sorted(labels) == ["Phone", "Phone 2", "Phone 3"]


class TestLoggingIn:
    @pytest.mark.usefixtures("phone")
    def test_asks_for_the_passkey_after_the_password(self, client: TestClient) -> None:
        page = half_way(client)
        assert page.template.name == "login_code.html"
        assert ask_of(page)["userVerification"] == "required"
        assert not page.context["has_code"]
        assert client.get("/dashboard").status_code == 303

    def test_lets_in_with_it(
        self, client: TestClient, phone: Authenticator, fake: FakeOffice
    ) -> None:
        done = show(client, half_way(client), phone)
        assert done.headers["location"] == "/dashboard/mode"
        assert client.get("/dashboard/mode").status_code == 200
        (kept,) = passkeys_of(fake)
        assert (kept.sign_count, kept.used_at) == (1, NOON)
        assert passkeys_of(fake)[0].site_name == "gate.example"

    def test_lets_in_with_one_that_does_not_count(self, dewi: TestClient) -> None:
        device = Authenticator(counts=False)
        add(dewi, device)
        for _ in range(2):
            dewi.cookies.clear()
            assert show(dewi, half_way(dewi), device).status_code == 303

    def test_an_answer_lets_in_once(
        self, client: TestClient, phone: Authenticator, fake: FakeOffice
    ) -> None:
        page = half_way(client)
        half = dict(client.cookies)
        form = hidden(page) | {"credential": phone.show(ask_of(page))}
        assert client.post("/login/passkey", data=form).status_code == 303
        client.cookies.clear()
        client.cookies.update(half)  # whoever has seen all that the browser sent
        again = client.post("/login/passkey", data=form)
        assert again.status_code == 401
        assert SESSION_COOKIE not in client.cookies
        assert passkeys_of(fake)[0].copied_at is None

    def test_an_answer_is_good_for_the_browser_that_was_asked(
        self, app: FastAPI, client: TestClient, phone: Authenticator
    ) -> None:
        asked = ask_of(half_way(client))
        other = TestClient(app, base_url=ORIGIN, follow_redirects=False)
        form = hidden(half_way(other)) | {
            "challenge": asked["challenge"],
            "credential": phone.show(asked),
        }
        assert other.post("/login/passkey", data=form).status_code == 401

    @pytest.mark.parametrize(
        "spoil",
        [
            lambda device: setattr(device, "origin", "https://evil.example"),
            lambda device: setattr(device, "site_name", "evil.example"),
            lambda device: setattr(device, "flags", PRESENT),
            lambda device: setattr(device, "flags", VERIFIED),
            lambda device: setattr(device, "key", ec.generate_private_key(ec.SECP256R1())),
            lambda device: setattr(device, "raw_id", b"a key of nobody"),
        ],
        ids=["another origin", "another name", "unverified", "absent", "forged", "unknown"],
    )
    def test_lets_nobody_in_with_anything_else(
        self,
        client: TestClient,
        phone: Authenticator,
        fake: FakeOffice,
        spoil: Callable[[Authenticator], None],
    ) -> None:
        spoil(phone)
        phone.count = -1  # a forged count locks nobody out
        page = show(client, half_way(client), phone)
        assert page.status_code == 401
        assert SESSION_COOKIE not in client.cookies
        assert passkeys_of(fake)[0].copied_at is None
        assert ask_of(page)["challenge"]  # it may be tried again

    def test_lets_nobody_in_with_somebody_else_s(
        self, app: FastAPI, client: TestClient, phone: Authenticator, fake: FakeOffice
    ) -> None:
        admins = Authenticator(raw_id=b"the admin's key")
        add(logged_in(app, fake, "admin"), admins)
        assert show(client, half_way(client), admins).status_code == 401

    def test_asks_no_answer_after_five_minutes(
        self, client: TestClient, phone: Authenticator, fake: FakeOffice
    ) -> None:
        page = half_way(client)
        fake.clock.move_to(NOON + GOOD_FOR)
        assert show(client, page, phone).headers["location"] == "/login"

    def test_a_copy_locks_the_passkey_and_is_told(
        self, app: FastAPI, client: TestClient, phone: Authenticator, fake: FakeOffice
    ) -> None:
        copy = Authenticator(key=phone.key, count=phone.count)
        assert show(client, half_way(client), phone).status_code == 303
        client.cookies.clear()
        refused = show(client, half_way(client), copy)
        assert refused.status_code == 401
        assert "salinan" in refused.text
        assert refused.context["passkey"] is None
        assert remarks(fake)[-1] == ("dewi", "users.dewi.passkey_copied: – → Phone")
        client.cookies.clear()
        page = half_way(client)
        assert "salinan" in page.context["no_passkey"]
        (line,) = logged_in(app, fake, "dewi").get("/account").context["passkeys"]
        assert "salinan" in line.note
        admin = logged_in(app, fake, "admin")
        assert "salinan" in admin.get("/admin/people/person?name=dewi").text

    def test_too_many_wrong_ones_have_to_wait(
        self, client: TestClient, phone: Authenticator
    ) -> None:
        right, phone.key = phone.key, ec.generate_private_key(ec.SECP256R1())
        page = half_way(client)
        for _ in range(FAILURES_ALLOWED):
            page = show(client, page, phone)
            assert page.status_code == 401
        phone.key = right
        refused = show(client, page, phone)
        assert (refused.status_code, refused.headers["retry-after"]) == (429, "300")

    def test_a_recovery_code_stands_in_for_it(self, dewi: TestClient) -> None:
        codes = add(dewi, Authenticator()).context["codes"]
        dewi.cookies.clear()
        page = half_way(dewi)
        form = hidden(page) | {"code": codes[0]}
        assert dewi.post("/login/code", data=form).status_code == 303

    def test_whoever_has_typed_no_password_begins_at_the_start(
        self, client: TestClient, phone: Authenticator
    ) -> None:
        form = {"csrf_token": token_in(client.get("/login").text), "credential": "{}"}
        assert client.post("/login/passkey", data=form).headers["location"] == "/login"
        assert client.get("/login/passkey/new").headers["location"] == "/login"
        assert client.post("/login/passkey/new", data=form).headers["location"] == "/login"


class TestWhereTheOfficeAsksForIt:
    @pytest.fixture(autouse=True)
    def _required(self, fake: FakeOffice) -> None:
        fake.record.facts.put(second_factor=SecondFactor.REQUIRED)

    def test_a_passkey_is_made_at_the_log_in(self, client: TestClient, fake: FakeOffice) -> None:
        log_in(client, "dewi", following="/dashboard/mode")
        way = client.get("/login/second-factor?following=/dashboard/mode").context["passkey_way"]
        page, device = client.get(way), Authenticator()
        wrong = client.post("/login/passkey/new", data=hidden(page) | {"credential": "{}"})
        assert wrong.status_code == 401
        form = hidden(wrong) | {"credential": device.make(ask_of(wrong))}
        done = client.post("/login/passkey/new", data=form)
        assert done.template.name == "recovery_codes.html"
        assert done.context["following"] == "/dashboard/mode"
        assert client.get("/dashboard/mode").status_code == 200
        client.cookies.clear()
        assert show(client, half_way(client), device).status_code == 303

    def test_the_last_second_factor_cannot_be_removed(
        self, dewi: TestClient, phone: Authenticator, fake: FakeOffice
    ) -> None:
        kept = passkeys_of(fake)
        form = {"current": PASSWORD, "passkey": kept[0].credential_id}
        refused = send(dewi, "/account", "/account/passkeys/remove", **form)
        assert refused.status_code == 409
        assert passkeys_of(fake) == kept
        fake.record.accounts.set_code_secret("dewi", "JBSWY3DP", (), operator="dewi", at=NOON)
        off = send(dewi, "/account", "/account/second-factor/off", current=PASSWORD)
        assert off.status_code == 303
        fake.record.accounts.set_code_secret("dewi", "JBSWY3DP", (), operator="dewi", at=NOON)
        assert send(dewi, "/account", "/account/passkeys/remove", **form).status_code == 303
        off = send(dewi, "/account", "/account/second-factor/off", current=PASSWORD)
        assert off.status_code == 409


class TestTakingItAway:
    def test_is_done_by_whoever_knows_the_password(
        self, dewi: TestClient, phone: Authenticator, fake: FakeOffice
    ) -> None:
        (key,) = passkeys_of(fake)
        form = {"passkey": key.credential_id}
        wrong = send(dewi, "/account", "/account/passkeys/remove", **form, current="wrong")
        assert wrong.status_code == 401
        done = send(dewi, "/account", "/account/passkeys/remove", **form, current=PASSWORD)
        assert done.headers["location"] == "/account?done=no-passkey"
        assert passkeys_of(fake) == []
        assert fake.record.accounts.recovery_codes_left("dewi") == 0
        dewi.cookies.clear()
        assert log_in(dewi, "dewi").headers["location"] == "/dashboard"

    def test_touches_nobody_else_s(
        self, app: FastAPI, phone: Authenticator, fake: FakeOffice
    ) -> None:
        (key,) = passkeys_of(fake)
        admin = logged_in(app, fake, "admin")
        form = {"current": PASSWORD, "passkey": key.credential_id}
        send(admin, "/account", "/account/passkeys/remove", **form)
        assert passkeys_of(fake) == [key]

    def test_is_done_by_another_administrator(
        self, app: FastAPI, client: TestClient, phone: Authenticator, fake: FakeOffice
    ) -> None:
        admin = logged_in(app, fake, "admin")
        page = "/admin/people/person?name=dewi"
        look = send(admin, page, "/admin/people/no-code", name="dewi")
        done = admin.post("/admin/people/no-code", data=hidden(look))
        assert done.status_code == 303
        assert passkeys_of(fake) == []
        assert remarks(fake)[-1] == ("admin", "users.dewi.second_factor: True → False")
        assert log_in(client, "dewi").headers["location"] == "/dashboard"

    def test_recovery_codes_are_made_anew(
        self, dewi: TestClient, phone: Authenticator, fake: FakeOffice
    ) -> None:
        path = "/account/recovery-codes"
        assert send(dewi, "/account", path, current="wrong").status_code == 401
        codes = send(dewi, "/account", path, current=PASSWORD).context["codes"]
        assert len(codes) == 10
        fake.record.accounts.drop_second_factor("dewi", operator="admin", at=NOON)
        assert send(dewi, "/account", path, current=PASSWORD).status_code == 409


@pytest.mark.parametrize(
    ("public_url", "page", "found"),
    [
        (ORIGIN, ORIGIN, PasskeyPlace(ORIGIN, "gate.example")),
        ("https://Gate.Example:443", ORIGIN, PasskeyPlace(ORIGIN, "gate.example")),
        (f"{ORIGIN}:8443", f"{ORIGIN}:8443", PasskeyPlace(f"{ORIGIN}:8443", "gate.example")),
        (ORIGIN, f"{ORIGIN}:8443", WhyNoPasskeys.ELSEWHERE),
        (ORIGIN, "https://192.0.2.7", WhyNoPasskeys.ELSEWHERE),
        (ORIGIN, "http://gate.example", WhyNoPasskeys.ELSEWHERE),
        ("https://192.0.2.7", "https://192.0.2.7", WhyNoPasskeys.NUMBER),
        ("https://[2001:db8::7]", "https://[2001:db8::7]", WhyNoPasskeys.NUMBER),
        ("http://gate.example", "http://gate.example", WhyNoPasskeys.PLAIN),
        (None, ORIGIN, WhyNoPasskeys.NOT_SET),
        (None, "http://127.0.0.1:8000", WhyNoPasskeys.NUMBER),
        (
            None,
            "http://localhost:8000",
            PasskeyPlace("http://localhost:8000", "localhost"),
        ),
        (
            "https://bücher.example",
            "https://xn--bcher-kva.example",
            PasskeyPlace("https://xn--bcher-kva.example", "xn--bcher-kva.example"),
        ),
    ],
)
def test_passkeys_work_at_the_office_s_own_name_over_https(
    public_url: str | None, page: str, found: PasskeyPlace | WhyNoPasskeys
) -> None:
    assert place_of(public_url, page) == found


class TestAtAnAddressWhereNoPasskeyWorks:
    def test_the_page_says_why_and_where_it_does(self, app: FastAPI, fake: FakeOffice) -> None:
        client = logged_in(app, fake, "dewi", "http://192.0.2.7:8000")
        page = client.get("/account")
        assert page.context["no_passkeys"]
        assert f'href="{ORIGIN}/account"' in page.text
        assert "/account/passkeys" not in page.text.replace("/account/passkeys/remove", "")
        refused = send(client, "/account", "/account/passkeys", current=PASSWORD)
        assert refused.status_code == 409

    def test_who_has_one_is_sent_there_or_types_a_recovery_code(
        self, app: FastAPI, phone: Authenticator
    ) -> None:
        client = TestClient(app, base_url="http://192.0.2.7:8000", follow_redirects=False)
        page = half_way(client)
        assert page.context["passkey"] is None
        assert page.context["passkey_address"] == ORIGIN
        assert "passkey.js" not in page.text

    def test_this_machine_is_told_its_name(self) -> None:
        fake = make_office()
        app = create_app(fake.office)
        app.state.clips = Clips(None)
        client = logged_in(app, fake, "dewi", "http://127.0.0.1:8000")
        assert client.get("/account").context["passkey_address"] == "http://localhost:8000/account"

    def test_one_of_another_name_is_told_as_such(self, dewi: TestClient, fake: FakeOffice) -> None:
        old = Passkey(
            user="dewi",
            credential_id="b2xk",
            public_key=b"",
            label="Old",
            site_name="before.example",
            created_at=NOON,
        )
        fake.record.accounts.add_passkey(old, at=NOON)
        (line,) = dewi.get("/account").context["passkeys"]
        assert "before.example" in line.note
        dewi.cookies.clear()
        assert "before.example" in half_way(dewi).context["no_passkey"]


HOLDER = User("dewi", Role.MANAGER, "$argon2id$x", NOON)
PLACE = PasskeyPlace(ORIGIN, "gate.example")
CHALLENGE = new_challenge(HOLDER, "test", NOON)
ASKED = {"challenge": CHALLENGE}
DEVICE = Authenticator()


def made(answer: str) -> Passkey:
    return made_passkey(HOLDER, "Phone", answer, PLACE, challenge=CHALLENGE, at=NOON)


MADE = DEVICE.make(ASKED)
KEY = made(MADE)
SHOWN = DEVICE.show(ASKED)


def spoilt(answer: str, where: str, change: Callable[[bytes], bytes]) -> str:
    told = json.loads(answer)
    told["response"][where] = bytes_to_base64url(
        change(base64url_to_bytes(told["response"][where]))
    )
    return json.dumps(told)


@given(st.sampled_from(["clientDataJSON", "attestationObject"]), st.data())
def test_whatever_a_browser_says_makes_a_passkey_or_is_refused(
    where: str, data: st.DataObject
) -> None:
    length = len(base64url_to_bytes(json.loads(MADE)["response"][where]))
    at, byte = data.draw(st.integers(0, length - 1)), data.draw(st.integers(0, 255))
    changed = spoilt(MADE, where, lambda raw: raw[:at] + bytes([byte]) + raw[at + 1 :])
    with suppress(PasskeyRefused):
        made(changed)


@given(st.sampled_from(["clientDataJSON", "authenticatorData", "signature"]), st.data())
def test_no_answer_of_which_a_byte_differs_opens_anything(where: str, data: st.DataObject) -> None:
    whole = base64url_to_bytes(json.loads(SHOWN)["response"][where])
    at = data.draw(st.integers(0, len(whole) - 1))
    byte = data.draw(st.integers(0, 255).filter(lambda one: one != whole[at]))
    changed = spoilt(SHOWN, where, lambda raw: raw[:at] + bytes([byte]) + raw[at + 1 :])
    with pytest.raises(PasskeyRefused):
        count_of(changed, KEY, PLACE, challenge=CHALLENGE)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["id", "rawId", "type", "response", "clientDataJSON", "signature"]),
            inner,
        )
    ),
    max_leaves=8,
)


@given(st.one_of(json_values.map(json.dumps), st.text(max_size=50)))
def test_what_is_no_answer_is_refused(answer: str) -> None:
    with pytest.raises(PasskeyRefused):
        made(answer)
    with pytest.raises(PasskeyRefused):
        told_passkey(answer, [KEY])
    with pytest.raises(PasskeyRefused):
        count_of(answer, KEY, PLACE, challenge=CHALLENGE)


def with_key(cose: dict[int, object], fmt: str = "none", statement: object = None) -> str:
    data = hashlib.sha256(b"gate.example").digest() + bytes([0x45, 0, 0, 0, 0])
    data += bytes(16) + (2).to_bytes(2) + b"id" + cbor2.dumps(cose)
    client = {"type": "webauthn.create", "challenge": CHALLENGE, "origin": ORIGIN}
    told = {"fmt": fmt, "attStmt": statement or {}, "authData": data}
    response = {
        "clientDataJSON": bytes_to_base64url(json.dumps(client).encode()),
        "attestationObject": bytes_to_base64url(cbor2.dumps(told)),
    }
    answer = {"id": "aWQ", "rawId": "aWQ", "type": "public-key", "response": response}
    return json.dumps(answer)


ED25519 = ed25519.Ed25519PrivateKey.generate().public_key().public_bytes_raw()


def test_an_ed25519_key_will_do() -> None:
    assert made(with_key({1: 1, 3: -8, -1: 6, -2: ED25519})).sign_count == 0


@pytest.mark.parametrize(
    "answer",
    [
        with_key({1: 2, 3: -7, -1: 1, -2: bytes(32), -3: bytes(32)}),
        with_key({1: 2, 3: -47, -1: 8, -2: bytes(32), -3: bytes(32)}),
        with_key({1: 3, 3: -257, -1: bytes([255]) * 2000, -2: b"\1\0\1"}),
        with_key({}),
        with_key({1: 1, 3: -8, -1: 6, -2: ED25519}, fmt="tpm"),
        with_key({1: 1, 3: -8, -1: 6, -2: ED25519}, fmt="none", statement={"sig": b"x"}),
    ],
    ids=["no point", "unknown algorithm", "long key", "no key", "maker told", "not none"],
)
def test_a_key_that_nobody_could_use_is_refused(answer: str) -> None:
    with pytest.raises(PasskeyRefused):
        made(answer)


def test_a_challenge_is_not_the_same_twice() -> None:
    assert len({new_challenge(HOLDER, "test", NOON + timedelta(0)) for _ in range(50)}) == 50
