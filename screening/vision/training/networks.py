"""The two networks: plain 3x3 convolutions, which train and run fastest on a processor."""

from __future__ import annotations

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


class MaskClassifier(nn.Module):
    """(N, 3, 96, 96) in 0..1 to (N, 4) logits: ``MaskLabel`` in order, then not a face."""

    def __init__(self, *, dropout: float = 0.2) -> None:
        super().__init__()
        self.features = nn.Sequential(
            _conv(3, 24, stride=2),
            _conv(24, 48, stride=2),
            Residual(48),
            _conv(48, 80, stride=2),
            Residual(80),
            _conv(80, 112, stride=2),
            _conv(112, 112),
        )
        self.dropout = nn.Dropout(dropout)
        self.output = nn.Linear(112, 4)
        for layer in self.modules():
            if isinstance(layer, nn.Conv2d):
                nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")

    def forward(self, x: Tensor) -> Tensor:
        features: Tensor = self.features(x).mean(dim=(2, 3))
        logits: Tensor = self.output(self.dropout(features))
        return logits
