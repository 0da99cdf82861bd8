"""Nothing of what a picture shows, or of the machine, leaves the process that judges it.

A fresh process with an empty home judges a face. Threads of compiled libraries open their own
sockets and files, so this looks at what the kernel saw, where ``strace`` is installed, and
otherwise at what is open and what is left behind.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

JUDGE = """
import os, sys
import cv2, numpy as np
from screening.vision.check import MaskCheck
MaskCheck().check(np.full((240, 320, 3), 127, np.uint8))
for entry in os.listdir("/proc/self/fd"):
    try:
        print(os.readlink(f"/proc/self/fd/{entry}"))
    except FileNotFoundError:
        pass  # the listing's own
"""
ROOT = Path(__file__).parents[3]


def judge_in_a_fresh_process(home: Path, *before: str) -> str:
    """What the process has open at its end, a line each; ``home`` is all that it could write to."""
    environment = {
        "PATH": "/usr/bin:/bin",
        "HOME": str(home),
        "XDG_CACHE_HOME": str(home / "cache"),
        "TMPDIR": str(home),
        "PYTHONDONTWRITEBYTECODE": "1",
        "ORT_DISABLE_TELEMETRY": "0",  # whoever starts the program cannot switch it on by mistake
    }
    command = [*before, sys.executable, "-c", JUDGE]
    done = subprocess.run(
        command, cwd=ROOT, env=environment, check=True, capture_output=True, text=True
    )
    return done.stdout


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="needs /proc, which Linux has")
def test_judging_a_face_leaves_no_file_and_no_open_socket(tmp_path: Path) -> None:
    opened = judge_in_a_fresh_process(tmp_path)
    assert list(tmp_path.rglob("*")) == []
    assert not re.findall(r"socket:.*", opened)
    assert str(tmp_path) not in opened


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")
def test_judging_a_face_asks_the_kernel_for_no_socket_and_no_file_to_write(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    seen = tmp_path / "calls"
    calls = "trace=network,mkdir,mkdirat,creat,open,openat"
    strace = ("strace", "-f", "-qq", "-e", calls, "-o", str(seen))
    try:
        judge_in_a_fresh_process(home, *strace)
    except subprocess.CalledProcessError as error:
        if "ptrace" in error.stderr:
            pytest.skip("this machine lets nobody trace a process")
        raise
    text = seen.read_text(errors="replace")
    assert "openat(" in text
    assert re.findall(r".*\b(?:socket|connect|sendto|mkdir|mkdirat|creat)\(.*", text) == []
    written = re.findall(r'"([^"]*)", [^)]*O_(?:CREAT|WRONLY|RDWR)', text)
    assert [path for path in written if not path.startswith("/dev/")] == []
