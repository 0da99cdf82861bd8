"""``gerbang temperature outcomes``: how the gates did, from what officers found."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from dashboard.storage import open_record
from screening.decision import Check, DecisionKind, Reason
from screening.record import Record
from screening.settings import load_settings
from screening.visits import Attempt, CheckResult, EvidenceSource
from tests.e2e.command import Gerbang

NOON = datetime(2026, 11, 24, 5, tzinfo=UTC)


@contextmanager
def record_in(folder: Path) -> Iterator[Record]:
    with open_record(load_settings(None, data=folder / "data")) as record:
        yield record


def visit(
    record: Record, name: str, *, found: str | None, is_referred: bool, gate: str = "utama"
) -> None:
    """A visitor of November whom the device measured, and what the officer found."""
    temperature = CheckResult(
        check=Check.TEMPERATURE,
        source=EvidenceSource.DEVICE,
        outcome="elevated" if is_referred else "passed",
    )
    record.visits.write(
        Attempt(
            attempt_id=name,
            gate=gate,
            at=NOON,
            decision=DecisionKind.REFER if is_referred else DecisionKind.ADMIT,
            reason=Reason.ELEVATED_TWICE if is_referred else Reason.ADMITTED,
            results=(temperature,),
        )
    )
    if found is not None:
        record.visits.record_clinical(
            name, celsius=37.0, outcome=found, operator="rina", at=NOON + timedelta(minutes=5)
        )


@pytest.fixture
def november(tmp_path: Path) -> None:
    with record_in(tmp_path) as record:
        for number in range(3):
            visit(record, f"r{number}", found="elevated", is_referred=True)
        visit(record, "r3", found="normal", is_referred=True, gate="belakang")
        visit(record, "p0", found=None, is_referred=False)


@pytest.mark.usefixtures("november")
def test_a_month_is_told_as_numbers_with_what_is_not_known_apart(gerbang: Gerbang) -> None:
    told = gerbang("temperature", "outcomes", "--month", "2026-11", "--json").json
    assert (told["month"], told["since"]) == ("2026-11", "2026-11-01T00:00:00+07:00")
    assert (told["visitors"], told["referred"], told["referred_measured"]) == (5, 4, 4)
    assert told["ppv"] == 0.75
    assert told["intervals"]["ppv"] == [0.3006, 0.9544]
    assert told["sensitivity"] is None
    assert told["unknown"]["sensitivity"] == "passed_not_measured"
    assert list(told["gates"]) == ["belakang", "utama"]
    assert told["gates"]["utama"]["ppv"] == 1.0


@pytest.mark.usefixtures("november")
def test_a_person_reads_the_same_in_sentences(gerbang: Gerbang) -> None:
    answer = gerbang("temperature", "outcomes", "--month", "2026-11")
    assert answer.status == 0
    assert "5 measured at the gate, 4 referred" in answer.out
    assert "75.0 %" in answer.out
    assert "30.1 % to 95.4 %" in answer.out
    assert "not known: nobody among those let pass was measured" in answer.out
    assert "utama" in answer.out
    assert "fever" not in answer.out.lower()


def test_when_no_missed_visitor_was_met_a_bound_is_told(gerbang: Gerbang, tmp_path: Path) -> None:
    with record_in(tmp_path) as record:
        visit(record, "r", found="elevated", is_referred=True)
        visit(record, "q", found="normal", is_referred=True)
        for number in range(5):
            visit(record, f"p{number}", found="normal", is_referred=False)
    out = gerbang("temperature", "outcomes", "--month", "2026-11").out
    (sensitivity,) = [line for line in out.splitlines() if "(sensitivity)" in line]
    assert "at least 12.2 %" in sensitivity
    assert "100" not in sensitivity


@pytest.mark.usefixtures("november")
def test_another_month_has_other_visitors(gerbang: Gerbang) -> None:
    told = gerbang("temperature", "outcomes", "--month", "2026-10", "--json").json
    assert (told["visitors"], told["gates"]) == (0, {})
    assert told["unknown"]["ppv"] == "nobody_came"
    assert "2026-10" in gerbang("temperature", "outcomes", "--month", "2026-10").out


@pytest.mark.parametrize("month", ["november", "2026-13", "2026-11-24"])
def test_what_is_no_month_is_wrong_usage(gerbang: Gerbang, month: str) -> None:
    answer = gerbang("temperature", "outcomes", "--month", month)
    assert answer.status == 2
    assert answer.err.count("\n") == 1
    assert "2026-11" in answer.err
