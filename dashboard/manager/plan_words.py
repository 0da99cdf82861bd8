"""Puts the plan of a day into words and drawings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta

from dashboard.manager.plan_contexts import (
    AssumptionField,
    AssumptionGroup,
    PlanAnswer,
    PlanBar,
    PlanForm,
    PlanMark,
    RoomDrawing,
    RoomLine,
    WaitLine,
)
from dashboard.web.language import Language
from dashboard.web.typed_numbers import typed_number
from dashboard.web.words import N_
from screening.figures.assumptions import Comes, Source
from screening.figures.plan_changes import Choice, choices
from screening.figures.planner import Plan, Question, Waits
from screening.office.facts import OfficeFacts

LEFT, RIGHT, TOP, BOTTOM = 44, 708, 12, 264
"""The field of the drawing of the room, in its units."""

MOST_AHEAD = timedelta(days=180)

_LABELS: Mapping[str, tuple[str, str]] = {
    "capacity": (N_("People inside at most"), ""),
    "risk": (N_("A full room is borne on"), N_("% of days")),
    "counters": (N_("Counters that work"), ""),
    "no_show": (N_("Booked, and do not come"), "%"),
    "walk_ins": (N_("Come without a booking"), N_("people a day")),
    "early_minutes": (N_("Come before their time"), N_("minutes")),
    "turning": (N_("From one person to the next"), N_("seconds")),
    "break": (N_("Break of each counter"), N_("minutes")),
    "leaving": (N_("From the counter to the door"), N_("minutes")),
    "stay": (N_("How long people stay"), N_("minutes")),
    "gate": (N_("A person at the gate"), N_("seconds")),
}
_GROUPS = (
    (N_("The room"), ("capacity", "risk")),
    (N_("Who comes"), ("no_show", "walk_ins", "early_minutes")),
    (N_("The counters"), ("counters", "turning", "break", "leaving", "stay", "gate")),
)
_SERVICES = N_("How long services take")
_SERVING = N_("%(service)s at the counter")
_COMES = {
    Comes.BOOKED_TIME: N_("around the time they booked"),
    Comes.HABIT: N_("as people always came"),
}
_STEPS = (1, 2, 5, 10, 20, 25, 50, 100, 200, 500)


@dataclass(frozen=True, slots=True)
class PlanWords:
    """Writes a plan in one language."""

    language: Language
    facts: OfficeFacts
    default: str

    def form(
        self,
        day: date,
        *,
        today: date,
        learnt: Question | None,
        typed: Mapping[str, str],
        problems: Mapping[str, str],
    ) -> PlanForm:
        """What is asked; ``typed`` stands in place of what was learnt, None on a closed day."""
        say = self.language.say
        known = {} if learnt is None else {one.name: one for one in choices(learnt)}
        serving = tuple(name for name in known if name.startswith("service."))
        groups = [
            (title, tuple(name for name in names if name in known)) for title, names in _GROUPS
        ]
        groups.append((_SERVICES, serving))
        return PlanForm(
            date=day.isoformat(),
            day=self.day(day),
            first=today.isoformat(),
            last=(today + MOST_AHEAD).isoformat(),
            comes="" if learnt is None else learnt.assumptions.comes.value,
            comes_choices=tuple((one.value, say(word)) for one, word in _COMES.items()),
            groups=tuple(
                AssumptionGroup(
                    title=say(title),
                    fields=tuple(
                        self._field(known[name], typed.get(name), problems.get(name, ""))
                        for name in names
                    ),
                )
                for title, names in groups
                if names
            ),
            problem=problems.get("", ""),
        )

    def answer(self, question: Question, plan: Plan) -> PlanAnswer:
        """What comes of it."""
        say, count, language = self.language.say, self.language.count, self.language
        risk = plan.full_risk
        most = max(plan.quota.values(), default=0) or 1
        waits = self._waits(question, plan)
        return PlanAnswer(
            headline=count(
                "%(num)d person can be booked", "%(num)d people can be booked", plan.booked
            ),
            risk=say(
                N_(
                    "The room is full on %(risk)s of such days; the true share lies between"
                    " %(low)s and %(high)s."
                )
            )
            % {
                "risk": language.percent(risk.value, 1),
                "low": language.percent(risk.low, 1),
                "high": language.percent(risk.high, 1),
            },
            bars=tuple(
                PlanBar(label=self.moment(at), count=number, height=round(100 * number / most))
                for at, number in plan.quota.items()
            ),
            drawing=self._drawing(plan),
            waits=waits,
            saves=self._saves(plan.saved),
            rooms=self._rooms(plan),
            distance=self._distance(plan),
            gate=self._gate(plan),
            overbooked=count(
                "%(num)d of these places is there because not everybody comes.",
                "%(num)d of these places are there because not everybody comes.",
                plan.overbooked,
            )
            if plan.overbooked
            else say(N_("No place is there because somebody might not come.")),
            runs=say(N_("Played %(number)s times.")) % {"number": language.whole(plan.runs)},
            take_over=say(N_("Take this quota over")),
        )

    def why(self, day: date, plan: Plan) -> str:
        """The reason of taking the plan's quota over."""
        told = N_(
            "Planned for %(day)s: the room for %(capacity)s is full on %(risk)s of such days,"
            " between %(low)s and %(high)s."
        )
        return self.language.say(told) % {
            "day": self.day(day),
            "capacity": self.language.whole(plan.capacity),
            "risk": self.language.percent(plan.full_risk.value, 1),
            "low": self.language.percent(plan.full_risk.low, 1),
            "high": self.language.percent(plan.full_risk.high, 1),
        }

    def moment(self, at_s: float) -> str:
        """A moment of the day."""
        return self.language.clock(time(int(at_s // 3600) % 24, int(at_s % 3600 // 60)))

    def day(self, day: date) -> str:
        """A day with its weekday."""
        return self.language.near_day(day, date.min)

    def _field(self, one: Choice, typed: str | None, problem: str) -> AssumptionField:
        say = self.language.say
        if one.name.startswith("service."):
            code = one.name.removeprefix("service.")
            service = self.facts.services.get(code)
            name = (
                code if service is None else service.name(self.language.code, default=self.default)
            )
            label, unit = say(_SERVING) % {"service": name or say(N_("Everybody"))}, N_("minutes")
        else:
            label, unit = say(_LABELS[one.name][0]), _LABELS[one.name][1]
        own = self.number(one.value, one.digits)
        is_typed = typed is not None and not self.is_as_told(one, typed)
        return AssumptionField(
            name=one.name,
            label=label,
            value=typed if typed is not None and is_typed else own,
            unit=say(unit) if unit else "",
            source=Source.GIVEN if is_typed else one.source,
            told=self._told(one, is_typed=is_typed),
            problem=problem,
        )

    @staticmethod
    def is_as_told(one: Choice, typed: str) -> bool:
        """Whether what stands in the field is what was put there, in any language's digits."""
        return typed_number(typed) == round(one.value, one.digits)

    def _told(self, one: Choice, *, is_typed: bool) -> str:
        say = self.language.say
        if is_typed:
            return say(N_("typed by you; learnt or usual: %(value)s")) % {
                "value": self.number(one.value, one.digits)
            }
        between = {
            "low": self.number(one.low, one.digits),
            "high": self.number(one.high, one.digits),
            "days": one.days,
        }
        if one.name == "risk":
            return say(N_("one day in twenty is what most offices bear"))
        if one.source is Source.LEARNT:
            return say(N_("learnt from %(days)s days: %(low)s to %(high)s")) % between
        if one.source is Source.DEFAULT and one.low == one.high:
            return say(N_("nothing is known here yet"))
        if one.source is Source.DEFAULT:
            return say(N_("usual elsewhere, nothing is known here: %(low)s to %(high)s")) % between
        return say(N_("as the office is set"))

    def number(self, value: float, digits: int) -> str:
        """A number as it is typed."""
        return self.language.decimal(value, digits) if digits else str(round(value))

    def _drawing(self, plan: Plan) -> RoomDrawing:
        moments = [at for at, _, _ in plan.inside]
        first, last = moments[0], moments[-1]
        top = 1.1 * max(plan.capacity, *(high for _, _, high in plan.inside), 1)

        def x(at: float) -> float:
            return round(LEFT + (RIGHT - LEFT) * (at - first) / max(1, last - first), 1)

        def y(people: float) -> float:
            return round(BOTTOM - (BOTTOM - TOP) * people / top, 1)

        def area(values: Sequence[int]) -> str:
            line = "L".join(
                f"{x(at)} {y(value)}" for at, value in zip(moments, values, strict=True)
            )
            return f"M{x(first)} {BOTTOM}L{line}L{x(last)} {BOTTOM}z"

        step = next((one for one in _STEPS if top / one <= 5), _STEPS[-1])
        hours = range(-(-first // 3600), last // 3600 + 1)
        return RoomDrawing(
            usual=area([middle for _, middle, _ in plan.inside]),
            seldom=area([high for _, _, high in plan.inside]),
            limit=y(plan.capacity),
            limit_label=self.language.whole(plan.capacity),
            hours=tuple(PlanMark(at=x(hour * 3600), label=f"{hour % 24:02}") for hour in hours),
            people=tuple(
                PlanMark(at=y(people), label=self.language.whole(people))
                for people in range(0, int(top) + 1, step)
            ),
            table=tuple(
                (self.moment(at), self.language.whole(middle), self.language.whole(high))
                for at, middle, high in plan.inside
            ),
        )

    def _waits(self, question: Question, plan: Plan) -> tuple[WaitLine, ...]:
        if plan.waits is None or plan.more_waits is None:
            return ()
        number = len(question.assumptions.counters)
        longest = max(plan.waits.p90.value, plan.more_waits.p90.value, 1.0)
        return tuple(
            WaitLine(
                label=self.language.count("%(num)d counter", "%(num)d counters", counters),
                half=self._minutes(waits.p50.value),
                most=self._minutes(waits.p90.value),
                half_width=round(100 * waits.p50.value / longest),
                most_width=round(100 * waits.p90.value / longest),
                between=self.language.say(N_("between %(low)s and %(high)s"))
                % {
                    "low": self._minutes(waits.p90.low),
                    "high": self._minutes(waits.p90.high),
                },
            )
            for counters, waits in ((number, plan.waits), (number + 1, plan.more_waits))
        )

    def _saves(self, saved: Waits | None) -> str:
        if saved is None:
            return ""
        told = N_(
            "One more counter saves whoever waits long %(minutes)s (between %(low)s and %(high)s)."
        )
        return self.language.say(told) % {
            "minutes": self._minutes(saved.p90.value),
            "low": self._minutes(saved.p90.low),
            "high": self._minutes(saved.p90.high),
        }

    def _minutes(self, minutes: float) -> str:
        return self.language.count("%(num)d minute", "%(num)d minutes", max(0, round(minutes)))

    def _rooms(self, plan: Plan) -> tuple[RoomLine, ...]:
        most = max((one.booked for one in plan.rooms), default=0) or 1
        return tuple(
            RoomLine(
                distance=f"{self.language.decimal(one.distance_m)} m",
                seats=one.seats,
                booked=one.booked,
                width=round(100 * one.booked / most),
            )
            for one in plan.rooms
        )

    def _distance(self, plan: Plan) -> str:
        if len(plan.rooms) < 2:
            return ""
        near, far = plan.rooms[0], plan.rooms[-1]
        told = N_(
            "%(far)s m instead of %(near)s m costs %(seats)s seats and %(people)s people a day."
        )
        return self.language.say(told) % {
            "far": self.language.decimal(far.distance_m),
            "near": self.language.decimal(near.distance_m),
            "seats": self.language.whole(near.seats - far.seats),
            "people": self.language.whole(max(0, near.booked - far.booked)),
        }

    def _gate(self, plan: Plan) -> str:
        say = self.language.say
        if plan.second_gate is None:
            return say(N_("One gate is enough all day."))
        begins, ends = map(self.moment, plan.second_gate)
        told = N_("Open the second gate from %(begins)s to %(ends)s; one makes people wait there.")
        return say(told) % {"begins": begins, "ends": ends}
