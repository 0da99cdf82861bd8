"""The office's queue as other cities' systems read it."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from fastapi.testclient import TestClient

from screening.office.hours import Hours, Span
from screening.office.services import SEED_SERVICES
from tests.dashboard.fakes import NOON, FakeOffice
from tests.dashboard.visitor.test_status import counts, move_to

PATH = "/api/v1/queue-monitor"
ATTRIBUTES = {
    "id",
    "type",
    "dateModified",
    "source",
    "name",
    "dataProvider",
    "address",
    "localId",
    "officeName",
    "serviceName",
    "serviceId",
    "serviceStatus",
    "serviceStatusNote",
    "scheduleTime",
    "queueLine",
    "ticketsToServe",
}
"""Those of the published model that this office fills."""


def test_each_line_bears_the_names_of_the_published_model(
    client: TestClient, fake: FakeOffice
) -> None:
    fake.record.facts.put(address="Jl. Ir. H. Juanda No. 10, Bogor")
    lines = client.get(PATH).json()
    assert [line["queueLine"] for line in lines] == [
        "entrance",
        *(service.code for service in SEED_SERVICES),
    ]
    for line in lines:
        assert set(line) <= ATTRIBUTES
        assert line["type"] == "QueueMonitor"
        assert line["serviceStatus"] in {"Open", "Closed", "Suspended"}
        assert line["address"] == {"streetAddress": "Jl. Ir. H. Juanda No. 10, Bogor"}
        assert None not in line.values()
    ids = [line["id"] for line in lines]
    assert ids[:2] == ["urn:ngsi-ld:QueueMonitor:BGR:entrance", "urn:ngsi-ld:QueueMonitor:BGR:KTP"]
    assert len(set(ids)) == len(ids)


def test_it_tells_who_waits_and_what_is_open(client: TestClient, fake: FakeOffice) -> None:
    counts(fake, occupancy=12, capacity=30, waiting_outside=3)
    entrance, *services = client.get(PATH).json()
    assert (entrance["serviceStatus"], entrance["ticketsToServe"]) == ("Open", 3)
    assert datetime.fromisoformat(entrance["dateModified"]) == NOON
    assert "scheduleTime" not in entrance
    status = {line["serviceId"]: line["serviceStatus"] for line in services}
    assert (status["KTP"], status["REKAM"]) == ("Open", "Closed")


def test_a_full_office_and_a_break_are_suspended(client: TestClient, fake: FakeOffice) -> None:
    counts(fake, occupancy=30, capacity=30)
    assert client.get(PATH).json()[0]["serviceStatus"] == "Suspended"
    counts(fake, occupancy=3, capacity=30)
    spans = (Span(time(8), time(12)), Span(time(13), time(15)))
    fake.record.facts.put(hours=Hours(week={1: spans}))
    entrance, ktp, *_ = client.get(PATH).json()
    for line in (entrance, ktp):
        assert line["serviceStatus"] == "Suspended"
        assert datetime.fromisoformat(line["scheduleTime"]) == NOON + timedelta(hours=1)


def test_a_closed_office_tells_when_it_opens(client: TestClient, fake: FakeOffice) -> None:
    move_to(fake, 16)
    entrance = client.get(PATH).json()[0]
    assert entrance["serviceStatus"] == "Closed"
    assert entrance["scheduleTime"] == "2026-11-25T08:00:00+07:00"


def test_an_old_count_is_not_told(client: TestClient, fake: FakeOffice) -> None:
    fake.office.room.down_since = lambda: NOON  # type: ignore[method-assign]
    entrance = client.get(PATH).json()[0]
    assert "ticketsToServe" not in entrance
    assert "not counted" in entrance["serviceStatusNote"]


def test_scripts_of_other_sites_may_read_it(client: TestClient) -> None:
    for path in (PATH, "/api/v1/status"):
        answer = client.get(path, headers={"Origin": "https://kota.example"})
        assert answer.headers["access-control-allow-origin"] == "*"
        assert answer.headers["cross-origin-resource-policy"] == "cross-origin"
        assert "set-cookie" not in answer.headers
    assert "access-control-allow-origin" not in client.get("/").headers


def test_it_is_described_and_needs_no_key(client: TestClient) -> None:
    described = client.get("/api/v1/openapi.json").json()
    get = described["paths"][PATH]["get"]
    assert get["security"] == []
    fields = described["components"]["schemas"]["QueueMonitor"]["properties"]
    assert set(fields) == ATTRIBUTES
