"""A guard at work: scanner, keyboard, panels, sound and a lost connection."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from dashboard.web.auth import hash_token
from screening.accounts import KNOWN_FOR_S
from screening.decision import DecisionKind, Reason
from screening.errors import NotOwner
from screening.events import GateChanged
from screening.gate.commands import (
    CleanHands,
    EnterMask,
    EnterTemperature,
    ExitButton,
    ExitScan,
    HandOver,
    Scan,
    Undo,
)
from screening.gate.view import GateView
from screening.readings import CodeSource
from screening.receipts.number import new_number
from screening.receipts.token import sign
from tests.browser.conftest import Site, Visit, before_its_script
from tests.dashboard.fakes import PASSWORD, VISITOR, FakeGateControl, verdict, view_of
from tests.screening.receipts.builders import OURS, claims

pytestmark = pytest.mark.browser

TOKEN = "GB1:6BFOXN*TS0BI$ZD-PHQ7I9 AD66V5B22CH"


def show(site: Site, gate: str, **changes: object) -> None:
    """The gate changes and tells its pages."""
    control = site.fake.gates.controls[gate]
    control.shown = view_of(gate, **changes)
    site.fake.hub.publish(GateChanged(gate, 2))


def admit_on_scan(site: Site, gate: str) -> FakeGateControl:
    """The next scan at this gate admits."""
    control = site.fake.gates.controls[gate]
    admitted: GateView = view_of(
        gate,
        visitor=replace(VISITOR, place=1, party_size=1),
        verdict=verdict(
            DecisionKind.ADMIT, Reason.ADMITTED, seat="C3", ticket="KTP-077", can_annul=True
        ),
    )

    def admit() -> None:
        control.shown = admitted

    control.on_scan = admit
    return control


def test_a_guard_logs_in_scans_sees_the_verdict_and_undoes_it(visit: Visit, site: Site) -> None:
    control = admit_on_scan(site, "kosong")
    page = visit("/gate/kosong")
    page.fill("#name", "budi")
    page.fill("#password", PASSWORD)
    with page.expect_navigation():  # until the page has its scripts, and with them its shortcuts
        page.keyboard.press("Enter")
    expect(page.locator(".verdict-word")).to_have_text("Pengunjung berikutnya, silakan")
    expect(page.locator("#scan")).to_be_focused()
    page.keyboard.type(TOKEN.lower())
    page.keyboard.press("Enter")
    expect(page.locator(".verdict-word")).to_have_text("Boleh masuk")
    expect(page.locator(".tickets")).to_contain_text("KTP-077")
    expect(page.locator("#scan")).to_have_value("")
    first = control.done[0]
    assert isinstance(first, Scan)
    assert (first.code, first.source) == (TOKEN, CodeSource.KEYBOARD_SCANNER)
    page.keyboard.press("Alt+u")
    expect(page.locator("#undo-remark")).to_be_focused()
    page.evaluate("dispatchEvent(new Event('focus'))")  # back from another window
    expect(page.locator("#undo-remark")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#panel-undo")).to_be_hidden()
    assert control.done[-1] == Undo(
        attempt_id="attempt-admitted", operator="budi", remark="Tidak jadi masuk"
    )


@pytest.mark.parametrize("where", ["#scan", "the page"])
def test_keys_and_a_scanner_count_before_the_page_s_script_is_there(
    visit: Visit, site: Site, where: str
) -> None:
    control = admit_on_scan(site, "kosong")
    page = visit("/gate/kosong", user="budi")
    with before_its_script(page, "guard.js"):
        page.reload(wait_until="commit")
        expect(page.locator("#scan")).to_be_focused()
        if where != "#scan":
            page.evaluate("document.activeElement.blur()")
        page.keyboard.type("K7M2-9QXD")
        page.keyboard.press("Alt+x")
    expect(page.locator("#panel-exit")).to_be_visible()
    expect(page.locator("#scan")).to_have_value("K7M2-9QXD")
    assert control.done == []


def test_a_scanner_is_heard_wherever_the_focus_is(visit: Visit, site: Site) -> None:
    control = admit_on_scan(site, "kosong")
    page = visit("/gate/kosong", user="budi")
    page.locator(".menu-button").focus()
    page.keyboard.type("K7M2-9QXD")
    page.keyboard.press("Tab")
    expect(page.locator(".verdict-word")).to_have_text("Boleh masuk")
    first = control.done[0]
    assert isinstance(first, Scan)
    assert first.code == "K7M2-9QXD"


def test_a_scanner_that_sends_no_enter_is_heard_after_a_pause(visit: Visit, site: Site) -> None:
    control = admit_on_scan(site, "kosong")
    page = visit("/gate/kosong", user="budi")
    tokens = [sign(claims(number=number), OURS) for number in ("AAAA", "BBBB")]
    for count, token in enumerate(tokens, start=1):
        with page.expect_response("**/gate/kosong/scan"):
            page.keyboard.insert_text(f"*{token}")
        expect(page.locator("#scan")).to_have_value("")
        scans = [act for act in control.done if isinstance(act, Scan)]
        assert len(scans) == count
        assert token in scans[-1].code
        page.keyboard.press("Enter")  # of a scanner that sends it late
        expect(page.locator("#notice")).to_be_hidden()


@pytest.mark.parametrize("way", ["in", "out"])
def test_a_code_that_a_scanner_sends_again_and_again_counts_once(
    visit: Visit, site: Site, way: str
) -> None:
    control = site.fake.gates.controls["kosong"]
    page = visit("/gate/kosong", user="budi")
    page.clock.install(time=0)
    page.clock.pause_at(3_600_000)
    token = sign(claims(number="AAAA"), OURS)
    if way == "out":  # for one scan: then the page's way is in again
        page.locator("#scan-form .way label").last.click()
        page.locator("#scan").focus()
    for _ in range(5):  # a scanner in continuous mode
        page.keyboard.insert_text(token)
        page.keyboard.press("Enter")
        page.keyboard.press("Enter")  # carriage return and line feed
        expect(page.locator("#scan")).to_have_value("")
        page.clock.fast_forward(500)
    expect(page.locator("#notice")).to_be_hidden()
    assert [type(act) for act in control.done] == [ExitScan if way == "out" else Scan]
    page.clock.fast_forward(3000)
    with page.expect_response("**/gate/kosong/scan"):  # shown anew
        page.keyboard.insert_text(token)
        page.keyboard.press("Enter")
    assert len(control.done) == 2


def test_a_press_that_bounces_lets_one_person_out(visit: Visit, site: Site) -> None:
    control = site.fake.gates.controls["kosong"]
    page = visit("/gate/kosong", user="budi")
    page.keyboard.press("Alt+x")
    with page.expect_response("**/exit"):
        page.evaluate(
            "for (let press = 0; press < 3; press += 1)"
            " document.querySelector('#panel-exit [type=submit]').click()"
        )
    expect(page.locator("#panel-exit")).to_be_hidden()
    assert control.done == [ExitButton(operator="budi")]
    page.keyboard.press("Alt+x")
    with page.expect_response("**/exit"):
        page.keyboard.press("Enter")
    assert control.done == [ExitButton(operator="budi")] * 2


def test_what_is_typed_by_hand_waits_for_the_guard(visit: Visit, site: Site) -> None:
    control = admit_on_scan(site, "kosong")
    page = visit("/gate/kosong", user="budi")
    page.clock.install()
    number = new_number()
    for key in number:
        page.keyboard.press(key)
        page.clock.run_for(80)
    page.clock.run_for(3000)
    expect(page.locator("#scan")).to_have_value(number)
    assert control.done == []


def test_typing_elsewhere_is_said_and_f2_leads_back(visit: Visit, site: Site) -> None:
    page = visit("/gate/perbaiki", user="budi")
    state = page.locator("#scan-state")
    expect(state).to_contain_text("Siap memindai")
    page.keyboard.press("Alt+o")
    expect(page.locator("#override-remark")).to_be_focused()
    expect(state).to_contain_text("isian lain")
    page.keyboard.press("F2")
    expect(page.locator("#panel-override")).to_be_hidden()
    expect(page.locator("#scan")).to_be_focused()
    expect(state).to_contain_text("Siap memindai")


def test_everything_can_be_done_with_the_keyboard(visit: Visit, site: Site) -> None:
    control = site.fake.gates.controls["manual"]
    page = visit("/gate/manual", user="budi")
    with page.expect_response("**/gate/manual/hands"):
        page.keyboard.press("Alt+h")
    page.wait_for_function("document.activeElement.id === 'scan'")
    page.keyboard.press("Alt+t")
    page.keyboard.type("36,8")
    page.keyboard.press("Enter")
    expect(page.locator("#panel-temperature")).to_be_hidden()
    page.keyboard.press("Alt+m")
    page.locator("#panel-mask button[value=incorrect]").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#panel-mask")).to_be_hidden()
    assert [(type(act), getattr(act, "operator", "")) for act in control.done] == [
        (CleanHands, "budi"),
        (EnterTemperature, "budi"),
        (EnterMask, "budi"),
    ]


def test_the_verdict_changes_by_itself(visit: Visit, site: Site) -> None:
    page = visit("/gate/kosong", user="budi")
    for kind, reason, word in (
        (DecisionKind.FIX, Reason.PUT_MASK_ON, "Sebentar lagi"),
        (DecisionKind.WAIT, Reason.ROOM_FULL, "Tunggu dulu"),
        (DecisionKind.REFER, Reason.ELEVATED_TWICE, "Ke petugas"),
        (DecisionKind.DENY, Reason.EXPIRED, "Belum bisa masuk"),
        (DecisionKind.ADMIT, Reason.RETURNED, "Boleh masuk"),
    ):
        show(site, "kosong", verdict=verdict(kind, reason))
        expect(page.locator(".verdict-word")).to_have_text(word)
        expect(page.locator("#live")).to_have_attribute("data-state", kind.value)


def test_typed_text_survives_a_change_of_the_verdict(visit: Visit, site: Site) -> None:
    page = visit("/gate/perbaiki", user="budi")
    page.keyboard.press("Alt+o")
    page.keyboard.type("kenal baik")
    show(site, "perbaiki", verdict=verdict(DecisionKind.FIX, Reason.PUT_MASK_ON))
    expect(page.locator(".verdict-headline")).to_have_text("Pakai masker")
    expect(page.locator("#override-remark")).to_have_value("kenal baik")
    expect(page.locator("#override-remark")).to_be_focused()


def test_an_open_panel_stays_with_its_visitor_and_a_new_one_takes_the_next(
    visit: Visit, site: Site
) -> None:
    control = site.fake.gates.controls["perbaiki"]
    show(site, "perbaiki", verdict=verdict(DecisionKind.FIX, Reason.COVER_NOSE))
    page = visit("/gate/perbaiki", user="budi", expected="409")
    page.keyboard.press("Alt+o")
    page.keyboard.type("kenal baik")
    show(site, "perbaiki", verdict=verdict(DecisionKind.FIX, Reason.PUT_MASK_ON))
    expect(page.locator(".verdict-headline")).to_have_text("Pakai masker")
    page.keyboard.press("Enter")
    expect(page.locator("#notice")).to_contain_text("pengunjung lain")
    assert control.done == []
    page.keyboard.press("Escape")
    expect(page.locator("#panel-override")).to_be_hidden()
    page.keyboard.press("Alt+o")
    page.keyboard.press("Enter")
    expect(page.locator("#panel-override")).to_be_hidden()
    assert [getattr(act, "attempt_id", None) for act in control.done] == ["attempt-put_mask_on"]


def test_a_refusal_of_the_gate_is_said_in_one_sentence(visit: Visit, site: Site) -> None:
    site.fake.gates.controls["perbaiki"].is_holder_inside = False
    page = visit("/gate/perbaiki", user="budi", expected="409")
    page.keyboard.press("Alt+x")
    expect(page.locator("#panel-exit")).to_be_visible()
    with page.expect_response("**/exit") as answer:
        page.keyboard.press("Enter")
    assert answer.value.status == 409
    expect(page.locator("#notice")).to_contain_text("Tidak ada orang di dalam")


def test_sound_is_off_until_somebody_turns_it_on(visit: Visit, site: Site) -> None:
    page = visit("/gate/kosong", user="budi")
    button = page.locator("#sound")
    expect(button).to_have_attribute("aria-pressed", "false")
    expect(button).to_contain_text("Aktifkan suara")
    button.click()
    expect(button).to_have_attribute("aria-pressed", "true")


def test_the_picture_is_shown_and_goes_away_with_the_camera(visit: Visit, site: Site) -> None:
    page = visit("/gate/perbaiki", user="budi")
    expect(page.locator("#picture")).to_be_visible()
    site.fake.gates.controls["perbaiki"].jpeg = None
    expect(page.locator("#picture")).to_be_hidden()


def test_an_ended_stream_is_said_loudly(visit: Visit, site: Site) -> None:
    page = visit("/gate/perbaiki", user="budi", expected="ERR_FAILED")
    expect(page.locator("#lost")).to_be_hidden()
    page.route("**/events", lambda route: route.abort())
    site.fake.hub.close()
    expect(page.locator("#lost")).to_be_visible()
    expect(page.locator("#lost")).to_contain_text("Sambungan ke server terputus")


@pytest.mark.parametrize("page_of", ["gate", "kiosk"])
def test_a_gate_that_comes_here_opens_by_itself(visit: Visit, site: Site, page_of: str) -> None:
    site.fake.gates.elsewhere["kosong"] = NotOwner("kosong", machine="pc-2")
    page = visit(f"/{page_of}/kosong", user="budi", expected="421")
    page.clock.install()
    page.reload()
    expect(page.locator("main")).to_contain_text("pc-2")
    page.clock.run_for(6000)
    expect(page.locator("main")).to_contain_text("pc-2")
    site.fake.gates.elsewhere.clear()
    page.clock.run_for(6000)
    expect(page.locator("#live")).to_be_visible()


def test_the_page_works_without_scripts(visit: Visit, site: Site) -> None:
    control = admit_on_scan(site, "kosong")
    page = visit("/gate/kosong", user="budi", has_scripts=False)
    page.fill("#scan", "K7M2-9QXD")
    page.keyboard.press("Enter")
    expect(page.locator(".verdict-word")).to_have_text("Boleh masuk")
    page.locator("[data-key=U]").click()
    with page.expect_navigation():
        page.locator("#panel-undo button[type=submit]").click()
    assert [type(act) for act in control.done] == [Scan, Undo]


def test_without_scripts_nothing_typed_is_wiped_and_no_picture_is_promised(
    visit: Visit, site: Site
) -> None:
    page = visit("/gate/perbaiki", user="budi", has_scripts=False)
    assert page.locator("meta[http-equiv=refresh]").count() == 0
    expect(page.locator(".camera img:visible")).to_have_attribute(
        "src", "/gate/perbaiki/picture.jpg"
    )
    expect(page.get_by_role("link", name="Keadaan terbaru")).to_be_visible()


def test_the_next_guard_takes_over_without_leaving_the_page(visit: Visit, site: Site) -> None:
    page = visit("/gate/kosong", user="budi")
    page.locator(".bar [popovertarget=panel-hand-over]").click()
    page.fill("#next-name", "sari")
    page.fill("#next-password", PASSWORD)
    page.keyboard.press("Enter")
    expect(page.locator(".menu-user")).to_have_text("sari")
    assert page.url.endswith("/gate/kosong")
    assert site.fake.gates.controls["kosong"].done == [HandOver(from_user="budi", to_user="sari")]


def test_a_log_in_that_is_over_leads_to_the_log_in(visit: Visit, site: Site) -> None:
    page = visit("/gate/kosong", user="budi", expected="401")
    expect(page.locator("#scan-state")).to_contain_text("Siap memindai")
    site.fake.record.accounts.close_session(hash_token("session-of-budi"))
    site.fake.clock.move_to(site.fake.clock.now() + timedelta(seconds=KNOWN_FOR_S))
    show(site, "kosong")
    expect(page.locator("#password")).to_be_visible()
    assert page.url.endswith("/login?following=/gate/kosong")


def test_a_panel_keeps_what_is_typed_and_gives_the_focus_back(visit: Visit, site: Site) -> None:
    page = visit("/gate/kosong", user="budi")
    for key, panel in (("r", "panel-emergency"), ("x", "panel-exit")):
        page.keyboard.press(f"Alt+{key}")
        expect(page.locator(f"#{panel}")).to_be_visible()
        for _ in range(12):
            page.keyboard.press("Tab")
            assert page.evaluate("!!document.activeElement.closest('.panel')")
        page.keyboard.press("Escape")
        expect(page.locator("#scan")).to_be_focused()
    page.keyboard.press("Alt+r")
    page.locator("#panel-emergency input[type=radio]").first.check()
    page.keyboard.type("rumah sakit")
    expect(page.locator("#emergency-remark")).to_have_value("rumah sakit")
    expect(page.locator("#scan")).to_have_value("")


def test_a_code_scanned_into_a_panel_is_a_scan_and_no_reason(visit: Visit, site: Site) -> None:
    control = admit_on_scan(site, "perbaiki")
    page = visit("/gate/perbaiki", user="budi")
    page.keyboard.press("Alt+o")
    expect(page.locator("#override-remark")).to_be_focused()
    page.keyboard.type(TOKEN)
    page.keyboard.press("Enter")
    expect(page.locator(".verdict-word")).to_have_text("Boleh masuk")
    assert [type(act) for act in control.done] == [Scan]


def test_a_wrong_temperature_is_said_beside_its_field_with_the_range(
    visit: Visit, site: Site
) -> None:
    page = visit("/gate/manual", user="budi", expected="409")
    page.keyboard.press("Alt+t")
    for typed in ("99,9", "abc"):
        page.fill("#celsius", typed)
        page.keyboard.press("Enter")
        error = page.locator("#panel-temperature [role=alert]")
        expect(error).to_contain_text("Itu tidak mungkin" if typed == "99,9" else "Ketik suhu")
        expect(page.locator("#celsius")).to_be_focused()
    expect(page.locator("#celsius-range")).to_contain_text("20,0 sampai 45,0")


def test_the_focus_stays_on_its_button_while_the_page_changes(visit: Visit, site: Site) -> None:
    page = visit("/gate/manual", user="budi")
    page.locator("#act-override").focus()
    for number, reason in enumerate((Reason.STAND_STILL, Reason.PUT_MASK_ON, Reason.EXPIRED)):
        kind = DecisionKind.DENY if reason is Reason.EXPIRED else DecisionKind.FIX
        show(site, "manual", verdict=verdict(kind, reason), occupancy=number)
        expect(page.locator("#live")).to_have_attribute("data-attempt", f"attempt-{reason}")
        expect(page.locator("#act-override")).to_be_focused()
    show(site, "manual")
    expect(page.locator("#scan")).to_be_focused()
