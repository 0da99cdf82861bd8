"""What people may change of the office's facts, and what differs afterwards."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import time

import pytest

from screening.decision import Check
from screening.errors import OfficeError
from screening.office.changes import (
    Edit,
    differences,
    in_mode,
    in_turn,
    plain,
    read_checks,
    read_gate,
    read_gate_title,
    with_changed_gate,
    with_changed_service,
    with_gate,
    with_gate_title,
    with_service,
    with_settings,
    without_gate,
    without_service,
)
from screening.office.facts import Mode, OfficeFacts
from screening.office.hours import Hours, Span
from screening.office.services import Booking, Channel, Service
from screening.waiting_room.plan import Sealed

MORNING, AFTERNOON = Span(time(8), time(12)), Span(time(13), time(15))
KTP = Service(code="KTP", channel=Channel.COLLECTION, names={"id": "KTP", "en": "ID card"})
ONLY_RECEIPT = frozenset({Check.RECEIPT})
OFFICE = OfficeFacts(rows=4, columns=5, gates={"dua": ONLY_RECEIPT}, services={"KTP": KTP})


def changed(edit: Edit, facts: OfficeFacts = OFFICE) -> dict[str, tuple[object, object]]:
    return differences(plain(facts), plain(edit(facts)))


def test_the_mode_opens_and_seals_seats_and_a_capacity_nobody_set_follows() -> None:
    everyday = in_mode(Mode.EVERYDAY)(OFFICE)
    assert (len(OFFICE.plan.open_seats), OFFICE.capacity) == (10, 10)
    assert (len(everyday.plan.open_seats), everyday.capacity) == (20, 20)
    assert in_mode(Mode.EVERYDAY)(replace(OFFICE, set_capacity=7)).capacity == 7


def test_gates_of_their_own_keep_their_checks_in_both_modes() -> None:
    office = with_gate("satu", None)(OFFICE)
    everyday = in_mode(Mode.EVERYDAY)(office)
    assert (office.checks_of("satu"), everyday.checks_of("satu")) == (
        frozenset(Check),
        ONLY_RECEIPT,
    )
    assert (office.checks_of("dua"), everyday.checks_of("dua")) == (ONLY_RECEIPT, ONLY_RECEIPT)


def test_a_visitor_is_told_what_any_gate_asks() -> None:
    everyday = in_mode(Mode.EVERYDAY)(OFFICE)
    assert everyday.visitor_checks == ONLY_RECEIPT
    asking = with_changed_gate("dua", frozenset({Check.MASK}))(everyday)
    assert asking.visitor_checks == {Check.RECEIPT, Check.MASK}


def test_settings_are_read_as_they_are_typed() -> None:
    typed = {
        "mode": "everyday",
        "capacity": "seats",
        "daily_quota": "350",
        "rows": "2",
        "columns": " 3 ",
        "sealed": "columns",
        "everyday_checks": "receipt, hands",
        "outbreak_checks": "receipt,mask",
    }
    facts = with_settings(typed)(replace(OFFICE, set_capacity=9))
    assert (facts.mode, facts.set_capacity, facts.daily_quota) == (Mode.EVERYDAY, None, 350)
    assert (facts.rows, facts.columns, facts.sealed) == (2, 3, Sealed.COLUMNS)
    assert facts.everyday_checks == {Check.RECEIPT, Check.HANDS}
    assert facts.outbreak_checks == {Check.RECEIPT, Check.MASK}
    assert with_settings({"daily_quota": "none"})(facts).daily_quota is None


@pytest.mark.parametrize(
    ("key", "value", "told"),
    [
        ("capacity", "0", "from 1"),
        ("capacity", "-3", "seats"),
        ("capacity", "1e3", "whole number"),
        ("capacity", "100001", "100000"),
        ("capacity", "٣", "whole number"),
        ("daily_quota", "many", "none"),
        ("rows", "41", "from 1 to 40"),
        ("sealed", "all", "checkerboard"),
        ("mode", "pandemic", "everyday, outbreak"),
        ("everyday_checks", "hands", "receipt"),
        ("outbreak_checks", "blood", "unknown check blood"),
        ("outbreak_checks", "", "at least one"),
        ("colour", "red", "known: mode, capacity"),
    ],
)
def test_what_cannot_be_read_is_told_with_its_key(key: str, value: str, told: str) -> None:
    with pytest.raises(OfficeError, match=told) as caught:
        with_settings({key: value})
    assert key in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_gate_may_ask_for_nothing_and_only_count() -> None:
    assert read_checks("none") == frozenset()
    assert read_gate({"checks": "mode"}) is None
    assert read_gate_title(" Pintu utama ") == "Pintu utama"
    assert read_gate_title("none") is None


def test_a_service_is_added_changed_and_removed() -> None:
    add = with_service("PASPOR", {"channel": "walk_in", "name_id": "Paspor"})
    added = changed(add)
    assert added["services.PASPOR.channel"] == (None, "walk_in")
    assert added["services.PASPOR.name_id"] == (None, "Paspor")
    assert added["services.PASPOR.letter"] == (None, "P")
    assert {before for before, _ in added.values()} == {None}
    assert changed(with_changed_service("KTP", {"daily_quota": "3"})) == {
        "services.KTP.daily_quota": (None, 3)
    }
    assert without_service("KTP")(OFFICE).services == {}


def test_a_service_has_a_name_in_any_language_and_may_lose_it_again() -> None:
    named = with_changed_service("KTP", {"name_jv": "Kertu KTP", "name_en": "none"})
    assert changed(named) == {
        "services.KTP.name_en": ("ID card", None),
        "services.KTP.name_jv": (None, "Kertu KTP"),
    }
    ktp = named(OFFICE).services["KTP"]
    assert [ktp.name(language, default="id") for language in ("jv", "id", "en")] == [
        "Kertu KTP",
        "KTP",
        "KTP",
    ]
    nameless = with_service("X", {"channel": "walk_in"})(OFFICE).services["X"]
    assert nameless.name("jv", default="id") == "X"
    only_javanese = with_service("X", {"channel": "walk_in", "name_jv": "Iks"})(OFFICE)
    assert only_javanese.services["X"].name("en", default="id") == "Iks"


def test_a_service_is_booked_by_rules_of_its_own() -> None:
    typed = {
        "booking": "slot",
        "slot_minutes": "20",
        "slot_places": "4",
        "quota": "80",
        "priority_quota": "10",
        "lead_days": "2",
        "days_ahead": "30",
        "latest_minutes": "90",
        "letter": "le",
        "link": "https://dukcapil.example/kk?baru=1",
        "brings_id": "Fotokopi kartu keluarga",
        "gate_checks_hours": "yes",
        "hours_mon": "13:00-15:00, 8.00-12.00",
        "hours_fri": "closed",
    }
    ktp = with_changed_service("KTP", typed)(OFFICE).services["KTP"]
    assert ktp == replace(
        KTP,
        booking=Booking.SLOT,
        slot_minutes=20,
        slot_places=4,
        daily_quota=80,
        priority_quota=10,
        lead_days=2,
        days_ahead=30,
        latest_minutes=90,
        letter="LE",
        link="https://dukcapil.example/kk?baru=1",
        brings={"id": "Fotokopi kartu keluarga"},
        gate_checks_hours=True,
        hours=Hours(week={0: (MORNING, AFTERNOON), 4: ()}),
    )
    office = replace(OFFICE, services={"KTP": ktp})
    back = with_changed_service("KTP", {"hours_mon": "office", "link": "none", "brings_id": ""})
    assert changed(back, office) == {
        "services.KTP.hours_mon": ("08:00-12:00,13:00-15:00", None),
        "services.KTP.link": ("https://dukcapil.example/kk?baru=1", None),
        "services.KTP.brings_id": ("Fotokopi kartu keluarga", None),
    }


def test_what_is_asked_of_whoever_registers_is_added_changed_and_taken_away() -> None:
    typed = {
        "question_no_id": "Nomor pengajuan",
        "question_no_en": "Number of the request",
        "question_no_required": "yes",
        "question_ket_id": "Keterangan",
    }
    office = with_changed_service("KTP", typed)(OFFICE)
    number, note = office.services["KTP"].questions
    assert number.text("en", default="id") == "Number of the request"
    assert (number.is_required, note.is_required) == (True, False)
    assert note.text("en", default="id") == "Keterangan"
    assert changed(with_changed_service("KTP", {"question_no_en": "Number"}), office) == {
        "services.KTP.question_no_en": ("Number of the request", "Number")
    }
    gone = with_changed_service("KTP", {"question_no_id": "none", "question_no_en": ""})(office)
    assert gone.services["KTP"].questions == (note,)


def test_each_service_has_a_letter_of_its_own_on_its_tickets() -> None:
    office = OFFICE
    for code in ("KKS", "K", "UKM", "2026"):
        office = with_service(code, {"channel": "walk_in"})(office)
    letters = {code: service.queue for code, service in office.services.items()}
    assert letters == {"KTP": "KTP", "KKS": "K", "K": "A", "UKM": "M", "2026": "B"}
    with pytest.raises(OfficeError, match="letter K is on the tickets of KKS already"):
        with_changed_service("KTP", {"letter": "k"})(office)
    assert with_changed_service("KKS", {"letter": "K"})(office) == office


def test_every_letter_may_be_taken_and_there_is_still_one() -> None:
    office = replace(OFFICE, services={})
    for number in range(27):
        office = with_service(f"S{number}", {"channel": "walk_in"})(office)
    letters = [service.queue for service in office.services.values()]
    assert len(set(letters)) == 27
    assert "U" not in letters
    assert letters[-2:] == ["AA", "AB"]


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"letter": "U"}, "letter: U is for visitors without a service"),
        ({"letter": "ABC"}, "letter"),
        ({"letter": "É"}, "letter"),
        ({"link": "javascript:alert(1)"}, "link"),
        ({"link": 'https://x/"onload="'}, "link"),
        ({"link": "https://x/\u202efdp.exe"}, "link"),
        ({"brings_id": "KTP\u2066asli"}, "brings_id"),
        ({"quota": "5", "daily_quota": "6"}, "the same"),
        ({"quota": "5", "priority_quota": "6"}, "more than the 5"),
        ({"priority_quota": "6"}, "of the day's quota"),
        ({"lead_days": "9", "days_ahead": "8"}, "days_ahead 8"),
        ({"lead_days": "0"}, "never for the same day"),
        ({"booking": "week"}, "none, day, slot"),
        ({"slot_minutes": "0"}, "from 5"),
        ({"gate_checks_hours": "maybe"}, "yes nor no"),
        ({"hours_mon": "08:00-25:00"}, "hours_mon"),
        ({"hours_mon": "15:00-08:00"}, "ends before"),
        ({"hours_mon": "08:00-12:00,11:00-15:00"}, "overlap"),
        ({"hours_mon": ""}, "closed"),
        ({"hours_xyz": "closed"}, "unknown key"),
        ({"brings_id": "x" * 301}, "brings_id"),
        ({"question_no_required": "yes"}, "text first"),
        ({"question_no_required": "perhaps", "question_no_id": "x"}, "yes nor no"),
        ({"question_No_id": "x"}, "unknown key"),
        ({"question_no_id": "a\u202eb"}, "printable"),
        ({f"question_q{number}_id": "x" for number in range(6)}, "at most 5"),
    ],
    ids=str,
)
def test_what_a_service_cannot_be_is_told_in_one_line(typed: dict[str, str], told: str) -> None:
    with pytest.raises(OfficeError, match=told) as caught:
        with_changed_service("KTP", typed)(OFFICE)
    assert "\n" not in str(caught.value)


def test_the_office_says_where_it_is_and_how_it_is_reached() -> None:
    typed = {
        "address": "Jl. Pajajaran 1, Bogor",
        "telephone": "+62 251 8321-075",
        "map_link": "https://osm.example/?mlat=-6.59",
        "slot_early_minutes": "0",
        "desk_for_guards": "yes",
        "slot_late_minutes": "45",
        "hold_minutes": "10",
    }
    told = changed(with_settings(typed))
    assert told["address"] == (None, "Jl. Pajajaran 1, Bogor")
    assert told["slot_late_minutes"] == (30, 45)
    assert len(told) == len(typed)
    office = with_settings(typed)(OFFICE)
    assert with_settings({"address": "none"})(office).address is None
    for key, value in (("telephone", "call me"), ("map_link", "data:x"), ("hold_minutes", "0")):
        with pytest.raises(OfficeError, match=key):
            with_settings({key: value})


def test_a_gate_is_added_changed_and_removed() -> None:
    title = with_gate_title("dua", "Pintu samping")
    assert changed(title) == {"gates.dua.title": (None, "Pintu samping")}
    assert in_turn(title, without_gate("dua"))(OFFICE).gate_titles == {}
    assert in_turn(title, with_gate_title("dua", None))(OFFICE) == OFFICE
    assert changed(with_gate("satu", None)) == {"gates.satu.checks": (None, "mode")}
    assert changed(with_changed_gate("dua", None)) == {"gates.dua.checks": (["receipt"], "mode")}
    assert changed(without_gate("dua")) == {"gates.dua.checks": (["receipt"], None)}


@pytest.mark.parametrize(
    "ask",
    [
        lambda: with_service("PASPOR", {}),
        lambda: with_service("paspor", {"channel": "walk_in"}),
        lambda: with_service("A" * 11, {"channel": "walk_in"}),
        lambda: with_service("KTP", {"channel": "walk_in"})(OFFICE),
        lambda: with_service("X", {"channel": "walk_in", "name_id": "a\nb"}),
        lambda: with_service("X", {"channel": "walk_in", "name_": "a"}),
        lambda: with_changed_service("NIKAH", {"daily_quota": "3"})(OFFICE),
        lambda: without_service("NIKAH")(OFFICE),
        lambda: with_gate("Pintu Dua", None),
        lambda: with_gate("dua", None)(OFFICE),
        lambda: with_changed_gate("tiga", None)(OFFICE),
        lambda: without_gate("tiga")(OFFICE),
    ],
    ids=[
        "no-channel",
        "small-letters",
        "long-code",
        "taken-code",
        "two-lines",
        "no-language",
        "unknown-service",
        "unknown-removed",
        "bad-gate",
        "taken-gate",
        "unknown-gate",
        "gate-removed",
    ],
)
def test_what_contradicts_the_office_is_refused(ask: Callable[[], object]) -> None:
    with pytest.raises(OfficeError):
        ask()


def test_nothing_changed_differs_in_nothing() -> None:
    assert changed(in_mode(Mode.OUTBREAK)) == {}
