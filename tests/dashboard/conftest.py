"""An office in memory and browsers that talk to it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest
from anyio.from_thread import start_blocking_portal
from fastapi import FastAPI
from fastapi.routing import _IncludedRouter
from fastapi.testclient import TestClient
from httpx2 import Response
from starlette.routing import BaseRoute

from dashboard.app import create_app
from dashboard.web.auth import SESSION_COOKIE
from dashboard.web.patience import Deadline, RecordThreads
from dashboard.web.speech import Clips
from tests.dashboard.fakes import (
    PASSWORD,
    FakeGateControl,
    FakeOffice,
    make_office,
    open_session,
)
from tests.records import migrated_once, sealed_quickly

Browse = Callable[[str], TestClient]
PATIENT_S = 60.0


def be_patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let pages wait long for the record: beside much other work a test's machine is just slow.

    How short a wait an office has is the matter of test_patience.py alone.
    """
    slow = {"page_limit_s": PATIENT_S, "act_limit_s": PATIENT_S}
    monkeypatch.setattr("dashboard.app.Deadline", partial(Deadline, **slow))
    monkeypatch.setattr("dashboard.app.RecordThreads", partial(RecordThreads, limit_s=PATIENT_S))
    monkeypatch.setattr("dashboard.guard.console.ROWS_PATIENCE_S", PATIENT_S)


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    be_patient(monkeypatch)


@contextmanager
def known_routes() -> Iterator[None]:
    """Meanwhile FastAPI works a route out once, not for every application that includes it.

    To do so takes an application's first request longer than all that a test asks of it, and what
    comes of it hangs on the route alone, since nothing here overrides a dependency.
    """
    known: dict[tuple[int, str], tuple[BaseRoute, object]] = {}
    work_out = _IncludedRouter._build_effective_context

    def look_up(included: _IncludedRouter, route: BaseRoute) -> object:
        key = (id(route), included.include_context.prefix)
        if key not in known:
            known[key] = (route, work_out(included, route))  # kept, so that its id stays its own
        return known[key][1]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_IncludedRouter, "_build_effective_context", look_up)
        yield


@pytest.fixture(scope="session", autouse=True)
def _known_routes() -> Iterator[None]:
    with known_routes():
        yield


@pytest.fixture(scope="session", autouse=True)
def _migrated_once() -> Iterator[None]:
    with migrated_once():
        yield


@pytest.fixture(scope="session", autouse=True)
def _sealed_quickly() -> Iterator[None]:
    with sealed_quickly():
        yield


@pytest.fixture(scope="session", autouse=True)
def _one_event_loop() -> Iterator[None]:
    """Every request runs in one event loop: to begin one takes as long as a short request."""
    with start_blocking_portal() as portal, pytest.MonkeyPatch.context() as patch:
        patch.setattr(TestClient, "portal", portal)
        yield


@pytest.fixture
def fake(tmp_path: Path) -> FakeOffice:
    return make_office(folder=tmp_path / "thermometers")


@pytest.fixture
def gate(fake: FakeOffice) -> FakeGateControl:
    return fake.gates.controls["utama"]


@pytest.fixture
def app(fake: FakeOffice) -> FastAPI:
    app = create_app(fake.office)
    app.state.clips = Clips(None)  # whatever is installed here
    return app


@pytest.fixture
def client(app: FastAPI) -> TestClient:
    """Somebody from the street."""
    return TestClient(app, follow_redirects=False)


@pytest.fixture
def logged_in(app: FastAPI, fake: FakeOffice) -> Browse:
    """A browser in which the named person has logged in (without the slow password)."""

    def browse(name: str) -> TestClient:
        client = TestClient(app, follow_redirects=False)
        client.cookies.set(SESSION_COOKIE, open_session(fake, name), domain="testserver.local")
        return client

    return browse


@pytest.fixture
def guard(logged_in: Browse) -> TestClient:
    return logged_in("budi")


def token_in(html: str) -> str:
    """The form token of a page."""
    found = re.search(r'name="csrf_token" value="([^"]+)"', html)
    assert found is not None
    return found[1]


def log_in(client: TestClient, name: str, password: str = PASSWORD, **fields: str) -> Response:
    """Fill the log-in form in and send it."""
    token = token_in(client.get("/login").text)
    form = {"csrf_token": token, "name": name, "password": password, **fields}
    return client.post("/login", data=form)


def send(client: TestClient, page: str, path: str, **fields: str) -> Response:
    """Send a form of ``page`` to ``path``."""
    return client.post(path, data={"csrf_token": token_in(client.get(page).text), **fields})
