"""The serial port: moves bytes, tells trouble in our own words. Only this file knows pyserial."""

from __future__ import annotations

import errno
import os
import termios
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import serial
from serial.tools import list_ports

from drivers.wire import Link
from screening.errors import DeviceUnavailable, SettingsError

_WRITE_TIMEOUT_S = 1.0  # our longest command takes 10 ms at 9600 baud
_LIBRARY_ERRORS = (serial.SerialException, OSError, termios.error)


class SerialLink:
    """A serial port opened for us alone, 8N1, without flow control, stale input thrown away."""

    def __init__(self, port: str, baud_rate: int, *, device: str) -> None:
        self._port = port
        self._baud_rate = baud_rate
        self._device = device
        self._serial: serial.Serial | None = None

    @property
    def port(self) -> str:
        return self._port

    def open(self) -> None:
        """Takes an exclusive lock, so that no second program eats half of the bytes."""
        try:
            self._serial = serial.Serial(
                self._port,
                self._baud_rate,
                timeout=0,
                write_timeout=_WRITE_TIMEOUT_S,
                exclusive=True,
            )
        except _LIBRARY_ERRORS as error:
            raise self._trouble(_why_not_opened(self._port, error)) from error

    def read_chunk(self, timeout_s: float) -> bytes:
        link = self._opened()
        try:
            if link.timeout != timeout_s:
                link.timeout = timeout_s
            first: bytes = link.read(1)
            return first + link.read(link.in_waiting) if first else first
        except _LIBRARY_ERRORS as error:
            raise self._trouble(f"the connection to {self._port} was lost") from error

    def write(self, wire: bytes) -> None:
        link = self._opened()
        try:
            link.write(wire)
        except _LIBRARY_ERRORS as error:
            raise self._trouble(f"cannot write to {self._port}") from error

    def close(self) -> None:
        link, self._serial = self._serial, None
        if link is not None:
            try:
                link.close()
            except _LIBRARY_ERRORS:
                return  # the device is gone, and with it what there was to close

    def _opened(self) -> serial.Serial:
        if self._serial is None:
            raise self._trouble(f"{self._port} is not open")
        return self._serial

    def _trouble(self, message: str) -> DeviceUnavailable:
        return DeviceUnavailable(message, device=self._device, port=self._port)


@dataclass(frozen=True, slots=True)
class UsbIdentity:
    """Which USB adapter it is, whatever name the system gives its port today."""

    vendor_id: int
    product_id: int
    serial_number: str | None = None

    @classmethod
    def parse(cls, text: str) -> UsbIdentity:
        """From ``vid:pid`` or ``vid:pid:serial``, ids in hexadecimal. Raises SettingsError."""
        vendor, _, rest = text.partition(":")
        product, _, serial_number = rest.partition(":")
        try:
            return cls(int(vendor, 16), int(product, 16), serial_number or None)
        except ValueError as error:
            raise SettingsError(
                [f"{text!r} is no USB identity; write it as 1a86:7523 or 0403:6001:A50285BI"]
            ) from error

    def __str__(self) -> str:
        ids = f"{self.vendor_id:04x}:{self.product_id:04x}"
        return ids if self.serial_number is None else f"{ids}:{self.serial_number}"

    def matches(self, other: SerialPort) -> bool:
        """Our serial number counts only when we have one."""
        return (other.vid, other.pid) == (self.vendor_id, self.product_id) and (
            self.serial_number is None or other.serial_number == self.serial_number
        )


class SerialPort(Protocol):
    """What the system tells of one of its ports (None where it is no USB adapter)."""

    device: str
    vid: int | None
    pid: int | None
    serial_number: str | None


def list_serial_ports() -> list[SerialPort]:
    """The ports of this machine."""
    return list(list_ports.comports())


@dataclass(frozen=True, slots=True)
class SerialAddress:
    """Where a device hangs: a port by name, a USB identity that is looked for, or both."""

    device: str
    port: str | None
    usb: UsbIdentity | None

    @classmethod
    def parse(cls, *, device: str, port: str | None, usb: str | None) -> SerialAddress:
        """From the configuration's words. Raises SettingsError where they say nothing."""
        if port is None and usb is None:
            raise SettingsError([f"{device}: give a port or a USB identity"])
        return cls(device, port, None if usb is None else UsbIdentity.parse(usb))

    def connect(self, baud_rate: int) -> Link:
        """An open link to wherever the device is now. Raises DeviceUnavailable."""
        link = SerialLink(self.find(), baud_rate, device=self.device)
        link.open()
        return link

    def find(self, ports: Callable[[], Iterable[SerialPort]] = list_serial_ports) -> str:
        """The port to open now: the named one, or wherever the USB identity is found today.

        A named port that exists is used unless the system knows it as another adapter.
        Raises DeviceUnavailable when there is none, or more than one with that identity.
        """
        if self.usb is None:
            return str(self.port)
        known = list(ports())
        if self.port is not None and os.path.exists(self.port):
            real = os.path.realpath(self.port)
            named = [one for one in known if os.path.realpath(one.device) == real]
            if not named or self.usb.matches(named[0]):
                return self.port
        found = sorted(one.device for one in known if self.usb.matches(one))
        if len(found) == 1:
            return found[0]
        problem = f"no adapter with the USB identity {self.usb} is plugged in"
        if found:
            problem = (
                f"{len(found)} adapters have the USB identity {self.usb} ({', '.join(found)});"
                " name its port under /dev/serial/by-path instead"
            )
        raise DeviceUnavailable(problem, device=self.device, port=self.port)


def _why_not_opened(port: str, error: Exception) -> str:
    code = getattr(error, "errno", None)
    if code == errno.EACCES:
        return (
            f"no permission to open {port}: add the user to the group dialout"
            " (sudo usermod -aG dialout USER) and log in again"
        )
    if code in {errno.ENOENT, errno.ENODEV, errno.ENXIO}:
        return f"{port} does not exist: is the device plugged in?"
    if code in {errno.EAGAIN, errno.EBUSY}:
        return f"{port} is in use by another program{_named(_users_of(port))}"
    return f"cannot open {port} ({error})"


def _users_of(port: str) -> list[str]:
    """Other programs that have it open, as far as this user may know."""
    node, found = os.path.realpath(port), []
    for process in Path("/proc").glob("[0-9]*"):
        if process.name == str(os.getpid()):
            continue
        try:
            if any(os.path.realpath(opened) == node for opened in (process / "fd").iterdir()):
                name = (process / "comm").read_text("utf-8", "replace").strip()
                found.append(f"{name}, process {process.name}")
        except OSError:  # another user's, or it has ended
            continue
    return found


def _named(users: list[str]) -> str:
    return f" ({'; '.join(users)})" if users else ""
