"""Whether a device can be trusted now, told from what it sends. Pure: time comes in as a number."""

from __future__ import annotations

import random
from collections import Counter, deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Generic, TypeVar

from screening.readings import FaultReason

T = TypeVar("T")

NOT_TRIED = "not connected yet"
FIRST_RETRY_S = 0.5
RETRY_CEILING_S = 5.0  # a guard who plugs the cable in again waits no longer than this
_WINDOW = 20  # frames over which the share of faults is taken
_ENOUGH = 10  # fewer frames tell nothing about a share
# Down when most frames are faults, up again only when few are: no flapping in between.
_TOO_MANY = 0.5
_FEW = 0.25
# Bytes that are no frame. Around an answer they say nothing about it: so many pieces between two
# readings (before the echo of a question, before the answer, behind it) are skipped.
STRAY = frozenset(
    {
        FaultReason.BAD_HEADER,
        FaultReason.OVERFLOW,
        FaultReason.TRUNCATED,
        FaultReason.UNPARSABLE,
    }
)
_STRAYS = 3
# A gate makes a value of three readings within 2.5 s: with longer gaps it never comes to one.
SLOWEST_S = 1.25
_GAPS = 4  # a lost line or two is no pace
_TELL_DROPPED_S = 1.0
_STEADY_S = 5.0  # a device that only listens has no good frame: this long open counts as one


class Backoff:
    """Seconds to wait before the next try: doubling to a ceiling, with jitter, until ``reset``."""

    def __init__(
        self,
        *,
        first_s: float = FIRST_RETRY_S,
        ceiling_s: float = RETRY_CEILING_S,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._first_s = first_s
        self._ceiling_s = ceiling_s
        self._chance = chance
        self._next_s = first_s

    def next_s(self) -> float:
        """Between three quarters and the whole of the current step, so that devices spread out."""
        step_s, self._next_s = self._next_s, min(self._next_s * 2, self._ceiling_s)
        return step_s * (0.75 + 0.25 * self._chance())

    def reset(self) -> None:
        self._next_s = self._first_s


class Brake(Generic[T]):
    """Lets through what people can mean, and of the rest the newest; the others are dropped.

    ``most`` may come at once, and ``a_second`` in the long run; as many as ``most`` wait.
    """

    def __init__(self, *, most: int, a_second: float) -> None:
        self._a_second = a_second
        self._most = float(most)
        self._allowed = float(most)
        self._waiting: deque[T] = deque(maxlen=most)
        self._last_s: float | None = None
        self._told_s = float("-inf")
        self._dropped = 0

    def let_through(self, items: Sequence[T], now_s: float) -> list[T]:
        """What of these, and of those that wait, may pass now; oldest first."""
        since_s = 0.0 if self._last_s is None else now_s - self._last_s
        self._last_s = now_s
        self._allowed = min(self._most, self._allowed + since_s * self._a_second)
        through: list[T] = []
        while self._waiting and len(through) < int(self._allowed):
            through.append(self._waiting.popleft())
        # So many of the new ones neither pass at once nor wait: the oldest of them.
        free = int(self._allowed) - len(through)
        passing, waiting = items[:free], items[free:]
        through += passing
        self._allowed -= len(through)
        self._dropped += max(0, len(self._waiting) + len(waiting) - int(self._most))
        self._waiting.extend(waiting)
        return through

    def drop(self, count: int = 1) -> None:
        """So many were thrown away before they came here."""
        self._dropped += count

    def take_dropped(self, now_s: float) -> int:
        """How many were dropped since this was told last; 0 within a second of that."""
        if not self._dropped or now_s - self._told_s < _TELL_DROPPED_S:
            return 0
        dropped, self._dropped, self._told_s = self._dropped, 0, now_s
        return dropped


@dataclass(frozen=True, slots=True)
class Counts:
    """What a device sent since start: a snapshot that does not change any more."""

    readings: int
    faults: Mapping[FaultReason, int]
    connections: int
    losses: int


class Health:
    """Judges one device; ``problem`` is None exactly while it may be used.

    With ``silence_s`` it may be used from its first good reading on and no longer than that
    without another one; without (a device that speaks only when spoken to) as soon as it is open.
    """

    def __init__(self, *, silence_s: float | None, backoff: Backoff) -> None:
        self._silence_s = silence_s
        self._backoff = backoff
        self._is_good: deque[bool] = deque(maxlen=_WINDOW)
        self._is_noisy = False
        self._strays = 0
        self._heard_s = 0.0
        self._is_excused = False
        self._gaps: deque[float] = deque(maxlen=_GAPS)
        self._last_fault: FaultReason | None = None
        self._faults: Counter[FaultReason] = Counter()
        self._readings = self._connections = self._losses = 0
        self.problem: str | None = NOT_TRIED

    def opened(self, now_s: float) -> None:
        """The port is open; for a talking device that proves nothing yet."""
        self._connections += 1
        self._heard_s = now_s
        self._is_excused = False
        self._gaps.clear()
        self._is_good.clear()
        self._is_noisy = False
        self._strays = 0
        self._last_fault = None
        if self._silence_s is None:
            self.problem = None

    def took_reading(self, now_s: float) -> None:
        self._readings += 1
        self._gaps.append(now_s - self._heard_s)
        self._heard_s = now_s
        self._is_excused = False
        self._strays = 0
        self._backoff.reset()
        self._judge_share(good=True)
        if not self._is_noisy:
            self.problem = self._slowness

    def took_fault(self, reason: FaultReason) -> None:
        self._faults[reason] += 1
        self._last_fault = reason
        self._strays += reason in STRAY
        if reason in STRAY and self._strays <= _STRAYS:
            return
        self._judge_share(good=False)
        if self._is_noisy:
            self.problem = f"most of what it sends is faulty (last: {reason.value})"

    def failed(self, problem: str) -> None:
        """The connection is over."""
        self._losses += 1
        self.problem = problem

    def could_not_listen(self, seconds: float) -> None:
        """We were away: no silence of the device, once between two of its readings."""
        if seconds > 0 and not self._is_excused:
            self._heard_s += seconds
            self._is_excused = True

    def passed_quietly(self, now_s: float) -> str | None:
        """The reason to give the connection up after too long without a reading, or None."""
        quiet_s = now_s - self._heard_s
        if self._silence_s is None:
            if quiet_s >= _STEADY_S:
                self._backoff.reset()
            return None
        if quiet_s <= self._silence_s:
            return None
        last = "" if self._last_fault is None else f" (last fault: {self._last_fault.value})"
        return f"no reading for {self._silence_s:g} s{last}"

    def retry_after_s(self) -> float:
        """How long to leave the port alone."""
        return self._backoff.next_s()

    @property
    def counts(self) -> Counts:
        return Counts(
            self._readings,
            MappingProxyType(dict(self._faults)),
            self._connections,
            self._losses,
        )

    @property
    def _slowness(self) -> str | None:
        """What is wrong with the pace of a device that talks; the others have none."""
        if self._silence_s is None or len(self._gaps) < _GAPS or min(self._gaps) <= SLOWEST_S:
            return None
        return f"a reading every {min(self._gaps):.1f} s; {SLOWEST_S:g} s at most are needed"

    def _judge_share(self, *, good: bool) -> None:
        self._is_good.append(good)
        faulty = self._is_good.count(False) / len(self._is_good)
        if self._is_noisy:
            self._is_noisy = faulty > _FEW
        else:
            self._is_noisy = len(self._is_good) >= _ENOUGH and faulty > _TOO_MANY
