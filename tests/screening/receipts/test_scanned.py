from __future__ import annotations

import pytest

from screening.receipts.number import new_number
from screening.receipts.scanned import scanned_numbers

NUMBER, OTHER, WRONG = "97KRZGVPRV", "ZZC9TSDEFD", "97KRZGVPRX"


@pytest.mark.parametrize(
    "code",
    [
        f"Q{NUMBER}",
        f"QR{NUMBER}",
        f"*Q{NUMBER}",
        f"]Q1{NUMBER}",
        f"]C0{NUMBER}",
        f"\x1d]d2{NUMBER}",
        f"{NUMBER}{NUMBER}",
        "97KRZ-GVPRV97KRZ-GVPRV",
        f"]Q0{NUMBER}{NUMBER}",
        f"{OTHER}{NUMBER}",
        f"q{NUMBER.lower()}",
    ],
)
def test_what_a_scanner_puts_around_a_number_is_passed_over(code: str) -> None:
    assert scanned_numbers(code) == (NUMBER,)


@pytest.mark.parametrize(
    "code",
    ["", NUMBER, f"Q{WRONG}", f"]Q1{WRONG}", f"{NUMBER}{WRONG}", f"X{NUMBER}", f"{NUMBER}1", "QQQ"],
)
def test_anything_else_is_no_number(code: str) -> None:
    assert scanned_numbers(code) == ()


def test_any_number_that_is_sent_twice_is_one() -> None:
    for number in (new_number() for _ in range(200)):
        assert scanned_numbers(number * 2) == (number,)
