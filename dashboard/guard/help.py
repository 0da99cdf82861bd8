"""Help inside the product: what the screens say and what to do, without a log-in."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from dashboard.guard.help_words import help_page
from dashboard.web.rendering import renderer_of

router = APIRouter(prefix="/help", include_in_schema=False)


@router.get("/guard")
async def guards_help(request: Request) -> Response:
    """The guard's page explained in its own words."""
    renderer = renderer_of(request)
    return renderer.page(request, "guard/help.html", help_page(renderer.shell(request)))
