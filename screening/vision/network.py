"""Runs the shipped ONNX files with onnxruntime on one thread, which is the caller's."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.resources import files

import cv2
import numpy as np
import onnxruntime
from numpy.typing import NDArray


@cache
def digest_of(name: str) -> str:
    """SHA-256 of a shipped file, in hexadecimal; what was fitted to one belongs to no other."""
    return hashlib.sha256(_weights(name)).hexdigest()


class Network:
    """One shipped network by the name of its file. Not to be run by two threads at once."""

    def __init__(self, name: str, outputs: tuple[str, ...]) -> None:
        self._session = onnxruntime.InferenceSession(
            _weights(name), _on_one_thread(), providers=["CPUExecutionProvider"]
        )
        self._outputs = list(outputs)

    def run(self, pixels: NDArray[np.uint8]) -> list[NDArray[np.float32]]:
        """The outputs for one BGR picture, in the order of their names given at the start."""
        inputs = {"pixels": cv2.dnn.blobFromImage(pixels, 1 / 255)}
        return [np.asarray(one, np.float32) for one in self._session.run(self._outputs, inputs)]


def _weights(name: str) -> bytes:
    return files("screening.vision").joinpath("models", name).read_bytes()


def _on_one_thread() -> onnxruntime.SessionOptions:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 3  # errors; it warns of every graph it simplifies
    return options
