"""Loops take their turns until they are closed, and tell once what fails again and again."""

from __future__ import annotations

import logging
import queue
import threading

import pytest

from screening.errors import RecordError
from screening.loop import Loop, Trouble

_log = logging.getLogger("tests.loop")


@pytest.fixture
def trouble(caplog: pytest.LogCaptureFixture) -> Trouble:
    caplog.set_level(logging.INFO, logger=_log.name)
    return Trouble(_log, "the room cannot be read", over="the room can be read again")


def fails(trouble: Trouble, error: Exception) -> None:
    with trouble.told_once():
        raise error


def misses(trouble: Trouble, key: str) -> None:
    with trouble.told_once():
        {}[key]


def works(trouble: Trouble) -> None:
    with trouble.told_once():
        pass


def told(caplog: pytest.LogCaptureFixture) -> list[tuple[str, str]]:
    return [(record.levelname, record.getMessage()) for record in caplog.records]


AWAY = ("WARNING", "the room cannot be read: the database is away")
FAULT = ("ERROR", "the room cannot be read: a fault in the program")
OVER = ("INFO", "the room can be read again")


def test_what_works_is_not_told(trouble: Trouble, caplog: pytest.LogCaptureFixture) -> None:
    works(trouble)
    works(trouble)
    assert told(caplog) == []


def test_a_record_that_is_away_is_told_once_and_once_that_it_is_there(
    trouble: Trouble, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(2):
        fails(trouble, RecordError("the database is away"))
        fails(trouble, RecordError("the database is still away"))
        works(trouble)
        works(trouble)
    assert told(caplog) == [AWAY, OVER, AWAY, OVER]


def test_a_fault_that_comes_again_is_told_once_with_its_place(
    trouble: Trouble, caplog: pytest.LogCaptureFixture
) -> None:
    for turn in range(5):
        misses(trouble, f"visitor {turn}")
    works(trouble)
    assert told(caplog) == [FAULT, OVER]
    assert "KeyError: 'visitor 0'" in caplog.text
    assert "in misses" in caplog.text


def test_another_fault_is_told_too_and_the_first_is_not_told_again(
    trouble: Trouble, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(3):
        misses(trouble, "seat")
        fails(trouble, KeyError("seat"))  # from another place
        fails(trouble, TypeError("a seat is no number"))
        fails(trouble, RecordError("the database is away"))
    works(trouble)
    assert told(caplog) == [FAULT, FAULT, FAULT, AWAY, OVER]


def test_a_fault_that_comes_back_later_is_told_again(
    trouble: Trouble, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(2):
        misses(trouble, "seat")
        works(trouble)
    assert told(caplog) == [FAULT, OVER, FAULT, OVER]


def test_what_ends_the_program_is_not_held_back(trouble: Trouble) -> None:
    with pytest.raises(KeyboardInterrupt), trouble.told_once():
        raise KeyboardInterrupt


LONG_S = 30.0


class Turns:
    """Counts the turns of a loop, and lets a test wait for one."""

    def __init__(self, trouble: Trouble, *, every_s: float = 3600.0, at_once: bool = True) -> None:
        self.taken: queue.SimpleQueue[bool] = queue.SimpleQueue()
        self.wrong: Exception | None = None
        self.loop = Loop("turns", self.take, trouble=trouble, every_s=every_s, at_once=at_once)

    def take(self) -> None:
        self.taken.put(self.loop.was_woken)
        if self.wrong is not None:
            raise self.wrong


def test_a_loop_begins_at_once_and_goes_on_when_it_is_woken(trouble: Trouble) -> None:
    turns = Turns(trouble)
    turns.loop.start()
    assert turns.taken.get(timeout=LONG_S) is False
    turns.loop.wake()
    assert turns.taken.get(timeout=LONG_S) is True
    turns.loop.close()
    assert turns.taken.empty()


def test_a_loop_goes_on_by_itself_in_time(trouble: Trouble) -> None:
    turns = Turns(trouble, every_s=0.01, at_once=False)
    turns.loop.start()
    assert [turns.taken.get(timeout=LONG_S) for _ in range(3)] == [False] * 3
    turns.loop.close()


def test_a_turn_that_fails_is_told_and_the_next_one_is_taken(
    trouble: Trouble, caplog: pytest.LogCaptureFixture
) -> None:
    turns = Turns(trouble)
    turns.wrong = RecordError("the database is away")
    turns.loop.start()
    turns.taken.get(timeout=LONG_S)
    turns.loop.wake()
    turns.taken.get(timeout=LONG_S)
    turns.loop.close()
    assert told(caplog) == [AWAY]


def test_a_loop_that_waits_to_begin_is_closed_without_a_turn(trouble: Trouble) -> None:
    turns = Turns(trouble, at_once=False)
    turns.loop.close()
    assert not turns.loop.is_started
    turns.loop.start()
    turns.loop.close()
    assert turns.taken.empty()


def test_a_turn_that_hangs_is_waited_for_as_long_as_was_said(trouble: Trouble) -> None:
    begun, may_end = threading.Event(), threading.Event()

    def hang() -> None:
        begun.set()
        may_end.wait(LONG_S)

    loop = Loop("hangs", hang, trouble=trouble, every_s=1.0)
    loop.start()
    assert begun.wait(LONG_S)
    loop.close(0.01)
    assert loop.rest(LONG_S)
    may_end.set()
    loop.close()
