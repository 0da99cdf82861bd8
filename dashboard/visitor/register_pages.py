"""Draws the pages of the registration from what was chosen and typed so far."""

from __future__ import annotations

import hashlib

from fastapi import Request, Response
from fastapi.responses import RedirectResponse

from dashboard.visitor.register_contexts import (
    RegisterCheck,
    RegisterDay,
    RegisterDetails,
    RegisterServices,
    RegisterTold,
)
from dashboard.visitor.register_draft import Draft, keep_draft, new_visit
from dashboard.visitor.register_words import RegisterWords
from dashboard.visitor.status_words import StatusWords
from dashboard.visitor.words import CHANNELS, apart
from dashboard.web.auth import office_of
from dashboard.web.office_words import words_of
from dashboard.web.rendering import renderer_of
from screening.decision import Check
from screening.office.facts import WordsAt
from screening.office.services import Booking as Books
from screening.office.services import Service
from screening.registration.bookings import BadRequest, Offer, Place
from screening.registration.bookings import Request as Asked
from screening.registration.registrar import Registrar, clean_request, seen_text
from screening.registration.rules import Wanted, alternatives_to

PARTY = "party_size"
"""How a request calls the number of people."""
DAYS_SHOWN = 62
"""Nobody looks for a day on a longer list."""


class Visit:
    """One request of somebody who registers, with what they chose before."""

    def __init__(self, request: Request, draft: Draft) -> None:
        self.request = request
        self.draft = draft
        self.renderer = renderer_of(request)
        self.office = office_of(request)
        self.words = words_of(request)
        self.facts = self.office.facts.current()
        self.now = self.office.clock.now().astimezone(self.words.zone)

    @property
    def registrar(self) -> Registrar | None:
        """None where nothing can be booked."""
        return self.office.registrar

    def say(self, message: str) -> str:
        """A sentence in the language of the request."""
        return self.words.language.say(message)

    def service(self, code: str) -> Service | None:
        """A service of the office."""
        return self.facts.services.get(code)

    def writer(self, service: Service) -> RegisterWords:
        """What writes the words about a service."""
        return RegisterWords(self.words, self.facts, service, self.now)

    @property
    def status(self) -> StatusWords:
        """What writes the office's board."""
        holidays = self.office.holidays(self.words.language.code)
        return StatusWords(self.words, self.facts, holidays)

    def to(self, path: str, draft: Draft | None = None) -> Response:
        """Go on to a page, with what was typed by now."""
        answer = RedirectResponse(path, 303)
        if draft is not None:
            keep_draft(self.request, answer, draft)
        return answer


def problems_of(draft: Draft, service: Service) -> tuple[dict[str, str], dict[str, str]]:
    """What is wrong with which field, and with the answer to which question."""
    try:
        clean_request(asked_of(draft, service, "id"), service.questions)
    except BadRequest as error:
        return apart(error.problems, service.questions)
    return {}, {}


def asked_of(draft: Draft, service: Service, language: str) -> Asked:
    """What they ask for; of the answers those that this service wants."""
    return Asked(
        service=service.code,
        day=draft.day,
        start=draft.start,
        name=draft.name,
        party_size=draft.people,
        group=draft.priority,
        contact=draft.contact.strip() or None,
        answers={
            question.code: draft.answers[question.code]
            for question in service.questions
            if draft.answers.get(question.code, "").strip()
        },
        language=language,
    )


def seal_of(draft: Draft) -> str:
    """What somebody confirms with the last button: another page may have changed it."""
    shown = (
        *(draft.visit, draft.service, draft.day, draft.start, draft.people, draft.group),
        *(draft.name, draft.contact, *sorted(draft.answers.items())),
    )
    return hashlib.sha256(repr(shown).encode("utf-8", "replace")).hexdigest()[:16]


def told_wait(visit: Visit, wait_s: float) -> str:
    """That so many seconds are to be waited."""
    told = visit.say(
        "Many people register through your connection just now. What you typed is kept: try again"
        " in %(time)s."
    )
    return told % {"time": visit.words.language.duration(wait_s)}


def services_page(visit: Visit, *, is_unknown: bool) -> Response:
    """What somebody may come for."""
    problem = visit.say("There is no such service here. Choose one of these.")
    context = RegisterServices(
        shell=visit.renderer.shell(visit.request),
        welcome=visit.words.says(visit.status.facts, WordsAt.WELCOME),
        groups=visit.status.groups(visit.now.date(), {}),
        problem=problem if is_unknown else "",
        closures=visit.status.closures(visit.now.date()),
    )
    status = 404 if is_unknown else 200
    return visit.renderer.page(
        visit.request, "visitor/register_services.html", context, status=status
    )


def told_page(visit: Visit, service: Service) -> Response:
    """What to do instead, where nobody registers for a service."""
    title, explanation = CHANNELS[service.channel]
    writer = visit.writer(service)
    board = visit.status.board(visit.now.date())
    line = next(
        one
        for group in visit.status.groups(visit.now.date(), {})
        for one in group.services
        if one.code == service.code
    )
    context = RegisterTold(
        shell=visit.renderer.shell(visit.request),
        service=writer.name,
        channel=service.channel.value,
        title=visit.say(title),
        explanation=visit.say(explanation),
        closed=writer.closed(),
        hours=writer.hours_today(),
        brings=writer.brings(),
        link=line.link,
        board=board,
    )
    return visit.renderer.page(visit.request, "visitor/register_told.html", context)


def days_page(
    visit: Visit,
    registrar: Registrar,
    service: Service,
    problem: str = "",
    status: int = 200,
    *,
    instead_of: Place | None = None,
) -> Response:
    """The days of a service; ``instead_of``: with the nearest places to that one."""
    draft, writer = visit.draft, visit.writer(service)
    if draft.is_done:
        draft = Draft()
    has_days = service.booking is not Books.NONE
    offers = registrar.offers(
        service.code,
        visit.now.date(),
        min(service.days_ahead + 1, DAYS_SHOWN),
        is_priority=draft.priority is not None,
    )
    days = writer.days(offers, draft)
    alternatives: tuple[Offer, ...] = ()
    if instead_of is not None:
        wanted = Wanted(
            service=service.code,
            day=instead_of.day,
            start=instead_of.start,
            people=draft.people or 1,
            is_priority=draft.priority is not None,
        )
        alternatives = alternatives_to(wanted, offers)
    board = visit.status.board(visit.now.date())
    context = RegisterDay(
        shell=visit.renderer.shell(visit.request),
        visit=draft.visit or new_visit(),
        service=writer.name,
        service_code=service.code,
        days=days,
        alternatives=writer.alternatives(alternatives),
        problem=problem,
        closures=writer.closures(),
        opens=writer.opens(draft.people)
        if has_days and not any(day.is_free for day in days)
        else "",
        without_day="" if has_days else writer.without_day(),
        party=draft.party,
        party_problem="" if draft.people else writer.problem(PARTY, "not_a_number"),
        groups=writer.groups(draft.group),
        told_who=writer.told_who(draft),
        telephone=board.telephone,
        dials=board.dials,
        has_place=draft.until is not None,
    )
    return visit.renderer.page(visit.request, "visitor/register_day.html", context, status=status)


def details_page(visit: Visit, service: Service, *, tells: bool) -> Response:
    """Who comes; ``tells``: with what is missing. How many was asked before, so that is told."""
    draft, writer = visit.draft, visit.writer(service)
    problems, answers = problems_of(draft, service)
    if not tells:
        problems, answers = {name: problems[name] for name in {PARTY} & problems.keys()}, {}
    told = {name: writer.problem(name, what) for name, what in problems.items()}
    summary = visit.say("Something is missing or cannot be used. It is marked below.")
    context = RegisterDetails(
        shell=visit.renderer.shell(visit.request),
        visit=draft.visit,
        service=writer.name,
        when=_when(writer, draft),
        kept=writer.kept(draft),
        name=draft.name,
        party=draft.party,
        contact=draft.contact,
        groups=writer.groups(draft.group),
        questions=writer.questions(draft, answers),
        problems=told,
        problem=summary if told or answers else "",
    )
    status = 422 if told or answers else 200
    return visit.renderer.page(
        visit.request, "visitor/register_details.html", context, status=status
    )


def check_page(visit: Visit, service: Service, problem: str, status: int = 200) -> Response:
    """All of it once more."""
    draft, writer = visit.draft, visit.writer(service)
    groups = [one.words for one in writer.groups(draft.group) if one.is_chosen and one.value]
    context = RegisterCheck(
        shell=visit.renderer.shell(visit.request),
        visit=draft.visit,
        seen=seal_of(draft),
        service=writer.name,
        service_code=service.code,
        when=_when(writer, draft),
        kept=writer.kept(draft),
        name=seen_text(draft.name),
        people=visit.words.language.count("%(num)d person", "%(num)d people", draft.people),
        group="".join(groups),
        contact=seen_text(draft.contact),
        answers=writer.answers(draft),
        brings=writer.brings(),
        needs_mask=Check.MASK in visit.facts.visitor_checks,
        problem=problem,
    )
    return visit.renderer.page(visit.request, "visitor/register_check.html", context, status=status)


def _when(writer: RegisterWords, draft: Draft) -> str:
    place = draft.place
    return writer.without_day() if place is None else writer.when(place)
