"""Finds every sentence that people may see, and brings the catalogues up to date with them."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path

from babel import Locale, UnknownLocaleError
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from dashboard.web.language import CATALOGUE_NAME, catalogue_files

SOURCE_LANGUAGE = "en"
__all__ = ["begin", "catalogue_files", "collect", "read", "untranslated", "update"]


_SOURCES = Path(__file__).parents[2]
_METHODS = [("**.py", "python"), ("**/templates/**.html", "jinja2")]
_OPTIONS = {"**/templates/**.html": {"trimmed": "true", "silent": "false"}}
_KEYWORDS: dict[str, tuple[int, ...] | None] = {
    "_": None,
    "N_": None,
    "say": None,
    "gettext": None,
    "ngettext": (1, 2),
    "count": (1, 2),
}


def collect() -> Catalog:
    """The sentences of code and templates with the files in which they stand."""
    template = Catalog(project="Gerbang", charset="utf-8")
    for filename, _line, message, _comments, _context in extract_from_dir(
        _SOURCES, _METHODS, _OPTIONS, keywords=_KEYWORDS, comment_tags=()
    ):
        # Babel writes a location without a line number, though its annotation asks for one.
        template.add(message, locations=[(f"dashboard/{filename}", None)])  # type: ignore[list-item]
    return template


def read(path: Path) -> Catalog:
    """A catalogue as it is on disk."""
    with path.open("rb") as file:
        return read_po(file, locale=path.parent.parent.name)


def update(path: Path, template: Catalog) -> Catalog:
    """Add new sentences, drop the ones that are gone, and write the file."""
    catalogue = read(path)
    # A copy, because the catalogue takes the template's own messages in.
    catalogue.update(deepcopy(template), no_fuzzy_matching=True, update_creation_date=False)
    catalogue.obsolete.clear()
    if path.parent.parent.name == SOURCE_LANGUAGE:
        for message in catalogue:
            if message.id and not _is_complete(message):
                message.string = message.id
    with path.open("wb") as file:
        write_po(file, catalogue, width=100, sort_output=True, omit_header=False, no_location=True)
    return catalogue


def untranslated(catalogue: Catalog) -> list[str]:
    """Message ids without a usable translation."""
    return [str(message.id) for message in catalogue if message.id and not _is_complete(message)]


def begin(folder: Path, code: str) -> Path:
    """An empty catalogue for one more language. Raises ValueError where there is no such one."""
    try:
        locale = Locale.parse(code)
    except (ValueError, UnknownLocaleError) as error:
        raise ValueError(f"{code!r} is not a language that dates can be written in") from error
    path = folder / code / "LC_MESSAGES" / CATALOGUE_NAME
    path.parent.mkdir(parents=True)
    with path.open("wb") as file:
        write_po(file, Catalog(locale=locale, project="Gerbang", charset="utf-8"), width=100)
    update(path, collect())
    return path


def _is_complete(message: Message) -> bool:
    said = message.string
    forms = (said,) if isinstance(said, str) else tuple(said or ("",))
    return not message.fuzzy and all(forms)
