"""Who may have left, exits that were none, and head counts on the guard's page."""

from __future__ import annotations

from datetime import timedelta

import pytest
from fastapi.testclient import TestClient

from screening.decision import DecisionKind, Reason
from screening.office.changes import in_mode
from screening.office.facts import Mode
from screening.visits import Attempt, EntryKind, ExitHow, Visit
from tests.contracts.builders import receipt
from tests.dashboard.conftest import Browse, send
from tests.dashboard.fakes import NOON, FakeOffice

PAGE = "/gate/utama"


@pytest.fixture
def guard(logged_in: Browse) -> TestClient:
    return logged_in("budi")


def come(fake: FakeOffice, name: str) -> Visit:
    attempt = Attempt(
        attempt_id=name,
        gate="utama",
        at=NOON,
        decision=DecisionKind.ADMIT,
        reason=Reason.ADMITTED,
        receipt=receipt(holder=name),
    )
    visit = fake.record.visits.write(attempt).visit
    assert visit is not None
    return visit


def look(fake: FakeOffice) -> None:
    """As the office's own thread does."""
    fake.office.leaving.look()
    fake.office.room.refresh()


def test_in_an_outbreak_the_guard_says_who_has_left(guard: TestClient, fake: FakeOffice) -> None:
    fake.record.facts.change(in_mode(Mode.OUTBREAK), operator="siti", at=NOON)
    gone, here = come(fake, "Sari P."), come(fake, "Tono R.")
    fake.clock.move_to(NOON + timedelta(hours=4))
    assert "Masih di dalam?" not in guard.get(PAGE).text
    look(fake)

    page = guard.get(PAGE).text
    assert "Masih di dalam?" in page
    assert 'aria-label="Sudah keluar: Sari P."' in page
    assert "sejak 12.00" in page
    send(guard, PAGE, f"{PAGE}/left", visit=str(gone.visit_id))
    send(guard, PAGE, f"{PAGE}/here", visit=str(here.visit_id))

    assert "Masih di dalam?" not in guard.get(PAGE).text
    assert [one.visit_id for one in fake.record.visits.visits_inside()] == [here.visit_id]
    newest = fake.record.visits.latest(limit=2)
    assert [(row.kind, row.operator) for row in newest] == [
        (EntryKind.STILL_HERE, "budi"),
        (EntryKind.ESTIMATED_EXIT, "budi"),
    ]
    again = send(guard, PAGE, f"{PAGE}/left", visit=str(gone.visit_id))
    assert again.status_code == 409


def test_an_exit_that_was_none_is_undone(guard: TestClient, fake: FakeOffice) -> None:
    visit = come(fake, "Sari P.")
    fake.record.visits.leave(
        receipt=None, how=ExitHow.BUTTON, gate="utama", operator="budi", at=NOON
    )
    look(fake)
    assert 'aria-label="Belum keluar: Sari P."' in guard.get(PAGE).text

    send(guard, PAGE, f"{PAGE}/not-left", attempt_id=visit.attempt_id)

    assert [one.seat for one in fake.record.visits.visits_inside()] == [visit.seat]
    assert "Belum keluar" not in guard.get(PAGE).text
    again = send(guard, PAGE, f"{PAGE}/not-left", attempt_id=visit.attempt_id)
    assert again.status_code == 409


def test_the_guard_counts_heads_and_undoes_it(guard: TestClient, fake: FakeOffice) -> None:
    come(fake, "Sari P.")
    send(guard, PAGE, f"{PAGE}/count", people="4")
    look(fake)
    assert fake.office.figures().occupancy == 4
    assert "budi menghitung 4 orang pukul 12.00" in guard.get(PAGE).text
    (row,) = fake.record.visits.latest(limit=1)
    assert (row.kind, row.gate, row.operator, row.remark) == (
        EntryKind.HEAD_COUNT,
        "utama",
        "budi",
        "4",
    )
    send(guard, PAGE, f"{PAGE}/undo-count")
    assert fake.office.figures().occupancy == 1
    assert send(guard, PAGE, f"{PAGE}/undo-count").status_code == 409


def test_what_is_no_count_is_told_at_its_field(guard: TestClient, fake: FakeOffice) -> None:
    answer = guard.post(
        f"{PAGE}/count",
        data={"csrf_token": "form-token-of-budi", "people": "banyak"},
        headers={"X-Gerbang-Live": "1"},
    )
    assert (answer.status_code, answer.headers["X-Gerbang-Field"]) == (409, "people")
    assert fake.record.visits.head() == 0


@pytest.mark.parametrize("path", ["left", "here", "not-left", "count", "undo-count"])
def test_nothing_is_done_without_the_forms_token(guard: TestClient, path: str) -> None:
    fields = {"visit": "1", "people": "3", "attempt_id": "a"}
    assert guard.post(f"{PAGE}/{path}", data=fields).status_code == 403
