"""What the administrators' page of data of persons shows."""

from __future__ import annotations

from dataclasses import dataclass

from dashboard.admin.contexts import Around, Field
from dashboard.web.privacy import Processing, Risk
from dashboard.web.shell import Shell


@dataclass(frozen=True, slots=True, kw_only=True)
class RunLine:
    """One time that old data were looked for; ``counts`` are rows erased of each kind."""

    moment: str
    counts: tuple[str, ...]
    is_empty: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptKind:
    """A kind of data. ``share`` of 100 draws how long it is kept; ``next_night`` what then goes."""

    title: str
    words: str
    kept: str
    share: int
    next_night: str
    field: Field


@dataclass(frozen=True, slots=True, kw_only=True)
class PrivacyPage:
    """``admin/privacy.html``. ``kept`` is for how long; ``is_late``: the night's work was not
    done."""

    shell: Shell
    around: Around
    made: str
    standing: str
    is_late: bool
    kept: tuple[KeptKind, ...]
    kinds: tuple[str, ...]
    runs: tuple[RunLine, ...]
    activities: tuple[Processing, ...]
    risks: tuple[Risk, ...]
