"""What the documents point at is there: pages, headings, files, names of the code."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from dashboard.__main__ import app

ROOT = Path(__file__).parents[1]
PACKAGES = ("screening", "drivers", "dashboard", "tests")
DOCUMENTS = sorted(
    path
    for path in (*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("screening/**/*.md"))
    if path.is_file()
)
INDEX = ROOT / "docs" / "README.md"

_LINK = re.compile(r"\[[^\]\n]*\]\(([^)\s]+)\)|<img src=\"([^\"]+)\"")
_CODE = re.compile(r"`([^`\n]+)`")
_FENCED = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
_PATH = re.compile(rf"(?:{'|'.join((*PACKAGES, 'docs', '.ci'))})/[\w./-]*")
_NAME = re.compile(rf"(?:{'|'.join(PACKAGES)})(?:\.\w+)+")
_CALL = re.compile(r"(?:(?<=bin/)|(?<![\w:/-])(?<!the ))gerbang +([a-z][^`\n|#]*)")
_OUTSIDE = ("http://", "https://", "mailto:")


def _prose(path: Path) -> str:
    return _FENCED.sub("", path.read_text(encoding="utf-8"))


def _links(path: Path) -> list[str]:
    found = (link or picture for link, picture in _LINK.findall(_prose(path)))
    return [link for link in found if not link.startswith(_OUTSIDE)]


def _named(path: Path, pattern: re.Pattern[str]) -> list[str]:
    return [code for code in _CODE.findall(_prose(path)) if pattern.fullmatch(code)]


def _anchors(path: Path) -> set[str]:
    """A page's headings, as the address of each is made of its words."""
    headings = re.findall(r"^#+ +(.*)$", _prose(path), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def _where(path: Path, link: str) -> Path:
    return (path.parent / link.partition("#")[0]).resolve() if link[0] != "#" else path


def _commands(group: Any, before: str = "") -> dict[str, set[str]]:
    """Each command of ``gerbang`` and its options."""
    found = dict[str, set[str]]()
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            found |= _commands(command, f"{before}{name} ")
        else:
            found[before + name] = {opt for param in command.params for opt in param.opts}
    return found


COMMANDS = _commands(get_command(app))


def _calls(path: Path) -> Iterator[tuple[str, set[str]]]:
    """What a page lets people type: one or two words behind ``gerbang``, and the options."""
    text = path.read_text(encoding="utf-8").replace("\\\n", " ")
    code = _FENCED.findall(text) + _CODE.findall(_FENCED.sub("", text))
    for call in (call for piece in code for call in _CALL.findall(piece)):
        words = re.match(r"[a-z-]+(?: +[a-z][a-z-]*(?![\w=./-]))?", call)
        if words and not call.startswith("gerbang"):
            yield re.sub(" +", " ", words[0]), set(re.findall(r"(?<!\S)\[?(--[a-z-]+)", call))


def _is_importable(dotted: str) -> bool:
    """A module, or something in one, such as ``package.module.Type.method``."""
    parts = dotted.split(".")
    for length in range(len(parts), 0, -1):
        try:
            found: object = import_module(".".join(parts[:length]))
        except ModuleNotFoundError:
            continue
        return all((found := getattr(found, part, None)) is not None for part in parts[length:])
    return False


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_leads_to_a_page_and_its_heading(path: Path) -> None:
    for link in _links(path):
        page = _where(path, link)
        assert page.exists(), link
        if "#" in link:
            assert link.partition("#")[2] in _anchors(page), link


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_named_file_and_every_name_of_the_code_is_there(path: Path) -> None:
    assert [name for name in _named(path, _PATH) if not (ROOT / name).exists()] == []
    assert [name for name in _named(path, _NAME) if not _is_importable(name)] == []


def test_the_index_leads_to_every_page() -> None:
    seen, open_pages = set[Path](), [INDEX]
    while open_pages:
        page = open_pages.pop()
        seen.add(page)
        found = {_where(page, link) for link in _links(page)}
        open_pages += [one for one in found if one.suffix == ".md" and one not in seen]
    pages = {path for path in DOCUMENTS if path.is_relative_to(ROOT / "docs")}
    assert pages - seen == set()


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_command_that_a_page_names_is_there(path: Path) -> None:
    for words, options in _calls(path):
        named = {name for name in COMMANDS if name == words or name.startswith(f"{words} ")}
        named = named or {words.partition(" ")[0]} & COMMANDS.keys()
        assert named, words
        known = set[str]().union(*(COMMANDS[name] for name in named), {"--help"})
        assert options <= known, f"{words}: {options - known}"


def test_the_readme_lists_every_command() -> None:
    table = (ROOT / "README.md").read_text("utf-8").partition("## Commands")[2]
    listed = set[str]()
    for row in re.findall(r"^\| (`gerbang (?:[^|\\]|\\.)*)\|", table, re.MULTILINE):
        first, *more = (code.removeprefix("gerbang ") for code in _CODE.findall(row))
        listed |= {name for name in COMMANDS if f"{first} ".startswith(f"{name} ")}
        group = first.partition(" ")[0]
        listed |= {f"{group} {code.partition(' ')[0]}" for code in more}
    assert COMMANDS.keys() - listed == set()


def test_what_programs_say_of_the_documents_is_there() -> None:
    for package in PACKAGES:
        for source in (ROOT / package).rglob("*.py"):
            for name in re.findall(r"docs/[\w/-]+\.(?:md|service)", source.read_text("utf-8")):
                assert (ROOT / name).is_file(), f"{source.relative_to(ROOT)}: {name}"


def test_the_hooks_run_the_tools_of_make_lint() -> None:
    lint = (ROOT / "Makefile").read_text("utf-8").partition("\nlint:")[2].partition("\n\n")[0]
    hooks = (ROOT / ".pre-commit-config.yaml").read_text("utf-8")
    tools = set(re.findall(r"\$\(BIN\)/([\w-]+)", lint))
    assert tools
    assert {tool for tool in tools if f"entry: .venv/bin/{tool}" not in hooks} == set()


def test_the_pictures_of_the_readme_are_small() -> None:
    pictures = sorted(ROOT.glob("docs/pictures/*"))
    assert len(pictures) == 3
    assert all(picture.stat().st_size <= 150_000 for picture in pictures)
