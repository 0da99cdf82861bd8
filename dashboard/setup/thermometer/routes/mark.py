"""Whether a face that is compared stands on the mark, where the distance table adds nothing."""

from __future__ import annotations

from dashboard.setup.thermometer.routes.desk import Desk
from dashboard.setup.thermometer.routes.refusals import OFF_THE_MARK
from screening.temperature.distance import DistanceTable
from screening.temperature.instrument.distance_fit import DistanceError

MARK_MARGIN = 0.2
"""So far from the mark may a face seem to be that is compared: twice what a camera is unsure."""


def configured_table(desk: Desk, gate: str) -> DistanceTable | None:
    """The one that the site wrote down for this gate."""
    for one in desk.office.settings.gates:
        if one.name == gate and one.thermometer is not None:
            return one.thermometer.distances
    return None


def table_of_draft(desk: Desk, model: str) -> DistanceTable | None:
    """What the walk of this commissioning gives so far, or what the site wrote down."""
    office, gate = desk.office, desk.control.view().gate
    try:
        table = office.drafts.get(gate, now=office.clock.now()).of_model(model).distance_table()
    except DistanceError:
        table = None
    return table or configured_table(desk, gate)


def off_the_mark(desk: Desk, table: DistanceTable | None, face_width: float | None) -> str | None:
    """The sentence that tells so; None where the face is on the mark or nobody can tell."""
    if table is None or face_width is None:
        return None
    seen_cm = table.distance_cm(face_width)
    if abs(seen_cm / table.reference_cm - 1) <= MARK_MARGIN:
        return None
    return desk.language.say(OFF_THE_MARK) % {
        "seen": round(seen_cm),
        "mark": round(table.reference_cm),
    }
