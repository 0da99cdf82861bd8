"""A sequential test: pictures of one face count until an error is unlikely enough.

Theory of operation. The three labels are rival hypotheses, equally likely beforehand. Each picture
adds its log-likelihoods, as in Wald's test and its form for several hypotheses (Baum and
Veeravalli, 1994), and a label is the verdict once its posterior leaves no more than its
``ALLOWED_ERROR``. Sure pictures get there soon, doubtful ones late or never.

Wald's test takes independent pictures; those of one standing face are not. Three things keep the
posterior from claiming more than they show:

- A picture counts by what can have changed since the one before: ``1 - exp(-dt / RENEWAL_S)``.
- However many they are, they count as at most ``MOST_PICTURES`` independent ones: what the network
  gets wrong about this very face it gets wrong in each of its pictures.
- A share of each picture, ``DOUBT``, is held to say nothing, so that none is believed beyond 93 %.

A visitor changes the mask, too. Pictures older than ``SPAN_S`` are forgotten, and when
``CHANGE_PICTURES`` in a row agree on another label than the older ones, these are no longer true.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from screening.readings import MaskLabel

LABELS = tuple(MaskLabel)

ALLOWED_ERROR: Mapping[MaskLabel, float] = {
    MaskLabel.MASK: 0.01,
    MaskLabel.NO_MASK: 0.05,
    MaskLabel.INCORRECT: 0.05,
}
"""The posterior chance of being wrong at which a label is told. A wrong mask lets somebody in; the
others only ask the visitor to look to the mask."""

KEPT_POSTERIOR = 0.9
"""A verdict that was reached stands down to here, so that one odd picture does not end it."""

DOUBT = 0.1
DOUBT_IN_BAD_LIGHT = 0.3
"""Shares of pictures that say nothing of the mask, whatever the network claims."""

RENEWAL_S = 0.25
"""In this time a standing visitor's head moves enough to make 63 % of a new picture."""

MOST_PICTURES = 3.0
SPAN_S = 1.5

LEAST_SPAN_S = 0.1
"""Pictures of a shorter time are one look, whatever they show."""

CHANGE_PICTURES = 2
CLEAR_PROBABILITY = 0.55
"""A picture claims a label from here on, where a change is looked for."""


@dataclass(frozen=True, slots=True)
class _Look:
    taken_at_s: float
    log_likelihoods: NDArray[np.float64]
    claim: MaskLabel | None


class SequentialTest:
    """The evidence of one person's pictures, in the order of their time.

    Raises ValueError for an ``allowed_error`` that a single picture could meet.
    """

    def __init__(self, allowed_error: Mapping[MaskLabel, float] = ALLOWED_ERROR) -> None:
        most_from_one = 1 - DOUBT + DOUBT / len(LABELS)
        if not all(0 < allowed_error[label] < 1 - most_from_one for label in LABELS):
            raise ValueError(
                "one picture never decides: an allowed error must be above 0"
                f" and below {1 - most_from_one:.3f}"
            )
        self._allowed_error = dict(allowed_error)
        self.restart()

    def restart(self) -> None:
        """Forgets everything."""
        self._looks: list[_Look] = []
        self._posteriors = np.full(len(LABELS), 1 / len(LABELS))
        self.verdict: MaskLabel | None = None

    @property
    def pictures(self) -> int:
        """How many pictures the evidence rests on."""
        return len(self._looks)

    @property
    def last_taken_at_s(self) -> float | None:
        """When the newest picture was taken."""
        return self._looks[-1].taken_at_s if self._looks else None

    @property
    def confidence(self) -> float:
        """The posterior of the verdict, or of the likeliest label before one; 0 without pictures.

        1 minus this is the chance that the verdict is wrong.
        """
        if not self._looks:
            return 0.0
        if self.verdict is not None:
            return float(self._posteriors[LABELS.index(self.verdict)])
        return float(self._posteriors.max())

    def add(
        self, probabilities: Sequence[float], taken_at_s: float, *, doubt: float = DOUBT
    ) -> None:
        """One more picture, newer than the last; ``probabilities`` in the order of ``MaskLabel``.

        ``doubt`` (0 to 1) is the share of such pictures that say nothing.
        """
        shares = np.asarray(probabilities, np.float64)
        best = int(shares.argmax())
        is_clear = bool(shares[best] >= CLEAR_PROBABILITY)
        believed = (1 - doubt) * shares + doubt / len(LABELS)
        self._looks.append(_Look(taken_at_s, np.log(believed), LABELS[best] if is_clear else None))
        oldest_s = taken_at_s - SPAN_S
        self._looks = [look for look in self._looks if look.taken_at_s >= oldest_s]
        if self._has_changed():
            self._looks = self._looks[-CHANGE_PICTURES:]
            self.verdict = None
        self._posteriors = _posteriors(self._looks)
        self.verdict = self._decide()

    def _has_changed(self) -> bool:
        """Whether the newest pictures agree on something else than the older ones."""
        older, recent = self._looks[:-CHANGE_PICTURES], self._looks[-CHANGE_PICTURES:]
        claims = {look.claim for look in recent}
        if not older or len(claims) != 1 or None in claims:
            return False
        (claim,) = claims
        before = _posteriors(older)
        return LABELS[int(before.argmax())] is not claim

    def _decide(self) -> MaskLabel | None:
        if self.verdict is not None:
            if self._posteriors[LABELS.index(self.verdict)] >= KEPT_POSTERIOR:
                return self.verdict
            return None
        best = int(self._posteriors.argmax())
        is_burst = self._looks[-1].taken_at_s - self._looks[0].taken_at_s < LEAST_SPAN_S
        is_enough = self._posteriors[best] >= 1 - self._allowed_error[LABELS[best]]
        return LABELS[best] if is_enough and not is_burst else None


def _posteriors(looks: Sequence[_Look]) -> NDArray[np.float64]:
    weights = [1.0]
    for before, after in pairwise(looks):
        weights.append(1 - math.exp(-(after.taken_at_s - before.taken_at_s) / RENEWAL_S))
    mean = np.average([look.log_likelihoods for look in looks], axis=0, weights=weights)
    scores = mean * min(sum(weights), MOST_PICTURES)
    odds = np.exp(scores - scores.max())
    return np.asarray(odds / odds.sum(), np.float64)
