"""The guard's page of a gate, and the choice between gates."""

from __future__ import annotations

from dataclasses import dataclass

from dashboard.contexts.gate import GateElsewhere, GateLive
from dashboard.contexts.shell import Shell


@dataclass(frozen=True, slots=True, kw_only=True)
class GatePage:
    """``gate/console.html``. ``nonce`` makes a scan without scripts count once."""

    shell: Shell
    live: GateLive
    nonce: str
    notice: str | None
    temperature_range: str
    example_reading: str
    services_without_receipt: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class GateLivePart:
    """``gate/stream.html``: the changing parts alone."""

    shell: Shell
    live: GateLive


@dataclass(frozen=True, slots=True, kw_only=True)
class GateChoice:
    """``gate/choose.html``."""

    shell: Shell
    gates: tuple[GateLive, ...]
    elsewhere: tuple[GateElsewhere, ...]
