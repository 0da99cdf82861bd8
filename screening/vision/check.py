"""From one picture to its faces and how each wears its mask."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from screening.readings import FaceObservation
from screening.vision.faces import LEAST_SCORE, Face, FaceFinder
from screening.vision.last_layer import LastLayer
from screening.vision.masks import LABELS, NO_FACE, MaskJudge


class MaskCheck:
    """Loads the shipped models; each thread needs a check of its own.

    A face's score is the detector's times the classifier's share for it being a face at all; below
    ``least_score`` it is left out.
    """

    def __init__(
        self, *, least_score: float = LEAST_SCORE, last_layer: LastLayer | None = None
    ) -> None:
        self._least_score = least_score
        self._finder = FaceFinder()
        self._judge = MaskJudge(last_layer)

    def check(self, pixels: NDArray[np.uint8]) -> list[FaceObservation]:
        """The faces in a (height, width, 3) BGR picture of any size, surest face first.

        Raises ValueError for anything that is not such a picture. The networks run on the caller's
        thread alone.
        """
        if pixels.dtype != np.uint8 or pixels.ndim != 3 or pixels.shape[2] != 3 or not pixels.size:
            raise ValueError(
                "a picture must be (height, width, 3) uint8 in BGR order,"
                f" not {pixels.shape} {pixels.dtype}"
            )
        faces = self._finder.find(pixels, self._least_score)
        judged = [self._observe(pixels, face) for face in faces]
        kept = [face for face in judged if face.face_score >= self._least_score]
        return sorted(kept, key=lambda face: face.face_score, reverse=True)

    def _observe(self, pixels: NDArray[np.uint8], face: Face) -> FaceObservation:
        shares = self._judge.shares(pixels, face.box)
        best = int(shares[:NO_FACE].argmax())
        # The labels' probabilities are their shares among faces only.
        is_face = float(shares[:NO_FACE].sum())
        mask, no_mask, incorrect = (float(share) / is_face for share in shares[:NO_FACE])
        probabilities = (mask, no_mask, incorrect)
        return FaceObservation(
            face.box, LABELS[best], probabilities[best], face.score * is_face, probabilities
        )
