"""The step that makes a distance table: tape, device and camera at three distances or more."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response

from dashboard.setup.thermometer.contexts import Typed
from dashboard.setup.thermometer.words import DISTANCE_PROBLEMS
from screening.decision import Check
from screening.readings import DeviceKind
from screening.temperature.distance import DistanceTable
from screening.temperature.instrument.distance_fit import DistanceProblem
from tests.dashboard.conftest import Browse
from tests.dashboard.fakes import NOON, FakeGateControl, FakeOffice, devices, view_of
from tests.dashboard.setup.thermometer.page import (
    FOUND,
    PAGE,
    THERMOMETER,
    act,
    key_in,
    measure,
    measure_everybody,
    shows,
)

WALK = ((50.0, 34.2), (40.0, 34.4), (70.0, 33.7), (100.0, 33.4))
TABLE = DistanceTable(
    fills_picture_cm=16.0,
    reference_cm=50.0,
    points=((40.0, -0.2), (50.0, 0.0), (70.0, 0.5), (100.0, 0.8)),
)


def stand(
    client: TestClient, gate: FakeGateControl, tape_cm: float, raw: float, face: float | None = None
) -> Response:
    shows(gate, raw_celsius=raw, face_width=16.0 / tape_cm if face is None else face)
    return act(client, "walk", tape=f"{tape_cm:g}")


def walk(client: TestClient, gate: FakeGateControl) -> None:
    for tape_cm, raw in WALK:
        assert stand(client, gate, tape_cm, raw).status_code == 303


def test_the_walk_may_be_left_out(
    manager: TestClient, gate: FakeGateControl, fake: FakeOffice
) -> None:
    assert manager.get(PAGE).context["live"].setup.distance.state == "optional"
    measure_everybody(manager, gate)
    assert act(manager, "use").status_code == 303
    found = fake.record.thermometers.commissioning("utama")
    assert found is not None
    assert found.distance is None


def test_each_distance_is_tape_device_and_camera_together(
    manager: TestClient, gate: FakeGateControl
) -> None:
    answer = stand(manager, gate, 50.0, 34.2)
    assert answer.headers["location"] == f"{PAGE}#step-distance"
    stand(manager, gate, 70.0, 33.7)
    setup = manager.get(PAGE).context["live"].setup
    rows = setup.walk.rows
    assert [(r.distance, r.raw, r.face, r.added, r.is_mark) for r in rows] == [
        ("50", "34,20", "32,0%", "+0,00", True),
        ("70", "33,70", "22,9%", "+0,50", False),
    ]
    assert (setup.distance.state, setup.distance.words) == ("now", "2 jarak terukur")
    assert setup.walk.problems == ()


def test_a_walk_makes_a_table_that_is_drawn_and_written_down(
    manager: TestClient, gate: FakeGateControl, fake: FakeOffice
) -> None:
    walk(manager, gate)
    setup = manager.get(PAGE).context["live"].setup
    assert setup.distance.state == "done"
    assert "40 sampai 100 cm" in setup.distance.words
    assert len(setup.walk.plot.points) == len(setup.walk.plot.line) == 4
    shows(gate)
    measure_everybody(manager, gate)
    assert "-0,20 … +0,80 °C" in manager.get(PAGE).text

    assert act(manager, "use").status_code == 303

    found = fake.record.thermometers.commissioning("utama")
    assert found is not None
    assert found.distance == TABLE
    assert manager.get(PAGE).context["live"].in_force.found[-1].value == "-0,20 … +0,80 °C"


def test_the_report_shows_the_walk(
    manager: TestClient, gate: FakeGateControl, tmp_path: Path
) -> None:
    walk(manager, gate)
    shows(gate)
    measure_everybody(manager, gate)
    act(manager, "use")
    html = next(tmp_path.rglob("*.html")).read_text(encoding="utf-8")
    assert "Jarak wajah" in html
    assert "100 cm → +0,80" in html
    assert "<td>33,40</td><td>16,0%</td><td>+0,80</td>" in html


def test_the_same_distance_again_takes_the_place_of_the_first(
    manager: TestClient, gate: FakeGateControl
) -> None:
    walk(manager, gate)
    stand(manager, gate, 50.0, 34.3)
    rows = manager.get(PAGE).context["live"].setup.walk.rows
    assert [row.distance for row in rows] == ["50", "40", "70", "100"]
    assert (rows[0].raw, rows[0].is_mark) == ("34,30", True)


def test_a_distance_can_be_taken_out(manager: TestClient, gate: FakeGateControl) -> None:
    walk(manager, gate)
    rows = manager.get(PAGE).context["live"].setup.walk.rows
    act(manager, "unwalk", key=rows[0].key)
    rows = manager.get(PAGE).context["live"].setup.walk.rows
    assert [(row.distance, row.is_mark) for row in rows] == [
        ("40", True),
        ("70", False),
        ("100", False),
    ]


@pytest.mark.parametrize("typed", ["", "near", "nan", "4", "900"])
def test_a_mistyped_distance_takes_nothing(
    manager: TestClient, gate: FakeGateControl, typed: str
) -> None:
    shows(gate, face_width=0.3)
    refused = act(manager, "walk", tape=typed)
    assert refused.status_code == 409
    assert refused.context["live"].typed == Typed(walk=typed)
    assert manager.get(PAGE).context["live"].setup.walk.rows == ()


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"face_width": None}, "tidak melihat wajah"),
        ({"raw_celsius": None}, "nilai tenang"),
        ({"since": NOON}, "belum hangat"),
    ],
)
def test_what_is_missing_is_told(
    manager: TestClient, gate: FakeGateControl, changes: dict[str, object], why: str
) -> None:
    shows(gate, **{"face_width": 0.3, **changes})
    refused = act(manager, "walk", tape="60")
    assert refused.status_code == 409
    assert why in refused.context["notice"]


def test_a_gate_without_a_camera_has_no_walk(manager: TestClient, gate: FakeGateControl) -> None:
    blind = tuple(
        replace(device, is_configured=device.kind is not DeviceKind.CAMERA) for device in devices()
    )
    gate.shown = view_of("utama", thermometer=THERMOMETER, devices=blind)
    live = manager.get(PAGE).context["live"]
    assert (live.setup.distance.state, live.setup.walk.has_camera) == ("optional", False)
    assert "kamera" in live.setup.distance.words
    assert act(manager, "walk", tape="60").status_code == 409


def test_a_guard_walks_nobody(logged_in: Browse, gate: FakeGateControl) -> None:
    shows(gate, face_width=0.3)
    guard = logged_in("budi")
    assert act(guard, "walk", tape="60").status_code == 403
    assert act(guard, "unwalk", key="a").status_code == 403


def test_a_walk_that_does_not_fit_keeps_the_constants_from_being_used(
    manager: TestClient, gate: FakeGateControl, fake: FakeOffice
) -> None:
    walk(manager, gate)
    stand(manager, gate, 100.0, 33.4, face=0.3)
    shows(gate)
    measure_everybody(manager, gate)
    setup = manager.get(PAGE).context["live"].setup
    assert (setup.distance.state, setup.is_ready) == ("bad", False)
    assert "meteran" in setup.walk.problems[0]
    refused = act(manager, "use")
    assert refused.status_code == 409
    assert "meteran" in refused.context["notice"]
    assert fake.record.thermometers.commissioning("utama") is None


def test_people_are_compared_on_the_mark(manager: TestClient, gate: FakeGateControl) -> None:
    walk(manager, gate)
    shows(gate, face_width=16.0 / 62)
    refused = act(manager, "take", purpose="staff")
    assert refused.status_code == 409
    assert "62" in refused.context["notice"]
    assert "50" in refused.context["notice"]

    shows(gate, face_width=16.0 / 58)
    assert act(manager, "take", purpose="staff").status_code == 303


def test_people_whom_the_camera_does_not_see_are_compared_all_the_same(
    manager: TestClient, gate: FakeGateControl
) -> None:
    walk(manager, gate)
    assert measure(manager, gate, 34.1, "36,5").status_code == 303


@pytest.fixture
def guard(logged_in: Browse, gate: FakeGateControl, fake: FakeOffice) -> TestClient:
    fake.record.thermometers.write_commissioning(replace(FOUND, distance=TABLE))
    return logged_in("budi")


def test_a_check_of_the_day_is_made_on_the_mark(
    guard: TestClient, gate: FakeGateControl, fake: FakeOffice
) -> None:
    shows(gate, face_width=16.0 / 70)
    act(guard, "take", purpose="check")
    refused = act(guard, "check", key=key_in(guard), reference="36,5", room="24,5")
    assert refused.status_code == 409
    assert "70" in refused.context["notice"]
    assert fake.record.thermometers.newest_check("utama") is None

    shows(gate, face_width=16.0 / 52)
    act(guard, "take", purpose="check")
    done = act(guard, "check", key=key_in(guard), reference="36,5", room="24,5")
    assert done.status_code == 303
    assert fake.record.thermometers.newest_check("utama") is not None


def test_whoever_holds_a_flask_may_stand_aside(
    guard: TestClient, gate: FakeGateControl, fake: FakeOffice
) -> None:
    shows(gate, face_width=16.0 / 90)
    act(guard, "take", purpose="check")
    done = act(guard, "check", key=key_in(guard), reference="34,0", room="24,5", kind="flask")
    assert done.status_code == 303


def test_the_instrument_says_how_far_away_the_face_is(
    guard: TestClient, gate: FakeGateControl
) -> None:
    shows(gate, face_width=0.3, distance_cm=53.3)
    assert guard.get(PAGE).context["live"].instrument.face == "wajah pada jarak 53 cm"
    shows(gate)
    assert guard.get(PAGE).context["live"].instrument.face == "kamera tidak melihat wajah"


def test_every_problem_of_a_walk_has_its_words() -> None:
    assert set(DISTANCE_PROBLEMS) == set(DistanceProblem)


def test_where_visitors_come_without_a_receipt_the_gate_is_kept_free_first(
    manager: TestClient, gate: FakeGateControl
) -> None:
    measuring = replace(THERMOMETER, face_width=0.3)
    gate.shown = view_of("utama", thermometer=measuring, checks_required=(Check.TEMPERATURE,))
    refused = act(manager, "walk", tape="60")
    assert refused.status_code == 409
    assert manager.get(PAGE).context["live"].setup.walk.rows == ()
