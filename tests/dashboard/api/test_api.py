"""The interface for stations and watchers."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response

from dashboard.app import create_app
from dashboard.web.auth import SESSION_COOKIE, hash_token
from screening import accounts
from screening.accounts import UNKNOWN_S, Gate
from screening.errors import LaneConflict, NotOwner, NotRecorded, RecordError
from screening.gate.commands import ExitScan, Scan
from screening.office.changes import with_changed_service
from screening.office.hours import SpecialDay
from screening.office.hours_changes import with_days
from screening.office.services import SEED_SERVICES
from screening.readings import CodeSource
from tests.dashboard.fakes import STATION_TOKEN, FakeGateControl, FakeOffice, make_office

SCANS = "/api/v1/gates/utama/scans"
STATION = {"Authorization": f"Bearer {STATION_TOKEN}"}
SCAN = {"code": "GB1:ABC", "nonce": "n-1"}


def assert_problem(response: Response, status: int, kind: str = "about:blank") -> dict[str, object]:
    """The one shape of every error."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    body = response.json()
    assert body["status"] == status
    assert body["title"]
    assert body["detail"]
    assert body["type"] == (kind if kind == "about:blank" else f"urn:gerbang:problem:{kind}")
    return body


def test_status_is_open_and_has_exactly_the_published_keys(client: TestClient) -> None:
    body = client.get("/api/v1/status").json()
    assert set(body) == {
        "occupancy",
        "uncertainty",
        "capacity",
        "admitted_today",
        "refused_today",
        "waiting_outside",
        "queue_waiting",
        "expected_call_in_minutes",
        "expected_wait_minutes",
        "mode",
        "updated_at",
    }
    assert body["mode"] == "outbreak"
    assert body["capacity"] == 30
    assert datetime.fromisoformat(body["updated_at"]).tzinfo is not None


def test_services_are_told_to_everyone_with_what_to_bring_and_when_they_are_open(
    client: TestClient, fake: FakeOffice
) -> None:
    changed = {"hours_tue": "08:00-11:00,13:00-15:00", "brings_id": "Dokumen asli"}
    for edit in (
        with_changed_service("LEGALISIR", changed),
        with_changed_service("KK", {"channel": "online_only", "link": "https://kk.example/"}),
    ):
        fake.record.facts.change(edit, operator="rina", at=fake.clock.now())
    body = client.get("/api/v1/services").json()
    assert body["today"] == "2026-11-24"
    told = {service["code"]: service for service in body["services"]}
    assert list(told) == [service.code for service in SEED_SERVICES]
    assert told["KTP"] == {
        "code": "KTP",
        "channel": "collection",
        "names": {"id": "KTP elektronik", "en": "Electronic identity card"},
        "brings": {},
        "booking": "day",
        "link": None,
        "open_today": [{"start": "08:00", "end": "15:00"}],
        "note": "",
        "closed_since": None,
        "closed_why": {},
        "questions": [],
    }
    assert told["LEGALISIR"]["brings"] == {"id": "Dokumen asli"}
    assert told["LEGALISIR"]["open_today"] == [
        {"start": "08:00", "end": "11:00"},
        {"start": "13:00", "end": "15:00"},
    ]
    assert (told["KK"]["link"], told["KK"]["open_today"]) == ("https://kk.example/", [])
    assert told["REKAM"]["open_today"] == []


def test_services_tell_why_today_is_closed(client: TestClient, fake: FakeOffice) -> None:
    closed = with_days([date(2026, 11, 24)], SpecialDay((), "Pindah gedung"))
    fake.record.facts.change(closed, operator="rina", at=fake.clock.now())
    ktp = client.get("/api/v1/services").json()["services"][0]
    assert (ktp["open_today"], ktp["note"]) == ([], "Pindah gedung")


def test_a_scan_comes_back_with_the_whole_answer(client: TestClient, gate: FakeGateControl) -> None:
    answer = client.post(SCANS, json=SCAN, headers=STATION)
    assert answer.status_code == 200
    assert answer.json() == {
        "status": "ok",
        "reason": "admitted",
        "decision": "admit",
        "receipt_number": "K7M2-9QXD",
        "service": "KTP",
        "seat": "B7",
        "ticket": "KTP-001",
        "place": 1,
        "party_size": 1,
        "attempt_id": "attempt-1",
        "ready_at": None,
    }
    assert gate.done == [Scan(code="GB1:ABC", source=CodeSource.STATION, nonce="n-1")]


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({}, id="no token"),
        pytest.param({"Authorization": "Bearer wrong"}, id="unknown token"),
        pytest.param({"Authorization": f"Basic {STATION_TOKEN}"}, id="another scheme"),
        pytest.param({"Authorization": "Bearer "}, id="empty token"),
    ],
)
def test_a_scan_without_the_stations_token_is_refused(
    client: TestClient, gate: FakeGateControl, headers: dict[str, str]
) -> None:
    answer = client.post(SCANS, json=SCAN, headers=headers)
    assert_problem(answer, 401)
    assert answer.headers["www-authenticate"] == "Bearer"
    assert gate.done == []


def test_a_token_of_another_gate_is_refused() -> None:
    fake = make_office("utama", "samping")
    from dashboard.app import create_app

    client = TestClient(create_app(fake.office))
    answer = client.post("/api/v1/gates/samping/scans", json=SCAN, headers=STATION)
    assert_problem(answer, 403)
    assert fake.gates.controls["samping"].done == []


def test_an_unknown_gate_is_not_found(client: TestClient) -> None:
    assert_problem(client.post("/api/v1/gates/loteng/scans", json=SCAN, headers=STATION), 404)


@pytest.mark.parametrize(
    "body",
    [
        pytest.param({"code": "GB1:ABC"}, id="no nonce"),
        pytest.param({"code": "GB1:ABC", "nonce": ""}, id="empty nonce"),
        pytest.param({"code": "GB1:ABC", "nonce": "x" * 65}, id="long nonce"),
        pytest.param({"code": "GB1:ABC", "nonce": "a\nb"}, id="nonce of two lines"),
        pytest.param({"code": "A" * 1025, "nonce": "n"}, id="long code"),
        pytest.param({"code": "", "nonce": "n"}, id="empty code"),
        pytest.param({"code": 7, "nonce": "n"}, id="code is a number"),
        pytest.param({"code": "A", "nonce": "n", "force": True}, id="unknown field"),
        pytest.param([], id="not an object"),
    ],
)
def test_a_scan_that_cannot_be_used_is_explained(client: TestClient, body: object) -> None:
    problem = assert_problem(client.post(SCANS, json=body, headers=STATION), 422)
    assert problem["errors"]


def test_a_body_that_is_no_json_is_explained(client: TestClient) -> None:
    assert_problem(client.post(SCANS, content=b"{", headers=STATION), 422)


def test_a_huge_body_is_cut_off(client: TestClient) -> None:
    answer = client.post(SCANS, content=b"x" * 100_000, headers=STATION)
    assert answer.status_code == 413


@pytest.mark.parametrize(
    ("trouble", "status", "kind"),
    [
        (NotRecorded("the disk is full"), 503, "record-unavailable"),
        (RecordError("the database is away"), 503, "record-unavailable"),
        (LaneConflict("busy", code="lane_busy"), 409, "lane-conflict"),
    ],
)
def test_trouble_behind_a_scan_is_told_apart(
    client: TestClient, gate: FakeGateControl, trouble: Exception, status: int, kind: str
) -> None:
    gate.trouble = trouble
    assert_problem(client.post(SCANS, json=SCAN, headers=STATION), status, kind)


def test_an_exit_scan_tells_whether_the_holder_was_inside(
    client: TestClient, gate: FakeGateControl
) -> None:
    exits = "/api/v1/gates/utama/exits"
    assert client.post(exits, json={"code": "K7"}, headers=STATION).json() == {"left": True}
    gate.is_holder_inside = False
    assert client.post(exits, json={"code": "K7"}, headers=STATION).json() == {"left": False}
    assert_problem(client.post(exits, json={"code": "K7"}), 401)


def test_errors_of_routing_have_the_same_shape(client: TestClient) -> None:
    assert_problem(client.get("/api/v1/nothing"), 404)
    answer = client.get(SCANS)
    assert_problem(answer, 405)
    assert "POST" in answer.headers["allow"]


def test_the_interface_describes_itself_without_a_foreign_server(client: TestClient) -> None:
    paths = client.get("/api/v1/openapi.json").json()["paths"]
    assert {"/api/v1/status", "/api/v1/gates/{gate}/scans", "/readyz"} <= set(paths)
    assert not [path for path in paths if path.startswith(("/gate", "/dashboard"))]
    assert client.get("/docs").status_code == 404
    assert client.get("/redoc").status_code == 404


def test_the_interface_tells_its_errors_and_who_may_ask(client: TestClient) -> None:
    described = client.get("/api/v1/openapi.json").json()
    scan = described["paths"][SCANS.replace("utama", "{gate}")]["post"]
    for status in ("400", "401", "403", "404", "409", "421", "422", "429", "503"):
        (media_type,) = scan["responses"][status]["content"]
        assert media_type == "application/problem+json"
    assert scan["security"] == [{"station": []}]
    assert described["components"]["securitySchemes"]["station"]["scheme"] == "bearer"
    assert set(described["components"]["schemas"]["Problem"]["properties"]) == {
        "type", "title", "status", "detail",
    }  # fmt: skip
    for public in ("/api/v1/status", "/api/v1/services"):
        assert described["paths"][public]["get"]["security"] == []


def test_the_interface_tells_how_a_session_begins_and_ends(client: TestClient) -> None:
    described = client.get("/api/v1/openapi.json").json()
    assert set(described["paths"]["/login"]) == {"post"}  # the page is for people
    log_in, log_out = (described["paths"][path]["post"] for path in ("/login", "/logout"))
    assert set(log_in["responses"]) == {"303", "401", "403", "408", "413", "422", "429", "503"}
    assert set(log_out["responses"]) == {"303", "403", "408", "413", "422", "503"}
    assert list(log_in["requestBody"]["content"]) == ["application/x-www-form-urlencoded"]
    (schema,) = log_in["requestBody"]["content"].values()
    fields = described["components"]["schemas"][schema["schema"]["$ref"].rpartition("/")[2]]
    assert set(fields["properties"]) == {"name", "password", "following", "csrf_token"}
    session = described["components"]["securitySchemes"]["session"]
    assert (session["type"], session["in"], session["name"]) == (
        "apiKey", "cookie", SESSION_COOKIE,
    )  # fmt: skip
    assert log_in["security"] == []
    assert log_out["security"] == [{"session": []}]


def test_metrics_are_described_as_text(client: TestClient) -> None:
    described = client.get("/api/v1/openapi.json").json()
    (media_type,) = described["paths"]["/metrics"]["get"]["responses"]["200"]["content"]
    assert media_type == client.get("/metrics").headers["content-type"]


def test_tokens_that_are_guessed_are_not_looked_up_one_by_one(
    client: TestClient, fake: FakeOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads, read = [0], fake.record.accounts.gates

    def counted() -> list[Gate]:
        reads[0] += 1
        return read()

    fake.office.known.start()
    monkeypatch.setattr(fake.record.accounts, "gates", counted)
    monkeypatch.setattr(accounts, "LOOK_S", 3600)
    try:
        for number in range(20):
            guessed = {"Authorization": f"Bearer guess-{number}"}
            assert client.post(SCANS, json=SCAN, headers=guessed).status_code == 401
        assert reads[0] <= 2
        fake.record.accounts.renew_gate_token("utama", hash_token("new"))
        fake.clock.move_to(fake.clock.now() + timedelta(seconds=UNKNOWN_S))
        new = {"Authorization": "Bearer new"}
        assert client.post(SCANS, json=SCAN, headers=new).status_code == 200
    finally:
        fake.office.known.close()


def test_a_gate_added_a_moment_ago_may_scan_though_all_were_just_read(
    client: TestClient, fake: FakeOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(accounts, "LOOK_S", 3600)
    fake.office.known.start()
    try:
        fake.record.accounts.renew_gate_token("utama", hash_token("new"))
        new = {"Authorization": "Bearer new"}
        assert client.post(SCANS, json=SCAN, headers=new).status_code == 200
    finally:
        fake.office.known.close()


def test_a_bug_behind_the_interface_is_a_problem_too(
    fake: FakeOffice, gate: FakeGateControl
) -> None:
    from dashboard.app import create_app

    gate.trouble = ZeroDivisionError("a bug")
    client = TestClient(create_app(fake.office), raise_server_exceptions=False)
    answer = client.post(SCANS, json=SCAN, headers=STATION)
    assert_problem(answer, 500)
    assert "a bug" not in answer.text
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_an_exit_carries_its_idempotency_key_to_the_gate(
    client: TestClient, gate: FakeGateControl
) -> None:
    headers = {**STATION, "Idempotency-Key": "k-1"}
    answer = client.post("/api/v1/gates/utama/exits", json={"code": "GB1:ABC"}, headers=headers)
    assert answer.json() == {"left": True}
    assert gate.done == [ExitScan(code="GB1:ABC", nonce="k-1")]
    gate.conflict = "nonce_reused"
    other = client.post("/api/v1/gates/utama/exits", json={"code": "GB1:DEF"}, headers=headers)
    assert_problem(other, 422)
    headers["Idempotency-Key"] = "x" * 65
    too_long = client.post("/api/v1/gates/utama/exits", json={"code": "GB1:A"}, headers=headers)
    assert_problem(too_long, 422)


ELSEWHERE = NotOwner("utama", machine="pc-2", address="https://pc-2.example:8443")


@pytest.mark.parametrize(
    ("what", "body"), [("scans", SCAN), ("exits", {"code": "GB1:ABC"})], ids=["scan", "exit"]
)
def test_a_gate_that_runs_elsewhere_is_misdirected_and_names_its_owner(
    client: TestClient, fake: FakeOffice, gate: FakeGateControl, what: str, body: dict[str, str]
) -> None:
    fake.gates.elsewhere["utama"] = ELSEWHERE
    answer = client.post(f"/api/v1/gates/utama/{what}", json=body, headers=STATION)
    assert assert_problem(answer, 421, "not-owner")["owner"] == "https://pc-2.example:8443"
    assert gate.done == []


def test_an_owner_without_an_address_is_not_guessed(client: TestClient, fake: FakeOffice) -> None:
    fake.gates.elsewhere["utama"] = NotOwner("utama", machine="pc-2")
    answer = client.post(SCANS, json=SCAN, headers=STATION)
    assert assert_problem(answer, 421, "not-owner")["owner"] is None
    assert "pc-2" in answer.json()["detail"]


def test_only_the_gates_station_learns_where_it_runs(client: TestClient, fake: FakeOffice) -> None:
    fake.gates.elsewhere["utama"] = ELSEWHERE
    assert_problem(client.post(SCANS, json=SCAN), 401)


def test_requests_are_reported_to_nobody_even_where_the_environment_asks_for_it(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("FASTAPI_OTEL_AUTO_CONFIGURE", "true")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector.invalid:4318")
    with TestClient(create_app(make_office().office)) as client:
        assert client.get("/healthz").status_code == 200
    assert "telemetry" not in caplog.text
