"""What the web needs, ready made: the composition root builds one, tests their own."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from dashboard.backup.folder import BackupState
from dashboard.backup.jobs import BackupJobs
from dashboard.web.first_token import FirstToken
from screening.accounts import Accounts, KnownAccounts
from screening.alerts.live import LiveAlerts
from screening.clock import Clock
from screening.errors import RecordError
from screening.feed import Feed
from screening.figures.live_waits import LiveWaits
from screening.figures.roll_ups import Figures
from screening.figures.waits import Interval, WaitEstimate
from screening.gate.commands import Gates
from screening.gate.thermal import ThermalSight
from screening.hub import Hub
from screening.log_search import LogSearch
from screening.office.changes import OfficeBook
from screening.office.services import Service
from screening.office.standing import Door, Standing, standing_of
from screening.queue.book import QueueBook
from screening.receipts.claims import ReceiptClaims, ReceiptUse
from screening.registration.bookings import Booking, Offer
from screening.registration.closer import Closer
from screening.registration.closing import Notice
from screening.registration.registrar import Registrar
from screening.repeats import KeptAnswers
from screening.settings import Settings
from screening.survey.book import SurveyBook
from screening.temperature.instrument.commissioning import ThermometerLog
from screening.temperature.instrument.drafts import Drafts
from screening.temperature.instrument.report_files import ReportFiles
from screening.training.classroom import Classroom
from screening.vision.commissioning import Look
from screening.visits import DayFigures, Visit, VisitLog
from screening.waiting_room.leaving import LeavingWatch
from screening.waiting_room.line import LineBook
from screening.waiting_room.live import LiveRoom


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptPage:
    """What its holder sees of a receipt; ``token`` is inside its QR, empty once its name is erased.

    ``visits`` are those who came in with it; ``booking`` is None where nothing was booked.
    ``name`` is the holder's whole one, empty where it is not known; ``answers`` are theirs to the
    service's questions, and ``has_contact`` tells that they left one. ``is_priority``: of a
    priority group, whichever. ``notice`` is of days that were closed to them, None where there is
    nothing to tell.
    """

    claims: ReceiptClaims
    token: str
    use: ReceiptUse
    visits: tuple[Visit, ...] = ()
    booking: Booking | None = None
    name: str = ""
    is_priority: bool = False
    answers: Mapping[str, str] = field(default_factory=dict)
    has_contact: bool = False
    notice: Notice | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """The collaborators of the web application; it opens and closes none of them.

    ``room`` is the room as it is now; it and ``known``, log-ins and stations' tokens, are told from
    memory. ``receipt_page`` finds a receipt by the number and the key of its link, None where the
    two lead nowhere, ``desk_receipt`` by its number alone; ``cancel_receipt`` makes it worthless
    for its holder, who does not come. ``revoke_receipt`` makes the receipt of a number worthless,
    and is told why and by whom; it raises UnknownReceipt. ``registrar`` books, moves and gives
    back places, ``closer`` closes days that were booked; None where nothing can be booked.
    ``person_data`` is all that the record holds of a receipt's holder, ``erase_person`` erases it
    at once, rows by kind; None where there is no record to ask. ``retention_runs`` are the newest
    times that old data were looked for, with the rows erased by kind.
    ``camera_looks`` tells what a gate's camera showed in the last seconds, nothing without one.
    ``pictures_judged`` counts those of a gate's camera that the mask check has looked at.
    ``facts`` are the office's services, checks, room and mode; a memory read.
    ``thermometers`` keeps what was found of each gate's thermometer, ``drafts`` what is being
    found, ``reports`` how it was found. ``kept_answers`` are those to other systems' writes.
    ``queue`` is who waits inside, and who is called to which counter; ``line`` who waits outside.
    ``waits`` is how long that takes, told from memory: ``waits.current().moments(visit_id)`` are
    the two moments between which a ticket's call is expected, None where nobody can tell.
    ``leaving`` is who has left without being seen to, and head counts. ``alerts`` is what needs
    somebody; a memory read. ``roll_ups`` are the figures of any days, ``log_search`` finds rows of
    the log; both ask the record.
    ``survey`` is what visitors say of the service, without their names.
    ``thermal_sight`` is a gate's thermal array, None where it has none.
    ``offers`` are the days and times of a service that can be booked, from a day for so many days;
    None where nothing can be booked. It may ask the record, and raise RecordError. ``holidays`` are
    public ones with their names in a language; a memory read.
    ``first_token`` is the way in while there is no administrator.
    ``backups`` tells how the daily backups stand, None where none are made; a memory read.
    ``backup_jobs`` are those that a person asks for; None where there is nothing to back up.
    ``training`` is where lessons are taken, None in a real office.
    ``is_demo`` and ``is_rehearsal`` put a ribbon on every page: the devices are simulated.
    """

    settings: Settings
    clock: Clock
    log: VisitLog
    accounts: Accounts
    known: KnownAccounts
    room: LiveRoom
    gates: Gates
    hub: Hub
    feed: Feed
    thermometers: ThermometerLog
    drafts: Drafts
    facts: OfficeBook
    reports: ReportFiles
    kept_answers: KeptAnswers
    queue: QueueBook
    waits: LiveWaits
    leaving: LeavingWatch
    alerts: LiveAlerts
    line: LineBook
    roll_ups: Figures
    survey: SurveyBook
    log_search: LogSearch
    revoke_receipt: Callable[[str, str, str], ReceiptClaims]
    first_token: FirstToken
    receipt_page: Callable[[str, str], ReceiptPage | None] = lambda *_: None
    desk_receipt: Callable[[str], ReceiptPage | None] = lambda _: None
    cancel_receipt: Callable[[ReceiptClaims], None] | None = None
    registrar: Registrar | None = None
    person_data: Callable[[ReceiptClaims], Mapping[str, Any]] | None = None
    erase_person: Callable[[ReceiptClaims], Mapping[str, int]] | None = None
    retention_runs: Callable[[], Sequence[tuple[datetime, Mapping[str, int]]]] = lambda: ()
    closer: Closer | None = None
    camera_looks: Callable[[str], Sequence[Look]] = lambda _: ()
    pictures_judged: Callable[[str], int] = lambda _: 0
    thermal_sight: Callable[[str], ThermalSight | None] = lambda _: None
    offers: Callable[[str, date, int], Sequence[Offer]] | None = None
    holidays: Callable[[str], Mapping[date, str]] = lambda _: {}
    backups: Callable[[], BackupState | None] = lambda: None
    backup_jobs: BackupJobs | None = None
    training: Classroom | None = None
    is_demo: bool = False
    is_rehearsal: bool = False

    @property
    def name(self) -> str:
        """What people call the office; a memory read."""
        return self.facts.current().name or self.settings.site.name

    def today(self) -> date:
        """The day at the office, by the clock of now."""
        return self.clock.now().astimezone(self.settings.site.zone).date()

    def figures(self) -> DayFigures:
        """Today's numbers; from memory in a running office. Raises RecordError."""
        return self.room.current().figures

    def newcomer_wait(self, standing: Standing) -> WaitEstimate | None:
        """How long whoever comes now waits for a counter; None while the office is not open.

        From memory in a running office; never raises.
        """
        if standing.door is not Door.OPEN:
            return None
        with suppress(RecordError):
            return self.waits.current().anybody
        return None

    def newcomer_outside(self) -> Interval | None:
        """How long whoever comes now waits outside to be called in; None while there is room.

        From memory in a running office; never raises.
        """
        with suppress(RecordError):
            return self.waits.current().newcomer_outside
        return None

    def standing(self, language: str, service: Service | None = None) -> Standing:
        """How the office stands now for whoever wants to come, or one of its services.

        ``language`` is that of holidays' names. From memory in a running office; never raises.
        """
        figures, is_counted = None, self.room.down_since() is None
        with suppress(RecordError):
            figures = self.figures()
        return standing_of(
            self.facts.current(),
            figures,
            self.clock.now(),
            self.settings.site.zone,
            is_counted=is_counted,
            holidays=self.holidays(language),
            service=service,
        )
