"""Security headers on every answer, and a limit on what a request may bring."""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

BODY_LIMIT = 64 * 1024
"""No form or scan comes near this many bytes."""

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

_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
}


def add_security_headers(headers: MutableHeaders, *, is_https: bool) -> None:
    """What every answer carries, and the promise to stay with HTTPS where it came that way."""
    for name, value in _HEADERS.items():
        headers.setdefault(name, value)
    if is_https:
        headers.setdefault("Strict-Transport-Security", "max-age=31536000")


def _as_sent(*, is_file: bool, is_https: bool) -> list[tuple[bytes, bytes]]:
    """The same as a server sends them, made once for all answers."""
    headers = MutableHeaders({"Cache-Control": "no-cache" if is_file else "no-store"})
    add_security_headers(headers, is_https=is_https)
    return headers.raw


_AS_SENT = {
    (is_file, is_https): _as_sent(is_file=is_file, is_https=is_https)
    for is_file in (False, True)
    for is_https in (False, True)
}


class SecurityHeaders:
    """Adds the headers; pages are not stored, files are asked for again."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        is_file = scope["path"].startswith("/static/")

        added = _AS_SENT[is_file, scope["scheme"] == "https"]

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = list(message["headers"])
                names = {name for name, _ in given}
                message["headers"] = [*given, *(pair for pair in added if pair[0] not in names)]
            await send(message)

        await self._app(scope, receive, send_with_headers)


class BodyLimit:
    """Cuts a request off that brings more than ``BODY_LIMIT`` bytes."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        declared = dict(scope["headers"]).get(b"content-length", b"0")
        if declared.isdigit() and int(declared) > BODY_LIMIT:
            await _refuse(send)
            return
        received = 0

        async def receive_limited() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            # A body without a declared length that goes past the limit is treated as a lost reader.
            return {"type": "http.disconnect"} if received > BODY_LIMIT else message

        await self._app(scope, receive_limited, send)


async def _refuse(send: Send) -> None:
    body = b'{"type":"about:blank","title":"Content Too Large","status":413}'
    await send(
        {
            "type": "http.response.start",
            "status": 413,
            "headers": [
                (b"content-type", b"application/problem+json"),
                (b"content-length", str(len(body)).encode()),
                (b"connection", b"close"),
            ],
        }
    )
    await send({"type": "http.response.body", "body": body})
