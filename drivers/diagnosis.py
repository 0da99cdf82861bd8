"""Why a serial port does not work and what to do about it, in sentences for people."""

from __future__ import annotations

import grp
import os
import stat
from collections.abc import Callable, Iterable
from pathlib import Path

from drivers.link import SerialAddress, SerialLink, SerialPort, UsbIdentity, list_serial_ports
from drivers.wire import ECHO_ADVICE, Link
from screening.errors import DeviceUnavailable

_ECHO_S = 0.3  # an echo comes at once, an answer within some hundredths of a second
_MOST_HEARD = 64  # behind the question; a device that talks by itself never stops
_CH340_VENDOR = 0x1A86  # QinHeng; its adapters carry no serial number
# Adapters that brltty's udev rules take for braille displays: CH340 and CP2102.
_TAKEN_BY_BRLTTY = ("1A86/7523", "10C4/EA60")


def diagnose_port(
    port: str,
    *,
    ports: Callable[[], Iterable[SerialPort]] = list_serial_ports,
    by_path: Path = Path("/dev/serial/by-path"),
    udev_rules: Path = Path("/usr/lib/udev/rules.d"),
) -> list[str]:
    """Every problem of this port, each in one line; an empty list when it can be used.

    Opens the port for a moment, which restarts an Arduino board.
    """
    known = list(ports())
    try:
        status = os.stat(port)
    except OSError:
        return [_missing(port, known), *_brltty(udev_rules)]
    if not stat.S_ISCHR(status.st_mode):
        return [f"{port} is not a serial port"]
    problems = _unstable_name(port, known, by_path)
    if not os.access(port, os.R_OK | os.W_OK):
        group = _group_name(status.st_gid)
        return [
            f"no permission to open {port}: add the user to the group {group}"
            f" (sudo usermod -aG {group} USER) and log in again",
            *problems,
        ]
    return _not_opened(port) + problems


def diagnose_usb(
    usb: str,
    *,
    ports: Callable[[], Iterable[SerialPort]] = list_serial_ports,
    udev_rules: Path = Path("/usr/lib/udev/rules.d"),
) -> list[str]:
    """Every problem of finding and opening this USB identity. Raises SettingsError."""
    address = SerialAddress("device", None, UsbIdentity.parse(usb))
    try:
        port = address.find(ports)
    except DeviceUnavailable as error:
        return [str(error), *_brltty(udev_rules)]
    return _not_opened(port)


def diagnose_echo(
    question: bytes, *, baud_rate: int, port: str | None, usb: str | None
) -> tuple[str | None, bool]:
    """Whether the adapter repeats a question that changes nothing, in one line; None where not.

    The second value tells whether a device answered as well. A port that cannot be opened is told
    by the others. Raises SettingsError.
    """
    heard = b""
    link: Link | None = None
    try:
        link = SerialAddress.parse(device="device", port=port, usb=usb).connect(baud_rate)
        link.write(question)
        while chunk := link.read_chunk(_ECHO_S):
            heard += chunk
            if len(heard) > len(question) + _MOST_HEARD:
                break
    except DeviceUnavailable:
        return None, False
    finally:
        if link is not None:
            link.close()
    if question not in heard:
        return None, bool(heard)
    is_answered = len(heard) > len(question)
    return ECHO_ADVICE + ("" if is_answered else "; and no device answers behind it"), is_answered


def _missing(port: str, known: list[SerialPort]) -> str:
    present = ", ".join(sorted(_described(one) for one in known)) or "none"
    return f"{port} does not exist: is the device plugged in? Serial ports now: {present}"


def _described(port: SerialPort) -> str:
    if port.vid is None or port.pid is None:
        return port.device
    return f"{port.device} ({UsbIdentity(port.vid, port.pid, port.serial_number)})"


def _unstable_name(port: str, known: list[SerialPort], by_path: Path) -> list[str]:
    """A name such as /dev/ttyUSB0 goes to whichever adapter is plugged in first."""
    node = os.path.realpath(port)
    named = next((one for one in known if os.path.realpath(one.device) == node), None)
    if named is None or named.vid is None or named.pid is None or port != node:
        return []
    if named.serial_number is not None and named.vid != _CH340_VENDOR:
        identity = UsbIdentity(named.vid, named.pid, named.serial_number)
        return [f'{port} may get another name: write usb = "{identity}" as well']
    links = sorted(by_path.iterdir()) if by_path.is_dir() else []
    link = next(
        (str(one) for one in links if os.path.realpath(one) == node), f"a link in {by_path}"
    )
    return [f"{port} has no serial number and may get another name: use {link} instead"]


def _brltty(udev_rules: Path) -> list[str]:
    """Said only where nothing answers: brltty may have taken the adapter."""
    if not udev_rules.is_dir():
        return []
    for rules in sorted(udev_rules.glob("*brltty*.rules")):
        text = rules.read_text("utf-8", errors="replace").upper()
        if any(product in text or _as_match(product) in text for product in _TAKEN_BY_BRLTTY):
            return [
                f"brltty is installed and takes CH340 and CP2102 adapters for braille displays"
                f" ({rules}): remove it (sudo apt remove brltty) where no braille display is used"
            ]
    return []


def _as_match(product: str) -> str:
    vendor, _, model = product.partition("/")
    return f'ATTRS{{IDVENDOR}}=="{vendor}", ATTRS{{IDPRODUCT}}=="{model}"'


def _not_opened(port: str) -> list[str]:
    link = SerialLink(port, 9600, device="device")
    try:
        link.open()
    except DeviceUnavailable as error:
        return [str(error)]
    finally:
        link.close()
    return []


def _group_name(group_id: int) -> str:
    try:
        return grp.getgrgid(group_id).gr_name
    except KeyError:
        return "dialout"
