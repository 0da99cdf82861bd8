"""Writes averaged weights as ONNX: batch norms folded in, weights as half floats."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import Tensor, nn

from screening.readings import MaskLabel
from screening.studies.mask.training.networks import (
    DETECTOR_STRIDES,
    PIXEL_MEAN,
    PIXEL_RANGE,
    FaceDetector,
    InvertedResidual,
    MaskClassifier,
    Residual,
    SamePaddedConvolution,
)
from screening.studies.mask.training.pictures import LABELS

OPSET = 17
INCORRECT_SHIFT = -0.4
"""Added to the logit of a badly worn mask: they are 17 of 100 faces drawn in training and about 6
in life. The whole difference, log(6/17) = -1.0, lets more of them pass; so much lets none more pass
of the groups kept for choosing and stops fewer good masks."""
IR_VERSION = 8


class _Graph:
    """Collects nodes and weights of a network made of convolutions, sums and enlargements."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.weights: list[onnx.TensorProto] = []

    def add(self, kind: str, inputs: list[str], **attributes: object) -> str:
        output = f"{kind.lower()}{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, inputs, [output], **attributes))
        return output

    def constant(self, values: Tensor | np.ndarray) -> str:
        """A weight, stored as a half float and widened when the network is loaded."""
        array = values.detach().numpy() if isinstance(values, Tensor) else values
        name = f"weight{len(self.weights)}"
        self.weights.append(numpy_helper.from_array(array.astype(np.float16), name))
        return self.add("Cast", [name], to=TensorProto.FLOAT)

    def convolution(self, x: str, layer: nn.Conv2d, norm: nn.BatchNorm2d | None) -> str:
        weight = layer.weight.detach()
        bias = torch.zeros(layer.out_channels) if layer.bias is None else layer.bias.detach()
        if norm is not None:
            assert norm.running_var is not None
            assert norm.running_mean is not None
            scale = norm.weight / (norm.running_var + norm.eps).sqrt()
            weight = weight * scale[:, None, None, None]
            bias = norm.bias + (bias - norm.running_mean) * scale
        before = after = int(layer.padding[0])
        if isinstance(layer, SamePaddedConvolution):
            before, after = layer.before, layer.after
        return self.add(
            "Conv",
            [x, self.constant(weight), self.constant(bias)],
            kernel_shape=list(layer.kernel_size),
            strides=list(layer.stride),
            pads=[before, before, after, after],
            group=layer.groups,
        )

    def layers(self, x: str, module: nn.Module) -> str:
        """A convolution with its norm and what follows it, a residual, or a sequence of them."""
        if isinstance(module, Residual):
            inner = self.layers(self.layers(x, module.first), module.second)
            return self.add("Relu", [self.add("Add", [x, inner])])
        if isinstance(module, InvertedResidual):
            inner = self.layers(x, module.expand)
            inner = self.layers(self.layers(inner, module.depthwise), module.project)
            return self.add("Add", [x, inner]) if module.is_residual else inner
        assert isinstance(module, nn.Sequential)
        parts = list(module)
        if parts and isinstance(parts[0], nn.Conv2d):
            convolution, norm, *then = parts
            assert isinstance(convolution, nn.Conv2d)
            assert isinstance(norm, nn.BatchNorm2d)
            x = self.convolution(x, convolution, norm)
            return self._limit(x, then[0]) if then else x
        for part in parts:
            x = self.layers(x, part)
        return x

    def _limit(self, x: str, layer: nn.Module) -> str:
        if isinstance(layer, nn.ReLU6):
            ends = [self.constant(np.array(end)) for end in (0.0, 6.0)]
            return self.add("Clip", [x, *ends])
        assert isinstance(layer, nn.ReLU)
        return self.add("Relu", [x])

    def save(self, path: Path, input_shape: list[object], outputs: dict[str, list[object]]) -> None:
        float_type = TensorProto.FLOAT
        graph = helper.make_graph(
            self.nodes,
            path.stem,
            [helper.make_tensor_value_info("pixels", float_type, input_shape)],
            [helper.make_tensor_value_info(k, float_type, shape) for k, shape in outputs.items()],
            self.weights,
        )
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)])
        model.ir_version = IR_VERSION
        onnx.checker.check_model(model)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(model.SerializeToString())


def export_detector(checkpoint: Path, path: Path) -> None:
    """``pixels`` (1, 3, H, W) in 0..1 BGR to ``at8``, ``at16``, ``at32``: (1, 5, H/s, W/s)."""
    network = FaceDetector()
    network.load_state_dict(torch.load(checkpoint, weights_only=True)["average"])
    graph = _Graph()
    at8 = graph.layers(graph.layers("pixels", network.stem), network.stage8)
    at16 = graph.layers(at8, network.stage16)
    at32 = graph.layers(at16, network.stage32)
    neck32 = graph.layers(at32, network.lateral32)
    neck16 = graph.add("Add", [graph.layers(at16, network.lateral16), _double(graph, neck32)])
    neck8 = graph.add("Add", [graph.layers(at8, network.lateral8), _double(graph, neck16)])
    outputs: dict[str, list[object]] = {}
    for index, (stride, neck) in enumerate(
        zip(DETECTOR_STRIDES, (neck8, neck16, neck32), strict=True)
    ):
        inner = graph.layers(neck, network.heads[index])
        final = network.outputs[index]
        assert isinstance(final, nn.Conv2d)
        graph.convolution(inner, final, None)
        graph.nodes[-1].output[0] = f"at{stride}"
        outputs[f"at{stride}"] = [1, 5, f"rows{stride}", f"columns{stride}"]
    graph.save(path, [1, 3, "height", "width"], outputs)


def export_classifier(checkpoint: Path, path: Path) -> None:
    """``pixels`` (N, 3, 96, 96) in 0..1 BGR to ``features`` (N, F), and the last layer's numbers.

    The layer itself, ``features`` times ``last_weights`` (4, F) plus ``last_bias`` (4,), is left to
    the caller, who may have fitted another to the camera of a site.
    """
    network = MaskClassifier()
    network.load_state_dict(torch.load(checkpoint, weights_only=True)["average"])
    graph = _Graph()
    scale, shift = 255.0 / PIXEL_RANGE, -PIXEL_MEAN / PIXEL_RANGE
    scaled = graph.add("Mul", ["pixels", graph.constant(np.array(scale))])
    x = graph.add("Add", [scaled, graph.constant(np.array(shift))])
    for part in (network.stem, network.kept, network.trained):
        x = graph.layers(x, part)
    features = graph.add("GlobalAveragePool", [x])
    graph.nodes.append(helper.make_node("Flatten", [features], ["features"], axis=1))
    outputs: dict[str, list[object]] = {"features": ["count", network.output.in_features]}
    bias = network.output.bias.detach().clone()
    bias[LABELS.index(MaskLabel.INCORRECT)] += INCORRECT_SHIFT
    for name, values in (("last_weights", network.output.weight), ("last_bias", bias)):
        graph.constant(values)
        graph.nodes[-1].output[0] = name
        outputs[name] = list(values.shape)
    graph.save(path, ["count", 3, 96, 96], outputs)


def _double(graph: _Graph, x: str) -> str:
    scales = numpy_helper.from_array(np.array([1, 1, 2, 2], np.float32), f"{x}_scales")
    graph.weights.append(scales)
    return graph.add(
        "Resize",
        [x, "", scales.name],
        mode="nearest",
        nearest_mode="floor",
        coordinate_transformation_mode="asymmetric",
    )
