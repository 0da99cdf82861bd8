"""What pages say about log-ins: why a password will not do, and how long ago one was used."""

from __future__ import annotations

from dashboard.web.passkeys import WhyNoPasskeys
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
WRONG_RECOVERY_CODE = N_("This recovery code is not right, or was used already.")
WRONG_PASSKEY = N_("That was not right, or took too long. Try again, or take another way in.")
COPIED_PASSKEY = N_(
    "Somebody may have a copy of this passkey, so it opens nothing any more. Take another way in,"
    " remove it there, and tell an administrator."
)

WHY_NO_PASSKEYS: dict[WhyNoPasskeys, str] = {
    WhyNoPasskeys.NOT_SET: N_(
        "Passkeys belong to the office's own address, which nobody has set yet: web.public_url in"
        " gerbang.toml."
    ),
    WhyNoPasskeys.NUMBER: N_(
        "Passkeys belong to a name, such as gate.example: they do not work at an address of"
        " numbers."
    ),
    WhyNoPasskeys.PLAIN: N_(
        "Browsers give passkeys out over HTTPS alone, and this office's address begins with http."
    ),
    WhyNoPasskeys.ELSEWHERE: N_("Passkeys of this office work at its own address alone."),
}
"""A sentence for whoever looks for them."""
