from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from drivers.health import Backoff
from drivers.scanner import gm65
from drivers.scanner.device import ScannerConversation, SerialScanner
from drivers.simulated.scanner import SimulatedScanner
from screening.readings import (
    CodeScanned,
    CodeSource,
    CodeStays,
    DeviceFlood,
    DeviceKind,
    Reading,
)
from tests.drivers.support import Recorder, ScriptedLink, SettableClock

TOKEN = "GB1:NCF3R0KLBBA 8$UC%PR*7O+QR-3.KB/.T9:%"


class Wired:
    def __init__(self) -> None:
        self.simulated = SimulatedScanner()
        self.heard = Recorder()
        self.device = SerialScanner(
            port=self.simulated.path,
            monotonic_s=time.monotonic,
            backoff=Backoff(first_s=0.02, ceiling_s=0.05),
        )
        self.device.start(self.heard.on_reading, self.heard.on_availability)
        self.heard.wait_available(True)

    def texts(self) -> list[str]:
        return [scan.text for scan in self.heard.readings if isinstance(scan, CodeScanned)]


@pytest.fixture
def wired() -> Iterator[Wired]:
    bench = Wired()
    yield bench
    bench.device.close()
    bench.simulated.close()


def test_hands_a_token_on_unchanged(wired: Wired) -> None:
    wired.simulated.scan(TOKEN)
    wired.heard.wait_until(lambda heard: len(heard.readings) == 1)
    scan = wired.heard.readings[0]
    assert isinstance(scan, CodeScanned)
    assert (scan.text, scan.source) == (TOKEN, CodeSource.SERIAL_SCANNER)
    assert wired.device.kind is DeviceKind.SCANNER


def test_hands_a_code_on_once_that_is_read_several_times(wired: Wired) -> None:
    for _ in range(5):
        wired.simulated.scan("K-204")
    wired.simulated.scan("K-205")
    wired.heard.wait_until(lambda heard: len(heard.readings) == 2)
    assert wired.texts() == ["K-204", "K-205"]


def test_reads_again_after_it_was_unplugged(wired: Wired) -> None:
    wired.simulated.unplug()
    wired.heard.wait_available(False)
    wired.simulated.plug_in()
    wired.heard.wait_available(True, times=2)
    wired.simulated.scan("K-206")
    wired.heard.wait_until(lambda heard: len(heard.readings) == 1)
    assert wired.texts() == ["K-206"]


def test_a_triggered_scanner_is_told_to_read_at_once_after_each_code_and_now_and_then() -> None:
    clock = SettableClock()
    conversation = ScannerConversation(clock, is_triggered=True)
    link = ScriptedLink([b"", b"", gm65.encode("K-204", triggered=True), b"", b""])
    conversation.begin(link)
    conversation.step(link)
    assert link.written == [gm65.TRIGGER]
    conversation.step(link)
    assert len(link.written) == 1
    conversation.step(link)
    assert len(link.written) == 2
    clock.now_s += 3
    conversation.step(link)
    assert len(link.written) == 3


def test_the_trigger_command_is_answered_and_the_answer_is_no_code() -> None:
    with SimulatedScanner() as simulated:
        heard = Recorder()
        device = SerialScanner(port=simulated.path, is_triggered=True, monotonic_s=time.monotonic)
        device.start(heard.on_reading, heard.on_availability)
        heard.wait_available(True)
        simulated.scan("K-204")
        heard.wait_until(lambda heard: len(heard.readings) == 1)
        device.close()
        assert [reading.text for reading in heard.readings if isinstance(reading, CodeScanned)] == [
            "K-204"
        ]


def converse(wires: list[bytes], *, every_s: float = 0.4) -> list[Reading]:
    """What a scanner's bytes come to, one piece after the other."""
    clock = SettableClock()
    conversation = ScannerConversation(clock, is_triggered=False, rest=lambda _: None)
    link = ScriptedLink(wires)
    told: list[Reading] = []
    for _ in wires:
        told += conversation.step(link)
        clock.now_s += every_s
    return told


def scans(told: list[Reading]) -> list[str]:
    return [one.text for one in told if isinstance(one, CodeScanned)]


def test_two_codes_before_a_scanner_that_never_rests_count_once_each() -> None:
    told = converse([b"POSTER\r", b"GB1:A\r"] * 25)
    assert scans(told) == ["POSTER", "GB1:A"]
    still = [one.text for one in told if isinstance(one, CodeStays)]
    assert still.count("POSTER") > 5


def test_a_scanner_gone_mad_is_told_and_its_newest_code_counts() -> None:
    wires = [b"".join(b"GB1:%d-%d\r" % (piece, n) for n in range(500)) for piece in range(20)]
    told = converse([*wires, b"GB1:GOOD\r", *[b""] * 20])
    floods = [one for one in told if isinstance(one, DeviceFlood)]
    assert sum(one.dropped for one in floods) > 9000
    assert len(floods) <= 20
    assert "GB1:GOOD" in scans(told)
    assert len(scans(told)) < 100


def test_a_scanner_gone_mad_over_one_code_is_told_as_well() -> None:
    told = converse([b"GB1:A\r" * 600] * 5)
    assert scans(told) == ["GB1:A"]
    assert any(isinstance(one, DeviceFlood) for one in told)
