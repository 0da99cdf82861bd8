"""A whole office in its own process: scans over HTTP, races, kill -9, certificates, shutdown."""

from __future__ import annotations

import datetime
import json
import re
import ssl
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx2
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from dashboard.commands.bench_siege import self_signed
from dashboard.storage import open_record
from screening.receipts.keys import SigningKey
from screening.receipts.token import sign
from screening.settings import load_settings
from tests.contracts.builders import write_as_newer_version
from tests.e2e.served import (
    START_S,
    Station,
    call_gerbang,
    comes_true,
    drained,
    gerbang,
    served,
)
from tests.screening.receipts.builders import claims

ELSEWHERE_S = 2.0
"""What is changed in one process holds in every other after so long."""

YESTERDAY = (datetime.datetime.now(ZoneInfo("Asia/Jakarta")) - timedelta(days=1)).date()


def issued(data: Path, *more: str) -> dict[str, str]:
    by = ("--service", "KTP", "--name", "Siti", "--issued", YESTERDAY.isoformat())
    answer: dict[str, str] = gerbang("receipt", "issue", *by, *more, data=data)
    return answer


def receipt(data: Path, *more: str) -> str:
    return issued(data, *more)["token"]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


def test_a_receipt_s_page_follows_its_holder_and_takes_it_back(data: Path) -> None:
    used, returned = issued(data), issued(data)
    secret = gerbang("gate", "add", "satu", "--checks", "receipt", data=data)["token"]
    with (
        served(["serve"], data=data) as office,
        httpx2.Client(base_url=office.base, timeout=START_S) as client,
    ):
        gate = Station(client, "satu", secret)
        assert 'data-stage="booked"' in client.get(used["link"]).text
        came = gate.scan(used["token"]).json()
        page = client.get(used["link"]).text
        assert 'data-stage="inside"' in page
        assert came["seat"] in page
        assert came["ticket"] in page
        page = client.get(returned["link"]).text
        token = re.search(r'name="csrf_token" value="([^"]+)"', page)
        assert token is not None
        form = {"act": "cancel", "csrf_token": token[1]}
        assert client.post(returned["link"], data=form).status_code == 303
        assert 'data-stage="cancelled"' in client.get(returned["link"]).text
        assert gate.scan(returned["token"]).json()["reason"] == "revoked"
        wrong = used["link"][:-1] + ("a" if used["link"][-1] != "a" else "b")
        assert client.get(wrong).status_code == 404
        printed = "".join(drained(office.printed))
    rows = call_gerbang("log", "export", "--json", "--data", str(data)).lines
    (remark,) = [row["remark"] for row in rows if row["kind"] == "revoke"]
    assert remark == "cancelled by its holder"
    for link in (used["link"], returned["link"]):
        assert link.rsplit("/", 1)[1] not in printed


def test_one_of_eight_scans_at_once_is_admitted_also_at_two_gates(data: Path) -> None:
    token = receipt(data)
    gates = {
        name: gerbang("gate", "add", name, "--checks", "receipt", data=data)["token"]
        for name in ("satu", "dua")
    }
    with (
        served(["serve"], data=data) as office,
        httpx2.Client(base_url=office.base, timeout=START_S) as client,
    ):
        before = client.get("/api/v1/status").json()
        stations = [Station(client, name, secret) for name, secret in gates.items()]
        line = threading.Barrier(8)

        def scan(number: int) -> str:
            line.wait()
            status: str = stations[number % 2].scan(token).json()["status"]
            return status

        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(scan, range(8)))
        assert sorted(answers) == ["ok"] + ["refused"] * 7
        after = client.get("/api/v1/status").json()
        assert after["occupancy"] == before["occupancy"] + 1
        assert (after["admitted_today"], after["refused_today"]) == (1, 7)
        assert stations[0].scan("GB1:NONSENSE").json()["reason"] == "receipt_unreadable"
        wrong = Station(client, "satu", gates["dua"])
        assert wrong.scan(token).status_code in (401, 403)
        assert office.stop() == 0
    head = gerbang("log", "verify", data=data)["head"]
    assert gerbang("log", "verify", data=data) == {
        "intact": True,
        "entries": 12,  # two gates added and the configuration taken over, then nine scans
        "head": head,
        "noted": f"12:{head}",
        "first_bad_entry": None,
        "problem": None,
    }


def test_a_gate_added_while_the_office_runs_works_at_once(data: Path) -> None:
    with (
        served(["serve"], data=data) as office,
        httpx2.Client(base_url=office.base, timeout=START_S) as client,
    ):
        token = receipt(data)
        secret = gerbang("gate", "add", "baru", "--checks", "receipt", data=data)["token"]
        station = Station(client, "baru", secret)
        assert station.scan(token, "n-1").json()["status"] == "ok"
        assert station.scan(token, "n-1").json()["status"] == "ok"
        assert station.scan(token, "n-2").json()["status"] == "refused"


def test_a_running_office_follows_whom_to_believe(data: Path, tmp_path: Path) -> None:
    portal = SigningKey("PORTAL", Ed25519PrivateKey.generate())
    now = datetime.datetime.now(UTC).replace(microsecond=0)
    token = sign(
        claims(
            issuer="PORTAL",
            site=load_settings(None).site.code,
            not_before=now - timedelta(days=1),
            expires=now + timedelta(days=1),
        ),
        portal,
    )
    key = tmp_path / "portal.pem"
    public_key = portal.private_key.public_key()
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    key.write_bytes(public_key.public_bytes(serialization.Encoding.PEM, form))
    (tmp_path / "list.csv").write_text(f"number,service,valid_from\n470/1,KTP,{now.date()}\n")
    secret = gerbang("gate", "add", "utama", "--checks", "receipt", data=data)["token"]
    with (
        served(["serve"], data=data) as office,
        httpx2.Client(base_url=office.base, timeout=START_S) as client,
    ):
        station = Station(client, "utama", secret)

        def told(code: str) -> str:
            reason: str = station.scan(code).json()["reason"]
            return reason

        assert told(token) == "unknown_issuer"
        gerbang("issuer", "add", "PORTAL", "--key", str(key), data=data)
        assert comes_true(lambda: told(token) == "admitted", ELSEWHERE_S)
        gerbang("issuer", "set", "PORTAL", f"until={now.isoformat()}", data=data)
        assert comes_true(lambda: told(token) == "issuer_key_expired", ELSEWHERE_S)
        gerbang("issuer", "remove", "PORTAL", "--yes", data=data)
        assert comes_true(lambda: told(token) == "unknown_issuer", ELSEWHERE_S)
        assert told("470/1") == "receipt_unreadable"
        imported = ("receipt", "import", str(tmp_path / "list.csv"), "--issuer", "LAMA", "--yes")
        gerbang(*imported, data=data)
        assert comes_true(lambda: told("470/1") == "admitted", ELSEWHERE_S)

        system = gerbang("key", "add", "portal", "--scope", "registrations", data=data)["key"]

        def revoked() -> int:
            return client.post(
                "/api/v1/receipts/470%2F1/revoke",
                json={"reason": "registered twice"},
                headers={"Authorization": f"Bearer {system}"},
            ).status_code

        assert revoked() == 200
        assert told("470/1") == "revoked"
        gerbang("key", "revoke", "portal", data=data)
        assert comes_true(lambda: revoked() == 401, ELSEWHERE_S)
        assert office.stop() == 0
    assert gerbang("log", "verify", data=data)["intact"]


def test_the_mode_is_switched_while_visitors_stand_at_the_gate(data: Path) -> None:
    secret = gerbang("gate", "add", "utama", data=data)["token"]
    tokens = [receipt(data) for _ in range(3)]
    with (
        served(["serve"], data=data) as office,
        httpx2.Client(base_url=office.base, timeout=START_S) as client,
    ):
        station = Station(client, "utama", secret)

        def status() -> dict[str, Any]:
            body: dict[str, Any] = client.get("/api/v1/status").json()
            return body

        assert (status()["mode"], status()["capacity"]) == ("everyday", 60)
        assert "Pakai masker" not in client.get("/").text
        assert station.scan(tokens[0]).json()["status"] == "ok"
        assert gerbang("office", "mode", "outbreak", "--yes", data=data)["capacity"] == 30
        assert comes_true(lambda: status()["mode"] == "outbreak", ELSEWHERE_S)
        assert (status()["capacity"], status()["occupancy"]) == (30, 1)
        assert "Pakai masker" in client.get("/").text
        pending = station.scan(tokens[1]).json()
        assert (pending["status"], pending["reason"]) == ("pending", "clean_hands")
        gerbang("office", "mode", "everyday", "--yes", data=data)
        assert comes_true(lambda: status()["mode"] == "everyday", ELSEWHERE_S)
        gerbang("gate", "remove", "utama", "--yes", data=data)
        assert comes_true(lambda: client.get("/kiosk/utama").status_code == 404, ELSEWHERE_S)
        assert office.stop() == 0
    assert gerbang("log", "verify", data=data)["intact"]


def test_only_the_first_serve_takes_the_configuration_over(data: Path, tmp_path: Path) -> None:
    file = tmp_path / "gerbang.toml"
    wired = "[[gates]]\nname = 'utama'\n[gates.thermometer]\nmodel = 'gy-mcu90614'\n"
    port = "port = '/dev/serial/by-path/nowhere'\n"
    file.write_text(f"[room]\ncapacity = 12\n{wired}{port}")
    config = ("--config", str(file))
    shown = gerbang("office", "show", *config, data=data)
    assert (shown["mode"], shown["capacity"], shown["checks"]) == ("outbreak", 12, {})
    with served(["serve", *config], data=data) as office:
        assert office.stop() == 0
    file.write_text(f"[room]\ncapacity = 99\n{wired}{port}")
    with served(["serve", *config], data=data) as office:
        assert office.stop() == 0
    shown = gerbang("office", "show", *config, data=data)
    assert (shown["mode"], shown["capacity"]) == ("outbreak", 12)
    assert shown["checks"] == {"utama": ["receipt", "hands", "temperature", "mask"]}
    exported = call_gerbang("log", "export", "--json", "--data", str(data)).out.splitlines()
    assert [json.loads(row)["kind"] for row in exported] == ["office_changed"]
    checked = json.loads(
        call_gerbang("config", "check", *config, "--data", str(data), "--json").out
    )
    (advice,) = [line for line in checked["advice"] if line.startswith("room.capacity")]
    assert "the file says 99, the record 12" in advice
    assert not any("capacity" in problem for problem in checked["problems"])


def test_serve_names_devices_that_are_not_used_and_those_that_have_one_port(
    data: Path, tmp_path: Path
) -> None:
    file = tmp_path / "gerbang.toml"
    file.write_text(
        "[[gates]]\nname = 'utama'\n[gates.thermometer]\nmodel = 'gy-mcu90614'\n"
        "port = '/dev/serial/by-path/nowhere'\n"
        "[[gates]]\nname = 'samping'\nbarrier = {model = 'lcus-1', "
        "port = '/dev/serial/by-path/nowhere'}\n"
    )
    config = ("--config", str(file))
    gerbang("office", "mode", "everyday", "--yes", *config, data=data)
    with served(["serve", *config], data=data) as office:
        assert office.stop() == 0
    printed = "".join(drained(office.printed))
    assert "Mode everyday: gates ask for receipt" in printed
    assert "gate utama: its thermometer is wired and not used in everyday mode" in printed
    assert (
        "the thermometer of gate utama and the barrier of gate samping have one port,"
        " /dev/serial/by-path/nowhere: each needs its own" in printed
    )


def test_kill_9_loses_no_admitted_visit(data: Path) -> None:
    secret = gerbang("gate", "add", "satu", "--checks", "receipt", data=data)["token"]
    party = receipt(data, "--party", "20")
    acknowledged: list[str] = []
    with (
        served(["serve"], data=data) as office,
        httpx2.Client(base_url=office.base, timeout=START_S) as client,
    ):
        station = Station(client, "satu", secret)
        enough = threading.Event()

        def scan_until_dead() -> None:
            try:
                while True:
                    answer = station.scan(party).json()
                    if answer["status"] == "ok":
                        acknowledged.append(answer["attempt_id"])
                    if len(acknowledged) == 5:
                        enough.set()
            except httpx2.HTTPError:
                return

        scanning = threading.Thread(target=scan_until_dead)
        scanning.start()
        assert enough.wait(60)
        office.kill()
        scanning.join(30)
    assert gerbang("log", "verify", data=data)["intact"]
    with (
        served(["serve"], data=data) as office,
        httpx2.Client(base_url=office.base, timeout=START_S) as client,
    ):
        inside = client.get("/api/v1/status").json()["occupancy"]
        assert len(acknowledged) <= inside <= len(acknowledged) + 1


def test_an_office_shows_and_exports_what_a_newer_version_wrote(data: Path) -> None:
    gerbang("gate", "add", "utama", "--checks", "receipt", data=data)
    typed = ("user", "add", "dewi", "--role", "administrator", "--password-stdin")
    gerbang(*typed, data=data, stdin="masker-dulu-ya\n")
    with open_record(load_settings(None, data=data)) as record:
        write_as_newer_version(record, at=datetime.datetime.now(UTC))
    with (
        served(["serve"], data=data) as office,
        httpx2.Client(base_url=office.base, follow_redirects=True, timeout=START_S) as client,
    ):
        token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/login").text)
        assert token is not None
        who = {"name": "dewi", "password": "masker-dulu-ya", "csrf_token": token[1]}
        shown = {"/dashboard": client.post("/login", data=who)}
        for path in ("/", "/gate/utama", "/kiosk/utama", "/dashboard/day", "/metrics", "/readyz"):
            shown[path] = client.get(path)
        shown["/dashboard/temperature"] = client.get("/dashboard/temperature")
        assert {path: answer.status_code for path, answer in shown.items()} == dict.fromkeys(
            shown, 200
        )
        assert shown["/dashboard"].text.count("from_the_future") >= 2  # its row and the refusals
        assert 'data-state="called"' in shown["/dashboard"].text
        assert "from_the_future" in shown["/gate/utama"].text
        assert 'reason="from_the_future"} 1.0' in shown["/metrics"].text
        with client.stream("GET", "/dashboard/events", params={"after": 2}) as stream:
            assert any("called" in line for line in stream.iter_lines())
    exported = call_gerbang("log", "export", "--data", str(data)).out
    assert ",attempt,utama,deny,from_the_future," in exported
    assert "iris=seen(drone)" in exported
    exported = call_gerbang("log", "export", "--json", "--data", str(data)).out
    rows = [json.loads(line) for line in exported.splitlines()]
    assert [row["decision"] for row in rows if row["kind"] == "called"] == ["ponder"]
    assert gerbang("log", "verify", data=data)["intact"]


def test_speaks_https_with_the_sites_certificate(data: Path, tmp_path: Path) -> None:
    certificate, key = self_signed(tmp_path)
    config = tmp_path / "gerbang.toml"
    config.write_text(f'[web]\ntls_certificate = "{certificate}"\ntls_key = "{key}"\n')
    trust = ssl.create_default_context(cafile=str(certificate))
    arguments = ["serve", "--config", str(config)]
    with (
        served(arguments, data=data) as office,
        httpx2.Client(base_url=office.base, verify=trust, timeout=START_S) as client,
    ):
        assert client.get("/api/v1/status").status_code == 200
        assert "Secure" in client.get("/login").headers["set-cookie"]


def test_the_demo_admits_visitors_through_the_real_drivers(data: Path) -> None:
    with (
        served(["demo", "--speed", "50", "--seed", "1", "--past", "4"], data=data) as office,
        httpx2.Client(base_url=office.base, timeout=START_S) as client,
        client.stream("GET", "/kiosk/utama/events") as kiosk,
    ):
        for line in kiosk.iter_lines():  # something happens at the gate
            if line.startswith("data:"):
                status = client.get("/api/v1/status").json()
                if status["admitted_today"] >= 2 and status["refused_today"] >= 1:
                    break
        text = "".join(office.printed.get() for _ in range(office.printed.qsize()))
        assert "GB1:" in text
        assert "satpam / satpam-demo" in text
        assert "The 4 days before today are played" in text
    assert gerbang("log", "verify", data=data)["intact"]
    days = [YESTERDAY - timedelta(days=number) for number in range(4)]
    reports = (gerbang("report", "day", day.isoformat(), "--json", data=data) for day in days)
    assert any(report["totals"]["served"] for report in reports)


def test_the_demo_refuses_a_real_offices_folder_and_serve_the_demos(data: Path) -> None:
    gerbang("receipt", "issue", "--service", "KTP", "--name", "Siti", data=data)
    (data / "DEMO").write_text("")
    with pytest.raises(AssertionError, match="demo"), served(["serve"], data=data):
        pass


def test_a_taken_port_is_one_line_and_nothing_was_opened(data: Path, tmp_path: Path) -> None:
    with served(["serve"], data=data) as office:
        port = office.base.rpartition(":")[2]
        for command in ("serve", "demo"):
            second = tmp_path / command
            done = call_gerbang(command, "--port", port, "--data", str(second))
            assert (done.status, done.out) == (1, "")
            assert done.err.count("\n") == 1
            assert port in done.err
            assert not second.exists()


def test_an_idle_stream_does_not_hold_up_the_end(data: Path) -> None:
    with (
        served(["serve"], data=data) as office,
        httpx2.Client(base_url=office.base, timeout=START_S) as client,
        client.stream("GET", "/kiosk/utama/events") as stream,
    ):
        lines = stream.iter_lines()
        next(lines)
        assert office.stop() == 0
        for _ in lines:  # it ended as a whole: nothing was cut off
            pass


REHEARSED = """
[policy]
checks = ["receipt", "temperature", "mask"]

[[gates]]
name = "utama"
thermometer = {model = "gy-mcu90614", port = "/dev/serial/by-path/not-there"}
scanner = {model = "gm65", usb = "1a86:7523"}
barrier = {model = "modbus-relay", port = "/dev/ttyUSB97", unit = 3}
camera = {source = "0"}

[[gates]]
name = "samping"
scanner = {model = "keyboard"}
"""


def test_a_rehearsal_has_the_configuration_s_devices_and_leaves_no_trace(
    data: Path, tmp_path: Path
) -> None:
    config = tmp_path / "gerbang.toml"
    config.write_text(REHEARSED)
    with served(["serve", "--rehearse", "--config", str(config)], data=data) as office:
        with httpx2.Client(base_url=office.base, timeout=START_S) as client:

            def devices(gate: str) -> dict[str, bool]:
                found = client.get("/readyz").json()["gates"][gate]["devices"]
                return {kind: one["available"] for kind, one in found.items() if one["configured"]}

            wired = {"thermometer", "scanner", "barrier", "camera"}
            assert comes_true(lambda: devices("utama") == dict.fromkeys(wired, True), START_S)
            assert devices("samping") == {}
            assert "Latihan: alat hanya simulasi" in client.get("/").text
        assert office.stop() == 0
        told = "".join(drained(office.printed))
    assert "REHEARSAL" in told
    assert "no barrier moves" in told
    assert "Log in as latihan with the password " in told
    assert not data.exists()


def test_a_rehearsal_never_touches_the_office_s_database(tmp_path: Path) -> None:
    data = tmp_path / "data"
    receipt(data)
    before = {path: path.read_bytes() for path in data.rglob("*") if path.is_file()}
    with served(["serve", "--rehearse"], data=data) as office:
        assert httpx2.get(f"{office.base}/healthz", timeout=START_S).status_code == 200
    assert {path: path.read_bytes() for path in data.rglob("*") if path.is_file()} == before
