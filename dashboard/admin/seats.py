"""The seats: where they stand, which are open in an outbreak, and for whom some are."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from fastapi import APIRouter, Request, Response

from dashboard.admin.around import CHECKED_FORM, LOOK, Proposal, Seen, Step, around, look_or_change
from dashboard.admin.contexts import Field
from dashboard.admin.fact_words import FactWords
from dashboard.admin.problem_words import problem_words
from dashboard.admin.seat_contexts import ChairRow, ChairTick, SeatsPage
from dashboard.admin.typed import Typed, TypedForm
from dashboard.web.auth import AdminSession, office_of
from dashboard.web.language import Language
from dashboard.web.rendering import renderer_of
from dashboard.web.seat_drawing import SeatDrawing, plan_of
from dashboard.web.words import N_
from screening.errors import OfficeError
from screening.office.changes import MOST_ROWS, with_chosen_plan
from screening.office.facts import Mode, OfficeFacts
from screening.visits import SeatState
from screening.waiting_room.chairs import Chair, Near, in_rows, marked, read_chairs, too_near
from screening.waiting_room.plan import ChosenPlan, Sealed, Seat

router = APIRouter(prefix="/admin/seats", include_in_schema=False)

NOW, ROWS, TABLE = "now", "rows", "table"
"""Where the chairs come from: the plan that holds, rows and columns, or a table."""
LARGEST_M = 100.0
PITCH_X, PITCH_Y, DISTANCE = "0.55", "0.9", "1"
"""Metres, where nobody said any: of chairs side by side, of rows, and between people."""
PAIRS_NAMED = 5
_MARKS = ("pin", "wheelchair", "near_door", "near_counter", "family")


@router.get("")
def show(request: Request, session: AdminSession) -> Response:
    """The seats as an outbreak has them."""
    return _page(request, _as_it_is(office_of(request).facts.current()))


@router.post("", dependencies=[CHECKED_FORM])
def change(
    request: Request, session: AdminSession, typed: Typed, step: Step = LOOK, seen: Seen = ""
) -> Response:
    """Look over a plan, or take it over."""
    language = renderer_of(request).language(request)
    facts = office_of(request).facts.current()
    try:
        draft = _typed_draft(typed, facts)
        plan = ChosenPlan(
            chairs=tuple(draft.chairs),
            open_labels=frozenset(draft.open_labels),
            distance_m=draft.distance,
        )
        is_rows = draft.source == ROWS
        rows, columns = (int(draft.rows), int(draft.columns)) if is_rows else (None, 1)
        notes = [
            language.say(N_("Sealed seats are sealed in an outbreak; every day all are open."))
        ]
        crowded = _crowded(language, draft)
        if crowded:
            notes.append(crowded)
        proposal = Proposal(
            edit=with_chosen_plan(plan, rows=rows, columns=columns),
            title=language.say(N_("Take this plan over?")),
            action="/admin/seats",
            back="/admin/seats",
            fields=_fields(typed),
            notes=notes,
        )
        return look_or_change(request, session, proposal, step=step, seen=seen)
    except OfficeError as error:
        return _page(request, _shown(typed, facts), error=error)


@router.post("/propose", dependencies=[CHECKED_FORM])
def propose(request: Request, session: AdminSession, typed: Typed) -> Response:
    """The plan at which the most people sit; nothing is changed by it."""
    from screening.waiting_room.optimum import most_open  # not above: the solver takes time to load

    facts = office_of(request).facts.current()
    try:
        draft = _typed_draft(typed, facts)
        found = most_open(draft.chairs, draft.distance)
    except OfficeError as error:
        return _page(request, _shown(typed, facts), error=error)
    language = renderer_of(request).language(request)
    values = {
        "count": language.whole(found.count),
        "all": language.whole(len(draft.chairs)),
        "bound": language.whole(found.bound),
        "distance": language.decimal(draft.distance, 2),
    }
    told = language.say(
        N_("%(count)s of %(all)s seats stay open at %(distance)s m. No plan has more.")
        if found.is_optimal
        else N_("%(count)s of %(all)s seats stay open at %(distance)s m; at most %(bound)s could.")
    )
    proposed = replace(draft, open_labels=found.open_labels, told=told % values)
    return _page(request, proposed)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Draft:
    """A plan as the page has it; sizes as they are typed, ``distance`` in metres."""

    source: str
    chairs: Sequence[Chair]
    open_labels: Sequence[str]
    distance: float
    rows: str = ""
    columns: str = ""
    pitch_x: str = PITCH_X
    pitch_y: str = PITCH_Y
    table: str = ""
    told: str = ""


def _as_it_is(facts: OfficeFacts) -> _Draft:
    plan = replace(facts, mode=Mode.OUTBREAK).plan
    is_chosen = facts.chosen is not None and facts.sealed is Sealed.CHOSEN
    return _Draft(
        source=NOW if is_chosen else ROWS,
        chairs=[seat.chair for seat in plan.seats]
        if is_chosen
        else in_rows(facts.rows, facts.columns, pitch_x=float(PITCH_X), pitch_y=float(PITCH_Y)),
        open_labels=[seat.label for seat in plan.open_seats],
        distance=facts.chosen.distance_m if facts.chosen and is_chosen else float(DISTANCE),
        rows=str(facts.rows),
        columns=str(facts.columns),
    )


def _typed_draft(typed: TypedForm, facts: OfficeFacts) -> _Draft:
    """The plan of a form. Raises OfficeError."""
    source = typed.text("source")
    table = typed.text("table") if source == TABLE else ""
    if source == NOW:
        chairs = [
            replace(one, is_pinned=False, is_wheelchair=False, family=None, near=None)
            for one in _as_it_is(facts).chairs
        ]
    elif source == TABLE:
        chairs = read_chairs(table)
    else:
        chairs = in_rows(
            read_count("rows", typed.text("rows")),
            read_count("columns", typed.text("columns")),
            pitch_x=read_metres("pitch_x", typed.text("pitch_x")),
            pitch_y=read_metres("pitch_y", typed.text("pitch_y")),
        )
    if not chairs:
        raise OfficeError("no seat")
    chairs = _marked(chairs, typed)
    chosen = set(typed.ticked("open").split(","))
    return _Draft(
        source=source if source in (NOW, TABLE) else ROWS,
        chairs=chairs,
        open_labels=[one.label for one in chairs if one.label in chosen or one.is_pinned],
        distance=read_metres("distance", typed.text("distance")),
        rows=typed.text("rows"),
        columns=typed.text("columns"),
        pitch_x=typed.text("pitch_x"),
        pitch_y=typed.text("pitch_y"),
        table=table,
    )


def _shown(typed: TypedForm, facts: OfficeFacts) -> _Draft:
    """What can be shown of a form that cannot be taken: what was typed, over the plan that is."""
    now = _as_it_is(facts)
    chosen = set(typed.ticked("open").split(","))
    source = typed.text("source")
    return replace(
        now,
        source=source if source in (NOW, ROWS, TABLE) else now.source,
        open_labels=[one.label for one in now.chairs if one.label in chosen],
        rows=typed.text("rows"),
        columns=typed.text("columns"),
        pitch_x=typed.text("pitch_x"),
        pitch_y=typed.text("pitch_y"),
        table=typed.text("table"),
    )


def _marked(chairs: Sequence[Chair], typed: TypedForm) -> list[Chair]:
    found = marked(chairs, _labels(typed.text("pin")), is_pinned=True)
    wheelchairs = _labels(typed.text("wheelchair"))
    found = marked(found, wheelchairs, is_pinned=True, is_wheelchair=True)
    found = marked(found, _labels(typed.text("near_door")), near=Near.DOOR)
    found = marked(found, _labels(typed.text("near_counter")), near=Near.COUNTER)
    families = [_labels(part) for part in typed.text("family").split(";")]
    for number, labels in enumerate(filter(None, families), start=1):
        found = marked(found, labels, is_pinned=True, family=str(number))
    return found


def _labels(text: str) -> list[str]:
    return [label.strip() for label in text.split(",") if label.strip()]


def read_count(key: str, text: str) -> int:
    """Rows or columns as they are typed. Raises OfficeError."""
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 0
    if not 1 <= number <= MOST_ROWS:
        raise OfficeError(f"{key}: {text!r} is not a whole number from 1 to {MOST_ROWS}")
    return number


def read_metres(key: str, text: str) -> float:
    """Metres as they are typed. Raises OfficeError."""
    try:
        metres = float(text.replace(",", "."))
    except ValueError:
        metres = 0.0
    if not 0 < metres <= LARGEST_M:
        raise OfficeError(f"{key}: {text!r} is no number of metres")
    return metres


_SENT = ("source", "rows", "columns", "pitch_x", "pitch_y", "distance", "table", *_MARKS)


def _fields(typed: TypedForm) -> dict[str, str]:
    return {**{name: typed.text(name) for name in _SENT}, "open": typed.ticked("open")}


def _page(request: Request, draft: _Draft, *, error: OfficeError | None = None) -> Response:
    renderer = renderer_of(request)
    language, facts = renderer.language(request), office_of(request).facts.current()
    opened = set(draft.open_labels)
    told = language.say(N_("%(count)s of %(all)s seats stay open in an outbreak.")) % {
        "count": language.whole(len(opened)),
        "all": language.whole(len(draft.chairs)),
    }
    context = SeatsPage(
        shell=renderer.shell(request),
        around=around(
            request, problem=problem_words(error, FactWords(language, facts)) if error else ""
        ),
        source=draft.source,
        is_proposed=bool(draft.told),
        drawing=drawing_of(draft.chairs, opened),
        rows=tuple(_rows(draft.chairs, opened)),
        distance=f"{draft.distance:g}",
        size=_size(language, draft),
        table=draft.table,
        marks=_mark_fields(language, draft.chairs),
        told=draft.told or told,
        crowded=_crowded(language, draft),
    )
    return renderer.page(request, "admin/seats.html", context, status=422 if error else 200)


def drawing_of(chairs: Iterable[Chair], opened: Collection[str]) -> SeatDrawing:
    """The chairs as a drawing: those that are open, by label, and all others sealed."""
    return plan_of([_state(Seat(chair, chair.label not in opened)) for chair in chairs])


def _state(seat: Seat) -> SeatState:
    chair = seat.chair
    return SeatState(
        label=chair.label,
        x=chair.x,
        y=chair.y,
        room=chair.room,
        kind=seat.kind,
        is_sealed=seat.is_sealed,
        visit_id=None,
    )


def _rows(chairs: Iterable[Chair], opened: set[str]) -> list[ChairRow]:
    """The chairs as a list: by room, then from the counters to the door."""
    rows: dict[tuple[str, float], list[Chair]] = {}
    for chair in chairs:
        rows.setdefault((chair.room, round(chair.y, 1)), []).append(chair)
    return [
        ChairRow(
            room=room,
            chairs=tuple(
                ChairTick(
                    label=one.label,
                    x=round(one.x, 3),
                    y=round(one.y, 3),
                    is_open=one.label in opened,
                )
                for one in sorted(row, key=lambda one: one.x)
            ),
        )
        for (room, _), row in sorted(rows.items(), key=lambda item: item[0])
    ]


_SIZES: dict[str, str] = {
    "rows": N_("Rows"),
    "columns": N_("Seats in a row"),
    "pitch_x": N_("Metres from seat to seat"),
    "pitch_y": N_("Metres from row to row"),
}
_MARK_WORDS: dict[str, tuple[str, str]] = {
    "pin": (N_("Always open"), N_("Such as A1, B7.")),
    "wheelchair": (N_("For wheelchairs"), N_("Always open, and first for whoever needs it.")),
    "near_door": (N_("Near the door"), N_("First for visitors with priority.")),
    "near_counter": (N_("Near the counters"), N_("First for visitors with priority.")),
    "family": (N_("For families"), N_("A household shares them: C1, C2, C3; D1, D2.")),
}


def _size(language: Language, draft: _Draft) -> tuple[Field, ...]:
    values = (draft.rows, draft.columns, draft.pitch_x, draft.pitch_y)
    return tuple(
        Field(name=name, label=language.say(word), value=value, kind="number")
        for (name, word), value in zip(_SIZES.items(), values, strict=True)
    )


def _mark_fields(language: Language, chairs: Sequence[Chair]) -> tuple[Field, ...]:
    families: dict[str, list[str]] = {}
    for one in chairs:
        if one.family is not None:
            families.setdefault(one.family, []).append(one.label)
    is_plain = {one.label: not one.is_wheelchair and one.family is None for one in chairs}
    values = {
        "pin": [one.label for one in chairs if one.is_pinned and is_plain[one.label]],
        "wheelchair": [one.label for one in chairs if one.is_wheelchair],
        "near_door": [one.label for one in chairs if one.near is Near.DOOR],
        "near_counter": [one.label for one in chairs if one.near is Near.COUNTER],
    }
    written = {name: ", ".join(labels) for name, labels in values.items()}
    written["family"] = "; ".join(", ".join(labels) for labels in families.values())
    return tuple(
        Field(name=name, label=language.say(word), value=written[name], hint=language.say(hint))
        for name, (word, hint) in _MARK_WORDS.items()
    )


def _crowded(language: Language, draft: _Draft) -> str:
    """Which open seats are nearer than the distance; empty where none are."""
    pairs = too_near(draft.chairs, set(draft.open_labels), draft.distance)
    if not pairs:
        return ""
    named = ", ".join(f"{one}–{other}" for one, other in pairs[:PAIRS_NAMED])
    told = language.say(N_("Open seats nearer than %(distance)s m: %(count)s, such as %(pairs)s."))
    return told % {
        "distance": language.decimal(draft.distance, 2),
        "count": language.whole(len(pairs)),
        "pairs": named,
    }
