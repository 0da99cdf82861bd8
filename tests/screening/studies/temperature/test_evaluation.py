from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from dashboard.__main__ import run
from screening.errors import EvaluationError
from screening.studies.temperature.dataset import read_subjects
from screening.studies.temperature.evaluation import evaluate, fit
from screening.studies.temperature.people import MODEL_PEOPLE, fit_group, is_febrile, is_well
from screening.studies.temperature.simulation import DayPlan, SensorError, simulate_days
from screening.temperature.presets import TWO_STAGE
from screening.temperature.sites import FACE_MAX, SITES, MeasuringSite
from screening.temperature.statistics import area_under_curve, wilson_interval

REPOSITORY = Path(__file__).resolve().parents[4]
COLUMNS = ("T_Max", "T_FHCC")
HEADING = [
    "SubjectID",
    "",
    *(f"{column}{which}" for which in "1234" for column in COLUMNS),
    "aveOralM",
]
HEADING += ["T_atm"]
WELL = ("35.60", "35.70", "35.70", "36.90", "24")
FEVERISH = ("37.60", "37.70", "37.70", "38.90", "24")


def table(folder: Path, *people: Sequence[str], heading: Sequence[str] = HEADING) -> Path:
    """A file as the authors lay it out; each of ``people`` is face max 1 to 3, oral and room."""
    lines = ["\ufeff,,Round 1:,,Round 2:", ",,T_max,T_FC", ",".join(heading)]
    for number, (first, second, third, oral, room) in enumerate(people):
        cells = (first, "34.4", second, "34.5", third, "34.5", "39.9", "39.9", oral, room)
        lines.append(f"161117-{number},,{','.join(cells)}")
    path = folder / "people.csv"
    path.write_text("\r\n".join(lines) + "\r\n", encoding="utf-8")
    return path


def test_a_replay_counts_who_the_gate_refers(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = table(tmp_path, WELL, FEVERISH, WELL, ("36.30", "36.40", "", "36.95", "24"), WELL)

    assert run(["temperature", "evaluate", str(path), "--site", "face-max", "--json"]) == 0

    told = json.loads(capsys.readouterr().out)
    assert list(told) == [
        "site",
        "n",
        "febrile",
        "auc",
        "sensitivity",
        "specificity",
        "referred_per_350",
        "intervals",
    ]
    assert (told["site"], told["n"], told["febrile"]) == ("face-max", 5, 1)
    assert (told["auc"], told["sensitivity"], told["specificity"]) == (1.0, 1.0, 1.0)
    assert told["referred_per_350"] == 70.0
    assert told["intervals"]["sensitivity"][0] < 0.3


def test_the_next_round_is_the_second_reading_where_one_is_missing(tmp_path: Path) -> None:
    path = table(tmp_path, ("", "37.60", "37.70", "38.9", ""), ("37.60", "", "", "38.9", "24"))

    (subject,) = read_subjects(path, FACE_MAX)

    assert subject.readings_celsius == (37.6, 37.7)
    assert subject.room_celsius is None


def test_an_implausible_reading_is_never_a_pass(tmp_path: Path) -> None:
    path = table(tmp_path, ("27.00", "27.00", "27.00", "36.9", "24"), WELL)

    assert evaluate(read_subjects(path, FACE_MAX), FACE_MAX, TWO_STAGE).specificity.count == 1


def test_nobody_febrile_is_told_as_null(tmp_path: Path) -> None:
    told = evaluate(read_subjects(table(tmp_path, WELL), FACE_MAX), FACE_MAX, TWO_STAGE).to_json()

    assert told["sensitivity"] is None
    assert told["auc"] is None
    assert told["specificity"] == 1.0


def test_the_rolling_baseline_follows_a_sensor_that_reads_high(tmp_path: Path) -> None:
    high = ("37.00", "37.10", "37.10", "36.90", "24")
    subjects = read_subjects(table(tmp_path, *[high] * 40), FACE_MAX)

    assert evaluate(subjects, FACE_MAX, TWO_STAGE).specificity.count == 0
    rolling = evaluate(subjects, FACE_MAX, TWO_STAGE, is_rolling=True)
    assert rolling.specificity.count == 30


@pytest.mark.parametrize(
    ("content", "said"),
    [
        pytest.param(b"", "heading", id="empty"),
        pytest.param(b"a,b\n1,2\n", "heading", id="another table"),
        pytest.param(b"\xff\xfe\x00\x01", "comma-separated", id="not text"),
        pytest.param(b"SubjectID,T_Max1\n", "T_Max2", id="columns missing"),
        pytest.param(
            b"SubjectID,T_Max1,T_Max2,T_Max3,aveOralM\nx,warm,35,35,37\n", "line 2", id="a word"
        ),
        pytest.param(
            b"SubjectID,T_Max1,T_Max2,T_Max3,aveOralM\nx,95,95,95,98.6\n", "degC", id="Fahrenheit"
        ),
        pytest.param(b"SubjectID,T_Max1,T_Max2,T_Max3,aveOralM\n", "no subject", id="nobody"),
    ],
)
def test_a_bad_file_is_told_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes, said: str
) -> None:
    path = tmp_path / "bad.csv"
    path.write_bytes(content)

    assert run(["temperature", "evaluate", str(path), "--json"]) == 1

    error = capsys.readouterr().err
    assert said in error
    assert len(error.splitlines()) == 1


def test_a_missing_file_and_an_unknown_word_are_told_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["temperature", "evaluate", str(tmp_path / "none.csv")]) == 1
    assert run(["temperature", "evaluate", str(tmp_path), "--site", "ear"]) == 2
    assert run(["temperature", "simulate-day", "--preset", "none"]) == 2

    assert len(capsys.readouterr().err.splitlines()) == 3


def test_a_fit_needs_enough_people(tmp_path: Path) -> None:
    with pytest.raises(EvaluationError, match="ten"):
        fit(read_subjects(table(tmp_path, WELL, FEVERISH), FACE_MAX))


def test_the_same_seed_gives_the_same_days() -> None:
    error = SensorError(bias=0.5, drift=0.4, noise=0.2)
    plan = DayPlan(days=2, visitors=40, febrile_share=0.1)
    people = MODEL_PEOPLE[FACE_MAX.name]

    one = simulate_days(people, FACE_MAX, TWO_STAGE, error=error, plan=plan)

    assert one == simulate_days(people, FACE_MAX, TWO_STAGE, error=error, plan=plan)
    assert one.sensitivity.total + one.specificity.total == 80


@pytest.mark.parametrize("bias", [-0.1, float("nan"), float("inf")])
def test_a_sensor_error_is_a_number_from_0_up(bias: float) -> None:
    with pytest.raises(ValueError, match="from 0 up"):
        SensorError(bias=bias)


def test_intervals_are_the_published_ones() -> None:
    # Newcombe 1998, table I, method 3: 81 of 263 and 0 of 20.
    assert wilson_interval(81, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert wilson_interval(0, 20) == pytest.approx((0.0, 0.1611), abs=5e-5)


def test_ties_count_half_in_the_area_under_the_curve() -> None:
    area, (low, high) = area_under_curve(np.array([1.0, 3.0]), np.array([1.0, 2.0, 0.0]))

    assert area == pytest.approx((1.5 + 3) / 6)
    assert 0 < low < area < high < 1


@pytest.fixture(scope="module")
def published() -> Path:
    """The published table; it is not in the repository."""
    shared = os.environ.get("GERBANG_SHARED_DATA")
    root = Path(shared) if shared else REPOSITORY.parent / "shared" / "data"
    path = root / "thermal" / "FLIR_groups1and2.csv"
    if not path.is_file():
        pytest.skip(f"no published temperatures at {path}: set GERBANG_SHARED_DATA to have them")
    return path


@pytest.mark.parametrize("site", SITES.values(), ids=list(SITES))
def test_the_constants_are_the_fit_on_the_published_table(
    published: Path, site: MeasuringSite
) -> None:
    subjects = read_subjects(published, site)
    people = MODEL_PEOPLE[site.name]

    assert fit(subjects).at(site) == site
    assert fit_group([s for s in subjects if is_well(s)], site) == people.well
    assert fit_group([s for s in subjects if is_febrile(s)], site) == people.febrile


def test_the_face_maximum_keeps_its_promise_on_the_published_table(published: Path) -> None:
    told = evaluate(read_subjects(published, FACE_MAX), FACE_MAX, TWO_STAGE).to_json()

    assert (told["n"], told["febrile"]) == (1015, 48)
    assert told["sensitivity"] >= 0.97
    assert told["specificity"] >= 0.97
    assert 0.96 <= told["auc"] <= 0.995
