"""The register map that a site names: a known one, or its own file."""

from __future__ import annotations

import tomllib
from pathlib import Path

from drivers.thermometer.modbus import MAPS, RegisterMap
from screening.errors import SettingsError


def find_map(name: str) -> RegisterMap:
    """A known map by its name, else the TOML file at that path. Raises SettingsError."""
    if name in MAPS:
        return MAPS[name]
    try:
        return RegisterMap.parse(tomllib.loads(Path(name).read_text("utf-8")))
    except (OSError, ValueError) as error:
        raise SettingsError(
            [f"register map {name!r}: not one of {', '.join(MAPS)}, and no readable file ({error})"]
        ) from error
