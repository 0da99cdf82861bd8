"""One loaded check for all tests, and the labelled pictures that lie beside the project."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from screening.vision.check import MaskCheck

REPOSITORY = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="session")
def check() -> MaskCheck:
    return MaskCheck()


@pytest.fixture(scope="session")
def labelled_pictures() -> Path:
    """The validation pictures; they are not in the repository and may not be."""
    shared = os.environ.get("GERBANG_SHARED_DATA")
    root = Path(shared) if shared else REPOSITORY.parent / "shared" / "data"
    folder = root / "masks" / "val"
    if not folder.is_dir():
        pytest.skip(f"no labelled pictures at {folder}: set GERBANG_SHARED_DATA to have them")
    return folder
