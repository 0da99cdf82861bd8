"""The office's mode on the managers' pages: what holds, and what another one would change."""

from __future__ import annotations

from dataclasses import dataclass

from dashboard.web.shell import Shell


@dataclass(frozen=True, slots=True, kw_only=True)
class ModeLine:
    """What holds now in a line, and the words on the way to the other mode."""

    mode: str
    word: str
    asks: str
    seats: str
    switch: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ModeDifference:
    """One thing and what becomes of it; ``after`` is empty where it stays."""

    what: str
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ModePage:
    """``manager/mode.html``. ``target`` is the mode that the button asks for."""

    shell: Shell
    word: str
    target: str
    title: str
    switch: str
    differences: tuple[ModeDifference, ...]
    note: str
