"""Constants that were found are used, and their report."""

from __future__ import annotations

import re
import stat
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from screening.errors import RecordError
from screening.gate.commands import RefreshThermometer
from screening.temperature.instrument.care_view import CareState
from screening.temperature.instrument.commissioning import Commissioning
from screening.visits import EntryKind
from tests.dashboard.fakes import NOON, FakeGateControl, FakeOffice
from tests.dashboard.setup.thermometer.page import (
    FOUND,
    PAGE,
    act,
    key_in,
    measure,
    measure_everybody,
    shows,
)


def test_the_constants_are_written_down_and_used(
    manager: TestClient, gate: FakeGateControl, fake: FakeOffice
) -> None:
    measure_everybody(manager, gate)
    assert act(manager, "use").headers["location"] == f"{PAGE}#in-force"
    found = fake.record.thermometers.commissioning("utama")
    assert found is not None
    assert (found.by, found.model, found.site) == ("dewi", "gy-mcu90614", "forehead-spot")
    assert (found.offset_celsius, found.staff, found.room_celsius) == (2.40, 5, 24.5)
    assert RefreshThermometer() in gate.done


def test_nothing_of_the_people_is_left_but_the_report(
    manager: TestClient, gate: FakeGateControl, fake: FakeOffice, tmp_path: Path
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
    fake: FakeOffice,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    measure_everybody(manager, gate)

    def fail(found: Commissioning) -> None:
        raise RecordError("the database is away")

    with monkeypatch.context() as patch:
        patch.setattr(fake.record.thermometers, "write_commissioning", fail)
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
    manager: TestClient, gate: FakeGateControl, fake: FakeOffice, tmp_path: Path
) -> None:
    measure_everybody(manager, gate)
    (draft,) = tmp_path.rglob("draft.json")
    kept = draft.read_bytes()
    act(manager, "use")
    assert not draft.exists()

    draft.write_bytes(kept)
    act(manager, "use")
    rows = [entry.kind for entry in fake.record.visits.entries()]
    assert rows.count(EntryKind.COMMISSIONED) == 1
    assert not draft.exists()
    assert len(fake.office.reports.names("utama")) == 1

    draft.write_bytes(kept)
    assert manager.get(PAGE).context["live"].setup is None
    assert not draft.exists()


@pytest.mark.usefixtures("commissioned")
def test_a_power_cut_before_a_compared_value_was_forgotten_counts_it_once(
    guard: TestClient, fake: FakeOffice, tmp_path: Path
) -> None:
    act(guard, "take", purpose="check")
    key = key_in(guard)
    (draft,) = tmp_path.rglob("draft.json")
    kept = draft.read_bytes()
    for _ in range(2):
        draft.write_bytes(kept)
        answer = act(guard, "check", key=key, room="25,0", reference="36,5")
        assert answer.status_code == 303
    rows = [entry.kind for entry in fake.record.visits.entries()]
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
    manager: TestClient, fake: FakeOffice, gate: FakeGateControl
) -> None:
    found = replace(FOUND, at=NOON - timedelta(days=8))
    fake.record.thermometers.write_commissioning(found)
    shows(gate, commissioned_at=found.at, reasons=())
    assert "Laporan dihapus setelah Senin, 23 November 2026" in manager.get(PAGE).text
    gone = manager.get(f"{PAGE}/report/commissioning-20261116T050000Z.html")
    assert gone.status_code == 410
    assert "Laporan ini sudah dihapus" in gone.text


@pytest.mark.usefixtures("commissioned")
def test_setting_it_up_again_leaves_the_old_constants_in_force(
    manager: TestClient, fake: FakeOffice, gate: FakeGateControl
) -> None:
    shows(gate, commissioned_at=FOUND.at, state=CareState.READY, reasons=())
    assert manager.get(PAGE).context["live"].setup is None
    act(manager, "begin")
    assert manager.get(PAGE).context["live"].setup is not None
    assert fake.record.thermometers.commissioning("utama") == FOUND
    act(manager, "give-up")
    assert manager.get(PAGE).context["live"].setup is None
