"""``GET /api/v1/figures``: an office's figures of any days, for other systems and for managers."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field

from dashboard.api.problems import described
from dashboard.api.services import IsoDate
from dashboard.web.auth import FiguresCaller, office_of
from dashboard.web.spreadsheets import XLSX, Sheet, csv_of, xlsx_of
from screening.figures.roll_ups import COLUMNS, FIRST_DAY, LAST_DAY, By, FigureRow

router = APIRouter(tags=["figures"])

CSV = "text/csv"
MOST_DAYS, MOST_DAYS_BY_HOUR = 3660, 366
"""Ten years; one, by hour."""
HEADER = (
    "key",
    *COLUMNS,
    "wait_minutes_p50",
    "wait_minutes_p90",
    "service_minutes_p50",
    "service_minutes_p90",
)
"""Of CSV and XLSX, in every language."""


class Format(StrEnum):
    """What the figures come as."""

    JSON = "json"
    CSV = "csv"
    XLSX = "xlsx"


class Quantiles(BaseModel):
    """Half of the times, and nine tenths, are no longer; in minutes."""

    p50: float
    p90: float


class FiguresOfKey(BaseModel):
    """Figures of an hour (of the office's time), a day, or a code; "" where there was none."""

    key: str
    booked: int = Field(description="People with a booking that was not given up")
    came: int = Field(description="People admitted; whoever returns counts once")
    admitted: int = Field(description="Admissions that were not annulled, returns as well")
    refused: int = Field(description="Attempts that ended in deny")
    referred: int = Field(description="Attempts that ended in refer")
    served: int = Field(description="People whose last step was done")
    no_show: int = Field(description="Booked people who never came, once the day is over")
    wait_minutes: Quantiles | None = Field(description="Of steps done; null without any")
    service_minutes: Quantiles | None = Field(description="Of steps done; null without any")


class FiguresAnswer(BaseModel):
    """Days and hours are in order, codes as they sort."""

    rows: list[FiguresOfKey]


@router.get(
    "/figures",
    response_model=FiguresAnswer,
    responses={
        200: {
            "content": {
                CSV: {"schema": {"type": "string"}},
                XLSX: {"schema": {"type": "string", "format": "binary"}},
            }
        },
        **described(401, 403, 422, 503),
    },
    openapi_extra={"security": [{"key": []}, {"session": []}]},
)
def figures(
    request: Request,
    caller: FiguresCaller,
    first: Annotated[IsoDate, Query(alias="from", description="The first day, YYYY-MM-DD")],
    last: Annotated[IsoDate, Query(alias="to", description="The last day, which is in it")],
    by: By = By.DAY,
    format_: Annotated[
        Format | None, Query(alias="format", description="Else what `Accept` asks for, or JSON")
    ] = None,
) -> Response:
    """What happened on these days, by hour, day, service, gate, reason or counter.

    Today is as fresh as the log; of days to come there are only bookings. At most ten years, and
    366 days by hour. A booking names no gate, reason or counter: by those ``booked`` is 0.
    """
    _check_range(first, last, by)
    office = office_of(request)
    rows = office.roll_ups.rows(first, last, by)
    match format_ or _accepted(request):
        case Format.CSV:
            return _file(csv_of(HEADER, map(cells, rows)).encode(), f"{CSV}; charset=utf-8")
        case Format.XLSX:
            sheet = Sheet(f"by {by}", HEADER, [_typed(row, by) for row in rows])
            return _file(xlsx_of([sheet], made=office.clock.now()), XLSX)
        case _:
            body = {"rows": [row.to_json() for row in rows]}
            return _file(json.dumps(body, ensure_ascii=False).encode(), "application/json")


def cells(row: FigureRow) -> list[Any]:
    """A row of figures under ``HEADER``."""
    wait, service = row.wait_minutes, row.service_minutes
    return [
        row.key,
        *(getattr(row, name) for name in COLUMNS),
        *((None, None) if wait is None else (wait.p50, wait.p90)),
        *((None, None) if service is None else (service.p50, service.p90)),
    ]


def _typed(row: FigureRow, by: By) -> Sequence[Any]:
    key, *rest = cells(row)
    if by is By.DAY:
        return [date.fromisoformat(key), *rest]
    if by is By.HOUR:
        return [datetime.fromisoformat(key).replace(tzinfo=None), *rest]
    return [key, *rest]


def _check_range(first: date, last: date, by: By) -> None:
    most = MOST_DAYS_BY_HOUR if by is By.HOUR else MOST_DAYS
    for where, day in (("from", first), ("to", last)):
        if not FIRST_DAY <= day <= LAST_DAY:
            _refuse(f"Days from {FIRST_DAY} to {LAST_DAY} can be asked for", where)
    if last < first:
        _refuse(f"This is before the first day, {first}")
    if (last - first).days >= most:
        _refuse(f"By {by}, at most {most} days can be asked for at once")


def _refuse(what: str, where: str = "to") -> None:
    raise RequestValidationError([{"loc": ("query", where), "msg": what}])


def _accepted(request: Request) -> Format:
    """The first of the kinds that there are in ``Accept``."""
    kinds = {CSV: Format.CSV, XLSX: Format.XLSX, "application/json": Format.JSON}
    for part in request.headers.get("accept", "").split(","):
        kind = kinds.get(part.partition(";")[0].strip().lower())
        if kind is not None:
            return kind
    return Format.JSON


def _file(content: bytes, media_type: str) -> Response:
    return Response(content, media_type=media_type, headers={"Vary": "Accept"})
