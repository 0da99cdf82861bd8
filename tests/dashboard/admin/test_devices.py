"""The administrators' page of devices and screens."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from dashboard.admin.place_contexts import DeviceCard, OpenLine
from dashboard.app import create_app
from dashboard.web.auth import SESSION_COOKIE
from dashboard.web.open_screens import MOST_PATHS, OpenScreens
from screening.clock import FakeClock
from screening.decision import Reason
from screening.errors import NotOwner
from screening.office.changes import with_counter
from screening.readings import DeviceKind, DeviceTrouble
from screening.settings import Settings
from screening.temperature.instrument.care_view import CareReason, CareState, ThermometerView
from tests.dashboard.conftest import Browse
from tests.dashboard.fakes import (
    NOON,
    FakeGateControl,
    FakeOffice,
    devices,
    make_office,
    open_session,
    view_of,
)

PAGE = "/admin/devices"


@pytest.fixture
def admin(logged_in: Browse) -> TestClient:
    client = logged_in("admin")
    client.cookies.set("gerbang_language", "en")
    return client


def cards(client: TestClient) -> dict[str, DeviceCard]:
    return {one.kind: one for one in client.get(PAGE).context["gates"][0].devices}


def screen(client: TestClient, path: str) -> OpenLine:
    found: OpenLine = next(one for one in client.get(PAGE).context["screens"] if one.path == path)
    return found


def test_says_that_everything_answers(admin: TestClient, gate: FakeGateControl) -> None:
    heard = NOON - timedelta(seconds=4)
    gate.shown = view_of("utama", devices=tuple(replace(d, heard=heard) for d in devices()))
    page = admin.get(PAGE)
    assert (page.context["is_fine"], page.context["summary"]) == (True, "Every device answers.")
    thermometer = cards(admin)["thermometer"]
    assert (thermometer.told, thermometer.heard) == (
        "Ready since 11:30",
        "last reading 4 seconds ago",
    )
    assert thermometer.setup == "/gate/utama/thermometer"
    assert cards(admin)["barrier"].setup == ""


def test_says_that_nothing_is_wired(admin: TestClient, gate: FakeGateControl) -> None:
    absent = tuple(replace(one, is_configured=False, is_available=False) for one in devices())
    gate.shown = view_of("utama", devices=absent)
    summary = admin.get(PAGE).context["summary"]
    assert summary == "No device is wired: guards do everything by hand."


def test_tells_of_a_lost_device_since_when_and_what_to_do(
    admin: TestClient, gate: FakeGateControl
) -> None:
    lost = devices(DeviceKind.SCANNER, DeviceKind.BARRIER)
    gate.shown = view_of("utama", devices=tuple(replace(one, heard=NOON) for one in lost))
    page = admin.get(PAGE)
    assert (page.context["is_fine"], page.context["summary"]) == (
        False,
        "2 devices need somebody.",
    )
    assert [one.kind for one in page.context["gates"][0].devices][:2] == ["scanner", "barrier"]
    scanner = cards(admin)["scanner"]
    assert (scanner.state, scanner.told) == ("down", "Does not answer since 11:30")
    assert scanner.error == "/dev/ttyUSB0: unplugged"
    assert "cable" in scanner.advice


def test_tells_of_trouble_and_of_a_thermometer_that_says_nothing(
    admin: TestClient, gate: FakeGateControl
) -> None:
    before = NOON - timedelta(minutes=3)
    shown = {one.kind: replace(one, heard=before) for one in devices()}
    shown[DeviceKind.CAMERA] = replace(shown[DeviceKind.CAMERA], trouble=DeviceTrouble.POSTER)
    gate.shown = view_of("utama", devices=tuple(shown.values()))
    found = cards(admin)
    assert (found["camera"].state, found["thermometer"].state) == ("troubled", "silent")
    assert "Cover the code" in found["camera"].advice
    assert "power" in found["thermometer"].advice
    assert found["scanner"].state == "up"  # nobody may have come


def test_tells_why_a_thermometer_is_not_relied_on(admin: TestClient, gate: FakeGateControl) -> None:
    thermometer = ThermometerView(
        model="gy-mcu90614",
        measuring_site="forehead",
        raw_celsius=None,
        no_value=Reason.STAND_STILL,
        since=NOON,
        resolution_celsius=None,
        state=CareState.FAILED,
        reasons=(CareReason.CHECK_OFF,),
        is_due=False,
        commissioned_at=NOON,
        checked_at=NOON,
    )
    gate.shown = view_of("utama", devices=devices(DeviceKind.THERMOMETER), thermometer=thermometer)
    found = cards(admin)["thermometer"]
    assert found.state == "distrusted"
    assert "failed its check" in found.advice


def test_says_when_the_day_was_another_one(admin: TestClient, gate: FakeGateControl) -> None:
    lost = replace(devices(DeviceKind.SCANNER)[2], since=NOON - timedelta(days=2))
    gate.shown = view_of("utama", devices=(lost,))
    assert "22 Nov 2026" in cards(admin)["scanner"].told


def test_tells_of_a_gate_that_another_computer_runs(admin: TestClient, fake: FakeOffice) -> None:
    fake.gates.elsewhere["utama"] = NotOwner(
        "utama", machine="mini-2", address="http://mini-2:8000"
    )
    page = admin.get(PAGE)
    assert page.context["gates"][0].link == "http://mini-2:8000/admin/devices"
    assert "told there" in page.context["summary"]


def test_shows_where_a_device_is_plugged_in_and_no_password() -> None:
    gates = [
        {
            "name": "utama",
            "scanner": {"model": "gm65", "port": "/dev/ttyS7"},
            "camera": {"source": "rtsp://admin:rahasia@10.0.0.9:554/live"},
        }
    ]
    fake = make_office(settings=Settings(_env_file=None, gates=gates))
    client = TestClient(create_app(fake.office), follow_redirects=False)
    client.cookies.set(SESSION_COOKIE, open_session(fake, "admin"), domain="testserver.local")
    found = cards(client)
    assert (found["scanner"].wire, found["camera"].wire) == ("/dev/ttyS7", "rtsp://10.0.0.9")
    assert "rahasia" not in client.get(PAGE).text


def test_tells_which_screens_are_open(admin: TestClient, app: FastAPI, fake: FakeOffice) -> None:
    fake.record.facts.change(with_counter("4", {"room": "atas"}), operator="dewi", at=NOON)
    screens: OpenScreens = app.state.open_screens
    assert screen(admin, "/display/atas").state == "never"
    with screens.showing("/display/atas"), screens.showing("/display/atas"):
        assert screen(admin, "/display/atas").told == "open in 2 browsers, since 12:00"
    fake.clock.move_to(NOON + timedelta(minutes=9))
    assert screen(admin, "/display/atas").told == "last seen 12:00"
    assert screen(admin, "/counter/4").state == "never"


def test_a_stream_counts_as_an_open_screen_while_it_lasts(
    admin: TestClient, fake: FakeOffice, app: FastAPI
) -> None:
    fake.hub.close()  # a stream that has ended
    app.state.open_screens = OpenScreens(fake.clock)
    assert admin.get("/kiosk/utama/events").status_code == 200
    assert screen(admin, "/kiosk/utama").state == "closed"


def test_a_screen_that_turns_up_anew_tells_since_when() -> None:
    clock = FakeClock(NOON)
    screens = OpenScreens(clock)
    with screens.showing("/display/atas"):
        clock.move_to(NOON + timedelta(minutes=1))
        with screens.showing("/display/atas"):
            seen = screens.seen()["/display/atas"]
            assert (seen.browsers, seen.since) == (2, NOON)
    closed = screens.seen()["/display/atas"]
    assert (closed.browsers, closed.since) == (0, NOON + timedelta(minutes=1))


def test_an_open_screen_is_not_forgotten_however_many_others_come_and_go() -> None:
    screens = OpenScreens(FakeClock(NOON))
    with screens.showing("/display/atas"):
        for number in range(MOST_PATHS + 1):
            with screens.showing(f"/display/made-up-{number}"):
                pass
        seen = screens.seen()
        assert seen["/display/atas"].browsers == 1
        assert len(seen) == MOST_PATHS
    assert screens.seen()["/display/atas"].browsers == 0
