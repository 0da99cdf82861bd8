"""The survey on a receipt's own page, for seven days after the visit."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import Request, Response

from dashboard.visitor.receipt_contexts import ReceiptSurvey, SurveyAsked
from dashboard.visitor.receipt_words import Stage
from dashboard.web.auth import office_of
from dashboard.web.office import ReceiptPage
from dashboard.web.office_words import words_of
from dashboard.web.rendering import renderer_of
from dashboard.web.survey_form import SentMarks, survey_form
from screening.errors import RecordError
from screening.survey.book import SurveyedVisit
from screening.survey.index import Source


@dataclass(frozen=True, slots=True)
class Asked:
    """A visit that may answer, and whether it has."""

    visit: SurveyedVisit
    has_answered: bool


def asked(request: Request, found: ReceiptPage, stage: Stage) -> Asked | None:
    """The visit that this receipt may answer for; None while its holder is inside, too."""
    if stage is Stage.INSIDE:
        return None
    office = office_of(request)
    claims, survey = found.claims, office.survey
    visit = survey.visit_of_receipt(claims.issuer, claims.number, at=office.clock.now())
    return None if visit is None else Asked(visit, survey.has_answered(visit))


def told(one: Asked | None) -> SurveyAsked:
    """What the receipt's page says of it."""
    if one is None:
        return SurveyAsked.NO
    return SurveyAsked.ANSWERED if one.has_answered else SurveyAsked.YES


def told_of(request: Request, found: ReceiptPage, stage: Stage) -> SurveyAsked:
    """The same of a receipt; the page is worth showing where the record does not answer."""
    try:
        return told(asked(request, found, stage))
    except RecordError:
        return SurveyAsked.NO


def survey_page(
    request: Request, found: ReceiptPage, one: Asked, sent: SentMarks | None = None
) -> Response:
    """The nine questions."""
    renderer, words = renderer_of(request), words_of(request)
    context = ReceiptSurvey(
        shell=renderer.private_shell(request),
        service=words.service(one.visit.service or found.claims.service) or "",
        day=words.language.near_day(one.visit.day, office_of(request).today()),
        was_refused=one.visit.was_refused,
        form=survey_form(words.language, sent),
    )
    status = 200 if sent is None else 422
    return renderer.page(request, "visitor/receipt_survey.html", context, status=status)


def keep(request: Request, one: Asked, sent: SentMarks) -> bool:
    """Keep what was sent; False where something is missing. A second answer changes nothing."""
    office, marks = office_of(request), sent.marks
    if marks is None:
        return False
    office.survey.answer(marks, one.visit, source=Source.RECEIPT, at=office.clock.now())
    return True
