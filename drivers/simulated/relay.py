"""Relay boards' own side of the wire; each remembers what it was told and when."""

from __future__ import annotations

import threading
from abc import abstractmethod
from collections.abc import Callable
from dataclasses import dataclass

from drivers.barrier import lcus1
from drivers.modbus import is_sealed, seal
from drivers.simulated.pseudo_terminal import SimulatedDevice


@dataclass(frozen=True, slots=True)
class RelayCommand:
    """One command as it came over the wire, and the monotonic second of its arrival."""

    raw: bytes
    at_s: float


class _SimulatedBoard(SimulatedDevice):
    _COMMAND_LENGTH = 8

    def __init__(self, name: str, monotonic_s: Callable[[], float]) -> None:
        self._monotonic_s = monotonic_s
        self._pending = bytearray()
        self._changed = threading.Condition()
        self._commands: list[RelayCommand] = []
        super().__init__(name, period_s=0.005)

    @property
    def commands(self) -> tuple[RelayCommand, ...]:
        """Everything it was told, oldest first."""
        with self._changed:
            return tuple(self._commands)

    def wait_for(self, told: Callable[[tuple[RelayCommand, ...]], bool], timeout_s: float) -> bool:
        """Whether the commands satisfied ``told`` within ``timeout_s``."""
        with self._changed:
            return self._changed.wait_for(lambda: told(tuple(self._commands)), timeout_s)

    def _plugged_in(self) -> None:
        self._pending.clear()

    def _tick(self) -> None:
        self._pending += self._received()
        while len(self._pending) >= self._COMMAND_LENGTH:
            command = bytes(self._pending[: self._COMMAND_LENGTH])
            if not self._understands(command):
                del self._pending[0]
                continue
            del self._pending[: self._COMMAND_LENGTH]
            with self._changed:
                self._obey(command)
                self._commands.append(RelayCommand(command, self._monotonic_s()))
                self._changed.notify_all()

    @abstractmethod
    def _understands(self, command: bytes) -> bool:
        """Whether this is a whole command of the board."""

    @abstractmethod
    def _obey(self, command: bytes) -> None:
        """Switch, and answer where the board does."""


class SimulatedLcus1(_SimulatedBoard):
    """Switches and says nothing, as the one-channel board does."""

    _COMMAND_LENGTH = 4

    def __init__(self, monotonic_s: Callable[[], float]) -> None:
        self._on: set[int] = set()
        super().__init__("lcus-1", monotonic_s)

    def is_on(self, channel: int = 1) -> bool:
        """The contact is closed now."""
        return channel in self._on

    def _understands(self, command: bytes) -> bool:
        return lcus1.decode(command) is not None

    def _obey(self, command: bytes) -> None:
        decoded = lcus1.decode(command)
        if decoded is not None:
            channel, is_on = decoded
            self._on = self._on | {channel} if is_on else self._on - {channel}


class SimulatedRelay(_SimulatedBoard):
    """A Modbus-RTU board with timed pulses; while ``is_mute`` it obeys without answering.

    While ``has_echo`` its adapter sends back what it is sent, with or without a board behind it.
    """

    def __init__(self, monotonic_s: Callable[[], float], *, unit: int = 1) -> None:
        self._unit = unit
        self._off_at_s: dict[int, float] = {}
        self.is_mute = False
        self.has_echo = False
        super().__init__("modbus-relay", monotonic_s)

    def is_on(self, channel: int = 1) -> bool:
        """The contact of a channel (from 1) is closed now."""
        return self._monotonic_s() < self._off_at_s.get(channel - 1, 0.0)

    def pulses(self) -> tuple[RelayCommand, ...]:
        """The commands that opened the barrier."""
        return tuple(command for command in self.commands if command.raw[1:3] == b"\x05\x02")

    def _understands(self, command: bytes) -> bool:
        return is_sealed(command) and command[0] == self._unit

    def _obey(self, command: bytes) -> None:
        function, area, relay = command[1], command[2], command[3]
        value = int.from_bytes(command[4:6], "big")
        answer = command
        if self.has_echo:
            self.inject(command)
        if function == 0x01:
            is_on = self.is_on(relay + 1)
            answer = seal(bytes((self._unit, 0x01, 1, int(is_on))))
        elif function == 0x05 and area == 0x02:
            self._off_at_s[relay] = self._monotonic_s() + value / 10
        elif function == 0x05 and area == 0x00:
            self._off_at_s[relay] = float("inf") if value == 0xFF00 else 0.0
        else:
            answer = seal(bytes((self._unit, function | 0x80, 0x01)))
        if not self.is_mute:
            self.inject(answer)
