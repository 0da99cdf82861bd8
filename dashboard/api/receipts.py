"""What another system may do to receipts by its key: revoke them."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, HTTPException, Path, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from dashboard.api.problems import described
from dashboard.api.repeats import IdempotencyKey, answered, asked_of
from dashboard.web.auth import RegistrationsKey, office_of
from screening.errors import UnknownReceipt
from screening.receipts.claims import ReceiptClaims
from screening.repeats import Answer

router = APIRouter(prefix="/receipts", tags=["receipts"])


class Revocation(BaseModel):
    """Why it is worthless; the log keeps it."""

    model_config = ConfigDict(extra="forbid")

    reason: str = Field(min_length=1, max_length=200)


class Revoked(BaseModel):
    """The receipt that lets nobody in any more."""

    number: str
    issuer: str
    revoked: bool = True


# An imported number may have slashes in it.
@router.post(
    "/{number:path}/revoke",
    response_model=Revoked,
    responses=described(400, 401, 403, 404, 408, 413, 422, 503),
)
def revoke(
    number: Annotated[str, Path(max_length=64)],
    body: Revocation,
    request: Request,
    key: RegistrationsKey,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Make a receipt worthless, issued here or imported; once more does no harm."""
    office = office_of(request)

    def work() -> ReceiptClaims:
        try:
            return office.revoke_receipt(number, body.reason, key.actor)
        except UnknownReceipt as error:
            raise HTTPException(404, f"No receipt has the number {number!r}.") from error

    asked = asked_of(request, key, idempotency_key, body, _answer)
    return answered(request, asked, work, _answer)


def _answer(claims: ReceiptClaims) -> Answer:
    told = Revoked(number=claims.number, issuer=claims.issuer)
    return Answer(200, told.model_dump_json().encode())
