"""Runs the web application, and ends the process on a signal.

The live streams end first, so that no request waits for them. What hangs elsewhere, as in a
database that does not answer, is given up after ``END_LIMIT_S``: its locks end with the process.
"""

from __future__ import annotations

import logging
import os
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

import uvicorn

from dashboard.app import create_app
from dashboard.bootstrap import House
from screening.errors import ScreeningError
from screening.settings import WebSettings

GRACE_S = 5
"""Requests that still run get this long; the streams have ended before."""
END_LIMIT_S = 14
"""After a signal the process has ended within this time, whatever hangs."""

_log = logging.getLogger(__name__)


class _Server(uvicorn.Server):
    def __init__(
        self,
        config: uvicorn.Config,
        *,
        on_exit: Callable[[], None],
        still_open: Callable[[], list[str]],
    ) -> None:
        super().__init__(config)
        self._on_exit = on_exit
        self._still_open = still_open
        self._is_ending = False

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        for server in self.servers:
            for listening in server.sockets:
                port = listening.getsockname()[1]
                scheme = "https" if self.config.is_ssl else "http"
                host = self.config.host
                shown = f"[{host}]" if ":" in host else host
                print(f"Gerbang answers at {scheme}://{shown}:{port}", flush=True)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        if not self._is_ending:
            self._is_ending = True
            # Threads, because the signal may have struck while the hub's lock was held.
            threading.Thread(target=self._on_exit, name="end-streams", daemon=True).start()
            limit = threading.Timer(END_LIMIT_S, self._give_up)
            limit.daemon = True
            limit.start()
        super().handle_exit(sig, frame)

    def _give_up(self) -> None:
        """End without whatever hangs; a thread that waits for a database cannot be ended."""
        left = ", ".join(self._still_open())
        _log.error("the end takes longer than %d s; given up: %s", END_LIMIT_S, left)
        logging.shutdown()
        os._exit(1)


def _stop(sig: int, frame: FrameType | None) -> None:
    """Raised again by the server when it has stopped: leave, but let everything close."""
    raise SystemExit(0)


@contextmanager
def listening_at(web: WebSettings) -> Iterator[socket.socket]:
    """The socket to serve on. Raises ScreeningError, so ask before any device is touched."""
    try:
        found = socket.getaddrinfo(web.host, web.port, type=socket.SOCK_STREAM)
        family, _, _, _, address = found[0]
        listening = socket.create_server(address, family=family)
    except OSError as error:
        raise ScreeningError(
            f"cannot listen on {web.host}, port {web.port}: {error.strerror or error}"
        ) from error
    with listening:
        # A kept-alive connection's answers would otherwise wait for a delayed acknowledgement of
        # 40 ms: asyncio sets this only on sockets that name TCP as their protocol.
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        yield listening


def run_server(house: House, listening: socket.socket) -> None:
    """Serve on that socket until a signal; the house is still open afterwards."""
    signal.signal(signal.SIGTERM, _stop)
    web = house.settings.web
    config = uvicorn.Config(
        create_app(house.office()),
        host=web.host,
        loop="uvloop",
        http="httptools",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=GRACE_S,
        ssl_certfile=web.tls_certificate,
        ssl_keyfile=web.tls_key,
    )
    server = _Server(config, on_exit=house.hub.close, still_open=house.still_open)
    server.run(sockets=[listening])
