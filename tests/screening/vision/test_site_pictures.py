"""Pictures of staff are kept only with a consent in force, and for nobody else's eyes."""

from __future__ import annotations

import csv
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from screening.errors import EvaluationError
from screening.readings import Box, MaskLabel
from screening.vision.annotations import read_annotations, read_picture
from screening.vision.site_pictures import Consent, SitePictures

NOW = datetime(2026, 11, 25, 9, tzinfo=UTC)
LATER = NOW + timedelta(days=31)
OURS = "face-0123456789abcdef.png"
BOX = Box(10, 20, 30.25, 40)
PIXELS = np.arange(48 * 64 * 3, dtype=np.uint32).astype(np.uint8).reshape(48, 64, 3)


def consent(person: str, *, days: float = 30) -> Consent:
    return Consent(person, NOW, NOW + timedelta(days=days), 'I agree,\nof my own "free" will')


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two pictures of p01 and one of p02, whose consent ends first."""
    folder = tmp_path / "staff"
    with SitePictures.open(folder, now=NOW, make=True) as pictures:
        pictures.agree(consent("p01"))
        pictures.agree(consent("p02", days=10))
        pictures.add(PIXELS, BOX, MaskLabel.MASK, person="p01")
        pictures.add(PIXELS, BOX, MaskLabel.INCORRECT, person="p01")
        pictures.add(PIXELS, BOX, MaskLabel.NO_MASK, person="p02")
    return folder


def kept(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.png"))


def test_the_training_reads_what_is_kept(folder: Path) -> None:
    read = read_annotations(folder)
    assert sorted((one.group, one.faces[0].label.value) for one in read) == [
        ("p01", "incorrect"), ("p01", "mask"), ("p02", "no_mask"),
    ]  # fmt: skip
    assert read[0].faces[0].box.x == 10
    with (folder / "annotations.csv").open() as table:
        assert next(csv.reader(table)) == ["file", "x", "y", "w", "h", "label", "source", "group"]


def test_a_picture_is_kept_without_loss_and_comes_back_with_its_consent(folder: Path) -> None:
    with SitePictures.open(folder, now=NOW) as pictures:
        first = pictures.pictures[0]
        assert (first.person, first.label) == ("p01", MaskLabel.MASK)
        assert np.array_equal(read_picture(first.path), PIXELS)
        assert pictures.consent_of("p01") == consent("p01")
        assert pictures.consent_of("p09") is None


def test_nobody_else_can_read_anything(folder: Path) -> None:
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}


def test_a_folder_that_others_could_read_is_closed_to_them(folder: Path) -> None:
    folder.chmod(0o755)
    with SitePictures.open(folder, now=NOW):
        assert folder.stat().st_mode & 0o777 == 0o700


def test_a_picture_without_a_consent_is_refused(folder: Path) -> None:
    with (
        SitePictures.open(folder, now=NOW) as pictures,
        pytest.raises(EvaluationError, match="p09 has not agreed"),
    ):
        pictures.add(PIXELS, BOX, MaskLabel.MASK, person="p09")
    assert len(kept(folder)) == 3


def test_what_has_expired_is_deleted_before_anything_else(folder: Path) -> None:
    with SitePictures.open(folder, now=NOW + timedelta(days=10)) as pictures:
        assert pictures.expired == ("p02",)
        assert {one.person for one in pictures.pictures} == {"p01"}
        assert [one.person for one in pictures.consents] == ["p01"]
    assert len(kept(folder)) == 2
    assert "p02" not in (folder / "consent.csv").read_text()
    with SitePictures.open(folder, now=LATER) as pictures:
        assert pictures.pictures == ()
    assert kept(folder) == []


def test_whoever_withdraws_leaves_nothing_behind(folder: Path) -> None:
    with SitePictures.open(folder, now=NOW) as pictures:
        assert pictures.forget("p01") == 2
    assert len(kept(folder)) == 1
    for table in ("annotations.csv", "consent.csv"):
        assert "p01" not in (folder / table).read_text()


def test_forgetting_a_stranger_is_told(folder: Path) -> None:
    with (
        SitePictures.open(folder, now=NOW) as pictures,
        pytest.raises(EvaluationError, match="nothing of 'p09'"),
    ):
        pictures.forget("p09")


def test_after_the_tuning_only_the_consents_are_left(folder: Path) -> None:
    with SitePictures.open(folder, now=NOW) as pictures:
        assert pictures.delete_pictures() == 3
    assert kept(folder) == []
    with SitePictures.open(folder, now=NOW) as pictures:
        assert pictures.pictures == ()
        assert [one.person for one in pictures.consents] == ["p01", "p02"]


def test_a_picture_that_no_row_names_is_deleted_and_a_strange_file_is_not(folder: Path) -> None:
    (folder / OURS).write_bytes(b"left by a loss of power")
    (folder / "holiday.png").write_bytes(b"not ours")
    with SitePictures.open(folder, now=NOW) as pictures:
        assert len(pictures.pictures) == 3
    assert len(kept(folder)) == 4
    assert (folder / "holiday.png").exists()


def test_a_row_whose_picture_is_gone_is_dropped(folder: Path) -> None:
    kept(folder)[0].unlink()
    with SitePictures.open(folder, now=NOW) as pictures:
        assert len(pictures.pictures) == 2
    assert len(read_annotations(folder)) == 2


def test_a_picture_of_somebody_without_a_consent_is_deleted(folder: Path) -> None:
    table = folder / "consent.csv"
    table.write_text(table.read_text().replace("p02", "p03"))
    with SitePictures.open(folder, now=NOW) as pictures:
        assert {one.person for one in pictures.pictures} == {"p01"}
    assert len(kept(folder)) == 2


def test_a_folder_of_other_pictures_is_never_touched(tmp_path: Path) -> None:
    (tmp_path / OURS).write_bytes(b"mine")
    for make in (False, True):
        with (
            pytest.raises(EvaluationError, match="not filled by gerbang mask collect"),
            SitePictures.open(tmp_path, now=NOW, make=make),
        ):
            pass
    assert (tmp_path / OURS).exists()


def test_a_missing_folder_is_not_made_unless_asked(tmp_path: Path) -> None:
    with (
        pytest.raises(EvaluationError, match="is not a folder"),
        SitePictures.open(tmp_path / "absent", now=NOW),
    ):
        pass


def test_two_commands_do_not_use_one_folder(folder: Path) -> None:
    with (
        SitePictures.open(folder, now=NOW),
        pytest.raises(EvaluationError, match="in use by another command"),
        SitePictures.open(folder, now=NOW),
    ):
        pass
    with SitePictures.open(folder, now=NOW):
        pass


@pytest.mark.parametrize("person", ["", "=1+1", "../p01", "a\nb", "x" * 41, " p01", "p01 "])
def test_a_person_is_told_by_a_plain_code(folder: Path, person: str) -> None:
    with (
        SitePictures.open(folder, now=NOW) as pictures,
        pytest.raises(EvaluationError, match="a person is"),
    ):
        pictures.agree(consent(person))


@pytest.mark.parametrize(
    ("table", "line"),
    [
        pytest.param("annotations.csv", "../victim.png,1,1,5,5,mask,site,p01", id="a path"),
        pytest.param("annotations.csv", "holiday.png,1,1,5,5,mask,site,p01", id="another name"),
        pytest.param("annotations.csv", f"{OURS},1,1,5,5,hat,site,p01", id="label"),
        pytest.param("annotations.csv", f"{OURS},1,1,nan,5,mask,site,p01", id="box"),
        pytest.param("annotations.csv", f"{OURS},1,1", id="short"),
        pytest.param("annotations.csv", f"{OURS},1,1,5,5,mask,site,p01,x", id="long"),
        pytest.param("consent.csv", "p03,yesterday,2030-01-01,words", id="no time"),
        pytest.param("consent.csv", "p03,2026-11-25,2030-01-01,words", id="no offset"),
        pytest.param("consent.csv", '"p03', id="an open quote"),
    ],
)
def test_a_table_that_was_changed_is_refused_and_nothing_is_deleted(
    folder: Path, table: str, line: str
) -> None:
    (folder / table).write_text((folder / table).read_text() + line + "\n")
    with pytest.raises(EvaluationError, match=table), SitePictures.open(folder, now=LATER):
        pass
    assert len(kept(folder)) == 3
