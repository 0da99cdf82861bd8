"""Streams: a change is drawn once, whoever listens gets the newest, and public ones are counted."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextlib import ExitStack

import pytest
from fastapi.testclient import TestClient

from dashboard.web.sse import (
    FORM_MARK,
    Drawing,
    DrawingReader,
    PublicStreams,
    Stream,
    follow,
)
from screening.events import AlertsChanged, Event, GateChanged, LogGrown
from screening.hub import Hub
from tests.dashboard.fakes import FakeGateControl, FakeOffice
from tests.screening.test_hub import fact

PATIENCE_S = 30.0


class Pages:
    """A drawing of a gate and those who look at it."""

    def __init__(
        self,
        *,
        every_s: float = 0.0,
        heartbeat_s: float = 60.0,
        hurries: Callable[[Event], bool] = lambda _: False,
    ) -> None:
        self.hub = Hub()
        self.shown = "first"
        self.busy: str | None = None
        self.drawn: list[str] = []
        self.looks = 0
        self.drawing = Drawing(
            self.hub,
            "live",
            self._draw,
            concerns=self._concerns,
            hurries=hurries,
            look=self._look,
            every_s=every_s,
            heartbeat_s=heartbeat_s,
        )

    def _draw(self) -> str:
        self.drawn.append(self.shown)
        return f"{self.shown} {FORM_MARK}"

    def _concerns(self, event: Event) -> bool:
        return not isinstance(event, AlertsChanged)

    def _look(self) -> str | None:
        self.looks += 1
        return self.busy

    def look_at(self, form_token: str = "") -> Stream:
        return follow([DrawingReader(self.drawing, form_token=form_token)])

    def change(self, shown: str) -> None:
        self.shown = shown
        self.hub.publish(GateChanged("utama", len(self.drawn)))


def test_a_change_is_drawn_once_for_all_who_look_each_with_their_own_form_token() -> None:
    async def scenario() -> tuple[list[bytes], list[str]]:
        pages = Pages()
        streams = [pages.look_at(f"token-{number}") for number in range(40)]
        for stream in streams:
            await anext(stream)
        pages.change("second")
        events = [await anext(stream) for stream in streams]
        for stream in streams:
            await stream.aclose()
        return events, pages.drawn

    events, drawn = asyncio.run(scenario())
    assert drawn == ["first", "second"]
    for number, event in enumerate(events):
        assert event.startswith(f"event: live\ndata: second token-{number}\n".encode())


def test_who_did_not_read_gets_the_newest_alone() -> None:
    async def scenario() -> list[bytes]:
        pages = Pages()
        slow, quick = pages.look_at(), pages.look_at()
        await anext(slow)
        await anext(quick)
        for shown in ("second", "third", "fourth"):
            pages.change(shown)
            await anext(quick)
        pages.hub.close()
        return [event async for event in slow]

    assert [event.split()[3] for event in asyncio.run(scenario())] == [b"fourth"]


def test_what_is_in_a_hurry_does_not_wait_for_its_turn() -> None:
    async def scenario() -> tuple[bytes, list[str]]:
        pages = Pages(every_s=3600.0, hurries=lambda event: isinstance(event, LogGrown))
        stream = pages.look_at()
        await anext(stream)
        pages.change("second")
        pages.change("third")
        pages.hub.publish(LogGrown(1))
        event = await asyncio.wait_for(anext(stream), PATIENCE_S)
        await stream.aclose()
        return event, pages.drawn

    event, drawn = asyncio.run(scenario())
    assert event.split()[3] == b"third"
    assert drawn == ["first", "third"]


def test_a_row_is_drawn_once_though_the_log_has_grown_by_it() -> None:
    async def scenario() -> tuple[list[str], list[str]]:
        pages = Pages()
        stream = pages.look_at()
        await anext(stream)
        pages.shown = "second"
        pages.hub.publish(fact(5))
        await anext(stream)
        pages.hub.publish(LogGrown(5))
        seen = pages.looks
        while pages.looks < seen + 4:  # longer than a drawing of it would take
            await asyncio.sleep(0)
            pages.hub.publish(AlertsChanged(()))
        before, pages.shown = list(pages.drawn), "third"
        pages.hub.publish(LogGrown(6))  # by another process
        await anext(stream)
        await stream.aclose()
        return before, pages.drawn

    before, drawn = asyncio.run(scenario())
    assert before == ["first", "second"]
    assert drawn == ["first", "second", "third"]


def test_what_looks_the_same_is_not_sent_again() -> None:
    async def scenario() -> list[bytes]:
        pages = Pages()
        stream = pages.look_at()
        await anext(stream)
        pages.change("first")
        pages.change("first")
        pages.hub.close()
        return [event async for event in stream]

    assert asyncio.run(scenario()) == []


def test_a_page_that_was_given_a_state_in_another_way_is_given_the_last_one_again() -> None:
    async def scenario() -> bytes:
        pages = Pages()
        stream = pages.look_at()
        await anext(stream)
        pages.drawing.shown_elsewhere()  # "second", which is over before it is drawn here
        pages.change("first")
        return await asyncio.wait_for(anext(stream), PATIENCE_S)

    assert asyncio.run(scenario()).split()[3] == b"first"


def test_a_page_in_which_nothing_changes_still_gets_a_sign_of_life(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("dashboard.web.sse.LOOK_S", 0.001)

    async def scenario() -> bytes:
        stream = Pages(heartbeat_s=0.0).look_at()
        await anext(stream)
        event = await anext(stream)
        await stream.aclose()
        return event

    assert asyncio.run(scenario()).startswith(b"event: beat\n")


def test_a_gate_that_hangs_is_drawn_though_it_tells_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("dashboard.web.sse.LOOK_S", 0.001)

    async def scenario() -> bytes:
        pages = Pages()
        stream = pages.look_at()
        await anext(stream)
        pages.shown, pages.busy = "busy", "since noon"
        event = await anext(stream)
        await stream.aclose()
        return event

    assert b"data: busy" in asyncio.run(scenario())


def test_nothing_is_drawn_while_nobody_looks_and_who_comes_then_sees_the_present() -> None:
    async def scenario() -> tuple[bytes, list[str]]:
        pages = Pages()
        first = pages.look_at()
        await anext(first)
        await first.aclose()
        for shown in ("second", "third"):
            pages.change(shown)
            await asyncio.sleep(0)
        later = pages.look_at()
        event = await anext(later)
        await later.aclose()
        return event, pages.drawn

    event, drawn = asyncio.run(scenario())
    assert b"data: third" in event
    assert drawn == ["first", "third"]


def test_a_fault_in_a_drawing_ends_its_streams_and_is_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def broken() -> str:
        raise ZeroDivisionError

    async def scenario() -> list[bytes]:
        drawing = Drawing(Hub(), "live", broken, concerns=lambda _: False)
        return [event async for event in follow([DrawingReader(drawing)])]

    assert asyncio.run(scenario()) == []
    assert "a fault in the program" in caplog.text


def test_public_streams_are_counted_in_all_and_for_each_address(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.WARNING)
    streams = PublicStreams(allowed=3, of_an_address=2)
    with streams.one_more("a"), streams.one_more("a"):
        assert not streams.have_room_for("a")
        assert not streams.have_room_for("a")
        assert caplog.text.count("too many public streams") == 1
        assert streams.have_room_for("b")
        with streams.one_more("b"):
            assert not streams.have_room_for("c")
    assert streams.have_room_for("a")


def test_one_screen_after_the_other_that_is_refused_is_told_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    streams = PublicStreams(allowed=100, of_an_address=4)
    with ExitStack() as screens:
        for _ in range(3):
            screens.enter_context(streams.one_more("a"))
        for _ in range(3):
            with streams.one_more("a"):
                assert not streams.have_room_for("a")
            assert streams.have_room_for("b")
    assert caplog.text.count("too many public streams") == 1
    with streams.one_more("a"), streams.one_more("a"), streams.one_more("a"), streams.one_more("a"):
        assert not streams.have_room_for("a")
    assert caplog.text.count("too many public streams") == 2


def test_one_screen_too_many_is_told_when_to_come_back(
    client: TestClient, fake: FakeOffice, gate: FakeGateControl
) -> None:
    gate.on_view = fake.hub.close
    app = client.app
    app.state.streams.public = PublicStreams(allowed=1)  # type: ignore[attr-defined]
    with app.state.streams.public.one_more("elsewhere"):  # type: ignore[attr-defined]
        answer = client.get("/kiosk/utama/events")
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "30"
    assert client.get("/kiosk/utama/events").status_code == 200
