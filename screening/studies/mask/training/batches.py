"""Batches drawn ahead of the training by worker processes, the same for the same seed and step."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeVar

import cv2
import numpy as np
from torch.utils.data import DataLoader, Dataset

T = TypeVar("T")


class _Drawn(Dataset[T]):
    def __init__(self, draw: Callable[[int, np.random.Generator], T], seed: int, end: int) -> None:
        self._draw, self._seed, self._end = draw, seed, end

    def __len__(self) -> int:
        return self._end

    def __getitem__(self, step: int) -> T:
        return self._draw(step, np.random.default_rng((self._seed, step)))


def _unchanged(batch: T) -> T:
    return batch


def _one_thread(_worker: int) -> None:
    cv2.setNumThreads(0)


class Batches(Iterator[T]):
    """``draw(step, rng)`` for each step from ``start`` to ``end``, in order."""

    def __init__(
        self,
        draw: Callable[[int, np.random.Generator], T],
        *,
        seed: int,
        start: int,
        end: int,
        workers: int = 1,
    ) -> None:
        loader: DataLoader[T] = DataLoader(
            _Drawn(draw, seed, end),
            batch_size=None,
            collate_fn=_unchanged,
            sampler=range(start, end),
            num_workers=workers,
            worker_init_fn=_one_thread,
            prefetch_factor=6 if workers else None,
        )
        self._batches = iter(loader)

    def __next__(self) -> T:
        batch: T = next(self._batches)
        return batch
