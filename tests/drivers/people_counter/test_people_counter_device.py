from __future__ import annotations

import logging
import time
from collections.abc import Iterator

import pytest

from drivers import building
from drivers.health import Backoff
from drivers.people_counter.beam_lines import Totals, encode
from drivers.people_counter.device import CounterConversation, SerialPeopleCounter
from drivers.simulated.people_counter import SimulatedPeopleCounter
from screening.errors import SettingsError
from screening.readings import DeviceKind, PeopleCrossed
from tests.drivers.support import Recorder, ScriptedLink, SettableClock


class Wired:
    """A counter on a pseudo-terminal, and what was heard of it."""

    def __init__(self) -> None:
        self.simulated = SimulatedPeopleCounter()
        self.heard = Recorder()
        self.device = SerialPeopleCounter(
            port=self.simulated.path,
            monotonic_s=time.monotonic,
            backoff=Backoff(first_s=0.02, ceiling_s=0.05),
        )
        self.device.start(self.heard.on_reading, self.heard.on_availability)
        self.heard.wait_available(True)

    def counted(self) -> tuple[int, int]:
        crossed = [one for one in self.heard.readings if isinstance(one, PeopleCrossed)]
        return sum(one.entered for one in crossed), sum(one.left for one in crossed)

    def wait_counted(self, entered: int, left: int) -> None:
        self.heard.wait_until(lambda _: self.counted() == (entered, left))


@pytest.fixture
def wired() -> Iterator[Wired]:
    bench = Wired()
    yield bench
    bench.device.close()
    bench.simulated.close()


def crossings(
    *lines: bytes, seconds: float = 1.0, is_reversed: bool = False
) -> list[tuple[int, int]]:
    """What the conversation makes of these chunks, so many seconds apart."""
    clock = SettableClock()
    conversation = CounterConversation(clock, is_reversed=is_reversed)
    link = ScriptedLink(lines)
    conversation.begin(link)
    found = []
    for _ in lines:
        for one in conversation.step(link):
            assert isinstance(one, PeopleCrossed)
            found.append((one.entered, one.left))
        clock.now_s += seconds
    return found


def line(entered: int, left: int) -> bytes:
    return encode(Totals(entered, left))


def test_tells_who_passed_and_survives_the_cable(wired: Wired) -> None:
    assert wired.device.kind is DeviceKind.PEOPLE_COUNTER
    wired.heard.wait_until(lambda heard: len(heard.readings) >= 1)
    wired.simulated.go(entered=2)
    wired.simulated.go(left=1)
    wired.wait_counted(2, 1)

    wired.simulated.unplug()
    wired.heard.wait_available(False)
    wired.simulated.go(entered=1, left=1)
    wired.simulated.plug_in()
    wired.heard.wait_available(True, times=2)

    wired.wait_counted(3, 2)


def test_where_the_board_stands_at_first_is_no_crossing() -> None:
    assert crossings(line(712, 690), line(713, 690)) == [(0, 0), (1, 0)]


def test_a_line_that_comes_twice_or_gets_lost_changes_nothing() -> None:
    assert crossings(line(1, 0), line(2, 0) + line(2, 0), line(4, 1)) == [
        (0, 0),
        (1, 0),
        (0, 0),
        (2, 1),
    ]


def test_a_board_that_was_switched_off_has_counted_from_nothing() -> None:
    assert crossings(line(40, 38), line(2, 0)) == [(0, 0), (2, 0)]


def test_noise_passes_for_nobody() -> None:
    noisy = line(3, 1).replace(b"3", b"8")
    assert crossings(line(2, 1), noisy, b"\x00\xff", line(3, 1)) == [(0, 0), (1, 0)]


def test_more_than_a_door_lets_through_is_another_board(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        assert crossings(line(1, 1), line(5000, 1), line(5001, 1)) == [(0, 0), (0, 0), (1, 0)]
    assert "jumped to 5000 in" in caplog.text
    assert crossings(line(1, 1), line(200, 1), seconds=3600) == [(0, 0), (199, 0)]


def test_one_that_is_mounted_the_other_way_round() -> None:
    assert crossings(line(0, 0), line(3, 1), is_reversed=True) == [(0, 0), (1, 3)]


def test_an_unknown_model_is_told() -> None:
    with pytest.raises(SettingsError, match="beam-lines"):
        building.people_counter(
            model="eye", port="/dev/x", usb=None, is_reversed=False, monotonic_s=time.monotonic
        )
