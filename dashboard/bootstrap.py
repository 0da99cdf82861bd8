"""The composition root: puts the office together of all its parts, and runs it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Self

from dashboard.gates import CameraSource, GateRegistry
from dashboard.office import Office, ReceiptPage
from dashboard.storage import open_desk, open_record, open_site_keys, thermometer_files
from screening.accounts import Gate, KnownAccounts
from screening.clock import Clock, SystemClock, start_of_day
from screening.decision import Reason
from screening.errors import RecordError
from screening.events import EntryWritten
from screening.gate.parts import LaneParts
from screening.hub import Hub
from screening.receipts.token import sign
from screening.record import Record
from screening.record.upkeep import DailyUpkeep
from screening.settings import GateSettings, Settings
from screening.vision.picture_folders import PictureFolders
from screening.visits import LogEntry
from screening.waiting_room.live import LiveRoom

DRAFT_GRACE = timedelta(hours=1)
"""Whoever sets a thermometer up at midnight may finish."""
FIRST_GATE = "utama"


class House:
    """The office with everything running: record, desk, gates, room and hub."""

    def __init__(
        self,
        settings: Settings,
        record: Record,
        *,
        clock: Clock,
        cameras: Mapping[str, CameraSource],
        is_demo: bool,
    ) -> None:
        self.settings = settings
        self.record = record
        self.clock = clock
        self.hub = Hub()
        self.keys = open_site_keys(settings)
        self.desk = open_desk(settings, record, keys=self.keys, clock=clock)
        self.room = LiveRoom(record.visits, self.hub, clock, settings.site.zone)
        self.known = KnownAccounts(record.accounts, clock)
        self.drafts, self.reports = thermometer_files(settings)
        self.upkeep = DailyUpkeep(record, clock, also=self._forget_what_is_not_in_the_record)
        self._is_demo = is_demo
        self.gates = GateRegistry(
            settings,
            record,
            self.known,
            LaneParts(
                log=record.visits,
                desk=self.desk,
                room=self.room,
                hub=self.hub,
                clock=clock,
                zone=settings.site.zone,
                services=record.services.services,
            ),
            cameras,
        )

    @classmethod
    @contextmanager
    def open(
        cls,
        settings: Settings,
        *,
        clock: Clock | None = None,
        cameras: Mapping[str, CameraSource] | None = None,
        is_demo: bool = False,
    ) -> Iterator[Self]:
        """Open the record, begin all gates, and close everything in the end."""
        clock = clock or SystemClock()
        with open_record(settings, clock) as record:
            house = cls(
                settings,
                record,
                clock=clock,
                cameras=cameras or {},
                is_demo=is_demo,
            )
            record.listen(house._tell)
            house._know_gates()
            try:
                house.upkeep.run_if_due()
                house.upkeep.start()
                house.room.refresh()
                house.room.start()
                house.known.start()
                for name in house.gates.names():
                    house.gates.get(name)
                yield house
            finally:
                house.hub.close()
                house.known.close()
                house.gates.close()
                house.room.close()
                house.upkeep.close()

    def office(self) -> Office:
        """What the web application needs of this house."""
        return Office(
            settings=self.settings,
            clock=self.clock,
            log=self.record.visits,
            accounts=self.record.accounts,
            known=self.known,
            gates=self.gates,
            hub=self.hub,
            thermometers=self.record.thermometers,
            drafts=self.drafts,
            reports=self.reports,
            services=tuple(self.record.services.services().values()),
            receipt_page=self._receipt_page,
            camera_looks=self.gates.looks,
            thermal_sight=self.gates.thermal_sight,
            is_demo=self._is_demo,
        )

    def setup_advice(self) -> list[str]:
        """What an installer should do next; empty when nothing is left."""
        advice = []
        if not self.record.accounts.users():
            advice.append("Nobody can log in yet: gerbang user add NAME --role administrator")
        if not self.settings.gates:
            advice.append(
                "No device is configured: gates work in manual."
                " Describe [[gates]] in gerbang.toml, then: gerbang config check"
            )
        return (
            advice
            + [
                uncommissioned(gate)
                for gate in self.settings.gates_without_offset(
                    self.record.facts.current().checks_of
                )
                if self.record.thermometers.commissioning(gate.name) is None
            ]
            + may_swap(self.settings)
        )

    def _tell(self, entries: Sequence[LogEntry]) -> None:
        """Rows that are committed, on their way to the pages."""
        for entry in entries:
            self.hub.publish(EntryWritten(entry))
        self.room.touch()

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

    def _know_gates(self) -> None:
        """Write configured gates into the record; an office without any gets its first one."""
        known = {gate.name for gate in self.record.accounts.gates()}
        default = frozenset(self.settings.policy.checks)
        for gate in self.settings.gates:
            if gate.name not in known:
                checks = default if gate.checks is None else frozenset(gate.checks)
                self.record.accounts.add_gate(Gate(gate.name, checks, token_hash=None))
        if not known and not self.settings.gates:
            self.record.accounts.add_gate(Gate(FIRST_GATE, default, token_hash=None))

    def _receipt_page(self, number: str) -> ReceiptPage | None:
        """A receipt of this office by its number; its token is signed anew with today's key."""
        claims = self.desk.read(number, at=self.clock.now())
        if isinstance(claims, Reason) or claims.issuer != self.keys.signing.issuer:
            return None
        use = self.record.receipts.use_of(claims.issuer, claims.number, since=claims.not_before)
        return ReceiptPage(
            number=claims.number,
            token=sign(claims, self.keys.signing),
            service=claims.service,
            party_size=claims.party_size,
            not_before=claims.not_before,
            expires=claims.expires,
            is_revoked=use.revoked,
        )


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
