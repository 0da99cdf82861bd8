"""Turns figures, services and log rows into what pages show; decides nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from dashboard.backup_folder import BackupState
from dashboard.contexts.gate import BackupLine, EntryLine
from dashboard.contexts.public import ServiceGroup
from dashboard.contexts.room import HourBar, Referral, Refusal, RoomFigures
from dashboard.language import Language
from dashboard.words import ADMISSIONS, CHANNELS, CHECKED, ENTRIES, REASONS
from screening.decision import DecisionKind, Reason
from screening.services.catalogue import Channel, Service
from screening.visits import DayFigures, EntryKind, LogEntry


@dataclass(frozen=True, slots=True)
class Words:
    """Writes values in one language, in the site's zone, with the office's service names.

    A service without a name in it is called by its name in ``site_language``. ``offered`` tells the
    services of now by code, ``titles`` what people call a gate, by its name; a page that stays open
    outlives a change of them.
    """

    language: Language
    site_language: str
    zone: ZoneInfo
    offered: Callable[[], Mapping[str, Service]]
    titles: Callable[[], Mapping[str, str]] = dict

    def gate(self, name: str) -> str:
        """What people call a gate."""
        return self.titles().get(name, name)

    def service(self, code: str | None) -> str | None:
        """The name of a service; its code when the office does not have it."""
        service = self.offered().get(code or "")
        if service is None:
            return code
        return service.name(self.language.code, default=self.site_language)

    def entry(self, entry: LogEntry) -> EntryLine:
        """A row of the log in words; it never carries a name of a visitor."""
        is_attempt = entry.kind is EntryKind.ATTEMPT
        word = self._kind(entry.kind)
        if is_attempt and entry.reason is not None:
            word = self._reason(entry.reason)
        elif entry.kind is EntryKind.THERMOMETER_CHECKED and entry.results:
            outcome = CHECKED.get(entry.results[0].outcome)
            word = word if outcome is None else self.language.say(outcome)
        return EntryLine(
            entry_id=entry.entry_id,
            state=str(entry.decision) if is_attempt and entry.decision else str(entry.kind),
            time=self.language.seconds(entry.at, self.zone),
            gate=self.gate(entry.gate or ""),
            word=word,
            service=self.service(entry.service) or "",
            receipt=entry.receipt_number or "",
            operator=entry.operator or "",
            remark=entry.remark or "",
        )

    def figures(self, figures: DayFigures) -> RoomFigures:
        """The numbers of the room and of the day."""
        percent = min(100, round(100 * figures.occupancy / figures.capacity))
        refusals = sorted(figures.denied_by_reason.items(), key=lambda item: (-item[1], item[0]))
        most = refusals[0][1] if refusals else 1
        return RoomFigures(
            occupancy=figures.occupancy,
            capacity=figures.capacity,
            free=max(0, figures.capacity - figures.occupancy),
            percent=percent,
            level="full" if figures.occupancy >= figures.capacity else _level(percent),
            admitted=figures.admitted,
            refused=figures.denied,
            referred=figures.referred,
            waiting_outside=figures.waiting_outside,
            refusals=tuple(
                Refusal(
                    state=DecisionKind.DENY.value,
                    words=self._headline(reason),
                    count=count,
                    share=round(100 * count / most),
                )
                for reason, count in refusals
                if count
            ),
            since=self.language.time(figures.since, self.zone),
            updated=self.language.seconds(figures.updated_at, self.zone),
        )

    def hours(self, hours: Sequence[tuple[datetime, int, int, int]]) -> tuple[HourBar, ...]:
        """Bars of the day's hours; the tallest one is 100."""
        tallest = max((sum(counts) for _, *counts in hours), default=0) or 1
        return tuple(
            HourBar(
                label=self.language.time(start, self.zone)[:2],
                admitted=admitted,
                refused=refused,
                referred=referred,
                admitted_height=round(100 * admitted / tallest),
                refused_height=round(100 * refused / tallest),
                referred_height=round(100 * referred / tallest),
            )
            for start, admitted, refused, referred in hours
        )

    def groups(self) -> tuple[ServiceGroup, ...]:
        """The services by the way to them."""
        say, offered = self.language.say, tuple(self.offered().values())
        return tuple(
            ServiceGroup(
                channel=channel.value,
                title=say(title),
                explanation=say(explanation),
                services=tuple(
                    self.service(service.code) or service.code
                    for service in offered
                    if service.channel is channel
                ),
            )
            for channel, (title, explanation) in CHANNELS.items()
            if any(service.channel is channel for service in offered)
        )

    def without_receipt(self) -> tuple[tuple[str, str], ...]:
        """Code and name of the services that need no receipt."""
        return tuple(
            (service.code, self.service(service.code) or service.code)
            for service in self.offered().values()
            if service.channel in (Channel.EMERGENCY, Channel.WALK_IN)
        )

    def referral(self, entry: LogEntry) -> Referral:
        """A referral that waits for its clinical reading."""
        return Referral(
            attempt_id=entry.attempt_id or "",
            time=self.language.time(entry.at, self.zone),
            gate=self.gate(entry.gate or ""),
            receipt=entry.receipt_number or "",
        )

    def backup(self, state: BackupState | None, now: datetime) -> BackupLine | None:
        """What to do about the daily backups, None where all is well or none are made."""
        if state is None or (state.problem is None and not state.is_old(now)):
            return None
        newest = None if state.newest is None else self.language.day(state.newest, self.zone)
        return BackupLine(newest=newest, problem=state.problem)

    def _kind(self, kind: EntryKind | str) -> str:
        return self.language.say(ENTRIES[kind]) if isinstance(kind, EntryKind) else kind

    def _reason(self, reason: Reason | str) -> str:
        """As the list of last visits words it."""
        if isinstance(reason, Reason) and reason in ADMISSIONS:
            return self.language.say(ADMISSIONS[reason])
        return self._headline(reason)

    def _headline(self, reason: Reason | str) -> str:
        """The code itself where a newer version wrote one that has no words here."""
        if isinstance(reason, Reason):
            return self.language.say(REASONS[reason].headline)
        return reason


def _level(percent: int) -> str:
    return "busy" if percent >= 80 else "calm"
