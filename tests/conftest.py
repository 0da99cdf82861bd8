"""What holds for every test."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

import screening  # noqa: F401, before any test loads a library that it keeps silent

# How long an example takes says something of the machine's other work, not of the code.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")
