"""The survey's results in words and numbers, for the page and for the workbook."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from dashboard.manager.survey_contexts import ElementLine, FollowUpLine, ResultLine
from dashboard.web.office_words import Words
from dashboard.web.spreadsheets import Sheet
from dashboard.web.survey_form import NAMES, QUESTIONS
from dashboard.web.words import N_
from screening.office.facts import OfficeFacts
from screening.survey.book import FollowUp
from screening.survey.index import (
    ELEMENTS,
    FACTOR,
    LEAST,
    MOST,
    Counted,
    Grade,
    Quarter,
    Said,
    Source,
    SurveyResult,
    grade_of,
)

GRADE_WORDS: dict[Grade, str] = {
    Grade.A: N_("very good"),
    Grade.B: N_("good"),
    Grade.C: N_("less good"),
    Grade.D: N_("not good"),
}
SOURCES: dict[Source, str] = {
    Source.RECEIPT: N_("on the receipt's page"),
    Source.KIOSK: N_("at a kiosk"),
    Source.PAPER: N_("on paper"),
}
REFUSED = N_("of people who were not let in")
NO_SERVICE = N_("Service not known, or fewer than five answers for it")
_SCALE = 100


@dataclass(frozen=True, slots=True)
class SurveyWords:
    """Writes results in one language."""

    words: Words
    facts: OfficeFacts

    def say(self, message: str) -> str:
        """In this language."""
        return self.words.language.say(message)

    def service(self, code: str | None) -> str:
        """What a service is called."""
        return self.say(NO_SERVICE) if code is None else self.words.service(code) or code

    def grade(self, grade: Grade | None) -> str:
        """What a grade means."""
        return "" if grade is None else self.say(GRADE_WORDS[grade])

    def result(self, name: str, result: SurveyResult) -> ResultLine:
        """A result in a line."""
        language = self.words.language
        if result.index is None:
            return ResultLine(
                name=name,
                n=language.whole(0),
                index="",
                grade="",
                interval="",
                at=0,
                left=0,
                width=0,
                elements=(),
            )
        low, high = result.interval or (result.index, result.index)
        interval = f"{language.decimal(low, 2)}–{language.decimal(high, 2)}"
        return ResultLine(
            name=name,
            n=language.whole(result.n),
            index=language.decimal(result.index, 2),
            grade=str(result.grade),
            interval=interval if result.interval else "",
            at=_place(result.index),
            left=_place(low),
            width=max(1, _place(high) - _place(low)),
            elements=tuple(language.decimal(mean, 2) for mean in result.elements),
        )

    def elements(self, result: SurveyResult) -> tuple[ElementLine, ...]:
        """The nine means; none without answers."""
        weakest = result.weakest
        return tuple(
            ElementLine(
                number=number,
                name=self.say(NAMES[element]),
                question=self.say(QUESTIONS[element]),
                mean=self.words.language.decimal(mean, 2),
                width=round((mean - LEAST) / (MOST - LEAST) * _SCALE),
                grade=grade_of(mean * FACTOR).value,
                is_weak=element in weakest,
            )
            for number, (element, mean) in enumerate(
                zip(ELEMENTS, result.elements, strict=False), start=1
            )
        )

    def how(self, said: Sequence[Said]) -> tuple[tuple[str, str], ...]:
        """How the answers came, and how many of people who were refused."""
        whole = self.words.language.whole
        lines = [
            (self.say(word), whole(_people(one for one in said if one.source is source)))
            for source, word in SOURCES.items()
        ]
        refused = _people(one for one in said if one.was_refused)
        return (*lines, (self.say(REFUSED), whole(refused)))

    def wanted(self, n: int, visits: int | None, wanted: int) -> str:
        """How many answers there should be; empty where nobody can tell."""
        if not visits:
            return ""
        whole = self.words.language.whole
        told = {"visits": whole(visits), "wanted": whole(wanted), "n": whole(n)}
        if n >= wanted:
            return self.say(N_("%(visits)s visits ask for %(wanted)s answers: enough.")) % told
        return (
            self.say(N_("%(visits)s visits ask for %(wanted)s answers: there are %(n)s so far."))
            % told
        )

    def choices(self, result: SurveyResult) -> tuple[tuple[str, str], ...]:
        """The elements to choose from, the weakest first."""
        in_order = [*result.weakest, *(one for one in ELEMENTS if one not in result.weakest)]
        return tuple((one.value, self.say(NAMES[one])) for one in in_order)

    def follow_up(self, one: FollowUp, today: date) -> FollowUpLine:
        """A row of the register."""
        near, say = self.words.language.near_day, self.say
        state = "done" if one.done_on else "late" if one.until < today else "open"
        done = ""
        if one.done_on is not None:
            told = {"day": near(one.done_on, today), "who": one.done_by}
            done = say(N_("Done on %(day)s (%(who)s)")) % told
        return FollowUpLine(
            follow_up_id=one.follow_up_id,
            element=say(NAMES[one.element]),
            service=self.service(one.service) if one.service else say(N_("All services")),
            quarter=str(one.quarter),
            found=one.found,
            action=one.action,
            who=one.who,
            until=near(one.until, today),
            noted_by=one.noted_by,
            state=state,
            done=done,
            result=one.result,
        )

    def sheets(
        self,
        total: SurveyResult,
        services: Mapping[str | None, SurveyResult],
        of_quarters: Mapping[Quarter, SurveyResult],
        counted: Sequence[Counted],
        follow_ups: Sequence[FollowUp],
    ) -> list[Sheet]:
        """The tables of the page with the same numbers, and every answer that was given."""
        say, names = self.say, [self.say(NAMES[element]) for element in ELEMENTS]
        figures = [
            say(N_("Answers")),
            say(N_("Index")),
            say(N_("Grade")),
            say(N_("From (95 %)")),
            say(N_("To (95 %)")),
            *names,
        ]
        everybody = (say(N_("All services")), *_cells(total))
        return [
            Sheet(say(N_("Result")), [say(N_("Service")), *figures], [everybody]),
            Sheet(
                say(N_("By service")),
                [say(N_("Service")), *figures],
                [(self.service(code), *_cells(one)) for code, one in services.items()],
            ),
            Sheet(
                say(N_("By quarter")),
                [say(N_("Quarter")), *figures],
                [(str(of), *_cells(one)) for of, one in of_quarters.items()],
            ),
            Sheet(
                say(N_("All answers")),
                [
                    say(N_("Quarter")),
                    say(N_("Service")),
                    say(N_("How it came")),
                    say(N_("Not let in")),
                    say(N_("Answers")),
                    *names,
                ],
                [
                    (
                        str(one.answer.quarter),
                        self.service(one.answer.service),
                        say(SOURCES[one.answer.source]),
                        say(N_("yes")) if one.answer.was_refused else say(N_("no")),
                        one.people,
                        *one.answer.marks.values,
                    )
                    for one in sorted(counted, key=_order)
                ],
            ),
            Sheet(
                say(N_("Follow-up")),
                [
                    say(N_("Quarter")),
                    say(N_("Element")),
                    say(N_("Service")),
                    say(N_("What the answers show")),
                    say(N_("What is done")),
                    say(N_("By whom")),
                    say(N_("Until")),
                    say(N_("Noted by")),
                    say(N_("Done on")),
                    say(N_("What came of it")),
                ],
                [
                    (
                        str(one.quarter),
                        say(NAMES[one.element]),
                        self.service(one.service) if one.service else say(N_("All services")),
                        one.found,
                        one.action,
                        one.who,
                        one.until,
                        one.noted_by,
                        one.done_on,
                        one.result,
                    )
                    for one in follow_ups
                ],
            ),
        ]


def _cells(result: SurveyResult) -> tuple[object, ...]:
    low, high = result.interval or (None, None)
    grade = None if result.grade is None else str(result.grade)
    return result.n, result.index, grade, low, high, *result.elements


def _order(one: Counted) -> tuple[str, str, str, str]:
    answer = one.answer
    return str(answer.quarter), answer.service or "", answer.source.value, str(answer.marks)


def _people(said: Iterable[Said]) -> int:
    return sum(one.people for one in said)


def _place(index: float) -> int:
    """On a line of 100, from the least index to the greatest."""
    return round((index - FACTOR) / (_SCALE - FACTOR) * _SCALE)
