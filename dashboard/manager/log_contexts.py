"""The log as managers look through it, and one of its rows."""

from __future__ import annotations

from dataclasses import dataclass

from dashboard.web.gate.contexts import EntryLine
from dashboard.web.shell import Shell


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Something that can be looked for; ``is_chosen``: it is."""

    value: str
    word: str
    is_chosen: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LogForm:
    """What is looked for, as it was typed. ``whats`` are groups with their headings;
    ``is_narrowed``: by more than number, days and what happened."""

    number: str
    first: str
    last: str
    hour: str
    person: str
    whats: tuple[tuple[str, tuple[Choice, ...]], ...]
    reasons: tuple[Choice, ...]
    gates: tuple[Choice, ...]
    services: tuple[Choice, ...]
    people: tuple[str, ...]
    is_narrowed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LogLine:
    """A row of the log. ``day`` is empty where the row above is of the same one."""

    entry: EntryLine
    day: str
    is_annulled: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LogPage:
    """``manager/log.html``. ``sought`` says in a sentence which rows these are.

    ``older`` and ``newest`` are the addresses of what else was found, ``looked_back_to`` the time
    at which the search stopped early; each is empty where there is none. ``table`` is the address
    of the same rows as CSV, ``history`` that of the days' figures.
    """

    shell: Shell
    form: LogForm
    problem: str
    sought: str
    lines: tuple[LogLine, ...]
    older: str
    newest: str
    looked_back_to: str
    table: str
    most: int
    history: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One thing that a row says; ``link`` leads to the rows that say the same, or is empty."""

    word: str
    value: str
    link: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogEntryPage:
    """``manager/log_entry.html``: one row with all that belongs to it.

    ``attempt`` is the row that this one is about. ``can_be_annulled``: it is an admission that may
    be taken back; ``problem`` says why that was not done, ``typed`` what was typed then.
    """

    shell: Shell
    entry: EntryLine
    day: str
    is_annulled: bool
    told: tuple[Told, ...]
    attempt: LogLine | None
    later: tuple[LogLine, ...]
    can_be_annulled: bool
    problem: str
    typed: str
    history: str
