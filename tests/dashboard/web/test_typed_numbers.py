"""What people may type as a number."""

from __future__ import annotations

import pytest

from dashboard.web.typed_numbers import typed_number


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("36,7", 36.7),
        ("36.7", 36.7),
        (" 36 ", 36.0),
        ("-5,5", -5.5),
        ("+2.40", 2.4),
        ("0036", 36.0),
        ("0.328125", 0.328125),
    ],
)
def test_digits_with_a_comma_or_a_point_are_a_number(text: str, number: float) -> None:
    assert typed_number(text) == number


@pytest.mark.parametrize(
    "text",
    [
        "", "3_6", "٣٦", "３６", "36,7,1", "3.6.7", "1.036,7", "1e1", "nan", "inf", "0x24", ".5",
        "36.", "3 6", "36,7°", "−5", "--5", "1" * 400,
    ],
)  # fmt: skip
def test_what_only_python_takes_for_a_number_is_none(text: str) -> None:
    assert typed_number(text) is None
