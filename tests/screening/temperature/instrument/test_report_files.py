"""Reports of commissionings: kept for their owner, and not for ever."""

from __future__ import annotations

import errno
import os
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from screening.errors import RecordError
from screening.temperature.instrument.drafts import Drafts
from screening.temperature.instrument.report_files import ReportFiles, made_at

NOON = datetime(2026, 11, 24, 5, 0, tzinfo=UTC)
"""Twelve o'clock in Jakarta."""
JAKARTA = ZoneInfo("Asia/Jakarta")


def files_in(folder: Path, kept_days: int = 7) -> ReportFiles:
    return ReportFiles(folder, zone=JAKARTA, kept_days=lambda: kept_days)


def test_reports_are_kept_for_their_owner_newest_first(tmp_path: Path) -> None:
    files = files_in(tmp_path)
    assert files.names("utama") == ()
    first = files.write("utama", NOON, "<p>satu</p>")
    second = files.write("utama", NOON + timedelta(hours=1), "<p>dua</p>")
    assert stat.S_IMODE(first.stat().st_mode) == 0o600
    assert files.names("utama") == (
        (second.name, NOON + timedelta(hours=1)),
        (first.name, NOON),
    )
    assert files.read("utama", second.name) == "<p>dua</p>"


def test_a_folder_that_cannot_be_read_is_a_trouble_of_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = files_in(tmp_path)
    report = files.write("utama", NOON, "<p>satu</p>")

    def broken(*_: object, **__: object) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    with monkeypatch.context() as patched:
        patched.setattr(Path, "read_text", broken)
        with pytest.raises(RecordError) as caught:
            files.read("utama", report.name)
        assert caught.value.is_of_disk
    monkeypatch.setattr(os, "listdir", broken)
    with pytest.raises(RecordError) as caught:
        files.names("utama")
    assert caught.value.is_of_disk


def test_two_reports_of_one_second_are_both_kept(tmp_path: Path) -> None:
    files = files_in(tmp_path)
    one, other = files.write("utama", NOON, "satu"), files.write("utama", NOON, "dua")
    assert (one.read_text(), other.read_text()) == ("satu", "dua")
    assert files.names("utama")[0] == (other.name, NOON)


@pytest.mark.parametrize(
    "name", ["../utama.json", "draft.json", "commissioning-x.html", "", "/etc/passwd"]
)
def test_only_reports_can_be_read(tmp_path: Path, name: str) -> None:
    files = files_in(tmp_path)
    files.write("utama", NOON, "satu")
    assert files.read("utama", name) is None


def test_a_report_that_is_not_there_is_none(tmp_path: Path) -> None:
    assert files_in(tmp_path).read("utama", "commissioning-20261124T050000Z.html") is None


def test_a_report_is_deleted_when_its_days_are_over(tmp_path: Path) -> None:
    files = files_in(tmp_path)
    old = files.write("utama", NOON, "satu")
    kept = files.write("belakang", NOON + timedelta(days=1), "dua")
    midnight = datetime(2026, 12, 2, tzinfo=JAKARTA)
    assert files.deleted_at(NOON) == midnight
    assert files.forget(midnight - timedelta(seconds=1)) == 0
    assert files.forget(midnight) == 1
    assert (old.exists(), kept.exists()) == (False, True)
    assert files.names("utama") == ()


def test_a_site_that_keeps_nothing_keeps_a_report_until_its_day_is_over(tmp_path: Path) -> None:
    files = files_in(tmp_path, kept_days=0)
    assert files.deleted_at(NOON) == datetime(2026, 11, 25, tzinfo=JAKARTA)


def test_the_days_of_a_zone_that_changes_its_clocks_are_whole(tmp_path: Path) -> None:
    berlin = ZoneInfo("Europe/Berlin")
    files = ReportFiles(tmp_path, zone=berlin, kept_days=lambda: 1)
    before_summer = datetime(2027, 3, 27, 23, 30, tzinfo=berlin)
    assert files.deleted_at(before_summer) == datetime(2027, 3, 29, tzinfo=berlin)


def test_other_files_are_left_alone(tmp_path: Path) -> None:
    folder = tmp_path / "utama"
    folder.mkdir()
    for name in ("draft.json", "commissioning-x.html", "commissioning-20269924T050000Z.html"):
        (folder / name).write_text("")
        assert made_at(name) is None
    assert files_in(tmp_path).forget(NOON + timedelta(days=99)) == 0


def test_what_cannot_be_deleted_is_an_error_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "utama" / "commissioning-20261124T050000Z.html").mkdir(parents=True)
    with pytest.raises(RecordError, match="cannot be deleted"):
        files_in(tmp_path).forget(NOON + timedelta(days=99))


def test_what_cannot_be_deleted_keeps_no_other_report_alive(tmp_path: Path) -> None:
    files = files_in(tmp_path)
    (tmp_path / "dua" / "commissioning-20261123T050000Z.html").mkdir(parents=True)
    kept = files.write("utama", NOON, "satu")
    with pytest.raises(RecordError, match="cannot be deleted"):
        files.forget(NOON + timedelta(days=99))
    assert not kept.exists()


def test_a_year_that_no_day_comes_after_is_no_report_s(tmp_path: Path) -> None:
    (tmp_path / "utama").mkdir()
    (tmp_path / "utama" / "commissioning-99991231T235959Z.html").write_text("x")
    assert files_in(tmp_path).names("utama") == ()
    assert files_in(tmp_path).forget(NOON) == 0


def test_nothing_is_deleted_where_a_link_leads(tmp_path: Path) -> None:
    home, kept = tmp_path / "home", tmp_path / "thermometers"
    home.mkdir()
    kept.mkdir()
    names = (".profile", "draft.json", "notes.damaged", "commissioning-20201124T050000Z.html")
    for name in names:
        (home / name).write_text("{}")
        os.utime(home / name, times=(0, 0))
    (kept / "utama").symlink_to(home)
    Drafts(kept).forget_before(NOON)
    files_in(kept).forget(NOON)
    assert sorted(path.name for path in home.iterdir()) == sorted(names)


def test_a_hidden_file_of_somebody_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "utama").mkdir()
    hidden = tmp_path / "utama" / ".hidden"
    hidden.write_text("x")
    os.utime(hidden, times=(0, 0))
    Drafts(tmp_path).forget_before(NOON)
    assert hidden.exists()


def test_what_a_power_cut_left_of_a_file_is_deleted_too(tmp_path: Path) -> None:
    folder = tmp_path / "utama"
    folder.mkdir()
    left, writing = folder / ".draft.json.0a1b2c3d", folder / ".draft.json.4e5f6a7b"
    for path, age in ((left, timedelta(days=2)), (writing, timedelta(minutes=1))):
        path.write_text("{}")
        os.utime(path, times=2 * ((NOON - age).timestamp(),))
    Drafts(tmp_path).forget_before(NOON - timedelta(hours=1))
    assert (left.exists(), writing.exists()) == (False, True)
