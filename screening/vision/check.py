"""From one picture to its faces and how each wears its mask."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from screening.readings import Box, FaceObservation, MaskLabel
from screening.vision.crop import cut_face
from screening.vision.faces import FaceFinder
from screening.vision.network import Network, one_thread

LABELS = (MaskLabel.MASK, MaskLabel.NO_MASK, MaskLabel.INCORRECT)
# Divides the logits; fitted on the validation pictures so that a confidence is a frequency.
TEMPERATURE = 1.0


class MaskCheck:
    """Loads the shipped models; each thread needs a check of its own."""

    def __init__(self) -> None:
        self._finder = FaceFinder()
        self._classifier = Network("mask.onnx", ("logits",))

    def check(self, pixels: NDArray[np.uint8]) -> list[FaceObservation]:
        """The faces in a (height, width, 3) BGR picture of any size, surest face first.

        Raises ValueError for anything that is not such a picture. Works on one thread; OpenCV's
        number of threads is as before when it returns.
        """
        if pixels.dtype != np.uint8 or pixels.ndim != 3 or pixels.shape[2] != 3 or not pixels.size:
            raise ValueError(
                "a picture must be (height, width, 3) uint8 in BGR order,"
                f" not {pixels.shape} {pixels.dtype}"
            )
        with one_thread():
            return [
                FaceObservation(face.box, *self._judge(pixels, face.box), face_score=face.score)
                for face in self._finder.find(pixels)
            ]

    def _judge(self, pixels: NDArray[np.uint8], box: Box) -> tuple[MaskLabel, float]:
        logits = self._classifier.run(cut_face(pixels, box))[0][0].astype(np.float64) / TEMPERATURE
        shares = np.exp(logits - logits.max())
        shares /= shares.sum()
        best = int(shares.argmax())
        return LABELS[best], float(shares[best])
