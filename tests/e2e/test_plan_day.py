"""A day planned on the command line."""

from __future__ import annotations

from datetime import timedelta

import pytest

from dashboard.commands.shared import settings_for
from dashboard.storage import open_record
from screening.clock import SystemClock
from screening.office.changes import with_counter
from screening.record.made_history import MadeHistory, write_history
from tests.e2e.command import Gerbang

TUESDAY = "2027-02-09"


def test_plans_a_day_and_says_what_it_assumed(gerbang: Gerbang) -> None:
    gerbang("counter", "add", "1", "--services", "KTP")
    gerbang("counter", "add", "2")
    found = gerbang("plan", "day", "--date", TUESDAY, "--json").json
    assert set(found) >= {
        "quota",
        "full_risk",
        "full_risk_interval",
        "waits",
        "assumptions",
        "runs",
    }
    assert found["quota"]["08:00"] > 0
    assert found["full_risk"] < 0.05
    assert found["waits"]["p50"] <= found["waits"]["p90"]
    assert found["assumptions"]["counters"] == ["1", "2"]
    assert found["assumptions"]["no_show"]["source"] == "default"


def test_learns_from_the_days_of_the_record(gerbang: Gerbang) -> None:
    settings, now = settings_for(None, None), SystemClock().now()
    today = now.astimezone(settings.site.zone).date()
    with open_record(settings) as record:
        for name in ("1", "2"):
            record.facts.change(with_counter(name, {}), operator="x", at=now)
        made = MadeHistory(
            visits=600,
            days=12,
            until=today,
            gates=("utama",),
            counters=("1", "2"),
            services=("KTP", "KK"),
        )
        write_history(record, made)
        figures = record.roll_ups.total(today - timedelta(days=12), today - timedelta(days=1))
    day = today + timedelta(days=1)
    while day.weekday() > 4:
        day += timedelta(days=1)
    gerbang("hours", "day", day.isoformat(), "hours=08:00-15:00")
    found = gerbang("plan", "day", "--date", day.isoformat(), "--json").json["assumptions"]
    assert found["no_show"]["source"] == "learnt"
    assert found["no_show"]["value"] == pytest.approx(figures.no_show / figures.booked, abs=1e-4)
    assert found["walk_ins"]["low"] <= found["walk_ins"]["value"] <= found["walk_ins"]["high"]
    assert found["walk_ins"]["value"] == pytest.approx(
        (figures.came - figures.booked + figures.no_show) / 12, rel=0.1
    )
    assert {code: one["minutes"]["source"] for code, one in found["services"].items()} == {
        "KK": "learnt",
        "KTP": "learnt",
    }
    assert found["arrivals"]["source"] == "learnt"
    assert found["leaving_minutes"]["source"] == "learnt"


def test_counters_and_distance_are_as_asked(gerbang: Gerbang) -> None:
    found = gerbang(
        "plan", "day", "--date", TUESDAY, "--counters", "3", "--distance", "1.5", "--json"
    ).json
    assert len(found["assumptions"]["counters"]) == 3
    assert found["capacity"] == found["distances"][1]["seats"] < found["distances"][0]["seats"]
    told = gerbang("plan", "day", "--date", TUESDAY, "--counters", "3", "--distance", "1.5").out
    assert f"the room ({found['capacity']}) is full on" in told
    assert "assumed as usual, since past days do not tell" in told


@pytest.mark.parametrize(
    ("given", "status", "told"),
    [
        (("--date", "soon"), 2, "is not a day"),
        (("--date", TUESDAY, "--distance", "0"), 2, "--distance"),
        (("--date", TUESDAY, "--counters", "0"), 2, "--counters"),
        (("--date", "2027-02-07"), 1, "closed on 2027-02-07"),
    ],
)
def test_says_what_cannot_be_planned(
    gerbang: Gerbang, given: tuple[str, ...], status: int, told: str
) -> None:
    outcome = gerbang("plan", "day", *given)
    assert outcome.status == status
    assert told in outcome.err
