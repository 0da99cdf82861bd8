"""What was collected is deleted when its consent ends, also where nobody runs a command."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from screening.readings import Box, MaskLabel
from screening.vision.picture_folders import FILE, PictureFolders
from screening.vision.site_pictures import Consent, SitePictures

NOW = datetime(2026, 11, 25, 9, tzinfo=UTC)
IN_FORCE, OVER = NOW + timedelta(days=9), NOW + timedelta(days=11)
PIXELS = np.zeros((48, 64, 3), np.uint8)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    (tmp_path / "data").mkdir()
    return tmp_path / "data"


def collected(folder: Path) -> Path:
    """One picture of one person, whose consent ends after ten days."""
    with SitePictures.open(folder, now=NOW, make=True) as pictures:
        pictures.agree(Consent("p01", NOW, NOW + timedelta(days=10), "I agree"))
        pictures.add(PIXELS, Box(1, 2, 30, 40), MaskLabel.MASK, person="p01")
    return folder


def kept(folder: Path) -> int:
    return len(list(folder.glob("*.png")))


def test_pictures_stay_while_the_consent_is_in_force_and_go_when_it_ends(
    tmp_path: Path, data: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = collected(tmp_path / "staff")
    PictureFolders(data).remember(folder)
    caplog.set_level(logging.INFO)
    PictureFolders(data).delete_expired(IN_FORCE)
    assert (kept(folder), caplog.text) == (1, "")
    PictureFolders(data).delete_expired(OVER)
    assert kept(folder) == 0
    assert "1 consent has expired" in caplog.text
    assert "p01" not in caplog.text


def test_a_folder_is_found_again_from_another_working_directory(
    tmp_path: Path, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = collected(tmp_path / "staff")
    monkeypatch.chdir(tmp_path)
    PictureFolders(data).remember(Path("staff"))
    monkeypatch.chdir(data)
    PictureFolders(data).delete_expired(OVER)
    assert kept(folder) == 0


def test_a_folder_is_remembered_once_and_for_the_owner_only(tmp_path: Path, data: Path) -> None:
    folder = collected(tmp_path / "staff")
    for _ in range(3):
        PictureFolders(data).remember(folder)
    assert (data / FILE).read_text().count("staff") == 1
    assert (data / FILE).stat().st_mode & 0o777 == 0o600


def test_a_folder_that_is_gone_or_empty_of_consents_is_forgotten(
    tmp_path: Path, data: Path
) -> None:
    folders = PictureFolders(data)
    folders.remember(collected(tmp_path / "one"))
    folders.remember(tmp_path / "never made")
    folders.delete_expired(OVER)
    assert "one" not in (data / FILE).read_text()
    assert "never made" not in (data / FILE).read_text()


def test_a_folder_in_use_is_told_and_tried_again(
    tmp_path: Path, data: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = collected(tmp_path / "staff")
    PictureFolders(data).remember(folder)
    with SitePictures.open(folder, now=NOW):
        PictureFolders(data).delete_expired(OVER)
        assert kept(folder) == 1
        assert "is in use by another command" in caplog.text
    PictureFolders(data).delete_expired(OVER)
    assert kept(folder) == 0


@pytest.mark.parametrize("text", ["", "{", "[1, 2]", '{"folders": [3]}', "\udcff"])
def test_a_damaged_list_is_told_and_stops_nothing(
    tmp_path: Path, data: Path, text: str, caplog: pytest.LogCaptureFixture
) -> None:
    (data / FILE).write_bytes(text.encode("utf-8", "surrogateescape"))
    PictureFolders(data).delete_expired(OVER)
    assert "is not as it was written" in caplog.text
    folder = collected(tmp_path / "staff")
    PictureFolders(data).remember(folder)
    PictureFolders(data).delete_expired(OVER)
    assert kept(folder) == 0


def test_where_nothing_was_collected_nothing_is_written_or_told(
    data: Path, caplog: pytest.LogCaptureFixture
) -> None:
    PictureFolders(data).delete_expired(OVER)
    assert list(data.iterdir()) == []
    assert caplog.text == ""
