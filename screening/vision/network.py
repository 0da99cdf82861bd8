"""Runs the shipped ONNX files with OpenCV on one thread, leaving the process's own alone."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files

import cv2
import numpy as np
from numpy.typing import NDArray

_lock = threading.Lock()
_users = 0
_threads_before = 0


@contextmanager
def one_thread() -> Iterator[None]:
    """OpenCV works on one thread inside; the number it had before comes back after.

    The number belongs to the whole process, so the first to enter remembers it and the last to
    leave restores it, whichever thread they are.
    """
    global _users, _threads_before  # noqa: PLW0603 - mirrors a number that OpenCV keeps globally
    with _lock:
        if _users == 0:
            _threads_before = cv2.getNumThreads()
            cv2.setNumThreads(1)
        _users += 1
    try:
        yield
    finally:
        with _lock:
            _users -= 1
            if _users == 0:
                cv2.setNumThreads(_threads_before)


class Network:
    """One shipped network by the name of its file. Not to be run by two threads at once."""

    def __init__(self, name: str, outputs: tuple[str, ...]) -> None:
        weights = files("screening.vision").joinpath("models", name).read_bytes()
        self._net = cv2.dnn.readNetFromONNX(np.frombuffer(weights, np.uint8))
        self._outputs = outputs

    def run(self, pixels: NDArray[np.uint8]) -> list[NDArray[np.float32]]:
        """The outputs for one BGR picture, in the order of their names given at the start."""
        self._net.setInput(cv2.dnn.blobFromImage(pixels, 1 / 255))
        return [np.asarray(one, np.float32) for one in self._net.forward(self._outputs)]
