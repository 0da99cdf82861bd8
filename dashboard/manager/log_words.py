"""Writes rows of the log, and what can be looked for, in a language."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from dashboard.manager.log_contexts import Choice, LogForm, LogLine, Told
from dashboard.manager.log_query import LOG, Sought, address_of
from dashboard.web.office_words import Words
from dashboard.web.words import ADMISSIONS, CHECKS, ENTRIES, N_, REASONS
from screening.decision import Check, DecisionKind, Reason
from screening.log_search import EntryStory, FoundEntries
from screening.receipts.number import show_number
from screening.visits import (
    LEFT_UNMEASURED,
    CheckResult,
    EntryKind,
    EvidenceSource,
    ExitHow,
    LogEntry,
    Visit,
)

OUTCOMES: dict[DecisionKind, str] = {
    DecisionKind.ADMIT: N_("Admitted"),
    DecisionKind.DENY: N_("Refused"),
    DecisionKind.REFER: N_("Referred to an officer"),
    DecisionKind.WAIT: N_("Told to wait"),
    DecisionKind.FIX: N_("Went away before the end"),
}
"""How an attempt ended."""

RESULTS: dict[str, str] = {
    "passed": N_("passed"),
    "normal": N_("in order"),
    "elevated": N_("above the limit"),
    "mask": N_("mask worn"),
    "no_mask": N_("no mask"),
    "incorrect": N_("mask worn wrong"),
    "exempt": N_("exempt"),
    "off": N_("too far off"),
    "room": N_("the room is unsuitable"),
    LEFT_UNMEASURED: N_("not measured: had left"),
}
"""What a check found; an unknown one is shown as it is."""

SOURCES: dict[EvidenceSource, str] = {
    EvidenceSource.DEVICE: N_("by the device"),
    EvidenceSource.GUARD: N_("by a person"),
    EvidenceSource.EXEMPT: N_("not asked for"),
}

DETAILS: dict[str, str] = {
    "degrees": N_("the temperature in degrees"),
    "group": N_("the priority group"),
    "holder": N_("the name"),
    "remark": N_("the remark"),
}
"""What of a row may be erased."""

HOW_LEFT: dict[ExitHow, str] = {
    ExitHow.SCAN: N_("receipt scanned on the way out"),
    ExitHow.BUTTON: N_("seen by a person or a sensor"),
    ExitHow.CLOSING: N_("closed with the day"),
    ExitHow.SERVED: N_("concluded: was done"),
    ExitHow.ESTIMATED: N_("concluded: others do not stay so long"),
    ExitHow.COUNTED: N_("concluded: not found when heads were counted"),
}

HEADER = (
    N_("Row"),
    N_("Day"),
    N_("Time"),
    N_("What happened"),
    N_("Outcome"),
    N_("Undone later"),
    N_("Service"),
    N_("Receipt"),
    N_("Gate"),
    N_("Person on duty"),
    N_("Remark"),
)
"""Of the table that is exported."""

CUT = N_("The table ends here: rows older than row %(number)s are not in it.")
FOR_MANAGERS = N_("shown to managers alone")
ERASED = N_("erased")


@dataclass(frozen=True, slots=True)
class LogWords:
    """Writes what the log's pages alone show, as ``words`` writes everything else."""

    words: Words

    def alone(self, entry: LogEntry) -> LogLine:
        """A row in words, with its day."""
        day = self.words.language.day(entry.at, self.words.zone)
        return LogLine(entry=self.words.entry(entry), day=day, is_annulled=False)

    def lines(self, found: FoundEntries) -> Iterator[LogLine]:
        """Rows in words, each day's name where it begins."""
        before: date | None = None
        for entry in found.entries:
            day = entry.at.astimezone(self.words.zone).date()
            yield LogLine(
                entry=self.words.entry(entry),
                day="" if day == before else self.words.language.day(entry.at, self.words.zone),
                is_annulled=_is_annulled(entry, found),
            )
            before = day

    def cells(self, found: FoundEntries) -> Iterator[Sequence[object]]:
        """Rows under ``HEADER``; none carries a name of a visitor."""
        say = self.words.language.say
        for entry in found.entries:
            line, local = self.words.entry(entry), entry.at.astimezone(self.words.zone)
            yield (
                entry.entry_id,
                local.date(),
                f"{local:%H:%M:%S}",
                line.word,
                self.outcome(entry),
                say(N_("yes")) if _is_annulled(entry, found) else "",
                line.service,
                line.receipt,
                line.gate,
                line.operator,
                line.remark,
            )

    def outcome(self, entry: LogEntry) -> str:
        """How an attempt ended; empty for any other row."""
        if entry.kind is not EntryKind.ATTEMPT or entry.decision is None:
            return ""
        if isinstance(entry.decision, DecisionKind):
            return self.words.language.say(OUTCOMES[entry.decision])
        return entry.decision

    def sought(self, sought: Sought, since: datetime, until: datetime) -> str:
        """Of which days the rows are."""
        language, zone = self.words.language, self.words.zone
        first = language.day(since, zone)
        if sought.first != sought.last:
            last = language.near_day(date.fromisoformat(sought.last), date.min)
            return language.say(N_("%(first)s to %(last)s")) % {"first": first, "last": last}
        if sought.hour:
            times = {"from": language.time(since, zone), "to": language.time(until, zone)}
            return f"{first}, {language.say(N_('%(from)s to %(to)s')) % times}"
        return first

    def form(
        self,
        sought: Sought,
        *,
        gates: Iterable[str],
        services: Iterable[str],
        people: Sequence[str],
    ) -> LogForm:
        """The form as it was filled in."""
        return LogForm(
            number=sought.number,
            first=sought.first,
            last=sought.last,
            hour=sought.hour,
            person=sought.person,
            whats=tuple(self._whats(sought.what)),
            reasons=self._reasons(sought.reason),
            gates=_choices(((name, self.words.gate(name)) for name in gates), sought.gate),
            services=_choices(
                ((code, self.words.service(code) or code) for code in services), sought.service
            ),
            people=tuple(people),
            is_narrowed=any((sought.reason, sought.gate, sought.service, sought.person)),
        )

    def told(self, story: EntryStory, *, name: str | None, sees_names: bool) -> Iterator[Told]:
        """All that a row says; ``name`` is the visitor's, None where it may not be shown."""
        yield from self._attempt(story.entry)
        yield from self._whose(story, name, sees_names=sees_names)
        if story.visit is not None:
            yield from self._visit(story.visit, self._day(story.entry))
        for result in story.entry.results:
            yield self._check(result)
        if story.entry.remark:
            yield Told(word=self._say(N_("Remark")), value=story.entry.remark)
        if story.erased:
            yield self._erased(story)

    def _attempt(self, entry: LogEntry) -> Iterator[Told]:
        """How it ended, where, and by whom."""
        say, day = self._say, self._day(entry)
        if entry.kind is EntryKind.ATTEMPT and entry.decision is not None:
            link = address_of({**day, "what": entry.decision})
            yield Told(word=say(N_("Outcome")), value=self.outcome(entry), link=link)
            link = address_of({**day, "reason": entry.reason})
            yield Told(word=say(N_("Reason")), value=self.words.entry(entry).word, link=link)
        if entry.gate:
            link = address_of({**day, "gate": entry.gate})
            yield Told(word=say(N_("Gate")), value=self.words.gate(entry.gate), link=link)
        if entry.operator:
            link = address_of({**day, "person": entry.operator})
            yield Told(word=say(N_("Person on duty")), value=entry.operator, link=link)

    def _whose(self, story: EntryStory, name: str | None, *, sees_names: bool) -> Iterator[Told]:
        """Whose receipt it was, and what for."""
        entry, say = story.entry, self._say
        if entry.receipt_number:
            link = address_of({"number": entry.receipt_number})
            number = show_number(entry.receipt_number)
            yield Told(word=say(N_("Receipt")), value=number, link=link)
        if name is not None and sees_names:
            yield Told(word=say(N_("Name")), value=name)
        elif name is not None or "holder" in story.erased:
            yield Told(word=say(N_("Name")), value=say(ERASED if name is None else FOR_MANAGERS))
        if entry.service:
            link = address_of({**self._day(entry), "service": entry.service})
            service = self.words.service(entry.service) or entry.service
            yield Told(word=say(N_("Service")), value=service, link=link)

    def _visit(self, visit: Visit, day: Mapping[str, str]) -> Iterator[Told]:
        """Seat, ticket, and how they left."""
        say, words = self._say, self.words
        link = address_of({**day, "number": visit.ticket})
        yield Told(word=say(N_("Ticket")), value=visit.ticket, link=link)
        if visit.seat:
            yield Told(word=say(N_("Seat")), value=visit.seat)
        if visit.place > 1:
            yield Told(word=say(N_("Place in the party")), value=str(visit.place))
        if visit.left_at is not None:
            how = visit.left_how
            yield Told(
                word=say(N_("Left")),
                value=words.language.moment(visit.left_at, words.zone),
                note=say(HOW_LEFT[how]) if isinstance(how, ExitHow) else how or "",
            )

    def _check(self, result: CheckResult) -> Told:
        check, source = result.check, result.source
        return Told(
            word=self._say(CHECKS[check]) if isinstance(check, Check) else check,
            value=self._say(RESULTS.get(result.outcome, result.outcome)),
            note=self._say(SOURCES[source]) if isinstance(source, EvidenceSource) else source,
        )

    def _erased(self, story: EntryStory) -> Told:
        by, words = story.erased_by, self.words
        return Told(
            word=self._say(N_("Erased since")),
            value=", ".join(self._say(DETAILS.get(one, one)) for one in story.erased),
            link="" if by is None else f"{LOG}/{by.entry_id}",
            note="" if by is None else words.language.moment(by.at, words.zone),
        )

    def _day(self, entry: LogEntry) -> Mapping[str, str]:
        """What the address of that day's rows says."""
        day = entry.at.astimezone(self.words.zone).date().isoformat()
        return {"from": day, "to": day}

    def _say(self, message: str) -> str:
        return self.words.language.say(message)

    def _whats(self, chosen: str) -> Iterator[tuple[str, tuple[Choice, ...]]]:
        say = self.words.language.say
        attempts = [
            (EntryKind.ATTEMPT.value, say(N_("Every attempt"))),
            *((one.value, say(word)) for one, word in OUTCOMES.items()),
        ]
        yield say(N_("At the gates")), _choices(attempts, chosen, is_sorted=False, keeps=False)
        others = ((k.value, say(word)) for k, word in ENTRIES.items() if k is not EntryKind.ATTEMPT)
        yield say(N_("Everything else")), _choices(others, chosen, keeps=False)

    def _reasons(self, chosen: str) -> tuple[Choice, ...]:
        say = self.words.language.say
        words = {reason: say(ADMISSIONS.get(reason, REASONS[reason].headline)) for reason in Reason}
        count = Counter(words.values())
        told = {
            reason: word if count[word] == 1 else f"{word} ({reason.value})"
            for reason, word in words.items()
        }
        return _choices(((one.value, word) for one, word in told.items()), chosen)


def _choices(
    values: Iterable[tuple[str, str]], chosen: str, *, is_sorted: bool = True, keeps: bool = True
) -> tuple[Choice, ...]:
    """By their words; with ``keeps`` also what is chosen and is not there any more."""
    known = list(values)
    if keeps and chosen and chosen not in dict(known):
        known.append((chosen, chosen))
    if is_sorted:
        known.sort(key=lambda one: one[1].casefold())
    return tuple(Choice(value=v, word=word, is_chosen=v == chosen) for v, word in known)


def _is_annulled(entry: LogEntry, found: FoundEntries) -> bool:
    return entry.kind is EntryKind.ATTEMPT and entry.attempt_id in found.annulled
