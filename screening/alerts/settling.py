"""Tells a finding once: what has lasted is raised, what has been fine for a while is over. Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from screening.alerts.alerts import Alert, Finding, Level
from screening.alerts.rules import AFTER_S, FINE_FOR_S, Situation, is_settled_by_absence

Subject = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Settled:
    """Findings that become alerts, and open alerts that are over."""

    raised: tuple[Finding, ...]
    over: tuple[Alert, ...]


class Settling:
    """Remembers since when each subject is above its limit, or fine; one for each process."""

    def __init__(self) -> None:
        self._above_s: dict[Subject, float] = {}
        self._fine_s: dict[Subject, float] = {}

    def settle(
        self,
        found: Sequence[Finding],
        open_alerts: Collection[Alert],
        situation: Situation,
        now_s: float,
    ) -> Settled:
        """What is to be told now; ``now_s`` is monotonic, so that no set clock raises anything."""
        by_subject = {(str(one.kind), one.subject): one for one in found}
        is_open = {(str(one.kind), one.subject) for one in open_alerts}
        above = {key for key, one in by_subject.items() if one.level is Level.ABOVE}
        self._above_s = {key: self._above_s.get(key, now_s) for key in above - is_open}
        fine = {
            (str(one.kind), one.subject)
            for one in open_alerts
            if self._is_fine(by_subject.get((str(one.kind), one.subject)), one, situation)
        }
        self._fine_s = {key: self._fine_s.get(key, now_s) for key in fine}
        return Settled(
            raised=tuple(
                by_subject[key]
                for key, since_s in self._above_s.items()
                if now_s - since_s >= AFTER_S[by_subject[key].kind]
            ),
            over=tuple(
                one
                for one in open_alerts
                if now_s - self._fine_s.get((str(one.kind), one.subject), now_s) >= FINE_FOR_S
            ),
        )

    @staticmethod
    def _is_fine(finding: Finding | None, alert: Alert, situation: Situation) -> bool:
        if finding is None:
            return is_settled_by_absence(alert, situation)
        return finding.level is Level.FINE
