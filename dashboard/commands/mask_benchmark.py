"""``gerbang mask benchmark``: what each stage of the mask check takes, beside YuNet."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import cv2
import numpy as np
import typer
from numpy.typing import NDArray

from dashboard.commands.bench import machine
from dashboard.commands.shared import JsonOption, UsageError, answer
from drivers.simulated.portrait import draw_visitor
from screening.vision.check import MaskCheck
from screening.vision.faces import FaceFinder
from screening.vision.masks import MaskJudge

WARM_UP_ROUNDS = 5
# What the peer was trained for, and the fairest size for a gate: larger ones lose close faces.
PEER_SIDE_PX = 320
PEER_LEAST_SCORE = 0.6
USUAL_PEER = Path("../shared/data/masks/yunet_n_320_320.onnx")

Pixels = NDArray[np.uint8]
PeerOption = Annotated[
    Path | None,
    typer.Option("--yunet", help="YuNet's ONNX file [default: where the mask pictures keep it]."),
]
RoundsOption = Annotated[int, typer.Option("--rounds", min=1, help="Pictures to time.")]


def benchmark(
    peer: PeerOption = None, rounds: RoundsOption = 200, as_json: JsonOption = False
) -> None:
    """Time the mask check on a drawn 640×480 visitor, one thread, against YuNet in the same run.

    Every round does each stage once, so that whatever else the machine does slows all alike. YuNet
    only finds faces; "whole" finds them and judges the mask.

    Example: gerbang mask benchmark --json
    """
    if peer is not None and not peer.is_file():
        raise UsageError(f"{peer} is not a file")
    if peer is None and USUAL_PEER.is_file():
        peer = USUAL_PEER
    threads = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        values = _measure(peer, rounds)
    finally:
        cv2.setNumThreads(threads)
    answer(values, "\n".join(f"{key}: {value}" for key, value in values.items()), as_json=as_json)


def _measure(peer: Path | None, rounds: int) -> dict[str, Any]:
    picture = draw_visitor("mask", rng=np.random.default_rng(1))
    check, finder, judge = MaskCheck(), FaceFinder(), MaskJudge()
    box = finder.find(picture)[0].box
    stages: dict[str, Callable[[], object]] = {
        "find_faces_ms": lambda: finder.find(picture),
        "judge_mask_ms": lambda: judge.shares(picture, box),
        "whole_ms": lambda: check.check(picture),
    }
    if peer is not None:
        stages["yunet_ms"] = _peer_stage(peer, picture)
    times_s: dict[str, list[float]] = {name: [] for name in stages}
    for turn in range(WARM_UP_ROUNDS + rounds):
        for name, stage in stages.items():
            began = time.perf_counter()
            stage()
            if turn >= WARM_UP_ROUNDS:
                times_s[name].append(time.perf_counter() - began)
    medians = {name: 1000 * statistics.median(times) for name, times in times_s.items()}
    ratio = None if peer is None else round(medians["whole_ms"] / medians["yunet_ms"], 3)
    height, width = picture.shape[:2]
    return {
        "picture": f"{width}x{height}",
        "threads": 1,
        "rounds": rounds,
        **{name: round(value, 3) for name, value in medians.items()},
        "ratio_to_yunet": ratio,
        "machine": machine(),
    }


def _peer_stage(peer: Path, picture: Pixels) -> Callable[[], object]:
    """YuNet on the same picture, shrunk to 320 on its longer side as the check shrinks it."""
    height, width = picture.shape[:2]
    scale = PEER_SIDE_PX / max(height, width)
    size = (round(width * scale), round(height * scale))
    try:
        detector = cv2.FaceDetectorYN.create(str(peer), "", size, PEER_LEAST_SCORE)
    except cv2.error as error:
        raise UsageError(f"{peer} is not a YuNet model that OpenCV can load") from error

    def find() -> object:
        return detector.detect(cv2.resize(picture, size, interpolation=cv2.INTER_AREA))

    return find
