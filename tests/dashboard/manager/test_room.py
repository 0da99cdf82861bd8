"""The dashboard and its stream."""

from __future__ import annotations

import asyncio
import re
import zlib
from contextlib import closing, suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from dashboard.bootstrap import RunningOffice
from dashboard.manager.spot_checks import by_lot
from dashboard.storage import open_record
from dashboard.web.sse import RowReader, Rows, Stream, follow
from screening.decision import Check, DecisionKind, Reason
from screening.errors import NotOwner, RecordError
from screening.events import LogGrown
from screening.gate.view import GateMode
from screening.office.changes import with_chosen_plan, with_gate_title
from screening.readings import DeviceKind
from screening.record import Record
from screening.settings import Settings
from screening.temperature.cases import ClinicalOutcome
from screening.temperature.instrument.commissioning import CheckOutcome
from screening.visits import Attempt, CheckResult, EntryKind, EvidenceSource, LogEntry
from screening.waiting_room.chairs import Chair, Near, in_rows, marked
from screening.waiting_room.plan import ChosenPlan
from tests.commissionings import daily_check
from tests.dashboard.conftest import Browse, send
from tests.dashboard.fakes import NOON, FakeGateControl, FakeOffice, devices, view_of

EVENT = re.compile(r"event: (?P<name>\w+)\n(?P<data>(?:data: .*\n)+)(?:id: (?P<id>\d+)\n)?")


@pytest.fixture
def manager(logged_in: Browse) -> TestClient:
    return logged_in("dewi")


def write(fake: FakeOffice, number: int, **changes: object) -> LogEntry:
    """One row of the log."""
    attempt = {
        "attempt_id": f"a-{number}",
        "gate": "utama",
        "at": NOON,
        "decision": DecisionKind.ADMIT,
        "reason": Reason.ADMITTED,
        "service": "KTP",
        **changes,
    }
    written = fake.record.visits.write(Attempt(**attempt))  # type: ignore[arg-type]
    return fake.record.visits.entries(after=written.entry_id - 1, limit=1)[0]


def test_the_room_comes_first_with_its_number_and_seats(
    manager: TestClient, fake: FakeOffice
) -> None:
    for number in range(3):
        write(fake, number)
    answer = manager.get("/dashboard")
    assert answer.template.name == "manager/page.html"
    figures = answer.context["figures"]
    assert (figures.occupancy, figures.capacity, figures.level) == (3, 30, "calm")
    assert figures.since == "00.00"
    plan = answer.context["plan"]
    assert (plan.taken, plan.free, plan.sealed) == (3, 27, 30)
    assert (plan.width, plan.height) == (10, 6)
    assert '<text class="seat-label" x=".5" y="1.02">F10</text>' in answer.text
    assert answer.text.index('id="room"') < answer.text.index('id="day"')


def test_rooms_lie_side_by_side_to_scale_with_labels_on_their_seats(
    manager: TestClient, fake: FakeOffice
) -> None:
    chairs = (
        Chair(label="H1", x=2.0, y=1.0, room="Aula"),
        Chair(label="H2", x=2.5, y=1.0, room="Aula", family="Sari"),
        Chair(label="H3", x=2.0, y=2.0, room="Aula", is_wheelchair=True),
        Chair(label="S1", x=0.0, y=0.0, room="Samping", near=Near.DOOR),
    )
    plan = ChosenPlan(chairs=chairs, open_labels=frozenset({"H1", "S1"}), distance_m=1.0)
    fake.record.facts.change(with_chosen_plan(plan), operator="rina", at=NOON)
    answer = manager.get("/dashboard")
    hall, side = answer.context["plan"].rooms
    assert [(seat.label, seat.x, seat.y) for seat in hall.seats] == [
        ("H1", 0, 0),
        ("H2", 1, 0),
        ("H3", 0, 2),
    ]
    assert hall.x + hall.width < side.x
    assert [seat.state for seat in (*hall.seats, *side.seats)] == [
        "free",
        "sealed",
        "sealed",
        "free",
    ]
    for visible in (">Aula<", ">Samping<", ">S1<", "untuk keluarga", "untuk kursi roda"):
        assert visible in answer.text


def chosen_plan() -> ChosenPlan:
    rows = in_rows(8, 12, pitch_x=0.55, pitch_y=0.9)
    hall = [replace(chair, room="Aula") for chair in rows]
    side = [Chair(label=f"S{n}", x=float(n), y=0, room="Samping") for n in range(1, 4)]
    return ChosenPlan(
        chairs=(*marked(hall, ["A1"], is_wheelchair=True, is_pinned=True), *side),
        open_labels=frozenset(c.label for c in hall[::2]) | {"S1", "S3"},
        distance_m=1.0,
    )


def written_in(pdf: bytes) -> str:
    """The texts of a PDF, a line each."""
    streams = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL)
    found = []
    for stream in streams:
        with suppress(zlib.error):
            found += re.findall(rb"\((.*?)(?<!\\)\) Tj", zlib.decompress(stream), re.DOTALL)
    text = b"\n".join(found).decode("cp1252")
    return re.sub(r"\\(.)", r"\1", text)


def test_plan_and_labels_are_printed_in_both_languages(
    manager: TestClient, fake: FakeOffice
) -> None:
    fake.record.facts.change(with_chosen_plan(chosen_plan()), operator="rina", at=NOON)
    answer = manager.get("/dashboard/seats.pdf")
    assert answer.headers["content-type"] == "application/pdf"
    assert len(re.findall(rb"/Type /Page\b", answer.content)) == 2 + 10, "rooms, ten labels a page"
    lines = written_in(answer.content).splitlines()
    assert lines.count("A1") == lines.count("H12") == lines.count("S3") == 2, "plan and label"
    for line in (
        "Loket / Counters",
        "ditutup selama masa wabah / sealed in an outbreak",
        "Selama masa wabah, jangan duduk di kursi ini.",
        "In an outbreak, please do not sit here.",
        "Kursi / Seat · Aula · untuk kursi roda / for wheelchairs",
    ):
        assert line in lines
    (told,) = (line for line in lines if line.startswith("Seats: 96"))
    assert told == "Seats: 96; open in an outbreak: 48 (1.00 m apart) · 1 : 40"


def test_rows_that_nobody_measured_are_printed_without_a_scale(manager: TestClient) -> None:
    lines = written_in(manager.get("/dashboard/seats.pdf").content).splitlines()
    assert lines.count("F10") == 2
    assert "Seats: 60; open in an outbreak: 30" in lines
    assert "1 m" not in lines


@pytest.mark.parametrize(("inside", "level"), [(23, "calm"), (24, "busy"), (30, "full")])
def test_the_level_follows_the_occupancy(
    manager: TestClient, fake: FakeOffice, inside: int, level: str
) -> None:
    for number in range(inside):
        write(fake, number)
    assert manager.get("/dashboard").context["figures"].level == level


@pytest.mark.parametrize("inside", [0, 2])
def test_a_room_without_any_place_is_full(
    manager: TestClient, fake: FakeOffice, inside: int
) -> None:
    for number in range(inside):
        write(fake, number)
    fake.record.facts.put(set_capacity=0)
    figures = manager.get("/dashboard").context["figures"]
    assert (figures.level, figures.percent) == ("full", 100)


def test_refusals_are_told_in_words_most_frequent_first(
    manager: TestClient, fake: FakeOffice
) -> None:
    reasons = [Reason.EXPIRED, Reason.ALREADY_USED, Reason.ALREADY_USED]
    for number, reason in enumerate(reasons):
        write(fake, number, decision=DecisionKind.DENY, reason=reason)
    refusals = manager.get("/dashboard").context["figures"].refusals
    assert [(refusal.words, refusal.count, refusal.share) for refusal in refusals] == [
        ("Bukti daftar sudah dipakai", 2, 100),
        ("Masa berlaku habis", 1, 50),
    ]


def test_a_referral_for_a_clinical_reading_is_no_refusal(
    manager: TestClient, fake: FakeOffice
) -> None:
    write(fake, 1, decision=DecisionKind.DENY, reason=Reason.EXPIRED)
    for number in (2, 3):
        write(fake, number, decision=DecisionKind.REFER, reason=Reason.ELEVATED_TWICE)
    figures = manager.get("/dashboard").context["figures"]
    assert (figures.refused, figures.referred) == (1, 2)
    assert [refusal.words for refusal in figures.refusals] == ["Masa berlaku habis"]
    assert manager.get("/api/v1/status").json()["refused_today"] == 1
    metrics = manager.get("/metrics").text
    assert "gerbang_refused_today 1.0\n" in metrics
    assert "gerbang_referred_today 2.0\n" in metrics


def test_erased_data_is_no_visit(manager: TestClient, fake: FakeOffice) -> None:
    visit = write(fake, 1)
    erasure = replace(visit, entry_id=2, kind=EntryKind.ERASURE, decision=None, reason=None)
    fake.record.visits.latest = lambda **_: [erasure, visit]  # type: ignore[method-assign]
    answer = manager.get("/dashboard")
    assert [entry.entry_id for entry in answer.context["entries"]] == [1]
    assert answer.context["last_entry_id"] == 2
    assert "Data dihapus" not in answer.text


def test_what_counters_do_pushes_no_visit_off_the_page(
    manager: TestClient, fake: FakeOffice
) -> None:
    visit = write(fake, 1)
    for _ in range(50):
        fake.record.visits.append(EntryKind.QUEUE, NOON, operator="rina")
    shown = manager.get("/dashboard").context["entries"]
    assert [entry.entry_id for entry in shown][-1] == visit.entry_id


def test_a_gate_is_called_as_people_call_it(
    manager: TestClient, guard: TestClient, fake: FakeOffice
) -> None:
    write(fake, 1)
    edit = with_gate_title("utama", "Pintu <timur>")
    fake.record.facts.change(edit, operator="rina", at=NOON)
    answer = manager.get("/dashboard")
    assert answer.context["entries"][1].gate == "Pintu <timur>"
    assert "<b>Pintu &lt;timur&gt;</b>" in answer.text
    page = guard.get("/gate/utama").text
    assert "<b>Pintu &lt;timur&gt;</b>" in page
    assert 'action="/gate/utama/scan"' in page


@pytest.mark.parametrize("page", ["", "/camera", "/thermal", "/thermometer"])
def test_a_gate_s_own_pages_call_it_so_too(guard: TestClient, fake: FakeOffice, page: str) -> None:
    fake.record.facts.change(with_gate_title("utama", "Pintu timur"), operator="rina", at=NOON)
    html = guard.get(f"/gate/utama{page}").text
    assert "Pintu timur" in html.partition("<main")[0]
    assert "gerbang utama" not in html.lower()


def test_a_kiosk_says_which_gate_it_stands_at(client: TestClient, fake: FakeOffice) -> None:
    fake.record.facts.change(with_gate_title("utama", "Pintu timur"), operator="rina", at=NOON)
    assert "Pintu timur" in client.get("/kiosk/utama").text
    fake.gates.elsewhere["utama"] = NotOwner("utama", machine="pc-2")
    html = client.get("/kiosk/utama").text
    assert "Pintu timur" in html
    assert "utama" not in html.replace("/kiosk/utama", "")


def test_each_seat_has_its_label_on_the_plan(manager: TestClient) -> None:
    html = manager.get("/dashboard").text
    labels = re.findall(r'<text class="seat-label"[^>]*>([^<]+)</text>', html)
    assert len(labels) == 60
    assert {"A1", "F10"} <= set(labels)


def test_an_empty_day_says_so(manager: TestClient) -> None:
    html = manager.get("/dashboard").text
    assert "Hari ini belum ada yang ditolak." in html
    assert "Pengunjung pertama hari ini belum datang." in html
    assert "Baris baru muncul sendiri di sini." in html


def test_hours_are_bars_of_the_tallest(manager: TestClient, fake: FakeOffice) -> None:
    for number in range(4):
        write(fake, number)
    write(fake, 9, decision=DecisionKind.DENY, reason=Reason.EXPIRED)
    for number in range(10, 15):
        write(fake, number, decision=DecisionKind.REFER, reason=Reason.ELEVATED_TWICE)
    answer = manager.get("/dashboard")
    (hour,) = answer.context["hours"]
    assert (hour.label, hour.admitted, hour.refused, hour.referred) == ("12", 4, 1, 5)
    assert (hour.admitted_height, hour.refused_height, hour.referred_height) == (40, 10, 50)
    assert "Pukul 12: 4 masuk, 1 ditolak, 5 dirujuk" in answer.text


def test_a_gate_in_trouble_is_shown(manager: TestClient, gate: FakeGateControl) -> None:
    gate.shown = view_of("utama", mode=GateMode.MANUAL, devices=devices(DeviceKind.CAMERA))
    html = manager.get("/dashboard").text
    assert "Kamera tidak terhubung sejak 11.30." in html
    assert "/dev/ttyUSB0: unplugged" in html


def test_a_remark_is_escaped_in_the_list(manager: TestClient, fake: FakeOffice) -> None:
    write(fake, 1, remark="<img src=x onerror=alert(1)>", operator="budi")
    html = manager.get("/dashboard").text
    assert "<img src=x" not in html
    assert "&lt;img src=x" in html


def test_an_officer_closes_a_referral_with_a_clinical_reading(
    logged_in: Browse, fake: FakeOffice
) -> None:
    officer = logged_in("rina")
    write(fake, 1, decision=DecisionKind.REFER, reason=Reason.ELEVATED_TWICE)
    assert len(officer.get("/dashboard").context["referrals"]) == 1
    fields = {"attempt_id": "a-1", "celsius": "36,9", "outcome": "normal"}
    assert send(officer, "/dashboard", "/dashboard/clinical", **fields).status_code == 303
    latest = fake.record.visits.latest(limit=1)[0]
    assert latest.kind is EntryKind.CLINICAL
    assert latest.operator == "rina"
    assert officer.get("/dashboard").context["referrals"] == ()


def test_a_referral_of_the_morning_stays_open_on_a_busy_day(
    logged_in: Browse, fake: FakeOffice
) -> None:
    refer = {"decision": DecisionKind.REFER, "reason": Reason.ELEVATED_TWICE}
    write(fake, 1, at=NOON - timedelta(days=1), **refer)
    write(fake, 2, at=NOON - timedelta(hours=4), **refer)
    for number in range(3, 60):
        write(fake, number, decision=DecisionKind.DENY, reason=Reason.EXPIRED)
    referrals = logged_in("rina").get("/dashboard").context["referrals"]
    assert [referral.attempt_id for referral in referrals] == ["a-2"]


@pytest.mark.parametrize(
    ("celsius", "told"),
    [
        ("", "dengan angka, misalnya 36,9"),
        ("hot", "dengan angka"),
        ("nan", "dengan angka"),
        ("3_7", "dengan angka"),
        ("٣٦", "dengan angka"),
        ("12", "12 °C bukan suhu orang: tulis dari 34 sampai 43 °C"),
        ("99", "99 °C bukan suhu orang"),
        ("370", "370 °C bukan suhu orang"),
    ],
)
def test_a_clinical_reading_that_cannot_be_is_not_written(
    logged_in: Browse, fake: FakeOffice, celsius: str, told: str
) -> None:
    write(fake, 1, decision=DecisionKind.REFER, reason=Reason.ELEVATED_TWICE)
    write(fake, 2, decision=DecisionKind.REFER, reason=Reason.ELEVATED_TWICE)
    answer = send(
        logged_in("rina"), "/dashboard", "/dashboard/clinical", attempt_id="a-1", celsius=celsius
    )
    assert answer.status_code == 409
    assert told in answer.context["refused"].words
    forms = re.findall(
        r'<form method="post" action="/dashboard/clinical">.*?</form>', answer.text, re.S
    )
    (form,) = [form for form in forms if "a-1" in form]
    (other,) = [form for form in forms if "a-2" in form]
    assert told in form
    assert 'aria-invalid="true"' in form
    assert f'value="{celsius}"' in form
    assert "aria-invalid" not in other
    assert fake.record.visits.latest(limit=1)[0].kind is EntryKind.ATTEMPT


def test_a_referral_that_does_not_exist_is_not_closed(logged_in: Browse) -> None:
    answer = send(
        logged_in("rina"),
        "/dashboard",
        "/dashboard/clinical",
        attempt_id="made-up",
        celsius="36.9",
    )
    assert answer.status_code == 404


BY_DEVICE = CheckResult(check=Check.TEMPERATURE, source=EvidenceSource.DEVICE, outcome="passed")


def test_an_officer_checks_on_somebody_who_was_let_in(logged_in: Browse, fake: FakeOffice) -> None:
    officer = logged_in("rina")
    for number in range(4):
        write(fake, number, results=(BY_DEVICE,))
    spot = officer.get("/dashboard").context["spot"]
    assert len(spot.people) == 4
    assert {person.seat for person in spot.people} == {
        visit.seat for visit in fake.record.visits.visits_inside()
    }
    drawn = spot.people[0].attempt_id
    fields = {"attempt_id": drawn, "celsius": "36,6", "outcome": "normal"}
    assert send(officer, "/dashboard", "/dashboard/clinical", **fields).status_code == 303
    left = officer.get("/dashboard").context["spot"]
    assert drawn not in {person.attempt_id for person in left.people}
    (case,) = [
        case
        for case in fake.record.thermometers.cases(since=NOON, until=NOON + timedelta(days=1))
        if case.outcome is not None
    ]
    assert (case.is_referred, case.outcome) == (False, ClinicalOutcome.NORMAL)


def test_the_lot_and_not_the_seat_says_who_is_checked_on(manager: TestClient) -> None:
    ids = [f"{number:08x}" for number in range(200)]
    order = by_lot(ids)
    assert order == by_lot(reversed(ids))
    assert order != ids
    assert sum(int(name, 16) for name in order[:50]) / 50 == pytest.approx(100, abs=25)


def test_only_who_is_inside_and_was_measured_by_the_device_is_drawn(
    manager: TestClient, fake: FakeOffice
) -> None:
    by_hand = replace(BY_DEVICE, source=EvidenceSource.GUARD)
    write(fake, 1, results=(by_hand,))
    write(fake, 2, reason=Reason.EMERGENCY)
    write(fake, 3, results=(BY_DEVICE,))
    fake.record.visits.annul("a-3", operator="budi", remark="went home", at=NOON)
    assert manager.get("/dashboard").context["spot"] is None


def test_the_page_says_that_the_lot_decides_and_never_speaks_of_illness(
    manager: TestClient, fake: FakeOffice
) -> None:
    write(fake, 1, results=(BY_DEVICE,))
    write(fake, 2, decision=DecisionKind.REFER, reason=Reason.ELEVATED_TWICE)
    html = manager.get("/dashboard").text.lower()
    assert "diundi" in html
    assert "termometer klinis" in html
    assert "demam" not in html


def test_a_daily_check_of_a_thermometer_says_how_it_ended(
    manager: TestClient, fake: FakeOffice
) -> None:
    fake.record.thermometers.write_check(
        daily_check(at=NOON, by="sari", difference_celsius=0.62, outcome=CheckOutcome.OFF)
    )
    (entry,) = manager.get("/dashboard").context["entries"]
    assert entry.word == "Pemeriksaan harian termometer: terlalu menyimpang"
    assert (entry.remark, entry.operator) == ("+0.62 °C", "sari")


def test_the_stream_replays_what_was_missed_and_repeats_nothing(
    manager: TestClient, fake: FakeOffice
) -> None:
    rows = [write(fake, number) for number in range(4)]
    log = fake.record.visits
    entries = log.entries

    def replay(**bounds: int) -> list[LogEntry]:
        for row in (rows[3], rows[2]):
            fake.tell(row)
        fake.hub.close()
        return entries(**bounds)

    log.entries = replay  # type: ignore[assignment]
    headers = {"Last-Event-ID": str(rows[1].entry_id)}
    text = manager.get("/dashboard/events", headers=headers).text
    found = [(event["name"], event["id"]) for event in EVENT.finditer(text)]
    # Something comes at once: a sign of life, or a part of the page where it was drawn before.
    assert found[0] in {(name, None) for name in ("beat", "room", "day", "needs")}
    assert [event for event in found if event[0] == "entry"] == [("entry", "3"), ("entry", "4")]


class Followers:
    """Some who follow the rows of one source, and how often a row was drawn for them."""

    def __init__(self, fake: FakeOffice, *, poll_s: float = 60.0) -> None:
        self.drawn: list[int] = []
        self.rows = Rows(fake.hub, fake.office.feed, self._draw, poll_s=poll_s)

    def _draw(self, entry: LogEntry) -> str:
        self.drawn.append(entry.entry_id)
        return str(entry.entry_id)

    def begin(self, *, after: int = 0, **how: Any) -> Stream:
        return follow([RowReader(self.rows, after=after)], **how)


async def numbers(stream: Stream) -> list[str]:
    """The numbers of the rows that this stream still brings until it ends."""
    text = b"".join([chunk async for chunk in stream]).decode()
    return [event["id"] for event in EVENT.finditer(text) if event["name"] == "entry"]


def test_a_row_committed_during_the_replay_follows_it(fake: FakeOffice) -> None:
    write(fake, 1)
    log = fake.record.visits
    entries = log.entries

    def replay(**bounds: int) -> list[LogEntry]:
        log.entries = entries  # type: ignore[method-assign]
        before = entries(**bounds)
        fake.tell(write(fake, 2))
        fake.hub.close()
        return before

    log.entries = replay  # type: ignore[assignment]
    assert asyncio.run(numbers(Followers(fake).begin())) == ["1", "2"]


def test_rows_come_in_the_order_of_the_log_whatever_the_order_of_the_news(
    fake: FakeOffice,
) -> None:
    async def scenario() -> list[str]:
        stream = Followers(fake).begin()
        await anext(stream)
        first, second, third = (write(fake, number) for number in range(3))
        for row in (second, first, third):
            fake.tell(row)
        fake.hub.close()
        return await numbers(stream)

    assert asyncio.run(scenario()) == ["1", "2", "3"]


def test_news_of_one_row_brings_all_that_were_written_before_it(
    fake: FakeOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dashboard.web.sse.BATCH", 2)

    async def scenario() -> list[str]:
        stream = Followers(fake).begin()
        await anext(stream)
        rows = [write(fake, number) for number in range(5)]
        fake.tell(rows[-1])
        fake.hub.close()
        return await numbers(stream)

    assert asyncio.run(scenario()) == ["1", "2", "3", "4", "5"]


def test_a_row_of_another_process_comes_without_news(fake: FakeOffice) -> None:
    async def scenario() -> bytes:
        stream = Followers(fake, poll_s=0.001).begin()
        await anext(stream)
        write(fake, 1)
        fake.office.feed.look()
        row = await anext(stream)
        await stream.aclose()
        return row

    assert asyncio.run(scenario()).startswith(b"event: entry")


def test_many_pages_that_come_back_cost_one_look_at_what_they_missed(fake: FakeOffice) -> None:
    for number in range(3):
        write(fake, number)

    async def scenario() -> tuple[list[list[str]], list[int]]:
        followers = Followers(fake)
        streams = [followers.begin() for _ in range(5)]
        for stream in streams:
            await anext(stream)
        fake.hub.close()
        return list(await asyncio.gather(*map(numbers, streams))), followers.drawn

    read, drawn = asyncio.run(scenario())
    assert read == [["1", "2", "3"]] * 5
    assert drawn == [1, 2, 3]


def test_a_row_is_drawn_once_for_all_who_follow(fake: FakeOffice) -> None:
    async def scenario() -> tuple[list[list[str]], list[int]]:
        followers = Followers(fake)
        streams = [followers.begin() for _ in range(5)]
        for stream in streams:
            await anext(stream)
        rows = [write(fake, number) for number in range(3)]
        fake.tell(rows[-1])
        fake.hub.close()
        return list(await asyncio.gather(*map(numbers, streams))), followers.drawn

    read, drawn = asyncio.run(scenario())
    assert read == [["1", "2", "3"]] * 5
    assert drawn == [1, 2, 3]


@pytest.mark.parametrize("kept", [2, 400], ids=["behind what is kept", "all kept"])
def test_who_reads_late_misses_no_row_and_repeats_none(
    fake: FakeOffice, monkeypatch: pytest.MonkeyPatch, kept: int
) -> None:
    monkeypatch.setattr("dashboard.web.sse.ROWS_KEPT", kept)
    monkeypatch.setattr("dashboard.web.sse.BATCH", 3)

    async def scenario() -> list[str]:
        followers = Followers(fake)
        late, quick = followers.begin(), followers.begin()
        await anext(late)
        await anext(quick)
        rows = [write(fake, number) for number in range(10)]
        fake.tell(rows[-1])
        fake.hub.close()
        await numbers(quick)
        return await numbers(late)

    assert asyncio.run(scenario()) == [str(number) for number in range(1, 11)]


@pytest.mark.parametrize("after", [7, 2**63, 99999999999999999999, -5], ids=str)
def test_a_number_that_this_log_has_not_reached_hides_nothing(fake: FakeOffice, after: int) -> None:
    write(fake, 1)
    write(fake, 2)

    async def scenario() -> list[str]:
        stream = Followers(fake).begin(after=after)
        await anext(stream)
        fake.tell(write(fake, 3))
        fake.hub.close()
        return await numbers(stream)

    assert asyncio.run(scenario()) == (["1", "2", "3"] if after < 0 else ["3"])


def test_a_huge_number_in_the_address_is_no_fault(manager: TestClient, fake: FakeOffice) -> None:
    fake.hub.close()
    assert manager.get("/dashboard/events?after=99999999999999999999").status_code == 200


def test_a_closed_log_in_ends_the_stream_also_on_a_busy_day(fake: FakeOffice) -> None:
    async def scenario() -> list[str]:
        answers = iter([True, True, False])

        async def is_welcome() -> bool:
            return next(answers)

        stream = Followers(fake).begin(is_welcome=is_welcome)
        await anext(stream)
        fake.tell(write(fake, 1))
        return await numbers(stream)

    assert asyncio.run(scenario()) == []


def test_a_closed_log_in_ends_a_stream_in_which_nothing_happens(fake: FakeOffice) -> None:
    async def scenario() -> list[str]:
        answers = iter([True, True, False])

        async def is_welcome() -> bool:
            return next(answers)

        return await numbers(Followers(fake).begin(is_welcome=is_welcome, welcome_s=0.001))

    assert asyncio.run(scenario()) == []


def parts_of(manager: TestClient, fake: FakeOffice) -> dict[str, str]:
    """The newest drawing of each part that the stream brings before the hub closes."""
    hourly = fake.record.visits.hourly

    def draw_and_close(**bounds: Any) -> Any:
        fake.hub.close()
        return hourly(**bounds)

    fake.record.visits.hourly = draw_and_close  # type: ignore[method-assign]
    text = manager.get("/dashboard/events").text
    return {event["name"]: event["data"] for event in EVENT.finditer(text)}


def test_the_room_and_the_day_are_told_live(manager: TestClient, fake: FakeOffice) -> None:
    write(fake, 1, decision=DecisionKind.REFER, reason=Reason.ELEVATED_TWICE)
    seen = parts_of(manager, fake)
    assert '<div id="day"' in seen["day"]
    assert 'value="form-token-of-dewi"' in seen["day"]


def test_the_day_is_drawn_anew_for_rows_of_other_processes(
    manager: TestClient, fake: FakeOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dashboard.manager.room.DAY_EVERY_S", 0.0)
    hourly, drawn = fake.record.visits.hourly, []

    def draw(**bounds: Any) -> Any:
        drawn.append(bounds)
        if len(drawn) == 1:
            fake.hub.publish(LogGrown(1))
        else:
            fake.hub.close()
        return hourly(**bounds)

    fake.record.visits.hourly = draw  # type: ignore[method-assign]
    manager.get("/dashboard/events")
    assert len(drawn) == 2


def test_rows_of_another_process_are_told_to_the_pages(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path)

    async def told(running: RunningOffice, other: Record) -> int:
        with closing(running.hub.subscribe()) as events:
            other.visits.hand_over(gate="utama", from_user="ani", to_user="budi", at=NOON)
            async for event in events:
                if isinstance(event, LogGrown) and event.entry_id == other.visits.head():
                    return event.entry_id
        return 0

    with RunningOffice.open(settings) as running, open_record(settings) as other:
        assert asyncio.run(asyncio.wait_for(told(running, other), 30)) > 1


def test_a_row_of_the_stream_is_one_line_of_the_table(
    manager: TestClient, fake: FakeOffice
) -> None:
    write(fake, 1, remark="</tr><script>x</script>")
    entries = fake.record.visits.entries

    def replay(**bounds: int) -> list[LogEntry]:
        fake.hub.close()
        return entries(**bounds)

    fake.record.visits.entries = replay  # type: ignore[assignment]
    text = manager.get("/dashboard/events").text
    assert 'data: <tr data-entry="1" data-state="admit">' in text
    assert "<script>" not in text


def test_the_day_part_is_drawn_alone(manager: TestClient) -> None:
    html = manager.get("/dashboard/day").text
    assert html.lstrip().startswith('<div id="day"')
    assert "<html" not in html


def test_the_stream_ends_quietly_while_the_record_is_away(
    manager: TestClient, fake: FakeOffice, caplog: pytest.LogCaptureFixture
) -> None:
    def away() -> int:
        raise RecordError("the database is away")

    fake.record.visits.head = away  # type: ignore[method-assign]
    answer = manager.get("/dashboard/events")
    assert answer.status_code == 200
    assert "event: entry" not in answer.text
    assert "the database is away" in caplog.text


def test_a_gate_that_runs_elsewhere_is_named_among_the_gates(
    manager: TestClient, fake: FakeOffice
) -> None:
    fake.gates.elsewhere["utama"] = NotOwner(
        "utama", machine="pc-2", address="https://pc-2.example"
    )
    for path in ("/dashboard", "/dashboard/day"):
        answer = manager.get(path)
        assert answer.status_code == 200
        assert "Gerbang utama dijalankan oleh komputer pc-2." in answer.text
        assert 'href="https://pc-2.example/gate/utama"' in answer.text


def test_how_sure_the_number_is_stands_beside_it_and_in_words(
    manager: TestClient, fake: FakeOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(5):
        write(fake, number)
    assert "±" not in manager.get("/dashboard").text

    monkeypatch.setattr(fake.office.leaving, "_give_or_take", 2)

    page = manager.get("/dashboard").text
    assert '<span class="give-or-take">± 2</span>' in page
    assert "3 sampai 7 orang ada di dalam" in page
    assert manager.get("/api/v1/status").json()["uncertainty"] == 2


def test_a_head_count_sets_the_number_right_and_is_undone(
    manager: TestClient, fake: FakeOffice
) -> None:
    for number in range(3):
        write(fake, number)
    assert send(manager, "/dashboard", "/dashboard/count", people=" 7 ").status_code == 303
    page = manager.get("/dashboard")
    assert page.context["figures"].occupancy == 7
    assert "dewi menghitung 7 orang pukul 12.00" in page.text
    (row,) = fake.record.visits.latest(limit=1)
    assert (row.kind, row.operator) == (EntryKind.HEAD_COUNT, "dewi")

    assert send(manager, "/dashboard", "/dashboard/undo-count").status_code == 303
    assert manager.get("/dashboard").context["figures"].occupancy == 3
    nothing = send(manager, "/dashboard", "/dashboard/undo-count")
    assert (nothing.status_code, "belum ada yang menghitung" in nothing.text) == (409, True)


@pytest.mark.parametrize("typed", ["", "-1", "3,5", "banyak", "1234567"])
def test_what_is_no_count_is_said_so(manager: TestClient, fake: FakeOffice, typed: str) -> None:
    answer = send(manager, "/dashboard", "/dashboard/count", people=typed)
    assert (answer.status_code, "Ketik berapa orang" in answer.text) == (409, True)
    assert fake.record.visits.head() == 0
