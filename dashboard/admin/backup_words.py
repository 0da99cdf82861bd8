"""Tells administrators how backups stand, and what was found in one."""

from __future__ import annotations

import math
import shutil
from dataclasses import dataclass
from datetime import datetime, timedelta

from babel.numbers import format_decimal

from dashboard.admin.backup_contexts import JobCard, StoredLine
from dashboard.backup.folder import BackupFolder, StoredBackup, backup_problems, trouble_of
from dashboard.backup.jobs import BackupJob, BackupReport, Task
from dashboard.web.language import Language
from dashboard.web.office import Office
from dashboard.web.words import N_

BUSY = N_("Another backup is at work. Wait until it is done.")
_INSIDE = {
    "record": N_("the record"),
    "keys": N_("the keys"),
    "configuration": N_("the configuration"),
}
_KNOWN = {
    "the passphrase does not fit": N_("The passphrase does not fit."),
    "it was cut short or changed": N_("The file was cut short or changed."),
    "it is no backup of Gerbang": N_("The file is no backup of Gerbang."),
    "another backup is being made: try again in some minutes": BUSY,
}
"""What is wrong, by how the message of it ends; anything else is told as the system says it."""
RESTORE = (
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
