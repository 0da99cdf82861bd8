"""The guard's page at a glance: at each size and in each state all of it is in sight."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from dashboard.web.gate.next_act import BUTTONS, Act
from dashboard.web.language import Languages
from screening.decision import DecisionKind, Reason
from screening.events import GateChanged
from screening.gate.thermal import ThermalView
from screening.gate.view import AsideView, CheckState, OutsideView
from tests.browser.conftest import Site, Visit
from tests.browser.states import TEMPERATURE, states
from tests.browser.test_accessibility import violations
from tests.contracts.builders import attempt
from tests.dashboard.fakes import NOON, VISITOR, checks, verdict, view_of
from tests.dashboard.tickets import keep_a_line_waiting
from tests.dashboard.visitor.test_receipt import CLAIMS

pytestmark = pytest.mark.browser

SIZES = (
    (820, 1180),
    (1080, 1920),
    (1024, 600),
    (1024, 768),
    (1366, 768),
    (1440, 900),
    (1920, 1080),
)
IN_SIGHT = (
    "#live .verdict-word",
    "#live .verdict-headline",
    "#live .verdict-say",
    "#live .main-act",
    "#live .verdict-actions > *",
    "#live .verdict-actions button",
    "#live .person-name",
    "#live .check",
    "#live .person-actions button",
    "#live .camera",
    "#live .thermal-ground",
    "#live .thermo-number",
    "#scan",
    ".way label",
    "#scan-form > button",
    ".dock-actions button",
    ".waits",
    ".waits button",
)
ON_A_PHONE = (
    "#live .verdict-word",
    "#live .verdict-headline",
    "#live .verdict-say",
    "#live .main-act",
    "#live .waits",
    "#live .waits button",
    ".occupancy-now",
    "#scan",
    ".way label",
    "#scan-form > button",
    ".dock-actions button",
)
MEASURE = """(selectors) => {
  const problems = [];
  for (const selector of selectors) {
    for (const element of document.querySelectorAll(selector)) {
      if (!element.checkVisibility()) continue;
      const box = element.getBoundingClientRect();
      if (!box.width || !box.height) continue;
      const name = `${selector} ${element.textContent.trim().slice(0, 20)}`;
      if (box.left < 0 || box.top < 0
        || box.right > innerWidth + 1 || box.bottom > innerHeight + 1) {
        problems.push(`${name}: out of sight`);
        continue;
      }
      const inset = Math.min(4, box.height / 3);
      for (const [x, y] of [
        [box.left + inset, box.top + inset], [box.right - inset, box.bottom - inset],
        [(box.left + box.right) / 2, (box.top + box.bottom) / 2],
      ]) {
        const top = document.elementFromPoint(x, y);
        if (!(element.contains(top) || top?.contains(element))) problems.push(`${name}: covered`);
      }
    }
  }
  if (innerWidth < 700) return problems;
  for (const needed of ["#live .main-act", "#live .camera", "#live .person-name", "#scan"]) {
    if (!document.querySelector(needed)?.checkVisibility()) problems.push(`${needed}: missing`);
  }
  const main = document.querySelector("#live .main-act").getBoundingClientRect();
  for (const other of document.querySelectorAll("#live .button:not(.main-act)")) {
    const box = other.getBoundingClientRect();
    if (box.width * box.height >= main.width * main.height) {
      problems.push("the next act is not the biggest");
    }
  }
  for (const button of document.querySelectorAll("#live .glance .button, .dock-actions .button")) {
    if (button.checkVisibility() && !button.querySelector("kbd")?.checkVisibility()) {
      problems.push(`no key: ${button.textContent.trim()}`);
    }
  }
  return problems;
}"""

NEXT_ACT = {
    "kosong": Act.SCAN,
    "tangan": Act.HANDS,
    "perbaiki": Act.MASK,
    "manual": Act.TEMPERATURE,
    "masuk": Act.NEXT,
    "tunggu": Act.NEXT,
    "rujuk": Act.CONFIRM,
    "tolak": Act.NEXT,
    "termal": Act.TEMPERATURE,
}


WAITS_ASIDE = AsideView(
    attempt_id="aside-1",
    holder="Siti R.",
    can_resume=True,
    receipt_number="K7M2-9QXD",
    service="KTP",
    ready_at=NOON,
    until_ready_s=0,
)


@pytest.mark.parametrize(
    ("has_ribbon", "language"), [(False, "en"), (True, "id")], ids=["office", "demo"]
)
def test_everything_a_guard_needs_is_in_sight(
    visit: Visit, site: Site, has_ribbon: bool, language: str
) -> None:
    say = Languages()[language].say
    object.__setattr__(site.fake.office, "is_demo", has_ribbon)
    keep_a_line_waiting(site.fake)
    control = site.fake.gates.controls["perbaiki"]
    alone = replace(VISITOR, place=1, party_size=1)
    thermal = view_of(
        "perbaiki",
        visitor=alone,
        checks=checks(receipt=CheckState.PASSED, hands=CheckState.PASSED),
        temperature=TEMPERATURE,
        verdict=verdict(DecisionKind.FIX, Reason.STAND_STILL),
        thermal=ThermalView(rows=24, columns=32, refusals=(), follows_face=True),
    )
    views = states() | {"termal": thermal}
    page = visit("/gate/perbaiki", user="budi", language=language)
    problems = {}
    for size in SIZES:
        page.set_viewport_size({"width": size[0], "height": size[1]})
        for number, (name, act) in enumerate(NEXT_ACT.items()):
            key = f"{size} {number}"
            shown = replace(views[name], gate="perbaiki")
            control.shown = replace(
                shown,
                verdict=shown.verdict and replace(shown.verdict, attempt_id=f"{name} {key}"),
            )
            site.fake.hub.publish(GateChanged("perbaiki", number))
            attempt = f"{name} {key}" if shown.verdict else ""
            expect(page.locator("#live")).to_have_attribute("data-attempt", attempt)
            expect(page.locator(".main-act span")).to_have_text(say(BUTTONS[act].word))
            if found := page.evaluate(MEASURE, list(IN_SIGHT)):
                problems[f"{name} at {size}"] = found
    assert not problems, "\n".join(f"{at}: {found}" for at, found in problems.items())
    control.shown = view_of("perbaiki", occupancy=30, capacity=30)
    site.fake.hub.publish(GateChanged("perbaiki", 99))
    expect(page.locator(".verdict-hint")).to_contain_text(re.compile(r"\d+–\d+ m"))
    assert page.evaluate(MEASURE, list(IN_SIGHT)) == []


@pytest.mark.parametrize("size", [(360, 740), (390, 844)], ids=str)
def test_the_next_act_is_on_a_phone_s_first_screen(
    visit: Visit, site: Site, size: tuple[int, int]
) -> None:
    page = visit("/gate/perbaiki", user="budi", size=size)
    control = site.fake.gates.controls["perbaiki"]
    problems = {}
    for number, (name, view) in enumerate(states().items()):
        shown = replace(
            view,
            gate="perbaiki",
            aside=() if name == "manual" else (WAITS_ASIDE,),
            verdict=view.verdict and replace(view.verdict, attempt_id=name),
        )
        control.shown = shown
        site.fake.hub.publish(GateChanged("perbaiki", number))
        attempt = name if view.verdict else ""
        expect(page.locator("#live")).to_have_attribute("data-attempt", attempt)
        if found := page.evaluate(MEASURE, list(ON_A_PHONE)):
            problems[name] = found
    assert not problems, "\n".join(f"{at}: {found}" for at, found in problems.items())


@pytest.mark.parametrize("size", [(360, 740), (820, 1180), (1024, 768)], ids=str)
def test_who_waits_is_seen_and_called_without_scrolling(
    visit: Visit, site: Site, size: tuple[int, int]
) -> None:
    control = site.fake.gates.controls["masuk"]
    control.shown = replace(control.shown, aside=(WAITS_ASIDE,))
    page = visit("/gate/masuk", user="budi", size=size)
    waits = page.get_by_role("region", name="Yang menunggu", exact=True)
    expect(waits).to_be_in_viewport(ratio=1)
    expect(waits).to_contain_text("1 pengunjung menunggu")
    expect(waits).to_contain_text("Siti R.")
    with page.expect_response("**/resume"):
        waits.get_by_role("button", name="Panggil kembali: Siti R.").click()
    assert [getattr(act, "attempt_id", None) for act in control.done] == ["aside-1"]


@pytest.mark.parametrize("size", [(820, 1180), (1440, 900)], ids=str)
def test_whose_pause_is_over_is_called_by_a_key(
    visit: Visit, site: Site, size: tuple[int, int]
) -> None:
    control = site.fake.gates.controls["masuk"]
    control.shown = replace(control.shown, aside=(replace(WAITS_ASIDE, until_ready_s=3600),))
    page = visit("/gate/masuk", user="budi", size=size)
    waits = page.locator(".waits")
    expect(waits.locator("[data-countdown]")).to_contain_text("59:")
    expect(waits.get_by_role("button")).to_be_hidden()
    page.keyboard.press("Alt+p")
    control.shown = replace(control.shown, aside=(WAITS_ASIDE,))
    site.fake.hub.publish(GateChanged("masuk", 3))
    expect(waits).to_have_class("waits due")
    assert control.done == []
    with page.expect_response("**/resume"):
        page.keyboard.press("Alt+p")
    assert [getattr(act, "attempt_id", None) for act in control.done] == ["aside-1"]


def test_who_waits_outside_is_called_by_name_as_soon_as_there_is_a_place(
    visit: Visit, site: Site
) -> None:
    control, record = site.fake.gates.controls["kosong"], site.fake.record
    now, receipt = site.fake.clock.now(), replace(CLAIMS, party_size=1, holder="Siti R.")
    record.facts.put(
        set_capacity=record.visits.figures(since=now - timedelta(hours=12), at=now).occupancy
    )
    waits = record.visits.write(attempt(receipt=receipt, at=now))
    assert waits.reason is Reason.ROOM_FULL
    waiting = OutsideView(
        attempt_id="out-1",
        holder="Siti R.",
        receipt_number=receipt.number,
        service="KTP",
        since=NOON,
    )
    control.shown = view_of("kosong", outside=(waiting,), occupancy=30)
    page = visit("/gate/kosong", user="budi", size=(1366, 768))
    expect(page.locator(".verdict-headline")).to_have_text("Ruangan penuh")
    outside = page.get_by_role("region", name="Menunggu di luar")
    expect(outside).to_contain_text("Siti R.")
    call = page.get_by_role("button", name="Panggil masuk: Siti R.")
    expect(call).to_have_count(0)
    control.shown = view_of("kosong", outside=(waiting,), occupancy=29)
    record.facts.put(set_capacity=record.facts.current().capacity + 1)
    site.fake.hub.publish(GateChanged("kosong", 3))
    with page.expect_response("**/line"):
        outside.get_by_role("button", name="Panggil masuk: Siti R.").click()
    came = outside.get_by_role("button", name="Sudah datang: Siti R.")
    expect(came).to_be_visible()
    expect(outside).to_contain_text("dipanggil masuk, sampai pukul")
    with page.expect_response("**/line"):
        page.keyboard.press("Alt+p")
    assert [getattr(act, "attempt_id", None) for act in control.done] == ["out-1"]
    with page.expect_response("**/line"):
        outside.get_by_role("button", name="Menyerah: Siti R.").click()
    expect(came).to_have_count(0)
    with page.expect_response("**/line"):
        outside.get_by_role("button", name="Batalkan: Siti R.").click()
    expect(came).to_be_visible()
    assert violations(page) == []


def test_at_the_end_of_the_pause_there_is_something_to_press(visit: Visit, site: Site) -> None:
    control = site.fake.gates.controls["kosong"]
    control.shown = view_of("kosong", aside=(replace(WAITS_ASIDE, until_ready_s=1),))
    page = visit("/gate/kosong", user="budi", size=(1366, 768))
    with page.expect_response("**/resume"):
        page.get_by_role("button", name="Panggil kembali: Siti R.").click()
    assert [getattr(act, "attempt_id", None) for act in control.done] == ["aside-1"]
