"""The fourth step: how many seats stand in the room, and which stay open in an outbreak."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import APIRouter, Request, Response

from dashboard.admin.around import CHECKED_FORM
from dashboard.admin.seats import DISTANCE, PITCH_X, PITCH_Y, drawing_of, read_count, read_metres
from dashboard.admin.typed import Typed, TypedForm
from dashboard.first_start.contexts import SeatsStep
from dashboard.first_start.walk import elsewhere, keep, path_of, shell_of, walk_of
from dashboard.web.auth import AdminSession, office_of
from dashboard.web.rendering import renderer_of
from dashboard.web.words import N_
from screening.errors import OfficeError
from screening.office.changes import with_chosen_plan
from screening.waiting_room.chairs import in_rows
from screening.waiting_room.plan import ChosenPlan

STEP = "seats"
DRAW = "draw"

router = APIRouter(prefix=path_of(STEP), include_in_schema=False)


@dataclass(frozen=True, slots=True)
class _Sizes:
    """As they are typed."""

    rows: str
    columns: str
    distance: str

    def plan(self) -> ChosenPlan:
        """The plan at which the most people sit. Raises OfficeError."""
        from screening.waiting_room.optimum import most_open  # the solver takes time to load

        distance = read_metres("distance", self.distance)
        chairs = in_rows(
            read_count("rows", self.rows),
            read_count("columns", self.columns),
            pitch_x=float(PITCH_X),
            pitch_y=float(PITCH_Y),
        )
        found = most_open(chairs, distance)
        return ChosenPlan(
            chairs=tuple(chairs), open_labels=frozenset(found.open_labels), distance_m=distance
        )


@router.get("")
def show(request: Request, session: AdminSession) -> Response:
    """The room as it is."""
    facts = office_of(request).facts.current()
    distance = DISTANCE if facts.chosen is None else f"{facts.chosen.distance_m:g}"
    sizes = _Sizes(str(facts.rows), str(facts.columns), distance)
    return elsewhere(request, STEP) or _page(request, sizes)


@router.post("", dependencies=[CHECKED_FORM])
def change(request: Request, session: AdminSession, typed: Typed) -> Response:
    """Draw the room of these sizes, or keep it."""
    away = elsewhere(request, STEP)
    if away is not None:
        return away
    sizes = _typed(typed)
    if typed.text("act") == DRAW:
        return _page(request, sizes)
    try:
        plan = sizes.plan()
        edit = with_chosen_plan(plan, rows=int(sizes.rows), columns=int(sizes.columns))
        return keep(request, session, STEP, edit)
    except OfficeError:
        return _page(request, sizes)


def _typed(typed: TypedForm) -> _Sizes:
    return _Sizes(typed.text("rows"), typed.text("columns"), typed.text("distance"))


def _page(request: Request, sizes: _Sizes) -> Response:
    renderer = renderer_of(request)
    language = renderer.language(request)
    error, drawing, told = None, None, ""
    try:
        plan = sizes.plan()
    except OfficeError as problem:
        error = problem
    else:
        drawing = drawing_of(plan.chairs, plan.open_labels)
        told = language.say(
            N_("%(all)s seats. In an outbreak %(count)s stay open, %(distance)s m apart.")
        ) % {
            "all": language.whole(len(plan.chairs)),
            "count": language.whole(len(plan.open_labels)),
            "distance": language.decimal(plan.distance_m, 0 if plan.distance_m.is_integer() else 2),
        }
    page = SeatsStep(
        shell=shell_of(request),
        walk=walk_of(request, STEP, error),
        rows=sizes.rows,
        columns=sizes.columns,
        distance=sizes.distance,
        drawing=drawing,
        told=told,
    )
    return renderer.page(request, "first_start/seats.html", page, status=422 if error else 200)
