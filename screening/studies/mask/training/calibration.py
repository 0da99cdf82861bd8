"""Chooses the shipped models' constants on pictures kept out of training for that."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from screening.studies.mask.evaluation import evaluate_pictures
from screening.studies.mask.training.pictures import is_for_choosing
from screening.vision.annotations import read_annotations, read_picture
from screening.vision.check import MaskCheck
from screening.vision.masks import LABELS, MaskJudge

LEAST_SCORES = (0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5)
TEMPERATURES = np.geomspace(0.3, 3.0, 60)


def calibrate(folder: Path) -> None:
    """Prints what each least score would give, and the temperature that fits best.

    ``folder`` is the training folder; only its groups for choosing are used.
    """
    pictures = [one for one in read_annotations(folder) if is_for_choosing(one.group)]
    loaded = [(picture, read_picture(picture.path)) for picture in pictures]
    print("score  missed  false  accuracy")
    for least_score in LEAST_SCORES:
        result = evaluate_pictures(loaded, MaskCheck(least_score=least_score))
        print(
            f"{least_score:5.2f}  {result.missed:6d}  {len(result.false_faces):5d}"
            f"  {result.accuracy or 0.0:.4f}"
        )
    judge = MaskJudge()
    logits, answers_index = [], []
    for picture, pixels in loaded:
        for face in picture.faces:
            logits.append(judge.logits(pixels, face.box))
            answers_index.append(LABELS.index(face.label))
    losses = [
        _negative_log_likelihood(np.array(logits) / temperature, np.array(answers_index))
        for temperature in TEMPERATURES
    ]
    best = int(np.argmin(losses))
    print(f"temperature {TEMPERATURES[best]:.2f}  loss {losses[best]:.4f}")


def _negative_log_likelihood(logits: NDArray[np.float64], labels: NDArray[np.int64]) -> float:
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_shares = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return float(-log_shares[np.arange(len(labels)), labels].mean())
