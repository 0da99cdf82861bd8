"""Each call is heard once, however many screens hang in the room."""

from __future__ import annotations

from datetime import timedelta

from dashboard.web.voice import FRESH, LEASE_S, Spoken, Voices
from screening.clock import FakeClock
from tests.dashboard.fakes import NOON

CLOCK_STEP = timedelta(seconds=4)


def voices() -> tuple[Voices, FakeClock]:
    clock = FakeClock(NOON)
    return Voices(clock), clock


def test_each_call_is_told_to_one_screen_once() -> None:
    all_voices, clock = voices()
    calls = [Spoken("1", NOON), Spoken("2", NOON - timedelta(seconds=3))]
    told: list[str] = []
    for _ in range(5):
        for screen in ("a", "b", "c"):
            told += all_voices.ask("utama", screen, calls, has_words=True)
        clock.move_to(clock.now() + CLOCK_STEP)
    assert told == ["2", "1"]


def test_a_number_that_is_called_again_is_told_again() -> None:
    all_voices, clock = voices()
    assert all_voices.ask("utama", "a", [Spoken("1-a", NOON)], has_words=True) == ("1-a",)
    clock.move_to(NOON + timedelta(seconds=20))
    again = [Spoken("1-b", clock.now())]
    assert all_voices.ask("utama", "a", again, has_words=True) == ("1-b",)


def test_another_screen_speaks_when_the_voice_is_gone() -> None:
    all_voices, clock = voices()
    all_voices.ask("utama", "a", [], has_words=True)
    call = [Spoken("1", clock.now())]
    assert all_voices.ask("utama", "b", call, has_words=True) == ()
    clock.move_to(NOON + timedelta(seconds=LEASE_S))
    assert all_voices.ask("utama", "b", call, has_words=True) == ("1",)
    assert all_voices.ask("utama", "a", call, has_words=True) == ()


def test_a_screen_that_is_closed_gives_the_voice_away_at_once() -> None:
    all_voices, _ = voices()
    all_voices.ask("utama", "a", [], has_words=True)
    all_voices.leave("utama", "b")
    assert all_voices.ask("utama", "b", [Spoken("1", NOON)], has_words=True) == ()
    all_voices.leave("utama", "a")
    assert all_voices.ask("utama", "b", [Spoken("1", NOON)], has_words=True) == ("1",)


def test_a_screen_with_words_goes_before_one_that_only_rings() -> None:
    all_voices, _ = voices()
    all_voices.ask("utama", "rings", [], has_words=False)
    call = [Spoken("1", NOON)]
    assert all_voices.ask("utama", "speaks", call, has_words=True) == ("1",)
    assert all_voices.ask("utama", "rings", call, has_words=False) == ()


def test_what_was_called_long_ago_is_not_spoken_any_more() -> None:
    all_voices, clock = voices()
    clock.move_to(NOON + FRESH + timedelta(seconds=1))
    assert all_voices.ask("utama", "a", [Spoken("1", NOON)], has_words=True) == ()


def test_what_was_called_in_silence_is_not_spoken_afterwards() -> None:
    all_voices, _ = voices()
    call = [Spoken("1", NOON)]
    assert all_voices.ask("utama", "a", call, has_words=True, is_quiet=True) == ()
    assert all_voices.ask("utama", "a", call, has_words=True) == ()


def test_a_call_that_was_undone_and_comes_back_is_not_spoken_twice() -> None:
    all_voices, _ = voices()
    call = [Spoken("1", NOON)]
    assert all_voices.ask("utama", "a", call, has_words=True) == ("1",)
    assert all_voices.ask("utama", "a", [], has_words=True) == ()
    assert all_voices.ask("utama", "a", call, has_words=True) == ()


def test_rooms_speak_for_themselves() -> None:
    all_voices, _ = voices()
    call = [Spoken("1", NOON)]
    assert all_voices.ask("atas", "a", call, has_words=True) == ("1",)
    assert all_voices.ask("bawah", "b", call, has_words=True) == ("1",)
