"""The floor of ``gerbang bench``: what the same stack takes for one signature and one synced row.

``python -m dashboard.commands.bench_floor FOLDER`` serves POST /scans on a free port of 127.0.0.1.
Its rows go to an SQLite file in the folder, or to PostgreSQL where ``GERBANG_DATABASE_URL`` is set.
"""

from __future__ import annotations

import os
import socket
import sqlite3
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import uvicorn
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from fastapi import FastAPI
from pydantic import BaseModel
from sqlalchemy.engine import make_url

READY = "the floor answers at "
_TABLE = "CREATE TABLE IF NOT EXISTS bare_scans (nonce TEXT, code TEXT)"
_INSERT = "INSERT INTO bare_scans VALUES ({}, {})"

Insert = Callable[[tuple[str, str]], object]


class Shown(BaseModel):
    """What a station sends."""

    code: str
    nonce: str


def floor(folder: Path, postgresql: str | None = None) -> FastAPI:
    """A plain route: verify one Ed25519 signature, insert one row, commit it to the disk."""
    key, message = Ed25519PrivateKey.generate(), os.urandom(200)
    signature, public = key.sign(message), key.public_key()
    insert = _on_sqlite(folder) if postgresql is None else _on_postgresql(postgresql)
    one_writer = threading.Lock()
    app = FastAPI(openapi_url=None)

    @app.post("/scans")
    def scan(body: Shown) -> dict[str, str]:
        public.verify(signature, message)
        with one_writer:
            insert((body.nonce, body.code))
        return {"status": "ok"}

    return app


def _on_sqlite(folder: Path) -> Insert:
    database = sqlite3.connect(
        folder / "floor.sqlite3", isolation_level=None, check_same_thread=False
    )
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("PRAGMA synchronous=FULL")
    database.execute(_TABLE)
    return lambda row: database.execute(_INSERT.format("?", "?"), row)


def _on_postgresql(url: str) -> Insert:
    import psycopg  # not above: an extra of the installation

    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    database = psycopg.connect(plain, autocommit=True)
    database.execute(_TABLE)
    return lambda row: database.execute(_INSERT.format("%s", "%s"), row, prepare=True)


def main() -> None:
    """Serve until the process is ended."""
    listening = socket.create_server(("127.0.0.1", 0))
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    print(f"{READY}{listening.getsockname()[1]}", flush=True)
    app = floor(Path(sys.argv[1]), os.environ.get("GERBANG_DATABASE_URL"))
    config = uvicorn.Config(app, loop="asyncio", http="h11", log_config=None, access_log=False)
    uvicorn.Server(config).run(sockets=[listening])


if __name__ == "__main__":
    main()
