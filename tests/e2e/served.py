"""A gerbang process of its own, as an office would run it, and a station that calls it."""

from __future__ import annotations

import io
import multiprocessing
import os
import queue
import secrets
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import chdir, contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from multiprocessing import forkserver
from multiprocessing.connection import Connection
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
GERBANG = "from dashboard.__main__ import main; main()"

# To load the program takes a process longer than most of what it is then asked to do.
_LOADED = multiprocessing.get_context("forkserver")
_LOADED.set_forkserver_preload(["tests.e2e.loaded", "tests.e2e.served"])


class Forked:
    """A process of its own that runs some Python, forked from one that has loaded the program.

    What it prints, also as errors, is read from ``stdout``.
    """

    def __init__(
        self, code: str, arguments: Sequence[str], environment: Mapping[str, str] | None = None
    ) -> None:
        reader, writer = _LOADED.Pipe(duplex=False)
        environment = dict(os.environ if environment is None else environment)
        self._process = _LOADED.Process(
            target=_run, args=(code, list(arguments), environment, writer)
        )
        with chdir(ROOT):  # where it finds what it is to load
            forkserver.ensure_running()
        with writer:
            self._process.start()
        with reader:
            self.stdout = os.fdopen(os.dup(reader.fileno()), encoding="utf-8")

    def __enter__(self) -> Forked:
        return self

    def __exit__(self, *_: object) -> None:
        self.stdout.close()
        self.wait()

    def send_signal(self, number: int) -> None:
        if self._process.exitcode is None and self._process.pid is not None:
            os.kill(self._process.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def wait(self, timeout: float | None = None) -> int:
        """The exit status, -9 where it was killed. Raises TimeoutError."""
        self._process.join(timeout)
        if self._process.exitcode is None:
            raise TimeoutError(f"it runs on after {timeout} s")
        return self._process.exitcode


def _run(code: str, arguments: list[str], environment: dict[str, str], printed: Connection) -> None:
    """In the new process: what a new interpreter would make of it."""
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(ROOT)
    sys.argv = ["-c", *arguments]
    for stream in (1, 2):
        os.dup2(printed.fileno(), stream)
    sys.stdout = os.fdopen(1, "w", encoding="utf-8", buffering=1, closefd=False)
    sys.stderr = os.fdopen(2, "w", encoding="utf-8", buffering=1, closefd=False)
    printed.close()
    exec(code, {"__name__": "__main__"})


def gerbang(*arguments: str, data: Path, stdin: str = "") -> Any:
    """The JSON answer of a command that must succeed."""
    done = call_gerbang(*arguments, "--data", str(data), "--json", stdin=stdin)
    assert done.status == 0, done.err
    return done.json


def call_gerbang(*arguments: str, stdin: str = "") -> Outcome:
    """What a command prints and how it ends, in this process: nothing has to be started for it.

    For all that is only prepared or looked at; :func:`served` is for what a process does.
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


def clean_environment() -> dict[str, str]:
    """Without settings that happen to be set where the tests run."""
    return {key: value for key, value in os.environ.items() if not key.startswith("GERBANG_")}


@dataclass(frozen=True)
class Served:
    """A running office."""

    process: Forked | subprocess.Popen[str]
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
    arguments: Sequence[str],
    *,
    data: Path,
    code: str = GERBANG,
    program: Sequence[str] | None = None,
) -> Iterator[Served]:
    """Run ``gerbang <arguments>`` on a free port and wait until it answers.

    Other ``code`` than the command's may be run in its place; a ``program``, which is Python's
    arguments, is loaded anew.
    """
    told = [*arguments, "--port", "0", "--data", str(data)]
    process: Forked | subprocess.Popen[str]
    if program is None:
        process = Forked(code, told, clean_environment())
    else:
        process = subprocess.Popen(
            [sys.executable, *program, *told],
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
