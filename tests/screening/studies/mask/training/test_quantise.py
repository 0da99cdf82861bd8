"""Networks in whole numbers: faster, and the same on every processor."""

from __future__ import annotations

import csv
from pathlib import Path

import cv2
import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the training dependencies are not installed")
onnx = pytest.importorskip("onnx", reason="the training dependencies are not installed")

import onnxruntime  # noqa: E402
from onnx import TensorProto, numpy_helper  # noqa: E402

from screening.studies.mask.training.export import export_classifier, export_detector  # noqa: E402
from screening.studies.mask.training.networks import FaceDetector, MaskClassifier  # noqa: E402
from screening.studies.mask.training.quantise import quantise  # noqa: E402

COLUMNS = ("file", "x", "y", "w", "h", "label", "source", "group", "box_src", "yunet_score")
OUTPUTS = {"detector": ["at8", "at16", "at32"], "classifier": ["features"]}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Training pictures of coloured blobs, each with a box that is called a face."""
    rng = np.random.default_rng(4)
    with (tmp_path / "annotations.csv").open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow(COLUMNS)
        for number in range(60):
            coarse = rng.integers(0, 256, (6, 8, 3)).astype(np.uint8)
            cv2.imwrite(str(tmp_path / f"{number}.png"), cv2.resize(coarse, (320, 240)))
            box = (80, 60, 100, 120)
            table.writerow((f"{number}.png", *box, "mask", "s", f"g{number}", "annot", 0))
    return tmp_path


@pytest.mark.parametrize("name", ["detector", "classifier"])
def test_a_quantised_network_says_nearly_the_same_in_seven_bits(
    name: str, folder: Path, tmp_path: Path
) -> None:
    torch.manual_seed(2)
    is_detector = name == "detector"
    network = FaceDetector() if is_detector else MaskClassifier()
    checkpoint, path = tmp_path / "checkpoint.pt", tmp_path / "network.onnx"
    torch.save({"average": network.state_dict()}, checkpoint)
    (export_detector if is_detector else export_classifier)(checkpoint, path)
    pixels = cv2.dnn.blobFromImage(cv2.imread(str(folder / "7.png"))[:96, :96], 1 / 255)
    before = _answers(path, name, pixels)
    quantise(path, folder, is_detector=is_detector)
    after = _answers(path, name, pixels)
    likeness = np.corrcoef(before, after)[0, 1]
    assert likeness > 0.95
    whole = [
        numpy_helper.to_array(weights)
        for weights in onnx.load(path).graph.initializer
        if weights.data_type == TensorProto.INT8
    ]
    # Without VNNI a processor adds two products in 16 bits, which eight bits would overflow.
    assert 0 < max(int(np.abs(weights.astype(int)).max()) for weights in whole) <= 64


def _answers(path: Path, name: str, pixels: np.ndarray) -> np.ndarray:
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    outputs = session.run(OUTPUTS[name], {"pixels": pixels})
    return np.concatenate([output.ravel() for output in outputs])
