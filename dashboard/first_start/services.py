"""The third step: what people come for."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from unicodedata import normalize

from fastapi import APIRouter, Request, Response

from dashboard.admin.around import CHECKED_FORM
from dashboard.admin.fact_words import CHANNELS
from dashboard.admin.typed import Typed
from dashboard.first_start.contexts import ServicesStep, ServiceTick
from dashboard.first_start.walk import elsewhere, keep, path_of, shell_of, walk_of
from dashboard.web.auth import AdminSession, office_of
from dashboard.web.rendering import renderer_of
from screening.errors import OfficeError
from screening.office.changes import NAME, in_turn, with_only_services, with_service
from screening.office.services import SEED_SERVICES, Booking, Channel

STEP = "services"
CODE_LENGTH = 8
"""Of a service that is told by its name alone; two digits may follow."""
_MARKS = re.compile("[^A-Z0-9]")

router = APIRouter(prefix=path_of(STEP), include_in_schema=False)


@router.get("")
def show(request: Request, session: AdminSession) -> Response:
    """Those of most offices of this kind, and those that were kept."""
    kept = office_of(request).facts.current().services
    return elsewhere(request, STEP) or _page(request, ticked=kept, others="")


@router.post("", dependencies=[CHECKED_FORM])
def change(request: Request, session: AdminSession, typed: Typed) -> Response:
    """Keep those that are ticked, and add those that were typed."""
    away = elsewhere(request, STEP)
    if away is not None:
        return away
    ticked = [code for code in typed.ticked("service").split(",") if code]
    others, language = typed.text("others"), renderer_of(request).language(request).code
    known = {*office_of(request).facts.current().services, *(one.code for one in SEED_SERVICES)}
    try:
        added = [
            with_service(
                code,
                {
                    "channel": Channel.COLLECTION,
                    "booking": Booking.DAY,
                    f"{NAME}{language}": name,
                },
            )
            for code, name in _named(others, known)
        ]
        edit = in_turn(with_only_services(ticked, adding=len(added)), *added)
        return keep(request, session, STEP, edit)
    except OfficeError as error:
        return _page(request, ticked=ticked, others=others, error=error)


def _named(text: str, known: Collection[str]) -> Iterator[tuple[str, str]]:
    """A code for each name, of its own letters as far as it has any."""
    taken = set(known)
    for name in filter(None, map(str.strip, text.splitlines())):
        plain = normalize("NFKD", name.split()[0]).upper()
        base = _MARKS.sub("", plain)[:CODE_LENGTH] or "S"
        spelt = (base, *(f"{base}{number}" for number in range(2, 100)))
        code = next((one for one in spelt if one not in taken), base)
        taken.add(code)
        yield code, name


def _page(
    request: Request, *, ticked: Collection[str], others: str, error: OfficeError | None = None
) -> Response:
    office, renderer = office_of(request), renderer_of(request)
    language, facts = renderer.language(request), office.facts.current()
    default = office.settings.site.language
    every = {**facts.services, **{o.code: o for o in SEED_SERVICES if o.code not in facts.services}}
    page = ServicesStep(
        shell=shell_of(request),
        walk=walk_of(request, STEP, error),
        services=tuple(
            ServiceTick(
                code=code,
                letter=one.queue,
                name=one.name(language.code, default=default),
                how=language.say(CHANNELS[one.channel]),
                is_ticked=code in ticked,
            )
            for code, one in every.items()
        ),
        others=others,
    )
    return renderer.page(request, "first_start/services.html", page, status=422 if error else 200)
