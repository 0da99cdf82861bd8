"""What a gate's station may do: hand a code in, on the way in or out."""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from datetime import datetime
from functools import partial
from typing import Annotated, Literal, TypeVar

from fastapi import APIRouter, Depends, Header, HTTPException, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from dashboard.api.problems import described
from dashboard.auth import gate_of_station, office_of, threads_of
from screening.decision import DecisionKind, Reason
from screening.errors import LaneConflict
from screening.gate.commands import Command, ExitScan, Scan
from screening.gate.runner import CALL_TIMEOUT_S, given_up
from screening.readings import CodeSource

router = APIRouter(
    prefix="/gates/{gate}",
    tags=["gates"],
    dependencies=[Depends(gate_of_station)],
    responses=described(401, 403, 404, 408, 409, 413, 421, 422, 429, 503),
)

Answered = TypeVar("Answered")

CODE_LIMIT = 1024
"""A version-10 QR holds 311 characters; anything near this limit is not a receipt."""


IdempotencyKey = Annotated[
    str | None, Header(min_length=1, max_length=64, pattern=r"^[\x21-\x7e]+$")
]
"""Chosen by the station for one presentation; kept for as long as the log."""


class Presented(BaseModel):
    """A code and the nonce of this one presentation (the idempotency key)."""

    model_config = ConfigDict(extra="forbid")

    code: str = Field(min_length=1, max_length=CODE_LIMIT, description="GB1: token or number")
    nonce: str = Field(
        min_length=1,
        max_length=64,
        pattern=r"^[\x21-\x7e]+$",
        description="Chosen by the station; the same one again gives the same answer",
    )


class PresentedOnTheWayOut(BaseModel):
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


@router.post("/scans", response_model=Answer)
async def scan(gate: str, body: Presented, request: Request) -> Response:
    """A receipt is shown on the way in."""
    command = Scan(code=body.code, source=CodeSource.STATION, nonce=body.nonce)
    answer = await _answer(request, gate, command)
    # The answer is a value of our own: it is written as it is, not validated once more.
    return JSONResponse({**asdict(answer), "ready_at": _iso(answer.ready_at)})


@router.post("/exits")
async def leave(
    gate: str, body: PresentedOnTheWayOut, request: Request, idempotency_key: IdempotencyKey = None
) -> Left:
    """A receipt is shown on the way out.

    The same ``Idempotency-Key`` with the same code gives the same answer and lets nobody else out;
    with another code it is refused with 422.
    """
    command = ExitScan(code=body.code, nonce=idempotency_key)
    try:
        return Left(left=await _answer(request, gate, command))
    except LaneConflict as conflict:
        if conflict.code != "nonce_reused":
            raise
        detail = "This Idempotency-Key was used with another code."
        raise HTTPException(422, detail) from conflict


async def _answer(request: Request, gate: str, command: Command[Answered]) -> Answered:
    """The gate's answer; no thread waits for it. Raises RecordError where it takes too long."""
    gates = office_of(request).gates
    control = gates.running(gate)
    if control is None:  # it is made on first use
        control = await threads_of(request).ask(partial(gates.get, gate))
    future = control.post(command)
    try:
        async with asyncio.timeout(CALL_TIMEOUT_S):
            return await asyncio.wrap_future(future)
    except TimeoutError as error:
        raise given_up(future) from error


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat().replace("+00:00", "Z")
