"""The steps by which a thermometer is set up."""

from __future__ import annotations

from datetime import timedelta

import pytest
from fastapi.testclient import TestClient

from dashboard.setup.thermometer.contexts import Typed
from screening.decision import Reason
from tests.dashboard.conftest import Browse
from tests.dashboard.fakes import NOON, FakeGateControl, FakeOffice
from tests.dashboard.setup.thermometer.page import (
    PAGE,
    PEOPLE,
    act,
    key_in,
    measure,
    measure_everybody,
    shows,
)


def test_nothing_is_taken_before_the_device_is_warm(
    manager: TestClient, gate: FakeGateControl
) -> None:
    shows(gate, since=NOON - timedelta(minutes=12))
    live = manager.get(PAGE).context["live"]
    assert (live.warm_up.is_done, live.warm_up.parts) == (False, 2)
    assert live.setup.warm_up.state == "now"
    refused = act(manager, "take", purpose="staff")
    assert refused.status_code == 409
    assert "belum hangat" in refused.text


def test_half_an_hour_is_counted_from_when_the_device_came(
    manager: TestClient, gate: FakeGateControl
) -> None:
    shows(gate, since=NOON - timedelta(minutes=30))
    assert manager.get(PAGE).context["live"].warm_up.is_done


@pytest.mark.parametrize(
    ("typed", "state"), [("24,5", "done"), ("24.5", "done"), ("17.9", "bad"), ("31", "bad")]
)
def test_the_room_is_judged(manager: TestClient, typed: str, state: str) -> None:
    assert act(manager, "room", room=typed).status_code == 303
    assert manager.get(PAGE).context["live"].setup.room.state == state


@pytest.mark.parametrize("typed", ["", "warm", "nan", "240", "2_4", "٢٤"])
def test_what_is_no_room_temperature_comes_back_to_be_mended(
    manager: TestClient, typed: str
) -> None:
    act(manager, "room", room="24,5")
    refused = act(manager, "room", room=typed)
    assert refused.status_code == 409
    assert refused.context["live"].typed == Typed(room=typed)
    assert manager.get(PAGE).context["live"].setup.room.state == "done"


def test_a_value_without_a_steady_reading_is_refused(
    manager: TestClient, gate: FakeGateControl
) -> None:
    shows(gate, raw_celsius=None, no_value=Reason.STAND_STILL)
    assert act(manager, "take", purpose="staff").status_code == 409


def test_a_taken_value_waits_in_every_tab(
    manager: TestClient, logged_in: Browse, gate: FakeGateControl
) -> None:
    act(manager, "take", purpose="staff")
    shows(gate, raw_celsius=31.0)
    for client in (manager, logged_in("admin")):
        assert client.get(PAGE).context["live"].setup.staff_taken.value == "34,10"


def test_a_person_is_a_taken_value_and_a_clinical_reading(
    manager: TestClient, gate: FakeGateControl
) -> None:
    assert measure(manager, gate, 34.10, "36,5").status_code == 303
    setup = manager.get(PAGE).context["live"].setup
    assert [(row.raw, row.reference, row.difference) for row in setup.staff_rows] == [
        ("34,10", "36,5", "+2,40")
    ]
    assert (setup.staff_taken, setup.staff_needed) == (None, 4)


@pytest.mark.parametrize("typed", ["", "warm", "366", "20", "nan", "3_6", "٣٦"])
def test_a_mistyped_clinical_reading_loses_nothing(
    manager: TestClient, gate: FakeGateControl, typed: str
) -> None:
    measure(manager, gate, 34.10, "36,5")
    refused = measure(manager, gate, 34.30, typed)
    assert refused.status_code == 409
    live = refused.context["live"]
    assert live.typed == Typed(staff=typed)
    assert live.setup.staff_taken.value == "34,30"
    assert len(live.setup.staff_rows) == 1


def test_somebody_unwell_is_not_measured_by(manager: TestClient, gate: FakeGateControl) -> None:
    refused = measure(manager, gate, 35.2, "37,5")
    assert refused.status_code == 409
    assert "tidak cukup sehat" in refused.text
    assert manager.get(PAGE).context["live"].setup.staff_rows == ()


def test_a_form_sent_twice_counts_one_person(manager: TestClient, gate: FakeGateControl) -> None:
    shows(gate)
    act(manager, "take", purpose="staff")
    key = key_in(manager)
    for _ in range(2):
        assert act(manager, "staff", key=key, reference="36,5").status_code == 303
    assert len(manager.get(PAGE).context["live"].setup.staff_rows) == 1


def test_a_value_that_waits_no_more_is_not_compared(manager: TestClient) -> None:
    refused = act(manager, "staff", key="0123456789ab", reference="36,5")
    assert refused.status_code == 409
    assert refused.context["live"].typed == Typed(staff="36.5")


def test_a_value_can_be_dropped_and_a_person_taken_out(
    manager: TestClient, gate: FakeGateControl
) -> None:
    measure(manager, gate, 34.10, "36,5")
    act(manager, "take", purpose="staff")
    act(manager, "drop", purpose="staff")
    setup = manager.get(PAGE).context["live"].setup
    assert setup.staff_taken is None
    act(manager, "remove", purpose="staff", key=setup.staff_rows[0].key)
    assert manager.get(PAGE).context["live"].setup.staff_rows == ()


def test_known_temperatures_tell_an_honest_device(
    manager: TestClient, gate: FakeGateControl
) -> None:
    assert manager.get(PAGE).context["live"].setup.steady.state == "optional"
    for known in (35, 37.2, 38, 39.5):
        measure(manager, gate, known - 0.3, f"{known}", purpose="steps")
    setup = manager.get(PAGE).context["live"].setup
    assert setup.steady.state == "done"
    assert len(setup.steps_plot.points) == 4


def test_known_temperatures_tell_a_device_that_hides_warmth(
    manager: TestClient, gate: FakeGateControl
) -> None:
    for known in (35, 37.2, 38, 39.5):
        measure(manager, gate, 36.2 + 0.1 * (known - 36), f"{known}", purpose="steps")
    setup = manager.get(PAGE).context["live"].setup
    assert setup.steady.state == "bad"
    assert "Jangan pakai" in setup.steady.words


def test_five_people_and_a_good_room_make_constants(
    manager: TestClient, gate: FakeGateControl
) -> None:
    measure_everybody(manager, gate)
    live = manager.get(PAGE).context["live"]
    assert live.state == "admit"
    assert live.setup.is_ready
    assert live.setup.found[0].value == "+2,40 °C"
    assert len(live.setup.staff_plot.points) == 5
    assert live.setup.staff_plot.band is not None


def test_constants_of_a_device_that_hides_warmth_are_not_used(
    manager: TestClient, gate: FakeGateControl, fake: FakeOffice
) -> None:
    for known in (35, 37.2, 38, 39.5):
        measure(manager, gate, 36.2 + 0.1 * (known - 36), f"{known}", purpose="steps")
    measure_everybody(manager, gate)
    live = manager.get(PAGE).context["live"]
    assert (live.state, live.setup.is_ready) == ("fix", False)
    refused = act(manager, "use")
    assert refused.status_code == 409
    assert "Jangan pakai" in refused.context["notice"]
    assert fake.record.thermometers.commissioning("utama") is None


def test_what_speaks_against_the_constants_is_said_and_they_are_not_used(
    manager: TestClient, gate: FakeGateControl, fake: FakeOffice
) -> None:
    measure_everybody(manager, gate)
    act(manager, "room", room="31")
    setup = manager.get(PAGE).context["live"].setup
    assert not setup.is_ready
    assert "18 sampai 28" in setup.problems[0]
    refused = act(manager, "use")
    assert refused.status_code == 409
    assert "18 sampai 28" in refused.context["notice"]
    assert fake.record.thermometers.commissioning("utama") is None


def test_what_another_model_measured_is_not_used_for_the_one_in_its_place(
    manager: TestClient, gate: FakeGateControl, fake: FakeOffice
) -> None:
    act(manager, "room", room="24,5")
    for raw, clinical in PEOPLE:
        measure(manager, gate, raw, clinical)
    shows(gate, model="gy-mcu90615")
    assert manager.get(PAGE).context["live"].setup.staff_rows == ()
    assert act(manager, "use").status_code == 409
    assert fake.record.thermometers.commissioning("utama") is None

    shows(gate)
    assert act(manager, "use").status_code == 303
