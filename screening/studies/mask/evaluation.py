"""Measures the mask check on labelled pictures; the counting rules are in ``evaluate``."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from screening.readings import Box, FaceObservation, MaskLabel
from screening.vision.annotations import (
    AnnotatedPicture,
    LabelledFace,
    read_annotations,
    read_picture,
)

# Sizes are the shorter side of the face's box, scaled to a picture 640 pixels wide.
REFERENCE_WIDTH_PX = 640
LEAST_FACE_PX = 32
LEAST_GATE_FACE_PX = 64
LEAST_OVERLAP = 0.3
MOST_AREA_RATIO = 3.3
CALIBRATION_BINS = 10


class Check(Protocol):
    """Whatever finds faces and judges masks."""

    def check(self, pixels: NDArray[np.uint8]) -> list[FaceObservation]: ...


@dataclass(frozen=True, slots=True)
class JudgedFace:
    """A counted labelled face and what the check said of it.

    ``given`` and its ``confidence`` (0 to 1) are None for a missed face.
    """

    label: MaskLabel
    given: MaskLabel | None
    confidence: float | None
    is_gate_face: bool


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Every counted face with its verdict, false faces' labels, and each picture's time."""

    faces: tuple[JudgedFace, ...]
    false_faces: tuple[MaskLabel, ...]
    times_s: tuple[float, ...]

    @property
    def missed(self) -> int:
        """Labelled faces that nothing was found at."""
        return sum(face.given is None for face in self.faces)

    @property
    def accuracy(self) -> float | None:
        """Share of labelled faces found and labelled rightly; None without faces."""
        return _share([face.given is face.label for face in self.faces])

    @property
    def gate_accuracy(self) -> float | None:
        """The same for the largest labelled face of each picture that a gate would judge."""
        return _share([face.given is face.label for face in self.faces if face.is_gate_face])

    def recall(self, label: MaskLabel) -> float | None:
        """Share of the faces with this label that were found and given it."""
        return _share([face.given is label for face in self.faces if face.label is label])

    def precision(self, label: MaskLabel) -> float | None:
        """Share of what was given this label that deserves it; false faces do not."""
        given = [face.label is label for face in self.faces if face.given is label]
        return _share(given + [False for false in self.false_faces if false is label])

    def count(self, label: MaskLabel, given: MaskLabel | None) -> int:
        """How many faces with ``label`` were given ``given`` (None: missed)."""
        return sum(face.label is label and face.given is given for face in self.faces)

    @property
    def calibration_error(self) -> float | None:
        """Expected calibration error of found faces over ten equal bins (Naeini et al. 2015)."""
        bins: dict[int, list[tuple[float, bool]]] = {}
        for face in self.faces:
            if face.confidence is not None:
                place = min(int(face.confidence * CALIBRATION_BINS), CALIBRATION_BINS - 1)
                bins.setdefault(place, []).append((face.confidence, face.given is face.label))
        found = sum(len(one) for one in bins.values())
        gaps = [
            abs(sum(stated for stated, _ in one) - sum(right for _, right in one))
            for one in bins.values()
        ]
        return sum(gaps) / found if found else None

    def to_json(self) -> dict[str, object]:
        """Plain values; a share of nothing is None."""
        return {
            "n": len(self.faces),
            "missed": self.missed,
            "accuracy": self.accuracy,
            "recall": {label.value: self.recall(label) for label in MaskLabel},
            "precision": {label.value: self.precision(label) for label in MaskLabel},
            "confusion": {
                label.value: {
                    **{given.value: self.count(label, given) for given in MaskLabel},
                    "missed": self.count(label, None),
                }
                for label in MaskLabel
            },
            "incorrect_as_mask": self.count(MaskLabel.INCORRECT, MaskLabel.MASK),
            "false_faces": len(self.false_faces),
            "gate_accuracy": self.gate_accuracy,
            "p50_ms": statistics.median(self.times_s) * 1000 if self.times_s else None,
        }


def evaluate(
    folder: Path, check: Check, *, timer: Callable[[], float] = time.perf_counter
) -> Evaluation:
    """Runs ``check`` on every picture of ``folder``.

    A detection matches a labelled face at IoU 0.3, or when its centre lies in the labelled box and
    the areas differ by less than 3.3 times; one detection a face, surest first. Faces under 32
    pixels and those of ``ignore.csv`` count nowhere, nor do detections that small. Raises
    EvaluationError for a folder, table or picture that cannot be read.
    """
    pictures = ((one, read_picture(one.path)) for one in read_annotations(folder))
    return evaluate_pictures(pictures, check, timer=timer)


def evaluate_pictures(
    pictures: Iterable[tuple[AnnotatedPicture, NDArray[np.uint8]]],
    check: Check,
    *,
    timer: Callable[[], float] = time.perf_counter,
) -> Evaluation:
    """The same for pictures at hand, whose pixels may differ from what lies at their path."""
    faces: list[JudgedFace] = []
    false_faces: list[MaskLabel] = []
    times_s: list[float] = []
    for picture, pixels in pictures:
        began = timer()
        found = check.check(pixels)
        times_s.append(timer() - began)
        judged, false = _judge(picture, found, width=pixels.shape[1])
        faces += judged
        false_faces += false
    return Evaluation(tuple(faces), tuple(false_faces), tuple(times_s))


def _judge(
    picture: AnnotatedPicture, found: Sequence[FaceObservation], *, width: int
) -> tuple[list[JudgedFace], list[MaskLabel]]:
    def side_px(box: Box) -> float:
        return min(box.w, box.h) * REFERENCE_WIDTH_PX / width

    counted = [face for face in picture.faces if side_px(face.box) >= LEAST_FACE_PX]
    excused = [face.box for face in picture.faces if side_px(face.box) < LEAST_FACE_PX]
    excused += picture.ignored
    given: dict[int, FaceObservation] = {}
    false: list[MaskLabel] = []
    for one in sorted(found, key=lambda face: face.face_score, reverse=True):
        index = _best_match(one.box, counted, taken=given.keys())
        if index is not None:
            given[index] = one
        elif side_px(one.box) >= LEAST_FACE_PX and not any(
            _matches(one.box, box) for box in excused
        ):
            false.append(one.label)
    largest = max(range(len(counted)), key=lambda index: counted[index].box.area, default=-1)
    return [
        JudgedFace(
            face.label,
            given[index].label if index in given else None,
            given[index].confidence if index in given else None,
            is_gate_face=index == largest and side_px(face.box) >= LEAST_GATE_FACE_PX,
        )
        for index, face in enumerate(counted)
    ], false


def _best_match(box: Box, faces: Sequence[LabelledFace], *, taken: Collection[int]) -> int | None:
    best, best_overlap = None, -1.0
    for index, face in enumerate(faces):
        if index in taken or not _matches(box, face.box):
            continue
        overlap = box.overlap(face.box)
        if overlap > best_overlap:
            best, best_overlap = index, overlap
    return best


def _matches(found: Box, labelled: Box) -> bool:
    if found.overlap(labelled) >= LEAST_OVERLAP:
        return True
    x, y = found.x + found.w / 2, found.y + found.h / 2
    is_inside = (
        labelled.x <= x <= labelled.x + labelled.w and labelled.y <= y <= labelled.y + labelled.h
    )
    larger, smaller = max(found.area, labelled.area), min(found.area, labelled.area)
    return is_inside and larger < MOST_AREA_RATIO * smaller


def _share(claims: Sequence[bool]) -> float | None:
    return sum(claims) / len(claims) if claims else None
