from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from drivers.health import Backoff, Health
from drivers.simulated.thermometer import SimulatedThermometer
from drivers.thermometer import models
from drivers.thermometer.device import SerialThermometer, ThermometerConversation
from drivers.thermometer.frames import DecodedTemperature, MalformedFrame
from screening.errors import AdapterEchoes, SettingsError
from screening.readings import (
    DeviceFlood,
    DeviceKind,
    DeviceTrouble,
    FaultReason,
    Reading,
    TemperatureFault,
    TemperatureReading,
)
from tests.drivers.support import Recorder, ScriptedLink, SettableClock
from tests.drivers.thermometer.wired import SPOTS, Wired, wire


@pytest.fixture(params=SPOTS)
def wired(request: pytest.FixtureRequest) -> Iterator[Wired]:
    with wire(request.param) as wired:
        yield wired


def test_reads_what_the_device_measures(wired: Wired) -> None:
    before_s = time.monotonic()
    wired.wait_reading(36.1, 23.4)
    wired.simulated.set_temperature(37.5, 24.0)
    reading = wired.wait_reading(37.5, 24.0)
    assert before_s <= reading.taken_at_s <= time.monotonic()
    assert wired.device.availability.available
    assert wired.device.kind is DeviceKind.THERMOMETER


def test_passes_noise_on_as_a_fault_and_reads_on(wired: Wired) -> None:
    wired.heard.wait_available(True)
    while not any(isinstance(reading, TemperatureFault) for reading in wired.heard.readings):
        # Sent until heard: an asked device's line is cleared before each question.
        wired.simulated.inject(b"\xf1\xff\xf2\r\n")
        readings = len(wired.heard.readings)
        wired.heard.wait_until(lambda heard, before=readings: len(heard.readings) > before)
    readings = len(wired.heard.readings)
    wired.heard.wait_until(
        lambda heard: (
            isinstance(heard.readings[-1], TemperatureReading) and len(heard.readings) > readings
        )
    )
    assert sum(wired.device.counts.faults.values()) >= 1


def test_a_dead_sensor_is_a_fault_with_its_reason() -> None:
    with wire("arduino-mlx90614") as wired:
        wired.heard.wait_available(True)
        wired.simulated.set_temperature(1037.55, 1037.55)
        wired.heard.wait_until(
            lambda heard: any(
                isinstance(reading, TemperatureFault) and reading.reason is FaultReason.SENSOR_ERROR
                for reading in heard.readings
            )
        )


def test_a_missing_port_is_told_and_nothing_crashes() -> None:
    heard = Recorder()
    device = SerialThermometer(
        model="gy-mcu90614", port="/dev/gerbang-none", monotonic_s=time.monotonic
    )
    device.start(heard.on_reading, heard.on_availability)
    heard.wait_available(False)
    device.close()
    assert device.availability.last_error == (
        "/dev/gerbang-none does not exist: is the device plugged in?"
    )


def test_an_unknown_model_is_refused_at_once() -> None:
    with pytest.raises(SettingsError, match="unknown thermometer model 'x'"):
        SerialThermometer(model="x", port="/dev/ttyUSB0", monotonic_s=time.monotonic)


class TestAsking:
    def test_asks_at_once_and_again_when_its_time_has_come(self) -> None:
        clock, link = SettableClock(), ScriptedLink()
        conversation = ThermometerConversation(models.find_model("optris"), clock)
        conversation.begin(link)
        conversation.step(link)
        clock.now_s += 0.15
        conversation.step(link)
        assert link.written == [b"\x01"]
        clock.now_s += 0.1
        conversation.step(link)
        assert link.written == [b"\x01", b"\x01"]

    def test_an_instrument_that_may_talk_by_itself_is_listened_to_first(self) -> None:
        clock, link = SettableClock(), ScriptedLink()
        conversation = ThermometerConversation(models.find_model("raytek-mi3"), clock)
        conversation.begin(link)
        conversation.step(link)
        clock.now_s += 0.9
        conversation.step(link)
        assert link.written == []
        clock.now_s += 0.2
        conversation.step(link)
        assert link.written == [b"?U\r", b"?T\r"]

    def test_an_instrument_that_talks_by_itself_is_not_interrupted_until_it_falls_silent(
        self,
    ) -> None:
        burst = b"UC T0036.5 I0024.0 E0.950\r\n"
        clock, link = SettableClock(), ScriptedLink([burst] * 8)
        conversation = ThermometerConversation(models.find_model("raytek-mi3"), clock)
        conversation.begin(link)
        for _ in range(8):
            clock.now_s += 0.5
            heard = conversation.step(link)
            assert heard == [TemperatureReading(36.5, 24.0, clock.now_s)]
        assert link.written == []
        clock.now_s += 1.5
        conversation.step(link)
        assert link.written == [b"?U\r", b"?T\r"]

    @pytest.mark.parametrize(
        ("model", "address", "asked"),
        [
            ("optris", 5, [b"\xb5\x01"]),
            ("optris-hs", 79, [b"\xff\x01"]),
            ("raytek-mi3", 24, [b"024?U\r", b"024?T\r"]),
        ],
    )
    def test_one_of_a_shared_line_is_asked_by_its_address(
        self, model: str, address: int, asked: list[bytes]
    ) -> None:
        clock, link = SettableClock(), ScriptedLink()
        conversation = ThermometerConversation(models.find_model(model, address=address), clock)
        conversation.begin(link)
        clock.now_s += 1.1
        conversation.step(link)
        assert link.written == asked

    def test_half_an_answer_is_a_fault_and_takes_no_byte_of_the_next(self) -> None:
        clock = SettableClock()
        link = ScriptedLink([b"", b"\x05", b"", b"\x05\x55"])
        conversation = ThermometerConversation(models.find_model("optris"), clock)
        conversation.begin(link)
        assert conversation.step(link) == []
        clock.now_s += 0.5
        assert conversation.step(link) == [
            TemperatureFault(FaultReason.TRUNCATED, b"\x05", 100.0),
            TemperatureReading(36.5, None, 100.5),
        ]

    def test_a_late_answer_is_no_answer_to_the_next_question(self) -> None:
        link = ScriptedLink([b"\x06\x55", b"\x05\x55"])
        conversation = ThermometerConversation(models.find_model("optris"), SettableClock())
        conversation.begin(link)
        assert conversation.step(link) == [TemperatureReading(36.5, None, 100.0)]

    def test_a_device_that_streams_is_never_asked(self) -> None:
        link = ScriptedLink()
        conversation = ThermometerConversation(
            models.find_model("arduino-mlx90614"), SettableClock()
        )
        conversation.begin(link)
        conversation.step(link)
        assert link.written == []


def line(celsius: float) -> bytes:
    return f"Ambient = 24.00*C\tObject = {celsius:.2f}*C\r\n".encode()


class TestAfterAStall:
    """The thread was kept from running; what has piled up is of the visitor before."""

    def conversation(self, clock: SettableClock, model: str) -> ThermometerConversation:
        return ThermometerConversation(models.find_model(model), clock)

    def test_nothing_that_piled_up_is_told(self) -> None:
        clock = SettableClock()
        link = ScriptedLink([line(35.1), line(35.2) * 50, line(35.3), b"", line(36.9)])
        conversation = self.conversation(clock, "arduino-mlx90614")
        conversation.begin(link)
        assert conversation.step(link) == [TemperatureReading(35.1, 24.0, 100.0)]
        clock.now_s += 20.0
        assert conversation.step(link) == [TemperatureReading(36.9, 24.0, 120.0)]

    def test_nothing_is_told_where_the_stall_was_while_it_waited_for_the_device(self) -> None:
        clock = SettableClock()

        def frozen() -> bytes:
            clock.now_s += 20.0
            return line(35.2) * 50

        link = ScriptedLink([frozen, line(35.3), b"", line(36.9)])
        conversation = self.conversation(clock, "arduino-mlx90614")
        conversation.begin(link)
        assert conversation.step(link) == []
        assert conversation.step(link) == [TemperatureReading(36.9, 24.0, 120.0)]

    def test_an_answer_to_a_question_of_before_is_not_told(self) -> None:
        clock = SettableClock()

        def frozen() -> bytes:
            clock.now_s += 20.0
            return b"\x05\x40"

        link = ScriptedLink([b"", frozen, b"", b"", b"\x05\x55"])
        conversation = self.conversation(clock, "optris")
        conversation.begin(link)
        assert conversation.step(link) == []
        assert conversation.step(link) == [TemperatureReading(36.5, None, 120.0)]

    def test_half_a_frame_of_then_and_half_of_now_are_one(self) -> None:
        clock = SettableClock()
        whole = line(36.9)
        link = ScriptedLink([b"", line(35.2) + whole[:9], b"", whole[9:]])
        conversation = self.conversation(clock, "arduino-mlx90614")
        conversation.begin(link)
        conversation.step(link)
        clock.now_s += 20.0
        assert conversation.step(link) == [TemperatureReading(36.9, 24.0, 120.0)]

    def test_a_line_that_never_pauses_is_given_up_catching_up_with(self) -> None:
        clock = SettableClock()
        link = ScriptedLink([b"", *[line(36.5)] * 1000])
        conversation = self.conversation(clock, "arduino-mlx90614")
        conversation.begin(link)
        conversation.step(link)
        clock.now_s += 20.0
        assert conversation.step(link) == [TemperatureReading(36.5, 24.0, 120.0)]


def test_a_register_map_that_cannot_be_used_is_refused_at_once() -> None:
    for model, named in (("optris", "calex-extemp"), ("modbus", "/dev/gerbang-none")):
        with pytest.raises(SettingsError, match="register map"):
            SerialThermometer(
                model=model, port="/dev/ttyUSB0", register_map=named, monotonic_s=time.monotonic
            )


@pytest.mark.parametrize(
    ("model", "address", "problem"),
    [
        ("gy-mcu90614", 5, "an address is for optris, optris-hs, raytek-mi3, not for gy-mcu90614"),
        ("optris", 0, "optris has addresses from 1 to 79"),
        ("raytek-mi3", 33, "raytek-mi3 has addresses from 1 to 32"),
    ],
)
def test_an_address_that_cannot_be_is_refused_at_once(
    model: str, address: int, problem: str
) -> None:
    with pytest.raises(SettingsError, match=problem):
        SerialThermometer(
            model=model, port="/dev/ttyUSB0", address=address, monotonic_s=time.monotonic
        )


@pytest.mark.parametrize(("model", "address"), [("optris", 5), ("raytek-mi3", 24)])
def test_reads_the_one_with_its_address_on_a_shared_line(model: str, address: int) -> None:
    with SimulatedThermometer(model, object_celsius=36.1, address=address) as simulated:
        heard = Recorder()
        device = SerialThermometer(
            model=model, port=simulated.path, address=address, monotonic_s=time.monotonic
        )
        device.start(heard.on_reading, heard.on_availability)
        try:
            heard.wait_available(True)
        finally:
            device.close()
    assert isinstance(heard.readings[-1], TemperatureReading)
    assert heard.readings[-1].object_celsius == 36.1


@pytest.mark.parametrize("name", [one for one in models.MODELS if not one.startswith("optris")])
def test_stray_bytes_before_and_behind_each_answer_leave_a_device_usable(name: str) -> None:
    model = models.find_model(name)
    decoder, health = model.decoder(), Health(silence_s=1.5, backoff=Backoff())
    wire = model.encode(DecodedTemperature(36.1, 23.4))
    health.opened(0.0)
    for tenth in range(1, 25):
        decoded = decoder.feed(b"\x00\xff\x7f" + wire + b"\xa5\x5a\x00") + decoder.idle()
        for one in decoded:
            if isinstance(one, MalformedFrame):
                health.took_fault(one.reason)
            else:
                health.took_reading(tenth / 10)
        assert health.problem is None or tenth == 1
    assert health.counts.readings >= 23


ASKED = ["optris", "optris-hs", "gd60914", "raytek-mi3", "modbus"]


class EchoingLink(ScriptedLink):
    """What is written comes back, and behind it what the device answers to the last question."""

    def __init__(self, answer: bytes, *, before: bytes = b"") -> None:
        super().__init__()
        self._answer = answer
        self._before = before
        self._waiting: list[bytes] = []

    def write(self, wire: bytes) -> None:
        super().write(wire)
        self._waiting = [self.written[-1][:1], self.written[-1][1:] + self._answer]
        if self._before:
            self._waiting = [self._before + self.written[-1] + self._answer]
        if len(self.written) == 2 and self.written[0] == b"?U\r":
            self._waiting = [b"?U\r?T", b"\r" + self._answer]

    def read_chunk(self, timeout_s: float) -> bytes:
        return self._waiting.pop(0) if self._waiting and timeout_s else b""


def listen(
    conversation: ThermometerConversation, link: ScriptedLink, clock: SettableClock, *, for_s: float
) -> list[Reading]:
    """What is told until so many seconds are over."""
    heard: list[Reading] = []
    began_s = clock.now_s
    while clock.now_s - began_s <= for_s:
        heard += conversation.step(link)
        clock.now_s += 0.1
    return heard


class TestAnAdapterThatEchoes:
    @pytest.mark.parametrize("name", ASKED)
    def test_hides_no_reading_and_makes_none(self, name: str) -> None:
        model, clock = models.find_model(name), SettableClock()
        link = EchoingLink(model.encode(DecodedTemperature(36.1, 23.4)))
        conversation = ThermometerConversation(model, clock)
        conversation.begin(link)
        heard = listen(conversation, link, clock, for_s=6.0)
        told = [one.object_celsius for one in heard if isinstance(one, TemperatureReading)]
        assert len(told) > 5
        assert set(told) == {36.1}
        assert len(told) == len(heard)

    @pytest.mark.parametrize("name", ASKED)
    def test_before_a_dead_device_is_told_before_its_silence_is(self, name: str) -> None:
        model, clock = models.find_model(name), SettableClock()
        link = EchoingLink(b"")
        conversation = ThermometerConversation(model, clock)
        conversation.begin(link)
        with pytest.raises(AdapterEchoes, match="switch its local echo off"):
            listen(conversation, link, clock, for_s=model.silence_s)

    @pytest.mark.parametrize("name", ["modbus", "raytek-mi3"])
    def test_is_told_among_stray_bytes_as_well(self, name: str) -> None:
        model, clock = models.find_model(name), SettableClock()
        link = EchoingLink(b"\x00", before=b"\xff")
        conversation = ThermometerConversation(model, clock)
        conversation.begin(link)
        with pytest.raises(AdapterEchoes, match="switch its local echo off"):
            listen(conversation, link, clock, for_s=model.silence_s + 1)

    def test_before_a_dead_device_is_named_on_the_gates_pages(self) -> None:
        with wire("optris", has_echo=True, is_mute=True) as wired:
            wired.heard.wait_until(
                lambda heard: any(a.trouble is DeviceTrouble.ECHO for a in heard.availabilities)
            )
            assert not any(a.available for a in wired.heard.availabilities)


def test_a_device_gone_mad_is_told_and_its_newest_reading_counts() -> None:
    clock, rests = SettableClock(), list[float]()
    model = models.find_model("gy-mcu90614")
    wires = [model.encode(DecodedTemperature(20 + n / 100, 25.0)) for n in range(1500)]
    link = ScriptedLink([b"".join(wires), b"", b""])
    conversation = ThermometerConversation(model, clock, rest=rests.append)
    conversation.begin(link)
    first = list(conversation.step(link))
    assert rests
    assert isinstance(first[-1], DeviceFlood)
    assert first[-1].dropped == 700
    clock.now_s += 1
    rest = list(conversation.step(link))
    assert isinstance(rest[-1], TemperatureReading)
    assert rest[-1].object_celsius == 34.99
