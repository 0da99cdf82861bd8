"""What all administrators' pages share: who may see them, their list, and how a change is made.

A form is sent twice: first to look over what it would change, then to change it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlencode

from fastapi import Depends, Form, Request, Response
from fastapi.responses import RedirectResponse

from dashboard.admin.contexts import Around, LookPage, Place
from dashboard.admin.fact_words import FactWords
from dashboard.web.auth import AdminSession, check_form, office_of
from dashboard.web.rendering import renderer_of
from dashboard.web.words import N_
from screening.office.changes import Changes, Edit, differences, plain

PLACES: tuple[Place, ...] = (
    Place("/admin/office", N_("Office"), "building"),
    Place("/admin/services", N_("Services"), "list-details"),
    Place("/admin/hours", N_("Hours"), "clock"),
    Place("/admin/seats", N_("Seats"), "armchair"),
    Place("/admin/gates", N_("Gates"), "door-enter"),
    Place("/admin/counters", N_("Counters and screens"), "device-tv"),
    Place("/admin/mode", N_("Mode"), "virus"),
    Place("/admin/retention", N_("Kept for"), "hourglass"),
    Place("/admin/changes", N_("Changes"), "history"),
)
"""In the order of their list; a new page joins it here."""

LOOK, CHANGE = "look", "change"
Step = Annotated[str, Form(pattern=f"{LOOK}|{CHANGE}")]
Seen = Annotated[str, Form(max_length=64)]
CHECKED_FORM = Depends(check_form)


def around(request: Request, *, problem: str = "") -> Around:
    """What stands around one of the pages."""
    changed = request.query_params.get("changed", "")
    say = renderer_of(request).language(request).say
    return Around(
        places=tuple(Place(one.path, say(one.word), one.icon) for one in PLACES),
        changed=int(changed) if changed.isascii() and changed.isdigit() else 0,
        problem=problem,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """What a form asks for. ``fields`` are sent again to ``action`` with the answer.

    ``back`` is the page of the form; ``notes`` are sentences about what comes of it.
    """

    edit: Edit
    title: str
    action: str
    back: str
    fields: Mapping[str, str]
    notes: Sequence[str] = ()


def look_or_change(
    request: Request, session: AdminSession, proposal: Proposal, *, step: str, seen: str
) -> Response:
    """Show what the proposal would change, or change it if it still is what was shown.

    Raises OfficeError where it cannot be, which the form's page tells.
    """
    office = office_of(request)
    before = office.facts.current()
    changes = differences(plain(before), plain(proposal.edit(before)))
    digest = _digest(changes)
    if step == CHANGE and seen == digest:
        entry = office.facts.change(proposal.edit, operator=session.user, at=office.clock.now())
        changed = {} if entry is None else {"changed": entry.entry_id}
        return RedirectResponse(f"{proposal.back}?{urlencode(changed)}".rstrip("?"), 303)
    renderer = renderer_of(request)
    words = FactWords(renderer.language(request), before)
    page = LookPage(
        shell=renderer.shell(request),
        around=around(request),
        title=proposal.title,
        differences=words.differences(changes),
        notes=tuple(proposal.notes),
        fields=tuple(proposal.fields.items()),
        seen=digest,
        action=proposal.action,
        back=proposal.back,
        is_late=step == CHANGE,
    )
    return renderer.page(request, "admin/look.html", page)


def _digest(changes: Changes) -> str:
    text = json.dumps(changes, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()
