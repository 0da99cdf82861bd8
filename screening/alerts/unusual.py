"""Which share of today's visitors is unusual: EARS C2 over the reasons of refusals. Pure.

C2 compares today with the mean and standard deviation of seven earlier days that end two days
before today, and tells what is more than three deviations above (Hutwagner et al., Journal of Urban
Health 80, 2003). It is used on shares here: a day that has just begun is compared with whole ones,
and a busy day with quiet ones. Days without enough visitors are no part of the baseline. A share of
few people swings by itself, so the deviation is never taken for less than chance alone gives it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import sqrt
from statistics import fmean, stdev

from screening.decision import Reason

BASELINE_DAYS = 7
LAG_DAYS = 2
DEVIATIONS = 3.0
FEWEST_VISITORS = 20
"""A day with fewer tells no share, neither as today nor in the baseline."""
FEWEST_CASES = 5
LOOK_BACK_DAYS = 28
"""Seven days on which the office was open lie within this time, also around long holidays."""

REFERRALS = "referrals"
GROUPS: Mapping[str, frozenset[Reason]] = {
    REFERRALS: frozenset({Reason.ELEVATED_TWICE}),
    "receipts": frozenset(
        {
            Reason.RECEIPT_UNREADABLE,
            Reason.BAD_SIGNATURE,
            Reason.UNKNOWN_ISSUER,
            Reason.UNKNOWN_RECEIPT,
            Reason.WRONG_SITE,
            Reason.REVOKED,
            Reason.ALREADY_USED,
            Reason.ALREADY_INSIDE,
            Reason.SEVERAL_RECEIPTS,
            Reason.ISSUER_KEY_EXPIRED,
        }
    ),
    "times": frozenset(
        {
            Reason.NOT_YET_VALID,
            Reason.EXPIRED,
            Reason.TOO_EARLY_FOR_SLOT,
            Reason.SLOT_MISSED,
            Reason.OUTSIDE_HOURS,
        }
    ),
    "services": frozenset(
        {
            Reason.SERVICE_UNKNOWN,
            Reason.SERVICE_CLOSED,
            Reason.SERVICE_ONLINE_ONLY,
            Reason.QUOTA_REACHED,
        }
    ),
    "people": frozenset({Reason.MASK_DECLINED, Reason.GUARD_REFUSED}),
}
"""Reasons that have one cause more often than not; each is in one group at most."""


@dataclass(frozen=True, slots=True)
class DayCounts:
    """A day's admissions, and its refusals and referrals by reason."""

    day: date
    admitted: int
    by_reason: Mapping[Reason | str, int]

    @property
    def visitors(self) -> int:
        """Attempts that ended in a decision."""
        return self.admitted + sum(self.by_reason.values())

    def cases(self, group: str) -> int:
        """How many ended for a reason of the group."""
        return sum(self.by_reason.get(reason, 0) for reason in GROUPS[group])

    def share(self, group: str) -> float:
        """Of all visitors, from 0 to 1."""
        return self.cases(group) / self.visitors if self.visitors else 0.0


@dataclass(frozen=True, slots=True)
class Comparison:
    """Today's share of a group, the baseline's mean, and the share above which it is unusual."""

    share: float
    mean: float
    threshold: float


def baseline(days: Sequence[DayCounts], today: date) -> list[DayCounts]:
    """The seven newest days with enough visitors that lie at least the lag before today.

    Empty where there are not seven.
    """
    newest = today - timedelta(days=LAG_DAYS + 1)
    oldest = today - timedelta(days=LOOK_BACK_DAYS)
    fit = [one for one in days if oldest <= one.day <= newest and one.visitors >= FEWEST_VISITORS]
    fit.sort(key=lambda one: one.day)
    return fit[-BASELINE_DAYS:] if len(fit) >= BASELINE_DAYS else []


def compare(days: Sequence[DayCounts], today: DayCounts, group: str) -> Comparison | None:
    """Today beside the baseline; None where there is too little to tell."""
    before = baseline(days, today.day)
    if not before or today.visitors < FEWEST_VISITORS:
        return None
    shares = [one.share(group) for one in before]
    mean = fmean(shares)
    # No case in seven days is no promise that there never is one.
    chance = max(mean, 1 / (sum(one.visitors for one in before) + 1))
    by_chance = sqrt(chance * (1 - chance) / today.visitors)
    threshold = mean + DEVIATIONS * max(stdev(shares), by_chance)
    return Comparison(share=today.share(group), mean=mean, threshold=threshold)
