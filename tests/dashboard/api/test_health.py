"""What operators watch."""

from __future__ import annotations

from typing import cast

from fastapi.testclient import TestClient
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from dashboard.app import create_app
from screening.alerts.alerts import AlertKind, Finding, Level
from screening.decision import DecisionKind, Reason
from screening.errors import NotOwner, RecordError
from screening.figures.roll_ups import FiguresRun
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
from tests.dashboard.tickets import know_the_past, open_counters


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
    client: TestClient, fake: FakeOffice, gate: FakeGateControl
) -> None:
    gate.trouble = RecordError("the database is away")
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["type"] == "urn:gerbang:problem:record-unavailable"


def samples(client: TestClient) -> dict[tuple[str, str], float]:
    """What a collector understands: each value by its name and its labels (device, gate)."""
    return {
        (sample.name, ",".join(sample.labels[key] for key in sorted(sample.labels))): sample.value
        for family in text_string_to_metric_families(client.get("/metrics").text)
        for sample in family.samples
    }


def refused(reason: Reason) -> Attempt:
    return Attempt(attempt_id="a", gate="utama", at=NOON, decision=DecisionKind.DENY, reason=reason)


def test_metrics_tell_how_often_told_waits_held(client: TestClient, fake: FakeOffice) -> None:
    open_counters(fake, "1")
    know_the_past(fake, days=8)
    assert ("gerbang_waits_held_ratio", "all") not in samples(client)
    fake.office.waits.refresh()
    while fake.office.waits.catch_up():
        pass

    found = samples(client)
    assert found["gerbang_waits_told", "all"] == found["gerbang_waits_told", "KTP"] > 0
    assert 0 <= found["gerbang_waits_held_ratio", "KTP"] <= 1


def test_metrics_are_openmetrics_text(client: TestClient, fake: FakeOffice) -> None:
    fake.record.visits.write(refused(Reason.ALREADY_USED))
    answer = client.get("/metrics")
    assert answer.headers["content-type"] == (
        "application/openmetrics-text; version=1.0.0; charset=utf-8"
    )
    families = [family.name for family in text_string_to_metric_families(answer.text)]
    assert len(families) == len(set(families))
    assert all(name.startswith("gerbang_") for name in families)
    found = samples(client)
    assert found["gerbang_refused_today", ""] == 1
    assert found["gerbang_refused_today_by_reason", "already_used"] == 1
    assert found["gerbang_device_available", "barrier,utama"] == 1
    assert found["gerbang_device_faults_total", "thermometer,utama"] == 3


def test_metrics_tell_what_the_night_found(client: TestClient, fake: FakeOffice) -> None:
    assert ("gerbang_figures_days_checked", "") not in samples(client)
    fake.record.roll_ups.run = FiguresRun(NOON, rolled=1, checked=30, differing=2)
    found = samples(client)
    assert found["gerbang_figures_run_timestamp_seconds", ""] == NOON.timestamp()
    assert found["gerbang_figures_days_checked", ""] == 30
    assert found["gerbang_figures_days_differing", ""] == 2


def test_a_newer_versions_reason_may_be_any_text(client: TestClient, fake: FakeOffice) -> None:
    newer = cast("Reason", 'told "no"\\\nand left')
    fake.record.visits.write(refused(newer))
    assert samples(client)["gerbang_refused_today_by_reason", newer] == 1


def test_a_gate_that_runs_elsewhere_is_named_and_the_others_go_on() -> None:
    fake = make_office("utama", "dua")
    fake.gates.elsewhere["dua"] = NotOwner("dua", address="https://pc-2.example")
    client = TestClient(create_app(fake.office))
    gates = client.get("/readyz").json()["gates"]
    assert gates["utama"]["mode"] == "automatic"
    assert gates["dua"] == {
        "mode": "elsewhere",
        "clock_warning": None,
        "busy_since": None,
        "devices": {},
        "owner": "https://pc-2.example",
    }
    found = samples(client)
    assert found["gerbang_gate_owned", "utama"] == 1
    assert found["gerbang_gate_owned", "dua"] == 0
    assert not any("dua" in labels for name, labels in found if "device_available" in name)


def test_open_alerts_are_counted_by_kind_and_state(client: TestClient, fake: FakeOffice) -> None:
    assert samples(client)["gerbang_alerts", "nearly_full,told"] == 0
    finding = Finding(kind=AlertKind.NEARLY_FULL, subject="", level=Level.ABOVE, value=95, limit=90)
    alert = fake.record.alerts.raise_(finding, at=NOON)
    assert alert is not None
    assert samples(client)["gerbang_alerts", "nearly_full,told"] == 1
    fake.record.alerts.acknowledge(alert.alert_id, by="dewi", at=NOON)
    after = samples(client)
    assert after["gerbang_alerts", "nearly_full,told"] == 0
    assert after["gerbang_alerts", "nearly_full,acknowledged"] == 1
