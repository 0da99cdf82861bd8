"""The thresholds a site may choose by name, and where each comes from."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """When a corrected temperature is elevated at the first and at the second reading (degC).

    Values are compared exactly as floats: nothing is rounded, so 37.30001 is above 37.3.
    ``is_inclusive`` says that the threshold itself is elevated ("37.5 or more", not "above 37.5").
    ``is_mean_of_two`` says that the second threshold judges the mean of both readings.
    """

    name: str
    first_celsius: float
    second_celsius: float
    pause_s: float
    source: str
    is_inclusive: bool = False
    is_mean_of_two: bool = False

    def is_elevated(self, celsius: float, *, is_second: bool) -> bool:
        """Whether ``celsius`` asks for a second reading, or at the second one for a referral."""
        return self.is_beyond(celsius, self.threshold_celsius(is_second=is_second))

    def is_beyond(self, celsius: float, threshold_celsius: float) -> bool:
        """Whether ``celsius`` is elevated by that threshold."""
        return celsius >= threshold_celsius if self.is_inclusive else celsius > threshold_celsius

    def threshold_celsius(self, *, is_second: bool) -> float:
        """The threshold of that reading."""
        return self.second_celsius if is_second else self.first_celsius


PAUSE_S = 300.0
"""Five minutes between two readings, as KMK 382/2020 asks. The presets without a pause of their own
take the same, long enough for a face warmed by sun or haste to come down (3 to 10 minutes)."""

KMK_382 = Thresholds(
    name="kmk-382",
    first_celsius=37.3,
    second_celsius=37.3,
    pause_s=PAUSE_S,
    source="Indonesia, KMK HK.01.07/MENKES/382/2020: above 37.3, twice, five minutes apart",
)

WHO = Thresholds(
    name="who",
    first_celsius=37.5,
    second_celsius=37.5,
    pause_s=PAUSE_S,
    source="WHO: axillary 37.5 or more, taken as rectal 38; the pause is the one of KMK 382/2020",
    is_inclusive=True,
)

CDC = Thresholds(
    name="cdc",
    first_celsius=38.0,
    second_celsius=38.0,
    pause_s=PAUSE_S,
    source="US CDC: 38.0 (100.4 F) or more; the pause is the one of KMK 382/2020",
    is_inclusive=True,
)

TWO_STAGE = Thresholds(
    name="two-stage",
    first_celsius=37.3,
    second_celsius=37.8,
    pause_s=PAUSE_S,
    source="37.3 or more is measured again after the pause of KMK 382/2020; 37.8 or more as the "
    "mean of both, which has half a reading's variance, refers (docs/temperature-evaluation.md)",
    is_inclusive=True,
    is_mean_of_two=True,
)

PRESETS: dict[str, Thresholds] = {preset.name: preset for preset in (KMK_382, WHO, CDC, TWO_STAGE)}


def own_thresholds(*, first_celsius: float, second_celsius: float, pause_s: float) -> Thresholds:
    """A site's own values; "above" is strict, as in KMK 382/2020."""
    return Thresholds(
        name="own",
        first_celsius=first_celsius,
        second_celsius=second_celsius,
        pause_s=pause_s,
        source="the site's own configuration",
    )
