"""Trains the face detector: which cells answer for which face, the loss, and its validation."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from screening.studies.mask.training.batches import Batches
from screening.studies.mask.training.loop import seed_everything, step_of, train
from screening.studies.mask.training.networks import DETECTOR_STRIDES, FaceDetector
from screening.studies.mask.training.pictures import TrainingPicture
from screening.studies.mask.training.plan import Plan
from screening.studies.mask.training.scenes import Scene, draw_scene

# Side of a face (square root of its area, pixels of the input) that each stride answers for. They
# overlap, so that a face between two sizes is learnt by both.
FACE_SIDES = {8: (0.0, 60.0), 16: (42.0, 135.0), 32: (95.0, 1e9)}
CENTRE_RADIUS = 1.5
BOX_LOSS_WEIGHT = 2.0
INPUT_SHAPES = ((256, 320), (192, 256), (320, 256), (192, 256), (320, 320))


@dataclass(frozen=True, slots=True)
class Cells:
    """Every cell of the three maps, (n,) tensors: centre in pixels, stride and its face sizes."""

    x: Tensor
    y: Tensor
    stride: Tensor
    smallest: Tensor
    largest: Tensor


def cells_of(height: int, width: int) -> Cells:
    """The cells of an input of ``height`` by ``width`` in the order of the flattened maps."""
    parts: list[list[Tensor]] = [[], [], [], [], []]
    for stride in DETECTOR_STRIDES:
        rows, columns = torch.meshgrid(
            torch.arange(height // stride), torch.arange(width // stride), indexing="ij"
        )
        count = rows.numel()
        low, high = FACE_SIDES[stride]
        parts[0].append((columns.flatten() + 0.5) * stride)
        parts[1].append((rows.flatten() + 0.5) * stride)
        parts[2].append(torch.full((count,), float(stride)))
        parts[3].append(torch.full((count,), low))
        parts[4].append(torch.full((count,), high))
    return Cells(*(torch.cat(part) for part in parts))


def flatten(maps: list[Tensor]) -> Tensor:
    """The network's maps as (N, cells, 5)."""
    return torch.cat([one.flatten(2) for one in maps], dim=2).transpose(1, 2)


def boxes_of(outputs: Tensor, cells: Cells) -> Tensor:
    """(..., cells, 4) left, top, right, bottom in pixels."""
    distance = outputs[..., 1:].clamp(-4, 5).exp() * cells.stride[:, None]
    return torch.stack(
        [
            cells.x - distance[..., 0],
            cells.y - distance[..., 1],
            cells.x + distance[..., 2],
            cells.y + distance[..., 3],
        ],
        dim=-1,
    )


def assign(boxes: Tensor, ignored: Tensor, cells: Cells) -> tuple[Tensor, Tensor]:
    """For one picture: each cell's box index or -1, and whether the cell counts as background."""
    count = len(cells.x)
    owner = torch.full((count,), -1, dtype=torch.long)
    background = torch.ones(count, dtype=torch.bool)
    if len(ignored):
        inside = _inside(cells, ignored)
        background &= ~inside.any(dim=1)
    if len(boxes):
        sides = ((boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])).sqrt()
        centre_x = (boxes[:, 0] + boxes[:, 2]) / 2
        centre_y = (boxes[:, 1] + boxes[:, 3]) / 2
        near = (
            torch.maximum((cells.x[:, None] - centre_x).abs(), (cells.y[:, None] - centre_y).abs())
            <= (CENTRE_RADIUS * cells.stride)[:, None]
        )
        fitting = (sides >= cells.smallest[:, None]) & (sides < cells.largest[:, None])
        chosen = near & fitting & _inside(cells, boxes)
        side = torch.where(chosen, sides, torch.inf)
        smallest, index = side.min(dim=1)
        owner = torch.where(torch.isfinite(smallest), index, owner)
    return owner, background & (owner < 0)


def _inside(cells: Cells, boxes: Tensor) -> Tensor:
    return (
        (cells.x[:, None] > boxes[:, 0])
        & (cells.x[:, None] < boxes[:, 2])
        & (cells.y[:, None] > boxes[:, 1])
        & (cells.y[:, None] < boxes[:, 3])
    )


def generalised_overlap(first: Tensor, second: Tensor) -> tuple[Tensor, Tensor]:
    """IoU and GIoU of paired boxes."""
    low = torch.minimum(first[:, 2:], second[:, 2:]) - torch.maximum(first[:, :2], second[:, :2])
    shared = low.clamp(min=0).prod(dim=1)
    areas = (first[:, 2:] - first[:, :2]).prod(dim=1) + (second[:, 2:] - second[:, :2]).prod(dim=1)
    union = areas - shared
    hull = (
        torch.maximum(first[:, 2:], second[:, 2:]) - torch.minimum(first[:, :2], second[:, :2])
    ).prod(dim=1)
    overlap = shared / union.clamp(min=1e-6)
    return overlap, overlap - (hull - union) / hull.clamp(min=1e-6)


def detection_loss(outputs: Tensor, scenes: list[tuple[Tensor, Tensor]], cells: Cells) -> Tensor:
    """Quality focal loss on the score (its target is the box's IoU) and GIoU loss on the box."""
    logits = outputs[..., 0]
    target = torch.zeros_like(logits)
    counted = torch.zeros_like(logits)
    predicted, wanted, places = [], [], []
    for index, (boxes, ignored) in enumerate(scenes):
        owner, background = assign(boxes, ignored, cells)
        positive = (owner >= 0).nonzero().squeeze(1)
        counted[index] = background.float()
        counted[index, positive] = 1.0
        if len(positive):
            part = Cells(*(getattr(cells, name)[positive] for name in cells.__slots__))
            predicted.append(boxes_of(outputs[index, positive], part))
            wanted.append(boxes[owner[positive]])
            places.append((index, positive))
    box_loss = outputs.sum() * 0.0
    if predicted:
        overlap, generalised = generalised_overlap(torch.cat(predicted), torch.cat(wanted))
        begin = 0
        for index, positive in places:
            quality = overlap[begin : begin + len(positive)].detach()
            target[index, positive] = 0.3 + 0.7 * quality
            begin += len(positive)
        box_loss = (1.0 - generalised).mean()
    gap = (logits.sigmoid() - target).abs().square()
    score_loss = functional.binary_cross_entropy_with_logits(logits, target, reduction="none")
    positives = max(1, sum(len(positive) for _, positive in places))
    return (score_loss * gap * counted).sum() / positives + BOX_LOSS_WEIGHT * box_loss


def train_detector(
    training: list[TrainingPicture],
    validation: list[TrainingPicture],
    *,
    plan: Plan,
    folder: Path,
    batch: int,
    seed: int,
) -> dict[str, Tensor]:
    """Averaged weights of a trained ``FaceDetector``."""
    seed_everything(seed)
    network = FaceDetector().to(memory_format=torch.channels_last)
    tables = {shape: cells_of(*shape) for shape in INPUT_SHAPES}

    def draw(step: int, rng: np.random.Generator) -> tuple[Tensor, list[Scene]]:
        height, width = INPUT_SHAPES[step % len(INPUT_SHAPES)]
        scenes = [draw_scene(training, height, width, rng) for _ in range(batch)]
        return torch.from_numpy(np.stack([scene.pixels for scene in scenes])), scenes

    start = step_of(folder)
    batches = Batches(draw, seed=seed, start=start, end=plan.steps)

    def loss_of(step: int) -> Tensor:
        pixels, scenes = next(batches)
        inputs = pixels.permute(0, 3, 1, 2).float() / 255.0
        outputs = flatten(network(inputs))
        labels = [
            (torch.from_numpy(scene.boxes), torch.from_numpy(scene.ignored)) for scene in scenes
        ]
        return detection_loss(outputs, labels, tables[INPUT_SHAPES[step % len(INPUT_SHAPES)]])

    def validate(weights: dict[str, Tensor]) -> dict[str, float]:
        judged = FaceDetector().to(memory_format=torch.channels_last)
        judged.load_state_dict(weights)
        return figures(judged, validation)

    return train(network, plan=plan, folder=folder, loss_of=loss_of, validate=validate)


def figures(network: FaceDetector, pictures: list[TrainingPicture]) -> dict[str, float]:
    """Missed share and false faces a picture at three thresholds, by the counting rules."""
    network.eval()
    missed = {0.3: 0, 0.4: 0, 0.5: 0}
    false = dict.fromkeys(missed, 0)
    faces = 0
    for picture in pictures:
        scores, boxes = detect(network, picture.pixels)
        small = 32.0 * picture.pixels.shape[1] / 640.0
        sides = (picture.boxes[:, 2:] - picture.boxes[:, :2]).min(axis=1)
        counted = picture.boxes[sides >= small]
        excused = np.vstack([picture.boxes[sides < small], picture.ignored])
        faces += len(counted)
        for threshold in missed:
            found = boxes[scores >= threshold]
            hits = overlaps(found, counted) >= 0.3
            missed[threshold] += int((~hits.any(axis=0)).sum()) if len(found) else len(counted)
            spare = found[~hits.any(axis=1)] if len(counted) else found
            excuse = overlaps(spare, excused) >= 0.2
            false[threshold] += int((~excuse.any(axis=1)).sum())
    return {
        **{f"missed@{key}": value / max(1, faces) for key, value in missed.items()},
        **{f"false@{key}": float(value) for key, value in false.items()},
    }


def detect(
    network: FaceDetector, pixels: NDArray[np.uint8]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Scores and corner boxes, best first, of one picture scaled to a longest side of 320."""
    height, width = pixels.shape[:2]
    scale = 320.0 / max(height, width)
    rows, columns = max(1, round(height * scale)), max(1, round(width * scale))
    resized = cv2.resize(
        pixels, (columns, rows), interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    )
    canvas = np.zeros((-(-rows // 32) * 32, -(-columns // 32) * 32, 3), np.uint8)
    canvas[:rows, :columns] = resized
    cells = cells_of(canvas.shape[0], canvas.shape[1])
    with torch.no_grad():
        inputs = torch.from_numpy(canvas).permute(2, 0, 1)[None].float() / 255.0
        outputs = flatten(network(inputs))[0]
        scores = outputs[:, 0].sigmoid()
        keep = scores > 0.05
        boxes = boxes_of(outputs, cells)[keep].numpy() / scale
    kept = scores[keep].numpy()
    order = np.argsort(-kept)
    boxes, kept = boxes[order], kept[order]
    chosen: list[int] = []
    for index in range(len(kept)):
        if not chosen or overlaps(boxes[index : index + 1], boxes[chosen]).max() < 0.4:
            chosen.append(index)
    return kept[chosen], boxes[chosen]


def overlaps(first: NDArray[np.float32], second: NDArray[np.float32]) -> NDArray[np.float32]:
    """(n, m) IoU of corner boxes."""
    low = np.maximum(first[:, None, :2], second[None, :, :2])
    high = np.minimum(first[:, None, 2:], second[None, :, 2:])
    shared = np.clip(high - low, 0, None).prod(axis=2)
    area_first = (first[:, 2:] - first[:, :2]).prod(axis=1)
    area_second = (second[:, 2:] - second[:, :2]).prod(axis=1)
    union = area_first[:, None] + area_second[None] - shared
    return np.asarray(shared / np.maximum(union, 1e-6), np.float32)
