"""The socket that the office is served on."""

from __future__ import annotations

import socket

import pytest

from dashboard.server import listening_at
from screening.errors import ScreeningError
from screening.settings import WebSettings


def test_a_connection_waits_for_no_delayed_acknowledgement() -> None:
    with (
        listening_at(WebSettings(host="127.0.0.1", port=0)) as listening,
        socket.create_connection(listening.getsockname()),
    ):
        accepted, _ = listening.accept()
        with accepted:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_a_taken_port_is_told_before_anything_is_opened() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with (
            pytest.raises(ScreeningError, match=f"port {port}.*--port {port + 1}"),
            listening_at(WebSettings(host="127.0.0.1", port=port)),
        ):
            pass
