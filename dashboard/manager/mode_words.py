"""Puts the office's mode into words: what gates ask for, and which seats are open."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from dashboard.manager.mode_contexts import ModeDifference, ModeLine, ModePage
from dashboard.web.language import Language
from dashboard.web.shell import Shell
from dashboard.web.words import CHECKS, N_
from screening.decision import Check
from screening.office.facts import Mode, OfficeFacts

OFFICE_MODES: dict[Mode, str] = {
    Mode.EVERYDAY: N_("Everyday"),
    Mode.OUTBREAK: N_("Outbreak"),
}
SWITCH: dict[Mode, str] = {
    Mode.EVERYDAY: N_("Switch to everyday"),
    Mode.OUTBREAK: N_("Switch to outbreak"),
}
QUESTION: dict[Mode, str] = {
    Mode.EVERYDAY: N_("Switch the office to everyday?"),
    Mode.OUTBREAK: N_("Switch the office to outbreak?"),
}


@dataclass(frozen=True, slots=True)
class ModeWords:
    """Writes the mode in one language."""

    language: Language

    def line(self, facts: OfficeFacts) -> ModeLine:
        """What holds now."""
        say = self.language.say
        return ModeLine(
            mode=facts.mode.value,
            word=say(OFFICE_MODES[facts.mode]),
            asks=self._checks(facts.mode_checks),
            seats=self._seats(facts),
            switch=say(SWITCH[other(facts.mode)]),
        )

    def page(self, facts: OfficeFacts, *, inside: int, shell: Shell) -> ModePage:
        """What the other mode would change; ``inside`` is how many people are."""
        say, target = self.language.say, other(facts.mode)
        after = replace(facts, mode=target)
        gates = tuple(
            self._difference(
                say(N_("Gate %(gate)s asks for")) % {"gate": name},
                self._checks(facts.checks_of(name)),
                self._checks(after.checks_of(name)),
            )
            for name in sorted(facts.gates)
        )
        room = (
            self._difference(say(N_("Seats")), self._seats(facts), self._seats(after)),
            self._difference(
                say(N_("People inside at most")),
                self.language.whole(facts.capacity),
                self.language.whole(after.capacity),
            ),
        )
        return ModePage(
            shell=shell,
            word=say(OFFICE_MODES[facts.mode]),
            target=target.value,
            title=say(QUESTION[target]),
            switch=say(SWITCH[target]),
            differences=gates + room,
            note=self._note(after, inside),
        )

    def _note(self, after: OfficeFacts, inside: int) -> str:
        if inside <= after.capacity:
            return ""
        sentence = self.language.say(
            N_("%(inside)s people are inside now. Nobody has to leave; newcomers wait for room.")
        )
        return sentence % {"inside": self.language.whole(inside)}

    def _difference(self, what: str, before: str, after: str) -> ModeDifference:
        return ModeDifference(what=what, before=before, after="" if before == after else after)

    def _checks(self, checks: Collection[Check]) -> str:
        words = [self.language.say(CHECKS[check]) for check in Check if check in checks]
        return ", ".join(words) or self.language.say(N_("nothing"))

    def _seats(self, facts: OfficeFacts) -> str:
        plan = facts.plan
        number, sealed = len(plan.open_seats), len(plan.seats) - len(plan.open_seats)
        if not sealed:
            return self.language.count("all %(num)d open", "all %(num)d open", number)
        opened = self.language.count("%(num)d open", "%(num)d open", number)
        closed = self.language.count("%(num)d sealed", "%(num)d sealed", sealed)
        return f"{opened}, {closed}"


def other(mode: Mode) -> Mode:
    """The mode that the button switches to."""
    return Mode.EVERYDAY if mode is Mode.OUTBREAK else Mode.OUTBREAK
