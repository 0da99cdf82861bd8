"""The guard's page of a gate, and the choice between gates."""

from __future__ import annotations

from dataclasses import dataclass

from dashboard.web.gate.contexts import GateElsewhere, GateLive
from dashboard.web.queue_words import HelpCall
from dashboard.web.shell import Shell


@dataclass(frozen=True, slots=True, kw_only=True)
class GatePage:
    """``guard/console.html``. ``nonce`` makes a scan without scripts count once, ``helps``
    are counters that ask for help."""

    shell: Shell
    live: GateLive
    helps: tuple[HelpCall, ...]
    nonce: str
    notice: str | None
    temperature_range: str
    example_reading: str
    services_without_receipt: tuple[tuple[str, str], ...]
    priority_groups: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class GateLivePart:
    """``guard/stream.html``: the changing parts alone."""

    shell: Shell
    live: GateLive
    helps: tuple[HelpCall, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class GateChoice:
    """``guard/choose.html``."""

    shell: Shell
    gates: tuple[GateLive, ...]
    elsewhere: tuple[GateElsewhere, ...]
