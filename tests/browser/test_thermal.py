"""The thermal picture as guards see it, and an installer who walks from place to place."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from playwright.sync_api import expect

from drivers.simulated.thermal_scene import draw_scene
from screening.events import GateChanged
from screening.gate.thermal import ThermalSight, ThermalView
from screening.readings import Box, MaskLabel, MaskReading, ThermalPicture
from screening.temperature.affine_mapping import AffineMapping
from screening.temperature.array import Refusal
from tests.browser.conftest import OVERLAPS, Site, Visit

pytestmark = pytest.mark.browser

SIZES = {"phone": (390, 844), "tablet": (1180, 820), "small": (1280, 720), "desk": (1440, 900)}
STRAIGHT = AffineMapping.of((32, 0, -0.5, 0, 24, -0.5))
FACE = Box(0.34, 0.16, 0.33, 0.62)


def array_at(site: Site, gate: str, *refusals: Refusal) -> ThermalSight:
    """A person before the array of this gate, with a dead pixel on the cheek."""
    sight, now_s = ThermalSight(STRAIGHT), site.fake.clock.monotonic_s()
    rng = np.random.default_rng(2)
    for back in range(12, -1, -1):
        celsius = draw_scene(24, 32, hottest_celsius=35.9, room_celsius=27, rng=rng)
        celsius[15, 18] = 80.0
        sight.saw(MaskReading(MaskLabel.MASK, None, 0.9, 5, now_s - back / 4, FACE))
        sight.take(ThermalPicture(celsius, 30.0, now_s - back / 4))
    control = site.fake.gates.controls[gate]
    thermal = ThermalView(rows=24, columns=32, refusals=refusals, follows_face=True)
    control.shown = replace(control.shown, thermal=thermal)
    object.__setattr__(site.fake.office, "thermal_sight", {gate: sight}.get)
    return sight


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
def test_the_guard_sees_the_picture_and_its_scale_at_every_size(
    visit: Visit, site: Site, size: tuple[int, int]
) -> None:
    array_at(site, "perbaiki", Refusal.STUCK_COLUMN_AT_MAXIMUM)
    page = visit("/gate/perbaiki", user="budi", size=size)
    image = page.locator("#thermal-picture")
    expect(image).to_be_visible()
    assert image.evaluate("image => image.naturalWidth") == 640
    expect(page.locator(".thermal-scale")).to_be_visible()
    expect(page.locator(".thermal-words")).to_contain_text("olom piksel macet")
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
    assert page.evaluate(OVERLAPS) == []


def test_the_picture_comes_and_goes_with_the_array(visit: Visit, site: Site) -> None:
    page = visit("/gate/kosong", user="budi")
    image = page.locator("#thermal-picture")
    expect(image).to_be_hidden()
    array_at(site, "kosong")
    site.fake.hub.publish(GateChanged("kosong", 2))
    expect(image).to_be_visible()
    expect(page.locator(".thermal-words")).to_contain_text("titik terpanas di dalam garis")
    control = site.fake.gates.controls["kosong"]
    control.shown = replace(control.shown, thermal=None)
    site.fake.hub.publish(GateChanged("kosong", 3))
    expect(image).to_be_hidden()


@pytest.mark.parametrize("size", [SIZES["phone"], SIZES["tablet"]], ids=["phone", "tablet"])
def test_an_installer_walks_through_five_places(
    visit: Visit, site: Site, size: tuple[int, int]
) -> None:
    sight = array_at(site, "kosong")
    page = visit("/gate/kosong/thermal", user="admin", size=size)
    expect(page.locator(".setup-count")).to_contain_text("0 dari 5")
    now_s, rng = site.fake.clock.monotonic_s(), np.random.default_rng(3)
    for number, (x, y) in enumerate(
        ((0.5, 0.4), (0.25, 0.42), (0.75, 0.4), (0.5, 0.65), (0.6, 0.2))
    ):
        for _ in range(9):
            now_s += 0.25
            celsius = rng.normal(26, 0.05, (24, 32)).astype(np.float32)
            celsius[
                round(24 * y) - 2 : round(24 * y) + 2, round(32 * x) - 2 : round(32 * x) + 2
            ] = 35
            face = Box(x - 0.1, y - 0.42 * 0.4, 0.2, 0.4)
            sight.saw(MaskReading(MaskLabel.MASK, None, 0.9, 5, now_s, face))
            sight.take(ThermalPicture(celsius, 30.0, now_s))
            sight.walked(now_s)
        expect(page.locator(".setup-count")).to_contain_text(f"{number + 1} dari 5")
    expect(page.locator(".mapping-line")).to_contain_text("face_mapping = [")
    expect(page.locator(".place-map circle")).to_have_count(5)
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
    page.get_by_role("button", name="Mulai lagi").click()
    expect(page.locator(".setup-count")).to_contain_text("0 dari 5")
