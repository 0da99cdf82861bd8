"""A sequential test: pictures of one face count until an error is unlikely enough.

Theory of operation. The three labels are rival hypotheses, equally likely beforehand. Each picture
adds its log-likelihoods, as in Wald's test and its form for several hypotheses (Baum and
Veeravalli, 1994). The gate errs in two ways: it lets somebody in without a mask worn well, or
sends somebody back who wears one. A verdict is told once the posterior leaves no more than
``WRONG_MASK`` or ``WRONG_REFUSAL`` for its error; which of the two other labels a refusal names is
the likelier one. Sure pictures get there soon, doubtful ones late or never.

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
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from screening.readings import MaskLabel

LABELS = tuple(MaskLabel)

WRONG_MASK = 0.01
"""The posterior chance that a mask which is told is none, or is worn wrong.

It is not the door's error: that also depends on who comes, and on faces of which the network is
sure and wrong. Of 259 imitated visitors (``training verdicts``, on the validation pictures) told as
masks two had none worn well (95 %: 0.2 to 2.8 %).
"""

WRONG_REFUSAL = 0.03
"""The posterior chance that the mask is worn well where another label is told.

Not the share of masks that are sent back, which is what visitors feel: 3 of 292 = 1.0 % (95 %: 0.4
to 3.0 %), all told *incorrect*.
"""

KEPT = 0.9
"""A verdict that was reached stands down to this chance of being right, so that one odd picture
does not end it."""

DOUBT = 0.1
DOUBT_IN_BAD_LIGHT = 0.2
"""Shares of pictures that say nothing of the mask, whatever the network claims. In imitated dark
and against light 4 to 5 in 100 faces more are judged wrongly; real bad light is taken to be worse.
"""

RENEWAL_S = 0.25
"""In this time a standing visitor's head moves enough to make 63 % of a new picture."""

MOST_PICTURES = 2.5
"""On faces made to stand and sway (``training verdicts``) the posterior is truest, by its log loss,
at 1.25, on the 378 of the groups kept for choosing and on 457 validation faces alike: what the
network gets wrong about a face it goes on getting wrong. Two and a half keep the stated errors
there (0.8 % and 1.0 % on validation faces) and leave fewer visitors unsure.
"""

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

    Raises ValueError for an allowed error that a single picture could meet.
    """

    def __init__(
        self,
        *,
        wrong_mask: float = WRONG_MASK,
        wrong_refusal: float = WRONG_REFUSAL,
        most_pictures: float = MOST_PICTURES,
    ) -> None:
        least_of_one = DOUBT / len(LABELS)
        if not (0 < wrong_mask < least_of_one and 0 < wrong_refusal < least_of_one):
            raise ValueError(
                "one picture never decides: an allowed error must be above 0"
                f" and below {least_of_one:.3f}"
            )
        self._wrong_mask = wrong_mask
        self._wrong_refusal = wrong_refusal
        self._most_pictures = most_pictures
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
        """The chance that the verdict, or what is the likelier one so far, does not err.

        0 without pictures.
        """
        return self._chance(self.verdict or self._likeliest()) if self._looks else 0.0

    def posterior(self, label: MaskLabel) -> float:
        """The chance of this label, 0 to 1, were all three equally likely beforehand."""
        return float(self._posteriors[LABELS.index(label)])

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
        self._posteriors = _posteriors(self._looks, self._most_pictures)
        self.verdict = self._decide()

    def _has_changed(self) -> bool:
        """Whether the newest pictures agree on something else than the older ones."""
        older, recent = self._looks[:-CHANGE_PICTURES], self._looks[-CHANGE_PICTURES:]
        claims = {look.claim for look in recent}
        if not older or len(claims) != 1 or None in claims:
            return False
        (claim,) = claims
        before = _posteriors(older, self._most_pictures)
        return bool(before[LABELS.index(claim)] < before.max())

    def _decide(self) -> MaskLabel | None:
        label = self._likeliest()
        if self.verdict is not None and self._chance(self.verdict) >= KEPT:
            # From one refusal to the other it takes a change that ``_has_changed`` notices.
            return self.verdict
        if self._looks[-1].taken_at_s - self._looks[0].taken_at_s < LEAST_SPAN_S:
            return None
        error = self._wrong_mask if label is MaskLabel.MASK else self._wrong_refusal
        return label if self._chance(label) >= 1 - error else None

    def _likeliest(self) -> MaskLabel:
        """On the likelier side: a mask worn well, or the likelier of the others."""
        if self.posterior(MaskLabel.MASK) >= 0.5:
            return MaskLabel.MASK
        others = [label for label in LABELS if label is not MaskLabel.MASK]
        return max(others, key=self.posterior)

    def _chance(self, label: MaskLabel) -> float:
        """That telling this label does not err."""
        of_a_mask = self.posterior(MaskLabel.MASK)
        return of_a_mask if label is MaskLabel.MASK else 1 - of_a_mask


def _posteriors(looks: Sequence[_Look], most_pictures: float) -> NDArray[np.float64]:
    weights = [1.0]
    for before, after in pairwise(looks):
        weights.append(1 - math.exp(-(after.taken_at_s - before.taken_at_s) / RENEWAL_S))
    mean = np.average([look.log_likelihoods for look in looks], axis=0, weights=weights)
    scores = mean * min(sum(weights), most_pictures)
    odds = np.exp(scores - scores.max())
    return np.asarray(odds / odds.sum(), np.float64)
