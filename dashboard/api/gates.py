"""What a gate's station may do: hand a code in, on the way in or out."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict, Field

from dashboard.auth import gate_of_station, office_of
from screening.decision import DecisionKind, Reason
from screening.gate.view import ScanAnswer
from screening.readings import CodeSource

router = APIRouter(prefix="/gates/{gate}", tags=["gates"], dependencies=[Depends(gate_of_station)])

CODE_LIMIT = 1024
"""A version-10 QR holds 311 characters; anything near this limit is not a receipt."""


class Scan(BaseModel):
    """A code and the nonce of this one presentation (the idempotency key)."""

    model_config = ConfigDict(extra="forbid")

    code: str = Field(min_length=1, max_length=CODE_LIMIT, description="GB1: token or number")
    nonce: str = Field(
        min_length=1,
        max_length=64,
        pattern=r"^[\x21-\x7e]+$",
        description="Chosen by the station; the same one again gives the same answer",
    )


class ExitScan(BaseModel):
    """A code shown on the way out."""

    model_config = ConfigDict(extra="forbid")

    code: str = Field(min_length=1, max_length=CODE_LIMIT, description="GB1: token or number")


class Answer(BaseModel):
    """The decision so far; on a gate that asks for the receipt only it is the verdict."""

    status: Literal["ok", "refused", "pending"]
    reason: Reason
    decision: DecisionKind
    receipt_number: str | None
    service: str | None
    seat: str | None
    ticket: str | None
    place: int | None
    party_size: int | None
    attempt_id: str
    ready_at: datetime | None


class Left(BaseModel):
    """Whether the receipt's holder was inside and is out now."""

    left: bool


@router.post("/scans")
def scan(gate: str, body: Scan, request: Request) -> Answer:
    """A receipt is shown on the way in."""
    control = office_of(request).gates.get(gate)
    return _answer(control.scan(body.code, source=CodeSource.STATION, nonce=body.nonce))


@router.post("/exits")
def leave(gate: str, body: ExitScan, request: Request) -> Left:
    """A receipt is shown on the way out."""
    control = office_of(request).gates.get(gate)
    return Left(left=control.exit_scan(body.code, operator=None))


def _answer(answer: ScanAnswer) -> Answer:
    return Answer.model_validate(answer, from_attributes=True)
