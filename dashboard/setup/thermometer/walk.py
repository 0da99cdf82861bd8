"""The walk towards and away from the device: what it says of a face's distance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dashboard.setup.thermometer.contexts import FoundValue, SetupStep, WalkedRow, WalkForm
from dashboard.setup.thermometer.plots import distance_plot
from dashboard.setup.thermometer.standing import Standing, has_camera
from dashboard.setup.thermometer.words import DISTANCE_PROBLEMS
from dashboard.web.language import Language
from screening.temperature.distance import DistanceTable
from screening.temperature.instrument.distance_fit import MIN_DISTANCES, DistanceError
from screening.temperature.instrument.drafts import Draft, Stood


@dataclass(frozen=True, slots=True)
class WalkWords:
    """Writes a walk in one language."""

    language: Language

    def problems(self, error: DistanceError) -> tuple[str, ...]:
        """Why a walk makes no table."""
        return tuple(self.language.say(DISTANCE_PROBLEMS[problem]) for problem in error.problems)

    def table(self, draft: Draft) -> tuple[DistanceTable | None, tuple[str, ...]]:
        """What the walk gives so far, or why it gives none."""
        try:
            return draft.distance_table(), ()
        except DistanceError as error:
            return None, self.problems(error)

    def step(
        self, standing: Standing, table: DistanceTable | None, problems: Sequence[str]
    ) -> SetupStep:
        """How far the walk has come."""
        say, walked = self.language.say, len(standing.draft.walk)
        state, words = "optional", say("May be left out.")
        if not has_camera(standing.view):
            words = say("Needs a camera at this gate.")
        elif table is not None:
            state = "done"
            words = say("%(nearest)s to %(furthest)s cm, the mark at %(mark)s") % _ends(table)
        elif walked >= MIN_DISTANCES:
            state, words = "bad", say("Does not fit together.")
        elif problems:
            state = "now"
            words = self.language.count(
                "%(num)d distance measured", "%(num)d distances measured", walked
            )
        return SetupStep(name=say("Distance of the face"), state=state, words=words)

    def form(
        self,
        standing: Standing,
        table: DistanceTable | None,
        problems: Sequence[str],
        *,
        is_warm_now: bool,
    ) -> WalkForm:
        """What was walked, and what can be taken now."""
        thermometer, walk = standing.view.thermometer, standing.draft.walk
        width = None if thermometer is None else thermometer.face_width
        return WalkForm(
            has_camera=has_camera(standing.view),
            can_take=is_warm_now,
            face=None if width is None else self.language.percent(width, 1),
            rows=self.rows(walk),
            plot=None if table is None else distance_plot(self.language, table),
            # Before the third distance its own step says how many are missing.
            problems=tuple(problems) if len(walk) >= MIN_DISTANCES else (),
        )

    def rows(self, walk: Sequence[Stood]) -> tuple[WalkedRow, ...]:
        """As they stood; the first is what the others are compared with."""
        return tuple(
            WalkedRow(
                key=one.key,
                distance=f"{one.point.tape_cm:g}",
                raw=self.language.decimal(one.point.raw_celsius, 2),
                face=self.language.percent(one.point.face_width, 1),
                added=self.language.signed(walk[0].point.raw_celsius - one.point.raw_celsius, 2),
                is_mark=one is walk[0],
            )
            for one in walk
        )

    def reach(self, table: DistanceTable) -> FoundValue:
        """How much the table adds, and from where to where."""
        low, high = table.reach_celsius
        say, ends = self.language.say, _ends(table)
        return FoundValue(
            name=say("Distance of the face"),
            value=f"{self.language.signed(low, 2)} … {self.language.signed(high, 2)} °C",
            meaning=say("from %(nearest)s to %(furthest)s cm, 0 at the mark of %(mark)s") % ends,
        )


def _ends(table: DistanceTable) -> dict[str, int]:
    return {
        "nearest": round(table.nearest_cm),
        "furthest": round(table.furthest_cm),
        "mark": round(table.reference_cm),
    }
