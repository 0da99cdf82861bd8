"""What was changed of the office, each with before, after and who."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, HTTPException, Query, Request, Response

from dashboard.admin.around import (
    CHECKED_FORM,
    LOOK,
    Proposal,
    Seen,
    Step,
    around,
    look_or_change,
)
from dashboard.admin.contexts import ChangeLine, ChangesPage
from dashboard.admin.fact_words import FactWords
from dashboard.web.auth import AdminSession, office_of
from dashboard.web.rendering import renderer_of
from dashboard.web.typed_numbers import RowNumber
from dashboard.web.words import N_
from screening.errors import OfficeError
from screening.office.changes import OF_ISSUERS, OfficeChange
from screening.office.undoing import can_undo, lost_seats, undoing

router = APIRouter(prefix="/admin/changes", include_in_schema=False)

LINES = 50
"""Changes on one page."""


@router.get("")
def show(
    request: Request, session: AdminSession, before: Annotated[RowNumber | None, Query()] = None
) -> Response:
    """The newest changes, or those before a row of the log."""
    return _page(request, before)


@router.post("/{entry_id}/undo", dependencies=[CHECKED_FORM])
def undo(
    request: Request, session: AdminSession, entry_id: RowNumber, step: Step = LOOK, seen: Seen = ""
) -> Response:
    """Take a change back, after a look at what that brings."""
    found = office_of(request).facts.changed(before=entry_id + 1, limit=1)
    if not found or found[0].entry_id != entry_id:
        raise HTTPException(404)
    say = renderer_of(request).language(request).say
    change = found[0]
    proposal = Proposal(
        edit=undoing(change.changes, change.former),
        title=say(N_("Take this change back?")),
        action=f"/admin/changes/{entry_id}/undo",
        back="/admin/changes",
        fields={},
    )
    try:
        problem = _in_the_way(request, change)
        if problem:
            return _page(request, None, problem=problem, status=409)
        return look_or_change(request, session, proposal, step=step, seen=seen)
    except OfficeError:
        problem = say(N_("This has been changed again since. Set it as it should be."))
        return _page(request, None, problem=problem, status=409)


def _in_the_way(request: Request, change: OfficeChange) -> str:
    """What has happened since that cannot be taken back with it; empty for nothing.

    Raises OfficeError where it cannot be taken back anyway.
    """
    office, say = office_of(request), renderer_of(request).language(request).say
    then = undoing(change.changes, change.former)(office.facts.current())
    taken = [seat.label for seat in office.log.seats() if seat.visit_id is not None]
    lost = lost_seats(then, taken)
    if lost:
        told = say(
            N_("Somebody sits at %(seats)s, which would be gone. Wait until they have left.")
        )
        return told % {"seats": ", ".join(lost)}
    for key, (_, after) in change.changes.items():
        if not key.startswith(OF_ISSUERS) or after is None:
            continue
        issuer = key.removeprefix(OF_ISSUERS).rpartition(".")[0]
        if office.facts.accepted_since(issuer, change.entry_id):
            told = say(
                N_(
                    "Somebody came in with a receipt of %(issuer)s since. Remove its key, or set"
                    " its days, on the page of keys."
                )
            )
            return told % {"issuer": issuer}
    return ""


def _page(
    request: Request, before: int | None, *, problem: str = "", status: int = 200
) -> Response:
    office, renderer = office_of(request), renderer_of(request)
    language = renderer.language(request)
    zone = office.settings.site.zone
    facts = office.facts.current()
    words = FactWords(language, facts)
    found = office.facts.changed(before=before, limit=LINES + 1)
    lines = tuple(
        ChangeLine(
            entry_id=one.entry_id,
            moment=language.moment(one.at, zone),
            who=one.operator,
            differences=words.differences(one.changes),
            can_undo=can_undo(one.changes, facts, one.former),
            why=one.why,
        )
        for one in found[:LINES]
    )
    context = ChangesPage(
        shell=renderer.shell(request),
        around=around(request, problem=problem),
        lines=lines,
        older=lines[-1].entry_id if len(found) > LINES else 0,
    )
    return renderer.page(request, "admin/changes.html", context, status=status)
