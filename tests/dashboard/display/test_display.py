"""The waiting room's screen: numbers, where they go, and nothing about a person."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, time

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from httpx2 import Response

from dashboard.app import create_app
from dashboard.display.contexts import MOST_CHARACTERS
from screening.errors import RecordError
from screening.office.facts import Mode
from screening.office.hours import Span
from screening.queue.queue import QueueView
from screening.queue.tickets import Act
from tests.dashboard.conftest import Browse, send, token_in
from tests.dashboard.fakes import FakeOffice
from tests.dashboard.tickets import act, come_in, open_counters, wait

VOICE = "gerbang_voice"


@pytest.fixture
def screen(client: TestClient, fake: FakeOffice, logged_in: Browse) -> TestClient:
    """A browser without a log-in that an officer let speak in the room."""
    officer = logged_in("rina")
    assert send(officer, "/display/utama", "/display/utama/let-speak").status_code == 303
    key = officer.cookies[VOICE]
    client.cookies.set(VOICE, key, domain="testserver.local", path="/display/utama")
    return client


def ask(client: TestClient, screen: str, *, room: str = "utama", **fields: str) -> Response:
    """What a screen of that room whose sound works asks."""
    page = client.get(f"/display/{room}")
    form = {"csrf_token": token_in(page.text), "screen": screen, "has_words": "true", **fields}
    return client.post(f"/display/{room}/voice", data=form)


def test_the_newest_call_is_large_and_the_last_few_stand_beside_it(
    client: TestClient, fake: FakeOffice
) -> None:
    open_counters(fake, "1", "2")
    come_in(fake, "L-001", "L-002", "L-003")
    act(fake, Act.CALL_NEXT, "1")
    wait(fake, 60)
    act(fake, Act.CALL_NEXT, "2")
    live = client.get("/display/utama").context["live"]
    assert (live.newest.label, live.newest.place) == ("L-002", "Loket 2")
    assert [(one.label, one.place) for one in live.others] == [("L-001", "Loket 1")]
    act(fake, Act.RECALL, "1")
    assert client.get("/display/utama").context["live"].newest.label == "L-001"


def test_nothing_is_told_of_a_person_but_the_number(client: TestClient, fake: FakeOffice) -> None:
    open_counters(fake, "1")
    come_in(fake, "L-001", receipt=("BGR", "K7M2-9QXD"), is_priority=True)
    act(fake, Act.CALL_NEXT, "1")
    html = client.get("/display/utama").text
    assert "L-001" in html
    for private in ("K7M2", "KTP", "prior", "rina"):
        assert private not in html


def test_a_visitor_who_is_done_missed_or_gone_is_not_called_any_more(
    client: TestClient, fake: FakeOffice
) -> None:
    open_counters(fake, "1")
    come_in(fake, "L-001", "L-002")
    act(fake, Act.CALL_NEXT, "1")
    act(fake, Act.DONE, "1")
    assert "L-001" not in client.get("/display/utama").text
    act(fake, Act.CALL_NEXT, "1")
    act(fake, Act.MISSED, "1")
    live = client.get("/display/utama").context["live"]
    assert live.newest is None
    assert "L-002" in "".join(turn.text for turn in live.turns)


def test_a_room_tells_of_nobody_who_waits_for_another_room(
    client: TestClient, fake: FakeOffice
) -> None:
    open_counters(fake, "1", room="atas", services=("KTP",))
    open_counters(fake, "2", room="bawah", services=("KK",))
    come_in(fake, "K-001", "K-002", "K-003", service="KTP")
    come_in(fake, "F-001", service="KK")
    act(fake, Act.CALL_NEXT, "1")
    act(fake, Act.MISSED, "1")
    act(fake, Act.CALL_AHEAD, "1", ticket="K-002")
    above, below = (client.get(f"/display/{room}").context["live"] for room in ("atas", "bawah"))
    assert (above.waiting, above.ahead) == (2, ("K-002",))
    assert any("K-001" in turn.text for turn in above.turns)
    assert (below.waiting, below.ahead) == (1, ())
    assert not any("K-001" in turn.text for turn in below.turns)


def test_rooms_show_the_calls_of_their_own_counters(client: TestClient, fake: FakeOffice) -> None:
    open_counters(fake, "1", room="atas")
    open_counters(fake, "2", room="bawah")
    come_in(fake, "L-001", "L-002")
    act(fake, Act.CALL_NEXT, "1")
    act(fake, Act.CALL_NEXT, "2")
    assert client.get("/display/atas").context["live"].newest.label == "L-001"
    assert client.get("/display/bawah").context["live"].newest.label == "L-002"
    assert client.get("/display/loteng").status_code == 404
    assert client.get("/display/loteng/events").status_code == 404
    open_counters(fake, "3")  # of no room: it calls everywhere
    assert client.get("/display/loteng").status_code == 200


@pytest.mark.parametrize(
    ("mode", "rule"), [(Mode.EVERYDAY, "nomor Anda dipanggil"), (Mode.OUTBREAK, "Masker tetap")]
)
def test_the_rules_of_the_mode_the_hours_and_the_message_take_turns(
    client: TestClient, fake: FakeOffice, mode: Mode, rule: str
) -> None:
    fake.record.facts.put(mode=mode, message="Bawa KTP <asli>")
    page = client.get("/display/utama")
    told = " ".join(turn.text for turn in page.context["live"].turns).replace("… ", "")
    assert rule in told
    assert "Buka sampai pukul 15.00" in told
    assert "Bawa KTP &lt;asli&gt;" in page.text


def test_a_long_sentence_takes_its_turns_in_parts_that_are_read_from_afar(
    client: TestClient, fake: FakeOffice
) -> None:
    message = "Bawa KTP asli, kartu keluarga dan fotokopinya. Loket 4 tutup pada hari Jumat."
    fake.record.facts.put(message=f"{message} {'x' * 60}")
    turns = client.get("/display/utama").context["live"].turns
    parts = [one.text for one in turns if one.symbol == "info-circle"]
    assert parts[0] == "Bawa KTP asli, kartu keluarga dan …"
    assert all(len(one.text) <= MOST_CHARACTERS for one in turns)
    assert " ".join(part.removesuffix(" …") for part in parts[:2]) in message
    assert sum(part.count("x") for part in parts) == 60


def test_free_seats_are_counted_or_said_to_be_unknown(client: TestClient, fake: FakeOffice) -> None:
    free = client.get("/display/utama").context["live"].free
    assert free == len(fake.record.facts.current().plan.open_seats)
    fake.office.room.down_since = fake.clock.now  # type: ignore[method-assign]
    assert client.get("/display/utama").context["live"].free is None


def test_the_address_chooses_the_language_and_no_cookie_does(
    client: TestClient, fake: FakeOffice
) -> None:
    client.cookies.set("gerbang_language", "en")
    assert "Belum ada nomor yang dipanggil" in client.get("/display/utama").text
    assert "Nobody is called just now" in client.get("/display/utama?language=en").text


def test_a_record_that_cannot_be_read_ends_the_stream(client: TestClient, fake: FakeOffice) -> None:
    def view(*, at: datetime) -> QueueView:
        raise RecordError("the database is away")

    fake.record.queue.view = view  # type: ignore[method-assign]
    answer = client.get("/display/utama/events")
    assert "data:" not in answer.text
    assert client.get("/display/utama").status_code == 503


def test_only_a_browser_that_the_office_let_speak_is_the_voice(
    client: TestClient, fake: FakeOffice, logged_in: Browse
) -> None:
    open_counters(fake, "1")
    come_in(fake, "L-004")
    page = client.get("/display/utama")
    assert 'id="voice"' not in page.text
    assert "Layar ini diam" in page.text
    assert 'id="let-speak"' not in page.text
    assert 'id="let-speak"' not in logged_in("budi").get("/display/utama").text  # a guard
    assert send(client, "/display/utama", "/display/utama/let-speak").status_code == 303
    assert client.cookies.get(VOICE) is None
    assert ask(client, "b" * 8).status_code == 403

    tv = TestClient(client.app, follow_redirects=False)
    officer = logged_in("rina")
    assert 'id="let-speak"' in officer.get("/display/utama").text
    send(officer, "/display/utama", "/display/utama/let-speak")
    key = officer.cookies[VOICE]
    tv.cookies.set(VOICE, key, domain="testserver.local", path="/display")
    act(fake, Act.CALL_NEXT, "1")
    ask(tv, "a" * 8, is_leaving="true")  # the screen is loaded again, and has another name then
    assert ask(client, "b" * 8).status_code == 403  # nobody else takes its place meanwhile
    assert len(ask(tv, "c" * 8).json()["say"]) == 1
    assert ask(tv, "d" * 8, room="atas").status_code == 403  # it speaks in its own room only


def test_a_screens_voice_is_taken_back_and_the_others_keep_theirs(
    client: TestClient, app: FastAPI, logged_in: Browse
) -> None:
    screens = []
    for officer in (logged_in("rina"), logged_in("dewi")):
        send(officer, "/display/utama", "/display/utama/let-speak")
        screen = TestClient(app, follow_redirects=False)
        key = officer.cookies[VOICE]
        screen.cookies.set(VOICE, key, domain="testserver.local", path="/display/utama")
        screens.append(screen)
    assert client.get("/display/utama").context["speakers"] == ()
    of_dewi, of_rina = logged_in("rina").get("/display/utama").context["speakers"]
    assert (of_dewi.by, of_rina.by) == ("dewi", "rina")
    send(logged_in("rina"), "/display/atas", "/display/atas/take-back", name=of_rina.name)
    assert ask(screens[0], "a" * 8).status_code == 200  # it speaks in another room
    send(logged_in("rina"), "/display/utama", "/display/utama/take-back", name=of_rina.name)
    assert [ask(screen, "a" * 8).status_code for screen in screens] == [403, 200]
    assert 'id="voice"' not in screens[0].get("/display/utama").text
    again = send(logged_in("rina"), "/display/utama", "/display/utama/take-back", name="gone")
    assert again.status_code == 303


def test_a_voice_that_was_taken_back_is_given_again_on_the_page_of_changes(
    screen: TestClient, logged_in: Browse
) -> None:
    officer, admin = logged_in("rina"), logged_in("admin")
    (line,) = officer.get("/display/utama").context["speakers"]
    send(officer, "/display/utama", "/display/utama/take-back", name=line.name)
    assert ask(screen, "a" * 8).status_code == 403
    newest = admin.get("/admin/changes").context["lines"][0]
    assert (newest.who, newest.can_undo) == ("rina", True)
    undo = f"/admin/changes/{newest.entry_id}/undo"
    token = token_in(admin.get("/admin/changes").text)
    seen = admin.post(undo, data={"csrf_token": token}).context["seen"]
    admin.post(undo, data={"csrf_token": token, "step": "change", "seen": seen})
    assert ask(screen, "a" * 8).status_code == 200
    (again,) = officer.get("/display/utama").context["speakers"]
    assert again == line


def test_a_screen_in_use_keeps_its_voice_for_longer_than_a_year(
    screen: TestClient, fake: FakeOffice
) -> None:
    page, voice = screen.get("/display/utama"), ask(screen, "a" * 8)
    assert VOICE not in page.headers.get("set-cookie", "")
    assert VOICE not in voice.headers.get("set-cookie", "")
    wait(fake, 300 * 24 * 3600)
    page, voice = screen.get("/display/utama"), ask(screen, "a" * 8)
    for answer in (page, voice):
        (kept,) = (one for one in answer.headers.get_list("set-cookie") if VOICE in one)
        assert f"{VOICE}={screen.cookies[VOICE]}" in kept
        assert "Max-Age=31536000; Path=/display/utama" in kept
    other = TestClient(screen.app, follow_redirects=False)
    assert VOICE not in other.get("/display/utama").headers.get("set-cookie", "")


def test_in_a_demo_every_screen_may_speak(app: FastAPI, fake: FakeOffice) -> None:
    client = TestClient(create_app(replace(fake.office, is_demo=True)))
    assert ask(client, "a" * 8).status_code == 200


def test_each_call_is_spoken_by_one_screen_in_both_languages(
    screen: TestClient, fake: FakeOffice
) -> None:
    open_counters(fake, "1")
    come_in(fake, "L-004")
    act(fake, Act.CALL_NEXT, "1")
    assert ask(screen, "a" * 8).json() == {
        "say": [
            [
                {
                    "language": "id",
                    "text": "Nomor L, nol nol empat. Silakan ke loket 1.",
                    "clip": None,
                },
                {
                    "language": "en",
                    "text": "Number L, zero zero four. Please go to counter 1.",
                    "clip": None,
                },
            ]
        ]
    }
    assert ask(screen, "b" * 8).json() == {"say": []}
    assert ask(screen, "a" * 8).json() == {"say": []}
    wait(fake, 20)
    act(fake, Act.RECALL, "1")
    ask(screen, "a" * 8, is_leaving="true")
    assert len(ask(screen, "b" * 8).json()["say"]) == 1


def test_in_quiet_hours_the_screen_is_silent_and_says_so(
    screen: TestClient, fake: FakeOffice
) -> None:
    fake.record.facts.put(quiet_hours=(Span(time(12), time(13)),))
    open_counters(fake, "1")
    come_in(fake, "L-004")
    act(fake, Act.CALL_NEXT, "1")
    assert ask(screen, "a" * 8).json() == {"say": []}
    assert "Tanpa suara sampai pukul 13.00" in screen.get("/display/utama").text


def test_only_the_page_itself_asks_for_words(screen: TestClient) -> None:
    assert screen.post("/display/utama/voice", data={"screen": "a" * 8}).status_code == 403
    assert ask(screen, "nobody").status_code == 422
