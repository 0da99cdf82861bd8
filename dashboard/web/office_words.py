"""Writes figures, services and rows of the log in a language; decides nothing."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from fastapi import Request

from dashboard.backup.folder import BackupState
from dashboard.web.auth import office_of
from dashboard.web.figures import Refusal, RoomFigures
from dashboard.web.gate.contexts import BackupLine, EntryLine
from dashboard.web.language import Language
from dashboard.web.queue_words import STATES
from dashboard.web.rendering import renderer_of
from dashboard.web.words import ADMISSIONS, CHECKED, ENTRIES, N_, REASONS
from screening.decision import DecisionKind, Reason
from screening.office.facts import OfficeFacts, WordsAt
from screening.office.services import Service
from screening.registration.registrar import seen_text
from screening.visits import LEFT_UNMEASURED, DayFigures, EntryKind, HeadCount, LogEntry
from screening.waiting_room.line import PlaceState

RANGE = N_("In nine of ten cases %(least)s to %(most)s people are inside.")
LEFT = N_("Left before a clinical reading")
_STATES: Mapping[str, str] = {
    **{state.value: word for state, word in STATES.items()},
    PlaceState.GAVE_UP.value: N_("gave up"),
}
_STATE = re.compile(r"\b[a-z_]+(?= →)|(?<=→ )[a-z_]+")
COUNTED = N_("%(name)s counted %(people)s people at %(time)s.")


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

    def answers(self, service: str, answers: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
        """What a holder answered, each behind its question; a question that is gone by its code."""
        offered = self.offered().get(service)
        asked = {} if offered is None else {one.code: one for one in offered.questions}
        return tuple(
            (
                asked[code].text(self.language.code, default=self.site_language)
                if code in asked
                else code,
                seen_text(answers[code]),
            )
            for code in sorted(answers, key=[*asked, *answers].index)
            if answers[code].strip()
        )

    def says(self, facts: OfficeFacts, where: WordsAt) -> str:
        """The office's own words there; empty without any."""
        return facts.says(where, self.language.code, default=self.site_language)

    def entry(self, entry: LogEntry) -> EntryLine:
        """A row of the log in words; it never carries a name of a visitor."""
        is_attempt = entry.kind is EntryKind.ATTEMPT
        word = self._kind(entry.kind)
        if is_attempt and entry.reason is not None:
            word = self._reason(entry.reason)
        elif entry.kind is EntryKind.THERMOMETER_CHECKED and entry.results:
            outcome = CHECKED.get(entry.results[0].outcome)
            word = word if outcome is None else self.language.say(outcome)
        elif entry.kind is EntryKind.CLINICAL and _left_unmeasured(entry):
            word = self.language.say(LEFT)
        return EntryLine(
            entry_id=entry.entry_id,
            state=str(entry.decision) if is_attempt and entry.decision else str(entry.kind),
            time=self.language.seconds(entry.at, self.zone),
            gate=self.gate(entry.gate or ""),
            word=word,
            service=self.service(entry.service) or "",
            receipt=entry.receipt_number or "",
            operator=entry.operator or "",
            remark=self._remark(entry),
        )

    def figures(self, figures: DayFigures) -> RoomFigures:
        """The numbers of the room and of the day."""
        places = figures.capacity
        percent = min(100, round(100 * figures.occupancy / places)) if places else 100
        refusals = sorted(figures.denied_by_reason.items(), key=lambda item: (-item[1], item[0]))
        most = refusals[0][1] if refusals else 1
        return RoomFigures(
            occupancy=figures.occupancy,
            capacity=figures.capacity,
            free=max(0, figures.capacity - figures.places_taken),
            percent=percent,
            level="full" if figures.places_taken >= figures.capacity else _level(percent),
            give_or_take=figures.uncertainty,
            range=self._range(figures),
            counted=self._counted(figures.counted),
            admitted=figures.admitted,
            refused=figures.denied,
            referred=figures.referred,
            waiting_outside=figures.waiting_outside,
            refusals=tuple(
                Refusal(
                    state=DecisionKind.DENY.value,
                    reason=reason,
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

    def _range(self, figures: DayFigures) -> str:
        """What the uncertainty means; empty where nobody knows it."""
        if figures.uncertainty is None:
            return ""
        return self.language.say(RANGE) % {
            "least": self.language.whole(max(0, figures.occupancy - figures.uncertainty)),
            "most": self.language.whole(figures.occupancy + figures.uncertainty),
        }

    def _counted(self, counted: HeadCount | None) -> str:
        """Who counted heads when; empty where nobody did today."""
        if counted is None:
            return ""
        return self.language.say(COUNTED) % {
            "people": self.language.whole(counted.people),
            "time": self.language.time(counted.at, self.zone),
            "name": counted.by,
        }

    def backup(self, state: BackupState | None, now: datetime) -> BackupLine | None:
        """What to do about the daily backups, None where all is well or none are made."""
        if state is None or (state.problem is None and not state.is_old(now)):
            return None
        newest = None if state.newest is None else self.language.day(state.newest, self.zone)
        return BackupLine(newest=newest, problem=state.problem)

    def reason(self, code: str) -> str:
        """A reason by its code, in the words of the list of last visits."""
        return self._reason(Reason(code) if code in set(Reason) else code)

    def _remark(self, entry: LogEntry) -> str:
        """What was noted; of a ticket, or a place in the line, how it changed."""
        if entry.remark is None or entry.kind not in {EntryKind.QUEUE, EntryKind.LINE}:
            return entry.remark or ""
        head, between, change = entry.remark.rpartition(": ")
        said = _STATE.sub(lambda found: self.language.say(_STATES.get(found[0], found[0])), change)
        return f"{head}{between}{said}"

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


def words_of(request: Request, language: Language | None = None) -> Words:
    """The writer of values for this request's language, or another one."""
    office = office_of(request)
    return Words(
        language or renderer_of(request).language(request),
        office.settings.site.language,
        office.settings.site.zone,
        lambda: office.facts.current().services,
        lambda: office.facts.current().gate_titles,
    )


def _left_unmeasured(entry: LogEntry) -> bool:
    return any(result.outcome == LEFT_UNMEASURED for result in entry.results)


def _level(percent: int) -> str:
    return "busy" if percent >= 80 else "calm"
