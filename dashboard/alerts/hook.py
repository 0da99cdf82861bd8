"""Tells another system by an HTTP POST of JSON that it can trust.

The headers are those of Standard Webhooks (https://www.standardwebhooks.com): ``webhook-id``, the
same at each try; ``webhook-timestamp``, seconds since 1970; ``webhook-signature``, ``v1,`` and the
base64 of an HMAC-SHA256 over ``id.timestamp.body``. A secret that begins with ``whsec_`` is the
base64 of the key, any other one is the key itself.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import http.client
import json
import ssl
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from dashboard.alerts.credentials import hook_secret
from screening.errors import DeliveryError
from screening.settings import AlertSettings

TIMEOUT_S = 10.0
LARGEST_ANSWER = 64 * 1024
PREFIX = "whsec_"
_TAKEN = range(200, 300)


class Hook:
    """Sends to ``hook_url``. A redirect is not followed: it would lead the signature elsewhere."""

    def __init__(self, alerts: AlertSettings) -> None:
        self._settings = alerts

    def send(self, body: Mapping[str, Any], *, message_id: str, at: datetime) -> None:
        """Raises DeliveryError where it was not taken; the address is never told, it may be a
        secret itself."""
        assert self._settings.hook_url is not None
        url = urlsplit(self._settings.hook_url.get_secret_value())
        content = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
        headers = signed_headers(
            content, secret=hook_secret(self._settings), message_id=message_id, at=at
        )
        host = url.hostname or ""
        connection: http.client.HTTPConnection
        if url.scheme == "https":
            context = ssl.create_default_context()
            connection = http.client.HTTPSConnection(
                host, url.port, timeout=TIMEOUT_S, context=context
            )
        else:
            connection = http.client.HTTPConnection(host, url.port, timeout=TIMEOUT_S)
        path = f"{url.path or '/'}{'?' if url.query else ''}{url.query}"
        try:
            connection.request("POST", path, content, headers)
            answer = connection.getresponse()
            answer.read(LARGEST_ANSWER)
        except (http.client.HTTPException, OSError) as error:
            told = " ".join(str(error).split()) or type(error).__name__
            raise DeliveryError(f"{host}: {told}") from error
        finally:
            connection.close()
        if answer.status not in _TAKEN:
            raise DeliveryError(f"{host} answered {answer.status} {answer.reason}")


def signed_headers(content: bytes, *, secret: str, message_id: str, at: datetime) -> dict[str, str]:
    """What goes with it. Raises DeliveryError where the secret is no base64 and says it is."""
    timestamp = str(int(at.timestamp()))
    signed = b".".join((message_id.encode(), timestamp.encode(), content))
    digest = hmac.new(_key(secret), signed, hashlib.sha256).digest()
    return {
        "Content-Type": "application/json",
        "User-Agent": "Gerbang",
        "webhook-id": message_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": f"v1,{base64.b64encode(digest).decode()}",
    }


def _key(secret: str) -> bytes:
    if not secret.startswith(PREFIX):
        return secret.encode()
    try:
        return base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except binascii.Error as error:
        raise DeliveryError(f"the hook's secret begins with {PREFIX} and is no base64") from error
