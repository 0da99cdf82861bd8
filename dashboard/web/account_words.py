"""What pages say about log-ins: why a password will not do, and how long ago one was used."""

from __future__ import annotations

from dashboard.web.passwords import Weakness
from dashboard.web.words import N_

PASSWORD_ADVICE: dict[Weakness, str] = {
    Weakness.SHORT: N_("At least 8 characters. Four words that do not belong together do well."),
    Weakness.LONG: N_("This is longer than any page takes: stay below 256 characters."),
    Weakness.DIGITS: N_(
        "Digits alone are birthdays and numbers, which are tried first. Add words."
    ),
    Weakness.NAME: N_("Your log-in name is in it, which is tried first. Take something else."),
    Weakness.REPEATED: N_("It repeats itself. Take something longer without a pattern."),
    Weakness.NEIGHBOURS: N_("These are neighbours on the keyboard. Take words of your own."),
    Weakness.COMMON: N_("Everybody tries this one first. Add words that only you would choose."),
}
"""A sentence for whoever has chosen it."""

TWO_DIFFER = N_("The two passwords are not the same. Type both again.")
WRONG_PASSWORD = N_("This is not your password.")
WRONG_CODE = N_("This code is not right. Codes change every 30 seconds: take the newest one.")
