"""The counting rules of the evaluation."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from screening.errors import EvaluationError
from screening.readings import Box, FaceObservation, MaskLabel
from screening.studies.mask.evaluation import Evaluation, evaluate

KEYS = {
    "n",
    "missed",
    "accuracy",
    "recall",
    "precision",
    "confusion",
    "incorrect_as_mask",
    "false_faces",
    "gate_accuracy",
    "p50_ms",
}
HEADER = "file,x,y,w,h,label"


class FakeCheck:
    """Gives for the n-th picture what it was told to."""

    def __init__(self, *answers: list[FaceObservation]) -> None:
        self._answers: Iterator[list[FaceObservation]] = iter(answers)

    def check(self, pixels: NDArray[np.uint8]) -> list[FaceObservation]:
        return next(self._answers, [])


def seen(
    x: float,
    y: float,
    w: float,
    h: float,
    label: str = "mask",
    *,
    score: float = 0.9,
    confidence: float = 0.9,
) -> FaceObservation:
    return FaceObservation(Box(x, y, w, h), MaskLabel(label), confidence, score)


@pytest.fixture
def folder(tmp_path: Path) -> Callable[..., Path]:
    """Writes ``pictures`` blank pictures of 640 by 480 with the given table rows."""

    def write(*rows: str, ignored: tuple[str, ...] = (), pictures: int = 1) -> Path:
        blank = np.zeros((480, 640, 3), np.uint8)
        for index in range(pictures):
            cv2.imwrite(str(tmp_path / f"{index}.png"), blank)
        (tmp_path / "annotations.csv").write_text("\n".join((HEADER, *rows)) + "\n")
        if ignored:
            (tmp_path / "ignore.csv").write_text("\n".join(("file,x,y,w,h", *ignored)) + "\n")
        return tmp_path

    return write


def judge(folder: Path, *answers: list[FaceObservation]) -> Evaluation:
    return evaluate(folder, FakeCheck(*answers))


def test_a_face_found_with_its_label_is_right(folder: Callable[..., Path]) -> None:
    result = judge(folder("0.png,100,100,100,120,mask"), [seen(105, 100, 100, 115)])
    assert (result.accuracy, result.missed, result.gate_accuracy) == (1.0, 0, 1.0)


def test_a_missed_face_is_an_error(folder: Callable[..., Path]) -> None:
    figures = judge(folder("0.png,100,100,100,120,no_mask")).to_json()
    assert (figures["n"], figures["missed"], figures["accuracy"]) == (1, 1, 0.0)
    assert figures["confusion"]["no_mask"]["missed"] == 1  # type: ignore[index]


def test_confidence_that_keeps_its_word_has_no_calibration_error(
    folder: Callable[..., Path],
) -> None:
    rows = [f"{index}.png,100,100,100,120,mask" for index in range(4)]
    labels = ["mask", "mask", "mask", "no_mask"]
    told = [[seen(100, 100, 100, 120, label, confidence=0.75)] for label in labels]
    assert judge(folder(*rows, pictures=4), *told).calibration_error == pytest.approx(0.0)
    boast = [[seen(100, 100, 100, 120, label, confidence=0.95)] for label in labels]
    assert judge(folder(*rows, pictures=4), *boast).calibration_error == pytest.approx(0.2)
    assert judge(folder(*rows, pictures=4)).calibration_error is None


def test_incorrect_passed_as_mask_is_counted(folder: Callable[..., Path]) -> None:
    result = judge(folder("0.png,100,100,100,120,incorrect"), [seen(100, 100, 100, 120, "mask")])
    assert result.to_json()["incorrect_as_mask"] == 1
    assert result.recall(MaskLabel.INCORRECT) == 0.0
    assert result.precision(MaskLabel.MASK) == 0.0


def test_a_centred_box_of_a_like_size_matches_below_the_overlap(
    folder: Callable[..., Path],
) -> None:
    # A quarter of the width and a hundred-and-twenty percent of the height: IoU under 0.3.
    row = "0.png,100,100,200,200,mask"
    assert judge(folder(row), [seen(150, 100, 105, 125)]).missed == 0
    assert judge(folder(row), [seen(150, 150, 100, 100)]).missed == 1


def test_one_detection_a_face_and_the_surest_first(folder: Callable[..., Path]) -> None:
    twice = [
        seen(100, 100, 100, 120, "no_mask", score=0.5),
        seen(104, 100, 100, 120, "mask", score=0.8),
    ]
    result = judge(folder("0.png,100,100,100,120,mask"), twice)
    assert result.accuracy == 1.0
    assert result.false_faces == (MaskLabel.NO_MASK,)


def test_ignored_faces_count_neither_as_missed_nor_as_false(folder: Callable[..., Path]) -> None:
    path = folder(ignored=("0.png,100,100,100,120",))
    assert judge(path).to_json()["n"] == 0
    assert judge(path, [seen(100, 100, 100, 120)]).false_faces == ()


def test_small_faces_count_nowhere(folder: Callable[..., Path]) -> None:
    path = folder("0.png,100,100,31,40,mask")
    result = judge(path, [seen(100, 100, 31, 40), seen(300, 300, 20, 26)])
    assert (len(result.faces), result.false_faces) == (0, ())


def test_the_gate_is_judged_by_the_largest_face(folder: Callable[..., Path]) -> None:
    path = folder("0.png,0,0,200,240,mask", "0.png,400,100,80,90,no_mask")
    result = judge(path, [seen(0, 0, 200, 240, "mask"), seen(400, 100, 80, 90, "mask")])
    assert (result.gate_accuracy, result.accuracy) == (1.0, 0.5)


def test_a_face_too_small_for_a_gate_is_not_in_its_figure(folder: Callable[..., Path]) -> None:
    result = judge(folder("0.png,0,0,50,60,mask"), [seen(0, 0, 50, 60)])
    assert (result.accuracy, result.gate_accuracy) == (1.0, None)


def test_a_folder_without_faces_counts_false_ones(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "wall.jpg"), np.zeros((480, 640, 3), np.uint8))
    figures = judge(tmp_path, [seen(10, 10, 100, 120, "no_mask")]).to_json()
    assert figures.keys() == KEYS
    assert (figures["n"], figures["false_faces"], figures["accuracy"]) == (0, 1, None)


def test_an_empty_folder_has_no_figures(tmp_path: Path) -> None:
    figures = judge(tmp_path).to_json()
    assert (figures["n"], figures["p50_ms"]) == (0, None)


def test_pictures_without_rows_count_for_false_faces(folder: Callable[..., Path]) -> None:
    path = folder("0.png,100,100,100,120,mask", pictures=2)
    result = judge(path, [seen(100, 100, 100, 120)], [seen(0, 0, 90, 90)])
    assert (result.accuracy, len(result.false_faces)) == (1.0, 1)


def test_the_time_is_the_median_of_the_check_alone(folder: Callable[..., Path]) -> None:
    ticks = iter([0.0, 0.004, 1.0, 1.006, 2.0, 2.1])
    result = evaluate(folder(pictures=3), FakeCheck(), timer=lambda: next(ticks))
    assert result.to_json()["p50_ms"] == pytest.approx(6.0)


def test_further_columns_are_allowed(folder: Callable[..., Path]) -> None:
    path = folder()
    (path / "annotations.csv").write_text(
        f"{HEADER},source,group\n0.png,100,100,100,120,mask,us,g1\n"
    )
    assert len(judge(path).faces) == 1


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        pytest.param(("gone.png,1,1,50,50,mask",), "gone.png", id="picture missing"),
        pytest.param(("0.png,1,1,50,50,scarf",), "scarf", id="unknown label"),
        pytest.param(("0.png,1,one,50,50,mask",), "not made of numbers", id="not a number"),
        pytest.param(("0.png,1,1,0,50,mask",), "no area", id="empty box"),
        pytest.param(("0.png,1,1,nan,50,mask",), "no area", id="nan"),
        pytest.param(("0.png,1,1",), "shorter than its header", id="short row"),
    ],
)
def test_a_wrong_row_is_an_error_that_says_where(
    folder: Callable[..., Path], rows: tuple[str, ...], message: str
) -> None:
    with pytest.raises(EvaluationError, match=message) as caught:
        judge(folder(*rows))
    assert "line 2" in str(caught.value)


def test_a_table_without_a_column_is_an_error(folder: Callable[..., Path]) -> None:
    path = folder()
    (path / "annotations.csv").write_text("file,x,y,w,h\n")
    with pytest.raises(EvaluationError, match="no column label"):
        judge(path)


def test_a_picture_that_cannot_be_decoded_is_an_error(folder: Callable[..., Path]) -> None:
    path = folder("0.png,1,1,50,50,mask")
    (path / "0.png").write_bytes(b"not a picture")
    with pytest.raises(EvaluationError, match=r"0\.png is not a picture"):
        judge(path)


def test_something_that_is_no_folder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(EvaluationError, match="not a folder"):
        judge(tmp_path / "nowhere")
