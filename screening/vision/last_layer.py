"""The classifier's last layer, which a site may fit to its own camera, and its file."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from screening.errors import EvaluationError
from screening.whole_files import write_whole

# mask, no_mask, incorrect, and that it is no face.
ROWS = 4
FORMAT = "gerbang mask tuning 1"
# A layer of 112 features takes about 10 kB; more than this was not written by us.
MOST_BYTES = 1_000_000
_DIGEST = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True, eq=False)
class LastLayer:
    """``weights`` (4, F) and ``bias`` (4,) for the features of one model, told by its SHA-256.

    Raises EvaluationError for other shapes, numbers that are not finite and a bad digest.
    """

    weights: NDArray[np.float64]
    bias: NDArray[np.float64]
    model_digest: str

    def __post_init__(self) -> None:
        shape = self.weights.shape
        if len(shape) != 2 or shape[0] != ROWS or not shape[1] or self.bias.shape != (ROWS,):
            raise EvaluationError(
                f"a last layer has weights ({ROWS}, F) and bias ({ROWS},),"
                f" not {shape} and {self.bias.shape}"
            )
        if not (np.isfinite(self.weights).all() and np.isfinite(self.bias).all()):
            raise EvaluationError("a last layer holds a number that is not finite")
        if not _DIGEST.fullmatch(self.model_digest):
            raise EvaluationError("a last layer names its model by 64 hexadecimal digits")

    def require_fit(self, shipped: LastLayer) -> None:
        """Raises EvaluationError unless this weighs the same features of the same model."""
        if self.model_digest != shipped.model_digest:
            raise EvaluationError(
                "it was tuned for another mask model than the one of this version; tune again"
            )
        if self.weights.shape != shipped.weights.shape:
            raise EvaluationError(
                f"it weighs {self.weights.shape[1]} features, the mask model has"
                f" {shipped.weights.shape[1]}"
            )

    @classmethod
    def load(cls, path: Path, *, shipped: LastLayer) -> Self:
        """Reads what ``save`` wrote. Raises EvaluationError, also where it does not fit."""
        try:
            with path.open("rb") as file:
                text = file.read(MOST_BYTES + 1)
        except OSError as error:
            raise EvaluationError(f"{path} cannot be read: {error.strerror}") from error
        try:
            layer = cls._from_text(text)
            layer.require_fit(shipped)
        except EvaluationError as error:
            raise EvaluationError(f"{path}: {error}") from error
        return layer

    def save(self, path: Path) -> None:
        """Writes the file whole or not at all, for its owner only. Raises EvaluationError."""
        text = json.dumps(
            {
                "format": FORMAT,
                "model_sha256": self.model_digest,
                "weights": self.weights.tolist(),
                "bias": self.bias.tolist(),
            }
        )
        partial = path.with_name(f".{path.name}.partial")
        try:
            write_whole(path, f"{text}\n".encode(), unfinished=partial)
        except OSError as error:
            raise EvaluationError(f"{path} cannot be written: {error.strerror}") from error

    @classmethod
    def _from_text(cls, text: bytes) -> Self:
        if len(text) > MOST_BYTES:
            raise EvaluationError("it is too large to be a tuned last layer")
        try:
            content: Any = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise EvaluationError("it is not a tuned last layer") from error
        if not isinstance(content, dict) or content.get("format") != FORMAT:
            raise EvaluationError("it is not a tuned last layer")
        weights, bias = _numbers(content.get("weights")), _numbers(content.get("bias"))
        return cls(weights, bias, str(content.get("model_sha256")))


def _numbers(value: Any) -> NDArray[np.float64]:
    try:
        return np.array(value, np.float64)
    except (TypeError, ValueError, OverflowError) as error:
        raise EvaluationError("it holds something else than numbers in rows") from error
