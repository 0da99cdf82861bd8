"""From one picture to its faces and how each wears its mask."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from screening.readings import FaceObservation
from screening.vision.faces import LEAST_SCORE, FaceFinder
from screening.vision.masks import MaskJudge
from screening.vision.network import one_thread


class MaskCheck:
    """Loads the shipped models; each thread needs a check of its own."""

    def __init__(self, *, least_score: float = LEAST_SCORE) -> None:
        self._least_score = least_score
        self._finder = FaceFinder()
        self._judge = MaskJudge()

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
                FaceObservation(face.box, *self._judge.judge(pixels, face.box), face.score)
                for face in self._finder.find(pixels, self._least_score)
            ]
