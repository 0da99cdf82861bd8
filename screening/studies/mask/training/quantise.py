"""Turns an exported network's arithmetic into whole numbers of eight bits, a third faster."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static

from screening.studies.mask.training.pictures import is_for_choosing
from screening.vision.annotations import AnnotatedPicture, read_annotations, read_picture
from screening.vision.crop import cut_face
from screening.vision.faces import canvas_of

EVERY_PICTURE = 12
"""One training picture in so many shows what values each layer sees."""

KEPT_CONVOLUTIONS = 2
"""So many nearest to the picture stay as they are: they are small, and rounding them costs most."""

Inputs = Iterator[dict[str, NDArray[np.float32]]]


class _Seen(CalibrationDataReader):
    def __init__(self, inputs: Inputs) -> None:
        self._inputs = inputs

    def get_next(self) -> dict[str, NDArray[np.float32]] | None:
        return next(self._inputs, None)


def quantise(path: Path, folder: Path, *, is_detector: bool) -> None:
    """Rewrites ``path``, an exported network; ``folder`` is the training folder.

    Scale and offset of each layer's values come from the least and the greatest that training
    pictures show. Weights keep seven bits: processors without VNNI add pairs of products in 16
    bits, which eight would overflow. The first and the last layers stay as they are.
    """
    with tempfile.TemporaryDirectory() as work:
        whole = Path(work) / "whole.onnx"
        options = onnxruntime.SessionOptions()
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
        options.optimized_model_filepath = str(whole)
        onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        model = onnx.load(whole)
        for place, node in enumerate(model.graph.node):
            node.name = f"layer{place}"
        onnx.save(model, whole)
        quantize_static(
            whole,
            path,
            _Seen(_pictures(folder) if is_detector else _faces(folder)),
            quant_format=QuantFormat.QDQ,
            per_channel=True,
            reduce_range=True,
            weight_type=QuantType.QInt8,
            activation_type=QuantType.QUInt8,
            nodes_to_exclude=_kept(model.graph),
        )


def _kept(graph: onnx.GraphProto) -> list[str]:
    results = {output.name for output in graph.output}
    last = [node.name for node in graph.node if results & set(node.output)]
    around = [node.name for node in graph.node if node.op_type in ("Mul", "GlobalAveragePool")]
    convolutions = [node.name for node in graph.node if node.op_type == "Conv"]
    return [*last, *around, *convolutions[:KEPT_CONVOLUTIONS]]


def _trained(folder: Path) -> list[AnnotatedPicture]:
    return [one for one in read_annotations(folder) if not is_for_choosing(one.group)]


def _pictures(folder: Path) -> Inputs:
    for picture in _trained(folder)[::EVERY_PICTURE]:
        canvas, _ = canvas_of(read_picture(picture.path))
        yield _input(canvas)


def _faces(folder: Path) -> Inputs:
    for picture in _trained(folder)[::EVERY_PICTURE]:
        pixels = read_picture(picture.path)
        for face in picture.faces:
            yield _input(cut_face(pixels, face.box))


def _input(pixels: NDArray[np.uint8]) -> dict[str, NDArray[np.float32]]:
    return {"pixels": np.asarray(cv2.dnn.blobFromImage(pixels, 1 / 255), np.float32)}
