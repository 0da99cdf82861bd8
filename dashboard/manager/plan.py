"""``/plan``: a day planned by playing it, each assumption changeable, its quota taken over."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Form, HTTPException, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData

from dashboard.manager.plan_contexts import (
    PlanDifference,
    PlanLookPage,
    PlanPage,
    PlanProgress,
)
from dashboard.manager.plan_jobs import Job, PlanJobs
from dashboard.manager.plan_lessons import BeingRead, PlanLessons
from dashboard.manager.plan_words import MOST_AHEAD, PlanWords
from dashboard.web.auth import ManagerSession, check_form, office_of
from dashboard.web.office import Office
from dashboard.web.rendering import renderer_of
from dashboard.web.typed_numbers import typed_number
from dashboard.web.words import N_
from screening.errors import OfficeError
from screening.figures.assumptions import Comes
from screening.figures.plan_changes import changed, choices, quota_edit, range_of
from screening.figures.planner import Question
from screening.office.changes import differences, plain

router = APIRouter(prefix="/plan", include_in_schema=False)

_DAYS_LOOKED_AHEAD = 60
_LONGEST = 40
_LOOK, _CHANGE = "look", "change"
_READING = N_("The past days are being read…")
_WORKING = N_("The day is played some thousand times…")
_FAILED = N_("The day could not be planned. Try it again.")
_BUSY = N_("Somebody else is planning a day just now. Try it again in a moment.")
_NO_NUMBER = N_("Type a number from %(low)s to %(high)s.")
_CLOSED = N_("The office is closed on %(day)s.")
_WHAT = {
    "daily_quota": N_("Visits a day at most"),
    "slot_places": N_("%(service)s: places in each slot"),
}


@router.get("")
def ask(
    request: Request,
    session: ManagerSession,
    day: Annotated[str, Query(alias="date", max_length=10)] = "",
) -> Response:
    """What is assumed of a day: the next one on which the office is open, or the one asked for."""
    office = office_of(request)
    chosen = _typed_day(day, office.today()) if day else _next_open(office)
    return _page(request, chosen)


@router.post("", dependencies=[Depends(check_form)])
async def begin(request: Request, session: ManagerSession) -> Response:
    """Begin to plan the day as it was typed; the page of the plan tells how far it is."""
    form = await request.form()
    office = office_of(request)
    typed = {name: _text(form, name) for name in form if name != "csrf_token"}
    return await run_in_threadpool(_begin, request, office, typed, session.user)


@router.get("/{number}")
def show(request: Request, session: ManagerSession, number: str) -> Response:
    """How far the plan is, or what came of it, above what was assumed."""
    job = _jobs(request).look(number)
    if job is None:
        return RedirectResponse("/plan", 303)
    return _page(request, job.day, job=job)


@router.get("/{number}/progress")
def progress(request: Request, session: ManagerSession, number: str) -> Response:
    """The part of the page that says how far it is; whoever asks wants it to go on."""
    job = _jobs(request).look(number)
    if job is None:
        raise HTTPException(404)
    renderer = renderer_of(request)
    state, percent, words = _state(request, job)
    context = PlanProgress(shell=renderer.shell(request), state=state, percent=percent, words=words)
    return HTMLResponse(renderer.part("manager/plan_progress.html", context))


@router.post("/{number}/leave", dependencies=[Depends(check_form)])
def leave(request: Request, session: ManagerSession, number: str) -> Response:
    """The page was left: the plan is given up."""
    _jobs(request).leave(number)
    return RedirectResponse("/plan", 303)


@router.post("/{number}/quota", dependencies=[Depends(check_form)])
def take_over(
    request: Request,
    session: ManagerSession,
    number: str,
    step: Annotated[str, Form(pattern=f"{_LOOK}|{_CHANGE}")] = _LOOK,
    seen: Annotated[str, Form(max_length=64)] = "",
) -> Response:
    """Look over what the plan's quota would change, then make it the office's, with the reason."""
    job = _jobs(request).look(number)
    if job is None or job.plan is None:
        return RedirectResponse("/plan", 303)
    office, renderer = office_of(request), renderer_of(request)
    before = office.facts.current()
    words = _words(request)
    why = words.why(job.day, job.plan)
    problem, changes = "", {}
    try:
        edit = quota_edit(before, job.question, job.plan)
        changes = differences(plain(before), plain(edit(before)))
    except OfficeError as error:
        problem = str(error)
    digest = hashlib.sha256(json.dumps(changes, sort_keys=True, default=str).encode()).hexdigest()
    if step == _CHANGE and seen == digest and not problem:
        office.facts.change(edit, operator=session.user, at=office.clock.now(), why=why)
        return RedirectResponse(f"/plan/{number}?{urlencode({'taken': '1'})}", 303)
    page = PlanLookPage(
        shell=renderer.shell(request),
        job=number,
        day=words.day(job.day),
        differences=tuple(
            PlanDifference(
                what=_what(request, key), before=_value(request, old), after=_value(request, new)
            )
            for key, (old, new) in changes.items()
        ),
        why=why,
        seen=digest,
        is_late=step == _CHANGE,
        problem=problem,
    )
    return renderer.page(request, "manager/plan_look.html", page)


def _begin(request: Request, office: Office, typed: Mapping[str, str], user: str) -> Response:
    today = office.today()
    day = _typed_day(typed.get("date", ""), today)
    learnt = _learnt(request, day, waits=True)
    if not isinstance(learnt, Question):
        return _page(request, day, typed=typed, status=422)
    say = renderer_of(request).language(request).say
    words = _words(request)
    values: dict[str, float] = {}
    problems: dict[str, str] = {}
    for one in choices(_with_comes(learnt, typed)):
        text = typed.get(one.name)
        if text is None or words.is_as_told(one, text):
            continue
        value, (low, high) = typed_number(text), range_of(one.name)
        if value is None or not low <= value <= high:
            problems[one.name] = say(_NO_NUMBER) % {"low": f"{low:g}", "high": f"{high:g}"}
        else:
            values[one.name] = value
    if problems:
        return _page(request, day, typed=typed, problems=problems, status=422)
    question = changed(learnt, values, _comes(typed, learnt))
    job = _jobs(request).start(question, day=day, user=user)
    if job is None:
        return _page(request, day, typed=typed, problems={"": say(_BUSY)}, status=409)
    job.typed = dict(typed)
    return RedirectResponse(f"/plan/{job.number}", 303)


def _page(
    request: Request,
    day: date,
    *,
    job: Job | None = None,
    typed: Mapping[str, str] | None = None,
    problems: Mapping[str, str] | None = None,
    status: int = 200,
) -> Response:
    renderer, office = renderer_of(request), office_of(request)
    words, told = _words(request), dict(problems or {})
    typed = (job.typed if job is not None else {}) if typed is None else typed
    learnt = _learnt(request, day)
    if isinstance(learnt, str):
        told.setdefault("", learnt)
    form = words.form(
        day,
        today=office.today(),
        learnt=_with_comes(learnt, typed) if isinstance(learnt, Question) else None,
        typed=typed,
        problems=told,
    )
    state, percent, line = ("none", 0, "") if job is None else _state(request, job)
    if isinstance(learnt, BeingRead):
        say = renderer.language(request).say
        state, percent, line = "reading", round(100 * learnt.done), say(_READING)
        status = 202
    answer = None if job is None or job.plan is None else words.answer(job.question, job.plan)
    page = PlanPage(
        shell=renderer.shell(request),
        form=form,
        job="" if job is None else job.number,
        state=state,
        percent=percent,
        words=line,
        is_taken=request.query_params.get("taken") == "1",
        answer=answer,
    )
    return renderer.page(request, "manager/plan.html", page, status=status)


def _state(request: Request, job: Job) -> tuple[str, int, str]:
    say = renderer_of(request).language(request).say
    if job.plan is not None:
        return "done", 100, ""
    if job.is_over:
        return "failed", 0, say(_FAILED)
    return "running", round(100 * job.done), say(_WORKING)


def _learnt(request: Request, day: date, *, waits: bool = False) -> Question | BeingRead | str:
    """What is asked of that day with nothing typed; or why nothing can be."""
    office = office_of(request)
    facts = office.facts.current()
    if facts.opening(day, language=office.settings.site.language).is_closed:
        say = renderer_of(request).language(request).say
        return say(_CLOSED) % {"day": _words(request).day(day)}
    lessons: PlanLessons = request.app.state.plan_lessons
    return lessons.question(day, waits=waits)


def _with_comes(learnt: Question, typed: Mapping[str, str]) -> Question:
    """Other numbers matter where people come otherwise."""
    assumptions = replace(learnt.assumptions, comes=_comes(typed, learnt))
    return replace(learnt, assumptions=assumptions)


def _comes(typed: Mapping[str, str], learnt: Question) -> Comes:
    text = typed.get("comes", "")
    return Comes(text) if text in set(Comes) else learnt.assumptions.comes


def _what(request: Request, key: str) -> str:
    say, facts = renderer_of(request).language(request).say, office_of(request).facts.current()
    *_, code, name = ("", *key.split(".")) if "." in key else ("", "", key)
    service = facts.services.get(code)
    language = renderer_of(request).language(request).code
    told = code if service is None else service.name(language, default=_default(request))
    return say(_WHAT[name]) % {"service": told} if name in _WHAT else key


def _value(request: Request, value: object) -> str:
    language = renderer_of(request).language(request)
    return language.say(N_("not set")) if value is None else language.whole(int(str(value)))


def _words(request: Request) -> PlanWords:
    return PlanWords(
        renderer_of(request).language(request),
        office_of(request).facts.current(),
        _default(request),
    )


def _default(request: Request) -> str:
    return office_of(request).settings.site.language


def _jobs(request: Request) -> PlanJobs:
    jobs: PlanJobs = request.app.state.plan_jobs
    return jobs


def _next_open(office: Office) -> date:
    today, facts = office.today(), office.facts.current()
    days = (today + timedelta(days=ahead) for ahead in range(1, _DAYS_LOOKED_AHEAD))
    language = office.settings.site.language
    return next((day for day in days if not facts.opening(day, language=language).is_closed), today)


def _typed_day(text: str, today: date) -> date:
    """Raises HTTPException for what is no day that can be planned."""
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise HTTPException(404) from error
    if not today <= day <= today + MOST_AHEAD:
        raise HTTPException(404)
    return day


def _text(form: FormData, name: str) -> str:
    value = form[name]
    return value[:_LONGEST] if isinstance(value, str) else ""
