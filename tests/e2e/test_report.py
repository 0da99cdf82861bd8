"""The figures of a day and a month on the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from dashboard.commands.shared import settings_for
from dashboard.storage import open_record
from screening.clock import SystemClock
from screening.visits import Attempt
from tests.contracts.builders import attempt
from tests.e2e.command import Gerbang

NAMES = ("booked", "came", "admitted", "refused", "referred", "served", "no_show")


def test_tells_a_day_by_hour_and_a_month_by_day(gerbang: Gerbang) -> None:
    now = SystemClock().now()
    settings = settings_for(None, None)
    today = now.astimezone(settings.site.zone).date()
    came: Attempt = attempt(at=now)
    with open_record(settings) as record:
        record.visits.write(came)
    day = gerbang("report", "day", today.isoformat(), "--json").json
    assert (day["from"], day["to"], day["by"]) == (str(today), str(today), "hour")
    assert [row["came"] for row in day["rows"]] == [1]
    assert day["totals"]["came"] == 1
    assert set(day["totals"]) == {*NAMES, "wait_minutes", "service_minutes"}
    month = gerbang("report", "month", f"{today:%Y-%m}", "--json").json
    assert {row["key"]: row["came"] for row in month["rows"] if row["came"]} == {str(today): 1}
    assert month["from"].endswith("-01")
    by_gate = gerbang("report", "month", str(today), "--by", "gate").out
    assert by_gate.splitlines()[1].split()[:3] == ["utama", "0", "1"]


def test_writes_a_day_and_a_month_on_paper(gerbang: Gerbang, tmp_path: Path) -> None:
    now = SystemClock().now()
    settings = settings_for(None, None)
    with open_record(settings) as record:
        record.visits.write(attempt(at=now))
    today = now.astimezone(settings.site.zone).date()
    for kind in ("day", "month"):
        file = tmp_path / f"{kind}.pdf"
        told = gerbang("report", kind, today.isoformat(), "--pdf", str(file), "--json").json
        assert told["totals"]["came"] == 1
        assert file.read_bytes().startswith(b"%PDF")
    outcome = gerbang("report", "day", today.isoformat(), "--pdf", str(tmp_path))
    assert outcome.status == 1
    assert "cannot be written" in outcome.err


@pytest.mark.parametrize("text", ["today", "2026-13-01", "20261125", "2026", "0001-01-01"])
def test_says_what_is_no_day(gerbang: Gerbang, text: str) -> None:
    outcome = gerbang("report", "day", text)
    assert outcome.status == 2
    assert "is not a day" in outcome.err
    assert gerbang("report", "month", "9999-12").status == 2
