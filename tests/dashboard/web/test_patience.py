"""Nobody waits long, whatever hangs."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from dashboard.app import create_app
from dashboard.web import patience
from dashboard.web.auth import SESSION_COOKIE
from dashboard.web.patience import Deadline, RecordThreads, Refusals, Remembered
from screening.accounts import UNKNOWN_S
from screening.clock import FakeClock
from screening.errors import NotRecorded, RecordError
from screening.visits import Attempt
from tests.dashboard.conftest import Browse
from tests.dashboard.fakes import (
    NOON,
    FakeGateControl,
    FakeOffice,
    make_office,
    open_session,
)


class HangingRecord:
    """A record whose every read hangs until ``release`` is set."""

    def __init__(self, fake: FakeOffice, monkeypatch: pytest.MonkeyPatch) -> None:
        self._fake = fake
        self._monkeypatch = monkeypatch
        self.release = threading.Event()

    def hang(self, *names: str) -> None:
        """From now on these reads hang."""
        record = self._fake.record
        for name in names:
            owner = record.accounts if hasattr(record.accounts, name) else record.visits
            self._monkeypatch.setattr(owner, name, self._wait(getattr(owner, name)))

    def hang_all(self) -> None:
        """From now on every read hangs."""
        self.hang("latest", "entries", "hourly", "pauses", "visits_inside", "attempt")
        self.hang("session", "user", "gates", "gate")

    def _wait(self, read: Callable[..., Any]) -> Callable[..., Any]:
        def hanging(*args: Any, **bounds: Any) -> Any:
            self.release.wait(30)
            return read(*args, **bounds)

        return hanging


@pytest.fixture
def watched(fake: FakeOffice) -> Iterator[FakeOffice]:
    """An office whose room and accounts are kept in memory, as in a running one."""
    fake.office.room.refresh()
    fake.office.known.start()
    fake.office.room.start()
    yield fake
    fake.office.known.close()
    fake.office.room.close()


@pytest.fixture
def hanging(watched: FakeOffice, monkeypatch: pytest.MonkeyPatch) -> Iterator[HangingRecord]:
    record = HangingRecord(watched, monkeypatch)
    yield record
    record.release.set()


@pytest.fixture(scope="module")
def drawn_before() -> None:
    """The first page of a process also reads its icons, which takes a while."""
    fake = make_office()
    with browser(create_app(fake.office), fake, "budi") as guard:
        guard.get("/gate/utama")


@pytest.fixture
def impatient(drawn_before: None, watched: FakeOffice, monkeypatch: pytest.MonkeyPatch) -> FastAPI:
    """The application with short limits; one event loop for all requests."""

    def short(app: Any, **how: Any) -> Deadline:
        return Deadline(app, **how, page_limit_s=1.5, act_limit_s=1.2)

    monkeypatch.setattr("dashboard.app.Deadline", short)
    monkeypatch.setattr(patience, "LONGEST_PAGE_S", 1.6)
    monkeypatch.setattr(patience, "READING_PLACES", 2)
    monkeypatch.setattr("dashboard.guard.console.ROWS_PATIENCE_S", 0.5)
    app = create_app(watched.office)
    app.state.record_threads = RecordThreads(limit_s=0.4)
    return app


def browser(app: FastAPI, fake: FakeOffice, name: str | None = None) -> TestClient:
    client = TestClient(app, follow_redirects=False)
    if name is not None:
        client.cookies.set(SESSION_COOKIE, open_session(fake, name), domain="testserver.local")
        fake.office.known.refresh()
    return client


def test_a_page_of_a_record_that_hangs_is_refused_and_says_when_to_try_again(
    impatient: FastAPI, watched: FakeOffice, hanging: HangingRecord
) -> None:
    with browser(impatient, watched, "dewi") as manager:
        hanging.hang_all()
        answer = manager.get("/dashboard")
        hanging.release.set()
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "5"
    assert answer.headers["x-frame-options"] == "DENY"
    assert answer.template.name == "message.html"


def test_a_machine_is_told_of_a_record_that_hangs_in_its_own_words(
    impatient: FastAPI, watched: FakeOffice, hanging: HangingRecord
) -> None:
    with browser(impatient, watched) as station:
        hanging.hang_all()
        watched.clock.move_to(watched.clock.now() + timedelta(seconds=UNKNOWN_S))
        answer = station.post(
            "/api/v1/gates/utama/scans",
            json={"code": "GB1:A", "nonce": "n"},
            headers={"Authorization": "Bearer unknown"},
        )
        hanging.release.set()
    assert answer.status_code == 503
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["type"] == "urn:gerbang:problem:record-unavailable"


@pytest.mark.parametrize(
    "path", ["/", "/kiosk/utama", "/healthz", "/metrics", "/api/v1/status", "/static/base.css"]
)
def test_what_everybody_may_see_needs_no_record(
    impatient: FastAPI, watched: FakeOffice, hanging: HangingRecord, path: str
) -> None:
    hanging.hang_all()
    with browser(impatient, watched) as client:
        assert client.get(path).status_code == 200


def test_a_guard_goes_on_while_reads_hang_and_sees_the_rows_known_before(
    impatient: FastAPI, watched: FakeOffice, hanging: HangingRecord
) -> None:
    watched.record.visits.write(
        Attempt(attempt_id="a", gate="utama", at=NOON, decision="admit", reason="admitted")  # type: ignore[arg-type]
    )
    with browser(impatient, watched, "budi") as guard:
        assert len(guard.get("/gate/utama").context["live"].entries) == 1
        hanging.hang_all()
        for _ in range(3):
            answer = guard.get("/gate/utama")
            assert answer.status_code == 200
            assert len(answer.context["live"].entries) == 1
        hanging.release.set()


def test_rows_that_were_never_read_are_told_as_such(
    impatient: FastAPI, watched: FakeOffice, hanging: HangingRecord
) -> None:
    with browser(impatient, watched, "budi") as guard:
        hanging.hang_all()
        answer = guard.get("/gate/utama")
        hanging.release.set()
    assert answer.status_code == 200
    assert "Catatan terakhir belum dapat dibaca." in answer.text


def test_pages_that_hang_leave_the_guards_page_and_the_scans_alone(
    impatient: FastAPI, watched: FakeOffice, hanging: HangingRecord
) -> None:
    with browser(impatient, watched, "admin") as client:
        hanging.hang_all()
        for _ in range(patience.READING_PLACES + 3):
            assert client.get("/dashboard").status_code == 503
        assert client.get("/gate/utama").status_code == 200
        assert client.get("/static/base.css").status_code == 200
        hanging.release.set()


def test_places_are_free_again_once_the_record_answers(
    impatient: FastAPI, watched: FakeOffice, hanging: HangingRecord
) -> None:
    with browser(impatient, watched, "admin") as client:
        hanging.hang_all()
        for _ in range(3):
            assert client.get("/dashboard").status_code == 503
        hanging.release.set()
        statuses = {client.get("/dashboard").status_code for _ in range(5)}
    assert 200 in statuses


def test_who_sends_a_form_that_hangs_is_told_that_it_may_still_be_done(
    impatient: FastAPI, watched: FakeOffice, gate: FakeGateControl, hanging: HangingRecord
) -> None:
    gate.on_scan = lambda: hanging.release.wait(30) and None
    with browser(impatient, watched, "budi") as guard:
        form = {"csrf_token": "form-token-of-budi", "code": "GB1:A", "nonce": "n"}
        answer = guard.post("/gate/utama/scan", data=form)
        hanging.release.set()
    assert answer.status_code == 503
    assert "Server terlambat menjawab" in answer.text


def test_who_logs_in_while_the_record_hangs_may_try_again(
    impatient: FastAPI, watched: FakeOffice, hanging: HangingRecord
) -> None:
    with browser(impatient, watched) as client:
        token = client.get("/login").context["shell"].csrf_token
        hanging.hang("user")
        form = {"csrf_token": token, "name": "budi", "password": "wrong"}
        answer = client.post("/login", data=form)
        hanging.release.set()
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "5"
    assert "Basis data sedang tidak menjawab." in answer.text


def test_a_record_that_is_away_is_told_once_and_how_many_were_refused(
    caplog: pytest.LogCaptureFixture,
) -> None:
    clock, read_s, head = FakeClock(NOON), [0.0], [7]
    refusals = Refusals(
        has_answered_since=lambda since_s: read_s[0] >= since_s,
        head=lambda: head[0],
        monotonic_s=clock.monotonic_s,
    )

    def told() -> list[str]:
        messages = [record.getMessage() for record in caplog.records]
        caplog.clear()
        return messages

    caplog.set_level("INFO")
    for _ in range(3):
        clock.move_to(clock.now() + timedelta(seconds=1))
        refusals.look()
        refusals.count(RecordError("frozen"))
        refusals.count(NotRecorded("full"))
    assert told() == [
        "the record cannot be read, requests are refused: frozen",
        "the record cannot be written, requests are refused: full",
    ]
    clock.move_to(clock.now() + timedelta(seconds=1))
    read_s[0] = clock.monotonic_s()
    refusals.look()
    refusals.look()
    assert told() == ["the record can be read again; requests refused meanwhile: 3"]
    head[0] += 1
    refusals.look()
    assert told() == ["the record can be written again; requests refused meanwhile: 3"]


def test_a_slow_page_of_a_record_that_answers_is_waited_for() -> None:
    done = asyncio.run(_page_that_takes(0.05, has_answered=True))
    assert done == [200]


def test_a_slow_page_of_a_record_that_does_not_answer_is_not() -> None:
    assert asyncio.run(_page_that_takes(0.05, has_answered=False)) == [503]


async def _page_that_takes(seconds: float, *, has_answered: bool) -> list[int]:
    async def slow(scope: Any, receive: Any, send: Any) -> None:
        await asyncio.sleep(seconds)
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    async def late(_: Any) -> Any:
        async def refuse(scope: Any, receive: Any, send: Any) -> None:
            await send({"type": "http.response.start", "status": 503, "headers": []})
            await send({"type": "http.response.body", "body": b""})

        return refuse

    statuses = []

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            statuses.append(message["status"])

    async def receive() -> Any:
        return {"type": "http.request", "body": b""}

    deadline = Deadline(
        slow,
        late=late,
        has_answered_since=lambda _: has_answered,
        monotonic_s=lambda: 0.0,
        page_limit_s=0.001,
    )
    scope = {"type": "http", "method": "GET", "path": "/dashboard", "headers": []}
    await deadline(scope, receive, send)
    return statuses


def test_a_stuck_question_keeps_its_place_and_no_more_are_asked() -> None:
    release, begun = threading.Event(), threading.Semaphore(0)

    def question() -> None:
        begun.release()
        release.wait(30)

    async def scenario() -> bool:
        threads = RecordThreads(places=2, limit_s=0.02)
        for _ in range(4):
            with pytest.raises(RecordError, match="does not answer"):
                await threads.ask(question)
        for _ in range(2):
            assert await asyncio.to_thread(begun.acquire, timeout=30)
        has_third = await asyncio.to_thread(begun.acquire, timeout=0.05)
        release.set()
        return has_third

    assert not asyncio.run(scenario())


def test_what_was_read_last_is_kept_while_a_read_hangs_and_told_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    release, values = threading.Event(), iter([1, 2, 3])
    release.set()

    def read() -> int:
        release.wait(30)
        return next(values)

    rows = Remembered("the rows", read, patience_s=0.5)
    assert rows.get() == 1
    release.clear()
    assert [rows.get() for _ in range(3)] == [1, 1, 1]
    assert caplog.text.count("are shown as they were") == 1
    release.set()
    patient = Remembered("others", lambda: 5, patience_s=5.0)
    assert patient.get() == 5


def test_what_was_read_last_is_kept_while_the_record_is_away() -> None:
    answers: list[int | Exception] = [1, RecordError("away"), 3]

    def read() -> int:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    rows = Remembered("the rows", read, patience_s=5.0)
    assert [rows.get() for _ in range(3)] == [1, 1, 3]


def test_a_gate_that_is_busy_says_since_when(
    logged_in: Browse, client: TestClient, gate: FakeGateControl
) -> None:
    gate.busy = NOON - timedelta(minutes=5)
    assert "Gerbang sedang sibuk sejak 11.55." in logged_in("budi").get("/gate/utama").text
    assert "Gerbang sedang sibuk sejak 11.55." in client.get("/kiosk/utama").text
    assert (
        client.get("/readyz").json()["gates"]["utama"]["busy_since"].startswith("2026-11-24T04:55")
    )


def test_readyz_is_503_once_the_record_was_not_read_for_some_seconds(
    impatient: FastAPI, watched: FakeOffice, hanging: HangingRecord
) -> None:
    client = browser(impatient, watched)
    assert client.get("/readyz").status_code == 200
    hanging.hang("figures", "seats")
    watched.clock.move_to(NOON + timedelta(seconds=30))
    answer = client.get("/readyz")
    hanging.release.set()
    assert answer.status_code == 503
    assert client.get("/api/v1/status").status_code == 200
