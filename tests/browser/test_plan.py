"""A day planned by a manager: the keyboard alone, the progress, and what comes of it."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PATIENCE_S, Site, Visit
from tests.browser.test_accessibility import violations

pytestmark = pytest.mark.browser

SIZES = [(360, 740), (820, 1180), (1366, 768), (1080, 1920)]
STICKS_OUT = "document.documentElement.scrollWidth - innerWidth"


def test_a_manager_plans_a_day_with_the_keyboard_and_takes_its_quota_over(
    visit: Visit, site: Site
) -> None:
    page = visit("/plan", user="dewi", language="en", size=SIZES[0])
    field = page.get_by_label("Booked, and do not come")
    field.fill("25")
    field.press("Enter")
    expect(page.locator(".plan-answer")).to_be_visible(timeout=4 * PATIENCE_S * 1000)
    expect(page.get_by_label("Booked, and do not come")).to_have_value("25")
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        assert page.evaluate(STICKS_OUT) <= 0
        assert violations(page) == []
    button = page.get_by_role("button", name="Take this quota over")
    button.focus()
    button.press("Enter")
    assert violations(page) == []
    change = page.get_by_role("button", name="Change it")
    change.focus()
    change.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("noted with your name")
    assert site.fake.record.facts.current().daily_quota


def test_a_page_that_is_left_ends_its_plan(visit: Visit, site: Site) -> None:
    page = visit("/plan", user="dewi", language="en")
    page.get_by_role("button", name="Play the day").click()
    page.wait_for_url("**/plan/*")
    number = page.url.rsplit("/", 1)[1]
    jobs = site.app.state.plan_jobs
    page.goto(f"{site.address}/dashboard")
    assert jobs.look(number).ended.wait(PATIENCE_S)
    assert jobs.look(number).is_left
