"""Drawings of a commissioning as numbers: what each person differed by, whether it is linear."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import fmean

from dashboard.setup.thermometer.contexts import Plot, PlotMark, PlotPoint
from dashboard.web.language import Language
from screening.temperature.distance import DistanceTable
from screening.temperature.instrument.commissioning import Comparison

LEFT, RIGHT, TOP, BOTTOM = 72, 624, 18, 236
"""The field of a plot in units of its drawing; the axes' words stand outside of it."""

LEAST_HALF_RANGE_CELSIUS = 0.5
"""Differences are not drawn larger than this: what a thermometer cannot tell would look large."""

STEPS_CELSIUS = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0)
MOST_MARKS = 7


@dataclass(frozen=True, slots=True)
class Scale:
    """Maps ``low`` to ``start`` and ``high`` to ``end`` of the drawing."""

    low: float
    high: float
    start: int
    end: int

    def place(self, value: float) -> int:
        """Where the value stands; outside of the scale at its end."""
        share = (min(max(value, self.low), self.high) - self.low) / (self.high - self.low)
        return round(self.start + share * (self.end - self.start))

    def marks(self, write: Callable[[float], str]) -> tuple[PlotMark, ...]:
        """Round values, a handful of them."""
        span = self.high - self.low
        step = next((step for step in STEPS_CELSIUS if span / step < MOST_MARKS), span)
        first, last = math.ceil(self.low / step - 1e-9), math.floor(self.high / step + 1e-9)
        values = [round(number * step, 6) for number in range(first, last + 1)]
        return tuple(PlotMark(at=self.place(value), label=write(value)) for value in values)


def difference(comparison: Comparison) -> float:
    """What has to be added to the device's value (degC)."""
    return comparison.reference_celsius - comparison.raw_celsius


def differences_plot(
    language: Language,
    comparisons: Sequence[Comparison],
    *,
    offset_celsius: float,
    uncertainty_celsius: float | None,
) -> Plot:
    """Each person's difference beside the offset and its band of two standard uncertainties."""
    values = [difference(one) for one in comparisons]
    furthest = max(abs(value - offset_celsius) for value in values)
    half = max(LEAST_HALF_RANGE_CELSIUS, 1.2 * furthest, 3.0 * (uncertainty_celsius or 0.0))
    down = Scale(offset_celsius - half, offset_celsius + half, BOTTOM, TOP)
    gap = (RIGHT - LEFT) / (len(values) + 1)
    at = [round(LEFT + gap * number) for number in range(1, len(values) + 1)]
    band = None
    if uncertainty_celsius is not None:
        top = down.place(offset_celsius + 2 * uncertainty_celsius)
        band = (top, down.place(offset_celsius - 2 * uncertainty_celsius) - top)
    offset_at = down.place(offset_celsius)
    say = language.say
    return Plot(
        title=say("What each person's clinical reading is above the device"),
        alternative=say("Differences of %(people)s people in °C: %(values)s. Offset %(offset)s.")
        % {
            "people": len(values),
            "values": "; ".join(language.signed(value, 2) for value in values),
            "offset": language.signed(offset_celsius, 2),
        },
        across=tuple(PlotMark(at=x, label=str(number)) for number, x in enumerate(at, start=1)),
        down=down.marks(lambda value: language.signed(value, 1)),
        across_name=say("person, without a name"),
        points=tuple(
            PlotPoint(x=x, y=down.place(value), label=language.signed(value, 2))
            for x, value in zip(at, values, strict=True)
        ),
        line=((LEFT, offset_at), (RIGHT, offset_at)),
        line_name=say("offset %(offset)s °C") % {"offset": language.signed(offset_celsius, 2)},
        band=band,
        band_name=""
        if uncertainty_celsius is None
        else say("± %(size)s °C, 95 %% sure")
        % {"size": language.decimal(2 * uncertainty_celsius, 2)},
    )


def linearity_plot(language: Language, points: Sequence[Comparison]) -> Plot:
    """The device's values over the known temperatures, and the line of an honest device.

    That line rises as much as the temperature does, through the middle of the points.
    """
    known = [point.reference_celsius for point in points]
    shown = [point.raw_celsius for point in points]
    middle, level = fmean(known), fmean(shown)
    reach = max(0.5, *(abs(value - middle) for value in known))
    reach = 1.15 * max(reach, *(abs(value - level) for value in shown))
    across = Scale(middle - reach, middle + reach, LEFT, RIGHT)
    down = Scale(level - reach, level + reach, BOTTOM, TOP)
    say = language.say

    def write(value: float) -> str:
        return language.decimal(value, 1)

    pairs = "; ".join(
        f"{write(point.reference_celsius)} → {language.decimal(point.raw_celsius, 2)}"
        for point in points
    )
    return Plot(
        title=say("What the device shows of known temperatures"),
        alternative=say("Known temperature and the device's value in °C: %(pairs)s.")
        % {"pairs": pairs},
        across=across.marks(write),
        down=down.marks(write),
        across_name=say("known temperature, °C"),
        points=tuple(
            PlotPoint(
                x=across.place(point.reference_celsius),
                y=down.place(point.raw_celsius),
                label=language.decimal(point.raw_celsius, 2),
            )
            for point in points
        ),
        line=((LEFT, BOTTOM), (RIGHT, TOP)),
        line_name=say("an honest device rises like this"),
        band=None,
        band_name="",
    )


def distance_plot(language: Language, table: DistanceTable) -> Plot:
    """What is added at each distance: straight between the distances that were measured."""
    low, high = table.reach_celsius
    half = max(LEAST_HALF_RANGE_CELSIUS, 0.6 * (high - low))
    middle = (low + high) / 2
    down = Scale(middle - half, middle + half, BOTTOM, TOP)
    margin = 0.08 * (table.furthest_cm - table.nearest_cm)
    across = Scale(table.nearest_cm - margin, table.furthest_cm + margin, LEFT, RIGHT)
    say = language.say
    bends = tuple((across.place(cm), down.place(celsius)) for cm, celsius in table.points)
    return Plot(
        title=say("What is added for the distance of a face"),
        alternative=say("Distance and what is added in °C: %(pairs)s.")
        % {
            "pairs": "; ".join(
                f"{cm:.0f} cm → {language.signed(celsius, 2)}" for cm, celsius in table.points
            )
        },
        across=tuple(PlotMark(at=across.place(cm), label=f"{cm:.0f}") for cm, _ in table.points),
        down=down.marks(lambda value: language.signed(value, 1) if value else "0"),
        across_name=say("distance by the tape, cm"),
        points=tuple(
            PlotPoint(x=x, y=y, label=f"{cm:.0f} cm: {language.signed(celsius, 2)} °C")
            for (x, y), (cm, celsius) in zip(bends, table.points, strict=True)
        ),
        line=bends,
        line_name=say("is added, °C; 0 at the mark of %(mark)s cm")
        % {"mark": f"{table.reference_cm:.0f}"},
        band=None,
        band_name="",
    )
