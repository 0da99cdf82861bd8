"""Whose turn it is, on the visitor's own phone."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from fastapi.testclient import TestClient

from dashboard.app import create_app
from dashboard.visitor.turn import Moment, Turn, TurnReader, Turns, moment_of
from dashboard.web.sse import PublicStreams
from screening.errors import RecordError
from screening.hub import Hub
from screening.queue.tickets import Act
from screening.visits import ExitHow
from screening.waiting_room.line import LineAct, LineOrder
from tests.contracts.builders import attempt
from tests.dashboard.fakes import FakeOffice
from tests.dashboard.tickets import (
    act,
    come_in,
    keep_a_line_waiting,
    know_the_past,
    open_counters,
    wait,
)
from tests.dashboard.visitor.test_receipt import CLAIMS, INSIDE, LINK, NUMBER, RECEIPT, Shelf

KEY = (CLAIMS.issuer, NUMBER)


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


@pytest.fixture
def phone(fake: FakeOffice, shelf: Shelf) -> TestClient:
    office = replace(fake.office, receipt_page=shelf.page)
    return TestClient(create_app(office), follow_redirects=False)


def come(fake: FakeOffice, *before: str) -> None:
    """Its holder comes in after these."""
    open_counters(fake, "4")
    come_in(fake, *before)
    come_in(fake, "K-014", receipt=KEY)


def turns(phone: TestClient) -> list[Turn]:
    return list(phone.get(LINK).context["live"].turns)


def test_the_place_in_the_queue_is_told(phone: TestClient, fake: FakeOffice, shelf: Shelf) -> None:
    shelf.receipt = INSIDE
    come(fake, "K-011", "K-012", "K-013")
    page = phone.get(LINK)
    (turn,) = page.context["live"].turns
    assert (turn.kind, turn.label, turn.headline) == ("waiting", "K-014", "3 orang di depan Anda")
    assert (turn.expected, turn.call) == ("", "")
    assert page.context["live"].advice == ""
    assert 'data-follow="yes"' in page.text
    assert 'http-equiv="refresh"' in page.text
    assert "3 orang di depan Anda" in phone.get(f"{LINK}?as=state").text


def test_who_is_called_by_no_counter_of_mine_is_not_before_me(
    phone: TestClient, fake: FakeOffice, shelf: Shelf
) -> None:
    shelf.receipt = INSIDE
    open_counters(fake, "4", services=("KTP",))
    open_counters(fake, "5", services=("KK",))
    come_in(fake, "F-001", service="KK")
    come_in(fake, "K-014", receipt=KEY)
    (turn,) = turns(phone)
    assert turn.headline == "Anda berikutnya"


def test_the_time_is_told_as_every_other_place_tells_it(
    phone: TestClient, fake: FakeOffice, shelf: Shelf
) -> None:
    shelf.receipt = INSIDE
    open_counters(fake, "1", services=("KTP",))
    know_the_past(fake)
    wait(fake, 3600)
    for label in ("K-010", "K-011", "K-012"):
        come_in(fake, label)
    come_in(fake, "K-014", receipt=KEY)
    (turn,) = turns(phone)
    waits = fake.office.waits.current()
    moments = waits.moments(waits.labels["K-014"])
    assert moments is not None
    zone = fake.office.settings.site.zone
    begins, ends = (f"{moment.astimezone(zone):%H.%M}" for moment in moments)
    assert turn.expected == f"sekitar {begins}–{ends}"


def test_that_no_counter_is_open_for_it_is_told(
    phone: TestClient, fake: FakeOffice, shelf: Shelf
) -> None:
    shelf.receipt = INSIDE
    open_counters(fake, "4", is_open=False)
    open_counters(fake, "5", services=("KK",))
    come_in(fake, "K-014", receipt=KEY)
    (turn,) = turns(phone)
    assert (turn.headline, turn.expected) == (
        "Anda berikutnya",
        "tidak ada loket yang buka sekarang",
    )
    open_counters(fake, "4")
    assert turns(phone)[0].expected == ""


def test_every_state_of_a_ticket_says_what_to_do(
    phone: TestClient, fake: FakeOffice, shelf: Shelf
) -> None:
    shelf.receipt = INSIDE
    come(fake)
    act(fake, Act.CALL_AHEAD, "4", ticket="K-014")
    (turn,) = turns(phone)
    assert (turn.kind, turn.headline) == ("ahead", "Pindahlah ke kursi di depan loket")
    act(fake, Act.CALL_NEXT, "4")
    wait(fake, 7)
    (turn,) = turns(phone)
    assert (turn.kind, turn.headline) == ("called", "Silakan ke loket 4 sekarang")
    assert (turn.detail, turn.since_s) == ("Dipanggil pukul 12.00.", 7)
    first = turn.call
    act(fake, Act.RECALL, "4")
    assert turns(phone)[0].call not in ("", first)
    act(fake, Act.MISSED, "4")
    (turn,) = turns(phone)
    assert (turn.kind, turn.headline, turn.call) == ("missed", "Anda dipanggil pukul 12.00", "")
    act(fake, Act.CALL, "4", ticket="K-014")
    act(fake, Act.ARRIVED, "4")
    assert turns(phone)[0].headline == "Giliran Anda"
    act(fake, Act.PARK, "4")
    assert turns(phone)[0].headline == "Nomor Anda ditunda"
    act(fake, Act.CALL, "4", ticket="K-014")
    act(fake, Act.DONE, "4")
    (turn,) = turns(phone)
    assert (turn.kind, turn.headline) == ("done", "Urusan Anda selesai. Terima kasih.")


def test_a_done_that_is_taken_back_is_told(
    phone: TestClient, fake: FakeOffice, shelf: Shelf
) -> None:
    shelf.receipt = INSIDE
    come(fake)
    act(fake, Act.CALL_NEXT, "4")
    act(fake, Act.DONE, "4")
    assert turns(phone)[0].kind == "done"
    come_in(fake, "K-099")
    act(fake, Act.CALL_NEXT, "4")
    act(fake, Act.UNDO, "4", ticket="K-014")
    (turn,) = turns(phone)
    assert (turn.kind, turn.headline) == ("waiting", "Anda berikutnya")


def test_an_office_that_calls_nobody_says_only_where_to_sit(
    phone: TestClient, fake: FakeOffice, shelf: Shelf
) -> None:
    shelf.receipt = INSIDE
    come_in(fake, "K-014", receipt=KEY)
    page = phone.get(LINK)
    assert page.context["live"].turns == ()
    assert page.context["live"].advice != ""
    assert 'http-equiv="refresh"' not in page.text


def wait_outside(fake: FakeOffice) -> None:
    fake.record.facts.put(set_capacity=1)
    fake.record.visits.write(attempt(at=fake.clock.now()))
    fake.record.visits.write(attempt(receipt=replace(CLAIMS, party_size=1), at=fake.clock.now()))


def test_who_waits_outside_is_called_in_on_the_phone(phone: TestClient, fake: FakeOffice) -> None:
    wait_outside(fake)
    (turn,) = turns(phone)
    assert (turn.kind, turn.headline) == ("outside", "Anda berikutnya")
    fake.record.facts.put(set_capacity=2)
    fake.record.line.call_due(at=fake.clock.now())
    (turn,) = turns(phone)
    assert (turn.kind, turn.headline) == ("called_in", "Anda boleh masuk sekarang")
    assert turn.detail == "Sampai pukul 12.05. Tunjukkan bukti daftar ini di pintu."
    wait(fake, 300)
    (turn,) = turns(phone)
    assert (turn.kind, turn.headline) == ("missed", "Anda dipanggil masuk pukul 12.00")
    assert turn.call == ""
    order = LineOrder(act=LineAct.GAVE_UP, receipt=KEY, by="budi")
    fake.record.line.act(order, at=fake.clock.now())
    assert turns(phone) == []


def test_who_waits_outside_is_told_how_long_it_takes_inside(
    phone: TestClient, fake: FakeOffice
) -> None:
    keep_a_line_waiting(fake)
    wait_outside(fake)
    (turn,) = turns(phone)
    low, high = phone.get("/api/v1/status").json()["expected_wait_minutes"]
    assert turn.kind == "outside"
    assert turn.expected == f"Di dalam, menunggu loket sekitar {low}–{high} menit."


def test_who_waits_outside_is_told_when_they_are_called_in_as_everywhere(
    phone: TestClient, fake: FakeOffice, guard: TestClient
) -> None:
    fake.record.facts.put(set_capacity=1)
    for _ in range(12):  # one after the other, three minutes each
        fake.record.visits.write(attempt(at=fake.clock.now()))
        wait(fake, 180)
        fake.record.visits.leave(
            receipt=None, how=ExitHow.BUTTON, gate="utama", operator=None, at=fake.clock.now()
        )
    fake.record.visits.write(attempt(at=fake.clock.now()))
    assert phone.get("/api/v1/status").json()["expected_call_in_minutes"] is not None
    fake.record.visits.write(attempt(receipt=replace(CLAIMS, party_size=1), at=fake.clock.now()))
    wait(fake, 1)

    (turn,) = turns(phone)
    waits = fake.office.waits.current()
    low, high = waits.outside[KEY].minutes
    assert low <= 3 <= high <= 12
    assert turn.expected.startswith("Sampai Anda dipanggil masuk: ")
    assert f"{high} menit" in turn.expected
    newcomer = phone.get("/api/v1/status").json()["expected_call_in_minutes"]
    assert newcomer[1] > high  # one more stands before them
    assert f"{high} menit" in guard.get("/gate/utama").text


def test_the_receipt_is_shown_while_the_queue_cannot_be_read(
    phone: TestClient, fake: FakeOffice, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(**_: object) -> None:
        raise RecordError("gone")

    shelf.receipt = INSIDE
    come(fake)
    monkeypatch.setattr(fake.record.queue, "view", broken)
    page = phone.get(LINK)
    assert page.status_code == 200
    assert page.context["live"].turns == ()


def test_streams_of_phones_are_counted_as_public_ones(phone: TestClient, shelf: Shelf) -> None:
    shelf.receipt = RECEIPT
    phone.app.state.streams.public = PublicStreams(allowed=0)  # type: ignore[attr-defined]
    answer = phone.get(f"{LINK}?as=events")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "30")


def test_a_wrong_key_follows_nothing(phone: TestClient) -> None:
    assert (
        phone.get(f"/r/{NUMBER}/{'A' * len(LINK.rsplit('/', 1)[1])}?as=events").status_code == 404
    )


def moment(fake: FakeOffice) -> Moment:
    now = fake.clock.now()
    return moment_of(fake.record.queue.view(at=now), fake.record.line.view(at=now), now)


def test_a_reader_is_told_what_changed_and_when_to_ask_for_all(fake: FakeOffice) -> None:
    turn = Turn(kind="waiting", label="K-014", headline="3", detail="")
    now = [(turn,)]
    source = Turns(Hub(), lambda: moment(fake), lambda: None)
    reader = TurnReader(source, lambda _: now[0], lambda turns: turns[0].headline)

    def take() -> bytes:
        source.newest = moment(fake)
        source.version += 1
        return asyncio.run(reader.take())

    assert b"event: again" in take()
    assert take() == b""
    now[0] = (replace(turn, headline="2"),)
    assert b"event: turn\ndata: 2" in take()
    now[0] = (replace(turn, headline="2", since_s=9),)
    assert take() == b""
    now[0] = ()
    assert b"event: again" in take()
    source.beats += 1
    assert b"event: beat" in asyncio.run(reader.take())
