"""What holds in the office now: its mode, room, quotas, checks and services. Pure values.

The record keeps them and gives each change a row of the log; ``version`` grows with each change, so
that whoever holds older facts knows it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from functools import lru_cache

from screening.decision import Check
from screening.office.counters import Counter, QueueOrder
from screening.office.holidays import leave_days, public_holidays
from screening.office.hours import Because, Hours, OpenDay, Spans, open_day
from screening.office.services import Service
from screening.office.speakers import Speaker
from screening.receipts.keys import TrustedKey
from screening.waiting_room.plan import ChosenPlan, Sealed, Seating, SeatPlan


class Mode(StrEnum):
    """EVERYDAY: the gate asks for the receipt. OUTBREAK: health checks and the sealed plan, too."""

    EVERYDAY = "everyday"
    OUTBREAK = "outbreak"


class WordsAt(StrEnum):
    """Where an office says something in its own words. Stored: add, never rename.

    WELCOME: the first page, and where registering begins. KIOSK: the screen at a gate while nobody
    is checked. RECEIPT: the receipt's foot. FAREWELL: the receipt's page after the visit.
    """

    WELCOME = "welcome"
    KIOSK = "kiosk"
    RECEIPT = "receipt"
    FAREWELL = "farewell"


class SecondFactor(StrEnum):
    """Whether managers and administrators need more than a password to log in."""

    OPTIONAL = "optional"
    REQUIRED = "required"


EVERYDAY_CHECKS = frozenset({Check.RECEIPT})
OUTBREAK_CHECKS = frozenset(Check)


SET_UP = "done"
"""In place of a step: the walk through a new office is over."""


@lru_cache(maxsize=16)
def _plan(rows: int, columns: int, sealed: Sealed) -> SeatPlan:
    """The same plan each time: what it works out once is asked for with every admission."""
    return SeatPlan(rows, columns, sealed)


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficeFacts:
    """``sealed`` is the pattern of the outbreak; everyday opens all seats. CHOSEN: the seats are
    those of ``chosen``, the plan that was taken over, and it says which are sealed.

    ``set_capacity`` is people inside at most as somebody set it, None to follow the open seats;
    ``daily_quota`` is visits a day, None without limit. ``gates`` are the checks that a gate keeps
    in both modes; None, or a gate that is not named, takes the mode's. ``gate_titles`` are what
    people call a gate, where that is not its name. A booked time lets in from
    ``slot_early_minutes`` before until ``slot_late_minutes`` after it begins; a place is held for
    ``hold_minutes`` for whoever types. ``desk_for_guards``: guards may work at the desk, too.
    ``issuer_keys`` are other issuers' public keys, ``imported`` how many receipts each handed in as
    a list. ``counters`` are by name, as are ``speakers``, the browsers that may call aloud. Nobody
    who waits is overtaken by priority more than
    ``queue_overtakes`` times; with 0 priority overtakes nobody. Whoever is called in
    from the line outside has ``call_in_minutes`` to come. Whoever is done at the last counter
    is out after ``walking_minutes``. Nobody stays longer than ``stay_minutes``, as long as too few
    visits tell how long people stay. None: nobody is taken to be out by that. ``message`` is for
    the screens of the waiting rooms, which call silently during ``quiet_hours``.
    Somebody is told when so many wait for a service (``queue_alert_waiting``) or outside, when the
    room is so full, when somebody has waited longer than the target, and when nobody was called
    for so long; None: never. Details stay with their row, and reports of commissionings, for so
    many days; with 0 ``readings_days`` degrees are measured, decided upon and forgotten.
    ``words`` are the office's own, by place and language.
    ``name`` is what people call the office, None where only the configuration says it.
    ``first_start`` is the step at which the walk through a new office goes on, None where there is
    no such walk.
    ``is_taken_over``: the record holds all of this. Before, the configuration's first values stand
    where nobody decided.
    """

    version: int = 0
    mode: Mode = Mode.OUTBREAK
    set_capacity: int | None = None
    daily_quota: int | None = None
    rows: int = 6
    columns: int = 10
    sealed: Sealed = Sealed.CHECKERBOARD
    chosen: ChosenPlan | None = None
    everyday_checks: frozenset[Check] = EVERYDAY_CHECKS
    outbreak_checks: frozenset[Check] = OUTBREAK_CHECKS
    gates: Mapping[str, frozenset[Check] | None] = field(default_factory=dict)
    gate_titles: Mapping[str, str] = field(default_factory=dict)
    services: Mapping[str, Service] = field(default_factory=dict)
    hours: Hours = field(default_factory=Hours)
    name: str | None = None
    address: str | None = None
    telephone: str | None = None
    map_link: str | None = None
    slot_early_minutes: int = 15
    slot_late_minutes: int = 30
    hold_minutes: int = 8
    desk_for_guards: bool = False
    second_factor: SecondFactor = SecondFactor.OPTIONAL
    issuer_keys: tuple[TrustedKey, ...] = ()
    imported: Mapping[str, int] = field(default_factory=dict)
    counters: Mapping[str, Counter] = field(default_factory=dict)
    speakers: Mapping[str, Speaker] = field(default_factory=dict)
    queue_order: QueueOrder = QueueOrder.BOOKED_TIME
    queue_overtakes: int = 3
    walking_minutes: int | None = 3
    stay_minutes: int | None = 240
    call_in_minutes: int = 5
    message: str | None = None
    quiet_hours: Spans = ()
    queue_alert_waiting: int | None = 25
    outside_alert_waiting: int | None = 20
    full_alert_percent: int | None = 90
    wait_target_minutes: int | None = 45
    abandoned_alert_minutes: int | None = 15
    readings_days: int = 0
    names_days: int = 30
    remarks_days: int = 365
    reports_days: int = 7
    words: Mapping[WordsAt, Mapping[str, str]] = field(default_factory=dict)
    first_start: str | None = None
    is_taken_over: bool = False

    @property
    def plan(self) -> Seating:
        """The seats as they are open or sealed in this mode."""
        if self.chosen is not None and self.sealed is Sealed.CHOSEN:
            return self.chosen if self.mode is Mode.OUTBREAK else self.chosen.opened
        sealed = self.sealed if self.mode is Mode.OUTBREAK else Sealed.NONE
        return _plan(self.rows, self.columns, sealed)

    @property
    def is_being_set_up(self) -> bool:
        """Whether somebody walks through a new office and has not come to the end."""
        return self.first_start not in (None, SET_UP)

    @property
    def capacity(self) -> int:
        """People inside at most."""
        return len(self.plan.open_seats) if self.set_capacity is None else self.set_capacity

    @property
    def mode_checks(self) -> frozenset[Check]:
        """What a gate without checks of its own asks for."""
        return self.outbreak_checks if self.mode is Mode.OUTBREAK else self.everyday_checks

    @property
    def visitor_checks(self) -> frozenset[Check]:
        """What a visitor has to be ready for: the mode's checks, and those of single gates."""
        own = (checks for checks in self.gates.values() if checks is not None)
        return self.mode_checks.union(*own)

    def checks_of(self, gate: str) -> frozenset[Check]:
        """What this gate asks for now."""
        own = self.gates.get(gate)
        return self.mode_checks if own is None else own

    def says(self, where: WordsAt, language: str, *, default: str) -> str:
        """The office's own words there, in this language or the default one; empty without any."""
        texts = self.words.get(where, {})
        return texts.get(language) or texts.get(default) or next(iter(texts.values()), "")

    def counter_named(self, name: str) -> Counter | None:
        """The counter of this name, in letters of either case: no two differ by that alone."""
        exact = self.counters.get(name)
        if exact is not None:
            return exact
        return next(
            (one for one in self.counters.values() if one.name.lower() == name.lower()), None
        )

    def opening(self, day: date, *, language: str, service: str | None = None) -> OpenDay:
        """When the office is open that day, or one of its services; its note in this language."""
        offered = self.services.get(service or "")
        holidays = public_holidays(day.year, language)
        opening = open_day(day, self.hours, holidays, None if offered is None else offered.hours)
        if opening.because is Because.COLLECTIVE_LEAVE:
            return replace(opening, note=leave_days(day.year, language).get(day, ""))
        return opening.in_language(language)
