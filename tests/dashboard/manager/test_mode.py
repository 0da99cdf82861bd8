"""The mode's button, its confirmation, and what pages say in each mode."""

from __future__ import annotations

from dataclasses import replace

import pytest
from fastapi.testclient import TestClient

from dashboard.app import create_app
from dashboard.web.seat_drawing import plan_of
from screening.decision import Check, DecisionKind, Reason
from screening.office.changes import in_mode, with_changed_gate
from screening.office.facts import Mode
from screening.readings import DeviceKind
from screening.visits import Attempt, SeatState
from tests.dashboard.conftest import Browse, send
from tests.dashboard.fakes import NOON, FakeGateControl, FakeOffice, view_of
from tests.dashboard.visitor.test_receipt import LINK, RECEIPT


def switch(fake: FakeOffice, mode: Mode) -> None:
    fake.record.facts.change(in_mode(mode), operator="dewi", at=NOON)


def come_in(fake: FakeOffice, people: int) -> None:
    for number in range(people):
        fake.record.visits.write(
            Attempt(
                attempt_id=f"a-{number}",
                gate="utama",
                at=NOON,
                decision=DecisionKind.ADMIT,
                reason=Reason.ADMITTED,
            )
        )


@pytest.mark.parametrize("name", ["dewi", "admin"])
def test_a_manager_or_administrator_switches_after_a_look(
    logged_in: Browse, fake: FakeOffice, name: str
) -> None:
    fake.record.facts.change(with_changed_gate("utama", None), operator="x", at=NOON)
    client = logged_in(name)
    assert 'href="/dashboard/mode"' in client.get("/dashboard").text
    asked = client.get("/dashboard/mode")
    assert (asked.template.name, asked.context["target"]) == ("manager/mode.html", "everyday")
    told = {line.what: (line.before, line.after) for line in asked.context["differences"]}
    assert told["Gerbang utama meminta"] == (
        "Bukti daftar, Tangan, Suhu, Masker",
        "Bukti daftar",
    )
    assert told["Kursi"] == ("30 dibuka, 30 ditutup", "semua 60 dibuka")
    assert told["Paling banyak di dalam"] == ("30", "60")
    assert fake.record.facts.current().mode is Mode.OUTBREAK
    answer = send(client, "/dashboard/mode", "/dashboard/mode", mode="everyday")
    assert (answer.status_code, answer.headers["location"]) == (303, "/dashboard")
    assert fake.record.facts.current().mode is Mode.EVERYDAY
    newest = fake.record.visits.latest(limit=1)[0]
    assert (newest.operator, newest.remark) == (name, "mode: outbreak → everyday")
    assert "Hari biasa" in client.get("/dashboard").text


def test_an_old_confirmation_sent_again_changes_nothing(
    logged_in: Browse, fake: FakeOffice
) -> None:
    client = logged_in("dewi")
    for _ in range(2):
        send(client, "/dashboard/mode", "/dashboard/mode", mode="everyday")
    assert fake.record.facts.current().mode is Mode.EVERYDAY
    assert len(fake.record.visits.entries()) == 1


def test_whoever_is_inside_above_the_new_capacity_is_told_of(
    logged_in: Browse, fake: FakeOffice
) -> None:
    switch(fake, Mode.EVERYDAY)
    come_in(fake, 31)
    asked = logged_in("dewi").get("/dashboard/mode")
    assert asked.context["target"] == "outbreak"
    assert "31 orang di dalam" in asked.text
    assert "Tidak ada yang harus keluar" in asked.text


def test_others_see_the_mode_and_no_button(logged_in: Browse, client: TestClient) -> None:
    officer = logged_in("rina")
    page = officer.get("/dashboard").text
    assert "Masa wabah" in page
    assert "/dashboard/mode" not in page
    for browser, status in ((officer, 403), (logged_in("budi"), 403), (client, 303)):
        assert browser.get("/dashboard/mode").status_code == status
        assert browser.post("/dashboard/mode", data={"mode": "everyday"}).status_code in (
            status,
            403,
        )


@pytest.mark.parametrize("form", [{}, {"mode": "pandemic"}])
def test_a_form_without_token_or_with_another_word_changes_nothing(
    logged_in: Browse, fake: FakeOffice, form: dict[str, str]
) -> None:
    client = logged_in("dewi")
    assert client.post("/dashboard/mode", data={"mode": "everyday"}).status_code == 403
    assert send(client, "/dashboard/mode", "/dashboard/mode", **form).status_code == 422
    assert fake.record.facts.current().mode is Mode.OUTBREAK


def test_the_public_page_asks_for_what_the_mode_does(client: TestClient, fake: FakeOffice) -> None:
    fake.record.facts.change(with_changed_gate("utama", None), operator="x", at=NOON)
    words = ("Pakai masker", "Bersihkan tangan", "Kami mengukur", "disimpan")
    outbreak = client.get("/").text
    switch(fake, Mode.EVERYDAY)
    everyday = client.get("/")
    assert [word in outbreak for word in words[:2]] == [True, True]
    assert [word in everyday.text for word in words] == [False] * 4
    assert everyday.context["checks"] == ("receipt",)
    assert client.get("/api/v1/status").json()["mode"] == "everyday"


def test_a_gate_that_asks_for_more_is_told_to_visitors(
    client: TestClient, fake: FakeOffice
) -> None:
    mask = frozenset({Check.RECEIPT, Check.MASK})
    fake.record.facts.change(with_changed_gate("utama", mask), operator="x", at=NOON)
    switch(fake, Mode.EVERYDAY)
    assert "Pakai masker" in client.get("/").text


def test_a_receipt_warns_of_the_mask_while_it_is_asked_for(fake: FakeOffice) -> None:
    fake.record.facts.change(with_changed_gate("utama", None), operator="x", at=NOON)
    client = TestClient(create_app(replace(fake.office, receipt_page=lambda *_: RECEIPT)))
    assert "masker wajib" in client.get(LINK).text
    switch(fake, Mode.EVERYDAY)
    assert "masker wajib" not in client.get(LINK).text


def test_the_guard_s_page_names_devices_that_nobody_asks_for(
    guard: TestClient, gate: FakeGateControl
) -> None:
    assert "sekarang tidak dipakai" not in guard.get("/gate/utama").text
    gate.shown = view_of("utama", unused_devices=(DeviceKind.THERMOMETER,))
    assert "Terpasang, tetapi sekarang tidak dipakai: Termometer." in guard.get("/gate/utama").text


def test_a_service_that_was_added_is_on_the_public_page(
    client: TestClient, fake: FakeOffice
) -> None:
    from screening.office.changes import with_service

    edit = with_service("PASPOR", {"channel": "walk_in", "name_id": "Paspor"})
    fake.record.facts.change(edit, operator="x", at=NOON)
    assert "Paspor" in client.get("/").text


def test_whoever_sat_down_before_a_seat_was_sealed_is_still_drawn() -> None:
    def state(*, is_sealed: bool, visit_id: int | None) -> str:
        seat = SeatState(
            label="A1", x=0, y=0, room="", kind="anybody", is_sealed=is_sealed, visit_id=visit_id
        )
        return plan_of([seat]).rooms[0].seats[0].state

    assert state(is_sealed=True, visit_id=7) == "taken"
    assert state(is_sealed=True, visit_id=None) == "sealed"
    assert state(is_sealed=False, visit_id=None) == "free"
