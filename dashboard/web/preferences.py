"""Language and theme, kept in cookies; plain links, so they work without scripts and log-in."""

from __future__ import annotations

from datetime import timedelta

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from dashboard.web.language import LANGUAGE_COOKIE
from dashboard.web.login import local_path
from dashboard.web.rendering import THEME_COOKIE, THEMES, renderer_of

router = APIRouter(include_in_schema=False)

_KEPT = int(timedelta(days=365).total_seconds())


@router.get("/preferences")
async def choose(
    request: Request, back: str = "/", language: str = "", theme: str = ""
) -> Response:
    """Keep a known language or theme and go back to the page."""
    response = RedirectResponse(local_path(back), 303)
    keep_choice(request, response, language=language, theme=theme)
    return response


def keep_choice(request: Request, response: Response, *, language: str, theme: str) -> None:
    """Let the browser keep them, where they are known ones."""
    chosen = []
    if language in renderer_of(request).languages:
        chosen.append((LANGUAGE_COOKIE, language))
    if theme in THEMES:
        chosen.append((THEME_COOKIE, theme))
    for cookie, value in chosen:
        response.set_cookie(
            cookie,
            value,
            max_age=_KEPT,
            httponly=True,
            samesite="lax",
            secure=request.url.scheme == "https",
        )
