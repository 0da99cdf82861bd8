"""Gates, counters, screens and modes from pages."""

from __future__ import annotations

import re

import pytest
from fastapi.testclient import TestClient

from dashboard.web.auth import hash_token
from screening.decision import Check
from screening.office.changes import with_counter, with_gate_title
from screening.readings import DeviceKind
from tests.dashboard.admin.forms import filled, look_and_change
from tests.dashboard.conftest import Browse, token_in
from tests.dashboard.fakes import NOON, FakeGateControl, FakeOffice, devices, view_of

GATES, GATE = "/admin/gates", "/admin/gates/utama"
COUNTERS, COUNTER = "/admin/counters", "/admin/counters/4"
MODE = "/admin/mode"


@pytest.fixture
def admin(logged_in: Browse) -> TestClient:
    return logged_in("admin")


def sent(client: TestClient, page: str, path: str) -> dict[str, str]:
    """What comes of the only button of a form: look, then change."""
    token = {"csrf_token": token_in(client.get(page).text)}
    looked = client.post(path, data=token)
    done = client.post(path, data=token | {"step": "change", "seen": looked.context["seen"]})
    assert done.status_code == 303
    return {"notes": " ".join(looked.context["notes"])}


def test_a_gate_gets_a_name_and_checks_of_its_own(admin: TestClient, fake: FakeOffice) -> None:
    assert admin.post(GATE, data=filled(admin, GATES, GATE)).context["differences"] == ()
    look_and_change(admin, GATES, GATE, title="Pintu utama", asks="own", checks=["receipt", "mask"])
    facts = fake.record.facts.current()
    assert facts.gates["utama"] == {Check.RECEIPT, Check.MASK}
    assert facts.gate_titles == {"utama": "Pintu utama"}
    look_and_change(admin, GATES, GATE, asks="mode")
    assert fake.record.facts.current().gates["utama"] is None


def test_a_gate_tells_what_to_do_about_its_devices(
    admin: TestClient, gate: FakeGateControl
) -> None:
    gate.shown = view_of("utama", devices=devices(DeviceKind.THERMOMETER))
    shown = admin.get(GATES).context["gates"][0].devices
    down = next(one for one in shown if one.kind == "thermometer")
    assert (down.state, down.error) == ("down", "/dev/ttyUSB0: unplugged")
    assert down.instead


def test_a_new_token_is_told_once_and_noted(admin: TestClient, fake: FakeOffice) -> None:
    told = admin.post(f"{GATE}/token", data={"csrf_token": token_in(admin.get(GATES).text)})
    token = told.context["token"]
    assert token in told.text
    gate = fake.record.accounts.gate("utama")
    assert gate is not None
    assert gate.token_hash == hash_token(token)
    assert token not in admin.get(GATES).text
    newest = admin.get("/admin/changes").context["lines"][0]
    assert (newest.who, newest.can_undo) == ("admin", False)
    assert token not in admin.get("/admin/changes").text


def test_a_gate_is_added_and_taken_away(admin: TestClient, fake: FakeOffice) -> None:
    look_and_change(admin, GATES, name="dua", title="Pintu samping")
    facts = fake.record.facts.current()
    assert (facts.gates["dua"], facts.gate_titles["dua"]) == (None, "Pintu samping")
    sent(admin, GATES, "/admin/gates/dua/remove")
    assert "dua" not in fake.record.facts.current().gates


def test_a_gate_whose_name_cannot_be_is_refused_and_kept(admin: TestClient) -> None:
    answer = admin.post(GATES, data=filled(admin, GATES) | {"name": "Pintu Dua"})
    assert answer.status_code == 422
    assert 'value="Pintu Dua"' in answer.text
    assert admin.post("/admin/gates/tiga/token", data=filled(admin, GATES)).status_code == 404


def test_a_counter_is_added_changed_and_taken_away(admin: TestClient, fake: FakeOffice) -> None:
    look_and_change(admin, COUNTERS, name="4", place="", services=["KTP", "KK"])
    counter = fake.record.facts.current().counters["4"]
    assert (counter.services, counter.place, counter.is_open) == (("KTP", "KK"), "4", True)
    assert admin.post(COUNTER, data=filled(admin, COUNTERS, COUNTER)).context["differences"] == ()
    look_and_change(
        admin, COUNTERS, COUNTER, place="Loket 4", room="atas", services=None, open=None
    )
    counter = fake.record.facts.current().counters["4"]
    assert (counter.services, counter.room, counter.is_open) == ((), "atas", False)
    sent(admin, COUNTERS, f"{COUNTER}/remove")
    assert fake.record.facts.current().counters == {}


def test_every_screen_has_its_address(admin: TestClient, fake: FakeOffice) -> None:
    facts = fake.record.facts
    facts.change(with_counter("1", {"room": "atas"}), operator="dewi", at=NOON)
    facts.change(with_gate_title("utama", "Pintu utama"), operator="dewi", at=NOON)
    page = admin.get(COUNTERS)
    paths = [one.path for one in page.context["screens"]]
    assert paths == ["/display/atas", "/kiosk/utama", "/sign"]
    assert "Pintu utama" in page.text
    for path in paths:
        assert admin.get(path).status_code == 200
    assert re.search(r"http://testserver/display/atas", page.text)


def test_each_mode_asks_for_what_is_ticked(admin: TestClient, fake: FakeOffice) -> None:
    assert admin.post(MODE, data=filled(admin, MODE)).context["differences"] == ()
    look_and_change(
        admin, MODE, everyday_checks=["receipt", "hands"], outbreak_checks=["receipt", "mask"]
    )
    facts = fake.record.facts.current()
    assert facts.everyday_checks == {Check.RECEIPT, Check.HANDS}
    assert facts.outbreak_checks == {Check.RECEIPT, Check.MASK}


def test_every_day_a_gate_asks_for_the_receipt_at_least(
    admin: TestClient, fake: FakeOffice
) -> None:
    answer = admin.post(MODE, data=filled(admin, MODE) | {"everyday_checks": "hands"})
    assert answer.status_code == 422
    assert fake.record.facts.current().everyday_checks == {Check.RECEIPT}
