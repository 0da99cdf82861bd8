"""Serve the example office to look at it: ``python -m tests.browser [port]``."""

from __future__ import annotations

import sys

import uvicorn

from dashboard.app import create_app
from tests.browser.states import make_example
from tests.dashboard.fakes import PASSWORD, USERS


def main() -> None:
    """Until a signal."""
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 8000
    print(f"log in as {', '.join(USERS)} with {PASSWORD}")
    uvicorn.run(
        create_app(make_example().office),
        port=port,
        timeout_graceful_shutdown=1,
        log_level="warning",
    )


if __name__ == "__main__":
    main()
