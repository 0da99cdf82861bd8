"""How the gates' temperature decisions did in a month."""

from __future__ import annotations

from dataclasses import dataclass

from dashboard.web.shell import Shell


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomePerson:
    """One drawn figure on a sheet of 240 units; ``kind`` is elevated, normal or unmeasured."""

    kind: str
    x: int
    y: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeGroup:
    """What an officer found of one side's visitors."""

    kind: str
    word: str
    count: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeSide:
    """The referred or those let pass; each of ``people`` stands for ``each`` visitors at most.

    ``flow`` is the way from the gate to them, a path on a sheet of 100 by 100 units.
    """

    state: str
    word: str
    count: str
    share: str
    measured: str
    groups: tuple[OutcomeGroup, ...]
    people: tuple[OutcomePerson, ...]
    height: int
    each: str
    flow: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeFigure:
    """A share in words and on a scale of 0 to 564; ``unknown`` says why there is none.

    ``at`` is None where only the interval can be told.
    """

    words: str
    name: str
    value: str
    interval: str
    counted: str
    low: int
    high: int
    at: int | None
    unknown: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeGate:
    """One gate's row of the table; a figure that is not known is a dash."""

    gate: str
    visitors: str
    referred: str
    referred_measured: str
    passed_measured: str
    figures: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomesShown:
    """A month's outcomes; ``before`` and ``after`` are months to look at, e.g. 2026-10."""

    month: str
    before: str
    before_word: str
    after: str | None
    after_word: str
    is_running: bool
    counted_at: str
    visitors: str
    sides: tuple[OutcomeSide, ...]
    plain: tuple[str, ...]
    figures: tuple[OutcomeFigure, ...]
    gates: tuple[OutcomeGate, ...]
    needs_spot_checks: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomesPage:
    """``manager/temperature.html``."""

    shell: Shell
    outcomes: OutcomesShown
