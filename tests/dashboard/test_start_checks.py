"""What would stop an office from starting is told before, with the file and the user."""

from __future__ import annotations

import os
import socket
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import NameOID

from dashboard.start_checks import (
    address_problems,
    camera_problems,
    certificate_problems,
    damage_problems,
    folder_problems,
    room_advice,
    room_problems,
    shared_port_problems,
    user_name,
)
from screening.settings import Settings, WebSettings, load_settings

CERTIFIED = {"tls_certificate": "site.pem", "tls_key": "site.key"}
NOBODY = 65534
ROOT = 0


def gates(*devices: dict[str, Any]) -> Settings:
    names = ("timur", "utama", "barat")
    return load_settings(
        None, gates=[{"name": n, **d} for n, d in zip(names, devices, strict=False)]
    )


def thermometer(**port: str) -> dict[str, Any]:
    return {"thermometer": {"model": "gy-mcu90614", **port}}


def test_two_gates_with_one_port_are_both_named(tmp_path: Path) -> None:
    device, link = tmp_path / "ttyUSB0", tmp_path / "by-path"
    device.touch()
    link.symlink_to(device)
    settings = gates(thermometer(port=str(device)), thermometer(port=str(link)))
    (problem,) = shared_port_problems(settings)
    assert "gate timur" in problem
    assert "gate utama" in problem
    assert str(device) in problem


def test_devices_of_one_gate_and_usb_identities_are_compared_too() -> None:
    scanner = {"scanner": {"model": "gm65", "port": "/dev/ttyS7"}}
    (one,) = shared_port_problems(gates({**thermometer(port="/dev/ttyS7"), **scanner}))
    assert "thermometer of gate timur and the scanner of gate timur" in one
    (two,) = shared_port_problems(
        gates(thermometer(usb="1A86:7523:A1"), thermometer(usb="1a86:7523:a1"))
    )
    assert "1a86:7523" in two


def test_devices_at_ports_of_their_own_are_fine() -> None:
    keyboard = {"scanner": {"model": "keyboard"}}
    settings = gates(
        {**thermometer(port="/dev/ttyS7"), **keyboard}, {**thermometer(port="/dev/ttyS8")}
    )
    assert shared_port_problems(settings) == []


def test_a_camera_whose_folder_is_missing_is_told(tmp_path: Path) -> None:
    there, missing = tmp_path, tmp_path / "pictures"
    settings = gates(
        {"camera": {"source": str(there)}},
        {"camera": {"source": str(missing)}},
        {"camera": {"source": "rtsp://user:secret@camera/1"}},
    )
    (problem,) = camera_problems(settings)
    assert problem == f"gate utama, camera: {missing} does not exist"


@pytest.mark.parametrize(
    ("capacity", "is_problem", "is_told"),
    [(None, False, False), (60, False, False), (80, False, True), (900, True, False)],
)
def test_a_capacity_that_no_such_room_has_is_told(
    capacity: int | None, is_problem: bool, is_told: bool
) -> None:
    settings = load_settings(None, room={"rows": 6, "columns": 10, "capacity": capacity})
    problems, advice = room_problems(settings), room_advice(settings)
    assert bool(problems) is is_problem
    assert bool(advice) is is_told
    assert all("60 seats" in line and str(capacity) in line for line in [*problems, *advice])


@pytest.mark.parametrize(
    ("web", "is_told"),
    [
        ({"host": "0.0.0.0"}, True),
        ({"host": "::"}, True),
        ({"host": "0.0.0.0", "public_url": "https://gate.example"}, False),
        ({"host": "127.0.0.1"}, False),
        ({"host": "::1"}, False),
        ({"host": "localhost"}, False),
        ({"host": "0.0.0.0", **CERTIFIED}, False),
    ],
)
def test_an_open_address_wants_a_certificate(web: dict[str, Any], is_told: bool) -> None:
    told = address_problems(WebSettings.model_validate({**web, "port": 0}))
    assert ["without a certificate" in line for line in told] == ([True] if is_told else [])


def test_a_port_in_use_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        taken.settimeout(10)
        port = taken.getsockname()[1]
        taken.close()  # nobody answers, so it is not Gerbang
        with socket.socket() as bound:
            bound.bind(("127.0.0.1", port))
            (problem,) = address_problems(WebSettings(port=port))
    assert f"web.port {port} is in use" in problem


def test_an_address_of_another_machine_is_told() -> None:
    (problem,) = address_problems(WebSettings(host="192.0.2.1", port=8123, public_url="https://x"))
    assert "no such address" in problem


def test_a_folder_of_somebody_else_is_told_with_both_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert folder_problems(tmp_path) == []
    assert folder_problems(tmp_path / "absent") == []
    owner = user_name(tmp_path.stat().st_uid)
    monkeypatch.setattr(os, "geteuid", lambda: NOBODY)
    (problem,) = folder_problems(tmp_path)
    assert str(tmp_path) in problem
    assert owner in problem
    assert user_name(NOBODY) in problem


def write_pair(folder: Path, name: str, *, password: bytes | None = None) -> tuple[Path, Path]:
    key = Ed25519PrivateKey.generate()
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime(2026, 3, 1, tzinfo=UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now)
        .not_valid_after(now + timedelta(days=999))
        .sign(key, None)
    )
    certificate, private = folder / f"{name}.pem", folder / f"{name}.key"
    certificate.write_bytes(made.public_bytes(Encoding.PEM))
    encryption = NoEncryption() if password is None else BestAvailableEncryption(password)
    private.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption))
    return certificate, private


def problems_of(certificate: Path, key: Path) -> list[str]:
    return certificate_problems(WebSettings(tls_certificate=certificate, tls_key=key))


def test_a_certificate_and_its_key_are_compared(tmp_path: Path) -> None:
    one, other = write_pair(tmp_path, "one"), write_pair(tmp_path, "other")
    assert problems_of(*one) == []
    (mismatch,) = problems_of(one[0], other[1])
    assert mismatch == f"web.tls_key: {other[1]} is not the key of the certificate {one[0]}"
    (swapped,) = problems_of(one[1], one[0])
    assert str(one[1]) in swapped
    assert "holds no certificate" in swapped
    (no_key,) = problems_of(one[0], one[0])
    assert "holds no private key" in no_key
    locked = write_pair(tmp_path, "locked", password=b"rahasia")
    (password,) = problems_of(*locked)
    assert "has a password" in password


def test_each_missing_file_is_named(tmp_path: Path) -> None:
    told = problems_of(tmp_path / "no.pem", tmp_path / "no.key")
    assert [("no.pem" in line, "no.key" in line) for line in told] == [(True, False), (False, True)]


@pytest.mark.skipif(os.geteuid() != ROOT, reason="only root may become another user for a moment")
def test_an_unreadable_key_is_told_with_the_user(tmp_path: Path) -> None:
    certificate, key = write_pair(tmp_path, "site")
    for folder in [tmp_path, *tmp_path.parents[:3]]:
        folder.chmod(folder.stat().st_mode | 0o011)
    key.chmod(0o600)
    certificate.chmod(0o644)
    os.seteuid(NOBODY)
    try:
        (problem,) = problems_of(certificate, key)
    finally:
        os.seteuid(ROOT)
    assert f"{key} cannot be read by {user_name(NOBODY)}" in problem
    assert "it belongs to root" in problem


def test_damaged_pages_of_the_database_are_told(tmp_path: Path) -> None:
    file = tmp_path / "gerbang.sqlite3"
    assert damage_problems(file) == []
    with closing(sqlite3.connect(file)) as database:
        database.execute("CREATE TABLE receipts (number TEXT)")
        rows = ((f"{number:0100}",) for number in range(2000))
        database.executemany("INSERT INTO receipts VALUES (?)", rows)
        database.commit()
    assert damage_problems(file) == []
    with file.open("r+b") as opened:
        opened.seek(20 * 4096)
        opened.write(os.urandom(4096))
    (problem,) = damage_problems(file)
    assert str(file) in problem
    assert "is damaged" in problem
