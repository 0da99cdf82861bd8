"""The lessons: in which order what happens, and what the trainee ought to do about it. Pure.

A step begins with something that happens and ends with the first deed that is right or wrong, or
when too much time has gone. These codes name the words that people read.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from screening.accounts import Role


class Deed(StrEnum):
    """What was done, as the log and the gate tell it."""

    # at a gate
    ADMITTED = "admitted"
    MASK_SAID = "mask_said"
    OVERRIDDEN = "overridden"
    TURNED_AWAY = "turned_away"
    EMERGENCY = "emergency"
    SENT_ASIDE = "sent_aside"
    WAITS_OUTSIDE = "waits_outside"
    CONFIRMED = "confirmed"
    CLEARED = "cleared"
    LEFT_STANDING = "left_standing"
    # at a counter
    CALLED = "called"
    RECALLED = "recalled"
    ARRIVED = "arrived"
    PARKED = "parked"
    MISSED = "missed"
    TAKEN_BACK = "taken_back"
    FORWARDED = "forwarded"
    DONE = "done"
    UNDONE = "undone"
    HELP = "help"
    HELP_OVER = "help_over"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing that happens. ``right`` ends it well, in time within ``within_s`` seconds.

    ``wrong`` ends it badly. ``about`` is whom the deed must be for, empty where only one person is
    there; a right deed for somebody else is a wrong one.
    """

    code: str
    right: frozenset[Deed]
    within_s: float
    wrong: frozenset[Deed] = field(default_factory=frozenset)
    about: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """A scenario with a name. ``pauses`` is how many legal pauses it waits for."""

    code: str
    role: Role
    steps: tuple[Step, ...]
    pauses: int = 0


def _guards(code: str, *steps: Step, pauses: int = 0) -> Lesson:
    return Lesson(code=code, role=Role.GUARD, steps=steps, pauses=pauses)


def _officers(code: str, *steps: Step) -> Lesson:
    return Lesson(code=code, role=Role.OFFICER, steps=steps)


def _step(code: str, right: Deed, within_s: float, *wrong: Deed, about: str = "") -> Step:
    return Step(
        code=code, right=frozenset({right}), within_s=within_s, wrong=frozenset(wrong), about=about
    )


def _at_gate(code: str, right: Deed, within_s: float, *wrong: Deed) -> Step:
    # In no lesson at a gate is an override right.
    return _step(code, right, within_s, Deed.OVERRIDDEN, *wrong)


_CALL = _step("one_waits", Deed.CALLED, 20)
_ARRIVE = _step("one_comes", Deed.ARRIVED, 20, Deed.MISSED, Deed.PARKED)

FIRST, ELDERLY = "first", "elderly"
"""Of those who wait at once: who came first, and who came last and goes before by law."""

GUARDS_LESSONS = (
    _guards(
        "ordinary",
        _at_gate("good_comes", Deed.ADMITTED, 45, Deed.TURNED_AWAY),
    ),
    _guards(
        "nose_out",
        _at_gate("nose_comes", Deed.ADMITTED, 60, Deed.MASK_SAID, Deed.TURNED_AWAY),
    ),
    _guards(
        "forged",
        _at_gate("forged_comes", Deed.CLEARED, 15, Deed.LEFT_STANDING),
    ),
    _guards(
        "tomorrow",
        _at_gate("early_comes", Deed.CLEARED, 15, Deed.LEFT_STANDING),
    ),
    _guards(
        "fever",
        _at_gate("warm_comes", Deed.SENT_ASIDE, 45, Deed.TURNED_AWAY),
        _at_gate("warm_again", Deed.CONFIRMED, 60),
        pauses=1,
    ),
    _guards(
        "party",
        _at_gate("party_first", Deed.ADMITTED, 45, Deed.TURNED_AWAY),
        _at_gate("party_warm", Deed.SENT_ASIDE, 45, Deed.TURNED_AWAY),
        _at_gate("party_third", Deed.ADMITTED, 45, Deed.TURNED_AWAY),
        _at_gate("party_back", Deed.ADMITTED, 60, Deed.TURNED_AWAY),
        pauses=1,
    ),
    _guards(
        "device_out",
        _at_gate("unmeasured_comes", Deed.ADMITTED, 75, Deed.TURNED_AWAY),
    ),
    _guards(
        "emergency",
        _at_gate("hospital_comes", Deed.EMERGENCY, 75, Deed.TURNED_AWAY),
    ),
    _guards(
        "room_full",
        _at_gate("full_comes", Deed.WAITS_OUTSIDE, 45, Deed.TURNED_AWAY),
        _at_gate("place_frees", Deed.ADMITTED, 60, Deed.TURNED_AWAY),
    ),
)

OFFICERS_LESSONS = (
    _officers(
        "priority",
        _step("elderly_waits", Deed.CALLED, 20, about=ELDERLY),
        _ARRIVE,
        _step("is_served", Deed.DONE, 60, Deed.PARKED, Deed.MISSED),
    ),
    _officers(
        "missed",
        _CALL,
        _step("nobody_comes", Deed.RECALLED, 40, Deed.MISSED, Deed.DONE, Deed.ARRIVED),
        _step("still_nobody", Deed.MISSED, 45, Deed.DONE, Deed.ARRIVED),
        Step(code="comes_late", right=frozenset({Deed.TAKEN_BACK, Deed.CALLED}), within_s=45),
    ),
    _officers(
        "sent_on",
        _CALL,
        _ARRIVE,
        _step("needs_other", Deed.FORWARDED, 45, Deed.DONE, Deed.PARKED),
    ),
    _officers(
        "wrong_done",
        _CALL,
        _ARRIVE,
        _step("was_ended", Deed.UNDONE, 30, Deed.CALLED),
        _step("is_served", Deed.DONE, 60, Deed.PARKED),
    ),
    _officers(
        "help",
        _CALL,
        _ARRIVE,
        _step("shouts", Deed.HELP, 20, Deed.DONE, Deed.PARKED),
        _step("guard_is_there", Deed.HELP_OVER, 30),
    ),
)

LESSONS = {lesson.code: lesson for lesson in (*GUARDS_LESSONS, *OFFICERS_LESSONS)}
