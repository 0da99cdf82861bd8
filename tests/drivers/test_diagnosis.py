from __future__ import annotations

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from drivers.barrier.modbus_relay import encode_question
from drivers.diagnosis import diagnose_echo, diagnose_port, diagnose_usb
from drivers.link import SerialLink
from drivers.simulated.relay import SimulatedRelay
from drivers.simulated.scanner import SimulatedScanner
from screening.errors import SettingsError


@dataclass
class Port:
    device: str
    vid: int | None = 0x1A86
    pid: int | None = 0x7523
    serial_number: str | None = None


@pytest.fixture
def plugged() -> Iterator[SimulatedScanner]:
    with SimulatedScanner() as device:
        yield device


def diagnose(port: str, *known: Port, folder: Path) -> list[str]:
    return diagnose_port(
        port, ports=lambda: known, by_path=folder / "by-path", udev_rules=folder / "rules.d"
    )


def test_finds_nothing_wrong_with_a_good_port(plugged: SimulatedScanner, tmp_path: Path) -> None:
    assert diagnose(plugged.path, folder=tmp_path) == []


def test_a_missing_port_is_told_with_those_that_are_there(tmp_path: Path) -> None:
    known = Port("/dev/ttyUSB1"), Port("/dev/ttyS0", vid=None, pid=None)
    assert diagnose(str(tmp_path / "ttyUSB0"), *known, folder=tmp_path) == [
        f"{tmp_path}/ttyUSB0 does not exist: is the device plugged in?"
        " Serial ports now: /dev/ttyS0, /dev/ttyUSB1 (1a86:7523)"
    ]


@pytest.mark.parametrize(
    "rule",
    [
        'ENV{PRODUCT}=="1a86/7523/*", ENV{BRLTTY_BRAILLE_DRIVER}="bm"',
        'ATTRS{idVendor}=="10c4", ATTRS{idProduct}=="ea60", ENV{BRLTTY}="sk"',
    ],
    ids=["by-product", "by-attributes"],
)
def test_a_missing_port_where_brltty_takes_adapters_says_so(rule: str, tmp_path: Path) -> None:
    rules = tmp_path / "rules.d"
    rules.mkdir()
    (rules / "85-brltty.rules").write_text(rule)
    problems = diagnose(str(tmp_path / "ttyUSB0"), folder=tmp_path)
    assert len(problems) == 2
    assert "sudo apt remove brltty" in problems[1]


def test_brltty_without_rules_for_these_adapters_is_not_blamed(tmp_path: Path) -> None:
    rules = tmp_path / "rules.d"
    rules.mkdir()
    (rules / "85-brltty.rules").write_text('ENV{PRODUCT}=="c251/1128/*"')
    assert len(diagnose(str(tmp_path / "ttyUSB0"), folder=tmp_path)) == 1


def test_a_file_is_no_port(tmp_path: Path) -> None:
    file = tmp_path / "ttyUSB0"
    file.write_text("")
    assert diagnose(str(file), folder=tmp_path) == [f"{file} is not a serial port"]


def test_a_port_in_use_is_told(plugged: SimulatedScanner, tmp_path: Path) -> None:
    link = SerialLink(plugged.path, 9600, device="scanner")
    link.open()
    assert diagnose(plugged.path, folder=tmp_path) == [
        f"{plugged.path} is in use by another program"
    ]
    link.close()


def test_missing_permission_names_the_group_of_the_port(
    plugged: SimulatedScanner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "access", lambda *args: False)
    problems = diagnose(plugged.path, folder=tmp_path)
    assert len(problems) == 1
    assert "sudo usermod -aG" in problems[0]


def test_an_adapter_without_serial_number_is_to_be_named_by_its_path(
    plugged: SimulatedScanner, tmp_path: Path
) -> None:
    node = os.path.realpath(plugged.path)
    (tmp_path / "by-path").mkdir()
    link = tmp_path / "by-path" / "pci-0000:00:14.0-usb-0:2:1.0-port0"
    link.symlink_to(node)
    assert diagnose(node, Port(node), folder=tmp_path) == [
        f"{node} has no serial number and may get another name: use {link} instead"
    ]
    assert diagnose(str(link), Port(node), folder=tmp_path) == []


def test_an_adapter_with_a_serial_number_is_to_be_named_by_it(
    plugged: SimulatedScanner, tmp_path: Path
) -> None:
    node = os.path.realpath(plugged.path)
    assert diagnose(node, Port(node, 0x0403, 0x6001, "A50285BI"), folder=tmp_path) == [
        f'{node} may get another name: write usb = "0403:6001:A50285BI" as well'
    ]


class TestAnIdentity:
    def test_is_fine_when_it_is_found_and_opens(self, plugged: SimulatedScanner) -> None:
        assert diagnose_usb("1a86:7523", ports=lambda: [Port(plugged.path)]) == []

    def test_is_told_when_nothing_has_it(self, tmp_path: Path) -> None:
        assert diagnose_usb("1a86:7523", ports=list, udev_rules=tmp_path) == [
            "no adapter with the USB identity 1a86:7523 is plugged in"
        ]

    def test_is_told_when_it_is_no_identity(self) -> None:
        with pytest.raises(SettingsError):
            diagnose_usb("CH340")


@pytest.mark.parametrize(
    ("has_echo", "is_mute", "told", "is_answered"),
    [
        (True, True, "switch its local echo off", False),
        (True, False, "switch its local echo off", True),
        (False, False, None, True),
        (False, True, None, False),
    ],
    ids=["echo-and-dead", "echo-and-alive", "no-echo", "nothing"],
)
def test_an_adapter_that_echoes_is_told_with_what_to_do(
    has_echo: bool, is_mute: bool, told: str | None, is_answered: bool
) -> None:
    with SimulatedRelay(time.monotonic) as relay:
        relay.has_echo, relay.is_mute = has_echo, is_mute
        question = encode_question(1, 0)
        line, answered = diagnose_echo(question, baud_rate=9600, port=relay.path, usb=None)
    assert answered is is_answered
    assert (line is None) is (told is None)
    assert told is None or told in str(line)


def test_a_port_that_cannot_be_opened_is_told_by_the_others() -> None:
    assert diagnose_echo(b"?", baud_rate=9600, port="/dev/gerbang-none", usb=None) == (None, False)
