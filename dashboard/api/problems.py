"""The one shape of an error for machines: problem+json (RFC 9457)."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

MEDIA_TYPE = "application/problem+json"


class Problem(BaseModel):
    """What an error says; ``type`` is a stable name that a program may look at."""

    model_config = ConfigDict(extra="allow")

    type: str = Field(description="about:blank, or urn:gerbang:problem: and a name")
    title: str
    status: int
    detail: str


_MEANINGS = {
    400: "The body cannot be read as text.",
    401: "The token or key is missing or not known.",
    403: "The token belongs to another gate, or the key has not this scope.",
    404: "There is no such gate, service, receipt or registration.",
    408: "The body was not there within ten seconds.",
    409: "This cannot be done now; `code` says why.",
    413: "The body has more than 64 KB.",
    421: "Another process runs this gate; `owner` is its address, where it is known.",
    422: "The request cannot be used as it is; `errors` says where.",
    429: "Too many; `Retry-After` says when again.",
    503: "Nothing moved, or (`outcome-unknown`) it may have: ask again with the same key."
    " `Retry-After` says when.",
}


def described(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The errors of a route, for the description of the interface."""
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {status: {"description": _MEANINGS[status], "content": content} for status in statuses}


def problem(
    status: int,
    detail: str,
    *,
    kind: str = "about:blank",
    headers: Mapping[str, str] | None = None,
    **more: Any,
) -> JSONResponse:
    """An error answer; ``kind`` is a stable name that a program may look at."""
    return JSONResponse(
        {
            "type": kind if kind == "about:blank" else f"urn:gerbang:problem:{kind}",
            "title": HTTPStatus(status).phrase,
            "status": status,
            "detail": detail,
            **more,
        },
        status_code=status,
        headers=dict(headers or {}),
        media_type=MEDIA_TYPE,
    )
