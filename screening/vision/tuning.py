"""Fits the classifier's last layer to one site's camera: multinomial logistic regression.

What is minimised is the pictures' log loss, every label weighing the same, plus half of
``strength`` times the squared distance from the shipped layer: a strength is counted in pictures,
and a few of them move little. Only the rows of the three labels move, and never in common, because
a site takes no pictures of what is not a face.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from screening.errors import EvaluationError
from screening.readings import MaskLabel
from screening.vision.last_layer import LastLayer
from screening.vision.masks import LABELS, TEMPERATURE

# Tried from the strongest to the weakest; of equals the stronger one is taken.
STRENGTHS = (1000.0, 300.0, 100.0, 30.0, 10.0, 3.0, 1.0)
# With fewer than three persons nothing can be chosen on some and measured on another.
LEAST_PERSONS = 3
LEAST_PICTURES = 10
LEAST_PERSONS_A_LABEL = 2
# More persons than this are left out in so many groups instead of one by one: when a tuned layer is
# measured, and when its strength is chosen, which is done anew for every one of the former.
MOST_MEASURED_FOLDS = 10
MOST_CHOOSING_FOLDS = 5
MOST_NEWTON_STEPS = 50
SMALL_GRADIENT = 1e-7
SHORTEST_STEP = 1e-6

Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Faces:
    """``features`` (N, F), ``labels`` (N,) as places in ``LABELS``, ``persons`` (N,) as codes."""

    features: Numbers
    labels: NDArray[np.int64]
    persons: NDArray[np.str_]

    def of(self, chosen: NDArray[np.bool_]) -> Faces:
        """Those that are chosen."""
        return Faces(self.features[chosen], self.labels[chosen], self.persons[chosen])

    def missing(self) -> list[str]:
        """What has to be collected before anything can be tuned; empty when it is enough."""
        missing = []
        persons = len(set(self.persons))
        if persons < LEAST_PERSONS:
            missing.append(f"pictures of {LEAST_PERSONS} persons are needed, there are {persons}")
        for place, label in enumerate(LABELS):
            having = self.persons[self.labels == place]
            if len(having) < LEAST_PICTURES:
                missing.append(
                    f"{LEAST_PICTURES} pictures of {label.value} are needed, there are"
                    f" {len(having)}"
                )
            elif len(set(having)) < LEAST_PERSONS_A_LABEL:
                missing.append(f"all pictures of {label.value} are of one person")
        return missing


@dataclass(frozen=True, slots=True, eq=False)
class Figures:
    """How a layer judged: ``confusion[label, given]`` in faces, and its log loss, labels alike."""

    confusion: NDArray[np.int64]
    log_loss: float

    def recall(self, label: MaskLabel) -> float:
        """Share of the faces with this label that were given it; there is at least one."""
        row = self.confusion[LABELS.index(label)]
        return float(row[LABELS.index(label)] / row.sum())

    @property
    def mean_recall(self) -> float:
        """Every label weighs the same, however many pictures it has."""
        return float(np.mean([self.recall(label) for label in LABELS]))

    def passed_as_mask(self, label: MaskLabel) -> int:
        """Faces with this label that were given ``mask``."""
        return int(self.confusion[LABELS.index(label), LABELS.index(MaskLabel.MASK)])


@dataclass(frozen=True, slots=True)
class Tuning:
    """A layer fitted to all pictures, and what tuning does to persons it has not seen."""

    layer: LastLayer
    strength: float
    persons: int
    before: Figures
    after: Figures

    @property
    def is_better(self) -> bool:
        """Nothing passes that did not, no label suffers for another, and something is gained."""
        before, after = self.before, self.after
        passes_more = any(
            after.passed_as_mask(label) > before.passed_as_mask(label)
            for label in (MaskLabel.NO_MASK, MaskLabel.INCORRECT)
        )
        if passes_more or after.mean_recall < before.mean_recall:
            return False
        return after.mean_recall > before.mean_recall or after.log_loss < before.log_loss


def fit(faces: Faces, shipped: LastLayer) -> Tuning:
    """Tunes with a strength chosen on persons left out, and measures on persons left out of that.

    Raises EvaluationError where ``faces.missing()`` tells something.
    """
    missing = faces.missing()
    if missing:
        raise EvaluationError("; ".join(missing))
    # The problems are too small to share: threads waiting for each other only take cores.
    with threadpool_limits(limits=1, user_api="blas"):
        return _fit(faces, shipped)


def _fit(faces: Faces, shipped: LastLayer) -> Tuning:
    after = np.zeros((len(faces.labels), len(LABELS)))
    for held in _folds(faces.persons, MOST_MEASURED_FOLDS):
        known = faces.of(~held)
        layer = tune(
            known.features, known.labels, shipped, strength=choose_strength(known, shipped)
        )
        after[held] = _logits(layer, faces.features[held])
    strength = choose_strength(faces, shipped)
    return Tuning(
        tune(faces.features, faces.labels, shipped, strength=strength),
        strength,
        len(set(faces.persons)),
        before=_figures(_logits(shipped, faces.features), faces.labels),
        after=_figures(after, faces.labels),
    )


def choose_strength(faces: Faces, shipped: LastLayer) -> float:
    """The one of ``STRENGTHS`` that judges persons best who were left out of the fit."""
    folds = _folds(faces.persons, MOST_CHOOSING_FOLDS)
    if len(folds) < 2:
        return STRENGTHS[0]
    logits = np.zeros((len(STRENGTHS), len(faces.labels), len(LABELS)))
    for held in folds:
        known = faces.of(~held)
        layer = shipped
        for place, strength in enumerate(STRENGTHS):
            layer = tune(known.features, known.labels, shipped, strength=strength, start=layer)
            logits[place, held] = _logits(layer, faces.features[held])
    losses = [_balanced_loss(of_one, faces.labels) for of_one in logits]
    return STRENGTHS[int(np.argmin(losses))]


def tune(
    features: Numbers,
    labels: NDArray[np.int64],
    shipped: LastLayer,
    *,
    strength: float,
    start: LastLayer | None = None,
) -> LastLayer:
    """The one layer that minimises what the module tells; ``start`` only saves time.

    ``features`` (N, F), ``labels`` (N,) as places in ``LABELS``, ``strength`` above 0.
    """
    if not strength > 0:
        raise ValueError(f"a strength is above 0, not {strength}")
    if not len(labels):
        return shipped
    # One scale for all, so that a strength means the same for every model's features.
    inputs = np.column_stack([features, np.ones(len(features))])
    scale = float(np.sqrt((inputs**2).sum(axis=1).mean()))
    # The solution is a sum of the inputs: fewer of them than numbers in each span a smaller space.
    basis = np.linalg.qr(inputs.T)[0].T if len(inputs) < inputs.shape[1] else None
    spanned = inputs if basis is None else inputs @ basis.T
    problem = _Problem(
        spanned / scale,
        _logits(shipped, features),
        np.eye(len(LABELS))[labels],
        _balance(labels) * len(labels),
        strength,
    )
    moved = np.zeros((len(LABELS), inputs.shape[1]))
    if start is not None:
        moved = (_rows(start) - _rows(shipped)) * scale / TEMPERATURE
    moved = problem.solve(moved) if basis is None else problem.solve(moved @ basis.T) @ basis
    moved *= TEMPERATURE / scale
    weights, bias = shipped.weights.copy(), shipped.bias.copy()
    weights[: len(LABELS)] += moved[:, :-1]
    bias[: len(LABELS)] += moved[:, -1]
    return LastLayer(weights, bias, shipped.model_digest)


@dataclass(frozen=True, slots=True, eq=False)
class _Problem:
    """``inputs`` (N, D), ``base`` logits and ``truth`` (N, 3), ``weights`` (N,)."""

    inputs: Numbers
    base: Numbers
    truth: Numbers
    weights: Numbers
    strength: float

    def solve(self, moved: Numbers) -> Numbers:
        """(3, D) by Newton's method; convex, so that halving a step always leads downhill."""
        value = self._value(moved)
        for _ in range(MOST_NEWTON_STEPS):
            shares = _shares(self.base + self.inputs @ moved.T)
            errors = (shares - self.truth) * self.weights[:, None]
            gradient = errors.T @ self.inputs + self.strength * moved
            if np.abs(gradient).max() <= SMALL_GRADIENT * self.weights.sum():
                break
            step = np.linalg.solve(self._curvature(shares), gradient.ravel()).reshape(moved.shape)
            slope, length = float((gradient * step).sum()), 1.0
            tried = self._value(moved - step)
            while tried > value - 1e-4 * length * slope and length > SHORTEST_STEP:
                length /= 2
                tried = self._value(moved - length * step)
            if tried >= value:  # no further than rounding allows
                break
            moved, value = moved - length * step, tried
        return moved

    def _value(self, moved: Numbers) -> float:
        losses = _losses(self.base + self.inputs @ moved.T, self.truth)
        return float(self.weights @ losses + self.strength / 2 * (moved**2).sum())

    def _curvature(self, shares: Numbers) -> Numbers:
        labels, inputs = shares.shape[1], self.inputs.shape[1]
        matrix = np.zeros((labels, inputs, labels, inputs))
        for one in range(labels):
            for other in range(one, labels):
                pull = self.weights * shares[:, one] * ((one == other) - shares[:, other])
                block = (self.inputs * pull[:, None]).T @ self.inputs
                matrix[one, :, other, :] = matrix[other, :, one, :] = block
        flat = matrix.reshape(labels * inputs, labels * inputs)
        flat[np.diag_indices_from(flat)] += self.strength
        return flat


def _folds(persons: NDArray[np.str_], most: int) -> Sequence[NDArray[np.bool_]]:
    """Which pictures are left out together: one person's, or those of some persons."""
    codes = sorted(set(persons))
    folds = min(len(codes), most)
    return [np.isin(persons, codes[place::folds]) for place in range(folds)]


def _rows(layer: LastLayer) -> Numbers:
    return np.column_stack([layer.weights, layer.bias])[: len(LABELS)]


def _logits(layer: LastLayer, features: Numbers) -> Numbers:
    """(N, 3), calibrated, of the labels among faces."""
    labels = len(LABELS)
    return (features @ layer.weights[:labels].T + layer.bias[:labels]) / TEMPERATURE


def _shares(logits: Numbers) -> Numbers:
    shares = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(shares / shares.sum(axis=1, keepdims=True), np.float64)


def _losses(logits: Numbers, truth: Numbers) -> Numbers:
    highest = logits.max(axis=1)
    total = highest + np.log(np.exp(logits - highest[:, None]).sum(axis=1))
    return np.asarray(total - (logits * truth).sum(axis=1), np.float64)


def _balance(labels: NDArray[np.int64]) -> Numbers:
    """Weights that sum to 1, the same sum for every label there is."""
    counts = np.bincount(labels, minlength=len(LABELS))
    return np.asarray(1 / counts[labels] / np.count_nonzero(counts), np.float64)


def _balanced_loss(logits: Numbers, labels: NDArray[np.int64]) -> float:
    return float(_balance(labels) @ _losses(logits, np.eye(len(LABELS))[labels]))


def _figures(logits: Numbers, labels: NDArray[np.int64]) -> Figures:
    confusion = np.zeros((len(LABELS), len(LABELS)), np.int64)
    np.add.at(confusion, (labels, logits.argmax(axis=1)), 1)
    return Figures(confusion, _balanced_loss(logits, labels))
