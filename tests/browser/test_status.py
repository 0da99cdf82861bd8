"""The first page, the sign at the door and the badge, in a real browser."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator
from datetime import datetime, time, timedelta
from typing import Any, Literal

import pytest
from playwright.sync_api import Page, expect

from screening.office.hours import Hours, Span
from tests.browser.conftest import Site, Visit
from tests.browser.test_accessibility import violations
from tests.dashboard.visitor.test_status import counts, pass_time

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

SIGN_SIZES = ((1920, 1080), (1080, 1920), (820, 1180), (1440, 900), (320, 640))
OVERHANG = """() => {
  const boxes = [...document.querySelectorAll("#live h1, #live p, .screen-bar > *")]
    .map((part) => part.getBoundingClientRect());
  const stage = document.getElementById("live").getBoundingClientRect();
  const words = document.querySelector("#live .sign-words").getBoundingClientRect();
  const foot = document.querySelector("#live .sign-foot").getBoundingClientRect();
  return {
    right: Math.max(...boxes.map((box) => box.right)) - innerWidth,
    low: Math.max(...boxes.map((box) => box.bottom)) - innerHeight,
    above: stage.top - words.top,
    on: words.bottom - foot.top,
  };
}"""
BREAK = Hours(week={1: (Span(time(8), time(11)), Span(time(13), time(15)))})
CLOSED = Hours(week={2: (Span(time(8), time(15)),)})
STATES: dict[str, dict[str, Any]] = {
    "go_in": {"occupancy": 12, "capacity": 30},
    "wait": {"occupancy": 30, "capacity": 30, "waiting_outside": 12},
    "spent": {"occupancy": 3, "capacity": 30, "admitted": 350},
    "break": {"occupancy": 12, "capacity": 30},
    "closed": {"occupancy": 12, "capacity": 30},
    "ask": {"occupancy": 12, "capacity": 30},
}


def put(site: Site, advice: str) -> None:
    """The office in a state in which it advises so."""
    hours = {"break": BREAK, "closed": CLOSED}.get(advice, Hours())
    site.fake.record.facts.put(hours=hours, daily_quota=350)
    since = site.fake.clock.now() if advice == "ask" else None
    # A record that does not answer, without one that hangs: the page asks nothing else of the room.
    site.fake.office.room.down_since = lambda: since  # type: ignore[method-assign]
    counts(site.fake, **STATES[advice])
    pass_time(site.fake, 3)


@pytest.mark.parametrize("language", ["id", "en"])
def test_the_sign_fits_its_screen_whatever_it_says(visit: Visit, site: Site, language: str) -> None:
    page = visit("/login")
    misfits = {}
    for advice in STATES:
        put(site, advice)
        page.goto(f"{site.address}/sign?language={language}")
        expect(page.locator("#live")).to_have_attribute("data-advice", advice)
        for width, height in SIGN_SIZES:
            page.set_viewport_size({"width": width, "height": height})
            over = {where: px for where, px in page.evaluate(OVERHANG).items() if px > 1}
            if over:
                misfits[f"{advice} {width}x{height}"] = over
        assert violations(page) == [], advice
    assert misfits == {}


def test_the_signs_word_is_read_at_eight_metres(visit: Visit, site: Site) -> None:
    """A letter is read at 250 times its height; the screen's short side has half a metre."""
    put(site, "wait")
    for size in ((1920, 1080), (1080, 1920)):
        page = visit("/sign", size=size)
        metres_a_pixel = 0.53 / min(size)
        for part in (".sign-word", ".sign-say"):
            font_px = page.locator(f"#live {part}").evaluate(
                "(part) => parseFloat(getComputedStyle(part).fontSize)"
            )
            x_height_m = 0.52 * font_px * metres_a_pixel
            assert x_height_m * (250 if part == ".sign-word" else 400) >= 8


def test_the_sign_follows_the_office_and_covers_what_is_old(visit: Visit, site: Site) -> None:
    put(site, "go_in")
    page = visit("/sign", size=(1920, 1080), expected="ERR_FAILED")
    page.clock.install()
    page.reload()
    lost = page.locator("#lost")
    expect(page.locator("h1")).to_have_text("Silakan masuk")
    expect(lost).to_be_hidden()
    put(site, "wait")
    page.clock.run_for(5_000)
    expect(page.locator("h1")).to_have_text("Mohon tunggu")
    page.route("**/sign/now*", lambda route: route.abort())
    page.clock.run_for(20_000)
    expect(lost).to_be_visible()
    assert covers_the_screen(page)
    put(site, "go_in")
    page.unroute("**/sign/now*")
    page.clock.run_for(5_000)
    expect(lost).to_be_hidden()
    expect(page.locator("h1")).to_have_text("Silakan masuk")


def covers_the_screen(page: Page) -> bool:
    """Whether nothing of the sign shows through what tells that it is lost."""
    found: bool = page.evaluate(
        "() => document.elementFromPoint(innerWidth / 2, innerHeight / 2).closest('#lost') !== null"
    )
    return found


def test_a_sign_whose_script_stands_still_shows_nothing_old(visit: Visit, site: Site) -> None:
    put(site, "go_in")
    page = visit("/sign", size=(1920, 1080))
    page.emulate_media(reduced_motion="reduce")
    page.route("**/sign.js", lambda route: route.fulfill(body="", content_type="text/javascript"))
    page.reload()
    expect(page.locator("#lost")).to_be_hidden()
    page.evaluate(
        "() => document.getElementById('lost').getAnimations().forEach((one) => one.finish())"
    )
    expect(page.locator("#lost")).to_be_visible()
    assert covers_the_screen(page)


def test_the_first_page_moves_and_tells_a_server_that_is_away(visit: Visit, site: Site) -> None:
    put(site, "go_in")
    page = visit("/", expected="ERR_FAILED")
    page.clock.install()
    page.reload()
    as_of = page.locator(".now-as-of")
    before = as_of.inner_text()
    put(site, "wait")
    page.clock.run_for(11_000)
    expect(page.locator("h1")).to_have_text("Kantor sedang penuh")
    expect(as_of).not_to_have_text(before)
    page.route("**/now", lambda route: route.abort())
    page.clock.run_for(60_000)
    expect(page.locator("#lost")).to_be_visible()
    page.unroute("**/now")
    page.clock.run_for(11_000)
    expect(page.locator("#lost")).to_be_hidden()


def test_a_badge_moves_and_tells_an_office_that_is_away(visit: Visit, site: Site) -> None:
    put(site, "go_in")
    page = visit("/badge", expected="ERR_FAILED")
    page.clock.install()
    page.reload()
    put(site, "closed")
    page.clock.run_for(31_000)
    expect(page.locator("h1")).to_have_text("Hari ini tutup")
    page.route("**/badge", lambda route: route.abort())
    page.clock.run_for(150_000)
    expect(page.locator("#lost")).to_be_visible()
    expect(page.locator("h1")).to_be_hidden()


@pytest.mark.parametrize(("path", "seconds"), [("/", 30), ("/sign", 10), ("/badge", 60)])
def test_without_scripts_pages_ask_again_by_themselves(
    visit: Visit, site: Site, path: str, seconds: int
) -> None:
    put(site, "go_in")
    page = visit(path, has_scripts=False)
    refresh = page.locator("noscript meta[http-equiv=refresh]")
    assert (refresh.get_attribute("content") or "").startswith(str(seconds))
    expect(page.locator("#lost")).to_be_hidden()


@pytest.mark.parametrize("size", [(320, 640), (820, 1180), (1440, 900)])
@pytest.mark.parametrize("language", ["id", "en"])
def test_the_first_page_fits_and_axe_finds_nothing(
    visit: Visit, site: Site, size: tuple[int, int], language: str
) -> None:
    site.fake.record.facts.put(
        address="Jl. Ir. H. Juanda No. 10, Pabaton, Kota Bogor 16121",
        telephone="(0251) 832-1075",
        map_link="https://maps.example/",
    )
    page = visit("/login", size=size, language=language)
    for advice in STATES:
        put(site, advice)
        page.goto(site.address)
        wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert wide <= 0, advice
    schemes: tuple[Literal["light", "dark"], ...] = ("light", "dark")
    for scheme in schemes:
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        assert violations(page) == [], scheme


@pytest.fixture
def other_site(site: Site) -> Iterator[str]:
    """A page of somebody else, in which the badge stands twice and the first page once."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = (
                "<!doctype html><title>kota</title><link rel=icon href=data:,>"
                f"<iframe name=badge src={site.address}/badge></iframe>"
                f"<img src={site.address}/badge.svg><iframe name=home src={site.address}/></iframe>"
            ).encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}/"
    server.shutdown()
    server.server_close()
    thread.join()


def test_other_sites_frame_the_badge_and_nothing_else(
    visit: Visit, site: Site, other_site: str
) -> None:
    put(site, "go_in")
    page = visit("/login", expected="frame|Frame|X-Frame")
    page.goto(other_site)
    expect(page.frame_locator("[name=badge]").locator("h1")).to_have_text("Buka sampai pukul 15.00")
    expect(page.frame_locator("[name=home]").locator("#now")).to_have_count(0)
    drawn = page.locator("img").evaluate(
        "async (picture) => { await picture.decode(); return picture.naturalWidth; }"
    )
    assert drawn == 360


def test_a_day_later_the_open_page_says_that_it_is_closed(visit: Visit, site: Site) -> None:
    put(site, "go_in")
    page = visit("/")
    page.clock.install()
    page.reload()
    zone = site.fake.office.settings.site.zone
    today = site.fake.clock.now().astimezone(zone).date()
    site.fake.clock.move_to(datetime.combine(today + timedelta(days=4), time(10), zone))
    page.clock.run_for(11_000)
    expect(page.locator("h1")).to_have_text("Hari ini tutup")
