"""A record that has its tables already: making them is most of the time of a short test."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from screening.clock import FakeClock
from screening.record import Record
from screening.waiting_room.plan import SeatPlan
from tests.contracts.builders import NOON, SITE, ZONE


def put_new_record(file: Path) -> Path:
    """The file as ``Record.open`` makes it for the tests' site; left alone if it is there."""
    if not file.exists():
        file.write_bytes(_new_record())
    return file


@cache
def _new_record() -> bytes:
    with TemporaryDirectory() as folder:
        file = Path(folder) / "new.sqlite3"
        Record.open(file, site=SITE, zone=ZONE, plan=SeatPlan(4, 5), clock=FakeClock(NOON)).close()
        return file.read_bytes()
