"""An office's past: the managers' page of any range, its tables as files, and reports on paper."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, HTTPException, Query, Request, Response

from dashboard.manager.history_contexts import HistoryPage, Option, Report
from dashboard.manager.history_words import SIDES, report_of, sides_of
from dashboard.manager.report_pdf import report_pdf
from dashboard.web.auth import ManagerSession, office_of
from dashboard.web.language import Language
from dashboard.web.office_words import words_of
from dashboard.web.rendering import export_answer, note_sheets, renderer_of, simulation_note
from dashboard.web.spreadsheets import XLSX, csv_of, xlsx_of
from dashboard.web.words import N_
from screening.figures.history import MOST_DAYS, Other, Range, Side
from screening.figures.roll_ups import FIRST_DAY, LAST_DAY

router = APIRouter(prefix="/dashboard", include_in_schema=False)

SHOWN_DAYS = 28
"""Where nobody asked for a range: four weeks."""
CSV = "text/csv; charset=utf-8"
PDF = "application/pdf"

OTHERS: dict[Other, str] = {
    Other.PREVIOUS: N_("the days before"),
    Other.LAST_MONTH: N_("the same days last month"),
    Other.LAST_YEAR: N_("the same days last year"),
    Other.CHOSEN: N_("days that begin on"),
    Other.NONE: N_("nothing"),
}
NO_DAYS = N_("These are no two days, the first of them first. Here are the last four weeks.")
TOO_LONG = N_("At most ten years can be looked at. Here are the last four weeks.")
NO_OTHER = N_("There are no such days to compare with.")
SIMULATED = N_("Simulated: nobody lived the days before this demo.")
"""On the demo's paper."""
DAY_TITLE, MONTH_TITLE = N_("Report of the day"), N_("Report of the month")


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks for; ``problem`` where that cannot be shown."""

    range: Range
    side: Side
    other: Other
    begins: date | None
    problem: str = ""

    @property
    def compared(self) -> Range | None:
        return self.range.compared(self.other, self.begins)

    @property
    def query(self) -> str:
        """The address that asks for the same, from its question mark on."""
        named = {
            "from": self.range.first,
            "to": self.range.last,
            "by": self.side,
            "compare": self.other,
        }
        if self.begins is not None:
            named["begins"] = self.begins
        return f"?{urlencode(named)}"


@router.get("/history")
def show_history(
    request: Request,
    session: ManagerSession,
    first: Annotated[str, Query(alias="from", max_length=10)] = "",
    last: Annotated[str, Query(alias="to", max_length=10)] = "",
    by: Side = Side.HOUR,
    compare: Other = Other.PREVIOUS,
    begins: Annotated[str, Query(max_length=10)] = "",
) -> Response:
    """The page. Without a range it shows the last four weeks."""
    today = office_of(request).today()
    asked = _asked(first, last, by, compare, begins, today=today)
    renderer = renderer_of(request)
    language = renderer.language(request)
    context = HistoryPage(
        shell=renderer.shell(request),
        report=_report(request, asked, (asked.side,)),
        first=asked.range.first.isoformat(),
        last=asked.range.last.isoformat(),
        begins="" if asked.begins is None else asked.begins.isoformat(),
        side=asked.side,
        ranges=_ranges(asked, language, today),
        others=tuple(
            Option(words=language.say(words), query=other, is_chosen=other is asked.other)
            for other, words in OTHERS.items()
        ),
        sides=tuple(
            Option(
                words=language.say(words),
                query=replace(asked, side=side).query,
                is_chosen=side is asked.side,
            )
            for side, words in SIDES.items()
        ),
        query=asked.query,
        problem=language.say(asked.problem),
    )
    status = 422 if asked.problem else 200
    return renderer.page(request, "manager/history.html", context, status=status)


@router.get("/history.{kind}")
def download_history(
    request: Request,
    session: ManagerSession,
    kind: str,
    first: Annotated[str, Query(alias="from", max_length=10)] = "",
    last: Annotated[str, Query(alias="to", max_length=10)] = "",
    by: Side = Side.HOUR,
    compare: Other = Other.PREVIOUS,
    begins: Annotated[str, Query(max_length=10)] = "",
    figure: Annotated[str, Query(max_length=20)] = "all",
) -> Response:
    """The same as a file: ``csv`` is one figure's table, ``xlsx`` and ``pdf`` have them all."""
    if kind not in ("csv", "xlsx", "pdf"):
        raise HTTPException(404)
    asked = _asked(first, last, by, compare, begins, today=office_of(request).today())
    if asked.problem:
        raise HTTPException(422, asked.problem)
    name = f"{asked.range.first}_{asked.range.last}"
    if kind == "csv":
        report = _report(request, asked, (asked.side,))
        sheet = next((one.sheet for one in report.figures if one.code == figure), None)
        if sheet is None:
            raise HTTPException(404)
        content = csv_of(sheet.header, sheet.rows, is_for_excel=True).encode()
        return export_answer(request, content, CSV, f"{figure}_{name}.csv")
    report = _report(request, asked, sides_of(asked.range))
    if kind == "xlsx":
        sheets = [*note_sheets(request), *(one.sheet for one in report.figures)]
        content = xlsx_of(sheets, made=office_of(request).clock.now())
        return export_answer(request, content, XLSX, f"{name}.xlsx")
    return _paper(request, report, f"{name}.pdf")


@router.get("/report/{kind}/{day}.pdf")
def print_report(request: Request, session: ManagerSession, kind: str, day: str) -> Response:
    """The printed report of a day, or of the month (2026-11) in which a day is."""
    try:
        chosen = date.fromisoformat(f"{day}-01" if len(day) == len("2026-11") else day)
    except ValueError as error:
        raise HTTPException(404) from error
    if kind not in ("day", "month") or not FIRST_DAY <= chosen <= LAST_DAY:
        raise HTTPException(404)
    is_day = kind == "day"
    days = Range(chosen, chosen) if is_day else Range.month_of(chosen)
    asked = Asked(days, Side.HOUR, Other.PREVIOUS, None)
    title = DAY_TITLE if is_day else MONTH_TITLE
    return _paper(request, _report(request, asked, sides_of(days), title), f"{day}.pdf")


def _report(
    request: Request, asked: Asked, sides: tuple[Side, ...], title: str = N_("History")
) -> Report:
    office = office_of(request)
    return report_of(
        office.roll_ups,
        words_of(request),
        asked=asked.range,
        compared=asked.compared,
        sides=sides,
        at=office.clock.now(),
        title=title,
    )


def _paper(request: Request, report: Report, name: str) -> Response:
    office, language = office_of(request), renderer_of(request).language(request)
    if office.is_demo:
        report = replace(report, counted=f"{language.say(SIMULATED)} {report.counted}")
    content = report_pdf(
        report,
        language,
        office=office.name,
        made_at=office.clock.now(),
        note=simulation_note(request),
    )
    return export_answer(request, content, PDF, name)


def _asked(first: str, last: str, by: Side, compare: Other, begins: str, *, today: date) -> Asked:
    usual = Range(today - timedelta(days=SHOWN_DAYS - 1), today)
    try:
        days = Range(
            date.fromisoformat(first) if first else usual.first,
            date.fromisoformat(last) if last else usual.last,
        )
        start = date.fromisoformat(begins) if begins else None
    except ValueError:
        return Asked(usual, by, Other.PREVIOUS, None, NO_DAYS)
    if not FIRST_DAY <= days.first <= days.last <= LAST_DAY:
        return Asked(usual, by, Other.PREVIOUS, None, NO_DAYS)
    if days.days > MOST_DAYS:
        return Asked(usual, by, Other.PREVIOUS, None, TOO_LONG)
    asked = Asked(days, by, compare, start if compare is Other.CHOSEN else None)
    if compare is not Other.NONE and asked.compared is None:
        return replace(asked, other=Other.NONE, begins=None, problem=NO_OTHER)
    return asked


def _ranges(asked: Asked, language: Language, today: date) -> tuple[Option, ...]:
    """Ranges to press, which leave the rest as it is."""
    month = Range.month_of(today)
    yesterday = today - timedelta(days=1)
    known = (
        (N_("Today"), Range(today, today)),
        (N_("Yesterday"), Range(yesterday, yesterday)),
        (N_("Four weeks"), Range(today - timedelta(days=SHOWN_DAYS - 1), today)),
        (N_("This month"), month),
        (N_("Last month"), Range.month_of(month.first - timedelta(days=1))),
        (N_("This year"), Range(date(today.year, 1, 1), today)),
    )
    other = Other.PREVIOUS if asked.other is Other.CHOSEN else asked.other
    return tuple(
        Option(
            words=language.say(words),
            query=replace(asked, range=days, other=other, begins=None, problem="").query,
            is_chosen=days == asked.range,
        )
        for words, days in known
    )
