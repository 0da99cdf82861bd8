from __future__ import annotations

import logging
import threading
from collections.abc import Sequence

import pytest

from drivers.health import Backoff
from drivers.supervision import SupervisedDevice
from drivers.wire import Link
from screening.errors import DeviceUnavailable
from screening.readings import (
    DeviceKind,
    FaultReason,
    Reading,
    TemperatureFault,
    TemperatureReading,
)
from tests.drivers.support import PATIENCE_S, Recorder, ScriptedLink, SettableClock, lost

GOOD = TemperatureReading(36.5, 25.0, 0.0)
BAD = TemperatureFault(FaultReason.BAD_CHECKSUM, b"\x00", 0.0)


class EchoConversation:
    """``g`` on the wire is a good reading, ``b`` a fault."""

    def __init__(self) -> None:
        self.ended = threading.Event()

    def begin(self, link: Link) -> None:
        link.write(b"hello")

    def step(self, link: Link) -> Sequence[Reading]:
        return [GOOD if byte == ord("g") else BAD for byte in link.read_chunk(0.01)]

    def end(self, link: Link) -> None:
        link.write(b"goodbye")
        self.ended.set()


class Bench:
    """A device whose connections follow a script and whose back-off does not wait."""

    def __init__(self, *connections: ScriptedLink | DeviceUnavailable) -> None:
        self.clock = SettableClock()
        self.heard = Recorder()
        self.waits: list[float] = []
        self._connections = list(connections)
        self._closing = threading.Event()
        self.device = SupervisedDevice(
            kind=DeviceKind.THERMOMETER,
            name="thermometer ttyUSB9",
            connect=self._connect,
            conversation=EchoConversation(),
            silence_s=1.5,
            monotonic_s=self.clock,
            wait=self._wait,
            backoff=Backoff(first_s=1, ceiling_s=4, chance=lambda: 1.0),
        )

    def run(self) -> None:
        self.device.start(self.heard.on_reading, self.heard.on_availability)

    def close(self) -> None:
        self._closing.set()
        self.device.close()

    def _connect(self) -> Link:
        if not self._connections:
            self._closing.wait(PATIENCE_S)
            raise lost()
        connection = self._connections.pop(0)
        if isinstance(connection, DeviceUnavailable):
            raise connection
        return connection

    def _wait(self, seconds: float) -> bool:
        self.waits.append(seconds)
        return False


def messages(caplog: pytest.LogCaptureFixture, level: int) -> list[str]:
    return [record.message for record in caplog.records if record.levelno == level]


def test_tells_an_outage_once_and_its_end_once(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    last = ScriptedLink([b"g"])
    bench = Bench(ScriptedLink([b"g", b"g", lost()]), lost(), lost(), ScriptedLink([lost()]), last)
    bench.run()
    last.wait_finished()
    bench.heard.wait_available(True, times=2)
    bench.close()
    assert [a.available for a in bench.heard.availabilities] == [True, False, True]
    assert [a.last_error for a in bench.heard.availabilities] == [
        None,
        "the connection was lost",
        "the connection was lost",
    ]
    assert bench.heard.readings == [GOOD, GOOD, GOOD]
    assert messages(caplog, logging.WARNING) == [
        "thermometer ttyUSB9 is unavailable: the connection was lost"
    ]
    assert messages(caplog, logging.INFO) == ["thermometer ttyUSB9 is available"] * 2


def test_backs_off_until_the_first_good_frame_and_not_until_the_port_opens() -> None:
    last = ScriptedLink([b"g", lost()])
    bench = Bench(lost(), lost(), ScriptedLink([lost()]), ScriptedLink([lost()]), last)
    bench.run()
    bench.heard.wait_available(False, times=2)
    bench.close()
    assert bench.waits[:5] == [1, 2, 4, 4, 1]


def test_the_newest_reason_of_a_long_outage_can_be_asked_for() -> None:
    permission = DeviceUnavailable("no permission", device="thermometer")
    bench = Bench(lost(), permission, last := ScriptedLink([b""]))
    bench.run()
    last.wait_finished()
    assert bench.device.availability.last_error == "no permission"
    bench.close()
    assert [told.last_error for told in bench.heard.availabilities] == ["the connection was lost"]


def test_a_device_that_never_came_is_told_once() -> None:
    bench = Bench(lost(), lost(), lost())
    bench.run()
    bench.heard.wait_available(False)
    bench.close()
    assert [a.last_error for a in bench.heard.availabilities] == ["the connection was lost"]


def test_silence_makes_it_unavailable_and_the_port_is_opened_anew() -> None:
    bench = Bench()
    quiet_link = ScriptedLink([b"g", *(lambda: later(bench.clock, 0.8),) * 2])
    last = ScriptedLink([b"g"])
    bench._connections += [quiet_link, last]
    bench.run()
    bench.heard.wait_available(True, times=2)
    bench.close()
    assert [a.last_error for a in bench.heard.availabilities][1] == "no reading for 1.5 s"
    assert quiet_link.is_closed


def test_a_thread_that_was_kept_from_listening_does_not_take_that_for_silence() -> None:
    bench = Bench()
    frozen = ScriptedLink([b"g", lambda: later(bench.clock, 30.0), b"g"])
    bench._connections += [frozen]
    bench.run()
    frozen.wait_finished()
    bench.close()
    assert [a.available for a in bench.heard.availabilities] == [True]


def test_a_thread_that_is_always_kept_from_listening_is_no_excuse() -> None:
    bench = Bench()
    frozen = ScriptedLink([b"g", *(lambda: later(bench.clock, 2.0),) * 2])
    bench._connections += [frozen, ScriptedLink()]
    bench.run()
    bench.heard.wait_available(False)
    bench.close()


def test_mostly_faults_make_it_unavailable_without_giving_the_port_up() -> None:
    link = ScriptedLink([b"g", b"b" * 20, b"g" * 20])
    bench = Bench(link)
    bench.run()
    link.wait_finished()
    bench.heard.wait_available(True, times=2)
    assert not link.is_closed
    counts = bench.device.counts
    bench.close()
    assert [a.available for a in bench.heard.availabilities] == [True, False, True]
    assert (counts.readings, counts.faults) == (21, {FaultReason.BAD_CHECKSUM: 20})
    assert bench.heard.readings.count(BAD) == 20


def test_a_listener_that_fails_is_logged_and_the_device_goes_on(
    caplog: pytest.LogCaptureFixture,
) -> None:
    link = ScriptedLink([b"g", b"g"])
    bench = Bench(link)
    calls: list[Reading] = []

    def broken(reading: Reading) -> None:
        calls.append(reading)
        raise KeyError("a bug in the gate")

    bench.device.start(broken, bench.heard.on_availability)
    link.wait_finished()
    bench.close()
    assert calls == [GOOD, GOOD]
    assert "a bug in the gate" in caplog.text


def test_a_bug_in_the_driver_leaves_it_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[threading.ExceptHookArgs] = []
    monkeypatch.setattr(threading, "excepthook", seen.append)

    def bug() -> bytes:
        raise ZeroDivisionError

    bench = Bench(ScriptedLink([b"g", bug]))
    bench.run()
    bench.heard.wait_available(False)
    bench.close()
    assert bench.device.availability.last_error == "its driver has stopped; see the log"
    assert [hook.exc_type for hook in seen] == [ZeroDivisionError]


def test_says_hello_and_goodbye() -> None:
    link = ScriptedLink([b"g"])
    bench = Bench(link)
    bench.run()
    link.wait_finished()
    bench.close()
    assert link.written == [b"hello", b"goodbye"]
    assert link.is_closed


def test_close_before_start_and_twice_is_fine() -> None:
    bench = Bench()
    bench.close()
    bench.close()
    assert not bench.device.availability.available


def test_cannot_be_started_twice() -> None:
    bench = Bench(ScriptedLink())
    bench.run()
    with pytest.raises(RuntimeError, match="started before"):
        bench.run()
    bench.close()


def later(clock: SettableClock, seconds: float) -> bytes:
    clock.now_s += seconds
    return b""
