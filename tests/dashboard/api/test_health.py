"""What operators watch."""

from __future__ import annotations

from fastapi.testclient import TestClient

from dashboard.app import create_app
from screening.decision import DecisionKind, Reason
from screening.errors import NotOwner, RecordError
from screening.gate.view import GateMode
from screening.readings import DeviceKind
from screening.visits import Attempt
from tests.dashboard.fakes import (
    NOON,
    FakeGateControl,
    FakeOffice,
    devices,
    make_office,
    view_of,
)


def test_healthz_only_says_that_the_process_answers(client: TestClient) -> None:
    assert client.get("/healthz").json() == {"status": "ok"}


def test_readyz_tells_of_each_device(client: TestClient, gate: FakeGateControl) -> None:
    gate.shown = view_of("utama", mode=GateMode.MANUAL, devices=devices(DeviceKind.THERMOMETER))
    body = client.get("/readyz").json()
    assert body["status"] == "ready"
    assert body["gates"]["utama"]["mode"] == "manual"
    thermometer = body["gates"]["utama"]["devices"]["thermometer"]
    assert thermometer["available"] is False
    assert thermometer["last_error"] == "/dev/ttyUSB0: unplugged"
    assert thermometer["since"].startswith("2026-11-24T04:30")


def test_readyz_is_503_while_the_record_is_away(
    client: TestClient, house: FakeOffice, gate: FakeGateControl
) -> None:
    gate.trouble = RecordError("the database is away")
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["type"] == "urn:gerbang:problem:record-unavailable"


def test_metrics_are_openmetrics_text(client: TestClient, house: FakeOffice) -> None:
    house.record.visits.write(
        Attempt(
            attempt_id="a",
            gate="utama",
            at=NOON,
            decision=DecisionKind.DENY,
            reason=Reason.ALREADY_USED,
        )
    )
    answer = client.get("/metrics")
    assert answer.headers["content-type"].startswith("application/openmetrics-text")
    lines = answer.text.splitlines()
    assert answer.text.endswith("# EOF\n")
    assert "gerbang_refused_today 1" in lines
    assert 'gerbang_refused_today_by_reason{reason="already_used"} 1' in lines
    assert 'gerbang_device_available{gate="utama",device="barrier"} 1' in lines
    assert 'gerbang_device_faults_total{gate="utama",device="thermometer"} 3' in lines
    kinds = [line.split()[2] for line in lines if line.startswith("# TYPE")]
    assert len(kinds) == len(set(kinds))
    for line in lines:
        if not line.startswith("#"):
            name = line.split("{")[0].split(" ")[0].removesuffix("_total")
            assert name in kinds


def test_a_gate_that_runs_elsewhere_is_named_and_the_others_go_on() -> None:
    house = make_office("utama", "dua")
    house.gates.elsewhere["dua"] = NotOwner("dua", address="https://pc-2.example")
    client = TestClient(create_app(house.office))
    gates = client.get("/readyz").json()["gates"]
    assert gates["utama"]["mode"] == "automatic"
    assert gates["dua"] == {
        "mode": "elsewhere",
        "clock_warning": None,
        "busy_since": None,
        "devices": {},
        "owner": "https://pc-2.example",
    }
    lines = client.get("/metrics").text.splitlines()
    assert 'gerbang_gate_owned{gate="utama"} 1' in lines
    assert 'gerbang_gate_owned{gate="dua"} 0' in lines
    assert not any("device_available" in line and '"dua"' in line for line in lines)
