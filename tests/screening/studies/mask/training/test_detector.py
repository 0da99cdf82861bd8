"""Which cells of the detector answer for which face; needs the training dependencies."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the training dependencies are not installed")

from screening.studies.mask.training.detector import (  # noqa: E402
    assign,
    boxes_of,
    cells_of,
    detection_loss,
    flatten,
    generalised_overlap,
)
from screening.studies.mask.training.networks import FaceDetector  # noqa: E402

NOTHING = torch.zeros((0, 4))


@pytest.mark.parametrize(("side", "stride"), [(20.0, 8), (80.0, 16), (200.0, 32)])
def test_a_face_is_given_to_the_cells_of_its_size(side: float, stride: int) -> None:
    cells = cells_of(256, 320)
    box = torch.tensor([[100.0, 40.0, 100.0 + side, 40.0 + side]])
    owner, background = assign(box, NOTHING, cells)
    chosen = owner >= 0
    assert chosen.any()
    assert set(cells.stride[chosen].tolist()) == {float(stride)}
    assert not background[chosen].any()


def test_cells_in_an_ignored_face_are_no_background() -> None:
    cells = cells_of(256, 320)
    owner, background = assign(NOTHING, torch.tensor([[100.0, 40.0, 180.0, 120.0]]), cells)
    assert (owner < 0).all()
    inside = (cells.x > 100) & (cells.x < 180) & (cells.y > 40) & (cells.y < 120)
    assert (background == ~inside).all()


def test_the_network_has_an_output_for_every_cell() -> None:
    cells = cells_of(64, 96)
    outputs = flatten(FaceDetector()(torch.zeros(2, 3, 64, 96)))
    assert outputs.shape == (2, len(cells.x), 5)
    assert boxes_of(outputs, cells).shape == (2, len(cells.x), 4)


def test_a_perfect_box_has_overlap_one() -> None:
    box = torch.tensor([[1.0, 2.0, 30.0, 40.0]])
    overlap, generalised = generalised_overlap(box, box)
    assert overlap.item() == pytest.approx(1.0)
    assert generalised.item() == pytest.approx(1.0)


def test_the_loss_of_a_picture_without_faces_is_finite_and_has_a_gradient() -> None:
    network, cells = FaceDetector(), cells_of(64, 64)
    loss = detection_loss(flatten(network(torch.rand(1, 3, 64, 64))), [(NOTHING, NOTHING)], cells)
    loss.backward()
    assert torch.isfinite(loss)


def test_the_exported_detector_says_the_same(tmp_path: Path) -> None:
    pytest.importorskip("onnx", reason="the training dependencies are not installed")
    import onnxruntime

    from screening.studies.mask.training.export import export_detector

    torch.manual_seed(1)
    network = FaceDetector().eval()
    checkpoint, path = tmp_path / "checkpoint.pt", tmp_path / "face.onnx"
    torch.save({"average": network.state_dict()}, checkpoint)
    export_detector(checkpoint, path)
    pixels = torch.rand(1, 3, 96, 96)
    with torch.no_grad():
        expected = network(pixels)
    loaded = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    answers = loaded.run(["at8", "at16", "at32"], {"pixels": pixels.numpy()})
    for ours, theirs in zip(expected, answers, strict=True):
        assert np.abs(ours.numpy() - theirs).max() < 0.02
