"""Speakers: browsers that may be the voice of a room or a gate, each let by somebody."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from screening.errors import OfficeError

if TYPE_CHECKING:
    from screening.office.changes import Edit
    from screening.office.facts import OfficeFacts

MOST_AT_A_PLACE = 20
"""Of more, the one that was let first may not speak any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Speaker:
    """A browser. ``place`` is the address of the screen that speaks there, such as
    ``/display/utama``; ``by`` is the log-in that let it, at ``since`` (aware UTC)."""

    place: str
    by: str
    since: datetime


def with_speaker(name: str, speaker: Speaker) -> Edit:
    """One more browser may speak; ``name`` is its own."""

    def let(facts: OfficeFacts) -> OfficeFacts:
        let_before = sorted(facts.speakers.items(), key=lambda one: one[1].since)
        there = [key for key, one in let_before if one.place == speaker.place]
        too_many = set(there[: max(0, len(there) + 1 - MOST_AT_A_PLACE)])
        kept = {key: one for key, one in facts.speakers.items() if key not in too_many}
        return replace(facts, speakers={**kept, name: speaker})

    return let


def without_speaker(name: str) -> Edit:
    """This browser may not speak any more. Raises OfficeError where it may not already."""

    def take_back(facts: OfficeFacts) -> OfficeFacts:
        if name not in facts.speakers:
            raise OfficeError("this screen may not speak already")
        kept = {key: one for key, one in facts.speakers.items() if key != name}
        return replace(facts, speakers=kept)

    return take_back
