"""Logging in and out, and what keeps others from it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from argon2 import extract_parameters
from fastapi import FastAPI
from fastapi.testclient import TestClient

from dashboard import auth
from dashboard.auth import FAILURES_ALLOWED, SESSION_COOKIE, hash_token, is_password_of
from tests.dashboard.conftest import Browse, log_in, token_in
from tests.dashboard.fakes import PASSWORD, FakeOffice


@pytest.mark.parametrize(
    ("name", "home"),
    [("budi", "/gate"), ("rina", "/dashboard"), ("dewi", "/dashboard"), ("admin", "/dashboard")],
)
def test_everybody_starts_where_they_work(client: TestClient, name: str, home: str) -> None:
    answer = log_in(client, name)
    assert answer.status_code == 303
    assert answer.headers["location"] == home


def test_the_record_keeps_a_digest_and_the_browser_a_guarded_cookie(
    client: TestClient, house: FakeOffice
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
    session = house.record.accounts.session(hash_token(token), at=house.clock.now())
    assert session is not None
    assert session.user == "budi"
    assert house.record.accounts.session(token, at=house.clock.now()) is None


def test_the_cookie_is_secure_over_https(app: FastAPI) -> None:
    client = TestClient(app, base_url="https://testserver", follow_redirects=False)
    answer = log_in(client, "budi")
    assert all("Secure" in value for value in answer.headers.get_list("set-cookie")[-1:])
    assert "max-age" in answer.headers["strict-transport-security"]


def test_logging_in_again_gives_a_new_session_and_closes_the_old(
    client: TestClient, house: FakeOffice
) -> None:
    log_in(client, "budi")
    first = client.cookies[SESSION_COOKIE]
    token = token_in(client.get("/gate/utama").text)
    client.post("/login", data={"csrf_token": token, "name": "sari", "password": PASSWORD})
    second = client.cookies[SESSION_COOKIE]
    assert second != first
    assert house.record.accounts.session(hash_token(first), at=house.clock.now()) is None


def test_a_session_somebody_planted_is_worth_nothing(client: TestClient) -> None:
    client.cookies.set(SESSION_COOKIE, "planted")
    log_in(client, "budi")
    assert client.cookies.get(SESSION_COOKIE, domain="testserver.local") != "planted"


def test_a_session_ends_by_itself(guard: TestClient, house: FakeOffice) -> None:
    house.clock.move_to(house.clock.now() + timedelta(hours=13))
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
    known, unknown = auth.hash_password("masker-dulu-ya"), auth._NOBODY
    assert extract_parameters(unknown) == extract_parameters(known)
    assert not is_password_of(None, "masker-dulu-ya")


def test_too_many_wrong_passwords_have_to_wait(client: TestClient, house: FakeOffice) -> None:
    for _ in range(FAILURES_ALLOWED):
        assert log_in(client, "budi", "wrong").status_code == 401
    answer = log_in(client, "budi")
    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) == 300
    assert log_in(client, "dewi").status_code == 303
    house.clock.move_to(house.clock.now() + timedelta(seconds=301))
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


def test_logging_out_closes_the_session_on_the_server(guard: TestClient, house: FakeOffice) -> None:
    session = guard.cookies[SESSION_COOKIE]
    token = token_in(guard.get("/gate/utama").text)
    assert guard.post("/logout", data={"csrf_token": token}).status_code == 303
    assert house.record.accounts.session(hash_token(session), at=house.clock.now()) is None
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
