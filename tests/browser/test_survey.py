"""The survey and the pages about data of persons in a browser: axe, narrow screens, keyboard."""

from __future__ import annotations

import pytest

from screening.decision import DecisionKind, Reason
from screening.survey.index import ELEMENTS, Quarter, Source
from screening.visits import Attempt
from tests.browser.conftest import Site, Visit
from tests.browser.test_accessibility import CUT_OFF, look_at
from tests.dashboard.fakes import NOON
from tests.dashboard.visitor.test_receipt import CLAIMS, LINK, RECEIPT, Shelf

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

NARROWEST = 320
WIDTH = "() => document.scrollingElement.scrollWidth"


def with_a_visit(site: Site) -> None:
    """The receipt of the tests belongs to somebody who was refused."""
    office, shelf = site.fake.office, Shelf()
    shelf.receipt = RECEIPT
    object.__setattr__(office, "receipt_page", shelf.page)
    object.__setattr__(
        office,
        "person_data",
        lambda claims: {
            "holder": [{"name": "Siti Aminah", "contact": "siti@example.id", "answers": {}}],
            "log": [],
        },
    )
    site.fake.record.visits.write(
        Attempt(
            attempt_id="refused",
            gate="tolak",
            at=NOON,
            decision=DecisionKind.REFER,
            reason=Reason.ELEVATED_TWICE,
            receipt=CLAIMS,
        )
    )


@pytest.mark.parametrize(
    ("user", "paths"),
    [
        (None, ("/survey/kosong", "/survey/kosong?language=en", f"{LINK}?as=survey", LINK)),
        ("rina", ("/survey/kosong", "/desk/survey")),
        ("admin", ("/dashboard/survey", "/admin/privacy")),
    ],
    ids=["everybody", "officer", "administrator"],
)
def test_axe_finds_nothing_and_nothing_is_cut_off(
    visit: Visit, site: Site, user: str | None, paths: tuple[str, ...]
) -> None:
    with_a_visit(site)
    runs = [(NOON, {"names": 12, "readings": 1234})] * 3
    object.__setattr__(site.fake.office, "retention_runs", lambda: runs)
    page = visit("/login", user=user)
    if user is None:
        paths = (*paths, f"{LINK}?as=mine")
    look_at(page, [site.address + path for path in paths])
    page.set_viewport_size({"width": NARROWEST, "height": 640})
    for path in paths:
        page.goto(site.address + path)
        assert page.evaluate(WIDTH) <= NARROWEST, (path, page.evaluate(CUT_OFF))


def test_nine_questions_are_answered_by_keyboard_alone(visit: Visit, site: Site) -> None:
    with_a_visit(site)
    page = visit(f"{LINK}?as=survey")
    page.locator("input[type=radio]").first.focus()
    for _ in ELEMENTS:
        page.keyboard.press("ArrowRight")
        page.keyboard.press("ArrowRight")
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_selector("#survey[role=status]")

    answers = site.fake.record.survey.counted(Quarter(2026, 4), Quarter(2026, 4))
    (own,) = [one.answer for one in answers if str(one.answer.marks) == "333333333"]
    assert (own.source, own.was_refused) == (Source.RECEIPT, True)
