"""Sheets of paper as a table."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screening.survey.paper import MOST_PROBLEMS, MOST_SHEETS, NoSheets, read_sheets

ROW = "1,2,3,4,1,2,3,4,1"


@pytest.mark.parametrize(
    "content",
    [
        f"{ROW}\n{ROW}\n".encode(),
        f"{ROW}\r\n\r\n {ROW}".encode(),
        f"\ufeff{ROW.replace(',', ';')}\n{ROW.replace(',', ';')}".encode(),
        f"{ROW.replace(',', chr(9))}\n{ROW.replace(',', chr(9))}".encode(),
        b"123412341\n 123412341 \n",
        f"U1,U2,U3,U4,U5,U6,U7,U8,U9\n{ROW}\n{ROW}".encode(),
    ],
    ids=["commas", "blank lines", "semicolons and a mark", "tabs", "digits alone", "a heading"],
)
def test_reads_what_spreadsheets_write(content: bytes) -> None:
    assert [str(one) for one in read_sheets(content)] == ["123412341"] * 2


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "there are no rows"),
        (b"a,b,c\n", "there are no rows"),
        (f"{ROW}\n1,2,3\n".encode(), "line 2: 3 columns, not 9"),
        (b"1,2,3,4,5,1,1,1,1\n", "line 1: column 5 is '5', not a mark from 1 to 4"),
        (f"{ROW}\n1,2,3,4,,1,1,1,1\n".encode(), "line 2: column 5 is '', not a mark from 1 to 4"),
        (f"{ROW}\n1,2,3,4,\u0663,1,1,1,1\n".encode(), "line 2: column 5 is '\u0663'"),
        (b"\xff\xfe1", "this is no text in UTF-8"),
    ],
)
def test_tells_what_is_wrong_by_its_line(content: bytes, problem: str) -> None:
    with pytest.raises(NoSheets) as caught:
        read_sheets(content)
    assert caught.value.problems[0].startswith(problem)


def test_takes_no_table_without_end() -> None:
    with pytest.raises(NoSheets, match="add them in parts"):
        read_sheets(f"{ROW}\n".encode() * (MOST_SHEETS + 1))
    with pytest.raises(NoSheets) as caught:
        read_sheets(b"9,9\n" * 100)
    assert len(caught.value.problems) == MOST_PROBLEMS


@given(st.binary(max_size=200))
def test_whatever_comes_is_read_or_refused(content: bytes) -> None:
    try:
        found = read_sheets(content)
    except NoSheets:
        return
    assert found
