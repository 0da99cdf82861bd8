"""Logging in and out, and what keeps others from it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from argon2 import extract_parameters
from fastapi import FastAPI
from fastapi.testclient import TestClient
from httpx2 import ASGITransport, AsyncClient

from dashboard.app import REFUSAL_PAGES
from dashboard.web import guessing, passwords
from dashboard.web.auth import FORM_COOKIE, SESSION_COOKIE, hash_token
from dashboard.web.guessing import (
    ACCOUNT_FAILURES_ALLOWED,
    FAILURES_ALLOWED,
    WAITING_AT_MOST,
    LineFull,
    PasswordLine,
    device_of,
    device_token,
)
from dashboard.web.passwords import is_password_of
from screening.accounts import User
from tests.dashboard.conftest import Browse, log_in, token_in
from tests.dashboard.fakes import NOON, PASSWORD, FakeOffice
from tests.dashboard.tickets import open_counters


@pytest.mark.parametrize(
    ("name", "home"),
    [("budi", "/gate"), ("rina", "/desk"), ("dewi", "/dashboard"), ("admin", "/dashboard")],
)
def test_everybody_starts_where_they_work(client: TestClient, name: str, home: str) -> None:
    answer = log_in(client, name)
    assert answer.status_code == 303
    assert answer.headers["location"] == home


def test_an_officer_starts_at_the_counters_where_there_are_any(
    fake: FakeOffice, client: TestClient
) -> None:
    open_counters(fake, "4")

    assert log_in(client, "rina").headers["location"] == "/counter"


def test_the_record_keeps_a_digest_and_the_browser_a_guarded_cookie(
    client: TestClient, fake: FakeOffice
) -> None:
    answer = log_in(client, "budi")
    cookie = next(
        value
        for value in answer.headers.get_list("set-cookie")
        if value.startswith(SESSION_COOKIE) and "Max-Age=0" not in value
    )
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Secure" not in cookie
    token = client.cookies[SESSION_COOKIE]
    session = fake.record.accounts.session(hash_token(token), at=fake.clock.now())
    assert session is not None
    assert session.user == "budi"
    assert fake.record.accounts.session(token, at=fake.clock.now()) is None


def test_the_cookie_is_secure_over_https(app: FastAPI) -> None:
    client = TestClient(app, base_url="https://testserver", follow_redirects=False)
    answer = log_in(client, "budi")
    assert all("Secure" in value for value in answer.headers.get_list("set-cookie")[-1:])
    assert "max-age" in answer.headers["strict-transport-security"]


def test_logging_in_again_gives_a_new_session_and_closes_the_old(
    client: TestClient, fake: FakeOffice
) -> None:
    log_in(client, "budi")
    first = client.cookies[SESSION_COOKIE]
    token = token_in(client.get("/gate/utama").text)
    client.post("/login", data={"csrf_token": token, "name": "sari", "password": PASSWORD})
    second = client.cookies[SESSION_COOKIE]
    assert second != first
    assert fake.record.accounts.session(hash_token(first), at=fake.clock.now()) is None


def test_a_session_somebody_planted_is_worth_nothing(client: TestClient) -> None:
    client.cookies.set(SESSION_COOKIE, "planted")
    log_in(client, "budi")
    assert client.cookies.get(SESSION_COOKIE, domain="testserver.local") != "planted"


def test_whoever_is_locked_while_their_password_is_looked_at_stays_out(
    client: TestClient, fake: FakeOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    accounts = fake.record.accounts
    read = accounts.user

    def read_and_lock(name: str) -> User | None:
        found = read(name)
        accounts.set_locked(name, is_locked=True, operator="admin", at=NOON)
        return found

    monkeypatch.setattr(accounts, "user", read_and_lock)
    answer = log_in(client, "budi")
    assert answer.headers["location"].startswith("/login")
    assert SESSION_COOKIE not in answer.cookies
    assert accounts.sessions(at=NOON) == []


def test_a_session_ends_by_itself(guard: TestClient, fake: FakeOffice) -> None:
    fake.clock.move_to(fake.clock.now() + timedelta(hours=13))
    answer = guard.get("/gate/utama")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/login?following=/gate/utama"


@pytest.mark.parametrize(
    ("name", "password"), [("budi", "wrong"), ("nobody", PASSWORD), ("", PASSWORD), ("budi", "")]
)
def test_a_wrong_name_and_a_wrong_password_look_the_same(
    client: TestClient, name: str, password: str
) -> None:
    answer = log_in(client, name, password)
    assert answer.status_code == 401
    assert answer.template.name == "login.html"
    assert "Nama atau kata sandi salah" in answer.text
    assert SESSION_COOKIE not in client.cookies


def test_a_name_that_nobody_has_costs_as_much_as_a_wrong_password() -> None:
    known, unknown = passwords.hash_password("masker-dulu-ya"), passwords._NOBODY
    assert extract_parameters(unknown) == extract_parameters(known)
    assert not is_password_of(None, "masker-dulu-ya")


def test_too_many_wrong_passwords_have_to_wait(client: TestClient, fake: FakeOffice) -> None:
    for _ in range(FAILURES_ALLOWED):
        assert log_in(client, "budi", "wrong").status_code == 401
    answer = log_in(client, "budi")
    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) == 300
    assert log_in(client, "dewi").status_code == 303
    fake.clock.move_to(fake.clock.now() + timedelta(seconds=301))
    client.cookies.clear()
    assert log_in(client, "budi").status_code == 303


def test_a_form_without_its_token_changes_nothing(client: TestClient) -> None:
    answer = client.post("/login", data={"name": "budi", "password": PASSWORD})
    assert answer.status_code == 403
    assert answer.template.name == "message.html"
    assert SESSION_COOKIE not in client.cookies


def test_a_form_from_another_site_is_refused(client: TestClient) -> None:
    token = token_in(client.get("/login").text)
    answer = client.post(
        "/login",
        data={"csrf_token": token, "name": "budi", "password": PASSWORD},
        headers={"Sec-Fetch-Site": "cross-site"},
    )
    assert answer.status_code == 403


@pytest.mark.parametrize(
    "following",
    [
        "//evil.example",
        "https://evil.example",
        "/\\evil.example",
        "/a\r\nSet-Cookie: x=1",
        "javascript:1",
    ],
)
def test_the_way_on_never_leads_to_another_site(client: TestClient, following: str) -> None:
    answer = log_in(client, "budi", following=following)
    assert answer.headers["location"] == "/"


def test_the_way_on_leads_back_to_the_page_that_was_asked_for(client: TestClient) -> None:
    answer = log_in(client, "budi", following="/gate/utama")
    assert answer.headers["location"] == "/gate/utama"


def test_logging_out_closes_the_session_on_the_server(guard: TestClient, fake: FakeOffice) -> None:
    session = guard.cookies[SESSION_COOKIE]
    token = token_in(guard.get("/gate/utama").text)
    assert guard.post("/logout", data={"csrf_token": token}).status_code == 303
    assert fake.record.accounts.session(hash_token(session), at=fake.clock.now()) is None
    assert guard.get("/gate/utama").status_code == 303


@pytest.mark.parametrize(
    ("name", "path", "status"),
    [
        ("budi", "/gate/utama", 200),
        ("budi", "/dashboard", 403),
        ("rina", "/dashboard", 200),
        ("rina", "/gate/utama", 403),
        ("dewi", "/dashboard", 200),
        ("dewi", "/gate/utama", 403),
        ("admin", "/dashboard", 200),
        ("admin", "/gate/utama", 200),
    ],
)
def test_a_role_opens_its_own_pages_only(
    logged_in: Browse, name: str, path: str, status: int
) -> None:
    answer = logged_in(name).get(path)
    assert answer.status_code == status
    if status == 403:
        assert answer.context["title"] == "Halaman ini bukan untuk tugas Anda"


@pytest.mark.parametrize("path", ["/gate", "/gate/utama", "/dashboard"])
def test_private_pages_send_the_public_to_the_log_in(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/login?following=")


@pytest.mark.parametrize(
    "path", ["/gate/utama/events", "/gate/utama/picture.jpg", "/dashboard/events"]
)
def test_streams_and_pictures_are_refused_without_a_detour(client: TestClient, path: str) -> None:
    assert client.get(path).status_code == 401


class TestAFloodOfGuesses:
    def send_all(
        self, app: FastAPI, names: Sequence[str], *, addresses: Sequence[str] = ("10.0.0.1",)
    ) -> list[int]:
        """All at the same moment; the statuses of the answers."""

        async def guess(number: int) -> int:
            transport = ASGITransport(app, client=(addresses[number % len(addresses)], 50000))
            async with AsyncClient(transport=transport, base_url="http://testserver") as client:
                client.cookies.set(FORM_COOKIE, "x")
                form = {"csrf_token": "x", "name": names[number], "password": "wrong"}
                return (await client.post("/login", data=form)).status_code

        async def all_at_once() -> list[int]:
            return await asyncio.gather(*(guess(number) for number in range(len(names))))

        return asyncio.run(all_at_once())

    def test_at_once_is_counted_before_it_is_looked_at(self, app: FastAPI) -> None:
        statuses = self.send_all(app, ["budi"] * 30)
        assert statuses.count(401) <= FAILURES_ALLOWED
        assert set(statuses) <= {401, 429, 503}

    def test_from_many_addresses_gets_few_guesses_at_one_account(self, app: FastAPI) -> None:
        addresses = [f"10.0.{number}.1" for number in range(40)]
        statuses = self.send_all(app, ["budi"] * 40, addresses=addresses)
        assert 0 < statuses.count(401) <= ACCOUNT_FAILURES_ALLOWED

    def test_does_not_lock_out_who_logged_in_from_there_before(self, app: FastAPI) -> None:
        at_home = TestClient(app, follow_redirects=False, client=("10.9.9.9", 1))
        assert log_in(at_home, "budi").status_code == 303
        for _ in range(3):
            self.send_all(
                app, ["budi"] * 12, addresses=[f"10.1.{number}.1" for number in range(12)]
            )
        fresh = TestClient(app, follow_redirects=False, client=("10.9.9.9", 1))
        assert log_in(fresh, "budi").status_code == 303
        elsewhere = TestClient(app, follow_redirects=False, client=("10.9.9.8", 1))
        assert log_in(elsewhere, "budi").status_code == 429

    def test_of_the_same_address_does_not_lock_out_a_browser_that_is_known(
        self, app: FastAPI
    ) -> None:
        tablet = TestClient(app, follow_redirects=False)
        assert log_in(tablet, "budi").status_code == 303
        del tablet.cookies[SESSION_COOKIE]
        self.send_all(app, ["budi"] * 12, addresses=["testclient"])
        assert log_in(TestClient(app, follow_redirects=False), "budi").status_code == 429
        assert log_in(tablet, "budi").status_code == 303

    def test_does_not_lock_out_an_office_behind_one_address(self, app: FastAPI) -> None:
        for round_ in range(5):
            names = [f"name-{round_}-{number}" for number in range(8)]
            self.send_all(app, names, addresses=["testclient"])
        assert log_in(TestClient(app, follow_redirects=False), "budi").status_code == 303

    def test_is_forgotten_after_ten_minutes(self, app: FastAPI, fake: FakeOffice) -> None:
        addresses = [f"10.0.{number}.1" for number in range(12)]
        self.send_all(app, ["budi"] * 12, addresses=addresses)
        client = TestClient(app, follow_redirects=False)
        assert log_in(client, "budi").status_code == 429
        fake.clock.move_to(fake.clock.now() + timedelta(seconds=601))
        assert log_in(client, "budi").status_code == 303

    def test_gets_no_page_drawn_for_each(self, app: FastAPI) -> None:
        client = TestClient(app, follow_redirects=False)
        client.cookies.set(FORM_COOKIE, "x", domain="testserver.local")
        form = {"csrf_token": "x", "name": "budi", "password": "wrong"}
        answers = [client.post("/login", data=form) for _ in range(REFUSAL_PAGES + 10)]
        assert answers[FAILURES_ALLOWED].template.name == "login.html"
        assert answers[-1].status_code == 429
        assert len(answers[-1].content) < 200

    def test_that_fills_the_line_asks_the_record_for_nobody(
        self, app: FastAPI, fake: FakeOffice, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        class FullLine(PasswordLine):
            def is_full_for(self, address: str, *, is_known: bool) -> bool:
                return not is_known

        def asked(name: str) -> User | None:
            pytest.fail(f"{name} was looked up")

        app.state.password_line = FullLine()
        monkeypatch.setattr(fake.record.accounts, "user", asked)
        client = TestClient(app, follow_redirects=False)
        client.cookies.set(FORM_COOKIE, "x", domain="testserver.local")
        form = {"csrf_token": "x", "name": "budi", "password": "wrong"}
        for _ in range(FAILURES_ALLOWED + 1):
            answer = client.post("/login", data=form)
            assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")


def test_a_device_is_known_until_the_password_is_changed(fake: FakeOffice) -> None:
    user = fake.record.accounts.user("budi")
    assert user is not None
    token = device_token(user)
    assert device_of(user, token) is not None
    assert device_of(user, token + "0") is None
    assert device_of(user, "") is None
    assert device_of(None, token) is None
    assert device_of(replace(user, password_hash="another"), token) is None
    assert device_of(fake.record.accounts.user("sari"), token) is None


def test_a_full_line_takes_who_is_known_and_turns_away_whoever_sends_most(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    may_go_on = threading.Event()

    def look(user: User | None, password: str) -> bool:
        may_go_on.wait(30)
        return password == "right"

    monkeypatch.setattr(guessing, "is_password_of", look)

    async def scenario() -> list[object]:
        line = PasswordLine()

        def ask(address: str, *, is_known: bool = False) -> asyncio.Task[bool]:
            asked = line.is_password_of(None, "right", address=address, is_known=is_known)
            return asyncio.ensure_future(asked)

        flood = [ask("flood") for _ in range(3 * WAITING_AT_MOST)]
        await asyncio.sleep(0)
        assert line.is_full_for("flood", is_known=False)
        assert not line.is_full_for("home", is_known=False)
        assert not line.is_full_for("flood", is_known=True)
        others = [ask("home"), ask("tablet", is_known=True)]
        await asyncio.sleep(0)
        may_go_on.set()
        looked_at: list[object] = list(await asyncio.gather(*others))
        flooded = await asyncio.gather(*flood, return_exceptions=True)
        return [*looked_at, sum(isinstance(one, LineFull) for one in flooded) >= WAITING_AT_MOST]

    assert asyncio.run(scenario()) == [True, True, True]
