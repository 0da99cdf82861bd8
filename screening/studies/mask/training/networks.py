"""The two networks.

The detector is made of plain 3x3 convolutions, which train and run fastest on a processor. The
classifier is the front part of EfficientNet-Lite0 (Tan and Le, 2019), whose depthwise convolutions
are slow to train, but which begins with what it learnt of a million pictures of other things.
"""

from __future__ import annotations

from typing import Self

import torch
from torch import Tensor, nn
from torch.nn import functional

DETECTOR_STRIDES = (8, 16, 32)
# Scores start low: almost every cell of a picture is background.
PRIOR_SCORE_BIAS = -4.0


def _conv(inputs: int, outputs: int, *, stride: int = 1, size: int = 3) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, size, stride, size // 2, bias=False),
        nn.BatchNorm2d(outputs, momentum=0.03),
        nn.ReLU(inplace=True),
    )


class Residual(nn.Module):
    """``relu(x + conv(relu(conv(x))))`` at one resolution."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.first = _conv(channels, channels)
        self.second = nn.Sequential(
            nn.Conv2d(channels, channels, 3, 1, 1, bias=False),
            nn.BatchNorm2d(channels, momentum=0.03),
        )

    def forward(self, x: Tensor) -> Tensor:
        return functional.relu(x + self.second(self.first(x)))


class FaceDetector(nn.Module):
    """(N, 3, H, W) in 0..1, H and W multiples of 32, to one (N, 5, H/s, W/s) map for each stride s.

    Channel 0 is the face score's logit; channels 1 to 4 are the logarithm of the distances, in
    strides, from the cell's centre to the box's left, top, right and bottom.
    """

    def __init__(self, *, neck: int = 32) -> None:
        super().__init__()
        self.stem = nn.Sequential(
            _conv(3, 16, stride=2), _conv(16, 32, stride=2), _conv(32, 64, stride=2)
        )
        self.stage8 = Residual(64) if neck > 32 else _conv(64, 64)
        self.stage16 = nn.Sequential(_conv(64, 96, stride=2), _conv(96, 96))
        self.stage32 = nn.Sequential(_conv(96, 128, stride=2), _conv(128, 128))
        self.lateral8 = _conv(64, neck, size=1)
        self.lateral16 = _conv(96, neck, size=1)
        self.lateral32 = _conv(128, neck, size=1)
        self.heads = nn.ModuleList(_conv(neck, neck) for _ in DETECTOR_STRIDES)
        self.outputs = nn.ModuleList(nn.Conv2d(neck, 5, 1) for _ in DETECTOR_STRIDES)
        for layer in self.modules():
            if isinstance(layer, nn.Conv2d):
                nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
        for output in self.outputs:
            nn.init.normal_(output.weight, std=0.01)
            nn.init.constant_(output.bias, 0.7)
            with torch.no_grad():
                output.bias[0] = PRIOR_SCORE_BIAS

    def forward(self, x: Tensor) -> list[Tensor]:
        at8 = self.stage8(self.stem(x))
        at16 = self.stage16(at8)
        at32 = self.stage32(at16)
        neck32 = self.lateral32(at32)
        neck16 = self.lateral16(at16) + functional.interpolate(neck32, scale_factor=2.0)
        neck8 = self.lateral8(at8) + functional.interpolate(neck16, scale_factor=2.0)
        necks = (neck8, neck16, neck32)
        return [
            output(head(neck))
            for output, head, neck in zip(self.outputs, self.heads, necks, strict=True)
        ]


class SamePaddedConvolution(nn.Conv2d):
    """A convolution of an even number of rows and columns, padded as TensorFlow's SAME.

    With a stride of 2 the last row and column are padded by one more than the first.
    """

    def __init__(self, inputs: int, outputs: int, size: int, stride: int, groups: int) -> None:
        super().__init__(inputs, outputs, size, stride, groups=groups, bias=False)
        self.before = (size - stride) // 2
        self.after = size - stride - self.before

    def forward(self, input: Tensor) -> Tensor:
        around = (self.before, self.after, self.before, self.after)
        return super().forward(functional.pad(input, around) if any(around) else input)


def _same_padded(
    inputs: int,
    outputs: int,
    *,
    size: int = 1,
    stride: int = 1,
    groups: int = 1,
    is_limited: bool = True,
) -> nn.Sequential:
    layers: list[nn.Module] = [
        SamePaddedConvolution(inputs, outputs, size, stride, groups),
        nn.BatchNorm2d(outputs, eps=1e-3, momentum=0.03),
    ]
    return nn.Sequential(*layers, nn.ReLU6(inplace=True)) if is_limited else nn.Sequential(*layers)


class InvertedResidual(nn.Module):
    """Widen, convolve each channel by itself, narrow; added to its input where shapes allow."""

    def __init__(self, inputs: int, outputs: int, *, size: int, stride: int, widening: int) -> None:
        super().__init__()
        wide = inputs * widening
        self.expand = _same_padded(inputs, wide) if widening > 1 else nn.Sequential()
        self.depthwise = _same_padded(wide, wide, size=size, stride=stride, groups=wide)
        self.project = _same_padded(wide, outputs, is_limited=False)
        self.is_residual = stride == 1 and inputs == outputs

    def forward(self, x: Tensor) -> Tensor:
        inner: Tensor = self.project(self.depthwise(self.expand(x)))
        return x + inner if self.is_residual else inner


# (kernel size, stride, widening, channels, blocks) of EfficientNet-Lite0's first five stages; the
# two behind them see too few pixels of a face to be worth their weight.
CLASSIFIER_STAGES = (
    (3, 1, 1, 16, 1),
    (3, 2, 6, 24, 2),
    (5, 2, 6, 40, 2),
    (3, 2, 6, 80, 3),
    (5, 1, 6, 112, 3),
)
STEM_CHANNELS = 32
PIXEL_MEAN, PIXEL_RANGE = 127.0, 128.0


class MaskClassifier(nn.Module):
    """(N, 3, 96, 96) BGR in 0..1 to (N, 4) logits: ``MaskLabel`` in order, then not a face.

    The stem and the first ``KEPT_BLOCKS`` blocks stay as they were loaded: edges and colours are
    the same on a face as elsewhere, and their training is the slowest of all.
    """

    KEPT_BLOCKS = 3

    def __init__(self, *, dropout: float = 0.2) -> None:
        super().__init__()
        self.stem = _same_padded(3, STEM_CHANNELS, size=3, stride=2)
        blocks, inputs = [], STEM_CHANNELS
        for size, stride, widening, outputs, count in CLASSIFIER_STAGES:
            for place in range(count):
                blocks.append(
                    InvertedResidual(
                        inputs,
                        outputs,
                        size=size,
                        stride=stride if place == 0 else 1,
                        widening=widening,
                    )
                )
                inputs = outputs
        self.kept = nn.Sequential(*blocks[: self.KEPT_BLOCKS])
        self.trained = nn.Sequential(*blocks[self.KEPT_BLOCKS :])
        self.dropout = nn.Dropout(dropout)
        self.output = nn.Linear(inputs, 4)
        for value in (*self.stem.parameters(), *self.kept.parameters()):
            value.requires_grad_(False)

    def train(self, mode: bool = True) -> Self:
        """Also then the kept layers use the statistics they were loaded with."""
        super().train(mode)
        self.stem.eval()
        self.kept.eval()
        return self

    def features(self, x: Tensor) -> Tensor:
        """(N, F): what the last layer weighs."""
        with torch.no_grad():
            kept = self.kept(self.stem((x * 255.0 - PIXEL_MEAN) / PIXEL_RANGE))
        pooled: Tensor = self.trained(kept).mean(dim=(2, 3))
        return pooled

    def forward(self, x: Tensor) -> Tensor:
        logits: Tensor = self.output(self.dropout(self.features(x)))
        return logits
