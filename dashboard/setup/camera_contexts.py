"""The page on which a gate's camera is placed."""

from __future__ import annotations

from dataclasses import dataclass

from dashboard.web.gate.contexts import DeviceLine
from dashboard.web.shell import Shell


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruler:
    """A drawn scale of 400 units: the good range, open to the right or not, and the value."""

    good_from: int
    good_to: int
    is_open: bool
    value: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraRow:
    """One measured item of a camera; ``state`` is good, bad or none (nothing to judge)."""

    item: str
    name: str
    state: str
    verdict: str
    value: str
    good: str
    ruler: Ruler


@dataclass(frozen=True, slots=True, kw_only=True)
class NotedValue:
    """One line of the note that an installer keeps."""

    name: str
    value: str
    good: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraNote:
    """What was measured in ten good seconds, and when."""

    at: str
    values: tuple[NotedValue, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraLive:
    """How well a gate's camera sees who stands in front; ``state`` colours the advice.

    ``good_s`` whole seconds were good so far and ``left_s`` more are needed.
    """

    gate: str
    camera: DeviceLine | None
    state: str
    headline: str
    advice: str
    good_s: int
    left_s: int
    rows: tuple[CameraRow, ...]
    note: CameraNote | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraPage:
    """``setup/camera.html``."""

    shell: Shell
    live: CameraLive


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraPart:
    """``setup/camera_live.html``: the changing part alone."""

    shell: Shell
    live: CameraLive
