"""How long each kind of data is kept, and what the next night erases."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import timedelta

from fastapi import APIRouter, Request, Response

from dashboard.admin.around import around
from dashboard.admin.contexts import Around
from dashboard.web.auth import AdminSession, office_of
from dashboard.web.language import Language
from dashboard.web.rendering import renderer_of
from dashboard.web.shell import Shell
from dashboard.web.words import N_

router = APIRouter(prefix="/admin/retention", include_in_schema=False)

LONGEST_DAYS = 3650
_KINDS: dict[str, tuple[str, str]] = {
    "readings_days": (N_("Degrees of visits"), N_("What a thermometer read of whom.")),
    "names_days": (
        N_("Names, contacts and priority groups"),
        N_("In the log, and on receipts, there counted from their last day."),
    ),
    "remarks_days": (N_("Remarks"), N_("What people on duty wrote.")),
    "reports_days": (
        N_("Reports of commissionings"),
        N_("Degrees of staff who helped; as files beside the record."),
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptKind:
    """A kind of data. ``share`` of 100 draws how long it is kept; ``next_night`` what then goes."""

    title: str
    words: str
    kept: str
    share: int
    next_night: str
    setting: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionPage:
    """``admin/retention.html``."""

    shell: Shell
    around: Around
    kinds: tuple[KeptKind, ...]


@router.get("")
def show(request: Request, session: AdminSession) -> Response:
    """How long everything is kept."""
    office, renderer = office_of(request), renderer_of(request)
    language, rules = renderer.language(request), office.settings.retention
    today = office.clock.now().astimezone(office.settings.site.zone).date()
    night = today + timedelta(days=1)
    kinds = []
    for name, (title, words) in _KINDS.items():
        days: int = getattr(rules, name)
        before = language.near_day(night - timedelta(days=days), today)
        kinds.append(
            KeptKind(
                title=language.say(title),
                words=language.say(words),
                kept=_kept(language, days),
                share=round(100 * math.log1p(days) / math.log1p(LONGEST_DAYS)),
                next_night=language.say(N_("This night all of before %(day)s is erased."))
                % {"day": before},
                setting=f"retention.{name} = {days}",
            )
        )
    context = RetentionPage(
        shell=renderer.shell(request), around=around(request), kinds=tuple(kinds)
    )
    return renderer.page(request, "admin/retention.html", context)


def _kept(language: Language, days: int) -> str:
    if days == 0:
        return language.say(N_("until the night"))
    return language.say(N_("%(days)s days")) % {"days": language.whole(days)}
