"""Trains the mask classifier on crops of labelled faces."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional
from tqdm import tqdm

from screening.readings import Box, MaskLabel
from screening.studies.mask.training.batches import Batches
from screening.studies.mask.training.loop import seed_everything, step_of, train
from screening.studies.mask.training.mistakes import collect_mistakes
from screening.studies.mask.training.networks import MaskClassifier
from screening.studies.mask.training.pictures import LABELS, TrainingPicture
from screening.studies.mask.training.plan import Plan
from screening.studies.mask.training.portraits import collect, draw_crop
from screening.studies.mask.training.pretrained import load_pretrained
from screening.vision.crop import cut_face
from screening.vision.faces import FaceFinder

LABEL_SMOOTHING = 0.04


def train_classifier(
    training: list[TrainingPicture],
    validation: list[TrainingPicture],
    *,
    plan: Plan,
    folder: Path,
    batch: int,
    seed: int,
    pretrained: Path | None = None,
) -> dict[str, Tensor]:
    """Averaged weights of a ``MaskClassifier`` that began as ``load_pretrained`` says."""
    seed_everything(seed)
    network = MaskClassifier()
    load_pretrained(network, pretrained)
    network = network.to(memory_format=torch.channels_last)
    portraits = collect(training)
    crops, answers = _validation_crops(validation)
    mistakes = collect_mistakes(
        tqdm(training, desc="mistakes", unit="picture", mininterval=5), FaceFinder(), seed
    )
    print(f"{len(mistakes)} mistakes of the shipped detector to learn from", flush=True)

    def draw(_step: int, rng: np.random.Generator) -> tuple[Tensor, Tensor]:
        drawn = [draw_crop(portraits, rng, mistakes) for _ in range(batch)]
        pixels = torch.from_numpy(np.stack([one for one, _ in drawn]))
        return pixels, torch.tensor([label for _, label in drawn])

    batches = Batches(draw, seed=seed, start=step_of(folder), end=plan.steps)

    def loss_of(_step: int) -> Tensor:
        pixels, labels = next(batches)
        logits = network(pixels.permute(0, 3, 1, 2).float() / 255.0)
        return functional.cross_entropy(logits, labels, label_smoothing=LABEL_SMOOTHING)

    def validate(weights: dict[str, Tensor]) -> dict[str, float]:
        judged = MaskClassifier().to(memory_format=torch.channels_last)
        judged.load_state_dict(weights)
        judged.eval()
        with torch.no_grad():
            guesses = judged(crops).argmax(dim=1)
        return _figures(guesses, answers)

    return train(network, plan=plan, folder=folder, loss_of=loss_of, validate=validate)


def _validation_crops(pictures: list[TrainingPicture]) -> tuple[Tensor, Tensor]:
    crops, labels = [], []
    for picture in pictures:
        for corners, label in zip(picture.boxes, picture.labels, strict=True):
            left, top, right, bottom = (float(value) for value in corners)
            box = Box(left, top, right - left, bottom - top)
            if min(box.w, box.h) * 640 / picture.pixels.shape[1] >= 32:
                crops.append(cut_face(picture.pixels, box))
                labels.append(int(label))
    pixels = torch.from_numpy(np.stack(crops)).permute(0, 3, 1, 2).float() / 255.0
    return pixels, torch.tensor(labels)


def _figures(guesses: Tensor, answers: Tensor) -> dict[str, float]:
    right = guesses == answers
    incorrect, mask = LABELS.index(MaskLabel.INCORRECT), LABELS.index(MaskLabel.MASK)
    return {
        "accuracy": float(right.float().mean()),
        **{
            f"recall {label}": float(right[answers == index].float().mean())
            for index, label in enumerate(LABELS)
        },
        "incorrect_as_mask": float(((answers == incorrect) & (guesses == mask)).sum()),
    }
