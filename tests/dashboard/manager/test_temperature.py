"""The manager's page about how the gates measured: what is known, how sure, and why not more."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from fastapi.testclient import TestClient

from dashboard.manager.temperature_words import MOST_PEOPLE, OutcomeWords
from dashboard.web.language import Languages
from screening.decision import Check, DecisionKind, Reason
from screening.office.changes import with_gate_title
from screening.temperature.outcomes import Tally, judge
from screening.visits import Attempt, CheckResult, EvidenceSource
from tests.dashboard.conftest import Browse
from tests.dashboard.fakes import NOON, FakeOffice

PAGE = "/dashboard/temperature"


@pytest.fixture
def manager(logged_in: Browse) -> TestClient:
    return logged_in("dewi")


def visit(
    fake: FakeOffice,
    name: str,
    *,
    is_referred: bool = False,
    found: str | None = None,
    gate: str = "utama",
    at: datetime = NOON,
) -> None:
    """A visitor whom the device measured, and what the officer found."""
    result = CheckResult(
        check=Check.TEMPERATURE,
        source=EvidenceSource.DEVICE,
        outcome="elevated" if is_referred else "passed",
    )
    fake.record.visits.write(
        Attempt(
            attempt_id=name,
            gate=gate,
            at=at,
            decision=DecisionKind.REFER if is_referred else DecisionKind.ADMIT,
            reason=Reason.ELEVATED_TWICE if is_referred else Reason.EMERGENCY,
            results=(result,),
        )
    )
    if found is not None:
        fake.record.visits.record_clinical(
            name, celsius=37.0, outcome=found, operator="rina", at=at
        )


def november(fake: FakeOffice) -> None:
    """Four referred, three of them above the limit; two of six let pass were measured."""
    for number in range(4):
        visit(fake, f"r{number}", is_referred=True, found="elevated" if number else "normal")
    for number in range(6):
        visit(fake, f"p{number}", found="normal" if number < 2 else None)


def test_a_month_is_shown_with_both_sides_of_the_gate(
    manager: TestClient, fake: FakeOffice
) -> None:
    november(fake)
    answer = manager.get(PAGE)
    assert answer.template.name == "manager/temperature.html"
    shown = answer.context["outcomes"]
    assert (shown.month, shown.visitors) == ("November 2026", "10")
    referred, passed = shown.sides
    assert [(group.kind, group.count) for group in referred.groups] == [
        ("elevated", "3"),
        ("normal", "1"),
        ("unmeasured", "0"),
    ]
    assert [(group.kind, group.count) for group in passed.groups] == [
        ("elevated", "0"),
        ("normal", "2"),
        ("unmeasured", "4"),
    ]


def test_a_gate_of_the_table_is_called_as_people_call_it(
    manager: TestClient, fake: FakeOffice
) -> None:
    fake.record.facts.change(with_gate_title("utama", "Pintu timur"), operator="rina", at=NOON)
    visit(fake, "one")
    visit(fake, "two", gate="dua")
    html = manager.get(PAGE).text
    assert '<th scope="row">Pintu timur</th>' in html
    assert '<th scope="row">dua</th>' in html


def test_plain_words_come_first_and_statistics_are_folded_away(
    manager: TestClient, fake: FakeOffice
) -> None:
    november(fake)
    html = manager.get(PAGE).text
    plain, statistics = html.index('class="plain"'), html.index('<details class="statistics"')
    assert plain < html.index('class="crossing"') < statistics
    for word in ("prediktif", "sensitivitas", "Begg", "nilai duga"):
        assert word not in html[:statistics]


def test_each_figure_says_how_sure_it_is(manager: TestClient, fake: FakeOffice) -> None:
    november(fake)
    ppv = manager.get(PAGE).context["outcomes"].figures[0]
    assert (ppv.value, ppv.interval) == ("75,0%", "antara 30,1% dan 95,4%")
    assert ppv.low < ppv.at < ppv.high


def test_a_bound_is_no_value(manager: TestClient, fake: FakeOffice) -> None:
    november(fake)
    sensitivity = manager.get(PAGE).context["outcomes"].figures[2]
    assert sensitivity.value.startswith("paling sedikit")
    assert sensitivity.at is None
    assert "100" not in sensitivity.value


def test_what_is_not_known_says_why_and_what_to_do(manager: TestClient, fake: FakeOffice) -> None:
    visit(fake, "r", is_referred=True, found="elevated")
    visit(fake, "p")
    html = manager.get(PAGE).text
    assert "Belum diketahui: tidak seorang pun yang diloloskan diukur" in html
    assert 'href="/dashboard#spot"' in html


def test_an_empty_month_says_so(manager: TestClient) -> None:
    html = manager.get(PAGE).text
    assert "Bulan ini belum ada pengunjung yang suhunya diputuskan gerbang." in html


def test_gates_are_compared_where_there_are_several(manager: TestClient, fake: FakeOffice) -> None:
    november(fake)
    assert manager.get(PAGE).context["outcomes"].gates == ()
    visit(fake, "b", is_referred=True, found="normal", gate="belakang")
    gates = manager.get(PAGE).context["outcomes"].gates
    assert [(gate.gate, gate.referred) for gate in gates] == [("belakang", "1"), ("utama", "4")]


def test_another_month_can_be_looked_at(manager: TestClient, fake: FakeOffice) -> None:
    visit(fake, "old", at=NOON - timedelta(days=40))
    answer = manager.get(PAGE, params={"month": "2026-10"})
    shown = answer.context["outcomes"]
    assert (shown.month, shown.visitors) == ("Oktober 2026", "1")
    assert (shown.before, shown.after) == ("2026-09", "2026-11")
    assert manager.get(PAGE).context["outcomes"].after is None


def test_a_month_that_runs_says_until_when(manager: TestClient, fake: FakeOffice) -> None:
    november(fake)
    assert manager.get(PAGE).context["outcomes"].is_running
    assert "12.00" in manager.get(PAGE).text
    assert not manager.get(PAGE, params={"month": "2026-10"}).context["outcomes"].is_running


@pytest.mark.parametrize("month", ["", "november", "2026-13", "9999-12", "2026-11-24"])
def test_what_is_no_month_is_not_found(manager: TestClient, month: str) -> None:
    assert manager.get(PAGE, params={"month": month}).status_code == 404


def test_the_dashboard_leads_there_whoever_may_see_it(logged_in: Browse) -> None:
    link = f'href="{PAGE}"'
    assert link in logged_in("dewi").get("/dashboard").text
    assert link not in logged_in("rina").get("/dashboard").text


@pytest.mark.parametrize("language", ["id", "en"])
def test_nobody_is_called_ill(manager: TestClient, fake: FakeOffice, language: str) -> None:
    november(fake)
    manager.cookies.set("gerbang_language", language, domain="testserver.local")
    html = manager.get(PAGE).text.lower()
    assert "fever" not in html
    assert "demam" not in html


@pytest.mark.parametrize(
    "tally",
    [
        Tally(referred=1, referred_elevated=1),
        Tally(referred=61, referred_elevated=1, referred_normal=1, passed=1),
        Tally(referred=7000, referred_elevated=3, referred_normal=6990, passed=123456),
    ],
)
def test_everybody_is_drawn_and_no_group_disappears(tally: Tally) -> None:
    words = OutcomeWords(Languages()["en"])
    for side in words.sides(judge(tally)):
        drawn = {person.kind for person in side.people}
        assert len(side.people) <= MOST_PEOPLE
        assert drawn == {group.kind for group in side.groups if group.count != "0"}
