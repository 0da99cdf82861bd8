"""Writes that a program may send again: the header ``Idempotency-Key``, and the first answer."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Annotated

from fastapi import Header, Request, Response
from pydantic import BaseModel

from dashboard.api.problems import MEDIA_TYPE
from dashboard.web.auth import Caller, office_of
from screening.accounts import SystemKey
from screening.repeats import Answer, Asked, Result

IdempotencyKey = Annotated[
    str | None,
    Header(
        min_length=1,
        max_length=128,
        pattern=r"^[\x21-\x7e]+$",
        description="Chosen by the caller for this one write, kept for 24 hours: the same again"
        " gives the first answer, and with another body 422",
    ),
]


def asked_of(
    request: Request,
    key: SystemKey | Caller,
    idempotency_key: str | None,
    body: BaseModel | None,
    answer: Callable[[Result], Answer],
) -> Asked[Result] | None:
    """The request as it is known when it is sent again; None where it has no idempotency key.

    Two bodies that say the same in other words (blanks, order) are the same request.
    """
    if idempotency_key is None:
        return None
    said = "" if body is None else body.model_dump_json()
    text = f"{request.method} {request.url.path}\n{said}"
    return Asked(
        caller=key.name,
        key=idempotency_key,
        digest=hashlib.sha256(text.encode()).hexdigest(),
        answer=answer,
    )


def answered(
    request: Request,
    asked: Asked[Result] | None,
    work: Callable[[], Result],
    answer: Callable[[Result], Answer],
) -> Response:
    """The first answer to the same request, else that of the work.

    For work that does no harm when it is done twice: its answer is kept after it. What must be done
    once takes ``asked`` into its own transaction. Raises KeyReused, RecordError.
    """
    if asked is None:
        return written(answer(work()))
    office = office_of(request)
    at, answers = office.clock.now(), office.kept_answers
    return written(answers.kept(asked, at=at) or answers.keep(asked, answer(work()), at=at))


def written(answer: Answer) -> Response:
    """An answer as it was kept."""
    if answer.status == 204:
        return Response(status_code=204)
    media_type = MEDIA_TYPE if answer.status >= 400 else "application/json"
    return Response(answer.body, answer.status, media_type=media_type)
