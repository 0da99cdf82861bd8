"""An installer before the camera's page: advice that changes, and a note that stays."""

from __future__ import annotations

from dataclasses import replace

import pytest
from playwright.sync_api import expect

from screening.vision.commissioning import FrontFace, Look
from screening.vision.condition import Condition
from tests.browser.conftest import Site, Visit

pytestmark = pytest.mark.browser

GOOD = FrontFace(
    Condition(0.5, 0.5, clipped=0.01, sharpness=0.25, face_side_px=150), across=0.5, down=0.45
)
BACKLIT = replace(GOOD, condition=replace(GOOD.condition, surround_brightness=0.95))


def camera_shows(site: Site, face: FrontFace | None) -> None:
    """Twelve seconds of this face, or of nobody."""
    now_s = site.fake.clock.monotonic_s()
    pictures = [Look(now_s - back / 4, 0 if face is None else 1, face) for back in range(48)]
    object.__setattr__(site.fake.office, "camera_looks", lambda _: pictures)


@pytest.mark.parametrize("size", [(390, 844), (1180, 820)], ids=["phone", "tablet"])
def test_an_installer_mends_the_light_and_keeps_the_note(
    visit: Visit, site: Site, size: tuple[int, int]
) -> None:
    camera_shows(site, BACKLIT)
    page = visit("/gate/kosong/camera", user="admin", size=size)
    words = page.locator(".setup-words")
    expect(words).to_contain_text("tidak di belakang pengunjung")
    expect(page.locator("[data-judged=bad]")).to_have_count(1)
    expect(page.locator("#camera-note")).to_be_hidden()
    camera_shows(site, GOOD)
    expect(words).to_contain_text("Kamera sudah pas")
    expect(page.locator("#camera-note")).to_contain_text("50%, terlalu terang 1%")
    camera_shows(site, None)
    expect(words).to_contain_text("di depan kamera dan lihat")
    expect(page.locator("#camera-note")).to_contain_text("50%, terlalu terang 1%")
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
