"""An office that nobody administers tells by which address somebody may, as long as that is so."""

from __future__ import annotations

import re
from pathlib import Path

import httpx2

from tests.e2e.served import START_S, Served, call_gerbang, drained, served

ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+(/setup/[\w-]{32})")


def told(running: Served) -> list[str]:
    """The paths that were printed before it answered."""
    found: list[str] = ADDRESS.findall("".join(drained(running.printed)))
    return found


def test_serve_tells_the_address_of_the_first_start_until_there_is_an_administrator(
    tmp_path: Path,
) -> None:
    data = tmp_path / "data"
    with served(["serve"], data=data) as running:
        (path,) = told(running)
        assert httpx2.get(running.base + path, timeout=START_S).status_code == 200
        assert httpx2.get(running.base + "/", timeout=START_S).status_code == 200
        add = ("user", "add", "rina", "--role", "administrator", "--password-stdin")
        done = call_gerbang(*add, "--data", str(data), stdin="sepeda biru di atap\n")
        assert done.status == 0, done.err
        assert httpx2.get(running.base + path, timeout=START_S).status_code == 404
        running.stop()
    with served(["serve"], data=data) as running:
        assert told(running) == []
        running.stop()
