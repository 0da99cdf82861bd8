"""Tampered data and hostile arguments end in a plain line and a status, never in a traceback."""

from __future__ import annotations

import io
import sqlite3
import struct
import sys
import zlib
from contextlib import closing
from pathlib import Path

import pytest

from dashboard.commands import thermometer_capture
from dashboard.commands.shared import settings_for
from screening.record import Record
from screening.waiting_room.plan import SeatPlan
from tests.contracts.builders import attempt, receipt
from tests.e2e.command import Gerbang

COPIED_DETAIL = "INSERT INTO details SELECT site, {}, kind, at, salt, content FROM details LIMIT 1"


@pytest.fixture
def database(gerbang: Gerbang) -> Path:
    """An office whose log has three entries: two admissions and a remark between them."""
    gerbang("log", "verify")
    settings = settings_for(None, None)
    file = settings.data / "gerbang.sqlite3"
    with Record.open(
        file, site=settings.site.code, zone=settings.site.zone, plan=SeatPlan(4, 5)
    ) as record:
        record.visits.write(attempt(receipt=receipt(site=settings.site.code)))
        record.visits.write(attempt(remark="kursi roda"))
        record.visits.write(attempt())
    return file


def tamper(database: Path, statement: str) -> None:
    """Run a statement as somebody with the file and no constraints would."""
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute(statement)


class TestATamperedLog:
    @pytest.mark.parametrize(
        ("statement", "entry"),
        [
            ("UPDATE entries SET at = 'garbage' WHERE entry_id = 2", 2),
            ("UPDATE entries SET at = 5 WHERE entry_id = 2", 2),
            ("UPDATE entries SET facts = x'ff00' WHERE entry_id = 3", 3),
            ("UPDATE entries SET gate = CAST(x'ff' AS TEXT) WHERE entry_id = 3", 3),
            ("UPDATE entries SET entry_id = 'x' WHERE entry_id = 3", 3),
            ("UPDATE details SET salt = 'abc' WHERE kind = 'remark'", 2),
            ("UPDATE details SET content = x'ff' WHERE kind = 'remark'", 2),
            ("UPDATE details SET at = 'zz' WHERE kind = 'remark'", 2),
            (COPIED_DETAIL.format(3), 3),
            (COPIED_DETAIL.format(9), 9),
            ("UPDATE visits SET ticket_number = 'x' WHERE visit_id = 2", 2),
            ("UPDATE sites SET head_entry_id = 'x'", 3),
        ],
    )
    def test_is_broken_at_its_first_bad_entry(
        self, gerbang: Gerbang, database: Path, statement: str, entry: int
    ) -> None:
        tamper(database, statement)
        outcome = gerbang("log", "verify", "--json")
        assert (outcome.status, outcome.err) == (1, "")
        assert (outcome.json["intact"], outcome.json["first_bad_entry"]) == (False, entry)
        assert outcome.json["problem"]

    def test_is_broken_when_its_head_is_gone(self, gerbang: Gerbang, database: Path) -> None:
        tamper(database, "DELETE FROM sites")
        outcome = gerbang("log", "verify", "--json")
        assert (outcome.status, outcome.json["intact"], outcome.err) == (1, False, "")
        assert "head" in outcome.json["problem"]

    def test_names_the_visit_that_cannot_be_read(self, gerbang: Gerbang, database: Path) -> None:
        tamper(database, "UPDATE visits SET entered_at = 'zz' WHERE visit_id = 2")
        outcome = gerbang("log", "verify")
        assert (outcome.status, "BROKEN" in outcome.out, "visit 2" in outcome.out) == (
            1, True, True,
        )  # fmt: skip

    def test_is_not_exported_past_what_can_be_read(self, gerbang: Gerbang, database: Path) -> None:
        tamper(database, "UPDATE entries SET at = 'garbage' WHERE entry_id = 2")
        outcome = gerbang("log", "export")
        assert (outcome.status, outcome.err.count("\n"), "log verify" in outcome.err) == (
            1,
            1,
            True,
        )


class TestTheHeadToNote:
    def test_can_be_given_back_as_it_was_printed(self, gerbang: Gerbang, database: Path) -> None:
        noted = gerbang("log", "verify", "--json").json["noted"]
        assert noted in gerbang("log", "verify").out
        assert gerbang("log", "verify", "--expect", noted).status == 0

    def test_is_what_shows_that_the_newest_entries_were_taken_off(
        self, gerbang: Gerbang, database: Path
    ) -> None:
        noted = gerbang("log", "verify", "--json").json["noted"]
        newest = "attempt_id = (SELECT attempt_id FROM entries WHERE entry_id = 3)"
        for statement in (
            f"DELETE FROM tickets WHERE visit_id = (SELECT visit_id FROM visits WHERE {newest})",
            f"DELETE FROM visits WHERE {newest}",
            "DELETE FROM entries WHERE entry_id = 3",
            "UPDATE sites SET head_entry_id = 2,"
            " head_hash = (SELECT hash FROM entries WHERE entry_id = 2)",
        ):
            tamper(database, statement)
        assert "figures" in gerbang("log", "verify").out  # of the day still count it
        tamper(database, "UPDATE sites SET days_zone = NULL")  # so that they are counted anew
        assert gerbang("log", "verify").status == 0
        assert gerbang("log", "verify", "--expect", noted).status == 1

    @pytest.mark.parametrize("noted", ["", "1", ":", f"{'9' * 5000}:ab"])
    def test_is_refused_in_one_line_when_it_is_none(self, gerbang: Gerbang, noted: str) -> None:
        outcome = gerbang("log", "verify", "--expect", noted)
        assert (outcome.status, outcome.err.count("\n")) == (2, 1)


class TestHostileFiles:
    @pytest.mark.parametrize("command", ["check", "evaluate"])
    def test_a_picture_that_claims_to_be_huge_is_told(
        self, gerbang: Gerbang, tmp_path: Path, command: str
    ) -> None:
        folder = tmp_path / "pictures"
        folder.mkdir()
        picture = folder / "huge.png"
        picture.write_bytes(_png(100_000, 100_000))
        outcome = gerbang("mask", command, str(picture if command == "check" else folder))
        assert outcome.status == 1
        assert (outcome.err.count("\n"), "huge.png" in outcome.err) == (1, True)

    def test_a_capture_whose_reading_fails_is_told(
        self, gerbang: Gerbang, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        class Failing(io.BufferedReader):
            def read1(self, size: int = -1, /) -> bytes:
                raise OSError(5, "Input/output error")

        monkeypatch.setattr(thermometer_capture, "_open", lambda _: Failing(io.BytesIO()))
        outcome = gerbang("thermometer", "decode", "--model", "gy-mcu90614", "capture.bin")
        assert (outcome.status, outcome.err.count("\n")) == (1, 1)
        assert "capture.bin: Input/output error" in outcome.err

    def test_closed_standard_input_is_told(
        self, gerbang: Gerbang, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(sys, "stdin", None)
        outcome = gerbang("thermometer", "decode", "--model", "gy-mcu90614", "-")
        assert (outcome.status, outcome.err.count("\n")) == (2, 1)

    @pytest.mark.parametrize(
        "arguments",
        [("thermometer", "decode", "--model", "gy-mcu90614", ""), ("mask", "check", "")],
        ids=" ".join,
    )
    def test_an_empty_name_is_wrong_usage(
        self, gerbang: Gerbang, arguments: tuple[str, ...]
    ) -> None:
        outcome = gerbang(*arguments)
        assert (outcome.status, outcome.err.count("\n"), "name a" in outcome.err) == (2, 1, True)


class TestTimesAtTheEndOfTheCalendar:
    @pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01", "9999-12-31T23:00-08:00"])
    def test_no_receipt_is_issued(self, gerbang: Gerbang, day: str) -> None:
        outcome = gerbang("receipt", "issue", "--service", "KTP", "--name", "Siti", "--issued", day)
        assert outcome.status in (1, 2)
        assert day[:10] in outcome.err

    @pytest.mark.parametrize("at", ["9999-12-31T23:00-08:00", "9999-12-31T23:00Z", "0001-01-01"])
    def test_no_receipt_is_verified(self, gerbang: Gerbang, at: str) -> None:
        number = gerbang("receipt", "issue", "--service", "KTP", "--name", "Siti", "--json").json[
            "number"
        ]
        outcome = gerbang("receipt", "verify", number, "--at", at)
        assert (outcome.status, outcome.err.count("\n")) == (2, 1)


def test_a_new_data_folder_is_told_once_on_standard_error(gerbang: Gerbang, tmp_path: Path) -> None:
    mistyped = tmp_path / "mistyped"
    first, second = (gerbang("log", "verify", "--json", "--data", str(mistyped)) for _ in range(2))
    assert first.err == f"gerbang: new data folder made at {mistyped}\n"
    assert (first.json["intact"], second.err) == (True, "")


def _png(width: int, height: int) -> bytes:
    """The smallest file that says it is a picture of that size."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        checksum = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + checksum

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pieces = ((b"IHDR", header), (b"IDAT", zlib.compress(b"")), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*piece) for piece in pieces)
