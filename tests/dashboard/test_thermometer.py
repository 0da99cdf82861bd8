"""The page on which a thermometer is set up once and checked every day."""

from __future__ import annotations

import re
import stat
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response

from dashboard.contexts.thermometer import Typed
from dashboard.thermometer.words import (
    CARE,
    LINEARITIES,
    MEASURING_SITES,
    OUTCOMES,
    PROBLEMS,
    UNCERTAINTIES,
)
from screening.errors import RecordError
from screening.gate.decision import Check, DecisionKind, Reason
from screening.gate.view import HoldView, TemperatureView
from screening.readings import DeviceKind
from screening.temperature.care_view import CareReason, CareState
from screening.temperature.commissioning import CheckOutcome, Commissioning, ThermometerCheck
from screening.temperature.fitting import CommissioningProblem
from screening.temperature.normaliser import LinearityVerdict
from screening.temperature.sites import SITES
from screening.temperature.today import budget_of
from screening.temperature.uncertainty import DISTANCE
from screening.visits import EntryKind
from tests.dashboard.conftest import Browse, send
from tests.dashboard.fakes import NOON, FakeGateControl, FakeOffice, devices, verdict, view_of
from tests.dashboard.thermometer_page import (
    FOUND,
    LIVE,
    PAGE,
    PEOPLE,
    THERMOMETER,
    act,
    key_in,
    measure,
    measure_everybody,
    shows,
)


@pytest.fixture
def manager(logged_in: Browse, gate: FakeGateControl) -> TestClient:
    shows(gate)
    return logged_in("dewi")


@pytest.fixture
def commissioned(house: FakeOffice, gate: FakeGateControl) -> None:
    house.record.thermometers.write_commissioning(FOUND)
    shows(gate, commissioned_at=FOUND.at, reasons=(CareReason.CHECK_DUE,))


# --- who ---------------------------------------------------------------------------------------


def test_guards_and_managers_see_it_and_others_do_not(
    client: TestClient, logged_in: Browse, gate: FakeGateControl
) -> None:
    shows(gate)
    for name in ("budi", "dewi", "admin"):
        assert logged_in(name).get(PAGE).template.name == "gate/thermometer.html"
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


# --- the gate is kept free ---------------------------------------------------------------------

HOLD = HoldView(by="budi", until=NOON + timedelta(minutes=10), is_ending=False)


def asks_no_receipt(gate: FakeGateControl, hold: HoldView | None = None) -> None:
    """A gate at which whoever stands there is the next visitor."""
    checks = (Check.TEMPERATURE, Check.MASK)
    gate.shown = replace(gate.shown, checks_required=checks, hold=hold)


@pytest.mark.usefixtures("commissioned")
def test_where_no_receipt_is_asked_for_no_value_is_taken_before_the_gate_is_kept_free(
    guard: TestClient, house: FakeOffice, gate: FakeGateControl
) -> None:
    asks_no_receipt(gate)
    page = guard.get(PAGE)
    assert page.context["live"].must_be_kept_free
    assert "Kosongkan dulu gerbang" in page.text
    assert act(guard, "take", purpose="check").status_code == 409
    assert not house.office.drafts.get("utama", now=NOON).taken

    assert act(guard, "keep-free").status_code == 303
    assert ("keep_free", "budi") in gate.calls
    asks_no_receipt(gate, HOLD)
    assert act(guard, "take", purpose="check").status_code == 303
    assert house.office.drafts.get("utama", now=NOON).taken


@pytest.mark.usefixtures("commissioned")
def test_it_is_kept_free_for_longer_with_each_value(
    guard: TestClient, gate: FakeGateControl
) -> None:
    act(guard, "take", purpose="check")
    assert ("keep_free", "budi") not in gate.calls
    act(guard, "drop", purpose="check")
    gate.shown = replace(gate.shown, hold=HOLD)
    act(guard, "take", purpose="check")
    assert ("keep_free", "budi") in gate.calls


@pytest.mark.usefixtures("commissioned")
def test_the_page_says_who_keeps_it_free_and_how_it_ends(
    guard: TestClient, gate: FakeGateControl
) -> None:
    gate.shown = replace(gate.shown, hold=HOLD)
    page = guard.get(PAGE)
    assert "budi mengosongkan gerbang, paling lama sampai 12.10." in page.text
    act(guard, "open-again")
    assert gate.calls[-1] == ("open_again", None)

    gate.shown = replace(gate.shown, hold=replace(HOLD, is_ending=True))
    page = guard.get(PAGE)
    assert f"{PAGE}/open-again" not in page.text
    assert "Menjauhlah dari alat" in page.text


@pytest.mark.parametrize("path", ["/gate/utama", "/kiosk/utama"])
def test_guard_and_visitor_read_that_the_thermometer_is_being_checked(
    guard: TestClient, gate: FakeGateControl, path: str
) -> None:
    gate.shown = view_of("utama", hold=HOLD)
    page = guard.get(path)
    card = page.context["live"].verdict
    assert (card.state, card.attempt_id) == ("wait", None)
    assert "Termometer sedang diperiksa" in page.text
    assert "Mohon tunggu sebentar." in page.text

    guard.cookies.set("gerbang_language", "en")
    assert "Please wait a moment." in guard.get(path).text


def test_a_visitor_whose_receipt_was_scanned_meanwhile_is_told_to_wait(
    guard: TestClient, gate: FakeGateControl
) -> None:
    waits = verdict(DecisionKind.FIX, Reason.GUARD_MEASURES)
    gate.shown = view_of("utama", hold=HOLD, verdict=waits)
    card = guard.get("/gate/utama").context["live"].verdict
    assert (card.state, card.attempt_id) == ("wait", waits.attempt_id)

    gate.shown = view_of("utama", hold=HOLD, verdict=verdict(DecisionKind.DENY, Reason.EXPIRED))
    assert guard.get("/gate/utama").context["live"].verdict.state == "deny"


def test_the_guard_ends_it_from_the_gates_page(guard: TestClient, gate: FakeGateControl) -> None:
    gate.shown = view_of("utama", hold=HOLD)
    assert 'action="/gate/utama/open-again"' in guard.get("/gate/utama").text
    send(guard, "/gate/utama", "/gate/utama/open-again")
    assert gate.calls == [("open_again", None)]


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


# --- what the device shows ---------------------------------------------------------------------


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


# --- the steps ---------------------------------------------------------------------------------


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
    manager: TestClient, gate: FakeGateControl, house: FakeOffice
) -> None:
    for known in (35, 37.2, 38, 39.5):
        measure(manager, gate, 36.2 + 0.1 * (known - 36), f"{known}", purpose="steps")
    measure_everybody(manager, gate)
    live = manager.get(PAGE).context["live"]
    assert (live.state, live.setup.is_ready) == ("fix", False)
    refused = act(manager, "use")
    assert refused.status_code == 409
    assert "Jangan pakai" in refused.context["notice"]
    assert house.record.thermometers.commissioning("utama") is None


def test_what_speaks_against_the_constants_is_said_and_they_are_not_used(
    manager: TestClient, gate: FakeGateControl, house: FakeOffice
) -> None:
    measure_everybody(manager, gate)
    act(manager, "room", room="31")
    setup = manager.get(PAGE).context["live"].setup
    assert not setup.is_ready
    assert "18 sampai 28" in setup.problems[0]
    refused = act(manager, "use")
    assert refused.status_code == 409
    assert "18 sampai 28" in refused.context["notice"]
    assert house.record.thermometers.commissioning("utama") is None


# --- using them --------------------------------------------------------------------------------


def test_the_constants_are_written_down_and_used(
    manager: TestClient, gate: FakeGateControl, house: FakeOffice
) -> None:
    measure_everybody(manager, gate)
    assert act(manager, "use").headers["location"] == f"{PAGE}#in-force"
    found = house.record.thermometers.commissioning("utama")
    assert found is not None
    assert (found.by, found.model, found.site) == ("dewi", "gy-mcu90614", "forehead-spot")
    assert (found.offset_celsius, found.staff, found.room_celsius) == (2.40, 5, 24.5)
    assert ("refresh_thermometer", None) in gate.calls


def test_nothing_of_the_people_is_left_but_the_report(
    manager: TestClient, gate: FakeGateControl, house: FakeOffice, tmp_path: Path
) -> None:
    measure_everybody(manager, gate)
    act(manager, "use")
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert [path.name for path in files] == ["commissioning-20261124T050000Z.html"]
    assert stat.S_IMODE(files[0].stat().st_mode) == 0o600
    live = manager.get(PAGE).context["live"]
    assert live.setup is None
    assert [name for name, _ in live.in_force.reports] == [files[0].name]


def test_sending_use_twice_writes_it_once(
    manager: TestClient, gate: FakeGateControl, tmp_path: Path
) -> None:
    measure_everybody(manager, gate)
    assert act(manager, "use").status_code == 303
    assert act(manager, "use").status_code == 409
    assert len(list(tmp_path.rglob("*.html"))) == 1


def test_when_the_record_is_lost_nothing_is_lost(
    manager: TestClient,
    gate: FakeGateControl,
    house: FakeOffice,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    measure_everybody(manager, gate)

    def fail(found: Commissioning) -> None:
        raise RecordError("the database is away")

    with monkeypatch.context() as patch:
        patch.setattr(house.record.thermometers, "write_commissioning", fail)
        assert act(manager, "use").status_code == 503
    assert list(tmp_path.rglob("*.html")) == []
    assert len(manager.get(PAGE).context["live"].setup.staff_rows) == 5


def test_giving_up_forgets_the_values(
    manager: TestClient, gate: FakeGateControl, tmp_path: Path
) -> None:
    measure_everybody(manager, gate)
    act(manager, "give-up")
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
    assert manager.get(PAGE).context["live"].setup.staff_rows == ()


def test_a_power_cut_before_the_draft_was_deleted_lets_nobody_use_it_twice(
    manager: TestClient, gate: FakeGateControl, house: FakeOffice, tmp_path: Path
) -> None:
    measure_everybody(manager, gate)
    (draft,) = tmp_path.rglob("draft.json")
    kept = draft.read_bytes()
    act(manager, "use")
    assert not draft.exists()

    draft.write_bytes(kept)
    act(manager, "use")
    rows = [entry.kind for entry in house.record.visits.entries()]
    assert rows.count(EntryKind.COMMISSIONED) == 1
    assert not draft.exists()
    assert len(house.office.reports.names("utama")) == 1

    draft.write_bytes(kept)
    assert manager.get(PAGE).context["live"].setup is None
    assert not draft.exists()


@pytest.mark.usefixtures("commissioned")
def test_a_power_cut_before_a_compared_value_was_forgotten_counts_it_once(
    guard: TestClient, house: FakeOffice, tmp_path: Path
) -> None:
    act(guard, "take", purpose="check")
    key = key_in(guard)
    (draft,) = tmp_path.rglob("draft.json")
    kept = draft.read_bytes()
    for _ in range(2):
        draft.write_bytes(kept)
        answer = act(guard, "check", key=key, room="25,0", reference="36,5")
        assert answer.status_code == 303
    rows = [entry.kind for entry in house.record.visits.entries()]
    assert rows.count(EntryKind.THERMOMETER_CHECKED) == 1


def test_the_report_needs_no_server(
    manager: TestClient, gate: FakeGateControl, tmp_path: Path
) -> None:
    for known in (35, 37.2, 38, 39.5):
        measure(manager, gate, known - 0.3, f"{known}", purpose="steps")
    measure_everybody(manager, gate)
    act(manager, "use")
    html = next(tmp_path.rglob("*.html")).read_text(encoding="utf-8")
    assert not re.search(r'(?:src|href)="', html)
    assert html.count('<svg viewBox="0 0 640') == 2
    assert "Selisih antarorang" in html
    for said in ("Disdukcapil Kota Bogor", "24 Nov 2026, 12.00", "dewi", "+2,40", "34,10"):
        assert said in html


def test_the_report_does_not_tell_in_which_order_people_came(
    manager: TestClient, gate: FakeGateControl, tmp_path: Path
) -> None:
    measure_everybody(manager, gate)
    came = [row.difference for row in manager.get(PAGE).context["live"].setup.staff_rows]
    act(manager, "use")
    html = next(tmp_path.rglob("*.html")).read_text(encoding="utf-8")
    reported = re.findall(r"<td>([+-]\d,\d\d)</td></tr>", html)
    assert sorted(came) == reported != came


def test_the_report_can_be_read_in_the_browser_by_who_set_it_up(
    manager: TestClient, guard: TestClient, gate: FakeGateControl
) -> None:
    measure_everybody(manager, gate)
    act(manager, "use")
    address = f"{PAGE}/report/commissioning-20261124T050000Z.html"
    report = manager.get(address)
    assert "+2,40" in report.text
    assert "'sha256-" in report.headers["content-security-policy"]
    assert "unsafe" not in report.headers["content-security-policy"]
    assert guard.get(address).status_code == 403
    assert manager.get(f"{PAGE}/report/draft.json").status_code == 404


def test_page_and_report_tell_how_long_it_is_kept(
    manager: TestClient, gate: FakeGateControl
) -> None:
    measure_everybody(manager, gate)
    act(manager, "use")
    address = f"{PAGE}/report/commissioning-20261124T050000Z.html"
    assert "setelah Selasa, 1 Desember 2026" in manager.get(address).text
    assert "dihapus 7 hari setelah dibuat" in manager.get(PAGE).text


def test_of_a_report_that_was_deleted_the_page_says_so(
    manager: TestClient, house: FakeOffice, gate: FakeGateControl
) -> None:
    found = replace(FOUND, at=NOON - timedelta(days=8))
    house.record.thermometers.write_commissioning(found)
    shows(gate, commissioned_at=found.at, reasons=())
    assert "Laporan dihapus setelah Senin, 23 November 2026" in manager.get(PAGE).text
    gone = manager.get(f"{PAGE}/report/commissioning-20261116T050000Z.html")
    assert gone.status_code == 410
    assert "Laporan ini sudah dihapus" in gone.text


@pytest.mark.usefixtures("commissioned")
def test_setting_it_up_again_leaves_the_old_constants_in_force(
    manager: TestClient, house: FakeOffice, gate: FakeGateControl
) -> None:
    shows(gate, commissioned_at=FOUND.at, state=CareState.READY, reasons=())
    assert manager.get(PAGE).context["live"].setup is None
    act(manager, "begin")
    assert manager.get(PAGE).context["live"].setup is not None
    assert house.record.thermometers.commissioning("utama") == FOUND
    act(manager, "give-up")
    assert manager.get(PAGE).context["live"].setup is None


# --- every day ---------------------------------------------------------------------------------


def check_with(client: TestClient, reference: str, room: str, **more: str) -> Response:
    assert act(client, "take", purpose="check").status_code == 303
    return act(client, "check", key=key_in(client), reference=reference, room=room, **more)


def test_before_it_was_set_up_there_is_nothing_to_check(
    guard: TestClient, gate: FakeGateControl
) -> None:
    shows(gate)
    assert guard.get(PAGE).context["live"].check is None
    assert act(guard, "check", reference="36,5", room="24").status_code == 409


@pytest.mark.usefixtures("commissioned")
def test_a_guard_checks_it_with_one_person(
    guard: TestClient, gate: FakeGateControl, house: FakeOffice
) -> None:
    assert check_with(guard, "36,5", "24,5").headers["location"] == f"{PAGE}#check"
    done = house.record.thermometers.newest_check("utama")
    assert done is not None
    assert replace(done, value_key=None) == ThermometerCheck(
        gate="utama",
        at=NOON,
        by="budi",
        room_celsius=24.5,
        difference_celsius=-0.02,
        outcome=CheckOutcome.PASSED,
    )
    assert ("refresh_thermometer", None) in gate.calls
    live = guard.get(PAGE).context["live"]
    assert live.check.last_state == "admit"
    assert "-0,02 °C, lulus" in live.check.last


@pytest.mark.usefixtures("commissioned")
def test_a_check_that_is_off_says_so(
    guard: TestClient, gate: FakeGateControl, house: FakeOffice
) -> None:
    shows(gate, raw_celsius=31.5)
    check_with(guard, "36,5", "24,5")
    done = house.record.thermometers.newest_check("utama")
    assert done is not None
    assert done.outcome is CheckOutcome.OFF
    assert guard.get(PAGE).context["live"].check.last_state == "deny"


@pytest.mark.usefixtures("commissioned")
def test_a_flask_does_for_a_person(guard: TestClient, house: FakeOffice) -> None:
    assert check_with(guard, "34,0", "24,5", kind="flask").status_code == 303
    assert house.record.thermometers.newest_check("utama") is not None


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
    guard: TestClient, house: FakeOffice, reference: str, room: str, kind: str
) -> None:
    refused = check_with(guard, reference, room, kind=kind)
    assert refused.status_code == 409
    live = refused.context["live"]
    assert live.typed == Typed(check=reference, check_room=room, check_kind=kind)
    assert live.check.taken.value == "34,10"
    assert house.record.thermometers.newest_check("utama") is None


@pytest.mark.usefixtures("commissioned")
def test_a_check_sent_twice_is_written_once(guard: TestClient, house: FakeOffice) -> None:
    act(guard, "take", purpose="check")
    key = key_in(guard)
    assert act(guard, "check", key=key, reference="36,5", room="24").status_code == 303
    assert act(guard, "check", key=key, reference="36,5", room="24").status_code == 409


@pytest.mark.usefixtures("commissioned")
def test_no_check_is_made_with_a_cold_device(guard: TestClient, gate: FakeGateControl) -> None:
    shows(gate, since=NOON - timedelta(minutes=5), reasons=(CareReason.CHECK_DUE,))
    assert not guard.get(PAGE).context["live"].check.can_be_made
    assert act(guard, "take", purpose="check").status_code == 409


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


# --- the changing part -------------------------------------------------------------------------


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


def test_what_another_model_measured_is_not_used_for_the_one_in_its_place(
    manager: TestClient, gate: FakeGateControl, house: FakeOffice
) -> None:
    act(manager, "room", room="24,5")
    for raw, clinical in PEOPLE:
        measure(manager, gate, raw, clinical)
    shows(gate, model="gy-mcu90615")
    assert manager.get(PAGE).context["live"].setup.staff_rows == ()
    assert act(manager, "use").status_code == 409
    assert house.record.thermometers.commissioning("utama") is None

    shows(gate)
    assert act(manager, "use").status_code == 303
