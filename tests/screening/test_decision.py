"""Reason codes are published: every one of them is documented under its decision."""

from __future__ import annotations

import re
from pathlib import Path

from screening.decision import DecisionKind, Reason

DOCUMENT = Path(__file__).parents[2] / "docs" / "reasons.md"


def test_every_reason_is_documented_once_and_nothing_else_is() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (\w+) \|", DOCUMENT.read_text(), re.MULTILINE)
    assert sorted(code for code, _ in rows) == sorted(Reason)
    assert {decision for _, decision in rows} == set(DecisionKind)
