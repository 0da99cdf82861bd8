"""Judges how one face wears its mask, and whether it is a face at all."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from screening.readings import Box, MaskLabel
from screening.vision.crop import CROP_SIDE_PX, cut_face
from screening.vision.last_layer import LastLayer
from screening.vision.network import Network, digest_of

MASK_FILE = "mask.onnx"
LABELS = (MaskLabel.MASK, MaskLabel.NO_MASK, MaskLabel.INCORRECT)
# The network's last output, after the labels: this only looked like a face to the detector.
NO_FACE = len(LABELS)
# Divides the logits. Pictures kept out of training fit 0.83 best; a little more is less sure.
TEMPERATURE = 0.9


class MaskJudge:
    """Loads the shipped classifier. Not to be used by two threads at once.

    ``last_layer`` is one that a site fitted to its own camera; without it the shipped one is used.
    Raises ``EvaluationError`` when it was fitted to other features than the shipped ones.
    """

    def __init__(self, last_layer: LastLayer | None = None) -> None:
        self._network = Network(MASK_FILE, ("features",))
        shipped = shipped_last_layer()
        if last_layer is not None:
            last_layer.require_fit(shipped)
        self._last_layer = shipped if last_layer is None else last_layer

    def shares(self, pixels: NDArray[np.uint8], box: Box) -> NDArray[np.float64]:
        """Calibrated shares that sum to 1, for what is in ``box``: ``LABELS``, then ``NO_FACE``."""
        logits = self.logits(pixels, box) / TEMPERATURE
        shares = np.exp(logits - logits.max())
        return np.asarray(shares / shares.sum(), np.float64)

    def logits(self, pixels: NDArray[np.uint8], box: Box) -> NDArray[np.float64]:
        """(4,) in the order of ``LABELS``, then ``NO_FACE``, before calibration."""
        return self._last_layer.weights @ self.features(pixels, box) + self._last_layer.bias

    def features(self, pixels: NDArray[np.uint8], box: Box) -> NDArray[np.float64]:
        """(F,) what the last layer weighs."""
        (output,) = self._network.run(cut_face(pixels, box))
        return np.asarray(output[0], np.float64)


def shipped_last_layer() -> LastLayer:
    """The last layer of the shipped classifier."""
    network = Network(MASK_FILE, ("last_weights", "last_bias"))
    weights, bias = network.run(np.zeros((CROP_SIDE_PX, CROP_SIDE_PX, 3), np.uint8))
    return LastLayer(weights.astype(np.float64), bias.astype(np.float64), digest_of(MASK_FILE))
