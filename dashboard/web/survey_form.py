"""The nine questions of the survey as people see them, and what they sent."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import Request

from dashboard.web.language import Language
from dashboard.web.words import N_
from screening.survey.index import ELEMENTS, LEAST, MOST, Element, Marks

NAMES: dict[Element, str] = {
    Element.REQUIREMENTS: N_("Requirements"),
    Element.PROCEDURE: N_("Procedure"),
    Element.TIME: N_("Time needed"),
    Element.COST: N_("Cost"),
    Element.PRODUCT: N_("Result"),
    Element.COMPETENCE: N_("Knowledge of the staff"),
    Element.CONDUCT: N_("Courtesy of the staff"),
    Element.COMPLAINTS: N_("Complaints"),
    Element.FACILITIES: N_("Building and equipment"),
}
"""What an element is called in tables."""

QUESTIONS: dict[Element, str] = {
    Element.REQUIREMENTS: N_("What you had to bring or fulfil"),
    Element.PROCEDURE: N_("How easy the steps were"),
    Element.TIME: N_("How long it took"),
    Element.COST: N_("What it cost, and that this was clear"),
    Element.PRODUCT: N_("What you got, compared with what was promised"),
    Element.COMPETENCE: N_("What the staff knew and could do"),
    Element.CONDUCT: N_("How friendly and polite the staff were"),
    Element.COMPLAINTS: N_("How complaints and wishes are dealt with"),
    Element.FACILITIES: N_("The rooms, the seats and the equipment"),
}

MARK_WORDS: dict[int, str] = {
    1: N_("Not good"),
    2: N_("Less good"),
    3: N_("Good"),
    4: N_("Very good"),
}
"""The decree's four steps."""

INCOMPLETE = N_("Please mark all nine: %(count)s are still open.")


@dataclass(frozen=True, slots=True, kw_only=True)
class SurveyQuestion:
    """One of the nine. ``chosen`` is 0 while nothing is; ``is_missed``: it was sent without."""

    code: str
    text: str
    chosen: int
    is_missed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SurveyForm:
    """``parts/survey.html``: the questions, and the words of the marks from 1 to 4."""

    questions: tuple[SurveyQuestion, ...]
    marks: tuple[tuple[int, str], ...]
    problem: str


@dataclass(frozen=True, slots=True)
class SentMarks:
    """What a form sent: the mark of each element, 0 for none that there is."""

    values: tuple[int, ...]

    @property
    def marks(self) -> Marks | None:
        """All nine, or None."""
        return Marks(self.values) if all(self.values) else None


async def sent_marks(request: Request) -> SentMarks:
    """The marks in a request's form."""
    form = await request.form()
    return SentMarks(tuple(_mark(form.get(element.value)) for element in ELEMENTS))


def survey_form(language: Language, sent: SentMarks | None = None, problem: str = "") -> SurveyForm:
    """The questions in this language, with what was chosen before."""
    values = (0,) * len(ELEMENTS) if sent is None else sent.values
    missed = values.count(0) if sent is not None else 0
    if missed and not problem:
        problem = language.say(INCOMPLETE) % {"count": missed}
    return SurveyForm(
        questions=tuple(
            SurveyQuestion(
                code=element.value,
                text=language.say(QUESTIONS[element]),
                chosen=value,
                is_missed=sent is not None and not value,
            )
            for element, value in zip(ELEMENTS, values, strict=True)
        ),
        marks=tuple((mark, language.say(word)) for mark, word in MARK_WORDS.items()),
        problem=problem,
    )


def _mark(typed: object) -> int:
    is_mark = isinstance(typed, str) and typed.isascii() and typed.isdigit() and len(typed) == 1
    return int(str(typed)) if is_mark and LEAST <= int(str(typed)) <= MOST else 0
