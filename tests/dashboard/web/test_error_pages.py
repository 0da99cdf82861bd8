"""Error pages and headers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from httpx2 import Headers

from dashboard.app import create_app
from dashboard.web.auth import SESSION_COOKIE
from screening.errors import OutcomeUnknown, RecordError
from tests.dashboard.conftest import Browse, token_in
from tests.dashboard.fakes import PASSWORD, FakeGateControl, FakeOffice, open_session


def test_a_missing_page_says_what_to_try(client: TestClient) -> None:
    answer = client.get("/nowhere")
    assert answer.status_code == 404
    assert answer.template.name == "message.html"
    for words in ("Yang terjadi", "Yang tersimpan", "Yang bisa dicoba"):
        assert words in answer.text


def test_a_lost_record_says_that_nothing_moved(guard: TestClient, gate: FakeGateControl) -> None:
    gate.trouble = RecordError("the database is away")
    answer = guard.get("/gate/utama")
    assert answer.status_code == 503
    assert "palang tidak bergerak" in answer.text


def test_refusals_of_a_lost_record_are_one_line_of_the_log(
    guard: TestClient, gate: FakeGateControl, caplog: pytest.LogCaptureFixture
) -> None:
    gate.trouble = RecordError("the database is away")
    for _ in range(5):
        assert guard.get("/gate/utama").status_code == 503
    errors = [one.getMessage() for one in caplog.records if one.levelname == "ERROR"]
    assert errors == ["the record cannot be read, requests are refused: the database is away"]


def test_a_full_disk_is_told_as_what_it_is(guard: TestClient, gate: FakeGateControl) -> None:
    gate.trouble = RecordError("draft.json: cannot be written", is_of_disk=True)
    answer = guard.get("/gate/utama")
    assert answer.status_code == 503
    assert "Penyimpanan server penuh" in answer.text
    assert "Basis data" not in answer.text


def test_a_change_in_doubt_is_told_apart_from_a_gate_that_is_late(
    guard: TestClient,
    logged_in: Browse,
    gate: FakeGateControl,
    fake: FakeOffice,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def in_doubt(*_: object, **__: object) -> None:
        raise OutcomeUnknown("the connection broke; look at the log")

    form = {"csrf_token": token_in(guard.get("/gate/utama").text)}
    gate.trouble = OutcomeUnknown("the gate had begun; look at the log")
    late = guard.post("/gate/utama/hands", data=form)
    assert late.status_code == 503
    assert "Gerbang terlambat menjawab" in late.text
    manager = logged_in("dewi")
    switched = {"csrf_token": token_in(manager.get("/dashboard/mode").text), "mode": "everyday"}
    monkeypatch.setattr(fake.record.facts, "change", in_doubt)
    answer = manager.post("/dashboard/mode", data=switched)
    assert answer.status_code == 503
    assert "Belum diketahui apakah ini tersimpan" in answer.text
    assert "Gerbang terlambat" not in answer.text


def test_who_sent_a_form_is_led_back_to_its_page(guard: TestClient, gate: FakeGateControl) -> None:
    form = {"csrf_token": token_in(guard.get("/gate/utama").text)}
    gate.trouble = RecordError("the database is away")
    came_from = {"referer": "http://testserver/gate/utama"}
    answer = guard.post("/gate/utama/hands", data=form, headers=came_from)
    assert answer.status_code == 503
    assert answer.context["link"] == "/gate/utama"


@pytest.mark.parametrize(
    "referer",
    ["http://evil.example/gate/utama", "http://testserver//evil.example", "http://[", "x"],
)
def test_nobody_is_led_elsewhere(guard: TestClient, gate: FakeGateControl, referer: str) -> None:
    form = {"csrf_token": token_in(guard.get("/gate/utama").text)}
    gate.trouble = RecordError("the database is away")
    answer = guard.post("/gate/utama/hands", data=form, headers={"referer": referer})
    assert answer.status_code == 503
    assert answer.context["link"] == "/login"


def test_a_form_that_cannot_be_read_is_no_missing_page(guard: TestClient) -> None:
    form = {"content-type": "multipart/form-data; boundary=x"}
    answer = guard.post("/gate/utama/hands", content=b"garbage", headers=form)
    assert answer.status_code == 422
    assert "Ada isian yang tidak dapat dipakai" in answer.text


def test_a_record_lost_before_the_log_in_is_known_still_has_a_page(
    guard: TestClient, fake: FakeOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object, **__: object) -> None:
        raise RecordError("the database is away")

    monkeypatch.setattr(fake.record.accounts, "session", away)
    answer = guard.get("/gate/utama")
    assert answer.status_code == 503
    assert answer.context["shell"].user is None


def test_a_bug_has_a_page_that_gives_nothing_away(fake: FakeOffice, gate: FakeGateControl) -> None:
    gate.trouble = ZeroDivisionError("secret detail")
    client = TestClient(create_app(fake.office), raise_server_exceptions=False)
    answer = client.get("/kiosk/utama")
    assert answer.status_code == 500
    assert "secret detail" not in answer.text
    assert "Ada kerusakan di pihak kami" in answer.text
    assert_guarded(answer.headers)


def test_the_script_of_a_page_gets_one_sentence(guard: TestClient) -> None:
    answer = guard.post("/gate/utama/hands", headers={"X-Gerbang-Live": "1"})
    assert answer.status_code == 403
    assert answer.text.startswith("Formulir terlalu lama terbuka")


@pytest.mark.parametrize(
    "path", ["/", "/login", "/nowhere", "/kiosk/utama", "/api/v1/status", "/static/base.css"]
)
def test_every_answer_carries_the_guarding_headers(client: TestClient, path: str) -> None:
    assert_guarded(client.get(path).headers)


def test_private_pages_are_not_stored(logged_in: Browse) -> None:
    assert logged_in("dewi").get("/dashboard").headers["cache-control"] == "no-store"
    assert logged_in("budi").get("/gate/utama").headers["cache-control"] == "no-store"


def assert_guarded(headers: Headers) -> None:
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert "camera=()" in headers["permissions-policy"]


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8000"])
def test_nobody_is_sent_to_the_host_of_a_forged_header(guard: TestClient, host: str) -> None:
    for path in ("/gate/", "/gate/?a=b", "/dashboard/", "/login/", "/gate"):
        answer = guard.get(path, headers={"host": host})
        assert 300 <= answer.status_code < 400, path
        assert answer.headers["location"].startswith("/"), path
        assert "evil" not in answer.headers["location"]
    handed = {"name": "sari", "password": PASSWORD}
    token = token_in(guard.get("/gate/utama").text)
    answer = guard.post(
        "/gate/utama/hand-over", data={"csrf_token": token, **handed}, headers={"host": host}
    )
    assert answer.headers["location"] == "/gate/utama"


STREAM = "/events"
"""Addresses that end so answer without an end."""


FILLED = {"gate": "utama", "code": "KTP"}


def pages_of(app: FastAPI) -> Iterator[str]:
    """The address of everything that can be looked at, with something in each gap."""

    def below(route: Any) -> Iterator[Any]:
        contexts = getattr(route, "effective_route_contexts", None)
        return iter([route]) if contexts is None else contexts()

    for route in chain.from_iterable(map(below, app.routes)):
        if "GET" in (getattr(route, "methods", None) or ()):
            yield re.sub(r"{(\w+)[^}]*}", lambda gap: FILLED.get(gap[1], "x"), route.path)


def test_whoever_asks_for_the_head_of_a_page_gets_it_without_the_page(
    app: FastAPI, fake: FakeOffice
) -> None:
    client = TestClient(app, follow_redirects=False)
    client.cookies.set(SESSION_COOKIE, open_session(fake, "admin"), domain="testserver.local")
    paths = sorted(set(pages_of(app)))
    assert {"/", "/register", "/r/x/x", "/desk", "/api/v1/status", "/login"} <= set(paths)
    answered = {path: client.head(path) for path in paths}
    assert [path for path, head in answered.items() if head.status_code == 405] == []
    for path, head in answered.items():
        assert head.content == b"", path
        if not path.endswith(STREAM):
            page = client.get(path)
            assert (head.status_code, head.headers.get("content-type")) == (
                page.status_code,
                page.headers.get("content-type"),
            ), path


def test_the_head_of_a_stream_ends(client: TestClient) -> None:
    head = client.head("/kiosk/utama/events")
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-type"].startswith("text/event-stream")
