"""The page on which an installer sets a camera up."""

from __future__ import annotations

from dataclasses import replace

import pytest
from fastapi.testclient import TestClient

from dashboard.setup.camera_words import ITEMS, RULER_UNITS, SAYINGS, ruler_of
from screening.readings import DeviceKind
from screening.vision.commissioning import STEADY_S, Finding, FrontFace, Item, Look, Measure
from screening.vision.condition import Condition
from tests.dashboard.conftest import Browse
from tests.dashboard.fakes import FakeGateControl, FakeOffice, devices, view_of

PAGE = "/gate/utama/camera"
LIVE = {"X-Gerbang-Live": "1"}
GOOD = FrontFace(
    Condition(0.5, 0.5, clipped=0.01, sharpness=0.25, face_side_px=150), across=0.5, down=0.45
)


def camera_shows(fake: FakeOffice, face: FrontFace | None, seconds: float = 12.0) -> None:
    """Four pictures a second up to now at the gate "utama"."""
    now_s = fake.clock.monotonic_s()
    pictures = [
        Look(now_s - back / 4, 0 if face is None else 1, face) for back in range(int(seconds * 4))
    ]
    object.__setattr__(
        fake.office, "camera_looks", lambda gate: pictures if gate == "utama" else ()
    )


def rows(client: TestClient) -> dict[str, str]:
    live = client.get(PAGE).context["live"]
    return {row.item: row.state for row in live.rows}


def test_a_guard_and_an_administrator_may_open_it(logged_in: Browse) -> None:
    for name in ("budi", "admin"):
        assert logged_in(name).get(PAGE).template.name == "setup/camera.html"


def test_others_may_not(client: TestClient, logged_in: Browse) -> None:
    assert client.get(PAGE).headers["location"].startswith("/login")
    assert client.get(f"{PAGE}/live", headers=LIVE).status_code == 401
    assert logged_in("rina").get(PAGE).status_code == 403
    assert logged_in("rina").get(f"{PAGE}/live", headers=LIVE).status_code == 403


def test_a_gate_that_is_not_there_has_no_camera_page(guard: TestClient) -> None:
    assert guard.get("/gate/loteng/camera").status_code == 404


def test_with_nobody_in_front_it_says_where_to_stand(guard: TestClient, fake: FakeOffice) -> None:
    camera_shows(fake, None)
    answer = guard.get(PAGE)
    assert answer.context["live"].state == "ready"
    assert "Berdirilah 1\u00a0m di depan kamera" in answer.text
    assert set(rows(guard).values()) == {"none"}


def test_one_fault_is_marked_and_is_the_advice(guard: TestClient, fake: FakeOffice) -> None:
    camera_shows(fake, replace(GOOD, condition=replace(GOOD.condition, surround_brightness=0.95)))
    answer = guard.get(PAGE)
    live = answer.context["live"]
    assert live.state == "fix"
    assert "tidak di belakang pengunjung" in live.advice
    assert rows(guard) == {item.value: "bad" if item is Item.LIGHT else "good" for item in Item}


def test_it_counts_the_good_seconds_and_notes_nothing_yet(
    guard: TestClient, fake: FakeOffice
) -> None:
    camera_shows(fake, GOOD, seconds=4)
    live = guard.get(PAGE).context["live"]
    assert (live.state, live.good_s, live.left_s) == ("wait", 4, STEADY_S - 4)
    assert live.note is None


def test_ten_good_seconds_give_a_note_with_time_and_values(
    guard: TestClient, fake: FakeOffice
) -> None:
    camera_shows(fake, GOOD)
    answer = guard.get(PAGE)
    live = answer.context["live"]
    assert live.state == "admit"
    assert [line.name for line in live.note.values][:1] == ["Terang wajah"]
    assert "24 Nov 2026, 12.00" in answer.text
    assert "50%, terlalu terang 1%" in answer.text
    assert 'id="print"' in answer.text


def test_the_changing_part_leaves_an_old_note_alone(guard: TestClient, fake: FakeOffice) -> None:
    camera_shows(fake, None)
    part = guard.get(f"{PAGE}/live", headers=LIVE)
    assert 'id="camera-advice"' in part.text
    assert 'id="camera-note"' not in part.text
    camera_shows(fake, GOOD)
    assert 'id="camera-note"' in guard.get(f"{PAGE}/live", headers=LIVE).text


def test_a_gate_without_a_camera_says_how_to_name_one(
    guard: TestClient, gate: FakeGateControl
) -> None:
    gate.shown = view_of(
        "utama",
        devices=tuple(
            replace(device, is_configured=device.kind is not DeviceKind.CAMERA)
            for device in devices()
        ),
    )
    answer = guard.get(PAGE)
    assert "camera.source" in answer.text
    assert "picture.jpg" not in answer.text


def test_a_lost_camera_is_told_with_its_reason(guard: TestClient, gate: FakeGateControl) -> None:
    gate.shown = view_of("utama", devices=devices(DeviceKind.CAMERA))
    assert "/dev/ttyUSB0: unplugged" in guard.get(PAGE).text


def test_the_guards_page_leads_to_it(guard: TestClient) -> None:
    assert f'href="{PAGE}"' in guard.get("/gate/utama").text


def test_english_and_indonesian_say_it_each_in_its_way(guard: TestClient, fake: FakeOffice) -> None:
    camera_shows(fake, GOOD)
    guard.cookies.set("gerbang_language", "en")
    assert "50%, of it white 1%" in guard.get(PAGE).text


def test_every_finding_and_item_has_its_words() -> None:
    assert set(SAYINGS) == set(Finding)
    assert set(ITEMS) == set(Item)


@pytest.mark.parametrize(
    ("item", "value", "place"),
    [
        (Item.EXPOSURE, 0.5, RULER_UNITS // 2),
        (Item.EXPOSURE, 1.4, RULER_UNITS),
        (Item.FOCUS, 0.0, 0),
        (Item.FOCUS, 9.0, RULER_UNITS),
        (Item.LIGHT, 1.0, RULER_UNITS // 2),
    ],
)
def test_a_value_stands_on_its_scale(item: Item, value: float, place: int) -> None:
    assert ruler_of(Measure(item, Finding.GOOD, value)).value == place


def test_nothing_measured_stands_nowhere() -> None:
    assert ruler_of(Measure(Item.LIGHT, Finding.NO_FACE)).value is None
