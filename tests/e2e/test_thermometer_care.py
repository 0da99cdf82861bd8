"""gerbang thermometer commission and check: from a table, and asked for in the terminal."""

from __future__ import annotations

import stat
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from dashboard.bootstrap import RunningOffice
from dashboard.storage import first_facts, thermometer_files
from drivers.simulated.thermometer import SimulatedThermometer
from screening.clock import SURE_AFTER_S, FakeClock
from screening.settings import Settings
from screening.temperature.instrument.drafts import Purpose
from tests.e2e.command import Gerbang

PEOPLE = "raw,reference\n34.10,36.5\n34.42,36.7\n33.95,36.4\n34.30,36.8\n34.21,36.6\n"
COMMISSION = ("thermometer", "commission", "--room", "24.5", "--by", "dewi")
WALK = "cm,raw,face_width\n50,34.2,0.32\n40,34.4,0.4\n80,33.6,0.2\n"
CHECK = ("thermometer", "check", "--room", "24.5", "--by", "budi")
CONFIG = '[[gates]]\nname = "utama"\nthermometer = {{ model = "gy-mcu90614", port = "{port}" }}\n'


@pytest.fixture
def table(tmp_path: Path) -> str:
    (tmp_path / "gerbang.toml").write_text(CONFIG.format(port="/dev/absent"))
    (tmp_path / "staff.csv").write_text(PEOPLE)
    return "staff.csv"


SURE = timedelta(seconds=SURE_AFTER_S)
"""After this time of even going a day is believed."""


def be_sure_of_the_day(running: RunningOffice, clock: FakeClock) -> None:
    """The clock goes on evenly, and what is due for the day is done."""
    clock.move_to(clock.now() + SURE)
    running.upkeep.run_if_due()


def with_camera(folder: Path) -> None:
    config = folder / "gerbang.toml"
    config.write_text(config.read_text() + 'camera = { source = "0" }\n')


class TestFromATable:
    def test_finds_the_offset_and_writes_it_down(
        self, gerbang: Gerbang, table: str, tmp_path: Path
    ) -> None:
        found = gerbang(*COMMISSION, "--staff", table, "--json")
        assert found.status == 0, found.err
        assert found.json["offset_celsius"] == 2.4
        assert (found.json["staff"], found.json["site"]) == (5, "forehead-spot")
        assert (found.json["by"], found.json["linearity"]) == ("dewi", None)
        log = gerbang("log", "verify", "--json")
        assert log.status == 0

    def test_keeps_the_report_for_its_owner(
        self, gerbang: Gerbang, table: str, tmp_path: Path
    ) -> None:
        path = Path(gerbang(*COMMISSION, "--staff", table, "--json").json["report"])
        assert path.parent == tmp_path / "data" / "thermometers" / "utama"
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        html = path.read_text(encoding="utf-8")
        assert "Penyetelan termometer gerbang utama" in html
        assert "+2,40" in html

    def test_tells_a_person_in_two_lines(self, gerbang: Gerbang, table: str) -> None:
        first, second = gerbang(*COMMISSION, "--staff", table).out.splitlines()
        assert first.startswith("utama: offset +2.40 degC")
        assert second.startswith("Report: ")

    def test_a_walk_makes_a_distance_table(
        self, gerbang: Gerbang, table: str, tmp_path: Path
    ) -> None:
        with_camera(tmp_path)
        (tmp_path / "walk.csv").write_text(WALK)
        found = gerbang(*COMMISSION, "--staff", table, "--distances", "walk.csv", "--json")
        assert found.status == 0, found.err
        assert found.json["distance"] == {
            "fills_picture_cm": 16.0,
            "reference_cm": 50.0,
            "points": [
                {"cm": 40.0, "correction_celsius": -0.2},
                {"cm": 50.0, "correction_celsius": 0.0},
                {"cm": 80.0, "correction_celsius": 0.6},
            ],
        }
        assert "Jarak wajah" in Path(found.json["report"]).read_text(encoding="utf-8")
        told = gerbang(*COMMISSION, "--staff", table, "--distances", "walk.csv").out.splitlines()
        assert told[1] == "Distance: -0.20 to +0.60 degC from 40 to 80 cm, 0 at the mark of 50"

    def test_a_walk_that_does_not_fit_is_refused_with_every_reason(
        self, gerbang: Gerbang, table: str, tmp_path: Path
    ) -> None:
        with_camera(tmp_path)
        (tmp_path / "walk.csv").write_text("cm,raw,face_width\n50,34.2,0.32\n52,34.2,0.5\n")
        refused = gerbang(*COMMISSION, "--staff", table, "--distances", "walk.csv")
        assert refused.status == 1
        for said in ("nothing was written", "2 distances", "too short a walk", "the camera sees"):
            assert said in refused.err

    @pytest.mark.parametrize(
        ("rows", "said"),
        [
            ("", "nobody stood"),
            ("40,x,0.4\n", "not three numbers in line 2"),
        ],
    )
    def test_a_table_of_distances_without_distances_is_refused(
        self, gerbang: Gerbang, table: str, tmp_path: Path, rows: str, said: str
    ) -> None:
        with_camera(tmp_path)
        (tmp_path / "walk.csv").write_text(f"cm,raw,face_width\n{rows}")
        refused = gerbang(*COMMISSION, "--staff", table, "--distances", "walk.csv")
        assert refused.status == 2
        assert said in refused.err

    def test_without_a_camera_distances_tell_nothing(
        self, gerbang: Gerbang, table: str, tmp_path: Path
    ) -> None:
        (tmp_path / "walk.csv").write_text(WALK)
        refused = gerbang(*COMMISSION, "--staff", table, "--distances", "walk.csv")
        assert refused.status == 2
        assert "camera" in refused.err

    def test_refuses_with_every_reason_at_once(
        self, gerbang: Gerbang, table: str, tmp_path: Path
    ) -> None:
        (tmp_path / table).write_text("raw,reference\n34.1,36.5\n34.2,37.9\n")
        refused = gerbang("thermometer", "commission", "--staff", table, "--room", "31")
        assert refused.status == 1
        for said in ("31.0 degC", "2 people", "person 2 has 37.9", "nothing was written"):
            assert said in refused.err
        assert not list(tmp_path.rglob("*.html"))

    def test_names_every_bad_line_of_the_table(
        self, gerbang: Gerbang, table: str, tmp_path: Path
    ) -> None:
        rows = "34.1,36.5", "x,36.5", "34.1,", "34.1", "34,1,36,5", "34.1,36,5", '"34,1","36,5"'
        (tmp_path / table).write_text("\n".join(("raw,reference", *rows, "")))
        refused = gerbang(*COMMISSION, "--staff", table)
        assert refused.status == 2
        assert "line 3, 4, 5, 6, 7\n" in refused.err

    @pytest.mark.parametrize("value", ["nan", "inf", "1e308", "-1e27"])
    @pytest.mark.parametrize("option", ["--staff", "--known"])
    def test_what_no_thermometer_shows_is_a_bad_line(
        self, gerbang: Gerbang, table: str, tmp_path: Path, option: str, value: str
    ) -> None:
        (tmp_path / "bad.csv").write_text(f"raw,reference\n34.1,36.5\n{value},36.5\n")
        refused = gerbang(*COMMISSION, "--staff", table, option, "bad.csv")
        assert refused.status == 2
        assert "line 3" in refused.err

    def test_reads_a_table_of_a_spreadsheet_that_writes_decimal_commas(
        self, gerbang: Gerbang, table: str, tmp_path: Path
    ) -> None:
        by_comma = gerbang(*COMMISSION, "--staff", table, "--json").json
        written = PEOPLE.replace(",", ";").replace(".", ",").replace("\n", "\r\n")
        (tmp_path / table).write_text("\ufeff" + written, encoding="utf-8", newline="")
        by_semicolon = gerbang(*COMMISSION, "--staff", table, "--json").json
        assert by_semicolon["offset_celsius"] == by_comma["offset_celsius"]

    @pytest.mark.parametrize(
        "content",
        ["a,b\n1,2\n", "\xff", "raw,raw,reference\n34,35,36\n", "raw,reference\n" * 100_000],
        ids=["columns", "bytes", "a column twice", "endless"],
    )
    def test_says_what_a_table_looks_like(
        self, gerbang: Gerbang, table: str, tmp_path: Path, content: str
    ) -> None:
        (tmp_path / table).write_bytes(content.encode("latin-1"))
        assert gerbang(*COMMISSION, "--staff", table).status == 2

    def test_a_table_that_is_not_there_is_wrong_usage(self, gerbang: Gerbang, table: str) -> None:
        refused = gerbang(*COMMISSION, "--staff", "nowhere.csv")
        assert (refused.status, len(refused.err.splitlines())) == (2, 1)

    def test_known_temperatures_go_into_the_report(
        self, gerbang: Gerbang, table: str, tmp_path: Path
    ) -> None:
        (tmp_path / "known.csv").write_text(
            "raw,reference\n34.7,35\n36.9,37.2\n37.7,38\n39.2,39.5\n"
        )
        found = gerbang(*COMMISSION, "--staff", table, "--known", "known.csv", "--json")
        assert found.json["linearity"] == "honest"
        assert "Jujur" in Path(found.json["report"]).read_text(encoding="utf-8")

    def test_a_device_that_hides_warmth_is_not_used(
        self, gerbang: Gerbang, table: str, tmp_path: Path
    ) -> None:
        (tmp_path / "known.csv").write_text(
            "raw,reference\n36.1,35\n36.2,36.5\n36.3,38\n36.4,39.5\n"
        )
        refused = gerbang(*COMMISSION, "--staff", table, "--known", "known.csv")
        assert refused.status == 1
        assert "normalises" in refused.err

    def test_a_gate_without_a_thermometer_is_wrong_usage(
        self, gerbang: Gerbang, table: str
    ) -> None:
        refused = gerbang(*COMMISSION, "--staff", table, "--gate", "loteng")
        assert refused.status == 2
        assert "utama" in refused.err

    def test_a_lost_record_leaves_no_report(
        self, gerbang: Gerbang, table: str, tmp_path: Path
    ) -> None:
        (tmp_path / "data").mkdir()
        (tmp_path / "data" / "gerbang.sqlite3").write_text("this is no database")
        refused = gerbang(*COMMISSION, "--staff", table)
        assert refused.status == 1
        assert not list(tmp_path.rglob("*.html"))


class TestCheck:
    @pytest.fixture(autouse=True)
    def _commissioned(self, gerbang: Gerbang, table: str) -> None:
        assert gerbang(*COMMISSION, "--staff", table).status == 0

    def test_passes_when_it_reads_as_commissioned(self, gerbang: Gerbang) -> None:
        done = gerbang(*CHECK, "--raw", "34.1", "--reference", "36.6", "--json")
        assert (done.status, done.json["outcome"]) == (0, "passed")
        assert done.json["difference_celsius"] == -0.1
        assert done.json["allowed_celsius"] > 0.5

    def test_fails_when_it_is_off(self, gerbang: Gerbang) -> None:
        done = gerbang(*CHECK, "--raw", "31.1", "--reference", "36.6")
        assert done.status == 1
        assert done.out.startswith("utama: off, -3.10 degC")

    def test_a_flask_is_a_reference_too(self, gerbang: Gerbang) -> None:
        done = gerbang(*CHECK, "--raw", "37.0", "--reference", "37.0", "--flask", "--json")
        assert done.json["outcome"] == "passed"

    def test_a_reference_that_is_not_well_is_refused(self, gerbang: Gerbang) -> None:
        refused = gerbang(*CHECK, "--raw", "34.1", "--reference", "38.6")
        assert refused.status == 1
        assert "nothing was written" in refused.err

    def test_what_is_missing_is_asked_for_until_it_is_a_number(self, gerbang: Gerbang) -> None:
        done = gerbang(
            "thermometer", "check", "--raw", "34.1", "--json", stdin="warm\n24,5\n200\n36,6\n"
        )
        assert done.status == 0
        assert done.json["room_celsius"] == 24.5
        assert done.err.count("please") == 2

    def test_an_input_that_ends_too_early_is_told(self, gerbang: Gerbang) -> None:
        refused = gerbang("thermometer", "check", "--raw", "34.1", stdin="24\n")
        assert refused.status == 2
        assert "nothing was written" in refused.err


def test_a_check_before_the_commissioning_says_what_to_do(gerbang: Gerbang, table: str) -> None:
    refused = gerbang(*CHECK, "--raw", "34.1", "--reference", "36.6")
    assert refused.status == 1
    assert "gerbang thermometer commission" in refused.err


@pytest.mark.parametrize("number", ["3_6", "٣٦", "1e1", "nan", "36,6,1", "３６", "thirty"])
class TestWhatIsNoNumber:
    def test_is_refused_as_an_option(self, gerbang: Gerbang, table: str, number: str) -> None:
        refused = gerbang(*CHECK, "--raw", "34.1", "--reference", number)
        assert refused.status == 2
        assert "at most one comma or point" in refused.err
        assert gerbang("thermometer", "commission", "--room", number).status == 2

    def test_is_refused_in_a_table(self, gerbang: Gerbang, table: str, number: str) -> None:
        Path(table).write_text(PEOPLE + f'34.2,"{number}"\n', encoding="utf-8")
        refused = gerbang(*COMMISSION, "--staff", table)
        assert (refused.status, "line 7" in refused.err) == (2, True)


class InTurn:
    """What is typed: each presses Enter, standing before the device, then tells the reading."""

    def __init__(self, device: SimulatedThermometer, people: Sequence[tuple[float, float]]) -> None:
        self._lines = self._typed(device, people)

    def readline(self) -> str:
        return next(self._lines)

    @staticmethod
    def _typed(
        device: SimulatedThermometer, people: Sequence[tuple[float, float]]
    ) -> Iterator[str]:
        for skin, clinical in people:
            device.set_temperature(skin)
            yield "\n"
            yield f"{clinical}\n"
        yield "done\n"


class TestLive:
    def test_takes_the_devices_steady_value_of_each_person(
        self, gerbang: Gerbang, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        people = (
            (34.1, 36.5), (34.4, 36.7), (33.95, 36.4), (35.9, 38.2), (34.3, 36.8), (34.2, 36.6),
        )  # fmt: skip
        with SimulatedThermometer("gy-mcu90614") as device:
            (tmp_path / "gerbang.toml").write_text(CONFIG.format(port=device.path))
            monkeypatch.setattr(sys, "stdin", InTurn(device, people))
            found = gerbang(*COMMISSION, "--warm", "--json")
        assert found.status == 0, found.err
        assert (found.json["offset_celsius"], found.json["staff"]) == (2.4, 5)
        assert "ask somebody else" in found.err

    def test_a_device_that_stands_still_is_not_commissioned(
        self, gerbang: Gerbang, tmp_path: Path
    ) -> None:
        with SimulatedThermometer("gy-mcu90614", object_celsius=34.2) as device:
            (tmp_path / "gerbang.toml").write_text(CONFIG.format(port=device.path))
            answers = "".join(f"\n{clinical}\n" for clinical in (36.5, 36.7, 36.4, 36.8, 36.6))
            refused = gerbang(*COMMISSION, stdin="ya\n" + answers + "done\n\n")
        assert refused.status == 1
        assert "everybody the same value" in refused.err

    def test_measures_again_whoever_does_not_fit(self, gerbang: Gerbang, tmp_path: Path) -> None:
        with SimulatedThermometer("gy-mcu90614", object_celsius=30.2) as device:
            (tmp_path / "gerbang.toml").write_text(CONFIG.format(port=device.path))
            answers = "\n36.6\n" * 5 + "done\n9\n2\n\n36.5\ndone\n\n"
            refused = gerbang(*COMMISSION, "--warm", stdin=answers)
        assert refused.status == 1
        assert refused.err.count("check distance and aim") == 3
        assert "from 1 to 5" in refused.err

    @pytest.mark.parametrize("answer", ["\n", "no\n", "tidak\n"])
    def test_takes_no_value_of_a_device_that_nobody_vouches_for_as_warm(
        self, gerbang: Gerbang, table: str, answer: str
    ) -> None:
        assert gerbang(*COMMISSION, "--staff", table).status == 0
        for command in (CHECK, COMMISSION):
            refused = gerbang(*command, stdin=answer)
            assert (refused.status, refused.out) == (1, "")
            assert "half an hour first" in refused.err

    def test_a_room_that_is_too_warm_is_told_before_anybody_stands_there(
        self, gerbang: Gerbang, table: str
    ) -> None:
        refused = gerbang("thermometer", "commission", "--room", "31", stdin="")
        assert refused.status == 1
        assert "18 to 28" in refused.err


@pytest.mark.parametrize(
    ("hours_later", "is_kept"), [(2, True), (15, False)], ids=["same day", "next day"]
)
def test_an_office_that_starts_forgets_what_nobody_finished_yesterday(
    tmp_path: Path, hours_later: int, is_kept: bool
) -> None:
    noon = datetime(2026, 11, 24, 5, 0, tzinfo=UTC)
    # Pydantic takes this argument of every settings class, though the class does not declare it.
    settings = Settings(_env_file=None, data=tmp_path / "data")  # type: ignore[call-arg]
    drafts, _ = thermometer_files(settings, lambda: first_facts(settings))
    drafts.change("utama", lambda draft: draft.take(Purpose.STAFF, 34.1, at=noon), now=noon)
    clock = FakeClock(noon + timedelta(hours=hours_later))
    with RunningOffice.open(settings, clock=clock) as running:
        be_sure_of_the_day(running, clock)
        assert drafts.get("utama", now=noon).is_empty is not is_kept


def test_what_cannot_be_deleted_does_not_keep_the_office_from_opening(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    settings = Settings(_env_file=None, data=tmp_path / "data")  # type: ignore[call-arg]
    (tmp_path / "data" / "thermometers" / "utama" / "draft.damaged").mkdir(parents=True)
    _, reports = thermometer_files(settings, lambda: first_facts(settings))
    noon = datetime(2026, 11, 24, 5, 0, tzinfo=UTC)
    old = reports.write("utama", noon - timedelta(days=9), "old")
    clock = FakeClock(noon)
    with RunningOffice.open(settings, clock=clock) as running:
        be_sure_of_the_day(running, clock)
        assert "draft.damaged" in caplog.text
        assert not old.exists()


def test_a_site_says_how_long_reports_and_degrees_are_kept(tmp_path: Path) -> None:
    rules = {"reports_days": 30, "readings_days": 3, "names_days": 5, "remarks_days": 9}
    settings = Settings(_env_file=None, data=tmp_path / "data", retention=rules)  # type: ignore[call-arg, arg-type]
    _, reports = thermometer_files(settings, lambda: first_facts(settings))
    noon = datetime(2026, 11, 24, 5, 0, tzinfo=UTC)
    kept = reports.write("utama", noon - timedelta(days=30), "kept")
    over = reports.write("utama", noon - timedelta(days=31), "over")
    clock = FakeClock(noon - SURE)
    with RunningOffice.open(settings, clock=clock) as running:
        be_sure_of_the_day(running, clock)
        assert (kept.exists(), over.exists()) == (True, False)
        facts = running.record.facts.current()
        assert {name: getattr(facts, name) for name in rules} == rules
