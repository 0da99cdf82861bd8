"""Backups: how the daily ones stand, one to take along, one verified, and how to put one back."""

from __future__ import annotations

import math
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated

from babel.numbers import format_decimal
from fastapi import APIRouter, Form, HTTPException, Request, Response
from fastapi.responses import FileResponse, HTMLResponse, RedirectResponse

from dashboard.admin.around import CHECKED_FORM, around
from dashboard.admin.backup_contexts import BackupPage, BackupWork, JobCard, StoredLine
from dashboard.backup.folder import (
    BackupFolder,
    StoredBackup,
    backup_problems,
    old_dump,
    trouble_of,
)
from dashboard.backup.jobs import PG_DUMP, BackupJob, BackupJobs, BackupReport, Task
from dashboard.backup.passphrase import GOOD_LENGTH
from dashboard.web.auth import AdminSession, office_of
from dashboard.web.language import Language
from dashboard.web.office import Office
from dashboard.web.rendering import renderer_of
from dashboard.web.words import N_
from screening.errors import BackupError

router = APIRouter(prefix="/admin/backup", include_in_schema=False)

LONGEST = 200
"""Characters of a passphrase."""

Secret = Annotated[str, Form(max_length=1000)]

_BUSY = N_("Another backup is at work. Wait until it is done.")
_SHORT = N_("A passphrase has at least %(least)s characters: take four words.")
_LONG = N_("A passphrase has at most %(most)s characters.")
_DIFFERENT = N_("The two passphrases differ. Nothing was made: type both again.")
_INSIDE = {
    "record": N_("the record"),
    "keys": N_("the keys"),
    "configuration": N_("the configuration"),
}
_KNOWN = {
    "the passphrase does not fit": N_("The passphrase does not fit."),
    "it was cut short or changed": N_("The file was cut short or changed."),
    "it is no backup of Gerbang": N_("The file is no backup of Gerbang."),
    "another backup is being made: try again in some minutes": _BUSY,
}
"""What is wrong, by how the message of it ends; anything else is told as the system says it."""
_RESTORE = (
    (N_("Stop the service: a record in use is not replaced."), "sudo systemctl stop gerbang"),
    (
        N_("Put the backup back. It asks for the passphrase, and before it replaces anything."),
        "gerbang backup restore FILE",
    ),
    (N_("Compare the configuration that lies in from-backup with yours."), "gerbang config check"),
    (
        N_("Start the service, and see whether all works."),
        "sudo systemctl start gerbang && gerbang doctor",
    ),
)


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
        return _page(request, session.user, problem=say(_BUSY), status=409)
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
        return _page(request, session.user, problem=say(_BUSY), status=409)
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


@dataclass(frozen=True, slots=True)
class BackupWords:
    """Tells of backups in one language."""

    language: Language
    office: Office

    def standing(self) -> tuple[str, str]:
        """How the daily backups stand: good, warn or bad, and in words."""
        say, state, now = self.language.say, self.office.backups(), self.office.clock.now()
        if state is None:
            return "warn", say(
                N_("No backup is made by itself. Set backup.folder in the configuration.")
            )
        problem = f" ({state.problem})" if state.problem else ""
        if state.newest is None:
            return "bad", say(N_("There is no backup in the folder yet.")) + problem
        told = {"moment": self._moment(state.newest), "age": self._age(now - state.newest)}
        if state.is_old(now) or state.problem:
            return "bad", say(N_("The newest is of %(moment)s, %(age)s old.")) % told + problem
        return "good", say(N_("The newest is of %(moment)s, %(age)s old. All is well.")) % told

    def folder(self) -> tuple[tuple[tuple[str, str], ...], tuple[StoredBackup, ...]]:
        """Of the folder: what is told, and the files in it."""
        backup, say = self.office.settings.backup, self.language.say
        if backup.folder is None:
            return (), ()
        problems = backup_problems(backup)
        if problems:
            return ((say(N_("State")), "; ".join(problems)),), ()
        try:
            folder = BackupFolder(backup.folder, self.office.settings.site.code, backup.kept)
            stored, free = folder.stored(), shutil.disk_usage(backup.folder).free
        except OSError as error:
            return ((say(N_("State")), trouble_of(error)),), ()
        told = say(N_("%(number)s files, %(size)s; %(kept)s are kept"))
        whole = sum(one.size for one in stored)
        files = told % {
            "number": self.language.whole(len(stored)),
            "size": self.size(whole),
            "kept": self.language.whole(backup.kept),
        }
        return (
            (say(N_("Inside")), files),
            (say(N_("Free on its disk")), self.size(free)),
        ), tuple(stored)

    def line(self, stored: StoredBackup, newest: StoredBackup) -> StoredLine:
        """One file of the folder."""
        return StoredLine(
            name=stored.file.name,
            made=self._moment(stored.at),
            size=self.size(stored.size),
            is_newest=stored == newest,
        )

    def newest(self, user: str) -> JobCard | None:
        """What was asked for last; None before the first."""
        jobs = self.office.backup_jobs
        job = None if jobs is None else jobs.newest()
        return None if job is None else self._job(job, user)

    def size(self, size: int) -> str:
        """Bytes in words."""
        for unit, one in (("GB", 10**9), ("MB", 10**6)):
            if size >= one:
                return f"{self.language.decimal(size / one, 1)} {unit}"
        return f"{format_decimal(math.ceil(size / 1000), locale=self.language.locale)} kB"

    def _job(self, job: BackupJob, user: str) -> JobCard:
        is_made = job.task is Task.MAKE
        told = {"who": job.user, "moment": self._moment(job.ended or job.begun)}
        file = f"/admin/backup/file/{job.number}" if job.size and job.user == user else ""
        state, words = "done", N_("Asked for by %(who)s, done %(moment)s.")
        headline = N_("A backup is made and verified") if is_made else N_("The backup was verified")
        if job.ended is None:
            state, words = "working", N_("Asked for by %(who)s, begun %(moment)s.")
            headline = N_("A backup is being made") if is_made else N_("A backup is being verified")
        elif job.report is None:
            state, words = "failed", N_("Asked for by %(who)s, given up %(moment)s.")
            headline = N_("No backup was made") if is_made else N_("The backup cannot be read")
        elif job.report.problems:
            headline = N_("The backup holds what is damaged")
        problems = job.report.problems if job.report else (job.problem,) if job.problem else ()
        return JobCard(
            state="failed" if problems else state,
            headline=self.language.say(headline),
            words=self.language.say(words) % told,
            found=() if job.report is None else self._found(job.report, job.size),
            problems=tuple(self._problem(one) for one in problems),
            file=file,
            name=job.name,
        )

    def _problem(self, problem: str) -> str:
        known = (words for end, words in _KNOWN.items() if problem.endswith(end))
        return self.language.say(next(known, problem))

    def _found(self, report: BackupReport, size: int) -> tuple[tuple[str, str], ...]:
        say, chain = self.language.say, report.chain
        inside = ", ".join(say(_INSIDE.get(one, one)) for one in report.inside)
        lines = [
            (say(N_("Made")), self._moment(report.at)),
            (say(N_("Inside")), inside or say(N_("nothing"))),
        ]
        if chain is not None and chain.is_intact:
            entries = self.language.whole(chain.entries)
            intact = say(N_("whole, %(entries)s rows")) % {"entries": entries}
            lines += [(say(N_("Its log")), intact), (say(N_("Head to note")), self._head(report))]
        if size:
            lines.append((say(N_("Size")), self.size(size)))
        return tuple(lines)

    def _head(self, report: BackupReport) -> str:
        assert report.chain is not None
        return f"{report.chain.entries}:{report.chain.head}"

    def _moment(self, at: datetime) -> str:
        return self.language.moment(at, self.office.settings.site.zone)

    def _age(self, age: timedelta) -> str:
        return self.language.duration(max(0.0, age.total_seconds()))


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
        restore=tuple((say(text), command) for text, command in _RESTORE),
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
