"""Whose turn it is, on the visitor's own phone."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace

import pytest
from fastapi.testclient import TestClient

from dashboard.app import create_app
from dashboard.visitor.turn import (
    Moment,
    Turn,
    TurnReader,
    Turns,
    TurnWords,
    WholeState,
    moment_of,
)
from dashboard.web.language import Languages
from dashboard.web.sse import PublicStreams, Stream, follow
from screening.errors import RecordError
from screening.queue.tickets import Act
from screening.visits import ExitHow
from screening.waiting_room.line import LineAct, LineOrder, ReceiptKey
from tests.contracts.builders import attempt
from tests.dashboard.fakes import FakeOffice
from tests.dashboard.tickets import (
    act,
    come_in,
    go_out,
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


class Phones:
    """Phones that follow their receipts at one source, and what each of them was sent."""

    def __init__(self, fake: FakeOffice) -> None:
        self._fake = fake
        self.moments = 0
        self.states = 0
        self.after_state: Callable[[], None] = lambda: None
        self.after_moment: Callable[[], None] = lambda: None
        self.source = Turns(fake.hub, self._read_moment, every_s=0.0)
        words = TurnWords(Languages()["en"], fake.office.settings.site.zone)

        def draw(turns: tuple[Turn, ...]) -> str:
            return " ".join(f"{turn.label} {turn.headline}" for turn in turns)

        def reader(receipt: ReceiptKey) -> TurnReader:
            return TurnReader(
                self.source,
                receipt,
                tell=words.turns,
                draw=draw,
                whole=lambda: self._read_state(receipt),
            )

        self.reader = reader

    def follow(self, *receipts: ReceiptKey) -> list[Stream]:
        return [follow([self.reader(one)]) for one in receipts]

    def read(self) -> Moment:
        now, record = self._fake.clock.now(), self._fake.record
        waits = self._fake.office.waits.current()
        return moment_of(record.queue.view(at=now), record.line.view(at=now), waits, now)

    def _read_moment(self) -> Moment:
        self.moments += 1
        moment = self.read()
        self.after_moment()
        return moment

    def _read_state(self, receipt: ReceiptKey) -> WholeState:
        self.states += 1
        own = self.read().of(receipt)
        self.after_state()
        return WholeState(f"state {self.states}", own)


RECEIPTS = [("BGR", f"{number}") for number in range(1, 5)]


@pytest.fixture
def phones(fake: FakeOffice) -> Phones:
    open_counters(fake, "4", "5")
    for number, receipt in enumerate(RECEIPTS, start=1):
        come_in(fake, f"K-{number:03d}", receipt=receipt)
        wait(fake, 60)
    return Phones(fake)


def once(do: Callable[[], object]) -> Callable[[], None]:
    """Does it at the first call and nothing at later ones."""
    left = [do]

    def at_first() -> None:
        if left:
            left.pop()()

    return at_first


def told(event: bytes) -> tuple[str, str]:
    """An event's name and its text."""
    lines = dict(line.split(": ", 1) for line in event.decode().splitlines() if line)
    return lines["event"], lines["data"]


def test_a_phone_begins_with_its_whole_state_and_then_hears_its_own_turn(
    fake: FakeOffice, phones: Phones
) -> None:
    async def scenario() -> list[list[tuple[str, str]]]:
        streams = phones.follow(*RECEIPTS)
        first = [told(await anext(stream)) for stream in streams]
        act(fake, Act.CALL_NEXT, "4")
        second = [told(await anext(stream)) for stream in streams]
        for stream in streams:
            await stream.aclose()
        return [first, second]

    first, second = asyncio.run(scenario())
    assert {name for name, _ in first} == {"state"}
    assert second == [
        ("turn", "K-001 Come to counter 4 now"),
        ("turn", "K-002 You are next"),
        ("turn", "K-003 1 person before you"),
        ("turn", "K-004 2 people before you"),
    ]
    assert (phones.moments, phones.states) == (2, 4)  # once for all; no page asks because of a call


def test_a_call_that_is_undone_while_a_phone_opens_does_not_stay_on_it(
    fake: FakeOffice, phones: Phones
) -> None:
    """The source has read before the call, the phone's state after it; then the call is undone."""

    async def scenario() -> list[tuple[str, str]]:
        (stream,) = phones.follow(RECEIPTS[0])
        phones.after_moment = once(lambda: act(fake, Act.CALL_NEXT, "4"))
        phones.after_state = once(lambda: act(fake, Act.UNDO, "4"))
        events = [told(await anext(stream)), told(await anext(stream))]
        await stream.aclose()
        return events

    assert asyncio.run(scenario()) == [("state", "state 1"), ("turn", "K-001 You are next")]


def test_a_phone_is_sent_nothing_while_its_own_turn_is_as_before(
    fake: FakeOffice, phones: Phones
) -> None:
    async def scenario() -> list[bytes]:
        fourth, waiting = phones.follow(RECEIPTS[3], RECEIPTS[0])
        await anext(fourth)
        await anext(waiting)
        act(fake, Act.CALL, "4", ticket="K-004")
        await anext(fourth)
        act(fake, Act.ARRIVED, "4")
        assert told(await anext(fourth)) == ("turn", "K-004 It is your turn")
        fake.hub.close()
        return [event async for event in waiting]

    assert asyncio.run(scenario()) == []


def test_a_phone_is_told_that_it_is_done_and_reads_its_state_when_it_has_left(
    fake: FakeOffice, phones: Phones
) -> None:
    async def scenario() -> list[tuple[str, str]]:
        (stream,) = phones.follow(RECEIPTS[0])
        events = [told(await anext(stream))]
        for change in (
            lambda: act(fake, Act.CALL_NEXT, "4"),
            lambda: act(fake, Act.DONE, "4"),
            lambda: go_out(fake, "K-001"),
        ):
            change()
            events.append(told(await anext(stream)))
        await stream.aclose()
        return events

    assert asyncio.run(scenario()) == [
        ("state", "state 1"),
        ("turn", "K-001 Come to counter 4 now"),
        ("turn", "K-001 You are done. Thank you."),
        ("state", "state 2"),
    ]


def test_what_changes_without_another_word_is_not_sent(fake: FakeOffice, phones: Phones) -> None:
    async def scenario() -> list[bytes]:
        turn = Turn(kind="waiting", label="K-001", headline="1", detail="")
        reader = TurnReader(
            phones.source,
            RECEIPTS[1],
            tell=lambda *_: (turn,),
            draw=lambda _: "drawn",
            whole=lambda: WholeState("state", phones.read().of(RECEIPTS[1])),
        )
        taken = []
        for counter in ("4", "5"):
            phones.source.newest = phones.read()
            taken.append(await reader.take())
            act(fake, Act.CALL_NEXT, counter)
        return taken

    whole, nothing = asyncio.run(scenario())
    assert told(whole) == ("state", "state")
    assert nothing == b""


def test_a_page_whose_receipt_is_gone_is_told_to_ask(phones: Phones) -> None:
    async def scenario() -> bytes:
        phones.source.newest = phones.read()
        reader = TurnReader(
            phones.source,
            RECEIPTS[0],
            tell=lambda *_: (),
            draw=lambda _: "",
            whole=lambda: None,
        )
        return await reader.take()

    assert told(asyncio.run(scenario())) == ("again", "1")


def test_a_phone_that_nothing_happens_to_hears_that_the_office_is_there(phones: Phones) -> None:
    async def scenario() -> list[bytes]:
        phones.source.newest = phones.read()
        reader = phones.reader(RECEIPTS[0])
        taken = [await reader.take()]
        phones.source.beats += 1
        return [*taken, await reader.take(), await reader.take()]

    _, beat, nothing = asyncio.run(scenario())
    assert told(beat) == ("beat", "0")
    assert nothing == b""
