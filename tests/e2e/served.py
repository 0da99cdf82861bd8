"""A gerbang process of its own, as an office would run it, and a station that calls it."""

from __future__ import annotations

import io
import os
import queue
import secrets
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest

from dashboard.__main__ import run
from tests.e2e.command import Outcome

START_S = 100
"""Until a process that is started beside much other work must have answered."""
PAUSE_S = 0.05
READY = "Gerbang answers at "
ROOT = Path(__file__).parents[2]


def gerbang(*arguments: str, data: Path, stdin: str = "") -> Any:
    """The JSON answer of a command that must succeed."""
    done = call_gerbang(*arguments, "--data", str(data), "--json", stdin=stdin)
    assert done.status == 0, done.err
    return done.json


def call_gerbang(*arguments: str, stdin: str = "") -> Outcome:
    """What a command prints and how it ends, in this process: nothing has to be started for it.

    For all that is only prepared or looked at; :func:`run_gerbang` is for what a process does.
    """
    typed = io.TextIOWrapper(io.BytesIO(stdin.encode()))
    with (
        pytest.MonkeyPatch.context() as patch,
        redirect_stdout(io.StringIO()) as out,
        redirect_stderr(io.StringIO()) as err,
    ):
        patch.setattr(sys, "stdin", typed)
        for key in os.environ.keys() - clean_environment().keys():
            patch.delenv(key)
        status = run(list(arguments))
    return Outcome(status, out.getvalue(), err.getvalue())


def run_gerbang(*arguments: str, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
    """What a command printed and how it ended."""
    return subprocess.run(
        [sys.executable, "-m", "dashboard", *arguments],
        cwd=ROOT,
        env=clean_environment(),
        input=stdin,
        capture_output=True,
        text=True,
        timeout=START_S,
        check=False,
    )


def clean_environment() -> dict[str, str]:
    """Without settings that happen to be set where the tests run."""
    return {key: value for key, value in os.environ.items() if not key.startswith("GERBANG_")}


@dataclass(frozen=True)
class Served:
    """A running office."""

    process: subprocess.Popen[str]
    base: str
    printed: queue.SimpleQueue[str]

    def kill(self) -> None:
        """As a power cut would."""
        self.process.kill()
        self.process.wait()

    def stop(self, within_s: float = START_S) -> int:
        """As a service manager would; the exit status."""
        self.process.terminate()
        return self.process.wait(timeout=within_s)


@contextmanager
def served(
    arguments: Sequence[str], *, data: Path, program: Sequence[str] = ("-m", "dashboard")
) -> Iterator[Served]:
    """Run ``gerbang <arguments>`` on a free port and wait until it answers."""
    process = subprocess.Popen(
        [sys.executable, *program, *arguments, "--port", "0", "--data", str(data)],
        cwd=ROOT,
        env={**clean_environment(), "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    printed: queue.SimpleQueue[str] = queue.SimpleQueue()
    address: queue.SimpleQueue[str | None] = queue.SimpleQueue()

    def read() -> None:
        assert process.stdout is not None
        for line in process.stdout:
            printed.put(line)
            if line.startswith(READY):
                address.put(line.removeprefix(READY).strip())
        address.put(None)

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    try:
        base = address.get(timeout=START_S)
        assert base is not None, "".join(drained(printed))
        yield Served(process, base, printed)
    finally:
        process.kill()
        process.wait()
        reader.join(5)
        assert process.stdout is not None
        process.stdout.close()


def comes_true(holds: Callable[[], bool], within_s: float) -> bool:
    """Whether it comes to hold in that time.

    What the questions themselves take is not counted: it is next to nothing, except beside so much
    other work that whoever is asked can do no better either.
    """
    for _ in range(round(within_s / PAUSE_S)):
        if holds():
            return True
        threading.Event().wait(PAUSE_S)
    return holds()


def drained(printed: queue.SimpleQueue[str]) -> Iterator[str]:
    while not printed.empty():
        yield printed.get()


@dataclass(frozen=True)
class Station:
    """Scans receipts at one gate of a running office."""

    client: httpx2.Client
    gate: str
    token: str

    def scan(self, code: str, nonce: str | None = None) -> httpx2.Response:
        return self.client.post(
            f"/api/v1/gates/{self.gate}/scans",
            json={"code": code, "nonce": nonce or secrets.token_hex(8)},
            headers={"Authorization": f"Bearer {self.token}"},
        )
