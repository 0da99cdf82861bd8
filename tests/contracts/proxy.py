"""Between a record and its PostgreSQL: counts how often one waits for the other, and can stall."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sqlalchemy.engine import URL, make_url

CHUNK = 65_536


class Proxy:
    """Passes bytes on. ``url`` is the database's through it."""

    def __init__(self, url: str) -> None:
        self._to = make_url(url)
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._open: list[socket.socket] = []
        self._flows = threading.Event()
        self._flows.set()
        self._answers = threading.Event()
        self._answers.set()
        self._counting = threading.Lock()
        self._turns = 0
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self) -> str:
        """Where the record finds it."""
        host, port = self._listening.getsockname()
        through = self._to.difference_update_query(["host"]).set(host=host, port=port)
        return through.render_as_string(hide_password=False)

    @contextmanager
    def counting_turns(self) -> Iterator[list[int]]:
        """How often the record asked and waited for an answer, in the list once it is over."""
        before, found = self._turns, list[int]()
        yield found
        found.append(self._turns - before)

    def stall(self) -> None:
        """From now on nothing arrives, as from a server that is frozen."""
        self._flows.clear()

    def flow(self) -> None:
        """What was held back arrives."""
        self._flows.set()

    def mute(self) -> None:
        """From now on the server hears what it is asked, and its answers do not arrive."""
        self._answers.clear()

    def break_off(self) -> None:
        """Break every connection off, with what was held back; new ones may come."""
        broken, self._open = self._open, []
        for one in broken:
            with_both_ends_told(one)
        self._answers.set()
        self._flows.set()

    def close(self) -> None:
        """Break every connection off, and take no more."""
        with_both_ends_told(self._listening)
        self.break_off()

    def _accept(self) -> None:
        while True:
            try:
                record, _ = self._listening.accept()
            except OSError:
                return
            server = connected(self._to)
            self._open += [record, server]
            has_answered = threading.Event()
            has_answered.set()
            for source, target, is_asking in ((record, server, True), (server, record, False)):
                threading.Thread(
                    target=self._pass_on,
                    args=(source, target, has_answered, is_asking),
                    daemon=True,
                ).start()

    def _pass_on(
        self,
        source: socket.socket,
        target: socket.socket,
        has_answered: threading.Event,
        is_asking: bool,
    ) -> None:
        try:
            while chunk := source.recv(CHUNK):
                (self._flows if is_asking else self._answers).wait()
                self._flows.wait()
                if not is_asking:
                    has_answered.set()
                elif has_answered.is_set():
                    has_answered.clear()
                    with self._counting:
                        self._turns += 1
                target.sendall(chunk)
        except OSError:
            pass
        with_both_ends_told(target)


def connected(url: URL) -> socket.socket:
    """To the server, by TCP or by its socket's folder."""
    folder = url.query.get("host")
    if folder is None:
        return socket.create_connection((url.host or "127.0.0.1", url.port or 5432))
    local = socket.socket(socket.AF_UNIX)
    local.connect(str(Path(str(folder)) / f".s.PGSQL.{url.port or 5432}"))
    return local


def with_both_ends_told(one: socket.socket) -> None:
    """Close it, and end whoever reads from it."""
    with suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)
    one.close()


@contextmanager
def proxied(url: str) -> Iterator[Proxy]:
    """A proxy that is closed in the end."""
    proxy = Proxy(url)
    try:
        yield proxy
    finally:
        proxy.close()
