"""How the gates did, in words: what each figure counts, and why one is not known."""

from __future__ import annotations

from dashboard.words import N_
from screening.temperature.outcomes import Unknown

FIGURES: dict[str, str] = {
    "ppv": N_("Of the referred, elevated"),
    "npv": N_("Of those let pass, in order"),
    "sensitivity": N_("Of the elevated, referred"),
    "specificity": N_("Of those in order, let pass"),
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
