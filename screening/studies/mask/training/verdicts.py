"""Measures the gate's verdicts, not single pictures, on imitated standing visitors."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from screening.readings import Box, FaceObservation, MaskLabel
from screening.studies.mask.evaluation import (
    LEAST_GATE_FACE_PX,
    LEAST_OVERLAP,
    REFERENCE_WIDTH_PX,
    Check,
)
from screening.studies.mask.training.pictures import is_for_choosing
from screening.studies.mask.training.standing import stand
from screening.temperature.statistics import wilson_interval
from screening.vision.annotations import (
    AnnotatedPicture,
    LabelledFace,
    read_annotations,
    read_picture,
)
from screening.vision.check import MaskCheck
from screening.vision.sequential import LABELS, SequentialTest
from screening.vision.window import MaskWindow

Pixels = NDArray[np.uint8]
EVERY_S = 0.125
# Whoever is not judged within two seconds is asked to face the camera.
PICTURES = 17
LONGEST_SIDE_PX = 480
INDEPENDENT_PICTURES = (0.75, 1.0, 1.25, 1.5, 2.0, 2.5, 3.0, 4.0)


@dataclass(frozen=True, slots=True)
class Visit:
    """A face with ``label``: the first verdict and its time, and each picture's probabilities.

    ``told`` and ``after_s`` are None where no verdict came.
    """

    label: MaskLabel
    told: MaskLabel | None
    after_s: float | None
    pictures: tuple[tuple[float, tuple[float, ...]], ...]


@dataclass(frozen=True, slots=True)
class Verdicts:
    """The visits of one folder."""

    visits: tuple[Visit, ...]

    def count(self, label: MaskLabel, told: MaskLabel | None) -> int:
        """Visits with this label that were told so (None: nothing)."""
        return sum(one.label is label and one.told is told for one in self.visits)

    def labelled(self, label: MaskLabel) -> int:
        """Visits with this label."""
        return sum(one.label is label for one in self.visits)

    @property
    def wrong_masks(self) -> tuple[int, int]:
        """Of those told *mask*, how many wore none or wore it wrong; and how many were told so."""
        told = [one.label is MaskLabel.MASK for one in self.visits if one.told is MaskLabel.MASK]
        return told.count(False), len(told)

    @property
    def wrong_refusals(self) -> tuple[int, int]:
        """Of those with a mask worn well, how many were told something else; and how many are."""
        masks = [one.told for one in self.visits if one.label is MaskLabel.MASK]
        return sum(told not in (MaskLabel.MASK, None) for told in masks), len(masks)

    def log_loss(self, most_pictures: float) -> float:
        """Of the posterior at the end, were pictures worth so many independent ones.

        Every label weighs the same, as the test takes them to be equally likely.
        """
        losses: dict[MaskLabel, list[float]] = {}
        for visit in self.visits:
            test = SequentialTest(most_pictures=most_pictures)
            for taken_at_s, shares in visit.pictures:
                test.add(shares, taken_at_s)
            if test.pictures > 1:
                share = test.posterior(visit.label)
                losses.setdefault(visit.label, []).append(-math.log(max(share, 1e-12)))
        return statistics.fmean(statistics.fmean(of_one) for of_one in losses.values())


def judge_visits(
    pictures: Iterable[tuple[AnnotatedPicture, Pixels]], check: Check, *, seed: int = 5
) -> Verdicts:
    """The gate's verdict on the largest face of each picture that a gate would judge."""
    visits = []
    for number, (picture, pixels) in enumerate(pictures):
        if not picture.faces:
            continue
        face = max(picture.faces, key=lambda one: one.box.area)
        side = min(face.box.w, face.box.h) * REFERENCE_WIDTH_PX / pixels.shape[1]
        if side >= LEAST_GATE_FACE_PX:
            rng = np.random.default_rng((seed, number))
            visits.append(_visit(*_small(pixels, face), check, rng))
    return Verdicts(tuple(visits))


def report_verdicts(folder: Path, *, only_choosing: bool) -> str:
    """Tables for the model card; of a training folder only the groups kept for choosing count."""
    pictures = [
        one for one in read_annotations(folder) if not only_choosing or is_for_choosing(one.group)
    ]
    loaded = ((one, read_picture(one.path)) for one in pictures)
    return as_text(judge_visits(loaded, MaskCheck()))


def as_text(verdicts: Verdicts) -> str:
    """What was told to whom, the two errors with their intervals, times, and the correlation."""
    columns: Sequence[MaskLabel | None] = (*LABELS, None)
    lines = [
        "| labelled | told mask | told no mask | told incorrect | unsure |",
        "|---|---|---|---|---|",
    ]
    for label in LABELS:
        counts = " | ".join(str(verdicts.count(label, told)) for told in columns)
        lines.append(f"| {label.value} ({verdicts.labelled(label)}) | {counts} |")
    times = [one.after_s for one in verdicts.visits if one.after_s is not None]
    lines += [
        "",
        f"Told *mask* wrongly: {_share(*verdicts.wrong_masks)}.",
        f"Masks sent back: {_share(*verdicts.wrong_refusals)}.",
        f"Judged within {EVERY_S * (PICTURES - 1):g} s: {_share(len(times), len(verdicts.visits))};"
        f" median {statistics.median(times):.2f} s." if times else "Nobody was judged.",
        "",
        "| independent pictures | log loss of the posterior |",
        "|---|---|",
        *(f"| {most:g} | {verdicts.log_loss(most):.3f} |" for most in INDEPENDENT_PICTURES),
    ]  # fmt: skip
    return "\n".join(lines)


def _visit(pixels: Pixels, face: LabelledFace, check: Check, rng: np.random.Generator) -> Visit:
    window = MaskWindow()
    told, after_s = None, None
    seen: list[tuple[float, tuple[float, ...]]] = []
    for taken_at_s, picture in stand(pixels, face.box, rng, pictures=PICTURES, every_s=EVERY_S):
        faces = check.check(picture)
        size = (picture.shape[1], picture.shape[0])
        reading = window.add(faces, size, taken_at_s)
        if told is None and reading.label is not None:
            told, after_s = reading.label, taken_at_s
        seen += [(taken_at_s, shares) for shares in _shares_of(face.box, faces)]
    return Visit(face.label, told, after_s, tuple(seen))


def _shares_of(box: Box, faces: Sequence[FaceObservation]) -> Iterator[tuple[float, ...]]:
    """The probabilities of what was found where the face is; nothing where it was missed."""
    nearest = max(faces, key=lambda face: face.box.overlap(box), default=None)
    if nearest is None or nearest.box.overlap(box) < LEAST_OVERLAP:
        return
    if nearest.probabilities is not None:
        yield nearest.probabilities


def _small(pixels: Pixels, face: LabelledFace) -> tuple[Pixels, LabelledFace]:
    """No larger than a gate camera's picture, which is as much as the check looks at."""
    scale = min(1.0, LONGEST_SIDE_PX / max(pixels.shape[:2]))
    size = (max(1, round(pixels.shape[1] * scale)), max(1, round(pixels.shape[0] * scale)))
    box = face.box
    small = Box(box.x * scale, box.y * scale, box.w * scale, box.h * scale)
    shrunk = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
    return np.asarray(shrunk, np.uint8), replace(face, box=small)


def _share(part: int, whole: int) -> str:
    if not whole:
        return "none of none"
    low, high = wilson_interval(part, whole)
    return f"{part} of {whole} = {part / whole:.1%} (95 %: {low:.1%} to {high:.1%})"
