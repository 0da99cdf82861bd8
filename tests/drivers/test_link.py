from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from drivers.link import SerialAddress, SerialLink, UsbIdentity
from drivers.simulated.pseudo_terminal import SimulatedDevice
from screening.errors import DeviceUnavailable, SettingsError

CH340 = "1a86:7523"


HOLDS_A_PORT = """
import fcntl, os, sys
fcntl.flock(os.open(sys.argv[1], os.O_RDWR | os.O_NOCTTY), fcntl.LOCK_EX)
print("open", flush=True)
sys.stdin.read()
"""


class Loopback(SimulatedDevice):
    """Sends back what it receives."""

    def _tick(self) -> None:
        received = self._received()
        if received:
            self.inject(received)


@pytest.fixture
def far_end() -> Iterator[Loopback]:
    with Loopback("loopback", period_s=0.005) as device:
        yield device


def open_link(port: str) -> SerialLink:
    link = SerialLink(port, 9600, device="thermometer")
    link.open()
    return link


class TestALinkOverAPseudoTerminal:
    def test_moves_every_byte_unchanged(self, far_end: Loopback) -> None:
        link = open_link(far_end.path)
        wire = bytes(range(256))
        link.write(wire)
        received = b""
        while len(received) < len(wire):
            chunk = link.read_chunk(5)
            assert chunk
            received += chunk
        link.close()
        assert received == wire

    def test_returns_nothing_when_the_line_is_quiet(self, far_end: Loopback) -> None:
        link = open_link(far_end.path)
        assert link.read_chunk(0) == b""
        link.close()

    def test_throws_away_what_arrived_before_it_was_opened(self, far_end: Loopback) -> None:
        far_end.inject(b"from before")
        link = open_link(far_end.path)
        assert link.read_chunk(0) == b""
        link.close()

    def test_unplugging_while_reading_raises_with_the_port(self, far_end: Loopback) -> None:
        link = open_link(far_end.path)
        far_end.unplug()
        with pytest.raises(DeviceUnavailable, match=r"the connection to .* was lost") as raised:
            link.read_chunk(5)
        assert (raised.value.device, raised.value.port) == ("thermometer", far_end.path)
        assert raised.value.__cause__ is not None
        link.close()
        link.close()

    def test_unplugging_before_writing_raises(self, far_end: Loopback) -> None:
        link = open_link(far_end.path)
        far_end.unplug()
        with pytest.raises(DeviceUnavailable, match="cannot write"):
            link.write(b"\xa0")
        link.close()

    def test_the_same_path_leads_to_it_again_when_it_is_back(self, far_end: Loopback) -> None:
        far_end.unplug()
        with pytest.raises(DeviceUnavailable, match=r"does not exist: is the device plugged in\?"):
            open_link(far_end.path)
        far_end.plug_in()
        link = open_link(far_end.path)
        link.write(b"x")
        assert link.read_chunk(5) == b"x"
        link.close()

    def test_a_second_program_is_told_that_the_port_is_in_use(self, far_end: Loopback) -> None:
        link = open_link(far_end.path)
        with pytest.raises(DeviceUnavailable, match="in use by another program"):
            open_link(far_end.path)
        link.close()
        open_link(far_end.path).close()

    def test_the_program_that_has_the_port_is_named(self, far_end: Loopback) -> None:
        with subprocess.Popen(
            [sys.executable, "-c", HOLDS_A_PORT, far_end.path],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        ) as other:
            assert other.stdout is not None
            assert other.stdout.readline()
            with pytest.raises(DeviceUnavailable) as raised:
                open_link(far_end.path)
            other.kill()
        assert f"in use by another program (python, process {other.pid})" in re.sub(
            r"python[\d.]*", "python", str(raised.value)
        )


def test_a_file_that_is_no_port_is_refused_in_one_line(tmp_path: Path) -> None:
    file = tmp_path / "notes"
    file.write_text("")
    with pytest.raises(DeviceUnavailable, match="cannot open") as raised:
        open_link(str(file))
    assert "\n" not in str(raised.value)


def test_missing_permission_names_the_group(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: object) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(DeviceUnavailable, match="group dialout"):
        open_link("/dev/ttyUSB0")


def test_a_link_that_is_not_open_says_so() -> None:
    with pytest.raises(DeviceUnavailable, match="is not open"):
        SerialLink("/dev/ttyUSB0", 9600, device="barrier").read_chunk(0)


@dataclass
class Port:
    device: str
    vid: int | None = 0x1A86
    pid: int | None = 0x7523
    serial_number: str | None = None


class TestFindingThePort:
    def find(self, *ports: Port, port: str | None = None, usb: str | None = None) -> str:
        address = SerialAddress.parse(device="thermometer", port=port, usb=usb)
        return address.find(lambda: ports)

    def test_a_named_port_is_taken_as_it_is(self) -> None:
        assert self.find(port="/dev/ttyUSB3") == "/dev/ttyUSB3"

    def test_an_identity_is_found_under_todays_name(self) -> None:
        other = Port("/dev/ttyUSB0", 0x0403, 0x6001, "A50285BI")
        assert self.find(other, Port("/dev/ttyUSB1"), usb=CH340) == "/dev/ttyUSB1"

    def test_the_serial_number_tells_two_equal_adapters_apart(self) -> None:
        ports = [Port("/dev/ttyUSB0", 0x0403, 0x6001, name) for name in ("A", "B")]
        ports[1].device = "/dev/ttyUSB1"
        assert self.find(*ports, usb="0403:6001:B") == "/dev/ttyUSB1"

    def test_two_adapters_with_one_identity_are_not_guessed_between(self) -> None:
        with pytest.raises(DeviceUnavailable, match=r"2 adapters .*ttyUSB0, /dev/ttyUSB1.*by-path"):
            self.find(Port("/dev/ttyUSB1"), Port("/dev/ttyUSB0"), usb=CH340)

    def test_nothing_plugged_in_names_the_identity(self) -> None:
        with pytest.raises(DeviceUnavailable, match="no adapter with the USB identity 1a86:7523"):
            self.find(usb=CH340)

    def test_an_existing_port_is_preferred_to_the_search(self, tmp_path: Path) -> None:
        port = tmp_path / "by-path"
        port.write_text("")
        assert self.find(Port("/dev/ttyUSB1"), port=str(port), usb=CH340) == str(port)

    def test_a_link_to_the_right_adapter_is_preferred(self, tmp_path: Path) -> None:
        node, link = tmp_path / "ttyUSB1", tmp_path / "by-path"
        node.write_text("")
        link.symlink_to(node)
        ports = Port(str(node)), Port("/dev/ttyUSB0")
        assert self.find(*ports, port=str(link), usb=CH340) == str(link)

    def test_a_name_that_now_belongs_to_another_adapter_is_not_used(self, tmp_path: Path) -> None:
        node = tmp_path / "ttyUSB0"
        node.write_text("")
        stranger = Port(str(node), 0x0403, 0x6001)
        found = self.find(stranger, Port("/dev/ttyUSB1"), port=str(node), usb=CH340)
        assert found == "/dev/ttyUSB1"

    def test_a_name_that_is_gone_is_found_by_its_identity(self) -> None:
        found = self.find(Port("/dev/ttyUSB1"), port="/dev/gone/ttyUSB0", usb=CH340)
        assert found == "/dev/ttyUSB1"

    def test_neither_name_nor_identity_is_a_mistake_in_the_settings(self) -> None:
        with pytest.raises(SettingsError, match=r"thermometer: give a port or a USB identity"):
            self.find()


@pytest.mark.parametrize("text", ["1a86", "1a86:", "xyz:7523", ""])
def test_an_unreadable_identity_is_a_mistake_in_the_settings(text: str) -> None:
    with pytest.raises(SettingsError, match="is no USB identity"):
        UsbIdentity.parse(text)


@pytest.mark.parametrize("text", ["1a86:7523", "0403:6001:A50285BI"])
def test_an_identity_prints_as_it_is_written(text: str) -> None:
    assert str(UsbIdentity.parse(text)) == text
