"""The guard's page and what a guard may do."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient

from dashboard.app import create_app
from dashboard.guard.keyboard import has_wrong_layout, tidy
from dashboard.web.auth import SESSION_COOKIE, hash_token
from dashboard.web.words import REASONS
from screening.accounts import KNOWN_FOR_S
from screening.decision import Check, DecisionKind, Reason
from screening.errors import NotOwner
from screening.events import GateChanged
from screening.gate.commands import (
    AdmitEmergency,
    CleanHands,
    Clear,
    Command,
    Confirm,
    EnterMask,
    EnterTemperature,
    ExemptMask,
    ExitButton,
    ExitScan,
    GivePriority,
    HandOver,
    Override,
    Resume,
    Scan,
    Undo,
)
from screening.gate.view import (
    AsideView,
    CheckState,
    GateMode,
    ScanAnswer,
    TemperatureView,
)
from screening.readings import CodeSource, DeviceKind, DeviceTrouble, MaskLabel
from screening.registration.bookings import PriorityGroup
from screening.visits import Attempt, EntryKind
from tests.dashboard.conftest import Browse, send, token_in
from tests.dashboard.fakes import (
    NOON,
    PASSWORD,
    VISITOR,
    FakeGateControl,
    FakeOffice,
    checks,
    devices,
    make_office,
    open_session,
    verdict,
    view_of,
)

PAGE = "/gate/utama"
LIVE = {"X-Gerbang-Live": "1"}


def test_one_gate_is_opened_at_once_and_several_are_offered(
    guard: TestClient, fake: FakeOffice
) -> None:
    assert guard.get("/gate").headers["location"] == "/gate/utama"
    fake.gates.controls["samping"] = FakeGateControl(view_of("samping"))
    answer = guard.get("/gate")
    assert answer.template.name == "guard/choose.html"
    assert [gate.gate for gate in answer.context["gates"]] == ["samping", "utama"]


def test_an_office_without_gates_says_what_to_do(guard: TestClient, fake: FakeOffice) -> None:
    fake.gates.controls.clear()
    assert "gerbang gate add" in guard.get("/gate").text


def test_an_unknown_gate_has_a_page_of_its_own(guard: TestClient) -> None:
    answer = guard.get("/gate/loteng")
    assert answer.status_code == 404
    assert answer.template.name == "message.html"


def test_a_free_lane_asks_for_the_next_visitor(guard: TestClient) -> None:
    answer = guard.get(PAGE)
    live = answer.context["live"]
    assert live.verdict.state == "ready"
    assert live.is_open is False
    assert "Pengunjung berikutnya, silakan" in answer.text
    assert 'id="panel-undo"' in answer.text


@pytest.mark.parametrize("kind", list(DecisionKind))
def test_every_verdict_can_be_shown(
    guard: TestClient, gate: FakeGateControl, kind: DecisionKind
) -> None:
    for reason in Reason:
        gate.shown = view_of("utama", verdict=verdict(kind, reason))
        card = guard.get(PAGE).context["live"].verdict
        assert card.state == kind.value
        assert card.say
        assert card.hint


@pytest.mark.parametrize(
    ("kind", "is_offered"), [(DecisionKind.ADMIT, True), (DecisionKind.DENY, False)]
)
def test_priority_is_given_to_whoever_comes_in(
    guard: TestClient, gate: FakeGateControl, kind: DecisionKind, is_offered: bool
) -> None:
    reason = Reason.ADMITTED if kind is DecisionKind.ADMIT else Reason.EXPIRED
    gate.shown = view_of("utama", visitor=VISITOR, verdict=verdict(kind, reason))
    assert ('id="give-priority"' in guard.get(PAGE).text) is is_offered


def test_an_admission_shows_seat_ticket_and_the_way_to_undo(
    guard: TestClient, gate: FakeGateControl
) -> None:
    gate.shown = view_of(
        "utama",
        visitor=VISITOR,
        verdict=verdict(
            DecisionKind.ADMIT, Reason.ADMITTED, seat="B7", ticket="KTP-014", can_annul=True
        ),
    )
    html = guard.get(PAGE).text
    assert "B7" in html
    assert "KTP-014" in html
    assert "Orang ke-2 dari 4" in html
    assert 'popovertarget="panel-undo"' in html
    assert 'name="attempt_id" value="attempt-admitted"' in html


def test_the_measurement_shows_raw_corrections_and_sum_apart(
    guard: TestClient, gate: FakeGateControl
) -> None:
    gate.shown = view_of(
        "utama",
        temperature=TemperatureView(
            raw_celsius=34.62,
            corrections=(("offset", 1.81), ("made-up", -0.5)),
            corrected_celsius=35.93,
            threshold_celsius=37.3,
            entered_by="budi",
        ),
    )
    answer = guard.get(PAGE)
    card = answer.context["live"].temperature
    assert card.raw == "34,62"
    assert card.corrections == (("Penyetelan gerbang", "+1,81"), ("made-up", "-0,50"))
    assert card.corrected == "35,93"
    assert card.limit == "37,30"
    assert card.entered_by == "budi"


def test_a_second_reading_is_shown_beside_the_first(
    guard: TestClient, gate: FakeGateControl
) -> None:
    gate.shown = view_of(
        "utama",
        temperature=TemperatureView(
            raw_celsius=36.05,
            corrections=(),
            corrected_celsius=36.05,
            threshold_celsius=37.8,
            first_celsius=39.2,
        ),
    )
    answer = guard.get(PAGE)
    assert answer.context["live"].temperature.first == "39,20"
    assert "Pengukuran pertama" in answer.text


def test_a_temperature_above_the_limit_is_not_shown_as_if_it_were_the_limit(
    guard: TestClient, gate: FakeGateControl
) -> None:
    gate.shown = view_of(
        "utama",
        temperature=TemperatureView(
            raw_celsius=36.14,
            corrections=(("offset", 1.2),),
            corrected_celsius=37.34,
            threshold_celsius=37.3,
            standard_uncertainty_celsius=0.32,
        ),
    )
    card = guard.get(PAGE).context["live"].temperature
    assert (card.corrected, card.uncertainty, card.limit) == ("37,34", "0,64", "37,30")


def test_a_lost_device_is_named_with_what_to_do_instead(
    guard: TestClient, gate: FakeGateControl
) -> None:
    gate.shown = view_of(
        "utama",
        mode=GateMode.MANUAL,
        devices=devices(DeviceKind.THERMOMETER, DeviceKind.CAMERA),
        visitor=VISITOR,
        checks=checks(temperature=CheckState.NEEDS_GUARD),
        clock_warning="behind",
    )
    html = guard.get(PAGE).text
    assert "Termometer tidak terhubung sejak 11.30." in html
    assert "Ukur dengan termometer tangan" in html
    assert "Jam gerbang keliru." in html
    assert "data-camera" not in html


@pytest.mark.parametrize(
    ("jump_s", "words"),
    [(400 * 86400, "Jamnya melompat maju 13 bulan"), (-7200, "Jamnya melompat mundur 2 jam")],
    ids=["ahead", "back"],
)
def test_a_clock_that_jumped_says_how_far(
    guard: TestClient, gate: FakeGateControl, jump_s: float, words: str
) -> None:
    gate.shown = view_of("utama", clock_warning="jumped", clock_jump_s=jump_s)
    assert words in guard.get(PAGE).text


@pytest.mark.parametrize(
    ("kind", "trouble", "missing", "advice"),
    [
        (DeviceKind.SCANNER, DeviceTrouble.FLOOD, (), "Cabut alatnya"),
        (DeviceKind.CAMERA, DeviceTrouble.POSTER, (), "Tutupi kode itu"),
        (DeviceKind.BARRIER, DeviceTrouble.ECHO, (DeviceKind.BARRIER,), "matikan local echo"),
    ],
)
def test_a_devices_trouble_is_named_once_with_what_to_do(
    guard: TestClient,
    gate: FakeGateControl,
    kind: DeviceKind,
    trouble: DeviceTrouble,
    missing: tuple[DeviceKind, ...],
    advice: str,
) -> None:
    gate.shown = view_of(
        "utama",
        devices=tuple(
            replace(one, trouble=trouble) if one.kind is kind else one for one in devices(*missing)
        ),
    )
    assert guard.get(PAGE).text.count(advice) == 1
    told = guard.get("/readyz").json()["gates"]["utama"]["devices"]
    assert told[kind.value]["trouble"] == trouble.value


def test_a_gate_without_a_camera_says_so(guard: TestClient, gate: FakeGateControl) -> None:
    gate.shown = view_of(
        "utama",
        devices=tuple(replace(device, is_configured=False) for device in devices()),
    )
    assert "Gerbang ini tanpa kamera" in guard.get(PAGE).text


def test_the_picture_is_the_newest_one_or_nothing(guard: TestClient, gate: FakeGateControl) -> None:
    assert guard.get(f"{PAGE}/picture.jpg").status_code == 204
    gate.jpeg = b"\xff\xd8jpeg"
    answer = guard.get(f"{PAGE}/picture.jpg")
    assert answer.content == b"\xff\xd8jpeg"
    assert answer.headers["content-type"] == "image/jpeg"
    assert answer.headers["cache-control"] == "no-store"


def test_who_waits_aside_is_counted_down(guard: TestClient, gate: FakeGateControl) -> None:
    aside = AsideView(
        attempt_id="aside-1", receipt_number=None, service="KTP", ready_at=NOON, until_ready_s=61.2
    )
    gate.shown = view_of("utama", aside=(aside,))
    html = guard.get(PAGE).text
    assert 'data-countdown="62"' in html
    assert "Panggil kembali" in html


def test_last_rows_are_those_of_this_gate(guard: TestClient, fake: FakeOffice) -> None:
    gates = ("utama", "samping", "utama", *("samping",) * 60)  # however busy the others are
    for number, gate in enumerate(gates):
        fake.record.visits.write(
            Attempt(
                attempt_id=f"a-{number}",
                gate=gate,
                at=NOON,
                decision=DecisionKind.DENY,
                reason=Reason.EXPIRED,
            )
        )
    entries = guard.get(PAGE).context["live"].entries
    assert [entry.gate for entry in entries] == ["utama", "utama"]
    assert entries[0].word == "Masa berlaku habis"


def test_what_people_typed_is_escaped(
    guard: TestClient, gate: FakeGateControl, fake: FakeOffice
) -> None:
    evil = "<script>alert(1)</script>"
    gate.shown = view_of(
        "utama", visitor=replace(VISITOR, holder=evil, receipt_number=evil, service=evil)
    )
    fake.record.visits.write(
        Attempt(
            attempt_id="a",
            gate="utama",
            at=NOON,
            decision=DecisionKind.ADMIT,
            reason=Reason.OVERRIDE,
            operator=evil,
            remark=evil,
        )
    )
    html = guard.get(PAGE).text
    assert evil not in html
    assert html.count("&lt;script&gt;") >= 4


@pytest.mark.parametrize(
    ("path", "fields", "call"),
    [
        ("exit", {}, ExitButton(operator="budi")),
        ("hands", {}, CleanHands(operator="budi")),
        ("temperature", {"celsius": "36,7"}, EnterTemperature(celsius=36.7, operator="budi")),
        ("temperature", {"celsius": " 37.25 "}, EnterTemperature(celsius=37.25, operator="budi")),
        ("mask", {"label": "incorrect"}, EnterMask(label=MaskLabel.INCORRECT, operator="budi")),
        ("exempt", {"remark": " cadar "}, ExemptMask(operator="budi", remark="cadar")),
        (
            "override",
            {"decision": "admit", "remark": "kenal"},
            Override(kind=DecisionKind.ADMIT, operator="budi", remark="kenal"),
        ),
        ("confirm", {}, Confirm(operator="budi")),
        ("confirm", {"remark": "ya"}, Confirm(operator="budi", remark="ya")),
        ("clear", {}, Clear(operator="budi")),
        (
            "undo",
            {"attempt_id": "a-1", "remark": "tidak masuk"},
            Undo(attempt_id="a-1", operator="budi", remark="tidak masuk"),
        ),
        ("resume", {"attempt_id": "a-2"}, Resume(attempt_id="a-2", operator="budi")),
        (
            "emergency",
            {"service": "DARURAT", "remark": "rumah sakit"},
            AdmitEmergency(service="DARURAT", operator="budi", remark="rumah sakit"),
        ),
        (
            "emergency",
            {"service": "DARURAT", "remark": "rumah sakit", "group": "pregnant"},
            AdmitEmergency(
                service="DARURAT",
                operator="budi",
                remark="rumah sakit",
                group=PriorityGroup.PREGNANT,
            ),
        ),
        (
            "priority",
            {"group": "elderly"},
            GivePriority(group=PriorityGroup.ELDERLY, operator="budi"),
        ),
        ("priority", {"group": "none"}, GivePriority(group=None, operator="budi")),
        ("scan", {"code": "k7m2\n", "way": "out"}, ExitScan(code="K7M2", operator="budi")),
        (
            "scan",
            {"code": "gb1:ab c\t", "nonce": "n1"},
            Scan(
                code="GB1:AB C",
                source=CodeSource.KEYBOARD_SCANNER,
                nonce="n1",
                operator="budi",
            ),
        ),
    ],
)
def test_each_form_asks_the_gate_once_in_the_guards_name(
    guard: TestClient,
    gate: FakeGateControl,
    path: str,
    fields: dict[str, str],
    call: Command[Any],
) -> None:
    answer = send(guard, PAGE, f"{PAGE}/{path}", **fields)
    assert answer.status_code == 303
    assert answer.headers["location"].endswith(PAGE)
    assert gate.done == [call]


@pytest.mark.parametrize("path", ["exempt", "override", "undo", "emergency"])
def test_what_needs_a_reason_is_not_done_without_one(
    guard: TestClient, gate: FakeGateControl, path: str
) -> None:
    for remark in ("", "   ", "x" * 201):
        answer = send(guard, PAGE, f"{PAGE}/{path}", decision="admit", remark=remark)
        assert answer.status_code == 409
        assert "lasan" in answer.context["notice"]
    assert gate.done == []


@pytest.mark.parametrize("celsius", ["", "warm", "nan", "inf", "1e999", "3_6", "٣٦"])
def test_a_temperature_that_is_no_number_is_not_used(
    guard: TestClient, gate: FakeGateControl, celsius: str
) -> None:
    answer = send(guard, PAGE, f"{PAGE}/temperature", celsius=celsius)
    assert answer.status_code == 409
    assert gate.done == []


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("mask", {"label": "beard"}),
        ("priority", {"group": "king"}),
        ("override", {"decision": "x", "remark": "y"}),
    ],
)
def test_a_choice_that_does_not_exist_is_explained(
    guard: TestClient, gate: FakeGateControl, path: str, fields: dict[str, str]
) -> None:
    answer = send(guard, PAGE, f"{PAGE}/{path}", **fields)
    assert answer.status_code == 422
    assert answer.template.name == "message.html"
    assert gate.done == []


@pytest.mark.parametrize(
    "path",
    [
        "scan",
        "exit",
        "emergency",
        "hands",
        "temperature",
        "mask",
        "exempt",
        "override",
        "confirm",
        "clear",
        "undo",
        "resume",
        "priority",
    ],
)
def test_no_form_works_without_its_token(
    guard: TestClient, gate: FakeGateControl, path: str
) -> None:
    fields = {
        "label": "mask",
        "decision": "admit",
        "code": "A",
        "remark": "x",
        "celsius": "36",
        "group": "none",
    }
    assert guard.post(f"{PAGE}/{path}", data=fields).status_code == 403
    assert gate.done == []


def test_a_token_of_another_session_is_refused(
    guard: TestClient, logged_in: Browse, gate: FakeGateControl
) -> None:
    other = token_in(logged_in("sari").get(PAGE).text)
    assert guard.post(f"{PAGE}/hands", data={"csrf_token": other}).status_code == 403
    assert gate.done == []


def test_an_officer_may_not_work_the_gate(logged_in: Browse, gate: FakeGateControl) -> None:
    officer = logged_in("rina")
    answer = send(officer, "/dashboard", f"{PAGE}/hands")
    assert answer.status_code == 403
    assert gate.done == []


def test_a_conflict_is_told_in_the_guards_language(
    guard: TestClient, gate: FakeGateControl
) -> None:
    gate.conflict = "confirm_first"
    answer = send(guard, PAGE, f"{PAGE}/clear")
    assert answer.status_code == 409
    assert answer.context["notice"] == "Konfirmasi rujukannya dulu."


ACTS_ON_THE_VISITOR = {
    "hands": {},
    "temperature": {"celsius": "36,7"},
    "mask": {"label": "mask"},
    "exempt": {"remark": "cadar"},
    "override": {"decision": "deny", "remark": "kenal"},
    "confirm": {},
    "clear": {},
}


@pytest.mark.parametrize(("path", "fields"), ACTS_ON_THE_VISITOR.items())
def test_an_act_is_for_the_visitor_whom_the_page_showed(
    guard: TestClient, gate: FakeGateControl, path: str, fields: dict[str, str]
) -> None:
    gate.shown = view_of("utama", verdict=verdict(DecisionKind.FIX, Reason.COVER_NOSE))
    shown = {"attempt_id": "attempt-cover_nose", **fields}
    assert send(guard, PAGE, f"{PAGE}/{path}", **shown).status_code == 303
    assert [getattr(act, "attempt_id", None) for act in gate.done] == ["attempt-cover_nose"]
    gate.shown = view_of("utama", verdict=verdict(DecisionKind.DENY, Reason.EXPIRED))
    answer = send(guard, PAGE, f"{PAGE}/{path}", **shown)
    assert answer.status_code == 409
    assert answer.context["notice"] == (
        "Sekarang sudah pengunjung lain yang di depan; tidak ada yang diubah."
    )
    assert len(gate.done) == 1


def test_every_form_about_the_visitor_names_whom_the_page_shows(
    guard: TestClient, gate: FakeGateControl
) -> None:
    gate.shown = view_of(
        "utama",
        visitor=VISITOR,
        checks=checks(),
        verdict=verdict(DecisionKind.FIX, Reason.COVER_NOSE),
    )
    html = guard.get(PAGE).text
    for path in ACTS_ON_THE_VISITOR:
        form = html.split(f'action="/gate/utama/{path}"')[1].split("</form>")[0]
        assert 'name="attempt_id" value="attempt-cover_nose"' in form, path


def test_the_pages_script_gets_the_changed_part_or_one_sentence(
    guard: TestClient, gate: FakeGateControl
) -> None:
    token = token_in(guard.get(PAGE).text)
    answer = guard.post(f"{PAGE}/hands", data={"csrf_token": token}, headers=LIVE)
    assert answer.status_code == 200
    assert answer.text.lstrip().startswith('<div id="live"')
    gate.conflict = "lane_free"
    answer = guard.post(f"{PAGE}/hands", data={"csrf_token": token}, headers=LIVE)
    assert answer.status_code == 409
    assert answer.headers["content-type"].startswith("text/plain")
    assert answer.text == "Tidak ada orang di depan: pindai bukti daftar dulu."


def test_a_scan_that_the_lane_does_not_show_is_answered_all_the_same(
    guard: TestClient, gate: FakeGateControl
) -> None:
    gate.answer = ScanAnswer(
        status="pending", decision=DecisionKind.WAIT, reason=Reason.LANE_BUSY, attempt_id=""
    )
    answer = send(guard, PAGE, f"{PAGE}/scan", code="K7M2")
    assert answer.status_code == 409
    assert answer.context["notice"] == "Selesaikan dulu pengunjung di depan, lalu pindai lagi."


def test_a_scanner_with_another_layout_is_noticed_before_the_visitor_is_refused(
    guard: TestClient, gate: FakeGateControl
) -> None:
    answer = send(guard, PAGE, f"{PAGE}/scan", code="GB1Ö" + "A" * 90)
    assert answer.status_code == 409
    assert "tata letak" in answer.context["notice"]
    assert gate.done == []


def test_a_pasted_sentence_with_a_number_is_no_wrong_layout(
    guard: TestClient, gate: FakeGateControl
) -> None:
    pasted = "Gini ya Pak, nomor saya dari pesan kemarin: 97KRZ-GVPRV"
    send(guard, PAGE, f"{PAGE}/scan", code=pasted)
    assert gate.done[0].code == pasted.upper()


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        pytest.param("GB1:ABC", "GB1:ABC", id="as printed"),
        pytest.param("gb1:abc", "GB1:ABC", id="caps lock"),
        pytest.param("GB1:A B \r\n", "GB1:A B ", id="blanks belong to base45"),
        pytest.param("  k7m2-9qxd ", "K7M2-9QXD", id="typed number"),
        pytest.param("\t", "", id="nothing"),
    ],
)
def test_a_typed_code_is_tidied(typed: str, code: str) -> None:
    assert tidy(typed) == code


@pytest.mark.parametrize(
    ("code", "is_wrong"),
    [
        ("GB1:6BFOXN*TS0BI$ZD-PHQ7I9AD66V5B22CH", False),
        ("GB1:ABC;DEF", True),
        ("GB1>" + "A" * 80, True),
        ("K7M2-9QXD", False),
        ("GIANYAR-1", False),
    ],
)
def test_a_wrong_layout_is_recognised(code: str, is_wrong: bool) -> None:
    assert has_wrong_layout(code) is is_wrong


def test_somebody_who_is_not_inside_cannot_go_out(guard: TestClient, gate: FakeGateControl) -> None:
    gate.is_holder_inside = False
    assert send(guard, PAGE, f"{PAGE}/exit").status_code == 409
    assert send(guard, PAGE, f"{PAGE}/scan", code="K7", way="out").status_code == 409


def test_the_next_guard_takes_over_on_the_same_tablet(
    guard: TestClient, gate: FakeGateControl
) -> None:
    before = guard.cookies[SESSION_COOKIE]
    answer = send(guard, PAGE, f"{PAGE}/hand-over", name="sari", password=PASSWORD)
    assert answer.status_code == 303
    assert gate.done == [HandOver(from_user="budi", to_user="sari")]
    assert guard.cookies[SESSION_COOKIE] != before
    assert guard.get(PAGE).context["shell"].user == "sari"


@pytest.mark.parametrize(("name", "password"), [("sari", "wrong"), ("dewi", PASSWORD)])
def test_who_may_not_guard_does_not_take_over(
    guard: TestClient, gate: FakeGateControl, name: str, password: str
) -> None:
    answer = send(guard, PAGE, f"{PAGE}/hand-over", name=name, password=password)
    assert answer.status_code == 403
    assert gate.done == []
    assert guard.get(PAGE).context["shell"].user == "budi"


def test_the_stream_begins_with_the_present_and_ends_with_the_hub(
    guard: TestClient, fake: FakeOffice, gate: FakeGateControl
) -> None:
    gate.on_view = fake.hub.close
    answer = guard.get(f"{PAGE}/events")
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert answer.text.startswith("event: live\n")
    assert 'data: <div id="live"' in answer.text


def test_a_gate_that_asks_for_the_receipt_only_has_one_tile(
    guard: TestClient, gate: FakeGateControl
) -> None:
    gate.shown = view_of("utama", checks_required=(Check.RECEIPT,))
    assert [tile.check for tile in guard.get(PAGE).context["live"].checks] == ["receipt"]


def test_a_gate_that_measures_nothing_shows_no_empty_camera(
    guard: TestClient, gate: FakeGateControl
) -> None:
    absent = tuple(replace(one, is_configured=False, is_available=False) for one in devices())
    gate.shown = view_of("utama", checks_required=(Check.RECEIPT,), devices=absent)
    assert not guard.get(PAGE).context["live"].measures
    gate.shown = view_of("utama", checks_required=(Check.RECEIPT, Check.MASK), devices=absent)
    assert guard.get(PAGE).context["live"].measures
    gate.shown = view_of("utama", checks_required=(Check.RECEIPT,))
    assert guard.get(PAGE).context["live"].measures


def test_the_language_follows_the_cookie(guard: TestClient, gate: FakeGateControl) -> None:
    gate.shown = view_of("utama", verdict=verdict(DecisionKind.FIX, Reason.COVER_NOSE))
    assert "Naikkan masker sampai menutup hidung." in guard.get(PAGE).text
    guard.get("/preferences?language=en&back=/gate/utama")
    answer = guard.get(PAGE)
    assert REASONS[Reason.COVER_NOSE].visitor in answer.text
    assert '<html lang="en"' in answer.text


def test_a_confirmation_is_a_row_of_its_own(guard: TestClient, fake: FakeOffice) -> None:
    log = fake.record.visits
    log.write(
        Attempt(
            attempt_id="a",
            gate="utama",
            at=NOON,
            decision=DecisionKind.REFER,
            reason=Reason.ELEVATED_TWICE,
        )
    )
    log.confirm("a", operator="budi", remark=None, at=NOON)
    entries = guard.get(PAGE).context["live"].entries
    assert entries[0].state == EntryKind.CONFIRMATION.value
    assert entries[0].word == "Dikonfirmasi penjaga"


def test_the_stream_ends_with_the_log_in(
    guard: TestClient, fake: FakeOffice, gate: FakeGateControl
) -> None:
    def log_out() -> None:
        fake.record.accounts.close_session(hash_token(guard.cookies[SESSION_COOKIE]))
        fake.clock.move_to(fake.clock.now() + timedelta(seconds=KNOWN_FOR_S))
        gate.shown = view_of("utama", visitor=VISITOR)
        fake.hub.publish(GateChanged("utama", 2))

    gate.on_view = log_out
    assert "Siti" not in guard.get(f"{PAGE}/events").text


ELSEWHERE = NotOwner("utama", machine="pc-2", address="https://pc-2.example:8443")


def test_a_gate_that_runs_elsewhere_leads_the_guard_to_the_same_page_there(
    guard: TestClient, fake: FakeOffice
) -> None:
    fake.gates.elsewhere["utama"] = ELSEWHERE
    for path in ("/gate/utama", "/gate/utama/camera"):
        answer = guard.get(path)
        assert answer.status_code == 421
        assert answer.template.name == "elsewhere.html"
        assert f'href="https://pc-2.example:8443{path}"' in answer.text
        assert "Gerbang utama dijalankan oleh komputer pc-2." in answer.text


def test_a_gate_that_runs_elsewhere_is_told_by_its_computer_where_no_address_is_known(
    guard: TestClient, fake: FakeOffice
) -> None:
    fake.gates.elsewhere["utama"] = NotOwner("utama", machine="pc-2")
    guard.cookies.set("gerbang_language", "en")
    answer = guard.get(PAGE)
    assert "Gate utama is run by the computer pc-2." in answer.text
    assert "Open its page there" not in answer.text
    fake.gates.elsewhere["utama"] = NotOwner("utama")
    assert "No computer runs gate utama just now." in guard.get(PAGE).text


def test_a_form_for_a_gate_that_went_elsewhere_does_nothing_and_says_so(
    guard: TestClient, fake: FakeOffice, gate: FakeGateControl
) -> None:
    page = guard.get(PAGE).text
    fake.gates.elsewhere["utama"] = ELSEWHERE
    form = {"csrf_token": token_in(page), "code": "GB1:ABC"}
    answer = guard.post(f"{PAGE}/scan", data=form)
    assert answer.status_code == 421
    assert 'href="https://pc-2.example:8443/gate/utama"' in answer.text
    live = guard.post(f"{PAGE}/scan", data=form, headers=LIVE)
    assert (live.status_code, live.text) == (421, "Gerbang utama dijalankan oleh komputer pc-2.")
    assert gate.done == []


def test_among_several_gates_those_elsewhere_are_offered_there(app_of_two: FakeOffice) -> None:
    app_of_two.gates.elsewhere["dua"] = NotOwner(
        "dua", machine="pc-2", address="https://pc-2.example"
    )
    browser = TestClient(create_app(app_of_two.office), follow_redirects=False)
    browser.cookies.set(SESSION_COOKIE, open_session(app_of_two, "budi"), domain="testserver.local")
    answer = browser.get("/gate")
    assert [gate.gate for gate in answer.context["gates"]] == ["utama"]
    assert [gate.gate for gate in answer.context["elsewhere"]] == ["dua"]
    assert 'href="https://pc-2.example/gate/dua"' in answer.text


@pytest.fixture
def app_of_two() -> FakeOffice:
    return make_office("utama", "dua")


def test_a_temperature_outside_the_range_names_the_range(
    guard: TestClient, gate: FakeGateControl
) -> None:
    csrf = "form-token-of-budi"
    for typed in ("99,9", "19.9", "370"):
        answer = guard.post(
            f"{PAGE}/temperature",
            data={"csrf_token": csrf, "celsius": typed},
            headers={"X-Gerbang-Live": "1"},
        )
        assert answer.status_code == 409
        assert answer.headers["X-Gerbang-Field"] == "celsius"
        assert "20,0 sampai 45,0" in answer.text
    assert gate.done == []


def test_a_correction_of_nothing_is_not_shown(guard: TestClient, gate: FakeGateControl) -> None:
    gate.shown = view_of(
        "utama",
        temperature=TemperatureView(
            raw_celsius=36.8,
            corrections=(("offset", 0.4), ("room", -0.001)),
            corrected_celsius=36.8,
            threshold_celsius=37.3,
            standard_uncertainty_celsius=0.68,
        ),
    )
    page = guard.get(PAGE)
    assert page.context["live"].temperature.corrections == (("Penyetelan gerbang", "+0,40"),)
    assert "± 1,4" in page.text
    assert "-0,00" not in page.text
