"""How the gates measured, on the screens and the paper that managers use."""

from __future__ import annotations

import pytest

from screening.decision import Check, DecisionKind, Reason
from screening.visits import Attempt, CheckResult, EvidenceSource
from tests.browser.conftest import Site, Visit
from tests.dashboard.fakes import NOON, FakeOffice

pytestmark = pytest.mark.browser

PAGE = "/dashboard/temperature"


def measure(fake: FakeOffice, name: str, *, is_referred: bool, found: str | None) -> None:
    """A visitor whom a gate's thermometer decided about, and what an officer found."""
    outcome = "elevated" if is_referred else "passed"
    result = CheckResult(check=Check.TEMPERATURE, source=EvidenceSource.DEVICE, outcome=outcome)
    fake.record.visits.write(
        Attempt(
            attempt_id=name,
            gate="masuk" if name < "p2" else "perbaiki",
            at=NOON,
            decision=DecisionKind.REFER if is_referred else DecisionKind.ADMIT,
            reason=Reason.ELEVATED_TWICE if is_referred else Reason.EMERGENCY,
            results=(result,),
        )
    )
    if found is not None:
        fake.record.visits.record_clinical(
            name, celsius=37.0, outcome=found, operator="rina", at=NOON
        )


@pytest.mark.parametrize("size", [(320, 640), (360, 740), (390, 844), (820, 1180), (1440, 900)])
@pytest.mark.parametrize("language", ["id", "en"])
def test_nothing_sticks_out_of_the_page(
    visit: Visit, site: Site, size: tuple[int, int], language: str
) -> None:
    if not site.fake.record.visits.attempt("r0"):
        for number in range(4):
            measure(site.fake, f"r{number}", is_referred=True, found="elevated")
            measure(site.fake, f"p{number}", is_referred=False, found="normal")
    page = visit(PAGE, user="dewi", size=size, language=language)
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    page.locator(".statistics summary").click()
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 688, "height": 1000})
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    assert page.locator(".sheet-months").is_hidden()
