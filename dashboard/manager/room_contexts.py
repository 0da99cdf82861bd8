"""The managers' dashboard."""

from __future__ import annotations

from dataclasses import dataclass

from dashboard.manager.mode_contexts import ModeLine
from dashboard.web.alert_words import AlertLine
from dashboard.web.figures import RoomFigures
from dashboard.web.gate.contexts import BackupLine, EntryLine, GateElsewhere, GateLive
from dashboard.web.seat_drawing import SeatDrawing
from dashboard.web.shell import Shell


@dataclass(frozen=True, slots=True, kw_only=True)
class HourBar:
    """One hour: counts, and bar heights from 0 to 100."""

    label: str
    admitted: int
    refused: int
    referred: int
    admitted_height: int
    refused_height: int
    referred_height: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Referral:
    """Somebody an officer still has to measure."""

    attempt_id: str
    time: str
    gate: str
    receipt: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SpotPerson:
    """Somebody inside, by seat (empty where there was none) and ticket; nobody's name."""

    attempt_id: str
    seat: str
    ticket: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SpotCheck:
    """People whom an officer may measure though they were let in; the lot fell on the first."""

    people: tuple[SpotPerson, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedReading:
    """A clinical reading that cannot be taken: whose, what was typed, and why."""

    attempt_id: str
    typed: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomPart:
    """``manager/room.html``: the room alone, drawn again at each change."""

    shell: Shell
    figures: RoomFigures
    plan: SeatDrawing


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertsPart:
    """``manager/alerts.html``: what needs somebody, drawn again at each change."""

    shell: Shell
    needs: tuple[AlertLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryPart:
    """``manager/entry.html``: one row of the list of last visits."""

    shell: Shell
    entry: EntryLine


@dataclass(frozen=True, slots=True, kw_only=True)
class DayPart:
    """``manager/day.html``: what is read again every minute and after each entry.

    ``waits`` tells how long who comes now waits, and how often what was told held.
    """

    shell: Shell
    mode: ModeLine
    hours: tuple[HourBar, ...]
    waits: tuple[str, ...]
    gates: tuple[GateLive, ...]
    elsewhere: tuple[GateElsewhere, ...]
    waiting_aside: int
    referrals: tuple[Referral, ...]
    spot: SpotCheck | None
    backup: BackupLine | None
    refused: RefusedReading | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DashboardPage:
    """``manager/page.html``. ``last_entry_id`` is where the stream goes on, ``wrong_count`` why
    a head count was not taken, empty where there is nothing to say."""

    shell: Shell
    mode: ModeLine
    figures: RoomFigures
    plan: SeatDrawing
    hours: tuple[HourBar, ...]
    waits: tuple[str, ...]
    gates: tuple[GateLive, ...]
    elsewhere: tuple[GateElsewhere, ...]
    waiting_aside: int
    referrals: tuple[Referral, ...]
    spot: SpotCheck | None
    backup: BackupLine | None
    needs: tuple[AlertLine, ...]
    entries: tuple[EntryLine, ...]
    last_entry_id: int
    refused: RefusedReading | None
    wrong_count: str
