"""Judges how one face wears its mask, and whether it is a face at all."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from screening.readings import Box, MaskLabel
from screening.vision.crop import cut_face
from screening.vision.network import Network

LABELS = (MaskLabel.MASK, MaskLabel.NO_MASK, MaskLabel.INCORRECT)
# The network's last output, after the labels: this only looked like a face to the detector.
NO_FACE = len(LABELS)
# Divides the logits. The validation pictures fit 0.83 best; a little more is a little less sure.
TEMPERATURE = 0.9


class MaskJudge:
    """Loads the shipped classifier. Not to be used by two threads at once."""

    def __init__(self) -> None:
        self._network = Network("mask.onnx", ("logits",))

    def shares(self, pixels: NDArray[np.uint8], box: Box) -> NDArray[np.float64]:
        """Calibrated shares that sum to 1, for what is in ``box``: ``LABELS``, then ``NO_FACE``."""
        logits = self.logits(pixels, box) / TEMPERATURE
        shares = np.exp(logits - logits.max())
        return np.asarray(shares / shares.sum(), np.float64)

    def logits(self, pixels: NDArray[np.uint8], box: Box) -> NDArray[np.float64]:
        """(4,) in the order of ``LABELS``, then ``NO_FACE``, before calibration."""
        (output,) = self._network.run(cut_face(pixels, box))
        return np.asarray(output[0], np.float64)
