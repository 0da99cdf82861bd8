"""A gate has one owner, across processes: beside a file and on a server."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from screening.clock import FakeClock
from screening.gate.ownership import GateOwners, Owner
from screening.record import Record
from screening.record.ownership import FOLDER, GRACE_S, LEASE_S, PostgresqlOwners
from tests.contracts.builders import NOON
from tests.records import OpenDatabase as Open

ON_BOTH = pytest.mark.parametrize("open_record", ["sqlite", "postgresql"], indirect=True)
ON_SERVER = pytest.mark.parametrize("open_record", ["postgresql"], indirect=True)


def owner(number: int) -> Owner:
    """A process on its machine."""
    return Owner(
        machine=f"pc-{number}",
        address=f"https://pc-{number}.example:8443",
        since=NOON + timedelta(microseconds=number),
    )


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(NOON)


@pytest.fixture
def record(open_record: Open, clock: FakeClock) -> Record:
    return open_record(clock=clock)


@pytest.fixture
def first(record: Record) -> GateOwners:
    return record.gate_owners(owner(1))


@pytest.fixture
def second(record: Record) -> GateOwners:
    return record.gate_owners(owner(2))


@pytest.fixture(autouse=True)
def _closed(first: GateOwners, second: GateOwners) -> Iterator[None]:
    yield
    first.close()
    second.close()


def take_away(record: Record) -> None:
    """What an accident does: the lock files are deleted, the server drops its other sessions."""
    file = record._database.file
    if file is not None:
        for lock in (file.parent / FOLDER).iterdir():
            lock.unlink()
        return
    with record._database._engine.begin() as connection:
        connection.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'"
                " AND pid <> pg_backend_pid()"
            )
        )


@ON_BOTH
def test_a_gate_is_taken_by_one_process_only(first: GateOwners, second: GateOwners) -> None:
    taken = first.take("utama")
    assert taken is not None
    assert taken.may_act()
    assert second.take("utama") is None
    assert second.take("dua") is not None


@ON_BOTH
def test_others_learn_who_the_owner_is(first: GateOwners, second: GateOwners) -> None:
    assert second.owner("utama") is None
    taken = first.take("utama")
    assert taken is not None
    assert second.owner("utama") == owner(1)
    taken.release()
    assert second.owner("utama") is None


@ON_BOTH
def test_a_gate_that_was_given_back_is_free_at_once(first: GateOwners, second: GateOwners) -> None:
    taken = first.take("utama")
    assert taken is not None
    taken.release()
    assert not taken.may_act()
    assert taken.is_lost
    taken.release()
    again = second.take("utama")
    assert again is not None
    first.close()
    assert again.may_act()


@ON_BOTH
def test_closing_gives_everything_back(first: GateOwners, second: GateOwners) -> None:
    for gate in ("utama", "dua"):
        assert first.take(gate) is not None
    first.close()
    assert second.take("utama") is not None
    assert second.take("dua") is not None


@ON_BOTH
def test_who_has_lost_a_gate_may_not_act_before_another_does(
    record: Record, first: GateOwners, second: GateOwners, clock: FakeClock
) -> None:
    lost = first.take("utama")
    assert lost is not None
    take_away(record)
    while (taken := second.take("utama")) is None:
        clock.move_to(clock.now() + timedelta(seconds=0.1))
    assert taken.may_act()
    assert not lost.may_act()
    first.check()
    assert lost.is_lost
    assert second.owner("utama") == owner(2)
    assert first.take("utama") is None


@ON_BOTH
def test_who_has_lost_a_gate_may_take_it_again(
    record: Record, first: GateOwners, second: GateOwners
) -> None:
    lost = first.take("utama")
    assert lost is not None
    take_away(record)
    first.check()
    again = first.take("utama")
    assert again is not None
    assert again.may_act()
    assert not lost.may_act()
    lost.release()
    assert second.take("utama") is None


@ON_BOTH
def test_two_sites_of_one_database_do_not_share_their_gates(open_record: Open) -> None:
    here = open_record().gate_owners(owner(1))
    there = open_record(site="BDG").gate_owners(owner(2))
    assert here.take("utama") is not None
    assert there.take("utama") is not None
    here.close()
    there.close()


@pytest.mark.parametrize("open_record", ["sqlite"], indirect=True)
def test_the_lock_is_for_its_own_user_only(record: Record, first: GateOwners) -> None:
    first.take("utama")
    file = record._database.file
    assert file is not None
    folder = file.parent / FOLDER
    assert folder.stat().st_mode & 0o777 == 0o700
    assert [lock.stat().st_mode & 0o777 for lock in folder.iterdir()] == [0o600]


@ON_SERVER
def test_an_owner_that_has_not_heard_of_the_server_does_nothing(
    first: GateOwners, clock: FakeClock
) -> None:
    taken = first.take("utama")
    assert taken is not None
    clock.move_to(clock.now() + timedelta(seconds=LEASE_S))
    assert not taken.may_act()
    assert not taken.is_lost
    first.check()
    assert taken.may_act()


@ON_SERVER
def test_a_new_owner_begins_once_the_lease_of_the_one_before_is_over(
    record: Record, first: GateOwners, second: GateOwners, clock: FakeClock
) -> None:
    assert GRACE_S > LEASE_S
    assert first.take("utama") is not None
    take_away(record)
    assert second.take("utama") is None
    clock.move_to(clock.now() + timedelta(seconds=GRACE_S - 0.1))
    assert second.take("utama") is None
    clock.move_to(clock.now() + timedelta(seconds=0.2))
    assert second.take("utama") is not None


@pytest.fixture
def killed(record: Record, tmp_path: Path) -> PostgresqlOwners:
    """A process that had a gate until it was killed."""
    owners = record.gate_owners(owner(1), data=tmp_path)
    assert isinstance(owners, PostgresqlOwners)
    assert owners._traces is not None
    assert owners.take("utama") is not None
    take_away(record)
    owners._traces.close()  # the system does it
    return owners


@ON_SERVER
def test_a_process_that_is_started_again_after_a_kill_has_its_gates_at_once(
    record: Record, killed: PostgresqlOwners, tmp_path: Path
) -> None:
    again = replace(owner(1), since=NOON + timedelta(hours=1))
    owners = record.gate_owners(again, data=tmp_path)
    assert owners.take("utama") is not None
    assert owners.owner("utama") == again
    owners.close()


@ON_SERVER
def test_nobody_hurries_who_cannot_know_that_the_owner_has_died(
    record: Record, killed: PostgresqlOwners, tmp_path: Path
) -> None:
    for me, data in ((owner(2), tmp_path), (owner(1), tmp_path / "other"), (owner(1), None)):
        owners = record.gate_owners(replace(me, since=NOON + timedelta(hours=1)), data=data)
        assert owners.take("utama") is None
        owners.close()


@ON_SERVER
def test_an_owner_that_lives_and_has_lost_its_session_is_waited_for(
    record: Record, tmp_path: Path
) -> None:
    first = record.gate_owners(owner(1), data=tmp_path)
    assert first.take("utama") is not None
    take_away(record)
    second = record.gate_owners(replace(owner(1), since=NOON + timedelta(hours=1)), data=tmp_path)
    assert second.take("utama") is None
    first.check()  # it learns that it has lost it, and what it had begun may go on
    assert second.take("utama") is None
    first.close()
    assert second.take("utama") is not None
    second.close()


@ON_SERVER
def test_a_session_that_ends_while_its_new_owner_waits_is_noticed(
    record: Record, first: GateOwners, second: GateOwners, clock: FakeClock
) -> None:
    assert first.take("utama") is not None
    take_away(record)
    assert second.take("utama") is None
    take_away(record)
    second.check()
    clock.move_to(clock.now() + timedelta(seconds=GRACE_S + 1))
    assert second.take("utama") is None
    clock.move_to(clock.now() + timedelta(seconds=GRACE_S + 1))
    assert second.take("utama") is not None


@ON_SERVER
def test_the_server_is_asked_to_notice_a_vanished_machine(first: GateOwners) -> None:
    assert isinstance(first, PostgresqlOwners)
    first.take("utama")
    assert first._connection is not None
    asked = first._connection.execute(
        text("SELECT name FROM pg_settings WHERE name ~ '^tcp_' AND source = 'session'")
    )
    assert set(asked.scalars()) == {
        "tcp_keepalives_idle",
        "tcp_keepalives_interval",
        "tcp_keepalives_count",
        "tcp_user_timeout",
    }
