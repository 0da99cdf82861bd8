from __future__ import annotations

import pytest

from drivers.health import NOT_TRIED, Backoff, Brake, Health
from screening.readings import FaultReason


def steady_backoff() -> Backoff:
    return Backoff(first_s=1, ceiling_s=8, chance=lambda: 1.0)


def talking() -> Health:
    return Health(silence_s=1.5, backoff=steady_backoff())


class TestBackoff:
    def test_doubles_up_to_the_ceiling(self) -> None:
        backoff = steady_backoff()
        assert [backoff.next_s() for _ in range(5)] == [1, 2, 4, 8, 8]

    def test_starts_again_after_a_reset(self) -> None:
        backoff = steady_backoff()
        backoff.next_s()
        backoff.next_s()
        backoff.reset()
        assert backoff.next_s() == 1

    def test_jitter_takes_a_quarter_off_at_most(self) -> None:
        assert Backoff(first_s=1, chance=lambda: 0.0).next_s() == 0.75


class TestATalkingDevice:
    def test_is_not_usable_just_because_its_port_opened(self) -> None:
        health = talking()
        health.opened(0)
        assert health.problem is NOT_TRIED

    def test_is_usable_from_its_first_reading(self) -> None:
        health = talking()
        health.opened(0)
        health.took_reading(0.1)
        assert health.problem is None

    def test_is_given_up_after_too_long_without_a_reading(self) -> None:
        health = talking()
        health.opened(0)
        health.took_reading(1)
        assert health.passed_quietly(2.5) is None
        assert health.passed_quietly(2.6) == "no reading for 1.5 s"

    def test_is_not_usable_when_it_speaks_too_seldom_to_measure_anybody(self) -> None:
        health = Health(silence_s=4, backoff=steady_backoff())
        health.opened(0)
        for second in (2, 4, 6):
            health.took_reading(second)
        assert health.problem is None
        health.took_reading(8)
        assert health.problem == "a reading every 2.0 s; 1.25 s at most are needed"
        health.took_reading(9)
        assert health.problem is None

    def test_a_lost_line_now_and_then_is_no_slow_pace(self) -> None:
        health = Health(silence_s=4, backoff=steady_backoff())
        health.opened(0)
        for second in (0.5, 2, 3.5, 4, 5.5, 7, 8.5, 9):
            health.took_reading(second)
            assert health.problem is None

    def test_is_given_up_when_it_opens_and_never_speaks(self) -> None:
        health = talking()
        health.opened(10)
        assert health.passed_quietly(11.6) == "no reading for 1.5 s"

    def test_tells_the_last_fault_when_it_sends_nothing_but_faults(self) -> None:
        health = talking()
        health.opened(0)
        health.took_fault(FaultReason.SENSOR_ERROR)
        assert health.passed_quietly(2) == "no reading for 1.5 s (last fault: sensor_error)"

    def test_backs_off_further_while_it_opens_without_ever_speaking(self) -> None:
        health = talking()
        waits = []
        for _ in range(3):
            health.opened(0)
            health.failed("lost")
            waits.append(health.retry_after_s())
        assert waits == [1, 2, 4]

    def test_first_good_reading_resets_the_back_off(self) -> None:
        health = talking()
        health.retry_after_s()
        health.opened(0)
        health.took_reading(0)
        assert health.retry_after_s() == 1

    def test_is_usable_with_a_fault_now_and_then(self) -> None:
        health = talking()
        health.opened(0)
        for _ in range(40):
            health.took_reading(0)
            health.took_fault(FaultReason.BAD_CHECKSUM)
        assert health.problem is None

    def test_is_usable_with_stray_bytes_before_and_behind_each_answer(self) -> None:
        health = talking()
        health.opened(0)
        for _ in range(40):
            health.took_fault(FaultReason.BAD_HEADER)
            health.took_fault(FaultReason.UNPARSABLE)
            health.took_reading(0)
            health.took_fault(FaultReason.TRUNCATED)
            assert health.problem is None

    def test_is_unusable_where_it_sends_hardly_anything_but_stray_bytes(self) -> None:
        health = talking()
        health.opened(0)
        for _ in range(10):
            health.took_reading(0)
            for _ in range(6):
                health.took_fault(FaultReason.UNPARSABLE)
        assert health.problem == "most of what it sends is faulty (last: unparsable)"

    def test_is_unusable_while_most_of_what_it_sends_is_faulty(self) -> None:
        health = talking()
        health.opened(0)
        for _ in range(10):
            health.took_reading(0)
            health.took_fault(FaultReason.BAD_CHECKSUM)
        health.took_fault(FaultReason.BAD_CHECKSUM)
        assert health.problem == "most of what it sends is faulty (last: bad_checksum)"
        health.took_reading(0)
        assert health.problem is not None

    def test_is_usable_again_when_few_of_its_frames_are_faulty(self) -> None:
        health = talking()
        health.opened(0)
        for _ in range(20):
            health.took_fault(FaultReason.BAD_CHECKSUM)
        states = []
        for _ in range(16):
            health.took_reading(0)
            states.append(health.problem is None)
        assert states == [False] * 14 + [True, True]

    def test_a_few_faults_after_opening_tell_nothing(self) -> None:
        health = talking()
        health.opened(0)
        health.took_fault(FaultReason.BAD_HEADER)
        health.took_reading(0)
        assert health.problem is None

    def test_counts_what_it_sent(self) -> None:
        health = talking()
        health.opened(0)
        health.took_reading(0)
        health.took_fault(FaultReason.BAD_CHECKSUM)
        health.took_fault(FaultReason.BAD_CHECKSUM)
        health.failed("lost")
        counts = health.counts
        health.took_fault(FaultReason.BAD_CHECKSUM)
        assert (counts.readings, counts.connections, counts.losses) == (1, 1, 1)
        assert counts.faults == {FaultReason.BAD_CHECKSUM: 2}


class TestASilentDevice:
    def test_is_usable_as_soon_as_it_is_open(self) -> None:
        health = Health(silence_s=None, backoff=steady_backoff())
        health.opened(0)
        assert health.problem is None

    def test_is_never_given_up_for_saying_nothing(self) -> None:
        health = Health(silence_s=None, backoff=steady_backoff())
        health.opened(0)
        assert health.passed_quietly(1e6) is None

    @pytest.mark.parametrize(("open_for_s", "wait_s"), [(1, 2), (6, 1)])
    def test_resets_the_back_off_only_after_it_stayed(
        self, open_for_s: float, wait_s: float
    ) -> None:
        health = Health(silence_s=None, backoff=steady_backoff())
        health.retry_after_s()
        health.opened(0)
        health.passed_quietly(open_for_s)
        health.failed("lost")
        assert health.retry_after_s() == wait_s


class TestBrake:
    def test_lets_through_what_people_can_mean(self) -> None:
        brake: Brake[int] = Brake(most=4, a_second=2)
        passed = [one for now_s in range(20) for one in brake.let_through([now_s], now_s)]
        assert passed == list(range(20))
        assert brake.take_dropped(20) == 0

    def test_of_a_flood_the_newest_wait_and_the_oldest_are_dropped(self) -> None:
        brake: Brake[int] = Brake(most=4, a_second=2)
        assert brake.let_through(range(100), 0.0) == [0, 1, 2, 3]
        assert brake.take_dropped(0.0) == 92
        later = [one for tenth in range(1, 50) for one in brake.let_through([], tenth / 10)]
        assert later == [96, 97, 98, 99]

    def test_tells_what_it_dropped_once_a_second(self) -> None:
        brake: Brake[int] = Brake(most=1, a_second=1)
        told = []
        for tenth in range(50):
            brake.let_through([1, 2, 3, 4], tenth / 10)
            told.append(brake.take_dropped(tenth / 10))
        assert 4 <= sum(one > 0 for one in told) <= 6
        assert sum(told) > 100
