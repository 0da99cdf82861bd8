"""gerbang thermometer: who hangs at a port, live on a simulated device, and the codecs' trial."""

from __future__ import annotations

import io
import json
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from dashboard.commands.thermal_blocks import draw_blocks
from dashboard.commands.thermometer_watch import WatchBoard, sparkline
from drivers.simulated.thermometer import SimulatedThermometer
from screening.readings import (
    Availability,
    DeviceKind,
    FaultReason,
    TemperatureFault,
    TemperatureReading,
    ThermalPicture,
)
from tests.e2e.command import Gerbang


class TestIdentify:
    @pytest.mark.parametrize("model", ["gy-mcu90614", "gy-mcu90640", "modbus"])
    def test_names_what_hangs_at_a_port(self, gerbang: Gerbang, model: str) -> None:
        with SimulatedThermometer(model) as device:
            outcome = gerbang("thermometer", "identify", "--port", device.path, "--json")
        (found,) = outcome.json["ports"]
        assert outcome.status == 0
        assert (found["port"], found["model"]) == (device.path, model)
        assert found["baud_rate"] == 9600  # a pseudo-terminal has every rate
        assert found["evidence"]["good"] >= 1
        assert found["error"] is None

    def test_tells_a_person_the_model_the_rate_and_the_evidence(self, gerbang: Gerbang) -> None:
        with SimulatedThermometer("gy-mcu90614", object_celsius=36.5) as device:
            outcome = gerbang("thermometer", "identify", "--port", device.path)
        first, evidence, told, following = outcome.out.splitlines()
        assert first == f"{device.path}: gy-mcu90614 at 9600 baud"
        assert "good frames in" in evidence
        assert told == "  it told 36.5 degC"
        assert following == (
            f"  next: gerbang thermometer watch --model gy-mcu90614 --port {device.path}"
        )

    def test_the_next_command_has_the_rate_where_it_is_not_the_usual_one(
        self, gerbang: Gerbang
    ) -> None:
        with SimulatedThermometer("gy-mcu90640") as device:  # a pseudo-terminal has every rate
            outcome = gerbang("thermometer", "identify", "--port", device.path)
        assert outcome.out.splitlines()[-1].endswith(f"--port {device.path} --baud-rate 9600")

    def test_a_port_that_is_not_there_is_told_and_fails(self, gerbang: Gerbang) -> None:
        outcome = gerbang("thermometer", "identify", "--port", "/dev/absent", "--json")
        (found,) = outcome.json["ports"]
        assert outcome.status == 1
        assert found["model"] is None
        assert "does not exist" in found["error"]


class TestWatch:
    def test_prints_a_json_object_a_line(self, gerbang: Gerbang) -> None:
        with SimulatedThermometer("gy-mcu90614", object_celsius=36.5) as device:
            outcome = gerbang(
                "thermometer", "watch", "--model", "gy-mcu90614", "--port", device.path,
                "--count", "2", "--json",
            )  # fmt: skip
        readings = [one for one in outcome.lines if one["kind"] == "reading"]
        assert (
            readings == [{"kind": "reading", "object_celsius": 36.5, "ambient_celsius": 25.0}] * 2
        )

    def test_in_a_pipe_everything_is_a_line_of_its_own(self, gerbang: Gerbang) -> None:
        with SimulatedThermometer("gy-mcu90640") as device:
            outcome = gerbang(
                "thermometer", "watch", "--model", "gy-mcu90640", "--port", device.path,
                "--count", "1",
            )  # fmt: skip
        lines = outcome.out.splitlines()
        assert "available" in lines
        assert any(line.startswith("24 x 32 pixels, ") for line in lines)

    def test_an_ambient_that_is_not_told_is_said_in_words(self, gerbang: Gerbang) -> None:
        with SimulatedThermometer("optris", object_celsius=36.5) as device:
            outcome = gerbang(
                "thermometer", "watch", "--model", "optris", "--port", device.path,
                "--count", "1",
            )  # fmt: skip
        assert "object 36.5 degC, ambient not told" in outcome.out.splitlines()

    def test_another_rate_than_as_delivered_can_be_named(self, gerbang: Gerbang) -> None:
        with SimulatedThermometer("gy-mcu90614") as device:
            outcome = gerbang(
                "thermometer", "watch", "--model", "gy-mcu90614", "--port", device.path,
                "--baud-rate", "115200", "--count", "1",
            )  # fmt: skip
        assert outcome.status == 0

    @pytest.mark.parametrize(
        "wrong",
        [
            ["--model", "abacus", "--port", "/dev/absent"],
            ["--model", "optris", "--port", "/dev/absent", "--address", "99"],
            ["--model", "modbus", "--port", "/dev/absent", "--register-map", "/absent.toml"],
        ],
        ids=["model", "address", "register-map"],
    )
    def test_what_cannot_be_is_wrong_usage(self, gerbang: Gerbang, wrong: list[str]) -> None:
        outcome = gerbang("thermometer", "watch", *wrong)
        assert outcome.status == 2
        assert len(outcome.err.splitlines()) == 1


class TestDecode:
    def test_tells_a_person_the_beginning_of_long_malformed_bytes_and_a_machine_all(
        self, gerbang: Gerbang, tmp_path: Path
    ) -> None:
        capture = tmp_path / "capture.bin"
        capture.write_bytes(bytes.fromhex("5A5A0206") + bytes(400))
        said = ["thermometer", "decode", str(capture), "--model", "gy-mcu90640"]
        text = gerbang(*said).out
        assert text == f"malformed (truncated): 5a5a0206{'00' * 28}... 404 bytes\n"
        (told,) = gerbang(*said, "--json").lines
        assert told == {
            "kind": "malformed",
            "reason": "truncated",
            "bytes": f"5a5a0206{'00' * 400}",
        }


def shown(board: WatchBoard, now_s: float) -> str:
    screen = io.StringIO()
    Console(file=screen, width=80, force_terminal=False).print(board.render(now_s))
    return screen.getvalue()


class TestWatchBoard:
    def test_shows_the_newest_value_with_lowest_and_highest_since_the_start(self) -> None:
        board = WatchBoard("gy-mcu90614 on /dev/ttyUSB0")
        board.take(Availability(DeviceKind.THERMOMETER, True, 1.0, None))
        for at, celsius in enumerate((36.1, 35.2, 36.4)):
            board.take(TemperatureReading(celsius, 24.5, float(at)))
        text = shown(board, 2.5)
        assert "gy-mcu90614 on /dev/ttyUSB0" in text
        assert "36.40 degC" in text
        assert "35.20 to 36.40 degC" in text
        assert "24.50 degC" in text
        assert "available" in text
        assert "3, 1.0 a second" in text
        assert "0.5 s" in text

    def test_shows_an_array_s_hottest_pixel_and_size(self) -> None:
        board = WatchBoard("senxor")
        celsius = np.full((62, 80), 24.0, np.float32)
        celsius[3, 4] = 36.75
        board.take(ThermalPicture(celsius, None, 1.0))
        text = shown(board, 1.0)
        assert "hottest" in text
        assert "column 5 from the left, row 4 from the top" in text
        assert "36.75 degC" in text
        assert "62 x 80 pixels, the coldest 24.00 degC" in text
        assert "not told" in text

    def test_shows_faults_with_their_bytes_and_why_there_is_no_device(self) -> None:
        board = WatchBoard("gy-mcu90614")
        assert "connecting" in shown(board, 0.0)
        board.take(TemperatureFault(FaultReason.BAD_CHECKSUM, b"\x5a\x5a\x45", 1.0))
        board.take(Availability(DeviceKind.THERMOMETER, False, 1.0, "no reading for 1.5 s"))
        text = shown(board, 2.0)
        assert "1, last bad_checksum: 5a 5a 45" in text
        assert "unavailable: no reading for 1.5 s" in text

    def test_asks_whether_it_is_another_model_while_nothing_but_faults_came(self) -> None:
        board = WatchBoard("gy-mcu90614")
        assert "identify" not in shown(board, 0.0)
        board.take(TemperatureFault(FaultReason.BAD_HEADER, b"\x5a", 1.0))
        assert "Is it another model, or rate?" in shown(board, 1.0)
        board.take(TemperatureReading(36.1, 24.5, 1.1))
        assert "another model" not in shown(board, 1.2)

    def test_draws_an_array_s_picture_only_where_the_terminal_has_the_colours(self) -> None:
        board = WatchBoard("gy-mcu90640")
        board.take(ThermalPicture(np.full((24, 32), 24.0, np.float32), None, 1.0))
        assert "\u2580" not in shown(board, 1.0)
        board.draw_with("._#", pictures=True)
        assert shown(board, 1.0).count("\u2580" * 32) == 12

    def test_is_as_wide_and_high_with_any_value(self) -> None:
        board = WatchBoard("gy-mcu90614")
        board.take(TemperatureReading(5.0, 24.5, 0.0))
        before = shown(board, 0.0).splitlines()
        for at in range(200):
            board.take(TemperatureReading(-20.0 + at, 24.5, float(at)))
        after = shown(board, 200.0).splitlines()
        assert [len(line) for line in before] == [len(line) for line in after]


@pytest.mark.parametrize(
    ("values", "drawn"),
    [
        ((), ""),
        ((36.5,), "_"),
        ((36.0, 36.5, 37.0), "._#"),
        ((36.50, 36.51, 36.50), "___"),
    ],
)
def test_a_sparkline_goes_from_the_lowest_to_the_highest_and_does_not_magnify_noise(
    values: tuple[float, ...], drawn: str
) -> None:
    assert sparkline(values, "._#") == drawn


class TestBlocks:
    @pytest.mark.parametrize(
        ("rows", "columns", "lines", "width"),
        [(24, 32, 12, 32), (32, 32, 8, 16), (62, 80, 11, 27), (120, 160, 12, 32), (5, 3, 3, 3)],
    )
    def test_every_array_fits_a_display_of_24_lines(
        self, rows: int, columns: int, lines: int, width: int
    ) -> None:
        drawn = draw_blocks(np.full((rows, columns), 30.0, np.float32)).plain.splitlines()
        assert (len(drawn), {len(line) for line in drawn}) == (lines, {width})

    def test_the_hottest_of_the_pixels_that_share_a_place_is_seen(self) -> None:
        celsius = np.full((120, 160), 24.0, np.float32)
        plain = draw_blocks(celsius)
        celsius[119, 159] = 40.0
        drawn = draw_blocks(celsius)
        changed = [at for at, style in enumerate(drawn.spans) if style != plain.spans[at]]
        assert changed == [12 * 32 - 1]

    def test_a_pixel_that_is_not_known_is_grey_and_any_value_has_a_colour(self) -> None:
        celsius = np.array([[np.nan, -300.0], [np.inf, 7000.0]], np.float32)
        first, second = (str(span.style) for span in draw_blocks(celsius).spans)
        assert first == "#808080 on #808080"
        assert second != first


class TestTrial:
    def test_fuzz_prints_a_table_and_succeeds(self, gerbang: Gerbang) -> None:
        outcome = gerbang(
            "thermometer", "fuzz", "--model", "terabee-evo-thermal", "--bytes", "9000"
        )
        head, ruler, row = outcome.out.splitlines()
        assert outcome.status == 0
        assert head.count("|") == ruler.count("|") == row.count("|")
        assert row.startswith("| terabee-evo-thermal | ")
        assert row.endswith(" | 0 |")

    def test_benchmark_tells_how_many_lines_one_core_could_read(self, gerbang: Gerbang) -> None:
        told = gerbang(
            "thermometer", "benchmark", "--model", "gy-mcu90614", "--best-of", "1",
            "--bytes", "5000", "--json",
        ).json  # fmt: skip
        ratios = told["models"]["gy-mcu90614"]["times_line_rate"]
        assert set(ratios) == {"good", "broken", "cut", "headers", "noise", "garbled"}
        fast = told["models"]["gy-mcu90614"]["at_rates"]["115200"]
        assert told["models"]["gy-mcu90614"]["at_rates"]["9600"] == ratios
        assert told["slowest"] == min(fast.values())
        assert told["limit"] == 20
        assert "cores" in told["machine"]

    def test_benchmark_tells_the_fastest_rate_of_the_device_beside_the_limit(
        self, gerbang: Gerbang
    ) -> None:
        told = gerbang(
            "thermometer", "benchmark", "--model", "gy-mcu90640", "--best-of", "1",
            "--bytes", "5000",
        ).out.splitlines()  # fmt: skip
        head, ruler, delivered, fastest, _, slowest = told
        assert head.endswith("| slowest (limit 20) |")
        assert {line.count("|") for line in (head, ruler, delivered, fastest)} == {10}
        assert delivered.startswith("| gy-mcu90640 | 115200 | ")
        assert fastest.startswith("| gy-mcu90640 | 460800 | ")
        assert slowest.startswith("The slowest: gy-mcu90640 at 460800 baud on ")

    def test_unknown_models_are_wrong_usage(self, gerbang: Gerbang) -> None:
        for command in ("fuzz", "benchmark"):
            outcome = gerbang("thermometer", command, "--model", "abacus")
            assert outcome.status == 2
            assert "abacus" in outcome.err


@pytest.mark.parametrize("command", ["identify", "fuzz", "benchmark"])
def test_each_has_help_with_an_example(gerbang: Gerbang, command: str) -> None:
    outcome = gerbang("thermometer", command, "--help")
    assert f"gerbang thermometer {command}" in outcome.out.partition("Example: ")[2]


def test_json_and_text_tell_the_same_of_a_silent_port(gerbang: Gerbang) -> None:
    text = gerbang("thermometer", "identify", "--port", "/dev/absent").out
    told = json.loads(gerbang("thermometer", "identify", "--port", "/dev/absent", "--json").out)
    assert told["ports"][0]["error"] in text
