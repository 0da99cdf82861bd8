"""How the office stands, as everybody may read it: first page, sign, badge."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from fastapi.testclient import TestClient

from dashboard.app import create_app
from dashboard.visitor.drawn_pages import FRESH_S
from screening.decision import DecisionKind, Reason
from screening.errors import RecordError
from screening.office.hours import Hours, Span, SpecialDay
from screening.office.services import Booking, Channel, Service
from screening.registration.bookings import Offer, OfferStatus, Place
from screening.visits import Attempt, DayFigures
from tests.dashboard.conftest import Browse
from tests.dashboard.fakes import NOON, FakeOffice
from tests.dashboard.visitor.test_register import registrar_of

TODAY = date(2026, 11, 24)


def admit(fake: FakeOffice, people: int) -> None:
    for number in range(people):
        fake.record.visits.write(
            Attempt(
                attempt_id=f"a-{number}",
                gate="utama",
                at=NOON,
                decision=DecisionKind.ADMIT,
                reason=Reason.ADMITTED,
            )
        )


def counts(fake: FakeOffice, **changes: Any) -> None:
    """The record counts so many, whatever it holds."""
    counted = fake.office.figures()

    def figures(*, at: datetime, **_: object) -> DayFigures:
        return replace(counted, updated_at=at, **changes)

    fake.record.visits.figures = figures  # type: ignore[assignment,method-assign]


def away(**_: object) -> DayFigures:
    raise RecordError("the database is away")


def move_to(fake: FakeOffice, hour: int, minute: int = 0, *, day: date = TODAY) -> None:
    zone = fake.office.settings.site.zone
    fake.clock.move_to(datetime.combine(day, time(hour, minute), zone))


def pass_time(fake: FakeOffice, seconds: float) -> None:
    fake.clock.move_to(fake.clock.now() + timedelta(seconds=seconds))


def test_the_first_page_answers_is_it_full(client: TestClient, fake: FakeOffice) -> None:
    assert "Masih ada tempat" in client.get("/").text
    admit(fake, 30)
    answer = client.get("/")
    assert answer.template.name == "visitor/home.html"
    assert answer.context["now"].level == "full"
    assert "Kantor sedang penuh" in answer.text


def test_it_says_until_when_it_is_open_and_when_it_opens(
    client: TestClient, fake: FakeOffice
) -> None:
    assert "Buka sampai pukul 15.00" in client.get("/").text
    move_to(fake, 15)
    page = client.get("/").text
    assert "Sekarang tutup" in page
    assert "Buka besok, Rabu pukul 08.00" in page
    assert "orang sedang di dalam" not in page
    move_to(fake, 7, 59, day=date(2026, 11, 27))
    assert "Buka hari ini pukul 08.00" in client.get("/").text


def test_a_break_is_no_closing(client: TestClient, fake: FakeOffice) -> None:
    spans = (Span(time(8), time(12)), Span(time(13), time(15)))
    fake.record.facts.put(hours=Hours(week=dict.fromkeys(range(5), spans)))
    move_to(fake, 11, day=TODAY + timedelta(days=1))
    assert "Buka sampai pukul 12.00, lalu lagi mulai pukul 13.00" in client.get("/").text
    move_to(fake, 12, 30, day=TODAY + timedelta(days=1))
    page = client.get("/").text
    assert "Kantor sedang istirahat" in page
    assert "Buka hari ini pukul 13.00" in page
    assert "Senin – Jumat" in page
    assert "08.00 – 12.00, 13.00 – 15.00" in page
    assert client.get("/sign").context["live"].word == "Istirahat"


def test_a_holiday_is_named_and_told_before(fake: FakeOffice) -> None:
    office = replace(fake.office, holidays=lambda _: {date(2026, 12, 25): "Hari Raya Natal"})
    client = TestClient(create_app(office))
    move_to(fake, 10, day=date(2026, 12, 21))
    (special,) = client.get("/").context["board"].special
    assert (special.days, special.hours) == ("Jumat, 25 Desember", "tutup")
    move_to(fake, 10, day=date(2026, 12, 25))
    page = client.get("/").text
    assert "Hari ini tutup" in page
    assert "Hari libur nasional: Hari Raya Natal" in page
    assert "Buka Senin, 28 Desember pukul 08.00" in page


def test_days_that_are_different_are_told_with_their_reason(
    client: TestClient, fake: FakeOffice
) -> None:
    days = {
        TODAY + timedelta(days=1): SpecialDay((Span(time(8), time(11)),), "Rapat dinas"),
        TODAY + timedelta(days=4): SpecialDay((), "tutup seperti biasa"),
        TODAY + timedelta(days=5): SpecialDay((Span(time(9), time(12)),), "Layanan akhir pekan"),
    }
    fake.record.facts.put(hours=Hours(days=days))
    special = client.get("/").context["board"].special
    assert [(line.days, line.hours, line.note) for line in special] == [
        ("Rabu, 25 November", "08.00 – 11.00", "Rapat dinas"),
        ("Minggu, 29 November", "09.00 – 12.00", "Layanan akhir pekan"),
    ]


@pytest.mark.parametrize(
    ("language", "words"),
    [("id", "orang ada di dalam, padahal tempatnya 12"), ("en", "and there are places for 12")],
)
def test_more_people_than_places_are_told_in_words(
    client: TestClient, fake: FakeOffice, language: str, words: str
) -> None:
    counts(fake, occupancy=13, capacity=12)
    client.cookies.set("gerbang_language", language)
    page = client.get("/")
    assert words in page.text
    assert page.context["now"].count.seats.over
    assert page.context["now"].count.percent == 100
    assert "13 dari 12" not in client.get("/sign").text
    assert "13 di dalam, tempatnya 12" in client.get("/badge").text


def test_a_room_of_thousands_has_a_bar_instead_of_seats(
    client: TestClient, fake: FakeOffice
) -> None:
    counts(fake, occupancy=1500, capacity=2000)
    page = client.get("/")
    assert page.context["now"].count.seats is None
    assert "2.000" in page.text


def test_who_waits_and_what_is_left_are_told(fake: FakeOffice) -> None:
    fake.record.facts.put(daily_quota=40)
    counts(fake, occupancy=28, capacity=30, admitted=12, waiting_outside=3, still_to_come=8)
    client = TestClient(create_app(fake.office))
    now = client.get("/").context["now"]
    assert now.facts == (("Menunggu di luar", "3 orang"), ("Sisa nomor hari ini", "20"))
    assert now.headline == "Masih ada yang menunggu di luar"


def test_no_numbers_left_says_what_to_do(client: TestClient, fake: FakeOffice) -> None:
    fake.record.facts.put(daily_quota=12)
    counts(fake, occupancy=2, capacity=30, admitted=12)
    page = client.get("/").text
    assert "Nomor hari ini sudah habis" in page
    assert "Tanyakan kepada penjaga" in page
    assert client.get("/sign").context["live"].word == "Penuh hari ini"


def test_the_board_shows_where_the_office_is(client: TestClient, fake: FakeOffice) -> None:
    fake.record.facts.put(
        address="Jl. Ir. H. Juanda No. 10, Bogor",
        telephone="(0251) 832-1075",
        map_link="https://maps.example/bogor",
    )
    page = client.get("/").text
    assert "Jl. Ir. H. Juanda No. 10<br>Bogor" in page
    assert 'href="tel:02518321075"' in page
    assert 'href="https://maps.example/bogor"' in page


def test_only_web_addresses_become_links(client: TestClient, fake: FakeOffice) -> None:
    fake.record.facts.put(map_link="javascript:alert(1)", address="<b>Jl. Satu</b>")
    page = client.get("/").text
    assert "javascript:" not in page
    assert "<b>Jl." not in page


def test_services_are_grouped_by_the_way_to_them(client: TestClient) -> None:
    groups = {
        group.channel: [service.name for service in group.services]
        for group in client.get("/").context["groups"]
    }
    assert groups["walk_in"] == ["Legalisasi dokumen (TNI/Polri)"]
    assert "KTP elektronik" in groups["collection"]
    assert groups["closed"] == ["Perekaman KTP reguler"]


def test_a_service_says_what_to_bring_when_it_is_given_and_where_instead(
    client: TestClient, fake: FakeOffice
) -> None:
    services = (
        Service(
            code="KTP",
            channel=Channel.COLLECTION,
            names={"id": "KTP elektronik"},
            brings={"id": "Resi dan kartu keluarga"},
            hours=Hours(week=dict.fromkeys((1, 3), (Span(time(9), time(11)),))),
        ),
        Service(
            code="IKD",
            channel=Channel.ONLINE_ONLY,
            names={"id": "Identitas digital"},
            link="https://ikd.example/",
        ),
    )
    fake.record.facts.put(services={service.code: service for service in services})
    answer = client.get("/")
    collection, online = answer.context["groups"]
    assert collection.services[0].brings == "Resi dan kartu keluarga"
    assert collection.services[0].hours.endswith("Selasa, Kamis 09.00 – 11.00")
    assert online.services[0].link == "https://ikd.example/"
    assert 'href="https://ikd.example/"' in answer.text


def offers_of(fake: FakeOffice) -> Callable[[str, date, int], Sequence[Offer]]:
    def offers(service: str, first: date, days: int) -> Sequence[Offer]:
        def offer(ahead: int, status: OfferStatus) -> Offer:
            place = Place(service=service, day=first + timedelta(days=ahead), start=time(9, 30))
            return Offer(place=place, status=status, capacity=10, left=1)

        if service != "KTP":
            return [offer(1, OfferStatus.FULL)]
        return [offer(1, OfferStatus.FULL), offer(3, OfferStatus.OPEN)][:days]

    return offers


def test_the_next_free_day_is_told_where_days_can_be_booked(fake: FakeOffice) -> None:
    client = TestClient(create_app(replace(fake.office, offers=offers_of(fake))))
    page = client.get("/")
    assert ("Hari terdekat yang masih kosong", "Jumat, 27 November pukul 09.30") in page.context[
        "now"
    ].facts
    assert "Masih kosong: Jumat, 27 November pukul 09.30" in page.text


def test_offers_are_asked_for_once_in_two_seconds_and_missed_without_harm(
    fake: FakeOffice,
) -> None:
    asked = []

    def offers(service: str, _: date, __: int) -> Sequence[Offer]:
        asked.append(service)
        raise RecordError("the database is away")

    booked = sum(
        service.booking is not Booking.NONE
        for service in fake.office.facts.current().services.values()
    )
    client = TestClient(create_app(replace(fake.office, offers=offers)))
    assert booked > 1
    for _ in range(3):
        assert client.get("/").status_code == 200
    assert len(asked) == 1
    pass_time(fake, FRESH_S)
    assert client.get("/").status_code == 200
    assert len(asked) == 2


def test_register_is_offered_only_where_one_can(fake: FakeOffice, tmp_path: Path) -> None:
    assert "/register" not in TestClient(create_app(fake.office)).get("/").text
    office = replace(fake.office, registrar=registrar_of(fake, tmp_path))
    page = TestClient(create_app(office)).get("/").text
    assert 'href="/register"' in page
    assert 'href="/register?service=KTP"' in page
    assert "LEGALISIR" not in page


def test_the_rules_are_shown_while_the_record_is_away(client: TestClient, fake: FakeOffice) -> None:
    fake.record.visits.figures = away  # type: ignore[assignment,method-assign]
    answer = client.get("/")
    assert answer.status_code == 200
    assert answer.context["now"].count is None
    assert "Pakai masker" in answer.text
    assert "Belum dapat diketahui seberapa penuh" in answer.text


def test_an_old_count_is_not_shown_as_a_new_one(fake: FakeOffice) -> None:
    since = NOON - timedelta(minutes=3)
    fake.office.room.down_since = lambda: since  # type: ignore[method-assign]
    client = TestClient(create_app(fake.office))
    page = client.get("/").text
    assert "Masih ada tempat" not in page
    assert "Hitungan di pintu terhenti sejak" in page
    assert client.get("/sign").context["live"].word == "Tanya penjaga"
    assert "0 dari 30" not in client.get("/badge").text


def test_many_readers_share_a_drawing_that_is_never_old(
    client: TestClient, fake: FakeOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = []
    page = client.app.state.renderer.page  # type: ignore[attr-defined]

    def counted(*args: Any, **more: Any) -> Any:
        drawn.append(args[1])
        return page(*args, **more)

    monkeypatch.setattr(client.app.state.renderer, "page", counted)  # type: ignore[attr-defined]
    first = client.get("/").text
    assert [client.get("/").text for _ in range(20)] == [first] * 20
    assert len(drawn) == 1
    pass_time(fake, FRESH_S)
    assert "12.00.02" in client.get("/").text
    admit(fake, 1)
    assert client.get("/").context["now"].count.inside == 1
    assert len(drawn) == 3


def test_what_is_drawn_for_all_names_nobody(
    client: TestClient, logged_in: Browse, fake: FakeOffice
) -> None:
    named = logged_in("dewi").get("/").text
    assert "dewi" in named
    assert "dewi" not in client.get("/").text
    english = TestClient(client.app, cookies={"gerbang_language": "en", "gerbang_theme": "dark"})
    assert '<html lang="en" data-theme="dark">' in english.get("/").text
    assert '<html lang="id" data-theme="auto">' in client.get("/").text


def test_the_part_that_moves_comes_alone(client: TestClient, fake: FakeOffice) -> None:
    part = client.get("/now")
    assert part.text.startswith('<section id="now"')
    assert "12.00.00" in part.text
    pass_time(fake, 10)
    assert "12.00.10" in client.get("/now").text


@pytest.mark.parametrize(
    ("changes", "word", "say"),
    [
        pytest.param({"occupancy": 12}, "Silakan masuk", "18 tempat kosong", id="room"),
        pytest.param({"occupancy": 30}, "Mohon tunggu", "Semua tempat terisi", id="full"),
        pytest.param(
            {"occupancy": 30, "waiting_outside": 4},
            "Mohon tunggu",
            "4 orang menunggu di luar",
            id="others wait",
        ),
    ],
)
def test_the_sign_says_go_in_or_wait(
    client: TestClient, fake: FakeOffice, changes: dict[str, int], word: str, say: str
) -> None:
    counts(fake, capacity=30, **changes)
    live = client.get("/sign").context["live"]
    assert (live.word, live.say) == (word, say)
    assert client.get("/sign/now").text.startswith('<div id="live"')


def test_the_sign_speaks_the_language_of_its_address(client: TestClient) -> None:
    client.cookies.set("gerbang_language", "en")
    assert client.get("/sign").context["live"].word == "Silakan masuk"
    english = client.get("/sign?language=en")
    assert english.context["live"].word == "Please come in"
    assert english.context["live"].others == (("id", "Silakan masuk"),)
    assert 'content="10;url=/sign?language=en"' in english.text


def test_the_sign_is_closed_when_the_office_is(client: TestClient, fake: FakeOffice) -> None:
    move_to(fake, 16)
    live = client.get("/sign").context["live"]
    assert (live.word, live.say) == ("Tutup", "Buka besok, Rabu pukul 08.00")


@pytest.mark.parametrize("path", ["/badge", "/badge.svg"])
def test_a_badge_stands_in_other_sites_pages_and_is_kept_for_seconds(
    client: TestClient, path: str
) -> None:
    answer = client.get(path)
    assert "x-frame-options" not in answer.headers
    assert "frame-ancestors *" in answer.headers["content-security-policy"]
    assert answer.headers["cross-origin-resource-policy"] == "cross-origin"
    assert answer.headers["cache-control"].startswith("public, max-age=5")
    assert "set-cookie" not in answer.headers
    assert "Buka sampai pukul 15.00" in answer.text
    assert "0 dari 30" in answer.text


@pytest.mark.parametrize("path", ["/", "/now", "/sign", "/sign/now", "/login"])
def test_nothing_but_the_badge_is_framed(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert answer.headers["x-frame-options"] == "DENY"
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]


def test_a_badge_takes_language_and_colours_from_its_address(
    client: TestClient, fake: FakeOffice
) -> None:
    picture = client.get("/badge.svg?language=en&theme=dark")
    assert picture.headers["content-type"].startswith("image/svg+xml")
    ElementTree.fromstring(picture.text)
    assert "Open until 15:00" in picture.text
    assert "#182226" in picture.text
    assert "#182226" not in client.get("/badge.svg?theme=pink").text
    assert 'data-theme="dark"' in client.get("/badge?theme=dark").text
    move_to(fake, 16)
    closed = client.get("/badge").text
    assert "<h1>Sekarang tutup</h1>" in closed
    assert "Buka besok, Rabu pukul 08.00" in closed


def test_a_site_with_marks_in_its_name_is_whole_on_the_badge(fake: FakeOffice) -> None:
    settings = fake.office.settings
    site = settings.site.model_copy(update={"name": "Dinas <\"&'>"})
    office = replace(fake.office, settings=settings.model_copy(update={"site": site}))
    picture = TestClient(create_app(office)).get("/badge.svg").text
    assert ElementTree.fromstring(picture).get("aria-label", "").startswith("Dinas <\"&'>")
