"""Security headers on every answer, answers to HEAD, and limits on what a request may bring and how
slowly."""

from __future__ import annotations

import asyncio
import json
import re
from contextlib import suppress
from http import HTTPStatus
from urllib.parse import urlsplit

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

BODY_LIMIT = 64 * 1024
"""No form or scan comes near this many bytes."""
BODY_LIMIT_S = 10.0
"""A body is there after this time, or its sender is cut off."""

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: blob:",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)

PRIVATE = ("/r/", "/join/", "/setup/")
"""What is below has its key in the path: no page, link or answer repeats it elsewhere."""

_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
}


def is_private(path: str) -> bool:
    """Whether the address itself is a secret."""
    return path.startswith(PRIVATE)


def add_security_headers(
    headers: MutableHeaders, *, is_https: bool, is_private: bool = False
) -> None:
    """What every answer carries, and the promise to stay with HTTPS where it came that way."""
    if is_private:
        headers.setdefault("Referrer-Policy", "no-referrer")
    for name, value in _HEADERS.items():
        headers.setdefault(name, value)
    if is_https:
        headers.setdefault("Strict-Transport-Security", "max-age=31536000")


def _as_sent(*, is_file: bool, is_private: bool, is_https: bool) -> list[tuple[bytes, bytes]]:
    """The same as a server sends them, made once for all answers."""
    headers = MutableHeaders({"Cache-Control": "no-cache" if is_file else "no-store"})
    add_security_headers(headers, is_https=is_https, is_private=is_private)
    return headers.raw


_AS_SENT = {
    (is_file, is_private, is_https): _as_sent(
        is_file=is_file, is_private=is_private, is_https=is_https
    )
    for is_file in (False, True)
    for is_private in (False, True)
    for is_https in (False, True)
}


_POLICY = b"content-security-policy"
_FRAMED = b"frame-ancestors *"
"""In an answer's own policy: it may stand in anybody's page."""


class SecurityHeaders:
    """Adds the headers; pages are not stored, files are asked for again.

    Whoever is sent on stays on the host that they asked, whatever name for it they sent along.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        path = scope["path"]
        is_file = path.startswith("/static/")
        added = _AS_SENT[is_file, is_private(path), scope["scheme"] == "https"]

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = list(message["headers"])
                names = {name for name, _ in given}
                if any(name == _POLICY and _FRAMED in value for name, value in given):
                    names.add(b"x-frame-options")  # which can only forbid
                if 300 <= message["status"] < 400:
                    given = [_on_this_site(pair) for pair in given]
                message["headers"] = [*given, *(pair for pair in added if pair[0] not in names)]
            await send(message)

        await self._app(scope, receive, send_with_headers)


def _on_this_site(header: tuple[bytes, bytes]) -> tuple[bytes, bytes]:
    """A header that sends on, with nothing but a path: all redirects lead to pages of ours."""
    name, value = header
    if name.lower() != b"location" or (value.startswith(b"/") and not value.startswith(b"//")):
        return header
    parts = urlsplit(value)
    path = b"/" + parts.path.lstrip(b"/\\")
    return name, path + (b"?" + parts.query if parts.query else b"")


class HeadOfPages:
    """Answers HEAD wherever GET is answered: as the page would be, but for the page itself.

    A stream that is asked for so has no end to wait for, and is left where it begins.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self._app(scope, receive, send)
            return

        async def send_head(message: Message) -> None:
            if message["type"] != "http.response.start":
                return
            await send(message)
            await send({"type": "http.response.body"})
            if any(_EVENTS in value for name, value in message["headers"] if name == _TYPE):
                raise _HeadSent

        with suppress(_HeadSent):
            await self._app({**scope, "method": "GET"}, receive, send_head)


_TYPE = b"content-type"
_EVENTS = b"text/event-stream"


class _HeadSent(Exception):
    """Nothing more of this answer is wanted."""


class WholeBody:
    """Lets the application begin when a request's body is there as a whole.

    One of more than ``BODY_LIMIT`` bytes is refused with 413, one that is not there after
    ``limit_s`` with 408; both are cut off. So no slow sender takes a place or a thread. A form in
    parts whose letters are not UTF-8 is refused with 415: browsers send none, and half characters
    would come of some encodings.
    """

    def __init__(self, app: ASGIApp, *, limit_s: float = BODY_LIMIT_S) -> None:
        self._app = app
        self._limit_s = limit_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        declared = _declared_length(scope)
        if declared == 0:
            await self._app(scope, receive, send)
            return
        is_too_long = declared is not None and declared > BODY_LIMIT
        if is_too_long or not _is_utf_8(scope):
            too_long, wrong = HTTPStatus.REQUEST_ENTITY_TOO_LARGE, HTTPStatus.UNSUPPORTED_MEDIA_TYPE
            await _refuse(send, too_long if is_too_long else wrong)
            return
        try:
            async with asyncio.timeout(self._limit_s):
                body = await _collect(receive)
        except TimeoutError:
            await _refuse(send, HTTPStatus.REQUEST_TIMEOUT)
            return
        except _TooLong:
            await _refuse(send, HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
            return
        except _SenderGone:
            return
        messages: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

        async def receive_whole() -> Message:
            return messages.pop() if messages else await receive()

        await self._app(scope, receive_whole, send)


def _declared_length(scope: Scope) -> int | None:
    """Bytes that its headers promise; 0 where they speak of no body, None of one without end."""
    length = 0
    for name, value in scope["headers"]:
        if name == b"transfer-encoding":
            return None
        if name == b"content-length":
            length = int(value) if value.isdigit() else BODY_LIMIT + 1
    return length


_CHARSET = re.compile(rb"charset", re.IGNORECASE)
_UTF_8 = re.compile(rb"charset=(utf-8|\"utf-8\")\s*(?=;|$)", re.IGNORECASE)


def _is_utf_8(scope: Scope) -> bool:
    """Whether no other letters are promised of a form in parts."""
    kinds = [value for name, value in scope["headers"] if name == _TYPE]
    forms = [kind for kind in kinds if kind.strip().lower().startswith(b"multipart/")]
    return all(len(_CHARSET.findall(one)) == len(_UTF_8.findall(one)) for one in forms)


class _TooLong(Exception):
    """A body has more bytes than allowed."""


class _SenderGone(Exception):
    """Its sender left before a body was there."""


async def _collect(receive: Receive) -> bytes:
    """The whole body. Raises _TooLong and _SenderGone."""
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] != "http.request":
            raise _SenderGone
        body += message.get("body", b"")
        if len(body) > BODY_LIMIT:
            raise _TooLong
        if not message.get("more_body", False):
            return bytes(body)


_TITLES = {
    HTTPStatus.REQUEST_TIMEOUT: "Request Timeout",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "Content Too Large",
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: "Unsupported Media Type",
}
"""As RFC 9110 calls them; the names of the standard library differ with its version."""


async def _refuse(send: Send, status: HTTPStatus) -> None:
    problem = {"type": "about:blank", "title": _TITLES[status], "status": int(status)}
    body = json.dumps(problem).encode()
    await send(
        {
            "type": "http.response.start",
            "status": int(status),
            "headers": [
                (b"content-type", b"application/problem+json"),
                (b"content-length", str(len(body)).encode()),
                (b"connection", b"close"),
            ],
        }
    )
    await send({"type": "http.response.body", "body": body})
