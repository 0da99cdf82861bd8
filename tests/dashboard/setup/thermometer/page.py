"""What the tests of the thermometer's page share: a device, what is found of it, and its forms."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

from fastapi.testclient import TestClient
from httpx2 import Response

from screening.temperature.instrument.care_view import CareReason, CareState, ThermometerView
from tests.commissionings import of_a_spot
from tests.dashboard.conftest import send
from tests.dashboard.fakes import NOON, FakeGateControl, view_of

PAGE = "/gate/utama/thermometer"
LIVE = {"X-Gerbang-Live": "1"}
PEOPLE = ((34.10, 36.5), (34.42, 36.7), (33.95, 36.4), (34.30, 36.8), (34.21, 36.6))

THERMOMETER = ThermometerView(
    model="gy-mcu90614",
    measuring_site="forehead-spot",
    raw_celsius=34.10,
    no_value=None,
    since=NOON - timedelta(minutes=40),
    resolution_celsius=0.02,
    state=CareState.DUE,
    reasons=(CareReason.NOT_COMMISSIONED,),
    is_due=True,
    commissioned_at=None,
    checked_at=None,
)
FOUND = of_a_spot(at=NOON - timedelta(days=3), by="dewi")


def shows(gate: FakeGateControl, **changes: object) -> None:
    """The thermometer of the gate, changed as told."""
    gate.shown = view_of("utama", thermometer=replace(THERMOMETER, **changes))


def act(client: TestClient, path: str, **fields: str) -> Response:
    return send(client, PAGE, f"{PAGE}/{path}", **fields)


def key_in(client: TestClient) -> str:
    """The key of the value that waits on the page."""
    found = re.search(
        r'name="key" value="([0-9a-f]+)">\s*<(?:label|fieldset)', client.get(PAGE).text
    )
    assert found is not None
    return found[1]


def measure(
    client: TestClient, gate: FakeGateControl, raw: float, clinical: str, purpose: str = "staff"
) -> Response:
    """Take a value and type what it is compared with."""
    shows(gate, raw_celsius=raw)
    assert act(client, "take", purpose=purpose).status_code == 303
    return act(client, purpose, key=key_in(client), reference=clinical)


def measure_everybody(client: TestClient, gate: FakeGateControl) -> None:
    act(client, "room", room="24,5")
    for raw, clinical in PEOPLE:
        assert measure(client, gate, raw, f"{clinical}").status_code == 303


def check_with(client: TestClient, reference: str, room: str, **more: str) -> Response:
    """Take a value for the daily check and type what it is compared with."""
    assert act(client, "take", purpose="check").status_code == 303
    return act(client, "check", key=key_in(client), reference=reference, room=room, **more)
