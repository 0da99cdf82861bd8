"""A site fits the mask check to its camera: consent, pictures, tuning, and the pictures' end."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import cv2
import numpy as np
import pytest

from dashboard.bootstrap import RunningOffice
from dashboard.gates import tuned_layer
from drivers.simulated.portrait import Wearing, draw_visitor
from screening.clock import SURE_AFTER_S, FakeClock
from screening.errors import SettingsError
from screening.readings import MaskLabel
from screening.settings import CameraSettings, GateSettings, Settings
from screening.vision.annotations import read_annotations
from screening.vision.check import MaskCheck
from screening.vision.masks import shipped_last_layer
from screening.vision.site_pictures import Consent, SitePictures
from tests.e2e.command import Gerbang

NOW = datetime.now(UTC)
LABELS: tuple[Wearing, ...] = ("mask", "no_mask", "incorrect")
EACH = 4
DRAWN = {
    label: [
        draw_visitor(label, width=320, height=240, rng=np.random.default_rng(seed))
        for seed in range(EACH)
    ]
    for label in LABELS
}
# About where the drawn visitors stand; a tuning sees the same with any box around a face.
FACE = MaskCheck().check(DRAWN["no_mask"][0])[0].box


@pytest.fixture
def camera(tmp_path: Path) -> str:
    """A folder shown as a camera: one visitor with a mask."""
    folder = tmp_path / "camera"
    folder.mkdir()
    for number, picture in enumerate(DRAWN["mask"]):
        cv2.imwrite(str(folder / f"{number}.png"), picture)
    return str(folder)


def fill(folder: Path, *, turns: tuple[int, ...] = (0, 0, 0), days: float = 30) -> Path:
    """Pictures of a person for each turn, who gives each label the name of one so much further."""
    with SitePictures.open(folder, now=NOW, make=True) as pictures:
        for number, turn in enumerate(turns):
            person = f"p{number:02}"
            pictures.agree(Consent(person, NOW, NOW + timedelta(days=days), "I agree"))
            for place, label in enumerate(LABELS):
                for pixels in DRAWN[label]:
                    named = MaskLabel(LABELS[(place + turn) % 3])
                    pictures.add(pixels, FACE, named, person=person)
    return folder


def pictures_in(folder: Path) -> int:
    return len(list(folder.glob("*.png")))


COLLECT = ("mask", "collect", "staff", "--person", "p01", "--label", "mask")
QUICK = ("--count", "2", "--every-s", "0.2", "--json")


class TestCollecting:
    def test_asks_first_and_keeps_what_was_agreed_to(
        self, gerbang: Gerbang, camera: str, tmp_path: Path
    ) -> None:
        outcome = gerbang(*COLLECT, "--camera", camera, *QUICK, stdin="ya\n")
        assert outcome.status == 0
        assert (outcome.json["taken"], outcome.json["pictures"]) == (2, 2)
        for word in ("PERSETUJUAN", "CONSENT", "18", "picture 2 of 2"):
            assert word in outcome.err
        read = read_annotations(tmp_path / "staff")
        assert [(one.group, one.faces[0].label) for one in read] == [("p01", MaskLabel.MASK)] * 2
        assert "I am 18 or older and agree" in (tmp_path / "staff" / "consent.csv").read_text()

    @pytest.mark.parametrize("answer", ["", "tidak\n", "no\n", "y\n"])
    def test_takes_nothing_of_whoever_does_not_agree(
        self, gerbang: Gerbang, camera: str, tmp_path: Path, answer: str
    ) -> None:
        outcome = gerbang(*COLLECT, "--camera", camera, *QUICK, stdin=answer)
        assert (outcome.status, outcome.out) == (1, "")
        assert outcome.err.endswith("p01 did not agree: no picture was taken\n")
        assert not (tmp_path / "staff" / "consent.csv").exists()

    def test_asks_no_second_time_while_the_consent_is_in_force(
        self, gerbang: Gerbang, camera: str, tmp_path: Path
    ) -> None:
        fill(tmp_path / "staff", turns=(0, 0))
        outcome = gerbang(*COLLECT, "--camera", camera, *QUICK)
        assert (outcome.status, outcome.json["pictures"]) == (0, 26)
        assert "is in force until" in outcome.err

    def test_a_consent_on_paper_is_kept_as_such(
        self, gerbang: Gerbang, tmp_path: Path, camera: str
    ) -> None:
        outcome = gerbang(*COLLECT, "--camera", camera, *QUICK, "--consent")
        assert outcome.status == 0
        assert "on paper: PERSETUJUAN" in (tmp_path / "staff" / "consent.csv").read_text()

    def test_takes_the_only_gates_camera(
        self, gerbang: Gerbang, camera: str, tmp_path: Path
    ) -> None:
        (tmp_path / "gerbang.toml").write_text(
            f'[[gates]]\nname = "utama"\n[gates.camera]\nsource = "{camera}"\n'
        )
        assert gerbang(*COLLECT, *QUICK, "--consent").status == 0
        assert gerbang(*COLLECT, *QUICK, "--consent", "--gate", "dua").status == 2

    @pytest.mark.parametrize(
        "arguments",
        [
            pytest.param((*COLLECT,), id="no camera"),
            pytest.param((*COLLECT, "--camera", "0", "--gate", "utama"), id="camera and gate"),
            pytest.param((*COLLECT[:-1], "hat", "--camera", "0"), id="an unknown label"),
            pytest.param((*COLLECT, "--person", "=1+1", "--camera", "0"), id="a formula"),
            pytest.param((*COLLECT, "--camera", "0", "--keep-days", "400"), id="kept too long"),
        ],
    )
    def test_a_wrong_call_is_told_in_a_line(
        self, gerbang: Gerbang, tmp_path: Path, arguments: tuple[str, ...]
    ) -> None:
        outcome = gerbang(*arguments)
        assert (outcome.status, outcome.err.count("\n")) == (2, 1)
        assert not (tmp_path / "staff").exists()

    def test_a_folder_of_other_pictures_is_refused(self, gerbang: Gerbang, camera: str) -> None:
        outcome = gerbang("mask", "collect", camera, *COLLECT[3:], "--camera", camera, "--consent")
        assert (outcome.status, outcome.err.count("\n")) == (1, 1)


class TestARunningOffice:
    def test_deletes_what_has_expired_when_it_starts(
        self, gerbang: Gerbang, camera: str, tmp_path: Path
    ) -> None:
        data = ("--data", str(tmp_path / "data"))
        collected = gerbang(*COLLECT, "--camera", camera, *QUICK, "--consent", *data)
        assert (collected.status, pictures_in(tmp_path / "staff")) == (0, 2)
        settings = Settings(data=tmp_path / "data")
        with RunningOffice.open(settings, clock=FakeClock(now=datetime.now(UTC))):
            assert pictures_in(tmp_path / "staff") == 2
        month_later = FakeClock(now=datetime.now(UTC) + timedelta(days=31))
        with RunningOffice.open(settings, clock=month_later) as running:
            month_later.move_to(month_later.now() + timedelta(seconds=SURE_AFTER_S))
            running.upkeep.run_if_due()
            assert pictures_in(tmp_path / "staff") == 0


class TestTuning:
    def test_writes_the_layer_tells_the_figures_and_deletes_the_pictures(
        self, gerbang: Gerbang, tmp_path: Path
    ) -> None:
        folder = fill(tmp_path / "staff")
        outcome = gerbang("mask", "tune", "staff", "--out", "tuned.json", "--json")
        assert (outcome.status, outcome.err) == (0, "")
        told = outcome.json
        assert (told["pictures"], told["persons"], told["deleted"]) == (36, 3, 36)
        assert told["after"]["log_loss"] < told["before"]["log_loss"]
        assert told["after"]["mean_recall"] >= told["before"]["mean_recall"]
        assert sum(told["after"]["confusion"]["incorrect"].values()) == 12
        assert pictures_in(folder) == 0
        camera = CameraSettings(source="0", mask_tuning=tmp_path / "tuned.json")
        layer = tuned_layer(GateSettings(name="utama", camera=camera))
        assert layer is not None
        assert not np.array_equal(layer.weights, shipped_last_layer().weights)
        assert MaskCheck(last_layer=layer).check(DRAWN["mask"][0])[0].label is MaskLabel.MASK

    def test_keeps_the_pictures_where_asked_to_and_shows_a_table(
        self, gerbang: Gerbang, tmp_path: Path
    ) -> None:
        folder = fill(tmp_path / "staff")
        outcome = gerbang("mask", "tune", "staff", "--out", "tuned.json", "--keep-pictures")
        assert outcome.status == 0
        for words in ("before    after", "incorrect passed as mask", "0 pictures are deleted"):
            assert words in outcome.out
        assert pictures_in(folder) == 36

    def test_writes_nothing_where_it_would_be_worse(self, gerbang: Gerbang, tmp_path: Path) -> None:
        """Each person names the labels in another way, so that nothing holds for the next one."""
        folder = fill(tmp_path / "staff", turns=(0, 1, 2))
        outcome = gerbang("mask", "tune", "staff", "--out", "tuned.json", "--json")
        assert outcome.status == 1
        assert (outcome.json["is_better"], outcome.json["out"]) == (False, None)
        assert "the shipped layer stays" in outcome.err
        assert pictures_in(folder) == 36
        assert not (tmp_path / "tuned.json").exists()

    def test_too_few_pictures_are_told_in_a_line(self, gerbang: Gerbang, tmp_path: Path) -> None:
        fill(tmp_path / "staff", turns=(0, 0))
        outcome = gerbang("mask", "tune", "staff", "--out", "tuned.json")
        assert (outcome.status, outcome.out, outcome.err.count("\n")) == (1, "", 1)
        assert "pictures of 3 persons are needed, there are 2" in outcome.err

    def test_expired_pictures_are_deleted_and_never_used(
        self, gerbang: Gerbang, tmp_path: Path
    ) -> None:
        folder = fill(tmp_path / "staff", days=-1)
        outcome = gerbang("mask", "tune", "staff", "--out", "tuned.json")
        assert outcome.status == 1
        assert "the consent of p00 has expired" in outcome.err
        assert "there are 0" in outcome.err
        assert pictures_in(folder) == 0

    def test_a_folder_for_the_result_that_is_not_there_is_told_before_anything_else(
        self, gerbang: Gerbang, tmp_path: Path
    ) -> None:
        outcome = gerbang("mask", "tune", "staff", "--out", "nowhere/tuned.json")
        assert (outcome.status, outcome.err.count("\n")) == (2, 1)

    def test_nothing_is_deleted_when_the_result_cannot_be_written(
        self, gerbang: Gerbang, tmp_path: Path
    ) -> None:
        folder = fill(tmp_path / "staff")
        (tmp_path / "tuned.json").mkdir()
        outcome = gerbang("mask", "tune", "staff", "--out", "tuned.json")
        assert (outcome.status, outcome.err.count("\n")) == (1, 1)
        assert pictures_in(folder) == 36


class TestForgetting:
    def test_deletes_one_persons_pictures_and_consent(
        self, gerbang: Gerbang, tmp_path: Path
    ) -> None:
        folder = fill(tmp_path / "staff", turns=(0, 0))
        outcome = gerbang("mask", "forget", "staff", "--person", "p01", "--json")
        assert (outcome.status, outcome.json) == (0, {"person": "p01", "deleted": 12})
        assert {one.group for one in read_annotations(folder)} == {"p00"}
        assert gerbang("mask", "forget", "staff", "--person", "p01").status == 1

    def test_whoever_has_expired_is_forgotten_already(
        self, gerbang: Gerbang, tmp_path: Path
    ) -> None:
        fill(tmp_path / "staff", turns=(0,), days=-1)
        assert gerbang("mask", "forget", "staff", "--person", "p00").status == 0


class TestATunedGate:
    def test_a_file_of_another_model_stops_the_start_and_is_told_by_the_check(
        self, gerbang: Gerbang, tmp_path: Path
    ) -> None:
        file = tmp_path / "tuned.json"
        replace(shipped_last_layer(), model_digest="0" * 64).save(file)
        gate = GateSettings(name="utama", camera=CameraSettings(source="0", mask_tuning=file))
        with pytest.raises(SettingsError, match=r"gate utama, camera\.mask_tuning: .*another"):
            tuned_layer(gate)
        (tmp_path / "gerbang.toml").write_text(
            '[[gates]]\nname = "utama"\n[gates.camera]\nsource = "0"\nmask_tuning = "tuned.json"\n'
        )
        checked = gerbang("config", "check", "--json")
        assert checked.status == 1
        assert any("tuned for another mask model" in told for told in checked.json["problems"])
        served = gerbang("serve", "--port", "0", "--data", "data")
        assert served.status == 1
        assert "camera.mask_tuning: tuned.json: it was tuned for another" in served.err

    def test_a_camera_that_names_no_file_uses_the_shipped_layer(self) -> None:
        assert tuned_layer(GateSettings(name="utama")) is None
        assert tuned_layer(GateSettings(name="utama", camera=CameraSettings(source="0"))) is None


class TestEvaluatingATunedLayer:
    def test_measures_what_the_gate_would_use(self, gerbang: Gerbang, tmp_path: Path) -> None:
        """A layer that calls everything worn wrong must be seen to do so."""
        folder = fill(tmp_path / "staff")
        shipped = shipped_last_layer()
        far = shipped.bias + np.array([0.0, 0.0, 100.0, 0.0])
        replace(shipped, bias=far).save(tmp_path / "odd.json")
        as_shipped = gerbang("mask", "evaluate", str(folder), "--json").json
        tuned = gerbang("mask", "evaluate", str(folder), "--tuning", "odd.json", "--json").json
        assert as_shipped["recall"]["mask"] == 1.0
        assert tuned["recall"]["mask"] == 0.0
        assert tuned["recall"]["incorrect"] == 1.0
        assert set(tuned) == set(as_shipped)

    def test_a_layer_of_another_model_is_told_in_a_line(
        self, gerbang: Gerbang, tmp_path: Path
    ) -> None:
        folder = fill(tmp_path / "staff", turns=(0,))
        replace(shipped_last_layer(), model_digest="0" * 64).save(tmp_path / "old.json")
        for file in ("old.json", "absent.json"):
            outcome = gerbang("mask", "evaluate", str(folder), "--tuning", file)
            assert (outcome.status, outcome.out, outcome.err.count("\n")) == (1, "", 1)
