"""``pip install gerbang`` without its extras: what the office needs is there, and nothing more."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from importlib.metadata import PackageNotFoundError, packages_distributions, requires
from pathlib import Path

import httpx2
import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.e2e.served import ROOT, START_S, clean_environment, served

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


@pytest.fixture(scope="module")
def plain() -> tuple[str, str]:
    """Python's arguments for the command as it runs where no extra is installed."""
    needed = brought_by(PROJECT["dependencies"]) | {"gerbang"}
    missing = sorted(
        module
        for module, owners in packages_distributions().items()
        if module.isidentifier() and not needed & {canonicalize_name(owner) for owner in owners}
    )
    assert {"skimage", "scipy", "pytest", "psycopg"} <= set(missing)
    code = (
        "import sys\n"
        f"sys.modules.update(dict.fromkeys({missing!r}))\n"
        "from dashboard.__main__ import main\n"
        "main()\n"
    )
    return ("-c", code)


def brought_by(lines: list[str]) -> set[str]:
    """The named distributions and whatever they bring here, by their normal names."""
    found: dict[tuple[str, str], None] = {}
    open_ends = [Requirement(line) for line in lines]
    while open_ends:
        one = open_ends.pop()
        for extra in ("", *one.extras):
            key = (canonicalize_name(one.name), extra)
            if key in found:
                continue
            found[key] = None
            try:
                more = [Requirement(line) for line in requires(one.name) or ()]
            except PackageNotFoundError:  # of another system
                continue
            open_ends += [
                each for each in more if not each.marker or each.marker.evaluate({"extra": extra})
            ]
    return {name for name, _ in found}


def test_an_office_is_served_without_any_extra(plain: tuple[str, str], tmp_path: Path) -> None:
    with served(["serve"], data=tmp_path / "data", program=plain) as office:
        assert httpx2.get(f"{office.base}/healthz", timeout=START_S).json() == {"status": "ok"}
        assert office.stop() == 0


@pytest.mark.parametrize(
    ("extra", "arguments"),
    [
        pytest.param("demo", ["demo", "--port", "0"], id="demo"),
        pytest.param("demo", ["bench"], id="bench"),
        pytest.param("postgresql", ["log", "verify"], id="a record on PostgreSQL"),
    ],
)
def test_what_needs_an_extra_says_in_one_line_how_to_install_it(
    plain: tuple[str, str], extra: str, arguments: list[str], tmp_path: Path
) -> None:
    elsewhere = {"GERBANG_DATABASE_URL": "postgresql+psycopg://kantor@127.0.0.1:1/gerbang"}
    done = subprocess.run(
        [sys.executable, *plain, *arguments],
        cwd=ROOT,
        env={
            **clean_environment(),
            "GERBANG_DATA": str(tmp_path / "data"),
            **(elsewhere if extra == "postgresql" else {}),
        },
        capture_output=True,
        text=True,
        timeout=START_S,
        check=False,
    )
    assert done.returncode == 1, done.stderr
    assert re.fullmatch(rf".*pip install 'gerbang\[{extra}\]'\n", done.stderr)
    assert not done.stdout
    assert not (tmp_path / "data").exists()
