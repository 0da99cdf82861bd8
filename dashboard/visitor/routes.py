"""A visitor's own receipt."""

from __future__ import annotations

from math import ceil

import segno
from fastapi import APIRouter, Depends, HTTPException, Request, Response

from dashboard.visitor.contexts import ReceiptShown
from dashboard.web.auth import address_of, current_session, know_visitor, office_of
from dashboard.web.guessing import Tally
from dashboard.web.office_words import words_of
from dashboard.web.rendering import renderer_of
from screening.decision import Check

router = APIRouter(include_in_schema=False)

MISSES_ALLOWED = 30
"""Receipt numbers that do not exist, asked for from one address in a minute."""
MISSES_WINDOW_S = 60.0


@router.get("/r/{number}", dependencies=[Depends(know_visitor)])
def receipt(request: Request, number: str) -> Response:
    """A receipt with its QR, for the visitor's own phone."""
    find, misses = office_of(request).receipt_page, receipt_misses_of(request)
    address = address_of(request)
    wait_s = 0.0 if current_session(request) else misses.take(address)
    if wait_s > 0:
        raise HTTPException(429, headers={"Retry-After": str(ceil(wait_s))})
    found = find(number.strip().upper()) if find is not None and len(number) <= 64 else None
    if found is None:
        raise HTTPException(404)
    if current_session(request) is None:
        misses.give_back(address)
    renderer = renderer_of(request)
    words = words_of(request)
    size, path = _qr_path(found.token)
    context = ReceiptShown(
        shell=renderer.shell(request),
        number=found.number,
        service=words.service(found.service) or found.service,
        party_size=found.party_size,
        first_day=words.language.day(found.not_before, words.zone),
        expires=words.language.moment(found.expires, words.zone),
        is_revoked=found.is_revoked,
        needs_mask=Check.MASK in _checks(request),
        qr_path=path,
        qr_size=size,
    )
    return renderer.page(request, "visitor/receipt.html", context)


def receipt_misses_of(request: Request) -> Tally:
    """The application's count of receipts that were guessed."""
    misses: Tally = request.app.state.receipt_misses
    return misses


def _checks(request: Request) -> frozenset[Check]:
    return office_of(request).facts.current().visitor_checks


def _qr_path(text: str) -> tuple[int, str]:
    """The side of the QR in modules and its dark modules as an SVG path."""
    matrix = segno.make_qr(text, error="m").matrix
    path = "".join(
        f"M{column} {row}h1v1h-1z"
        for row, cells in enumerate(matrix)
        for column, is_dark in enumerate(cells)
        if is_dark
    )
    return len(matrix), path
