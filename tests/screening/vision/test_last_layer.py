"""A tuned last layer is read back as it was written, and never where it does not fit."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from screening.errors import EvaluationError
from screening.vision.last_layer import MOST_BYTES, LastLayer

DIGEST = "ab" * 32


def layer(*, features: int = 5, digest: str = DIGEST, seed: int = 1) -> LastLayer:
    rng = np.random.default_rng(seed)
    return LastLayer(rng.normal(size=(4, features)), rng.normal(size=4), digest)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "tuned.json"
    layer().save(path)
    return path


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 40))
def test_every_number_comes_back_exactly(
    tmp_path_factory: pytest.TempPathFactory, seed: int, features: int
) -> None:
    path = tmp_path_factory.mktemp("layer") / "tuned.json"
    written = layer(features=features, seed=seed)
    written.save(path)
    read = LastLayer.load(path, shipped=layer(features=features))
    assert np.array_equal(read.weights, written.weights)
    assert np.array_equal(read.bias, written.bias)


def test_the_file_is_its_owners_alone_and_nothing_is_left_beside_it(file: Path) -> None:
    assert file.stat().st_mode & 0o777 == 0o600
    layer(seed=2).save(file)
    assert list(file.parent.iterdir()) == [file]


def test_one_of_another_model_is_refused(file: Path) -> None:
    with pytest.raises(EvaluationError, match=r"tuned\.json: .*another mask model"):
        LastLayer.load(file, shipped=layer(digest="cd" * 32))


def test_one_of_other_features_is_refused(file: Path) -> None:
    with pytest.raises(EvaluationError, match="weighs 5 features, the mask model has 6"):
        LastLayer.load(file, shipped=layer(features=6))


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"format": "something else"}, id="another format"),
        pytest.param({"weights": [[1.0, 2.0]] * 3}, id="too few rows"),
        pytest.param({"weights": [[1.0], [1.0, 2.0], [1.0], [1.0]]}, id="uneven rows"),
        pytest.param({"weights": [[]] * 4}, id="no features"),
        pytest.param({"weights": None}, id="no weights"),
        pytest.param({"weights": [["1e400"] * 5] * 4}, id="words for numbers"),
        pytest.param({"weights": [[10**400] * 5] * 4}, id="a number beyond floats"),
        pytest.param({"weights": {"a": 1}}, id="an object for rows"),
        pytest.param({"bias": [1.0] * 3}, id="a short bias"),
        pytest.param({"bias": [float("nan")] * 4}, id="not a number"),
        pytest.param({"bias": [float("inf")] * 4}, id="infinite"),
        pytest.param({"model_sha256": "ab"}, id="a short digest"),
        pytest.param({"model_sha256": None}, id="no digest"),
    ],
)
def test_a_file_that_holds_something_else_is_refused_in_one_line(
    file: Path, change: dict[str, Any]
) -> None:
    file.write_text(json.dumps(json.loads(file.read_text()) | change))
    with pytest.raises(EvaluationError) as caught:
        LastLayer.load(file, shipped=layer())
    assert str(caught.value).startswith(str(file))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"[]", id="a list"),
        pytest.param(b"\xff\xfe\x00", id="no text"),
        pytest.param(b"[" * 200_000, id="too deep"),
        pytest.param(b" " * (MOST_BYTES + 1), id="too large"),
    ],
)
def test_a_file_that_is_not_ours_is_refused(file: Path, text: bytes) -> None:
    file.write_bytes(text)
    with pytest.raises(EvaluationError, match=r"tuned\.json: it is"):
        LastLayer.load(file, shipped=layer())


def test_a_missing_file_and_a_missing_folder_are_told(tmp_path: Path) -> None:
    with pytest.raises(EvaluationError, match="cannot be read"):
        LastLayer.load(tmp_path / "absent.json", shipped=layer())
    with pytest.raises(EvaluationError, match="cannot be written"):
        layer().save(tmp_path / "absent" / "tuned.json")
