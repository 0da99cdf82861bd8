"""Which browsers may call aloud, at each place."""

from __future__ import annotations

from datetime import UTC, datetime

from screening.office.facts import OfficeFacts
from screening.office.speakers import MOST_AT_A_PLACE, Speaker, with_speaker

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)


def at(place: str) -> Speaker:
    return Speaker(place=place, by="rina", since=NOON)


def test_of_too_many_screens_at_a_place_the_first_one_may_not_speak_any_more() -> None:
    facts = with_speaker("door", at("/kiosk/utama"))(OfficeFacts())
    for number in range(MOST_AT_A_PLACE + 1):
        facts = with_speaker(f"{number}", at("/display/utama"))(facts)
    assert list(facts.speakers) == ["door", *map(str, range(1, MOST_AT_A_PLACE + 1))]
