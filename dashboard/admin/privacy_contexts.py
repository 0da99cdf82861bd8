"""What the administrators' page of data of persons shows."""

from __future__ import annotations

from dataclasses import dataclass

from dashboard.admin.contexts import Around
from dashboard.web.privacy import Processing, Risk
from dashboard.web.shell import Shell


@dataclass(frozen=True, slots=True, kw_only=True)
class RunLine:
    """One time that old data were looked for; ``counts`` are rows erased of each kind."""

    moment: str
    counts: tuple[str, ...]
    is_empty: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PrivacyPage:
    """``admin/privacy.html``. ``rules`` are what is kept and for how long; ``is_late``: the night's
    work was not done."""

    shell: Shell
    around: Around
    made: str
    standing: str
    is_late: bool
    rules: tuple[tuple[str, str], ...]
    kinds: tuple[str, ...]
    runs: tuple[RunLine, ...]
    activities: tuple[Processing, ...]
    risks: tuple[Risk, ...]
