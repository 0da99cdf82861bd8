"""The waiting room's screens in a real browser: readable, never old, and heard once."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from dashboard.web.speakers import VOICE_COOKIE
from screening.office.facts import Mode
from screening.office.speakers import Speaker
from screening.queue.tickets import Act
from tests.browser.conftest import Site, Visit
from tests.browser.test_accessibility import violations
from tests.dashboard.tickets import act, come_in, keep_a_line_waiting, open_counters, wait

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

SIZES = ((1920, 1080), (1080, 1920), (1366, 768), (1024, 768), (720, 1280))
OVERHANG = """() => {
  const parts = [...document.querySelectorAll(
    ".screen-bar > *, .call-number, .call-place b, .display-title, .display-ahead span,"
    + ".display-free > *, .display-turns li span")]
    .filter((part) => part.checkVisibility());
  const inside = (part) => {
    const box = part.getBoundingClientRect();
    const room = part.closest(".display-newest, .display-others, .display-foot, header")
      .getBoundingClientRect();
    return box.right <= room.right + 1 && box.bottom <= room.bottom + 1 && box.top >= room.top - 1;
  };
  return parts.filter((part) => !inside(part)).map((part) => part.textContent);
}"""
CALLS_A_DAY, DAY_MS = 48, 8 * 3_600_000
MOST_GROWN = 1_000_000
"""Bytes of the heap; the page itself has about four times as many."""
MUTE = "AudioContext|ERR_FAILED"
VOICES = """() => {
  window.said = [];
  const voices = ["id-ID", "en-GB"].map((lang) => ({ lang, localService: true, name: lang }));
  const synthesis = {
    getVoices: () => voices,
    addEventListener: () => {},
    speak: (words) => { window.said.push(words.text); setTimeout(() => words.done(), 0); },
  };
  Object.defineProperty(window, "speechSynthesis", { value: synthesis });
  window.SpeechSynthesisUtterance = class {
    constructor(text) { this.text = text; }
    addEventListener(name, done) { if (name === "end") this.done = done; }
  };
}"""
"""A browser with a voice for both languages, which notes what it says."""
SPOKEN = [
    "Nomor L, nol nol empat. Silakan ke loket 9.",
    "Number L, zero zero four. Please go to counter 9.",
]


def call(site: Site, label: str, counter: str = "9", **fields: Any) -> None:
    """Somebody comes in and is called there."""
    open_counters(site.fake, counter, **fields)
    come_in(site.fake, label)
    act(site.fake, Act.CALL, counter, ticket=label)


def let_speak(page: Page, site: Site) -> None:
    """Somebody of the office let this browser speak."""
    place, name = "/display/utama", f"{len(site.fake.record.facts.current().speakers):08x}"
    speaker = Speaker(place=place, by="rina", since=site.fake.clock.now())
    site.fake.record.facts.put(
        speakers={**site.fake.record.facts.current().speakers, name: speaker}
    )
    key = f"{name}.{site.fake.office.survey.kiosk_key(f'voice of {place} {name}')}"
    where = f"{site.address}{place}"
    page.context.add_cookies([{"name": VOICE_COOKIE, "value": key, "url": where}])


def quiet_room(site: Site) -> None:
    """Nobody is called in this one."""
    site.fake.record.facts.put(counters={})


@pytest.mark.parametrize("language", ["id", "en"])
def test_the_display_fits_every_screen(visit: Visit, site: Site, language: str) -> None:
    page = visit("/login", expected=MUTE)
    keep_a_line_waiting(site.fake)
    let_speak(page, site)
    misfits = {}
    for mode, message in ((Mode.EVERYDAY, "Bawa KTP asli " * 20), (Mode.OUTBREAK, None)):
        site.fake.record.facts.put(mode=mode, message=message)
        page.goto(f"{site.address}/display/utama?language={language}")
        page.locator("#voice-tap").click()
        for width, height in SIZES:
            page.set_viewport_size({"width": width, "height": height})
            if over := page.evaluate(OVERHANG):
                misfits[f"{mode} {width}x{height}"] = [one.strip()[:20] for one in over]
        assert violations(page) == []
    assert misfits == {}


def test_numbers_are_read_at_eight_metres(visit: Visit, site: Site) -> None:
    """A letter is read at 250 times its height; the screen's short side has half a metre."""
    site.fake.record.facts.put(message="Mohon bawa KTP asli dan kartu keluarga. " * 3)
    for size in ((1920, 1080), (1080, 1920)):
        page = visit("/display/utama", size=size, expected=MUTE)
        metres_a_pixel = 0.53 / min(size)
        for part in (
            ".newest .call-number",
            ".newest .call-place",
            ".display-others .call-number",
            ".display-turns li",
            ".display-free span",
        ):
            font_px = page.locator(f"#live {part}").first.evaluate(
                "(part) => parseFloat(getComputedStyle(part).fontSize)"
            )
            assert 0.72 * font_px * metres_a_pixel * 250 >= 8, (size, part)


def test_a_call_comes_at_once_and_what_is_old_is_covered(visit: Visit, site: Site) -> None:
    quiet_room(site)
    page = visit("/display/utama", size=(1920, 1080), expected=MUTE)
    expect(page.locator("h1")).to_have_text("Belum ada nomor yang dipanggil")
    call(site, "L-004")
    expect(page.locator(".newest .call-number")).to_have_text("L-004")
    expect(page.locator("#old")).to_be_hidden()
    page.evaluate(
        "() => document.getElementById('old').getAnimations().forEach((one) => one.finish())"
    )
    expect(page.locator("#old")).to_be_visible()
    act(site.fake, Act.DONE, "9")
    expect(page.locator("#old")).to_be_hidden()
    expect(page.locator(".newest")).to_have_count(0)


def heard(visit: Visit, site: Site, *, taps: bool = True) -> Page:
    """A display in a browser that has voices."""
    page = visit("/login", size=(1280, 720), expected=MUTE)
    page.add_init_script(f"({VOICES})()")
    let_speak(page, site)
    page.goto(f"{site.address}/display/utama")
    if taps:
        page.locator("#voice-tap").click()
        expect(page.locator("#voice-tap")).to_be_hidden()
    return page


def test_each_call_is_heard_once_however_many_screens_hang_there(visit: Visit, site: Site) -> None:
    quiet_room(site)
    screens = [heard(visit, site) for _ in range(3)]
    silent = heard(visit, site, taps=False)
    call(site, "L-004")
    for screen in (*screens, silent):
        expect(screen.locator(".newest .call-number")).to_have_text("L-004")
    speaker = next_speaker(screens)
    speaker.wait_for_function("() => window.said.length === 2")
    wait(site.fake, 5)
    act(site.fake, Act.RECALL, "9")
    speaker.wait_for_function("() => window.said.length === 4")
    everything = [text for one in (*screens, silent) for text in one.evaluate("window.said")]
    assert everything == [*SPOKEN, *SPOKEN]


def next_speaker(screens: list[Page]) -> Page:
    """The first of them that says something."""
    for _ in range(600):
        for screen in screens:
            if screen.evaluate("window.said.length"):
                return screen
        screens[0].wait_for_timeout(100)
    raise AssertionError("no screen spoke")


def test_it_says_that_it_wants_a_tap_and_that_it_has_no_voice(visit: Visit, site: Site) -> None:
    page = visit("/display/utama", size=(1280, 720), expected=MUTE)
    expect(page.locator("#may-not-speak")).to_be_visible()
    let_speak(page, site)
    page.reload()
    expect(page.locator("#voice-tap")).to_contain_text("Ketuk sekali untuk menyalakan suara.")
    expect(page.locator("#voice-tap")).to_contain_text("--autoplay-policy")
    page.keyboard.press("Enter")  # any key will do
    expect(page.locator("#voice-tap")).to_be_hidden()
    expect(page.locator("#voice-none")).to_be_visible()


@pytest.mark.parametrize(
    ("path", "user"), [("/display/utama", "rina"), ("/kiosk/kosong", "budi")], ids=["room", "gate"]
)
def test_a_screen_is_let_speak_on_it_and_that_is_taken_back_by_keyboard(
    visit: Visit, site: Site, path: str, user: str
) -> None:
    site.fake.record.facts.put(speakers={})
    page = visit(path, user=user, size=(1280, 720), expected=MUTE)
    page.locator("#let-speak").press("Enter")
    expect(page.locator("#voice")).to_be_attached()
    summary = page.locator("#speakers summary")
    expect(summary).to_have_text("1 layar boleh bersuara di sini")
    summary.press("Enter")
    expect(page.locator("#speakers li")).to_contain_text(f"Diizinkan oleh {user}")
    expect(page.locator("#speakers li")).to_contain_text("layar ini")
    assert violations(page) == []
    page.locator("#speakers button").press("Enter")
    expect(page.locator("#let-speak")).to_be_visible()
    expect(page.locator("#speakers")).to_have_count(0)
    assert violations(page) == []


def test_a_display_that_is_open_for_a_day_does_not_grow_and_is_not_old(
    visit: Visit, site: Site
) -> None:
    page = visit("/display/utama", size=(1920, 1080), expected=MUTE)
    let_speak(page, site)
    page.clock.install()
    quiet_room(site)
    open_counters(site.fake, "9")
    page.reload()  # every timer of the page is by the hastened clock now
    page.keyboard.press("Enter")
    tools = page.context.new_cdp_session(page)
    tools.send("Performance.enable")

    def size() -> dict[str, float]:
        tools.send("HeapProfiler.collectGarbage")
        metrics = tools.send("Performance.getMetrics")["metrics"]
        return {one["name"]: one["value"] for one in metrics}

    begun: dict[str, float] = {}
    for number in range(1, CALLS_A_DAY + 1):
        page.clock.run_for(DAY_MS // CALLS_A_DAY)
        wait(site.fake, 1)
        label = f"Z-{number:03d}"
        come_in(site.fake, label)
        act(site.fake, Act.CALL, "9", ticket=label)
        expect(page.locator(".newest .call-number")).to_have_text(label)
        expect(page.locator("#old")).to_be_hidden()
        act(site.fake, Act.DONE, "9")
        if number == CALLS_A_DAY // 4:
            begun = size()

    ended = size()
    # The browser lets go of a drawn page when it likes, so a few may still be there.
    assert ended["Nodes"] - begun["Nodes"] < MOST_PAGES_KEPT * begun["Nodes"]
    assert ended["JSEventListeners"] - begun["JSEventListeners"] < CALLS_A_DAY / 2
    assert ended["JSHeapUsedSize"] - begun["JSHeapUsedSize"] < MOST_GROWN


def test_without_scripts_it_asks_again_by_itself(visit: Visit, site: Site) -> None:
    page = visit("/display/utama", has_scripts=False)
    refresh = page.locator("noscript meta[http-equiv=refresh]").get_attribute("content") or ""
    assert refresh.startswith("5;")
    expect(page.locator("#old")).to_be_hidden()


MOST_PAGES_KEPT = 4
"""A page that kept what it drew would keep one for each call."""
