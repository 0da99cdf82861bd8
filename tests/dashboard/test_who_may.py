"""Which role may use which address: a table of every one that the application has."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from dashboard.web.auth import SESSION_COOKIE
from tests.dashboard.conftest import token_in
from tests.dashboard.fakes import FakeOffice, open_session

PEOPLE = ("nobody", "budi", "rina", "dewi", "admin")
"""The public, a guard, an officer, a manager and an administrator."""

ADMINISTRATORS = frozenset({"admin"})
GUARDS = ADMINISTRATORS | {"budi"}
MANAGERS = ADMINISTRATORS | {"dewi"}
TRAINEES = ADMINISTRATORS | {"budi", "rina"}
OFFICE = MANAGERS | {"rina"}
GATE_CARE = MANAGERS | {"budi"}
STAFF = OFFICE | {"budi"}
EVERYBODY = frozenset(PEOPLE)
MACHINES: frozenset[str] = frozenset()
"""Whoever has the gate's token or a key with the scope; no log-in opens these."""

MAY_USE: dict[frozenset[str], tuple[str, ...]] = {
    EVERYBODY: (
        "GET /",
        "GET /api/v1/openapi.json",
        "GET /api/v1/queue-monitor",
        "GET /api/v1/services",
        "GET /api/v1/services/{code}/slots",
        "GET /api/v1/status",
        "GET /badge",
        "GET /badge.svg",
        "GET /display/{room}",
        "GET /display/{room}/events",
        "GET /healthz",
        "GET /help/guard",
        "GET /join/{token}",
        "GET /kiosk/{gate}",
        "GET /kiosk/{gate}/events",
        "GET /login",
        "GET /login/code",
        "GET /login/passkey/new",
        "GET /login/second-factor",
        "GET /metrics",
        "GET /now",
        "GET /preferences",
        "GET /r/{number}/{key}",
        "GET /r/{number}/{key}/",
        "GET /readyz",
        "GET /register",
        "GET /register/check",
        "GET /register/details",
        "GET /register/done",
        "GET /setup/{token}",
        "GET /sign",
        "GET /sign/now",
        "GET /speech/{key}.wav",
        "GET /survey/{place}",
        "POST /display/{room}/voice",
        "POST /join/{token}",
        "POST /kiosk/{gate}/voice",
        "POST /login",
        "POST /login/code",
        "POST /login/passkey",
        "POST /login/passkey/new",
        "POST /login/second-factor",
        "POST /logout",
        "POST /r/{number}/{key}",
        "POST /setup/{token}",
        "POST /register",
        "POST /survey/{place}",
        "POST /survey/{place}/kiosk",
    ),
    STAFF: (
        "GET /account",
        "GET /account/second-factor",
        "POST /account/passkeys",
        "POST /account/passkeys/keep",
        "POST /account/passkeys/remove",
        "POST /account/password",
        "POST /account/recovery-codes",
        "POST /account/second-factor",
        "POST /account/second-factor/off",
        "POST /account/sessions/{number}/end",
        "POST /alerts/{alert_id}/taken",
        "POST /kiosk/{gate}/let-speak",
        "POST /kiosk/{gate}/take-back",
    ),
    OFFICE: (
        "GET /counter",
        "GET /counter/{desk}",
        "GET /counter/{desk}/events",
        "GET /dashboard",
        "GET /dashboard/day",
        "GET /dashboard/events",
        "GET /dashboard/seats.pdf",
        "GET /desk",
        "GET /desk/book",
        "GET /desk/closings/{closing_id}",
        "GET /desk/survey",
        "GET /desk/{number}",
        "DELETE /api/v1/registrations/{number}",
        "POST /api/v1/counters/{name}/arrived",
        "POST /api/v1/counters/{name}/call",
        "POST /api/v1/counters/{name}/call-ahead",
        "POST /api/v1/counters/{name}/done",
        "POST /api/v1/counters/{name}/forward",
        "POST /api/v1/counters/{name}/missed",
        "POST /api/v1/counters/{name}/next",
        "POST /api/v1/counters/{name}/outcome",
        "POST /api/v1/counters/{name}/park",
        "POST /api/v1/counters/{name}/recall",
        "POST /api/v1/counters/{name}/take-back",
        "POST /api/v1/counters/{name}/undo",
        "POST /counter/{desk}/close",
        "POST /counter/{desk}/hand-over",
        "POST /counter/{desk}/help",
        "POST /counter/{desk}/open",
        "POST /counter/{desk}/settings",
        "POST /counter/{desk}/{act}",
        "POST /display/{room}/let-speak",
        "POST /display/{room}/take-back",
        "POST /dashboard/clinical",
        "POST /dashboard/count",
        "POST /dashboard/undo-count",
        "POST /desk",
        "POST /desk/book",
        "POST /desk/closings/{closing_id}",
        "POST /desk/survey",
        "POST /desk/undo",
        "POST /desk/{number}",
    ),
    GATE_CARE: (
        "GET /gate/{gate}/thermometer",
        "GET /gate/{gate}/thermometer/live",
        "POST /gate/{gate}/thermometer/check",
        "POST /gate/{gate}/thermometer/drop",
        "POST /gate/{gate}/thermometer/keep-free",
        "POST /gate/{gate}/thermometer/open-again",
        "POST /gate/{gate}/thermometer/take",
    ),
    MANAGERS: (
        "GET /api/v1/figures",
        "GET /dashboard/history",
        "GET /dashboard/history.{kind}",
        "GET /dashboard/log",
        "GET /dashboard/log.csv",
        "GET /dashboard/log/{entry_id:int}",
        "GET /dashboard/mode",
        "GET /dashboard/report/{kind}/{day}.pdf",
        "GET /dashboard/survey",
        "GET /dashboard/survey/results.xlsx",
        "GET /dashboard/temperature",
        "GET /gate/{gate}/thermometer/report/{name}",
        "GET /plan",
        "GET /plan/{number}",
        "GET /plan/{number}/progress",
        "POST /dashboard/log/{entry_id:int}/annul",
        "POST /dashboard/mode",
        "POST /dashboard/survey/follow-ups",
        "POST /dashboard/survey/follow-ups/{follow_up_id}/done",
        "POST /gate/{gate}/thermometer/begin",
        "POST /gate/{gate}/thermometer/give-up",
        "POST /gate/{gate}/thermometer/remove",
        "POST /gate/{gate}/thermometer/room",
        "POST /gate/{gate}/thermometer/staff",
        "POST /gate/{gate}/thermometer/steps",
        "POST /gate/{gate}/thermometer/unwalk",
        "POST /gate/{gate}/thermometer/use",
        "POST /gate/{gate}/thermometer/walk",
        "POST /plan",
        "POST /plan/{number}/leave",
        "POST /plan/{number}/quota",
    ),
    TRAINEES: (
        "GET /training",
        "GET /training/now",
        "GET /training/said",
        "POST /training/end",
        "POST /training/{code}",
    ),
    GUARDS: (
        "GET /gate",
        "GET /gate/{gate}",
        "GET /gate/{gate}/camera",
        "GET /gate/{gate}/camera/live",
        "GET /gate/{gate}/events",
        "GET /gate/{gate}/live",
        "GET /gate/{gate}/picture.jpg",
        "GET /gate/{gate}/thermal",
        "GET /gate/{gate}/thermal.png",
        "GET /gate/{gate}/thermal/live",
        "POST /gate/{gate}/clear",
        "POST /gate/{gate}/confirm",
        "POST /gate/{gate}/count",
        "POST /gate/{gate}/dismiss",
        "POST /gate/{gate}/emergency",
        "POST /gate/{gate}/exempt",
        "POST /gate/{gate}/exit",
        "POST /gate/{gate}/hand-over",
        "POST /gate/{gate}/hands",
        "POST /gate/{gate}/helped",
        "POST /gate/{gate}/here",
        "POST /gate/{gate}/left",
        "POST /gate/{gate}/line",
        "POST /gate/{gate}/mask",
        "POST /gate/{gate}/not-left",
        "POST /gate/{gate}/open-again",
        "POST /gate/{gate}/override",
        "POST /gate/{gate}/priority",
        "POST /gate/{gate}/resume",
        "POST /gate/{gate}/scan",
        "POST /gate/{gate}/temperature",
        "POST /gate/{gate}/thermal/anew",
        "POST /gate/{gate}/undo",
        "POST /gate/{gate}/undo-count",
    ),
    ADMINISTRATORS: (
        "GET /admin",
        "GET /admin/backup",
        "GET /admin/backup/file/{number}",
        "GET /admin/backup/work",
        "GET /admin/changes",
        "GET /admin/closing",
        "GET /admin/counters",
        "GET /admin/devices",
        "GET /admin/gates",
        "GET /admin/hours",
        "GET /admin/keys",
        "GET /admin/mode",
        "GET /admin/office",
        "GET /admin/people",
        "GET /admin/people/person",
        "GET /admin/privacy",
        "GET /admin/retention",
        "GET /admin/seats",
        "GET /admin/services",
        "GET /admin/services/new",
        "GET /admin/services/{code}",
        "GET /admin/words",
        "POST /admin/backup/make",
        "POST /admin/backup/verify",
        "GET /setup",
        "GET /setup/done",
        "GET /setup/gates",
        "GET /setup/hours",
        "GET /setup/office",
        "GET /setup/receipt",
        "GET /setup/seats",
        "GET /setup/services",
        "POST /admin/changes/{entry_id}/undo",
        "POST /admin/closing",
        "POST /admin/closing/{closing_id}/reopen",
        "POST /admin/counters",
        "POST /admin/counters/{name}",
        "POST /admin/counters/{name}/remove",
        "POST /admin/gates",
        "POST /admin/gates/{gate}",
        "POST /admin/gates/{gate}/remove",
        "POST /admin/gates/{gate}/token",
        "POST /admin/hours/day",
        "POST /admin/hours/leave",
        "POST /admin/hours/week",
        "POST /admin/keys/issuers/add",
        "POST /admin/keys/issuers/remove",
        "POST /admin/keys/issuers/until",
        "POST /admin/keys/make",
        "POST /admin/keys/revoke",
        "POST /admin/mode",
        "POST /admin/office",
        "POST /admin/people/invite",
        "POST /admin/people/lock",
        "POST /admin/people/no-code",
        "POST /admin/people/remove",
        "POST /admin/people/reset",
        "POST /admin/people/role",
        "POST /admin/people/second-factor",
        "POST /admin/people/sessions/{number}/end",
        "POST /admin/privacy",
        "POST /admin/seats",
        "POST /admin/seats/propose",
        "POST /admin/services/new",
        "POST /admin/services/{code}",
        "POST /admin/services/{code}/remove",
        "POST /admin/words",
        "POST /setup/gates",
        "POST /setup/hours",
        "POST /setup/office",
        "POST /setup/receipt",
        "POST /setup/seats",
        "POST /setup/services",
    ),
    MACHINES: (
        "GET /api/v1/alerts",
        "GET /api/v1/queue",
        "POST /api/v1/gates/{gate}/exits",
        "POST /api/v1/gates/{gate}/scans",
        "POST /api/v1/receipts/{number:path}/revoke",
        "POST /api/v1/registrations",
    ),
}
"""Every address, by who may use it: a new one is put here first."""

FILLED = {"gate": "utama", "code": "KTP", "act": "next", "entry_id": "1", "alert_id": "1"}
WRONG_ROLE = "Halaman ini bukan untuk tugas Anda"


def addresses_of(app: FastAPI) -> list[str]:
    """Method and path of every address but those of files, once each."""

    def below(route: Any) -> Iterator[Any]:
        contexts = getattr(route, "effective_route_contexts", None)
        return iter([route]) if contexts is None else contexts()

    return sorted(
        f"{method} {route.path}"
        for route in chain.from_iterable(map(below, app.routes))
        for method in set(getattr(route, "methods", None) or ()) - {"HEAD"}
    )


def is_welcome(client: TestClient, address: str, csrf_token: str) -> bool:
    """Whether whoever asks is let through to what the address does."""
    method, _, gaps = address.partition(" ")
    path = re.sub(r"{(\w+)[^}]*}", lambda gap: FILLED.get(gap[1], "x"), gaps)
    if method == "GET":  # its head alone, since a stream has no end
        answer = client.head(path)
        is_at_login = answer.headers.get("location", "").startswith("/login?following")
        return answer.status_code not in {401, 403} and not is_at_login
    if path.startswith("/api/"):
        answer = client.request(method, path, json={}, headers={"Sec-Fetch-Site": "same-origin"})
        return answer.status_code not in {401, 403}
    answer = client.request(method, path, data={"csrf_token": csrf_token})
    is_at_login = answer.headers.get("location", "").startswith("/login?following")
    return not is_at_login and WRONG_ROLE not in answer.text


def welcome(app: FastAPI, fake: FakeOffice, name: str, addresses: list[str]) -> set[str]:
    """Those of the addresses that this person may use."""
    found = set()
    for address in addresses:
        client = TestClient(app, follow_redirects=False)
        if name != "nobody":
            token = open_session(fake, name)
            client.cookies.set(SESSION_COOKIE, token, domain="testserver.local")
        form_token = f"form-token-of-{name}"
        if name == "nobody" and address.startswith("POST"):
            form_token = token_in(client.get("/login").text)
        if is_welcome(client, address, form_token):
            found.add(address)
    return found


def test_every_address_is_in_the_table_once(app: FastAPI) -> None:
    listed = sorted(address for addresses in MAY_USE.values() for address in addresses)
    assert listed == addresses_of(app)


@pytest.mark.parametrize("name", PEOPLE)
def test_whoever_may_use_an_address_is_let_in_and_nobody_else(
    app: FastAPI, fake: FakeOffice, name: str
) -> None:
    expected = {
        address for names, addresses in MAY_USE.items() if name in names for address in addresses
    }
    found = welcome(app, fake, name, addresses_of(app))
    assert sorted(found - expected) == []
    assert sorted(expected - found) == []
