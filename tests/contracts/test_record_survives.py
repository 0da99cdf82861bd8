"""What happens to the record when processes die and databases go away."""

from __future__ import annotations

import random
import signal
import sqlite3
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from typing import Any

import httpx2
import psycopg
import pytest
from sqlalchemy import event, text

from dashboard.storage import begin_anew, open_site_keys, start_problems
from dashboard.storage import open_record as open_site
from dashboard.web.auth import hash_token
from screening.accounts import Gate, Scope, SystemKey
from screening.decision import Check, DecisionKind
from screening.errors import NotRecorded, OutcomeUnknown, RecordError
from screening.record.record import Record
from screening.settings import Settings
from screening.visits import LogEntry, WrittenAttempt
from screening.waiting_room.plan import SeatPlan
from tests.contracts.builders import NOON, SITE, ZONE, attempt, receipt
from tests.contracts.proxy import proxied
from tests.e2e.served import Forked, Station, drained, served

ROOT = Path(__file__).parents[2]

# Writes visits for ever and tells each one that the record has acknowledged.
WRITER = """
import itertools, sys
from screening.record import engine
from screening.record.record import Record
from screening.waiting_room.plan import SeatPlan
from tests.contracts.builders import SITE, ZONE, attempt, receipt
engine.BUSY_TIMEOUT_S = 60
record = Record.open(sys.argv[1], site=SITE, zone=ZONE, plan=SeatPlan(40, 40), capacity=10_000)
for n in itertools.count():
    claims = receipt(number=f"{sys.argv[2]}-{n}")
    written = record.visits.write(attempt(attempt_id=claims.number, receipt=claims))
    print(written.attempt_id, flush=True)
"""


def open_record(where: str | Path, **options: Any) -> Record:
    return Record.open(
        where, **{"site": SITE, "zone": ZONE, "plan": SeatPlan(4, 5), "capacity": 10_000, **options}
    )


def _kill_while_writing(where: str, name: str, after: int) -> list[str]:
    """What the writer had acknowledged when SIGKILL hit it."""
    with Forked(WRITER, [where, name]) as writer:
        acknowledged = [writer.stdout.readline().strip() for _ in range(after)]
        writer.send_signal(signal.SIGKILL)
        acknowledged += writer.stdout.read().split()
    return acknowledged


def _assert_kept(where: str | Path, acknowledged: list[str]) -> None:
    with open_record(where) as record:
        kept = {row.attempt_id for row in record.visits.export()}
        assert set(acknowledged) <= kept
        report = record.visits.verify()
        assert report.problem is None
        again = record.visits.write(
            attempt(attempt_id="again", receipt=receipt(number=acknowledged[0]))
        )
        assert again.decision is DecisionKind.DENY


@pytest.mark.parametrize("round_", range(3))
def test_a_killed_process_loses_no_acknowledged_visit_on_sqlite(
    tmp_path: Path, round_: int
) -> None:
    where = tmp_path / "gerbang.db"
    acknowledged = _kill_while_writing(str(where), f"R{round_}", random.randint(1, 40))
    _assert_kept(where, acknowledged)


def test_a_killed_process_loses_no_acknowledged_visit_on_postgresql(
    new_postgresql_database: Callable[..., str],
) -> None:
    where = new_postgresql_database()
    acknowledged = _kill_while_writing(where, "R", random.randint(1, 40))
    _assert_kept(where, acknowledged)


def test_two_processes_share_one_sqlite_file_from_the_first_moment(tmp_path: Path) -> None:
    where = str(tmp_path / "gerbang.db")
    with ThreadPoolExecutor(3) as threads:
        results = threads.map(lambda name: _kill_while_writing(where, name, 10), "ABC")
        acknowledged = [attempt_id for result in results for attempt_id in result]
    _assert_kept(where, acknowledged)


def test_many_threads_share_a_new_database_from_the_first_moment(
    new_postgresql_database: Callable[..., str], tmp_path: Path
) -> None:
    for where in (new_postgresql_database(is_empty=True), tmp_path / "gerbang.db"):
        barrier = threading.Barrier(8)

        def first_write(number: int, where: str | Path = where, met: Any = barrier) -> int:
            met.wait()
            with open_record(where, site=f"S{number}") as record:
                return record.visits.write(attempt()).entry_id

        with ThreadPoolExecutor(8) as threads:
            assert list(threads.map(first_write, range(8))) == [1] * 8


def test_a_new_sqlite_file_in_which_another_writes_just_now_is_waited_for(tmp_path: Path) -> None:
    where = tmp_path / "gerbang.db"
    other = sqlite3.connect(where, isolation_level=None, check_same_thread=False)
    other.execute("CREATE TABLE somebodys (number INTEGER)")
    other.execute("BEGIN IMMEDIATE")
    threading.Timer(0.2, other.execute, ["COMMIT"]).start()
    with open_record(where) as record:
        assert record.visits.write(attempt()).entry_id == 1
    other.close()


def test_sqlite_commits_reach_the_disk(tmp_path: Path) -> None:
    with open_record(tmp_path / "gerbang.db") as record, record._database.reading() as session:
        pragmas = {
            name: session.execute(text(f"PRAGMA {name}")).scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys", "secure_delete")
        }
    assert pragmas == {
        "journal_mode": "wal",
        "synchronous": 2,  # FULL
        "foreign_keys": 1,
        "secure_delete": 1,
    }


def test_a_held_sqlite_file_is_not_recorded_and_works_again_afterwards(tmp_path: Path) -> None:
    where = tmp_path / "gerbang.db"
    with open_record(where) as record:
        with record._database.for_writing.connect() as connection:
            connection.exec_driver_sql("PRAGMA busy_timeout = 1")
        holder = sqlite3.connect(where, isolation_level=None)
        holder.execute("BEGIN IMMEDIATE")
        with pytest.raises(NotRecorded, match="locked"):
            record.visits.write(attempt())
        holder.execute("ROLLBACK")
        holder.close()
        assert record.visits.write(attempt()).entry_id == 1


def test_a_full_disk_is_not_recorded_and_works_again_afterwards(tmp_path: Path) -> None:
    with open_record(tmp_path / "gerbang.db") as record:
        with record._database.for_writing.connect() as connection:
            pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
            connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
        written = 0

        def write_on() -> None:
            nonlocal written
            while written < 500:
                record.visits.write(attempt(remark="x" * 1000))
                written += 1

        with pytest.raises(NotRecorded, match="full"):
            write_on()
        assert record.visits.verify().entries == written
        with record._database.for_writing.connect() as connection:
            connection.exec_driver_sql("PRAGMA max_page_count = 100000")
        assert record.visits.write(attempt()).entry_id == written + 1


def test_a_broken_postgresql_connection_is_not_recorded_and_comes_back(
    new_postgresql_database: Callable[..., str],
) -> None:
    where = new_postgresql_database()
    with open_record(where) as record, psycopg.connect(where, autocommit=True) as other:
        kill = text(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )

        def break_off() -> None:
            with record._database.writing() as (session, _):
                other.execute(kill.text)
                session.execute(text("SELECT 1"))

        with pytest.raises(NotRecorded):
            break_off()
        same = attempt()
        assert record.visits.write(same).entry_id == 1
        other.execute(kill.text)
        assert record.visits.write(same).is_repeat


@pytest.fixture
def lose_answer(new_postgresql_database: Callable[..., str]) -> Iterator[Callable[..., Any]]:
    """Does something to a record whose server commits it, and the answer never comes."""
    where = new_postgresql_database()
    with (
        proxied(where) as proxy,
        open_record(proxy.url) as record,
        open_record(where) as other,
        ThreadPoolExecutor(1) as threads,
    ):
        record.visits.write(attempt())

        def lose(act: Callable[[Record], Any], *, returns: bool = True) -> Any:
            engine = record._database._engine
            event.listen(engine, "commit", lambda _: proxy.mute(), once=True)
            done = threads.submit(act, record)
            while not other.visits.entries(after=1):
                pass
            proxy.break_off() if returns else proxy.close()
            return done.result()

        yield lose


def test_a_scan_whose_commit_was_not_answered_is_looked_up(
    lose_answer: Callable[..., Any],
) -> None:
    written = lose_answer(lambda record: record.visits.write(attempt(nonce="n")))
    assert (written.entry_id, written.decision) == (2, DecisionKind.ADMIT)
    assert not written.is_repeat, "the barrier has not moved yet"


def test_scans_whose_common_commit_was_not_answered_are_looked_up(
    lose_answer: Callable[..., Any],
) -> None:
    def scan(record: Record) -> list[WrittenAttempt]:
        waiting = [record.visits.submit(attempt(nonce=nonce)) for nonce in "ab"]
        return [one.result() for one in waiting]

    assert [(one.entry_id, one.is_repeat) for one in lose_answer(scan)] == [(2, False), (3, False)]


def _hand_over(record: Record) -> LogEntry:
    return record.visits.hand_over(gate="utama", from_user="ani", to_user="budi", at=NOON)


@pytest.mark.parametrize(
    ("act", "returns"),
    [(lambda record: record.visits.write(attempt()), False), (_hand_over, True)],
    ids=["a scan, and the server is gone", "an act that must not be done twice"],
)
def test_nobody_is_told_that_nothing_was_done_where_the_commit_was_not_answered(
    lose_answer: Callable[..., Any], act: Callable[[Record], Any], returns: bool
) -> None:
    with pytest.raises(OutcomeUnknown, match="look"):
        lose_answer(act, returns=returns)


def test_a_database_that_is_not_there_is_told_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "gerbang.db").write_bytes(b"this is no database, but it is long enough" * 99)
    for where in (
        "postgresql://nobody@127.0.0.1:1/none",
        tmp_path / "gerbang.db",
        tmp_path / "gerbang.db" / "below-a-file.db",
    ):
        with pytest.raises(RecordError) as caught:
            open_record(where)
        assert "\n" not in str(caught.value)


def test_a_time_without_its_zone_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    with open_record(tmp_path / "gerbang.db") as record:
        with pytest.raises((ValueError, RecordError)):
            record.visits.write(attempt(at=NOON.replace(tzinfo=None)))
        assert record.visits.entries() == []


def _turns(where: str, attempts: int, *, is_alone: bool = True) -> int:
    """How often the record waits for its server while it writes the last of some admissions."""
    with proxied(where) as proxy, open_record(proxy.url) as record:
        for number in range(attempts):
            record.visits.write(attempt(receipt=receipt(number=f"N{number}")))
        if not is_alone:
            with open_record(where) as other:
                other.visits.write(attempt())
        with proxy.counting_turns() as counted:
            written = record.visits.write(attempt(receipt=receipt(number="LAST")))
        assert written.decision is DecisionKind.ADMIT
    (turns,) = counted
    return turns


def test_an_admission_waits_twice_for_its_server(
    new_postgresql_database: Callable[..., str],
) -> None:
    assert _turns(new_postgresql_database(), 2) == 2


def test_an_admission_waits_once_more_where_another_process_wrote(
    new_postgresql_database: Callable[..., str],
) -> None:
    assert _turns(new_postgresql_database(), 2, is_alone=False) == 3


IMPATIENT = """
import sys
from dashboard import gates, server
from dashboard.__main__ import run
server.GRACE_S, gates.CLOSING_S, server.END_LIMIT_S = 1, 0.5, 5
sys.exit(run(sys.argv[1:]))
"""


def test_a_process_ends_on_a_signal_while_its_database_hangs(
    new_postgresql_database: Callable[..., str], tmp_path: Path
) -> None:
    with proxied(new_postgresql_database()) as proxy:
        config, data = tmp_path / "gerbang.toml", tmp_path / "data"
        config.write_text(f'database_url = "{proxy.url}"\n')
        with open_record(proxy.url, site=SITE) as record:
            record.accounts.add_gate(Gate("utama", frozenset({Check.RECEIPT}), hash_token("t")))
        serve = ["serve", "--config", str(config)]
        with (
            served(serve, data=data, code=IMPATIENT) as office,
            httpx2.Client(base_url=office.base, timeout=60) as client,
            ThreadPoolExecutor(1) as threads,
        ):
            station = Station(client, "utama", "t")
            assert station.scan("GB1:NOTHING").status_code == 200
            proxy.stall()
            threads.submit(station.scan, "GB1:NOTHING")
            while not _hangs(client):
                pass
            assert office.stop(within_s=60) == 1
    printed = "".join(drained(office.printed))
    assert "gate utama: given up while it is busy since" in printed
    assert "the end takes longer than 5 s; given up: " in printed


def _hangs(client: httpx2.Client) -> bool:
    """Whether the gate says that it is busy."""
    ready = client.get("/readyz")
    return ready.status_code != 200 or ready.json()["gates"]["utama"]["busy_since"] is not None


def test_bookings_while_the_database_hangs_are_refused_or_in_doubt_and_never_made_twice(
    new_postgresql_database: Callable[..., str], tmp_path: Path
) -> None:
    with proxied(new_postgresql_database()) as proxy:
        config, data = tmp_path / "gerbang.toml", tmp_path / "data"
        config.write_text(f'database_url = "{proxy.url}"\n')
        key = SystemKey(
            name="portal",
            scopes=frozenset({Scope.REGISTRATIONS}),
            key_hash=hash_token("k"),
            created_at=NOON,
        )
        with open_record(proxy.url, site=SITE) as record:
            record.accounts.add_key(key, operator="dewi")
        of_the_portal = {"Authorization": "Bearer k"}
        with (
            served(["serve", "--config", str(config)], data=data) as office,
            httpx2.Client(base_url=office.base, timeout=60, follow_redirects=False) as client,
        ):
            address, days = "/api/v1/registrations", {"days": 14}
            slots = client.get("/api/v1/services/KTP/slots", params=days).json()["slots"]
            day = next(one["date"] for one in slots if one["status"] == "open")
            siti = {"service": "KTP", "date": day, "name": "Siti"}
            first = client.post(
                address, json=siti, headers={**of_the_portal, "Idempotency-Key": "1"}
            )
            assert first.status_code == 201
            proxy.stall()
            told = {**of_the_portal, "Idempotency-Key": "2"}
            late = client.post(address, json={**siti, "name": "Budi"}, headers=told)
            assert (late.status_code, "retry-after" in late.headers) == (503, True)
            for page in ("/register?service=KTP", first.json()["link"], "/desk"):
                refused = client.get(page)
                assert refused.status_code in {200, 303, 503}, page
                assert refused.status_code != 503 or "retry-after" in refused.headers
            assert client.get("/").status_code == 200
            assert client.head("/").status_code == 200
            proxy.flow()
            again = client.post(address, json={**siti, "name": "Budi"}, headers=told)
            while again.status_code == 503:
                again = client.post(address, json={**siti, "name": "Budi"}, headers=told)
            assert again.status_code == 201, again.text
        with open_record(proxy.url, site=SITE) as record:
            booked = record.bookings.search("", day=date.fromisoformat(day), limit=9)
            assert sorted(one.name for one in booked) == ["Budi", "Siti"]
            assert record.visits.verify().is_intact


def test_a_write_without_an_answer_is_known_as_such(
    new_postgresql_database: Callable[..., str],
) -> None:
    with proxied(new_postgresql_database()) as proxy, open_record(proxy.url) as record:
        record.visits.write(attempt())
        proxy.stall()
        waiting = [record.visits.submit(attempt(attempt_id=name)) for name in "AB"]
        assert record.unfinished_writes == 2
        proxy.flow()
        assert [one.result().entry_id for one in waiting] == [2, 3]
        record.visits.write(attempt())
    assert record.unfinished_writes == 0


EMPTIED = {
    "no tables": "DROP SCHEMA public CASCADE; CREATE SCHEMA public",
    "no rows": "TRUNCATE sites, entries, services, office_facts, receipts, visits CASCADE",
    "no rows anywhere": "TRUNCATE sites, services, receipts, alembic_version CASCADE",
}


@pytest.mark.parametrize("empty", EMPTIED.values(), ids=EMPTIED.keys())
def test_an_emptied_postgresql_of_an_office_in_use_is_told_and_nothing_begun_in_silence(
    new_postgresql_database: Callable[..., str], tmp_path: Path, empty: str
) -> None:
    where = new_postgresql_database(is_empty=True)
    settings = Settings.model_validate({"data": tmp_path, "database_url": where})
    assert start_problems(settings) == []
    with open_site(settings) as record:
        open_site_keys(settings, record)
    with open_site(settings):
        pass
    with psycopg.connect(where, autocommit=True) as other:
        other.execute(empty)
    for _ in range(2):
        with pytest.raises(RecordError, match="gerbang log new") as told, open_site(settings):
            pass
        assert "\n" not in str(told.value)
        assert start_problems(settings) == [f"database: {told.value}"]
    begin_anew(settings, operator="rina")
    with open_site(settings) as record:
        assert [row.operator for row in record.visits.entries()] == ["rina"]
    with pytest.raises(RecordError, match="not lost"):
        begin_anew(settings, operator="rina")
