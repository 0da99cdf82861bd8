"""For how many days data of persons are kept: shown, and changed, on the page of privacy."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import timedelta

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from dashboard.admin.around import Proposal, look_or_change
from dashboard.admin.contexts import Field
from dashboard.admin.privacy_contexts import KeptKind
from dashboard.web.auth import AdminSession, office_of
from dashboard.web.language import Language
from dashboard.web.office import Office
from dashboard.web.rendering import renderer_of
from dashboard.web.words import N_
from screening.office.changes import LONGEST_KEPT_DAYS, RETENTION, with_settings
from screening.office.facts import OfficeFacts

router = APIRouter(prefix="/admin/retention", include_in_schema=False)

PAGE = "/admin/privacy"
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
_USUAL = OfficeFacts()
_SHORTER = N_("What is older goes the next night, and nobody can bring it back.")
_LONGER = N_("What was erased already stays erased.")
_TOO_LONG = N_(
    "This is longer than usual. UU 27/2022 articles 42 to 44 end it with the purpose: write down"
    " why you need it so long."
)


@router.get("")
def moved(session: AdminSession) -> Response:
    """Where it was before."""
    return RedirectResponse(f"{PAGE}#kept", 308)


def kept_kinds(
    language: Language, office: Office, typed: Mapping[str, str]
) -> tuple[KeptKind, ...]:
    """Every kind, as it is kept now; ``typed`` is what somebody wants instead."""
    facts = office.facts.current()
    today = office.today()
    night = today + timedelta(days=1)
    kinds = []
    for name, (title, words) in _KINDS.items():
        days: int = getattr(facts, name)
        before = language.near_day(night - timedelta(days=days), today)
        kinds.append(
            KeptKind(
                title=language.say(title),
                words=language.say(words),
                kept=_kept(language, days),
                share=round(100 * math.log1p(days) / math.log1p(LONGEST_KEPT_DAYS)),
                next_night=language.say(N_("This night all of before %(day)s is erased."))
                % {"day": before},
                field=Field(
                    name=name,
                    label=language.say(N_("Days")),
                    value=typed.get(name, str(days)),
                    kind="number",
                ),
            )
        )
    return tuple(kinds)


def change_retention(
    request: Request, session: AdminSession, typed: Mapping[str, str], *, step: str, seen: str
) -> Response:
    """Look over other days, or make them so. Raises OfficeError."""
    say = renderer_of(request).language(request).say
    edit, facts = with_settings(typed), office_of(request).facts.current()
    after = edit(facts)
    pairs = [(getattr(facts, name), getattr(after, name), name) for name in RETENTION]
    notes = []
    if any(then < now for now, then, _ in pairs):
        notes.append(say(_SHORTER))
    if any(then > now for now, then, _ in pairs):
        notes.append(say(_LONGER))
    if any(then > max(now, getattr(_USUAL, name)) for now, then, name in pairs):
        notes.append(say(_TOO_LONG))
    proposal = Proposal(
        edit=edit,
        title=say(N_("Keep it for so many days?")),
        action=PAGE,
        back=PAGE,
        fields=typed,
        notes=notes,
    )
    return look_or_change(request, session, proposal, step=step, seen=seen)


def _kept(language: Language, days: int) -> str:
    if days == 0:
        return language.say(N_("until the night"))
    return language.say(N_("%(days)s days")) % {"days": language.whole(days)}
