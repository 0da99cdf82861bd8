"""Lessons in the demonstration itself, with the keyboard alone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from dashboard.commands.demo import LOGINS
from tests.browser.conftest import PATIENCE_S
from tests.browser.test_accessibility import violations
from tests.browser.test_counter import press
from tests.e2e.served import served

pytestmark = [pytest.mark.browser, pytest.mark.timeout(400)]

PASSWORDS = {name: password for name, password, _ in LOGINS}


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("demo") / "data"
    with served(["demo", "--past", "0", "--seed", "1"], data=folder) as office:
        yield office.base


def log_in(chromium: Browser, demo: str, name: str) -> Page:
    page = chromium.new_context(locale="id").new_page()
    page.set_default_timeout(PATIENCE_S * 1000)
    page.goto(f"{demo}/login?following=/training")
    page.locator("[name=name]").focus()
    page.keyboard.type(name)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORDS[name])
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Berlatih")
    return page


def start(page: Page, code: str) -> None:
    """By keyboard: the button of the lesson's card."""
    page.locator(f"[action='/training/{code}'] button").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".ribbon.lesson")).to_be_visible()


def result(page: Page) -> list[str | None]:
    """How each step went, once the ribbon says that the lesson is over."""
    line = page.locator("[data-said]")
    expect(line).to_contain_text("Latihan selesai")
    line.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".lesson-result")).to_be_visible()
    steps = page.locator(".lesson-steps > li")
    return [step.get_attribute("data-mark") for step in steps.all()]


def test_a_guard_turns_a_forged_receipt_away(chromium: Browser, demo: str) -> None:
    page = log_in(chromium, demo, "satpam")
    start(page, "forged")
    expect(page.locator("#live")).to_have_attribute("data-state", "deny")
    page.keyboard.press("Alt+N")
    assert result(page) == ["right"]
    expect(page.locator(".lesson-result")).to_have_text("Semuanya benar.")
    page.context.close()


def test_an_officer_calls_who_has_priority(chromium: Browser, demo: str) -> None:
    page = log_in(chromium, demo, "petugas")
    start(page, "priority")
    line, state = page.locator("[data-said]"), page.locator(".person-state b")
    expect(line).to_contain_text("lanjut usia")
    press(page, "n")
    expect(page.locator(".person-number")).to_be_visible()
    expect(line).to_contain_text("berdiri di depan")
    press(page, "a")
    expect(state).to_have_text("sedang dilayani")
    assert violations(page) == []
    expect(line).to_contain_text("berterima kasih")
    press(page, "d")
    assert set(result(page)) <= {"right", "late"}
    page.context.close()
