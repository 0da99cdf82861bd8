"""A receipt on its holder's own phone."""

from __future__ import annotations

import gzip
import logging
import re
import secrets
import zlib
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from html import unescape
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import zxingcpp
from fastapi.testclient import TestClient
from icalendar import Calendar

from dashboard.app import create_app
from dashboard.bootstrap import RunningOffice
from dashboard.visitor.receipt_words import Stage, shown_name
from dashboard.web.auth import SESSION_COOKIE
from dashboard.web.guessing import LINK_LOOKS_ALLOWED, LINK_MISSES_ALLOWED
from dashboard.web.language import LANGUAGE_COOKIE
from dashboard.web.office import ReceiptPage
from dashboard.web.print_letters import DRAWN_PIXELS, drawn, font_with, writable
from dashboard.web.qr_code import qr_rows
from dashboard.web.rendering import THEME_COOKIE
from screening.clock import FakeClock
from screening.decision import Check
from screening.errors import RecordError
from screening.office.changes import with_chosen_plan
from screening.office.facts import Mode, OfficeFacts, WordsAt
from screening.office.hours import Hours, Span, SpecialDay
from screening.office.services import Booking as Books
from screening.office.services import Channel
from screening.receipts.claims import ReceiptClaims, ReceiptUse
from screening.receipts.desk import ReceiptDesk
from screening.receipts.keys import open_keys
from screening.receipts.links import ReceiptLinks, link_key
from screening.receipts.number import new_number
from screening.registration.bookings import Booking, NotBookable, Place
from screening.registration.bookings import Request as BookingRequest
from screening.registration.registrar import Registrar
from screening.settings import Settings
from screening.visits import Visit
from screening.waiting_room.chairs import Chair
from screening.waiting_room.plan import ChosenPlan
from tests.dashboard.conftest import Browse, token_in
from tests.dashboard.fakes import NOON, FakeOffice, open_session

NUMBER = "97KRZGVPRV"
KEY = link_key(bytes(32), bytes(16))
LINK = f"/r/{NUMBER}/{KEY}"
TOKEN = "GB1:" + "ABC123" * 30
TODAY = NOON.date()
DAY = timedelta(days=1)
MIDNIGHT = NOON - timedelta(hours=12)
CLAIMS = ReceiptClaims(
    issuer="BGR",
    number=NUMBER,
    token_id=bytes(16),
    site="BGR",
    service="KTP",
    party_size=2,
    holder="Siti A.",
    issued_at=NOON - DAY,
    not_before=MIDNIGHT,
    expires=MIDNIGHT + 7 * DAY,
)
RECEIPT = ReceiptPage(claims=CLAIMS, token=TOKEN, use=ReceiptUse())
LATER = replace(
    RECEIPT, claims=replace(CLAIMS, not_before=MIDNIGHT + DAY, expires=MIDNIGHT + 8 * DAY)
)
VISIT = Visit(
    visit_id=1,
    attempt_id="a-1",
    gate="utama",
    entered_at=NOON - timedelta(hours=1),
    service="KTP",
    receipt_number=NUMBER,
    place=1,
    seat="B7",
    ticket="K-014",
)
INSIDE = replace(RECEIPT, use=ReceiptUse(places_used=1, inside=1), visits=(VISIT,))
LEFT = replace(
    RECEIPT,
    use=ReceiptUse(places_used=2, out_today=1),
    visits=(replace(VISIT, left_at=NOON - timedelta(minutes=5)),),
)
CANCELLED = replace(RECEIPT, use=ReceiptUse(revoked=True))
EXPIRED = replace(RECEIPT, claims=replace(CLAIMS, expires=NOON))
STAGES = list(Stage)


def booking(*, day: datetime = NOON, start: time | None = None, name: str = "Siti") -> Booking:
    """A booking of the receipt."""
    end = None if start is None else time(start.hour + 1)
    return Booking(
        number=NUMBER,
        place=Place(service="KTP", day=day.date(), start=start, end=end),
        party_size=2,
        is_priority=False,
        name=name,
        group=None,
        contact=None,
        answers={},
        language="id",
        booked_at=NOON - DAY,
        booked_by="",
    )


class Shelf:
    """The receipt that the office shows, and what was done to it."""

    def __init__(self) -> None:
        self.receipt = RECEIPT
        self.asked = 0
        self.cancelled: list[str] = []

    def page(self, number: str, key: str) -> ReceiptPage | None:
        self.asked += 1
        return self.receipt if (number, key) == (NUMBER, KEY) else None

    def cancel(self, claims: ReceiptClaims) -> None:
        self.cancelled.append(claims.number)
        self.receipt = CANCELLED


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


Phone = Callable[..., TestClient]


@pytest.fixture
def phone(fake: FakeOffice, shelf: Shelf) -> Phone:
    """A browser at some address before an office that shows the receipt."""
    office = replace(fake.office, receipt_page=shelf.page, cancel_receipt=shelf.cancel)
    app = create_app(office)

    def browse(address: str = "10.0.0.1") -> TestClient:
        return TestClient(app, follow_redirects=False, client=(address, 1))

    return browse


def test_the_page_shows_what_is_needed_at_the_door(
    phone: Phone, shelf: Shelf, fake: FakeOffice
) -> None:
    services = dict(fake.record.facts.current().services)
    brings = {"id": "KTP lama\n- Kartu keluarga asli", "en": "Old card"}
    services["KTP"] = replace(services["KTP"], brings=brings)
    fake.record.facts.put(
        services=services,
        mode=Mode.OUTBREAK,
        address="Jl. Juanda 10, Bogor",
        telephone="0251-8321075",
        map_link="https://osm.org/go/x",
    )
    page = phone().get(LINK)
    assert page.status_code == 200
    for words in (
        "97KRZ-GVPRV",
        "KTP elektronik",
        "Siti A.",
        "Selasa, 24 November sampai Senin, 30 November",
        "masker wajib",
        "Kartu keluarga asli",
        "Jl. Juanda 10, Bogor",
        'href="https://osm.org/go/x"',
        "0251-8321075",
        "Silakan datang sekarang",
        "Buka sampai pukul 15.00.",
        "Dihitung pukul 12.00.00",
    ):
        assert words in page.text
    fake.record.facts.put(mode=Mode.EVERYDAY, gates={"utama": frozenset({Check.RECEIPT})})
    assert "masker wajib" not in phone().get(LINK).text
    shelf.receipt = LATER
    assert "Datanglah mulai Rabu, 25 November" in phone().get(LINK).text


def test_the_code_is_drawn_so_that_a_scanner_reads_it() -> None:
    rows = qr_rows(TOKEN)
    picture = np.full((len(rows) + 8, len(rows) + 8), 255, dtype=np.uint8)
    for row, runs in enumerate(rows):
        for first, length in runs:
            picture[row + 4, first + 4 : first + 4 + length] = 0
    found = zxingcpp.read_barcode(cv2.resize(picture, None, fx=4, fy=4, interpolation=0))
    assert found is not None
    assert found.text == TOKEN


@pytest.mark.parametrize(
    ("receipt", "stage", "words", "has_code"),
    [
        (RECEIPT, Stage.BOOKED, "Terdaftar", True),
        (INSIDE, Stage.INSIDE, "Anda sudah di dalam", True),
        (LEFT, Stage.LEFT, "Kunjungan selesai", True),
        (CANCELLED, Stage.CANCELLED, "Dibatalkan", False),
        (EXPIRED, Stage.EXPIRED, "Masa berlaku sudah habis", False),
    ],
    ids=STAGES,
)
def test_the_page_tells_where_the_receipt_stands(
    phone: Phone, shelf: Shelf, receipt: ReceiptPage, stage: Stage, words: str, has_code: bool
) -> None:
    shelf.receipt = receipt
    page, state = phone().get(LINK), phone().get(f"{LINK}?as=state")
    for answer in (page, state):
        assert answer.status_code == 200
        assert f'data-stage="{stage}"' in answer.text
        assert words in answer.text
    assert ('class="qr"' in page.text) is has_code
    assert "<html" not in state.text


def test_the_office_s_own_words_stand_at_its_foot_and_after_the_visit(
    phone: Phone, shelf: Shelf, fake: FakeOffice
) -> None:
    words = {
        WordsAt.RECEIPT: {"id": "Bawa kartu lama"},
        WordsAt.FAREWELL: {"id": "Kartu dikirim dalam seminggu."},
    }
    fake.record.facts.put(words=words)
    page = phone().get(LINK)
    assert page.context["card"].foot == "Bawa kartu lama"
    assert '<p class="slip-foot">Bawa kartu lama</p>' in page.text
    assert b"Bawa kartu lama" in content_of(phone().get(f"{LINK}?as=pdf").content)
    assert "dikirim" not in page.text
    shelf.receipt = LEFT
    assert phone().get(LINK).context["live"].detail.startswith("Kartu dikirim dalam seminggu.")


def test_who_is_inside_sees_seat_and_number(phone: Phone, shelf: Shelf) -> None:
    shelf.receipt = INSIDE
    live = phone().get(LINK).context["live"]
    assert [(place.ticket, place.seat) for place in live.places] == [("K-014", "B7")]
    assert live.figures is None


def test_the_room_of_the_seat_is_named_where_the_office_has_several(
    phone: Phone, shelf: Shelf, fake: FakeOffice
) -> None:
    shelf.receipt = INSIDE
    chairs = (Chair(label="B7", x=0, y=0, room="Samping"), Chair(label="A1", x=0, y=0, room="Aula"))
    plan = ChosenPlan(chairs=chairs, open_labels=frozenset({"B7"}), distance_m=1.0)
    fake.record.facts.change(with_chosen_plan(plan), operator="rina", at=NOON)
    answer = phone().get(LINK)
    assert [place.room for place in answer.context["live"].places] == ["Samping"]
    assert '<b class="code">B7</b> · Samping' in answer.text


@pytest.mark.parametrize(
    ("hour", "words"),
    [
        (18, "Datanglah hari ini mulai pukul 08.00"),
        (0, "Silakan datang sekarang"),
        (4, "Datanglah besok mulai pukul 08.00"),
        (24 * 3 + 4, "Datanglah Senin, 30 November mulai pukul 08.00"),
        (24 * 6 + 4, "Kantor sedang tutup"),
    ],
    ids=["morning", "noon", "evening", "friday evening", "last evening"],
)
def test_the_page_says_when_to_come(phone: Phone, fake: FakeOffice, hour: int, words: str) -> None:
    fake.clock.move_to(NOON + timedelta(hours=hour))
    assert phone().get(LINK).context["live"].advice == words


def test_a_day_that_is_closed_is_told_with_its_reason(phone: Phone, fake: FakeOffice) -> None:
    fake.record.facts.put(hours=Hours(days={TODAY: SpecialDay((), "Hari jadi kota")}))
    live = phone().get(LINK).context["live"]
    assert live.advice == "Datanglah besok mulai pukul 08.00"
    assert live.hours == "Hari ini tutup: Hari jadi kota"


@pytest.mark.parametrize(
    ("minute", "words", "detail"),
    [
        (0, "Datanglah pukul 13.30", "Anda bisa masuk mulai pukul 13.15."),
        (80, "Sudah waktunya: silakan datang sekarang", "Anda bisa masuk sampai pukul 14.00."),
        (125, "Waktu Anda pukul 13.30 sudah lewat", "Tanyakan kepada penjaga"),
    ],
    ids=["early", "in time", "late"],
)
def test_a_booked_time_has_its_own_advice(
    phone: Phone, shelf: Shelf, fake: FakeOffice, minute: int, words: str, detail: str
) -> None:
    shelf.receipt = replace(RECEIPT, booking=booking(start=time(13, 30)))
    fake.clock.move_to(NOON + timedelta(minutes=minute))
    answer = phone().get(LINK)
    assert answer.context["live"].advice == words
    assert answer.context["live"].detail.startswith(detail)
    assert answer.context["card"].when == "Selasa, 24 November, pukul 13.30–14.00"


def test_a_time_that_only_the_receipt_tells_is_told_as_well(phone: Phone, shelf: Shelf) -> None:
    one_day = replace(CLAIMS, expires=MIDNIGHT + DAY)
    for slot, when in (
        ("13:30", "Selasa, 24 November, pukul 13.30"),
        ("P-7", "Selasa, 24 November"),
    ):
        shelf.receipt = replace(RECEIPT, claims=replace(one_day, slot=slot))
        assert phone().get(LINK).context["card"].when == when


def test_a_booked_day_is_told_with_what_holds_besides(phone: Phone, shelf: Shelf) -> None:
    shelf.receipt = replace(LATER, booking=booking(day=NOON + DAY))
    answer = phone().get(LINK)
    assert answer.context["card"].when == "Rabu, 25 November"
    assert "Berlaku juga sampai Selasa, 1 Desember" in answer.context["card"].note
    assert answer.context["live"].advice == "Datanglah Rabu, 25 November"


@pytest.mark.parametrize(
    ("start", "spans", "words"),
    [
        (None, (), "Kantor tutup pada Rabu, 25 November"),
        (time(13, 30), (), "Kantor tutup pada Rabu, 25 November"),
        (
            time(13, 30),
            (Span(time(8), time(12)),),
            "Kantor tutup pada Rabu, 25 November pukul 13.30",
        ),
    ],
    ids=["day", "time", "time after closing"],
)
@pytest.mark.parametrize("is_today", [False, True], ids=["before", "today"])
def test_a_booked_day_that_was_closed_since_sends_nobody_on_their_way(
    phone: Phone,
    shelf: Shelf,
    fake: FakeOffice,
    start: time | None,
    spans: tuple[Span, ...],
    words: str,
    is_today: bool,
) -> None:
    shelf.receipt = replace(LATER, booking=booking(day=NOON + DAY, start=start))
    closed = SpecialDay(spans, "Pindah gedung")
    fake.record.facts.put(hours=Hours(days={(NOON + DAY).date(): closed}))
    if is_today:
        fake.clock.move_to(NOON + DAY - timedelta(hours=3))
    live = phone().get(LINK).context["live"]
    if start is None and is_today:
        words = "Datanglah besok mulai pukul 08.00"  # good on the days after it, too
    else:
        assert live.detail == "Pindah gedung. Silakan pilih hari lain."
    assert live.advice == words


def test_a_closed_service_sends_nobody_on_their_way(phone: Phone, fake: FakeOffice) -> None:
    services = dict(fake.record.facts.current().services)
    services["KTP"] = replace(services["KTP"], channel=Channel.CLOSED)
    fake.record.facts.put(services=services)
    assert "Layanan" in phone().get(LINK).context["live"].advice


def test_the_receipt_is_shown_while_the_room_cannot_be_read(phone: Phone, fake: FakeOffice) -> None:
    def away(**_: object) -> None:
        raise RecordError("the database is away")

    fake.record.visits.figures = away  # type: ignore[assignment,method-assign]
    answer = phone().get(LINK)
    assert answer.status_code == 200
    assert answer.context["live"].advice == "Anda bisa datang hari ini"


WRONG = (
    f"/r/{NUMBER}",
    f"/r/{NUMBER}/",
    f"/r/{NUMBER}/{KEY[:-1]}",
    f"/r/{NUMBER}/{'a' * len(KEY)}",
    f"/r/{NUMBER}/{'a' * len(KEY)}/",
    f"/r/{NUMBER}/{KEY}/more",
    f"/r/{NUMBER}/{KEY}x",
    f"/r/0000000000/{KEY}",
    f"/r/NOPE/{KEY}",
    "/r/%F0%9F%98%80/%3Cscript%3E",
    "/r/",
)


def test_a_wrong_number_and_a_wrong_key_get_the_same_answer(phone: Phone) -> None:
    answers = [phone(f"10.0.1.{at}").get(path) for at, path in enumerate(WRONG)]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1
    assert len({tuple(sorted(answer.headers.items())) for answer in answers}) == 1
    text = answers[0].text
    for secret in (NUMBER, "97KRZ", KEY, "KTP", "/r/"):
        assert secret not in text
    assert answers[0].headers["referrer-policy"] == "no-referrer"


GUESS = f"/r/{NUMBER}/{'a' * len(KEY)}"


def test_guesses_are_answered_from_memory_as_the_first_of_them_was(phone: Phone) -> None:
    looks: set[bytes] = set()
    for cookies in ({}, {LANGUAGE_COOKIE: "en"}, {THEME_COOKIE: "dark"}):
        stranger = phone()
        stranger.cookies.update(cookies)
        first, again = (stranger.get(path) for path in (GUESS, f"/r/{new_number()}/{KEY}"))
        assert (first.content, first.headers) == (again.content, again.headers)
        assert hasattr(first, "template"), "it was drawn"
        assert not hasattr(again, "template"), "it was not drawn again"
        looks.add(first.content)
    assert len(looks) == 3


def test_what_was_drawn_for_strangers_is_no_answer_to_anybody_else(
    phone: Phone, fake: FakeOffice
) -> None:
    staff, stranger = phone(), phone()
    staff.cookies.set(SESSION_COOKIE, open_session(fake, "dewi"), domain="testserver.local")
    assert "dewi" not in stranger.get(GUESS).text
    for path in (GUESS, "/r/"):
        page = staff.get(path)
        assert page.status_code == 404
        assert "dewi" in page.text
    assert "dewi" not in stranger.get(GUESS).text
    fake.record.facts.put(name="Kantor Baru")
    assert "Kantor Baru" in stranger.get(GUESS).text


def registering(fake: FakeOffice, shelf: Shelf, registry: Registrar) -> TestClient:
    """A browser before an office that shows the receipt, and takes registrations."""
    office = replace(
        fake.office, receipt_page=shelf.page, cancel_receipt=shelf.cancel, registrar=registry
    )
    return TestClient(create_app(office), follow_redirects=False)


@pytest.mark.parametrize(
    ("changes", "can_move"),
    [
        ({}, True),
        ({"booking": Books.NONE}, False),
        ({"channel": Channel.CLOSED}, False),
    ],
    ids=str,
)
def test_what_cannot_be_moved_offers_no_other_day(
    shelf: Shelf,
    fake: FakeOffice,
    registry: Registrar,
    changes: dict[str, Any],
    can_move: bool,
) -> None:
    services = dict(fake.record.facts.current().services)
    services["KTP"] = replace(services["KTP"], **changes)
    fake.record.facts.put(services=services)
    shelf.receipt = replace(RECEIPT, booking=booking(day=NOON + DAY))
    page = registering(fake, shelf, registry).get(LINK)
    assert ("as=move" in page.text) is can_move


def test_whoever_did_not_come_is_told_to_book_anew(
    shelf: Shelf, fake: FakeOffice, registry: Registrar
) -> None:
    shelf.receipt = replace(RECEIPT, booking=booking(day=NOON - DAY))
    visitor = registering(fake, shelf, registry)
    page = visitor.get(LINK)
    assert "Hari yang dipesan sudah lewat. Daftar lagi" in page.text
    assert "Berlaku juga sampai Senin, 30 November" in page.text
    assert 'href="/register?service=KTP"' in page.text
    assert "as=move" not in page.text
    form = {"act": "move", "choice": "2026-11-27", "csrf_token": token_in(page.text)}
    answer = visitor.post(LINK, data=form)
    assert (answer.status_code, answer.headers["location"]) == (303, LINK)
    assert "Batalkan" in page.text


def test_since_when_a_service_is_closed_is_told_to_who_has_a_receipt(
    phone: Phone, fake: FakeOffice
) -> None:
    services = dict(fake.record.facts.current().services)
    closed = {"closed_since": date(2026, 11, 20), "closed_why": {"id": "Alat rusak."}}
    services["KTP"] = replace(services["KTP"], channel=Channel.CLOSED, **closed)
    fake.record.facts.put(services=services)
    assert "Tutup sejak Jumat, 20 November. Alat rusak. " in phone().get(LINK).text


def test_a_day_of_another_year_is_told_with_its_year(
    phone: Phone, shelf: Shelf, fake: FakeOffice
) -> None:
    shelf.receipt = replace(RECEIPT, booking=booking(day=NOON + 59 * DAY))
    assert phone().get(LINK).context["card"].when == "Jumat, 22 Januari 2027"


@pytest.mark.parametrize("wanted", ["state", "pdf", "calendar", "worker", "nothing"])
def test_what_belongs_to_the_page_is_as_closed_as_the_page(phone: Phone, wanted: str) -> None:
    wrong = phone().get(f"/r/{NUMBER}/{'a' * len(KEY)}?as={wanted}&language=en")
    assert wrong.status_code == 404
    assert wrong.content == phone().get(f"/r/{NUMBER}").content
    assert "set-cookie" not in wrong.headers


def test_guesses_reveal_nothing(phone: Phone, shelf: Shelf) -> None:
    stranger = phone()
    answers: dict[int, set[bytes]] = {200: set(), 404: set(), 429: set()}
    for at in range(LINK_LOOKS_ALLOWED + 50):
        number = NUMBER if at % 2 else new_number()
        key = link_key(secrets.token_bytes(32), bytes(16))
        answer = stranger.get(f"/r/{number}/{key}")
        answers[answer.status_code].add(answer.content)
        assert number not in answer.text
        assert key not in answer.text
    assert answers[200] == set()
    assert len(answers[404]) == 1
    assert len(answers[429]) == 2, "a page, and to a flood a line"
    assert shelf.asked == LINK_LOOKS_ALLOWED


def test_guessing_is_slowed_and_nobody_with_a_right_link_is(
    phone: Phone, shelf: Shelf, fake: FakeOffice
) -> None:
    stranger = phone()
    statuses = [stranger.get(f"/r/{new_number()}/{KEY}").status_code for _ in range(40)]
    assert statuses == [404] * LINK_MISSES_ALLOWED + [429] * (40 - LINK_MISSES_ALLOWED)
    refused = stranger.get(f"/r/{new_number()}/{KEY}")
    assert 0 < int(refused.headers["retry-after"]) <= 60
    assert phone().get(LINK).status_code == 200, "an office's visitors share one address"
    while shelf.asked < LINK_LOOKS_ALLOWED:
        stranger.get(f"/r/{new_number()}/{KEY}")
    asked = shelf.asked
    assert stranger.get(f"/r/{new_number()}/{KEY}").status_code == 429
    assert shelf.asked == asked
    assert phone().get(LINK).status_code == 200, "who had it open goes on"
    assert phone("10.0.0.2").get(f"/r/{new_number()}/{KEY}").status_code == 404
    fake.clock.move_to(fake.clock.now() + timedelta(seconds=61))
    assert stranger.get(f"/r/{new_number()}/{KEY}").status_code == 404


def test_an_office_without_receipts_has_no_such_pages(client: TestClient) -> None:
    assert client.get(LINK).status_code == 404


@pytest.mark.parametrize("receipt", [RECEIPT, INSIDE, LEFT, CANCELLED], ids=STAGES[:4])
def test_the_key_stands_in_the_path_alone(
    phone: Phone, shelf: Shelf, caplog: pytest.LogCaptureFixture, receipt: ReceiptPage
) -> None:
    shelf.receipt = receipt
    caplog.set_level(logging.DEBUG)
    logging.getLogger("asyncio").setLevel(logging.INFO)
    for wanted in ("", "?as=state", "?as=pdf", "?as=calendar", "?as=worker"):
        answer = phone().get(LINK + wanted)
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["cache-control"] == "no-store"
        assert KEY.encode() not in answer.content
        assert NUMBER.encode() not in answer.content or wanted in ("?as=pdf", "?as=calendar")
        assert KEY not in str(answer.headers)
    told = [record for record in caplog.records if not record.name.startswith("httpx")]
    assert KEY not in " ".join(record.getMessage() for record in told)


def test_a_receipt_is_kept_by_its_worker_alone_and_nothing_else_is_kept_so() -> None:
    root = Path(__file__).parents[3] / "dashboard"
    for script in root.rglob("*.js"):
        text = script.read_text(encoding="utf-8")
        if script.name in ("receipt.js", "receipt-worker.js", "live.js"):
            stores = r"(local|session)Storage|indexedDB|document\.cookie"
            assert not re.search(stores, text), script
        else:
            assert "serviceWorker" not in text, script
            assert "caches." not in text, script


def test_language_and_colours_are_chosen_on_the_page_itself(phone: Phone) -> None:
    visitor = phone()
    page = visitor.get(LINK).text
    assert 'href="?language=en"' in page
    assert 'href="?theme=dark"' in page
    assert "/preferences" not in page
    answer = visitor.get(f"{LINK}?language=en&theme=dark")
    assert (answer.status_code, answer.headers["location"]) == (303, LINK)
    page = visitor.get(LINK).text
    assert '<html lang="en" data-theme="dark">' in page
    assert "Tuesday, 24 November until Monday, 30 November" in page.replace(
        " November", " November"
    )
    assert "set-cookie" not in visitor.get(f"{LINK}?language=xx&theme=pink").headers


def test_the_holder_hands_the_receipt_back(phone: Phone, shelf: Shelf) -> None:
    visitor = phone()
    token = token_in(visitor.get(LINK).text)
    assert visitor.post(LINK, data={"act": "cancel"}).status_code == 403
    assert shelf.cancelled == []
    answer = visitor.post(LINK, data={"act": "cancel", "csrf_token": token})
    assert (answer.status_code, answer.headers["location"]) == (303, LINK)
    page = visitor.get(LINK)
    assert "Dibatalkan" in page.text
    assert "csrf_token" not in page.text
    again = visitor.post(LINK, data={"act": "cancel", "csrf_token": token})
    assert again.status_code == 303
    assert shelf.cancelled == [NUMBER]


@pytest.mark.parametrize("receipt", [INSIDE, LEFT, CANCELLED, EXPIRED], ids=STAGES[1:])
def test_what_was_used_or_is_over_is_not_handed_back(
    phone: Phone, shelf: Shelf, receipt: ReceiptPage
) -> None:
    visitor = phone()
    token = token_in(visitor.get(LINK).text)
    shelf.receipt = receipt
    assert "Batalkan" not in visitor.get(LINK).text
    visitor.post(LINK, data={"act": "cancel", "csrf_token": token})
    assert shelf.cancelled == []


def test_only_its_holder_s_browser_keeps_the_page(
    phone: Phone, shelf: Shelf, fake: FakeOffice, logged_in: Browse
) -> None:
    visitor = phone()
    assert "data-keep-offline" in visitor.get(LINK).text
    worker = visitor.get(f"{LINK}?as=worker")
    assert worker.headers["content-type"].startswith("text/javascript")
    runs_out_ms = int(CLAIMS.expires.timestamp() * 1000)
    assert f"RUNS_OUT_MS = {runs_out_ms};" in worker.text
    for over in (CANCELLED, EXPIRED):
        shelf.receipt = over
        page = visitor.get(LINK)
        assert "data-keep-offline" not in page.text
        assert page.headers["gerbang-keep"] == "no"
        assert "RUNS_OUT_MS = 0;" in visitor.get(f"{LINK}?as=worker").text
    shelf.receipt = RECEIPT
    officer = phone()
    officer.cookies.update(logged_in("rina").cookies)
    assert "data-keep-offline" not in officer.get(LINK).text


def test_the_pdf_is_one_page_with_the_code_as_areas(phone: Phone) -> None:
    answer = phone().get(f"{LINK}?as=pdf")
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["content-disposition"] == f'attachment; filename="{NUMBER}.pdf"'
    assert answer.content.startswith(b"%PDF-")
    assert len(re.findall(rb"/Type /Page\b", answer.content)) == 1
    assert b"/Subtype /Image" not in answer.content
    found = zxingcpp.read_barcode(areas_of(answer.content))
    assert found is not None
    assert found.text == TOKEN


def test_the_pdf_has_a_booked_time_and_typographic_marks(phone: Phone, shelf: Shelf) -> None:
    shelf.receipt = replace(RECEIPT, booking=booking(start=time(13, 30)), name="Ma\u2019ruf \u20ac")
    drawn = content_of(phone().get(f"{LINK}?as=pdf").content)
    for written in ("13.30\u201314.00", "Ma\u2019ruf \u20ac"):
        assert written.encode("cp1252") in drawn


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("Ma'ruf Ørsted-Łukasz", "Ma'ruf Ørsted-Lukasz"),
        ("Nguyễn Thị Hương", "Nguyen Thi Huong"),
        ("ꦱꦶꦠꦶ", None),
        ("محمد", None),
        ("王小明", None),
        ("Сергей", None),
        ("சரவணன்", None),
        ("Siti ꦱꦶꦠꦶ", None),
    ],
)
def test_without_fonts_a_name_is_written_whole_in_the_pdf_or_said_to_stand_elsewhere(
    phone: Phone,
    shelf: Shelf,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    written: str | None,
) -> None:
    monkeypatch.setattr("dashboard.web.print_letters.font_with", lambda _: None)
    shelf.receipt = replace(RECEIPT, name=name)
    assert name in unescape(phone().get(LINK).text)
    page = phone().get(f"{LINK}?as=pdf").content
    assert b"/Subtype /Image" not in page
    content = content_of(page).decode("cp1252").replace("\\", "")
    told = "Nama tertera di halaman bukti daftar"
    assert (told in content) is (written is None)
    assert (written or told) in content
    assert "?" not in content


def content_of(pdf: bytes) -> bytes:
    """What a PDF draws, as it is written there."""
    streams = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL)
    return b"".join(zlib.decompress(one) for one in streams if one[:1] == b"x")


def areas_of(pdf: bytes) -> np.ndarray:
    """What a PDF fills with black, 8 pixels a millimetre."""
    picture = np.full((148 * 8, 105 * 8), 255, dtype=np.uint8)
    content = content_of(pdf)
    for area in re.findall(rb"([\d.-]+) ([\d.-]+) ([\d.-]+) ([\d.-]+) re f", content):
        x, y, width, height = (float(value) / 72 * 25.4 * 8 for value in area)
        top = picture.shape[0] - y
        columns = slice(round(x), round(x + width))
        picture[round(min(top, top - height)) : round(max(top, top - height)), columns] = 0
    return picture


def test_the_calendar_has_the_days_and_no_way_in(phone: Phone, shelf: Shelf) -> None:
    (event,) = Calendar.from_ical(phone().get(f"{LINK}?as=calendar").content).walk("VEVENT")
    assert event["dtstart"].dt == TODAY
    assert event["dtend"].dt == TODAY + 7 * DAY
    assert "97KRZ-GVPRV" in event["description"]
    shelf.receipt = replace(RECEIPT, booking=booking(start=time(12, 30)))
    (event,) = Calendar.from_ical(phone().get(f"{LINK}?as=calendar").content).walk("VEVENT")
    assert event["dtstart"].dt == NOON + timedelta(minutes=30)
    assert event["dtend"].dt == NOON + timedelta(minutes=60)


HOSTILE = {
    "long": "Raden Mas Panji " * 6 + "Kusumo",
    "one word": "W" * 100,
    "emoji": "Siti 👩‍👧‍👦🎉" * 8,
    "html": '<script>alert(1)</script>"><img src=x onerror=alert(1)>',
    "formula": "=cmd|' /C calc'!A0",
    "directions": "\u202eitiS\u2066\u200f ha\u0000\u0007\u2028",
    "scripts": "สมชาย 王小明 ꦱꦶꦠꦶ محمد",
    "calendar": "Siti\r\nEND:VCALENDAR\r\nBEGIN:VEVENT",
}


@pytest.mark.parametrize("name", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_name_is_shown_safely(
    phone: Phone, shelf: Shelf, fake: FakeOffice, name: str
) -> None:
    services = dict(fake.record.facts.current().services)
    services["KTP"] = replace(services["KTP"], names={"id": name}, brings={"id": f"{name}\n" * 9})
    fake.record.facts.put(services=services, address=name, telephone=name)
    shelf.receipt = replace(RECEIPT, name=name)
    page = phone().get(LINK)
    assert page.status_code == 200
    assert "<script>alert" not in page.text
    assert "<img" not in page.text
    card = page.context["card"]
    assert not re.search(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u200e\u200f]", card.holder)
    pdf = phone().get(f"{LINK}?as=pdf")
    assert pdf.status_code == 200
    assert len(re.findall(rb"/Type /Page\b", pdf.content)) == 1
    calendar = Calendar.from_ical(phone().get(f"{LINK}?as=calendar").content)
    assert len(calendar.walk("VEVENT")) == 1


def test_a_name_keeps_every_letter_that_is_seen() -> None:
    assert shown_name("Ma\u2019ruf  bin\tAbd. Ra\u0301hman") == "Ma\u2019ruf bin Abd. Ra\u0301hman"
    assert shown_name("\u202eSiti\u0007") == "Siti"
    assert writable("Ra\u0301hman – Łódź 王 ok") == "Ráhman – Lódz ok"


OTHER_LETTERS = {
    "Cyrillic": "Анна Петровна",
    "Arabic": "محمد عبد الله",
    "long": "Константин " * 9,
    "symbols": "Анна 🎉",
}


@pytest.mark.parametrize("name", OTHER_LETTERS.values(), ids=OTHER_LETTERS)
def test_a_name_in_other_letters_is_drawn_where_a_font_has_them(
    phone: Phone, shelf: Shelf, name: str
) -> None:
    if font_with("Аم") is None:
        pytest.skip("this system has no font with Cyrillic and Arabic letters")
    picture = drawn(name, width_em=25)
    assert picture is not None
    assert picture.width <= 26 * DRAWN_PIXELS
    assert picture.getextrema()[0] == 0, "something is written"
    shelf.receipt = replace(RECEIPT, name=name)
    page = phone().get(f"{LINK}?as=pdf").content
    assert page.count(b"/Subtype /Image") == 1
    assert len(re.findall(rb"/Type /Page\b", page)) == 1


def test_a_name_that_no_font_has_is_not_written_by_half() -> None:
    assert drawn("Анна \ua98f\uabf0\U00013000\U0001e900", width_em=25) is None


def test_the_page_is_light_enough_for_a_slow_network(phone: Phone) -> None:
    page = phone().get(LINK).text
    asked = set(re.findall(r'(?:src|href)="(/static/[^"]+)"', page))
    asked |= {"/static/live.js", "/static/steps.svg", "/static/receipt-worker.js"}
    weights = [len(gzip.compress(page.encode()))]
    weights += [len(gzip.compress(phone().get(path).content)) for path in sorted(asked)]
    assert sum(weights) <= 30_000


@pytest.fixture
def registry(fake: FakeOffice, shelf: Shelf, tmp_path: Path) -> Registrar:
    """A registrar of that office, whose first booking is the receipt that is shown."""
    record, site = fake.record, fake.office.settings.site
    desk = ReceiptDesk(
        keys=open_keys(tmp_path / "keys", site.code),
        book=record.receipts,
        services=record.services.services,
        clock=fake.clock,
        zone=site.zone,
        site=site.code,
        calendar=record.visits.calendar,
    )
    links = ReceiptLinks(secret=record.receipts.link_secret, book=record.receipts, issuer=site.code)
    return Registrar(
        desk=desk,
        book=record.bookings,
        calendar=record.visits.calendar,
        clock=fake.clock,
        link=links.path,
    )


def test_the_holder_moves_the_booking_to_another_day(fake: FakeOffice, registry: Registrar) -> None:
    asked = BookingRequest(service="KTP", day=(NOON + DAY).date(), name="Siti Aminah", party_size=2)
    number = registry.register(asked).receipt.number

    def page(_: str, __: str) -> ReceiptPage:
        found = registry.registration(number)
        assert found is not None
        return replace(RECEIPT, claims=found.claims, booking=found.booking, name=found.name)

    office = replace(
        fake.office, receipt_page=page, cancel_receipt=lambda _: None, registrar=registry
    )
    visitor = TestClient(create_app(office), follow_redirects=False)
    shown = visitor.get(LINK)
    assert "Siti Aminah" in shown.text
    assert 'href="?as=move"' in shown.text
    offered = visitor.get(f"{LINK}?as=move")
    values = re.findall(r'name="choice" value="([^"]+)"', offered.text)
    assert "2026-11-25" not in values, "what is booked already"
    assert "2026-11-28" not in values, "a Saturday"
    assert "2026-11-26" in values
    form = {"act": "move", "csrf_token": token_in(offered.text)}
    for choice in ("2026-11-28", "2026-11-26T09:00", "tomorrow", ""):
        refused = visitor.post(LINK, data={**form, "choice": choice})
        assert refused.status_code == 409
        assert refused.context["problem"].endswith(("Pilih hari lain.", "waktu lain.")), choice
        assert KEY not in refused.text
    moved = visitor.post(LINK, data={**form, "choice": "2026-11-26"})
    assert (moved.status_code, moved.headers["location"]) == (303, LINK)
    card = visitor.get(LINK).context["card"]
    assert card.when == "Kamis, 26 November"


@pytest.mark.parametrize("receipt", [CANCELLED, EXPIRED, RECEIPT], ids=["over", "late", "good"])
def test_who_has_a_receipt_that_is_over_may_register_again(
    fake: FakeOffice, registry: Registrar, receipt: ReceiptPage
) -> None:
    office = replace(fake.office, receipt_page=lambda *_: receipt, registrar=registry)
    page = TestClient(create_app(office), follow_redirects=False).get(LINK).text
    assert ('href="/register?service=KTP"' in page) == (receipt is not RECEIPT)


def test_a_booking_of_a_service_that_is_gone_is_moved_nowhere(
    fake: FakeOffice, registry: Registrar
) -> None:
    asked = BookingRequest(service="KTP", day=(NOON + DAY).date(), name="Siti Aminah")
    registered = registry.register(asked)
    shown = replace(LATER, claims=registered.receipt.claims, booking=registered.booking)
    office = replace(fake.office, receipt_page=lambda *_: shown, registrar=registry)
    visitor = TestClient(create_app(office), follow_redirects=False)
    token = token_in(visitor.get(f"{LINK}?as=move").text)
    known = fake.record.facts.current().services
    fake.record.facts.put(services={code: one for code, one in known.items() if code != "KTP"})
    form = {"act": "move", "choice": "2026-11-26", "csrf_token": token}
    for answer in (visitor.get(f"{LINK}?as=move"), visitor.post(LINK, data=form)):
        assert (answer.status_code, answer.headers["location"]) == (303, LINK)


@pytest.mark.parametrize("receipt", [RECEIPT, INSIDE, CANCELLED], ids=["plain", "used", "over"])
def test_what_books_nothing_or_is_over_is_not_moved(
    phone: Phone, shelf: Shelf, receipt: ReceiptPage
) -> None:
    shelf.receipt = receipt
    assert "?as=move" not in phone().get(LINK).text
    assert phone().get(f"{LINK}?as=move").status_code == 303


def test_a_place_that_is_handed_back_is_free_at_once(tmp_path: Path) -> None:
    clock, settings = FakeClock(NOON), Settings(_env_file=None, data=tmp_path / "data")
    with RunningOffice.open(settings, clock=clock) as running:
        facts = running.record.facts
        facts.change(with_quota_of_one, operator="ani", at=clock.now())
        asked = BookingRequest(service="KTP", day=(NOON + DAY).date(), name="Siti")
        registered = running.registrar.register(asked)
        with pytest.raises(NotBookable):
            running.registrar.register(asked)
        visitor = TestClient(create_app(running.office()), follow_redirects=False)
        token = token_in(visitor.get(registered.link).text)
        visitor.post(registered.link, data={"act": "cancel", "csrf_token": token})
        page = visitor.get(registered.link)
        assert page.context["live"].stage == "cancelled"
        assert page.context["card"].when == "Rabu, 25 November"
        assert running.registrar.register(asked).booking is not None
        assert running.record.visits.verify().is_intact


def with_quota_of_one(facts: OfficeFacts) -> OfficeFacts:
    """The same office with one place a day."""
    services = {**facts.services, "KTP": replace(facts.services["KTP"], daily_quota=1)}
    return replace(facts, services=services)
