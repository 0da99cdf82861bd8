"""The mask classifier between its training and its shipped form."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnxruntime
import pytest

torch = pytest.importorskip("torch", reason="the training dependencies are not installed")
pytest.importorskip("onnx", reason="the training dependencies are not installed")

from screening.studies.mask.training.export import INCORRECT_SHIFT, export_classifier  # noqa: E402
from screening.studies.mask.training.networks import MaskClassifier  # noqa: E402
from screening.studies.mask.training.pretrained import load_pretrained  # noqa: E402


@pytest.fixture
def network() -> MaskClassifier:
    torch.manual_seed(3)
    network = MaskClassifier()
    for layer in network.modules():
        if isinstance(layer, torch.nn.BatchNorm2d):  # as after a training: not 0 and 1
            layer.running_mean.uniform_(-0.2, 0.2)
            layer.running_var.uniform_(0.5, 1.5)
    network.eval()
    return network


def test_the_shipped_form_sees_what_was_trained(network: MaskClassifier, tmp_path: Path) -> None:
    checkpoint, onnx = tmp_path / "checkpoint.pt", tmp_path / "mask.onnx"
    torch.save({"average": network.state_dict()}, checkpoint)
    export_classifier(checkpoint, onnx)
    pixels = np.random.default_rng(1).random((1, 3, 96, 96), dtype=np.float32)
    session = onnxruntime.InferenceSession(onnx, providers=["CPUExecutionProvider"])
    features, weights, bias = session.run(
        ["features", "last_weights", "last_bias"], {"pixels": pixels}
    )
    with torch.no_grad():
        trained = network.features(torch.from_numpy(pixels)).numpy()
        logits = network(torch.from_numpy(pixels)).numpy()
    spread = float(trained.std())
    np.testing.assert_allclose(features, trained, atol=0.02 * spread)
    shift = np.array([0.0, 0.0, INCORRECT_SHIFT, 0.0])
    np.testing.assert_allclose(features @ weights.T + bias, logits + shift, atol=0.02)


def test_the_first_layers_stay_as_they_were_loaded(network: MaskClassifier) -> None:
    before = {name: value.clone() for name, value in network.state_dict().items()}
    network.train()
    optimiser = torch.optim.SGD(
        [value for value in network.parameters() if value.requires_grad], lr=0.1
    )
    network(torch.rand(4, 3, 96, 96)).square().sum().backward()
    optimiser.step()
    after = network.state_dict()
    changed = {name.split(".")[0] for name in after if not torch.equal(after[name], before[name])}
    assert changed == {"trained", "output"}


def test_weights_of_another_network_are_refused(network: MaskClassifier, tmp_path: Path) -> None:
    other = tmp_path / "other.pth"
    torch.save({"fc.weight": torch.zeros(2, 2)}, other)
    with pytest.raises(KeyError):
        load_pretrained(network, other)
