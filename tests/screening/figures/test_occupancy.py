"""How sure the number of people inside is."""

from __future__ import annotations

from dataclasses import replace

import pytest

from screening.figures.evaluation import evaluate_occupancy
from screening.figures.occupancy import (
    EndedVisit,
    LearntStays,
    Occupancy,
    OpenVisit,
    occupancy,
    probably_over,
    recount,
)

NOON = 12 * 3600.0


def ended(number: int) -> EndedVisit:
    """Served after 20 minutes, left 1 to 4 minutes later; each twentieth without being seen."""
    over_s = NOON + 1200
    left_s = None if number % 20 == 0 else over_s + 60 + number % 180
    return EndedVisit(entered_s=NOON, over_s=over_s, left_s=left_s)


LEARNT = LearntStays.of([[ended(number) for number in range(400)]], unmatched_exits=8)


def waiting(visit_id: int, entered_s: float = NOON) -> OpenVisit:
    return OpenVisit(visit_id=visit_id, entered_s=entered_s, is_called_for=True)


def over(visit_id: int, ago_s: float) -> OpenVisit:
    return OpenVisit(visit_id=visit_id, entered_s=NOON - 3600, over_s=NOON - ago_s)


def test_learns_how_many_forget_to_sign_out_and_how_many_slip_in() -> None:
    assert LEARNT.forgotten == pytest.approx(0.05)
    assert LEARNT.missed == pytest.approx((8 + 1) / (388 + 1))


def test_whose_ticket_waits_is_inside_however_long_it_takes() -> None:
    visits = [waiting(1, entered_s=NOON - 4 * 3600)]

    assert LEARNT.inside(visits[0], at_s=NOON) == 1
    assert probably_over(LEARNT, visits, at_s=NOON) == []


def test_somebody_done_long_ago_has_left_without_a_row() -> None:
    assert probably_over(LEARNT, [over(1, 30), over(2, 600)], at_s=NOON) == [2]


def test_nothing_is_told_before_enough_is_known() -> None:
    few = LearntStays.of([[ended(number) for number in range(20)]], unmatched_exits=0)

    assert occupancy(few, [waiting(1)], at_s=NOON) == Occupancy(1, None)
    assert probably_over(few, [over(1, 9999)], at_s=NOON) == []


def test_without_tickets_the_whole_stay_tells() -> None:
    learnt = LearntStays.of(
        [[EndedVisit(entered_s=0, over_s=None, left_s=1200 + number) for number in range(300)]],
        unmatched_exits=0,
    )

    assert learnt.inside(OpenVisit(visit_id=1, entered_s=NOON - 600), at_s=NOON) == 1
    assert learnt.inside(OpenVisit(visit_id=1, entered_s=NOON - 6000), at_s=NOON) == 0


def test_more_people_in_doubt_make_the_number_less_sure() -> None:
    sure = occupancy(LEARNT, [waiting(1), waiting(2)], at_s=NOON)
    unsure = occupancy(LEARNT, [over(number, 200) for number in range(20)], at_s=NOON)

    assert sure == Occupancy(2, 0)
    assert unsure.give_or_take is not None
    assert unsure.give_or_take > 1


def test_people_who_slipped_in_make_the_number_less_sure() -> None:
    inside = [waiting(number) for number in range(60)]

    sure = occupancy(replace(LEARNT, missed=0.0), inside, at_s=NOON)
    unsure = occupancy(replace(LEARNT, missed=0.05), inside, at_s=NOON)

    assert sure.give_or_take == 0
    assert unsure.give_or_take is not None
    assert unsure.give_or_take >= 3


def test_hours_that_differ_do_not_make_stays_of_one_hour_differ() -> None:
    def day(longer: float) -> list[EndedVisit]:
        return [
            EndedVisit(entered_s=NOON, over_s=None, left_s=NOON + (1000 + number) * longer)
            for number in range(50)
        ]

    learnt = LearntStays.of([day(1.0), day(2.0), day(4.0)], unmatched_exits=0)

    assert learnt.stays[-1] / learnt.stays[0] < 1.2
    assert learnt.hour_sigma > 0.5


def test_a_head_count_ends_the_least_likely_visits() -> None:
    visits = [over(1, 200), over(2, 10), waiting(3)]

    assert recount(LEARNT, visits, 2, at_s=NOON).over == (1,)
    assert recount(LEARNT, visits, 0, at_s=NOON).over == (1, 2, 3)
    assert recount(LEARNT, visits, 3, at_s=NOON).over == ()


def test_a_head_count_tells_how_many_slipped_in() -> None:
    assert recount(LEARNT, [waiting(1)], 4, at_s=NOON).unseen == 3


def test_a_head_count_makes_the_number_sure_until_people_come_and_go() -> None:
    visits = [over(number, 100) for number in range(30)]

    before = occupancy(LEARNT, visits, at_s=NOON)
    at_count = occupancy(LEARNT, visits, at_s=NOON, counted_s=NOON)
    later = occupancy(LEARNT, visits, at_s=NOON + 60, counted_s=NOON)

    assert at_count.give_or_take == 0
    assert before.give_or_take is not None
    assert before.give_or_take > 0
    assert later.give_or_take is not None
    assert later.give_or_take > 0


@pytest.mark.parametrize("counts_at_s", [(), (10 * 3600.0, 13 * 3600.0)], ids=["never", "counted"])
def test_the_true_number_lies_inside_nine_times_of_ten(counts_at_s: tuple[float, ...]) -> None:
    found = evaluate_occupancy(350, days=30, seed=700, counts_at_s=counts_at_s)

    assert found.hit_rate >= 0.9
    assert found.narrow_rate >= 0.99
    assert found.wrong_exits < 0.1


def test_without_tickets_the_range_is_wide_enough_all_the_same() -> None:
    found = evaluate_occupancy(150, days=10, seed=700, has_tickets=False)

    assert found.hit_rate >= 0.85


def test_a_slow_hour_keeps_people_inside_longer() -> None:
    days = [
        [
            EndedVisit(
                entered_s=NOON, over_s=None, left_s=NOON + (600 + 10 * number) * (1 + day / 5)
            )
            for number in range(60)
        ]
        for day in range(6)
    ]
    learnt = LearntStays.of(days, unmatched_exits=0)
    inside = [OpenVisit(visit_id=number, entered_s=NOON) for number in range(40)]

    usual = learnt.scales(inside, [], at_s=NOON + 60)
    slow = learnt.scales(inside, [], at_s=NOON + 2400)

    assert sum(scale * weight for scale, weight in slow) > sum(
        scale * weight for scale, weight in usual
    )


def test_few_unmatched_exits_do_not_prove_that_nobody_slips_in() -> None:
    ended = [EndedVisit(entered_s=0, over_s=600, left_s=700) for _ in range(300)]
    learnt = LearntStays.of([ended], unmatched_exits=0)
    visits = [OpenVisit(visit_id=n, entered_s=0, is_called_for=True) for n in range(60)]
    found = occupancy(learnt, visits, at_s=300)
    assert found.give_or_take == 1
    often = LearntStays.of([ended] * 20, unmatched_exits=0)
    assert occupancy(often, visits, at_s=300).give_or_take == 0
