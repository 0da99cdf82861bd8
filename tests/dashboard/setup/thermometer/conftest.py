from __future__ import annotations

import pytest
from fastapi.testclient import TestClient

from screening.temperature.instrument.care_view import CareReason
from tests.dashboard.conftest import Browse
from tests.dashboard.fakes import FakeGateControl, FakeOffice
from tests.dashboard.setup.thermometer.page import FOUND, shows


@pytest.fixture
def manager(logged_in: Browse, gate: FakeGateControl) -> TestClient:
    shows(gate)
    return logged_in("dewi")


@pytest.fixture
def commissioned(fake: FakeOffice, gate: FakeGateControl) -> None:
    fake.record.thermometers.write_commissioning(FOUND)
    shows(gate, commissioned_at=FOUND.at, reasons=(CareReason.CHECK_DUE,))
