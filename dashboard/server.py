"""Runs the web application; on a signal the live streams end first, so that nothing hangs."""

from __future__ import annotations

import signal
import socket
import threading
from collections.abc import Callable
from types import FrameType

import uvicorn

from dashboard.app import create_app
from dashboard.bootstrap import House

GRACE_S = 5
"""Requests that still run get this long; the streams have ended before."""


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, on_exit: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_exit = on_exit

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        for server in self.servers:
            for listening in server.sockets:
                port = listening.getsockname()[1]
                scheme = "https" if self.config.is_ssl else "http"
                print(f"Gerbang answers at {scheme}://{self.config.host}:{port}", flush=True)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        # A thread, because the signal may have struck while the hub's lock was held.
        threading.Thread(target=self._on_exit, name="end-streams").start()
        super().handle_exit(sig, frame)


def _stop(sig: int, frame: FrameType | None) -> None:
    """Raised again by the server when it has stopped: leave, but let everything close."""
    raise SystemExit(0)


def run_server(house: House) -> None:
    """Serve until a signal; the house is still open afterwards."""
    signal.signal(signal.SIGTERM, _stop)
    web = house.settings.web
    config = uvicorn.Config(
        create_app(house.office()),
        host=web.host,
        port=web.port,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=GRACE_S,
        ssl_certfile=web.tls_certificate,
        ssl_keyfile=web.tls_key,
    )
    _Server(config, house.hub.close).run()
