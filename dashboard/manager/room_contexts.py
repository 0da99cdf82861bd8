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
    """One hour: counts, and bar heights from 0 to 100.

    ``usual`` is what is usual in words, empty where nobody knows; ``usual_low`` and ``usual_high``
    are the heights between which half of the days were. ``rows`` is the address of its rows.
    """

    label: str
    rows: str
    usual: str
    usual_low: int
    usual_high: int
    admitted: int
    refused: int
    referred: int
    admitted_height: int
    refused_height: int
    referred_height: int


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueLine:
    """A service's queue: how many wait, the longest so far, and what who comes now is told."""

    service: str
    waiting: int
    longest: str
    expected: str


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueNow:
    """The queue; ``at_counters`` are called or served, ``aside`` parked or missed."""

    lines: tuple[QueueLine, ...]
    waiting: int
    at_counters: int
    aside: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BookedLine:
    """A service's bookings of a day; ``percent`` of its places, None without a limit."""

    service: str
    booked: int
    places: int | None
    percent: int | None
    is_full: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class BookingsNow:
    """Quota and bookings. ``quota`` is the day's, None without one, ``percent`` how much of it is
    used. ``left`` are people who went out. ``full`` names what is full tomorrow."""

    came: int
    quota: int | None
    percent: int
    left: int
    booked: int
    still_to_come: int
    day: str
    tomorrow: tuple[BookedLine, ...]
    full: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Referral:
    """Somebody an officer still has to measure; ``name`` is empty where it is not shown."""

    attempt_id: str
    name: str
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

    ``waits`` tells how long who comes now waits, and how often what was told held; ``usual`` how
    today stands against the usual day.
    """

    shell: Shell
    mode: ModeLine
    hours: tuple[HourBar, ...]
    usual: str
    queue: QueueNow
    bookings: BookingsNow
    waits: tuple[str, ...]
    gates: tuple[GateLive, ...]
    elsewhere: tuple[GateElsewhere, ...]
    waiting_aside: int
    referrals: tuple[Referral, ...]
    spot: SpotCheck | None
    backup: BackupLine | None
    refused: RefusedReading | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DashboardPage(DayPart):
    """``manager/page.html``: the day's part, and what is around it.

    ``last_entry_id`` is where the stream goes on, ``wrong_count`` why a head count was not taken,
    empty where there is nothing to say.
    """

    figures: RoomFigures
    plan: SeatDrawing
    needs: tuple[AlertLine, ...]
    entries: tuple[EntryLine, ...]
    last_entry_id: int
    wrong_count: str
