"""A manager sets a thermometer up, in a browser with scripts and in one without."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from screening.decision import Reason
from screening.temperature.instrument.drafts import Drafts
from screening.temperature.instrument.report_files import ReportFiles
from tests.browser.conftest import Site, Visit
from tests.dashboard.setup.thermometer.page import PEOPLE, THERMOMETER

pytestmark = pytest.mark.browser

PAGE = "/gate/kosong/thermometer"
SIZES = [(390, 844), (1180, 820)]


@pytest.fixture(autouse=True)
def _files(site: Site, tmp_path: Path) -> None:
    object.__setattr__(site.fake.office, "drafts", Drafts(tmp_path))
    object.__setattr__(
        site.fake.office,
        "reports",
        ReportFiles(tmp_path, zone=site.fake.office.settings.site.zone),
    )
    device_shows(site, 34.1)


def device_shows(site: Site, raw_celsius: float | None) -> None:
    """A steady value, or somebody who moves."""
    gate = site.fake.gates.controls["kosong"]
    why = Reason.STAND_STILL if raw_celsius is None else None
    gate.shown = replace(
        gate.shown, thermometer=replace(THERMOMETER, raw_celsius=raw_celsius, no_value=why)
    )


def measure_everybody(page: Page, site: Site) -> None:
    page.fill("#room", "24,5")
    page.press("#room", "Enter")
    expect(page.locator("#step-room")).to_have_attribute("data-step", "done")
    for number, (raw, clinical) in enumerate(PEOPLE, start=1):
        device_shows(site, raw)
        page.click("#staff-take")
        page.fill("#staff-reference", f"{clinical}".replace(".", ","))
        page.press("#staff-reference", "Enter")
        expect(page.locator("#step-staff tbody tr")).to_have_count(number)


@pytest.mark.parametrize("size", SIZES, ids=["phone", "tablet"])
@pytest.mark.parametrize("has_scripts", [True, False], ids=["scripts", "no scripts"])
def test_five_people_make_a_report(
    visit: Visit, site: Site, size: tuple[int, int], has_scripts: bool
) -> None:
    page = visit(PAGE, user="dewi", size=size, has_scripts=has_scripts)
    measure_everybody(page, site)
    expect(page.locator(".setup-words")).to_contain_text("Semua sudah diukur")
    page.get_by_role("button", name="Pakai tetapan ini").click()
    expect(page.locator("#in-force")).to_contain_text("+2,40 °C")
    page.click(".reports a")
    expect(page.locator("h1")).to_contain_text("Penyetelan termometer gerbang kosong")
    # The report's own style is let through, so its plots are drawn.
    assert page.locator(".head").evaluate("e => getComputedStyle(e).display") == "flex"


@pytest.mark.parametrize("size", SIZES, ids=["phone", "tablet"])
def test_the_value_runs_while_somebody_types(
    visit: Visit, site: Site, size: tuple[int, int]
) -> None:
    page = visit(PAGE, user="dewi", size=size)
    number = page.locator(".instrument-number")
    expect(number).to_contain_text("34,10")
    page.click("#staff-take")
    expect(page.locator("#staff-reference")).to_be_focused()
    page.keyboard.type("36,")
    device_shows(site, None)
    expect(number).to_contain_text("––")
    page.keyboard.type("6")
    expect(page.locator("#staff-reference")).to_have_value("36,6")
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


@pytest.mark.parametrize("size", SIZES, ids=["phone", "tablet"])
@pytest.mark.parametrize("has_scripts", [True, False], ids=["scripts", "no scripts"])
def test_a_walk_is_drawn_as_a_distance_table(
    visit: Visit, site: Site, size: tuple[int, int], has_scripts: bool
) -> None:
    page = visit(PAGE, user="dewi", size=size, has_scripts=has_scripts)
    gate = site.fake.gates.controls["kosong"]
    for number, (tape_cm, raw) in enumerate(((50, 34.2), (40, 34.4), (80, 33.6)), start=1):
        seen = replace(THERMOMETER, raw_celsius=raw, face_width=16 / tape_cm)
        gate.shown = replace(gate.shown, thermometer=seen)
        page.fill("#walk-tape", str(tape_cm))
        page.press("#walk-tape", "Enter")
        expect(page.locator("#step-distance tbody tr")).to_have_count(number)
    expect(page.locator("#step-distance")).to_have_attribute("data-step", "done")
    expect(page.locator("#step-distance .plot-person")).to_have_count(3)
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


def test_a_mistyped_number_stays_in_its_field_and_is_told(visit: Visit, site: Site) -> None:
    page = visit(PAGE, user="dewi", expected="409")
    page.click("#staff-take")
    page.fill("#staff-reference", "3667")
    page.press("#staff-reference", "Enter")
    expect(page.locator("#notice")).to_contain_text("Ketik angka termometer klinis")
    expect(page.locator("#staff-reference")).to_have_value("3667")


def test_nothing_is_lost_by_a_reload_or_in_another_tab(visit: Visit, site: Site) -> None:
    page = visit(PAGE, user="dewi")
    page.click("#staff-take")
    expect(page.locator("#staff-reference")).to_be_visible()
    page.reload()
    expect(page.locator("#step-staff .taken")).to_contain_text("34,10")
    other = visit(PAGE, user="admin")
    other.fill("#staff-reference", "36,6")
    other.press("#staff-reference", "Enter")
    # The first tab follows by itself.
    expect(page.locator("#step-staff tbody tr")).to_have_count(1)


def test_a_guard_sees_the_value_and_no_steps(visit: Visit) -> None:
    page = visit(PAGE, user="budi")
    expect(page.locator(".setup-words")).to_contain_text(re.compile("administrator"))
    assert page.locator("#steps").count() == 0


def test_the_keyboard_reaches_every_control(visit: Visit) -> None:
    page = visit(PAGE, user="dewi")
    seen = set()
    for _ in range(40):
        page.keyboard.press("Tab")
        seen.add(page.evaluate("document.activeElement.id"))
    assert {"room", "steps-take", "staff-take"} <= seen
