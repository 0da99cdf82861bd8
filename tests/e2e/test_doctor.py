"""gerbang doctor: what works and what does not, in plain words, changing nothing."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from dashboard.web.print_letters import font_with
from tests.e2e.command import Gerbang, Outcome

NOTHING_THERE = "http://127.0.0.1:9"


def gate(**devices: Any) -> dict[str, Any]:
    found = {
        kind: {
            "configured": True,
            "available": error is None,
            "since": "07:12",
            "last_error": error,
        }
        for kind, error in devices.items()
    }
    return {
        "mode": "automatic",
        "clock_warning": None,
        "busy_since": None,
        "devices": found,
        "owner": None,
    }


@contextmanager
def service(body: Any, status: int = 200) -> Iterator[str]:
    """Something that answers every question so; its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            content = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def told(outcome: Outcome, state: str) -> str:
    """The lines of that state."""
    return "\n".join(line["text"] for line in outcome.json["findings"] if line["state"] == state)


@pytest.fixture
def office(gerbang: Gerbang) -> Gerbang:
    """An office in use."""
    gerbang("gate", "add", "utama")
    gerbang(
        "user", "add", "rina", "--role", "administrator", "--password-stdin", stdin="12345678a\n"
    )
    gerbang("receipt", "issue", "--service", "KTP", "--name", "Siti")
    return gerbang


def test_an_office_that_works_is_told_so(office: Gerbang) -> None:
    ready = {"status": "ready", "gates": {"utama": gate(thermometer=None, barrier=None)}}
    with service(ready) as address:
        outcome = office("doctor", "--url", address, "--json")
        assert (outcome.status, outcome.json["fine"]) == (0, True)
        assert "gate utama: thermometer, barrier answer" in told(outcome, "fine")
        assert "none changed" in told(outcome, "fine")
        assert office("doctor", "--url", address).out.endswith("Everything works.\n")


def test_each_thing_that_is_wrong_is_named_with_what_to_do(office: Gerbang) -> None:
    Path("data/keys/issuer.pem").write_text("")
    broken = gate(thermometer="/dev/ttyUSB0: unplugged", camera=None)
    broken["clock_warning"] = "jumped"
    with service({"status": "ready", "gates": {"utama": broken}}) as address:
        outcome = office("doctor", "--url", address, "--json")
    assert (outcome.status, outcome.json["fine"]) == (1, False)
    wrong = told(outcome, "wrong")
    assert "issuer.pem is empty" in wrong
    assert "its thermometer does not answer since 07:12 (/dev/ttyUSB0: unplugged)" in wrong
    assert "clock" in wrong
    assert "camera answer" in told(outcome, "fine")


def test_a_service_that_does_not_run_is_told(office: Gerbang) -> None:
    outcome = office("doctor", "--url", NOTHING_THERE, "--json")
    assert outcome.status == 1
    assert "systemctl start gerbang" in told(outcome, "wrong")


@pytest.mark.parametrize("body", [{"detail": "The record could not be read."}, ["another program"]])
def test_a_service_that_is_not_ready_is_told(office: Gerbang, body: Any) -> None:
    with service(body, status=503) as address:
        outcome = office("doctor", "--url", address, "--json")
    assert outcome.status == 1
    assert "service" in told(outcome, "wrong")


def test_a_gate_that_runs_elsewhere_is_no_fault(office: Gerbang) -> None:
    elsewhere = gate() | {"mode": "elsewhere", "owner": "https://pc-2.example"}
    with service({"status": "ready", "gates": {"dua": elsewhere}}) as address:
        outcome = office("doctor", "--url", address, "--json")
    assert outcome.status == 0
    assert "https://pc-2.example" in told(outcome, "look")


def test_a_wrong_configuration_is_told_and_nothing_is_made(gerbang: Gerbang) -> None:
    Path("gerbang.toml").write_text("[room]\ncapacity = 'eight'\n")
    outcome = gerbang("doctor", "--json")
    assert outcome.status == 1
    assert "room.capacity" in told(outcome, "wrong")
    assert not Path("data").exists()


def test_a_missing_backup_is_advice_and_an_old_one_is_wrong(office: Gerbang) -> None:
    with service({"status": "ready", "gates": {"utama": gate()}}) as address:
        assert "no backup" in told(office("doctor", "--url", address, "--json"), "look")
        Path("backups").mkdir()
        Path("passphrase").write_text("empat kata yang panjang")
        Path("gerbang.toml").write_text(
            '[backup]\nfolder = "backups"\npassphrase_file = "passphrase"\n'
        )
        (Path("backups") / "gerbang-BGR-20260101T000000Z.backup").touch()
        old = office("doctor", "--url", address, "--json")
        assert "2026-01-01" in told(old, "wrong")
        assert "2026-01-01" in office("config", "check", "--json").json["advice"][-1]
        Path("passphrase").unlink()
        assert "passphrase" in told(office("doctor", "--url", address, "--json"), "wrong")
        assert office("config", "check").status == 1


@pytest.mark.parametrize(
    ("hours", "state", "words"),
    [(1, "fine", "a fresh file"), (60, "wrong", "pg_dump"), (None, "wrong", "it is empty")],
    ids=["fresh", "old", "none"],
)
def test_the_age_of_a_dump_of_postgresql_is_told(
    gerbang: Gerbang, hours: int | None, state: str, words: str
) -> None:
    Path("dumps").mkdir()
    Path("gerbang.toml").write_text(
        'database_url = "postgresql+psycopg://gerbang@127.0.0.1:9/none"\n'
        '[backup]\ndumps = "dumps"\n'
    )
    (Path("dumps") / "broken.dump").touch()  # a dump that failed has nothing in it
    if hours is not None:
        dump = Path("dumps") / "record.dump"
        dump.write_bytes(b"PGDMP")
        at = (datetime.now(UTC) - timedelta(hours=hours)).timestamp()
        os.utime(dump, (at, at))
    outcome = gerbang("doctor", "--url", NOTHING_THERE, "--json")
    assert words in told(outcome, state)
    assert any(words in line for line in gerbang("config", "check", "--json").json["advice"]) == (
        state == "wrong"
    )


@pytest.mark.parametrize("is_installed", [True, False])
def test_a_missing_voice_is_told_with_what_to_install(
    office: Gerbang, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, is_installed: bool
) -> None:
    programs = tmp_path / "bin"
    programs.mkdir()
    if is_installed:
        (programs / "espeak-ng").write_text("#!/bin/sh\n")
        (programs / "espeak-ng").chmod(0o755)
    monkeypatch.setenv("PATH", str(programs))
    with service({"status": "ready", "gates": {}}) as address:
        outcome = office("doctor", "--quick", "--url", address, "--json")
    assert "espeak-ng" in told(outcome, "fine" if is_installed else "look")


@pytest.mark.parametrize("is_installed", [True, False])
def test_letters_that_no_font_has_are_told_with_what_to_install(
    office: Gerbang, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, is_installed: bool
) -> None:
    font_with.cache_clear()
    programs = tmp_path / "bin"
    programs.mkdir()
    if is_installed:
        (programs / "fc-list").write_text("#!/bin/sh\necho /fonts/Sans.ttf\n")
        (programs / "fc-list").chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}:/bin" if is_installed else str(programs))
    monkeypatch.setattr("dashboard.web.print_letters.FONTCONFIG", str(programs / "fc-list"))
    with service({"status": "ready", "gates": {}}) as address:
        outcome = office("doctor", "--quick", "--url", address, "--json")
    font_with.cache_clear()
    assert "Javanese, Arabic, Chinese" in told(outcome, "fine" if is_installed else "look")


@pytest.mark.parametrize(("days", "state"), [(-1, "wrong"), (10, "look"), (90, "fine")])
def test_a_certificate_s_end_is_told(office: Gerbang, days: int, state: str) -> None:
    write_certificate(ends=datetime.now(UTC) + timedelta(days=days))
    Path("gerbang.toml").write_text('[web]\ntls_certificate = "c.pem"\ntls_key = "k.pem"\n')
    with service({"status": "ready", "gates": {}}) as address:
        outcome = office("doctor", "--quick", "--url", address, "--json")
    assert "the certificate" in told(outcome, state)


def test_a_damaged_record_is_told(office: Gerbang) -> None:
    database = Path("data/gerbang.sqlite3")
    office("log", "verify")
    content = bytearray(database.read_bytes())
    content[4096 * 3 : 4096 * 4] = bytes(4096)
    database.write_bytes(content)
    with service({"status": "ready", "gates": {}}) as address:
        outcome = office("doctor", "--url", address, "--json")
    assert outcome.status == 1
    assert "damaged" in told(outcome, "wrong")


def write_certificate(*, ends: datetime) -> None:
    key = generate_private_key(SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "gerbang.example")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(ends - timedelta(days=400))
        .not_valid_after(ends)
        .sign(key, hashes.SHA256())
    )
    Path("c.pem").write_bytes(certificate.public_bytes(Encoding.PEM))
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    Path("k.pem").write_bytes(pem)
