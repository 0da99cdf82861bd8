"""A list of receipts as a spreadsheet writes it: what is taken, and what is told of the rest."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screening.office.services import SEED_SERVICES
from screening.receipts.csv_list import (
    MAX_BYTES,
    MAX_PROBLEMS,
    MAX_RECEIPTS,
    BadCell,
    ListReader,
    ReceiptList,
)
from tests.screening.receipts.builders import NOW

JAKARTA = ZoneInfo("Asia/Jakarta")
READER = ListReader(
    issuer="PORTAL",
    site="BGR",
    zone=JAKARTA,
    services={service.code: service for service in SEED_SERVICES},
    now=NOW,
)
HEADER = "number,service,name,valid_from,valid_until,party_size"
GOOD = "470/12/2026,KTP,Siti Aminah,2026-03-11,2026-03-12,2"


def read(*lines: str, header: str = HEADER) -> ReceiptList:
    return READER.read("\r\n".join([header, *lines, ""]).encode())


def problem(*lines: str, header: str = HEADER) -> BadCell:
    (found,) = read(*lines, header=header).problems
    return found


def day(number: int) -> datetime:
    return datetime(2026, 3, number, tzinfo=JAKARTA)


def test_a_line_is_a_receipt_under_the_issuer_s_own_number() -> None:
    found = read(GOOD)
    assert found.is_good
    ((line, claims),) = found.receipts.items()
    assert (line, claims.issuer, claims.number, claims.site) == (2, "PORTAL", "470/12/2026", "BGR")
    assert (claims.service, claims.party_size, claims.holder) == ("KTP", 2, "Siti A.")
    assert (claims.not_before, claims.expires) == (day(11), day(13))  # through the last day


def test_what_may_be_left_away_has_its_usual_value() -> None:
    (claims,) = read("a-1,ktp,2026-03-10", header="number,service,valid_from").receipts.values()
    assert (claims.number, claims.service) == ("A-1", "KTP")
    assert (claims.holder, claims.party_size) == ("", 1)
    assert claims.expires - claims.not_before == timedelta(days=7)


LINES = ["nomor;layanan;nama;tanggal", "A1;KTP elektronik;José Ñañez;11/3/2026"]


@pytest.mark.parametrize(
    "content",
    [
        pytest.param("\r\n".join(LINES).encode("cp1252"), id="excel, windows-1252"),
        pytest.param("\r\n".join(LINES).encode("utf-8-sig"), id="mark before the first letter"),
        pytest.param("\n".join(LINES).replace(";", ",").encode(), id="commas, no carriage return"),
        pytest.param("\r\n".join(LINES).replace(";", "\t").encode("utf-16"), id="unicode text"),
        pytest.param("\r".join(LINES).encode(), id="carriage return alone"),
        pytest.param("\r\n".join(["sep=;", *LINES]).encode(), id="separator named"),
        pytest.param("\r\n".join(["", *LINES, ";;;", ""]).encode(), id="empty lines"),
        pytest.param(
            'NOMOR;Layanan;"Nama";tanggal\r\n"A1";"KTP";"José ""Pepe"" Ñañez";11.03.2026'.encode(),
            id="quotes",
        ),
    ],
)
def test_a_list_is_read_whatever_spreadsheet_wrote_it(content: bytes) -> None:
    found = READER.read(content)
    assert found.problems == ()
    (claims,) = found.receipts.values()
    assert (claims.number, claims.service, claims.not_before) == ("A1", "KTP", day(11))
    assert claims.holder.startswith("José")


def test_a_name_over_two_lines_of_text_is_told_by_its_first() -> None:
    found = problem('A1,KTP,"Siti\nAminah",2026-03-11,,', "A2,KTP,Budi,2026-03-11,,")
    assert (found.line, found.column) == (2, "name")
    later = problem('"A1",KTP,Budi,"2026-03-11",,', "\n", "A2,NOPE,Budi,2026-03-11,,")
    assert later.line == 5


@pytest.mark.parametrize(
    ("line", "column", "what"),
    [
        (",KTP,Siti,2026-03-11,,", "number", "empty"),
        ("A1,,Siti,2026-03-11,,", "service", "empty"),
        ("A1,KTP,Siti,,,", "valid_from", "empty"),
        ("A1,PASPOR,Siti,2026-03-11,,", "service", "no service"),
        ("A1,KTP,Siti,soon,,", "valid_from", "no day"),
        ("A1,KTP,Siti,2026-02-30,,", "valid_from", "no day"),
        ("A1,KTP,Siti,31/2/2026,,", "valid_from", "no day"),
        ("A1,KTP,Siti,2026-03-11,2026-03-10,", "valid_until", "before"),
        ("A1,KTP,Siti,2026-03-01,2026-03-09,", "valid_until", "over"),
        ("A1,KTP,Siti,9999-12-31,,", "valid_until", "no day of a visit"),
        ("A1,KTP,Siti,2026-03-11,,0", "party_size", "no party"),
        ("A1,KTP,Siti,2026-03-11,,two", "party_size", "no party"),
        ("A1,KTP,Siti,2026-03-11,,²", "party_size", "no party"),
        ("A1,KTP,Siti,2026-03-11,,00000000199", "party_size", "no party"),
        (f"A1,KTP,Siti,2026-03-11,,000000001{'9' * 5000}", "party_size", "no party"),
        ("A 1,KTP,Siti,2026-03-11,,", "number", "no number"),
        (f"{'9' * 33},KTP,Siti,2026-03-11,,", "number", "no number"),
        ('"1,23457E+12",KTP,Siti,2026-03-11,,', "number", "rounded"),
        ("1.2E+12,KTP,Siti,2026-03-11,,", "number", "rounded"),
        ("=A2,KTP,Siti,2026-03-11,,", "number", "formula"),
        ("A1,KTP,=HYPERLINK(1),2026-03-11,,", "name", "formula"),
        ("A1,KTP,@SUM(1),2026-03-11,,", "name", "formula"),
        ("3271046504930002,KTP,Siti,2026-03-11,,", "number", "national identity"),
        ("A1,KTP,Siti 3271046504930002,2026-03-11,,", "name", "national identity"),
        (f"A1,KTP,{'x' * 121},2026-03-11,,", "name", "at most 120"),
        ("A1,KTP,Siti\u202e,2026-03-11,,", "name", "printable"),
        ("A1,KTP,Siti,2026-03-11,,1,more", None, "7 cells"),
    ],
)
def test_a_bad_line_is_told_by_line_column_and_what_to_do(
    line: str, column: str | None, what: str
) -> None:
    found = read(GOOD, line)
    (told,) = found.problems
    assert (told.line, told.column) == (3, column)
    assert what in told.what
    assert told.to_do
    assert "3271046504930002" not in str(told)
    assert not found.is_good


def test_everything_that_is_wrong_is_told_at_once() -> None:
    found = read("A1,PASPOR,=x,soon,,0", GOOD, ",KTP,Siti,2026-03-11,,")
    assert [(bad.line, bad.column) for bad in found.problems] == [
        (2, "service"), (2, "name"), (2, "valid_from"), (2, "party_size"), (4, "number"),
    ]  # fmt: skip


def test_a_number_that_comes_twice_names_both_lines() -> None:
    told = problem("A1,KTP,Siti,2026-03-11,,", GOOD, "a1,KTP,Budi,2026-03-11,,")
    assert (told.line, told.column) == (4, "number")
    assert "line 2" in told.what


def test_a_number_that_is_known_is_told() -> None:
    found = read("A1,KTP,Siti,2026-03-11,,", GOOD).without_known({"A1"})
    (told,) = found.problems
    assert (told.line, told.what) == (2, "A1 is known already")
    assert not found.is_good


def test_leading_zeros_kept_by_a_formula_of_text_stay() -> None:
    (claims,) = read('"=""0012""",KTP,Siti,2026-03-11,,').receipts.values()
    assert claims.number == "0012"


def test_columns_that_are_not_known_are_named_and_left_out() -> None:
    found = read("A1,KTP,2026-03-11,3271046504930002", header="number,service,valid_from,NIK")
    assert found.is_good
    assert found.ignored == ("NIK",)
    assert "3271046504930002" not in repr(found)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        pytest.param(b"", "empty", id="empty"),
        pytest.param(b"\r\n\r\n", "empty", id="blank"),
        pytest.param(HEADER.encode(), "no receipt", id="header alone"),
        pytest.param(b"nomor,layanan\r\nA1,KTP", "valid_from is missing", id="column missing"),
        pytest.param(b"nomor,number,layanan,tanggal\r\n", "twice", id="column twice"),
        pytest.param(b"PK\x03\x04rest", "workbook", id="workbook"),
        pytest.param(b"\x00\x01\x02", "not text", id="bytes"),
        pytest.param(b"a" * (MAX_BYTES + 1), "more than 8 MB", id="huge"),
        pytest.param(f'{HEADER}\r\nA1,"KTP'.encode(), "double quote", id="open quote"),
    ],
)
def test_a_file_that_is_no_list_is_told(content: bytes, told: str) -> None:
    found = READER.read(content)
    assert not found.is_good
    assert any(told in str(bad) for bad in found.problems)


def test_a_long_list_is_told_to_be_split() -> None:
    lines = [f"A{number},KTP,,2026-03-11,," for number in range(MAX_RECEIPTS + 2)]
    assert "split" in read(*lines).problems[0].to_do
    assert read(*lines[:MAX_RECEIPTS]).is_good


def test_not_more_is_told_than_anybody_reads() -> None:
    assert len(read(*["A1,NOPE,,2026-03-11,,"] * 1000).problems) == MAX_PROBLEMS


def test_what_is_told_fits_a_line_of_a_terminal() -> None:
    found = problem(f"A1,{'x' * 100_000},Siti,2026-03-11,,")
    assert len(str(found)) < 300
    header = f"{HEADER},\x1b[31mred\x07,{'y' * 100_000}"
    ignored = read("A1,KTP,,2026-03-11,,,,", header=header).ignored
    assert all(name.isprintable() and len(name) <= 40 for name in ignored)


@given(st.binary(max_size=300))
def test_no_file_breaks_it(content: bytes) -> None:
    READER.read(content)
    READER.read(HEADER.encode() + b"\n" + content)


@given(st.lists(st.text(max_size=20), min_size=6, max_size=6))
def test_no_cell_breaks_it(cells: list[Any]) -> None:
    quoted = ",".join('"' + cell.replace('"', '""') + '"' for cell in cells)
    found = READER.read(f"{HEADER}\n{quoted}\n".encode("utf-8", "replace"))
    assert found.is_good or found.problems
