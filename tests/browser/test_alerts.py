"""What needs somebody comes by itself to whoever looks, and is taken without a mouse."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from screening.alerts.alerts import Alert, AlertKind, Finding, Level
from screening.events import AlertsChanged
from tests.browser.conftest import Site, Visit
from tests.browser.test_accessibility import CUT_OFF, violations
from tests.dashboard.fakes import NOON

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


def raise_(site: Site, kind: AlertKind, subject: str = "", detail: str = "") -> Alert:
    """A rule finds it, and the pages are told."""
    found = Finding(
        kind=kind, subject=subject, level=Level.ABOVE, value=31, limit=25, detail=detail
    )
    alert = site.fake.record.alerts.raise_(found, at=NOON)
    assert alert is not None
    tell(site)
    return alert


def tell(site: Site) -> None:
    site.fake.hub.publish(AlertsChanged(tuple(site.fake.record.alerts.open_alerts())))


def listening(page: Page) -> Page:
    """Once the stream has brought its first drawing."""
    page.wait_for_load_state("load")
    return page


@pytest.mark.parametrize(
    ("language", "told", "taken"),
    [("id", "31 orang menunggu", "Ditangani oleh admin"), ("en", "31 people wait", "admin takes")],
)
def test_a_manager_is_told_and_takes_it_by_keyboard(
    site: Site, visit: Visit, language: str, told: str, taken: str
) -> None:
    page = listening(visit("/dashboard", user="admin", language=language))
    needs = page.locator("#needs")
    expect(needs).to_be_hidden()
    alert = raise_(site, AlertKind.QUEUE_LONG, "KTP")
    expect(needs).to_be_visible()
    expect(needs).to_contain_text(told)
    assert violations(page) == []
    page.locator(f"#take-{alert.alert_id}").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#needs")).to_contain_text(taken)
    site.fake.record.alerts.end(alert.alert_id, at=NOON)
    tell(site)
    expect(page.locator("#needs")).to_be_hidden()


@pytest.mark.parametrize("size", [(360, 740), (820, 1180), (1366, 768), (1080, 1920)])
def test_the_list_fits_every_screen(site: Site, visit: Visit, size: tuple[int, int]) -> None:
    for kind, subject in (
        (AlertKind.QUEUE_ABANDONED, ""),
        (AlertKind.DEVICE_DOWN, "masuk/thermometer"),
        (AlertKind.UNUSUAL_REFUSALS, "times"),
    ):
        raise_(site, kind, subject, detail="/dev/serial/by-path/platform-fd500000.pcie: unplugged")
    taken = raise_(site, AlertKind.WAIT_LONG, "KK")
    site.fake.record.alerts.acknowledge(taken.alert_id, by="dewi", at=NOON)
    page = visit("/dashboard", user="admin", size=size)
    expect(page.locator("#needs li")).to_have_count(4)
    assert page.evaluate(CUT_OFF.replace("main *, .bar *", "#needs, #needs *")) == []
    assert violations(page) == []


def test_a_guard_is_told_of_who_waits_outside(site: Site, visit: Visit) -> None:
    page = listening(visit("/gate/kosong", user="budi"))
    alert = raise_(site, AlertKind.OUTSIDE_LONG)
    told = page.locator("#alerts [data-kind=outside_long]")
    expect(told).to_contain_text("31 orang menunggu di luar.")
    assert violations(page) == []
    page.locator(f"#take-{alert.alert_id}").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#alerts [data-kind=outside_long]")).to_contain_text("Ditangani oleh budi")
    expect(page).to_have_url(f"{site.address}/gate/kosong")
