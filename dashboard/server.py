"""Runs the web application, and ends the process on a signal.

The live streams end first, so that no request waits for them. What hangs elsewhere, as in a
database that does not answer, is given up after ``END_LIMIT_S``: its locks end with the process.
"""

from __future__ import annotations

import asyncio
import errno
import gc
import logging
import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import cast

import uvicorn
from starlette.types import ASGIApp

from dashboard.app import create_app
from dashboard.bootstrap import RunningOffice
from dashboard.web.auth import is_of_somebody_known
from dashboard.web.connections import (
    Connection,
    Door,
    Headers,
    OncePerBurst,
    raise_descriptor_limit,
)
from screening.errors import ScreeningError
from screening.settings import WebSettings

GRACE_S = 5
"""Requests that still run get this long; the streams have ended before."""
BACKLOG = 512
"""Connections that wait in the system until they are accepted."""
END_LIMIT_S = 14
"""After a signal the process has ended within this time, whatever hangs."""
NEW_OBJECTS_BETWEEN_COLLECTIONS = 10_000
"""Objects made and not given back before the collector of cycles looks at the newest."""

_log = logging.getLogger(__name__)


class _Server(uvicorn.Server):
    def __init__(
        self,
        config: uvicorn.Config,
        *,
        on_exit: Callable[[], None],
        still_open: Callable[[], list[str]],
        knows: Callable[[Headers], bool],
        descriptors: int,
    ) -> None:
        super().__init__(config)
        self._on_exit = on_exit
        self._still_open = still_open
        self._is_ending = False
        self._knows = knows
        self._descriptors = descriptors

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup([])
        _spare_the_collector()
        doors = [self._door(listening) for listening in sockets or ()]
        self.servers = cast("list[asyncio.Server]", doors)
        for door in doors:
            for listening in door.sockets:
                port = listening.getsockname()[1]
                scheme = "https" if self.config.is_ssl else "http"
                host = self.config.host
                shown = f"[{host}]" if ":" in host else host
                print(f"Gerbang answers at {scheme}://{shown}:{port}", flush=True)

    def _door(self, listening: socket.socket) -> Door:
        def arrive() -> Connection:
            return Connection(self.config, self.server_state, self.lifespan.state)

        return Door(
            listening,
            arrive,
            knows=self._knows,
            tls=self.config.ssl,
            descriptors=self._descriptors,
        )

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
        listening = socket.create_server(address, family=family, backlog=BACKLOG)
    except OSError as error:
        problem = f"cannot listen on {web.host}, port {web.port}: {_in_words(error)}"
        if error.errno == errno.EADDRINUSE:
            problem += f"; is it running already? Another port: --port {_other_port(web.port)}"
        elif error.errno == errno.EACCES:
            problem += "; ports from 1024 need no rights: --port 8443"
        raise ScreeningError(problem) from error
    with listening:
        # A kept-alive connection's answers would otherwise wait for a delayed acknowledgement of
        # 40 ms: asyncio sets this only on sockets that name TCP as their protocol.
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        yield listening


def _spare_the_collector() -> None:
    """Look for unreachable cycles only among what came after the start, and more rarely.

    The modules, the routes and the tables live as long as the program. Going through all of them
    again and again held every thread for a quarter of a second at a time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(NEW_OBJECTS_BETWEEN_COLLECTIONS)


def _in_words(error: OSError) -> str:
    """What the system says; Python adds an address that was told already."""
    is_of_a_name = isinstance(error, socket.gaierror)
    return str(error.strerror or error) if is_of_a_name else os.strerror(error.errno or 0)


def _other_port(port: int) -> int:
    return port + 1 if port < 65535 else port - 1


def config_of(app: ASGIApp, web: WebSettings) -> uvicorn.Config:
    """How the application is served: over TLS where the site has a certificate, and believing
    nobody but the site's proxies for whom they speak."""
    return uvicorn.Config(
        app,
        host=web.host,
        loop="uvloop",
        http=Connection,
        proxy_headers=bool(web.proxies),
        forwarded_allow_ips=[str(proxy) for proxy in web.proxies],
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=GRACE_S,
        ssl_certfile=web.tls_certificate,
        ssl_keyfile=web.tls_key,
    )


def run_server(running: RunningOffice, listening: socket.socket) -> None:
    """Serve on that socket until a signal; the office is still open afterwards."""
    signal.signal(signal.SIGTERM, _stop)
    web = running.settings.web
    config = config_of(create_app(running.office()), web)
    logging.getLogger("uvicorn.error").addFilter(OncePerBurst(monotonic_s=time.monotonic))
    server = _Server(
        config,
        on_exit=running.hub.close,
        still_open=running.still_open,
        knows=lambda headers: is_of_somebody_known(headers, running.known),
        descriptors=raise_descriptor_limit(),
    )
    server.run(sockets=[listening])
