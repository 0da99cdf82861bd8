"""Receipt numbers that people type."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screening.receipts.number import ALPHABET, new_number, parse_number, show_number

numbers = st.builds(new_number)


@given(numbers)
def test_a_new_number_is_short_and_good(number: str) -> None:
    assert len(number) == 10
    assert parse_number(number) == number
    assert parse_number(show_number(number)) == number


@pytest.mark.parametrize("way", [str.lower, lambda n: f" {n[:3]} {n[3:]}\r\n", show_number])
@given(number=numbers)
def test_how_it_is_typed_does_not_matter(way: object, number: str) -> None:
    assert callable(way)
    assert parse_number(way(number)) == number


@given(numbers)
def test_letters_that_look_like_digits_are_meant_as_digits(number: str) -> None:
    for digit, letters in (("0", "Oo"), ("1", "IiLl")):
        for letter in letters:
            assert parse_number(number.replace(digit, letter)) == number


@given(numbers, st.integers(0, 9), st.sampled_from(ALPHABET))
def test_one_wrong_symbol_is_told(number: str, position: int, symbol: str) -> None:
    wrong = number[:position] + symbol + number[position + 1 :]
    assert parse_number(wrong) == (number if wrong == number else None)


@given(numbers, st.integers(0, 8))
def test_two_swapped_symbols_are_told_but_for_the_one_pair_luhn_cannot(
    number: str, position: int
) -> None:
    pair = number[position : position + 2]
    wrong = number[:position] + pair[::-1] + number[position + 2 :]
    if pair[0] != pair[1] and set(pair) != {"0", "Z"}:
        assert parse_number(wrong) is None


@given(st.text(max_size=30))
def test_no_text_makes_parsing_fail(text: str) -> None:
    number = parse_number(text)
    assert number is None or set(number) <= set(ALPHABET)


def test_numbers_do_not_repeat() -> None:
    assert len({new_number() for _ in range(1000)}) == 1000
