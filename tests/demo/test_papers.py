"""Those of the demonstration's visitors who booked."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from dashboard.bootstrap import RunningOffice
from dashboard.demo.papers import (
    BY_TIME,
    DAYS_AHEAD,
    FULL,
    TODAY,
    PaperPress,
    book_ahead,
    open_doors,
)
from dashboard.demo.scenarios import Paper
from screening.clock import FakeClock
from screening.registration.bookings import OfferStatus
from screening.settings import Settings

TUESDAY = datetime(2026, 11, 24, 5, 0, tzinfo=UTC)
SUNDAY = datetime(2026, 11, 29, 5, 0, tzinfo=UTC)


@pytest.fixture
def running(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[RunningOffice]:
    settings = Settings(_env_file=None, data=tmp_path / "data")
    clock = FakeClock(getattr(request, "param", TUESDAY))
    with RunningOffice.open(settings, clock=clock) as running:
        yield running


def full_times(running: RunningOffice) -> dict[date, int]:
    """How many times of each day have no place left."""
    today = running.clock.now().date()
    found: dict[date, int] = {}
    for offer in running.registrar.offers(BY_TIME, today, 14):
        if offer.status is OfferStatus.FULL:
            found[offer.place.day] = found.get(offer.place.day, 0) + 1
    return found


def test_whoever_booked_today_comes_with_that_receipt(running: RunningOffice) -> None:
    ahead = book_ahead(running, random.Random(1))
    assert len(set(ahead.tokens)) == TODAY
    press = PaperPress(running, random.Random(1), ahead.tokens)
    assert press.print(Paper.GOOD, party_size=3) not in ahead.tokens
    shown = [press.print(Paper.GOOD) for _ in range(TODAY)]
    assert set(shown) == set(ahead.tokens)
    assert all(running.desk.verify(token, at=TUESDAY).valid for token in shown)
    assert press.print(Paper.GOOD) not in ahead.tokens


def test_some_times_of_the_next_days_are_full(running: RunningOffice) -> None:
    ahead = book_ahead(running, random.Random(1))
    assert full_times(running) == {date(2026, 11, day): FULL for day in (25, 26, 27)}
    assert ahead.link is not None
    assert running.record.visits.verify().is_intact


def test_a_demonstration_that_is_begun_again_books_only_what_is_not(running: RunningOffice) -> None:
    first = book_ahead(running, random.Random(1))
    rows = len(list(running.record.visits.export()))
    again = book_ahead(running, random.Random(2))
    booked = {running.desk.verify(token, at=TUESDAY).claims for token in first.tokens}
    assert {running.desk.verify(token, at=TUESDAY).claims for token in again.tokens} == booked
    assert len(list(running.record.visits.export())) == rows
    assert len(full_times(running)) == DAYS_AHEAD


@pytest.mark.parametrize("running", [SUNDAY], indirect=True)
def test_on_a_day_on_which_the_office_is_closed_nobody_has_booked(running: RunningOffice) -> None:
    ahead = book_ahead(running, random.Random(1))
    assert ahead.tokens == []
    assert date(2026, 11, 30) in full_times(running)


@pytest.mark.parametrize("running", [SUNDAY, TUESDAY.replace(hour=14)], indirect=True)
def test_the_doors_are_open_at_whatever_hour_it_is_tried(running: RunningOffice) -> None:
    assert running.office().standing("id").until is None
    open_doors(running)
    assert running.office().standing("id").until is not None
    rows = running.record.visits.head()
    open_doors(running)
    assert running.record.visits.head() == rows


@pytest.mark.parametrize("running", [TUESDAY.replace(hour=2)], indirect=True)
def test_in_the_morning_of_a_working_day_the_hours_stay_as_they_are(running: RunningOffice) -> None:
    rows = running.record.visits.head()
    open_doors(running)
    assert running.record.visits.head() == rows
