"""The survey on the command line."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.e2e.command import Gerbang


def test_adds_paper_and_tells_the_index(gerbang: Gerbang, tmp_path: Path) -> None:
    sheets = tmp_path / "sheets.csv"
    sheets.write_text("4,4,4,4,4,4,4,4,4\n3,3,3,3,3,3,3,3,3\n3,3,3,3,3,3,3,3,3\n")

    added = gerbang("survey", "add", str(sheets), "--service", "ktp", "--json").json
    report = gerbang("survey", "report", "--json").json

    assert added["added"] == 3
    assert report == {
        "n": 3,
        "elements": [3.33] * 9,
        "index": 83.33,
        "grade": "B",
        "interval": [47.48, 100.0],
    }
    assert "index 83.33 (B), 3 answers" in gerbang("survey", "report").out
    assert gerbang("survey", "report", "--service", "KTP", "--json").json["n"] == 0
    gerbang("survey", "add", str(sheets), "--service", "KTP")
    assert gerbang("survey", "report", "--service", "ktp", "--json").json["n"] == 6
    assert "nobody has answered" in gerbang("survey", "report", "--service", "KK").out
    assert gerbang("log", "verify").status == 0
    rows = gerbang("log", "export").out
    assert "paper: 3" in rows


def test_whole_quarters_are_counted(gerbang: Gerbang) -> None:
    row = "4,4,4,4,4,4,4,4,4\n"
    gerbang("survey", "add", "-", "--quarter", "2025-q2", "--refused", stdin=row)
    gerbang("survey", "add", "-", "--quarter", "2025-Q3", stdin=row + row)

    def n(first: str, last: str) -> int:
        found: int = gerbang("survey", "report", "--from", first, "--to", last, "--json").json["n"]
        return found

    assert n("2025-06-30", "2025-06-30") == 1
    assert n("2025-06-30", "2025-07-01") == 3
    assert n("2025-07-01", "2025-12-31") == 2
    assert n("2025-10-01", "2025-12-31") == 0


@pytest.mark.parametrize(
    ("arguments", "status", "told"),
    [
        (("survey", "add", "nowhere.csv"), 2, "No such file"),
        (("survey", "add", "-", "--service", "XYZ"), 2, "there is no service XYZ"),
        (("survey", "add", "-", "--quarter", "spring"), 2, "is not a quarter"),
        (("survey", "report", "--from", "soon"), 2, "is not a day"),
        (("survey", "report", "--from", "2026-02-01", "--to", "2026-01-01"), 2, "before --from"),
    ],
)
def test_says_what_was_used_wrongly(
    gerbang: Gerbang, arguments: tuple[str, ...], status: int, told: str
) -> None:
    outcome = gerbang(*arguments, stdin="4,4,4,4,4,4,4,4,4\n")
    assert (outcome.status, told in outcome.err) == (status, True), outcome.err


def test_a_table_with_a_fault_adds_nothing(gerbang: Gerbang) -> None:
    outcome = gerbang("survey", "add", "-", stdin="4,4,4,4,4,4,4,4,4\n4,4,4,4,4,4,4,4,5\n")

    assert outcome.status == 1
    assert "nothing was added: line 2: column 9 is '5'" in outcome.err
    assert gerbang("survey", "report", "--json").json["n"] == 0
    later = datetime.now(UTC) + timedelta(days=200)
    quarter = f"{later.year}-Q{(later.month + 2) // 3}"
    to_come = gerbang("survey", "add", "-", "--quarter", quarter, stdin="4,4,4,4,4,4,4,4,4\n")
    assert (to_come.status, "yet to come" in to_come.err) == (2, True)
