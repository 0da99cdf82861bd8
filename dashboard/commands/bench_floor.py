"""The floor of ``gerbang bench``: what the same stack takes for one signature and one synced row.

``python -m dashboard.commands.bench_floor FOLDER`` serves POST /scans on a free port of 127.0.0.1.
"""

from __future__ import annotations

import os
import socket
import sqlite3
import sys
import threading
from pathlib import Path

import uvicorn
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from fastapi import FastAPI
from pydantic import BaseModel

READY = "the floor answers at "


class Shown(BaseModel):
    """What a station sends."""

    code: str
    nonce: str


def floor(folder: Path) -> FastAPI:
    """A plain route: verify one Ed25519 signature, insert one row, commit it to the disk."""
    key, message = Ed25519PrivateKey.generate(), os.urandom(200)
    signature, public = key.sign(message), key.public_key()
    database = sqlite3.connect(
        folder / "floor.sqlite3", isolation_level=None, check_same_thread=False
    )
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("PRAGMA synchronous=FULL")
    database.execute("CREATE TABLE IF NOT EXISTS scans (nonce TEXT, code TEXT)")
    one_writer = threading.Lock()
    app = FastAPI(openapi_url=None)

    @app.post("/scans")
    def scan(body: Shown) -> dict[str, str]:
        public.verify(signature, message)
        with one_writer:
            database.execute("INSERT INTO scans VALUES (?, ?)", (body.nonce, body.code))
        return {"status": "ok"}

    return app


def main() -> None:
    """Serve until the process is ended."""
    listening = socket.create_server(("127.0.0.1", 0))
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    print(f"{READY}{listening.getsockname()[1]}", flush=True)
    config = uvicorn.Config(
        floor(Path(sys.argv[1])), loop="asyncio", http="h11", log_config=None, access_log=False
    )
    uvicorn.Server(config).run(sockets=[listening])


if __name__ == "__main__":
    main()
