"""The page that tells where the camera's face is in a thermal picture."""

from __future__ import annotations

from dataclasses import dataclass

from dashboard.setup.camera_contexts import NotedValue
from dashboard.web.gate.contexts import DeviceLine, ThermalCard
from dashboard.web.shell import Shell


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where somebody stood, in a picture of 400 x 300 units."""

    x: int
    y: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ThermalResult:
    """What the places gave; ``line`` is the setting, None where they do not fit together."""

    line: str | None
    values: tuple[NotedValue, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ThermalSetup:
    """Finding the camera's faces in the thermal array; ``state`` colours the advice.

    ``still`` counts up to 100 while a place is being taken.
    """

    gate: str
    camera: DeviceLine | None
    thermal: ThermalCard | None
    follows_face: bool
    state: str
    headline: str
    advice: str
    places: tuple[Place, ...]
    places_needed: int
    still: int
    result: ThermalResult | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ThermalPage:
    """``setup/thermal.html``."""

    shell: Shell
    live: ThermalSetup


@dataclass(frozen=True, slots=True, kw_only=True)
class ThermalPart:
    """``setup/thermal_live.html``: the changing part alone."""

    shell: Shell
    live: ThermalSetup
