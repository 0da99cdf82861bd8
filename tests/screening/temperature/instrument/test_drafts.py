"""What an installer has measured so far outlives a reload, a restart and a second tab."""

from __future__ import annotations

import json
import stat
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from screening.errors import RecordError
from screening.temperature.instrument.commissioning import Comparison
from screening.temperature.instrument.distance_fit import WalkPoint
from screening.temperature.instrument.drafts import (
    DRAFT_LIFE,
    TAKEN_LIFE,
    Draft,
    Drafts,
    Purpose,
)

NOON = datetime(2026, 11, 24, 5, 0, tzinfo=UTC)


@pytest.fixture
def drafts(tmp_path: Path) -> Drafts:
    return Drafts(tmp_path / "thermometers")


def with_one(draft: Draft, purpose: Purpose, raw: float, reference: float) -> Draft:
    taken = draft.take(purpose, raw, at=NOON)
    waiting = taken.waiting(purpose)
    assert waiting is not None
    return taken.compare(purpose, waiting.key, reference)


def test_a_gate_begins_with_an_empty_draft(drafts: Drafts) -> None:
    draft = drafts.get("utama", now=NOON)
    assert (draft.staff, draft.steps, draft.room_celsius) == ((), (), None)
    assert draft.is_empty


def test_a_value_waits_until_its_reference_is_typed(drafts: Drafts) -> None:
    drafts.change("utama", lambda draft: draft.take(Purpose.STAFF, 34.62, at=NOON), now=NOON)
    waiting = drafts.get("utama", now=NOON).waiting(Purpose.STAFF)
    assert waiting is not None
    assert (waiting.raw_celsius, waiting.at) == (34.62, NOON)
    done = drafts.change(
        "utama", lambda draft: draft.compare(Purpose.STAFF, waiting.key, 36.5), now=NOON
    )
    assert [one.comparison for one in done.staff] == [Comparison(34.62, 36.5)]
    assert done.waiting(Purpose.STAFF) is None


def test_everything_is_there_again_for_another_process(tmp_path: Path) -> None:
    one = Drafts(tmp_path)
    written = one.change(
        "utama",
        lambda draft: (
            replace(
                with_one(with_one(draft, Purpose.STAFF, 34.6, 36.5), Purpose.STEPS, 36.1, 37.0),
                room_celsius=24.5,
            )
            .stand(WalkPoint(50.0, 34.6, 0.32))
            .take(Purpose.CHECK, 34.9, at=NOON, face_width=0.31)
        ),
        now=NOON,
    )
    assert Drafts(tmp_path).get("utama", now=NOON) == written


def test_a_draft_of_before_there_were_walks_is_read(drafts: Drafts, tmp_path: Path) -> None:
    drafts.change("utama", lambda draft: draft.take(Purpose.STAFF, 34.6, at=NOON), now=NOON)
    path = tmp_path / "thermometers" / "utama" / "draft.json"
    written = json.loads(path.read_text())
    del written["walk"], written["taken"]["staff"]["face"]
    path.write_text(json.dumps(written))

    draft = drafts.get("utama", now=NOON)

    waiting = draft.waiting(Purpose.STAFF)
    assert waiting is not None
    assert (draft.walk, waiting.raw_celsius, waiting.face_width) == ((), 34.6, None)


def test_a_walk_belongs_to_a_commissioning_and_to_its_model() -> None:
    draft = Draft("utama").of_model("gy-mcu90614").stand(WalkPoint(50.0, 34.6, 0.32))
    assert not draft.is_empty
    assert draft.of_model("senxor").walk == ()


def test_nobody_walked_and_there_is_no_distance_table() -> None:
    assert Draft("utama").distance_table() is None


def test_the_same_form_sent_twice_counts_once() -> None:
    draft = Draft("utama").take(Purpose.STAFF, 34.6, at=NOON)
    waiting = draft.waiting(Purpose.STAFF)
    assert waiting is not None
    once = draft.compare(Purpose.STAFF, waiting.key, 36.5)
    assert once.compare(Purpose.STAFF, waiting.key, 36.5) == once


def test_a_form_sent_again_with_another_number_corrects_it() -> None:
    draft = Draft("utama").take(Purpose.STAFF, 34.6, at=NOON)
    waiting = draft.waiting(Purpose.STAFF)
    assert waiting is not None
    typo = draft.compare(Purpose.STAFF, waiting.key, 36.6)
    corrected = typo.compare(Purpose.STAFF, waiting.key, 37.1)
    assert [point.comparison for point in corrected.staff] == [Comparison(34.6, 37.1)]


def test_one_kind_of_value_leaves_the_others_alone() -> None:
    draft = Draft("utama").take(Purpose.STAFF, 34.6, at=NOON).take(Purpose.CHECK, 34.9, at=NOON)
    assert draft.drop(Purpose.CHECK).waiting(Purpose.STAFF) is not None
    assert draft.drop(Purpose.CHECK).waiting(Purpose.CHECK) is None


def test_a_comparison_can_be_taken_back() -> None:
    draft = with_one(with_one(Draft("utama"), Purpose.STAFF, 34.6, 36.5), Purpose.STAFF, 34.9, 36.8)
    left = draft.remove(Purpose.STAFF, draft.staff[0].key)
    assert [one.comparison for one in left.staff] == [Comparison(34.9, 36.8)]
    assert left.remove(Purpose.STAFF, "not-there") == left


def test_a_check_has_no_list_of_its_own() -> None:
    draft = Draft("utama").take(Purpose.CHECK, 34.9, at=NOON)
    with pytest.raises(ValueError, match="check"):
        draft.compare(Purpose.CHECK, "any", 36.5)


def test_a_value_that_waited_too_long_is_not_compared_any_more(drafts: Drafts) -> None:
    drafts.change("utama", lambda draft: draft.take(Purpose.STAFF, 34.62, at=NOON), now=NOON)
    just = drafts.get("utama", now=NOON + TAKEN_LIFE)
    assert just.waiting(Purpose.STAFF) is not None
    late = drafts.get("utama", now=NOON + TAKEN_LIFE + timedelta(seconds=1))
    assert late.waiting(Purpose.STAFF) is None


def test_an_abandoned_draft_is_forgotten_with_its_degrees(drafts: Drafts, tmp_path: Path) -> None:
    drafts.change("utama", lambda draft: with_one(draft, Purpose.STAFF, 34.6, 36.5), now=NOON)
    assert not drafts.get("utama", now=NOON + DRAFT_LIFE).is_empty
    assert drafts.get("utama", now=NOON + DRAFT_LIFE + timedelta(seconds=1)).is_empty
    assert not drafts.get("utama", now=NOON).is_empty  # that clock was wrong
    drafts.forget_before(NOON + timedelta(seconds=1))
    assert not list(tmp_path.rglob("*.json"))


def test_drafts_of_an_earlier_day_are_deleted_though_nobody_looks(
    drafts: Drafts, tmp_path: Path
) -> None:
    hour = timedelta(hours=1)
    drafts.change("utama", lambda draft: with_one(draft, Purpose.STAFF, 34.6, 36.5), now=NOON)
    drafts.change(
        "samping", lambda draft: draft.take(Purpose.CHECK, 34.9, at=NOON), now=NOON + hour
    )
    drafts.forget_before(NOON + hour)
    assert [path.parent.name for path in tmp_path.rglob("*.json")] == ["samping"]
    drafts.forget_before(NOON + 2 * hour)
    assert not list(tmp_path.rglob("*.json"))


def test_nothing_to_delete_is_no_trouble(drafts: Drafts) -> None:
    drafts.forget_before(NOON)


def test_a_finished_draft_leaves_no_degrees_behind(drafts: Drafts, tmp_path: Path) -> None:
    drafts.change("utama", lambda draft: with_one(draft, Purpose.STAFF, 34.6, 36.5), now=NOON)
    drafts.forget("utama")
    drafts.forget("utama")
    assert drafts.get("utama", now=NOON).is_empty
    assert not list(tmp_path.rglob("*.json"))


def test_a_value_for_the_daily_check_begins_no_commissioning() -> None:
    assert Draft("utama").take(Purpose.CHECK, 34.9, at=NOON).is_empty
    assert not Draft("utama").take(Purpose.STAFF, 34.9, at=NOON).is_empty
    assert not Draft("utama", is_begun=True).is_empty


def test_finishing_hands_the_draft_over_once(drafts: Drafts) -> None:
    drafts.change("utama", lambda draft: with_one(draft, Purpose.STAFF, 34.6, 36.5), now=NOON)
    assert drafts.finish("utama", lambda draft: len(draft.staff), now=NOON) == 1
    assert drafts.finish("utama", lambda draft: len(draft.staff), now=NOON) == 0


def test_a_draft_stays_when_finishing_fails(drafts: Drafts) -> None:
    drafts.change("utama", lambda draft: with_one(draft, Purpose.STAFF, 34.6, 36.5), now=NOON)

    def fail(draft: Draft) -> None:
        raise RecordError("the disk is full")

    with pytest.raises(RecordError):
        drafts.finish("utama", fail, now=NOON)
    assert len(drafts.get("utama", now=NOON).staff) == 1


def test_gates_do_not_share_a_draft(drafts: Drafts) -> None:
    drafts.change("utama", lambda draft: replace(draft, room_celsius=24.0), now=NOON)
    assert drafts.get("samping", now=NOON).room_celsius is None


def test_only_their_owner_may_read_the_files(drafts: Drafts, tmp_path: Path) -> None:
    drafts.change("utama", lambda draft: replace(draft, room_celsius=24.0), now=NOON)
    path = next(tmp_path.rglob("*.json"))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


@pytest.mark.parametrize(
    "broken",
    [
        "",
        "{",
        "[]",
        json.dumps({"staff": [{"raw": "x"}]}),
        json.dumps({"version": 99}),
        "\xff\x00",
        "[" * 100_000,
        json.dumps(
            {
                "version": 1,
                "changed_at": "2026-11-24T05:00:00",
                "room_celsius": None,
                "is_begun": True,
                "staff": [],
                "steps": [],
                "taken": {},
            }
        ),
    ],
    ids=["empty", "cut", "list", "words", "another version", "bytes", "deep", "no zone"],
)
def test_a_damaged_draft_is_put_aside_and_said(
    drafts: Drafts, tmp_path: Path, broken: str, caplog: pytest.LogCaptureFixture
) -> None:
    drafts.change("utama", lambda draft: replace(draft, room_celsius=24.0), now=NOON)
    path = next(tmp_path.rglob("*.json"))
    path.write_bytes(broken.encode("latin-1"))
    assert drafts.get("utama", now=NOON).is_empty
    assert "cannot be read" in caplog.text
    assert [kept.suffix for kept in path.parent.iterdir()] == [".damaged"]


def test_a_draft_that_cannot_be_deleted_is_an_error_in_one_line(
    drafts: Drafts, tmp_path: Path
) -> None:
    (tmp_path / "thermometers" / "utama" / "draft.json").mkdir(parents=True)
    with pytest.raises(RecordError, match="cannot be deleted"):
        drafts.forget("utama")


def test_a_damaged_draft_that_cannot_be_put_aside_is_an_error_in_one_line(
    drafts: Drafts, tmp_path: Path
) -> None:
    drafts.change("utama", lambda draft: replace(draft, room_celsius=24.0), now=NOON)
    path = next(tmp_path.rglob("*.json"))
    path.write_text("{")
    path.with_suffix(".damaged").mkdir()
    with pytest.raises(RecordError, match="cannot be put aside"):
        drafts.get("utama", now=NOON)


def test_a_clock_that_was_set_back_makes_nothing_of_before_last_longer(drafts: Drafts) -> None:
    drafts.change("utama", lambda draft: draft.take(Purpose.STAFF, 34.62, at=NOON), now=NOON)
    before = NOON - TAKEN_LIFE - timedelta(minutes=1)
    assert drafts.get("utama", now=before).waiting(Purpose.STAFF) is None
    drafts.change("utama", lambda draft: replace(draft, room_celsius=24.0), now=NOON)
    assert drafts.get("utama", now=NOON - DRAFT_LIFE - timedelta(minutes=1)).is_empty


def test_a_folder_that_cannot_be_written_is_an_error_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(RecordError, match="cannot keep"):
        Drafts(tmp_path / "file").change("utama", lambda draft: draft, now=NOON)
