"""Tuning moves the last layer toward a site's pictures, little by few, and is measured honestly."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from threadpoolctl import threadpool_info

from screening.errors import EvaluationError
from screening.readings import MaskLabel
from screening.vision.last_layer import LastLayer
from screening.vision.masks import TEMPERATURE
from screening.vision.tuning import STRENGTHS, Faces, Figures, Tuning, choose_strength, fit, tune

FEATURES = 6
DIGEST = "ab" * 32
seeds = st.integers(0, 2**32 - 1)


def layer(seed: int = 1) -> LastLayer:
    rng = np.random.default_rng(seed)
    return LastLayer(rng.normal(size=(4, FEATURES)), rng.normal(size=4), DIGEST)


def drawn(seed: int, *, pictures: int = 30) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    rng = np.random.default_rng(seed)
    return rng.normal(size=(pictures, FEATURES)), rng.integers(0, 3, pictures)


def site(*, shift: float, persons: int = 5, each: int = 8, seed: int = 3) -> Faces:
    """Faces that the shipped layer of ``site_layer`` judges well when nothing is shifted."""
    rng = np.random.default_rng(seed)
    labels = np.tile(np.repeat(np.arange(3), each), persons)
    codes = np.repeat([f"p{number:02}" for number in range(persons)], 3 * each)
    features = rng.normal(scale=0.4, size=(len(labels), FEATURES))
    features[np.arange(len(labels)), labels] += 2
    features[:, 0] += shift
    return Faces(features, labels, codes)


def site_layer() -> LastLayer:
    return LastLayer(np.eye(4, FEATURES), np.zeros(4), DIGEST)


def loss(
    one: LastLayer, shipped: LastLayer, features: NDArray[np.float64],
    labels: NDArray[np.int64], strength: float,
) -> float:  # fmt: skip
    """What the tuning minimises, written down a second time and in another way."""
    total, scale = 0.0, np.mean([f @ f + 1 for f in features])
    present = set(labels.tolist())
    for f, label in zip(features, labels, strict=True):
        shares = np.exp((one.weights @ f + one.bias)[:3] / TEMPERATURE)
        weight = len(labels) / len(present) / np.sum(labels == label)
        total -= weight * np.log(shares[label] / shares.sum())
    moved = np.sum((one.weights - shipped.weights) ** 2) + np.sum((one.bias - shipped.bias) ** 2)
    return float(total + strength / 2 * moved * scale / TEMPERATURE**2)


@settings(deadline=None)
@given(seeds)
def test_without_pictures_the_shipped_layer_stays(seed: int) -> None:
    none = np.zeros((0, FEATURES)), np.zeros(0, np.int64)
    shipped = layer(seed)
    assert tune(*none, shipped, strength=1.0) is shipped


@settings(max_examples=25, deadline=None)
@given(seeds)
def test_the_stronger_the_pull_the_less_moves_and_an_endless_one_moves_nothing(seed: int) -> None:
    features, labels = drawn(seed)
    moved = [
        float(np.abs(tune(features, labels, layer(), strength=s).weights - layer().weights).sum())
        for s in (0.1, 1.0, 10.0, 100.0, 1e12)
    ]
    assert moved == sorted(moved, reverse=True)
    assert moved[0] > 0.01
    assert moved[-1] < 1e-6


@settings(max_examples=25, deadline=None)
@given(seeds, st.sampled_from(STRENGTHS))
def test_nothing_near_the_tuned_layer_is_better(seed: int, strength: float) -> None:
    features, labels = drawn(seed)
    shipped, rng = layer(), np.random.default_rng(seed)
    tuned = tune(features, labels, shipped, strength=strength)
    least = loss(tuned, shipped, features, labels, strength)
    assert least <= loss(shipped, shipped, features, labels, strength)
    for _ in range(5):
        weights, bias = tuned.weights.copy(), tuned.bias.copy()
        weights[:3] += rng.normal(scale=0.01, size=(3, FEATURES))
        bias[:3] += rng.normal(scale=0.01, size=3)
        other = LastLayer(weights, bias, DIGEST)
        assert loss(other, shipped, features, labels, strength) > least


@settings(max_examples=25, deadline=None)
@given(seeds)
def test_what_is_no_face_is_judged_by_the_shipped_row_and_labels_never_move_in_common(
    seed: int,
) -> None:
    features, labels = drawn(seed)
    tuned = tune(features, labels, layer(), strength=1.0)
    assert np.array_equal(tuned.weights[3], layer().weights[3])
    assert tuned.bias[3] == layer().bias[3]
    assert np.allclose((tuned.weights - layer().weights)[:3].sum(axis=0), 0, atol=1e-6)


def test_where_it_starts_does_not_change_where_it_ends() -> None:
    features, labels = drawn(5)
    near = tune(features, labels, layer(), strength=3.0)
    far = tune(features, labels, layer(), strength=3.0, start=layer(9))
    assert np.allclose(near.weights, far.weights, atol=1e-6)


def test_fewer_pictures_than_features_are_fitted_as_well() -> None:
    features, labels = drawn(7, pictures=4)
    shipped = layer()
    tuned = tune(features, labels, shipped, strength=1.0)
    least = loss(tuned, shipped, features, labels, 1.0)
    rng = np.random.default_rng(7)
    for _ in range(20):
        weights, bias = tuned.weights.copy(), tuned.bias.copy()
        weights[:3] += rng.normal(scale=0.01, size=(3, FEATURES))
        bias[:3] += rng.normal(scale=0.01, size=3)
        assert loss(LastLayer(weights, bias, DIGEST), shipped, features, labels, 1.0) > least
    far = tune(features, labels, shipped, strength=1.0, start=layer(9))
    assert np.allclose(tuned.weights, far.weights, atol=1e-6)


def test_a_label_with_few_pictures_weighs_as_much_as_one_with_many() -> None:
    faces = site(shift=0.5)
    twice = np.concatenate([np.arange(len(faces.labels)), np.flatnonzero(faces.labels == 0)])
    one = tune(faces.features, faces.labels, site_layer(), strength=10.0)
    other = tune(faces.features[twice], faces.labels[twice], site_layer(), strength=10.0)
    assert np.allclose(one.weights, other.weights, atol=0.05)


@pytest.mark.parametrize("strength", [0.0, -1.0, float("nan")])
def test_a_strength_is_above_zero(strength: float) -> None:
    with pytest.raises(ValueError, match="above 0"):
        tune(*drawn(1), layer(), strength=strength)


def test_a_camera_that_shifts_what_is_seen_is_learnt_for_persons_not_seen() -> None:
    tuning = fit(site(shift=2.5), site_layer())
    assert tuning.before.mean_recall < 0.6
    assert tuning.after.mean_recall > 0.95
    assert tuning.after.passed_as_mask(MaskLabel.INCORRECT) < 3
    assert tuning.is_better
    assert tuning.persons == 5


def test_the_figures_are_of_persons_left_out() -> None:
    """Each person's features are noise that only pictures of the same person could explain."""
    rng = np.random.default_rng(8)
    codes = np.repeat([f"p{number}" for number in range(6)], 15)
    labels = np.tile(np.repeat(np.arange(3), 5), 6)
    features = np.zeros((90, 18))
    cells = (np.repeat(np.arange(6), 15) * 3 + rng.permuted(np.tile([0, 1, 2], (6, 1)), axis=1)
             [np.repeat(np.arange(6), 15), labels])  # fmt: skip
    features[np.arange(90), cells] = 3
    shipped = LastLayer(np.zeros((4, 18)), np.zeros(4), DIGEST)
    tuning = fit(Faces(features, labels, codes), shipped)
    assert tuning.before.log_loss == pytest.approx(np.log(3))
    assert tuning.after.log_loss > np.log(3) - 0.01


def test_the_strongest_pull_is_chosen_where_there_is_nothing_to_learn() -> None:
    faces = site(shift=0.0)
    same = np.repeat(faces.features[faces.labels == 0], 3, axis=0)
    labels = np.tile(np.arange(3), len(same) // 3)
    fair = LastLayer(np.zeros((4, FEATURES)), np.zeros(4), DIGEST)
    assert choose_strength(Faces(same, labels, faces.persons), fair) == STRENGTHS[0]
    assert choose_strength(faces.of(faces.persons == "p00"), fair) == STRENGTHS[0]


def test_more_than_ten_persons_are_left_out_in_tenths() -> None:
    tuning = fit(site(shift=1.5, persons=12, each=2), site_layer())
    assert tuning.persons == 12
    assert tuning.after.confusion.sum() == 12 * 3 * 2


@pytest.mark.parametrize(
    ("faces", "told"),
    [
        pytest.param(site(shift=0, persons=2), "3 persons are needed, there are 2", id="persons"),
        pytest.param(site(shift=0, each=1), "of mask are needed, there are 5", id="few"),
        pytest.param(
            site(shift=0).of(site(shift=0).labels != 2),
            "10 pictures of incorrect are needed, there are 0",
            id="no incorrect",
        ),
        pytest.param(
            site(shift=0, each=12).of(
                (site(shift=0, each=12).labels != 2) | (site(shift=0, each=12).persons == "p00")
            ),
            "all pictures of incorrect are of one person",
            id="one person worn wrong",
        ),
    ],
)
def test_too_little_is_refused_and_told(faces: Faces, told: str) -> None:
    with pytest.raises(EvaluationError, match=told):
        fit(faces, site_layer())


def figures(*rows: tuple[int, int, int], log_loss: float = 0.5) -> Figures:
    return Figures(np.array(rows, np.int64), log_loss)


BEFORE = figures((9, 1, 0), (1, 9, 0), (2, 0, 8))


@pytest.mark.parametrize(
    ("after", "is_better"),
    [
        pytest.param(figures((10, 0, 0), (1, 9, 0), (2, 0, 8)), True, id="more are right"),
        pytest.param(figures((9, 1, 0), (1, 9, 0), (2, 0, 8)), False, id="nothing gained"),
        pytest.param(
            figures((9, 1, 0), (1, 9, 0), (2, 0, 8), log_loss=0.4), True, id="surer of the same"
        ),
        pytest.param(
            figures((10, 0, 0), (0, 10, 0), (3, 0, 7)), False, id="more worn wrong pass as mask"
        ),
        pytest.param(figures((10, 0, 0), (2, 8, 0), (0, 0, 10)), False, id="more bare faces pass"),
        pytest.param(
            figures((5, 5, 0), (1, 9, 0), (2, 0, 8), log_loss=0.4), False, id="fewer are right"
        ),
    ],
)
def test_it_is_better_only_where_nothing_got_worse(after: Figures, is_better: bool) -> None:
    assert Tuning(layer(), 1.0, 3, BEFORE, after).is_better is is_better


class WatchedFaces(Faces):
    """Notes how many threads the linear algebra may use while it is asked for some of its faces."""

    threads: ClassVar[set[int]] = set()

    def of(self, chosen: NDArray[np.bool_]) -> Faces:
        self.threads.update(blas_threads())
        return Faces.of(self, chosen)


def blas_threads() -> set[int]:
    return {one["num_threads"] for one in threadpool_info() if one["user_api"] == "blas"}


def test_a_fit_leaves_the_other_cores_to_the_gate() -> None:
    before = blas_threads()
    faces = site(shift=0.5, persons=3)
    fit(WatchedFaces(faces.features, faces.labels, faces.persons), site_layer())
    assert WatchedFaces.threads == {1}
    assert blas_threads() == before
