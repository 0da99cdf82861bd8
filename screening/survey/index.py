"""The index of public satisfaction (SKM), as Permenpan-RB 14/2017 has it.

Nine elements are marked from 1 to 4. With ``m`` the mean of each element over all who answered,

    index = (m1 + ... + m9) / 9 x 25        from 25 to 100

The decree prints the weight 1/9 as 0.11, with which nobody could reach 100; this is 1/9. The index
is also the mean of what each person's own nine marks come to, so its interval is Student's for a
mean, over persons: how a person's nine marks go together is in it.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Any, Protocol, Self, TypeVar

from screening.temperature.statistics import student_quantile

LEAST, MOST = 1, 4
"""What an element can be marked with."""
SURE = 0.95
"""How often the true index is inside the interval."""
CROWD = 5
"""Fewer answers for a service in a quarter are told without the service."""
FACTOR = 25
"""From the mean of marks to the index."""
_DIGITS = 2
_MOST_DEGREES = 1000
"""Of freedom: Student's t with more differs by less than a thousandth."""


class Element(StrEnum):
    """What is marked, in the decree's order; these codes are stored."""

    REQUIREMENTS = "requirements"
    PROCEDURE = "procedure"
    TIME = "time"
    COST = "cost"
    PRODUCT = "product"
    COMPETENCE = "competence"
    CONDUCT = "conduct"
    COMPLAINTS = "complaints"
    FACILITIES = "facilities"


ELEMENTS = tuple(Element)


class Grade(StrEnum):
    """The quality of the service."""

    A = "A"
    B = "B"
    C = "C"
    D = "D"


GRADES = ((Grade.A, 88.31), (Grade.B, 76.61), (Grade.C, 65.0))
"""Each from this index on; D is what is below all."""


class Source(StrEnum):
    """How an answer came; these codes are stored."""

    RECEIPT = "receipt"
    KIOSK = "kiosk"
    PAPER = "paper"


@dataclass(frozen=True, slots=True, order=True)
class Quarter:
    """Three months of the site's calendar, written ``2026-Q4``."""

    year: int
    number: int

    @classmethod
    def of(cls, day: date) -> Self:
        """The quarter in which that day is."""
        return cls(day.year, (day.month + 2) // 3)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Raises ValueError for what is none."""
        year, mark, number = text.partition("-Q")
        is_year = len(year) == 4 and year.isascii() and year.isdigit() and year >= "2000"
        if not mark or not is_year or number not in {"1", "2", "3", "4"}:
            raise ValueError(f"{text!r} is not a quarter; write e.g. 2026-Q4")
        return cls(int(year), int(number))

    def __str__(self) -> str:
        return f"{self.year:04}-Q{self.number}"


@dataclass(frozen=True, slots=True)
class Marks:
    """One person's nine marks, in the order of ``ELEMENTS``. Raises ValueError for any other."""

    values: tuple[int, ...]

    def __post_init__(self) -> None:
        if len(self.values) != len(ELEMENTS):
            raise ValueError(f"there are {len(ELEMENTS)} marks, not {len(self.values)}")
        if not all(LEAST <= value <= MOST for value in self.values):
            raise ValueError(f"a mark is a whole number from {LEAST} to {MOST}")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Of nine digits, as they are stored. Raises ValueError."""
        if not (text.isascii() and text.isdigit()):
            raise ValueError("marks are digits")
        return cls(tuple(map(int, text)))

    def __str__(self) -> str:
        return "".join(map(str, self.values))


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What somebody said, and nothing that leads to them. ``service`` is None where nobody knows.

    ``was_refused``: they were not let in that day.
    """

    marks: Marks
    quarter: Quarter
    service: str | None
    source: Source
    was_refused: bool = False


class Said(Protocol):
    """What ``people`` of one quarter, service and way of answering said.

    ``sums`` are their marks added up by element; ``squares`` adds up the square of what each one's
    own nine marks come to.
    """

    @property
    def quarter(self) -> Quarter: ...
    @property
    def service(self) -> str | None: ...
    @property
    def source(self) -> Source: ...
    @property
    def was_refused(self) -> bool: ...
    @property
    def people(self) -> int: ...
    @property
    def sums(self) -> tuple[int, ...]: ...
    @property
    def squares(self) -> int: ...

    def without_service(self) -> Self:
        """The same, of nobody knows which service."""


@dataclass(frozen=True, slots=True)
class Counted:
    """So many people gave just this answer."""

    answer: Answer
    people: int

    @property
    def quarter(self) -> Quarter:
        """Of the answer."""
        return self.answer.quarter

    @property
    def service(self) -> str | None:
        """Of the answer."""
        return self.answer.service

    @property
    def source(self) -> Source:
        """Of the answer."""
        return self.answer.source

    @property
    def was_refused(self) -> bool:
        """Of the answer."""
        return self.answer.was_refused

    @property
    def sums(self) -> tuple[int, ...]:
        """See ``Said``."""
        return tuple(self.people * mark for mark in self.answer.marks.values)

    @property
    def squares(self) -> int:
        """See ``Said``."""
        return self.people * sum(self.answer.marks.values) ** 2

    def without_service(self) -> Self:
        """See ``Said``."""
        return replace(self, answer=replace(self.answer, service=None))


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """Answers of one quarter, service and way of answering, added up; see ``Said``."""

    quarter: Quarter
    service: str | None
    source: Source
    was_refused: bool
    people: int
    sums: tuple[int, ...]
    squares: int

    def without_service(self) -> Self:
        """See ``Said``."""
        return replace(self, service=None)


_OneSaid = TypeVar("_OneSaid", bound=Said)


@dataclass(frozen=True, slots=True, kw_only=True)
class SurveyResult:
    """What the answers of ``n`` people come to. ``elements`` are the means of the marks.

    ``index``, ``grade`` and ``interval`` are None where nobody answered, the interval also where
    only one person did.
    """

    n: int
    elements: tuple[float, ...]
    index: float | None
    grade: Grade | None
    interval: tuple[float, float] | None

    @classmethod
    def of(cls, said: Iterable[Said]) -> Self:
        """Of these answers together."""
        n, sums, squares = 0, [0] * len(ELEMENTS), 0
        for one in said:
            n += one.people
            squares += one.squares
            for place, marks in enumerate(one.sums):
                sums[place] += marks
        if not n:
            return cls(n=0, elements=(), index=None, grade=None, interval=None)
        total = sum(sums)
        index = rounded(Fraction(total * FACTOR, n * len(ELEMENTS)))
        return cls(
            n=n,
            elements=tuple(rounded(Fraction(one, n)) for one in sums),
            index=index,
            grade=grade_of(index),
            interval=_interval(n, total, squares),
        )

    @property
    def weakest(self) -> tuple[Element, ...]:
        """The elements with the three lowest means, the lowest first; none without answers."""
        in_order = sorted(zip(self.elements, ELEMENTS, strict=False), key=lambda one: one[0])
        return tuple(element for _, element in in_order[:3])

    def to_json(self) -> dict[str, Any]:
        """As ``gerbang survey report`` tells it."""
        return {
            "n": self.n,
            "elements": list(self.elements),
            "index": self.index,
            "grade": self.grade,
            "interval": None if self.interval is None else list(self.interval),
        }


def grade_of(index: float) -> Grade:
    """The grade of an index as it is told, with two digits."""
    return next((grade for grade, least in GRADES if index >= least), Grade.D)


def pooled(said: Iterable[_OneSaid]) -> list[_OneSaid]:
    """The same without the service, where fewer than ``CROWD`` answered for it in a quarter.

    Who knows the only visitor of a service would know whose answer it is.
    """
    found = list(said)
    people: dict[tuple[Quarter, str | None], int] = defaultdict(int)
    for one in found:
        people[one.quarter, one.service] += one.people
    return [
        one if people[one.quarter, one.service] >= CROWD else one.without_service() for one in found
    ]


def by_service(said: Iterable[Said]) -> Mapping[str | None, SurveyResult]:
    """A result for each service of the answers, in the order of their codes; None comes last."""
    groups = defaultdict(list)
    for one in said:
        groups[one.service].append(one)
    in_order = sorted(groups, key=lambda code: (code is None, code or ""))
    return {code: SurveyResult.of(groups[code]) for code in in_order}


def by_quarter(said: Iterable[Said]) -> Mapping[Quarter, SurveyResult]:
    """A result for each quarter of the answers, the oldest first."""
    groups = defaultdict(list)
    for one in said:
        groups[one.quarter].append(one)
    return {quarter: SurveyResult.of(groups[quarter]) for quarter in sorted(groups)}


def quarters(first: Quarter, last: Quarter) -> Iterator[Quarter]:
    """Each from the first to the last."""
    at = first
    while at <= last:
        yield at
        at = Quarter(at.year + at.number // 4, at.number % 4 + 1)


def sample_wanted(population: int) -> int:
    """How many of so many people should answer, by the table that the decree takes over.

    Krejcie and Morgan (1970): a share known to 5 points in 95 of 100 cases, whatever it is.
    """
    chi, share, wide = 3.841, 0.25, 0.05**2
    return round(chi * population * share / (wide * (population - 1) + chi * share))


def rounded(value: Fraction) -> float:
    """To two digits, as people round: half up, and of the exact value."""
    scaled = Decimal(value.numerator) / Decimal(value.denominator)
    return float(scaled.quantize(Decimal(1).scaleb(-_DIGITS), ROUND_HALF_UP))


def _interval(n: int, total: int, squares: int) -> tuple[float, float] | None:
    """Of the sum and the sum of squares of persons' nine marks added up."""
    if n < 2:
        return None
    spread = math.sqrt(max(0.0, (squares - total * total / n) / (n - 1)))
    unit = FACTOR / len(ELEMENTS)
    middle = total / n * unit
    half = student_quantile(1 - SURE, min(n - 1, _MOST_DEGREES)) * spread / math.sqrt(n) * unit
    low, high = (min(100.0, max(float(FACTOR), one)) for one in (middle - half, middle + half))
    return round(low, _DIGITS), round(high, _DIGITS)
