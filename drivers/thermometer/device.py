"""A serial thermometer at a gate: any model of the registry, supervised."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from drivers.health import STRAY, Backoff, Brake
from drivers.link import SerialAddress
from drivers.stall import StallWatch
from drivers.supervision import SupervisedDevice
from drivers.thermometer.frames import (
    Decoded,
    DecodedArray,
    DecodedTemperature,
    MalformedFrame,
    TemperatureDecoder,
)
from drivers.thermometer.models import ThermometerModel, find_model
from drivers.thermometer.register_maps import find_map
from drivers.wire import ECHO_ADVICE, Link
from screening.errors import AdapterEchoes
from screening.readings import (
    DeviceFlood,
    DeviceKind,
    Reading,
    TemperatureFault,
    TemperatureReading,
    ThermalPicture,
)

_QUIET_S = 0.1  # longer than any pause inside a measurement, shorter than the pause between two
_CAUGHT_UP_S = 0.02  # the system hands on what it keeps for a port piece by piece, without a pause
_MOST_READINGS = 400  # at once and a second; ten times what the fastest of our models sends
_REST_S = 0.1  # between two looks at a device gone mad, so that it does not take the processor
_TELLING_BYTES = 3  # a shorter question may stand in an answer
_ECHOES_TOLD = 3  # questions in a row of which only the echo was heard
_MOST_PIECES = 64  # it keeps 70 kB at most; who never pauses is caught up with by then


class SerialThermometer(SupervisedDevice):
    """Hands on TemperatureReading or ThermalPicture, and TemperatureFault.

    Found by ``port``, ``usb`` or both.
    Raises SettingsError for an unknown model or when there is no place to look for it.
    """

    def __init__(
        self,
        *,
        model: str,
        port: str | None = None,
        usb: str | None = None,
        baud_rate: int | None = None,
        register_map: str | None = None,
        address: int | None = None,
        monotonic_s: Callable[[], float],
        wait: Callable[[float], bool] | None = None,
        backoff: Backoff | None = None,
    ) -> None:
        registers = None if register_map is None else find_map(register_map)
        spoken = find_model(model, registers, address=address)
        place = SerialAddress.parse(device="thermometer", port=port, usb=usb)
        super().__init__(
            kind=DeviceKind.THERMOMETER,
            name=f"thermometer {port or usb}",
            connect=lambda: place.connect(baud_rate or spoken.baud_rate),
            conversation=ThermometerConversation(spoken, monotonic_s),
            silence_s=spoken.silence_s,
            monotonic_s=monotonic_s,
            wait=wait,
            backoff=backoff,
        )


class ThermometerConversation:
    """Listens, and asks where the model must be asked and does not talk by itself.

    An adapter's echo of a question is passed over; where nothing else comes, AdapterEchoes is
    raised. More than any model sends is told as a DeviceFlood; its newest readings are handed on.

    What it hears carries the second at which its last byte arrived. After a stall of this thread
    that is not known, and what has piled up is thrown away: it may be of the visitor before.
    """

    def __init__(
        self,
        model: ThermometerModel,
        monotonic_s: Callable[[], float],
        *,
        rest: Callable[[float], object] = time.sleep,
    ) -> None:
        self._model = model
        self._rest = rest
        self._echo = _EchoFilter()
        self._brake: Brake[Reading] = Brake(most=_MOST_READINGS, a_second=_MOST_READINGS)
        self._monotonic_s = monotonic_s
        self._decoder: TemperatureDecoder = model.decoder()
        self._stall = StallWatch(monotonic_s)
        self._heard_s = monotonic_s()
        self._asked_s: float | None = None
        self._listens_from_s = self._heard_s
        self._is_started = False

    def begin(self, link: Link) -> None:
        self._decoder = self._model.decoder()  # half a frame from before the loss is worth nothing
        self._asked_s = None
        self._echo = _EchoFilter()
        self._listens_from_s = self._monotonic_s()
        self._is_started = False
        self._stall.begin()
        if not self._model.listens_s:
            self._start(link)

    def step(self, link: Link) -> Sequence[Reading]:
        self._catch_up(link)
        left = self._ask(link) if self._is_time_to_ask() else []
        chunk = link.read_chunk(_QUIET_S)
        if self._catch_up(link, chunk):
            return []
        if chunk:
            self._heard_s = self._monotonic_s()
        decoded = self._decoder.feed(self._echo.without_echo(chunk))
        if not chunk:
            decoded += self._decoder.idle()
        if any(map(_is_answer, decoded)):
            self._echo.answered()
        if not self._is_started and any(not isinstance(one, MalformedFrame) for one in decoded):
            self._listens_from_s = self._heard_s  # it talks by itself: go on listening
        return self._braked(left + [_reading(item, self._heard_s) for item in decoded])

    def end(self, link: Link) -> None:
        """A thermometer needs no goodbye."""

    def _braked(self, readings: Sequence[Reading]) -> list[Reading]:
        now_s = self._monotonic_s()
        passed = self._brake.let_through(readings, now_s)
        if len(readings) > _MOST_READINGS:
            self._rest(_REST_S)
        dropped = self._brake.take_dropped(now_s)
        flood = [DeviceFlood(DeviceKind.THERMOMETER, dropped, now_s)] if dropped else []
        return [*passed, *flood]

    def _catch_up(self, link: Link, chunk: bytes = b"") -> bool:
        """After a stall: read up to now and tell nothing of it, also not of ``chunk``."""
        if not self._stall.stalled_s():
            return False
        self._decoder.feed(chunk)
        for _ in range(_MOST_PIECES):
            piece = link.read_chunk(_CAUGHT_UP_S)
            if not piece:
                break
            self._decoder.feed(piece)
        self._decoder.idle()
        self._stall.begin()
        return True

    def _is_time_to_ask(self) -> bool:
        if self._monotonic_s() - self._listens_from_s < self._model.listens_s:
            return False
        return bool(self._model.poll_command) and (
            self._asked_s is None or self._monotonic_s() - self._asked_s >= self._model.poll_every_s
        )

    def _start(self, link: Link) -> None:
        self._is_started = True
        if self._model.start_command:
            link.write(self._model.start_command)

    def _ask(self, link: Link) -> list[Reading]:
        """Half an answer is told as a fault; a late one is thrown away: it may be anything."""
        link.read_chunk(0)
        decoded = self._decoder.feed(self._echo.without_echo(b"")) + self._decoder.flush()
        left = [_reading(item, self._heard_s) for item in decoded]
        question = self._model.poll_command
        if not self._is_started:
            question = self._model.start_command + question
        if self._echo.asked(question) >= _ECHOES_TOLD:
            raise AdapterEchoes(
                f"the thermometer does not answer, and {ECHO_ADVICE}; then look at its power,"
                " wiring and address",
                device="thermometer",
                port=link.port,
            )
        if not self._is_started:
            self._start(link)
        link.write(self._model.poll_command)
        self._asked_s = self._monotonic_s()
        return [one for one in left if isinstance(one, TemperatureFault)]


class _EchoFilter:
    """Takes a question's echo out of what is heard behind it."""

    def __init__(self) -> None:
        self._question = self._held = b""
        self._is_waited_for = self._was_heard = self._is_answered = False
        self._alone = 0

    def asked(self, question: bytes) -> int:
        """A question is sent now; how many before it brought back nothing but their echo."""
        self._question = question
        self._alone = self._alone + 1 if self._was_heard and not self._is_answered else 0
        self._is_waited_for, self._was_heard, self._is_answered = True, False, False
        self._held = b""
        return self._alone

    def answered(self) -> None:
        """More than noise was told, be it a fault."""
        self._is_answered = True

    def without_echo(self, chunk: bytes) -> bytes:
        """What may be told of now; b"" says that the line is quiet."""
        heard, self._held = self._held + chunk, b""
        if not self._is_waited_for or not heard:
            return heard
        before, found, behind = heard.partition(self._question)
        if found and (not before or len(found) >= _TELLING_BYTES):
            self._is_waited_for, self._was_heard = False, True
            return before + behind
        if chunk and self._question.startswith(heard):
            self._held = heard
            return b""
        self._is_waited_for = False
        return heard


def _is_answer(decoded: Decoded) -> bool:
    return not isinstance(decoded, MalformedFrame) or decoded.reason not in STRAY


def _reading(decoded: Decoded, now_s: float) -> Reading:
    if isinstance(decoded, DecodedTemperature):
        return TemperatureReading(decoded.object_celsius, decoded.ambient_celsius, now_s)
    if isinstance(decoded, DecodedArray):
        return ThermalPicture(decoded.celsius, decoded.ambient_celsius, now_s)
    return TemperatureFault(decoded.reason, decoded.raw, now_s)
