"""The guard's page of a gate, and the choice between gates."""

from __future__ import annotations

from dataclasses import dataclass

from dashboard.web.alert_words import AlertLine
from dashboard.web.gate.contexts import GateElsewhere, GateLive
from dashboard.web.queue_words import HelpCall
from dashboard.web.shell import Shell


@dataclass(frozen=True, slots=True, kw_only=True)
class LeavingLine:
    """Somebody who may have left, or did. ``since`` is when they came, ``left`` when they left;
    empty while they are inside."""

    visit_id: int
    attempt_id: str
    name: str
    ticket: str
    since: str
    left: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LeavingPart:
    """How many are inside. ``asked`` are people who may have left, ``left`` the last who did.

    ``give_or_take`` is None and ``range`` and ``counted`` are empty where nothing is known.
    """

    asked: tuple[LeavingLine, ...]
    left: tuple[LeavingLine, ...]
    give_or_take: int | None
    range: str
    counted: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GatePage:
    """``guard/console.html``. ``nonce`` makes a scan without scripts count once, ``helps``
    are counters that ask for help, ``needs`` what else needs somebody here."""

    shell: Shell
    live: GateLive
    helps: tuple[HelpCall, ...]
    leaving: LeavingPart
    needs: tuple[AlertLine, ...]
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
    leaving: LeavingPart
    needs: tuple[AlertLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class GateChoice:
    """``guard/choose.html``."""

    shell: Shell
    gates: tuple[GateLive, ...]
    elsewhere: tuple[GateElsewhere, ...]
