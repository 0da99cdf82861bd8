"""What another system reads of what needs somebody."""

from __future__ import annotations

from fastapi.testclient import TestClient

from screening.accounts import Scope
from screening.alerts.alerts import AlertKind, Finding, Level
from tests.dashboard.api.test_api import assert_problem
from tests.dashboard.api.test_receipts import PORTAL, add_key
from tests.dashboard.fakes import NOON, FakeOffice

PATH = "/api/v1/alerts"


def test_a_key_of_scope_status_reads_what_needs_somebody(
    client: TestClient, fake: FakeOffice
) -> None:
    add_key(fake, Scope.STATUS)
    assert client.get(PATH, headers=PORTAL).json() == {"alerts": []}
    lost = Finding(
        kind=AlertKind.DEVICE_DOWN,
        subject="utama/scanner",
        level=Level.ABOVE,
        value=1.5,
        limit=1,
        detail="unplugged",
    )
    alert = fake.record.alerts.raise_(lost, at=NOON)
    assert alert is not None
    fake.record.alerts.acknowledge(alert.alert_id, by="dewi", at=NOON)
    english = {"Cookie": "gerbang_language=en"}
    (told,) = client.get(PATH, headers={**PORTAL, **english}).json()["alerts"]
    assert told == {
        "id": alert.alert_id, "kind": "device_down", "subject": "utama/scanner",
        "state": "acknowledged", "value": 1.5, "limit": 1.0, "detail": "unplugged",
        "raised_at": "2026-11-24T05:00:00Z", "acknowledged_by": "dewi",
        "acknowledged_at": "2026-11-24T05:00:00Z",
        "what": "Pemindai, gerbang utama tidak menjawab.",
        "to_do": "Periksa kabel dan listriknya."
        " Sementara itu penjaga mengerjakannya secara manual.",
        "rule": "Diberitahukan setelah 1 menit tanpa jawaban.",
    }  # fmt: skip
    fake.record.alerts.end(alert.alert_id, at=NOON)
    assert client.get(PATH, headers=PORTAL).json() == {"alerts": []}


def test_nobody_else_reads_them(client: TestClient, fake: FakeOffice) -> None:
    assert_problem(client.get(PATH), 401)
    add_key(fake, Scope.QUEUE)
    assert_problem(client.get(PATH, headers=PORTAL), 403)
