"""Questions in the terminal: asked again until the answer can be used, on standard error."""

from __future__ import annotations

import sys
from collections.abc import Callable

from dashboard.commands.shared import UsageError
from dashboard.commands.thermometer_tables import number_of
from screening.errors import ScreeningError
from screening.temperature.window import CelsiusRange

YES = {"yes", "y", "ya"}


def ask(what: str, limits: CelsiusRange) -> float:
    """A number within the limits; asked for again until it is one."""
    while True:
        value = number_of(read_line(f"{what}, {limits_of(limits)}: "))
        if value is not None and value in limits:
            return value
        tell(f"  a number from {limits.low:g} to {limits.high:g}, please")


def take_steady(take: Callable[[], float | None], question: str) -> float:
    """A steady raw value of whoever stands there after Enter; asked for until there is one."""
    while True:
        read_line(question)
        raw = take()
        if raw is not None:
            tell(f"  the device shows {raw:.2f}")
            return raw
        tell("  no steady value: stand still, and closer")


def confirm(question: str, *, is_agreed: bool) -> None:
    """Ask before something is lost; ``is_agreed`` (``--yes``) has answered already.

    Raises UsageError without a terminal to ask at, ScreeningError where the answer is no.
    """
    if is_agreed:
        return
    if sys.stdin is None or not sys.stdin.isatty():
        raise UsageError(f"{question} Add --yes to answer yes; there is no terminal to ask at")
    if read_line(f"{question} Type yes: ").lower() not in YES:
        raise ScreeningError("nothing was changed")


def read_line(question: str) -> str:
    """What was typed, without space around it. UsageError where the input has ended."""
    print(question, end="", file=sys.stderr, flush=True)
    line = sys.stdin.readline() if sys.stdin is not None else ""
    if not line:
        raise UsageError("the input ended before everything was told; nothing was written")
    return line.strip()


def tell(line: str) -> None:
    """A line beside the answer, which standard output keeps to itself."""
    print(line, file=sys.stderr, flush=True)


def require_warm(*, is_warm: bool) -> None:
    """The port was opened just now and cannot tell for how long the device has been on."""
    if not is_warm and read_line("Has the device been on for half an hour? Type yes: ") not in YES:
        raise ScreeningError(
            "nothing was written: a cold sensor drifts, so leave it on for half an hour first"
        )


def limits_of(limits: CelsiusRange) -> str:
    """As people read it."""
    return f"{limits.low:g} to {limits.high:g} degC"
