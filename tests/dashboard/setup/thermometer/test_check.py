"""The daily check of a thermometer."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient

from dashboard.setup.thermometer.contexts import Typed
from screening.gate.commands import RefreshThermometer
from screening.temperature.instrument.care_view import CareReason
from screening.temperature.instrument.commissioning import CheckOutcome, ThermometerCheck
from tests.dashboard.fakes import NOON, FakeGateControl, FakeOffice
from tests.dashboard.setup.thermometer.page import PAGE, act, check_with, key_in, shows


def test_before_it_was_set_up_there_is_nothing_to_check(
    guard: TestClient, gate: FakeGateControl
) -> None:
    shows(gate)
    assert guard.get(PAGE).context["live"].check is None
    assert act(guard, "check", reference="36,5", room="24").status_code == 409


@pytest.mark.usefixtures("commissioned")
def test_a_guard_checks_it_with_one_person(
    guard: TestClient, gate: FakeGateControl, fake: FakeOffice
) -> None:
    assert check_with(guard, "36,5", "24,5").headers["location"] == f"{PAGE}#check"
    done = fake.record.thermometers.newest_check("utama")
    assert done is not None
    assert replace(done, value_key=None) == ThermometerCheck(
        gate="utama",
        at=NOON,
        by="budi",
        room_celsius=24.5,
        difference_celsius=-0.02,
        outcome=CheckOutcome.PASSED,
    )
    assert RefreshThermometer() in gate.done
    live = guard.get(PAGE).context["live"]
    assert live.check.last_state == "admit"
    assert "-0,02 °C, lulus" in live.check.last


@pytest.mark.usefixtures("commissioned")
def test_a_check_that_is_off_says_so(
    guard: TestClient, gate: FakeGateControl, fake: FakeOffice
) -> None:
    shows(gate, raw_celsius=31.5)
    check_with(guard, "36,5", "24,5")
    done = fake.record.thermometers.newest_check("utama")
    assert done is not None
    assert done.outcome is CheckOutcome.OFF
    assert guard.get(PAGE).context["live"].check.last_state == "deny"


@pytest.mark.usefixtures("commissioned")
def test_a_flask_does_for_a_person(guard: TestClient, fake: FakeOffice) -> None:
    assert check_with(guard, "34,0", "24,5", kind="flask").status_code == 303
    assert fake.record.thermometers.newest_check("utama") is not None


@pytest.mark.usefixtures("commissioned")
@pytest.mark.parametrize(
    ("reference", "room", "kind"),
    [
        ("", "24", "person"),
        ("36,5", "", "person"),
        ("38,2", "24", "person"),
        ("36,5", "x", "person"),
        ("20", "24", "flask"),
    ],
)
def test_a_mistyped_check_keeps_what_was_typed(
    guard: TestClient, fake: FakeOffice, reference: str, room: str, kind: str
) -> None:
    refused = check_with(guard, reference, room, kind=kind)
    assert refused.status_code == 409
    live = refused.context["live"]
    assert live.typed == Typed(check=reference, check_room=room, check_kind=kind)
    assert live.check.taken.value == "34,10"
    assert fake.record.thermometers.newest_check("utama") is None


@pytest.mark.usefixtures("commissioned")
def test_a_check_sent_twice_is_written_once(guard: TestClient, fake: FakeOffice) -> None:
    act(guard, "take", purpose="check")
    key = key_in(guard)
    assert act(guard, "check", key=key, reference="36,5", room="24").status_code == 303
    assert act(guard, "check", key=key, reference="36,5", room="24").status_code == 409


@pytest.mark.usefixtures("commissioned")
def test_no_check_is_made_with_a_cold_device(guard: TestClient, gate: FakeGateControl) -> None:
    shows(gate, since=NOON - timedelta(minutes=5), reasons=(CareReason.CHECK_DUE,))
    assert not guard.get(PAGE).context["live"].check.can_be_made
    assert act(guard, "take", purpose="check").status_code == 409
