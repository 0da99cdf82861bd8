"""A real mail server and a real web server of a test, on this machine, in a thread each."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class MailBox:
    """What a mail server took. ``refuses`` are addresses that it does not know.

    ``answer`` replaces the answer to a whole mail, such as one that tells to come again.
    """

    port: int = 0
    mails: list[EmailMessage] = field(default_factory=list)
    recipients: list[list[str]] = field(default_factory=list)
    logins: list[str] = field(default_factory=list)
    refuses: set[str] = field(default_factory=set)
    answer: str = "250 taken"


class _Smtp(socketserver.StreamRequestHandler):
    """As much of RFC 5321 as a client needs to hand a mail over."""

    box: MailBox
    to: list[str]

    def handle(self) -> None:
        self.to = []
        self._say("220 post.example ready")
        while line := self.rfile.readline().decode().strip():
            verb = line.split(":")[0].upper()
            if verb.startswith("EHLO"):
                self._say("250-post.example", "250 AUTH PLAIN")
            elif verb.startswith("AUTH"):
                self.box.logins.append(line.split()[-1])
                self._say("235 welcome")
            elif verb == "RCPT TO":
                self._recipient(line.partition("<")[2].partition(">")[0])
            elif verb == "DATA":
                self._take()
            elif verb == "QUIT":
                self._say("221 bye")
                return
            else:
                self._say("250 fine")

    def _recipient(self, address: str) -> None:
        if address in self.box.refuses:
            self._say("550 nobody of that name")
        else:
            self.to.append(address)
            self._say("250 fine")

    def _take(self) -> None:
        self._say("354 go on")
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        if self.box.answer.startswith("250"):
            mail = message_from_bytes(b"".join(lines), policy=policy.default)
            assert isinstance(mail, EmailMessage)
            self.box.mails.append(mail)
            self.box.recipients.append(self.to)
        self._say(self.box.answer)

    def _say(self, *lines: str) -> None:
        self.wfile.write("".join(f"{line}\r\n" for line in lines).encode())


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


@contextmanager
def mail_server() -> Iterator[MailBox]:
    box = MailBox()
    handler = type("Smtp", (_Smtp,), {"box": box})
    with _Server(("127.0.0.1", 0), handler) as server:
        box.port = server.server_address[1]
        with _served(server):
            yield box


@dataclass
class Posted:
    """One request."""

    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class HookSystem:
    """What a web server was sent; ``status`` is what it answers."""

    port: int = 0
    posted: list[Posted] = field(default_factory=list)
    status: int = 204

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hooks/T0KEN?office=1"


@contextmanager
def web_server() -> Iterator[HookSystem]:
    system = HookSystem()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            system.posted.append(Posted(self.path, headers, body))
            self.send_response(system.status)
            if system.status == 302:
                self.send_header("Location", f"http://127.0.0.1:{system.port}/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Nothing: a test's output is its own."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        system.port = server.server_address[1]
        with _served(server):
            yield system


@contextmanager
def _served(server: socketserver.BaseServer) -> Iterator[None]:
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()


def closed_port() -> int:
    """A port where nobody answers."""
    with _Server(("127.0.0.1", 0), _Smtp) as server:
        return int(server.server_address[1])
