"""How the gates did, in words and drawings: what each figure counts, and why one is not known."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from dashboard.manager.temperature_contexts import (
    OutcomeFigure,
    OutcomeGate,
    OutcomeGroup,
    OutcomePerson,
    OutcomeSide,
    OutcomesShown,
)
from dashboard.web.language import Language
from dashboard.web.words import N_
from screening.month import Month
from screening.temperature.outcomes import Figure, Outcomes, Tallies, Unknown, judge

FIGURES: dict[str, str] = {
    "ppv": N_("Referred visitors whose temperature was raised"),
    "npv": N_("Visitors let in whose temperature was in order"),
    "sensitivity": N_("Visitors with a raised temperature who were referred"),
    "specificity": N_("Visitors in order who were let in"),
}
"""What each share counts, by the name that statisticians and machines know it by."""

UNKNOWN: dict[Unknown, str] = {
    Unknown.NOBODY_CAME: N_("no visitor was measured at the gate"),
    Unknown.NOBODY_REFERRED: N_("nobody was referred"),
    Unknown.NOBODY_PASSED: N_("nobody was let pass"),
    Unknown.REFERRED_NOT_MEASURED: N_(
        "nobody among the referred was measured with a clinical thermometer"
    ),
    Unknown.PASSED_NOT_MEASURED: N_(
        "nobody among those let pass was measured with a clinical thermometer"
    ),
    Unknown.NOBODY_ELEVATED: N_("nobody who was measured was above the limit"),
    Unknown.NOBODY_NORMAL: N_("nobody who was measured was in order"),
}

COUNTED: dict[str, str] = {
    "ppv": N_("%(count)s of %(total)s referred who were measured"),
    "npv": N_("%(count)s of %(total)s let pass who were measured"),
    "sensitivity": N_("found above the limit: %(count)s referred, %(missed)s let pass"),
    "specificity": N_("found in order: %(count)s let pass, %(missed)s referred"),
}
NAMES: dict[str, str] = {
    "ppv": N_("positive predictive value"),
    "npv": N_("negative predictive value"),
    "sensitivity": N_("sensitivity"),
    "specificity": N_("specificity"),
}

NOBODY_REFERRED = N_("The gates referred nobody.")
REFERRED_NOT_MEASURED = N_(
    "The gates referred %(all)s, and no officer measured any of them: whether that was right is not"
    " known."
)
REFERRED_MEASURED = N_(
    "The gates referred %(all)s. An officer measured %(measured)s of them and found %(found)s above"
    " the limit."
)
PASSED_NOT_MEASURED = N_(
    "They let %(all)s pass, and no officer measured any of them: whether the gates missed somebody"
    " is not known."
)
PASSED_MEASURED = N_(
    "They let %(all)s pass. An officer measured %(measured)s of them and found %(found)s above the"
    " limit."
)
TOO_FEW = N_(
    "That is too little to judge the gates by: wait until officers have measured %(enough)s."
)
ENOUGH_MEASURED = 30
"""Below this a share's interval is wider than a third of the scale, whatever was found."""

SCALE = 564
"""Length of a figure's tube from none to all, in units of its drawing."""

MOST_PEOPLE = 60
IN_A_ROW = 15
PERSON_ACROSS, PERSON_DOWN = 16, 22

_FLOW_STEPS = 4
_FLOW_WIDTH = 44.0
_THINNEST_FLOW = 2.5


@dataclass(frozen=True, slots=True)
class OutcomeWords:
    """Writes a month's outcomes in one language."""

    language: Language

    def month(
        self, month: Month, counted: Tallies, *, at: datetime, zone: ZoneInfo
    ) -> OutcomesShown:
        """The month as it stands ``at`` (aware UTC)."""
        total = judge(counted.all)
        before, after = month.before(), month.after()
        now = Month.of(at, zone)
        return OutcomesShown(
            month=self.language.month(month),
            before=str(before),
            before_word=self.language.month(before),
            after=str(after) if after <= now else None,
            after_word=self.language.month(after) if after <= now else "",
            is_running=month == now,
            counted_at=self.language.moment(at, zone),
            visitors=self.language.whole(total.tally.visitors),
            sides=self.sides(total) if total.tally.visitors else (),
            plain=self.plain(total),
            figures=tuple(self.figure(name, getattr(total, name)) for name in FIGURES),
            gates=self.gates(counted) if len(counted.by_gate) > 1 else (),
            needs_spot_checks=total.sensitivity.unknown is Unknown.PASSED_NOT_MEASURED,
        )

    def plain(self, found: Outcomes) -> tuple[str, ...]:
        """What a manager should know, a sentence each; without percentages of few people."""
        tally, say, whole = found.tally, self.language.say, self.language.whole
        if not tally.visitors:
            return ()
        referred = {
            "all": whole(tally.referred),
            "measured": whole(tally.referred_measured),
            "found": whole(tally.referred_elevated),
        }
        passed = {
            "all": whole(tally.passed),
            "measured": whole(tally.passed_measured),
            "found": whole(tally.passed_elevated),
        }
        sentences = [
            NOBODY_REFERRED
            if not tally.referred
            else REFERRED_NOT_MEASURED
            if not tally.referred_measured
            else REFERRED_MEASURED,
            PASSED_MEASURED if tally.passed_measured else PASSED_NOT_MEASURED,
        ]
        told = [
            say(sentence) % values
            for sentence, values in zip(sentences, (referred, passed), strict=True)
        ]
        if tally.referred_measured + tally.passed_measured < ENOUGH_MEASURED:
            told.append(say(TOO_FEW) % {"enough": whole(ENOUGH_MEASURED)})
        return tuple(told)

    def sides(self, found: Outcomes) -> tuple[OutcomeSide, OutcomeSide]:
        """The referred and those let pass."""
        tally, say = found.tally, self.language.say
        referred = _Counts(tally.referred_elevated, tally.referred_normal, tally.referred)
        passed = _Counts(tally.passed_elevated, tally.passed_normal, tally.passed)
        share = tally.referred / tally.visitors if tally.visitors else 0.0
        to_referred, to_passed = flows(share)
        return (
            self._side("refer", say(N_("Referred")), referred, share, to_referred),
            self._side("admit", say(N_("Let pass")), passed, 1 - share, to_passed),
        )

    def figure(self, name: str, figure: Figure) -> OutcomeFigure:
        """One share with its interval, or why it is not known."""
        say = self.language.say
        is_known = figure.value is not None and figure.interval is not None
        low, high = figure.interval or (0.0, 1.0)
        return OutcomeFigure(
            words=say(FIGURES[name]),
            name=say(NAMES[name]),
            value=self._value(figure),
            interval="" if figure.is_bound or not is_known else self._interval(low, high),
            counted=say(COUNTED[name])
            % {
                "count": self.language.whole(figure.count),
                "total": self.language.whole(figure.total),
                "missed": self.language.whole(figure.total - figure.count),
            }
            if is_known
            else "",
            low=round(SCALE * low),
            high=round(SCALE * high),
            at=round(SCALE * figure.value)
            if figure.value is not None and not figure.is_bound
            else None,
            unknown="" if figure.unknown is None else say(UNKNOWN[figure.unknown]),
        )

    def gates(self, counted: Tallies) -> tuple[OutcomeGate, ...]:
        """A row of the table for each gate."""
        whole = self.language.whole
        return tuple(
            OutcomeGate(
                gate=gate,
                visitors=whole(tally.visitors),
                referred=whole(tally.referred),
                referred_measured=whole(tally.referred_measured),
                passed_measured=whole(tally.passed_measured),
                figures=tuple(self._in_a_table(getattr(found, name)) for name in FIGURES),
            )
            for gate, tally in counted.by_gate.items()
            for found in (judge(tally),)
        )

    def _in_a_table(self, figure: Figure) -> tuple[str, str]:
        """Value and interval, short."""
        if figure.interval is None or figure.is_bound:
            return self._value(figure) or "–", ""
        low, high = figure.interval
        return self._value(figure), f"{self._share(low)} – {self._share(high)}"

    def _value(self, figure: Figure) -> str:
        if figure.value is None or figure.interval is None:
            return ""
        low, high = figure.interval
        if figure.is_bound and figure.value:
            return self.language.say(N_("at least %(share)s")) % {"share": self._share(low)}
        if figure.is_bound:
            return self.language.say(N_("at most %(share)s")) % {"share": self._share(high)}
        return self._share(figure.value)

    def _interval(self, low: float, high: float) -> str:
        return self.language.say(N_("between %(low)s and %(high)s")) % {
            "low": self._share(low),
            "high": self._share(high),
        }

    def _share(self, share: float) -> str:
        """More decimals where less would make some into none, or nearly all into all."""
        if share in (0.0, 1.0):
            return self.language.percent(share)
        digits = next((d for d in (1, 2, 3) if 0 < round(share, d + 2) < 1), 4)
        return self.language.percent(share, digits)

    def _side(self, state: str, word: str, counts: _Counts, share: float, flow: str) -> OutcomeSide:
        say, whole = self.language.say, self.language.whole
        people, each = _crowd(counts)
        return OutcomeSide(
            state=state,
            word=word,
            count=whole(counts.all),
            share=self._share(share),
            measured=say(N_("An officer measured %(measured)s of %(all)s."))
            % {"measured": whole(counts.measured), "all": whole(counts.all)},
            groups=tuple(
                OutcomeGroup(kind=kind, word=say(GROUPS[kind]), count=whole(count))
                for kind, count in counts.by_kind.items()
            ),
            people=people,
            height=PERSON_DOWN * max(1, math.ceil(len(people) / IN_A_ROW)),
            each=""
            if each == 1
            else say(N_("One figure stands for up to %(each)s visitors.")) % {"each": whole(each)},
            flow=flow,
        )


GROUPS: dict[str, str] = {
    "elevated": N_("above the limit"),
    "normal": N_("in order"),
    "unmeasured": N_("not measured"),
}
"""What an officer found, in the order in which it is drawn."""


@dataclass(frozen=True, slots=True)
class _Counts:
    """One side of the gate."""

    elevated: int
    normal: int
    all: int

    @property
    def measured(self) -> int:
        return self.elevated + self.normal

    @property
    def by_kind(self) -> dict[str, int]:
        return dict(
            zip(GROUPS, (self.elevated, self.normal, self.all - self.measured), strict=True)
        )


def _crowd(counts: _Counts) -> tuple[tuple[OutcomePerson, ...], int]:
    """A row of figures for each kind, and for how many visitors one of them stands at most."""
    each = next(
        size
        for size in _round_numbers()
        if sum(math.ceil(count / size) for count in counts.by_kind.values()) <= MOST_PEOPLE
    )
    kinds = [kind for kind, count in counts.by_kind.items() for _ in range(math.ceil(count / each))]
    people = tuple(
        OutcomePerson(
            kind=kind,
            x=PERSON_ACROSS * (number % IN_A_ROW),
            y=PERSON_DOWN * (number // IN_A_ROW),
        )
        for number, kind in enumerate(kinds)
    )
    return people, each


def _round_numbers() -> Iterator[int]:
    """1, 2, 5, 10, 20, 50 and so on."""
    for tens in itertools.count():
        yield from (10**tens, 2 * 10**tens, 5 * 10**tens)


def flows(share: float) -> tuple[str, str]:
    """The ways from the gate to the referred (above) and to those let pass, as wide as the shares.

    They rise and fall in steps, as the gate does.
    """
    upper = _FLOW_WIDTH * share
    if 0 < share < 1:
        upper = min(max(upper, _THINNEST_FLOW), _FLOW_WIDTH - _THINNEST_FLOW)
    lower = _FLOW_WIDTH - upper
    top = 50 - _FLOW_WIDTH / 2
    return _stairs(top, 25 - upper / 2, upper), _stairs(top + upper, 75 - lower / 2, lower)


def _stairs(start: float, end: float, width: float) -> str:
    step = 100 / _FLOW_STEPS
    levels = [start + (end - start) * n / (_FLOW_STEPS - 1) for n in range(_FLOW_STEPS)]
    edge = [f"V{level:.1f}H{step * (n + 1):g}" for n, level in enumerate(levels)]
    back = [f"V{levels[n] + width:.1f}H{step * n:g}" for n in range(_FLOW_STEPS - 1, -1, -1)]
    return f"M0 {start:.1f}{''.join(edge)}{''.join(back)}z"
