"""The page of a gate's thermometer: who sees it, what it shows, and what it says first."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from fastapi.testclient import TestClient

from dashboard.setup.thermometer.words import (
    LINEARITIES,
    MEASURING_SITES,
    OUTCOMES,
    PROBLEMS,
    UNCERTAINTIES,
)
from dashboard.web.gate.care_words import CARE
from screening.decision import Reason
from screening.gate.view import TemperatureView
from screening.readings import DeviceKind
from screening.temperature.instrument.care_view import CareReason, CareState
from screening.temperature.instrument.commissioning import CheckOutcome
from screening.temperature.instrument.fitting import CommissioningProblem
from screening.temperature.instrument.normaliser import LinearityVerdict
from screening.temperature.instrument.today import budget_of
from screening.temperature.sites import SITES
from screening.temperature.uncertainty import DISTANCE
from tests.dashboard.conftest import Browse
from tests.dashboard.fakes import NOON, FakeGateControl, devices, view_of
from tests.dashboard.setup.thermometer.page import (
    FOUND,
    LIVE,
    PAGE,
    THERMOMETER,
    act,
    check_with,
    measure,
    shows,
)


def test_guards_and_managers_see_it_and_others_do_not(
    client: TestClient, logged_in: Browse, gate: FakeGateControl
) -> None:
    shows(gate)
    for name in ("budi", "dewi", "admin"):
        assert logged_in(name).get(PAGE).template.name == "setup/thermometer.html"
    assert logged_in("rina").get(PAGE).status_code == 403
    assert client.get(PAGE).headers["location"].startswith("/login")
    assert client.get(f"{PAGE}/live", headers=LIVE).status_code == 401


def test_where_nobody_knows_its_offset_guards_are_told_to_measure_by_hand(
    guard: TestClient, gate: FakeGateControl
) -> None:
    shows(gate, state=CareState.FAILED)
    live = guard.get(PAGE).context["live"]
    assert (live.state, live.advice.split(".")[0]) == ("deny", "Ukur dengan termometer tangan")
    console = guard.get("/gate/utama")
    assert console.context["live"].care.is_failed
    assert "Setel dengan lima orang yang sehat" in console.text
    assert 'href="/gate/utama/thermometer"' in console.text


def test_only_a_manager_or_an_administrator_sets_it_up(
    guard: TestClient, gate: FakeGateControl
) -> None:
    shows(gate)
    page = guard.get(PAGE)
    assert page.context["live"].setup is None
    assert "Mintalah" in page.text
    for path, fields in (
        ("begin", {}),
        ("room", {"room": "24"}),
        ("take", {"purpose": "staff"}),
        ("staff", {"reference": "36.5"}),
        ("steps", {"reference": "37"}),
        ("remove", {"purpose": "staff"}),
        ("use", {}),
        ("give-up", {}),
    ):
        assert act(guard, path, **fields).status_code == 403, path


def test_a_form_without_its_token_changes_nothing(manager: TestClient) -> None:
    assert manager.post(f"{PAGE}/room", data={"room": "24"}).status_code == 403
    assert manager.get(PAGE).context["live"].setup.room.state == "now"


def test_a_gate_that_is_not_there_has_no_thermometer_page(guard: TestClient) -> None:
    assert guard.get("/gate/loteng/thermometer").status_code == 404


def test_a_gate_without_a_thermometer_says_how_to_name_one(
    manager: TestClient, gate: FakeGateControl
) -> None:
    gate.shown = view_of("utama")
    page = manager.get(PAGE)
    assert page.context["live"].instrument is None
    assert "thermometer.model" in page.text


def test_the_steady_value_is_shown_uncorrected(manager: TestClient) -> None:
    shown = manager.get(PAGE).context["live"].instrument
    assert (shown.state, shown.value) == ("steady", "34,10")


@pytest.mark.parametrize(
    ("why", "state", "words"),
    [
        (Reason.STAND_STILL, "moving", "belum tenang"),
        (Reason.STEP_CLOSER, "moving", "terlalu dingin"),
        (Reason.HOT_OBJECT, "moving", "lebih panas"),
        (Reason.GUARD_MEASURES, "away", "tidak memberi"),
        (Reason.COVER_NOSE, "moving", "belum ada nilai tenang"),
    ],
)
def test_without_a_value_it_says_why(
    manager: TestClient, gate: FakeGateControl, why: Reason, state: str, words: str
) -> None:
    since = None if state == "away" else NOON
    shows(gate, raw_celsius=None, no_value=why, since=since)
    shown = manager.get(PAGE).context["live"].instrument
    assert (shown.state, shown.value) == (state, None)
    assert words in shown.words


def test_a_device_that_is_away_is_told_first(manager: TestClient, gate: FakeGateControl) -> None:
    gate.shown = view_of(
        "utama",
        devices=devices(DeviceKind.THERMOMETER),
        thermometer=replace(THERMOMETER, since=None, raw_celsius=None),
    )
    live = manager.get(PAGE).context["live"]
    assert live.state == "deny"
    assert "11.30" in live.advice


@pytest.mark.usefixtures("commissioned")
@pytest.mark.parametrize(
    ("state", "reason", "colour"),
    [
        (CareState.DUE, CareReason.CHECK_DUE, "wait"),
        (CareState.IN_DOUBT, CareReason.DRIFT, "fix"),
        (CareState.FAILED, CareReason.CHECK_OFF, "deny"),
    ],
)
def test_its_state_is_the_advice_and_is_on_the_guards_page(
    guard: TestClient,
    gate: FakeGateControl,
    state: CareState,
    reason: CareReason,
    colour: str,
) -> None:
    shows(gate, state=state, reasons=(reason,))
    live = guard.get(PAGE).context["live"]
    assert (live.state, live.headline) == (
        colour,
        guard.get("/gate/utama").context["live"].care.headline,
    )
    assert f'href="{PAGE}"' in guard.get("/gate/utama").text


def test_a_thermometer_that_is_ready_puts_nothing_on_the_guards_page(
    guard: TestClient, gate: FakeGateControl
) -> None:
    shows(gate, state=CareState.READY, reasons=())
    assert guard.get("/gate/utama").context["live"].care is None
    live = guard.get(PAGE).context["live"]
    assert (live.state, live.advice) == (
        "ready",
        "Belum pernah dibandingkan dengan termometer klinis.",
    )


@pytest.mark.usefixtures("commissioned")
def test_a_thermometer_that_is_ready_says_when_it_was_compared(
    guard: TestClient, gate: FakeGateControl
) -> None:
    shows(gate, state=CareState.READY, reasons=())
    live = guard.get(PAGE).context["live"]
    assert (live.state, live.advice) == (
        "admit",
        "Dibandingkan pada 21 Nov 2026, 12.00 dan masih cocok.",
    )
    check_with(guard, "36,5", "24,5")
    assert "hari ini" in guard.get(PAGE).context["live"].advice


def test_a_failed_thermometer_is_not_called_unreachable(
    guard: TestClient, gate: FakeGateControl
) -> None:
    gate.shown = view_of(
        "utama",
        devices=devices(DeviceKind.THERMOMETER),
        thermometer=replace(THERMOMETER, state=CareState.FAILED, reasons=(CareReason.CHECK_OFF,)),
    )
    page = guard.get("/gate/utama")
    live = page.context["live"]
    assert live.care.is_failed
    assert live.missing == ()
    assert "tidak dipakai" in page.text
    assert "putus sejak" not in page.text


def test_the_guard_sees_how_sure_a_temperature_is(guard: TestClient, gate: FakeGateControl) -> None:
    shown = TemperatureView(
        raw_celsius=34.1,
        corrections=(("offset", 2.4),),
        corrected_celsius=36.5,
        threshold_celsius=37.3,
        standard_uncertainty_celsius=0.71,
    )
    gate.shown = view_of("utama", temperature=shown)
    assert "± 1,4" in guard.get("/gate/utama").text


def test_a_manager_is_led_to_it_from_the_room_and_an_officer_is_only_told(
    logged_in: Browse, gate: FakeGateControl
) -> None:
    shows(gate, state=CareState.FAILED, reasons=(CareReason.CHECK_OFF,))
    link = f'href="{PAGE}"'
    for name, is_led in (("dewi", True), ("rina", False)):
        page = logged_in(name).get("/dashboard")
        assert "gagal pada pemeriksaan" in page.text
        assert (link in page.text) is is_led


def test_a_gate_without_a_thermometer_leads_nowhere(
    guard: TestClient, gate: FakeGateControl
) -> None:
    gate.shown = view_of(
        "utama",
        devices=tuple(
            replace(device, is_configured=device.kind is not DeviceKind.THERMOMETER)
            for device in devices()
        ),
    )
    assert f'href="{PAGE}"' not in guard.get("/gate/utama").text


def test_the_script_gets_the_changing_part_after_each_form(manager: TestClient) -> None:
    token = re.search(r'name="csrf_token" value="([^"]+)"', manager.get(PAGE).text)
    assert token is not None
    done = manager.post(f"{PAGE}/room", data={"csrf_token": token[1], "room": "24"}, headers=LIVE)
    assert done.status_code == 200
    assert 'id="thermo-work"' in done.text
    assert "<html" not in done.text
    refused = manager.post(f"{PAGE}/room", data={"csrf_token": token[1], "room": "x"}, headers=LIVE)
    assert (refused.status_code, refused.headers["content-type"]) == (
        409,
        "text/plain; charset=utf-8",
    )


def test_english_is_said_in_its_own_way(manager: TestClient, gate: FakeGateControl) -> None:
    manager.cookies.set("gerbang_language", "en")
    measure(manager, gate, 34.10, "36.5")
    page = manager.get(PAGE)
    assert "+2.40" in page.text
    assert "1 person compared" in page.text


def test_every_code_has_its_words() -> None:
    assert set(PROBLEMS) == set(CommissioningProblem)
    assert set(LINEARITIES) == set(LinearityVerdict)
    assert set(MEASURING_SITES) == set(SITES)
    assert set(OUTCOMES) == set(CheckOutcome)
    assert set(CARE) == set(CareReason)
    budget = budget_of(FOUND, room_celsius=None, visitors=0).with_component(DISTANCE, 0.1)
    assert set(UNCERTAINTIES) == {name for name, _ in budget.named()}
