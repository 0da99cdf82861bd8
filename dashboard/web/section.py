"""The pages of one kind of reader, as the application takes them in."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from fastapi import APIRouter
from fastapi.routing import iter_route_contexts
from starlette.routing import Match
from starlette.types import Scope


class Addresses(APIRouter):
    """A router whose routes are tried only for addresses that begin as one of them does.

    The web tries one route after the other until one fits, and there are hundreds. ``prefix`` is
    the one with which it will be included. The routes are taken over as they are: FastAPI works out
    every route of a router that is included twice before the first request comes.
    """

    def __init__(self, router: APIRouter, prefix: str = "") -> None:
        super().__init__()
        self.routes.extend(router.routes)
        paths = {f"{prefix}{route.path_format or ''}" for route in iter_route_contexts(self.routes)}
        self._whole = frozenset(path for path in paths if "{" not in path)
        self._beginnings = tuple({path.partition("{")[0] for path in paths - self._whole})

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Whether one of its routes fits, and what it found in the address."""
        path: str = scope["path"]
        if path in self._whole or path.startswith(self._beginnings):
            return super().matches(scope)
        return Match.NONE, {}


@dataclass(frozen=True, slots=True)
class Section:
    """Routes with the folder in which their templates, styles and scripts lie.

    A template is asked for as ``name/file.html``; styles and scripts are at ``/static/`` with those
    of all sections, so that no two files may have one name.
    """

    name: str
    folder: Path
    routers: tuple[APIRouter, ...] = ()

    @property
    def templates(self) -> Path:
        """The folder of its templates."""
        return self.folder / "templates"

    @property
    def static(self) -> Path:
        """The folder of its styles, scripts and pictures."""
        return self.folder / "static"
