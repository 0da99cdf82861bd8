"""The log for managers: looked through, row by row, as a table; corrected by new rows alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Form, HTTPException, Query, Request, Response
from fastapi.responses import RedirectResponse

from dashboard.manager.log_contexts import LogEntryPage, LogPage
from dashboard.manager.log_query import LOG, NO_DAY, NotUnderstood, Sought, address_of
from dashboard.manager.log_words import CUT, HEADER, LogWords
from dashboard.web.auth import ManagerSession, check_form, office_of
from dashboard.web.office_words import words_of
from dashboard.web.rendering import export_answer, renderer_of
from dashboard.web.spreadsheets import csv_of
from dashboard.web.typed_numbers import RowNumber
from dashboard.web.words import N_
from screening.accounts import Role, WebSession
from screening.clock import start_of_day
from screening.log_search import EntryStory, FoundEntries, LogQuery

router = APIRouter(prefix=LOG, include_in_schema=False)

LINES = 50
"""Rows on one page."""
EXPORTED = 10_000
"""Rows of an exported table at most."""
EXPORTED_AT_ONCE = 500
LOOKS = 40
"""So often an export looks on where a search ended early."""
REMARK_LETTERS = 200
NO_REASON = N_("Write down why, so that whoever reads the log later understands it.")
STANDS = N_("This admission cannot be taken back: it was before, or a counter has served them.")

Before = Annotated[RowNumber | None, Query()]
Wanted = Annotated[Sought, Depends()]


@router.get("")
def show(
    request: Request, session: ManagerSession, wanted: Wanted, before: Before = None
) -> Response:
    """Rows that fit, newest first; those before a row where one is named."""
    office, renderer = office_of(request), renderer_of(request)
    zone = office.settings.site.zone
    today = office.clock.now().astimezone(zone).date()
    words, sought, problem = LogWords(words_of(request)), wanted.within(today), ""
    found, told = FoundEntries(entries=()), ""
    try:
        query = sought.query(zone)
    except NotUnderstood as error:
        problem = renderer.language(request).say(str(error))
        if str(error) == NO_DAY:
            problem = problem % {"example": today.isoformat()}
    else:
        found = office.log_search.find(query, before=before, limit=LINES)
        told = words.sought(sought, query.since, query.until)
    stopped = found.looked_back_to
    facts = office.facts.current()
    context = LogPage(
        shell=renderer.shell(request),
        form=words.form(
            sought,
            gates=office.gates.names(),
            services=facts.services,
            people=sorted(user.name for user in office.accounts.users()),
        ),
        problem=problem,
        sought=told,
        lines=tuple(words.lines(found)),
        older="" if found.older is None else sought.address(before=found.older),
        newest="" if before is None else sought.address(),
        looked_back_to="" if stopped is None else renderer.language(request).moment(stopped, zone),
        table=sought.address(f"{LOG}.csv"),
        most=EXPORTED,
        history=_history(sought.first, sought.last),
    )
    return renderer.page(request, "manager/log.html", context, status=422 if problem else 200)


@router.get(".csv")
def export(request: Request, session: ManagerSession, wanted: Wanted) -> Response:
    """The same rows as a table for Excel, in the page's words; no names are in it."""
    office, renderer = office_of(request), renderer_of(request)
    zone = office.settings.site.zone
    language = renderer.language(request)
    sought = wanted.within(office.clock.now().astimezone(zone).date())
    try:
        query = sought.query(zone)
    except NotUnderstood as error:
        raise HTTPException(422) from error
    header = [language.say(name) for name in HEADER]
    table = csv_of(header, _exported(request, query), is_for_excel=True)
    name = f"log-{sought.first}-{sought.last}.csv"
    return export_answer(request, table.encode(), "text/csv; charset=utf-8", name)


@router.get("/{entry_id:int}")
def show_entry(request: Request, session: ManagerSession, entry_id: RowNumber) -> Response:
    """One row, what it is about, and what later rows say of it."""
    return _entry(request, session, _story(request, entry_id))


@router.post("/{entry_id:int}/annul", dependencies=[Depends(check_form)])
def annul(
    request: Request,
    session: ManagerSession,
    entry_id: RowNumber,
    remark: Annotated[str, Form()] = "",
) -> Response:
    """Nobody came in by this admission: a new row says so, and why."""
    office, story = office_of(request), _story(request, entry_id)
    attempt_id, why = story.entry.attempt_id, remark.strip()[:REMARK_LETTERS]
    if not story.can_be_annulled or attempt_id is None:
        return _entry(request, session, story, problem=STANDS, typed=why)
    if not why:
        return _entry(request, session, story, problem=NO_REASON)
    at = office.clock.now()
    if office.log.annul(attempt_id, operator=session.user, remark=why, at=at) is None:
        return _entry(request, session, _story(request, entry_id), problem=STANDS, typed=why)
    return RedirectResponse(f"{LOG}/{entry_id}", 303)


def _exported(request: Request, query: LogQuery) -> Iterator[Sequence[object]]:
    """Rows of the table; the last one says so where there are more."""
    search, words = office_of(request).log_search, LogWords(words_of(request))
    before: int | None = None
    count = 0
    for _ in range(EXPORTED // EXPORTED_AT_ONCE + LOOKS):
        limit = min(EXPORTED_AT_ONCE, EXPORTED - count)
        found = search.find(query, before=before, limit=limit)
        yield from words.cells(found)
        count, before = count + len(found.entries), found.older
        if before is None:
            return
        if count >= EXPORTED:
            break
    cut = words.words.language.say(CUT) % {"number": before}
    yield ("", "", "", cut, *([""] * (len(HEADER) - 4)))


def _story(request: Request, entry_id: RowNumber) -> EntryStory:
    story = office_of(request).log_search.story(entry_id)
    if story is None:
        raise HTTPException(404)
    return story


def _entry(
    request: Request, session: WebSession, story: EntryStory, *, problem: str = "", typed: str = ""
) -> Response:
    office, renderer = office_of(request), renderer_of(request)
    words, language = LogWords(words_of(request)), renderer.language(request)
    entry, zone = story.entry, office.settings.site.zone
    names_days = office.facts.current().names_days
    day = entry.at.astimezone(zone).date().isoformat()
    annulled_at = None if story.visit is None else story.visit.annulled_at
    context = LogEntryPage(
        shell=renderer.shell(request),
        entry=words.words.entry(entry),
        day=language.day(entry.at, zone),
        is_annulled=annulled_at is not None,
        told=tuple(
            words.told(
                story,
                name=entry.holder if _is_kept(request, entry.at, names_days) else None,
                sees_names=session.role is Role.MANAGER,
            )
        ),
        attempt=None if story.attempt is None else words.alone(story.attempt),
        later=tuple(map(words.alone, story.later)),
        can_be_annulled=story.can_be_annulled,
        problem=language.say(problem) if problem else "",
        typed=typed,
        history=_history(day, day),
    )
    status = 409 if problem else 200
    return renderer.page(request, "manager/log_entry.html", context, status=status)


def _is_kept(request: Request, at: datetime, days: int) -> bool:
    """Whether what was written then may still be shown, also where no night has erased it yet."""
    office = office_of(request)
    zone = office.settings.site.zone
    today = start_of_day(office.clock.now(), zone)
    return at >= start_of_day(today - timedelta(days=days), zone)


def _history(first: str, last: str) -> str:
    """The figures of the same days."""
    return address_of({"from": first, "to": last, "by": "hour"}, "/dashboard/history")
