"""What holds for every test."""

from __future__ import annotations

import gc
import os
from collections import Counter
from typing import NoReturn

import pytest
from hypothesis import HealthCheck, settings

import screening  # noqa: F401, before any test loads a library that it keeps silent

gc.set_threshold(0)  # until all is loaded, which stays

# How long an example takes says something of the machine's other work, not of the code.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")


def is_missing(what: str) -> NoReturn:
    """Skip the test, saying why; it fails where continuous integration sets ``CI``.

    Whoever sets ``EVERY_TEST`` decides for it: 1 fails here too, nothing skips there too.
    """
    if os.environ.get("EVERY_TEST", os.environ.get("CI")):
        pytest.fail(f"{what}, and every test is asked for", pytrace=False)
    pytest.skip(what)


def pytest_collection_finish() -> None:
    """Look for unreachable cycles among what the tests make alone, not among all that is loaded."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Tell why tests were skipped, each reason once."""
    skipped = terminalreporter.getreports("skipped")
    why = Counter(str(report.longrepr[2]).removeprefix("Skipped: ") for report in skipped)
    for reason, tests in why.most_common():
        terminalreporter.write_line(f"{tests} skipped: {reason}", yellow=True)
