"""Data of persons: what is done with them, that old ones are erased, and an assessment's draft."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from fastapi import APIRouter, Request, Response

from dashboard.admin.around import CHECKED_FORM, LOOK, Seen, Step, around
from dashboard.admin.fact_words import FactWords
from dashboard.admin.privacy_contexts import PrivacyPage, RunLine
from dashboard.admin.problem_words import problem_words
from dashboard.admin.retention import change_retention, kept_kinds
from dashboard.admin.typed import Typed
from dashboard.web.auth import AdminSession, office_of
from dashboard.web.language import Language
from dashboard.web.office import Office
from dashboard.web.privacy import PrivacyWords
from dashboard.web.rendering import renderer_of
from dashboard.web.words import N_
from screening.clock import start_of_day
from screening.errors import OfficeError
from screening.office.changes import RETENTION

router = APIRouter(prefix="/admin/privacy", include_in_schema=False)

KINDS: dict[str, str] = {
    "readings": N_("Degrees of visits"),
    "names": N_("Names in the log"),
    "priority_groups": N_("Priority groups"),
    "remarks": N_("Remarks"),
    "receipts": N_("Names on receipts"),
    "sessions": N_("Old log-ins"),
    "answers": N_("Answers to other systems"),
    "survey_marks": N_("Marks of the survey"),
}
"""What a person calls a kind of ``screening.record.retention.Forgotten.to_json``."""

RAN = N_("Old data were last looked for on %(moment)s. It happens every night.")
LATE = N_(
    "Old data have not been looked for today: the last time was %(moment)s. Does the office run"
    " without a break, and is its clock right?"
)
NEVER = N_("Old data have never been looked for. It happens every night while the office runs.")


@router.get("")
def show(request: Request, session: AdminSession) -> Response:
    """Everything on one page, which is printed as it is."""
    return _page(request, {})


@router.post("", dependencies=[CHECKED_FORM])
def change(
    request: Request,
    session: AdminSession,
    typed: Typed,
    step: Step = LOOK,
    seen: Seen = "",
) -> Response:
    """Look over for how many days something is kept, or make it so."""
    days = {name: typed.text(name) for name in RETENTION if name in typed}
    try:
        return change_retention(request, session, days, step=step, seen=seen)
    except OfficeError as error:
        return _page(request, days, error=error)


def _page(
    request: Request, typed: Mapping[str, str], *, error: OfficeError | None = None
) -> Response:
    office, renderer = office_of(request), renderer_of(request)
    language = renderer.language(request)
    runs = office.retention_runs()
    told, is_late = _standing(language, office, runs)
    facts = office.facts.current()
    words = PrivacyWords(language, office.settings, facts)
    problem = problem_words(error, FactWords(language, facts)) if error else ""
    context = PrivacyPage(
        shell=renderer.shell(request),
        around=around(request, problem=problem),
        made=language.moment(office.clock.now(), office.settings.site.zone),
        standing=told,
        is_late=is_late,
        kept=kept_kinds(language, office, typed),
        kinds=tuple(language.say(word) for word in KINDS.values()),
        runs=tuple(_line(language, office, at, erased) for at, erased in runs),
        activities=words.register(),
        risks=words.risks(),
    )
    status = 422 if error else 200
    return renderer.page(request, "admin/privacy.html", context, status=status)


def _standing(
    language: Language, office: Office, runs: Sequence[tuple[datetime, Mapping[str, int]]]
) -> tuple[str, bool]:
    """Whether it ran, in words, and whether it is late."""
    if not runs:
        return language.say(NEVER), True
    newest, zone = runs[0][0], office.settings.site.zone
    is_late = newest < start_of_day(office.clock.now(), zone)
    told = {"moment": language.moment(newest, zone)}
    return language.say(LATE if is_late else RAN) % told, is_late


def _line(language: Language, office: Office, at: datetime, erased: Mapping[str, int]) -> RunLine:
    return RunLine(
        moment=language.moment(at, office.settings.site.zone),
        counts=tuple(language.whole(erased.get(kind, 0)) for kind in KINDS),
        is_empty=not any(erased.values()),
    )
