"""What all administrators' pages share: who may see them, their list, and how a change is made.

A form is sent twice: first to look over what it would change, then to change it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlencode

from fastapi import Depends, Form, Request, Response
from fastapi.responses import RedirectResponse

from dashboard.admin.contexts import Around, Difference, LookPage, Place
from dashboard.admin.fact_words import FactWords
from dashboard.web.auth import AdminSession, check_form, office_of
from dashboard.web.rendering import renderer_of
from dashboard.web.words import N_
from screening.office.changes import Changes, Edit, differences, plain

PLACES: tuple[Place, ...] = (
    Place("/admin/office", N_("Office"), "building"),
    Place("/admin/services", N_("Services"), "list-details"),
    Place("/admin/words", N_("Words"), "writing"),
    Place("/admin/hours", N_("Hours"), "clock"),
    Place("/admin/seats", N_("Seats"), "armchair"),
    Place("/admin/gates", N_("Gates"), "door-enter"),
    Place("/admin/devices", N_("Devices"), "plug-connected"),
    Place("/admin/counters", N_("Counters and screens"), "device-tv"),
    Place("/admin/mode", N_("Mode"), "virus"),
    Place("/admin/people", N_("People"), "users"),
    Place("/admin/keys", N_("Keys"), "key"),
    Place("/admin/backup", N_("Backup"), "device-floppy"),
    Place("/admin/privacy", N_("Privacy"), "shield-lock"),
    Place("/admin/closing", N_("Close a day"), "calendar-off"),
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
        is_being_set_up=office_of(request).facts.current().is_being_set_up,
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """Something that is looked over before it is done, and is no change of the office's facts.

    ``do`` does it; afterwards the browser goes on ``then``. ``fields`` are sent again to ``action``
    with the answer; ``back`` is the page that leaves all as it is.
    """

    what: str
    before: str
    after: str
    title: str
    action: str
    back: str
    then: str
    fields: Mapping[str, str]
    do: Callable[[], object]
    notes: Sequence[str] = ()

    @property
    def digest(self) -> str:
        """Of what was seen: another one once it is not so any more."""
        told = (self.action, self.before, self.after, sorted(self.fields.items()))
        return hashlib.sha256(json.dumps(told).encode()).hexdigest()


def look_or_act(request: Request, act: Act, *, step: str, seen: str) -> Response:
    """Show what would come of it, or do it if it still is what was shown.

    Raises what ``do`` raises, which the form's page tells.
    """
    if step == CHANGE and seen == act.digest:
        act.do()
        return RedirectResponse(act.then, 303)
    renderer = renderer_of(request)
    line = Difference(what=act.what, before=act.before, after=act.after)
    page = LookPage(
        shell=renderer.shell(request),
        around=around(request),
        title=act.title,
        differences=(line,) if act.before != act.after else (),
        notes=tuple(act.notes),
        fields=tuple(act.fields.items()),
        seen=act.digest,
        action=act.action,
        back=act.back,
        is_late=step == CHANGE,
    )
    return renderer.page(request, "admin/look.html", page)


def _digest(changes: Changes) -> str:
    text = json.dumps(changes, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()
