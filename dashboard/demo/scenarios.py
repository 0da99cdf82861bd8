"""Who comes to the demonstration's gate, and how each of them behaves."""

from __future__ import annotations

import random
from dataclasses import dataclass
from enum import StrEnum

from drivers.simulated.portrait import Appearance

WELL_CELSIUS = 36.4
"""The body of whoever is well."""
WARM_CELSIUS = (38.1, 38.0)
"""First and second reading of a body that is warm."""
NORMAL_CELSIUS = 37.0
"""Nobody is above unless the scenario is about it."""


class Paper(StrEnum):
    """The receipt a visitor shows."""

    GOOD = "good"
    USED = "used"
    FORGED = "forged"
    TOO_EARLY = "too_early"
    EXPIRED = "expired"
    REVOKED = "revoked"
    OTHER_SITE = "other_site"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One kind of visitor.

    ``body_celsius`` is the body's temperature (first reading, second reading after a pause);
    ``then`` is how the visitor looks after having been told what to mend.
    """

    name: str
    share: int
    paper: Paper = Paper.GOOD
    looks: Appearance = "mask"
    then: Appearance = "mask"
    body_celsius: tuple[float, float] = (WELL_CELSIUS, WELL_CELSIUS)
    party_size: int = 1
    comes_back: bool = False
    unplugs_thermometer: bool = False
    walks_away: bool = False

    @property
    def is_warm(self) -> bool:
        """Whether the temperature is what this scenario is about."""
        return max(self.body_celsius) > NORMAL_CELSIUS

    def differs_celsius(self, chance: random.Random) -> float:
        """How far one such person is from the others: real foreheads are not all as warm."""
        return 0.0 if self.is_warm else chance.uniform(-0.8, 0.5)


SCENARIOS: tuple[Scenario, ...] = (
    Scenario(name="good", share=48),
    Scenario(name="no_mask", share=8, looks="no_mask"),
    Scenario(name="nose_out", share=7, looks="incorrect"),
    Scenario(name="warm_then_normal", share=4, body_celsius=(37.6, 36.8)),
    Scenario(name="warm_twice", share=3, body_celsius=WARM_CELSIUS),
    Scenario(name="two_people", share=4, looks="two_people"),
    Scenario(name="party_of_three", share=4, party_size=3),
    Scenario(name="out_and_back", share=4, comes_back=True),
    Scenario(name="used_receipt", share=4, paper=Paper.USED),
    Scenario(name="forged_receipt", share=3, paper=Paper.FORGED),
    Scenario(name="wrong_day", share=3, paper=Paper.TOO_EARLY),
    Scenario(name="expired_receipt", share=1, paper=Paper.EXPIRED),
    Scenario(name="revoked_receipt", share=1, paper=Paper.REVOKED),
    Scenario(name="other_office", share=1, paper=Paper.OTHER_SITE),
    Scenario(name="emergency", share=2, paper=Paper.NONE),
    Scenario(name="thermometer_unplugged", share=2, unplugs_thermometer=True),
    Scenario(name="walks_away", share=1, looks="no_mask", then="nobody", walks_away=True),
)

OPENING: tuple[str, ...] = (
    "good",
    "no_mask",
    "forged_receipt",
    "nose_out",
    "warm_then_normal",
    "used_receipt",
    "party_of_three",
    "thermometer_unplugged",
    "wrong_day",
    "warm_twice",
    "emergency",
    "out_and_back",
)
"""The first visitors of every demonstration, so that nothing has to be waited for."""

NAMES: tuple[str, ...] = (
    "Siti Aminah",
    "Budi Santoso",
    "Dewi Lestari",
    "Agus Wijaya",
    "Rina Marlina",
    "Joko Susilo",
    "Maya Putri",
    "Hendra Gunawan",
    "Fitri Handayani",
    "Asep Suryana",
    "Neneng Kurnia",
    "Yusuf Hidayat",
    "Ratna Sari",
    "Dadang Permana",
    "Wulan Oktavia",
    "Iwan Setiawan",
)


def by_name(name: str) -> Scenario:
    """The scenario with this name. Raises KeyError."""
    return {scenario.name: scenario for scenario in SCENARIOS}[name]


def next_scenario(number: int, chance: random.Random) -> Scenario:
    """The opening in its order, then by share."""
    if number < len(OPENING):
        return by_name(OPENING[number])
    return chance.choices(SCENARIOS, weights=[scenario.share for scenario in SCENARIOS])[0]
