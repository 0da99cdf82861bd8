"""The standard uncertainty of one visitor's corrected temperature, after the GUM (JCGM 100).

What is meant to be known is what an ideal clinical thermometer would show of this visitor now. The
components are independent and are added as squares (JCGM 100, 5.1.2; every sensitivity is 1).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from screening.temperature.rounding import hundredths

REPEATABILITY = "repeatability"
"""The device's own values while the visitor stood there. They are filtered in the module, so many
are no surer than one."""

OFFSET = "offset"
"""Of the commissioned offset, from having compared so few people."""

CLINICAL = "clinical_reference"
"""Of the clinical thermometer that the offset was fitted with."""

PERSON = "person"
"""How far one person's skin is from what the constant offset takes it for."""

ROOM = "room_temperature"
"""Of the correction for the room, or of having none where the room is not known."""

DISTANCE = "distance"
"""Of the correction for the distance of the face, or of having none where it is not known."""

BASELINE = "rolling_baseline"
"""Of what the last visitors tell of drift, or of drift before there were enough of them."""


@dataclass(frozen=True, slots=True)
class Budget:
    """What is not known of any visitor's temperature today, by name and size (degC)."""

    components: tuple[tuple[str, float], ...]

    def with_component(self, name: str, size_celsius: float) -> Budget:
        """The same with this component instead of the one of its name, if there was one."""
        others = tuple(component for component in self.components if component[0] != name)
        return Budget((*others, (name, size_celsius)))

    def combined_celsius(self, repeatability_celsius: float = 0.0) -> float:
        """The standard uncertainty of one visitor's, in hundredths."""
        sizes = (size for _, size in self.components)
        return hundredths(math.hypot(repeatability_celsius, *sizes))

    def named(self, repeatability_celsius: float = 0.0) -> tuple[tuple[str, float], ...]:
        """Every component of one visitor's, the largest first."""
        everything = (*self.components, (REPEATABILITY, repeatability_celsius))
        return tuple(sorted(everything, key=lambda named: -named[1]))
