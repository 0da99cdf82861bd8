"""Somebody's own log-in, and the way in by invitation."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pyotp
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from dashboard.web.auth import browser_of, hash_token
from dashboard.web.invitations import GOOD_FOR, invite, renew
from dashboard.web.passwords import is_password_of
from screening.accounts import SEEN_KEPT_EVERY, Role, WebSession
from tests.dashboard.conftest import Browse, log_in, send, token_in
from tests.dashboard.fakes import NOON, PASSWORD, FakeOffice, open_session
from tests.dashboard.web.test_second_factor import hidden, secret_on

NEW = "sepeda biru di atap"


@pytest.fixture
def link(fake: FakeOffice) -> str:
    return invite(fake.record.accounts, "tono", Role.OFFICER, operator="admin", at=NOON)


def fits(fake: FakeOffice, name: str, password: str) -> bool:
    return is_password_of(fake.record.accounts.user(name), password)


class TestAnInvitation:
    def test_lets_a_person_choose_a_password_and_log_in(
        self, client: TestClient, fake: FakeOffice, link: str
    ) -> None:
        assert log_in(client, "tono", "").status_code == 401
        page = client.get(link)
        assert (page.context["name"], page.context["role_word"]) == ("tono", "Petugas")
        done = send(client, link, link, password=NEW, again=NEW)
        assert done.headers["location"] == "/login"
        assert log_in(client, "tono", NEW).headers["location"] == "/desk"

    def test_is_good_once(self, client: TestClient, fake: FakeOffice, link: str) -> None:
        token = token_in(client.get(link).text)
        form = {"csrf_token": token, "password": NEW, "again": NEW}
        client.post(link, data=form)
        again = client.post(link, data=form | {"password": "gajah hijau terbang"})
        assert (again.status_code, again.context["name"]) == (404, "")
        assert fits(fake, "tono", NEW)

    def test_is_over_after_three_days(
        self, client: TestClient, fake: FakeOffice, link: str
    ) -> None:
        fake.clock.move_to(NOON + GOOD_FOR)
        assert client.get(link).status_code == 404

    def test_of_before_is_worthless(self, client: TestClient, fake: FakeOffice, link: str) -> None:
        newer = renew(fake.record.accounts, "tono", operator="admin", at=NOON)
        assert client.get(link).status_code == 404
        assert client.get(newer).status_code == 200

    @pytest.mark.parametrize(
        ("password", "again"),
        [("short", "short"), ("tono-tono-tono", "tono-tono-tono"), (NEW, NEW + "!")],
    )
    def test_takes_no_password_that_is_easily_guessed_or_mistyped(
        self, client: TestClient, fake: FakeOffice, link: str, password: str, again: str
    ) -> None:
        answer = send(client, link, link, password=password, again=again)
        assert answer.status_code == 422
        assert answer.context["problem"]
        assert not fits(fake, "tono", password)
        assert send(client, link, link, password=NEW, again=NEW).status_code == 303

    def test_is_told_to_nobody_else(self, client: TestClient, link: str) -> None:
        page = client.get(link)
        assert page.headers["referrer-policy"] == "no-referrer"
        assert link not in page.text

    def test_cannot_be_guessed(self, client: TestClient) -> None:
        statuses = [client.get(f"/join/guess-{number}").status_code for number in range(40)]
        assert statuses[0] == 404
        assert statuses[-1] == 429

    def test_speaks_the_language_that_is_asked_for(self, client: TestClient, link: str) -> None:
        assert client.get(f"{link}?language=en").headers["location"] == link
        assert "Choose your password" in client.get(link).text


class TestTheOwnPassword:
    def test_is_changed_by_whoever_knows_it(
        self, logged_in: Browse, fake: FakeOffice, app: FastAPI
    ) -> None:
        elsewhere = TestClient(app, follow_redirects=False)
        log_in(elsewhere, "budi")
        client = logged_in("budi")
        form = {"current": PASSWORD, "password": NEW, "again": NEW}
        done = send(client, "/account", "/account/password", **form)
        assert done.headers["location"] == "/account?done=password"
        assert fits(fake, "budi", NEW)
        assert client.get("/account?done=password").status_code == 200
        fake.clock.move_to(fake.clock.now() + timedelta(seconds=3))
        assert elsewhere.get("/account").status_code == 303

    @pytest.mark.parametrize(
        ("current", "password", "status"),
        [("wrong", NEW, 401), (PASSWORD, "short", 422), (PASSWORD, "budi-budi-budi", 422)],
    )
    def test_stays_otherwise(
        self, logged_in: Browse, fake: FakeOffice, current: str, password: str, status: int
    ) -> None:
        form = {"current": current, "password": password, "again": password}
        answer = send(logged_in("budi"), "/account", "/account/password", **form)
        assert answer.status_code == status
        assert fits(fake, "budi", PASSWORD)


class TestTheOwnSecondFactor:
    def test_is_set_up_and_taken_away(self, logged_in: Browse, fake: FakeOffice) -> None:
        client = logged_in("rina")
        page = client.get("/account/second-factor")
        code = pyotp.TOTP(secret_on(page)).at(fake.clock.now())
        form = hidden(page) | {"code": code}
        wrong = client.post("/account/second-factor", data=form | {"current": "wrong"})
        assert wrong.status_code == 401
        done = client.post("/account/second-factor", data=form | {"current": PASSWORD})
        assert done.template.name == "recovery_codes.html"
        shown = client.get("/account").context
        assert (shown["has_second_factor"], shown["recovery_left"]) == (True, 10)
        off = send(client, "/account", "/account/second-factor/off", current=PASSWORD)
        assert off.headers["location"] == "/account?done=off"
        user = fake.record.accounts.user("rina")
        assert user is not None
        assert user.code_secret is None
        rows = [row.remark for row in fake.record.visits.export()]
        assert rows == [
            "users.rina.second_factor: False → True",
            "users.rina.second_factor: True → False",
        ]

    def test_stays_without_the_password(self, logged_in: Browse, fake: FakeOffice) -> None:
        fake.record.accounts.set_code_secret("rina", "JBSWY3DP", (), operator="rina", at=NOON)
        client = logged_in("rina")
        answer = send(client, "/account", "/account/second-factor/off", current="wrong")
        assert answer.status_code == 401
        user = fake.record.accounts.user("rina")
        assert user is not None
        assert user.code_secret == "JBSWY3DP"


class TestTheOwnLogIns:
    def test_are_listed_and_ended(
        self, client: TestClient, logged_in: Browse, fake: FakeOffice
    ) -> None:
        firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Gecko/20100101 Firefox/150.0"
        client.headers["user-agent"] = firefox
        log_in(client, "budi")
        this = logged_in("budi")
        lines = this.get("/account").context["sessions"]
        (other,) = [line for line in lines if not line.is_this]
        assert (len(lines), other.browser) == (2, "Firefox, Linux")
        send(this, "/account", f"/account/sessions/{other.number}/end")
        assert client.get("/account").status_code == 303
        assert this.get("/account").status_code == 200
        assert [row.operator for row in fake.record.visits.export()] == ["budi"]

    def test_of_others_are_not_touched(self, logged_in: Browse, fake: FakeOffice) -> None:
        dewi = logged_in("dewi")
        number = hash_token("session-of-dewi")[:16]
        answer = send(logged_in("budi"), "/account", f"/account/sessions/{number}/end")
        assert answer.status_code == 404
        assert dewi.get("/account").status_code == 200

    def test_know_when_they_were_last_used(self, logged_in: Browse, fake: FakeOffice) -> None:
        client = logged_in("budi")
        client.get("/gate/utama")
        fake.office.known.refresh()
        fake.clock.move_to(NOON + SEEN_KEPT_EVERY - timedelta(seconds=1))
        client.get("/gate/utama")
        fake.office.known.refresh()
        assert session_of(fake, "budi").seen_at == NOON
        fake.clock.move_to(NOON + SEEN_KEPT_EVERY)
        client.get("/gate/utama")
        fake.office.known.refresh()
        assert session_of(fake, "budi").seen_at == NOON + SEEN_KEPT_EVERY


class TestALogInThatEnds:
    """While all are read anew, which takes a moment."""

    @pytest.fixture
    def digest(self, fake: FakeOffice) -> str:
        return hash_token(open_session(fake, "budi"))

    @pytest.mark.parametrize("of_all", [False, True], ids=["itself", "with all of theirs"])
    def test_is_not_known_again_by_what_was_read_before(
        self, fake: FakeOffice, digest: str, monkeypatch: pytest.MonkeyPatch, of_all: bool
    ) -> None:
        known, accounts = fake.office.known, fake.record.accounts
        known.refresh()
        read = accounts.sessions

        def read_while_it_ends(*, at: datetime) -> list[WebSession]:
            found = read(at=at)
            accounts.end_sessions("budi", operator="budi", at=at)
            known.forget_sessions_of("budi") if of_all else known.forget_session(digest)
            return found

        monkeypatch.setattr(accounts, "sessions", read_while_it_ends)
        known.refresh()
        assert known.known_session(digest) is None
        assert known.session(digest) is None

    def test_is_not_known_again_by_who_asked_a_moment_before(
        self, fake: FakeOffice, digest: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        known, accounts = fake.office.known, fake.record.accounts
        read = accounts.session

        def read_while_it_ends(token_hash: str, *, at: datetime) -> WebSession | None:
            found = read(token_hash, at=at)
            accounts.close_session(token_hash)
            known.forget_session(token_hash)
            return found

        monkeypatch.setattr(accounts, "session", read_while_it_ends)
        known.session(digest)
        assert known.known_session(digest) is None


def session_of(fake: FakeOffice, name: str) -> WebSession:
    found = fake.record.accounts.session(hash_token(f"session-of-{name}"), at=NOON)
    assert found is not None
    return found


def test_who_is_locked_is_told_so_only_after_the_right_password(
    client: TestClient, fake: FakeOffice
) -> None:
    fake.record.accounts.set_locked("budi", is_locked=True, operator="admin", at=NOON)
    assert log_in(client, "budi", "wrong").status_code == 401
    assert log_in(client, "budi").status_code == 403
    fake.record.accounts.set_locked("budi", is_locked=False, operator="admin", at=NOON)
    assert log_in(client, "budi").status_code == 303


def test_a_person_without_a_password_looks_like_nobody(fake: FakeOffice) -> None:
    budi = fake.record.accounts.user("budi")
    assert budi is not None
    assert not is_password_of(replace(budi, password_hash=""), "")


@pytest.mark.parametrize(
    ("sent", "word"),
    [
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/150.0 Safari/537.36 Edg/150.0", "Edge, Windows"),
        ("Mozilla/5.0 (Linux; Android 16) Chrome/150.0 Mobile Safari/537.36", "Chrome, Android"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 19) Version/19 Safari/604.1", "Safari, iPhone"),
        ("Mozilla/5.0 (Android 16; Mobile; rv:150.0) Firefox/150.0", "Firefox, Android"),
        ("curl/9", ""),
        ("", ""),
    ],
)
def test_a_browser_is_told_in_a_word(sent: str, word: str) -> None:
    assert browser_of(sent) == word
