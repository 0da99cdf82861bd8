"""Whom an officer might measure though the gate let them in: a lot decides, not their looks.

What is found of them tells how many the gate missed, for as long as nobody chooses them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

from dashboard.manager.room_contexts import SpotCheck, SpotPerson
from screening.visits import Visit


def by_lot(attempt_ids: Iterable[str]) -> list[str]:
    """An order by chance that is the same at every look, so that nobody can draw until it suits."""
    return sorted(attempt_ids, key=lambda name: hashlib.sha256(name.encode()).digest())


def spot_check(unmeasured: Sequence[Visit]) -> SpotCheck | None:
    """Those inside whom a device measured and no officer has, in the lot's order."""
    seated = {visit.attempt_id: visit for visit in unmeasured}
    people = tuple(
        SpotPerson(
            attempt_id=attempt_id,
            seat=seated[attempt_id].seat or "",
            ticket=seated[attempt_id].ticket,
        )
        for attempt_id in by_lot(seated)
    )
    return SpotCheck(people=people) if people else None
