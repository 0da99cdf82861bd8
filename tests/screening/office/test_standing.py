"""What somebody who thinks of coming is told of the office."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from screening.office.facts import OfficeFacts
from screening.office.hours import Hours, Span
from screening.office.services import Channel, Service
from screening.office.standing import Advice, Crowd, Door, Standing, standing_of
from screening.visits import DayFigures

JAKARTA = ZoneInfo("Asia/Jakarta")
TEN = datetime(2026, 11, 24, 10, tzinfo=JAKARTA)
MORNING_AND_AFTERNOON = (Span(time(8), time(12)), Span(time(13), time(15)))


def figures(
    inside: int = 12,
    *,
    capacity: int = 30,
    waiting: int = 0,
    admitted: int = 0,
    booked: int = 0,
) -> DayFigures:
    return DayFigures(
        since=TEN,
        occupancy=inside,
        capacity=capacity,
        admitted=admitted,
        refused=0,
        waiting_outside=waiting,
        still_to_come=booked,
        updated_at=TEN,
    )


def stands(counted: DayFigures | None, now: datetime = TEN, **more: Any) -> Standing:
    facts = OfficeFacts(hours=Hours(week={1: MORNING_AND_AFTERNOON}), daily_quota=40)
    return standing_of(facts, counted, now, JAKARTA, **more)


@pytest.mark.parametrize(
    ("counted", "advice", "crowd"),
    [
        pytest.param(figures(12), Advice.GO_IN, Crowd.CALM, id="room"),
        pytest.param(figures(24), Advice.GO_IN, Crowd.BUSY, id="nearly full"),
        pytest.param(figures(30), Advice.WAIT, Crowd.FULL, id="full"),
        pytest.param(figures(31), Advice.WAIT, Crowd.FULL, id="more than full"),
        pytest.param(figures(28, waiting=1), Advice.GO_IN, Crowd.BUSY, id="one waits, two free"),
        pytest.param(figures(28, waiting=2), Advice.WAIT, Crowd.WAITING, id="two wait, two free"),
        pytest.param(figures(3, admitted=40), Advice.SPENT, Crowd.CALM, id="numbers given out"),
        pytest.param(figures(0, capacity=0), Advice.WAIT, Crowd.FULL, id="no place at all"),
        pytest.param(None, Advice.ASK, Crowd.UNKNOWN, id="never counted"),
    ],
)
def test_an_open_office_says_what_to_do(
    counted: DayFigures | None, advice: Advice, crowd: Crowd
) -> None:
    standing = stands(counted)
    assert (standing.door, standing.advice, standing.crowd) == (Door.OPEN, advice, crowd)
    assert standing.until == time(12)


def test_an_old_count_sends_nobody_in() -> None:
    assert stands(figures(3), is_counted=False).advice is Advice.ASK


def test_numbers_kept_for_bookings_are_not_left() -> None:
    assert stands(figures(admitted=10, booked=25)).left_today == 5
    assert stands(figures(admitted=30, booked=25)).left_today == 0
    assert stands(None).left_today is None


@pytest.mark.parametrize(
    ("hour", "door", "opens"),
    [
        pytest.param(7, Door.CLOSED, TEN.replace(hour=8), id="early"),
        pytest.param(12, Door.BREAK, TEN.replace(hour=13), id="break"),
        pytest.param(15, Door.CLOSED, TEN.replace(day=1, month=12, hour=8), id="late"),
    ],
)
def test_a_closed_office_is_closed_however_empty_it_is(
    hour: int, door: Door, opens: datetime
) -> None:
    standing = stands(figures(0), TEN.replace(hour=hour))
    assert (standing.door, standing.opens, standing.until) == (door, opens, None)
    assert standing.advice in {Advice.BREAK, Advice.CLOSED}


def test_a_holiday_says_why_it_is_closed() -> None:
    standing = stands(figures(0), holidays={date(2026, 11, 24): "Hari Raya"})
    assert (standing.door, standing.today.note) == (Door.CLOSED, "Hari Raya")


def test_a_service_has_hours_of_its_own() -> None:
    afternoons = Hours(week={1: (Span(time(13), time(14)),)})
    service = Service(code="KTP", channel=Channel.COLLECTION, names={}, hours=afternoons)
    assert stands(figures(), service=service).door is Door.CLOSED
    assert stands(figures(), TEN.replace(hour=13), service=service).until == time(14)
