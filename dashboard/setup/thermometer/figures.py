"""What was measured of a thermometer and what was found by it, written as figures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from dashboard.setup.thermometer.contexts import ComparedRow, FoundValue, TakenValue
from dashboard.setup.thermometer.plots import difference
from dashboard.setup.thermometer.walk import WalkWords
from dashboard.setup.thermometer.words import LINEARITIES, MEASURING_SITES, PROBLEMS
from dashboard.web.language import Language
from screening.temperature.instrument.commissioning import Commissioning, Comparison
from screening.temperature.instrument.drafts import Draft, Point, Taken
from screening.temperature.instrument.fitting import CommissioningError
from screening.temperature.instrument.normaliser import LinearityVerdict, linearity


@dataclass(frozen=True, slots=True)
class FigureWords:
    """Writes in one language, in the site's zone, what page and report both tell."""

    language: Language
    zone: ZoneInfo

    def problems(self, error: CommissioningError) -> tuple[str, ...]:
        """Why constants were refused."""
        return tuple(self.language.say(PROBLEMS[problem]) for problem in error.problems)

    def dishonesty(self, draft: Draft) -> str | None:
        """What the known temperatures say against the device; None when they say nothing."""
        steps = [point.comparison for point in draft.steps]
        return self.honesty(steps) if is_dishonest(steps) else None

    def measuring_site(self, name: str) -> str:
        """Where on a face it measures; one without words by its name."""
        return self.language.say(MEASURING_SITES.get(name, name))

    def honesty(self, steps: Sequence[Comparison]) -> str:
        """What a run over known temperatures says of the device."""
        return self.language.say(LINEARITIES[linearity(steps).verdict])

    def taken(self, taken: Taken | None) -> TakenValue | None:
        """The value that waits, if one does."""
        if taken is None:
            return None
        return TakenValue(
            key=taken.key,
            value=self.language.decimal(taken.raw_celsius, 2),
            words=self.language.say("taken at %(time)s")
            % {"time": self.language.seconds(taken.at, self.zone)},
        )

    def rows(self, points: Sequence[Point]) -> tuple[ComparedRow, ...]:
        """In the order given, numbered from one."""
        return tuple(
            ComparedRow(
                key=point.key,
                number=number,
                raw=self.language.decimal(point.comparison.raw_celsius, 2),
                reference=self.language.decimal(point.comparison.reference_celsius, 1),
                difference=self.language.signed(difference(point.comparison), 2),
            )
            for number, point in enumerate(points, start=1)
        )

    def constants(self, found: Commissioning) -> tuple[FoundValue, ...]:
        """What a commissioning found, each with what it means."""
        say, language = self.language.say, self.language
        distances = () if found.distance is None else (WalkWords(language).reach(found.distance),)
        return (
            FoundValue(
                name=say("Offset"),
                value=f"{language.signed(found.offset_celsius, 2)} °C",
                meaning=say("is added to every value of the device"),
            ),
            FoundValue(
                name=say("How sure of it"),
                value=f"± {language.decimal(2 * found.offset_uncertainty_celsius, 2)} °C",
                meaning=say("95 % sure: twice the standard uncertainty"),
            ),
            FoundValue(
                name=say("One person from another"),
                value=f"± {language.decimal(found.person_spread_celsius, 2)} °C",
                meaning=say("standard deviation; no correction can take it away"),
            ),
            FoundValue(
                name=say("Healthy people measured here"),
                value=f"{language.decimal(found.median_celsius, 2)} °C",
                meaning=say("middle of the clinical readings; drift is counted from it"),
            ),
            FoundValue(
                name=say("Room"),
                value=f"{language.decimal(found.room_celsius)} °C",
                meaning=say("what it was while measuring"),
            ),
            FoundValue(
                name=say("People"),
                value=str(found.staff),
                meaning=say("staff who were well, without names"),
            ),
            *distances,
        )


def is_dishonest(steps: Sequence[Comparison]) -> bool:
    """Whether a run over known temperatures forbids to measure by this device."""
    return linearity(steps).verdict in {LinearityVerdict.NORMALISES, LinearityVerdict.NOT_LINEAR}
