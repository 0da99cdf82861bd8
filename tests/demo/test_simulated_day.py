"""A simulated day goes through the gate and the record, and their figures agree with it."""

from __future__ import annotations

from dataclasses import asdict

from dashboard.demo.simulated_day import simulate_day
from screening.settings import RoomSettings


def test_the_record_agrees_with_what_happened() -> None:
    found = simulate_day(40, seed=4)

    assert found.problems == ()
    assert found.visits == 40
    assert found.entries == found.exits + found.occupancy
    assert found.served + found.missed_calls + found.gave_up == found.entries
    assert sum(hour["entered"] for hour in found.hours.values()) == 40
    assert found.log_entries >= found.entries + found.exits


def test_counters_call_through_the_queue_of_the_record() -> None:
    found = simulate_day(40, seed=4)

    calls_and_ends = 2 * (found.served + found.missed_calls)
    assert found.problems == ()
    assert found.rows["queue"] == calls_and_ends + found.served  # who was served has arrived, too
    assert found.rows["attempt"] == found.entries + found.told_full
    assert found.rows["exit"] == found.exits


def test_nobody_of_a_party_is_taken_out_of_the_queue_by_another_ones_exit() -> None:
    found = simulate_day(60, seed=5)

    assert found.parties > 2
    assert found.problems == ()
    assert found.served + found.missed_calls + found.gave_up == found.entries


def test_the_same_seed_comes_to_the_same() -> None:
    one, same, other = (asdict(simulate_day(25, seed)) for seed in (1, 1, 2))

    for found in (one, same, other):
        del found["seconds"]
    assert one == same
    assert one != other


def test_whoever_is_told_that_the_room_is_full_comes_in_later() -> None:
    found = simulate_day(40, seed=1, room=RoomSettings(rows=1, columns=3, sealed="none"))

    assert found.seats == 3
    assert found.told_full > 0
    assert found.problems == ()
    assert sum(hour["entered"] for hour in found.hours.values()) == 40


def test_how_often_the_number_inside_held_the_true_one_is_measured() -> None:
    found = simulate_day(85, seed=3, days_before=3)

    assert found.problems == ()
    assert found.visits == 85
    assert found.number_told is not None
    assert found.number_told.told == found.number_told.looks > 80
    assert found.number_told.hit_rate is not None
    assert found.number_told.hit_rate >= 0.8


def test_an_office_that_knows_no_day_before_tells_no_range() -> None:
    assert simulate_day(10, seed=1).number_told is None
    found = simulate_day(10, seed=1, days_before=1)

    assert found.problems == ()
    assert found.number_told is not None
    assert (found.number_told.told, found.number_told.hit_rate) == (0, None)
