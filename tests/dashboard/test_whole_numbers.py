"""Whole numbers of addresses and forms reach a real database: no number breaks a page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from dashboard.app import create_app
from dashboard.bootstrap import RunningOffice
from dashboard.web.auth import SESSION_COOKIE, hash_token
from screening.accounts import Role, User, WebSession
from screening.clock import FakeClock
from screening.settings import GateSettings, Settings

NOON = datetime(2026, 11, 23, 5, tzinfo=UTC)
FILLED = {"gate": "utama", "code": "KTP", "act": "call", "told": "agreed"}
"""What the other parts of an address and a form need for the number to be used at all."""
NUMBERS = (-1, 0, 1, 2**31, 2**63 - 1, 2**63, -(2**63) - 1, 10**30, int("9" * 4000))
WHERE = ("path_params", "query_params", "header_params", "body_params")


@pytest.fixture
def app(tmp_path: Path) -> Iterator[FastAPI]:
    """A running office's pages; its record is a database."""
    settings = Settings(
        _env_file=None, data=tmp_path / "data", gates=(GateSettings(name="utama", checks=()),)
    )
    with RunningOffice.open(settings, clock=FakeClock(NOON)) as running:
        accounts = running.record.accounts
        accounts.add_user(User("admin", Role.ADMINISTRATOR, "x", NOON))
        accounts.open_session(
            WebSession(
                token_hash=hash_token("token"),
                user="admin",
                role=Role.ADMINISTRATOR,
                csrf_token="form",
                created_at=NOON,
                expires_at=NOON + timedelta(hours=12),
            )
        )
        yield create_app(running.office())


def numbers_of(app: FastAPI) -> list[tuple[str, str, str, str]]:
    """Method, path, part and name of each whole number that an address or its form takes."""

    def below(route: Any) -> Iterator[Any]:
        contexts = getattr(route, "effective_route_contexts", None)
        return iter([route]) if contexts is None else contexts()

    def needed_by(dependant: Any) -> Iterator[Any]:
        yield dependant
        yield from chain.from_iterable(map(needed_by, dependant.dependencies))

    return sorted(
        {
            (method, route.path, part, field.alias)
            for route in chain.from_iterable(map(below, app.routes))
            if getattr(route, "dependant", None) is not None
            for needed in needed_by(route.dependant)
            for part in WHERE
            for field in getattr(needed, part)
            if "int" in re.findall(r"\w+", str(field.field_info.annotation))
            for method in set(route.methods) - {"HEAD"}
        }
    )


def asked(client: TestClient, place: tuple[str, str, str, str], number: int) -> int:
    """The status of the answer to this number at that place."""
    method, gaps, part, name = place
    texts = FILLED | {name: str(number)}
    path = re.sub(r"{(\w+)[^}]*}", lambda gap: texts.get(gap[1], "x"), gaps)
    if part == "query_params":
        path += f"?{name}={number}"
    headers = {name: str(number)} if part == "header_params" else {}
    if method == "GET":  # its head alone, since a stream has no end
        return client.head(path, headers=headers).status_code
    form = FILLED | {"csrf_token": "form", "number": "7KQ2M9XV4C"}
    if part == "body_params":
        form[name] = str(number)
    return client.post(path, data=form, headers=headers).status_code


def test_any_number_in_an_address_or_a_form_is_answered(app: FastAPI) -> None:
    client = TestClient(app, follow_redirects=False, raise_server_exceptions=False)
    client.cookies.set(SESSION_COOKIE, "token", domain="testserver.local")
    places = numbers_of(app)
    assert ("POST", "/desk/undo", "body_params", "entry") in places
    answers = {
        (*place, number): asked(client, place, number) for place in places for number in NUMBERS
    }
    assert {one: status for one, status in answers.items() if status >= 500} == {}
    assert set(answers.values()) <= {200, 303, 404, 409, 422}


def test_a_number_beyond_every_row_leads_nowhere(app: FastAPI) -> None:
    client = TestClient(app, follow_redirects=False, raise_server_exceptions=False)
    client.cookies.set(SESSION_COOKIE, "token", domain="testserver.local")
    form = {"csrf_token": "form"}
    for number in (0, 9, 2**31, 2**63 - 1, 2**63, -1):
        assert client.get(f"/desk/closings/{number}").status_code == 404
        undone = client.post(f"/admin/changes/{number}/undo", data=form)
        assert undone.status_code == 404
