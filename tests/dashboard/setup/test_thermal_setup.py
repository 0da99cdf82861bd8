"""The page on which the camera's faces are found in a thermal array."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field

import numpy as np
import pytest
from fastapi.testclient import TestClient

from dashboard.setup.thermal_words import DONE, NO_ARRAY, NO_CAMERA, PROBLEMS, STEPS, mapping_line
from dashboard.web.language import Languages
from screening.gate.thermal import ThermalSight
from screening.readings import Box, DeviceKind, MaskLabel, MaskReading, ThermalPicture
from screening.settings import ThermometerSettings
from screening.temperature.affine_mapping import AffineMapping
from screening.temperature.instrument.face_mapping import EYES_DOWN, MappingProblem, Step
from tests.dashboard.conftest import Browse, send
from tests.dashboard.fakes import FakeGateControl, FakeOffice, devices, view_of

PAGE = "/gate/utama/thermal"
LIVE = {"X-Gerbang-Live": "1"}
PLACES = ((0.5, 0.4), (0.25, 0.42), (0.75, 0.41), (0.45, 0.65), (0.62, 0.25))


@dataclass
class Walk:
    """Somebody who walks before the camera and an array that sees what the camera sees."""

    fake: FakeOffice
    gate: FakeGateControl
    guard: TestClient
    sight: ThermalSight = field(default_factory=ThermalSight)

    def __post_init__(self) -> None:
        object.__setattr__(self.fake.office, "thermal_sight", lambda _: self.sight)
        self.now_s = self.fake.clock.monotonic_s()
        self.guard.get(PAGE)

    def stand(self, place: tuple[float, float], *, hot: tuple[int, int] | None = None) -> None:
        """Two seconds; from ``hot`` (row, column) on something is warmer than the face."""
        rng = np.random.default_rng(5)
        for _ in range(9):
            face = Box(place[0] - 0.1, place[1] - EYES_DOWN * 0.4, 0.2, 0.4)
            self.sight.saw(MaskReading(MaskLabel.MASK, None, 0.9, 5, self.now_s, face))
            celsius = rng.normal(26, 0.05, (24, 32)).astype(np.float32)
            row, column = round(24 * place[1] - 0.5), round(32 * place[0] - 0.5)
            celsius[row - 2 : row + 3, column - 2 : column + 3] = 34.0
            celsius[row, column] = 35.5
            if hot is not None:
                celsius[hot[0] : hot[0] + 3, hot[1] : hot[1] + 3] = 39.0
            self.sight.take(ThermalPicture(celsius, 30.0, self.now_s))
            self.now_s += 0.25
        self.gate.shown = view_of("utama", thermal=self.sight.view(self.now_s))
        self.sight.walked(self.now_s)


@pytest.fixture
def walk(fake: FakeOffice, gate: FakeGateControl, guard: TestClient) -> Walk:
    return Walk(fake, gate, guard)


def test_a_guard_and_an_administrator_may_open_it(logged_in: Browse) -> None:
    for name in ("budi", "admin"):
        assert logged_in(name).get(PAGE).template.name == "setup/thermal.html"


def test_others_may_not(client: TestClient, logged_in: Browse) -> None:
    assert client.get(PAGE).headers["location"].startswith("/login")
    assert client.get(f"{PAGE}/live", headers=LIVE).status_code == 401
    assert logged_in("rina").get(PAGE).status_code == 403


def test_without_an_array_or_a_camera_it_says_so(
    guard: TestClient, gate: FakeGateControl, walk: Walk
) -> None:
    assert "Tidak ada gambar termal" in guard.get(PAGE).text
    walk.stand((0.5, 0.5))
    gate.shown = view_of("utama", thermal=gate.shown.thermal, devices=devices()[:1])
    assert DeviceKind.CAMERA not in {device.kind for device in gate.shown.devices}
    assert "bagian tengah gambar termal yang diukur" in guard.get(PAGE).text


def test_a_place_is_taken_while_somebody_stands_still(guard: TestClient, walk: Walk) -> None:
    walk.stand(PLACES[0])
    live = guard.get(PAGE).context["live"]
    assert [(place.x, place.y) for place in live.places] == [(200, 120)]
    assert (live.state, live.result) == ("fix", None)
    assert "Bergeserlah" in live.advice
    assert "1 dari 5 tempat" in guard.get(f"{PAGE}/live", headers=LIVE).text


def test_five_places_give_the_line_for_the_configuration(guard: TestClient, walk: Walk) -> None:
    for place in PLACES:
        walk.stand(place)
    answer = guard.get(PAGE)
    live = answer.context["live"]
    assert live.state == "admit"
    assert live.result.line in answer.text
    settings = ThermometerSettings(model="gy-mcu90640", **tomllib.loads(live.result.line))
    assert settings.face_mapping is not None
    column, row = AffineMapping.of(settings.face_mapping).at(0.5, 0.5)
    assert (column, row) == pytest.approx((15.5, 11.5), abs=0.6)


def test_places_that_contradict_each_other_give_no_line(guard: TestClient, walk: Walk) -> None:
    for number, place in enumerate(PLACES):
        walk.stand(place, hot=((2, 2), (20, 3), (3, 28))[number % 3])
    answer = guard.get(PAGE)
    assert answer.context["live"].state == "fix"
    assert answer.context["live"].result.line is None
    assert "face_mapping" not in answer.text
    assert "tidak saling cocok" in answer.text


def test_it_can_be_begun_anew(guard: TestClient, walk: Walk) -> None:
    walk.stand(PLACES[0])
    assert send(guard, PAGE, f"{PAGE}/anew").headers["location"] == PAGE
    assert guard.get(PAGE).context["live"].places == ()
    assert guard.post(f"{PAGE}/anew").status_code == 403


def test_the_line_reads_back_as_the_mapping() -> None:
    line = mapping_line(AffineMapping.of((-31.0004, 0, 30.5, 0, 24.25, -1.0)))
    assert line == "face_mapping = [-31.000, 0.000, 30.500, 0.000, 24.250, -1.000]"


@pytest.mark.parametrize("code", ["id", "en"])
def test_every_step_is_said_in_both_languages(code: str) -> None:
    say = Languages()[code].say
    assert set(PROBLEMS) == set(MappingProblem)
    assert set(STEPS) == set(Step) - {Step.DONE}
    for wording in (*STEPS.values(), *PROBLEMS.values(), DONE, NO_ARRAY, NO_CAMERA):
        for sentence in (wording.headline, wording.advice):
            assert (say(sentence) == sentence) is (code == "en")
