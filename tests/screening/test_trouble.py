"""What fails again and again is told once, and that it is over."""

from __future__ import annotations

import logging

import pytest

from screening.errors import RecordError
from screening.trouble import Trouble

_log = logging.getLogger("tests.trouble")


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
