"""What a gate's station may do: hand a code in, on the way in or out."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from datetime import datetime
from functools import partial
from typing import Annotated, Any, Literal, TypeVar

from fastapi import APIRouter, Depends, Header, HTTPException, Request, Response
from fastapi.routing import APIRoute
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from dashboard.api.problems import described
from dashboard.web.auth import gate_of_station, office_of, threads_of
from screening.decision import DecisionKind, Reason
from screening.errors import LaneConflict
from screening.gate.commands import Command, ExitScan, Scan
from screening.gate.runner import CALL_TIMEOUT_S, given_up
from screening.gate.view import ScanAnswer
from screening.readings import CodeSource

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


_WRITTEN = TypeAdapter(ScanAnswer)


class Left(BaseModel):
    """Whether the receipt's holder was inside and is out now."""

    left: bool


class _ScanRoute(APIRoute):
    """The way of a good scan, past FastAPI's solving of dependencies, which takes longer than it.

    Whatever is wrong with a request is told by FastAPI, as on every other route.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler of one request."""
        ordinary = super().get_route_handler()

        async def handle(request: Request) -> Response:
            if request.headers.get("content-type") != "application/json":
                return await ordinary(request)
            gate = request.path_params["gate"]
            await gate_of_station(request, gate)
            try:
                body = Presented.model_validate_json(await request.body())
            except ValidationError:
                return await ordinary(request)
            return await scan(gate, body, request)

        return handle


router = APIRouter(
    prefix="/gates/{gate}",
    tags=["gates"],
    dependencies=[Depends(gate_of_station)],
    responses=described(400, 401, 403, 404, 408, 409, 413, 421, 422, 429, 503),
)
_scans = APIRouter(route_class=_ScanRoute)


@_scans.post("/scans", response_model=Answer)
async def scan(gate: str, body: Presented, request: Request) -> Response:
    """A receipt is shown on the way in."""
    command = Scan(code=body.code, source=CodeSource.STATION, nonce=body.nonce)
    answer = await _answer(request, gate, command)
    # The answer is a value of our own: it is written as it is, not validated once more.
    return Response(_WRITTEN.dump_json(answer), media_type="application/json")


router.include_router(_scans)


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
