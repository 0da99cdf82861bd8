"""What both trainings share: averaged weights, the learning rate's course, checkpoints."""

from __future__ import annotations

import json
import os
import random
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from tqdm import tqdm

from screening.studies.mask.training.plan import Plan

WEIGHT_DECAY = 0.02
PROGRESS_FILE = "progress.jsonl"
AVERAGE_DECAY = 0.998
GRADIENT_LIMIT = 8.0


def seed_everything(seed: int) -> None:
    """Same seed, same machine, same number of threads: same weights."""
    random.seed(seed)
    np.random.seed(seed)
    torch.manual_seed(seed)


class Average:
    """A running average of a network's weights, which is what gets exported."""

    def __init__(self, network: nn.Module) -> None:
        self.state = {name: value.detach().clone() for name, value in network.state_dict().items()}

    def update(self, network: nn.Module, step: int) -> None:
        """Moves the average towards the network; early steps move it further."""
        decay = min(AVERAGE_DECAY, (1 + step) / (10 + step))
        with torch.no_grad():
            for name, value in network.state_dict().items():
                if value.dtype.is_floating_point:
                    self.state[name].lerp_(value, 1 - decay)
                else:
                    self.state[name].copy_(value)


def train(
    network: nn.Module,
    *,
    plan: Plan,
    folder: Path,
    loss_of: Callable[[int], Tensor],
    validate: Callable[[dict[str, Tensor]], dict[str, float]],
) -> dict[str, Tensor]:
    """Trains to the end of the plan, from the folder's checkpoint where there is one.

    ``loss_of(step)`` draws a batch and gives its loss, ``validate`` the figures of averaged
    weights. Figures are appended to ``progress.jsonl``. Returns the averaged weights.
    """
    folder.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(plan.threads)
    decayed = [value for value in network.parameters() if value.ndim > 1]
    plain = [value for value in network.parameters() if value.ndim <= 1]
    optimiser = torch.optim.AdamW(
        [{"params": decayed, "weight_decay": WEIGHT_DECAY}, {"params": plain, "weight_decay": 0.0}],
        lr=plan.learning_rate,
    )
    average = Average(network)
    start = _resume(folder / "checkpoint.pt", network, optimiser, average)
    losses: list[float] = []
    bar = tqdm(
        range(start, plan.steps), initial=start, total=plan.steps, unit="step", mininterval=5
    )
    for step in bar:
        for group in optimiser.param_groups:
            group["lr"] = plan.rate(step)
        network.train()
        loss = loss_of(step)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(network.parameters(), GRADIENT_LIMIT)
        optimiser.step()
        average.update(network, step)
        losses.append(float(loss.detach()))
        done = step + 1
        if done % plan.report_every == 0:
            mean = mean_of(losses[-plan.report_every :])
            bar.set_postfix(loss=f"{mean:.4f}", rate=f"{plan.rate(step):.1e}")
        if done % plan.validate_every == 0 or done == plan.steps:
            figures = {"step": float(done), "loss": mean_of(losses), **validate(average.state)}
            losses.clear()
            tqdm.write("  ".join(f"{k} {v:.4g}" for k, v in figures.items()))
            with (folder / PROGRESS_FILE).open("a", encoding="utf-8") as progress:
                progress.write(json.dumps(figures) + "\n")
            _save(folder / "checkpoint.pt", network, optimiser, average, done)
    return average.state


def mean_of(values: list[float]) -> float:
    """Arithmetic mean; 0 of nothing."""
    return sum(values) / len(values) if values else 0.0


def step_of(folder: Path) -> int:
    """The step at which a training in ``folder`` will go on; 0 for a new one."""
    checkpoint = folder / "checkpoint.pt"
    if not checkpoint.is_file():
        return 0
    return int(torch.load(checkpoint, weights_only=True)["step"])


def _save(
    path: Path, network: nn.Module, optimiser: torch.optim.Optimizer, average: Average, step: int
) -> None:
    partial = path.with_suffix(".partial")
    torch.save(
        {
            "network": network.state_dict(),
            "optimiser": optimiser.state_dict(),
            "average": average.state,
            "step": step,
        },
        partial,
    )
    os.replace(partial, path)


def _resume(
    path: Path, network: nn.Module, optimiser: torch.optim.Optimizer, average: Average
) -> int:
    if not path.is_file():
        return 0
    saved = torch.load(path, weights_only=True)
    network.load_state_dict(saved["network"])
    optimiser.load_state_dict(saved["optimiser"])
    average.state = saved["average"]
    print(f"resumed at step {saved['step']}", flush=True)
    return int(saved["step"])
