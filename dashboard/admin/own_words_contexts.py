"""What the administrators' page of the office's own words shows."""

from __future__ import annotations

from dataclasses import dataclass

from dashboard.admin.contexts import Around, Field
from dashboard.web.shell import Shell


@dataclass(frozen=True, slots=True, kw_only=True)
class WordsPlace:
    """A place, with what is said there: ``kind`` draws it, ``preview`` are the words by language.

    ``default`` is what stands there without any, where that is something.
    """

    kind: str
    title: str
    where: str
    example: str
    default: str
    preview: tuple[tuple[str, str], ...]
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class WordsPage:
    """``admin/words.html``. ``message`` is on the displays, empty without one."""

    shell: Shell
    around: Around
    places: tuple[WordsPlace, ...]
    message: str
