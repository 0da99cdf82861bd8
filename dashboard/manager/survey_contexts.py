"""What the page of the survey shows."""

from __future__ import annotations

from dataclasses import dataclass

from dashboard.web.shell import Shell


@dataclass(frozen=True, slots=True, kw_only=True)
class ElementLine:
    """The mean of one element. ``width`` is of a bar of 100, ``is_weak``: among the lowest."""

    number: int
    name: str
    question: str
    mean: str
    width: int
    grade: str
    is_weak: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultLine:
    """The result of some of the answers; ``index`` is empty without any. ``left`` and ``width``
    are the interval, ``at`` the index, on a line of 100 from 25 to 100."""

    name: str
    n: str
    index: str
    grade: str
    interval: str
    at: int
    left: int
    width: int
    elements: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUpLine:
    """One row of the register; ``state`` is open, late or done."""

    follow_up_id: int
    element: str
    service: str
    quarter: str
    found: str
    action: str
    who: str
    until: str
    noted_by: str
    state: str
    done: str
    result: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SurveyPage:
    """``manager/survey.html``. ``first`` and ``last`` are the quarters that were asked for, among
    ``quarters``. ``how`` tells how the answers came; ``wanted`` how many the decree's table asks
    for of so many visits, empty where nobody can tell. ``typed`` is what was typed
    into the register.
    """

    shell: Shell
    first: str
    last: str
    quarters: tuple[str, ...]
    total: ResultLine
    grade_word: str
    elements: tuple[ElementLine, ...]
    services: tuple[ResultLine, ...]
    by_quarter: tuple[ResultLine, ...]
    how: tuple[tuple[str, str], ...]
    wanted: str
    short_names: tuple[str, ...]
    follow_ups: tuple[FollowUpLine, ...]
    choices: tuple[tuple[str, str], ...]
    service_choices: tuple[tuple[str, str], ...]
    kiosks: tuple[tuple[str, str], ...]
    typed: dict[str, str]
    problem: str
    query: str
