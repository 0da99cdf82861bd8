"""Staff compared with a clinical thermometer in a terminal, one person after the other."""

from __future__ import annotations

from collections.abc import Callable

from dashboard.commands.asking import ask, limits_of, read_line, require_warm, tell
from dashboard.commands.thermometer_steady import steady
from screening.clock import Clock
from screening.errors import ScreeningError
from screening.settings import ThermometerSettings
from screening.temperature.instrument.commissioning import Commissioning, Comparison
from screening.temperature.instrument.fitting import (
    MIN_STAFF,
    ROOM_CELSIUS,
    TYPED_BODY_CELSIUS,
    WELL_CELSIUS,
    CommissioningError,
)


def fit_asking(
    fit: Callable[[list[Comparison]], Commissioning],
    thermometer: ThermometerSettings,
    clock: Clock,
    room_celsius: float,
    *,
    is_warm: bool,
) -> tuple[Commissioning, list[Comparison]]:
    """Person after person, and again whoever does not fit; nothing is lost by a mistyped number.

    Raises CommissioningError where somebody who does not fit is not measured again.
    """
    if room_celsius not in ROOM_CELSIUS:  # told before anybody stands there
        raise ScreeningError(
            f"the room has {room_celsius:g} degC: bring it to {limits_of(ROOM_CELSIUS)}"
        )
    require_warm(is_warm=is_warm)
    tell("Nobody's name is asked for.")
    people: list[Comparison] = []
    with steady(thermometer, clock) as take:
        while True:
            _ask_people(people, take)
            try:
                return fit(people), people
            except CommissioningError as error:
                for sentence in error.sentences:
                    tell(f"  {sentence}")
                if not _took_out(people):
                    raise


def _ask_people(people: list[Comparison], take: Callable[[], float | None]) -> None:
    while True:
        number, is_enough = len(people) + 1, len(people) >= MIN_STAFF
        ending = ", or type done" if is_enough else ""
        typed = read_line(f"Person {number}: stand before the device and press Enter{ending}: ")
        if is_enough and typed.casefold() == "done":
            return
        raw = take()
        if raw is None:
            tell("  no steady value: stand still, and closer")
            continue
        tell(f"  the device shows {raw:.2f}")
        reference = ask("  clinical thermometer", TYPED_BODY_CELSIUS)
        if reference >= WELL_CELSIUS.high:
            tell("  37.5 or more is not well enough for this: ask somebody else")
            continue
        people.append(Comparison(raw, reference))
        tell(f"  difference {reference - raw:+.2f}")


def _took_out(people: list[Comparison]) -> bool:
    for number, one in enumerate(people, start=1):
        tell(f"  {number}: {one.reference_celsius - one.raw_celsius:+.2f}")
    while typed := read_line("Number of the person to measure again, or Enter to give up: "):
        if typed.isascii() and typed.isdecimal() and 1 <= int(typed) <= len(people):
            del people[int(typed) - 1]
            return True
        tell(f"  a number from 1 to {len(people)}, please")
    return False
