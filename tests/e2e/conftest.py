from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from dashboard.__main__ import run
from tests.e2e.command import Gerbang, Outcome
from tests.records import migrated_once, sealed_quickly


@pytest.fixture(scope="session", autouse=True)
def _migrated_once() -> Iterator[None]:
    with migrated_once():
        yield


@pytest.fixture(scope="session", autouse=True)
def _sealed_quickly() -> Iterator[None]:
    with sealed_quickly():
        yield


@pytest.fixture
def gerbang(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Gerbang:
    """Runs the command in an empty folder with its own data."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GERBANG_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("GERBANG_WEB__PORT", "0")  # whatever else this machine serves at 8000

    def call(*arguments: str, stdin: bytes | str | None = None) -> Outcome:
        if stdin is not None:
            typed = io.BytesIO(stdin.encode() if isinstance(stdin, str) else stdin)
            monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BufferedReader(typed)))
        status = run(list(arguments))
        printed = capsys.readouterr()
        return Outcome(status, printed.out, printed.err)

    return call
