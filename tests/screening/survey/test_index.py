"""The index of the decree: formula, grades, interval."""

from __future__ import annotations

import random
from datetime import date
from fractions import Fraction

import pytest

from screening.survey.index import (
    Answer,
    Counted,
    Grade,
    Marks,
    Quarter,
    Source,
    SurveyResult,
    by_quarter,
    by_service,
    grade_of,
    pooled,
    quarters,
    rounded,
    sample_wanted,
)

Q4 = Quarter(2026, 4)


def counted(
    text: str, people: int = 1, *, service: str | None = "KTP", of: Quarter = Q4
) -> Counted:
    answer = Answer(marks=Marks.parse(text), quarter=of, service=service, source=Source.RECEIPT)
    return Counted(answer, people)


def test_index_is_the_decrees_worked_formula() -> None:
    # Two hundred people: the sums of marks, their means, the means weighted by a ninth each, and
    # twenty-five times what these add up to, step by step as the decree has it.
    sheets = [counted("333433444", 80), counted("344444433", 70), counted("222333323", 50)]
    sums = [
        sum(one.people * one.answer.marks.values[element] for one in sheets) for element in range(9)
    ]
    means = [Fraction(total, 200) for total in sums]
    index = sum(mean * Fraction(1, 9) for mean in means) * 25

    result = SurveyResult.of(sheets)

    assert result.n == 200
    assert result.elements == tuple(rounded(mean) for mean in means)
    assert result.elements[0] == 2.75
    assert result.index == rounded(index) == 82.5
    assert result.grade is Grade.B


@pytest.mark.parametrize(
    ("index", "grade"),
    [
        (100.0, Grade.A),
        (88.31, Grade.A),
        (88.3, Grade.B),
        (76.61, Grade.B),
        (76.6, Grade.C),
        (65.0, Grade.C),
        (64.99, Grade.D),
        (25.0, Grade.D),
    ],
)
def test_grades_begin_where_the_decree_says(index: float, grade: Grade) -> None:
    assert grade_of(index) is grade


def test_best_and_worst_marks_reach_the_ends_of_the_scale() -> None:
    assert SurveyResult.of([counted("444444444", 3)]).index == 100
    assert SurveyResult.of([counted("111111111", 3)]).index == 25


def test_nobody_and_one_person_have_no_interval() -> None:
    nobody, one = SurveyResult.of([]), SurveyResult.of([counted("343434343")])

    assert nobody.to_json() == {
        "n": 0,
        "elements": [],
        "index": None,
        "grade": None,
        "interval": None,
    }
    assert (one.n, one.interval) == (1, None)


def test_interval_holds_the_true_index_as_often_as_it_says() -> None:
    draws = random.Random(14)

    def person() -> str:
        mood = draws.choice((-1, 0, 0, 1))  # one person's marks go together
        return "".join(str(min(4, max(1, draws.choice((2, 3, 3, 4)) + mood))) for _ in range(9))

    everybody = [counted(person()) for _ in range(20_000)]
    true = SurveyResult.of(everybody).index
    assert true is not None
    tries, inside = 400, 0
    for _ in range(tries):
        interval = SurveyResult.of(draws.sample(everybody, 60)).interval
        assert interval is not None
        inside += interval[0] <= true <= interval[1]

    assert 0.92 <= inside / tries <= 0.98


def test_equal_answers_count_as_often_as_they_were_given() -> None:
    together = SurveyResult.of([counted("343434343", 3), counted("222222222", 2)])
    apart = SurveyResult.of([counted("343434343")] * 3 + [counted("222222222")] * 2)

    assert together == apart


def test_results_by_service_and_quarter() -> None:
    sheets = [
        counted("444444444"),
        counted("111111111", service="KK"),
        counted("222222222", service=None),
        counted("333333333", of=Quarter(2026, 3)),
    ]

    assert {code: one.index for code, one in by_service(sheets).items()} == {
        "KK": 25.0,
        "KTP": 87.5,
        None: 50.0,
    }
    assert [(str(of), one.n) for of, one in by_quarter(sheets).items()] == [
        ("2026-Q3", 1),
        ("2026-Q4", 3),
    ]


def test_weakest_elements_come_lowest_first() -> None:
    assert [one.value for one in SurveyResult.of([counted("443423414")]).weakest] == [
        "complaints",
        "product",
        "time",
    ]


@pytest.mark.parametrize("text", ["", "33333333", "3333333333", "333333335", "033333333", "x" * 9])
def test_marks_are_nine_from_one_to_four(text: str) -> None:
    with pytest.raises(ValueError, match="mark"):
        Marks.parse(text)


def test_quarters_are_of_the_calendar() -> None:
    assert [Quarter.of(date(2026, month, 1)).number for month in (1, 3, 4, 12)] == [1, 1, 2, 4]
    assert Quarter.parse(str(Q4)) == Q4
    assert [str(one) for one in quarters(Quarter(2026, 3), Quarter(2027, 1))] == [
        "2026-Q3",
        "2026-Q4",
        "2027-Q1",
    ]
    with pytest.raises(ValueError, match="quarter"):
        Quarter.parse("2026-Q5")


@pytest.mark.parametrize(
    ("people", "wanted"), [(10, 10), (100, 80), (1000, 278), (10_000, 370), (100_000, 383)]
)
def test_so_many_are_asked_as_the_decrees_table_says(people: int, wanted: int) -> None:
    assert abs(sample_wanted(people) - wanted) <= 1


def test_few_answers_for_a_service_are_told_without_it() -> None:
    sheets = [
        counted("444444444", 3),
        counted("333333333", 2),
        counted("111111111", 4, service="KK"),
        counted("222222222", of=Quarter(2026, 3)),
    ]

    told = pooled(sheets)

    assert [one.answer.service for one in told] == ["KTP", "KTP", None, None]
    assert SurveyResult.of(told) == SurveyResult.of(sheets)
