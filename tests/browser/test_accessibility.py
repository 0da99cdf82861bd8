"""Axe finds nothing on any page, in both themes, from a phone to a kiosk."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from playwright.sync_api import Page

from dashboard.app import create_app
from dashboard.web.auth import SESSION_COOKIE
from dashboard.web.guessing import LINK_MISSES_ALLOWED
from screening.errors import NotOwner, RecordError
from screening.temperature.instrument.drafts import Drafts
from screening.temperature.instrument.report_files import ReportFiles
from tests.browser.conftest import Site, Visit
from tests.dashboard.fakes import NOON, make_office, open_session
from tests.dashboard.setup.thermometer.page import THERMOMETER, act, measure_everybody, shows
from tests.dashboard.visitor.test_receipt import CANCELLED, INSIDE, LINK, RECEIPT, Shelf

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")
SIZES = ((360, 740), (820, 1180), (1366, 768), (1080, 1920))
GUARDS = tuple(
    f"/gate/{name}" for name in ("kosong", "masuk", "tunggu", "rujuk", "tolak", "manual")
)
PAGES: dict[str | None, tuple[str, ...]] = {
    None: (
        "/",
        "/sign",
        "/badge",
        "/display/utama",
        "/login",
        "/join/lost",
        "/setup/lost",
        "/help/guard",
        "/kiosk/kosong",
        "/kiosk/masuk",
        "/kiosk/tunggu",
        "/kiosk/tolak",
        "/nowhere",
    ),
    "budi": ("/gate", *GUARDS, "/training", "/training/now"),
    "rina": ("/counter", "/counter/1", "/counter/2", "/counter/3", "/training"),
    "admin": (
        "/dashboard",
        "/dashboard/temperature",
        "/dashboard/history",
        "/dashboard/mode",
        "/dashboard/log",
        "/dashboard/log?from=2026-11-20&to=2026-11-24&reason=admitted",
        "/dashboard/log?number=%21",
        "/dashboard/log/1",
        "/plan",
        "/admin/office",
        "/admin/people",
        "/admin/people/person?name=rina",
        "/admin/keys",
        "/admin/services",
        "/admin/services/KTP",
        "/admin/hours",
        "/admin/words",
        "/admin/seats",
        "/admin/gates",
        "/admin/devices",
        "/admin/backup",
        "/admin/counters",
        "/admin/mode",
        "/admin/changes",
        "/setup/done",
        "/account",
        "/account/second-factor",
        "/gate/kosong/thermometer",
        "/gate/kosong/thermal",
        "/gate/masuk/camera",
    ),
}
AT_ONCE = 6
"""Pages of a test: axe takes seconds for each, and much longer beside other work."""
LOOK = """async (rules) => {
  const where = axe.news ?? document;
  const found = await axe.run(where, { resultTypes: ["violations"], ...rules });
  return found.violations.map((one) => {
    const first = one.nodes[0];
    return `${one.id}: ${one.nodes.length} × ${first.html.slice(0, 160)} ${first.any[0]?.message}`;
  });
}"""
NEWS = """() => {
  const isFirst = !axe.known;
  axe.known ??= new WeakMap();
  const news = [...document.querySelectorAll("body, body *")].filter((part) => {
    if (!part.checkVisibility()) return false;
    const look = getComputedStyle(part);
    const px = parseFloat(look.fontSize);
    const drawn = [
      look.color, look.backgroundColor, look.backgroundImage, look.opacity, look.textShadow,
      look.position, look.clipPath, px >= 24 || (px >= 18.66 && look.fontWeight >= 700),
      part.scrollWidth > part.clientWidth, part.scrollHeight > part.clientHeight,
    ].join();
    const known = axe.known.get(part) ?? new Set();
    axe.known.set(part, known);
    return known.size < known.add(drawn).size;
  });
  axe.news = isFirst ? document : { include: news };
  return news.length > 0;
}"""
"""What axe has not looked at yet: at first the page, then parts that were not shown, or were drawn
otherwise. Its rules go by what is shown, scrolls and, for contrast, by colours and size of text."""
CUT_OFF = """() => [...document.querySelectorAll("main *, .bar *")]
  .filter((part) => part.checkVisibility() && !part.closest(".menu, .visually-hidden"))
  .filter((part) => getComputedStyle(part).clipPath === "none")
  .map((part) => [part, part.getBoundingClientRect()])
  .filter(([, box]) => box.right > innerWidth + 1 || box.left < -1)
  .map(([part, box]) => `${part.outerHTML.slice(0, 80)} ${box.left}-${box.right}`)"""
EVERYTHING: dict[str, object] = {}
CONTRAST: dict[str, object] = {"runOnly": {"type": "rule", "values": ["color-contrast"]}}


def violations(
    page: Page, rules: dict[str, object] = EVERYTHING, *, of_news: bool = False
) -> list[str]:
    """What axe says about the page as it is, or of what was not there when such news were asked for
    before."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE)
    if of_news and not page.evaluate(NEWS):
        return []
    found: list[str] = page.evaluate(LOOK, rules)
    return found


@pytest.mark.parametrize(
    ("user", "paths"),
    [
        pytest.param(user, paths[at : at + AT_ONCE], id=f"{user or 'everybody'}-{at}")
        for user, paths in PAGES.items()
        for at in range(0, len(paths), AT_ONCE)
    ],
)
def test_axe_finds_nothing(
    visit: Visit, site: Site, tmp_path: Path, user: str | None, paths: tuple[str, ...]
) -> None:
    office = site.fake.office
    object.__setattr__(office, "drafts", Drafts(tmp_path))
    reports = ReportFiles(tmp_path, zone=office.settings.site.zone)
    object.__setattr__(office, "reports", reports)
    gate = site.fake.gates.controls["kosong"]
    gate.shown = replace(gate.shown, thermometer=replace(THERMOMETER, raw_celsius=34.1))
    page = visit("/login", user=user, expected="404|422|ERR_ABORTED|AudioContext")
    look_at(page, [site.address + path for path in paths])


def test_axe_finds_nothing_where_a_gate_is_run_elsewhere_or_something_is_wrong(
    visit: Visit, site: Site
) -> None:
    def away() -> None:
        raise RecordError("the database is away")

    gates = site.fake.gates
    gates.elsewhere["masuk"] = NotOwner("masuk", machine="pc-2", address="https://pc-2.example")
    gates.controls["tolak"].on_view = away
    statuses = {"/gate/masuk": 421, "/kiosk/masuk": 421, "/dashboard": 403, "/gate/tolak": 503}
    page = visit("/login", user="budi", expected="40[34]|421|503")
    for path, status in statuses.items():
        answer = page.goto(site.address + path)
        assert answer is not None
        assert answer.status == status
        look_at(page, [page.url])


NOBODYS_LINK = LINK[:-1] + ("a" if LINK[-1] != "a" else "b")
ERRORS = {
    "/nowhere": 404,
    "/gate/masuk/hands": 405,
    "/dashboard/events?after=x": 422,
    NOBODYS_LINK: 429,
    "/kiosk/tolak": 500,
    "/kiosk/rujuk": 503,
}
"""An address for each of the pages that tell what went wrong."""


@pytest.fixture
def went_wrong(visit: Visit, site: Site) -> Callable[[str], Iterator[Page]]:
    """In a language, a page for each of them: as its visitor or, where only a log-in gets so far,
    an administrator sees it."""

    def breaks() -> None:
        raise ZeroDivisionError

    def is_away() -> None:
        raise RecordError("the database is away")

    site.fake.gates.controls["tolak"].on_view = breaks
    site.fake.gates.controls["rujuk"].on_view = is_away

    def open_all(language: str) -> Iterator[Page]:
        expected = "40[45]|422|429|50[03]"
        stranger = visit("/login", language=language, expected=expected)
        manager = visit("/login", user="admin", language=language, expected=expected)
        for _ in range(LINK_MISSES_ALLOWED):
            stranger.request.get(site.address + NOBODYS_LINK)
        for path, status in ERRORS.items():
            page = manager if status == 422 else stranger
            answer = page.goto(site.address + path)
            assert answer is not None
            assert answer.status == status
            yield page

    return open_all


def test_axe_finds_nothing_where_something_went_wrong(
    went_wrong: Callable[[str], Iterator[Page]],
) -> None:
    for page in went_wrong("id"):
        look_at(page, [page.url])


@pytest.mark.parametrize("language", ["id", "en"])
def test_what_went_wrong_reads_on_a_phone_and_enlarged(
    went_wrong: Callable[[str], Iterator[Page]], language: str
) -> None:
    for page in went_wrong(language):
        for width, height in ((360, 740), (180, 370), (640, 360)):
            page.set_viewport_size({"width": width, "height": height})
            assert page.evaluate(CUT_OFF) == [], (page.url, width)


@pytest.mark.parametrize("language", ["id", "en"])
def test_that_the_server_is_gone_reads_on_a_phone_and_enlarged(
    visit: Visit, site: Site, language: str
) -> None:
    page = visit("/gate/tunggu", user="budi", language=language)
    for path in ("/gate/tunggu", "/kiosk/tunggu"):
        page.goto(site.address + path)
        told = page.locator("#lost")
        told.evaluate("(told) => told.removeAttribute('hidden')")
        for width, height in ((360, 740), (640, 360)):
            page.set_viewport_size({"width": width, "height": height})
            assert page.evaluate(CUT_OFF) == [], (path, width)
            assert told.evaluate("(told) => parseFloat(getComputedStyle(told).fontSize)") >= 16


def test_axe_finds_nothing_on_a_receipt_and_a_report(
    visit: Visit, site: Site, tmp_path: Path
) -> None:
    office = site.fake.office
    shelf = Shelf()
    object.__setattr__(office, "receipt_page", shelf.page)
    object.__setattr__(office, "cancel_receipt", shelf.cancel)
    page = visit("/login", expected="404")
    for shelf.receipt in (RECEIPT, INSIDE, CANCELLED):
        answer = page.goto(site.address + LINK)
        assert answer is not None
        assert answer.ok
        look_at(page, [page.url])
    reports = ReportFiles(tmp_path, zone=office.settings.site.zone)
    object.__setattr__(office, "reports", reports)
    report = reports.write("kosong", NOON, written_report(tmp_path / "other"))
    gate = site.fake.gates.controls["kosong"]
    gate.shown = replace(gate.shown, thermometer=THERMOMETER)
    page = visit("/login", user="admin", expected="404")
    base = f"{site.address}/gate/kosong/thermometer/report"
    look_at(page, [f"{base}/{report.name}", f"{base}/commissioning-deleted.html"])


def written_report(folder: Path) -> str:
    """The report of a commissioning, as another office's page wrote it."""
    fake = make_office(folder=folder)
    client = TestClient(create_app(fake.office), follow_redirects=False)
    client.cookies.set(SESSION_COOKIE, open_session(fake, "dewi"), domain="testserver.local")
    gate = fake.gates.controls["utama"]
    shows(gate)
    measure_everybody(client, gate)
    act(client, "use")
    ((name, _),) = fake.office.reports.names("utama")
    return fake.office.reports.read("utama", name) or ""


def look_at(page: Page, addresses: list[str]) -> None:
    """Axe, in both themes and at every size, each part of the page as often as it looks anew."""
    found = {}
    for address in addresses:
        if page.url != address:
            page.goto(address)
        for scheme, rules in (("light", EVERYTHING), ("dark", CONTRAST)):
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            for width, height in SIZES:
                page.set_viewport_size({"width": width, "height": height})
                if complaints := violations(page, rules, of_news=True):
                    found[f"{address} {scheme} {width}x{height}"] = complaints
    assert not found, "\n".join(f"{where}: {what}" for where, what in found.items())


def test_axe_finds_nothing_in_an_open_panel(visit: Visit, site: Site) -> None:
    page = visit("/gate/manual", user="budi")
    page.emulate_media(reduced_motion="reduce")
    found = {}
    for panel in page.locator("[popover]").all():
        panel.evaluate("(panel) => panel.showPopover()")
        if complaints := violations(page):
            found[panel.get_attribute("id")] = complaints
        panel.evaluate("(panel) => panel.hidePopover()")
    assert found == {}


@pytest.mark.parametrize(
    ("where", "seen_at"),
    [
        ("(max-width: 400px)", "light 360x740"),
        ("(prefers-color-scheme: dark) and (min-width: 1300px)", "dark 1366x768"),
    ],
    ids=["on a phone", "in the dark"],
)
def test_pale_words_are_found_in_the_one_theme_or_at_the_one_size_that_has_them(
    visit: Visit, where: str, seen_at: str
) -> None:
    page = visit("/", expected="AudioContext")
    page.evaluate(
        """(where) => {
          const sheet = new CSSStyleSheet();
          sheet.replaceSync(`@media ${where} { main p { color: #777; background: #666 } }`);
          document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
        }""",
        where,
    )
    with pytest.raises(AssertionError, match=rf"{seen_at}: \['color-contrast"):
        look_at(page, [page.url])
