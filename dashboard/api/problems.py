"""The one shape of an error for machines: problem+json (RFC 9457)."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi.responses import JSONResponse

MEDIA_TYPE = "application/problem+json"


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
