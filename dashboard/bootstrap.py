"""The composition root: puts the office together of all its parts, and runs it."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Self

from dashboard.alerts.channels import channels_of
from dashboard.alerts.messenger import Messenger
from dashboard.backup.daily import DailyBackup
from dashboard.backup.on_demand import OnDemandBackups
from dashboard.gates import CONFIGURED, CameraSource, GateChoice, GateRegistry
from dashboard.start_checks import shared_port_problems
from dashboard.storage import (
    first_facts,
    open_closer,
    open_desk,
    open_links,
    open_record,
    open_registrar,
    open_site_keys,
    system_user,
    thermometer_files,
)
from dashboard.web.first_token import FirstToken
from dashboard.web.office import Office, ReceiptPage
from screening.accounts import KnownAccounts
from screening.alerts.live import LiveAlerts
from screening.alerts.observing import Observer
from screening.alerts.rules import BackupAge
from screening.clock import Clock, SystemClock, start_of_day
from screening.errors import RecordError
from screening.events import EntryWritten, LogGrown
from screening.feed import Feed
from screening.figures.live_waits import LiveWaits
from screening.gate.dependencies import LaneDependencies
from screening.gate.devices import unused
from screening.gate.ownership import Owner
from screening.hub import Hub
from screening.office.changes import in_order
from screening.office.facts import Mode, OfficeFacts
from screening.office.holidays import coming_holidays
from screening.readings import DeviceKind
from screening.receipts.claims import ReceiptClaims
from screening.receipts.token import sign
from screening.record import Record
from screening.record.upkeep import DailyUpkeep
from screening.settings import GateSettings, Settings
from screening.training.classroom import Classroom
from screening.vision.picture_folders import PictureFolders
from screening.visits import LogEntry
from screening.waiting_room.caller import LineCaller
from screening.waiting_room.leaving import LeavingWatch
from screening.waiting_room.live import LiveRoom

DRAFT_GRACE = timedelta(hours=1)
"""Whoever sets a thermometer up at midnight may finish."""
RUNNING_TIME_FILE = "running-time.json"
FIRST_GATE = "utama"
RUNS_SHOWN = 30
"""Nights of erasing on the administrators' page."""
CANCELLED = "cancelled by its holder"
"""What the log says of a receipt whose holder does not come."""
_GATES, _FEED, _ROOM, _LINE = "the gates", "the feed", "the room", "the line outside"
_WAITS = "the waits"
_LEAVING = "the exits that nobody sees"
_ALERTS = "the alerts"
_BACKUPS, _UPKEEP = "the daily backup", "the day's upkeep"


class RunningOffice:
    """The office with everything running: record, desk, gates, room and hub.

    ``training`` is set by the demonstration, which has somebody who plays lessons.
    """

    def __init__(
        self,
        settings: Settings,
        record: Record,
        *,
        clock: Clock,
        cameras: Mapping[str, CameraSource],
        is_demo: bool,
        is_rehearsal: bool,
        gates: GateChoice,
    ) -> None:
        self.settings = settings
        self.record = record
        self.clock = clock
        self.hub = Hub()
        self.feed = Feed(record.visits, clock)
        self.feed.listen(lambda: self.hub.publish(LogGrown(self.feed.head)))
        self.keys = open_site_keys(settings, record)
        self.desk = open_desk(settings, record, keys=self.keys, clock=clock)
        self.links = open_links(settings, record)
        self.registrar = open_registrar(record, self.desk, clock, link=self.links.path)
        self.closer = open_closer(record, self.desk, clock)
        self.waits = LiveWaits(
            record.queue, record.facts.current, clock, settings.site.zone, record.line
        )
        self.room = LiveRoom(
            record.visits,
            self.hub,
            clock,
            settings.site.zone,
            how_sure=lambda: self.leaving.give_or_take,
            has_answered_since=record.has_answered_since,
        )
        self.leaving = LeavingWatch(
            record.leaving,
            clock,
            settings.site.zone,
            record.facts.current,
            counts_every_door=bool(settings.gates)
            and all(gate.people_counter is not None for gate in settings.gates),
            on_change=self.room.touch,
        )
        self.caller = LineCaller(record.line, clock)
        self.known = KnownAccounts(record.accounts, clock)
        self.first_token = FirstToken(record.accounts)
        self.drafts, self.reports = thermometer_files(settings, record.facts.current)
        self.upkeep = DailyUpkeep(
            record,
            clock,
            also=self._forget_what_is_not_in_the_record,
            kept_in=settings.data / RUNNING_TIME_FILE,
        )
        self.backups = DailyBackup(settings, clock)
        self.backup_jobs = OnDemandBackups(settings, clock, note=self._note_backup)
        self.training: Classroom | None = None
        self._is_demo = is_demo
        self._is_rehearsal = is_rehearsal
        self._choice = gates
        self._open = [_GATES, _LINE, _FEED, _LEAVING, _ROOM, _WAITS, _ALERTS, _BACKUPS, _UPKEEP]
        self.gates = GateRegistry(
            settings,
            record,
            self.known,
            LaneDependencies(
                log=record.visits,
                desk=self.desk,
                room=self.room,
                hub=self.hub,
                clock=clock,
                zone=settings.site.zone,
                services=lambda: record.facts.current().services,
                on_crossing=self.leaving.crossed,
            ),
            cameras,
            owners=record.gate_owners(
                Owner(
                    machine=socket.gethostname(),
                    address=settings.web.public_url,
                    since=clock.now(),
                ),
                data=settings.data,
            ),
            wanted=gates.of(settings),
        )
        observer = Observer(
            facts=record.facts,
            room=self.room,
            queue=record.queue,
            gates=self.gates,
            book=record.alerts,
            clock=clock,
            zone=settings.site.zone,
            machine=socket.gethostname(),
            backup=self._backup_age,
        )
        channels = channels_of(settings, record.facts.current, clock.now)
        self.alerts = LiveAlerts(
            record.alerts, observer.look, self.hub, clock, channels=channels.keys()
        )
        self._messengers = [
            Messenger(record.alerts, name, channel.send, clock)
            for name, channel in channels.items()
        ]

    @classmethod
    @contextmanager
    def open(
        cls,
        settings: Settings,
        *,
        clock: Clock | None = None,
        cameras: Mapping[str, CameraSource] | None = None,
        is_demo: bool = False,
        is_rehearsal: bool = False,
        gates: GateChoice = CONFIGURED,
    ) -> Iterator[Self]:
        """Open the record, begin the gates, and close everything in the end.

        Raises UnknownGate where ``gates`` names one that does not exist.
        """
        clock = clock or SystemClock()
        with open_record(settings, clock) as record:
            running = cls(
                settings,
                record,
                clock=clock,
                cameras=cameras or {},
                is_demo=is_demo,
                is_rehearsal=is_rehearsal,
                gates=gates,
            )
            record.listen(running._tell)
            running._take_over()
            running.gates.check_wanted()
            try:
                running.upkeep.run_if_due()
                running.upkeep.start()
                running.backups.start()
                running.room.refresh()
                running.room.start()
                running.leaving.start()
                running.waits.start()
                running.feed.start()
                running.caller.start()
                record.facts.follow(running._facts_changed)
                running.known.start()
                running.gates.start()
                running.alerts.start()
                for messenger in running._messengers:
                    messenger.start()
                yield running
            finally:
                running.hub.close()
                running.known.close()
                running._close()

    def still_open(self) -> list[str]:
        """What has not been closed yet, in words for the log."""
        writes = self.record.unfinished_writes
        more = f" ({writes} of its writes without an answer)" if writes else ""
        return [*self._open, f"the record{more}"]

    def office(self) -> Office:
        """What the web application needs of this office."""
        return Office(
            settings=self.settings,
            clock=self.clock,
            log=self.record.visits,
            accounts=self.record.accounts,
            known=self.known,
            room=self.room,
            gates=self.gates,
            hub=self.hub,
            feed=self.feed,
            thermometers=self.record.thermometers,
            drafts=self.drafts,
            reports=self.reports,
            facts=self.record.facts,
            kept_answers=self.record.kept_answers,
            queue=self.record.queue,
            line=self.record.line,
            waits=self.waits,
            leaving=self.leaving,
            alerts=self.alerts,
            roll_ups=self.record.roll_ups,
            survey=self.record.survey,
            log_search=self.record.log_search,
            revoke_receipt=self._revoke_receipt,
            first_token=self.first_token,
            receipt_page=self._receipt_page,
            desk_receipt=self._desk_receipt,
            cancel_receipt=self._cancel_receipt,
            person_data=lambda claims: self.record.persons.export(claims.issuer, claims.number),
            erase_person=self._erase_person,
            retention_runs=self._retention_runs,
            registrar=self.registrar,
            closer=self.closer,
            offers=self.registrar.offers,
            holidays=self._holidays,
            camera_looks=self.gates.looks,
            pictures_judged=self.gates.pictures_judged,
            thermal_sight=self.gates.thermal_sight,
            backups=self.backups.state,
            backup_jobs=self.backup_jobs,
            training=self.training,
            is_demo=self._is_demo,
            is_rehearsal=self._is_rehearsal,
        )

    def setup_advice(self) -> list[str]:
        """What the office asks for, and what an installer should do next."""
        facts = self.record.facts.current()
        advice = [
            told_mode(facts),
            *unused_devices(self.settings, facts),
            *shared_port_problems(self.settings),
        ]
        if not self.settings.gates:
            advice.append(
                "No device is configured: gates work in manual."
                " Describe [[gates]] in gerbang.toml, then: gerbang config check"
            )
        return (
            advice
            + [
                uncommissioned(gate)
                for gate in self.settings.gates_without_offset(facts.checks_of)
                if self.record.thermometers.commissioning(gate.name) is None
            ]
            + may_swap(self.settings)
            + self._not_configured()
        )

    def _not_configured(self) -> list[str]:
        """What to do about gates that nobody runs, because the configuration names others."""
        if not self._choice.is_configured:
            return []
        return [
            f"gate {name}: it is not in the configuration, so this process does not run it;"
            " describe it there, or start with --gates all"
            for name in self.gates.unwanted()
        ]

    def _close(self) -> None:
        closed_in_order = {
            _GATES: self.gates.close,
            _ALERTS: self._close_alerts,
            _LINE: self.caller.close,
            _FEED: self.feed.close,
            _LEAVING: self.leaving.close,
            _ROOM: self.room.close,
            _WAITS: self.waits.close,
            _BACKUPS: self._close_backups,
            _UPKEEP: self.upkeep.close,
        }
        for name, close in closed_in_order.items():
            close()
            self._open.remove(name)

    def _close_alerts(self) -> None:
        self.alerts.close()
        for messenger in self._messengers:
            messenger.close()

    def _close_backups(self) -> None:
        self.backup_jobs.close()
        self.backups.close()

    def _note_backup(self, user: str, at: datetime) -> None:
        self.record.facts.note("backup", before=None, after="made", operator=user, at=at)

    def _tell(self, entries: Sequence[LogEntry]) -> None:
        """Rows that are committed, on their way to the pages."""
        self.feed.wake(entries)
        for entry in entries:
            self.hub.publish(EntryWritten(entry))
        self.room.touch()
        self.waits.touch()

    def _facts_changed(self, facts: OfficeFacts) -> None:
        """Somebody changed the office, maybe in another process."""
        self.gates.stop_removed(facts)
        self.room.touch()
        self.waits.touch()
        self.caller.touch()

    def _forget_what_is_not_in_the_record(self, now: datetime) -> None:
        """Pictures whose consent is over, reports with staff's degrees, and unfinished ones.

        Raises RecordError where a file cannot be read or deleted; all others are done.
        """
        today = start_of_day(now, self.settings.site.zone)
        pictures = PictureFolders(self.settings.data)
        tasks: tuple[Callable[[], object], ...] = (
            lambda: self.drafts.forget_before(min(today, now - DRAFT_GRACE)),
            lambda: self.reports.forget(now),
            lambda: pictures.delete_expired(now),
        )
        troubles = []
        for task in tasks:
            try:
                task()
            except RecordError as error:
                troubles.append(str(error))
            except OSError as error:
                troubles.append(f"{error.filename}: {error.strerror}")
        if troubles:
            raise RecordError("; ".join(troubles))

    def _take_over(self) -> None:
        """Make the configuration's values the record's, once; gates that are new in it, always.

        An office without any gate gets its first one. The demonstration is always in an outbreak.
        """
        facts, who = self.record.facts, system_user()
        facts.take_over(
            operator=who, at=self.clock.now(), gates_of_an_empty_office={FIRST_GATE: None}
        )
        configured = first_facts(self.settings).gates

        def complete(now: OfficeFacts) -> OfficeFacts:
            mode = Mode.OUTBREAK if self._is_demo else now.mode
            return replace(now, gates={**configured, **now.gates}, mode=mode)

        facts.change(complete, operator=who, at=self.clock.now())

    def _backup_age(self, now: datetime) -> BackupAge | None:
        state = self.backups.state()
        if state is None:
            return None
        return BackupAge(
            machine=socket.gethostname(),
            newest=state.newest,
            is_old=state.is_old(now),
            problem=state.problem or "",
        )

    def _revoke_receipt(self, number: str, reason: str, operator: str) -> ReceiptClaims:
        return self.desk.revoke(number, reason=reason, operator=operator)

    def _receipt_page(self, number: str, key: str) -> ReceiptPage | None:
        """A receipt of this office by its link; its token is signed anew with today's key."""
        claims = self.links.claims_of(number, key)
        return None if claims is None else self._shown(claims)

    def _desk_receipt(self, number: str) -> ReceiptPage | None:
        """The same by its number, for whoever works here."""
        found = self.registrar.registration(number)
        return None if found is None else self._shown(found.claims)

    def _shown(self, claims: ReceiptClaims) -> ReceiptPage:
        registration = self.registrar.registration(claims.number)
        return ReceiptPage(
            claims=claims,
            # Once the name is erased there is no token: it opened no gate for long before.
            token=sign(claims, self.keys.signing) if claims.holder else "",
            use=self.desk.use(claims),
            visits=tuple(self.record.visits.visits_of(claims.issuer, claims.number)),
            booking=None if registration is None else registration.booking,
            name="" if registration is None else registration.name,
            is_priority=registration is not None and registration.is_priority,
            answers={} if registration is None else registration.answers,
            has_contact=registration is not None and registration.contact is not None,
            notice=self.closer.notice(claims),
        )

    def _holidays(self, language: str) -> Mapping[date, str]:
        today = self.clock.now().astimezone(self.settings.site.zone).date()
        return coming_holidays(today, language)

    def _cancel_receipt(self, claims: ReceiptClaims) -> None:
        """Raises RecordError."""
        if self.registrar.booking(claims.number) is not None:
            self.registrar.cancel(claims.number, by="")
            return
        self.record.receipts.revoke(
            claims.issuer, claims.number, reason=CANCELLED, operator="", at=self.clock.now()
        )

    def _erase_person(self, claims: ReceiptClaims) -> Mapping[str, int]:
        """Raises RecordError."""
        return self.record.persons.erase(claims.issuer, claims.number, by="", at=self.clock.now())

    def _retention_runs(self) -> Sequence[tuple[datetime, Mapping[str, int]]]:
        return [(run.at, run.erased) for run in self.record.retention.runs(limit=RUNS_SHOWN)]


def told_mode(facts: OfficeFacts) -> str:
    """The office's mode in one line, and how it is changed."""
    other = Mode.EVERYDAY if facts.mode is Mode.OUTBREAK else Mode.OUTBREAK
    checks = ", ".join(in_order(facts.mode_checks)) or "nothing"
    return f"Mode {facts.mode}: gates ask for {checks}; gerbang office mode {other} changes it"


def unused_devices(settings: Settings, facts: OfficeFacts) -> list[str]:
    """A line for each device that is wired and that no check of its gate needs in this mode."""
    return [
        f"gate {gate.name}: its {kind} is wired and not used in {facts.mode} mode"
        for gate in settings.gates
        for kind in unused(wired(gate), facts.checks_of(gate.name))
    ]


def wired(gate: GateSettings) -> frozenset[DeviceKind]:
    """The measuring devices that the configuration describes at this gate."""
    described = {DeviceKind.THERMOMETER: gate.thermometer, DeviceKind.CAMERA: gate.camera}
    return frozenset(kind for kind, settings in described.items() if settings is not None)


def uncommissioned(gate: GateSettings) -> str:
    """What to do at a gate whose thermometer has no offset from the configuration."""
    return (
        f"gate {gate.name}: the guard measures until its thermometer is commissioned:"
        f" /gate/{gate.name}/thermometer or gerbang thermometer commission --gate {gate.name}"
    )


def may_swap(settings: Settings) -> list[str]:
    """What to do where two thermometers may stand for each other after a start."""
    gates = settings.gates_that_may_swap
    if not gates:
        return []
    names = ", ".join(gate.name for gate in gates)
    return [
        f"gates {names}: after a start their thermometers may have changed places, each with the"
        " other's offset; name their ports under /dev/serial/by-path"
    ]
