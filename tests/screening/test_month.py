"""A calendar month of the site, written as people and machines write it."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from screening.month import Month

JAKARTA = ZoneInfo("Asia/Jakarta")


@pytest.mark.parametrize("text", ["2026-11", "0002-01", "9998-12"])
def test_a_month_is_written_as_it_was_read(text: str) -> None:
    assert str(Month.parse(text)) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026",
        "2026-13",
        "2026-00",
        "2026-1",
        "26-11",
        "2026-11-01",
        "٢٠٢٦-١١",
        "9999-01",
        "0001-01",
    ],
)
def test_what_is_no_month_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="2026-11"):
        Month.parse(text)


def test_a_month_begins_and_ends_at_the_sites_midnight() -> None:
    month = Month(2026, 12)
    assert month.began(JAKARTA) == datetime(2026, 11, 30, 17, tzinfo=UTC)
    assert month.ended(JAKARTA) == datetime(2026, 12, 31, 17, tzinfo=UTC)


def test_the_first_month_of_all_begins_in_every_zone() -> None:
    assert Month(1, 1).began(JAKARTA) == datetime.min.replace(tzinfo=UTC)


def test_a_moment_belongs_to_the_month_it_has_at_the_site() -> None:
    assert Month.of(datetime(2026, 11, 30, 17, tzinfo=UTC), JAKARTA) == Month(2026, 12)


def test_months_follow_each_other_over_the_new_year() -> None:
    assert Month(2026, 12).after() == Month(2027, 1)
    assert Month(2027, 1).before() == Month(2026, 12)
