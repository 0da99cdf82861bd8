"""Logging in with a code besides the password."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from datetime import timedelta

import pyotp
import pytest
from fastapi.testclient import TestClient
from httpx2 import Response

from dashboard.web.auth import SESSION_COOKIE
from dashboard.web.guessing import FAILURES_ALLOWED
from dashboard.web.login import HALF_COOKIE
from dashboard.web.second_factor import (
    PERIOD_S,
    half_token,
    is_half,
    name_of_half,
    new_recovery_codes,
    recovery_hash,
    step_of,
)
from screening.office.facts import SecondFactor
from tests.dashboard.conftest import Browse, log_in, send, token_in
from tests.dashboard.fakes import NOON, PASSWORD, FakeOffice
from tests.dashboard.tickets import open_counters

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


@pytest.fixture
def recovery(fake: FakeOffice) -> tuple[str, ...]:
    """The manager has a second factor; her recovery codes."""
    codes = new_recovery_codes()
    hashes = [recovery_hash("dewi", code) for code in codes]
    fake.record.accounts.set_code_secret("dewi", SECRET, hashes, operator="dewi", at=NOON)
    return codes


def code_now(fake: FakeOffice, secret: str = SECRET) -> str:
    return pyotp.TOTP(secret).at(fake.clock.now())


def type_code(client: TestClient, code: str, **fields: str) -> Response:
    return send(client, "/login/code", "/login/code", code=code, **fields)


def secret_on(page: Response) -> str:
    found = re.search(r'account-secret">([A-Z2-7 ]+)<', page.text)
    assert found is not None
    return found[1].replace(" ", "")


def hidden(page: Response) -> dict[str, str]:
    found = re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page.text)
    return {name: html.unescape(value) for name, value in found}


@pytest.mark.usefixtures("recovery")
def test_the_right_password_is_only_half_of_the_way(client: TestClient, fake: FakeOffice) -> None:
    answer = log_in(client, "dewi", following="/dashboard/mode")
    assert answer.headers["location"] == "/login/code?following=%2Fdashboard%2Fmode"
    assert client.get("/dashboard").status_code == 303
    page = client.get(answer.headers["location"])
    assert page.template.name == "login_code.html"
    done = client.post("/login/code", data=hidden(page) | {"code": code_now(fake)})
    assert done.headers["location"] == "/dashboard/mode"
    assert client.get("/dashboard").status_code == 200
    assert HALF_COOKIE not in client.cookies


@pytest.mark.usefixtures("recovery")
def test_a_code_lets_in_once(client: TestClient, fake: FakeOffice) -> None:
    code = code_now(fake)
    log_in(client, "dewi")
    assert type_code(client, code).status_code == 303
    client.cookies.clear()
    log_in(client, "dewi")
    again = type_code(client, code)
    assert again.status_code == 401
    assert "kode" in again.text.lower()
    fake.clock.move_to(fake.clock.now() + timedelta(seconds=PERIOD_S))
    assert type_code(client, code_now(fake)).status_code == 303


@pytest.mark.parametrize(
    ("late_s", "lets_in"), [(-30, True), (30, True), (-90, False), (90, False)]
)
def test_a_code_of_a_clock_that_is_a_little_off_will_do(late_s: int, *, lets_in: bool) -> None:
    code = pyotp.TOTP(SECRET).at(NOON - timedelta(seconds=late_s))
    assert (step_of(code, SECRET, NOON) is not None) is lets_in


@pytest.mark.parametrize("code", ["", "12345", "１２３４５６", "abcdef", "1234567"])
def test_what_is_no_code_lets_nobody_in(code: str) -> None:
    assert step_of(code, SECRET, NOON) is None


def test_a_recovery_code_lets_in_once_however_it_is_typed(
    client: TestClient, recovery: tuple[str, ...], fake: FakeOffice
) -> None:
    typed = recovery[0].upper().replace("-", " ")
    log_in(client, "dewi")
    assert type_code(client, typed).status_code == 303
    client.cookies.clear()
    log_in(client, "dewi")
    assert type_code(client, typed).status_code == 401
    assert fake.record.accounts.recovery_codes_left("dewi") == len(recovery) - 1


@pytest.mark.usefixtures("recovery")
def test_too_many_wrong_codes_have_to_wait(client: TestClient, fake: FakeOffice) -> None:
    log_in(client, "dewi")
    for _ in range(FAILURES_ALLOWED):
        assert type_code(client, "000000").status_code == 401
    refused = type_code(client, code_now(fake))
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "300")


@pytest.mark.usefixtures("recovery")
def test_half_a_log_in_is_over_after_five_minutes(client: TestClient, fake: FakeOffice) -> None:
    log_in(client, "dewi")
    token = token_in(client.get("/login/code").text)
    fake.clock.move_to(fake.clock.now() + timedelta(minutes=5))
    answer = client.post("/login/code", data={"csrf_token": token, "code": code_now(fake)})
    assert answer.headers["location"] == "/login"
    assert SESSION_COOKIE not in client.cookies


@pytest.mark.usefixtures("recovery")
@pytest.mark.parametrize(
    "spoil",
    [
        lambda fake: fake.record.accounts.set_locked(
            "dewi", is_locked=True, operator="admin", at=NOON
        ),
        lambda fake: fake.record.accounts.change_password(
            "dewi", "another", operator="admin", at=NOON
        ),
        lambda fake: fake.record.accounts.remove_user("dewi", operator="admin", at=NOON),
    ],
    ids=["locked", "another password", "removed"],
)
def test_half_a_log_in_ends_with_the_right_to_it(
    client: TestClient, fake: FakeOffice, spoil: Callable[[FakeOffice], None]
) -> None:
    log_in(client, "dewi")
    token = token_in(client.get("/login/code").text)
    spoil(fake)
    answer = client.post("/login/code", data={"csrf_token": token, "code": code_now(fake)})
    assert answer.headers["location"] == "/login"


def test_half_a_log_in_is_of_one_person(fake: FakeOffice) -> None:
    dewi, budi = (fake.record.accounts.user(name) for name in ("dewi", "budi"))
    assert dewi is not None
    assert budi is not None
    token = half_token(dewi, NOON)
    assert name_of_half(token) == "dewi"
    assert is_half(dewi, token, NOON)
    assert not is_half(budi, token, NOON)
    _, _, rest = token.partition(".")
    assert not is_half(budi, "YnVkaQ==." + rest, NOON)
    assert not is_half(dewi, "", NOON)
    assert name_of_half("\u2603.x") == ""
    assert name_of_half("YnVkaQA=.x") == ""  # a zero byte, which no server of databases takes


@pytest.mark.parametrize("page", ["/login/code", "/login/second-factor"])
def test_whoever_has_typed_no_password_begins_at_the_start(client: TestClient, page: str) -> None:
    assert client.get(page).headers["location"] == "/login"
    form = {"csrf_token": token_in(client.get("/login").text), "code": "000000"}
    assert client.post(page, data=form).headers["location"] == "/login"


class TestAHandOver:
    """The next person takes a shared screen over by password alone, so not whoever needs more."""

    def to(self, client: TestClient, page: str, name: str) -> Response:
        fields = {"name": name, "password": PASSWORD}
        return send(client, page, f"{page}/hand-over", **fields)

    @pytest.fixture
    def at_gate(self, logged_in: Browse) -> TestClient:
        return logged_in("budi")

    def test_goes_to_whoever_needs_a_password_alone(self, at_gate: TestClient) -> None:
        assert self.to(at_gate, "/gate/utama", "admin").status_code == 303

    def test_goes_to_nobody_who_logs_in_with_a_code(
        self, at_gate: TestClient, fake: FakeOffice
    ) -> None:
        fake.record.accounts.set_code_secret("admin", SECRET, (), operator="admin", at=NOON)
        refused = self.to(at_gate, "/gate/utama", "admin")
        assert refused.status_code == 403
        assert "kode" in refused.text
        assert at_gate.get("/admin/office").status_code == 403

    def test_goes_to_nobody_who_has_to_set_a_code_up(
        self, logged_in: Browse, fake: FakeOffice
    ) -> None:
        open_counters(fake, "1")
        fake.record.facts.put(second_factor=SecondFactor.REQUIRED)
        rina = logged_in("rina")
        assert self.to(rina, "/counter/1", "dewi").status_code == 403
        assert rina.get("/dashboard/mode").status_code == 403

    def test_goes_to_nobody_who_is_locked(self, at_gate: TestClient, fake: FakeOffice) -> None:
        fake.record.accounts.set_locked("sari", is_locked=True, operator="admin", at=NOON)
        assert self.to(at_gate, "/gate/utama", "sari").status_code == 403


class TestWhereTheOfficeAsksForIt:
    @pytest.fixture(autouse=True)
    def _required(self, fake: FakeOffice) -> None:
        fake.record.facts.put(second_factor=SecondFactor.REQUIRED)

    def test_guards_and_officers_log_in_as_before(self, client: TestClient) -> None:
        assert log_in(client, "budi").headers["location"] == "/gate"
        client.cookies.clear()
        assert log_in(client, "rina").headers["location"] == "/desk"

    def test_a_manager_sets_it_up_at_the_next_log_in(
        self, client: TestClient, fake: FakeOffice
    ) -> None:
        answer = log_in(client, "dewi")
        assert answer.headers["location"] == "/login/second-factor"
        assert client.get("/login/code").headers["location"] == "/login"
        page = client.get("/login/second-factor")
        code = code_now(fake, secret_on(page))
        wrong = client.post("/login/second-factor", data=hidden(page) | {"code": "000000"})
        assert wrong.status_code == 401
        assert secret_on(wrong) == secret_on(page)
        done = client.post("/login/second-factor", data=hidden(wrong) | {"code": code})
        assert done.template.name == "recovery_codes.html"
        assert len(done.context["codes"]) == 10
        assert done.context["following"] == "/dashboard"
        assert client.get("/dashboard").status_code == 200
        user = fake.record.accounts.user("dewi")
        assert user is not None
        assert user.code_secret == secret_on(page)
        client.cookies.clear()
        assert log_in(client, "dewi").headers["location"] == "/login/code"
        assert type_code(client, code).status_code == 401  # that of the set-up
        assert type_code(client, done.context["codes"][3]).status_code == 303

    def test_nobody_takes_it_away_from_themselves(
        self, logged_in: Browse, fake: FakeOffice
    ) -> None:
        fake.record.accounts.set_code_secret("dewi", SECRET, (), operator="dewi", at=NOON)
        client = logged_in("dewi")
        answer = send(client, "/account", "/account/second-factor/off", current=PASSWORD)
        assert answer.status_code == 409
        user = fake.record.accounts.user("dewi")
        assert user is not None
        assert user.code_secret == SECRET
