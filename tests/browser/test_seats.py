"""An administrator at the plan of the seats: by keyboard, by mouse, and without a script."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect

from screening.office.changes import with_settings
from tests.browser.conftest import Site, Visit
from tests.dashboard.fakes import NOON

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


@pytest.fixture
def page(visit: Visit, site: Site) -> Page:
    edit = with_settings({"rows": "3", "columns": "4"})
    site.fake.record.facts.change(edit, operator="dewi", at=NOON)
    return visit("/admin/seats", user="admin", size=(1366, 768))


def seat(page: Page, label: str) -> Locator:
    return page.locator(f'.seat[data-label="{label}"]')


def test_seats_are_opened_sealed_and_marked_by_keyboard(page: Page, site: Site) -> None:
    told = page.locator("#told")
    seat(page, "A1").focus()
    for key in ("ArrowRight", "Space"):  # to A2, and open it
        page.keyboard.press(key)
    expect(seat(page, "A2")).to_have_attribute("aria-checked", "true")
    expect(told).to_contain_text("7")
    expect(page.locator("#crowded")).to_contain_text("A1–A2")
    for key in ("ArrowDown", "ArrowLeft", "ArrowDown", "Space"):  # to C1, and seal it
        page.keyboard.press(key)
    expect(seat(page, "C1")).to_be_focused()
    expect(seat(page, "C1")).to_have_attribute("aria-checked", "false")
    page.get_by_role("radio", name="kursi roda").focus()
    page.keyboard.press("Space")
    seat(page, "B4").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#wheelchair")).to_have_value("B4")
    page.get_by_role("button", name="Periksa").press("Enter")
    page.get_by_role("button", name="Ubah").press("Enter")
    expect(page.locator(".notice.good")).to_be_visible()
    chosen = site.fake.record.facts.current().chosen
    assert chosen is not None
    assert chosen.open_labels == {"A1", "A2", "A3", "B2", "B4", "C3"}
    assert [one.label for one in chosen.chairs if one.is_wheelchair] == ["B4"]


def test_a_mouse_paints_and_a_family_is_those_who_sit_beside(page: Page) -> None:
    first, last = seat(page, "B1").bounding_box(), seat(page, "B4").bounding_box()
    assert first is not None
    assert last is not None
    y = first["y"] + first["height"] / 2
    page.mouse.move(first["x"] + first["width"] / 2, y)
    page.mouse.down()
    page.mouse.move(last["x"] + last["width"] / 2, y, steps=20)
    page.mouse.up()
    for label in ("B1", "B2", "B3", "B4"):
        expect(seat(page, label)).to_have_attribute("data-state", "free")
    page.get_by_role("radio", name="keluarga").check()
    for label in ("C1", "C2", "A4"):
        seat(page, label).click()
    expect(page.locator("#family")).to_have_value("C1, C2; A4")
    seat(page, "A4").click()
    expect(page.locator("#family")).to_have_value("C1, C2")


def test_the_list_does_the_same_without_a_script(visit: Visit, site: Site) -> None:
    edit = with_settings({"rows": "3", "columns": "4"})
    site.fake.record.facts.change(edit, operator="dewi", at=NOON)
    page = visit("/admin/seats", user="admin", has_scripts=False)
    page.locator("#list summary").click()
    page.get_by_label("A2", exact=True).check()
    page.get_by_role("button", name="Periksa").click()
    page.get_by_role("button", name="Ubah").click()
    expect(page.locator(".notice.good")).to_be_visible()
    chosen = site.fake.record.facts.current().chosen
    assert chosen is not None
    assert "A2" in chosen.open_labels
