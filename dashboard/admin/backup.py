"""Backups: how the daily ones stand, one to take along, one verified, and how to put one back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Form, HTTPException, Request, Response
from fastapi.responses import FileResponse, HTMLResponse, RedirectResponse

from dashboard.admin.around import CHECKED_FORM, around
from dashboard.admin.backup_contexts import BackupPage, BackupWork
from dashboard.admin.backup_words import BUSY, RESTORE, BackupWords
from dashboard.backup.folder import old_dump, trouble_of
from dashboard.backup.jobs import PG_DUMP, BackupJobs
from dashboard.backup.passphrase import GOOD_LENGTH
from dashboard.web.auth import AdminSession, office_of
from dashboard.web.office import Office
from dashboard.web.rendering import renderer_of
from dashboard.web.words import N_
from screening.errors import BackupError

router = APIRouter(prefix="/admin/backup", include_in_schema=False)

LONGEST = 200
"""Characters of a passphrase."""

Secret = Annotated[str, Form(max_length=1000)]

_SHORT = N_("A passphrase has at least %(least)s characters: take four words.")
_LONG = N_("A passphrase has at most %(most)s characters.")
_DIFFERENT = N_("The two passphrases differ. Nothing was made: type both again.")


@router.get("")
def show(request: Request, session: AdminSession) -> Response:
    """The whole page."""
    return _page(request, session.user)


@router.get("/work")
def work(request: Request, session: AdminSession) -> Response:
    """The part of it that changes while something is at work."""
    renderer, office = renderer_of(request), office_of(request)
    words = BackupWords(renderer.language(request), office)
    context = BackupWork(shell=renderer.shell(request), job=words.newest(session.user))
    return HTMLResponse(renderer.part("admin/backup_work.html", context))


@router.post("/make", dependencies=[CHECKED_FORM])
def make(
    request: Request, session: AdminSession, passphrase: Secret = "", again: Secret = ""
) -> Response:
    """Begin to make one that only this passphrase opens."""
    say = renderer_of(request).language(request).say
    passphrase, again = passphrase.strip(), again.strip()
    problem = ""
    if passphrase != again:
        problem = say(_DIFFERENT)
    elif len(passphrase) < GOOD_LENGTH:
        problem = say(_SHORT) % {"least": GOOD_LENGTH}
    elif len(passphrase) > LONGEST:
        problem = say(_LONG) % {"most": LONGEST}
    elif not _jobs(request).make(passphrase, session.user):
        return _page(request, session.user, problem=say(BUSY), status=409)
    if problem:
        return _page(request, session.user, problem=problem, status=422)
    return RedirectResponse("/admin/backup#work", 303)


@router.post("/verify", dependencies=[CHECKED_FORM])
def verify(
    request: Request,
    session: AdminSession,
    name: Annotated[str, Form(max_length=200)] = "",
    passphrase: Secret = "",
) -> Response:
    """Begin to verify a file of the folder."""
    say = renderer_of(request).language(request).say
    try:
        has_begun = _jobs(request).verify(name, passphrase.strip(), session.user)
    except BackupError as error:
        return _page(request, session.user, problem=str(error), status=422)
    if not has_begun:
        return _page(request, session.user, problem=say(BUSY), status=409)
    return RedirectResponse("/admin/backup#work", 303)


@router.get("/file/{number}")
def download(request: Request, session: AdminSession, number: str) -> Response:
    """What was made, for whoever asked for it."""
    jobs = _jobs(request)
    file = jobs.file(number, session.user)
    if file is None:
        raise HTTPException(404)
    return FileResponse(
        file,
        media_type="application/octet-stream",
        filename=file.name,
        headers={"Cache-Control": "no-store"},
    )


def _page(request: Request, user: str, *, problem: str = "", status: int = 200) -> Response:
    office, renderer = office_of(request), renderer_of(request)
    words = BackupWords(renderer.language(request), office)
    say, settings = words.language.say, office.settings
    state, standing = words.standing()
    facts, stored = words.folder()
    context = BackupPage(
        shell=renderer.shell(request),
        around=around(request, problem=problem),
        state=state,
        standing=standing,
        folder=str(settings.backup.folder or ""),
        facts=facts,
        stored=tuple(words.line(one, stored[0]) for one in stored),
        server="" if settings.database_url is None else PG_DUMP,
        dumps=" ".join(_dumps(office)),
        can_make=office.backup_jobs is not None,
        shortest=GOOD_LENGTH,
        longest=LONGEST,
        job=words.newest(user),
        restore=tuple((say(text), command) for text, command in RESTORE),
    )
    return renderer.page(request, "admin/backup.html", context, status=status)


def _dumps(office: Office) -> Sequence[str]:
    """What is wrong with where pg_dump writes."""
    try:
        return old_dump(office.settings.backup, office.clock.now())
    except OSError as error:
        return [trouble_of(error)]


def _jobs(request: Request) -> BackupJobs:
    jobs = office_of(request).backup_jobs
    if jobs is None:
        raise HTTPException(404)
    return jobs
