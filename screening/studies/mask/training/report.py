"""What the shipped models do, as tables and plots for the model card."""

from __future__ import annotations

import json
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from screening.readings import FaceObservation, MaskLabel
from screening.studies.mask.evaluation import CALIBRATION_BINS, Evaluation, evaluate_pictures
from screening.studies.mask.training.conditions import all_conditions, prepared
from screening.vision.annotations import read_annotations, read_picture
from screening.vision.check import MaskCheck
from screening.vision.framed import ShownFaces

AS_TAKEN = "as taken"
# What a frame around a face is to change, and what it must not.
JUDGED_WITH_FRAMES = (AS_TAKEN, "face on a phone", "face on a poster")


class _WithFrames:
    """The check as a gate uses it: a face in a frame is nobody."""

    def __init__(self, check: MaskCheck) -> None:
        self._check = check

    def check(self, pixels: NDArray[np.uint8]) -> list[FaceObservation]:
        return ShownFaces().people(pixels, self._check.check(pixels), 0.0)


def report(folder: Path, out: Path) -> None:
    """Judges ``folder`` under every condition: ``conditions.md``, ``reliability.png`` in ``out``.

    Conditions are imitated on the folder's pictures, so their figures tell how the check bears
    them, not how often they happen. Where a face is only shown, every face found is a false one.
    """
    out.mkdir(parents=True, exist_ok=True)
    pictures = read_annotations(folder)
    check = MaskCheck()
    lines = [
        "| condition | faces | right | missed | wrongly *mask* | false faces |",
        "|---|---|---|---|---|---|",
    ]
    cloth = read_picture(pictures[0].path)
    for condition in tqdm(all_conditions(cloth), unit="condition"):
        result = evaluate_pictures(prepared(pictures, condition), check)
        lines.append(f"| {condition.name} | {_row(result)} |")
        if condition.name == AS_TAKEN:
            _plot_reliability(result, out / "reliability.png")
        if condition.name in JUDGED_WITH_FRAMES:
            result = evaluate_pictures(prepared(pictures, condition), _WithFrames(check))
            lines.append(f"| {condition.name}, faces in frames left out | {_row(result)} |")
    text = "\n".join(lines)
    (out / "conditions.md").write_text(text + "\n", encoding="utf-8")
    print(text)


def _row(result: Evaluation) -> str:
    faces = len(result.faces)
    wrongly = sum(
        face.given is MaskLabel.MASK and face.label is not MaskLabel.MASK for face in result.faces
    )
    bare = sum(face.label is not MaskLabel.MASK for face in result.faces)
    if not faces:
        return f"0 | – | – | – | {len(result.false_faces)} in {len(result.times_s)} pictures"
    missed = result.missed / faces
    return (
        f"{faces} | {100 * (result.accuracy or 0):.1f} % | {100 * missed:.1f} %"
        f" | {wrongly} of {bare} | {len(result.false_faces)}"
    )


def _plot_reliability(result: Evaluation, path: Path) -> None:
    found = [face for face in result.faces if face.confidence is not None]
    confidences = np.array([face.confidence for face in found])
    is_right = np.array([face.given is face.label for face in found])
    bins = np.minimum((confidences * CALIBRATION_BINS).astype(int), CALIBRATION_BINS - 1)
    figure, axes = plt.subplots(figsize=(5, 5), dpi=110)
    axes.plot([0, 1], [0, 1], color="0.7", linewidth=1)
    for one in np.unique(bins):
        chosen = bins == one
        count = int(chosen.sum())
        place = float(confidences[chosen].mean()), float(is_right[chosen].mean())
        axes.scatter(*place, s=20 + count / 2, color="#0f5c52")
        axes.annotate(str(count), place, textcoords="offset points", xytext=(6, -10), fontsize=8)
    axes.set(
        xlabel="stated confidence",
        ylabel="share that was right",
        xlim=(0.3, 1.02),
        ylim=(0, 1.02),
        title=f"Reliability of {len(found)} found faces; error {result.calibration_error or 0:.3f}",
    )
    figure.tight_layout()
    figure.savefig(path)
    plt.close(figure)


def plot_progress(progress: Path, path: Path) -> None:
    """The figures of ``progress.jsonl`` (one JSON object a validation) over the steps, as PNG."""
    rows = [json.loads(line) for line in progress.read_text(encoding="utf-8").splitlines()]
    names = [name for name in rows[-1] if name != "step"]
    figure, grid = plt.subplots(
        len(names), 1, figsize=(7, 1.6 * len(names)), dpi=100, sharex=True, squeeze=False
    )
    for name, axes in zip(names, grid[:, 0], strict=True):
        axes.plot([row["step"] for row in rows], [row[name] for row in rows], color="#0f5c52")
        axes.set_ylabel(name, rotation=0, ha="right", va="center", fontsize=8)
        axes.grid(color="0.9")
    grid[-1, 0].set_xlabel("step")
    figure.tight_layout()
    figure.savefig(path)
    plt.close(figure)
