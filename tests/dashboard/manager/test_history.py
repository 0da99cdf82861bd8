"""The managers' page of any days: what it shows, and the same numbers in files and on paper."""

from __future__ import annotations

import csv
import io
import re
import zipfile
import zlib
from datetime import date, timedelta
from html import unescape
from typing import Any
from urllib.parse import urlencode
from xml.etree import ElementTree

import pytest
from fastapi.testclient import TestClient

from dashboard.manager.history_plots import level_of, round_top, some_labels
from dashboard.manager.history_words import shown
from dashboard.web.language import Languages
from screening.decision import DecisionKind, Reason
from screening.figures.history import Side
from screening.office.changes import with_counter, with_gate_title, with_settings
from screening.queue.queue import Order
from screening.queue.tickets import Act
from tests.contracts.builders import attempt
from tests.contracts.test_bookings import service
from tests.dashboard.conftest import Browse
from tests.dashboard.fakes import NOON, FakeOffice

PAGE = "/dashboard/history"
DAYS = {"from": "2026-11-01", "to": "2026-11-23"}
SIMULATED = "Simulasi: hari-hari sebelum peragaan ini tidak sungguh terjadi."
SPACES = re.compile(r"\s+")


@pytest.fixture
def manager(logged_in: Browse) -> TestClient:
    return logged_in("dewi")


def days(fake: FakeOffice, *, most: int = 42) -> None:
    """Weeks before today: two come each day, one of them with an =odd= service, one is refused."""
    fake.record.facts.change(with_counter("1", {"services": "all"}), operator="s", at=NOON)
    fake.record.facts.change(with_gate_title("utama", "Pintu timur"), operator="s", at=NOON)
    fake.record.facts.change(with_settings({"capacity": "500"}), operator="s", at=NOON)
    names = {"id": "Kartu Tanda Penduduk", "en": "ID card"}
    fake.record.services.put(service(names=names))
    for number in range(1, most):
        at = NOON - timedelta(days=number)
        fake.record.visits.write(attempt(service="KTP", at=at))
        fake.record.visits.write(attempt(service="=1+1", at=at + timedelta(hours=1)))
        denied = {"decision": DecisionKind.DENY, "reason": Reason.EXPIRED}
        fake.record.visits.write(attempt(service="KTP", at=at, **denied))


def serve(fake: FakeOffice) -> None:
    """Somebody waits for 12 minutes and is served for 7 today."""
    fake.record.visits.write(attempt(service="KTP", at=NOON))
    for minutes, act in ((12, Act.CALL_NEXT), (12, Act.ARRIVED), (19, Act.DONE)):
        order = Order(act=act, counter="1", by="rina")
        fake.record.queue.act(order, at=NOON + timedelta(minutes=minutes))


def figure(answer: Any, code: str) -> Any:
    (found,) = (one for one in answer.context["report"].figures if one.code == code)
    return found


def test_a_range_is_shown_with_totals_and_a_plot_for_each_side(
    manager: TestClient, fake: FakeOffice
) -> None:
    days(fake)
    answer = manager.get(PAGE, params={**DAYS, "by": "gate"})
    assert answer.status_code == 200
    report = answer.context["report"]
    assert [(one.words, one.value) for one in report.totals][:3] == [
        ("Datang", "46"),
        ("Dipesan", "0"),
        ("Tanpa pesanan", "46"),
    ]
    assert [one.code for one in report.figures] == [
        *("all", "days", "gate", "week", "week-then", "waits", "services"),
    ]
    gate = figure(answer, "gate")
    assert [bar.label for bar in gate.plot.bars] == ["Pintu timur"]
    assert gate.rows[0][:4] == ("Pintu timur", "46", "46", "23")
    assert len(figure(answer, "days").plot.heights) == 23
    assert figure(answer, "days").rows[0][:3] == ("Min, 1 Nov 2026", "0", "2")


def test_codes_are_words(manager: TestClient, fake: FakeOffice) -> None:
    days(fake, most=9)
    expected = {
        "service": {"Kartu Tanda Penduduk", "=1+1"},
        "reason": {"Masuk", "Masa berlaku habis"},
        "weekday": {"Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu", "Minggu"},
        "hour": {"12.00", "13.00"},
    }
    for by, words in expected.items():
        answer = manager.get(PAGE, params={**DAYS, "by": by})
        assert {row[0] for row in figure(answer, by).rows} == words


def test_without_a_range_it_shows_four_weeks(manager: TestClient) -> None:
    answer = manager.get(PAGE)
    assert (answer.context["first"], answer.context["last"]) == ("2026-10-28", "2026-11-24")
    assert answer.context["report"].compared == "Rab, 30 Sep 2026 – Sel, 27 Okt 2026"


@pytest.mark.parametrize(
    "query",
    [
        {"from": "yesterday"},
        {"from": "2026-11-24", "to": "2026-11-01"},
        {"from": "2026-02-30"},
        {"from": "0001-01-01"},
        {"from": "2010-01-01"},
        {"compare": "chosen"},
        {"compare": "chosen", "begins": "someday"},
    ],
)
def test_what_cannot_be_shown_is_said_on_the_page(
    manager: TestClient, query: dict[str, str]
) -> None:
    answer = manager.get(PAGE, params=query)
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    assert answer.context["problem"]
    assert manager.get(f"{PAGE}.csv", params=query).status_code == 422


def cells_of_page(html: str, code: str) -> list[list[str]]:
    """The texts of a figure's table."""
    section = re.search(rf'id="{code}".*?</section>', html, re.DOTALL)
    assert section is not None
    table = re.search(r"<table.*?</table>", section[0], re.DOTALL)
    assert table is not None
    return [
        [unescape(re.sub("<[^>]+>", "", cell)) for cell in re.findall(r"<t[hd].*?</t[hd]>", row)]
        for row in re.findall(r"<tr>.*?</tr>", table[0], re.DOTALL)
    ]


def cells_of_sheets(content: bytes) -> dict[str, list[list[Any]]]:
    """Each sheet of a workbook by its title: texts, numbers, and None where there is nothing."""
    space = {"x": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}
    found = {}
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        texts = [
            "".join(one.itertext())
            for one in ElementTree.fromstring(book.read("xl/sharedStrings.xml"))
        ]
        workbook = ElementTree.fromstring(book.read("xl/workbook.xml"))
        titles = [one.attrib["name"] for one in workbook.iterfind(".//x:sheet", space)]
        for number, title in enumerate(titles, start=1):
            page = ElementTree.fromstring(book.read(f"xl/worksheets/sheet{number}.xml"))
            found[title] = [
                [_cell_of(cell, texts, space) for cell in row.iterfind("x:c", space)]
                for row in page.iterfind(".//x:row", space)
            ]
    return found


def _cell_of(cell: ElementTree.Element, texts: list[str], space: dict[str, str]) -> Any:
    value = cell.findtext("x:v", None, space)
    if value is None:
        return None
    return texts[int(value)] if cell.get("t") == "s" else float(value)


def written_in(pdf: bytes) -> str:
    """Every word that is shown, spaces taken out."""
    streams = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL)
    shown_words = []
    for stream in streams:
        content = zlib.decompressobj().decompress(stream)  # its end may look like a line's
        for text in re.findall(rb"\(((?:\\.|[^\\)])*)\) ?Tj", content, re.DOTALL):
            shown_words.append(re.sub(rb"\\(.)", rb"\1", text).decode("cp1252"))
    return SPACES.sub("", "".join(shown_words))


@pytest.mark.parametrize("compare", ["previous", "none"])
def test_page_csv_xlsx_and_paper_have_the_same_columns(
    manager: TestClient, fake: FakeOffice, compare: str
) -> None:
    days(fake, most=14)
    serve(fake)
    query = {"from": "2026-11-18", "to": "2026-11-24", "compare": compare}
    sheets = cells_of_sheets(manager.get(f"{PAGE}.xlsx", params=query).content)
    paper = written_in(manager.get(f"{PAGE}.pdf", params=query).content)
    language = Languages()["id"]
    seen = set()
    for by in Side:
        answer = manager.get(PAGE, params={**query, "by": by})
        for one in answer.context["report"].figures:
            if one.code in seen:
                continue
            seen.add(one.code)
            told = [list(row) for row in [one.sheet.header, *one.rows]]
            assert cells_of_page(answer.text, one.code) == told
            assert [[shown(cell, language) for cell in row] for row in one.sheet.rows] == told[1:]
            asked = {**query, "by": by, "figure": one.code}
            file = manager.get(f"{PAGE}.csv", params=asked).content.decode("utf-8-sig")
            header, *rows = csv.reader(io.StringIO(file), delimiter=";")
            assert header == list(one.sheet.header)
            assert [[_as_told(cell) for cell in row] for row in rows] == [
                [_plain(cell) for cell in row] for row in one.sheet.rows
            ]
            kept = sheets[one.sheet.title]
            assert kept[0] == list(one.sheet.header)
            assert [[cell for cell in row if cell is not None] for row in kept[1:]] == [
                [_number(cell) for cell in row if cell is not None] for row in one.sheet.rows
            ]
            for row in told[1:]:
                assert SPACES.sub("", "".join(row)) in paper
    assert len(seen) == len(sheets) == (12 if compare == "previous" else 11)


def _as_told(cell: str) -> str:
    return cell.removeprefix("'")


def _plain(cell: Any) -> str:
    """As an Indonesian Excel takes it for a number or a date."""
    if cell is None:
        return ""
    return str(cell).replace(".", ",") if isinstance(cell, float) else str(cell)


def _number(cell: Any) -> Any:
    """As a workbook has it: days count from the end of 1899."""
    if isinstance(cell, date):
        return float((cell - date(1899, 12, 30)).days)
    return float(cell) if isinstance(cell, int | float) else cell


def test_a_csv_opens_right_in_an_indonesian_excel(manager: TestClient, fake: FakeOffice) -> None:
    days(fake)
    file = manager.get(f"{PAGE}.csv", params={**DAYS, "by": "service", "figure": "service"})
    assert file.headers["content-disposition"].endswith(
        'filename="service_2026-11-01_2026-11-23.csv"'
    )
    assert file.content.startswith(b"\xef\xbb\xbf")
    assert "\n'=1+1;" in file.text.replace("\r", "")
    week = manager.get(f"{PAGE}.csv", params={**DAYS, "figure": "week"}).text
    assert "12.00;1,0;1,0" in week
    assert manager.get(f"{PAGE}.csv", params={**DAYS, "figure": "nothing"}).status_code == 404
    assert manager.get(f"{PAGE}.doc", params=DAYS).status_code == 404


def test_the_numbers_of_waits_are_distributions(manager: TestClient, fake: FakeOffice) -> None:
    days(fake, most=2)
    serve(fake)
    answer = manager.get(PAGE, params={"from": "2026-11-24", "to": "2026-11-24"})
    waits, services = figure(answer, "waits"), figure(answer, "services")
    assert sum(int(row[1]) for row in waits.rows) == 1
    assert [bar.length for bar in services.plot.bars][:3] == [0, 100, 0]
    assert services.rows[1][:3] == ("5–10", "1", "100,0")


def test_what_changed_is_told_and_what_may_be_chance_too(
    manager: TestClient, fake: FakeOffice
) -> None:
    days(fake)
    for number in range(1, 8):
        for _ in range(12):
            fake.record.visits.write(attempt(service="KTP", at=NOON - timedelta(days=number)))
    answer = manager.get(PAGE, params={"from": "2026-11-17", "to": "2026-11-23"})
    lead, visitors, *_ = answer.context["report"].sentences
    assert lead.words == "Orang yang masuk: 98. Hari dengan orang di gerbang: 7."
    assert visitors.verdict == "more"
    assert visitors.words.startswith(
        "Rata-rata 14 orang datang per hari, 2 pada hari-hari pembanding. Itu naik "
    )
    calm = manager.get(PAGE, params={"from": "2026-11-03", "to": "2026-11-09"})
    verdicts = {one.verdict for one in calm.context["report"].sentences}
    assert verdicts == {"told", "no_change"}


def test_today_is_compared_once_it_is_over(manager: TestClient, fake: FakeOffice) -> None:
    serve(fake)
    report = manager.get(PAGE, params={"from": "2026-11-24", "to": "2026-11-24"}).context["report"]
    assert [one.verdict for one in report.sentences] == ["told", "unknown"]
    assert "belum selesai" in report.counted


@pytest.mark.parametrize(
    ("address", "title"),
    [
        ("day/2026-11-20", "Laporan harian: Jum, 20 Nov 2026"),
        ("month/2026-11", "Laporan bulanan: November 2026"),
        ("month/2026-11-20", "Laporan bulanan: November 2026"),
    ],
)
def test_a_day_and_a_month_come_on_paper(
    manager: TestClient, fake: FakeOffice, address: str, title: str
) -> None:
    days(fake)
    answer = manager.get(f"/dashboard/report/{address}.pdf")
    assert answer.headers["content-type"] == "application/pdf"
    words = written_in(answer.content)
    assert SPACES.sub("", title) in words
    assert "Caramenghitungnya" in words


@pytest.mark.parametrize(
    "address", ["day/today", "week/2026-11-20", "day/0001-01-01", "month/2026-13"]
)
def test_what_is_no_report_is_not_found(manager: TestClient, address: str) -> None:
    assert manager.get(f"/dashboard/report/{address}.pdf").status_code == 404


@pytest.mark.parametrize("is_demo", [False, True], ids=["office", "demo"])
def test_the_demos_past_is_marked_on_every_page_of_it(
    manager: TestClient, fake: FakeOffice, *, is_demo: bool
) -> None:
    object.__setattr__(fake.office, "is_demo", is_demo)
    days(fake, most=14)
    marked = {
        path: SIMULATED in manager.get(path).text
        for path in (PAGE, "/dashboard/log", "/dashboard/survey", "/plan", "/dashboard")
    }
    assert marked == {path: is_demo and path != "/dashboard" for path in marked}
    paper = written_in(manager.get("/dashboard/report/day/2026-11-20.pdf").content)
    assert (SPACES.sub("", SIMULATED) in paper) is is_demo


@pytest.mark.parametrize(
    ("kind", "note"),
    [
        ("is_demo", "Demo: alat dan pengunjung hanya simulasi."),
        ("is_rehearsal", "Latihan: alat hanya simulasi, dan tidak ada yang disimpan."),
        ("", ""),
    ],
    ids=["demo", "rehearsal", "office"],
)
def test_files_of_simulated_figures_say_so(
    manager: TestClient, fake: FakeOffice, kind: str, note: str
) -> None:
    if kind:
        object.__setattr__(fake.office, kind, True)
    days(fake, most=3)
    of_days = urlencode(DAYS)
    files = {
        "week_2026-11-01_2026-11-23.csv": f"{PAGE}.csv?{of_days}&figure=week",
        "2026-11-01_2026-11-23.xlsx": f"{PAGE}.xlsx?{of_days}",
        "2026-11-01_2026-11-23.pdf": f"{PAGE}.pdf?{of_days}",
        "2026-11-20.pdf": "/dashboard/report/day/2026-11-20.pdf",
        "log-2026-11-01-2026-11-23.csv": f"/dashboard/log.csv?{of_days}",
        "skm-2026-Q1-2026-Q4.xlsx": "/dashboard/survey/results.xlsx",
    }
    for name, path in files.items():
        answer = manager.get(path)
        mark = "simulated-" if note else ""
        assert f'filename="{mark}{name}"' in answer.headers["content-disposition"]
        if name.endswith(".pdf"):
            assert ("hanyasimulasi" in written_in(answer.content)) is bool(note)
        if name.endswith(".xlsx"):
            with zipfile.ZipFile(io.BytesIO(answer.content)) as book:
                first = book.read("xl/workbook.xml").decode().split("<sheet ")[1]
                assert ('name="Simulasi"' in first) is bool(note)
                assert note in book.read("xl/sharedStrings.xml").decode()


@pytest.mark.parametrize("kind", ["is_demo", "is_rehearsal"])
def test_programs_get_the_figures_of_a_demo_as_promised(
    manager: TestClient, fake: FakeOffice, kind: str
) -> None:
    days(fake, most=3)
    asked = DAYS
    before = manager.get("/api/v1/figures", params=asked, headers={"accept": "text/csv"})
    object.__setattr__(fake.office, kind, True)
    after = manager.get("/api/v1/figures", params=asked, headers={"accept": "text/csv"})
    assert (before.status_code, before.text) == (200, after.text)


def test_the_dashboard_leads_there_whoever_may_see_it(logged_in: Browse) -> None:
    link = f'href="{PAGE}"'
    assert link in logged_in("dewi").get("/dashboard").text
    assert link not in logged_in("rina").get("/dashboard").text


def test_a_range_to_press_keeps_what_it_is_compared_with(manager: TestClient) -> None:
    answer = manager.get(PAGE, params={**DAYS, "by": "gate", "compare": "year"})
    month = next(one for one in answer.context["ranges"] if one.words == "Bulan lalu")
    assert month.query == "?from=2026-10-01&to=2026-10-31&by=gate&compare=year"


def test_plots_have_round_scales_and_shades() -> None:
    assert [round_top(value) for value in (0.5, 3, 4.5, 21, 401)] == [1, 4, 5, 40, 500]
    assert [level_of(value, 70) for value in (0, 0.1, 10, 11, 70)] == [0, 1, 1, 2, 7]
    assert some_labels([str(n) for n in range(31)]) == ("0", "6", "12", "18", "24", "30")
