"""The pages of one kind of reader, as the application takes them in."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from fastapi import APIRouter


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
