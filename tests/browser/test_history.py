"""The history of an office on the screens that managers use, and by keyboard alone."""

from __future__ import annotations

from datetime import timedelta

import pytest

from screening.office.changes import with_settings
from tests.browser.conftest import Site, Visit
from tests.contracts.builders import attempt
from tests.dashboard.fakes import NOON, FakeOffice

pytestmark = pytest.mark.browser

PAGE = "/dashboard/history?by=service"
STICKS_OUT = "document.documentElement.scrollWidth - innerWidth"


def some_weeks(fake: FakeOffice) -> None:
    """Somebody came on each day of two months."""
    fake.record.facts.change(with_settings({"capacity": "500"}), operator="s", at=NOON)
    for number in range(1, 60):
        fake.record.visits.write(attempt(service="KTP", at=NOON - timedelta(days=number)))


@pytest.mark.parametrize("size", [(360, 740), (820, 1180), (1366, 768), (1080, 1920)])
@pytest.mark.parametrize("language", ["id", "en"])
def test_nothing_sticks_out_of_the_page(
    visit: Visit, site: Site, size: tuple[int, int], language: str
) -> None:
    some_weeks(site.fake)
    page = visit(PAGE, user="dewi", size=size, language=language)
    assert page.evaluate(STICKS_OUT) <= 0
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true })")
    assert page.evaluate(STICKS_OUT) <= 0
    page.emulate_media(media="print")
    assert page.evaluate(STICKS_OUT) <= 0
    assert page.locator(".past-form").is_hidden()


def test_days_to_begin_on_are_asked_for_where_they_are_chosen(visit: Visit) -> None:
    page = visit(PAGE, user="dewi", size=(1366, 768), language="en")
    assert page.locator("#begins").is_hidden()
    page.select_option("#compare", "chosen")
    assert page.locator("#begins").is_visible()


def test_another_range_is_asked_for_by_keyboard(visit: Visit, site: Site) -> None:
    some_weeks(site.fake)
    page = visit(PAGE, user="dewi", size=(1366, 768), language="en")
    page.locator("#from").focus()
    page.keyboard.type("11022026")
    page.locator("#to").focus()
    page.keyboard.type("11082026")
    page.locator("#compare").focus()
    page.keyboard.press("End")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**from=2026-11-02&to=2026-11-08&compare=none*")
    assert page.locator(".past-period").inner_text() == "Mon, 2 Nov 2026 – Sun, 8 Nov 2026"
    page.locator("#days summary").focus()
    page.keyboard.press("Enter")
    assert page.locator("#days table").is_visible()
