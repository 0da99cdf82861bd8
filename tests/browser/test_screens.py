"""Screens at the sizes they are used in: the kiosk, the room, and the phone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from screening.decision import DecisionKind, Reason
from screening.events import GateChanged
from screening.office.services import Question
from screening.queue.tickets import Act
from tests.browser.conftest import OVERLAPS, Site, Visit
from tests.browser.states import let_one_in
from tests.browser.test_accessibility import CUT_OFF
from tests.dashboard.desk.test_desk import open_desk, registered
from tests.dashboard.fakes import VISITOR, verdict, view_of
from tests.dashboard.tickets import act, come_in, keep_a_line_waiting, open_counters

pytestmark = pytest.mark.browser

KINDS = {
    Reason.ADMITTED: DecisionKind.ADMIT,
    Reason.RETURNED: DecisionKind.ADMIT,
    Reason.EMERGENCY: DecisionKind.ADMIT,
    Reason.OVERRIDE: DecisionKind.ADMIT,
    Reason.SECOND_READING_PAUSE: DecisionKind.WAIT,
}

MEASURE = """() => {
  const box = (name) => document.querySelector(name).getBoundingClientRect();
  const words = box(".kiosk-words"), steps = box(".kiosk-steps");
  const room = box(".kiosk-room"), stage = box(".kiosk-stage");
  const longest = () => {
    const copy = document.querySelector("h1").cloneNode(true);
    copy.style.cssText = "position: absolute; width: min-content; overflow-wrap: normal";
    document.querySelector(".kiosk-told").append(copy);
    const wide = copy.getBoundingClientRect().width;
    copy.remove();
    return wide;
  };
  return {
    over: words.bottom - steps.top,
    right: Math.max(words.right, steps.right, room.right) - innerWidth,
    low: Math.max(stage.bottom, steps.bottom, room.bottom) - innerHeight,
    wide: document.querySelector(".kiosk-words").scrollWidth - Math.ceil(words.width),
    torn: longest() - words.width,
  };
}"""


def overhang(page: Page) -> dict[str, float]:
    """How many pixels stick out, by where."""
    return {where: px for where, px in page.evaluate(MEASURE).items() if px > 1}


@pytest.mark.parametrize(
    "size", [(1080, 1920), (1920, 1080), (1024, 768)], ids=["portrait", "landscape", "old"]
)
@pytest.mark.parametrize("language", ["id", "en"])
def test_every_step_fits_the_visitors_screen(
    visit: Visit, site: Site, size: tuple[int, int], language: str
) -> None:
    keep_a_line_waiting(site.fake, "LEGALISIR-128")
    page = visit("/kiosk/kosong", size=size, language=language)
    control = site.fake.gates.controls["kosong"]
    misfits = {}
    for number, reason in enumerate(Reason):
        kind = KINDS.get(reason, DecisionKind.DENY)
        is_admitted = kind is DecisionKind.ADMIT
        control.shown = view_of(
            "kosong",
            verdict=verdict(
                kind,
                reason,
                seat="AB12" if is_admitted else None,
                ticket="LEGALISIR-128" if is_admitted else None,
                until_ready_s=299.0 if kind is DecisionKind.WAIT else None,
            ),
        )
        site.fake.hub.publish(GateChanged("kosong", number))
        expect(page.locator("#live")).to_have_attribute(
            "data-verdict", f"attempt-{reason} {reason}"
        )
        is_told = is_admitted or reason is Reason.ROOM_FULL
        expect(page.locator(".kiosk-wait")).to_have_count(int(is_told))
        if over := overhang(page):
            misfits[reason.value] = over
    assert misfits == {}


@pytest.mark.parametrize("size", [(1024, 768), (1366, 768), (1080, 1920)], ids=str)
def test_a_short_number_is_large_and_whole(visit: Visit, size: tuple[int, int]) -> None:
    page = visit("/kiosk/masuk", size=size)
    expect(page.locator(".tickets")).to_contain_text("KTP-014")
    assert overhang(page) == {}


def test_the_kiosk_speaks_the_language_that_was_tapped(visit: Visit) -> None:
    page = visit("/kiosk/perbaiki", size=(1080, 1920))
    expect(page.locator("h1")).to_have_text("Tutup hidung")
    page.locator("a[lang=en]").click()
    expect(page.locator("h1")).to_have_text("Cover your nose")


def test_the_next_visitor_reads_the_offices_own_language(visit: Visit, site: Site) -> None:
    control = site.fake.gates.controls["kosong"]
    page = visit("/kiosk/kosong", size=(1080, 1920))
    page.locator("a[lang=en]").click()
    expect(page.locator("h1")).to_have_text("Welcome")
    control.shown = view_of("kosong", verdict=verdict(DecisionKind.FIX, Reason.STAND_STILL))
    site.fake.hub.publish(GateChanged("kosong", 1))
    expect(page.locator("h1")).to_have_text("Stand still")
    control.shown = view_of("kosong")
    site.fake.hub.publish(GateChanged("kosong", 2))
    expect(page.locator("h1")).to_have_text("Selamat datang")


@pytest.mark.parametrize("size", [(820, 1180), (1024, 768), (1366, 768), (1920, 1080)], ids=str)
def test_the_bar_holds_every_place_of_an_administrator(
    visit: Visit, site: Site, tmp_path: Path, size: tuple[int, int]
) -> None:
    open_desk(site.fake, tmp_path)
    site.fake.record.facts.put(gate_titles={"masuk": "Pintu utama"})
    page = visit("/login", user="admin", size=size)
    for path in ("/gate/masuk", "/counter/1"):
        page.goto(site.address + path)
        assert page.evaluate(WIDE) == [], path
        assert page.evaluate(COVERED) == [], path


def test_the_room_fills_before_the_managers_eyes(visit: Visit, site: Site) -> None:
    page = visit("/dashboard", user="dewi", size=(1440, 900))
    count = page.locator(".room-count b")
    taken = page.locator(".seat[data-state=taken]")
    before = int(count.inner_text())
    expect(taken).to_have_count(before)
    let_one_in(site.fake, 1)
    expect(count).to_have_text(str(before + 1))
    expect(taken).to_have_count(before + 1)
    expect(page.locator("#entries tr").first).to_contain_text("Masuk")
    let_one_in(site.fake, 2)
    expect(count).to_have_text(str(before + 2))
    rows = page.locator("#entries tr")
    ids = rows.evaluate_all("rows => rows.map(row => Number(row.dataset.entry))")
    assert ids == sorted(set(ids), reverse=True)


@pytest.mark.parametrize(
    "size", [(360, 740), (820, 1180), (1024, 768)], ids=["phone", "tablet", "laptop"]
)
def test_no_page_is_wider_than_its_screen(visit: Visit, site: Site, size: tuple[int, int]) -> None:
    page = visit("/login", size=size)
    guard = visit("/gate", user="budi", size=size)
    manager = visit("/dashboard", user="dewi", size=size)
    for shown, path in (
        (page, "/login"),
        (page, "/"),
        (guard, "/gate"),
        (guard, "/gate/masuk"),
        (guard, "/gate/manual"),
        (manager, "/dashboard"),
    ):
        shown.goto(site.address + path)
        assert shown.evaluate("document.documentElement.scrollWidth") <= size[0], path


@pytest.mark.parametrize(
    ("path", "user"), [("/", None), ("/gate/manual", "budi"), ("/dashboard", "dewi")]
)
def test_what_is_touched_is_big_enough(visit: Visit, path: str, user: str | None) -> None:
    page = visit(path, user=user, size=(820, 1180))
    small = page.evaluate(
        """() => [...document.querySelectorAll("a, button, input, label:has(input)")]
          .filter((e) => e.checkVisibility())
          .filter((e) => !e.closest("[popover], .skip, .way, .scan-field"))
          .map((e) => [e.outerHTML.slice(0, 80), e.getBoundingClientRect()])
          .filter(([, box]) => box.width && (box.height < 43.5 || box.width < 43.5))
          .map(([html, box]) => `${html} ${box.width}x${box.height}`)"""
    )
    assert small == []


@pytest.mark.parametrize("size", [(1180, 820), (1280, 720), (1440, 900), (820, 1180)], ids=str)
def test_no_part_of_the_guards_page_covers_another(
    visit: Visit, site: Site, size: tuple[int, int]
) -> None:
    page = visit("/gate/kosong", user="budi", size=size)
    for gate in ("masuk", "perbaiki", "tunggu", "rujuk", "tolak", "manual"):
        page.goto(f"{site.address}/gate/{gate}")
        assert page.evaluate(OVERLAPS) == [], gate


@pytest.mark.parametrize("size", [(1280, 720), (1440, 900)], ids=str)
def test_what_a_guard_presses_is_in_sight(visit: Visit, site: Site, size: tuple[int, int]) -> None:
    page = visit("/gate/masuk", user="budi", size=size)
    for key in ("U", "N"):
        button = page.locator(f".verdict-actions [data-key={key}]")
        expect(button).to_be_in_viewport(ratio=1)
        button.click(trial=True)


WORST = {
    "one word": "W" * 120,
    "right to left": ("محمد عبد الرحمن بن عبد الله " * 5)[:119],
    "emoji": "Siti" + "👩‍👧‍👦🎉" * 17,
    "marks": "Z\u0301\u0323\u0308\u0330\u0302" * 20,
}
"""As long as a name may be."""
SMALL, TABLET, COUNTER = (360, 740), (820, 1180), (1366, 768)
SCREENS = ((1080, 1920), (1920, 1080), (1366, 768))
COVERED = """() => {
  const parts = [...document.querySelectorAll(
    ".bar a, .bar button, .bar-title > *, .occupancy-now, .occupancy-now > *")]
    .filter((part) => part.checkVisibility() && !part.closest(".menu"))
    .map((part) => part.getBoundingClientRect()).filter((box) => box.width > 0);
  const holds = (one, other) => one.left <= other.left && other.right <= one.right;
  return parts.flatMap((one, at) => parts.slice(at + 1)
    .filter((other) => !holds(one, other)
      && one.left < other.right - 1 && other.left < one.right - 1
      && one.top < other.bottom - 1 && other.top < one.bottom - 1)
    .map((other) => `${one.left}-${one.right} / ${other.left}-${other.right}`))
    .concat(parts.filter((one) => one.height > innerHeight / 8).map((one) => `${one.height} high`));
}"""
"""What stands in the bar on something else, or is torn letter by letter."""
WIDE = """() => {
  const wide = document.documentElement.scrollWidth - innerWidth;
  return wide > 1 ? [`${wide} pixels to move sideways`] : [];
}"""


@pytest.mark.timeout(300)
@pytest.mark.parametrize("text", WORST.values(), ids=WORST)
def test_the_worst_texts_stay_on_every_page(
    visit: Visit, site: Site, tmp_path: Path, text: str
) -> None:
    number = with_worst_texts(site, tmp_path, text)
    pages: dict[str | None, dict[tuple[int, int], tuple[str, ...]]] = {
        None: {
            SMALL: ("/", "/now", "/register", "/register?service=KTP", f"/r/{number}/{'a' * 26}"),
            **dict.fromkeys(SCREENS, ("/kiosk/masuk", "/display/utama", "/sign")),
        },
        "rina": dict.fromkeys(
            (SMALL, COUNTER),
            ("/desk", "/desk/book?service=KTP", f"/desk/{number}", "/counter", "/counter/9"),
        ),
        "budi": dict.fromkeys((SMALL, TABLET, COUNTER), ("/gate/masuk",)),
    }
    problems = {}
    for user, by_size in pages.items():
        page = visit("/login", user=user, expected="vibrate|AudioContext|404")
        for size, paths in by_size.items():
            page.set_viewport_size({"width": size[0], "height": size[1]})
            for path in paths:
                answer = page.goto(site.address + path)
                assert answer is not None
                assert answer.status == 200, path
                found = page.evaluate(WIDE) + page.evaluate(CUT_OFF)
                if path.startswith("/kiosk"):
                    found += list(overhang(page))
                if found:
                    problems[f"{path} at {size}"] = found[:3]
    assert not problems, "\n".join(f"{at}: {found}" for at, found in problems.items())


def with_worst_texts(site: Site, folder: Path, text: str) -> str:
    """Somebody of this name, whose receipt has the number, is called, and stands at a gate."""
    fake = site.fake
    ktp = fake.record.services.services()["KTP"]
    asked = Question(code="nomor", texts={"id": text})
    named = replace(ktp, names={"id": text}, brings={"id": f"{text}\n{text}"}, questions=(asked,))
    fake.record.services.put(named)
    fake.record.facts.put(address=text)
    registrar = open_desk(fake, folder)
    number = registered(registrar, name=text, answers={"nomor": text * 2}).receipt.number
    registered(registrar, name=text)
    show = fake.office.desk_receipt
    object.__setattr__(fake.office, "receipt_page", lambda number, _: show(number))
    open_counters(fake, "9", place=text[:60])
    come_in(fake, "K-777", receipt=(fake.office.settings.site.code, number))
    act(fake, Act.CALL, "9", ticket="K-777")
    control = fake.gates.controls["masuk"]
    control.shown = replace(control.shown, visitor=replace(VISITOR, holder=text))
    return number
