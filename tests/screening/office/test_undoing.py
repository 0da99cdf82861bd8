"""Each kind of change is taken back whole, or not at all."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest

from screening.decision import Check
from screening.errors import OfficeError
from screening.office.changes import (
    Edit,
    at_first_step,
    differences,
    former,
    in_mode,
    in_turn,
    plain,
    with_changed_counter,
    with_changed_gate,
    with_changed_service,
    with_chosen_plan,
    with_counter,
    with_gate,
    with_gate_title,
    with_service,
    with_settings,
    with_words,
    without_counter,
    without_gate,
    without_service,
)
from screening.office.facts import Mode, OfficeFacts
from screening.office.hours import Span, SpecialDay
from screening.office.hours_changes import with_days, with_leave, with_week
from screening.office.issuers import with_issuer_key, with_key_times, without_issuer
from screening.office.services import SEED_SERVICES
from screening.office.speakers import MOST_AT_A_PLACE, Speaker, with_speaker, without_speaker
from screening.office.undoing import can_undo, lost_seats, undoing
from screening.waiting_room.chairs import in_rows
from screening.waiting_room.plan import ChosenPlan
from tests.screening.receipts.builders import THEIRS

CHRISTMAS_EVE = date(2026, 12, 24)
FACTS = in_turn(
    with_gate("utama", None),
    with_counter("1", {"services": "KTP", "place": "Loket 1"}),
    with_words({"receipt_id": "Bawa kartu lama", "receipt_en": "Bring your old card"}),
    with_settings({"capacity": "40", "address": "Jl. Juanda 10", "quiet_hours": "12:00-13:00"}),
    with_changed_service("KTP", {"question_nik_id": "NIK?", "hours_fri": "08:00-11:00"}),
)(OfficeFacts(services={service.code: service for service in SEED_SERVICES}))
EDITS: dict[str, Edit] = {
    "settings": with_settings(
        {"capacity": "seats", "address": "none", "quiet_hours": "none", "queue_overtakes": "1"}
    ),
    "mode": in_mode(Mode.EVERYDAY),
    "words": with_words({"receipt_id": "Bawa KTP", "receipt_en": "none", "kiosk_en": "Hello"}),
    "checks": with_settings({"outbreak_checks": "receipt"}),
    "gate": with_changed_gate("utama", frozenset({Check.RECEIPT})),
    "gate with no checks": with_changed_gate("utama", frozenset()),
    "gate's title": with_gate_title("utama", "Pintu depan"),
    "new gate": with_gate("samping", frozenset({Check.MASK})),
    "gate gone": without_gate("utama"),
    "counter": with_changed_counter("1", {"services": "all", "open": "no", "room": "atas"}),
    "new counter": with_counter("2", {}),
    "counter gone": without_counter("1"),
    "service": with_changed_service(
        "KTP",
        {
            "channel": "closed",
            "quota": "9",
            "steps": "KK,KTP",
            "hours_fri": "office",
            "name_en": "Card",
        },
    ),
    "question": with_changed_service("KK", {"question_hp_id": "HP?", "question_hp_en": "Phone?"}),
    "question that wants an answer": with_changed_service(
        "KK", {"question_hp_id": "HP?", "question_hp_required": "yes"}
    ),
    "new service": with_service("PASPOR", {"name_id": "Paspor", "channel": "walk_in"}),
    "service gone": without_service("KTP"),
    "week": with_week({"mon": "09:00-12:00", "sat": "08:00-10:00"}),
    "day": with_days([CHRISTMAS_EVE], SpecialDay((), "Libur (bersama)")),
    "day of a service": with_days(
        [CHRISTMAS_EVE], SpecialDay((Span(time(8), time(10)),), ""), service="KK"
    ),
    "leave": with_leave({CHRISTMAS_EVE: True}),
}


@pytest.mark.parametrize("name", EDITS)
def test_a_change_is_taken_back_whole(name: str) -> None:
    after = EDITS[name](FACTS)
    changes = differences(plain(FACTS), plain(after))
    assert changes
    assert plain(undoing(changes)(after)) == plain(FACTS)
    # And the undoing can be undone.
    back = differences(plain(after), plain(FACTS))
    assert plain(undoing(back)(FACTS)) == plain(after)


def test_how_far_the_walk_through_a_new_office_is_stays_as_it_is() -> None:
    step = in_turn(with_settings({"telephone": "0251 832 1075"}), at_first_step("hours"))
    after = step(FACTS)
    changes = differences(plain(FACTS), plain(after))
    later = at_first_step("services")(after)
    taken_back = undoing(changes)(later)
    assert (taken_back.telephone, taken_back.first_start) == (FACTS.telephone, "services")
    assert not can_undo(differences(plain(after), plain(later)), later)


@pytest.mark.parametrize("reason", ["Road [N3] flooded", "] [en: ", "a [id: b]"])
def test_a_note_that_cannot_be_read_back_is_left_to_a_person(reason: str) -> None:
    noted = with_days([CHRISTMAS_EVE], SpecialDay((), "Banjir", {"en": reason}))(FACTS)
    after = with_days([CHRISTMAS_EVE], None)(noted)
    changes = differences(plain(noted), plain(after))
    assert not can_undo(changes, after)
    with pytest.raises(OfficeError, match="by itself"):
        undoing(changes)(after)


def test_is_refused_once_something_has_touched_it_since() -> None:
    after = with_settings({"capacity": "12"})(FACTS)
    changes = differences(plain(FACTS), plain(after))
    since = with_settings({"capacity": "13"})(after)
    with pytest.raises(OfficeError, match="changed again since"):
        undoing(changes)(since)
    elsewhere = with_settings({"telephone": "0251 832 1075"})(after)
    assert undoing(changes)(elsewhere).set_capacity == 40


def seats(rows: int, *open_labels: str) -> ChosenPlan:
    chairs = tuple(in_rows(rows, 2, pitch_x=1.0, pitch_y=1.0))
    return ChosenPlan(chairs=chairs, open_labels=frozenset(open_labels), distance_m=1.0)


DRAWN = with_chosen_plan(seats(2, "A1"))(FACTS)
TRUSTING = with_issuer_key(THEIRS.trusted())(FACTS)
LATER = datetime(2026, 12, 24, tzinfo=UTC)
SPEAKING = with_speaker("a1", Speaker(place="/display/utama", by="rina", since=LATER))(FACTS)
KEPT_BESIDE: dict[str, tuple[OfficeFacts, Edit]] = {
    "first plan of seats": (FACTS, with_chosen_plan(seats(2, "A1"), rows=2, columns=2)),
    "chairs elsewhere": (DRAWN, with_chosen_plan(seats(3, "A1", "C2"))),
    "other seats open": (DRAWN, with_chosen_plan(seats(2, "B2"))),
    "screen that spoke": (SPEAKING, without_speaker("a1")),
    "issuer's key": (FACTS, with_issuer_key(THEIRS.trusted())),
    "issuer's key gone": (TRUSTING, without_issuer(THEIRS.trusted().issuer, None)),
    "days of an issuer's key": (
        TRUSTING,
        with_key_times(THEIRS.trusted().issuer, None, {"until": LATER}),
    ),
}


@pytest.mark.parametrize("name", KEPT_BESIDE)
def test_what_a_row_has_no_room_for_is_taken_back_from_beside_it(name: str) -> None:
    before, edit = KEPT_BESIDE[name]
    after = edit(before)
    changes = differences(plain(before), plain(after))
    undone = undoing(changes, former(before, changes))(after)
    assert replace(undone, version=before.version) == before
    back = differences(plain(after), plain(before))
    redone = undoing(back, former(after, back))(before)
    assert plain(redone) == plain(after)


@pytest.mark.parametrize("name", ["chairs elsewhere", "issuer's key gone", "screen that spoke"])
def test_is_set_by_hand_where_nothing_was_kept_beside_it(name: str) -> None:
    before, edit = KEPT_BESIDE[name]
    assert not can_undo(differences(plain(before), plain(edit(before))), edit(before))


def test_tells_which_taken_seats_would_be_gone() -> None:
    assert lost_seats(DRAWN, ["A1", "C2", "C1"]) == ["C1", "C2"]


def test_that_a_screen_may_speak_is_undone() -> None:
    speaker = Speaker(
        place="/display/utama", by="rina", since=datetime(2026, 11, 25, 12, tzinfo=UTC)
    )
    may = with_speaker("aa", speaker)(FACTS)
    let = differences(plain(FACTS), plain(may))
    assert undoing(let)(may) == FACTS


def full_of_speakers() -> tuple[OfficeFacts, Speaker]:
    """As many as may speak at a place do, one a minute after the other; and one more."""
    facts = FACTS
    for number in range(MOST_AT_A_PLACE):
        facts = with_speaker(f"s{number:02}", speaker(number))(facts)
    return facts, speaker(MOST_AT_A_PLACE)


def speaker(minute: int) -> Speaker:
    since = LATER + timedelta(minutes=minute)
    return Speaker(place="/display/utama", by="rina", since=since)


def test_a_screen_for_which_the_first_one_fell_silent_gives_its_voice_back() -> None:
    full, more = full_of_speakers()
    for name in ("aa", "zz"):
        now = with_speaker(name, more)(full)
        change = differences(plain(full), plain(now))
        assert undoing(change, former(full, change))(now) == full


def test_a_screen_is_not_given_its_voice_back_where_another_would_fall_silent() -> None:
    full, more = full_of_speakers()
    taken = without_speaker("s03")(full)
    change = differences(plain(full), plain(taken))
    now = with_speaker("new", more)(taken)
    assert not can_undo(change, now, former(full, change))
