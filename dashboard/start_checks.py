"""What would stop an office, or one of its gates, from starting: looked at before it starts."""

from __future__ import annotations

import errno
import grp
import ipaddress
import os
import pwd
import socket
import sqlite3
import ssl
from collections import defaultdict
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from pathlib import Path

from screening.settings import GateSettings, Settings, WebSettings

ANSWER_S = 2.0
"""So long a program at our port may take to say whether it is Gerbang."""

FAR_TOO_MANY = 2
"""Times the seats: a capacity above that is a slip of the hand, not people who stand."""

_FIRST_FREE_PORT = 1024

_PRIMARY_CODE = 0xFF
"""SQLite's extended codes carry the primary one in their last byte."""


def shared_port_problems(settings: Settings) -> list[str]:
    """Devices that name the same port: only the first one to open it would work."""
    users: dict[str, list[str]] = defaultdict(list)
    for gate in settings.gates:
        for device, port, usb in serial_devices(gate):
            by_usb = None if usb is None else f"usb {usb.lower()}"
            for place in {os.path.realpath(port) if port else None, by_usb} - {None}:
                users[str(place)].append(f"the {device} of gate {gate.name}")
    shared = {place: named for place, named in users.items() if len(named) > 1}
    return [
        f"{' and '.join(named)} have one port, {place}: each needs its own"
        for place, named in shared.items()
    ]


def serial_devices(gate: GateSettings) -> Iterator[tuple[str, str | None, str | None]]:
    """The gate's devices at serial ports: what it is, its port and its USB identity."""
    if gate.thermometer is not None:
        yield "thermometer", gate.thermometer.port, gate.thermometer.usb
    if gate.scanner is not None and gate.scanner.model != "keyboard":
        yield "scanner", gate.scanner.port, gate.scanner.usb
    if gate.barrier is not None:
        yield "barrier", gate.barrier.port, gate.barrier.usb
    if gate.people_counter is not None:
        yield "people counter", gate.people_counter.port, gate.people_counter.usb


def camera_problems(settings: Settings) -> list[str]:
    """Cameras whose folder, file or device is not there. One at an address is not asked."""
    problems = []
    for gate in settings.gates:
        source = None if gate.camera is None else gate.camera.source
        if source is None or "://" in source:
            continue
        path = Path(f"/dev/video{source}" if source.isdigit() else source)
        if not path.exists():
            problems.append(f"gate {gate.name}, camera: {path} does not exist")
        elif not os.access(path, os.R_OK):
            problems.append(f"gate {gate.name}, camera: {path} cannot be read by {user_name()}")
    return problems


def room_problems(settings: Settings) -> list[str]:
    """A capacity that no room with these seats has."""
    room = settings.room
    seats = room.rows * room.columns
    if room.capacity is None or room.capacity <= FAR_TOO_MANY * seats:
        return []
    return [
        f"room.capacity {room.capacity} is far above the {seats} seats"
        f" ({room.rows} rows of {room.columns})"
    ]


def room_advice(settings: Settings) -> list[str]:
    """A capacity above the seats: allowed, and worth a word."""
    room = settings.room
    seats = room.rows * room.columns
    if room.capacity is None or room.capacity <= seats or room_problems(settings):
        return []
    return [f"more people than the {seats} seats: room.capacity is {room.capacity}, so some stand"]


def folder_problems(folder: Path) -> list[str]:
    """A data folder that this user cannot keep files in, or that belongs to somebody else."""
    try:
        owner = folder.stat().st_uid
    except OSError:  # told by whoever tries to make it
        return []
    if owner == os.geteuid():
        return []
    if os.geteuid() == 0:
        name = user_name(owner)
        return [
            f"{folder} belongs to {name} and this is root: files made now would be closed to the"
            f" service. Run every command as {name}: sudo -u {name} gerbang config check"
        ]
    return [
        f"{folder} belongs to {user_name(owner)} and this is {user_name()}: run as that user, or"
        f" give it over (sudo chown -R {user_name()} {folder})"
    ]


def damage_problems(file: Path) -> list[str]:
    """Damaged pages of the embedded database, found by reading the whole file; none where it is
    missing. A lost one must not be asked: SQLite deletes the newest rows beside it."""
    if not file.is_file():
        return []
    try:
        with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)) as database:
            (found,) = database.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.DatabaseError as error:
        if error.sqlite_errorcode & _PRIMARY_CODE != sqlite3.SQLITE_CORRUPT:
            return []
        found = str(error)
    if found == "ok":
        return []
    what = " ".join(str(found).split())
    return [f"{file} is damaged ({what}): stop the service and put the backup in its place"]


def certificate_problems(web: WebSettings) -> list[str]:
    """What is wrong with the certificate and its key: which file, and for whom."""
    certificate, key = web.tls_certificate, web.tls_key
    if certificate is None or key is None:
        return []
    unreadable = [
        problem
        for name, file in (("web.tls_certificate", certificate), ("web.tls_key", key))
        if (problem := _unreadable(name, file)) is not None
    ]
    if unreadable:
        return unreadable
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        # No password: a service has nobody to ask for one.
        context.load_cert_chain(certificate, key, lambda: "")
    except ssl.SSLError as error:
        return [_unfit(error, certificate, key)]
    except OSError as error:
        return [f"web.tls_certificate {certificate} with its key: {error}"]
    return []


def _unreadable(name: str, file: Path) -> str | None:
    try:
        with file.open("rb") as opened:
            opened.read(1)
    except PermissionError:
        owner = _owner(file)
        return (
            f"{name}: {file} cannot be read by {user_name()}{owner}: let its group read it"
            f" (sudo chgrp {_group_name()} {file}; sudo chmod 640 {file})"
        )
    except OSError as error:
        return f"{name}: {file}: {error.strerror}"
    return None


def _unfit(error: ssl.SSLError, certificate: Path, key: Path) -> str:
    if error.reason == "KEY_VALUES_MISMATCH":
        return f"web.tls_key: {key} is not the key of the certificate {certificate}"
    if "BEGIN CERTIFICATE" not in certificate.read_text("utf-8", "replace"):
        return f"web.tls_certificate: {certificate} holds no certificate (PEM)"
    text = key.read_text("utf-8", "replace")
    if "ENCRYPTED" in text:
        return f"web.tls_key: {key} has a password, and a service has nobody to ask: remove it"
    if "PRIVATE KEY" not in text:
        return f"web.tls_key: {key} holds no private key (PEM)"
    return f"web.tls_certificate {certificate} with web.tls_key {key}: {error.reason or error}"


def address_problems(web: WebSettings) -> list[str]:
    """What stands against listening where the settings say. Opens the port for a moment."""
    problems = []
    is_behind_proxy = (web.public_url or "").startswith("https://")
    if not is_loopback(web.host) and web.tls_certificate is None and not is_behind_proxy:
        problems.append(
            f"web.host {web.host} is open to the network without a certificate: passwords and names"
            " could be read. Set web.tls_certificate and web.tls_key, or web.public_url where a"
            " proxy in front does it"
        )
    return problems + _port_problems(web)


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches that address."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


def _port_problems(web: WebSettings) -> list[str]:
    if web.port == 0:
        return []
    family = socket.AF_INET6 if ":" in web.host else socket.AF_INET
    try:
        socket.create_server((web.host, web.port), family=family).close()
    except OSError as error:
        if error.errno == errno.EADDRINUSE and _is_gerbang(web):
            return []  # the service is running, as it should
        return [_not_listening(web, error)]
    return []


def _not_listening(web: WebSettings, error: OSError) -> str:
    if isinstance(error, PermissionError):
        return (
            f"web.port {web.port}: {user_name()} may not listen below {_FIRST_FREE_PORT}: choose"
            " another port, or AmbientCapabilities=CAP_NET_BIND_SERVICE in the service's unit"
        )
    if error.errno == errno.EADDRINUSE:
        return f"web.port {web.port} is in use by another program: choose another web.port"
    if error.errno == errno.EADDRNOTAVAIL:
        return f"web.host {web.host}: this machine has no such address"
    return f"web.host {web.host}, port {web.port}: {error.strerror or error}"


def _is_gerbang(web: WebSettings) -> bool:
    """Whether the program at our port answers as this one does."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(web.host, web.host)
    connection: HTTPConnection
    if web.tls_certificate is None:
        connection = HTTPConnection(host, web.port, timeout=ANSWER_S)
    else:
        # Whose certificate it is does not matter here: nothing is sent that anybody may not see.
        context = ssl._create_unverified_context()
        connection = HTTPSConnection(host, web.port, timeout=ANSWER_S, context=context)
    try:
        connection.request("GET", "/api/v1/openapi.json")
        return b'"Gerbang"' in connection.getresponse().read(4096)
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def user_name(uid: int | None = None) -> str:
    """A user's name, else their number; without a number, who runs this program."""
    number = os.geteuid() if uid is None else uid
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return f"uid {number}"


def _owner(file: Path) -> str:
    try:
        return f" (it belongs to {user_name(file.stat().st_uid)})"
    except OSError:
        return ""


def _group_name() -> str:
    try:
        return grp.getgrgid(os.getegid()).gr_name
    except KeyError:
        return str(os.getegid())
