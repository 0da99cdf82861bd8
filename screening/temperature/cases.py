"""From what gates decided to cases: one for each visitor of a day, not one for each scan.

A visitor who was referred and found in order by an officer scans the receipt again and goes in.
That later passage belongs to the referral: the gate had judged this visitor already. An admission
that was annulled is none, since nobody walked in.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum


class ClinicalOutcome(StrEnum):
    """What an officer's clinical thermometer said. Published: add, never rename."""

    ELEVATED = "elevated"
    NORMAL = "normal"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClinicalCase:
    """What the gate decided about one visitor and what the officer found; neither name nor degrees.

    ``outcome`` None means that nobody measured with a clinical thermometer.
    """

    gate: str
    at: datetime
    is_referred: bool
    outcome: ClinicalOutcome | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """An attempt that a device's temperature decided.

    ``order`` is its place in the log. ``visitor`` is the same for one receipt on one day; None
    without a receipt, by which nobody is found again. ``case`` has no outcome yet.
    """

    order: int
    attempt_id: str
    visitor: Hashable | None
    is_admitted: bool
    case: ClinicalCase


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What an officer found of an attempt's visitor; ``order`` is its place in the log."""

    order: int
    attempt_id: str
    outcome: ClinicalOutcome


def cases_of(
    decided: Iterable[Decided], *, found: Iterable[Found], annulled: Iterable[str]
) -> list[ClinicalCase]:
    """``decided`` in its order, each visitor once; the last outcome of a visitor counts."""
    outcomes: dict[str, list[Found]] = defaultdict(list)
    for one in found:
        outcomes[one.attempt_id].append(one)
    undone, chains = frozenset(annulled), list[_Chain]()
    open_chains: dict[Hashable, _Chain] = {}
    for attempt in decided:
        if attempt.is_admitted and attempt.attempt_id in undone:
            continue
        earlier = open_chains.get(attempt.visitor)
        if earlier is not None and earlier.is_found_normal_before(attempt.order):
            earlier.found += outcomes[attempt.attempt_id]
            if attempt.is_admitted:
                del open_chains[attempt.visitor]
            continue
        chain = _Chain(attempt.case, list(outcomes[attempt.attempt_id]))
        chains.append(chain)
        if attempt.visitor is not None and attempt.case.is_referred:
            open_chains[attempt.visitor] = chain
    return [chain.closed() for chain in chains]


@dataclass(slots=True)
class _Chain:
    """A referral and what followed it, or a single passage."""

    case: ClinicalCase
    found: list[Found]

    def is_found_normal_before(self, order: int) -> bool:
        return any(
            one.order < order and one.outcome is ClinicalOutcome.NORMAL for one in self.found
        )

    def closed(self) -> ClinicalCase:
        newest = max(self.found, key=lambda one: one.order, default=None)
        return self.case if newest is None else replace(self.case, outcome=newest.outcome)
