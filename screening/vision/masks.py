"""Judges how one face wears its mask."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from screening.readings import Box, MaskLabel
from screening.vision.crop import cut_face
from screening.vision.network import Network

LABELS = (MaskLabel.MASK, MaskLabel.NO_MASK, MaskLabel.INCORRECT)
# Divides the logits; fitted on the validation pictures so that a confidence is a frequency.
TEMPERATURE = 1.0


class MaskJudge:
    """Loads the shipped classifier. Not to be used by two threads at once."""

    def __init__(self) -> None:
        self._network = Network("mask.onnx", ("logits",))

    def judge(self, pixels: NDArray[np.uint8], box: Box) -> tuple[MaskLabel, float]:
        """The label of the face in ``box`` of a BGR picture, and how sure it is (0 to 1)."""
        logits = self.logits(pixels, box) / TEMPERATURE
        shares = np.exp(logits - logits.max())
        shares /= shares.sum()
        best = int(shares.argmax())
        return LABELS[best], float(shares[best])

    def logits(self, pixels: NDArray[np.uint8], box: Box) -> NDArray[np.float64]:
        """(3,) in the order of ``LABELS``, before calibration."""
        (output,) = self._network.run(cut_face(pixels, box))
        return np.asarray(output[0], np.float64)
